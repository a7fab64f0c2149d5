/* Control groups of this process, version 1 and 2: what limits it beside the machine. */
#ifndef GCB_CGROUP_H
#define GCB_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy the beginning of a file into text[n], without white space at its end. False when the file cannot be
 * read or is empty. */
bool gcb_read_text(const char *root, const char *path, char *text, size_t n);
/* The whole of `text` as a decimal number; false when it is anything else. */
bool gcb_parse_number(const char *text, long long *value);
/* The file's text as a number. */
bool gcb_read_number(const char *root, const char *path, long long *value);

/* Call visit(ctx, version, folder) for the control group of a controller ("memory", "cpu") that this process
 * is in and for each group around it, from the inside out. `folder` has no root before it; the folder need
 * not exist, because a container does not show the groups around it. `root` is put before every path ("" for
 * this machine). */
typedef void gcb_cgroup_visit(void *ctx, int version, const char *folder);
void gcb_cgroup_each(const char *root, const char *controller, gcb_cgroup_visit *visit, void *ctx);

typedef struct gcb_cgroup_memory {
  bool seen;           /* a limit or "no limit" could be read */
  uint64_t limit;      /* bytes; the tightest limit; UINT64_MAX: none */
  uint64_t room;       /* bytes that are left below the limit that is nearest; UINT64_MAX: no limit */
  long long oom_kills; /* processes of the group that the kernel killed for memory so far; -1: unknown */
} gcb_cgroup_memory;

/* What the memory controllers allow. Page cache that the kernel can drop counts as room. */
gcb_cgroup_memory gcb_cgroup_memory_of(const char *root);

/* Was a process that SIGKILL ended killed for memory? True when the group's count of such kills has risen
 * since `kills_before` (-1: unknown), or when the process's largest resident set, in bytes, was nearly the
 * group's limit or `physical`. */
bool gcb_killed_for_memory(const gcb_cgroup_memory *group, long long kills_before, uint64_t max_rss,
                           uint64_t physical);

/* The tightest cpu quota in cpus: 0.25 is a quarter of one cpu. 0: no quota. Negative: cannot be read. */
double gcb_cgroup_cpus(const char *root);

/* Bytes that this process may still take: the least of what the machine has available, the room of its
 * control groups, and RLIMIT_AS less the mapped bytes. Falls back on physical memory when /proc cannot be
 * read. */
uint64_t gcb_memory_room(const char *root);

#endif
