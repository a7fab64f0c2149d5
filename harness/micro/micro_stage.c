/* A heap in this process for kernels: the collector started, one mutator attached, both copies of the kernels
 * loaded. */
#include "machine/topology.h"
#include "micro/micro.h"
#include "plan/settings.h"
#include "runtime/enum_names.h"
#include <stdio.h>

static bool fail(gcb_stage *s, const char *why) {
  if (why != s->why) snprintf(s->why, sizeof s->why, "%s", why);
  return false;
}

static void ignore_finalized(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token) {
  (void)m, (void)ctx, (void)object, (void)token;
}

static bool start(gcb_stage *s, const gcb_collector *c, const json_t *spec) {
  json_int_t limit = json_integer_value(json_object_get(spec, "heap_bytes"));
  gcb_heap *h = &s->in.heap;
  h->limit = limit > 0 ? (uint64_t)limit : UINT64_MAX;
  s->in.finalized = ignore_finalized;
  gcb_status status = gcb_start_collector(c, h, s->values, s->why, sizeof s->why);
  if (status != GCB_OK)
    return fail(s, s->why[0] ? s->why : "the collector could not start within the heap bound");
  s->path = gcb_load_path(h->path, s->why, sizeof s->why);
  if (!s->path) return false;
  if (h->path.roots != GCB_ROOTS_CALL) s->in.ops = s->path->ops;
  s->m = gcb_mutator_attach(&s->in, &status);
  if (!s->m) return fail(s, "the collector refused its first mutator thread");
  s->m->ops = s->in.ops;
  return true;
}

bool gcb_stage_open(gcb_stage *s, const json_t *spec) {
  const char *file = json_string_value(json_object_get(spec, "collector"));
  json_t *cpu = json_object_get(spec, "cpu");
  uint64_t workers = (uint64_t)json_integer_value(json_object_get(spec, "workers"));
  s->topology = gcb_topology_open(NULL, s->why, sizeof s->why);
  if (s->topology && json_is_integer(cpu) && json_integer_value(cpu) >= 0 &&
      !gcb_pin_thread(s->topology, (int)json_integer_value(cpu), s->why, sizeof s->why))
    return false;
  s->calls = gcb_load_path((gcb_path){0}, s->why, sizeof s->why);
  if (!s->calls || !file) return s->calls != NULL;
  const gcb_collector *c = gcb_load_collector(file, s->why, sizeof s->why);
  if (!c) return false;
  if (c->n_options > sizeof s->values / sizeof *s->values)
    return fail(s, "the collector has too many options");
  if (!gcb_settings_read(c->options, c->n_options, json_object_get(spec, "options"), s->values, s->why,
                         sizeof s->why))
    return false;
  if (!gcb_instance_init(&s->in, c)) return fail(s, "no memory for the harness's part of a heap");
  if (workers > 1 && !gcb_workers_start(&s->in, (uint32_t)workers, NULL, NULL))
    return fail(s, "the system refused a collector thread");
  return start(s, c, spec);
}

typedef struct guarded {
  gcb_stage *s;
  gcb_status (*body)(gcb_mutator *m, void *arg);
  void *arg;
} guarded;

static gcb_status guard(void *arg) {
  guarded *g = arg;
  gcb_thread *thread = g->s->m->harness;
  if (setjmp(thread->unwind)) {
    fail(g->s, thread->why);
    return GCB_FAILED;
  }
  return g->body(g->s->m, g->arg);
}

gcb_status gcb_stage_perform(gcb_stage *s, gcb_status (*body)(gcb_mutator *m, void *arg), void *arg) {
  guarded g = {s, body, arg};
  gcb_heap *h = &s->in.heap;
  s->why[0] = 0;
  gcb_status status = h->collector->enter ? h->collector->enter(h, guard, &g) : guard(&g);
  if (status == GCB_OK) return status;
  gcb_mutator_unwind(s->m);
  if (!s->why[0])
    fail(s, status == GCB_OOM           ? "out of memory within the heap bound"
            : status == GCB_UNSUPPORTED ? "the collector has no such operation"
                                        : gcb_status_word(status));
  return status;
}

typedef struct kernel_call {
  const gcb_kernel *k;
  gcb_loop *l;
} kernel_call;

static gcb_status run_kernel(gcb_mutator *m, void *arg) {
  kernel_call *c = arg;
  m->gc->collect(m, GCB_MAJOR); /* what a kernel before left behind is not this one's affair */
  gcb_run_finalizers(m);
  return c->k->body(m, c->k, c->l);
}

gcb_status gcb_stage_kernel(gcb_stage *s, const gcb_kernel *k, gcb_loop *l) {
  kernel_call c = {k, l};
  if (!k->baseline) return gcb_stage_perform(s, run_kernel, &c);
  gcb_status status = k->body(NULL, k, l);
  if (status != GCB_OK) fail(s, gcb_status_word(status));
  return status;
}

const char *gcb_stage_lacks(const gcb_stage *s, const gcb_kernel *k) {
  if (k->baseline) return NULL;
  uint64_t missing = k->needs & ~s->in.heap.collector->capabilities;
  return missing ? gcb_capability_word((unsigned)__builtin_ctzll(missing)) : NULL;
}
