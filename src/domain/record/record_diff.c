/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_diff.c - pure functions on answers: merge and difference. Reasons
 * ("_why") go with their field: an answer takes its reason away, emptying a
 * field takes the old reason away unless a new one is given.
 */
#include "domain/record/record_diff.h"

bool answer_is_empty(const struct value *answer)
{
    switch (value_type(answer)) {
    case VALUE_NULL:
        return true;
    case VALUE_STRING:
        return value_text(answer).size == 0;
    case VALUE_LIST:
    case VALUE_OBJECT:
        return value_count(answer) == 0;
    default:
        return false;
    }
}

bool answer_same(const struct value *a, const struct value *b)
{
    if (answer_is_empty(a) || answer_is_empty(b))
        return answer_is_empty(a) && answer_is_empty(b);
    return value_equal(a, b);
}

static bool is_why(struct str key)
{
    return str_equal_c(key, "_why");
}

/* The reasons of an object of answers, made when there are none. */
static struct value *why_of(struct value *answers, struct arena *arena)
{
    struct value *why = value_get_mutable(answers, "_why");

    if (value_type(why) != VALUE_OBJECT) {
        why = value_object(arena);
        value_put(answers, arena, "_why", why);
    }
    return why;
}

/* A reason without an answer beside it takes the standing answer's place. */
static void merge_why(struct value *out, const struct value *input,
                      struct arena *arena)
{
    const struct value *why = value_get(input, "_why");
    struct value *standing = why_of(out, arena);

    for (size_t i = 0; i < value_count(why); i++) {
        struct str key = value_name_at(why, i);
        const struct value *reason = value_at(why, i);

        if (answer_is_empty(reason)) {
            value_remove(standing, key);
            continue;
        }
        if (!answer_is_empty(value_get_str(input, key)))
            continue;
        value_set(standing, arena, key, reason);
        value_remove(out, key);
    }
}

static void merge_answers(struct value *out, const struct form *form,
                          const struct value *input, bool system,
                          struct arena *arena)
{
    for (size_t i = 0; i < value_count(input); i++) {
        struct str key = value_name_at(input, i);
        const struct value *answer = value_at(input, i);
        const struct question *question;

        if (is_why(key))
            continue;
        question = form_find(form, key);
        if (question && question->system && !system)
            continue;
        value_remove(why_of(out, arena), key);
        if (answer_is_empty(answer))
            answer = value_string(arena, STR(""));
        value_set(out, arena, key, answer);
    }
}

struct value *answers_merge(const struct form *form, const struct value *before,
                            const struct value *input,
                            const struct value *system, struct arena *arena)
{
    struct value *out =
        before ? value_copy(before, arena) : value_object(arena);
    struct value *why;

    merge_answers(out, form, input, false, arena);
    merge_answers(out, form, system, true, arena);
    merge_why(out, input, arena);
    why = why_of(out, arena);
    if (!value_count(why))
        value_remove(out, STR("_why"));
    return out;
}

static bool diff_members(struct value *body, const struct value *before,
                         const struct value *after, struct arena *arena)
{
    bool any = false;

    for (size_t i = 0; i < value_count(after); i++) {
        struct str key = value_name_at(after, i);
        const struct value *now = value_at(after, i);

        if (is_why(key) || answer_same(value_get_str(before, key), now))
            continue;
        value_set(body, arena, key,
                  answer_is_empty(now) ? value_null(arena) : now);
        any = true;
    }
    for (size_t i = 0; i < value_count(before); i++) {
        struct str key = value_name_at(before, i);

        if (is_why(key) || answer_is_empty(value_at(before, i)) ||
            value_get_str(after, key))
            continue;
        value_set(body, arena, key, value_null(arena));
        any = true;
    }
    return any;
}

struct value *answers_diff(const struct value *before,
                           const struct value *after, struct arena *arena)
{
    struct value *body = value_object(arena);
    struct value *why = value_object(arena);

    diff_members(body, before, after, arena);
    if (diff_members(why, value_get(before, "_why"), value_get(after, "_why"),
                     arena))
        value_put(body, arena, "_why", why);
    return body;
}

struct str answers_subject(const struct form *form, const struct value *answers,
                           struct str otherwise)
{
    struct str field =
        value_text_of(form ? form->settings : NULL, "cobijo:subject");
    struct str subject = value_text(value_get_str(answers, field));

    return field.size && subject.size ? subject : otherwise;
}
