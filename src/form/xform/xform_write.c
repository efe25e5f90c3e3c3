/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xform_write.c - the frame of an XForm: namespaces, head, model. */
#include "form/xform/xform_part.h"

static const char *const spaces[][2] = {
    {"xmlns", "http://www.w3.org/2002/xforms"},
    {"xmlns:h", "http://www.w3.org/1999/xhtml"},
    {"xmlns:ev", "http://www.w3.org/2001/xml-events"},
    {"xmlns:xsd", "http://www.w3.org/2001/XMLSchema"},
    {"xmlns:jr", "http://openrosa.org/javarosa"},
    {"xmlns:orx", "http://openrosa.org/xforms"},
    {"xmlns:odk", "http://www.opendatakit.org/xforms"},
};

static bool space_is_ours(struct str prefix)
{
    for (size_t i = 1; i < sizeof spaces / sizeof spaces[0]; i++)
        if (str_equal_c(prefix, spaces[i][0] + strlen("xmlns:")))
            return true;
    return str_equal_c(prefix, "entities");
}

/* settings: esri="http://…" enk="http://…", one after the other. */
static bool space_next(struct str *rest, struct str *prefix, struct str *value)
{
    struct str one;

    while (str_cut(rest, ' ', &one)) {
        size_t equal = str_find_char(one, '=');

        *prefix = str_slice(one, 0, equal);
        *value =
            equal < SIZE_MAX ? str_slice(one, equal + 1, one.size) : STR("");
        if (value->size > 2 && (value->at[0] == '"' || value->at[0] == '\''))
            *value = str_slice(*value, 1, value->size - 1);
        if (equal < SIZE_MAX && xls_name_good(*prefix) &&
            !space_is_ours(*prefix) && value->size > 0)
            return true;
    }
    return false;
}

static void more_spaces(struct xform *xform)
{
    struct str rest = xls_setting(xform->xls, "namespaces"), prefix, value;

    while (space_next(&rest, &prefix, &value))
        xml_attribute_of(&xform->out,
                         str_join(xform->xls->arena, STR("xmlns:"), prefix),
                         value);
}

bool xform_space_declared(const struct xls *xls, struct str prefix)
{
    struct str rest = xls_setting(xls, "namespaces"), other, value;

    if (str_equal_c(prefix, "entities"))
        return xls->entity_count > 0;
    if (space_is_ours(prefix))
        return true;
    while (space_next(&rest, &other, &value))
        if (str_equal(other, prefix))
            return true;
    return false;
}

void xform_attribute(struct xform *xform, struct str name, struct str value)
{
    size_t colon = str_find_char(name, ':');
    struct str local =
        colon < SIZE_MAX ? str_slice(name, colon + 1, name.size) : name;

    if (!xls_name_good(local) ||
        (colon < SIZE_MAX &&
         !xform_space_declared(xform->xls, str_slice(name, 0, colon))))
        return;
    xml_attribute_of(&xform->out, name, value);
}

static void root(struct xform *xform)
{
    buf_puts(&xform->out, "<?xml version=\"1.0\"?>\n<h:html");
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        xml_attribute(&xform->out, spaces[i][0], str_of(spaces[i][1]));
    if (xform->xls->entity_count > 0)
        xml_attribute(&xform->out, "xmlns:entities",
                      STR("http://www.opendatakit.org/xforms/entities"));
    more_spaces(xform);
    buf_puts(&xform->out, ">\n");
}

static struct str entities_version(const struct xls *xls)
{
    if (xls->entity_count > 1)
        return STR("2025.1.0");
    return xls->entity[0].scope ? STR("2025.1.0") : STR("2024.1.0");
}

static void submission(struct xform *xform)
{
    static const char *const settings[][2] = {
        {"public_key", "base64RsaPublicKey"},
        {"auto_send", "orx:auto-send"},
        {"auto_delete", "orx:auto-delete"},
    };
    const struct xls *xls = xform->xls;
    struct str url = xls_setting(xls, "submission_url");
    bool editable = xls_yes(xls_setting(xls, "client_editable"));
    bool any = url.size > 0 || editable;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        any = any || xls_setting(xls, settings[i][0]).size > 0;
    if (!any)
        return;
    buf_puts(&xform->out, "<submission");
    if (url.size > 0) {
        xml_attribute(&xform->out, "action", url);
        xml_attribute(&xform->out, "method", STR("post"));
    }
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (xls_setting(xls, settings[i][0]).size > 0)
            xml_attribute(&xform->out, settings[i][1],
                          xls_setting(xls, settings[i][0]));
    if (editable)
        xml_attribute(&xform->out, "odk:client-editable", STR("true"));
    buf_puts(&xform->out, "/>\n");
}

static void model(struct xform *xform)
{
    buf_puts(&xform->out, "<model odk:xforms-version=\"1.0.0\"");
    if (xform->xls->entity_count > 0)
        xml_attribute(&xform->out, "entities:entities-version",
                      entities_version(xform->xls));
    buf_puts(&xform->out, ">\n");
    submission(xform);
    xform_itext(xform);
    xform_instance(xform);
    xform_secondary(xform);
    xform_binds(xform);
    buf_puts(&xform->out, "</model>\n");
}

struct str xform_from_csv(struct arena *arena, struct str csv, struct str root,
                          struct str id, struct form_problems *problems)
{
    struct xls_book book;
    struct err err = {0};
    struct xls *xls;
    bool good;

    *problems = (struct form_problems){0};
    if (!xls_book_csv(arena, csv, &book, &err)) {
        problems->problem = ARENA_NEW(arena, struct form_problem);
        problems->errors = 1;
        if (problems->problem) {
            problems->count = 1;
            *problems->problem = (struct form_problem){
                .sheet = STR(""), .column = STR(""), .code = "CSV", .err = err};
        }
        return STR_NULL;
    }
    xls = xls_gather(arena, &book, root, id, problems);
    good = xls && xform_check(xls);
    form_problems_sort(problems);
    return good ? xform_write(xls) : STR_NULL;
}

struct str xform_write(const struct xls *xls)
{
    struct xform xform = {.xls = xls};

    buf_init(&xform.out, xls->arena);
    root(&xform);
    buf_puts(&xform.out, "<h:head>\n<h:title>");
    xml_text(&xform.out, xls->title);
    buf_puts(&xform.out, "</h:title>\n");
    model(&xform);
    buf_puts(&xform.out, "</h:head>\n");
    xform_body(&xform);
    buf_puts(&xform.out, "</h:html>\n");
    return buf_str(&xform.out);
}
