/* The part of a soak that looks at what the child read. */
#include "analyses/soak_judge.h"
#include "results/model/cell.h"
#include "results/stats/stats.h"
#include "results/text/columns.h"
#include "runtime/enum_names.h"
#include <math.h>

/* Neighbouring iterations resemble each other, which makes an interval over all of them too narrow: the slope
 * is taken over medians of blocks. The first tenth is left out: heaps and caches still fill then. */
enum { BLOCKS = 40, FEWEST = 2 * BLOCKS };
static const double GROWTH = .1; /* from the first to the last, before it is called so */

static const struct {
  const char *name;
  int column;
  bool judged; /* whether growth speaks against a collector; wall times tell of the machine too */
} series[] = {{"rss_bytes", 5, true},
              {"committed_bytes", 6, true},
              {"pause_total_ns", 3, true},
              {"pause_max_ns", 4, true},
              {"wall_ns", 1, false}};
enum { SERIES = sizeof series / sizeof *series };

static double at(const json_t *rows, size_t row, int column) {
  return json_number_value(json_array_get(json_array_get(rows, row), (size_t)column));
}

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

/* The median of each of BLOCKS equal stretches of rows. */
static bool block_medians(const json_t *rows, int column, double *medians) {
  size_t n = json_array_size(rows), skip = n / 10, used = n - skip;
  double *values = calloc(n + 1, sizeof *values);
  if (!values) return false;
  for (size_t b = 0; b < BLOCKS; b++) {
    size_t from = skip + used * b / BLOCKS, to = skip + used * (b + 1) / BLOCKS;
    for (size_t i = from; i < to; i++) values[i - from] = at(rows, i, column);
    medians[b] = gcb_median(values, to - from);
  }
  free(values);
  return true;
}

static json_t *judge(const json_t *rows, int column, bool judged) {
  double medians[BLOCKS];
  size_t n = json_array_size(rows);
  if (n < FEWEST || at(rows, 0, column) < 0 || !block_medians(rows, column, medians)) return json_null();
  gcb_interval slope = gcb_theil_sen(medians, BLOCKS);
  double block_ns = (at(rows, n - 1, 0) - at(rows, n / 10, 0)) / BLOCKS, an_hour = 3600e9 / block_ns;
  double median = gcb_median(medians, BLOCKS), growth = slope.mean * (BLOCKS - 1) / median;
  return json_pack("{s:f, s:o, s:o, s:o, s:o, s:b}", "median", median, "slope", real(slope.mean * an_hour),
                   "lo", real(slope.lo * an_hour), "hi", real(slope.hi * an_hour), "growth", real(growth),
                   "grows", judged && slope.lo > 0 && growth > GROWTH);
}

void gcb_soak_measure(const gcb_session *s, gcb_cell *cell, uint64_t ns, uint64_t iterations) {
  json_t *spec = json_deep_copy(cell->spec), *soak = json_object(), *read;
  json_object_set_new(spec, "iterations", json_integer(0));
  json_object_set_new(spec, "soak_ns", json_integer((json_int_t)ns));
  json_object_set_new(spec, "soak_iterations", json_integer((json_int_t)iterations));
  json_t *result = gcb_session_invoke(s, spec);
  json_decref(spec);
  json_object_set(cell->result, "status", json_object_get(result, "status"));
  json_object_set(cell->result, "reason", json_object_get(result, "reason"));
  json_object_set(cell->result, "checksum", json_object_get(result, "checksum"));
  read = json_object_get(result, "soak");
  const json_t *rows = json_object_get(read, "rows");
  size_t n = json_array_size(rows);
  if (n) {
    json_object_set(soak, "iterations", json_object_get(read, "iterations"));
    json_object_set_new(soak, "seconds", json_real(at(rows, n - 1, 0) / 1e9));
    for (int i = 0; i < SERIES; i++)
      json_object_set_new(soak, series[i].name, judge(rows, series[i].column, series[i].judged));
    json_object_set_new(soak, "after",
                        json_pack("{s:f, s:f, s:O, s:f}", "descriptors",
                                  at(rows, n - 1, 7) - at(rows, n / 10, 7), "threads",
                                  at(rows, n - 1, 8) - at(rows, n / 10, 8), "objects_bytes",
                                  json_object_get(read, "objects_bytes"), "committed_bytes",
                                  at(rows, n - 1, 6) - at(rows, n / 10, 6)));
    json_object_set(soak, "rows", (json_t *)rows);
    json_object_set_new(cell->result, "soak", soak);
  } else
    json_decref(soak);
  json_decref(result);
}

