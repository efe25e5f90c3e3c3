/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* postgres_rows.h - the rows of a query on PostgreSQL; private to postgres*.c.
 * The functions are those of struct driver. */
#ifndef COBIJO_POSTGRES_ROWS_H
#define COBIJO_POSTGRES_ROWS_H

#include <libpq-fe.h>

#include "store/driver.h"

struct decoded {
    struct decoded *next;
};

struct result {
    PGresult *rows;
    int row;
    struct decoded *decoded; /* bytes handed out for this row */
};

bool postgres_next(struct rows *rows);
enum error postgres_end(struct rows *rows);
bool postgres_is_null(const struct rows *rows, size_t column);
int64_t postgres_integer(const struct rows *rows, size_t column);
double postgres_real(const struct rows *rows, size_t column);
struct str postgres_text(const struct rows *rows, size_t column);
struct str postgres_bytes(const struct rows *rows, size_t column);
struct str postgres_name(const struct rows *rows, size_t column);

#endif
