#include "plan/placement.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A core of which at least one cpu is allowed.
struct core {
  hwloc_obj_t object;
  int kind;   // rank among the kinds of a hybrid machine, higher is faster; the same for all when they are
              // alike
  bool first; // has cpu 0, which serves interrupts
  int order;  // hwloc's, in which neighbours are near
};

// A growing list of cpus, in the order in which threads take them.
struct slots {
  int *cpu;
  size_t n, room;
};

static bool add_slot(struct slots *slots, int cpu) {
  if (slots->n == slots->room) {
    size_t room = slots->room ? 2 * slots->room : 64;
    int *grown = realloc(slots->cpu, room * sizeof *grown);
    if (!grown) return false;
    slots->cpu = grown;
    slots->room = room;
  }
  slots->cpu[slots->n++] = cpu;
  return true;
}

static int by_preference(const void *left, const void *right) {
  const struct core *a = left, *b = right;
  if (a->kind != b->kind) return b->kind - a->kind;
  if (a->first != b->first) return a->first - b->first;
  return a->order - b->order;
}

// The allowed cores, best first. NULL when memory is out.
static struct core *allowed_cores(const struct gcb_topology *t, size_t *n) {
  struct core *cores = calloc((size_t)hwloc_bitmap_weight(t->allowed), sizeof *cores);
  hwloc_obj_type_t type = gcb_core_type(t);
  *n = 0;
  if (!cores) return NULL;
  for (hwloc_obj_t pu = NULL; (pu = hwloc_get_next_obj_by_type(t->hw, HWLOC_OBJ_PU, pu));) {
    hwloc_obj_t core = type == HWLOC_OBJ_PU ? pu : hwloc_get_ancestor_obj_by_type(t->hw, type, pu);
    // In hwloc's order the threads of a core are neighbours.
    if (!hwloc_bitmap_isset(t->allowed, pu->os_index) || (*n && cores[*n - 1].object == core)) continue;
    cores[*n] = (struct core){core, gcb_core_kind(t, core), hwloc_bitmap_isset(core->cpuset, 0), (int)*n};
    ++*n;
  }
  qsort(cores, *n, sizeof *cores, by_preference);
  return cores;
}

// The cores that count inside a part of the machine: `fast` or above, the core of cpu 0 or not.
static size_t cores_in(const struct core *cores, size_t n, hwloc_const_bitmap_t part, int fast,
                       bool with_first) {
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    found += cores[i].kind >= fast && (with_first || !cores[i].first) &&
             hwloc_bitmap_intersects(cores[i].object->cpuset, part);
  }
  return found;
}

// Rule 2 of the header: the smallest part with a core for each thread. NULL when none has.
static hwloc_obj_t best_part(hwloc_topology_t hw, const struct core *cores, size_t n, int fast,
                             size_t threads) {
  static const hwloc_obj_type_t parts[] = {HWLOC_OBJ_L3CACHE, HWLOC_OBJ_NUMANODE, HWLOC_OBJ_PACKAGE,
                                           HWLOC_OBJ_MACHINE};
  hwloc_obj_t best = NULL;
  bool best_spares = false;
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    for (hwloc_obj_t part = NULL; (part = hwloc_get_next_obj_by_type(hw, parts[p], part));) {
      if (cores_in(cores, n, part->cpuset, fast, true) < threads) continue;
      bool spares = cores_in(cores, n, part->cpuset, fast, false) >= threads;
      // Which is larger, an L3 cache or a NUMA node, depends on how the firmware divides the package.
      int larger = best ? hwloc_bitmap_weight(part->cpuset) - hwloc_bitmap_weight(best->cpuset) : -1;
      if (larger > 0 || (larger == 0 && spares <= best_spares)) continue;
      best = part;
      best_spares = spares;
    }
  }
  return best;
}

// The cpu that is a core's thread number `rank` among the allowed ones, or -1.
static int cpu_of(const struct gcb_topology *t, const struct core *core, int rank) {
  int cpu = -1;
  do {
    cpu = hwloc_bitmap_next(core->object->cpuset, cpu);
    if (cpu >= 0 && hwloc_bitmap_isset(t->allowed, (unsigned)cpu)) rank--;
  } while (cpu >= 0 && rank >= 0);
  return cpu;
}

