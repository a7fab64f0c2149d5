/* Foreign bytes are made fit for JSON and for a terminal, and what is fit already stays as it is. */
#include "results/model/clean.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
  const char *from, *to;
} cases[] = {
    {"", ""},
    {"plain words", "plain words"},
    {"two\nlines\tand a tab", "two\nlines\tand a tab"},
    {"gr\xc3\xbc\xc3\x9f, \xe2\x82\xac, \xf0\x9f\x98\x80",
     "gr\xc3\xbc\xc3\x9f, \xe2\x82\xac, \xf0\x9f\x98\x80"},
    {"bad \xfc byte", "bad \\xfc byte"},
    {"\xff\xfe", "\\xff\\xfe"},
    {"cut \xe2\x82", "cut \\xe2\\x82"},
    {"cut \xc3 inside", "cut \\xc3 inside"},
    {"alone \x80", "alone \\x80"},
    {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
    {"overlong \xe0\x80\xaf", "overlong \\xe0\\x80\\xaf"},
    {"overlong \xf0\x80\x80\xaf", "overlong \\xf0\\x80\\x80\\xaf"},
    {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
    {"too high \xf4\x90\x80\x80", "too high \\xf4\\x90\\x80\\x80"},
    {"escape \033[31m", "escape \\x1b[31m"},
    {"bell\a back\b return\r delete\x7f", "bell\\x07 back\\x08 return\\x0d delete\\x7f"},
    {"C1 \xc2\x9b"
     "31m",
     "C1 \\xc2\\x9b31m"},
};

static void what_is_not_utf8_or_controls_a_terminal_is_replaced(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char to[200];
    size_t n = gcb_clean(to, sizeof to, cases[i].from, strlen(cases[i].from));
    assert_string_equal(to, cases[i].to);
    assert_int_equal(n, strlen(to));
    assert_true(gcb_is_utf8(to, n));
    json_t *string = gcb_clean_string(cases[i].from);
    assert_string_equal(json_string_value(string), cases[i].to);
    json_decref(string);
  }
}

static void a_small_buffer_is_never_filled_with_half_a_character(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t size = 1; size < 40; size++) {
      char *to = malloc(size); /* so that a sanitizer sees a byte too many */
      size_t n = gcb_clean(to, size, cases[i].from, strlen(cases[i].from));
      assert_true(n < size && to[n] == 0 && gcb_is_utf8(to, n));
      assert_memory_equal(to, cases[i].to, n);
      free(to);
    }
}

static void any_bytes_become_a_json_string(void **state) {
  uint32_t seed = 1;
  (void)state;
  for (int round = 0; round < 20000; round++) {
    char text[24];
    size_t n = 0;
    for (; n < sizeof text - 1; n++) {
      seed = seed * 1664525 + 1013904223;
      text[n] = (char)(seed >> 24);
    }
    text[n] = 0;
    json_t *string = gcb_clean_string(text), *packed = json_pack("{s:s?}", "a", json_string_value(string));
    assert_true(json_is_string(string) && packed);
    json_decref(packed);
    json_decref(string);
  }
}

static void a_document_is_cleaned_in_values_and_keys(void **state) {
  (void)state;
  json_t *document = json_loads(
      "{\"a\": [\"x\\u001b[2J\", 1], \"k\\u0007\": {\"b\": \"\\u009b\"}, \"c\": \"\\u00fc\"}", 0, NULL);
  json_t *right = json_loads(
      "{\"a\": [\"x\\\\x1b[2J\", 1], \"k\\\\x07\": {\"b\": \"\\\\xc2\\\\x9b\"}, \"c\": \"\\u00fc\"}", 0,
      NULL);
  assert_true(gcb_clean_json(document));
  assert_true(right && json_equal(document, right));
  json_decref(document);
  json_decref(right);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_utf8_or_controls_a_terminal_is_replaced),
      cmocka_unit_test(a_small_buffer_is_never_filled_with_half_a_character),
      cmocka_unit_test(any_bytes_become_a_json_string),
      cmocka_unit_test(a_document_is_cleaned_in_values_and_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
