/* Text in columns, as wide as they need to be: the tables that people read. */
#ifndef GCB_COLUMNS_H
#define GCB_COLUMNS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { GCB_COLUMNS = 16, GCB_COLUMN_TEXT = 128 };

typedef struct gcb_columns {
  const char *heads[GCB_COLUMNS];
  unsigned n, left; /* left: bit set of the columns that are aligned to the left */
  char (*rows)[GCB_COLUMNS][GCB_COLUMN_TEXT];
  size_t n_rows;
} gcb_columns;

/* n headings, which must outlive it. */
void gcb_columns_begin(gcb_columns *t, const char *const *heads, unsigned n, unsigned left);
/* A new row, "-" in every column; without memory the last one is used again. */
void gcb_columns_row(gcb_columns *t);
/* Text of a column of the newest row. */
void gcb_columns_put(gcb_columns *t, unsigned column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Print it with its headings, each line after `indent` (not if out is NULL), and free it. */
void gcb_columns_end(gcb_columns *t, const char *indent, FILE *out);
/* The same as a table in Markdown (pipes in the text escaped). */
void gcb_columns_markdown(gcb_columns *t, FILE *out);

#endif
