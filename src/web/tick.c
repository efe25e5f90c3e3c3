/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tick.c - lets clocks fire. The door calls it now and then; what is due is
 * found by query, so calling it late or twice does no harm.
 */
#include "domain/account/account.h"
#include "domain/account/alarm.h"
#include "domain/account/seen.h"
#include "domain/openrosa/openrosa.h"
#include "domain/proof/proof.h"
#include "domain/referral/referral.h"
#include "web/app.h"

enum {
    TICK_MS = 60 * 1000,
    SWEEP_MS = 60 * TICK_MS,
    SEEN_MS = SEEN_SECONDS * 1000,
    CHECKPOINT_MS = 60 * TICK_MS
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

/* Once a minute, however often one is woken. */
static void look_at_clocks(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};
    size_t changed = 0;

    if (task->now >= app->ticked && task->now - app->ticked < TICK_MS)
        return;
    app->ticked = task->now;
    keep_house(app, task);
    if (casework_tick(task, &changed, &err) != ERROR_NONE)
        log_failed(host, task, "tick", &err);
    else if (changed)
        log_changed(host, task, changed);
}

/* Once an hour the log is signed, when there is a key and something new. */
static void sign_hourly(struct app *app, struct task *task)
{
    struct proof_checkpoint newest;
    struct err err = {0};

    if (!app->office.site_key || (task->now >= app->signed_at &&
                                  task->now - app->signed_at < CHECKPOINT_MS))
        return;
    app->signed_at = task->now;
    if (checkpoint_make(task, &newest, NULL, &err) != ERROR_NONE)
        log_failed(app->office.host, task, "checkpoint", &err);
}

/* Who opened what goes into the log, and is looked at. */
static void watch(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};
    size_t raised = 0;

    if (!seen_since(&app->office))
        return;
    if (seen_flush(&app->office, &err) != ERROR_NONE)
        log_failed(host, task, "seen", &err);
    else if (alarms_look(task, &raised, &err) != ERROR_NONE)
        log_failed(host, task, "alarms", &err);
}

int64_t app_tick(struct app *app, struct db *db, int64_t now)
{
    const struct host *host = app->office.host;
    struct arena arena;
    struct task task;
    struct err err = {0};
    bool more = false;

    arena_init(&arena, NULL);
    task_init(&task, &app->office, db, &arena);
    task.now = now;
    look_at_clocks(app, &task);
    task_as_system(&task);
    watch(app, &task);
    sign_hourly(app, &task);
    if (!app->import.active)
        drop_files(app, &task);
    if (import_job_step(&task, &app->import, &more, &err) != ERROR_NONE)
        log_failed(host, &task, "import", &err);
    arena_release(&arena);
    return more ? now : now + SEEN_MS;
}
