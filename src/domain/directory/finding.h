/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finding.h - a search of the directory on its way: what is asked for, folded
 * and bounded, and what fits it so far. near.c goes from the nearest, list.c by
 * name.
 */
#ifndef COBIJO_FINDING_H
#define COBIJO_FINDING_H

#include "domain/directory/directory_private.h"

enum {
    FINDING_WORDS = 3,  /* of a text that are looked for */
    FINDING_FEW = 2000, /* places: all of them are looked at */
    FINDING_WAITING = 256
};

struct candidate {
    struct str place;
    double km, counted; /* counted: stale ones further */
};

struct finding {
    struct task *task;
    const struct near_query *query;
    struct str site, key, admin1, municipality;
    /* of the text; all when empty */
    struct str from[FINDING_WORDS], to[FINDING_WORDS];
    bool words;
    int64_t today;
    int weekday, minute;
    size_t limit;
    struct err *err;
    /* near.c */
    struct candidate *best; /* sorted by counted */
    size_t count, looked;
    struct square waiting[FINDING_WAITING]; /* to be read, nearest first */
    size_t waits;
    bool cut; /* there was more than is looked at */
};

void finding_init(struct finding *finding, struct task *task,
                  const struct near_query *query, struct err *err);
/* Words of a text are looked for: the first three. */
void finding_take_words(struct finding *finding, struct str text);
/* Flags and opening hours of a row. */
bool finding_passes(const struct finding *finding, unsigned flags,
                    struct str hours);
/* Puts the word that fewest places have before the others; *few: no more than
 * FINDING_FEW have it. */
enum error finding_rarest_first(struct finding *finding, bool *few);

#endif
