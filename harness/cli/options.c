/* The entry of the command line: which command is meant, its settings and their memory, the form of messages.
 * The command's words are walked in options_walk.c, values made in options_convert.c, help in options_help.c.
 */
#include "cli/options_private.h"
#include "results/model/clean.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct gcb_block {
  struct gcb_block *next;
  max_align_t bytes[];
};

/* A word from outside could hold anything, control sequences for the terminal and line feeds included. */
static void write_word(FILE *err, const char *word) {
  enum { LONGEST = 60 };
  bool plain = *word != '\0';
  for (const char *c = word; *c; c++) plain &= (unsigned char)*c >= 0x80 || isgraph((unsigned char)*c);
  if (!plain) putc('\'', err);
  char shown[4 * LONGEST + 1];
  size_t length = strlen(word);
  gcb_clean(shown, sizeof shown, word, length < LONGEST ? length : LONGEST);
  for (const char *c = shown; *c; c++) /* a word is on one line */
    if (*c == '\n' || *c == '\t')
      fprintf(err, "\\x%02x", (unsigned char)*c);
    else
      putc(*c, err);
  if (length > LONGEST) fputs("...", err);
  if (!plain) putc('\'', err);
}

enum gcb_options_status gcb_options_wrong(const struct gcb_program *program,
                                          const struct gcb_command *command, const char *option,
                                          const char *word, const char *sentence, ...) {
  FILE *err = program->err ? program->err : stderr;
  const char *blank = command ? " " : "", *name = command ? command->name : "";
  fprintf(err, "%s%s%s: ", program->name, blank, name);
  if (option) write_word(err, option);
  if (option && word) putc(' ', err);
  if (word) write_word(err, word);
  if (option || word) fputs(": ", err);
  va_list arguments;
  va_start(arguments, sentence);
  char said[5000], shown[6000];
  vsnprintf(said, sizeof said, sentence, arguments);
  va_end(arguments);
  gcb_clean(shown, sizeof shown, said, strlen(said));
  fputs(shown, err);
  fprintf(err, "\nTry '%s%s%s --help'.\n", gcb_program_called(program), blank, name);
  return GCB_OPTIONS_WRONG;
}

struct gcb_phrase gcb_suggest(const char *dashes, const char *nearest) {
  struct gcb_phrase text = {""};
  if (nearest) snprintf(text.s, sizeof text.s, "; did you mean %s%s?", dashes, nearest);
  return text;
}

void *gcb_parse_allocate(struct gcb_parse *parse, size_t size) {
  struct gcb_block *block = calloc(1, offsetof(struct gcb_block, bytes) + (size ? size : 1));
  if (!block) {
    gcb_options_wrong(parse->program, parse->command, NULL, NULL,
                      "out of memory while reading the command line");
    return NULL;
  }
  block->next = parse->parsed->blocks;
  parse->parsed->blocks = block;
  return block->bytes;
}

char *gcb_parse_copy(struct gcb_parse *parse, const char *text, size_t n) {
  char *copy = gcb_parse_allocate(parse, n + 1);
  return copy ? memcpy(copy, text, n) : NULL;
}

bool gcb_parse_append(struct gcb_parse *parse, struct gcb_strings *list, const char *item, size_t length) {
  char *copy = gcb_parse_copy(parse, item, length);
  if (!copy) return false;
  /* A list doubles when its length is a power of two; the old array stays in the parse's memory. */
  if ((list->n & (list->n - 1)) == 0) {
    const char **items = gcb_parse_allocate(parse, (list->n ? 2 * list->n : 1) * sizeof *items);
    if (!items) return false;
    if (list->n) memcpy(items, list->items, list->n * sizeof *items);
    list->items = items;
  }
  list->items[list->n++] = copy;
  return true;
}

