#include "plan/cells.h"
#include "machine/cgroup.h"
#include "machine/topology.h"
#include "plan/configuration.h"
#include "plan/cpu_locks.h"
#include "plan/scale.h"
#include "plan/settings.h"
#include "results/export/scratch.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/clean.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool wrong_word(gcb_wrong_word *w, const char *option, const char *word, const char *why) {
  w->option = option;
  snprintf(w->word, sizeof w->word, "%s", word);
  if (why != w->why) snprintf(w->why, sizeof w->why, "%s", why);
  return false;
}

static bool wrong_collector(gcb_wrong_word *w, const gcb_request *r, size_t k, const char *why) {
  return wrong_word(w, r->collector_options ? r->collector_options[k] : "--collector", r->collectors.items[k],
                    why);
}

/* What an unbounded collector may take: more would make the machine swap, or the kernel kill it. */
static uint64_t unbounded_limit(void) {
  return gcb_memory_room("") / 10 * 6 & ~(uint64_t)4095;
}

/* The combination number `index` of the sweeps whose keys `has` knows: {key: word}; the total goes to *count.
 */
static json_t *combination(const struct gcb_sweeps *sweeps, const gcb_option *table, uint32_t n, size_t index,
                           size_t *count) {
  json_t *given = json_object();
  *count = 1;
  for (size_t i = 0; i < sweeps->n; i++) {
    const struct gcb_sweep *s = &sweeps->items[i];
    if (gcb_setting_find(table, n, s->key) < 0) continue;
    json_object_set_new(given, s->key, json_string(s->values.items[index / *count % s->values.n]));
    *count *= s->values.n;
  }
  return given;
}

/* The same for a collector, whose table is JSON. */
static json_t *option_combination(const struct gcb_sweeps *sweeps, const json_t *about, size_t index,
                                  size_t *count) {
  json_t *given = json_object(), *option;
  *count = 1;
  for (size_t i = 0; i < sweeps->n; i++) {
    const struct gcb_sweep *s = &sweeps->items[i];
    bool has = false;
    size_t k;
    json_array_foreach(json_object_get(about, "options"), k, option) has |=
        strcmp(json_string_value(json_object_get(option, "name")), s->key) == 0;
    if (!has) continue;
    json_object_set_new(given, s->key, json_string(s->values.items[index / *count % s->values.n]));
    *count *= s->values.n;
  }
  return given;
}

static const char *lacks(const gcb_group *g, const gcb_entry *e, uint64_t mutators) {
  uint64_t caps = e->capabilities, needs = g->needs;
  if (e->missing) return e->missing;
  if (needs & GCB_NEEDS_WEAK && !(caps & GCB_CAP(WEAK)))
    return "needs weak references, which the collector does not have";
  if (needs & GCB_NEEDS_EPHEMERONS && !(caps & GCB_CAP(EPHEMERONS)))
    return "needs ephemerons, which the collector does not have";
  if (needs & GCB_NEEDS_FINALIZERS && !(caps & GCB_CAP(FINALIZERS)))
    return "needs finalizers, which the collector does not have";
  if (caps & GCB_CAP(EXPLICIT) && !g->workload->releases)
    return "drops objects without releasing them, and nothing else would free them";
  if (mutators > 1 && !(caps & GCB_CAP(THREADS)))
    return "needs several mutators, which the collector does not allow";
  return NULL;
}

static json_t *cpus(const int *cpu, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) json_array_append_new(list, json_integer(cpu[i]));
  return list;
}

/* The places of the collector threads that are created. One whose cpu is a mutator's too may run on the cpus
 * of all mutators: in a stop the scheduler finds it one where nobody works. */
static json_t *worker_cpus(const struct gcb_placement *p) {
  json_t *list = json_array();
  for (size_t i = 0; i < p->workers; i++) {
    bool own = true;
    for (size_t m = 0; m < p->mutators; m++) own = own && p->mutator_cpu[m] != p->worker_cpu[i];
    own = own || p->worker_cpu[i] == GCB_CPU_ANY;
    json_array_append_new(list, own ? json_integer(p->worker_cpu[i]) : cpus(p->mutator_cpu, p->mutators));
  }
  return list;
}

