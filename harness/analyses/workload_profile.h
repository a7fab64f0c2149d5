/* Workload cards: what a workload is like, measured, beside what real programs are like. */
#ifndef GCB_CARD_H
#define GCB_CARD_H

#include "session/session.h"

/* Measure the groups of the session's plan, each on the collector that serves as its reference, which never
 * reclaims. New reference: [{workload, params, status, reason, ...}], see results/README.md. */
json_t *gcb_cards(const gcb_session *s);
void gcb_cards_print(const json_t *cards, FILE *out);

#endif
