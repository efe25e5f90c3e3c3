/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsx_sheet.c - the rows of one worksheet, cell by cell as they come. */
#include "form/read/xlsx.h"

#include <math.h>

#include "core/buf.h"

enum { ROWS_MOST = 1048576, COLUMNS_MOST = 16384 };

enum cell_type {
    TYPE_NUMBER,
    TYPE_SHARED,
    TYPE_TEXT,
    TYPE_BOOLEAN,
    TYPE_ERROR,
    TYPE_DATE
};

struct sheet_reader {
    struct xlsx *xlsx;
    size_t row, column; /* of the cell at hand; row from 1, column from 0 */
    size_t next_column;
    enum cell_type type;
    size_t style;
    bool cell, formula, value, inline_text, phonetic, collect;
    struct buf text;
    struct merge *merge;
    size_t merges;
};

/* B7: column 1, row 7; *at behind it. */
static bool reference(const char **at, size_t *row, size_t *column)
{
    const char *c = *at;
    size_t letters = 0, digits = 0;

    for (; *c == '$'; c++)
        ;
    for (; *c >= 'A' && *c <= 'Z' && letters <= COLUMNS_MOST; c++)
        letters = letters * 26 + (size_t)(*c - 'A') + 1;
    for (; *c == '$'; c++)
        ;
    for (; *c >= '0' && *c <= '9' && digits <= ROWS_MOST; c++)
        digits = digits * 10 + (size_t)(*c - '0');
    *at = c;
    *row = digits;
    *column = letters - 1;
    return letters > 0 && letters <= COLUMNS_MOST && digits > 0 &&
           digits <= ROWS_MOST;
}

static enum cell_type type_of(const char *type)
{
    static const struct {
        const char *name;
        enum cell_type type;
    } types[] = {{"s", TYPE_SHARED},       {"str", TYPE_TEXT},
                 {"inlineStr", TYPE_TEXT}, {"b", TYPE_BOOLEAN},
                 {"e", TYPE_ERROR},        {"d", TYPE_DATE}};

    for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(type, types[i].name) == 0)
            return types[i].type;
    return TYPE_NUMBER;
}

static void row_start(struct sheet_reader *reader, const char **attribute)
{
    size_t row = read_xml_size(attribute, "r", ROWS_MOST, reader->row + 1);

    if (row <= reader->row || row > ROWS_MOST) {
        intake_damaged(reader->xlsx->intake, "row");
        return;
    }
    reader->row = row;
    reader->next_column = 0;
}

static void cell_start(struct sheet_reader *reader, const char **attribute)
{
    const char *at = read_xml_get(attribute, "r");
    size_t row = reader->row;

    reader->column = reader->next_column;
    if (at && (!reference(&at, &row, &reader->column) || row != reader->row)) {
        intake_damaged(reader->xlsx->intake, "c");
        return;
    }
    reader->next_column = reader->column + 1;
    reader->type = type_of(read_xml_get(attribute, "t"));
    reader->style = read_xml_size(attribute, "s", SIZE_MAX / 4, 0);
    reader->cell = true;
    reader->formula = reader->value = false;
    buf_clear(&reader->text);
}

