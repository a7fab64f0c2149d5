/* The mutator operations in Lua's C API. Whatever they push above the slots they pop. */
#include "state.h"
#include <lauxlib.h>
#include <string.h>

/* Upper bounds of Lua's own sizes: of a userdata, a table, a value, a hash node. */
enum { UDATA = 48, TABLE = 64, VALUE = 16, NODE = 40 };
#define L     (gcb_lua.L)
#define AT(s) gcb_lua_index(s)

static void enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  if (!lua_checkstack(L, (int)n + LUA_MINSTACK)) m->heap->host->fatal(m, "no memory for Lua's stack");
  lua_settop(L, AT((gcb_slot){base}) - 1 + (int)n);
}
static void leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m, (void)n;
  lua_settop(L, AT((gcb_slot){base}) - 1);
}

static bool room_for_shape(const gcb_shape *shape) {
  return gcb_lua_room(gcb_lua_block(UDATA + VALUE * (size_t)shape->refs + shape->payload));
}
static bool new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  (void)m;
  if (!room_for_shape(shape)) return false;
  memset(lua_newuserdatauv(L, shape->payload, (int)shape->refs), 0, shape->payload);
  lua_replace(L, AT(dst));
  return true;
}
static bool new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  if (!gcb_lua_room(gcb_lua_block(VALUE * (size_t)n) + TABLE + 2 * NODE)) return false;
  lua_createtable(L, (int)n, 1);
  lua_pushinteger(L, n);
  lua_rawseti(L, -2, 0);
  lua_replace(L, AT(dst));
  return true;
}
static bool new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  if (!gcb_lua_room(gcb_lua_block(UDATA + (size_t)n))) return false;
  memset(lua_newuserdatauv(L, n, 0), 0, n);
  lua_replace(L, AT(dst));
  return true;
}
static bool construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  (void)m;
  if (!room_for_shape(shape)) return false;
  memset(lua_newuserdatauv(L, shape->payload, (int)shape->refs), 0, shape->payload);
  int from = AT(first);
  for (int i = 0; i < (int)shape->refs; i++) {
    lua_pushvalue(L, from + i);
    lua_setiuservalue(L, -2, i + 1);
  }
  lua_replace(L, AT(dst));
  return true;
}

static void store(int obj, uint32_t i) { /* what is on top */
  if (lua_type(L, obj) == LUA_TTABLE)
    lua_rawseti(L, obj, (lua_Integer)i + 1);
  else
    lua_setiuservalue(L, obj, (int)i + 1);
}
static void put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  (void)m;
  lua_pushvalue(L, AT(src));
  store(AT(obj), i);
}
static void put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  (void)m;
  lua_pushnil(L);
  store(AT(obj), i);
}
static void get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  (void)m;
  if (lua_type(L, AT(obj)) == LUA_TTABLE)
    lua_rawgeti(L, AT(obj), (lua_Integer)i + 1);
  else
    lua_getiuservalue(L, AT(obj), (int)i + 1);
  lua_replace(L, AT(dst));
}
static void move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  (void)m;
  lua_copy(L, AT(src), AT(dst));
}
static void clear(gcb_mutator *m, gcb_slot dst) {
  (void)m;
  lua_pushnil(L);
  lua_replace(L, AT(dst));
}
static bool is_null(gcb_mutator *m, gcb_slot s) {
  (void)m;
  return lua_isnil(L, AT(s));
}
static bool same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  (void)m;
  return lua_rawequal(L, AT(a), AT(b));
}
static uint32_t length(gcb_mutator *m, gcb_slot obj) {
  (void)m;
  if (lua_type(L, AT(obj)) != LUA_TTABLE) return (uint32_t)lua_rawlen(L, AT(obj));
  lua_rawgeti(L, AT(obj), 0);
  uint32_t n = (uint32_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return n;
}
static void read_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  (void)m;
  memcpy(into, (char *)lua_touserdata(L, AT(obj)) + offset, bytes);
}
static void write_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  (void)m;
  memcpy((char *)lua_touserdata(L, AT(obj)) + offset, from, bytes);
}

