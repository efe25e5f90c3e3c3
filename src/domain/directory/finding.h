/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finding.h - a search of the directory on its way: what is asked for, folded
 * and bounded, and what fits it so far. near.c goes from the nearest, list.c by
 * name.
 */
#ifndef COBIJO_FINDING_H
#define COBIJO_FINDING_H

#include "domain/directory/directory_private.h"

enum {
    FINDING_MOST = 200, /* answers */
    FINDING_WORDS = 3,  /* of a text that are looked for */
    FINDING_FEW = 2000, /* places: all of them are looked at */
    FINDING_WAITING = 256
};

/* A word of a search: places called so (from up to to), or that have one of
 * the keys of public_near, or ("=ALB") are of that kind, or have all the flags.
 * An empty one fits any place. */
enum { WORD_KEYS = 6, WORD_TYPES = 3 };
struct finding_word {
    struct str from, to;
    struct str keys; /* " AL1 ALOJ =ALB ", or empty */
    int64_t flags;
    /* listed: these are all the keys and kinds. Without flags its places can be
     * listed; with flags, those that do not have them. */
    bool listed;
    struct str key[WORD_KEYS], type[WORD_TYPES];
};

struct candidate {
    struct str place;
    double km, counted; /* counted: stale ones further */
};

struct finding {
    struct task *task;
    const struct near_query *query;
    struct str site, key, admin1, municipality, place_type;
    struct finding_word word[FINDING_WORDS];
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

/* All but the words. */
void finding_init(struct finding *finding, struct task *task,
                  const struct near_query *query, struct err *err);
/* Words are looked for, three at most: the query's, then those of a town, which
 * only are names. finding_words.c */
void finding_take_words(struct finding *finding, struct str town);
/* Flags and opening hours of a row. */
bool finding_passes(const struct finding *finding, unsigned flags,
                    struct str hours);
/* Puts the word that fewest places have before the others; *few: no more than
 * FINDING_FEW have it. flagged: among the words that stand for flags, too,
 * whose flags are not looked at. */
enum error finding_rarest_first(struct finding *finding, bool flagged,
                                bool *few);

/* --- SQL ------------------------------------------------------------------ */

/* Is the place called so, or is it or does it what the word stands for? */
#define CALLED(place, from, to, keys, mask)                                    \
    " AND (" from " = '' OR EXISTS (SELECT 1 FROM public_word"                 \
    " WHERE public_word.site = $1 AND public_word.place = " place              \
    " AND public_word.word >= " from " AND public_word.word < " to             \
    ") OR (" mask " <> 0 AND (public_place.flags & " mask ") = " mask          \
    ") OR (" keys " <> '' AND (" keys " LIKE '% =' || public_place.place_type" \
    " || ' %' OR EXISTS (SELECT 1 FROM public_near AS named"                   \
    " WHERE named.site = $1 AND named.place = " place " AND " keys             \
    " LIKE '% ' || named.key || ' %'))))"
#define CALLED_TYPES "ttti"
#define CALLED_VALUES(word) (word).from, (word).to, (word).keys, (word).flags

/* The places of a word that can be listed. */
#define LISTED(from, to, k1, k2, k3, k4, k5, k6, t1, t2, t3)                   \
    "SELECT few.place FROM public_word AS few WHERE few.site = $1"             \
    " AND few.word >= " from " AND few.word < " to                             \
    " UNION ALL SELECT few.place FROM public_near AS few WHERE few.site = $1"  \
    " AND few.key IN (" k1 ", " k2 ", " k3 ", " k4 ", " k5 ", " k6             \
    ") UNION ALL SELECT few.id FROM public_place AS few WHERE few.site = $1"   \
    " AND few.place_type IN (" t1 ", " t2 ", " t3 ")"
#define LISTED_TYPES "ttttttttttt"
#define LISTED_VALUES(word)                                                    \
    (word).from, (word).to, (word).key[0], (word).key[1], (word).key[2],       \
        (word).key[3], (word).key[4], (word).key[5], (word).type[0],           \
        (word).type[1], (word).type[2]

#endif
