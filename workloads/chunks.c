/* chunks: a file read in chunks, split, upper-cased, parsed and aggregated through a pipeline of generators,
 * its records written to an SQLite database in batches. What it models: import jobs and log processors, which
 * hold short-lived strings by the million, an index of what they keep, caches of strings that come
 * again, and things that are not memory (files, a database), released by hand or by a finalizer.
 *
 * The pipeline's frames are heap objects: file -> chunks of bytes -> lines -> records of fields -> records of
 * upper-cased fields. What is kept of a record is a row {name; code point, category, simple upper case} in an
 * index of the last `keep` rows; an aggregate a category counts its records and adds up
 * their code points. The default input is Unicode's table of characters: 1.9 MB, 34 924 records of 15 fields.
 *
 * Upper-cased strings go through a weak cache. A string is made before it is looked up and the moments of new
 * weak references follow from the input alone, so what a collector has cleared changes neither an allocation
 * nor the checksum. A file is opened anew every `segment` bytes; close=finalizer leaves closing to the
 * finalizer of the object that holds its handle. As descriptors are few, the reader that would have more than
 * `handles` open closes a dropped one itself, and the finalizer then finds nothing to do.
 *
 * Each mutator reads its own range of lines into a database of its own, in t->scratch: journal_mode=OFF,
 * synchronous=OFF, exclusive locking, one transaction a batch. SQLite takes about a third of the time on a
 * fast collector. Peak live is the full index with its names (as if none were shared) and the cache.
 */
#include "chunks_io.h"
#include <errno.h>
#include <fcntl.h>
#include <gcbench/mutator.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INPUT, CHUNK, PASSES, KEEP, BATCH, CACHE, CLOSE, SEGMENT, HANDLES };
enum { FINALIZER, EXPLICIT };
static const char default_input[] = "/usr/share/unicode/UnicodeData.txt";
static const gcb_option params[] = {
    [INPUT] = {"input", GCB_FILE, default_input, 0, 0, NULL,
               "lines of fields between semicolons; the default comes with Debian's unicode-data"},
    [CHUNK] = {"chunk", GCB_BYTES, "1024", 1, 1 << 20, NULL, "bytes read at a time"},
    [PASSES] = {"passes", GCB_UINT, "3", 1, 1e6, NULL, "times that an iteration reads the file"},
    [KEEP] = {"keep", GCB_UINT, "12000", 1, 1e8, NULL,
              "rows in the index of each mutator, the last ones read"},
    [BATCH] = {"batch", GCB_UINT, "500", 1, 1e6, NULL, "rows written in one transaction"},
    [CACHE] = {"cache", GCB_UINT, "1024", 1, 1e7, NULL, "weak references to upper-cased strings"},
    [CLOSE] = {"close", GCB_CHOICE, "finalizer", 0, 0, "finalizer|explicit", "who closes a file"},
    [SEGMENT] = {"segment", GCB_BYTES, "65536", 1, 1e12, NULL, "bytes read through one file handle"},
    [HANDLES] = {"handles", GCB_UINT, "16", 2, 1000, NULL, "files that a mutator may have open"},
};

enum { LINE_MAX_BYTES = 65535, FIELDS_MAX = 64, GROUPS = 1024, RENEW = 16, LOCKS = 64 };
enum { CODE_FIELD = 0, NAME_FIELD = 1, CATEGORY_FIELD = 2, UPPER_FIELD = 12 }; /* of UnicodeData.txt */

/* A pipeline's frame: where its items come from, two locals, two numbers. */
enum { SOURCE, CURRENT, CARRY, FRAME_REFS };
enum { AT = 0, END = 8, FRAME_PAYLOAD = 16 };
enum { ROW_NAME, ROW_REFS };
typedef struct row {
  uint64_t code, upper, hash; /* hash: of the name */
  uint32_t group, name_bytes;
} row;
typedef struct group {
  uint64_t records, codes;
} group;

