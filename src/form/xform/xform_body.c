/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_body.c - the controls: label, hint, choices, and what a change sets. */
#include "form/xform/xform_part.h"

static void controls(struct xform *xform, const struct xls_node *node);

static void text_element(struct xform *xform, const struct xls_node *node,
                         enum xform_part part, enum xls_text_kind kind,
                         const char *name)
{
    struct buf *out = &xform->out;
    struct str text = xls_text_of(&node->texts, kind);

    if (xform_in_itext(&node->texts, part)) {
        buf_printf(out, "<%s", name);
        xml_attribute(out, "ref",
                      str_format(xform->xls->arena, "jr:itext('%.*s')",
                                 STR_ARGS(xform_itext_id(xform, node, part))));
        buf_puts(out, "/>\n");
    } else if (text.size == 0) {
        buf_printf(out, "<%s/>\n", name);
    } else {
        buf_printf(out, "<%s>", name);
        xform_text(xform, node, text);
        buf_printf(out, "</%s>\n", name);
    }
}

static bool has_label(const struct xls_node *node)
{
    for (size_t i = 0; i < node->texts.count; i++)
        if (node->texts.text[i].kind <= XLS_TEXT_VIDEO)
            return true;
    return false;
}

static void label_and_hint(struct xform *xform, const struct xls_node *node)
{
    text_element(xform, node, XFORM_LABEL, XLS_TEXT_LABEL, "label");
    if (xls_has_text(&node->texts, XLS_TEXT_HINT) ||
        xls_has_text(&node->texts, XLS_TEXT_GUIDANCE))
        text_element(xform, node, XFORM_HINT, XLS_TEXT_HINT, "hint");
}

static void attributes(struct xform *xform, const struct xls_node *node)
{
    for (size_t i = 0; i < node->control.count; i++)
        xform_attribute(xform, node->control.attribute[i].name,
                        xls_expand(xform->xls, node, 0,
                                   node->control.attribute[i].value,
                                   XLS_EXPAND_PLAIN, NULL));
}

static void ref(struct xform *xform, const char *name,
                const struct xls_node *node)
{
    xml_attribute(&xform->out, name, xls_path(xform->xls, node));
}

/* --- choices -------------------------------------------------------------- */

static bool is_inside(const struct xls_node *node,
                      const struct xls_node *repeat)
{
    for (; node; node = node->repeat)
        if (node == repeat)
            return true;
    return false;
}

/* From within the repeat: all its rows, those beside this one. */
static void repeat_path(struct buf *out, const struct xls *xls,
                        const struct xls_node *node,
                        const struct xls_node *repeat)
{
    if (!is_inside(node, repeat)) {
        buf_put(out, xls_path_from(xls, node, 0, repeat, false));
        return;
    }
    for (size_t i = repeat->depth; i <= node->depth; i++)
        buf_puts(out, "../");
    buf_put(out, repeat->name);
}

/* Choices from the rows of a repeat: those that are filled in. */
static struct str repeat_items(struct xform *xform, const struct xls_node *node,
                               struct str *value)
{
    const struct xls *xls = xform->xls;
    const struct xls_node *from = xls_find(xls, node->list_reference), *repeat;
    struct str filter = node->cell[XLS_CELL_CHOICE_FILTER];
    struct buf out;

    buf_init(&out, xls->arena);
    if (!from)
        return STR("");
    repeat = from->type->kind == XLS_REPEAT ? from : from->repeat;
    *value = from->type->kind == XLS_REPEAT
                 ? STR("geometry")
                 : str_slice(xls_path(xls, from),
                             xls_path(xls, repeat).size + 1, SIZE_MAX);
    repeat_path(&out, xls, node, repeat);
    buf_putc(&out, '[');
    if (filter.size > 0) {
        buf_put(&out,
                xls_expand(xls, node, 0, filter, XLS_EXPAND_FILTER, repeat));
    } else {
        buf_puts(&out, "./");
        buf_put(&out, *value);
        buf_puts(&out, " != ''");
    }
    buf_putc(&out, ']');
    return buf_str(&out);
}

static struct str list_items(struct xform *xform, const struct xls_node *node)
{
    const struct xls *xls = xform->xls;
    struct str filter = node->cell[XLS_CELL_CHOICE_FILTER];
    struct buf out;

    buf_init(&out, xls->arena);
    buf_puts(&out, "instance('");
    buf_put(&out, node->list_name);
    buf_puts(&out, "')/root/item");
    if (filter.size > 0) {
        buf_putc(&out, '[');
        buf_put(&out,
                xls_expand(xls, node, 0, filter, XLS_EXPAND_FILTER, NULL));
        buf_putc(&out, ']');
    }
    return buf_str(&out);
}

