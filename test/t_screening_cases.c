/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_screening_cases.c - the cases of screening_cases.json, which
 * data_check.mjs tries with an evaluator of its own, tried with ours: the
 * same answers must fire the same flags and profiles.
 *
 * fired, only, not: CODE or CODE:state that must, alone must, must not have
 * fired. pending, settled: that must, must not be pending.
 */
#include "domain/casework/screening.h"
#include "test/domain_fixture.h"
#include "test/file.h"

static struct value *person_of(const struct value *context, struct arena *arena)
{
    struct value *person = value_copy(context, arena);

    if (!person)
        return value_object(arena);
    if (value_get(person, "age"))
        value_put_str(person, arena, "age_years",
                      value_text(value_get(person, "age")));
    value_remove(person, STR("age"));
    value_remove(person, STR("working_days_since_entry"));
    return person;
}

static struct value *answers_of(const struct value *test, struct arena *arena)
{
    struct value *answers = value_copy(value_get(test, "answers"), arena);
    struct value *why = value_object(arena);
    const struct value *na = value_get(test, "na");

    for (size_t i = 0; i < value_count(na); i++)
        value_set(why, arena, value_text(value_at(na, i)),
                  value_string(arena, STR("NA")));
    if (value_count(na))
        value_put(answers, arena, "_why", why);
    if (!value_get(answers, "mode"))
        value_put_str(answers, arena, "mode", STR("individual"));
    return answers;
}

/* Presumed says as much as indicios and more. */
static bool found(const struct screening_outcome *outcome, struct str word,
                  bool pending)
{
    struct str state = word, code;

    str_cut(&state, ':', &code);
    for (size_t i = 0; i < outcome->findings; i++) {
        const struct finding *finding = &outcome->finding[i];

        if (finding->pending == pending && str_equal(finding->code, code) &&
            (str_is_null(state) || str_equal(finding->state, state) ||
             (str_equal_c(state, "indicios") &&
              str_equal_c(finding->state, "presumed"))))
            return true;
    }
    return false;
}

static void check_list(struct tap *tap, const struct value *test,
                       const char *list, bool pending, bool want,
                       const struct screening_outcome *outcome)
{
    const struct value *words = value_get(test, list);
    struct str name = value_text(value_get(test, "name"));

    for (size_t i = 0; i < value_count(words); i++) {
        struct str word = value_text(value_at(words, i));

        tap_ok(tap, found(outcome, word, pending) == want, "%.*s: %s %.*s",
               STR_ARGS(name), list, STR_ARGS(word));
    }
}

static void check_case(struct tap *tap, struct fixture *fixture,
                       const struct value *test)
{
    struct task task = fixture_task(fixture, "system");
    const struct form *form =
        forms_find(fixture->office.forms, STR("screening"), STR_NULL);
    struct value *person = person_of(value_get(test, "context"), task.arena);
    struct value *answers = answers_of(test, task.arena);
    struct str name = value_text(value_get(test, "name"));
    const struct value *only = value_get(test, "only");
    struct screening_outcome outcome = {0};
    struct err err = {0};

    screening_prepare(&task, form, answers, person);
    tap_ok(tap,
           screening_evaluate(&task, form, answers, person, task.arena,
                              &outcome, &err) == ERROR_NONE,
           "%.*s", STR_ARGS(name));
    if (err.code != ERROR_NONE)
        fixture_say(&err);
    check_list(tap, test, "fired", false, true, &outcome);
    check_list(tap, test, "only", false, true, &outcome);
    check_list(tap, test, "not", false, false, &outcome);
    check_list(tap, test, "pending", true, true, &outcome);
    check_list(tap, test, "settled", true, false, &outcome);
    if (only)
        tap_ok(tap, outcome.fired == value_count(only), "%.*s: nothing else",
               STR_ARGS(name));
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct str text = file_read(&fixture->arena, "test/screening_cases.json");
    const struct value *tests = NULL;
    struct err err = {0};

    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    tap_ok(tap,
           value_parse(&fixture->arena, text, &tests, &err) == ERROR_NONE &&
               value_count(tests) > 60,
           "screening_cases.json is read");
    for (size_t i = 0; i < value_count(tests); i++)
        check_case(tap, fixture, value_at(tests, i));
}

int main(void)
{
    return fixture_main(check);
}
