/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_referral.c - the closed loop: guards, grounds, what leaves the house, the
 * receiver's answers, the clocks.
 */
#include "core/date.h"
#include "domain/person/merge.h"
#include "domain/referral/referral.h"
#include "domain/report/report.h"
#include "domain/casework/screening.h"
#include "domain/casework/today.h"
#include "test/domain_fixture.h"

struct loop {
    struct tap *tap;
    struct fixture *fixture;
    struct str person, place;
};

static struct str make(struct loop *loop, const char *kind, const char *format,
                       struct str id, const char *more)
{
    struct task task = fixture_task(loop->fixture, "system");
    struct str json = str_format(task.arena, format, STR_ARGS(id), more);

    return fixture_record(loop->fixture, kind, str_c(task.arena, json));
}

static struct str new_referral(struct loop *loop, struct str person,
                               const char *more)
{
    return make(loop, "referral",
                "{'person':'%.*s','urgency':'U1','service_code':'LE1',%s}",
                person, more);
}

static struct str new_consent(struct loop *loop, struct str person,
                              const char *more)
{
    return make(loop, "consent",
                "{'person':'%.*s','given':'yes','given_by':'titular',"
                "'basis':'consentimiento_expreso',%s}",
                person, more);
}

static enum error send(struct loop *loop, struct str referral, struct str *link,
                       const char **why)
{
    struct task task = fixture_task(loop->fixture, "case_worker");
    struct err err = {0};
    enum error error = referral_send(&task, referral, link, &err);

    *why = error == ERROR_NONE
               ? ""
               : str_c(task.arena, err_text(&err, NULL, task.arena));
    return error;
}

static void expect_blocked(struct loop *loop, struct str referral,
                           const char *part, const char *name)
{
    struct str link;
    const char *why;
    enum error error = send(loop, referral, &link, &why);

    tap_ok(loop->tap, error == ERROR_BLOCKED && strstr(why, part), "%s", name);
    if (error != ERROR_BLOCKED || !strstr(why, part))
        printf("# %s: %s\n", error_name(error), why);
}

static void expect_sent(struct loop *loop, struct str referral,
                        struct str *link, const char *name)
{
    const char *why;
    enum error error = send(loop, referral, link, &why);

    tap_ok(loop->tap, error == ERROR_NONE, "%s", name);
    if (error != ERROR_NONE)
        printf("# %s: %s\n", error_name(error), why);
}

static enum error open_link(struct loop *loop, struct str link,
                            struct str *referral);

/* -- guards ------------------------------------------------------------------
 */

static void check_enforcement(struct loop *loop)
{
    struct str id =
        new_referral(loop, loop->person,
                     "'to_name':'Estación (ejemplo)','to_type':'INM',"
                     "'share_fields':'alias'");

    new_consent(loop, loop->person, "'purpose':'referencia'");
    expect_blocked(loop, id, "Nunca se envía",
                   "enforcement is refused, consent or not");
}

static void check_single_act(struct loop *loop)
{
    struct str id =
        new_referral(loop, loop->person,
                     "'to_name':'Oficina (ejemplo)','to_type':'INM-TVRH',"
                     "'share_fields':'alias'");
    struct task task = fixture_task(loop->fixture, "system");
    struct str link;

    expect_blocked(loop, id, "permiso",
                   "a humanitarian card takes consent for that act");
    new_consent(
        loop, loop->person,
        str_c(task.arena, str_format(task.arena,
                                     "'purpose':'acto_unico','act':'TVRH',"
                                     "'referral':'%.*s'",
                                     STR_ARGS(id))));
    expect_sent(loop, id, &link, "with it, it goes");
}

