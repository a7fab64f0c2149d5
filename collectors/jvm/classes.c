/* Classes, written as class files: fields and nothing else, no method runs. All extend gcbench.Base, whose
 * one int says which shape an object has, in the four bytes that follow the header anyway.
 */
#include "state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 52, PUBLIC = 0x0001, SUPER = 0x0020, UTF8 = 1, CLASS = 7, FILE_BYTES = 16384 };

typedef struct field {
  char name[12];
  const char *type;
} field;

typedef struct class_file {
  uint8_t bytes[FILE_BYTES];
  size_t n;
} class_file;

static void u1(class_file *f, unsigned v) {
  if (f->n < sizeof f->bytes) f->bytes[f->n++] = (uint8_t)v;
}
static void u2(class_file *f, unsigned v) {
  u1(f, v >> 8);
  u1(f, v & 255);
}
static void utf8(class_file *f, const char *text) {
  u1(f, UTF8);
  u2(f, (unsigned)strlen(text));
  while (*text) u1(f, (uint8_t)*text++);
}
static void class_entry(class_file *f, unsigned name) {
  u1(f, CLASS);
  u2(f, name);
}

/* A local reference to a new class; NULL with a pending exception. Constants 1 to 4 are the class and what it
 * extends, then name and type of each field. */
static jclass define(JNIEnv *env, const char *name, const char *extends, const field *fields, unsigned n) {
  class_file *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  u2(f, 0xcafe), u2(f, 0xbabe), u2(f, 0), u2(f, VERSION);
  u2(f, 5 + 2 * n);
  utf8(f, name), class_entry(f, 1), utf8(f, extends), class_entry(f, 3);
  for (unsigned i = 0; i < n; i++) utf8(f, fields[i].name), utf8(f, fields[i].type);
  u2(f, PUBLIC | SUPER), u2(f, 2), u2(f, 4), u2(f, 0);
  u2(f, n);
  for (unsigned i = 0; i < n; i++) u2(f, PUBLIC), u2(f, 5 + 2 * i), u2(f, 6 + 2 * i), u2(f, 0);
  u2(f, 0), u2(f, 0);
  jclass made = (*env)->DefineClass(env, name, NULL, (const jbyte *)f->bytes, (jsize)f->n);
  free(f);
  return made;
}

static jclass lasting(JNIEnv *env, jclass local) {
  jclass global = local ? (*env)->NewGlobalRef(env, local) : NULL;
  if (local) (*env)->DeleteLocalRef(env, local);
  return global;
}

bool gcb_jvm_classes(JNIEnv *env) {
  static const field of_base[] = {{"shape", "I"}},
                     of_parts[] = {{"refs", "[Ljava/lang/Object;"}, {"bytes", "[B"}};
  jvm_heap *s = &gcb_jvm;
  jclass base = lasting(env, define(env, "gcbench/Base", "java/lang/Object", of_base, 1));
  s->shape = base ? (*env)->GetFieldID(env, base, "shape", "I") : NULL;
  if (s->shape) s->parts = lasting(env, define(env, "gcbench/Parts", "gcbench/Base", of_parts, 2));
  if (s->parts) s->object = lasting(env, (*env)->FindClass(env, "java/lang/Object"));
  if (s->object) s->weak = lasting(env, (*env)->FindClass(env, "java/lang/ref/WeakReference"));
  if (!s->weak) return false;
  s->parts_refs = (*env)->GetFieldID(env, s->parts, "refs", of_parts[0].type);
  s->parts_bytes = (*env)->GetFieldID(env, s->parts, "bytes", of_parts[1].type);
  s->referent = (*env)->GetFieldID(env, s->weak, "referent", "Ljava/lang/Object;");
  if (!s->referent) return false;
  s->queue = (*env)->GetFieldID(env, s->weak, "queue", "Ljava/lang/ref/ReferenceQueue;");
  jclass queues = s->queue ? (*env)->FindClass(env, "java/lang/ref/ReferenceQueue") : NULL;
  jfieldID none =
      queues ? (*env)->GetStaticFieldID(env, queues, "NULL", "Ljava/lang/ref/ReferenceQueue;") : NULL;
  s->no_queue = none ? lasting(env, (*env)->GetStaticObjectField(env, queues, none)) : NULL;
  return s->no_queue != NULL;
}

gcb_status gcb_jvm_shape(JNIEnv *env, const gcb_shape *shape) {
  jvm_heap *s = &gcb_jvm;
  unsigned refs = shape->refs, words = (shape->payload + 7) / 8, n = 0;
  shape_class **grown = realloc(s->shapes, (shape->id + 1) * sizeof *grown), *c = NULL;
  if (!grown) return GCB_OOM;
  for (uint32_t i = s->n_shapes; i <= shape->id; i++) grown[i] = NULL;
  s->shapes = grown;
  s->n_shapes = shape->id + 1;
  if (refs > GCB_JVM_FIELDS || words > GCB_JVM_FIELDS) return GCB_OK;

  field fields[2 * GCB_JVM_FIELDS];
  char name[32];
  for (unsigned i = 0; i < refs; i++, n++) {
    snprintf(fields[n].name, sizeof fields[n].name, "r%u", i);
    fields[n].type = "Ljava/lang/Object;";
  }
  for (unsigned i = 0; i < words; i++, n++) {
    snprintf(fields[n].name, sizeof fields[n].name, "p%u", i);
    fields[n].type = "J";
  }
  snprintf(name, sizeof name, "gcbench/Shape%u", shape->id);
  c = calloc(1, sizeof *c);
  if (c) c->class = lasting(env, define(env, name, "gcbench/Base", fields, n));
  bool good = c && c->class;
  for (unsigned i = 0; good && i < n; i++) {
    jfieldID id = (*env)->GetFieldID(env, c->class, fields[i].name, fields[i].type);
    *(i < refs ? c->refs + i : c->words + i - refs) = id;
    good = id != NULL;
  }
  if (good) {
    s->shapes[shape->id] = c;
    return GCB_OK;
  }
  (*env)->ExceptionClear(env);
  free(c);
  return GCB_OOM; /* the class files are right, so it is memory */
}
