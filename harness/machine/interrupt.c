#include "machine/interrupt.h"
#include "results/model/clean.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

volatile int gcb_interrupted;

static struct {
  uint64_t done, total;
  const char *unit;
  char kept[5000], file[4200];
} so_far;

static void interrupt(int number) {
  if (gcb_interrupted) { /* again: at once */
    signal(number, SIG_DFL);
    raise(number);
  }
  gcb_interrupted = number;
}

void gcb_interrupt_watch(void) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {.sa_handler = interrupt}, before;
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    if (signals[i] != SIGHUP || (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN))
      sigaction(signals[i], &action, NULL);
}

void gcb_interrupt_done(uint64_t done, uint64_t total, const char *unit) {
  so_far.done = done;
  so_far.total = total;
  so_far.unit = unit;
}

void gcb_interrupt_kept(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(so_far.kept, sizeof so_far.kept, format, arguments);
  va_end(arguments);
}

void gcb_interrupt_file(const char *path) {
  if (!*so_far.file) snprintf(so_far.file, sizeof so_far.file, "they are in %.4000s", path);
}

bool gcb_interrupt_end(const char *command) {
  if (!gcb_interrupted) return false;
  fflush(stdout);
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
  gcb_print_clean(stderr, "gcbench %s: interrupted by SIG%s", command, sigabbrev_np(gcb_interrupted));
  if (so_far.unit && !so_far.total)
    fprintf(stderr, ": %llu %s done", (unsigned long long)so_far.done, so_far.unit);
  else if (so_far.unit)
    fprintf(stderr, ": %llu of %llu %s done", (unsigned long long)so_far.done,
            (unsigned long long)so_far.total, so_far.unit);
  else
    fputs(" before anything was measured", stderr);
  if (*so_far.kept)
    gcb_print_clean(stderr, ", %s\n", so_far.kept);
  else if (*so_far.file && so_far.done)
    gcb_print_clean(stderr, "; %s. The same command starts afresh\n", so_far.file);
  else
    fputs("; nothing is kept. The same command starts afresh\n", stderr);
  return true;
}
