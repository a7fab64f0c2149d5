/* One value, one spelling: cells with equal values are equal cells, however they were typed. */
#include "plan/catalog.h"
#include "plan/configuration.h"
#include "plan/settings.h"
#include "results/model/canonical.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void each_value_has_one_spelling(void **state) {
  (void)state;
  static const struct {
    gcb_word_type type;
    const char *word, *fallback, *canonical;
  } cases[] = {
      {GCB_WORD_UINT, "016", "8", "16"},
      {GCB_WORD_UINT, "0", "8", "0"},
      {GCB_WORD_UINT, "18446744073709551615", "8", "18446744073709551615"},
      {GCB_WORD_UINT, "many", "8", "many"},
      {GCB_WORD_BYTES, "4096K", "8M", "4M"},
      {GCB_WORD_BYTES, "4194304", "8M", "4M"},
      {GCB_WORD_BYTES, "4mib", "8M", "4M"},
      {GCB_WORD_BYTES, "0.5M", "8M", "512K"},
      {GCB_WORD_BYTES, "1000", "8M", "1000"},
      {GCB_WORD_BYTES, "0", "8M", "0"},
      {GCB_WORD_BYTES, "2048T", "8M", "2048T"},
      {GCB_WORD_REAL, "0.10", "1", "0.1"},
      {GCB_WORD_REAL, ".1", "1", "0.1"},
      {GCB_WORD_REAL, "1e2", "1", "100"},
      {GCB_WORD_REAL, "-0.0", "1", "0"},
      {GCB_WORD_REAL, "0.30000000000000004", "1", "0.30000000000000004"},
      {GCB_WORD_BOOL, "yes", "off", "on"},
      {GCB_WORD_BOOL, "false", "0", "0"},
      {GCB_WORD_BOOL, "1", "no", "yes"},
      {GCB_WORD_TEXT, "700,10,10", "", "700,10,10"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char out[GCB_CANONICAL], again[GCB_CANONICAL];
    const char *said = gcb_canonical_word(cases[i].type, cases[i].word, cases[i].fallback, out);
    assert_string_equal(said, cases[i].canonical);
    assert_string_equal(gcb_canonical_word(cases[i].type, said, cases[i].fallback, again), said);
  }
}

/* The canonical spelling is read as the same value. */
static void a_canonical_word_has_the_value_of_the_word(void **state) {
  (void)state;
  const gcb_option bytes = {"n", GCB_BYTES, "4M", 0, 1e18, NULL, ""},
                   real = {"x", GCB_REAL, "1", -1e300, 1e300, NULL, ""};
  static const char *const sizes[] = {"1", "1023", "1024", "1536", "3K", "1.5M", "7G", "1023G", "5T"};
  static const char *const reals[] = {"0.1", "1e-300", "123456789.123456789", "3", "0.333333333333333333"};
  char out[GCB_CANONICAL], why[200];
  gcb_value a, b;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    assert_true(gcb_setting_parse(&bytes, sizes[i], &a, why, sizeof why));
    assert_true(gcb_setting_parse(&bytes, gcb_setting_canonical(&bytes, sizes[i], out), &b, why, sizeof why));
    assert_true(a.u == b.u);
  }
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
    assert_true(gcb_setting_parse(&real, reals[i], &a, why, sizeof why));
    assert_true(gcb_setting_parse(&real, gcb_setting_canonical(&real, reals[i], out), &b, why, sizeof why));
    assert_true(a.d == b.d);
  }
}

/* ---- configurations ---- */

static const char about[] =
    "{\"options\": [{\"name\": \"barrier\", \"type\": \"choice\", \"default\": \"none\", \"choices\": "
    "\"none|card\"},"
    " {\"name\": \"size\", \"type\": \"bytes\", \"default\": \"4M\", \"min\": 0, \"max\": 1e12},"
    " {\"name\": \"exact\", \"type\": \"bool\", \"default\": \"off\"}],"
    " \"presets\": [{\"name\": \"card\", \"options\": \"barrier=card\"},"
    " {\"name\": \"small\", \"options\": \"barrier=card,size=64K\"}]}";

/* The configuration of an entry as "NAME {options}". */
static void expect(const char *name, const char *preset, const char *given, const char *configuration) {
  char called[GCB_CONFIGURATION_NAME], said[400];
  gcb_entry e = {
      .name = (char *)name, .about = json_loads(about, 0, NULL), .preset = gcb_preset_words(preset)};
  json_t *words = gcb_preset_words(given), *options = gcb_configuration(&e, words, called);
  char *text = json_dumps(options, JSON_COMPACT);
  snprintf(said, sizeof said, "%s %s", called, text);
  assert_string_equal(said, configuration);
  free(text);
  json_decref(options);
  json_decref(words);
  json_decref(e.about);
  json_decref(e.preset);
}

static void a_configuration_has_one_name_and_one_set_of_options(void **state) {
  (void)state;
  expect("mine", "", "", "mine {}");
  expect("mine", "", "size=4096K,exact=no,barrier=none", "mine {}");
  expect("mine", "", "size=65536", "mine {\"size\":\"64K\"}");
  expect("mine", "", "exact=1,barrier=card", "mine+card {\"barrier\":\"card\",\"exact\":\"on\"}");
  expect("mine+card", "barrier=card", "", "mine+card {\"barrier\":\"card\"}");
  expect("mine+card", "barrier=card", "barrier=none", "mine {}");
  expect("mine+card", "barrier=card", "size=64K", "mine+small {\"barrier\":\"card\",\"size\":\"64K\"}");
  expect("mine+small", "barrier=card,size=64K", "size=4M", "mine+card {\"barrier\":\"card\"}");
  expect("a+b", "", "size=1K", "a+b {\"size\":\"1K\"}"); /* a file's name, no preset */
}

static void only_documents_of_0_1_0_are_rewritten(void **state) {
  (void)state;
  static const char *const versions[] = {"0.1.0", "0.2.0"}, *const sizes[] = {NULL, "4096K"};
  for (int i = 0; i < 2; i++) {
    json_t *run = json_pack("{s:{s:s}, s:[{s:s, s:{s:s}, s:s, s:{s:s}}]}", "context", "gcbench", versions[i],
                            "cells", "workload", "trees", "params", "depth", "016", "collector", "gen3",
                            "options", "nursery", "4096K");
    assert_true(gcb_canonical_run(run));
    const json_t *cell = json_array_get(json_object_get(run, "cells"), 0);
    const char *size = json_string_value(json_object_get(json_object_get(cell, "options"), "nursery"));
    assert_true(sizes[i] ? size && strcmp(size, sizes[i]) == 0 : !size);
    assert_string_equal(json_string_value(json_object_get(json_object_get(cell, "params"), "depth")),
                        i ? "016" : "16");
    json_decref(run);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_value_has_one_spelling),
      cmocka_unit_test(a_canonical_word_has_the_value_of_the_word),
      cmocka_unit_test(a_configuration_has_one_name_and_one_set_of_options),
      cmocka_unit_test(only_documents_of_0_1_0_are_rewritten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