typedef struct handle {
  int fd;
  uint32_t generation;
  bool open, dropped;
} handle;
typedef struct cached {
  uint64_t hash, uses; /* uses 0: empty */
} cached;
/* What a mutator has outside of the heap. `files` is shared with finalizers, under the lane's lock. */
typedef struct lane {
  gcb_io_range range; /* of the input */
  handle *files;
  uint64_t forced;
  cached *cached;
  gcb_io_db *db;
  char line[LINE_MAX_BYTES + 1], field[LINE_MAX_BYTES + 1], twin[LINE_MAX_BYTES + 1];
  char *chunk;
} lane;
typedef struct chunks {
  const gcb_shape *frame, *file, *row, *group;
  lane **lanes;
  uint64_t broken; /* a finalizer met an object that is not what it was registered for */
} chunks;

/* Two letters, as in a general category: 1024 groups, exact for them. */
static uint32_t group_of(const char *text, size_t n) {
  return (n > 0 ? text[0] & 31u : 0) << 5 | (n > 1 ? text[1] & 31u : 0);
}
static uint64_t object_bytes(uint32_t kind, uint64_t n) {
  return gcb_size_of(gcb_geometry_array(kind, (uint32_t)n));
}
static uint64_t peak_of(const gcb_task *t, const gcb_io_range *r) {
  uint64_t keep = t->params[KEEP].u, cache = t->params[CACHE].u, rows = keep < r->lines ? keep : r->lines;
  uint64_t index = object_bytes(GCB_KIND_REFS, keep) + 8 * r->words +
                   rows * gcb_size_of(gcb_geometry_fixed(ROW_REFS, sizeof(row)));
  uint64_t strings = r->longest + FIELDS_MAX * 16, chunk = object_bytes(GCB_KIND_BYTES, t->params[CHUNK].u);
  uint64_t fields = strings + object_bytes(GCB_KIND_REFS, FIELDS_MAX);
  uint64_t pipeline = 2 * chunk + 3 * (r->longest + 16) + 2 * fields + 512;
  uint64_t tables = object_bytes(GCB_KIND_REFS, cache) + cache * gcb_size_of(GCB_GEOMETRY_WEAK) +
                    object_bytes(GCB_KIND_REFS, GROUPS) +
                    GROUPS * gcb_size_of(gcb_geometry_fixed(0, sizeof(group)));
  return index + pipeline + tables;
}
/* It depends on the input, which is therefore read; 0 when it cannot be. */
static uint64_t peak_live(const gcb_task *t) {
  gcb_io_range *ranges = calloc(t->mutators, sizeof *ranges);
  uint64_t peak = 0;
  uint32_t keep = (uint32_t)t->params[KEEP].u;
  if (ranges && gcb_io_measure(t->params[INPUT].s, NAME_FIELD, keep, ranges, t->mutators))
    for (uint32_t i = 0; i < t->mutators; i++) peak += peak_of(t, ranges + i);
  free(ranges);
  return peak;
}

/* A chunk and a line a byte; fields, arrays, rows and weak references as measured for UnicodeData.txt. */
static double allocated(const gcb_task *t) {
  enum { PER_LINE = 640 };
  gcb_io_extent e = gcb_io_extent_of(t->params[INPUT].s, t->mutators);
  return (double)t->params[PASSES].u * (2 * (double)e.bytes + PER_LINE * (double)e.lines);
}
static uint64_t most_live(const gcb_task *t) {
  return gcb_io_extent_of(t->params[INPUT].s, t->mutators).most_lines;
}

/* ---- files: handles outside of the heap, held by objects in it ---- */
static uint32_t lock_of(uint32_t lane) {
  return lane % LOCKS;
}
static uint64_t token_of(uint32_t lane, uint32_t index, uint32_t generation) {
  return (uint64_t)generation << 32 | (uint64_t)index << 16 | lane;
}
static handle *handle_of(const chunks *w, uint64_t token) {
  return w->lanes[token & 0xffff]->files + (token >> 16 & 0xffff);
}
static void close_handle(handle *h) {
  close(h->fd);
  h->open = h->dropped = false;
  h->generation++;
}
static void finalized(gcb_mutator *m, gcb_task *t, gcb_slot object, uint64_t token) {
  chunks *w = t->state;
  handle *h = handle_of(w, token);
  if (gcb_read_u64(m, object, 0) != token) __atomic_store_n(&w->broken, token, __ATOMIC_RELAXED);
  gcb_lock(m, lock_of(token & 0xffff));
  if (h->open && h->generation == token >> 32) close_handle(h);
  gcb_unlock(m, lock_of(token & 0xffff));
}

