#include "measure/invocation.h"
#include "machine/topology.h"
#include "measure/measured_process.h"
#include "measure/rss.h"
#include "measure/stall_accounting.h"
#include "plan/load.h"
#include "plan/settings.h"
#include "results/model/clean.h"
#include "runtime/enum_names.h"
#include "runtime/heap_host.h"
#include "runtime/threads.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- results ---- */

/* The part of a moment that lies in the lap; false: none of it. Threads of a runtime report pauses that began
 * before the lap or end after it. */
static bool in_lap(const gcb_moment *p, const gcb_lap *lap, json_int_t *start, json_int_t *ns) {
  uint64_t from = p->start > lap->start ? p->start : lap->start, to = p->end < lap->end ? p->end : lap->end;
  if (p->end < lap->start || p->start > lap->end) return false;
  *start = (json_int_t)(from - lap->start);
  *ns = (json_int_t)(to - from);
  return true;
}

static json_t *pauses(gcb_recorder *r, const gcb_lap *lap) {
  json_t *out = json_array();
  json_int_t start, ns;
  pthread_mutex_lock(&r->lock);
  for (uint32_t i = 0; i < r->pauses.n; i++) {
    const gcb_moment *p = r->pauses.at + i;
    json_t *who = p->mutator == GCB_ALL_MUTATORS ? json_null() : json_integer(p->mutator);
    if (in_lap(p, lap, &start, &ns))
      json_array_append_new(out, json_pack("{s:I, s:I, s:s, s:O}", "start_ns", start, "ns", ns, "kind",
                                           gcb_pause_word(p->kind), "mutator", who));
    json_decref(who);
  }
  pthread_mutex_unlock(&r->lock);
  return out;
}

/* Stalls stay raw too, in a shorter form: [start, length, mutator]. */
static json_t *stalls(const gcb_moments *list, const gcb_lap *lap) {
  json_t *out = json_array();
  json_int_t start, ns;
  for (uint32_t i = 0; i < list->n; i++)
    if (in_lap(&list->at[i], lap, &start, &ns))
      json_array_append_new(out, json_pack("[I, I, i]", start, ns, list->at[i].mutator));
  return out;
}

/* [start, length]. The heartbeat goes on while this reads, hence the lock; a gap may have begun before. */
static json_t *gaps(gcb_recorder *r, uint64_t origin, uint64_t *sum) {
  json_t *out = json_array();
  *sum = 0;
  pthread_mutex_lock(&r->lock);
  for (uint32_t i = 0; i < r->gaps.n; i++) {
    uint64_t start = r->gaps.at[i].start, end = r->gaps.at[i].end;
    if (start < origin) start = origin;
    if (end <= start) continue;
    *sum += end - start;
    json_array_append_new(out, json_pack("[I, I]", (json_int_t)(start - origin), (json_int_t)(end - start)));
  }
  pthread_mutex_unlock(&r->lock);
  return out;
}

static uint64_t total(const gcb_moments *list) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < list->n; i++) sum += list->at[i].end - list->at[i].start;
  return sum;
}

static json_t *collections(const gcb_moments *pauses) {
  json_int_t count[GCB_PAUSE_KINDS] = {0};
  for (uint32_t i = 0; i < pauses->n; i++)
    if (pauses->at[i].kind < GCB_PAUSE_KINDS) count[pauses->at[i].kind]++;
  json_t *out = json_object();
  for (unsigned k = 0; k < GCB_PAUSE_KINDS; k++)
    if (k != GCB_CASCADE) json_object_set_new(out, gcb_pause_word(k), json_integer(count[k]));
  return out;
}

