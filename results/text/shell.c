#include "results/text/shell.h"
#include <stdlib.h>
#include <string.h>

void gcb_print_quoted(const char *word, FILE *out) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/=,:@";
  if (*word && strspn(word, plain) == strlen(word)) {
    fputs(word, out);
    return;
  }
  putc('\'', out);
  for (; *word; word++)
    if (*word == '\'')
      fputs("'\\''", out);
    else
      putc(*word, out);
  putc('\'', out);
}

char *gcb_shell_command(const char *const words[]) {
  char *text = NULL;
  size_t n = 0;
  FILE *out = open_memstream(&text, &n);
  if (!out) return NULL;
  for (size_t i = 0; words[i]; i++) {
    if (i) putc(' ', out);
    gcb_print_quoted(words[i], out);
  }
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}
