/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kept.c - see kept.h. A row of slots by the key's hash; a new answer takes the
 * place of the oldest in its row. The lock is held for a few comparisons.
 */
#include "http/kept.h"

#include <pthread.h>

enum { WIDE = 8, ROWS = KEPT_SLOTS / WIDE };

struct kept_table {
    pthread_mutex_t lock;
    struct kept *slot[ROWS][WIDE];
};

struct kept_table *kept_table_new(void)
{
    struct kept_table *table = calloc(1, sizeof *table);

    if (table)
        pthread_mutex_init(&table->lock, NULL);
    return table;
}

void kept_table_free(struct kept_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < KEPT_SLOTS; i++)
        kept_release(table->slot[i / WIDE][i % WIDE]);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

static struct kept **row_of(struct kept_table *table, const struct keep *keep)
{
    return table->slot[str_hash(str_of(keep->key)) % ROWS];
}

struct kept *kept_get(struct kept_table *table, const struct keep *asked)
{
    struct kept **row, *kept = NULL;

    if (!table)
        return NULL;
    row = row_of(table, asked);
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < WIDE && row[i] && !kept; i++)
        if (keep_holds(&row[i]->keep, asked))
            kept = row[i];
    if (kept)
        atomic_fetch_add(&kept->held, 1);
    pthread_mutex_unlock(&table->lock);
    return kept;
}

/* The one with this key, else a free one, else the oldest. */
static size_t place_of(struct kept *const *row, const struct keep *keep)
{
    size_t oldest = 0;

    for (size_t i = 0; i < WIDE; i++) {
        if (!row[i] || strcmp(row[i]->keep.key, keep->key) == 0)
            return i;
        if (row[i]->keep.now < row[oldest]->keep.now)
            oldest = i;
    }
    return oldest;
}

void kept_put(struct kept_table *table, struct kept *kept)
{
    struct kept **row, *old;
    size_t at;

    if (!table)
        return;
    row = row_of(table, &kept->keep);
    atomic_fetch_add(&kept->held, 1);
    pthread_mutex_lock(&table->lock);
    at = place_of(row, &kept->keep);
    old = row[at];
    row[at] = kept;
    pthread_mutex_unlock(&table->lock);
    kept_release(old);
}

void kept_release(struct kept *kept)
{
    if (!kept || atomic_fetch_sub(&kept->held, 1) > 1)
        return;
    if (kept->whole)
        MHD_destroy_response(kept->whole);
    if (kept->unchanged)
        MHD_destroy_response(kept->unchanged);
    free(kept);
}
