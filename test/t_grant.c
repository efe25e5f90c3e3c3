/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_grant.c - grants between two houses, each with its own store and its own
 * site key: round trips, who may not open, what was changed on the way, what
 * was taken back, what a carrier can see. Everybody is made up.
 */
#include <dirent.h>
#include <stdlib.h>

#include "core/base64.h"
#include "core/date.h"
#include "domain/account/account.h"
#include "domain/access/room.h"
#include "domain/arco/copy.h"
#include "domain/arco/erase.h"
#include "domain/grant/grant.h"
#include "domain/person/hide.h"
#include "domain/proof/seen.h"
#include "domain/referral/consent.h"
#include "domain/referral/referral.h"
#include "domain_fixture.h"

#define CANARY_NAME "Qzcanaria"
#define CANARY_PHONE "50455501234"
#define CANARY_STORY "Qzhistoria"
#define CANARY_HEALTH "Qzdiabetes"

struct houses {
    struct tap *tap;
    struct fixture *giver, receiver, third;
    struct str place, person, giver_key, receiver_key;
};

/* --- small things --------------------------------------------------------- */

static struct str house_line(struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct grant_seal seal;
    struct err err = {0};
    struct str text;

    if (grant_seal_open(&task, &seal, &err)) {
        fixture_say(&err);
        return STR("");
    }
    text = house_key_text(&fixture->arena, &seal.key);
    grant_seal_wipe(&task, &seal);
    return text;
}

static struct str format(struct fixture *fixture, const char *text, ...)
    __attribute__((format(printf, 2, 3)));
static struct str format(struct fixture *fixture, const char *text, ...)
{
    char buffer[4000];
    va_list list;

    va_start(list, text);
    vsnprintf(buffer, sizeof buffer, text, list);
    va_end(list);
    return str_copy(&fixture->arena, str_of(buffer));
}

static struct str make(struct fixture *fixture, const char *kind,
                       struct str json)
{
    return fixture_record(fixture, kind, str_c(&fixture->arena, json));
}

static struct str new_place(struct houses *houses, struct str key)
{
    return make(houses->giver, "place",
                format(houses->giver,
                       "{'name':'Clínica (ejemplo)','place_type':'CS',"
                       "'status':'active','house_key':'%.*s'}",
                       STR_ARGS(key)));
}

static struct str new_person(struct houses *houses)
{
    return fixture_person(houses->giver,
                          "{'given_names':'" CANARY_NAME "','alias':"
                          "'" CANARY_NAME "','age_years':'30',"
                          "'phone':'+" CANARY_PHONE "'}");
}

static struct str consent(struct houses *houses, struct str person,
                          const char *scope, const char *more)
{
    return make(houses->giver, "consent",
                format(houses->giver,
                       "{'person':'%.*s','given':'yes','given_by':'titular',"
                       "'basis':'consentimiento_expreso',"
                       "'purpose':'referencia','data_scope':'%s'%s}",
                       STR_ARGS(person), scope, more));
}

static struct str draft(struct houses *houses, struct str person,
                        struct str place, const char *fields)
{
    return make(houses->giver, "referral",
                format(houses->giver,
                       "{'person':'%.*s','to_place':'%.*s','urgency':'U2',"
                       "'service_code':'LE1','message':'" CANARY_STORY "',"
                       "'health_note':'" CANARY_HEALTH "',"
                       "'share_fields':'%s'}",
                       STR_ARGS(person), STR_ARGS(place), fields));
}

static struct str sent(struct houses *houses, struct str person,
                       struct str place, const char *fields)
{
    struct task task = fixture_task(houses->giver, "case_worker");
    struct str id = draft(houses, person, place, fields), link;
    struct err err = {0};

    if (referral_send(&task, id, &link, &err))
        fixture_say(&err);
    return id;
}

static enum error give(struct houses *houses, struct str referral, bool apart,
                       struct str *id, struct str *file, struct err *err)
{
    struct task task = fixture_task(houses->giver, "case_worker");
    enum error error;

    *err = (struct err){0};
    error = grant_make(&task, referral, apart, id, err);
    return error ? error : grant_file(&task, referral, file, err);
}

static enum error open_at(struct fixture *fixture, struct str file,
                          struct str key, struct str keys, struct value **out,
                          struct err *err)
{
    struct task task = fixture_task(fixture, "system");
    struct grant_opening opening = {file, key, keys};

    *err = (struct err){0};
    return grant_open(&task, &opening, out, err);
}

static bool says(struct fixture *fixture, const struct value *value,
                 const char *text)
{
    struct buf out;

    buf_init(&out, &fixture->arena);
    value_write(value, &out);
    return str_find(buf_str(&out), str_of(text)) != SIZE_MAX;
}

static void expect(struct houses *houses, enum error got, enum error want,
                   const struct err *err, const char *name)
{
    if (!tap_ok(houses->tap, got == want, "%s", name)) {
        printf("# %s instead of %s\n", error_name(got), error_name(want));
        fixture_say(err);
    }
}

/* at=…&sign=… of an address. */
static void asked(struct fixture *fixture, struct str url, struct str *at,
                  struct str *sign)
{
    size_t from = str_find(url, STR("at=")) + 3,
           to = str_find(url, STR("&sign="));
    struct str text = str_slice(url, from, to);
    struct buf out;

    buf_init(&out, &fixture->arena);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '%') {
            buf_putc(&out, ':');
            i += 2;
        } else {
            buf_putc(&out, text.at[i]);
        }
    *at = buf_str(&out);
    *sign = str_slice(url, to + 6, url.size);
}

static enum error hand_over(struct houses *houses, struct fixture *who,
                            struct str id, struct str file, struct str *keys,
                            struct err *err)
{
    struct task at_home = fixture_task(who, "system");
    struct task nobody = fixture_task(houses->giver, "");
    struct str url = STR(""), at, sign;

    *err = (struct err){0};
    if (grant_ask(&at_home, file, &url, err))
        return err->code;
    asked(who, url, &at, &sign);
    return grant_hand_over(&nobody, id, at, sign, keys, err);
}

static bool carries(struct str bytes)
{
    static const char *const canary[] = {CANARY_NAME, CANARY_PHONE,
                                         CANARY_STORY, CANARY_HEALTH};

    for (size_t i = 0; i < sizeof canary / sizeof *canary; i++)
        if (str_find(bytes, str_of(canary[i])) != SIZE_MAX)
            return true;
    return false;
}

