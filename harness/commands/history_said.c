/* The verbs of `gcbench history` that are about one step: it was expected; which commit made it. */
#include "commands/history_verbs.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/history_print.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gcb_exit wrong(const struct gcb_parsed *parsed, const char *option, const char *word,
                      const char *why) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", why);
  return GCB_EXIT_USAGE;
}

/* The run that --run names; 0 after a message, or when there is no --run. */
static int64_t find_run(const struct gcb_parsed *parsed, struct gcb_store *store) {
  const history_settings *s = parsed->settings;
  char why[4500];
  int64_t run = s->run ? gcb_store_find(store, s->run, why, sizeof why) : 0;
  if (s->run && !run) wrong(parsed, "--run", s->run, why);
  return run;
}

/* The step of a series that --run names, or without it, its only suspect. NULL after a message. */
static const gcb_step *find_step(const struct gcb_parsed *parsed, struct gcb_store *store,
                                 const struct gcb_history *h, const gcb_series *s) {
  const history_settings *settings = parsed->settings;
  int64_t run = find_run(parsed, store);
  size_t suspects = gcb_count_suspects(s);
  if (!run && settings->run) return NULL;
  if (!run && suspects == 1) return gcb_last_suspect(s);
  for (size_t i = 0; run && i < s->n_steps; i++)
    if (gcb_night_of(h, s, s->steps[i].change.at)->id == run) return &s->steps[i];
  if (run)
    gcb_options_wrong(
        &gcb_program, parsed->command, "--run", settings->run,
        gcb_as_called("series %lld has no step there; 'gcbench history %lld' shows those that it has"),
        (long long)s->id, (long long)s->id);
  else
    gcb_options_wrong(&gcb_program, parsed->command, "--run", NULL,
                      "series %lld has %zu suspect steps: name the run of the one that is meant",
                      (long long)s->id, suspects);
  return NULL;
}

/* ---- expected steps ---- */

static gcb_exit store_ack(struct gcb_store *store, const json_t *pattern, int64_t run, const char *reason) {
  char why[4500] = "no memory to acknowledge it";
  if (gcb_history_ack(store, pattern, run, reason, why, sizeof why)) {
    fprintf(stderr, gcb_as_called("gcbench: acknowledged at run %lld; 'gcbench history acks' lists all\n"),
            (long long)run);
    return GCB_EXIT_OK;
  }
  gcb_print_clean(stderr, "gcbench history: %s\n", why);
  return GCB_EXIT_NOTHING;
}

static gcb_exit ack_one(const struct gcb_parsed *parsed, struct gcb_store *store, int64_t id) {
  const history_settings *s = parsed->settings;
  gcb_exit status;
  struct gcb_history *h = gcb_history_of_options(parsed, store, &id, 1, &status);
  if (!h) return status;
  const gcb_step *step = find_step(parsed, store, h, h->series);
  json_t *pattern = gcb_series_pattern(h->series);
  status = step ? store_ack(store, pattern, gcb_night_of(h, h->series, step->change.at)->id, s->reason)
                : GCB_EXIT_USAGE;
  json_decref(pattern);
  gcb_history_free(h);
  return status;
}

/* One of a list of words, or any when there is none. */
static json_t *nth(const char *const *words, size_t n, size_t i) {
  return n ? json_string(words[i]) : NULL;
}

/* Every series of the workloads and collectors, and metrics if given, at one run. */
static gcb_exit ack_many(const struct gcb_parsed *parsed, struct gcb_store *store) {
  const history_settings *s = parsed->settings;
  gcb_history_filter f;
  gcb_exit status = GCB_EXIT_OK;
  if (!s->workloads.n && !s->collectors.n)
    return wrong(parsed, NULL, "ack", "of which series? Give a number, or --workload and --collector");
  if (!s->run) return wrong(parsed, "--run", NULL, "at which run is the step? Its number or name is needed");
  if (!gcb_history_filter_of_options(parsed, store, &f)) return GCB_EXIT_USAGE;
  if (!gcb_option_given(parsed, "metric")) f.n_metrics = 0;
  int64_t run = find_run(parsed, store);
  if (!run) return GCB_EXIT_USAGE;
  size_t workloads = f.n_workloads ? f.n_workloads : 1, collectors = f.n_collectors ? f.n_collectors : 1;
  size_t metrics = f.n_metrics ? f.n_metrics : 1;
  for (size_t i = 0; status == GCB_EXIT_OK && i < workloads * collectors * metrics; i++) {
    json_t *pattern = json_pack("{s:o*, s:o*, s:o*}", "workload",
                                nth(f.workloads, f.n_workloads, i / (collectors * metrics)), "collector",
                                nth(f.collectors, f.n_collectors, i / metrics % collectors), "metric",
                                nth(f.metrics, f.n_metrics, i % metrics));
    status = store_ack(store, pattern, run, s->reason);
    json_decref(pattern);
  }
  return status;
}

