#include "session/run_recorder.h"
#include "machine/interrupt.h"
#include "results/model/clean.h"
#include "results/model/units.h"
#include <stdio.h>
#include <unistd.h>

bool gcb_keep_begin(gcb_keep *k, const char *folder, json_t *document, char *why, size_t why_size) {
  *k = (gcb_keep){.store = gcb_store_open(folder, GCB_STORE_WRITE, why, why_size)};
  if (!k->store) return false;
  k->run = gcb_store_begin(k->store, document, why, why_size);
  if (k->run) return true;
  gcb_keep_close(k);
  return false;
}

void gcb_keep_add(gcb_keep *k, size_t cell, const json_t *header, const char *list, size_t ordinal,
                  const json_t *invocation) {
  char why[4500];
  if (!k->store || gcb_store_add(k->store, k->run, cell, header, list, ordinal, invocation, why, sizeof why))
    return;
  if (k->lost++) return;
  if (isatty(2)) fputs("\r\033[K", stderr);
  gcb_print_clean(stderr, "gcbench: %s. The run goes on; what is missing is tried again at its end\n", why);
}

bool gcb_keep_end(gcb_keep *k, json_t *document, bool quiet) {
  char why[4500];
  if (!k->store) return true;
  const char *name = json_string_value(json_object_get(json_object_get(document, "run"), "name"));
  if (!gcb_store_end(k->store, k->run, document, why, sizeof why)) {
    gcb_print_clean(stderr, "gcbench: %s. Run %lld is not complete there: it lacks %s\n", why,
                    (long long)k->run, gcb_format_number((double)k->lost, "invocation").s);
    return false;
  }
  if (gcb_interrupted)
    gcb_interrupt_kept("kept as run %lld in %s. The same command starts afresh", (long long)k->run,
                       gcb_store_path(k->store));
  else if (!quiet)
    gcb_print_clean(stderr, "gcbench: kept as run %lld%s%s%s in %s\n", (long long)k->run, name ? " (" : "",
                    name ? name : "", name ? ")" : "", gcb_store_path(k->store));
  return true;
}

bool gcb_keep_stop(gcb_keep *k) {
  char why[4500];
  return k->store && !k->lost && gcb_store_stop(k->store, k->run, why, sizeof why);
}

void gcb_keep_close(gcb_keep *k) {
  gcb_store_close(k->store);
  *k = (gcb_keep){0};
}
