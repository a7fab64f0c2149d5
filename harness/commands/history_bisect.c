/* A script that finds the commit of a step, for `git bisect run`. */
#include "results/model/cell.h"
#include "results/text/history_print.h"
#include "results/text/shell.h"
#include <string.h>

/* Everything about the series is in shell variables, so that the rest of the script is the same for all. */
static void print_variables(const gcb_bisection *b, FILE *out) {
  const struct {
    const char *name, *value;
  } variables[] = {{"program", b->program}, {"build", b->build}, {"plugin", b->plugin}};
  const char *key;
  json_t *value;
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    fprintf(out, "%s=", variables[i].name);
    gcb_print_quoted(variables[i].value, out);
    fputc('\n', out);
  }
  fputs("program=${GCBENCH:-$program}\noptions='", out);
  json_object_foreach(json_object_get(b->series->cell, "options"), key, value) {
    fprintf(out, " %s=%s", key, json_string_value(value) ? json_string_value(value) : "");
  }
  fputs("'\n", out);
}

static void print_head(const gcb_bisection *b, FILE *out) {
  const gcb_change *c = &b->step->change;
  const gcb_night *good = gcb_night_of(b->history, b->series, c->at - 1);
  const gcb_night *bad = gcb_night_of(b->history, b->series, c->at);
  char title[700];
  fprintf(
      out,
      "#!/bin/sh\n"
      "# Finds the commit after which %s of %s\n"
      "# went from %s to %s: run %lld of %.10s was well, run %lld of %.10s was not.\n"
      "#\n"
      "# In a clone of the collector's sources that nobody else works in:\n"
      "#   git bisect start \"$(git rev-list -1 --before=%.19sZ HEAD)\" \"$(git rev-list -1 --before=%.19sZ "
      "HEAD)\"\n"
      "#   git bisect run sh /path/to/bisect.sh\n"
      "# or name the bad and the good commit yourself. Every commit is built and compared with the good one "
      "in\n"
      "# 20 interleaved pairs, and again in 30 where those leave it open. The exit status is 0 for a commit "
      "as\n"
      "# good as the good one, 1 for one that is worse, 125 for one that cannot be judged (it does not "
      "build,\n"
      "# fails, or stays open), 255 when there is no sense in going on.\n",
      b->series->metric->name, gcb_series_title(b->series, title, sizeof title),
      gcb_metric_format(b->series->metric, c->before).s, gcb_metric_format(b->series->metric, c->after).s,
      (long long)good->id, good->started, (long long)bad->id, bad->started, bad->started, good->started);
}

static const char body[] =
    "\n"
    "stop() { echo \"bisect: $*\" >&2; exit 255; }\n"
    "top=$(git rev-parse --show-toplevel) && cd \"$top\" || stop 'run this in a clone of the sources'\n"
    "kept=$(git rev-parse --absolute-git-dir)/gcbench-bisect\n"
    "mkdir -p \"$kept\" || stop \"cannot write to $kept\"\n"
    "command -v \"$program\" >/dev/null || stop \"there is no $program; say which with "
    "GCBENCH=/path/to/gcbench\"\n"
    "case $(readlink -f -- \"$(command -v \"$program\")\") in\n"
    "\"$top\"/*) stop \"$program is built in the clone that is bisected: install it elsewhere, and say where "
    "with\" \\\n"
    "  GCBENCH=/path/to/gcbench ;;\n"
    "esac\n"
    "\n"
    "# The first good commit, built once. A new bisection has another one.\n"
    "good=${GOOD:-$(sed -n 's/^# good: \\[\\([0-9a-f]*\\)\\].*/\\1/p' \"$(git rev-parse --git-path "
    "BISECT_LOG)\" "
    "2>/dev/null | head -n 1)}\n"
    "[ \"$good\" ] || stop 'no bisection is going on: git bisect start BAD GOOD'\n"
    "if [ \"$(cat \"$kept/good\" 2>/dev/null)\" != \"$good\" ]; then\n"
    "  git worktree remove --force \"$kept/tree\" 2>/dev/null\n"
    "  rm -rf \"$kept/tree\"\n"
    "  git worktree prune\n"
    "  git worktree add --detach \"$kept/tree\" \"$good\" >&2 || stop \"cannot check $good out\"\n"
    "  (cd \"$kept/tree\" && sh -c \"$build\") >&2 || stop \"the good commit $good does not build with: "
    "$build\"\n"
    "  cp -- \"$kept/tree/$plugin\" \"$kept/good.so\" || stop \"building the good commit $good made no "
    "$plugin\"\n"
    "  git worktree remove --force \"$kept/tree\"\n"
    "  echo \"$good\" >\"$kept/good\"\n"
    "fi\n"
    "\n"
    "rm -f -- \"$plugin\"\n"
    "sh -c \"$build\" >&2 || exit 125\n"
    "cp -- \"$plugin\" \"$kept/candidate.so\" || exit 125\n"
    "cd \"$kept\" || stop \"cannot enter $kept\"\n"
    "compare --pairs 20\n"
    "status=$?\n"
    "if [ $status = 3 ]; then\n"
    "  compare --rigorous\n"
    "  status=$?\n"
    "fi\n"
    "case $status in\n"
    "0 | 1) exit $status ;;\n"
    "3 | 4 | 5) exit 125 ;;\n"
    "*) stop \"$program compare ended with status $status\" ;;\n"
    "esac\n";

void gcb_bisection_print(const gcb_bisection *b, FILE *out) {
  /* What became better is found with the sides changed over: then the good commit, which is slower, is worse.
   */
  bool better = b->step->verdict == GCB_STEP_BETTER;
  print_head(b, out);
  fputs("set -u\n", out);
  print_variables(b, out);
  fputs("compare() {\n  \"$program\" compare --no-save", out);
  gcb_print_cell_words(b->series, out);
  fprintf(out, " \\\n    --a \"./%s.so$options\" --b \"./%s.so$options\" \"$@\"\n}\n",
          better ? "candidate" : "good", better ? "good" : "candidate");
  fputs(body, out);
}
