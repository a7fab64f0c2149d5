/* True liveness of a run's cells: an invocation of its own each, watched by a shadow (shadow.h). */
#ifndef GCB_LIVENESS_H
#define GCB_LIVENESS_H

#include "session/session.h"

/* Measure a cell and add "liveness" to its result: what the shadow saw, with leaked_bytes, or {reason}. */
void gcb_liveness_measure(const gcb_session *s, gcb_cell *cell);
void gcb_liveness_print(const json_t *cells, FILE *out);

#endif
