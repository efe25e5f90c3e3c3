/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An .xls: with its first byte d0 the whole compound file, otherwise the bare
 * records of its workbook, which a mutation reaches more easily. */
#include "core/utf8.h"
#include "form/read/biff.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

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
            for (size_t c = 0; c < row->count; c++)
                if (utf8_invalid(row->cell[c]) != SIZE_MAX)
                    abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct tables tables = {0};
    struct err err = {0};
    struct intake intake;
    struct arena arena;
    bool good = false;

    arena_init(&arena, NULL);
    arena.limit = 256 << 20;
    if (intake_open(&intake, &arena, &tables, &err))
        good = table_format(text) == TABLE_OLE
                   ? biff_read(&intake, text)
                   : biff_stream_read(&intake, text);
    if (good == intake_failed(&intake))
        abort();
    intake_close(&intake);
    if (!err.code)
        check_tables(&tables);
    arena_release(&arena);
    return 0;
}
