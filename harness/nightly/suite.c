#include "nightly/suite.h"
#include "results/model/called.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include "results/store/store.h"
#include "results/text/nearest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* What is read lives in one list of blocks until the suite is freed. */
typedef struct block {
  struct block *next;
  max_align_t data[];
} block;

typedef struct reader {
  yaml_document_t document;
  gcb_suite *suite;
  const char *path;
  char *why;
  size_t size;
  bool good;
} reader;

static void *keep(reader *r, size_t n, size_t each) {
  block *b = calloc(1, sizeof *b + (n ? n : 1) * each);
  if (!b) {
    if (r->good) snprintf(r->why, r->size, "no memory for the suite");
    r->good = false;
    return NULL;
  }
  b->next = r->suite->memory;
  r->suite->memory = b;
  return b->data;
}

static int line_of(const yaml_node_t *node) {
  return (int)node->start_mark.line + 1;
}

/* The first fault is told; reading goes on, harmlessly, so that callers need not ask each time. */
static void wrong(reader *r, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void wrong(reader *r, const yaml_node_t *node, const char *format, ...) {
  va_list args;
  if (!r->good) return;
  r->good = false;
  int n = snprintf(r->why, r->size, "%s:%d: ", r->path, line_of(node));
  va_start(args, format);
  if (n > 0 && (size_t)n < r->size) vsnprintf(r->why + n, r->size - (size_t)n, format, args);
  va_end(args);
}

static const char *scalar(reader *r, const yaml_node_t *node, const char *key) {
  if (node->type == YAML_SCALAR_NODE &&
      node->data.scalar.length == strlen((const char *)node->data.scalar.value) && node->data.scalar.length) {
    char *own = keep(r, node->data.scalar.length + 1, 1);
    return own ? memcpy(own, node->data.scalar.value, node->data.scalar.length) : "";
  }
  wrong(r, node, "%s: expected one word", key);
  return "";
}

/* ---- values, each from a word as the command line has it ---- */

static void read_unsigned(reader *r, const yaml_node_t *node, const char *key, uint64_t min, uint64_t max,
                          uint64_t *out) {
  const char *word = scalar(r, node, key);
  if (gcb_parse_unsigned(word, out) != GCB_UNITS_OK || *out < min || *out > max)
    wrong(r, node, "%s: %s: expected a whole number from %llu to %llu", key, word, (unsigned long long)min,
          (unsigned long long)max);
}

static void read_duration(reader *r, const yaml_node_t *node, const char *key, uint64_t *out) {
  const char *word = scalar(r, node, key);
  if (gcb_parse_duration(word, out) != GCB_UNITS_OK || *out < 1000000)
    wrong(r, node, "%s: %s: expected a duration, such as 30s, 40m or 2h", key, word);
}

/* One word, or a list of them. */
static void read_strings(reader *r, const yaml_node_t *node, const char *key, struct gcb_strings *out) {
  size_t n = node->type == YAML_SEQUENCE_NODE
                 ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
                 : 1;
  if (node->type == YAML_MAPPING_NODE) wrong(r, node, "%s: expected a word, or a list of words", key);
  if (!n) wrong(r, node, "%s: the list is empty; leave the key out instead", key);
  out->items = keep(r, n, sizeof *out->items);
  for (size_t i = 0; out->items && i < n; i++) {
    const yaml_node_t *one = node->type == YAML_SEQUENCE_NODE
                                 ? yaml_document_get_node(&r->document, node->data.sequence.items.start[i])
                                 : node;
    out->items[i] = scalar(r, one, key);
    out->n = i + 1;
  }
}

static void read_heaps(reader *r, const yaml_node_t *node, const char *key, struct gcb_heap_sizes *out) {
  struct gcb_strings words = {0};
  read_strings(r, node, key, &words);
  out->items = keep(r, words.n, sizeof *out->items);
  for (size_t i = 0; out->items && i < words.n; i++, out->n++)
    if (gcb_parse_heap_size(words.items[i], &out->items[i]) != GCB_UNITS_OK)
      wrong(r, node, "%s: %s: expected a factor of the live bytes such as 3x, or bytes such as 64M", key,
            words.items[i]);
}

static void read_numbers(reader *r, const yaml_node_t *node, const char *key, uint64_t **out, size_t *n) {
  struct gcb_strings words = {0};
  read_strings(r, node, key, &words);
  *out = keep(r, words.n, sizeof **out);
  for (size_t i = 0; *out && i < words.n; i++, (*n)++)
    if (gcb_parse_unsigned(words.items[i], &(*out)[i]) != GCB_UNITS_OK || (*out)[i] < 1 || (*out)[i] > 64)
      wrong(r, node, "%s: %s: expected a whole number from 1 to 64", key, words.items[i]);
}

/* Every pair of a mapping, in the order of the file; a key that comes twice is a slip. */
typedef void (*visit)(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                      void *ctx);

static void each(reader *r, const yaml_node_t *node, const char *what, visit body, void *ctx) {
  if (node->type != YAML_MAPPING_NODE) {
    wrong(r, node, "%s: expected keys with values, one a line, such as 'name: nightly'", what);
    return;
  }
  for (yaml_node_pair_t *p = node->data.mapping.pairs.start; r->good && p < node->data.mapping.pairs.top;
       p++) {
    yaml_node_t *k = yaml_document_get_node(&r->document, p->key),
                *v = yaml_document_get_node(&r->document, p->value);
    const char *key = scalar(r, k, what);
    for (yaml_node_pair_t *q = node->data.mapping.pairs.start; q < p; q++) {
      const yaml_node_t *other = yaml_document_get_node(&r->document, q->key);
      if (other->type == YAML_SCALAR_NODE && strcmp((const char *)other->data.scalar.value, key) == 0)
        wrong(r, k, "%s: the key is there twice", key);
    }
    if (r->good) body(r, key, k, v, ctx);
  }
}

static void add_sweep(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                      void *ctx) {
  struct gcb_sweeps *s = ctx;
  (void)where;
  struct gcb_sweep *grown = keep(r, s->n + 1, sizeof *grown);
  if (!grown) return;
  if (s->n) memcpy(grown, s->items, s->n * sizeof *grown);
  s->items = grown;
  s->items[s->n].key = key;
  read_strings(r, value, key, &s->items[s->n].values);
  s->n++;
}

/* "2%" as .02; false when it is none, or not from 0.1 % to `most` per cent. */
static bool percent(const char *word, double most, double *fraction) {
  const char *end;
  double v = gcb_parse_real(word, &end);
  *fraction = v / 100;
  return end != word && strcmp(end, "%") == 0 && v >= .1 && v <= most;
}

static void add_gate(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                     void *ctx) {
  gcb_night_rules *s = ctx;
  const gcb_metric *m = gcb_metric_find(key);
  if (!m || m->class != GCB_NOISY) {
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < gcb_n_metrics && n < 64; i++)
      if (gcb_metrics[i].class == GCB_NOISY) names[n++] = gcb_metrics[i].name;
    const char *nearest = gcb_nearest(key, names, n);
    wrong(r, where, "gates: %s: %s%s%s", key,
          m ? "only noisy metrics gate; exact ones are always told" : "no such metric",
          nearest ? "; did you mean " : "", nearest ? nearest : "");
    return;
  }
  gcb_night_gate *grown = keep(r, s->n_gates + 1, sizeof *grown);
  if (!grown) return;
  if (s->n_gates) memcpy(grown, s->gates, s->n_gates * sizeof *grown);
  s->gates = grown;
  const char *word = scalar(r, value, key);
  double floor = 0;
  if (strcmp(word, "learnt") != 0 && !percent(word, 100, &floor))
    wrong(r, value,
          "gates: %s: %s: expected the smallest change that matters, from 0.1%% to 100%%, such as 2%%, or "
          "'learnt'",
          key, word);
  s->gates[s->n_gates++] = (gcb_night_gate){m->name, floor};
}

