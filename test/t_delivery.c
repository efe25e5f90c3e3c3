/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_delivery.c - messages that leave the house: the outbox and its states with
 * a courier that answers as it is told, Web Push by the vector of RFC 8291 and
 * by undoing it, the settings file. Addresses are made up.
 */
#include <string.h>

#include "core/base64.h"
#include "core/courier.h"
#include "core/verify.h"
#include "domain/alert/alert.h"
#include "domain/delivery/delivery.h"
#include "domain_fixture.h"
#include "form/read/xml_tree.h"
#include "sys/courier.h"
#include "sys/host_native.h"

/* --- RFC 8291 ------------------------------------------------------------- */

static size_t read64(const char *text, unsigned char *out)
{
    struct arena arena;
    struct buf buf;
    size_t size;

    arena_init(&arena, NULL);
    buf_init(&buf, &arena);
    base64_read(&buf, str_of(text));
    memcpy(out, buf.at, buf.size);
    size = buf.size;
    arena_release(&arena);
    return size;
}

static void run_vector(struct tap *tap)
{
    static const char want[] =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_"
        "c7VJSPQTBtkgcy27mlmlMoZIIg"
        "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVB"
        "St2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    unsigned char secret[32], to[PUSH_POINT], auth[16], salt[16], point[65];
    unsigned char out[200], expected[200], signature[64];
    struct str plain = STR("When I grow up, I want to be a watermelon");
    size_t size;

    read64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", secret);
    read64(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd"
        "8pZGH6SRpkNtoIAiw4",
        to);
    read64("BTBZMqHH6r4Tts7J_aSIgg", auth);
    read64("DGv6ra1nlYgDCS1FRnbzlw", salt);
    size = read64(want, expected);
    tap_is_int(tap, (long long)size, (long long)(plain.size + PUSH_EXTRA),
               "RFC 8291: as long as it should be");
    tap_ok(tap,
           push_native_seal(to, auth, secret, salt, plain, out) &&
               memcmp(out, expected, size) == 0,
           "RFC 8291: the example, byte by byte");
    to[5] ^= 1;
    tap_ok(tap, !push_native_seal(to, auth, secret, salt, plain, out),
           "a point that is not on the curve is none");
    memset(secret, 0, 32);
    tap_ok(tap, !push_native_public(secret, point), "zero is no key");
    memset(secret, 255, 32);
    tap_ok(tap, !push_native_public(secret, point),
           "nor is what is beyond the order");
    tap_ok(tap, !push_native_sign(secret, plain, signature),
           "nor does it sign");
}

/* What is signed is checked by the code that checks others. */
static void run_vapid(struct tap *tap)
{
    struct host_native native;
    unsigned char secret[32], point[PUSH_POINT], signature[64];
    struct verify_key key = {.algorithm = VERIFY_ES256};
    struct str text = STR("head.claims");

    host_native_init(&native);
    memset(secret, 7, 32);
    tap_ok(tap,
           push_native_public(secret, point) &&
               push_native_sign(secret, text, signature),
           "ES256");
    key.a = (struct str){(const char *)point + 1, 32};
    key.b = (struct str){(const char *)point + 33, 32};
    tap_ok(
        tap,
        native.host.verifier->verify(&key, VERIFY_PAIR, text,
                                     (struct str){(const char *)signature, 64}),
        "the signature holds");
    host_native_release(&native);
}

/* --- a courier that does as it is told -------------------------------------
 */

static struct {
    enum error mail;
    int status; /* 0: nobody answers */
    size_t mails, posts;
    char url[300], body[2000], header[1000], text[4000];
} told;

static void keep(char *to, size_t room, struct str text)
{
    size_t size = text.size < room - 1 ? text.size : room - 1;

    if (size)
        memcpy(to, text.at, size);
    to[size] = '\0';
}

static enum error fake_mail(struct arena *arena, const struct mail *mail,
                            struct err *err)
{
    (void)arena;
    told.mails++;
    keep(told.text, sizeof told.text, mail->text);
    return told.mail ? err_detail(err, told.mail, "x", "SMTP 550") : ERROR_NONE;
}

static enum error fake_post(struct arena *arena, const struct parcel *parcel,
                            int *status, struct err *err)
{
    (void)arena;
    told.posts++;
    keep(told.url, sizeof told.url, parcel->url);
    keep(told.body, sizeof told.body, parcel->body);
    keep(told.header, sizeof told.header,
         parcel->headers ? parcel->header[0] : STR(""));
    if (!told.status)
        return err_detail(err, ERROR_BUSY, "x", "timeout");
    *status = told.status;
    return ERROR_NONE;
}

