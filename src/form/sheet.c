/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheet.c - from CSV to sheets with headers.
 *
 * Three layouts are seen in the wild: the sheet's name alone in its row and
 * the header in the next, behind an empty first cell; the name in front of the
 * header; the name in front of every row. All are read. What a column means
 * is settled here, so that the rest of the reader knows one name for each.
 */
#include "form/sheet.h"

#include "core/csv.h"
#include "core/buf.h"
#include "core/utf8.h"

/* Old and friendly names of columns, in small letters with _ for spaces. */
static const struct alias {
    const char *name, *base;
} aliases[] = {
    {"command", "type"},
    {"tag", "name"},
    {"value", "name"},
    {"caption", "label"},
    {"relevance", "relevant"},
    {"skippattern", "relevant"},
    {"calculate", "calculation"},
    {"read_only", "readonly"},
    {"requiredmsg", "required_message"},
    {"constraining_message", "constraint_message"},
    {"count", "repeat_count"},
    {"jr:count", "repeat_count"},
    {"list_name", "list_name"},
    {"id_string", "form_id"},
    {"title", "form_title"},
    {"bind::relevant", "relevant"},
    {"bind::constraint", "constraint"},
    {"bind::required", "required"},
    {"bind::readonly", "readonly"},
    {"bind::calculate", "calculation"},
    {"bind::jr:constraintmsg", "constraint_message"},
    {"bind::jr:requiredmsg", "required_message"},
    {"control::appearance", "appearance"},
    {"body::appearance", "appearance"},
};

static const char *const translatable[] = {
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "form_title",
    "title",
    "caption",
    "requiredmsg",
    "image",
    "audio",
    "video",
    "big-image",
};

static const struct alias languages[] = {
    {"english", "en"},          {"inglés", "en"},     {"español", "es"},
    {"spanish", "es"},          {"espanol", "es"},    {"castellano", "es"},
    {"français", "fr"},         {"french", "fr"},     {"francés", "fr"},
    {"português", "pt"},        {"portuguese", "pt"}, {"portugués", "pt"},
    {"kreyòl", "ht"},           {"kreyol", "ht"},     {"haitian creole", "ht"},
    {"criollo haitiano", "ht"},
};

/* No-break spaces are spaces, tabs too; the ends are cut. */
static struct str clean(struct arena *arena, struct str text)
{
    if (str_find(text, STR("\xc2\xa0")) < SIZE_MAX) {
        struct buf out;

        buf_init(&out, arena);
        for (size_t i = 0; i < text.size; i++) {
            if (str_starts(str_slice(text, i, text.size), STR("\xc2\xa0"))) {
                buf_putc(&out, ' ');
                i++;
            } else {
                buf_putc(&out, text.at[i]);
            }
        }
        text = buf_str(&out);
    }
    return str_trim(text);
}

/* Small letters; runs of spaces become one _. */
static struct str snake(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    text = str_trim(text);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (out.size && out.at[out.size - 1] != '_')
                buf_putc(&out, '_');
        } else if (c >= 'A' && c <= 'Z') {
            buf_putc(&out, (char)(c - 'A' + 'a'));
        } else {
            buf_putc(&out, c);
        }
    }
    return buf_str(&out);
}

static bool looks_like_tag(struct str text)
{
    size_t first = str_find_char(text, '-');

    if (first == SIZE_MAX)
        first = text.size;
    if (first < 2 || first > 3 || text.size > 35)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(i > first && c >= '0' && c <= '9') && !(c == '-' && i >= first))
            return false;
    }
    return true;
}

struct str language_code(struct arena *arena, struct str name, bool *known)
{
    size_t open = SIZE_MAX, at;
    struct str small;

    name = str_trim(name);
    *known = true;
    if (str_ends(name, STR(")")))
        for (at = 0; at < name.size; at++)
            if (name.at[at] == '(')
                open = at;
    if (open < SIZE_MAX) {
        struct str tag = str_trim(str_slice(name, open + 1, name.size - 1));

        if (looks_like_tag(tag))
            return tag;
    }
    small = utf8_lower(arena, name);
    if (looks_like_tag(name))
        return small;
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        if (str_equal_c(small, languages[i].name))
            return str_of(languages[i].base);
    *known = false;
    return small;
}

static bool is_translatable(struct str base)
{
    for (size_t i = 0; i < sizeof translatable / sizeof translatable[0]; i++)
        if (str_equal_c(base, translatable[i]))
            return true;
    return false;
}

