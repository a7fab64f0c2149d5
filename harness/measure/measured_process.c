#include "measure/measured_process.h"
#include "machine/topology.h"
#include "measure/heartbeat.h"
#include "measure/iterations.h"
#include "measure/rss.h"
#include "measure/sampler.h"
#include "measure/soak_iterations.h"
#include "plan/settings.h"
#include "runtime/crash.h"
#include "runtime/enum_names.h"
#include "runtime/threads.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gcb_trial_fail(gcb_trial *t, gcb_status status, const char *why) {
  pthread_mutex_lock(&t->why_lock);
  if (t->status == GCB_OK) t->status = status;
  if (!t->why[0]) snprintf(t->why, sizeof t->why, "%s", why);
  pthread_mutex_unlock(&t->why_lock);
}

/* The workload's own sentence about a failure that it is going to return. */
static void explain(gcb_task *task, const char *format, ...) {
  gcb_trial *t = (gcb_trial *)((char *)task - offsetof(gcb_trial, task));
  va_list args;
  va_start(args, format);
  pthread_mutex_lock(&t->why_lock);
  if (!t->why[0]) vsnprintf(t->why, sizeof t->why, format, args);
  pthread_mutex_unlock(&t->why_lock);
  va_end(args);
}

static void finalized(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token) {
  gcb_trial *t = ctx;
  const gcb_workload *w = t->count ? t->counting : t->plain;
  if (w->finalized) w->finalized(m, &t->task, object, token);
}

static int cpu_at(const json_t *spec, const char *key, size_t i) {
  json_t *cpu = json_array_get(json_object_get(spec, key), i);
  return json_is_integer(cpu) ? (int)json_integer_value(cpu) : -1;
}

static void pin(gcb_trial *t, int cpu) {
  char why[200];
  if (cpu >= 0 && t->topology && !gcb_pin_thread(t->topology, cpu, why, sizeof why))
    gcb_trial_fail(t, GCB_FAILED, why);
}

/* Worker 0 is the mutator that stops the world, so created worker i has the place i - 1. A list of cpus is
 * the place of a worker that has no core of its own: the scheduler puts it on one where a mutator is stopped.
 */
static void pin_worker(void *ctx, uint32_t worker) {
  gcb_trial *t = ctx;
  const json_t *place = json_array_get(json_object_get(t->spec, "worker_cpus"), worker - 1);
  int cpus[GCB_MAX_MUTATORS];
  char why[200];
  size_t n = json_array_size(place);
  gcb_threads_join("worker", worker);
  if (n == 0) {
    pin(t, cpu_at(t->spec, "worker_cpus", worker - 1));
    return;
  }
  for (size_t i = 0; i < n && i < GCB_MAX_MUTATORS; i++)
    cpus[i] = (int)json_integer_value(json_array_get(place, i));
  if (!gcb_threads_allow(cpus, n < GCB_MAX_MUTATORS ? n : GCB_MAX_MUTATORS, why, sizeof why))
    gcb_trial_fail(t, GCB_FAILED, why);
}

/* ---- one mutator's part of a lap ---- */

typedef struct guarded {
  gcb_trial *t;
  gcb_member *who;
  gcb_status (*body)(gcb_trial *t, gcb_member *who);
} guarded;

static gcb_status iterate(gcb_trial *t, gcb_member *who) {
  return (t->count ? t->counting : t->plain)->iterate(who->m, &t->task, &who->tally);
}
static gcb_status set_up(gcb_trial *t, gcb_member *who) {
  return t->plain->setup ? t->plain->setup(who->m, &t->task) : GCB_OK;
}

static gcb_status guard(void *arg) {
  guarded *g = arg;
  gcb_thread *thread = g->who->m->harness;
  if (setjmp(thread->unwind)) {
    gcb_trial_fail(g->t, GCB_FAILED, thread->why);
    return GCB_FAILED;
  }
  return g->body(g->t, g->who);
}

/* Run a body on a mutator inside the runtime's own frame, and leave its shadow stack empty whatever happened.
 */
