#include "results/model/clean.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of the UTF-8 character at `at`, of which `n` bytes are there; 0 when it is none (RFC 3629: no
 * overlong form, no surrogate, nothing above U+10FFFF). */
static size_t character(const unsigned char *at, size_t n) {
  static const struct {
    unsigned char first_lo, first_hi, second_lo, second_hi, length;
  } forms[] = {
      {0x01, 0x7f, 0x80, 0xbf, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
    size_t length = forms[f].length;
    if (at[0] < forms[f].first_lo || at[0] > forms[f].first_hi) continue;
    if (length > n || (length > 1 && (at[1] < forms[f].second_lo || at[1] > forms[f].second_hi))) return 0;
    for (size_t i = 2; i < length; i++)
      if (at[i] < 0x80 || at[i] > 0xbf) return 0;
    return length;
  }
  return 0;
}

static bool is_control(const unsigned char *at, size_t length) {
  if (length == 1) return (at[0] < ' ' && at[0] != '\n' && at[0] != '\t') || at[0] == 0x7f;
  return length == 2 && at[0] == 0xc2 && at[1] < 0xa0; /* C1: U+0080 to U+009F */
}

bool gcb_is_utf8(const char *text, size_t n) {
  const unsigned char *at = (const unsigned char *)text;
  for (size_t i = 0, length; i < n; i += length)
    if (!(length = character(at + i, n - i))) return false;
  return true;
}

size_t gcb_clean(char *to, size_t size, const char *from, size_t n) {
  const unsigned char *at = (const unsigned char *)from;
  size_t out = 0;
  for (size_t i = 0; i < n;) {
    size_t length = character(at + i, n - i), taken = length ? length : 1;
    if (!length || is_control(at + i, length)) {
      if (out + 4 * taken >= size) break;
      for (size_t k = 0; k < taken; k++) out += (size_t)snprintf(to + out, size - out, "\\x%02x", at[i + k]);
    } else {
      if (out + taken >= size) break;
      memcpy(to + out, from + i, taken);
      out += taken;
    }
    i += taken;
  }
  to[out] = 0;
  return out;
}

json_t *gcb_clean_string(const char *text) {
  if (!text) return json_null();
  size_t n = strlen(text), size = 4 * n + 1;
  char *copy = malloc(size);
  if (!copy) return NULL;
  json_t *string = json_stringn(copy, gcb_clean(copy, size, text, n));
  free(copy);
  return string;
}

void gcb_print_clean(FILE *out, const char *format, ...) {
  char said[8192], shown[8192];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(said, sizeof said, format, arguments);
  va_end(arguments);
  if (n < 0) return;
  gcb_clean(shown, sizeof shown, said, strlen(said));
  fputs(shown, out);
}

static bool is_clean(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 0x7f) return false;
  return true;
}

static bool clean_object(json_t *object) {
  const char *key;
  json_t *value;
  void *next;
  bool dirty = false;
  json_object_foreach(object, key, value) {
    dirty |= !is_clean(key, strlen(key));
    if (!gcb_clean_json(value)) return false;
  }
  if (dirty) json_object_foreach_safe(object, next, key, value) {
      size_t n = strlen(key), size = 4 * n + 1;
      char *copy = malloc(size);
      if (!copy) return false;
      bool other = gcb_clean(copy, size, key, n) != n;
      bool good = !other || json_object_set(object, copy, value) == 0;
      if (good && other) json_object_del(object, key);
      free(copy);
      if (!good) return false;
    }
  return true;
}

bool gcb_clean_json(json_t *document) {
  size_t i;
  json_t *one;
  if (json_is_object(document)) return clean_object(document);
  if (json_is_array(document)) {
    json_array_foreach(document, i, one) if (!gcb_clean_json(one)) return false;
  } else if (json_is_string(document)) {
    const char *text = json_string_value(document);
    if (is_clean(text, strlen(text))) return true;
    one = gcb_clean_string(text);
    bool good = one && json_string_set(document, json_string_value(one)) == 0;
    json_decref(one);
    return good;
  }
  return true;
}