static bool slots_auto(const struct gcb_topology *t, size_t threads, struct slots *slots) {
  size_t n;
  struct core *cores = allowed_cores(t, &n);
  if (!cores) return false;
  int fast = cores[0].kind;
  hwloc_obj_t part = best_part(t->hw, cores, n, fast, threads);
  if (!part) part = best_part(t->hw, cores, n, fast = INT_MIN, threads);
  bool ok = true;
  if (part) {
    for (size_t i = 0; i < n && ok; i++) {
      if (cores_in(&cores[i], 1, part->cpuset, fast, true)) ok = add_slot(slots, cpu_of(t, &cores[i], 0));
    }
  } else {
    size_t before = (size_t)-1;
    for (int rank = 0; ok && slots->n != before; rank++) {
      before = slots->n;
      for (size_t i = 0; i < n && ok; i++) {
        int cpu = cpu_of(t, &cores[i], rank);
        if (cpu >= 0) ok = add_slot(slots, cpu);
      }
    }
  }
  free(cores);
  return ok;
}

static void list_of(hwloc_const_bitmap_t set, char *list, size_t n) {
  if (hwloc_bitmap_list_snprintf(list, n, set) >= (int)n) memcpy(list + n - 4, "...", 4);
}

// False, with the sentence, when a cpu of the list cannot be used.
static bool usable(const struct gcb_topology *t, const char *policy, unsigned long cpu, char *why, size_t n) {
  char list[80];
  list_of(t->allowed, list, sizeof list);
  if (cpu <= INT_MAX && hwloc_bitmap_isset(t->allowed, (unsigned)cpu)) return true;
  const char *what;
  if (cpu > INT_MAX || !hwloc_bitmap_isset(hwloc_topology_get_complete_cpuset(t->hw), (unsigned)cpu)) {
    what = "does not exist on this machine";
  } else if (!hwloc_bitmap_isset(hwloc_topology_get_topology_cpuset(t->hw), (unsigned)cpu)) {
    what = "is offline";
  } else {
    what = "is not allowed to this process by its affinity mask or cgroup";
  }
  snprintf(why, n, "pin policy '%s': cpu %lu %s; choose among %s", policy, cpu, what, list);
  return false;
}

static bool number(const char **at, unsigned long *value) {
  if (!isdigit((unsigned char)**at)) return false; // strtoul would take blanks and signs
  char *end;
  *value = strtoul(*at, &end, 10); // too large becomes ULONG_MAX, which is no cpu either
  *at = end;
  return true;
}

static bool slots_list(const struct gcb_topology *t, const char *policy, struct slots *slots, char *why,
                       size_t n) {
  for (const char *at = policy, *item = at;; item = ++at) {
    unsigned long low, high;
    bool good = number(&at, &low);
    high = low;
    if (good && *at == '-') {
      at++;
      good = number(&at, &high);
    }
    if (!good || (*at && *at != ',')) {
      snprintf(why, n,
               "pin policy '%s': '%.*s' is no cpu or range of cpus; write auto, none or a list such as 0,2-3",
               policy, (int)strcspn(item, ","), item);
      return false;
    }
    if (low > high) {
      snprintf(why, n, "pin policy '%s': the range %lu-%lu runs backwards; write %lu-%lu", policy, low, high,
               high, low);
      return false;
    }
    for (unsigned long cpu = low; cpu <= high; cpu++) {
      if (!usable(t, policy, cpu, why, n)) return false;
      if (!add_slot(slots, (int)cpu)) return false; // out of memory, as gcb_place has said
    }
    if (!*at) return true;
  }
}

// The places of a type where threads are. Memories of two speeds beside the same cores are one place.
static size_t distinct(hwloc_topology_t hw, hwloc_obj_type_t type, hwloc_const_bitmap_t used) {
  size_t found = 0;
  hwloc_obj_t last = NULL;
  for (hwloc_obj_t o = NULL; (o = hwloc_get_next_obj_by_type(hw, type, o));) {
    if (!hwloc_bitmap_intersects(o->cpuset, used)) continue;
    found += !last || !hwloc_bitmap_isequal(o->cpuset, last->cpuset);
    last = o;
  }
  return found;
}

static void add_note(struct gcb_placement *p, const char *text) {
  size_t used = strlen(p->note);
  snprintf(p->note + used, sizeof p->note - used, "%s%s", used ? "; " : "", text);
}

static const char *plural(size_t n) {
  return n == 1 ? "" : "s";
}

// `2 mutators and 1 collector thread`
static void name_threads(const struct gcb_placement *p, char *text, size_t n) {
  int at = 0;
  if (p->mutators) at = snprintf(text, n, "%zu mutator%s", p->mutators, plural(p->mutators));
  if (!p->workers) return;
  snprintf(text + at, n - (size_t)at, "%s%zu collector thread%s", p->mutators ? " and " : "", p->workers,
           plural(p->workers));
}

