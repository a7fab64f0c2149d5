/* ocaml: the heap of OCaml 4, a nursery copied into a major heap that is marked and swept in slices. Follows
 * Leroy and Doligez' runtime, best-fit allocation by default.
 *
 * An object with references is a block of them, with its payload in a bytes block of its own behind the last,
 * as OCaml itself would have it; one without is the bytes block alone. A weak reference or ephemeron is an
 * ephemeron of OCaml's.
 *
 * Invariant: a root slot holds NULL or a value that is a block of the OCaml heap; a field that is null holds
 * (). The runtime comes for the slots through its hook for roots (scan_roots()), at each minor collection and
 * at the beginning of each major cycle, and stores where a block went. Its barrier upon overwriting and on
 * reading weakly does the rest: what a slot takes from the heap while a cycle marks is marked in it.
 *
 * Marking takes the square of the length of a chain of ephemerons, each value the next one's key.
 *
 * What OCaml does otherwise than the contract asks: it cannot be bounded, and running out of memory while a
 * minor collection promotes ends the process. Memory is counted as the runtime itself counts it, major heap
 * and nursery, in steps of a reserved range that nobody touches; mark stack and remembered sets are not in
 * it.
 */
#include "state.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPTION_NURSERY, OPTION_OVERHEAD, OPTION_POLICY };
static const gcb_option options[] = {
    {"nursery", GCB_BYTES, "2M", 32768, 2147483648.0, NULL, "bytes of the minor heap; 2M is OCaml's own"},
    {"space-overhead", GCB_UINT, "120", 1, 1000000, NULL,
     "percent of memory for what is dead, to which slices hurry; 120 is OCaml's own"},
    {"policy", GCB_CHOICE, "best-fit", 0, 0, "next-fit|first-fit|best-fit", "allocation in the major heap"},
};

#define ADDRESSES ((uint64_t)1 << 38)
enum { PAGE = 4096 };
ocaml_heap gcb_ocaml;

/* ---- roots ---- */
static void scan_root(void *ctx, gcb_object **slot) {
  scanning_action action = *(scanning_action *)ctx;
  action((value)*slot, (value *)slot);
}
static void scan_roots(scanning_action action) {
  gcb_each_root(gcb_ocaml.heap, scan_root, &action);
  action(gcb_ocaml.held, &gcb_ocaml.held);
}

/* ---- collections ---- */

/* Commit, in effigy, what the runtime says that it has. */
static void account(void) {
  ocaml_heap *s = &gcb_ocaml;
  uint64_t words = (uint64_t)Caml_state->stat_heap_wsz + Caml_state->minor_heap_wsz;
  uint64_t now = (8 * words + PAGE - 1) & ~(uint64_t)(PAGE - 1);
  if (now > s->range_bytes) now = s->range_bytes;
  if (now > s->committed) {
    if (gcb_commit(s->heap, s->range + s->committed, now - s->committed)) s->committed = now;
  } else if (now < s->committed) {
    gcb_decommit(s->heap, s->range + now, s->committed - now);
    s->committed = now;
  }
}

static void begin_pause(void) {
  gcb_ocaml.started = gcb_now(gcb_ocaml.heap);
}
static void end_pause(gcb_pause_kind kind) {
  if (!gcb_ocaml.forced) gcb_pause(gcb_ocaml.heap, NULL, kind, gcb_ocaml.started, gcb_now(gcb_ocaml.heap));
  account();
}
static void end_minor(void) {
  end_pause(GCB_MINOR);
}
static void end_slice(void) {
  end_pause(GCB_SLICE);
}