/* --- checks --------------------------------------------------------------- */

static void check_key(struct houses *houses)
{
    struct str line = houses->receiver_key;
    struct house_key key;
    struct err err = {0};
    size_t taken = 0;

    tap_ok(houses->tap,
           !house_key_parse(&houses->giver->host, &houses->giver->arena, line,
                            &key, &err) &&
               strlen(key.id) == GRANT_ID,
           "a house's key line is read");
    tap_ok(houses->tap, !str_equal(line, houses->giver_key),
           "another house has another");
    for (size_t i = 0; i < line.size; i++) {
        char *copy = (char *)(uintptr_t)str_c(&houses->giver->arena, line);

        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        err_clear(&err);
        taken += !house_key_parse(&houses->giver->host, &houses->giver->arena,
                                  str_of(copy), &key, &err);
    }
    tap_is_int(houses->tap, (int)taken, 0, "with any letter changed it is not");
}

static void check_round_trip(struct houses *houses)
{
    struct str id, file = STR_NULL;
    struct value *out = NULL;
    struct err err;
    struct str referral =
        sent(houses, houses->person, houses->place, "alias phone health");

    expect(houses, give(houses, referral, false, &id, &file, &err), ERROR_NONE,
           &err, "a grant with the keys inside");
    tap_ok(houses->tap, file.size > 500 && !carries(file),
           "whoever carries it finds no name, telephone, story, health");
    tap_ok(houses->tap,
           str_find(file, STR("classes identity story health contact other")) !=
               SIZE_MAX,
           "it says which classes it has");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "an unknown house is not believed");
    expect(houses,
           open_at(&houses->receiver, file, houses->receiver_key, STR(""), &out,
                   &err),
           ERROR_CONFLICT, &err, "nor with a key that is not the file's");
    expect(houses,
           open_at(&houses->receiver, file, houses->giver_key, STR(""), &out,
                   &err),
           ERROR_NONE, &err, "with the line that she gave it opens");
    tap_ok(houses->tap,
           says(&houses->receiver, out, CANARY_NAME) &&
               says(&houses->receiver, out, CANARY_PHONE) &&
               says(&houses->receiver, out, CANARY_STORY) &&
               says(&houses->receiver, out, CANARY_HEALTH) &&
               !value_text_of(out, "opened_before").size,
           "and says what was shared");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_NONE, &err, "again, now without the line");
    tap_ok(houses->tap, value_text_of(out, "opened_before").size > 0,
           "and it says that it was opened before");
    expect(
        houses,
        open_at(&houses->third, file, houses->giver_key, STR(""), &out, &err),
        ERROR_FORBIDDEN, &err, "a third house cannot open it");
    expect(houses,
           open_at(houses->giver, file, houses->giver_key, STR(""), &out, &err),
           ERROR_FORBIDDEN, &err, "nor can the house that gave it");
}

static enum error take(struct houses *houses, const char *role,
                       const struct value *opened, struct str person,
                       struct registered *out, struct err *err);

static size_t openings(struct task *task, struct str subject,
                       struct seen_row **row)
{
    struct err err = {0};
    size_t count = 0;

    if (seen_list(task, subject, 50, row, &count, &err))
        fixture_say(&err);
    return count;
}

/* Who opened a sealed file is written down, registered or not; afterwards it
 * stands with who opened her file here. */
static void check_seen(struct houses *houses)
{
    struct str person = new_person(houses), id, file = STR_NULL, referral;
    struct fixture *receiver = &houses->receiver;
    struct task intake = fixture_task(receiver, "intake"), other;
    struct grant_opening opening = {0};
    struct registered registered = {0};
    struct seen_row *row = NULL;
    struct value *out = NULL;
    struct str received;
    struct err err = {0};

    consent(houses, person, "contacto salud", "");
    referral = sent(houses, person, houses->place, "alias phone");
    give(houses, referral, false, &id, &file, &err);
    opening.file = str_slice(file, 0, file.size - 40);
    intake.in_list = true; /* its page names nobody in its address */
    tap_ok(houses->tap, grant_open(&intake, &opening, &out, &err) != 0,
           "a file that was cut does not open");
    err_clear(&err);
    opening.file = file;
    expect(houses, grant_open(&intake, &opening, &out, &err), ERROR_NONE, &err,
           "somebody opens a file and registers nobody");
    received = seen_received_id(&intake, value_text_of(out, "issuer"), id);
    tap_ok(houses->tap,
           openings(&intake, received, &row) == 1 && row[0].times == 1 &&
               str_equal(row[0].author, intake.actor.id) &&
               str_equal_c(row[0].what, "received"),
           "and it is written down who, once");
    other = fixture_task(receiver, "health");
    other.actor.id = STR("somebody-else");
    grant_open(&other, &opening, &out, &err);
    take(houses, "intake", out, STR(""), &registered, &err);
    if (!tap_ok(houses->tap, registered.count == 1, "she is registered"))
        return;
    tap_ok(houses->tap,
           openings(&intake, registered.person[0], &row) >= 2 &&
               (str_equal_c(row[0].author, "somebody-else") ||
                str_equal_c(row[1].author, "somebody-else")),
           "both stand with who has seen her file");
}

static void check_scope(struct houses *houses)
{
    struct str person = new_person(houses), id, file = STR_NULL, mine, referral;
    struct value *out = NULL;
    struct err err;

    mine = consent(houses, person, "contacto", "");
    referral = sent(houses, person, houses->place, "alias phone");
    expect(houses, give(houses, referral, false, &id, &file, &err), ERROR_NONE,
           &err, "only what her consent covers");
    open_at(&houses->receiver, file, STR(""), STR(""), &out, &err);
    tap_ok(houses->tap,
           !says(&houses->receiver, out, CANARY_HEALTH) &&
               str_find(file, STR("health")) == SIZE_MAX,
           "no health in it, nor a class of that name");
    person = new_person(houses);
    mine = consent(houses, person, "contacto salud", "");
    referral = sent(houses, person, houses->place, "alias phone health");
    {
        struct task task = fixture_task(houses->giver, "system");
        struct value *input = value_object(&houses->giver->arena);
        struct saved saved;

        value_put_str(input, &houses->giver->arena, "data_scope",
                      STR("contacto"));
        fixture_save(&task, "consent", mine, input, &saved);
    }
    expect(houses, give(houses, referral, false, &id, &file, &err),
           ERROR_BLOCKED, &err, "a class outside the consent is refused");
    tap_ok(houses->tap, strstr(err.message, "no incluye"), "with the reason");
    {
        struct task task = fixture_task(houses->giver, "case_worker");

        err_clear(&err);
        consent_revoke(&task, mine, &err);
    }
    expect(houses, give(houses, referral, false, &id, &file, &err),
           ERROR_BLOCKED, &err, "no consent, no grant");
    referral = draft(houses, houses->person, houses->place, "alias");
    expect(houses, give(houses, referral, false, &id, &file, &err),
           ERROR_CONFLICT, &err, "a draft is not given");
    referral =
        sent(houses, houses->person, new_place(houses, STR("")), "alias");
    expect(houses, give(houses, referral, false, &id, &file, &err), ERROR_INPUT,
           &err, "nor to a place without a key");
    referral = sent(houses, houses->person, houses->place, "alias");
    houses->giver->office.public_url = STR("");
    expect(houses, give(houses, referral, true, &id, &file, &err), ERROR_INPUT,
           &err, "without an address no keys can be fetched");
    houses->giver->office.public_url = STR("https://ejemplo.test");
}

