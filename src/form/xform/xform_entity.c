/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_entity.c - <entity> in the meta of its container, and its binds. */
#include "form/xform/xform_part.h"

static bool updates(const struct xls_entity *entity)
{
    return entity->id.size > 0;
}

static bool creates(const struct xls_entity *entity)
{
    return !updates(entity) || entity->create_if.size > 0;
}

void xform_entity(struct xform *xform, const struct xls_entity *entity)
{
    struct buf *out = &xform->out;

    buf_puts(out, "<entity");
    xml_attribute(out, "dataset", entity->name);
    if (creates(entity))
        xml_attribute(out, "create", STR("1"));
    if (updates(entity)) {
        xml_attribute(out, "update", STR("1"));
        xml_attribute(out, "baseVersion", STR(""));
        xml_attribute(out, "trunkVersion", STR(""));
        xml_attribute(out, "branchId", STR(""));
    }
    xml_attribute(out, "id", STR(""));
    buf_puts(out, entity->label.size > 0 ? "><label/></entity>\n" : "/>\n");
}

static struct str entity_path(const struct xform *xform,
                              const struct xls_entity *entity, const char *end)
{
    return str_join(xform->xls->arena,
                    str_join(xform->xls->arena,
                             xls_path(xform->xls, entity->container),
                             STR("/meta/entity/")),
                    str_of(end));
}

/* A bind two levels below the container: seen from it, the node is 3 deep. */
static void bind(struct xform *xform, const struct xls_entity *entity,
                 const char *end, struct str calculate)
{
    buf_puts(&xform->out, "<bind");
    xml_attribute(&xform->out, "nodeset", entity_path(xform, entity, end));
    if (calculate.size > 0)
        xml_attribute(&xform->out, "calculate",
                      xls_expand(xform->xls, entity->container, 3, calculate,
                                 XLS_EXPAND_PLAIN, NULL));
    buf_puts(&xform->out, " readonly=\"true()\" type=\"string\"/>\n");
}

static void version(struct xform *xform, const struct xls_entity *entity,
                    const char *attribute, const char *column)
{
    bind(xform, entity, attribute,
         str_format(xform->xls->arena,
                    "instance('%.*s')/root/item[name=%.*s]/%s",
                    STR_ARGS(entity->name), STR_ARGS(entity->id), column));
}

static void id_set(struct xform *xform, const struct xls_entity *entity,
                   const char *event)
{
    buf_puts(&xform->out, "<setvalue");
    xml_attribute(&xform->out, "ref", entity_path(xform, entity, "@id"));
    xml_attribute(&xform->out, "event", str_of(event));
    xml_attribute(&xform->out, "value", STR("uuid()"));
    buf_puts(&xform->out, "/>\n");
}

void xform_entity_binds(struct xform *xform, const struct xls_entity *entity)
{
    if (entity->create_if.size > 0)
        bind(xform, entity, "@create", entity->create_if);
    if (updates(entity)) {
        if (entity->update_if.size > 0)
            bind(xform, entity, "@update", entity->update_if);
        version(xform, entity, "@baseVersion", "__version");
        version(xform, entity, "@trunkVersion", "__trunkVersion");
        version(xform, entity, "@branchId", "__branchId");
    }
    bind(xform, entity, "@id", entity->id);
    if (!updates(entity))
        id_set(xform, entity, "odk-instance-first-load");
    if (entity->label.size > 0)
        bind(xform, entity, "label", entity->label);
}

/* In a repeat: an id for each new row. */
void xform_entity_repeat(struct xform *xform, const struct xls_node *repeat)
{
    const struct xls *xls = xform->xls;

    for (size_t i = xls->entity_count; i-- > 0;) {
        const struct xls_entity *entity = &xls->entity[i];

        if (entity->placed && entity->scope == repeat && !updates(entity))
            id_set(xform, entity, "odk-new-repeat");
    }
}
