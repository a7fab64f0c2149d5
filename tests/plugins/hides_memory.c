/* Declares that it is bounded, and takes a table from malloc that no bound sees. */
#include <gcbench/collector.h>
static gcb_status hiding_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START        hiding_start
#define PLAIN_CAPABILITIES GCB_CAP(BOUNDED)
#include "plain.h"
#include <stdlib.h>

static gcb_status hiding_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  static void *volatile table;
  table = malloc(64 << 20);
  return table ? plain_start(h, values, why, why_size) : GCB_OOM;
}
