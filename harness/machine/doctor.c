#include "machine/doctor.h"
#include "machine/machine.h"
#include "machine/noise.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SPIN_NS = 50000000 };

json_t *gcb_examine(void) {
  json_t *machine = gcb_machine_json("");
  if (!machine) return NULL;
  json_object_set_new(machine, "noise", gcb_probe_noise(SPIN_NS));
  json_object_set_new(machine, "perf_counters", gcb_probe_counters());
  return machine;
}

/* One finding; a check fills it in. */
typedef struct finding {
  const char *verdict, *remedy;
  char found[240];
} finding;

#define FOUND(f, ...) snprintf((f)->found, sizeof(f)->found, __VA_ARGS__)

static finding unknown(const char *found) {
  finding f = {"unknown", NULL, ""};
  FOUND(&f, "%s", found);
  return f;
}

static finding judge(const char *verdict, const char *remedy, const char *found) {
  bool fine = strcmp(verdict, "fine") == 0;
  finding f = {verdict, fine ? NULL : remedy, ""};
  FOUND(&f, "%s", found);
  return f;
}

static double real(const json_t *o, const char *key, double otherwise) {
  json_t *v = json_object_get(o, key);
  return json_is_number(v) ? json_number_value(v) : otherwise;
}

static finding governor(const json_t *m) {
  const char *g = json_string_value(json_object_get(m, "governor"));
  if (!g) return unknown("no frequency scaling to be seen: the hypervisor or the firmware decides");
  return judge(strcmp(g, "performance") == 0 ? "fine" : "bad", "cpupower frequency-set -g performance", g);
}

static finding turbo(const json_t *m) {
  json_t *t = json_object_get(m, "turbo");
  if (!json_is_boolean(t)) return unknown("the kernel does not show it");
  return judge(json_is_true(t) ? "note" : "fine",
               "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 > "
               "/sys/devices/system/cpu/cpufreq/boost: clocks then no longer depend on heat and neighbours",
               json_is_true(t) ? "on" : "off");
}

static finding smt(const json_t *m) {
  const char *s = json_string_value(json_object_get(m, "smt"));
  if (!s) return unknown("the kernel does not show it");
  return judge(strcmp(s, "on") == 0 ? "note" : "fine",
               "nothing, while '--pin auto' finds a core for each thread; else echo off > "
               "/sys/devices/system/cpu/smt/control",
               s);
}

static finding thp(const json_t *m) {
  const char *s = json_string_value(json_object_get(m, "thp"));
  if (!s) return unknown("the kernel does not show it");
  return judge(strcmp(s, "always") == 0 ? "note" : "fine",
               "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled: otherwise who gets huge pages is "
               "chance, and resident sizes are rounded up",
               s);
}

static finding aslr(const json_t *m) {
  json_t *a = json_object_get(m, "aslr");
  if (!json_is_integer(a)) return unknown("the kernel does not show it");
  bool off = json_integer_value(a) == 0 || json_is_true(json_object_get(m, "aslr_off_here"));
  return judge(off ? "note" : "fine",
               "leave it on: fresh layouts in each invocation average out what one layout would bias",
               off ? "off: every invocation has the same layout, lucky or not"
                   : "on: each invocation has a layout of its own");
}

/* The cpus that this process may use; 1 when the number is not known. */
static double cpus_of(const json_t *m) {
  size_t n = json_array_size(json_object_get(json_object_get(m, "noise"), "cpus"));
  return n ? (double)n : 1;
}

static finding quota(const json_t *m) {
  double cpus = real(m, "cgroup_cpus", -1), room = cpus_of(m);
  if (cpus < 0) return unknown("no control group to be seen");
  if (cpus == 0 || cpus >= room) return judge("fine", NULL, "no cpu quota below the cpus to run on");
  finding f = judge(cpus < 1 ? "bad" : "note",
                    "raise the quota, not the priority: docker run --cpus=N, systemd CPUQuota=N00%, "
                    "resources.limits.cpu in Kubernetes; stopping other programs changes nothing",
                    "");
  FOUND(&f, "a control group allows %.2f of %.0f cpu%s: threads are stopped when that is used up", cpus, room,
        room == 1 ? "" : "s");
  return f;
}

/* The average still holds what ended a minute ago, such as our own last run: it is bad only when a spinning
 * thread loses time now. */
static finding load(const json_t *m) {
  json_t *list = json_object_get(m, "load_average");
  if (!json_is_array(list)) return unknown("the kernel does not show it");
  double one = json_number_value(json_array_get(list, 0)), room = cpus_of(m);
  bool now = real(json_object_get(m, "noise"), "worst_share", 1) > .002;
  finding f = judge(one > .5 * room && now ? "bad"
                    : one > .2             ? "note"
                                           : "fine",
                    "see with top what else runs, and stop it, or use '--pin' to keep away from it", "");
  FOUND(&f, "%.2f in the last minute, %.0f cpus to run on", one, room);
  return f;
}

