/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report_private.h - what the report files share. */
#ifndef COBIJO_REPORT_PRIVATE_H
#define COBIJO_REPORT_PRIVATE_H

#include "store/project.h"

enum count_what { COUNT_CASES, COUNT_PERSONS, COUNT_SHARE, COUNT_MEDIAN };
enum { REPORT_RECORDS_MAX = 1000 };

struct count_def {
    const char *code;
    enum count_what what;
    const char *sql;
};
extern const struct count_def count_table[];
extern const size_t count_defs;

#endif
