/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_view.c - a plan as a tree for the page and as lines of text. */
#include "domain/import/import_private.h"

enum { LINES_SHOWN = 8 };

static struct str note_text(struct task *task, const struct import_note *note)
{
    return err_text(&note->err, task->translator, task->arena);
}

/* What is kept of it: which column and what kind of trouble, not what the cell
 * said. Nobody could take it out again when the person is erased, and of who
 * was refused there is no file. */
static struct str note_kept(struct task *task, const struct import_note *note)
{
    struct err kept = note->err;

    for (int i = 0; i < ERR_ARGS; i++)
        if (kept.arg[i][0])
            snprintf(kept.arg[i], sizeof kept.arg[i], "…");
    return err_text(&kept, task->translator, task->arena);
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

/* The same text on many lines is one problem: "líneas 3, 5, 9 y 673 más". */
struct problem {
    struct str text;
    size_t line[LINES_SHOWN], lines;
    enum import_weight weight;
};

struct problems {
    struct arena *arena;
    struct problem *at;
    size_t count, capacity;
    size_t *slot, slots; /* problem + 1 */
    bool kept;
};

static struct problem *problem_of(struct problems *problems,
                                  enum import_weight weight, struct str text)
{
    size_t at = (str_hash(text) + weight) & (problems->slots - 1);

    for (; problems->slot[at]; at = (at + 1) & (problems->slots - 1)) {
        struct problem *problem = &problems->at[problems->slot[at] - 1];

        if (problem->weight == weight && str_equal(problem->text, text))
            return problem;
    }
    problems->slot[at] = problems->count + 1;
    problems->at[problems->count] =
        (struct problem){.text = text, .weight = weight};
    return &problems->at[problems->count++];
}

static void add_problem(struct task *task, struct problems *problems,
                        const struct import_row *row,
                        const struct import_note *note)
{
    struct str text =
        problems->kept ? note_kept(task, note) : note_text(task, note);
    struct problem *problem;

    if (note->heading.size)
        text = str_format(task->arena, "%.*s: %.*s", STR_ARGS(note->heading),
                          STR_ARGS(text));
    problem = problem_of(problems, note->weight, text);
    if (problem->lines < LINES_SHOWN)
        problem->line[problem->lines] = row->line;
    problem->lines++;
}

static struct str lines_text(struct task *task, const struct problem *problem)
{
    struct err more = {0};
    struct buf out;

    buf_init(&out, task->arena);
    for (size_t i = 0; i < problem->lines && i < LINES_SHOWN; i++)
        buf_printf(&out, i ? ", %zu" : "%zu", problem->line[i]);
    if (problem->lines <= LINES_SHOWN)
        return buf_str(&out);
    err_set(&more, ERROR_INPUT, N_("{1} y {2} más"),
            str_c(task->arena, buf_str(&out)),
            str_format(task->arena, "%zu", problem->lines - LINES_SHOWN).at,
            NULL);
    return err_text(&more, task->translator, task->arena);
}

static void put_problem(struct task *task, const struct problem *problem,
                        struct buf *out)
{
    static const char *const one[] = {N_("línea {1}: {2}"),
                                      N_("línea {1}: por aclarar: {2}"),
                                      N_("línea {1}: rechazada: {2}")};
    static const char *const many[] = {N_("líneas {1}: {2}"),
                                       N_("líneas {1}: por aclarar: {2}"),
                                       N_("líneas {1}: rechazadas: {2}")};
    struct err line = {0};

    err_set(&line, ERROR_INPUT,
            (problem->lines > 1 ? many : one)[problem->weight],
            str_c(task->arena, lines_text(task, problem)),
            str_c(task->arena, problem->text), NULL);
    buf_put(out, err_text(&line, task->translator, task->arena));
    buf_putc(out, '\n');
}

static bool start_problems(struct problems *problems,
                           const struct import_plan *plan)
{
    size_t notes = 0;

    for (size_t i = 0; i < plan->rows; i++)
        notes += plan->row[i].notes;
    problems->slots = 16;
    while (problems->slots < notes * 2)
        problems->slots *= 2;
    problems->at = ARENA_ARRAY(problems->arena, struct problem, notes + 1);
    problems->slot = ARENA_ARRAY(problems->arena, size_t, problems->slots);
    return problems->at && problems->slot;
}

struct str import_problem_lines(struct task *task,
                                const struct import_plan *plan, bool kept)
{
    struct problems problems = {.arena = task->arena, .kept = kept};
    struct buf out;

    buf_init(&out, task->arena);
    if (!start_problems(&problems, plan))
        return STR_NULL;
    for (size_t i = 0; i < plan->rows; i++)
        for (size_t j = 0; j < plan->row[i].notes; j++)
            add_problem(task, &problems, &plan->row[i], &plan->row[i].note[j]);
    for (int weight = IMPORT_FATAL; weight >= (kept ? 1 : 0); weight--)
        for (size_t i = 0; i < problems.count; i++)
            if ((int)problems.at[i].weight == weight)
                put_problem(task, &problems.at[i], &out);
    return buf_str(&out);
}

struct str import_problems(struct task *task, const struct import_plan *plan)
{
    return import_problem_lines(task, plan, false);
}
