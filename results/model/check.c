#include "results/model/check.h"
#include "results/model/called.h"
#include "results/model/pause.h"
#include <stdio.h>
#include <string.h>

typedef enum kind { TEXT, WHOLE, NUMBER, ANY_NUMBER, TRUTH, OBJECT, LIST } kind;

/* Numbers are sizes, times and counts: none is below zero. What is not needed may be missing, or null. */
typedef struct field {
  const char *name;
  kind kind;
  bool needed;
} field;

static const field of_run[] = {{"context", OBJECT, true}, {"cells", LIST, true}, {"run", OBJECT, false}};
static const field of_cell[] = {{"workload", TEXT, true},
                                {"params", OBJECT, true},
                                {"collector", TEXT, true},
                                {"options", OBJECT, true},
                                {"heap_bytes", WHOLE, true},
                                {"heap_factor", NUMBER, true},
                                {"bounded", TRUTH, true},
                                {"mutators", WHOLE, true},
                                {"workers", WHOLE, true},
                                {"seed", TEXT, true},
                                {"status", TEXT, true},
                                {"reason", TEXT, false},
                                {"checksum", TEXT, false},
                                {"op", TEXT, false},
                                {"peak_live_bytes", WHOLE, false},
                                {"invocations", LIST, true},
                                {"latency_invocations", LIST, false},
                                {"unverified", TEXT, false},
                                {"liveness", OBJECT, false},
                                {"slo", OBJECT, false},
                                {"reclaims", TRUTH, false},
                                {"collects", TRUTH, false},
                                {"note", TEXT, false}};
static const field of_invocation[] = {{"status", TEXT, true},           {"reason", TEXT, false},
                                      {"checksum", TEXT, false},        {"iterations", LIST, true},
                                      {"warmup_ns", LIST, false},       {"counts", OBJECT, false},
                                      {"live_bytes", NUMBER, false},    {"leaked_bytes", ANY_NUMBER, false},
                                      {"cyclic_bytes", NUMBER, false},  {"peak_heap_bytes", NUMBER, false},
                                      {"outside_bytes", NUMBER, false}, {"stops", NUMBER, false},
                                      {"stopped_ns", NUMBER, false},    {"own_threads", TRUTH, false},
                                      {"ledger", OBJECT, false},        {"events", OBJECT, false},
                                      {"response", OBJECT, false},      {"pinned_cpus", LIST, false}};
static const field of_iteration[] = {{"wall_ns", NUMBER, true},
                                     {"cpu_ns", NUMBER, false},
                                     {"other_cpu_ns", NUMBER, false},
                                     {"stopped_ns", NUMBER, false},
                                     {"ops", NUMBER, false},
                                     {"allocated_bytes", NUMBER, false},
                                     {"allocated_objects", NUMBER, false},
                                     {"collections", OBJECT, false},
                                     {"pauses", LIST, false},
                                     {"stalls", LIST, false},
                                     {"stall_ns", NUMBER, false},
                                     {"unreported_ns", NUMBER, false},
                                     {"stall_cpu_ns", NUMBER, false},
                                     {"unreported_cpu_ns", NUMBER, false},
                                     {"short_stalls", OBJECT, false},
                                     {"stw_ns", NUMBER, false},
                                     {"stw_cpu_ns", NUMBER, false},
                                     {"os_gaps", LIST, false},
                                     {"os_gap_ns", NUMBER, false},
                                     {"tts_ns", NUMBER, false},
                                     {"work", OBJECT, false},
                                     {"peak_rss_bytes", NUMBER, false},
                                     {"avg_rss_bytes", NUMBER, false}};
static const field of_pause[] = {
    {"start_ns", WHOLE, true}, {"ns", WHOLE, true}, {"kind", TEXT, true}, {"mutator", WHOLE, false}};

/* Where we are, for the sentence. */
typedef struct place {
  char text[200];
  char *why;
  size_t size;
} place;

static bool is(const json_t *v, kind k) {
  switch (k) {
  case TEXT:
    return json_is_string(v);
  case WHOLE:
    return json_is_integer(v) && json_integer_value(v) >= 0;
  case NUMBER:
    return json_is_number(v) && json_number_value(v) >= 0;
  case ANY_NUMBER:
    return json_is_number(v);
  case TRUTH:
    return json_is_boolean(v);
  case OBJECT:
    return json_is_object(v);
  case LIST:
    return json_is_array(v);
  }
  return false;
}

static bool refuse(place *p, const char *what, const char *name, const char *expected) {
  snprintf(p->why, p->size, "%s%s%s%s should be %s", p->text, what, *what ? " " : "", name, expected);
  return false;
}

