/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_sheets.c - which sheet is which, and what settings says. */
#include "core/utf8.h"
#include "form/xls/xls_read.h"

static const char *const known[] = {
    "survey", "choices",  "settings", "external_choices",
    "osm",    "entities", NULL};

struct str xls_similar(struct xls *xls, const char *name)
{
    struct buf out;

    buf_init(&out, xls->arena);
    for (size_t i = 0; i < xls->book->count; i++) {
        struct str other = str_trim(xls->book->table[i].name);
        struct str small = xls_snake(xls->arena, other);

        if (xls_one_of(small, known) || str_starts(other, STR("_")) ||
            str_distance(small, str_of(name)) > 2)
            continue;
        buf_puts(&out, out.size ? ", '" : "'");
        buf_put(&out, other);
        buf_putc(&out, '\'');
    }
    return out.size ? buf_str(&out) : STR("");
}

static void sheet_open(struct xls *xls, struct xls_sheet *sheet,
                       const char *name)
{
    struct str similar;

    sheet->name = name;
    sheet->table = xls_book_table(xls->book, str_of(name));
    if (!sheet->table && strcmp(name, "survey") == 0 && xls->book->count == 1 &&
        xls->book->table[0].rows > 1 &&
        !xls_one_of(xls_snake(xls->arena, xls->book->table[0].name), known))
        sheet->table = &xls->book->table[0]; /* whatever it is called */
    if (!sheet->table && strcmp(name, "survey") != 0 &&
        strcmp(name, "choices") != 0 && strcmp(name, "external_choices") != 0) {
        similar = xls_similar(xls, name);
        if (similar.size > 0)
            xls_problem(xls, XLS_NAMES_013,
                        (struct xls_place){name, 0, STR("")}, str_of(name),
                        similar, STR(""));
    }
    xls_headers(xls, sheet);
}

static struct str sheet_names(const struct xls *xls)
{
    struct buf out;

    buf_init(&out, xls->arena);
    for (size_t i = 0; i < xls->book->count; i++) {
        buf_puts(&out, i ? ", " : "");
        buf_put(&out, xls->book->table[i].name);
    }
    return buf_str(&out);
}

/* A title above the header: survey's first row is not the one meant. */
static bool header_below(struct xls *xls)
{
    enum { ROWS_MAX = 10 };
    const struct xls_table *table = xls->survey.table;

    for (size_t i = 1; i < table->rows && i < ROWS_MAX; i++)
        for (size_t j = 0; j < table->row[i].count; j++)
            if (str_equal_nocase(table->row[i].cell[j], STR("type"))) {
                xls_problem(xls, XLS_HEADER_BELOW,
                            (struct xls_place){"survey", table->row[0].number,
                                               STR("type")},
                            STR("survey"),
                            xls_number(xls->arena, table->row[i].number),
                            STR(""));
                return true;
            }
    return false;
}

bool xls_sheets(struct xls *xls)
{
    struct str similar;
    bool good;

    sheet_open(xls, &xls->settings, "settings");
    xls_settings(xls);
    sheet_open(xls, &xls->survey, "survey");
    sheet_open(xls, &xls->choices, "choices");
    sheet_open(xls, &xls->external, "external_choices");
    sheet_open(xls, &xls->osm, "osm");
    sheet_open(xls, &xls->entities, "entities");
    if (!xls->survey.table && xls->book->count == 0) {
        xls_problem(xls, XLS_NOT_A_FORM,
                    (struct xls_place){"survey", 1, STR("")}, STR(""), STR(""),
                    STR(""));
        return false;
    }
    if (!xls->survey.table) {
        similar = xls_similar(xls, "survey");
        if (!similar.size && xls->book->count > 0) {
            xls_problem(xls, XLS_NO_SURVEY_SHEETS,
                        (struct xls_place){"survey", 0, STR("")},
                        sheet_names(xls), STR(""), STR(""));
            return false;
        }
        xls_problem(xls, similar.size ? XLS_NO_SURVEY_LIKE : XLS_NO_SURVEY,
                    (struct xls_place){"survey", 0, STR("")}, similar, STR(""),
                    STR(""));
        return false;
    }
    if (!xls->survey.table->rows) {
        xls_problem(xls, XLS_HEADER_001,
                    (struct xls_place){"survey", 1, STR("")}, STR("survey"),
                    STR(""), STR(""));
        return false;
    }
    if (xls->survey.cell[XLS_CELL_TYPE] == SIZE_MAX && header_below(xls))
        return false;
    good = xls_need_column(xls, &xls->survey, XLS_CELL_TYPE, "type");
    if (!good) /* else each row without a name says so */
        xls_need_column(xls, &xls->survey, XLS_CELL_NAME, "name");
    if (xls->choices.table && xls->choices.table->rows > 1) {
        bool list = xls_need_column(xls, &xls->choices, XLS_CELL_LIST_NAME,
                                    "list_name");

        good = xls_need_column(xls, &xls->choices, XLS_CELL_NAME, "name") &&
               list && good;
    }
    return good;
}

