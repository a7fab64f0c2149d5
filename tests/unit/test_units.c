#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "results/model/units.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MINUTE       (60 * UINT64_C(1000000000))

typedef enum gcb_units_status parser(const char *word, uint64_t *value);

/* Also pins the promise that a refused word leaves the result alone. */
static void refuses(parser *parse, const char *word, enum gcb_units_status expected) {
  uint64_t value = 77;
  if (parse(word, &value) != expected) fail_msg("'%s': not status %d", word, expected);
  assert_int_equal(value, 77);
}

static void reads(parser *parse, const char *word, uint64_t expected) {
  uint64_t value = 77;
  if (parse(word, &value) != GCB_UNITS_OK) fail_msg("'%s' was refused", word);
  if (value != expected) fail_msg("'%s' is %ju, not %ju", word, (uintmax_t)value, (uintmax_t)expected);
}

static void bytes_take_binary_units_in_any_case(void **state) {
  (void)state;
  reads(gcb_parse_bytes, "0", 0);
  reads(gcb_parse_bytes, "4096", 4096);
  reads(gcb_parse_bytes, "64K", 65536);
  reads(gcb_parse_bytes, "64k", 65536);
  reads(gcb_parse_bytes, "64M", 67108864);
  reads(gcb_parse_bytes, "1G", 1073741824);
  reads(gcb_parse_bytes, "2T", UINT64_C(2) << 40);
  reads(gcb_parse_bytes, "1KiB", 1024);
  reads(gcb_parse_bytes, "1MiB", 1048576);
  reads(gcb_parse_bytes, "1gib", 1073741824);
}

static void bytes_take_exact_fractions_of_a_unit(void **state) {
  (void)state;
  reads(gcb_parse_bytes, "1.5G", 1610612736);
  reads(gcb_parse_bytes, "0.5K", 512);
  reads(gcb_parse_bytes, "1.1G", 1181116006);
  reads(gcb_parse_bytes, "1.00000000000000000000000001K", 1024);
}

static void bytes_refuse_what_is_no_size(void **state) {
  (void)state;
  static const char *const words[] = {"-1",  "+1",  " 1",   "1 ",   "64MB",  "64B", "KB",
                                      "K",   "1.5", "1.",   ".5K",  "1..5K", "1e9", "0x10",
                                      "inf", "nan", "64Mi", "64MM", "3x",    "1,5K"};
  for (size_t i = 0; i < COUNT(words); i++) refuses(gcb_parse_bytes, words[i], GCB_UNITS_MALFORMED);
  refuses(gcb_parse_bytes, "", GCB_UNITS_EMPTY);
}

static void bytes_end_at_the_largest_signed_number(void **state) {
  (void)state;
  reads(gcb_parse_bytes, "9223372036854775807", INT64_MAX);
  refuses(gcb_parse_bytes, "9223372036854775808", GCB_UNITS_TOO_LARGE);
  refuses(gcb_parse_bytes, "18446744073709551616", GCB_UNITS_TOO_LARGE);
  refuses(gcb_parse_bytes, "99999999999999999999999999999999999999999999G", GCB_UNITS_TOO_LARGE);
  refuses(gcb_parse_bytes, "17179869184G", GCB_UNITS_TOO_LARGE); /* 2^64 */
}

static void durations_take_every_unit(void **state) {
  (void)state;
  reads(gcb_parse_duration, "740ns", 740);
  reads(gcb_parse_duration, "20us", 20000);
  reads(gcb_parse_duration, "500ms", 500000000);
  reads(gcb_parse_duration, "30s", MINUTE / 2);
  reads(gcb_parse_duration, "10m", 10 * MINUTE);
  reads(gcb_parse_duration, "2h", 120 * MINUTE);
  reads(gcb_parse_duration, "1.5h", 90 * MINUTE);
  reads(gcb_parse_duration, "0", 0);
}

static void a_plain_duration_counts_seconds(void **state) {
  (void)state;
  reads(gcb_parse_duration, "60", MINUTE);
  reads(gcb_parse_duration, "0.25", 250000000);
}

