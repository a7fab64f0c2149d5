#include "demo_program.h"

#define NOT_A_HEAP "not a heap size; write a factor of the live bytes such as 3x, or bytes such as 64M"

static void without_options_the_defaults_are_set(void **state) {
  (void)state;
  assert_accepts("run");
  assert_ptr_equal(demo_parsed.command, &demo_run);
  assert_int_equal(settings->workloads.n, 2);
  assert_string_equal(settings->workloads.items[1], "cache");
  assert_int_equal(settings->heaps.n, 2);
  assert_true(settings->heaps.items[0].factor == 1.5);
  assert_int_equal(settings->threads, 1);
  assert_int_equal(settings->seed, 42);
  assert_true(settings->limit == UINT64_C(600000000000));
  assert_string_equal(settings->mode, "throughput");
  assert_null(settings->json);
  assert_false(settings->quiet);
  assert_int_equal(settings->params.n, 0);
  assert_false(gcb_option_given(&demo_parsed, "threads"));
}

static void a_given_option_is_told_from_its_default(void **state) {
  (void)state;
  assert_accepts("run", "--threads", "1");
  assert_true(gcb_option_given(&demo_parsed, "threads"));
  assert_false(gcb_option_given(&demo_parsed, "heap"));
  assert_false(gcb_option_given(&demo_parsed, "no-such-option"));
}

static void a_value_follows_in_four_spellings(void **state) {
  (void)state;
  assert_accepts("run", "--threads", "7");
  assert_int_equal(settings->threads, 7);
  assert_accepts("run", "--threads=7");
  assert_int_equal(settings->threads, 7);
  assert_accepts("run", "-t", "7");
  assert_int_equal(settings->threads, 7);
  assert_accepts("run", "-t7");
  assert_int_equal(settings->threads, 7);
}

static void short_flags_cluster_before_a_value(void **state) {
  (void)state;
  assert_accepts("run", "-qnt", "7", "-pdepth=1");
  assert_true(settings->quiet && settings->dry_run);
  assert_int_equal(settings->threads, 7);
  assert_string_equal(settings->params.items[0].key, "depth");
}

static void the_last_of_a_repeated_scalar_wins(void **state) {
  (void)state;
  assert_accepts("run", "--threads", "2", "--threads", "3", "--mode=latency", "--mode=throughput");
  assert_int_equal(settings->threads, 3);
  assert_string_equal(settings->mode, "throughput");
}

static void a_list_grows_and_replaces_its_default(void **state) {
  (void)state;
  assert_accepts("run", "-w", "a,b", "--workload=c", "-w", "d,e");
  assert_int_equal(settings->workloads.n, 5);
  for (size_t i = 0; i < 5; i++)
    assert_string_equal(settings->workloads.items[i], ((const char *[]){"a", "b", "c", "d", "e"})[i]);
}

static void heap_sizes_mix_factors_and_bytes(void **state) {
  (void)state;
  assert_accepts("run", "--heap", "1.2x,3x,64M", "--heap", "1G,4096,2MiB");
  assert_int_equal(settings->heaps.n, 6);
  const struct gcb_heap_size *heaps = settings->heaps.items;
  assert_true(heaps[0].factor == 1.2 && heaps[0].bytes == 0);
  assert_true(heaps[1].factor == 3);
  assert_true(heaps[2].bytes == 67108864 && heaps[2].factor == 0);
  assert_true(heaps[3].bytes == 1073741824);
  assert_true(heaps[4].bytes == 4096);
  assert_true(heaps[5].bytes == 2097152);
}

static void sweeps_keep_the_order_and_join_repeated_keys(void **state) {
  (void)state;
  assert_accepts("run", "-p", "depth=16,18", "-p", "size=1", "-p", "depth=20", "-p", "expr=a=b", "-p",
                 "dep=0");
  const struct gcb_sweeps *params = &settings->params;
  assert_int_equal(params->n, 4);
  assert_string_equal(params->items[0].key, "depth");
  assert_int_equal(params->items[0].values.n, 3);
  assert_string_equal(params->items[0].values.items[2], "20");
  assert_string_equal(params->items[1].key, "size");
  assert_string_equal(params->items[2].values.items[0], "a=b");
  assert_string_equal(params->items[3].key, "dep");
}

static void durations_and_seeds_are_read(void **state) {
  (void)state;
  assert_accepts("run", "--limit", "90s", "--pause", "500ms", "--seed", "0xffffffffffffffff");
  assert_true(settings->limit == UINT64_C(90000000000));
  assert_true(settings->pause == 500000000);
  assert_true(settings->seed == UINT64_MAX);
}

