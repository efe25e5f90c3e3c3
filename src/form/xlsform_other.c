/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_other.c - «select_one lista or_other»: the list gets a choice other,
 * and after the question stands another, NAME_other, that asks which. The rows
 * that the author did not write are made here, and read as the rest. */
#include "form/xlsform_read.h"

static const struct {
    const char *language, *choice, *which;
} words[] = {
    {"es", "Otra opción", "Diga cuál."}, {"en", "Other", "Specify other."},
    {"fr", "Autre", "Précisez."},        {"pt", "Outra opção", "Diga qual."},
    {"ht", "Lòt", "Di kilès."},
};

static size_t words_in(struct str language)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_equal_nocase(str_slice(language, 0, 2),
                             str_of(words[i].language)))
            return i;
    return 0;
}

static void choice_other(struct reading *reading, struct choice_list *list)
{
    const struct form *form = reading->form;
    struct choice *choice = (struct choice *)&list->choice[list->count];
    struct str *text =
        ARENA_ARRAY(reading->arena, struct str, form->language_count + 1);

    if (!text ||
        !names_add((struct names *)list->names, 0, STR("other"), list->count))
        return; /* it is there already */
    for (size_t i = 0; i < form->language_count; i++)
        text[i] = str_of(words[words_in(form->language[i])].choice);
    *choice = (struct choice){.name = STR("other"), .label = {text}};
    list->count++;
}

/* A column of survey, added at its end when the author did without. */
static void column_need(struct reading *reading, enum survey_column which,
                        const char *name)
{
    struct sheet *survey = &reading->workbook.survey;
    struct column *column;

    if (reading->column[which] < SIZE_MAX)
        return;
    column = ARENA_ARRAY(reading->arena, struct column, survey->columns + 1);
    if (!column)
        return;
    memcpy(column, survey->column, survey->columns * sizeof *column);
    reading->column[which] = survey->columns;
    column[survey->columns++] =
        (struct column){.header = str_of(name), .base = str_of(name)};
    survey->column = column;
}

void others_read(struct reading *reading)
{
    const struct sheet *survey = &reading->workbook.survey;
    struct form_problems quiet = {0}, *kept = reading->problems;

    for (size_t i = 0; i < survey->rows; i++) {
        struct str text =
            sheet_cell(&survey->row[i], reading->column[SURVEY_type]);
        struct type_cell cell;

        if (str_find(text, STR("other")) == SIZE_MAX)
            continue;
        reading->problems = &quiet;
        cell = type_read(reading, &survey->row[i]);
        reading->problems = kept;
        if (cell.kind != TYPE_QUESTION || !cell.or_other)
            continue;
        column_need(reading, SURVEY_relevant, "relevant");
        for (size_t j = 0; j < reading->form->list_count; j++)
            if (str_equal(reading->list[j].name, cell.list))
                choice_other(reading, &reading->list[j]);
    }
}

struct sheet_row *other_row(struct reading *reading,
                            const struct question *question,
                            const struct sheet_row *from)
{
    const struct sheet *survey = &reading->workbook.survey;
    struct arena *arena = reading->arena;
    struct sheet_row *row = ARENA_NEW(arena, struct sheet_row);

    if (!row)
        return NULL;
    row->row = from->row;
    row->count = survey->columns;
    row->cell = ARENA_ARRAY(arena, struct str, survey->columns + 1);
    if (!row->cell)
        return NULL;
    row->cell[reading->column[SURVEY_name]] =
        str_join(arena, question->name, STR("_other"));
    if (reading->column[SURVEY_relevant] < SIZE_MAX)
        row->cell[reading->column[SURVEY_relevant]] = str_format(
            arena, "selected(${%.*s}, 'other')", STR_ARGS(question->name));
    for (size_t i = 0; i < survey->columns; i++) {
        const struct column *column = &survey->column[i];

        if (str_equal_c(column->base, "label"))
            row->cell[i] =
                str_of(words[words_in(column->translated ? column->language
                                                         : STR("es"))]
                           .which);
    }
    return row;
}
