/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* catalog.h - the tables of catalog/: data that an expert can read and change.
 *
 * Each file is kept as rows of named texts, in file order, with an index on
 * its first column; readers of one table (rules, blocks, clocks) turn it into
 * their own shape when the office opens. Missing file: an error that names it.
 */
#ifndef COBIJO_CATALOG_H
#define COBIJO_CATALOG_H

#include "core/err.h"
#include "form/xlsform.h"

struct catalog;

struct catalog_table {
    struct str name;
    const struct str *column;
    size_t columns;
    const struct str *cell; /* rows x columns */
    size_t rows;
    const size_t *line; /* of each row in its file; NULL: made by hand */
    const size_t *slot; /* of the index: row + 1, 0 empty; NULL: none */
    size_t slots;       /* power of two */
};

/* One table from its text; what catalog_load does for each. */
enum error catalog_read(struct arena *arena, struct str name, struct str text,
                        struct catalog_table *table, struct err *err);
enum error catalog_load(struct arena *arena, const struct form_files *files,
                        struct catalog **catalog, struct err *err);
/* NULL when the catalogue has no such table. name without .csv. */
const struct catalog_table *catalog_table(const struct catalog *catalog,
                                          const char *name);
size_t catalog_column(const struct catalog_table *table, const char *column);
/* SIZE_MAX: none */
struct str catalog_cell(const struct catalog_table *table, size_t row,
                        const char *column); /* STR_NULL: none */
/* Row whose first column is key, or SIZE_MAX. */
size_t catalog_find(const struct catalog_table *table, struct str key);
/* A translated column, label::Español (es) …, in the language or Spanish. */
struct str catalog_label(const struct catalog_table *table, size_t row,
                         const char *column, struct str language);
/* Shorthand: catalog_label(table, find(key), "label", language), or the key. */
struct str catalog_name(const struct catalog *catalog, const char *table,
                        struct str key, struct str language);
/* Parsed once at load: */
const struct role *catalog_role(const struct catalog *catalog, struct str name);
size_t catalog_holidays(const struct catalog *catalog, struct str country,
                        const int64_t **day); /* sorted */

#endif
