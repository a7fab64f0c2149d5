/* Drawing: one gnuplot a core works through a script of many figures. */
#include "plots/figure/plots.h"
#include "results/export/file.h"
#include "results/export/scratch.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
  TEXT_COLUMNS = 79,
  TEXT_LINE = 13,
  TEXT_PLOT = 24,
  TEXT_LINES = 16,
  HEADING = 44,
  PROCESSES = 2,
  PATH = 512
};

/* ---- the script ---- */

/* Small letters, of which a margin may hold a tenth more, are as wide as others on a terminal of letters. */
static unsigned right_of(const gcb_figure *f, gcb_plot_format format) {
  return format == GCB_PLOT_TEXT ? f->right + f->right / 9 : f->right;
}

/* The points that title, subtitle and notes take, which letters have as lines of text before the picture. */
static unsigned heading_of(const gcb_figure *f) {
  unsigned points = HEADING;
  for (size_t i = 1; i < GCB_FIGURE_SUBTITLES; i++) points += *f->shown[i] ? GCB_HEADING_LINE : 0;
  for (size_t i = 0; i < GCB_FIGURE_NOTES; i++) points += *f->notes[i] ? GCB_HEADING_LINE : 0;
  return points;
}

static void terminal(const gcb_figure *f, gcb_plot_format format, FILE *script) {
  unsigned w = f->width, h = f->height;
  const char *font = "DejaVu Sans";
  double size = format == GCB_PLOT_PDF ? 9 : 12; /* points, of which a pixel is one where pixels are drawn */
  switch (format) {
  case GCB_PLOT_SVG:
    fprintf(script, "set terminal svg size %u,%u dynamic noenhanced font '%s,12' background '#ffffff'\n", w,
            h, font);
    break;
  case GCB_PLOT_PNG:
    fprintf(
        script,
        "set terminal pngcairo size %u,%u noenhanced font '%s,12' fontscale 1.5 linewidth 2 pointscale 2\n",
        2 * w, 2 * h, font);
    break;
  case GCB_PLOT_PDF:
    fprintf(script, "set terminal pdfcairo size %.3fin,%.3fin noenhanced font '%s,9'\n", w / 96., h / 96.,
            font);
    break;
  case GCB_PLOT_TEXT:
    w = f->left + right_of(f, format) + TEXT_PLOT;
    if (w < TEXT_COLUMNS) w = TEXT_COLUMNS;
    h = (f->height - heading_of(f)) / TEXT_LINE;
    fprintf(script, "set terminal dumb noenhanced size %u,%u\n", w, h);
    break;
  }
  bool plain = format == GCB_PLOT_TEXT;
  fprintf(script, "plain = %d\nface = '%s'\npoints = %g\nchar_w = %.6f\n", plain, font, size,
          plain ? 1. / w : 7.1 / f->width);
}

void gcb_figure_script(const gcb_figure *f, gcb_plot_format format, const char *data, const char *picture,
                       const char *templates, FILE *script) {
  char quoted[1024], style[2 * PATH];
  terminal(f, format, script);
  snprintf(style, sizeof style, "%s/style.gp", templates);
#define QUOTE(text) gcb_gnuplot_quote(text, quoted, sizeof quoted)
  fprintf(script, "set output %s\n", QUOTE(picture));
  fprintf(script, "templates = %s\n", QUOTE(templates));
  fprintf(script, "data = %s\n", QUOTE(data));
  bool plain = format == GCB_PLOT_TEXT;
  unsigned heading = plain ? heading_of(f) : 0;
  fprintf(script, "title_text = %s\n", QUOTE(plain ? "" : f->title));
  fprintf(script, "array subtitle[%d]\n", GCB_FIGURE_SUBTITLES);
  for (size_t i = 0; i < GCB_FIGURE_SUBTITLES; i++)
    fprintf(script, "subtitle[%zu] = %s\n", i + 1, QUOTE(plain ? "" : f->shown[i]));
  fprintf(script, "array note[%d]\n", GCB_FIGURE_NOTES);
  for (size_t i = 0; i < GCB_FIGURE_NOTES; i++)
    fprintf(script, "note[%zu] = %s\n", i + 1, QUOTE(plain ? "" : f->notes[i]));
  for (size_t i = 0; i < GCB_FIGURE_LINES; i++) fprintf(script, "footer_%zu = %s\n", i, QUOTE(f->footer[i]));
  fprintf(script, "width = %u\nheight = %u\nleft = %u\nright = %u\ntop = %u\nbottom = %u\n", f->width,
          f->height - heading, f->left, right_of(f, format), f->top - heading, f->bottom);
  fprintf(script, "n = %zu\narray name[%zu]\narray colour[%zu]\narray mark[%zu]\narray dash[%zu]\n",
          f->n_series, f->n_series + 1, f->n_series + 1, f->n_series + 1, f->n_series + 1);
  for (size_t i = 0; i < f->n_series; i++) {
    const gcb_series *s = &f->series[i];
    fprintf(script, "name[%zu] = %s; colour[%zu] = '%s'; mark[%zu] = %d; dash[%zu] = %d\n", i + 1,
            QUOTE(s->label), i + 1, s->colour, i + 1, s->mark, i + 1, s->dash);
  }
  fprintf(script, "load %s\n", QUOTE(style));
  fwrite(f->set_text, 1, f->set_size, script);
#undef QUOTE
}

