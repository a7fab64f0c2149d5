/* lua-inc, lua-gen: the heap of Lua 5.4, incremental or generational. Follows Ierusalimschy, de Figueiredo
 * and Celes 2005 and the 5.4 manual.
 *
 * Root slot i is stack index i + 1 of the main Lua thread, at its base level, so that Lua's own marking of
 * the stack finds it. Shapes are full userdata whose references are user values; reference arrays are tables
 * with their length at index 0; weak references and ephemerons are tables with weak keys (ephemeron tables),
 * because Lua clears weak keys as the contract wants it and weak values too early when a finalizer waits.
 *
 * Invariant: no Lua operation raises an error. Each that allocates first makes room() for what it needs; the
 * allocator refuses only beyond the bound. An error all the same ends the run through lua_atpanic().
 *
 * Memory: malloc's, counted with its headers by lua_alloc() and committed in steps of a reserved range that
 * nobody touches. Lua does not tell when it collects: a dead object whose finalizer arms it again counts the
 * cycles, which are reported as pauses of no length (GCB_CAP(UNTIMED)).
 */
#include "state.h"
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef GENERATIONAL
#define GENERATIONAL 0
#endif
enum { STEP = 64 << 10, SLACK = 8 << 10 };
#define ADDRESSES ((uint64_t)1 << 38)

#if GENERATIONAL
static const gcb_option options[] = {
    {"minor", GCB_UINT, "20", 1, 100, NULL, "a young collection after the heap grew by this many percent"},
    {"major", GCB_UINT, "100", 1, 1000, NULL,
     "a full one after it grew by this many percent since the last full one"},
};
#else
static const gcb_option options[] = {
    {"pause", GCB_UINT, "200", 1, 1000, NULL,
     "a cycle begins when the heap is this many percent of what the last one left"},
    {"stepmul", GCB_UINT, "100", 1, 1000, NULL, "work a step, in percent of what was allocated"},
    {"stepsize", GCB_UINT, "13", 4, 40, NULL, "log2 of the bytes allocated between steps"},
};
#endif

lua_heap gcb_lua;

/* ---- memory ---- */
static bool grant(uint64_t used) {
  lua_heap *s = &gcb_lua;
  if (used <= s->granted) return true;
  uint64_t more = (used - s->granted + STEP - 1) & ~(uint64_t)(STEP - 1);
  if (s->granted + more > s->range_bytes) more = s->range_bytes - s->granted;
  if (used > s->granted + more || !gcb_commit(s->heap, s->range + s->granted, more)) return false;
  s->granted += more;
  return true;
}

static void *lua_alloc(void *ctx, void *block, size_t before, size_t bytes) {
  lua_heap *s = ctx;
  uint64_t old = block ? gcb_lua_block(before) : 0;
  if (!bytes) {
    free(block);
    s->used -= old;
    return NULL;
  }
  uint64_t used = s->used - old + gcb_lua_block(bytes);
  if (used > s->granted && !grant(used)) return NULL;
  void *at = realloc(block, bytes);
  if (at) s->used = used;
  return at;
}

bool gcb_lua_room(uint64_t bytes) {
  lua_heap *s = &gcb_lua;
  for (int i = 0; !grant(s->used + bytes + SLACK); i++) {
    if (i == 2) { /* the second collection frees what finalizers had held */
      gcb_count(s->heap, GCB_EVENT_OUT_OF_MEMORY);
      return false;
    }
    lua_gc(s->L, LUA_GCCOLLECT);
  }
  return true;
}

static int panic(lua_State *L) {
  (void)L;
  gcb_lua.heap->host->fatal(gcb_lua.mutator, "Lua raised an error");
  return 0;
}

/* ---- finalizers ---- */
static int anchor(lua_State *L) { /* object -> its reference in the registry */
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

static int due(lua_State *L) { /* __gc */
  lua_heap *s = &gcb_lua;
  const void *object = lua_topointer(L, 1);
  uint64_t token;
  while (!s->closing && gcb_tokens_take(&s->tokens, object, &token)) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->anchor);
    lua_pushvalue(L, 1);
    bool held = lua_pcall(L, 1, 1, 0) == LUA_OK;
    int ref = held ? (int)lua_tointeger(L, -1) : 0;
    lua_pop(L, 1);
    if (held && gcb_finalizer_ready(s->heap, (gcb_object *)(intptr_t)ref, token)) {
      s->used -= gcb_lua_block(sizeof(gcb_token));
      continue;
    }
    if (held) luaL_unref(L, LUA_REGISTRYINDEX, ref);
    if (gcb_tokens_add(&s->tokens, object, token) && lua_getmetatable(L, 1)) lua_setmetatable(L, 1);
    break; /* no memory for it now: again at the next collection */
  }
  return 0;
}

