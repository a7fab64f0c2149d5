#include "results/export/file.h"
#include "results/store/schema.h"
#include "results/store/store_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long a statement waits while another process holds a lock on the file. */
static const uint64_t patience_ns = 10ull * 1000 * 1000 * 1000;

/* ---- failures ---- */

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static const char *cause(struct gcb_store *s, int code) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    return gcb_file_trouble(ENOSPC);
  case SQLITE_READONLY:
    return "it, or its folder, is read-only";
  case SQLITE_CANTOPEN:
    return "it cannot be opened: its folder may be read-only, or the file not yours";
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    snprintf(s->busy, sizeof s->busy, "another process held a lock on it for %.1f s; try again later",
             (double)(s->waiting_since ? clock_ns() - s->waiting_since : 0) / 1e9);
    return s->busy;
  case SQLITE_NOTADB:
    return "it is no store: the file begins with something else; move it away";
  case SQLITE_IOERR:
    return "it could not be read or written: the disk fails, or a limit on the size of files was met";
  case SQLITE_CORRUPT:
    return "it is damaged; move it away, and save what is left with 'sqlite3 FILE .recover'";
  default:
    return sqlite3_errmsg(s->db);
  }
}

bool gcb_store_failed(struct gcb_store *s, char *why, size_t why_size) {
  int code = sqlite3_errcode(s->db);
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    snprintf(why, why_size, "the store %s: %s", s->path, cause(s, code));
  return false;
}

bool gcb_store_transaction(struct gcb_store *s, char *why, size_t why_size) {
  if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) return true;
  return gcb_store_failed(s, why, why_size);
}

bool gcb_store_settle_transaction(struct gcb_store *s, bool good, char *why, size_t why_size) {
  if (good && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK) return true;
  gcb_store_failed(s, why, why_size);
  sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}

/* ---- opening ---- */

/* SQLite calls this (sqlite3_busy_handler) each time that a lock is taken; attempt 0 begins a new wait.
 * Returns 1: SQLite tries again; 0: the statement fails with SQLITE_BUSY. Sleeps 1, 2, 4, then 8 ms. */
static int wait_for_lock(void *store, int attempt) {
  struct gcb_store *s = store;
  uint64_t now = clock_ns();
  if (!attempt || !s->waiting_since) s->waiting_since = now;
  if (now - s->waiting_since >= patience_ns) return 0;
  long ms = attempt < 3 ? 1l << attempt : 8;
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
  return 1;
}

/* SQLite does not call the busy handler for a change of the journal mode, for the recovery of a journal, or
 * where waiting could be a deadlock: these answer SQLITE_BUSY or SQLITE_PROTOCOL at once, although the other
 * process is done a moment later. So the steps that open a store are repeated as a whole, which is harmless:
 * each looks at the file afresh. Other codes than those two are final. */
static int repeat(struct gcb_store *s, int (*step)(struct gcb_store *s)) {
  uint64_t start = clock_ns();
  for (int attempt = 1;; attempt++) {
    int code = step(s) & 0xff;
    bool passing = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_PROTOCOL;
    s->waiting_since = start;
    if (!passing || !wait_for_lock(s, attempt)) return code;
  }
}

