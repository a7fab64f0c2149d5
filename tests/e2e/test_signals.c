/* Signals x every command that measures x a phase: the process ends with status 130 and a last line that says
 * how much was done, where it is, and how to go on; nobody is left behind; a file that was being written is
 * whole. */
#include "shell.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static const char *const names[] = {"SIGINT", "SIGTERM", "SIGHUP"};

/* Which work for so long that a signal always comes before their end. */
static const struct {
  const char *arguments;
  int measuring; /* when so many children have been seen, it measures */
} commands[] = {
    {"run -w trees -p depth=9 -c marksweep,gen3 -n 90000 -i 1 -q", 4},
    {"compare -w trees -p depth=9 --a marksweep --b gen3 -n 9000 -i 1 -q", 4},
    {"explain kept.json -n 9000 -q", 6},
    {"minheap -w trees -p depth=13 -c marksweep,semispace,gen3 --repeats 20 -q", 3},
    {"micro -c marksweep,gen3,semispace -q", 3},
    {"nightly suite.yaml -q", 5},
    {"stress -c marksweep --programs 9000000 -q", 2},
    {"soak -w trees -p depth=9 -c marksweep --time 900s -q", 2},
    {"calibrate -q", 4},
    {"check marksweep --stress 900s", 4},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int prepare(void **state) {
  if (enter_scratch(state) != 0) return -1;
  answer a = gcbench("run -w trees -p depth=9 -c marksweep -n 2 -i 1 -q --no-save --json kept.json");
  expect_status(&a, 0);
  answer_free(&a);
  return system(
      "printf 'name: s\\nbudget: 20m\\ncells:\\n  - workloads: [trees]\\n    params: {depth: [9]}\\n"
      "    collectors: [marksweep, gen3]\\n' >suite.yaml");
}

static void nap(void) {
  const struct timespec a_little = {0, 2000000};
  nanosleep(&a_little, NULL);
}

static pid_t start(const char *arguments) {
  char line[1500];
  pid_t pid = fork();
  if (pid) return pid;
  snprintf(line, sizeof line, "exec '%s' %s >out.txt 2>err.txt </dev/null", GCB_PROGRAM, arguments);
  for (int i = 0; i < 3; i++) signal(signals[i], SIG_DFL);
  execl("/bin/sh", "sh", "-c", line, (char *)NULL);
  _exit(127);
}

/* Whether the process takes SIGTERM itself: then it has come to its command. */
static bool takes_signals(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  char *text = slurp(path), *line = strstr(text, "SigCgt:");
  bool takes = line && (strtoull(line + 7, NULL, 16) >> (SIGTERM - 1) & 1);
  free(text);
  return takes;
}

static pid_t newest_child(pid_t pid) {
  char path[80];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
  char *text = slurp(path), *blank;
  while (strlen(text) && (blank = strrchr(text, ' ')) && !blank[1]) *blank = 0;
  blank = strrchr(text, ' ');
  pid_t child = (pid_t)atoi(blank ? blank + 1 : text);
  free(text);
  return child;
}

static bool is_invocation(pid_t child) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)child);
  char *text = slurp(path);
  bool is = strcmp(text + strlen(text) + 1, "invoke") == 0;
  free(text);
  return is;
}

/* Wait until it takes signals, and until it has then had so many children, or so many invocations. */
static void wait_for(pid_t pid, int children, bool invocations) {
  for (int i = 0; i < 30000 && !takes_signals(pid); i++) nap();
  pid_t last = 0;
  for (int i = 0, seen = 0; i < 30000 && seen < children; i++) {
    pid_t child = newest_child(pid);
    if (child && child != last && (!invocations || is_invocation(child))) {
      seen++;
      last = child;
    }
    if (seen < children) nap();
  }
}

static void expect_last_words(pid_t pid, const char *signal_name, const char *what) {
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  answer a = {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
              .out = slurp("out.txt"),
              .err = slurp("err.txt")};
  if (a.status != 130 || !strstr(a.err, "interrupted by")) print_error("%s, %s\n", what, signal_name);
  expect_status(&a, 130);
  char words[60];
  snprintf(words, sizeof words, "interrupted by %s", signal_name);
  expect_contains(a.err, words);
  answer_free(&a);
}

static void any_signal_in_any_phase_ends_with_a_last_line(void **state) {
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++)
    for (int phase = 0; phase < 3; phase++) {
      size_t s = (c + (size_t)phase) % 3;
      pid_t pid = start(commands[c].arguments);
      wait_for(pid,
               phase == 0   ? 0
               : phase == 1 ? 1
                            : commands[c].measuring,
               false); /* planning, reference, .. */
      pid_t child = newest_child(pid);
      kill(pid, signals[s]);
      expect_last_words(pid, names[s], commands[c].arguments);
      for (int i = 0; child && i < 5000 && kill(child, 0) == 0; i++) nap();
      assert_true(!child || kill(child, 0) != 0);
    }
}

