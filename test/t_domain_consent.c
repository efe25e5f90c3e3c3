/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_consent.c - what is active and what is not, narrowing and
 * withdrawing, single acts, which fields may be shown, who is shut out.
 */
#include "domain/referral/consent.h"
#include "domain_fixture.h"

struct one {
    struct fixture *fixture;
    struct str person, other;
};

/* Puts the person's id for $ and saves as a case worker. */
static enum error save_consent(const struct one *one, struct str id,
                               const char *json, struct str *made)
{
    struct task task = fixture_task(one->fixture, "case_worker");
    struct save save = {.kind = STR("consent"), .id = id};
    struct saved saved;
    struct err err = {0};
    struct buf out;
    enum error error;

    buf_init(&out, task.arena);
    for (; *json; json++) {
        if (*json == '$')
            buf_put(&out, one->person);
        else
            buf_putc(&out, *json);
    }
    save.input = fixture_json(one->fixture, str_c(task.arena, buf_str(&out)));
    error = record_save(&task, &save, &saved, &err);
    for (size_t i = 0; i < saved.problems; i++)
        printf("# %.*s: %s\n", STR_ARGS(saved.problem[i].path),
               saved.problem[i].err.message);
    if (!error && made)
        *made = saved.id;
    one->fixture->now += 1000;
    return error;
}

struct wish {
    const char *purpose, *act, *place, *data;
};

static struct consent_want want_of(struct wish wish)
{
    return (struct consent_want){.purpose = str_of(wish.purpose),
                                 .act = str_of(wish.act),
                                 .place = str_of(wish.place),
                                 .data = wish.data};
}

static bool is_active(const struct one *one, struct str id, struct wish wish,
                      const char **why)
{
    struct task task = fixture_task(one->fixture, "case_worker");
    struct consent_want want = want_of(wish);
    struct consent consent;
    struct err err = {0};
    bool active = false;

    *why = NULL;
    if (consent_check(&task, id, &want, &consent, &active, why, &err))
        fixture_say(&err);
    return active;
}

static void check_active(struct tap *tap, const struct one *one)
{
    static const struct {
        const char *name, *json;
        struct wish wish;
        bool active;
    } row[] = {
        {"given for it",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'data_scope':'identidad contacto'}",
         {"referencia", "", "", "identidad"},
         true},
        {"refused",
         "{'person':'$','purpose':'referencia','given':'no'}",
         {"referencia", "", "", NULL},
         false},
        {"not answered",
         "{'person':'$','purpose':'referencia'}",
         {"referencia", "", "", NULL},
         false},
        {"for something else",
         "{'person':'$','purpose':'salud','given':'yes'}",
         {"referencia", "", "", NULL},
         false},
        {"for fewer data",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'data_scope':'contacto'}",
         {"referencia", "", "", "contacto salud"},
         false},
        {"for another place",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'scope_orgs':'p1 p2'}",
         {"referencia", "", "p3", NULL},
         false},
        {"for this place",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'scope_orgs':'p1 p2'}",
         {"referencia", "", "p2", NULL},
         true},
        {"for any place",
         "{'person':'$','purpose':'referencia','given':'yes'}",
         {"referencia", "", "p3", NULL},
         true},
        {"until today",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'expires':'2026-11-22'}",
         {"referencia", "", "", NULL},
         true},
        {"from tomorrow on",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'given_at':'2026-11-23T18:00:00Z'}",
         {"referencia", "", "", NULL},
         false},
        {"withdrawn",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'revoked_at':'2026-11-22T15:00:00Z'}",
         {"referencia", "", "", NULL},
         false},
        {"for one referral, not for another",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'referral':'r1'}",
         {"referencia", "r2", "", NULL},
         false},
        {"for this referral",
         "{'person':'$','purpose':'referencia','given':'yes',"
         "'referral':'r1'}",
         {"referencia", "r1", "", NULL},
         true},
        {"a single act, picked for it",
         "{'person':'$','purpose':'acto_unico','act':'TVRH',"
         "'given':'yes'}",
         {"referencia", "r1", "", NULL},
         true},
        {"a single act for no act at all",
         "{'person':'$','purpose':'acto_unico','act':'TVRH',"
         "'given':'yes'}",
         {"referencia", "", "", NULL},
         false},
        {"a single act for another act",
         "{'person':'$','purpose':'acto_unico','act':'TVRH',"
         "'referral':'r9','given':'yes'}",
         {"referencia", "r1", "", NULL},
         false},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct str id = STR_NULL;
        const char *why;
        bool active;

        if (save_consent(one, STR_NULL, row[i].json, &id))
            printf("# not saved\n");
        active = is_active(one, id, row[i].wish, &why);
        tap_ok(tap, active == row[i].active && !why == active, "%s: %s",
               row[i].name, row[i].active ? "active" : "not active");
    }
}

