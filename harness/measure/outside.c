#include "measure/outside.h"
#include <stdio.h>

/* Bytes that [from, to) shares with the heap's regions. */
static int64_t shared(const gcb_instance *in, uintptr_t from, uintptr_t to) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < in->n_regions; i++) {
    uintptr_t base = (uintptr_t)in->regions[i].base, end = base + in->regions[i].bytes;
    uintptr_t low = base > from ? base : from, high = end < to ? end : to;
    if (low < high) sum += (int64_t)(high - low);
  }
  return sum;
}

bool gcb_resident_now(const gcb_instance *in, gcb_resident *out) {
  FILE *f = fopen("/proc/self/smaps", "re");
  char line[5000];
  unsigned long from, to, kib;
  int64_t common = 0;
  bool told = false;
  *out = (gcb_resident){0, 0};
  while (f && fgets(line, sizeof line, f)) {
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
      common = shared(in, from, to);
    } else if (sscanf(line, "Rss: %lu kB", &kib) == 1) {
      int64_t bytes = (int64_t)kib * 1024, own = bytes < common ? bytes : common;
      out->inside += own;
      out->outside += bytes - own;
      told = true;
    }
  }
  if (f) fclose(f);
  return told;
}
