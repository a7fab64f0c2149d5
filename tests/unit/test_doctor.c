/* Findings on machines that were made up: the judge reads nothing but what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/doctor.h"
#include "machine/noise.h"
#include <stdbool.h>
#include <string.h>

static const char *verdict(const json_t *findings, const char *check) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) if (strcmp(json_string_value(json_object_get(f, "check")), check) == 0) {
    json_t *remedy = json_object_get(f, "remedy");
    const char *v = json_string_value(json_object_get(f, "verdict"));
    assert_true(strlen(json_string_value(json_object_get(f, "found"))) > 0);
    /* Whatever is wrong says what to do about it, and what is fine does not. */
    assert_int_equal(json_is_string(remedy), strcmp(v, "bad") == 0 || strcmp(v, "note") == 0);
    return v;
  }
  fail_msg("no check %s", check);
  return "";
}

static json_t *machine(const char *governor, double load, double steal, double lost) {
  return json_pack(
      "{s:s, s:b, s:s, s:s, s:i, s:b, s:[f, f, f], s:f, s:i, s:b, s:i, s:f, s:s, s:b, s:i, s:o, s:o}",
      "governor", governor, "turbo", 0, "smt", "off", "thp", "madvise", "aslr", 2, "aslr_off_here", 0,
      "load_average", load, load, load, "steal_share", steal, "numa_nodes", 1, "virtualised", 0,
      "clock_resolution_ns", 1, "clock_cost_ns", 18.5, "clocksource", "tsc", "cgroup_limited", 0,
      "cgroup_cpus", 0, "noise",
      json_pack("{s:f, s:I, s:[{s:i}, {s:i}, {s:i}, {s:i}]}", "worst_share", lost, "longest_ns",
                (json_int_t)20000, "cpus", "cpu", 0, "cpu", 1, "cpu", 2, "cpu", 3),
      "perf_counters", json_pack("{s:i, s:n}", "instructions", 12345, "why"));
}

static void a_tuned_quiet_machine_is_fine_in_everything(void **state) {
  (void)state;
  json_t *m = machine("performance", .05, 0, .0001), *f = gcb_diagnose(m);
  size_t i;
  json_t *one;
  json_array_foreach(f, i, one) {
    const char *check = json_string_value(json_object_get(one, "check"));
    assert_string_equal(verdict(f, check), "fine");
  }
  assert_true(json_array_size(f) >= 12);
  assert_false(gcb_unfit(f));
  json_decref(m);
  json_decref(f);
}

static void what_makes_numbers_worthless_is_bad(void **state) {
  (void)state;
  json_t *m = machine("powersave", 3, .2, .3), *f = gcb_diagnose(m);
  assert_string_equal(verdict(f, "governor"), "bad");
  assert_string_equal(verdict(f, "load"), "bad");
  assert_string_equal(verdict(f, "steal"), "bad");
  assert_string_equal(verdict(f, "noise"), "bad");
  assert_true(gcb_unfit(f));
  json_decref(m);
  json_decref(f);
}

static const char *remedy(const json_t *findings, const char *check) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) if (strcmp(json_string_value(json_object_get(f, "check")), check) ==
                                         0) return json_string_value(json_object_get(f, "remedy"));
  return "";
}

static void a_cpu_quota_is_no_load(void **state) {
  (void)state;
  json_t *m = machine("performance", .1, 0, .75);
  json_object_set_new(m, "cgroup_cpus", json_real(.25));
  json_t *f = gcb_diagnose(m);
  assert_string_equal(verdict(f, "quota"), "bad");
  assert_string_equal(verdict(f, "noise"), "bad");
  assert_non_null(strstr(remedy(f, "quota"), "raise the quota"));
  assert_non_null(strstr(remedy(f, "noise"), "raise the cpu quota"));
  assert_null(strstr(remedy(f, "noise"), "stop what else runs"));
  json_decref(m);
  json_decref(f);
}

static void a_load_that_is_over_is_not_bad(void **state) {
  (void)state;
  json_t *m = machine("performance", 3, 0, .0001), *f = gcb_diagnose(m);
  assert_string_equal(verdict(f, "load"), "note");
  json_decref(m);
  json_decref(f);
}

static void what_a_reader_should_know_is_a_note(void **state) {
  (void)state;
  json_t *m = machine("performance", .3, .002, .01);
  json_object_set_new(m, "turbo", json_true());
  json_object_set_new(m, "smt", json_string("on"));
  json_object_set_new(m, "thp", json_string("always"));
  json_object_set_new(m, "aslr", json_integer(0));
  json_object_set_new(m, "numa_nodes", json_integer(2));
  json_object_set_new(m, "perf_counters", json_pack("{s:n, s:s}", "instructions", "why", "not permitted"));
  json_t *f = gcb_diagnose(m);
  static const char *const notes[] = {"turbo", "smt",   "thp",   "aslr",    "numa",
                                      "load",  "steal", "noise", "counters"};
  for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) assert_string_equal(verdict(f, notes[i]), "note");
  assert_false(gcb_unfit(f));
  json_decref(m);
  json_decref(f);
}

static void a_silent_machine_is_unknown_and_not_bad(void **state) {
  (void)state;
  json_t *m = json_object(), *f = gcb_diagnose(m), *one;
  size_t i;
  json_array_foreach(f, i, one)
      assert_string_equal(verdict(f, json_string_value(json_object_get(one, "check"))), "unknown");
  assert_false(gcb_unfit(f));
  json_decref(m);
  json_decref(f);
}

static void a_spin_sees_every_cpu_and_no_more_lost_than_there_is(void **state) {
  (void)state;
  json_t *n = gcb_probe_noise(2000000), *one;
  size_t i;
  assert_true(json_array_size(json_object_get(n, "cpus")) >= 1);
  json_array_foreach(json_object_get(n, "cpus"), i, one) {
    double share = json_number_value(json_object_get(one, "lost_share"));
    assert_true(share >= 0 && share <= 1);
  }
  json_decref(n);
}

static void counters_are_numbers_or_null_with_a_word_why(void **state) {
  (void)state;
  json_t *c = gcb_probe_counters();
  bool all = json_is_integer(json_object_get(c, "cpu_cycles")) &&
             json_is_integer(json_object_get(c, "instructions")) &&
             json_is_integer(json_object_get(c, "cache_misses"));
  assert_true(all || json_is_string(json_object_get(c, "why")));
  json_decref(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tuned_quiet_machine_is_fine_in_everything),
      cmocka_unit_test(what_makes_numbers_worthless_is_bad),
      cmocka_unit_test(a_cpu_quota_is_no_load),
      cmocka_unit_test(a_load_that_is_over_is_not_bad),
      cmocka_unit_test(what_a_reader_should_know_is_a_note),
      cmocka_unit_test(a_silent_machine_is_unknown_and_not_bad),
      cmocka_unit_test(a_spin_sees_every_cpu_and_no_more_lost_than_there_is),
      cmocka_unit_test(counters_are_numbers_or_null_with_a_word_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
