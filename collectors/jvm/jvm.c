/* jvm: the collectors of a real Java virtual machine, through JNI, pauses through JVMTI. Follows OpenJDK 17.
 *
 * An object of a shape is an instance of a class of its own, with a field for each reference and for each
 * word of payload; arrays of references and of bytes are Java's, in an object that refers to them, as a
 * String has its bytes. No Java method runs in the mutators: what the constructors would do is done field by
 * field.
 *
 * Invariant: a slot owns a JNI reference of its mutator, a global slot a global reference, and nothing else
 * in the machine knows of our objects. Threads are outside of Java but for the length of an operation, so no
 * collection waits for one that waits.
 *
 * Memory: the bound is -Xmx and -Xms, rounded down: the whole Java heap from the start, with half a megabyte
 * of the machine's own objects in it. What the machine needs beside its heap (marks, cards, code, threads) is
 * not bounded, and only the resident size shows it. JVMTI does not tell a young collection from a full one;
 * counters.c does. Finalizers are not offered: Java clears weak references before it finalizes, and what
 * has been finalized once is not again. Ephemerons do not exist.
 */
#include "common/cpus.h"
#include "state.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERIAL, PARALLEL, G1, Z, SHENANDOAH, EPSILON };
enum { MEGABYTE = 1 << 20, STEP = 2 * MEGABYTE, MAX_OPTIONS = 20 };
#define UNBOUNDED ((uint64_t)1 << 30)

static const gcb_option options[] = {
    {"gc", GCB_CHOICE, "serial", 0, 0, "serial|parallel|g1|z|shenandoah|epsilon",
     "collector of the machine; epsilon never collects, and soon runs out of memory"},
    {"log", GCB_TEXT, "", 0, 0, NULL,
     "file for the machine's own log of collections (-Xlog:gc*); %p is the process, each invocation has its "
     "own"},
};
static const char *const switches[] = {"-XX:+UseSerialGC", "-XX:+UseParallelGC",   "-XX:+UseG1GC",
                                       "-XX:+UseZGC",      "-XX:+UseShenandoahGC", "-XX:+UseEpsilonGC"};
/* Below, the machine ends the process instead of saying no. */
static const uint8_t least_megabytes[] = {
    [SERIAL] = 2, [PARALLEL] = 2, [G1] = 4, [Z] = 4, [SHENANDOAH] = 4, [EPSILON] = 2};

jvm_heap gcb_jvm;

/* ---- collections ---- */
/* Concurrent collectors go on after stop(), when the heap that events are told to is gone. */
static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;

/* On a thread of the machine's. */
static void JNICALL collection_begins(jvmtiEnv *ti) {
  (void)ti;
  pthread_mutex_lock(&telling);
  if (gcb_jvm.heap) gcb_jvm.started = gcb_now(gcb_jvm.heap);
  pthread_mutex_unlock(&telling);
}
static void JNICALL collection_ends(jvmtiEnv *ti) {
  (void)ti;
  pthread_mutex_lock(&telling);
  if (gcb_jvm.heap)
    gcb_pause(gcb_jvm.heap, NULL, gcb_jvm_kind_of_collection(), gcb_jvm.started, gcb_now(gcb_jvm.heap));
  pthread_mutex_unlock(&telling);
}

static bool listen(JNIEnv *env) {
  jvm_heap *s = &gcb_jvm;
  (void)env;
  if ((*s->vm)->GetEnv(s->vm, (void **)&s->ti, JVMTI_VERSION_11) != JNI_OK) return false;
  jvmtiCapabilities want = {.can_generate_garbage_collection_events = 1};
  jvmtiEventCallbacks calls = {.GarbageCollectionStart = collection_begins,
                               .GarbageCollectionFinish = collection_ends};
  return !(*s->ti)->AddCapabilities(s->ti, &want) &&
         !(*s->ti)->SetEventCallbacks(s->ti, &calls, sizeof calls) &&
         !(*s->ti)->SetEventNotificationMode(s->ti, JVMTI_ENABLE, JVMTI_EVENT_GARBAGE_COLLECTION_START,
                                             NULL) &&
         !(*s->ti)->SetEventNotificationMode(s->ti, JVMTI_ENABLE, JVMTI_EVENT_GARBAGE_COLLECTION_FINISH,
                                             NULL);
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  return (*gcb_jvm.ti)->ForceGarbageCollection(gcb_jvm.ti) ? GCB_OOM : GCB_OK;
}

/* ---- beginning and end ---- */
typedef struct creation {
  jint (*create)(JavaVM **vm, void **env, void *arguments);
  JavaVMInitArgs arguments;
  JNIEnv *env;
  jint result;
} creation;

static void create(void *ctx) {
  creation *c = ctx;
  c->result = c->create(&gcb_jvm.vm, (void **)&c->env, &c->arguments);
}

/* What the machine would print. */
static char said[200];
static jint JNICALL hear(FILE *to, const char *format, va_list args) {
  if (to != stdout && to != stderr) return vfprintf(to, format, args); /* the log of option `log` */
  size_t n = strlen(said);
  int k = vsnprintf(said + n, sizeof said - n, format, args);
  for (char *c = said + n; *c; c++)
    if (*c == '\n') *c = ' ';
  return k;
}

