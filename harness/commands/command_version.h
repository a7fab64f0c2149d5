/* What the program is and was built from, for `gcbench version` and `gcbench --version`. */
#ifndef GCB_COMMAND_VERSION_H
#define GCB_COMMAND_VERSION_H

#include "commands/commands.h"
#include <jansson.h>
#include <stdio.h>

/* Schema gcbench.version/1: {gcbench, commit, compiler, flags, build_type, sanitizer, libraries{},
 * optional[], abi{}}; what is not known is left out. New reference. */
json_t *gcb_version_json(void);
/* The same for people. */
void gcb_version_print(FILE *out);

#endif
