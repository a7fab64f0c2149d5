/* A page of text, tables and figures, written as HTML or as Markdown by the same calls.
 *
 * Every text is plain: a page quotes what its format needs quoted. Errors of the stream are left for whoever
 * commits the file. */
#ifndef GCB_PAGE_H
#define GCB_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct gcb_page gcb_page;

typedef struct gcb_head {
  const char *text;
  const char *path; /* where the numbers below are in a cell; NULL for none */
  bool left;
  bool wraps; /* its texts may be long */
} gcb_head;

typedef struct gcb_box {
  const char *text;
  double value;     /* for programs that read the page: as stored, unrounded; NAN for none */
  const char *kind; /* a word for the look: "good", "bad", "dim", or NULL */
} gcb_box;

typedef struct gcb_page_format {
  void (*begin)(gcb_page *p, const char *title);
  void (*end)(gcb_page *p);
  void (*heading)(gcb_page *p, int level, const char *id, const char *text); /* id: NULL for none */
  void (*paragraph)(gcb_page *p, const char *kind, const char *text);        /* kind: "lead", "small", NULL */
  /* Of strings, or of {claim, detail}, of which the claim stands out; nothing for none. */
  void (*items)(gcb_page *p, const char *kind, const json_t *texts);
  void (*code)(gcb_page *p, const char *text);
  void (*link)(gcb_page *p, const char *before, const char *href, const char *text);
  void (*contents)(gcb_page *p, const char *const (*ids_and_texts)[2], size_t n);
  void (*table)(gcb_page *p, const gcb_head *heads, size_t n); /* rows follow */
  void (*row)(gcb_page *p, long cell, const gcb_box *boxes);   /* cell: its place in the run; -1: of none */
  void (*table_end)(gcb_page *p);
  void (*figures)(gcb_page *p, bool begin); /* around a group of them */
  /* `drawn` is its whole text, as SVG; `file` where it lies for formats that cannot hold it. */
  void (*figure)(gcb_page *p, const char *title, const char *drawn, const char *file);
} gcb_page_format;

struct gcb_page {
  const gcb_page_format *as;
  FILE *out;
  size_t columns;        /* of the present table */
  const gcb_head *heads; /* of the present table */
};

/* gcb_page_print is HTML on its way to paper: its figures are pictures in files, since what prints it knows
 * less of SVG than a browser does. */
extern const gcb_page_format gcb_page_html, gcb_page_print, gcb_page_markdown;

#endif
