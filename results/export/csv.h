/* Raw results as comma-separated values (RFC 4180): one row an iteration, one row a cell that has none. */
#ifndef GCB_CSV_H
#define GCB_CSV_H

#include <jansson.h>
#include <stdio.h>

/* Write the cells of a run (schema gcbench.run/1). Errors show in ferror(out). */
void gcb_csv_write(const json_t *run, FILE *out);

#endif