static void positionals_mix_with_options_and_follow_a_double_dash(void **state) {
  (void)state;
  assert_accepts("compare", "a.json", "--", "--b.json");
  assert_int_equal(demo_parsed.positionals.n, 2);
  assert_string_equal(demo_parsed.positionals.items[0], "a.json");
  assert_string_equal(demo_parsed.positionals.items[1], "--b.json");
  assert_accepts("compare", "-", "b.json");
  assert_string_equal(demo_parsed.positionals.items[0], "-");
}

static void posixly_correct_changes_nothing(void **state) {
  (void)state;
  setenv("POSIXLY_CORRECT", "1", 1);
  enum gcb_options_status status = say("compare", "a", "b", "--help");
  unsetenv("POSIXLY_CORRECT");
  assert_int_equal(status, GCB_OPTIONS_HELP);
}

static void argv_is_not_reordered(void **state) {
  (void)state;
  char *argv[] = {"gcbench", "run", "x", "-q", "-n"};
  char *before[COUNT(argv)];
  memcpy(before, argv, sizeof argv);
  struct gcb_program silent = demo;
  silent.err = fopen("/dev/null", "w");
  struct gcb_parsed parsed;
  assert_int_equal(gcb_options_parse(&silent, COUNT(argv), argv, &parsed), GCB_OPTIONS_WRONG);
  fclose(silent.err);
  assert_memory_equal(before, argv, sizeof argv);
}

static void a_command_line_does_not_leak_into_the_next(void **state) {
  (void)state;
  assert_int_equal(say("run", "-qx"), GCB_OPTIONS_WRONG); /* stops inside a cluster */
  assert_accepts("run", "-n");
  assert_true(settings->dry_run && !settings->quiet);
}

static void hostile_heap_sizes_get_one_sentence(void **state) {
  (void)state;
  assert_refuses("--heap 3y: " NOT_A_HEAP, "--heap", "3y");
  assert_refuses("--heap -1: " NOT_A_HEAP, "--heap", "-1");
  assert_refuses("--heap 1e999x: " NOT_A_HEAP, "--heap=1e999x");
  assert_refuses("--heap nanx: " NOT_A_HEAP, "--heap", "nanx");
  assert_refuses("--heap 64MB: " NOT_A_HEAP, "--heap", "64MB");
  assert_refuses("-H 3y: " NOT_A_HEAP, "-H3y");
  assert_refuses(
      "--heap 0: too small for a heap, which has 1 byte or 0.01x at least; write a factor of the live "
      "bytes such as 3x, or bytes such as 64M",
      "--heap", "0");
  assert_refuses(
      "--heap 99999999999G: too large for a heap, which has less than 8 EiB and 1000000x at most; write "
      "a factor of the live bytes such as 3x, or bytes such as 64M",
      "--heap", "99999999999G");
  assert_refuses(
      "--heap '': the value is empty; write a factor of the live bytes such as 3x, or bytes such as 64M",
      "--heap", "");
}

static void the_wrong_item_of_a_list_is_named(void **state) {
  (void)state;
  assert_refuses("--heap 3y: " NOT_A_HEAP, "--heap", "1x,3y,2x");
  assert_refuses(
      "--heap 1x,,2x: an empty item between commas; write a factor of the live bytes such as 3x, or bytes "
      "such as 64M",
      "--heap", "1x,,2x");
  assert_refuses(
      "--workload a,: an empty item between commas; write names separated by single commas, such as "
      "tree,cache",
      "--workload", "a,");
  assert_refuses(
      "-w ,: an empty item between commas; write names separated by single commas, such as tree,cache", "-w",
      ",");
}

static void numbers_out_of_range_name_the_range(void **state) {
  (void)state;
#define THREADS "write a whole number from 1 to 64, such as 4"
  assert_refuses("--threads 65: out of range; " THREADS, "--threads", "65");
  assert_refuses("--threads 0: out of range; " THREADS, "--threads", "0");
  assert_refuses("--threads 99999999999999999999: out of range; " THREADS, "--threads",
                 "99999999999999999999");
  assert_refuses("--threads -1: not a whole number; " THREADS, "--threads", "-1");
  assert_refuses("--threads 1.5: not a whole number; " THREADS, "--threads", "1.5");
  assert_refuses("--threads '': the value is empty; " THREADS, "--threads=");
  assert_refuses("--repeat 1: out of range; write a whole number of at least 2, such as 4", "--repeat", "1");
}