static gcb_status collect(gcb_mutator *m, gcb_pause_kind kind) {
  (void)m;
  if (kind == GCB_MINOR) {
    caml_empty_minor_heap();
    return GCB_OK;
  }
  if (kind != GCB_MAJOR) return GCB_UNSUPPORTED;
  uint64_t start = gcb_now(gcb_ocaml.heap);
  gcb_ocaml.forced = true;
  /* At most three, as Gc.full_major does: one that was under way may keep what died since it began, and a
   * finalizer its object through one more. */
  bool again = true;
  for (int i = 0; i < 3 && again; i++) {
    uint64_t before = gcb_ocaml.finalized;
    again = caml_gc_phase != Phase_idle;
    caml_empty_minor_heap();
    caml_finish_major_cycle();
    caml_process_pending_actions_exn();
    again |= gcb_ocaml.finalized != before;
  }
  gcb_ocaml.forced = false;
  gcb_pause(gcb_ocaml.heap, NULL, GCB_MAJOR, start, gcb_now(gcb_ocaml.heap));
  account();
  return GCB_OK;
}

/* ---- beginning and end ---- */
static gcb_status start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  ocaml_heap *s = &gcb_ocaml;
  char parameters[160], name[] = "gcbench", *argv[] = {name, NULL};
  struct sigaction before;
  *s = (ocaml_heap){.heap = h, .held = Val_unit, .range_bytes = ADDRESSES};
  s->range = gcb_reserve(h, s->range_bytes, PAGE);
  /* Words from the user's own environment would make another collector of it. */
  snprintf(parameters, sizeof parameters, "s=%llu,o=%llu,a=%llu",
           (unsigned long long)values[OPTION_NURSERY].u / 8, (unsigned long long)values[OPTION_OVERHEAD].u,
           (unsigned long long)values[OPTION_POLICY].u);
  if (!s->range || setenv("OCAMLRUNPARAM", parameters, 1) != 0) {
    snprintf(why, why_size, "no memory to start OCaml");
    return GCB_OOM;
  }
  sigaction(SIGSEGV, NULL, &before);
  value failed = caml_startup_exn(argv);
  sigaction(SIGSEGV, &before,
            NULL); /* OCaml's own tells stack overflows in OCaml code, of which there is none */
  s->finalise = caml_named_value("gcb_finalise");
  if (Is_exception_result(failed) || !s->finalise) {
    snprintf(why, why_size, "OCaml does not start: an exception in its standard library");
    return GCB_FAILED;
  }
  caml_scan_roots_hook = scan_roots;
  caml_minor_gc_begin_hook = begin_pause;
  caml_minor_gc_end_hook = end_minor;
  caml_major_slice_begin_hook = begin_pause;
  caml_major_slice_end_hook = end_slice;
  h->state = s;
  account();
  return GCB_OK;
}

/* The runtime goes with the process: ending it would only take time. */
static void stop(gcb_heap *h) {
  (void)h;
  caml_scan_roots_hook = NULL;
}

static gcb_status thread_begin(gcb_mutator *m) {
  return m->id ? GCB_UNSUPPORTED : GCB_OK; /* one runtime lock, one mutator */
}
static void thread_end(gcb_mutator *m) {
  (void)m;
}

static void ledger(gcb_heap *h, gcb_space_ledger *out) {
  (void)h;
  *out = (gcb_space_ledger){.objects = gcb_ocaml.committed};
}

const gcb_collector gcbench_collector = {
    .abi = GCB_COLLECTOR_ABI,
    .size = sizeof(gcb_collector),
    .name = "ocaml",
    .summary = "the heap of OCaml: a nursery, and slices of mark and sweep",
    .follows = "OCaml " GCB_OCAML_VERSION,
    .capabilities = GCB_CAP(MOVES) | GCB_CAP(GENERATIONAL) | GCB_CAP(RECLAIMS) | GCB_CAP(CYCLES) |
                    GCB_CAP(WEAK) | GCB_CAP(EPHEMERONS) | GCB_CAP(FINALIZERS) | GCB_CAP(EXACT) |
                    GCB_CAP(FOREIGN),
    .path = {GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_CALL, GCB_ROOTS_CALL},
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .start = start,
    .stop = stop,
    .thread_begin = thread_begin,
    .thread_end = thread_end,
    .collect = collect,
    .ledger = ledger,
    .ops = &gcb_ocaml_ops,
};
