#include "machine/topology.h"
#include "results/model/clean.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool load(struct gcb_topology *t, const char *xml, char *why, size_t n) {
  if (hwloc_topology_init(&t->hw)) {
    t->hw = NULL;
    snprintf(why, n, "cannot read the topology of the machine: out of memory");
    return false;
  }
  // A container's share is kept apart in `allowed`; the record is of the whole machine.
  hwloc_topology_set_flags(t->hw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  hwloc_topology_set_icache_types_filter(t->hw, HWLOC_TYPE_FILTER_KEEP_ALL);
  // hwloc says only "invalid" of a file that is not there, so we look first.
  if (xml && access(xml, R_OK)) {
    snprintf(why, n, "cannot read the recorded topology %s: %s; `lstopo %s` makes one", xml, strerror(errno),
             xml);
    return false;
  }
  if ((xml && hwloc_topology_set_xml(t->hw, xml)) || hwloc_topology_load(t->hw)) {
    if (xml)
      snprintf(why, n, "%s is not a recorded topology; `lstopo machine.xml` makes one", xml);
    else
      snprintf(why, n, "cannot read the topology of this machine: %s; is /sys mounted?", strerror(errno));
    return false;
  }
  // The environment (HWLOC_XMLFILE) can put another machine in place of this one, too.
  t->recorded = !hwloc_topology_is_thissystem(t->hw);
  return true;
}

static bool find_allowed(struct gcb_topology *t, char *why, size_t n) {
  t->allowed = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(t->hw));
  hwloc_bitmap_t mask = hwloc_bitmap_alloc();
  if (!t->allowed || !mask) {
    hwloc_bitmap_free(mask);
    snprintf(why, n, "cannot read the affinity mask: out of memory");
    return false;
  }
  // hwloc knows the cgroup, but not what taskset or a batch system left to this very process.
  if (!t->recorded && !hwloc_get_cpubind(t->hw, mask, HWLOC_CPUBIND_THREAD)) {
    hwloc_bitmap_and(t->allowed, t->allowed, mask);
  }
  hwloc_bitmap_free(mask);
  if (hwloc_bitmap_iszero(t->allowed)) {
    snprintf(why, n,
             "the cgroup and the affinity mask leave this process no cpu in common; widen one of them");
    return false;
  }
  return true;
}

struct gcb_topology *gcb_topology_open(const char *xml, char *why, size_t n) {
  struct gcb_topology *t = calloc(1, sizeof *t);
  if (!t) {
    snprintf(why, n, "cannot read the topology of the machine: out of memory");
    return NULL;
  }
  if (!load(t, xml, why, n) || !find_allowed(t, why, n)) {
    gcb_topology_close(t);
    return NULL;
  }
  return t;
}

void gcb_topology_close(struct gcb_topology *t) {
  if (!t) return;
  hwloc_bitmap_free(t->allowed);
  if (t->hw) hwloc_topology_destroy(t->hw);
  free(t);
}

static int count(const struct gcb_topology *t, hwloc_obj_type_t type) {
  int n = hwloc_get_nbobjs_by_type(t->hw, type);
  return n > 0 ? n : 0;
}

static hwloc_obj_t nth(const struct gcb_topology *t, hwloc_obj_type_t type, int i) {
  return hwloc_get_obj_by_type(t->hw, type, (unsigned)i);
}

// Some kernels tell the model of the machine only, not of the package.
static const char *cpu_model(const struct gcb_topology *t, hwloc_obj_t package) {
  const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;
  if (!model) model = hwloc_obj_get_info_by_name(hwloc_get_root_obj(t->hw), "CPUModel");
  return model && *model ? model : NULL;
}

hwloc_obj_type_t gcb_core_type(const struct gcb_topology *t) {
  return count(t, HWLOC_OBJ_CORE) ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
}

