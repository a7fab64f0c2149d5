#include "machine/cgroup.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool gcb_read_text(const char *root, const char *path, char *text, size_t n) {
  char full[PATH_MAX];
  if (snprintf(full, sizeof full, "%s%s", root, path) >= (int)sizeof full) return false;
  int fd = open(full, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t used = 0;
  ssize_t got;
  while (used < n - 1 && (got = read(fd, text + used, n - 1 - used)) > 0) used += (size_t)got;
  close(fd);
  while (used && strchr(" \t\n", text[used - 1])) used--;
  text[used] = '\0';
  return used > 0;
}

/* All of it must be the number: half a number is not what the file says. */
bool gcb_parse_number(const char *text, long long *value) {
  char *end;
  *value = strtoll(text, &end, 10);
  return end != text && !*end;
}

bool gcb_read_number(const char *root, const char *path, long long *value) {
  char text[64];
  return gcb_read_text(root, path, text, sizeof text) && gcb_parse_number(text, value);
}

/* Is the word in the list with commas? */
static bool listed(const char *list, const char *word) {
  size_t n = strlen(word);
  for (; list; list = strchr(list, ','), list = list ? list + 1 : NULL)
    if (strncmp(list, word, n) == 0 && (!list[n] || list[n] == ',')) return true;
  return false;
}

void gcb_cgroup_each(const char *root, const char *controller, gcb_cgroup_visit *visit, void *ctx) {
  char text[8192], folder[PATH_MAX / 2], *rest = text;
  if (!gcb_read_text(root, "/proc/self/cgroup", text, sizeof text)) return;
  /* Each line is `id:controllers:/group`; version 2 has the id 0 and no controllers. */
  for (char *line; (line = strsep(&rest, "\n"));) {
    char *colon = strchr(line, ':'), *group = colon ? strchr(colon + 1, ':') : NULL;
    if (!group || group[1] != '/') continue;
    *group++ = '\0';
    int version = strcmp(line, "0:") == 0 ? 2 : 1;
    if (version == 1 && !listed(colon + 1, controller)) continue;
    int mount = version == 2 ? snprintf(folder, sizeof folder, "/sys/fs/cgroup")
                             : snprintf(folder, sizeof folder, "/sys/fs/cgroup/%s", controller);
    snprintf(folder + mount, sizeof folder - (size_t)mount, "%s", group);
    for (;;) {
      size_t length = strlen(folder);
      while (length > (size_t)mount && folder[length - 1] == '/') folder[--length] = '\0';
      visit(ctx, version, folder);
      if (length <= (size_t)mount) break;
      *strrchr(folder, '/') = '\0';
    }
  }
}

/* ---- memory ---- */

/* Version 1 writes the largest multiple of a page for "no limit". */
static const long long unlimited = LLONG_MAX / 2;

typedef struct memory_walk {
  const char *root;
  gcb_cgroup_memory found;
} memory_walk;

static bool read_in(const memory_walk *w, const char *folder, const char *file, char *text, size_t n) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  return gcb_read_text(w->root, path, text, n);
}

/* The number behind a word, in a file of lines such as `oom_kill 3`; -1: there is none. */
static long long count_of(const memory_walk *w, const char *folder, const char *file, const char *word) {
  char text[8192], *rest = text;
  size_t n = strlen(word);
  long long value;
  if (!read_in(w, folder, file, text, sizeof text)) return -1;
  for (char *line; (line = strsep(&rest, "\n"));)
    if (strncmp(line, word, n) == 0 && line[n] == ' ' && gcb_parse_number(line + n + 1, &value)) return value;
  return -1;
}