static void durations_refuse_what_is_no_duration(void **state) {
  (void)state;
  static const char *const words[] = {"-1s", "s", "5 s", "5S", "5M", "1h30m", "5min", "1e3s", "infs", "."};
  for (size_t i = 0; i < COUNT(words); i++) refuses(gcb_parse_duration, words[i], GCB_UNITS_MALFORMED);
  refuses(gcb_parse_duration, "", GCB_UNITS_EMPTY);
  refuses(gcb_parse_duration, "2562048h", GCB_UNITS_TOO_LARGE);
  reads(gcb_parse_duration, "2562047h", UINT64_C(2562047) * 60 * MINUTE);
}

static void whole_numbers_are_decimal_and_unsigned(void **state) {
  (void)state;
  reads(gcb_parse_unsigned, "0", 0);
  reads(gcb_parse_unsigned, "010", 10);
  reads(gcb_parse_unsigned, "18446744073709551615", UINT64_MAX);
  refuses(gcb_parse_unsigned, "18446744073709551616", GCB_UNITS_TOO_LARGE);
  static const char *const words[] = {"-1", "+1", "1.0", "1k", "0x1", " 1", "one"};
  for (size_t i = 0; i < COUNT(words); i++) refuses(gcb_parse_unsigned, words[i], GCB_UNITS_MALFORMED);
  refuses(gcb_parse_unsigned, "", GCB_UNITS_EMPTY);
}

static void seeds_are_any_64_bits_in_decimal_or_hexadecimal(void **state) {
  (void)state;
  reads(gcb_parse_seed, "0", 0);
  reads(gcb_parse_seed, "42", 42);
  reads(gcb_parse_seed, "0x2a", 42);
  reads(gcb_parse_seed, "0X2A", 42);
  reads(gcb_parse_seed, "18446744073709551615", UINT64_MAX);
  reads(gcb_parse_seed, "0xffffffffffffffff", UINT64_MAX);
  refuses(gcb_parse_seed, "0x10000000000000000", GCB_UNITS_TOO_LARGE);
  refuses(gcb_parse_seed, "18446744073709551616", GCB_UNITS_TOO_LARGE);
  static const char *const words[] = {"-1", "0x", "0xg", "0x-1", "2a", "1.5", "0x1 "};
  for (size_t i = 0; i < COUNT(words); i++) refuses(gcb_parse_seed, words[i], GCB_UNITS_MALFORMED);
  refuses(gcb_parse_seed, "", GCB_UNITS_EMPTY);
}

static void a_heap_size_is_a_factor_or_bytes(void **state) {
  (void)state;
  struct gcb_heap_size size;
  assert_int_equal(gcb_parse_heap_size("1.2x", &size), GCB_UNITS_OK);
  assert_true(size.factor == 1.2 && size.bytes == 0);
  assert_int_equal(gcb_parse_heap_size("3X", &size), GCB_UNITS_OK);
  assert_true(size.factor == 3 && size.bytes == 0);
  assert_int_equal(gcb_parse_heap_size("64M", &size), GCB_UNITS_OK);
  assert_true(size.factor == 0 && size.bytes == 67108864);
  assert_int_equal(gcb_parse_heap_size("4096", &size), GCB_UNITS_OK);
  assert_true(size.factor == 0 && size.bytes == 4096);
}

static void hostile_heap_sizes_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *word;
    enum gcb_units_status status;
  } cases[] = {
      {"", GCB_UNITS_EMPTY},
      {"0", GCB_UNITS_TOO_SMALL},
      {"0x", GCB_UNITS_TOO_SMALL},
      {"0.001x", GCB_UNITS_TOO_SMALL},
      {"0K", GCB_UNITS_TOO_SMALL},
      {"0.0001K", GCB_UNITS_TOO_SMALL},
      {"-1", GCB_UNITS_MALFORMED},
      {"-3x", GCB_UNITS_MALFORMED},
      {"3y", GCB_UNITS_MALFORMED},
      {"x", GCB_UNITS_MALFORMED},
      {"1e999x", GCB_UNITS_MALFORMED},
      {"infx", GCB_UNITS_MALFORMED},
      {"nanx", GCB_UNITS_MALFORMED},
      {"0x10", GCB_UNITS_MALFORMED},
      {"3xx", GCB_UNITS_MALFORMED},
      {"3 x", GCB_UNITS_MALFORMED},
      {"3.x", GCB_UNITS_MALFORMED},
      {"64MB", GCB_UNITS_MALFORMED},
      {"1000001x", GCB_UNITS_TOO_LARGE},
      {"99999999999999999999x", GCB_UNITS_TOO_LARGE},
      {"9999999999G", GCB_UNITS_TOO_LARGE},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct gcb_heap_size size = {.bytes = 77};
    if (gcb_parse_heap_size(cases[i].word, &size) != cases[i].status)
      fail_msg("'%s': not status %d", cases[i].word, cases[i].status);
    assert_true(size.bytes == 77 && size.factor == 0);
  }
}

