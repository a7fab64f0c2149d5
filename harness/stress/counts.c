/* Counts on their way from the process that runs programs to the one that adds up. */
#include "runtime/enum_names.h"
#include "stress/program_run.h"
#include <stdio.h>
#include <unistd.h>

void gcb_stress_tell(int report, gcb_stress_counts *c) {
  char text[4096];
  size_t n = 0;
#define TELL(name, value)                                                                                    \
  if (value && n < sizeof text - 100)                                                                        \
  n += (size_t)snprintf(text + n, 100, "C %s %llu\n", name, (unsigned long long)(value))
#define X(name) TELL(#name, c->name);
  GCB_STRESS_COUNTS(X)
#undef X
  for (unsigned i = 0; i < GCB_EVENT_KINDS; i++) TELL(gcb_event_word(i), c->events[i]);
#undef TELL
  for (size_t at = 0; at < n;) {
    ssize_t written = write(report, text + at, n - at);
    if (written <= 0) break;
    at += (size_t)written;
  }
  *c = (gcb_stress_counts){0};
}

void gcb_stress_hear(const char *line, gcb_stress_counts *c) {
  char name[64];
  unsigned long long value;
  if (sscanf(line, "C %63s %llu", name, &value) != 2) return;
#define X(field)                                                                                             \
  if (strcmp(name, #field) == 0) c->field += value;
  GCB_STRESS_COUNTS(X)
#undef X
  for (unsigned i = 0; i < GCB_EVENT_KINDS; i++)
    if (strcmp(name, gcb_event_word(i)) == 0) c->events[i] += value;
}
