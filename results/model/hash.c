#include "results/model/hash.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

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

static void uuid_text(uint64_t a, uint64_t b, unsigned version, char out[GCB_UUID]) {
  snprintf(out, GCB_UUID, "%08x-%04x-%x%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
           version, (unsigned)a & 0xfff, ((unsigned)(b >> 48) & 0x3fff) | 0x8000,
           (unsigned long long)b & 0xffffffffffffull);
}

void gcb_uuid_random(char out[GCB_UUID]) {
  uint64_t r[2];
  /* Up to 256 bytes are never cut short, and a kernel of Debian 12 has the call. */
  if (getrandom(r, sizeof r, 0) != sizeof r) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    r[0] = gcb_digest(&now, sizeof now);
    r[1] = gcb_digest(r, sizeof *r);
  }
  uuid_text(r[0], r[1], 4, out);
}

void gcb_uuid_of(const char *text, char out[GCB_UUID]) {
  size_t n = strlen(text);
  uint64_t a = gcb_digest(text, n), parts[2] = {a, n};
  uint64_t backwards = a; /* another digest of the same bytes: as good as independent */
  while (n) {
    char with = text[--n];
    parts[1] = parts[1] * UINT64_C(0x9e3779b97f4a7c15) + (unsigned char)with;
  }
  backwards ^= gcb_digest(parts, sizeof parts);
  uuid_text(a, backwards, 8, out);
}
