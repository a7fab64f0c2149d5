/* gcbench plot: figures of results. */
#include "commands/commands.h"
#include "plots/figure/plot.h"
#include "results/export/file.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/model/metrics.h"
#include "results/store/runs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

typedef struct plot_settings {
  struct gcb_strings kinds, collectors, workloads;
  const char *from, *results, *metric, *out;
  bool list;
} plot_settings;

static const struct gcb_cli_option options[] = {
    {"list", 'l', GCB_INTO_FLAG(plot_settings, list), .heading = "What",
     .help = "say which kinds there are, and what each needs"},
    {"from", 'f', GCB_INTO_STRING(plot_settings, from), .argument = "RUN", .initial = "last",
     .help = "the results: a file, or a run of the store as 'gcbench results' lists it"},
    {"kind", 'k', GCB_INTO_STRINGS(plot_settings, kinds), .argument = "KIND,...",
     .help = "what to draw; without it, all that these results allow and that are usual"},
    {"collector", 'c', GCB_INTO_STRINGS(plot_settings, collectors), .argument = "NAME,...",
     .help = "only these; colours stay what they are"},
    {"workload", 'w', GCB_INTO_STRINGS(plot_settings, workloads), .argument = "NAME,...",
     .help = "only these"},
    {"metric", 'm', GCB_INTO_STRING(plot_settings, metric), .argument = "NAME",
     .help = "for the kinds that show any metric"},
    {"results", 0, GCB_INTO_STRING(plot_settings, results), .argument = "DIR",
     .help = "folder of the store; else $GCBENCH_RESULTS, or .gcbench at the top of the clone (installed: "
             "~/.local/share/gcbench)"},
    {"out", 'o', GCB_INTO_STRING(plot_settings, out), .argument = "FILE", .heading = "Output",
     .help = "a picture (.svg, .png, .pdf; - for one as SVG on standard output), or a folder for .svg files; "
             "without it, letters on the terminal"},
};

const struct gcb_command gcb_command_plot = {
    .name = "plot",
    .summary = "Draw results",
    .usage = "[--from RUN] [--kind KIND,...] [-o FILE] [OPTIONS]\n--list",
    .description =
        "A figure shows what is compared with each other: one workload in one heap, for most kinds. When a "
        "request makes several figures, each gets a file of its own, with its workload and heap in the name. "
        "Without --kind and -o the usual figures go to a folder named after the results.\n"
        "Exit status: 0 drawn; 2 wrong usage; 5 nothing could be drawn.",
    .examples = "gcbench plot --list\n"
                "gcbench plot -o figures/\n"
                "gcbench plot --from trees.json --kind heap -o heap.pdf\n"
                "gcbench plot --from trees.json --kind throughput --metric peak_rss_bytes -c gen3,rc",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(plot_settings),
};

static gcb_exit wrong(const struct gcb_parsed *parsed, const char *option, const char *word,
                      const char *sentence) {
  gcb_options_wrong(&gcb_program, parsed->command, option, word, "%s", sentence);
  return GCB_EXIT_USAGE;
}

static gcb_exit nothing(const char *why) {
  gcb_print_clean(stderr, "gcbench plot: %s\n", why);
  return GCB_EXIT_NOTHING;
}

static void list(void) {
  for (size_t i = 0; i < gcb_n_plot_kinds; i++) {
    const gcb_plot_kind *k = gcb_plot_kinds[i];
    printf("%-12s%s", k->name, k->shows);
    if (k->metric) printf(" (--metric, default %s)", k->metric);
    printf("\n%12sneeds %s\n", "", gcb_as_called(k->needs));
  }
}

/* An unknown name, with the nearest that there is. */
static gcb_exit unknown(const struct gcb_parsed *parsed, const char *option, const char *word,
                        const char *const *names, size_t n, const char *where) {
  char sentence[256];
  const char *near = gcb_nearest(word, names, n);
  if (near)
    snprintf(sentence, sizeof sentence, "there is none of this name; did you mean %s?", near);
  else
    snprintf(sentence, sizeof sentence, "there is none of this name; %s", where);
  return wrong(parsed, option, word, sentence);
}

static gcb_exit check_names(const struct gcb_parsed *parsed, const plot_settings *s) {
  const char *names[256];
  size_t n = 0;
  for (; n < gcb_n_plot_kinds && n < 256; n++) names[n] = gcb_plot_kinds[n]->name;
  for (size_t i = 0; i < s->kinds.n; i++)
    if (!gcb_plot_kind_find(s->kinds.items[i]))
      return unknown(parsed, "--kind", s->kinds.items[i], names, n,
                     gcb_as_called("'gcbench plot --list' says which there are"));
  if (!s->metric || gcb_metric_find(s->metric)) return GCB_EXIT_OK;
  for (n = 0; n < gcb_n_metrics && n < 256; n++) names[n] = gcb_metrics[n].name;
  return unknown(parsed, "--metric", s->metric, names, n,
                 gcb_as_called("the summaries of 'gcbench run --json' name them, such as wall_ns"));
}

/* The format by the name's suffix; false for a name that has none of these. */
static bool format_of(const char *path, gcb_plot_format *format) {
  static const char *const suffixes[] = {
      [GCB_PLOT_SVG] = ".svg", [GCB_PLOT_PNG] = ".png", [GCB_PLOT_PDF] = ".pdf"};
  const char *dot = strrchr(path, '.');
  if (strcmp(path, "-") == 0) return *format = GCB_PLOT_SVG, true;
  for (int i = GCB_PLOT_SVG; dot && i <= GCB_PLOT_PDF; i++)
    if (strcasecmp(dot, suffixes[i]) == 0) {
      *format = (gcb_plot_format)i;
      return true;
    }
  return false;
}

