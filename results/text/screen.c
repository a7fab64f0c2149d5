#include "results/text/screen.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned gcb_screen_width(FILE *out) {
  struct winsize window;
  int fd = fileno(out);
  if (fd < 0 || !isatty(fd) || ioctl(fd, TIOCGWINSZ, &window) != 0 || window.ws_col < GCB_SCREEN_WIDTH)
    return GCB_SCREEN_WIDTH;
  return window.ws_col;
}

void gcb_screen_wrap(FILE *out, const char *text, unsigned width, unsigned indent) {
  unsigned column = 0;
  const char *at = text;
  while (*at) {
    unsigned blanks = (unsigned)strspn(at, " "), n = (unsigned)strcspn(at + blanks, " "), wide = 0;
    for (unsigned i = 0; i < n; i++) wide += ((unsigned char)at[blanks + i] & 0xc0) != 0x80;
    if (column > indent && column + blanks + wide > width) {
      fprintf(out, "\n%*s", (int)indent, "");
      column = indent;
      blanks = (unsigned)strspn(at, " ");
      at += blanks;
      blanks = 0;
    }
    fprintf(out, "%*s%.*s", (int)blanks, "", (int)n, at + blanks);
    column += blanks + wide;
    at += blanks + n;
  }
  fputc('\n', out);
}
