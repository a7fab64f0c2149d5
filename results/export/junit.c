#include "results/export/junit.h"
#include "results/model/cell.h"
#include <mxml.h>
#include <string.h>

/* Bytes that XML cannot hold at all: a reason may carry what a broken plug-in printed. (That it is UTF-8,
 * JSON has seen to.) */
static void attribute(mxml_node_t *node, const char *name, const char *text) {
  char clean[2000];
  size_t n = 0;
  for (; text && *text && n < sizeof clean - 1; text++)
    clean[n++] = (unsigned char)*text < 0x20 && !strchr("\t\n\r", *text) ? '?' : *text;
  if (text && *text) /* no half of a character at the cut */
    while (n && ((unsigned char)*text & 0xC0) == 0x80) text--, n--;
  clean[n] = 0;
  mxmlElementSetAttr(node, name, clean);
}

static const char *word(const json_t *o, const char *key) {
  return json_string_value(json_object_get(o, key));
}

static bool is(const json_t *one, const char *outcome) {
  const char *own = word(one, "outcome");
  return own && strcmp(own, outcome) == 0;
}

static void one_case(mxml_node_t *suite, const json_t *one) {
  static const char *const elements[] = {"failure", "error", "skipped"};
  mxml_node_t *node = mxmlNewElement(suite, "testcase");
  attribute(node, "classname", word(one, "class"));
  attribute(node, "name", word(one, "name"));
  mxmlElementSetAttrf(node, "time", "%.3f", json_number_value(json_object_get(one, "seconds")));
  for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
    if (is(one, elements[i])) attribute(mxmlNewElement(node, elements[i]), "message", word(one, "message"));
}

static int count(const json_t *cases, const char *outcome) {
  int n = 0;
  size_t i;
  json_t *one;
  json_array_foreach(cases, i, one) n += is(one, outcome);
  return n;
}

static void suite(mxml_node_t *root, const json_t *s) {
  const json_t *cases = json_object_get(s, "cases");
  double seconds = 0;
  size_t i;
  json_t *one;
  mxml_node_t *node = mxmlNewElement(root, "testsuite");
  json_array_foreach(cases, i, one) seconds += json_number_value(json_object_get(one, "seconds"));
  attribute(node, "name", word(s, "name"));
  mxmlElementSetAttrf(node, "tests", "%zu", json_array_size(cases));
  mxmlElementSetAttrf(node, "failures", "%d", count(cases, "failure"));
  mxmlElementSetAttrf(node, "errors", "%d", count(cases, "error"));
  mxmlElementSetAttrf(node, "skipped", "%d", count(cases, "skipped"));
  mxmlElementSetAttrf(node, "time", "%.3f", seconds);
  json_array_foreach(cases, i, one) one_case(node, one);
}

/* Each element on a line of its own; nothing may stand before the declaration. */
static const char *white(mxml_node_t *node, int where) {
  if (mxmlGetElement(node)[0] == '?') return NULL;
  return where == MXML_WS_BEFORE_OPEN || where == MXML_WS_BEFORE_CLOSE ? "\n" : NULL;
}

bool gcb_junit_write(const json_t *suites, FILE *out) {
  mxml_node_t *document = mxmlNewXML("1.0"), *root = mxmlNewElement(document, "testsuites");
  size_t i;
  json_t *one;
  json_array_foreach(suites, i, one) suite(root, one);
  bool good = root && mxmlSaveFile(document, out, white) == 0 && fputc('\n', out) != EOF;
  mxmlDelete(document);
  return good;
}

static json_t *case_of(const json_t *cell) {
  char collector[200], heap[40], name[300];
  const char *status = word(cell, "status"), *outcome = "failure";
  if (status && strcmp(status, "ok") == 0) outcome = "passed";
  if (status && strcmp(status, "unsupported") == 0) outcome = "skipped";
  snprintf(name, sizeof name, "%s at %s", gcb_cell_collector(cell, collector, sizeof collector),
           gcb_cell_heap(cell, heap, sizeof heap));
  const char *reason = word(cell, "reason");
  char message[1000];
  snprintf(message, sizeof message, "%s: %s", status ? status : "?", reason ? reason : "no reason was given");
  return json_pack("{s:s, s:s, s:f, s:s, s:s}", "class", word(cell, "workload"), "name", name, "seconds",
                   gcb_cell_seconds(cell), "outcome", outcome, "message", message);
}

bool gcb_junit_run(const json_t *run, FILE *out) {
  json_t *suites = json_array(), *cell, *known = json_object();
  char workload[300];
  size_t i;
  json_array_foreach(json_object_get(run, "cells"), i, cell) {
    const char *name = gcb_cell_workload(cell, workload, sizeof workload);
    json_t *cases = json_object_get(known, name);
    if (!cases) {
      cases = json_array();
      json_object_set_new(known, name, cases);
      json_array_append_new(suites, json_pack("{s:s, s:O}", "name", name, "cases", cases));
    }
    json_array_append_new(cases, case_of(cell));
  }
  bool good = gcb_junit_write(suites, out);
  json_decref(known);
  json_decref(suites);
  return good;
}
