/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_type.c - what the column type says: types.def and the ways to write it.
 */
#include "form/xls/xls_read.h"

enum {
#define QUESTION_TYPE(name, text, bind, has_value)                             \
    STORED_##name = QUESTION_##name,
#include "form/question_types.def"
#undef QUESTION_TYPE
    STORED_NOTHING = XLS_STORED_NOTHING
};

static const struct xls_type types[] = {
#define XLS_TYPE(name, control, bind, media, params, kind, label, readonly,    \
                 stored)                                                       \
    {name,                                                                     \
     control,                                                                  \
     bind,                                                                     \
     XLS_##kind == XLS_NO_CONTROL ? NULL : media,                              \
     XLS_##kind == XLS_NO_CONTROL ? media : NULL,                              \
     params,                                                                   \
     XLS_##kind,                                                               \
     label,                                                                    \
     readonly,                                                                 \
     STORED_##stored},
#define XLS_ALIAS(alias, name)
#include "form/xls/types.def"
};

static const char *const aliases[][2] = {
#define XLS_TYPE(name, control, bind, media, params, kind, label, readonly,    \
                 stored)
#define XLS_ALIAS(alias, name) {alias, name},
#include "form/xls/types.def"
};

static const struct select {
    const char *words, *type;
    bool file, external;
} selects[] = {
#define XLS_TYPE(name, control, bind, media, params, kind, label, readonly,    \
                 stored)
#define XLS_ALIAS(alias, name)
#define XLS_SELECT(words, type, file, external) {words, type, file, external},
#include "form/xls/types.def"
};

const struct xls_type *xls_type_named(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

static const struct xls_type *type_find(struct str name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (str_equal_nocase(name, str_of(types[i].name)) &&
            types[i].kind != XLS_SELECT && types[i].kind < XLS_GROUP)
            return &types[i];
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (str_equal_nocase(name, str_of(aliases[i][0])))
            return xls_type_named(aliases[i][1]);
    return NULL;
}

/* "select_one_from_file" and "select one from file": all with _ or all with
 * spaces, then the end or a space. */
static bool begins(struct str text, const char *words)
{
    size_t size = strlen(words);
    char between = 0;

    if (text.size < size || (text.size > size && text.at[size] != ' '))
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text.at[i], small = c;

        if (c >= 'A' && c <= 'Z')
            small = (char)(c - 'A' + 'a');
        if (words[i] == ' ') {
            if ((c != ' ' && c != '_') || (between && c != between))
                return false;
            between = c;
        } else if (small != words[i]) {
            return false;
        }
    }
    return true;
}

static struct str one_spaces(struct arena *arena, struct str text, char from)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == from || c == '\t' || c == '\n' || c == '\r')
            c = ' ';
        if (c != ' ' || (out.size && out.at[out.size - 1] != ' '))
            buf_putc(&out, c);
    }
    return str_trim(buf_str(&out));
}

static struct str other_cut(struct xls_node *node, struct str list)
{
    static const char *const endings[] = {" or_other", " or specify other",
                                          " or other"};

    for (size_t i = 0; i < 3; i++)
        if (str_ends(list, str_of(endings[i]))) {
            node->or_other = true;
            return str_trim(str_slice(list, 0, list.size - strlen(endings[i])));
        }
    return list;
}

static bool file_read(struct xls *xls, struct xls_node *node, struct str name)
{
    static const char *const endings[] = {".csv", ".xml", ".geojson"};

    for (size_t i = 0; i < 3; i++)
        if (str_ends(name, str_of(endings[i]))) {
            node->file = name;
            node->file_extension = str_of(endings[i]);
            node->file_name =
                str_slice(name, 0, name.size - strlen(endings[i]));
            node->list_name = node->file_name;
            return true;
        }
    xls_node_problem(xls, XLS_LIST_FILE, node, "type", name, STR(""));
    return false;
}

static bool select_read(struct xls *xls, struct xls_node *node, struct str text,
                        const struct select *select)
{
    struct str list =
                   str_trim(str_slice(text, strlen(select->words), text.size)),
               name;

    list = other_cut(node, list);
    node->type = xls_type_named(select->type);
    node->external = select->external;
    if (list.size == 0)
        list = node->cell[XLS_CELL_LIST_NAME];
    if (list.size == 0) {
        xls_node_problem(xls, XLS_LIST_MISSING, node, "type", text, STR(""));
        return false;
    }
    if (xls_is_reference(list, &name)) {
        node->list_reference = name;
        return true;
    }
    if (select->file)
        return file_read(xls, node, list);
    if (str_find_char(list, ' ') < SIZE_MAX) {
        xls_node_problem(xls, XLS_TYPE_UNKNOWN, node, "type", text, STR(""));
        return false;
    }
    node->list_name = list;
    return true;
}