static void check_consulate(struct loop *loop)
{
    struct str person = fixture_person(
        loop->fixture,
        "{'given_names':'Ejemplo','age_years':'30','nationality':'HND'}");
    struct str id, other, link;
    const char *why;

    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'Consulado (ejemplo)','to_type':'CONS',"
                      "'to_consulate_of':'HND','share_fields':'alias'");
    other = new_referral(loop, person,
                         "'to_name':'Consulado (ejemplo)','to_type':'CONS',"
                         "'to_consulate_of':'HND','share_fields':'alias'");
    expect_sent(loop, other, &link, "her consulate, when nothing is feared");
    make(loop, "profile",
         "{'person':'%.*s','code':'SOLREF','state':'presumed'%s}", person, "");
    expect_blocked(loop, id, "consulado",
                   "her consulate is refused when she fears return");
    tap_ok(loop->tap, open_link(loop, link, &id) == ERROR_GONE,
           "and a link that it has already opens no more");
    id = new_referral(loop, person,
                      "'to_name':'Consulado (ejemplo)','to_type':'CONS',"
                      "'to_consulate_of':'GTM','share_fields':'alias'");
    expect_sent(loop, id, &link, "another country's consulate is not hers");
    id = new_referral(loop, person,
                      "'to_name':'Consulado (ejemplo)','to_type':'CONS',"
                      "'share_fields':'alias'");
    expect_blocked(loop, id, "consulado", "one of unknown country may be hers");
    id = new_referral(loop, person,
                      "'to_name':'Alguien','share_fields':'alias'");
    tap_ok(loop->tap, send(loop, id, &link, &why) == ERROR_INPUT,
           "of what kind the receiver is must be said");
}

/* A receiver typed by hand is what its name says, whatever kind was chosen. */
static void check_names(struct loop *loop)
{
    static const struct {
        const char *name, *type, *says; /* says: part of the refusal, or "" */
    } row[] = {
        {"INM", "ALB", "Nunca se envía"},
        {"Oficina I.N.M. Tapachula", "ALB", "Nunca se envía"},
        {"Instituto Nacional de Migración", "ALB", "Nunca se envía"},
        {"INSTITUTO  NACIONAL DE MIGRACION, Delegación", "ONG-LEGAL",
         "Nunca se envía"},
        {"Estación migratoria Siglo XXI", "ALB", "Nunca se envía"},
        {"Grupos Beta Tenosique", "ALB", "permiso"},
        {"Consulado General (ejemplo)", "ALB", "consulado"},
        {"Sección consular", "ONG-LEGAL", "consulado"},
        {"Embajada (ejemplo)", "ONG-LEGAL", "consulado"},
        {"Instituto de las Mujeres (INMUJERES)", "ALB", ""},
        {"Casa del Migrante (ejemplo)", "ALB", ""},
        {"Pastoral de Migración y Consultas", "ALB", ""},
    };
    struct task task = fixture_task(loop->fixture, "system");
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30',"
                                      "'nationality':'HND'}");
    struct str link;

    new_consent(loop, person, "'purpose':'referencia'");
    make(loop, "profile",
         "{'person':'%.*s','code':'SOLREF','state':'indicios'%s}", person, "");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str id = new_referral(
            loop, person,
            str_c(task.arena, str_format(task.arena,
                                         "'to_name':'%s','to_type':'%s',"
                                         "'share_fields':'alias'",
                                         row[i].name, row[i].type)));

        if (*row[i].says)
            expect_blocked(loop, id, row[i].says, row[i].name);
        else
            expect_sent(loop, id, &link, row[i].name);
    }
    expect_blocked(loop,
                   new_referral(loop, person,
                                "'to_name':'Consulado (ejemplo)',"
                                "'to_type':'CONS','to_consulate_of':'HND',"
                                "'share_fields':'alias'"),
                   "consulado", "signs are enough for the consular block");
}

/* -- grounds
 * ------------------------------------------------------------------- */

static void check_consent(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "system");
    struct str person = fixture_person(
        loop->fixture, "{'alias':'Ejemplo','age_years':'30',"
                       "'phone':'+50499990000','nationality':'GTM'}");
    struct str id = new_referral(loop, person,
                                 "'to_name':'Clínica (ejemplo)',"
                                 "'to_type':'CS','share_fields':'alias'");
    struct str link;

    expect_blocked(loop, id, "consentimiento", "no consent, no referral");
    new_consent(loop, person,
                "'purpose':'referencia','data_scope':'identidad'");
    id = new_referral(loop, person,
                      "'to_name':'Clínica (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias phone'");
    expect_blocked(loop, id, "no incluye",
                   "a field outside the consent is refused by name");
    id = new_referral(loop, person,
                      "'to_name':'Clínica (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias nationality'");
    expect_sent(loop, id, &link, "within the consent it goes");
    id = new_referral(loop, person,
                      "'to_name':'Otra (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    make(loop, "consent",
         "{'person':'%.*s','given':'no','purpose':'acto_unico',"
         "'act':'Referencia',%s}",
         person,
         str_c(task.arena,
               str_format(task.arena, "'referral':'%.*s'", STR_ARGS(id))));
    expect_blocked(loop, id, "dijo que no",
                   "a no to this referral outweighs a wider yes");
}

