/* The page service: every byte that a collector commits is counted against the bound, so that equal memory
 * means equal memory. Committing is bookkeeping (the mapping is there from reserve() on, without swap
 * reservation); giving back also returns the pages to the system. */
#include "instance.h"
#include <sys/mman.h>

enum { PAGE = 4096 };

static gcb_instance *instance(gcb_heap *h) {
  return (gcb_instance *)h;
}

static void *reserve(gcb_heap *h, size_t bytes, size_t align) {
  gcb_instance *in = instance(h);
  bytes = (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
  if (align < PAGE) align = PAGE;
  if (!bytes || (align & (align - 1))) return NULL;
  char *raw =
      mmap(NULL, bytes + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return NULL;
  char *base = (char *)(((uintptr_t)raw + align - 1) & ~(uintptr_t)(align - 1));
  if (base > raw) munmap(raw, (size_t)(base - raw));
  if (raw + bytes + align > base + bytes) munmap(base + bytes, (size_t)(raw + align - base));
  pthread_mutex_lock(&in->lock);
  bool room = in->n_regions < GCB_REGIONS;
  if (room) in->regions[in->n_regions++] = (gcb_region){base, bytes};
  pthread_mutex_unlock(&in->lock);
  if (room) return base;
  munmap(base, bytes);
  return NULL;
}

static bool commit(gcb_heap *h, void *at, size_t bytes) {
  gcb_instance *in = instance(h);
  assert(((uintptr_t)at | bytes) % PAGE == 0);
  if (__atomic_add_fetch(&in->commits, 1, __ATOMIC_RELAXED) == in->fail_commit) return false;
  uint64_t before = __atomic_load_n(&in->committed, __ATOMIC_RELAXED);
  do {
    if (bytes > h->limit || before > h->limit - bytes) return false;
  } while (!__atomic_compare_exchange_n(&in->committed, &before, before + bytes, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  uint64_t peak = __atomic_load_n(&in->peak_committed, __ATOMIC_RELAXED);
  while (peak < before + bytes && !__atomic_compare_exchange_n(&in->peak_committed, &peak, before + bytes,
                                                               true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return true;
}

static void decommit(gcb_heap *h, void *at, size_t bytes) {
  gcb_instance *in = instance(h);
  assert(((uintptr_t)at | bytes) % PAGE == 0);
  if (!bytes) return;
  madvise(at, bytes, MADV_DONTNEED);
  uint64_t before = __atomic_fetch_sub(&in->committed, bytes, __ATOMIC_RELAXED);
  __atomic_fetch_add(&in->returned, bytes, __ATOMIC_RELAXED);
  assert(before >= bytes);
  (void)before;
}

static uint64_t committed(gcb_heap *h) {
  return __atomic_load_n(&instance(h)->committed, __ATOMIC_RELAXED);
}

bool gcb_in_regions(const gcb_instance *in, const void *p) {
  for (uint32_t i = 0; i < in->n_regions; i++)
    if ((const char *)p >= in->regions[i].base &&
        (const char *)p < in->regions[i].base + in->regions[i].bytes)
      return true;
  return false;
}

void gcb_pages_wire(gcb_instance *in) {
  in->host.reserve = reserve;
  in->host.commit = commit;
  in->host.decommit = decommit;
  in->host.committed = committed;
}

void gcb_pages_free(gcb_instance *in) {
  for (uint32_t i = 0; i < in->n_regions; i++) munmap(in->regions[i].base, in->regions[i].bytes);
  in->n_regions = 0;
}
