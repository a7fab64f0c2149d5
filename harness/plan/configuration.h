/* The one name and the one set of options that a collector's configuration is stored and compared under. */
#ifndef GCB_CONFIGURATION_H
#define GCB_CONFIGURATION_H

#include "plan/catalog.h"

enum { GCB_CONFIGURATION_NAME = 200 };

/* The options that differ from their defaults, {name: canonical word} in the order of the collector's table:
 * those of the entry, overridden by `given` ({name: word}, each of which gcb_setting_parse() takes). New
 * reference; NULL without memory. The name, into `name`, is the collector's, followed by +PRESET for the
 * preset with the most options of which all are among them: however a configuration was asked for, its name
 * is the same. An entry without a description keeps its name and its words. */
json_t *gcb_configuration(const gcb_entry *e, const json_t *given, char name[GCB_CONFIGURATION_NAME]);

#endif
