/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_file.c - choices that stand in a file beside the form: a sheet of its
 * text that bears the file's name (form/list_file.h), or a .csv that comes with
 * the program. Its columns are name and label (label::Español (es); id and
 * title of a .geojson), or those that parameters names; any other is there for
 * filters. What instance('name') and pulldata('name', …) read is the same file
 * as it stands, all its columns by their names. */
#include "core/csv.h"
#include "form/build/build.h"

static struct str parameter(const struct xls_node *node, const char *name)
{
    struct str value = xls_attribute_get(&node->parameter, name);

    return value.at ? value : STR("");
}

static struct list_file *file_find(const struct building *building,
                                   const struct xls_node *node)
{
    for (size_t i = 0; i < building->file_count; i++) {
        struct list_file *file = &building->file[i];

        if (!file->plain && str_equal(file->list, node->file) &&
            str_equal(file->value, parameter(node, "value")) &&
            str_equal(file->label, parameter(node, "label")))
            return file;
    }
    return NULL;
}

static void row_add(struct building *building, struct list_file *file,
                    const struct str *cell, size_t count, size_t number)
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
        .cell = ARENA_ARRAY(building->arena, struct str, count + 1),
        .count = count < file->columns ? count : file->columns};
    for (size_t i = 0; room->cell && i < room->count; i++) {
        room->cell[i] = str_trim(cell[i]);
        if (!room->cell[i].at)
            room->cell[i] = STR("");
    }
    file->rows += room->cell != NULL;
}

static bool is_value(const struct list_file *file, struct str header,
                     struct str small)
{
    if (file->value.size > 0)
        return str_equal(header, file->value);
    if (file->plain)
        return str_equal_c(header, "name");
    return str_equal_c(small,
                       str_ends(file->name, STR(".geojson")) ? "id" : "name") ||
           str_equal_c(small, "value");
}

static struct str label_language(const struct building *building,
                                 const struct list_file *file,
                                 struct str header)
{
    struct str asked = file->label;

    if (asked.size == 0 && str_ends(file->name, STR(".geojson")))
        asked = STR("title");
    if (file->plain)
        asked = STR("label");
    if (asked.size > 0)
        return str_equal(header, asked) ? STR("") : STR_NULL;
    return build_header_language(building->arena, header, "label");
}

static void header_read(struct building *building, struct list_file *file,
                        const struct str *cell, size_t count)
{
    struct arena *arena = building->arena;

    file->header = ARENA_ARRAY(arena, struct str, count + 1);
    file->language = ARENA_ARRAY(arena, struct str, count + 1);
    if (!file->header || !file->language)
        return;
    if (count > XLS_COLUMNS_MAX)
        count = XLS_COLUMNS_MAX;
    file->columns = count;
    for (size_t i = 0; i < count; i++) {
        struct str header = xls_clean(building->xls, cell[i]);

        file->header[i] = str_find_char(header, ' ') < SIZE_MAX
                              ? xls_snake(arena, header)
                              : header;
        if (file->value_column == SIZE_MAX &&
            is_value(file, header, xls_snake(arena, header)))
            file->value_column = i;
        if (file->label.size > 0 || file->value_column != i)
            file->language[i] = label_language(building, file, header);
    }
}

static void line_read(struct building *building, struct list_file *file,
                      const struct str *cell, size_t count, size_t number)
{
    if (file->columns == 0)
        header_read(building, file, cell, count);
    else
        row_add(building, file, cell, count, number);
}

static bool row_empty(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (str_trim(row->cell[i]).size > 0)
            return false;
    return true;
}

static void text_read(struct building *building, struct list_file *file,
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
        if (!row_empty(&row))
            line_read(building, file, row.cell, row.count, number);
    }
    if (err.code)
        file->value_column = SIZE_MAX;
}

/* False when there is no such file. */
static bool file_read(struct building *building, struct list_file *file)
{
    const struct xls_table *kept =
        xls_book_table(building->xls->book, file->name);
    const struct form_files *files = building->files;
    struct str text = STR_NULL;

    if (!kept && files && files->file)
        text = files->file(files->context, file->name);
    if (text.at)
        text_read(building, file, text);
    for (size_t i = 0; kept && i < kept->rows; i++)
        line_read(building, file, kept->row[i].cell, kept->row[i].count,
                  kept->row[i].number);
    return kept || text.at;
}

