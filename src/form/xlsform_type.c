/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_type.c - what the column type says: "select one yes_no",
 * "begin_repeat", "int" and the other ways people write it. */
#include "form/xlsform_read.h"

#include "core/utf8.h"
#include "form/xls/xls.h"

static const struct {
    const char *name;
    enum question_type type;
} names[] = {
#define QUESTION_TYPE(name, text, bind, has_value) {text, QUESTION_##name},
#include "form/question_types.def"
#undef QUESTION_TYPE
    {"string", QUESTION_TEXT},
    {"barcode", QUESTION_TEXT},
    {"email", QUESTION_TEXT},
    {"phone_number", QUESTION_TEXT},
    {"phonenumber", QUESTION_TEXT},
    {"int", QUESTION_INTEGER},
    {"datetime", QUESTION_DATETIME},
    {"date_time", QUESTION_DATETIME},
    {"photo", QUESTION_IMAGE},
    {"location", QUESTION_GEOPOINT},
    {"gps", QUESTION_GEOPOINT},
    {"trigger", QUESTION_ACKNOWLEDGE},
    {"calculation", QUESTION_CALCULATE},
    {"begin_group", QUESTION_GROUP},
    {"begin_repeat", QUESTION_REPEAT},
};

/* What the program keeps no answer for. */
static const char *const omitted[] = {
    "deviceid",     "subscriberid",        "simserial",        "audit",
    "xml-external", "csv-external",        "background-audio", "start-geopoint",
    "instance",     "background-geopoint",
};

/* Longest first; what follows is the list. */
static const struct {
    const char *prefix;
    enum question_type type;
    bool from_file;
} selects[] = {
    {"select_one_from_file ", QUESTION_SELECT_ONE, true},
    {"select_multiple_from_file ", QUESTION_SELECT_MULTIPLE, true},
    {"select one from file ", QUESTION_SELECT_ONE, true},
    {"select multiple from file ", QUESTION_SELECT_MULTIPLE, true},
    {"select all that apply from ", QUESTION_SELECT_MULTIPLE, false},
    {"select all that apply ", QUESTION_SELECT_MULTIPLE, false},
    {"select one from ", QUESTION_SELECT_ONE, false},
    {"select multiple from ", QUESTION_SELECT_MULTIPLE, false},
    {"select one ", QUESTION_SELECT_ONE, false},
    {"select_one ", QUESTION_SELECT_ONE, false},
    {"select1 ", QUESTION_SELECT_ONE, false},
    {"select multiple ", QUESTION_SELECT_MULTIPLE, false},
    {"select_multiple ", QUESTION_SELECT_MULTIPLE, false},
    {"select ", QUESTION_SELECT_MULTIPLE, false},
    {"rank ", QUESTION_RANK, false},
};

/* Runs of white space as one space, the first word in small letters. */
static struct str single_spaces(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
        if (c != ' ' || (out.size && out.at[out.size - 1] != ' '))
            buf_putc(&out, c);
    }
    return str_trim(buf_str(&out));
}

static bool starts_nocase(struct str text, struct str prefix)
{
    return text.size >= prefix.size &&
           str_equal_nocase(str_slice(text, 0, prefix.size), prefix);
}

static struct type_cell wrong(struct reading *reading,
                              const struct sheet_row *row, const char *msgid,
                              struct str arg)
{
    problem_add(reading, "survey", row->row, STR("type"), msgid, arg, STR(""));
    return (struct type_cell){.kind = TYPE_WRONG};
}

/* Choices that only a phone has: here the answer is typed. */
static struct type_cell typed(struct reading *reading,
                              const struct sheet_row *row, struct str text)
{
    problem_warn(reading, "survey", row->row, STR("type"),
                 N_("«{1}»: en estas páginas la respuesta se escribe; de la "
                    "lista se elige en el teléfono."),
                 text);
    return (struct type_cell){.kind = TYPE_QUESTION, .type = QUESTION_TEXT};
}