static struct str randomized(struct xform *xform, const struct xls_node *node,
                             struct str items)
{
    struct arena *arena = xform->xls->arena;
    struct str flag = xls_attribute_get(&node->parameter, "randomize");
    struct str seed = xls_attribute_get(&node->parameter, "seed");

    if (!flag.at || !xls_yes(flag))
        return items;
    if (!seed.at)
        return str_format(arena, "randomize(%.*s)", STR_ARGS(items));
    seed = xls_expand(xform->xls, node, 0, seed, XLS_EXPAND_PLAIN, NULL);
    return str_format(arena, "randomize(%.*s,%s%.*s)", STR_ARGS(items),
                      seed.size && seed.at[0] == ' ' ? "" : " ",
                      STR_ARGS(seed));
}

static void itemset(struct xform *xform, const struct xls_node *node)
{
    bool geojson = str_equal_c(node->file_extension, ".geojson");
    struct str value = geojson ? STR("id") : STR("name");
    struct str label = geojson ? STR("title") : STR("label");
    struct str given = xls_attribute_get(&node->parameter, "value"), items;

    if (node->list_reference.size > 0) {
        items = repeat_items(xform, node, &value);
        label = value;
    } else {
        items = list_items(xform, node);
        if (node->list && node->list->itext)
            label = STR("jr:itext(itextId)");
    }
    if (given.at && node->file.size > 0)
        value = given;
    given = xls_attribute_get(&node->parameter, "label");
    if (given.at && node->file.size > 0)
        label = given;
    buf_puts(&xform->out, "<itemset");
    xml_attribute(&xform->out, "nodeset", randomized(xform, node, items));
    buf_puts(&xform->out, ">\n<value");
    xml_attribute(&xform->out, "ref", value);
    buf_puts(&xform->out, "/>\n<label");
    xml_attribute(&xform->out, "ref", label);
    buf_puts(&xform->out, "/>\n</itemset>\n");
}

/* search() fills the list in Collect: its choices stand in the body. */
static void inline_items(struct xform *xform, const struct xls_node *node)
{
    const struct xls_list *list = node->list;
    struct buf *out = &xform->out;

    for (size_t i = 0; list && i < list->count; i++) {
        struct str label = xls_text_of(&list->choice[i].texts, XLS_TEXT_LABEL);

        buf_puts(out, "<item>");
        if (list->itext) {
            buf_puts(out, "<label");
            xml_attribute(out, "ref",
                          str_format(xform->xls->arena, "jr:itext('%.*s-%zu')",
                                     STR_ARGS(list->name), i));
            buf_puts(out, "/>");
        } else {
            buf_puts(out, "<label>");
            xform_text(xform, NULL, label.at ? label : STR(""));
            buf_puts(out, "</label>");
        }
        buf_puts(out, "<value>");
        xml_text(out, list->choice[i].name);
        buf_puts(out, "</value></item>\n");
    }
}

static void tags(struct xform *xform, const struct xls_node *node)
{
    for (size_t i = 0; i < xform->xls->tag_lists; i++) {
        const struct xls_list *list = &xform->xls->tags[i];

        if (!str_equal(list->name, node->list_name))
            continue;
        for (size_t j = 0; j < list->count; j++) {
            buf_puts(&xform->out, "<tag");
            xml_attribute(&xform->out, "key", list->choice[j].name);
            buf_puts(&xform->out, "><label>");
            xml_text(&xform->out,
                     xls_text_of(&list->choice[j].texts, XLS_TEXT_LABEL));
            buf_puts(&xform->out, "</label></tag>\n");
        }
    }
}

static void choices(struct xform *xform, const struct xls_node *node)
{
    if (node->type->kind == XLS_OSM)
        tags(xform, node);
    else if (node->external)
        return;
    else if (node->search)
        inline_items(xform, node);
    else if (node->type->kind == XLS_SELECT || node->list_name.size > 0 ||
             node->list_reference.size > 0)
        itemset(xform, node);
}

/* --- controls ------------------------------------------------------------- */

static void triggered(struct xform *xform, const struct xls_node *node)
{
    for (size_t i = 0; i < node->triggers; i++) {
        const struct xls_node *target = node->trigger[i].target;
        struct str value = xls_attribute_get(&target->bind, "calculate");

        buf_puts(&xform->out,
                 node->trigger[i].geopoint ? "<odk:setgeopoint" : "<setvalue");
        ref(xform, "ref", target);
        xml_attribute(&xform->out, "event", STR("xforms-value-changed"));
        if (value.size > 0 && !node->trigger[i].geopoint)
            xml_attribute(&xform->out, "value",
                          xls_expand(xform->xls, target, 0, value,
                                     XLS_EXPAND_PLAIN, NULL));
        buf_puts(&xform->out, "/>\n");
    }
}

