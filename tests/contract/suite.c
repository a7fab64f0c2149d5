/* suite COLLECTOR.so BEHAVIOUR [VARIANT]: one behaviour on one collector, in every variant or the one named.
 * Each variant is a process of its own, because one process holds one heap and because a collector that
 * crashes must not hide the rest. Exit status 0: all hold; 1: a broken promise, with a sentence; 2: usage.
 *
 * suite --list: the behaviours as JSON, [{name, group, expected, needs: [capability]}].
 *
 * It stands beside its copies of the behaviours. To `gcbench check`, which starts it with descriptor 3 open,
 * it tells there in lines how it goes: "V NAME" as a variant begins, "F SENTENCE" when it is broken, "E" when
 * it is over.
 */
#include "contract.h"
#include "machine/process.h"
#include "plan/load.h"
#include "results/model/units.h"
#include "runtime/crash.h"
#include "runtime/enum_names.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELD = 0, BROKEN = 1, USAGE = 2, NOT_REACHED = 3 };
enum { DEFAULT_LIMIT = 256 << 20, MAX_OPTIONS = 64, MAX_VARIANTS = 16, MAX_SWEEP = 60 };
/* Sanitizers' frames are larger; recursion over the data would overflow either. */
#define STACK_BYTES ((size_t)(CONTRACT_SCALE > 1 ? 1024 : 128) << 10)

typedef struct variant {
  char name[64];
  bool called; /* every operation through the table, else inline */
  bool tiny;   /* constants shrunk, so that overflow paths run */
  bool poison;
  const gcb_preset *preset;
} variant;

typedef struct trial {
  contract c;
  const variant *v;
  const contract_table *table;
  gcb_instance in;
} trial;

static int complaints = STDERR_FILENO; /* kept from what a behaviour does to the standard ones */
static int told = -1;                  /* whom descriptor 3 leads to */
static bool *finished;                 /* by the trial, which is another process */

/* A sentence for whoever asked; the lines of descriptor 3 take it whole. */
static void tell_broken(const char *about, const char *sentence) {
  dprintf(complaints, "BROKEN %s: %s\n", about, sentence);
  if (told >= 0) dprintf(told, "F %s\n", sentence);
}

void contract_fail(contract *c, const char *file, int line, const char *format, ...) {
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&once); /* kept: the first failure ends the process */
  const char *slash = strrchr(file, '/');
  char about[200], sentence[800];
  snprintf(about, sizeof about, "%s, %s, variant %s, seed %llu", c->gc->name, c->behaviour->name, c->variant,
           (unsigned long long)c->seed);
  va_list args;
  va_start(args, format);
  int n = vsnprintf(sentence, sizeof sentence - 100, format, args);
  va_end(args);
  size_t at = (size_t)n < sizeof sentence - 100 ? (size_t)n : sizeof sentence - 101;
  n = snprintf(sentence + at, sizeof sentence - at, " (%s:%d", slash ? slash + 1 : file, line);
  if (c->in->fail_commit)
    n += snprintf(sentence + at + n, 40, ", page request %llu refused",
                  (unsigned long long)c->in->fail_commit);
  if (c->behaviour->sweeps)
    n += snprintf(sentence + at + n, 40, ", bound %llu", (unsigned long long)c->in->heap.limit);
  snprintf(sentence + at + n, 3, ")");
  tell_broken(about, sentence);
  _exit(BROKEN);
}

#define REQUIRE(condition, ...)                                                                              \
  do {                                                                                                       \
    if (!(condition)) contract_fail(&t->c, __FILE__, __LINE__, __VA_ARGS__);                                 \
  } while (0)

/* ---- modules ---- */
static const contract_table *load_table(const char *path, const gcb_ops **ops) {
  char file[PATH_MAX + 100];
  ssize_t n = readlink("/proc/self/exe", file, PATH_MAX - 1);
  while (n > 0 && file[n - 1] != '/') n--;
  snprintf(file + (n > 0 ? n : 0), 100, "%s.so", path);
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!module) return NULL;
  const gcb_path_module *(*paths)(void);
  const contract_table *(*table)(void);
  *(void **)&paths = dlsym(module, "gcbench_path_module");
  *(void **)&table = dlsym(module, "contract_table_of");
  if (ops) *ops = paths()->ops;
  return table();
}

