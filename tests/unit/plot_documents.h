/* The documents that figures are made of: tests/data/plots/NAME.json, made by the script beside them. */
#ifndef PLOT_DOCUMENTS_H
#define PLOT_DOCUMENTS_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* A new reference. */
static inline json_t *document(const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/plots/%s.json", GCB_TEST_DATA, name);
  json_t *d = json_load_file(path, 0, NULL);
  assert_non_null(d);
  return d;
}

#endif
