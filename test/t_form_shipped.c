/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The forms that come with the program: all are read without a problem, and
 * an empty answer to each can be checked. */
#include "core/buf.h"
#include "form/check.h"
#include "form/xlsform.h"

#include "file.h"
#include "tap.h"

static struct str catalog_file(void *context, struct str name)
{
    struct arena *arena = context;
    struct str path = str_format(arena, "catalog/%.*s", STR_ARGS(name));

    return file_read(arena, str_c(arena, path));
}

static void show(struct arena *arena, const struct form_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];

        printf("# %s%.*s %zu %.*s: %s\n", problem->warning ? "(warning) " : "",
               STR_ARGS(problem->sheet), problem->row,
               STR_ARGS(problem->column),
               str_c(arena, err_text(&problem->err, NULL, arena)));
    }
}

/* Languages without hints or messages are the only thing to be told. */
static bool only_translations(const struct form_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (!problems->problem[i].code ||
            strcmp(problems->problem[i].code, "TRANSLATION") != 0)
            return false;
    return true;
}

static void check_form(struct tap *tap, const char *name)
{
    struct form_problems problems = {0};
    struct check_options options = {.language = STR("es"),
                                    .now = 1795320000000,
                                    .utc_offset = -21600,
                                    .defaults = true};
    struct check_result result = {0};
    struct form_files files = {.file = catalog_file};
    const struct form *form;
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    files.context = &arena;
    form = xlsform_read(
        &arena,
        file_read(&arena, str_c(&arena, str_format(&arena, "forms/%s", name))),
        &files, &problems);
    tap_ok(tap, form && only_translations(&problems), "%s is read", name);
    show(&arena, &problems);
    if (form)
        tap_ok(tap,
               form_check(form, value_object(&arena), &options, &arena, &result,
                          &err) == ERROR_NONE,
               "%s can be checked", name);
    arena_release(&arena);
}

int main(void)
{
    const char *name[TEST_FILES_MAX];
    struct tap tap = {0};
    struct arena arena;
    size_t count;

    arena_init(&arena, NULL);
    count = file_names(&arena, "forms", ".csv", name);
    for (size_t i = 0; i < count; i++)
        check_form(&tap, name[i]);
    if (!count)
        tap_skip(&tap, "shipped forms", "no folder forms/ here");
    arena_release(&arena);
    return tap_done(&tap);
}
