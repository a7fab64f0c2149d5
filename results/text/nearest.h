/* The nearest valid name to a word that is not one, for "did you mean ...?". */
#ifndef GCB_NEAREST_H
#define GCB_NEAREST_H

#include <stddef.h>

/* The candidate that the user most likely meant by `word`, or NULL when none is close enough to name.
 *
 * If `word` (two letters or more) is the beginning of exactly one candidate, that one. Otherwise the
 * candidate at the smallest Damerau-Levenshtein distance (optimal string alignment: insert, delete, replace,
 * swap two neighbours), the earlier on a tie, if that distance is at most a third of the word's length plus
 * one and some letter is shared. Case is ignored (ASCII).
 *
 * `candidates` are n strings, none NULL; the answer is one of these pointers, so it lives as long as they do.
 * Words and candidates longer than 63 bytes are never close. Neither allocates nor prints; any thread. */
const char *gcb_nearest(const char *word, const char *const *candidates, size_t n);

#endif
