/* Where the memory of each cell was at the end of its invocations. */
#ifndef GCB_SPACE_H
#define GCB_SPACE_H

#include <jansson.h>
#include <stdio.h>

/* The space ledgers of the cells as a table, means over invocations: the parts add up to what was committed.
 */
void gcb_space_print(const json_t *cells, FILE *out);

#endif
