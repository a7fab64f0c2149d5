#include "micro/micro.h"
#include <stdio.h>
#include <stdlib.h>

void gcb_micro_merge(json_t *whole, const json_t *part) {
  size_t i;
  json_t *one, *all = json_object_get(whole, "benchmarks");
  if (!json_object_get(whole, "context")) json_object_set(whole, "context", json_object_get(part, "context"));
  if (!all) {
    all = json_array();
    json_object_set_new(whole, "benchmarks", all);
  }
  json_int_t first = 0;
  json_array_foreach(all, i, one) {
    json_int_t family = json_integer_value(json_object_get(one, "family_index"));
    if (family >= first) first = family + 1;
  }
  json_array_foreach(json_object_get(part, "benchmarks"), i, one) {
    json_t *copy = json_deep_copy(one);
    json_int_t family = json_integer_value(json_object_get(one, "family_index"));
    json_object_set_new(copy, "family_index", json_integer(first + family));
    json_array_append_new(all, copy);
  }
}