static void perform(gcb_trial *t, gcb_member *who, gcb_status (*body)(gcb_trial *t, gcb_member *who)) {
  guarded g = {t, who, body};
  const gcb_collector *c = t->in.heap.collector;
  who->m->ops = !t->count ? t->ops : t->in.shadow ? gcb_shadow_ops(t->in.shadow) : &gcb_counting_ops;
  who->status = c->enter ? c->enter(&t->in.heap, guard, &g) : guard(&g);
  who->m->ops = t->ops;
  if (who->status != GCB_OK) {
    gcb_mutator_unwind(who->m);
    gcb_trial_fail(t, who->status,
                   who->status == GCB_OOM     ? "out of memory within the heap bound"
                   : who->status == GCB_WRONG ? "the workload found its data changed"
                                              : "the workload failed and did not say why");
  }
}

static void gate(gcb_trial *t, gcb_mutator *m) {
  t->in.host.blocked_begin(m);
  pthread_barrier_wait(&t->gate);
  t->in.host.blocked_end(m);
}

static void *member(void *arg) {
  gcb_member *who = arg;
  gcb_trial *t = who->trial;
  gcb_status status;
  gcb_threads_join("mutator", who->index);
  gcb_crash_thread();
  pin(t, who->cpu);
  who->m = gcb_mutator_attach(&t->in, &status);
  if (!who->m) gcb_trial_fail(t, status, "the collector refused another mutator thread");
  for (;;) {
    if (who->m)
      gate(t, who->m);
    else
      pthread_barrier_wait(&t->gate);
    if (t->quit) break;
    who->tally = (gcb_tally){0};
    if (who->m) {
      gcb_watch_clear(who->m);
      perform(t, who, iterate);
    }
    if (who->m)
      gate(t, who->m);
    else
      pthread_barrier_wait(&t->gate);
  }
  if (who->m) gcb_mutator_detach(who->m);
  gcb_threads_leave();
  return NULL;
}

/* Tell the parent, between what is timed, that this process makes progress; not more often than needed. */
static void beat(gcb_trial *t) {
  uint64_t now = gcb_clock();
  if (now - t->last_beat < GCB_PROGRESS_NS || !json_is_true(json_object_get(t->spec, "beat"))) return;
  t->last_beat = now;
  gcb_progress_beat();
}

bool gcb_trial_lap(gcb_trial *t, gcb_lap *lap) {
  gcb_member *me = &t->crew[0];
  uint32_t n = t->task.mutators;
  me->tally = (gcb_tally){0};
  gcb_watch_clear(me->m);
  gcb_recorder_clear(&t->in.recorder);
  memcpy(lap->work, t->in.heap.work, sizeof lap->work);
  if (n > 1) gate(t, me->m);
  lap->own_cpu = gcb_threads_cpu();
  lap->cpu = gcb_cpu_clock();
  lap->start = gcb_clock();
  perform(t, me, iterate);
  if (n > 1) gate(t, me->m);
  lap->end = gcb_clock();
  lap->cpu = gcb_cpu_clock() - lap->cpu;
  lap->own_cpu = gcb_threads_cpu() - lap->own_cpu;
  lap->tally = (gcb_tally){0};
  lap->short_ns = lap->short_n = 0;
  for (uint32_t i = 0; i < n; i++) {
    lap->tally.ops += t->crew[i].tally.ops;
    lap->tally.checksum += t->crew[i].tally.checksum;
    lap->tally.cyclic_bytes += t->crew[i].tally.cyclic_bytes;
    if (!t->crew[i].m) continue;
    const gcb_thread *thread = t->crew[i].m->harness;
    lap->short_ns += thread->short_ns;
    lap->short_n += thread->short_n;
  }
  beat(t);
  t->cyclic_bytes += lap->tally.cyclic_bytes;
  if (t->in.recorder.fault[0]) gcb_trial_fail(t, GCB_WRONG, t->in.recorder.fault);
  if (t->status != GCB_OK) return false;
  if (t->laps++ == 0) t->checksum = lap->tally.checksum;
  if (lap->tally.checksum == t->checksum) return true;
  char why[160];
  snprintf(why, sizeof why, "iteration %u gave checksum %016llx, the first gave %016llx", t->laps,
           (unsigned long long)lap->tally.checksum, (unsigned long long)t->checksum);
  gcb_trial_fail(t, GCB_WRONG, why);
  return false;
}