static void check_child(struct houses *houses)
{
    struct str place =
        make(houses->giver, "place",
             format(houses->giver,
                    "{'name':'Procuraduría (ejemplo)','place_type':'PPNNA',"
                    "'status':'active','house_key':'%.*s'}",
                    STR_ARGS(houses->receiver_key)));
    struct str child = fixture_person(houses->giver, "{'alias':'" CANARY_NAME
                                                     "','age_years':'9'}");
    struct str id, file = STR(""), link;
    struct task task = fixture_task(houses->giver, "case_worker");
    struct err err = {0};
    struct str referral = make(
        houses->giver, "referral",
        format(houses->giver,
               "{'person':'%.*s','to_place':'%.*s','to_type':'PPNNA',"
               "'urgency':'U0','service_code':'LE1','child_opinion':'quiere "
               "ir','share_fields':'alias'}",
               STR_ARGS(child), STR_ARGS(place)));

    if (referral_send(&task, referral, &link, &err))
        fixture_say(&err);
    expect(houses, give(houses, referral, false, &id, &file, &err), ERROR_NONE,
           &err, "the duty towards a child needs no consent");
    tap_ok(houses->tap,
           str_find(file, STR("basis proteccion_ninez\nconsent -\n")) !=
               SIZE_MAX,
           "and says so in what is signed");
}

/* Every byte of the file, one bit each, in turns. */
static void check_flips(struct houses *houses)
{
    struct str id,
        file = STR_NULL,
        referral = sent(houses, houses->person, houses->place, "alias phone");
    size_t opened = 0, asked_for = 0, longer = 0;
    struct value *out;
    struct err err;

    give(houses, referral, false, &id, &file, &err);
    for (size_t i = 0; i < file.size; i++, asked_for++) {
        char *copy = (char *)(uintptr_t)str_c(&houses->giver->arena, file);

        copy[i] = (char)(copy[i] ^ 1 << i % 7);
        opened += !open_at(&houses->receiver, (struct str){copy, file.size},
                           STR(""), STR(""), &out, &err);
    }
    tap_ok(houses->tap, asked_for > 1000 && opened == 0,
           "none of %zu files with a bit turned opens", asked_for);
    for (size_t i = 0; i < file.size; i += 7, longer++)
        opened += !open_at(&houses->receiver, str_slice(file, 0, i), STR(""),
                           STR(""), &out, &err);
    tap_ok(houses->tap, opened == 0, "nor one of %zu that were cut", longer);
    expect(houses,
           open_at(&houses->receiver,
                   str_join(&houses->giver->arena, file, STR("\n")), STR(""),
                   STR(""), &out, &err),
           ERROR_INPUT, &err, "nor with a line more");
    {
        char *huge = arena_alloc(&houses->giver->arena, GRANT_MAX + 100);

        memset(huge, 'x', GRANT_MAX + 100);
        memcpy(huge, file.at, file.size);
        expect(houses,
               open_at(&houses->receiver, (struct str){huge, GRANT_MAX + 100},
                       STR(""), STR(""), &out, &err),
               ERROR_INPUT, &err, "nor a huge one");
    }
}

/* The giver's own hand: signs with her key what it took from another grant. */
static struct str resigned(struct houses *houses, struct grant *grant,
                           struct fixture *signer)
{
    struct task task = fixture_task(signer, "system");
    struct grant_seal seal;
    struct err err = {0};
    struct str text;

    grant_seal_open(&task, &seal, &err);
    grant->issuer = seal.key;
    text = grant_sign(&signer->host, &houses->giver->arena,
                      grant_text(&signer->host, &houses->giver->arena, grant),
                      seal.sign_seed);
    grant_seal_wipe(&task, &seal);
    return text;
}

static void check_swaps(struct houses *houses)
{
    struct arena *arena = &houses->giver->arena;
    struct str id,
        one = STR_NULL, two = STR_NULL,
        referral = sent(houses, houses->person, houses->place, "alias phone");
    struct grant a, b;
    struct value *out;
    struct err err;
    unsigned char key[GRANT_WRAPPED];

    give(houses, referral, false, &id, &one, &err);
    houses->giver->now += 1000;
    give(houses, referral, false, &id, &two, &err);
    err_clear(&err);
    grant_parse(&houses->giver->host, arena, one, &a, &err);
    grant_parse(&houses->giver->host, arena, two, &b, &err);
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, houses->giver),
                   STR(""), STR(""), &out, &err),
           ERROR_NONE, &err, "signed again as it was it opens");
    memcpy(b.part[0].wrapped, a.part[0].wrapped, GRANT_WRAPPED);
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, houses->giver),
                   STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "a key of another grant does not, signed or not");
    b.part[0] = a.part[0];
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, houses->giver),
                   STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "nor the whole part of another grant");
    grant_parse(&houses->giver->host, arena, two, &b, &err);
    memcpy(key, b.part[0].wrapped, GRANT_WRAPPED);
    memcpy(b.part[0].wrapped, b.part[1].wrapped, GRANT_WRAPPED);
    memcpy(b.part[1].wrapped, key, GRANT_WRAPPED);
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, houses->giver),
                   STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "nor keys of two classes in each other's place");
    grant_parse(&houses->giver->host, arena, two, &b, &err);
    b.expires += 86400000;
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, houses->giver),
                   STR(""), STR(""), &out, &err),
           ERROR_CONFLICT, &err, "nor a second grant of the same number");
    grant_parse(&houses->giver->host, arena, two, &b, &err);
    expect(houses,
           open_at(&houses->receiver, resigned(houses, &b, &houses->third),
                   STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "another issuer is another house: unknown");
    {
        struct str line = house_line(&houses->third);

        b.issuer.site = a.issuer.site;
        expect(houses,
               open_at(&houses->receiver, resigned(houses, &b, &houses->third),
                       line, STR(""), &out, &err),
               ERROR_INPUT, &err,
               "who is known under her own key opens nothing of the giver's");
    }
}

