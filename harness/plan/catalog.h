/* What there is to run: the collectors, each described by a process of its own (a module may crash as it
 * loads), and the workloads of our own modules.
 */
#ifndef GCB_CATALOG_H
#define GCB_CATALOG_H

#include "plan/load.h"
#include <jansson.h>

/* One collector as the planner knows it: a name, a file, and its own description. */
typedef struct gcb_entry {
  char *name; /* "gen3", "none+card"; for a file given on the command line its base name */
  char *file;
  json_t *about;  /* {name, summary, follows, capabilities[], path, options[], presets[]}; NULL when it could
                     not be described */
  json_t *preset; /* {option: word} of a preset, or given with the name; never NULL */
  uint64_t capabilities;
  char *word;    /* "gen3 nursery=8M": what it is looked up by where that is more than the name; else NULL */
  char *missing; /* "needs PACKAGE", when the build did without it; else NULL */
  char *why;     /* why it could not be described, or what is missing; else NULL */
} gcb_entry;

/* A workload given by its file. */
typedef struct gcb_workload_file {
  gcb_workload
      workload; /* its copy that calls for everything, but with the file as it was typed for a name */
  char *file;   /* absolute */
} gcb_workload_file;

typedef struct gcb_catalog {
  gcb_entry *collectors;
  size_t n_collectors;
  const gcb_path_module *workloads;   /* the call copy: for names, parameters and peak_live() */
  gcb_workload_file **workload_files; /* those that were asked for */
  size_t n_workload_files;
} gcb_catalog;

/* Look at every module of the library folder. False with a sentence when there is no library. */
bool gcb_catalog_open(gcb_catalog *c, char *why, size_t why_size);
void gcb_catalog_close(gcb_catalog *c);
/* A collector by name, by NAME+PRESET, or (with a slash or ending in .so) by file, which is then added; each
 * may be followed by options: "gen3 nursery=8M major=2". NULL with a sentence, the nearest name in it. */
const gcb_entry *gcb_catalog_collector(gcb_catalog *c, const char *word, char *why, size_t why_size);
/* The same, but for a name that the build did without: its entry, with `missing`. */
const gcb_entry *gcb_catalog_wanted(gcb_catalog *c, const char *word, char *why, size_t why_size);
/* A workload by name, or (with a slash or ending in .so) by file, which a process of its own has tried to
 * load before it is loaded here. NULL with a sentence, the nearest name in it. */
const gcb_workload *gcb_catalog_workload(gcb_catalog *c, const char *word, char *why, size_t why_size);
/* Part of gcb_catalog_close(). */
void gcb_catalog_close_workloads(gcb_catalog *c);
/* Does the word name a plug-in by its file? */
bool gcb_is_file(const char *word);
/* The file of a workload that was given by one; else NULL. */
const char *gcb_catalog_workload_file(const gcb_catalog *c, const gcb_workload *w);

/* "barrier=card,other=1", the options of a preset, as {barrier: "card", other: "1"}. New reference. */
json_t *gcb_preset_words(const char *options);

/* The rare paths (GCB_RARE() bits) that it can take; all when it does not tell. */
uint64_t gcb_entry_rare(const gcb_entry *e);

/* The child's part: describe the collector in `file`. New reference; {error} when it cannot be loaded. */
json_t *gcb_describe(const char *file);
/* The same for the workload in `file`, whose peak of live bytes is computed once: {name} or {error}. */
json_t *gcb_describe_workload(const char *file);

#endif
