/* Completions for bash, zsh and fish, from the tables of the command line. */
#include "cli/options_private.h"

#include <string.h>

/* What may stand where a value is expected. */
enum value_kind { NO_VALUE, ANY_WORD, FILE_NAME, FOLDER_NAME, ONE_OF, LISTED };

static const struct gcb_listing *listing(const struct gcb_program *program, const char *name) {
  for (size_t i = 0; i < program->n_listings; i++)
    if (strcmp(program->listings[i].name, name) == 0) return &program->listings[i];
  return NULL;
}

static const struct gcb_listing *listing_of(const struct gcb_program *program,
                                            const struct gcb_cli_option *o) {
  const struct gcb_listing *by_name = listing(program, o->name);
  return by_name ? by_name : listing(program, o->argument);
}

static enum value_kind kind_of(const struct gcb_program *program, const struct gcb_cli_option *o) {
  if (!o->argument) return NO_VALUE;
  if (o->choices) return ONE_OF;
  if (listing_of(program, o)) return LISTED;
  return strcmp(o->argument, "DIR") == 0 ? FOLDER_NAME : gcb_names_file(o->argument) ? FILE_NAME : ANY_WORD;
}

/* A phrase between single quotes of a shell; `drop`: characters that the phrase loses. */
static void write_phrase(FILE *out, const char *text, const char *drop) {
  for (; *text; text++)
    if (*text == '\'')
      fputs("'\\''", out);
    else if (!strchr(drop, *text))
      putc(*text == '\n' ? ' ' : *text, out);
}

static void write_choices(FILE *out, const struct gcb_cli_option *o) {
  for (size_t i = 0; o->choices[i]; i++) fprintf(out, "%s%s", i ? " " : "", o->choices[i]);
}

/* The words of a listing, between `before` and `after` where the program prints them. */
static void write_listing(FILE *out, const char *program, const struct gcb_listing *l, const char *before,
                          const char *after) {
  if (l->words)
    fputs(l->words, out);
  else
    fprintf(out, "%s_%s_listed %s%s", before, program, l->command, after);
}

/* ---- bash ---- */

/* A pattern of "--name" and "-n", as the branch of a case. */
static void bash_branch(FILE *out, const struct gcb_command *c, const struct gcb_cli_option *o) {
  fprintf(out, "    '%s --%s'", c->name, o->name);
  if (o->letter) fprintf(out, " | '%s -%c'", c->name, o->letter);
  fputs(") ", out);
}

static void bash_value(const struct gcb_program *program, FILE *out, const struct gcb_command *c,
                       const struct gcb_cli_option *o) {
  enum value_kind kind = kind_of(program, o);
  if (kind == NO_VALUE) return;
  bash_branch(out, c, o);
  switch (kind) {
  case ONE_OF:
    fputs("words='", out);
    write_choices(out, o);
    fputs("' ;;\n", out);
    break;
  case LISTED:
    fputs("words=\"", out);
    write_listing(out, program->name, listing_of(program, o), "$(", ")");
    fputs("\" ;;\n", out);
    break;
  case FILE_NAME:
    fputs("kind=-f ;;\n", out);
    break;
  case FOLDER_NAME:
    fputs("kind=-d ;;\n", out);
    break;
  default:
    fputs("return ;;\n", out);
  }
}

/* What the shells share: the words that the program lists, one a line. */
static void write_listed(const char *name, FILE *out) {
  fprintf(out,
          "_%s_listed() {\n"
          "  \"${COMP_WORDS[0]:-${words[1]:-%s}}\" \"$@\" 2>/dev/null | sed -n 's/^ \\{0,2\\}\\([^ -][^ "
          "]*\\) .*/\\1/p'\n"
          "}\n",
          name, name);
}

