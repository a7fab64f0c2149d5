#include "nightly/nightly.h"
#include "results/export/file.h"
#include "results/model/members.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LOOK_BACK = 60 }; /* nights */

/* The folders of a path that ends in a file. */
static void make_folders(const char *path) {
  char copy[PATH_MAX];
  if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy) return;
  for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(copy, 0777); /* what is in the way shows when the file is written */
    *slash = '/';
  }
}

bool gcb_copy_file(const char *from, const char *to, char *why, size_t why_size) {
  char block[1 << 14];
  size_t n;
  gcb_file file;
  FILE *in = fopen(from, "rb");
  if (!in) {
    snprintf(why, why_size, "cannot read %s: %s", from, strerror(errno));
    return false;
  }
  make_folders(to);
  bool good = gcb_file_begin(&file, to, why, why_size);
  if (good) {
    while ((n = fread(block, 1, sizeof block, in)) > 0) fwrite(block, 1, n, file.out);
    good = !ferror(in);
    if (!good) snprintf(why, why_size, "cannot read %s to its end", from);
    if (good)
      good = gcb_file_commit(&file, true, why, why_size);
    else
      gcb_file_abandon(&file);
  }
  fclose(in);
  return good;
}

char *gcb_baseline_file(const gcb_night_plan *n, const char *name, const char *module) {
  const char *slash = strrchr(module, '/');
  char *path = NULL;
  if (asprintf(&path, "%s/baselines/%s/%s", n->folder, name, slash ? slash + 1 : module) < 0) return NULL;
  return path;
}

/* ---- nights that were ---- */

static int is_night(const struct dirent *d) {
  size_t n = strlen(d->d_name);
  return n > 5 && strcmp(d->d_name + n - 5, ".json") == 0;
}

void gcb_nightly_past(gcb_night_plan *n) {
  struct dirent **names = NULL;
  char *folder = NULL;
  int count =
      asprintf(&folder, "%s/nightly", n->folder) < 0 ? 0 : scandir(folder, &names, is_night, versionsort);
  n->earlier = json_array();
  for (int i = count > LOOK_BACK ? count - LOOK_BACK : 0; i < count; i++) {
    char *path = NULL;
    json_t *night =
        asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0 ? NULL : json_load_file(path, 0, NULL);
    free(path);
    if (strcmp(gcb_string(night, "schema"), "gcbench.nightly/1") == 0 &&
        strcmp(gcb_string(night, "suite"), n->suite.name) == 0) {
      n->nights++;
      n->rotation = (size_t)json_integer_value(json_object_get(night, "next"));
      if (strcmp(gcb_string(night, "machine"), n->machine) == 0) json_array_append(n->earlier, night);
    }
    json_decref(night);
  }
  for (int i = 0; i < count; i++) free(names[i]);
  free(names);
  free(folder);
}

bool gcb_nightly_record(const gcb_night_plan *n, const json_t *night, char *why, size_t why_size) {
  char *path = NULL;
  gcb_file file;
  if (asprintf(&path, "%s/nightly/%s.json", n->folder, gcb_string(night, "run")) < 0) return false;
  make_folders(path);
  bool good = gcb_file_begin(&file, path, why, why_size);
  if (good) {
    bool dumped = json_dumpf(night, file.out, JSON_INDENT(1)) == 0;
    good = gcb_file_commit(&file, dumped, why, why_size);
  }
  free(path);
  return good;
}

/* ---- collectors as they are tonight ---- */

/* A module passes if all of its cells did, whatever the preset. */
static bool module_passed(const gcb_night_plan *n, const json_t *night, const char *file, const char *name,
                          bool whatever) {
  const gcb_plan *p = &n->session.plan;
  bool any = false;
  char *there = gcb_baseline_file(n, name, file);
  /* Without one yet, a night that nobody trusts is better than none. */
  bool first = there && access(there, F_OK) != 0;
  free(there);
  for (size_t i = 0; i < p->n_cells; i++) {
    if (!n->chosen[i] || !p->cells[i].spec || strcmp(p->cells[i].collector->file, file) != 0) continue;
    if (!gcb_night_passed(night, p->cells[i].collector->name, whatever || first)) return false;
    any = true;
  }
  return any;
}

void gcb_nightly_keep_as(gcb_night_plan *n, const json_t *night, const char *name, bool whatever) {
  const gcb_plan *p = &n->session.plan;
  char why[PATH_MAX + 200], done[1000] = "";
  for (size_t i = 0; i < p->n_cells; i++) {
    const gcb_entry *e = p->cells[i].collector;
    bool again = false;
    for (size_t k = 0; k < i; k++) again |= n->chosen[k] && strcmp(p->cells[k].collector->file, e->file) == 0;
    if (again || !n->chosen[i]) continue;
    char *to = gcb_baseline_file(n, name, e->file);
    if (!module_passed(n, night, e->file, name, whatever)) {
      bool there = to && access(to, F_OK) == 0;
      gcb_note(n->notes, "%s did not become '%s'%s", e->name, name, there ? ", which stays as it was" : "");
    } else if (!to || !gcb_copy_file(e->file, to, why, sizeof why)) {
      gcb_note(n->notes, "%s could not become '%s': %s", e->name, name, to ? why : "no memory");
    } else {
      size_t end = strlen(done);
      snprintf(done + end, sizeof done - end, "%s%s", end ? ", " : "", e->name);
    }
    free(to);
  }
  if (*done) gcb_note(n->notes, "'%s' is now tonight's of %s", name, done);
}
