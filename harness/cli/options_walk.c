/* The words after a command's name, by way of getopt_long. Its conventions are worth having; its messages,
 * abbreviations and reordering are not, and are kept out here. */
#include "cli/options_private.h"
#include "results/model/clean.h"

#include <getopt.h>
#include <string.h>

/* getopt's answers for long options; above any letter. */
enum { LONG_BASE = 256 };

const struct gcb_cli_option gcb_help_option = {.name = "help", .letter = 'h', .help = "print this help"};

/* The option of exactly this long name, with or without "=value" behind it; NULL for none. */
static const struct gcb_cli_option *find_long(const struct gcb_command *command, const char *name) {
  size_t length = strcspn(name, "=");
  if (length == 4 && strncmp(name, "help", 4) == 0) return &gcb_help_option;
  for (size_t i = 0; i < command->n_options; i++) {
    const char *candidate = command->options[i].name;
    if (strncmp(candidate, name, length) == 0 && !candidate[length]) return &command->options[i];
  }
  return NULL;
}

static const struct gcb_cli_option *find_letter(const struct gcb_command *command, int letter) {
  if (letter == 'h') return &gcb_help_option;
  for (size_t i = 0; i < command->n_options; i++)
    if (command->options[i].letter && command->options[i].letter == letter) return &command->options[i];
  return NULL;
}

static bool spells_option(const struct gcb_command *command, const char *word) {
  if (strcmp(word, "--") == 0) return true;
  if (strncmp(word, "--", 2) == 0) return find_long(command, word + 2);
  return word[0] == '-' && word[1] && !word[2] && find_letter(command, (unsigned char)word[1]);
}

static enum gcb_options_status unknown_long(struct gcb_parse *parse, const char *word) {
  const struct gcb_command *command = parse->command;
  const char **names = gcb_parse_allocate(parse, (command->n_options + 1) * sizeof *names);
  char *name = gcb_parse_copy(parse, word, strcspn(word, "="));
  if (!names || !name) return GCB_OPTIONS_WRONG;
  for (size_t i = 0; i < command->n_options; i++) names[i] = command->options[i].name;
  names[command->n_options] = gcb_help_option.name;
  const char *nearest = gcb_nearest(name + 2, names, command->n_options + 1);
  return gcb_options_wrong(parse->program, command, name, NULL, "unknown option%s",
                           gcb_suggest("--", nearest).s);
}

static enum gcb_options_status missing_value(struct gcb_parse *parse, const struct gcb_cli_option *option,
                                             const char *shown, const char *next) {
  struct gcb_phrase expected = gcb_option_expects(option);
  if (!next)
    return gcb_options_wrong(parse->program, parse->command, shown, NULL, "the value is missing; %s",
                             expected.s);
  return gcb_options_wrong(parse->program, parse->command, shown, next,
                           "an option where the value belongs; %s (or --%s=... if it is meant)", expected.s,
                           option->name);
}

/* One option as getopt found it: `got` and optarg in the word, which the next word may follow. Abbreviations
 * that getopt would take are unknown here, since only exact names are looked up. */
static enum gcb_options_status take_option(struct gcb_parse *parse, int got, char *word, const char *next) {
  const struct gcb_command *command = parse->command;
  const struct gcb_cli_option *option;
  char letter[] = "-?";
  const char *shown = letter;

  if (strncmp(word, "--", 2) == 0) {
    option = find_long(command, word + 2);
    if (!option) return unknown_long(parse, word);
    char *name = gcb_parse_copy(parse, word, strcspn(word, "="));
    if (!name) return GCB_OPTIONS_WRONG;
    shown = name;
    if (got == '?')
      return gcb_options_wrong(parse->program, command, word, NULL, "takes no value; %s",
                               gcb_option_expects(option).s);
  } else {
    const struct gcb_cli_option *meant = word[2] ? find_long(command, word + 1) : NULL;
    if (meant)
      return gcb_options_wrong(parse->program, command, word, NULL, "unknown option; did you mean --%s?",
                               meant->name);
    int found = got == '?' || got == ':' ? optopt : got;
    option = find_letter(command, found);
    letter[1] = (char)found;
    /* Half a multi-byte character would not be readable. */
    if (!option)
      return gcb_options_wrong(parse->program, command, found > 0 && found < 0x80 ? letter : word, NULL,
                               "unknown option");
  }

