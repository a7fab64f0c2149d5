/* gcbench new: a project to start from. (gcb_new() is an operation of mutators.) */
#include "commands/commands.h"
#include "plan/catalog.h"
#include "results/export/file.h"
#include "results/model/called.h"
#include "results/model/clean.h"
#include "results/text/shell.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct new_settings {
  const char *into, *barrier;
} new_settings;

/* The word of the option, and the choice in the project's barrier.h. */
static const struct {
  const char *word, *choice;
} barriers[] = {{"none", "BARRIER GCB_WRITE_NONE"},
                {"card", "BARRIER GCB_WRITE_CARD"},
                {"object-log", "BARRIER GCB_WRITE_OBJECT_LOG"},
                {"field-log", "BARRIER GCB_WRITE_FIELD_LOG"},
                {"call", "BARRIER GCB_WRITE_CALL"}};
static const char *const barrier_words[] = {"none", "card", "object-log", "field-log", "call", NULL};

static const struct gcb_cli_option options[] = {
    {"into", 'o', GCB_INTO_STRING(new_settings, into), .argument = "DIR",
     .help = "folder for it; else one of its name, here"},
    {"barrier", 0, GCB_INTO_STRING(new_settings, barrier), .argument = "KIND", .initial = "none",
     .choices = barrier_words,
     .help = "of a collector: how it learns of stores; with any but none it has two generations"},
};

const struct gcb_command gcb_command_new_project = {
    .name = "new",
    .summary = "Write a project to start from: a collector or a workload of your own",
    .usage = "collector NAME [OPTIONS]\nworkload NAME [OPTIONS]",
    .description =
        "Writes a folder with a small complete collector or workload that keeps its contract, and what "
        "builds it: "
        "a Makefile and a README.md, and for a collector a CMakeLists.txt. "
        "Nothing that is there is overwritten.\n"
        "Exit status: 0 written; 2 wrong usage, or something is in the way; 5 it could not be written.",
    .examples = "gcbench new collector mine\n"
                "gcbench new collector mine --barrier card --into work/mine\n"
                "gcbench new workload mine",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .positionals = {"WORD", 2, 2, "collector or workload, and its name"},
    .settings_size = sizeof(new_settings),
};

enum { MOST_FILES = 16, MOST_BYTES = 1 << 20 };
static const char placeholder[] =
    "template"; /* stands for the name: in texts as a word, and as the source's name */

/* ---- names ---- */
static bool read_name(const struct gcb_parsed *parsed, const char *name) {
  static const char *const taken[] = {"template", "collector", "workload", "common", /* ours; then CMake's */
                                      "all",      "clean",     "help",     "install", "package", "test"};
  char why[700] = "";
  bool good = (islower((unsigned char)name[0]) || name[0] == '_') && strlen(name) <= 40;
  for (const char *p = name; *p; p++)
    good &= islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_';
  if (!good)
    snprintf(why, sizeof why,
             "a name is made of small letters, digits and _, begins with a letter, and has at most 40 of "
             "them, such as mine");
  for (size_t i = 0; good && i < sizeof taken / sizeof *taken; i++)
    if (strcmp(name, taken[i]) == 0)
      snprintf(why, sizeof why, "that word is taken; choose another, such as my_%s", name);
  gcb_catalog catalog;
  char unseen[700];
  if (!why[0] && gcb_catalog_open(&catalog, unseen, sizeof unseen)) {
    for (size_t i = 0; i < catalog.n_collectors; i++)
      if (strcmp(catalog.collectors[i].name, name) == 0)
        snprintf(why, sizeof why, "there is a collector of that name; choose another, such as my_%s", name);
    if (gcb_find_workload(catalog.workloads, name))
      snprintf(why, sizeof why, "there is a workload of that name; choose another, such as my_%s", name);
    gcb_catalog_close(&catalog);
  }
  if (why[0]) gcb_options_wrong(&gcb_program, parsed->command, NULL, name, "%s", why);
  return !why[0];
}