static json_t *spec(const gcb_plan *p, const gcb_request *r, const gcb_group *g, const gcb_entry *e,
                    const json_t *options, uint64_t heap_bytes) {
  char seed[24];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
  /* The sampler goes where no mutator is, if there is such a place among the cores in use. */
  int sampler =
      p->placement.workers && !p->placement.shared ? p->placement.worker_cpu[p->placement.workers - 1] : -1;
  return json_pack("{s:s, s:s*, s:O, s:s, s:O, s:I, s:I, s:I, s:s, s:I, s:I, s:o, s:o, s:[i], s:s}",
                   "workload", g->workload->name, "workload_file", g->workload_file, "params", g->params,
                   "collector", e->file, "options", options, "heap_bytes", (json_int_t)heap_bytes, "mutators",
                   (json_int_t)r->mutators, "workers", (json_int_t)r->workers, "seed", seed, "warmups",
                   (json_int_t)r->warmups, "iterations", (json_int_t)r->iterations, "mutator_cpus",
                   cpus(p->placement.mutator_cpu, p->placement.mutators), "worker_cpus",
                   worker_cpus(&p->placement), "sampler_cpus", sampler, "scratch", p->scratch);
}

/* The bound in bytes, before it is rounded up to pages. */
static uint64_t bound_of(const struct gcb_heap_size *size, uint64_t peak_live) {
  return size->bytes ? size->bytes : (uint64_t)((double)peak_live * size->factor);
}

/* Is the cell of this module among the keys of its side already? If not, it is from now on. A comparison has
 * two sides, which may be the same. */
static bool planned(json_t *keys, const json_t *cell, const char *file, size_t side) {
  char *key = gcb_cell_key(cell, false), *whole = NULL;
  bool found = false;
  if (key && asprintf(&whole, "%zu %s %s", side, key, file) > 0) {
    found = json_object_get(keys, whole);
    json_object_set_new(keys, whole, json_true());
  }
  free(whole);
  free(key);
  return found;
}

/* `keys`: those of the request's cells so far; a cell that is among them is not added again. */
static bool add_cell(gcb_plan *p, const gcb_request *r, json_t *keys, size_t side, size_t group,
                     const gcb_entry *e, size_t heap, json_t *options, gcb_wrong_word *wrong) {
  gcb_group *g = &p->groups[group];
  uint64_t bytes = bound_of(&r->heaps.items[heap], g->peak_live);
  bytes = (bytes + 4095) & ~(uint64_t)4095;
  bool bounded = e->capabilities & GCB_CAP(BOUNDED) || e->missing;
  char seed[24], name[GCB_CONFIGURATION_NAME];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
  const char *missing = lacks(g, e, r->mutators);
  json_t *all = gcb_configuration(e, options, name);
  json_t *result = json_pack(
      "{s:s, s:O, s:s, s:O, s:I, s:o, s:b, s:b, s:b, s:I, s:I, s:I, s:s, s:s, s:o, s:n, s:[]}", "workload",
      g->workload->name, "params", g->params, "collector", name, "options", all, "heap_bytes",
      (json_int_t)bytes, "heap_factor", json_real((double)bytes / (double)g->peak_live), "bounded", bounded,
      "reclaims", (e->capabilities & (GCB_CAP(RECLAIMS) | GCB_CAP(EXPLICIT))) != 0, "collects",
      (e->capabilities & (GCB_CAP(RECLAIMS) | GCB_CAP(PROMPT))) == GCB_CAP(RECLAIMS), "peak_live_bytes",
      (json_int_t)g->peak_live, "mutators", (json_int_t)r->mutators, "workers", (json_int_t)r->workers,
      "seed", seed, "status", missing ? "unsupported" : "ok", "reason",
      missing ? json_string(missing) : json_null(), "checksum", "invocations");
  bool twice = result && planned(keys, result, e->file, side);
  gcb_cell *grown = result && !twice ? realloc(p->cells, (p->n_cells + 1) * sizeof *grown) : NULL;
  if (!grown) {
    json_decref(all);
    json_decref(result);
    p->repeated += twice;
    return twice || wrong_word(wrong, "--workload", g->workload->name, "no memory for the plan");
  }
  p->cells = grown;
  gcb_cell *cell = &p->cells[p->n_cells++];
  *cell = (gcb_cell){.collector = e, .group = group, .result = result};
  json_t *note = json_object_get(e->about, "note");
  if (json_is_string(note))
    json_object_set(cell->result, "note", note);
  else if (e->capabilities & GCB_CAP(EXPLICIT))
    json_object_set_new(
        cell->result, "note",
        json_string("memory is freed through the calls of gcbench: what these add to the same "
                    "program in plain C was not measured"));
  cell->largest_heap = true;
  for (size_t i = 0; i < r->heaps.n; i++)
    if (bound_of(&r->heaps.items[i], g->peak_live) > bytes) cell->largest_heap = false;
  if (!missing) cell->spec = spec(p, r, g, e, all, bounded ? bytes : unbounded_limit());
  json_decref(all);
  return missing || cell->spec ||
         wrong_word(wrong, "--workload", g->workload->name, "no memory for the plan");
}

