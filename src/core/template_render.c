/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* template_render.c - nodes and data to text.
 *
 * The hot path of every page: no allocation but the output's, names compared
 * by length and bytes. False are null, false, 0, "", an empty list and what
 * is not there. A list or object interpolated shows as JSON.
 */
#include "core/template.h"

#include "core/buf.h"
#include "core/template_node.h"

enum { INDENT_MAX = 512 }; /* what goes beyond is left out */

struct render {
    struct template_options options;
    struct buf *out;
    struct err *err;
    const struct template *template; /* the one running, for messages */
    const struct value *scope[TEMPLATE_DEPTH_MAX + 1];
    int scopes;
    int depth;         /* of sections and partials */
    struct str indent; /* of the partials we are in, in indent_text */
    char indent_text[INDENT_MAX];
};

static enum error render_nodes(struct render *render, uint32_t from,
                               uint32_t to);

static enum error fail(struct render *render, const char *msgid,
                       struct str what)
{
    char name[ERR_ARG_SIZE], text[ERR_ARG_SIZE];

    snprintf(name, sizeof(name), "%.*s", STR_ARGS(render->template->name));
    snprintf(text, sizeof(text), "%.*s", STR_ARGS(what));
    return err_set(render->err, ERROR_INTERNAL, msgid, name, text, NULL);
}

/* The value of the node's name, NULL when there is none. */
static enum error find(struct render *render, const struct node *node,
                       const struct value **value)
{
    const struct value *at = NULL;
    uint32_t part = 1;

    if (!node->part_count) {
        *value = render->scope[render->scopes - 1];
        return ERROR_NONE;
    }
    for (int i = render->scopes; i > 0 && !at; i--)
        at = value_get_str(render->scope[i - 1], node->part[0]);
    for (; at && part < node->part_count; part++) {
        if (value_type(at) == VALUE_NULL)
            break; /* nothing inside of nothing, and that is known */
        at = value_get_str(at, node->part[part]);
    }
    *value = part == node->part_count ? at : NULL;
    if (!at && render->options.strict)
        return fail(render,
                    N_("La plantilla {1} pide un dato que no existe: {2}."),
                    node->text);
    return ERROR_NONE;
}

static bool is_true(const struct value *value)
{
    switch (value_type(value)) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return value_to_bool(value, false);
    case VALUE_INT:
        return value_to_int(value, 0) != 0;
    case VALUE_NUMBER:
        return value_to_double(value, 0) < 0 || value_to_double(value, 0) > 0;
    case VALUE_STRING:
        return value_text(value).size != 0;
    case VALUE_LIST:
        return value_count(value) != 0;
    default:
        return true;
    }
}

static void put_indent(struct render *render, const struct node *node)
{
    if (node->line_start && render->indent.size)
        buf_put(render->out, render->indent);
}

/* Text whose lines, but the first, may need the indentation. */
static void put_text(struct render *render, struct str text)
{
    if (!render->indent.size) {
        buf_put(render->out, text);
        return;
    }
    while (text.size) {
        size_t end = str_find_char(text, '\n');

        if (end == SIZE_MAX || end + 1 == text.size) {
            buf_put(render->out, text);
            return;
        }
        buf_add(render->out, text.at, end + 1);
        buf_put(render->out, render->indent);
        text = str_slice(text, end + 1, text.size);
    }
}

static void put_value(struct render *render, const struct value *value,
                      bool raw)
{
    struct buf json;

    switch (value_type(value)) {
    case VALUE_NULL:
        return;
    case VALUE_STRING:
        if (raw)
            buf_put(render->out, value_text(value));
        else
            buf_put_html(render->out, value_text(value));
        return;
    case VALUE_BOOL:
        buf_puts(render->out, value_to_bool(value, false) ? "true" : "false");
        return;
    case VALUE_INT:
    case VALUE_NUMBER:
        value_write(value, render->out);
        return;
    default:
        buf_init(&json, render->out->arena);
        value_write(value, &json);
        if (raw)
            buf_put(render->out, buf_str(&json));
        else
            buf_put_html(render->out, buf_str(&json));
    }
}

