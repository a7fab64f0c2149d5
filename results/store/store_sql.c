/* The small tools of the store: statements and times. */
#include "results/store/store_private.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3_stmt *bind(struct gcb_store *s, const char *sql, const char *types, va_list args) {
  sqlite3_stmt *st = NULL;
  if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) return NULL;
  for (int i = 1; types[i - 1]; i++) {
    if (types[i - 1] == 'i') {
      sqlite3_bind_int64(st, i, va_arg(args, int64_t));
    } else if (types[i - 1] == 'f') {
      sqlite3_bind_double(st, i, va_arg(args, double)); /* SQLite takes NAN for null */
    } else if (types[i - 1] == 's') {
      sqlite3_bind_text(st, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
    } else {
      const json_t *value = va_arg(args, const json_t *);
      char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
      sqlite3_bind_text(st, i, text, -1, text ? free : SQLITE_STATIC);
    }
  }
  return st;
}

sqlite3_stmt *gcb_sql(struct gcb_store *s, const char *sql, const char *types, ...) {
  va_list args;
  va_start(args, types);
  sqlite3_stmt *st = bind(s, sql, types, args);
  va_end(args);
  return st;
}

bool gcb_sql_do(struct gcb_store *s, const char *sql, const char *types, ...) {
  va_list args;
  va_start(args, types);
  sqlite3_stmt *st = bind(s, sql, types, args);
  va_end(args);
  if (!st) return false;
  while (sqlite3_step(st) == SQLITE_ROW) {
  }
  return sqlite3_finalize(st) == SQLITE_OK;
}

int64_t gcb_sql_number(struct gcb_store *s, int64_t otherwise, const char *sql, const char *types, ...) {
  va_list args;
  va_start(args, types);
  sqlite3_stmt *st = bind(s, sql, types, args);
  va_end(args);
  int64_t number = st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : otherwise;
  sqlite3_finalize(st);
  return number;
}

json_t *gcb_sql_string(sqlite3_stmt *st, int column) {
  const char *text = (const char *)sqlite3_column_text(st, column);
  json_t *value = text ? json_string(text) : json_null();
  return value ? value : json_null();
}

json_t *gcb_sql_json(sqlite3_stmt *st, int column) {
  const char *text = (const char *)sqlite3_column_text(st, column);
  json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : json_null();
  return value ? value : json_null();
}

void gcb_time_text(char out[GCB_TIME]) {
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  size_t n = strftime(out, GCB_TIME, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(out + n, GCB_TIME - n, ".%03uZ", (unsigned)(now.tv_nsec / 1000000) % 1000);
}