/* The group's reference: the first collector that never reclaims, so that no reclamation can go wrong in it.
 */
static void add_reference(gcb_plan *p, gcb_catalog *c, const gcb_request *r) {
  gcb_group *g = &p->groups[p->n_groups - 1];
  char why[600];
  snprintf(g->unverified, sizeof g->unverified, "no collector that could serve as a reference");
  for (size_t i = 0; i < c->n_collectors; i++) {
    if (c->collectors[i].why) continue;
    const gcb_entry *e = gcb_catalog_collector(c, c->collectors[i].name, why, sizeof why);
    if (!e || e->capabilities & (GCB_CAP(RECLAIMS) | GCB_CAP(EXPLICIT)) || lacks(g, e, r->mutators)) continue;
    gcb_request once = *r;
    once.iterations = once.warmups = 0;
    g->reference = spec(p, &once, g, e, e->preset, unbounded_limit());
    return;
  }
}

/* Would the collector take these words for its options? Its table is known from its description. */
static bool good_options(const gcb_entry *e, const json_t *options, char *why, size_t why_size) {
  size_t i;
  json_t *one;
  json_array_foreach(json_object_get(e->about, "options"), i, one) {
    json_t *word = json_object_get(options, json_string_value(json_object_get(one, "name")));
    gcb_option o;
    gcb_value unused;
    if (word && gcb_settings_recall(one, &o) &&
        !gcb_setting_parse(&o, json_string_value(word), &unused, why, why_size))
      return false;
  }
  return true;
}

/* The group of the same that there is already; the number of groups when there is none. */
static size_t find_group(const gcb_plan *p, const gcb_workload *w, const json_t *params,
                         const gcb_request *r) {
  size_t i = 0;
  while (i < p->n_groups && !(p->groups[i].workload == w && p->groups[i].mutators == r->mutators &&
                              p->groups[i].seed == r->seed && json_equal(p->groups[i].params, params)))
    i++;
  return i;
}

/* What a module of ours can work out only with all parameters known. A set of parameters that has a group
 * already, of this request or an earlier one, gets no other. */
static bool add_group(gcb_plan *p, gcb_catalog *c, const gcb_workload *w, const gcb_request *r, json_t *given,
                      size_t *group, gcb_wrong_word *wrong) {
  gcb_value values[64];
  if (w->n_params > 64 ||
      !gcb_settings_read(w->params, w->n_params, given, values, wrong->why, sizeof wrong->why))
    return wrong_word(wrong, "--param", w->name, wrong->why);
  json_t *params = json_object();
  for (uint32_t i = 0; i < w->n_params; i++) {
    json_t *word = json_object_get(given, w->params[i].name);
    char canonical[GCB_CANONICAL];
    const char *text = gcb_setting_canonical(
        &w->params[i], word ? json_string_value(word) : w->params[i].fallback, canonical);
    json_object_set_new(params, w->params[i].name, json_string(text));
    if (w->params[i].type == GCB_FILE && *text && access(text, R_OK) != 0) {
      snprintf(wrong->why, sizeof wrong->why, "the file %s cannot be read: %m; it is the %s", text,
               w->params[i].help);
      json_decref(params);
      return wrong_word(wrong, "--param", w->params[i].name, wrong->why);
    }
  }
  *group = find_group(p, w, params, r);
  if (*group < p->n_groups) {
    json_decref(params);
    return true;
  }
  gcb_group *grown = realloc(p->groups, (p->n_groups + 1) * sizeof *grown);
  if (!grown) return wrong_word(wrong, "--workload", w->name, "no memory for the plan");
  p->groups = grown;
  gcb_task task = {.params = values, .seed = r->seed, .mutators = (uint32_t)r->mutators};
  *group = p->n_groups;
  p->groups[p->n_groups++] = (gcb_group){.workload = w,
                                         .workload_file = gcb_catalog_workload_file(c, w),
                                         .params = params,
                                         .mutators = r->mutators,
                                         .seed = r->seed,
                                         .peak_live = w->peak_live(&task),
                                         .allocated = w->allocated ? w->allocated(&task) : 0,
                                         .needs = w->needs ? w->needs(&task) : 0};
  add_reference(p, c, r);
  return true;
}