static void formatted_bytes_have_binary_units_and_one_decimal(void **state) {
  (void)state;
  assert_string_equal(gcb_format_bytes(0).s, "0 B");
  assert_string_equal(gcb_format_bytes(740).s, "740 B");
  assert_string_equal(gcb_format_bytes(1023).s, "1023 B");
  assert_string_equal(gcb_format_bytes(1024).s, "1.0 KiB");
  assert_string_equal(gcb_format_bytes(12.4e6).s, "11.8 MiB");
  assert_string_equal(gcb_format_bytes(-1536).s, "-1.5 KiB");
  assert_string_equal(gcb_format_bytes(0x1p64).s, "16.0 EiB");
}

static void formatted_bytes_round_up_into_the_next_unit(void **state) {
  (void)state;
  assert_string_equal(gcb_format_bytes(1048575).s, "1.0 MiB");
  assert_string_equal(gcb_format_bytes(1073741823).s, "1.0 GiB");
}

static void formatted_times_have_three_digits(void **state) {
  (void)state;
  assert_string_equal(gcb_format_ns(0).s, "0 ns");
  assert_string_equal(gcb_format_ns(0.62).s, "0.62 ns");
  assert_string_equal(gcb_format_ns(740).s, "740 ns");
  assert_string_equal(gcb_format_ns(20500).s, "20.5 us");
  assert_string_equal(gcb_format_ns(1.25e6).s, "1.25 ms");
  assert_string_equal(gcb_format_ns(3.4e9).s, "3.4 s");
  assert_string_equal(gcb_format_ns(123.456e9).s, "123 s");
  assert_string_equal(gcb_format_ns(-1.25e6).s, "-1.25 ms");
}

static void formatted_times_round_up_into_the_next_unit(void **state) {
  (void)state;
  assert_string_equal(gcb_format_ns(999.4).s, "999 ns");
  assert_string_equal(gcb_format_ns(999.6).s, "1 us");
  assert_string_equal(gcb_format_ns(999999).s, "1 ms");
  assert_string_equal(gcb_format_ns(999999999).s, "1 s");
  assert_string_equal(gcb_format_ns(9.999).s, "10 ns");
  assert_string_equal(gcb_format_ns(99.99).s, "100 ns");
}

static void long_times_read_as_a_clock(void **state) {
  (void)state;
  assert_string_equal(gcb_format_ns(1000e9).s, "16m 40s");
  assert_string_equal(gcb_format_ns(-7200e9).s, "-2h 00m");
}

static void values_without_digits_say_so(void **state) {
  (void)state;
  assert_string_equal(gcb_format_ns(NAN).s, "n/a");
  assert_string_equal(gcb_format_bytes(NAN).s, "n/a");
  assert_string_equal(gcb_format_rate(NAN).s, "n/a");
  assert_string_equal(gcb_format_count(INFINITY).s, "inf");
  assert_string_equal(gcb_format_ns(-INFINITY).s, "-inf");
}

static void counts_and_rates_have_si_prefixes(void **state) {
  (void)state;
  assert_string_equal(gcb_format_count(740).s, "740");
  assert_string_equal(gcb_format_count(0.25).s, "0.25");
  assert_string_equal(gcb_format_count(14800).s, "14.8 k");
  assert_string_equal(gcb_format_rate(14.8e6).s, "14.8 M/s");
  assert_string_equal(gcb_format_rate(740).s, "740/s");
  assert_string_equal(gcb_format_rate(999999).s, "1 M/s");
}

