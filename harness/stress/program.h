/* A mutator program as text: what the generator writes, the interpreter runs, and a failure is kept as. One
 * operation a line, so that leaving lines out gives another legal program: an operation whose operands do not
 * fit the moment (a null slot, another kind of object, no such frame slot) is passed over. README.md has the
 * whole format.
 */
#ifndef GCB_STRESS_PROGRAM_H
#define GCB_STRESS_PROGRAM_H

#include <gcbench/collector.h>
#include <stdio.h>

/* Name and operands: D a slot written, S a slot read, N a number, K a kind of collection, A what a finalizer
 * does. */
#define GCB_STRESS_OPERATIONS(X)                                                                             \
  X(NEW, "new", "DNN")             /* slot, reference slots, payload bytes */                                \
  X(ARRAY, "array", "DN")          /* slot, length */                                                        \
  X(BYTES, "bytes", "DN")          /* slot, length */                                                        \
  X(CONSTRUCT, "construct", "DNS") /* slot, reference slots, the first of as many source slots */            \
  X(INIT, "init", "SNS")           /* object just created, index, source */                                  \
  X(PUT, "put", "SNS")                                                                                       \
  X(PUT_NULL, "put_null", "SN")                                                                              \
  X(GET, "get", "DSN")                                                                                       \
  X(MOVE, "move", "DS")                                                                                      \
  X(CLEAR, "clear", "D")                                                                                     \
  X(WRITE, "write", "SN") /* object, stamp: fills its payload with the stamp's pattern */                    \
  X(WEAK, "weak", "DS")                                                                                      \
  X(WEAK_GET, "weak_get", "DS")                                                                              \
  X(EPHEMERON, "ephemeron", "DSS") /* slot, key, value */                                                    \
  X(EPHEMERON_KEY, "ephemeron_key", "DS")                                                                    \
  X(EPHEMERON_GET, "ephemeron_get", "DS")                                                                    \
  X(EPHEMERON_PUT, "ephemeron_put", "SS")                                                                    \
  X(FINALIZER, "finalizer", "SAN") /* object, what it does, its number */                                    \
  X(LIST, "list", "DN")            /* slot, how many: each {next} and one word of payload */                 \
  X(RING, "ring", "DN")                                                                                      \
  X(SCATTER, "scatter", "SN") /* N objects along first slots: a new one into the last slot of each */        \
  X(FILL, "fill", "SN")       /* N new objects into the slots of one */                                      \
  X(GARBAGE, "garbage", "N")  /* so many small objects, dropped at once */                                   \
  X(COLLECT, "collect", "K")                                                                                 \
  X(SETTLE, "settle", "") /* all finalizers run, then two major collections: what must be gone is */         \
  X(POLL, "poll", "")                                                                                        \
  X(ENTER, "enter", "N")                                                                                     \
  X(LEAVE, "leave", "")                                                                                      \
  X(THREAD, "thread", "N") /* the lines that follow are this thread's; it starts if it is not there */       \
  X(END, "end", "N")       /* this thread leaves its frames and ends; thread 0 goes on */                    \
  X(MEET, "meet", "")      /* threads that run together wait for one another here */

typedef enum gcb_stress_code {
#define X(id, word, operands) GCB_STRESS_##id,
  GCB_STRESS_OPERATIONS(X)
#undef X
      GCB_STRESS_CODES
} gcb_stress_code;

/* What a finalizer does with its object; the number is a global or how many. */
#define GCB_STRESS_ACTIONS(X)                                                                                \
  X(NOTHING, "nothing")                                                                                      \
  X(KEEP, "keep")         /* stores the object into global N: resurrection */                                \
  X(AGAIN, "again")       /* registers it once more, then does nothing */                                    \
  X(ALLOCATE, "allocate") /* N objects, the last ones kept in global N */                                    \
  X(REFER, "refer")       /* a weak reference to the object, into global N */                                \
  X(COLLECTS, "collect")  /* a collection of kind N */                                                       \
  X(EMPTY, "empty")       /* clears global N */
typedef enum gcb_stress_action {
#define X(id, word) GCB_STRESS_FINAL_##id,
  GCB_STRESS_ACTIONS(X)
#undef X
      GCB_STRESS_FINALS
} gcb_stress_action;

enum {
  GCB_STRESS_SLOTS = 16,   /* of a thread's first frame, and of a frame at most */
  GCB_STRESS_GLOBALS = 16, /* that a program uses */
  GCB_STRESS_THREADS = 4,
  GCB_STRESS_FRAMES = 8,
  GCB_STRESS_GLOBAL = 1000 /* operand of global 0; below, slots of the frame */
};

typedef struct gcb_stress_op {
  gcb_stress_code code;
  uint32_t a[3];
} gcb_stress_op;

/* How a program is run: each is a line of its own at the head of the text. */
typedef struct gcb_stress_modes {
  uint64_t limit;        /* bytes: the heap bound */
  uint64_t collect;      /* a collection before every n-th allocation; 0: none */
  uint32_t collect_kind; /* of those: a gcb_pause_kind, or GCB_PAUSE_KINDS for one after the other */
  uint64_t fail;         /* refuse this page request; 0: none */
  uint64_t vary;         /* seed of the collector's small options; 0: as declared */
  uint64_t base;         /* seed of the heap's addresses; 0: where the system puts it */
  uint64_t together;     /* threads run at the same time, and yield by this seed; 0: in turns */
  bool safepoints;       /* a collection at each safepoint */
  uint32_t safepoint_kind;
  bool relocate; /* whatever can be moved is moved */
  bool barrier;  /* stores are compared with what the write barrier was told */
  bool sweep;    /* once for each page request, which is refused, until none is left */
  bool starve;   /* no page is to be had during a collection */
  bool tiny;     /* the collector's declared constants shrunk */
  bool poison;   /* dead memory is filled */
  bool protect;  /* pages given back cannot be touched */
} gcb_stress_modes;

typedef struct gcb_stress_program {
  gcb_stress_modes modes;
  gcb_stress_op *ops;
  uint32_t n, max;
} gcb_stress_program;

const char *gcb_stress_word(gcb_stress_code code);
const char *gcb_stress_operands(gcb_stress_code code);

/* An empty program with the default modes. */
void gcb_stress_init(gcb_stress_program *p);
void gcb_stress_free(gcb_stress_program *p);
/* False: no memory. */
bool gcb_stress_add(gcb_stress_program *p, gcb_stress_op op);
bool gcb_stress_copy(gcb_stress_program *to, const gcb_stress_program *from);

/* Read a text of `size` bytes. False with a sentence that begins with the line's number; the program is then
 * freed. */
bool gcb_stress_parse(gcb_stress_program *p, const char *text, size_t size, char *why, size_t why_size);
/* The text of a program, from malloc; parse() of it gives the same. NULL: no memory. */
char *gcb_stress_print(const gcb_stress_program *p);
/* One operation as its line, without the newline. */
void gcb_stress_line(gcb_stress_op op, char *line, size_t size);

#endif
