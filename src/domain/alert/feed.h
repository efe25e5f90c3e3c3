/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* feed.h - feeds of alerts: Atom as we write it, Atom and RSS as others do.
 * Knows neither store nor network.
 */
#ifndef COBIJO_FEED_H
#define COBIJO_FEED_H

#include "domain/alert/alert.h"

enum { FEED_SIZE_MAX = 2 * 1024 * 1024, FEED_ENTRIES_MAX = 300 };

struct feed_entry {
    struct str link;    /* to a CAP document, absolute */
    struct str note;    /* to its signature; empty: none is named */
    struct str updated; /* as written, to see that it changed */
};

struct feed {
    struct feed_entry entry[FEED_ENTRIES_MAX];
    size_t count;
    size_t left_out; /* entries beyond the limit or that lead elsewhere */
    bool alone;      /* the address is an alert itself, no feed */
};

/* url: where it came from. Links to another host, or to the feed itself, are
 * left out: what a feed says must not make us ask whoever it likes. */
enum error feed_read(cap_xml xml, struct arena *arena, struct str text,
                     struct str url, struct feed *feed, struct err *err);
/* "https://host:port" of an address; empty: none of ours. */
struct str feed_origin(struct str url);

/* base: http(s)://host without the last slash. */
struct str feed_write(struct task *task, struct str base,
                      const struct public_alert *alert, size_t count);

#endif
