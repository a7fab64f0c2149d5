#!/usr/bin/env python3
"""Writes verdict_tables.h, the expected values of test_verdict.c, to standard output.

They come from scipy, or from the definitions, written out here without looking at the C code.

    python3 tests/data/make_verdict_tables.py > tests/data/verdict_tables.h
"""
import functools
import itertools
import math

import numpy as np
import scipy
from scipy import stats


@functools.lru_cache(None)
def orders(u, m, n):
    """How many orders of m and n values have the Mann-Whitney statistic u: its classic recursion."""
    if u < 0:
        return 0
    if m == 0 or n == 0:
        return int(u == 0)
    return orders(u - n, m - 1, n) + orders(u, m, n - 1)


def shift(a, b):
    differences = sorted(y - x for x, y in itertools.product(a, b))
    everything = math.comb(len(a) + len(b), len(a))
    k = patterns = 0
    while 40 * (patterns + orders(k, len(a), len(b))) <= everything:
        patterns += orders(k, len(a), len(b))
        k += 1
    lo, hi = (differences[k - 1], differences[-k]) if k else (math.nan, math.nan)
    return np.median(differences), lo, hi


def signed_rank_interval(x):
    """Estimate and interval by the distribution of the statistic over all sign patterns, in whole numbers."""
    counts = {0: 1}
    for rank in range(1, len(x) + 1):
        grown = dict(counts)
        for total, ways in counts.items():
            grown[total + rank] = grown.get(total + rank, 0) + ways
        counts = grown
    k = patterns = 0
    while 40 * (patterns + counts[k]) <= 2 ** len(x):
        patterns += counts[k]
        k += 1
    walsh = sorted((p + q) / 2 for p, q in itertools.combinations_with_replacement(x, 2))
    return np.median(walsh), walsh[k - 1], walsh[-k]


def word(lo, hi, floor, more_is_better):
    if lo > math.log(1 + floor):
        return "improved" if more_is_better else "regressed"
    if hi < -math.log(1 + floor):
        return "regressed" if more_is_better else "improved"
    if -math.log(1.02) < lo and hi < math.log(1.02):
        return "equivalent"
    return "inconclusive"


def doubles(values):
    return "(const double[]){" + ", ".join("NAN" if math.isnan(v) else repr(float(v)) for v in values) + "}"


def number(v):
    return "NAN" if math.isnan(v) else repr(float(v))


rng = np.random.Generator(np.random.PCG64(20240607))

print(f"// Made by make_verdict_tables.py with numpy {np.__version__} and scipy {scipy.__version__}. Do not edit.")
print("// clang-format off\n#include <math.h>\n#include <stdbool.h>\n#include <stddef.h>\n")

print("static const struct { const double *a; size_t na; const double *b; size_t nb; double shift, lo, hi, p; } two_samples[] = {")
for m, n, moved in ((1, 1, 0), (3, 4, 1), (4, 4, 3), (5, 5, 0.5), (6, 9, -1), (10, 10, 0), (10, 10, 1.2), (20, 30, 0.4), (30, 30, 0.6)):
    a, b = rng.normal(0, 1, m), rng.normal(moved, 1, n)
    p = stats.mannwhitneyu(a, b, method="exact").pvalue
    print(f"    {{{doubles(a)}, {m}, {doubles(b)}, {n}, {', '.join(number(v) for v in shift(a, b))}, {number(p)}}},")
print("};")

print("static const struct { const double *a; size_t na; const double *b; size_t nb; double p; } large_samples[] = {")
for m, n, moved, digits in ((40, 40, 0.3, 9), (31, 60, -0.4, 9), (50, 30, 0.4, 1)):
    a, b = np.round(rng.normal(0, 1, m), digits), np.round(rng.normal(moved, 1, n), digits)
    p = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True).pvalue
    print(f"    {{{doubles(a)}, {m}, {doubles(b)}, {n}, {number(p)}}},")
print("};")

print("static const struct { const double *a, *b; size_t n; double floor; bool more; double ratio, lo, hi, p; const char *word; } pairs[] = {")
for n, effect, noise, floor, more in ((20, 0.05, 0.02, 0.01, False), (20, 0.05, 0.02, 0.01, True), (20, -0.08, 0.03, 0.01, False),
                                      (20, -0.08, 0.03, 0.01, True), (20, 0.0, 0.01, 0.01, False), (20, 0.01, 0.08, 0.01, False),
                                      (10, 0.05, 0.01, 0.01, False), (30, 0.05, 0.02, 0.06, False), (6, 0.5, 0.01, 0.01, False),
                                      (20, 0.015, 0.002, 0.01, False), (20, 0.015, 0.002, 0.018, False)):
    a = rng.lognormal(10, 0.3, n)
    b = a * np.exp(rng.normal(effect, noise, n))
    x = np.log(b / a)
    estimate, lo, hi = signed_rank_interval(x)
    p = stats.wilcoxon(x, method="exact").pvalue
    print(f"    {{{doubles(a)}, {doubles(b)}, {n}, {floor}, {str(more).lower()}, {number(math.exp(estimate))}, {number(math.exp(lo))}, "
          f"{number(math.exp(hi))}, {number(p)}, \"{word(lo, hi, floor, more)}\"}},")
print("};")
