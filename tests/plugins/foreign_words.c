/* Describes itself, and says why it cannot start, in words that are no UTF-8 and hold an escape sequence. */
#include <gcbench/collector.h>
#include <stdio.h>
static gcb_status wordy_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size);
#define PLAIN_START   wordy_start
#define PLAIN_SUMMARY "bad \xfc summary \033[31m"
#include "plain.h"

static gcb_status wordy_start(gcb_heap *h, const gcb_value *values, char *why, size_t why_size) {
  (void)plain_start(h, values, why, why_size);
  snprintf(why, why_size, "bad \xfc reason \033[31m");
  return GCB_FAILED;
}