/* ---- files ---- */

/* Beside the program, built and installed: ../share/gcbench/plots. */
static bool find_templates(char *folder, size_t size, char *why, size_t why_size) {
  char program[PATH];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(program, '/');
    if (slash) *slash = 0;
  }
  char style[PATH + 64];
  snprintf(folder, size, "%s/share/gcbench/plots", program);
  snprintf(style, sizeof style, "%s/style.gp", folder);
  if (access(style, R_OK) == 0) return true;
  snprintf(why, why_size, "the templates of the plots are not in %s: %s; install or build the program again",
           folder, strerror(errno));
  return false;
}

static char *read_whole(const char *path, size_t *size) {
  FILE *in = fopen(path, "rb");
  char *text = NULL;
  struct stat st;
  if (in && fstat(fileno(in), &st) == 0 && (text = malloc((size_t)st.st_size + 1))) {
    *size = fread(text, 1, (size_t)st.st_size, in);
    text[*size] = 0;
  }
  if (in) fclose(in);
  return text;
}

/* ---- gnuplot ---- */

static pid_t start(const char *folder, unsigned process, char *why, size_t size) {
  char script[PATH], complaints[PATH];
  snprintf(script, sizeof script, "%s/%u.gp", folder, process);
  snprintf(complaints, sizeof complaints, "%s/%u.err", folder, process);
  char *argv[] = {"gnuplot", "-d", script, NULL};
  posix_spawn_file_actions_t actions;
  pid_t pid = -1;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int failed = posix_spawnp(&pid, "gnuplot", &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (!failed) return pid;
  if (failed == ENOENT)
    snprintf(why, size, "the program gnuplot, which draws, is not installed: apt-get install gnuplot-nox");
  else
    snprintf(why, size, "gnuplot cannot be started: %s", strerror(failed));
  return -1;
}

/* Wait for it. False with what it complained of. */
static bool finish(const char *folder, unsigned process, pid_t pid, char *why, size_t size) {
  int status = 0;
  char path[PATH];
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  size_t n = 0;
  snprintf(path, sizeof path, "%s/%u.err", folder, process);
  char *text = read_whole(path, &n);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    snprintf(why, size, "the program gnuplot, which draws, is not installed: apt-get install gnuplot-nox");
  } else {
    for (size_t i = 0; text && i < n; i++)
      if (text[i] == '\n') text[i] = ' ';
    char ended[80];
    if (WIFSIGNALED(status))
      snprintf(ended, sizeof ended, "it was killed by signal %d (%s)", WTERMSIG(status),
               strsignal(WTERMSIG(status)));
    else
      snprintf(ended, sizeof ended, "it ended with status %d and printed nothing", WEXITSTATUS(status));
    snprintf(why, size, "gnuplot could not draw: %s", text && *text ? text : ended);
  }
  free(text);
  return false;
}

/* What changes from one gnuplot or one second to the next is taken out; names inside an SVG are made the
 * figure's own, since many may stand in one page. */
static void replace_all(char **text, size_t *size, const char *from, const char *to) {
  size_t nf = strlen(from), nt = strlen(to), count = 0;
  for (char *at = *text; (at = strstr(at, from)); at += nf) count++;
  char *out = count ? malloc(*size + count * nt + 1) : NULL, *end = out;
  if (!out) return;
  for (char *at = *text;;) {
    char *next = strstr(at, from);
    size_t n = next ? (size_t)(next - at) : strlen(at);
    memcpy(end, at, n);
    end += n;
    if (!next) break;
    memcpy(end, to, nt);
    end += nt;
    at = next + nf;
  }
  *end = 0;
  free(*text);
  *text = out;
  *size = (size_t)(end - out);
}

/* gnuplot leaves the texts of points to a script of its own, which a page does not have: they become titles.
 */
static void titles_of_points(char *text, size_t *size) {
  static const char call[] = " onmousemove=\"gnuplot_svg.showHypertext(evt,'",
                    after[] = "')\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>",
                    open[] = "><title>", close[] = "</title>";
  char *out = text, *end = text + *size;
  for (char *at = text, *next; at < end; at = next) {
    char *words = strstr(at, call), *past = words ? strstr(words, after) : NULL;
    next = past ? past + strlen(after) : end;
    size_t before = (size_t)((past ? words : end) - at);
    memmove(out, at, before); /* what is written is shorter than what is read */
    out += before;
    if (!past) break;
    words += strlen(call);
    memcpy(out, open, strlen(open));
    out += strlen(open);
    memmove(out, words, (size_t)(past - words));
    out += past - words;
    memcpy(out, close, strlen(close));
    out += strlen(close);
  }
  *out = 0;
  *size = (size_t)(out - text);
}