static void check_expiry(struct tap *tap, const struct one *one)
{
    struct wish wish = {"referencia", "", "", NULL};
    struct str id = STR_NULL;
    const char *why;
    int64_t now = one->fixture->now;

    save_consent(one, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'yes',"
                 "'expires':'2026-11-22'}",
                 &id);
    one->fixture->now = fixture_instant("2026-11-23T05:30:00Z");
    tap_ok(tap, is_active(one, id, wish, &why),
           "the last day lasts until midnight there");
    one->fixture->now = fixture_instant("2026-11-23T06:00:00Z");
    tap_ok(tap, !is_active(one, id, wish, &why) && strstr(why, "venció"),
           "then it has expired");
    one->fixture->now = now;
}

static void check_narrowing(struct tap *tap, const struct one *one)
{
    static const char given[] =
        "{'person':'$','purpose':'referencia','given':'yes',"
        "'data_scope':'identidad contacto','scope_orgs':'p1 p2',"
        "'expires':'2026-12-24','block_list':'PRENSA'}";
    static const struct {
        const char *name, *json;
        enum error error;
    } row[] = {
        {"fewer data", "{'data_scope':'contacto'}", ERROR_NONE},
        {"more data", "{'data_scope':'identidad contacto salud'}",
         ERROR_BLOCKED},
        {"other data", "{'data_scope':'salud'}", ERROR_BLOCKED},
        {"fewer places", "{'scope_orgs':'p1'}", ERROR_NONE},
        {"more places", "{'scope_orgs':'p1 p2 p3'}", ERROR_BLOCKED},
        {"any place", "{'scope_orgs':''}", ERROR_BLOCKED},
        {"an earlier end", "{'expires':'2026-12-01'}", ERROR_NONE},
        {"a later end", "{'expires':'2027-01-01'}", ERROR_BLOCKED},
        {"no end", "{'expires':''}", ERROR_BLOCKED},
        {"one more shut out", "{'block_list':'PRENSA FAMILIA INM'}",
         ERROR_NONE},
        {"one let in again", "{'block_list':'INM'}", ERROR_BLOCKED},
        {"another purpose", "{'purpose':'salud'}", ERROR_BLOCKED},
        {"no after all", "{'given':'no'}", ERROR_NONE},
        {"withdrawn", "{'revoked_at':'2026-11-22T16:00:00Z'}", ERROR_NONE},
    };
    struct str id = STR_NULL;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        save_consent(one, STR_NULL, given, &id);
        tap_ok(tap, save_consent(one, id, row[i].json, NULL) == row[i].error,
               "%s: %s", row[i].name, error_name(row[i].error));
    }
    save_consent(one, STR_NULL, given, &id);
    save_consent(one, id, "{'given':'no'}", NULL);
    tap_ok(tap, save_consent(one, id, "{'given':'yes'}", NULL) == ERROR_BLOCKED,
           "a no is not made a yes");
    save_consent(one, STR_NULL, given, &id);
    save_consent(one, id, "{'revoked_at':'2026-11-22T16:00:00Z'}", NULL);
    tap_ok(tap,
           save_consent(one, id, "{'revoked_at':''}", NULL) == ERROR_BLOCKED,
           "a withdrawal is not taken back");
    tap_ok(tap,
           strstr(fixture_answer(one->fixture, "consent", id, "block_list"),
                  "INM") != NULL,
           "INM is always shut out");
}

static void check_revoke(struct tap *tap, const struct one *one)
{
    struct wish wish = {"referencia", "", "", NULL};
    struct task task = fixture_task(one->fixture, "intake");
    struct str id = STR_NULL;
    struct err err = {0};
    const char *why;

    save_consent(one, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'yes',"
                 "'expires':'2026-11-22'}",
                 &id);
    one->fixture->now += (int64_t)3 * 86400000;
    task = fixture_task(one->fixture, "intake");
    tap_ok(tap, !consent_revoke(&task, id, &err),
           "withdrawing works after the end, too");
    one->fixture->now -= (int64_t)3 * 86400000;
    tap_ok(tap, !is_active(one, id, wish, &why) && strstr(why, "retiró"),
           "and it is withdrawn");
    save_consent(one, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'yes',"
                 "'revoked_at':'2030-01-01T00:00:00Z'}",
                 &id);
    tap_ok(tap, !is_active(one, id, wish, &why),
           "a withdrawal set for later counts now");
}

