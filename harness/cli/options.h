/* The command line: a program is a table of commands, a command a table of options.
 *
 * Parsing fills a settings structure of the command. Each option names its field once, through one of the
 * GCB_INTO_ macros, which set the option's type too and do not compile when the field has another one.
 *
 * Rules that every command follows:
 * - Options and positional arguments mix in any order; "--" ends the options; "-" alone is positional.
 * - A long option is written in full. An abbreviation is an error that names the full option: scripts that
 *   abbreviate would break when an option is added. "-heap" is an error that names "--heap".
 * - A value follows as "--heap 3x", "--heap=3x", "-H 3x" or "-H3x". A separate word that spells an option of
 *   this command, or "--", is not taken for a value; "--json=--quiet" says that it is meant.
 * - Of a repeated option the last wins, but lists and sweeps grow. The first use replaces the default.
 * - "--help" and "-h" are everywhere. Words are handled in order: an error before "--help" is still an error.
 * - An error is one sentence on stderr, which names the command, the offending word, what was expected and an
 *   example, then a line that points to the help. Nothing here exits. */
#ifndef GCB_OPTIONS_H
#define GCB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "results/model/values.h"
#include "results/text/nearest.h"

enum gcb_options_status {
  GCB_OPTIONS_OK,
  GCB_OPTIONS_HELP,  /* help or the version was printed to stdout: nothing left to do, all well */
  GCB_OPTIONS_WRONG, /* a message was printed to stderr: wrong usage */
};

enum gcb_cli_option_type {
  GCB_OPTION_FLAG,       /* no value: true when given */
  GCB_OPTION_STRING,     /* not empty */
  GCB_OPTION_STRINGS,    /* commas and repetition */
  GCB_OPTION_UNSIGNED,   /* min to max */
  GCB_OPTION_DURATION,   /* nanoseconds, min to max */
  GCB_OPTION_HEAP_SIZES, /* commas and repetition */
  GCB_OPTION_SWEEPS,     /* key=value,value; repetition */
  GCB_OPTION_SEED,
};

/* Initialisers of .type and .offset, checked against the field's type:
 *   {"heap", 'H', GCB_INTO_HEAP_SIZES(struct run_settings, heaps), .argument = "SIZE,...", ...} */
#define GCB_INTO(option_type, field_type, settings, field)                                                   \
  .type = (option_type),                                                                                     \
  .offset = offsetof(settings, field) + 0 * sizeof(char[_Generic(((settings *)0)->field, field_type : 1)])
#define GCB_INTO_FLAG(settings, field)     GCB_INTO(GCB_OPTION_FLAG, bool, settings, field)
#define GCB_INTO_STRING(settings, field)   GCB_INTO(GCB_OPTION_STRING, const char *, settings, field)
#define GCB_INTO_STRINGS(settings, field)  GCB_INTO(GCB_OPTION_STRINGS, struct gcb_strings, settings, field)
#define GCB_INTO_UNSIGNED(settings, field) GCB_INTO(GCB_OPTION_UNSIGNED, uint64_t, settings, field)
#define GCB_INTO_DURATION(settings, field) GCB_INTO(GCB_OPTION_DURATION, uint64_t, settings, field)
#define GCB_INTO_HEAP_SIZES(settings, field)                                                                 \
  GCB_INTO(GCB_OPTION_HEAP_SIZES, struct gcb_heap_sizes, settings, field)
#define GCB_INTO_SWEEPS(settings, field) GCB_INTO(GCB_OPTION_SWEEPS, struct gcb_sweeps, settings, field)
#define GCB_INTO_SEED(settings, field)   GCB_INTO(GCB_OPTION_SEED, uint64_t, settings, field)

struct gcb_cli_option {
  const char *name; /* long, without dashes; never "help" */
  char letter;      /* short, a letter or digit; 0 for none; never 'h' */
  enum gcb_cli_option_type type;
  size_t offset;
  const char *argument;       /* as the help shows the value: "FILE"; NULL exactly for a flag */
  const char *initial;        /* default, as a user would write it; NULL leaves the field zero */
  uint64_t min, max;          /* numbers and durations (in ns); a max of 0 is no limit */
  const char *const *choices; /* STRING, STRINGS: the valid words up to a NULL; NULL for any word */
  const char *heading;        /* starts a section of the help here, such as "Output" */
  const char *help;           /* one phrase; default and choices are added to it */
};

/* What a command takes besides options. All zero: nothing. */
struct gcb_positionals {
  const char *argument; /* as the help shows one: "RUN" */
  size_t min, max;      /* how many; SIZE_MAX is no limit */
  const char *help;
};