static void bash(const struct gcb_program *program, FILE *out) {
  const char *name = program->name;
  fprintf(out, "# Completions of %s for bash.\n", name);
  write_listed(name, out);
  fprintf(out,
          "_%s() {\n"
          "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} "
          "command=${COMP_WORDS[1]}\n"
          "  local words= kind= options= before=\n"
          "  COMPREPLY=()\n"
          "  if ((COMP_CWORD == 1)); then\n"
          "    words='",
          name);
  for (size_t i = 0; i < program->n_commands; i++) fprintf(out, "%s ", program->commands[i]->name);
  fputs("help --help --version'\n  fi\n  case $command in\n", out);
  for (size_t i = 0; i < program->n_commands; i++) {
    const struct gcb_command *c = program->commands[i];
    fprintf(out, "    '%s') options='", c->name);
    for (size_t k = 0; k < c->n_options; k++) fprintf(out, "--%s ", c->options[k].name);
    fputs("--help'", out);
    const struct gcb_listing *listed = c->positionals.max ? listing(program, c->positionals.argument) : NULL;
    if (listed) {
      fputs("; ((COMP_CWORD == 1)) || words=\"", out);
      write_listing(out, name, listed, "$(", ")");
      fputc('"', out);
    }
    if (c->positionals.max && (!listed || listed->files)) fputs("; ((COMP_CWORD == 1)) || kind=-f", out);
    fputs(" ;;\n", out);
  }
  fputs("  esac\n  if ((COMP_CWORD > 1)) && [[ $current == -* ]]; then\n    words=$options kind=\n  elif "
        "((COMP_CWORD > 1)); then\n    case \"$command $previous\" in\n",
        out);
  for (size_t i = 0; i < program->n_commands; i++)
    for (size_t k = 0; k < program->commands[i]->n_options; k++)
      bash_value(program, out, program->commands[i], &program->commands[i]->options[k]);
  fprintf(out,
          "    esac\n"
          "  fi\n"
          "  [[ $current != *,* || $kind ]] || before=${current%%,*},\n" /* a list: its last word */
          "  [[ ! $words ]] || mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$words\" -- "
          "\"${current##*,}\")\n"
          "  [[ ! $kind ]] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"$kind\" -- "
          "\"$current\")\n"
          "}\n"
          "complete -o filenames -F _%s %s ./%s\n",
          name, name, name);
}

/* ---- zsh ---- */

static void zsh_value(const struct gcb_program *program, FILE *out, const char *argument,
                      enum value_kind kind, const struct gcb_cli_option *o,
                      const struct gcb_listing *listed) {
  fputc(':', out);
  write_phrase(out, argument, ":[]'");
  fputc(':', out);
  switch (kind) {
  case ONE_OF:
    fputs("(", out);
    write_choices(out, o);
    fputs(")", out);
    break;
  case LISTED:
    fputs("{local -a w; w=(", out);
    write_listing(out, program->name, listed, "$(", ")");
    fputs("); _sequence compadd - $w}", out);
    break;
  case FILE_NAME:
    fputs("_files", out);
    break;
  case FOLDER_NAME:
    fputs("_files -/", out);
    break;
  default:
    fputs(" ", out);
  }
}

static void zsh_option(const struct gcb_program *program, FILE *out, const struct gcb_cli_option *o) {
  enum value_kind kind = kind_of(program, o);
  for (int letter = 0; letter < (o->letter ? 2 : 1); letter++) {
    if (letter)
      fprintf(out, " \\\n        '*-%c%s[", o->letter, kind == NO_VALUE ? "" : "+");
    else
      fprintf(out, " \\\n        '*--%s%s[", o->name, kind == NO_VALUE ? "" : "=");
    write_phrase(out, o->help, "[]:");
    fputc(']', out);
    if (kind != NO_VALUE)
      zsh_value(program, out, o->argument, kind, o, kind == LISTED ? listing_of(program, o) : NULL);
    fputc('\'', out);
  }
}

