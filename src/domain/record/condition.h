/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition.h - an expression that somebody wrote over the questions of a
 * kind, as SQL over its table: a list's filter, an indicator's condition.
 *
 * Names are checked before anything is translated, so that whoever wrote it
 * reads which name is wrong; what has no SQL is refused with the translator's
 * reason. Values are bound, never part of the text.
 */
#ifndef COBIJO_CONDITION_H
#define COBIJO_CONDITION_H

#include "domain/office.h"
#include "form/expr/sql.h"
#include "store/project.h"

struct condition {
    const struct form *form;   /* of the kind */
    const char *alias;         /* its table's: "r.", or "" */
    const struct form *person; /* ${person.sex} is hers; NULL: no such names */
    const char *person_alias;  /* "p." */
    /* Who asks: what she may not read she may not filter by, or the rows that
     * come back would tell. NULL: the program. */
    const struct role *role;
    /* What ${period_from} and ${period_to} stand for, as a date; 0 and 0: no
     * such names. */
    int64_t from_day, to_day;
    size_t first; /* number of the first parameter */
    enum sql_dialect dialect;
};

/* ERROR_INPUT with the reason. Values are as many as sql->count. */
enum error condition_sql(const struct task *task,
                         const struct condition *condition, struct str text,
                         enum sql_type type, struct expr_sql *sql,
                         struct err *err);
/* The values to bind, in the order of the parameters. */
void condition_values(const struct expr_sql *sql, struct db_value *value);
/* The same as what a list is filtered by: where, value, value_count. */
enum error condition_filter(const struct task *task, const struct form *form,
                            const struct role *role, struct str text,
                            struct record_filter *filter, struct err *err);
enum sql_dialect condition_dialect(const struct task *task);
/* May a role choose by this question? */
bool condition_reads(const struct role *role, const struct form *form,
                     const struct question *question);

#endif