static const char *const cell_keys[] = {"workloads", "collectors", "heaps", "mutators", "params", "options"};
static const char *const suite_keys[] = {"name",        "budget",     "timeout", "seed",       "pairs",
                                         "rerun-pairs", "iterations", "warmups", "gc-threads", "a-a",
                                         "canary",      "baselines",  "gates",   "trust",      "cells"};
static const char *const trust_keys[] = {"doctor", "intervals", "canary"};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool is(const char *key, const char *word) {
  return strcmp(key, word) == 0;
}

static void unknown(reader *r, const char *key, const yaml_node_t *where, const char *const *known,
                    size_t n) {
  char all[300] = "";
  for (size_t i = 0; i < n; i++)
    snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", known[i]);
  const char *nearest = gcb_nearest(key, known, n);
  wrong(r, where, "%s: no such key here%s%s; there are %s", key, nearest ? "; did you mean " : "",
        nearest ? nearest : "", all);
}

static void cell_key(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                     void *ctx) {
  gcb_suite_cells *c = ctx;
  if (is(key, "workloads"))
    read_strings(r, value, key, &c->workloads);
  else if (is(key, "collectors"))
    read_strings(r, value, key, &c->collectors);
  else if (is(key, "heaps"))
    read_heaps(r, value, key, &c->heaps);
  else if (is(key, "mutators"))
    read_numbers(r, value, key, &c->mutators, &c->n_mutators);
  else if (is(key, "params"))
    each(r, value, key, add_sweep, &c->params);
  else if (is(key, "options"))
    each(r, value, key, add_sweep, &c->options);
  else
    unknown(r, key, where, cell_keys, COUNT(cell_keys));
}

