/* Delta debugging (Zeller and Hildebrandt 2002): the fewest operations and modes that still fail. */
#ifndef GCB_STRESS_SHRINK_H
#define GCB_STRESS_SHRINK_H

#include "stress/program.h"

/* Does this program still show the failure? Called often. */
typedef bool gcb_stress_fails(void *ctx, const gcb_stress_program *p);

/* Shrink in place: chunks of lines, then single lines, then modes, then numbers, until nothing more goes or
 * after `most` trials. Answers how many trials it took. */
uint32_t gcb_stress_shrink(gcb_stress_program *p, gcb_stress_fails *fails, void *ctx, uint32_t most);

#endif
