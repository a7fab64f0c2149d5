#include "commands/open_session.h"
#include "results/model/called.h"
#include "results/model/clean.h"

gcb_exit gcb_session_open(gcb_session *s, const struct gcb_parsed *parsed, gcb_request *r) {
  gcb_wrong_word wrong;
  char why[700];
  if (!gcb_session_begin(s, r->timeout_ns, why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench %s: %s\n", parsed->command->name, why);
    return GCB_EXIT_NOTHING;
  }
  if (!r->workloads.n || !r->collectors.n) {
    gcb_options_wrong(
        &gcb_program, parsed->command, r->workloads.n ? "--collector" : "--workload", NULL,
        gcb_as_called("nothing is chosen; for example: gcbench %s --workload cycles --collector gen3"),
        parsed->command->name);
    return GCB_EXIT_USAGE;
  }
  gcb_session_expand(s, &r->workloads, &r->collectors);
  if (gcb_plan_make(&s->plan, &s->catalog, r, &wrong)) {
    for (size_t i = 0; i < s->plan.n_groups; i++)
      if (s->plan.groups[i].note[0])
        gcb_print_clean(stderr, "gcbench %s: %s\n", parsed->command->name, s->plan.groups[i].note);
    if (s->plan.repeated)
      fprintf(stderr,
              "gcbench %s: a name or value is given twice: %zu cell%s asked for again, and measured once\n",
              parsed->command->name, s->plan.repeated, s->plan.repeated == 1 ? " is" : "s are");
    return GCB_EXIT_OK;
  }
  if (gcb_interrupted) return GCB_EXIT_INTERRUPTED;
  gcb_options_wrong(&gcb_program, parsed->command, wrong.option, wrong.word, "%s", wrong.why);
  return GCB_EXIT_USAGE;
}
