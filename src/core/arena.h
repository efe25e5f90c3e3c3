/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arena.h - memory that is given back all at once.
 *
 * One arena per request, per evaluation, per loaded form. Nothing in it is
 * freed alone. An allocation that fails returns NULL and marks the arena:
 * arena_failed() at the end of the work is the one place to ask; until
 * arena_clear() all further requests fail too. Every
 * function of the core accepts the NULL that a failed allocation left behind
 * and passes it on, so that a failure needs no check on the way.
 */
#ifndef COBIJO_ARENA_H
#define COBIJO_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/memory.h"

struct arena_page;

struct arena {
    const struct memory *memory; /* NULL: the C library */
    struct arena_page *page;     /* newest first */
    size_t used, capacity;       /* of the newest page */
    size_t total;                /* bytes held, all pages */
    size_t limit;                /* 0: none; more than this fails */
    bool failed;
};

void arena_init(struct arena *arena, const struct memory *memory);
void arena_release(struct arena *arena);
/* Forgets the contents, keeps one page for the next request. */
void arena_clear(struct arena *arena);
bool arena_failed(const struct arena *arena);

/* Zeroed, aligned for any type; NULL when out of memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* Grows the newest block in place where it can, else copies. */
void *arena_grow(struct arena *arena, void *block, size_t old_size,
                 size_t new_size);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                        \
    ((type *)arena_array((arena), sizeof(type), (count)))
void *arena_array(struct arena *arena, size_t size, size_t count);

#endif
