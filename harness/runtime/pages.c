/* The page service: every byte that a collector commits is counted against the bound, so that equal memory
 * means equal memory. Committing is bookkeeping (the mapping is there from reserve() on, without swap
 * reservation); giving back also returns the pages to the system. */
#include "runtime/heap_host.h"
#include <gcbench/rng.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static gcb_instance *instance(gcb_heap *h) {
  return (gcb_instance *)h;
}

/* A wish for the system: one in four below 2 GiB, where card and mark arithmetic is most easily wrong. */
static void *wish(gcb_instance *in) {
  if (!in->base_seed) return NULL;
  uint64_t state = in->base_seed + in->n_regions, place = gcb_splitmix64(&state);
  uint64_t span = place % 4 == 0 ? 1ull << 31 : 1ull << 46;
  return (void *)(uintptr_t)(((place >> 8) % span | 1ull << 28) & ~(uint64_t)(PAGE - 1));
}

static void guard(gcb_instance *in, void *at, size_t bytes, int access) {
  if (!in->protect || !bytes) return;
  mprotect(at, bytes, access);
  __atomic_fetch_add(&in->protected_ranges, access == PROT_NONE, __ATOMIC_RELAXED);
}

static void *reserve(gcb_heap *h, size_t bytes, size_t align) {
  gcb_instance *in = instance(h);
  bytes = (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
  if (align < PAGE) align = PAGE;
  if (!bytes || (align & (align - 1))) return NULL;
  void *hint = wish(in);
  char *raw =
      mmap(hint, bytes + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return NULL;
  if (hint && raw == hint) in->placed_bases++;
  madvise(raw, bytes + align, MADV_DONTDUMP); /* a core file would have the size of the reservation */
  char *base = (char *)(((uintptr_t)raw + align - 1) & ~(uintptr_t)(align - 1));
  if (base > raw) munmap(raw, (size_t)(base - raw));
  if (raw + bytes + align > base + bytes) munmap(base + bytes, (size_t)(raw + align - base));
  pthread_mutex_lock(&in->lock);
  bool room = in->n_regions < GCB_REGIONS;
  if (room) in->regions[in->n_regions++] = (gcb_region){base, bytes};
  pthread_mutex_unlock(&in->lock);
  if (room) guard(in, base, bytes, PROT_NONE);
  if (room) return base;
  munmap(base, bytes);
  return NULL;
}

static bool commit(gcb_heap *h, void *at, size_t bytes) {
  gcb_instance *in = instance(h);
  assert(((uintptr_t)at | bytes) % PAGE == 0);
  if (__atomic_add_fetch(&in->commits, 1, __ATOMIC_RELAXED) == in->fail_commit ||
      (in->starve && in->stopping)) {
    __atomic_fetch_add(&in->refused, 1, __ATOMIC_RELAXED);
    return false;
  }
  uint64_t before = __atomic_load_n(&in->committed, __ATOMIC_RELAXED);
  do {
    if (bytes > h->limit || before > h->limit - bytes) return false;
  } while (!__atomic_compare_exchange_n(&in->committed, &before, before + bytes, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED));
  guard(in, at, bytes, PROT_READ | PROT_WRITE);
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
  guard(in, at, bytes, PROT_NONE);
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
