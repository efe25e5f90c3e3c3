/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_texts.c - the languages of a form and its texts in them. */
#include "form/xlsform_read.h"

enum { LANGUAGES_MAX = 60 };

struct language_list {
    struct str *language;
    size_t count;
};

static size_t language_index(const struct language_list *list,
                             struct str language)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal_nocase(list->language[i], language))
            return i;
    return SIZE_MAX;
}

static bool is_text(const struct column *column)
{
    return column->translated || str_equal_c(column->base, "label") ||
           str_equal_c(column->base, "hint");
}

static void languages_of(struct reading *reading, const struct sheet *sheet,
                         struct str plain, struct language_list *list)
{
    for (size_t i = 0; i < sheet->columns; i++) {
        const struct column *column = &sheet->column[i];
        struct str language = column->translated ? column->language : plain;

        if (!is_text(column) || language_index(list, language) < SIZE_MAX)
            continue;
        if (list->count == LANGUAGES_MAX) {
            problem_add(reading, "survey", 1, column->header,
                        N_("El formulario tiene demasiados idiomas."), STR(""),
                        STR(""));
            return;
        }
        list->language[list->count++] = language;
    }
}

void languages_read(struct reading *reading)
{
    const struct sheet *settings = &reading->workbook.settings;
    struct language_list list = {0};
    struct form *form = reading->form;
    struct str given = STR("");
    bool known;

    list.language = ARENA_ARRAY(reading->arena, struct str, LANGUAGES_MAX + 1);
    if (!list.language)
        return;
    if (settings->rows)
        given = sheet_get(settings, &settings->row[0], "default_language");
    if (given.size > 0)
        given = language_code(reading->arena, given, &known);
    languages_of(reading, &reading->workbook.survey, given, &list);
    languages_of(reading, &reading->workbook.choices, given, &list);
    languages_of(reading, settings, given, &list);
    for (size_t i = 0; i < reading->file_count; i++)
        languages_of(reading, &reading->file[i], given, &list);
    if (list.count == 0)
        list.language[list.count++] = given;
    form->language = list.language;
    form->language_count = list.count;
    form->default_language = language_index(&list, given);
    if (form->default_language == SIZE_MAX) {
        form->default_language = 0;
        if (given.size == 0)
            return;
        problem_warn(reading, "settings", 2, STR("default_language"),
                     N_("Ninguna columna está en el idioma «{1}»."), given);
    }
}

struct texts texts_read(struct reading *reading, const struct sheet *sheet,
                        const struct sheet_row *row, const char *base)
{
    const struct form *form = reading->form;
    struct language_list list = {.count = form->language_count};
    struct str *text = NULL;

    for (size_t i = 0; i < sheet->columns && i < row->count; i++) {
        const struct column *column = &sheet->column[i];
        struct str cell = sheet_cell(row, i);
        size_t index = form->default_language;

        if (cell.size == 0 || !str_equal_c(column->base, base))
            continue;
        list.language = (struct str *)form->language;
        if (column->translated)
            index = language_index(&list, column->language);
        if (!text)
            text = ARENA_ARRAY(reading->arena, struct str, list.count);
        if (text && index < list.count && !text[index].at)
            text[index] = cell;
    }
    return (struct texts){text};
}

const struct value *extra_read(struct reading *reading,
                               const struct sheet *sheet,
                               const struct sheet_row *row,
                               bool (*named)(const struct column *column))
{
    struct value *extra = NULL;

    for (size_t i = 0; i < sheet->columns && i < row->count; i++) {
        const struct column *column = &sheet->column[i];
        struct str cell = sheet_cell(row, i);

        if (cell.size == 0 || column->header.size == 0 || named(column))
            continue;
        if (!extra)
            extra = value_object(reading->arena);
        value_set(extra, reading->arena,
                  column->translated ? column->header : column->base,
                  value_string(reading->arena, cell));
    }
    return extra;
}
