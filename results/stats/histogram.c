#include "results/stats/histogram.h"
#include <math.h>
#include <stdlib.h>

enum { FINE_BITS = 11, FINE = 1 << FINE_BITS, HALF = FINE / 2, MOST_BITS = 42 };
enum { BUCKETS = FINE + (MOST_BITS - FINE_BITS) * HALF };

bool gcb_histogram_init(gcb_histogram *h) {
  *h = (gcb_histogram){.counts = calloc(BUCKETS, sizeof(uint64_t))};
  return h->counts;
}

void gcb_histogram_free(gcb_histogram *h) {
  free(h->counts);
  *h = (gcb_histogram){0};
}

static size_t bucket_of(uint64_t value) {
  if (value < FINE) return (size_t)value;
  unsigned bits = 64 - (unsigned)__builtin_clzll(value), shift = bits - FINE_BITS;
  if (bits > MOST_BITS) return BUCKETS - 1;
  return FINE + (size_t)(shift - 1) * HALF + (size_t)((value >> shift) - HALF);
}

static uint64_t largest_of(size_t bucket) {
  if (bucket < FINE) return bucket;
  size_t k = bucket - FINE;
  unsigned shift = (unsigned)(k / HALF) + 1;
  return ((uint64_t)(k % HALF + HALF + 1) << shift) - 1;
}

void gcb_histogram_record(gcb_histogram *h, uint64_t value, uint64_t times) {
  h->counts[bucket_of(value)] += times;
  h->total += times;
  h->sum += (double)value * (double)times;
  if (times && value > h->max) h->max = value;
}

void gcb_histogram_add(gcb_histogram *h, const gcb_histogram *from) {
  for (size_t i = 0; i < BUCKETS; i++) h->counts[i] += from->counts[i];
  h->total += from->total;
  h->sum += from->sum;
  if (from->max > h->max) h->max = from->max;
}

uint64_t gcb_histogram_percentile(const gcb_histogram *h, double p) {
  double product = p * (double)h->total, whole = round(product);
  uint64_t rank = (uint64_t)(fabs(product - whole) < 1e-9 * (double)h->total ? whole : ceil(product)),
           seen = 0;
  if (rank < 1) rank = 1;
  for (size_t i = 0; i < BUCKETS; i++)
    if ((seen += h->counts[i]) >= rank && seen) {
      uint64_t largest = largest_of(i);
      return largest < h->max && i + 1 < BUCKETS ? largest : h->max;
    }
  return 0;
}

bool gcb_histogram_next(const gcb_histogram *h, size_t *i, uint64_t *value, uint64_t *count) {
  while (*i < BUCKETS && !h->counts[*i]) ++*i;
  if (*i == BUCKETS) return false;
  *value = largest_of(*i);
  *count = h->counts[(*i)++];
  return true;
}
