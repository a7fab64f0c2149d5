/* Declares a path whose write barrier is called, and brings none. */
#include <gcbench/collector.h>
#define PLAIN_PATH                                                                                           \
  { GCB_ALLOC_CALL, GCB_WRITE_CALL, GCB_READ_NONE, GCB_ROOTS_PLAIN }
#include "plain.h"
