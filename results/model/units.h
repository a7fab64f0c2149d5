/* Sizes, durations and counts: read from words of a command line, written for people.
 *
 * Everything here is a pure function: no allocation, no printing, no locale on input, callable on any thread.
 *
 * Parsers take the whole word: no blanks, no sign, no exponent, nothing left over. They return a status and
 * write the result only on GCB_UNITS_OK. Sizes and durations end at INT64_MAX, since results are stored as
 * signed 64-bit integers.
 *
 * Formatters return their text by value: printf("%s\n", gcb_format_bytes(n).s). Numbers have three
 * significant digits without trailing zeros, except that bytes always show one decimal, so that a column
 * lines up. NaN is "n/a". All text is ASCII, so a byte is a column. */
#ifndef GCB_UNITS_H
#define GCB_UNITS_H

#include <stdint.h>

enum gcb_units_status {
  GCB_UNITS_OK,
  GCB_UNITS_EMPTY,     /* the word has no characters */
  GCB_UNITS_MALFORMED, /* not of this kind: 3y, -1, 1e9, 64MB, " 1" */
  GCB_UNITS_TOO_SMALL, /* of this kind, but below what it may be: a heap of 0, a factor of 0x */
  GCB_UNITS_TOO_LARGE, /* of this kind, but beyond what is representable */
};

/* A heap size as the user gave it: a multiple of a workload's live bytes, or bytes. Exactly one is not zero.
 */
struct gcb_heap_size {
  double factor;
  uint64_t bytes;
};

/* Factors outside are slips of the pen: a hundredth of the live bytes never fits, a million times is no heap.
 */
#define GCB_HEAP_FACTOR_MIN 0.01
#define GCB_HEAP_FACTOR_MAX 1e6

/* Room for the longest answer of a formatter, with its final NUL. */
struct gcb_text {
  char s[32];
};

/* A whole number in decimal, up to UINT64_MAX. */
enum gcb_units_status gcb_parse_unsigned(const char *word, uint64_t *number);

/* A seed: decimal, or hexadecimal after 0x; any of the 2^64 values. */
enum gcb_units_status gcb_parse_seed(const char *word, uint64_t *seed);

/* Bytes: 4096, 64K, 64M, 1.5G, 1T, in any case, or KiB, MiB, GiB, TiB: all powers of 1024. KB and MB are
 * malformed, because half of their readers expect powers of 1000. A fraction needs a unit; what it leaves
 * below one byte is cut off. Zero is a size. */
enum gcb_units_status gcb_parse_bytes(const char *word, uint64_t *bytes);

/* A duration in nanoseconds: 740ns, 20us, 500ms, 30s, 10m, 2h, 1.5h; a plain number counts seconds. Zero is
 * a duration. */
enum gcb_units_status gcb_parse_duration(const char *word, uint64_t *ns);

/* A heap size: a factor with the suffix x (1.2x), from GCB_HEAP_FACTOR_MIN to GCB_HEAP_FACTOR_MAX, or bytes
 * as gcb_parse_bytes() reads them, at least 1. */
enum gcb_units_status gcb_parse_heap_size(const char *word, struct gcb_heap_size *size);

/* Bytes in powers of 1024: "740 B", "11.8 MiB", "-1.5 KiB". */
struct gcb_text gcb_format_bytes(double bytes);

/* Nanoseconds: "740 ns", "20.5 us", "1.25 ms", "3.4 s"; from 1000 s on as gcb_format_left(). Below one
 * nanosecond, which a cost per operation may be: "0.62 ns". */
struct gcb_text gcb_format_ns(double ns);

/* A count with an SI prefix, powers of 1000: "740", "14.8 k", "14.8 M", "0.25". */
struct gcb_text gcb_format_count(double count);

/* A rate, of which the argument is the value per second: "740/s", "14.8 M/s". */
struct gcb_text gcb_format_rate(double per_second);

/* A ratio as a change: "+5.1 %", "-0.3 %", from twice on "2.4x"; "?" when it is not known. And the interval
 * of one: "[+4.2 %, +6.0 %]", "[too few for an interval]". */
struct gcb_text gcb_format_change(double ratio);
struct gcb_text gcb_format_changes(double lo, double hi);

/* A number of things: "1 cell", "5 cells", "1 series", "12 series". The noun is the singular. */
struct gcb_text gcb_format_number(double n, const char *noun);

/* Time left, or any duration for people with a watch: "45s", "2m 05s", "1h 02m", "3d 04h". Seconds are
 * rounded up, so that "0s" means over; the larger units are cut off. */
struct gcb_text gcb_format_left(uint64_t ns);

/* A real number as C writes it ("0.5", "-1e-3", also "inf" and "nan"), with a decimal point whatever the
 * locale says: a runtime inside a plug-in may have set one with a comma. *end is behind the number; it is
 * `word` itself when there is none, and then the result is 0. Any thread. */
double gcb_parse_real(const char *word, const char **end);

#endif