/* Reads it; NULL when there is no such file, or no memory. */
static const struct list_file *file_add(struct building *building,
                                        const struct list_file *file)
{
    struct list_file *room = xls_room(building->arena, building->file,
                                      building->file_count, sizeof *room);

    if (!room)
        return NULL;
    building->file = room;
    room += building->file_count;
    *room = *file;
    if (!file_read(building, room))
        return NULL;
    building->file_count++;
    return room;
}

static void question_file(struct building *building,
                          const struct xls_node *node)
{
    const struct list_file file = {.list = node->file,
                                   .name = node->file,
                                   .value = parameter(node, "value"),
                                   .label = parameter(node, "label"),
                                   .value_column = SIZE_MAX};
    const struct list_file *added = file_add(building, &file);

    if (!added)
        xls_node_problem(building->xls, XLS_FORM_FILE_NONE, node, "type",
                         node->file, STR(""));
    else if (added->value_column == SIZE_MAX)
        xls_node_problem(building->xls, XLS_FORM_FILE, node, "type", node->file,
                         file.value.size ? file.value : STR("name"));
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

/* Does an expression read instance('id'), or pull data out of some file? */
static bool instance_read(const struct building *building, struct str id)
{
    struct str text =
        str_format(building->arena, "instance('%.*s')", STR_ARGS(id));

    for (size_t i = 0; i < building->xls->nodes; i++)
        if (mentions(building->xls->node[i], text) ||
            mentions(building->xls->node[i], STR("pulldata")))
            return true;
    return false;
}

/* pulldata() of a file that is not there would fail every record. */
static void tell_pulled(struct building *building, struct str name)
{
    const struct xls *xls = building->xls;
    size_t i = 0;

    while (i < xls->nodes && !mentions(xls->node[i], STR("pulldata")))
        i++;
    if (i < xls->nodes && !arena_failed(building->arena))
        xls_node_problem(building->xls, XLS_FORM_FILE_NONE, xls->node[i],
                         "calculation", name, STR(""));
}

/* For expressions; who reads what is not there is told so. */
static void instance_file(struct building *building,
                          const struct xls_instance *instance)
{
    struct list_file file = {.list = instance->id,
                             .name = xls_instance_file(instance),
                             .plain = true,
                             .value_column = SIZE_MAX};

    if (file.name.size == 0)
        return;
    if (str_equal_c(str_of(instance->type), "file") &&
        !instance_read(building, instance->id))
        return;
    if (!file_add(building, &file) &&
        str_equal_c(str_of(instance->type), "pulldata"))
        tell_pulled(building, file.name);
}

void build_files(struct building *building)
{
    const struct xls *xls = building->xls;

    for (size_t i = 0; i < xls->nodes; i++)
        if (xls->node[i]->type->kind == XLS_SELECT &&
            !xls->node[i]->generated && xls->node[i]->file.size > 0 &&
            !file_find(building, xls->node[i]))
            question_file(building, xls->node[i]);
    for (size_t i = 0; i < xls->instances; i++)
        instance_file(building, &xls->instance[i]);
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
        if (i == file->value_column)
            choice.name = cell;
        if (file->language[i].at) {
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
    if (file->plain) {
        build_choice(file->made, &choice);
        return;
    }
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

void build_file_lists(struct building *building)
{
    size_t *at = ARENA_ARRAY(building->arena, size_t, building->file_count + 1);

    for (size_t i = 0; at && i < building->file_count; i++) {
        struct list_file *file = &building->file[i];
        const char *sheet = str_c(building->arena, file->name);

        at[i] = building->form->list_count;
        file->made = build_list_new(building, file->list, file->rows);
        for (size_t j = 0; file->made && j < file->rows &&
                           (file->plain || file->value_column < SIZE_MAX) &&
                           !arena_failed(building->arena);
             j++)
            choice_read(building, file, sheet, &file->row[j]);
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
