/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* indicator.h - what the figures are, as catalog/indicator.csv says it and a
 * site's own table adds: which records of which kind, in which period, under
 * which condition, counted how. Conditions are expressions of XLSForm over the
 * questions of the kind; report.c has them counted by the database.
 *
 * A row is one part of an indicator; parts with the same code add up. A site's
 * table ("site/indicator.csv" of the office's files) adds indicators, and one
 * with a code that is shipped stands in its place. What cannot be counted is a
 * problem, told with row, column and reason when the table is read; it does
 * not keep the program from starting, and its figure says the reason.
 */
#ifndef COBIJO_INDICATOR_H
#define COBIJO_INDICATOR_H

#include "domain/office.h"

/* The words of the column `count`. */
enum measure_count {
    MEASURE_RECORDS,      /* records */
    MEASURE_PERSONS,      /* persons: each once (under each code, too) */
    MEASURE_SUM,          /* sum of `amount` */
    MEASURE_MEDIAN,       /* median of `amount` */
    MEASURE_SHARE,        /* share of records that meet `numerator` */
    MEASURE_PERSON_SHARE, /* the same of persons */
    MEASURE_PER_CODE,     /* records for each code of the first of `by` */
    MEASURE_COUNT
};

enum { MEASURE_BY_MAX = 4 };

struct measure {
    const struct catalog_table *table;
    size_t row;
    enum measure_count count;
    struct str kind;
    struct str date; /* of the period: a question, _created, or empty: any */
    struct str filter, numerator, amount; /* expressions, or empty */
    struct str by[MEASURE_BY_MAX];        /* questions that split it */
    size_t by_count;
    struct str query; /* report_own.def counts it instead; else empty */
    bool grid;        /* the row says of whom: sex and age_band below, "" being
                         not known */
    struct str sex, age_band;
};

struct indicator {
    struct str code;
    struct measure *part; /* the first row's labels are the indicator's */
    size_t parts;
};

struct indicators {
    struct indicator *indicator;
    size_t count;
    struct form_problems problems;
};

/* Reads what the catalogue and the site say, and checks it against the forms
 * in use. Problems are in the list; what it says stays. */
enum error indicators_read(struct office *office, struct db *db,
                           struct err *err);
/* The same for a table from elsewhere, beside those that are there. */
enum error indicators_check(struct task *task, struct str csv,
                            struct form_problems *problems, struct err *err);
const struct indicator *indicator_find(const struct indicators *indicators,
                                       struct str code);

#endif
