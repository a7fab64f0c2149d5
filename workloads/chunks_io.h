/* What `chunks` does outside of the heap: it measures its input and writes a database. C and SQLite only, so
 * that the workload can copy out of the heap first and then wait, undisturbed by collections.
 *
 * Nothing here locks: a database belongs to one mutator. All functions wait for the file system unless said
 * otherwise.
 */
#ifndef GCB_CHUNKS_IO_H
#define GCB_CHUNKS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the input: lines of fields between semicolons ---- */
typedef struct gcb_io_range {
  uint64_t begin, end, lines; /* bytes [begin, end) */
  uint64_t longest;           /* bytes of the longest line */
  uint64_t words; /* eight-byte words that the chosen field and a header each fill, at most `window`
                     lines together; nothing for an empty field */
} gcb_io_range;

/* Divide a file into n ranges (zeroed before), from line to line: a line belongs to the range in whose equal
 * share of the bytes it begins. Measure field number `field` over any `window` lines of a range in a row.
 * False: see errno. */
bool gcb_io_measure(const char *path, uint32_t field, uint32_t window, gcb_io_range *ranges, uint32_t n);
/* Bytes and lines of the file, and the most lines of one of its n ranges; zeroes when it cannot be read. */
typedef struct gcb_io_extent {
  uint64_t bytes, lines, most_lines;
} gcb_io_extent;
gcb_io_extent gcb_io_extent_of(const char *path, uint32_t n);
/* Field i of a line; NULL when it has fewer. Does not wait. */
const char *gcb_io_field(const char *line, size_t n, uint32_t i, size_t *length);

/* ---- the database; functions that answer bool have failed when false, and gcb_io_db_error() says why ----
 */
typedef struct gcb_io_db gcb_io_db;

/* An empty database chunks-<number>.db in `folder`, with journal_mode=OFF, synchronous=OFF and exclusive
 * locking, and room for a batch of so many records. NULL: no memory; otherwise *ok tells whether it can be
 * used. */
gcb_io_db *gcb_io_db_open(const char *folder, uint32_t number, uint32_t batch, bool *ok);
void gcb_io_db_close(gcb_io_db *s); /* NULL is allowed */
const char *gcb_io_db_error(const gcb_io_db *s);
/* Remove all rows. */
bool gcb_io_db_clear(gcb_io_db *s);
/* One more record for the batch, copied. Does not wait. False: no memory. */
bool gcb_io_db_add(gcb_io_db *s, uint64_t code, uint32_t category, const char *name, size_t bytes);
/* Write the batch in one transaction; it is empty then. */
bool gcb_io_db_commit(gcb_io_db *s);
bool gcb_io_db_category(gcb_io_db *s, uint32_t category, uint64_t records, uint64_t codes);
/* Number of records in the database, and the sum of their codes. */
bool gcb_io_db_total(gcb_io_db *s, uint64_t *records, uint64_t *codes);

#endif
