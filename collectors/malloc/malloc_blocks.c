/* Blocks of one malloc library. It is opened by name, for this plug-in alone: the harness goes on using the C
 * library's own, and no allocation of the harness is in the picture.
 */
#include "malloc.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { STEP = 64 << 10, MUCH = 16 * STEP };

static const struct {
  const char *name, *soname, *package;
} libraries[] = {{"glibc", "libc.so.6", "libc6"},
                 {"jemalloc", "libjemalloc.so.2", "libjemalloc2"},
                 {"mimalloc", "libmimalloc.so.2.0", "libmimalloc2.0"},
                 {"tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"}};

/* Blocks of one size may differ by a little; this one stands for all. */
static void measure(library *lib) {
  for (uint32_t i = 0; i <= SMALL / 8; i++) {
    void *block = lib->malloc(8 * i);
    lib->block[i] = (uint16_t)(block ? lib->usable(block) + lib->header : 8 * i);
    lib->free(block);
  }
}

bool gcb_malloc_open(library *lib, uint64_t which, char *why, size_t why_size) {
  void *module = dlopen(libraries[which].soname, RTLD_NOW | RTLD_LOCAL);
  if (!module) {
    const char *said = dlerror();
    bool absent = said && strstr(said, "No such file");
    if (absent)
      snprintf(why, why_size, "lib: %s is not installed: apt-get install %s", libraries[which].name,
               libraries[which].package);
    else
      snprintf(why, why_size, "lib: %s cannot be loaded: %s", libraries[which].name, said ? said : "?");
    return false;
  }
  *(void **)&lib->malloc = dlsym(module, "malloc");
  *(void **)&lib->calloc = dlsym(module, "calloc");
  *(void **)&lib->free = dlsym(module, "free");
  *(void **)&lib->usable = dlsym(module, "malloc_usable_size");
  lib->header = which == 0 ? sizeof(size_t) : 0;
  if (lib->malloc && lib->calloc && lib->free && lib->usable) {
    measure(lib);
    return true;
  }
  snprintf(why, why_size, "lib: %s lacks malloc, calloc, free or malloc_usable_size",
           libraries[which].soname);
  return false;
}

/* ---- counting ---- */

/* So many bytes more for this lane, in effigy: pages of the range that nobody touches. */
static bool grant(gcb_heap *h, lane *l, uint64_t bytes) {
  heap *s = h->state;
  uint64_t need = (bytes - l->spare + STEP - 1) & ~(uint64_t)(STEP - 1);
  bool granted = true;
  pthread_mutex_lock(&s->lock);
  uint64_t reuse = s->left.spare < need ? s->left.spare & ~(uint64_t)4095 : need;
  uint64_t more = need - reuse;
  if (more) {
    granted = more <= s->range_bytes - s->granted && gcb_commit(h, s->range + s->granted, more);
    if (granted) s->granted += more;
  }
  if (granted) {
    s->left.spare -= reuse;
    l->spare += need;
  }
  pthread_mutex_unlock(&s->lock);
  return granted;
}

/* A thread that only frees leaves its bytes to those that allocate. */
static void share(gcb_heap *h, lane *l) {
  heap *s = h->state;
  pthread_mutex_lock(&s->lock);
  s->left.spare += l->spare - STEP;
  l->spare = STEP;
  pthread_mutex_unlock(&s->lock);
}

static inline uint64_t charge_of(const library *lib, void *block, size_t bytes) {
  return bytes <= SMALL ? lib->block[bytes / 8] : lib->usable(block) + lib->header;
}

void *gcb_block_new(gcb_heap *h, lane *l, size_t bytes) {
  const library *lib = &((heap *)h->state)->lib;
  void *block = bytes <= SMALL ? lib->malloc(bytes) : lib->calloc(1, bytes);
  uint64_t charge = block ? charge_of(lib, block, bytes) : 0;
  if (!block || (charge > l->spare && !grant(h, l, charge))) {
    lib->free(block);
    gcb_count(h, GCB_EVENT_OUT_OF_MEMORY);
    return NULL;
  }
  l->spare -= charge;
  l->objects += bytes;
  if (bytes <= SMALL) memset(block, 0, bytes);
  return block;
}

void gcb_block_free(gcb_heap *h, lane *l, void *block, size_t bytes) {
  const library *lib = &((heap *)h->state)->lib;
  l->spare += charge_of(lib, block, bytes);
  l->objects -= bytes;
  lib->free(block);
  if (l->spare > MUCH) share(h, l);
}
