#include "results/text/sparkline.h"
#include "results/stats/stats.h"
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <string.h>

const char *gcb_sparkline(const double *y, size_t n, size_t width, bool utf8, char text[GCB_SPARKLINE_SIZE]) {
  static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char *const plain[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
  enum { HEIGHTS = sizeof blocks / sizeof *blocks };
  double part[GCB_SPARKLINE_WIDTH] = {0};
  size_t parts = width < GCB_SPARKLINE_WIDTH ? width : GCB_SPARKLINE_WIDTH;
  if (n < parts) parts = n;
  *text = 0;
  for (size_t i = 0; i < parts; i++)
    part[i] = gcb_median(y + i * n / parts, (i + 1) * n / parts - i * n / parts);
  double least = gcb_least(part, parts), most = gcb_greatest(part, parts), middle = gcb_median(part, parts);
  if (!isfinite(middle)) return text;
  double flat = 0.04 * fabs(middle), span = fmax(most - least, flat);
  double floor = (least + most - span) / 2;
  for (size_t i = 0; i < parts; i++) {
    /* A level in the middle must not hang on a rounding. */
    size_t height = span > 0 ? (size_t)((part[i] - floor) / span * HEIGHTS + 1e-9) : 0;
    strcat(text, (utf8 ? blocks : plain)[height < HEIGHTS ? height : HEIGHTS - 1]);
  }
  return text;
}

bool gcb_locale_is_utf8(void) {
  locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  bool is = l && strcmp(nl_langinfo_l(CODESET, l), "UTF-8") == 0;
  if (l) freelocale(l);
  return is;
}
