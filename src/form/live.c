/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live.c - the working arrays of form_check kept from one answer to the next;
 * see live.h. What is wrong and what comes out is decided in check.c alone. */
#include "form/live.h"

#include "form/expr/eval.h"
#include "form/live_tell.h"

/* More bits of frame->state. */
enum { TEXT_MIN = 32 };

/* --- what was typed --------------------------------------------------------
 */

static size_t room_of(size_t size)
{
    size_t room = TEXT_MIN;

    while (room < size)
        room *= 2;
    return room;
}

/* A text of ours: kept where the one before was, if it fits. */
static bool keep_text(struct live *live, struct str *place, struct str text)
{
    char *at = (char *)(uintptr_t)place->at;

    if (text.size == 0) {
        place->size = 0;
        return true;
    }
    if (!at || text.size > room_of(place->size))
        at = arena_alloc(&live->kept, room_of(text.size));
    if (!at)
        return false;
    memcpy(at, text.at, text.size);
    *place = (struct str){at, text.size};
    return true;
}

static struct frame *frame_add(struct live *live, struct frame *up,
                               const struct question *repeat)
{
    struct checking *checking = &live->checking;
    struct frame *frame = check_frame_new(checking, up, repeat);

    if (!frame)
        return NULL;
    frame->raw = ARENA_ARRAY(&live->kept, struct str, frame->slots + 1);
    frame->why = ARENA_ARRAY(&live->kept, struct str, frame->slots + 1);
    frame->wrong = ARENA_ARRAY(&live->kept, const char *, frame->slots + 1);
    return frame->raw && frame->why && frame->wrong &&
                   check_list_add(&live->kept,
                                  repeat ? &checking->repeats[repeat->index]
                                         : &checking->record,
                                  frame)
               ? frame
               : NULL;
}

/* The row of that number (from 0); those before it come to be too. */
static struct frame *row_at(struct live *live, struct frame *up,
                            const struct question *repeat, size_t index)
{
    struct frame_list *list = &live->checking.repeats[repeat->index];
    struct level_rows *rows = &up->level.rows[repeat->index - up->level.first];
    struct frame *row = NULL;
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        if (list->frame[i]->level.up == &up->level && count++ == index)
            return list->frame[i];
    if (index >= REPEAT_ROWS_MAX)
        return NULL;
    for (; count <= index; count++) {
        row = frame_add(live, up, repeat);
        if (!row)
            return NULL;
        row->number = count + 1;
    }
    rows->row = ARENA_ARRAY(&live->kept, struct level *, count);
    return rows->row ? row : NULL;
}

bool live_blank(const struct live *live, const struct frame *frame)
{
    for (size_t i = 0; i < frame->slots; i++) {
        const struct question *question =
            live->form->question[frame->level.first + i];

        if (str_trim(frame->raw[i]).size > 0 || frame->why[i].size > 0)
            return false;
        if (question->type == QUESTION_REPEAT) {
            const struct frame_list *list =
                &live->checking.repeats[question->index];

            for (size_t k = 0; k < list->count; k++)
                if (list->frame[k]->level.up == &frame->level &&
                    !live_blank(live, list->frame[k]))
                    return false;
        }
    }
    return true;
}

/* The rows that count, in their order. */
static void rows_link(struct live *live, struct frame *frame,
                      const struct question *repeat)
{
    const struct frame_list *list = &live->checking.repeats[repeat->index];
    struct level_rows *rows =
        &frame->level.rows[repeat->index - frame->level.first];

    rows->count = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct frame *row = list->frame[i];

        if (row->level.up != &frame->level)
            continue;
        row->level.position = rows->count + 1;
        if (repeat->repeat_count || !live_blank(live, row))
            rows->row[rows->count++] = &row->level;
    }
}

/* --- what it reaches -------------------------------------------------------
 */

static void reach(struct live *live, const struct question *question,
                  unsigned use)
{
    const struct graph_edge *edge;
    size_t count;

    if (live->loading)
        return;
    count = graph_reached(live->graph, question, &live->work, &edge);
    for (size_t i = 0; i < count; i++)
        live->use[edge[i].question->index] |= edge[i].use;
    live->use[question->index] |= use;
}

/* A row that begins or ends to count: whoever reads any column of it. */
static void reach_rows(struct live *live, const struct question *repeat)
{
    for (size_t i = repeat->index; i < repeat->end; i++)
        reach(live, live->form->question[i], GRAPH_VALUE);
}

static bool apply(struct live *live, struct frame *frame,
                  const struct value *answers);

static bool apply_rows(struct live *live, struct frame *frame,
                       const struct question *repeat, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        struct frame *row = row_at(live, frame, repeat, i);
        bool blank = row && live_blank(live, row);

        if (!row)
            return arena_failed(&live->kept) ? false : true;
        if (!apply(live, row, value_at(list, i)))
            return false;
        if (blank != live_blank(live, row))
            reach_rows(live, repeat);
    }
    return true;
}

static bool apply_text(struct live *live, struct frame *frame,
                       const struct question *question, struct str *place,
                       struct str text)
{
    frame->state[question->index - frame->level.first] |= ANSWER_GIVEN;
    if (!live->loading && str_equal(*place, text))
        return true;
    reach(live, question, GRAPH_VALUE);
    return keep_text(live, place, text);
}

