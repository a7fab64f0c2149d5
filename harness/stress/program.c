#include "stress/program.h"
#include "runtime/enum_names.h"
#include <stdlib.h>
#include <string.h>

typedef struct operation {
  const char *word, *operands;
} operation;
static const operation table[] = {
#define X(id, word, operands) {word, operands},
    GCB_STRESS_OPERATIONS(X)
#undef X
};
static const char *const actions[] = {
#define X(id, word) word,
    GCB_STRESS_ACTIONS(X)
#undef X
};
enum { MAX_NUMBER = 1 << 24, MAX_OPS = 1 << 20, MAX_WORDS = 4 };

const char *gcb_stress_word(gcb_stress_code code) {
  return table[code].word;
}
const char *gcb_stress_operands(gcb_stress_code code) {
  return table[code].operands;
}

/* Of a program that says nothing of them. */
static const gcb_stress_modes modes_unsaid = {.limit = 16 << 20};

void gcb_stress_init(gcb_stress_program *p) {
  *p = (gcb_stress_program){.modes = modes_unsaid};
}
void gcb_stress_free(gcb_stress_program *p) {
  free(p->ops);
  *p = (gcb_stress_program){0};
}
bool gcb_stress_add(gcb_stress_program *p, gcb_stress_op op) {
  if (p->n == p->max) {
    uint32_t max = p->max ? 2 * p->max : 64;
    gcb_stress_op *ops = max > MAX_OPS ? NULL : realloc(p->ops, max * sizeof *ops);
    if (!ops) return false;
    p->ops = ops;
    p->max = max;
  }
  p->ops[p->n++] = op;
  return true;
}
bool gcb_stress_copy(gcb_stress_program *to, const gcb_stress_program *from) {
  *to = (gcb_stress_program){.modes = from->modes};
  for (uint32_t i = 0; i < from->n; i++)
    if (!gcb_stress_add(to, from->ops[i])) {
      gcb_stress_free(to);
      return false;
    }
  return true;
}

/* ---- reading ---- */
typedef struct reader {
  gcb_stress_program *p;
  unsigned line;
  char *why;
  size_t why_size;
} reader;

static bool complain(reader *r, const char *word, const char *expected) {
  snprintf(r->why, r->why_size, "line %u: %.40s: %s", r->line, word, expected);
  return false;
}

static bool number(const char *word, uint64_t max, uint64_t *out) {
  uint64_t n = 0;
  if (!*word) return false;
  for (; *word; word++) {
    if (*word < '0' || *word > '9' || n > UINT64_MAX / 10 - 1) return false;
    n = 10 * n + (uint64_t)(*word - '0');
  }
  *out = n;
  return n <= max;
}

static bool slot(reader *r, const char *word, uint32_t *out) {
  uint64_t n, max = word[0] == 'g' ? GCB_STRESS_GLOBALS : GCB_STRESS_SLOTS;
  if ((word[0] != 'f' && word[0] != 'g') || !number(word + 1, max - 1, &n))
    return complain(r, word, "expected a slot, f0 to f15 or g0 to g15");
  *out = (uint32_t)n + (word[0] == 'g' ? GCB_STRESS_GLOBAL : 0);
  return true;
}

static bool kind(reader *r, const char *word, uint32_t *out) {
  for (*out = 0; *out <= GCB_MAJOR; (*out)++)
    if (strcmp(word, gcb_pause_word(*out)) == 0) return true;
  return complain(r, word, "expected minor, middle or major");
}

static bool operand(reader *r, char type, const char *word, uint32_t *out) {
  uint64_t n;
  switch (type) {
  case 'N':
    if (!number(word, MAX_NUMBER, &n)) return complain(r, word, "expected a number up to 16777216");
    *out = (uint32_t)n;
    return true;
  case 'K':
    return kind(r, word, out);
  case 'A':
    for (*out = 0; *out < GCB_STRESS_FINALS; (*out)++)
      if (strcmp(word, actions[*out]) == 0) return true;
    return complain(r, word, "expected what the finalizer does, such as nothing or keep");
  default:
    return slot(r, word, out);
  }
}

