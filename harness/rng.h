// The project's own random numbers: the same seed gives the same sequence on every machine, for ever, which
// neither rand() nor a library's generator promises. xoshiro256** (Blackman and Vigna, "Scrambled linear
// pseudorandom number generators", 2021), seeded by splitmix64 as its authors advise. Not for secrets.
// Plain values, no locks: one generator belongs to one thread. Nothing here allocates, blocks or fails.
#ifndef GCB_RNG_H
#define GCB_RNG_H

#include <stdint.h>

// Never all zero: that is the one state that xoshiro cannot leave. gcb_rng_seed() cannot produce it.
typedef struct {
  uint64_t s[4];
} gcb_rng;

// The next output of splitmix64; advances *state. Also good for deriving independent seeds from one.
static inline uint64_t gcb_splitmix64(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

// A generator for the seed; every seed is good, 0 included.
static inline gcb_rng gcb_rng_seed(uint64_t seed) {
  gcb_rng rng;
  for (int i = 0; i < 4; i++) rng.s[i] = gcb_splitmix64(&seed);
  return rng;
}

static inline uint64_t gcb_rng_rotl(uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

// 64 uniform bits.
static inline uint64_t gcb_rng_next(gcb_rng *rng) {
  uint64_t *s = rng->s;
  uint64_t result = gcb_rng_rotl(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = gcb_rng_rotl(s[3], 45);
  return result;
}

// Uniform in 0 .. n-1 without bias, by multiplication and rare rejection (Lemire, "Fast random integer
// generation in an interval", 2019). May consume more than one output. n = 0 gives 0 and consumes one.
static inline uint64_t gcb_rng_below(gcb_rng *rng, uint64_t n) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)gcb_rng_next(rng) * n;
  if ((uint64_t)product < n) {
    uint64_t threshold = (0 - n) % n; // 2^64 mod n: so many low products would be drawn once too often
    while ((uint64_t)product < threshold) product = (wide)gcb_rng_next(rng) * n;
  }
  return (uint64_t)(product >> 64);
}

// Uniform in [0, 1): a multiple of 2^-53, so that every value is exact and 1 is never reached.
static inline double gcb_rng_unit(gcb_rng *rng) {
  return (double)(gcb_rng_next(rng) >> 11) * (1.0 / 9007199254740992.0);
}

#endif
