#include "results/text/screen.h"
#include <stdlib.h>
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

/* ---- colours ---- */

static enum { AUTO, ALWAYS, NEVER } mode;

void gcb_screen_color(const char *when) {
  mode = !when || strcmp(when, "auto") == 0 ? AUTO : strcmp(when, "always") == 0 ? ALWAYS : NEVER;
}

bool gcb_screen_colored(FILE *out) {
  const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
  int fd = fileno(out);
  if (mode == ALWAYS) return fd == STDOUT_FILENO || fd == STDERR_FILENO;
  return mode == AUTO && !(no && *no) && term && strcmp(term, "dumb") != 0 && fd >= 0 && isatty(fd);
}

static const char bold[] = "\033[1m", red[] = "\033[31m", green[] = "\033[32m", yellow[] = "\033[33m";

static const struct {
  const char *word, *colour;
} words[] = {
    {"oom", red},        {"timeout", red},         {"crashed", red},        {"wrong", red},
    {"failed", red},     {"regressed", red},       {"REGRESSED", red},      {"BROKEN", red},
    {"SUSPECT", red},    {"FOUND", red},           {"fail", red},           {"bad", red},
    {"grows", red},      {"different", red},       {"improved", green},     {"promising", green},
    {"better", green},   {"holds", green},         {"pass", green},         {"fine", green},
    {"suspect", yellow}, {"inconclusive", yellow}, {"unsupported", yellow}, {"note", yellow},
    {"not run", yellow}, {"in doubt", yellow},
};

const char *gcb_screen_heading(FILE *out) {
  return gcb_screen_colored(out) ? bold : "";
}

const char *gcb_screen_word(FILE *out, const char *word) {
  size_t n = strcspn(word, ":"); /* "inconclusive: too noisy" */
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i].word) == n && strncmp(words[i].word, word, n) == 0)
      return gcb_screen_colored(out) ? words[i].colour : "";
  return "";
}

const char *gcb_screen_end(const char *begun) {
  return *begun ? "\033[0m" : "";
}
