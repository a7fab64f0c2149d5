/* As a foreign runtime may: faults on purpose now and then, and its handler jumps back. */
#include <gcbench/collector.h>
static gcb_object *jumping_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC jumping_alloc
#include "plain.h"
#include <setjmp.h>
#include <signal.h>

static int *volatile nowhere;
static sigjmp_buf back;
static void handle(int number) {
  siglongjmp(back, number);
}

static gcb_object *jumping_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (++calls % 500 == 1) {
    signal(SIGSEGV, handle);
    if (!sigsetjmp(back, 1)) *nowhere = 1;
  }
  return plain_alloc(m, header, bytes);
}
