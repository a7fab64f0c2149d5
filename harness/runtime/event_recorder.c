#include "results/model/pause.h"
#include "runtime/enum_names.h"
#include "runtime/heap_host.h"
#include <stdio.h>
#include <stdlib.h>

void gcb_recorder_init(gcb_recorder *r) {
  *r = (gcb_recorder){.born = gcb_clock()};
  pthread_mutex_init(&r->lock, NULL);
}

void gcb_recorder_free(gcb_recorder *r) {
  free(r->pauses.at);
  free(r->stalls.at);
  free(r->safepoints.at);
  free(r->stops.at);
  free(r->pieces.at);
  free(r->gaps.at);
  pthread_mutex_destroy(&r->lock);
}

void gcb_recorder_clear(gcb_recorder *r) {
  pthread_mutex_lock(&r->lock);
  r->pauses.n = r->stalls.n = r->safepoints.n = r->stops.n = r->pieces.n = r->gaps.n = 0;
  r->stopped_cpu = 0;
  pthread_mutex_unlock(&r->lock);
}

size_t gcb_recorder_bytes(const gcb_recorder *r) {
  return ((size_t)r->pauses.max + r->stalls.max + r->safepoints.max + r->stops.max + r->pieces.max +
          r->gaps.max) *
         sizeof(gcb_moment);
}

void gcb_record(gcb_recorder *r, gcb_moments *list, gcb_moment span) {
  if (r->off) return;
  pthread_mutex_lock(&r->lock);
  if (list->n == list->max) {
    uint32_t max = list->max ? 2 * list->max : 4096;
    gcb_moment *at = realloc(list->at, max * sizeof *at);
    if (at) {
      list->at = at;
      list->max = max;
    }
  }
  if (list->n < list->max)
    list->at[list->n++] = span;
  else
    r->lost = true;
  pthread_mutex_unlock(&r->lock);
}

static void pause(gcb_heap *h, gcb_mutator *m, gcb_pause_kind kind, uint64_t start, uint64_t end) {
  gcb_recorder *r = &((gcb_instance *)h)->recorder;
  int64_t from = (int64_t)(start - r->born), to = (int64_t)(end - r->born),
          now = (int64_t)(gcb_clock() - r->born);
  const char *fault = gcb_pause_fault(from, to, now, kind < GCB_PAUSE_KINDS ? gcb_pause_word(kind) : NULL);
  if (fault) {
    pthread_mutex_lock(&r->lock);
    if (!r->fault[0])
      snprintf(
          r->fault, sizeof r->fault,
          "the collector reported a pause (kind %u) that %s: from %lld to %lld ns, reported at %lld ns after "
          "the heap began",
          (unsigned)kind, fault, (long long)from, (long long)to, (long long)now);
    pthread_mutex_unlock(&r->lock);
    return;
  }
  gcb_stop_reported((gcb_instance *)h);
  gcb_record(r, &r->pauses,
             (gcb_moment){start, end, (uint16_t)kind, m ? (uint16_t)m->id : GCB_ALL_MUTATORS, 0});
}

void gcb_recorder_wire(gcb_instance *in) {
  in->host.pause = pause;
}
