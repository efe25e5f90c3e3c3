/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers.c - from the fields of a posted page to answers.
 *
 * A field is named like its question; repeat.0.key is in the first row of a
 * repeat, key.why is the reason for no answer, key.y key.m key.d are the parts
 * of a date. A question's name may itself hold points, so the whole name is
 * tried before it is taken apart. Fields that begin with _ belong to the page.
 */
#include "form/check.h"

enum { ROWS_MAX = 1000, ROWS_ALL_MAX = 10000, NESTED_MAX = 8 };

struct row;

struct rows {
    bool stood; /* the page had the list, maybe without a row */
    const struct question *repeat;
    struct row **row;
    size_t count, capacity;
    struct rows *next;
};

/* Date parts seen so far. */
struct parts {
    struct str key, year, month, day;
    struct parts *next;
};

struct row {
    struct value *answers, *why;
    struct rows *rows;
    struct parts *parts;
};

struct posting {
    const struct form *form;
    struct arena *arena;
    size_t rows; /* made so far, all repeats */
};

static struct row *row_new(struct posting *posting)
{
    struct row *row = ARENA_NEW(posting->arena, struct row);

    if (row)
        row->answers = value_object(posting->arena);
    return row;
}

static struct rows *rows_of(struct posting *posting, struct row *row,
                            const struct question *repeat)
{
    struct rows *rows = row->rows;

    while (rows && rows->repeat != repeat)
        rows = rows->next;
    if (rows)
        return rows;
    rows = ARENA_NEW(posting->arena, struct rows);
    if (!rows)
        return NULL;
    rows->repeat = repeat;
    rows->next = row->rows;
    row->rows = rows;
    return rows;
}

/* The row of that number; the ones before it come into being, blank. */
static struct row *row_at(struct posting *posting, struct rows *rows,
                          size_t index)
{
    struct row **room;

    if (index < rows->count)
        return rows->row[index];
    if (index >= ROWS_MAX ||
        posting->rows + (index - rows->count) >= ROWS_ALL_MAX)
        return NULL;
    if (index >= rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 4;

        while (capacity <= index)
            capacity *= 2;
        room =
            arena_grow(posting->arena, rows->row, rows->capacity * sizeof *room,
                       capacity * sizeof *room);
        if (!room)
            return NULL;
        rows->row = room;
        rows->capacity = capacity;
    }
    while (rows->count <= index) {
        struct row *made = row_new(posting);

        if (!made)
            return NULL;
        rows->row[rows->count++] = made;
        posting->rows++;
    }
    return rows->row[index];
}

/* Several values of a field: joined for a list, else the last one. */
static struct str field_text(const struct question *question,
                             const struct value *value, struct arena *arena)
{
    struct buf out;

    if (value_type(value) != VALUE_LIST)
        return value_as_text(value, arena);
    if (!question || (question->type != QUESTION_SELECT_MULTIPLE &&
                      question->type != QUESTION_RANK))
        return value_count(value)
                   ? value_as_text(value_at(value, value_count(value) - 1),
                                   arena)
                   : STR("");
    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(value); i++) {
        struct str item = value_as_text(value_at(value, i), arena);

        if (item.size == 0)
            continue;
        if (out.size > 0)
            buf_putc(&out, ' ');
        buf_put(&out, item);
    }
    return buf_str(&out);
}

static struct parts *parts_of(struct posting *posting, struct row *row,
                              struct str key)
{
    struct parts *parts = row->parts;

    while (parts && !str_equal(parts->key, key))
        parts = parts->next;
    if (parts)
        return parts;
    parts = ARENA_NEW(posting->arena, struct parts);
    if (!parts)
        return NULL;
    parts->key = key;
    parts->next = row->parts;
    row->parts = parts;
    return parts;
}

/* key.why, key.y, key.m, key.d */
static bool put_suffixed(struct posting *posting, struct row *row,
                         const struct question *question, struct str suffix,
                         struct str text)
{
    struct parts *parts;

    if (str_equal_c(suffix, "why")) {
        if (!row->why)
            row->why = value_object(posting->arena);
        if (text.size > 0)
            value_set(row->why, posting->arena, question->key,
                      value_string(posting->arena, text));
        return true;
    }
    if (suffix.size != 1 || !strchr("ymd", suffix.at[0]))
        return false;
    parts = parts_of(posting, row, question->key);
    if (!parts)
        return true;
    if (suffix.at[0] == 'y')
        parts->year = str_trim(text);
    else if (suffix.at[0] == 'm')
        parts->month = str_trim(text);
    else
        parts->day = str_trim(text);
    return true;
}

static size_t last_point(struct str text)
{
    for (size_t i = text.size; i > 0; i--)
        if (text.at[i - 1] == '.')
            return i - 1;
    return SIZE_MAX;
}

