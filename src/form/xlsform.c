/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform.c - reads a form: sheets, languages, lists, questions, names,
 * expressions, order, in that order, and collects all that is wrong on the
 * way. Each stage goes on after an error, so that one reading tells all.
 */
#include "form/xlsform.h"

#include "core/csv.h"
#include "core/utf8.h"
#include "form/table.h"
#include "form/xlsform_read.h"

enum { PROBLEMS_MAX = 500, FORM_SIZE_MAX = 32 << 20 };

struct form_problem *problem_new(struct reading *reading, const char *sheet,
                                 size_t row, struct str column)
{
    struct form_problems *problems = reading->problems;
    struct form_problem *room = problems->problem;
    size_t count = problems->count;

    if (count >= PROBLEMS_MAX) {
        problems->errors++;
        return NULL;
    }
    if ((count & (count - 1)) == 0)
        room =
            arena_grow(reading->arena, problems->problem, count * sizeof *room,
                       (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return NULL;
    problems->problem = room;
    room += problems->count++;
    *room = (struct form_problem){
        .sheet = str_of(sheet), .column = column, .row = row};
    problems->errors++;
    return room;
}

void problem_add(struct reading *reading, const char *sheet, size_t row,
                 struct str column, const char *msgid, struct str arg1,
                 struct str arg2)
{
    struct form_problem *problem = problem_new(reading, sheet, row, column);

    if (problem)
        err_set(&problem->err, ERROR_INPUT, msgid, str_c(reading->arena, arg1),
                str_c(reading->arena, arg2), NULL);
}

void problem_warn(struct reading *reading, const char *sheet, size_t row,
                  struct str column, const char *msgid, struct str arg1)
{
    struct form_problem *problem = problem_new(reading, sheet, row, column);

    reading->problems->errors--;
    if (!problem)
        return;
    problem->warning = true;
    err_set(&problem->err, ERROR_INPUT, msgid, str_c(reading->arena, arg1),
            NULL, NULL);
}

/* --- sheets ----------------------------------------------------------------
 */

static void check_repeated(struct reading *reading, const char *name,
                           const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->columns; i++)
        if (sheet->column[i].repeated)
            problem_add(reading, name, 1, sheet->column[i].header,
                        N_("La columna «{1}» está dos veces: quite o renombre "
                           "una."),
                        sheet->column[i].header, STR(""));
}

static bool check_survey(struct reading *reading)
{
    static const char *const needed[] = {"type", "name"};
    const struct sheet *survey = &reading->workbook.survey;
    bool good = true;

    if (survey->columns == 0) {
        problem_add(reading, "survey", 1, STR(""),
                    reading->workbook.any
                        ? N_("Falta la hoja survey: escriba «survey» en la "
                             "primera columna y debajo sus preguntas.")
                        : N_("No parece un XLSForm: la primera columna debe "
                             "decir survey, choices o settings donde empieza "
                             "cada hoja."),
                    STR(""), STR(""));
        return false;
    }
    for (size_t i = 0; i < 2; i++)
        if (sheet_column(survey, needed[i]) == SIZE_MAX) {
            problem_add(reading, "survey", 1, str_of(needed[i]),
                        N_("A la hoja {1} le falta la columna {2}."),
                        STR("survey"), str_of(needed[i]));
            good = false;
        }
    if (good && survey->rows == 0)
        problem_add(reading, "survey", 2, STR(""),
                    N_("El formulario no tiene preguntas."), STR(""), STR(""));
    check_repeated(reading, "survey", survey);
    check_repeated(reading, "choices", &reading->workbook.choices);
    return good;
}

static void find_columns(struct reading *reading)
{
    static const char *const names[] = {
#define COLUMN(name) #name,
        SURVEY_COLUMNS(COLUMN)
#undef COLUMN
    };

    for (size_t i = 0; i < SURVEY_COLUMN_COUNT; i++)
        reading->column[i] = sheet_column(&reading->workbook.survey, names[i]);
}

/* --- settings --------------------------------------------------------------
 */

static void settings_read(struct reading *reading)
{
    const struct sheet *sheet = &reading->workbook.settings;
    struct form *form = reading->form;
    struct value *settings = value_object(reading->arena);
    const struct sheet_row *row = sheet->rows ? &sheet->row[0] : NULL;

    form->settings = settings;
    for (size_t i = 0; row && i < sheet->columns; i++)
        if (sheet_cell(row, i).size > 0 && sheet->column[i].base.size > 0)
            value_set(settings, reading->arena,
                      sheet->column[i].translated ? sheet->column[i].header
                                                  : sheet->column[i].base,
                      value_string(reading->arena, sheet_cell(row, i)));
    if (row) {
        form->name = sheet_get(sheet, row, "form_id");
        form->version = sheet_get(sheet, row, "version");
        form->title = texts_read(reading, sheet, row, "form_title");
    }
    if (str_is_null(form->name) || form->name.size == 0)
        problem_warn(reading, "settings", 2, STR("form_id"),
                     N_("Falta form_id en la hoja settings: es el nombre del "
                        "formulario."),
                     STR(""));
}

/* --- the door --------------------------------------------------------------
 */

/* Markdown is read as the CSV that says the same. */
static bool text_read(struct reading *reading, struct str csv, struct err *err)
{
    struct arena *arena = reading->arena;
    struct str text = csv_decode(arena, csv, NULL);
    struct tables tables = {0};

    if (table_format(text) == TABLE_MARKDOWN) {
        if (markdown_read(arena, text, &tables, err))
            return false;
        text = tables_form(arena, &tables);
    }
    return workbook_read(arena, utf8_nfc(arena, text), &reading->workbook, err);
}

static void read_all(struct reading *reading, struct str csv)
{
    struct err err = {0};

    if (csv.size > FORM_SIZE_MAX) {
        problem_add(reading, "survey", 1, STR(""),
                    N_("El archivo es demasiado grande para ser un "
                       "formulario."),
                    STR(""), STR(""));
        return;
    }
    if (!text_read(reading, csv, &err)) {
        struct form_problem *problem = problem_new(reading, "", 1, STR(""));

        if (problem)
            problem->err = err;
        return;
    }
    if (!check_survey(reading))
        return;
    find_columns(reading);
    files_read(reading);
    languages_read(reading);
    settings_read(reading);
    lists_read(reading);
    others_read(reading);
    survey_read(reading);
    if (!reading->draft)
        return;
    names_read(reading);
    expressions_read(reading);
    order_read(reading);
}

static int sheet_rank(struct str sheet)
{
    return str_equal_c(sheet, "survey")     ? 0
           : str_equal_c(sheet, "choices")  ? 1
           : str_equal_c(sheet, "settings") ? 2
                                            : 3;
}

static bool comes_after(const struct form_problem *a,
                        const struct form_problem *b)
{
    int rank = sheet_rank(a->sheet), other = sheet_rank(b->sheet);

    return rank != other ? rank > other : a->row > b->row;
}

void form_problems_sort(struct form_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct form_problem one = problems->problem[i];
        size_t at = i;

        for (; at > 0 && comes_after(&problems->problem[at - 1], &one); at--)
            problems->problem[at] = problems->problem[at - 1];
        problems->problem[at] = one;
    }
}

const struct form *xlsform_read(struct arena *arena, struct str csv,
                                const struct form_files *files,
                                struct form_problems *problems)
{
    struct form_problems found = {0};
    struct reading reading = {
        .arena = arena, .files = files, .problems = &found};

    reading.form = ARENA_NEW(arena, struct form);
    if (reading.form) {
        reading.form->source = csv;
        read_all(&reading, csv);
    }
    if (arena_failed(arena)) {
        struct form_problem *problem =
            found.count ? found.problem : problem_new(&reading, "", 0, STR(""));

        found.errors++;
        if (problem) {
            *problem = (struct form_problem){0};
            err_memory(&problem->err);
        }
    }
    form_problems_sort(&found);
    *problems = found;
    return found.errors ? NULL : reading.form;
}