static const behaviour *find(const contract_table *t, const char *name) {
  for (uint32_t i = 0; i < t->n; i++)
    if (strcmp(t->behaviours[i]->name, name) == 0) return t->behaviours[i];
  return NULL;
}

/* The copy of the behaviours and the operations for the path that the started collector chose. */
static void choose_copy(trial *t) {
  gcb_path path = t->in.heap.path;
  const gcb_ops *ops = NULL;
  t->table = load_table(gcb_path_name(path), &ops);
  if (!t->table) {
    path.alloc = GCB_ALLOC_CALL;
    t->table = load_table(gcb_path_name(path), &ops);
  }
  REQUIRE(t->table, "no copy of the suite for the path %s", gcb_path_name(t->in.heap.path));
  if (ops) t->in.ops = ops;
  if (t->v->called) t->table = load_table("call-call-call-call", NULL);
}

/* ---- options ---- */
static void parse(trial *t, const gcb_option *o, const char *text, gcb_value *value) {
  char *end;
  const char *behind;
  switch (o->type) {
  case GCB_BYTES:
    REQUIRE(gcb_parse_bytes(text, &value->u) == GCB_UNITS_OK, "option %s: bad value %s", o->name, text);
    break;
  case GCB_UINT:
    value->u = strtoull(text, &end, 10);
    REQUIRE(*text && !*end, "option %s: bad value %s", o->name, text);
    break;
  case GCB_BOOL:
    value->u = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "on") == 0 ||
               strcmp(text, "1") == 0;
    break;
  case GCB_REAL:
    value->d = gcb_parse_real(text, &behind);
    REQUIRE(*text && !*behind, "option %s: bad value %s", o->name, text);
    break;
  case GCB_CHOICE: {
    size_t n = strlen(text);
    value->u = 0;
    for (const char *at = o->choices;; at++, value->u++) {
      if (strncmp(at, text, n) == 0 && (at[n] == '|' || !at[n])) break;
      at = strchr(at, '|');
      REQUIRE(at, "option %s has no choice %s", o->name, text);
    }
    break;
  }
  default:
    value->s = text;
  }
}

static bool shrunken(const gcb_option *o, gcb_value *value) {
  static const struct {
    const char *name;
    uint64_t value;
  } small[] = {{"nursery", 4096}, {"middle", 16384}, {"mark-stack", 4}, {"remset", 8}};
  for (size_t i = 0; i < sizeof small / sizeof *small; i++)
    if (strcmp(o->name, small[i].name) == 0 && (o->type == GCB_UINT || o->type == GCB_BYTES)) {
      value->u = small[i].value > (uint64_t)o->min ? small[i].value : (uint64_t)o->min;
      return true;
    }
  return false;
}

static void set_options(trial *t, gcb_value *values) {
  const gcb_collector *g = t->c.gc;
  for (uint32_t i = 0; i < g->n_options; i++) {
    parse(t, &g->options[i], g->options[i].fallback, &values[i]);
    if (t->v->tiny) shrunken(&g->options[i], &values[i]);
  }
  if (!t->v->preset) return;
  char *list = strdup(t->v->preset->options), *rest = list;
  for (char *pair; list && (pair = strsep(&rest, ","));) {
    char *value = strchr(pair, '=');
    REQUIRE(value, "preset %s: no value in %s", t->v->preset->name, pair);
    *value++ = 0;
    uint32_t i = 0;
    while (i < g->n_options && strcmp(g->options[i].name, pair)) i++;
    REQUIRE(i < g->n_options, "preset %s sets the unknown option %s", t->v->preset->name, pair);
    parse(t, &g->options[i], value, &values[i]);
  }
  free(list);
}

/* ---- one trial, in a process of its own ---- */
static void finalized(gcb_mutator *m, void *ctx, gcb_slot object, uint64_t token) {
  contract *c = ctx;
  if (token >= CONTRACT_FINALS)
    contract_fail(c, __FILE__, __LINE__, "a finalizer ran with a token that was never registered: %llu",
                  (unsigned long long)token);
  __atomic_fetch_add(&c->finals_in_all, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&c->finals[token], 1, __ATOMIC_RELEASE);
  if (c->on_final) c->on_final(c, m, object, token);
}