static void wrong_durations_and_seeds_say_what_is_right(void **state) {
  (void)state;
  assert_refuses("--limit 3h: out of range; write a duration from 1s to 2h, such as 30s", "--limit", "3h");
  assert_refuses("--limit 10ms: out of range; write a duration from 1s to 2h, such as 30s", "--limit",
                 "10ms");
  assert_refuses("--pause 5x: not a duration; write a duration such as 500ms, 30s, 10m or 2h", "--pause",
                 "5x");
  assert_refuses("--pause 9999999999h: out of range; write a duration such as 500ms, 30s, 10m or 2h",
                 "--pause", "9999999999h");
  assert_refuses("--seed 0xg: not a seed; write a whole number of 64 bits, such as 42 or 0x2a", "--seed",
                 "0xg");
  assert_refuses(
      "--seed 18446744073709551616: out of range; write a whole number of 64 bits, such as 42 or 0x2a",
      "--seed", "18446744073709551616");
}

static void wrong_sweeps_say_what_is_missing(void **state) {
  (void)state;
#define SWEEP "write a key and its values, such as depth=16 or depth=16,18,20"
  assert_refuses("-p depth: no '=' in it; " SWEEP, "-p", "depth");
  assert_refuses("-p =3: no key before the '='; " SWEEP, "-p", "=3");
  assert_refuses("--param depth=: no value after the '='; " SWEEP, "--param", "depth=");
  assert_refuses("-p depth=1,,2: an empty value between commas; " SWEEP, "-p", "depth=1,,2");
  assert_refuses("-p depth=1,: an empty value between commas; " SWEEP, "-p", "depth=1,");
}

static void a_word_that_is_no_choice_gets_the_nearest(void **state) {
  (void)state;
  assert_refuses("--mode latncy: not one of throughput, latency; did you mean latency?", "--mode", "latncy");
  assert_refuses("--mode fast: not one of throughput, latency", "--mode", "fast");
  assert_refuses("-m cpuu: not one of wall, cpu, pauses; did you mean cpu?", "-m", "wall,cpuu");
}

static void a_missing_value_is_named(void **state) {
  (void)state;
  assert_refuses(
      "--heap: the value is missing; write a factor of the live bytes such as 3x, or bytes such as 64M",
      "--heap");
  assert_refuses("-t: the value is missing; " THREADS, "-qt");
  assert_refuses("--json: the value is missing; write --json FILE", "-q", "--json");
}

static void an_option_is_not_taken_for_a_value(void **state) {
  (void)state;
#define BELONGS "an option where the value belongs; write --json FILE (or --json=... if it is meant)"
  assert_refuses("--json --quiet: " BELONGS, "--json", "--quiet");
  assert_refuses("--json --heap=3x: " BELONGS, "--json", "--heap=3x");
  assert_refuses("--json -q: " BELONGS, "--json", "-q");
  assert_refuses("--json --: " BELONGS, "--json", "--", "x");
  assert_accepts("run", "--json=--quiet");
  assert_string_equal(settings->json, "--quiet");
  assert_false(settings->quiet);
  assert_accepts("run", "--json", "-");
}

static void an_unknown_option_gets_the_nearest(void **state) {
  (void)state;
  assert_refuses("--haep: unknown option; did you mean --heap?", "--haep", "3x");
  assert_refuses("--haep: unknown option; did you mean --heap?", "--haep=3x");
  assert_refuses("--dryrun: unknown option; did you mean --dry-run?", "--dryrun");
  assert_refuses("--zzzzzz: unknown option", "--zzzzzz");
  assert_refuses("-x: unknown option", "-x");
  assert_refuses("-x: unknown option", "-qx");
  assert_refuses("-1: unknown option", "-1");
  assert_refuses("--: unknown option", "--=3");
  assert_refuses("-\xc3\xa9: unknown option", "-\xc3\xa9");
}

static void an_abbreviation_is_refused_with_the_full_name(void **state) {
  (void)state;
  assert_refuses("--hea: unknown option; did you mean --heap?", "--hea", "3x");
  assert_refuses("--hea: unknown option; did you mean --heap?", "--hea");
  assert_refuses("--wor: unknown option; did you mean --workload?", "--wor=tree");
  assert_refuses("--qui: unknown option; did you mean --quiet?", "--qui");
}

static void a_long_option_behind_one_dash_is_refused(void **state) {
  (void)state;
  assert_refuses("-heap: unknown option; did you mean --heap?", "-heap", "3x");
  assert_refuses("-json=x: unknown option; did you mean --json?", "-json=x");
}

