/* Is this a run document? What reads one trusts its types; this is where that trust comes from. */
#ifndef GCB_CHECK_H
#define GCB_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether a document has the schema gcbench.run/1 and, wherever README.md names a field that this program
 * reads, a value of its kind. False with a sentence that says where: "cell 3, invocation 1: ...". Fields that
 * README.md does not know are let be. */
bool gcb_check_run(const json_t *run, char *why, size_t why_size);

#endif
