/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_words.c - texts as paper can hold them. */
#include "web/paper/paper_private.h"

struct str paper_say(const struct papering *papering, const char *msgid)
{
    return translate(papering->paper->translator, str_of(msgid));
}

struct str paper_fill(const struct papering *papering, const char *msgid,
                      struct str one, struct str two)
{
    struct str text = paper_say(papering, msgid);
    struct buf out;

    buf_init(&out, papering->arena);
    for (size_t i = 0; i < text.size; i++) {
        struct str here = str_slice(text, i, i + 3);

        if (str_equal_c(here, "{1}"))
            buf_put(&out, one);
        else if (str_equal_c(here, "{2}"))
            buf_put(&out, two);
        else
            buf_putc(&out, text.at[i]);
        if (str_equal_c(here, "{1}") || str_equal_c(here, "{2}"))
            i += 2;
    }
    return buf_str(&out);
}

/* What an answer would be put into is a blank to be read over. */
struct str paper_text(const struct papering *papering, struct texts texts)
{
    struct str rest =
        texts_in(papering->form, texts, papering->paper->language);
    size_t at = str_find(rest, STR("${"));
    struct buf out;

    if (at == SIZE_MAX)
        return rest;
    buf_init(&out, papering->arena);
    while (at != SIZE_MAX) {
        size_t end;

        buf_put(&out, str_slice(rest, 0, at));
        rest = str_slice(rest, at, rest.size);
        end = str_find_char(rest, '}');
        if (end == SIZE_MAX)
            break;
        buf_puts(&out, "______");
        rest = str_slice(rest, end + 1, rest.size);
        at = str_find(rest, STR("${"));
    }
    buf_put(&out, rest);
    return buf_str(&out);
}

struct str choice_label(const struct papering *papering,
                        const struct choice *choice)
{
    struct str label = paper_text(papering, choice->label);

    return label.size ? label : choice->name;
}
