/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* csv.c - rows out of text.
 *
 * Forgiving where nothing is lost: bytes after a closing quote join the cell,
 * a quote inside an unquoted cell is itself, empty lines are skipped, and so
 * is the "sep=;" line some spreadsheets write first. Strict where something
 * would be: a quote that never closes, too many cells, a cell too large.
 */
#include "core/csv.h"

#include "core/buf.h"
#include "core/utf8.h"

enum { CSV_GUESS_ROWS = 10, QUOTED_MOST = 2 * CSV_CELL_SIZE_MAX };

static const char separators[] = {',', ';', '\t', '|'};
enum { SEPARATORS = sizeof(separators) };

static struct str from_utf16(struct arena *arena, struct str bytes, bool big)
{
    const unsigned char *byte = (const unsigned char *)bytes.at;
    struct buf out;
    uint32_t high = 0;

    buf_init(&out, arena);
    for (size_t i = 2; i + 1 < bytes.size; i += 2) {
        uint32_t unit = big ? (uint32_t)byte[i] << 8 | byte[i + 1]
                            : (uint32_t)byte[i + 1] << 8 | byte[i];
        char utf8[4];

        if (unit >= 0xd800 && unit < 0xdc00) {
            if (high)
                buf_add(&out, utf8, utf8_encode(high, utf8));
            high = unit;
            continue;
        }
        if (high && unit >= 0xdc00 && unit < 0xe000)
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        else if (high)
            buf_add(&out, utf8, utf8_encode(high, utf8));
        high = 0;
        buf_add(&out, utf8, utf8_encode(unit, utf8));
    }
    return buf_str(&out);
}

struct str csv_decode(struct arena *arena, struct str bytes, bool *was_latin1)
{
    if (was_latin1)
        *was_latin1 = false;
    if (str_starts(bytes, STR("\xef\xbb\xbf")))
        bytes = str_slice(bytes, 3, bytes.size);
    else if (str_starts(bytes, STR("\xff\xfe")))
        return from_utf16(arena, bytes, false);
    else if (str_starts(bytes, STR("\xfe\xff")))
        return from_utf16(arena, bytes, true);
    if (utf8_invalid(bytes) == SIZE_MAX)
        return str_copy(arena, bytes);
    if (was_latin1)
        *was_latin1 = true;
    return utf8_from_latin1(arena, bytes);
}

/* "sep=;" alone on the first line: its length with the line end, or 0. */
static size_t hint_size(struct str text)
{
    if (text.size < 6 || !str_equal_nocase(str_slice(text, 0, 4), STR("sep=")))
        return 0;
    if (text.at[5] == '\n')
        return 6;
    if (text.at[5] == '\r')
        return text.size > 6 && text.at[6] == '\n' ? 7 : 6;
    return 0;
}

/* Counts separators outside quotes in the row at *at; false at the end. */
static bool count_row(struct str text, size_t *at, size_t count[SEPARATORS])
{
    bool quoted = false;

    memset(count, 0, SEPARATORS * sizeof(*count));
    if (*at >= text.size)
        return false;
    for (; *at < text.size; (*at)++) {
        char c = text.at[*at];

        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '\n' || c == '\r'))
            break;
        for (size_t i = 0; i < SEPARATORS && !quoted; i++)
            count[i] += c == separators[i];
    }
    while (*at < text.size && (text.at[*at] == '\n' || text.at[*at] == '\r'))
        (*at)++;
    return true;
}

char csv_guess_separator(struct str text)
{
    size_t first[SEPARATORS], count[SEPARATORS], score[SEPARATORS];
    size_t at = 0, best = 0;

    if (hint_size(text))
        return text.at[4];
    count_row(text, &at, first);
    memcpy(score, first, sizeof(score));
    for (int row = 1; row < CSV_GUESS_ROWS && count_row(text, &at, count);
         row++)
        for (size_t i = 0; i < SEPARATORS; i++)
            score[i] += first[i] && count[i] == first[i] ? first[i] + 1 : 0;
    for (size_t i = 1; i < SEPARATORS; i++)
        if (score[i] > score[best])
            best = i;
    return separators[best];
}

void csv_init(struct csv *csv, struct str text, char separator)
{
    size_t hint = hint_size(text);

    *csv = (struct csv){
        .rest = str_slice(text, hint, text.size),
        .separator = separator,
        .next_line = hint ? 2 : 1,
    };
}

