/* limit SECONDS COMMAND...: run a test and end it when it hangs, on any machine.
 *
 * A test that hangs either spins or waits for ever. So two things are limited, neither of which depends on
 * how busy the machine is: the CPU time of all processes of the test together (SECONDS), and how long all of
 * them together may use no CPU time at all (IDLE_SECONDS). A test of a busy machine is slow, but gets some
 * CPU time. At a limit, standard error says which one, with the stacks of the processes if gdb is installed;
 * all processes of the test are killed, and the exit status is 124. Otherwise it is that of the test, 128 + N
 * when it was killed by signal N.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_SECONDS = 180, PROCESSES = 4096, LOOK_MS = 200 };

typedef struct process {
  pid_t pid, parent;
  double cpu; /* seconds, of its own and of those of its children that it waited for */
  int ours;
} process;

static process all[PROCESSES];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Read /proc/PID/stat. 0 when the process is gone. */
static int read_process(const char *pid, process *p) {
  char path[300], line[1000];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  FILE *in = fopen(path, "r");
  size_t n = in ? fread(line, 1, sizeof line - 1, in) : 0;
  if (in) fclose(in);
  line[n] = 0;
  char *end = strrchr(line, ')'); /* the name before it may hold anything */
  unsigned long user, system;
  long children_user, children_system;
  int parent;
  if (!end || sscanf(end + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &parent, &user,
                     &system, &children_user, &children_system) != 5)
    return 0;
  double ticks = (double)sysconf(_SC_CLK_TCK);
  *p = (process){(pid_t)atoi(pid), parent,
                 (double)(user + system) / ticks + (double)(children_user + children_system) / ticks, 0};
  return 1;
}

/* All descendants of this process go to the front of `all`; their number. */
static size_t descendants(void) {
  DIR *proc = opendir("/proc");
  size_t n = 0, ours = 0;
  for (struct dirent *e; proc && n < PROCESSES && (e = readdir(proc));)
    if (isdigit((unsigned char)e->d_name[0])) n += (size_t)read_process(e->d_name, &all[n]);
  if (proc) closedir(proc);
  for (size_t before = 1; before;) { /* until nobody is added: children may come before their parents */
    before = 0;
    for (size_t i = ours; i < n; i++) {
      int is = all[i].parent == getpid();
      for (size_t k = 0; k < ours && !is; k++) is = all[i].parent == all[k].pid;
      if (!is) continue;
      process held = all[i];
      all[i] = all[ours];
      all[ours++] = held;
      before++;
    }
  }
  return ours;
}

/* CPU seconds of the test so far: of those that live, and of those that this process waited for. */
static double cpu_of(size_t n) {
  process self;
  char pid[20];
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  double sum = 0;
  struct timespec own;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  if (read_process(pid, &self)) sum = self.cpu - ((double)own.tv_sec + (double)own.tv_nsec / 1e9);
  for (size_t i = 0; i < n; i++) sum += all[i].cpu;
  return sum;
}

static void print_stacks(size_t n) {
  if (system("command -v gdb >/dev/null 2>&1") != 0) return;
  for (size_t i = 0; i < n && i < 8; i++) {
    char command[200];
    snprintf(command, sizeof command,
             "timeout -s KILL 20 gdb -p %d -batch -ex 'thread apply all bt 12' 2>/dev/null | tail -n 60 >&2",
             (int)all[i].pid);
    fprintf(stderr, "limit: process %d:\n", (int)all[i].pid);
    if (system(command) != 0) return;
  }
}

/* Those that are started meanwhile are seen by the next look. */
static void kill_all(void) {
  for (int looks = 0; looks < 50; looks++) {
    size_t n = descendants();
    if (!n) return;
    for (size_t i = 0; i < n; i++) kill(all[i].pid, SIGKILL);
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    usleep(10000);
  }
}

static volatile sig_atomic_t told; /* the signal that asks to end */
static void tell(int signal) {
  told = signal;
}

int main(int argc, char **argv) {
  double limit = argc > 2 ? atof(argv[1]) : 0;
  if (limit <= 0) {
    fputs("usage: limit SECONDS COMMAND...\n", stderr);
    return 2;
  }
  const char *wish = getenv("GCB_LIMIT_IDLE");
  double idle = wish && atof(wish) > 0 ? atof(wish) : IDLE_SECONDS;
  prctl(PR_SET_CHILD_SUBREAPER, 1); /* processes that lose their parent become ours */
  signal(SIGTERM, tell);
  signal(SIGINT, tell);
  signal(SIGHUP, tell);
  pid_t test = fork();
  if (test < 0) {
    fprintf(stderr, "limit: no process could be started: %s\n", strerror(errno));
    return 125;
  }
  if (test == 0) {
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    execvp(argv[2], argv + 2);
    fprintf(stderr, "limit: %s cannot be started: %s\n", argv[2], strerror(errno));
    _exit(127);
  }
  double start = now(), moved = start, last = -1;
  for (double looked = start;;) {
    int status;
    pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended == test) {
      kill_all(); /* a test leaves nothing behind */
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (ended > 0) continue;
    if (told) {
      kill_all();
      return 128 + told;
    }
    usleep(now() - start < 2 ? 5000 : 50000);
    if (now() - looked < LOOK_MS / 1000.) continue;
    looked = now();
    size_t n = descendants();
    double cpu = cpu_of(n);
    if (cpu > last + .005) {
      last = cpu;
      moved = looked;
    }
    int spins = cpu > limit, waits = looked - moved > idle;
    if (!spins && !waits) continue;
    if (spins)
      fprintf(stderr, "limit: the test used more than its %.0f s of CPU time (%.1f s after %.0f s)\n", limit,
              cpu, looked - start);
    else
      fprintf(stderr,
              "limit: the test used no CPU time for %.0f s (%.1f s in all, after %.0f s): a deadlock\n", idle,
              cpu, looked - start);
    print_stacks(n);
    kill_all();
    return 124;
  }
}