static void read_cells(reader *r, const yaml_node_t *node) {
  static const struct gcb_heap_size usual = {.factor = 3};
  gcb_suite *s = r->suite;
  if (node->type != YAML_SEQUENCE_NODE) {
    wrong(r, node, "cells: expected a list; each entry begins with a dash");
    return;
  }
  size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
  s->cells = keep(r, n, sizeof *s->cells);
  for (size_t i = 0; r->good && i < n; i++) {
    const yaml_node_t *one = yaml_document_get_node(&r->document, node->data.sequence.items.start[i]);
    gcb_suite_cells *c = &s->cells[s->n_cells++];
    c->line = line_of(one);
    each(r, one, "cells", cell_key, c);
    if (!c->workloads.n || !c->collectors.n) wrong(r, one, "cells: the entry needs workloads and collectors");
    if (!c->heaps.n && (c->heaps.items = keep(r, 1, sizeof usual))) c->heaps.items[c->heaps.n++] = usual;
    if (!c->n_mutators && (c->mutators = keep(r, 1, sizeof *c->mutators))) c->mutators[c->n_mutators++] = 1;
  }
}

static void trust_key(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                      void *ctx) {
  gcb_night_rules *rules = ctx;
  if (is(key, "doctor")) {
    const char *word = scalar(r, value, key);
    rules->heed_doctor = is(word, "heed");
    if (!rules->heed_doctor && !is(word, "ignore"))
      wrong(r, value, "trust: doctor: %s: expected heed or ignore", word);
  } else if (is(key, "intervals") || is(key, "canary")) {
    const char *word = scalar(r, value, key);
    if (!percent(word, 100000, is(key, "canary") ? &rules->canary_moves : &rules->widest))
      wrong(r, value, "trust: %s: %s: expected a percentage from 0.1%%, such as 5%%", key, word);
  } else
    unknown(r, key, where, trust_keys, COUNT(trust_keys));
}

/* They become folders of the store. */
static void read_baselines(reader *r, const yaml_node_t *node, const char *key, gcb_suite *s) {
  read_strings(r, node, key, &s->baselines);
  s->baselines_line = line_of(node);
  for (size_t i = 0; i < s->baselines.n; i++)
    if (!gcb_store_name_good(s->baselines.items[i]) || is(s->baselines.items[i], "canary"))
      wrong(r, node, "baselines: %s: expected a name of letters, digits and . _ + -, but not 'canary'",
            s->baselines.items[i]);
}

