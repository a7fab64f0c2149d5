/* Run documents from a file: refused with a sentence, or summarised, compared and written in every form. */
#include "fuzz.h"
#include "results/analysis/document.h"
#include "results/export/formats.h"
#include "results/store/runs.h"
#include "results/text/compare_print.h"
#include "results/text/table.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[40], why[600] = "";
  int fd = memfd_create("run", 0);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  json_t *run = gcb_load_file(path, why, sizeof why);
  close(fd);
  if (!run) {
    if (!why[0]) abort(); /* refused without a word */
    return 0;
  }
  FILE *out = fopen("/dev/null", "w");
  if (!out) abort();
  gcb_document_finish(run, "nothing ran");
  gcb_table_print(run, (gcb_table_columns){0}, out);
  for (size_t i = 0; i < gcb_n_formats; i++) gcb_formats[i].write(run, out);
  const gcb_comparison how = {.name_a = "a", .name_b = "b"};
  json_t *copy = json_deep_copy(run),
         *comparisons[] = {gcb_compare_runs(run, run, &how), gcb_compare_runs(run, copy, &how)};
  for (size_t i = 0; i < 2; i++) {
    if (!comparisons[i]) abort();
    gcb_compare_print(comparisons[i], i == 1, out);
    json_decref(comparisons[i]);
  }
  json_decref(copy);
  fclose(out);
  json_decref(run);
  return 0;
}
