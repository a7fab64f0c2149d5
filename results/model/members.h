/* What every reader of a document asks of an object in it. */
#ifndef GCB_MEMBERS_H
#define GCB_MEMBERS_H

#include <jansson.h>
#include <math.h>

/* The member as a string, the object's own; "" where there is none. */
static inline const char *gcb_string(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

/* The member as a number; not a number where there is none. */
static inline double gcb_number(const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Appends a sentence to a list of them, each once. */
void gcb_note(json_t *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