static void visit_memory(void *ctx, int version, const char *folder) {
  memory_walk *w = ctx;
  char text[64];
  long long limit, used;
  if (read_in(w, folder, version == 2 ? "memory.max" : "memory.limit_in_bytes", text, sizeof text)) {
    bool numeric = gcb_parse_number(text, &limit);
    w->found.seen |= numeric || !strcmp(text, "max");
    if (numeric && limit >= 0 && limit < unlimited) {
      if ((uint64_t)limit < w->found.limit) w->found.limit = (uint64_t)limit;
      if (!read_in(w, folder, version == 2 ? "memory.current" : "memory.usage_in_bytes", text, sizeof text) ||
          !gcb_parse_number(text, &used))
        used = 0;
      long long cache =
          count_of(w, folder, "memory.stat", version == 2 ? "inactive_file" : "total_inactive_file");
      if (cache > 0) used -= cache < used ? cache : used;
      uint64_t room = used < limit ? (uint64_t)(limit - used) : 0;
      if (room < w->found.room) w->found.room = room;
    }
  }
  /* The innermost group that tells: it counts what happens to its own processes. */
  if (w->found.oom_kills < 0)
    w->found.oom_kills =
        count_of(w, folder, version == 2 ? "memory.events" : "memory.oom_control", "oom_kill");
}

gcb_cgroup_memory gcb_cgroup_memory_of(const char *root) {
  memory_walk w = {root, {.limit = UINT64_MAX, .room = UINT64_MAX, .oom_kills = -1}};
  gcb_cgroup_each(root, "memory", visit_memory, &w);
  return w.found;
}

bool gcb_killed_for_memory(const gcb_cgroup_memory *group, long long kills_before, uint64_t max_rss,
                           uint64_t physical) {
  uint64_t most = group->limit < physical ? group->limit : physical;
  return (kills_before >= 0 && group->oom_kills > kills_before) || max_rss > most / 10 * 9;
}

/* The number of kB behind a word such as "MemAvailable:", in bytes; false: there is none. */
static bool kilobytes(const char *root, const char *path, const char *word, uint64_t *bytes) {
  char text[8192];
  unsigned long long kib;
  if (!gcb_read_text(root, path, text, sizeof text)) return false;
  const char *at = strstr(text, word);
  if (!at || sscanf(at + strlen(word), "%llu kB", &kib) != 1) return false;
  *bytes = (uint64_t)kib * 1024;
  return true;
}

uint64_t gcb_memory_room(const char *root) {
  uint64_t room, mapped;
  struct rlimit address_space;
  if (!kilobytes(root, "/proc/meminfo", "MemAvailable:", &room) &&
      !kilobytes(root, "/proc/meminfo", "MemTotal:", &room))
    room = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
  gcb_cgroup_memory group = gcb_cgroup_memory_of(root);
  if (group.room < room) room = group.room;
  if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY) {
    if (!kilobytes("", "/proc/self/status", "VmSize:", &mapped)) mapped = 0;
    uint64_t left = address_space.rlim_cur > mapped ? address_space.rlim_cur - mapped : 0;
    if (left < room) room = left;
  }
  return room;
}

/* ---- cpus ---- */

typedef struct cpu_walk {
  const char *root;
  double cpus; /* negative: nothing seen yet */
} cpu_walk;

static void visit_cpu(void *ctx, int version, const char *folder) {
  cpu_walk *w = ctx;
  char path[PATH_MAX], text[64];
  long long quota = -1, period = 0;
  if (version == 2) {
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!gcb_read_text(w->root, path, text, sizeof text)) return;
    if (sscanf(text, "%lld %lld", &quota, &period) != 2) quota = -1; /* "max 100000" */
    if (quota < 0 && strncmp(text, "max", 3) != 0) return;
  } else {
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!gcb_read_number(w->root, path, &quota)) return;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (!gcb_read_number(w->root, path, &period)) return;
  }
  double cpus = quota > 0 && period > 0 ? (double)quota / (double)period : 0;
  if (w->cpus <= 0 || (cpus > 0 && cpus < w->cpus)) w->cpus = cpus;
}

double gcb_cgroup_cpus(const char *root) {
  cpu_walk w = {root, -1};
  gcb_cgroup_each(root, "cpu", visit_cpu, &w);
  return w.cpus;
}
