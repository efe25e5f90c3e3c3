/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keep.h - public pages that are the same for everybody. A row with ROUTE_KEPT
 * says the same to all who ask in one language: the door (http/kept.h) makes it
 * once and sends it again until something was written, here or by another
 * process (office_edition), and for KEEP_MS at the most: an alert may end, a
 * door close. Only who sends no cookie is given one, and only for an address
 * with nothing but a language in it, so nothing searched for is ever kept.
 */
#ifndef COBIJO_KEEP_H
#define COBIJO_KEEP_H

#include "web/app.h"

enum { KEEP_MS = 5000, KEEP_KEY = 120 };

struct keep {
    char key[KEEP_KEY]; /* all that the page depends on; "": not kept */
    uint64_t edition;   /* of the store, before the page is made */
    int64_t now;        /* ms */
};

/* What an answer to this request would be kept under. db may be NULL: then
 * nobody is waited for, and false may only mean that only the database knows.
 * True says nothing about the row: response.kept does, once it is answered. */
bool app_keep(struct app *app, struct db *db, const struct request *request,
              struct keep *keep);
/* Is what was kept under one of these the answer for the other? */
bool keep_holds(const struct keep *kept, const struct keep *asked);
/* A kept page was sent once more: its reading is counted. */
void app_counted(const struct app *app, struct str counted);

#endif
