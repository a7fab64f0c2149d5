/* The parent's part: batches of programs, each in a child; findings shrunk, saved, told once. */
#ifndef GCB_STRESS_CAMPAIGN_H
#define GCB_STRESS_CAMPAIGN_H

#include "plan/catalog.h"
#include "stress/generate.h"
#include "stress/program_run.h"

typedef struct gcb_stress_finding {
  struct gcb_stress_finding *next;
  const char *collector, *word, *shared_object; /* the tally's */
  char check[40], operation[40], message[500], file[300], backtrace[4000];
  char seed[24];
  uint32_t operations; /* of the shrunk program */
  uint64_t times;
  double seconds; /* since the collector's first program */
} gcb_stress_finding;

/* What is known of one collector. */
typedef struct gcb_stress_tally {
  char *name;
  char *word; /* as the user wrote it, for commands */
  char *file;
  uint64_t rare; /* GCB_RARE() bits of the paths that there are */
  gcb_stress_counts counts;
  uint64_t ns, batches;
  gcb_stress_finding *findings; /* newest first */
  uint32_t n_findings;
} gcb_stress_tally;

typedef struct gcb_stress_campaign {
  unsigned modes;
  const char *save; /* folder for shrunk programs; NULL: none */
  uint32_t shrink;  /* most trials; 0: do not */
  const volatile int *interrupt;
} gcb_stress_campaign;

/* Run programs of `n` seeds from `seed` on. False when something was found (or it was interrupted). The child
 * is given up for hung after `patience_ns`. */
bool gcb_stress_batch(const gcb_stress_campaign *c, gcb_stress_tally *t, uint64_t seed, uint64_t n,
                      uint64_t patience_ns);
/* Run one program text. Answers the finding, which is the tally's, or NULL when it holds. */
gcb_stress_finding *gcb_stress_replay(const gcb_stress_campaign *c, gcb_stress_tally *t, const char *text,
                                      bool shrink);
/* The command that shows a finding again: by the file of its program, or by its seed where `file` is empty.
 * Quoted for a shell; free() it. NULL without memory. */
char *gcb_stress_command(const char *collector, const char *seed, const char *file, unsigned modes);
/* The command that runs the same in a debugger; it follows the process that runs the program. */
char *gcb_stress_debugger(const gcb_stress_finding *f, unsigned modes);
void gcb_stress_tally_free(gcb_stress_tally *t);

#endif