static void check_child(struct loop *loop)
{
    struct str child = fixture_person(
        loop->fixture, "{'given_names':'Ejemplo','age_years':'15'}");
    struct str id = new_referral(loop, child,
                                 "'to_name':'Procuraduría (ejemplo)',"
                                 "'to_type':'PPNNA',"
                                 "'share_fields':'alias age'");
    struct str link;

    expect_blocked(loop, id, "opinión", "a child is heard first");
    id = new_referral(loop, child,
                      "'to_name':'Procuraduría (ejemplo)','to_type':'PPNNA',"
                      "'share_fields':'alias age',"
                      "'child_opinion':'Quiere llamar a su mamá'");
    expect_sent(loop, id, &link,
                "her opinion is enough for the protection authority");
    id = new_referral(loop, child,
                      "'to_name':'Escuela (ejemplo)','to_type':'ALB',"
                      "'share_fields':'alias','child_opinion':'Sí'");
    expect_blocked(loop, id, "consentimiento",
                   "to anybody else it takes consent");
}

/* -- what leaves, and the link
 * ---------------------------------------------------- */

static bool package_says(struct loop *loop, struct str id, const char *text)
{
    struct task task = fixture_task(loop->fixture, "case_worker");
    struct value *package = NULL;
    struct err err = {0};
    struct buf out;

    buf_init(&out, task.arena);
    if (referral_package(&task, id, &package, &err) != ERROR_NONE)
        fixture_say(&err);
    value_write(package, &out);
    return str_find(buf_str(&out), str_of(text)) != SIZE_MAX;
}

static enum error open_link(struct loop *loop, struct str link,
                            struct str *referral)
{
    struct task task = fixture_task(loop->fixture, "");
    struct str token = link;
    struct err err = {0};
    size_t at;

    while ((at = str_find_char(token, '/')) != SIZE_MAX)
        token = str_slice(token, at + 1, token.size);
    return referral_by_link(&task, token, referral, &err);
}

static enum error respond(struct loop *loop, struct str id,
                          struct answer answer)
{
    struct task task = fixture_task(loop->fixture, "case_worker");
    struct err err = {0};
    enum error error = referral_respond(&task, id, &answer, &err);

    if (error != ERROR_NONE)
        fixture_say(&err);
    return error;
}