static bool apply_reasons(struct live *live, struct frame *frame,
                          const struct value *reasons)
{
    for (size_t i = 0; i < value_count(reasons); i++) {
        const struct question *question = form_find_in(
            live->form, frame->level.repeat, value_name_at(reasons, i));

        if (question && question_has_value(question) &&
            !apply_text(live, frame, question,
                        &frame->why[question->index - frame->level.first],
                        value_text(value_at(reasons, i))))
            return false;
    }
    return true;
}

/* A reason is taken back when its question comes without one. */
static bool apply_answer(struct live *live, struct frame *frame,
                         const struct question *question, struct str text,
                         const struct value *reasons)
{
    size_t slot = question->index - frame->level.first;

    if (!value_get_str(reasons, question->key) &&
        !apply_text(live, frame, question, &frame->why[slot], STR("")))
        return false;
    return apply_text(live, frame, question, &frame->raw[slot], text);
}

static bool apply(struct live *live, struct frame *frame,
                  const struct value *answers)
{
    const struct value *reasons = value_get(answers, "_why");

    for (size_t i = 0; i < value_count(answers); i++) {
        struct str name = value_name_at(answers, i);
        const struct value *answer = value_at(answers, i);
        const struct question *question =
            form_find_in(live->form, frame->level.repeat, name);
        bool good = true;

        if (question && question->type == QUESTION_REPEAT)
            good = apply_rows(live, frame, question, answer);
        else if (question && question_has_value(question))
            good = apply_answer(live, frame, question,
                                value_as_text(answer, &live->work), reasons);
        if (!good)
            return false;
    }
    return apply_reasons(live, frame, reasons);
}

/* --- working through -------------------------------------------------------
 */

static void settle(struct live *live, struct frame *frame,
                   const struct question *question)
{
    size_t slot = question->index - frame->level.first;
    struct str before = frame->level.text[slot];
    bool relevant = (frame->state[slot] & ANSWER_RELEVANT) != 0;
    struct str after;

    frame->state[slot] &= (unsigned char)~ANSWER_RELEVANT;
    frame->wrong[slot] = NULL;
    if (question->type == QUESTION_REPEAT)
        rows_link(live, frame, question);
    check_settle(&live->checking, frame, question);
    after = frame->level.text[slot];
    frame->level.text[slot] = before;
    if (!str_equal(before, after)) {
        frame->state[slot] |= LIVE_TEXT;
        keep_text(live, &frame->level.text[slot], after);
    }
    if (relevant != ((frame->state[slot] & ANSWER_RELEVANT) != 0))
        frame->state[slot] |= LIVE_RELEVANT;
}

static void settle_all(struct live *live)
{
    static const unsigned settled = GRAPH_VALUE | GRAPH_DEFAULT;

    for (size_t i = 0; i < live->form->question_count; i++) {
        const struct question *question = live->form->order[i];
        const struct frame_list *list;

        if (!live->loading && !(live->use[question->index] & settled))
            continue;
        list = frames_of(&live->checking, question->repeat);
        for (size_t j = 0; j < list->count; j++)
            settle(live, list->frame[j], question);
    }
}

/* Evaluation works in one arena, what is kept in another. */
static void work_in(struct live *live, struct arena *arena)
{
    live->checking.arena = arena;
    live->checking.scope.arena = &live->work;
    live->checking.scope.now = live->options.now;
    live->checking.scope.utc_offset = live->options.utc_offset;
    live->checking.result = (struct check_result){0};
    live->checking.problem_room = 0;
}

static const struct value *work_through(struct live *live,
                                        const struct value *answers)
{
    work_in(live, &live->kept);
    if (!apply(live, live->checking.top, answers))
        return NULL;
    work_in(live, &live->work);
    settle_all(live);
    return live_tell(live);
}

const struct value *live_load(struct live *live, const struct value *answers)
{
    struct checking *checking = &live->checking;
    size_t count = live->form->question_count;

    arena_clear(&live->kept);
    arena_clear(&live->work);
    check_begin(checking, live->form, &live->options, &live->kept);
    live->use = ARENA_ARRAY(&live->kept, unsigned, count + 1);
    checking->repeats = ARENA_ARRAY(&live->kept, struct frame_list, count + 1);
    live->loading = true;
    checking->top =
        live->use && checking->repeats ? frame_add(live, NULL, NULL) : NULL;
    return checking->top ? work_through(live, answers) : NULL;
}

const struct value *live_change(struct live *live, const struct value *answers)
{
    if (!live->checking.top)
        return live_load(live, answers);
    arena_clear(&live->work);
    memset(live->use, 0, live->form->question_count * sizeof *live->use);
    live->loading = false;
    return work_through(live, answers);
}

void live_init(struct live *live, const struct form *form,
               const struct graph *graph, const struct host *host)
{
    *live = (struct live){
        .form = form,
        .graph = graph,
        .options = {.partial = true, .keep_system = true, .host = host}};
    live->options.language = form->language_count ? form->language[0] : STR("");
    arena_init(&live->kept, NULL);
    arena_init(&live->work, NULL);
}

void live_release(struct live *live)
{
    arena_release(&live->kept);
    arena_release(&live->work);
}