struct gcb_command {
  const char *name;
  const char *summary;     /* one line without a full stop, for the list of commands */
  const char *usage;       /* what follows the command's name; one line each, by '\n' */
  const char *description; /* paragraphs, wrapped when printed; NULL for none */
  const char *examples;    /* lines, printed as they are; NULL for none */
  const struct gcb_cli_option *options;
  size_t n_options;
  struct gcb_positionals positionals;
  size_t settings_size; /* of the structure that the options fill */
  bool finishes;        /* signals do not end it: it takes them itself, and ends with what it has */
};

/* How a shell learns the valid words of options that have this long name, or of positional arguments that the
 * help shows so. One of the two is NULL. */
struct gcb_listing {
  const char *name;    /* "workload", "RUN" */
  const char *command; /* "list workloads": words begin its lines, after two blanks or none; */
  const char *words;   /* or the words themselves, with blanks between them */
  bool files;          /* a file's name is valid too */
};

struct gcb_program {
  const char *name;
  const char *summary;
  const char *examples;
  /* Name, summary, .., NULL: what the launcher of a clone answers itself; in the help when it was called. */
  const char *const *clone_commands;
  const struct gcb_command *const *commands; /* pointers, so that each command can live in its own file */
  size_t n_commands;
  const struct gcb_listing *listings; /* for completions; may be NULL */
  size_t n_listings;
  void (*version)(FILE *out); /* prints the answer to --version, with its newline; NULL: no such option */
  FILE *out, *err;            /* NULL for stdout, stderr */
  unsigned columns;           /* 0 for the terminal's width; never more than 100 are used */
};

/* The result of parsing. It owns its settings and every string in them; argv need not outlive the parse. */
struct gcb_parsed {
  const struct gcb_command *command; /* the program's */
  void *settings;                    /* a structure of the command's settings_size: defaults, then options */
  struct gcb_strings positionals;
  bool *given; /* by option index: on the command line, as opposed to its default */
  struct gcb_block *blocks;
};

/* Reads "program [--help | --version | help [COMMAND] | COMMAND arguments...]". No command at all is WRONG,
 * with the help on stderr. argv is not reordered. On GCB_OPTIONS_OK the caller passes *parsed to
 * gcb_parsed_free() when done; otherwise it is all zero and freeing it does no harm. Running out of memory is
 * WRONG, with a message. Uses getopt's global state: one thread at a time. */
enum gcb_options_status gcb_options_parse(const struct gcb_program *program, int argc, char *const argv[],
                                          struct gcb_parsed *parsed);

/* Frees the settings, all strings and lists in them, and the positionals; leaves *parsed all zero. */
void gcb_parsed_free(struct gcb_parsed *parsed);

/* Whether the option of this long name was on the command line. False for a name that the command lacks. */
bool gcb_option_given(const struct gcb_parsed *parsed, const char *name);

/* The value of the GCB_OPTION_STRING of this long name; NULL when it has none, or the command no such option.
 */
const char *gcb_option_string(const struct gcb_parsed *parsed, const char *name);

/* Reports wrong usage that only the command can see (an unknown workload, options that exclude each other) as
 * the parser does: "gcbench run: --workload tre: <sentence>", and the pointer to the help. `option` is as the
 * user writes it, "--workload", and may be NULL, as may `word`, which is quoted where needed. Always returns
 * GCB_OPTIONS_WRONG. */
enum gcb_options_status gcb_options_wrong(const struct gcb_program *program,
                                          const struct gcb_command *command, const char *option,
                                          const char *word, const char *sentence, ...)
    __attribute__((format(printf, 5, 6)));

/* The manual page of a command, or with NULL of the whole program, in the man(7) language, from the same
 * tables as the help. `version` stands in its foot. */
void gcb_manual_page(const struct gcb_program *program, const struct gcb_command *command,
                     const char *version, FILE *out);

/* A script by which a shell completes the words of the program: commands, options, choices, files, folders,
 * and words that the program lists. NULL for a shell that is not among gcb_completion_shells (a list that
 * ends in NULL).
 */
typedef void gcb_completion(const struct gcb_program *program, FILE *out);
extern const char *const gcb_completion_shells[];
gcb_completion *gcb_completion_for(const char *shell);

/* For the unit test of a program's tables: names what is inconsistent (a name or letter twice, a reserved
 * one, a default that its own option refuses, a flag with an argument, a missing text) on `err`, a line each.
 * Returns how many there are. */
unsigned gcb_program_faults(const struct gcb_program *program, FILE *err);

#endif
