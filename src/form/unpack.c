/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unpack.c - a packed form in memory again; see pack.h. The tree comes from
 * our own server but is read as if it did not: what does not fit is refused.
 */
#include "form/pack.h"

#include "form/expr/tree.h"
#include "form/form_build.h"
#include "form/pack_names.h"

struct unpacking {
    struct form *form;
    const struct value *questions, *lists;
    struct question *question;
    struct choice_list *list;
    struct arena *arena;
    bool failed;
};

/* A number below the limit; SIZE_MAX when it is absent or another. */
static size_t number(const struct value *object, const char *name, size_t limit)
{
    int64_t i = value_to_int(value_get(object, name), -1);

    return i >= 0 && (uint64_t)i < limit ? (size_t)i : SIZE_MAX;
}

static struct texts one_text(struct unpacking *u, struct str text)
{
    struct str *room;

    if (!text.size)
        return (struct texts){0};
    room = ARENA_NEW(u->arena, struct str);
    if (room)
        *room = text;
    return (struct texts){room};
}

/* --- lists -----------------------------------------------------------------
 */

static void read_choice(struct unpacking *u, struct choice *choice,
                        const struct value *from)
{
    bool whole = value_type(from) == VALUE_LIST;

    choice->name = value_text(whole ? value_at(from, 0) : from);
    choice->label =
        one_text(u, whole ? value_text(value_at(from, 1)) : STR(""));
    if (whole && value_count(from) > 2)
        choice->extra = value_at(from, 2);
}

static void read_list(struct unpacking *u, struct choice_list *list,
                      const struct value *from)
{
    const struct value *choices = value_get(from, "choices");
    size_t count = value_count(choices);
    struct choice *choice = ARENA_ARRAY(u->arena, struct choice, count + 1);
    struct names *names = names_new(u->arena, count + 1);

    list->name = value_text_of(from, "name");
    if (!choice || !names)
        return;
    for (size_t i = 0; i < count; i++) {
        read_choice(u, &choice[i], value_at(choices, i));
        names_add(names, 0, choice[i].name, i);
    }
    list->choice = choice;
    list->names = names;
    list->count = count;
}

static void read_lists(struct unpacking *u)
{
    size_t count = value_count(u->lists);

    u->list = ARENA_ARRAY(u->arena, struct choice_list, count + 1);
    for (size_t i = 0; u->list && i < count; i++)
        read_list(u, &u->list[i], value_at(u->lists, i));
    u->form->list = u->list;
    u->form->list_count = u->list ? count : 0;
}

/* --- questions -------------------------------------------------------------
 */

static const size_t types = 0
#define QUESTION_TYPE(name, text, bind, has_value) +1
#include "form/question_types.def"
#undef QUESTION_TYPE
    ;

static void read_plain(struct unpacking *u, struct question *q,
                       const struct value *from)
{
    size_t type = number(from, "type", types);
    size_t list = number(from, "list", u->form->list_count);

    u->failed = u->failed || type == SIZE_MAX;
    q->type = type < SIZE_MAX ? (enum question_type)type : QUESTION_NOTE;
    q->name = value_text_of(from, "name");
    q->key = value_text_of(from, "key");
    if (!q->key.size)
        q->key = q->name;
    q->choices = list < SIZE_MAX ? &u->list[list] : NULL;
    q->constraint_message = one_text(u, value_text_of(from, "wrong"));
    q->required_message = one_text(u, value_text_of(from, "need"));
    q->default_text = value_text_of(from, "text");
    q->appearance = value_text_of(from, "appearance");
    q->parameters = value_text_of(from, "parameters");
    q->system = value_to_bool(value_get(from, "system"), false);
}

/* Depth first: a question hangs on one that came before, and on the last
 * one there that is still open. */
