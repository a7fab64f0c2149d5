/* The machine's own counters of collections, which tell a young collection from a full one: the performance
 * data that jstat reads (sun.gc.collector.0 is the young collector, .1 the full one), here in memory of the
 * process. Where it is, libjvm's table for debuggers says. Follows OpenJDK 17: runtime/vmStructs.hpp,
 * perfMemory.hpp. */
#include "state.h"
#include <dlfcn.h>
#include <string.h>

typedef struct vm_struct {
  const char *type, *field, *type_of_field;
  int32_t is_static;
  uint64_t offset;
  void *address;
} vm_struct;

typedef struct prologue {
  uint32_t magic;
  uint8_t byte_order, major, minor, accessible;
  int32_t used, overflow;
  int64_t modified;
  int32_t first_entry, n_entries;
} prologue;

typedef struct entry {
  int32_t bytes, name, vector;
  uint8_t type, flags, units, variability;
  int32_t data;
} entry;

/* A counter of this name, or NULL. */
static const volatile int64_t *counter(const char *start, const char *name) {
  const prologue *p = (const prologue *)start;
  const char *at = start + p->first_entry;
  for (int32_t i = 0; i < p->n_entries && at < start + p->used; i++) {
    const entry *e = (const entry *)at;
    if (e->bytes <= 0) return NULL;
    if (e->vector == 0 && e->type == 'J' && strcmp(at + e->name, name) == 0)
      return (const volatile int64_t *)(at + e->data);
    at += e->bytes;
  }
  return NULL;
}

void gcb_jvm_find_counters(void *module) {
  vm_struct *const *table = dlsym(module, "gHotSpotVMStructs");
  for (const vm_struct *s = table ? *table : NULL; s && s->type; s++)
    if (s->is_static && strcmp(s->type, "PerfMemory") == 0 && strcmp(s->field, "_start") == 0) {
      const char *start = *(char *const *)s->address;
      if (!start || memcmp(start, "\xca\xfe\xc0\xc0", 4) != 0) return;
      gcb_jvm.young = counter(start, "sun.gc.collector.0.invocations");
      gcb_jvm.full = counter(start, "sun.gc.collector.1.invocations");
    }
}

gcb_pause_kind gcb_jvm_kind_of_collection(void) {
  int64_t young = gcb_jvm.young ? *gcb_jvm.young : 0, full = gcb_jvm.full ? *gcb_jvm.full : 0;
  bool minor = young != gcb_jvm.seen_young && full == gcb_jvm.seen_full;
  gcb_jvm.seen_young = young;
  gcb_jvm.seen_full = full;
  return minor ? GCB_MINOR : GCB_MAJOR;
}
