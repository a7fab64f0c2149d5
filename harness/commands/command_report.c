/* gcbench report: what was measured, for people who were not there. */
#include "commands/commands.h"
#include "plots/report/print_pdf.h"
#include "plots/report/report.h"
#include "results/analysis/compare.h"
#include "results/export/file.h"
#include "results/export/scratch.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/store/runs.h"
#include "results/store/store.h"
#include "results/text/suggest_run.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct report_settings {
  const char *from, *base, *candidate, *results, *out;
  bool no_plots;
} report_settings;

static const struct gcb_cli_option options[] = {
    {"from", 'f', GCB_INTO_STRING(report_settings, from), .argument = "RUN", .heading = "What",
     .help = "the run: a name or number of the store, last, or a JSON file; the same as the word RUN"},
    {"base", 'a', GCB_INTO_STRING(report_settings, base), .argument = "RUN",
     .help = "for a design review: what the candidate is held against"},
    {"candidate", 'b', GCB_INTO_STRING(report_settings, candidate), .argument = "RUN",
     .help = "for a design review: the run with the change"},
    {"results", 0, GCB_INTO_STRING(report_settings, results), .argument = "DIR",
     .help = "folder of the store; without a RUN, everything in it. Else $GCBENCH_RESULTS, or .gcbench at "
             "the top of the clone "
             "(installed: ~/.local/share/gcbench)"},
    {"out", 'o', GCB_INTO_STRING(report_settings, out), .argument = "FILE", .initial = "report.html",
     .heading = "Output",
     .help = "one self-contained file by its suffix: .html; .pdf (printed by weasyprint); .md, with its "
             "figures in a folder beside it"},
    {"no-plots", 0, GCB_INTO_FLAG(report_settings, no_plots), .help = "words and tables only"},
};

const struct gcb_command gcb_command_report = {
    .name = "report",
    .summary = "Write a report: words, tables, plots, method, machine",
    .usage = "[RUN] [-o FILE]\n--base RUN --candidate RUN [-o FILE]\n--results DIR [-o FILE]",
    .description =
        "One file that stands alone: no network and no scripts, light or dark as the reader prefers, fit to "
        "print. It begins with the answer in words: who won what, where and by how much, and what could not "
        "run. Without a RUN it is about the last one.\n"
        "Exit status: 0 written; 2 wrong usage, or no such run; 5 it could not be written.",
    .examples = "gcbench report\n"
                "gcbench report mine -o report.html\n"
                "gcbench report trees.json -o trees.pdf\n"
                "gcbench report --base main --candidate mine -o review.html\n"
                "gcbench report --results results -o everything.html",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"RUN", 0, 1, "the run; without one, the last"},
    .settings_size = sizeof(report_settings),
};

enum { IN_FULL = 12 }; /* runs of a store; the older ones are listed */

typedef struct making {
  const struct gcb_parsed *parsed;
  const report_settings *s;
  gcb_reporter report;
  gcb_report_run *runs;
  json_t **documents;
  size_t n;
  json_t *index; /* of a store */
  char folder[4200], url[4300];
  int lock; /* of that folder */
} making;

static gcb_exit wrong(const making *m, const char *option, const char *word, const char *sentence) {
  gcb_options_wrong(&gcb_program, m->parsed->command, option, word, "%s", sentence);
  return GCB_EXIT_USAGE;
}

static gcb_exit nothing(const char *why) {
  gcb_print_clean(stderr, "gcbench report: %s\n", why);
  return GCB_EXIT_NOTHING;
}

/* ---- which runs ---- */

static bool is_file(const char *word) {
  size_t n = strlen(word);
  return strchr(word, '/') || (n > 5 && strcmp(word + n - 5, ".json") == 0);
}

