/* Fibonacci hashing (Knuth 6.4) over the address without its alignment bits; at most 3/4 full while memory
 * lasts, then up to 15/16, because a slow table is better than an allocation that fails. */
#include "count_map.h"

bool gcb_count_map_init(gcb_count_map *map, gcb_heap *h, size_t most) {
  size_t reserved = GCB_COUNT_MAP_MIN;
  while (reserved < most) reserved *= 2;
  *map = (gcb_count_map){.heap = h, .reserved = reserved};
  map->at = gcb_reserve(h, reserved * sizeof *map->at, 4096);
  map->spare = gcb_reserve(h, reserved * sizeof *map->spare, 4096);
  return map->at && map->spare;
}

static size_t home(const gcb_count_map *map, const gcb_object *key) {
  uint64_t hash = ((uint64_t)(uintptr_t)key >> 3) * 0x9e3779b97f4a7c15u;
  return (size_t)(hash >> 32) & (map->capacity - 1);
}

/* Where the key stands, or the empty place that ends its search. */
static size_t place(const gcb_count_map *map, const gcb_object *key) {
  size_t i = home(map, key);
  while (map->at[i].key && map->at[i].key != key) i = (i + 1) & (map->capacity - 1);
  return i;
}

static bool resize(gcb_count_map *map, size_t capacity) {
  if (capacity > map->reserved || !gcb_commit(map->heap, map->spare, capacity * sizeof *map->spare))
    return false;
  gcb_count_entry *old = map->at;
  size_t n = map->capacity;
  map->at = map->spare;
  map->spare = old;
  map->capacity = capacity;
  for (size_t i = 0; i < n; i++)
    if (old[i].key) map->at[place(map, old[i].key)] = old[i];
  if (n) gcb_decommit(map->heap, old, n * sizeof *old);
  return true;
}

uint64_t *gcb_count_map_find(const gcb_count_map *map, const gcb_object *key) {
  if (!map->capacity) return NULL;
  size_t i = place(map, key);
  return map->at[i].key ? &map->at[i].value : NULL;
}

uint64_t *gcb_count_map_add(gcb_count_map *map, gcb_object *key) {
  uint64_t *found = gcb_count_map_find(map, key);
  if (found) return found;
  if (map->n >= map->capacity / 4 * 3 &&
      !resize(map, map->capacity ? 2 * map->capacity : GCB_COUNT_MAP_MIN) &&
      map->n >= map->capacity / 16 * 15)
    return NULL;
  size_t i = place(map, key);
  map->at[i] = (gcb_count_entry){key, 0};
  map->n++;
  return &map->at[i].value;
}

void gcb_count_map_remove(gcb_count_map *map, const gcb_object *key) {
  size_t mask = map->capacity - 1, hole = place(map, key);
  for (size_t i = (hole + 1) & mask; map->at[i].key; i = (i + 1) & mask) {
    size_t from = home(map, map->at[i].key);
    if (((i - from) & mask) < ((i - hole) & mask)) continue; /* its search does not pass the hole */
    map->at[hole] = map->at[i];
    hole = i;
  }
  map->at[hole].key = NULL;
  map->n--;
  if (map->capacity > GCB_COUNT_MAP_MIN && map->n < map->capacity / 8) resize(map, map->capacity / 2);
}