/* Modes that are a word alone, and those with a number. */
typedef struct field {
  const char *word;
  size_t offset;
} field;
#define FIELD(name)                                                                                          \
  { #name, offsetof(gcb_stress_modes, name) }
static const field flags[] = {FIELD(tiny),   FIELD(poison),   FIELD(protect), FIELD(sweep),
                              FIELD(starve), FIELD(relocate), FIELD(barrier)};
static const field numbers[] = {FIELD(limit), FIELD(fail), FIELD(vary), FIELD(base), FIELD(together)};
enum { FLAGS = sizeof flags / sizeof *flags, NUMBERS = sizeof numbers / sizeof *numbers };
static bool *flag_in(gcb_stress_modes *m, int i) {
  return (bool *)((char *)m + flags[i].offset);
}
static uint64_t *number_in(gcb_stress_modes *m, int i) {
  return (uint64_t *)((char *)m + numbers[i].offset);
}

static int kind_or_any(reader *r, const char *word, uint32_t *out) {
  if (strcmp(word, "any") != 0) return kind(r, word, out) ? 1 : -1;
  *out = GCB_PAUSE_KINDS;
  return 1;
}

/* A line that says how to run. 0: it is none; -1: it is wrong. */
static int mode(reader *r, char **words, int n) {
  gcb_stress_modes *m = &r->p->modes;
  for (int i = 0; i < FLAGS; i++) {
    if (strcmp(words[0], flags[i].word) != 0) continue;
    if (n != 1) return complain(r, words[0], "takes nothing more") - 1;
    *flag_in(m, i) = true;
    return 1;
  }
  for (int i = 0; i < NUMBERS; i++) {
    if (strcmp(words[0], numbers[i].word) != 0) continue;
    if (n != 2 || !number(words[1], INT64_MAX, number_in(m, i)))
      return complain(r, words[0], "takes one number") - 1;
    return 1;
  }
  if (strcmp(words[0], "safepoints") == 0) {
    m->safepoints = true;
    if (n == 2) return kind_or_any(r, words[1], &m->safepoint_kind);
    return complain(r, words[0], "takes minor, middle, major or any") - 1;
  }
  if (strcmp(words[0], "every") != 0) return 0;
  if (n == 3 && number(words[1], MAX_NUMBER, &m->collect)) return kind_or_any(r, words[2], &m->collect_kind);
  return complain(r, words[0], "takes a number of allocations and minor, middle, major or any") - 1;
}

static bool line(reader *r, char *text) {
  char *words[MAX_WORDS + 1], *rest = text;
  int n = 0;
  for (char *word; (word = strsep(&rest, " \t\r"));) {
    if (!*word) continue;
    if (n > MAX_WORDS) return complain(r, word, "too many words");
    words[n++] = word;
  }
  if (!n) return true;
  int is_mode = r->p->n ? 0 : mode(r, words, n);
  if (is_mode) return is_mode > 0;
  for (uint32_t code = 0; code < GCB_STRESS_CODES; code++) {
    if (strcmp(words[0], table[code].word) != 0) continue;
    gcb_stress_op op = {.code = code};
    size_t wanted = strlen(table[code].operands);
    if ((size_t)n != wanted + 1) {
      char expected[80];
      snprintf(expected, sizeof expected, "takes %zu operands, here are %d", wanted, n - 1);
      return complain(r, words[0], expected);
    }
    for (size_t i = 0; i < wanted; i++)
      if (!operand(r, table[code].operands[i], words[i + 1], &op.a[i])) return false;
    return gcb_stress_add(r->p, op) || complain(r, words[0], "the program is too long");
  }
  return complain(r, words[0], r->p->n ? "no such operation" : "no such operation or mode");
}

bool gcb_stress_parse(gcb_stress_program *p, const char *text, size_t size, char *why, size_t why_size) {
  reader r = {.p = p, .line = 1, .why = why, .why_size = why_size};
  char copy[256];
  gcb_stress_init(p);
  for (size_t at = 0; at < size; r.line++) {
    const char *end = memchr(text + at, '\n', size - at);
    size_t n = end ? (size_t)(end - text) - at : size - at, used = n;
    const char *comment = memchr(text + at, '#', n);
    if (comment) used = (size_t)(comment - text) - at;
    bool good = used < sizeof copy && !memchr(text + at, 0, used);
    if (good) {
      memcpy(copy, text + at, used);
      copy[used] = 0;
      good = line(&r, copy);
    } else {
      complain(&r, "?", "not a line of text");
    }
    if (!good) {
      gcb_stress_free(p);
      return false;
    }
    at += n + 1;
  }
  return true;
}

/* ---- writing ---- */
void gcb_stress_line(gcb_stress_op op, char *out, size_t size) {
  int n = snprintf(out, size, "%s", table[op.code].word);
  for (int i = 0; table[op.code].operands[i] && (size_t)n < size; i++) {
    uint32_t a = op.a[i];
    char type = table[op.code].operands[i];
    if (type == 'N')
      n += snprintf(out + n, size - (size_t)n, " %u", a);
    else if (type == 'K')
      n += snprintf(out + n, size - (size_t)n, " %s", gcb_pause_word(a));
    else if (type == 'A')
      n += snprintf(out + n, size - (size_t)n, " %s", actions[a]);
    else
      n += snprintf(out + n, size - (size_t)n, " %c%u", a < GCB_STRESS_GLOBAL ? 'f' : 'g',
                    a % GCB_STRESS_GLOBAL);
  }
}

static const char *kind_word(uint32_t kind) {
  return kind == GCB_PAUSE_KINDS ? "any" : gcb_pause_word(kind);
}

char *gcb_stress_print(const gcb_stress_program *p) {
  char *text = NULL, one[100];
  size_t size;
  FILE *f = open_memstream(&text, &size);
  if (!f) return NULL;
  gcb_stress_modes m = p->modes, usual = modes_unsaid;
  for (int i = 0; i < NUMBERS; i++)
    if (*number_in(&m, i) != *number_in(&usual, i))
      fprintf(f, "%s %llu\n", numbers[i].word, (unsigned long long)*number_in(&m, i));
  for (int i = 0; i < FLAGS; i++)
    if (*flag_in(&m, i)) fprintf(f, "%s\n", flags[i].word);
  if (m.collect) fprintf(f, "every %llu %s\n", (unsigned long long)m.collect, kind_word(m.collect_kind));
  if (m.safepoints) fprintf(f, "safepoints %s\n", kind_word(m.safepoint_kind));
  for (uint32_t i = 0; i < p->n; i++) {
    gcb_stress_line(p->ops[i], one, sizeof one);
    fprintf(f, "%s\n", one);
  }
  if (fclose(f) == 0) return text;
  free(text);
  return NULL;
}
