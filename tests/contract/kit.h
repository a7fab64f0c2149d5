/* What the behaviours share: stamped objects, lists, collections held to the declaration, and audits. All but
 * kit_try end the test when the collector is at fault or out of memory.
 *
 * A stamp fills an object's whole payload with a pattern of its number, so that one look tells a lost, torn
 * or exchanged object.
 */
#ifndef KIT_H
#define KIT_H

#include "contract.h"

/* Shapes of c: bare {0 refs, 0 bytes}, leaf {0, 16}, link {1, 8}, pair {2, 8}, node {4, 24}, wide {12, 40}.
 */
void kit_begin(contract *c, gcb_mutator *m);

/* A new object with this stamp; false when out of memory. */
bool kit_try(gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, uint64_t id);
void kit_new(contract *c, gcb_mutator *m, gcb_slot dst, const gcb_shape *shape, uint64_t id);
void kit_array(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n);
void kit_bytes(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t id);
void kit_expect(contract *c, gcb_mutator *m, gcb_slot obj, const gcb_shape *shape, uint64_t id,
                const char *what);
void kit_expect_bytes(contract *c, gcb_mutator *m, gcb_slot obj, uint32_t n, uint64_t id, const char *what);
/* The stamp's first word, for objects with at least 8 payload bytes. */
uint64_t kit_id(gcb_mutator *m, gcb_slot obj);

/* dst = a list of n links, stamps first, first + 1, .. from head to tail; and the check of it. */
void kit_list(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t first);
void kit_expect_list(contract *c, gcb_mutator *m, gcb_slot list, uint32_t n, uint64_t first,
                     const char *what);
/* dst = a ring of n pairs whose second slots hold `held` (may be null). */
void kit_ring(contract *c, gcb_mutator *m, gcb_slot dst, uint32_t n, uint64_t first, gcb_slot held);

/* A collection that must answer as declared, then a poll. */
void kit_collect(contract *c, gcb_mutator *m, gcb_pause_kind kind);
/* Two major collections, after which what is unreachable must have gone. */
void kit_settle(contract *c, gcb_mutator *m);
/* Let everything reachable become as old as it can. */
void kit_age(contract *c, gcb_mutator *m);
/* Allocate and drop so many bytes of small objects, polling; collections come as they come. */
void kit_garbage(contract *c, gcb_mutator *m, uint64_t bytes);

/* Stops the world and checks: the heap is walkable from the roots, the ledger adds up to what is committed,
 * objects in the ledger cover what is reachable, the peak stayed within the bound. */
gcb_reach kit_audit(contract *c, gcb_mutator *m);
/* After kit_settle: the collector holds exactly what is reachable, or, without CYCLES, `cyclic` bytes more.
 */
void kit_exact(contract *c, gcb_mutator *m, uint64_t cyclic);

/* How often the finalizer with this token ran. */
uint32_t kit_finals(contract *c, uint64_t token);

/* Another mutator: runs fn on a thread of its own. kit_join waits outside the heap. */
typedef struct kit_thread kit_thread;
kit_thread *kit_spawn(contract *c, void (*fn)(contract *c, gcb_mutator *m, void *arg), void *arg);
void kit_join(gcb_mutator *m, kit_thread *t);

/* All kinds that a collector may have, in an order that ages things step by step. */
extern const gcb_pause_kind kit_kinds[7];

#endif
