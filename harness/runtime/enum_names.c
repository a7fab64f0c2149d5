#include "runtime/enum_names.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const statuses[] = {
#define X(id, word) word,
    GCB_STATUSES(X)};
#undef X
static const char *const pauses[] = {
#define X(id, word) word,
    GCB_PAUSES(X)};
#undef X
static const char *const events[] = {
#define X(id) #id,
    GCB_EVENTS(X)};
#undef X
static const char *const work[] = {
#define X(id, word) word,
    GCB_WORK(X)};
#undef X
static const char *const capabilities[] = {
#define X(id, word) word,
    GCB_CAPABILITIES(X)};
#undef X

const char *gcb_status_word(gcb_status s) {
  return s < COUNT(statuses) ? statuses[s] : "failed";
}

gcb_status gcb_status_of(const char *word) {
  for (unsigned i = 0; word && i < COUNT(statuses); i++)
    if (strcmp(word, statuses[i]) == 0) return (gcb_status)i;
  return GCB_FAILED;
}

const char *gcb_pause_word(unsigned kind) {
  return kind < COUNT(pauses) ? pauses[kind] : "other";
}

const char *gcb_event_word(unsigned event) {
  return event < COUNT(events) ? events[event] : "other";
}

const char *gcb_work_word(unsigned kind) {
  return kind < COUNT(work) ? work[kind] : "other";
}

const char *gcb_capability_word(unsigned bit) {
  return bit < COUNT(capabilities) ? capabilities[bit] : NULL;
}

const char *gcb_watch_word(gcb_watch watch) {
  static const char *const words[] = {"throughput", "latency", "nothing"};
  return words[watch];
}