/* ---- weak references and ephemerons: a table of one entry with a weak key ---- */
static bool entry_new(gcb_slot dst, gcb_slot key, const gcb_slot *value) {
  if (!gcb_lua_room(TABLE + 2 * NODE)) return false;
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, AT(key));
  if (value && !lua_isnil(L, AT(*value)))
    lua_pushvalue(L, AT(*value));
  else
    lua_pushboolean(L, 0); /* stands for null: an entry with nil is none */
  lua_rawset(L, -3);
  lua_rawgeti(L, LUA_REGISTRYINDEX, gcb_lua.weak);
  lua_setmetatable(L, -2);
  lua_replace(L, AT(dst));
  return true;
}
/* Push key and value of the entry. False, with nothing pushed, when the key has gone. */
static bool entry(gcb_slot weak) {
  lua_pushnil(L);
  return lua_next(L, AT(weak));
}
static bool weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  (void)m;
  return entry_new(dst, target, NULL);
}
static void weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  if (!entry(weak)) {
    clear(m, dst);
    return;
  }
  lua_pop(L, 1);
  lua_replace(L, AT(dst));
}
static bool ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot value) {
  (void)m;
  return entry_new(dst, key, &value);
}
static void ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot ephemeron) {
  if (!entry(ephemeron)) {
    clear(m, dst);
    return;
  }
  bool null = lua_isboolean(L, -1);
  lua_replace(L, AT(dst));
  lua_pop(L, 1);
  if (null) clear(m, dst);
}
static void ephemeron_put(gcb_mutator *m, gcb_slot ephemeron, gcb_slot src) {
  (void)m;
  if (!entry(ephemeron)) return;
  lua_pop(L, 1);
  if (lua_isnil(L, AT(src)))
    lua_pushboolean(L, 0);
  else
    lua_pushvalue(L, AT(src));
  lua_rawset(L, AT(ephemeron));
}

static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  uint64_t bytes = gcb_lua_block(sizeof(gcb_token));
  int at = AT(obj);
  (void)m;
  if (!gcb_lua_room(bytes) || !gcb_tokens_add(&gcb_lua.tokens, lua_topointer(L, at), token)) return GCB_OOM;
  gcb_lua.used += bytes;
  bool weak = lua_type(L, at) == LUA_TTABLE && lua_getmetatable(L, at);
  if (weak) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, gcb_lua.final);
    weak = !lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, weak ? gcb_lua.weak_final : gcb_lua.final);
  lua_setmetatable(L, at);
  return GCB_OK;
}
static void adopt(gcb_mutator *m, gcb_slot dst, gcb_object *handle) {
  int ref = (int)(intptr_t)handle;
  (void)m;
  lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
  luaL_unref(L, LUA_REGISTRYINDEX, ref);
  lua_replace(L, AT(dst));
}
static void poll(gcb_mutator *m) {
  if (__atomic_load_n(&m->attention, __ATOMIC_RELAXED)) m->heap->host->poll(m);
}

const gcb_ops gcb_lua_ops = {.enter = enter,
                             .leave = leave,
                             .new_object = new_object,
                             .new_array = new_array,
                             .new_bytes = new_bytes,
                             .construct = construct,
                             .init = put,
                             .put = put,
                             .put_null = put_null,
                             .get = get,
                             .move = move,
                             .clear = clear,
                             .is_null = is_null,
                             .same = same,
                             .length = length,
                             .read = read_payload,
                             .write = write_payload,
                             .weak_new = weak_new,
                             .weak_get = weak_get,
                             .ephemeron_new = ephemeron_new,
                             .ephemeron_key = weak_get,
                             .ephemeron_get = ephemeron_get,
                             .ephemeron_put = ephemeron_put,
                             .finalizer = finalizer,
                             .release = clear,
                             .release_tree = clear,
                             .poll = poll,
                             .adopt = adopt};
