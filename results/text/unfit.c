#include "results/text/unfit.h"
#include "results/model/members.h"
#include "results/text/screen.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_bad(const json_t *finding) {
  return strcmp(gcb_string(finding, "verdict"), "bad") == 0;
}

void gcb_unfit_print(const json_t *findings, FILE *out) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) {
    char *line = NULL;
    if (is_bad(f) && asprintf(&line, "  the machine is unfit for measurements: %s: %s; remedy: %s",
                              gcb_string(f, "check"), gcb_string(f, "found"), gcb_string(f, "remedy")) > 0)
      gcb_screen_wrap(out, line, gcb_screen_width(out), 4);
    free(line);
  }
}

void gcb_unfit_words(const json_t *findings, char *text, size_t size) {
  size_t i, n = 0;
  json_t *f;
  text[0] = 0;
  json_array_foreach(findings, i, f) if (is_bad(f) && n < size) n += (size_t)snprintf(
      text + n, size - n, "%s%s: %s", n ? "; " : "", gcb_string(f, "check"), gcb_string(f, "found"));
}
