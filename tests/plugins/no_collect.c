/* Declares no collect(), which every collector has. */
#include <gcbench/collector.h>
#define PLAIN_COLLECT NULL
#include "plain.h"