/* Where a figure goes: into a folder by its own name; to the file; or, of several, beside it. */
static void path_of(const char *out, bool folder, size_t figures, bool one_kind, gcb_plot_figure f,
                    char *path, size_t size) {
  const char *dot = strrchr(out, '.'), *name = f.name + (one_kind ? strlen(f.kind) + 1 : 0);
  if (folder)
    snprintf(path, size, "%s%s%s.svg", out, out[strlen(out) - 1] == '/' ? "" : "/", f.name);
  else if (figures == 1)
    snprintf(path, size, "%s", out);
  else
    snprintf(path, size, "%.*s-%s%s", (int)(dot - out), out, name, dot);
}

static gcb_exit write_files(const gcb_plots *plots, const char *out, bool folder, bool one_kind) {
  char why[4300], path[4096];
  if (folder && mkdir(out, 0777) != 0 && errno != EEXIST) {
    snprintf(why, sizeof why, "cannot make the folder %s: %s", out, gcb_file_trouble(errno));
    return nothing(why);
  }
  bool standard = strcmp(out, "-") == 0;
  if (standard && gcb_plots_count(plots) != 1)
    return nothing("these are several pictures, and standard output takes one; name a folder that ends in /");
  for (size_t i = 0; i < gcb_plots_count(plots); i++) {
    gcb_plot_figure f = gcb_plots_at(plots, i);
    path_of(out, folder, gcb_plots_count(plots), one_kind, f, path, sizeof path);
    if (!gcb_plots_write(plots, i, path, why, sizeof why)) return nothing(why);
    if (!standard) printf("%s  %s%s%s\n", path, f.title, *f.subtitle ? ", " : "", f.subtitle);
  }
  return GCB_EXIT_OK;
}

static gcb_exit print_all(const gcb_plots *plots) {
  for (size_t i = 0; i < gcb_plots_count(plots); i++) {
    size_t size;
    char *text = gcb_plots_take(plots, i, &size);
    if (!text) return nothing("out of memory");
    fwrite(text, 1, size, stdout);
    free(text);
  }
  return GCB_EXIT_OK;
}

/* The figures that were asked for; one that is asked for by name has to be possible. */
static gcb_exit add_all(const struct gcb_parsed *parsed, const plot_settings *s, gcb_plots *plots,
                        const json_t *document) {
  char why[1024] = "";
  gcb_plot_request r = {.source = s->from,
                        .collectors = s->collectors.items,
                        .n_collectors = s->collectors.n,
                        .workloads = s->workloads.items,
                        .n_workloads = s->workloads.n};
  size_t n = s->kinds.n ? s->kinds.n : gcb_n_plot_kinds;
  for (size_t i = 0; i < n; i++) {
    const gcb_plot_kind *kind = s->kinds.n ? gcb_plot_kind_find(s->kinds.items[i]) : gcb_plot_kinds[i];
    if (!s->kinds.n && !kind->usual) continue;
    r.kind = kind->name;
    r.metric = kind->wants_metric ? s->metric : NULL;
    gcb_plot_answer answer = gcb_plots_add(plots, document, &r, why, sizeof why);
    if (answer == GCB_PLOT_WRONG) return wrong(parsed, NULL, NULL, why);
    if (answer == GCB_PLOT_IMPOSSIBLE && s->kinds.n) return nothing(why);
  }
  return gcb_plots_count(plots) ? GCB_EXIT_OK : nothing(why);
}

/* "results/trees.json" -> "results/trees-plots/" */
static void default_folder(const char *from, char *folder, size_t size) {
  size_t n = strlen(from);
  if (n > 5 && strcmp(from + n - 5, ".json") == 0) n -= 5;
  snprintf(folder, size, "%.*s-plots/", (int)n, from);
}

/* A run, or a file of another schema that some kind reads. */
static json_t *load(const char *word, const char *folder, char *why, size_t size) {
  json_t *document = json_load_file(word, 0, NULL);
  const char *schema = json_string_value(json_object_get(document, "schema"));
  if (schema && strncmp(schema, "gcbench.run/", 12) != 0 && gcb_plots_read(schema)) return document;
  json_decref(document);
  return gcb_load_run(word, folder, why, size);
}

gcb_exit gcb_plot(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const plot_settings *s = parsed->settings;
  char why[4300], folder_name[4096];
  const char *out = s->out;
  gcb_plot_format format = GCB_PLOT_TEXT;
  bool folder = false;
  struct stat st;
  (void)argc, (void)argv;
  if (s->list) {
    list();
    return GCB_EXIT_OK;
  }
  gcb_exit status = check_names(parsed, s);
  if (status != GCB_EXIT_OK) return status;
  if (!out && !s->kinds.n) {
    default_folder(s->from, folder_name, sizeof folder_name);
    out = folder_name;
  }
  if (out) folder = out[strlen(out) - 1] == '/' || (stat(out, &st) == 0 && S_ISDIR(st.st_mode));
  if (folder) format = GCB_PLOT_SVG;
  if (out && !folder && !format_of(out, &format))
    return wrong(parsed, "--out", out,
                 "the name of a picture ends in .svg, .png or .pdf, that of a folder in /");
  json_t *document = load(s->from, s->results, why, sizeof why);
  if (!document) return wrong(parsed, "--from", s->from, why);
  gcb_plots *plots = gcb_plots_open();
  status = plots ? add_all(parsed, s, plots, document) : nothing("out of memory");
  if (status == GCB_EXIT_OK && !gcb_plots_draw(plots, format, why, sizeof why)) status = nothing(why);
  if (status == GCB_EXIT_OK)
    status = out ? write_files(plots, out, folder, s->kinds.n == 1) : print_all(plots);
  gcb_plots_close(plots);
  json_decref(document);
  return status;
}