static void check_link(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "case_worker");
    struct str person = fixture_person(
        loop->fixture, "{'given_names':'Secreta','alias':'Lucero',"
                       "'first_surname':'Apellidoso','age_years':'30',"
                       "'phone':'+50499990000','nationality':'GTM'}");
    struct str id, link = STR_NULL, found = STR_NULL;
    struct err err = {0};

    new_consent(loop, person, "'purpose':'referencia','data_scope':'contacto'");
    id = new_referral(loop, person,
                      "'to_name':'Clínica (ejemplo)','to_type':'CS',"
                      "'message':'Necesita orientación',"
                      "'share_fields':'alias age phone'");
    expect_sent(loop, id, &link, "sent");
    tap_ok(loop->tap, str_starts(link, STR("https://ejemplo.test/r/")),
           "with a link");
    tap_ok(loop->tap, package_says(loop, id, "Lucero"), "the alias is in it");
    tap_ok(loop->tap, package_says(loop, id, "50499990000"), "the telephone");
    tap_ok(loop->tap, !package_says(loop, id, "Secreta"), "not her name");
    tap_ok(loop->tap, !package_says(loop, id, "Apellidoso"), "nor surname");
    tap_ok(loop->tap, !package_says(loop, id, "Guatemala"), "nor nationality");
    tap_ok(loop->tap,
           open_link(loop, link, &found) == ERROR_NONE && str_equal(found, id),
           "the link opens it");
    tap_ok(loop->tap,
           open_link(loop, STR("x/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                     &found) == ERROR_NOT_FOUND,
           "a wrong one does not");
    tap_ok(loop->tap,
           respond(loop, id, (struct answer){.kind = ANSWER_DECLINE}) ==
               ERROR_INPUT,
           "declining takes a reason");
    tap_ok(loop->tap,
           respond(loop, id,
                   (struct answer){.kind = ANSWER_ASK,
                                   .text = STR("¿A qué hora?")}) == ERROR_NONE,
           "asking");
    tap_is(loop->tap, fixture_answer(loop->fixture, "referral", id, "state"),
           "RECIBIDA", "counts as received");
    tap_ok(loop->tap,
           respond(loop, id,
                   (struct answer){.kind = ANSWER_ACCEPT,
                                   .reply_code = STR("0000000")}) ==
               ERROR_INPUT,
           "a wrong reply code is refused");
    tap_ok(loop->tap,
           respond(loop, id, (struct answer){.kind = ANSWER_ACCEPT}) ==
               ERROR_NONE,
           "accepting");
    loop->fixture->now += 3600 * 1000;
    tap_ok(loop->tap,
           respond(loop, id,
                   (struct answer){.kind = ANSWER_OUTCOME,
                                   .outcome = STR("servicio_recibido")}) ==
               ERROR_NONE,
           "reporting the outcome");
    tap_is(loop->tap, fixture_answer(loop->fixture, "referral", id, "state"),
           "RETROALIMENTADA", "closes the loop");
    tap_ok(loop->tap,
           *fixture_answer(loop->fixture, "referral", id, "attended_at"),
           "first attention has its instant");
    task = fixture_task(loop->fixture, "case_worker");
    tap_ok(loop->tap, referral_close(&task, id, &err) == ERROR_NONE, "closed");
    tap_ok(loop->tap, open_link(loop, link, &found) == ERROR_GONE,
           "then the link is gone");
}

/* Two files that turn out to be one person: what protects her on either of
 * them protects her on both. */
static void check_merged(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "supervisor");
    struct str person = fixture_person(
        loop->fixture, "{'given_names':'Ejemplo','nationality':'HND'}");
    struct str twin = fixture_person(
        loop->fixture, "{'given_names':'Ejemplo','nationality':'HND'}");
    struct value *items = NULL;
    struct err err = {0};
    struct str id;

    make(loop, "profile",
         "{'person':'%.*s','code':'SOLREF','state':'presumed'%s}", twin, "");
    make(loop, "flag", "{'person':'%.*s','code':'F09'%s}", twin, "");
    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'Consulado (ejemplo)','to_type':'CONS',"
                      "'to_consulate_of':'HND','share_fields':'alias'");
    tap_ok(loop->tap,
           person_merge(&task, person, twin, STR("es la misma"), &err) ==
               ERROR_NONE,
           "two files become one");
    expect_blocked(loop, id, "consulado",
                   "a profile on the other file blocks her consulate");
    task = fixture_task(loop->fixture, "supervisor");
    tap_ok(loop->tap,
           person_open_items(&task, person, &items, &err) == ERROR_NONE &&
               value_count(value_get(items, "flags")) == 1 &&
               value_count(value_get(items, "profiles")) == 1,
           "and its open flags stand on her page");
    fixture_say(&err);
}

static void check_relink(struct loop *loop)
{
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    int64_t began = loop->fixture->now;
    struct str id, old = STR_NULL, link = STR_NULL, found = STR_NULL;
    struct task task;
    struct err err = {0};

    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'A (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    expect_sent(loop, id, &old, "sent, and not answered");
    loop->fixture->now += (int64_t)60 * 24 * 3600 * 1000;
    tap_ok(loop->tap, open_link(loop, old, &found) == ERROR_GONE,
           "two months later its link has ended");
    task = fixture_task(loop->fixture, "case_worker");
    tap_ok(loop->tap,
           referral_relink(&task, id, &link, &err) == ERROR_NONE &&
               open_link(loop, link, &found) == ERROR_NONE,
           "a new one opens");
    fixture_say(&err);
    tap_ok(loop->tap, open_link(loop, old, &found) == ERROR_NOT_FOUND,
           "the old one is no more");
    loop->fixture->now = began + 1;
}

