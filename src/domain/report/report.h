/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report.h - the month's figures: REG-01 to REG-06 and ASI-01 to ASI-08 of
 * catalog/indicator.csv, disaggregated by sex, age band, nationality and
 * country of birth.
 *
 * Definitions are data (catalog/indicator.csv), how each one is counted too;
 * only what no expression says is a named query in report_own.def. Not asked
 * and refused are shown beside the figure, never as zero.
 */
#ifndef COBIJO_REPORT_H
#define COBIJO_REPORT_H

#include "domain/office.h"

struct period {
    int64_t from_day, to_day; /* both inclusive, days at the site */
};

/* {name, from, to, site, made_at, indicators:[{code, version, label,
 *   how_counted, unit, value, numerator, denominator, unknown:{…},
 *   by:{sex:[{code,label,count}], age_band:[…], nationality:[…],
 *   country_of_birth:[…]}, rows:[…] (ASI-02, -03, -07: by code)}]} */
enum error report_monthly(struct task *task, struct period period,
                          struct value **report, struct err *err);
/* One line per figure: indicator, version, disaggregation, code, value,
 * denominator, how counted. */
void report_csv(struct task *task, const struct value *report, struct buf *out);
/* The records behind a figure (right report.records): ids and labels. */
enum error report_records(struct task *task, struct period period,
                          struct str indicator, struct value **records,
                          struct err *err);

#endif