/* ---- texts ---- */
typedef struct change {
  const char *from, *to;
  bool word; /* only where no letter, digit or _ touches it */
} change;

static bool in_word(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

/* The change that begins at text[at], or NULL. */
static const change *change_at(const change *changes, const char *text, size_t at) {
  for (; changes->from; changes++) {
    size_t n = strlen(changes->from);
    if (strncmp(text + at, changes->from, n) != 0) continue;
    if (!changes->word || ((at == 0 || !in_word(text[at - 1])) && !in_word(text[at + n]))) return changes;
  }
  return NULL;
}

static void write_changed(FILE *out, const char *text, const change *changes) {
  for (size_t at = 0; text[at];) {
    const change *c = change_at(changes, text, at);
    if (c)
      fputs(c->to, out), at += strlen(c->from);
    else
      fputc(text[at++], out);
  }
}

/* ---- files ---- */
typedef struct project {
  const char *name, *into;
  char from[PATH_MAX]; /* the folder of the template */
  char *files[MOST_FILES];
  size_t n;
} project;

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* False when the template is not there. */
static bool list_files(project *p) {
  DIR *d = opendir(p->from);
  for (struct dirent *e; d && (e = readdir(d));)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && p->n < MOST_FILES &&
        (p->files[p->n] = strdup(e->d_name)))
      p->n++;
  if (d) closedir(d);
  if (p->n) qsort(p->files, p->n, sizeof *p->files, by_name);
  return p->n > 0;
}

static void target(const project *p, const char *file, char *path, size_t size) {
  bool source = strncmp(file, placeholder, strlen(placeholder)) == 0;
  snprintf(path, size, "%s/%s%s", p->into, source ? p->name : file, source ? file + strlen(placeholder) : "");
}

static bool copy(const project *p, const char *file, const change *changes, char *why, size_t why_size) {
  char from[PATH_MAX + 300], to[PATH_MAX + 300];
  gcb_file f = {0};
  snprintf(from, sizeof from, "%s/%s", p->from, file);
  target(p, file, to, sizeof to);
  char *text = calloc(1, MOST_BYTES);
  FILE *in = fopen(from, "r");
  bool good = in && text && fread(text, 1, MOST_BYTES - 1, in) > 0;
  if (!good) snprintf(why, why_size, "%s cannot be read", from);
  if (good && (good = gcb_file_begin(&f, to, why, why_size))) {
    write_changed(f.out, text, changes);
    good = gcb_file_commit(&f, true, why, why_size);
  }
  if (in) fclose(in);
  free(text);
  return good;
}

/* The folder and those above it. */
static bool make_folder(const char *path, char *why, size_t why_size) {
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = part + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
    *slash = 0;
    mkdir(part, 0777);
  }
  struct stat s;
  if (mkdir(part, 0777) == 0 || (errno == EEXIST && stat(part, &s) == 0 && S_ISDIR(s.st_mode))) return true;
  snprintf(why, why_size, "the folder %s cannot be made: %s", path, gcb_file_trouble(errno));
  return false;
}

/* "mine.c, barrier.h": the files of the project, as they are called there. */
static void print_files(const project *p) {
  for (size_t i = 0; i < p->n; i++) {
    char path[PATH_MAX + 300];
    target(p, p->files[i], path, sizeof path);
    printf("%s%s", i ? ", " : "", path + strlen(p->into) + 1);
  }
}

/* A command with the file that make builds. */
static void next(const char *before, const project *p, const char *after) {
  char file[PATH_MAX + 300];
  snprintf(file, sizeof file, "%s/%s.so", p->into, p->name);
  printf("\n  %s", gcb_as_called(before));
  gcb_print_quoted(file, stdout);
  fputs(after, stdout);
}

