#include "results/model/units.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Wide enough for 18 fraction digits times the largest unit, so that 1.1G is exact to the byte. */
__extension__ typedef unsigned __int128 wide;

enum { FRACTION_DIGITS = 18 };
#define FRACTION_ONE UINT64_C(1000000000000000000)

#define NS_PER_S UINT64_C(1000000000)

struct unit {
  const char *name;
  uint64_t scale;
};

/* A plain decimal, split at its point. strtod() would follow the locale and take "inf", "0x10" and "1e999".
 */
struct decimal {
  uint64_t whole;
  uint64_t fraction; /* in 1/FRACTION_ONE; further digits are cut off */
  bool has_point;
  bool overflow; /* the whole part is beyond uint64_t */
};

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Reads digits, or digits "." digits, and returns what follows; NULL if the word does not begin so. */
static const char *read_decimal(const char *word, struct decimal *number) {
  *number = (struct decimal){0};
  if (!is_digit(*word)) return NULL;
  for (; is_digit(*word); word++)
    if (__builtin_mul_overflow(number->whole, 10, &number->whole) ||
        __builtin_add_overflow(number->whole, (uint64_t)(*word - '0'), &number->whole))
      number->overflow = true;
  if (*word != '.') return word;

  number->has_point = true;
  if (!is_digit(*++word)) return NULL;
  uint64_t scale = FRACTION_ONE;
  for (; is_digit(*word); word++) {
    scale /= 10;
    number->fraction += (uint64_t)(*word - '0') * scale;
  }
  return word;
}

static enum gcb_units_status scaled(const struct decimal *number, uint64_t scale, uint64_t *result) {
  wide value = (wide)number->whole * scale + (wide)number->fraction * scale / FRACTION_ONE;
  if (number->overflow || value > INT64_MAX) return GCB_UNITS_TOO_LARGE;
  *result = (uint64_t)value;
  return GCB_UNITS_OK;
}

enum gcb_units_status gcb_parse_unsigned(const char *word, uint64_t *result) {
  struct decimal number;
  if (!*word) return GCB_UNITS_EMPTY;
  const char *rest = read_decimal(word, &number);
  if (!rest || *rest || number.has_point) return GCB_UNITS_MALFORMED;
  if (number.overflow) return GCB_UNITS_TOO_LARGE;
  *result = number.whole;
  return GCB_UNITS_OK;
}

enum gcb_units_status gcb_parse_seed(const char *word, uint64_t *seed) {
  static const char digits[] = "0123456789abcdef";
  if (strncasecmp(word, "0x", 2) != 0) return gcb_parse_unsigned(word, seed);

  uint64_t value = 0;
  bool overflow = false;
  word += 2;
  if (!*word) return GCB_UNITS_MALFORMED;
  for (; *word; word++) {
    char lower = *word >= 'A' && *word <= 'F' ? (char)(*word - 'A' + 'a') : *word;
    const char *digit = strchr(digits, lower);
    if (!digit) return GCB_UNITS_MALFORMED;
    overflow |= value >> 60 != 0;
    value = value << 4 | (uint64_t)(digit - digits);
  }
  if (overflow) return GCB_UNITS_TOO_LARGE;
  *seed = value;
  return GCB_UNITS_OK;
}

enum gcb_units_status gcb_parse_bytes(const char *word, uint64_t *bytes) {
  static const char letters[] = "KMGT";
  struct decimal number;
  if (!*word) return GCB_UNITS_EMPTY;
  const char *unit = read_decimal(word, &number);
  if (!unit) return GCB_UNITS_MALFORMED;
  if (!*unit) return number.has_point ? GCB_UNITS_MALFORMED : scaled(&number, 1, bytes);
  for (unsigned i = 0; letters[i]; i++) {
    const char name[] = {letters[i], 'i', 'B', '\0'}, letter[] = {letters[i], '\0'};
    if (strcasecmp(unit, name) == 0 || strcasecmp(unit, letter) == 0)
      return scaled(&number, UINT64_C(1) << 10 * (i + 1), bytes);
  }
  return GCB_UNITS_MALFORMED;
}

enum gcb_units_status gcb_parse_duration(const char *word, uint64_t *ns) {
  static const struct unit units[] = {
      {"", NS_PER_S}, {"s", NS_PER_S},      {"ms", 1000000},        {"us", 1000},
      {"ns", 1},      {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
  };
  struct decimal number;
  if (!*word) return GCB_UNITS_EMPTY;
  const char *unit = read_decimal(word, &number);
  if (!unit) return GCB_UNITS_MALFORMED;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(unit, units[i].name) == 0) return scaled(&number, units[i].scale, ns);
  return GCB_UNITS_MALFORMED;
}

enum gcb_units_status gcb_parse_heap_size(const char *word, struct gcb_heap_size *size) {
  struct decimal number;
  const char *unit = read_decimal(word, &number);

  if (unit && strcasecmp(unit, "x") == 0) {
    double factor = (double)number.whole + (double)number.fraction / (double)FRACTION_ONE;
    if (number.overflow || factor > GCB_HEAP_FACTOR_MAX) return GCB_UNITS_TOO_LARGE;
    if (factor < GCB_HEAP_FACTOR_MIN) return GCB_UNITS_TOO_SMALL;
    *size = (struct gcb_heap_size){.factor = factor};
    return GCB_UNITS_OK;
  }
  uint64_t bytes;
  enum gcb_units_status status = gcb_parse_bytes(word, &bytes);
  if (status != GCB_UNITS_OK) return status;
  if (bytes == 0) return GCB_UNITS_TOO_SMALL;
  *size = (struct gcb_heap_size){.bytes = bytes};
  return GCB_UNITS_OK;
}

