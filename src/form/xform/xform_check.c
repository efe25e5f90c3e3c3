/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_check.c - every expression is understood before it is written: a phone
 * would only say that the form cannot be opened, without the row.
 *
 * What no engine reads is an error. A function that we do not know may be
 * another engine's (Survey123, CHT, OpenClinica), and a bare name is legal
 * where it never finds anything: both are warnings. */
#include "form/expr/tree.h"
#include "form/xform/xform_part.h"

struct checked {
    struct xls *xls;
    const struct xls_node *node; /* NULL: of settings or entities */
    struct xls_place place;
    bool filter;   /* bare names are columns of the list */
    bool children; /* bare names are questions of the group */
    bool flag;     /* required, readonly: a lone word is told as no yes */
};

static bool references_good(const struct xls *xls, struct str text)
{
    struct xls_ref ref;
    size_t at = 0;

    while (xls_ref_next(text, &at, &ref))
        if (!ref.good || !xls_find(xls, ref.name))
            return false; /* told already */
    return true;
}

static bool list_has(const struct xls *xls, const struct xls_list *list,
                     struct str name)
{
    if (str_equal_c(name, "name") || str_equal_c(name, "label") ||
        str_equal_c(name, "itextId"))
        return true;
    for (size_t i = 0; i < xls->choices.columns; i++)
        if (str_equal(xls->choices.column[i].name, name))
            return true;
    return list->count == 0;
}

static void bare(const struct checked *checked, struct str name)
{
    const struct xls_node *node = checked->node;
    enum xls_problem problem = XLS_BARE_TEXT;
    struct str list = STR("");

    if (checked->children || checked->flag)
        return;
    if (checked->filter) {
        if (!node->list || list_has(checked->xls, node->list, name))
            return;
        problem = XLS_FILTER_COLUMN;
        list = node->list->name;
    } else if (xls_find(checked->xls, name)) {
        problem = XLS_BARE_NAME;
    } else if (expr_function_find(name)) {
        problem = XLS_BARE_CALL;
    }
    xls_problem(checked->xls, problem, checked->place, name, list, STR(""));
}

static void names_walk(const struct checked *checked, const struct expr *expr)
{
    if (expr->kind == EXPR_KIND_PATH && expr->root == EXPR_ROOT_CONTEXT &&
        expr->step_count == 1 && expr->step[0].kind == EXPR_STEP_CHILD &&
        expr->step[0].predicate_count == 0)
        bare(checked, expr->step[0].name);
    for (size_t i = 0; i < expr->arg_count; i++)
        names_walk(checked, expr->arg[i]);
}

static void expression(const struct checked *checked, struct str text)
{
    struct xls *xls = checked->xls;
    struct expr *tree = NULL, *late = NULL;
    struct err err = {0}, ignored = {0};

    if (text.size == 0 || !references_good(xls, text))
        return;
    if (!expr_parse_tree(xls->arena, text, &tree, &err))
        names_walk(checked, tree);
    else if (!expr_parse_late(xls->arena, text, &late, &ignored))
        xls_problem_err(xls, XLS_FUNCTION, checked->place, &err);
    else
        xls_problem_err(xls, XLS_FORM_EXPRESSION, checked->place, &err);
}

static struct str header_of(const struct xls *xls, enum xls_cell cell)
{
    size_t at = xls->survey.cell[cell];

    return at < SIZE_MAX ? xls->survey.column[at].header : STR("");
}

static bool is_expression(struct str name)
{
    static const char *const names[] = {"relevant", "constraint", "calculate",
                                        "required", "readonly",   NULL};

    return xls_one_of(name, names);
}

