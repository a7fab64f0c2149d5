/* A run in the background, and the process of its invocation that is under way. */
#ifndef GCB_TEST_CHILDREN_H
#define GCB_TEST_CHILDREN_H

#include "shell.h"

#include <signal.h>
#include <time.h>

/* The pid of the child of ours that is an invocation on marksweep (the reference run before it is not), or 0.
 */
static inline pid_t find_invocation(pid_t parent) {
  char command[200];
  int pid = 0;
  snprintf(command, sizeof command,
           "ps -o pid=,args= --ppid %d | awk '/gcbench invoke.*collectors.marksweep/ {print $1; exit}'",
           (int)parent);
  FILE *p = popen(command, "r");
  if (p && fscanf(p, "%d", &pid) != 1) pid = 0;
  if (p) pclose(p);
  return pid;
}

static inline pid_t start(const char *const argv[]) {
  pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("out.txt", "w", stdout) || !freopen("err.txt", "w", stderr)) _exit(126);
    execv(GCB_PROGRAM, (char *const *)argv);
    _exit(127);
  }
  return pid;
}

/* However long it takes, but not after the end of the parent. */
static inline pid_t wait_for_invocation(pid_t parent) {
  struct timespec nap = {0, 20000000};
  siginfo_t ended = {0};
  pid_t child = 0;
  while (!child && (waitid(P_PID, (id_t)parent, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || !ended.si_pid)) {
    nanosleep(&nap, NULL);
    child = find_invocation(parent);
  }
  assert_true(child > 0);
  return child;
}

#endif
