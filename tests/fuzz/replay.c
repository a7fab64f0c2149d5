/* Reads the files that are named, one after the other; what is wrong with them ends the process. */
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[]) {
  int read = 0;
  for (int i = 1; i < argc; i++) {
    FILE *in = fopen(argv[i], "rb");
    if (!in) {
      perror(argv[i]);
      return 1;
    }
    size_t size = 0, room = 1 << 16;
    uint8_t *data = malloc(room);
    for (size_t got; data && (got = fread(data + size, 1, room - size, in)) > 0;) {
      size += got;
      if (size == room) data = realloc(data, room *= 2);
    }
    fclose(in);
    if (!data) return 1;
    data = realloc(data, size ? size : 1); /* so that a sanitizer sees a read past the end */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    read++;
  }
  printf("%d files\n", read);
  return read ? 0 : 1;
}