struct world {
    struct tap *tap;
    struct fixture *fixture;
    struct courier courier;
    struct delivery_settings settings;
    struct err err;
};

static struct task task_of(struct world *w, int64_t later)
{
    err_clear(&w->err);
    w->fixture->now += later;
    return fixture_task(w->fixture, "system");
}

static struct delivery_done work(struct world *w, int64_t later)
{
    struct task task = task_of(w, later);
    struct delivery_done done = {0};

    if (delivery_work(&task, &w->settings, &done, &w->err))
        fixture_say(&w->err);
    return done;
}

static const char *state_of(struct world *w, const char *channel)
{
    struct task task = task_of(w, 0);
    struct delivery_row *row = NULL;
    size_t count = 0;

    delivery_list(&task, &row, &count, &w->err);
    for (size_t i = 0; i < count; i++)
        if (str_equal_c(row[i].channel, channel))
            return str_c(&w->fixture->arena, row[i].state);
    return "none";
}

static void queue_until(struct world *w, const char *channel,
                        const char *recipient, const char *about, int64_t until)
{
    struct task task = task_of(w, 0);
    struct change change;
    struct value *fields = value_object(task.arena);
    bool repeated;

    change_init(&change, &task);
    value_put_text(fields, task.arena, "name", about);
    change_add(&change, STR("alert_recipient"),
               host_uuid(task.office->host, task.arena), OP_CREATE, fields,
               STR(""));
    delivery_add(&change, &(struct message){.channel = str_of(channel),
                                            .recipient = str_of(recipient),
                                            .subject = STR("Inundación – á"),
                                            .body = STR("No \"cruce\" & á"),
                                            .about = str_of(about),
                                            .until = until});
    if (change_commit(&change, &repeated, &w->err))
        fixture_say(&w->err);
}

static void queue(struct world *w, const char *channel, const char *recipient,
                  const char *about)
{
    queue_until(w, channel, recipient, about, INT64_MAX / 2);
}

#define MINUTE 60000

static void run_states(struct world *w)
{
    struct tap *tap = w->tap;
    struct delivery_done done;

    queue(w, "sms", "+529620000000", "a");
    queue(w, "sms", "+529620000000", "a");
    told.status = 0;
    done = work(w, 1000);
    tap_ok(tap, done.later == 1 && told.posts == 1,
           "added twice it is one; nobody answers: later");
    tap_is(tap, state_of(w, "sms"), "queued", "it waits");
    done = work(w, 1000);
    tap_ok(tap, !done.later && told.posts == 1, "and is not asked for again");
    told.status = 503;
    done = work(w, 2 * MINUTE);
    tap_ok(tap, done.later == 1 && told.posts == 2, "in a minute it is");
    told.status = 200;
    done = work(w, 6 * MINUTE);
    tap_ok(tap, done.sent == 1, "then it is sent");
    tap_is(tap, state_of(w, "sms"), "sent", "and says so");
    tap_is(tap, told.url, "http://127.0.0.1/?to=%2B529620000000",
           "the number stands in the address");
    tap_is(tap, told.body, "{\"text\":\"No \\\"cruce\\\" & á\"}",
           "the text is quoted as JSON");
    tap_is(tap, told.header, "X-Key: 1=2", "with the house's header");
    queue(w, "sms", "javascript:", "b");
    done = work(w, 1000);
    tap_ok(tap, done.failed == 1, "what is no number is never sent");
    queue(w, "sms", "+529620000001", "c");
    told.status = 0;
    for (int i = 0; i < DELIVERY_ATTEMPTS; i++)
        done = work(w, 800 * MINUTE);
    tap_ok(tap, done.gave_up == 1, "after eight attempts it is given up");
}

