/* A hash table from objects to one word each, in counted pages: what counting collectors know about the few
 * objects that have weak references or finalizers.
 *
 * Invariant: open addressing with linear probing; from an entry's home to the entry there is no empty place
 * (removal shifts back what follows), so there are no tombstones and a search ends at the first empty place.
 * The entries stand in one of two reserved ranges; the other is not committed, but while the table is
 * resized. Not thread-safe.
 */
#ifndef GCB_COMMON_COUNT_MAP_H
#define GCB_COMMON_COUNT_MAP_H

#include <gcbench/collector.h>

typedef struct gcb_count_entry {
  gcb_object *key; /* NULL: empty */
  uint64_t value;
} gcb_count_entry;

typedef struct gcb_count_map {
  gcb_heap *heap;
  gcb_count_entry *at, *spare;  /* the table; the range that it moves to next */
  size_t n, capacity, reserved; /* entries: in use; committed, a power of two or 0; most ever */
} gcb_count_map;

enum { GCB_COUNT_MAP_MIN = 256 }; /* entries: one page */

/* An empty table; nothing committed yet. False when the address space is refused. */
bool gcb_count_map_init(gcb_count_map *map, gcb_heap *h, size_t most);
/* The value of a key, or NULL. Valid until the table is changed. */
uint64_t *gcb_count_map_find(const gcb_count_map *map, const gcb_object *key);
/* The same, with the key added (value 0) if need be. NULL when there is no memory: nothing changed. */
uint64_t *gcb_count_map_add(gcb_count_map *map, gcb_object *key);
/* Remove a key that is there. Gives memory back as the table empties. */
void gcb_count_map_remove(gcb_count_map *map, const gcb_object *key);

static inline size_t gcb_count_map_bytes(const gcb_count_map *map) {
  return map->capacity * sizeof(gcb_count_entry);
}

#endif