/* What people write who think of another program, or in Spanish. */
static const char *const meant[][2] = {
    {"texto", "text"},
    {"txt", "text"},
    {"string text", "text"},
    {"varchar", "text"},
    {"entero", "integer"},
    {"number", "integer, decimal"},
    {"numeric", "integer, decimal"},
    {"numero", "integer, decimal"},
    {"número", "integer, decimal"},
    {"float", "decimal"},
    {"double", "decimal"},
    {"fecha", "date"},
    {"hora", "time"},
    {"fecha y hora", "dateTime"},
    {"timestamp", "dateTime"},
    {"nota", "note"},
    {"calculo", "calculate"},
    {"cálculo", "calculate"},
    {"foto", "image"},
    {"imagen", "image"},
    {"archivo", "file"},
    {"ubicacion", "geopoint"},
    {"ubicación", "geopoint"},
    {"firma", "image (appearance: signature)"},
    {"signature", "image (appearance: signature)"},
    {"draw", "image (appearance: draw)"},
    {"boolean", "select_one si_no"},
    {"bool", "select_one si_no"},
    {"yes no", "select_one si_no"},
    {"checkbox", "acknowledge, select_multiple lista"},
    {"radio", "select_one lista"},
    {"dropdown", "select_one lista (appearance: minimal)"},
    {"multiselect", "select_multiple lista"},
    {"seleccion", "select_one lista"},
    {"selección", "select_one lista"},
    {"seleccionar uno", "select_one lista"},
    {"seleccion multiple", "select_multiple lista"},
    {"tel", "text (appearance: numbers)"},
    {"telefono", "text (appearance: numbers)"},
    {"teléfono", "text (appearance: numbers)"},
    {"phone", "text (appearance: numbers)"},
    {"db:person", "text (appearance: select-contact type-person)"},
    {"group", "begin_group … end_group"},
    {"grupo", "begin_group … end_group"},
    {"repeat", "begin_repeat … end_repeat"},
    {"repeticion", "begin_repeat … end_repeat"},
    {"inicio grupo", "begin_group"},
    {"fin grupo", "end_group"},
};

static const char *const kobo[] = {
    "begin kobomatrix", "end kobomatrix", "begin score",
    "end score",        "score  row",     "begin rank",
    "end rank",         "rank  level",    NULL};

static bool ends_like(struct str word, const char *name)
{
    enum { FAR = 2, SHORT = 4 };
    struct str other = str_of(name);

    return word.size >= SHORT && other.size >= SHORT &&
           str_distance(word, other) <= FAR;
}

/* The nearest of the types, or "". */
static struct str type_like(struct arena *arena, struct str text)
{
    struct str small = one_spaces(arena, xls_lower(arena, text), '_');
    size_t space = str_find_char(small, ' ');

    for (size_t i = 0; i < sizeof meant / sizeof meant[0]; i++)
        if (str_equal_c(small, meant[i][0]))
            return str_of(meant[i][1]);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_like(small, types[i].name) && types[i].kind < XLS_GROUP)
            return str_of(types[i].name);
    for (size_t i = 0; i < sizeof selects / sizeof selects[0]; i++) {
        size_t size = strlen(selects[i].words);
        struct str first = str_slice(small, 0, size);

        if (str_find_char(str_of(selects[i].words), ' ') == SIZE_MAX)
            size = 0; /* select, rank: too short to guess by */
        if (size > 0 && str_distance(first, str_of(selects[i].words)) <= 2)
            return str_equal_c(str_of(selects[i].type), "select one")
                       ? STR("select_one lista")
                       : STR("select_multiple lista");
    }
    if (str_distance(str_slice(small, 0, space), STR("begin")) <= 2)
        return STR("begin_group, begin_repeat");
    if (space < SIZE_MAX &&
        str_distance(str_slice(small, 0, space), STR("end")) <= 1)
        return STR("end_group, end_repeat");
    return STR("");
}

static void type_unknown(struct xls *xls, struct xls_node *node,
                         struct str text)
{
    struct str small = one_spaces(xls->arena, xls_lower(xls->arena, text), ' ');
    struct str like = type_like(xls->arena, text);
    struct buf plain;

    buf_init(&plain, xls->arena);
    for (size_t i = 0; i < small.size; i++)
        buf_putc(&plain, small.at[i] == '_' ? ' ' : small.at[i]);
    node->unknown = true;
    if (begins(text, "include"))
        xls_node_problem(xls, XLS_TYPE_INCLUDE, node, "type", text, STR(""));
    else if (xls_one_of(buf_str(&plain), kobo))
        xls_node_problem(xls, XLS_TYPE_KOBO, node, "type", text, STR(""));
    else
        xls_node_problem(xls, like.size ? XLS_TYPE_LIKE : XLS_TYPE_UNKNOWN,
                         node, "type", text, like);
}

static const struct xls_type *plain_find(struct arena *arena, struct str text)
{
    const struct xls_type *type = type_find(one_spaces(arena, text, ' '));

    return type ? type : type_find(one_spaces(arena, text, '_'));
}

/* A type of its own in some programs; here a picture that is drawn. */
static void signature(struct xls *xls, struct xls_node *node)
{
    if (xls_attribute_get(&node->control, "appearance").size > 0)
        return;
    node->appearance = STR("signature");
    xls_attribute_set(xls->arena, &node->control, STR("appearance"),
                      node->appearance, NULL);
}

bool xls_type_of(struct xls *xls, struct xls_node *node, struct str text)
{
    text = one_spaces(xls->arena, text, ' ');
    node->type = plain_find(xls->arena, text);
    if (node->type) {
        if (str_equal_nocase(text, STR("signature")))
            signature(xls, node);
        return true;
    }
    if (begins(text, "osm")) {
        node->type = xls_type_named("osm");
        node->list_name = str_trim(str_slice(text, 3, text.size));
        return true;
    }
    for (size_t i = 0; i < sizeof selects / sizeof selects[0]; i++)
        if (begins(text, selects[i].words))
            return select_read(xls, node, text, &selects[i]);
    type_unknown(xls, node, text);
    return false;
}
