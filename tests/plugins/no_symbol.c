/* A shared object like any other: the declaration has another name. */
#define PLAIN_SYMBOL some_other_symbol
#include "plain.h"
