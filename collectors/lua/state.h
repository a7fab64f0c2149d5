/* The Lua heap of lua-inc and lua-gen: what lua.c (the state, its memory, finalizers) and ops.c (the
 * operations) share.
 */
#ifndef LUA_STATE_H
#define LUA_STATE_H

#include "common/tokens.h"
#include <gcbench/collector.h>
#include <gcbench/ops.h>
#include <lua.h>

typedef struct lua_heap {
  gcb_heap *heap;
  lua_State *L;
  gcb_mutator *mutator; /* the only one, or NULL */
  gcb_object **slots;   /* slot 0 of the harness: stack index 1 */
  char *range;          /* committed in effigy: Lua's memory is malloc's */
  uint64_t used, granted, range_bytes;
  int final, weak, weak_final, anchor; /* references in the registry: metatables; a function */
  gcb_tokens tokens;
  uint64_t cycles;
  bool closing;
} lua_heap;
extern lua_heap gcb_lua;
extern const gcb_ops gcb_lua_ops;

/* Make sure that the next operations can allocate `bytes` without an error, collecting if need be. False: out
 * of memory. */
bool gcb_lua_room(uint64_t bytes);
/* What a block of n bytes takes, malloc's own part included. */
static inline uint64_t gcb_lua_block(size_t n) {
  if (n >= 128 << 10) return ((uint64_t)n + 16 + 4095) & ~(uint64_t)4095;
  return n < 24 ? 32 : ((uint64_t)n + 8 + 15) & ~(uint64_t)15;
}
/* The stack index of a root slot. */
static inline int gcb_lua_index(gcb_slot s) {
  return (int)(s.at - gcb_lua.slots) + 1;
}

#endif
