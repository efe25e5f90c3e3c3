/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_trigger.c - the column trigger: a change of one question sets another. */
#include "form/xls/xls_read.h"

static struct xls_place place_of(const struct xls_node *node)
{
    return (struct xls_place){"survey", node->row, STR("trigger")};
}

/* ${a}, ${b}: nothing between them but commas and spaces. */
static bool names_read(struct xls *xls, struct xls_node *node)
{
    struct str text = node->cell[XLS_CELL_TRIGGER];
    struct xls_ref ref;
    size_t at = 0, from = 0;

    while (xls_ref_next(text, &at, &ref)) {
        struct str between = str_trim(str_slice(text, from, ref.from));
        bool comma = str_find_char(between, ',') < SIZE_MAX, other = false;

        if (!ref.good)
            return false; /* told already */
        for (size_t i = 0; i < between.size; i++)
            other = other || (between.at[i] != ',' && between.at[i] != ' ');
        if (other || (node->trigger_names > 0 && !comma)) {
            xls_problem(xls, other ? XLS_PYREF_001 : XLS_PYREF_002,
                        place_of(node), text, STR(""), STR(""));
            return false;
        }
        node->trigger_name = xls_room(xls->arena, node->trigger_name,
                                      node->trigger_names, sizeof(struct str));
        if (!node->trigger_name)
            return false;
        node->trigger_name[node->trigger_names++] = ref.name;
        from = ref.to;
    }
    for (size_t i = from; i < text.size; i++)
        if (text.at[i] != ',' && text.at[i] != ' ') {
            xls_problem(xls, XLS_PYREF_001, place_of(node), text, STR(""),
                        STR(""));
            return false;
        }
    return node->trigger_names > 0;
}

bool xls_has_control(const struct xls_node *node)
{
    enum xls_kind kind = node->type->kind;
    bool worked_out = xls_attribute_get(&node->bind, "calculate").size > 0 ||
                      node->cell[XLS_CELL_TRIGGER].size > 0;

    if (kind == XLS_NO_CONTROL || kind == XLS_EXTERNAL || kind == XLS_AUDIT ||
        kind == XLS_ACTION)
        return false;
    return !(worked_out && !xls_has_text(&node->texts, XLS_TEXT_LABEL) &&
             !xls_has_text(&node->texts, XLS_TEXT_HINT));
}

static void trigger_add(struct xls *xls, struct xls_node *from,
                        struct xls_node *target)
{
    struct xls_trigger *room =
        xls_room(xls->arena, from->trigger, from->triggers, sizeof *room);

    if (!room)
        return;
    from->trigger = room;
    room[from->triggers++] = (struct xls_trigger){
        target, strcmp(target->type->name, "background-geopoint") == 0};
}

static void node_triggers(struct xls *xls, struct xls_node *node)
{
    bool geopoint = strcmp(node->type->name, "background-geopoint") == 0;

    if (node->cell[XLS_CELL_TRIGGER].size == 0) {
        if (geopoint)
            xls_problem(xls, XLS_GEOPOINT_TRIGGER, place_of(node), STR(""),
                        STR(""), STR(""));
        return;
    }
    if (geopoint && xls_attribute_get(&node->bind, "calculate").size > 0)
        xls_node_problem(xls, XLS_GEOPOINT_CALCULATION, node, "calculation",
                         node->name, STR(""));
    if (!names_read(xls, node)) {
        if (!xls_has_reference(node->cell[XLS_CELL_TRIGGER]))
            xls_problem(xls, XLS_PYREF_001, place_of(node),
                        node->cell[XLS_CELL_TRIGGER], STR(""), STR(""));
        return;
    }
    for (size_t i = 0; i < node->trigger_names; i++) {
        struct xls_node *from = xls_find(xls, node->trigger_name[i]);

        if (!from)
            continue; /* told with the references */
        if (!xls_has_control(from) || from->type->kind >= XLS_GROUP)
            xls_problem(xls, XLS_TRIGGER_HIDDEN, place_of(node), from->name,
                        node->name, STR(""));
        else
            trigger_add(xls, from, node);
    }
}

void xls_triggers(struct xls *xls)
{
    for (size_t i = 0; i < xls->nodes; i++)
        if (!xls->node[i]->generated)
            node_triggers(xls, xls->node[i]);
}