static void extreme_values_fit_the_text(void **state) {
  (void)state;
  static const double values[] = {1e300, -1e300, 1e-300, -1e-300, 0x1p64, -0x1p64, -0.0};
  for (size_t i = 0; i < COUNT(values); i++) {
    const struct gcb_text texts[] = {gcb_format_bytes(values[i]), gcb_format_ns(values[i]),
                                     gcb_format_count(values[i]), gcb_format_rate(values[i])};
    for (size_t j = 0; j < COUNT(texts); j++) assert_in_range(strlen(texts[j].s), 1, 24);
  }
}

static void time_left_is_rounded_up(void **state) {
  (void)state;
  assert_string_equal(gcb_format_left(0).s, "0s");
  assert_string_equal(gcb_format_left(1).s, "1s");
  assert_string_equal(gcb_format_left(45 * MINUTE / 60).s, "45s");
  assert_string_equal(gcb_format_left(MINUTE - 1).s, "1m 00s");
  assert_string_equal(gcb_format_left(125 * MINUTE / 60).s, "2m 05s");
  assert_string_equal(gcb_format_left(62 * MINUTE).s, "1h 02m");
  assert_string_equal(gcb_format_left((3 * 24 + 4) * 60 * MINUTE).s, "3d 04h");
  assert_in_range(strlen(gcb_format_left(UINT64_MAX).s), 1, 24);
}

static void ratios_read_as_changes(void **state) {
  (void)state;
  assert_string_equal(gcb_format_change(1.051).s, "+5.1 %");
  assert_string_equal(gcb_format_change(.997).s, "-0.3 %");
  assert_string_equal(gcb_format_change(2.4).s, "2.4x");
  assert_string_equal(gcb_format_change(1e9).s, ">1000x");
  assert_string_equal(gcb_format_change(1e-9).s, "<0.001x");
  assert_string_equal(gcb_format_change(NAN).s, "?");
  assert_string_equal(gcb_format_changes(1.01, 1.1).s, "[+1.0 %, +10.0 %]");
  assert_string_equal(gcb_format_changes(1e-9, 1e9).s, "[<0.001x, >1000x]");
  assert_string_equal(gcb_format_changes(NAN, NAN).s, "[too few for an interval]");
}

static void one_thing_has_no_s(void **state) {
  (void)state;
  assert_string_equal(gcb_format_number(1, "invocation").s, "1 invocation");
  assert_string_equal(gcb_format_number(0, "invocation").s, "0 invocations");
  assert_string_equal(gcb_format_number(2, "suspect step").s, "2 suspect steps");
  assert_string_equal(gcb_format_number(1000000, "byte").s, "1000000 bytes");
  assert_string_equal(gcb_format_number(3, "series").s, "3 series");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_thing_has_no_s),
      cmocka_unit_test(bytes_take_binary_units_in_any_case),
      cmocka_unit_test(bytes_take_exact_fractions_of_a_unit),
      cmocka_unit_test(bytes_refuse_what_is_no_size),
      cmocka_unit_test(bytes_end_at_the_largest_signed_number),
      cmocka_unit_test(durations_take_every_unit),
      cmocka_unit_test(a_plain_duration_counts_seconds),
      cmocka_unit_test(durations_refuse_what_is_no_duration),
      cmocka_unit_test(whole_numbers_are_decimal_and_unsigned),
      cmocka_unit_test(seeds_are_any_64_bits_in_decimal_or_hexadecimal),
      cmocka_unit_test(a_heap_size_is_a_factor_or_bytes),
      cmocka_unit_test(hostile_heap_sizes_are_refused),
      cmocka_unit_test(formatted_bytes_have_binary_units_and_one_decimal),
      cmocka_unit_test(formatted_bytes_round_up_into_the_next_unit),
      cmocka_unit_test(formatted_times_have_three_digits),
      cmocka_unit_test(formatted_times_round_up_into_the_next_unit),
      cmocka_unit_test(long_times_read_as_a_clock),
      cmocka_unit_test(values_without_digits_say_so),
      cmocka_unit_test(counts_and_rates_have_si_prefixes),
      cmocka_unit_test(extreme_values_fit_the_text),
      cmocka_unit_test(time_left_is_rounded_up),
      cmocka_unit_test(ratios_read_as_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
