/* gcbench doctor: is this machine fit for measurements, and what does measuring cost? */
#include "analyses/instrument_cost.h"
#include "commands/cell_options.h"
#include "commands/open_session.h"
#include "commands/outputs.h"
#include "machine/doctor.h"
#include "results/model/called.h"
#include "results/model/members.h"
#include "results/text/columns.h"
#include <math.h>
#include <string.h>

typedef struct doctor_settings {
  struct gcb_strings workloads, collectors;
  struct gcb_heap_sizes heaps;
  struct gcb_sweeps params, options;
  uint64_t pairs, iterations, seed, timeout;
  const char *pin, *json;
  bool instrument, quiet;
  const char *color;
} doctor_settings;

static const struct gcb_cli_option options[] = {
    {"instrument", 'I', GCB_INTO_FLAG(doctor_settings, instrument), .heading = "What",
     .help = "also measure what the recording costs, by paired runs with it off and on"},
    {"workload", 'w', GCB_INTO_STRINGS(doctor_settings, workloads), .argument = "NAME,...",
     .help = "for --instrument: on what"},
    {"collector", 'c', GCB_INTO_STRINGS(doctor_settings, collectors), .argument = "NAME,...",
     .help = "for --instrument: with what"},
    {"heap", 'H', GCB_INTO_HEAP_SIZES(doctor_settings, heaps), .argument = "SIZE,...", .initial = "3x",
     .help = "for --instrument"},
    {"param", 'p', GCB_INTO_SWEEPS(doctor_settings, params), .argument = "KEY=V,...",
     .help = "workload parameters"},
    {"option", 'o', GCB_INTO_SWEEPS(doctor_settings, options), .argument = "KEY=V,...",
     .help = "collector options"},
    {"pairs", 'n', GCB_INTO_UNSIGNED(doctor_settings, pairs), .argument = "N", .initial = "20", .min = 1,
     .max = 10000, .heading = "How",
     .help = "rounds of one invocation of each kind, besides a first for nothing"},
    {"iterations", 'i', GCB_INTO_UNSIGNED(doctor_settings, iterations), .argument = "N", .initial = "5",
     .min = 1, .max = 100000, .help = "timed repetitions in each invocation"},
    {"seed", 's', GCB_INTO_SEED(doctor_settings, seed), .argument = "N", .initial = "1",
     .help = "for the workloads' random numbers and the order of invocations"},
    GCB_OPTION_TIMEOUT(doctor_settings, "2m"),
    {"pin", 0, GCB_INTO_STRING(doctor_settings, pin), .argument = "CPUS", .initial = "auto",
     .help = "auto, none, or a list such as 0,2-3"},
    {"json", 'j', GCB_INTO_STRING(doctor_settings, json), .argument = "FILE", .heading = "Output",
     .help = "write everything (schema gcbench.doctor/1)"},
    GCB_OPTION_QUIET(doctor_settings),
    GCB_OPTION_COLOR(doctor_settings),
};

const struct gcb_command gcb_command_doctor = {
    .name = "doctor",
    .summary = "Judge this machine, and what measuring on it costs",
    .usage = "[OPTIONS]\n--instrument --workload NAME,... --collector NAME,... [OPTIONS]",
    .description =
        "Looks at what makes measurements unsteady or unfair, says what to do about each, and "
        "spins on every cpu for a moment to see what a thread loses there. Every 'run' records the "
        "same findings.\n"
        "Exit status: 0 fit; 2 wrong usage; 3 something is bad, or recording costs more than 2 %; 4 "
        "an invocation failed; 5 nothing could be measured; 130 interrupted.",
    .examples = "gcbench doctor\n"
                "gcbench doctor --instrument -w trees -c gen3,rc\n"
                "gcbench doctor --instrument -w cycles -c rccycle --pairs 40 --json cost.json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(doctor_settings),
};

static void print_findings(const json_t *findings) {
  static const char *const heads[] = {"check", "verdict", "found"};
  gcb_columns t;
  size_t i;
  json_t *f;
  gcb_columns_begin(&t, heads, 3, 7);
  json_array_foreach(findings, i, f) {
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", gcb_string(f, "check"));
    gcb_columns_put(&t, 1, "%s", gcb_string(f, "verdict"));
    gcb_columns_put(&t, 2, "%s", gcb_string(f, "found"));
  }
  gcb_columns_end(&t, "", stdout);
  json_array_foreach(findings, i, f) if (*gcb_string(f, "remedy"))
      printf("%s%s: %s\n", i ? "" : "\n", gcb_string(f, "check"), gcb_as_called(gcb_string(f, "remedy")));
}

