/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_texts.c - the languages of a form, its texts in them, its settings.
 * A text without a language is in the default one. */
#include "core/utf8.h"
#include "form/build/build.h"

enum { LANGUAGES_MAX = 60 };

static const char *const languages[][2] = {
    {"english", "en"},          {"inglés", "en"},     {"español", "es"},
    {"spanish", "es"},          {"espanol", "es"},    {"castellano", "es"},
    {"français", "fr"},         {"french", "fr"},     {"francés", "fr"},
    {"português", "pt"},        {"portuguese", "pt"}, {"portugués", "pt"},
    {"kreyòl", "ht"},           {"kreyol", "ht"},     {"haitian creole", "ht"},
    {"criollo haitiano", "ht"},
};

static bool looks_like_tag(struct str text)
{
    size_t first = str_find_char(text, '-');

    if (first == SIZE_MAX)
        first = text.size;
    if (first < 2 || first > 3 || text.size > 35)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(i > first && c >= '0' && c <= '9') && !(c == '-' && i >= first))
            return false;
    }
    return true;
}

/* "Español (es)" or "es" or "Spanish": es; else the name in small letters. */
static struct str language_code(struct arena *arena, struct str name)
{
    size_t open = SIZE_MAX;
    struct str small;

    name = str_trim(name);
    if (str_ends(name, STR(")")))
        for (size_t at = 0; at < name.size; at++)
            if (name.at[at] == '(')
                open = at;
    if (open < SIZE_MAX) {
        struct str tag = str_trim(str_slice(name, open + 1, name.size - 1));

        if (looks_like_tag(tag))
            return tag;
    }
    small = utf8_lower(arena, name);
    if (looks_like_tag(name))
        return small;
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        if (str_equal_c(small, languages[i][0]))
            return str_of(languages[i][1]);
    return small;
}

/* --- languages ------------------------------------------------------------ */

struct gathering {
    struct building *building;
    struct str *language;
    size_t count;
    struct str given; /* default_language */
};

static size_t place_of(const struct str *language, size_t count,
                       struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_nocase(language[i], name))
            return i;
    return SIZE_MAX;
}

size_t language_place(const struct form *form, struct str language)
{
    size_t place = place_of(form->language, form->language_count, language);

    return place < SIZE_MAX ? place : form->default_language;
}

static void gather(struct gathering *gathering, struct str language)
{
    if (place_of(gathering->language, gathering->count, language) < SIZE_MAX ||
        gathering->count == LANGUAGES_MAX) /* the reader has told it */
        return;
    gathering->language[gathering->count++] = language;
}

static void gather_sheet(struct gathering *gathering, struct xls_sheet *sheet)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct xls_column *column = &sheet->column[i];

        if (column->target != XLS_TO_TEXT)
            continue;
        if (column->language.size > 0)
            gather(gathering,
                   language_code(gathering->building->arena, column->language));
        else if (column->which == XLS_TEXT_LABEL ||
                 column->which == XLS_TEXT_HINT)
            gather(gathering, gathering->given);
    }
}

static void place_columns(const struct building *building,
                          struct xls_sheet *sheet)
{
    const struct form *form = building->form;

    for (size_t i = 0; i < sheet->columns; i++) {
        struct xls_column *column = &sheet->column[i];

        column->tongue =
            column->language.size
                ? language_place(
                      form, language_code(building->arena, column->language))
                : form->default_language;
    }
}

struct str build_header_language(struct arena *arena, struct str header,
                                 const char *base)
{
    size_t at = str_find(header, STR("::")), size = 2;

    if (at == SIZE_MAX) {
        at = str_find_char(header, ':');
        size = 1;
    }
    if (!str_equal_c(xls_snake(arena, str_slice(header, 0, at)), base))
        return STR_NULL;
    return at == SIZE_MAX ? STR("")
                          : language_code(arena, str_slice(header, at + size,
                                                           header.size));
}

static struct str title_language(struct arena *arena, struct str header)
{
    static const char *const names[] = {"form_title", "title",
                                        "set_form_title"};
    struct str language = STR_NULL;

    for (size_t i = 0; i < 3 && !language.at; i++)
        language = build_header_language(arena, header, names[i]);
    return language;
}

static void gather_settings(struct gathering *gathering)
{
    const struct xls_sheet *settings = &gathering->building->xls->settings;

    for (size_t i = 0; i < settings->columns; i++) {
        struct str language = title_language(gathering->building->arena,
                                             settings->column[i].header);

        if (language.size > 0)
            gather(gathering, language);
    }
}

static void gather_files(struct gathering *gathering)
{
    const struct building *building = gathering->building;

    for (size_t i = 0; i < building->file_count; i++)
        for (size_t j = 0; j < building->file[i].columns; j++)
            if (building->file[i].language[j].at)
                gather(gathering, building->file[i].language[j].size
                                      ? building->file[i].language[j]
                                      : gathering->given);
}