static gcb_exit take(making *m, const char *option, const char *word) {
  char why[4300];
  json_t *run = gcb_load_run(word, m->s->results, why, sizeof why);
  if (!run) {
    if (!is_file(word)) gcb_suggest_run(word, m->s->results, why, sizeof why);
    return wrong(m, option, NULL, why);
  }
  m->documents[m->n] = run;
  m->runs[m->n++] = (gcb_report_run){.document = run, .name = word, .file = is_file(word) ? word : NULL};
  if (json_array_size(json_object_get(run, "cells"))) return GCB_EXIT_OK;
  snprintf(why, sizeof why, "%.200s has no cells: there is nothing to report", word);
  return wrong(m, option, NULL, why);
}

/* Every run of the store that has an invocation, newest first. */
static gcb_exit take_all(making *m) {
  char why[4300];
  size_t i;
  json_t *one;
  struct gcb_store *store = gcb_store_open(m->s->results, GCB_STORE_READ, why, sizeof why);
  m->index = store ? gcb_store_runs(store, 0, why, sizeof why) : NULL;
  gcb_exit status = m->index ? GCB_EXIT_OK : wrong(m, "--results", m->s->results, why);
  json_array_foreach(m->index, i, one) {
    if (m->n == IN_FULL || !json_integer_value(json_object_get(one, "done"))) continue;
    const char *name = json_string_value(json_object_get(one, "name"));
    if (!name) name = json_string_value(json_object_get(one, "uuid"));
    json_t *run =
        gcb_store_load(store, json_integer_value(json_object_get(one, "id")), true, why, sizeof why);
    if (!run) {
      status = nothing(why);
      break;
    }
    m->documents[m->n] = run;
    m->runs[m->n++] = (gcb_report_run){.document = run, .name = name ? name : "?"};
  }
  if (status == GCB_EXIT_OK && !m->n) {
    snprintf(why, sizeof why,
             gcb_as_called("there is no finished invocation in %.300s; 'gcbench run' keeps what it measures"),
             gcb_store_path(store));
    status = wrong(m, "--results", m->s->results, why);
  }
  gcb_store_close(store);
  return status;
}

static gcb_exit choose(making *m) {
  const report_settings *s = m->s;
  const char *word = m->parsed->positionals.n ? m->parsed->positionals.items[0] : s->from;
  m->runs = calloc(IN_FULL, sizeof *m->runs);
  m->documents = calloc(IN_FULL, sizeof *m->documents);
  if (!m->runs || !m->documents) return nothing("there is not enough memory");
  if (m->parsed->positionals.n && s->from) return wrong(m, "--from", s->from, "the run is named twice");
  if (s->base || s->candidate) {
    if (word)
      return wrong(m, NULL, word, "a review is of two runs: --base RUN --candidate RUN, and no other");
    if (!s->base || !s->candidate)
      return wrong(m, s->base ? "--candidate" : "--base", NULL,
                   "a review is of two runs: --base RUN --candidate RUN");
    gcb_exit status = take(m, "--base", s->base);
    return status == GCB_EXIT_OK ? take(m, "--candidate", s->candidate) : status;
  }
  if (!word && s->results) return take_all(m);
  return take(m, s->from ? "--from" : NULL, word ? word : "last");
}

/* ---- into a file ---- */

typedef enum suffix { HTML, PDF, MARKDOWN, UNKNOWN } suffix;

static suffix suffix_of(const char *path) {
  static const char *const known[] = {".html", ".pdf", ".md", ".htm", ".markdown"};
  static const suffix meant[] = {HTML, PDF, MARKDOWN, HTML, MARKDOWN};
  const char *dot = strrchr(path, '.');
  if (strcmp(path, "-") == 0) return HTML;
  for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
    if (strcasecmp(dot, known[i]) == 0) return meant[i];
  return UNKNOWN;
}

