#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool gcb_file_begin(gcb_file *f, const char *path, char *why, size_t why_size) {
  struct stat there;
  memset(f, 0, sizeof *f);
  if ((size_t)snprintf(f->path, sizeof f->path, "%s", path) >= sizeof f->path) {
    snprintf(why, why_size, "%.60s...: the name is too long", path);
    return false;
  }
  if (stat(path, &there) == 0 && S_ISDIR(there.st_mode)) {
    snprintf(why, why_size, "%s is a folder; name a file", path);
    return false;
  }
  snprintf(f->temporary, sizeof f->temporary, "%s.XXXXXX", path);
  int fd = mkstemp(f->temporary);
  if (fd >= 0) {
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    f->out = fdopen(fd, "w");
  }
  if (f->out) return true;
  snprintf(why, why_size, "%s cannot be written: %s", path, strerror(errno));
  if (fd >= 0) {
    close(fd);
    unlink(f->temporary);
  }
  return false;
}

bool gcb_file_commit(gcb_file *f, bool written, char *why, size_t why_size) {
  int error = 0;
  if (fflush(f->out) != 0)
    error = errno;
  else if (ferror(f->out))
    error = EIO;
  else if (!written)
    error = ENOMEM; /* a writer that fails, and not for the file's sake */
  else if (fsync(fileno(f->out)) != 0)
    error = errno;
  if (fclose(f->out) != 0 && !error) error = errno;
  f->out = NULL;
  if (!error && rename(f->temporary, f->path) == 0) return true;
  if (!error) error = errno;
  unlink(f->temporary);
  snprintf(why, why_size, "%s could not be written: %s", f->path, strerror(error));
  return false;
}

void gcb_file_abandon(gcb_file *f) {
  if (!f->out) return;
  fclose(f->out);
  f->out = NULL;
  unlink(f->temporary);
}
