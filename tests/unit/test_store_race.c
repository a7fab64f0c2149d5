/* Many processes on one store: none of them loses a run, and what is said of a lock was measured. */
#include "run_documents.h"

#include <sys/wait.h>

static char why[4500];

/* A new store was answered SQLITE_BUSY at once when two processes created it together: SQLite does not call
 * its busy handler for a change of the journal mode. */
static int create_and_write(const char *folder, int start) {
  char byte;
  struct gcb_store *s = read(start, &byte, 1) == 0 ? gcb_store_open(folder, GCB_STORE_WRITE, why, sizeof why)
                                                   : NULL; /* all begin when the pipe is closed */
  json_t *run = some_run(NULL, NULL, "fast"), *one = some_invocation(1);
  int64_t id = s ? gcb_store_begin(s, run, why, sizeof why) : 0;
  bool good = id && gcb_store_add(s, id, 0, cell_of(run, 0), "invocations", 0, one, why, sizeof why);
  gcb_store_close(s);
  if (!good) fprintf(stderr, "%s\n", why);
  return good ? 0 : 1;
}

enum { PROCESSES = 20, STORES = 200 };

static void twenty_processes_create_a_store_at_once(void **state) {
  (void)state;
  for (int k = 0; k < STORES; k++) {
    pid_t pids[PROCESSES];
    int start[2];
    char folder[20];
    snprintf(folder, sizeof folder, "new%d", k);
    assert_int_equal(pipe(start), 0);
    for (int i = 0; i < PROCESSES; i++)
      if (!(pids[i] = fork())) {
        close(start[1]);
        _exit(create_and_write(folder, start[0]));
      }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < PROCESSES; i++) {
      int status = -1;
      waitpid(pids[i], &status, 0);
      assert_int_equal(status, 0);
    }
    struct gcb_store *s = must_open(folder, GCB_STORE_READ);
    assert_true(query(s, "SELECT count(*) FROM invocations") == PROCESSES);
    gcb_store_close(s);
  }
}

static void the_wait_for_a_lock_is_told_as_it_was(void **state) {
  (void)state;
  sqlite3 *other;
  gcb_store_close(must_open("held", GCB_STORE_WRITE));
  assert_int_equal(sqlite3_open("held/gcbench.sqlite", &other), SQLITE_OK);
  struct gcb_store *s = must_open("held", GCB_STORE_WRITE);
  sqlite3_busy_timeout(gcb_store_database(s), 0); /* gives up at once */
  assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  json_t *run = some_run(NULL, NULL, "fast");
  assert_int_equal(gcb_store_begin(s, run, why, sizeof why), 0);
  expect_part(why, "another process held a lock on it for 0.0 s");
  assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
  assert_true(gcb_store_begin(s, run, why, sizeof why) > 0);
  json_decref(run);
  gcb_store_close(s);
  sqlite3_close(other);
}

/* In memory where that can be had: the test is about locks, and would wait for the disk four thousand times.
 */
static int enter_memory(void **state) {
  if (access("/dev/shm", W_OK) == 0) strcpy(test_folder, "/dev/shm/gcbench-unit-XXXXXX");
  return enter_folder(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(twenty_processes_create_a_store_at_once),
      cmocka_unit_test(the_wait_for_a_lock_is_told_as_it_was),
  };
  return cmocka_run_group_tests(tests, enter_memory, leave_folder);
}