static struct str unalias(struct str base)
{
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (str_equal_c(base, aliases[i].name))
            return str_of(aliases[i].base);
    return base;
}

/* label::Español (es), label:English, media::image::en, bind::cobijo:merge */
static void column_init(struct arena *arena, struct column *column,
                        struct str header)
{
    struct str rest, part;
    size_t at = str_find(header, STR("::")), size = 2;
    bool known;

    *column = (struct column){.header = header};
    if (at == SIZE_MAX) {
        at = str_find_char(header, ':');
        size = 1;
    }
    part = snake(arena, str_slice(header, 0, at));
    rest = at < SIZE_MAX ? str_trim(str_slice(header, at + size, header.size))
                         : STR_NULL;
    if (rest.at && str_equal_c(part, "media")) {
        column_init(arena, column, rest);
        column->header = header;
        return;
    }
    if (rest.at && is_translatable(part)) {
        column->base = unalias(part);
        column->language = language_code(arena, rest, &known);
        column->translated = true;
        return;
    }
    column->base = unalias(snake(arena, header));
}

static void header_read(struct arena *arena, struct sheet *sheet,
                        const struct csv_row *row, size_t skip)
{
    size_t count = row->count > skip ? row->count - skip : 0;

    if (count > SHEET_COLUMNS_MAX)
        count = SHEET_COLUMNS_MAX;
    sheet->column = ARENA_ARRAY(arena, struct column, count + 1);
    if (!sheet->column)
        return;
    sheet->columns = count;
    for (size_t i = 0; i < count; i++) {
        struct column *column = &sheet->column[i];

        column_init(arena, column, clean(arena, row->cell[i + skip]));
        for (size_t j = 0; j < i && column->header.size > 0; j++)
            if (str_equal(sheet->column[j].base, column->base) &&
                str_equal(sheet->column[j].language, column->language) &&
                sheet->column[j].translated == column->translated)
                column->repeated = true;
    }
}

static bool row_empty(const struct csv_row *row, size_t from)
{
    for (size_t i = from; i < row->count; i++)
        if (str_trim(row->cell[i]).size > 0)
            return false;
    return true;
}

static void row_add(struct arena *arena, struct sheet *sheet,
                    const struct csv_row *row, size_t skip, size_t number)
{
    struct sheet_row *room = sheet->row;
    size_t count = row->count > skip ? row->count - skip : 0;

    if (row_empty(row, skip) || sheet->rows >= SHEET_ROWS_MAX)
        return;
    if ((sheet->rows & (sheet->rows - 1)) == 0)
        room = arena_grow(arena, sheet->row, sheet->rows * sizeof *room,
                          (sheet->rows ? sheet->rows * 2 : 1) * sizeof *room);
    if (!room)
        return;
    sheet->row = room;
    room += sheet->rows;
    room->row = number;
    if (count > sheet->columns)
        count = sheet->columns;
    room->cell = ARENA_ARRAY(arena, struct str, count + 1);
    if (!room->cell)
        return;
    room->count = count;
    for (size_t i = 0; i < count; i++)
        room->cell[i] = clean(arena, row->cell[i + skip]);
    sheet->rows++;
}

/* Rows as the spreadsheet counts them: the reader skips empty lines. */
struct row_counter {
    size_t number, next_line;
};

static void row_count(struct row_counter *counter, const struct csv *csv,
                      const struct csv_row *row)
{
    counter->number += 1 + (row->line - counter->next_line);
    counter->next_line = csv->next_line;
}

static struct sheet *sheet_named(struct workbook *workbook, struct str name,
                                 bool *is_name)
{
    static const char *const others[] = {"external_choices", "osm", "entities"};
    struct {
        const char *name;
        struct sheet *sheet;
    } known[] = {{"survey", &workbook->survey},
                 {"choices", &workbook->choices},
                 {"settings", &workbook->settings}};

    *is_name = true;
    for (size_t i = 0; i < 3; i++)
        if (str_equal_nocase(name, str_of(known[i].name)))
            return known[i].sheet;
    for (size_t i = 0; i < 3; i++)
        if (str_equal_nocase(name, str_of(others[i])))
            return NULL;
    *is_name = false;
    return NULL;
}

/* One row of the file goes where it belongs. */
static void workbook_row(struct arena *arena, struct workbook *workbook,
                         struct sheet **now, const struct csv_row *row,
                         struct row_counter *counter)
{
    struct str first = clean(arena, row->cell[0]);
    bool is_name = false, alone = row_empty(row, 1);
    struct sheet *named = sheet_named(workbook, first, &is_name);