static enum error too_deep(struct render *render)
{
    return fail(render, N_("La plantilla {1} se anida demasiado en {2}."),
                render->template->name);
}

static enum error render_body(struct render *render, const struct value *value,
                              uint32_t from, uint32_t to)
{
    enum error error;

    render->scope[render->scopes++] = value;
    error = render_nodes(render, from, to);
    render->scopes--;
    return error;
}

static enum error render_section(struct render *render, uint32_t at)
{
    const struct node *node = &render->template->node[at];
    const struct value *value;
    enum error error = find(render, node, &value);

    if (error || is_true(value) == (node->kind == NODE_INVERTED))
        return error;
    if (render->depth == TEMPLATE_DEPTH_MAX)
        return too_deep(render);
    render->depth++;
    if (node->kind == NODE_INVERTED) {
        error = render_nodes(render, at + 1, node->end);
    } else if (value_type(value) == VALUE_LIST) {
        size_t count = value_count(value);

        for (size_t i = 0; i < count && !error; i++)
            error = render_body(render, value_at(value, i), at + 1, node->end);
    } else {
        error = render_body(render, value, at + 1, node->end);
    }
    render->depth--;
    return error;
}

/* The indentation of a partial: alone on its line it adds its own to ours; in
 * the middle of a line it has none. */
static struct str inner_indent(struct render *render, const struct node *node)
{
    struct str outer = render->indent;
    size_t end = (size_t)(outer.at + outer.size - render->indent_text);
    size_t size = node->indent.size;

    if (node->inline_partial)
        return (struct str){render->indent_text + end, 0};
    if (size > INDENT_MAX - end)
        size = INDENT_MAX - end;
    if (size)
        memcpy(render->indent_text + end, node->indent.at, size);
    return (struct str){outer.at, outer.size + size};
}

static enum error render_partial(struct render *render, const struct node *node)
{
    const struct template *caller = render->template;
    struct str outer = render->indent;
    enum error error;

    if (!node->partial->added) {
        if (!render->options.strict)
            return ERROR_NONE;
        return fail(render,
                    N_("La plantilla {1} incluye a {2}, que no existe."),
                    node->text);
    }
    if (render->depth == TEMPLATE_DEPTH_MAX)
        return too_deep(render);
    render->depth++;
    render->indent = inner_indent(render, node);
    render->template = node->partial;
    error = render_nodes(render, 0, node->partial->count);
    render->template = caller;
    render->indent = outer;
    render->depth--;
    return error;
}

static enum error render_value(struct render *render, const struct node *node)
{
    const struct value *value;
    enum error error = find(render, node, &value);

    if (!error)
        put_value(render, value, node->kind == NODE_RAW);
    return error;
}

/* from to to, both of the template that is running. */
static enum error render_nodes(struct render *render, uint32_t from,
                               uint32_t to)
{
    enum error error = ERROR_NONE;

    for (uint32_t i = from; i < to && !error; i++) {
        const struct node *node = &render->template->node[i];

        put_indent(render, node);
        switch (node->kind) {
        case NODE_TEXT:
            put_text(render, node->text);
            break;
        case NODE_ESCAPED:
        case NODE_RAW:
            error = render_value(render, node);
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            error = render_section(render, i);
            i = node->end - 1;
            break;
        case NODE_PARTIAL:
            error = render_partial(render, node);
            break;
        }
    }
    return error;
}

enum error template_render(const struct template_set *set,
                           const struct template *template,
                           const struct value *data,
                           struct template_options options, struct buf *out,
                           struct err *err)
{
    struct render render;
    enum error error;

    (void)set; /* partials were found when they were compiled */
    if (!template)
        return err_set(err, ERROR_INTERNAL, N_("La plantilla no existe."), NULL,
                       NULL, NULL);
    render.options = options;
    render.out = out;
    render.err = err;
    render.template = template;
    render.scope[0] = data;
    render.scopes = 1;
    render.depth = 0;
    render.indent = (struct str){render.indent_text, 0};
    error = render_nodes(&render, 0, template->count);
    if (!error && arena_failed(out->arena))
        error = err_memory(err);
    return error;
}
