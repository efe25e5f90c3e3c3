/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_read.c - from the sheets to an XLSForm that is checked, in this order:
 * sheets, settings, choices, survey, names, what each row says, references,
 * triggers, entities, instances. A stage goes on after an error, so that one
 * reading tells all. */
#include "form/xls/xls_read.h"

static void tags_read(struct xls *xls)
{
    const struct xls_table *table = xls->osm.table;

    for (size_t i = 1; table && i < table->rows; i++) {
        const struct xls_row *row = &table->row[i];
        struct str name = STR("");
        struct xls_list *list = NULL;
        struct xls_choice tag = {.row = row->number};

        for (size_t j = 0; j < xls->osm.columns && j < row->count; j++) {
            struct str header =
                xls_snake(xls->arena, xls->osm.column[j].header);
            struct str cell = xls_clean(xls, row->cell[j]);

            if (str_equal_c(header, "list_name"))
                name = cell;
            else if (str_equal_c(header, "name"))
                tag.name = cell;
            else if (str_equal_c(header, "label") && cell.size > 0) {
                tag.texts.text = ARENA_NEW(xls->arena, struct xls_text);
                if (!tag.texts.text)
                    return;
                *tag.texts.text = (struct xls_text){
                    .kind = XLS_TEXT_LABEL, .language = STR(""), .text = cell};
                tag.texts.count = 1;
            }
        }
        for (size_t j = 0; j < xls->tag_lists; j++)
            if (str_equal(xls->tags[j].name, name))
                list = &xls->tags[j];
        if (!list)
            list = xls_list_new(xls, &xls->tags, &xls->tag_lists, name);
        if (list)
            xls_choice_add(xls, list, &tag);
    }
}

static void read_all(struct xls *xls)
{
    if (!xls_sheets(xls))
        return;
    xls_translations(xls);
    xls_choices(xls);
    tags_read(xls);
    xls_survey(xls);
    xls_check_names(xls);
    if (!xls->node)
        return;
    xls_check_nodes(xls);
    xls_lists_settle(xls);
    xls_check_references(xls);
    xls_triggers(xls);
    xls_entities(xls);
    xls_instances(xls);
    if (xls->other_used && xls->translated)
        xls_problem(xls, XLS_OTHER_TRANSLATED,
                    (struct xls_place){"survey", 1, STR("type")}, STR(""),
                    STR(""), STR(""));
}

struct xls *xls_gather(struct arena *arena, const struct xls_book *book,
                       struct str root, struct str id,
                       struct form_problems *problems)
{
    struct xls *xls = ARENA_NEW(arena, struct xls);

    *problems = (struct form_problems){0};
    if (!xls)
        return NULL;
    *xls = (struct xls){.arena = arena,
                        .problems = problems,
                        .book = book,
                        .given_root = root,
                        .given_id = id};
    read_all(xls);
    return arena_failed(arena) ? NULL : xls;
}

struct xls *xls_read(struct arena *arena, const struct xls_book *book,
                     struct str root, struct str id,
                     struct form_problems *problems)
{
    struct xls *xls = xls_gather(arena, book, root, id, problems);

    return problems->errors ? NULL : xls;
}
