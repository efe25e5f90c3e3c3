/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_received.c - an account of a receiving organisation: the referrals that
 * are sent to its place and stand open, the package of each, an answer; and
 * nothing else of anybody.
 */
#include "domain/account/account.h"
#include "domain/referral/referral.h"
#include "test/domain_fixture.h"

struct inbox {
    struct tap *tap;
    struct fixture *fixture;
    struct str clinic, shelter; /* places */
    struct str person;
};

static struct task partner_of(struct inbox *inbox, const char *role,
                              struct str place)
{
    struct task task = fixture_task(inbox->fixture, role);

    task.actor.place = place;
    return task;
}

static struct str made(struct inbox *inbox, const char *kind,
                       const char *format, struct str a, struct str b)
{
    struct task task = fixture_task(inbox->fixture, "system");

    return fixture_record(
        inbox->fixture, kind,
        str_c(task.arena,
              str_format(task.arena, format, STR_ARGS(a), STR_ARGS(b))));
}

static struct str referral_to(struct inbox *inbox, struct str place, bool send)
{
    struct task task = fixture_task(inbox->fixture, "case_worker");
    struct str link, id;
    struct err err = {0};

    id = made(inbox, "referral",
              "{'person':'%.*s','urgency':'U2','service_code':'SA1',"
              "'to_place':'%.*s','share_fields':'alias age'}",
              inbox->person, place);
    if (send && referral_send(&task, id, &link, &err) != ERROR_NONE)
        fixture_say(&err);
    return id;
}

static size_t received(struct inbox *inbox, const char *role, struct str place,
                       const char *secret, bool *told)
{
    struct task task = partner_of(inbox, role, place);
    struct value *items = NULL;
    struct err err = {0};
    struct buf out;

    if (referral_received(&task, &items, &err) != ERROR_NONE)
        fixture_say(&err);
    buf_init(&out, task.arena);
    value_write(items, &out);
    if (told)
        *told = str_find(buf_str(&out), str_of(secret)) != SIZE_MAX;
    return value_count(items);
}

static enum error open_one(struct inbox *inbox, const char *role,
                           struct str place, struct str id)
{
    struct task task = partner_of(inbox, role, place);
    struct err err = {0};

    return referral_by_place(&task, id, &err);
}

static void check_nothing_else(struct inbox *inbox, struct str id)
{
    static const char *const kinds[] = {"person",  "referral", "consent",
                                        "profile", "place",    "user"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct task task = partner_of(inbox, "partner", inbox->clinic);
        struct record record;
        struct err err = {0};

        tap_ok(inbox->tap,
               record_get(&task, str_of(kinds[i]),
                          i == 0   ? inbox->person
                          : i == 4 ? inbox->clinic
                                   : id,
                          &record, &err) == ERROR_FORBIDDEN,
               "no %s is read", kinds[i]);
    }
}

static void check_answer(struct inbox *inbox, struct str id)
{
    struct task task = partner_of(inbox, "partner", inbox->clinic);
    struct answer answer = {.kind = ANSWER_ACCEPT, .by = STR("Ejemplo")};
    struct err err = {0};

    tap_ok(inbox->tap, referral_respond(&task, id, &answer, &err) == ERROR_NONE,
           "she accepts");
    fixture_say(&err);
    tap_is(inbox->tap, fixture_answer(inbox->fixture, "referral", id, "state"),
           "ACEPTADA", "the sender sees it");
    tap_is(inbox->tap,
           fixture_answer(inbox->fixture, "referral", id, "answered_by"),
           "Ejemplo", "and who said it");
}

static void check_login(struct inbox *inbox)
{
    struct task task = fixture_task(inbox->fixture, "admin");
    struct value *input = value_object(task.arena);
    struct session session = {0};
    struct saved saved;
    struct str id = STR(""), cookie;
    struct err err = {0};

    tap_ok(inbox->tap,
           account_add(&task, STR("clinica"), STR("Clínica"), STR("partner"),
                       STR("tres palabras largas"), &id, &err) == ERROR_NONE,
           "an account for those who receive");
    fixture_say(&err);
    value_put_str(input, task.arena, "place", inbox->clinic);
    fixture_save(&task, "user", id, input, &saved);
    task = fixture_task(inbox->fixture, "");
    tap_ok(inbox->tap,
           account_login(&task, STR("clinica"), STR("tres palabras largas"),
                         STR("127.0.0.1"), &cookie, &session,
                         &err) == ERROR_NONE,
           "she comes in");
    fixture_say(&err);
    tap_ok(inbox->tap, str_equal(session.actor.place, inbox->clinic),
           "and belongs to her place");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct inbox inbox = {.tap = tap, .fixture = fixture};
    struct str here, there, draft, consent;
    struct task task;
    struct saved saved;
    bool told = false;

    fixture->now = fixture_instant("2026-11-23T16:00:00Z");
    inbox.clinic = fixture_record(fixture, "place",
                                  "{'name':'Clínica (ejemplo)',"
                                  "'place_type':'CS'}");
    inbox.shelter = fixture_record(fixture, "place",
                                   "{'name':'Casa (ejemplo)',"
                                   "'place_type':'ALB'}");
    inbox.person = fixture_person(
        fixture, "{'given_names':'Secreta','alias':'Lucero',"
                 "'first_surname':'Apellidoso','age_years':'30'}");
    consent = made(&inbox, "consent",
                   "{'person':'%.*s','given':'yes','purpose':'referencia'%.*s}",
                   inbox.person, STR(""));
    here = referral_to(&inbox, inbox.clinic, true);
    there = referral_to(&inbox, inbox.shelter, true);
    draft = referral_to(&inbox, inbox.clinic, false);
    tap_is_int(tap,
               (int)received(&inbox, "partner", inbox.clinic, "Lucero", &told),
               1, "one was sent to her place");
    tap_ok(tap, told, "with the alias that is shared");
    received(&inbox, "partner", inbox.clinic, "Secreta", &told);
    tap_ok(tap, !told, "and not the name");
    tap_ok(tap, open_one(&inbox, "partner", inbox.clinic, here) == ERROR_NONE,
           "it opens");
    tap_ok(tap,
           open_one(&inbox, "partner", inbox.clinic, there) == ERROR_NOT_FOUND,
           "another place's does not");
    tap_ok(tap,
           open_one(&inbox, "partner", inbox.clinic, draft) == ERROR_NOT_FOUND,
           "nor a draft");
    tap_ok(tap,
           open_one(&inbox, "partner", inbox.clinic, inbox.person) ==
               ERROR_NOT_FOUND,
           "nor what is no referral");
    tap_ok(tap,
           open_one(&inbox, "partner", STR(""), here) == ERROR_NOT_FOUND &&
               received(&inbox, "partner", STR(""), "", NULL) == 0,
           "without a place there is nothing");
    tap_ok(tap,
           open_one(&inbox, "observer", inbox.clinic, here) ==
                   ERROR_NOT_FOUND &&
               received(&inbox, "observer", inbox.clinic, "", NULL) == 0,
           "nor without the right to answer");
    check_nothing_else(&inbox, here);
    check_answer(&inbox, here);
    task = fixture_task(fixture, "supervisor");
    fixture_save(&task, "consent", consent,
                 fixture_json(fixture, "{'given':'no'}"), &saved);
    tap_ok(tap,
           open_one(&inbox, "partner", inbox.clinic, here) == ERROR_NOT_FOUND &&
               received(&inbox, "partner", inbox.clinic, "", NULL) == 0,
           "a consent withdrawn closes the door");
    check_login(&inbox);
}

int main(void)
{
    return fixture_main(check);
}
