#include "stress/mutant_hunt.h"
#include "collectors/common/mutants.h"
#include "results/model/clean.h"
#include <stdlib.h>
#include <string.h>

typedef struct mutant {
  const char *name, *class, *collectors, *what, *resembles;
  bool killed;
  char collector[64], check[40];
  unsigned needed; /* modes without which its program does not fail */
  double seconds;
  uint64_t programs;
} mutant;

static mutant mutants[] = {
#define X(id, class_, collectors, what, resembles)                                                           \
  {#id, class_, collectors, what, resembles, 0, "", "", 0, 0, 0},
    GCB_MUTANT_TABLE(X)
#undef X
};
enum { MUTANTS = sizeof mutants / sizeof *mutants, BATCH = 60, MAX_WORDS = 40 };

bool gcb_stress_has_mutants(void) {
#ifdef GCB_MUTANTS
  return true;
#else
  return false;
#endif
}

/* The modes of the program of a seed, and the text of it without one of them (bit), or whole (-1). */
static char *text_without(uint64_t seed, unsigned modes, int bit, unsigned *on) {
  gcb_stress_program p;
  if (!gcb_stress_generate(&p, seed, modes)) return NULL;
  gcb_stress_modes *m = &p.modes;
  *on = (m->collect ? GCB_STRESS_MODE(COLLECT) : 0) | (m->tiny ? GCB_STRESS_MODE(TINY) : 0) |
        (m->limit < 16 << 20 ? GCB_STRESS_MODE(SMALL) : 0) | (m->fail ? GCB_STRESS_MODE(FAIL) : 0) |
        (m->poison ? GCB_STRESS_MODE(POISON) : 0) | (m->protect ? GCB_STRESS_MODE(PROTECT) : 0) |
        (m->base ? GCB_STRESS_MODE(BASE) : 0) | (m->vary ? GCB_STRESS_MODE(VARY) : 0) |
        (m->safepoints ? GCB_STRESS_MODE(SAFEPOINTS) : 0) | (m->starve ? GCB_STRESS_MODE(STARVE) : 0) |
        (m->sweep ? GCB_STRESS_MODE(SWEEP) : 0) | (m->relocate ? GCB_STRESS_MODE(RELOCATE) : 0) |
        (m->barrier ? GCB_STRESS_MODE(BARRIER) : 0);
  switch (bit) {
  case GCB_STRESS_MODE_BIT_COLLECT:
    m->collect = 0;
    break;
  case GCB_STRESS_MODE_BIT_TINY:
    m->tiny = false;
    break;
  case GCB_STRESS_MODE_BIT_SMALL:
    m->limit = 16 << 20;
    break;
  case GCB_STRESS_MODE_BIT_FAIL:
    m->fail = 0;
    break;
  case GCB_STRESS_MODE_BIT_POISON:
    m->poison = false;
    break;
  case GCB_STRESS_MODE_BIT_PROTECT:
    m->protect = false;
    break;
  case GCB_STRESS_MODE_BIT_VARY:
    m->vary = 0;
    break;
  case GCB_STRESS_MODE_BIT_RELOCATE:
    m->relocate = false;
    break;
  case GCB_STRESS_MODE_BIT_BARRIER:
    m->barrier = false;
    break;
  case GCB_STRESS_MODE_BIT_SAFEPOINTS:
    m->safepoints = false;
    break;
  case GCB_STRESS_MODE_BIT_STARVE:
    m->starve = false;
    break;
  case GCB_STRESS_MODE_BIT_SWEEP:
    m->sweep = false;
    break;
  case GCB_STRESS_MODE_BIT_BASE:
    m->base = 0;
    break;
  default:
    break;
  }
  char *text = gcb_stress_print(&p);
  gcb_stress_free(&p);
  return text;
}

static unsigned modes_needed(const gcb_stress_campaign *c, gcb_stress_tally *t, uint64_t seed) {
  unsigned on = 0, needed = 0;
  free(text_without(seed, c->modes, -1, &on));
  for (int bit = 0; bit < GCB_STRESS_MODE_KINDS; bit++) {
    if (!(on >> bit & 1)) continue;
    char *text = text_without(seed, c->modes, bit, &on);
    if (text && !gcb_stress_replay(c, t, text, false)) needed |= 1u << bit;
    free(text);
  }
  return needed;
}

/* One mutant on all its collectors in turn, in batches, until one shows it. */
static void hunt(const gcb_stress_campaign *c, gcb_catalog *catalog, mutant *k, uint64_t seed,
                 uint64_t time_ns) {
  gcb_stress_tally tallies[8] = {0};
  size_t n = 0;
  char names[200], why[700], *rest = names;
  snprintf(names, sizeof names, "%s", k->collectors);
  for (char *name; (name = strsep(&rest, ",")) && n < 8;) {
    const gcb_entry *e = gcb_catalog_collector(catalog, name, why, sizeof why);
    if (e)
      tallies[n++] = (gcb_stress_tally){.name = strdup(name), .word = strdup(name), .file = strdup(e->file)};
  }
  setenv("GCB_MUTANT", k->name, 1);
  uint64_t start = gcb_clock(), at = seed;
  while (n && !k->killed && gcb_clock() - start < time_ns && !(c->interrupt && *c->interrupt)) {
    for (size_t i = 0; i < n && !k->killed; i++) {
      gcb_stress_tally *t = &tallies[i];
      gcb_stress_batch(c, t, at, BATCH, 20000000000ull);
      if (!t->findings) continue;
      k->killed = true;
      k->seconds = (double)(gcb_clock() - start) / 1e9;
      snprintf(k->collector, sizeof k->collector, "%s", t->name);
      snprintf(k->check, sizeof k->check, "%s", t->findings->check);
      k->programs = t->counts.programs;
      k->needed = modes_needed(c, t, strtoull(t->findings->seed, NULL, 10));
    }
    at += BATCH;
  }
  unsetenv("GCB_MUTANT");
  for (size_t i = 0; i < n; i++) {
    if (!k->killed) k->programs += tallies[i].counts.programs;
    gcb_stress_tally_free(&tallies[i]);
  }
}

static size_t word_index(const char *words[], size_t *n, const char *word) {
  for (size_t i = 0; i < *n; i++)
    if (strcmp(words[i], word) == 0) return i;
  if (*n == MAX_WORDS) return MAX_WORDS - 1;
  words[*n] = word;
  return (*n)++;
}

/* Rows: checks of the oracle, then modes that were needed. Columns: classes. */
static void matrix(void) {
  const char *rows[MAX_WORDS], *columns[MAX_WORDS];
  unsigned cells[MAX_WORDS][MAX_WORDS] = {0};
  size_t n_rows = 0, n_columns = 0;
  for (int i = 0; i < MUTANTS; i++) {
    const mutant *k = &mutants[i];
    size_t column = word_index(columns, &n_columns, k->class);
    if (!k->killed) continue;
    cells[word_index(rows, &n_rows, k->check)][column]++;
    for (unsigned bit = 0; bit < GCB_STRESS_MODE_KINDS; bit++)
      if (k->needed >> bit & 1) cells[word_index(rows, &n_rows, gcb_stress_mode_word(bit))][column]++;
  }
  printf("\n%-12s", "found by");
  for (size_t j = 0; j < n_columns; j++) printf(" %11s", columns[j]);
  for (size_t i = 0; i < n_rows; i++) {
    printf("\n%-12s", rows[i]);
    for (size_t j = 0; j < n_columns; j++) printf(cells[i][j] ? " %11u" : " %11.0u", cells[i][j]);
  }
  puts("\n(checks of the oracle; modes: the mutant's program does not fail without)");
}

static json_t *verdicts(void) {
  json_t *list = json_array();
  for (int i = 0; i < MUTANTS; i++) {
    const mutant *k = &mutants[i];
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:f, s:I}", "mutant",
                                          k->name, "class", k->class, "collectors", k->collectors, "what",
                                          k->what, "resembles", k->resembles, "killed", (int)k->killed,
                                          "collector", k->collector, "check", k->check, "seconds", k->seconds,
                                          "programs", (json_int_t)k->programs));
  }
  return json_pack("{s:s, s:o}", "schema", "gcbench.mutants/1", "mutants", list);
}

