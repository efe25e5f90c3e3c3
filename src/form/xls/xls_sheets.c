/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_sheets.c - which sheet is which, and what settings says. */
#include "form/xls/xls_read.h"

static const char *const known[] = {
    "survey", "choices",  "settings", "external_choices",
    "osm",    "entities", NULL};

/* Letters to add, drop or change; names are short. */
static size_t distance(struct str a, struct str b)
{
    enum { LONG = 64 };
    size_t line[LONG + 1], before, kept;

    if (a.size > LONG || b.size > LONG)
        return LONG;
    for (size_t j = 0; j <= b.size; j++)
        line[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        before = line[0];
        line[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t best = before + (a.at[i - 1] != b.at[j - 1]);

            kept = line[j];
            if (line[j] + 1 < best)
                best = line[j] + 1;
            if (line[j - 1] + 1 < best)
                best = line[j - 1] + 1;
            line[j] = best;
            before = kept;
        }
    }
    return line[b.size];
}

struct str xls_similar(struct xls *xls, const char *name)
{
    struct buf out;

    buf_init(&out, xls->arena);
    for (size_t i = 0; i < xls->book->count; i++) {
        struct str other = str_trim(xls->book->table[i].name);
        struct str small = xls_snake(xls->arena, other);

        if (xls_one_of(small, known) || str_starts(other, STR("_")) ||
            distance(small, str_of(name)) > 2)
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

enum { LANGUAGES_MAX = 60 };

struct seen {
    struct str language[LANGUAGES_MAX];
    bool has[LANGUAGES_MAX][XLS_TEXT_COUNT];
    bool any[XLS_TEXT_COUNT];
    size_t count;
    bool translated, more;
};

static const char *const text_names[] = {
#define XLS_CELL(id, name)
#define XLS_TEXT(id, name, form) name,
#define XLS_COLUMN(sheet, alias, target, which)
#include "form/xls/columns.def"
};

static void columns_see(const struct xls_sheet *sheet, struct seen *seen)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct xls_column *column = &sheet->column[i];
        struct str language =
            column->language.size ? column->language : STR("default");
        size_t at = 0;

        if (column->target != XLS_TO_TEXT)
            continue;
        seen->translated = seen->translated || column->language.size > 0;
        while (at < seen->count && !str_equal(seen->language[at], language))
            at++;
        if (at == LANGUAGES_MAX) {
            seen->more = true;
            continue;
        }
        if (at == seen->count)
            seen->language[seen->count++] = language;
        seen->has[at][column->which] = true;
        seen->any[column->which] = true;
    }
}

static void columns_missing(struct xls *xls, const struct xls_sheet *sheet)
{
    struct seen *seen = ARENA_NEW(xls->arena, struct seen);

    if (!seen)
        return;
    columns_see(sheet, seen);
    if (seen->more)
        xls_problem(xls, XLS_LANGUAGES,
                    (struct xls_place){sheet->name, 1, STR("")}, STR(""),
                    STR(""), STR(""));
    xls->translated = xls->translated || seen->translated;
    for (size_t i = 0; seen->translated && i < seen->count; i++) {
        struct buf out;

        buf_init(&out, xls->arena);
        for (size_t j = 0; j < XLS_TEXT_COUNT; j++)
            if (seen->any[j] && !seen->has[i][j]) {
                buf_puts(&out, out.size ? ", " : "");
                buf_puts(&out, text_names[j]);
            }
        if (out.size > 0)
            xls_problem(xls, XLS_TRANSLATION_MISSING,
                        (struct xls_place){sheet->name, 1, STR("")},
                        seen->language[i], str_of(sheet->name), buf_str(&out));
    }
}

/* "Español (es)": a code of two or three letters in brackets. */
static bool has_code(struct str language)
{
    size_t open = SIZE_MAX, size = 0;

    for (size_t i = 0; i < language.size; i++)
        if (language.at[i] == '(')
            open = i;
    if (open == SIZE_MAX || !str_ends(language, STR(")")))
        return false;
    while (open + 1 + size < language.size - 1) {
        char c = language.at[open + 1 + size];

        if (c == '-')
            break;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
        size++;
    }
    return size == 2 || size == 3;
}

static void codes_missing(struct xls *xls, const struct xls_sheet *sheet,
                          struct seen *told)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        struct str language = sheet->column[i].language;
        size_t at = 0;

        if (sheet->column[i].target != XLS_TO_TEXT || language.size == 0 ||
            has_code(language) || str_equal_c(language, "default"))
            continue;
        while (at < told->count && !str_equal(told->language[at], language))
            at++;
        if (at < told->count || at == LANGUAGES_MAX)
            continue;
        told->language[told->count++] = language;
        xls_problem(xls, XLS_LANGUAGE_CODE,
                    (struct xls_place){sheet->name, 1, sheet->column[i].header},
                    language, STR(""), STR(""));
    }
}

void xls_translations(struct xls *xls)
{
    struct seen *told = ARENA_NEW(xls->arena, struct seen);

    columns_missing(xls, &xls->survey);
    columns_missing(xls, &xls->choices);
    if (!told)
        return;
    codes_missing(xls, &xls->survey, told);
    codes_missing(xls, &xls->choices, told);
}