void gcb_trial_collect(gcb_trial *t, int times) {
  gcb_mutator *m = t->crew[0].m;
  for (int i = 0; i < times; i++) {
    t->collected = t->in.heap.collector->collect(m, GCB_MAJOR) == GCB_OK;
    gcb_run_finalizers(m);
  }
}

/* Objects of foreign runtimes are outside the regions, which count for them by what was committed. Elsewhere
 * committed pages that were never touched do not excuse memory from elsewhere. */
static void measure_outside(gcb_trial *t) {
  const gcb_recorder *r = &t->in.recorder;
  gcb_resident now;
  if (t->baseline.outside < 0 || !gcb_resident_now(&t->in, &now)) return;
  uint64_t kept = (uint64_t)r->pauses.max + r->stalls.max + r->safepoints.max + r->stops.max + r->pieces.max +
                  r->gaps.max;
  int64_t more = now.outside - t->baseline.outside - t->grown - (int64_t)(kept * sizeof(gcb_moment));
  int64_t inside = now.inside - (int64_t)__atomic_load_n(&t->in.committed, __ATOMIC_RELAXED);
  bool foreign = t->in.heap.collector->capabilities & GCB_CAP(FOREIGN);
  if (more < 0) more = 0;
  if (inside < 0 && !foreign) inside = 0;
  t->outside = more + inside > 0 ? more + inside : 0;
}

void gcb_trial_run(gcb_trial *t, json_t *iterations, json_t *warmup_ns) {
  uint64_t warmups = (uint64_t)json_integer_value(json_object_get(t->spec, "warmups"));
  uint64_t timed = (uint64_t)json_integer_value(json_object_get(t->spec, "iterations"));
  gcb_lap lap;
  bool good = true, counted = !json_is_false(json_object_get(t->spec, "counted"));
  if (counted) {
    t->count = true;
    t->task.phase = GCB_PHASE_COUNTED;
    good = gcb_trial_lap(t, &lap);
    t->count = false;
  }
  if (good && counted) {
    t->counted = true;
    for (uint32_t i = 0; i < t->task.mutators; i++) {
      const uint64_t *one = (const uint64_t *)&((gcb_thread *)t->crew[i].m->harness)->counts;
      for (size_t k = 0; k < sizeof t->counts / sizeof *one; k++) ((uint64_t *)&t->counts)[k] += one[k];
    }
  }
  if (good && counted && json_is_true(json_object_get(t->spec, "liveness"))) {
    gcb_shadow *shadow = gcb_shadow_start(&t->in, t->counts.allocated_bytes);
    if (shadow) {
      t->count = true;
      good = gcb_trial_lap(t, &lap);
      t->count = false;
      t->liveness = gcb_shadow_end(shadow);
    }
  }
  t->task.phase = GCB_PHASE_WARMUP;
  if (warmups == 0 && timed && t->plain->needs && t->plain->needs(&t->task) & GCB_NEEDS_WARMUP) warmups = 1;
  for (uint64_t i = 0; good && i < warmups; i++) {
    good = gcb_trial_lap(t, &lap);
    if (good) json_array_append_new(warmup_ns, json_integer((json_int_t)(lap.end - lap.start)));
  }
  if (good) gcb_trial_collect(t, 1);
  t->task.phase = GCB_PHASE_TIMED;
  if (good && json_object_get(t->spec, "soak_ns")) {
    t->soak = gcb_soak_laps(t);
    return;
  }
  int spare = cpu_at(t->spec, "sampler_cpus", 0);
  gcb_progress_start(&t->progress, &t->in, json_is_true(json_object_get(t->spec, "progress")), timed);
  gcb_sampler *sampler = gcb_sampler_start(10000000, spare, &t->in.committed, &t->progress);
  gcb_heartbeat *heartbeat = NULL;
  if (t->in.watch == GCB_WATCH_LATENCY) {
    /* On a core that nothing else of ours uses it may beat faster. */
    t->heartbeat_period_ns = spare >= 0 && t->in.heap.workers == 1 ? 500000 : 1000000;
    heartbeat = gcb_heartbeat_start(&t->in.recorder, t->heartbeat_period_ns, spare);
    if (!heartbeat) t->heartbeat_period_ns = 0;
  }
  if (good && timed)
    gcb_timed_laps(&(gcb_timing){.t = t, .sampler = sampler, .iterations = iterations}, timed);
  measure_outside(t);
  gcb_heartbeat_stop(heartbeat);
  gcb_sampler_stop(sampler);
  gcb_progress_stop(&t->progress);
  gcb_trial_collect(t, 3);
}

