/* The run document (schema gcbench.run/1): what is computed from its invocations. */
#ifndef GCB_DOCUMENT_H
#define GCB_DOCUMENT_H

#include <jansson.h>

/* Complete a document whose invocations are all there: cells that were to run and have none are `failed`
 * with the reason `why_none`, each cell gets its summary, and the cells their overheads. The same
 * invocations give the same document. */
void gcb_document_finish(json_t *document, const char *why_none);
/* How many of its cells did not end ok. */
size_t gcb_document_failed(const json_t *document);

#endif
