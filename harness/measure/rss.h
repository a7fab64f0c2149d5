// How much memory this process has resident: now, and at its most.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Resident bytes now, or -1 when /proc cannot be read. Costs about a microsecond: no allocation, one pread on
// a descriptor that the first call opens and that stays open. Any thread. A forked child gets its own number.
// The kernel counts in batches per cpu or thread, so the number can be off by some hundred KiB in a process
// with many threads.
int64_t gcb_rss_bytes(void);

// The highest residency since the process began, or since the last successful reset; -1 when it cannot be
// read. Any thread; costs tens of microseconds, so call it outside timed regions.
int64_t gcb_peak_rss_bytes(void);

// Lowers the peak to what is resident now, so that a phase can have a peak of its own. False when the system
// does not permit it (a read-only /proc, a kernel without CONFIG_PROC_PAGE_MONITOR): the peak then still
// includes what came before, and the caller must say so. ru_maxrss of a parent's wait4(2) may keep the older
// peak. Any thread.
bool gcb_peak_rss_reset(void);
