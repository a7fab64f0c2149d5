/* Colours: when there are any, on what, and that no column is wider for them. */
#include "results/text/columns.h"
#include "results/text/screen.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Run with standard output in a file; what was written, without the escapes when `plain`. */
static void table(char *text, size_t size) {
  static const char *const heads[] = {"collector", "status", "time"};
  gcb_columns t;
  FILE *file = tmpfile();
  int held = dup(STDOUT_FILENO);
  fflush(stdout);
  dup2(fileno(file), STDOUT_FILENO);
  gcb_columns_begin(&t, heads, 3, 1u << 0 | 1u << 1);
  static const char *const statuses[] = {"ok", "crashed", "inconclusive: too noisy", "regressed"};
  for (int i = 0; i < 4; i++) {
    gcb_columns_row(&t);
    gcb_columns_put(&t, 0, "gen%d", i);
    gcb_columns_put(&t, 1, "%s", statuses[i]);
    gcb_columns_put(&t, 2, "%d", i * 100);
  }
  gcb_columns_end(&t, "", stdout);
  fflush(stdout);
  dup2(held, STDOUT_FILENO);
  close(held);
  rewind(file);
  text[fread(text, 1, size - 1, file)] = 0;
  fclose(file);
}

static void strip(char *text) {
  char *to = text;
  for (const char *from = text; *from;)
    if (*from == '\033')
      from += strcspn(from, "m") + 1;
    else
      *to++ = *from++;
  *to = 0;
}

static void a_coloured_table_is_the_plain_one_with_escapes(void **state) {
  char plain[2000], coloured[2000];
  (void)state;
  gcb_screen_color("never");
  table(plain, sizeof plain);
  assert_null(strchr(plain, '\033'));
  gcb_screen_color("always");
  table(coloured, sizeof coloured);
  assert_non_null(strstr(coloured, "\033[1mcollector\033[0m"));
  assert_non_null(strstr(coloured, "\033[31mcrashed\033[0m"));
  assert_non_null(strstr(coloured, "\033[33minconclusive: too noisy\033[0m"));
  assert_null(strstr(coloured, "mok\033"));
  strip(coloured);
  assert_string_equal(coloured, plain);
}

static void only_a_terminal_has_colours_by_itself(void **state) {
  (void)state;
  gcb_screen_color("auto");
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  FILE *file = tmpfile();
  assert_false(gcb_screen_colored(file));
  int master = posix_openpt(2 /* O_RDWR */);
  assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  FILE *terminal = fopen(ptsname(master), "w");
  assert_non_null(terminal);
  assert_true(gcb_screen_colored(terminal));
  setenv("NO_COLOR", "1", 1);
  assert_false(gcb_screen_colored(terminal));
  setenv("NO_COLOR", "", 1); /* as if it were not set: no-color.org */
  assert_true(gcb_screen_colored(terminal));
  setenv("TERM", "dumb", 1);
  assert_false(gcb_screen_colored(terminal));
  gcb_screen_color("never");
  setenv("TERM", "xterm", 1);
  assert_false(gcb_screen_colored(terminal));
  fclose(terminal);
  close(master);
  fclose(file);
}

static void always_is_for_what_people_read_and_beats_no_color(void **state) {
  (void)state;
  setenv("NO_COLOR", "1", 1);
  gcb_screen_color("always");
  FILE *file = tmpfile();
  assert_true(gcb_screen_colored(stdout) && gcb_screen_colored(stderr));
  assert_false(gcb_screen_colored(file));
  fclose(file);
  unsetenv("NO_COLOR");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_coloured_table_is_the_plain_one_with_escapes),
      cmocka_unit_test(only_a_terminal_has_colours_by_itself),
      cmocka_unit_test(always_is_for_what_people_read_and_beats_no_color),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
