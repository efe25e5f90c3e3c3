/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_order.c - rows of a large file in the order of the ids of their
 * records.
 *
 * Ids are hashes. Written in the order of the file, each record would touch
 * some forty pages anywhere in the indexes of a store of gigabytes; in the
 * order of ids it writes beside the record before it. So a file is read once
 * for where its rows begin and whose they are, and again row by row, sorted.
 * What there is to tell is put back into the order of lines. bench: doc/
 * directory.md.
 */
#include "domain/directory/import_private.h"

#include <stdlib.h>

enum { HEARD_MOST = 20000 };

struct told {
    size_t line, number;
    struct str where, what;
};

struct heard {
    struct arena arena;
    struct told told[HEARD_MOST];
    size_t count;
};

/* --- seats ---------------------------------------------------------------- */

static unsigned char digit_of(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void id_bytes(struct str id, unsigned char bytes[16])
{
    size_t count = 0;

    memset(bytes, 0, 16);
    for (size_t i = 0; i < id.size && count < 32; i++)
        if (id.at[i] != '-') {
            bytes[count / 2] =
                (unsigned char)(bytes[count / 2] << 4 | digit_of(id.at[i]));
            count++;
        }
}

void seat_add(struct seat_list *list, struct str id, size_t at, size_t line)
{
    if (list->count == list->room) {
        size_t more = list->room ? list->room * 2 : 4096;
        struct seat *grown =
            arena_grow(list->arena, list->at, list->room * sizeof(*grown),
                       more * sizeof(*grown));

        if (!grown)
            return; /* the arena says so */
        list->at = grown;
        list->room = more;
    }
    list->at[list->count].at = at;
    list->at[list->count].line = line;
    id_bytes(id, list->at[list->count++].id);
}

static int compare_seats(const void *a, const void *b)
{
    const struct seat *one = a, *two = b;
    int order = memcmp(one->id, two->id, sizeof(one->id));

    return order ? order : (one->at > two->at) - (one->at < two->at);
}

void seats_sort(struct seat_list *list)
{
    if (list->count)
        qsort(list->at, list->count, sizeof(*list->at), compare_seats);
}

/* --- what there is to tell ------------------------------------------------ */

static int compare_told(const void *a, const void *b)
{
    const struct told *one = a, *two = b;

    if (one->line != two->line)
        return one->line < two->line ? -1 : 1;
    return (one->number > two->number) - (one->number < two->number);
}

void heard_tell(struct sink *sink)
{
    struct heard *heard = sink->heard;
    struct place_import *import = sink->import;

    if (!heard)
        return;
    if (heard->count)
        qsort(heard->told, heard->count, sizeof(*heard->told), compare_told);
    for (size_t i = 0; import->tell && i < heard->count; i++)
        import->tell(import->context, heard->told[i].where,
                     heard->told[i].what);
    arena_release(&heard->arena);
    free(heard);
    sink->heard = NULL;
}

bool heard_keep(struct sink *sink, struct str where, struct str what)
{
    struct heard *heard = sink->heard;
    struct told *told;

    if (!sink->line)
        return false;
    if (heard && heard->count == HEARD_MOST) {
        heard_tell(sink);
        heard = NULL;
    }
    if (!heard) {
        heard = sink->heard = malloc(sizeof(*heard));
        if (!heard)
            return false;
        heard->count = 0;
        arena_init(&heard->arena, NULL);
    }
    told = &heard->told[heard->count];
    *told =
        (struct told){sink->line, heard->count, str_copy(&heard->arena, where),
                      str_copy(&heard->arena, what)};
    if (arena_failed(&heard->arena)) {
        heard_tell(sink);
        return false;
    }
    heard->count++;
    return true;
}
