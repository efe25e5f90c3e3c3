/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_read_xls.c - .xls files: every one of the fixtures, cell by cell as
 * libfreexl reads it, as its .xlsx, .csv or .md twin says it, and after being
 * spoilt in many ways.
 */
#include "tap.h"

#include <freexl.h>
#include <math.h>
#include <time.h>

#include "core/buf.h"
#include "form/read/intake.h"
#include "form/read/read.h"
#include "form/read/biff.h"
#include "form/xls/xls_read.h"
#include "test/file.h"

#define FOLDER "../shared/standards/pyxform/tests/example_xls/"

static struct str read_file(struct arena *arena, struct str name)
{
    return file_read(arena, str_c(arena, str_join(arena, STR(FOLDER), name)));
}

/* --- against libfreexl ---------------------------------------------------- */

static struct str table_cell(const struct table *table, size_t row,
                             size_t column)
{
    for (size_t i = 0; i < table->rows; i++)
        if (table->row[i].number == row + 1)
            return column < table->row[i].count ? table->row[i].cell[column]
                                                : STR("");
    return STR("");
}

static bool same_cell(struct arena *arena, struct str ours,
                      const FreeXL_CellValue *theirs)
{
    double number;

    switch (theirs->type) {
    case FREEXL_CELL_INT:
        return str_equal(ours,
                         str_format(arena, "%d", theirs->value.int_value)) ||
               /* it tells no booleans */
               str_equal_c(ours, theirs->value.int_value ? "TRUE" : "FALSE");
    case FREEXL_CELL_DOUBLE:
        return str_to_double(ours, &number) &&
               fabs(number - theirs->value.double_value) <= 1e-9;
    case FREEXL_CELL_DATETIME:
        return ours.size >= 10 &&
               strncmp(ours.at, theirs->value.text_value, 10) == 0;
    default:
        return str_equal_c(ours, theirs->value.text_value);
    }
}

static size_t compare_sheet(struct arena *arena, const void *handle,
                            const struct table *table, size_t *cells)
{
    unsigned rows = 0;
    unsigned short columns = 0;
    size_t wrong = 0;

    freexl_worksheet_dimensions(handle, &rows, &columns);
    for (unsigned row = 0; row < rows; row++)
        for (unsigned short column = 0; column < columns; column++) {
            FreeXL_CellValue theirs;
            struct str ours = table_cell(table, row, column);

            if (freexl_get_cell_value(handle, row, column, &theirs))
                continue;
            *cells += ours.size > 0;
            if (theirs.type == FREEXL_CELL_NULL && ours.size > 0) {
                /* it passes over what a formula gave */
                printf("# only ours: %s %.*s\n",
                       str_c(arena, table_cell_name(arena, row + 1, column)),
                       STR_ARGS(ours));
                continue;
            }
            if (theirs.type == FREEXL_CELL_NULL)
                continue;
            if (same_cell(arena, ours, &theirs))
                continue;
            printf("# %.*s!%s: %.*s\n", STR_ARGS(table->name),
                   str_c(arena, table_cell_name(arena, row + 1, column)),
                   STR_ARGS(ours));
            wrong++;
        }
    return wrong;
}

static void check_freexl(struct tap *tap, struct arena *arena, const char *name,
                         struct str bytes)
{
    struct tables tables = {0};
    struct err err = {0};
    const void *handle;
    unsigned sheets = 0;
    size_t wrong = 0, cells = 0;

    if (!tap_ok(tap, !read_tables(arena, bytes, &tables, &err), "%s is read",
                name)) {
        printf("# %s %s\n", err.message, err.arg[0]);
        return;
    }
    if (freexl_open(str_c(arena, str_join(arena, STR(FOLDER), str_of(name))),
                    &handle) != FREEXL_OK) {
        tap_skip(tap, name, "libfreexl does not read it");
        return;
    }
    freexl_get_info(handle, FREEXL_BIFF_SHEET_COUNT, &sheets);
    for (unsigned i = 0; i < sheets && i < tables.count; i++) {
        freexl_select_active_worksheet(handle, (unsigned short)i);
        wrong += compare_sheet(arena, handle, &tables.table[i], &cells);
    }
    freexl_close(handle);
    tap_ok(tap, wrong == 0 && sheets == tables.count,
           "%s: %zu cells of %u sheets as libfreexl has them", name, cells,
           sheets);
}

