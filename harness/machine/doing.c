#include "machine/doing.h"
#include "machine/clock.h"
#include "results/model/units.h"
#include <stdio.h>

static struct {
  char phrase[600];
  uint64_t since, said; /* ns */
} doing;

void gcb_doing(const char *phrase, bool now) {
  doing.since = gcb_clock();
  snprintf(doing.phrase, sizeof doing.phrase, "%s", phrase ? phrase : "");
  if (!doing.phrase[0] || (!now && doing.said && doing.since - doing.said < GCB_DOING_NS)) return;
  fprintf(stderr, "gcbench: %s\n", doing.phrase);
  doing.said = doing.since;
}

void gcb_doing_tick(void) {
  uint64_t now = gcb_clock();
  if (!doing.phrase[0] || now - doing.said < GCB_DOING_NS || now - doing.since < GCB_DOING_NS / 2) return;
  fprintf(stderr, "gcbench: %s (for %s)\n", doing.phrase, gcb_format_left(now - doing.since).s);
  doing.said = now;
}

struct gcb_text gcb_left(uint64_t started, size_t done, size_t all) {
  struct gcb_text text = {""};
  if (done)
    snprintf(text.s, sizeof text.s, ", %.20s left",
             gcb_format_left((gcb_clock() - started) / done * (all - done)).s);
  return text;
}
