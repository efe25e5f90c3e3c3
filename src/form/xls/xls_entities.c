/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_entities.c - the sheet entities and the column save_to: which entity
 * lives in which group, repeat or in the form itself.
 *
 * An entity's answers come from one repeat (its scope), the deepest that its
 * save_to and the variables of its label name; the others must be around it.
 * In that scope it takes a container, one for each entity: that of all its
 * save_to, or the deepest of its variables, or one further out. */
#include "form/xls/xls_read.h"

static struct xls_place place_of(const struct xls_entity *entity,
                                 const char *column)
{
    return (struct xls_place){"entities", entity->row, str_of(column)};
}

static struct xls_entity *entity_find(const struct xls *xls, struct str name)
{
    for (size_t i = 0; i < xls->entity_count; i++)
        if (str_equal(xls->entity[i].name, name))
            return &xls->entity[i];
    return NULL;
}

/* /survey/g1/r1, as pyxform writes it in its messages. */
static struct str scope_path(struct xls *xls, const struct xls_node *node)
{
    struct str path = STR("");

    for (; node && node != &xls->top; node = node->parent)
        path = str_join(xls->arena, str_join(xls->arena, STR("/"), node->name),
                        path);
    return str_join(xls->arena, STR("/survey"), path);
}

/* --- the sheet ------------------------------------------------------------ */

static void check_list_name(struct xls *xls, const struct xls_entity *entity)
{
    struct xls_place place = place_of(entity, "list_name");

    if (entity->name.size == 0)
        xls_problem(xls, XLS_NAMES_015, place, STR(""), STR(""), STR(""));
    else if (str_starts(entity->name, STR("__")))
        xls_problem(xls, XLS_NAMES_010, place, entity->name, STR(""), STR(""));
    else if (str_find_char(entity->name, '.') < SIZE_MAX)
        xls_problem(xls, XLS_NAMES_011, place, entity->name, STR(""), STR(""));
    else if (!xls_name_good(entity->name))
        xls_problem(xls, XLS_NAMES_008, place, entity->name, STR(""), STR(""));
}

static void check_entity(struct xls *xls, const struct xls_entity *entity)
{
    check_list_name(xls, entity);
    if (entity->update_if.size > 0 && entity->id.size == 0)
        xls_problem(xls, XLS_ENTITY_007, place_of(entity, "entity_id"),
                    entity->name, STR(""), STR(""));
    else if (entity->id.size > 0 && entity->create_if.size > 0 &&
             entity->update_if.size == 0)
        xls_problem(xls, XLS_ENTITY_006, place_of(entity, "update_if"),
                    entity->name, STR(""), STR(""));
    else if (entity->id.size == 0 && entity->label.size == 0)
        xls_problem(xls, XLS_ENTITY_005, place_of(entity, "label"),
                    entity->name, STR(""), STR(""));
}

static void check_columns(struct xls *xls)
{
    const struct xls_sheet *sheet = &xls->entities;

    for (size_t i = 0; i < sheet->columns; i++)
        if (sheet->column[i].header.size > 0 &&
            sheet->column[i].target != XLS_TO_CELL)
            xls_problem(
                xls, XLS_HEADER_005,
                (struct xls_place){"entities", 1, sheet->column[i].header},
                sheet->column[i].header, STR(""), STR(""));
}

static void entity_read(struct xls *xls, const struct xls_row *row)
{
    const struct xls_sheet *sheet = &xls->entities;
    struct xls_entity *entity = &xls->entity[xls->entity_count];

    *entity = (struct xls_entity){
        .name = xls_cell_of(xls, sheet, row, XLS_CELL_LIST_NAME),
        .label = xls_cell_of(xls, sheet, row, XLS_CELL_ENTITY_LABEL),
        .id = xls_cell_of(xls, sheet, row, XLS_CELL_ENTITY_ID),
        .create_if = xls_cell_of(xls, sheet, row, XLS_CELL_CREATE_IF),
        .update_if = xls_cell_of(xls, sheet, row, XLS_CELL_UPDATE_IF),
        .repeat = xls_cell_of(xls, sheet, row, XLS_CELL_REPEAT),
        .row = row->number};
    if (entity->name.size > 0 && entity_find(xls, entity->name)) {
        xls_problem(xls, XLS_NAMES_014, place_of(entity, "list_name"),
                    entity->name, STR(""), STR(""));
        return;
    }
    xls->entity_count++;
    check_entity(xls, entity);
}

static void sheet_read_entities(struct xls *xls)
{
    const struct xls_table *table = xls->entities.table;

    if (!table || table->rows < 2)
        return;
    check_columns(xls);
    xls->entity = ARENA_ARRAY(xls->arena, struct xls_entity, table->rows);
    for (size_t i = 1; xls->entity && i < table->rows; i++)
        entity_read(xls, &table->row[i]);
}

