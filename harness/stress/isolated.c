#include "stress/isolated.h"
#include "machine/hang.h"
#include "machine/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HUNG_CPU = 10, HUNG_IDLE = 30 /* seconds */, ANSWER = 16384, SERVERS = 6 };

/* Lines of an answer: counts are added, a finding is kept. True when there was one. */
static bool read_answer(char *answer, gcb_stress_counts *counts, char *finding, size_t size) {
  bool found = false;
  for (char *rest = answer, *line; (line = strsep(&rest, "\n"));) {
    if (line[0] == 'C') gcb_stress_hear(line, counts);
    if (line[0] != 'F' || !line[1]) continue;
    snprintf(finding, size, "%s", line + 2);
    found = true;
  }
  return found;
}

/* All that comes from a process until the end of the stream, or until the line "." alone. False: it hangs. */
static bool receive(pid_t pid, int fd, char *answer, size_t size) {
  struct pollfd wait = {fd, POLLIN, 0};
  size_t n = 0;
  gcb_hang hang;
  gcb_hang_begin(&hang, pid, HUNG_CPU * 1000000000ull, HUNG_IDLE * 1000000000ull);
  answer[0] = 0;
  while (n < size - 1) {
    if (poll(&wait, 1, 500) == 0) {
      if (gcb_hang_look(&hang)) return false;
      continue;
    }
    ssize_t got = read(fd, answer + n, size - 1 - n);
    if (got <= 0) break;
    answer[n += (size_t)got] = 0;
    if (n > 1 && strcmp(answer + n - 2, ".\n") == 0) break;
  }
  return true;
}

/* A finding of the check "harness", which no collector is blamed for. Always true. */
static bool not_started(char *finding, size_t size) {
  snprintf(finding, size, "harness ? 0 a process could not be started: %s", strerror(errno));
  return true;
}

/* What the child prints goes to a file in memory, so that its last words are known; -1 without one. */
static int catch_words(void) {
  return memfd_create("gcbench words", MFD_CLOEXEC);
}

/* Pass the words of an ended child on to standard error, and put the last line before a backtrace behind a
 * finding. Closes the file. */
static void tell_words(int words, char *finding, size_t size) {
  char text[8192], line[160];
  off_t end = words >= 0 ? lseek(words, 0, SEEK_END) : 0;
  off_t from = end > (off_t)sizeof text - 1 ? end - (off_t)(sizeof text - 1) : 0;
  ssize_t n = end > 0 ? pread(words, text, sizeof text - 1, from) : 0;
  if (words >= 0) close(words);
  if (n <= 0) return;
  text[n] = 0;
  if (write(STDERR_FILENO, text, (size_t)n) < 0) return;
  char *mark = strstr(text, GCB_BACKTRACE_MARK);
  if (mark) *mark = 0;
  gcb_last_line(text, line, sizeof line);
  size_t used = size ? strlen(finding) : 0;
  if (line[0] && used < size) snprintf(finding + used, size - used, "; it printed: %s", line);
}

