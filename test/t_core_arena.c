/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Arenas: alignment, zeroes, growing in place, limits, failure. */
#include "core/arena.h"
#include "core/str.h"

#include <stdalign.h>
#include <stdint.h>

#include "tap.h"

static bool all_zero(const unsigned char *at, size_t size)
{
    for (size_t i = 0; at && i < size; i++)
        if (at[i])
            return false;
    return at != NULL;
}

static void check_alloc(struct tap *tap)
{
    struct arena arena;
    bool aligned = true, zeroed = true;

    arena_init(&arena, NULL);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *at = arena_alloc(&arena, size);

        aligned = aligned && (uintptr_t)at % alignof(max_align_t) == 0;
        zeroed = zeroed && all_zero(at, size);
        memset(at, 0xff, size);
    }
    tap_ok(tap, aligned, "blocks are aligned");
    tap_ok(tap, zeroed, "blocks are zeroed");
    arena_clear(&arena);
    tap_ok(tap, all_zero(arena_alloc(&arena, 4000), 4000),
           "zeroed again after arena_clear");
    tap_ok(tap, arena.page != NULL && arena.total > 0, "one page is kept");
    tap_ok(tap, !arena_failed(&arena), "nothing failed");
    arena_release(&arena);
    tap_is_int(tap, (long long)arena.total, 0, "release gives all back");
}

static void check_grow(struct tap *tap)
{
    struct arena arena;
    char *at, *same, *moved;

    arena_init(&arena, NULL);
    at = arena_alloc(&arena, 10);
    memcpy(at, "hola", 5);
    same = arena_grow(&arena, at, 10, 1000);
    tap_ok(tap, same == at, "the newest block grows in place");
    arena_alloc(&arena, 1);
    moved = arena_grow(&arena, same, 1000, 2000);
    tap_ok(tap, moved && moved != same, "an older one moves");
    tap_is(tap, moved, "hola", "and keeps its bytes");
    tap_ok(tap, all_zero((unsigned char *)moved + 5, 1995), "rest is zero");
    tap_ok(tap, arena_grow(&arena, moved, 2000, 5) == moved,
           "smaller is the same block");
    moved = arena_grow(&arena, moved, 2000, 1 << 20);
    tap_is(tap, moved, "hola", "beyond the page");
    arena_release(&arena);
}

static void check_failure(struct tap *tap)
{
    struct arena arena;

    arena_init(&arena, NULL);
    arena.limit = 20000;
    tap_ok(tap, arena_alloc(&arena, 15000) != NULL, "below the limit");
    tap_ok(tap, !arena_alloc(&arena, 15000), "above the limit");
    tap_ok(tap, arena_failed(&arena), "the arena is marked");
    tap_ok(tap, !arena_alloc(&arena, 1), "and stays failed");
    arena_clear(&arena);
    tap_ok(tap, arena_alloc(&arena, 1) != NULL, "until it is cleared");
    tap_ok(tap, !arena_array(&arena, SIZE_MAX / 2, 3), "overflow in an array");
    arena_clear(&arena);
    tap_ok(tap, !arena_alloc(&arena, SIZE_MAX), "overflow in a size");
    tap_ok(tap, !arena_grow(&arena, NULL, 0, 1), "failed: no growing either");
    tap_ok(tap, !arena_alloc(NULL, 1), "no arena, no memory");
    arena_release(&arena);
}

int main(void)
{
    struct tap tap = {0};

    check_alloc(&tap);
    check_grow(&tap);
    check_failure(&tap);
    return tap_done(&tap);
}
