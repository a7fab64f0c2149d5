/* Short digests and identities, for keys and to see that something changed; not against people who want to
 * deceive. */
#ifndef GCB_DIGEST_H
#define GCB_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64-bit FNV-1a. */
uint64_t gcb_digest(const void *bytes, size_t n);
/* Of a file's content; false when it cannot be read. */
bool gcb_digest_file(const char *path, uint64_t *digest);
/* 16 hexadecimal digits. */
void gcb_digest_hex(uint64_t digest, char out[17]);

enum { GCB_UUID = 37 };

/* A random UUID; and one that follows from a text alone. */
void gcb_uuid_random(char out[GCB_UUID]);
void gcb_uuid_of(const char *text, char out[GCB_UUID]);

#endif