static void run_mail(struct world *w)
{
    struct tap *tap = w->tap;
    struct delivery_done done;
    size_t before;

    queue(w, "email", "a@ejemplo.invalid", "m1");
    done = work(w, 1000);
    tap_ok(tap,
           done.sent == 1 &&
               strstr(told.text, "Subject: =?UTF-8?B?SW51bmRhY2nDs24g4oCTIMOh"
                                 "?=\r\n") &&
               strstr(told.text, "To: <a@ejemplo.invalid>\r\n"),
           "mail");
    queue(w, "email", "a@ejemplo.invalid\r\nBcc: b@ejemplo.invalid", "m2");
    before = told.mails;
    done = work(w, 1000);
    tap_ok(tap, done.failed == 1 && told.mails == before,
           "an address with a header of its own is refused");
    told.mail = ERROR_INPUT;
    queue(w, "email", "b@ejemplo.invalid", "m3");
    done = work(w, 1000);
    tap_ok(tap, done.failed == 1, "what the other side never takes has failed");
    told.mail = ERROR_BUSY;
    for (int i = 0; i < 6; i++) {
        char about[8];

        snprintf(about, sizeof about, "n%d", i);
        queue(w, "email", "c@ejemplo.invalid", about);
    }
    before = told.mails;
    done = work(w, 1000);
    tap_ok(tap, done.later == 2 && told.mails == before + 2,
           "two that nobody answers, and the channel rests");
    told.mail = ERROR_NONE;
    done = work(w, 1000);
    tap_ok(tap, !done.sent, "for a minute");
    done = work(w, 5 * MINUTE);
    tap_ok(tap, done.sent == 6, "then all go");
    for (int i = 0; i < 6; i++) {
        char about[8];

        snprintf(about, sizeof about, "o%d", i);
        queue_until(w, "email", "c@ejemplo.invalid", about,
                    w->fixture->now + MINUTE);
    }
    before = told.mails;
    done = work(w, 2 * MINUTE);
    tap_ok(tap, done.gave_up == 6 && told.mails == before,
           "what came too late is dropped in one go: nobody was asked");
    queue(w, "email", "c@ejemplo.invalid", "p");
    done = work(w, 1000);
    tap_ok(tap, done.sent == 1, "and the next one does not wait for it");
    w->settings.smtp_url = STR("");
    queue(w, "email", "d@ejemplo.invalid", "off");
    done = work(w, 1000);
    tap_ok(tap, done.later == 1, "a channel that is not set waits");
}

static void run_push(struct world *w)
{
    static const char p256dh[] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-"
                                 "JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8p"
                                 "ZGH6SRpkNtoIAiw4";
    static const char *const bad[] = {"http://push.ejemplo.invalid/a",
                                      "https://127.0.0.1/a",
                                      "https://[::1]/a",
                                      "https://localhost/a",
                                      "https://router.local/a",
                                      "https://push.ejemplo.invalid:25/a",
                                      "https://a@push.ejemplo.invalid/",
                                      "file:///etc/passwd"};
    struct subscription wish = {.endpoint =
                                    STR("https://push.ejemplo.invalid/1"),
                                .public_key = str_of(p256dh),
                                .secret = STR("BTBZMqHH6r4Tts7J_aSIgg"),
                                .areas = STR("MX-CHP"),
                                .language = STR("ht")};
    struct tap *tap = w->tap;
    struct delivery_done done;
    struct task task = task_of(w, 0);
    int64_t rows = 0;
    bool found;

    if (!push_key(&task).size) {
        tap_skip(tap, "push", "a store without a key");
        return;
    }
    tap_ok(tap,
           !push_subscribe(&task, &wish, &w->err) &&
               !push_subscribe(&task, &wish, &w->err),
           "a browser subscribes, twice is once");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        wish.endpoint = str_of(bad[i]);
        err_clear(&w->err);
        tap_ok(tap, push_subscribe(&task, &wish, &w->err) == ERROR_INPUT,
               "not at %s", bad[i]);
    }
    err_clear(&w->err);
    db_get_int(task.db, &rows, &found, &w->err,
               "SELECT count(*) FROM push_subscription", "");
    tap_is_int(tap, rows, 1, "one row");
    queue(w, "push",
          str_c(task.arena, task_uuid(&task, STR("push"),
                                      STR("https://push.ejemplo."
                                          "invalid/1"))),
          "p1");
    told.status = 201;
    done = work(w, 1000);
    tap_ok(tap,
           done.sent == 1 && strstr(told.header, "Authorization: vapid t=ey") &&
               strstr(told.header, ", k=B"),
           "a message goes to its push service");
    queue(w, "push",
          str_c(task.arena, task_uuid(&task, STR("push"),
                                      STR("https://push.ejemplo."
                                          "invalid/1"))),
          "p2");
    told.status = 410;
    done = work(w, 1000);
    db_get_int(task.db, &rows, &found, &w->err,
               "SELECT count(*) FROM push_subscription", "");
    tap_ok(tap, done.failed == 1 && rows == 0,
           "that says it is gone, and it is dropped");
}

