#include "analyses/instrument_cost.h"
#include "results/stats/stats.h"
#include "runtime/enum_names.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 3 }; /* GCB_WATCH_... */
typedef struct measured {
  double wall, cpu, heap;
} measured;

/* One invocation; false when it did not end ok. Times are medians over its iterations, so that an iteration
 * in which the machine did something else does not count. */
static bool measure(gcb_session *s, json_t *spec, gcb_watch watch, measured *out) {
  json_object_set_new(spec, "watch", json_string(gcb_watch_word(watch)));
  json_t *result = gcb_session_invoke(s, spec), *iterations = json_object_get(result, "iterations"), *it;
  size_t n = json_array_size(iterations), i;
  const char *status = json_string_value(json_object_get(result, "status"));
  double *wall = calloc(n + 1, sizeof *wall), *cpu = calloc(n + 1, sizeof *cpu);
  bool good = status && strcmp(status, "ok") == 0 && n && wall && cpu;
  if (good) {
    json_array_foreach(iterations, i, it) {
      wall[i] = json_number_value(json_object_get(it, "wall_ns"));
      cpu[i] = json_number_value(json_object_get(it, "cpu_ns"));
    }
    *out = (measured){gcb_median(wall, n), gcb_median(cpu, n),
                      json_number_value(json_object_get(result, "peak_heap_bytes"))};
  } else if (!gcb_interrupted) {
    const char *reason = json_string_value(json_object_get(result, "reason"));
    fprintf(stderr, "gcbench doctor: an invocation ended %s: %s\n", status ? status : "?",
            reason ? reason : "");
  }
  free(wall);
  free(cpu);
  json_decref(result);
  return good;
}

static json_t *real(double d) {
  return isfinite(d) ? json_real(d) : json_null();
}

static json_t *cost(const double *log_ratios, size_t n) {
  gcb_interval i = gcb_hodges_lehmann(log_ratios, n);
  return json_pack("{s:o, s:o, s:o, s:I}", "mean", real(expm1(i.mean)), "lo", real(expm1(i.lo)), "hi",
                   real(expm1(i.hi)), "n", (json_int_t)n);
}

static json_t *one_cell(gcb_session *s, const gcb_cell *cell, uint64_t pairs, gcb_rng *rng) {
  double *ratios[4]; /* recording wall and cpu, latency wall and cpu */
  double heap_added = 0;
  size_t n = 0;
  bool good = true;
  for (int i = 0; i < 4; i++) good &= (ratios[i] = calloc(pairs, sizeof **ratios)) != NULL;
  for (uint64_t round = 0; good && round <= pairs && !gcb_interrupted; round++) {
    gcb_watch order[KINDS] = {GCB_WATCH_THROUGHPUT, GCB_WATCH_LATENCY, GCB_WATCH_NOTHING};
    measured m[KINDS];
    for (unsigned i = KINDS; i > 1; i--) {
      unsigned k = (unsigned)gcb_rng_below(rng, i);
      gcb_watch held = order[i - 1];
      order[i - 1] = order[k];
      order[k] = held;
    }
    gcb_session_progress(s, "[%llu/%llu] %s on %s with the instrument off, on, and clocking everything",
                         (unsigned long long)round + 1, (unsigned long long)pairs + 1,
                         s->plan.groups[cell->group].workload->name, cell->collector->name);
    for (int i = 0; good && i < KINDS; i++) good = measure(s, cell->spec, order[i], &m[order[i]]);
    if (!good || round == 0) continue;
    const measured *off = &m[GCB_WATCH_NOTHING], *on = &m[GCB_WATCH_THROUGHPUT], *all = &m[GCB_WATCH_LATENCY];
    ratios[0][n] = log(on->wall / off->wall);
    ratios[1][n] = log(on->cpu / off->cpu);
    ratios[2][n] = log(all->wall / off->wall);
    ratios[3][n++] = log(all->cpu / off->cpu);
    if (fabs(on->heap - off->heap) > fabs(heap_added)) heap_added = on->heap - off->heap;
  }
  json_t *out = json_null();
  if (n && (good || gcb_interrupted))
    out = json_pack("{s:s, s:O, s:s, s:O, s:I, s:{s:o, s:o}, s:{s:o, s:o}, s:f}", "workload",
                    s->plan.groups[cell->group].workload->name, "params", s->plan.groups[cell->group].params,
                    "collector", cell->collector->name, "options", json_object_get(cell->result, "options"),
                    "pairs", (json_int_t)n, "recording", "wall", cost(ratios[0], n), "cpu",
                    cost(ratios[1], n), "latency", "wall", cost(ratios[2], n), "cpu", cost(ratios[3], n),
                    "heap_bytes_added", heap_added);
  for (int i = 0; i < 4; i++) free(ratios[i]);
  return out;
}

json_t *gcb_instrument(gcb_session *s, uint64_t pairs, uint64_t seed) {
  gcb_rng rng = gcb_rng_seed(seed);
  json_t *list = json_array();
  for (size_t i = 0; i < s->plan.n_cells && !gcb_interrupted; i++)
    if (s->plan.cells[i].spec) json_array_append_new(list, one_cell(s, &s->plan.cells[i], pairs, &rng));
  gcb_session_quieten(s);
  return list;
}
