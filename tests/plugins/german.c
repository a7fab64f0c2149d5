/* Sets a locale with a decimal comma for the whole process, as runtimes do that ask for the user's. It cannot
 * start where there is no such locale. */
#include <gcbench/collector.h>
#include <locale.h>
#include <stdio.h>
static gcb_status german_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START german_start
#include "plain.h"

static gcb_status german_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  if (setlocale(LC_ALL, "de_DE.UTF-8")) return plain_start(h, values, why, why_size);
  snprintf(why, why_size, "no locale de_DE.UTF-8");
  return GCB_FAILED;
}