/* An alert for a place becomes messages for those who asked for it. */
static void run_spread(struct world *w)
{
    static const char alert[] =
        "<alert xmlns='" CAP_SPACE "'><identifier>d-1</identifier><sender>smn"
        "</sender><sent>2026-11-22T08:00:00-06:00</sent><status>Actual</status>"
        "<msgType>Alert</msgType><scope>Public</scope><info><language>es"
        "</language><category>Met</category><event>Norte</event><urgency>"
        "Expected</urgency><severity>Moderate</severity><certainty>Likely"
        "</certainty><expires>2029-12-31T00:00:00-06:00</expires><headline>"
        "Viento</headline><area><areaDesc>Istmo</areaDesc><geocode><valueName>"
        "ISO3166-2</valueName><value>MX-OAX</value></geocode></area></info>"
        "</alert>";
    static const char *const people[] = {
        "{'name':'Uno','channel':'sms','address':'+529710000001',"
        "'states':'MX-OAX'}",
        "{'name':'Dos','channel':'sms','address':'+529710000002',"
        "'states':'MX-CHP'}",
        "{'name':'Tres','channel':'email','address':'t@ejemplo.invalid'}",
        "{'name':'Cuatro','channel':'email','address':'c@ejemplo.invalid',"
        "'severity_min':'Extreme'}",
        "{'name':'Cinco','channel':'email','address':'v@ejemplo.invalid',"
        "'active':'no'}"};
    struct alert_source source = {.label = STR("SMN"), .shown = true};
    struct tap *tap = w->tap;
    struct task task = task_of(w, 0);
    struct cap_problems problems;
    struct delivery_done done;
    enum alert_taken taken;
    struct str id;
    int64_t rows = 0;
    bool found;

    w->settings.smtp_url = STR("smtp://127.0.0.1");
    told.status = 200;
    told.mail = ERROR_NONE;
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        fixture_record(w->fixture, "alert_recipient", people[i]);
    tap_ok(tap,
           !alert_import(&task, str_of(alert), &source, &taken, &id, &problems,
                         &w->err),
           "an alert is shown");
    db_get_int(task.db, &rows, &found, &w->err,
               "SELECT count(*) FROM outbox WHERE about = $1", "t", id);
    tap_is_int(tap, rows, 1, "showing it cost one row");
    done = work(w, 1000);
    tap_is_int(tap, (long long)done.spread, 2, "two of five are to hear of it");
    done = work(w, 1000);
    tap_ok(tap, strstr(told.body, "Viento") != NULL, "in words");
    db_get_int(task.db, &rows, &found, &w->err,
               "SELECT count(*) FROM outbox WHERE about = $1"
               " AND state = 'sent'",
               "t", id);
    tap_is_int(tap, rows, 3, "and have");
}

static void run_settings(struct tap *tap)
{
    struct delivery_settings settings;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    tap_ok(
        tap,
        !delivery_settings_read(&arena,
                                STR("# a\nsmtp_url = smtp://x\nsmtp_from=a@b\n"
                                    "sms_header = A: 1=2\nack.uno = abc\n"),
                                &settings, &err) &&
            str_equal_c(settings.sms_header[0], "A: 1=2") &&
            str_equal_c(delivery_secret(&settings, &arena, STR("ack.uno")),
                        "abc"),
        "a settings file");
    tap_ok(tap,
           delivery_settings_read(&arena, STR("\nsmtp_url\n"), &settings,
                                  &err) == ERROR_INPUT &&
               strcmp(err.arg[0], "2") == 0,
           "a line that says nothing is named");
    err_clear(&err);
    tap_ok(tap,
           delivery_settings_read(&arena, STR("smpt_url=x"), &settings, &err) ==
               ERROR_INPUT,
           "and a name that there is not");
    arena_release(&arena);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct world w = {.tap = tap, .fixture = fixture};

    w.courier = courier_native;
    w.courier.mail = fake_mail;
    w.courier.post = fake_post;
    memset(&told, 0, sizeof told);
    fixture->host.courier = &w.courier;
    fixture->office.read_xml = xml_tree_read;
    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    w.settings =
        (struct delivery_settings){.smtp_url = STR("smtp://127.0.0.1"),
                                   .smtp_from = STR("casa@ejemplo.invalid"),
                                   .sms_url = STR("http://127.0.0.1/?to={to}"),
                                   .sms_method = STR("POST"),
                                   .sms_body = STR("{\"text\":\"{text}\"}"),
                                   .sms_type = STR("application/json"),
                                   .sms_header = {STR("X-Key: 1=2")},
                                   .sms_headers = 1};
    run_vector(tap);
    run_vapid(tap);
    run_settings(tap);
    run_states(&w);
    run_mail(&w);
    run_push(&w);
    run_spread(&w);
}

int main(void)
{
    return fixture_main(check);
}
