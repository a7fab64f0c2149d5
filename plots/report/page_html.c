/* One self-contained HTML file: no script, no network; colours follow the reader's preference, and paper is
 * white. */
#include "plots/report/page.h"
#include <math.h>
#include <string.h>

static const char style[] =
    ":root{--ink:#1b1f24;--dim:#5c6670;--paper:#fff;--tint:#f4f6f8;--line:#d5dbe1;--link:#0b5cad;"
    "--good:#0a6b3d;--bad:#a3261b;--warn:#8a5a00}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e4e8ec;--dim:#9aa5b1;--paper:#15181c;--tint:#1e2329;"
    "--line:#363d45;--link:#7ab7ff;--good:#6cd39b;--bad:#ff9489;--warn:#e8b450}}\n"
    "@media print{:root{--ink:#000;--dim:#444;--paper:#fff;--tint:#f4f4f4;--line:#bbb;--link:#000;"
    "--good:#064;--bad:#900;--warn:#640}}\n"
    ":root{color-scheme:light dark}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:86rem;padding:1.2rem 1.4rem 4rem;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "h1{font-size:1.75rem;line-height:1.2;margin:.4rem 0 .6rem}\n"
    "h2{font-size:1.3rem;margin:2.4rem 0 .6rem;padding-top:.5rem;border-top:2px solid var(--line)}\n"
    "h3{font-size:1.02rem;margin:1.5rem 0 .35rem}\n"
    "p{margin:.4rem 0 .7rem;max-width:75ch}\np.lead{color:var(--dim)}\np.small{font-size:.87rem;"
    "color:var(--dim)}\n"
    "ul{margin:.3rem 0 .8rem;padding-left:1.2rem;max-width:95ch}\nli{margin:.3rem 0}\n"
    "ul.answers li:first-child strong{font-size:1.14rem}\n"
    "ul.failed li::marker{color:var(--bad)}\nul.cautions{font-size:.9rem}\n"
    "ul.cautions li::marker{color:var(--warn)}\n"
    "a{color:var(--link)}\nnav a{margin-right:1.1rem;white-space:nowrap}\n"
    "pre{background:var(--tint);border:1px solid var(--line);border-radius:4px;padding:.6rem .8rem;"
    "overflow-x:auto;font:.85rem/1.45 ui-monospace,'DejaVu Sans Mono',monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere}\n"
    ".scroll{overflow-x:auto;margin:.4rem 0 .9rem}\n"
    "table{border-collapse:collapse;font-size:.78rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.22rem .33rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line);"
    "vertical-align:top}\n"
    "th{color:var(--dim);font-weight:600;vertical-align:bottom}\nth.l,td.l{text-align:left}\n"
    "th{white-space:normal}td.w{white-space:normal;min-width:7rem}td.l.w{min-width:12rem;max-width:60rem}\n"
    "tbody tr:hover{background:var(--tint)}\n"
    "td.good{color:var(--good);font-weight:600}\ntd.bad{color:var(--bad);font-weight:600}\n"
    "td.warn{color:var(--warn)}\ntd.dim{color:var(--dim)}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));gap:1rem;"
    "margin:.6rem 0 1.2rem}\n"
    "figure{margin:0;break-inside:avoid}\nfigcaption{font-weight:600;font-size:.95rem;margin:0 0 .3rem}\n"
    "figure:last-child:nth-child(odd){grid-column:1/-1}\n" /* two stand side by side: one more fills its line
                                                            */
    "figure svg,figure img{display:block;width:100%;height:auto;background:#fff;border:1px solid var(--line);"
    "border-radius:4px}\n"
    /* Every colour of a drawing gets its dark counterpart: white paper becomes #171717, ink nearly white, and
     * the hue of a collector stays. On paper, drawings keep their own colours. */
    "@media screen and (prefers-color-scheme:dark){figure svg{filter:invert(.91) hue-rotate(180deg) "
    "saturate(1.3)}}\n"
    "@page{size:A4 landscape;margin:12mm;@bottom-right{content:counter(page);font:9px sans-serif}}\n"
    "@media print{html{font-size:10.5px}body{max-width:none;padding:0;font-size:1rem}nav{display:none}"
    ".scroll{overflow:visible}table{font-size:.74rem}th,td{padding:1px 4px}tr{break-inside:avoid}"
    "h2,h3{break-after:avoid}.figures{display:block}figure{display:inline-block;width:49%;"
    "margin:0 0 3mm;vertical-align:top}a{text-decoration:none}}\n";

/* ---- quoting ---- */

static void put(FILE *out, const char *s) {
  for (; *s; s++) switch (*s) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      fputc(*s, out);
    }
}

static void element(FILE *out, const char *name, const char *kind, const char *text) {
  fprintf(out, kind ? "<%s class=\"%s\">" : "<%s>", name, kind);
  put(out, text);
  fprintf(out, "</%s>\n", name);
}

/* ---- the format ---- */

static void begin(gcb_page *p, const char *title) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta name=\"generator\" content=\"gcbench\">\n",
        p->out);
  element(p->out, "title", NULL, title);
  fprintf(p->out, "<style>\n%s</style>\n</head>\n<body>\n", style);
}

