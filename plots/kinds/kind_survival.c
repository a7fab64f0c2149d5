/* Survival of a workload's objects: the share that is alive after so many bytes were allocated. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include <math.h>
#include <string.h>

static const json_t *survival_of(const json_t *cell) {
  const json_t *card = json_object_get(cell, "survival");
  return card ? card : json_object_get(json_object_get(cell, "liveness"), "survival");
}

/* Say of a workload, at its first cell, that no cell has its curve. */
static void note_unknown(gcb_figure *f, const gcb_plot_cells *cells, size_t i) {
  char label[GCB_PLOT_TEXT_SIZE], other[GCB_PLOT_TEXT_SIZE];
  const json_t *cell = cells->cells[i];
  const char *status = gcb_plot_status(cell);
  gcb_cell_workload(cell, label, sizeof label);
  for (size_t k = 0; k < f->n_series; k++)
    if (strcmp(f->series[k].label, label) == 0) return;
  for (size_t k = 0; k < i; k++)
    if (strcmp(gcb_cell_workload(cells->cells[k], other, sizeof other), label) == 0) return;
  gcb_figure_note(f, "%s: %s", label, strcmp(status, "ok") == 0 ? "not known" : gcb_plot_status_phrase(cell));
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  gcb_axis x, y = {.lo = 0, .hi = 1, .unit = GCB_UNIT_COUNT};
  gcb_axis_begin(&x, GCB_UNIT_BYTES);
  gcb_figure_columns(f, "workload from_bytes to_bytes alive");
  for (size_t i = 0; i < cells->n; i++) {
    const json_t *survival = survival_of(cells->cells[i]);
    char label[GCB_PLOT_TEXT_SIZE];
    size_t k, seen = 0;
    json_t *age;
    gcb_cell_workload(cells->cells[i], label, sizeof label);
    while (seen < f->n_series && strcmp(f->series[seen].label, label) != 0) seen++;
    if (!json_array_size(survival) || seen < f->n_series)
      continue; /* the workload's, whatever the collector */
    if (!gcb_figure_other_series(f, label, f->n_series)) break;
    json_array_foreach(survival, k, age) {
      GCB_ROW(f, label, gcb_number(age, "from_bytes"), gcb_number(age, "to_bytes"), gcb_number(age, "alive"));
      gcb_axis_see(&x, gcb_number(age, "to_bytes"));
    }
  }
  for (size_t i = 0; i < cells->n; i++) note_unknown(f, cells, i);
  gcb_axis_fit(&x, GCB_LOG);
  gcb_figure_number(f, "youngest", x.lo);
  gcb_axis_write(f, "x", &x, "age: bytes allocated since");
  gcb_axis_write(f, "y", &y, "share that is alive");
  gcb_axis_key(f);
  return f->n_series > 0;
}

const gcb_kind gcb_kind_survival = {
    .public = {.name = "survival",
               .shows = "share of a workload's bytes that is alive, by age",
               .needs = "survival curves: 'gcbench list workloads --card --json', or 'gcbench run "
                        "--liveness' on a collector that "
                        "neither moves nor reclaims",
               .usual = true},
    .scope = GCB_OF_ALL,
    .schemas = "gcbench.run/1 gcbench.cards/1",
    .emit = emit,
};
