/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_alert.c - the way of an alert: two people, what may not be changed any
 * more, for whom it is, updates, cancelling, the end; others' alerts, once and
 * only once. Everything is made up.
 */
#include "domain/account/account.h"
#include "domain/alert/alert.h"
#include "domain/alert/feed.h"
#include "domain_fixture.h"
#include "form/read/xml_tree.h"

enum { HOUR = 3600 * 1000, MINUTE = 60 * 1000 };

struct world {
    struct tap *tap;
    struct fixture *fixture;
    struct err err;
};

static struct task as(struct world *w, const char *role)
{
    err_clear(&w->err);
    w->fixture->now += MINUTE;
    return fixture_task(w->fixture, role);
}

static void say(const struct world *w)
{
    if (w->err.code)
        fixture_say(&w->err);
}

#define TEXTS                                                                  \
    "'info':[{'language':'es','event':'Inundación','headline':'El Suchiate "  \
    "se desbordó','instruction':'No cruce.'},{'language':'ht',"               \
    "'event':'Inondasyon','headline':'Rivyè a debòde'}],"
#define REST                                                                   \
    "'status':'Actual','category':'Met','severity':'Severe',"                  \
    "'urgency':'Immediate','certainty':'Observed','response':'Avoid',"         \
    "'expires':'2030-01-01T12:00:00Z'"

static enum error save(struct world *w, const char *role, struct str *id,
                       const char *json)
{
    struct task task = as(w, role);
    struct save save = {.kind = STR("alert"),
                        .id = *id,
                        .input = fixture_json(w->fixture, json)};
    struct saved saved = {0};
    enum error error = record_save(&task, &save, &saved, &w->err);

    if (!error)
        *id = str_copy(&w->fixture->arena, saved.id);
    return error;
}

static const char *stage(struct world *w, struct str id)
{
    return fixture_answer(w->fixture, "alert", id, "stage");
}

static size_t for_area(struct world *w, const char *area)
{
    struct task task = as(w, "");
    struct public_alert *alert = NULL;
    size_t count = 99;

    if (alerts_for_area(&task, str_of(area), &alert, &count, &w->err))
        say(w);
    return count;
}

/* The clock of what stands there now. */
static int64_t read_at(struct world *w, struct str id)
{
    struct task task = as(w, "system");
    struct record record = {0};

    if (alert_read(&task, id, &record, &w->err))
        say(w);
    return record.clock;
}

static enum error approve(struct world *w, const char *role, struct str id)
{
    struct task task = as(w, role);

    return alert_approve(&task, id, read_at(w, id), &w->err);
}

static enum error publish(struct world *w, const char *role, struct str id)
{
    struct task task = as(w, role);

    return alert_publish(&task, id, &w->err);
}

static struct public_alert found(struct world *w, struct str id)
{
    struct task task = as(w, "");
    struct public_alert alert = {0};

    task.arena = &w->fixture->arena;
    public_alert_find(&task, id, &alert, &w->err);
    return alert;
}

/* --- from the draft to the end -------------------------------------------- */

static void run_refused(struct world *w)
{
    struct tap *tap = w->tap;
    struct str id = STR_NULL;

    tap_ok(tap, save(w, "ofam", &id, "{" TEXTS REST "}") == ERROR_INPUT,
           "an alert for nowhere is refused");
    tap_ok(tap,
           save(w, "ofam", &id,
                "{" TEXTS REST ",'area_text':'La costa',"
                "'polygon':'14 -92; 15 -91; 14 -91; 15 -92; 14 -92'}") ==
                   ERROR_INPUT &&
               str_starts(str_of(w->err.message), STR("El polígono se cruza")),
           "a drawn area that crosses itself is refused");
    tap_ok(tap,
           save(w, "ofam", &id,
                "{" TEXTS REST
                ",'polygon':'14 -92; 15 -92; 15 -91; 14 -91; 14 -92'}") ==
                   ERROR_INPUT &&
               str_starts(str_of(w->err.message), STR("Diga con palabras")),
           "one without words, too, and it says so");
    tap_ok(tap,
           save(w, "ofam", &id,
                "{" TEXTS REST ",'municipalities':'Atlántida'}") == ERROR_INPUT,
           "a municipality that is not known is refused");
    tap_ok(tap,
           save(w, "ofam", &id,
                "{" TEXTS REST
                ",'municipalities':'Benito Juárez'}") == ERROR_INPUT,
           "and one that is known several times");
    tap_ok(tap,
           save(w, "intake", &id, "{" TEXTS REST ",'states':'MX-CHP'}") ==
               ERROR_FORBIDDEN,
           "who may not write alerts writes none");
}

