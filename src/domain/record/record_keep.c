/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record_keep.c - see record_keep.h. Pure functions on answers. */
#include "domain/record/record_keep.h"

#include "domain/person/words.h"
#include "domain/record/record_diff.h"
#include "form/clean.h"

/* Every code that the list does not have stands in the record already, and
 * there is one. */
static bool only_old_codes(const struct question *question, struct str given,
                           struct str before)
{
    struct str code;
    bool any = false;

    while (words_next(&given, &code)) {
        if (choice_find(question->choices, code))
            continue;
        if (!words_have(before, code))
            return false;
        any = true;
    }
    return any;
}

void record_keep_codes(const struct form *form, const struct value *before,
                       const struct value *given, struct check_result *check,
                       struct arena *arena)
{
    size_t kept = 0;

    for (size_t i = 0; i < check->count; i++) {
        struct check_problem problem = check->problem[i];
        const struct question *question = problem.question;
        const struct value *answer = value_get_str(given, problem.path);
        struct str text = value_text(answer);

        if (question && question == form_find(form, problem.path) &&
            question_is_select(question) && text.size &&
            only_old_codes(question, text,
                           value_text(value_get_str(before, problem.path))))
            value_set(check->answers, arena, problem.path, answer);
        else
            check->problem[kept++] = problem;
    }
    check->count = kept;
}

void record_keep_answer(const struct value *before, struct str key,
                        struct check_result *check, struct arena *arena)
{
    const struct value *answer = value_get_str(before, key);

    if (answer && answer_is_empty(value_get_str(check->answers, key)))
        value_set(check->answers, arena, key, answer);
}

/* One object of answers: the record's, or a row's of a repeat. */
static void keep_members(const struct form *form, const struct question *repeat,
                         const struct value *before, struct value *after,
                         struct arena *arena)
{
    for (size_t i = 0; i < value_count(before); i++) {
        struct str key = value_name_at(before, i);
        const struct value *answer = value_at(before, i);
        const struct question *question = form_find_in(form, repeat, key);
        const struct value *rows = value_get_str(after, key);

        if (str_equal_c(key, "_why") || str_equal_c(key, "_state"))
            continue;
        if (!question) {
            if (!rows && !answer_is_empty(answer))
                value_set(after, arena, key, answer);
            continue;
        }
        if (question->type != QUESTION_REPEAT ||
            value_type(answer) != VALUE_LIST ||
            value_count(rows) < value_count(answer))
            continue;
        for (size_t k = 0; k < value_count(answer); k++)
            keep_members(form, question, value_at(answer, k),
                         (struct value *)(uintptr_t)value_at(rows, k), arena);
    }
}

void record_keep_unknown(const struct form *form, const struct value *before,
                         struct value *after, struct arena *arena)
{
    keep_members(form, NULL, before, after, arena);
}

bool record_reads(const struct question *question, const struct value *answer,
                  struct arena *arena)
{
    struct str text = value_text(answer), clean;

    return !text.size || !answer_clean(question, text, 0, arena, &clean);
}