/* ---- what it comes to ---- */

static double left(const json_t *soak, const char *what) {
  return json_number_value(json_object_get(json_object_get(soak, "after"), what));
}

bool gcb_soak_grows(const json_t *cell) {
  const json_t *soak = json_object_get(cell, "soak");
  bool grows = left(soak, "descriptors") >= 1 || left(soak, "threads") >= 1;
  for (int i = 0; i < SERIES; i++)
    grows |= json_is_true(json_object_get(json_object_get(soak, series[i].name), "grows"));
  return grows;
}

typedef struct gcb_text (*formatter)(double);

static void put(gcb_columns *t, unsigned column, const json_t *one, formatter format) {
  if (!json_is_object(one)) return;
  gcb_columns_put(t, column, "%s", format(json_number_value(json_object_get(one, "median"))).s);
  if (!json_is_number(json_object_get(one, "lo"))) return;
  gcb_columns_put(t, column + 1, "%s [%s, %s]", format(json_number_value(json_object_get(one, "slope"))).s,
                  format(json_number_value(json_object_get(one, "lo"))).s,
                  format(json_number_value(json_object_get(one, "hi"))).s);
}

static void explain(const json_t *cell, FILE *out) {
  const json_t *soak = json_object_get(cell, "soak");
  const char *workload = json_string_value(json_object_get(cell, "workload"));
  const char *collector = json_string_value(json_object_get(cell, "collector"));
  const char *reason = json_string_value(json_object_get(cell, "reason"));
  if (reason) fprintf(out, "  %s on %s: %s\n", workload, collector, reason);
  if (soak && !json_is_object(json_object_get(soak, "rss_bytes")))
    fprintf(out,
            "  %s on %s: too few iterations for a slope, of which there should be %d: a longer --time, or "
            "smaller parameters\n",
            workload, collector, FEWEST);
  for (int i = 0; i < SERIES; i++) {
    const json_t *one = json_object_get(soak, series[i].name);
    if (json_is_true(json_object_get(one, "grows")))
      fprintf(out, "  %s on %s: %s grew by %.0f %% from the first iteration to the last\n", workload,
              collector, series[i].name, 100 * json_number_value(json_object_get(one, "growth")));
  }
  static const char *const kinds[] = {"descriptors", "threads"};
  for (int i = 0; i < 2; i++)
    if (left(soak, kinds[i]) >= 1)
      fprintf(out, "  %s on %s: %.0f %s more at the end than at the start\n", workload, collector,
              left(soak, kinds[i]), kinds[i]);
}

void gcb_soak_print(const json_t *cells, FILE *out) {
  static const char *const heads[] = {"workload",      "collector", "heap",      "iterations",
                                      "RSS",           "an hour",   "committed", "an hour",
                                      "longest pause", "an hour",   "status",    ""};
  gcb_columns t;
  char heap[40];
  size_t i;
  json_t *cell;
  fputs("\nMedian of all blocks of iterations, and slope an hour with its 95 % interval\n", out);
  gcb_columns_begin(&t, heads, 12, 1u << 0 | 1u << 1 | 1u << 10 | 1u << 11);
  json_array_foreach(cells, i, cell) {
    const json_t *soak = json_object_get(cell, "soak");
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", json_string_value(json_object_get(cell, "workload")));
    gcb_columns_put(&t, 1, "%s", json_string_value(json_object_get(cell, "collector")));
    gcb_columns_put(&t, 2, "%s", gcb_cell_heap(cell, heap, sizeof heap));
    if (soak)
      gcb_columns_put(&t, 3, "%lld", (long long)json_integer_value(json_object_get(soak, "iterations")));
    put(&t, 4, json_object_get(soak, "rss_bytes"), gcb_format_bytes);
    put(&t, 6, json_object_get(soak, "committed_bytes"), gcb_format_bytes);
    put(&t, 8, json_object_get(soak, "pause_max_ns"), gcb_format_ns);
    gcb_columns_put(&t, 10, "%s", json_string_value(json_object_get(cell, "status")));
    gcb_columns_put(&t, 11, "%s", gcb_soak_grows(cell) ? "grows" : "");
  }
  gcb_columns_end(&t, "  ", out);
  json_array_foreach(cells, i, cell) explain(cell, out);
}
