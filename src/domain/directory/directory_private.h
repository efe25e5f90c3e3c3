/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* directory_private.h - shared by the files of this folder. */
#ifndef COBIJO_DIRECTORY_PRIVATE_H
#define COBIJO_DIRECTORY_PRIVATE_H

#include "domain/directory/cell.h"
#include "domain/directory/directory.h"
#include "store/aside.h"

/* What the tables of the catalogue mean for the directory. */
struct directory {
    const struct catalog *catalog;
    const struct host *host;
};

/* How long an entry of this kind holds (catalog/upkeep.csv). */
struct upkeep {
    int64_t days, ask_again, link_days, free_hours;
};
void upkeep_of(const struct catalog *catalog, struct str place_type,
               struct upkeep *upkeep);
/* Day from which a place counts as stale; 0: nobody ever assured it. */
int64_t upkeep_due(const struct catalog *catalog, const struct value *place);

/* A UUID made of two texts, always the same. */
struct str directory_uuid(const struct host *host, struct arena *arena,
                          struct str a, struct str b);
/* The text when it is a UUID (lower case), else one made of it. */
struct str directory_id(const struct host *host, struct arena *arena,
                        struct str text);

/* --- what may be told (public_guard.c) ------------------------------------ */

struct guarded {
    struct arena *arena;
    bool protected, rough; /* rough: its municipality is all that is told */
    bool name_told, municipality_told;
    struct str hint[40]; /* folded: a text that has one is not told */
    size_t hints;
};
/* Is it in the public directory at all? */
bool place_is_public(const struct value *place);
bool place_is_protected(const struct value *place);
/* A kind that detains people, whatever the place itself says. */
bool place_type_detains(const struct catalog *catalog, struct str place_type);
void guarded_init(struct guarded *guarded, struct arena *arena,
                  const struct value *place);
/* The text, or STR_NULL when it would tell where a protected place is. */
struct str guarded_text(const struct guarded *guarded, struct str text);

/* Folded words of two letters and more, each once. */
struct word_set {
    struct arena *arena;
    struct str word[64];
    size_t count;
};
void word_set_add(struct word_set *set, struct str text);
/* A postal code, as a word that no text has: =22000= */
void word_set_postcode(struct word_set *set, struct str code);

/* The label of a choice of a question of the form in use. Forms speak as the
 * team does; what others read is in place_choice.csv. */
struct str directory_choice(const struct task *task, const char *kind,
                            const char *question, struct str code);

/* First need of a place that names none, by its kind; "" none. */
struct str directory_usual_need(const struct catalog *catalog,
                                struct str place_type);

/* One row of public_place; columns as in PLACE_COLUMNS. */
#define PLACE_COLUMNS                                                          \
    "public_place.id, public_place.organization, public_place.name, "          \
    "public_place.place_type, public_place.admin1, "                           \
    "public_place.municipality, public_place.lat, public_place.lon, "          \
    "public_place.flags, public_place.languages, public_place.hours, "         \
    "public_place.due, public_place.changed, public_place.body, "              \
    "public_place.more"
void public_place_read(const struct rows *rows, struct arena *arena,
                       struct public_place *place);
/* Fills stale, open. */
void public_place_judge(const struct task *task, struct public_place *place);

#endif