static void a_document_that_is_being_written_is_whole(void **state) {
  (void)state;
  for (size_t s = 0; s < 3; s++) {
    char block[4096], *text = calloc(1, 1 << 22);
    size_t n = 0;
    ssize_t k;
    int waiting = 0;
    unlink("fifo");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    int fd = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    fcntl(fd, F_SETPIPE_SZ, 4096);
    pid_t pid = start("run -w trees -p depth=8 -c marksweep -n 3 -i 1 -q --no-save --json fifo");
    for (int i = 0; i < 30000 && waiting < 4096; i++) { /* until it stops in the middle of writing */
      ioctl(fd, FIONREAD, &waiting);
      nap();
    }
    kill(pid, signals[s]);
    for (int i = 0; i < 50; i++) nap();
    fcntl(fd, F_SETFL, 0);
    while ((k = read(fd, block, sizeof block)) > 0 && n + (size_t)k < 1 << 22) {
      memcpy(text + n, block, (size_t)k);
      n += (size_t)k;
    }
    close(fd);
    expect_last_words(pid, names[s], "writing");
    json_t *document = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json_array_get(json_object_get(document, "cells"), 0),
                                                     "invocations")),
                     3);
    json_decref(document);
    free(text);
  }
}

/* The command that the last line ends in, done as it stands. */
static void the_printed_command_does_the_rest(void **state) {
  (void)state;
  pid_t pid = start("run -w trees -p depth=14 -c marksweep -n 4 -i 2 -q --results 'a folder'");
  wait_for(pid, 3, true);
  kill(pid, SIGINT);
  expect_last_words(pid, "SIGINT", "run");
  char *err = slurp("err.txt"), *command = strstr(err, "Go on with: gcbench ");
  expect_contains(err, " of 4 invocations done, kept as run 1 in ");
  assert_non_null(command);
  command += strlen("Go on with: gcbench ");
  command[strcspn(command, "\n")] = 0;
  answer a = gcbench(command);
  expect_status(&a, 0);
  answer_free(&a);
  a = gcbench("export last --results 'a folder' --format json");
  json_t *run = json_loads(a.out, 0, NULL);
  assert_int_equal(
      json_array_size(json_object_get(json_array_get(json_object_get(run, "cells"), 0), "invocations")), 4);
  json_decref(run);
  answer_free(&a);
  free(err);
}

/* Each group's reference runs with its first cell: six of them before anything left nothing to an early stop.
 */
static void a_run_that_is_stopped_early_has_results(void **state) {
  (void)state;
  pid_t pid = start(
      "run -w trees -p depth=12,13,14,15 -p holes=yes,no -c marksweep -n 100 -i 1 -q --json early.json");
  wait_for(pid, 4, true); /* the second cell's, when each has its reference before it */
  kill(pid, SIGINT);
  expect_last_words(pid, "SIGINT", "run");
  json_t *run = load("early.json"), *cell;
  size_t i, done = 0;
  json_array_foreach(json_object_get(run, "cells"), i, cell) done +=
      json_array_size(json_object_get(cell, "invocations"));
  if (!done || done > 20) print_error("%zu invocations\n", done);
  assert_true(done > 0 && done <= 20);
  json_decref(run);
}

/* The work at the end of a run of 2000 cells that is stopped, in its own processor time. */
static void a_sweep_of_many_cells_ends_within_a_second_of_work(void **state) {
  char path[64];
  (void)state;
  pid_t pid = start("run -w trees -p depth=4,5,6,7,8,9,10,11,12,13 -p holes=yes,no -c marksweep "
                    "-H $(seq -s, -f %gx 3 0.05 7.95) -n 2 -i 1 -q");
  wait_for(pid, 40, true);
  snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
  kill(pid, SIGSTOP);
  char *before = slurp(path);
  kill(pid, SIGINT);
  kill(pid, SIGCONT);
  siginfo_t ended;
  assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
  char *after = slurp(path); /* of the zombie */
  double seconds = (strtod(after, NULL) - strtod(before, NULL)) / 1e9;
  if (seconds >= 1) print_error("%.2f s\n", seconds);
  assert_true(strlen(after) > 0 && seconds < 1);
  expect_last_words(pid, "SIGINT", "sweep");
  free(before);
  free(after);
  answer a = gcbench("results");
  expect_status(&a, 0);
  answer_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_signal_in_any_phase_ends_with_a_last_line),
      cmocka_unit_test(a_document_that_is_being_written_is_whole),
      cmocka_unit_test(the_printed_command_does_the_rest),
      cmocka_unit_test(a_run_that_is_stopped_early_has_results),
      cmocka_unit_test(a_sweep_of_many_cells_ends_within_a_second_of_work),
  };
  return cmocka_run_group_tests(tests, prepare, leave_scratch);
}