static void read_place(struct unpacking *u, struct question **last, size_t i)
{
    struct question *q = &u->question[i];
    size_t in = number(value_at(u->questions, i), "in", i);

    q->index = i;
    q->end = i + 1;
    q->parent = in < SIZE_MAX ? &u->question[in] : NULL;
    if (q->parent && q->parent->type != QUESTION_GROUP &&
        q->parent->type != QUESTION_REPEAT)
        u->failed = true;
    q->repeat =
        q->parent
            ? q->parent->type == QUESTION_REPEAT ? q->parent : q->parent->repeat
            : NULL;
    for (struct question *up = q->parent; up; up = up->parent) {
        u->failed = u->failed || up->end != i;
        up->end = i + 1;
    }
    if (last[in + 1]) /* SIZE_MAX + 1 is 0: the top */
        last[in + 1]->next = q;
    else if (q->parent)
        q->parent->child = q;
    else
        u->form->first = q;
    last[in + 1] = q;
}

static void read_questions(struct unpacking *u)
{
    size_t count = value_count(u->questions);
    struct question **last =
        ARENA_ARRAY(u->arena, struct question *, count + 1);
    struct names *names = names_new(u->arena, count * 3 + 1);

    u->question = ARENA_ARRAY(u->arena, struct question, count + 1);
    u->form->question = ARENA_ARRAY(u->arena, struct question *, count + 1);
    if (!last || !names || !u->question || !u->form->question)
        return;
    for (size_t i = 0; i < count; i++)
        read_plain(u, &u->question[i], value_at(u->questions, i));
    for (size_t i = 0; i < count; i++) {
        struct question *q = &u->question[i];

        read_place(u, last, i);
        u->form->question[i] = q;
        if (!q->name.size)
            continue;
        names_add(names, form_scope(q->repeat), q->key, i);
        if (!names_add(names, FORM_SCOPE_ANY, q->name, i))
            names_add(names, FORM_SCOPE_TWICE, q->name, i);
    }
    u->form->question_count = count;
    u->form->names = names;
}

static const struct expr *read_expr(struct unpacking *u,
                                    const struct question *q, struct str text,
                                    bool columns)
{
    struct expr_binding binding = {
        .form = u->form, .node = q, .columns = columns};
    struct expr *expr = NULL;
    struct err err = {0};

    if (!text.size)
        return NULL;
    if (expr_parse_plain(u->arena, text, &expr, &err)) {
        u->failed = true;
        return NULL;
    }
    expr_bind(expr, &binding);
    return expr;
}

static void read_exprs(struct unpacking *u, size_t i)
{
    struct question *q = &u->question[i];
    const struct value *from = value_at(u->questions, i);

#define PACK_EXPR(member, field)                                               \
    q->field = read_expr(u, q, value_text_of(from, #member), #member[0] == 'f');
    PACK_EXPRS(PACK_EXPR)
#undef PACK_EXPR
}

static void read_order(struct unpacking *u, const struct value *order)
{
    size_t count = u->form->question_count;
    bool *seen = ARENA_ARRAY(u->arena, bool, count + 1);

    u->form->order = ARENA_ARRAY(u->arena, const struct question *, count + 1);
    u->failed = u->failed || value_count(order) != count;
    for (size_t i = 0; u->form->order && seen && i < count; i++) {
        int64_t at = value_to_int(value_at(order, i), -1);

        if (at < 0 || (uint64_t)at >= count || seen[at]) {
            u->failed = true;
            return;
        }
        seen[at] = true;
        u->form->order[i] = u->form->question[at];
    }
}

const struct form *form_unpack(const struct value *packed, struct arena *arena)
{
    struct form *form = ARENA_NEW(arena, struct form);
    struct str *language = ARENA_NEW(arena, struct str);
    struct unpacking u = {.form = form,
                          .questions = value_get(packed, "questions"),
                          .lists = value_get(packed, "lists"),
                          .arena = arena};

    if (!form || !language ||
        value_to_int(value_get(packed, "packed"), 0) != PACK_VERSION ||
        value_count(u.questions) > FORM_QUESTIONS_MAX)
        return NULL;
    *language = value_text_of(packed, "language");
    form->name = value_text_of(packed, "name");
    form->version = value_text_of(packed, "version");
    form->language = language;
    form->language_count = 1;
    read_lists(&u);
    read_questions(&u);
    read_order(&u, value_get(packed, "order"));
    for (size_t i = 0; !u.failed && i < form->question_count; i++)
        read_exprs(&u, i);
    return u.failed || arena_failed(arena) ? NULL : form;
}
