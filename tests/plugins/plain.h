/* The simplest collector that works: it bumps and never collects. Each misbehaving plug-in includes it, with
 * one thing replaced through the macros below, so that it fails in that one way only. */
#ifndef PLAIN_H
#define PLAIN_H

#include <gcbench/collector.h>
#include <string.h>

static char *plain_next;

static gcb_status plain_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  (void)values, (void)why, (void)why_size;
  plain_next = gcb_reserve(h, (size_t)1 << 36, 4096);
  h->state = plain_next;
  return plain_next ? GCB_OK : GCB_OOM;
}
static void plain_stop(gcb_heap *h) {
  (void)h;
}
/* Objects of more than a page begin a page; so many pages are taken at a time. */
enum { PLAIN_CHUNK = 1 << 20 };
static gcb_object *plain_alloc(gcb_mutator *m, uint64_t header, size_t bytes) {
  if (bytes > (size_t)(m->limit - m->cursor)) {
    size_t take = (bytes + PLAIN_CHUNK - 1) & ~(size_t)(PLAIN_CHUNK - 1);
    char *at = __atomic_fetch_add(&plain_next, take, __ATOMIC_RELAXED);
    if (!gcb_commit(m->heap, at, take)) return NULL;
    m->cursor = at;
    m->limit = at + take;
  }
  gcb_object *o = (gcb_object *)m->cursor;
  m->cursor += bytes;
  memcpy(o, &header, sizeof header);
  return o;
}
static void plain_ledger(gcb_heap *h, gcb_space_ledger *out) {
  *out = (gcb_space_ledger){.objects = gcb_committed(h)};
}

#ifndef PLAIN_ABI
#define PLAIN_ABI GCB_COLLECTOR_ABI
#endif
#ifndef PLAIN_ALLOC
#define PLAIN_ALLOC plain_alloc
#endif
#ifndef PLAIN_COLLECT
static gcb_status plain_collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m, (void)kind;
  return GCB_UNSUPPORTED;
}
#define PLAIN_COLLECT plain_collect
#endif
#ifndef PLAIN_START
#define PLAIN_START plain_start
#endif
#ifndef PLAIN_PATH
#define PLAIN_PATH                                                                                           \
  { GCB_ALLOC_CALL, GCB_WRITE_NONE, GCB_READ_NONE, GCB_ROOTS_PLAIN }
#endif
#ifndef PLAIN_CAPABILITIES
#define PLAIN_CAPABILITIES 0
#endif
#ifndef PLAIN_SUMMARY
#define PLAIN_SUMMARY "a plug-in of the tests"
#endif
#ifndef PLAIN_SYMBOL
#define PLAIN_SYMBOL gcbench_collector
#endif
const gcb_collector PLAIN_SYMBOL = {
    .abi = PLAIN_ABI,
    .size = sizeof(gcb_collector),
    .name = "plain",
    .summary = PLAIN_SUMMARY,
    .capabilities = GCB_CAP(THREADS) | GCB_CAP(EXACT) | PLAIN_CAPABILITIES,
    .path = PLAIN_PATH,
    .start = PLAIN_START,
    .stop = plain_stop,
    .alloc = PLAIN_ALLOC,
    .collect = PLAIN_COLLECT,
    .ledger = plain_ledger,
};

#endif