static void *body(void *arg) {
  trial *t = arg;
  contract *c = &t->c;
  gcb_status status;
  gcb_mutator *m = gcb_mutator_attach(&t->in, &status);
  if (!m && status == GCB_OOM && (t->in.fail_commit || c->behaviour->sweeps)) return NULL;
  REQUIRE(m, "the first mutator was refused with status %d", status);
  gcb_thread *own = m->harness;
  if (setjmp(own->unwind)) contract_fail(c, __FILE__, __LINE__, "fatal: %s", own->why);
  t->table->begin(c, m);
  uint64_t missing = c->behaviour->needs & ~c->caps;
  if (missing)
    t->table->denied(c, m, missing);
  else
    find(t->table, c->behaviour->name)->run(c, m);
  gcb_mutator_unwind(m);
  gcb_poll(m);
  gcb_mutator_detach(m);
  return NULL;
}

static int run_trial(const gcb_collector *g, const behaviour *b, const variant *v, uint64_t limit,
                     uint64_t fail_commit) {
  static trial held;
  trial *t = &held;
  t->v = v;
  t->c = (contract){
      .in = &t->in, .gc = g, .behaviour = b, .variant = v->name, .caps = g->capabilities, .seed = 1};
  t->c.rng = gcb_rng_seed(t->c.seed);
  t->c.finals = calloc(CONTRACT_FINALS, sizeof *t->c.finals);
  REQUIRE(t->c.finals && gcb_instance_init(&t->in, g), "no memory for an instance");
  gcb_heap *h = &t->in.heap;
  h->limit = has(&t->c, GCB_CAP(BOUNDED)) || b->sweeps ? limit : UINT64_MAX;
  h->mutators = b->mutators ? b->mutators : 1;
  h->debug = v->poison ? GCB_DEBUG_POISON : 0;
  t->in.fail_commit = fail_commit;
  t->in.finalized = finalized;
  t->in.finalized_ctx = &t->c;
  if (has(&t->c, GCB_CAP(PARALLEL))) REQUIRE(gcb_workers_start(&t->in, 2, NULL, NULL), "no worker threads");

  gcb_value values[MAX_OPTIONS];
  char why[300] = "no reason given";
  REQUIRE(g->n_options <= MAX_OPTIONS, "more than %d options", MAX_OPTIONS);
  set_options(t, values);
  if (b->before) b->before(&t->c);
  gcb_status status = g->start(h, values, why, sizeof why);
  if (status == GCB_OK) {
    choose_copy(t);
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    REQUIRE(!pthread_create(&thread, &attr, body, t), "no thread");
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    REQUIRE(h->live == NULL, "a mutator is still there at the end");
    REQUIRE(t->in.peak_committed <= h->limit, "the bound was passed: %llu committed",
            (unsigned long long)t->in.peak_committed);
    g->stop(h);
    if (b->after) b->after(&t->c);
  } else {
    REQUIRE(b->sweeps && status == GCB_OOM, "start() answered %s: %s", gcb_status_word(status), why);
  }
  bool reached = t->in.commits >= fail_commit;
  gcb_instance_free(&t->in);
  free(t->c.finals);
  t->c.finals = NULL;
  *finished = true;
  return reached ? HELD : NOT_REACHED;
}

/* The exit status of a trial; a death by signal is told and counts as broken. */
static int fork_trial(const gcb_collector *g, const behaviour *b, const variant *v, uint64_t limit,
                      uint64_t fail_commit) {
  fflush(NULL);
  *finished = false;
  pid_t parent = getpid(), child = fork();
  if (child < 0) return BROKEN;
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(BROKEN);
    exit(run_trial(g, b, v, limit, fail_commit));
  }
  int status;
  char about[200], sentence[200];
  if (waitpid(child, &status, 0) != child) return BROKEN;
  if (WIFEXITED(status) && (*finished || WEXITSTATUS(status) == BROKEN)) return WEXITSTATUS(status);
  int n = WIFEXITED(status) ? snprintf(sentence, sizeof sentence, "it ended the process with status %d",
                                       WEXITSTATUS(status))
                            : snprintf(sentence, sizeof sentence, "killed by signal %d (%s)",
                                       WTERMSIG(status), strsignal(WTERMSIG(status)));
  if (b->sweeps)
    snprintf(sentence + n, sizeof sentence - (size_t)n, ", page request %llu refused, bound %llu",
             (unsigned long long)fail_commit, (unsigned long long)limit);
  snprintf(about, sizeof about, "%s, %s, variant %s", g->name, b->name, v->name);
  tell_broken(about, sentence);
  return BROKEN;
}

