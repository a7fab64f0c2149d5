/* Where the time goes, for people. */
#include "results/text/explain_print.h"
#include "results/model/cell.h"
#include "results/model/members.h"
#include "results/model/units.h"
#include "results/text/columns.h"
#include "results/text/screen.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *key, *word, *found;
} parts[] = {
    {"mutator_ns", "mutator", "no collections, no barrier"},
    {"barrier_ns", "barrier", "this barrier, these roots"},
    {"allocation_ns", "allocation", "this collector, never full"},
    {"stopped_ns", "stops", "stop-the-world time"},
    {"rest_ns", "rest", "locality, work beside it"},
};
enum { PARTS = sizeof parts / sizeof *parts };

static const char *interval(const json_t *v, char *text, size_t size) {
  double lo = gcb_number(v, "lo"), hi = gcb_number(v, "hi");
  if (isfinite(lo) && isfinite(hi))
    snprintf(text, size, "[%s, %s]", gcb_format_ns(lo).s, gcb_format_ns(hi).s);
  else
    snprintf(text, size, "[n=%.0f]", gcb_number(v, "n"));
  return text;
}

static void put_name(FILE *out, const json_t *cell) {
  char workload[300], collector[200], heap[64];
  fprintf(out, "[%.0f] %s on %s, heap %s", gcb_number(cell, "number"),
          gcb_cell_workload(cell, workload, sizeof workload),
          gcb_cell_collector(cell, collector, sizeof collector), gcb_cell_heap(cell, heap, sizeof heap));
  if (gcb_number(cell, "mutators") > 1) fprintf(out, ", %.0f mutators", gcb_number(cell, "mutators"));
}

static void print_split(const json_t *cell, FILE *out) {
  static const char *const heads[] = {"part", "an iteration", "[95 %]", "share", "how it is found"};
  const json_t *split = json_object_get(cell, "parts"), *wall = json_object_get(cell, "wall_ns");
  char text[100];
  gcb_columns t;
  put_name(out, cell);
  fprintf(out, "\n  %s an iteration %s, from %s (%s)\n", gcb_format_ns(gcb_number(wall, "mean")).s,
          interval(wall, text, sizeof text), gcb_string(cell, "source"),
          gcb_format_number(gcb_number(wall, "n"), "round").s);
  gcb_columns_begin(&t, heads, 5, 1u << 0 | 1u << 4);
  for (size_t p = 0; p < PARTS; p++) {
    const json_t *v = json_object_get(split, parts[p].key);
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%s", parts[p].word);
    gcb_columns_put(&t, 4, "%s", json_is_null(v) ? "not separated: see below" : parts[p].found);
    if (json_is_null(v)) continue;
    gcb_columns_put(&t, 1, "%s", gcb_format_ns(gcb_number(v, "mean")).s);
    gcb_columns_put(&t, 2, "%s", interval(v, text, sizeof text));
    gcb_columns_put(&t, 3, "%.0f %%", 100 * gcb_number(v, "share"));
  }
  gcb_columns_end(&t, "  ", out);
}

static void print_notes(const json_t *notes, FILE *out) {
  size_t i;
  json_t *note;
  json_array_foreach(notes, i, note) {
    char line[2000];
    snprintf(line, sizeof line, "  %s.", json_string_value(note));
    gcb_screen_wrap(out, line, gcb_screen_width(out), 4);
  }
}

/* "copied 14.1 MiB, freed 2.0 MiB": the counters that are above 0. */
static void put_work(FILE *out, const json_t *work) {
  const char *key, *comma = "";
  json_t *bytes;
  json_object_foreach((json_t *)work, key, bytes) {
    if (!(json_number_value(bytes) > 0)) continue;
    fprintf(out, "%s%.*s %s", comma, (int)strcspn(key, "_"), key,
            gcb_format_bytes(json_number_value(bytes)).s);
    comma = ", ";
  }
  if (!*comma) fputs("no bytes counted", out);
}

static void put_memory(FILE *out, const json_t *p) {
  double rss = gcb_number(p, "rss_bytes"), tts = gcb_number(p, "iteration_tts_ns");
  if (isfinite(rss))
    fprintf(out, "     memory: %s resident, %s committed, sampled at %s", gcb_format_bytes(rss).s,
            gcb_format_bytes(gcb_number(p, "committed_bytes")).s,
            gcb_format_ns(gcb_number(p, "memory_at_ns")).s);
  else
    fputs("     memory: not sampled in this iteration", out);
  if (isfinite(tts)) fprintf(out, "; time to safepoint in the iteration: %s", gcb_format_ns(tts).s);
  if (gcb_number(p, "finalized") > 0)
    fprintf(out, "; %s in the invocation",
            gcb_format_number(gcb_number(p, "finalized"), "finalized object").s);
}