/* --- what refers to it ---------------------------------------------------- */

static void reference_add(struct xls *xls, struct xls_entity *entity,
                          struct xls_node *node, bool saveto)
{
    struct xls_reference *room = xls_room(xls->arena, entity->reference,
                                          entity->references, sizeof *room);

    if (!room)
        return;
    entity->reference = room;
    room[entity->references++] = (struct xls_reference){
        node->repeat, node, saveto, saveto ? node->row : entity->row};
}

static void variables(struct xls *xls, struct xls_entity *entity,
                      struct str text, const char *column)
{
    struct xls_ref ref;
    size_t at = 0;

    xls_check_text(xls, place_of(entity, column), text);
    while (xls_ref_next(text, &at, &ref)) {
        struct xls_node *node =
            ref.good && !ref.last_saved ? xls_find(xls, ref.name) : NULL;

        if (!node)
            continue;
        reference_add(xls, entity, node, false);
        if (strcmp(column, "repeat") == 0 && entity->reference &&
            node->type->kind == XLS_REPEAT)
            entity->reference[entity->references - 1].scope = node;
    }
}

static bool property_good(struct xls *xls, const struct xls_node *node,
                          struct str property)
{
    enum xls_problem problem;

    if (!xls_name_good(property))
        problem = XLS_NAMES_008;
    else if (str_starts(property, STR("__")))
        problem = XLS_NAMES_010;
    else if (str_equal_nocase(property, STR("name")) ||
             str_equal_nocase(property, STR("label")))
        problem = XLS_NAMES_012;
    else
        return true;
    xls_node_problem(xls, problem, node, "save_to", property, STR(""));
    return false;
}

/* The entity that a save_to means, by itself or before a #. */
static struct xls_entity *entity_meant(struct xls *xls, struct xls_node *node,
                                       struct str *property)
{
    struct str text = node->cell[XLS_CELL_SAVE_TO], list;
    size_t at = str_find_char(text, '#');
    struct xls_entity *entity;

    *property = text;
    if (at == SIZE_MAX) {
        if (xls->entity_count == 1)
            return &xls->entity[0];
        xls_node_problem(xls, XLS_ENTITY_008, node, "save_to",
                         xls->entity[0].name, text);
        return NULL;
    }
    list = str_slice(text, 0, at);
    *property = str_slice(text, at + 1, text.size);
    if (str_find_char(*property, '#') < SIZE_MAX) {
        xls_node_problem(xls, XLS_ENTITY_013, node, "save_to", text, STR(""));
        return NULL;
    }
    entity = entity_find(xls, list);
    if (!entity)
        xls_node_problem(xls, XLS_ENTITY_004, node, "save_to", list, STR(""));
    return entity;
}

static void property_once(struct xls *xls, const struct xls_entity *entity,
                          const struct xls_node *node, struct str property)
{
    for (size_t i = 0; i < entity->references; i++)
        if (entity->reference[i].saveto &&
            str_equal(entity->reference[i].node->saveto, property)) {
            xls_node_problem(
                xls, XLS_ENTITY_002, node, "save_to", property,
                xls_number(xls->arena, entity->reference[i].node->row));
            return;
        }
}

static void save_to(struct xls *xls, struct xls_node *node)
{
    struct xls_entity *entity;
    struct str property;

    if (node->cell[XLS_CELL_SAVE_TO].size == 0 || node->generated)
        return;
    if (xls->entity_count == 0) {
        xls_node_problem(xls, XLS_ENTITY_001, node, "save_to", STR(""),
                         STR(""));
        return;
    }
    if (node->type->kind >= XLS_GROUP) {
        xls_node_problem(xls, XLS_ENTITY_003, node, "save_to", STR(""),
                         STR(""));
        return;
    }
    entity = entity_meant(xls, node, &property);
    if (!entity || !property_good(xls, node, property))
        return;
    property_once(xls, entity, node, property);
    node->saveto = property;
    reference_add(xls, entity, node, true);
}

/* --- the scope ------------------------------------------------------------ */

static size_t repeats_above(const struct xls_node *repeat)
{
    size_t count = 0;

    for (; repeat; repeat = repeat->repeat)
        count++;
    return count;
}

static bool is_around(const struct xls_node *outer,
                      const struct xls_node *repeat)
{
    if (!outer)
        return true;
    for (; repeat; repeat = repeat->repeat)
        if (repeat == outer)
            return true;
    return false;
}

