/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* intake.c - cells become rows; counting, refusing. */
#include "form/read/intake.h"

#include "form/read/read.h"
#include "form/read/xml_list.h"

bool intake_open(struct intake *intake, struct arena *arena,
                 struct tables *tables, struct err *err)
{
    *intake = (struct intake){.arena = arena, .tables = tables, .err = err};
    *tables = (struct tables){0};
    arena_init(&intake->scratch, NULL);
    intake->cell = ARENA_ARRAY(&intake->scratch, struct str, READ_COLUMNS_MAX);
    return intake->cell != NULL;
}

enum error intake_close(struct intake *intake)
{
    if (arena_failed(intake->arena) || arena_failed(&intake->scratch))
        err_memory(intake->err);
    arena_release(&intake->scratch);
    return intake->err->code;
}

bool intake_failed(const struct intake *intake)
{
    return intake->err->code || arena_failed(intake->arena) ||
           arena_failed(&intake->scratch);
}

bool intake_damaged(struct intake *intake, const char *part)
{
    if (!intake_failed(intake))
        err_set(intake->err, ERROR_INPUT,
                N_("El archivo está dañado o incompleto ({1}). Ábralo en su "
                   "programa de hojas de cálculo, guárdelo y súbalo otra "
                   "vez."),
                part, NULL, NULL);
    return false;
}

bool intake_too_large(struct intake *intake, const char *msgid, size_t most)
{
    char number[24];

    snprintf(number, sizeof number, "%zu", most);
    if (!intake_failed(intake))
        err_set(intake->err, ERROR_TOO_LARGE, msgid, number,
                intake->table ? str_c(&intake->scratch, intake->table->name)
                              : "",
                NULL);
    return false;
}

bool intake_text_too_large(struct intake *intake)
{
    return intake_too_large(
        intake,
        N_("Los textos del archivo suman más de {1} MiB. Divídalo en partes."),
        TABLE_TEXT_MAX >> 20);
}

/* --- rows ----------------------------------------------------------------- */

static bool row_end(struct intake *intake)
{
    if (intake->row == 0 || intake->width == 0)
        return true;
    intake->cells += intake->width;
    if (intake->cells > READ_CELLS_MAX)
        return intake_too_large(
            intake,
            N_("El archivo tiene más de {1} celdas. Divídalo en partes."),
            READ_CELLS_MAX);
    if (intake->table->rows >= READ_ROWS_MAX)
        return intake_too_large(
            intake,
            N_("La hoja {2} tiene más de {1} filas con datos. Divídala en "
               "partes."),
            READ_ROWS_MAX);
    table_add(intake->arena, intake->table, intake->row, intake->cell,
              intake->width);
    memset(intake->cell, 0, intake->width * sizeof *intake->cell);
    intake->width = 0;
    return !intake_failed(intake);
}

bool intake_sheet(struct intake *intake, struct str name, bool hidden)
{
    if (intake->tables->count >= READ_SHEETS_MAX)
        return intake_too_large(
            intake,
            N_("El archivo tiene más de {1} hojas. Divídalo en "
               "partes."),
            READ_SHEETS_MAX);
    intake->table = tables_add(intake->arena, intake->tables,
                               str_copy(intake->arena, name));
    if (!intake->table)
        return false;
    intake->table->hidden = hidden;
    intake->row = intake->width = 0;
    return true;
}

bool intake_cell(struct intake *intake, size_t row, size_t column,
                 struct str text)
{
    if (text.size == 0)
        return true;
    if (row != intake->row) {
        if (row < intake->row)
            return intake_damaged(intake, "row");
        if (!row_end(intake))
            return false;
        intake->row = row;
    }
    if (column >= READ_COLUMNS_MAX)
        return intake_too_large(
            intake,
            N_("La hoja {2} tiene datos más allá de la columna {1}. Bórrelos "
               "y guarde el archivo otra vez."),
            READ_COLUMNS_MAX);
    intake->text += text.size;
    if (intake->text > TABLE_TEXT_MAX)
        return intake_text_too_large(intake);
    intake->cell[column] = text;
    if (column >= intake->width)
        intake->width = column + 1;
    return true;
}

void intake_fault(struct intake *intake, size_t row, size_t column,
                  struct str error)
{
    struct table_fault fault = {.table = intake->tables->count - 1,
                                .row = row,
                                .column = column,
                                .error = error};

    table_fault_add(intake->arena, intake->tables, &fault);
}

bool intake_sheet_end(struct intake *intake)
{
    bool good = row_end(intake);

    intake->row = intake->width = 0;
    return good;
}

/* Merged cells of an honest sheet do not overlap. */
bool intake_merges(struct intake *intake, const struct merge *merge,
                   size_t count)
{
    size_t steps = 0;

    for (size_t i = 0; i < count && steps <= READ_CELLS_MAX; i++)
        steps +=
            table_merge(intake->table, merge[i].first_row, merge[i].last_row,
                        merge[i].first_column, merge[i].last_column);
    return steps <= READ_CELLS_MAX || intake_damaged(intake, "mergeCells");
}

/* --- the door ------------------------------------------------------------- */

enum error read_tables(struct arena *arena, struct str bytes,
                       struct tables *tables, struct err *err)
{
    enum table_format format = table_format(bytes);
    struct intake intake;

    if (bytes.size > READ_FILE_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("El archivo pesa más de {1} MiB. Divídalo en partes "
                          "o quite las imágenes."),
                       "64", NULL, NULL);
    if (intake_open(&intake, arena, tables, err)) {
        if (format == TABLE_ZIP)
            xlsx_read(&intake, bytes);
        else if (format == TABLE_OLE)
            biff_read(&intake, bytes);
        else if (str_starts(str_trim(bytes), STR("<")))
            xml_list_read(&intake, bytes);
        else
            intake_damaged(&intake, "?");
    }
    return intake_close(&intake);
}
