/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_texts.c - labels, hints, messages and media: in place, or in <itext>
 * when there are several languages, media, or a guidance hint. */
#include "form/xform/xform_part.h"

static const struct {
    const char *suffix;
    enum xls_text_kind first, last;
} parts[XFORM_PARTS] = {
    {"label", XLS_TEXT_LABEL, XLS_TEXT_VIDEO},
    {"hint", XLS_TEXT_HINT, XLS_TEXT_GUIDANCE},
    {"jr:constraintMsg", XLS_TEXT_CONSTRAINT, XLS_TEXT_CONSTRAINT},
    {"jr:requiredMsg", XLS_TEXT_REQUIRED, XLS_TEXT_REQUIRED},
    {"jr:noAppErrorString", XLS_TEXT_NO_APP, XLS_TEXT_NO_APP},
};

static const char *const forms[] = {
#define XLS_CELL(id, name)
#define XLS_TEXT(id, name, form) form,
#define XLS_COLUMN(sheet, alias, target, which)
#include "form/xls/columns.def"
};

static bool in_part(const struct xls_text *text, enum xform_part part)
{
    return text->kind >= parts[part].first && text->kind <= parts[part].last;
}

bool xform_in_itext(const struct xls_texts *texts, enum xform_part part)
{
    for (size_t i = 0; i < texts->count; i++) {
        const struct xls_text *text = &texts->text[i];

        if (!in_part(text, part))
            continue;
        if (text->language.size > 0 || text->kind != parts[part].first)
            return true;
        if (part >= XFORM_CONSTRAINT && xls_has_reference(text->text))
            return true;
    }
    return false;
}

struct str xform_itext_id(const struct xform *xform,
                          const struct xls_node *node, enum xform_part part)
{
    struct buf out;

    buf_init(&out, xform->xls->arena);
    buf_put(&out, xls_path(xform->xls, node));
    buf_putc(&out, ':');
    buf_puts(&out, parts[part].suffix);
    return buf_str(&out);
}

/* --- what a text refers to ------------------------------------------------ */

/* instance('…')/…[…]/… from `at`: where it ends, or `at`. */
static size_t expression_end(struct str text, size_t at)
{
    size_t depth = 0, end = at;
    char quote = 0;
    bool slash = false;

    for (size_t i = at + 8; i < text.size; i++) { /* from its bracket */
        char c = text.at[i];

        if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[') {
            depth++;
        } else if (c == ')' || c == ']') {
            if (depth == 0)
                break;
            depth--;
        } else if (depth == 0 && c == '/') {
            slash = true;
        } else if (depth == 0 &&
                   !(c == '_' || c == '-' || c == '*' || c == ':' ||
                     (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z'))) {
            break;
        }
        if (depth == 0 && !quote && slash && c != '/')
            end = i + 1;
    }
    return end;
}

static size_t next_expression(struct str text, size_t from, size_t *end)
{
    while (from < text.size) {
        size_t at =
            str_find(str_slice(text, from, text.size), STR("instance("));

        if (at == SIZE_MAX)
            return SIZE_MAX;
        at += from;
        *end = expression_end(text, at);
        if (*end > at)
            return at;
        from = at + 9;
    }
    return SIZE_MAX;
}

static void output(struct xform *xform, const struct xls_node *node,
                   struct str text)
{
    buf_puts(&xform->out, "<output");
    xml_attribute(
        &xform->out, "value",
        xls_expand(xform->xls, node, 0, text, XLS_EXPAND_PLAIN, NULL));
    buf_puts(&xform->out, "/>");
}

void xform_text(struct xform *xform, const struct xls_node *node,
                struct str text)
{
    size_t at = 0, end = 0, done = 0;
    size_t expression = next_expression(text, 0, &end);
    struct xls_ref ref;

    if (!xls_has_reference(text) && expression == SIZE_MAX) {
        xml_text(&xform->out, text);
        return;
    }
    buf_putc(&xform->out, ' ');
    for (;;) {
        bool found = xls_ref_next(text, &at, &ref);

        if (expression < SIZE_MAX && (!found || expression < ref.from)) {
            xml_text(&xform->out, str_slice(text, done, expression));
            output(xform, node, str_slice(text, expression, end));
            done = at = end;
            expression = next_expression(text, end, &end);
            continue;
        }
        if (!found)
            break;
        xml_text(&xform->out, str_slice(text, done, ref.from));
        output(xform, node, str_slice(text, ref.from, ref.to));
        done = ref.to;
    }
    xml_text(&xform->out, str_slice(text, done, text.size));
    buf_putc(&xform->out, ' ');
}

/* --- itext ---------------------------------------------------------------- */

struct translating {
    struct xform *xform;
    struct str *language;
    size_t languages;
    struct str now; /* the language being written; null: languages are sought */
};

static struct str language_of(const struct xform *xform,
                              const struct xls_text *text)
{
    return text->language.size ? text->language : xform->xls->default_language;
}

static void languages_see(struct translating *translating,
                          const struct xls_texts *texts, enum xform_part part)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct str language = language_of(translating->xform, &texts->text[i]);
        size_t at = 0;

        if (!in_part(&texts->text[i], part))
            continue;
        while (at < translating->languages &&
               !str_equal(translating->language[at], language))
            at++;
        if (at < translating->languages)
            continue;
        translating->language =
            xls_room(translating->xform->xls->arena, translating->language, at,
                     sizeof *translating->language);
        if (translating->language)
            translating->language[translating->languages++] = language;
    }
}

