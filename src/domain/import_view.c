/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_view.c - a plan as a tree for the page and as lines of text. */
#include "domain/import_private.h"

static struct str note_text(struct task *task, const struct import_note *note)
{
    return err_text(&note->err, task->translator, task->arena);
}

static struct value *notes_view(struct task *task, const struct import_row *row)
{
    static const char *const weight[] = {"hint", "open", "refused"};
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < row->notes; i++) {
        struct value *note = value_object(arena);

        value_put_text(note, arena, "weight", weight[row->note[i].weight]);
        value_put_str(note, arena, "heading", row->note[i].heading);
        value_put_str(note, arena, "text", note_text(task, &row->note[i]));
        value_add(list, arena, note);
    }
    return list;
}

static const char *outcome_name(const struct import_row *row)
{
    static const char *const name[] = {"add", "duplicate", "refused",
                                       "skipped"};

    return name[row->outcome];
}

static bool is_wanted(const struct import_row *row, const char *which)
{
    if (!which || !which[0])
        return row->outcome != IMPORT_SKIP;
    if (strcmp(which, "open") == 0)
        return row->open && row->outcome == IMPORT_ADD;
    return strcmp(which, outcome_name(row)) == 0;
}

static struct value *row_view(struct task *task, const struct import_row *row)
{
    static const char *const shown[] = {
        "given_names", "first_surname", "second_surname", "birth_date",
        "age_years",   "sex",           "nationality",    "country_of_birth",
        "phone",       "language_main"};
    struct arena *arena = task->arena;
    struct value *view = value_object(arena);
    struct value *answers = value_object(arena);

    value_put_int(view, arena, "line", (int64_t)row->line);
    value_put_text(view, arena, "outcome", outcome_name(row));
    value_put_bool(view, arena, "open", row->open);
    value_put_str(view, arena, "name", row->name);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        struct str text = value_text_of(row->person, shown[i]);

        if (text.size)
            value_put_str(answers, arena, shown[i], text);
    }
    if (value_text_of(row->arrival, "arrived_on").size)
        value_put_str(answers, arena, "arrived_on",
                      value_text_of(row->arrival, "arrived_on"));
    value_put(view, arena, "answers", answers);
    value_put(view, arena, "notes", notes_view(task, row));
    return view;
}

static struct value *map_view(struct task *task, const struct import_map *map)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < map->count; i++) {
        struct value *column = value_object(arena);

        value_put_str(column, arena, "heading", map->column[i].heading);
        value_put_str(column, arena, "field", map->column[i].field);
        value_put_str(column, arena, "values", map->column[i].values);
        value_put_int(column, arena, "confidence", map->column[i].confidence);
        value_add(list, arena, column);
    }
    return list;
}

struct value *import_plan_view(struct task *task,
                               const struct import_plan *plan,
                               const char *which, size_t limit)
{
    struct arena *arena = task->arena;
    struct value *view = value_object(arena), *rows = value_list(arena);
    size_t shown = 0;

    value_put_str(view, arena, "kind", plan->kind);
    value_put_bool(view, arena, "latin1", plan->latin1);
    value_put_int(view, arena, "heading_line", (int64_t)plan->heading_line);
    value_put_int(view, arena, "rows", (int64_t)plan->rows);
    value_put_int(view, arena, "added", (int64_t)plan->added);
    value_put_int(view, arena, "open", (int64_t)plan->open);
    value_put_int(view, arena, "duplicates", (int64_t)plan->duplicates);
    value_put_int(view, arena, "refused", (int64_t)plan->refused);
    value_put_int(view, arena, "skipped", (int64_t)plan->skipped);
    value_put(view, arena, "columns", map_view(task, &plan->map));
    for (size_t i = 0; i < plan->rows; i++) {
        if (!is_wanted(&plan->row[i], which) || (limit && shown == limit))
            continue;
        value_add(rows, arena, row_view(task, &plan->row[i]));
        shown++;
    }
    value_put(view, arena, "row", rows);
    return view;
}

static void put_problem(struct task *task, const struct import_row *row,
                        const struct import_note *note, struct buf *out)
{
    static const char *const form[] = {N_("línea {1}: {2}"),
                                       N_("línea {1}: por aclarar: {2}"),
                                       N_("línea {1}: rechazada: {2}")};
    struct err line = {0};
    char number[24];

    snprintf(number, sizeof number, "%zu", row->line);
    err_set(&line, ERROR_INPUT, form[note->weight], number,
            str_c(task->arena, note_text(task, note)), NULL);
    buf_put(out, err_text(&line, task->translator, task->arena));
    buf_putc(out, '\n');
}

struct str import_problem_lines(struct task *task,
                                const struct import_plan *plan, bool hints)
{
    struct buf out;

    buf_init(&out, task->arena);
    for (int weight = IMPORT_FATAL; weight >= (hints ? 0 : 1); weight--)
        for (size_t i = 0; i < plan->rows; i++)
            for (size_t j = 0; j < plan->row[i].notes; j++)
                if ((int)plan->row[i].note[j].weight == weight)
                    put_problem(task, &plan->row[i], &plan->row[i].note[j],
                                &out);
    return buf_str(&out);
}

struct str import_problems(struct task *task, const struct import_plan *plan)
{
    return import_problem_lines(task, plan, true);
}