/* The writer changes it under the eyes of who approves. */
static void run_swapped(struct world *w)
{
    struct tap *tap = w->tap;
    struct str id = STR_NULL;
    struct task task;
    int64_t read;

    save(w, "ofam", &id, "{" TEXTS REST ",'states':'MX-CHP'}");
    read = read_at(w, id);
    tap_ok(tap, !save(w, "ofam", &id, "{'contact':'another text'}"),
           "a draft is changed after somebody opened it");
    say(w);
    task = as(w, "supervisor");
    tap_ok(tap, alert_approve(&task, id, read, &w->err) == ERROR_CONFLICT,
           "who read the older text approves nothing");
    task = as(w, "supervisor");
    tap_ok(tap, alert_approve(&task, id, 0, &w->err) == ERROR_CONFLICT,
           "nor who does not say what she read");
    tap_is(tap, stage(w, id), "draft", "it stays a draft");
    tap_ok(tap, !approve(w, "supervisor", id), "until it was read again");
    say(w);
}

static void run_two_people(struct world *w, struct str *id)
{
    struct tap *tap = w->tap;
    struct public_alert alert;

    *id = STR_NULL;
    tap_ok(tap,
           !save(w, "ofam", id,
                 "{" TEXTS REST
                 ",'municipalities':'Tapachula, Chiapas; 07087'}"),
           "a draft for two municipalities");
    say(w);
    tap_is(tap, stage(w, *id), "draft", "is a draft");
    tap_is(tap, fixture_answer(w->fixture, "alert", *id, "areas"),
           "07089 07087", "names became codes");
    tap_ok(tap, publish(w, "supervisor", *id) == ERROR_BLOCKED,
           "a draft is not published");
    tap_ok(tap, approve(w, "ofam", *id) == ERROR_FORBIDDEN,
           "nor approved by who may not");
    tap_ok(tap, !approve(w, "supervisor", *id), "another one approves it");
    tap_ok(tap, !save(w, "supervisor", id, "{'urgency':'Expected'}"),
           "and then changes a word");
    tap_is(tap, stage(w, *id), "draft", "so it is a draft again");
    tap_ok(tap, approve(w, "supervisor", *id) == ERROR_BLOCKED,
           "which she wrote, and does not approve");
    tap_ok(tap, !approve(w, "enlace", *id), "a third one does");
    tap_is_int(tap, (long long)for_area(w, "MX-CHP"), 0,
               "nobody sees it before it is published");
    tap_ok(tap, !publish(w, "ofam", *id), "it is published");
    say(w);
    tap_is(tap, stage(w, *id), "published", "and says so");
    tap_ok(tap, fixture_answer(w->fixture, "alert", *id, "minutes")[0] > '0',
           "the minutes it took are kept");
    tap_ok(tap, save(w, "ofam", id, "{'urgency':'Past'}") == ERROR_BLOCKED,
           "what was published is not changed");
    alert = found(w, *id);
    tap_ok(tap, str_find(alert.document, STR("07089")) != SIZE_MAX,
           "the document has its codes");
}

static void run_areas(struct world *w)
{
    struct tap *tap = w->tap;

    tap_is_int(tap, (long long)for_area(w, "07089"), 1, "Tapachula is warned");
    tap_is_int(tap, (long long)for_area(w, "07087"), 1, "and Suchiate");
    tap_is_int(tap, (long long)for_area(w, "07101"), 0,
               "Tuxtla Gutiérrez is not");
    tap_is_int(tap, (long long)for_area(w, "MX-CHP"), 1,
               "the page of the state says it");
    tap_is_int(tap, (long long)for_area(w, "MX-OAX"), 0,
               "the one of another does not");
    tap_is_int(tap, (long long)for_area(w, "MEX"), 1, "that of the country");
    tap_is_int(tap, (long long)for_area(w, ""), 1, "and one of no place");
}