/* Slots of a mutator's frame. */
enum { FILE_SLOT, READER, LINES, RECORDS, UPPERS, CHUNK_SLOT, PART, LINE, FIELDS, UPPER, TEXT };
enum { FOUND = TEXT + 1, REFERENCE, CACHE_TABLE, INDEX, GROUP_TABLE, GROUP_SLOT, ROW, SLOTS };
typedef struct job {
  gcb_mutator *m;
  gcb_task *t;
  gcb_frame f;
  const chunks *w;
  lane *l;
  uint32_t keep, batch;
  uint64_t rows, written, codes, sum;
} job;
static gcb_slot at(const job *x, uint32_t slot) {
  return gcb_at(x->f, slot);
}
static gcb_status wrong(job *x, const char *what) {
  x->t->explain(x->t, "%s, near record %llu of mutator %u", what, (unsigned long long)x->rows, x->m->id);
  return GCB_WRONG;
}

/* A free handle; if finalizers lag, one that was dropped long enough ago to be closed here. Lock held. */
static uint32_t free_handle(job *x) {
  uint32_t n = (uint32_t)x->t->params[HANDLES].u, dropped = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (!x->l->files[i].open) return i;
    if (x->l->files[i].dropped) dropped = i;
  }
  close_handle(x->l->files + dropped);
  x->l->forced++;
  return dropped;
}
/* Open the input anew, into slot FILE_SLOT. */
static gcb_status open_file(job *x) {
  gcb_blocked_begin(x->m);
  int fd = open(x->t->params[INPUT].s, O_RDONLY | O_CLOEXEC), reason = errno;
  gcb_blocked_end(x->m);
  if (fd < 0) {
    x->t->explain(x->t, "cannot open %s: %s", x->t->params[INPUT].s, strerror(reason));
    return GCB_FAILED;
  }
  gcb_lock(x->m, lock_of(x->m->id));
  uint32_t index = free_handle(x);
  handle *h = x->l->files + index;
  *h = (handle){.fd = fd, .generation = h->generation, .open = true};
  gcb_unlock(x->m, lock_of(x->m->id));
  uint64_t token = token_of(x->m->id, index, h->generation);
  if (!gcb_new(x->m, at(x, FILE_SLOT), x->w->file)) return GCB_OOM;
  gcb_write_u64(x->m, at(x, FILE_SLOT), 0, token);
  return x->t->params[CLOSE].u == FINALIZER ? gcb_finalizer(x->m, at(x, FILE_SLOT), token) : GCB_OK;
}
static gcb_status drop_file(job *x) {
  gcb_slot file = at(x, FILE_SLOT);
  uint64_t token = gcb_read_u64(x->m, file, 0);
  handle *h = handle_of(x->w, token);
  gcb_lock(x->m, lock_of(x->m->id));
  bool held = h->open && h->generation == token >> 32;
  h->dropped = true;
  if (held && x->t->params[CLOSE].u == EXPLICIT) close_handle(h);
  gcb_unlock(x->m, lock_of(x->m->id));
  gcb_put_null(x->m, at(x, READER), SOURCE);
  if (x->t->params[CLOSE].u == EXPLICIT) gcb_release(x->m, file);
  gcb_clear(x->m, file);
  return held ? GCB_OK : wrong(x, "a file was finalized while reachable");
}