/* --- against the twins ---------------------------------------------------- */

/* Rows and cells of a sheet, empty ones and their places left out. */
static struct str sheet_print(struct arena *arena, const struct xls_book *book,
                              const char *name)
{
    const struct xls_table *table = NULL;
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < book->count; i++)
        if (str_equal_nocase(book->table[i].name, str_of(name)))
            table = &book->table[i];
    for (size_t i = 0; table && i < table->rows; i++) {
        const struct xls_row *head = &table->row[0], *row = &table->row[i];

        for (size_t c = 0; c < head->count && c < row->count; c++)
            if (head->cell[c].size > 0 && row->cell[c].size > 0)
                buf_printf(&out, "%.*s=%.*s|",
                           STR_ARGS(xls_snake(arena, head->cell[c])),
                           STR_ARGS(i ? row->cell[c] : STR("")));
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

static bool text_print(struct arena *arena, struct str bytes, struct str *text)
{
    struct xls_book book;
    struct tables tables = {0};
    struct err err = {0};
    enum table_format format = table_format(bytes);
    struct str csv = bytes;

    if (format == TABLE_MARKDOWN &&
        markdown_read(arena, bytes, &tables, &err) == ERROR_NONE)
        csv = tables_form(arena, &tables);
    if ((format == TABLE_ZIP || format == TABLE_OLE) &&
        read_tables(arena, bytes, &tables, &err) == ERROR_NONE)
        csv = tables_form(arena, &tables);
    if (!xls_book_csv(arena, csv, &book, &err))
        return false;
    *text = str_format(arena, "%.*s\n-\n%.*s\n-\n%.*s",
                       STR_ARGS(sheet_print(arena, &book, "survey")),
                       STR_ARGS(sheet_print(arena, &book, "choices")),
                       STR_ARGS(sheet_print(arena, &book, "settings")));
    return true;
}

static void check_twin(struct tap *tap, struct arena *arena, const char *name,
                       struct str bytes, const char *ending)
{
    struct str stem = str_slice(str_of(name), 0, strlen(name) - 4), ours,
               theirs;
    struct str twin = read_file(arena, str_join(arena, stem, str_of(ending)));

    if (str_is_null(twin))
        return;
    /* gps.csv and widgets.csv are other forms than the .xls of that name */
    if (str_equal_c(str_of(ending), ".csv") &&
        (str_equal_c(stem, "gps") || str_equal_c(stem, "widgets")))
        return;
    if (text_print(arena, bytes, &ours) && text_print(arena, twin, &theirs))
        tap_is(tap, str_c(arena, ours), str_c(arena, theirs),
               str_c(arena, str_format(arena, "%s as its %s", name, ending)));
    else
        tap_ok(tap, false, "%s and its %s", name, ending);
}

/* --- spoilt --------------------------------------------------------------- */

static void put_u32(struct str bytes, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        ((char *)(uintptr_t)bytes.at)[at + i] = (char)(value >> (8 * i));
}

static uint32_t get_u32(struct str bytes, size_t at)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++)
        value |= (uint32_t)(unsigned char)bytes.at[at + i] << (8 * i);
    return value;
}

/* The directory entry of the stream. */
static size_t entry_at(struct str bytes)
{
    size_t at = ((size_t)get_u32(bytes, 48) + 1) * 512;

    while (at + 128 <= bytes.size && bytes.at[at] != 'W')
        at += 128;
    return at;
}

static bool refused(struct arena *arena, struct str bytes, const char *part)
{
    struct tables tables = {0};
    struct err err = {0};

    read_tables(arena, bytes, &tables, &err);
    printf("# %s\n", err.message ? err.message : "read");
    return err.code && str_find(str_of(err.message), str_of(part)) < SIZE_MAX;
}

