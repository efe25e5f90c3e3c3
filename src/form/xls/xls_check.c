/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_check.c - each node by itself: has it texts, what it calculates, its
 * list, how often it repeats. */
#include "form/xls/xls_read.h"

static bool has_label(const struct xls_node *node)
{
    return xls_has_text(&node->texts, XLS_TEXT_LABEL) ||
           xls_has_text(&node->texts, XLS_TEXT_IMAGE) ||
           xls_has_text(&node->texts, XLS_TEXT_BIG_IMAGE) ||
           xls_has_text(&node->texts, XLS_TEXT_AUDIO) ||
           xls_has_text(&node->texts, XLS_TEXT_VIDEO);
}

static void check_label(struct xls *xls, const struct xls_node *node)
{
    if (node->type->label_optional || node->generated || node->unknown ||
        has_label(node) || node->cell[XLS_CELL_MEDIA].size > 0 ||
        !xls_has_control(node) ||
        xls_attribute_get(&node->bind, "calculate").size > 0)
        return;
    if (xls_has_text(&node->texts, XLS_TEXT_HINT))
        xls_node_problem(xls, XLS_NO_LABEL_WARN, node, "label", node->name,
                         STR(""));
    else
        xls_node_problem(xls, XLS_NO_LABEL, node, "label", node->name, STR(""));
}

static void check_images(struct xls *xls, const struct xls_node *node)
{
    if (xls_has_text(&node->texts, XLS_TEXT_BIG_IMAGE) &&
        !xls_has_text(&node->texts, XLS_TEXT_IMAGE))
        xls_node_problem(xls, XLS_BIG_IMAGE, node, "big-image", STR(""),
                         STR(""));
}

static void check_calculate(struct xls *xls, struct xls_node *node)
{
    if (strcmp(node->type->name, "calculate") != 0 || node->generated ||
        xls_yes(xls_attribute_get(&node->bind, "cobijo:system")) ||
        xls_attribute_get(&node->bind, "calculate").size > 0 ||
        node->cell[XLS_CELL_DEFAULT].size > 0 ||
        node->cell[XLS_CELL_TRIGGER].size > 0)
        return;
    xls_node_problem(xls, XLS_NO_CALCULATION, node, "calculation", node->name,
                     STR(""));
}

static bool has_search(const struct xls_node *node)
{
    struct str appearance = xls_attribute_get(&node->control, "appearance");
    size_t at = appearance.at ? str_find(appearance, STR("search(")) : SIZE_MAX;

    if (!appearance.at)
        return false;
    if (at == SIZE_MAX)
        at = str_find(appearance, STR("search ("));
    return at < SIZE_MAX && (at == 0 || appearance.at[at - 1] == ' ');
}

static void external_list(struct xls *xls, struct xls_node *node)
{
    const struct xls_table *table = xls->external.table;
    struct str similar;

    if (table) {
        for (size_t i = 1; i < table->rows; i++)
            if (str_equal(xls_cell_of(xls, &xls->external, &table->row[i],
                                      XLS_CELL_LIST_NAME),
                          node->list_name))
                return;
        xls_node_problem(xls, XLS_NO_LIST, node, "type", node->list_name,
                         STR("external_choices"));
        return;
    }
    similar = xls_similar(xls, "external_choices");
    xls_problem(xls, similar.size ? XLS_NO_EXTERNAL_LIKE : XLS_NO_EXTERNAL,
                (struct xls_place){"survey", node->row, STR("type")}, similar,
                STR(""), STR(""));
}

static void list_unknown(struct xls *xls, const struct xls_node *node)
{
    enum { FAR = 2 };
    struct str small = xls_lower(xls->arena, node->list_name), like = STR("");
    size_t best = small.size > FAR * 2 ? FAR + 1 : 1;

    for (size_t i = 0; i < xls->lists; i++) {
        struct str name = xls->list[i].name;
        size_t far = str_distance(small, xls_lower(xls->arena, name));

        if (far < best) {
            best = far;
            like = name;
        }
    }
    xls_problem(xls, like.size ? XLS_LIST_LIKE : XLS_NO_LIST,
                (struct xls_place){"survey", node->row, STR("type")},
                node->list_name, STR("choices"), like);
}

static void choices_list(struct xls *xls, struct xls_node *node)
{
    struct str similar;

    node->list = xls_list_find(xls, node->list_name);
    if (node->list)
        return;
    if (xls->lists == 0 && !xls->choices.table) {
        similar = xls_similar(xls, "choices");
        xls_problem(xls, similar.size ? XLS_NO_CHOICES_LIKE : XLS_NO_CHOICES,
                    (struct xls_place){"survey", node->row, STR("type")},
                    similar, STR(""), STR(""));
        return;
    }
    list_unknown(xls, node);
}

/* A search() list is filled by Collect; it stays in the body. */
static void check_search(struct xls *xls, struct xls_node *node)
{
    node->search = has_search(node);
    if (!node->list || node->generated)
        return;
    if (node->search && !node->list->search) {
        node->list->search = true;
        node->list->searched_row = node->row;
        node->list->searched_by = node->name;
    }
    (void)xls;
}

static void check_choices(struct xls *xls, struct xls_node *node)
{
    if (node->type->kind != XLS_SELECT)
        return;
    if (node->external && node->cell[XLS_CELL_CHOICE_FILTER].size == 0) {
        xls_node_problem(xls, XLS_FILTER_NONE, node, "choice_filter", STR(""),
                         STR(""));
        node->external = false;
    }
    if (node->external) {
        external_list(xls, node);
        return;
    }
    if (node->file.size > 0 || node->list_reference.size > 0 ||
        node->list_name.size == 0)
        return;
    choices_list(xls, node);
    check_search(xls, node);
    if (node->list && node->or_other)
        node->list->other = true;
    if (!node->list || strcmp(node->type->name, "select all that apply") != 0)
        return;
    for (size_t i = 0; i < node->list->count; i++)
        if (str_find_char(node->list->choice[i].name, ' ') < SIZE_MAX) {
            xls_node_problem(xls, XLS_CHOICE_SPACES, node, "type",
                             node->list->choice[i].name, node->list->name);
            return;
        }
}

