/* One spelling for each value of a parameter or an option, so that cells with equal values are equal cells.
 *
 * Canonical spellings: whole numbers without leading zeros ("08" is "8"), real numbers with the fewest digits
 * that give the same double ("0.10" is "0.1"), sizes in the largest unit that divides them ("4096K" is "4M"),
 * switches in the words of their default ("yes" is "on" where the default is "off"). Options that have the
 * value of their default are left out of a cell; parameters are all in it, so that a new default of a
 * workload begins a new series.
 */
#ifndef GCB_CANONICAL_H
#define GCB_CANONICAL_H

#include <jansson.h>
#include <stdbool.h>

typedef enum gcb_word_type {
  GCB_WORD_UINT,
  GCB_WORD_REAL,
  GCB_WORD_BYTES,
  GCB_WORD_BOOL,
  GCB_WORD_TEXT /* has one spelling only: choices, files, text */
} gcb_word_type;

/* The canonical spelling of `word`, in `out` or, for a text and for what is not of its type, the word itself.
 * `fallback` is the default as the table of options spells it. */
enum { GCB_CANONICAL = 40 };
const char *gcb_canonical_word(gcb_word_type type, const char *word, const char *fallback,
                               char out[GCB_CANONICAL]);

/* Rewrite params and options of a cell that gcbench 0.1.0 wrote, which stored words as they were typed. The
 * types and defaults are those of that version's own workloads and collectors; words of plug-ins stay. False
 * without memory. */
bool gcb_canonical_cell_0_1_0(json_t *cell);
/* The same for each cell of a run document, if its context says that 0.1.0 wrote it. */
bool gcb_canonical_run(json_t *document);

#endif