static finding numa(const json_t *m) {
  double n = real(m, "numa_nodes", -1);
  if (n < 0) return unknown("the kernel does not show it");
  finding f = judge(n > 1 ? "note" : "fine", "'--pin auto' stays inside one while the threads fit", "");
  FOUND(&f, "%.0f node%s", n, n == 1 ? "" : "s");
  return f;
}

static finding steal(const json_t *m) {
  double share = real(m, "steal_share", -1);
  if (share < 0) return unknown("the kernel does not show it");
  finding f =
      judge(share > .01    ? "bad"
            : share > .001 ? "note"
                           : "fine",
            "a host with fewer guests, or one of your own: this time is lost inside every number", "");
  FOUND(&f, "%.2f %% of all time since boot went to other guests", 100 * share);
  return f;
}

static finding virtualised(const json_t *m) {
  json_t *v = json_object_get(m, "virtualised");
  if (!json_is_boolean(v)) return unknown("the processor does not tell");
  return judge(json_is_true(v) ? "note" : "fine",
               "compare only what ran on this machine in the same session, or use bare metal",
               json_is_true(v) ? "a virtual machine" : "bare metal, as far as the processor shows");
}

static finding timer(const json_t *m) {
  double cost = real(m, "clock_cost_ns", -1), step = real(m, "clock_resolution_ns", -1);
  const char *source = json_string_value(json_object_get(m, "clocksource"));
  if (cost < 0 || step < 0) return unknown("it could not be timed");
  finding f = judge(cost > 200 || step > 1000 ? "bad"
                    : cost > 80               ? "note"
                                              : "fine",
                    "a kernel that reads the time stamp counter: clocksource=tsc, on a machine whose counter "
                    "is constant",
                    "");
  FOUND(&f, "%.0f ns a reading, resolution %.0f ns, from %s", cost, step,
        source ? source : "an unknown source");
  return f;
}

static finding noise(const json_t *m) {
  const json_t *n = json_object_get(m, "noise");
  double share = real(n, "worst_share", -1), longest = real(n, "longest_ns", 0), n_cpus = cpus_of(m),
         limited = real(m, "cgroup_cpus", 0);
  if (share < 0) return unknown("the threads for it could not be had");
  finding f = judge(share > .02 || longest > 5e6    ? "bad"
                    : share > .002 || longest > 5e5 ? "note"
                                                    : "fine",
                    limited > 0 && limited < n_cpus
                        ? "raise the cpu quota of the control group (see quota): it stops threads, whether "
                          "or not anything else runs"
                        : "stop what else runs; move interrupts away; isolate cpus (isolcpus, cpusets)",
                    "");
  FOUND(&f, "a spinning thread lost %.2f %% on its worst cpu, at most %.0f us at once", 100 * share,
        longest / 1000);
  return f;
}

static finding memory(const json_t *m) {
  json_t *limited = json_object_get(m, "cgroup_limited");
  if (!json_is_boolean(limited)) return unknown("no control group to be seen");
  if (!json_is_true(limited)) return judge("fine", NULL, "no limit but the machine's own");
  finding f =
      judge("note", "keep heaps well below it: near it the kernel reclaims pages in the middle of a run", "");
  FOUND(&f, "a control group limits it to %.0f MiB", real(m, "cgroup_memory_limit_bytes", 0) / 1048576);
  return f;
}

static finding counters(const json_t *m) {
  const json_t *c = json_object_get(m, "perf_counters");
  const char *why = json_string_value(json_object_get(c, "why"));
  if (!c) return unknown("not asked");
  if (json_is_integer(json_object_get(c, "instructions")))
    return judge("fine", NULL, "instructions can be counted");
  return judge("note",
               "sysctl kernel.perf_event_paranoid=1 on a machine that has them; they are null in results",
               why ? why : "none");
}

json_t *gcb_diagnose(const json_t *machine) {
  static const struct {
    const char *name;
    finding (*check)(const json_t *machine);
  } checks[] = {{"governor", governor},
                {"turbo", turbo},
                {"smt", smt},
                {"thp", thp},
                {"aslr", aslr},
                {"quota", quota},
                {"load", load},
                {"noise", noise},
                {"numa", numa},
                {"steal", steal},
                {"virtualised", virtualised},
                {"clock", timer},
                {"memory", memory},
                {"counters", counters}};
  json_t *list = json_array();
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    finding f = checks[i].check(machine);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "check", checks[i].name, "verdict",
                                          f.verdict, "found", f.found, "remedy", f.remedy));
  }
  return list;
}

int gcb_unfit(const json_t *findings) {
  size_t i;
  json_t *f;
  json_array_foreach(findings, i, f) {
    const char *verdict = json_string_value(json_object_get(f, "verdict"));
    if (verdict && strcmp(verdict, "bad") == 0) return 1;
  }
  return 0;
}
