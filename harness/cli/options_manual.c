/* Manual pages, from the tables of the command line. */
#include "cli/options_private.h"

#include <ctype.h>
#include <string.h>

/* Text of n characters as man(7) takes it: no line is a request, a dash is a dash, no escape is meant. */
static void write_text(FILE *out, const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if ((text[i] == '.' || text[i] == '\'') && (i == 0 || text[i - 1] == '\n')) fputs("\\&", out);
    if (text[i] == '\\')
      fputs("\\e", out);
    else if (text[i] == '-')
      fputs("\\-", out);
    else if (text[i] == '\n' && i && text[i - 1] == '\n')
      continue;
    else
      putc(text[i], out);
  }
}

static void write_string(FILE *out, const char *text) {
  write_text(out, text, strlen(text));
}

/* Each line of a text as a paragraph. */
static void write_paragraphs(FILE *out, const char *text) {
  while (*text) {
    size_t n = strcspn(text, "\n");
    if (n) {
      fputs(".PP\n", out);
      write_text(out, text, n);
      putc('\n', out);
    }
    text += n + (text[n] == '\n');
  }
}

/* Each line of a text as it stands, in an example. */
static void write_example(FILE *out, const char *text) {
  fputs(".PP\n.nf\n.RS\n", out);
  write_string(out, text);
  fputs("\n.RE\n.fi\n", out);
}

static void write_heading(FILE *out, const char *heading) {
  fputs(".SH ", out);
  for (const char *c = heading; *c; c++) putc(toupper((unsigned char)*c), out);
  putc('\n', out);
}

static void write_option(FILE *out, const struct gcb_cli_option *o) {
  fputs(".TP\n", out);
  if (o->letter) fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
  fputs("\\fB\\-\\-", out);
  write_string(out, o->name);
  fputs("\\fR", out);
  if (o->argument) {
    fputs(" \\fI", out);
    write_string(out, o->argument);
    fputs("\\fR", out);
  }
  putc('\n', out);
  write_string(out, o->help);
  for (size_t i = 0; o->choices && o->choices[i]; i++) {
    fputs(i ? ", " : "; one of ", out);
    write_string(out, o->choices[i]);
  }
  if (o->initial) {
    fputs(" (default: ", out);
    write_string(out, o->initial);
    putc(')', out);
  }
  putc('\n', out);
}

static void write_head(FILE *out, const struct gcb_program *program, const char *command, const char *version,
                       const char *summary) {
  char title[100];
  snprintf(title, sizeof title, "%s%s%s", program->name, *command ? "-" : "", command);
  fputs(".TH ", out);
  for (const char *c = title; *c; c++) putc(toupper((unsigned char)*c), out);
  fprintf(out, " 1 \"\" \"%s %s\" \"User commands\"\n.SH NAME\n", program->name, version);
  write_string(out, title);
  fputs(" \\- ", out);
  write_string(out, summary);
  putc('\n', out);
}

static void write_program(const struct gcb_program *program, const char *version, FILE *out) {
  write_head(out, program, "", version, program->summary);
  fprintf(out, ".SH SYNOPSIS\n\\fB%s\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n", program->name);
  for (size_t i = 0; i < program->n_commands; i++) {
    fprintf(out, ".TP\n\\fB%s\\-%s\\fR(1)\n", program->name, program->commands[i]->name);
    write_string(out, program->commands[i]->summary);
    putc('\n', out);
  }
  if (program->examples) {
    write_heading(out, "examples");
    write_example(out, program->examples);
  }
}

void gcb_manual_page(const struct gcb_program *program, const struct gcb_command *command,
                     const char *version, FILE *out) {
  if (!command) {
    write_program(program, version, out);
    return;
  }
  write_head(out, program, command->name, version, command->summary);
  write_heading(out, "synopsis");
  for (const char *line = command->usage; *line;) {
    size_t n = strcspn(line, "\n");
    fprintf(out, "\\fB%s %s\\fR ", program->name, command->name);
    write_text(out, line, n);
    line += n + (line[n] == '\n');
    fputs(*line ? "\n.br\n" : "\n", out);
  }
  if (command->description) {
    write_heading(out, "description");
    write_paragraphs(out, command->description);
  }
  if (command->positionals.max) {
    write_heading(out, "arguments");
    fputs(".TP\n\\fI", out);
    write_string(out, command->positionals.argument);
    fputs("\\fR\n", out);
    write_string(out, command->positionals.help);
    putc('\n', out);
  }
  write_heading(out, "options");
  write_option(out, &gcb_help_option);
  for (size_t i = 0; i < command->n_options; i++) {
    if (command->options[i].heading) {
      fputs(".SS ", out);
      write_string(out, command->options[i].heading);
      putc('\n', out);
    }
    write_option(out, &command->options[i]);
  }
  if (command->examples) {
    write_heading(out, "examples");
    write_example(out, command->examples);
  }
  write_heading(out, "see also");
  fprintf(out, "\\fB%s\\fR(1)\n", program->name);
}
