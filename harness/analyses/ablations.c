#include "analyses/ablations.h"
#include "machine/clock.h"
#include "machine/doctor.h"
#include "results/analysis/explain.h"
#include "results/model/cell.h"
#include "results/model/hash.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "session/verify.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* ---- which collectors ---- */

static void add_word(json_t *words, const char *name, const char *preset) {
  json_array_append_new(words, preset ? json_sprintf("%s+%s", name, preset) : json_string(name));
}

/* Every collector that never reclaims, plain and with each of its presets. */
static json_t *candidates(gcb_catalog *c) {
  json_t *words = json_array(), *preset;
  size_t known = c->n_collectors, k; /* looking a preset up adds to the catalog */
  char why[700];
  for (size_t i = 0; i < known; i++) {
    if (c->collectors[i].why) continue;
    const gcb_entry *e = gcb_catalog_collector(c, c->collectors[i].name, why, sizeof why);
    if (!e || e->capabilities & (GCB_CAP(RECLAIMS) | GCB_CAP(EXPLICIT))) continue;
    add_word(words, e->name, NULL);
    json_array_foreach(json_object_get(e->about, "presets"), k, preset)
        add_word(words, e->name, gcb_string(preset, "name"));
  }
  return words;
}

/* "gen3 nursery=4M", as the catalog looks it up. New reference. */
static json_t *word_of(const json_t *cell) {
  char text[1000];
  const char *key;
  json_t *value;
  size_t n = (size_t)snprintf(text, sizeof text, "%.300s", gcb_string(cell, "collector"));
  json_object_foreach(json_object_get(cell, "options"), key, value) if (n < sizeof text) n +=
      (size_t)snprintf(text + n, sizeof text - n, " %s=%s", key, json_string_value(value));
  return json_string(text);
}

/* ---- the plan ---- */

enum { MOST_PARAMS = 64, MOST_COLLECTORS = 64 };

/* What a request points to. */
typedef struct wanted {
  gcb_request r;
  struct gcb_sweep params[MOST_PARAMS];
  const char *values[MOST_PARAMS], *workload, *collectors[MOST_COLLECTORS];
  struct gcb_heap_size heap;
} wanted;

static double first_iteration(const json_t *cell, const char *key) {
  const json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  return gcb_number(json_array_get(json_object_get(invocation, "iterations"), 0), key);
}

static void ask(wanted *w, const json_t *cell, uint64_t timeout_ns) {
  const json_t *invocation = json_array_get(json_object_get(cell, "invocations"), 0);
  const char *key;
  json_t *value;
  *w = (wanted){.workload = gcb_string(cell, "workload")};
  w->r = (gcb_request){.workloads = {&w->workload, 1},
                       .collectors = {w->collectors, 0},
                       .heaps = {&w->heap, 1},
                       .params = {w->params, 0},
                       .invocations = 1,
                       .iterations = json_array_size(json_object_get(invocation, "iterations")),
                       .warmups = json_array_size(json_object_get(invocation, "warmup_ns")),
                       .mutators = (uint64_t)gcb_number(cell, "mutators"),
                       .workers = (uint64_t)gcb_number(cell, "workers"),
                       .seed = strtoull(gcb_string(cell, "seed"), NULL, 10),
                       .timeout_ns = timeout_ns,
                       .pin = "auto"};
  json_object_foreach(json_object_get(cell, "params"), key, value) {
    if (w->r.params.n == MOST_PARAMS) break;
    w->values[w->r.params.n] = json_string_value(value);
    w->params[w->r.params.n] = (struct gcb_sweep){key, {&w->values[w->r.params.n], 1}};
    w->r.params.n++;
  }
}

/* Memory that runs which never free may take: most of what the machine, or its container, has. */
static double spare_memory(void) {
  json_t *machine = gcb_examine();
  double memory = gcb_number(machine, "memory_bytes"),
         limit = gcb_number(machine, "cgroup_memory_limit_bytes");
  json_decref(machine);
  return .7 * (limit < memory ? limit : memory);
}

/* The heap in which nothing has to be freed; 0 when the machine cannot hold it. Takes iterations off until it
 * can. Copying collectors use a half of it, generational ones less. */
