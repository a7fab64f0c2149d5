/* Judges a machine for measurements: what was found, and what to do about it. */
#ifndef GCB_DOCTOR_H
#define GCB_DOCTOR_H

#include <jansson.h>

/* The machine as gcb_machine_json() describes it, with `noise` and `perf_counters` from probe.h added: what
 * `doctor` judges, and every run records. New reference; takes as long as the spin test, and so does not
 * belong beside a measurement. */
json_t *gcb_examine(void);

/* Findings on a machine so described: [{check, verdict, found, remedy}], one for each check in a fixed order.
 * verdict: "fine"; "note", a reader should know; "bad", numbers from here are not to be trusted before it is
 * put right; "unknown", the machine does not tell. remedy: what to type or do, null when fine. Reads nothing
 * but its argument. New reference. */
json_t *gcb_diagnose(const json_t *machine);

/* Is any finding "bad"? */
int gcb_unfit(const json_t *findings);

#endif
