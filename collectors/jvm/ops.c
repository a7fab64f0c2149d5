/* The mutator operations in JNI. A slot holds a reference of the thread's, a global slot a global reference;
 * each owns its own. */
#include "state.h"
#include <string.h>

static JNIEnv *env_of(gcb_mutator *m) {
  return m->local;
}
static jobject at(gcb_slot s) {
  return (jobject)*s.at;
}
static bool is_global(gcb_slot s) {
  return (size_t)(s.at - gcb_jvm.globals) < GCB_GLOBALS;
}
static void drop(JNIEnv *env, gcb_slot s) {
  if (!*s.at) return;
  if (is_global(s))
    (*env)->DeleteGlobalRef(env, at(s));
  else
    (*env)->DeleteLocalRef(env, at(s));
}
/* Give the slot a local reference that is the caller's, or NULL. */
static void take(gcb_mutator *m, gcb_slot dst, jobject o) {
  JNIEnv *env = env_of(m);
  if (o && is_global(dst)) {
    jobject global = (*env)->NewGlobalRef(env, o);
    (*env)->DeleteLocalRef(env, o);
    if (!global) m->heap->host->fatal(m, "Java has no memory for a global reference");
    o = global;
  }
  drop(env, dst);
  *dst.at = (gcb_object *)o;
}
/* The same for what was allocated; NULL is an OutOfMemoryError that is pending. */
static bool take_new(gcb_mutator *m, gcb_slot dst, jobject o) {
  JNIEnv *env = env_of(m);
  if (o) {
    take(m, dst, o);
    return true;
  }
  (*env)->ExceptionClear(env);
  gcb_count(m->heap, GCB_EVENT_OUT_OF_MEMORY);
  return false;
}

static void enter(gcb_mutator *m, gcb_object **base, uint32_t n) {
  (void)m, (void)base, (void)n; /* null already */
}
static void clear(gcb_mutator *m, gcb_slot dst) {
  drop(env_of(m), dst);
  *dst.at = NULL;
}
static void leave(gcb_mutator *m, gcb_object **base, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) clear(m, (gcb_slot){base + i});
}

/* ---- allocation ---- */
/* An object with arrays for its references and its payload, where there are any; NULL with an exception. */
static jobject new_parts(JNIEnv *env, bool has_refs, uint32_t refs, bool has_bytes, uint32_t bytes) {
  jobject o = NULL;
  jobjectArray r = has_refs ? (*env)->NewObjectArray(env, (jsize)refs, gcb_jvm.object, NULL) : NULL;
  jbyteArray b = has_bytes && (r || !has_refs) ? (*env)->NewByteArray(env, (jsize)bytes) : NULL;
  if ((r || !has_refs) && (b || !has_bytes)) o = (*env)->AllocObject(env, gcb_jvm.parts);
  if (o && r) (*env)->SetObjectField(env, o, gcb_jvm.parts_refs, r);
  if (o && b) (*env)->SetObjectField(env, o, gcb_jvm.parts_bytes, b);
  if (r) (*env)->DeleteLocalRef(env, r);
  if (b) (*env)->DeleteLocalRef(env, b);
  return o;
}
static jobject new_shape(JNIEnv *env, const gcb_shape *shape) {
  const shape_class *c = gcb_jvm.shapes[shape->id];
  if (!c) return new_parts(env, true, shape->refs, true, shape->payload);
  jobject o = (*env)->AllocObject(env, c->class);
  if (o) (*env)->SetIntField(env, o, gcb_jvm.shape, (jint)shape->id + 1);
  return o;
}
static bool new_object(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape) {
  return take_new(m, dst, new_shape(env_of(m), shape));
}
static bool new_array(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return take_new(m, dst, new_parts(env_of(m), true, n, false, 0));
}
static bool new_bytes(gcb_mutator *m, gcb_slot dst, uint32_t n) {
  return take_new(m, dst, new_parts(env_of(m), false, 0, true, n));
}

