#include "plots/figure/plots.h"
#include "plots/kinds/kinds.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/metrics.h"
#include "results/model/units.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What fits into the width of a figure, by the size of the letters, and the height of a line. */
enum {
  SUBTITLE_CHARACTERS = 110,
  NOTE_CHARACTERS = 118,
  FOOTER_CHARACTERS = 138,
  LETTER = 7,
  TITLE_LETTER = 9,
  LEAST_PLOT = 320,
  FOOTER_LINE = 13
};

static const gcb_kind *const kinds[] = {
#define X(name) &gcb_kind_##name,
    GCB_PLOT_KINDS(X)
#undef X
};
const gcb_plot_kind *const gcb_plot_kinds[] = {
#define X(name) &gcb_kind_##name.public,
    GCB_PLOT_KINDS(X)
#undef X
};
const size_t gcb_n_plot_kinds = sizeof kinds / sizeof *kinds;

static const gcb_kind *find(const char *name) {
  for (size_t i = 0; i < gcb_n_plot_kinds; i++)
    if (strcmp(kinds[i]->public.name, name) == 0) return kinds[i];
  return NULL;
}

const gcb_plot_kind *gcb_plot_kind_find(const char *name) {
  const gcb_kind *kind = find(name);
  return kind ? &kind->public : NULL;
}

static bool reads(const gcb_kind *kind, const char *schema) {
  return strstr(kind->schemas ? kind->schemas : "gcbench.run/1", schema) != NULL;
}

bool gcb_plots_read(const char *schema) {
  for (size_t i = 0; i < gcb_n_plot_kinds; i++)
    if (reads(kinds[i], schema)) return true;
  return false;
}

gcb_plots *gcb_plots_open(void) {
  return calloc(1, sizeof(gcb_plots));
}

void gcb_plots_close(gcb_plots *plots) {
  if (!plots) return;
  for (size_t i = 0; i < plots->n; i++) gcb_figure_free(plots->figures[i]);
  free(plots->figures);
  gcb_palette_free(&plots->palette);
  free(plots);
}

/* What a document has cells of: a run, cards of workloads, series of a history. */
static const json_t *cells_of(const json_t *document) {
  static const char *const lists[] = {"cells", "cards", "series"};
  const json_t *cells = NULL;
  for (size_t i = 0; i < sizeof lists / sizeof *lists && !cells; i++)
    cells = json_object_get(document, lists[i]);
  return cells;
}

void gcb_plots_know(gcb_plots *plots, const json_t *document) {
  char label[GCB_PLOT_TEXT_SIZE];
  size_t i;
  json_t *cell;
  json_array_foreach(cells_of(document), i, cell) {
    if (json_object_get(cell, "collector"))
      gcb_palette_add(&plots->palette, gcb_cell_collector(cell, label, sizeof label));
  }
}

const char *gcb_plots_colour(const gcb_plots *plots, const char *collector) {
  return gcb_palette_find(&plots->palette, collector).colour;
}

/* ---- selection ---- */

static bool is_word(const json_t *cell, const char *key, const char *word) {
  char label[GCB_PLOT_TEXT_SIZE];
  const char *name = json_string_value(json_object_get(cell, key));
  if (name && strcmp(name, word) == 0) return true;
  return strcmp(key, "collector") == 0 && strcmp(gcb_cell_collector(cell, label, sizeof label), word) == 0;
}

static bool among(const json_t *cell, const char *key, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (is_word(cell, key, words[i])) return true;
  return n == 0;
}

/* Each word has to name something, or a slip of the pen would look like a collector without results. */
static bool words_known(const json_t *cells, const char *key, const char *const *words, size_t n, char *why,
                        size_t size) {
  for (size_t w = 0; w < n; w++) {
    size_t i, at;
    json_t *cell;
    bool known = false;
    json_array_foreach(cells, i, cell) known = known || is_word(cell, key, words[w]);
    if (known) continue;
    at =
        (size_t)snprintf(why, size, "there are no results of the %s '%s'; there are some of:", key, words[w]);
    json_t *seen = json_object();
    json_array_foreach(cells, i, cell) {
      const char *name = json_string_value(json_object_get(cell, key));
      if (!name || json_object_get(seen, name) || at >= size) continue;
      at += (size_t)snprintf(why + at, size - at, " %s", name);
      json_object_set_new(seen, name, json_true());
    }
    json_decref(seen);
    return false;
  }
  return true;
}

