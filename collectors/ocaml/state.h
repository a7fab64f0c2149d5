/* The OCaml heap: what ocaml.c (the runtime, roots, collections, finalizers) and ops.c (the operations)
 * share.
 */
#ifndef OCAML_STATE_H
#define OCAML_STATE_H

#define CAML_INTERNALS
#define CAML_NAME_SPACE
#define NATIVE_CODE
#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/gc_ctrl.h>
#include <caml/major_gc.h>
#include <caml/memory.h>
#include <caml/minor_gc.h>
#include <caml/mlvalues.h>
#include <caml/roots.h>
#include <caml/signals.h>
#include <caml/weak.h>

#include <gcbench/collector.h>
#include <gcbench/ops.h>

typedef struct ocaml_heap {
  gcb_heap *heap;
  value held;            /* a root for an operation that allocates twice; Val_unit between operations */
  const value *finalise; /* the closure of glue.ml */
  char *range;           /* committed in effigy: OCaml's memory is malloc's */
  uint64_t range_bytes, committed;
  uint64_t started;   /* of the minor collection or slice under way */
  uint64_t finalized; /* objects found dead that had a finalizer */
  bool forced;        /* inside a full major collection, which is one pause */
} ocaml_heap;
extern ocaml_heap gcb_ocaml;
extern const gcb_ops gcb_ocaml_ops;

/* Tags of blocks that are not bytes: with references, and an array of length 0, which OCaml would not put on
 * the heap. */
enum { GCB_TAG_REFS = 0, GCB_TAG_EMPTY = 1 };

#endif
