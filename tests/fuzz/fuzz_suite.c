/* Suite files: read, or refused with a sentence. */
#include "fuzz.h"
#include "nightly/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[40], why[600] = "";
  gcb_suite suite;
  int fd = memfd_create("suite", 0);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (!gcb_suite_read(&suite, path, why, sizeof why) && !why[0]) abort(); /* refused without a word */
  gcb_suite_free(&suite);
  close(fd);
  return 0;
}