static void check_circles(struct tap *tap, struct arena *arena,
                          struct str whole)
{
    size_t entry = entry_at(whole);
    uint32_t first = get_u32(whole, entry + 116);
    size_t table = ((size_t)get_u32(whole, 76) + 1) * 512;
    struct str copy = str_copy(arena, whole);
    clock_t began = clock();

    put_u32(copy, table + 4 * get_u32(copy, table + 4 * first), first);
    put_u32(copy, entry + 120, 0x7fffffff);
    tap_ok(tap, refused(arena, copy, "dañado"),
           "a circle of sectors that claims 2 GiB");
    copy = str_copy(arena, whole);
    put_u32(copy, table + 4 * first, first);
    tap_ok(tap, refused(arena, copy, "dañado"), "a sector behind itself");
    copy = str_copy(arena, whole);
    put_u32(copy, 68, first);
    put_u32(copy, ((size_t)first + 2) * 512 - 4, first);
    tap_ok(tap, refused(arena, copy, ""), "a circle in the table of tables");
    copy = str_copy(arena, whole);
    put_u32(copy, table + 4 * get_u32(copy, 48), get_u32(copy, 48));
    tap_ok(tap, (refused(arena, copy, ""), true), "a circular directory");
    tap_ok(tap, clock() - began < CLOCKS_PER_SEC, "all within a second");
}

/* The stream under another name. */
static void check_password(struct tap *tap, struct arena *arena,
                           struct str whole)
{
    struct str copy = str_copy(arena, whole);
    char *entry = (char *)(uintptr_t)copy.at + entry_at(whole);
    const char name[] = "EncryptedPackage";

    for (size_t i = 0; i < sizeof name; i++)
        entry[2 * i] = name[i];
    entry[64] = 2 * sizeof name;
    tap_ok(tap, refused(arena, copy, "contraseña"), "a password is told");
    entry[0] = 'e';
    tap_ok(tap, refused(arena, copy, "documento de Office"),
           "a document of another kind too");
}

/* A sheet that claims 65,536 rows of 256 cells takes no more room. */
static void check_claims(struct tap *tap, struct str whole)
{
    struct arena arena;
    struct str copy;
    struct tables tables = {0};
    struct err err = {0};
    size_t honest;

    arena_init(&arena, NULL);
    read_tables(&arena, whole, &tables, &err);
    honest = arena.total;
    copy = str_copy(&arena, whole);
    for (size_t i = 0; i + 16 < copy.size; i++)
        if (memcmp(copy.at + i, "\0\2\16\0", 4) == 0) {
            put_u32(copy, i + 8, 65536);
            put_u32(copy, i + 12, 256u << 16);
        }
    read_tables(&arena, copy, &tables, &err);
    tap_ok(tap, !err.code && arena.total < honest + (4u << 20),
           "a claimed range takes no room: %zu KiB", arena.total >> 10);
    arena_release(&arena);
}

static void check_spoilt(struct tap *tap, const char *name, struct str whole)
{
    size_t read = 0, tried = 0;
    uint64_t random = 88172645463325252u;

    for (size_t i = 0; i < 120; i++) {
        struct arena arena;
        struct str copy;
        struct tables tables = {0};
        struct err err = {0};

        arena_init(&arena, NULL);
        copy = str_copy(&arena, whole);
        for (size_t k = 0; k < 1 + i % 8; k++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ((char *)(uintptr_t)copy.at)[8 + random % (copy.size - 8)] =
                (char)(random >> 40);
        }
        if (i % 5 == 0)
            copy.size = 8 + random % (copy.size - 8);
        tried++;
        read += !read_tables(&arena, copy, &tables, &err);
        arena_release(&arena);
    }
    tap_ok(tap, true, "%s: %zu of %zu spoilt copies are still read", name, read,
           tried);
}

/* --- the stream by itself ------------------------------------------------- */

static void put_record(struct buf *out, unsigned id, const char *body,
                       size_t size)
{
    char head[4] = {(char)id, (char)(id >> 8), (char)size, (char)(size >> 8)};

    buf_add(out, head, 4);
    buf_add(out, body, size);
}
#define RECORD(id, body) put_record(&out, id, body, sizeof(body) - 1)

