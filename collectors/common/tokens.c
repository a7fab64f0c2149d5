#include "common/tokens.h"
#include <stdlib.h>

/* Invariant: an entry is in the bucket of its object's hash; there are at least half as many buckets as
 * entries. */

static size_t place(const gcb_tokens *t, const void *object) {
  return ((uintptr_t)object >> 4) * 0x9e3779b97f4a7c15u >> 32 & (t->buckets - 1);
}

static bool grow(gcb_tokens *t) {
  gcb_tokens bigger = {.n = t->n, .buckets = t->buckets ? 2 * t->buckets : 256};
  bigger.bucket = calloc(bigger.buckets, sizeof *bigger.bucket);
  if (!bigger.bucket) return false;
  for (size_t i = 0; i < t->buckets; i++)
    for (gcb_token *e = t->bucket[i], *next; e; e = next) {
      next = e->next;
      gcb_token **head = &bigger.bucket[place(&bigger, e->object)];
      e->next = *head;
      *head = e;
    }
  free(t->bucket);
  *t = bigger;
  return true;
}

bool gcb_tokens_add(gcb_tokens *t, const void *object, uint64_t token) {
  if (t->n >= 2 * t->buckets && !grow(t)) return false;
  gcb_token *e = malloc(sizeof *e);
  if (!e) return false;
  gcb_token **head = &t->bucket[place(t, object)];
  *e = (gcb_token){*head, object, token};
  *head = e;
  t->n++;
  return true;
}

bool gcb_tokens_take(gcb_tokens *t, const void *object, uint64_t *token) {
  if (!t->n) return false;
  gcb_token **link = &t->bucket[place(t, object)];
  while (*link && (*link)->object != object) link = &(*link)->next;
  gcb_token *e = *link;
  if (!e) return false;
  *token = e->token;
  *link = e->next;
  t->n--;
  free(e);
  return true;
}

void gcb_tokens_free(gcb_tokens *t) {
  for (size_t i = 0; i < t->buckets; i++)
    for (gcb_token *e = t->bucket[i], *next; e; e = next) {
      next = e->next;
      free(e);
    }
  free(t->bucket);
  *t = (gcb_tokens){0};
}
