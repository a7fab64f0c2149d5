#include "commands/list_metrics.h"
#include "results/analysis/summary.h"
#include "results/model/metrics.h"
#include "results/text/row.h"
#include <stdio.h>
#include <string.h>

static const char *unit_word(gcb_unit unit) {
  static const char *const words[] = {[GCB_UNIT_NS] = "ns",
                                      [GCB_UNIT_BYTES] = "bytes",
                                      [GCB_UNIT_COUNT] = "number",
                                      [GCB_UNIT_RATE] = "per second"};
  return words[unit];
}

/* The column of a run's table that shows it, or NULL. */
static const char *table_column(const char *metric) {
  static const char summary[] = "summary/";
  size_t n = strlen(metric);
  for (size_t i = 0; i < gcb_n_row_columns; i++) {
    const char *path = gcb_row_columns[i].path;
    if (path && strncmp(path, summary, sizeof summary - 1) == 0 &&
        strncmp(path + sizeof summary - 1, metric, n) == 0 && path[sizeof summary - 1 + n] == '/')
      return gcb_row_columns[i].head;
  }
  return NULL;
}

static json_t *where(const gcb_metric *m) {
  json_t *list = json_array();
  const char *column = table_column(m->name);
  if (column) json_array_append_new(list, json_sprintf("table of run (%s)", column));
  if (gcb_in_summary(m->name)) json_array_append_new(list, json_string("summary in JSON"));
  json_array_append_new(list, json_string("compare"));
  json_array_append_new(list, json_string("history"));
  json_array_append_new(list, json_string("plot --metric"));
  if (m->class == GCB_NOISY) json_array_append_new(list, json_string("gates of nightly"));
  return list;
}

json_t *gcb_list_metrics(void) {
  json_t *all = json_array();
  for (size_t i = 0; i < gcb_n_metrics; i++) {
    const gcb_metric *m = &gcb_metrics[i];
    json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", m->name, "meaning",
                                         m->meaning, "unit", unit_word(m->unit), "class",
                                         gcb_metric_class_word(m->class), "better",
                                         m->more_is_better ? "more" : "less", "of",
                                         m->of_invocation ? "invocation" : "iteration", "where", where(m)));
  }
  return all;
}

void gcb_list_metrics_print(const json_t *metrics) {
  size_t i, k;
  json_t *m, *one;
  puts("Metrics");
  json_array_foreach(metrics, i, m) {
    const char *words[] = {"name", "meaning", "unit", "class", "better", "of"}, *w[6];
    for (size_t n = 0; n < 6; n++) w[n] = json_string_value(json_object_get(m, words[n]));
    printf("  %-19s %s\n    %s, %s, %s is better, one value an %s\n    in ", w[0], w[1], w[2], w[3], w[4],
           w[5]);
    json_array_foreach(json_object_get(m, "where"), k, one)
        printf("%s%s", k ? ", " : "", json_string_value(one));
    putchar('\n');
  }
  puts("\nClasses: an exact metric is the same number every time, and any difference is reported; a noisy "
       "one\n"
       "is compared with intervals, and may be a gate; an informational one is shown, and never judged.");
}
