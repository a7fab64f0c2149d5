/* What a program's tables promise each other, for the unit test that calls gcb_program_faults(). */
#include "cli/options_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

struct check {
  const struct gcb_program *program;
  const struct gcb_command *command;
  FILE *err;
  unsigned faults;
};

__attribute__((format(printf, 3, 4))) static void fault(struct check *check, const char *option,
                                                        const char *sentence, ...) {
  check->faults++;
  fprintf(check->err, "%s%s%s: ", check->command ? check->command->name : check->program->name,
          option ? " --" : "", option ? option : "");
  va_list arguments;
  va_start(arguments, sentence);
  vfprintf(check->err, sentence, arguments);
  va_end(arguments);
  putc('\n', check->err);
}

static bool is_empty(const char *text) {
  return !text || !*text;
}

/* The parser itself judges a default; its message is the fault's explanation. */
static bool default_is_valid(struct check *check, const struct gcb_cli_option *option) {
  struct gcb_program program = *check->program;
  struct gcb_parsed parsed = {0};
  struct gcb_parse parse = {&program, check->command, &parsed};
  program.err = check->err;
  parsed.settings = gcb_parse_allocate(&parse, check->command->settings_size);
  bool valid = parsed.settings && gcb_option_convert(&parse, option, option->name, option->initial);
  gcb_parsed_free(&parsed);
  return valid;
}

static size_t field_size(enum gcb_cli_option_type type) {
  switch (type) {
  case GCB_OPTION_FLAG:
    return sizeof(bool);
  case GCB_OPTION_STRINGS:
    return sizeof(struct gcb_strings);
  case GCB_OPTION_HEAP_SIZES:
    return sizeof(struct gcb_heap_sizes);
  case GCB_OPTION_SWEEPS:
    return sizeof(struct gcb_sweeps);
  default:
    return sizeof(uint64_t);
  }
}

static void check_option(struct check *check, const struct gcb_cli_option *option) {
  const struct gcb_command *command = check->command;
  const char *name = option->name ? option->name : "";
  bool flag = option->type == GCB_OPTION_FLAG;

  if (strlen(name) < 2) fault(check, name, "a long name has two letters or more");
  if (strpbrk(name, "= ") || *name == '-')
    fault(check, name, "a name has no dash before it, no blank and no '='");
  if (strcmp(name, "help") == 0 || option->letter == 'h') fault(check, name, "--help and -h are taken");
  if (option->letter && !isalnum((unsigned char)option->letter))
    fault(check, name, "the letter is neither a letter nor a digit");
  if (is_empty(option->help)) fault(check, name, "no help text");
  if (flag && option->argument) fault(check, name, "a flag has no argument");
  if (!flag && is_empty(option->argument)) fault(check, name, "no name for the argument");
  if (flag && option->initial) fault(check, name, "a flag has no default but false");
  if (option->max && option->min > option->max) fault(check, name, "the minimum is above the maximum");
  if (option->choices && option->type != GCB_OPTION_STRING && option->type != GCB_OPTION_STRINGS)
    fault(check, name, "choices are for strings");
  for (const struct gcb_cli_option *other = command->options; other < option; other++) {
    if (strcmp(is_empty(other->name) ? "" : other->name, name) == 0)
      fault(check, name, "the name is there twice");
    if (option->letter && other->letter == option->letter)
      fault(check, name, "the letter is that of --%s", other->name);
  }
  if (option->offset + field_size(option->type) > command->settings_size)
    fault(check, name, "the field is outside of the settings");
  else if (!flag && option->initial && !default_is_valid(check, option))
    fault(check, name, "the default is not valid");
}

unsigned gcb_program_faults(const struct gcb_program *program, FILE *err) {
  struct check check = {.program = program, .err = err};
  if (is_empty(program->name) || is_empty(program->summary)) fault(&check, NULL, "no name or no summary");
  for (size_t i = 0; i < program->n_commands; i++) {
    const struct gcb_command *command = check.command = program->commands[i];
    if (is_empty(command->summary)) fault(&check, NULL, "no summary");
    if (is_empty(command->usage)) fault(&check, NULL, "no usage");
    if (strcmp(command->name, "help") == 0 || *command->name == '-') fault(&check, NULL, "the name is taken");
    for (size_t j = 0; j < i; j++)
      if (strcmp(program->commands[j]->name, command->name) == 0)
        fault(&check, NULL, "the name is there twice");
    if (command->positionals.min > command->positionals.max)
      fault(&check, NULL, "more arguments are needed than allowed");
    if (command->positionals.max &&
        (is_empty(command->positionals.argument) || is_empty(command->positionals.help)))
      fault(&check, NULL, "no name or no help for the arguments");
    for (size_t j = 0; j < command->n_options; j++) check_option(&check, &command->options[j]);
  }
  return check.faults;
}