/* The third house says it is the giver: same site id, its own keys. */
static void check_impostor(struct houses *houses)
{
    struct task task = fixture_task(&houses->third, "system");
    struct arena *arena = &houses->giver->arena;
    struct house_key real;
    struct grant_seal seal;
    struct str id,
        file = STR_NULL, line,
        referral = sent(houses, houses->person, houses->place, "alias");
    struct grant grant;
    struct value *out;
    struct err err;

    give(houses, referral, false, &id, &file, &err);
    err_clear(&err);
    grant_parse(&houses->giver->host, arena, file, &grant, &err);
    house_key_parse(&houses->giver->host, arena, houses->giver_key, &real,
                    &err);
    grant_seal_open(&task, &seal, &err);
    house_key_make(&houses->giver->host, real.site, seal.key.box, seal.key.sign,
                   &grant.issuer);
    line = house_key_text(arena, &grant.issuer);
    file = grant_sign(&houses->third.host, arena,
                      grant_text(&houses->third.host, arena, &grant),
                      seal.sign_seed);
    grant_seal_wipe(&task, &seal);
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_CONFLICT, &err, "another key under the giver's name");
    expect(houses, open_at(&houses->receiver, file, line, STR(""), &out, &err),
           ERROR_CONFLICT, &err, "not even when somebody gives its line");
}

static void check_term(struct houses *houses)
{
    struct str person = new_person(houses), id, file = STR_NULL, referral;
    int64_t now = houses->giver->now;
    struct value *out;
    struct err err;

    consent(houses, person, "contacto", ",'expires':'2026-11-25'");
    referral = sent(houses, person, houses->place, "alias phone");
    give(houses, referral, false, &id, &file, &err);
    tap_ok(houses->tap,
           str_find(file, STR("expires 2026-11-26T06:00:00")) != SIZE_MAX,
           "it ends with the day on which her consent ends");
    houses->receiver.now = fixture_instant("2026-11-26T05:59:00Z");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_NONE, &err, "a minute before it opens");
    houses->receiver.now = fixture_instant("2026-11-26T06:00:00Z");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_GONE, &err, "then it does not");
    houses->receiver.now = now - (int64_t)3 * 86400000;
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "nor days before it was given");
    houses->receiver.now = now;
}

static struct grant_given newest(struct houses *houses, struct str referral)
{
    struct task task = fixture_task(houses->giver, "system");
    struct grant_given *given = NULL;
    struct err err = {0};
    size_t count = 0;

    if (grant_list(&task, referral, &given, &count, &err) || !count) {
        fixture_say(&err);
        return (struct grant_given){0};
    }
    return given[0];
}

static void check_apart(struct houses *houses)
{
    struct str id,
        file = STR_NULL, keys = STR_NULL, more = STR_NULL, text,
        referral = sent(houses, houses->person, houses->place, "alias health");
    struct task task = fixture_task(houses->giver, "case_worker");
    struct task nobody = fixture_task(houses->giver, "");
    struct value *out;
    struct err err;
    struct str url = STR(""), at, sign;

    expect(houses, give(houses, referral, true, &id, &file, &err), ERROR_NONE,
           &err, "a grant whose keys are fetched");
    tap_ok(houses->tap,
           str_find(file, STR("\nkey ")) == SIZE_MAX && !carries(file) &&
               str_find(file, STR("https://ejemplo.test/grant/")) != SIZE_MAX,
           "no key in it, but where they are");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_INPUT, &err, "without them it does not open");
    tap_ok(houses->tap, !newest(houses, referral).fetched, "nobody has them");
    {
        struct task third = fixture_task(&houses->third, "system");

        err_clear(&err);
        tap_ok(houses->tap, grant_ask(&third, file, &url, &err) != ERROR_NONE,
               "a third house does not even ask");
    }
    expect(houses, hand_over(houses, &houses->receiver, id, file, &keys, &err),
           ERROR_NONE, &err, "the receiver gets them");
    tap_ok(houses->tap, newest(houses, referral).fetched == houses->giver->now,
           "and it is noted when");
    expect(houses, open_at(&houses->receiver, file, STR(""), keys, &out, &err),
           ERROR_NONE, &err, "with them it opens");
    tap_ok(houses->tap, says(&houses->receiver, out, CANARY_HEALTH),
           "and says what was shared");
    {
        struct task at_home = fixture_task(&houses->receiver, "system");
        struct err none = {0};
        size_t wrong = 0;

        grant_ask(&at_home, file, &url, &none);
        asked(&houses->receiver, url, &at, &sign);
        for (size_t i = 0; i < sign.size; i += 5) {
            char *copy = (char *)(uintptr_t)str_c(&houses->giver->arena, sign);

            copy[i] = copy[i] == 'A' ? 'B' : 'A';
            err_clear(&none);
            wrong += grant_hand_over(&nobody, id, at, str_of(copy), &text,
                                     &none) != ERROR_NOT_FOUND;
        }
        tap_is_int(houses->tap, (int)wrong, 0,
                   "a signature that was changed gets 404");
        err_clear(&none);
        expect(houses,
               grant_hand_over(&nobody, STR("0"), at, sign, &text, &none),
               ERROR_NOT_FOUND, &none, "so does a grant that does not exist");
        houses->giver->now += 11 * 60 * 1000;
        nobody = fixture_task(houses->giver, "");
        err_clear(&none);
        expect(houses, grant_hand_over(&nobody, id, at, sign, &text, &none),
               ERROR_NOT_FOUND, &none, "and a request of eleven minutes ago");
        houses->giver->now -= 11 * 60 * 1000;
    }
    /* keys of one grant at the other */
    referral = sent(houses, houses->person, houses->place, "alias health");
    give(houses, referral, true, &id, &file, &err);
    expect(houses, open_at(&houses->receiver, file, STR(""), keys, &out, &err),
           ERROR_INPUT, &err, "they open no other grant");
    err_clear(&err);
    task = fixture_task(houses->giver, "case_worker");
    grant_withdraw(&task, id, &text, &err);
    expect(houses, hand_over(houses, &houses->receiver, id, file, &more, &err),
           ERROR_GONE, &err, "withdrawn before anybody came: 410");
    tap_ok(houses->tap,
           !newest(houses, referral).keys.size &&
               !newest(houses, referral).file.size,
           "and the keys are no more");
    {
        struct grant_given given = newest(houses, referral);
        struct task reader = fixture_task(houses->giver, "case_worker");

        tap_ok(houses->tap,
               str_find(grant_told(&reader, &given),
                        STR("antes de que se abriera")) != SIZE_MAX,
               "which the page says");
    }
}

