/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fuzz_media.c - any bytes as a photo, a recording or a film: what comes out
 * is not larger, and bare of itself: a second time changes nothing. */
#include <stdlib.h>

#include "domain/record/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena;
    struct str once, twice;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    once = media_bare(&arena, (struct str){(const char *)bytes, size});
    if (once.at) {
        twice = media_bare(&arena, once);
        if (once.size > size + 2 + 36 * (size / 12 + 1) ||
            !str_equal(once, twice))
            abort();
    }
    arena_release(&arena);
    return 0;
}
