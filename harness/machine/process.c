#include "machine/process.h"
#include "machine/cgroup.h"
#include "machine/clock.h"
#include "machine/doing.h"
#include "machine/hang.h"
#include "machine/trouble.h"
#include "results/model/clean.h"
#include "results/text/shell.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 256 << 20 };

/* What a child is started with, in the parent's descriptors. */
typedef struct ends {
  int answer[2], printed[2], failed[2]; /* pipes; `failed`: errno of what kept exec() from succeeding */
  int argument;                         /* a file in memory; -1: none */
} ends;

static _Noreturn void cannot(int failed) {
  int error = errno;
  if (write(failed, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

/* No core file: it would have the size of what is reserved. 1 byte keeps the kernel from starting a handler
 * of core files too, which 0 does not. */
static void no_core(void) {
  struct rlimit core;
  if (getrlimit(RLIMIT_CORE, &core) != 0) return;
  core.rlim_cur = core.rlim_max < 1 ? core.rlim_max : 1;
  setrlimit(RLIMIT_CORE, &core);
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static _Noreturn void become(const char *program, const char *const argv[], const ends *e, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a killed harness leaves nobody behind */
  if (getppid() != parent) _exit(127);
  int null = open("/dev/null", O_RDONLY);
  /* Out of the way first: one of them may be descriptor 3, or 0. */
  enum { FREE = GCB_ARGUMENT_FD + 1 };
  int failed = fcntl(e->failed[1], F_DUPFD_CLOEXEC, FREE);
  if (failed < 0) cannot(e->failed[1]);
  int high_answer = fcntl(e->answer[1], F_DUPFD_CLOEXEC, FREE),
      high_printed = fcntl(e->printed[1], F_DUPFD_CLOEXEC, FREE),
      high_argument = e->argument < 0 ? -1 : fcntl(e->argument, F_DUPFD_CLOEXEC, FREE);
  if (null < 0 || high_answer < 0 || high_printed < 0 || (e->argument >= 0 && high_argument < 0))
    cannot(failed);
  if (dup2(null, 0) < 0 || dup2(high_printed, 1) < 0 || dup2(high_printed, 2) < 0 ||
      dup2(high_answer, GCB_ANSWER_FD) < 0 ||
      (high_argument >= 0 && dup2(high_argument, GCB_ARGUMENT_FD) < 0))
    cannot(failed);
  if (high_argument < 0) close(GCB_ARGUMENT_FD);
  if (null > GCB_ARGUMENT_FD) close(null);
  no_core();
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  execv(program, (char *const *)argv);
  cannot(failed);
}

/* A runtime that a plug-in opens may want static thread-local storage, of which the loader keeps little for
 * latecomers (Debian's jemalloc does not fit). It reads the wish when the child begins. */
static void ask_for_static_tls(void) {
  const char *tunables = getenv("GLIBC_TUNABLES");
  char all[4096];
  if (tunables && strstr(tunables, "optional_static_tls")) return;
  int n = snprintf(all, sizeof all, "%s%sglibc.rtld.optional_static_tls=16384", tunables ? tunables : "",
                   tunables && *tunables ? ":" : "");
  if (n < (int)sizeof all) setenv("GLIBC_TUNABLES", all, 1);
}

/* Append what can be read; false at the end of the stream. */
static bool drain(int fd, char **at, size_t *n, size_t *max) {
  if (*max - *n < 65536 && *max < ANSWER_MAX) {
    size_t bigger = *max ? 2 * *max : 1 << 18;
    char *moved = realloc(*at, bigger);
    if (!moved) return false;
    *at = moved;
    *max = bigger;
    moved[*n] = 0; /* an answer may stay empty: an older one may have stood here */
  }
  if (*max - *n < 2) return false;
  ssize_t k = read(fd, *at + *n, *max - *n - 1);
  if (k < 0 && errno == EINTR) return true;
  if (k <= 0) return false;
  *n += (size_t)k;
  (*at)[*n] = 0;
  return true;
}

/* Take whole lines of progress off the front of an answer. True when one of them said that an iteration has
 * ended: a line with nothing on it. */
static bool listen_to(gcb_child *child, const gcb_listener *listener) {
  size_t done = 0;
  bool beat = false;
  while (done < child->answer_n && child->answer[done] == GCB_PROGRESS_MARK) {
    char *line = child->answer + done + 1, *end = strchr(line, '\n');
    if (!end) break;
    *end = 0;
    if (end == line)
      beat = true;
    else if (listener)
      listener->hear(listener->ctx, line);
    done = (size_t)(end + 1 - child->answer);
  }
  if (!done) return false;
  child->answer_n -= done;
  memmove(child->answer, child->answer + done, child->answer_n + 1);
  return beat;
}

static bool drain_tail(int fd, char *tail, size_t size) {
  char chunk[2048]; /* less than `size` */
  ssize_t k = read(fd, chunk, sizeof chunk);
  if (k < 0 && errno == EINTR) return true;
  if (k <= 0) return false;
  size_t have = strlen(tail), fresh = (size_t)k;
  if (have + fresh >= size) {
    size_t drop = have + fresh - (size - 1);
    memmove(tail, tail + drop, have - drop);
    have -= drop;
  }
  memcpy(tail + have, chunk, fresh);
  tail[have + fresh] = 0;
  return true;
}

/* Ask whether the child was stopped or continued since the last time. `stopped`: when it was seen stopped; 0:
 * it is not. */
static void see_stops(gcb_child *child, pid_t pid, uint64_t *stopped) {
  siginfo_t about = {0};
  if (waitid(P_PID, (id_t)pid, &about, WSTOPPED | WCONTINUED | WNOHANG) || about.si_pid != pid) return;
  uint64_t now = gcb_clock();
  bool stops = about.si_code == CLD_STOPPED;
  if (stops || !*stopped) child->stops++;
  if (*stopped) child->stopped_ns += now - *stopped;
  *stopped = stops ? now : 0;
}

static void reap(gcb_child *child, pid_t pid, gcb_hang *hang, const volatile int *interrupt) {
  struct rusage used = {0};
  int status = 0;
  for (;;) {
    pid_t got = wait4(pid, &status, child->end == GCB_CHILD_EXITED ? WNOHANG : 0, &used);
    if (got == pid) break;
    if (got < 0 && errno != EINTR) break;
    if (child->end != GCB_CHILD_EXITED) continue;
    if ((interrupt && *interrupt) || gcb_hang_look(hang)) {
      child->end = interrupt && *interrupt ? GCB_CHILD_INTERRUPTED : GCB_CHILD_TIMED_OUT;
      kill(-pid, SIGKILL);
    } else {
      usleep(200);
    }
  }
  child->max_rss = (uint64_t)used.ru_maxrss * 1024;
  kill(-pid, SIGKILL); /* whatever it may have started */
  if (child->end != GCB_CHILD_EXITED) return;
  child->end = WIFSIGNALED(status) ? GCB_CHILD_SIGNALLED : GCB_CHILD_EXITED;
  child->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* The words of a child may hold anything: made fit for JSON and for a terminal. What is longer then is cut at
 * its beginning, like the words themselves. */
static void clean_words(char *words, size_t size) {
  char clean[4 * sizeof((gcb_child *)0)->printed + 1];
  size_t n = gcb_clean(clean, sizeof clean, words, strlen(words)), from = n < size ? 0 : n - (size - 1);
  while ((clean[from] & 0xc0) == 0x80) from++; /* not inside a character */
  memcpy(words, clean + from, n - from + 1);
}

static void shut(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* The argument in a file of its own, without a name; false with errno. */
static bool hold(const char *argument, int *fd) {
  size_t n = strlen(argument), done = 0;
  *fd = memfd_create("gcbench argument", MFD_CLOEXEC);
  while (*fd >= 0 && done < n) {
    ssize_t k = write(*fd, argument + done, n - done);
    if (k < 0 && errno != EINTR) return false;
    if (k > 0) done += (size_t)k;
  }
  return *fd >= 0 && lseek(*fd, 0, SEEK_SET) == 0;
}

/* Start the program; its process, or -1 with errno, also when exec() failed in it. */
static pid_t begin_child(const char *program, const char *const argv[], const char *argument, ends *e) {
  *e = (ends){{-1, -1}, {-1, -1}, {-1, -1}, -1};
  int error = 0;
  pid_t parent = getpid(), pid = -1;
  if (pipe2(e->answer, O_CLOEXEC) == 0 && pipe2(e->printed, O_CLOEXEC) == 0 &&
      pipe2(e->failed, O_CLOEXEC) == 0 && (!argument || hold(argument, &e->argument)))
    pid = fork();
  if (pid < 0) error = errno;
  if (pid == 0) become(program, argv, e, parent);
  shut(&e->answer[1]);
  shut(&e->printed[1]);
  shut(&e->failed[1]);
  shut(&e->argument);
  ssize_t k = 0;
  while (pid > 0 && (k = read(e->failed[0], &error, sizeof error)) < 0 && errno == EINTR) {
  }
  shut(&e->failed[0]);
  if (pid > 0 && k > 0) {
    waitpid(pid, NULL, 0);
    pid = -1;
  }
  errno = error;
  return pid;
}

/* `text` holds the end of what was printed: the words before the backtrace go to `printed`, which keeps their
 * end, and the frames to `backtrace`. */
static void divide(char *text, gcb_child *child) {
  char *mark = strstr(text, GCB_BACKTRACE_MARK "\n");
  if (mark) {
    char *frames = mark + strlen(GCB_BACKTRACE_MARK "\n");
    size_t n = gcb_clean(child->backtrace, sizeof child->backtrace, frames, strlen(frames));
    while (n && child->backtrace[n - 1] == '\n') child->backtrace[--n] = 0;
    *mark = 0;
  }
  size_t n = strlen(text), size = sizeof child->printed;
  memcpy(child->printed, n < size ? text : text + n - (size - 1), n < size ? n + 1 : size);
}

static void run_with(const char *program, const char *const argv[], const char *argument, uint64_t timeout_ns,
                     const volatile int *interrupt, const gcb_listener *listener, gcb_child *child) {
  ends e;
  char text[8192] = "";
  size_t max = 0;
  uint64_t start = gcb_clock(), stopped = 0;
  gcb_hang hang = {0};
  *child = (gcb_child){.end = GCB_CHILD_NOT_STARTED};
  ask_for_static_tls();
  long long oom_kills = gcb_cgroup_memory_of("").oom_kills;
  pid_t pid = begin_child(program, argv, argument, &e);
  child->code = errno;
  if (pid < 0) gcb_trouble("a process could not be started: %s", strerror(child->code));
  if (pid > 0) {
    setpgid(pid, pid);
    child->end = GCB_CHILD_EXITED;
    child->code = 0;
    gcb_hang_begin(&hang, pid, timeout_ns, timeout_ns);
    struct pollfd wait[2] = {{e.answer[0], POLLIN, 0}, {e.printed[0], POLLIN, 0}};
    /* A process that it left behind may hold the pipes open: the child's own end is looked at too. */
    while (wait[0].fd >= 0 || wait[1].fd >= 0) {
      see_stops(child, pid, &stopped);
      if ((interrupt && *interrupt) || gcb_hang_look(&hang)) {
        child->end = interrupt && *interrupt ? GCB_CHILD_INTERRUPTED : GCB_CHILD_TIMED_OUT;
        kill(-pid, SIGKILL);
        break;
      }
      gcb_doing_tick();
      if (poll(wait, 2, 100) < 0 && errno != EINTR) break;
      if (wait[0].revents && !drain(e.answer[0], &child->answer, &child->answer_n, &max)) wait[0].fd = -1;
      if (child->answer && listen_to(child, listener)) gcb_hang_progress(&hang);
      if (wait[1].revents && !drain_tail(e.printed[0], text, sizeof text)) wait[1].fd = -1;
      siginfo_t ended = {0};
      if (!wait[0].revents && !wait[1].revents &&
          waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid)
        break;
      wait[0].revents = wait[1].revents = 0;
    }
    reap(child, pid, &hang, interrupt);
    child->silent_ns = gcb_clock() - hang.since_ns;
    child->silent_cpu_ns = hang.cpu_ns;
    child->idle = hang.idle;
    gcb_cgroup_memory group = gcb_cgroup_memory_of("");
    child->out_of_memory =
        child->end == GCB_CHILD_SIGNALLED && child->code == SIGKILL &&
        gcb_killed_for_memory(&group, oom_kills, child->max_rss,
                              (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
  }
  shut(&e.answer[0]);
  shut(&e.printed[0]);
  divide(text, child);
  clean_words(child->printed, sizeof child->printed);
  child->ns = gcb_clock() - start;
}

void gcb_child_run(const char *word, const char *argument, uint64_t timeout_ns, const volatile int *interrupt,
                   gcb_child *child) {
  gcb_child_run_heard(word, argument, timeout_ns, interrupt, NULL, child);
}

void gcb_child_run_heard(const char *word, const char *argument, uint64_t timeout_ns,
                         const volatile int *interrupt, const gcb_listener *listener, gcb_child *child) {
  enum { SHORT = 32 << 10 }; /* Linux takes 128 KiB; what is short is to be seen in a list of processes */
  bool in_file = argument[0] == '@' || strlen(argument) > SHORT;
  const char *const argv[] = {"gcbench", word, in_file ? "@" : argument, NULL};
  run_with("/proc/self/exe", argv, in_file ? argument : NULL, timeout_ns, interrupt, listener, child);
}

void gcb_child_run_program(const char *program, const char *const argv[], uint64_t timeout_ns,
                           const volatile int *interrupt, const gcb_listener *listener, gcb_child *child) {
  run_with(program, argv, NULL, timeout_ns, interrupt, listener, child);
}

void gcb_last_line(const char *text, char *line, size_t size) {
  size_t end = strlen(text);
  while (end && (text[end - 1] == '\n' || text[end - 1] == ' ')) end--;
  size_t begin = end;
  while (begin && text[begin - 1] != '\n') begin--;
  if (end - begin >= size) begin = end - (size - 1);
  gcb_clean(line, size, text + begin, end - begin);
  for (char *tab = line; (tab = strchr(tab, '\t'));) *tab = ' ';
}

void gcb_child_explain(const gcb_child *child, char *why, size_t why_size) {
  char said[160];
  int n = 0;
  switch (child->end) {
  case GCB_CHILD_EXITED:
    n = snprintf(why, why_size, "the process ended with status %d and no result", child->code);
    break;
  case GCB_CHILD_SIGNALLED:
    n = snprintf(why, why_size, "killed by signal %d (%s)", child->code, strsignal(child->code));
    if (child->backtrace[0] && n > 0 && (size_t)n < why_size)
      n += snprintf(why + n, why_size - (size_t)n, " at %.*s", (int)strcspn(child->backtrace, "\n"),
                    child->backtrace);
    if (child->out_of_memory && n > 0 && (size_t)n < why_size)
      n += snprintf(why + n, why_size - (size_t)n,
                    ": the kernel ended it for want of memory, %.0f MiB resident; memory here is limited by "
                    "the machine or its control group ('gcbench doctor' shows the limit)",
                    (double)child->max_rss / 1048576);
    break;
  case GCB_CHILD_TIMED_OUT:
    n = snprintf(why, why_size, "no result after %.1f s", (double)child->ns / 1e9);
    if (child->silent_ns + 100000000 < child->ns && n > 0 && (size_t)n < why_size)
      n += snprintf(why + n, why_size - (size_t)n, ", and no iteration ended in the last %.1f s",
                    (double)child->silent_ns / 1e9);
    if (n > 0 && (size_t)n < why_size)
      n += child->idle ? snprintf(why + n, why_size - (size_t)n, "; it waited and used almost no CPU time")
                       : snprintf(why + n, why_size - (size_t)n, "; it used %.1f s of CPU time in them",
                                  (double)child->silent_cpu_ns / 1e9);
    break;
  case GCB_CHILD_INTERRUPTED:
    n = snprintf(why, why_size, "interrupted");
    break;
  case GCB_CHILD_NOT_STARTED:
    n = snprintf(why, why_size, "the process could not be started: %s", strerror(child->code));
    break;
  }
  gcb_last_line(child->printed, said, sizeof said);
  if (said[0] && n > 0 && (size_t)n < why_size)
    snprintf(why + n, why_size - (size_t)n, "; it printed: %s", said);
}

char *gcb_read_all(int fd) {
  size_t n = 0, room = 1 << 16;
  char *text = malloc(room);
  for (ssize_t k = 1; text && k != 0;) {
    if (room - n < 2) {
      char *moved = realloc(text, room *= 2);
      if (!moved) free(text);
      text = moved;
      if (!text) break;
    }
    k = read(fd, text + n, room - n - 1);
    if (k < 0 && errno != EINTR) {
      int error = errno;
      free(text);
      errno = error;
      return NULL;
    }
    if (k > 0) n += (size_t)k;
    text[n] = 0;
  }
  return text;
}

char *gcb_debugger_command(const char *word, const char *argument) {
  char program[4096];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  return gcb_shell_command((const char *const[]){"gdb", "-ex", "set follow-fork-mode child", "--args",
                                                 program, word, argument, NULL});
}
