/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* level.h - the answers an expression sees: the record, and inside it the
 * rows of repeats, each above the next.
 *
 * A level reads a value tree (object) or check.c's working array, where the
 * text of a question stands at its index, counted from the level's first.
 */
#ifndef COBIJO_EXPR_LEVEL_H
#define COBIJO_EXPR_LEVEL_H

#include "form/form.h"

struct level;

struct level_rows {
    struct level **row;
    size_t count;
};

struct level {
    const struct level *up;
    const struct question *repeat; /* whose row it is; NULL: the record */
    size_t position;               /* of the row, from 1 */
    const struct value *object;
    struct str *text;        /* when object is NULL */
    struct level_rows *rows; /* the same, at the index of the repeat */
    size_t first;            /* index of the question at text[0] */
};

struct str level_text(const struct level *level,
                      const struct question *question, struct arena *arena);
size_t level_row_count(const struct level *level,
                       const struct question *repeat);
/* The row at index (from 0); it must exist. */
struct level level_row(const struct level *level, const struct question *repeat,
                       size_t index);

#endif
