#include "session/verify.h"
#include "results/model/clean.h"
#include <stdio.h>
#include <string.h>

/* Without a checksum of reference, each cell of the group says why it was not verified. */
static void mark_unverified(gcb_session *s, size_t group) {
  const gcb_group *g = &s->plan.groups[group];
  for (size_t i = 0; !gcb_interrupted && i < s->plan.n_cells; i++) {
    gcb_cell *cell = &s->plan.cells[i];
    if (cell->group != group || !cell->spec) continue;
    json_object_del(cell->result, "unverified");
    if (g->unverified[0]) json_object_set_new(cell->result, "unverified", gcb_clean_string(g->unverified));
  }
}

void gcb_judge_reference(gcb_session *s, size_t group) {
  gcb_group *g = &s->plan.groups[group];
  if (g->referenced) return;
  if (!g->reference || g->checksum[0]) {
    if (!g->reference) mark_unverified(s, group);
    g->referenced = true;
    return;
  }
  json_t *result = gcb_session_invoke(s, g->reference);
  const char *sum = json_string_value(json_object_get(result, "checksum"));
  const char *reason = json_string_value(json_object_get(result, "reason"));
  const char *status = json_string_value(json_object_get(result, "status"));
  if (sum && strcmp(status, "ok") == 0) {
    snprintf(g->checksum, sizeof g->checksum, "%s", sum);
    g->unverified[0] = 0;
  } else {
    snprintf(g->unverified, sizeof g->unverified, "the reference run ended %s: %.120s", status,
             reason ? reason : "");
  }
  mark_unverified(s, group);
  g->referenced = !gcb_interrupted;
  json_decref(result);
}

void gcb_judge(gcb_session *s, gcb_cell *cell, const char *list, json_t *result) {
  gcb_group *g = &s->plan.groups[cell->group];
  const char *status = json_string_value(json_object_get(result, "status"));
  const char *sum = json_string_value(json_object_get(result, "checksum"));
  char why[200];
  if (strcmp(status, "ok") == 0 && sum && g->checksum[0] && strcmp(sum, g->checksum) != 0) {
    snprintf(why, sizeof why, "checksum %s, but the reference computed %s", sum, g->checksum);
    json_object_set_new(result, "status", json_string("wrong"));
    json_object_set_new(result, "reason", gcb_clean_string(why));
    status = "wrong";
  }
  if (strcmp(status, "ok") == 0 && !g->checksum[0] && sum)
    snprintf(g->checksum, sizeof g->checksum, "%s", sum);
  if (strcmp(status, "ok") != 0) {
    cell->over = true;
    json_object_set(cell->result, "status", json_object_get(result, "status"));
    json_object_set(cell->result, "reason", json_object_get(result, "reason"));
  }
  if (sum) json_object_set(cell->result, "checksum", json_object_get(result, "checksum"));
  if (!json_object_get(cell->result, list)) json_object_set_new(cell->result, list, json_array());
  json_array_append(json_object_get(cell->result, list), result);
}
