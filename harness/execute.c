#include "execute.h"
#include "instance.h"
#include "lbo.h"
#include "summary.h"
#include "words.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- progress ---- */

void gcb_execution_progress(const gcb_execution *e, const char *what, const gcb_cell *cell, uint64_t round) {
  const gcb_session *s = e->session;
  if (s->quiet) return;
  char left[40] = "";
  uint64_t spent = gcb_clock() - e->started;
  if (e->done)
    snprintf(left, sizeof left, ", %s left", gcb_format_left(spent / e->done * (e->total - e->done)).s);
  const char *w = e->session->plan.groups[cell->group].workload->name;
  if (s->terminal)
    fprintf(stderr, "\r\033[K[%llu/%llu] %s on %s %s%llu%s", (unsigned long long)e->done + 1,
            (unsigned long long)e->total, w, cell->collector->name, what, (unsigned long long)round + 1,
            left);
  else if (e->done && e->done % 10 == 0)
    fprintf(stderr, "gcbench: %llu of %llu invocations done%s\n", (unsigned long long)e->done,
            (unsigned long long)e->total, left);
  fflush(stderr);
}

/* ---- one invocation ---- */

static void reference(const gcb_execution *e, gcb_group *g) {
  if (!g->reference) return;
  json_t *result = gcb_session_invoke(e->session, g->reference);
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
  json_decref(result);
}

void gcb_execution_finish(gcb_execution *e, gcb_cell *cell, const char *list, json_t *result) {
  gcb_group *g = &e->session->plan.groups[cell->group];
  const char *status = json_string_value(json_object_get(result, "status"));
  const char *sum = json_string_value(json_object_get(result, "checksum"));
  char why[200];
  if (strcmp(status, "ok") == 0 && sum && g->checksum[0] && strcmp(sum, g->checksum) != 0) {
    snprintf(why, sizeof why, "checksum %s, but the reference computed %s", sum, g->checksum);
    json_object_set_new(result, "status", json_string("wrong"));
    json_object_set_new(result, "reason", json_string(why));
    status = "wrong";
  }
  if (strcmp(status, "ok") == 0 && !g->checksum[0] &&
      sum) { /* no reference: the first to finish is what the others must equal */
    snprintf(g->checksum, sizeof g->checksum, "%s", sum);
  }
  if (strcmp(status, "ok") != 0) {
    cell->over = true;
    json_object_set(cell->result, "status", json_object_get(result, "status"));
    json_object_set(cell->result, "reason", json_object_get(result, "reason"));
  }
  if (sum) json_object_set(cell->result, "checksum", json_object_get(result, "checksum"));
  if (!json_object_get(cell->result, list)) json_object_set_new(cell->result, list, json_array());
  json_array_append(json_object_get(cell->result, list), result);
}

static void run_cell(gcb_execution *e, gcb_cell *cell, uint64_t round, bool latency) {
  gcb_execution_progress(e, latency ? "latency invocation " : "invocation ", cell, round);
  json_object_set_new(cell->spec, "watch",
                      json_string(gcb_watch_word(latency ? GCB_WATCH_LATENCY : GCB_WATCH_THROUGHPUT)));
  json_object_set_new(cell->spec, "google_benchmark", json_boolean(e->google_benchmark && !latency));
  json_t *result = gcb_session_invoke(e->session, cell->spec);
  if (!gcb_interrupted) {
    cell->runs++;
    gcb_execution_finish(e, cell, latency ? "latency_invocations" : "invocations", result);
    if (cell->over) {
      char line[900];
      const char *reason = json_string_value(json_object_get(cell->result, "reason"));
      snprintf(line, sizeof line, "gcbench: %s on %s at %.3gx: %s: %s",
               e->session->plan.groups[cell->group].workload->name, cell->collector->name,
               json_number_value(json_object_get(cell->result, "heap_factor")),
               json_string_value(json_object_get(cell->result, "status")), reason ? reason : "");
      gcb_session_say(e->session, line);
    }
  }
  json_decref(result);
}

/* ---- all of it ---- */

void gcb_execution_begin(gcb_execution *e) {
  e->started = gcb_clock();
  e->total = e->session->plan.n_groups;
  e->done = 0;
  for (size_t i = 0; i < e->session->plan.n_cells; i++)
    e->total += e->session->plan.cells[i].spec ? e->invocations * (e->latency ? 2 : 1) : 0;
}

void gcb_execution_references(gcb_execution *e) {
  gcb_plan *p = &e->session->plan;
  for (size_t i = 0; i < p->n_groups && !gcb_interrupted; i++) {
    gcb_cell *any = NULL;
    for (size_t k = 0; k < p->n_cells; k++)
      if (p->cells[k].group == i && p->cells[k].spec) any = &p->cells[k];
    if (!any) continue;
    gcb_execution_progress(e, "and others: reference ", any, i);
    reference(e, &p->groups[i]);
    e->done++;
  }
}

void gcb_execution_rounds(gcb_execution *e) {
  gcb_plan *p = &e->session->plan;
  size_t *order = calloc(p->n_cells + 1, sizeof *order);
  uint64_t kinds = e->latency ? 2 : 1; /* of invocations, by turns */
  for (uint64_t turn = 0; order && turn < kinds * e->invocations && !gcb_interrupted; turn++) {
    gcb_plan_shuffle(p, order);
    for (size_t i = 0; i < p->n_cells && !gcb_interrupted; i++) {
      gcb_cell *cell = &p->cells[order[i]];
      if (!cell->spec) continue;
      if (!cell->over) run_cell(e, cell, turn / kinds, turn % kinds);
      e->done++;
    }
  }
  free(order);
}

json_t *gcb_execution_cells(gcb_execution *e) {
  json_t *cells = json_array();
  for (size_t i = 0; i < e->session->plan.n_cells; i++) {
    gcb_cell *cell = &e->session->plan.cells[i];
    gcb_group *g = &e->session->plan.groups[cell->group];
    json_object_set_new(cell->result, "op", json_string(g->workload->op));
    if (cell->spec && !cell->runs) {
      json_object_set_new(cell->result, "status", json_string(gcb_status_word(GCB_FAILED)));
      json_object_set_new(cell->result, "reason",
                          json_string("interrupted before its first invocation ended"));
    }
    if (g->unverified[0] && cell->spec)
      json_object_set_new(cell->result, "unverified", json_string(g->unverified));
    if (e->latency && !json_object_get(cell->result, "latency_invocations"))
      json_object_set_new(cell->result, "latency_invocations", json_array());
    gcb_summarise(cell->result, e->seed);
    json_array_append(cells, cell->result);
  }
  gcb_lbo(cells, e->seed);
  return cells;
}
