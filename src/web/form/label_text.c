/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* label_text.c - answers inside the texts of a form. */
#include "web/form/label_text.h"

/* Asked for every name: what is closed is answered here. */
static bool closed(void *context, struct str name, struct str *text)
{
    const struct label_text *of = context;
    const struct question *question =
        form_find_name(of->form, of->question, name);

    if (question && (!role_reads(of->view->task.actor.role, question) ||
                     (of->mask && str_equal_c(question->class, "SEN")))) {
        *text = STR("…");
        return true;
    }
    return of->scope.lookup && of->scope.lookup(of->scope.context, name, text);
}

struct str label_text(const struct label_text *of, struct str text,
                      struct str *parts)
{
    struct arena *arena = of->view->task.arena;
    struct expr_scope scope = of->scope;
    struct label_text guard = *of;
    struct value *list = value_list(arena);
    struct str before, reference;
    struct buf shown, json;

    if (parts)
        *parts = STR("");
    if (str_find(text, STR("${")) == SIZE_MAX)
        return text;
    scope.node = of->question;
    scope.context = &guard;
    scope.lookup = closed;
    buf_init(&shown, arena);
    while (text_reference(&text, &before, &reference)) {
        struct value *pair = value_list(arena);
        struct str answer = text_fill(reference, &scope);

        buf_put(&shown, before);
        buf_put(&shown, answer);
        value_add(list, arena, value_string(arena, before));
        value_add(pair, arena,
                  value_string(arena, str_trim(str_slice(reference, 2,
                                                         reference.size - 1))));
        value_add(pair, arena, value_string(arena, answer));
        value_add(list, arena, pair);
    }
    buf_put(&shown, text);
    value_add(list, arena, value_string(arena, text));
    buf_init(&json, arena);
    value_write(list, &json);
    if (parts)
        *parts = buf_str(&json);
    return buf_str(&shown);
}
