/* Help, in columns that fit the terminal. */
#include "cli/options_private.h"
#include "results/model/called.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDEST = 100, NARROWEST = 40, LEFT_WIDEST = 34 };

/* Text flowing between an indent and the right edge. `column` is where the next character goes. */
struct flow {
  FILE *out;
  unsigned width, indent, column;
};

static unsigned width_for(const struct gcb_program *program, FILE *out) {
  unsigned columns = program->columns;
  struct winsize window;
  if (!columns && isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &window) == 0)
    columns = window.ws_col;
  if (!columns || columns > WIDEST) return WIDEST;
  return columns < NARROWEST ? NARROWEST : columns;
}

/* Columns of UTF-8 text: every byte but continuations. Good for what help texts hold. */
static unsigned columns_of(const char *text, size_t n) {
  unsigned columns = 0;
  for (size_t i = 0; i < n; i++) columns += ((unsigned char)text[i] & 0xC0) != 0x80;
  return columns;
}

static void new_line(struct flow *flow) {
  putc('\n', flow->out);
  flow->column = 0;
}

/* Blanks are written only before a word, so that no line ends in them. */
static void write_words(struct flow *flow, const char *text) {
  for (text = gcb_as_called(text); *text;) {
    size_t n = strcspn(text, " \n");
    if (n == 0) {
      if (*text == '\n') new_line(flow);
      text++;
      continue;
    }
    unsigned columns = columns_of(text, n);
    if (flow->column > flow->indent && flow->column + 1 + columns > flow->width) new_line(flow);
    if (flow->column < flow->indent)
      for (; flow->column < flow->indent; flow->column++) putc(' ', flow->out);
    else if (flow->column > flow->indent) {
      putc(' ', flow->out);
      flow->column++;
    }
    fwrite(text, 1, n, flow->out);
    flow->column += columns;
    text += n;
  }
}

static void write_paragraphs(FILE *out, unsigned width, const char *text) {
  struct flow flow = {.out = out, .width = width};
  write_words(&flow, text);
  new_line(&flow);
}

/* One row: a left column, then text at the indent; on the next line when the left is too long. */
static struct flow begin_row(FILE *out, unsigned width, unsigned indent, const char *left) {
  struct flow flow = {.out = out, .width = width, .indent = indent};
  flow.column = columns_of(left, strlen(left));
  fputs(left, out);
  if (flow.column + 2 > indent) new_line(&flow);
  return flow;
}

/* "  -p, --param KEY=V,..." */
static void write_left(char *left, size_t size, const struct gcb_cli_option *option) {
  char letter[] = "    ";
  if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
  snprintf(left, size, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
           option->argument ? option->argument : "");
}

static unsigned left_limit(unsigned width) {
  return width / 2 < LEFT_WIDEST ? width / 2 : LEFT_WIDEST;
}

/* The indent that leaves two blanks after the widest left column, outliers aside. */
static unsigned wider(unsigned indent, unsigned width, const char *left) {
  unsigned wanted = columns_of(left, strlen(left)) + 2;
  return wanted > indent && wanted <= left_limit(width) ? wanted : indent;
}

static void write_option(FILE *out, unsigned width, unsigned indent, const struct gcb_cli_option *option) {
  char left[160];
  write_left(left, sizeof left, option);
  struct flow flow = begin_row(out, width, indent, left);
  write_words(&flow, option->help);
  if (option->choices) {
    write_words(&flow, "[one of:");
    for (size_t i = 0; option->choices[i]; i++) {
      char choice[80];
      snprintf(choice, sizeof choice, "%s%s", option->choices[i], option->choices[i + 1] ? "," : "]");
      write_words(&flow, choice);
    }
  }
  if (option->initial) {
    char initial[160];
    snprintf(initial, sizeof initial, "[default: %s]", option->initial);
    write_words(&flow, initial);
  }
  new_line(&flow);
}