/* repeat.0.rest: the row of the repeat and what is left of the name. */
static struct row *enter_row(struct posting *posting, struct row *row,
                             const struct question **repeat, struct str *name)
{
    for (size_t at = 0; at < name->size; at++) {
        const struct question *found;
        struct str rest, number;
        struct rows *rows;
        int64_t index;

        if (name->at[at] != '.')
            continue;
        found = form_find_in(posting->form, *repeat, str_slice(*name, 0, at));
        if (!found || found->type != QUESTION_REPEAT)
            continue;
        rest = str_slice(*name, at + 1, name->size);
        if (!str_cut(&rest, '.', &number) || !rest.at || number.size > 6 ||
            !str_to_int(number, &index) || index < 0)
            return NULL;
        rows = rows_of(posting, row, found);
        *repeat = found;
        *name = rest;
        return rows ? row_at(posting, rows, (size_t)index) : NULL;
    }
    return NULL;
}

static void put_field(struct posting *posting, struct row *row, struct str name,
                      const struct value *value)
{
    const struct question *repeat = NULL, *question;
    struct str whole = name;

    for (int depth = 0; row && depth < NESTED_MAX; depth++) {
        struct row *inner;
        size_t point;

        question = form_find_in(posting->form, repeat, name);
        if (question && question->type == QUESTION_REPEAT) {
            struct rows *rows = rows_of(posting, row, question);

            if (rows)
                rows->stood = true;
            return;
        }
        if (question && question_has_value(question)) {
            struct str text = field_text(question, value, posting->arena);

            value_set(row->answers, posting->arena, question->key,
                      value_string(posting->arena, text));
            return;
        }
        point = last_point(name);
        question = point < SIZE_MAX ? form_find_in(posting->form, repeat,
                                                   str_slice(name, 0, point))
                                    : NULL;
        if (question && question_has_value(question) &&
            put_suffixed(posting, row, question,
                         str_slice(name, point + 1, name.size),
                         field_text(NULL, value, posting->arena)))
            return;
        inner = enter_row(posting, row, &repeat, &name);
        if (!inner)
            break;
        row = inner;
    }
    /* Unknown: kept under its whole name, for form_check to say so. */
    if (row)
        value_set(row->answers, posting->arena, whole,
                  value_string(posting->arena,
                               field_text(NULL, value, posting->arena)));
}

static struct str two_digits(struct arena *arena, struct str text)
{
    return text.size == 1 ? str_join(arena, STR("0"), text) : text;
}

/* What is missing in front makes a text that is no date, so that it is told
 * rather than dropped. */
static struct str parts_text(struct arena *arena, const struct parts *parts)
{
    struct str month = two_digits(arena, parts->month);
    struct str day = two_digits(arena, parts->day);

    if (parts->year.size == 0 && month.size == 0 && day.size == 0)
        return STR("");
    if (parts->year.size == 0 || (month.size == 0 && day.size > 0))
        return str_format(arena, "%.*s/%.*s/%.*s", STR_ARGS(day),
                          STR_ARGS(month), STR_ARGS(parts->year));
    if (month.size == 0)
        return parts->year;
    if (day.size == 0)
        return str_format(arena, "%.*s-%.*s", STR_ARGS(parts->year),
                          STR_ARGS(month));
    return str_format(arena, "%.*s-%.*s-%.*s", STR_ARGS(parts->year),
                      STR_ARGS(month), STR_ARGS(day));
}

static struct value *row_answers(struct posting *posting, struct row *row)
{
    struct arena *arena = posting->arena;

    for (struct parts *parts = row->parts; parts; parts = parts->next)
        if (value_text(value_get_str(row->answers, parts->key)).size == 0)
            value_set(row->answers, arena, parts->key,
                      value_string(arena, parts_text(arena, parts)));
    for (struct rows *rows = row->rows; rows; rows = rows->next) {
        struct value *list = value_list(arena);

        for (size_t i = 0; i < rows->count; i++)
            value_add(list, arena, row_answers(posting, rows->row[i]));
        if (rows->count || rows->stood)
            value_set(row->answers, arena, rows->repeat->key, list);
    }
    if (row->why && value_count(row->why))
        value_put(row->answers, arena, "_why", row->why);
    return row->answers;
}

struct value *answers_from_fields(const struct form *form,
                                  const struct value *fields,
                                  struct arena *arena)
{
    struct posting posting = {.form = form, .arena = arena};
    struct row *top = row_new(&posting);

    if (!top)
        return NULL;
    for (size_t i = 0; i < value_count(fields); i++) {
        struct str name = value_name_at(fields, i);

        if (name.size > 0 &&
            (name.at[0] != '_' || form_find(form, name) ||
             form_find(form, str_slice(name, 0, last_point(name)))))
            put_field(&posting, top, name, value_at(fields, i));
    }
    return row_answers(&posting, top);
}
