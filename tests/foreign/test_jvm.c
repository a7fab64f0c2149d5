/* Every collector of the machine keeps what is held, clears what is not, and tells its pauses. The contract
 * suite holds the default one to the rest. One process each: a process has one machine. */
#include "plan/load.h"
#include "runtime/heap_host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the four before it */
#include <cmocka.h>

enum { SERIAL, PARALLEL, G1, Z, SHENANDOAH, EPSILON };
enum { KEPT = 1000, GARBAGE = 1000000, LIMIT = 32 << 20 };

static gcb_instance in;
static char log_file[] = "/tmp/gcbench-jvm-XXXXXX";

#define EXPECT(condition)                                                                                    \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      fprintf(stderr, "not so: %s\n", #condition);                                                           \
      return 1;                                                                                              \
    }                                                                                                        \
  } while (0)

/* The pauses of a kind, as they were reported, and in the machine's own log ("Pause Young", "Pause Full"). */
static uint32_t reported(unsigned kind) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < in.recorder.pauses.n; i++) n += in.recorder.pauses.at[i].kind == kind;
  return n;
}
static uint32_t logged(const char *words) {
  char line[500];
  uint32_t n = 0;
  FILE *f = fopen(log_file, "r");
  while (f && fgets(line, sizeof line, f)) n += strstr(line, words) && !strstr(line, "gc,start");
  if (f) fclose(f);
  return n;
}

/* A list that is kept, garbage beside it until it ends or memory does, a weak reference to something dropped.
 */
static int live(uint64_t gc) {
  char why[300];
  gcb_status status;
  gcb_value values[] = {{.u = gc}, {.s = gc == SERIAL ? log_file : ""}};
  const gcb_collector *c = gcb_load_collector(GCB_MODULE, why, sizeof why);
  EXPECT(c && gcb_instance_init(&in, c));
  in.heap.limit = LIMIT;
  in.heap.mutators = in.heap.workers = 1;
  status = c->start(&in.heap, values, why, sizeof why);
  if (status != GCB_OK) fprintf(stderr, "%s\n", why);
  EXPECT(status == GCB_OK);
  gcb_mutator *m = gcb_mutator_attach(&in, &status);
  EXPECT(m);
  const gcb_shape *pair = gcb_shape_new(m, "pair", 2, 12);
  gcb_frame f = gcb_enter(m, 4);
  gcb_slot list = gcb_at(f, 0), nil = gcb_at(f, 1), o = gcb_at(f, 2), weak = gcb_at(f, 3);
  for (uint64_t i = 0; i < KEPT; i++) {
    EXPECT(gcb_construct(m, list, pair, list) && gcb_is_null(m, nil));
    gcb_write_u64(m, list, 4, i << 40 | i); /* over the border of two words */
  }
  uint32_t made = 0;
  while (made < GARBAGE && gcb_new(m, o, pair)) made++;
  EXPECT(gc == EPSILON ? made > 100000 && made < GARBAGE : made == GARBAGE);
  if (gc != EPSILON) {
    EXPECT(gcb_new(m, o, pair) && gcb_weak_new(m, weak, o));
    for (int dropped = 0; dropped < 2; dropped++) {
      for (int i = 0; i < 2; i++) EXPECT(c->collect(m, GCB_MAJOR) == GCB_OK);
      gcb_weak_get(m, nil, weak);
      EXPECT(gcb_is_null(m, nil) == dropped);
      gcb_clear(m, nil), gcb_clear(m, o);
    }
    EXPECT(in.recorder.pauses.n > 2);
    if (gc == SERIAL) {
      EXPECT(reported(GCB_MINOR) > 0 && reported(GCB_MINOR) == logged("Pause Young"));
      EXPECT(reported(GCB_MAJOR) > 0 && reported(GCB_MAJOR) == logged("Pause Full"));
    }
  }
  for (uint64_t i = KEPT; i-- > 0; gcb_get(m, list, list, 0))
    EXPECT(!gcb_is_null(m, list) && gcb_read_u64(m, list, 4) == (i << 40 | i));
  EXPECT(gcb_is_null(m, list));
  gcb_leave(m, f);
  gcb_mutator_detach(m);
  return 0;
}

static void every_collector_of_the_machine_works(void **state) {
  (void)state;
  int made = mkstemp(log_file);
  assert_true(made >= 0);
  close(made);
  for (uint64_t gc = SERIAL; gc <= EPSILON; gc++) {
    int end;
    pid_t child = fork();
    if (child == 0) _exit(live(gc));
    assert_int_equal(waitpid(child, &end, 0), child);
    if (gc == SERIAL) unlink(log_file);
    if (end != 0) fail_msg("collector %d of the option: wait status %d", (int)gc, end);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_collector_of_the_machine_works)};
  return cmocka_run_group_tests_name("jvm", tests, NULL, NULL);
}