static void put_trigger(FILE *out, const json_t *p) {
  double stall = gcb_number(p, "stall_ns"), os = gcb_number(p, "os_gap_ns");
  fprintf(out, "     trigger: %s", gcb_string(p, "trigger"));
  if (isfinite(stall))
    fprintf(out, "; the stall of %s began %s before the pause", gcb_format_ns(stall).s,
            gcb_format_ns(gcb_number(p, "stall_before_ns")).s);
  if (os > 0) fprintf(out, "; the operating system took up to %s of it", gcb_format_ns(os).s);
}

/* One pause: what else is recorded, in lines under its own, which '\n' separates. */
static void put_pause(const json_t *p, size_t i, FILE *out) {
  double n = gcb_number(p, "work_pauses"), mutator = gcb_number(p, "mutator");
  fprintf(out, "  %zu. %s, %s, ", i + 1, gcb_format_ns(gcb_number(p, "ns")).s,
          *gcb_string(p, "kind") ? gcb_string(p, "kind") : "kind unknown");
  if (isfinite(mutator))
    fprintf(out, "mutator %.0f", mutator);
  else
    fputs("all mutators", out);
  fprintf(out, "; invocation %.0f, iteration %.0f, at %s (%.0f %% of it)\n", gcb_number(p, "invocation") + 1,
          gcb_number(p, "iteration") + 1, gcb_format_ns(gcb_number(p, "start_ns")).s,
          100 * gcb_number(p, "position"));
  put_trigger(out, p);
  fputs("\n     bytes: ", out);
  put_work(out, json_object_get(p, "work"));
  if (n > 1)
    fprintf(out, " in all %.0f pauses of the iteration; those of this pause alone are not counted", n);
  fputc('\n', out);
  put_memory(out, p);
}

static void print_pause(const json_t *p, size_t i, FILE *out) {
  char *text = NULL, *rest, *line;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  if (!to) return;
  put_pause(p, i, to);
  if (fclose(to) == 0)
    for (rest = text; (line = strsep(&rest, "\n"));) gcb_screen_wrap(out, line, gcb_screen_width(out), 7);
  free(text);
}

static void print_pauses(const json_t *pauses, FILE *out) {
  size_t i;
  json_t *pause;
  if (!json_array_size(pauses)) {
    fputs("  No pause is recorded for this cell.\n", out);
    return;
  }
  fprintf(out, "\n  The %zu longest pauses:\n", json_array_size(pauses));
  json_array_foreach(pauses, i, pause) print_pause(pause, i, out);
}

/* A line for each cell: the wall time of an iteration, and shares of it. */
static void print_overview(const json_t *cells, FILE *out) {
  static const char *const heads[] = {"#",     "cell",  "time", "mutator",  "barrier",
                                      "alloc", "stops", "rest", "max pause"};
  gcb_columns t;
  json_t *all = json_array(), *cell, *note;
  size_t i, k;
  gcb_columns_begin(&t, heads, 9, 1u << 1);
  json_array_foreach(cells, i, cell) {
    char collector[200], heap[64];
    const json_t *longest = json_array_get(json_object_get(cell, "pauses"), 0);
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "%.0f", gcb_number(cell, "number"));
    gcb_columns_put(&t, 1, "%.40s/%.50s@%s", gcb_string(cell, "workload"),
                    gcb_cell_collector(cell, collector, sizeof collector),
                    gcb_cell_heap(cell, heap, sizeof heap));
    gcb_columns_put(&t, 2, "%s", gcb_format_ns(gcb_number(json_object_get(cell, "wall_ns"), "mean")).s);
    for (unsigned p = 0; p < PARTS; p++) {
      double share = gcb_number(json_object_get(json_object_get(cell, "parts"), parts[p].key), "share");
      if (isfinite(share)) gcb_columns_put(&t, 3 + p, "%.0f %%", 100 * share);
    }
    if (longest) gcb_columns_put(&t, 8, "%s", gcb_format_ns(gcb_number(longest, "ns")).s);
    json_array_foreach(json_object_get(cell, "notes"), k, note) gcb_note(all, "%s", json_string_value(note));
  }
  gcb_columns_end(&t, "", out);
  print_notes(all, out);
  json_decref(all);
}

void gcb_explain_print(const json_t *document, FILE *out) {
  const json_t *cells = json_object_get(document, "cells"), *one = json_array_get(cells, 0);
  if (json_array_size(cells) > 1) {
    print_overview(cells, out);
  } else if (one) {
    print_split(one, out);
    print_notes(json_object_get(one, "notes"), out);
  }
  print_notes(json_object_get(document, "notes"), out);
  if (json_array_size(cells) == 1) print_pauses(json_object_get(one, "pauses"), out);
}