/* What is not said to the grant, but to what it stands upon. */
static void check_ground(struct houses *houses)
{
    static const char *const how[] = {
        "her consent is withdrawn", "her consent is narrowed",
        "the referral is withdrawn", "the term is over"};
    int64_t now = houses->giver->now;

    for (int i = 0; i < 4; i++) {
        struct task task;
        struct str person = new_person(houses), id, file = STR_NULL, keys,
                   mine = consent(houses, person, "contacto salud", ""),
                   referral;
        struct value *input = value_object(&houses->giver->arena);
        struct saved saved;
        struct err err;

        referral = sent(houses, person, houses->place, "alias health");
        give(houses, referral, true, &id, &file, &err);
        task = fixture_task(houses->giver, "case_worker");
        err_clear(&err);
        value_put_str(input, &houses->giver->arena, "data_scope",
                      STR("contacto"));
        if (i == 0)
            consent_revoke(&task, mine, &err);
        else if (i == 1)
            fixture_save(&task, "consent", mine, input, &saved);
        else if (i == 2)
            referral_withdraw(&task, referral, STR("x"), &err);
        else
            houses->giver->now = houses->receiver.now =
                newest(houses, referral).expires - 1000;
        if (i == 3) { /* the receiver's clock is a little behind */
            struct str url = STR(""), at, sign;
            struct task at_home = fixture_task(&houses->receiver, "system");
            struct task nobody;

            grant_ask(&at_home, file, &url, &err);
            asked(&houses->receiver, url, &at, &sign);
            houses->giver->now += 2000;
            nobody = fixture_task(houses->giver, "");
            err_clear(&err);
            expect(houses, grant_hand_over(&nobody, id, at, sign, &keys, &err),
                   ERROR_GONE, &err, how[i]);
            task = fixture_task(houses->giver, "system");
            tap_ok(houses->tap,
                   !grant_sweep(&task, &err) &&
                       !newest(houses, referral).file.size,
                   "and the sweep leaves nothing of it");
        } else {
            expect(houses,
                   hand_over(houses, &houses->receiver, id, file, &keys, &err),
                   ERROR_GONE, &err, how[i]);
        }
        if (i < 2)
            tap_ok(houses->tap, newest(houses, referral).stopped,
                   "and the page says that it has stopped");
        houses->giver->now = houses->receiver.now = now;
    }
}

static void check_withdrawal(struct houses *houses)
{
    struct task task = fixture_task(houses->giver, "case_worker");
    struct str id,
        file = STR_NULL, text = STR_NULL,
        referral = sent(houses, houses->person, houses->place, "alias");
    struct value *out = NULL;
    struct err err;
    size_t taken = 0;

    give(houses, referral, false, &id, &file, &err);
    open_at(&houses->receiver, file, STR(""), STR(""), &out, &err);
    err_clear(&err);
    grant_withdraw(&task, id, &text, &err);
    for (size_t i = 0; i < text.size; i++) {
        char *copy = (char *)(uintptr_t)str_c(&houses->giver->arena, text);

        copy[i] = (char)(copy[i] ^ 1);
        taken += !open_at(&houses->receiver, (struct str){copy, text.size},
                          STR(""), STR(""), &out, &err);
    }
    tap_is_int(houses->tap, (int)taken, 0,
               "a withdrawal with a bit turned is none");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_NONE, &err, "until it arrives the file opens");
    expect(houses,
           open_at(&houses->receiver, text, STR(""), STR(""), &out, &err),
           ERROR_NONE, &err, "the withdrawal arrives");
    expect(houses,
           open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
           ERROR_GONE, &err, "then it opens no more, however often it comes");
    {
        struct grant_given given = newest(houses, referral);

        tap_ok(houses->tap,
               str_find(grant_told(&task, &given), STR("memoria")) != SIZE_MAX,
               "the giver's page is honest about the rest");
        tap_ok(houses->tap,
               grant_file(&task, referral, &file, &err) == ERROR_GONE,
               "and hands it out no more");
    }
}

/* A relay: whatever it keeps. */
static bool relay_sees(struct str text)
{
    char folder[] = "/tmp/cobijo.relay.XXXXXX", path[96], back[65536];
    bool seen;
    FILE *file;
    size_t size;

    if (!mkdtemp(folder))
        return true;
    snprintf(path, sizeof path, "%s/file", folder);
    file = fopen(path, "wb");
    if (!file)
        return true;
    fwrite(text.at, 1, text.size, file);
    fclose(file);
    file = fopen(path, "rb");
    if (!file)
        return true;
    size = fread(back, 1, sizeof back, file);
    fclose(file);
    seen = carries((struct str){back, size});
    remove(path);
    remove(folder);
    return seen;
}

static struct str without_base64(struct fixture *fixture, struct str text)
{
    struct buf out, bytes;
    struct str line, word;

    buf_init(&out, &fixture->arena);
    while (str_cut(&text, '\n', &line))
        while (str_cut(&line, ' ', &word)) {
            buf_init(&bytes, &fixture->arena);
            if (base64_read(&bytes, word))
                buf_put(&out, buf_str(&bytes));
        }
    return buf_str(&out);
}

static void check_relay(struct houses *houses)
{
    struct str id, file = STR_NULL, keys = STR_NULL,
                   referral = sent(houses, houses->person, houses->place,
                                   "alias phone health");
    struct err err;

    give(houses, referral, true, &id, &file, &err);
    hand_over(houses, &houses->receiver, id, file, &keys, &err);
    tap_ok(houses->tap,
           file.size && keys.size && !relay_sees(file) && !relay_sees(keys),
           "a relay that keeps file and keys holds no canary");
    tap_ok(houses->tap,
           !relay_sees(without_base64(houses->giver, file)) &&
               !relay_sees(without_base64(houses->giver, keys)),
           "nor when it decodes them");
    tap_ok(houses->tap,
           carries(STR("x" CANARY_NAME "x")) &&
               relay_sees(STR("x" CANARY_STORY)),
           "(the search would find one)");
}

