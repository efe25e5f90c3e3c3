/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* biff.c - the records of an .xls (BIFF8, and BIFF5 of 1995): what the
 * workbook says of itself, then the cells of each sheet. Records are of a
 * stream that is already whole in memory; every one is looked at once.
 */
#include "form/read/ole.h"
#include "form/read/biff.h"

/* --- the records ---------------------------------------------------------- */

bool biff_next(struct str stream, size_t *at, struct record *record)
{
    const char *head;
    size_t size;

    if (stream.size < 4 || *at > stream.size - 4)
        return false;
    head = stream.at + *at;
    size = biff_u16(head + 2);
    if (size > stream.size - *at - 4)
        return false;
    *record = (struct record){
        .id = biff_u16(head), .body = {head + 4, size}, .next = *at + 4 + size};
    *at = record->next;
    return true;
}

unsigned biff_u16(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;

    return (unsigned)(byte[0] | byte[1] << 8);
}

uint32_t biff_u32(const char *at)
{
    return biff_u16(at) | (uint32_t)biff_u16(at + 2) << 16;
}

double biff_double(const char *at)
{
    uint64_t bits = biff_u32(at) | (uint64_t)biff_u32(at + 4) << 32;
    double number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

/* 30 bits of a whole number or of a double, and whether in hundredths. */
static double rk_number(uint32_t rk)
{
    uint64_t bits = (uint64_t)(rk & 0xfffffffcu) << 32;
    double number;

    if (rk & 2)
        number = (double)((int32_t)rk >> 2);
    else
        memcpy(&number, &bits, sizeof number);
    return rk & 1 ? number / 100 : number;
}

/* --- the workbook --------------------------------------------------------- */

static void bound_sheet(struct biff *biff, struct str body)
{
    struct arena *arena = &biff->intake->scratch;
    struct biff_sheet *room = biff->sheet;
    size_t count = biff->sheets;

    if (body.size < 8 || body.at[5] != 0 || count >= READ_SHEETS_MAX)
        return; /* a chart, a macro */
    if ((count & (count - 1)) == 0)
        room = arena_grow(arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    biff->sheet = room;
    room[biff->sheets++] = (struct biff_sheet){
        .name = biff_text(biff, str_slice(body, 6, body.size), 1),
        .at = biff_u32(body.at),
        .hidden = (body.at[4] & 3) != 0};
}

static void format_add(struct biff *biff, struct str body)
{
    struct arena *arena = &biff->intake->scratch;
    struct biff_format *room = biff->format;
    size_t count = biff->formats;

    if (body.size < 4 || count >= 1000) /* nobody sees that many */
        return;
    if ((count & (count - 1)) == 0)
        room = arena_grow(arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room)
        return;
    biff->format = room;
    room[biff->formats++] = (struct biff_format){
        .id = biff_u16(body.at),
        .kind = cell_kind_code(biff_text(biff, str_slice(body, 2, body.size),
                                         biff->biff8 ? 2 : 1))};
}

static void style_add(struct biff *biff, struct str body)
{
    unsigned id = body.size >= 4 ? biff_u16(body.at + 2) : 0;
    size_t count = biff->styles;
    enum cell_kind kind = cell_kind_builtin(id);
    unsigned char *room = biff->style;

    for (size_t i = 0; i < biff->formats; i++)
        if (biff->format[i].id == id)
            kind = biff->format[i].kind;
    if (count >= READ_STYLES_MAX)
        return;
    if ((count & (count - 1)) == 0)
        room = arena_grow(&biff->intake->scratch, room, count,
                          count ? count * 2 : 1);
    if (!room)
        return;
    biff->style = room;
    room[biff->styles++] = (unsigned char)kind;
}

static bool begin(struct biff *biff, const struct record *record)
{
    unsigned version = record->body.size >= 4 ? biff_u16(record->body.at) : 0;

    biff->biff8 = version == 0x0600;
    if (record->id == RECORD_BOF && (version == 0x0600 || version == 0x0500))
        return true;
    err_set(biff->intake->err, ERROR_INPUT,
            N_("El archivo es de un Excel anterior a 1995: ábralo y guárdelo "
               "como .xlsx."),
            NULL, NULL, NULL);
    return false;
}

static bool globals(struct biff *biff)
{
    struct intake *intake = biff->intake;
    struct record record;
    size_t at = 0;

    if (!biff_next(biff->stream, &at, &record))
        return intake_damaged(intake, "Workbook");
    if (!begin(biff, &record))
        return false;
    while (!intake_failed(intake) && biff_next(biff->stream, &at, &record)) {
        if (record.id == RECORD_EOF)
            return true;
        if (record.id == RECORD_FILEPASS) {
            err_set(intake->err, ERROR_INPUT,
                    N_("El archivo está protegido con contraseña. Quítela y "
                       "guárdelo otra vez."),
                    NULL, NULL, NULL);
            return false;
        }
        if (record.id == RECORD_DATEMODE && record.body.size >= 2)
            intake->date1904 = biff_u16(record.body.at) == 1;
        else if (record.id == RECORD_BOUNDSHEET)
            bound_sheet(biff, record.body);
        else if (record.id == RECORD_FORMAT)
            format_add(biff, record.body);
        else if (record.id == RECORD_XF)
            style_add(biff, record.body);
        else if (record.id == RECORD_SST && !biff_strings(biff, &record))
            return false;
    }
    return intake_damaged(intake, "Workbook");
}

/* --- cells ---------------------------------------------------------------- */

static void cell_add(struct biff_cells *cells, unsigned row, unsigned column,
                     struct str text)
{
    struct intake *intake = cells->biff->intake;
    struct biff_cell *room = cells->cell;
    size_t count = cells->count;

    if (text.size == 0)
        return;
    if (count >= READ_CELLS_MAX) {
        intake_too_large(
            intake,
            N_("El archivo tiene más de {1} celdas. Divídalo en partes."),
            READ_CELLS_MAX);
        return;
    }
    if ((count & (count - 1)) == 0)
        room = arena_grow(&cells->arena, room, count * sizeof *room,
                          (count ? count * 2 : 1) * sizeof *room);
    if (!room) {
        err_memory(intake->err);
        return;
    }
    cells->cell = room;
    cells->sorted =
        cells->sorted &&
        (count == 0 || room[count - 1].row < row ||
         (room[count - 1].row == row && room[count - 1].column < column));
    room[cells->count++] = (struct biff_cell){row, column, text};
}

static void number_add(struct biff_cells *cells, unsigned row, unsigned column,
                       unsigned style, double number)
{
    const struct biff *biff = cells->biff;
    enum cell_kind kind =
        style < biff->styles ? (enum cell_kind)biff->style[style] : CELL_NUMBER;

    cell_add(
        cells, row, column,
        cell_number(biff->intake->arena, number, kind, biff->intake->date1904));
}

static void error_add(struct biff_cells *cells, unsigned row, unsigned column,
                      unsigned code)
{
    intake_fault(cells->biff->intake, (size_t)row + 1, column,
                 cell_error(code));
    cell_add(cells, row, column, cell_error(code));
}

static void many_numbers(struct biff_cells *cells, struct str body)
{
    unsigned row = biff_u16(body.at), column = biff_u16(body.at + 2);

    for (size_t at = 4; at + 8 <= body.size; at += 6)
        number_add(cells, row, column++, biff_u16(body.at + at),
                   rk_number(biff_u32(body.at + at + 2)));
}

static void formula(struct biff_cells *cells, struct str body)
{
    unsigned row = biff_u16(body.at), column = biff_u16(body.at + 2);
    unsigned kind = (unsigned char)body.at[6];

    if (body.size < 14)
        return;
    if (biff_u16(body.at + 12) != 0xffff)
        number_add(cells, row, column, biff_u16(body.at + 4),
                   biff_double(body.at + 6));
    else if (kind == 0)
        cells->waiting = true; /* its text is the next record of texts */
    else if (kind == 1)
        cell_add(cells, row, column, body.at[8] ? STR("TRUE") : STR("FALSE"));
    else if (kind == 2)
        error_add(cells, row, column, (unsigned char)body.at[8]);
    cells->row = row;
    cells->column = column;
}

static void formula_text(struct biff_cells *cells, struct str body)
{
    if (!cells->waiting)
        return;
    cells->waiting = false;
    cell_add(cells, cells->row, cells->column, biff_text(cells->biff, body, 2));
}

static void merges(struct biff_cells *cells, struct str body)
{
    struct arena *arena = &cells->arena;

    for (size_t at = 2; at + 8 <= body.size; at += 8) {
        const char *range = body.at + at;
        size_t count = cells->merges;

        if (count >= READ_MERGES_MAX)
            return;
        if ((count & (count - 1)) == 0)
            cells->merge =
                arena_grow(arena, cells->merge, count * sizeof *cells->merge,
                           (count ? count * 2 : 1) * sizeof *cells->merge);
        if (!cells->merge)
            return;
        cells->merge[cells->merges++] =
            (struct merge){biff_u16(range), biff_u16(range + 2),
                           biff_u16(range + 4), biff_u16(range + 6)};
    }
}

static void shared_text(struct biff_cells *cells, struct str body)
{
    struct biff *biff = cells->biff;
    uint32_t index = biff_u32(body.at + 6);

    if (index >= biff->strings)
        intake_damaged(biff->intake, "SST");
    else
        cell_add(cells, biff_u16(body.at), biff_u16(body.at + 2),
                 biff->string[index]);
}

/* Every record of a cell begins with row, column and style. */
static void cell_record(struct biff_cells *cells, const struct record *record)
{
    struct str body = record->body;
    unsigned row, column;

    if (body.size < 8)
        return;
    row = biff_u16(body.at);
    column = biff_u16(body.at + 2);
    if (record->id == RECORD_LABELSST && body.size >= 10)
        shared_text(cells, body);
    else if (record->id == RECORD_LABEL || record->id == RECORD_RSTRING)
        cell_add(cells, row, column,
                 biff_text(cells->biff, str_slice(body, 6, body.size), 2));
    else if (record->id == RECORD_NUMBER && body.size >= 14)
        number_add(cells, row, column, biff_u16(body.at + 4),
                   biff_double(body.at + 6));
    else if (record->id == RECORD_RK && body.size >= 10)
        number_add(cells, row, column, biff_u16(body.at + 4),
                   rk_number(biff_u32(body.at + 6)));
    else if (record->id == RECORD_MULRK)
        many_numbers(cells, body);
    else if (record->id == RECORD_BOOLERR && body.at[7])
        error_add(cells, row, column, (unsigned char)body.at[6]);
    else if (record->id == RECORD_BOOLERR)
        cell_add(cells, row, column, body.at[6] ? STR("TRUE") : STR("FALSE"));
    else if (record->id == RECORD_FORMULA)
        formula(cells, body);
}

static bool sheet_records(struct biff_cells *cells, size_t at)
{
    struct biff *biff = cells->biff;
    struct record record;
    size_t depth = 0;

    if (!biff_next(biff->stream, &at, &record) || record.id != RECORD_BOF)
        return intake_damaged(biff->intake, "Workbook");
    while (!intake_failed(biff->intake) &&
           biff_next(biff->stream, &at, &record)) {
        biff->looked += 4 + record.body.size;
        if (biff->looked > biff->stream.size)
            break; /* sheets within sheets */
        if (record.id == RECORD_BOF)
            depth++; /* a chart within */
        else if (record.id == RECORD_EOF && depth == 0)
            return true;
        else if (record.id == RECORD_EOF)
            depth--;
        else if (depth > 0)
            continue;
        else if (record.id == RECORD_MERGED)
            merges(cells, record.body);
        else if (record.id == RECORD_STRING)
            formula_text(cells, record.body);
        else
            cell_record(cells, &record);
    }
    return intake_damaged(biff->intake, "Workbook");
}

static int compare_cells(const void *a, const void *b)
{
    const struct biff_cell *one = a, *other = b;

    if (one->row != other->row)
        return one->row < other->row ? -1 : 1;
    return (one->column > other->column) - (one->column < other->column);
}

static bool sheet_read_at(struct biff *biff, const struct biff_sheet *sheet)
{
    struct biff_cells cells = {.biff = biff, .sorted = true};
    struct intake *intake = biff->intake;
    bool good;

    arena_init(&cells.arena, NULL);
    good = intake_sheet(intake, sheet->name, sheet->hidden) &&
           sheet_records(&cells, sheet->at);
    if (good && !cells.sorted)
        qsort(cells.cell, cells.count, sizeof *cells.cell, compare_cells);
    for (size_t i = 0; good && i < cells.count; i++)
        good = intake_cell(intake, (size_t)cells.cell[i].row + 1,
                           cells.cell[i].column, cells.cell[i].text);
    good = good && intake_sheet_end(intake) &&
           intake_merges(intake, cells.merge, cells.merges);
    arena_release(&cells.arena);
    return good;
}

bool biff_stream_read(struct intake *intake, struct str stream)
{
    struct biff biff = {.intake = intake, .stream = stream};
    bool good;

    buf_init(&biff.line, &intake->scratch);
    good = globals(&biff);
    if (good && biff.sheets == 0)
        return intake_damaged(intake, "Workbook");
    for (size_t i = 0; good && i < biff.sheets; i++)
        good = sheet_read_at(&biff, &biff.sheet[i]);
    return good && !intake_failed(intake);
}

bool biff_read(struct intake *intake, struct str bytes)
{
    struct ole ole;
    struct str stream;

    if (!ole_open(intake, bytes, &ole))
        return false;
    stream = ole_stream(intake, &ole, "Workbook");
    if (str_is_null(stream) && !intake_failed(intake))
        stream = ole_stream(intake, &ole, "Book");
    if (!str_is_null(stream))
        return biff_stream_read(intake, stream);
    if (!intake_failed(intake) &&
        !str_is_null(ole_stream(intake, &ole, "EncryptedPackage")))
        err_set(intake->err, ERROR_INPUT,
                N_("El archivo está protegido con contraseña. Quítela y "
                   "guárdelo otra vez."),
                NULL, NULL, NULL);
    if (!intake_failed(intake))
        err_set(intake->err, ERROR_INPUT,
                N_("Es un documento de Office, pero no una hoja de cálculo. "
                   "Suba la hoja misma."),
                NULL, NULL, NULL);
    return false;
}