static void a_flag_takes_no_value(void **state) {
  (void)state;
  assert_refuses("--quiet=yes: takes no value; write --quiet alone", "--quiet=yes");
  assert_refuses("--help=me: takes no value; write --help alone", "--help=me");
}

static void too_many_and_too_few_positionals_are_refused(void **state) {
  (void)state;
  assert_refuses("tree: unexpected argument; run takes options only, such as --help", "-q", "tree");
  assert_refuses("-q: unexpected argument; run takes options only, such as --help", "--", "-q");
  assert_int_equal(say("compare", "a", "b", "c"), GCB_OPTIONS_WRONG);
  assert_string_equal(said_err, "gcbench compare: c: unexpected argument; compare takes 2 RUN at most\n"
                                "Try 'gcbench compare --help'.\n");
  assert_int_equal(say("compare", "a"), GCB_OPTIONS_WRONG);
  assert_string_equal(said_err,
                      "gcbench compare: 1 of at least 2 RUN given; write gcbench compare BASE CANDIDATE "
                      "[OPTIONS]\nTry 'gcbench compare --help'.\n");
}

static void hostile_words_are_quoted_escaped_and_cut(void **state) {
  (void)state;
  assert_refuses("'a b': unexpected argument; run takes options only, such as --help", "a b");
  assert_refuses("'\\x1b[31m\\x0a': unexpected argument; run takes options only, such as --help",
                 "\x1b[31m\n");
  assert_refuses("--threads '%n%s ': not a whole number; " THREADS, "--threads", "%n%s ");
  char word[5000];
  memset(word, 'a', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  assert_int_equal(say("run", "--threads", word), GCB_OPTIONS_WRONG);
  assert_in_range(strlen(said_err), 60, 250);
  assert_contains(said_err, "aaa...: not a whole number");
  memcpy(word, "--", 2);
  assert_int_equal(say("run", word), GCB_OPTIONS_WRONG);
  assert_contains(said_err, "aaa...: unknown option\n");
}

static void a_freed_result_is_empty_and_may_be_freed_again(void **state) {
  (void)state;
  assert_accepts("run");
  gcb_parsed_free(&demo_parsed);
  assert_null(demo_parsed.settings);
  gcb_parsed_free(&demo_parsed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_options_the_defaults_are_set),
      cmocka_unit_test(a_given_option_is_told_from_its_default),
      cmocka_unit_test(a_value_follows_in_four_spellings),
      cmocka_unit_test(short_flags_cluster_before_a_value),
      cmocka_unit_test(the_last_of_a_repeated_scalar_wins),
      cmocka_unit_test(a_list_grows_and_replaces_its_default),
      cmocka_unit_test(heap_sizes_mix_factors_and_bytes),
      cmocka_unit_test(sweeps_keep_the_order_and_join_repeated_keys),
      cmocka_unit_test(durations_and_seeds_are_read),
      cmocka_unit_test(positionals_mix_with_options_and_follow_a_double_dash),
      cmocka_unit_test(posixly_correct_changes_nothing),
      cmocka_unit_test(argv_is_not_reordered),
      cmocka_unit_test(a_command_line_does_not_leak_into_the_next),
      cmocka_unit_test(hostile_heap_sizes_get_one_sentence),
      cmocka_unit_test(the_wrong_item_of_a_list_is_named),
      cmocka_unit_test(numbers_out_of_range_name_the_range),
      cmocka_unit_test(wrong_durations_and_seeds_say_what_is_right),
      cmocka_unit_test(wrong_sweeps_say_what_is_missing),
      cmocka_unit_test(a_word_that_is_no_choice_gets_the_nearest),
      cmocka_unit_test(a_missing_value_is_named),
      cmocka_unit_test(an_option_is_not_taken_for_a_value),
      cmocka_unit_test(an_unknown_option_gets_the_nearest),
      cmocka_unit_test(an_abbreviation_is_refused_with_the_full_name),
      cmocka_unit_test(a_long_option_behind_one_dash_is_refused),
      cmocka_unit_test(a_flag_takes_no_value),
      cmocka_unit_test(too_many_and_too_few_positionals_are_refused),
      cmocka_unit_test(hostile_words_are_quoted_escaped_and_cut),
      cmocka_unit_test(a_freed_result_is_empty_and_may_be_freed_again),
  };
  return cmocka_run_group_tests(tests, NULL, forget_at_end);
}
