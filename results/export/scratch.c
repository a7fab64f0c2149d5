#include "results/export/scratch.h"
#include "results/export/file.h"
#include "results/model/clean.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What folders are for: gcbench-PURPOSE-XXXXXX. */
static const char *const purposes[] = {"run", "plots", "report"};
enum { RANDOM = 6 }; /* letters that mkdtemp() fills in */

void gcb_scratch_empty(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) return;
  for (struct dirent *d; (d = readdir(dir));)
    if (d->d_name[0] != '.' || (d->d_name[1] && d->d_name[1] != '.')) unlinkat(dirfd(dir), d->d_name, 0);
  closedir(dir);
}

/* The lock of a folder of this user; -1 when it is another's, no folder, or its process lives. */
static int lock_of(const char *path) {
  struct stat is, here;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  if (fstat(fd, &is) == 0 && is.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
      stat(path, &here) == 0 && here.st_ino == is.st_ino)
    return fd;
  close(fd);
  return -1;
}

static bool is_scratch(const char *name) {
  char prefix[40];
  for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++) {
    size_t n = (size_t)snprintf(prefix, sizeof prefix, "gcbench-%s-", purposes[i]);
    if (strncmp(name, prefix, n) == 0 && strlen(name) == n + RANDOM) return true;
  }
  return false;
}

static void remove_stale(const char *tmp) {
  DIR *dir = opendir(tmp);
  if (!dir) return;
  for (struct dirent *d; (d = readdir(dir));) {
    char path[4400];
    if (!is_scratch(d->d_name)) continue;
    snprintf(path, sizeof path, "%s/%s", tmp, d->d_name);
    int lock = lock_of(path);
    if (lock >= 0) gcb_scratch_remove(path, &lock);
  }
  closedir(dir);
}

bool gcb_scratch_make(const char *purpose, char *path, size_t size, int *lock, char *why, size_t why_size) {
  const char *tmp = getenv("TMPDIR");
  if (!tmp || !*tmp) tmp = "/tmp";
  path[0] = 0;
  if (!gcb_is_utf8(tmp, strlen(tmp))) { /* children are told of it in JSON */
    snprintf(why, why_size, "the folder for temporary files: its name is not UTF-8");
    return false;
  }
  remove_stale(tmp);
  /* Another process may take the new folder for a stale one before it is locked: again then. */
  for (int tries = 0; tries < 10; tries++) {
    if ((size_t)snprintf(path, size, "%s/gcbench-%s-XXXXXX", tmp, purpose) >= size) {
      snprintf(why, why_size, "the name of the folder is longer than %zu bytes",
               size - strlen("gcbench--") - strlen(purpose) - RANDOM - 2);
      break;
    }
    if (!mkdtemp(path)) {
      snprintf(why, why_size, "no folder for temporary files could be made in %.200s: %s", tmp,
               gcb_file_trouble(errno));
      break;
    }
    *lock = lock_of(path);
    if (*lock >= 0) return true;
    snprintf(why, why_size, "the folder %.200s for temporary files cannot be locked", path);
    rmdir(path);
  }
  path[0] = 0;
  return false;
}

void gcb_scratch_remove(const char *path, int *lock) {
  gcb_scratch_empty(path);
  rmdir(path);
  if (*lock >= 0) close(*lock);
  *lock = -1;
}