json_t *gcb_trial_iteration(gcb_trial *t, const gcb_lap *lap) {
  gcb_recorder *r = &t->in.recorder;
  bool complete = gcb_watch_complete(&t->in);
  gcb_lost lost;
  json_t *it = json_pack("{s:I, s:I, s:I, s:I, s:I}", "wall_ns", (json_int_t)(lap->end - lap->start),
                         "cpu_ns", (json_int_t)lap->cpu, "ops", (json_int_t)lap->tally.ops, "allocated_bytes",
                         (json_int_t)t->counts.allocated_bytes, "allocated_objects",
                         (json_int_t)t->counts.allocated_objects);
  json_object_set_new(it, "other_cpu_ns",
                      json_integer(lap->cpu > lap->own_cpu ? (json_int_t)(lap->cpu - lap->own_cpu) : 0));
  json_object_set_new(it, "collections", collections(&r->pauses));
  bool told = !(t->in.heap.collector->capabilities & GCB_CAP(UNTIMED));
  json_object_set_new(it, "pauses", told ? pauses(r, lap) : json_null());
  json_object_set_new(it, "stalls", stalls(&r->stalls, lap));
  bool known = gcb_lost_time(r, lap->start, lap->end, lap->cpu, t->task.mutators, &lost);
  /* Where slow paths are not all clocked, what the mutator suffered is not known, so not zero. */
  json_object_set_new(it, "stall_ns",
                      known && complete ? json_integer((json_int_t)lost.suffered) : json_null());
  json_object_set_new(it, "unreported_ns",
                      known && complete && told ? json_integer((json_int_t)lost.unreported) : json_null());
  json_object_set_new(it, "stall_cpu_ns",
                      known && complete ? json_integer((json_int_t)lost.suffered_cpu) : json_null());
  json_object_set_new(it, "unreported_cpu_ns",
                      known && complete && told ? json_integer((json_int_t)lost.unreported_cpu)
                                                : json_null());
  json_object_set_new(it, "stw_ns", known && told ? json_integer((json_int_t)lost.stopped) : json_null());
  json_object_set_new(it, "stw_cpu_ns",
                      known && told ? json_integer((json_int_t)lost.stopped_cpu) : json_null());
  if (complete)
    json_object_set_new(
        it, "short_stalls",
        json_pack("{s:I, s:I}", "n", (json_int_t)lap->short_n, "ns", (json_int_t)lap->short_ns));
  if (t->heartbeat_period_ns) {
    uint64_t sum;
    json_object_set_new(it, "os_gaps", gaps(r, lap->start, &sum));
    json_object_set_new(it, "os_gap_ns", json_integer((json_int_t)sum));
  }
  json_object_set_new(it, "tts_ns", json_integer((json_int_t)total(&r->safepoints)));
  json_t *work = json_object();
  for (unsigned k = 0; k < GCB_WORK_KINDS; k++)
    json_object_set_new(work, gcb_work_word(k),
                        json_integer((json_int_t)(t->in.heap.work[k] - lap->work[k])));
  json_object_set_new(it, "work", work);
  json_object_set_new(it, "avg_rss_bytes",
                      lap->rss.samples ? json_integer((json_int_t)lap->rss.mean) : json_null());
  json_object_set_new(it, "peak_rss_bytes", lap->peak_rss < 0 ? json_null() : json_integer(lap->peak_rss));
  return it;
}

static json_t *counts(const gcb_op_counts *c) {
  char digest[24];
  snprintf(digest, sizeof digest, "%016llx", (unsigned long long)c->digest);
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}",
                   "allocated_bytes", (json_int_t)c->allocated_bytes, "allocated_objects",
                   (json_int_t)c->allocated_objects, "inits", (json_int_t)c->inits, "puts",
                   (json_int_t)c->puts, "gets", (json_int_t)c->gets, "reads", (json_int_t)c->reads, "writes",
                   (json_int_t)c->writes, "polls", (json_int_t)c->polls, "frames", (json_int_t)c->frames,
                   "weaks", (json_int_t)c->weaks, "weak_gets", (json_int_t)c->weak_gets, "ephemerons",
                   (json_int_t)c->ephemerons, "finalizers", (json_int_t)c->finalizers, "digest", digest);
}