    if (first.size > 0 && (is_name || alone)) {
        if (named != *now || alone || !is_name) {
            *now = is_name ? named : NULL;
            workbook->any = workbook->any || is_name;
            if (*now)
                (*now)->name = first;
            counter->number = alone ? 0 : 1;
            if (*now && !alone && (*now)->columns == 0)
                header_read(arena, *now, row, 1);
            return;
        }
    }
    if (!*now)
        return;
    if ((*now)->columns == 0) {
        if (alone)
            counter->number--;
        else
            header_read(arena, *now, row, 1);
        return;
    }
    row_add(arena, *now, row, 1, counter->number);
}

/* Typographic quotes that spreadsheets put in become those that expressions
 * know; with runs, several spaces become one. */
static struct str tidy(struct arena *arena, struct str text, bool runs)
{
    struct buf out;
    bool other = false;

    for (size_t i = 0; !other && i < text.size; i++)
        other = (runs && i > 0 && text.at[i] == ' ' && text.at[i - 1] == ' ') ||
                str_starts(str_slice(text, i, text.size), STR("\xe2\x80"));
    if (!other)
        return text;
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        struct str rest = str_slice(text, i, i + 3);

        if (str_equal_c(rest, "\xe2\x80\x98") ||
            str_equal_c(rest, "\xe2\x80\x99")) {
            buf_putc(&out, '\'');
            i += 2;
        } else if (str_equal_c(rest, "\xe2\x80\x9c") ||
                   str_equal_c(rest, "\xe2\x80\x9d")) {
            buf_putc(&out, '"');
            i += 2;
        } else if (!runs || text.at[i] != ' ' || i == 0 ||
                   text.at[i - 1] != ' ') {
            buf_putc(&out, text.at[i]);
        }
    }
    return buf_str(&out);
}

static void workbook_tidy(struct arena *arena, struct workbook *workbook)
{
    struct sheet *const sheets[] = {&workbook->survey, &workbook->choices,
                                    &workbook->settings};
    const struct sheet *settings = &workbook->settings;
    bool runs = settings->rows == 0 ||
                !str_equal_nocase(
                    sheet_get(settings, &settings->row[0], "clean_text_values"),
                    STR("no"));

    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++)
        for (size_t k = 0; k < sheets[i]->rows; k++)
            for (size_t c = 0; c < sheets[i]->row[k].count; c++)
                sheets[i]->row[k].cell[c] =
                    tidy(arena, sheets[i]->row[k].cell[c], runs);
}

bool workbook_read(struct arena *arena, struct str text,
                   struct workbook *workbook, struct err *err)
{
    struct row_counter counter = {0, 1};
    struct sheet *now = NULL;
    struct csv_row row;
    struct err wrong = {0};
    struct csv csv;

    *workbook = (struct workbook){0};
    csv_init(&csv, text, csv_guess_separator(text));
    counter.next_line = csv.next_line;
    while (csv_next(&csv, arena, &row, &wrong)) {
        row_count(&counter, &csv, &row);
        workbook_row(arena, workbook, &now, &row, &counter);
    }
    workbook_tidy(arena, workbook);
    if (wrong.code)
        *err = wrong;
    return !wrong.code;
}

bool sheet_read(struct arena *arena, struct str text, struct sheet *sheet,
                struct err *err)
{
    struct row_counter counter = {0, 1};
    struct csv_row row;
    struct err wrong = {0};
    struct csv csv;

    csv_init(&csv, text, csv_guess_separator(text));
    counter.next_line = csv.next_line;
    while (csv_next(&csv, arena, &row, &wrong)) {
        row_count(&counter, &csv, &row);
        if (sheet->columns == 0)
            header_read(arena, sheet, &row, 0);
        else
            row_add(arena, sheet, &row, 0, counter.number);
    }
    if (wrong.code)
        *err = wrong;
    return !wrong.code;
}

struct str sheet_cell(const struct sheet_row *row, size_t column)
{
    return column < row->count && row->cell[column].at ? row->cell[column]
                                                       : STR("");
}

size_t sheet_column(const struct sheet *sheet, const char *base)
{
    for (size_t i = 0; i < sheet->columns; i++)
        if (!sheet->column[i].translated &&
            str_equal_c(sheet->column[i].base, base))
            return i;
    return SIZE_MAX;
}

struct str sheet_get(const struct sheet *sheet, const struct sheet_row *row,
                     const char *base)
{
    return sheet_cell(row, sheet_column(sheet, base));
}
