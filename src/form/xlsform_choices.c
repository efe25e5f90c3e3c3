/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_choices.c - the lists of choices, from the sheet and from files. */
#include "form/xlsform_read.h"

static bool is_named(const struct column *column)
{
    return str_equal_c(column->base, "list_name") ||
           str_equal_c(column->base, "name") ||
           str_equal_c(column->base, "label");
}

static const struct sheet *file_find(const struct reading *reading,
                                     struct str name)
{
    for (size_t i = 0; i < reading->file_count; i++)
        if (str_equal(reading->file[i].name, name))
            return &reading->file[i];
    return NULL;
}

static void file_open(struct reading *reading, const struct sheet_row *row,
                      struct str name)
{
    const struct form_files *files = reading->files;
    struct str text = STR_NULL;
    struct sheet *room = reading->file, *sheet;
    size_t count = reading->file_count;
    struct err err = {0};

    if (files && files->file)
        text = files->file(files->context, name);
    if (!text.at) {
        problem_add(reading, "survey", row->row, STR("type"),
                    N_("No se encuentra el archivo «{1}». Póngalo junto al "
                       "formulario o use una lista de la hoja choices."),
                    name, STR(""));
        return;
    }
    if ((count & (count - 1)) == 0)
        room = arena_grow(reading->arena, reading->file, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    reading->file = room;
    sheet = &room[reading->file_count++];
    *sheet = (struct sheet){.name = name};
    if (!sheet_read(reading->arena, text, sheet, &err) ||
        sheet_column(sheet, "name") == SIZE_MAX) {
        problem_add(reading, "survey", row->row, STR("type"),
                    N_("El archivo «{1}» no se puede leer como lista: necesita "
                       "una columna name y una label."),
                    name, STR(""));
    }
}

/* The files that the column type names, before anything else is read. */
void files_read(struct reading *reading)
{
    const struct sheet *survey = &reading->workbook.survey;
    struct form_problems quiet = {0}, *kept = reading->problems;

    for (size_t i = 0; i < survey->rows; i++) {
        struct type_cell cell;

        if (str_find(sheet_cell(&survey->row[i], reading->column[SURVEY_type]),
                     STR("file")) == SIZE_MAX)
            continue;
        reading->problems = &quiet;
        cell = type_read(reading, &survey->row[i]);
        reading->problems = kept;
        if (cell.kind == TYPE_QUESTION && cell.from_file &&
            !file_find(reading, cell.list))
            file_open(reading, &survey->row[i], cell.list);
    }
}

/* A list while its rows come in. */
struct gathering {
    const struct sheet *sheet;
    const char *sheet_name;
    bool duplicates;
    struct choice *choice;
    size_t count;
};

static void choice_add(struct reading *reading, struct gathering *gathering,
                       struct choice_list *list, const struct sheet_row *row)
{
    struct str name = sheet_get(gathering->sheet, row, "name");
    struct choice *choice;

