#include "results/export/trace_events.h"
#include "results/model/cell.h"

enum { TRACK_ITERATIONS = 1, TRACK_EVERYBODY = 2, TRACK_MUTATOR = 10 };

typedef struct tracer {
  FILE *out;
  bool any;
  int pid, mutators; /* mutators that were given a track in this process */
} tracer;

static void event(tracer *t, json_t *e) {
  fputs(t->any ? ",\n" : "[\n", t->out);
  t->any = true;
  if (e) json_dumpf(e, t->out, JSON_COMPACT | JSON_REAL_PRECISION(12));
  json_decref(e);
}

static void label(tracer *t, const char *what, int track, const char *name) {
  event(t, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", what, "ph", "M", "pid", t->pid, "tid", track,
                     "args", "name", name));
}

static int track_of(tracer *t, const json_t *mutator) {
  if (!json_is_integer(mutator)) return TRACK_EVERYBODY;
  int id = (int)json_integer_value(mutator);
  for (; t->mutators <= id; t->mutators++) {
    char name[40];
    snprintf(name, sizeof name, "mutator %d", t->mutators);
    label(t, "thread_name", TRACK_MUTATOR + t->mutators, name);
  }
  return TRACK_MUTATOR + id;
}

static void slice(tracer *t, const char *name, const char *category, int track, double start_ns, double ns) {
  event(t, json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:f}", "name", name, "cat", category, "ph", "X", "pid",
                     t->pid, "tid", track, "ts", start_ns / 1e3, "dur", ns / 1e3));
}

static void of_iteration(tracer *t, const json_t *iteration, size_t number, double from) {
  char name[60];
  size_t i;
  json_t *one;
  snprintf(name, sizeof name, "iteration %zu", number + 1);
  slice(t, name, "iteration", TRACK_ITERATIONS, from,
        json_number_value(json_object_get(iteration, "wall_ns")));
  json_array_foreach(json_object_get(iteration, "pauses"), i, one) {
    const char *kind = json_string_value(json_object_get(one, "kind"));
    slice(t, kind ? kind : "pause", "pause", track_of(t, json_object_get(one, "mutator")),
          from + json_number_value(json_object_get(one, "start_ns")),
          json_number_value(json_object_get(one, "ns")));
  }
  json_array_foreach(json_object_get(iteration, "stalls"), i, one)
      slice(t, "stall", "stall", track_of(t, json_array_get(one, 2)),
            from + json_number_value(json_array_get(one, 0)), json_number_value(json_array_get(one, 1)));
}

static void of_invocation(tracer *t, const json_t *cell, const json_t *invocation, size_t number) {
  char name[500], workload[200], collector[120], heap[40];
  double from = 0;
  size_t i;
  json_t *iteration;
  t->pid++;
  t->mutators = 0;
  snprintf(name, sizeof name, "%s on %s at %s, invocation %zu",
           gcb_cell_workload(cell, workload, sizeof workload),
           gcb_cell_collector(cell, collector, sizeof collector), gcb_cell_heap(cell, heap, sizeof heap),
           number + 1);
  label(t, "process_name", 0, name);
  label(t, "thread_name", TRACK_ITERATIONS, "iterations");
  label(t, "thread_name", TRACK_EVERYBODY, "pauses of all mutators");
  json_array_foreach(json_object_get(invocation, "iterations"), i, iteration) {
    of_iteration(t, iteration, i, from);
    from += json_number_value(json_object_get(iteration, "wall_ns"));
  }
}

bool gcb_trace_write(const json_t *run, FILE *out) {
  tracer t = {.out = out};
  size_t c, i;
  json_t *cell, *invocation;
  fputs("{\"displayTimeUnit\": \"ms\", \"otherData\": ", out);
  json_t *other = json_pack("{s:O?}", "command", json_object_get(json_object_get(run, "context"), "command"));
  json_dumpf(other, out, JSON_COMPACT);
  json_decref(other);
  fputs(", \"traceEvents\": ", out);
  json_array_foreach(json_object_get(run, "cells"), c, cell) {
    const json_t *list = json_object_get(cell, "latency_invocations");
    if (!json_array_size(list)) list = json_object_get(cell, "invocations");
    json_array_foreach(list, i, invocation) {
      if (json_array_size(json_object_get(invocation, "iterations"))) of_invocation(&t, cell, invocation, i);
    }
  }
  fputs(t.any ? "\n]}\n" : "[]}\n", out);
  return t.any;
}
