#include "measure/rss.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int statm = -1;
static int64_t page;

static void open_statm(void) {
  statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

// /proc/self is resolved when it is opened: a child that kept the descriptor would read its parent's memory.
static void reopen_statm(void) {
  if (statm >= 0) close(statm);
  open_statm();
}

static void start(void) {
  page = sysconf(_SC_PAGESIZE);
  open_statm();
  pthread_atfork(NULL, NULL, reopen_statm);
}

int64_t gcb_rss_bytes(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
  char text[128];
  ssize_t n = statm < 0 ? -1 : pread(statm, text, sizeof text - 1, 0);
  if (n <= 0 || page <= 0) return -1;
  text[n] = '\0';
  char *resident = strchr(text, ' '), *end; // the second field, in pages
  if (!resident) return -1;
  int64_t pages = strtoll(resident, &end, 10);
  return end == resident || pages <= 0 ? -1 : pages * page;
}

int64_t gcb_peak_rss_bytes(void) {
  char text[4096]; // VmHWM is among the first lines
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return -1;
  text[n] = '\0';
  const char *line = strstr(text, "\nVmHWM:");
  long long kib;
  return line && sscanf(line, "\nVmHWM: %lld kB", &kib) == 1 && kib > 0 ? kib * 1024 : -1;
}

bool gcb_peak_rss_reset(void) {
  int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool reset = write(fd, "5", 1) == 1; // 5: the peak only; smaller numbers clear the pages' referenced bits
  close(fd);
  return reset;
}
