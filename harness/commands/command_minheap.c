/* gcbench minheap: how little memory each collector needs for a workload. */
#include "analyses/minheap.h"
#include "commands/cell_options.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "machine/clock.h"
#include "machine/doing.h"
#include "results/text/unfit.h"
#include "runtime/enum_names.h"
#include <string.h>

typedef struct minheap_settings {
  struct gcb_strings workloads, collectors, iterations;
  struct gcb_heap_sizes live;
  struct gcb_sweeps params, options;
  uint64_t repeats, percent, mutators, workers, seed, timeout;
  const char *pin, *json;
  bool quiet;
  const char *color;
} minheap_settings;

static const struct gcb_cli_option options[] = {
    {"workload", 'w', GCB_INTO_STRINGS(minheap_settings, workloads), .argument = "NAME,...",
     .heading = "What", .help = "workloads, or all; 'gcbench list workloads' shows them"},
    {"collector", 'c', GCB_INTO_STRINGS(minheap_settings, collectors), .argument = "NAME,...",
     .help = "collectors, or all; a plug-in by its file; a preset as NAME+PRESET"},
    {"iterations", 'i', GCB_INTO_STRINGS(minheap_settings, iterations), .argument = "N,...", .initial = "1,5",
     .help = "repetitions of the workload in a process; growth from few to many is a leak"},
    GCB_OPTION_LIVE(minheap_settings),
    GCB_OPTION_PARAMS(minheap_settings),
    GCB_OPTION_OPTIONS(minheap_settings),
    GCB_OPTION_MUTATORS(minheap_settings),
    GCB_OPTION_WORKERS(minheap_settings),
    {"repeats", 'n', GCB_INTO_UNSIGNED(minheap_settings, repeats), .argument = "N", .initial = "3", .min = 1,
     .max = 64, .heading = "How", .help = "searches of each minimum, each with a seed of its own"},
    {"resolution", 0, GCB_INTO_UNSIGNED(minheap_settings, percent), .argument = "PERCENT", .initial = "2",
     .min = 1, .max = 50, .help = "how closely a minimum is searched"},
    {"seed", 's', GCB_INTO_SEED(minheap_settings, seed), .argument = "N", .initial = "1",
     .help = "of the first search"},
    {"timeout", 't', GCB_INTO_DURATION(minheap_settings, timeout), .argument = "TIME", .initial = "30s",
     .min = 1000000, .help = "a try in which no iteration has ended for so long did not fit"},
    GCB_OPTION_PIN(minheap_settings),
    {"json", 'j', GCB_INTO_STRING(minheap_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write everything (schema gcbench.minheap/1)"},
    GCB_OPTION_QUIET(minheap_settings),
    GCB_OPTION_COLOR(minheap_settings),
};

const struct gcb_command gcb_command_minheap = {
    .name = "minheap",
    .summary = "Search the smallest heap in which a workload runs on a collector",
    .usage = "--workload NAME,... --collector NAME,... [OPTIONS]",
    .description =
        "Bisects the heap bound over fresh processes until the smallest bound that worked and the "
        "largest that did not are within the resolution. A try that runs out of memory or out of "
        "time did not fit. The last column but one is the space efficiency: the minimum heap as a "
        "multiple of the bytes that the workload keeps alive at its peak.\n"
        "Exit status: 0 all found; 2 wrong usage; 4 a try ended otherwise (crash, wrong result); 5 "
        "nothing found; 130 interrupted.",
    .examples = "gcbench minheap --workload trees --collector semispace,markcompact\n"
                "gcbench minheap -w cycles -c rc,rccycle -p nodes=20000 --iterations 1,10 --json min.json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(minheap_settings),
    .finishes = true,
};

enum { MOST_ITERATIONS = 8 };

/* The list of iterations as numbers, ascending. */
static bool read_iterations(const struct gcb_parsed *parsed, const struct gcb_strings *words, uint64_t *out) {
  for (size_t i = 0; i < words->n; i++) {
    bool good = i < MOST_ITERATIONS && gcb_parse_unsigned(words->items[i], &out[i]) == GCB_UNITS_OK &&
                out[i] >= 1 && out[i] <= 100000 && (i == 0 || out[i] > out[i - 1]);
    if (good) continue;
    gcb_options_wrong(&gcb_program, parsed->command, "--iterations", words->items[i],
                      "expected up to %d whole numbers from 1 to 100000, ascending, such as 1,5",
                      MOST_ITERATIONS);
    return false;
  }
  return true;
}

static gcb_exit verdict(const gcb_session *s) {
  size_t found = 0;
  bool failed = false;
  for (size_t i = 0; i < s->plan.n_cells; i++) {
    const json_t *cell = s->plan.cells[i].result;
    gcb_status status = gcb_status_of(json_string_value(json_object_get(cell, "status")));
    found += json_array_size(json_object_get(cell, "minima"));
    failed |= status == GCB_WRONG || status == GCB_CRASHED || status == GCB_FAILED;
  }
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  return failed ? GCB_EXIT_CELL_FAILED : found ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
}

gcb_exit gcb_minheap(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const minheap_settings *s = parsed->settings;
  struct gcb_heap_size once = {.factor = 1};
  uint64_t iterations[MOST_ITERATIONS];
  gcb_session session;
  gcb_output json = {.option = "--json", .path = s->json};
  gcb_request request = {.workloads = s->workloads,
                         .collectors = s->collectors,
                         .heaps = {&once, 1},
                         .params = s->params,
                         .live = s->live,
                         .options = s->options,
                         .invocations = 1,
                         .iterations = 1,
                         .mutators = s->mutators,
                         .workers = s->workers,
                         .seed = s->seed,
                         .timeout_ns = s->timeout,
                         .pin = s->pin};
  if (!read_iterations(parsed, &s->iterations, iterations)) return GCB_EXIT_USAGE;
  gcb_exit status = gcb_session_open(&session, parsed, &request);
  if (status != GCB_EXIT_OK) goto out;
  session.quiet = s->quiet;
  if (!gcb_outputs_begin(&json, 1, parsed)) {
    status = GCB_EXIT_USAGE;
    goto out;
  }
  gcb_session_watch(&session);
  json_t *context = gcb_session_context(&session, s->seed, argc, argv);
  gcb_minheap_search search = {&session,   iterations, s->iterations.n,
                               s->repeats, s->seed,    (double)s->percent / 100};
  json_t *cells = json_array();
  uint64_t started = gcb_clock();
  for (size_t i = 0; i < session.plan.n_cells; i++) {
    gcb_cell *cell = &session.plan.cells[i];
    static const char *const of_one_heap[] = {"heap_bytes", "heap_factor", "invocations", "checksum"};
    for (size_t k = 0; k < sizeof of_one_heap / sizeof *of_one_heap; k++)
      json_object_del(cell->result, of_one_heap[k]);
    if (!session.terminal && cell->spec)
      gcb_session_progress(&session, "cell %zu of %zu: %s on %s%s", i + 1, session.plan.n_cells,
                           session.plan.groups[cell->group].workload->name, cell->collector->name,
                           gcb_left(started, i, session.plan.n_cells).s);
    if (!gcb_interrupted) gcb_minheap_find(&search, cell);
    if (!gcb_interrupted) gcb_interrupt_done(i + 1, session.plan.n_cells, "cells");
    json_array_append(cells, cell->result);
  }
  gcb_session_quieten(&session);
  gcb_minheap_print(cells, stdout);
  gcb_unfit_print(json_object_get(context, "doctor"), stdout);
  status = verdict(&session);
  json_t *all = json_pack("{s:s, s:o, s:b, s:f, s:o}", "schema", "gcbench.minheap/1", "context", context,
                          "interrupted", gcb_interrupted, "resolution", search.resolution, "cells", cells);
  if (!gcb_output_json(&json, all)) status = GCB_EXIT_NOTHING;
  json_decref(all);
out:
  gcb_outputs_abandon(&json, 1);
  gcb_session_close(&session);
  return status;
}
