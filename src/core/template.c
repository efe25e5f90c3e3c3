/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* template.c - Mustache text to nodes, and the set of named templates.
 *
 * Everything that does not depend on the data happens here: names are cut at
 * the dots, partials are looked up, texts are translated, tags alone on
 * their line take the line with them. The tag {{#_}} sends its raw text to
 * the translator and compiles what comes back in its place.
 */
#include "core/template.h"

#include "core/buf.h"
#include "core/template_node.h"

struct template_set {
    struct arena *arena;
    const struct translator *translator;
    struct template **slot; /* open addressing by name */
    size_t count, capacity; /* capacity a power of two */
};

enum { DELIMITER_MAX = 16, SET_CAPACITY = 64 };

/* What is being compiled: a file, or the translation inside of one. */
struct compiler {
    struct template_set *set;
    struct template *template;
    struct str source;
    size_t at;
    struct str open, close; /* delimiters */
    uint32_t section[TEMPLATE_DEPTH_MAX];
    int depth, base; /* sections open now, and when this source began */
    bool fragment;   /* a translation: no line of its own */
    bool line_start; /* of the fragment's first node */
    size_t first_line;
    struct err *err;
};

struct tag {
    int kind; /* the sigil, 0 for a plain name, -1 for no tag */
    struct str name;
    size_t start, end;         /* in the source, delimiters included */
    size_t line_from, line_to; /* start and end when not standalone */
    bool standalone;
};

static bool compile(struct compiler *compiler);

static size_t slot_of(const struct template_set *set, struct str name)
{
    size_t at = (size_t)str_hash(name) & (set->capacity - 1);

    while (set->slot[at] && !str_equal(set->slot[at]->name, name))
        at = (at + 1) & (set->capacity - 1);
    return at;
}

struct template_set *template_set_new(struct arena *arena,
                                      const struct translator *translator)
{
    struct template_set *set = ARENA_NEW(arena, struct template_set);

    if (!set)
        return NULL;
    set->arena = arena;
    set->translator = translator;
    set->capacity = SET_CAPACITY;
    set->slot = ARENA_ARRAY(arena, struct template *, set->capacity);
    return set->slot ? set : NULL;
}

static bool grow_set(struct template_set *set)
{
    struct template **old = set->slot;
    size_t capacity = set->capacity;
    struct template **slot =
        ARENA_ARRAY(set->arena, struct template *, capacity * 2);

    if (!slot)
        return false;
    set->slot = slot;
    set->capacity = capacity * 2;
    for (size_t i = 0; i < capacity; i++)
        if (old[i])
            set->slot[slot_of(set, old[i]->name)] = old[i];
    return true;
}

/* The template of that name, made (empty, not added) when unknown. */
static struct template *intern(struct template_set *set, struct str name)
{
    size_t at = slot_of(set, name);
    struct template *template;

    if (set->slot[at])
        return set->slot[at];
    if (set->count * 2 >= set->capacity) {
        if (!grow_set(set))
            return NULL;
        at = slot_of(set, name);
    }
    template = ARENA_NEW(set->arena, struct template);
    if (!template)
        return NULL;
    template->name = str_copy(set->arena, name);
    if (!template->name.at)
        return NULL;
    set->slot[at] = template;
    set->count++;
    return template;
}

const struct template *template_find(const struct template_set *set,
                                     struct str name)
{
    const struct template *found;

    if (!set)
        return NULL;
    found = set->slot[slot_of(set, name)];
    return found && found->added ? found : NULL;
}

static size_t line_number(const struct compiler *compiler)
{
    size_t number = compiler->first_line;

    for (size_t i = 0; i < compiler->at && i < compiler->source.size; i++)
        number += compiler->source.at[i] == '\n';
    return number;
}

static bool fail(struct compiler *compiler, const char *msgid, struct str what)
{
    char name[ERR_ARG_SIZE], line[24], tag[ERR_ARG_SIZE];

    snprintf(name, sizeof(name), "%.*s", STR_ARGS(compiler->template->name));
    snprintf(line, sizeof(line), "%zu", line_number(compiler));
    snprintf(tag, sizeof(tag), "%.*s", STR_ARGS(what));
    err_set(compiler->err, ERROR_INTERNAL, msgid, name, line, tag);
    return false;
}

static struct node *add_node(struct compiler *compiler, enum node_kind kind)
{
    struct template *template = compiler->template;
    struct node *node;

    if (template->count == template->capacity) {
        uint32_t capacity = template->capacity ? template->capacity * 2 : 32;

        node = arena_grow(compiler->set->arena, template->node,
                          template->capacity * sizeof(*node),
                          capacity * sizeof(*node));
        if (!node) {
            err_memory(compiler->err);
            return NULL;
        }
        template->node = node;
        template->capacity = capacity;
    }
    node = &template->node[template->count++];
    *node = (struct node){.kind = kind};
    return node;
}

static bool starts_line(const struct compiler *compiler, size_t at)
{
    if (!at)
        return !compiler->fragment || compiler->line_start;
    return compiler->source.at[at - 1] == '\n';
}

static bool add_text(struct compiler *compiler, size_t from, size_t to)
{
    struct node *node;

    if (from >= to)
        return true;
    node = add_node(compiler, NODE_TEXT);
    if (!node)
        return false;
    node->text = str_slice(compiler->source, from, to);
    node->line_start = starts_line(compiler, from);
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether the tag is alone on its line; then sets the line's limits. */
static void find_line(const struct compiler *compiler, struct tag *tag)
{
    struct str source = compiler->source;
    size_t from = tag->start, to = tag->end;

    tag->line_from = tag->start;
    tag->line_to = tag->end;
    tag->standalone = false;
    if (compiler->fragment || !tag->kind || strchr("&{", tag->kind))
        return;
    while (from && is_blank(source.at[from - 1]))
        from--;
    if (from && source.at[from - 1] != '\n')
        return;
    while (to < source.size && is_blank(source.at[to]))
        to++;
    if (to + 1 < source.size && source.at[to] == '\r' &&
        source.at[to + 1] == '\n')
        to += 2;
    else if (to < source.size && source.at[to] == '\n')
        to++;
    else if (to < source.size)
        return;
    tag->line_from = from;
    tag->line_to = to;
    tag->standalone = true;
}

static int read_sigil(struct str source, size_t at)
{
    char c = at < source.size ? source.at[at] : '\0';

    return c && strchr("#^/>!&={", c) ? c : 0;
}

/* Where the tag's text ends: {{{ closes with }}}, {{= with =}}. */
static size_t find_close(struct str rest, int kind, struct str close)
{
    char before = kind == '{' ? '}' : kind == '=' ? '=' : '\0';
    size_t at = str_find(rest, close);

    while (before && at != SIZE_MAX) {
        size_t more;

        if (at && rest.at[at - 1] == before)
            return at - 1;
        more = str_find(str_slice(rest, at + 1, rest.size), close);
        at = more == SIZE_MAX ? more : at + 1 + more;
    }
    return at;
}

/* The next tag from at on; kind -1 when there is none. False on an error. */
static bool next_tag(struct compiler *compiler, struct tag *tag)
{
    struct str rest =
        str_slice(compiler->source, compiler->at, compiler->source.size);
    size_t open = str_find(rest, compiler->open);
    size_t body, size;

    *tag = (struct tag){.kind = -1};
    if (open == SIZE_MAX)
        return true;
    tag->start = compiler->at + open;
    body = tag->start + compiler->open.size;
    tag->kind = read_sigil(compiler->source, body);
    body += tag->kind != 0;
    rest = str_slice(compiler->source, body, compiler->source.size);
    size = find_close(rest, tag->kind, compiler->close);
    if (size == SIZE_MAX) {
        compiler->at = tag->start;
        return fail(compiler,
                    N_("Plantilla {1}, línea {2}: una etiqueta no se cierra."),
                    STR_NULL);
    }
    tag->name = str_trim(str_slice(rest, 0, size));
    tag->end = body + size + compiler->close.size +
               (tag->kind == '{' || tag->kind == '=');
    find_line(compiler, tag);
    return true;
}

static bool set_delimiters(struct compiler *compiler, struct str text)
{
    size_t space = 0;
    struct str open, close;

    while (space < text.size && text.at[space] > ' ')
        space++;
    open = str_slice(text, 0, space);
    close = str_trim(str_slice(text, space, text.size));
    if (!open.size || !close.size || open.size > DELIMITER_MAX ||
        close.size > DELIMITER_MAX)
        return fail(compiler,
                    N_("Plantilla {1}, línea {2}: los delimitadores {3} no "
                       "sirven."),
                    text);
    compiler->open = open;
    compiler->close = close;
    return true;
}

static bool set_name(struct compiler *compiler, uint32_t index, struct str name)
{
    struct node *node = &compiler->template->node[index];
    struct str rest = name, part;
    size_t count = 1;

    node->text = name;
    if (str_equal(name, STR(".")))
        return true;
    for (size_t i = 0; i < name.size; i++)
        count += name.at[i] == '.';
    node->part = ARENA_ARRAY(compiler->set->arena, struct str, count);
    if (!node->part) {
        err_memory(compiler->err);
        return false;
    }
    while (str_cut(&rest, '.', &part)) {
        if (!part.size)
            return fail(compiler,
                        N_("Plantilla {1}, línea {2}: el nombre «{3}» no "
                           "sirve."),
                        name);
        node->part[node->part_count++] = part;
    }
    return true;
}

static bool add_named(struct compiler *compiler, const struct tag *tag,
                      enum node_kind kind)
{
    struct node *node = add_node(compiler, kind);

    if (!node)
        return false;
    node->line_start = !tag->standalone && starts_line(compiler, tag->start);
    if (!tag->name.size)
        return fail(compiler,
                    N_("Plantilla {1}, línea {2}: una etiqueta no dice qué "
                       "nombre."),
                    STR_NULL);
    return set_name(compiler, compiler->template->count - 1, tag->name);
}

static bool open_section(struct compiler *compiler, const struct tag *tag)
{
    if (compiler->depth == TEMPLATE_DEPTH_MAX)
        return fail(compiler,
                    N_("Plantilla {1}, línea {2}: demasiadas secciones una "
                       "dentro de otra."),
                    STR_NULL);
    if (!add_named(compiler, tag,
                   tag->kind == '#' ? NODE_SECTION : NODE_INVERTED))
        return false;
    compiler->section[compiler->depth++] = compiler->template->count - 1;
    return true;
}

static bool close_section(struct compiler *compiler, const struct tag *tag)
{
    struct node *node = NULL;

    if (compiler->depth > compiler->base)
        node =
            &compiler->template->node[compiler->section[compiler->depth - 1]];
    if (!node || !str_equal(node->text, tag->name))
        return fail(compiler,
                    N_("Plantilla {1}, línea {2}: {3} se cierra sin estar "
                       "abierta."),
                    tag->name);
    node->end = compiler->template->count;
    compiler->depth--;
    return true;
}

static bool add_partial(struct compiler *compiler, const struct tag *tag)
{
    const struct template *partial = intern(compiler->set, tag->name);
    struct node *node;

    if (!partial) {
        err_memory(compiler->err);
        return false;
    }
    node = add_node(compiler, NODE_PARTIAL);
    if (!node)
        return false;
    node->text = tag->name;
    node->partial = partial;
    node->line_start = !tag->standalone && starts_line(compiler, tag->start);
    node->inline_partial = !tag->standalone;
    if (tag->standalone)
        node->indent = str_slice(compiler->source, tag->line_from, tag->start);
    return true;
}

/* Runs of white space become one space; none at the ends. */
static struct str collapse(struct arena *arena, struct str text)
{
    struct buf out;
    bool space = false;

    text = str_trim(text);
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (is_blank(c) || (c >= '\n' && c <= '\r')) {
            space = true;
            continue;
        }
        if (space)
            buf_putc(&out, ' ');
        space = false;
        buf_putc(&out, c);
    }
    return buf_str(&out);
}

/* {{#_}} was read; *tag becomes its {{/_}} and the text is compiled. */
static bool add_translation(struct compiler *compiler, struct tag *tag)
{
    struct compiler inner = *compiler;
    size_t from = tag->end, to;

    do {
        compiler->at = tag->end;
        if (!next_tag(compiler, tag))
            return false;
        if (tag->kind == -1)
            return fail(compiler,
                        N_("Plantilla {1}, línea {2}: un texto por traducir "
                           "no se cierra."),
                        STR_NULL);
    } while (tag->kind != '/' || !str_equal(tag->name, STR("_")));
    to = tag->start;
    tag->line_to = tag->end;
    inner.line_start = starts_line(compiler, inner.at);
    inner.first_line = line_number(compiler);
    inner.fragment = true;
    inner.source = translate(
        compiler->set->translator,
        collapse(compiler->set->arena, str_slice(compiler->source, from, to)));
    inner.at = 0;
    inner.base = inner.depth;
    return compile(&inner);
}

static bool add_tag(struct compiler *compiler, struct tag *tag)
{
    switch (tag->kind) {
    case '!':
        return true;
    case '=':
        return set_delimiters(compiler, tag->name);
    case '#':
    case '^':
        return open_section(compiler, tag);
    case '/':
        return close_section(compiler, tag);
    case '>':
        return add_partial(compiler, tag);
    case '&':
    case '{':
        return add_named(compiler, tag, NODE_RAW);
    default:
        return add_named(compiler, tag, NODE_ESCAPED);
    }
}

static bool is_translation(const struct compiler *compiler,
                           const struct tag *tag)
{
    return tag->kind == '#' && !compiler->fragment &&
           str_equal(tag->name, STR("_"));
}

static bool compile(struct compiler *compiler)
{
    struct tag tag;

    for (;;) {
        size_t from = compiler->at;
        bool done;

        if (!next_tag(compiler, &tag))
            return false;
        if (tag.kind == -1) {
            if (!add_text(compiler, from, compiler->source.size))
                return false;
            break;
        }
        if (is_translation(compiler, &tag)) {
            compiler->at = tag.start;
            done = add_text(compiler, from, tag.start) &&
                   add_translation(compiler, &tag);
        } else {
            done = add_text(compiler, from, tag.line_from) &&
                   add_tag(compiler, &tag);
        }
        if (!done)
            return false;
        compiler->at = tag.line_to;
    }
    if (compiler->depth == compiler->base)
        return true;
    compiler->at = compiler->source.size;
    return fail(
        compiler, N_("Plantilla {1}, línea {2}: la sección {3} no se cierra."),
        compiler->template->node[compiler->section[compiler->depth - 1]].text);
}

enum error template_add(struct template_set *set, struct str name,
                        struct str source, struct err *err)
{
    struct compiler compiler = {
        .set = set,
        .source = source.at ? source : STR(""),
        .open = STR("{{"),
        .close = STR("}}"),
        .first_line = 1,
        .err = err,
    };
    struct template made = {0};
    struct template *template = set ? intern(set, name) : NULL;

    if (!template)
        return err_memory(err);
    made.name = template->name;
    compiler.template = &made;
    if (!compile(&compiler))
        return err ? err->code : ERROR_INTERNAL;
    made.added = true;
    *template = made;
    return ERROR_NONE;
}
