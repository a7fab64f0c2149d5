/* Facts that a measurement must reproduce, judged: what a run document shows beside what is expected of it.
 *
 * A fact is data (harness/analyses/facts.json): figures, each with the interval in which it is expected. A
 * figure has one value a round (the k-th invocation of each cell: they ran close together), and its 95 %
 * interval over the rounds is what is judged: `pass` when it lies inside what is expected, `fail` when it
 * lies outside, `inconclusive` when it is too wide to say, `not shown` when there are no values.
 */
#ifndef GCB_FACTS_H
#define GCB_FACTS_H

#include <jansson.h>
#include <stddef.h>

/* Whether the figures of a fact are well formed; false with a sentence in `why`. */
int gcb_fact_valid(const json_t *fact, char *why, size_t why_size);

/* Judge a fact by the cells of a run document. {name, fact, verdict, figures: [{what, kind, unit, timed,
 * seen: {mean, lo, hi, n} or null, expected: [lo, hi], note, verdict, why}]}; see results/README.md. New
 * reference.
 */
json_t *gcb_fact_judge(const json_t *fact, const json_t *cells);

/* Time that the machine took, by this reason: figures that depend on time and failed become `inconclusive`,
 * and so does the fact, unless an exact figure failed. */
void gcb_fact_doubt(json_t *judged, const char *why);

/* The same for a fact whose run could not be made, for this reason. New reference. */
json_t *gcb_fact_unshown(const json_t *fact, const char *why);

#endif