gcb_exit gcb_history_say_ack(const struct gcb_parsed *parsed, struct gcb_store *store, int64_t id) {
  const history_settings *s = parsed->settings;
  if (!s->reason)
    return wrong(parsed, "--reason", NULL,
                 "why was the step to be expected? Those who read it later will ask");
  return id ? ack_one(parsed, store, id) : ack_many(parsed, store);
}

gcb_exit gcb_history_list_acks(struct gcb_store *store) {
  char why[4500];
  size_t i;
  json_t *ack, *all = gcb_history_acks(store, why, sizeof why);
  if (!all) {
    gcb_print_clean(stderr, "gcbench history: %s\n", why);
    return GCB_EXIT_NOTHING;
  }
  json_array_foreach(all, i, ack) {
    json_t *run = json_object_get(ack, "run_id"), *value;
    const char *key;
    printf("%lld: ", (long long)json_integer_value(json_object_get(ack, "id")));
    json_object_foreach(json_object_get(ack, "pattern"), key, value) {
      char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
      if (json_is_string(value))
        printf("%s %s, ", key, json_string_value(value));
      else if (text && strcmp(text, "{}") != 0)
        printf("%s %s, ", key, text);
      free(text);
    }
    if (json_is_integer(run))
      printf("run %lld of %.10s", (long long)json_integer_value(run),
             json_string_value(json_object_get(ack, "started")));
    else
      printf("a run that is gone");
    printf(": %s\n", json_string_value(json_object_get(ack, "reason")));
  }
  if (!json_array_size(all)) puts("nothing is acknowledged");
  json_decref(all);
  return GCB_EXIT_OK;
}

gcb_exit gcb_history_take_back(struct gcb_store *store, const int64_t *ids, size_t n) {
  char why[4500];
  for (size_t i = 0; i < n; i++) {
    if (!gcb_history_unack(store, ids[i], why, sizeof why)) {
      gcb_print_clean(stderr, "gcbench history: %s\n", why);
      return GCB_EXIT_NOTHING;
    }
    fprintf(stderr, "gcbench: acknowledgement %lld is taken back\n", (long long)ids[i]);
  }
  return GCB_EXIT_OK;
}

/* ---- which commit ---- */

gcb_exit gcb_history_say_bisect(const struct gcb_parsed *parsed, struct gcb_store *store, int64_t id) {
  const history_settings *s = parsed->settings;
  gcb_exit status;
  char program[4096], plugin[500];
  struct gcb_history *h = gcb_history_of_options(parsed, store, &id, 1, &status);
  if (!h) return status;
  const gcb_step *step = find_step(parsed, store, h, h->series);
  const char *collector = json_string_value(json_object_get(h->series->cell, "collector"));
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = 0;
  /* A preset is in the options of the cell. */
  snprintf(plugin, sizeof plugin, "build/release/lib/gcbench/collectors/%.*s.so",
           (int)strcspn(collector, "+"), collector);
  status = GCB_EXIT_USAGE;
  if (step && h->series->metric->class != GCB_NOISY)
    wrong(parsed, NULL, h->series->metric->name,
          "an interleaved comparison does not judge this metric, so no script can tell good commits from bad "
          "ones by it");
  else if (step) {
    gcb_bisection_print(
        &(gcb_bisection){h, h->series, step, program, s->build, s->plugin ? s->plugin : plugin}, stdout);
    status = GCB_EXIT_OK;
  }
  gcb_history_free(h);
  return status;
}