int gcb_core_kind(const struct gcb_topology *t, hwloc_obj_t core) {
  int efficiency = -1, kind = hwloc_cpukinds_get_by_cpuset(t->hw, core->cpuset, 0);
  if (kind < 0 || hwloc_cpukinds_get_info(t->hw, (unsigned)kind, NULL, &efficiency, NULL, NULL, 0)) return -1;
  return efficiency;
}

static void append(char *line, size_t n, const char *format, ...) {
  size_t used = strlen(line);
  va_list args;
  va_start(args, format);
  vsnprintf(line + used, n - used, format, args);
  va_end(args);
}

static void append_last_cache(const struct gcb_topology *t, char *line, size_t n) {
  for (int level = 5; level > 0; level--) {
    hwloc_obj_type_t type = (hwloc_obj_type_t)(HWLOC_OBJ_L1CACHE + level - 1);
    hwloc_obj_t first = nth(t, type, 0);
    if (!first || !first->attr->cache.size) continue;
    size_t kib = (size_t)(first->attr->cache.size / 1024);
    append(line, n, ", L%d ", level);
    if (count(t, type) > 1) append(line, n, "%d x ", count(t, type));
    if (kib % 1024)
      append(line, n, "%zu KiB", kib);
    else
      append(line, n, "%zu MiB", kib / 1024);
    return;
  }
}

void gcb_topology_summary(const struct gcb_topology *t, char *line, size_t n) {
  if (!n) return;
  line[0] = '\0';
  int cores = count(t, gcb_core_type(t)), pus = count(t, HWLOC_OBJ_PU);
  int packages = count(t, HWLOC_OBJ_PACKAGE), nodes = count(t, HWLOC_OBJ_NUMANODE);
  append(line, n, "%d core%s", cores, cores == 1 ? "" : "s");
  if (pus != cores) append(line, n, ", %d hardware threads", pus);
  if (packages) append(line, n, ", %d package%s", packages, packages == 1 ? "" : "s");
  if (nodes > 1) append(line, n, ", %d NUMA nodes", nodes);
  append_last_cache(t, line, n);
  const char *model = cpu_model(t, nth(t, HWLOC_OBJ_PACKAGE, 0));
  if (model) append(line, n, ", %s", model);
  int allowed = hwloc_bitmap_weight(t->allowed);
  if (allowed < pus) append(line, n, " (%d of %d cpus allowed)", allowed, pus);
}

static json_t *string_or_null(const char *s) {
  json_t *value = s && gcb_is_utf8(s, strlen(s)) ? gcb_clean_string(s) : NULL;
  return value ? value : json_null();
}

static json_t *size_or_null(hwloc_uint64_t size) {
  return size ? json_integer((json_int_t)size) : json_null(); // hwloc says 0 for unknown
}

static json_t *cpu_list(hwloc_const_bitmap_t set) {
  char *list = NULL;
  if (!set || hwloc_bitmap_list_asprintf(&list, set) < 0) return json_null();
  json_t *value = string_or_null(list);
  free(list);
  return value;
}

// The position of the object of a type that contains (or, for memory, is nearest to) a core.
static json_t *position(const struct gcb_topology *t, hwloc_obj_type_t type, hwloc_obj_t core) {
  for (int i = 0; i < count(t, type); i++) {
    hwloc_obj_t o = nth(t, type, i);
    if (core->cpuset && o->cpuset && hwloc_bitmap_isincluded(core->cpuset, o->cpuset)) return json_integer(i);
  }
  return json_null();
}

static json_t *kind_or_null(const struct gcb_topology *t, hwloc_obj_t core) {
  int kind = gcb_core_kind(t, core);
  return kind < 0 ? json_null() : json_integer(kind);
}

