#include "plan/load.h"
#include <dlfcn.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const alloc_words[] = {"call", "bump", "free"};
static const char *const write_words[] = {"call", "none", "card", "object_log", "field_log", "count"};
static const char *const read_words[] = {"call", "none"};
static const char *const root_words[] = {"call", "plain", "counted"};
#define WORD(words, i) ((i) < sizeof(words) / sizeof *(words) ? (words)[i] : "?")

const char *gcb_path_name(gcb_path path) {
  static _Thread_local char name[64];
  snprintf(name, sizeof name, "%s-%s-%s-%s", WORD(alloc_words, path.alloc), WORD(write_words, path.write),
           WORD(read_words, path.read), WORD(root_words, path.roots));
  return name;
}

const char *gcb_lib_dir(void) {
  static char dir[PATH_MAX];
  const char *asked = getenv("GCBENCH_LIB");
  if (asked && *asked) return asked;
  ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
  if (n <= 0) return NULL;
  dir[n] = 0;
  char *slash = strrchr(dir, '/');
  static const char below[] = "/../lib/gcbench";
  if (!slash || (size_t)(slash - dir) + sizeof below > sizeof dir) return NULL;
  memcpy(slash, below, sizeof below);
  return dir;
}

/* The first thing that a collector's declaration lacks, or NULL. */
static const char *lacking(const gcb_collector *c) {
  const gcb_path p = c->path;
  uint64_t caps = c->capabilities;
  if (!c->name || !*c->name) return "a name";
  if (!c->summary) return "a summary";
  if (c->n_options && !c->options) return "its options";
  if (p.alloc > GCB_ALLOC_FREE || p.write > GCB_WRITE_COUNT || p.read > GCB_READ_NONE ||
      p.roots > GCB_ROOTS_COUNTED)
    return "a known path";
  if (!c->start || !c->stop) return "start() or stop()";
  if (!c->collect) return "collect()";
  if (!c->ledger) return "ledger()";
  if (p.roots == GCB_ROOTS_CALL) return c->ops ? NULL : "ops, which a path with called roots needs";
  if (!c->alloc) return "alloc()";
  if (p.write == GCB_WRITE_CALL && !c->write) return "write(), which its path calls";
  if ((p.write == GCB_WRITE_OBJECT_LOG || p.write == GCB_WRITE_FIELD_LOG) && !c->log)
    return "log(), which its path calls";
  if (p.write == GCB_WRITE_COUNT && !c->dead) return "dead(), which its path calls";
  if (p.roots == GCB_ROOTS_COUNTED && p.write != GCB_WRITE_COUNT)
    return "a counting write barrier, which counted roots need";
  if (p.read == GCB_READ_CALL && !c->read) return "read(), which its path calls";
  if (caps & GCB_CAP(EXPLICIT) && (!c->release || !c->release_tree || p.alloc != GCB_ALLOC_CALL))
    return "release(), release_tree() and allocation by call, for the frees that it declares";
  if (caps & GCB_CAP(WEAK) && !c->weak_new) return "weak_new(), which it declares";
  if (caps & GCB_CAP(EPHEMERONS) && !c->ephemeron_new) return "ephemeron_new(), which it declares";
  if (caps & GCB_CAP(FINALIZERS) && !c->finalizer) return "finalizer(), which it declares";
  return NULL;
}

/* The symbol of a plug-in's shared object. NULL with a sentence that begins with `kind` and the file. Every
 * `other` kind of plug-in exports another symbol. */
static const void *plugin(const char *kind, const char *file, const char *symbol, const char *header,
                          const char *other, const char *instead, char *why, size_t why_size) {
  char path[PATH_MAX];
  /* Without a slash dlopen would search the system's folders. */
  snprintf(path, sizeof path, "%s%s", strchr(file, '/') ? "" : "./", file);
  if (access(path, R_OK) != 0) {
    snprintf(why, why_size, "%s %s: cannot be read: %m", kind, file);
    return NULL;
  }
  void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!module) {
    snprintf(why, why_size, "%s %s: cannot be loaded: %s", kind, file, dlerror());
    return NULL;
  }
  const void *found = dlsym(module, symbol);
  if (!found && dlsym(module, other))
    snprintf(why, why_size, "%s %s: %s", kind, file, instead);
  else if (!found)
    snprintf(why, why_size, "%s %s: exports no symbol %s; see <gcbench/%s>", kind, file, symbol, header);
  return found;
}

