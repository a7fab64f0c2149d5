/* Values for the option tables that collectors and workloads declare (gcb_option), read from words. */
#ifndef GCB_SETTINGS_H
#define GCB_SETTINGS_H

#include "results/model/canonical.h"
#include <gcbench/heap.h>
#include <jansson.h>

/* One word for one option. False with a sentence in `why` ("length: 12q: not a whole number from 1 to 100")
 * and no value written. A value of type GCB_FILE or GCB_TEXT is `word` itself, not copied. Files are not
 * opened here. */
bool gcb_setting_parse(const gcb_option *o, const char *word, gcb_value *value, char *why, size_t why_size);

/* The one spelling of a word that gcb_setting_parse() takes, as in results/model/canonical.h: in `out`, or
 * the word itself where it has only one. Two words with the same value have the same. */
const char *gcb_setting_canonical(const gcb_option *o, const char *word, char out[GCB_CANONICAL]);

/* Index of the option of that name, or -1. */
int gcb_setting_find(const gcb_option *options, uint32_t n, const char *name);

/* All values: defaults, overridden by the JSON object {name: word}, which must outlive them. False with a
 * sentence (unknown names get the nearest valid one). `values` has room for n. */
bool gcb_settings_read(const gcb_option *options, uint32_t n, const json_t *given, gcb_value *values,
                       char *why, size_t why_size);

/* The table as JSON for listings: [{name, type, default, min, max, choices, help}]. New reference. */
json_t *gcb_settings_describe(const gcb_option *options, uint32_t n);

/* The inverse for one entry of such a list; the strings stay the JSON's. False when it is not one. */
bool gcb_settings_recall(const json_t *entry, gcb_option *o);

#endif
