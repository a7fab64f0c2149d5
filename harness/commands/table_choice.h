/* --columns: which columns the tables of run and of results show. */
#ifndef GCB_TABLE_CHOICE_H
#define GCB_TABLE_CHOICE_H

#include "cli/options.h"
#include "results/text/table.h"

/* The columns named by --columns, which must outlive *chosen. False with a message when one does not exist.
 */
bool gcb_table_choice(const struct gcb_parsed *parsed, const struct gcb_strings *columns,
                      gcb_table_columns *chosen);

#endif