const gcb_collector *gcb_load_collector(const char *file, char *why, size_t why_size) {
  const gcb_collector *c = plugin("collector", file, "gcbench_collector", "collector.h", "gcbench_workload",
                                  "it is a workload, to be named by --workload", why, why_size);
  if (!c) return NULL;
  if (c->abi != GCB_COLLECTOR_ABI || c->size != sizeof *c) {
    snprintf(why, why_size,
             "collector %s: made for ABI %u (%u bytes), this is ABI %u (%zu bytes); compile it against this "
             "version's headers",
             file, c->abi, c->size, GCB_COLLECTOR_ABI, sizeof *c);
    c = NULL;
  } else if (lacking(c)) {
    snprintf(why, why_size, "collector %s: its declaration lacks %s", file, lacking(c));
    c = NULL;
  }
  return c;
}

static bool same_path(gcb_path a, gcb_path b) {
  return a.alloc == b.alloc && a.write == b.write && a.read == b.read && a.roots == b.roots;
}

const gcb_workload *gcb_load_workload(const char *file, gcb_path path, char *why, size_t why_size) {
  const gcb_workload_copies *copies =
      plugin("workload", file, "gcbench_workload", "mutator.h", "gcbench_collector",
             "it is a collector, to be named by --collector", why, why_size);
  if (!copies) return NULL;
  gcb_path called = path;
  called.alloc = GCB_ALLOC_CALL;
  const gcb_workload *found = NULL;
  bool good = copies->abi == GCB_WORKLOAD_ABI && copies->size == sizeof *copies;
  for (const gcb_workload *const *at = copies->first; good && at < copies->end; at++) {
    good = (*at)->abi == GCB_WORKLOAD_ABI && (*at)->size == sizeof **at;
    if (good && (same_path((*at)->path, path) || (!found && same_path((*at)->path, called)))) found = *at;
  }
  if (!good) {
    snprintf(why, why_size,
             "workload %s: made for ABI %u, this is ABI %u; compile it against this version's headers", file,
             copies->abi, GCB_WORKLOAD_ABI);
    return NULL;
  }
  if (!found) {
    snprintf(why, why_size,
             "workload %s: it has no copy for the path %s; compile it against this version's headers", file,
             gcb_path_name(path));
    return NULL;
  }
  const char *lacks = !found->name || !*found->name          ? "a name"
                      : !found->summary || !found->op        ? "a summary or its operation"
                      : found->n_params && !found->params    ? "its parameters"
                      : !found->peak_live || !found->iterate ? "peak_live() or iterate()"
                                                             : NULL;
  if (!lacks) return found;
  snprintf(why, why_size, "workload %s: its declaration lacks %s", file, lacks);
  return NULL;
}

static const gcb_path_module *load_exactly(gcb_path path) {
  const char *dir = gcb_lib_dir();
  char file[PATH_MAX];
  if (!dir || (size_t)snprintf(file, sizeof file, "%s/paths/%s.so", dir, gcb_path_name(path)) >= sizeof file)
    return NULL;
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!module) return NULL;
  const gcb_path_module *(*symbol)(void);
  *(void **)&symbol = dlsym(module, "gcbench_path_module");
  const gcb_path_module *p = symbol ? symbol() : NULL;
  return p && p->abi == GCB_WORKLOAD_ABI ? p : NULL;
}

const gcb_path_module *gcb_load_path(gcb_path path, char *why, size_t why_size) {
  const gcb_path_module *p = load_exactly(path);
  if (p) return p;
  gcb_path called = path;
  called.alloc = GCB_ALLOC_CALL;
  p = load_exactly(called);
  if (!p)
    snprintf(why, why_size, "no copy of the workloads for the path %s in %s/paths", gcb_path_name(path),
             gcb_lib_dir() ? gcb_lib_dir() : "?");
  return p;
}

const gcb_workload *gcb_find_workload(const gcb_path_module *p, const char *name) {
  for (uint32_t i = 0; i < p->n_workloads; i++)
    if (strcmp(p->workloads[i]->name, name) == 0) return p->workloads[i];
  return NULL;
}

gcb_status gcb_start_collector(const gcb_collector *c, gcb_heap *h, const gcb_value *values, char *why,
                               size_t why_size) {
  gcb_status status = c->start(h, values, why, why_size);
  setlocale(LC_NUMERIC, "C");
  return status;
}
