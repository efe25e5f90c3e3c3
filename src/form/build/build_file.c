/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_file.c - choices that stand in a .csv beside the form. Its columns are
 * name and label (label::Español (es)), or those that parameters names; any
 * other is there for filters. csv-external is such a file without a question:
 * instance('name') reads it. */
#include "core/csv.h"
#include "form/build/build.h"

static struct str parameter(const struct xls_node *node, const char *name)
{
    struct str value = xls_attribute_get(&node->parameter, name);

    return value.at ? value : STR("");
}

static bool is_external(const struct xls_node *node)
{
    return strcmp(node->type->name, "csv-external") == 0;
}

static struct list_file *file_find(const struct building *building,
                                   const struct xls_node *node)
{
    for (size_t i = 0; i < building->file_count; i++) {
        struct list_file *file = &building->file[i];

        if (str_equal(file->list, node->file) &&
            str_equal(file->value, parameter(node, "value")) &&
            str_equal(file->label, parameter(node, "label")))
            return file;
    }
    return NULL;
}

static void row_add(struct building *building, struct list_file *file,
                    const struct csv_row *row, size_t number)
{
    struct xls_row *room;

    if (file->rows >= FORM_CHOICES_MAX)
        return;
    room = xls_room(building->arena, file->row, file->rows, sizeof *room);
    if (!room)
        return;
    file->row = room;
    room += file->rows;
    *room = (struct xls_row){
        .number = number,
        .cell = ARENA_ARRAY(building->arena, struct str, row->count + 1),
        .count = row->count < file->columns ? row->count : file->columns};
    for (size_t i = 0; room->cell && i < room->count; i++) {
        room->cell[i] = str_trim(row->cell[i]);
        if (!room->cell[i].at)
            room->cell[i] = STR("");
    }
    file->rows += room->cell != NULL;
}

static bool is_value(const struct list_file *file, struct str header,
                     struct str small)
{
    return file->value.size > 0
               ? str_equal(header, file->value)
               : str_equal_c(small, "name") || str_equal_c(small, "value");
}

static void header_read(struct building *building, struct list_file *file,
                        const struct csv_row *row)
{
    struct arena *arena = building->arena;
    size_t count = row->count < XLS_COLUMNS_MAX ? row->count : XLS_COLUMNS_MAX;

    file->header = ARENA_ARRAY(arena, struct str, count + 1);
    file->language = ARENA_ARRAY(arena, struct str, count + 1);
    if (!file->header || !file->language)
        return;
    file->columns = count;
    for (size_t i = 0; i < count; i++) {
        struct str header = xls_clean(building->xls, row->cell[i]);

        file->header[i] = str_find_char(header, ' ') < SIZE_MAX
                              ? xls_snake(arena, header)
                              : header;
        if (file->value_column == SIZE_MAX &&
            is_value(file, header, xls_snake(arena, header)))
            file->value_column = i;
        else if (file->label.size > 0)
            file->language[i] =
                str_equal(header, file->label) ? STR("") : STR_NULL;
        else
            file->language[i] = build_header_language(arena, header, "label");
    }
}

static bool row_empty(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (str_trim(row->cell[i]).size > 0)
            return false;
    return true;
}

static void file_read(struct building *building, struct list_file *file,
                      struct str text)
{
    struct csv_row row;
    struct err err = {0};
    struct csv csv;
    size_t number = 0, next_line;

    text = csv_decode(building->arena, text, NULL);
    csv_init(&csv, text, csv_guess_separator(text));
    next_line = csv.next_line;
    while (csv_next(&csv, building->arena, &row, &err)) {
        number += 1 + (row.line - next_line);
        next_line = csv.next_line;
        if (row_empty(&row))
            continue;
        if (file->columns == 0)
            header_read(building, file, &row);
        else
            row_add(building, file, &row, number);
    }
    if (err.code)
        file->value_column = SIZE_MAX;
}

static struct list_file *file_new(struct building *building)
{
    struct list_file *room = xls_room(building->arena, building->file,
                                      building->file_count, sizeof *room);

    if (!room)
        return NULL;
    building->file = room;
    return &room[building->file_count++];
}

static void file_open(struct building *building, const struct xls_node *node)
{
    const struct form_files *files = building->files;
    struct str name = is_external(node)
                          ? str_join(building->arena, node->name, STR(".csv"))
                          : node->file;
    struct str text =
        files && files->file ? files->file(files->context, name) : STR_NULL;
    struct list_file *file;

    if (!text.at) {
        if (!is_external(node)) /* else whoever reads it says so */
            xls_node_problem(building->xls, XLS_FORM_FILE_NONE, node, "type",
                             name, STR(""));
        return;
    }
    file = file_new(building);
    if (!file)
        return;
    *file = (struct list_file){.list = is_external(node) ? node->name : name,
                               .name = name,
                               .value = parameter(node, "value"),
                               .label = parameter(node, "label"),
                               .value_column = SIZE_MAX};
    file_read(building, file, text);
    if (file->value_column == SIZE_MAX && !is_external(node))
        xls_node_problem(building->xls, XLS_FORM_FILE, node, "type", name,
                         file->value.size ? file->value : STR("name"));
}