static void write_page(making *m) {
  const report_settings *s = m->s;
  bool pairs = !m->index && m->n == 1 && gcb_compare_has_sides(m->documents[0]);
  if (s->base || pairs) { /* a run made in pairs is both sides of a review */
    char a[300], b[300];
    snprintf(a, sizeof a, pairs ? "A of %s" : "%s", pairs ? m->runs[0].name : s->base);
    snprintf(b, sizeof b, pairs ? "B of %s" : "%s", pairs ? m->runs[0].name : s->candidate);
    json_t *c = gcb_compare_runs(m->documents[0], m->documents[pairs ? 0 : 1],
                                 &(gcb_comparison){.name_a = a, .name_b = b});
    gcb_report_of_review(&m->report, c, &m->runs[0], pairs ? NULL : &m->runs[1]);
    json_decref(c);
  } else if (m->index) {
    gcb_report_of_store(&m->report, m->runs, m->n, m->index, s->results);
  } else {
    gcb_report_of_run(&m->report, &m->runs[0]);
  }
}

/* The folder of a Markdown report's figures: "a/report.md" has "a/report-figures", shown as
 * "report-figures". */
static void name_folder(making *m, const char *out) {
  const char *dot = strrchr(out, '.'), *slash = strrchr(out, '/');
  snprintf(m->folder, sizeof m->folder, "%.*s-figures", (int)(dot - out), out);
  m->report.folder = m->folder;
  m->report.shown_as = m->folder + (slash ? slash + 1 - out : 0);
}

/* A folder for the pictures of a page that is printed; gone after that. */
static bool make_pictures(making *m, char *why, size_t size) {
  if (!gcb_scratch_make("report", m->folder, sizeof m->folder, &m->lock, why, size)) return false;
  snprintf(m->url, sizeof m->url, "file://%s", m->folder);
  m->report.folder = m->folder;
  m->report.shown_as = m->url;
  m->report.format = GCB_PLOT_PNG;
  return true;
}

/* The page goes to the file, or, for a PDF, to one that is printed into it. */
static gcb_exit make(making *m, suffix as) {
  static const gcb_page_format *const formats[] = {
      [HTML] = &gcb_page_html, [PDF] = &gcb_page_print, [MARKDOWN] = &gcb_page_markdown};
  const char *out = m->s->out;
  gcb_file file = {0};
  char why[4400];
  if (!gcb_file_begin(&file, out, why, sizeof why)) return wrong(m, "--out", NULL, why);
  bool standard = file.standard;
  bool pictures = as == PDF && make_pictures(m, why, sizeof why);
  FILE *page = as != PDF ? file.out : pictures ? tmpfile() : NULL;
  if (!page && pictures)
    snprintf(why, sizeof why, "no temporary file could be made: %s", gcb_file_trouble(errno));
  gcb_exit status = page ? GCB_EXIT_OK : nothing(why);
  if (status != GCB_EXIT_OK) goto out;
  if (as == MARKDOWN) name_folder(m, out);
  m->report.page = (gcb_page){.as = formats[as], .out = page};
  if (m->s->no_plots)
    snprintf(m->report.no_plots, sizeof m->report.no_plots, "none were wanted (--no-plots)");
  else if (!gcb_report_draw(&m->report, m->runs, m->n))
    fprintf(stderr, "gcbench report: without plots: %s\n", m->report.no_plots);
  write_page(m);
  gcb_report_close(&m->report, m->runs, m->n);
  if (as == PDF && !gcb_print_pdf(page, file.temporary, why, sizeof why))
    status = nothing(why);
  else if (!gcb_file_commit(&file, true, why, sizeof why))
    status = nothing(why);
  else if (!standard)
    printf("%s\n", out);
out:
  if (as == PDF && page) fclose(page);
  if (pictures) gcb_scratch_remove(m->folder, &m->lock);
  gcb_file_abandon(&file);
  return status;
}

gcb_exit gcb_report(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  making m = {.parsed = parsed, .s = parsed->settings};
  suffix as = suffix_of(m.s->out);
  gcb_exit status;
  (void)argc, (void)argv;
  if (as == UNKNOWN) return wrong(&m, "--out", m.s->out, "the suffix says what to write: .html, .pdf or .md");
  status = choose(&m);
  if (status == GCB_EXIT_OK) status = make(&m, as);
  for (size_t i = 0; i < m.n; i++) json_decref(m.documents[i]);
  free(m.documents);
  free(m.runs);
  json_decref(m.index);
  return status;
}