static bool other_cut(struct str *list)
{
    static const char *const endings[] = {" or_other", " or specify other",
                                          " or other"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (str_ends(*list, str_of(endings[i]))) {
            *list =
                str_trim(str_slice(*list, 0, list->size - strlen(endings[i])));
            return true;
        }
    return false;
}

static struct type_cell select_read(struct reading *reading,
                                    const struct sheet_row *row,
                                    struct str text, size_t index)
{
    struct type_cell cell = {.kind = TYPE_QUESTION,
                             .type = selects[index].type,
                             .from_file = selects[index].from_file};
    struct str list =
        str_trim(str_slice(text, strlen(selects[index].prefix), text.size));

    cell.or_other = other_cut(&list);
    if (str_starts(list, STR("${")) ||
        (cell.from_file && !str_ends(list, STR(".csv"))))
        return typed(reading, row, text);
    if (list.size == 0 ||
        (!cell.from_file && str_find_char(list, ' ') < SIZE_MAX))
        return wrong(reading, row,
                     N_("Escriba el nombre de una lista de la hoja choices, "
                        "sin espacios: select_one lista. Dice: {1}"),
                     text);
    cell.list = list;
    return cell;
}

static struct str underscores(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    text = utf8_lower(arena, text);
    for (size_t i = 0; i < text.size; i++)
        buf_putc(&out, text.at[i] == ' ' ? '_' : text.at[i]);
    return buf_str(&out);
}

static bool is_omitted(struct str name)
{
    for (size_t i = 0; i < sizeof omitted / sizeof omitted[0]; i++)
        if (str_equal_c(name, omitted[i]))
            return true;
    return false;
}

/* The types of form/xls/types.def that are kept as another. */
static bool kept_as(struct str name, enum question_type *type)
{
    static const struct {
        const char *name;
        enum question_type type;
    } kept[] = {
        {"geotrace", QUESTION_TEXT},     {"geoshape", QUESTION_TEXT},
        {"osm", QUESTION_TEXT},          {"barcode", QUESTION_TEXT},
        {"phone_number", QUESTION_TEXT}, {"percentage", QUESTION_INTEGER},
    };

    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (str_equal_c(name, kept[i].name)) {
            *type = kept[i].type;
            return true;
        }
    return false;
}

static bool plain_read(struct str name, struct type_cell *cell)
{
    *cell = (struct type_cell){.kind = TYPE_QUESTION};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal_nocase(name, str_of(names[i].name)) &&
            names[i].type != QUESTION_SELECT_ONE &&
            names[i].type != QUESTION_SELECT_MULTIPLE &&
            names[i].type != QUESTION_RANK) {
            cell->type = names[i].type;
            return true;
        }
    return kept_as(name, &cell->type);
}

struct type_cell type_read(struct reading *reading, const struct sheet_row *row)
{
    struct str text = single_spaces(
        reading->arena, sheet_cell(row, reading->column[SURVEY_type]));
    struct str name = underscores(reading->arena, text);
    struct str spaced = str_join(reading->arena, text, STR(" "));

    const struct xls_type *known;
    struct type_cell cell;

    if (str_equal_c(name, "end_group") || str_equal_c(name, "end_repeat"))
        return (struct type_cell){.kind = TYPE_END,
                                  .type = str_equal_c(name, "end_group")
                                              ? QUESTION_GROUP
                                              : QUESTION_REPEAT};
    if (plain_read(name, &cell))
        return cell;
    if (str_starts(name, STR("select_one_external")))
        return typed(reading, row, text);
    known = xls_type_find(reading->arena, text);
    if (known &&
        plain_read(underscores(reading->arena, str_of(known->name)), &cell))
        return cell;
    if (known)
        name = str_of(known->name);
    for (size_t i = 0; i < sizeof selects / sizeof selects[0]; i++)
        if (starts_nocase(spaced, str_of(selects[i].prefix)))
            return select_read(reading, row, text, i);
    if (is_omitted(name)) {
        problem_warn(reading, "survey", row->row, STR("type"),
                     N_("El tipo «{1}» no se guarda aquí; la fila se omite."),
                     text);
        return (struct type_cell){.kind = TYPE_OMIT};
    }
    if (text.size == 0)
        return wrong(reading, row,
                     N_("Falta el tipo de la pregunta: escriba text, integer, "
                        "date, select_one lista u otro."),
                     text);
    return wrong(reading, row,
                 N_("No existe el tipo «{1}». Use text, integer, decimal, "
                    "date, time, dateTime, select_one lista, select_multiple "
                    "lista, note, calculate, begin_group o begin_repeat."),
                 text);
}