/* Two styles (none, a date), two texts of which one goes on in the next
 * record, a hidden sheet. */
static void check_stream(struct tap *tap, struct arena *arena)
{
    struct tables tables = {0};
    struct err err = {0};
    struct intake intake;
    struct buf out;
    size_t bound;

    buf_init(&out, arena);
    RECORD(0x0809, "\0\6\5\0");
    RECORD(0x0022, "\1\0");
    RECORD(0x00e0, "\0\0\0\0");
    RECORD(0x00e0, "\0\0\16\0");
    bound = out.size + 4;
    RECORD(0x0085, "\0\0\0\0\1\0\6\0survey");
    RECORD(0x00fc, "\2\0\0\0\2\0\0\0\3\0\0uno\5\0\10\1\0do");
    RECORD(0x003c, "\1s\0\xf1\0!\0\0\0\0\0");
    RECORD(0x1234, "\0\0");
    RECORD(0x000a, "");
    out.at[bound] = (char)out.size;
    RECORD(0x0809, "\0\6\20\0");
    RECORD(0x00fd, "\0\0\0\0\0\0\0\0\0\0");
    RECORD(0x00fd, "\0\0\1\0\0\0\1\0\0\0");
    RECORD(0x0205, "\0\0\2\0\0\0\1\0");
    RECORD(0x0205, "\0\0\3\0\0\0\0\0");
    RECORD(0x027e, "\1\0\1\0\1\0\x06\0\0\0");   /* 1, a day of 1904 */
    RECORD(0x027e, "\1\0\2\0\0\0\x53\x01\0\0"); /* 84 / 100 */
    RECORD(0x0006, "\1\0\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0\0\0");
    RECORD(0x0207, "\2\0\0hi");
    RECORD(0x0006, "\2\0\0\0\0\0\2\0\27\0\0\0\xff\xff\0\0\0\0\0\0");
    RECORD(0x0205, "\2\0\1\0\0\0\52\1");
    RECORD(0x00e5, "\1\0\0\0\0\0\2\0\3\0");
    RECORD(0x000a, "");
    if (intake_open(&intake, arena, &tables, &err))
        biff_stream_read(&intake, buf_str(&out));
    intake_close(&intake);
    tap_is(tap, err.message ? err.message : "", "", "a stream is read");
    if (tables.count == 0)
        return;
    tap_ok(tap, tables.table[0].hidden, "a hidden sheet");
    tap_is(tap, str_c(arena, tables_form(arena, &tables)),
           "survey\n,uno,dosñ!,TRUE\n,hi,1904-01-02,0.84\n,#REF!,#N/A\n",
           "texts across records, booleans, dates of 1904, formulas, errors, "
           "merged cells");
    tap_is_int(tap, (long long)tables.faults, 2, "two errors");
}

int main(void)
{
    static const char *const endings[] = {".xlsx", ".csv", ".md"};
    const char *name[TEST_FILES_MAX];
    struct tap tap = {0};
    struct arena arena;
    struct str own;
    size_t count;

    arena_init(&arena, NULL);
    check_stream(&tap, &arena);
    own = file_read(&arena, "test/data/form.xls");
    check_circles(&tap, &arena, own);
    check_claims(&tap, own);
    check_password(&tap, &arena, own);
    check_spoilt(&tap, "form.xls", own);
    count = file_names(&arena, FOLDER, ".xls", name);
    if (count == 0)
        tap_skip(&tap, "the fixtures", "no ../shared");
    for (size_t i = 0; i < count; i++) {
        struct str bytes = read_file(&arena, str_of(name[i]));

        check_freexl(&tap, &arena, name[i], bytes);
        for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
            check_twin(&tap, &arena, name[i], bytes, endings[k]);
        check_spoilt(&tap, name[i], bytes);
    }
    count = file_names(&arena, FOLDER, ".xlsx", name);
    for (size_t i = 0; i < count; i++) {
        struct str text;

        tap_ok(&tap,
               text_print(&arena, read_file(&arena, str_of(name[i])), &text) &&
                   text.size >= 6,
               "%s is read", name[i]);
    }
    arena_release(&arena);
    return tap_done(&tap);
}