/* ---- the pipeline: each function resumes the frame in its slot; a null item is the end ---- */
static gcb_status next_chunk(job *x) {
  gcb_slot self = at(x, READER), file = at(x, FILE_SLOT), item = at(x, CHUNK_SLOT);
  uint64_t from = gcb_read_u64(x->m, self, AT), end = gcb_read_u64(x->m, self, END);
  gcb_status status;
  gcb_clear(x->m, item);
  gcb_get(x->m, file, self, SOURCE);
  if (!gcb_is_null(x->m, file) && from >= end && (status = drop_file(x)) != GCB_OK) return status;
  if (from == x->l->range.end) return GCB_OK;
  if (gcb_is_null(x->m, file)) {
    if ((status = open_file(x)) != GCB_OK) return status;
    gcb_put(x->m, self, SOURCE, file);
    uint64_t left = x->l->range.end - from, segment = x->t->params[SEGMENT].u;
    end = from + (left < segment ? left : segment);
    gcb_write_u64(x->m, self, END, end);
  }
  uint64_t n = x->t->params[CHUNK].u < end - from ? x->t->params[CHUNK].u : end - from;
  const handle *h = handle_of(x->w, gcb_read_u64(x->m, file, 0));
  gcb_blocked_begin(x->m);
  ssize_t got = pread(h->fd, x->l->chunk, n, (off_t)from);
  gcb_blocked_end(x->m);
  if (got != (ssize_t)n) {
    x->t->explain(x->t, "%s cannot be read, or has changed since the run began", x->t->params[INPUT].s);
    return GCB_FAILED;
  }
  if (!gcb_new_bytes(x->m, item, (uint32_t)n)) return GCB_OOM;
  gcb_write(x->m, item, 0, x->l->chunk, (uint32_t)n);
  gcb_write_u64(x->m, self, AT, from + n);
  return GCB_OK;
}

/* Copy a byte array to C memory of LINE_MAX_BYTES + 1; its length. */
static uint32_t text_out(job *x, gcb_slot bytes, char *into) {
  uint32_t n = gcb_is_null(x->m, bytes) ? 0 : gcb_length(x->m, bytes);
  if (n) gcb_read(x->m, bytes, 0, into, n);
  into[n] = 0;
  return n;
}
static bool text_in(job *x, gcb_slot dst, const char *from, size_t n) {
  if (!gcb_new_bytes(x->m, dst, (uint32_t)n)) return false;
  gcb_write(x->m, dst, 0, from, (uint32_t)n);
  return true;
}
/* Take bytes of the chunk up to a line end, or all, to line + *n. True: the line is complete. */
static bool take_line(job *x, uint64_t *from, uint64_t end, uint32_t *n) {
  enum { PIECE = 64 };
  while (*from < end) {
    uint32_t room = LINE_MAX_BYTES - *n, k = end - *from < PIECE ? (uint32_t)(end - *from) : PIECE;
    if (k > room) k = room;
    if (!k) return true;
    gcb_read(x->m, at(x, CHUNK_SLOT), (uint32_t)*from, x->l->line + *n, k);
    const char *stop = memchr(x->l->line + *n, '\n', k);
    uint32_t taken = stop ? (uint32_t)(stop - (x->l->line + *n)) : k;
    *n += taken;
    *from += taken + (stop != NULL);
    if (stop) return true;
  }
  return false;
}
/* The frame asks for a chunk with its unfinished line in CARRY, as a suspended frame must. */
static gcb_status next_line(job *x) {
  gcb_slot self = at(x, LINES), chunk = at(x, CHUNK_SLOT), part = at(x, PART), line = at(x, LINE);
  uint64_t from = gcb_read_u64(x->m, self, AT), end = gcb_read_u64(x->m, self, END);
  uint32_t n = 0;
  bool complete = false;
  gcb_get(x->m, chunk, self, CURRENT);
  while (!complete) {
    gcb_poll(x->m);
    complete = from < end && take_line(x, &from, end, &n);
    if (complete) break;
    if (!text_in(x, part, x->l->line, n)) return GCB_OOM;
    gcb_put(x->m, self, CARRY, part);
    gcb_put_null(x->m, self, CURRENT);
    gcb_get(x->m, at(x, READER), self, SOURCE);
    gcb_status status = next_chunk(x);
    if (status != GCB_OK) return status;
    gcb_put(x->m, self, CURRENT, chunk);
    gcb_get(x->m, part, self, CARRY);
    n = text_out(x, part, x->l->line);
    gcb_put_null(x->m, self, CARRY);
    gcb_release(x->m, part);
    if (gcb_is_null(x->m, chunk)) break;
    from = 0;
    end = gcb_length(x->m, chunk);
  }
  gcb_write_u64(x->m, self, AT, from);
  gcb_write_u64(x->m, self, END, end);
  gcb_clear(x->m, line);
  return !complete && !n ? GCB_OK : text_in(x, line, x->l->line, n) ? GCB_OK : GCB_OOM;
}
static gcb_status next_record(job *x) {
  gcb_slot line = at(x, LINE), fields = at(x, FIELDS), text = at(x, TEXT);
  gcb_get(x->m, at(x, LINES), at(x, RECORDS), SOURCE);
  gcb_status status = next_line(x);
  gcb_clear(x->m, fields);
  if (status != GCB_OK || gcb_is_null(x->m, line)) return status;
  uint32_t n = text_out(x, line, x->l->line), count = 1;
  gcb_release(x->m, line);
  for (uint32_t i = 0; i < n; i++) count += x->l->line[i] == ';' && count < FIELDS_MAX;
  if (!gcb_new_array(x->m, fields, count)) return GCB_OOM;
  const char *from = x->l->line;
  for (uint32_t i = 0; i < count; i++) {
    gcb_poll(x->m);
    size_t rest = (size_t)(x->l->line + n - from), length;
    if (i + 1 < count)
      gcb_io_field(from, rest, 0, &length);
    else
      length = rest;
    if (length) {
      if (!text_in(x, text, from, length)) return GCB_OOM;
      gcb_put(x->m, fields, i, text);
    }
    from += length + 1;
  }
  return GCB_OK;
}

