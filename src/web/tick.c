/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tick.c - lets clocks fire. The door calls it now and then; what is due is
 * found by query, so calling it late or twice does no harm.
 */
#include "domain/account.h"
#include "domain/referral.h"
#include "web/app.h"

enum { TICK_MS = 60 * 1000, SWEEP_TICKS = 60 };

/* Forms that another process installed; sessions and waits that are over. */
static void keep_house(struct app *app, struct task *task)
{
    const struct host *host = app->office.host;
    struct err err = {0};

    if (forms_load(&app->office, task->db, &err) == ERROR_NONE &&
        task->now / TICK_MS % SWEEP_TICKS == 0)
        account_sweep(task, &err);
    if (err.code) {
        struct value *fields = value_object(task->arena);

        value_put_text(fields, task->arena, "error", error_name(err.code));
        value_put_text(fields, task->arena, "detail", err.detail);
        host->log(host->context, HOST_WARNING, "tick", fields);
    }
}

int64_t app_tick(struct app *app, struct db *db, int64_t now)
{
    const struct host *host = app->office.host;
    struct arena arena;
    struct task task;
    struct err err = {0};
    size_t changed = 0;

    arena_init(&arena, NULL);
    task_init(&task, &app->office, db, &arena);
    task.now = now;
    keep_house(app, &task);
    if (casework_tick(&task, &changed, &err) != ERROR_NONE) {
        struct value *fields = value_object(&arena);

        value_put_text(fields, &arena, "error", error_name(err.code));
        value_put_text(fields, &arena, "detail", err.detail);
        host->log(host->context, HOST_ERROR, "tick", fields);
    } else if (changed) {
        struct value *fields = value_object(&arena);

        value_put_int(fields, &arena, "changed", (int64_t)changed);
        host->log(host->context, HOST_INFO, "tick", fields);
    }
    arena_release(&arena);
    return now + TICK_MS;
}