/* A cycle has passed. The same object armed again grows old, so generations need a new one each time. */
static int tick(lua_State *L) {
  lua_heap *s = &gcb_lua;
  if (s->closing) return 0;
  s->cycles++;
  uint64_t now = gcb_now(s->heap);
  gcb_pause(s->heap, NULL, GENERATIONAL ? GCB_MINOR : GCB_MAJOR, now, now);
  if (GENERATIONAL) lua_newuserdatauv(L, 0, 0);
  lua_getmetatable(L, 1);
  lua_setmetatable(L, GENERATIONAL ? -2 : 1);
  return 0;
}

/* ---- beginning and end ---- */
static int metatable(lua_State *L, const char *mode, lua_CFunction gc) {
  lua_createtable(L, 0, 2);
  if (mode) {
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
  }
  if (gc) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

static int set_up(lua_State *L) {
  lua_heap *s = &gcb_lua;
  s->final = metatable(L, NULL, due);
  s->weak = metatable(L, "k", NULL);
  s->weak_final = metatable(L, "k", due);
  lua_pushcfunction(L, anchor);
  s->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newuserdatauv(L, 0, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, metatable(L, NULL, tick));
  lua_setmetatable(L, -2);
  return 0;
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  lua_heap *s = &gcb_lua;
  *s = (lua_heap){.heap = h};
  s->range_bytes = (h->limit < ADDRESSES ? h->limit : ADDRESSES) & ~(uint64_t)4095;
  s->range = gcb_reserve(h, s->range_bytes, 4096);
  s->L = s->range ? lua_newstate(lua_alloc, s) : NULL;
  if (s->L) lua_pushcfunction(s->L, set_up);
  if (!s->L || lua_pcall(s->L, 0, 0, 0) != LUA_OK || !lua_checkstack(s->L, GCB_GLOBALS + LUA_MINSTACK)) {
    snprintf(why, why_size, "the heap bound has no room for a Lua state");
    if (s->L) s->closing = true, lua_close(s->L);
    return GCB_OOM;
  }
  lua_atpanic(s->L, panic);
  lua_settop(s->L, GCB_GLOBALS);
#if GENERATIONAL
  lua_gc(s->L, LUA_GCGEN, (int)values[0].u, (int)values[1].u);
#else
  lua_gc(s->L, LUA_GCINC, (int)values[0].u, (int)values[1].u, (int)values[2].u);
#endif
  h->state = s;
  return GCB_OK;
}

static void stop(gcb_heap *h) {
  (void)h;
  gcb_lua.closing = true;
  lua_close(gcb_lua.L);
  gcb_tokens_free(&gcb_lua.tokens);
}

static gcb_status thread_begin(gcb_mutator *m) {
  if (m->id) return GCB_UNSUPPORTED; /* one Lua state, one mutator */
  gcb_lua.mutator = m;
  gcb_lua.slots = m->heap->host->global(m->heap, 0);
  return GCB_OK;
}

static void thread_end(gcb_mutator *m) {
  (void)m;
  gcb_lua.mutator = NULL;
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  if (kind == GCB_MAJOR)
    lua_gc(gcb_lua.L, LUA_GCCOLLECT);
  else if (kind == GCB_MINOR && GENERATIONAL)
    lua_gc(gcb_lua.L, LUA_GCSTEP, 0);
  else
    return GCB_UNSUPPORTED;
  return GCB_OK;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  (void)h;
  *out = (gcb_space_ledger){.objects = gcb_lua.used, .free = gcb_lua.granted - gcb_lua.used};
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = GENERATIONAL ? "lua-gen" : "lua-inc",
    .summary = GENERATIONAL ? "the heap of Lua 5.4, generational" : "the heap of Lua 5.4, incremental",
    .follows = "Lua 5.4",
    .capabilities = GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) | GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) |
                    GCB_CAP(FINALIZERS) | GCB_CAP(BOUNDED) | GCB_CAP(EXACT) | GCB_CAP(FOREIGN) |
                    GCB_CAP(UNTIMED) | (GENERATIONAL ? GCB_CAP(GENERATIONAL) : 0),
    .rare = GCB_RARE(OUT_OF_MEMORY),
    .path = {GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_CALL, GCB_ROOTS_CALL},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .collect = collect,
    .ledger = ledger,
    .ops = &gcb_lua_ops,
};
