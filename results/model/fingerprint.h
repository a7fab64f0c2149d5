/* The machine and build that figures belong to: what must be equal for two of them to lie in one series. */
#ifndef GCB_FINGERPRINT_H
#define GCB_FINGERPRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What of a run's context decides: processor and its settings, cores, memory, kernel and its settings, libc,
 * compiler and flags; not the host's name, since equal nodes of a fleet stand in for one another. New
 * reference. */
json_t *gcb_fingerprint(const json_t *context);
/* 16 hexadecimal digits, equal for equal fingerprints. False without memory. */
bool gcb_fingerprint_key(const json_t *fingerprint, char key[17]);
/* "kernel 6.1.0-18 -> 6.1.0-21, governor powersave -> performance"; empty when they are equal. Returns
 * `text`. */
const char *gcb_fingerprint_difference(const json_t *before, const json_t *after, char *text, size_t size);

#endif