/* "+0.4 % [-0.1, +0.9]" */
static void put_cost(gcb_columns *t, unsigned column, const json_t *kind, const char *clock) {
  json_t *c = json_object_get(kind, clock), *lo = json_object_get(c, "lo"), *hi = json_object_get(c, "hi");
  double mean = 100 * json_number_value(json_object_get(c, "mean"));
  if (json_is_number(lo) && json_is_number(hi))
    gcb_columns_put(t, column, "%+.2f %% [%+.2f, %+.2f]", mean, 100 * json_number_value(lo),
                    100 * json_number_value(hi));
  else
    gcb_columns_put(t, column, "%+.2f %%", mean);
}

static void print_costs(const json_t *costs) {
  static const char *const heads[] = {"workload",      "collector",    "recording, wall", "recording, CPU",
                                      "latency, wall", "latency, CPU", "heap added"};
  gcb_columns t;
  size_t i;
  json_t *c;
  printf("\nCost of the instrument, against invocations that record nothing\n");
  gcb_columns_begin(&t, heads, 7, 3);
  json_array_foreach(costs, i, c) {
    if (!json_is_object(c)) continue;
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", gcb_string(c, "workload"));
    gcb_columns_put(&t, 1, "%s", gcb_string(c, "collector"));
    put_cost(&t, 2, json_object_get(c, "recording"), "wall");
    put_cost(&t, 3, json_object_get(c, "recording"), "cpu");
    put_cost(&t, 4, json_object_get(c, "latency"), "wall");
    put_cost(&t, 5, json_object_get(c, "latency"), "cpu");
    gcb_columns_put(&t, 6, "%.0f", json_number_value(json_object_get(c, "heap_bytes_added")));
  }
  gcb_columns_end(&t, "", stdout);
}

/* What the costs come to: too much only when even the interval's lower end is. CPU time counts, since it does
 * not hold what other programs took. */
static gcb_exit judge(const json_t *costs) {
  size_t i, measured = 0, failed = 0;
  json_t *c;
  bool dear = false;
  json_array_foreach(costs, i, c) {
    json_t *lo = json_object_get(json_object_get(json_object_get(c, "recording"), "cpu"), "lo");
    measured += json_is_object(c);
    failed += !json_is_object(c);
    dear |= json_is_number(lo) && json_number_value(lo) > .02;
  }
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  return failed      ? GCB_EXIT_CELL_FAILED
         : !measured ? GCB_EXIT_NOTHING
         : dear      ? GCB_EXIT_INCONCLUSIVE
                     : GCB_EXIT_OK;
}

static gcb_exit instrument(const struct gcb_parsed *parsed, const doctor_settings *s, json_t *report) {
  gcb_session session;
  gcb_request request = {.workloads = s->workloads,
                         .collectors = s->collectors,
                         .heaps = s->heaps,
                         .params = s->params,
                         .options = s->options,
                         .invocations = 1,
                         .iterations = s->iterations,
                         .warmups = 1,
                         .mutators = 1,
                         .workers = 1,
                         .seed = s->seed,
                         .timeout_ns = s->timeout,
                         .pin = s->pin};
  gcb_exit status = gcb_session_open(&session, parsed, &request);
  if (status == GCB_EXIT_OK) {
    session.quiet = s->quiet;
    gcb_session_watch(&session);
    json_t *costs = gcb_instrument(&session, s->pairs, s->seed);
    print_costs(costs);
    status = judge(costs);
    json_object_set_new(report, "instrument", costs);
  }
  gcb_session_close(&session);
  return status;
}

gcb_exit gcb_doctor(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const doctor_settings *s = parsed->settings;
  gcb_output json = {.option = "--json", .path = s->json};
  (void)argc, (void)argv;
  if (!gcb_outputs_begin(&json, 1, parsed)) return GCB_EXIT_USAGE;
  json_t *machine = gcb_examine(), *findings = gcb_diagnose(machine);
  json_t *report =
      json_pack("{s:s, s:O, s:O}", "schema", "gcbench.doctor/1", "machine", machine, "findings", findings);
  print_findings(findings);
  gcb_exit status = gcb_unfit(findings) ? GCB_EXIT_INCONCLUSIVE : GCB_EXIT_OK;
  if (s->instrument) {
    fflush(stdout);
    gcb_exit cost = instrument(parsed, s, report);
    if (cost != GCB_EXIT_OK) status = cost;
  }
  if (!gcb_output_json(&json, report)) status = GCB_EXIT_NOTHING;
  json_decref(report);
  json_decref(findings);
  json_decref(machine);
  return status;
}
