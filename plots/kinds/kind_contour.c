/* Two parameters, two collectors: who is ahead where, and the line on which one overtakes the other. */
#include "plots/figure/axis.h"
#include "plots/kinds/kinds.h"
#include "plots/kinds/sweep.h"
#include "results/model/cell.h"
#include "results/model/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns that have room for numbers on a terminal of letters: others say on which side of 1 they are. */
enum { VALUES = 64, TERMINAL_COLUMNS = 7, CELL_WIDTH = 46, CELL_HEIGHT = 34, LETTER = 7 };

typedef struct grid {
  double x[VALUES], y[VALUES];
  size_t nx, ny;
  const json_t *cell[2][VALUES][VALUES]; /* collector, x, y */
  char collector[2][GCB_PLOT_TEXT_SIZE];
} grid;

static size_t place_of(double *values, size_t *n, double v) {
  size_t i = 0;
  while (i < *n && values[i] < v) i++;
  if (i < *n && values[i] == v) return i;
  if (*n == VALUES) return VALUES - 1;
  memmove(values + i + 1, values + i, (*n - i) * sizeof *values);
  values[i] = v;
  (*n)++;
  return i;
}

static void fill(grid *g, const gcb_plot_cells *cells, const gcb_swept *keys) {
  double x, y;
  for (size_t pass = 0; pass < 2; pass++) /* all values have to be known before a cell has its place */
    for (size_t i = 0; i < cells->n; i++) {
      const char *name = json_string_value(json_object_get(cells->cells[i], "collector"));
      if (!name || !gcb_swept_value(cells->cells[i], &keys[0], &x) ||
          !gcb_swept_value(cells->cells[i], &keys[1], &y))
        continue;
      size_t c = 0, at = place_of(g->x, &g->nx, x), up = place_of(g->y, &g->ny, y);
      while (c < 2 && *g->collector[c] && strcmp(g->collector[c], name) != 0) c++;
      if (c == 2) continue; /* the first two of them */
      snprintf(g->collector[c], sizeof g->collector[c], "%s", name);
      if (pass && !g->cell[c][at][up]) g->cell[c][at][up] = cells->cells[i];
    }
}

static void ticks(gcb_figure *f, const char *which, const gcb_swept *key, const double *values, size_t n) {
  gcb_figure_set(f, "set %stics (\"\" -1)", which);
  for (size_t i = 0; i < n; i++)
    gcb_figure_set(f, "set %stics add (\"%s\" %zu)", which,
                   (key->bytes ? gcb_format_bytes : gcb_format_count)(values[i]).s, i + 1);
}

/* The collectors of which there is no place in the picture. */
static void note_others(gcb_figure *f, const gcb_plot_cells *cells, const grid *g) {
  char others[2 * GCB_PLOT_TEXT_SIZE] = "";
  size_t n = 0;
  for (size_t i = 0; i < cells->n; i++) {
    const char *name = json_string_value(json_object_get(cells->cells[i], "collector"));
    bool known = !name || strcmp(name, g->collector[0]) == 0 || strcmp(name, g->collector[1]) == 0;
    for (size_t k = 0; k < i && !known; k++) {
      const char *before = json_string_value(json_object_get(cells->cells[k], "collector"));
      known = before && strcmp(before, name) == 0;
    }
    if (!known && n < sizeof others)
      n += (size_t)snprintf(others + n, sizeof others - n, "%s%s", n ? ", " : "", name);
  }
  if (n) gcb_figure_note(f, "only two collectors fit; --collector shows others: %s", others);
}

