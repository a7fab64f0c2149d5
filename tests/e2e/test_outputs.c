/* Every kind of file x every command that writes: a regular file is replaced whole, whatever else is there is
 * written into, and what cannot be written is refused with status 2 before anything is measured. */
#include "shell.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

/* Each takes the file where %s stands. Those that measure for long are only shown what they must refuse. */
static const struct {
  const char *arguments;
  bool quick, json; /* json: what is written is JSON */
} commands[] = {
    {"run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --no-save --json '%s'", true, true},
    {"run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --no-save --csv '%s'", true, false},
    {"run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --no-save --benchmark_out '%s'", false, true},
    {"compare stored other --json '%s'", true, true},
    {"compare -w trees -p depth=8 --a marksweep --b semispace -n 6 -i 1 --no-save --run-json '%s'", true,
     true},
    {"explain stored -n 3 -q --json '%s'", true, true},
    {"explain stored -n 3 -q --run-json '%s'", false, true},
    {"minheap -w trees -p depth=8 -c marksweep --json '%s'", false, true},
    {"soak -w trees -p depth=8 -c marksweep --time 1s --json '%s'", true, true},
    {"micro -c marksweep --json '%s'", false, true},
    {"check marksweep --only objects --json '%s'", true, true},
    {"check marksweep --only objects --junit '%s'", false, false},
    {"calibrate --json '%s'", false, true},
    {"doctor --json '%s'", false, true},
    {"history --json '%s'", true, true},
    {"nightly suite.yaml --json '%s'", false, true},
    {"nightly suite.yaml --junit '%s'", false, false},
    {"stress -c marksweep --programs 2 --json '%s'", true, true},
    {"export stored --format csv --output '%s'", true, false},
    {"export stored --format json --output '%s'", true, true},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int prepare(void **state) {
  if (enter_scratch(state) != 0) return -1;
  static const char *const runs[] = {"stored", "other"};
  for (size_t i = 0; i < 2; i++) {
    char line[200];
    snprintf(line, sizeof line, "run -w trees -p depth=8 -c marksweep -n 2 -i 1 -q --save %s", runs[i]);
    answer a = gcbench(line);
    expect_status(&a, 0);
    answer_free(&a);
  }
  return system("printf 'name: s\\nbudget: 1m\\ncells:\\n  - workloads: [trees]\\n    params: {depth: [8]}\\n"
                "    collectors: [marksweep]\\n' >suite.yaml");
}

static answer write_to(size_t command, const char *file) {
  char line[1000];
  snprintf(line, sizeof line, commands[command].arguments, file);
  return gcbench(line);
}

/* A command's own verdict (of two runs of a few milliseconds) is not what is tested here. */
static void expect_done(size_t command, const answer *a) {
  if (a->status == 2 || a->status > 4)
    print_error("%s: status %d\n%s\n%s\n", commands[command].arguments, a->status, a->out, a->err);
  assert_true(a->status != 2 && a->status <= 4);
}

static void expect_document(size_t command, const char *path) {
  if (commands[command].json) json_decref(load(path));
  char *text = slurp(path);
  assert_true(strlen(text) > 20);
  free(text);
}

static void what_cannot_be_written_is_refused_before_measuring(void **state) {
  static const char *const files[] = {"folder", "missing/file", "socket", "loop", "/dev/fd/77", "to-folder"};
  (void)state;
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(s, (struct sockaddr *)&name, sizeof name), 0);
  assert_int_equal(mkdir("folder", 0777) | symlink("loop", "loop") | symlink("folder", "to-folder"), 0);
  for (size_t c = 0; c < COMMANDS; c++)
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
      answer a = write_to(c, files[i]);
      if (a.status != 2) print_error("%s\n", commands[c].arguments);
      expect_status(&a, 2);
      if (!strstr(a.err, "is a folder")) expect_contains(a.err, "cannot be written");
      assert_string_equal(a.out, "");
      answer_free(&a);
    }
  close(s);
  assert_int_equal(system("rm -rf folder socket loop to-folder"), 0);
}

static void a_regular_file_is_replaced_and_keeps_its_mode(void **state) {
  struct stat there;
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++) {
    if (!commands[c].quick) continue;
    assert_int_equal(system("rm -f regular; echo old >regular; chmod 640 regular"), 0);
    answer a = write_to(c, "regular");
    expect_done(c, &a);
    expect_document(c, "regular");
    assert_true(stat("regular", &there) == 0 && (there.st_mode & 07777) == 0640);
    answer_free(&a);
  }
}

static void a_links_target_is_written_and_the_link_stays(void **state) {
  struct stat there;
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++) {
    if (!commands[c].quick) continue;
    assert_int_equal(system("rm -rf link far; mkdir far; ln -s far/near link; ln -s target far/near"), 0);
    for (int again = 0; again < 2; again++) { /* the target is not there, and is */
      answer a = write_to(c, "link");
      expect_done(c, &a);
      expect_document(c, "far/target");
      assert_true(lstat("link", &there) == 0 && S_ISLNK(there.st_mode));
      assert_true(lstat("far/near", &there) == 0 && S_ISLNK(there.st_mode));
      answer_free(&a);
    }
  }
}

/* A device of our own, so that a mistake does not cost the machine its own: root could replace that. */
static const char *device(unsigned number, const char *machines) {
  static const char *const own = "device";
  if (geteuid() != 0) return machines;
  unlink(own);
  if (mknod(own, S_IFCHR | 0666, makedev(1, number)) == 0 && access(own, W_OK) == 0 &&
      system(": >device") == 0)
    return own;
  return NULL;
}