/* ---- opening and closing ---- */

static bool number(gcb_trial *t, const char *key, uint64_t min, uint64_t max, uint64_t *out) {
  json_t *v = json_object_get(t->spec, key);
  char why[120];
  if (json_is_integer(v) && json_integer_value(v) >= (json_int_t)min &&
      (uint64_t)json_integer_value(v) <= max) {
    *out = (uint64_t)json_integer_value(v);
    return true;
  }
  snprintf(why, sizeof why, "invocation: %s must be a whole number from %llu to %llu", key,
           (unsigned long long)min, (unsigned long long)max);
  gcb_trial_fail(t, GCB_FAILED, why);
  return false;
}

static bool start_collector(gcb_trial *t, const gcb_collector *c) {
  gcb_heap *h = &t->in.heap;
  char why[300] = "";
  gcb_status status = gcb_start_collector(c, h, t->collector_values, why, sizeof why);
  if (status != GCB_OK) {
    gcb_trial_fail(t, status, why[0] ? why : "the collector could not start within the heap bound");
    return false;
  }
  t->started = true;
  const gcb_path_module *calls = gcb_load_path((gcb_path){0}, why, sizeof why);
  const gcb_path_module *path = calls ? gcb_load_path(h->path, why, sizeof why) : NULL;
  const char *name = json_string_value(json_object_get(t->spec, "workload"));
  const char *file = json_string_value(json_object_get(t->spec, "workload_file"));
  t->plain = !path  ? NULL
             : file ? gcb_load_workload(file, path->path, why, sizeof why)
                    : gcb_find_workload(path, name);
  t->counting = !calls ? NULL
                : file ? gcb_load_workload(file, calls->path, why, sizeof why)
                       : gcb_find_workload(calls, name);
  if (path && !t->plain && !file) snprintf(why, sizeof why, "%s: no such workload", name);
  if (!t->plain || !t->counting) {
    gcb_trial_fail(t, GCB_FAILED, why);
    return false;
  }
  if (h->path.roots != GCB_ROOTS_CALL) t->in.ops = path->ops;
  t->ops = gcb_watch_ops(&t->in);
  return true;
}

static bool open_workload(gcb_trial *t) {
  const gcb_workload *w = t->plain;
  char why[300];
  if (w->n_params > 64 || !gcb_settings_read(w->params, w->n_params, json_object_get(t->spec, "params"),
                                             t->params, why, sizeof why)) {
    gcb_trial_fail(t, GCB_FAILED, why);
    return false;
  }
  uint64_t seed = strtoull(json_string_value(json_object_get(t->spec, "seed")), NULL, 10);
  const char *scratch = json_string_value(json_object_get(t->spec, "scratch"));
  t->task = (gcb_task){.params = t->params,
                       .state = calloc(1, w->state_bytes + 1),
                       .seed = seed,
                       .mutators = t->in.heap.mutators,
                       .scratch = scratch ? scratch : "/tmp", /* none when started by hand */
                       .explain = explain};
  gcb_response_wire(&t->task);
  if (!t->task.state) gcb_trial_fail(t, GCB_FAILED, "no memory for the workload's own state");
  return t->task.state != NULL;
}

static bool start_crew(gcb_trial *t) {
  uint32_t n = t->task.mutators;
  gcb_status status;
  for (uint32_t i = 0; i < n; i++)
    t->crew[i] = (gcb_member){.trial = t, .index = i, .cpu = cpu_at(t->spec, "mutator_cpus", i)};
  pin(t, t->crew[0].cpu);
  t->crew[0].m = gcb_mutator_attach(&t->in, &status);
  if (!t->crew[0].m) {
    gcb_trial_fail(t, status, "the collector refused its first mutator thread");
    return false;
  }
  t->attached = true;
  if (n == 1) return true;
  pthread_barrier_init(&t->gate, NULL, n);
  t->gate_ready = true;
  for (uint32_t i = 1; i < n; i++, t->crew_started++)
    if (pthread_create(&t->crew[i].thread, NULL, member, &t->crew[i])) {
      /* Those already started wait at a gate for n: the process ends without them. */
      gcb_trial_fail(t, GCB_FAILED, "the system refused a thread");
      return false;
    }
  return true;
}

