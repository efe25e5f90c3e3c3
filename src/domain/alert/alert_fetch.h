/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_fetch.h - asking the feeds that the house has named (catalog/
 * alert_feed.csv) for alerts of others, and telling another house that its
 * alerts arrived.
 */
#ifndef COBIJO_ALERT_FETCH_H
#define COBIJO_ALERT_FETCH_H

#include "domain/alert/alert.h"

enum {
    FEED_DOCUMENTS_MAX = 50, /* asked for in one go */
    FEED_SECONDS_MAX = 20,   /* and for no longer */
    FEED_MINUTES = 5,        /* between two goes, where the table is silent */
    FEED_LINK_DAYS = 90      /* how long a link is remembered */
};

struct alert_feed {
    struct str name, label, url, key;
    bool shown;    /* trust: show; else what comes waits for review */
    int64_t every; /* ms */
};

struct feed_result {
    size_t fresh, known, ours, passed, refused, left_out, told;
    struct str problem; /* of the last that was refused; empty: none */
    bool more;          /* not everything was asked for */
};

/* Rows of the table. */
size_t alert_feeds(struct task *task, struct alert_feed **feed);
/* One feed, now. token: with which its house hears that we have an alert;
 * empty: it is not told. What cannot be read is told in result and in
 * alert_feed; an error only when the store failed. */
enum error alert_fetch(struct task *task, const struct alert_feed *feed,
                       struct str token, struct feed_result *result,
                       struct err *err);
/* Those whose time has come. *fresh: alerts that are new. token(name): the
 * secrets of the house. */
enum error alert_fetch_due(struct task *task,
                           struct str (*token)(void *context, struct str name),
                           void *context, size_t *fresh, struct err *err);

#endif