/* The state of the heap after everything: what lives, what the collector still holds, where its bytes are. */
static void account(gcb_trial *t, json_t *result) {
  gcb_heap *h = &t->in.heap;
  uint64_t caps = h->collector->capabilities;
  gcb_space_ledger l = {0};
  gcb_reach reach;
  char why[200];
  h->collector->ledger(h, &l);
  json_object_set_new(result, "ledger",
                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "objects", (json_int_t)l.objects,
                                "rounding", (json_int_t)l.rounding, "free", (json_int_t)l.free, "reserve",
                                (json_int_t)l.reserve, "metadata", (json_int_t)l.metadata, "committed",
                                (json_int_t)t->in.committed));
  gcb_status walked = gcb_reachable(&t->in, &reach, why, sizeof why);
  bool known = walked == GCB_OK && t->collected && caps & GCB_CAP(RECLAIMS) && caps & GCB_CAP(EXACT);
  json_object_set_new(result, "live_bytes",
                      walked == GCB_OK ? json_integer((json_int_t)reach.bytes) : json_null());
  json_object_set_new(result, "leaked_bytes",
                      known ? json_integer((json_int_t)l.objects - (json_int_t)reach.bytes) : json_null());
  if (walked == GCB_WRONG) gcb_trial_fail(t, GCB_WRONG, why);
}

static json_t *describe(gcb_trial *t, json_t *iterations, json_t *warmups) {
  gcb_heap *h = &t->in.heap;
  json_t *result = json_object();
  char sum[24];
  json_object_set_new(result, "iterations", iterations);
  json_object_set_new(result, "warmup_ns", warmups);
  json_object_set_new(result, "threads", gcb_threads_json());
  uint64_t caps = h->collector ? h->collector->capabilities : 0;
  bool own =
      caps & GCB_CAP(CONCURRENT) || (caps & GCB_CAP(PARALLEL) && caps & GCB_CAP(FOREIGN) && h->workers > 1);
  json_object_set_new(result, "own_threads", json_boolean(own));
  json_object_set_new(result, "outside_bytes",
                      t->set_up && t->outside >= 0 ? json_integer(t->outside) : json_null());
  json_object_set_new(result, "watch", json_string(gcb_watch_word(t->in.watch)));
  if (t->heartbeat_period_ns)
    json_object_set_new(result, "heartbeat_period_ns", json_integer((json_int_t)t->heartbeat_period_ns));
  if (t->attached) {
    account(t, result);
    json_object_set_new(result, "counts", t->counted ? counts(&t->counts) : json_null());
  }
  if (t->liveness) json_object_set_new(result, "liveness", t->liveness);
  if (t->benchmark) json_object_set_new(result, "benchmark", t->benchmark);
  if (t->soak) json_object_set_new(result, "soak", t->soak);
  json_t *responses = gcb_response_json(t);
  if (json_is_object(responses)) json_object_set(result, "response", responses);
  json_decref(responses);
  snprintf(sum, sizeof sum, "%016llx", (unsigned long long)t->checksum);
  json_object_set_new(result, "checksum", t->laps ? json_string(sum) : json_null());
  json_object_set_new(result, "cyclic_bytes", json_integer((json_int_t)t->cyclic_bytes));
  /* A runtime that says nothing of its memory has not used none. */
  uint64_t peak = t->in.peak_committed;
  json_object_set_new(result, "peak_heap_bytes", peak ? json_integer((json_int_t)peak) : json_null());
  json_object_set_new(result, "returned_bytes", json_integer((json_int_t)t->in.returned));
  json_object_set_new(result, "finalized", json_integer((json_int_t)t->in.finalized_count));
  json_object_set_new(result, "path", json_string(gcb_path_name(h->path)));
  json_t *events = json_object();
  for (unsigned k = 0; k < GCB_EVENT_KINDS; k++)
    if (h->events[k]) json_object_set_new(events, gcb_event_word(k), json_integer((json_int_t)h->events[k]));
  json_object_set_new(result, "events", events);
  if (t->in.recorder.fault[0]) gcb_trial_fail(t, GCB_WRONG, t->in.recorder.fault);
  if (t->in.recorder.lost)
    gcb_trial_fail(t, GCB_FAILED, "an event was lost for want of memory, which voids the run");
  json_object_set_new(result, "status", json_string(gcb_status_word(t->status)));
  json_object_set_new(result, "reason", t->why[0] ? gcb_clean_string(t->why) : json_null());
  return result;
}

json_t *gcb_invocation(const json_t *spec) {
  gcb_trial *t = calloc(1, sizeof *t);
  json_t *iterations = json_array(), *warmups = json_array(), *result = NULL;
  if (t && gcb_trial_open(t, spec)) gcb_trial_run(t, iterations, warmups);
  if (t) {
    result = describe(t, iterations, warmups);
    gcb_trial_close(t);
    free(t);
  }
  return result;
}
