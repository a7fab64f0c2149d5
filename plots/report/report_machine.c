/* The machine of a report, in words. */
#include "plots/report/report.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALUE = 300 };

typedef enum gcb_measure { AS_IT_IS, BYTES, NANOSECONDS, SECONDS, SHARE, RANDOMISED } gcb_measure;

/* What a reader wants to know of a context, in this order: the program, the processor, the system, the clock.
 */
static const struct {
  const char *key, *words;
  gcb_measure measure;
} told[] = {
    {"gcbench", "Version of gcbench", AS_IT_IS},
    {"compiler", "Compiler", AS_IT_IS},
    {"c_flags", "Compiler flags", AS_IT_IS},
    {"libc", "C library", AS_IT_IS},
    {"hwloc", "Version of hwloc", AS_IT_IS},
    {"jansson", "Version of jansson", AS_IT_IS},
    {"cpu_model", "Processor", AS_IT_IS},
    {"architecture", "Architecture", AS_IT_IS},
    {"virtualised", "Virtual machine", AS_IT_IS},
    {"governor", "Frequency governor", AS_IT_IS},
    {"turbo", "Turbo frequencies", AS_IT_IS},
    {"smt", "Hardware threads share a core (SMT)", AS_IT_IS},
    {"numa_nodes", "NUMA nodes", AS_IT_IS},
    {"memory_bytes", "Physical memory", BYTES},
    {"cgroup_limited", "Limited by a control group", AS_IT_IS},
    {"cgroup_memory_limit_bytes", "Memory limit of the control group", BYTES},
    {"page_bytes", "Page size", BYTES},
    {"thp", "Transparent huge pages", AS_IT_IS},
    {"host", "Host name", AS_IT_IS},
    {"distribution", "Distribution", AS_IT_IS},
    {"kernel", "Linux kernel", AS_IT_IS},
    {"kernel_build", "Build of the kernel", AS_IT_IS},
    {"aslr", "Random addresses (ASLR) of the system", RANDOMISED},
    {"aslr_off_here", "Random addresses switched off for the measured processes", AS_IT_IS},
    {"load_average", "Load average of 1, 5 and 15 minutes", AS_IT_IS},
    {"steal_seconds", "CPU time taken by the host since boot", SECONDS},
    {"steal_share", "Share of CPU time taken by the host since boot", SHARE},
    {"clocksource", "Clock source", AS_IT_IS},
    {"clock_resolution_ns", "Clock resolution", NANOSECONDS},
    {"clock_cost_ns", "Time to read the clock", NANOSECONDS},
    {"placement", "Placement of threads", AS_IT_IS},
};
/* Said in "Reproduce". */
static const char *const elsewhere[] = {"seed", "command"};

static void list_numbers(const json_t *numbers, char *text, size_t size) {
  size_t i, at = 0;
  json_t *one;
  json_array_foreach(numbers, i, one) if (at < size) at +=
      (size_t)snprintf(text + at, size - at, "%s%.4g", i ? ", " : "", json_number_value(one));
}

/* A value in words; false for what is empty, or has parts. */
static bool in_words(const json_t *v, gcb_measure measure, char text[VALUE]) {
  static const char *const randomised[] = {"off", "stack, libraries and mappings", "full"};
  double number = json_number_value(v);
  *text = 0;
  if (json_is_string(v))
    snprintf(text, VALUE, "%s",
             strcmp(json_string_value(v), "notsupported") == 0 ? "not supported" : json_string_value(v));
  else if (json_is_boolean(v))
    snprintf(text, VALUE, "%s", json_is_true(v) ? "yes" : "no");
  else if (json_is_array(v) && json_is_number(json_array_get(v, 0)))
    list_numbers(v, text, VALUE);
  else if (json_is_number(v) && measure == BYTES)
    snprintf(text, VALUE, "%s", gcb_format_bytes(number).s);
  else if (json_is_number(v) && measure == NANOSECONDS)
    snprintf(text, VALUE, "%s", gcb_format_ns(number).s);
  else if (json_is_number(v) && measure == SECONDS)
    snprintf(text, VALUE, "%s", gcb_format_ns(number * 1e9).s);
  else if (json_is_number(v) && measure == SHARE)
    snprintf(text, VALUE, "%.3g %%", number * 100);
  else if (json_is_integer(v) && measure == RANDOMISED && number >= 0 && number <= 2)
    snprintf(text, VALUE, "%s", randomised[json_integer_value(v)]);
  else if (json_is_number(v))
    snprintf(text, VALUE, "%.6g", number);
  return *text != 0;
}

