/* What the files of the store share: statements bound and run in one line, and failures as sentences. */
#ifndef GCB_STORE_PRIVATE_H
#define GCB_STORE_PRIVATE_H

#include "results/model/hash.h"
#include "results/store/store.h"
#include <sqlite3.h>

enum { GCB_URI = 3 * 4096 + 100, GCB_TIME = 25, GCB_MACHINE_KEY = 17 };

#define GCB_STORE_FILE "gcbench.sqlite"

struct gcb_store {
  sqlite3 *db;
  char path[4096]; /* of the file */
  int running;     /* descriptor of the file of locks, or -1: see store_hold.c */
  bool read_only;
  bool old;               /* of an earlier version that cannot be upgraded, since it is read-only */
  uint64_t waiting_since; /* monotonic ns: when the wait for another process' lock began; 0: no wait */
  char busy[100];         /* the sentence about a lock, and about a step of the schema that failed */
  char detail[300];
};

/* Prepare and bind: one letter of `types` an argument, i int64_t, f double (NAN: null), s string (NULL:
 * null), j json_t as compact text. NULL on failure; sqlite3_finalize(NULL) is harmless. */
sqlite3_stmt *gcb_sql(struct gcb_store *s, const char *sql, const char *types, ...);
/* Prepare, bind, step to the end. */
bool gcb_sql_do(struct gcb_store *s, const char *sql, const char *types, ...);
/* The first column of the first row; `otherwise` when there is none. */
int64_t gcb_sql_number(struct gcb_store *s, int64_t otherwise, const char *sql, const char *types, ...);
/* Text of a column as a JSON value, or parsed from JSON; null stays null. New references. */
json_t *gcb_sql_string(sqlite3_stmt *st, int column);
json_t *gcb_sql_json(sqlite3_stmt *st, int column);

/* BEGIN IMMEDIATE; and COMMIT when good, else ROLLBACK. Both say whether it went well; the sentence of the
 * first failure is in why. */
bool gcb_store_transaction(struct gcb_store *s, char *why, size_t why_size);
bool gcb_store_settle_transaction(struct gcb_store *s, bool good, char *why, size_t why_size);
/* "the store results/gcbench.sqlite cannot be written: the disk is full". Returns false. */
bool gcb_store_failed(struct gcb_store *s, char *why, size_t why_size);

/* Make the folder with those above it. A sentence goes to why when that cannot be, or when the folder holds
 * sources. */
bool gcb_store_make_folder(const char *folder, char *why, size_t why_size);

/* The file as a URI, with what follows its question mark ("": none). */
void gcb_store_uri(const struct gcb_store *s, const char *query, char uri[GCB_URI]);

/* Now, in UTC: "2026-11-20T19:06:15.123Z". */
void gcb_time_text(char out[GCB_TIME]);

/* Is some process working on the run? Hold it (false: somebody else does), and let go. */
bool gcb_store_held(struct gcb_store *s, int64_t run);

/* The key of the machine that a context tells of, which is in the table afterwards; false on failure. */
bool gcb_store_machine(struct gcb_store *s, const json_t *context, char key[GCB_MACHINE_KEY]);
/* The invocations of one list of a cell, in order. NULL when they cannot be read. New reference. */
json_t *gcb_store_invocations(struct gcb_store *s, int64_t run, int64_t cell, const char *list);
/* The points of a run, from its stored invocations, inside the caller's transaction. */
bool gcb_store_points(struct gcb_store *s, int64_t run);

#endif
