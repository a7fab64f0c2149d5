/* How a collector behaves as a guest in the harness's process: what it prints, leaves behind, and says of
 * itself. A foreign runtime that cannot be taken down again ends with its process, which is allowed. */
#include "kit.h"
#include "results/model/pause.h"
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Something of everything: objects that live, garbage, collections. */
static void some_work(contract *c, gcb_mutator *m) {
  gcb_frame f = gcb_enter(m, 1);
  kit_list(c, m, gcb_at(f, 0), 2000, 1);
  kit_garbage(c, m, 2 << 20);
  kit_age(c, m);
  kit_expect_list(c, m, gcb_at(f, 0), 2000, 1, "a list");
  gcb_leave(m, f);
}

/* ---- standard output and error ---- */
static void catch_output(contract *c) {
  static int caught;
  caught = memfd_create("output", MFD_CLOEXEC);
  CHECK(caught >= 0 && dup2(caught, STDOUT_FILENO) >= 0 && dup2(caught, STDERR_FILENO) >= 0,
        "the harness cannot catch output: %m");
  c->data = &caught;
}
static void expect_silence(contract *c) {
  char text[81] = "";
  int caught = *(int *)c->data;
  struct stat s;
  fflush(NULL);
  CHECK(fstat(caught, &s) == 0 && pread(caught, text, sizeof text - 1, 0) >= 0, "the harness lost output");
  for (char *p = text; *p; p++)
    if ((unsigned char)*p < ' ') *p = ' ';
  CHECK(s.st_size == 0, "it printed %lld bytes on standard output or error: %s", (long long)s.st_size, text);
}
BEHAVIOUR(prints_nothing, "standard output and error stay the harness's: a collector prints nothing",
          .before = catch_output, .after = expect_silence) {
  some_work(c, m);
}

/* ---- what is left behind ---- */
static uint32_t entries(const char *folder) {
  DIR *d = opendir(folder);
  uint32_t n = 0;
  while (d && readdir(d)) n++;
  if (d) closedir(d);
  return n;
}
static void *no_work(void *arg) {
  return arg;
}
static void count_threads(contract *c) {
  static uint32_t before;
  pthread_t first; /* with which a sanitizer starts one of its own */
  if (pthread_create(&first, NULL, no_work, NULL) == 0) pthread_join(first, NULL);
  before = entries("/proc/self/task");
  c->data = &before;
}
static void expect_no_thread(contract *c) {
  uint32_t before = *(uint32_t *)c->data, after = entries("/proc/self/task");
  for (int i = 0; after > before && i < 100; i++) { /* a thread that was told to end takes its time */
    usleep(10000);
    after = entries("/proc/self/task");
  }
  CHECK(after <= before || has(c, GCB_CAP(FOREIGN)), "still there a second after stop(): %u threads",
        after - before);
}
BEHAVIOUR(leaves_no_threads, "every thread that a collector started has ended when stop() returns",
          .before = count_threads, .after = expect_no_thread) {
  some_work(c, m);
}

static void count_descriptors(contract *c) {
  static uint32_t before;
  before = entries("/proc/self/fd");
  c->data = &before;
}
static void expect_no_descriptor(contract *c) {
  uint32_t before = *(uint32_t *)c->data, after = entries("/proc/self/fd");
  CHECK(after <= before || has(c, GCB_CAP(FOREIGN)), "still open after stop(): %u descriptors",
        after - before);
}
BEHAVIOUR(leaves_no_descriptors, "every file that a collector opened is closed when stop() returns",
          .before = count_descriptors, .after = expect_no_descriptor) {
  some_work(c, m);
}

/* ---- what it says of itself ---- */
/* By malloc's own account, less what the harness notes of pauses and stalls. A struct is nothing beside a
 * heap of 16 MiB. */
static size_t from_malloc(const contract *c) {
  struct mallinfo2 all = mallinfo2();
  return all.uordblks + all.hblkhd - gcb_recorder_bytes(&c->in->recorder);
}
static void weigh_malloc(contract *c) {
  static size_t before;
  before = from_malloc(c);
  c->data = &before;
}
BEHAVIOUR(memory_is_counted,
          "declared bounded, a collector takes memory for objects, marks and stacks from gcb_commit(), not "
          "from malloc",
          .needs = GCB_CAP(BOUNDED), .before = weigh_malloc) {
  enum { SLACK = 1 << 20 };
  gcb_frame f = gcb_enter(m, 1);
  kit_list(c, m, gcb_at(f, 0), MANY(700000), 1);
  kit_age(c, m);
  size_t before = *(size_t *)c->data, after = from_malloc(c);
  CHECK(after < before + SLACK || has(c, GCB_CAP(FOREIGN)),
        "%zu bytes came from malloc since start(), beside %llu committed", after - before,
        (unsigned long long)gcb_committed(m->heap));
  gcb_leave(m, f);
}

