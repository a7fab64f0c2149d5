/* Seeded bugs, for a build of their own (CMake option GCB_MUTANTS): `gcbench stress --mutants` must find
 * each. At run time the environment variable GCB_MUTANT names the one that is alive; a module that is to have
 * a certain one defines GCB_MUTANT_ALIVE. In every other build the hooks are the constant false, and nothing
 * of this is left.
 *
 * Columns: name, class, collectors that it is in, what is wrong, the real bug that it resembles.
 */
#ifndef GCB_COMMON_MUTANTS_H
#define GCB_COMMON_MUTANTS_H

/* clang-format off */
#define GCB_MUTANT_TABLE(X)                                                                                  \
  X(LOG_NONE, "barrier", "gen3", "no barrier at all", "Ruby PR 3638")                                        \
  X(LOG_LARGE, "barrier", "gen3", "no barrier for large objects", "OCaml #12481")                            \
  X(LOG_ONCE, "barrier", "gen3", "a remembered object is not armed again", "Lua gengc: an old table left grey") \
  X(LOG_AT_EXIT, "barrier", "gen3", "the log of a thread that ends is dropped", "OCaml #13739")              \
  X(CARD_LAST, "barrier", "gen3", "the last card of a large object is not scanned", "CoreCLR #12560")        \
  X(CARD_CLEARED, "barrier", "gen3", "a card is cleared though its target is still young", "Ruby #19419")    \
  X(REMSET_CUT, "barrier", "gen3", "the remembered set is cut at a power of two", "Ruby PR 3638")            \
  X(REMSET_OVERFLOW, "barrier", "gen3", "an overflow of the remembered set is forgotten", "OpenJDK 8323086") \
  X(ROOT_LAST, "roots", "semispace,gen3,markcompact,marksweep", "the last slot of a frame is skipped", "OCaml #12481") \
  X(ROOT_GLOBALS, "roots", "gen3", "globals are skipped in minor collections", "Lua 5.4.0") \
  X(ROOT_NEW_THREAD, "roots", "semispace,gen3,markcompact,marksweep", "a thread just started is not scanned", "OCaml #13739") \
  X(OLD_TO_YOUNG, "generations", "gen3", "an object promoted to old is not remembered", "Ruby #19880")       \
  X(OLD_TO_MIDDLE, "generations", "gen3", "an edge from old to middle is not remembered", "CPython gh-148937") \
  X(MIDDLE_TO_YOUNG, "generations", "gen3", "an object promoted to middle is not remembered", "Ruby #19880") \
  X(LARGE_PROMOTED, "generations", "gen3", "a large object is promoted without a scan", "OCaml #12481")      \
  X(WEAK_OLD, "generations", "gen3", "an old weak reference to the young is not remembered", "Lua gengc")    \
  X(ENTRY_OLD, "generations", "gen3", "finalizers of the nursery are taken for old", "Lua 5.4.0")            \
  X(FORWARD_AGAIN, "copy", "semispace", "a large enough object is copied twice", "MMTk #776")                \
  X(COPY_SHORT, "copy", "semispace,gen3", "the copied size is short by 8", "MMTk #1213")                     \
  X(LARGE_UNSCANNED, "copy", "semispace", "a reached large object is not scanned", "OCaml #9853")            \
  X(LARGE_MARK_KEPT, "copy", "semispace,gen3,markcompact", "marks of large objects are not cleared", "MMTk #972") \
  X(LARGE_MARK_LOST, "copy", "markcompact", "the mark of a large object is lost in the sweep", "OCaml #9853") \
  X(SLIDE_OVERLAP, "compact", "markcompact", "an overlapping slide copies backwards", "OCaml #9736")         \
  X(SLIDE_WEAK, "compact", "markcompact,gen3", "weak slots are not updated by a slide", "MMTk #972")         \
  X(SLIDE_ENTRY, "compact", "markcompact,gen3", "the last finalizer entry is not updated by a slide", "OCaml #12001") \
  X(SLIDE_LARGE, "compact", "markcompact", "the last slot of a large object is not updated", "CoreCLR #12560") \
  X(SLIDE_PREFIX, "compact", "markcompact,gen3", "the dense prefix ends a block too late", "OCaml #9853")    \
  X(MARKS_STALE, "compact", "markcompact,gen3", "marks of the last block stay after a slide", "OCaml #9736") \
  X(MARK_MISSED, "mark", "markcompact,gen3", "an overflow of the mark stack is forgotten", "OpenJDK 8323086") \
  X(MARK_DEFERRED, "mark", "markcompact,gen3", "the rest of a long array begins one slot late", "Ruby #19880") \
  X(MARK_LAST_SLOT, "mark", "markcompact,gen3", "the last slot of a long object is not marked", "Ruby PR 3638") \
  X(RESCAN_LOST, "mark", "marksweep", "what overflowed is not scanned again", "OpenJDK 8323086")             \
  X(RETAIN_UNSCANNED, "weak", "semispace,gen3,markcompact,marksweep", "what a finalizer's object reaches is not traced", "OCaml #13502") \
  X(WEAK_EARLY, "weak", "semispace,gen3,markcompact,marksweep", "weak references are cleared before resurrection", "CPython gh-135552") \
  X(WEAK_STALE, "weak", "semispace,gen3", "a weak reference keeps the old address", "OCaml #9391")           \
  X(EPHEMERON_ONE_PASS, "weak", "semispace,gen3,markcompact,marksweep", "ephemerons are looked at once", "OCaml #9391") \
  X(EPHEMERON_KEPT, "weak", "semispace,gen3,markcompact,marksweep", "a dead ephemeron keeps key and value", "Lua gengc") \
  X(FINAL_TWICE, "final", "semispace,gen3,markcompact,marksweep", "a queued finalizer stays registered", "OCaml #12001") \
  X(FINAL_LAST, "final", "semispace,gen3,markcompact", "the last registration is not looked at", "OCaml #13502") \
  X(FINAL_ORDER, "final", "semispace,gen3,markcompact,marksweep", "an object that another dead one reaches is not due, and lost", "OCaml #12001") \
  X(CELL_TWICE, "allocation", "marksweep", "a block's cells are handed out twice", "OCaml #9736")            \
  X(CELL_TAIL, "allocation", "marksweep,rc,rccycle", "the last word of a cell is not zeroed", "MMTk #972")   \
  X(CACHE_STALE, "allocation", "marksweep", "free lists survive the collection", "MMTk #776")                \
  X(BUFFER_TAIL, "allocation", "semispace,gen3", "the last word of an object is not zeroed", "MMTk #972")    \
  X(BUFFER_KEPT, "allocation", "semispace", "only the newest thread gives its buffer up", "OCaml #13739")    \
  X(LARGE_RUN, "allocation", "semispace,gen3,marksweep", "a run of pages may be one short", "OCaml #9853")   \
  X(TRIM_PAGE, "allocation", "semispace,gen3", "one page too many is given back", "PHP-like: a trim that rounds down") \
  X(RESERVE_SHORT, "allocation", "gen3", "the old generation's reserve is given back", "OpenJDK 8323086")    \
  X(WEAK_REST, "counting", "rc,rccycle", "only the newest weak reference is cleared", "CPython gh-135552")   \
  X(WEAK_UNLINK, "counting", "rc,rccycle", "a dead weak reference stays in its target's chain", "CPython gh-135552") \
  X(WEAK_UNCOUNTED, "counting", "rc,rccycle", "weak_get takes no count", "CPython gh-135552")                  \
  X(CASCADE_SLOT, "counting", "rc,rccycle", "the last slot of a dead object is not released", "CPython PR 116206") \
  X(VALUE_KEPT, "counting", "rc,rccycle", "a dead key does not release its ephemerons' values", "CPython gh-148937") \
  X(COUNT_UNSTUCK, "counting", "rc,rccycle", "a stuck count is counted down", "CPython's immortal objects under old extension modules") \
  X(CYCLE_REACH, "counting", "rccycle", "what is reached further on in the table is not noted", "CPython gh-148937") \
  X(CYCLE_EPHEMERON, "counting", "rccycle", "a value is not subtracted in cycle detection", "CPython PR 116206") \
  X(CYCLE_FIRST, "counting", "rccycle", "the first entry of a generation is not looked at", "CPython PR 116206") \
  X(FINAL_COUNT, "counting", "rc,rccycle", "the queue of finalizers takes no count", "CPython gh-135552")
/* clang-format on */

enum {
  GCB_MUTANT_NONE,
#define X(id, class, collectors, what, resembles) GCB_MUTANT_##id,
  GCB_MUTANT_TABLE(X)
#undef X
      GCB_MUTANTS_END
};

#ifdef GCB_MUTANTS
#ifndef GCB_MUTANT_ALIVE
#define GCB_MUTANT_ALIVE getenv("GCB_MUTANT")
#endif
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool gcb_mutant_lives(int id) {
  static int alive = -1;
  static const char *const names[] = {
#define X(id, class, collectors, what, resembles) #id,
      GCB_MUTANT_TABLE(X)
#undef X
  };
  if (alive < 0) {
    const char *name = GCB_MUTANT_ALIVE;
    int found = GCB_MUTANT_NONE;
    for (int i = 0; name && i < GCB_MUTANTS_END - 1; i++)
      if (strcmp(name, names[i]) == 0) found = i + 1;
    alive = found;
  }
  return alive == id;
}
#define GCB_MUTANT(id) gcb_mutant_lives(GCB_MUTANT_##id)
#else
#define GCB_MUTANT(id) 0
#endif

#endif
