/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_tables.h - the tables of HSDS as a datapackage has them, and how they
 * hang on each other: for reading them and for writing them.
 */
#ifndef COBIJO_HSDS_TABLES_H
#define COBIJO_HSDS_TABLES_H

#include "core/value.h"

struct hsds_table {
    const char *name, *file; /* service, services.csv */
    const char *column[26];  /* NULL-terminated */
};
extern const struct hsds_table hsds_table[];
extern const size_t hsds_tables;
const struct hsds_table *hsds_table_find(struct str name_or_file);

/* member of parent: the rows of table whose key is the parent's id; one: an
 * object and not a list, by the parent's own member key. */
struct hsds_nest {
    const char *parent, *member, *table, *key;
    bool one;
};
extern const struct hsds_nest hsds_nest[];
extern const size_t hsds_nests;

#endif
