/* Nothing wrong with it: what the others are compared with. */
#include "plain.h"
