/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* postgres_rows.c - what PostgreSQL answered, row by row: texts into values. */
#include "store/postgres_rows.h"

static void decoded_free(struct result *result)
{
    while (result->decoded) {
        struct decoded *next = result->decoded->next;

        free(result->decoded);
        result->decoded = next;
    }
}

bool postgres_next(struct rows *rows)
{
    struct result *result = rows->statement;

    decoded_free(result);
    result->row++;
    rows->place++;
    return result->row < PQntuples(result->rows);
}

enum error postgres_end(struct rows *rows)
{
    struct result *result = rows->statement;

    decoded_free(result);
    PQclear(result->rows);
    free(result);
    return rows->error;
}

bool postgres_is_null(const struct rows *rows, size_t column)
{
    const struct result *result = rows->statement;

    return PQgetisnull(result->rows, result->row, (int)column) != 0;
}

static const char *field(const struct rows *rows, size_t column)
{
    const struct result *result = rows->statement;

    return PQgetvalue(result->rows, result->row, (int)column);
}

int64_t postgres_integer(const struct rows *rows, size_t column)
{
    const char *text = field(rows, column);

    if (*text == 't') /* a boolean, as SQLite gives it */
        return 1;
    return strtoll(text, NULL, 10);
}

double postgres_real(const struct rows *rows, size_t column)
{
    double value = 0;

    str_to_double(str_of(field(rows, column)), &value);
    return value;
}

struct str postgres_text(const struct rows *rows, size_t column)
{
    const struct result *result = rows->statement;

    if (postgres_is_null(rows, column))
        return STR_NULL;
    return (struct str){
        field(rows, column),
        (size_t)PQgetlength(result->rows, result->row, (int)column)};
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

struct str postgres_bytes(const struct rows *rows, size_t column)
{
    struct result *result = rows->statement;
    struct str text = postgres_text(rows, column);
    struct decoded *made;
    size_t size;
    char *out;

    if (text.size < 2 || text.at[0] != '\\' || text.at[1] != 'x')
        return text;
    size = (text.size - 2) / 2;
    made = malloc(sizeof(*made) + size + 1);
    if (!made)
        return STR_NULL;
    made->next = result->decoded;
    result->decoded = made;
    out = (char *)(made + 1);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(hex_digit(text.at[2 + 2 * i]) << 4 |
                        hex_digit(text.at[3 + 2 * i]));
    return (struct str){out, size};
}

struct str postgres_name(const struct rows *rows, size_t column)
{
    const struct result *result = rows->statement;

    return str_of(PQfname(result->rows, (int)column));
}
