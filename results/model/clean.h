/* Bytes that others wrote (words of child processes, plug-in descriptions, paths, /proc, documents) made fit
 * for JSON and for a terminal. Called where such bytes enter the program.
 *
 * What is kept: valid UTF-8, newlines and tabs. What is replaced: each byte that is not part of valid UTF-8,
 * and each control character (C0, DEL, C1), by \xNN for its bytes, so that a reader still sees what it was.
 */
#ifndef GCB_CLEAN_H
#define GCB_CLEAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether the `n` bytes are valid UTF-8 without a NUL. Control characters are valid. */
bool gcb_is_utf8(const char *text, size_t n);

/* Copies `n` bytes, cleaned, to `to` of `size` bytes (at least 1), and ends them with a NUL. What does not
 * fit is cut, never inside a character. `to` and `from` do not overlap. Returns how long the copy is. */
size_t gcb_clean(char *to, size_t size, const char *from, size_t n);

/* A JSON string of the cleaned text; JSON null of a NULL. New reference; NULL only without memory. For text
 * of any origin, also text that snprintf() may have cut inside a character. */
json_t *gcb_clean_string(const char *text);

/* Cleans all strings of a document that was read from outside, in place; keys, too. False without memory. */
bool gcb_clean_json(json_t *document);

/* printf() of a sentence, cleaned. What is longer than 8 KiB is cut. */
void gcb_print_clean(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
