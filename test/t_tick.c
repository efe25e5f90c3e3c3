/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_tick.c - app_tick as the door calls it: referrals and flags escalate, the
 * asylum clock raises F10, sessions and waits are forgotten, links end, forms
 * of another process are taken in; called late, twice or not at all.
 */
#include "core/date.h"
#include "domain/account/account.h"
#include "domain_fixture.h"
#include "domain/referral/referral.h"
#include "web/app.h"

#define MINUTES(n) ((int64_t)(n)*60 * 1000)
#define HOURS(n) (MINUTES(60) * (n))
#define DAYS(n) (HOURS(24) * (n))

struct ticking {
    struct tap *tap;
    struct fixture *fixture;
    struct app app;
    int64_t ticks;
};

/* The program's clock goes on in minutes, as the door's thread lets it. */
static void advance(struct ticking *t, int64_t ms)
{
    int64_t until = t->fixture->now + ms;

    while (t->fixture->now < until) {
        int64_t step = ms > HOURS(8) ? MINUTES(47) : MINUTES(1);

        t->fixture->now += step;
        app_tick(&t->app, t->fixture->db, t->fixture->now);
        t->ticks++;
    }
}

static int64_t entries(struct ticking *t)
{
    struct err err = {0};
    int64_t count = -1;

    db_get_int(t->fixture->db, &count, NULL, &err, "SELECT count(*) FROM entry",
               "");
    return count;
}

static int64_t rows_of(struct ticking *t, const char *sql)
{
    struct err err = {0};
    int64_t count = -1;

    db_get_int(t->fixture->db, &count, NULL, &err, sql, "");
    fixture_say(&err);
    return count;
}

static struct str make(struct ticking *t, const char *kind, const char *format,
                       struct str person)
{
    struct arena *arena = &t->fixture->arena;

    return fixture_record(
        t->fixture, kind,
        str_c(arena, str_format(arena, format, STR_ARGS(person))));
}

/* Nothing to do: nothing written, called again within a minute. */
static void check_quiet(struct ticking *t)
{
    int64_t before = entries(t), now = t->fixture->now;
    int64_t next = app_tick(&t->app, t->fixture->db, now);

    tap_ok(t->tap, next > now && next <= now + MINUTES(1),
           "it wants to be called within a minute");
    app_tick(&t->app, t->fixture->db, now);
    tap_is_int(t->tap, entries(t), before, "an idle tick writes nothing");
}

static enum error open_link(struct ticking *t, struct str link)
{
    struct task task = fixture_task(t->fixture, "");
    struct str token = link, found;
    struct err err = {0};
    size_t at;

    while ((at = str_find_char(token, '/')) != SIZE_MAX)
        token = str_slice(token, at + 1, token.size);
    return referral_by_link(&task, token, &found, &err);
}

