/* Words of the command line: whatever the word, an answer of the right kind, and what was understood can be
 * said again. */
#include "fuzz.h"
#include "results/model/units.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *word = calloc(1, size + 1);
  uint64_t n;
  struct gcb_heap_size heap;
  if (!word) abort();
  memcpy(word, data, size);
  if (gcb_parse_unsigned(word, &n) == GCB_UNITS_OK && strtoull(word, NULL, 10) != n) abort();
  bool hex = word[0] == '0' && (word[1] | 32) == 'x';
  if (gcb_parse_seed(word, &n) == GCB_UNITS_OK && strtoull(word, NULL, hex ? 16 : 10) != n) abort();
  if (gcb_parse_bytes(word, &n) == GCB_UNITS_OK && n > INT64_MAX) abort();
  if (gcb_parse_duration(word, &n) == GCB_UNITS_OK && n > INT64_MAX) abort();
  if (gcb_parse_heap_size(word, &heap) == GCB_UNITS_OK && (heap.factor > 0) == (heap.bytes > 0)) abort();
  free(word);
  return 0;
}