/* A double click, an answer that got lost: the page is sent once more. */
static void check_sent_twice(struct loop *loop)
{
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct str id, first = STR_NULL, second = STR_NULL, found = STR_NULL;
    struct task task;
    struct err err = {0};

    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'A (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    expect_sent(loop, id, &first, "sent");
    expect_sent(loop, id, &second, "sent again by a second click");
    tap_ok(loop->tap, second.size && !str_equal(first, second),
           "which answers with a link of its own");
    tap_ok(loop->tap,
           open_link(loop, second, &found) == ERROR_NONE &&
               str_equal(found, id),
           "that opens");
    tap_ok(loop->tap, open_link(loop, first, &found) == ERROR_NOT_FOUND,
           "and the lost one does not");
    task = fixture_task(loop->fixture, "");
    tap_ok(loop->tap, referral_opened(&task, id, &err) == ERROR_NONE,
           "the receiver looks at it");
    fixture_say(&err);
    first =
        str_of(fixture_answer(loop->fixture, "referral", id, "link_opened_at"));
    tap_ok(loop->tap, first.size > 0, "the sender sees that it was opened");
    loop->fixture->now += 60000;
    task = fixture_task(loop->fixture, "");
    referral_opened(&task, id, &err);
    tap_ok(loop->tap,
           str_equal_c(first, fixture_answer(loop->fixture, "referral", id,
                                             "link_opened_at")),
           "and when it was the first time");
    first = second;
    expect_sent(loop, id, &second, "a page reloaded after that");
    tap_ok(loop->tap,
           second.size == 0 && open_link(loop, first, &found) == ERROR_NONE,
           "ends no link that somebody has");
}

static void check_withdrawal(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "case_worker");
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct str consent, first, second, link1 = STR_NULL, link2 = STR_NULL;
    struct str found;
    struct err err = {0};
    struct saved saved;

    consent = new_consent(loop, person, "'purpose':'referencia'");
    first = new_referral(loop, person,
                         "'to_name':'A (ejemplo)','to_type':'CS',"
                         "'share_fields':'alias'");
    second = new_referral(loop, person,
                          "'to_name':'B (ejemplo)','to_type':'CS',"
                          "'share_fields':'alias'");
    expect_sent(loop, first, &link1, "one referral");
    expect_sent(loop, second, &link2, "another");
    tap_ok(loop->tap,
           referral_withdraw(&task, first, STR("cambió de idea"), &err) ==
               ERROR_NONE,
           "the first is withdrawn");
    fixture_say(&err);
    tap_ok(loop->tap, open_link(loop, link1, &found) == ERROR_GONE,
           "its link is gone");
    task = fixture_task(loop->fixture, "supervisor");
    tap_ok(loop->tap,
           fixture_save(&task, "consent", consent,
                        fixture_json(loop->fixture, "{'given':'no'}"),
                        &saved) == ERROR_NONE,
           "she withdraws her consent");
    tap_ok(loop->tap, open_link(loop, link2, &found) == ERROR_GONE,
           "then the other link is gone too");
    loop->fixture->now += 1;
}

/* -- clocks
 * ------------------------------------------------------------------------ */

static void check_clock(struct loop *loop)
{
    struct task task;
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct str id, link;
    struct value *today = NULL;
    struct err err = {0};
    size_t changed = 0, again = 0;

    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'A (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    expect_sent(loop, id, &link, "a same-day referral");
    loop->fixture->now += (int64_t)3 * 3600 * 1000;
    task = fixture_task(loop->fixture, "case_worker");
    tap_ok(loop->tap, today_read(&task, &today, &err) == ERROR_NONE,
           "Today is read");
    fixture_say(&err);
    tap_ok(loop->tap,
           value_to_bool(
               value_get(value_at(value_get(today, "referrals"), 0), "late"),
               false),
           "after two hours without receipt it is late, on top");
    task = fixture_task(loop->fixture, "system");
    err_clear(&err);
    tap_ok(loop->tap, casework_tick(&task, &changed, &err) == ERROR_NONE,
           "the clock fires");
    fixture_say(&err);
    tap_is(loop->tap, fixture_answer(loop->fixture, "referral", id, "state"),
           "SIN_RESPUESTA", "nobody answered");
    tap_ok(loop->tap,
           *fixture_answer(loop->fixture, "referral", id, "escalated_at"),
           "it was escalated");
    task = fixture_task(loop->fixture, "system");
    casework_tick(&task, &again, &err);
    tap_is_int(loop->tap, (int)again, 0, "and only once");
    tap_ok(loop->tap,
           respond(loop, id, (struct answer){.kind = ANSWER_ACCEPT}) ==
               ERROR_NONE,
           "a late answer still counts");
}

