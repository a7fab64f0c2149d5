#include "results/text/nearest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Names are short. A bound keeps the rows on the stack, and a hostile word from costing time. */
enum { LONGEST = 63 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static int lower(char c) {
  return tolower((unsigned char)c);
}

/* Optimal string alignment. Three rows suffice, since a swap looks two rows back. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  size_t rows[3][LONGEST + 1];
  size_t *before = rows[0], *above = rows[1], *row = rows[2];

  for (size_t j = 0; j <= b_length; j++) above[j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      size_t replace = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = smaller(replace, smaller(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = smaller(row[j], before[j - 2] + 1);
    }
    size_t *reused = before;
    before = above;
    above = row;
    row = reused;
  }
  return above[b_length];
}

/* An abbreviation is far away in edits ("col" for "collector"), yet leaves no doubt about what is meant. */
static const char *only_completion(const char *word, size_t length, const char *const *candidates, size_t n) {
  const char *found = NULL;

  if (length < 2) return NULL;
  for (size_t i = 0; i < n; i++) {
    if (strncasecmp(word, candidates[i], length) != 0) continue;
    if (found && strcmp(found, candidates[i]) != 0) return NULL;
    found = candidates[i];
  }
  return found;
}

const char *gcb_nearest(const char *word, const char *const *candidates, size_t n) {
  size_t length = strlen(word);
  if (length == 0 || length > LONGEST) return NULL;

  const char *nearest = only_completion(word, length, candidates, n);
  if (nearest) return nearest;

  size_t closest = length / 3 + 2;
  for (size_t i = 0; i < n; i++) {
    size_t candidate_length = strlen(candidates[i]);
    if (candidate_length > LONGEST) continue;
    size_t d = distance(word, length, candidates[i], candidate_length);
    /* At the longer length every letter differs: short words are then "close" by arithmetic only. */
    if (d >= closest || d >= (length > candidate_length ? length : candidate_length)) continue;
    closest = d;
    nearest = candidates[i];
  }
  return nearest;
}