static void cut_between(char *text, size_t *size, const char *from, const char *to) {
  char *a = strstr(text, from), *b = a ? strstr(a, to) : NULL;
  if (!b) return;
  b += strlen(to);
  memmove(a, b, *size - (size_t)(b - text) + 1);
  *size -= (size_t)(b - a);
}

/* Letters: without the form feed before, the blanks at the ends of lines and the empty lines at the end. */
static void trim_lines(char *text, size_t *size) {
  size_t n = 0, solid = 0, end = 0;
  for (size_t i = 0; i < *size; i++) {
    if (text[i] == '\f') continue;
    if (text[i] == '\n') n = solid;
    text[n++] = text[i];
    if (text[i] != ' ') solid = n;
    if (text[i] != ' ' && text[i] != '\n') end = n;
  }
  if (end < n) {
    text[end] = '\n';
    n = end + 1;
  }
  text[n] = 0;
  *size = n;
}

static void print_wrapped(FILE *out, const char *text) {
  char lines[TEXT_LINES][2 * GCB_PLOT_TEXT_SIZE];
  unsigned n = gcb_wrap(text, TEXT_COLUMNS - 2, lines, TEXT_LINES);
  for (unsigned i = 0; i < n; i++) fprintf(out, " %s\n", lines[i]);
}

/* Letters, below what a picture has in itself: a terminal is narrower than the lines of a page. */
static void settle_text(gcb_figure *f) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  trim_lines(f->drawn, &f->drawn_size);
  if (!out) return;
  fputc('\n', out); /* apart from the figure before */
  print_wrapped(out, f->title);
  print_wrapped(out, f->subtitle);
  print_wrapped(out, f->note);
  fwrite(f->drawn, 1, f->drawn_size, out);
  if (fclose(out) != 0) return free(text);
  free(f->drawn);
  f->drawn = text;
  f->drawn_size = size;
}

static void settle(gcb_figure *f) {
  if (f->drawn_format == GCB_PLOT_TEXT) settle_text(f);
  if (f->drawn_format == GCB_PLOT_PDF) {
    static const char date[] = "/CreationDate (D:";
    char *at = memmem(f->drawn, f->drawn_size, date, sizeof date - 1);
    if (at && at + sizeof date + 13 < f->drawn + f->drawn_size)
      memcpy(at + sizeof date - 1, "20000101000000", 14);
  }
  if (f->drawn_format != GCB_PLOT_SVG) return;
  char to[GCB_PLOT_TEXT_SIZE + 32];
  titles_of_points(f->drawn, &f->drawn_size);
  while (strstr(f->drawn, "<title>data ")) { /* lines of a template, which a browser would show */
    size_t before = f->drawn_size;
    cut_between(f->drawn, &f->drawn_size, "<title>data ", "</title>");
    if (f->drawn_size == before) break;
  }
  cut_between(f->drawn, &f->drawn_size, "<title>Gnuplot</title>\n", "</desc>\n");
  cut_between(f->drawn, &f->drawn_size, "<filter id='textbox'", "</filter>\n");
  cut_between(f->drawn, &f->drawn_size, "<filter id='greybox'", "</filter>\n");
  /* What is the default anyway is a fifth of the file. */
  replace_all(&f->drawn, &f->drawn_size, " stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "");
  replace_all(
      &f->drawn, &f->drawn_size, "font-family=\"DejaVu Sans:Bold\"",
      "font-weight=\"bold\" font-family=\"DejaVu Sans\""); /* gnuplot's name, which no browser knows */
  replace_all(&f->drawn, &f->drawn_size, "font-family=\"DejaVu Sans\"",
              "font-family=\"DejaVu Sans,Verdana,sans-serif\"");
  snprintf(to, sizeof to, "%s-pt", f->name);
  replace_all(&f->drawn, &f->drawn_size, "gpPt", to);
  snprintf(to, sizeof to, "%s-dot", f->name);
  replace_all(&f->drawn, &f->drawn_size, "gpDot", to);
  snprintf(to, sizeof to, "id=\"%s-", f->name);
  replace_all(&f->drawn, &f->drawn_size, "id=\"gnuplot_", to);
}

/* ---- all of it ---- */

/* False with errno. */
static bool write_whole(const char *path, const char *text, size_t size) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  ssize_t n = 0;
  for (size_t done = 0; done < size && (n >= 0 || errno == EINTR); done += n > 0 ? (size_t)n : 0)
    n = write(fd, text + done, size - done);
  int error = errno;
  if (close(fd) != 0 && n >= 0) n = -1, error = errno;
  errno = error;
  return n >= 0;
}