/* What the cells of one figure have in common. The caller frees. */
static char *group_key(const json_t *cell, gcb_plot_scope scope) {
  static const char *const keys[] = {"workload", "params", "mutators", "workers", "machine", "heap_bytes"};
  size_t n = scope == GCB_OF_WORKLOAD ? 1 : scope == GCB_OF_PARAMS ? 5 : scope == GCB_OF_HEAP ? 6 : 0;
  char heap[64];
  if (scope == GCB_OF_CELL) return gcb_cell_key(cell, false);
  json_t *key = json_object();
  if (scope == GCB_OF_FACTOR)
    json_object_set_new(key, "heap", json_string(gcb_cell_heap(cell, heap, sizeof heap)));
  for (size_t i = 0; i < n; i++) json_object_set(key, keys[i], json_object_get(cell, keys[i]));
  char *text = json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(key);
  return text;
}

/* ---- texts ---- */

/* Letters, digits and dots of the text, other characters as one dash. */
static void add_to_name(char *name, size_t size, const char *text) {
  size_t n = strlen(name);
  if (n && n + 1 < size) name[n++] = '-';
  for (; *text && n + 1 < size; text++) {
    if (isalnum((unsigned char)*text) || *text == '.')
      name[n++] = *text;
    else if (n && name[n - 1] != '-')
      name[n++] = '-';
  }
  while (n && name[n - 1] == '-') n--;
  name[n] = 0;
}

/* Whether the selected cells differ in the number: only then a subtitle has it. */
static bool differ_in(const gcb_plot_cells *group, const char *key) {
  for (size_t i = 1; i < group->n_selected; i++) {
    const json_t *a = json_object_get(group->selected[0], key), *b = json_object_get(group->selected[i], key);
    if (json_is_number(a) && json_is_number(b) && json_number_value(a) != json_number_value(b)) return true;
  }
  return false;
}

static void describe(gcb_figure *f, const gcb_plot_cells *group) {
  const json_t *cell = group->cells[0];
  gcb_plot_scope scope = f->kind->scope;
  char text[GCB_PLOT_TEXT_SIZE], number[32];
  const char *workload = json_string_value(json_object_get(cell, "workload"));
  size_t n = 0, size = sizeof f->subtitle;
  add_to_name(f->name, sizeof f->name, f->kind->public.name);
  if (scope == GCB_OF_FACTOR) {
    add_to_name(f->name, sizeof f->name, gcb_cell_heap(cell, text, sizeof text));
    snprintf(f->subtitle, size, "heap %s", text);
  }
  if (scope == GCB_OF_ALL || scope == GCB_OF_FACTOR || !workload) return;
  add_to_name(f->name, sizeof f->name, workload);
  if (scope == GCB_OF_WORKLOAD) {
    snprintf(f->subtitle, size, "%s", workload);
    return;
  }
  n += (size_t)snprintf(f->subtitle, size, "%s", gcb_cell_workload(cell, text, sizeof text));
  if (scope == GCB_OF_CELL) {
    add_to_name(f->name, sizeof f->name, gcb_cell_collector(cell, text, sizeof text));
    n += (size_t)snprintf(f->subtitle + n, size - n, ", %s", text);
  }
  if (scope != GCB_OF_PARAMS && json_object_get(cell, "heap_bytes")) {
    add_to_name(f->name, sizeof f->name, gcb_cell_heap(cell, text, sizeof text));
    n += (size_t)snprintf(f->subtitle + n, size - n, ", heap %s", text);
  }
  double mutators = gcb_number(cell, "mutators");
  if (mutators > 1) {
    snprintf(number, sizeof number, "t%g", mutators);
    add_to_name(f->name, sizeof f->name, number);
    n += (size_t)snprintf(f->subtitle + n, size - n, ", %g mutators", mutators);
  }
  if (differ_in(group, "workers"))
    n += (size_t)snprintf(f->subtitle + n, size - n, ", %s",
                          gcb_format_number(gcb_number(cell, "workers"), "worker").s);
  const char *machine = json_string_value(json_object_get(cell, "machine")); /* of a history */
  if (machine) snprintf(f->subtitle + n, size - n, ", machine %s", machine);
}

static void unique_name(const gcb_plots *plots, gcb_figure *f) {
  char base[GCB_PLOT_TEXT_SIZE - 12];
  memcpy(base, f->name, sizeof base);
  base[sizeof base - 1] = 0;
  for (unsigned k = 2;; k++) {
    size_t i = 0;
    while (i < plots->n && strcmp(plots->figures[i]->name, f->name) != 0) i++;
    if (i == plots->n) return;
    snprintf(f->name, sizeof f->name, "%s-%u", base, k);
  }
}

