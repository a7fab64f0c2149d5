#include "digest.h"
#include <inttypes.h>
#include <stdio.h>

static uint64_t more(uint64_t h, const unsigned char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
  return h;
}

uint64_t gcb_digest(const void *bytes, size_t n) {
  return more(UINT64_C(0xcbf29ce484222325), bytes, n);
}

bool gcb_digest_file(const char *path, uint64_t *digest) {
  unsigned char bytes[16384];
  FILE *in = fopen(path, "rb");
  if (!in) return false;
  *digest = gcb_digest(NULL, 0);
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;) *digest = more(*digest, bytes, n);
  bool good = !ferror(in);
  fclose(in);
  return good;
}

void gcb_digest_hex(uint64_t digest, char out[17]) {
  snprintf(out, 17, "%016" PRIx64, digest);
}
