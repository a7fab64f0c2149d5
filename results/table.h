/* A run as a table that a person can read. */
#ifndef GCB_TABLE_H
#define GCB_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* One block a workload and parameter set, one row a cell; below it the reasons and flags, each once. */
void gcb_table_print(const json_t *run, FILE *out);

#endif
