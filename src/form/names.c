/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* names.c - open addressing, at most half full, never shrinks or grows. */
#include "form/names.h"

struct entry {
    struct str name;
    size_t scope, number;
    bool used;
};

struct names {
    struct entry *entry;
    size_t mask, count, room;
};

struct names *names_new(struct arena *arena, size_t count)
{
    struct names *names = ARENA_NEW(arena, struct names);
    size_t size = 8;

    while (size < count * 2)
        size *= 2;
    if (!names)
        return NULL;
    names->entry = ARENA_ARRAY(arena, struct entry, size);
    names->mask = size - 1;
    names->room = count;
    return names->entry ? names : NULL;
}

static struct entry *slot(const struct names *names, size_t scope,
                          struct str name)
{
    uint64_t seed = (uint64_t)(uintptr_t)names->entry ^ scope;
    uint64_t hash =
        (str_hash(name) ^ (seed * 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
    size_t at = (size_t)(hash >> 32) & names->mask;

    while (names->entry[at].used && (names->entry[at].scope != scope ||
                                     !str_equal(names->entry[at].name, name)))
        at = (at + 1) & names->mask;
    return &names->entry[at];
}

bool names_add(struct names *names, size_t scope, struct str name,
               size_t number)
{
    struct entry *entry;

    if (!names)
        return false;
    entry = slot(names, scope, name);
    if (entry->used || names->count >= names->room)
        return false;
    *entry = (struct entry){name, scope, number, true};
    names->count++;
    return true;
}

size_t names_find(const struct names *names, size_t scope, struct str name)
{
    const struct entry *entry = names ? slot(names, scope, name) : NULL;

    return entry && entry->used ? entry->number : SIZE_MAX;
}