static void run_polygon(struct world *w)
{
    struct tap *tap = w->tap;
    struct str id = STR_NULL;

    tap_ok(tap,
           !save(w, "ofam", &id,
                 "{" TEXTS REST ",'area_text':'La frontera',"
                 "'polygon':'14.5 -92.6 0 0; 14.5 -91.8 0 0; 15.2 -91.8 0 0; "
                 "15.2 -92.6 0 0; 14.5 -92.6 0 0'}"),
           "a drawn area");
    say(w);
    tap_is(tap, fixture_answer(w->fixture, "alert", id, "areas"),
           "GT-QZ GT-RE GT-SM MX-CHP", "is of the states it touches");
    tap_ok(tap, !approve(w, "supervisor", id) && !publish(w, "supervisor", id),
           "published");
    tap_is_int(tap, (long long)for_area(w, "07101"), 1,
               "all of a state that it touches is warned");
    tap_is_int(tap, (long long)for_area(w, "GT-SM"), 1, "across the border");
    tap_is_int(tap, (long long)for_area(w, "GT-PE"), 0, "not far away");
}

static void run_signature(struct world *w, struct str id)
{
    struct tap *tap = w->tap;
    struct public_alert alert = found(w, id);
    struct task task = as(w, "system");
    struct arena *arena = &w->fixture->arena;
    struct alert_keys keys;
    struct str key, other;

    if (alert_keys_open(&task, &keys, &w->err)) {
        tap_skip(tap, "signatures", "a store without a key");
        return;
    }
    key = note_key_text(arena, &keys.key);
    alert_keys_wipe(&task, &keys);
    tap_ok(tap,
           !alert_note_check(task.office->host, arena, alert.cap,
                             alert.document, alert.note, key, &w->err),
           "the signature holds");
    say(w);
    other = str_join(arena, alert.document, STR(" "));
    tap_ok(tap,
           alert_note_check(task.office->host, arena, alert.cap, other,
                            alert.note, key, &w->err) == ERROR_INPUT,
           "of no other document");
    err_clear(&w->err);
    tap_ok(tap,
           alert_note_check(task.office->host, arena, alert.cap, alert.document,
                            STR("no note"), key, &w->err) != ERROR_NONE,
           "and what is none is none");
}

/* Of which byte 300 is in the middle of a letter. */
static struct str long_text(struct world *w)
{
    struct buf out;

    buf_init(&out, &w->fixture->arena);
    buf_putc(&out, 'a');
    for (int i = 0; i < 200; i++)
        buf_puts(&out, "á");
    return buf_str(&out);
}

static void run_update(struct world *w, struct str id)
{
    struct tap *tap = w->tap;
    struct task task = as(w, "ofam");
    struct str draft = STR_NULL, cancel = STR_NULL;
    struct public_alert alert;

    task.arena = &w->fixture->arena;
    tap_ok(tap, !alert_update(&task, id, &draft, &w->err), "an update begins");
    say(w);
    tap_is(tap, stage(w, draft), "draft", "as a draft");
    tap_is(tap, stage(w, id), "published", "while the old one stands");
    tap_ok(tap, !save(w, "ofam", &draft, "{'severity':'Extreme'}"),
           "it is changed");
    tap_ok(tap, !approve(w, "supervisor", draft) && !publish(w, "ofam", draft),
           "and goes the same way");
    say(w);
    tap_is(tap, stage(w, id), "replaced", "the old one is replaced");
    alert = found(w, draft);
    tap_ok(tap,
           str_equal_c(alert.msg_type, "Update") &&
               str_find(value_text_of(alert.cap, "references"), id) != SIZE_MAX,
           "the new one refers to it");
    tap_is_int(tap, (long long)for_area(w, "07089"), 2,
               "one of the two is seen (and the polygon's)");
    task = as(w, "ofam");
    tap_ok(tap,
           alert_cancel(&task, draft, STR("Bajó el río"), &cancel, &w->err) ==
               ERROR_FORBIDDEN,
           "who may not approve cancels nothing");
    task = as(w, "supervisor");
    task.arena = &w->fixture->arena;
    tap_ok(tap,
           alert_cancel(&task, draft, STR(" "), &cancel, &w->err) ==
               ERROR_INPUT,
           "without a reason nobody does");
    err_clear(&w->err);
    tap_ok(tap, !alert_cancel(&task, draft, long_text(w), &cancel, &w->err),
           "with one it is called off");
    say(w);
    tap_is(tap, stage(w, draft), "cancelled", "and says so");
    tap_is_int(
        tap,
        (long long)strlen(fixture_answer(w->fixture, "alert", cancel, "note")),
        299, "a long reason is cut between two letters");
    alert = found(w, cancel);
    tap_is(tap, str_c(&w->fixture->arena, alert.msg_type), "Cancel",
           "there is a message of it");
    tap_is_int(tap, (long long)for_area(w, "07089"), 1,
               "nobody is warned any "
               "more (of it)");
}

