/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* larder.c - see larder.h. A few slots behind a lock that nobody waits for: who
 * finds it taken makes the package herself.
 */
#include "web/public/larder.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "web/page.h"

enum { SLOTS = 16, KEY = 40, PACKAGE_MOST = 1024 * 1024 };

struct slot {
    char key[KEY];
    uint64_t edition;
    int64_t made;
    char *bytes;
    size_t size;
};

struct larder {
    atomic_flag lock;
    size_t next; /* the slot that is given up for a new key */
    struct slot slot[SLOTS];
};

struct larder *larder_new(struct arena *arena)
{
    struct larder *larder = ARENA_NEW(arena, struct larder);

    if (larder)
        atomic_flag_clear(&larder->lock);
    return larder;
}

void larder_free(struct larder *larder)
{
    for (size_t i = 0; larder && i < SLOTS; i++)
        free(larder->slot[i].bytes);
}

static bool lock(struct larder *larder)
{
    return larder && !atomic_flag_test_and_set_explicit(&larder->lock,
                                                        memory_order_acquire);
}

static void unlock(struct larder *larder)
{
    atomic_flag_clear_explicit(&larder->lock, memory_order_release);
}

static bool key_of(const struct view *view, struct str area, char key[KEY])
{
    int size = snprintf(key, KEY, "%.*s|%.*s", STR_ARGS(view->task.language),
                        STR_ARGS(area));

    return size > 0 && size < KEY;
}

static struct slot *slot_of(struct larder *larder, const char *key)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (larder->slot[i].bytes && strcmp(larder->slot[i].key, key) == 0)
            return &larder->slot[i];
    return NULL;
}

bool larder_get(struct view *view, struct str area, uint64_t *edition,
                struct str *package)
{
    struct larder *larder = view->app->larder;
    const struct slot *slot;
    char key[KEY];
    bool found = false;

    *edition = 0;
    if (!key_of(view, area, key) ||
        !office_edition(&view->app->office, view->task.db, edition) ||
        !lock(larder))
        return false;
    slot = slot_of(larder, key);
    if (slot && slot->edition == *edition && slot->made <= view->task.now &&
        view->task.now - slot->made < LARDER_MS) {
        *package =
            str_copy(view->task.arena, (struct str){slot->bytes, slot->size});
        found = package->size == slot->size;
    }
    unlock(larder);
    return found;
}

void larder_put(struct view *view, struct str area, uint64_t edition,
                struct str package)
{
    struct larder *larder = view->app->larder;
    struct slot *slot;
    char key[KEY], *bytes;

    if (!edition || package.size > PACKAGE_MOST || !key_of(view, area, key) ||
        !lock(larder))
        return;
    slot = slot_of(larder, key);
    if (!slot)
        slot = &larder->slot[larder->next++ % SLOTS];
    bytes = realloc(slot->bytes, package.size);
    if (bytes) {
        memcpy(bytes, package.at, package.size);
        snprintf(slot->key, sizeof slot->key, "%s", key);
        slot->bytes = bytes;
        slot->size = package.size;
        slot->edition = edition;
        slot->made = view->task.now;
    }
    unlock(larder);
}
