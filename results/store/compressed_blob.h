/* JSON as compressed bytes (zlib, with its checksum), as invocations lie in the store. */
#ifndef GCB_PACKED_H
#define GCB_PACKED_H

#include <jansson.h>
#include <stddef.h>

/* The caller frees; NULL without memory. *size: bytes; *plain: what they unpack to. */
void *gcb_pack(const json_t *value, size_t *size, size_t *plain);
/* NULL when the bytes are damaged. New reference. */
json_t *gcb_unpack(const void *bytes, size_t size, size_t plain);

#endif
