/* gcbench list: what there is to run. */
#include "analyses/workload_profile.h"
#include "commands/list_metrics.h"
#include "commands/open_session.h"
#include "plan/settings.h"
#include "results/model/clean.h"
#include <stdlib.h>

typedef struct list_settings {
  bool json, card;
  struct gcb_strings workloads;
  struct gcb_sweeps params;
  uint64_t timeout;
  const char *color;
} list_settings;

static const struct gcb_cli_option options[] = {
    {"json", 'j', GCB_INTO_FLAG(list_settings, json), .help = "print the same as JSON"},
    {"card", 0, GCB_INTO_FLAG(list_settings, card),
     .help = "measure what each workload is like, beside real programs; takes a while"},
    {"workload", 'w', GCB_INTO_STRINGS(list_settings, workloads), .argument = "NAME,...", .initial = "all",
     .help = "of the workloads only these; a plug-in by its file, such as ./mine.so"},
    {"param", 'p', GCB_INTO_SWEEPS(list_settings, params), .argument = "KEY=V,...",
     .help = "with --card: workload parameters; several values sweep"},
    {"timeout", 't', GCB_INTO_DURATION(list_settings, timeout), .argument = "TIME", .initial = "5m",
     .min = 1000000,
     .help = "with --card: a workload is given up when none of its iterations has ended for so long"},
    GCB_OPTION_COLOR(list_settings),
};

const struct gcb_command gcb_command_list = {
    .name = "list",
    .summary = "List workloads and collectors with their parameters, options and capabilities; and metrics",
    .usage = "[workloads | collectors | metrics] [OPTIONS]",
    .examples = "gcbench list\ngcbench list collectors\ngcbench list metrics\ngcbench list workloads "
                "--json\ngcbench list "
                "workloads --card -w trees,churn",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {.argument = "WHAT",
                    .min = 0,
                    .max = 1,
                    .help = "workloads, collectors or metrics; workloads and collectors without it"},
    .settings_size = sizeof(list_settings),
};

static void print_options(const json_t *table, char letter) {
  size_t i;
  json_t *o;
  json_array_foreach(table, i, o) {
    const char *choices = json_string_value(json_object_get(o, "choices"));
    json_t *min = json_object_get(o, "min");
    printf("    -%c %s=%s", letter, json_string_value(json_object_get(o, "name")),
           json_string_value(json_object_get(o, "default")));
    printf("  %s", json_string_value(json_object_get(o, "help")));
    if (choices) printf(" (%s)", choices);
    if (min) {
      bool bytes = strcmp(json_string_value(json_object_get(o, "type")), "bytes") == 0;
      double lo = json_number_value(min), hi = json_number_value(json_object_get(o, "max"));
      if (bytes)
        printf(" (%s to %s)", gcb_format_bytes(lo).s, gcb_format_bytes(hi).s);
      else
        printf(" (%.10g to %.10g)", lo, hi);
    }
    putchar('\n');
  }
}

static json_t *describe_workload(const gcb_workload *w) {
  json_t *needs = json_array();
  uint64_t bits = 0;
  char why[300];
  gcb_value values[64];
  gcb_task task = {.params = values, .mutators = 1};
  if (w->needs && w->n_params <= 64 &&
      gcb_settings_read(w->params, w->n_params, NULL, values, why, sizeof why))
    bits = w->needs(&task);
  if (bits & GCB_NEEDS_WEAK) json_array_append_new(needs, json_string("weak"));
  if (bits & GCB_NEEDS_EPHEMERONS) json_array_append_new(needs, json_string("ephemerons"));
  if (bits & GCB_NEEDS_FINALIZERS) json_array_append_new(needs, json_string("finalizers"));
  return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "name", w->name, "summary", w->summary, "op", w->op,
                   "releases", w->releases, "needs", needs, "params",
                   gcb_settings_describe(w->params, w->n_params));
}

/* Those that were named, or all. NULL with a sentence about names[*wrong]. */
static json_t *workloads(gcb_catalog *c, const struct gcb_strings *names, size_t *wrong, char *why,
                         size_t why_size) {
  json_t *list = json_array();
  bool all = names->n == 1 && strcmp(names->items[0], "all") == 0;
  for (uint32_t i = 0; all && i < c->workloads->n_workloads; i++)
    json_array_append_new(list, describe_workload(c->workloads->workloads[i]));
  for (size_t i = 0; !all && i < names->n; i++) {
    const gcb_workload *w = gcb_catalog_workload(c, names->items[i], why, why_size);
    if (w) {
      json_array_append_new(list, describe_workload(w));
      continue;
    }
    *wrong = i;
    json_decref(list);
    return NULL;
  }
  return list;
}

static json_t *collectors(gcb_catalog *c) {
  json_t *list = json_array();
  char why[700];
  for (size_t i = 0; i < c->n_collectors; i++) {
    const gcb_entry *e = gcb_catalog_collector(c, c->collectors[i].name, why, sizeof why);
    json_array_append_new(list, e ? json_incref(e->about)
                                  : json_pack("{s:o, s:o}", "name", gcb_clean_string(c->collectors[i].name),
                                              "unavailable", gcb_clean_string(why)));
  }
  return list;
}

static void print_words(const char *before, const json_t *words) {
  size_t i;
  json_t *word;
  json_array_foreach(words, i, word) printf("%s%s", i ? ", " : before, json_string_value(word));
  if (i) putchar('\n');
}

