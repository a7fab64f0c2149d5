#include "stress/worker.h"
#include "machine/process.h"
#include "runtime/enum_names.h"
#include "stress/generate.h"
#include "stress/isolated.h"
#include "stress/shrink.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>

enum {
  TOLD_EVERY = 8, /* programs: so many lose their counts in a crash */
  TRIES = 10,     /* runs of a program whose threads run together: it need not fail each time */
};

typedef struct judge {
  const gcb_collector *gc;
  char check[40]; /* what a smaller program must show as well; empty: not known yet */
  char finding[700];
} judge;

static bool same_failure(void *ctx, const gcb_stress_program *p) {
  judge *j = ctx;
  gcb_stress_counts ignored = {0};
  char finding[700];
  bool fails = false;
  for (int i = 0; i < (p->modes.together ? TRIES : 1) && !fails; i++)
    fails = gcb_stress_apart(j->gc, p, &ignored, finding, sizeof finding);
  if (!fails) return false;
  size_t n = strcspn(finding, " ");
  if (j->check[0] && (strlen(j->check) != n || strncmp(j->check, finding, n) != 0)) return false;
  if (n < sizeof j->check) memcpy(j->check, finding, n), j->check[n] = 0;
  memcpy(j->finding, finding, sizeof finding);
  return true;
}

/* True when it fails, which is then told. */
static bool shrink(const gcb_collector *gc, gcb_stress_program *p, uint32_t most, int answer) {
  judge j = {.gc = gc};
  if (!same_failure(&j, p)) return false;
  /* A wrong heap shows in many ways; a smaller program may show it in another, so any failure counts but the
   * harness's own. */
  j.check[0] = 0;
  gcb_stress_program first;
  if (most && gcb_stress_copy(&first, p)) {
    gcb_stress_shrink(p, same_failure, &j, most);
    j.check[0] = 0;
    if (!same_failure(&j, p)) { /* it fails now and then: keep what failed first */
      gcb_stress_free(p);
      *p = first;
    } else {
      gcb_stress_free(&first);
    }
  }
  char *text = gcb_stress_print(p);
  dprintf(answer, "F %s\nP\n%s", j.finding, text ? text : "");
  free(text);
  return true;
}

int gcb_stress_worker(const char *argument, int answer) {
  json_error_t error;
  char why[600];
  json_t *spec = json_loads(argument, 0, &error);
  const char *file = json_string_value(json_object_get(spec, "collector"));
  const char *text = json_string_value(json_object_get(spec, "program"));
  const char *program_file = json_string_value(json_object_get(spec, "program_file"));
  int fd = program_file ? open(program_file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) text = gcb_read_all(fd);
  const char *seed_word = json_string_value(json_object_get(spec, "seed"));
  uint64_t seed = seed_word ? strtoull(seed_word, NULL, 10) : 0;
  uint64_t count = (uint64_t)json_integer_value(json_object_get(spec, "count"));
  unsigned modes = (unsigned)json_integer_value(json_object_get(spec, "modes"));
  json_t *most = json_object_get(spec, "shrink");
  gcb_stress_program p;
  gcb_stress_counts counts = {0};
  const gcb_collector *gc = file ? gcb_load_collector(file, why, sizeof why) : NULL;
  if (!gc) return 2;
  if (text ? !gcb_stress_parse(&p, text, strlen(text), why, sizeof why)
           : most && !gcb_stress_generate(&p, seed, modes)) {
    dprintf(answer, "F harness ? 0 %s\n", why);
    return 2;
  }
  if (text || most) {
    bool fails = shrink(gc, &p, (uint32_t)json_integer_value(most), answer);
    gcb_stress_free(&p);
    if (fails) return 0; /* the program's text is the rest of the answer */
  }
  char finding[700] = "";
  for (uint64_t i = 0; i < count && !finding[0]; i++) {
    dprintf(answer, "B %llu\n", (unsigned long long)(seed + i));
    if (!gcb_stress_generate(&p, seed + i, modes)) return 2;
    if (!(gc->capabilities & GCB_CAP(FOREIGN)))
      gcb_stress_perform(gc, &p, answer, &counts);
    else if (gcb_stress_serve(gc, &p, &counts, finding, sizeof finding))
      dprintf(answer, "F %s\n", finding);
    gcb_stress_free(&p);
    if (i % TOLD_EVERY == TOLD_EVERY - 1) gcb_stress_tell(answer, &counts);
  }
  gcb_stress_tell(answer, &counts);
  dprintf(answer, "E\n");
  json_decref(spec);
  return 0;
}
