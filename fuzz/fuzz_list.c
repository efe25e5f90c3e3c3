/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A list of choices in a file (the first byte says which format): read, kept
 * with a form, written again; what was written is read as the same rows. */
#include "form/list_file.h"
#include "form/read/read.h"
#include "form/xls/xls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum error tables_of(void *context, struct arena *arena,
                            struct str bytes, struct tables *tables,
                            struct err *err)
{
    (void)context;
    return read_tables(arena, bytes, tables, err);
}

static const struct host host = {.read_tables = tables_of};

static void written_again(struct arena *arena, struct str name,
                          const struct table *table)
{
    struct str text = list_file_write(arena, table);
    struct tables again = {0};
    struct err err = {0};

    /* XML names its columns by elements: not every heading is a name */
    if (str_is_null(text) || str_ends(name, STR(".xml")) ||
        list_file_read(&host, arena, name, text, &again, &err))
        return;
    if (again.table[0].rows > table->rows + 1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct str names[] = {
        {"a.csv", 5}, {"a.xml", 5}, {"a.geojson", 9}};
    struct tables tables = {0};
    struct xls_book book;
    struct err err = {0};
    struct arena arena;
    struct str text, name;

    if (size == 0)
        return 0;
    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    name = names[bytes[0] % 3];
    text = (struct str){(const char *)bytes + 1, size - 1};
    if (list_file_read(&host, &arena, name, text, &tables, &err) ==
        ERROR_NONE) {
        size_t rows = tables.table[0].rows;

        text = list_files_join(&arena, STR("survey\n,type,name\n"), &tables);
        if (!arena_failed(&arena) && rows < 1000 &&
            xls_book_csv(&arena, text, &book, &err) && book.count < 2)
            abort();
        written_again(&arena, name, &tables.table[0]);
    }
    arena_release(&arena);
    return 0;
}
