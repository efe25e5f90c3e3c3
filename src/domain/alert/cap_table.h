/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap_table.h - the table cap.def for those who walk it: reading, checking and
 * writing. Private to cap_*.c. */
#ifndef COBIJO_CAP_TABLE_H
#define COBIJO_CAP_TABLE_H

#include "domain/alert/cap.h"

enum cap_type {
    CAP_ALERT, /* groups */
    CAP_INFO,
    CAP_PAIR,
    CAP_RESOURCE,
    CAP_AREA,
    CAP_NAME, /* texts: one that is referred to */
    CAP_TEXT,
    CAP_TIME,
    CAP_CHOICE,
    CAP_LANGUAGE,
    CAP_LINK,
    CAP_DATA, /* a file inside the document */
    CAP_INTEGER,
    CAP_DECIMAL
};

struct cap_row {
    enum cap_type group;
    const char *name;
    enum cap_type type;
    int least, many;
    const char *choices; /* of CAP_CHOICE, separated by spaces */
};

const struct cap_row *cap_rows(size_t *count);
bool cap_is_group(enum cap_type type);
/* Is a text what its row demands? */
void cap_check_text(const struct cap_row *row, struct str text, struct str path,
                    struct cap_problems *problems);

#endif
