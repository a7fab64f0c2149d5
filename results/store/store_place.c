/* Where the store lies: outside the folders of sources, so that cleaning a clone does not delete results. */
#include "results/export/file.h"
#include "results/model/called.h"
#include "results/store/store_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096 };

/* The top of the clone that the running program was built in, from the build tree's CMake cache, two folders
 * above the program. False for an installed program. */
static bool clone_top(char top[PATH]) {
  static const char key[] = "CMAKE_HOME_DIRECTORY:INTERNAL=";
  char path[PATH + 100], line[PATH + 100], *slash;
  ssize_t n = readlink("/proc/self/exe", path, PATH - 1);
  path[n > 0 ? n : 0] = 0;
  for (int up = 0; up < 2; up++) {
    slash = strrchr(path, '/');
    if (!slash) return false;
    *slash = 0;
  }
  strcat(path, "/CMakeCache.txt");
  FILE *in = fopen(path, "r");
  bool found = false;
  while (in && !found && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = 0;
    found = strncmp(line, key, sizeof key - 1) == 0;
    if (found) found = snprintf(top, PATH, "%s", line + sizeof key - 1) < PATH;
  }
  if (in) fclose(in);
  return found;
}

/* Would a store of the clone be kept there? Not where this user cannot write. */
static bool clone_folder(char top[PATH], char *out, size_t size) {
  if (!clone_top(top)) return false;
  snprintf(out, size, "%s/.gcbench", top);
  return access(out, W_OK) == 0 || (errno == ENOENT && access(top, W_OK) == 0);
}

void gcb_store_folder(const char *folder, char *out, size_t size) {
  const char *wish = getenv("GCBENCH_RESULTS"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  char top[PATH];
  if (folder || (wish && *wish))
    snprintf(out, size, "%s", folder ? folder : wish);
  else if (clone_folder(top, out, size))
    return;
  else if (data && *data == '/')
    snprintf(out, size, "%s/gcbench", data);
  else if (home && *home == '/')
    snprintf(out, size, "%s/.local/share/gcbench", home);
  else
    snprintf(out, size, "./.gcbench");
}

/* ---- the folder ---- */

/* A folder of sources is cleaned as a matter of course, and results would go with it. */
static bool has_sources(const char *folder) {
  DIR *d = opendir(folder);
  bool found = false;
  for (struct dirent *e; d && !found && (e = readdir(d));) {
    size_t n = strlen(e->d_name);
    found = strcmp(e->d_name, "CMakeLists.txt") == 0 ||
            (n > 2 && e->d_name[n - 2] == '.' && strchr("ch", e->d_name[n - 1]));
  }
  if (d) closedir(d);
  return found;
}

bool gcb_store_make_folder(const char *folder, char *why, size_t why_size) {
  char path[4096];
  struct stat there;
  snprintf(path, sizeof path, "%s", folder);
  for (char *p = path + 1;; p++) {
    char held = *p;
    if (held && held != '/') continue;
    *p = 0;
    bool made = mkdir(path, 0777) == 0;
    int error = errno;
    if (!made && stat(path, &there) != 0) {
      snprintf(why, why_size, "the folder %s for results cannot be made: %s; name another with --results DIR",
               path, gcb_file_trouble(error));
      return false;
    }
    if (!made && !S_ISDIR(there.st_mode)) {
      snprintf(why, why_size, "%s is a file, not a folder for results; name another with --results DIR",
               path);
      return false;
    }
    *p = held;
    if (!held) break;
  }
  if (!has_sources(folder)) return true;
  snprintf(
      why, why_size,
      "%s is a folder of source files, where results would be lost when it is cleaned; name another with "
      "--results DIR",
      folder);
  return false;
}

/* ---- the old place ---- */

/* Is a run of that store still going on? Its process holds a lock (see store_write.c). */
static bool in_use(const char *locks) {
  struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int fd = open(locks, O_RDWR | O_CLOEXEC);
  bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &f) == 0 && f.l_type != F_UNLCK;
  if (fd >= 0) close(fd);
  return held;
}

/* Put all of a store into its one file, which only succeeds while no other process has it open. */
static bool close_journal(const char *file) {
  sqlite3 *db = NULL;
  bool good =
      sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
      sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; COMMIT",
                   NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_close(db);
  return good;
}

bool gcb_store_move_old(char *said, size_t size) {
  static const char *const parts[] = {GCB_STORE_FILE, "gcbench.running", "baselines"};
  const char *wish = getenv("GCBENCH_RESULTS");
  char top[PATH], folder[PATH + 100], from[PATH + 200], to[PATH + 200], why[PATH + 300];
  if ((wish && *wish) || !clone_folder(top, folder, sizeof folder)) return false;
  snprintf(from, sizeof from, "%s/results/%s", top, GCB_STORE_FILE);
  snprintf(to, sizeof to, "%s/%s", folder, GCB_STORE_FILE);
  if (access(from, F_OK) != 0) return false;
  if (access(to, F_OK) == 0) {
    snprintf(said, size,
             gcb_as_called("an older store is still in %s/results, beside the one in %s: 'gcbench merge "
                           "%s/results' joins them, "
                           "and then delete %s"),
             top, folder, top, from);
    return true;
  }
  snprintf(why, sizeof why, "%s/results/gcbench.running", top);
  if (in_use(why) || !close_journal(from) || !gcb_store_make_folder(folder, why, sizeof why)) {
    snprintf(
        said, size,
        "the store of earlier runs, %s, cannot be moved to %s now, since a process uses it or it cannot be "
        "written; --results %s/results reads it",
        from, folder, top);
    return true;
  }
  for (size_t i = sizeof parts / sizeof *parts; i-- > 0;) { /* the store itself last */
    snprintf(from, sizeof from, "%s/results/%s", top, parts[i]);
    snprintf(to, sizeof to, "%s/%s", folder, parts[i]);
    if (rename(from, to) != 0 && errno != ENOENT) {
      snprintf(said, size, "%s could not be moved to %s: %s", from, to, gcb_file_trouble(errno));
      return true;
    }
  }
  snprintf(said, size,
           "the store of earlier runs was moved from %s/results to %s, where results are kept now", top,
           folder);
  return true;
}
