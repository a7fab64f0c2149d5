/* The part of a soak that runs in the child. */
#include "measure/soak_iterations.h"
#include "measure/rss.h"
#include <dirent.h>

enum { ROWS = 4096, COLUMNS = 9, PAUSE_MAX = 4 };

typedef struct readings {
  double rows[ROWS][COLUMNS];
  size_t n;
  uint64_t laps, a_row; /* iterations so far; how many make a row */
  double part[COLUMNS]; /* of the present row, summed */
  uint64_t parts;
} readings;

/* What a folder of /proc/self lists, less the listing's own descriptor. */
static double listed(const char *path, int own) {
  DIR *dir = opendir(path);
  int n = -own;
  if (!dir) return -1;
  for (struct dirent *d; (d = readdir(dir));) n += d->d_name[0] != '.';
  closedir(dir);
  return n;
}

static void halve(readings *r) {
  for (size_t i = 0; i < ROWS / 2; i++)
    for (size_t c = 0; c < COLUMNS; c++) {
      double a = r->rows[2 * i][c], b = r->rows[2 * i + 1][c];
      r->rows[i][c] = c == PAUSE_MAX ? (a > b ? a : b) : (a + b) / 2;
    }
  r->n = ROWS / 2;
  r->a_row *= 2;
}

static void keep(readings *r, const double row[COLUMNS]) {
  for (size_t c = 0; c < COLUMNS; c++)
    if (c != PAUSE_MAX)
      r->part[c] += row[c];
    else if (row[c] > r->part[c])
      r->part[c] = row[c];
  r->laps++;
  if (++r->parts < r->a_row) return;
  if (r->n == ROWS) halve(r);
  for (size_t c = 0; c < COLUMNS; c++) {
    r->rows[r->n][c] = c == PAUSE_MAX ? r->part[c] : r->part[c] / (double)r->parts;
    r->part[c] = 0;
  }
  r->n++;
  r->parts = 0;
}

static void read_lap(gcb_trial *t, const gcb_lap *lap, uint64_t start, double row[COLUMNS]) {
  const gcb_moments *pauses = &t->in.recorder.pauses;
  bool told = !(t->in.heap.collector->capabilities & GCB_CAP(UNTIMED));
  double total = 0, max = 0;
  for (uint32_t i = 0; i < pauses->n; i++) {
    double ns = (double)(pauses->at[i].end - pauses->at[i].start);
    total += ns;
    if (ns > max) max = ns;
  }
  row[0] = (double)(lap->end - start);
  row[1] = (double)(lap->end - lap->start);
  row[2] = told ? (double)pauses->n : -1;
  row[3] = told ? total : -1;
  row[PAUSE_MAX] = told ? max : -1;
  row[5] = (double)gcb_rss_bytes();
  row[6] = (double)t->in.committed;
  row[7] = listed("/proc/self/fd", 1);
  row[8] = listed("/proc/self/task", 0);
}

static double objects_held(gcb_trial *t) {
  gcb_space_ledger l = {0};
  t->in.heap.collector->ledger(&t->in.heap, &l);
  return (double)l.objects;
}

json_t *gcb_soak_laps(gcb_trial *t) {
  uint64_t ns = (uint64_t)json_integer_value(json_object_get(t->spec, "soak_ns"));
  uint64_t most = (uint64_t)json_integer_value(json_object_get(t->spec, "soak_iterations"));
  readings *r = calloc(1, sizeof *r);
  json_t *rows = json_array();
  if (!r) return rows;
  memset(r->rows, 0xff, sizeof r->rows); /* resident from the start: these are not what grows */
  r->a_row = 1;
  double first = objects_held(t), row[COLUMNS];
  gcb_lap lap;
  uint64_t start = gcb_clock();
  while ((!ns || gcb_clock() - start < ns) && (!most || r->laps < most) && gcb_trial_lap(t, &lap)) {
    read_lap(t, &lap, start, row);
    keep(r, row);
  }
  gcb_trial_collect(t, 3);
  for (size_t i = 0; i < r->n; i++) {
    json_t *one = json_array();
    for (size_t c = 0; c < COLUMNS; c++) json_array_append_new(one, json_real(r->rows[i][c]));
    json_array_append_new(rows, one);
  }
  json_t *out = json_pack("{s:I, s:o, s:f}", "iterations", (json_int_t)r->laps, "rows", rows, "objects_bytes",
                          objects_held(t) - first);
  free(r);
  return out;
}
