/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build.c - the door: a text is read as an XLSForm (form/xls/), and what comes
 * of it becomes struct form. Files, languages, settings, lists, questions,
 * names, expressions, order, in that order; each stage goes on after an error,
 * its own or the reader's, so that one reading tells all. */
#include "form/build/build.h"
#include "form/list_file.h"

static int sheet_rank(struct str sheet)
{
    return str_equal_c(sheet, "survey")     ? 0
           : str_equal_c(sheet, "choices")  ? 1
           : str_equal_c(sheet, "settings") ? 2
                                            : 3;
}

static bool comes_after(const struct form_problem *a,
                        const struct form_problem *b)
{
    int rank = sheet_rank(a->sheet), other = sheet_rank(b->sheet);

    return rank != other ? rank > other : a->row > b->row;
}

void form_problems_sort(struct form_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct form_problem one = problems->problem[i];
        size_t at = i;

        for (; at > 0 && comes_after(&problems->problem[at - 1], &one); at--)
            problems->problem[at] = problems->problem[at - 1];
        problems->problem[at] = one;
    }
}

static void build_all(struct building *building)
{
    build_cobijo_columns(building);
    build_files(building);
    build_languages(building);
    build_settings(building);
    build_lists(building);
    build_survey(building);
    if (!building->draft)
        return;
    build_names(building);
    build_expressions(building);
    build_order(building);
}

/* What is wrong with the file itself: it is no table. */
static void tell_file(struct arena *arena, struct form_problems *problems,
                      const struct err *err)
{
    struct form_problem *problem = ARENA_NEW(arena, struct form_problem);

    *problems = (struct form_problems){.problem = problem, .errors = 1};
    if (!problem)
        return;
    problems->count = 1;
    *problem =
        (struct form_problem){.sheet = STR(""), .column = STR(""), .row = 1};
    problem->err = *err;
}

static void tell_memory(struct form_problems *problems)
{
    problems->errors++;
    if (problems->count == 0)
        return;
    problems->problem[0] = (struct form_problem){0};
    err_memory(&problems->problem[0].err);
}

static const struct form *form_read(struct building *building, struct str csv,
                                    struct form_problems *problems)
{
    struct arena *arena = building->arena;
    struct xls_book book = {0};
    struct err err = {0};

    *problems = (struct form_problems){0};
    if (xls_book_csv(arena, csv, &book, &err)) {
        building->xls =
            xls_gather(arena, &book, STR("data"), STR(""), problems);
        building->form = ARENA_NEW(arena, struct form);
        if (building->xls && building->xls->node && building->form) {
            building->form->source = csv;
            build_all(building);
        }
        form_problems_sort(problems);
    } else {
        tell_file(arena, problems, &err);
    }
    if (arena_failed(arena)) {
        tell_memory(problems);
        return NULL;
    }
    return building->draft && !building->clash ? building->form : NULL;
}

const struct form *xlsform_read(struct arena *arena, struct str csv,
                                const struct form_files *files,
                                struct form_problems *problems)
{
    struct building building = {.arena = arena, .files = files};
    const struct form *form = form_read(&building, csv, problems);

    return problems->errors ? NULL : form;
}

const struct form *xlsform_read_kept(struct arena *arena, struct str csv,
                                     const struct form_files *files,
                                     struct form_problems *problems)
{
    struct building building = {.arena = arena, .files = files};

    return form_read(&building, csv, problems);
}

size_t xlsform_files(struct arena *arena, struct str csv, struct str **name)
{
    struct form_problems problems = {0};
    struct xls_book book = {0};
    struct err err = {0};
    struct xls *xls = NULL;
    struct str *media = NULL;
    size_t count = 0, media_count = 0;

    *name = NULL;
    if (xls_book_csv(arena, csv, &book, &err))
        xls = xls_gather(arena, &book, STR("data"), STR(""), &problems);
    if (xls)
        media_count = xls_media_files(xls, &media);
    if (xls)
        *name =
            ARENA_ARRAY(arena, struct str, xls->instances + media_count + 1);
    for (size_t i = 0; *name && i < xls->instances; i++) {
        struct str file = xls_instance_file(&xls->instance[i]);

        if (file.size > 0 && list_file_is(file) && !xls_book_table(&book, file))
            (*name)[count++] = file;
    }
    for (size_t i = 0; *name && i < media_count; i++)
        if (!xls_book_table(&book, media[i]))
            (*name)[count++] = media[i];
    return count;
}