/* --- others' alerts ------------------------------------------------------- */

static struct str cap_of(struct world *w, const char *identifier,
                         const char *sender, const char *sent, const char *type,
                         const char *references)
{
    return str_format(
        &w->fixture->arena,
        "<alert xmlns='" CAP_SPACE "'><identifier>%s</identifier>"
        "<sender>%s</sender><sent>%s</sent><status>Actual</status>"
        "<msgType>%s</msgType><scope>Public</scope>%s%s%s<info>"
        "<language>es</language><category>Met</category><event>Norte</event>"
        "<urgency>Expected</urgency><severity>Moderate</severity>"
        "<certainty>Likely</certainty>"
        "<expires>2029-12-31T00:00:00-06:00</expires>"
        "<headline>Viento del norte</headline><area><areaDesc>Istmo</areaDesc>"
        "<geocode><valueName>ISO3166-2</valueName><value>MX-OAX</value>"
        "</geocode></area></info></alert>",
        identifier, sender, sent, type, references[0] ? "<references>" : "",
        references, references[0] ? "</references>" : "");
}

static const char *import(struct world *w, struct str text, const char *from,
                          bool show, struct str *id)
{
    static const char *const word[] = {"new", "known", "ours", "over",
                                       "not for"};
    struct task task = as(w, "system");
    struct alert_source source = {.label = str_of(from), .shown = show};
    struct cap_problems problems;
    enum alert_taken taken;
    struct str made;

    task.arena = &w->fixture->arena;
    if (alert_import(&task, text, &source, &taken, &made, &problems, &w->err))
        return w->err.message;
    if (id)
        *id = made;
    return word[taken];
}

#define SENT "2026-11-20T08:00:00-06:00"
#define LATER "2026-11-20T09:00:00-06:00"

static void run_import(struct world *w)
{
    struct tap *tap = w->tap;
    struct str one = cap_of(w, "n-1", "smn", SENT, "Alert", ""), id, other;
    struct task task = as(w, "system");

    tap_is(tap, import(w, one, "SMN", true, &id), "new", "another's alert");
    say(w);
    tap_is(tap, import(w, one, "SMN", true, NULL), "known", "once");
    tap_is(tap,
           import(w,
                  cap_of(w, "n-1", "smn", "2026-11-20T14:00:00-00:00", "Alert",
                         ""),
                  "Otra", true, NULL),
           "known", "the same instant written otherwise, by another road");
    tap_is_int(tap, (long long)for_area(w, "MX-OAX"), 1, "is shown");
    tap_is(tap,
           import(w,
                  cap_of(w, "n-1",
                         str_c(&w->fixture->arena, task.office->log.site), SENT,
                         "Alert", ""),
                  "SMN", true, NULL),
           "ours", "our own that comes back is none");
    tap_is(tap,
           import(w,
                  cap_of(w, "n-9", "smn", "2020-01-01T00:00:00-06:00", "Alert",
                         ""),
                  "SMN", true, NULL),
           "new", "an old one that still is valid");
    tap_is(tap,
           import(w, cap_of(w, "n-2", "smn", LATER, "Cancel", "smn,n-1," SENT),
                  "Otra", true, NULL),
           "new", "a cancel by another road");
    tap_is(tap, stage(w, id), "published", "calls nothing off");
    tap_is(tap,
           import(w, cap_of(w, "n-3", "otro", LATER, "Cancel", "smn,n-1," SENT),
                  "SMN", true, NULL),
           "new", "a cancel by another sender");
    tap_is(tap, stage(w, id), "published", "neither");
    tap_is(tap,
           import(w, cap_of(w, "n-4", "smn", LATER, "Cancel", "smn,n-1," SENT),
                  "SMN", true, NULL),
           "new", "by its own");
    tap_is(tap, stage(w, id), "cancelled", "does");
    tap_is(tap,
           import(w, cap_of(w, "n-6", "smn", LATER, "Cancel", "smn,n-5," SENT),
                  "SMN", true, NULL),
           "new", "a cancel that came first");
    tap_is(tap,
           import(w, cap_of(w, "n-5", "smn", SENT, "Alert", ""), "SMN", true,
                  &other),
           "new", "and what it calls off");
    tap_is(tap, stage(w, other), "replaced", "is over when it comes");
    err_clear(&w->err);
    tap_ok(tap,
           strstr(import(w, cap_of(w, "n 1", "smn", SENT, "Alert", ""), "SMN",
                         true, NULL),
                  "espacio") != NULL,
           "a broken one is refused");
}

