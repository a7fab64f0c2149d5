/* Rows of option tables that mean the same in every command that runs cells; `settings` is the command's
 * structure, whose fields have the names used here. */
#ifndef GCB_CELL_OPTIONS_H
#define GCB_CELL_OPTIONS_H

#include "commands/commands.h"

#define GCB_OPTION_HEAPS(settings)                                                                           \
  {                                                                                                          \
    "heap", 'H', GCB_INTO_HEAP_SIZES(settings, heaps),                                                       \
        .argument = "SIZE,...", .initial = "3x",                                                             \
        .help = "heap bounds: factors of the workload's peak live bytes, or bytes with K, M, G"              \
  }
#define GCB_OPTION_LIVE(settings)                                                                            \
  {                                                                                                          \
    "live", 0, GCB_INTO_HEAP_SIZES(settings, live),                                                          \
        .argument = "SIZE,...",                                                                              \
        .help = "choose the workload's parameters so that it keeps about so many bytes alive (64M), and "    \
                "does so much in an iteration that there are collections; those given with -p stay"          \
  }
#define GCB_OPTION_PARAMS(settings)                                                                          \
  {                                                                                                          \
    "param", 'p', GCB_INTO_SWEEPS(settings, params), .argument = "KEY=V,...",                                \
                                                     .help = "workload parameters; several values sweep"     \
  }
#define GCB_OPTION_OPTIONS(settings)                                                                         \
  {                                                                                                          \
    "option", 'o', GCB_INTO_SWEEPS(settings, options), .argument = "KEY=V,...",                              \
                                                       .help = "collector options; several values sweep"     \
  }
#define GCB_OPTION_MUTATORS(settings)                                                                        \
  {                                                                                                          \
    "mutators", 'm', GCB_INTO_UNSIGNED(settings, mutators), .argument = "N", .initial = "1", .min = 1,       \
                                                            .max = 64, .help = "mutator threads"             \
  }
#define GCB_OPTION_WORKERS(settings)                                                                         \
  {                                                                                                          \
    "gc-threads", 'g', GCB_INTO_UNSIGNED(settings, workers),                                                 \
        .argument = "N", .initial = "1", .min = 1, .max = 64,                                                \
        .help = "threads that work in a stop, of collectors that are parallel; the mutator that stops the "  \
                "world is one of them"                                                                       \
  }
#define GCB_OPTION_WARMUPS(settings)                                                                         \
  {                                                                                                          \
    "warmups", 0, GCB_INTO_UNSIGNED(settings, warmups),                                                      \
        .argument = "N", .initial = "1", .min = 0, .max = 100000, .help = "untimed repetitions before them"  \
  }
#define GCB_OPTION_PIN(settings)                                                                             \
  {                                                                                                          \
    "pin", 0, GCB_INTO_STRING(settings, pin),                                                                \
        .argument = "CPUS", .initial = "auto",                                                               \
        .help = "auto, none, or a list such as 0,2-3: mutators first, then collector threads"                \
  }
/* CPU time, or time of waiting, that the child of an invocation may take without progress, see hang.h. */
#define GCB_OPTION_TIMEOUT(settings, default_time)                                                           \
  {                                                                                                          \
    "timeout", 't', GCB_INTO_DURATION(settings, timeout),                                                    \
        .argument = "TIME", .initial = default_time, .min = 1000000,                                         \
        .help =                                                                                              \
            "CPU time within which an iteration must end, and how long a process may wait without using "    \
            "any; else it is killed"                                                                         \
  }
/* Columns of the tables that gcb_table_print() makes; checked by gcb_table_choice(). */
#define GCB_OPTION_COLUMNS(settings)                                                                         \
  {                                                                                                          \
    "columns", 0, GCB_INTO_STRINGS(settings, columns),                                                       \
        .argument = "NAME,...",                                                                              \
        .help = "columns of the tables, in this order, or all; else those that fit the terminal, or "        \
                "80 characters"                                                                              \
  }
#define GCB_OPTION_QUIET(settings)                                                                           \
  { "quiet", 'q', GCB_INTO_FLAG(settings, quiet), .help = "no progress on standard error" }

#endif
