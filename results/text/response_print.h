/* Response times as a table. */
#ifndef GCB_RESPONSE_PRINT_H
#define GCB_RESPONSE_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Percentiles of cells[from .. to - 1] as a table, if any of them has response times. */
void gcb_response_print(const json_t *cells, size_t from, size_t to, FILE *out);

#endif