static void run_review(struct world *w)
{
    struct tap *tap = w->tap;
    struct str one = STR_NULL, two = STR_NULL;
    size_t before = for_area(w, "MX-OAX");
    struct task task;

    tap_is(
        tap,
        import(w, cap_of(w, "r-1", "x", SENT, "Alert", ""), "X", false, &one),
        "new", "one that nobody vouches for");
    import(w, cap_of(w, "r-2", "x", SENT, "Alert", ""), "X", false, &two);
    tap_is(tap, stage(w, one), "review", "waits");
    tap_is_int(tap, (long long)for_area(w, "MX-OAX"), (long long)before,
               "unseen");
    task = as(w, "ofam");
    tap_ok(tap, alert_review(&task, one, true, &w->err) == ERROR_FORBIDDEN,
           "not everybody lets it in");
    task = as(w, "supervisor");
    tap_ok(tap,
           !alert_review(&task, one, true, &w->err) &&
               !alert_review(&task, two, false, &w->err),
           "who approves does, or does not");
    say(w);
    tap_is_int(tap, (long long)for_area(w, "MX-OAX"), (long long)before + 1,
               "one is seen");
    task = as(w, "supervisor");
    tap_ok(tap, alert_update(&task, one, &two, &w->err) == ERROR_BLOCKED,
           "but it stays its sender's");
}

static size_t in_feed(struct world *w, struct str id)
{
    struct task task = as(w, "system");
    struct public_alert *alert = NULL;
    size_t count = 0, found = 0;

    public_alert_feed(&task, &alert, &count, &w->err);
    for (size_t i = 0; i < count; i++)
        found += str_equal(alert[i].id, id);
    return found;
}

static bool review(struct world *w, struct str id, bool show)
{
    struct task task = as(w, "supervisor");

    return alert_review(&task, id, show, &w->err) == ERROR_NONE;
}

/* A cancellation that names an end of its own, soon: it waits until the warning
 * is over, or the tick would put it aside unseen. */
static void run_short_cancel(struct world *w)
{
    struct tap *tap = w->tap;
    int64_t now = w->fixture->now;
    struct str first, cancel, document;
    struct task task;
    size_t changed = 0, at;

    import(w, cap_of(w, "s-1", "x", SENT, "Alert", ""), "X", false, &first);
    tap_ok(tap, review(w, first, true), "a warning is let in");
    document = cap_of(w, "s-2", "x", LATER, "Cancel", "x,s-1," SENT);
    at = str_find(document, STR("<expires>2029"));
    tap_ok(tap, at != SIZE_MAX, "which ends in 2029");
    document = str_join(
        &w->fixture->arena,
        str_join(&w->fixture->arena, str_slice(document, 0, at),
                 STR("<expires>2027")),
        str_slice(document, at + sizeof "<expires>2029" - 1, document.size));
    import(w, document, "X", false, &cancel);
    w->fixture->now = fixture_instant("2027-12-31T12:00:00Z");
    task = as(w, "system");
    tap_ok(tap, !alert_tick(&task, &changed, &w->err), "the tick runs");
    tap_is(tap, stage(w, cancel), "review", "it still waits");
    w->fixture->now = now;
    tap_ok(tap, review(w, cancel, true), "and is let in");
    tap_is(tap, stage(w, first), "cancelled", "the warning is called off");
}