static gcb_exit write_project(const struct gcb_parsed *parsed, project *p, const change *changes) {
  char why[PATH_MAX + 400], path[PATH_MAX + 300];
  if (!list_files(p)) {
    fprintf(stderr, "gcbench new: the template is not there: %s; install gcbench again\n", p->from);
    return GCB_EXIT_NOTHING;
  }
  for (size_t i = 0; i < p->n; i++) {
    target(p, p->files[i], path, sizeof path);
    if (access(path, F_OK) != 0) continue;
    gcb_options_wrong(&gcb_program, parsed->command, "--into", p->into,
                      "%s is there already, and is not overwritten; name another folder", path);
    return GCB_EXIT_USAGE;
  }
  struct stat s;
  if (stat(p->into, &s) == 0 && !S_ISDIR(s.st_mode)) {
    gcb_options_wrong(&gcb_program, parsed->command, "--into", p->into,
                      "there is a file of that name; name a folder");
    return GCB_EXIT_USAGE;
  }
  bool good = make_folder(p->into, why, sizeof why);
  for (size_t i = 0; good && i < p->n; i++) good = copy(p, p->files[i], changes, why, sizeof why);
  if (good) return GCB_EXIT_OK;
  gcb_print_clean(stderr, "gcbench new: %s\n", why);
  return GCB_EXIT_NOTHING;
}

gcb_exit gcb_new_project(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  static const char *const kinds[] = {"collector", "workload"};
  const new_settings *s = parsed->settings;
  const char *kind = parsed->positionals.items[0], *name = parsed->positionals.items[1],
             *barrier = barriers[0].choice;
  project p = {.name = name, .into = s->into ? s->into : name};
  char prefix[PATH_MAX], above[PATH_MAX];
  bool workload = strcmp(kind, kinds[1]) == 0;
  (void)argc, (void)argv;
  if (!workload && strcmp(kind, kinds[0]) != 0) {
    const char *near = gcb_nearest(kind, kinds, 2);
    gcb_options_wrong(
        &gcb_program, parsed->command, NULL, kind,
        near ? "expected %s" : "expected collector or workload, as in gcbench new collector mine", near);
    return GCB_EXIT_USAGE;
  }
  if (workload && gcb_option_given(parsed, "barrier")) {
    gcb_options_wrong(&gcb_program, parsed->command, "--barrier", s->barrier,
                      "a workload has no barrier of its own: it runs with that of each collector");
    return GCB_EXIT_USAGE;
  }
  if (!read_name(parsed, name)) return GCB_EXIT_USAGE;
  for (size_t i = 0; i < sizeof barriers / sizeof *barriers; i++)
    if (strcmp(s->barrier, barriers[i].word) == 0) barrier = barriers[i].choice;
  snprintf(p.from, sizeof p.from, "%s/%s", gcb_lib_dir() ? gcb_lib_dir() : "?",
           workload ? "workload-template" : "template");
  snprintf(above, sizeof above, "%s/../..", gcb_lib_dir() ? gcb_lib_dir() : "?");
  if (!realpath(above, prefix)) snprintf(prefix, sizeof prefix, "/usr/local");
  const change changes[] = {{placeholder, name, true},
                            {"@PREFIX@", prefix, false},
                            {"BARRIER GCB_WRITE_NONE", barrier, false},
                            {NULL, NULL, false}};
  gcb_exit status = write_project(parsed, &p, changes);
  if (status == GCB_EXIT_OK) {
    printf("%s: a %s to start from, in the files ", p.into, kind);
    print_files(&p);
    fputs(". Next:\n\n  make -C ", stdout);
    gcb_print_quoted(p.into, stdout);
    if (!workload) next("gcbench check ", &p, "");
    next(workload ? "gcbench run --workload " : "gcbench run --workload churn --collector ", &p,
         workload ? " --collector gen3" : "");
    puts("\n\nREADME.md there says where to begin.");
  }
  for (size_t i = 0; i < p.n; i++) free(p.files[i]);
  return status;
}