static uint64_t roomy_heap(wanted *w, const json_t *cell, double spare) {
  double each = first_iteration(cell, "allocated_bytes"), live = gcb_number(cell, "peak_live_bytes");
  if (!(each > 0)) return 0;
  double fits = (spare - live) / (1.3 * each); /* iterations */
  if ((double)(w->r.warmups + w->r.iterations) > fits) w->r.warmups = w->r.iterations = 1;
  if (2 > fits) return 0;
  return (uint64_t)(3 * ((double)(w->r.warmups + w->r.iterations + 1) * each + live)) + (64 << 20);
}

static bool add(gcb_ablation_runs *r, const wanted *w, char *why, size_t why_size) {
  gcb_wrong_word wrong = {.option = "RUN"};
  if (gcb_plan_add(&r->session.plan, &r->session.catalog, &w->r, &wrong)) return true;
  snprintf(why, why_size, "the cell cannot be run again: %s: %s; --no-run uses what there is", wrong.word,
           wrong.why);
  return false;
}

static void note_changed_file(gcb_ablation_runs *r, const gcb_cell *cell, const json_t *context) {
  const char *then = gcb_string(json_object_get(context, "collector_files"), cell->collector->name);
  uint64_t digest;
  char hex[17];
  if (!*then || !gcb_digest_file(cell->collector->file, &digest)) return;
  gcb_digest_hex(digest, hex);
  if (strcmp(hex, then) != 0)
    gcb_note(r->notes,
             "%s is not the file that the run measured: the parts are of the present one, the pauses "
             "of the former",
             cell->collector->name);
}

static bool add_cell(gcb_ablation_runs *r, const json_t *cell, size_t i, const json_t *word,
                     const json_t *others, const json_t *context, uint64_t timeout_ns, char *why,
                     size_t why_size) {
  wanted w;
  json_t *other;
  size_t k;
  ask(&w, cell, timeout_ns);
  uint64_t roomy = roomy_heap(&w, cell, r->spare);
  w.collectors[w.r.collectors.n++] = json_string_value(word);
  w.heap.bytes = (uint64_t)gcb_number(cell, "heap_bytes");
  r->own[i] = r->session.plan.n_cells;
  if (!add(r, &w, why, why_size)) return false;
  note_changed_file(r, &r->session.plan.cells[r->own[i]], context);
  if (!roomy) {
    gcb_note(r->notes,
             "the %s cells allocate more than this machine has memory for: what never frees cannot "
             "be run; a smaller workload can be explained",
             gcb_string(cell, "workload"));
    return true;
  }
  w.heap.bytes = roomy;
  json_array_foreach(others, k, other) if (w.r.collectors.n < MOST_COLLECTORS)
      w.collectors[w.r.collectors.n++] = json_string_value(other);
  return add(r, &w, why, why_size);
}

bool gcb_ablations_plan(gcb_ablation_runs *r, const json_t *const *cells, size_t n, const json_t *context,
                        uint64_t timeout_ns, bool quiet, char *why, size_t why_size) {
  char unknown[700]; /* a word that is not there is refused by the plan */
  *r = (gcb_ablation_runs){
      .results = json_array(), .notes = json_array(), .own = calloc(n + 1, sizeof *r->own), .n = n};
  snprintf(why, why_size, "no memory");
  if (!r->own || !gcb_session_begin(&r->session, timeout_ns, why, why_size)) return false;
  r->session.quiet = quiet;
  r->spare = spare_memory();
  gcb_catalog *c = &r->session.catalog;
  json_t *others = candidates(c), *words = json_array(), *word;
  size_t i;
  bool good = true;
  for (i = 0; i < n; i++) json_array_append_new(words, word_of(cells[i]));
  /* Entries move as long as names are looked up: all names first. */
  json_array_foreach(others, i, word)
      gcb_catalog_collector(c, json_string_value(word), unknown, sizeof unknown);
  json_array_foreach(words, i, word) gcb_catalog_wanted(c, json_string_value(word), unknown, sizeof unknown);
  for (i = 0; good && i < n; i++)
    good = add_cell(r, cells[i], i, json_array_get(words, i), others, context, timeout_ns, why, why_size);
  r->needed = calloc(r->session.plan.n_cells + 1, sizeof *r->needed);
  r->barriers = calloc(r->session.plan.n_cells + 1, sizeof *r->barriers);
  json_decref(words);
  json_decref(others);
  return good && r->needed && r->barriers;
}

