/* A host for tests of spaces, without threads. It is stricter than the real one: pages that are not committed
 * cannot be touched. */
#ifndef GCB_FAKE_HOST_H
#define GCB_FAKE_HOST_H

#include <assert.h>
#include <gcbench/collector.h>
#include <string.h>
#include <sys/mman.h>

enum { FAKE_PAGE = 4096, FAKE_ROOTS = 256, FAKE_REGIONS = 64 };

typedef struct fake_host {
  gcb_heap heap; /* first */
  gcb_host host;
  uint64_t committed;
  uint64_t commits, fail_commit; /* requests so far; the one to refuse, 0: none */
  gcb_object *roots[FAKE_ROOTS]; /* null ones are none */
  struct {
    gcb_object *object;
    uint64_t token;
  } ready[FAKE_ROOTS]; /* objects handed over for their finalizers: roots too */
  size_t n_ready;
  struct {
    void *raw;
    size_t bytes;
  } regions[FAKE_REGIONS];
  size_t n_regions;
  uint64_t time;
} fake_host;

static void *fake_reserve(gcb_heap *h, size_t bytes, size_t align) {
  fake_host *f = (fake_host *)h;
  bytes = (bytes + FAKE_PAGE - 1) & ~(size_t)(FAKE_PAGE - 1);
  if (align < FAKE_PAGE) align = FAKE_PAGE;
  void *raw = mmap(NULL, bytes + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED || f->n_regions == FAKE_REGIONS) return NULL;
  f->regions[f->n_regions].raw = raw;
  f->regions[f->n_regions++].bytes = bytes + align;
  return (void *)(((uintptr_t)raw + align - 1) & ~(uintptr_t)(align - 1));
}
static bool fake_commit(gcb_heap *h, void *at, size_t bytes) {
  fake_host *f = (fake_host *)h;
  assert(((uintptr_t)at | bytes) % FAKE_PAGE == 0 && bytes);
  if (++f->commits == f->fail_commit || bytes > h->limit - f->committed) return false;
  f->committed += bytes;
  return mprotect(at, bytes, PROT_READ | PROT_WRITE) == 0;
}
static void fake_decommit(gcb_heap *h, void *at, size_t bytes) {
  fake_host *f = (fake_host *)h;
  assert(((uintptr_t)at | bytes) % FAKE_PAGE == 0 && bytes <= f->committed);
  f->committed -= bytes;
  madvise(at, bytes, MADV_DONTNEED);
  mprotect(at, bytes, PROT_NONE);
}
static uint64_t fake_committed(gcb_heap *h) {
  return ((fake_host *)h)->committed;
}
static void fake_each_root(gcb_heap *h, gcb_visit *visit, void *ctx) {
  fake_host *f = (fake_host *)h;
  for (size_t i = 0; i < FAKE_ROOTS; i++)
    if (f->roots[i]) visit(ctx, f->roots + i);
  for (size_t i = 0; i < f->n_ready; i++) visit(ctx, &f->ready[i].object);
}
static bool fake_finalizer_ready(gcb_heap *h, gcb_object *o, uint64_t token) {
  fake_host *f = (fake_host *)h;
  if (f->n_ready == FAKE_ROOTS) return false;
  f->ready[f->n_ready].object = o;
  f->ready[f->n_ready++].token = token;
  return true;
}

/* A heap of at most `limit` bytes, UINT64_MAX: unbounded. */
static inline gcb_heap *fake_host_begin(fake_host *f, uint64_t limit) {
  memset(f, 0, sizeof *f);
  f->host = (gcb_host){.reserve = fake_reserve,
                       .commit = fake_commit,
                       .decommit = fake_decommit,
                       .committed = fake_committed,
                       .each_root = fake_each_root,
                       .finalizer_ready = fake_finalizer_ready};
  f->heap = (gcb_heap){.host = &f->host, .limit = limit, .mutators = 1, .workers = 1};
  return &f->heap;
}
static inline void fake_host_end(fake_host *f) {
  for (size_t i = 0; i < f->n_regions; i++) munmap(f->regions[i].raw, f->regions[i].bytes);
}

#endif