void build_languages(struct building *building)
{
    struct xls *xls = building->xls;
    struct form *form = building->form;
    struct gathering gathering = {
        .building = building,
        .language = ARENA_ARRAY(building->arena, struct str, LANGUAGES_MAX + 1),
        .given = xls_setting(xls, "default_language")};
    size_t place;

    if (!gathering.language)
        return;
    if (gathering.given.size > 0)
        gathering.given = language_code(building->arena, gathering.given);
    gather_sheet(&gathering, &xls->survey);
    gather_sheet(&gathering, &xls->choices);
    gather_settings(&gathering);
    gather_files(&gathering);
    if (gathering.count == 0)
        gather(&gathering, gathering.given);
    place = place_of(gathering.language, gathering.count, gathering.given);
    form->language = gathering.language;
    form->language_count = gathering.count;
    form->default_language = place < SIZE_MAX ? place : 0;
    if (place == SIZE_MAX && gathering.given.size > 0)
        xls_problem(xls, XLS_FORM_LANGUAGE,
                    (struct xls_place){"settings", 2, STR("default_language")},
                    gathering.given, STR(""), STR(""));
    place_columns(building, &xls->survey);
    place_columns(building, &xls->choices);
}

/* --- texts ---------------------------------------------------------------- */

struct texts build_texts(const struct building *building,
                         const struct xls_texts *texts, enum xls_text_kind kind)
{
    const struct form *form = building->form;
    struct str *text = NULL;

    for (size_t i = 0; i < texts->count; i++) {
        const struct xls_text *one = &texts->text[i];
        size_t place =
            one->column ? one->column->tongue : form->default_language;

        if (one->kind != kind || one->text.size == 0)
            continue;
        if (!text)
            text = ARENA_ARRAY(building->arena, struct str,
                               form->language_count + 1);
        if (text && !text[place].at)
            text[place] = one->text;
    }
    return (struct texts){text};
}

struct texts build_other(const struct building *building, bool choice)
{
    static const char *const words[][3] = {
        {"es", "Otra opción", "Diga cuál."},
        {"en", "Other", "Specify other."},
        {"fr", "Autre", "Précisez."},
        {"pt", "Outra opção", "Diga qual."},
        {"ht", "Lòt", "Di kilès."},
    };
    const struct form *form = building->form;
    struct str *text =
        ARENA_ARRAY(building->arena, struct str, form->language_count + 1);

    for (size_t i = 0; text && i < form->language_count; i++) {
        size_t at = 0;

        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++)
            if (str_equal_nocase(str_slice(form->language[i], 0, 2),
                                 str_of(words[j][0])))
                at = j;
        text[i] = str_of(words[at][choice ? 1 : 2]);
    }
    return (struct texts){text};
}

struct str build_extra_name(const struct building *building,
                            const struct xls_column *column)
{
    struct str name = xls_snake(building->arena, column->header);

    if (column->target == XLS_TO_TEXT && column->language.size > 0)
        return column->header;
    return str_starts(name, STR("media::")) ? str_slice(name, 7, name.size)
                                            : name;
}

/* --- settings ------------------------------------------------------------- */

/* By one name each: form_id, form_title, version … */
static struct str setting_name(struct arena *arena, struct str header)
{
    static const char *const names[][2] = {{"id_string", "form_id"},
                                           {"set_form_id", "form_id"},
                                           {"title", "form_title"},
                                           {"set_form_title", "form_title"},
                                           {"form_version", "version"}};
    struct str name = xls_snake(arena, header);

    if (title_language(arena, header).size > 0)
        return header;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal_c(name, names[i][0]))
            return str_of(names[i][1]);
    return name;
}

void build_settings(struct building *building)
{
    struct xls *xls = building->xls;
    struct arena *arena = building->arena;
    const struct xls_sheet *sheet = &xls->settings;
    const struct xls_row *row =
        sheet->table && sheet->table->rows > 1 ? &sheet->table->row[1] : NULL;
    struct value *settings = value_object(arena);
    struct form *form = building->form;
    struct str *title =
        ARENA_ARRAY(arena, struct str, form->language_count + 1);
    bool titled = false;

    for (size_t i = 0; row && i < sheet->columns && i < row->count; i++) {
        struct str header = sheet->column[i].header;
        struct str cell = xls_clean(xls, row->cell[i]), name, language;

        if (header.size == 0 || cell.size == 0)
            continue;
        name = setting_name(arena, header);
        language = title_language(arena, header);
        value_set(settings, arena, name, value_string(arena, cell));
        if (title && language.at) {
            title[language_place(form, language)] = cell;
            titled = true;
        }
    }
    form->settings = settings;
    form->name = xls_setting(xls, "id_string");
    form->version = xls->version;
    form->title = (struct texts){titled ? title : NULL};
    if (form->name.size == 0)
        xls_problem(xls, XLS_FORM_ID,
                    (struct xls_place){"settings", 2, STR("form_id")}, STR(""),
                    STR(""), STR(""));
}