/* The group of these parameters, with those that give live size number `index` of the request added. */
static bool add_scaled(gcb_plan *p, gcb_catalog *c, const gcb_workload *w, const gcb_request *r,
                       json_t *given, size_t index, size_t *group, gcb_wrong_word *wrong) {
  gcb_task task = {.seed = r->seed, .mutators = (uint32_t)r->mutators};
  char note[200] = "";
  if (r->live.n && !r->live.items[index].bytes)
    return wrong_word(wrong, "--live", w->name, "expected bytes of live data, such as 64M, not a factor");
  if (r->live.n && !gcb_scale(w, &task, r->live.items[index].bytes, given, note, sizeof note, wrong->why,
                              sizeof wrong->why))
    return wrong_word(wrong, "--live", w->name, wrong->why);
  size_t before = p->n_groups;
  if (!add_group(p, c, w, r, given, group, wrong)) return false;
  if (p->n_groups > before) memcpy(p->groups[*group].note, note, sizeof note);
  return true;
}

/* A key that no chosen workload (collector) has is a slip. */
static bool known_keys(gcb_catalog *c, const gcb_request *r, gcb_wrong_word *wrong) {
  char why[600];
  for (size_t i = 0; i < r->params.n; i++) {
    bool known = false;
    for (size_t k = 0; k < r->workloads.n; k++) {
      const gcb_workload *w = gcb_catalog_workload(c, r->workloads.items[k], why, sizeof why);
      if (!w) return wrong_word(wrong, "--workload", r->workloads.items[k], why);
      gcb_value unused[64];
      json_t *one = json_pack("{s:s}", r->params.items[i].key, r->params.items[i].values.items[0]);
      bool has = gcb_setting_find(w->params, w->n_params, r->params.items[i].key) >= 0;
      if (!has) gcb_settings_read(w->params, w->n_params, one, unused, why, sizeof why);
      json_decref(one);
      known |= has;
    }
    if (!known)
      return wrong_word(
          wrong, "--param", r->params.items[i].key,
          r->workloads.n == 1
              ? strchr(why, ':') + 2
              : gcb_as_called(
                    "none of the chosen workloads has such a parameter; see 'gcbench list workloads'"));
  }
  for (size_t i = 0; i < r->options.n; i++) {
    bool known = false;
    for (size_t k = 0; k < r->collectors.n; k++) {
      const gcb_entry *e = gcb_catalog_wanted(c, r->collectors.items[k], why, sizeof why);
      size_t j;
      json_t *option;
      if (!e) return wrong_collector(wrong, r, k, why);
      known |= e->missing != NULL; /* its options are not known here */
      json_array_foreach(json_object_get(e->about, "options"), j, option) known |=
          strcmp(json_string_value(json_object_get(option, "name")), r->options.items[i].key) == 0;
    }
    if (!known)
      return wrong_word(
          wrong, "--option", r->options.items[i].key,
          gcb_as_called("none of the chosen collectors has such an option; see 'gcbench list collectors'"));
  }
  return true;
}

