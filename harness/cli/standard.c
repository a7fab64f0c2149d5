#include "cli/standard.h"
#include "results/export/file.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool gcb_standard_begin(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0) return false;
  return true;
}

void gcb_standard_ignore_signals(void) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

/* An earlier write failed, and its errno is gone: a pipe tells. */
static bool reader_left(void) {
  struct stat there;
  struct pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  return fstat(STDOUT_FILENO, &there) == 0 && (S_ISFIFO(there.st_mode) || S_ISSOCK(there.st_mode)) &&
         poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

bool gcb_standard_end(void) {
  bool failed = fflush(stdout) != 0;
  int error = failed ? errno : 0;
  if ((!failed && !ferror(stdout)) || error == EPIPE || reader_left()) return true;
  fprintf(stderr, "gcbench: standard output could not be written: %s\n",
          error ? gcb_file_trouble(error) : "a write failed; is its disk full?");
  return false;
}