static int run(struct gcb_store *s, const char *sql) {
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

void gcb_store_uri(const struct gcb_store *s, const char *query, char uri[GCB_URI]) {
  char *p = uri + sprintf(uri, "file:");
  for (const char *c = s->path; *c; c++) p += sprintf(p, strchr("?#%", *c) ? "%%%02x" : "%c", *c);
  sprintf(p, "%s%.60s", *query ? "?" : "", query);
}

/* Synced at every commit: an invocation that is stored survives the machine, too. */
static int set_modes(struct gcb_store *s) {
  return run(s, "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;"
                "SELECT count(*) FROM sqlite_schema");
}

static bool connect(struct gcb_store *s, gcb_store_use use) {
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_READWRITE | (use == GCB_STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
  char uri[GCB_URI];
  gcb_store_uri(s, "", uri);
  if (sqlite3_open_v2(uri, &s->db, flags, NULL) != SQLITE_OK) return false;
  sqlite3_busy_handler(s->db, wait_for_lock, s);
  return repeat(s, set_modes) == SQLITE_OK;
}

/* Where nothing can be written, a store in WAL mode can still be read if nobody else writes to it either. */
static bool connect_immutable(struct gcb_store *s) {
  char uri[GCB_URI], wal[sizeof s->path + 8];
  struct stat there;
  snprintf(wal, sizeof wal, "%s-wal", s->path);
  if (stat(wal, &there) == 0 && there.st_size > 0) return false;
  sqlite3_close(s->db);
  s->db = NULL;
  s->read_only = true;
  gcb_store_uri(s, "immutable=1", uri);
  return sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK &&
         run(s, "SELECT count(*) FROM sqlite_schema") == SQLITE_OK;
}

static bool open_locks(struct gcb_store *s, const char *folder) {
  char path[4200];
  snprintf(path, sizeof path, "%s/gcbench.running", folder);
  s->running = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (s->running < 0) s->running = open(path, O_RDONLY | O_CLOEXEC);
  return s->running >= 0;
}

/* Runs that were killed or interrupted get the points that history needs. Nobody is waiting for them, so a
 * failure, such as a store that cannot be written, is none of the caller's business. */
static void settle_killed(struct gcb_store *s) {
  char why[100];
  sqlite3_stmt *st =
      gcb_sql(s, "SELECT id FROM runs WHERE (ended IS NULL OR interrupted) AND settled < done", "");
  int64_t ids[64];
  size_t n = 0;
  while (st && n < 64 && sqlite3_step(st) == SQLITE_ROW) ids[n++] = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  for (size_t i = 0; i < n; i++)
    if (!gcb_store_held(s, ids[i]) && gcb_store_transaction(s, why, sizeof why))
      gcb_store_settle_transaction(s, gcb_store_points(s, ids[i]), why, sizeof why);
}

/* A store of an earlier version that nobody can write is read as it is: its tables are the same, but cells
 * that were one configuration in several spellings are still apart. */
static int upgrade(struct gcb_store *s) {
  int64_t version = gcb_sql_number(s, 0, "PRAGMA user_version", "");
  s->old = s->read_only && version > 0 && version < (int64_t)gcb_n_migrations &&
           gcb_sql_number(s, 0, "PRAGMA application_id", "") == GCB_APPLICATION_ID;
  if (s->old) return SQLITE_OK;
  return gcb_schema_upgrade(s->db, gcb_migrations, gcb_n_migrations, s->detail, sizeof s->detail);
}

struct gcb_store *gcb_store_open(const char *folder, gcb_store_use use, char *why, size_t why_size) {
  char where[4000];
  struct stat there;
  gcb_store_folder(folder, where, sizeof where);
  if (use == GCB_STORE_WRITE && !gcb_store_make_folder(where, why, why_size)) return NULL;
  struct gcb_store *s = calloc(1, sizeof *s);
  if (!s) {
    snprintf(why, why_size, "no memory to open the store");
    return NULL;
  }
  s->running = -1;
  snprintf(s->path, sizeof s->path, "%s/%s", where, GCB_STORE_FILE);
  if (use == GCB_STORE_READ && stat(s->path, &there) != 0 && errno != EACCES) {
    snprintf(why, why_size, "there is no store in %s: no run was kept there yet, or --results names another",
             where);
    goto failed;
  }
  if (!connect(s, use)) {
    int failed = s->db ? sqlite3_errcode(s->db) : SQLITE_NOMEM;
    bool locked_up = failed == SQLITE_READONLY || failed == SQLITE_CANTOPEN;
    gcb_store_failed(s, why, why_size);
    if (use == GCB_STORE_WRITE || !locked_up || !connect_immutable(s)) goto failed;
  }
  int code = repeat(s, upgrade);
  if (code != SQLITE_OK) {
    bool known = code == SQLITE_FULL || code == SQLITE_READONLY || code == SQLITE_BUSY ||
                 code == SQLITE_CORRUPT || code == SQLITE_CANTOPEN || code == SQLITE_IOERR;
    snprintf(why, why_size, "the store %s: %s", s->path, known ? cause(s, code) : s->detail);
    goto failed;
  }
  bool locks = open_locks(s, where);
  if (!locks && use == GCB_STORE_WRITE) {
    snprintf(why, why_size, "the folder %s for results cannot be written: %s", where,
             gcb_file_trouble(errno));
    goto failed;
  }
  if (!s->read_only) settle_killed(s);
  return s;
failed:
  gcb_store_close(s);
  return NULL;
}

void gcb_store_close(struct gcb_store *s) {
  if (!s) return;
  sqlite3_close(s->db);
  if (s->running >= 0) close(s->running);
  free(s);
}

const char *gcb_store_path(const struct gcb_store *s) {
  return s->path;
}

struct sqlite3 *gcb_store_database(struct gcb_store *s) {
  return s->db;
}

bool gcb_store_check(struct gcb_store *s, char *why, size_t why_size) {
  sqlite3_stmt *st = gcb_sql(s, "PRAGMA integrity_check(1)", "");
  bool good = st && sqlite3_step(st) == SQLITE_ROW;
  const char *said = good ? (const char *)sqlite3_column_text(st, 0) : NULL;
  if (!good)
    gcb_store_failed(s, why, why_size);
  else if (!said || strcmp(said, "ok") != 0) {
    snprintf(why, why_size, "the store %s: it is damaged: %.200s", s->path, said ? said : "?");
    good = false;
  }
  sqlite3_finalize(st);
  return good;
}