    if (name.size == 0) {
        problem_add(reading, gathering->sheet_name, row->row, STR("name"),
                    N_("Falta el valor de la opción en la columna name "
                       "(lista «{1}»)."),
                    list->name, STR(""));
        return;
    }
    if (!names_add((struct names *)list->names, 0, name, list->count) &&
        !gathering->duplicates) {
        problem_add(reading, gathering->sheet_name, row->row, STR("name"),
                    N_("La opción «{1}» ya está en la lista «{2}»; cada una "
                       "necesita otro valor en name."),
                    name, list->name);
        return;
    }
    choice = &gathering->choice[list->count++];
    choice->name = name;
    choice->label = texts_read(reading, gathering->sheet, row, "label");
    choice->extra = extra_read(reading, gathering->sheet, row, is_named);
    if (!choice->label.text)
        problem_warn(reading, gathering->sheet_name, row->row, STR("label"),
                     N_("La opción «{1}» no tiene texto en la columna label."),
                     name);
}

static struct choice_list *list_new(struct reading *reading, struct str name,
                                    size_t rows)
{
    struct form *form = reading->form;
    struct choice_list *room = reading->list;
    size_t count = form->list_count;

    if ((count & (count - 1)) == 0)
        room = arena_grow(reading->arena, reading->list, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return NULL;
    reading->list = room;
    form->list = room;
    room += form->list_count++;
    *room = (struct choice_list){.name = name,
                                 .names = names_new(reading->arena, rows + 1)};
    room->choice = ARENA_ARRAY(reading->arena, struct choice, rows + 1);
    return room->choice && room->names ? room : NULL;
}

static void list_from_file(struct reading *reading, const struct sheet *sheet)
{
    struct gathering gathering = {
        .sheet = sheet, .sheet_name = str_c(reading->arena, sheet->name)};
    struct choice_list *list = list_new(reading, sheet->name, sheet->rows);

    if (!list || sheet_column(sheet, "name") == SIZE_MAX)
        return;
    gathering.choice = (struct choice *)list->choice;
    for (size_t i = 0; i < sheet->rows; i++)
        choice_add(reading, &gathering, list, &sheet->row[i]);
}

/* Which list each row of choices belongs to, and how many rows each has. */
static void lists_from_sheet(struct reading *reading, bool duplicates)
{
    const struct sheet *sheet = &reading->workbook.choices;
    struct names *seen = names_new(reading->arena, sheet->rows + 1);
    size_t *next = ARENA_ARRAY(reading->arena, size_t, sheet->rows + 1);
    size_t *last = ARENA_ARRAY(reading->arena, size_t, sheet->rows + 1);
    size_t *first = ARENA_ARRAY(reading->arena, size_t, sheet->rows + 1);
    size_t *size = ARENA_ARRAY(reading->arena, size_t, sheet->rows + 1);
    size_t column = sheet_column(sheet, "list_name"), lists = 0;
    struct gathering gathering = {
        .sheet = sheet, .sheet_name = "choices", .duplicates = duplicates};

    if (!seen || !next || !last || !first || !size)
        return;
    for (size_t i = 0; i < sheet->rows; i++) {
        struct str name = sheet_cell(&sheet->row[i], column);
        size_t at = names_find(seen, 0, name);

        next[i] = SIZE_MAX;
        if (name.size == 0) {
            problem_add(reading, "choices", sheet->row[i].row, STR("list_name"),
                        N_("Falta el nombre de la lista en la columna "
                           "list_name."),
                        STR(""), STR(""));
        } else if (at == SIZE_MAX) {
            names_add(seen, 0, name, lists);
            first[lists] = last[lists] = i;
            size[lists++] = 1;
        } else {
            next[last[at]] = i;
            last[at] = i;
            size[at]++;
        }
    }
    for (size_t i = 0; i < lists; i++) {
        struct choice_list *list = list_new(
            reading, sheet_cell(&sheet->row[first[i]], column), size[i]);

        if (!list)
            return;
        gathering.choice = (struct choice *)list->choice;
        for (size_t at = first[i]; at < SIZE_MAX; at = next[at])
            choice_add(reading, &gathering, list, &sheet->row[at]);
    }
}

static bool choices_header_good(struct reading *reading)
{
    const struct sheet *sheet = &reading->workbook.choices;

    for (size_t i = 0; i < 2; i++) {
        static const char *const needed[] = {"list_name", "name"};

        if (sheet_column(sheet, needed[i]) < SIZE_MAX)
            continue;
        problem_add(reading, "choices", 1, str_of(needed[i]),
                    N_("A la hoja {1} le falta la columna {2}."),
                    STR("choices"), str_of(needed[i]));
        return false;
    }
    return true;
}

void lists_read(struct reading *reading)
{
    const struct sheet *choices = &reading->workbook.choices;
    const struct sheet *settings = &reading->workbook.settings;
    bool duplicates = settings->rows &&
                      str_equal_nocase(sheet_get(settings, &settings->row[0],
                                                 "allow_choice_duplicates"),
                                       STR("yes"));

    if (choices->rows && choices_header_good(reading))
        lists_from_sheet(reading, duplicates);
    for (size_t i = 0; i < reading->file_count; i++)
        list_from_file(reading, &reading->file[i]);
}

const struct choice_list *list_find(const struct reading *reading,
                                    struct str name)
{
    for (size_t i = 0; i < reading->form->list_count; i++)
        if (str_equal(reading->list[i].name, name))
            return &reading->list[i];
    return NULL;
}

/* Answers to select_multiple are split at spaces. */
void choices_for_multiple(struct reading *reading,
                          const struct question *question)
{
    const struct choice_list *list = question->choices;

    if (!list || (question->type != QUESTION_SELECT_MULTIPLE &&
                  question->type != QUESTION_RANK))
        return;
    for (size_t i = 0; i < list->count; i++)
        if (str_find_char(list->choice[i].name, ' ') < SIZE_MAX) {
            problem_add(reading, "survey", question->row, STR("type"),
                        N_("La opción «{1}» de la lista «{2}» tiene espacios; "
                           "para elegir varias, escriba _ en su lugar."),
                        list->choice[i].name, list->name);
            return;
        }
}
