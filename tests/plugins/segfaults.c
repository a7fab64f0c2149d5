/* Dies of a segmentation fault at its 1000th allocation: raised, so that no sanitizer puts words in its
 * place. */
#include <gcbench/collector.h>
static gcb_object *crashing_alloc(gcb_mutator *m, uint64_t header, size_t bytes);
#define PLAIN_ALLOC crashing_alloc
#include "plain.h"
#include <signal.h>

static gcb_object *crashing_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  static uint32_t calls;
  if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == 1000) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  }
  return plain_alloc(m, header, bytes);
}
