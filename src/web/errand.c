/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* errand.c - what waits for others: feeds of alerts asked, whoever runs a place
 * asked whether it is still so, messages sent. A thread of its own calls it, so
 * that nobody who is slow keeps a page, a clock or a publication waiting. One
 * round is short; what is left is done in the next.
 */
#include "domain/alert/alert_fetch.h"
#include "domain/delivery/delivery.h"
#include "domain/directory/upkeep.h"
#include "web/app.h"

enum { ERRAND_MS = 5000 };

struct errand {
    const struct app *app;
    struct arena *arena;
};

/* ack.NAME of the file: with which a feed's house hears that we have it. */
static struct str token_of(void *context, struct str name)
{
    const struct errand *errand = context;

    return delivery_secret(errand->app->delivery, errand->arena,
                           str_join(errand->arena, STR("ack."), name));
}

static void say(struct app *app, struct arena *arena, const char *event,
                const struct err *err)
{
    const struct host *host = app->office.host;
    struct value *fields = value_object(arena);

    value_put_text(fields, arena, "error", error_name(err->code));
    value_put_text(fields, arena, "detail", err->detail);
    host->log(host->context, HOST_ERROR, event, fields);
}

int64_t app_errand(struct app *app, struct db *db, int64_t now)
{
    struct errand errand = {.app = app};
    struct delivery_done done = {0};
    struct arena arena;
    struct task task;
    struct err err = {0};
    size_t fresh = 0, asked = 0;

    arena_init(&arena, NULL);
    errand.arena = &arena;
    task_init(&task, &app->office, db, &arena);
    task.now = now;
    task_as_system(&task);
    if (alert_fetch_due(&task, token_of, &errand, &fresh, &err))
        say(app, &arena, "alert_feed", &err);
    err_clear(&err);
    task.now = app->office.host->now(app->office.host->context);
    /* without a server of mail they wait for staff, who copy the link */
    if (app->delivery && app->delivery->smtp_url.size &&
        directory_ask_mail(&task, &asked, &err))
        say(app, &arena, "directory_ask", &err);
    err_clear(&err);
    if (delivery_work(&task, app->delivery, &done, &err))
        say(app, &arena, "delivery", &err);
    if (done.sent || done.failed || done.gave_up) {
        struct value *fields = value_object(&arena);

        value_put_int(fields, &arena, "sent", (int64_t)done.sent);
        value_put_int(fields, &arena, "failed",
                      (int64_t)(done.failed + done.gave_up));
        app->office.host->log(app->office.host->context, HOST_INFO, "delivery",
                              fields);
    }
    arena_release(&arena);
    return done.more ? now : now + ERRAND_MS;
}
