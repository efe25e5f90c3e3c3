/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* graph.c - the edges between questions, both ways, as two packed tables. */
#include "form/graph.h"

#include "form/expr/tree.h"

/* The edges of all questions behind each other; of question i they stand
 * from first[i] to first[i + 1]. */
struct edges {
    struct graph_edge *edge;
    size_t *first;
    size_t count, capacity;
};

struct graph {
    const struct form *form;
    struct edges reads, readers;
    size_t *rank; /* of a question in form->order */
};

struct collecting {
    struct edges *edges;
    struct arena *arena;
    const struct question *question; /* at hand */
    size_t begin;                    /* its first edge */
    unsigned use;
    bool failed;
};

static void on_used(void *context, const struct question *question)
{
    struct collecting *c = context;
    struct edges *edges = c->edges;

    if (question == c->question)
        return; /* "." */
    for (size_t i = c->begin; i < edges->count; i++)
        if (edges->edge[i].question == question) {
            edges->edge[i].use |= c->use;
            return;
        }
    if (edges->count == edges->capacity) {
        size_t capacity = edges->capacity ? edges->capacity * 2 : 64;
        struct graph_edge *room =
            arena_grow(c->arena, edges->edge, edges->capacity * sizeof *room,
                       capacity * sizeof *room);

        if (!room) {
            c->failed = true;
            return;
        }
        edges->edge = room;
        edges->capacity = capacity;
    }
    edges->edge[edges->count++] = (struct graph_edge){question, c->use};
}

static void collect(struct collecting *c, const struct form *form,
                    const struct question *q)
{
    const struct {
        const struct expr *expr;
        enum graph_use use;
    } part[] = {{q->relevant, GRAPH_RELEVANT},
                {q->calculation, GRAPH_CALCULATION},
                {q->repeat_count, GRAPH_REPEAT_COUNT},
                {q->default_value, GRAPH_DEFAULT},
                {q->constraint, GRAPH_CONSTRAINT},
                {q->required, GRAPH_REQUIRED},
                {q->readonly, GRAPH_READONLY},
                {q->choice_filter, GRAPH_CHOICE_FILTER},
                {q->choice_rows, GRAPH_CHOICE_FILTER}};

    c->question = q;
    c->begin = c->edges->count;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        struct expr_binding binding = {
            .form = form,
            .node = q,
            .columns = part[i].expr && part[i].expr == q->choice_filter,
            .context = c,
            .used = on_used};

        c->use = part[i].use;
        expr_uses(part[i].expr, &binding);
    }
}

static bool turn_around(struct graph *graph, struct arena *arena)
{
    const struct edges *from = &graph->reads;
    struct edges *to = &graph->readers;
    size_t count = graph->form->question_count;
    size_t *next = ARENA_ARRAY(arena, size_t, count + 1);

    to->edge = ARENA_ARRAY(arena, struct graph_edge, from->count + 1);
    if (!next || !to->edge)
        return false;
    for (size_t i = 0; i < from->count; i++)
        to->first[from->edge[i].question->index + 1]++;
    for (size_t i = 0; i < count; i++) {
        to->first[i + 1] += to->first[i];
        next[i] = to->first[i];
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = from->first[i]; j < from->first[i + 1]; j++)
            to->edge[next[from->edge[j].question->index]++] =
                (struct graph_edge){graph->form->question[i],
                                    from->edge[j].use};
    to->count = from->count;
    return true;
}

const struct graph *graph_new(const struct form *form, struct arena *arena)
{
    struct graph *graph = ARENA_NEW(arena, struct graph);
    size_t count = form->question_count;
    struct collecting c = {.arena = arena};

    if (!graph)
        return NULL;
    graph->form = form;
    graph->reads.first = ARENA_ARRAY(arena, size_t, count + 1);
    graph->readers.first = ARENA_ARRAY(arena, size_t, count + 1);
    graph->rank = ARENA_ARRAY(arena, size_t, count + 1);
    if (!graph->reads.first || !graph->readers.first || !graph->rank)
        return NULL;
    c.edges = &graph->reads;
    for (size_t i = 0; i < count; i++) {
        graph->reads.first[i] = graph->reads.count;
        collect(&c, form, form->question[i]);
        graph->rank[form->order[i]->index] = i;
    }
    graph->reads.first[count] = graph->reads.count;
    return c.failed || !turn_around(graph, arena) ? NULL : graph;
}

static size_t edges_of(const struct edges *edges,
                       const struct question *question,
                       const struct graph_edge **edge)
{
    *edge = edges->edge + edges->first[question->index];
    return edges->first[question->index + 1] - edges->first[question->index];
}

size_t graph_reads(const struct graph *graph, const struct question *question,
                   const struct graph_edge **edge)
{
    return edges_of(&graph->reads, question, edge);
}

size_t graph_readers(const struct graph *graph, const struct question *question,
                     const struct graph_edge **edge)
{
    return edges_of(&graph->readers, question, edge);
}

/* --- what a change reaches -------------------------------------------------
 */

struct spreading {
    const struct graph *graph;
    unsigned *use;           /* by index: which expressions are reached */
    bool *spread;            /* its readers have been looked at */
    size_t *waiting;         /* indexes whose readers come next */
    size_t top, first, last; /* the reached ones lie between these ranks */
};

static void mark(struct spreading *s, const struct question *question,
                 unsigned use)
{
    size_t index = question->index, rank = s->graph->rank[index];

    s->use[index] |= use;
    if (rank < s->first)
        s->first = rank;
    if (rank > s->last)
        s->last = rank;
    if ((use & GRAPH_VALUE) && !s->spread[index]) {
        s->spread[index] = true;
        s->waiting[s->top++] = index;
    }
}

static void spread(struct spreading *s, const struct question *question)
{
    const struct graph_edge *edge;
    size_t count = graph_readers(s->graph, question, &edge);

    for (size_t i = 0; i < count; i++)
        mark(s, edge[i].question, edge[i].use);
    if (s->use[question->index] & (GRAPH_RELEVANT | GRAPH_REPEAT_COUNT))
        for (size_t i = question->index + 1; i < question->end; i++)
            mark(s, s->graph->form->question[i], GRAPH_RELEVANT);
}

static size_t gather(const struct spreading *s, const struct question *changed,
                     struct graph_edge *out)
{
    const struct form *form = s->graph->form;
    size_t count = 0;

    out[count++] = (struct graph_edge){
        changed, s->use[changed->index] | GRAPH_CONSTRAINT | GRAPH_REQUIRED};
    for (size_t i = s->first; i <= s->last; i++) {
        const struct question *question = form->order[i];

        if (question != changed && s->use[question->index])
            out[count++] =
                (struct graph_edge){question, s->use[question->index]};
    }
    return count;
}

size_t graph_reached(const struct graph *graph, const struct question *changed,
                     struct arena *arena, const struct graph_edge **reached)
{
    size_t count = graph->form->question_count;
    struct spreading s = {.graph = graph,
                          .use = ARENA_ARRAY(arena, unsigned, count),
                          .spread = ARENA_ARRAY(arena, bool, count),
                          .waiting = ARENA_ARRAY(arena, size_t, count),
                          .first = graph->rank[changed->index],
                          .last = graph->rank[changed->index]};
    struct graph_edge *out = ARENA_ARRAY(arena, struct graph_edge, count);

    *reached = out;
    if (!s.use || !s.spread || !s.waiting || !out)
        return 0;
    s.spread[changed->index] = true;
    s.waiting[s.top++] = changed->index;
    while (s.top > 0)
        spread(&s, graph->form->question[s.waiting[--s.top]]);
    return gather(&s, changed, out);
}
