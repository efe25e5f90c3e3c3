/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ole.c - sectors, chains, the directory. */
#include "form/read/ole.h"

enum {
    HEADER_SIZE = 512,
    HEADER_CHAINS = 109,
    MINI_SIZE = 64,
    MINI_MAX = 4 << 20, /* of all small streams */
    DIRECTORY_MAX = 1 << 20,
    ENTRY_SIZE = 128,
    ENTRY_STREAM = 2,
    ENTRY_ROOT = 5
};

static uint32_t u16(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;

    return (uint32_t)(byte[0] | byte[1] << 8);
}

static uint32_t u32(const char *at)
{
    return u16(at) | u16(at + 2) << 16;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The sector's bytes; the last of the file may be short. */
static struct str sector(const struct ole *ole, uint32_t index)
{
    size_t from = ((size_t)index + 1) * ole->sector_size;

    if (index >= ole->sectors)
        return STR_NULL;
    return str_slice(ole->bytes, from, from + ole->sector_size);
}

/* The chain from a sector on, at most `most` bytes of it, in one piece. */
static struct str chain(struct intake *intake, const struct ole *ole,
                        uint32_t from, size_t most)
{
    size_t limit = ole->sectors * ole->sector_size, size = 0;
    char *room;

    if (most > limit)
        most = limit;
    room = arena_alloc(&intake->scratch, most + 1);
    for (size_t i = 0; room && size < most; i++) {
        struct str piece = sector(ole, from);

        if (str_is_null(piece) || i > ole->sectors)
            break;
        if (piece.size > most - size)
            piece.size = most - size;
        memcpy(room + size, piece.at, piece.size);
        size += piece.size;
        from = from < ole->next_count ? ole->next[from] : UINT32_MAX;
    }
    return room ? (struct str){room, size} : STR_NULL;
}

/* One sector of the table of chains. */
static bool next_add(struct ole *ole, uint32_t index)
{
    struct str piece = sector(ole, index);

    if (piece.size < ole->sector_size)
        return false;
    for (size_t i = 0; i + 4 <= piece.size; i += 4) {
        if (ole->next_count >= ole->sectors)
            return true; /* of sectors that the file does not have */
        ole->next[ole->next_count++] = u32(piece.at + i);
    }
    return true;
}

static bool next_read(struct intake *intake, struct ole *ole)
{
    uint32_t more = u32(ole->bytes.at + 68);

    ole->next = ARENA_ARRAY(&intake->scratch, uint32_t, ole->sectors + 1);
    if (!ole->next)
        return false;
    for (size_t i = 0; i < HEADER_CHAINS; i++) {
        uint32_t index = u32(ole->bytes.at + 76 + i * 4);

        if (index >= ole->sectors)
            break;
        if (!next_add(ole, index))
            return false;
    }
    for (size_t i = 0; more < ole->sectors; i++) {
        struct str piece = sector(ole, more);

        if (piece.size < ole->sector_size || i > ole->sectors)
            return false;
        for (size_t k = 0; k + 8 <= piece.size; k += 4)
            if (u32(piece.at + k) < ole->sectors &&
                ole->next_count < ole->sectors &&
                !next_add(ole, u32(piece.at + k)))
                return false;
        more = u32(piece.at + piece.size - 4);
    }
    return ole->next_count > 0;
}

/* The first entry of that type and, unless NULL, of that name. */
static struct str entry_find(const struct ole *ole, unsigned type,
                             const char *name)
{
    for (size_t i = 0; i + ENTRY_SIZE <= ole->directory.size; i += ENTRY_SIZE) {
        struct str entry = str_slice(ole->directory, i, i + ENTRY_SIZE);
        size_t size = u16(entry.at + 64), length = name ? strlen(name) : 0;
        bool same = !name || size == (length + 1) * 2;

        for (size_t k = 0; same && k < length; k++)
            same = u16(entry.at + k * 2) == (unsigned char)name[k];
        if (same && (unsigned char)entry.at[66] == type)
            return entry;
    }
    return STR_NULL;
}

bool ole_open(struct intake *intake, struct str bytes, struct ole *ole)
{
    struct str root;
    unsigned shift;

    if (bytes.size < HEADER_SIZE)
        return intake_damaged(intake, "OLE");
    shift = u16(bytes.at + 30);
    if (shift != 9 && shift != 12)
        return intake_damaged(intake, "OLE");
    *ole = (struct ole){.bytes = bytes, .sector_size = (size_t)1 << shift};
    if (bytes.size <= ole->sector_size)
        return intake_damaged(intake, "OLE");
    ole->sectors =
        (bytes.size - 1) / ole->sector_size; /* the header takes one */
    ole->mini_cutoff = u32(bytes.at + 56);
    if (!next_read(intake, ole))
        return intake_damaged(intake, "OLE");
    ole->directory = chain(intake, ole, u32(bytes.at + 48), DIRECTORY_MAX);
    root = entry_find(ole, ENTRY_ROOT, NULL);
    if (str_is_null(root))
        return intake_damaged(intake, "OLE");
    ole->mini = chain(intake, ole, u32(root.at + 116),
                      least(u32(root.at + 120), MINI_MAX));
    if (u32(bytes.at + 64) > 0)
        ole->mini_next = chain(intake, ole, u32(bytes.at + 60),
                               least(u32(bytes.at + 64), MINI_MAX / MINI_SIZE) *
                                   ole->sector_size);
    return !intake_failed(intake);
}

static struct str mini_chain(struct intake *intake, const struct ole *ole,
                             uint32_t from, size_t most)
{
    char *room = arena_alloc(&intake->scratch, most + 1);
    size_t size = 0;

    while (room && size < most) {
        struct str piece = str_slice(ole->mini, (size_t)from * MINI_SIZE,
                                     (size_t)from * MINI_SIZE + MINI_SIZE);

        if (piece.size == 0)
            break;
        if (piece.size > most - size)
            piece.size = most - size;
        memcpy(room + size, piece.at, piece.size);
        size += piece.size;
        if (((size_t)from + 1) * 4 > ole->mini_next.size)
            break;
        from = u32(ole->mini_next.at + (size_t)from * 4);
    }
    return room ? (struct str){room, size} : STR_NULL;
}

struct str ole_stream(struct intake *intake, const struct ole *ole,
                      const char *name)
{
    struct str entry = entry_find(ole, ENTRY_STREAM, name), stream;
    uint32_t from;
    size_t size;

    if (str_is_null(entry))
        return STR_NULL;
    from = u32(entry.at + 116);
    size = u32(entry.at + 120);
    if (size > ole->bytes.size) {
        intake_damaged(intake, name);
        return STR_NULL;
    }
    stream = size < ole->mini_cutoff && size <= 4096
                 ? mini_chain(intake, ole, from, size)
                 : chain(intake, ole, from, size);
    if (stream.size < size) {
        intake_damaged(intake, name);
        return STR_NULL;
    }
    return stream;
}
