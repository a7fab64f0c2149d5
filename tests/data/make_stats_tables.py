#!/usr/bin/env python3
"""Writes stats_tables.h, the expected values of test_rng.c and test_stats.c, to standard output.

They come from numpy and scipy, or where these have no such function from the definition, written out here
without looking at the C code: full enumeration instead of dynamic programming, big integers instead of 64 bits.

    python3 tests/data/make_stats_tables.py > tests/data/stats_tables.h
"""
import itertools
import math

import numpy as np
import scipy
from scipy import stats

MASK = (1 << 64) - 1


def splitmix64(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def xoshiro256starstar(state):
    def rotl(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    s = list(state)
    while True:
        yield (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


def take(generator, n):
    return list(itertools.islice(generator, n))


def seeded(seed):
    return xoshiro256starstar(take(splitmix64(seed), 4))


def below(generator, n):
    """Lemire's rule, stated by its meaning: a product is refused if its low word is under 2^64 mod n."""
    while True:
        product = next(generator) * n
        if product % 2**64 >= 2**64 % n:
            return product >> 64


def signed_rank_enumerated(x):
    """Two-sided p over all sign patterns of the midranks of the nonzero values."""
    x = np.array([v for v in x if v != 0])
    ranks = stats.rankdata(np.abs(x))
    seen = ranks[x > 0].sum()
    signs = np.array(list(itertools.product([0, 1], repeat=len(x))))
    sums = signs @ ranks
    return min(1.0, 2 * min((sums <= seen).mean(), (sums >= seen).mean()))


def signed_rank_cut(n):
    """Largest k with P(T+ <= k-1) <= .025, in whole numbers: patterns * 40 <= 2^n."""
    counts = [1]
    for rank in range(1, n + 1):
        shifted = [0] * rank + counts
        counts = [a + b for a, b in zip(counts + [0] * rank, shifted)]
    k = patterns = 0
    while (patterns + counts[k]) * 40 <= 2**n:
        patterns += counts[k]
        k += 1
    return k


def hodges_lehmann(x):
    walsh = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(x, 2))
    k = signed_rank_cut(len(x))
    lo, hi = (walsh[k - 1], walsh[-k]) if k else (math.nan, math.nan)
    return np.median(walsh), lo, hi


def mann_kendall_normal(y):
    n = len(y)
    s = sum(np.sign(y[j] - y[i]) for i in range(n) for j in range(i + 1, n))
    ties = sum(t * (t - 1) * (2 * t + 5) for t in np.unique(y, return_counts=True)[1])
    z = max(abs(s) - 1, 0) / math.sqrt((n * (n - 1) * (2 * n + 5) - ties) / 18)
    return 2 * stats.norm.sf(z)


def benjamini_hochberg(p):
    """The definition: the least q at which the step-up procedure rejects the test."""
    p = np.array(p)
    adjusted = []
    for own in p:
        larger = [v for v in p if v >= own]
        adjusted.append(min(1.0, min(v * len(p) / (p <= v).sum() for v in larger)))
    return adjusted


def number(v):
    return "NAN" if math.isnan(v) else repr(float(v))


def words(name, values):
    print(f"static const uint64_t {name}[] = {{")
    print("".join(f"    UINT64_C(0x{v:016x}),\n" for v in values) + "};")


def doubles(name, values):
    print(f"static const double {name}[] = {{{', '.join(number(v) for v in values)}}};")


def table(name, fields, rows):
    """Rows of (values, expected numbers...); the values go into an array of their own."""
    for i, (values, *_) in enumerate(rows):
        doubles(f"{name}_{i}", values)
    members = " ".join(f"double {field};" for field in fields)
    print(f"static const struct {{ const double *x; size_t n; {members} }} {name}[] = {{")
    for i, (values, *expected) in enumerate(rows):
        print(f"    {{{name}_{i}, {len(values)}, {', '.join(number(v) for v in expected)}}},")
    print("};")


def rng_tables():
    words("splitmix_1234567", take(splitmix64(1234567), 5))
    words("xoshiro_1234", take(xoshiro256starstar([1, 2, 3, 4]), 10))
    words("seeded_42", take(seeded(42), 5))
    generator = seeded(7)
    words("below_1000_seed_7", [below(generator, 1000) for _ in range(8)])
    generator = seeded(7)  # refuses a quarter of the outputs
    words("below_3_2_62_seed_7", [below(generator, 3 * 2**62) for _ in range(12)])
    generator = seeded(7)
    doubles("unit_seed_7", [(next(generator) >> 11) / 2**53 for _ in range(5)])


def stats_tables(rng):
    samples = [list(rng.lognormal(0, 1, n)) for n in (1, 2, 7, 20, 101)]
    table("descriptive", ["mean", "median", "p50", "p90", "p99"],
          [(x, np.mean(x), np.median(x), *np.percentile(x, [50, 90, 99], method="inverted_cdf")) for x in samples])

    plain = [list(rng.normal(0.4, 1, n)) for n in (1, 3, 5, 6, 10, 20, 30, 50, 60)]
    rows = [(x, stats.wilcoxon(x, method="exact").pvalue) for x in plain]
    tied = [[1, 1, 1, -1, 2, 2, 3], [0, 0, 1, 2, 2, -2, 3, -4, 5, 5], [1, -1], [2, 2, 2, 2, 2, 2, 2, 2],
            list(np.round(rng.normal(0.5, 1, 14), 1))]
    rows += [(x, signed_rank_enumerated(x)) for x in tied]
    large = [list(rng.normal(0.2, 1, 61)), list(np.round(rng.normal(0.2, 1, 80), 1))]
    rows += [(x, stats.wilcoxon(x, method="approx", correction=True).pvalue) for x in large]
    table("signed_rank", ["p"], rows)
    doubles("signed_rank_cuts", [signed_rank_cut(n) for n in range(101)])
    table("hodges_lehmann", ["estimate", "lo", "hi"], [(x, *hodges_lehmann(x)) for x in plain + tied])

    rows = [(y, *stats.theilslopes(y)[:1], *stats.theilslopes(y)[2:], stats.kendalltau(range(len(y)), y, method="exact").pvalue)
            for y in [list(rng.normal(0, 1, n) + drift * np.arange(n))
                      for n, drift in ((2, 0), (3, 1), (5, 2), (10, -0.2), (20, 0.03), (40, 0.05), (60, -0.1))]]
    rows += [(y, *stats.theilslopes(y)[:1], *stats.theilslopes(y)[2:], mann_kendall_normal(y))
             for y in (list(rng.normal(0, 1, 70)), list(np.round(rng.normal(0, 1, 30) + 0.05 * np.arange(30), 1)))]
    table("trend", ["slope", "lo", "hi", "p"], rows)

    published = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1]
    many = list(rng.uniform(0, 1, 30) ** 3)
    for name, p in (("bh_published", published), ("bh_shuffled", many + [many[3], many[5]])):
        doubles(name + "_p", p)
        doubles(name + "_adjusted", benjamini_hochberg(p))


print(f"// Made by make_stats_tables.py with numpy {np.__version__} and scipy {scipy.__version__}. Do not edit.")
print("// clang-format off")
print("// Not every test uses every table.")
print('#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored "-Wunused-variable"')
print("#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n")
rng_tables()
stats_tables(np.random.Generator(np.random.PCG64(20240229)))
print("#pragma GCC diagnostic pop")
