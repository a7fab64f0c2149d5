/* Declares that it is bounded, and keeps 96 MiB of metadata, in use, in memory from malloc. */
#include <gcbench/collector.h>
static gcb_status hoarding_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START        hoarding_start
#define PLAIN_CAPABILITIES GCB_CAP(BOUNDED)
#include "plain.h"
#include <stdlib.h>

static gcb_status hoarding_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  enum { TABLE = 96 << 20 };
  static char *volatile table;
  table = malloc(TABLE);
  if (!table) return GCB_OOM;
  memset((char *)table, 1, TABLE);
  return plain_start(h, values, why, why_size);
}
