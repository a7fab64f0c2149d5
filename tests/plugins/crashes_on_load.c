/* Dies as it is loaded, before anybody asked it anything. */
#include "plain.h"
#include <signal.h>

__attribute__((constructor)) static void crash(void) {
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
}
