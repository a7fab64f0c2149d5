#include "machine/machine.h"
#include "results/model/clean.h"
#include "results/model/units.h"

#include "machine/cgroup.h"

#include <glob.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifndef GCB_C_FLAGS
#define GCB_C_FLAGS "unknown"
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

// Enough for what we look for, which is at the top of every file that can be longer (/proc/cpuinfo,
// /proc/stat).
enum { TEXT = 16384 };

static json_t *string_or_null(const char *s) {
  json_t *value = s && *s && gcb_is_utf8(s, strlen(s)) ? gcb_clean_string(s) : NULL;
  return value ? value : json_null();
}

static void set(json_t *object, const char *key, json_t *value) {
  json_object_set_new(object, key, value ? value : json_null());
}

static json_t *file_string(const char *root, const char *path) {
  char text[256];
  return gcb_read_text(root, path, text, sizeof text) ? string_or_null(text) : NULL;
}

// Copies the value of the line `key: value` or `key=value`; the first one, as the cpus of /proc/cpuinfo are
// alike.
static bool field(const char *text, const char *key, char separator, char *value, size_t n) {
  size_t length = strlen(key);
  for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    if (strncmp(line, key, length)) continue;
    const char *at = line + length + strspn(line + length, " \t");
    if (*at != separator) continue;
    at += 1 + strspn(at + 1, " \t");
    snprintf(value, n, "%.*s", (int)strcspn(at, "\n"), at);
    return *value;
  }
  return false;
}

static void add_system(json_t *m, const char *root) {
  struct utsname u;
  bool known = !uname(&u);
  set(m, "host", known ? string_or_null(u.nodename) : NULL);
  set(m, "kernel", known ? string_or_null(u.release) : NULL);
  set(m, "kernel_build", known ? string_or_null(u.version) : NULL);
  set(m, "architecture", known ? string_or_null(u.machine) : NULL);

  char text[4096], name[256];
  bool named = (gcb_read_text(root, "/etc/os-release", text, sizeof text) ||
                gcb_read_text(root, "/usr/lib/os-release", text, sizeof text)) &&
               field(text, "PRETTY_NAME", '=', name, sizeof name);
  if (named && strchr("\"'", *name)) { // as a shell would write it
    const char quote[] = {*name, '\0'};
    memmove(name, name + 1, strlen(name));
    name[strcspn(name, quote)] = '\0';
  }
  set(m, "distribution", named ? string_or_null(name) : NULL);
}

// Every governor in use, once.
static json_t *governors(const char *root) {
  char pattern[PATH_MAX], all[256] = "", one[64];
  glob_t found;
  snprintf(pattern, sizeof pattern, "%s/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor", root);
  if (glob(pattern, 0, NULL, &found)) return NULL;
  for (size_t i = 0; i < found.gl_pathc; i++) {
    if (!gcb_read_text("", found.gl_pathv[i], one, sizeof one) || strstr(all, one)) continue;
    size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", used ? "," : "", one);
  }
  globfree(&found);
  return string_or_null(all);
}