/* What the instrument does: "throughput" unless the spec says otherwise. */
static bool set_watch(gcb_trial *t) {
  const char *word = json_string_value(json_object_get(t->spec, "watch"));
  for (int i = GCB_WATCH_THROUGHPUT; word && i <= GCB_WATCH_NOTHING; i++)
    if (strcmp(word, gcb_watch_word((gcb_watch)i)) == 0) {
      gcb_watch_set(&t->in, (gcb_watch)i);
      return true;
    }
  if (word) gcb_trial_fail(t, GCB_FAILED, "invocation: watch must be throughput, latency or nothing");
  return !word;
}

bool gcb_trial_open(gcb_trial *t, const json_t *spec) {
  char why[400];
  uint64_t mutators, workers, limit;
  t->spec = spec;
  t->status = GCB_OK;
  pthread_mutex_init(&t->why_lock, NULL);
  const char *file = json_string_value(json_object_get(spec, "collector"));
  if (!file || !json_is_string(json_object_get(spec, "workload")) ||
      !json_is_string(json_object_get(spec, "seed"))) {
    gcb_trial_fail(t, GCB_FAILED, "invocation: workload, collector and seed must be strings");
    return false;
  }
  if (!number(t, "mutators", 1, GCB_MAX_MUTATORS, &mutators) ||
      !number(t, "workers", 1, GCB_MAX_MUTATORS, &workers) || !number(t, "heap_bytes", 0, INT64_MAX, &limit))
    return false;
  const gcb_collector *c = gcb_load_collector(file, why, sizeof why);
  if (!c || c->n_options > 64 ||
      !gcb_settings_read(c->options, c->n_options, json_object_get(spec, "options"), t->collector_values, why,
                         sizeof why) ||
      !gcb_instance_init(&t->in, c)) {
    gcb_trial_fail(t, GCB_FAILED, why);
    return false;
  }
  t->open = true;
  gcb_threads_join("mutator", 0);
  if (!set_watch(t)) return false;
  t->topology = gcb_topology_open(NULL, why, sizeof why);
  t->in.heap.limit = limit ? limit : UINT64_MAX;
  t->in.heap.mutators = (uint32_t)mutators;
  t->in.finalized = finalized;
  t->in.finalized_ctx = t;
  pin(t, cpu_at(spec, "mutator_cpus",
                0)); /* before the collector starts, so that pages are touched from there */
  if (!gcb_workers_start(&t->in, (uint32_t)workers, pin_worker, t)) {
    gcb_trial_fail(t, GCB_FAILED, "the system refused a collector thread");
    return false;
  }
  t->outside = -1;
  if (!gcb_resident_now(&t->in, &t->baseline)) t->baseline.outside = -1;
  if (!start_collector(t, c)) return false;
  if (c->capabilities & GCB_CAP(FOREIGN) && !gcb_resident_now(&t->in, &t->baseline)) t->baseline.outside = -1;
  if (!open_workload(t) || !start_crew(t)) return false;
  perform(t, &t->crew[0], set_up);
  t->set_up = t->status == GCB_OK;
  beat(t);
  return t->set_up;
}

void gcb_trial_close(gcb_trial *t) {
  bool whole = t->attached && t->crew_started + 1 == t->task.mutators;
  if (whole) {
    t->quit = true;
    if (t->gate_ready) gate(t, t->crew[0].m);
    for (uint32_t i = 1; i <= t->crew_started; i++) pthread_join(t->crew[i].thread, NULL);
    gcb_mutator_unwind(t->crew[0].m);
    if (t->set_up && t->plain->teardown) t->plain->teardown(&t->task);
    gcb_mutator_detach(t->crew[0].m);
  }
  if (whole || !t->attached) {
    if (t->started) t->in.heap.collector->stop(&t->in.heap);
    if (t->open) gcb_instance_free(&t->in);
  }
  for (uint32_t i = 0; whole && i < t->task.mutators; i++) gcb_response_free(&t->crew[i].responses);
  free(t->task.state);
  gcb_topology_close(t->topology);
  pthread_mutex_destroy(&t->why_lock);
}