/* Each line of a text behind a prefix, as it is. */
static void write_lines(FILE *out, const char *first, const char *others, const char *text) {
  const char *prefix = first;
  for (text = gcb_as_called(text); *text;) {
    size_t n = strcspn(text, "\n");
    fprintf(out, "%s%.*s\n", n ? prefix : "", (int)n, text);
    prefix = others;
    text += n + (text[n] == '\n');
  }
}

const char *gcb_program_called(const struct gcb_program *program) {
  return strcmp(program->name, "gcbench") == 0 ? gcb_called() : program->name;
}

static void write_usage(const struct gcb_program *program, const struct gcb_command *command, FILE *out) {
  char first[160], others[160];
  snprintf(first, sizeof first, "Usage: %s %s ", gcb_program_called(program), command->name);
  snprintf(others, sizeof others, "       %s %s ", gcb_program_called(program), command->name);
  write_lines(out, first, others, command->usage);
}

void gcb_help_command(const struct gcb_program *program, const struct gcb_command *command, FILE *out) {
  unsigned width = width_for(program, out), indent = 0;
  char left[160];

  write_usage(program, command, out);
  putc('\n', out);
  write_paragraphs(out, width, command->summary);
  if (command->description) {
    putc('\n', out);
    write_paragraphs(out, width, command->description);
  }

  for (size_t i = 0; i <= command->n_options; i++) {
    write_left(left, sizeof left, i < command->n_options ? &command->options[i] : &gcb_help_option);
    indent = wider(indent, width, left);
  }
  if (command->positionals.max) {
    fputs("\nArguments:\n", out);
    snprintf(left, sizeof left, "  %s%s", command->positionals.argument,
             command->positionals.max > 1 ? "..." : "");
    struct flow flow = begin_row(out, width, indent, left);
    write_words(&flow, command->positionals.help);
    new_line(&flow);
  }
  /* --help closes the section that has no heading, be it otherwise empty: headed ones have a subject. */
  size_t first_headed = 0;
  while (first_headed < command->n_options && !command->options[first_headed].heading) first_headed++;
  fputs("\nOptions:\n", out);
  for (size_t i = 0; i <= command->n_options; i++) {
    if (i == first_headed) write_option(out, width, indent, &gcb_help_option);
    if (i == command->n_options) break;
    if (command->options[i].heading) fprintf(out, "\n%s:\n", command->options[i].heading);
    write_option(out, width, indent, &command->options[i]);
  }

  if (command->examples) {
    fputs("\nExamples:\n", out);
    write_lines(out, "  ", "  ", command->examples);
  }
}

void gcb_help_program(const struct gcb_program *program, FILE *out) {
  unsigned width = width_for(program, out), indent = 0;
  char left[160];

  fprintf(out, "Usage: %s COMMAND [OPTIONS]\n\n", gcb_program_called(program));
  write_paragraphs(out, width, program->summary);

  fputs("\nCommands:\n", out);
  for (size_t i = 0; i < program->n_commands; i++) {
    snprintf(left, sizeof left, "  %s", program->commands[i]->name);
    indent = wider(indent, width, left);
  }
  for (size_t i = 0; i < program->n_commands; i++) {
    snprintf(left, sizeof left, "  %s", program->commands[i]->name);
    struct flow flow = begin_row(out, width, indent, left);
    write_words(&flow, program->commands[i]->summary);
    new_line(&flow);
  }
  if (program->clone_commands && gcb_called_by_launcher()) {
    fputs("\nIn a clone:\n", out);
    for (const char *const *c = program->clone_commands; c[0]; c += 2) {
      snprintf(left, sizeof left, "  %s", c[0]);
      struct flow flow = begin_row(out, width, indent, left);
      write_words(&flow, c[1]);
      new_line(&flow);
    }
  }
  fputs("\nOptions:\n  -h, --help     print this help\n", out);
  if (program->version) fputs("  -V, --version  print the version\n", out);

  if (program->examples) {
    fputs("\nExamples:\n", out);
    write_lines(out, "  ", "  ", program->examples);
  }
  fprintf(out, "\n'%s COMMAND --help' explains a command.\n", gcb_program_called(program));
}
