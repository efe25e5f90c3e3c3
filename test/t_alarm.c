/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_alarm.c - look-ups out of pattern: each rule of catalog/alarm.csv is
 * pushed over its limit and left below it; told once, settled by somebody
 * else, kept in the log.
 */
#include "domain/proof/alarm.h"
#include "domain/proof/seen.h"
#include "core/buf.h"
#include "domain_fixture.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

static struct task task_of(struct fixture *fixture, const char *user)
{
    struct task task = fixture_task(fixture, "intake");

    task.actor.id = str_of(user);
    return task;
}

static void open_files(struct fixture *fixture, const char *user, int from,
                       int count)
{
    struct task task = task_of(fixture, user);
    struct err err = {0};

    for (int i = from; i < from + count; i++) {
        char id[40];

        snprintf(id, sizeof(id), "018f0000-0000-7000-8000-%012d", i);
        if (seen_note(&task, str_of(id), STR("person"), &err))
            fixture_say(&err);
    }
}

static void look_up(struct fixture *fixture, const char *user, const char *what,
                    int count)
{
    struct err err = {0};

    for (int i = 0; i < count; i++) {
        struct task task = task_of(fixture, user);

        seen_lookup(&task, str_of(what), 1, &err);
        fixture->now += MINUTE / 4;
        seen_flush(&fixture->office, &err);
    }
}

/* Which rules were raised about a user. */
static const char *raised_about(struct fixture *fixture, const char *user)
{
    struct task task = fixture_task(fixture, "system");
    struct alarm *alarm = NULL;
    struct err err = {0};
    struct buf out;
    size_t raised = 0, count = 0;

    if (seen_flush(&fixture->office, &err) ||
        alarms_look(&task, &raised, &err) ||
        alarms_list(&task, false, 1000, &alarm, &count, &err))
        fixture_say(&err);
    buf_init(&out, &fixture->arena);
    for (size_t i = 0; i < count; i++)
        if (str_equal_c(alarm[i].author, user)) {
            buf_put(&out, alarm[i].rule);
            buf_putc(&out, ' ');
        }
    return str_c(&fixture->arena, buf_str(&out));
}

static void check_limits(struct tap *tap, struct fixture *fixture)
{
    open_files(fixture, "u-few", 0, 12);
    tap_is(tap, raised_about(fixture, "u-few"), "", "twelve files are work");
    open_files(fixture, "u-many", 0, 40);
    tap_is(tap, raised_about(fixture, "u-many"), "many_files ",
           "forty in an hour are an alarm");
    open_files(fixture, "u-many", 40, 40);
    tap_is(tap, raised_about(fixture, "u-many"), "many_files ", "told once");
    look_up(fixture, "u-search", "/person", 29);
    tap_is(tap, raised_about(fixture, "u-search"), "", "29 searches");
    look_up(fixture, "u-probe", "/person", 30);
    tap_is(tap, raised_about(fixture, "u-probe"), "searches_without_opening ",
           "30 that open nothing");
    look_up(fixture, "u-good", "/person", 30);
    open_files(fixture, "u-good", 0, 1);
    tap_is(tap, raised_about(fixture, "u-good"), "",
           "30 of somebody who does open");
    look_up(fixture, "u-export", "export:person", 3);
    tap_is(tap, raised_about(fixture, "u-export"), "downloads ",
           "three downloads");
}

/* Two files an hour for days, then fifteen. */
static void check_usual(struct tap *tap, struct fixture *fixture)
{
    for (int i = 0; i < 20; i++) {
        open_files(fixture, "u-calm", i * 2, 2);
        open_files(fixture, "u-busy", i * 9, 9);
        raised_about(fixture, "u-calm");
        fixture->now += 3 * HOUR;
    }
    fixture->now = fixture_instant("2026-11-25T18:00:00Z");
    open_files(fixture, "u-calm", 500, 15);
    open_files(fixture, "u-busy", 500, 15);
    tap_is(tap, raised_about(fixture, "u-calm"), "many_files ",
           "fifteen are many for who opens two");
    tap_ok(tap, !strstr(raised_about(fixture, "u-busy"), "many_files"),
           "and not for who opens nine");
}

static void check_night(struct tap *tap, struct fixture *fixture)
{
    fixture->now = fixture_instant("2026-11-27T08:10:00Z"); /* 2:10 there */
    open_files(fixture, "u-night", 0, 8);
    tap_is(tap, raised_about(fixture, "u-night"), "night ", "eight at night");
    fixture->now = fixture_instant("2026-11-27T18:10:00Z");
    open_files(fixture, "u-day", 0, 8);
    tap_is(tap, raised_about(fixture, "u-day"), "", "eight by day");
}

static void check_decoy(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(fixture, "{'given_names':'Señuelo'}");
    struct task system = fixture_task(fixture, "system");
    struct task task = task_of(fixture, "u-curious");
    struct record record;
    struct err err = {0};

    tap_is_int(tap, decoy_set(&system, STR("none"), true, &err),
               ERROR_NOT_FOUND, "a decoy is a file that there is");
    err = (struct err){0};
    decoy_set(&system, person, true, &err);
    record_get(&task, STR("person"), person, &record, &err);
    tap_is(tap, raised_about(fixture, "u-curious"), "decoy ",
           "opening it once is an alarm");
}

static void check_settling(struct tap *tap, struct fixture *fixture)
{
    struct task own = task_of(fixture, "u-curious");
    struct task other = fixture_task(fixture, "supervisor");
    struct alarm *alarm = NULL;
    struct log_fault fault = {0};
    struct err err = {0};
    size_t count = 0, after = 0;
    int64_t entries = 0, logged = 0;

    alarms_list(&other, true, 100, &alarm, &count, &err);
    tap_ok(tap,
           count > 3 && str_equal_c(alarm[0].rule, "decoy") &&
               alarm[0].label.size > 5,
           "open ones, newest first");
    tap_is_int(tap, alarm_close(&other, alarm[0].id, STR(" "), &err),
               ERROR_INPUT, "a note must say something");
    tap_is_int(tap, alarm_close(&own, alarm[0].id, STR("no fui yo"), &err),
               ERROR_CONFLICT, "nobody settles her own");
    err = (struct err){0};
    tap_is_int(
        tap, alarm_close(&other, alarm[0].id, STR("Se habló con ella."), &err),
        ERROR_NONE, "somebody else does");
    tap_is_int(tap, alarm_close(&other, alarm[0].id, STR("Otra vez."), &err),
               ERROR_CONFLICT, "once");
    alarms_list(&other, true, 100, &alarm, &after, &err);
    tap_is_int(tap, (long long)after, (long long)count - 1, "one less");
    err = (struct err){0};
    db_get_int(fixture->db, &logged, NULL, &err,
               "SELECT COUNT(*) FROM entry WHERE kind = 'alarm'", "");
    tap_ok(tap,
           logged == (int64_t)count + 1 &&
               !log_verify(&fixture->office.log, fixture->db, &fixture->arena,
                           &entries, &fault, &err),
           "all of it stands in the log, which verifies");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_limits(tap, fixture);
    check_usual(tap, fixture);
    check_night(tap, fixture);
    check_decoy(tap, fixture);
    check_settling(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
