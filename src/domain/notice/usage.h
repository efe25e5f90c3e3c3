/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* usage.h - how often a public page was read, as a number a day and nothing
 * else: no address, no time of day, no order. Counted in memory; when the day
 * is over, what was read often enough is written down (table usage_day) and
 * the rest is forgotten for good. Until then the day stands sealed in a row of
 * the server's own (table usage_kept), so that a server that is stopped or
 * killed leaves it to the next one, but for what was counted since
 * USAGE_SEAL_MS at the most; numbers that are too small to be kept are readable
 * by nobody meanwhile. Of two servers the later one takes the other's row, and
 * that one goes on from there.
 */
#ifndef COBIJO_USAGE_H
#define COBIJO_USAGE_H

#include "domain/office.h"

enum {
    USAGE_LEAST = 10,  /* fewer readings of a page in a day are not kept */
    USAGE_ROWS = 1024, /* pages x states of a day; more are not counted */
    USAGE_SEAL_MS = 300000
};

/* The directory was kept on a device (INF-02). */
#define USAGE_SAVED "pwa_saved"
/* Searches in the directory, and those that found nothing (INF-09). */
#define USAGE_SEARCH "search"
#define USAGE_EMPTY "search_empty"

struct usage_shelf;
struct usage_shelf *usage_shelf_new(struct arena *arena);

/* One more reading of page ("/know/asylum", "/directory", USAGE_SAVED: a word
 * of the program, never one of a reader's) about the state area (a row of
 * catalog/admin1.csv; anything else counts as none). */
void usage_count(const struct task *task, struct str page, struct str area);

/* Days before the task's are written down and forgotten; the day itself is
 * sealed when it is time. Takes up first what a server that is gone has left.
 */
enum error usage_flush(struct task *task, struct err *err);
/* The same, now. A house without a key can seal nothing: what has passed the
 * threshold is written down, the rest is forgotten. */
enum error usage_keep(struct task *task, struct err *err);

struct usage {
    int64_t day;
    struct str page, area;
    int64_t count;
};
/* Newest first. page: empty for all; area is empty for all states together,
 * which is not the sum of those that are kept. */
enum error usage_list(struct task *task, int64_t from_day, int64_t to_day,
                      struct str page, struct usage **usage, size_t *count,
                      struct err *err);

#endif