static uint64_t hash_of(const char *text, uint32_t n) {
  uint64_t sum = n, word = 0;
  for (uint32_t i = 0; i < n; i += 8) {
    uint32_t k = n - i < 8 ? n - i : 8;
    word = 0;
    memcpy(&word, text + i, k);
    sum = gcb_mix(sum, word);
  }
  return sum;
}
/* Slot TEXT holds a fresh string, also in l->field. Exchange it for its twin in the weak cache, if that is
 * still there, or put it there. */
static gcb_status intern(job *x, uint32_t n) {
  uint64_t hash = hash_of(x->l->field, n);
  gcb_slot table = at(x, CACHE_TABLE), reference = at(x, REFERENCE), found = at(x, FOUND), text = at(x, TEXT);
  uint32_t i = (uint32_t)(hash % x->t->params[CACHE].u);
  cached *c = x->l->cached + i;
  if (c->uses && c->hash == hash) {
    gcb_get(x->m, reference, table, i);
    gcb_weak_get(x->m, found, reference);
    bool there = !gcb_is_null(x->m, found);
    /* Read in any case, so that the operations are the same whatever a collector has cleared. */
    if (text_out(x, there ? found : text, x->l->twin) != n || memcmp(x->l->twin, x->l->field, n) != 0)
      return wrong(x, "a string in the weak cache has changed");
    if (there) {
      gcb_release(x->m, text);
      gcb_move(x->m, text, found);
      gcb_clear(x->m, found);
    }
    if (++c->uses % RENEW != 0) return GCB_OK;
  } else {
    *c = (cached){.hash = hash, .uses = 1};
  }
  if (!gcb_weak_new(x->m, reference, text)) return GCB_OOM;
  gcb_put(x->m, table, i, reference);
  return GCB_OK;
}
static gcb_status next_upper(job *x) {
  gcb_slot fields = at(x, FIELDS), text = at(x, TEXT), upper = at(x, UPPER);
  gcb_get(x->m, at(x, RECORDS), at(x, UPPERS), SOURCE);
  gcb_status status = next_record(x);
  gcb_clear(x->m, upper);
  if (status != GCB_OK || gcb_is_null(x->m, fields)) return status;
  uint32_t count = gcb_length(x->m, fields);
  if (!gcb_new_array(x->m, upper, count)) return GCB_OOM;
  for (uint32_t i = 0; i < count; i++) {
    gcb_poll(x->m);
    gcb_get(x->m, text, fields, i);
    if (gcb_is_null(x->m, text)) continue;
    uint32_t n = text_out(x, text, x->l->field);
    gcb_put_null(x->m, fields, i);
    gcb_release(x->m, text);
    for (char *c = x->l->field; *c; c++)
      if (*c >= 'a' && *c <= 'z') *c += 'A' - 'a';
    if (!text_in(x, text, x->l->field, n)) return GCB_OOM;
    if ((status = intern(x, n)) != GCB_OK) return status;
    gcb_put(x->m, upper, i, text);
  }
  gcb_release(x->m, fields);
  return GCB_OK;
}