static bool fields(place *p, const json_t *object, const field *table, size_t n) {
  static const char *const words[] = {"a text",
                                      "a whole number, not below zero",
                                      "a number, not below zero",
                                      "a number",
                                      "true or false",
                                      "an object",
                                      "a list"};
  if (!json_is_object(object)) return refuse(p, "", "it", words[OBJECT]);
  for (size_t i = 0; i < n; i++) {
    const json_t *v = json_object_get(object, table[i].name);
    bool absent = !v || json_is_null(v);
    if (absent ? table[i].needed : !is(v, table[i].kind))
      return refuse(p, "", table[i].name, words[table[i].kind]);
  }
  return true;
}
#define FIELDS(p, object, table) fields(p, object, table, sizeof(table) / sizeof *(table))

/* A member that is an object of such values, if it is there. */
static bool members(place *p, const json_t *object, const char *name, kind k, const char *expected) {
  const char *key;
  json_t *value;
  json_object_foreach(json_object_get(object, name), key,
                      value) if (!is(value, k)) return refuse(p, name, key, expected);
  return true;
}

/* A member that is a list of lists that begin with `least` whole numbers. */
static bool tuples(place *p, const json_t *object, const char *name, size_t least) {
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(object, name), i, one) {
    for (size_t k = 0; k < least; k++)
      if (!is(json_array_get(one, k), WHOLE))
        return refuse(p, "each of", name, "a list of whole numbers, none below zero");
  }
  return true;
}

static bool pause_good(place *p, const json_t *pause) {
  const json_t *start = json_object_get(pause, "start_ns"), *ns = json_object_get(pause, "ns");
  if (json_is_integer(start) && json_is_integer(ns)) {
    json_int_t begin = json_integer_value(start);
    const char *fault = gcb_pause_fault(begin, begin + json_integer_value(ns), INT64_MAX, "");
    if (fault) {
      snprintf(p->why, p->size, "%sone of pauses %s", p->text, fault);
      return false;
    }
  }
  return FIELDS(p, pause, of_pause);
}

static bool iteration(place *p, const json_t *it) {
  size_t i;
  json_t *pause;
  if (!FIELDS(p, it, of_iteration) || !tuples(p, it, "stalls", 3) || !tuples(p, it, "os_gaps", 2) ||
      !members(p, it, "collections", NUMBER, "a number") || !members(p, it, "work", NUMBER, "a number"))
    return false;
  json_array_foreach(json_object_get(it, "pauses"), i, pause) if (!pause_good(p, pause)) return false;
  return true;
}

static bool response(place *p, const json_t *invocation) {
  static const char *const which[] = {"simple", "intended"};
  const json_t *r = json_object_get(invocation, "response");
  for (int i = 0; r && i < 2; i++) {
    const json_t *times = json_object_get(r, which[i]);
    if (times && !tuples(p, times, "buckets", 2)) return false;
  }
  return true;
}

static bool invocations(place *p, const json_t *cell, const char *list) {
  size_t i, k, from = strlen(p->text);
  json_t *one, *it;
  json_array_foreach(json_object_get(cell, list), i, one) {
    snprintf(p->text + from, sizeof p->text - from, "%s[%zu]: ", list, i);
    if (!FIELDS(p, one, of_invocation) || !response(p, one)) return false;
    json_array_foreach(json_object_get(one, "iterations"), k, it) if (!iteration(p, it)) return false;
    json_array_foreach(json_object_get(one, "warmup_ns"), k,
                       it) if (!is(it, NUMBER)) return refuse(p, "", "warmup_ns", "a list of numbers");
  }
  p->text[from] = 0;
  return true;
}

static bool cell_good(place *p, const json_t *cell) {
  json_int_t mutators = json_integer_value(json_object_get(cell, "mutators"));
  if (!FIELDS(p, cell, of_cell)) return false;
  if (mutators < 1 || mutators > 1024) return refuse(p, "", "mutators", "from 1 to 1024");
  return members(p, cell, "params", TEXT, "a text") && members(p, cell, "options", TEXT, "a text") &&
         invocations(p, cell, "invocations") && invocations(p, cell, "latency_invocations");
}

bool gcb_check_run(const json_t *run, char *why, size_t size) {
  place p = {"", why, size};
  const char *schema = json_string_value(json_object_get(run, "schema"));
  size_t i;
  json_t *cell;
  if (!schema) {
    snprintf(why, size, "it has no \"schema\": it is not a file of gcbench");
    return false;
  }
  if (strcmp(schema, "gcbench.run/1") != 0) {
    snprintf(
        why, size,
        gcb_as_called("it is not a run: its schema is not gcbench.run/1, which 'gcbench run --json' writes"));
    return false;
  }
  if (!FIELDS(&p, run, of_run)) return false;
  json_array_foreach(json_object_get(run, "cells"), i, cell) {
    snprintf(p.text, sizeof p.text, "cells[%zu]: ", i);
    if (!cell_good(&p, cell)) return false;
  }
  return true;
}
