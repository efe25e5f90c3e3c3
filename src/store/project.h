/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* project.h - tables made from the log: one per kind, typed columns.
 *
 * Names in the database are generated (f_person, c_given_names …, at most 50
 * bytes, unique, case-folded) and kept in form_column; a retyped question
 * gets a new column; above 250 columns a sibling table follows. System
 * columns: _id _site _subject _clock _created (instant) _author _state (open,
 * closed, erased) _why (JSON of missing reasons) _conflict (JSON of fields
 * with several standing values). Repeats are child tables with _record and
 * _index. select_multiple is kept as its text.
 *
 * Also kept up: the search tokens (search.h) and `record` (site, id, kind,
 * subject, clock, state), the register of all records.
 */
#ifndef COBIJO_PROJECT_H
#define COBIJO_PROJECT_H

#include "store/log.h"

/* Makes or widens the tables of a form and its form_column rows. */
enum error project_install(struct db *db, const struct form *form,
                           struct err *err);
/* The indexes of columns that were added to a table that stood already: apart
 * from project_install and after it, so that nobody who reads waits while a
 * long table is gone through. */
enum error project_index(struct db *db, const struct form *form,
                         struct err *err);
/* Of a question in two versions: does the same column hold both? */
bool project_keeps_column(const struct question *was,
                          const struct question *now);

/* How many records have an answer to a question, and how many of them one of
 * these codes (of a select). count.c: one pass per table, however many. */
struct answer_count {
    struct str path; /* key, or repeat[]/key */
    const struct str *code;
    size_t codes;
    bool several;    /* the answer is a list of codes */
    int64_t records; /* out: a row of a repeat is not a record */
    int64_t *with;   /* out, parallel to code; allocated */
};
/* *records: of the kind, erased ones apart. */
enum error project_count(struct db *db, struct str site, struct str kind,
                         struct answer_count *count, size_t counts,
                         struct arena *arena, int64_t *records,
                         struct err *err);
/* Every different answer to a question, with the number of rows that have it.
 * Valid during the call. */
typedef void (*answer_taker)(void *context, struct str answer, int64_t rows);
enum error project_answers(struct db *db, struct str site, struct str kind,
                           struct str path, answer_taker take, void *context,
                           struct err *err);

/* Folds one entry in (log.c calls it): the fast way when it is the newest of
 * its record, else by refolding the record from its entries. */
enum error project_apply(const struct log *log, struct db *db,
                         const struct entry *entry, struct arena *arena,
                         struct err *err);

struct record {
    struct str id, kind, subject, author, state, form_version;
    int64_t clock, created;        /* created: instant */
    const struct value *answers;   /* as form.h says, with _why */
    const struct value *conflicts; /* {"field": ["value", …]} or NULL */
};

/* ERROR_NOT_FOUND (err untouched text "No se encontró …") when absent. */
enum error record_read(const struct log *log, struct db *db, struct str kind,
                       struct str id, struct arena *arena,
                       struct record *record, struct err *err);

struct record_filter {
    struct str kind;
    struct str subject; /* empty: any */
    const char *where;  /* extra condition over c_… names written
                           {question}, e.g. "{state} = $3"; in a
                           subquery {kind}, {kind.question}; literal
                           text of the program only; NULL none.
                           Parameters start at $3: $1 site, $2
                           subject. */
    const struct db_value *value;
    size_t value_count;
    const char *order;    /* "{due_at}, _id"; NULL: _clock DESC,_id */
    size_t limit, offset; /* 0: 100 */
};
/* {question} is replaced by the column's generated name, so SQL stays text
 * written by the program. Reads whole records (repeats too when with_rows).
 * Erased ones are in no list: what their row keeps is for counting only. */
enum error record_list(const struct log *log, struct db *db,
                       const struct record_filter *filter, bool with_rows,
                       struct arena *arena, struct record **record,
                       size_t *count, struct err *err);
/* A query of the program's over projections: {kind} and {kind.question} are
 * replaced by generated names; cached. For counts, Today and indicators. */
const char *project_sql(const struct log *log, struct db *db,
                        struct arena *arena, const char *sql, struct err *err);

#endif
