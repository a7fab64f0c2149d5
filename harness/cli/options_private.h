/* Between the files of the command line: options.c, options_walk.c, options_convert.c, options_help.c. */
#ifndef GCB_OPTIONS_PRIVATE_H
#define GCB_OPTIONS_PRIVATE_H

#include "cli/options.h"

/* One parse under way. */
struct gcb_parse {
  const struct gcb_program *program;
  const struct gcb_command *command;
  struct gcb_parsed *parsed;
};

/* --help, which every command has and no table names. */
extern const struct gcb_cli_option gcb_help_option;

/* Zeroed memory that lives until gcb_parsed_free(); NULL when there is none, after a message. */
void *gcb_parse_allocate(struct gcb_parse *parse, size_t size);

/* A copy of the first n bytes of text, as above. */
char *gcb_parse_copy(struct gcb_parse *parse, const char *text, size_t n);

/* Appends an item (a copy) to a list that belongs to the parse; false without memory, after a message. */
bool gcb_parse_append(struct gcb_parse *parse, struct gcb_strings *list, const char *item, size_t length);

/* Whether an option or positional of this argument ("FILE", "DIR") names a file: then it may hold any bytes.
 */
bool gcb_names_file(const char *argument);

/* Stores the value of one use of an option into the settings. `shown` is the option as the user wrote it.
 * False after a message. A list grows: the caller applies a default only to an option that was not given. */
bool gcb_option_convert(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                        const char *text);

/* Takes the words after the command's name, argv[0] being the name itself. */
enum gcb_options_status gcb_command_walk(struct gcb_parse *parse, int argc, char *const argv[]);

/* The end of a sentence: "; did you mean --heap?", or nothing when there is no nearest name. */
struct gcb_phrase {
  char s[240];
};
struct gcb_phrase gcb_suggest(const char *dashes, const char *nearest);

/* What the option expects, with an example: "write a duration such as 500ms, 30s, 10m or 2h". */
struct gcb_phrase gcb_option_expects(const struct gcb_cli_option *option);

void gcb_help_program(const struct gcb_program *program, FILE *out);
void gcb_help_command(const struct gcb_program *program, const struct gcb_command *command, FILE *out);

/* The program's name in commands that are printed, see called.h. */
const char *gcb_program_called(const struct gcb_program *program);

#endif
