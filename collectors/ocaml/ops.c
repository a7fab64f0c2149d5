/* The mutator operations in OCaml's C interface. A value is good until the next allocation; slots are roots.
 */
#include "state.h"
#include <string.h>

/* Nothing to save around a collection that an allocation below starts: roots are in slots. */
#define Setup_for_gc
#define Restore_after_gc

static value at(gcb_slot s) {
  return (value)*s.at;
}
static void set(gcb_slot dst, value v) {
  *dst.at = (gcb_object *)v;
}
static value field_of(gcb_slot s) { /* what a field holds for what a slot holds */
  return *s.at ? at(s) : Val_unit;
}
static void set_field(gcb_slot dst, value v) {
  *dst.at = v == Val_unit ? NULL : (gcb_object *)v;
}

static void enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m, (void)base, (void)n; /* null already */
}
static void leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m;
  memset(base, 0, n * sizeof *base);
}

/* ---- allocation ---- */
/* The major heap refused: out of memory. */
static value large(mlsize_t words, tag_t tag) {
  value v = caml_alloc_shr_no_track_noexc(words, tag);
  if (!v) gcb_count(gcb_ocaml.heap, GCB_EVENT_OUT_OF_MEMORY);
  return v;
}
/* A block of `words` units, at least one; 0 when out of memory. */
static value new_block(mlsize_t words, tag_t tag) {
  value v;
  if (words <= Max_young_wosize) {
    Alloc_small_no_track(v, words, tag);
    for (mlsize_t i = 0; i < words; i++) Field(v, i) = Val_unit;
    return v;
  }
  v = large(words, tag);
  if (!v) return 0;
  for (mlsize_t i = 0; i < words; i++) Field(v, i) = Val_unit;
  return caml_check_urgent_gc(v);
}
/* A zeroed block of bytes; the last byte tells how many of the last word are not in use, as in all strings of
 * OCaml. */
static value new_string(size_t bytes) {
  mlsize_t words = bytes / 8 + 1;
  value v;
  if (words <= Max_young_wosize)
    Alloc_small_no_track(v, words, String_tag);
  else
    v = large(words, String_tag);
  if (!v) return 0;
  memset(Bp_val(v), 0, 8 * words);
  Byte(v, 8 * words - 1) = (char)(8 * words - 1 - bytes);
  return words <= Max_young_wosize ? v : caml_check_urgent_gc(v);
}
static bool take(gcb_slot dst, value v) {
  if (v) set(dst, v);
  return v != 0;
}
/* The block of a shape, its payload already there; 0 when out of memory. */
static value new_shape(const gcb_shape *shape) {
  if (!shape->refs) return new_string(shape->payload);
  if (!shape->payload) return new_block(shape->refs, GCB_TAG_REFS);
  value v = gcb_ocaml.held = new_string(shape->payload);
  if (!v) {
    gcb_ocaml.held = Val_unit;
    return 0;
  }
  v = new_block(shape->refs + 1, GCB_TAG_REFS);
  if (v) caml_initialize(&Field(v, shape->refs), gcb_ocaml.held);
  gcb_ocaml.held = Val_unit;
  return v;
}
static void init_field(value v, uint32_t i, value to) {
  if (Is_young(v))
    Field(v, i) = to;
  else
    caml_initialize(&Field(v, i), to);
}

static bool new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  (void)m;
  return take(dst, new_shape(shape));
}
static bool new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  return take(dst, n ? new_block(n, GCB_TAG_REFS) : new_block(1, GCB_TAG_EMPTY));
}
static bool new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  (void)m;
  return take(dst, new_string(n));
}
static bool construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  (void)m;
  value v = new_shape(shape);
  if (!v) return false;
  for (uint32_t i = 0; i < shape->refs; i++) init_field(v, i, field_of((gcb_slot){first.at + i}));
  set(dst, v);
  return true;
}

