/* Did an invocation compute what it should? */
#ifndef GCB_JUDGE_H
#define GCB_JUDGE_H

#include "session/session.h"

/* Run the reference of a group of the plan, once: its checksum stays in the group; why there is none, in the
 * results of its cells too. */
void gcb_judge_reference(gcb_session *s, size_t group);
/* Judge a result of gcb_session_invoke() by its group's checksum (without a reference the first result
 * becomes that), and append it to the cell's list of this name, such as "invocations". One that did not end
 * ok gives its status to the cell, which is then over. */
void gcb_judge(gcb_session *s, gcb_cell *cell, const char *list, json_t *result);

#endif
