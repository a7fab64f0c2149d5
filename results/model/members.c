#include "results/model/members.h"
#include "results/model/clean.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void gcb_note(json_t *list, const char *format, ...) {
  char text[1200];
  size_t i;
  json_t *one;
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  json_array_foreach(list, i, one) if (strcmp(json_string_value(one), text) == 0) return;
  json_array_append_new(list, gcb_clean_string(text));
}
