/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live.h - a form while somebody fills it in: every answer stays as it was
 * typed, and a changed one works through only what it reaches (graph.h).
 *
 * What comes out is what form_check would say of the same answers (those of
 * system questions count: the page has them of the server); rows of
 * repeats in which nothing is written stay on the page and count nowhere.
 */
#ifndef COBIJO_LIVE_H
#define COBIJO_LIVE_H

#include "form/check_frame.h"
#include "form/graph.h"

struct live {
    const struct form *form;
    const struct graph *graph;
    struct check_options options; /* language, now, utc_offset, host: the
                                     caller's, before each call */
    struct checking checking;
    struct arena kept, work; /* of the answers; of one call */
    unsigned *use;           /* by question: enum graph_use, reached now */
    bool loading;
    size_t reached; /* questions looked at in the last call */
};

/* The form and its graph must outlive it. */
void live_init(struct live *live, const struct form *form,
               const struct graph *graph, const struct host *host);
void live_release(struct live *live);
/* All answers anew, as answers_from_fields gives them. NULL: out of memory.
 * The result lives until the next call:
 *
 *   relevant  {name: bool}    that changed (all of them after live_load)
 *   values    {name: text}    calculated ones that changed
 *   errors    {name: text}    of every question that was looked at, "" is good
 *   choices   {name: [[name, label], …]}  that pass the filter
 *   counts    {name: number}  how many rows a repeat is to have
 *
 * Names are those of inputs: key, or repeat.0.key. */
const struct value *live_load(struct live *live, const struct value *answers);
/* Some answers; others stay. Rows that are named and not there come to be. */
const struct value *live_change(struct live *live, const struct value *answers);

#endif
