/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* people.h - what the t_people_* tests share: files, and one table of the
 * catalogue without the rest of it. */
#ifndef COBIJO_TEST_PEOPLE_H
#define COBIJO_TEST_PEOPLE_H

#include <stdio.h>

#include "core/csv.h"
#include "domain/catalog.h"

__attribute__((unused)) static struct str file_read(struct arena *arena,
                                                    const char *path)
{
    FILE *file = fopen(path, "rb");
    char *at;
    long size;

    if (!file)
        return STR_NULL;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    at = arena_alloc(arena, (size_t)size + 1);
    if (!at || fread(at, 1, (size_t)size, file) != (size_t)size)
        size = 0;
    fclose(file);
    return (struct str){at, (size_t)size};
}

__attribute__((unused)) static const struct catalog_table *
table_read(struct arena *arena, const char *path)
{
    struct str text = file_read(arena, path);
    struct catalog_table *table = ARENA_NEW(arena, struct catalog_table);
    struct str *cell = ARENA_ARRAY(arena, struct str, 100000);
    struct csv csv;
    struct csv_row row;
    struct err err = {0};

    if (str_is_null(text) || !table || !cell)
        return NULL;
    csv_init(&csv, text, ',');
    table->cell = cell;
    while (csv_next(&csv, arena, &row, &err)) {
        if (!table->columns) {
            struct str *column = ARENA_ARRAY(arena, struct str, row.count);

            for (size_t i = 0; column && i < row.count; i++)
                column[i] = str_trim(row.cell[i]);
            table->column = column;
            table->columns = row.count;
            continue;
        }
        for (size_t i = 0; i < table->columns; i++)
            cell[table->rows * table->columns + i] =
                i < row.count ? str_copy(arena, row.cell[i]) : STR_NULL;
        table->rows++;
    }
    return err.code ? NULL : table;
}

#endif