static enum error reply(struct houses *houses, struct str grant,
                        struct answer answer, struct str *text, struct err *err)
{
    struct task task = fixture_task(&houses->receiver, "case_worker");
    struct grant_door door;
    struct grant_reply made = {0};
    struct str refused;
    enum error error;

    *err = (struct err){0};
    houses->receiver.now += 1000;
    error = grant_door_find(&task, STR(""), grant, &door, err);
    if (!error)
        error = grant_answer(&task, &door, &answer, &made, &refused, err);
    *text = made.text;
    return error;
}

static enum error hear(struct houses *houses, struct str referral,
                       struct str text, struct err *err)
{
    struct task task =
        fixture_task(houses->giver, referral.size ? "case_worker" : "");

    *err = (struct err){0};
    return grant_hear(&task, referral, text, err);
}

/* She is hidden after the file went out: nothing of it may be left where all
 * look, and its door stays open for the receiver. */
static void check_room(struct houses *houses)
{
    struct task task = fixture_task(houses->giver, "supervisor"), inside;
    struct str person = new_person(houses), other = STR_NULL, room, id,
               file = STR_NULL, keys = STR_NULL, referral, name = STR("otra");
    struct moved moved;
    struct err err = {0};
    int64_t left = -1;

    consent(houses, person, "contacto", "");
    referral = sent(houses, person, houses->place, "alias phone");
    give(houses, referral, true, &id, &file, &err);
    err_clear(&err);
    {
        struct task system = fixture_task(houses->giver, "system");

        account_add(&system, name, name, STR("supervisor"),
                    STR("una frase larga"), &other, &err);
        account_add(&system, STR("una"), STR("una"), STR("supervisor"),
                    STR("una frase larga"), &task.actor.id, &err);
    }
    if (room_make(&task, STR("Azul"), &other, 1, &room, &err) ||
        person_hide(&task, person, room, STR("la buscan"), &moved, &err))
        fixture_say(&err);
    db_get_int(houses->giver->db, &left, NULL, &err,
               "SELECT COUNT(*) FROM grant_out WHERE site = $1 "
               "AND referral = $2",
               "tt", houses->giver->office.log.site, referral);
    tap_is_int(houses->tap, (int)left, 0,
               "a hidden person's grants are where she is");
    expect(houses, hand_over(houses, &houses->receiver, id, file, &keys, &err),
           ERROR_NONE, &err, "and their receiver still gets the keys");
    inside = fixture_task(houses->giver, "system");
    err_clear(&err);
    task_enter_room(&inside, houses->giver->office.log.site, room, &err);
    houses->giver->now += 1000;
    inside.now = houses->giver->now;
    expect(houses, grant_make(&inside, referral, false, &id, &err), ERROR_NONE,
           &err, "a grant is given inside the room, too");
    grant_file(&inside, referral, &file, &err);
    tap_ok(houses->tap,
           str_find(file, room) == SIZE_MAX &&
               str_find(file, houses->giver_key) != SIZE_MAX,
           "it names the house and not the room");
    {
        struct value *out = NULL;

        struct str text = STR_NULL;

        expect(houses,
               open_at(&houses->receiver, file, STR(""), STR(""), &out, &err),
               ERROR_NONE, &err, "and opens like any other");
        reply(houses, id, (struct answer){.kind = ANSWER_ACCEPT}, &text, &err);
        expect(houses, hear(houses, STR(""), text, &err), ERROR_NONE, &err,
               "its answer finds the room");
    }
}

static void check_erase(struct houses *houses)
{
    struct task task = fixture_task(houses->giver, "system");
    struct str person = new_person(houses), id, file = STR_NULL, referral,
               erasure;
    struct erase_order order = {.person = person};
    struct err err = {0};
    int64_t left = -1;

    consent(houses, person, "contacto", "");
    referral = sent(houses, person, houses->place, "alias phone");
    give(houses, referral, true, &id, &file, &err);
    err_clear(&err);
    if (erase_person(&task, &order, &erasure, &err))
        fixture_say(&err);
    db_get_int(houses->giver->db, &left, NULL, &err,
               "SELECT COUNT(*) FROM grant_out WHERE referral = $1", "t",
               referral);
    tap_is_int(houses->tap, (int)left, 0, "erasing her leaves no grant");
}

static void check_page(struct houses *houses)
{
    struct task task = fixture_task(houses->giver, "case_worker");
    struct value *shared = NULL;
    struct err err = {0};

    shared_list(&task, houses->person, &shared, &err);
    tap_ok(houses->tap, says(houses->giver, shared, "tomó las llaves"),
           "her copy tells of keys that were taken");
}

/* --- the house that receives, for its people ------------------------------ */

static int64_t count_of(struct fixture *fixture, const char *table)
{
    struct err err = {0};
    int64_t count = -1;
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM %s", table);
    db_get_int(fixture->db, &count, NULL, &err, sql, "");
    return count;
}

static struct str her(struct houses *houses, const struct str *id,
                      const char *kind, const char *key)
{
    struct task task = fixture_task(&houses->receiver, "system");
    struct record record = {0};
    struct err err = {0};

    if (record_read(&task.office->log, task.db, str_of(kind), *id, task.arena,
                    &record, &err))
        fixture_say(&err);
    return value_text_of(record.answers, key);
}

static enum error take(struct houses *houses, const char *role,
                       const struct value *opened, struct str person,
                       struct registered *out, struct err *err)
{
    struct task task = fixture_task(&houses->receiver, role);
    struct grant_taking taking = {.opened = opened,
                                  .answers = grant_answers(&task, opened),
                                  .person = person};

    *err = (struct err){0};
    return grant_take(&task, &taking, out, err);
}