/* Old and friendly names of settings. */
static struct str setting_name(struct str name)
{
    static const char *const names[][2] = {
        {"form_title", "title"},     {"set_form_title", "title"},
        {"form_id", "id_string"},    {"set_form_id", "id_string"},
        {"form_version", "version"}, {"instance_name", "instance_name"},
        {"prefix", "prefix"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal_c(name, names[i][0]))
            return str_of(names[i][1]);
    return name;
}

static void setting_read(struct xls *xls, const struct xls_column *column,
                         struct str cell)
{
    if (column->target == XLS_TO_ATTRIBUTE) {
        xls_attribute_set(xls->arena, &xls->attribute, column->name, cell,
                          column);
        return;
    }
    xls_attribute_set(xls->arena, &xls->setting,
                      setting_name(xls_snake(xls->arena, column->header)), cell,
                      column);
}

static void root_check(struct xls *xls)
{
    struct str name = xls_setting(xls, "name");

    if (name.size > 0) {
        xls->root = name;
        if (!xls_name_good(name))
            xls_problem(xls, XLS_NAMES_008,
                        (struct xls_place){"settings", 1, STR("name")}, name,
                        STR(""), STR(""));
    } else if (!xls_name_good(xls->given_root)) {
        xls_problem(xls, XLS_NAMES_009,
                    (struct xls_place){"settings", 1, STR("name")}, xls->root,
                    STR(""), STR(""));
    }
}

void xls_settings(struct xls *xls)
{
    const struct xls_sheet *sheet = &xls->settings;
    struct str given;

    xls->clean = true;
    xls->root = xls->given_root;
    if (sheet->table && sheet->table->rows > 1) {
        const struct xls_row *row = &sheet->table->row[1];

        for (size_t i = 0; i < sheet->columns && i < row->count; i++)
            if (sheet->column[i].header.size > 0 && row->cell[i].size > 0)
                setting_read(xls, &sheet->column[i],
                             xls_clean(xls, row->cell[i]));
    }
    xls->clean = !xls_no(xls_setting(xls, "clean_text_values"));
    xls->flat = xls_yes(xls_setting(xls, "flat"));
    xls->duplicates = xls_yes(xls_setting(xls, "allow_choice_duplicates"));
    given = xls_setting(xls, "id_string");
    xls->id = given.size ? given : xls->given_id;
    given = xls_setting(xls, "title");
    xls->title = given.size ? given : xls->id;
    xls->version = xls_setting(xls, "version");
    given = xls_setting(xls, "default_language");
    xls->default_language = given.size ? given : STR("default");
    root_check(xls);
}

/* --- languages ------------------------------------------------------------ */

struct language {
    struct str name;
    bool has[XLS_TEXT_COUNT];
};

struct seen {
    struct language *language;
    bool any[XLS_TEXT_COUNT];
    size_t count;
    bool translated;
};

static struct language *language_see(struct xls *xls, struct seen *seen,
                                     struct str name, bool *added)
{
    struct language *room;

    *added = false;
    for (size_t i = 0; i < seen->count; i++)
        if (str_equal(seen->language[i].name, name))
            return &seen->language[i];
    room = xls_room(xls->arena, seen->language, seen->count, sizeof *room);
    if (!room)
        return NULL;
    *added = true;
    seen->language = room;
    room += seen->count++;
    *room = (struct language){.name = name};
    return room;
}

static const char *const text_names[] = {
#define XLS_CELL(id, name)
#define XLS_TEXT(id, name, form) name,
#define XLS_COLUMN(sheet, alias, target, which)
#include "form/xls/columns.def"
};

static void columns_see(struct xls *xls, const struct xls_sheet *sheet,
                        struct seen *seen)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct xls_column *column = &sheet->column[i];
        struct language *language;
        bool added;

        if (column->target != XLS_TO_TEXT)
            continue;
        seen->translated = seen->translated || column->language.size > 0;
        language = language_see(
            xls, seen,
            column->language.size ? column->language : STR("default"), &added);
        if (!language)
            return;
        language->has[column->which] = true;
        seen->any[column->which] = true;
    }
}