/* Two nodes write without knowing of each other: the narrower stands. */
static void check_restrict(struct tap *tap, const struct one *one)
{
    static const struct {
        const char *name, *here, *there, *field, *result;
    } row[] = {
        {"a withdrawal and a shorter list",
         "{'revoked_at':'2026-11-22T16:30:00.000Z'}",
         "{'data_scope':'identidad'}", "revoked_at",
         "2026-11-22T16:30:00.000Z"},
        {"two shorter lists", "{'data_scope':'identidad'}",
         "{'data_scope':'identidad contacto'}", "data_scope", "identidad"},
        {"two ends", "{'expires':'2026-12-01'}", "{'expires':'2026-12-10'}",
         "expires", "2026-12-01"},
        {"yes and no", "{'given':'no'}", "{'given':'yes'}", "given", "no"},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct task task = fixture_task(one->fixture, "system");
        const struct log *log = &one->fixture->office.log;
        struct record record = {0};
        struct str id = STR_NULL;
        struct err err = {0};

        save_consent(one, STR_NULL,
                     "{'person':'$','purpose':'referencia','given':'yes',"
                     "'data_scope':'identidad contacto',"
                     "'expires':'2026-12-24'}",
                     &id);
        record_read(log, one->fixture->db, STR("consent"), id, task.arena,
                    &record, &err);
        for (int writer = 0; writer < 2; writer++) {
            struct change change;

            change_init(&change, &task);
            change_add(
                &change, STR("consent"), id, OP_UPDATE,
                fixture_json(one->fixture, writer ? row[i].there : row[i].here),
                one->person);
            change.entry[0].base = record.clock; /* both saw the first */
            change_commit(&change, NULL, &err);
            one->fixture->now += 1000;
        }
        tap_is(tap, fixture_answer(one->fixture, "consent", id, row[i].field),
               row[i].result, row[i].name);
    }
}

static void check_choice(struct tap *tap, const struct one *one)
{
    struct one own = *one;
    struct task task;
    struct consent_want want = {.purpose = STR("referencia"), .act = STR("r5")};
    struct consent consent;
    struct str wide = STR_NULL, act = STR_NULL;
    struct err err = {0};
    bool found = true;

    own.person = fixture_person(one->fixture, "{'given_names':'Elige'}");
    task = fixture_task(one->fixture, "case_worker");
    consent_active(&task, own.person, &want, &consent, &found, &err);
    tap_ok(tap, !found, "nothing at first");
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'yes',"
                 "'data_scope':'identidad contacto salud'}",
                 &wide);
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'yes',"
                 "'data_scope':'contacto'}",
                 NULL);
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'acto_unico','act':'x',"
                 "'given':'yes'}",
                 NULL);
    task = fixture_task(one->fixture, "case_worker");
    consent_active(&task, own.person, &want, &consent, &found, &err);
    tap_ok(tap, found && str_equal(consent.id, wide),
           "the widest, and no single act by itself");
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'acto_unico','act':'x',"
                 "'referral':'r5','given':'yes'}",
                 &act);
    task = fixture_task(one->fixture, "case_worker");
    consent_active(&task, own.person, &want, &consent, &found, &err);
    tap_ok(tap, found && str_equal(consent.id, act),
           "the one that names the act comes first");
}

static void check_single_act(struct tap *tap, const struct one *one)
{
    struct task task = fixture_task(one->fixture, "case_worker");
    struct wish first = {"referencia", "act-1", "", NULL};
    struct wish second = {"referencia", "act-2", "", NULL};
    struct change change, late;
    struct str id = STR_NULL;
    struct err err = {0};
    const char *why;

    save_consent(one, STR_NULL,
                 "{'person':'$','purpose':'acto_unico','act':'TVRH',"
                 "'given':'yes'}",
                 &id);
    task = fixture_task(one->fixture, "case_worker");
    change_init(&late, &task);
    consent_use(&task, &late, id, STR("act-2"), &err);
    change_init(&change, &task);
    tap_ok(tap,
           !consent_use(&task, &change, id, STR("act-1"), &err) &&
               !change_commit(&change, NULL, &err),
           "the act is done");
    tap_ok(tap, is_active(one, id, first, &why), "it still covers that act");
    tap_ok(tap, !is_active(one, id, second, &why) && strstr(why, "acto"),
           "and no other");
    tap_ok(tap, change_commit(&late, NULL, &err) == ERROR_BLOCKED,
           "a second act begun before is refused when it is written");
}

