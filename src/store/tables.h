/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tables.h - which table and column of the database holds which question, and
 * the way of a record into them and out.
 *
 * form_column is read once per connection and kept; a version that is not
 * known there makes it read again. columns.c makes tables and knows names,
 * rows.c writes and reads records. Answers that no column can hold as they
 * are (of a question that the form no longer has, a number written "03")
 * stand in _other, as JSON.
 */
#ifndef COBIJO_TABLES_H
#define COBIJO_TABLES_H

#include "store/fold.h"

enum { TABLE_COLUMNS_MAX = 250, TABLE_NAME_MAX = 50 };

struct column {
    struct str key;   /* how answers call it within its table */
    char type;        /* t text, y date, i integer, d double, m instant;
                         r: a repeat with a table of its own */
    const char *name; /* of a repeat: its table's */
    int64_t position;
};

/* One table, columns of all versions. The form's own comes first. */
struct table {
    const char *name;
    struct str path; /* "": the form; "children[]": a repeat */
    bool sibling;    /* more columns of the form's own table */
    size_t parent;   /* of a repeat: the table its column stands in */
    struct column *column;
    size_t count, capacity;
    const char *columns; /* "c_a, c_b …" of those that are columns */
    size_t width;        /* how many */
    const char *write, *clear, *read; /* SQL */
};

struct table_version {
    struct str version;
    int64_t round;       /* the newest has the highest */
    unsigned char **has; /* has[table][column]: this version writes it */
};

struct form_tables {
    struct str form;
    struct table *table;
    size_t count;
    struct table_version *version;
    size_t versions;
    const char *list; /* SELECT … FROM … of whole records */
    const char *from; /* the form's table, with siblings joined */
    struct form_tables *next;
};

/* NULL in *tables when the form was never installed. version NULL: any. */
enum error tables_of(struct db *db, struct str form, const struct str *version,
                     const struct form_tables **tables, struct err *err);
const struct table_version *tables_version(const struct form_tables *tables,
                                           struct str version);
void tables_forget(struct db *db);
/* The column that holds a question in the newest version; NULL: none. path:
 * key, or repeat[]/key. *table may be NULL. */
const struct column *tables_find(const struct form_tables *tables,
                                 struct str path, const struct table **table);
/* Cuts "a[]/b[]/key" into the table's path "a[]/b[]" and "key". */
struct str tables_path(struct str path, struct str *key);
/* Every table of projections there is: for rebuilding, and for tests. */
enum error tables_names(struct db *db, struct arena *arena, const char ***names,
                        size_t *count, struct err *err);

/* A value of a column as the answer it was. */
struct str column_text(const struct rows *rows, size_t at, char type,
                       struct arena *arena);

/* columns.c calls it when all columns are known. */
void rows_sql(struct form_tables *tables, struct arena *arena);

/* fresh: there is no row of this record yet. */
enum error rows_write(struct db *db, const struct form_tables *tables,
                      struct str site, const struct fold *fold, bool fresh,
                      struct arena *arena, struct err *err);
/* fold->state is null when there is no such record. */
enum error rows_read(struct db *db, const struct form_tables *tables,
                     struct str site, struct str id, struct arena *arena,
                     struct fold *fold, struct err *err);
/* A row of tables->list, without its repeats. */
void rows_fold(const struct rows *rows, const struct form_tables *tables,
               struct arena *arena, struct fold *fold);
/* Adds the repeats of a record to fold->answers. */
enum error rows_read_repeats(struct db *db, const struct form_tables *tables,
                             struct str site, struct str id,
                             struct arena *arena, struct fold *fold,
                             struct err *err);

#endif
