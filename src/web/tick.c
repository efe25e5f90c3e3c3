/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tick.c - lets clocks fire. The door calls it now and then; what is due is
 * found by query, so calling it late or twice does no harm.
 */
#include "domain/account/account.h"
#include "domain/alert/alert.h"
#include "domain/proof/alarm.h"
#include "domain/access/room.h"
#include "domain/directory/upkeep.h"
#include "domain/proof/seen.h"
#include "domain/arco/arco.h"
#include "domain/grant/grant.h"
#include "domain/notice/usage.h"
#include "domain/openrosa/openrosa.h"
#include "domain/outreach/help.h"
#include "domain/proof/proof.h"
#include "domain/referral/referral.h"
#include "web/app.h"

enum {
    TICK_MS = 60 * 1000,
    SWEEP_MS = 60 * TICK_MS,
    SEEN_MS = SEEN_SECONDS * 1000,
    SIGN_MS = 60 * TICK_MS
};

/* Forms that another process installed; sessions and waits that are over. */
static void keep_house(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};

    if (forms_load(&app->office, task->db, &err) == ERROR_NONE &&
        task->now - app->swept >= SWEEP_MS &&
        account_sweep(task, &err) == ERROR_NONE)
        app->swept = task->now;
    if (err.code) {
        struct value *fields = value_object(task->arena);

        value_put_text(fields, task->arena, "error", error_name(err.code));
        value_put_text(fields, task->arena, "detail", err.detail);
        host->log(host->context, HOST_WARNING, "tick", fields);
    }
}

static void log_changed(const struct host *host, struct task *task,
                        size_t changed)
{
    struct value *fields = value_object(task->arena);

    value_put_int(fields, task->arena, "changed", (int64_t)changed);
    host->log(host->context, HOST_INFO, "tick", fields);
}

static void log_failed(const struct host *host, struct task *task,
                       const char *event, const struct err *err)
{
    struct value *fields = value_object(task->arena);

    value_put_text(fields, task->arena, "error", error_name(err->code));
    value_put_text(fields, task->arena, "detail", err->detail);
    host->log(host->context, HOST_ERROR, event, fields);
}

/* Photos and recordings that nothing refers to any more. */
static void drop_files(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};
    size_t erased = 0;

    if (attachments_sweep(task, &erased, &err) != ERROR_NONE) {
        log_failed(host, task, "attachments", &err);
    } else if (erased) {
        struct value *fields = value_object(task->arena);

        value_put_int(fields, task->arena, "erased", (int64_t)erased);
        host->log(host->context, HOST_INFO, "attachments", fields);
    }
}

/* Clocks of one house or room. */
static void look_at_clocks(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};
    size_t changed = 0;

    if (casework_tick(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "tick", &err);
    else if (changed)
        log_changed(host, task, changed);
    err_clear(&err);
    if (arco_tick(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "tick", &err);
    err_clear(&err);
    if (alert_tick(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "alert", &err);
    if (!task->office->log.home.size &&
        directory_ask_tick(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "directory", &err);
    err_clear(&err);
    if (grant_sweep(task, &err) != ERROR_NONE)
        log_failed(host, task, "grant", &err);
    err_clear(&err);
    if (help_sweep(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "help", &err);
}

struct ticking {
    struct app *app;
    struct db *db;
    int64_t now;
    bool clocks; /* once a minute, however often one is woken */
    bool sign;   /* once an hour, where there is a key */
    bool seen;   /* somebody opened something since the last time */
    bool more;
};

static bool due(int64_t now, int64_t last, int64_t every)
{
    return now < last || now - last >= every;
}

/* What is new in the log is signed. */
static void sign(struct app *app, struct task *task)
{
    struct proof_checkpoint newest;
    struct err err = {0};

    if (checkpoint_make(task, &newest, NULL, &err) != ERROR_NONE)
        log_failed(app->office.host, task, "checkpoint", &err);
}

/* Is what was opened out of pattern? */
static void watch(struct app *app, struct task *task)
{
    struct err err = {0};
    size_t raised = 0;

    if (alarms_look(task, &raised, &err) != ERROR_NONE)
        log_failed(app->office.host, task, "alarms", &err);
}

/* A room is served like the house; its own memory each. */
static void tick_site(struct ticking *ticking, const struct room_site *site)
{
    struct app *app = ticking->app;
    struct arena arena;
    struct task task;
    struct err err = {0};
    bool more = false;

    arena_init(&arena, NULL);
    task_init(&task, &app->office, ticking->db, &arena);
    task.now = ticking->now;
    if (task_enter_room(&task, site->home, site->site, &err) != ERROR_NONE) {
        arena_release(&arena);
        return;
    }
    if (ticking->clocks)
        look_at_clocks(app, &task);
    task_as_system(&task);
    if (ticking->seen)
        watch(app, &task);
    if (ticking->sign)
        sign(app, &task);
    if (!app->import.active)
        drop_files(app, &task);
    if ((!app->import.active ||
         str_equal(app->import.task.office->log.site, site->site)) &&
        import_job_step(&task, &app->import, &more, &err) != ERROR_NONE)
        log_failed(app->office.host, &task, "import", &err);
    ticking->more = ticking->more || more;
    arena_release(&arena);
}

int64_t app_tick(struct app *app, struct db *db, int64_t now)
{
    struct ticking ticking = {.app = app, .db = db, .now = now};
    struct room_site *site = NULL;
    struct arena arena;
    struct task task;
    struct err err = {0};
    size_t count = 0;

    arena_init(&arena, NULL);
    task_init(&task, &app->office, db, &arena);
    task.now = now;
    ticking.clocks = due(now, app->ticked, TICK_MS);
    ticking.sign = app->office.site_key && due(now, app->signed_at, SIGN_MS);
    if (ticking.sign)
        app->signed_at = now;
    if (ticking.clocks) {
        app->ticked = now;
        keep_house(app, &task);
    }
    ticking.seen = seen_news(&app->office);
    if (seen_flush(&app->office, &err) != ERROR_NONE)
        log_failed(app->office.host, &task, "seen", &err);
    err_clear(&err);
    if (usage_flush(&task, &err) != ERROR_NONE)
        log_failed(app->office.host, &task, "usage", &err);
    err_clear(&err);
    if (room_all(&app->office, db, &arena, &site, &count, &err) != ERROR_NONE)
        log_failed(app->office.host, &task, "tick", &err);
    for (size_t i = 0; i < count; i++)
        tick_site(&ticking, &site[i]);
    arena_release(&arena);
    return ticking.more ? now : now + SEEN_MS;
}
