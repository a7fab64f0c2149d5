#!/usr/bin/env python3
"""Expected values for tests/unit/test_changes.c, by the definitions and scipy: make_changes_tables.py > changes_tables.h"""
import numpy as np
import scipy
from scipy import stats


def hampel(x, half):
    out = []
    for i, v in enumerate(x):
        near = x[max(0, i - half):i + half + 1]
        reach = 3 * 1.4826 * np.median(np.abs(near - np.median(near)))
        out.append(np.clip(v, np.median(near) - reach, np.median(near) + reach))
    return out


def q_hat(a, b):
    """Matteson and James 2014, equations 5 and 7 with alpha = 1, from the pairs themselves."""
    across = np.mean([abs(u - v) for u in a for v in b])
    within = [np.mean([abs(x[i] - x[k]) for i in range(len(x)) for k in range(i)]) for x in (a, b)]
    return len(a) * len(b) / (len(a) + len(b)) * (2 * across - sum(within))


def best_split(x, fewest):
    splits = [(q_hat(x[:at], x[at:upto]), at, upto)
              for at in range(fewest, len(x)) for upto in range(at + fewest, len(x) + 1)]
    return max(splits)


def serial_p(x, at):
    """Student's t with the variance and the size of a sample whose nights resemble each other."""
    a, b = x[:at], x[at:]
    e = np.concatenate([a - a.mean(), b - b.mean()])
    r = np.sum(e[1:] * e[:-1]) / np.sum(e * e)
    r = min(r + (1 + 4 * r) / len(x), .9)
    factor = (1 + r) / (1 - r) if r > 0 else 1
    t = stats.ttest_ind(a, b).statistic / np.sqrt(factor)
    return 2 * stats.t.sf(abs(t), max(int(len(x) / factor) - 2, 1))


def doubles(name, values):
    print(f"static const double {name}[] = {{{', '.join(repr(float(v)) for v in values)}}};")


print(f"// Made by make_changes_tables.py with numpy {np.__version__} and scipy {scipy.__version__}. Do not edit.")
print("// clang-format off")
print("#include <stddef.h>\n")
rng = np.random.Generator(np.random.PCG64(2014))
series = []
for n, step, r in ((10, 0, 0), (12, .05, 0), (30, .05, .5), (50, 0, .8), (50, .03, 0), (50, -.2, .3)):
    e = [rng.normal()]
    while len(e) < n:
        e.append(r * e[-1] + np.sqrt(1 - r * r) * rng.normal())
    x = 100 * (1 + .01 * np.array(e) + step * (np.arange(n) >= 2 * n // 3))
    x[rng.integers(n)] *= 1.25
    series.append(x)
for i, x in enumerate(series):
    doubles(f"series_{i}", x)
    doubles(f"clipped_{i}", hampel(x, 5))
print("static const struct { const double *x, *clipped; size_t n, at, upto, middle; double q, p, serial_p; } changes[] = {")
for i, x in enumerate(series):
    q, at, upto = best_split(x, 5)
    middle = 2 * len(x) // 3
    p = stats.ttest_ind(x[:middle], x[middle:]).pvalue
    print(f"    {{series_{i}, clipped_{i}, {len(x)}, {at}, {upto}, {middle}, {q!r}, {p!r}, {serial_p(x, middle)!r}}},")
print("};")
