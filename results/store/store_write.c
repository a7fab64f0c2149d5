/* A run as it goes into the store. */
#include "results/analysis/document.h"
#include "results/model/called.h"
#include "results/model/cell.h"
#include "results/model/fingerprint.h"
#include "results/store/compressed_blob.h"
#include "results/store/store_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const lists[] = {"invocations", "latency_invocations"};
enum { LISTS = sizeof lists / sizeof *lists };

/* ---- who works on a run ---- */

/* A process that works on run n locks byte n of the file gcbench.running: the kernel lets go when it dies,
 * however it dies. The locks belong to the open file, so that two stores of one process exclude each other.
 */
static bool lock(struct gcb_store *s, int64_t run, int command, short kind, short *found) {
  struct flock f = {.l_type = kind, .l_whence = SEEK_SET, .l_start = run, .l_len = 1};
  if (fcntl(s->running, command, &f) != 0) return false;
  if (found) *found = f.l_type;
  return true;
}

bool gcb_store_held(struct gcb_store *s, int64_t run) {
  short found = F_UNLCK;
  return s->running >= 0 && lock(s, run, F_OFD_GETLK, F_WRLCK, &found) && found != F_UNLCK;
}

static bool hold(struct gcb_store *s, int64_t run, char *why, size_t why_size) {
  if (lock(s, run, F_OFD_SETLK, F_WRLCK, NULL)) return true;
  if (errno == EAGAIN || errno == EACCES)
    snprintf(why, why_size, "another process is working on run %lld", (long long)run);
  else
    snprintf(why, why_size, "the folder of %s takes no locks: %s", s->path, strerror(errno));
  return false;
}

/* ---- the parts of a run ---- */

/* All of a cell but what was measured; the empty lists stay, as they say what was asked for. */
static json_t *header_of(const json_t *cell) {
  json_t *header = json_copy((json_t *)cell);
  for (size_t i = 0; i < LISTS; i++)
    if (json_object_get(header, lists[i])) json_object_set_new(header, lists[i], json_array());
  json_object_del(header, "summary");
  return header;
}

static const char *text(const json_t *o, const char *key) {
  return json_string_value(json_object_get(o, key));
}