/* Fork; the child runs the program, in `ready` if that is there, and tells on a pipe. */
static bool apart(gcb_stress_run *ready, const gcb_collector *gc, const gcb_stress_program *p,
                  gcb_stress_counts *counts, char *finding, size_t size) {
  static char answer[ANSWER];
  int pipes[2], status = 0;
  if (pipe2(pipes, O_CLOEXEC) != 0) return not_started(finding, size);
  int words = catch_words();
  pid_t parent = getpid(), child = fork();
  if (child < 0) {
    not_started(finding, size);
    if (words >= 0) close(words);
    close(pipes[0]);
    close(pipes[1]);
    return true;
  }
  if (child == 0) {
    gcb_stress_counts own = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    if (words >= 0 && (dup2(words, STDOUT_FILENO) < 0 || dup2(words, STDERR_FILENO) < 0)) _exit(126);
    if (ready) {
      ready->program = p;
      gcb_stress_count_into(ready, &own);
      ready->report = pipes[1];
      gcb_stress_play(ready);
    } else {
      gcb_stress_perform(gc, p, pipes[1], &own);
    }
    gcb_stress_tell(pipes[1], &own);
    _exit(0);
  }
  close(pipes[1]);
  bool hung = !receive(child, pipes[0], answer, sizeof answer);
  close(pipes[0]);
  if (hung) kill(child, SIGKILL);
  waitpid(child, &status, 0);
  finding[0] = 0;
  if (read_answer(answer, counts, finding, size)) {
    tell_words(words, NULL, 0);
    return true;
  }
  if (hung)
    snprintf(finding, size, "hang ? 0 no end after %d s of work, or %d s of waiting", HUNG_CPU, HUNG_IDLE);
  else if (WIFSIGNALED(status))
    snprintf(finding, size, "crash ? 0 killed by signal %d (%s)", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
  else if (WEXITSTATUS(status))
    snprintf(finding, size, "crash ? 0 the process ended with status %d", WEXITSTATUS(status));
  tell_words(words, finding, hung || status ? size : 0);
  return hung || status;
}

bool gcb_stress_apart(const gcb_collector *gc, const gcb_stress_program *p, gcb_stress_counts *counts,
                      char *finding, size_t size) {
  return apart(NULL, gc, p, counts, finding, size);
}

/* ---- heaps that wait ---- */
typedef struct server {
  gcb_stress_start start;
  pid_t pid;
  int to, from;
} server;

static int threads_of_process(void) {
  char line[200];
  int n = 0;
  FILE *f = fopen("/proc/self/status", "r");
  while (f && !n && fgets(line, sizeof line, f)) sscanf(line, "Threads: %d", &n);
  if (f) fclose(f);
  return n;
}

/* The server: programs come as text with its length before, answers go back and end with ".". A runtime with
 * threads of its own does not survive a fork: it says so ("T"), and is not asked again. */
static _Noreturn void serve(const gcb_collector *gc, const gcb_stress_program *first, int in, int out) {
  static gcb_stress_run run;
  gcb_stress_counts counts = {0};
  char finding[700], why[200];
  uint32_t n;
  bool started = gcb_stress_open(&run, gc, first, out, &counts), alone = started && threads_of_process() == 1;
  while (read(in, &n, sizeof n) == sizeof n) {
    char *text = malloc(n + 1);
    gcb_stress_program p;
    for (uint32_t got = 0; text && got < n;) {
      ssize_t k = read(in, text + got, n - got);
      if (k <= 0) _exit(0);
      got += (uint32_t)k;
    }
    if (!text || !gcb_stress_parse(&p, text, n, why, sizeof why)) _exit(2);
    free(text);
    if (started && !alone) {
      dprintf(out, "T\n");
    } else {
      bool found = started && apart(&run, gc, &p, &counts, finding, sizeof finding);
      gcb_stress_tell(out, &counts);
      if (found) dprintf(out, "F %s\n", finding);
    }
    dprintf(out, ".\n");
    gcb_stress_free(&p);
  }
  _exit(0);
}

static bool begin(server *s, const gcb_collector *gc, const gcb_stress_program *p) {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0) return false;
  if (pipe2(from, O_CLOEXEC) != 0) {
    close(to[0]);
    close(to[1]);
    return false;
  }
  pid_t parent = getpid();
  s->pid = fork();
  if (s->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    close(to[1]);
    close(from[0]);
    serve(gc, p, to[0], from[1]);
  }
  close(to[0]);
  close(from[1]);
  s->to = to[1];
  s->from = from[0];
  return s->pid > 0;
}

static void end(server *s) {
  if (s->pid <= 0) return;
  kill(s->pid, SIGKILL);
  waitpid(s->pid, NULL, 0);
  close(s->to);
  close(s->from);
  s->pid = 0;
}

bool gcb_stress_serve(const gcb_collector *gc, const gcb_stress_program *p, gcb_stress_counts *counts,
                      char *finding, size_t size) {
  static server servers[SERVERS];
  static unsigned next;
  static char answer[ANSWER];
  gcb_stress_start start;
  char why[300];
  server *s = NULL;
  if (!gcb_stress_start_of(&start, gc, p, why, sizeof why)) return false;
  for (int i = 0; i < SERVERS && !s; i++)
    if (servers[i].pid > 0 && memcmp(&servers[i].start, &start, sizeof start) == 0) s = &servers[i];
  if (!s) {
    s = &servers[next++ % SERVERS];
    end(s);
    s->start = start;
    if (!begin(s, gc, p)) return not_started(finding, size);
  }
  char *text = gcb_stress_print(p);
  uint32_t n = text ? (uint32_t)strlen(text) : 0;
  bool sent = write(s->to, &n, sizeof n) == sizeof n && write(s->to, text, n) == (ssize_t)n;
  free(text);
  bool whole = sent && receive(s->pid, s->from, answer, sizeof answer);
  size_t got = strlen(answer);
  whole = whole && got > 1 && strcmp(answer + got - 2, ".\n") == 0;
  if (!whole || strchr(answer, 'T') == answer) {
    end(s);
    return apart(NULL, gc, p, counts, finding, size); /* what became of it is told by a run alone */
  }
  return read_answer(answer, counts, finding, size);
}