/* What a feed that nobody vouches for can do, and cannot. */
static void run_unvouched(struct world *w)
{
    struct tap *tap = w->tap;
    struct str forged, truth, first, update, cancel, late;
    size_t before = for_area(w, "MX-OAX");

    import(w, cap_of(w, "u-1", "smn", SENT, "Alert", ""), "X", false, &forged);
    tap_is(tap,
           import(w, cap_of(w, "u-1", "smn", SENT, "Alert", ""), "SMN", true,
                  &truth),
           "new", "a copy that came first does not keep the true one out");
    tap_is_int(tap, (long long)for_area(w, "MX-OAX"), (long long)before + 1,
               "which is shown");
    tap_is(
        tap,
        import(w, cap_of(w, "u-1", "smn", SENT, "Alert", ""), "Y", false, NULL),
        "known", "one that stands already is known by every road");

    import(w, cap_of(w, "v-1", "x", SENT, "Alert", ""), "X", false, &first);
    tap_ok(tap, review(w, first, true), "one is let in");
    import(w, cap_of(w, "v-2", "x", LATER, "Update", "x,v-1," SENT), "X", false,
           &update);
    tap_is(tap, stage(w, update), "review", "its update waits");
    tap_is(tap, stage(w, first), "published",
           "and takes nobody's warning away");
    tap_ok(tap, review(w, update, true), "until it is let in, too");
    tap_is(tap, stage(w, first), "replaced", "then it takes its place");
    import(w, cap_of(w, "v-3", "x", LATER, "Cancel", "x,v-2," LATER), "X",
           false, &cancel);
    tap_is(tap, stage(w, cancel), "review", "a cancellation waits");
    tap_is(tap, stage(w, update), "published", "what was let in stays");
    tap_is(tap, fixture_answer(w->fixture, "alert", cancel, "replaces"),
           str_c(&w->fixture->arena, update), "it says which one it calls off");
    tap_ok(tap, !in_feed(w, cancel) && !found(w, cancel).id.size,
           "and is on no page and in no feed");
    tap_ok(tap, review(w, cancel, false), "somebody does not believe it");
    tap_is(tap, stage(w, update), "published", "the warning stays");
    import(w, cap_of(w, "v-4", "x", LATER, "Cancel", "x,v-2," LATER), "X",
           false, &cancel);
    tap_ok(tap, review(w, cancel, true), "another one is let in");
    tap_is(tap, stage(w, cancel), "cancelled", "as a cancellation");
    tap_is(tap, stage(w, update), "cancelled", "which counts from then on");
    tap_ok(tap, str_equal_c(found(w, update).state, "cancelled"),
           "for the public, too");
    tap_is_int(tap, (long long)in_feed(w, cancel), 1,
               "which is told to others");

    import(w, cap_of(w, "w-2", "x", LATER, "Cancel", "x,w-1," SENT), "X", false,
           NULL);
    import(w, cap_of(w, "w-1", "x", SENT, "Alert", ""), "X", false, &late);
    tap_is(tap, stage(w, late), "refused", "one that was called off before");
    tap_ok(tap, !in_feed(w, late), "is not shown for that");
    import(w, cap_of(w, "w-3", "x", SENT, "Alert", ""), "X", false, &late);
    import(w, cap_of(w, "w-4", "x", LATER, "Cancel", "x,w-3," SENT), "X", false,
           NULL);
    tap_is(tap, stage(w, late), "refused", "nor one that nobody had let in");
    run_short_cancel(w);
    err_clear(&w->err);
}

static void run_end(struct world *w)
{
    struct tap *tap = w->tap;
    struct str unseen = STR_NULL;
    int64_t now = w->fixture->now;
    struct task task;
    size_t changed = 0;
    int64_t out = 0;
    bool any;

    import(w, cap_of(w, "z-1", "x", SENT, "Alert", ""), "X", false, &unseen);
    w->fixture->now = fixture_instant("2030-01-01T12:00:01Z");
    tap_ok(tap, !review(w, unseen, true) && w->err.code == ERROR_BLOCKED,
           "what is over is not let in any more");
    task = as(w, "system");
    tap_is_int(tap, (long long)for_area(w, "MEX"), 0,
               "over is over, whoever has looked");
    db_get_int(task.db, &out, &any, &w->err,
               "SELECT count(*) FROM public_alert WHERE state = 'valid'", "");
    tap_ok(tap, !alert_tick(&task, &changed, &w->err), "the tick runs");
    /* four wait for review: the forged copy, w-2, w-4, this one */
    tap_ok(tap, out > 3 && (int64_t)changed == out + 4,
           "and says so in an entry of each");
    say(w);
    tap_is(tap, stage(w, unseen), "refused", "nobody needs to look at it");
    tap_ok(tap, !alert_tick(&task, &changed, &w->err) && !changed, "once");
    w->fixture->now = now;
}