static json_t *turbo(const char *root) {
  long long value;
  if (gcb_read_number(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", &value))
    return json_boolean(!value);
  if (gcb_read_number(root, "/sys/devices/system/cpu/cpufreq/boost", &value)) return json_boolean(value);
  return NULL;
}

static void add_cpu(json_t *m, const char *root) {
  char *text = malloc(TEXT), *value = malloc(TEXT);
  bool read = text && value && gcb_read_text(root, "/proc/cpuinfo", text, TEXT);
  set(m, "cpu_model", read && field(text, "model name", ':', value, TEXT) ? string_or_null(value) : NULL);
  // Only x86 has the flag; elsewhere its absence says nothing.
  set(m, "virtualised",
      read && field(text, "flags", ':', value, TEXT) ? json_boolean(strstr(value, "hypervisor")) : NULL);
  free(text);
  free(value);
  set(m, "governor", governors(root));
  set(m, "turbo", turbo(root));
  set(m, "smt", file_string(root, "/sys/devices/system/cpu/smt/control"));
}

// The word in brackets, in `always [madvise] never`.
static json_t *transparent_huge_pages(const char *root) {
  char text[128];
  if (!gcb_read_text(root, "/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text)) return NULL;
  char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
  if (!close) return NULL;
  *close = '\0';
  return string_or_null(open + 1);
}

static json_t *numa_nodes(const char *root) {
  char text[256];
  if (!gcb_read_text(root, "/sys/devices/system/node/online", text, sizeof text)) return NULL;
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  int n = set && !hwloc_bitmap_list_sscanf(set, text) ? hwloc_bitmap_weight(set) : 0;
  hwloc_bitmap_free(set);
  return n > 0 ? json_integer(n) : NULL;
}

static void add_kernel_settings(json_t *m, const char *root) {
  long long value;
  char text[64], *end;
  set(m, "thp", transparent_huge_pages(root));
  bool known = gcb_read_number(root, "/proc/sys/kernel/randomize_va_space", &value);
  set(m, "aslr", known ? json_integer(value) : NULL);
  known = gcb_read_text(root, "/proc/self/personality", text, sizeof text);
  unsigned long personality = known ? strtoul(text, &end, 16) : 0;
  set(m, "aslr_off_here", known && !*end ? json_boolean(personality & ADDR_NO_RANDOMIZE) : NULL);
  set(m, "numa_nodes", numa_nodes(root));
  set(m, "clocksource",
      file_string(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource"));
}

static void add_load(json_t *m, const char *root) {
  char text[512];
  double load[3]; // over 1, 5 and 15 minutes
  bool known = gcb_read_text(root, "/proc/loadavg", text, sizeof text);
  const char *at = text;
  for (int i = 0; known && i < 3; i++) {
    const char *end;
    load[i] = gcb_parse_real(at, &end);
    known = end != at;
    at = end;
  }
  set(m, "load_average", known ? json_pack("[f, f, f]", load[0], load[1], load[2]) : NULL);

  // user nice system idle iowait irq softirq steal; user includes what guests of ours take.
  uint64_t t[8], all = 0;
  known = gcb_read_text(root, "/proc/stat", text, sizeof text) &&
          sscanf(text,
                 "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                 " %" SCNu64,
                 &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) == 8;
  for (int i = 0; known && i < 8; i++) all += t[i];
  long ticks = sysconf(_SC_CLK_TCK);
  set(m, "steal_seconds", known && ticks > 0 ? json_real((double)t[7] / (double)ticks) : NULL);
  set(m, "steal_share", known && all ? json_real((double)t[7] / (double)all) : NULL);
}

static void add_memory(json_t *m, const char *root) {
  char text[TEXT], value[64];
  unsigned long long kib;
  bool known = gcb_read_text(root, "/proc/meminfo", text, sizeof text) &&
               field(text, "MemTotal", ':', value, sizeof value) && sscanf(value, "%llu kB", &kib) == 1;
  set(m, "memory_bytes", known ? json_integer((json_int_t)kib * 1024) : NULL);

  gcb_cgroup_memory group = gcb_cgroup_memory_of(root);
  bool limited = group.limit != UINT64_MAX;
  set(m, "cgroup_limited", group.seen ? json_boolean(limited) : NULL);
  set(m, "cgroup_memory_limit_bytes", group.seen && limited ? json_integer((json_int_t)group.limit) : NULL);
  double cpus = gcb_cgroup_cpus(root);
  set(m, "cgroup_cpus", cpus >= 0 ? json_real(cpus) : NULL);
}

static double nanoseconds(struct timespec t) {
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// The fastest batch: the others were interrupted, and an interrupt is no cost of the clock.
static json_t *clock_cost(void) {
  enum { BATCHES = 9, CALLS = 1000 };
  struct timespec from, to, ignored;
  double best = -1;
  for (int b = 0; b < BATCHES; b++) {
    if (clock_gettime(CLOCK_MONOTONIC, &from)) return NULL;
    for (int i = 0; i < CALLS; i++) clock_gettime(CLOCK_MONOTONIC, &ignored);
    clock_gettime(CLOCK_MONOTONIC, &to);
    double cost = (nanoseconds(to) - nanoseconds(from)) / (CALLS + 1); // and the call that read `to`
    if (best < 0 || cost < best) best = cost;
  }
  return best > 0 ? json_real(best) : NULL;
}

static void add_program(json_t *m) {
  struct timespec resolution;
  long page = sysconf(_SC_PAGESIZE);
  set(m, "compiler", json_string(COMPILER));
  set(m, "c_flags", string_or_null(GCB_C_FLAGS));
  set(m, "hwloc", json_string(HWLOC_VERSION));
  set(m, "jansson", string_or_null(jansson_version_str()));
  set(m, "libc", json_sprintf("glibc %s", gnu_get_libc_version()));
  set(m, "page_bytes", page > 0 ? json_integer(page) : NULL);
  bool known = !clock_getres(CLOCK_MONOTONIC, &resolution);
  set(m, "clock_resolution_ns", known ? json_integer((json_int_t)nanoseconds(resolution)) : NULL);
  set(m, "clock_cost_ns", clock_cost());
}

json_t *gcb_machine_json(const char *root) {
  json_t *m = json_object();
  if (!m) return NULL;
  add_system(m, root);
  add_cpu(m, root);
  add_kernel_settings(m, root);
  add_load(m, root);
  add_memory(m, root);
  add_program(m);
  return m;
}
