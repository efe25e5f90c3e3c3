/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_instance.c - the primary instance: a repeat stands twice, first as
 * template; and the secondary ones: lists of choices and attached files. */
#include "form/xform/xform_part.h"

/* What becomes of a repeat below: a template and a row; only a template, for
 * it stands right in that of another; only a row, in the row of another. */
enum copies { COPY_BOTH, COPY_TEMPLATE, COPY_ROW };

static void children(struct xform *xform, const struct xls_node *parent,
                     enum copies copies);

static void name_open(struct xform *xform, const struct xls_node *node,
                      bool as_template)
{
    buf_putc(&xform->out, '<');
    buf_put(&xform->out, node->name);
    if (as_template) {
        xml_attribute(&xform->out, "jr:template", STR(""));
        return;
    }
    for (size_t i = 0; i < node->instance.count; i++)
        xform_attribute(xform, node->instance.attribute[i].name,
                        xls_expand(xform->xls, node, 0,
                                   node->instance.attribute[i].value,
                                   XLS_EXPAND_PLAIN, NULL));
}

static void name_close(struct xform *xform, const struct xls_node *node)
{
    buf_puts(&xform->out, "</");
    buf_put(&xform->out, node->name);
    buf_puts(&xform->out, ">\n");
}

static void question(struct xform *xform, const struct xls_node *node)
{
    struct str text = node->cell[XLS_CELL_DEFAULT];

    if (node->type->kind == XLS_EXTERNAL || node->type->kind == XLS_AUDIT)
        return;
    name_open(xform, node, false);
    if (text.size == 0 || node->dynamic_default) {
        buf_puts(&xform->out, "/>\n");
        return;
    }
    buf_putc(&xform->out, '>');
    if (strcmp(node->type->name, "photo") == 0 &&
        !str_starts(text, STR("jr://")))
        buf_puts(&xform->out, "jr://images/");
    xml_text(&xform->out, text);
    name_close(xform, node);
}

static void group(struct xform *xform, const struct xls_node *node,
                  bool as_template, enum copies copies)
{
    name_open(xform, node, as_template);
    if (!node->child && !node->entity) {
        buf_puts(&xform->out, "/>\n");
        return;
    }
    buf_puts(&xform->out, ">\n");
    children(xform, node, copies);
    if (node->entity) {
        buf_puts(&xform->out, "<meta>\n");
        xform_entity(xform, node->entity);
        buf_puts(&xform->out, "</meta>\n");
    }
    name_close(xform, node);
}

static void children(struct xform *xform, const struct xls_node *parent,
                     enum copies copies)
{
    for (const struct xls_node *node = parent->child; node; node = node->next) {
        if (node->count_node)
            question(xform, node->count_node);
        if (node->type->kind == XLS_REPEAT && !node->child && !node->entity) {
            group(xform, node, false, COPY_ROW); /* not in the body either */
        } else if (node->type->kind == XLS_REPEAT) {
            if (copies != COPY_ROW)
                group(xform, node, true, COPY_TEMPLATE);
            if (copies != COPY_TEMPLATE)
                group(xform, node, false, COPY_ROW);
        } else if (xls_is_flat(xform->xls, node)) {
            children(xform, node, copies);
        } else if (node->type->kind == XLS_GROUP) {
            group(xform, node, false,
                  copies == COPY_TEMPLATE ? COPY_BOTH : copies);
        } else {
            question(xform, node);
        }
    }
}

static void meta(struct xform *xform)
{
    const struct xls *xls = xform->xls;
    bool omit = xls_yes(xls_setting(xls, "omit_instanceid"));
    bool name = xls_setting(xls, "instance_name").size > 0;

    if (omit && !name && !xls->audit && !xls->top.entity)
        return;
    buf_puts(&xform->out, "<meta>\n");
    if (xls->audit)
        buf_puts(&xform->out, "<audit/>\n");
    if (xls->top.entity)
        xform_entity(xform, xls->top.entity);
    if (!omit)
        buf_puts(&xform->out, "<instanceID/>\n");
    if (name)
        buf_puts(&xform->out, "<instanceName/>\n");
    buf_puts(&xform->out, "</meta>\n");
}

static void root_attributes(struct xform *xform)
{
    static const char *const settings[][2] = {
        {"instance_xmlns", "xmlns"},
        {"prefix", "odk:prefix"},
        {"delimiter", "odk:delimiter"},
    };
    const struct xls *xls = xform->xls;

    for (size_t i = 0; i < xls->attribute.count; i++)
        xform_attribute(xform, xls->attribute.attribute[i].name,
                        xls->attribute.attribute[i].value);
    xml_attribute(&xform->out, "id", xls->id);
    if (xls->version.size > 0)
        xml_attribute(&xform->out, "version", xls->version);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (xls_setting(xls, settings[i][0]).size > 0)
            xml_attribute(&xform->out, settings[i][1],
                          xls_setting(xls, settings[i][0]));
}

void xform_instance(struct xform *xform)
{
    buf_puts(&xform->out, "<instance>\n<");
    buf_put(&xform->out, xform->xls->root);
    root_attributes(xform);
    buf_puts(&xform->out, ">\n");
    children(xform, &xform->xls->top, COPY_BOTH);
    meta(xform);
    buf_puts(&xform->out, "</");
    buf_put(&xform->out, xform->xls->root);
    buf_puts(&xform->out, ">\n</instance>\n");
}

/* --- secondary ------------------------------------------------------------ */

static void element(struct buf *out, struct str name, struct str text)
{
    buf_putc(out, '<');
    buf_put(out, name);
    buf_putc(out, '>');
    xml_text(out, text);
    buf_puts(out, "</");
    buf_put(out, name);
    buf_putc(out, '>');
}

static void item(struct xform *xform, const struct xls_list *list, size_t index)
{
    const struct xls_choice *choice = &list->choice[index];
    struct str label = xls_text_of(&choice->texts, XLS_TEXT_LABEL);
    struct buf *out = &xform->out;

    buf_puts(out, "<item>");
    if (list->itext && choice->texts.count > 0) {
        buf_puts(out, "<itextId>");
        xml_text(out, list->name);
        buf_printf(out, "-%zu</itextId>", index);
    }
    element(out, STR("name"), choice->name);
    if (!list->itext && label.at)
        element(out, STR("label"), label);
    for (size_t i = 0; i < choice->extra.count; i++)
        element(out, choice->extra.attribute[i].name,
                choice->extra.attribute[i].value);
    buf_puts(out, "</item>\n");
}

void xform_secondary(struct xform *xform)
{
    const struct xls *xls = xform->xls;

    for (size_t i = 0; i < xls->instances; i++) {
        const struct xls_instance *instance = &xls->instance[i];

        buf_puts(&xform->out, "<instance");
        xml_attribute(&xform->out, "id", instance->id);
        if (!instance->list) {
            xml_attribute(&xform->out, "src", instance->uri);
            buf_puts(&xform->out, "/>\n");
            continue;
        }
        buf_puts(&xform->out, ">\n<root>\n");
        for (size_t j = 0; j < instance->list->count; j++)
            item(xform, instance->list, j);
        buf_puts(&xform->out, "</root>\n</instance>\n");
    }
}