static const struct value *listed(struct loop *loop, const char *list,
                                  struct str id, struct task *task)
{
    struct value *today = NULL;
    struct err err = {0};

    *task = fixture_task(loop->fixture, "case_worker");
    if (today_read(task, &today, &err) != ERROR_NONE)
        fixture_say(&err);
    for (size_t i = 0; i < value_count(value_get(today, list)); i++) {
        const struct value *item = value_at(value_get(today, list), i);

        if (str_equal(value_text_of(item, "id"), id) ||
            str_equal(value_text_of(value_get(item, "person"), "id"), id))
            return item;
    }
    return NULL;
}

static void tick(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "system");
    struct err err = {0};
    size_t changed;

    casework_tick(&task, &changed, &err);
    fixture_say(&err);
}

/* Accepted is not attended: its own term rises and escalates. */
static void check_attend(struct loop *loop)
{
    static const int64_t hour = 3600 * 1000;
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    int64_t began = loop->fixture->now;
    struct str id, link, first;
    const struct value *item;
    struct task task;

    new_consent(loop, person, "'purpose':'referencia'");
    id = new_referral(loop, person,
                      "'to_name':'A (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    expect_sent(loop, id, &link, "a same-day referral");
    loop->fixture->now += hour;
    respond(loop, id, (struct answer){.kind = ANSWER_ACCEPT});
    loop->fixture->now += 22 * hour;
    tick(loop);
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "referral", id, "escalated_at"), "",
           "accepted, and the day to attend has not passed");
    loop->fixture->now += 2 * hour;
    item = listed(loop, "referrals", id, &task);
    tap_ok(loop->tap, value_to_bool(value_get(item, "late"), false),
           "past due_attend it is late in Today");
    tick(loop);
    first =
        str_of(fixture_answer(loop->fixture, "referral", id, "escalated_at"));
    tap_ok(loop->tap, first.size > 0, "and escalates");
    tap_is(loop->tap, fixture_answer(loop->fixture, "referral", id, "state"),
           "ACEPTADA", "it is accepted still");
    item = listed(loop, "referrals", id, &task);
    tap_ok(loop->tap, value_to_bool(value_get(item, "late"), false),
           "and stays late");
    loop->fixture->now += hour;
    tick(loop);
    tap_ok(loop->tap,
           str_equal_c(first, fixture_answer(loop->fixture, "referral", id,
                                             "escalated_at")),
           "once for this term");
    loop->fixture->now = began + 73 * hour;
    tick(loop);
    tap_is(loop->tap, fixture_answer(loop->fixture, "referral", id, "state"),
           "VENCIDA", "without a result in three days it expires");
    tap_ok(loop->tap,
           !str_equal_c(first, fixture_answer(loop->fixture, "referral", id,
                                              "escalated_at")),
           "which escalates again");
    loop->fixture->now = began + 1;
    id = new_referral(loop, person,
                      "'to_name':'B (ejemplo)','to_type':'CS',"
                      "'share_fields':'alias'");
    expect_sent(loop, id, &link, "another");
    respond(loop, id,
            (struct answer){.kind = ANSWER_SCHEDULE,
                            .when = STR("2026-11-26T10:00")});
    loop->fixture->now += 26 * hour;
    tick(loop);
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "referral", id, "escalated_at"), "",
           "an appointment that was given is waited for");
    loop->fixture->now = began + 2;
}