static bool draw(gcb_figure *f, const grid *g, const gcb_metric *m) {
  double least = INFINITY, most = -INFINITY;
  bool few = false;
  char text[32];
  gcb_figure_columns(f, "collector x_place y_place x y ratio log2_ratio lo hi");
  gcb_figure_block(f);
  for (size_t i = 0; i < g->nx; i++) {
    for (size_t k = 0; k < g->ny; k++) {
      gcb_interval r = gcb_plot_ratio(m, g->cell[1][i][k], g->cell[0][i][k]);
      double ratio = r.mean;
      if (isfinite(ratio)) least = fmin(least, ratio), most = fmax(most, ratio);
      GCB_ROW(f, g->collector[1], (double)i + 1, (double)k + 1, g->x[i], g->y[k], ratio, log2(ratio), r.lo,
              r.hi);
      few |= r.n < GCB_CLAIM_MIN && isfinite(ratio);
      const char *number = isfinite(ratio) ? gcb_plot_ratio_text(r, text, sizeof text) : "-";
      bool narrow = isfinite(ratio) && g->nx > TERMINAL_COLUMNS;
      gcb_figure_set(
          f,
          "set label (plain ? '%s' : '%s') at first %zu, first %zu center offset 0, (plain ? 0 : -0.7) "
          "font small tc rgb ink front",
          !narrow               ? number
          : *number == '~'      ? "~"
          : strchr(number, '?') ? "?"
          : ratio < 1           ? "<"
                                : ">",
          number, i + 1, k + 1);
    }
    fputc('\n', f->data); /* a scan line of the surface */
  }
  gcb_figure_number(f, "columns", (double)g->nx);
  gcb_figure_number(f, "rows", (double)g->ny);
  gcb_figure_number(f, "crossing", least < 1 && most > 1);
  gcb_figure_number(f, "reach", fmax(.1, fmin(3, fmax(fabs(log2(least)), fabs(log2(most))))));
  gcb_figure_number(f, "sign", m->more_is_better ? -1 : 1);
  if (few) gcb_figure_note_few(f);
  if (!(least < 1 && most > 1)) gcb_figure_note(f, "neither overtakes the other here");
  return isfinite(least);
}

static bool emit(gcb_figure *f, const gcb_plot_cells *cells) {
  const gcb_metric *m = gcb_metric_find(cells->metric);
  gcb_swept keys[2];
  if (gcb_swept_keys(cells, keys, 2) < 2) return false;
  grid *g = calloc(1, sizeof *g);
  if (!g) return false;
  fill(g, cells, keys);
  bool shows = *g->collector[1] && draw(f, g, m);
  gcb_figure_title(f, "%s of %s over that of %s", m->meaning, g->collector[1], g->collector[0]);
  gcb_figure_text(f, "better", g->collector[1]);
  gcb_figure_text(f, "worse", g->collector[0]);
  ticks(f, "x", &keys[0], g->x, g->nx);
  ticks(f, "y", &keys[1], g->y, g->ny);
  gcb_figure_text(f, "x_name", keys[0].name);
  gcb_figure_text(f, "y_name", keys[1].name);
  size_t longest = strlen(g->collector[strlen(g->collector[0]) < strlen(g->collector[1])]);
  f->right = (unsigned)fmax((double)longest + 9, 16);
  unsigned width = (f->left + f->right) * LETTER + (unsigned)g->nx * CELL_WIDTH,
           height = f->top + f->bottom + (unsigned)g->ny * CELL_HEIGHT;
  if (f->width < width) f->width = width;
  if (f->height < height) f->height = height;
  gcb_swept_note_missing(f, cells, keys, 2);
  note_others(f, cells, g);
  free(g);
  return shows;
}

const gcb_kind gcb_kind_contour = {
    .public =
        {.name = "contour",
         .shows = "two parameters, two collectors: where one overtakes the other",
         .needs =
             "two parameters or options with several values each, and two collectors: 'gcbench run -w churn "
             "-c gen3,marksweep -p survival=0.05,0.2,0.5 -p size=16,64,256'",
         .usual = true,
         .wants_metric = true,
         .metric = "wall_ns"},
    .scope = GCB_OF_WORKLOAD,
    .emit = emit,
};