static void check_node(struct xls *xls, const struct xls_node *node)
{
    static const struct {
        enum xls_cell cell;
        bool filter;
    } cells[] = {{XLS_CELL_CHOICE_FILTER, true},
                 {XLS_CELL_COUNT_OF_REPEAT, false},
                 {XLS_CELL_DEFAULT, false}};
    struct checked checked = {.xls = xls, .node = node};

    checked.children = node->type->kind >= XLS_GROUP;
    for (size_t i = 0; i < node->bind.count; i++) {
        const struct xls_attribute *attribute = &node->bind.attribute[i];

        if (!attribute->column || !is_expression(attribute->name))
            continue;
        checked.flag = (str_equal_c(attribute->name, "required") ||
                        str_equal_c(attribute->name, "readonly")) &&
                       xls_name_good(attribute->value);
        checked.place =
            (struct xls_place){"survey", node->row, attribute->column->header};
        expression(&checked, attribute->value);
    }
    checked.flag = false;
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        if (cells[i].cell == XLS_CELL_DEFAULT && !node->dynamic_default)
            continue;
        checked.filter = cells[i].filter;
        checked.place = (struct xls_place){"survey", node->row,
                                           header_of(xls, cells[i].cell)};
        expression(&checked, node->cell[cells[i].cell]);
    }
}

static void check_entity(struct xls *xls, const struct xls_entity *entity)
{
    const struct {
        const char *column;
        struct str text;
    } cells[] = {{"label", entity->label},
                 {"entity_id", entity->id},
                 {"create_if", entity->create_if},
                 {"update_if", entity->update_if}};
    struct checked checked = {.xls = xls, .children = true};

    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        checked.place = (struct xls_place){"entities", entity->row,
                                           str_of(cells[i].column)};
        expression(&checked, cells[i].text);
    }
}

/* bind::oc:x without oc="…"; cobijo:… stays inside the program on purpose. */
static void check_columns(struct xls *xls, const struct xls_sheet *sheet)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct xls_column *column = &sheet->column[i];
        size_t colon = str_find_char(column->name, ':');
        struct str prefix = str_slice(column->name, 0, colon);

        if (colon < SIZE_MAX && column->target >= XLS_TO_BIND &&
            column->target <= XLS_TO_ATTRIBUTE &&
            !str_equal_c(prefix, "cobijo") && xls_name_good(prefix) &&
            !xform_space_declared(xls, prefix))
            xls_problem(xls, XLS_NAMESPACE,
                        (struct xls_place){sheet->name, 1, column->header},
                        prefix, STR(""), STR(""));
    }
}

static void check_language(struct xls *xls)
{
    struct str name = xls_setting(xls, "default_language"), last = STR("");
    const struct xls_sheet *sheets[] = {&xls->survey, &xls->choices};
    struct buf out;

    if (name.size == 0 || !xls->translated)
        return;
    buf_init(&out, xls->arena);
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++)
        for (size_t j = 0; j < sheets[i]->columns; j++) {
            struct str language = sheets[i]->column[j].language;

            if (sheets[i]->column[j].target != XLS_TO_TEXT)
                continue;
            if (str_equal(language, xls->default_language))
                return;
            if (language.size > 0 && !str_equal(language, last)) {
                buf_puts(&out, out.size ? ", " : "");
                buf_put(&out, language);
                last = language;
            }
        }
    xls_problem(xls, XLS_LANGUAGE_DEFAULT,
                (struct xls_place){"settings", 2, STR("default_language")},
                name, buf_str(&out), STR(""));
}

bool xform_check(struct xls *xls)
{
    struct checked name = {.xls = xls,
                           .children = true,
                           .place = {"settings", 2, STR("instance_name")}};

    check_language(xls);
    check_columns(xls, &xls->survey);
    check_columns(xls, &xls->settings);
    for (size_t i = 0; i < xls->nodes; i++)
        if (!xls->node[i]->generated)
            check_node(xls, xls->node[i]);
    for (size_t i = 0; i < xls->entity_count; i++)
        check_entity(xls, &xls->entity[i]);
    expression(&name, xls_setting(xls, "instance_name"));
    return xls->problems->errors == 0;
}
