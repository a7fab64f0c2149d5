#include "results/export/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { READER_MS = 5000, LINKS = 40 };

static bool refuse(char *why, size_t why_size, const char *path, const char *reason) {
  snprintf(why, why_size, "%.4000s cannot be written: %s", path, reason);
  return false;
}

const char *gcb_file_trouble(int error) {
  switch (error) {
  case ENOSPC:
    return "the disk is full; free some space, or write to another disk";
  case EDQUOT:
    return "the disk quota of this user is used up; free some space, or write to another disk";
  case EROFS:
    return "the file system is read-only; write to another one";
  case EFBIG:
    return "the file is larger than the process may write; raise the limit ('ulimit -f')";
  default:
    return strerror(error);
  }
}

/* ---- where it goes ---- */

/* The open descriptor that a name stands for; -1: none. */
static int descriptor_of(const char *path) {
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
  if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    size_t n = strlen(folders[i]),
           digits = strspn(path + (strncmp(path, folders[i], n) ? 0 : n), "0123456789");
    if (strncmp(path, folders[i], n) == 0 && digits && digits < 8 && !path[n + digits]) return atoi(path + n);
  }
  return -1;
}

/* Follow symbolic links at the end of the path, also to a file that is not there yet. */
static bool follow(const char *path, char *to, size_t size) {
  char link[PATH_MAX], next[PATH_MAX];
  if ((size_t)snprintf(to, size, "%s", path) >= size) return errno = ENAMETOOLONG, false;
  for (int i = 0; i < LINKS; i++) {
    ssize_t n = descriptor_of(to) >= 0 ? -1 : readlink(to, link, sizeof link - 1);
    if (n < 0) return true;
    link[n] = 0;
    const char *slash = link[0] == '/' ? NULL : strrchr(to, '/');
    int folder = slash ? (int)(slash + 1 - to) : 0;
    if (snprintf(next, sizeof next, "%.*s%s", folder, to, link) >= (int)sizeof next || strlen(next) >= size)
      return errno = ENAMETOOLONG, false;
    strcpy(to, next);
  }
  return errno = ELOOP, false;
}

