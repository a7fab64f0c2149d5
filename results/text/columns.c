#include "results/text/columns.h"
#include "results/text/screen.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void gcb_columns_begin(gcb_columns *t, const char *const *heads, unsigned n, unsigned left) {
  *t = (gcb_columns){.n = n < GCB_COLUMNS ? n : GCB_COLUMNS, .left = left};
  for (unsigned i = 0; i < t->n; i++) t->heads[i] = heads[i];
}

void gcb_columns_row(gcb_columns *t) {
  void *grown = realloc(t->rows, (t->n_rows + 1) * sizeof *t->rows);
  if (grown) {
    t->rows = grown;
    t->n_rows++;
  }
  for (unsigned i = 0; i < t->n; i++) gcb_columns_put(t, i, "-");
}

void gcb_columns_put(gcb_columns *t, unsigned column, const char *format, ...) {
  if (!t->n_rows || column >= t->n) return;
  va_list args;
  va_start(args, format);
  vsnprintf(t->rows[t->n_rows - 1][column], GCB_COLUMN_TEXT, format, args);
  va_end(args);
}

/* As the terminal counts: continuation bytes of UTF-8 take no column. */
static int width_of(const char *text) {
  int n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static void discard(gcb_columns *t) {
  free(t->rows);
  t->rows = NULL;
  t->n_rows = 0;
}

void gcb_columns_end(gcb_columns *t, const char *indent, FILE *out) {
  int width[GCB_COLUMNS];
  for (unsigned c = 0; c < t->n; c++) {
    width[c] = width_of(t->heads[c]);
    for (size_t r = 0; r < t->n_rows; r++)
      if (width_of(t->rows[r][c]) > width[c]) width[c] = width_of(t->rows[r][c]);
  }
  for (size_t r = 0; out && r <= t->n_rows; r++) {
    int owed = 0; /* blanks that are printed only if something follows them */
    fputs(indent, out);
    for (unsigned c = 0; c < t->n; c++) {
      const char *text = r ? t->rows[r - 1][c] : t->heads[c];
      int blank = width[c] - width_of(text);
      if (!(t->left >> c & 1)) owed += blank;
      if (*text) {
        const char *colour = r ? gcb_screen_word(out, text) : gcb_screen_heading(out);
        fprintf(out, "%*s%s%s%s", owed, "", colour, text, gcb_screen_end(colour));
        owed = 0;
      }
      if (t->left >> c & 1) owed += blank;
      owed += 2;
    }
    fputc('\n', out);
  }
  discard(t);
}

void gcb_columns_markdown(gcb_columns *t, FILE *out) {
  for (size_t r = 0; r <= t->n_rows; r++) {
    for (unsigned c = 0; c < t->n; c++) {
      fputs(c ? " " : "| ", out);
      for (const char *s = r ? t->rows[r - 1][c] : t->heads[c]; *s; s++)
        fprintf(out, *s == '|' ? "\\|" : "%c", *s);
      fputs(" |", out);
    }
    fputc('\n', out);
    for (unsigned c = 0; r == 0 && c < t->n; c++)
      fprintf(out, "%s%s%s", c ? "" : "|", t->left >> c & 1 ? "---|" : "---:|", c + 1 == t->n ? "\n" : "");
  }
  discard(t);
}