/* By processor time, and generously: a loaded machine may take time between the stop and the collector's look
 * at the clock. */
BEHAVIOUR(pauses_are_told, "what stops the mutators is reported by gcb_pause(), at its length") {
  enum { SLACK = 10000000 };
  gcb_recorder *r = &c->in->recorder;
  gcb_recorder_clear(r);
  some_work(c, m);
  uint64_t stopped = 0, told = 0;
  for (uint32_t i = 0; i < r->stops.n; i++) stopped += r->stops.at[i].end - r->stops.at[i].start;
  for (uint32_t i = 0; i < r->pauses.n; i++) told += r->pauses.at[i].end - r->pauses.at[i].start;
  if (stopped > r->stopped_cpu) stopped = r->stopped_cpu;
  stopped /= c->in->heap.workers ? c->in->heap.workers : 1;
  CHECK(has(c, GCB_CAP(UNTIMED)) || stopped <= SLACK || told >= stopped / 2,
        "the world was stopped %u times for at least %.1f ms in all; the %u pauses that it told add up to "
        "%.1f ms",
        r->stops.n, (double)stopped / 1e6, r->pauses.n, (double)told / 1e6);
}

/* The rule and its words are those of the results (results/model/pause.h). */
BEHAVIOUR(pauses_are_true, "a reported pause has a known kind, ends after it began and before it was "
                           "reported, is reported once, and "
                           "overlaps no other of its mutator") {
  gcb_recorder *r = &c->in->recorder;
  gcb_recorder_clear(r);
  some_work(c, m);
  for (int i = 0; i < 4; i++) kit_garbage(c, m, 2 << 20);
  CHECK(!r->fault[0], "%s", r->fault);
  pthread_mutex_lock(&r->lock);
  uint32_t n = r->pauses.n;
  gcb_pause_span *spans = calloc(n + 1u, sizeof *spans);
  for (uint32_t i = 0; spans && i < n; i++) {
    const gcb_moment *p = &r->pauses.at[i];
    spans[i] = (gcb_pause_span){(int64_t)p->start, (int64_t)p->end,
                                p->mutator == GCB_ALL_MUTATORS ? GCB_PAUSE_OF_ALL : p->mutator,
                                p->kind == GCB_CASCADE};
  }
  pthread_mutex_unlock(&r->lock);
  CHECK(spans, "the harness has no memory for %u pauses", n);
  gcb_pause_doubts d = gcb_pauses_doubted(spans, n);
  free(spans);
  CHECK(d.twice == 0, "of %u pauses, %zu were reported twice", n, d.twice);
  CHECK(d.overlaps == 0, "of %u pauses, %zu began before an earlier one of the same mutator ended", n,
        d.overlaps);
}

/* Of a list that was dropped some may stay, for a word on a stack, but not all of it. */
BEHAVIOUR(garbage_goes, "after two major collections most of what was dropped is gone",
          .needs = GCB_CAP(RECLAIMS)) {
  gcb_frame f = gcb_enter(m, 1);
  gcb_space_ledger before, after;
  kit_settle(c, m);
  kit_list(c, m, gcb_at(f, 0), 50000, 1);
  m->gc->ledger(m->heap, &before);
  gcb_clear(m, gcb_at(f, 0));
  kit_garbage(c, m, 1 << 20); /* over whatever the stack still holds */
  kit_settle(c, m);
  m->gc->ledger(m->heap, &after);
  /* Runtimes that cannot tell objects from the rest of their heap give all of it for objects. */
  CHECK(before.objects == 0 || before.objects == gcb_committed(m->heap) || after.objects < before.objects / 2,
        "%llu bytes of objects before a list of %llu bytes was dropped, %llu after",
        (unsigned long long)before.objects, (unsigned long long)50000 * c->link->size,
        (unsigned long long)after.objects);
  gcb_leave(m, f);
}