static json_t *describe(const struct gcb_topology *t, hwloc_obj_t o) {
  if (o->type == HWLOC_OBJ_PACKAGE) {
    return json_pack("{s:i, s:o, s:o}", "index", (int)o->os_index, "model", string_or_null(cpu_model(t, o)),
                     "cpus", cpu_list(o->cpuset));
  }
  if (o->type == HWLOC_OBJ_NUMANODE) {
    return json_pack("{s:i, s:o, s:o}", "index", (int)o->os_index, "cpus", cpu_list(o->cpuset),
                     "memory_bytes", size_or_null(o->attr->numanode.local_memory));
  }
  if (hwloc_obj_type_is_cache(o->type)) {
    static const char *const types[] = {"unified", "data",
                                        "instruction"}; // as in enum hwloc_obj_cache_type_e
    return json_pack("{s:i, s:s, s:o, s:o, s:o}", "level", (int)o->attr->cache.depth, "type",
                     types[o->attr->cache.type], "bytes", size_or_null(o->attr->cache.size), "line_bytes",
                     size_or_null(o->attr->cache.linesize), "shared_by", cpu_list(o->cpuset));
  }
  return json_pack("{s:o, s:o, s:o, s:o}", "package", position(t, HWLOC_OBJ_PACKAGE, o), "numa",
                   position(t, HWLOC_OBJ_NUMANODE, o), "kind", kind_or_null(t, o), "cpus",
                   cpu_list(o->cpuset));
}

static json_t *describe_pu(const struct gcb_topology *t, hwloc_obj_t pu) {
  return json_pack("{s:i, s:o, s:b}", "cpu", (int)pu->os_index, "core", position(t, gcb_core_type(t), pu),
                   "allowed", hwloc_bitmap_isset(t->allowed, pu->os_index));
}

static void describe_all(const struct gcb_topology *t, hwloc_obj_type_t type, json_t *list) {
  for (int i = 0; i < count(t, type); i++) json_array_append_new(list, describe(t, nth(t, type, i)));
}

static json_t *offline(const struct gcb_topology *t) {
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  if (!set) return json_null();
  hwloc_bitmap_andnot(set, hwloc_topology_get_complete_cpuset(t->hw),
                      hwloc_topology_get_topology_cpuset(t->hw));
  json_t *list = cpu_list(set);
  hwloc_bitmap_free(set);
  return list;
}

json_t *gcb_topology_json(const struct gcb_topology *t) {
  json_t *packages = json_array(), *numa = json_array(), *cores = json_array(), *caches = json_array();
  json_t *pus = json_array();
  describe_all(t, HWLOC_OBJ_PACKAGE, packages);
  describe_all(t, HWLOC_OBJ_NUMANODE, numa);
  describe_all(t, gcb_core_type(t), cores);
  for (int i = 0; i < count(t, HWLOC_OBJ_PU); i++)
    json_array_append_new(pus, describe_pu(t, nth(t, HWLOC_OBJ_PU, i)));
  for (int type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L3ICACHE; type++) {
    describe_all(t, (hwloc_obj_type_t)type, caches);
  }
  // json_pack releases what it was given when one of them is NULL.
  return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "model",
                   string_or_null(cpu_model(t, nth(t, HWLOC_OBJ_PACKAGE, 0))), "recorded", t->recorded,
                   "allowed", cpu_list(t->allowed), "offline", offline(t), "packages", packages, "numa", numa,
                   "cores", cores, "pus", pus, "caches", caches);
}

bool gcb_pin_thread(const struct gcb_topology *t, int cpu, char *why, size_t n) {
  if (t->recorded) { // hwloc would say yes and do nothing
    snprintf(why, n, "thread not pinned to cpu %d: the topology is a recorded one, not this machine's", cpu);
    return false;
  }
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  bool exists = cpu >= 0 && hwloc_bitmap_isset(hwloc_topology_get_complete_cpuset(t->hw), (unsigned)cpu);
  bool pinned = set && exists && !hwloc_bitmap_only(set, (unsigned)cpu) &&
                !hwloc_set_cpubind(t->hw, set, HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT);
  if (!pinned) {
    const char *reason = exists ? strerror(errno) : "there is no such cpu";
    snprintf(why, n,
             "thread not pinned to cpu %d: %s; choose among the cpus of the affinity mask and the cgroup",
             cpu, reason);
  }
  hwloc_bitmap_free(set);
  return pinned;
}
