/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_reference.c - ${name}: found in texts, looked up, checked in every cell.
 */
#include "form/xls/xls_read.h"

bool xls_has_reference(struct str text)
{
    return str_find(text, STR("${")) < SIZE_MAX;
}

bool xls_ref_next(struct str text, size_t *at, struct xls_ref *ref)
{
    struct str rest = str_slice(text, *at, text.size), name;
    size_t from = str_find(rest, STR("${")), to, open;

    if (from == SIZE_MAX)
        return false;
    rest = str_slice(rest, from + 2, rest.size);
    to = str_find_char(rest, '}');
    open = str_find(rest, STR("${"));
    *ref = (struct xls_ref){.from = *at + from};
    if (to == SIZE_MAX || open < to) {
        ref->to = *at + from + 2;
        *at = ref->to;
        return true;
    }
    name = str_trim(str_slice(rest, 0, to));
    if (str_starts(name, STR("last-saved#"))) {
        ref->last_saved = true;
        name = str_slice(name, 11, name.size);
    }
    ref->name = name;
    ref->good = xls_name_good(name);
    ref->to = *at + from + 2 + to + 1;
    *at = ref->to;
    return true;
}

bool xls_is_reference(struct str text, struct str *name)
{
    struct xls_ref ref;
    size_t at = 0;

    if (!xls_ref_next(text, &at, &ref) || !ref.good || ref.last_saved ||
        ref.from != 0 || ref.to != text.size)
        return false;
    *name = ref.name;
    return true;
}

struct xls_node *xls_find(const struct xls *xls, struct str name)
{
    size_t at = names_find(xls->name, 0, name);

    return at < SIZE_MAX ? xls->node[at] : NULL;
}

/* No such question; the nearest, when one is near. */
static void unknown(struct xls *xls, struct xls_place place, struct str name)
{
    enum { FAR = 2, NODES_MAX = 2000 };
    struct str small = xls_lower(xls->arena, name), like = STR("");
    size_t best = name.size > FAR * 2 ? FAR + 1 : 1;

    for (size_t i = 0; i < xls->nodes && i < NODES_MAX; i++) {
        struct str other = xls->node[i]->name;
        size_t far =
            other.size + FAR < name.size || other.size > name.size + FAR
                ? FAR + 1
                : str_distance(small, xls_lower(xls->arena, other));

        if (far < best) {
            best = far;
            like = other;
        }
    }
    xls_problem(xls, like.size ? XLS_REFERENCE_LIKE : XLS_PYREF_003, place,
                name, like, STR(""));
}

void xls_check_text(struct xls *xls, struct xls_place place, struct str text)
{
    struct xls_ref ref;
    size_t at = 0;

    while (xls_ref_next(text, &at, &ref)) {
        if (!ref.good)
            xls_problem(xls, XLS_PYREF_001, place,
                        str_slice(text, ref.from, text.size), STR(""), STR(""));
        else if (!xls_find(xls, ref.name))
            unknown(xls, place, ref.name);
        else if (names_find(xls->twice, 0, ref.name) < SIZE_MAX)
            xls_problem(xls, XLS_PYREF_004, place, ref.name, STR(""), STR(""));
        xls->last_saved = xls->last_saved || ref.last_saved;
    }
}

static void check_attributes(struct xls *xls, const struct xls_node *node,
                             const struct xls_attributes *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->attribute[i].column)
            xls_check_text(
                xls,
                (struct xls_place){"survey", node->row,
                                   list->attribute[i].column->header},
                list->attribute[i].value);
}

static void check_texts(struct xls *xls, const char *sheet, size_t row,
                        const struct xls_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        xls_check_text(xls,
                       (struct xls_place){sheet, row,
                                          texts->text[i].column
                                              ? texts->text[i].column->header
                                              : STR("")},
                       texts->text[i].text);
}

static void check_node(struct xls *xls, const struct xls_node *node)
{
    static const struct {
        enum xls_cell cell;
        const char *name;
    } cells[] = {
        {XLS_CELL_DEFAULT, "default"},
        {XLS_CELL_TRIGGER, "trigger"},
        {XLS_CELL_CHOICE_FILTER, "choice_filter"},
        {XLS_CELL_PARAMETERS, "parameters"},
        {XLS_CELL_COUNT_OF_REPEAT, "repeat_count"},
        {XLS_CELL_QUERY, "query"},
    };

    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        size_t column = xls->survey.cell[cells[i].cell];

        if (node->cell[cells[i].cell].size > 0)
            xls_check_text(
                xls,
                (struct xls_place){"survey", node->row,
                                   column < SIZE_MAX
                                       ? xls->survey.column[column].header
                                       : str_of(cells[i].name)},
                node->cell[cells[i].cell]);
    }
    if (node->list_reference.size > 0)
        xls_check_text(
            xls, (struct xls_place){"survey", node->row, STR("type")},
            str_format(xls->arena, "${%.*s}", STR_ARGS(node->list_reference)));
    check_texts(xls, "survey", node->row, &node->texts);
    check_attributes(xls, node, &node->bind);
    check_attributes(xls, node, &node->control);
}

void xls_check_references(struct xls *xls)
{
    for (size_t i = 0; i < xls->nodes; i++)
        if (!xls->node[i]->generated)
            check_node(xls, xls->node[i]);
    for (size_t i = 0; i < xls->lists; i++)
        for (size_t j = 0; j < xls->list[i].count; j++)
            check_texts(xls, "choices", xls->list[i].choice[j].row,
                        &xls->list[i].choice[j].texts);
    for (size_t i = 0; i < xls->setting.count; i++)
        xls_check_text(
            xls,
            (struct xls_place){"settings", 2, xls->setting.attribute[i].name},
            xls->setting.attribute[i].value);
}