static void fact(gcb_page *p, const char *words, const char *text) {
  p->as->row(p, -1, (gcb_box[]){{words, NAN, NULL}, {text, NAN, NULL}});
}

/* The words of a key; NULL: it has none. */
static const char *words_of(const char *key) {
  for (size_t i = 0; i < sizeof told / sizeof *told; i++)
    if (strcmp(told[i].key, key) == 0) return told[i].words;
  return NULL;
}

/* What documents of other versions know besides; a key is shown as words too. */
static void others(gcb_page *p, json_t *context) {
  const char *key;
  json_t *value;
  json_object_foreach(context, key, value) {
    char text[VALUE], words[80];
    bool known = words_of(key);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) known |= strcmp(elsewhere[i], key) == 0;
    if (known || !in_words(value, AS_IT_IS, text)) continue;
    snprintf(words, sizeof words, "%s", key);
    for (char *c = words; *c; c++)
      if (*c == '_') *c = ' ';
    if (*words >= 'a' && *words <= 'z') *words = (char)(*words - 'a' + 'A');
    fact(p, words, text);
  }
}

void gcb_report_machine(gcb_page *p, const json_t *run) {
  static const gcb_head facts[] = {{"machine", NULL, true, false}, {"value", NULL, true, true}};
  static const gcb_head checks[] = {{"check", NULL, true, false},
                                    {"verdict", NULL, true, false},
                                    {"found", NULL, true, true},
                                    {"remedy", NULL, true, true}};
  const json_t *context = json_object_get(run, "context"), *findings = json_object_get(context, "doctor");
  const json_t *lost = json_object_get(json_object_get(context, "noise"), "worst_share");
  const json_t *why = json_object_get(json_object_get(context, "perf_counters"), "why");
  char text[VALUE];
  size_t i;
  json_t *f;
  p->as->table(p, facts, 2);
  for (i = 0; i < sizeof told / sizeof *told; i++)
    if (in_words(json_object_get(context, told[i].key), told[i].measure, text)) fact(p, told[i].words, text);
  if (in_words(lost, SHARE, text)) fact(p, "Share of a cpu that others took before the run, at most", text);
  if (in_words(why, AS_IT_IS, text)) fact(p, "No performance counters", text);
  others(p, (json_t *)context);
  p->as->table_end(p);
  if (!json_array_size(findings)) return;
  p->as->heading(p, 3, NULL, "What the doctor found");
  p->as->table(p, checks, 4);
  json_array_foreach(findings, i, f) {
    const char *verdict = gcb_string(f, "verdict"), *remedy = gcb_string(f, "remedy");
    const char *check = gcb_string(f, "check"), *words = words_of(check);
    const char *kind = strcmp(verdict, "bad") == 0    ? "bad"
                       : strcmp(verdict, "note") == 0 ? "warn"
                       : strcmp(verdict, "fine") == 0 ? "good"
                                                      : "dim";
    p->as->row(p, -1,
               (gcb_box[]){{words ? words : check, NAN, NULL},
                           {verdict, NAN, kind},
                           {gcb_string(f, "found"), NAN, NULL},
                           {*remedy ? remedy : "-", NAN, *remedy ? NULL : "dim"}});
  }
  p->as->table_end(p);
}
