/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* directory.h - the public directory: what anybody may read of the places and
 * organizations that help.
 *
 * Truth is the records of kind `place` and `organization`. Beside them stand
 * tables public_* (store/aside.h): written in the transaction of the record,
 * made again by `cobijo log rebuild`, and holding only what may be public. A
 * protected place (geo_precision hidden, or place_type REFUGIO) has no address,
 * position, cell, municipality (unless it said yes), link or telephone (unless
 * that one says yes) there, and texts in which one of those stands are dropped.
 * Of `municipal` precision there is the municipality's point or none. Every
 * public answer is made of these tables and of nothing else: whoever adds one,
 * reads through the functions below.
 *
 * Not public at all: places that are closed, say public = no, or detain people
 * (is_enforcement).
 *
 *     struct near_query query = {.here = true, .lat = 32.5, .lon = -117.0,
 *                                .need = STR("AL1"), .open_now = true};
 *     struct near_found found;
 *     if (!directory_near(task, &query, &found, err))
 *         … found.place[0 .. found.count-1], nearest first, stale ones lower
 *         … directory_place_view(task, &found.place[i], whole) is its JSON
 *
 * The position asked for is used and forgotten: no function here keeps it.
 */
#ifndef COBIJO_DIRECTORY_H
#define COBIJO_DIRECTORY_H

#include "domain/hours.h"
#include "domain/office.h"

struct aside;

/* Bits of public_place.flags; those of a query must all be set. Whom: whoever
 * takes everybody has them all but LGBT, which means it says so. */
enum public_flag {
    PUBLIC_WOMEN = 1,
    PUBLIC_CHILDREN = 2,
    PUBLIC_MEN = 4,
    PUBLIC_LGBT = 8,
    PUBLIC_ACCESSIBLE = 16,
    PUBLIC_NO_DOCUMENTS = 32,
    PUBLIC_FREE_OF_CHARGE = 64, /* something of it is */
    PUBLIC_PROTECTED = 128,
    PUBLIC_PAUSED = 256,
    PUBLIC_APPROXIMATE = 512, /* the position is its municipality's */
    PUBLIC_HAS_HOURS = 1024,
};

struct public_place {
    struct str id, organization, name, place_type, admin1;
    struct str municipality;     /* folded */
    struct str languages, hours; /* codes with spaces; hours.h */
    bool located;
    double lat, lon;
    unsigned flags;
    int64_t due;     /* day from which it counts as stale; 0: never assured */
    int64_t changed; /* instant */
    struct str body, more; /* JSON: what view.c says; the rest of HSDS */
    /* what directory_near and directory_list find out */
    double km; /* -1: no position, of either */
    bool stale;
    enum hours_state open;
};

/* What a page calls a need, or whom (flags). */
struct near_name {
    struct str text, need;
    unsigned flags;
};

struct near_query {
    bool here; /* lat and lon are given */
    double lat, lon;
    struct str need;         /* code of service.csv, or a sector of it */
    struct str place_type;   /* of place_type.csv */
    unsigned flags;          /* enum public_flag */
    struct str language;     /* of language.csv: hat */
    struct str admin1;       /* MX-BCN */
    struct str municipality; /* as people write it */
    struct str words;        /* free text, however accented: names, and what
                                the task's language calls things */
    const struct near_name *name; /* that the words may mean, too */
    size_t names;
    bool open_now;
    size_t limit, offset; /* 0: 20; offset: of lists, not of "near" */
};

struct near_found {
    struct public_place *place;
    size_t count;
    bool more;     /* there are further ones (lists) */
    bool complete; /* false: too many had to be passed over; nearer ones may
                      be missing */
};

/* here: the nearest that fit, stale ones counted as twice as far and 5 km;
 * places without a position are not among them (ask directory_list, flags
 * PUBLIC_PROTECTED or a place_type). Else the same as directory_list. */
enum error directory_near(struct task *task, const struct near_query *query,
                          struct near_found *found, struct err *err);
/* By name, stale ones last; with or without a position. */
enum error directory_list(struct task *task, const struct near_query *query,
                          struct near_found *found, struct err *err);
/* ERROR_NOT_FOUND when it is not public. */
enum error directory_place(struct task *task, struct str id,
                           struct public_place *place, struct err *err);

/* What a page or a program is told, in the task's language: labels beside
 * codes, "stale", "verified_on", "open" (yes, no, unknown), "km" when known,
 * "free" while it holds. whole: with services, telephones and texts. */
struct value *directory_place_view(struct task *task,
                                   const struct public_place *place,
                                   bool whole);

struct public_organization {
    struct str id, name, body, more;
    int64_t changed;
};
enum error directory_organization(struct task *task, struct str id,
                                  struct public_organization *organization,
                                  struct err *err);

/* Needs to choose from: [{code, name, sector, offered}]; offered: somebody does
 * (how many is not told). */
struct value *directory_needs(struct task *task);

/* The tables, kept by the store. In the office's arena. */
const struct aside *directory_aside(struct arena *arena,
                                    const struct catalog *catalog,
                                    const struct host *host);
/* Makes the tables again when the store was filled by a program that did not
 * have them, or with another catalogue. For the start of a server. */
enum error directory_ensure(struct office *office, struct db *db,
                            struct err *err);

#endif
