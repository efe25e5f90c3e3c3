/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_bind.c - one <bind> for each node that has a value or a rule, and
 * beside it what sets its value: a default to work out, the place, a
 * recording. */
#include "form/xform/xform_part.h"

static const struct {
    const char *name;
    enum xls_text_kind kind;
    enum xform_part part;
} messages[] = {
    {"jr:constraintMsg", XLS_TEXT_CONSTRAINT, XFORM_CONSTRAINT},
    {"jr:requiredMsg", XLS_TEXT_REQUIRED, XFORM_REQUIRED},
    {"jr:noAppErrorString", XLS_TEXT_NO_APP, XFORM_NO_APP},
};

static void type_attributes(struct xform *xform, const struct xls_node *node)
{
    struct str given = xls_attribute_get(&node->bind, "type");
    const struct xls_type *type = node->type;

    if (type->preload)
        xml_attribute(&xform->out, "jr:preload", str_of(type->preload));
    if (type->readonly && !xls_attribute_get(&node->bind, "readonly").at)
        xml_attribute(&xform->out, "readonly", STR("true()"));
    if (!given.at && type->bind[0])
        xml_attribute(&xform->out, "type", str_of(type->bind));
    if (type->preload)
        xml_attribute(&xform->out, "jr:preloadParams",
                      str_of(type->preload_params));
}

static void messages_put(struct xform *xform, const struct xls_node *node)
{
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct str text = xls_text_of(&node->texts, messages[i].kind);

        if (!text.at)
            continue;
        if (xform_in_itext(&node->texts, messages[i].part))
            text = str_format(
                xform->xls->arena, "jr:itext('%.*s')",
                STR_ARGS(xform_itext_id(xform, node, messages[i].part)));
        xml_attribute(&xform->out, messages[i].name, text);
    }
}

static bool is_calculated_elsewhere(const struct xls_node *node,
                                    const struct xls_attribute *attribute)
{
    return node->cell[XLS_CELL_TRIGGER].size > 0 &&
           str_equal_c(attribute->name, "calculate");
}

/* A group without a node of its own leaves its relevance to its questions. */
static struct str relevant_of(const struct xls *xls,
                              const struct xls_node *node)
{
    struct str all = xls_attribute_get(&node->bind, "relevant");

    for (node = node->parent; xls_is_flat(xls, node); node = node->parent) {
        struct str more = xls_attribute_get(&node->bind, "relevant");

        if (more.size > 0)
            all = all.size == 0 ? more
                                : str_format(xls->arena, "(%.*s) and (%.*s)",
                                             STR_ARGS(more), STR_ARGS(all));
    }
    return all;
}

static void user_attributes(struct xform *xform, const struct xls_node *node)
{
    struct str relevant = relevant_of(xform->xls, node);

    for (size_t i = 0; i < node->bind.count; i++) {
        const struct xls_attribute *attribute = &node->bind.attribute[i];

        if (is_calculated_elsewhere(node, attribute) ||
            str_equal_c(attribute->name, "relevant"))
            continue;
        xform_attribute(xform, attribute->name,
                        xls_expand(xform->xls, node, 0, attribute->value,
                                   XLS_EXPAND_PLAIN, NULL));
    }
    if (relevant.size > 0)
        xml_attribute(
            &xform->out, "relevant",
            xls_expand(xform->xls, node, 0, relevant, XLS_EXPAND_PLAIN, NULL));
    if (node->saveto.size > 0)
        xml_attribute(&xform->out, "entities:saveto", node->saveto);
}

static bool has_bind(const struct xls_node *node)
{
    if (node->type->kind == XLS_EXTERNAL)
        return false;
    if (node->type->bind[0])
        return true;
    return node->bind.count > 0;
}

static void bind(struct xform *xform, const struct xls_node *node)
{
    buf_puts(&xform->out, "<bind");
    xml_attribute(&xform->out, "nodeset", xls_path(xform->xls, node));
    type_attributes(xform, node);
    user_attributes(xform, node);
    messages_put(xform, node);
    buf_puts(&xform->out, "/>\n");
}

static void default_put(struct xform *xform, const struct xls_node *node)
{
    if (!node->dynamic_default)
        return;
    buf_puts(&xform->out, "<setvalue");
    xml_attribute(&xform->out, "ref", xls_path(xform->xls, node));
    xml_attribute(&xform->out, "event", STR("odk-instance-first-load"));
    xml_attribute(&xform->out, "value",
                  xls_expand(xform->xls, node, 0, node->cell[XLS_CELL_DEFAULT],
                             XLS_EXPAND_PLAIN, NULL));
    buf_puts(&xform->out, "/>\n");
}

static void action(struct xform *xform, const struct xls_node *node)
{
    const char *type = node->type->name;
    struct str quality = xls_attribute_get(&node->parameter, "quality");

    if (node->type->kind != XLS_ACTION ||
        strcmp(type, "background-geopoint") == 0)
        return;
    buf_puts(&xform->out, strcmp(type, "start-geopoint") == 0
                              ? "<odk:setgeopoint"
                              : "<odk:recordaudio");
    xml_attribute(&xform->out, "ref", xls_path(xform->xls, node));
    xml_attribute(&xform->out, "event",
                  strcmp(type, "start-geopoint") == 0
                      ? STR("odk-instance-first-load")
                      : STR("odk-instance-load"));
    if (quality.at)
        xml_attribute(&xform->out, "odk:quality", quality);
    buf_puts(&xform->out, "/>\n");
}

static void node_put(struct xform *xform, const struct xls_node *node)
{
    if (node->count_node)
        bind(xform, node->count_node);
    if (has_bind(node) && !xls_is_flat(xform->xls, node))
        bind(xform, node);
    default_put(xform, node);
    action(xform, node);
}

static void walk(struct xform *xform, const struct xls_node *node)
{
    for (; node; node = node->next) {
        node_put(xform, node);
        walk(xform, node->child);
        if (node->entity)
            xform_entity_binds(xform, node->entity);
    }
}

static void meta(struct xform *xform)
{
    const struct xls *xls = xform->xls;
    struct str preload = xls_setting(xls, "instance_id");
    struct str name = xls_setting(xls, "instance_name");

    if (!xls_yes(xls_setting(xls, "omit_instanceid"))) {
        buf_puts(&xform->out, "<bind");
        xml_attribute(
            &xform->out, "nodeset",
            str_join(xls->arena, xls_path(xls, NULL), STR("/meta/instanceID")));
        buf_puts(&xform->out, " type=\"string\" readonly=\"true()\"");
        xml_attribute(&xform->out, "jr:preload",
                      preload.size ? preload : STR("uid"));
        buf_puts(&xform->out, "/>\n");
    }
    if (name.size == 0)
        return;
    buf_puts(&xform->out, "<bind");
    xml_attribute(
        &xform->out, "nodeset",
        str_join(xls->arena, xls_path(xls, NULL), STR("/meta/instanceName")));
    buf_puts(&xform->out, " type=\"string\"");
    xml_attribute(&xform->out, "calculate",
                  xls_expand(xls, NULL, 0, name, XLS_EXPAND_PLAIN, NULL));
    buf_puts(&xform->out, "/>\n");
}

void xform_binds(struct xform *xform)
{
    walk(xform, xform->xls->top.child);
    if (xform->xls->top.entity)
        xform_entity_binds(xform, xform->xls->top.entity);
    meta(xform);
}
