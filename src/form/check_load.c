/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_load.c - puts each given answer in the place of its question. What
 * has no place is a problem; rows in which nothing was written are left out.
 */
#include "form/check_frame.h"

#include "form/clean.h"

enum { FRAMES_MAX = 20000 };

/* --- problems --------------------------------------------------------------
 */

/* repeat[2]/ in front of the name, for each row around it. */
static struct str path_in(const struct checking *checking,
                          const struct frame *frame, struct str name)
{
    struct str path = name;

    for (; frame && frame->level.repeat;
         frame = (const struct frame *)frame->level.up)
        path = str_format(checking->arena, "%.*s[%zu]/%.*s",
                          STR_ARGS(frame->level.repeat->key), frame->number,
                          STR_ARGS(path));
    return path;
}

struct check_problem *check_problem_new(struct checking *checking,
                                        const struct frame *frame,
                                        struct str name,
                                        const struct question *question)
{
    struct check_result *result = &checking->result;
    struct check_problem *problem;

    if (result->count >= CHECK_PROBLEMS_MAX)
        return NULL;
    if (result->count == checking->problem_room) {
        size_t room = checking->problem_room ? checking->problem_room * 2 : 4;

        problem =
            arena_grow(checking->arena, result->problem,
                       result->count * sizeof *problem, room * sizeof *problem);
        if (!problem)
            return NULL;
        result->problem = problem;
        checking->problem_room = room;
    }
    problem = &result->problem[result->count++];
    *problem = (struct check_problem){.path = path_in(checking, frame, name),
                                      .question = question};
    return problem;
}

static void problem_at(struct checking *checking, const struct frame *frame,
                       struct str name, const struct question *question,
                       const char *msgid)
{
    struct check_problem *problem =
        check_problem_new(checking, frame, name, question);

    if (problem)
        err_set(&problem->err, ERROR_INPUT, msgid, NULL, NULL, NULL);
}

void check_wrong(struct checking *checking, struct frame *frame, size_t slot,
                 const char *msgid)
{
    if (!frame->wrong)
        frame->wrong =
            ARENA_ARRAY(checking->arena, const char *, frame->slots + 1);
    if (frame->wrong)
        frame->wrong[slot] = msgid;
}

/* --- frames ----------------------------------------------------------------
 */

const struct frame_list *frames_of(const struct checking *checking,
                                   const struct question *repeat)
{
    return repeat ? &checking->repeats[repeat->index] : &checking->record;
}

bool check_list_add(struct arena *arena, struct frame_list *list,
                    struct frame *frame)
{
    if (list->count == list->capacity) {
        size_t room = list->capacity ? list->capacity * 2 : 1;
        struct frame **grown =
            arena_grow(arena, list->frame, list->count * sizeof *grown,
                       room * sizeof *grown);

        if (!grown)
            return false;
        list->frame = grown;
        list->capacity = room;
    }
    list->frame[list->count++] = frame;
    return true;
}

static bool has_repeat(const struct form *form, size_t first, size_t slots)
{
    for (size_t i = first; i < first + slots; i++)
        if (form->question[i]->type == QUESTION_REPEAT)
            return true;
    return false;
}

struct frame *check_frame_new(struct checking *checking, struct frame *up,
                              const struct question *repeat)
{
    struct arena *arena = checking->arena;
    struct frame *frame = ARENA_NEW(arena, struct frame);
    size_t first = repeat ? repeat->index + 1 : 0;
    size_t end = repeat ? repeat->end : checking->form->question_count;

    if (!frame)
        return NULL;
    frame->slots = end - first;
    frame->level.first = first;
    frame->level.up = up ? &up->level : NULL;
    frame->level.repeat = repeat;
    frame->level.text = ARENA_ARRAY(arena, struct str, frame->slots + 1);
    frame->state = ARENA_ARRAY(arena, unsigned char, frame->slots + 1);
    if (has_repeat(checking->form, first, frame->slots)) {
        frame->level.rows =
            ARENA_ARRAY(arena, struct level_rows, frame->slots + 1);
        if (!frame->level.rows)
            return NULL;
    }
    return frame->level.text && frame->state ? frame : NULL;
}

/* --- members ---------------------------------------------------------------
 */

static bool is_number_type(enum question_type type)
{
    return type == QUESTION_INTEGER || type == QUESTION_DECIMAL ||
           type == QUESTION_RANGE || type == QUESTION_CALCULATE ||
           type == QUESTION_HIDDEN || type == QUESTION_SELECT_ONE;
}

static bool join_items(const struct value *list, struct arena *arena,
                       struct str *text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_at(list, i);

        if (value_type(item) != VALUE_STRING)
            return false;
        if (out.size > 0)
            buf_putc(&out, ' ');
        buf_put(&out, value_text(item));
    }
    *text = buf_str(&out);
    return true;
}

/* The text of an answer, as programs may send it too. */
static bool answer_text(const struct question *question,
                        const struct value *value, struct arena *arena,
                        struct str *text)
{
    switch (value_type(value)) {
    case VALUE_NULL:
        *text = STR("");
        return true;
    case VALUE_STRING:
        *text = value_text(value);
        return true;
    case VALUE_INT:
    case VALUE_NUMBER:
        *text = value_as_text(value, arena);
        return is_number_type(question->type);
    case VALUE_BOOL:
        *text = value_to_bool(value, false) ? STR("OK") : STR("");
        return question->type == QUESTION_ACKNOWLEDGE;
    case VALUE_LIST:
        return (question->type == QUESTION_SELECT_MULTIPLE ||
                question->type == QUESTION_RANK) &&
               join_items(value, arena, text);
    case VALUE_OBJECT:
        break;
    }
    return false;
}

