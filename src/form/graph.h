/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* graph.h - which answers the expressions of a form read, and so what must be
 * worked out anew when one answer changes.
 *
 * Made once for a form, in an arena, then read by everybody.
 */
#ifndef COBIJO_GRAPH_H
#define COBIJO_GRAPH_H

#include "form/form.h"

/* Which of a question's expressions read another. */
enum graph_use {
    GRAPH_RELEVANT = 1,
    GRAPH_CALCULATION = 2,
    GRAPH_REPEAT_COUNT = 4,
    GRAPH_DEFAULT = 8,
    GRAPH_CONSTRAINT = 16,
    GRAPH_REQUIRED = 32,
    GRAPH_READONLY = 64,
    GRAPH_CHOICE_FILTER = 128,
    /* these change what the question holds, or whether it is there */
    GRAPH_VALUE = GRAPH_RELEVANT | GRAPH_CALCULATION | GRAPH_REPEAT_COUNT
};

struct graph_edge {
    const struct question *question;
    unsigned use; /* enum graph_use, or together */
};

struct graph;

/* NULL when out of memory. */
const struct graph *graph_new(const struct form *form, struct arena *arena);
/* What the question's own expressions read; not what its groups' do. */
size_t graph_reads(const struct graph *graph, const struct question *question,
                   const struct graph_edge **edge);
/* Who reads the question. */
size_t graph_readers(const struct graph *graph, const struct question *question,
                     const struct graph_edge **edge);
/* Everything that may come out differently once `changed` has another answer,
 * each after those it depends on; `use` says which of its expressions. A
 * group whose relevance is reached brings its questions. The changed question
 * itself comes first, for its constraint. NULL and 0: out of memory. */
size_t graph_reached(const struct graph *graph, const struct question *changed,
                     struct arena *arena, const struct graph_edge **reached);

#endif