static void zsh(const struct gcb_program *program, FILE *out) {
  const char *name = program->name;
  fprintf(out, "#compdef %s\n# Completions of %s for zsh.\n", name, name);
  write_listed(name, out);
  fprintf(out, "_%s() {\n  local -a commands\n  commands=(\n", name);
  for (size_t i = 0; i < program->n_commands; i++) {
    fprintf(out, "    '%s:", program->commands[i]->name);
    write_phrase(out, program->commands[i]->summary, ":");
    fputs("'\n", out);
  }
  fputs("  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    return\n  fi\n  case "
        "$words[2] in\n",
        out);
  for (size_t i = 0; i < program->n_commands; i++) {
    const struct gcb_command *c = program->commands[i];
    fprintf(out, "    %s)\n      shift words; ((CURRENT--))\n      _arguments '--help[print this help]'",
            c->name);
    for (size_t k = 0; k < c->n_options; k++) zsh_option(program, out, &c->options[k]);
    if (c->positionals.max) {
      const struct gcb_listing *listed = listing(program, c->positionals.argument);
      fputs(" \\\n        '*", out);
      zsh_value(program, out, c->positionals.argument, listed ? LISTED : FILE_NAME, NULL, listed);
      fputc('\'', out);
    }
    fputs(" ;;\n", out);
  }
  fprintf(
      out,
      "  esac\n}\n[[ $funcstack[1] != _%s ]] || _%s \"$@\"\n(( ! $+functions[compdef] )) || compdef _%s %s\n",
      name, name, name, name);
}

/* ---- fish ---- */

static void fish(const struct gcb_program *program, FILE *out) {
  const char *name = program->name;
  fprintf(out,
          "# Completions of %s for fish.\n"
          "function __%s_listed\n"
          "  set -l words (commandline -opc)\n"
          "  $words[1] $argv 2>/dev/null | string replace -rf '^ {0,2}([^ -][^ ]*) .*' '$1'\n"
          "end\n"
          "complete -c %s -f\n",
          name, name, name);
  for (size_t i = 0; i < program->n_commands; i++) {
    const struct gcb_command *c = program->commands[i];
    fprintf(out, "complete -c %s -n __fish_use_subcommand -a '%s' -d '", name, c->name);
    write_phrase(out, c->summary, "");
    fputs("'\n", out);
    for (size_t k = 0; k < c->n_options; k++) {
      const struct gcb_cli_option *o = &c->options[k];
      enum value_kind kind = kind_of(program, o);
      fprintf(out, "complete -c %s -n '__fish_seen_subcommand_from %s' -l %s", name, c->name, o->name);
      if (o->letter) fprintf(out, " -s %c", o->letter);
      if (kind != NO_VALUE) fputs(" -r", out);
      if (kind == FILE_NAME || kind == FOLDER_NAME) fputs(" -F", out);
      if (kind == ONE_OF) {
        fputs(" -f -a '", out);
        write_choices(out, o);
        fputc('\'', out);
      }
      if (kind == LISTED) {
        fputs(" -f -a '", out);
        write_listing(out, name, listing_of(program, o), "(_", ")");
        fputc('\'', out);
      }
      fputs(" -d '", out);
      write_phrase(out, o->help, "");
      fputs("'\n", out);
    }
    const struct gcb_listing *listed = c->positionals.max ? listing(program, c->positionals.argument) : NULL;
    if (!c->positionals.max) continue;
    fprintf(out, "complete -c %s -n '__fish_seen_subcommand_from %s'%s", name, c->name,
            !listed || listed->files ? " -F" : "");
    if (listed) {
      fputs(" -a '", out);
      write_listing(out, name, listed, "(_", ")");
      fputc('\'', out);
    }
    fputc('\n', out);
  }
}

/* ---- the shells ---- */

const char *const gcb_completion_shells[] = {"bash", "zsh", "fish", NULL};
static gcb_completion *const completions[] = {bash, zsh, fish};

gcb_completion *gcb_completion_for(const char *shell) {
  for (size_t i = 0; gcb_completion_shells[i]; i++)
    if (strcmp(gcb_completion_shells[i], shell) == 0) return completions[i];
  return NULL;
}
