/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arena.c - pages, newest first, handed out from the bottom up.
 *
 * Pages double with what the arena already holds, so that the number of calls
 * to the allocator stays small. After the first failure every request fails
 * until arena_clear or arena_release: a half-built tree never looks whole.
 * Under the address sanitizer what was not handed out is poisoned.
 */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
void __asan_poison_memory_region(void const volatile *at, size_t size);
void __asan_unpoison_memory_region(void const volatile *at, size_t size);
#define POISON(at, size) __asan_poison_memory_region((at), (size))
#define UNPOISON(at, size) __asan_unpoison_memory_region((at), (size))
enum { ARENA_GAP = 16 };
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
enum { ARENA_GAP = 0 };
#endif

enum {
    ARENA_ALIGN = alignof(max_align_t),
    ARENA_PAGE_MIN = 8 * 1024,
    ARENA_PAGE_MAX = 1024 * 1024,
    ARENA_KEEP_MAX = 4 * 1024 * 1024 /* arena_clear gives back larger ones */
};

struct arena_page {
    struct arena_page *older;
    size_t size; /* with this header */
};

static size_t round_up(size_t size)
{
    return (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
}

static size_t header_size(void)
{
    return round_up(sizeof(struct arena_page));
}

static char *page_bytes(struct arena_page *page)
{
    return (char *)page + header_size();
}

static void *memory_get(const struct memory *memory, size_t size)
{
    if (memory)
        return memory->resize(memory->context, NULL, size);
    return malloc(size);
}

static void memory_give(const struct memory *memory, void *block)
{
    if (memory)
        memory->resize(memory->context, block, 0);
    else
        free(block);
}

void arena_init(struct arena *arena, const struct memory *memory)
{
    *arena = (struct arena){.memory = memory};
}

static void release_pages(struct arena *arena, struct arena_page *page)
{
    while (page) {
        struct arena_page *older = page->older;

        arena->total -= page->size;
        UNPOISON(page, page->size);
        memory_give(arena->memory, page);
        page = older;
    }
}

void arena_release(struct arena *arena)
{
    release_pages(arena, arena->page);
    arena->page = NULL;
    arena->used = arena->capacity = arena->total = 0;
    arena->failed = false;
}

void arena_clear(struct arena *arena)
{
    struct arena_page *page = arena->page;

    if (!page || page->size > ARENA_KEEP_MAX) {
        arena_release(arena);
        return;
    }
    release_pages(arena, page->older);
    page->older = NULL;
    arena->used = 0;
    arena->failed = false;
    POISON(page_bytes(page), arena->capacity);
}

bool arena_failed(const struct arena *arena)
{
    return !arena || arena->failed;
}

/* Size for the next page that holds at least need bytes; 0: not allowed. */
static size_t page_size(const struct arena *arena, size_t need)
{
    size_t size = arena->total;
    size_t room = SIZE_MAX;

    if (arena->limit)
        room = arena->limit > arena->total ? arena->limit - arena->total : 0;
    if (size < ARENA_PAGE_MIN)
        size = ARENA_PAGE_MIN;
    if (size > ARENA_PAGE_MAX)
        size = ARENA_PAGE_MAX;
    if (size < need)
        size = need;
    if (size > room)
        size = need <= room ? need : 0;
    return size;
}

static bool add_page(struct arena *arena, size_t need)
{
    size_t size = page_size(arena, need + header_size());
    struct arena_page *page = size ? memory_get(arena->memory, size) : NULL;

    if (!page)
        return false;
    page->older = arena->page;
    page->size = size;
    arena->page = page;
    arena->used = 0;
    arena->capacity = size - header_size();
    arena->total += size;
    POISON(page_bytes(page), arena->capacity);
    return true;
}

/* Not zeroed. */
static void *take(struct arena *arena, size_t size)
{
    size_t whole;
    char *at;

    if (!arena || arena->failed)
        return NULL;
    if (size > SIZE_MAX / 4) {
        arena->failed = true;
        return NULL;
    }
    whole = round_up(size ? size : 1) + ARENA_GAP;
    if (whole > arena->capacity - arena->used && !add_page(arena, whole)) {
        arena->failed = true;
        return NULL;
    }
    at = page_bytes(arena->page) + arena->used;
    arena->used += whole;
    UNPOISON(at, size);
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *block = take(arena, size);

    if (block)
        memset(block, 0, size);
    return block;
}

void *arena_array(struct arena *arena, size_t size, size_t count)
{
    if (size && count > SIZE_MAX / 4 / size) {
        if (arena)
            arena->failed = true;
        return NULL;
    }
    return arena_alloc(arena, size * count);
}

/* Whether the block ends the newest page and can become new_size there. */
static bool grow_in_place(struct arena *arena, void *block, size_t old_size,
                          size_t new_size)
{
    size_t old_whole = round_up(old_size ? old_size : 1) + ARENA_GAP;
    size_t new_whole, start;

    if (!arena->page || old_whole > arena->used || new_size > SIZE_MAX / 4)
        return false;
    start = arena->used - old_whole;
    if ((char *)block != page_bytes(arena->page) + start)
        return false;
    new_whole = round_up(new_size) + ARENA_GAP;
    if (new_whole > arena->capacity - start)
        return false;
    arena->used = start + new_whole;
    UNPOISON(block, new_size);
    return true;
}

void *arena_grow(struct arena *arena, void *block, size_t old_size,
                 size_t new_size)
{
    char *at = block;

    if (!arena || arena->failed)
        return NULL;
    if (!block)
        return arena_alloc(arena, new_size);
    if (new_size <= old_size)
        return block;
    if (!grow_in_place(arena, block, old_size, new_size)) {
        at = take(arena, new_size);
        if (!at)
            return NULL;
        memcpy(at, block, old_size);
    }
    memset(at + old_size, 0, new_size - old_size);
    return at;
}