unsigned gcb_wrap(const char *text, size_t width, char lines[][2 * GCB_PLOT_TEXT_SIZE], unsigned most) {
  unsigned n = 0;
  if (width >= 2 * GCB_PLOT_TEXT_SIZE) width = 2 * GCB_PLOT_TEXT_SIZE - 1;
  while (*text && n < most) {
    size_t length = strlen(text), cut = length;
    if (length > width) {
      for (cut = width; cut > width / 2 && text[cut] != ' '; cut--) {
      }
      if (text[cut] != ' ') cut = width;
    }
    bool over = cut < length && n + 1 == most;
    snprintf(lines[n++], 2 * GCB_PLOT_TEXT_SIZE, "%.*s%s", (int)(over ? width - 3 : cut), text,
             over ? " .." : "");
    text += cut + (text[cut] == ' ');
  }
  return n;
}

/* The machine and the command of a run; of a history, the machine that the series is from. */
static const json_t *context_of(const gcb_plot_cells *group) {
  const json_t *context = json_object_get(group->document, "context");
  const char *key = json_string_value(json_object_get(group->cells[0], "machine"));
  size_t i;
  json_t *machine;
  json_array_foreach(json_object_get(group->document, "machines"), i, machine) {
    const char *its = json_string_value(json_object_get(machine, "key"));
    if (key && its && strcmp(its, key) == 0) return json_object_get(machine, "about");
  }
  return context;
}

static void footer(gcb_figure *f, const json_t *context) {
  static const char *const keys[][2] = {{"cpu_model", ""},
                                        {"kernel", "Linux "},
                                        {"compiler", ""},
                                        {"governor", "governor "},
                                        {"gcbench", "gcbench "}};
  char text[1024] = "";
  size_t i, n = 0;
  json_t *word;
  json_array_foreach(json_object_get(context, "command"), i, word) {
    const char *s = json_string_value(word), *slash = s ? strrchr(s, '/') : NULL;
    if (s && n < sizeof text)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", i == 0 && slash ? slash + 1 : s);
  }
  unsigned lines = gcb_wrap(text, FOOTER_CHARACTERS, f->footer, GCB_FIGURE_LINES - 1);
  if (lines > 1) f->bottom += (lines - 1) * FOOTER_LINE, f->height += (lines - 1) * FOOTER_LINE;
  for (i = n = 0, *text = 0; i < sizeof keys / sizeof *keys; i++) {
    const char *s = json_string_value(json_object_get(context, keys[i][0]));
    if (s && n < sizeof text)
      n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%s", n ? ", " : "", keys[i][1], s);
  }
  gcb_wrap(text, FOOTER_CHARACTERS, f->footer + lines, 1);
}

/* After the emitter: room for what it had to say besides. */
static void fit_texts(gcb_figure *f) {
  unsigned lines = gcb_wrap(f->note, NOTE_CHARACTERS, f->notes, GCB_FIGURE_NOTES),
           margins = (f->left + f->right) * LETTER;
  unsigned title = (unsigned)strlen(f->title) * TITLE_LETTER + 2 * TITLE_LETTER;
  if (f->width < margins + LEAST_PLOT) f->width = margins + LEAST_PLOT; /* names with many options */
  if (f->width < title) f->width = title;
  unsigned more = gcb_wrap(f->subtitle, SUBTITLE_CHARACTERS, f->shown, GCB_FIGURE_SUBTITLES);
  unsigned room = (lines + (more > 1 ? more - 1 : 0)) * GCB_HEADING_LINE;
  f->top += room;
  f->height += room;
}

/* ---- figures ---- */

static gcb_figure *figure_new(const gcb_plots *plots, const gcb_kind *kind) {
  gcb_figure *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  f->kind = kind;
  f->plots = plots;
  f->width = 760;
  f->height = 440;
  f->left = 12;
  f->right = 3;
  f->top = 58;
  f->bottom = 94;
  f->data = open_memstream(&f->data_text, &f->data_size);
  f->set = open_memstream(&f->set_text, &f->set_size);
  if (f->data && f->set) return f;
  gcb_figure_free(f);
  return NULL;
}

bool gcb_figure_finish(gcb_figure *f) {
  bool good = fclose(f->data) == 0;
  good = fclose(f->set) == 0 && good;
  f->data = f->set = NULL;
  return good;
}

void gcb_figure_free(gcb_figure *f) {
  if (f->data) fclose(f->data);
  if (f->set) fclose(f->set);
  free(f->data_text);
  free(f->set_text);
  free(f->drawn);
  free(f);
}