/* ---- the rounds ---- */

static bool is_own(const gcb_ablation_runs *r, size_t i) {
  for (size_t k = 0; k < r->n; k++)
    if (r->own[k] == i) return true;
  return false;
}

static bool ablation(const gcb_cell *cell) {
  return json_is_false(json_object_get(cell->result, "reclaims"));
}

/* Whether an earlier cell of the plan is the same run. What never reclaims does not depend on its bound. */
static bool repeats(const gcb_ablation_runs *r, size_t i) {
  const gcb_cell *cells = r->session.plan.cells;
  for (size_t k = 0; k < i; k++) {
    if (cells[k].group != cells[i].group || cells[k].collector != cells[i].collector) continue;
    if ((ablation(&cells[i]) && !is_own(r, k) && !is_own(r, i)) ||
        json_equal(json_object_get(cells[k].result, "heap_bytes"),
                   json_object_get(cells[i].result, "heap_bytes")))
      return true;
  }
  return false;
}

/* The inline path that an ablation takes is known once it has started. */
static void probe(gcb_ablation_runs *r, size_t i) {
  gcb_cell *cell = &r->session.plan.cells[i];
  json_t *spec = json_copy(cell->spec);
  json_object_set_new(spec, "iterations", json_integer(0));
  json_object_set_new(spec, "warmups", json_integer(0));
  json_t *result = gcb_session_invoke(&r->session, spec);
  const char *dash = strchr(gcb_string(result, "path"), '-');
  if (dash && strcmp(gcb_string(result, "status"), "ok") == 0)
    snprintf(r->barriers[i], sizeof r->barriers[i], "%s", dash + 1);
  json_decref(result);
  json_decref(spec);
}

/* Whether some stored cell of the same group needs an ablation with these barriers, and no earlier one has
 * them. */
static bool serves(const gcb_ablation_runs *r, const json_t *const *stored, size_t i) {
  const gcb_cell *cells = r->session.plan.cells;
  if (!r->barriers[i][0]) return false;
  for (size_t k = 0; k < i; k++)
    if (r->needed[k] && ablation(&cells[k]) && !is_own(r, k) && cells[k].group == cells[i].group &&
        strcmp(r->barriers[k], r->barriers[i]) == 0)
      return false;
  for (size_t k = 0; k < r->n; k++)
    if (cells[r->own[k]].group == cells[i].group &&
        (strcmp(r->barriers[i], gcb_explain_no_barriers) == 0 ||
         strcmp(r->barriers[i], gcb_explain_barriers(stored[k])) == 0))
      return true;
  return false;
}

static void choose(gcb_ablation_runs *r, const json_t *const *stored) {
  const gcb_plan *p = &r->session.plan;
  for (size_t i = 0; i < p->n_cells && !gcb_interrupted; i++) {
    if (!p->cells[i].spec || repeats(r, i)) continue;
    if (!is_own(r, i) && ablation(&p->cells[i])) {
      gcb_session_progress(&r->session, "which barrier %s has", p->cells[i].collector->name);
      probe(r, i);
      r->needed[i] = serves(r, stored, i);
    } else if (is_own(r, i) || json_is_true(json_object_get(p->cells[i].result, "bounded"))) {
      r->needed[i] = true; /* without a bound, a larger one changes nothing */
    }
  }
}

/* CPU time of the first touch of a page of fresh memory, in ns, as the page service hands it out. NAN when
 * there is no memory. */
static double page_touch(void) {
  enum { SIZE = 64 << 20, PAGE = 4096, STEP = 1 << 20 };
  struct timespec from, to;
  char *at = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return NAN;
  bool good = true;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
  for (size_t step = 0; good && step < SIZE; step += STEP) {
    good = mprotect(at + step, STEP, PROT_READ | PROT_WRITE) == 0;
    for (size_t page = 0; good && page < STEP; page += PAGE) *(volatile char *)(at + step + page) = 1;
  }
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
  munmap(at, SIZE);
  double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
  return good ? ns / (SIZE / PAGE) : NAN;
}

