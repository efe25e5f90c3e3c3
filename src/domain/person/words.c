/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* words.c - sets of codes written as text; they are short, so looking through
 * them is all it takes.
 */
#include "domain/person/words.h"

#include "core/buf.h"

bool words_next(struct str *rest, struct str *word)
{
    while (rest->size && str_cut(rest, ' ', word))
        if (word->size)
            return true;
    return false;
}

bool words_have(struct str list, struct str word)
{
    struct str each;

    while (words_next(&list, &each))
        if (str_equal(each, word))
            return true;
    return false;
}

bool words_within(struct str part, struct str list)
{
    struct str each;

    while (words_next(&part, &each))
        if (!words_have(list, each))
            return false;
    return true;
}

size_t words_count(struct str list)
{
    struct str each;
    size_t count = 0;

    while (words_next(&list, &each))
        count++;
    return count;
}

static struct str join(struct arena *arena, struct str a, struct str b,
                       struct str wanted, bool all)
{
    struct buf out;
    struct str list[2] = {a, b}, each;

    buf_init(&out, arena);
    for (size_t i = 0; i < 2; i++)
        while (words_next(&list[i], &each)) {
            if ((!all && !words_have(wanted, each)) ||
                words_have(buf_str(&out), each))
                continue;
            if (out.size)
                buf_putc(&out, ' ');
            buf_put(&out, each);
        }
    return buf_str(&out);
}

struct str words_union(struct arena *arena, struct str a, struct str b)
{
    return join(arena, a, b, STR_NULL, true);
}

struct str words_common(struct arena *arena, struct str a, struct str b)
{
    return join(arena, a, STR_NULL, b, false);
}