/* jr:count: ${x} as it is, anything else in a node of its own. */
static void check_count(struct xls *xls, struct xls_node *node)
{
    struct str text = node->cell[XLS_CELL_COUNT_OF_REPEAT], name;

    if (text.size == 0 || node->type->kind != XLS_REPEAT)
        return;
    if (xls_is_reference(text, &name)) {
        node->count_text = text;
        return;
    }
    name = str_join(xls->arena, node->name, STR("_count"));
    if (names_find(xls->sibling, xls_scope(xls, node->parent), name) <
        SIZE_MAX) {
        xls_problem(xls, XLS_COUNT_NAME,
                    (struct xls_place){"survey", 0, STR("name")}, node->name,
                    name, STR(""));
        return;
    }
    node->count_node = ARENA_NEW(xls->arena, struct xls_node);
    if (!node->count_node)
        return;
    *node->count_node = (struct xls_node){.type = xls_type_named("calculate"),
                                          .name = name,
                                          .parent = node->parent,
                                          .repeat = node->repeat,
                                          .depth = node->depth,
                                          .generated = true};
    xls_attribute_set(xls->arena, &node->count_node->bind, STR("readonly"),
                      STR("true()"), NULL);
    xls_attribute_set(xls->arena, &node->count_node->bind, STR("type"),
                      STR("string"), NULL);
    xls_attribute_set(xls->arena, &node->count_node->bind, STR("calculate"),
                      text, NULL);
}

static void check_old(struct xls *xls, const struct xls_node *node)
{
    const char *name = node->type->name;

    if (strcmp(name, "subscriberid") == 0 || strcmp(name, "simserial") == 0)
        xls_node_problem(xls, XLS_OLD_TYPE, node, "type", str_of(name),
                         STR(""));
}

static void check_list_reference(struct xls *xls, struct xls_node *node)
{
    const struct xls_node *from;

    if (node->list_reference.size == 0)
        return;
    from = xls_find(xls, node->list_reference);
    if (from && !from->repeat)
        xls_node_problem(xls, XLS_LIST_FROM, node, "type", node->list_reference,
                         STR(""));
}

/* Friendly types that are a plain one with a constraint. */
static void fill_special(struct xls *xls, struct xls_node *node)
{
    if (strcmp(node->type->name, "percentage") == 0 &&
        !xls_attribute_get(&node->bind, "constraint").at)
        xls_attribute_set(xls->arena, &node->bind, STR("constraint"),
                          STR("0 <= . and . <= 100"), NULL);
    if (strcmp(node->type->name, "phone number") == 0 &&
        !xls_attribute_get(&node->bind, "constraint").at)
        xls_attribute_set(xls->arena, &node->bind, STR("constraint"),
                          STR("regex(., '^\\d*$')"), NULL);
}

/* x, required: neither yes nor no nor an expression. */
static bool is_word(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= 'A' && text.at[i] <= 'Z') ||
              (unsigned char)text.at[i] >= 0x80 || text.at[i] == '_'))
            return false;
    return text.size > 0;
}

static void flags(struct xls *xls, struct xls_node *node)
{
    enum { FLAGS = 2 };
    static const char *const names[] = {"readonly", "required", "relevant",
                                        "constraint", "calculate"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t j = 0; j < node->bind.count; j++) {
            struct xls_attribute *attribute = &node->bind.attribute[j];

            if (!str_equal_c(attribute->name, names[i]))
                continue;
            if (xls_yes(attribute->value))
                attribute->value = STR("true()");
            else if (xls_no(attribute->value))
                attribute->value = STR("false()");
            else if (i < FLAGS && is_word(attribute->value)) {
                xls_problem(xls, XLS_YES_OR_NO,
                            (struct xls_place){"survey", node->row,
                                               attribute->column
                                                   ? attribute->column->header
                                                   : STR("")},
                            attribute->value, str_of(names[i]), STR(""));
                attribute->value = STR("false()");
            }
        }
}

void xls_check_nodes(struct xls *xls)
{
    for (size_t i = 0; i < xls->nodes; i++) {
        struct xls_node *node = xls->node[i];

        flags(xls, node);
        fill_special(xls, node);
        check_choices(xls, node);
        xls_parameters(xls, node);
        check_label(xls, node);
        check_images(xls, node);
        check_calculate(xls, node);
        check_old(xls, node);
        check_list_reference(xls, node);
        check_count(xls, node);
        node->dynamic_default = xls_default_dynamic(xls, node);
        if (node->type->kind == XLS_AUDIT) {
            if (xls->audit)
                xls_node_problem(xls, XLS_AUDIT_TWICE, node, "type", STR(""),
                                 STR(""));
            xls->audit = node;
        }
    }
    for (size_t i = 0; i < xls->nodes; i++) {
        const struct xls_node *node = xls->node[i];

        if (node->list && node->list->search && !node->search &&
            node->type->kind == XLS_SELECT && !node->generated)
            xls_problem(xls, XLS_SEARCH_SHARED,
                        (struct xls_place){"survey", node->list->searched_row,
                                           STR("appearance")},
                        node->list->searched_by, node->list->name, STR(""));
    }
}