static bool kinds_differ(const struct gcb_topology *t, hwloc_const_bitmap_t used) {
  int cpu = hwloc_bitmap_first(used);
  int kind = gcb_core_kind(t, hwloc_get_pu_obj_by_os_index(t->hw, (unsigned)cpu));
  while ((cpu = hwloc_bitmap_next(used, cpu)) >= 0) {
    if (gcb_core_kind(t, hwloc_get_pu_obj_by_os_index(t->hw, (unsigned)cpu)) != kind) return true;
  }
  return false;
}

// Says what the numbers depend on: sharing, distance, and kinds of cores.
static void remark(const struct gcb_topology *t, struct gcb_placement *p, hwloc_const_bitmap_t used) {
  size_t cores = distinct(t->hw, gcb_core_type(t), used), nodes = distinct(t->hw, HWLOC_OBJ_NUMANODE, used);
  size_t cpus = (size_t)hwloc_bitmap_weight(used), threads = p->mutators + p->workers;
  char text[120] = "";
  p->shared = cores < threads;
  if (p->shared) {
    name_threads(p, text, sizeof text);
    size_t at = strlen(text);
    snprintf(text + at, sizeof text - at, " share %zu core%s%s", cores, plural(cores),
             cpus == threads ? ", each on its own hardware thread" : "");
    add_note(p, text);
  }
  if (nodes > 1) {
    snprintf(text, sizeof text, "threads are spread over %zu NUMA nodes", nodes);
    add_note(p, text);
  }
  if (kinds_differ(t, used)) add_note(p, "threads are on cores of different kinds");
}

static bool fill(const struct gcb_topology *t, const struct slots *slots, struct gcb_placement *p) {
  size_t threads = p->mutators + p->workers;
  hwloc_bitmap_t used = hwloc_bitmap_alloc();
  // Never of size 0, whose NULL would be no failure.
  p->mutator_cpu = malloc((threads + 1) * sizeof *p->mutator_cpu);
  if (!used || !p->mutator_cpu) {
    hwloc_bitmap_free(used);
    return false;
  }
  p->worker_cpu = p->mutator_cpu + p->mutators;
  for (size_t i = 0; i < threads; i++) {
    p->mutator_cpu[i] = slots->n ? slots->cpu[i % slots->n] : GCB_CPU_ANY;
    if (slots->n) hwloc_bitmap_set(used, (unsigned)p->mutator_cpu[i]);
  }
  if (slots->n && threads) remark(t, p, used);
  hwloc_bitmap_free(used);
  return true;
}

bool gcb_place(const struct gcb_topology *t, const char *policy, size_t mutators, size_t workers,
               struct gcb_placement *out, char *why, size_t n) {
  struct slots slots = {0};
  size_t threads = mutators + workers;
  bool ok = true;
  *out = (struct gcb_placement){.mutators = mutators, .workers = workers};
  // The one failure that the rest does not describe.
  snprintf(why, n, "pin policy '%s': out of memory", policy);
  if (!strcmp(policy, "auto")) {
    ok = slots_auto(t, threads, &slots);
  } else if (strcmp(policy, "none")) {
    ok = slots_list(t, policy, &slots, why, n);
    if (ok && threads > slots.n) {
      char text[120];
      snprintf(text, sizeof text, "%zu threads wrap round the %zu cpu%s of the pin list", threads, slots.n,
               plural(slots.n));
      add_note(out, text);
    }
  }
  ok = ok && fill(t, &slots, out);
  free(slots.cpu);
  if (ok && n) why[0] = '\0';
  if (!ok) gcb_placement_free(out);
  return ok;
}

bool gcb_place_invocation(const struct gcb_topology *t, const char *policy, size_t mutators,
                          size_t gc_threads, struct gcb_placement *out, char *why, size_t n) {
  if (!gcb_place(t, policy, mutators, gc_threads, out, why, n)) return false;
  if (!out->shared || !gc_threads) return true;
  gcb_placement_free(out);
  return gcb_place(t, policy, mutators, gc_threads - 1, out, why, n);
}

bool gcb_pin_policy_check(const struct gcb_topology *t, const char *policy, char *why, size_t n) {
  struct gcb_placement placement;
  bool ok = gcb_place(t, policy, 1, 0, &placement, why, n);
  gcb_placement_free(&placement);
  return ok;
}

void gcb_placement_free(struct gcb_placement *p) {
  free(p->mutator_cpu);
  *p = (struct gcb_placement){0};
}
