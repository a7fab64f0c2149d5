#ifndef GCB_EXPLAIN_PRINT_H
#define GCB_EXPLAIN_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Print a document (gcbench.explain/1) for people: one table for all cells, or, with one cell, all of it. */
void gcb_explain_print(const json_t *document, FILE *out);

#endif
