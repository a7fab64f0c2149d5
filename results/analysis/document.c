#include "results/analysis/document.h"
#include "results/analysis/lbo.h"
#include "results/analysis/summary.h"
#include <stdbool.h>
#include <string.h>

static bool ok(const json_t *cell) {
  const char *status = json_string_value(json_object_get(cell, "status"));
  return status && strcmp(status, "ok") == 0;
}

void gcb_document_finish(json_t *document, const char *why_none) {
  json_t *cell, *cells = json_object_get(document, "cells");
  size_t i;
  json_array_foreach(cells, i, cell) {
    if (ok(cell) && !json_array_size(json_object_get(cell, "invocations")) &&
        !json_array_size(json_object_get(cell, "latency_invocations"))) {
      json_object_set_new(cell, "status", json_string("failed"));
      json_object_set_new(cell, "reason", json_string(why_none));
    }
    gcb_summarise(cell);
  }
  gcb_lbo(cells);
}

size_t gcb_document_failed(const json_t *document) {
  size_t i, failed = 0;
  json_t *cell;
  json_array_foreach(json_object_get(document, "cells"), i, cell) failed += !ok(cell);
  return failed;
}
