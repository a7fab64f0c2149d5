/* Counts of times in buckets whose width grows with the value, so that any value is known to three
 * significant digits whatever its size (the HdrHistogram layout): 2048 buckets of 1, then for each further
 * power of two 1024 buckets twice as wide. Up to 2^42 (over an hour of nanoseconds); larger values count as
 * the largest. One writer at a time; its memory is taken at once, so recording never allocates. */
#ifndef GCB_HISTOGRAM_H
#define GCB_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gcb_histogram {
  uint64_t *counts;
  uint64_t total, max; /* recorded values; the largest of them, exact */
  double sum;
} gcb_histogram;

/* False: no memory. Free it in either case. */
bool gcb_histogram_init(gcb_histogram *h);
void gcb_histogram_free(gcb_histogram *h);
void gcb_histogram_record(gcb_histogram *h, uint64_t value, uint64_t times);
/* Add all of `from`. */
void gcb_histogram_add(gcb_histogram *h, const gcb_histogram *from);

/* The largest value of the bucket that holds the value of rank ceil(p n): at most .1 % above the exact one,
 * and never above the maximum. 0 when empty. */
uint64_t gcb_histogram_percentile(const gcb_histogram *h, double p);

/* Walk the buckets that are not empty, upwards: *i starts at 0; gives the largest value of a bucket and its
 * count, false at the end. Recording that value again finds the same bucket. */
bool gcb_histogram_next(const gcb_histogram *h, size_t *i, uint64_t *value, uint64_t *count);

#endif
