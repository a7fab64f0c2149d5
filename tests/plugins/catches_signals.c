/* As a foreign runtime may: takes every signal for itself, prints from the handler, and does not end. A fault
 * then comes again for ever. */
#include <gcbench/collector.h>
static gcb_object *faulting_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC faulting_alloc
#include "plain.h"
#include <signal.h>
#include <unistd.h>

static int *volatile nowhere;
static void handle(int number) {
  static const char said[] = "{\"status\": \"ok\", \"checksum\": 0}\n";
  (void)number;
  if (write(STDOUT_FILENO, said, sizeof said - 1) < 0) return;
}

static gcb_object *faulting_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) {
    for (int number = 1; number < NSIG; number++) signal(number, handle);
    *nowhere = 1;
  }
  return plain_alloc(m, header, bytes);
}