static void merge_start(struct sheet_reader *reader, const char **attribute)
{
    const char *at = read_xml_get(attribute, "ref");
    struct merge merge, *room = reader->merge;
    size_t count = reader->merges;

    if (!at || count >= READ_MERGES_MAX ||
        !reference(&at, &merge.first_row, &merge.first_column) ||
        *at++ != ':' || !reference(&at, &merge.last_row, &merge.last_column))
        return;
    merge.first_row--;
    merge.last_row--;
    if ((count & (count - 1)) == 0)
        room = arena_grow(&reader->xlsx->intake->scratch, room,
                          count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    reader->merge = room;
    room[reader->merges++] = merge;
}

static void sheet_start(void *context, const char *name, const char **attribute)
{
    struct sheet_reader *reader = context;

    if (strcmp(name, "row") == 0) {
        row_start(reader, attribute);
    } else if (strcmp(name, "c") == 0 && reader->row > 0) {
        cell_start(reader, attribute);
    } else if (strcmp(name, "mergeCell") == 0) {
        merge_start(reader, attribute);
    } else if (reader->cell) {
        if (strcmp(name, "f") == 0)
            reader->formula = true;
        else if (strcmp(name, "v") == 0)
            reader->value = reader->collect = true;
        else if (strcmp(name, "is") == 0)
            reader->inline_text = reader->value = true;
        else if (strcmp(name, "rPh") == 0)
            reader->phonetic = true;
        else if (strcmp(name, "t") == 0)
            reader->collect = reader->inline_text && !reader->phonetic;
    }
}

static void sheet_text(void *context, const char *at, size_t size)
{
    struct sheet_reader *reader = context;

    if (!reader->collect)
        return;
    if (reader->text.size + size > READ_CELL_SIZE_MAX)
        intake_damaged(reader->xlsx->intake, "c");
    else
        buf_add(&reader->text, at, size);
}

/* --- values --------------------------------------------------------------- */

static struct str number_text(const struct sheet_reader *reader,
                              struct str text)
{
    struct xlsx *xlsx = reader->xlsx;
    struct arena *arena = xlsx->intake->arena;
    enum cell_kind kind = reader->style < xlsx->styles
                              ? (enum cell_kind)xlsx->style[reader->style]
                              : CELL_NUMBER;
    double number;
    bool digits = text.size > 0 && text.size < 16 && kind == CELL_NUMBER &&
                  text.at[0] != '0';

    for (size_t i = 0; digits && i < text.size; i++)
        digits = text.at[i] >= '0' && text.at[i] <= '9';
    if (digits) /* most numbers: as they stand */
        return str_copy(arena, text);
    if (!str_to_double(text, &number) || !isfinite(number))
        return str_copy(arena, text);
    return cell_number(arena, number, kind, xlsx->intake->date1904);
}

/* 2026-11-22T00:00:00.000Z is a day. */
static struct str date_of(struct arena *arena, struct str text)
{
    size_t dot = str_find_char(text, '.');

    text = str_slice(text, 0, dot);
    if (str_ends(text, STR("Z")))
        text.size--;
    if (str_ends(text, STR("T00:00:00")))
        text.size -= 9;
    return str_copy(arena, text);
}

static struct str cell_text(struct sheet_reader *reader)
{
    struct xlsx *xlsx = reader->xlsx;
    struct arena *arena = xlsx->intake->arena;
    struct str text = buf_str(&reader->text), trimmed = str_trim(text);
    int64_t index;

    switch (reader->type) {
    case TYPE_SHARED:
        if (!str_to_int(trimmed, &index) || index < 0 ||
            (uint64_t)index >= xlsx->strings) {
            intake_damaged(xlsx->intake, "sharedStrings.xml");
            return STR("");
        }
        return xlsx->string[index];
    case TYPE_TEXT:
        return xlsx_text(arena, text);
    case TYPE_BOOLEAN:
        return str_equal_c(trimmed, "1") || str_equal_c(trimmed, "true")
                   ? STR("TRUE")
                   : STR("FALSE");
    case TYPE_ERROR:
        return str_copy(arena, trimmed);
    case TYPE_DATE:
        return date_of(arena, trimmed);
    default:
        return number_text(reader, trimmed);
    }
}

static void cell_end(struct sheet_reader *reader)
{
    struct intake *intake = reader->xlsx->intake;
    bool none =
        !reader->value || (reader->text.size == 0 && reader->type != TYPE_TEXT);
    struct str text;

    reader->cell = reader->collect = reader->inline_text = false;
    reader->phonetic = false;
    if (none && reader->formula)
        intake_fault(intake, reader->row, reader->column, STR(""));
    if (none)
        return;
    text = cell_text(reader);
    if (reader->type == TYPE_ERROR)
        intake_fault(intake, reader->row, reader->column, text);
    intake_cell(intake, reader->row, reader->column, text);
}

static void sheet_end(void *context, const char *name)
{
    struct sheet_reader *reader = context;

    if (!reader->cell)
        return;
    if (strcmp(name, "c") == 0)
        cell_end(reader);
    else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
        reader->collect = false;
    else if (strcmp(name, "is") == 0)
        reader->inline_text = false;
    else if (strcmp(name, "rPh") == 0)
        reader->phonetic = false;
}

bool xlsx_sheet(struct xlsx *xlsx, const struct xml_source *source)
{
    struct sheet_reader reader = {.xlsx = xlsx};
    struct xml_handler handler = {&reader, sheet_start, sheet_end, sheet_text};
    struct arena own;
    bool good;

    arena_init(&own, NULL);
    buf_init(&reader.text, &own);
    good = read_xml(xlsx->intake, "sheet.xml", source, &handler) &&
           intake_sheet_end(xlsx->intake);
    if (good && arena_failed(&own))
        good = err_memory(xlsx->intake->err) == ERROR_NONE;
    arena_release(&own);
    return good && intake_merges(xlsx->intake, reader.merge, reader.merges);
}
