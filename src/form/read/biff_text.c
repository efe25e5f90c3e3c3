/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* biff_text.c - texts of an .xls: Latin (one byte) or UTF-16 (two), with runs
 * of formats and phonetic blocks behind that are passed over, and the shared
 * ones cut across records wherever one was full.
 */
#include "form/read/biff.h"

#include "core/buf.h"
#include "core/utf8.h"

enum { FLAG_WIDE = 1, FLAG_PHONETIC = 4, FLAG_RUNS = 8 };

/* Characters of one piece, added to a text. */
struct letters {
    struct buf *text;
    uint32_t high; /* half of a pair that waits for the other */
};

static void letter_add(struct letters *letters, uint32_t unit)
{
    char utf8[4];

    if (unit >= 0xdc00 && unit < 0xe000) {
        if (!letters->high)
            return;
        unit = 0x10000 + ((letters->high - 0xd800) << 10) + (unit - 0xdc00);
        letters->high = 0;
    } else if (unit >= 0xd800 && unit < 0xdc00) {
        letters->high = unit;
        return;
    }
    if (unit >= ' ' || unit == '\n' || unit == '\t')
        buf_add(letters->text, utf8, utf8_encode(unit, utf8));
}

static void letters_add(struct letters *letters, struct str bytes, bool wide)
{
    for (size_t i = 0; i + wide < bytes.size; i += wide ? 2 : 1)
        letter_add(letters,
                   wide ? biff_u16(bytes.at + i) : (unsigned char)bytes.at[i]);
}

struct str biff_text(struct biff *biff, struct str body, size_t length_size)
{
    struct letters letters = {.text = &biff->line};
    size_t count, at = length_size, flags = 0;
    bool wide;

    if (body.size < length_size)
        return STR("");
    count = length_size == 1 ? (unsigned char)body.at[0] : biff_u16(body.at);
    if (!biff->biff8) {
        struct str text = str_slice(body, at, at + count);

        return utf8_from_latin1(biff->intake->arena, text);
    }
    if (at < body.size)
        flags = (unsigned char)body.at[at++];
    wide = flags & FLAG_WIDE;
    if (length_size == 2 && (flags & FLAG_RUNS))
        at += 2;
    if (length_size == 2 && (flags & FLAG_PHONETIC))
        at += 4;
    buf_clear(&biff->line);
    letters_add(&letters, str_slice(body, at, at + count * (wide ? 2 : 1)),
                wide);
    return str_copy(biff->intake->arena, buf_str(&biff->line));
}

/* --- the shared ones ------------------------------------------------------ */

struct strings {
    struct biff *biff;
    struct str rest; /* of the record at hand */
    size_t next;     /* where the one behind begins */
};

/* The next record must be one that goes on. */
static bool go_on(struct strings *strings)
{
    struct record record;

    if (!biff_next(strings->biff->stream, &strings->next, &record) ||
        record.id != RECORD_CONTINUE)
        return false;
    strings->rest = record.body;
    return true;
}

static bool take(struct strings *strings, size_t size, struct str *bytes)
{
    if (strings->rest.size == 0 && size > 0 && !go_on(strings))
        return false;
    if (strings->rest.size < size)
        return false;
    *bytes = str_slice(strings->rest, 0, size);
    strings->rest = str_slice(strings->rest, size, strings->rest.size);
    return true;
}

static bool skip(struct strings *strings, size_t size)
{
    while (size > 0) {
        size_t part = size < strings->rest.size ? size : strings->rest.size;

        strings->rest = str_slice(strings->rest, part, strings->rest.size);
        size -= part;
        if (size > 0 && !go_on(strings))
            return false;
    }
    return true;
}

/* Characters; behind a cut a byte says anew whether they are wide. */
static bool take_letters(struct strings *strings, size_t count, bool wide,
                         struct letters *letters)
{
    while (count > 0) {
        size_t width = wide ? 2 : 1, fit = strings->rest.size / width;

        if (fit > count)
            fit = count;
        letters_add(letters, str_slice(strings->rest, 0, fit * width), wide);
        strings->rest =
            str_slice(strings->rest, fit * width, strings->rest.size);
        count -= fit;
        if (count == 0)
            break;
        if (!go_on(strings) || strings->rest.size == 0)
            return false;
        wide = strings->rest.at[0] & FLAG_WIDE;
        strings->rest = str_slice(strings->rest, 1, strings->rest.size);
    }
    return true;
}

static bool string_take(struct strings *strings, struct str *text)
{
    struct letters letters = {.text = &strings->biff->line};
    struct str head, part;
    size_t count, runs = 0, phonetic = 0;
    unsigned flags;

    if (!take(strings, 3, &head))
        return false;
    count = biff_u16(head.at);
    flags = (unsigned char)head.at[2];
    if (flags & FLAG_RUNS) {
        if (!take(strings, 2, &part))
            return false;
        runs = biff_u16(part.at);
    }
    if (flags & FLAG_PHONETIC) {
        if (!take(strings, 4, &part))
            return false;
        phonetic = biff_u32(part.at);
    }
    buf_clear(letters.text);
    if (!take_letters(strings, count, flags & FLAG_WIDE, &letters))
        return false;
    *text = str_copy(strings->biff->intake->arena, buf_str(letters.text));
    return skip(strings, runs * 4 + phonetic);
}

bool biff_strings(struct biff *biff, const struct record *first)
{
    struct strings strings = {biff, str_slice(first->body, 8, SIZE_MAX),
                              first->next};
    struct intake *intake = biff->intake;
    size_t count;

    if (first->body.size < 8 || biff->string)
        return intake_damaged(intake, "SST");
    count = biff_u32(first->body.at + 4);
    if (count > READ_STRINGS_MAX)
        return intake_too_large(
            intake,
            N_("El archivo tiene más de {1} textos. Divídalo en partes."),
            READ_STRINGS_MAX);
    if (count > biff->stream.size / 3) /* none is smaller */
        return intake_damaged(intake, "SST");
    biff->string = ARENA_ARRAY(&intake->scratch, struct str, count + 1);
    while (biff->string && biff->strings < count) {
        if (!string_take(&strings, &biff->string[biff->strings]))
            return intake_damaged(intake, "SST");
        biff->strings++;
    }
    return !intake_failed(intake);
}
