#include "results/text/history_print.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/units.h"
#include "results/stats/stats.h"
#include "results/text/columns.h"
#include "results/text/shell.h"
#include "results/text/sparkline.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAST = 7, MOST_SUSPECTS = 10 };

/* ---- words ---- */

const gcb_step *gcb_last_suspect(const gcb_series *s) {
  for (size_t i = s->n_steps; i-- > 0;)
    if (s->steps[i].verdict == GCB_STEP_SUSPECT) return &s->steps[i];
  return NULL;
}

size_t gcb_count_suspects(const gcb_series *s) {
  size_t n = 0;
  for (size_t i = 0; i < s->n_steps; i++) n += s->steps[i].verdict == GCB_STEP_SUSPECT;
  return n;
}

const gcb_night *gcb_night_of(const struct gcb_history *h, const gcb_series *s, size_t at) {
  return &h->nights[s->nights[at]];
}

static json_int_t integer(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

/* "3x, 4 mutators, 2 GC threads": what is not usual of it. */
static const char *heap_and_threads(const gcb_series *s, char *text, size_t size) {
  json_int_t mutators = integer(s->cell, "mutators"), workers = integer(s->cell, "workers");
  gcb_cell_heap(s->cell, text, size);
  size_t n = strlen(text);
  if (mutators > 1) snprintf(text + n, size - n, ", %d mutators", (int)mutators);
  n = strlen(text);
  if (workers > 1) snprintf(text + n, size - n, ", %d GC threads", (int)workers);
  return text;
}

const char *gcb_series_title(const gcb_series *s, char *text, size_t size) {
  char workload[300], collector[300], rest[100];
  snprintf(text, size, "%s on %s, %s", gcb_cell_workload(s->cell, workload, sizeof workload),
           gcb_cell_collector(s->cell, collector, sizeof collector), heap_and_threads(s, rest, sizeof rest));
  return text;
}

void gcb_print_cell_words(const gcb_series *s, FILE *out) {
  const char *key;
  json_t *value;
  fputs(" --workload ", out);
  gcb_print_quoted(json_string_value(json_object_get(s->cell, "workload")), out);
  json_object_foreach(json_object_get(s->cell, "params"), key, value) {
    char word[300];
    snprintf(word, sizeof word, "%s=%s", key, json_string_value(value) ? json_string_value(value) : "");
    fputs(" --param ", out);
    gcb_print_quoted(word, out);
  }
  fprintf(out, " --heap %lld", (long long)integer(s->cell, "heap_bytes"));
  if (integer(s->cell, "mutators") > 1) fprintf(out, " --mutators %d", (int)integer(s->cell, "mutators"));
  if (integer(s->cell, "workers") > 1) fprintf(out, " --gc-threads %d", (int)integer(s->cell, "workers"));
  if (s->metric->class == GCB_NOISY) fprintf(out, " --metric %s", s->metric->name);
}

/* "+5.1 %", or "from 0" where there is no share. Of exact metrics the smallest difference counts. */
static struct gcb_text percent(const gcb_metric *m, double before, double after) {
  struct gcb_text text;
  double share = before == after ? 0 : (after / before - 1) * 100;
  if (before == 0 && after != 0)
    snprintf(text.s, sizeof text.s, "from 0");
  else if (m->class == GCB_EXACT && share != 0)
    snprintf(text.s, sizeof text.s, "%+.2g %%", share);
  else if (fabs(share) < .05)
    snprintf(text.s, sizeof text.s, "0.0 %%");
  else
    snprintf(text.s, sizeof text.s, "%+.1f %%", share);
  return text;
}

static struct gcb_text value(const gcb_metric *m, double v) {
  struct gcb_text text;
  if (m->class != GCB_EXACT) return gcb_metric_format(m, v);
  snprintf(text.s, sizeof text.s, "%.10g", v);
  return text;
}

/* ---- the table ---- */

static const char *step_word(const gcb_step *step) {
  static const char *const words[] = {"SUSPECT", "acknowledged", "undone", "better", "shown"};
  return words[step->verdict];
}

/* The newest steps first, as many as there is room for. */
static void put_steps(gcb_columns *t, unsigned column, const struct gcb_history *h, const gcb_series *s) {
  char text[GCB_COLUMN_TEXT] = "";
  enum { SHOWN = 2 };
  for (size_t i = 0; i < s->n_steps && i < SHOWN; i++) {
    const gcb_step *step = &s->steps[s->n_steps - 1 - i];
    const gcb_night *night = gcb_night_of(h, s, step->change.at);
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, "%s%s on %.10s (run %lld): %s", i ? "; " : "",
             percent(s->metric, step->change.before, step->change.after).s, night->started,
             (long long)night->id, step_word(step));
  }
  size_t n = strlen(text);
  if (s->n_steps > SHOWN) snprintf(text + n, sizeof text - n, "; %zu before", s->n_steps - SHOWN);
  gcb_columns_put(t, column, "%s", n ? text : "-");
}

static void put_row(gcb_columns *t, const struct gcb_history *h, const gcb_series *s, size_t newest,
                    bool utf8) {
  char text[300], line[GCB_SPARKLINE_SIZE], ended[20] = "";
  size_t last = s->n - 1, before = last < LAST ? last : LAST;
  double latest = s->values[last];
  if (s->nights[last] < newest) /* the cell is no longer run, or fails */
    snprintf(ended, sizeof ended, " (%.10s)", gcb_night_of(h, s, last)->started);
  gcb_columns_row(t);
  gcb_columns_put(t, 0, "%lld", (long long)s->id);
  gcb_columns_put(t, 1, "%s", gcb_cell_workload(s->cell, text, sizeof text));
  gcb_columns_put(t, 2, "%s", gcb_cell_collector(s->cell, text, sizeof text));
  gcb_columns_put(t, 3, "%s", heap_and_threads(s, text, sizeof text));
  gcb_columns_put(t, 4, "%s", s->metric->name);
  gcb_columns_put(t, 5, "%s", gcb_sparkline(s->values, s->n, GCB_SPARKLINE_WIDTH, utf8, line));
  gcb_columns_put(t, 6, "%zu", s->n);
  gcb_columns_put(t, 7, "%s%s", value(s->metric, latest).s, ended);
  if (before)
    gcb_columns_put(t, 8, "%s", percent(s->metric, gcb_median(s->values + last - before, before), latest).s);
  put_steps(t, 9, h, s);
}

