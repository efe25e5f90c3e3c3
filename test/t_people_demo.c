/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_demo.c - the invented people are right by construction, the same
 * for the same seed, and found like anybody. */
#include "domain/demo/demo.h"
#include "domain/person/match.h"
#include "domain/person/person_find.h"
#include "form/check.h"

#include "domain_fixture.h"

static int64_t count_of(struct fixture *fixture, const char *sql)
{
    int64_t count = -1;
    bool found = false;
    struct err err = {0};

    if (db_get_int(fixture->db, &count, &found, &err, sql, ""))
        fixture_say(&err);
    return count;
}

/* Every record of a kind passes its own form. */
static void check_kind(struct tap *tap, struct fixture *fixture,
                       const char *kind)
{
    struct task task = fixture_task(fixture, "system");
    const struct form *form =
        forms_find(fixture->office.forms, str_of(kind), STR_NULL);
    struct record_filter filter = {.kind = str_of(kind), .limit = 1000};
    struct check_options options = {
        .language = STR("es"), .now = fixture->now, .keep_system = true};
    struct record *record = NULL;
    size_t count = 0, wrong = 0;
    struct err err = {0};

    if (record_list(&fixture->office.log, fixture->db, &filter, true,
                    task.arena, &record, &count, &err))
        fixture_say(&err);
    for (size_t i = 0; i < count; i++) {
        struct check_result result = {0};

        form_check(form, record[i].answers, &options, task.arena, &result,
                   &err);
        wrong += result.count > 0;
        if (result.count && wrong < 5)
            printf("# %s %.*s '%.*s': %s\n", kind,
                   STR_ARGS(result.problem[0].path),
                   STR_ARGS(value_text(value_get_str(record[i].answers,
                                                     result.problem[0].path))),
                   result.problem[0].err.message
                       ? result.problem[0].err.message
                       : str_c(task.arena, result.problem[0].text));
    }
    tap_ok(tap, count && !wrong, "%zu of %s pass their form", count, kind);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct task task;
    struct demo_result result = {0}, again = {0};
    struct find_hit *hit = NULL;
    size_t count = 0;
    struct record record;
    struct err err = {0};
    int64_t entries;

    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    task = fixture_task(fixture, "system");
    if (!tap_ok(tap, !demo_fill(&task, 600, 7, &result, &err),
                "600 invented people"))
        fixture_say(&err);
    tap_is_int(tap, (long long)result.people, 600, "all of them");
    tap_ok(tap, result.families > 20 && result.places > 10,
           "%zu families, %zu places", result.families, result.places);
    tap_is_int(tap,
               count_of(fixture, "SELECT count(*) FROM record"
                                 " WHERE kind = 'person'"),
               600, "in the store");
    check_kind(tap, fixture, "person");
    check_kind(tap, fixture, "arrival");
    check_kind(tap, fixture, "group");
    check_kind(tap, fixture, "place");
    entries = count_of(fixture, "SELECT count(*) FROM entry");
    demo_fill(&task, 600, 7, &again, &err);
    tap_is_int(tap, count_of(fixture, "SELECT count(*) FROM entry"), entries,
               "the same seed adds nothing");
    tap_ok(tap,
           result.persons == again.persons &&
               str_equal(result.person[5], again.person[5]),
           "and names the same people");
    record_get(&task, STR("person"), result.person[5], &record, &err);
    person_find(&task, name_full(task.arena, record.answers), 5, &hit, &count,
                &err);
    tap_ok(tap, count && str_equal(hit[0].id, result.person[5]),
           "one of them is found by her name");
}

int main(void)
{
    return fixture_main(check);
}
