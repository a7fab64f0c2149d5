/* Stress programs: what parses, prints; and what was printed parses to the same. */
#include "fuzz.h"
#include "stress/program.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  gcb_stress_program p, again;
  char why[300];
  if (!gcb_stress_parse(&p, (const char *)data, size, why, sizeof why)) {
    if (!why[0]) abort(); /* refused without a word */
    return 0;
  }
  char *text = gcb_stress_print(&p);
  if (!text || !gcb_stress_parse(&again, text, strlen(text), why, sizeof why)) abort();
  char *same = gcb_stress_print(&again);
  if (!same || strcmp(text, same) != 0 || again.n != p.n) abort();
  free(text);
  free(same);
  gcb_stress_free(&p);
  gcb_stress_free(&again);
  return 0;
}