/* A FIFO wants a reader: one that is being started beside us gets some seconds. */
static int open_fifo(const char *path) {
  const struct timespec nap = {0, 10000000};
  int fd;
  for (int ms = 0; (fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO; ms += 10) {
    if (ms >= READER_MS) return errno = ENXIO, -1;
    nanosleep(&nap, NULL);
  }
  if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

static bool is_mounted(const char *path) {
  struct statx x;
  return statx(AT_FDCWD, path, 0, STATX_TYPE, &x) == 0 && (x.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* ---- the temporary file ---- */

/* Write for the stream, and keep the errno of the first failure: stdio forgets it. */
static ssize_t write_through(void *cookie, const char *bytes, size_t n) {
  gcb_file *f = cookie;
  size_t done = 0;
  while (done < n && !f->error) {
    ssize_t now = write(f->fd, bytes + done, n - done);
    if (now > 0)
      done += (size_t)now;
    else if (now < 0 && errno != EINTR)
      f->error = errno;
  }
  return (ssize_t)done;
}

static const char suffix[] = ".gcbench-XXXXXX";

/* Remove a temporary file whose process has ended: it is not locked. Root may have given it to the
 * owner of the file that it was to replace. */
static void remove_if_stale(const char *path) {
  struct stat is, here;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  bool stale = fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode) &&
               (is.st_uid == geteuid() || geteuid() == 0) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
               lstat(path, &here) == 0 && here.st_ino == is.st_ino && here.st_dev == is.st_dev;
  if (stale) unlink(path);
  if (fd >= 0) close(fd);
}

/* Remove the temporary files that killed processes have left in the folder of this one. */
static void remove_stale(const char *temporary) {
  const char *slash = strrchr(temporary, '/');
  int n = slash ? (int)(slash + 1 - temporary) : 0;
  char path[PATH_MAX + 300];
  snprintf(path, sizeof path, "%.*s", n, temporary);
  DIR *dir = opendir(n ? path : ".");
  if (!dir) return;
  for (struct dirent *d; (d = readdir(dir));) {
    size_t length = strlen(d->d_name), fixed = strcspn(suffix, "X");
    if (length < sizeof suffix || memcmp(d->d_name + length - (sizeof suffix - 1), suffix, fixed) != 0)
      continue;
    snprintf(path, sizeof path, "%.*s%s", n, temporary, d->d_name);
    remove_if_stale(path);
  }
  closedir(dir);
}

/* A file of that name, locked by this process until it is closed. Where there are no locks, it is not locked,
 * and nobody takes it for stale. */
static int open_locked(char *temporary) {
  char *random = temporary + strlen(temporary) - strspn(suffix + strcspn(suffix, "X"), "X");
  remove_stale(temporary);
  for (int tries = 0; tries < 10; tries++) {
    struct stat is;
    strcpy(random, suffix + strcspn(suffix, "X"));
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) return -1;
    bool taken =
        flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; /* by who thinks that it is stale */
    if (!taken && fstat(fd, &is) == 0 && is.st_nlink > 0) return fd;
    close(fd);
    unlink(temporary);
  }
  return errno = EAGAIN, -1;
}

static bool open_temporary(gcb_file *f, const struct stat *there) {
  int fd = open_locked(f->temporary);
  if (fd < 0) return false;
  mode_t mask = umask(0);
  umask(mask);
  if (f->into < 0) fchmod(fd, there ? there->st_mode & 0777 : 0666 & ~mask);
  if (f->into < 0 && there && fchown(fd, there->st_uid, there->st_gid) != 0) errno = 0; /* stays ours */
  f->fd = fd;
  f->out = fopencookie(f, "w", (cookie_io_functions_t){.write = write_through});
  if (f->out) return true;
  int error = errno;
  close(fd);
  unlink(f->temporary);
  errno = error;
  return false;
}

/* Where what is copied at the end is collected. */
static bool collect_elsewhere(gcb_file *f) {
  const char *folder = getenv("TMPDIR");
  if (!folder || !*folder || access(folder, W_OK | X_OK) != 0) folder = "/tmp";
  snprintf(f->temporary, sizeof f->temporary, "%.4000s/output%s", folder, suffix);
  return open_temporary(f, NULL);
}

static bool begin_descriptor(gcb_file *f, int fd, char *why, size_t why_size) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
    return refuse(why, why_size, f->path,
                  flags < 0 ? gcb_file_trouble(errno) : "the descriptor is open for reading only");
  f->into = fcntl(fd, F_DUPFD_CLOEXEC, 10);
  f->standard = fd == STDOUT_FILENO;
  if (f->into >= 0 && collect_elsewhere(f)) return true;
  return refuse(why, why_size, f->path, gcb_file_trouble(errno));
}

static bool begin_special(gcb_file *f, const struct stat *there, char *why, size_t why_size) {
  if (S_ISBLK(there->st_mode)) return refuse(why, why_size, f->path, "it is a disk");
  if (S_ISSOCK(there->st_mode)) return refuse(why, why_size, f->path, "it is a socket");
  f->into = S_ISFIFO(there->st_mode) ? open_fifo(f->path) : open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (f->into < 0)
    return refuse(why, why_size, f->path,
                  errno == ENXIO ? "nobody reads from it; start its reader first" : gcb_file_trouble(errno));
  return collect_elsewhere(f) || refuse(why, why_size, f->path, gcb_file_trouble(errno));
}

static bool begin_regular(gcb_file *f, const struct stat *there, char *why, size_t why_size) {
  const char *slash = strrchr(f->path, '/'), *name = slash ? slash + 1 : f->path;
  snprintf(f->temporary, sizeof f->temporary, "%.*s%.200s%s", (int)(name - f->path), f->path, name, suffix);
  if (there && access(f->path, W_OK) != 0) return refuse(why, why_size, f->path, gcb_file_trouble(errno));
  if (!(there && is_mounted(f->path)) && open_temporary(f, there)) return true;
  if (!there) return refuse(why, why_size, f->path, gcb_file_trouble(errno));
  f->into = open(f->path, O_WRONLY | O_CLOEXEC);
  return (f->into >= 0 && collect_elsewhere(f)) || refuse(why, why_size, f->path, gcb_file_trouble(errno));
}

bool gcb_file_begin(gcb_file *f, const char *path, char *why, size_t why_size) {
  struct stat there;
  memset(f, 0, sizeof *f);
  f->into = -1;
  if (strlen(path) >= sizeof f->path) {
    snprintf(why, why_size, "%.60s...: the name is too long", path);
    return false;
  }
  if (!follow(path, f->path, sizeof f->path)) return refuse(why, why_size, path, gcb_file_trouble(errno));
  int fd = descriptor_of(f->path);
  bool is = fd < 0 && stat(f->path, &there) == 0, good;
  if (is && S_ISDIR(there.st_mode)) {
    snprintf(why, why_size, "%s is a folder; name a file", path);
    return false;
  }
  if (fd >= 0)
    good = begin_descriptor(f, fd, why, why_size);
  else if (is && !S_ISREG(there.st_mode))
    good = begin_special(f, &there, why, why_size);
  else
    good = begin_regular(f, is ? &there : NULL, why, why_size);
  if (!good && f->into >= 0) close(f->into);
  return good;
}

/* ---- the end ---- */

static bool copy(gcb_file *f) {
  char block[1 << 16];
  struct stat there;
  ssize_t n;
  int in = open(f->temporary, O_RDONLY | O_CLOEXEC);
  if (in < 0) return false;
  bool file = fstat(f->into, &there) == 0 && S_ISREG(there.st_mode) && descriptor_of(f->path) < 0;
  bool good = !file || ftruncate(f->into, 0) == 0;
  while (good && (n = read(in, block, sizeof block)) != 0) {
    if (n < 0) good = errno == EINTR;
    for (ssize_t done = 0, now; good && done<n; done += now> 0 ? now : 0)
      if ((now = write(f->into, block + done, (size_t)(n - done))) < 0 && errno != EINTR) good = false;
  }
  int error = errno;
  if (good && file && fsync(f->into) != 0) good = false, error = errno;
  close(in);
  errno = error;
  return good || (f->standard && error == EPIPE);
}

static void finish(gcb_file *f) {
  if (f->out) close(f->fd);
  f->out = NULL;
  if (f->into >= 0) {
    close(f->into);
    unlink(f->temporary);
  }
  f->into = -1;
}

bool gcb_file_commit(gcb_file *f, bool written, char *why, size_t why_size) {
  int error = 0;
  bool flushed = fclose(f->out) == 0;
  if (f->error || !flushed)
    error = f->error ? f->error : errno;
  else if (!written)
    error = ENOMEM; /* a writer that fails, and not for the file's sake */
  else if (f->into < 0 && fsync(f->fd) != 0)
    error = errno;
  if (!error && !(f->into < 0 ? rename(f->temporary, f->path) == 0 : copy(f))) error = errno;
  if (error && f->into < 0) unlink(f->temporary);
  finish(f);
  if (error) snprintf(why, why_size, "%s could not be written: %s", f->path, gcb_file_trouble(error));
  return !error;
}

void gcb_file_abandon(gcb_file *f) {
  if (!f->out) return;
  fclose(f->out);
  if (f->into < 0) unlink(f->temporary);
  finish(f);
}

/* The folder and the name of a file that need not be there. */
static bool place_of(const gcb_file *f, struct stat *folder, const char **name) {
  char copy[sizeof f->path];
  strcpy(copy, f->path);
  char *slash = strrchr(copy, '/');
  *name = slash ? f->path + (slash + 1 - copy) : f->path;
  if (slash) slash[slash == copy] = 0;
  return stat(slash ? copy : ".", folder) == 0;
}

bool gcb_file_same(const gcb_file *a, const gcb_file *b) {
  struct stat one, other;
  const char *name, *other_name;
  bool is = a->into >= 0 ? fstat(a->into, &one) == 0 : stat(a->path, &one) == 0;
  bool other_is = b->into >= 0 ? fstat(b->into, &other) == 0 : stat(b->path, &other) == 0;
  if (is && S_ISCHR(one.st_mode) && one.st_rdev == makedev(1, 3)) return false; /* /dev/null */
  if (is && other_is) return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
  if (is || other_is || !place_of(a, &one, &name) || !place_of(b, &other, &other_name)) return false;
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && strcmp(name, other_name) == 0;
}