/* ---- what becomes of a record ---- */
static uint32_t field(job *x, uint32_t i) {
  if (i < gcb_length(x->m, at(x, UPPER)))
    gcb_get(x->m, at(x, TEXT), at(x, UPPER), i);
  else
    gcb_clear(x->m, at(x, TEXT));
  return text_out(x, at(x, TEXT), x->l->field);
}
static gcb_status count_group(job *x, uint32_t g, uint64_t code) {
  gcb_slot one = at(x, GROUP_SLOT);
  group sums = {0};
  gcb_get(x->m, one, at(x, GROUP_TABLE), g);
  if (gcb_is_null(x->m, one)) {
    if (!gcb_new(x->m, one, x->w->group)) return GCB_OOM;
    gcb_put(x->m, at(x, GROUP_TABLE), g, one);
  }
  gcb_read(x->m, one, 0, &sums, sizeof sums);
  sums.records++;
  sums.codes += code;
  gcb_write(x->m, one, 0, &sums, sizeof sums);
  return GCB_OK;
}
static gcb_status keep(job *x) {
  row r = {0};
  field(x, CODE_FIELD);
  r.code = strtoul(x->l->field, NULL, 16) & UINT32_MAX;
  field(x, UPPER_FIELD);
  r.upper = strtoul(x->l->field, NULL, 16) & UINT32_MAX;
  r.group = group_of(x->l->field, field(x, CATEGORY_FIELD));
  r.name_bytes = field(x, NAME_FIELD);
  r.hash = hash_of(x->l->field, r.name_bytes);
  if (!gcb_new(x->m, at(x, ROW), x->w->row)) return GCB_OOM;
  gcb_init(x->m, at(x, ROW), ROW_NAME, at(x, TEXT));
  gcb_write(x->m, at(x, ROW), 0, &r, sizeof r);
  gcb_put(x->m, at(x, INDEX), (uint32_t)(x->rows++ % x->keep), at(x, ROW));
  x->codes += r.code;
  x->sum = gcb_mix(x->sum, r.code ^ r.upper << 24 ^ (uint64_t)r.group << 48 ^ r.hash);
  gcb_release(x->m, at(x, UPPER));
  return count_group(x, r.group, r.code);
}