void gcb_parsed_free(struct gcb_parsed *parsed) {
  for (struct gcb_block *block = parsed->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  *parsed = (struct gcb_parsed){0};
}

bool gcb_option_given(const struct gcb_parsed *parsed, const char *name) {
  for (size_t i = 0; i < parsed->command->n_options; i++)
    if (strcmp(parsed->command->options[i].name, name) == 0) return parsed->given[i];
  return false;
}

const char *gcb_option_string(const struct gcb_parsed *parsed, const char *name) {
  for (size_t i = 0; i < parsed->command->n_options; i++) {
    const struct gcb_cli_option *o = &parsed->command->options[i];
    if (strcmp(o->name, name) == 0 && o->type == GCB_OPTION_STRING)
      return *(const char *const *)((const char *)parsed->settings + o->offset);
  }
  return NULL;
}

static enum gcb_options_status apply_defaults(struct gcb_parse *parse) {
  for (size_t i = 0; i < parse->command->n_options; i++) {
    const struct gcb_cli_option *option = &parse->command->options[i];
    if (parse->parsed->given[i] || !option->initial) continue;
    if (!gcb_option_convert(parse, option, option->name, option->initial)) return GCB_OPTIONS_WRONG;
  }
  return GCB_OPTIONS_OK;
}

static enum gcb_options_status parse_command(const struct gcb_program *program,
                                             const struct gcb_command *command, int argc, char *const argv[],
                                             struct gcb_parsed *parsed) {
  struct gcb_parse parse = {program, command, parsed};
  enum gcb_options_status status = GCB_OPTIONS_WRONG;
  parsed->command = command;
  parsed->settings = gcb_parse_allocate(&parse, command->settings_size);
  if (parsed->settings) parsed->given = gcb_parse_allocate(&parse, command->n_options * sizeof(bool));
  if (parsed->given) status = gcb_command_walk(&parse, argc, argv);
  if (status == GCB_OPTIONS_OK) status = apply_defaults(&parse);
  if (status != GCB_OPTIONS_OK) gcb_parsed_free(parsed);
  return status;
}

/* The command of this name; NULL after a message. */
static const struct gcb_command *find_command(const struct gcb_program *program, const char *name) {
  const char *nearest = NULL;
  const char **names = calloc(program->n_commands + 1, sizeof *names);
  for (size_t i = 0; i < program->n_commands; i++) {
    if (strcmp(program->commands[i]->name, name) == 0) {
      free(names);
      return program->commands[i];
    }
    if (names) names[i] = program->commands[i]->name;
  }
  if (names) nearest = gcb_nearest(name, names, program->n_commands);
  gcb_options_wrong(program, NULL, name, NULL, "unknown command%s", gcb_suggest("", nearest).s);
  free(names);
  return NULL;
}

/* "help", "--help" or "-h" instead of a command, with or without a command behind it. */
static enum gcb_options_status answer_help(const struct gcb_program *program, int argc, char *const argv[]) {
  FILE *out = program->out ? program->out : stdout;
  if (argc > 3)
    return gcb_options_wrong(program, NULL, argv[3], NULL, "unexpected argument; write %s help %s",
                             program->name, argv[2]);
  if (argc < 3) {
    gcb_help_program(program, out);
    return GCB_OPTIONS_HELP;
  }
  const struct gcb_command *command = find_command(program, argv[2]);
  if (!command) return GCB_OPTIONS_WRONG;
  gcb_help_command(program, command, out);
  return GCB_OPTIONS_HELP;
}

/* Options of a command belong behind it; which command has one by this name makes the example. */
static enum gcb_options_status misplaced_option(const struct gcb_program *program, const char *word) {
  size_t length = strcspn(word, "=");
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word);
  for (size_t i = 0; i < program->n_commands; i++)
    for (size_t j = 0; j < program->commands[i]->n_options; j++)
      if (strncmp(word, "--", 2) == 0 && strcmp(name + 2, program->commands[i]->options[j].name) == 0)
        return gcb_options_wrong(program, NULL, name, NULL,
                                 "an option before the command; write the command first, such as %s %s %s",
                                 program->name, program->commands[i]->name, name);
  static const char *const options[] = {"help", "version"};
  const char *nearest =
      strncmp(name, "--", 2) == 0 ? gcb_nearest(name + 2, options, program->version ? 2 : 1) : NULL;
  return gcb_options_wrong(program, NULL, name, NULL, "unknown option%s", gcb_suggest("--", nearest).s);
}

enum gcb_options_status gcb_options_parse(const struct gcb_program *program, int argc, char *const argv[],
                                          struct gcb_parsed *parsed) {
  *parsed = (struct gcb_parsed){0};
  if (argc < 2) {
    gcb_help_program(program, program->err ? program->err : stderr);
    return GCB_OPTIONS_WRONG;
  }
  const char *word = argv[1];
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
    return answer_help(program, argc, argv);
  if (program->version && (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)) {
    program->version(program->out ? program->out : stdout);
    return GCB_OPTIONS_HELP;
  }
  if (word[0] == '-') return misplaced_option(program, word);
  const struct gcb_command *command = find_command(program, word);
  return command ? parse_command(program, command, argc - 1, argv + 1, parsed) : GCB_OPTIONS_WRONG;
}
