/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* know.h - what people should know: short notices for the public side, one per
 * topic of catalog/topic.csv and language, written in CommonMark with a few
 * lines in front (catalog/notices/NAME.LANG.md; a house's own stand in
 * notices/ of its --catalog folder and win).
 *
 *     ---
 *     title: Sus derechos en México
 *     reviewed_by:
 *     reviewed_on:
 *     sources: Ley de Migración, arts. 8 y 9; …
 *     note: for who writes and reviews, not shown to readers
 *     audience: everybody
 *     country: MEX
 *     ---
 *     Text. {clock:asylum_filing} is the number of that row of
 *     catalog/legal_clock.csv.
 *
 * A house may also write its own on pages (house.h): those win over files.
 */
#ifndef COBIJO_KNOW_H
#define COBIJO_KNOW_H

#include "domain/office.h"

enum {
    KNOW_TEXT_MOST = 32 * 1024,
    KNOW_REVIEW_DAYS = 365 /* a review that is older is overdue */
};

struct notice {
    struct str name, language;
    struct str title, reviewed_by, reviewed_on, sources, audience, country;
    struct str note;   /* for who writes: what has no published source */
    struct str source; /* CommonMark as written, numbers not filled in */
    struct str html;   /* of source; safe to show */
    struct str audio;  /* file of the house's record: it read aloud, or empty */
    bool house;        /* the house's own, not what is shipped */
};

struct know {
    const struct catalog_table *topic;
    struct notice *notice;
    size_t count;
    const struct str *language; /* those topic.csv has names in */
    size_t languages;
};

/* All shipped and site files; a mistake in one is told with its name. */
enum error know_load(struct arena *arena, const struct host *host,
                     const struct form_files *files,
                     const struct catalog *catalog, const struct know **know,
                     struct err *err);
/* Of a file, or NULL. */
const struct notice *know_file(const struct know *know, struct str name,
                               struct str language);
bool know_topic(const struct know *know, struct str name);

/* Fills notice from the text of a file. problem text names line or row. */
enum error notice_parse(struct arena *arena, const struct catalog *catalog,
                        struct str text, struct notice *notice,
                        struct err *err);
/* source with its numbers, as HTML in notice->html. */
enum error notice_render(struct arena *arena, const struct host *host,
                         const struct catalog *catalog, struct notice *notice,
                         struct err *err);

/* What the reader gets: the house's own, else the file; in her language, else
 * Spanish. ERROR_NOT_FOUND. task->db may be NULL. */
enum error know_read(struct task *task, struct str name, struct notice *notice,
                     struct err *err);

/* Days since its review; -1: none. */
int64_t notice_reviewed_days(const struct notice *notice, int64_t today);

#endif
