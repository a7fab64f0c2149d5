#include "results/store/compressed_blob.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void *gcb_pack(const json_t *value, size_t *size, size_t *plain) {
  char *text = json_dumps(value, JSON_COMPACT);
  if (!text) return NULL;
  *plain = strlen(text);
  uLongf room = compressBound(*plain);
  void *bytes = malloc(room);
  if (bytes && compress2(bytes, &room, (const Bytef *)text, *plain, Z_DEFAULT_COMPRESSION) != Z_OK) {
    free(bytes);
    bytes = NULL;
  }
  free(text);
  *size = room;
  return bytes;
}

json_t *gcb_unpack(const void *bytes, size_t size, size_t plain) {
  /* zlib never makes more than 1032 bytes of one: a damaged length is not worth its memory. */
  if (!bytes || plain / 1032 > size) return NULL;
  char *text = malloc(plain + 1);
  uLongf room = plain;
  json_t *value = NULL;
  if (text && uncompress((Bytef *)text, &room, bytes, size) == Z_OK && room == plain)
    value = json_loadb(text, plain, JSON_DECODE_ANY, NULL);
  free(text);
  return value;
}