static const char *media_folder(enum xls_text_kind kind)
{
    return kind == XLS_TEXT_IMAGE || kind == XLS_TEXT_BIG_IMAGE ? "jr://images/"
           : kind == XLS_TEXT_AUDIO                             ? "jr://audio/"
           : kind == XLS_TEXT_VIDEO                             ? "jr://video/"
                                                                : NULL;
}

static const struct xls_text *text_in(const struct translating *translating,
                                      const struct xls_texts *texts,
                                      enum xls_text_kind kind, bool *any)
{
    const struct xls_text *plain = NULL;

    *any = false;
    for (size_t i = 0; i < texts->count; i++) {
        const struct xls_text *text = &texts->text[i];

        if (text->kind != kind)
            continue;
        *any = true;
        if (!str_equal(language_of(translating->xform, text), translating->now))
            continue;
        if (text->language.size > 0)
            return text;
        plain = text;
    }
    return plain;
}

static void form_value(struct translating *translating,
                       const struct xls_node *node,
                       const struct xls_texts *texts, enum xls_text_kind kind)
{
    struct buf *out = &translating->xform->out;
    const char *folder = media_folder(kind);
    bool any;
    const struct xls_text *text = text_in(translating, texts, kind, &any);

    if (!any || (!text && folder))
        return;
    buf_puts(out, "<value");
    if (forms[kind][0])
        xml_attribute(out, "form", str_of(forms[kind]));
    buf_putc(out, '>');
    if (!text)
        buf_putc(out, '-');
    else if (folder)
        xform_text(translating->xform, node,
                   str_starts(text->text, STR("jr://"))
                       ? text->text
                       : str_join(translating->xform->xls->arena,
                                  str_of(folder), text->text));
    else
        xform_text(translating->xform, node, text->text);
    buf_puts(out, "</value>");
}

static void entry(struct translating *translating, const struct xls_node *node,
                  struct str id, const struct xls_texts *texts,
                  enum xform_part part)
{
    struct buf *out = &translating->xform->out;

    if (str_is_null(translating->now)) {
        languages_see(translating, texts, part);
        return;
    }
    buf_puts(out, "<text");
    xml_attribute(out, "id", id);
    buf_putc(out, '>');
    for (int kind = (int)parts[part].first; kind <= (int)parts[part].last;
         kind++)
        form_value(translating, node, texts, (enum xls_text_kind)kind);
    buf_puts(out, "</text>\n");
}

static void entries(struct translating *translating)
{
    const struct xls *xls = translating->xform->xls;

    for (size_t i = 0; i < xls->lists; i++)
        for (size_t j = 0; xls->list[i].itext && j < xls->list[i].count; j++)
            if (xls->list[i].choice[j].texts.count > 0)
                entry(translating, NULL,
                      str_format(xls->arena, "%.*s-%zu",
                                 STR_ARGS(xls->list[i].name), j),
                      &xls->list[i].choice[j].texts, XFORM_LABEL);
    for (size_t i = 0; i < xls->nodes; i++) {
        const struct xls_node *node = xls->node[i];

        for (int part = 0; part < XFORM_PARTS; part++)
            if (xform_in_itext(&node->texts, (enum xform_part)part))
                entry(translating, node,
                      xform_itext_id(translating->xform, node,
                                     (enum xform_part)part),
                      &node->texts, (enum xform_part)part);
    }
}

void xform_itext(struct xform *xform)
{
    struct translating *translating =
        ARENA_NEW(xform->xls->arena, struct translating);

    if (!translating)
        return;
    translating->xform = xform;
    entries(translating);
    if (translating->languages == 0)
        return;
    buf_puts(&xform->out, "<itext>\n");
    for (size_t i = 0; i < translating->languages; i++) {
        translating->now = translating->language[i];
        buf_puts(&xform->out, "<translation");
        xml_attribute(&xform->out, "lang", translating->now);
        if (str_equal(translating->now, xform->xls->default_language))
            xml_attribute(&xform->out, "default", STR("true()"));
        buf_puts(&xform->out, ">\n");
        entries(translating);
        buf_puts(&xform->out, "</translation>\n");
    }
    buf_puts(&xform->out, "</itext>\n");
}