static const char *word(const json_t *o, const char *key, const char *otherwise) {
  const char *text = json_string_value(json_object_get(o, key));
  return text ? text : otherwise;
}

static void print_machine(const struct gcb_history *h, const json_t *m, FILE *out) {
  const json_t *about = json_object_get(m, "about");
  const char *first = h->nights[integer(m, "first")].started;
  fprintf(out, "machine %.8s (%s, %lld cores, kernel %s): nights of %.10s to %.10s\n", word(m, "key", "?"),
          word(about, "cpu_model", "unknown processor"), (long long)integer(about, "cores"),
          word(about, "kernel", "unknown"), first, h->nights[integer(m, "last")].started);
  if (json_is_string(json_object_get(m, "before")))
    fprintf(out,
            "  From %.10s on this replaces machine %.8s: %s. Figures from before and after that are not\n"
            "  compared: no step is looked for across it.\n",
            first, word(m, "before", "?"), word(m, "difference", "?"));
}

static void print_table(const struct gcb_history *h, const json_t *m, bool utf8, FILE *out) {
  static const char *const heads[] = {"id",      "workload", "collector", "heap",      "metric",
                                      "history", "nights",   "latest",    "to last 7", "steps, newest first"};
  const unsigned left = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9;
  gcb_columns t;
  gcb_columns_begin(&t, heads, sizeof heads / sizeof *heads, left);
  for (size_t i = 0; i < h->n_series; i++)
    if (strcmp(h->series[i].machine, word(m, "key", "")) == 0)
      put_row(&t, h, &h->series[i], (size_t)integer(m, "last"), utf8);
  gcb_columns_end(&t, "  ", out);
  fputc('\n', out);
}

/* ---- what to do ---- */

static int newer(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x < y) - (x > y);
}

static void print_suspect(const struct gcb_history *h, const gcb_series *s, FILE *out) {
  const gcb_step *step = gcb_last_suspect(s);
  const gcb_change *c = &step->change;
  const gcb_night *good = gcb_night_of(h, s, c->at - 1), *bad = gcb_night_of(h, s, c->at);
  char title[700];
  bool exact = s->metric->class == GCB_EXACT;
  fprintf(out, "\n%lld: %s of %s: %s since %.10s (run %lld), %s -> %s", (long long)s->id, s->metric->name,
          gcb_series_title(s, title, sizeof title), percent(s->metric, c->before, c->after).s, bad->started,
          (long long)bad->id, value(s->metric, c->before).s, value(s->metric, c->after).s);
  if (!exact) fprintf(out, c->p < 1e-12 ? ", p < 1e-12" : ", p %.1g", c->p);
  fputs(gcb_as_called("\n  prove:  gcbench compare"), out);
  gcb_print_cell_words(s, out);
  fputs(" --a OLD.so --b ", out);
  gcb_print_quoted(gcb_cell_collector(s->cell, title, sizeof title), out);
  fprintf(
      out,
      gcb_as_called(
          " --pairs 20\n          where OLD.so is the collector as it was built for run %lld of %.10s; name "
          "a plug-in of your own by its file\n"
          "  expect: gcbench history ack %lld --run %lld --reason '...'\n"),
      (long long)good->id, good->started, (long long)s->id, (long long)bad->id);
  if (!exact)
    fprintf(out, gcb_as_called("  find:   gcbench history bisect %lld > bisect.sh\n"), (long long)s->id);
}

/* The series of the newest suspects first: (night, series) packed into one number each. */
static void print_suspects(const struct gcb_history *h, FILE *out) {
  size_t *order = calloc(h->n_series + 1, sizeof *order), n = 0, steps = 0;
  for (size_t i = 0; order && i < h->n_series; i++) {
    const gcb_series *s = &h->series[i];
    const gcb_step *step = gcb_last_suspect(s);
    if (step) order[n++] = s->nights[step->change.at] * h->n_series + (h->n_series - 1 - i);
    steps += gcb_count_suspects(s);
  }
  if (n) {
    qsort(order, n, sizeof *order, newer);
    fprintf(out,
            "%s in %zu of %zu series. A suspect proves nothing: the machine may have changed "
            "too.\nOnly an interleaved comparison decides.\n",
            gcb_format_number((double)steps, "suspect step").s, n, h->n_series);
    for (size_t i = 0; i < n && i < MOST_SUSPECTS; i++)
      print_suspect(h, &h->series[h->n_series - 1 - order[i] % h->n_series], out);
    if (n > MOST_SUSPECTS)
      fprintf(out, gcb_as_called("\n%zu more series with suspects: 'gcbench history ID' tells of one.\n"),
              n - MOST_SUSPECTS);
  } else {
    fprintf(out, "No suspect step in %zu series.\n", h->n_series);
  }
  free(order);
}

void gcb_history_print(const struct gcb_history *h, bool utf8, FILE *out) {
  size_t i;
  json_t *m;
  json_array_foreach(h->machines, i, m) {
    print_machine(h, m, out);
    print_table(h, m, utf8, out);
  }
  print_suspects(h, out);
}
