/* From the text of a value to the field of the settings, by the option's type. */
#include "cli/options_private.h"
#include "results/model/clean.h"

#include <string.h>

static void *field_of(const struct gcb_parse *parse, const struct gcb_cli_option *option) {
  return (char *)parse->parsed->settings + option->offset;
}

/* A duration as one would write it on the command line, in the largest unit that leaves no fraction. */
static struct gcb_text writable_duration(uint64_t ns) {
  static const struct {
    const char *name;
    uint64_t ns;
  } units[] = {{"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000},
               {"ms", 1000000},      {"us", 1000},       {"ns", 1}};
  struct gcb_text text = {"0s"};
  for (size_t i = 0; ns && i < sizeof units / sizeof *units; i++) {
    if (ns % units[i].ns != 0) continue;
    snprintf(text.s, sizeof text.s, "%ju%s", (uintmax_t)(ns / units[i].ns), units[i].name);
    break;
  }
  return text;
}

static struct gcb_text writable_number(const struct gcb_cli_option *option, uint64_t number) {
  struct gcb_text text;
  if (option->type == GCB_OPTION_DURATION) return writable_duration(number);
  snprintf(text.s, sizeof text.s, "%ju", (uintmax_t)number);
  return text;
}

/* " from 1 to 64", " of at least 1", or nothing. */
static void write_range(char *range, size_t size, const struct gcb_cli_option *option) {
  struct gcb_text min = writable_number(option, option->min), max = writable_number(option, option->max);
  if (option->max)
    snprintf(range, size, " from %s to %s", min.s, max.s);
  else if (option->min)
    snprintf(range, size, " of at least %s", min.s);
  else
    *range = '\0';
}

/* An example must itself be in range. */
static struct gcb_text example_number(const struct gcb_cli_option *option, uint64_t usual) {
  if (usual < option->min) usual = option->min;
  if (option->max && usual > option->max) usual = option->max;
  return writable_number(option, usual);
}

struct gcb_phrase gcb_option_expects(const struct gcb_cli_option *option) {
  struct gcb_phrase text;
  char range[80];
  const char *argument = option->argument ? option->argument : "";
  switch (option->type) {
  case GCB_OPTION_FLAG:
    snprintf(text.s, sizeof text.s, "write --%s alone", option->name);
    break;
  case GCB_OPTION_STRING:
    snprintf(text.s, sizeof text.s, "write --%s %s", option->name,
             option->choices ? *option->choices : argument);
    break;
  case GCB_OPTION_STRINGS:
    if (option->choices)
      snprintf(text.s, sizeof text.s, "write names separated by single commas, such as %s", *option->choices);
    else
      snprintf(text.s, sizeof text.s, "write names separated by single commas, such as %s",
               option->initial && strchr(option->initial, ',') ? option->initial : "one,two");
    break;
  case GCB_OPTION_UNSIGNED:
    write_range(range, sizeof range, option);
    snprintf(text.s, sizeof text.s, "write a whole number%s, such as %s", range, example_number(option, 4).s);
    break;
  case GCB_OPTION_DURATION:
    write_range(range, sizeof range, option);
    if (*range)
      snprintf(text.s, sizeof text.s, "write a duration%s, such as %s", range,
               example_number(option, 30000000000).s);
    else
      snprintf(text.s, sizeof text.s, "write a duration such as 500ms, 30s, 10m or 2h");
    break;
  case GCB_OPTION_HEAP_SIZES:
    snprintf(text.s, sizeof text.s, "write a factor of the live bytes such as 3x, or bytes such as 64M");
    break;
  case GCB_OPTION_SWEEPS:
    snprintf(text.s, sizeof text.s, "write a key and its values, such as depth=16 or depth=16,18,20");
    break;
  case GCB_OPTION_SEED:
    snprintf(text.s, sizeof text.s, "write a whole number of 64 bits, such as 42 or 0x2a");
    break;
  }
  return text;
}

/* "<problem>; <what was expected>", with the offending word before it. Always false. */
static bool refuse(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                   const char *word, const char *problem) {
  gcb_options_wrong(parse->program, parse->command, shown, word, "%s; %s", problem,
                    gcb_option_expects(option).s);
  return false;
}

static bool is_choice(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                      const char *word) {
  size_t n = 0;
  if (!option->choices) return true;
  for (; option->choices[n]; n++)
    if (strcmp(option->choices[n], word) == 0) return true;

  char valid[400] = "";
  size_t length = 0;
  for (size_t i = 0; i < n && length < sizeof valid; i++)
    length +=
        (size_t)snprintf(valid + length, sizeof valid - length, "%s%s", i ? ", " : "", option->choices[i]);
  const char *nearest = gcb_nearest(word, option->choices, n);
  gcb_options_wrong(parse->program, parse->command, shown, word, "not one of %s%s", valid,
                    gcb_suggest("", nearest).s);
  return false;
}

static bool convert_number(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                           const char *text) {
  uint64_t number;
  enum gcb_units_status status;
  const char *not_one = "not a whole number";
  switch (option->type) {
  case GCB_OPTION_DURATION:
    status = gcb_parse_duration(text, &number);
    not_one = "not a duration";
    break;
  case GCB_OPTION_SEED:
    status = gcb_parse_seed(text, &number);
    not_one = "not a seed";
    break;
  default:
    status = gcb_parse_unsigned(text, &number);
  }
  bool ranged = option->type != GCB_OPTION_SEED;
  if (status == GCB_UNITS_OK && ranged && (number < option->min || (option->max && number > option->max)))
    status = GCB_UNITS_TOO_LARGE;
  if (status == GCB_UNITS_TOO_LARGE) return refuse(parse, option, shown, text, "out of range");
  if (status != GCB_UNITS_OK) return refuse(parse, option, shown, text, not_one);
  *(uint64_t *)field_of(parse, option) = number;
  return true;
}

static bool add_heap_size(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                          const char *word) {
  struct gcb_heap_sizes *list = field_of(parse, option);
  struct gcb_heap_size size;
  switch (gcb_parse_heap_size(word, &size)) {
  case GCB_UNITS_OK:
    break;
  case GCB_UNITS_TOO_SMALL:
    return refuse(parse, option, shown, word, "too small for a heap, which has 1 byte or 0.01x at least");
  case GCB_UNITS_TOO_LARGE:
    return refuse(parse, option, shown, word,
                  "too large for a heap, which has less than 8 EiB and 1000000x at most");
  default:
    return refuse(parse, option, shown, word, "not a heap size");
  }
  /* A list doubles when its length is a power of two; the old array stays in the parse's memory. */
  if ((list->n & (list->n - 1)) == 0) {
    struct gcb_heap_size *items = gcb_parse_allocate(parse, (list->n ? 2 * list->n : 1) * sizeof *items);
    if (!items) return false;
    if (list->n) memcpy(items, list->items, list->n * sizeof *items);
    list->items = items;
  }
  list->items[list->n++] = size;
  return true;
}

static bool add_name(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                     const char *word) {
  const struct gcb_strings *list = field_of(parse, option);
  if (!is_choice(parse, option, shown, word)) return false;
  for (size_t i = 0; i < list->n; i++)
    if (strcmp(list->items[i], word) == 0) {
      fprintf(stderr, "gcbench %s: %s: %s is given twice, and taken once\n", parse->command->name, shown,
              word);
      return true;
    }
  return gcb_parse_append(parse, field_of(parse, option), word, strlen(word));
}

/* The sweep of this key, new if need be; NULL without memory, after a message. */
static struct gcb_sweep *sweep_of(struct gcb_parse *parse, struct gcb_sweeps *list, const char *key,
                                  size_t length) {
  for (size_t i = 0; i < list->n; i++)
    if (strncmp(list->items[i].key, key, length) == 0 && !list->items[i].key[length]) return &list->items[i];
  if ((list->n & (list->n - 1)) == 0) {
    struct gcb_sweep *items = gcb_parse_allocate(parse, (list->n ? 2 * list->n : 1) * sizeof *items);
    if (!items) return NULL;
    if (list->n) memcpy(items, list->items, list->n * sizeof *items);
    list->items = items;
  }
  char *copy = gcb_parse_copy(parse, key, length);
  if (!copy) return NULL;
  list->items[list->n] = (struct gcb_sweep){.key = copy};
  return &list->items[list->n++];
}

typedef bool item_adder(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                        const char *word);

/* Calls add for each item between commas, which may not be empty. */
static bool each_item(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                      const char *items, item_adder *add) {
  for (;;) {
    size_t length = strcspn(items, ",");
    char *word = gcb_parse_copy(parse, items, length);
    if (!word || !add(parse, option, shown, word)) return false;
    if (!items[length]) return true;
    items += length + 1;
  }
}

static bool has_empty_item(const char *items) {
  return *items == ',' || strstr(items, ",,") || (*items && items[strlen(items) - 1] == ',');
}

static bool convert_sweep(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                          const char *text) {
  size_t key_length = strcspn(text, "=");
  if (!text[key_length]) return refuse(parse, option, shown, text, "no '=' in it");
  if (key_length == 0) return refuse(parse, option, shown, text, "no key before the '='");
  const char *values = text + key_length + 1;
  if (!*values) return refuse(parse, option, shown, text, "no value after the '='");
  if (has_empty_item(values)) return refuse(parse, option, shown, text, "an empty value between commas");

  struct gcb_sweep *sweep = sweep_of(parse, field_of(parse, option), text, key_length);
  if (!sweep) return false;
  for (;;) {
    size_t length = strcspn(values, ",");
    if (!gcb_parse_append(parse, &sweep->values, values, length)) return false;
    if (!values[length]) return true;
    values += length + 1;
  }
}

/* Only names of files and folders may be of any bytes: they go to the system as they are. */
bool gcb_names_file(const char *argument) {
  return strcmp(argument, "FILE") == 0 || strcmp(argument, "DIR") == 0;
}

bool gcb_option_convert(struct gcb_parse *parse, const struct gcb_cli_option *option, const char *shown,
                        const char *text) {
  if (option->type == GCB_OPTION_FLAG) {
    *(bool *)field_of(parse, option) = true;
    return true;
  }
  if (!*text) return refuse(parse, option, shown, text, "the value is empty");
  if (!gcb_names_file(option->argument) && !gcb_is_utf8(text, strlen(text)))
    return refuse(parse, option, shown, text, "not UTF-8, in which results are written");
  switch (option->type) {
  case GCB_OPTION_STRING: {
    if (!is_choice(parse, option, shown, text)) return false;
    const char *copy = gcb_parse_copy(parse, text, strlen(text));
    *(const char **)field_of(parse, option) = copy;
    return copy != NULL;
  }
  case GCB_OPTION_STRINGS:
  case GCB_OPTION_HEAP_SIZES:
    if (has_empty_item(text)) return refuse(parse, option, shown, text, "an empty item between commas");
    return each_item(parse, option, shown, text,
                     option->type == GCB_OPTION_STRINGS ? add_name : add_heap_size);
  case GCB_OPTION_SWEEPS:
    return convert_sweep(parse, option, shown, text);
  default:
    return convert_number(parse, option, shown, text);
  }
}
