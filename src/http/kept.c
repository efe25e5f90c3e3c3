/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kept.c - see kept.h. Slots by the key's hash, a new answer takes the place of
 * an old one; the lock is held for a comparison or an exchange of pointers.
 */
#include "http/kept.h"

#include <pthread.h>

struct kept_table {
    pthread_mutex_t lock;
    struct kept *slot[KEPT_SLOTS];
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
        kept_release(table->slot[i]);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

static struct kept **slot_of(struct kept_table *table, const struct keep *keep)
{
    return &table->slot[str_hash(str_of(keep->key)) % KEPT_SLOTS];
}

struct kept *kept_get(struct kept_table *table, const struct keep *asked)
{
    struct kept **slot, *kept = NULL;

    if (!table)
        return NULL;
    slot = slot_of(table, asked);
    pthread_mutex_lock(&table->lock);
    if (*slot && keep_holds(&(*slot)->keep, asked)) {
        kept = *slot;
        atomic_fetch_add(&kept->held, 1);
    }
    pthread_mutex_unlock(&table->lock);
    return kept;
}

void kept_put(struct kept_table *table, struct kept *kept)
{
    struct kept **slot, *old;

    if (!table)
        return;
    slot = slot_of(table, &kept->keep);
    atomic_fetch_add(&kept->held, 1);
    pthread_mutex_lock(&table->lock);
    old = *slot;
    *slot = kept;
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
