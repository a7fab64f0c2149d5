/* The store's tables, and how a store of an older version becomes one of this version. */
#ifndef GCB_SCHEMA_H
#define GCB_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* A step from one version to the next: migration number i (from 0) leads from version i to i + 1, where
 * version 0 is an empty database. Migrations are only ever added. */
typedef struct gcb_migration {
  const char *what; /* for the sentence when it fails */
  const char *sql;
  int (*rewrite)(sqlite3 *db); /* after sql, in the same transaction; NULL: nothing; returns a SQLite code */
} gcb_migration;

/* Version 1 to 2, in store_migrate.c: words become canonical (canonical.h); cells that were one configuration
 * in several spellings become one, and so do their series. */
int gcb_migrate_canonical(sqlite3 *db);

extern const gcb_migration gcb_migrations[];
extern const size_t gcb_n_migrations; /* the version of this program's stores */

/* "GCBS": a database that bears another id is somebody else's. */
enum { GCB_APPLICATION_ID = 0x47434253 };

/* Bring the database to version n: each missing step in a transaction of its own, so that one that fails
 * leaves the version before it. SQLITE_OK, or else a sentence and SQLite's code of the failure (SQLITE_ERROR
 * when the database is newer than n or is not a store); no transaction is open afterwards. A database of
 * version n is not written to. */
int gcb_schema_upgrade(sqlite3 *db, const gcb_migration *steps, size_t n, char *why, size_t why_size);

#endif