static void check_taken(struct houses *houses)
{
    struct str person = new_person(houses), id, file = STR_NULL, text, mine,
               referral, taken, agreed;
    struct fixture *receiver = &houses->receiver;
    struct task intake = fixture_task(receiver, "intake");
    struct task health = fixture_task(receiver, "health");
    struct task giver = fixture_task(houses->giver, "case_worker");
    int64_t entries = count_of(receiver, "entry");
    struct registered registered;
    struct record *record;
    struct value *out = NULL, *package;
    struct err err;
    bool hidden = false;
    size_t count = 0;

    mine = consent(houses, person, "contacto salud", "");
    referral = sent(houses, person, houses->place, "alias age phone health");
    give(houses, referral, false, &id, &file, &err);
    open_at(receiver, file, STR(""), STR(""), &out, &err);
    tap_ok(houses->tap, count_of(receiver, "entry") == entries,
           "opening leaves no entry in the log");
    package = grant_package(&intake, out, &hidden);
    tap_ok(houses->tap,
           hidden && says(receiver, package, CANARY_PHONE) &&
               !says(receiver, package, CANARY_HEALTH),
           "who receives people does not see health, and hears that there is");
    package = grant_package(&health, out, &hidden);
    tap_ok(houses->tap, !hidden && says(receiver, package, CANARY_HEALTH),
           "who heals does");
    expect(houses, take(houses, "reporter", out, STR(""), &registered, &err),
           ERROR_FORBIDDEN, &err, "without the right nobody is registered");
    expect(houses, take(houses, "intake", out, STR(""), &registered, &err),
           ERROR_NONE, &err, "with it she is");
    tap_ok(houses->tap,
           str_equal_c(her(houses, &registered.person[0], "person", "alias"),
                       CANARY_NAME) &&
               str_equal_c(
                   her(houses, &registered.person[0], "person", "age_years"),
                   "30"),
           "with what was shared");
    intake = fixture_task(receiver, "system");
    grant_taken(&intake, out, &record, &count, &err);
    tap_is_int(houses->tap, (int)count, 1, "and the referral is in her file");
    if (count != 1)
        return;
    taken = record[0].id;
    agreed = value_text_of(record[0].answers, "consent");
    tap_ok(houses->tap,
           str_find(value_text_of(record[0].answers, "shared_health"),
                    STR(CANARY_HEALTH)) != SIZE_MAX &&
               str_equal(value_text_of(record[0].answers, "grant"), id) &&
               value_text_of(record[0].answers, "giver_code").size > 0,
           "with health behind its door, the grant and the giver's code");
    tap_is(houses->tap,
           str_c(&houses->giver->arena,
                 her(houses, &agreed, "consent", "purpose")),
           "atencion_local", "a consent for helping her here");
    tap_is(
        houses->tap,
        str_c(&houses->giver->arena, her(houses, &agreed, "consent", "basis")),
        "consentimiento_expreso", "on the ground of the grant");
    tap_ok(houses->tap,
           str_equal_c(her(houses, &agreed, "consent", "given"), "yes") &&
               her(houses, &agreed, "consent", "expires").size == 10 &&
               !her(houses, &agreed, "consent", "data_scope").size,
           "until it ends, and it lets nothing out");
    expect(houses, take(houses, "intake", out, STR(""), &registered, &err),
           ERROR_CONFLICT, &err, "nobody is registered twice from it");
    (void)mine;
    err_clear(&err);
    grant_withdraw(&giver, id, &text, &err);
    open_at(receiver, text, STR(""), STR(""), &out, &err);
    tap_ok(houses->tap,
           her(houses, &taken, "received", "withdrawn_at").size > 0 &&
               her(houses, &agreed, "consent", "revoked_at").size > 0,
           "a withdrawal marks the file and ends the consent");
}

static void check_known(struct houses *houses)
{
    struct str person = new_person(houses), id, file = STR_NULL, referral;
    struct str here = fixture_person(&houses->receiver, "{'alias':'Otra'}");
    struct registered registered;
    struct value *out = NULL;
    struct err err;
    int64_t people = count_of(&houses->receiver, "record WHERE kind = "
                                                 "'person'");

    consent(houses, person, "contacto", "");
    referral = sent(houses, person, houses->place, "alias phone");
    give(houses, referral, false, &id, &file, &err);
    open_at(&houses->receiver, file, STR(""), STR(""), &out, &err);
    expect(houses, take(houses, "intake", out, STR("0"), &registered, &err),
           ERROR_INPUT, &err, "into no file that does not exist");
    expect(houses, take(houses, "intake", out, here, &registered, &err),
           ERROR_NONE, &err, "noted in the file of who was here already");
    tap_ok(houses->tap,
           count_of(&houses->receiver, "record WHERE kind = 'person'") ==
                   people &&
               str_equal(registered.person[0], here),
           "which makes no second one");
}

/* --- answers -------------------------------------------------------------- */

/* What somebody else would write: signed by one house, for the giver. */
static struct str forged(struct houses *houses, struct fixture *signer,
                         struct str grant, int64_t number)
{
    struct task task = fixture_task(signer, "system");
    struct arena *arena = &houses->giver->arena;
    struct house_key giver;
    struct grant_seal seal;
    struct err err = {0};
    struct str text;
    unsigned char *box;
    struct house_answer said = {.id = STR("x"),
                                .grant = grant,
                                .number = number,
                                .at = houses->giver->now,
                                .kind = STR("accept")};

    house_key_parse(&signer->host, arena, houses->giver_key, &giver, &err);
    grant_seal_open(&task, &seal, &err);
    said.house = seal.key;
    text = grant_sign(&signer->host, arena, answer_text(arena, &said),
                      seal.sign_seed);
    grant_seal_wipe(&task, &seal);
    box = arena_alloc(arena, text.size + SEAL_BOX_EXTRA);
    signer->host.sealer->box(giver.box, text, box);
    return boxed_answer_text(
        arena, grant, (struct str){(char *)box, text.size + SEAL_BOX_EXTRA});
}

static struct str opened_grant(struct houses *houses, struct str *referral)
{
    struct str id = STR_NULL, file = STR_NULL;
    struct value *out = NULL;
    struct err err;

    *referral = sent(houses, houses->person, houses->place, "alias");
    houses->giver->now += 1000;
    houses->receiver.now = houses->giver->now;
    give(houses, *referral, false, &id, &file, &err);
    open_at(&houses->receiver, file, STR(""), STR(""), &out, &err);
    return id;
}