static int run_variant(const gcb_collector *g, const behaviour *b, const variant *v) {
  uint64_t limit = b->limit ? b->limit : DEFAULT_LIMIT;
  int result = fork_trial(g, b, v, limit, 0);
  if (!b->sweeps || g->path.roots == GCB_ROOTS_CALL) return result;
  for (uint64_t bound = 0; bound <= 8 << 20 && result == HELD; bound = bound ? bound * 2 : 4096)
    result = fork_trial(g, b, v, bound, 0);
  uint64_t n = 1;
  for (int round = 0; round < MAX_SWEEP / CONTRACT_SCALE && result == HELD; round++) {
    result = fork_trial(g, b, v, limit, n);
    n += 1 + n / 8;
  }
  return result == NOT_REACHED ? HELD : result;
}

/* ---- what to run ---- */
static uint32_t list_variants(const gcb_collector *g, variant *v) {
  bool called = g->path.roots == GCB_ROOTS_CALL, tiny = false;
  gcb_value ignored;
  for (uint32_t i = 0; i < g->n_options; i++) tiny |= shrunken(&g->options[i], &ignored);
  uint32_t n = 0;
  v[n++] = (variant){.name = "default", .called = called};
  v[n++] = (variant){.name = "tiny", .called = called, .tiny = tiny, .poison = true};
  if (!called) v[n++] = (variant){.name = "call", .called = true, .poison = true};
  for (const gcb_preset *p = g->presets; p && p->name && n < MAX_VARIANTS; p++) {
    v[n] = (variant){.called = called, .poison = true, .preset = p};
    snprintf(v[n].name, sizeof v[n].name, "%s", p->name);
    n++;
  }
  return n;
}

static int list_behaviours(const contract_table *table) {
  json_t *list = json_array();
  for (uint32_t i = 0; i < table->n; i++) {
    const behaviour *b = table->behaviours[i];
    const char *slash = strrchr(b->file, '/');
    json_t *needs = json_array();
    for (unsigned k = 0; gcb_capability_word(k); k++)
      if (b->needs >> k & 1) json_array_append_new(needs, json_string(gcb_capability_word(k)));
    json_array_append_new(list, json_pack("{s:s, s:s%, s:s, s:o}", "name", b->name, "group", slash + 1,
                                          strcspn(slash + 1, "."), "expected", b->expected, "needs", needs));
  }
  int status = json_dumpfd(list, told >= 0 ? told : STDOUT_FILENO, JSON_INDENT(1)) == 0 ? HELD : USAGE;
  json_decref(list);
  return status;
}

int main(int argc, char **argv) {
  char why[600];
  if (fcntl(GCB_ANSWER_FD, F_GETFD) >= 0) told = fcntl(GCB_ANSWER_FD, F_DUPFD_CLOEXEC, 200);
  complaints = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 200);
  finished = mmap(NULL, sizeof *finished, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const contract_table *table = load_table("call-call-call-call", NULL);
  bool listed = argc == 2 && strcmp(argv[1], "--list") == 0;
  if (!table || finished == MAP_FAILED || (!listed && (argc < 3 || argc > 4))) {
    fprintf(stderr, "%s\n", table ? "usage: suite --list | COLLECTOR.so BEHAVIOUR [VARIANT]" : dlerror());
    return USAGE;
  }
  if (listed) return list_behaviours(table);
  gcb_crash_watch();
  const behaviour *b = find(table, argv[2]);
  const gcb_collector *g = gcb_load_collector(argv[1], why, sizeof why);
  if (!g || !b) {
    fprintf(stderr, "%s\n", g ? "no such behaviour" : why);
    return USAGE;
  }
  variant variants[MAX_VARIANTS];
  uint32_t n = list_variants(g, variants), ran = 0;
  int worst = HELD;
  for (uint32_t i = 0; i < n; i++) {
    if (argc == 4 && strcmp(argv[3], variants[i].name)) continue;
    uint64_t start = gcb_clock();
    if (told >= 0) dprintf(told, "V %s\n", variants[i].name);
    int result = run_variant(g, b, &variants[i]);
    printf("%-8s %s: %s, %.2f s\n", result == HELD ? "holds" : "BROKEN", b->name, variants[i].name,
           (double)(gcb_clock() - start) / 1e9);
    if (result != HELD) worst = BROKEN;
    ran++;
  }
  if (told >= 0) dprintf(told, "E\n");
  if (!ran) fprintf(stderr, "no variant %s\n", argv[3]);
  return ran ? worst : USAGE;
}
