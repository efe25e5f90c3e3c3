/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_memory.c - malloc for form.wasm: arenas alone ask for memory, in few
 * and large blocks, so a list of what was given back is enough and three
 * kilobytes of the C library stay out of the page. So do its names of errors,
 * which printf would bring along for %m.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNED = 16, WASM_PAGE = 65536 };

struct block {
    size_t size; /* without this header */
    struct block *next;
    char pad[ALIGNED - sizeof(size_t) - sizeof(void *)];
};

extern unsigned char __heap_base;

static struct {
    struct block *unused;
    uintptr_t at, end;
} heap;

static struct block *take_unused(size_t size)
{
    for (struct block **at = &heap.unused; *at; at = &(*at)->next) {
        struct block *block = *at;

        if (block->size < size || block->size / 4 > size)
            continue;
        *at = block->next;
        return block;
    }
    return NULL;
}

static struct block *take_new(size_t size)
{
    size_t whole = size + sizeof(struct block);
    struct block *block;

    if (!heap.at) {
        heap.at =
            ((uintptr_t)&__heap_base + ALIGNED - 1) & ~(uintptr_t)(ALIGNED - 1);
        heap.end = __builtin_wasm_memory_size(0) * (uintptr_t)WASM_PAGE;
    }
    if (heap.end - heap.at < whole) {
        size_t pages = (whole + WASM_PAGE - 1) / WASM_PAGE;

        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX)
            return NULL;
        heap.end += pages * WASM_PAGE;
    }
    block = (struct block *)heap.at;
    heap.at += whole;
    block->size = size;
    return block;
}

void *malloc(size_t size)
{
    struct block *block;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
    block = take_unused(size);
    if (!block)
        block = take_new(size);
    return block ? block + 1 : NULL;
}

void free(void *at)
{
    struct block *block = at;

    if (!at)
        return;
    block--;
    block->next = heap.unused;
    heap.unused = block;
}

void *realloc(void *at, size_t size)
{
    size_t before = at ? ((struct block *)at - 1)->size : 0;
    void *room;

    if (at && size <= before)
        return at;
    room = malloc(size);
    if (room && at) {
        memcpy(room, at, before);
        free(at);
    }
    return room;
}

char *strerror(int number)
{
    static char none[] = "";

    (void)number;
    return none;
}