/* Somebody else's consent is none. */
static void check_whose(struct tap *tap, const struct one *one)
{
    struct one own = *one;
    struct wish wish = {"salud", "", "", NULL};
    struct str id = STR_NULL;
    const char *why;
    char json[256];
    struct str need;

    snprintf(json, sizeof(json), "{'person':'%.*s','sector':'ALIM'}",
             STR_ARGS(one->person));
    need = fixture_record(one->fixture, "need", json);
    own.person = one->other;
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'salud','given':'yes'}", &id);
    tap_ok(tap, is_active(one, id, wish, &why), "hers is active");
    wish.act = str_c(&one->fixture->arena, need);
    tap_ok(tap, !is_active(one, id, wish, &why) && strstr(why, "otra persona"),
           "but not for what is about another person");
}

static void check_fields(struct tap *tap, const struct one *one)
{
    static const struct {
        const char *field, *scope;
        bool allowed;
    } row[] = {
        {"given_names", "identidad", true},
        {"given_names", "contacto", false},
        {"phone", "contacto", true},
        {"phone", "identidad", false},
        {"contact_how", "contacto", true},
        {"location_now", "ubicacion", true},
        {"location_now", "identidad", false},
        {"wg_ver", "salud", true},
        {"wg_ver", "identidad contacto", false},
        {"migration_status", "asilo", true},
        {"migration_status", "identidad", false},
        {"gender_identity", "identidad contacto salud violencia asilo", false},
        {"indigenous_people", "identidad", false},
        {"case_code", "identidad", false},
        {"merged_into", "identidad", false},
        {"no_such_field", "identidad", false},
    };
    const struct form *form =
        forms_find(one->fixture->office.forms, STR("person"), STR_NULL);
    struct consent consent = {.data_scope = STR("identidad documentos")};
    struct value *out;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct consent each = {.data_scope = str_of(row[i].scope)};

        tap_ok(tap,
               consent_allows_field(&each,
                                    form_find(form, str_of(row[i].field))) ==
                   row[i].allowed,
               "%s with %s: %s", row[i].field, row[i].scope,
               row[i].allowed ? "shown" : "kept");
    }
    out = consent_allows_fields(
        &consent, form,
        fixture_json(one->fixture,
                     "{'given_names':'Ana','phone':'551','wg_ver':'2',"
                     "'_why':{'sex':'NR'},'documents':[{'doc_type':'DPI',"
                     "'held_by':'persona'}]}"),
        &one->fixture->arena);
    tap_is_int(tap, (long long)value_count(out), 2,
               "answers are cut to what is allowed");
    tap_is_int(tap,
               (long long)value_count(value_at(value_get(out, "documents"), 0)),
               2, "rows, too");
}

static void check_blocks(struct tap *tap, const struct one *one)
{
    struct one own = *one;
    struct task task;
    struct err err = {0};
    struct str id = STR_NULL;
    bool blocked = false;
    char json[256];

    own.person = fixture_person(one->fixture, "{'given_names':'Teme'}");
    task = fixture_task(one->fixture, "case_worker");
    consent_blocks(&task, own.person, "INM", &blocked, &err);
    tap_ok(tap, blocked, "INM without being asked");
    consent_blocks(&task, own.person, "FAMILIA", &blocked, &err);
    tap_ok(tap, !blocked, "others when she says so");
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'referencia','given':'no',"
                 "'block_list':'FAMILIA'}",
                 NULL);
    consent_blocks(&task, own.person, "FAMILIA", &blocked, &err);
    tap_ok(tap, blocked, "even where she says no");
    consent_blocks(&task, own.person, "CONSULADO", &blocked, &err);
    tap_ok(tap, !blocked, "her consulate is not shut out yet");
    snprintf(json, sizeof(json),
             "{'person':'%.*s','code':'SOLREF','state':'presumed'}",
             STR_ARGS(own.person));
    fixture_record(one->fixture, "profile", json);
    save_consent(&own, STR_NULL,
                 "{'person':'$','purpose':'salud','given':'yes'}", &id);
    consent_blocks(&task, own.person, "CONSULADO", &blocked, &err);
    tap_ok(tap, blocked, "with SOLREF it is");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct one one = {.fixture = fixture};

    one.person = fixture_person(fixture, "{'given_names':'Alba'}");
    one.other = fixture_person(fixture, "{'given_names':'Berta'}");
    if (!tap_ok(tap, one.person.size && one.other.size, "made-up people"))
        return;
    check_active(tap, &one);
    check_expiry(tap, &one);
    check_narrowing(tap, &one);
    check_revoke(tap, &one);
    check_restrict(tap, &one);
    check_choice(tap, &one);
    check_single_act(tap, &one);
    check_whose(tap, &one);
    check_fields(tap, &one);
    check_blocks(tap, &one);
}

int main(void)
{
    return fixture_main(check);
}
