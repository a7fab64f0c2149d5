/* Dies at its 1000th allocation, and its last words are no UTF-8 and hold a terminal's escape sequence. */
#include <gcbench/collector.h>
static gcb_object *bad_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC bad_alloc
#include "plain.h"
#include <signal.h>
#include <stdio.h>

static gcb_object *bad_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) {
    fprintf(stderr, "bad \xfc byte \033[31m\n");
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
  }
  return plain_alloc(m, header, bytes);
}
