/* Invariant of a database: batch[0, n) are the records not yet written; their names stand in names[0, used),
 * in order. */
#include "chunks_io.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INSERT_RECORD, INSERT_CATEGORY, TOTAL, STATEMENTS };
static const char schema[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                             "CREATE TABLE record(id INTEGER PRIMARY KEY, code, category, name);"
                             "CREATE TABLE category(id INTEGER PRIMARY KEY, records, codes)";
static const char *const statements[STATEMENTS] = {
    [INSERT_RECORD] = "INSERT INTO record(code, category, name) VALUES(?, ?, ?)",
    [INSERT_CATEGORY] = "INSERT INTO category VALUES(?, ?, ?)",
    [TOTAL] = "SELECT count(*), sum(code) FROM record"};

typedef struct pending {
  uint64_t code;
  uint32_t category;
  size_t name, bytes; /* in `names` */
} pending;
struct gcb_io_db {
  sqlite3 *db;
  sqlite3_stmt *sql[STATEMENTS];
  pending *batch;
  uint32_t n, room;
  char *names;
  size_t used, names_room;
};

gcb_io_db *gcb_io_db_open(const char *folder, uint32_t number, uint32_t batch, bool *ok) {
  gcb_io_db *s = calloc(1, sizeof *s);
  pending *records = calloc(batch, sizeof *records);
  if (!s || !records) {
    free(s);
    free(records);
    return NULL;
  }
  s->batch = records;
  s->room = batch;
  char path[4096];
  snprintf(path, sizeof path, "%s/chunks-%u.db", folder, number);
  unlink(path);
  /* NOMUTEX: the one mutator that uses it is lock enough. */
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  *ok = sqlite3_open_v2(path, &s->db, flags, NULL) == SQLITE_OK &&
        sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK;
  for (int i = 0; *ok && i < STATEMENTS; i++)
    *ok = sqlite3_prepare_v2(s->db, statements[i], -1, &s->sql[i], NULL) == SQLITE_OK;
  return s;
}
void gcb_io_db_close(gcb_io_db *s) {
  if (!s) return;
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(s->sql[i]);
  sqlite3_close(s->db);
  free(s->batch);
  free(s->names);
  free(s);
}
const char *gcb_io_db_error(const gcb_io_db *s) {
  return s->db ? sqlite3_errmsg(s->db) : "no memory";
}

bool gcb_io_db_clear(gcb_io_db *s) {
  s->n = 0;
  s->used = 0;
  return sqlite3_exec(s->db, "DELETE FROM record; DELETE FROM category", NULL, NULL, NULL) == SQLITE_OK;
}
bool gcb_io_db_add(gcb_io_db *s, uint64_t code, uint32_t category, const char *name, size_t bytes) {
  if (s->n == s->room) return false;
  if (s->used + bytes > s->names_room) {
    size_t room = 2 * (s->used + bytes) + 4096;
    char *more = realloc(s->names, room);
    if (!more) return false;
    s->names = more;
    s->names_room = room;
  }
  s->batch[s->n++] = (pending){code, category, s->used, bytes};
  if (bytes) memcpy(s->names + s->used, name, bytes);
  s->used += bytes;
  return true;
}

/* Run a statement that gives no rows. */
static bool run(sqlite3_stmt *sql) {
  bool ok = sqlite3_step(sql) == SQLITE_DONE;
  return sqlite3_reset(sql) == SQLITE_OK && ok;
}
bool gcb_io_db_commit(gcb_io_db *s) {
  sqlite3_stmt *sql = s->sql[INSERT_RECORD];
  bool ok = sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
  for (uint32_t i = 0; ok && i < s->n; i++) {
    const pending *p = s->batch + i;
    sqlite3_bind_int64(sql, 1, (sqlite3_int64)p->code);
    sqlite3_bind_int(sql, 2, (int)p->category);
    sqlite3_bind_text(sql, 3, p->bytes ? s->names + p->name : "", (int)p->bytes, SQLITE_STATIC);
    ok = run(sql);
  }
  s->n = 0;
  s->used = 0;
  return ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}
bool gcb_io_db_category(gcb_io_db *s, uint32_t category, uint64_t records, uint64_t codes) {
  sqlite3_stmt *sql = s->sql[INSERT_CATEGORY];
  sqlite3_bind_int(sql, 1, (int)category);
  sqlite3_bind_int64(sql, 2, (sqlite3_int64)records);
  sqlite3_bind_int64(sql, 3, (sqlite3_int64)codes);
  return run(sql);
}
bool gcb_io_db_total(gcb_io_db *s, uint64_t *records, uint64_t *codes) {
  sqlite3_stmt *sql = s->sql[TOTAL];
  bool ok = sqlite3_step(sql) == SQLITE_ROW;
  *records = ok ? (uint64_t)sqlite3_column_int64(sql, 0) : 0;
  *codes = ok ? (uint64_t)sqlite3_column_int64(sql, 1) : 0;
  return sqlite3_reset(sql) == SQLITE_OK && ok;
}

const char *gcb_io_field(const char *line, size_t n, uint32_t i, size_t *length) {
  const char *at = line, *end = line + n;
  for (;;) {
    const char *stop = memchr(at, ';', (size_t)(end - at));
    *length = (size_t)((stop ? stop : end) - at);
    if (i-- == 0) return at;
    if (!stop) return NULL;
    at = stop + 1;
  }
}
bool gcb_io_measure(const char *path, uint32_t field, uint32_t window, gcb_io_range *ranges, uint32_t n) {
  FILE *f = fopen(path, "r");
  uint32_t *last = calloc(window, sizeof *last); /* words of the last lines, in turn */
  if (!f || !last) {
    if (f) fclose(f);
    free(last);
    return false;
  }
  char *line = NULL;
  size_t room = 0;
  bool ok = fseeko(f, 0, SEEK_END) == 0;
  uint64_t at = 0, share = ok ? (uint64_t)ftello(f) / n : 0;
  uint64_t words = 0;
  uint32_t k = 0;
  rewind(f);
  for (ssize_t got; ok && (got = getline(&line, &room, f)) > 0; at += (uint64_t)got) {
    size_t length = line[got - 1] == '\n' ? (size_t)got - 1 : (size_t)got, bytes;
    while (k + 1 < n && at >= share * (k + 1)) {
      ranges[++k].begin = at;
      words = 0;
    }
    gcb_io_range *r = ranges + k;
    uint32_t *turn = last + r->lines % window;
    if (r->lines >= window) words -= *turn;
    *turn = gcb_io_field(line, length, field, &bytes) && bytes ? 1 + (uint32_t)((bytes + 7) / 8) : 0;
    words += *turn;
    if (words > r->words) r->words = words;
    if (length > r->longest) r->longest = length;
    r->lines++;
    r->end = at + (uint64_t)got;
  }
  ok = ok && !ferror(f);
  free(line);
  free(last);
  fclose(f);
  return ok;
}

gcb_io_extent gcb_io_extent_of(const char *path, uint32_t n) {
  gcb_io_range *ranges = calloc(n, sizeof *ranges);
  gcb_io_extent e = {0};
  if (ranges && gcb_io_measure(path, 0, 1, ranges, n))
    for (uint32_t i = 0; i < n; i++) {
      e.bytes += ranges[i].end - ranges[i].begin;
      e.lines += ranges[i].lines;
      if (ranges[i].lines > e.most_lines) e.most_lines = ranges[i].lines;
    }
  free(ranges);
  return e;
}
