/* What a run can be written as. A format is one row of the table. */
#ifndef GCB_FORMATS_H
#define GCB_FORMATS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct gcb_format {
  const char *name;
  const char *meaning; /* one phrase, for the help */
  /* Write a run document. False when the run has nothing to write so, or (see ferror) it could not be. */
  bool (*write)(const json_t *run, FILE *out);
} gcb_format;

extern const gcb_format gcb_formats[];
extern const size_t gcb_n_formats;

/* By name; NULL for an unknown one. */
const gcb_format *gcb_format_find(const char *name);

#endif
