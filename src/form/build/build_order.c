/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* build_order.c - in which order answers must be worked out.
 *
 * A question needs its group (is it relevant?) and what its relevance and its
 * calculation refer to. Depth first, in sheet order, without recursion: a
 * chain of calculations may be as long as the form.
 */
#include "form/build/build.h"

enum colour { WHITE, GREY, BLACK };

struct ordering {
    struct building *building;
    enum colour *colour;
    size_t *next; /* which need of it comes now; 0 is its group */
    struct question **stack;
    size_t top, done;
};

static struct question *need_at(const struct ordering *ordering,
                                const struct question *question, size_t index)
{
    const struct draft *draft = &ordering->building->draft[question->index];

    return index == 0 ? question->parent : draft->need[index - 1];
}

enum { CYCLE_SHOWN = 4 }; /* at each end of a long one */

/* "a → b → c → a": the part of the stack that begins with need. */
static struct str cycle_path(const struct ordering *ordering,
                             const struct question *need)
{
    size_t from = ordering->top, count;
    struct buf out;

    while (from > 0 && ordering->stack[from - 1] != need)
        from--;
    from = from ? from - 1 : 0;
    count = ordering->top - from;
    buf_init(&out, ordering->building->arena);
    for (size_t i = 0; i < count; i++) {
        if (i == CYCLE_SHOWN && count > 2 * CYCLE_SHOWN) {
            buf_puts(&out, "… → ");
            i = count - CYCLE_SHOWN;
        }
        buf_put(&out, ordering->stack[from + i]->name);
        buf_puts(&out, " → ");
    }
    buf_put(&out, need->name);
    return buf_str(&out);
}

static void cycle_found(struct ordering *ordering,
                        const struct question *question,
                        const struct question *need)
{
    const char *column = question->calculation    ? "calculation"
                         : question->repeat_count ? "repeat_count"
                                                  : "relevant";

    xls_node_problem(ordering->building->xls, XLS_FORM_CYCLE,
                     ordering->building->draft[question->index].node, column,
                     question->name, cycle_path(ordering, need));
}

static void visit(struct ordering *ordering, struct question *root)
{
    struct building *building = ordering->building;

    ordering->stack[ordering->top++] = root;
    ordering->colour[root->index] = GREY;
    while (ordering->top > 0) {
        struct question *question = ordering->stack[ordering->top - 1];
        size_t index = question->index;
        struct question *need;

        if (ordering->next[index] > building->draft[index].needs) {
            ordering->colour[index] = BLACK;
            building->form->order[ordering->done++] = question;
            ordering->top--;
            continue;
        }
        need = need_at(ordering, question, ordering->next[index]++);
        if (!need || ordering->colour[need->index] == BLACK)
            continue;
        if (ordering->colour[need->index] == GREY) {
            cycle_found(ordering, question, need);
            continue;
        }
        ordering->colour[need->index] = GREY;
        ordering->stack[ordering->top++] = need;
    }
}

void build_order(struct building *building)
{
    struct form *form = building->form;
    size_t count = form->question_count + 1;
    struct ordering ordering = {
        .building = building,
        .colour = ARENA_ARRAY(building->arena, enum colour, count),
        .next = ARENA_ARRAY(building->arena, size_t, count),
        .stack = ARENA_ARRAY(building->arena, struct question *, count)};

    form->order = ARENA_ARRAY(building->arena, const struct question *, count);
    if (!ordering.colour || !ordering.next || !ordering.stack || !form->order)
        return;
    for (size_t i = 0; i < form->question_count; i++)
        if (ordering.colour[i] == WHITE)
            visit(&ordering, form->question[i]);
}
