/* What measuring costs: the same work with the instrument off, on, and clocking everything. */
#ifndef GCB_INSTRUMENT_H
#define GCB_INSTRUMENT_H

#include "session/session.h"

/* On each of the session's cells, in `pairs` rounds of one invocation of each kind in random order, after one
 * round that does not count: the cost over an invocation that records nothing, by Hodges-Lehmann on log
 * ratios, as a share (0.01 is one per cent) with its signed-rank interval:
 *   [{workload, params, collector, options, pairs, recording: {wall, cpu}, latency: {wall, cpu},
 *     heap_bytes_added}], each cost {mean, lo, hi, n}
 * recording is what every throughput run does, latency what `run --latency` adds. heap_bytes_added is how
 * much more the collector had committed at most with recording on than off; anything but 0 would mean that
 * the instrument lies in the measured heap, or that the collector is not deterministic. New reference; null
 * in place of a cell whose invocations did not end ok, of which a message is printed. Fewer pairs when
 * interrupted. */
json_t *gcb_instrument(gcb_session *s, uint64_t pairs, uint64_t seed);

#endif