/* Write its data, and what draws it to the script of a process. False with errno. */
static bool write_figure(const gcb_figure *f, size_t i, gcb_plot_format format, const char *folder,
                         const char *templates, FILE *script) {
  char data[PATH], picture[PATH], path[2 * PATH];
  snprintf(data, sizeof data, "%s/%zu.tsv", folder, i);
  snprintf(picture, sizeof picture, "%s/%zu.out", folder, i);
  gcb_figure_script(f, format, data, picture, templates, script);
  snprintf(path, sizeof path, "%s/%s.gp", templates, f->kind->public.name);
  char quoted[3 * PATH];
  fprintf(script, "load %s\nset output\n", gcb_gnuplot_quote(path, quoted, sizeof quoted));
  return write_whole(data, f->data_text, f->data_size);
}

static bool needs_drawing(const gcb_figure *f, gcb_plot_format format) {
  return !f->drawn || f->drawn_format != format;
}

/* Write the script of one process, and the data of its figures: every PROCESSES-th that needs drawing. */
static bool write_process(gcb_plots *plots, gcb_plot_format format, const char *folder, const char *templates,
                          unsigned process) {
  char path[PATH], *text = NULL;
  size_t size = 0, turn = 0;
  FILE *script = open_memstream(&text, &size);
  bool good = script;
  for (size_t i = 0; good && i < plots->n; i++)
    if (needs_drawing(plots->figures[i], format) && turn++ % PROCESSES == process)
      good = write_figure(plots->figures[i], i, format, folder, templates, script);
  int error = errno;
  if (script && fclose(script) != 0 && good) good = false, error = ENOMEM;
  snprintf(path, sizeof path, "%s/%u.gp", folder, process);
  if (good && !write_whole(path, text, size)) good = false, error = errno;
  free(text);
  errno = error;
  return good;
}

static bool write_all(gcb_plots *plots, gcb_plot_format format, const char *folder, const char *templates,
                      char *why, size_t size) {
  for (unsigned p = 0; p < PROCESSES; p++)
    if (!write_process(plots, format, folder, templates, p)) {
      snprintf(why, size, "cannot write to %s: %s", folder, gcb_file_trouble(errno));
      return false;
    }
  return true;
}

static bool collect(gcb_plots *plots, gcb_plot_format format, const char *folder, char *why, size_t size) {
  for (size_t i = 0; i < plots->n; i++) {
    gcb_figure *f = plots->figures[i];
    char path[PATH];
    if (!needs_drawing(f, format)) continue;
    free(f->drawn);
    snprintf(path, sizeof path, "%s/%zu.out", folder, i);
    f->drawn_format = format;
    f->drawn = read_whole(path, &f->drawn_size);
    if (!f->drawn || !f->drawn_size) {
      snprintf(why, size, "gnuplot drew nothing for %s", f->name);
      return false;
    }
    settle(f);
  }
  return true;
}

bool gcb_plots_draw(gcb_plots *plots, gcb_plot_format format, char *why, size_t size) {
  int lock = -1;
  char folder[PATH / 2], templates[PATH + 32];
  pid_t children[PROCESSES];
  if (!find_templates(templates, sizeof templates, why, size)) return false;
  if (!gcb_scratch_make("plots", folder, sizeof folder, &lock, why, size)) return false;
  bool good = write_all(plots, format, folder, templates, why, size);
  for (unsigned p = 0; p < PROCESSES; p++) {
    children[p] = good ? start(folder, p, why, size) : -1;
    good = good && children[p] > 0;
  }
  for (unsigned p = 0; p < PROCESSES; p++)
    if (children[p] > 0) good = finish(folder, p, children[p], why, size) && good;
  good = good && collect(plots, format, folder, why, size);
  gcb_scratch_remove(folder, &lock);
  return good;
}

char *gcb_plots_take(const gcb_plots *plots, size_t i, size_t *size) {
  const gcb_figure *f = plots->figures[i];
  char *copy = f->drawn ? malloc(f->drawn_size + 1) : NULL;
  if (!copy) return NULL;
  memcpy(copy, f->drawn, f->drawn_size);
  copy[f->drawn_size] = 0;
  *size = f->drawn_size;
  return copy;
}

bool gcb_plots_write(const gcb_plots *plots, size_t i, const char *path, char *why, size_t size) {
  const gcb_figure *f = plots->figures[i];
  gcb_file file;
  if (!gcb_file_begin(&file, path, why, size)) return false;
  fwrite(f->drawn, 1, f->drawn_size, file.out);
  return gcb_file_commit(&file, true, why, size);
}
