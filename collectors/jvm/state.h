/* The Java heap: what jvm.c (the machine, collections), classes.c (classes for shapes) and ops.c (the
 * operations) share.
 */
#ifndef JVM_STATE_H
#define JVM_STATE_H

#include <gcbench/collector.h>
#include <gcbench/ops.h>
#include <jni.h>
#include <jvmti.h>

/* A shape with more fields than this has arrays instead. */
enum { GCB_JVM_FIELDS = 128 };

/* The class of a shape: reference fields r0, r1, .. and long fields p0, p1, .. for its payload. */
typedef struct shape_class {
  jclass class;
  jfieldID refs[GCB_JVM_FIELDS], words[GCB_JVM_FIELDS];
} shape_class;

typedef struct jvm_heap {
  gcb_heap *heap;
  JavaVM *vm;
  jvmtiEnv *ti;
  JNIEnv *creator; /* of the thread that made the machine */
  gcb_object **globals;
  const volatile int64_t *young, *full; /* the machine's counters of collections; NULL: it has none */
  int64_t seen_young, seen_full;        /* their values after the last collection */
  uint64_t started;                     /* of the collection under way */
  jclass object, parts, weak;
  jfieldID shape;           /* int of Base: number of the shape + 1, or 0 for Parts */
  jfieldID parts_refs;      /* Object[] of Parts */
  jfieldID parts_bytes;     /* byte[] of Parts */
  jfieldID referent, queue; /* of java.lang.ref.Reference */
  jobject no_queue;         /* ReferenceQueue.NULL */
  shape_class **shapes;     /* by number; NULL for one with arrays */
  uint32_t n_shapes;
} jvm_heap;
extern jvm_heap gcb_jvm;
extern const gcb_ops gcb_jvm_ops;

/* Look for the machine's counters of collections, in libjvm as dlopen() gave it. */
void gcb_jvm_find_counters(void *module);
/* The kind of the collection that has just ended, by what the counters gained: minor when only the young
 * collector ran; major without counters. */
gcb_pause_kind gcb_jvm_kind_of_collection(void);

/* Find and make the classes that every run needs. False with a pending exception when something is not as in
 * OpenJDK 17. */
bool gcb_jvm_classes(JNIEnv *env);
/* The class for a new shape, in gcb_jvm.shapes. */
gcb_status gcb_jvm_shape(JNIEnv *env, const gcb_shape *shape);

#endif