/* ---- fields ---- */
static void init(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  (void)m;
  init_field(at(obj), i, field_of(src));
}
static void put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  (void)m;
  caml_modify(&Field(at(obj), i), field_of(src));
}
static void put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  (void)m;
  caml_modify(&Field(at(obj), i), Val_unit);
}
static void get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  (void)m;
  set_field(dst, Field(at(obj), i));
}
static void move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  (void)m;
  *dst.at = *src.at;
}
static void clear(gcb_mutator *m, gcb_slot dst) {
  (void)m;
  *dst.at = NULL;
}
static bool is_null(gcb_mutator *m, gcb_slot s) {
  (void)m;
  return !*s.at;
}
static bool same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  (void)m;
  return *a.at == *b.at;
}
static uint32_t length(gcb_mutator *m, gcb_slot obj) {
  (void)m;
  value v = at(obj);
  if (Tag_val(v) == String_tag) return (uint32_t)caml_string_length(v);
  return Tag_val(v) == GCB_TAG_EMPTY ? 0 : (uint32_t)Wosize_val(v);
}
static char *payload(gcb_slot obj) {
  value v = at(obj);
  return (char *)Bp_val(Tag_val(v) == String_tag ? v : Field(v, Wosize_val(v) - 1));
}
static void read_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  (void)m;
  if (bytes) memcpy(into, payload(obj) + offset, bytes);
}
static void write_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  (void)m;
  if (bytes) memcpy(payload(obj) + offset, from, bytes);
}

/* ---- weak references, ephemerons, finalizers ---- */
static bool ephemeron(gcb_slot dst, gcb_slot key, const gcb_slot *data) {
  value v = caml_ephemeron_create(1); /* an exception when out of memory, which ends the process */
  caml_ephemeron_set_key(v, 0, at(key));
  if (data && *data->at) caml_ephemeron_set_data(v, at(*data));
  set(dst, v);
  return true;
}
static bool weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  (void)m;
  return ephemeron(dst, target, NULL);
}
static void weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  (void)m;
  value v;
  set(dst, caml_ephemeron_get_key(at(weak), 0, &v) ? v : 0);
}
static bool ephemeron_new(gcb_mutator *m, gcb_slot dst, gcb_slot key, gcb_slot data) {
  (void)m;
  return ephemeron(dst, key, &data);
}
static void ephemeron_get(gcb_mutator *m, gcb_slot dst, gcb_slot e) {
  (void)m;
  value v;
  set(dst, caml_ephemeron_get_data(at(e), &v) ? v : 0);
}
static void ephemeron_put(gcb_mutator *m, gcb_slot e, gcb_slot src) {
  (void)m;
  if (!caml_ephemeron_key_is_set(at(e), 0)) return;
  if (*src.at)
    caml_ephemeron_set_data(at(e), at(src));
  else
    caml_ephemeron_unset_data(at(e));
}

static gcb_status finalise(value object, uint64_t token) {
  gcb_ocaml.held = object;
  value boxed = caml_copy_nativeint((intnat)token);
  value failed = caml_callback2_exn(*gcb_ocaml.finalise, boxed, gcb_ocaml.held);
  gcb_ocaml.held = Val_unit;
  return Is_exception_result(failed) ? GCB_OOM : GCB_OK;
}
static gcb_status finalizer(gcb_mutator *m, gcb_slot obj, uint64_t token) {
  (void)m;
  return finalise(at(obj), token);
}
/* Called by the closure that glue.ml registers, when the runtime has found the object dead. */
CAMLprim value gcb_ocaml_due(value token, value object);
CAMLprim value gcb_ocaml_due(value token, value object) {
  uint64_t t = (uint64_t)Nativeint_val(token);
  gcb_ocaml.finalized++;
  /* With no memory for the harness's queue, again at the next cycle. */
  if (!gcb_finalizer_ready(gcb_ocaml.heap, (gcb_object *)object, t)) finalise(object, t);
  return Val_unit;
}
/* The waiting object stood in a root of the harness until now. */
static void adopt(gcb_mutator *m, gcb_slot dst, gcb_object *handle) {
  (void)m;
  *dst.at = handle;
}

static void poll(gcb_mutator *m) {
  if (caml_something_to_do) caml_process_pending_actions_exn();
  if (__atomic_load_n(&m->attention, __ATOMIC_RELAXED)) m->heap->host->poll(m);
}

const gcb_ops gcb_ocaml_ops = {.enter = enter,
                               .leave = leave,
                               .new_object = new_object,
                               .new_array = new_array,
                               .new_bytes = new_bytes,
                               .construct = construct,
                               .init = init,
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