/* Three significant digits without trailing zeros, for a value below 1000 that will not round up to it. */
static void three_digits(struct gcb_text *text, double value, const char *space, const char *unit) {
  double size = fabs(value);
  int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  if (size < 0.995 && size > 0) decimals = 2 - (int)floor(log10(size));
  if (decimals > 9) decimals = 9;
  char number[24];
  snprintf(number, sizeof number, "%.*f", decimals, value);
  if (strchr(number, '.')) {
    char *end = number + strlen(number);
    while (end[-1] == '0') *--end = '\0';
    if (end[-1] == '.') end[-1] = '\0';
  }
  if (strcmp(number, "-0") == 0) memcpy(number, "0", 2);
  snprintf(text->s, sizeof text->s, "%s%s%s", number, space, unit);
}

/* Answers for what has no digits; true if it was such a value. */
static bool not_finite(struct gcb_text *text, double value) {
  if (isfinite(value)) return false;
  snprintf(text->s, sizeof text->s, "%s", isnan(value) ? "n/a" : value > 0 ? "inf" : "-inf");
  return true;
}

struct gcb_text gcb_format_bytes(double bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  struct gcb_text text;
  if (not_finite(&text, bytes)) return text;
  unsigned unit = 0;
  /* 1023.95 KiB would be printed as 1024.0 KiB. */
  for (; unit < 6 && fabs(bytes) >= (unit ? 1023.95 : 1023.5); unit++) bytes /= 1024;
  snprintf(text.s, sizeof text.s, unit && fabs(bytes) < 1e9 ? "%.1f %s" : "%.4g %s", bytes, units[unit]);
  return text;
}

struct gcb_text gcb_format_ns(double ns) {
  static const char *const units[] = {"ns", "us", "ms", "s"};
  struct gcb_text text;
  if (not_finite(&text, ns)) return text;
  if (fabs(ns) >= 999.5e9) {
    text = gcb_format_left(fabs(ns) < 0x1p63 ? (uint64_t)fabs(ns) : UINT64_MAX);
    if (ns < 0) {
      memmove(text.s + 1, text.s, sizeof text.s - 1);
      text.s[0] = '-';
    }
    return text;
  }
  unsigned unit = 0;
  for (; unit < 3 && fabs(ns) >= 999.5; unit++) ns /= 1000;
  three_digits(&text, ns, " ", units[unit]);
  return text;
}

static struct gcb_text format_si(double count, const char *per) {
  static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  struct gcb_text text;
  if (not_finite(&text, count)) return text;
  unsigned prefix = 0;
  for (; prefix < 6 && fabs(count) >= 999.5; prefix++) count /= 1000;
  if (fabs(count) >= 999.5) {
    snprintf(text.s, sizeof text.s, "%.3g E%s", count, per);
    return text;
  }
  char unit[8];
  snprintf(unit, sizeof unit, "%s%s", prefixes[prefix], per);
  three_digits(&text, count, prefix ? " " : "", unit);
  return text;
}

struct gcb_text gcb_format_count(double count) {
  return format_si(count, "");
}

struct gcb_text gcb_format_rate(double per_second) {
  return format_si(per_second, "/s");
}

struct gcb_text gcb_format_number(double n, const char *noun) {
  struct gcb_text t;
  size_t length = strlen(noun);
  bool same = n == 1 || (length && noun[length - 1] == 's');
  snprintf(t.s, sizeof t.s, "%.0f %s%s", n, noun, same ? "" : "s");
  return t;
}

struct gcb_text gcb_format_left(uint64_t ns) {
  struct gcb_text text;
  unsigned long long s = ns / NS_PER_S + (ns % NS_PER_S != 0);
  if (s < 60)
    snprintf(text.s, sizeof text.s, "%llus", s);
  else if (s < 3600)
    snprintf(text.s, sizeof text.s, "%llum %02llus", s / 60, s % 60);
  else if (s < 86400)
    snprintf(text.s, sizeof text.s, "%lluh %02llum", s / 3600, s / 60 % 60);
  else
    snprintf(text.s, sizeof text.s, "%llud %02lluh", s / 86400, s / 3600 % 24);
  return text;
}

struct gcb_text gcb_format_change(double ratio) {
  struct gcb_text p = {"?"};
  if (ratio >= 1000)
    snprintf(p.s, sizeof p.s, ">1000x");
  else if (ratio <= .001)
    snprintf(p.s, sizeof p.s, "<0.001x");
  else if (ratio >= 2)
    snprintf(p.s, sizeof p.s, "%.3gx", ratio);
  else if (isfinite(ratio))
    snprintf(p.s, sizeof p.s, "%+.1f %%", 100 * (ratio - 1));
  return p;
}

struct gcb_text gcb_format_changes(double lo, double hi) {
  struct gcb_text p = {"[too few for an interval]"}, from = gcb_format_change(lo), to = gcb_format_change(hi);
  if (isfinite(lo) && isfinite(hi)) snprintf(p.s, sizeof p.s, "[%.12s, %.12s]", from.s, to.s);
  return p;
}

static locale_t plain_numbers;

static void make_plain_numbers(void) {
  plain_numbers = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

double gcb_parse_real(const char *word, const char **end) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  char *behind = (char *)word;
  pthread_once(&once, make_plain_numbers);
  double value = plain_numbers ? strtod_l(word, &behind, plain_numbers) : strtod(word, &behind);
  *end = behind;
  return value;
}