static bool add(gcb_plots *plots, const gcb_kind *kind, const gcb_plot_cells *group) {
  if (plots->n == plots->capacity) {
    size_t capacity = plots->capacity ? plots->capacity * 2 : 32;
    gcb_figure **figures = realloc(plots->figures, capacity * sizeof *figures);
    if (!figures) return false;
    plots->figures = figures;
    plots->capacity = capacity;
  }
  gcb_figure *f = figure_new(plots, kind);
  if (!f) return false;
  describe(f, group);
  footer(f, context_of(group));
  gcb_figure_title(f, "%s", kind->public.shows);
  bool shows = kind->emit(f, group);
  if (kind->scope == GCB_OF_HEAP) gcb_figure_note_absent(f, group);
  if (kind->scope == GCB_OF_HEAP || kind->scope == GCB_OF_PARAMS || kind->scope == GCB_OF_FACTOR)
    gcb_figure_note_unbounded(f, group);
  fit_texts(f);
  shows = gcb_figure_finish(f) && shows;
  if (!shows) {
    gcb_figure_free(f);
    return false;
  }
  unique_name(plots, f);
  plots->figures[plots->n++] = f;
  return true;
}

/* All cells whose group is that of cells[first], in their order; marks them as done. */
static void gather(gcb_plot_cells *group, const json_t *const *selected, char *const *keys, bool *done,
                   size_t first, size_t n) {
  group->n = 0;
  for (size_t i = first; i < n; i++)
    if (keys[i] && strcmp(keys[i], keys[first]) == 0) {
      group->cells[group->n++] = selected[i];
      done[i] = true;
    }
}

/* The cells that a request is about, grouped into figures. Returns how many figures were added; *n is how
 * many cells there were. `why` is what a kind says of cells in which there is nothing to show. */
static size_t add_groups(gcb_plots *plots, const gcb_kind *kind, const json_t *document,
                         const gcb_plot_request *r, size_t *n, char *why, size_t size) {
  const json_t *cells = cells_of(document);
  size_t all = json_array_size(cells), added = 0, i;
  json_t *cell;
  const json_t **selected = calloc(all, sizeof *selected);
  gcb_plot_cells group = {.document = document,
                          .cells = calloc(all, sizeof *group.cells),
                          .selected = selected,
                          .metric = r->metric ? r->metric : kind->public.metric};
  char **keys = calloc(all, sizeof *keys);
  bool *done = calloc(all, sizeof *done);
  *n = 0;
  if (selected && group.cells && keys && done) {
    json_array_foreach(cells, i, cell) if (among(cell, "collector", r->collectors, r->n_collectors) &&
                                           among(cell, "workload", r->workloads, r->n_workloads)) {
      selected[*n] = cell;
      keys[(*n)++] = group_key(cell, kind->scope);
    }
    group.n_selected = *n;
    for (i = 0; i < *n; i++) {
      if (done[i] || !keys[i]) continue;
      gather(&group, selected, keys, done, i, *n);
      added += add(plots, kind, &group);
    }
    memcpy(group.cells, selected, *n * sizeof *selected);
    group.n = *n;
    if (!added && kind->lacks) kind->lacks(&group, r->source ? r->source : "RUN", why, size);
  }
  for (i = 0; keys && i < *n; i++) free(keys[i]);
  free(keys);
  free(done);
  free(selected);
  free(group.cells);
  return added;
}

gcb_plot_answer gcb_plots_add(gcb_plots *plots, const json_t *document, const gcb_plot_request *r, char *why,
                              size_t size) {
  const gcb_kind *kind = find(r->kind);
  const json_t *cells = cells_of(document);
  const char *schema = json_string_value(json_object_get(document, "schema"));
  char missing[800] = "";
  size_t n;
  if (!kind) {
    snprintf(why, size, "there is no kind of plot '%s'", r->kind);
    return GCB_PLOT_WRONG;
  }
  if (r->metric && !gcb_metric_find(r->metric)) {
    snprintf(why, size, "there is no metric '%s'", r->metric);
    return GCB_PLOT_WRONG;
  }
  if (!json_array_size(cells)) {
    snprintf(why, size, "these results are empty: nothing was measured");
    return GCB_PLOT_IMPOSSIBLE;
  }
  if (!words_known(cells, "collector", r->collectors, r->n_collectors, why, size) ||
      !words_known(cells, "workload", r->workloads, r->n_workloads, why, size))
    return GCB_PLOT_WRONG;
  gcb_plots_know(plots, document);
  if (schema && reads(kind, schema) && add_groups(plots, kind, document, r, &n, missing, sizeof missing))
    return GCB_PLOT_ADDED;
  snprintf(why, size, "%s cannot be drawn from these results: %s%s", kind->public.name,
           missing[0] ? "" : "it needs ", gcb_as_called(missing[0] ? missing : kind->public.needs));
  return GCB_PLOT_IMPOSSIBLE;
}

size_t gcb_plots_count(const gcb_plots *plots) {
  return plots->n;
}

gcb_plot_figure gcb_plots_at(const gcb_plots *plots, size_t i) {
  const gcb_figure *f = plots->figures[i];
  return (gcb_plot_figure){f->kind->public.name, f->name, f->title, f->subtitle, f->data_text, f->data_size};
}