static void check_answers(struct houses *houses)
{
    struct str referral, other, text = STR_NULL, first = STR_NULL;
    struct str id = opened_grant(houses, &referral);
    struct str second = opened_grant(houses, &other);
    struct err err;
    size_t heard = 0;

    expect(
        houses,
        reply(houses, id, (struct answer){.kind = ANSWER_DECLINE}, &text, &err),
        ERROR_INPUT, &err, "no is not said without a reason");
    expect(houses,
           reply(houses, STR("0"), (struct answer){.kind = ANSWER_ACCEPT},
                 &text, &err),
           ERROR_NOT_FOUND, &err, "nor to what was not opened");
    expect(houses,
           reply(houses, id,
                 (struct answer){.kind = ANSWER_ASK,
                                 .text = STR("¿Usa " CANARY_STORY "?\n¿Sí?")},
                 &first, &err),
           ERROR_NONE, &err, "a question is signed");
    tap_ok(houses->tap,
           first.size > 100 && !carries(first) &&
               !carries(without_base64(houses->giver, first)),
           "whoever carries it does not read it");
    reply(houses, id,
          (struct answer){.kind = ANSWER_ACCEPT, .by = STR("Ana\tLuz")}, &text,
          &err);
    for (size_t i = 0; i < text.size; i++) {
        char *copy = (char *)(uintptr_t)str_c(&houses->giver->arena, text);

        copy[i] = (char)(copy[i] ^ 1 << i % 7);
        heard += !hear(houses, referral, (struct str){copy, text.size}, &err);
    }
    tap_is_int(houses->tap, (int)heard, 0, "with a bit turned it is none");
    expect(houses, hear(houses, other, text, &err), ERROR_NOT_FOUND, &err,
           "nor is it one to another referral");
    expect(houses, hear(houses, referral, text, &err), ERROR_NONE, &err,
           "brought to its referral it is noted");
    tap_is(houses->tap,
           fixture_answer(houses->giver, "referral", referral, "state"),
           "ACEPTADA", "and moves it");
    tap_is(houses->tap,
           fixture_answer(houses->giver, "referral", referral, "answered_by"),
           "Ana Luz · Clínica (ejemplo)", "in the name of who answered");
    expect(houses, hear(houses, STR(""), text, &err), ERROR_NONE, &err,
           "the same again, by the other door, is harmless");
    expect(houses, hear(houses, referral, first, &err), ERROR_CONFLICT, &err,
           "the question comes too late");
    tap_is(houses->tap,
           fixture_answer(houses->giver, "referral", referral, "question"), "",
           "and is not noted");
    expect(houses,
           hear(houses, STR(""), forged(houses, &houses->third, id, 9), &err),
           ERROR_NOT_FOUND, &err, "a third house hears of no grant");
    expect(houses,
           hear(houses, referral, forged(houses, &houses->third, id, 9), &err),
           ERROR_FORBIDDEN, &err, "brought by hand, the page says why");
    text = forged(houses, &houses->receiver, second, 9);
    {
        struct buf wrong;
        size_t at = str_find(text, second);

        buf_init(&wrong, &houses->giver->arena);
        buf_put(&wrong, str_slice(text, 0, at));
        buf_put(&wrong, id);
        buf_put(&wrong, str_slice(text, at + second.size, text.size));
        expect(houses, hear(houses, referral, buf_str(&wrong), &err),
               ERROR_INPUT, &err, "nor does an answer to another grant");
    }
    expect(houses, hear(houses, STR(""), STR("cobijo answer boxed v1\n"), &err),
           ERROR_INPUT, &err, "nor half a file");
}

static void check_answers_end(struct houses *houses)
{
    struct str referral, text = STR_NULL, back;
    struct str id = opened_grant(houses, &referral);
    struct task task = fixture_task(houses->giver, "case_worker");
    struct err err;

    reply(houses, id,
          (struct answer){.kind = ANSWER_SCHEDULE,
                          .when = STR("2026-11-25T10:00")},
          &text, &err);
    expect(houses, hear(houses, STR(""), text, &err), ERROR_NONE, &err,
           "an appointment comes over the network");
    tap_is(
        houses->tap,
        fixture_answer(houses->giver, "referral", referral, "appointment_at"),
        "2026-11-25T12:00:00-06:00", "at the other house's hour");
    reply(houses, id,
          (struct answer){.kind = ANSWER_OUTCOME,
                          .outcome = STR("servicio_recibido")},
          &text, &err);
    expect(houses, hear(houses, STR(""), text, &err), ERROR_NONE, &err,
           "attended");
    tap_is(houses->tap,
           fixture_answer(houses->giver, "referral", referral, "state"),
           "RETROALIMENTADA", "ends it as the link would");
    reply(houses, id, (struct answer){.kind = ANSWER_ACCEPT}, &text, &err);
    expect(houses, hear(houses, STR(""), text, &err), ERROR_CONFLICT, &err,
           "what the referral does not wait for is refused");
    id = opened_grant(houses, &referral);
    reply(houses, id,
          (struct answer){.kind = ANSWER_DECLINE, .reason = STR("cupo")}, &text,
          &err);
    err_clear(&err);
    grant_withdraw(&task, id, &back, &err);
    expect(houses, hear(houses, STR(""), text, &err), ERROR_GONE, &err,
           "after a withdrawal nothing is noted");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct houses houses = {.tap = tap, .giver = fixture};

    if (!fixture->office.site_key) {
        tap_skip(tap, "grants", "a house without a key gives none");
        return;
    }
    fixture->now = fixture_instant("2026-11-23T16:00:00Z");
    fixture->office.public_url = STR("https://ejemplo.test");
    if (!tap_ok(tap,
                fixture_init_other(&houses.receiver, fixture->postgres,
                                   "America/Tijuana") &&
                    fixture_init_other(&houses.third, fixture->postgres,
                                       "America/Mexico_City"),
                "two more houses"))
        return;
    houses.receiver.now = houses.third.now = fixture->now;
    houses.giver_key = house_line(fixture);
    houses.receiver_key = house_line(&houses.receiver);
    houses.place = new_place(&houses, houses.receiver_key);
    houses.person = new_person(&houses);
    consent(&houses, houses.person, "identidad contacto salud", "");
    check_key(&houses);
    check_round_trip(&houses);
    check_scope(&houses);
    check_seen(&houses);
    check_child(&houses);
    check_flips(&houses);
    check_swaps(&houses);
    check_impostor(&houses);
    check_term(&houses);
    check_apart(&houses);
    check_ground(&houses);
    check_withdrawal(&houses);
    check_relay(&houses);
    check_taken(&houses);
    check_known(&houses);
    check_answers(&houses);
    check_answers_end(&houses);
    check_room(&houses);
    check_erase(&houses);
    check_page(&houses);
    fixture_release(&houses.receiver);
    fixture_release(&houses.third);
}

int main(void)
{
    return fixture_main(check);
}
