/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_path.c - ${name} as a path: absolute, or relative between two nodes that
 * share a repeat; with current() where a predicate changes what "." means. */
#include "form/xls/xls_read.h"

enum { FRAMES_MAX = 64 };

bool xls_is_flat(const struct xls *xls, const struct xls_node *node)
{
    return xls->flat && node && node->type && node->type->kind == XLS_GROUP;
}

static void path_put(struct buf *out, const struct xls *xls,
                     const struct xls_node *node)
{
    if (!node || node == &xls->top) {
        buf_putc(out, '/');
        buf_put(out, xls->root);
        return;
    }
    if (node->type && node->type->kind == XLS_AUDIT) {
        path_put(out, xls, NULL);
        buf_puts(out, "/meta");
    } else {
        path_put(out, xls, node->parent);
    }
    if (xls_is_flat(xls, node))
        return;
    buf_putc(out, '/');
    buf_put(out, node->name);
}

struct str xls_path(const struct xls *xls, const struct xls_node *node)
{
    struct buf out;

    buf_init(&out, xls->arena);
    path_put(&out, xls, node);
    return buf_str(&out);
}

static bool is_above(const struct xls_node *above, const struct xls_node *node)
{
    for (; node; node = node->parent)
        if (node == above)
            return true;
    return false;
}

/* The deepest node above both, neither of them; NULL unless a repeat is there
 * or above it. */
static const struct xls_node *common(const struct xls *xls,
                                     const struct xls_node *from,
                                     const struct xls_node *to)
{
    const struct xls_node *at = to->parent;

    while (at && (!is_above(at, from) || xls_is_flat(xls, at)))
        at = at->parent;
    if (!at || at == &xls->top)
        return NULL;
    return at->type->kind == XLS_REPEAT || at->repeat ? at : NULL;
}

static void down(struct buf *out, const struct xls *xls,
                 const struct xls_node *above, const struct xls_node *node)
{
    if (node == above)
        return;
    down(out, xls, above, node->parent);
    if (xls_is_flat(xls, node))
        return;
    buf_putc(out, '/');
    buf_put(out, node->name);
}

struct str xls_path_from(const struct xls *xls, const struct xls_node *from,
                         size_t up, const struct xls_node *to, bool current)
{
    const struct xls_node *above = from ? common(xls, from, to) : NULL;
    struct buf out;
    size_t steps;

    if (!above)
        return xls_path(xls, to);
    buf_init(&out, xls->arena);
    if (current)
        buf_puts(&out, "current()/");
    steps = from->depth + up - above->depth;
    for (size_t i = 0; i < steps; i++)
        buf_puts(&out, i ? "/.." : "..");
    down(&out, xls, above, to);
    return buf_str(&out);
}

/* Where the text stands: inside which brackets, after which path. */
struct frame {
    char kind;    /* ( [ */
    bool indexed; /* ( of indexed-repeat */
    size_t arg;
    bool instance; /* [ of an instance(), or ( inside one */
    bool path;     /* the path that the bracket belongs to was one */
};

struct scan {
    struct frame frame[FRAMES_MAX];
    size_t depth;
    bool path; /* a path that began with instance() is being read */
    char quote;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           (unsigned char)c >= 0x80;
}

static struct str word_before(struct str text, size_t at)
{
    size_t from = at;

    while (from > 0 && is_word(text.at[from - 1]))
        from--;
    return str_slice(text, from, at);
}

static bool in_predicate(const struct scan *scan)
{
    return scan->depth > 0 && scan->frame[scan->depth - 1].instance;
}

static void open_bracket(struct scan *scan, struct str text, size_t at)
{
    struct str word = word_before(text, at);
    struct frame frame = {.kind = text.at[at], .instance = in_predicate(scan)};

    if (frame.kind == '(') {
        frame.indexed = str_equal_c(word, "indexed-repeat");
        frame.path = str_equal_c(word, "instance");
    } else {
        frame.instance = frame.instance || scan->path;
        frame.path = scan->path;
    }
    if (scan->depth < FRAMES_MAX)
        scan->frame[scan->depth++] = frame;
    scan->path = false;
}

static void scan_char(struct scan *scan, struct str text, size_t at)
{
    char c = text.at[at];
    struct frame *top = scan->depth ? &scan->frame[scan->depth - 1] : NULL;

    if (scan->quote) {
        if (c == scan->quote)
            scan->quote = 0;
    } else if (c == '\'' || c == '"') {
        scan->quote = c;
    } else if (c == '(' || c == '[') {
        open_bracket(scan, text, at);
    } else if (c == ')' || c == ']') {
        scan->path = top && top->path;
        if (scan->depth > 0)
            scan->depth--;
    } else if (c == ',') {
        if (top)
            top->arg++;
        scan->path = false;
    } else if (!is_word(c) && c != '/' && c != ':' && c != '*' && c != '@') {
        scan->path = false;
    }
}

/* The repeats and the first argument of indexed-repeat() are absolute. */
static bool in_indexed(const struct scan *scan)
{
    const struct frame *top =
        scan->depth ? &scan->frame[scan->depth - 1] : NULL;

    return top && top->indexed && (top->arg == 0 || top->arg % 2 == 1);
}

static void reference_put(struct buf *out, const struct xls *xls,
                          const struct xls_node *from, size_t up,
                          const struct xls_ref *ref, const struct scan *scan,
                          enum xls_expand how, const struct xls_node *items)
{
    const struct xls_node *to = xls_find(xls, ref->name);

    buf_putc(out, ' ');
    if (!to) {
        buf_puts(out, "''"); /* told as a problem */
    } else if (ref->last_saved) {
        buf_puts(out, "instance('__last-saved')");
        path_put(out, xls, to);
    } else if (items && is_above(items, to) && to != items) {
        buf_putc(out, '.');
        down(out, xls, items, to);
    } else if (in_indexed(scan)) {
        path_put(out, xls, to);
    } else {
        buf_put(out,
                xls_path_from(xls, from, up, to,
                              how == XLS_EXPAND_FILTER || in_predicate(scan)));
    }
    buf_putc(out, ' ');
}

struct str xls_expand(const struct xls *xls, const struct xls_node *from,
                      size_t up, struct str text, enum xls_expand how,
                      const struct xls_node *items)
{
    struct scan scan = {0};
    struct xls_ref ref;
    struct buf out;
    size_t at = 0, done = 0;

    if (!xls_has_reference(text))
        return text;
    buf_init(&out, xls->arena);
    while (xls_ref_next(text, &at, &ref)) {
        for (size_t i = done; i < ref.from; i++)
            scan_char(&scan, text, i);
        buf_put(&out, str_slice(text, done, ref.from));
        done = ref.to;
        if (ref.good)
            reference_put(&out, xls, from, up, &ref, &scan, how, items);
        scan.path = false;
    }
    buf_put(&out, str_slice(text, done, text.size));
    return buf_str(&out);
}