static void print_list(const char *title, const json_t *list) {
  size_t i, k;
  json_t *one, *preset;
  printf("%s\n", title);
  json_array_foreach(list, i, one) {
    const char *unavailable = json_string_value(json_object_get(one, "unavailable"));
    const char *name = json_string_value(json_object_get(one, "name"));
    printf("  %-12s %s\n", name,
           unavailable ? unavailable : json_string_value(json_object_get(one, "summary")));
    const char *follows = json_string_value(json_object_get(one, "follows"));
    if (follows && *follows) printf("    follows %s\n", follows);
    const char *note = json_string_value(json_object_get(one, "note"));
    if (note) printf("    note: %s\n", note);
    if (json_object_get(one, "op"))
      printf("    an operation is %s\n", json_string_value(json_object_get(one, "op")));
    print_words("    needs ", json_object_get(one, "needs"));
    if (json_is_true(json_object_get(one, "releases"))) puts("    releases what it drops");
    print_words("    ", json_object_get(one, "capabilities"));
    if (json_object_get(one, "path"))
      printf("    path %s\n", json_string_value(json_object_get(one, "path")));
    print_options(json_object_get(one, "options"), 'o');
    print_options(json_object_get(one, "params"), 'p');
    json_array_foreach(json_object_get(one, "presets"), k, preset)
        printf("    %s+%s  is -o %s\n", name, json_string_value(json_object_get(preset, "name")),
               json_string_value(json_object_get(preset, "options")));
  }
}

/* Cards need a run of each workload; which collector is asked for does not matter, only the reference runs.
 */
static gcb_exit cards(const struct gcb_parsed *parsed, const list_settings *s) {
  struct gcb_heap_size once = {.factor = 1};
  const char *any = "all";
  gcb_session session;
  gcb_request request = {.workloads = s->workloads,
                         .collectors = {&any, 1},
                         .heaps = {&once, 1},
                         .params = s->params,
                         .invocations = 1,
                         .iterations = 1,
                         .mutators = 1,
                         .workers = 1,
                         .seed = 1,
                         .timeout_ns = s->timeout,
                         .pin = "auto"};
  gcb_exit status = gcb_session_open(&session, parsed, &request);
  if (status == GCB_EXIT_OK) {
    gcb_session_watch(&session);
    json_t *all = gcb_cards(&session);
    if (s->json) {
      json_t *document = json_pack("{s:s, s:O}", "schema", "gcbench.cards/1", "cards", all);
      json_dumpf(document, stdout, JSON_INDENT(1));
      putchar('\n');
      json_decref(document);
    } else {
      gcb_cards_print(all, stdout);
    }
    json_decref(all);
    if (gcb_interrupted) status = GCB_EXIT_INTERRUPTED;
  }
  gcb_session_close(&session);
  return status;
}

gcb_exit gcb_list(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  (void)argc;
  (void)argv;
  const list_settings *s = parsed->settings;
  const char *what = parsed->positionals.n ? parsed->positionals.items[0] : NULL;
  static const char *const kinds[] = {"workloads", "collectors"};
  bool want[2], metrics = what && strcmp(what, "metrics") == 0;
  char why[700];
  gcb_catalog catalog;
  for (int i = 0; i < 2; i++) want[i] = !what || strcmp(what, kinds[i]) == 0;
  if (!want[0] && !want[1] && !metrics) {
    gcb_options_wrong(&gcb_program, parsed->command, NULL, what, "expected workloads, collectors or metrics");
    return GCB_EXIT_USAGE;
  }
  if (s->card && !want[0]) {
    gcb_options_wrong(&gcb_program, parsed->command, "--card", what, "only workloads have cards");
    return GCB_EXIT_USAGE;
  }
  if (s->card) return cards(parsed, s);
  if (metrics) {
    json_t *list = gcb_list_metrics();
    if (s->json) {
      json_t *all = json_pack("{s:O}", "metrics", list);
      json_dumpf(all, stdout, JSON_INDENT(1));
      putchar('\n');
      json_decref(all);
    } else {
      gcb_list_metrics_print(list);
    }
    json_decref(list);
    return GCB_EXIT_OK;
  }
  if (!gcb_catalog_open(&catalog, why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench list: %s\n", why);
    return GCB_EXIT_NOTHING;
  }
  size_t wrong = 0;
  json_t *all = json_object(),
         *some = want[0] ? workloads(&catalog, &s->workloads, &wrong, why, sizeof why) : NULL;
  if (want[0] && !some) {
    gcb_options_wrong(&gcb_program, parsed->command, "--workload", s->workloads.items[wrong], "%s", why);
    gcb_catalog_close(&catalog);
    json_decref(all);
    return GCB_EXIT_USAGE;
  }
  if (want[0]) json_object_set_new(all, kinds[0], some);
  if (want[1]) json_object_set_new(all, kinds[1], collectors(&catalog));
  if (s->json) {
    json_dumpf(all, stdout, JSON_INDENT(1));
    putchar('\n');
  }
  for (int i = 0; i < 2 && !s->json; i++)
    if (want[i])
      print_list(i == 0    ? "Workloads"
                 : want[0] ? "\nCollectors"
                           : "Collectors",
                 json_object_get(all, kinds[i]));
  json_decref(all);
  gcb_catalog_close(&catalog);
  return GCB_EXIT_OK;
}
