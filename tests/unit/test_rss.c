// Resident memory: now, and at its most.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/rss.h"

enum { MIB = 1 << 20, BLOCK = 32 * MIB, SLACK = 4 * MIB }; // the kernel counts in batches

static void *touch(void) {
  void *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(block != MAP_FAILED);
  memset(block, 1, BLOCK);
  return block;
}

static void rss_follows_memory_that_is_touched_and_returned(void **state) {
  (void)state;
  int64_t before = gcb_rss_bytes();
  assert_true(before > 0);
  void *block = touch();
  assert_true(gcb_rss_bytes() >= before + BLOCK - SLACK);
  munmap(block, BLOCK);
  assert_true(gcb_rss_bytes() <= before + SLACK);
}

static void a_forked_child_reads_its_own_rss(void **state) {
  (void)state;
  int64_t before = gcb_rss_bytes();
  pid_t child = fork();
  assert_true(child >= 0);
  if (!child) {
    int64_t mine = gcb_rss_bytes();
    void *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) _exit(2);
    memset(block, 1, BLOCK);
    _exit(gcb_rss_bytes() >= mine + BLOCK - SLACK ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
  assert_true(gcb_rss_bytes() <= before + SLACK);
}

static void the_peak_remembers_what_was_returned(void **state) {
  (void)state;
  int64_t before = gcb_rss_bytes();
  munmap(touch(), BLOCK);
  assert_true(gcb_peak_rss_bytes() >= before + BLOCK - SLACK);
}

static void a_reset_lowers_the_peak_to_the_present(void **state) {
  (void)state;
  munmap(touch(), BLOCK);
  int64_t peak = gcb_peak_rss_bytes();
  if (!gcb_peak_rss_reset()) skip(); // not permitted here, and said so
  assert_true(gcb_peak_rss_bytes() <= peak - BLOCK + SLACK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rss_follows_memory_that_is_touched_and_returned),
      cmocka_unit_test(a_forked_child_reads_its_own_rss),
      cmocka_unit_test(the_peak_remembers_what_was_returned),
      cmocka_unit_test(a_reset_lowers_the_peak_to_the_present),
  };
  return cmocka_run_group_tests_name("rss", tests, NULL, NULL);
}