  if (option == &gcb_help_option) {
    gcb_help_command(parse->program, command, parse->program->out ? parse->program->out : stdout);
    return GCB_OPTIONS_HELP;
  }
  if (got == ':') return missing_value(parse, option, shown, NULL);
  if (optarg && optarg == next && spells_option(command, next))
    return missing_value(parse, option, shown, next);
  if (!gcb_option_convert(parse, option, shown, optarg)) return GCB_OPTIONS_WRONG;
  parse->parsed->given[option - command->options] = true;
  return GCB_OPTIONS_OK;
}

static enum gcb_options_status take_positional(struct gcb_parse *parse, const char *word) {
  const struct gcb_positionals *rule = &parse->command->positionals;
  if (rule->max && !gcb_names_file(rule->argument) && !gcb_is_utf8(word, strlen(word)))
    return gcb_options_wrong(parse->program, parse->command, NULL, word,
                             "not UTF-8, in which results are written");
  if (parse->parsed->positionals.n < rule->max)
    return gcb_parse_append(parse, &parse->parsed->positionals, word, strlen(word)) ? GCB_OPTIONS_OK
                                                                                    : GCB_OPTIONS_WRONG;
  if (rule->max == 0)
    return gcb_options_wrong(parse->program, parse->command, NULL, word,
                             "unexpected argument; %s takes options only, such as --help",
                             parse->command->name);
  return gcb_options_wrong(parse->program, parse->command, NULL, word,
                           "unexpected argument; %s takes %zu %s at most", parse->command->name, rule->max,
                           rule->argument);
}

static enum gcb_options_status check_count(struct gcb_parse *parse) {
  const struct gcb_positionals *rule = &parse->command->positionals;
  size_t n = parse->parsed->positionals.n;
  if (n >= rule->min) return GCB_OPTIONS_OK;
  return gcb_options_wrong(parse->program, parse->command, NULL, NULL,
                           "%zu of at least %zu %s given; write %s %s %.*s", n, rule->min, rule->argument,
                           parse->program->name, parse->command->name,
                           (int)strcspn(parse->command->usage, "\n"), parse->command->usage);
}

/* getopt's two tables. In order ('-'), so that argv stays as it is and POSIXLY_CORRECT changes nothing; ':'
 * for silence and to tell a missing value from an unknown option. */
static bool build_tables(struct gcb_parse *parse, char **letters, struct option **longs) {
  size_t n = parse->command->n_options;
  char *end = *letters = gcb_parse_allocate(parse, 2 * n + sizeof "-:h");
  *longs = gcb_parse_allocate(parse, (n + 2) * sizeof **longs);
  if (!*letters || !*longs) return false;
  end = stpcpy(end, "-:h");
  for (size_t i = 0; i < n; i++) {
    const struct gcb_cli_option *option = &parse->command->options[i];
    int has_value = option->type == GCB_OPTION_FLAG ? no_argument : required_argument;
    (*longs)[i] = (struct option){option->name, has_value, NULL, LONG_BASE + (int)i};
    if (option->letter) *end++ = option->letter;
    if (option->letter && has_value) *end++ = ':';
  }
  (*longs)[n] = (struct option){gcb_help_option.name, no_argument, NULL, LONG_BASE + (int)n};
  return true;
}

enum gcb_options_status gcb_command_walk(struct gcb_parse *parse, int argc, char *const argv[]) {
  enum gcb_options_status status = GCB_OPTIONS_OK;
  struct option *longs;
  char *letters;

  if (!build_tables(parse, &letters, &longs)) return GCB_OPTIONS_WRONG;
  optind = 0; /* glibc: forget the previous command line */
  opterr = 0;
  while (status == GCB_OPTIONS_OK) {
    /* In a cluster such as -qp, optind stays on the word until its end. */
    int at = optind ? optind : 1;
    optarg = NULL;
    int got = getopt_long(argc, argv, letters, longs, NULL);
    if (got == -1) break;
    if (got == 1)
      status = take_positional(parse, optarg);
    else
      status = take_option(parse, got, argv[at], at + 1 < argc ? argv[at + 1] : NULL);
  }
  while (status == GCB_OPTIONS_OK && optind < argc) status = take_positional(parse, argv[optind++]);
  return status == GCB_OPTIONS_OK ? check_count(parse) : status;
}
