/* A session for a command: what is wrong with its words is printed as wrong usage. */
#ifndef GCB_OPEN_SESSION_H
#define GCB_OPEN_SESSION_H

#include "commands/commands.h"
#include "session/session.h"

/* Open the catalog and plan the request ("all" is expanded in it). Not GCB_EXIT_OK: a message was printed.
 * Close it in either case. */
gcb_exit gcb_session_open(gcb_session *s, const struct gcb_parsed *parsed, gcb_request *r);

#endif
