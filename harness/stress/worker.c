#include "worker.h"
#include "../words.h"
#include "generate.h"
#include "run.h"
#include "shrink.h"
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIAL_MS = 10000 };

typedef struct judge {
  const gcb_collector *gc;
  char check[40]; /* what a smaller program must show as well; empty: not known yet */
  char finding[700];
} judge;

/* Run a program in a process of its own. True with its finding (F line without the letter) when it failed. */
static bool trial(const gcb_collector *gc, const gcb_stress_program *p, char *finding, size_t size) {
  int pipes[2];
  if (pipe2(pipes, O_CLOEXEC) != 0) return false;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    gcb_stress_counts counts = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    gcb_stress_perform(gc, p, pipes[1], &counts);
    _exit(0);
  }
  close(pipes[1]);
  struct pollfd wait = {pipes[0], POLLIN, 0};
  size_t n = 0;
  bool hung = false;
  for (uint64_t end = gcb_clock() + TRIAL_MS * 1000000ull; child > 0;) {
    uint64_t now = gcb_clock();
    hung = now >= end || poll(&wait, 1, (int)((end - now) / 1000000) + 1) == 0;
    ssize_t got = hung ? 0 : read(pipes[0], finding + n, size - 1 - n);
    if (got <= 0) break;
    n += (size_t)got;
  }
  close(pipes[0]);
  int status = 0;
  if (child > 0 && hung) kill(child, SIGKILL);
  if (child > 0) waitpid(child, &status, 0);
  finding[n] = 0;
  if (hung) {
    snprintf(finding, size, "hang ? 0 no end after %d s", TRIAL_MS / 1000);
  } else if (WIFSIGNALED(status)) {
    snprintf(finding, size, "crash ? 0 killed by signal %d (%s)", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
  } else {
    if (n < 3 || finding[0] != 'F') return false;
    memmove(finding, finding + 2, n - 1);
    finding[strcspn(finding, "\n")] = 0;
  }
  return true;
}

static bool same_failure(void *ctx, const gcb_stress_program *p) {
  judge *j = ctx;
  char finding[700];
  if (!trial(j->gc, p, finding, sizeof finding)) return false;
  size_t n = strcspn(finding, " ");
  if (j->check[0] && (strlen(j->check) != n || strncmp(j->check, finding, n) != 0)) return false;
  if (n < sizeof j->check) memcpy(j->check, finding, n), j->check[n] = 0;
  memcpy(j->finding, finding, sizeof finding);
  return true;
}

static void shrink(const gcb_collector *gc, gcb_stress_program *p, uint32_t most, int answer) {
  judge j = {.gc = gc};
  if (!same_failure(&j, p)) return;
  /* A wrong heap shows in many ways; a smaller program may show it in another, so any failure counts but the
   * harness's own. */
  j.check[0] = 0;
  gcb_stress_program first;
  if (most && gcb_stress_copy(&first, p)) {
    gcb_stress_shrink(p, same_failure, &j, most);
    j.check[0] = 0;
    if (!same_failure(&j, p)) { /* it fails now and then: keep what failed first */
      gcb_stress_free(p);
      *p = first;
    } else {
      gcb_stress_free(&first);
    }
  }
  char *text = gcb_stress_print(p);
  dprintf(answer, "F %s\nP\n%s", j.finding, text ? text : "");
  free(text);
}

static void tell(int answer, const gcb_stress_counts *c) {
#define X(name)                                                                                              \
  if (c->name) dprintf(answer, "C " #name " %llu\n", (unsigned long long)c->name);
  GCB_STRESS_COUNTS(X)
#undef X
  for (unsigned i = 0; i < GCB_EVENT_KINDS; i++)
    if (c->events[i]) dprintf(answer, "C %s %llu\n", gcb_event_word(i), (unsigned long long)c->events[i]);
}

int gcb_stress_worker(const char *argument, int answer) {
  json_error_t error;
  char why[600];
  json_t *spec = json_loads(argument, 0, &error);
  const char *file = json_string_value(json_object_get(spec, "collector"));
  const char *text = json_string_value(json_object_get(spec, "program"));
  const char *seed_word = json_string_value(json_object_get(spec, "seed"));
  uint64_t seed = seed_word ? strtoull(seed_word, NULL, 10) : 0;
  uint64_t count = (uint64_t)json_integer_value(json_object_get(spec, "count"));
  unsigned modes = (unsigned)json_integer_value(json_object_get(spec, "modes"));
  json_t *most = json_object_get(spec, "shrink");
  gcb_stress_program p;
  gcb_stress_counts counts = {0};
  const gcb_collector *gc = file ? gcb_load_collector(file, why, sizeof why) : NULL;
  if (!gc) return 2;
  if (text ? !gcb_stress_parse(&p, text, strlen(text), why, sizeof why)
           : most && !gcb_stress_generate(&p, seed, modes)) {
    dprintf(answer, "F harness ? 0 %s\n", why);
    return 2;
  }
  if (text || most) {
    shrink(gc, &p, (uint32_t)json_integer_value(most), answer);
    gcb_stress_free(&p);
  }
  for (uint64_t i = 0; i < count; i++) {
    dprintf(answer, "B %llu\n", (unsigned long long)(seed + i));
    if (!gcb_stress_generate(&p, seed + i, modes)) return 2;
    char finding[700];
    if (!(gc->capabilities & GCB_CAP(FOREIGN))) {
      gcb_stress_perform(gc, &p, answer, &counts);
    } else if (trial(gc, &p, finding, sizeof finding)) { /* a foreign runtime starts once in a process */
      dprintf(answer, "F %s\n", finding);
      return 0;
    } else {
      counts.programs++;
    }
    gcb_stress_free(&p);
  }
  tell(answer, &counts);
  json_decref(spec);
  return 0;
}