/* Takes one line end off the rest. */
static void skip_line_end(struct csv *csv)
{
    size_t size = str_starts(csv->rest, STR("\r\n")) ? 2 : 1;

    csv->rest = str_slice(csv->rest, size, csv->rest.size);
    csv->next_line++;
}

static bool at_line_end(const struct csv *csv)
{
    return csv->rest.size &&
           (csv->rest.at[0] == '\n' || csv->rest.at[0] == '\r');
}

/* Up to the separator or line end. */
static struct str take_plain(struct csv *csv)
{
    struct str rest = csv->rest;
    size_t i = 0;

    while (i < rest.size && rest.at[i] != csv->separator &&
           rest.at[i] != '\n' && rest.at[i] != '\r')
        i++;
    csv->rest = str_slice(rest, i, rest.size);
    return str_slice(rest, 0, i);
}

/* The bytes between quotes, doubled quotes undone; false if never closed. */
static bool take_quoted(struct csv *csv, struct arena *arena, struct str *cell)
{
    struct str rest = str_slice(csv->rest, 1, csv->rest.size);
    struct buf whole;
    size_t end;

    buf_init(&whole, arena);
    for (;;) { /* a quote that never closes is not looked for in a whole file */
        end = str_find_char(str_slice(rest, 0, QUOTED_MOST), '"');
        if (end == SIZE_MAX || whole.size > QUOTED_MOST)
            return false;
        for (size_t i = 0; i < end; i++)
            csv->next_line += rest.at[i] == '\n' ||
                              (rest.at[i] == '\r' && rest.at[i + 1] != '\n');
        *cell = str_slice(rest, 0, end);
        rest = str_slice(rest, end + 1, rest.size);
        if (!rest.size || rest.at[0] != '"')
            break;
        cell->size++; /* the first of the two quotes */
        buf_put(&whole, *cell);
        rest = str_slice(rest, 1, rest.size);
    }
    if (whole.size) {
        buf_put(&whole, *cell);
        *cell = buf_str(&whole);
    }
    csv->rest = rest;
    return true;
}

static bool take_cell(struct csv *csv, struct arena *arena, struct str *cell,
                      bool *joined)
{
    struct str tail;

    if (!csv->rest.size || csv->rest.at[0] != '"') {
        *cell = take_plain(csv);
        return true;
    }
    if (!take_quoted(csv, arena, cell))
        return false;
    tail = take_plain(csv);
    if (str_trim(tail).size) {
        *cell = str_join(arena, *cell, tail);
        *joined = true;
    }
    return true;
}

static bool stop(struct csv *csv, struct err *err, const char *msgid)
{
    char line[24];

    snprintf(line, sizeof(line), "%zu", csv->line);
    err_set(err, ERROR_INPUT, msgid, line, NULL, NULL);
    csv->rest = STR_NULL;
    return false;
}

static bool add_cell(struct csv_row *row, struct arena *arena, size_t *room,
                     struct str cell)
{
    if (row->count == *room) {
        size_t more = *room ? *room * 2 : 16;
        struct str *grown = arena_grow(arena, row->cell, *room * sizeof(*grown),
                                       more * sizeof(*grown));

        if (!grown)
            return false;
        row->cell = grown;
        *room = more;
    }
    row->cell[row->count++] = cell;
    return true;
}

bool csv_next(struct csv *csv, struct arena *arena, struct csv_row *row,
              struct err *err)
{
    struct csv_row read = {0};
    size_t room = 0;

    while (at_line_end(csv))
        skip_line_end(csv);
    if (!csv->rest.size)
        return false;
    read.line = csv->line = csv->next_line;
    for (;;) {
        struct str cell;

        if (!take_cell(csv, arena, &cell, &read.joined))
            return stop(csv, err,
                        N_("La fila de la línea {1} abre comillas que no se "
                           "cierran."));
        if (cell.size > CSV_CELL_SIZE_MAX)
            return stop(csv, err,
                        N_("La fila de la línea {1} tiene una celda demasiado "
                           "grande."));
        if (read.count == CSV_CELLS_MAX)
            return stop(csv, err,
                        N_("La fila de la línea {1} tiene demasiadas "
                           "celdas."));
        if (!add_cell(&read, arena, &room, cell) || arena_failed(arena)) {
            err_memory(err);
            return false;
        }
        if (!csv->rest.size || csv->rest.at[0] != csv->separator)
            break;
        csv->rest = str_slice(csv->rest, 1, csv->rest.size);
    }
    if (at_line_end(csv))
        skip_line_end(csv);
    *row = read;
    return true;
}