static void suite_key(reader *r, const char *key, const yaml_node_t *where, const yaml_node_t *value,
                      void *ctx) {
  gcb_suite *s = ctx;
  if (is(key, "name"))
    s->name = scalar(r, value, key);
  else if (is(key, "budget"))
    read_duration(r, value, key, &s->budget_ns);
  else if (is(key, "timeout"))
    read_duration(r, value, key, &s->timeout_ns);
  else if (is(key, "seed"))
    read_unsigned(r, value, key, 0, INT64_MAX, &s->seed);
  else if (is(key, "pairs"))
    read_unsigned(r, value, key, 6, 1000, &s->pairs);
  else if (is(key, "rerun-pairs"))
    read_unsigned(r, value, key, 6, 1000, &s->rerun_pairs);
  else if (is(key, "iterations"))
    read_unsigned(r, value, key, 1, 100000, &s->iterations);
  else if (is(key, "warmups"))
    read_unsigned(r, value, key, 0, 100000, &s->warmups);
  else if (is(key, "gc-threads"))
    read_unsigned(r, value, key, 1, 64, &s->workers);
  else if (is(key, "a-a"))
    read_unsigned(r, value, key, 0, 1000, &s->aa_cells);
  else if (is(key, "baselines"))
    read_baselines(r, value, key, s);
  else if (is(key, "canary")) {
    s->canary_line = line_of(value);
    read_strings(r, value, key, &s->canary);
    if (s->canary.n != 3)
      wrong(r, value, "canary: expected a workload, a collector and a heap, such as [trees, semispace, 3x]");
  } else if (is(key, "gates"))
    each(r, value, key, add_gate, &s->rules);
  else if (is(key, "trust"))
    each(r, value, key, trust_key, &s->rules);
  else if (is(key, "cells"))
    read_cells(r, value);
  else
    unknown(r, key, where, suite_keys, COUNT(suite_keys));
}

bool gcb_suite_read(gcb_suite *s, const char *path, char *why, size_t size) {
  reader r = {.suite = s, .path = path, .why = why, .size = size, .good = true};
  yaml_parser_t parser;
  FILE *in = fopen(path, "rb");
  *s = (gcb_suite){.name = "nightly",
                   .budget_ns = 3600000000000u,
                   .timeout_ns = 120000000000u,
                   .seed = 1,
                   .pairs = 20,
                   .rerun_pairs = 20,
                   .iterations = 1,
                   .warmups = 1,
                   .workers = 1,
                   .aa_cells = 1,
                   .rules = {.heed_doctor = true, .widest = .05, .canary_moves = .05}};
  if (!in) {
    snprintf(why, size, gcb_as_called("cannot open the suite %s: %s; 'gcbench nightly --init %s' writes one"),
             path, strerror(errno), path);
    return false;
  }
  if (!yaml_parser_initialize(&parser)) {
    snprintf(why, size, "no memory for the suite");
    fclose(in);
    return false;
  }
  yaml_parser_set_input_file(&parser, in);
  if (!yaml_parser_load(&parser, &r.document)) {
    snprintf(why, size, "%s:%d: not YAML: %s", path, (int)parser.problem_mark.line + 1,
             parser.problem ? parser.problem : "unreadable");
    r.good = false;
  } else {
    const yaml_node_t *root = yaml_document_get_root_node(&r.document);
    if (root) each(&r, root, "suite", suite_key, s);
    if (r.good && !s->n_cells) {
      snprintf(why, size, "%s: there are no cells: nothing would be measured", path);
      r.good = false;
    }
    yaml_document_delete(&r.document);
  }
  yaml_parser_delete(&parser);
  fclose(in);
  if (!r.good) gcb_suite_free(s);
  return r.good;
}

void gcb_suite_free(gcb_suite *s) {
  for (block *b = s->memory, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  *s = (gcb_suite){0};
}
