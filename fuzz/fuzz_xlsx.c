/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The XML parts of an .xlsx without the zip around them, all in one input, cut
 * at NUL bytes: workbook, its relations, styles, shared texts, sheet, sheet.
 * Whatever comes out must be a table as the others expect it. */
#include "core/utf8.h"
#include "form/read/xlsx.h"
#include "form/xls/xls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct bytes_source {
    struct str rest;
};

static size_t bytes_next(void *context, char *bytes, size_t size)
{
    struct bytes_source *source = context;
    struct str part = str_slice(source->rest, 0, size);

    if (part.size > 0)
        memcpy(bytes, part.at, part.size);
    source->rest = str_slice(source->rest, part.size, source->rest.size);
    return part.size;
}

static bool part_read(struct xlsx *xlsx, struct str *rest,
                      bool (*read)(struct xlsx *, const struct xml_source *))
{
    struct bytes_source source = {STR_NULL};
    struct xml_source xml = {&source, bytes_next};

    return str_cut(rest, '\0', &source.rest) && read(xlsx, &xml);
}

static void check_tables(const struct tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        const struct table *table = &tables->table[i];
        size_t last = 0;

        for (size_t k = 0; k < table->rows; k++) {
            const struct table_row *row = &table->row[k];

            if (row->number <= last)
                abort();
            last = row->number;
            if (row->count && row->cell[row->count - 1].size == 0)
                abort();
            for (size_t c = 0; c < row->count; c++)
                if (utf8_invalid(row->cell[c]) != SIZE_MAX)
                    abort();
        }
    }
}

/* What was written must be read again with as many rows. */
static void check_text(struct arena *arena, const struct tables *tables)
{
    struct xls_book book;
    struct err err = {0};

    if (!xls_book_csv(arena, tables_form(arena, tables), &book, &err) &&
        !arena_failed(arena) && err.code != ERROR_INPUT)
        abort();
    if (tables_fullest(tables) < SIZE_MAX)
        tables_sheet(arena, tables, tables_fullest(tables));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str rest = {(const char *)bytes, size};
    struct tables tables = {0};
    struct err err = {0};
    struct intake intake;
    struct xlsx xlsx = {.intake = &intake, .folder = STR("xl/")};
    struct arena arena;
    bool good;

    arena_init(&arena, NULL);
    arena.limit = 256 << 20;
    good = intake_open(&intake, &arena, &tables, &err) &&
           part_read(&xlsx, &rest, xlsx_workbook) &&
           part_read(&xlsx, &rest, xlsx_workbook_rels) &&
           part_read(&xlsx, &rest, xlsx_styles) &&
           part_read(&xlsx, &rest, xlsx_strings);
    while (good && tables.count < 2)
        good =
            intake_sheet(&intake, tables.count ? STR("choices") : STR("survey"),
                         false) &&
            part_read(&xlsx, &rest, xlsx_sheet);
    if (good && intake_failed(&intake))
        abort();
    intake_close(&intake);
    if (!err.code) {
        check_tables(&tables);
        check_text(&arena, &tables);
    }
    arena_release(&arena);
    return 0;
}
