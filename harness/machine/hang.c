#include "machine/hang.h"
#include "machine/clock.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint64_t MS = 1000000;
enum { UNSEEN_MS = 1000, SCAN_MS = 50, BUSY_SHARE = 50 /* one in 50: 2 % of a cpu */ };

/* CPU time in ns of one process and of its children that were waited for; 0 when it is neither `leader` nor
 * in the group of that process. */
static uint64_t cpu_of_one(const char *pid, pid_t leader) {
  char path[300], line[1024];
  int group;
  unsigned long long user, system;
  long long child_user, child_system;
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  FILE *f = fopen(path, "r");
  if (!f) return 0;
  size_t n = fread(line, 1, sizeof line - 1, f);
  fclose(f);
  line[n] = 0;
  const char *after_name = strrchr(line, ')');
  if (!after_name || sscanf(after_name + 1, " %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
                            &group, &user, &system, &child_user, &child_system) != 5)
    return 0;
  if (group != leader && atoi(pid) != leader) return 0;
  return (user + system + (uint64_t)(child_user + child_system)) *
         (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

static uint64_t cpu_of(pid_t leader) {
  uint64_t sum = 0;
  DIR *processes = opendir("/proc");
  for (const struct dirent *e; processes && (e = readdir(processes));)
    if (e->d_name[0] >= '1' && e->d_name[0] <= '9') sum += cpu_of_one(e->d_name, leader);
  if (processes) closedir(processes);
  return sum;
}

void gcb_hang_begin(gcb_hang *h, pid_t pid, uint64_t cpu_limit_ns, uint64_t idle_limit_ns) {
  *h = (gcb_hang){.pid = pid, .cpu_limit_ns = cpu_limit_ns, .idle_limit_ns = idle_limit_ns};
  gcb_hang_progress(h);
}

void gcb_hang_progress(gcb_hang *h) {
  h->since_ns = h->window_ns = h->looked_ns = gcb_clock();
  h->cpu_known = false;
  h->cpu_ns = 0;
}

bool gcb_hang_look(gcb_hang *h) {
  uint64_t now = gcb_clock(), unseen = now - h->looked_ns;
  h->looked_ns = now;
  if (unseen > UNSEEN_MS * MS) {
    h->since_ns += unseen;
    h->window_ns += unseen;
  }
  if (!h->cpu_known && now - h->since_ns >= SCAN_MS * MS) {
    h->cpu_since_ns = h->cpu_window_ns = cpu_of(h->pid);
    h->scanned_ns = now;
    h->cpu_known = true;
  }
  uint64_t first = h->cpu_limit_ns < h->idle_limit_ns ? h->cpu_limit_ns : h->idle_limit_ns;
  if (!h->cpu_known || now - h->since_ns < first || now - h->scanned_ns < SCAN_MS * MS) return false;
  uint64_t cpu = cpu_of(h->pid);
  h->scanned_ns = now;
  h->cpu_ns = cpu > h->cpu_since_ns ? cpu - h->cpu_since_ns : 0;
  h->idle = false;
  /* Ticks and the first 50 ms are not counted: a tenth of the limit is let off. */
  if (now - h->since_ns >= h->cpu_limit_ns && h->cpu_ns >= h->cpu_limit_ns - h->cpu_limit_ns / 10)
    return true;
  if (now - h->window_ns < h->idle_limit_ns) return false;
  uint64_t used = cpu > h->cpu_window_ns ? cpu - h->cpu_window_ns : 0;
  h->idle = used < (now - h->window_ns) / BUSY_SHARE;
  h->window_ns = now;
  h->cpu_window_ns = cpu;
  return h->idle;
}
