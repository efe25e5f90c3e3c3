/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A form in Markdown: its tables, the text they become, the form that is. */
#include "form/table.h"
#include "form/xlsform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct form_problems problems = {0};
    struct tables tables = {0};
    struct err err = {0};
    struct arena arena;
    const struct form *form;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (markdown_read(&arena, text, &tables, &err) == ERROR_NONE) {
        size_t best = tables_fullest(&tables);

        for (size_t i = 0; i < tables.count; i++)
            for (size_t k = 1; k < tables.table[i].rows; k++)
                if (tables.table[i].row[k].number <=
                    tables.table[i].row[k - 1].number)
                    abort();
        tables_form(&arena, &tables);
        if (best < SIZE_MAX)
            tables_sheet(&arena, &tables, best);
    }
    form = xlsform_read(&arena, text, NULL, &problems);
    if ((form != NULL) != (problems.errors == 0))
        abort();
    arena_release(&arena);
    return 0;
}