static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  jvm_heap *s = &gcb_jvm;
  uint64_t gc = values[0].u, least = (uint64_t)least_megabytes[gc] * MEGABYTE;
  uint64_t bytes = (h->limit == UINT64_MAX ? UNBOUNDED : h->limit) & ~(uint64_t)(STEP - 1);
  char most[40], first[40], threads[48], log[4200] = "-Xlog:disable";
  *s = (jvm_heap){.heap = h, .globals = h->host->global(h, 0)};
  if (bytes < least) {
    snprintf(why, why_size, "this collector of Java does not start below %llu MiB",
             (unsigned long long)least >> 20);
    return GCB_OOM;
  }
  char *range =
      gcb_reserve(h, bytes, 4096); /* in effigy, and before a machine is made: a process has only one */
  if (!range || !gcb_commit(h, range, bytes)) {
    snprintf(why, why_size, "the heap bound has no room for a Java heap");
    return GCB_OOM;
  }
  void *module = dlopen(GCB_LIBJVM, RTLD_NOW | RTLD_LOCAL);
  creation c = {0};
  if (module) *(void **)&c.create = dlsym(module, "JNI_CreateJavaVM");
  if (!c.create) {
    const char *said_loader = dlerror();
    snprintf(why, why_size, "Java cannot be loaded: %s", said_loader ? said_loader : GCB_LIBJVM);
    return GCB_FAILED;
  }
  snprintf(most, sizeof most, "-Xmx%llum", (unsigned long long)bytes >> 20);
  snprintf(first, sizeof first, "-Xms%llum", (unsigned long long)bytes >> 20);
  snprintf(threads, sizeof threads, "-XX:ParallelGCThreads=%u", h->workers ? h->workers : 1);
  if (values[1].s && values[1].s[0])
    snprintf(log, sizeof log, "-Xlog:gc*:file=\"%s\":uptime,level,tags:filecount=0", values[1].s);
  JavaVMOption list[MAX_OPTIONS] = {
      {.optionString = most},
      {.optionString = first},
      {.optionString = "-XX:+UnlockExperimentalVMOptions"}, /* for epsilon */
      {.optionString = (char *)switches[gc]},
      /* The short way of Get<Primitive>Field() now and then reads what was there before ZGC moved an object:
       * it goes by the thread's copy of the bad colours, which a new phase has not reached yet. For all
       * collectors, so that their mutators do the same. */
      {.optionString = "-XX:-UseFastJNIAccessors"},
      {.optionString = threads},
      {.optionString = "-Xrs"}, /* signals that end a process are the harness's */
      {.optionString = log},
      {.optionString = "-XX:+UsePerfData"},            /* for counters.c */
      {.optionString = "-XX:+PerfDisableSharedMem"},   /* no file in /tmp */
      {.optionString = "-XX:-ExitOnOutOfMemoryError"}, /* epsilon would */
      {.optionString = "-XX:ErrorFile=/dev/null"},
      {.optionString = "-XX:-CreateCoredumpOnCrash"},
      {.optionString = "vfprintf", .extraInfo = (void *)hear},
  };
  c.arguments = (JavaVMInitArgs){.version = JNI_VERSION_10, .options = list};
  while (list[c.arguments.nOptions].optionString) c.arguments.nOptions++;
  /* Words from the user's own environment would make another collector of it. */
  unsetenv("JAVA_TOOL_OPTIONS");
  unsetenv("_JAVA_OPTIONS");
  unsetenv("JDK_JAVA_OPTIONS");
  gcb_on_worker_cpus(h, create, &c);
  if (c.result != JNI_OK || !listen(c.env) || !gcb_jvm_classes(c.env)) {
    snprintf(why, why_size, "Java does not start: %s", said[0] ? said : "a class is not as in OpenJDK 17");
    return GCB_FAILED;
  }
  gcb_jvm_find_counters(module);
  gcb_jvm_kind_of_collection();
  s->creator = c.env;
  h->state = s;
  return GCB_OK;
}

/* The machine goes with the process: ending it would only take time. */
static void stop(gcb_heap *h) {
  (void)h;
  pthread_mutex_lock(&telling);
  gcb_jvm.heap = NULL;
  pthread_mutex_unlock(&telling);
}

static gcb_status shape_added(gcb_heap *h, gcb_shape *shape) {
  JNIEnv *env = NULL;
  (void)h;
  if ((*gcb_jvm.vm)->GetEnv(gcb_jvm.vm, (void **)&env, JNI_VERSION_10) != JNI_OK) return GCB_FAILED;
  return gcb_jvm_shape(env, shape);
}

/* The thread that made the machine is known to it already, and stays so. */
static gcb_status thread_begin(gcb_mutator *m) {
  JavaVM *vm = gcb_jvm.vm;
  JNIEnv *env = NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK &&
      (*vm)->AttachCurrentThreadAsDaemon(vm, (void **)&env, NULL) != JNI_OK)
    return GCB_FAILED;
  m->local = env;
  return GCB_OK;
}
static void thread_end(gcb_mutator *m) {
  if (m->local != gcb_jvm.creator) (*gcb_jvm.vm)->DetachCurrentThread(gcb_jvm.vm);
  m->local = NULL;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  *out = (gcb_space_ledger){.objects = gcb_committed(h)}; /* of which Java keeps its own accounts */
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "jvm",
    .summary = "the heap of a Java virtual machine, under one of its collectors",
    .follows = "OpenJDK 17",
    .note = "loads and stores through JNI cost ten times and more what Java's own cost: for work that "
            "collection dominates",
    .capabilities = GCB_CAP(MOVES) | GCB_CAP(CONCURRENT) | GCB_CAP(PARALLEL) | GCB_CAP(RECLAIMS) |
                    GCB_CAP(CYCLES) | GCB_CAP(WEAK) | GCB_CAP(THREADS) | GCB_CAP(BOUNDED) | GCB_CAP(EXACT) |
                    GCB_CAP(FOREIGN),
    .path = {GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_CALL, GCB_ROOTS_CALL},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .start = start,
    .stop = stop,
    .shape_added = shape_added,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .collect = collect,
    .ledger = ledger,
    .ops = &gcb_jvm_ops,
};