static void question(struct xform *xform, const struct xls_node *node)
{
    const char *name = node->external ? "input" : node->type->control;
    struct str items;

    buf_printf(&xform->out, "<%s", name);
    ref(xform, "ref", node);
    if (node->type->media && !xls_attribute_get(&node->control, "mediatype").at)
        xml_attribute(&xform->out, "mediatype", str_of(node->type->media));
    attributes(xform, node);
    if (node->external) {
        items = list_items(xform, node);
        xml_attribute(&xform->out, "query", items);
    }
    if (node->cell[XLS_CELL_QUERY].size > 0 && !node->external)
        xml_attribute(&xform->out, "query",
                      xls_expand(xform->xls, node, 0,
                                 node->cell[XLS_CELL_QUERY], XLS_EXPAND_PLAIN,
                                 NULL));
    buf_puts(&xform->out, ">\n");
    label_and_hint(xform, node);
    choices(xform, node);
    triggered(xform, node);
    buf_printf(&xform->out, "</%s>\n", name);
}

static void group(struct xform *xform, const struct xls_node *node)
{
    buf_puts(&xform->out, "<group");
    attributes(xform, node);
    if (!xls_is_flat(xform->xls, node))
        ref(xform, "ref", node);
    buf_puts(&xform->out, ">\n");
    if (has_label(node))
        text_element(xform, node, XFORM_LABEL, XLS_TEXT_LABEL, "label");
    controls(xform, node->child);
    buf_puts(&xform->out, "</group>\n");
}

/* Defaults that are worked out anew in each row. */
static void row_defaults(struct xform *xform, const struct xls_node *repeat,
                         const struct xls_node *node)
{
    for (; node; node = node->next) {
        if (node->dynamic_default && node->repeat == repeat) {
            buf_puts(&xform->out, "<setvalue");
            ref(xform, "ref", node);
            xml_attribute(&xform->out, "event", STR("odk-new-repeat"));
            xml_attribute(&xform->out, "value",
                          xls_expand(xform->xls, node, 0,
                                     node->cell[XLS_CELL_DEFAULT],
                                     XLS_EXPAND_PLAIN, NULL));
            buf_puts(&xform->out, "/>\n");
        }
        if (node->type->kind == XLS_GROUP)
            row_defaults(xform, repeat, node->child);
    }
}

static void repeat(struct xform *xform, const struct xls_node *node)
{
    const struct xls *xls = xform->xls;
    struct str count = node->count_text;

    buf_puts(&xform->out, "<group");
    ref(xform, "ref", node);
    buf_puts(&xform->out, ">\n");
    text_element(xform, node, XFORM_LABEL, XLS_TEXT_LABEL, "label");
    buf_puts(&xform->out, "<repeat");
    ref(xform, "nodeset", node);
    if (node->count_node)
        count = str_format(
            xls->arena, " %.*s ",
            STR_ARGS(xls_path_from(xls, node, 0, node->count_node, false)));
    else if (count.size > 0)
        count = xls_expand(xls, node, 0, count, XLS_EXPAND_PLAIN, NULL);
    if (count.size > 0)
        xml_attribute(&xform->out, "jr:count", count);
    attributes(xform, node);
    buf_puts(&xform->out, ">\n");
    controls(xform, node->child);
    row_defaults(xform, node, node->child);
    xform_entity_repeat(xform, node);
    buf_puts(&xform->out, "</repeat>\n</group>\n");
}

static void controls(struct xform *xform, const struct xls_node *node)
{
    for (; node; node = node->next)
        if (node->type->kind >= XLS_GROUP && !node->child && !node->entity)
            continue; /* Collect and web forms refuse one without questions */
        else if (node->type->kind == XLS_REPEAT)
            repeat(xform, node);
        else if (node->type->kind == XLS_GROUP)
            group(xform, node);
        else if (xls_has_control(node))
            question(xform, node);
}

void xform_body(struct xform *xform)
{
    struct str style = xls_setting(xform->xls, "style");

    buf_puts(&xform->out, "<h:body");
    if (style.size > 0)
        xml_attribute(&xform->out, "class", style);
    buf_puts(&xform->out, ">\n");
    controls(xform, xform->xls->top.child);
    buf_puts(&xform->out, "</h:body>\n");
}
