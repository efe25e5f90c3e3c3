/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_instances.c - the secondary instances that a form needs: its lists,
 * files, what pulldata() names, the last saved form. */
#include "form/xls/xls_read.h"

static void instance_add(struct xls *xls, const struct xls_instance *instance,
                         size_t row, const char *column)
{
    struct xls_instance *room;

    for (size_t i = 0; i < xls->instances; i++) {
        const struct xls_instance *other = &xls->instance[i];

        if (instance->list && other->list)
            break; /* lists come last, each name once */
        if (!str_equal(other->id, instance->id))
            continue;
        if (!str_equal(other->uri, instance->uri))
            xls_problem(xls, XLS_INSTANCE_TWICE,
                        (struct xls_place){"survey", row, str_of(column)},
                        instance->id, other->uri, instance->uri);
        return;
    }
    room = xls_room(xls->arena, xls->instance, xls->instances, sizeof *room);
    if (!room)
        return;
    xls->instance = room;
    room[xls->instances++] = *instance;
}

static struct str uri(struct xls *xls, const char *folder, struct str name,
                      struct str extension)
{
    return str_join(xls->arena, str_join(xls->arena, str_of(folder), name),
                    extension);
}

static void external(struct xls *xls, const struct xls_node *node)
{
    bool csv = strcmp(node->type->name, "csv-external") == 0;
    struct xls_instance instance = {
        .id = node->name,
        .uri = csv ? uri(xls, "jr://file-csv/", node->name, STR(".csv"))
                   : uri(xls, "jr://file/", node->name, STR(".xml")),
        .type = "external"};

    if (node->type->kind != XLS_EXTERNAL)
        return;
    for (size_t i = 0; i < xls->instances; i++)
        if (str_equal(xls->instance[i].id, node->name) &&
            strcmp(xls->instance[i].type, "external") == 0)
            xls_node_problem(xls, XLS_EXTERNAL_TWICE, node, "name", node->name,
                             STR(""));
    instance_add(xls, &instance, node->row, "name");
}

static void from_file(struct xls *xls, const struct xls_node *node)
{
    bool csv = str_equal_c(node->file_extension, ".csv");
    struct xls_instance instance = {
        .id = node->file_name,
        .uri = str_join(xls->arena,
                        csv ? STR("jr://file-csv/") : STR("jr://file/"),
                        node->file),
        .type = "file"};

    if (node->file.size > 0)
        instance_add(xls, &instance, node->row, "type");
}

/* pulldata('name', … */
static void pulled(struct xls *xls, const struct xls_node *node,
                   struct str text, const char *column)
{
    size_t at;

    while ((at = str_find(text, STR("pulldata"))) < SIZE_MAX) {
        struct xls_instance instance = {.type = "pulldata"};
        size_t end;

        text = str_trim(str_slice(text, at + 8, text.size));
        if (!str_starts(text, STR("(")))
            continue;
        text = str_trim(str_slice(text, 1, text.size));
        if (text.size == 0 || (text.at[0] != '\'' && text.at[0] != '"'))
            continue;
        end = str_find_char(str_slice(text, 1, text.size), text.at[0]);
        if (end == SIZE_MAX)
            return;
        instance.id = str_slice(text, 1, end + 1);
        instance.uri = uri(xls, "jr://file-csv/", instance.id, STR(".csv"));
        if (str_ends(instance.id, STR(".csv")))
            instance.uri = uri(xls, "jr://file-csv/", instance.id, STR(""));
        instance_add(xls, &instance, node->row, column);
    }
}

static void pull_data(struct xls *xls, const struct xls_node *node)
{
    for (size_t i = 0; i < node->bind.count; i++)
        pulled(xls, node, node->bind.attribute[i].value, "calculation");
    pulled(xls, node, node->cell[XLS_CELL_DEFAULT], "default");
    pulled(xls, node, node->cell[XLS_CELL_CHOICE_FILTER], "choice_filter");
    pulled(xls, node, node->cell[XLS_CELL_COUNT_OF_REPEAT], "repeat_count");
}

static bool instance_known(const struct xls *xls, struct str id)
{
    for (size_t i = 0; i < xls->instances; i++)
        if (str_equal(xls->instance[i].id, id))
            return true;
    for (size_t i = 0; i < xls->entity_count; i++)
        if (str_equal(xls->entity[i].name, id))
            return true;
    return false;
}

void xls_reference_geometry(struct xls *xls, struct xls_node *node)
{
    struct str text = xls_attribute_get(&node->parameter, "reference-geometry"),
               name;
    const struct xls_node *repeat;

    if (!text.at)
        return;
    if (xls_is_reference(text, &name)) {
        repeat = xls_find(xls, name);
        node->list_reference = name;
        if (repeat && repeat->type->kind != XLS_REPEAT)
            xls_node_problem(xls, XLS_SURVEY_006, node, "parameters", text,
                             STR(""));
        return;
    }
    if (!instance_known(xls, text)) {
        xls_node_problem(xls, XLS_SURVEY_006, node, "parameters", text,
                         STR(""));
        return;
    }
    node->list = xls_list_find(xls, text);
    node->list_name = text;
}

void xls_instances(struct xls *xls)
{
    for (size_t i = 0; i < xls->nodes; i++) {
        external(xls, xls->node[i]);
        from_file(xls, xls->node[i]);
        pull_data(xls, xls->node[i]);
    }
    if (xls->last_saved) {
        struct xls_instance saved = {.id = STR("__last-saved"),
                                     .uri = STR("jr://instance/last-saved"),
                                     .type = "instance"};

        instance_add(xls, &saved, 0, "");
    }
    for (size_t i = 0; i < xls->lists; i++) {
        struct xls_instance list = {.id = xls->list[i].name,
                                    .uri = STR(""),
                                    .type = "choice",
                                    .list = &xls->list[i]};

        if (!xls->list[i].search)
            instance_add(xls, &list, 0, "list_name");
    }
    for (size_t i = 0; i < xls->nodes; i++)
        if (str_starts(str_of(xls->node[i]->type->bind), STR("geo")))
            xls_reference_geometry(xls, xls->node[i]);
}

struct str xls_instance_file(const struct xls_instance *instance)
{
    static const struct str folder[] = {{"jr://file-csv/", 14},
                                        {"jr://file/", 10}};

    for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++)
        if (str_starts(instance->uri, folder[i]))
            return str_slice(instance->uri, folder[i].size, instance->uri.size);
    return STR_NULL;
}