/* ---- fields ---- */
/* The class of an object's shape; NULL when it has arrays. */
static const shape_class *class_of(JNIEnv *env, jobject o) {
  jint shape = (*env)->GetIntField(env, o, gcb_jvm.shape);
  return shape ? gcb_jvm.shapes[shape - 1] : NULL;
}
static void store(JNIEnv *env, jobject o, uint32_t i, jobject value) {
  const shape_class *c = class_of(env, o);
  if (c) {
    (*env)->SetObjectField(env, o, c->refs[i], value);
    return;
  }
  jobjectArray r = (*env)->GetObjectField(env, o, gcb_jvm.parts_refs);
  (*env)->SetObjectArrayElement(env, r, (jsize)i, value);
  (*env)->DeleteLocalRef(env, r);
}
static void put(gcb_mutator *m, gcb_slot obj, uint32_t i, gcb_slot src) {
  store(env_of(m), at(obj), i, at(src));
}
static void put_null(gcb_mutator *m, gcb_slot obj, uint32_t i) {
  store(env_of(m), at(obj), i, NULL);
}
static void get(gcb_mutator *m, gcb_slot dst, gcb_slot obj, uint32_t i) {
  JNIEnv *env = env_of(m);
  const shape_class *c = class_of(env, at(obj));
  if (c) {
    take(m, dst, (*env)->GetObjectField(env, at(obj), c->refs[i]));
    return;
  }
  jobjectArray r = (*env)->GetObjectField(env, at(obj), gcb_jvm.parts_refs);
  jobject value = (*env)->GetObjectArrayElement(env, r, (jsize)i);
  (*env)->DeleteLocalRef(env, r);
  take(m, dst, value);
}
static bool construct(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, gcb_slot first) {
  JNIEnv *env = env_of(m);
  const shape_class *c = gcb_jvm.shapes[shape->id];
  jobject o = new_shape(env, shape);
  for (uint32_t i = 0; o && i < shape->refs; i++) {
    if (!first.at[i]) continue;
    if (c)
      (*env)->SetObjectField(env, o, c->refs[i], (jobject)first.at[i]);
    else
      store(env, o, i, (jobject)first.at[i]);
  }
  return take_new(m, dst, o);
}
static void move(gcb_mutator *m, gcb_slot dst, gcb_slot src) {
  JNIEnv *env = env_of(m);
  take(m, dst, *src.at ? (*env)->NewLocalRef(env, at(src)) : NULL);
}
static bool is_null(gcb_mutator *m, gcb_slot s) {
  (void)m;
  return !*s.at;
}
static bool same(gcb_mutator *m, gcb_slot a, gcb_slot b) {
  return (*env_of(m))->IsSameObject(env_of(m), at(a), at(b));
}
static uint32_t length(gcb_mutator *m, gcb_slot obj) {
  JNIEnv *env = env_of(m);
  jobject a = (*env)->GetObjectField(env, at(obj), gcb_jvm.parts_refs);
  if (!a) a = (*env)->GetObjectField(env, at(obj), gcb_jvm.parts_bytes);
  jsize n = (*env)->GetArrayLength(env, a);
  (*env)->DeleteLocalRef(env, a);
  return (uint32_t)n;
}

/* ---- payload ---- */
static void read_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, void *into, uint32_t bytes) {
  JNIEnv *env = env_of(m);
  const shape_class *c = class_of(env, at(obj));
  char *to = into;
  if (!c) {
    jbyteArray b = (*env)->GetObjectField(env, at(obj), gcb_jvm.parts_bytes);
    (*env)->GetByteArrayRegion(env, b, (jsize)offset, (jsize)bytes, into);
    (*env)->DeleteLocalRef(env, b);
    return;
  }
  while (bytes) {
    jlong word = (*env)->GetLongField(env, at(obj), c->words[offset / 8]);
    uint32_t from = offset % 8, n = bytes < 8 - from ? bytes : 8 - from;
    memcpy(to, (char *)&word + from, n);
    to += n, offset += n, bytes -= n;
  }
}
static void write_payload(gcb_mutator *m, gcb_slot obj, uint32_t offset, const void *from, uint32_t bytes) {
  JNIEnv *env = env_of(m);
  const shape_class *c = class_of(env, at(obj));
  const char *source = from;
  if (!c) {
    jbyteArray b = (*env)->GetObjectField(env, at(obj), gcb_jvm.parts_bytes);
    (*env)->SetByteArrayRegion(env, b, (jsize)offset, (jsize)bytes, from);
    (*env)->DeleteLocalRef(env, b);
    return;
  }
  while (bytes) {
    jfieldID id = c->words[offset / 8];
    uint32_t to = offset % 8, n = bytes < 8 - to ? bytes : 8 - to;
    jlong word = n < 8 ? (*env)->GetLongField(env, at(obj), id) : 0;
    memcpy((char *)&word + to, source, n);
    (*env)->SetLongField(env, at(obj), id, word);
    source += n, offset += n, bytes -= n;
  }
}

/* ---- weak references: what the constructor of WeakReference does, without running it ---- */
static bool weak_new(gcb_mutator *m, gcb_slot dst, gcb_slot target) {
  JNIEnv *env = env_of(m);
  jobject w = (*env)->AllocObject(env, gcb_jvm.weak);
  if (w) {
    (*env)->SetObjectField(env, w, gcb_jvm.referent, at(target));
    (*env)->SetObjectField(env, w, gcb_jvm.queue, gcb_jvm.no_queue);
  }
  return take_new(m, dst, w);
}
static void weak_get(gcb_mutator *m, gcb_slot dst, gcb_slot weak) {
  JNIEnv *env = env_of(m);
  take(m, dst, (*env)->GetObjectField(env, at(weak), gcb_jvm.referent));
}

static void poll(gcb_mutator *m) {
  if (__atomic_load_n(&m->attention, __ATOMIC_RELAXED)) m->heap->host->poll(m);
}

const gcb_ops gcb_jvm_ops = {.enter = enter,
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
                             .release = clear,
                             .release_tree = clear,
                             .poll = poll};
