/* Made for a version that is yet to come. */
#define PLAIN_ABI (GCB_COLLECTOR_ABI + 1)
#include "plain.h"
