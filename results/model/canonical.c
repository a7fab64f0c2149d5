#include "results/model/canonical.h"
#include "results/model/units.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *whole(const char *word, char *out) {
  uint64_t n;
  if (gcb_parse_unsigned(word, &n) != GCB_UNITS_OK) return word;
  snprintf(out, GCB_CANONICAL, "%llu", (unsigned long long)n);
  return out;
}

static const char *size(const char *word, char *out) {
  static const char units[] = "KMGT";
  uint64_t n;
  int unit = -1;
  if (gcb_parse_bytes(word, &n) != GCB_UNITS_OK) return word;
  for (; n && n % 1024 == 0 && unit < 3; unit++) n /= 1024;
  snprintf(out, GCB_CANONICAL, unit < 0 ? "%llu" : "%llu%c", (unsigned long long)n,
           units[unit < 0 ? 0 : unit]);
  return out;
}

static const char *real(const char *word, char *out) {
  const char *end;
  double d = gcb_parse_real(word, &end);
  if (end == word || *end || !isfinite(d)) return word;
  if (d == trunc(d) && fabs(d) < 1e15) {
    snprintf(out, GCB_CANONICAL, "%.0f", d == 0 ? 0 : d); /* no minus before a zero */
    return out;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(out, GCB_CANONICAL, "%.*g", digits, d);
    if (gcb_parse_real(out, &end) == d) break;
  }
  return out;
}

static const char *boolean(const char *word, const char *fallback) {
  static const char *const pairs[][2] = {{"0", "1"}, {"no", "yes"}, {"off", "on"}, {"false", "true"}};
  enum { PAIRS = sizeof pairs / sizeof *pairs };
  int value = -1, vocabulary = 0;
  for (int i = 0; i < PAIRS; i++)
    for (int k = 0; k < 2; k++) {
      if (strcmp(word, pairs[i][k]) == 0) value = k;
      if (strcmp(fallback, pairs[i][k]) == 0) vocabulary = i;
    }
  return value < 0 ? word : pairs[vocabulary][value];
}

const char *gcb_canonical_word(gcb_word_type type, const char *word, const char *fallback,
                               char out[GCB_CANONICAL]) {
  switch (type) {
  case GCB_WORD_UINT:
    return whole(word, out);
  case GCB_WORD_REAL:
    return real(word, out);
  case GCB_WORD_BYTES:
    return size(word, out);
  case GCB_WORD_BOOL:
    return boolean(word, fallback);
  default:
    return word;
  }
}
