/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_columns.h - what each column of a spreadsheet is: proposed on the page
 * of an import, put right there, and sent again with the file. */
#ifndef COBIJO_IMPORT_COLUMNS_H
#define COBIJO_IMPORT_COLUMNS_H

#include "web/page.h"

/* Names that an import knows and that are no question of the form. */
struct import_special {
    const char *name, *msgid;
};

/* [{name, label, chosen}] of the questions of a kind that this role reads,
 * after count special ones. */
struct value *import_fields(struct view *view, const char *kind,
                            const struct import_special *special, size_t count,
                            struct str chosen);
/* What was sent of it, as CSV: heading,field,values. Null: nothing. */
struct str import_columns_sent(struct view *view);

#endif
