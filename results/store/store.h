/* The store: every run that was kept, in one SQLite file. Its tables are described in README.md.
 *
 * A run is stored as it goes: gcb_store_begin() before the first invocation, gcb_store_add() as each ends, in
 * a transaction of its own and synced, gcb_store_end() at last. A process that is killed in between loses
 * nothing but the invocation that was running. Several processes may read and write at once; each waits up to
 * ten seconds for another's transaction. A store is used by one thread at a time.
 *
 * What can fail returns false, 0 or NULL and writes one sentence to `why`, which names the file.
 */
#ifndef GCB_STORE_H
#define GCB_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gcb_store;
typedef enum gcb_store_use { GCB_STORE_READ, GCB_STORE_WRITE } gcb_store_use;

/* The folder that is meant: `folder`, or without one $GCBENCH_RESULTS, else .gcbench at the top of the clone
 * for a program in a build tree of a clone that this user can write to, else $XDG_DATA_HOME/gcbench or
 * ~/.local/share/gcbench. */
void gcb_store_folder(const char *folder, char *out, size_t size);
/* Version 0.1.0 kept the store of a clone in its folder of C sources, results/. Move such a store to the
 * default folder. True when there is one, with a sentence: that it was moved, or why it was not. Called once,
 * before a store is opened. */
bool gcb_store_move_old(char *said, size_t size);
/* Open the store in a folder (NULL: the default). To write: the folder and the store are made when they are
 * missing, and the store is seen to take a write. To read: it must be there; a folder that cannot be written
 * to will do. A store of an older version is brought to this one. Close it; NULL is fine. */
struct gcb_store *gcb_store_open(const char *folder, gcb_store_use use, char *why, size_t why_size);
void gcb_store_close(struct gcb_store *s);
const char *gcb_store_path(const struct gcb_store *s);
/* For queries of one's own (struct sqlite3). */
struct sqlite3 *gcb_store_database(struct gcb_store *s);
/* Read all of it and see that it hangs together. Takes its time. */
bool gcb_store_check(struct gcb_store *s, char *why, size_t why_size);

/* ---- writing a run ---- */

/* May a run be called so? Letters, digits and . _ + - , not digits alone, not "last", not as a file of JSON.
 */
bool gcb_store_name_good(const char *name);
/* Store a run document whose cells have no invocations yet. Its "run" says more, all of it optional: uuid,
 * name, started, planned (invocations), shard {suite, suite_name, number, of}; what is missing is made and
 * put there. A name in use fails. Returns its id, which this process holds until the store is closed; 0 on
 * failure. */
int64_t gcb_store_begin(struct gcb_store *s, json_t *document, char *why, size_t why_size);
/* Go on with a run that is not ended; false when another process is at it. */
bool gcb_store_resume(struct gcb_store *s, int64_t run, char *why, size_t why_size);
/* Store what is new in a cell (all but its invocations and summary) and, unless it is NULL, an invocation:
 * number `ordinal` of that list ("invocations", "latency_invocations"). One that is there already stays as it
 * is. `cell` counts in the plan, from 0. */
bool gcb_store_add(struct gcb_store *s, int64_t run, size_t cell, const json_t *header, const char *list,
                   size_t ordinal, const json_t *invocation, char *why, size_t why_size);
/* The run is over: its last state, with any invocation that could not be stored before. `ended` may be in
 * the document's "run". Points for history are made. */
bool gcb_store_end(struct gcb_store *s, int64_t run, json_t *document, char *why, size_t why_size);
/* The run was interrupted, and all of its invocations are stored. What gcb_store_end() does besides is done
 * when a run of the store is opened for writing the next time. */
bool gcb_store_stop(struct gcb_store *s, int64_t run, char *why, size_t why_size);
/* Begin, add and end at once: a document from a file. The same document again is the same run: its id. A
 * later state of a run that is there (resumed, finished) brings it up to date; an earlier state changes
 * nothing. The id, or 0 with a sentence. */
int64_t gcb_store_import(struct gcb_store *s, const json_t *document, const char *name, char *why,
                         size_t why_size);

/* ---- runs that are there ---- */

/* The id of the run that a word names: its name, its id, the beginning of its uuid (8 characters at least),
 * "last", "last~1" (the one before) ... 0 with a sentence when there is none. */
int64_t gcb_store_find(struct gcb_store *s, const char *word, char *why, size_t why_size);
/* Newest first, at most `most` (0: all): [{id, uuid, name, started, ended, seconds, status, cells, failed,
 * planned, done, workloads, collectors, machine, seed, shard, shards, suite_name}]. status: done,
 * interrupted, running, killed (it did not end, and nobody works on it), partial (not all shards are merged).
 */
json_t *gcb_store_runs(struct gcb_store *s, size_t most, char *why, size_t why_size);
/* The whole document of a run: as `gcbench run --json` writes it when `finish` is true, else without
 * summaries. New reference. */
json_t *gcb_store_load(struct gcb_store *s, int64_t run, bool finish, char *why, size_t why_size);
/* A NULL name takes its name away. */
bool gcb_store_rename(struct gcb_store *s, int64_t run, const char *name, char *why, size_t why_size);
bool gcb_store_delete(struct gcb_store *s, int64_t run, char *why, size_t why_size);

#endif
