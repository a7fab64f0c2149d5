/* gcbench version: which program this is, and what it was built from. */
#include "commands/command_version.h"
#include "plan/catalog.h"
#include "results/model/members.h"
#include <limits.h>
#include <stdlib.h>

typedef struct version_settings {
  bool json;
} version_settings;

static const struct gcb_cli_option options[] = {
    {"json", 'j', GCB_INTO_FLAG(version_settings, json),
     .help = "print the same as JSON (schema gcbench.version/1)"},
};

const struct gcb_command gcb_command_version = {
    .name = "version",
    .summary = "Print the version with its commit, compiler, flags, libraries and runtimes",
    .usage = "[OPTIONS]",
    .description = "What a report of a fault should name. The commit is the one that was built, followed by "
                   "-dirty when tracked files had been changed, or unknown when it was not built from a git "
                   "checkout.",
    .examples = "gcbench version\ngcbench version --json",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .settings_size = sizeof(version_settings),
};

/* The files that the build writes beside the modules; see harness/cmake/version.cmake. */
static bool beside(const char *name, char *path, size_t size) {
  const char *dir = gcb_lib_dir();
  return dir && (size_t)snprintf(path, size, "%s/%s", dir, name) < size;
}

static json_t *commit(void) {
  char path[PATH_MAX], text[100] = "";
  FILE *f = beside("commit", path, sizeof path) ? fopen(path, "r") : NULL;
  if (f && !fgets(text, sizeof text, f)) text[0] = 0;
  if (f) fclose(f);
  text[strcspn(text, "\n")] = 0;
  json_t *word = text[0] ? json_string(text) : NULL;
  return word ? word : json_string("unknown");
}

json_t *gcb_version_json(void) {
  char path[PATH_MAX];
  json_error_t error;
  json_t *build = beside("build.json", path, sizeof path) ? json_load_file(path, 0, &error) : NULL;
  json_t *all = json_pack("{s:s, s:s, s:o, s:{s:i, s:i}}", "schema", "gcbench.version/1", "gcbench",
                          GCB_VERSION, "commit", commit(), "abi", "collector", (int)GCB_COLLECTOR_ABI,
                          "workload", (int)GCB_WORKLOAD_ABI);
  if (json_is_object(build)) json_object_update(all, build);
  json_decref(build);
  return all;
}

static void line(FILE *out, const char *name, const char *text) {
  fprintf(out, "%-11s  %s\n", name, *text ? text : "unknown");
}

void gcb_version_print(FILE *out) {
  json_t *all = gcb_version_json(), *value;
  const char *key, *comma = "";
  size_t i;
  fprintf(out, "gcbench %s\n", GCB_VERSION);
  line(out, "commit", gcb_string(all, "commit"));
  line(out, "compiler", gcb_string(all, "compiler"));
  line(out, "flags", gcb_string(all, "flags"));
  line(out, "build type", gcb_string(all, "build_type"));
  if (*gcb_string(all, "sanitizer")) line(out, "sanitizer", gcb_string(all, "sanitizer"));
  fprintf(out, "%-11s  collectors %u, workloads %u\n%-11s  ", "plug-in ABI", GCB_COLLECTOR_ABI,
          GCB_WORKLOAD_ABI, "libraries");
  json_object_foreach(json_object_get(all, "libraries"), key, value) {
    fprintf(out, "%s%s %s", comma, key, json_is_string(value) ? json_string_value(value) : "?");
    comma = ", ";
  }
  for (int found = 1; found >= 0; found--) {
    fprintf(out, "\n%-11s ", found ? "found" : "missing");
    comma = " ";
    json_array_foreach(json_object_get(all, "optional"), i, value) {
      if (json_is_true(json_object_get(value, "found")) != found) continue;
      const char *more = gcb_string(value, found ? "version" : "package");
      fprintf(out, found ? "%s%s%s%s" : "%s%s%s%s)", comma, gcb_string(value, "name"),
              !*more  ? ""
              : found ? " "
                      : " (",
              more);
      comma = ", ";
    }
    if (*comma == ' ') fputs(" nothing", out);
  }
  putc('\n', out);
  json_decref(all);
}

gcb_exit gcb_version(const struct gcb_parsed *parsed, int argc, char *const argv[]) {
  const version_settings *s = parsed->settings;
  (void)argc, (void)argv;
  if (!s->json) {
    gcb_version_print(stdout);
    return GCB_EXIT_OK;
  }
  json_t *all = gcb_version_json();
  json_dumpf(all, stdout, JSON_INDENT(1));
  putchar('\n');
  json_decref(all);
  return GCB_EXIT_OK;
}
