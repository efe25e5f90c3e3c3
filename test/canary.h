/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* canary.h - looks for a word in every column of every table of the store,
 * whatever its type: what was erased stands nowhere. */
#ifndef COBIJO_TEST_CANARY_H
#define COBIJO_TEST_CANARY_H

#include <ctype.h>

#include "domain_fixture.h"

/* table.column of all, the ones PostgreSQL or SQLite name. */
__attribute__((unused)) static size_t
canary_columns(struct fixture *fixture, struct str **table, struct str **column)
{
    static const char *const query[] = {
        "SELECT m.name, p.name FROM sqlite_master m"
        " JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
        "SELECT table_name::text, column_name::text"
        " FROM information_schema.columns"
        " WHERE table_schema = current_schema()"};
    struct err err = {0};
    struct rows rows;
    size_t count = 0;

    *table = ARENA_ARRAY(&fixture->arena, struct str, 5000);
    *column = ARENA_ARRAY(&fixture->arena, struct str, 5000);
    db_query(fixture->db, &rows, &err, query[fixture->postgres], "");
    while (rows_next(&rows) && count < 5000) {
        (*table)[count] = str_copy(&fixture->arena, rows_text(&rows, 0));
        (*column)[count++] = str_copy(&fixture->arena, rows_text(&rows, 1));
    }
    if (rows_end(&rows))
        fixture_say(&err);
    return count;
}

/* How many rows hold the word; says where. */
__attribute__((unused)) static int64_t canary_count(struct fixture *fixture,
                                                    const char *word, bool say)
{
    struct str *table, *column;
    size_t count = canary_columns(fixture, &table, &column);
    int64_t all = 0;

    if (!count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        char text[1000], value[300];
        struct err err = {0};
        int64_t found = 0;
        bool row;

        snprintf(value, sizeof value,
                 fixture->postgres ? "\"%s\".\"%s\"::text"
                                   : "CAST(\"%s\".\"%s\" AS TEXT)",
                 str_c(&fixture->arena, table[i]),
                 str_c(&fixture->arena, column[i]));
        /* PostgreSQL writes bytes in hex: looked for in hex, too */
        snprintf(text, sizeof text,
                 "SELECT count(*) FROM \"%s\" WHERE %s LIKE $1 OR %s LIKE $2",
                 str_c(&fixture->arena, table[i]), value, value);
        {
            struct buf hex;

            buf_init(&hex, &fixture->arena);
            buf_puts(&hex, "%");
            for (const char *at = word; *at; at++)
                buf_printf(&hex, "%02x", (unsigned)(unsigned char)*at);
            buf_puts(&hex, "%");
            if (db_get_int(fixture->db, &found, &row, &err, text, "tt",
                           str_format(&fixture->arena, "%%%s%%", word),
                           buf_str(&hex)))
                fixture_say(&err);
        }
        if (found && say)
            printf("# %s: %lld in %s.%s\n", word, (long long)found,
                   str_c(&fixture->arena, table[i]),
                   str_c(&fixture->arena, column[i]));
        all += err.code ? 1 : found;
    }
    return all;
}

#endif
