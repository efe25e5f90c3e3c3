/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* packed.c - slots behind a lock that is held while bytes are copied. */
#include "http/packed.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { SLOTS = 512, ETAG = 24, BYTES_MOST = 16 * 1024 };

struct slot {
    char etag[ETAG];
    char *bytes;
    size_t size, room;
};

struct packed {
    atomic_flag lock;
    struct slot slot[SLOTS];
};

struct packed *packed_new(void)
{
    struct packed *packed = calloc(1, sizeof(*packed));

    if (packed)
        atomic_flag_clear(&packed->lock);
    return packed;
}

void packed_free(struct packed *packed)
{
    for (size_t i = 0; packed && i < SLOTS; i++)
        free(packed->slot[i].bytes);
    free(packed);
}

/* Nobody waits: NULL while somebody else has the lock. */
static struct slot *slot_locked(struct packed *packed, struct str etag)
{
    if (atomic_flag_test_and_set_explicit(&packed->lock, memory_order_acquire))
        return NULL;
    return &packed->slot[str_hash(etag) % SLOTS];
}

static void unlock(struct packed *packed)
{
    atomic_flag_clear_explicit(&packed->lock, memory_order_release);
}

static bool may_be_kept(const struct packed *packed, struct str etag)
{
    return packed && etag.size > 2 && etag.size < ETAG;
}

bool packed_get(struct packed *packed, struct arena *arena, struct str etag,
                struct str *bytes)
{
    struct slot *slot;
    bool found;

    if (!may_be_kept(packed, etag))
        return false;
    slot = slot_locked(packed, etag);
    if (!slot)
        return false;
    found = slot->size && str_equal_c(etag, slot->etag);
    if (found)
        *bytes = str_copy(arena, (struct str){slot->bytes, slot->size});
    unlock(packed);
    return found && bytes->at;
}

void packed_put(struct packed *packed, struct str etag, struct str bytes)
{
    struct slot *slot;

    if (!may_be_kept(packed, etag) || bytes.size > BYTES_MOST)
        return;
    slot = slot_locked(packed, etag);
    if (!slot)
        return;
    if (slot->room < bytes.size) {
        free(slot->bytes);
        slot->bytes = malloc(bytes.size);
        slot->room = slot->bytes ? bytes.size : 0;
    }
    slot->size = slot->bytes ? bytes.size : 0;
    if (slot->size)
        memcpy(slot->bytes, bytes.at, bytes.size);
    memset(slot->etag, 0, sizeof slot->etag);
    memcpy(slot->etag, etag.at, etag.size);
    unlock(packed);
}