/* Nothing at all was written in the row. */
static bool row_blank(const struct value *row)
{
    for (size_t i = 0; i < value_count(row); i++) {
        const struct value *value = value_at(row, i);

        if (value_type(value) == VALUE_STRING
                ? str_trim(value_text(value)).size > 0
                : value_type(value) != VALUE_NULL && value_count(value) > 0)
            return false;
        if (value_type(value) == VALUE_INT ||
            value_type(value) == VALUE_NUMBER ||
            value_type(value) == VALUE_BOOL)
            return false;
    }
    return true;
}

static bool load_frame(struct checking *checking, struct frame *frame,
                       const struct value *input);

static bool load_rows(struct checking *checking, struct frame *frame,
                      const struct question *repeat, const struct value *list)
{
    size_t slot = repeat->index - frame->level.first;
    struct level_rows *rows = &frame->level.rows[slot];
    size_t count = value_count(list);

    if (value_type(list) == VALUE_NULL ||
        (value_type(list) == VALUE_STRING && value_text(list).size == 0))
        return true; /* emptied */
    if (value_type(list) != VALUE_LIST || count > REPEAT_ROWS_MAX ||
        checking->repeats[repeat->index].count + count > FRAMES_MAX) {
        problem_at(checking, frame, repeat->key, repeat,
                   value_type(list) == VALUE_LIST
                       ? N_("Hay demasiadas filas.")
                       : N_("Aquí se espera una lista de filas."));
        return true;
    }
    frame->state[slot] |= ANSWER_GIVEN;
    rows->row = ARENA_ARRAY(checking->arena, struct level *, count + 1);
    if (!rows->row)
        return false;
    while (count && !repeat->repeat_count && /* else see settle_rows */
           value_type(value_at(list, count - 1)) == VALUE_OBJECT &&
           row_blank(value_at(list, count - 1)))
        count--;
    for (size_t i = 0; i < count; i++) {
        const struct value *given = value_at(list, i);
        struct frame *row;

        if (value_type(given) != VALUE_OBJECT) {
            problem_at(checking, frame, repeat->key, repeat,
                       N_("Aquí se espera una lista de filas."));
            continue;
        }
        if (row_blank(given) && !repeat->repeat_count &&
            !checking->options->places)
            continue;
        row = check_frame_new(checking, frame, repeat);
        if (!row || !check_list_add(checking->arena,
                                    &checking->repeats[repeat->index], row))
            return false;
        row->number = i + 1;
        row->blank = row_blank(given);
        rows->row[rows->count++] = &row->level;
        row->level.position = rows->count;
        if (!load_frame(checking, row, given))
            return false;
    }
    return true;
}

static bool is_reason(struct str reason)
{
    return str_equal_c(reason, "NA") || str_equal_c(reason, "NR") ||
           str_equal_c(reason, "ND") || str_equal_c(reason, "DK");
}

static bool load_reasons(struct checking *checking, struct frame *frame,
                         const struct value *reasons)
{
    frame->why = ARENA_ARRAY(checking->arena, struct str, frame->slots + 1);
    if (!frame->why)
        return false;
    for (size_t i = 0; i < value_count(reasons); i++) {
        struct str key = value_name_at(reasons, i);
        struct str reason = value_text(value_at(reasons, i));
        const struct question *question =
            form_find_in(checking->form, frame->level.repeat, key);

        if (!question || !question_has_value(question))
            problem_at(checking, frame, key, NULL,
                       N_("El formulario no tiene esta pregunta."));
        else if (reason.size > 0 && !is_reason(reason))
            problem_at(checking, frame, key, question,
                       N_("Esa razón no existe: use NA, NR, ND o DK."));
        else
            frame->why[question->index - frame->level.first] = reason;
    }
    return true;
}

static bool load_member(struct checking *checking, struct frame *frame,
                        struct str name, const struct value *value)
{
    const struct question *question =
        form_find_in(checking->form, frame->level.repeat, name);
    struct str text = STR_NULL;
    size_t slot;

    if (str_equal_c(name, "_why") && value_type(value) == VALUE_OBJECT)
        return load_reasons(checking, frame, value);
    if (question && question->type == QUESTION_REPEAT)
        return load_rows(checking, frame, question, value);
    if (!question || !question_has_value(question)) {
        problem_at(checking, frame, name, NULL,
                   N_("El formulario no tiene esta pregunta."));
        return true;
    }
    if (question->system && !checking->options->keep_system)
        return true;
    slot = question->index - frame->level.first;
    frame->state[slot] |= ANSWER_GIVEN;
    if (answer_text(question, value, checking->arena, &text))
        frame->level.text[slot] = text;
    else
        check_wrong(checking, frame, slot,
                    N_("El valor no es del tipo que pide la pregunta."));
    return true;
}

static bool load_frame(struct checking *checking, struct frame *frame,
                       const struct value *input)
{
    for (size_t i = 0; i < value_count(input); i++)
        if (!load_member(checking, frame, value_name_at(input, i),
                         value_at(input, i)))
            return false;
    return true;
}

bool check_load(struct checking *checking, const struct value *input)
{
    checking->repeats = ARENA_ARRAY(checking->arena, struct frame_list,
                                    checking->form->question_count + 1);
    checking->top = check_frame_new(checking, NULL, NULL);
    if (!checking->repeats || !checking->top ||
        !check_list_add(checking->arena, &checking->record, checking->top))
        return false;
    if (input && value_type(input) != VALUE_OBJECT &&
        value_type(input) != VALUE_NULL) {
        problem_at(checking, NULL, STR(""), NULL,
                   N_("Las respuestas deben ser un objeto."));
        return true;
    }
    return load_frame(checking, checking->top, input);
}
