/* What a runtime with handles remembers of finalizers: the tokens registered for an object, by its address,
 * which must stay until they are taken. Memory from malloc, outside the bound. Not thread-safe.
 */
#ifndef GCB_COMMON_TOKENS_H
#define GCB_COMMON_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gcb_token {
  struct gcb_token *next; /* in the same bucket */
  const void *object;
  uint64_t token;
} gcb_token;

typedef struct gcb_tokens {
  gcb_token **bucket;
  size_t n, buckets; /* buckets: 0 or a power of two */
} gcb_tokens;

/* One more token of the object. False: no memory, nothing changed. */
bool gcb_tokens_add(gcb_tokens *t, const void *object, uint64_t token);
/* Take one token of the object out. False: it has none. */
bool gcb_tokens_take(gcb_tokens *t, const void *object, uint64_t *token);
void gcb_tokens_free(gcb_tokens *t);

#endif