static int64_t integer(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

/* "trees,cycles": each once, in the order in which they come. */
static json_t *names(const json_t *cells, const char *key) {
  char all[2000] = ",";
  size_t i;
  json_t *cell;
  json_array_foreach((json_t *)cells, i, cell) {
    char one[200];
    size_t n = strlen(all);
    const char *name = text(cell, key);
    snprintf(one, sizeof one, ",%.190s,", name ? name : "?");
    if (!strstr(all, one) && n + strlen(one) < sizeof all) strcpy(all + n, one + 1);
  }
  size_t n = strlen(all);
  return json_stringn(all + 1, n > 1 ? n - 2 : 0);
}

bool gcb_store_machine(struct gcb_store *s, const json_t *context, char key[GCB_MACHINE_KEY]) {
  json_t *fingerprint = gcb_fingerprint(context);
  bool good = gcb_fingerprint_key(fingerprint, key) &&
              gcb_sql_do(s, "INSERT OR IGNORE INTO machines VALUES (?, ?)", "sj", key, fingerprint);
  json_decref(fingerprint);
  return good;
}

static bool put_cell(struct gcb_store *s, int64_t run, size_t ordinal, const json_t *cell,
                     const char *machine) {
  char *key = gcb_cell_key(cell, false), collector[1000], workload[1000];
  json_t *header = header_of(cell);
  bool good =
      key &&
      gcb_sql_do(s,
                 "INSERT OR IGNORE INTO cells (key, workload, params, collector, options, heap_bytes, "
                 "mutators, workers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 "sssssiii", key, text(cell, "workload"), gcb_cell_workload(cell, workload, sizeof workload),
                 text(cell, "collector"), gcb_cell_collector(cell, collector, sizeof collector),
                 integer(cell, "heap_bytes"), integer(cell, "mutators"), integer(cell, "workers")) &&
      gcb_sql_do(s,
                 "INSERT INTO run_cells (run, ordinal, cell, machine, status, header) "
                 "VALUES (?, ?, (SELECT id FROM cells WHERE key = ?), ?, ?, ?)",
                 "iisssj", run, (int64_t)ordinal, key, machine, text(cell, "status"), header);
  free(key);
  json_decref(header);
  return good;
}

static bool put_header(struct gcb_store *s, int64_t run, size_t ordinal, const json_t *cell) {
  json_t *header = header_of(cell);
  bool good = gcb_sql_do(s, "UPDATE run_cells SET header = ?, status = ? WHERE run = ? AND ordinal = ?",
                         "jsii", header, text(cell, "status"), run, (int64_t)ordinal);
  json_decref(header);
  return good;
}

static bool put_invocation(struct gcb_store *s, int64_t run, size_t cell, const char *list, size_t ordinal,
                           const json_t *invocation) {
  size_t size, plain;
  void *body = gcb_pack(invocation, &size, &plain);
  sqlite3_stmt *st =
      body ? gcb_sql(s,
                     "INSERT OR IGNORE INTO invocations (run, cell, list, ordinal, status, size, body) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?)",
                     "iisisi", run, (int64_t)cell, list, (int64_t)ordinal, text(invocation, "status"),
                     (int64_t)plain)
           : NULL;
  bool good = st && sqlite3_bind_blob64(st, 7, body, size, SQLITE_STATIC) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_DONE;
  bool fresh = good && sqlite3_changes(s->db) == 1;
  good = sqlite3_finalize(st) == SQLITE_OK && good;
  free(body);
  return good && (!fresh || gcb_sql_do(s, "UPDATE runs SET done = done + 1 WHERE id = ?", "i", run));
}

/* ---- begin ---- */

bool gcb_store_name_good(const char *name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
  size_t n = strlen(name);
  bool digits = strspn(name, "0123456789") == n, file = n > 5 && strcmp(name + n - 5, ".json") == 0;
  return n && n <= 100 && strspn(name, allowed) == n && !digits && !file && strcmp(name, "last") != 0;
}

/* Free, and one that can be told from the other words for runs. A NULL name is none. */
static bool name_free(struct gcb_store *s, const char *name, char *why, size_t why_size) {
  if (!name) return true;
  if (!gcb_store_name_good(name)) {
    snprintf(why, why_size,
             "%.100s is no name for a run: letters, digits and . _ + - make one, but not digits alone, nor "
             "'last', nor the name of a JSON file",
             name);
    return false;
  }
  int64_t there = gcb_sql_number(s, 0, "SELECT id FROM runs WHERE name = ?", "s", name);
  if (!there) return true;
  snprintf(
      why, why_size,
      gcb_as_called(
          "run %lld of %s is called %s already; 'gcbench results name' or 'gcbench results delete' frees "
          "the name"),
      (long long)there, s->path, name);
  return false;
}

/* What the document says of the run, with what was missing: uuid and start. */
static json_t *identify(json_t *document) {
  json_t *run = json_object_get(document, "run");
  char uuid[GCB_UUID], now[GCB_TIME];
  if (!run) {
    run = json_object();
    json_object_set_new(document, "run", run);
  }
  gcb_uuid_random(uuid);
  gcb_time_text(now);
  if (!text(run, "uuid")) json_object_set_new(run, "uuid", json_string(uuid));
  if (!text(run, "started")) json_object_set_new(run, "started", json_string(now));
  return run;
}

static int64_t insert_run(struct gcb_store *s, const json_t *document, const json_t *run,
                          const char *machine) {
  const json_t *cells = json_object_get(document, "cells"), *context = json_object_get(document, "context"),
               *shard = json_object_get(run, "shard");
  json_t *workloads = names(cells, "workload"), *collectors = names(cells, "collector");
  bool good = gcb_sql_do(
      s,
      "INSERT INTO runs (uuid, name, started, seed, machine, cells, planned, suite, suite_name, shard, "
      "shards, workloads, collectors, command, context) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?)",
      "sssssiissiissjj", text(run, "uuid"), text(run, "name"), text(run, "started"), text(context, "seed"),
      machine, (int64_t)json_array_size(cells), integer(run, "planned"), text(shard, "suite"),
      text(shard, "suite_name"), integer(shard, "number"), integer(shard, "of"), json_string_value(workloads),
      json_string_value(collectors), json_object_get(context, "command"), context);
  json_decref(workloads);
  json_decref(collectors);
  return good ? sqlite3_last_insert_rowid(s->db) : 0;
}

int64_t gcb_store_begin(struct gcb_store *s, json_t *document, char *why, size_t why_size) {
  char machine[GCB_MACHINE_KEY];
  const json_t *run = identify(document);
  json_t *cell, *cells = json_object_get(document, "cells");
  size_t i;
  if (!gcb_store_transaction(s, why, why_size)) return 0;
  bool good = name_free(s, text(run, "name"), why, why_size);
  good = good && gcb_store_machine(s, json_object_get(document, "context"), machine);
  int64_t id = good ? insert_run(s, document, run, machine) : 0;
  good = id > 0;
  json_array_foreach(cells, i, cell) good = good && put_cell(s, id, i, cell, machine);
  good = good && hold(s, id, why, why_size);
  return gcb_store_settle_transaction(s, good, why, why_size) ? id : 0;
}

bool gcb_store_resume(struct gcb_store *s, int64_t run, char *why, size_t why_size) {
  if (!hold(s, run, why, why_size)) return false;
  if (gcb_sql_number(s, 0, "SELECT ended IS NOT NULL AND NOT interrupted FROM runs WHERE id = ?", "i", run)) {
    snprintf(why, why_size, "run %lld ended by itself: nothing of it is missing", (long long)run);
    return false;
  }
  if (!gcb_store_transaction(s, why, why_size)) return false;
  /* Close the gaps that a disk that was full for a while may have left: the rest is counted from them. */
  bool good =
      gcb_sql_do(s,
                 "UPDATE invocations SET ordinal = (SELECT count(*) FROM invocations AS b WHERE b.run "
                 "= invocations.run AND b.cell = invocations.cell AND b.list = invocations.list AND "
                 "b.ordinal < invocations.ordinal) WHERE run = ?",
                 "i", run);
  return gcb_store_settle_transaction(s, good, why, why_size);
}

/* ---- as it goes ---- */

bool gcb_store_add(struct gcb_store *s, int64_t run, size_t cell, const json_t *header, const char *list,
                   size_t ordinal, const json_t *invocation, char *why, size_t why_size) {
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = put_header(s, run, cell, header) &&
              (!invocation || put_invocation(s, run, cell, list, ordinal, invocation));
  return gcb_store_settle_transaction(s, good, why, why_size);
}

/* ---- end ---- */

static size_t count(const json_t *document) {
  size_t n = 0, i;
  json_t *cell;
  json_array_foreach(json_object_get(document, "cells"), i, cell) for (size_t k = 0; k < LISTS; k++) n +=
      json_array_size(json_object_get(cell, lists[k]));
  return n;
}

/* Whatever is not there yet: of a file, or because the disk was full for a while. */
static bool put_missing(struct gcb_store *s, int64_t run, const json_t *document) {
  bool good = true;
  size_t i, k;
  json_t *cell, *one;
  if (gcb_sql_number(s, 0, "SELECT done FROM runs WHERE id = ?", "i", run) == (int64_t)count(document))
    return true;
  json_array_foreach(json_object_get(document, "cells"), i, cell) for (size_t l = 0; l < LISTS; l++)
      json_array_foreach(json_object_get(cell, lists[l]), k, one) good =
          good && (gcb_sql_number(s, 0,
                                  "SELECT 1 FROM invocations WHERE run = ? AND cell = ? AND list = ? "
                                  "AND ordinal = ?",
                                  "iisi", run, (int64_t)i, lists[l], (int64_t)k) ||
                   put_invocation(s, run, i, lists[l], k, one));
  return good;
}

bool gcb_store_end(struct gcb_store *s, int64_t run, json_t *document, char *why, size_t why_size) {
  char now[GCB_TIME];
  size_t i;
  json_t *cell, *about = json_object_get(document, "run");
  gcb_time_text(now);
  if (about && !text(about, "ended")) json_object_set_new(about, "ended", json_string(now));
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = true;
  json_array_foreach(json_object_get(document, "cells"), i, cell) good = good && put_header(s, run, i, cell);
  good = good && put_missing(s, run, document);
  good = good && gcb_sql_do(s, "UPDATE runs SET ended = ?, interrupted = ?, failed = ? WHERE id = ?", "siii",
                            about ? text(about, "ended") : now,
                            (int64_t)json_is_true(json_object_get(document, "interrupted")),
                            (int64_t)gcb_document_failed(document), run);
  good = good && gcb_store_points(s, run);
  if (!gcb_store_settle_transaction(s, good, why, why_size)) return false;
  lock(s, run, F_OFD_SETLK, F_UNLCK, NULL);
  return true;
}

bool gcb_store_stop(struct gcb_store *s, int64_t run, char *why, size_t why_size) {
  char now[GCB_TIME];
  gcb_time_text(now);
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = gcb_sql_do(s,
                         "UPDATE runs SET ended = ?, interrupted = 1, failed = (SELECT count(*) FROM "
                         "run_cells AS c WHERE c.run = runs.id AND (c.status IS NOT 'ok' OR NOT EXISTS "
                         "(SELECT 1 FROM invocations AS i WHERE i.run = c.run AND i.cell = c.ordinal))) "
                         "WHERE id = ?",
                         "si", now, run);
  if (!gcb_store_settle_transaction(s, good, why, why_size)) return false;
  lock(s, run, F_OFD_SETLK, F_UNLCK, NULL);
  return true;
}

/* A run that is there gets what a later state of it has more; an earlier state takes nothing away. */
static bool bring_up_to_date(struct gcb_store *s, int64_t run, json_t *document, char *why, size_t why_size) {
  int64_t have = gcb_sql_number(s, 0, "SELECT done FROM runs WHERE id = ?", "i", run),
          cells = gcb_sql_number(s, 0, "SELECT count(*) FROM run_cells WHERE run = ?", "i", run),
          given = (int64_t)count(document);
  bool ended = !json_is_true(json_object_get(document, "interrupted")) &&
               gcb_sql_number(s, 0, "SELECT ended IS NULL OR interrupted FROM runs WHERE id = ?", "i", run);
  if (given < have || (given == have && !ended)) return true;
  if (cells != (int64_t)json_array_size(json_object_get(document, "cells"))) {
    snprintf(why, why_size, "run %lld of %s is the same run, but has %lld cells; is one of them a shard?",
             (long long)run, s->path, (long long)cells);
    return false;
  }
  if (!hold(s, run, why, why_size)) return false;
  if (gcb_store_end(s, run, document, why, why_size)) return true;
  lock(s, run, F_OFD_SETLK, F_UNLCK, NULL);
  return false;
}

int64_t gcb_store_import(struct gcb_store *s, const json_t *document, const char *name, char *why,
                         size_t why_size) {
  json_t *copy = json_copy((json_t *)document), *run = json_object();
  if (json_is_object(json_object_get(copy, "run"))) json_object_update(run, json_object_get(copy, "run"));
  json_object_set_new(copy, "run", run);
  if (name) json_object_set_new(run, "name", json_string(name));
  if (!text(run, "uuid")) { /* older than uuids: known again by what it says */
    char *all = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS), uuid[GCB_UUID];
    gcb_uuid_of(all ? all : "", uuid);
    free(all);
    json_object_set_new(run, "uuid", json_string(uuid));
  }
  int64_t id = gcb_sql_number(s, 0, "SELECT id FROM runs WHERE uuid = ?", "s", text(run, "uuid"));
  if (!id) {
    if (!json_object_get(run, "planned"))
      json_object_set_new(run, "planned", json_integer((json_int_t)count(copy)));
    if (!text(run, "ended") && text(run, "started")) /* killed, at an unknown time */
      json_object_set(run, "ended", json_object_get(run, "started"));
    id = gcb_store_begin(s, copy, why, why_size);
    if (id && !gcb_store_end(s, id, copy, why, why_size)) {
      char unheard[200]; /* the first reason is the one to tell */
      lock(s, id, F_OFD_SETLK, F_UNLCK, NULL);
      gcb_store_delete(s, id, unheard, sizeof unheard);
      id = 0;
    }
  } else if (!bring_up_to_date(s, id, copy, why, why_size)) {
    id = 0;
  }
  json_decref(copy);
  return id;
}

/* ---- names ---- */

bool gcb_store_rename(struct gcb_store *s, int64_t run, const char *name, char *why, size_t why_size) {
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = name_free(s, name, why, why_size) &&
              gcb_sql_do(s, "UPDATE runs SET name = ? WHERE id = ?", "si", name, run);
  return gcb_store_settle_transaction(s, good, why, why_size);
}

bool gcb_store_delete(struct gcb_store *s, int64_t run, char *why, size_t why_size) {
  if (gcb_store_held(s, run)) {
    snprintf(why, why_size, "run %lld is still running", (long long)run);
    return false;
  }
  if (!gcb_store_transaction(s, why, why_size)) return false;
  bool good = gcb_sql_do(s,
                         "DELETE FROM points WHERE run = ?1 AND series IN (SELECT series.id FROM run_cells "
                         "JOIN series ON series.cell = run_cells.cell WHERE run_cells.run = ?1)",
                         "i", run) &&
              gcb_sql_do(s, "DELETE FROM runs WHERE id = ?", "i", run);
  return gcb_store_settle_transaction(s, good, why, why_size);
}