static void columns_missing(struct xls *xls, const struct xls_sheet *sheet)
{
    struct seen seen = {0};

    columns_see(xls, sheet, &seen);
    xls->translated = xls->translated || seen.translated;
    for (size_t i = 0; seen.translated && i < seen.count; i++) {
        struct buf out;

        buf_init(&out, xls->arena);
        for (size_t j = 0; j < XLS_TEXT_COUNT; j++)
            if (seen.any[j] && !seen.language[i].has[j]) {
                buf_puts(&out, out.size ? ", " : "");
                buf_puts(&out, text_names[j]);
            }
        if (out.size > 0)
            xls_problem(xls, XLS_TRANSLATION_MISSING,
                        (struct xls_place){sheet->name, 1, STR("")},
                        seen.language[i].name, str_of(sheet->name),
                        buf_str(&out));
    }
}

static size_t letters(struct str text, size_t from)
{
    size_t at = from;

    while (at < text.size && ((text.at[at] >= 'a' && text.at[at] <= 'z') ||
                              (text.at[at] >= 'A' && text.at[at] <= 'Z')))
        at++;
    return at - from;
}

/* "Español (es)": a code of two or three letters in brackets; or it alone. */
static bool has_code(struct str language)
{
    size_t open = SIZE_MAX, size;

    for (size_t i = 0; i < language.size; i++)
        if (language.at[i] == '(')
            open = i;
    if (open == SIZE_MAX) {
        size = letters(language, 0);
        return size == 2 && (size == language.size || language.at[size] == '-');
    }
    if (!str_ends(language, STR(")")))
        return false;
    size = letters(language, open + 1);
    return (size == 2 || size == 3) && (language.at[open + 1 + size] == ')' ||
                                        language.at[open + 1 + size] == '-');
}

static struct str without_spaces(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] != ' ')
            buf_putc(&out, text.at[i]);
    return utf8_lower(arena, buf_str(&out));
}

/* English (en) and english(en) are two; nobody means that. */
static void language_like(struct xls *xls, const struct seen *seen,
                          struct xls_place place)
{
    const struct language *last = &seen->language[seen->count - 1];
    struct str small = without_spaces(xls->arena, last->name);

    for (size_t i = 0; i + 1 < seen->count; i++)
        if (str_equal(without_spaces(xls->arena, seen->language[i].name),
                      small)) {
            xls_problem(xls, XLS_LANGUAGE_LIKE, place, seen->language[i].name,
                        last->name, STR(""));
            return;
        }
}

/* Each language once, in the order of the columns. */
static void languages_told(struct xls *xls, const struct xls_sheet *sheet,
                           struct seen *told)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        struct str language = sheet->column[i].language;
        struct xls_place place = {sheet->name, 1, sheet->column[i].header};
        bool added;

        if (sheet->column[i].target != XLS_TO_TEXT || language.size == 0 ||
            !language_see(xls, told, language, &added) || !added)
            continue;
        language_like(xls, told, place);
        if (!has_code(language) && !str_equal_c(language, "default"))
            xls_problem(xls, XLS_LANGUAGE_CODE, place, language, STR(""),
                        STR(""));
    }
}

/* "Español (es)": es; else the whole. */
static struct str code_of(struct arena *arena, struct str language)
{
    size_t open = str_find_char(language, '(');

    if (open == SIZE_MAX || !str_ends(language, STR(")")))
        return utf8_lower(arena, language);
    return utf8_lower(
        arena, str_trim(str_slice(language, open + 1, language.size - 1)));
}

/* default_language: es, and the columns say Español (es). */
static void default_settle(struct xls *xls, const struct seen *told)
{
    struct str given = xls_setting(xls, "default_language");
    struct str code = code_of(xls->arena, given), found = STR("");
    size_t count = 0;

    for (size_t i = 0; i < told->count; i++) {
        struct str name = told->language[i].name;

        if (str_equal(name, given))
            return;
        if (str_equal(code_of(xls->arena, name), code)) {
            found = name;
            count++;
        }
    }
    if (given.size > 0 && count == 1)
        xls->default_language = found;
}

void xls_translations(struct xls *xls)
{
    struct seen told = {0};

    columns_missing(xls, &xls->survey);
    columns_missing(xls, &xls->choices);
    languages_told(xls, &xls->survey, &told);
    languages_told(xls, &xls->choices, &told);
    default_settle(xls, &told);
}
