/* gcbench explain: where the time of a cell goes, and its longest pauses. */
#include "analyses/ablations.h"
#include "commands/cell_options.h"
#include "commands/commands.h"
#include "commands/outputs.h"
#include "results/analysis/document.h"
#include "results/analysis/explain.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/clean.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/store/runs.h"
#include "results/text/explain_print.h"
#include <stdlib.h>
#include <string.h>

typedef struct explain_settings {
  uint64_t rounds, timeout;
  const char *json, *run_json, *results;
  bool no_run, quiet;
  const char *color;
} explain_settings;

static const struct gcb_cli_option options[] = {
    {"rounds", 'n', GCB_INTO_UNSIGNED(explain_settings, rounds), .argument = "N", .initial = "6", .min = 3,
     .max = 10000, .heading = "How",
     .help = "rounds of one fresh process for the cell and for each run with parts left out, interleaved"},
    {"no-run", 0, GCB_INTO_FLAG(explain_settings, no_run),
     .help = "run nothing: use what the run itself has"},
    GCB_OPTION_TIMEOUT(explain_settings, "2m"),
    GCB_RESULTS_OPTION("results", explain_settings, results),
    {"json", 'j', GCB_INTO_STRING(explain_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write the explanation (schema gcbench.explain/1)"},
    {"run-json", 0, GCB_INTO_STRING(explain_settings, run_json), .argument = "FILE",
     .help = "write what was run for it, raw (schema gcbench.run/1)"},
    GCB_OPTION_QUIET(explain_settings),
    GCB_OPTION_COLOR(explain_settings),
};

const struct gcb_command gcb_command_explain = {
    .name = "explain",
    .summary = "Say where the time of a cell goes, and what its longest pauses were",
    .usage = "RUN [CELL] [OPTIONS]",
    .description =
        "The wall time of an iteration is split into mutator, barrier, allocation, stops and the rest "
        "(caches, work beside the mutator), by runs with parts left out: collectors that never reclaim, "
        "with and without the barrier of the cell, and the cell's collector in a heap that is never full. "
        "These are run now, interleaved with fresh runs of the cell, and the parts are differences inside a "
        "round, with 95 % intervals. A part that cannot be separated is said to be, with the reason. "
        "The pauses are those of the stored run.\n"
        "CELL is the number of a cell in the run, from 1, or WORKLOAD/COLLECTOR[@HEAP], such as "
        "trees/gen3@3x. Without it, all cells that ended ok get a line each.\n"
        "Exit status: 0 explained; 2 wrong usage; 4 the cell failed when it was run again; 5 there is no "
        "cell to explain; 130 interrupted.",
    .examples = "gcbench explain last trees/gen3@3x\n"
                "gcbench explain last --no-run\n"
                "gcbench explain trees.json 1 --rounds 12 --json explained.json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {.argument = "RUN",
                    .min = 1,
                    .max = 2,
                    .help = "a stored run (its name, number or 'last'), or a file that 'gcbench run --json' "
                            "wrote; then the cell"},
    .settings_size = sizeof(explain_settings),
};

/* ---- which cells ---- */

/* Whether a word such as 3x or 64M is the heap of the cell, which is rounded up to whole pages. */
static bool is_heap(const json_t *cell, const char *word) {
  enum { PAGE = 4096 };
  char heap[64];
  struct gcb_heap_size size;
  if (strcmp(gcb_cell_heap(cell, heap, sizeof heap), word) == 0) return true;
  if (gcb_parse_heap_size(word, &size) != GCB_UNITS_OK) return false;
  double bytes = size.factor > 0 ? size.factor * gcb_number(cell, "peak_live_bytes") : (double)size.bytes;
  double above = gcb_number(cell, "heap_bytes") - bytes;
  return above > -1 && above < PAGE;
}

/* WORKLOAD/COLLECTOR[@HEAP]; the collector with or without its options, which may hold an '@' or a slash. */
static bool is_named(const json_t *cell, const char *word) {
  char name[600], collector[200];
  const char *const of[] = {gcb_string(cell, "collector"),
                            gcb_cell_collector(cell, collector, sizeof collector)};
  for (size_t i = 0; i < 2; i++) {
    snprintf(name, sizeof name, "%s/%s", gcb_string(cell, "workload"), of[i]);
    size_t n = strlen(name);
    if (strncmp(name, word, n) != 0) continue;
    if (!word[n] || (word[n] == '@' && is_heap(cell, word + n + 1))) return true;
  }
  return false;
}

/* The cells that `word` names, NULL for all; of those only the ones that ended ok. Their places, n of them.
 */
static size_t *select_cells(const json_t *cells, const char *word, size_t *n, size_t *named) {
  size_t *list = calloc(json_array_size(cells) + 1, sizeof *list), i;
  uint64_t number = 0;
  bool numbered = word && gcb_parse_unsigned(word, &number) == GCB_UNITS_OK;
  json_t *cell;
  *n = *named = 0;
  json_array_foreach(cells, i, cell) {
    if (word && (numbered ? number != i + 1 : !is_named(cell, word))) continue;
    ++*named;
    if (list && gcb_cell_ok(cell)) list[(*n)++] = i;
  }
  return list;
}

static gcb_exit no_cell(const struct gcb_parsed *parsed, const json_t *cells, const char *word,
                        size_t named) {
  char text[900], collector[200], heap[64];
  const json_t *cell = json_array_get(cells, 0);
  if (word && !named) {
    snprintf(text, sizeof text,
             "there is no such cell in the run; expected a number from 1 to %zu, or a name "
             "such as %.100s/%s@%s",
             json_array_size(cells), gcb_string(cell, "workload"),
             gcb_cell_collector(cell, collector, sizeof collector), gcb_cell_heap(cell, heap, sizeof heap));
    gcb_options_wrong(&gcb_program, parsed->command, NULL, word, "%s", text);
    return GCB_EXIT_USAGE;
  }
  fprintf(stderr,
          gcb_as_called(
              "gcbench explain: %s did not end ok, so that there is nothing to explain; 'gcbench results "
              "show RUN' says why\n"),
          word ? "this cell" : "the cells of this run");
  return GCB_EXIT_NOTHING;
}

/* ---- the document ---- */

/* Which cell it is, the split, and the pauses of the stored one. */
static json_t *explained(const json_t *stored, size_t place, const gcb_ablations *a, const char *source) {
  static const char *const keys[] = {"workload",    "params",  "collector", "options", "heap_bytes",
                                     "heap_factor", "bounded", "mutators",  "workers"};
  json_t *o = gcb_explain_split(a);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    json_object_set(o, keys[i], json_object_get(stored, keys[i]));
  json_object_set_new(o, "number", json_integer((json_int_t)place + 1));
  json_object_set_new(o, "source", json_string(source));
  json_object_set_new(o, "pauses", gcb_explain_pauses(stored));
  return o;
}

static json_t *explain_all(const json_t *cells, const size_t *places, size_t n,
                           const gcb_ablation_runs *fresh) {
  json_t *all = json_array();
  for (size_t i = 0; i < n; i++) {
    const json_t *stored = json_array_get(cells, places[i]);
    const json_t *again = fresh ? fresh->session.plan.cells[fresh->own[i]].result : NULL;
    bool use = gcb_cell_ok(again);
    gcb_ablations a = gcb_explain_find(use ? fresh->results : cells, use ? again : stored);
    json_array_append_new(all, explained(stored, places[i], &a, use ? "fresh runs" : "the stored run"));
  }
  return all;
}

enum { EXPLANATION, RUN, OUTPUTS };

static gcb_exit finish(const explain_settings *s, const json_t *run, json_t *cells, gcb_ablation_runs *fresh,
                       gcb_output *outputs, const char *word, int argc, char *const argv[]) {
  gcb_exit status = fresh && fresh->failed ? GCB_EXIT_CELL_FAILED : GCB_EXIT_OK;
  json_t *document =
      json_pack("{s:s, s:s, s:O?, s:o, s:O}", "schema", "gcbench.explain/1", "run", word, "context",
                json_object_get(run, "context"), "cells", cells, "notes", fresh ? fresh->notes : json_null());
  gcb_explain_print(document, stdout);
  if (!gcb_output_json(&outputs[EXPLANATION], document)) status = GCB_EXIT_NOTHING;
  json_decref(document);
  if (fresh && s->run_json) {
    json_t *raw = json_pack("{s:s, s:o, s:b, s:O}", "schema", "gcbench.run/1", "context",
                            gcb_session_context(&fresh->session, 1, argc, argv), "interrupted",
                            gcb_interrupted, "cells", fresh->results);
    gcb_document_finish(raw, "interrupted before its first invocation ended");
    if (!gcb_output_json(&outputs[RUN], raw)) status = GCB_EXIT_NOTHING;
    json_decref(raw);
  }
  return gcb_interrupted ? GCB_EXIT_INTERRUPTED : status;
}

static gcb_exit explain(const struct gcb_parsed *parsed, const json_t *run, gcb_output *outputs, int argc,
                        char *const argv[]) {
  const explain_settings *s = parsed->settings;
  const char *word = parsed->positionals.n > 1 ? parsed->positionals.items[1] : NULL;
  const json_t *cells = json_object_get(run, "cells");
  size_t n, named, *places = select_cells(cells, word, &n, &named);
  const json_t **chosen = calloc(n + 1, sizeof *chosen);
  gcb_ablation_runs fresh;
  gcb_exit status = GCB_EXIT_NOTHING;
  for (size_t i = 0; chosen && i < n; i++) chosen[i] = json_array_get(cells, places[i]);
  if (!n || !chosen) {
    status = no_cell(parsed, cells, word, named);
  } else if (s->no_run) {
    status = finish(s, run, explain_all(cells, places, n, NULL), NULL, outputs, parsed->positionals.items[0],
                    argc, argv);
  } else {
    char why[900];
    if (gcb_ablations_plan(&fresh, chosen, n, json_object_get(run, "context"), s->timeout, s->quiet, why,
                           sizeof why)) {
      gcb_session_watch(&fresh.session);
      gcb_ablations_run(&fresh, chosen, s->rounds);
      status = finish(s, run, explain_all(cells, places, n, &fresh), &fresh, outputs,
                      parsed->positionals.items[0], argc, argv);
    } else {
      gcb_print_clean(stderr, "gcbench explain: %s\n", gcb_as_called(why));
    }
    gcb_ablations_close(&fresh);
  }
  free(chosen);
  free(places);
  return status;
}

gcb_exit gcb_explain(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const explain_settings *s = parsed->settings;
  gcb_output outputs[OUTPUTS] = {{.option = "--json", .path = s->json},
                                 {.option = "--run-json", .path = s->run_json}};
  gcb_exit status = GCB_EXIT_USAGE;
  char why[4300];
  if (s->no_run && s->run_json) {
    gcb_options_wrong(&gcb_program, parsed->command, "--run-json", NULL, "with --no-run nothing is run");
    return status;
  }
  json_t *run = gcb_load_run_raw(parsed->positionals.items[0], s->results, why, sizeof why);
  if (!run)
    gcb_options_wrong(&gcb_program, parsed->command, NULL, NULL, "%s", why);
  else if (gcb_outputs_begin(outputs, OUTPUTS, parsed))
    status = explain(parsed, run, outputs, argc, argv);
  gcb_outputs_abandon(outputs, OUTPUTS);
  json_decref(run);
  return status;
}
