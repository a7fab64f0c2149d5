/* A run as a table that a person can read. */
#ifndef GCB_TABLE_H
#define GCB_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* Which columns a table has: those whose keys (row.h) are here, in this order. The one word "all" stands for
 * every column that has something in it. n is 0: as many as fit the width of the screen. */
typedef struct gcb_table_columns {
  const char *const *keys;
  size_t n;
} gcb_table_columns;

/* One block a workload and parameter set, one row a cell; below it the columns that had no room, the reasons
 * and the flags: each once with all cells that it concerns, the shortest first, broken to the width. */
void gcb_table_print(const json_t *run, gcb_table_columns columns, FILE *out);

#endif