/* --- feeds ---------------------------------------------------------------- */

static void run_feed(struct world *w)
{
    static const char loop[] =
        "<feed xmlns='http://www.w3.org/2005/Atom'>"
        "<entry><link href='https://a.invalid/feed'/></entry>"
        "<entry><link href='/feed'/></entry>"
        "<entry><link href='https://b.invalid/1.xml'/></entry>"
        "<entry><link href='file:///etc/passwd'/></entry>"
        "<entry><link href='//b.invalid/1.xml'/></entry>"
        "<entry><link href='https://a.invalid@b.invalid/1.xml'/></entry>"
        "<entry><updated>2026</updated><link rel='alternate' type='text/html' "
        "href='/1.html'/><link type='application/cap+xml' href='/1'/>"
        "<link rel='related' type='text/plain' href='/1.note'/></entry>"
        "<entry><link href='/1'/></entry></feed>";
    static const char rss[] =
        "<rss version='2.0'><channel><item><link>https://a.invalid/2.xml"
        "</link><pubDate>x</pubDate></item></channel></rss>";
    struct tap *tap = w->tap;
    struct arena *arena = &w->fixture->arena;
    struct feed *feed = arena_alloc(arena, sizeof *feed);
    struct task task = as(w, "system");
    struct public_alert *alert = NULL;
    size_t count = 0;
    struct str text;

    task.arena = arena;
    tap_ok(tap,
           !feed_read(xml_tree_read, arena, str_of(loop),
                      STR("https://a.invalid/feed"), feed, &w->err),
           "a feed that lists itself and others");
    tap_is_int(tap, (long long)feed->count, 1, "gives one link");
    tap_is_int(tap, (long long)feed->left_out, 6, "the others are left out");
    tap_is(tap, str_c(arena, feed->entry[0].link), "https://a.invalid/1",
           "to the document");
    tap_is(tap, str_c(arena, feed->entry[0].note), "https://a.invalid/1.note",
           "with its signature");
    tap_ok(tap,
           !feed_read(xml_tree_read, arena, str_of(rss),
                      STR("https://a.invalid/feed"), feed, &w->err) &&
               feed->count == 1,
           "RSS");
    tap_ok(tap,
           feed_read(xml_tree_read, arena, STR("<html/>"),
                     STR("https://a.invalid/feed"), feed,
                     &w->err) == ERROR_SYNTAX,
           "what is no feed");
    err_clear(&w->err);
    public_alert_feed(&task, &alert, &count, &w->err);
    text = feed_write(&task, STR("https://a.invalid"), alert, count);
    tap_ok(tap,
           count > 5 &&
               !feed_read(xml_tree_read, arena, text,
                          STR("https://a.invalid/alerts.atom"), feed,
                          &w->err) &&
               feed->count == count && !feed->left_out,
           "our own feed is read as it is written");
    say(w);
}

static void run_rebuild(struct world *w)
{
    struct task task = as(w, "system");
    struct public_alert *before = NULL, *after = NULL;
    size_t count = 0, again = 0, made = 0;

    task.arena = &w->fixture->arena;
    public_alert_list(&task, &before, &count, &w->err);
    tap_ok(w->tap, !public_alert_rebuild(&task, &made, &w->err), "again");
    say(w);
    public_alert_list(&task, &after, &again, &w->err);
    tap_is_int(w->tap, (long long)again, (long long)count,
               "the public tables come out of the records again");
    tap_ok(w->tap,
           count && str_equal(before[0].id, after[0].id) &&
               str_equal(before[0].brief, after[0].brief),
           "with the same words");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct world w = {.tap = tap, .fixture = fixture};
    struct str id;

    fixture->office.read_xml = xml_tree_read;
    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    run_refused(&w);
    run_swapped(&w);
    run_two_people(&w, &id);
    run_areas(&w);
    run_signature(&w, id);
    run_polygon(&w);
    run_update(&w, id);
    run_import(&w);
    run_review(&w);
    run_unvouched(&w);
    run_feed(&w);
    run_rebuild(&w);
    run_end(&w);
}

int main(void)
{
    return fixture_main(check);
}
