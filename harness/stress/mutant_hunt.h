/* Can the campaign find bugs? It is run on collectors with seeded ones (collectors/common/mutants.h), one
 * alive at a time. In a build without them there is nothing to do. */
#ifndef GCB_STRESS_MUTANTS_H
#define GCB_STRESS_MUTANTS_H

#include "stress/campaign.h"
#include <jansson.h>

/* Whether this build has them. */
bool gcb_stress_has_mutants(void);
/* Run the campaign on each mutant (or the one named), until it is killed or after `time_ns` each; print every
 * verdict, the score, the matrix and the survivors. Unless `json` is NULL it gets the verdicts as a document
 * (schema gcbench.mutants/1; new reference). Number of survivors; -1 when there is no such mutant. */
int gcb_stress_mutants(const gcb_stress_campaign *c, gcb_catalog *catalog, const char *only, uint64_t seed,
                       uint64_t time_ns, json_t **json);

#endif