static struct str follow(struct loop *loop, struct str person, const char *date,
                         const char *contacted)
{
    struct task task = fixture_task(loop->fixture, "system");

    return make(
        loop, "followup", "{'person':'%.*s','mode':'llamada',%s}", person,
        str_c(task.arena, str_format(task.arena, "'date':'%s','contacted':'%s'",
                                     date, contacted)));
}

static void check_followups(struct loop *loop)
{
    static const int64_t day = (int64_t)24 * 3600 * 1000;
    struct str person =
        fixture_person(loop->fixture, "{'alias':'Ejemplo','age_years':'30'}");
    struct str file = make(loop, "casefile",
                           "{'person':'%.*s','status':'abierto','risk':'U1',"
                           "'opened':'2026-11-23'%s}",
                           person, "");
    int64_t began = loop->fixture->now;
    const struct value *item;
    struct str id;
    struct task task;

    tap_is(loop->tap,
           fixture_answer(loop->fixture, "casefile", file, "next_review"),
           "2026-11-30", "an open file is looked at again by its risk");
    tap_ok(loop->tap, !listed(loop, "files", file, &task),
           "not in Today before");
    loop->fixture->now += 8 * day;
    item = listed(loop, "files", file, &task);
    tap_ok(loop->tap, item && value_to_bool(value_get(item, "late"), false),
           "a review that was not done is late in Today");
    id = follow(loop, person, "2026-12-01", "no");
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "followup", id, "missed_in_row"), "1",
           "not reached once");
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "casefile", file, "no_contact_since"),
           "", "is not yet without contact");
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "casefile", file, "next_review"),
           "2026-12-08", "the follow-up moves the review");
    loop->fixture->now += 7 * day;
    tap_ok(loop->tap,
           !listed(loop, "files", file, &task) &&
               listed(loop, "followups", person, &task),
           "on its day Today asks once, for the follow-up");
    id = follow(loop, person, "2026-12-08", "no");
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "casefile", file, "no_contact_since"),
           "2026-12-08", "not reached twice in a row: without contact");
    loop->fixture->now += 7 * day;
    item = listed(loop, "followups", person, &task);
    tap_ok(loop->tap, value_to_bool(value_get(item, "no_contact"), false),
           "Today says so");
    follow(loop, person, "2026-12-15", "yes");
    tap_is(loop->tap,
           fixture_answer(loop->fixture, "casefile", file, "no_contact_since"),
           "", "until she is reached");
    task = fixture_task(loop->fixture, "system");
    loop->fixture->now = began;
}

static void check_deadline(struct loop *loop)
{
    struct task task = fixture_task(loop->fixture, "supervisor");
    struct str person = fixture_person(
        loop->fixture, "{'given_names':'Ejemplo','age_years':'30'}");
    struct value *input = value_copy(
        fixture_json(loop->fixture,
                     "{'mode':'individual','q07_fear':'yes',"
                     "'q08_entry':'2026-11-03','q09_procedure':'ninguno'}"),
        task.arena);
    struct record_filter filter = {.kind = STR("flag"), .subject = person};
    struct record *record;
    struct saved saved;
    struct err err = {0};
    size_t changed, count = 9;

    for (int i = 0; i < 205; i++) /* more than one page who fear nothing */
        make(loop, "screening",
             "{'person':'%.*s','mode':'individual','q07_fear':'no',"
             "'q08_entry':'2026-11-03'%s}",
             loop->person, "");
    value_put_str(input, task.arena, "person", person);
    tap_ok(loop->tap,
           fixture_save(&task, "screening", STR_NULL, input, &saved) ==
               ERROR_NONE,
           "screened soon after entry");
    task = fixture_task(loop->fixture, "system");
    casework_tick(&task, &changed, &err);
    record_list(&loop->fixture->office.log, loop->fixture->db, &filter, false,
                task.arena, &record, &count, &err);
    tap_is_int(loop->tap, (int)count, 0, "no F10 yet");
    loop->fixture->now += (int64_t)20 * 24 * 3600 * 1000;
    task = fixture_task(loop->fixture, "system");
    casework_tick(&task, &changed, &err);
    fixture_say(&err);
    record_list(&loop->fixture->office.log, loop->fixture->db, &filter, false,
                task.arena, &record, &count, &err);
    tap_ok(loop->tap,
           count == 1 &&
               str_equal_c(value_text_of(record[0].answers, "code"), "F10") &&
               str_equal_c(value_text_of(record[0].answers, "source"), "clock"),
           "twenty working days later the clock raises it");
}