static void invoke(gcb_ablation_runs *r, size_t i, gcb_rng *rng) {
  gcb_cell *cell = &r->session.plan.cells[i];
  json_object_set_new(cell->spec, "pad", json_integer((json_int_t)gcb_rng_below(rng, GCB_PAD_MAX) + 1));
  json_t *result = gcb_session_invoke(&r->session, cell->spec);
  if (gcb_interrupted) {
    json_decref(result);
    return;
  }
  double touch = ablation(cell) ? page_touch() : NAN;
  if (isfinite(touch)) json_object_set_new(result, GCB_EXPLAIN_TOUCH, json_real(touch));
  gcb_judge(&r->session, cell, "invocations", result);
  if (!cell->over && !is_own(r, i) && !ablation(cell) && gcb_explain_collected(cell->result)) {
    gcb_note(
        r->notes,
        "%s collects even in a heap of %s, of which it fills only a part between collections: allocation "
        "cannot be separated for it on %s",
        gcb_string(cell->result, "collector"), gcb_format_bytes(gcb_number(cell->result, "heap_bytes")).s,
        gcb_string(cell->result, "workload"));
    r->needed[i] = false; /* further runs of it would say nothing */
  }
  if (cell->over) {
    gcb_note(r->notes, "%s on %s in a heap of %s ended %s: %s", gcb_string(cell->result, "collector"),
             gcb_string(cell->result, "workload"), gcb_format_bytes(gcb_number(cell->result, "heap_bytes")).s,
             gcb_string(cell->result, "status"), gcb_string(cell->result, "reason"));
    r->failed |= is_own(r, i);
  }
  json_decref(result);
}

static size_t runs_of_a_round(const gcb_ablation_runs *r) {
  size_t n = 0;
  for (size_t i = 0; i < r->session.plan.n_cells; i++) n += r->needed[i] && !r->session.plan.cells[i].over;
  return n;
}

/* One invocation of each run that is needed, in random order; counts them. */
static void run_round(gcb_ablation_runs *r, size_t *order, gcb_rng *rng, uint64_t rounds_left,
                      uint64_t *done) {
  gcb_plan *p = &r->session.plan;
  gcb_plan_shuffle(p, order);
  for (size_t k = 0; k < p->n_cells && !gcb_interrupted; k++) {
    if (!r->needed[order[k]] || p->cells[order[k]].over) continue;
    invoke(r, order[k], rng);
    *done += !gcb_interrupted;
    gcb_interrupt_done(*done, *done + rounds_left * runs_of_a_round(r), "invocations");
  }
}

void gcb_ablations_run(gcb_ablation_runs *r, const json_t *const *stored, uint64_t rounds) {
  gcb_plan *p = &r->session.plan;
  gcb_rng rng = gcb_rng_seed(1);
  size_t *order = calloc(p->n_cells + 1, sizeof *order);
  uint64_t done = 0;
  for (size_t g = 0; g < p->n_groups && !gcb_interrupted; g++) gcb_judge_reference(&r->session, g);
  choose(r, stored);
  uint64_t started = gcb_clock();
  for (uint64_t round = 1; order && round <= rounds && !gcb_interrupted; round++) {
    char left[40] = "";
    size_t n = runs_of_a_round(r);
    if (done)
      snprintf(left, sizeof left, ", %s left",
               gcb_format_left((gcb_clock() - started) / done * ((rounds - round + 1) * n)).s);
    gcb_session_progress(&r->session, "round %llu of %llu, %s%s", (unsigned long long)round,
                         (unsigned long long)rounds, gcb_format_number((double)n, "invocation").s, left);
    run_round(r, order, &rng, rounds - round, &done);
  }
  gcb_session_quieten(&r->session);
  for (size_t i = 0; i < p->n_cells; i++)
    if (json_array_size(json_object_get(p->cells[i].result, "invocations")))
      json_array_append(r->results, p->cells[i].result);
  free(order);
}

void gcb_ablations_close(gcb_ablation_runs *r) {
  gcb_session_close(&r->session);
  json_decref(r->results);
  json_decref(r->notes);
  free(r->own);
  free(r->needed);
  free(r->barriers);
}
