/* A cell as a row of a table: which columns there are, and what stands in them. */
#ifndef GCB_ROW_H
#define GCB_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { GCB_ROW_TEXT = 128 };

typedef struct gcb_row_column {
  const char *head;
  const char *path; /* where the number is in the cell: "summary/wall_ns/mean"; NULL: it is not one number */
  bool left;        /* aligned to the left */
  bool optional;    /* to be shown only where some row has it */
  bool wide;        /* only where there is room for more than a terminal has */
  void (*put)(const json_t *cell, const char *path, char *text);
  const char *key; /* its name for --columns */
  unsigned rank;   /* 0: never left out for want of room; of the others the largest goes first */
} gcb_row_column;

extern const gcb_row_column gcb_row_columns[];
extern const size_t gcb_n_row_columns;

/* The text of a cell in a column, into GCB_ROW_TEXT bytes: "-" where it is not known, or the cell did not end
 * ok. */
void gcb_row_put(const gcb_row_column *column, const json_t *cell, char *text);
/* Is there anything in this column for any of the cells from .. to - 1? */
bool gcb_row_any(const gcb_row_column *column, const json_t *cells, size_t from, size_t to);
/* The column of this key; NULL when there is none. */
const gcb_row_column *gcb_row_find(const char *key);
/* The number at a path; NAN where there is none. */
double gcb_row_number(const json_t *cell, const char *path);
/* Are these cells of one table: the same workload and parameters? */
bool gcb_row_same_table(const json_t *a, const json_t *b);

#endif
