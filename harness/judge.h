/* Did an invocation compute what it should? */
#ifndef GCB_JUDGE_H
#define GCB_JUDGE_H

#include "session.h"

/* Run the reference of a group, once: its checksum, or why there is none, stays in the group. */
void gcb_judge_reference(const gcb_session *s, gcb_group *g);
/* Judge a result of gcb_session_invoke() by its group's checksum (without a reference the first result
 * becomes that), and append it to the cell's list of this name, such as "invocations". One that did not end
 * ok gives its status to the cell, which is then over. */
void gcb_judge(gcb_session *s, gcb_cell *cell, const char *list, json_t *result);

#endif