/* False when its references do not go together. */
static bool scope_find(struct xls *xls, struct xls_entity *entity)
{
    bool good = true;
    size_t deepest = 0;

    for (size_t i = 0; i < entity->references; i++) {
        size_t depth = repeats_above(entity->reference[i].scope);

        if (depth > deepest) {
            deepest = depth;
            entity->scope = entity->reference[i].scope;
        }
    }
    for (size_t i = 0; i < entity->references; i++) {
        const struct xls_reference *one = &entity->reference[i];

        if (one->saveto ? one->scope == entity->scope
                        : is_around(one->scope, entity->scope))
            continue;
        good = false;
        if (one->saveto)
            xls_problem(xls, XLS_ENTITY_011,
                        (struct xls_place){"survey", one->row, STR("save_to")},
                        entity->name, scope_path(xls, entity->scope),
                        scope_path(xls, one->scope));
        else
            xls_problem(xls, XLS_ENTITY_012, place_of(entity, "label"),
                        entity->name, scope_path(xls, entity->scope),
                        one->node->name);
        return false;
    }
    return good;
}

/* --- the container -------------------------------------------------------- */

static bool is_within(const struct xls_node *node,
                      const struct xls_node *container)
{
    for (node = node->parent; node; node = node->parent)
        if (node == container)
            return true;
    return false;
}

/* The innermost container of a node that is in the scope. */
static struct xls_node *container_of(struct xls_node *node)
{
    return node->type && node->type->kind >= XLS_GROUP ? node : node->parent;
}

static struct xls_node *wanted(struct xls *xls, const struct xls_entity *entity,
                               bool *saves)
{
    struct xls_node *scope = entity->scope ? entity->scope : &xls->top;
    struct xls_node *found = NULL;

    *saves = false;
    for (size_t i = 0; i < entity->references; i++) {
        struct xls_node *node = entity->reference[i].node;

        if (!entity->reference[i].saveto)
            continue;
        *saves = true;
        if (!found)
            found = node->parent;
        while (!is_within(node, found))
            found = found->parent;
    }
    if (found)
        return found;
    found = scope;
    for (size_t i = 0; i < entity->references; i++) {
        struct xls_node *at = container_of(entity->reference[i].node);

        if (entity->reference[i].scope == entity->scope &&
            at->depth > found->depth)
            found = at;
    }
    return found;
}

/* Would an entity here take a save_to away from another further out? */
static const struct xls_entity *captures(struct xls *xls,
                                         const struct xls_entity *entity,
                                         const struct xls_node *container)
{
    for (size_t i = 0; i < xls->entity_count; i++) {
        const struct xls_entity *other = &xls->entity[i];

        if (other == entity || !other->placed)
            continue;
        if (other->container == container)
            return other;
        for (size_t j = 0; j < other->references; j++)
            if (other->reference[j].saveto &&
                is_within(other->reference[j].node, container) &&
                !is_within(other->container, container))
                return other;
        for (size_t j = 0; j < entity->references; j++)
            if (entity->reference[j].saveto &&
                is_within(entity->reference[j].node, other->container) &&
                is_within(other->container, container))
                return other;
    }
    return NULL;
}

static void place(struct xls *xls, struct xls_entity *entity)
{
    struct xls_node *scope = entity->scope ? entity->scope : &xls->top;
    const struct xls_entity *other = NULL;
    bool saves;
    struct xls_node *at = wanted(xls, entity, &saves);

    if (xls->entity_count == 1 && !xls->any_repeat)
        at = &xls->top;
    for (;;) {
        const struct xls_entity *taken = captures(xls, entity, at);

        if (!taken)
            break;
        other = taken;
        if (at == scope || at == &xls->top) {
            xls_problem(xls, XLS_ENTITY_009, place_of(entity, "list_name"),
                        scope_path(xls, entity->scope),
                        xls_number(xls->arena, other->row), STR(""));
            return;
        }
        at = at->parent;
    }
    entity->container = at;
    entity->placed = true;
    at->entity = entity;
}

static bool has_saves(const struct xls_entity *entity)
{
    for (size_t i = 0; i < entity->references; i++)
        if (entity->reference[i].saveto)
            return true;
    return false;
}

void xls_entities(struct xls *xls)
{
    bool good = true;

    sheet_read_entities(xls);
    for (size_t i = 0; i < xls->nodes; i++)
        save_to(xls, xls->node[i]);
    for (size_t i = 0; i < xls->entity_count; i++) {
        struct xls_entity *entity = &xls->entity[i];

        variables(xls, entity, entity->label, "label");
        variables(xls, entity, entity->id, "entity_id");
        variables(xls, entity, entity->create_if, "create_if");
        variables(xls, entity, entity->update_if, "update_if");
        variables(xls, entity, entity->repeat, "repeat");
        good = scope_find(xls, entity) && good;
    }
    for (int saves = 1; good && saves >= 0; saves--)
        for (size_t i = 0; i < xls->entity_count; i++)
            if (has_saves(&xls->entity[i]) == (saves == 1))
                place(xls, &xls->entity[i]);
}
