#include "plots/figure/palette.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Okabe and Ito's set ("Color universal design", 2008) without its yellow, which white paper swallows, and
 * three dark ones of Tol's muted scheme (SRON/EPS/TN/09-002): apart for the common kinds of colour blindness,
 * and the marks are for those who print without colour. Neighbours in the list differ in lightness too. */
static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                      "#56B4E9", "#000000", "#882255", "#999933", "#332288"};
static const int marks[] = {7, 5, 9, 13, 11, 6, 4, 8, 12, 10, 3}; /* a pentagon looks like a disc */
enum { COLOURS = sizeof colours / sizeof *colours, MARKS = sizeof marks / sizeof *marks };

gcb_look gcb_look_of(size_t i) {
  return (gcb_look){colours[i % COLOURS], marks[i % MARKS], 1 + (int)(i / COLOURS % 4)};
}

static size_t place(const gcb_palette *p, const char *name) {
  size_t i = 0;
  while (i < p->n && strcmp(p->names[i], name) < 0) i++;
  return i;
}

/* FNV-1a from a start at which the names of gcbench's own collectors meet least. */
static size_t wish(const char *name) {
  uint32_t h = 2166139671u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return (h >> 8) % COLOURS;
}

static bool has_look(const gcb_palette *p, const bool *done, size_t look) {
  for (size_t i = 0; i < p->n; i++)
    if (done[i] && p->looks[i] == look) return true;
  return false;
}

/* All anew, since a further name may come before others: first whoever can have what its name wishes. */
static void give_looks(gcb_palette *p) {
  bool *done = calloc(p->n, sizeof *done);
  for (size_t i = 0; i < p->n; i++) {
    p->looks[i] = wish(p->names[i]);
    if (done) done[i] = !has_look(p, done, p->looks[i]);
  }
  for (size_t i = 0; done && i < p->n; i++) {
    size_t first = p->looks[i], k = 0;
    if (done[i]) continue;
    while (has_look(p, done, k / COLOURS * COLOURS + (first + k) % COLOURS)) k++;
    p->looks[i] = k / COLOURS * COLOURS + (first + k) % COLOURS;
    done[i] = true;
  }
  free(done);
}

void gcb_palette_add(gcb_palette *p, const char *name) {
  size_t i = place(p, name);
  if (i < p->n && strcmp(p->names[i], name) == 0) return;
  char *copy = strdup(name), **names = realloc(p->names, (p->n + 1) * sizeof *names);
  size_t *looks = realloc(p->looks, (p->n + 1) * sizeof *looks);
  if (names) p->names = names;
  if (looks) p->looks = looks;
  if (!copy || !names || !looks) {
    free(copy);
    return;
  }
  memmove(names + i + 1, names + i, (p->n - i) * sizeof *names);
  names[i] = copy;
  p->n++;
  give_looks(p);
}

gcb_look gcb_palette_find(const gcb_palette *p, const char *name) {
  size_t i = place(p, name);
  size_t length = strlen(name);
  /* The first of its options' sets stands for a collector that is known with options only. */
  if (i < p->n && strncmp(p->names[i], name, length) == 0 && strchr(" ", p->names[i][length]))
    return gcb_look_of(p->looks[i]);
  return (gcb_look){"#777777", 2, 1};
}

void gcb_palette_free(gcb_palette *p) {
  for (size_t i = 0; i < p->n; i++) free(p->names[i]);
  free(p->names);
  free(p->looks);
  *p = (gcb_palette){0};
}