/* ---- the database ---- */
static gcb_status stored(gcb_task *t, const gcb_io_db *db, bool ok) {
  if (!ok) t->explain(t, "SQLite in %s: %s", t->scratch, gcb_io_db_error(db));
  return ok ? GCB_OK : GCB_FAILED;
}
/* Write the rows that the index has and the database has not. */
static gcb_status flush(job *x) {
  lane *l = x->l;
  for (; x->written < x->rows; x->written++) {
    row r;
    gcb_poll(x->m);
    gcb_get(x->m, at(x, ROW), at(x, INDEX), (uint32_t)(x->written % x->keep));
    gcb_read(x->m, at(x, ROW), 0, &r, sizeof r);
    gcb_get(x->m, at(x, TEXT), at(x, ROW), ROW_NAME);
    if (text_out(x, at(x, TEXT), l->field) != r.name_bytes || hash_of(l->field, r.name_bytes) != r.hash)
      return wrong(x, "a name in the index has changed");
    if (!gcb_io_db_add(l->db, r.code, r.group, l->field, r.name_bytes)) return GCB_OOM;
  }
  gcb_blocked_begin(x->m);
  bool ok = gcb_io_db_commit(l->db);
  gcb_blocked_end(x->m);
  return stored(x->t, l->db, ok);
}
/* The aggregates, into the database and the checksum; then what the database has must be what was read. */
static gcb_status finish(job *x) {
  group all[GROUPS] = {0};
  for (uint32_t i = 0; i < GROUPS; i++) {
    gcb_poll(x->m);
    gcb_get(x->m, at(x, GROUP_SLOT), at(x, GROUP_TABLE), i);
    if (!gcb_is_null(x->m, at(x, GROUP_SLOT))) gcb_read(x->m, at(x, GROUP_SLOT), 0, all + i, sizeof *all);
    x->sum = gcb_mix(x->sum, all[i].records ^ all[i].codes << 20);
  }
  bool ok = true;
  uint64_t records, codes;
  gcb_blocked_begin(x->m);
  for (uint32_t i = 0; ok && i < GROUPS; i++)
    if (all[i].records) ok = gcb_io_db_category(x->l->db, i, all[i].records, all[i].codes);
  ok = ok && gcb_io_db_total(x->l->db, &records, &codes);
  gcb_blocked_end(x->m);
  if (!ok) return stored(x->t, x->l->db, ok);
  return records == x->rows && codes == x->codes ? GCB_OK : wrong(x, "the database differs from the input");
}

/* ---- the workload ---- */
static void teardown(gcb_task *t) {
  chunks *w = t->state;
  for (uint32_t i = 0; w->lanes && i < t->mutators && w->lanes[i]; i++) {
    lane *l = w->lanes[i];
    for (uint32_t k = 0; l->files && k < t->params[HANDLES].u; k++)
      if (l->files[k].open) close(l->files[k].fd);
    gcb_io_db_close(l->db);
    free(l->files);
    free(l->cached);
    free(l->chunk);
    free(l);
  }
  free(w->lanes);
}
static gcb_status measure_input(gcb_task *t, gcb_io_range *ranges) {
  const char *path = t->params[INPUT].s;
  uint64_t longest = 0;
  if (!gcb_io_measure(path, NAME_FIELD, 1, ranges, t->mutators)) {
    bool known = strcmp(path, default_input) == 0;
    t->explain(t, "cannot read %s: %s%s", path, strerror(errno),
               known ? "; it comes with Debian's package unicode-data" : "");
    return GCB_FAILED;
  }
  for (uint32_t i = 0; i < t->mutators; i++)
    if (ranges[i].longest > longest) longest = ranges[i].longest;
  if (longest <= LINE_MAX_BYTES) return GCB_OK;
  t->explain(t, "%s has a line of %llu bytes; at most %d are possible", path, (unsigned long long)longest,
             LINE_MAX_BYTES);
  return GCB_FAILED;
}
static gcb_status open_lane(gcb_task *t, lane *l, uint32_t i) {
  const gcb_value *p = t->params;
  bool ok;
  l->files = calloc(p[HANDLES].u, sizeof *l->files);
  l->cached = calloc(p[CACHE].u, sizeof *l->cached);
  l->chunk = malloc(p[CHUNK].u);
  l->db = gcb_io_db_open(t->scratch, i, (uint32_t)p[BATCH].u, &ok);
  if (!l->files || !l->cached || !l->chunk || !l->db) return GCB_OOM;
  return stored(t, l->db, ok);
}
static gcb_status setup(gcb_mutator *m, gcb_task *t) {
  chunks *w = t->state;
  w->frame = gcb_shape_new(m, "chunks.frame", FRAME_REFS, FRAME_PAYLOAD);
  w->file = gcb_shape_new(m, "chunks.file", 0, 8);
  w->row = gcb_shape_new(m, "chunks.row", ROW_REFS, sizeof(row));
  w->group = gcb_shape_new(m, "chunks.group", 0, sizeof(group));
  gcb_io_range *ranges = calloc(t->mutators, sizeof *ranges);
  w->lanes = calloc(t->mutators, sizeof *w->lanes);
  gcb_status status = ranges && w->lanes ? measure_input(t, ranges) : GCB_OOM;
  for (uint32_t i = 0; status == GCB_OK && i < t->mutators; i++) {
    lane *l = w->lanes[i] = calloc(1, sizeof *l);
    if (l) l->range = ranges[i];
    status = l ? open_lane(t, l, i) : GCB_OOM;
  }
  free(ranges);
  return status;
}

