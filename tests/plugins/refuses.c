/* Does not start, and says why. */
#include <gcbench/collector.h>
static gcb_status refusing_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START refusing_start
#include "plain.h"
#include <stdio.h>

static gcb_status refusing_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  plain_start(h, values, why, why_size);
  snprintf(why, why_size, "the moon is in the wrong phase");
  return GCB_FAILED;
}