static bool make_cells(gcb_plan *p, gcb_catalog *c, const gcb_request *r, json_t *keys,
                       gcb_wrong_word *wrong) {
  size_t group;
  for (size_t i = 0; i < r->workloads.n; i++) {
    const gcb_workload *w = gcb_catalog_workload(c, r->workloads.items[i], wrong->why, sizeof wrong->why);
    if (!w) return wrong_word(wrong, "--workload", r->workloads.items[i], wrong->why);
    size_t param_sets = 1, live_sizes = r->live.n ? r->live.n : 1;
    for (size_t ps = 0; ps < param_sets * live_sizes; ps++) {
      json_t *params = combination(&r->params, w->params, w->n_params, ps / live_sizes, &param_sets);
      bool good = add_scaled(p, c, w, r, params, ps % live_sizes, &group, wrong);
      json_decref(params);
      if (!good) return false;
      for (size_t k = 0; k < r->collectors.n; k++) {
        const gcb_entry *e = gcb_catalog_wanted(c, r->collectors.items[k], wrong->why, sizeof wrong->why);
        if (!e) return wrong_collector(wrong, r, k, wrong->why);
        size_t option_sets = 1;
        for (size_t os = 0; os < option_sets; os++)
          for (size_t h = 0; h < r->heaps.n; h++) {
            /* Adding an entry may move the catalog: look it up again. */
            json_t *options = option_combination(&r->options, e->about, os, &option_sets);
            good = good_options(e, options, wrong->why, sizeof wrong->why)
                       ? add_cell(p, r, keys, r->collector_options ? k : 0, group, e, h, options, wrong)
                       : wrong_word(wrong, "--option", e->name, wrong->why);
            json_decref(options);
            if (!good) return false;
          }
      }
    }
  }
  return true;
}

/* The folder that workloads write to. */
static bool make_scratch(gcb_plan *p, gcb_wrong_word *wrong) {
  const char *tmp = getenv("TMPDIR");
  return gcb_scratch_make("run", p->scratch, sizeof p->scratch, &p->scratch_lock, wrong->why,
                          sizeof wrong->why) ||
         wrong_word(wrong, "TMPDIR", tmp ? tmp : "/tmp", wrong->why);
}

/* A zeroed generator gives 0 for ever, in which the draw of an order never ends. */
static void seed_order(gcb_plan *p, uint64_t seed) {
  static const gcb_rng zeroed;
  if (memcmp(&p->order, &zeroed, sizeof zeroed) == 0) p->order = gcb_rng_seed(seed);
}

bool gcb_plan_add(gcb_plan *p, gcb_catalog *c, const gcb_request *r, gcb_wrong_word *wrong) {
  seed_order(p, r->seed);
  snprintf(wrong->why, sizeof wrong->why, "the plan could not be made");
  /* Looking every name up first settles the catalog: entries do not move afterwards. */
  for (size_t k = 0; k < r->collectors.n; k++)
    if (!gcb_catalog_wanted(c, r->collectors.items[k], wrong->why, sizeof wrong->why))
      return wrong_collector(wrong, r, k, wrong->why);
  gcb_placement_free(&p->placement);
  struct gcb_topology *topology = gcb_topology_open(NULL, wrong->why, sizeof wrong->why);
  bool good = topology && gcb_place_beside(NULL, topology, r->pin, r->mutators, r->workers, &p->placement,
                                           wrong->why, sizeof wrong->why);
  if (!good) wrong_word(wrong, "--pin", r->pin, wrong->why);
  gcb_topology_close(topology);
  json_t *keys = json_object();
  good = good && (p->scratch[0] || make_scratch(p, wrong)) && known_keys(c, r, wrong) &&
         make_cells(p, c, r, keys, wrong);
  json_decref(keys);
  return good;
}

bool gcb_plan_make(gcb_plan *p, gcb_catalog *c, const gcb_request *r, gcb_wrong_word *wrong) {
  *p = (gcb_plan){0};
  if (gcb_plan_add(p, c, r, wrong)) return true;
  gcb_plan_free(p);
  return false;
}

void gcb_plan_free(gcb_plan *p) {
  for (size_t i = 0; i < p->n_groups; i++) {
    json_decref(p->groups[i].params);
    json_decref(p->groups[i].reference);
  }
  for (size_t i = 0; i < p->n_cells; i++) {
    json_decref(p->cells[i].result);
    json_decref(p->cells[i].spec);
  }
  free(p->groups);
  free(p->cells);
  gcb_placement_free(&p->placement);
  if (p->scratch[0]) gcb_scratch_remove(p->scratch, &p->scratch_lock);
  *p = (gcb_plan){0};
}

void gcb_plan_shuffle(gcb_plan *p, size_t *order) {
  for (size_t i = 0; i < p->n_cells; i++) order[i] = i;
  for (size_t i = p->n_cells; i > 1; i--) {
    size_t k = (size_t)gcb_rng_below(&p->order, i), held = order[i - 1];
    order[i - 1] = order[k];
    order[k] = held;
  }
}
