/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a spreadsheet: decoded, cut in rows, folded; cells written and
 * read again must be the same. */
#include "core/buf.h"
#include "core/csv.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_again(struct arena *arena, const struct csv_row *row)
{
    struct err err = {0};
    struct csv_row again = {0};
    struct csv csv;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < row->count; i++) {
        char first = row->cell[i].size ? row->cell[i].at[0] : 'x';

        if (i)
            buf_putc(&out, ',');
        if (memchr("=+-@\t\r", first, 6))
            buf_puts(&out, "cell");
        else
            buf_put_csv(&out, row->cell[i]);
    }
    csv_init(&csv, buf_str(&out), ',');
    if (csv.rest.size != out.size || !out.size || arena_failed(arena))
        return; /* an empty row, or one that looks like a "sep=" line */
    if (!csv_next(&csv, arena, &again, &err) && !arena_failed(arena))
        abort();
    if (!arena_failed(arena) && again.count != row->count)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct err err = {0};
    struct csv_row row;
    struct arena arena;
    struct csv csv;
    struct str text;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    text = csv_decode(&arena, (struct str){(const char *)bytes, size}, NULL);
    if (!arena_failed(&arena) && utf8_invalid(text) != SIZE_MAX)
        abort();
    csv_init(&csv, text, csv_guess_separator(text));
    while (csv_next(&csv, &arena, &row, &err)) {
        struct str nfc = utf8_nfc(&arena, row.cell[0]);

        if (!arena_failed(&arena) && !str_equal(utf8_nfc(&arena, nfc), nfc) &&
            !arena_failed(&arena))
            abort();
        utf8_fold(&arena, row.cell[0], true);
        check_again(&arena, &row);
    }
    arena_release(&arena);
    return 0;
}