int gcb_stress_mutants(const gcb_stress_campaign *campaign, gcb_catalog *catalog, const char *only,
                       uint64_t seed, uint64_t time_ns, json_t **json) {
  gcb_stress_campaign c = *campaign;
  int killed = 0, ran = 0;
  c.shrink = 0;
  c.save = NULL;
  for (int i = 0; i < MUTANTS && !(c.interrupt && *c.interrupt); i++) {
    mutant *k = &mutants[i];
    if (only && strcmp(only, "all") != 0 && strcmp(only, k->name) != 0) continue;
    hunt(&c, catalog, k, seed, time_ns);
    ran++;
    killed += k->killed;
    if (k->killed)
      printf("killed   %-18s %-11s %6.1f s, %llu programs: %s on %s\n", k->name, k->class, k->seconds,
             (unsigned long long)k->programs, k->check, k->collector);
    else
      printf("SURVIVED %-18s %-11s %llu programs: %s\n", k->name, k->class, (unsigned long long)k->programs,
             k->what);
    fflush(stdout);
  }
  if (!ran) return -1;
  if (ran > 1) matrix();
  printf("killed %d/%d", killed, ran);
  for (int i = 0, told = 0; i < MUTANTS && killed < ran; i++)
    if (!mutants[i].killed && (ran == MUTANTS || strcmp(only, mutants[i].name) == 0))
      printf("%s %s", told++ ? "," : "; survivors:", mutants[i].name);
  putchar('\n');
  if (json) *json = verdicts();
  return ran - killed;
}