static void end(gcb_page *p) {
  fputs("</body>\n</html>\n", p->out);
}

static void heading(gcb_page *p, int level, const char *id, const char *text) {
  fprintf(p->out, id ? "<h%d id=\"%s\">" : "<h%d>", level, id);
  put(p->out, text);
  fprintf(p->out, "</h%d>\n", level);
}

static void paragraph(gcb_page *p, const char *kind, const char *text) {
  element(p->out, "p", kind, text);
}

static void items(gcb_page *p, const char *kind, const json_t *texts) {
  size_t i;
  json_t *text;
  if (!json_array_size(texts)) return;
  fprintf(p->out, kind ? "<ul class=\"%s\">\n" : "<ul>\n", kind);
  json_array_foreach(texts, i, text) {
    const char *claim = json_string_value(json_object_get(text, "claim"));
    if (!claim) {
      element(p->out, "li", NULL, json_string_value(text));
      continue;
    }
    fputs("<li>", p->out);
    element(p->out, "strong", NULL, claim);
    put(p->out, json_string_value(json_object_get(text, "detail")));
    fputs("</li>\n", p->out);
  }
  fputs("</ul>\n", p->out);
}

static void code(gcb_page *p, const char *text) {
  element(p->out, "pre", NULL, text);
}

static void link_to(gcb_page *p, const char *before, const char *href, const char *text) {
  fputs("<p>", p->out);
  put(p->out, before);
  fputs("<a href=\"", p->out);
  put(p->out, href);
  fputs("\">", p->out);
  put(p->out, text);
  fputs("</a></p>\n", p->out);
}

static void contents(gcb_page *p, const char *const (*entries)[2], size_t n) {
  fputs("<nav>", p->out);
  for (size_t i = 0; i < n; i++) {
    fprintf(p->out, "<a href=\"#%s\">", entries[i][0]);
    put(p->out, entries[i][1]);
    fputs("</a> ", p->out);
  }
  fputs("</nav>\n", p->out);
}

static void put_classes(FILE *out, const gcb_head *head, const char *kind) {
  const char *classes[] = {head->left ? "l" : NULL, head->wraps ? "w" : NULL, kind}, *before = " class=\"";
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    if (!classes[i]) continue;
    fprintf(out, "%s%s", before, classes[i]);
    before = " ";
  }
  if (*before == ' ' && !before[1]) fputc('"', out);
}

static void table(gcb_page *p, const gcb_head *heads, size_t n) {
  p->columns = n;
  p->heads = heads;
  fputs("<div class=\"scroll\"><table>\n<thead><tr>", p->out);
  for (size_t i = 0; i < n; i++) {
    fputs("<th", p->out);
    put_classes(p->out, &heads[i], NULL);
    if (heads[i].path) fprintf(p->out, " data-path=\"%s\"", heads[i].path);
    fputc('>', p->out);
    put(p->out, heads[i].text);
    fputs("</th>", p->out);
  }
  fputs("</tr></thead>\n<tbody>\n", p->out);
}

static void row(gcb_page *p, long cell, const gcb_box *boxes) {
  fprintf(p->out, cell >= 0 ? "<tr data-cell=\"%ld\">" : "<tr>", cell);
  for (size_t i = 0; i < p->columns; i++) {
    fputs("<td", p->out);
    put_classes(p->out, &p->heads[i], boxes[i].kind);
    if (isfinite(boxes[i].value)) fprintf(p->out, " data-value=\"%.17g\"", boxes[i].value);
    fputc('>', p->out);
    put(p->out, boxes[i].text);
    fputs("</td>", p->out);
  }
  fputs("</tr>\n", p->out);
}

static void table_end(gcb_page *p) {
  fputs("</tbody></table></div>\n", p->out);
}

static void figures(gcb_page *p, bool opens) {
  fputs(opens ? "<div class=\"figures\">\n" : "</div>\n", p->out);
}

static void figure(gcb_page *p, const char *title, const char *svg, const char *file) {
  const char *start = strstr(svg, "<svg"); /* a prologue is for files of its own */
  (void)file;
  if (!start) return;
  fputs("<figure>", p->out);
  element(p->out, "figcaption", NULL, title);
  fputs("<svg role=\"img\" aria-label=\"", p->out);
  put(p->out, title);
  fprintf(p->out, "\"%s</figure>\n", start + strlen("<svg"));
}

static void picture(gcb_page *p, const char *title, const char *drawn, const char *file) {
  (void)drawn;
  fputs("<figure>", p->out);
  element(p->out, "figcaption", NULL, title);
  fputs("<img alt=\"", p->out);
  put(p->out, title);
  fputs("\" src=\"", p->out);
  put(p->out, file);
  fputs("\"></figure>\n", p->out);
}

const gcb_page_format gcb_page_html = {begin,    end,   heading, paragraph, items,   code,  link_to,
                                       contents, table, row,     table_end, figures, figure};
const gcb_page_format gcb_page_print = {begin,    end,   heading, paragraph, items,   code,   link_to,
                                        contents, table, row,     table_end, figures, picture};