/* -- the month
 * ---------------------------------------------------------------------- */

static const struct value *indicator(const struct value *report,
                                     const char *code)
{
    const struct value *list = value_get(report, "indicators");

    for (size_t i = 0; i < value_count(list); i++) {
        if (str_equal_c(value_text_of(value_at(list, i), "code"), code))
            return value_at(list, i);
    }
    return NULL;
}

static void check_report(struct loop *loop)
{
    static const char *const codes[] = {
        "REG-01", "REG-02", "REG-03", "REG-04", "REG-05", "REG-06", "ASI-01",
        "ASI-02", "ASI-03", "ASI-04", "ASI-05", "ASI-06", "ASI-07", "ASI-08"};
    struct task task = fixture_task(loop->fixture, "supervisor");
    struct period period = {fixture_day("2026-11-01"),
                            fixture_day("2026-12-31")};
    struct value *report = NULL, *records = NULL;
    struct err err = {0};
    struct buf csv;

    fixture_record(loop->fixture, "tally",
                   "{'date':'2026-11-22','sex':'M','age_band':'18-24',"
                   "'nationality':'HND','service_code':'AL5','qty':'3'}");
    make(loop, "service",
         "{'person':'%.*s','service_code':'AL5','date':'2026-11-22'%s}",
         loop->person, "");
    tap_ok(loop->tap,
           report_monthly(&task, period, &report, &err) == ERROR_NONE,
           "the report");
    fixture_say(&err);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        tap_ok(loop->tap,
               value_text_of(indicator(report, codes[i]), "how_counted").size >
                   0,
               "%s says how it was counted", codes[i]);
    tap_is_int(
        loop->tap,
        (int)value_to_int(value_get(indicator(report, "REG-02"), "value"), -1),
        3, "REG-02 adds up tallies");
    tap_is_int(
        loop->tap,
        (int)value_to_int(value_get(indicator(report, "ASI-02"), "value"), -1),
        4, "ASI-02 counts named and anonymous help");
    tap_is_int(
        loop->tap,
        (int)value_to_int(value_get(indicator(report, "ASI-01"), "value"), -1),
        1, "ASI-01 counts persons");
    tap_ok(loop->tap,
           value_to_int(value_get(indicator(report, "REG-06"), "value"), 0) ==
               0,
           "REG-06 without unaccompanied children is 0");
    tap_ok(loop->tap,
           value_to_int(value_get(indicator(report, "ASI-04"), "numerator"),
                        0) == 1,
           "ASI-04 counts the referral that came to its end");
    buf_init(&csv, task.arena);
    report_csv(&task, report, &csv);
    tap_ok(loop->tap, str_find(buf_str(&csv), STR("REG-02")) != SIZE_MAX,
           "as CSV");
    tap_ok(loop->tap,
           report_records(&task, period, STR("ASI-01"), &records, &err) ==
                   ERROR_NONE &&
               value_count(records) == 1,
           "which records stand behind a figure");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct loop loop = {.tap = tap, .fixture = fixture};

    fixture->now = fixture_instant("2026-11-23T16:00:00Z");
    fixture->office.public_url = STR("https://ejemplo.test");
    loop.person = fixture_person(
        fixture, "{'given_names':'Ejemplo','age_years':'34','sex':'M',"
                 "'nationality':'SLV','country_of_birth':'SLV'}");
    check_enforcement(&loop);
    check_single_act(&loop);
    check_consulate(&loop);
    check_names(&loop);
    check_consent(&loop);
    check_child(&loop);
    check_link(&loop);
    check_merged(&loop);
    check_relink(&loop);
    check_sent_twice(&loop);
    check_withdrawal(&loop);
    check_clock(&loop);
    check_attend(&loop);
    check_followups(&loop);
    check_report(&loop);
    check_deadline(&loop);
}

int main(void)
{
    return fixture_main(check);
}
