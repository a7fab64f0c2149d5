#include "plan/cpu_locks.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Open once: closing any descriptor of the file would drop all of the process's locks. */
static int locks = -1;

static bool open_locks(const char *file) {
  static const char *const usual[] = {"/dev/shm/gcbench-cpus", "/tmp/gcbench-cpus"};
  for (size_t i = 0; locks < 0 && i < sizeof usual / sizeof *usual; i++) {
    const char *path = file ? file : usual[i];
    /* Another user's file in a sticky folder cannot be opened for creation. */
    locks = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (locks < 0) locks = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (locks >= 0) fchmod(locks, 0666); /* whatever the mask is: all users of the machine share it */
  }
  return locks >= 0;
}

/* The process that has the lock of a cpu; 0: none, -1: one of another pid namespace. */
static pid_t holder(int cpu) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = cpu, .l_len = 1};
  if (fcntl(locks, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
  return lock.l_pid > 0 ? lock.l_pid : -1;
}

static void note_shared(struct gcb_placement *p, int cpu, pid_t pid) {
  size_t used = strlen(p->note);
  if (pid > 0)
    snprintf(p->note + used, sizeof p->note - used, "%scpu %d is shared with gcbench process %d",
             used ? "; " : "", cpu, (int)pid);
  else
    snprintf(p->note + used, sizeof p->note - used, "%scpu %d is shared with another gcbench",
             used ? "; " : "", cpu);
}

/* Take the locks of the placement's cpus; those that others have are noted, each once. */
static void take(struct gcb_placement *p) {
  size_t n = p->mutators + p->workers;
  for (size_t i = 0; i < n; i++) {
    int cpu = p->mutator_cpu[i]; /* the workers' follow the mutators' */
    bool again = cpu < 0;
    for (size_t k = 0; k < i; k++) again |= p->mutator_cpu[k] == cpu;
    if (again) continue;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = cpu, .l_len = 1};
    pid_t pid = holder(cpu);
    if (pid == 0 && fcntl(locks, F_SETLK, &lock) == 0) continue;
    if (pid == 0) pid = holder(cpu); /* taken between the two calls */
    if (pid != 0) note_shared(p, cpu, pid);
  }
}

bool gcb_place_beside(const char *file, struct gcb_topology *t, const char *policy, size_t mutators,
                      size_t workers, struct gcb_placement *out, char *why, size_t n) {
  bool open = open_locks(file), placed = false;
  hwloc_bitmap_t all = t->allowed, left = open && strcmp(policy, "auto") == 0 ? hwloc_bitmap_dup(all) : NULL;
  if (left) {
    unsigned cpu;
    hwloc_bitmap_foreach_begin(cpu, all) if (holder((int)cpu) != 0) hwloc_bitmap_clr(left, cpu);
    hwloc_bitmap_foreach_end();
    if (hwloc_bitmap_weight(left) >= (int)(mutators + workers)) {
      t->allowed = left;
      placed = gcb_place_invocation(t, policy, mutators, workers, out, why, n);
      t->allowed = all;
    }
    hwloc_bitmap_free(left);
  }
  placed = placed || gcb_place_invocation(t, policy, mutators, workers, out, why, n);
  if (placed && open) take(out);
  return placed;
}