void build_files(struct building *building)
{
    for (size_t i = 0; i < building->xls->nodes; i++) {
        const struct xls_node *node = building->xls->node[i];

        if (is_external(node) ||
            (node->type->kind == XLS_SELECT && !node->generated &&
             str_equal_c(node->file_extension, ".csv") &&
             !file_find(building, node)))
            file_open(building, node);
    }
}

/* --- lists ---------------------------------------------------------------- */

/* Columns by their own names: what is neither name nor label, and what
 * parameters made one of them. */
static bool is_other(const struct list_file *file, size_t column)
{
    if (file->header[column].size == 0)
        return false;
    if (column == file->value_column)
        return file->value.size > 0;
    return !file->language[column].at || file->label.size > 0;
}

static void choice_read(struct building *building, struct list_file *file,
                        const char *sheet, const struct xls_row *row)
{
    struct arena *arena = building->arena;
    const struct form *form = building->form;
    struct str *label =
        ARENA_ARRAY(arena, struct str, form->language_count + 1);
    struct choice choice = {.name = STR(""), .label = {label}};
    struct value *extra = NULL;
    bool labelled = false;

    for (size_t i = 0; label && i < row->count; i++) {
        struct str cell = row->cell[i];

        if (cell.size == 0)
            continue;
        if (i == file->value_column) {
            choice.name = cell;
        } else if (file->language[i].at) {
            label[language_place(form, file->language[i])] = cell;
            labelled = true;
        }
        if (!is_other(file, i))
            continue;
        if (!extra)
            extra = value_object(arena);
        value_set(extra, arena, file->header[i], value_string(arena, cell));
    }
    choice.extra = extra;
    if (choice.name.size == 0)
        xls_problem(building->xls, XLS_NAMES_006,
                    (struct xls_place){sheet, row->number, STR("name")},
                    file->name, STR(""), STR(""));
    else if (!build_choice(file->made, &choice) && !building->xls->duplicates)
        xls_problem(building->xls, XLS_NAMES_007,
                    (struct xls_place){sheet, row->number, STR("name")},
                    choice.name, file->name, STR(""));
    if (!labelled)
        xls_problem(building->xls, XLS_LABEL_001,
                    (struct xls_place){sheet, row->number, STR("label")},
                    choice.name, STR(""), STR(""));
}

static bool mentions(const struct xls_node *node, struct str text)
{
    for (size_t i = 0; i < node->bind.count; i++)
        if (str_find(node->bind.attribute[i].value, text) < SIZE_MAX)
            return true;
    return str_find(node->cell[XLS_CELL_DEFAULT], text) < SIZE_MAX ||
           str_find(node->cell[XLS_CELL_CHOICE_FILTER], text) < SIZE_MAX ||
           str_find(node->cell[XLS_CELL_COUNT_OF_REPEAT], text) < SIZE_MAX;
}

/* instance('fruits') may mean fruits.csv: then the list has both names. */
static void stem_list(struct building *building, const struct list_file *file)
{
    struct str stem = str_slice(file->list, 0, file->list.size - 4);
    struct choice_list *list, made = *file->made;
    bool wanted = false;

    if (!str_ends(file->list, STR(".csv")))
        return;
    for (size_t i = 0; i < building->form->list_count; i++)
        if (str_equal(building->list[i].name, stem))
            return;
    for (size_t i = 0; i < building->xls->nodes && !wanted; i++)
        wanted = mentions(
            building->xls->node[i],
            str_format(building->arena, "instance('%.*s')", STR_ARGS(stem)));
    if (!wanted)
        return;
    made.name = stem;
    list = build_list_new(building, stem, 0);
    if (list)
        *list = made;
}

void build_file_lists(struct building *building)
{
    size_t *at = ARENA_ARRAY(building->arena, size_t, building->file_count + 1);

    for (size_t i = 0; at && i < building->file_count; i++) {
        struct list_file *file = &building->file[i];
        const char *sheet = str_c(building->arena, file->name);

        at[i] = building->form->list_count;
        file->made = build_list_new(building, file->list, file->rows);
        for (size_t j = 0; file->made && file->value_column < SIZE_MAX &&
                           j < file->rows && !arena_failed(building->arena);
             j++)
            choice_read(building, file, sheet, &file->row[j]);
        if (file->made)
            stem_list(building, file);
    }
    /* the lists have moved while they grew */
    for (size_t i = 0; at && i < building->file_count; i++)
        if (building->file[i].made)
            building->file[i].made = &building->list[at[i]];
}

struct choice_list *build_file_list(const struct building *building,
                                    const struct xls_node *node)
{
    const struct list_file *file = file_find(building, node);

    return file ? file->made : NULL;
}