static void the_null_device_stays_a_device(void **state) {
  struct stat there;
  (void)state;
  const char *null = device(3, "/dev/null");
  if (!null) skip();
  for (size_t c = 0; c < COMMANDS; c++) {
    if (!commands[c].quick) continue;
    answer a = write_to(c, null);
    expect_done(c, &a);
    assert_true(stat(null, &there) == 0 && S_ISCHR(there.st_mode));
    answer_free(&a);
  }
}

static void a_full_device_is_an_error_with_status_5(void **state) {
  (void)state;
  const char *full = device(7, "/dev/full");
  if (!full) skip();
  for (size_t c = 0; c < COMMANDS; c++) {
    if (!commands[c].quick) continue;
    answer a = write_to(c, full);
    expect_status(&a, 5);
    expect_contains(a.err, "the disk is full");
    answer_free(&a);
  }
}

static void a_minus_is_standard_output_and_nothing_else_is_on_it(void **state) {
  static const char *const names[] = {"-", "/dev/fd/1", "/proc/self/fd/1", "stdout", "/dev/stdout"};
  size_t n = geteuid() == 0 ? 4 : 5; /* root could replace the last one */
  (void)state;
  assert_int_equal(symlink("/proc/self/fd/1", "stdout"), 0);
  for (size_t c = 0; c < COMMANDS; c++)
    for (size_t i = 0; i < n; i++) {
      if (!commands[c].quick || (i && c)) continue;
      answer a = write_to(c, names[i]);
      expect_done(c, &a);
      expect_document(c, "out.txt");
      answer_free(&a);
    }
}

static void other_descriptors_and_fifos_are_written_into(void **state) {
  (void)state;
  for (size_t c = 0; c < COMMANDS; c++) {
    if (!commands[c].quick) continue;
    char line[2000], arguments[1000];
    snprintf(arguments, sizeof arguments, commands[c].arguments, "/dev/fd/7");
    snprintf(line, sizeof line, "'%s' %s 7>got.txt >/dev/null 2>&1; test $? -ne 2", GCB_PROGRAM, arguments);
    assert_int_equal(system(line), 0);
    expect_document(c, "got.txt");
    snprintf(arguments, sizeof arguments, commands[c].arguments, "fifo");
    snprintf(line, sizeof line,
             "rm -f fifo got.txt; mkfifo fifo; cat fifo >got.txt & '%s' %s >/dev/null 2>&1; s=$?; wait; "
             "test $s -ne 2 && test -p fifo",
             GCB_PROGRAM, arguments);
    assert_int_equal(system(line), 0);
    expect_document(c, "got.txt");
  }
}

static void a_bind_mounted_file_is_written_in_place(void **state) {
  char line[2000];
  (void)state;
  if (system("unshare -rm true 2>/dev/null") != 0) skip(); /* no namespaces for a bind mount here */
  snprintf(line, sizeof line,
           "echo a much longer line than nothing >under; : >over; "
           "unshare -rm sh -c \"mount --bind under over && '%s' export stored --format json --output over\"",
           GCB_PROGRAM);
  assert_int_equal(system(line), 0);
  json_decref(load("under"));
  char *text = slurp("over");
  assert_string_equal(text, "");
  free(text);
}

static void two_outputs_of_one_file_are_refused(void **state) {
  static const char *const pairs[][2] = {{"same", "same"},   {"same", "./same"}, {"there", "hard"},
                                         {"there", "alias"}, {"-", "/dev/fd/1"}, {"new", "dangling"}};
  (void)state;
  assert_int_equal(system("echo x >there; ln there hard; ln -s there alias; ln -s new dangling"), 0);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char line[600];
    snprintf(line, sizeof line, "run -w trees -c marksweep --json %s --csv %s", pairs[i][0], pairs[i][1]);
    answer a = gcbench(line);
    expect_status(&a, 2);
    expect_contains(a.err, "already writes this file");
    answer_free(&a);
  }
  unlink("null");
  assert_int_equal(symlink("/dev/null", "null"), 0);
  answer a = gcbench("run -w trees -p depth=8 -c marksweep -n 1 -i 1 -q --no-save --json null --csv null");
  expect_status(&a, 0);
  answer_free(&a);
}

static void pages_and_pictures_go_there_too(void **state) {
  (void)state;
  answer a = gcbench("report stored --no-plots -o -");
  expect_status(&a, 0);
  expect_contains(a.out, "</html>");
  answer_free(&a);
  assert_int_equal(system("ln -s page-target.html page.html; ln -s picture-target.svg picture.svg"), 0);
  a = gcbench("report stored --no-plots -o page.html");
  expect_status(&a, 0);
  answer_free(&a);
  struct stat there;
  assert_true(lstat("page.html", &there) == 0 && S_ISLNK(there.st_mode));
  char *page = slurp("page-target.html");
  expect_contains(page, "</html>");
  free(page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_cannot_be_written_is_refused_before_measuring),
      cmocka_unit_test(a_regular_file_is_replaced_and_keeps_its_mode),
      cmocka_unit_test(a_links_target_is_written_and_the_link_stays),
      cmocka_unit_test(the_null_device_stays_a_device),
      cmocka_unit_test(a_full_device_is_an_error_with_status_5),
      cmocka_unit_test(a_minus_is_standard_output_and_nothing_else_is_on_it),
      cmocka_unit_test(other_descriptors_and_fifos_are_written_into),
      cmocka_unit_test(a_bind_mounted_file_is_written_in_place),
      cmocka_unit_test(two_outputs_of_one_file_are_refused),
      cmocka_unit_test(pages_and_pictures_go_there_too),
  };
  return cmocka_run_group_tests(tests, prepare, leave_scratch);
}