/* One pass over this mutator's lines, from empty tables to a full database; all is dropped with its frame. */
static gcb_status pass(job *x) {
  lane *l = x->l;
  gcb_mutator *m = x->m;
  gcb_blocked_begin(m);
  bool ok = gcb_io_db_clear(l->db);
  gcb_blocked_end(m);
  if (!ok) return stored(x->t, l->db, ok);
  for (uint64_t i = 0; i < x->t->params[CACHE].u; i++) l->cached[i].uses = 0;
  if (!gcb_new_array(m, at(x, CACHE_TABLE), (uint32_t)x->t->params[CACHE].u)) return GCB_OOM;
  if (!gcb_new_array(m, at(x, GROUP_TABLE), GROUPS)) return GCB_OOM;
  if (!gcb_new_array(m, at(x, INDEX), x->keep)) return GCB_OOM;
  for (uint32_t s = READER; s <= UPPERS; s++) {
    if (!gcb_new(m, at(x, s), x->w->frame)) return GCB_OOM;
    if (s > READER) gcb_init(m, at(x, s), SOURCE, at(x, s - 1));
  }
  gcb_write_u64(m, at(x, READER), AT, l->range.begin);
  for (;;) {
    gcb_poll(m);
    gcb_status status = next_upper(x);
    if (status != GCB_OK) return status;
    bool end = gcb_is_null(m, at(x, UPPER));
    if (!end && x->rows == l->range.lines) return wrong(x, "the input has more lines than before");
    if (!end && (status = keep(x)) != GCB_OK) return status;
    if (x->rows - x->written == x->batch || end)
      if ((status = flush(x)) != GCB_OK) return status;
    if (end) return finish(x);
  }
}
static gcb_status iterate(gcb_mutator *m, gcb_task *t, gcb_tally *tally) {
  const chunks *w = t->state;
  for (uint64_t i = 0; i < t->params[PASSES].u; i++) {
    gcb_frame f = gcb_enter(m, SLOTS);
    job x = {.m = m, .t = t, .f = f, .w = w, .l = w->lanes[m->id]};
    x.keep = (uint32_t)t->params[KEEP].u;
    x.batch = t->params[BATCH].u < x.keep ? (uint32_t)t->params[BATCH].u : x.keep;
    gcb_status status = pass(&x);
    if (status != GCB_OK) return status;
    tally->ops += x.rows;
    tally->checksum += x.sum;
    gcb_leave(m, f);
  }
  if (!__atomic_load_n(&w->broken, __ATOMIC_RELAXED)) return GCB_OK;
  t->explain(t, "a file was finalized with the token %llx of another", (unsigned long long)w->broken);
  return GCB_WRONG;
}

static uint64_t needs(const gcb_task *t) {
  (void)t;
  return GCB_NEEDS_WEAK | GCB_NEEDS_FINALIZERS;
}

GCB_WORKLOAD(chunks, .summary = "a file in chunks through a pipeline of generators into SQLite",
             .op = "one line imported", .needs = needs, .params = params,
             .n_params = sizeof params / sizeof *params, .state_bytes = sizeof(chunks),
             .peak_live = peak_live, .live_params = {"keep"}, .work_param = "passes", .allocated = allocated,
             .most_live = most_live, .setup = setup, .iterate = iterate, .finalized = finalized,
             .teardown = teardown);
