/* Markdown as GitHub and GitLab read it; drawings are files beside it. */
#include "plots/report/page.h"
#include <string.h>

/* Text in a line: what Markdown would take for a mark of its own is quoted. */
static void put(FILE *out, const char *s) {
  for (; *s; s++) {
    if (strchr("\\`*_[]<>|#~", *s)) fputc('\\', out);
    fputc(*s == '\n' ? ' ' : *s, out);
  }
}

static void begin(gcb_page *p, const char *title) {
  (void)p;
  (void)title;
}

static void end(gcb_page *p) {
  (void)p;
}

static void heading(gcb_page *p, int level, const char *id, const char *text) {
  (void)id;
  fprintf(p->out, "\n%.*s ", level, "######");
  put(p->out, text);
  fputs("\n\n", p->out);
}

static void paragraph(gcb_page *p, const char *kind, const char *text) {
  (void)kind;
  put(p->out, text);
  fputs("\n\n", p->out);
}

static void items(gcb_page *p, const char *kind, const json_t *texts) {
  size_t i;
  json_t *text;
  (void)kind;
  json_array_foreach(texts, i, text) {
    const json_t *claim = json_object_get(text, "claim");
    fputs(claim ? "- **" : "- ", p->out);
    put(p->out, json_string_value(claim ? claim : text));
    if (claim) fputs("** ", p->out);
    if (claim) put(p->out, json_string_value(json_object_get(text, "detail")));
    fputc('\n', p->out);
  }
  if (json_array_size(texts)) fputc('\n', p->out);
}

static void code(gcb_page *p, const char *text) {
  fprintf(p->out, "```\n%s\n```\n\n", text);
}

static void link_to(gcb_page *p, const char *before, const char *href, const char *text) {
  put(p->out, before);
  fputc('[', p->out);
  put(p->out, text);
  fprintf(p->out, "](<%s>)\n\n", href);
}

static void contents(gcb_page *p, const char *const (*entries)[2], size_t n) {
  (void)p;
  (void)entries;
  (void)n;
}

static void table(gcb_page *p, const gcb_head *heads, size_t n) {
  p->columns = n;
  p->heads = heads;
  for (size_t i = 0; i < n; i++) {
    fputs("| ", p->out);
    put(p->out, heads[i].text);
    fputc(' ', p->out);
  }
  fputs("|\n", p->out);
  for (size_t i = 0; i < n; i++) fputs(heads[i].left ? "| :-- " : "| --: ", p->out);
  fputs("|\n", p->out);
}

static void row(gcb_page *p, long cell, const gcb_box *boxes) {
  (void)cell;
  for (size_t i = 0; i < p->columns; i++) {
    fputs("| ", p->out);
    put(p->out, boxes[i].text);
    fputc(' ', p->out);
  }
  fputs("|\n", p->out);
}

static void table_end(gcb_page *p) {
  fputc('\n', p->out);
}

static void figures(gcb_page *p, bool opens) {
  (void)p;
  (void)opens;
}

static void figure(gcb_page *p, const char *title, const char *svg, const char *file) {
  (void)svg;
  fputs("**", p->out);
  put(p->out, title);
  fputs("**\n\n![", p->out);
  put(p->out, title);
  fprintf(p->out, "](<%s>)\n\n", file);
}

const gcb_page_format gcb_page_markdown = {begin,    end,   heading, paragraph, items,   code,  link_to,
                                           contents, table, row,     table_end, figures, figure};