static void check_referral(struct ticking *t)
{
    struct str person =
        fixture_person(t->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct task task = fixture_task(t->fixture, "case_worker");
    struct str id, link = STR_NULL;
    struct err err = {0};
    int64_t before;

    make(t, "consent",
         "{'person':'%.*s','given':'yes','given_by':'titular',"
         "'basis':'consentimiento_expreso','purpose':'referencia'}",
         person);
    id = make(t, "referral",
              "{'person':'%.*s','urgency':'U1','service_code':'LE1',"
              "'to_name':'A (ejemplo)','to_type':'CS',"
              "'share_fields':'alias'}",
              person);
    tap_ok(t->tap, !referral_send(&task, id, &link, &err),
           "a same-day referral is sent");
    fixture_say(&err);
    advance(t, MINUTES(30));
    tap_is(t->tap, fixture_answer(t->fixture, "referral", id, "state"),
           "ENVIADA", "half an hour later nothing has happened");
    tap_is(t->tap, fixture_answer(t->fixture, "referral", id, "escalated_at"),
           "", "nor was it escalated");
    advance(t, HOURS(2));
    tap_is(t->tap, fixture_answer(t->fixture, "referral", id, "state"),
           "SIN_RESPUESTA", "after two hours nobody has answered");
    tap_ok(t->tap, *fixture_answer(t->fixture, "referral", id, "escalated_at"),
           "it is escalated");
    tap_ok(t->tap, *fixture_answer(t->fixture, "referral", id, "escalated_to"),
           "to somebody");
    before = entries(t);
    advance(t, MINUTES(10));
    tap_is_int(t->tap, entries(t), before, "once");
    tap_ok(t->tap, open_link(t, link) == ERROR_NONE, "its link opens");
    advance(t, DAYS(60));
    tap_ok(t->tap, open_link(t, link) == ERROR_GONE,
           "two months later it has ended");
}

static void check_flag(struct ticking *t)
{
    struct str person = fixture_person(
        t->fixture, "{'given_names':'Ejemplo','age_years':'30'}");
    struct str due =
        instant_text(&t->fixture->arena, t->fixture->now + HOURS(1));
    struct task task = fixture_task(t->fixture, "system");
    struct value *input = value_object(task.arena);
    struct value *system = value_object(task.arena);
    struct saved saved = {0};
    struct save save = {
        .kind = STR("flag"), .input = input, .system = system, .trusted = true};
    struct err err = {0};
    int64_t before;

    value_put_str(input, task.arena, "person", person);
    value_put_text(input, task.arena, "code", "F05");
    value_put_text(input, task.arena, "state", "open");
    value_put_str(system, task.arena, "due_at", due);
    tap_ok(t->tap, !record_save(&task, &save, &saved, &err),
           "a flag to act upon within an hour");
    fixture_say(&err);
    advance(t, MINUTES(40));
    tap_is(t->tap, fixture_answer(t->fixture, "flag", saved.id, "escalated_at"),
           "", "there is time");
    advance(t, MINUTES(30));
    tap_ok(t->tap,
           *fixture_answer(t->fixture, "flag", saved.id, "escalated_at"),
           "nobody acted: escalated");
    before = entries(t);
    advance(t, HOURS(1));
    tap_is_int(t->tap, entries(t), before, "once");
}

static size_t flags(struct ticking *t, struct str person, const char *code)
{
    struct task task = fixture_task(t->fixture, "system");
    struct db_value value = {.type = 't', .t = str_of(code)};
    struct record_filter filter = {.kind = STR("flag"),
                                   .subject = person,
                                   .where = "{code} = $3",
                                   .value = &value,
                                   .value_count = 1};
    struct record *record;
    struct err err = {0};
    size_t count = 99;

    record_list(&t->fixture->office.log, t->fixture->db, &filter, false,
                task.arena, &record, &count, &err);
    fixture_say(&err);
    return count;
}

/* Thirty working days from entry; F10 comes before the term is over. */
static void check_asylum(struct ticking *t)
{
    struct str person = fixture_person(
        t->fixture, "{'given_names':'Ejemplo','age_years':'30'}");
    struct arena *arena = &t->fixture->arena;
    int64_t today = instant_day(t->fixture->now, -6 * 3600);
    struct str day = date_text(arena, date_from_day(today - 2));
    struct str json =
        str_format(arena,
                   "{'person':'%.*s','mode':'individual','q07_fear':'yes',"
                   "'q08_entry':'%.*s','q09_procedure':'ninguno'}",
                   STR_ARGS(person), STR_ARGS(day));

    fixture_record(t->fixture, "screening", str_c(arena, json));
    advance(t, HOURS(1));
    tap_is_int(t->tap, (int)flags(t, person, "F10"), 0,
               "two days after entry there is no F10");
    advance(t, DAYS(45));
    tap_is_int(t->tap, (int)flags(t, person, "F10"), 1,
               "before the asylum term ends the clock has raised it, once");
}

static void check_sessions(struct ticking *t)
{
    struct task task = fixture_task(t->fixture, "system");
    struct str id, cookie = STR_NULL, wrong = STR_NULL;
    struct session session = {0};
    struct err err = {0};

    tap_ok(t->tap,
           !account_add(&task, STR("ana"), STR("Ana (ejemplo)"),
                        STR("case_worker"), STR("una frase larga"), &id, &err),
           "an account");
    task = fixture_task(t->fixture, "");
    tap_ok(t->tap,
           !account_login(&task, STR("ana"), STR("una frase larga"),
                          STR("192.0.2.1"), &cookie, &session, &err),
           "logs in");
    fixture_say(&err);
    account_login(&task, STR("nadie"), STR("otra"), STR("192.0.2.2"), &wrong,
                  &session, &err);
    err_clear(&err);
    advance(t, MINUTES(30));
    tap_is_int(t->tap, rows_of(t, "SELECT count(*) FROM session"), 1,
               "half an hour later the session is there");
    advance(t, HOURS(14));
    tap_is_int(t->tap, rows_of(t, "SELECT count(*) FROM session"), 0,
               "after twelve hours it is forgotten");
    task = fixture_task(t->fixture, "");
    tap_ok(t->tap, account_session(&task, cookie, &session, &err) != ERROR_NONE,
           "and opens nothing");
    advance(t, DAYS(3));
    tap_is_int(t->tap,
               rows_of(t, "SELECT count(*) FROM throttle WHERE good = 0"), 0,
               "waits of those who failed are forgotten, too");
}

static void check_forms(struct ticking *t)
{
    static const char csv[] = "survey,,,\n,type,name,label\n"
                              ",text,title,Título\n"
                              "settings,,,\n,form_id,form_title,version\n"
                              ",taller,Taller,1\n";
    struct office_options options = {.host = &t->fixture->host,
                                     .store_url = t->fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &t->fixture->files};
    struct form_problems problems = {0};
    struct office other;
    struct err err = {0};

    if (!tap_ok(t->tap, !office_open(&other, &options, &err),
                "another process"))
        return;
    tap_ok(t->tap,
           !forms_install(&other, t->fixture->db, str_of(csv),
                          &t->fixture->files, &problems, &err),
           "installs a form");
    fixture_say(&err);
    office_close(&other);
    tap_ok(t->tap, !forms_find(t->app.office.forms, STR("taller"), STR_NULL),
           "this one does not know it yet");
    advance(t, MINUTES(1));
    tap_ok(t->tap,
           forms_find(t->app.office.forms, STR("taller"), STR_NULL) != NULL,
           "the next tick takes it in");
}

/* A machine that slept: one tick does what many would have done. */
static void check_late(struct ticking *t)
{
    struct str person =
        fixture_person(t->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct task task = fixture_task(t->fixture, "case_worker");
    struct str id, link;
    struct err err = {0};

    make(t, "consent",
         "{'person':'%.*s','given':'yes','given_by':'titular',"
         "'basis':'consentimiento_expreso','purpose':'referencia'}",
         person);
    id = make(t, "referral",
              "{'person':'%.*s','urgency':'U0','service_code':'LE1',"
              "'to_name':'A (ejemplo)','to_type':'CS',"
              "'share_fields':'alias'}",
              person);
    referral_send(&task, id, &link, &err);
    fixture_say(&err);
    t->fixture->now += DAYS(9);
    app_tick(&t->app, t->fixture->db, t->fixture->now);
    tap_is(t->tap, fixture_answer(t->fixture, "referral", id, "state"),
           "SIN_RESPUESTA", "after nine days asleep one tick escalates");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct ticking t = {.tap = tap, .fixture = fixture};

    fixture->now = fixture_instant("2026-11-23T16:00:00Z");
    fixture->office.public_url = STR("https://ejemplo.test");
    t.app.office = fixture->office;
    check_quiet(&t);
    check_referral(&t);
    check_flag(&t);
    check_asylum(&t);
    check_sessions(&t);
    check_forms(&t);
    check_late(&t);
    printf("# %lld ticks\n", (long long)t.ticks);
}

int main(void)
{
    return fixture_main(check);
}
