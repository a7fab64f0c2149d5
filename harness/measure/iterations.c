#include "measure/iterations.h"
#include "measure/gbench_driver.h"
#include "measure/rss.h"

static bool timed_lap(gcb_timing *timed, gcb_lap *lap) {
  gcb_trial *t = timed->t;
  bool reset = gcb_peak_rss_reset();
  gcb_sampler_clear(timed->sampler);
  gcb_progress_iteration(&t->progress, timed->ops, timed->ns);
  if (!gcb_trial_lap(t, lap)) return false;
  lap->rss = gcb_sampler_read(timed->sampler);
  lap->peak_rss = reset || json_array_size(timed->iterations) == 0 ? gcb_peak_rss_bytes() : -1;
  timed->ops = lap->tally.ops;
  timed->ns = lap->end - lap->start;
  int64_t before = gcb_rss_bytes();
  json_t *iteration = gcb_trial_iteration(t, lap);
  json_object_set_new(iteration, "memory", gcb_sampler_memory(timed->sampler, lap->start));
  uint64_t stopped = gcb_sampler_stopped(timed->sampler);
  if (stopped > timed->stopped)
    json_object_set_new(iteration, "stopped_ns", json_integer((json_int_t)(stopped - timed->stopped)));
  timed->stopped = stopped;
  json_array_append_new(timed->iterations, iteration);
  int64_t after = gcb_rss_bytes();
  if (after > before && before >= 0) t->grown += after - before;
  return true;
}

static bool driven_lap(gcb_drive *d) {
  gcb_timing *timed = d->ctx;
  gcb_lap lap;
  d->why = timed->t->why;
  if (!timed_lap(timed, &lap)) return false;
  d->ns = lap.end - lap.start;
  d->items += lap.tally.ops;
  d->bytes += timed->t->counts.allocated_bytes;
  return true;
}

void gcb_timed_laps(gcb_timing *timed, uint64_t n) {
  gcb_trial *t = timed->t;
  gcb_lap lap;
  char why[300];
  bool driven = json_is_true(json_object_get(t->spec, "google_benchmark"));
  for (uint64_t i = 0; !driven && i < n && timed_lap(timed, &lap); i++) continue;
  if (!driven) return;
  gcb_drive d = {.name = t->plain->name, .laps = n, .lap = driven_lap, .ctx = timed};
  const gcb_gbench *library = gcb_gbench_load(why, sizeof why);
  if (library) t->benchmark = gcb_drive_run(library, &d, why, sizeof why);
  if (!t->benchmark) gcb_trial_fail(t, GCB_FAILED, why);
}
