#include "machine/trouble.h"
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

static bool in_trouble;

bool gcb_in_trouble(void) {
  return in_trouble;
}

void gcb_trouble(const char *format, ...) {
  va_list args;
  if (in_trouble) return;
  in_trouble = true;
  fputs("gcbench: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

bool gcb_trouble_files(void) {
  enum { NEEDED = 64 };
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= NEEDED) return true;
  files.rlim_cur = files.rlim_max < NEEDED ? files.rlim_max : NEEDED;
  if (files.rlim_cur == NEEDED && setrlimit(RLIMIT_NOFILE, &files) == 0) return true;
  gcb_trouble(
      "this process may open %llu files, and gcbench needs %d: raise the limit, as with 'ulimit -n 1024'",
      (unsigned long long)files.rlim_max, NEEDED);
  return false;
}
