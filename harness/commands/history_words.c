/* What the words of `gcbench history` mean: which series, which step. */
#include "commands/history_verbs.h"
#include "results/model/clean.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static bool wrong(const struct gcb_parsed *parsed, const char *option, const char *word, const char *why) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", why);
  return false;
}

/* Is each word the workload (or the collector) of some stored cell? */
static bool known_words(const struct gcb_parsed *parsed, struct gcb_store *store, const char *option,
                        const struct gcb_strings *words, const char *names_of) {
  enum { MOST = 400 };
  char *names[MOST];
  size_t n = 0;
  bool good = true;
  sqlite3_stmt *st;
  if (!words->n || sqlite3_prepare_v2(gcb_store_database(store), names_of, -1, &st, NULL) != SQLITE_OK)
    return true;
  while (n < MOST && sqlite3_step(st) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    if (name && (names[n] = strdup(name))) n++;
  }
  sqlite3_finalize(st);
  for (size_t i = 0; i < words->n && good && n < MOST; i++) {
    bool found = false;
    for (size_t k = 0; k < n && !found; k++) found = strcmp(words->items[i], names[k]) == 0;
    if (found) continue;
    const char *near = gcb_nearest(words->items[i], (const char *const *)names, n);
    gcb_options_wrong(&gcb_program, parsed->command, option, words->items[i], "no stored run has it%s%s%s",
                      near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    good = false;
  }
  while (n) free(names[--n]);
  return good;
}

static bool all_words(const struct gcb_strings *words) {
  return words->n == 1 && strcmp(words->items[0], "all") == 0;
}

static bool known_metrics(const struct gcb_parsed *parsed, const struct gcb_strings *words) {
  const char *names[gcb_n_metrics];
  for (size_t i = 0; i < gcb_n_metrics; i++) names[i] = gcb_metrics[i].name;
  for (size_t i = 0; i < words->n && !all_words(words); i++) {
    if (gcb_metric_find(words->items[i])) continue;
    const char *near = gcb_nearest(words->items[i], names, gcb_n_metrics);
    gcb_options_wrong(&gcb_program, parsed->command, "--metric", words->items[i], "no such metric; %s%s",
                      near ? "did you mean " : "results/README.md lists them, such as ",
                      near ? near : "wall_ns");
    return false;
  }
  return true;
}

/* "2026-01-31", "90d" or "all". */
static bool good_since(const struct gcb_parsed *parsed, const char *since) {
  size_t n = strlen(since), digits = strspn(since, "0123456789");
  unsigned year, month, day;
  int end = 0;
  bool date = n >= 10 && sscanf(since, "%4u-%2u-%2u%n", &year, &month, &day, &end) == 3 && end == 10 &&
              month >= 1 && month <= 12 && day >= 1 && day <= 31 && (n == 10 || since[10] == 'T') && n <= 24;
  if (date || strcmp(since, "all") == 0 || (digits && digits <= 6 && digits + 1 == n && since[digits] == 'd'))
    return true;
  return wrong(parsed, "--since", since, "expected a date such as 2026-01-31, days such as 90d, or all");
}

bool gcb_history_filter_of_options(const struct gcb_parsed *parsed, struct gcb_store *store,
                                   gcb_history_filter *f) {
  const history_settings *s = parsed->settings;
  *f = (gcb_history_filter){.heaps = s->heaps.items,
                            .n_heaps = s->heaps.n,
                            .machine = s->machine,
                            .since = strcmp(s->since, "all") == 0 ? NULL : s->since};
  if (!good_since(parsed, s->since) || !known_metrics(parsed, &s->metrics)) return false;
  if (!all_words(&s->workloads)) {
    f->workloads = s->workloads.items;
    f->n_workloads = s->workloads.n;
    if (!known_words(parsed, store, "--workload", &s->workloads, "SELECT DISTINCT workload FROM cells"))
      return false;
  }
  if (!all_words(&s->collectors)) {
    f->collectors = s->collectors.items;
    f->n_collectors = s->collectors.n;
    if (!known_words(parsed, store, "--collector", &s->collectors,
                     "SELECT collector FROM cells UNION SELECT options FROM cells"))
      return false;
  }
  if (!all_words(&s->metrics)) {
    f->metrics = s->metrics.items;
    f->n_metrics = s->metrics.n;
  }
  return true;
}

struct gcb_history *gcb_history_of_options(const struct gcb_parsed *parsed, struct gcb_store *store,
                                           const int64_t *ids, size_t n_ids, gcb_exit *status) {
  char why[4500];
  gcb_history_filter f;
  *status = GCB_EXIT_USAGE;
  if (!gcb_history_filter_of_options(parsed, store, &f)) return NULL;
  f.ids = ids;
  f.n_ids = n_ids;
  if (n_ids && !gcb_option_given(parsed, "metric")) f.n_metrics = 0;
  struct gcb_history *h = gcb_history_load(store, &f, why, sizeof why);
  *status = h && h->n_series ? GCB_EXIT_OK : GCB_EXIT_NOTHING;
  if (h && h->n_series) return h;
  if (!h)
    gcb_print_clean(stderr, "gcbench history: %s\n", why);
  else if (f.since)
    fprintf(stderr,
            "gcbench history: no such series has a night since %s; --since all looks at the whole store\n",
            f.since);
  else
    fprintf(stderr, "gcbench history: the store has no such series\n");
  gcb_history_free(h);
  return NULL;
}
