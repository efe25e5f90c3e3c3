/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report_private.h - what the report files share: measure.c writes the query
 * of all measures of a kind, report.c adds its rows up, report_view.c makes
 * the tree of it.
 */
#ifndef COBIJO_REPORT_PRIVATE_H
#define COBIJO_REPORT_PRIVATE_H

#include "domain/report/indicator.h"
#include "domain/report/report.h"
#include "form/expr/sql.h"
#include "store/project.h"

enum { REPORT_RECORDS_MAX = 1000 };

/* --- one query ------------------------------------------------------------ */

/* The columns of every query; what a measure needs stands behind them. */
enum {
    ROW_ID,
    ROW_PERSON,
    ROW_SEX,
    ROW_AGE,
    ROW_NATIONALITY,
    ROW_BIRTH,
    ROW_BIRTH_DATE,
    ROW_AGE_YEARS,
    ROW_AGE_ON,
    ROW_FOUND,
    ROW_OWN
};
enum { NO_COLUMN = 0 }; /* ROW_ID is nobody's */

/* A measure within a query and where its columns are. */
struct measured {
    const struct measure *measure;
    struct counting *counting;
    size_t in, good, amount, by[MEASURE_BY_MAX];
};

struct pass {
    struct measured *measured;
    size_t count;
    bool listed;     /* asked for a list: without what was erased */
    const char *sql; /* for project_sql */
    struct db_value *value;
    size_t values;
};

/* The measures of one kind, or one that has a query of its own. ERROR_INPUT:
 * a measure cannot be counted; *wrong says which and *column where. */
struct measure_wrong {
    size_t which;
    const char *column;
};
enum error pass_write(struct task *task, struct period period,
                      enum sql_dialect dialect, struct pass *pass,
                      struct measure_wrong *wrong, struct err *err);
enum error pass_open(struct task *task, const struct pass *pass,
                     struct rows *rows, struct err *err);
/* The records of the kind are about a person, or are persons. */
bool measure_has_person(const struct task *task, const struct measure *measure);
/* Some of the four: sex, age, nationality, country of birth. */
bool measure_has_who(const struct task *task, const struct measure *measure);
bool measure_query_known(struct str name);
/* What it counts are records that can be shown. */
bool measure_listed(const struct measure *measure);
/* The question that `by` names, of the kind or the linked person. */
const struct question *measure_by(const struct task *task,
                                  const struct measure *measure, size_t which,
                                  const struct form **form);

/* --- what was counted ----------------------------------------------------- */

enum { WHO = 4, DIMENSIONS = WHO + MEASURE_BY_MAX };

struct cell {
    struct str code;
    double good, all;
};

struct cells {
    struct cell *cell;
    size_t count, capacity;
};

struct counting {
    struct task *task;
    const struct indicator *indicator;
    struct arena *arena;
    struct cells cells[DIMENSIONS];
    double good, all;
    double *amount; /* for medians */
    size_t amounts, amount_capacity;
    uint64_t *seen; /* open hash of scope and person */
    size_t seen_count, seen_capacity;
    struct err err; /* why it cannot be counted */
};

/* report_view.c */
struct value *indicator_view(struct counting *counting);

#endif
