#include "commands/table_choice.h"
#include "commands/commands.h"
#include "results/text/row.h"
#include <string.h>

bool gcb_table_choice(const struct gcb_parsed *parsed, const struct gcb_strings *columns,
                      gcb_table_columns *chosen) {
  enum { MOST = 40 };
  const char *keys[MOST] = {"all"};
  size_t n = 1;
  for (size_t i = 0; i < gcb_n_row_columns && n < MOST; i++) keys[n++] = gcb_row_columns[i].key;
  for (size_t i = 0; i < columns->n; i++) {
    const char *word = columns->items[i], *near = gcb_nearest(word, keys, n);
    if (gcb_row_find(word) || (columns->n == 1 && strcmp(word, "all") == 0)) continue;
    char names[400] = "";
    for (size_t k = 0; k < n; k++) {
      strncat(names, k ? ", " : "", sizeof names - strlen(names) - 1);
      strncat(names, keys[k], sizeof names - strlen(names) - 1);
    }
    if (near)
      gcb_options_wrong(&gcb_program, parsed->command, "--columns", word, "no such column; did you mean %s?",
                        near);
    else
      gcb_options_wrong(&gcb_program, parsed->command, "--columns", word, "no such column; there are %s",
                        names);
    return false;
  }
  *chosen = (gcb_table_columns){columns->items, columns->n};
  return true;
}
