#include "session/live_view.h"
#include "machine/clock.h"
#include "results/model/units.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { BLOCK = 4, PLAIN_NS = 1000000000, LINE = 512 };

static bool knows_blocks(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return false;
}

void gcb_live_begin(gcb_live *l, bool terminal) {
  *l = (gcb_live){.terminal = terminal, .letters = !knows_blocks()};
}

static double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}

/* ---- on a terminal ---- */

static unsigned columns(void) {
  struct winsize size;
  return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* The history as a row of bars, from nothing to `top`. */
static void put_bars(const gcb_live *l, const double *values, double top, char *text, size_t size) {
  static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                       "\u2585", "\u2586", "\u2587", "\u2588"};
  static const char *const letters[] = {".", ":", "-", "=", "+", "*", "#", "@"};
  size_t at = 0;
  text[0] = 0;
  for (uint32_t i = 0; i < l->n && at < size; i++) {
    double share = top > 0 ? values[i] / top : 0;
    int level = share <= 0 ? 0 : share >= 1 ? 7 : (int)(share * 8);
    at += (size_t)snprintf(text + at, size - at, "%s", (l->letters ? letters : blocks)[level]);
  }
}

/* A line of text, cut off where the terminal ends: a wrapped line would spoil the block. */
static void put_line(const char *text, unsigned width, bool last) {
  unsigned shown = 0;
  fputs("\033[K", stderr);
  for (; *text && shown + 1 < width; text++) {
    fputc(*text, stderr);
    if ((text[1] & 0xC0) != 0x80) shown++; /* the next byte begins a character */
  }
  fputs(last ? "\r" : "\r\n", stderr);
}

static void draw(const gcb_live *l, const json_t *p) {
  char lines[BLOCK][LINE], bars[4 * GCB_LIVE_HISTORY + 1];
  double limit = number(p, "limit"), top = limit, longest = 0;
  unsigned width = columns();
  for (uint32_t i = 0; i < l->n; i++) {
    if (limit <= 0) top = fmax(top, l->heap[i]);
    longest = fmax(longest, l->longest[i]);
  }
  snprintf(lines[0], LINE, "%s", l->title);
  put_bars(l, l->heap, top, bars, sizeof bars);
  snprintf(lines[1], LINE, "  heap    %s%s%s, resident %s  %s", gcb_format_bytes(number(p, "committed")).s,
           limit > 0 ? " of " : "", limit > 0 ? gcb_format_bytes(limit).s : "",
           gcb_format_bytes(number(p, "rss")).s, bars);
  put_bars(l, l->longest, longest, bars, sizeof bars);
  snprintf(lines[2], LINE, "  pauses  %.0f in this iteration, longest %s  %s", number(p, "pauses"),
           number(p, "longest_ns") > 0 ? gcb_format_ns(number(p, "longest_ns")).s : "-", bars);
  snprintf(lines[3], LINE, "  work    iteration %.0f of %.0f, %s", number(p, "iteration"),
           number(p, "iterations"),
           number(p, "wall_ns") > 0 ? gcb_format_rate(number(p, "ops") / number(p, "wall_ns") * 1e9).s
                                    : "the first is running");
  fputs("\r", stderr);
  for (unsigned i = 0; i < BLOCK; i++) put_line(lines[i], width, i + 1 == BLOCK);
  fprintf(stderr, "\033[%dA", BLOCK - 1);
  fflush(stderr);
}

void gcb_live_end(gcb_live *l) {
  if (l->terminal) fputs("\r\033[J", stderr);
  fflush(stderr);
}

/* ---- both ---- */

void gcb_live_invocation(gcb_live *l, const char *title) {
  snprintf(l->title, sizeof l->title, "%s", title);
  l->n = 0;
  if (!l->terminal) return;
  fputs("\r\033[J", stderr);
  put_line(l->title, columns(), true);
  fflush(stderr);
}

static void remember(gcb_live *l, const json_t *p) {
  if (l->n == GCB_LIVE_HISTORY) {
    memmove(l->heap, l->heap + 1, sizeof l->heap - sizeof *l->heap);
    memmove(l->longest, l->longest + 1, sizeof l->longest - sizeof *l->longest);
    l->n--;
  }
  l->heap[l->n] = number(p, "committed");
  l->longest[l->n++] = number(p, "longest_ns");
}

void gcb_live_hear(void *live, const char *line) {
  gcb_live *l = live;
  uint64_t now = gcb_clock();
  json_t *p = json_loads(line, 0, NULL);
  if (!p) return; /* a line of something else that has the pipe */
  remember(l, p);
  if (l->terminal) {
    draw(l, p);
  } else if (now - l->last_line >= PLAIN_NS) {
    l->last_line = now;
    fprintf(stderr, "gcbench: %s: iteration %.0f of %.0f, heap %s, resident %s, %s, longest %s%s%s\n",
            l->title, number(p, "iteration"), number(p, "iterations"),
            gcb_format_bytes(number(p, "committed")).s, gcb_format_bytes(number(p, "rss")).s,
            gcb_format_number(number(p, "pauses"), "pause").s, gcb_format_ns(number(p, "longest_ns")).s,
            number(p, "wall_ns") > 0 ? ", " : "",
            number(p, "wall_ns") > 0 ? gcb_format_rate(number(p, "ops") / number(p, "wall_ns") * 1e9).s : "");
  }
  json_decref(p);
}
