/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serve_tick.c - the thread that lets clocks fire, and the one that waits for
 * other machines. */
#include "cli/serving.h"

#include "domain/proof/seen.h"

enum { TICK_MAX_MS = 60 * 1000, TICK_MIN_MS = 5 };

static int64_t tick_once(struct serving *serving, struct db **db)
{
    const struct host *host = &serving->line->native.host;
    int64_t now = host->now(host->context);
    struct err err = {0};

    if (!*db && store_connect(serving->app.office.store, false, db, &err)) {
        serving_log(serving, HOST_ERROR, "tick_failed", "detail", err.detail);
        *db = NULL;
        return now + TICK_MAX_MS;
    }
    return app_tick(&serving->app, *db, now);
}

/* false: time to tick, or to end. */
static bool tick_slice(struct serving *serving, int64_t wait_ms)
{
    struct timespec until;
    bool on;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&serving->lock);
    if (!serving->stop && !serving->poked)
        pthread_cond_timedwait(&serving->wake, &serving->lock, &until);
    on = !serving->stop && !serving->poked;
    serving->poked = false;
    pthread_mutex_unlock(&serving->lock);
    return on;
}

/* Meanwhile who opened which file goes into the log; what fails is told by the
 * next tick, which tries again. */
static void tick_wait(struct serving *serving, int64_t wait_ms)
{
    struct err ignored = {0};
    int64_t slice = SEEN_SOON_MS;

    for (; wait_ms > 0; wait_ms -= slice) {
        slice = wait_ms < SEEN_SOON_MS ? wait_ms : SEEN_SOON_MS;
        if (!tick_slice(serving, slice))
            return;
        seen_flush(&serving->app.office, &ignored);
        err_clear(&ignored);
    }
}

/* A request left long work behind. */
void tick_soon(void *context)
{
    struct serving *serving = context;

    pthread_mutex_lock(&serving->lock);
    serving->poked = true;
    pthread_cond_signal(&serving->wake);
    pthread_mutex_unlock(&serving->lock);
}

static bool tick_stopped(struct serving *serving)
{
    bool stop;

    pthread_mutex_lock(&serving->lock);
    stop = serving->stop;
    pthread_mutex_unlock(&serving->lock);
    return stop;
}

/* A fresh connection each time: a tick is rare, and one that the database
 * dropped meanwhile would fail. */
static void *tick_main(void *context)
{
    struct serving *serving = context;
    const struct host *host = &serving->line->native.host;

    while (!tick_stopped(serving)) {
        struct db *db = NULL;
        int64_t next = tick_once(serving, &db);
        int64_t wait = next - host->now(host->context);

        if (db)
            db_close(db);
        if (wait > TICK_MAX_MS)
            wait = TICK_MAX_MS;
        tick_wait(serving, wait < TICK_MIN_MS ? TICK_MIN_MS : wait);
    }
    return NULL;
}

/* Until then, or until the server ends. */
static void errand_wait(struct serving *serving, int64_t wait_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(wait_ms / 1000) + 1;
    pthread_mutex_lock(&serving->lock);
    if (!serving->stop)
        pthread_cond_timedwait(&serving->errand_wake, &serving->lock, &until);
    pthread_mutex_unlock(&serving->lock);
}

static void *errand_main(void *context)
{
    struct serving *serving = context;
    const struct host *host = &serving->line->native.host;

    while (!tick_stopped(serving)) {
        int64_t now = host->now(host->context), next = now + TICK_MAX_MS;
        struct db *db = NULL;
        struct err err = {0};

        if (!store_connect(serving->app.office.store, false, &db, &err)) {
            next = app_errand(&serving->app, db, now);
            db_close(db);
        }
        now = host->now(host->context);
        if (next > now)
            errand_wait(serving,
                        next - now < TICK_MAX_MS ? next - now : TICK_MAX_MS);
    }
    return NULL;
}

void ticker_stop(struct serving *serving)
{
    pthread_mutex_lock(&serving->lock);
    serving->stop = true;
    pthread_cond_signal(&serving->wake);
    pthread_cond_signal(&serving->errand_wake);
    pthread_mutex_unlock(&serving->lock);
    if (serving->ticking)
        pthread_join(serving->ticker, NULL);
    if (serving->running)
        pthread_join(serving->errands, NULL);
    serving->ticking = serving->running = false;
}

void ticker_start(struct serving *serving)
{
    serving->ticking =
        pthread_create(&serving->ticker, NULL, tick_main, serving) == 0;
    serving->running =
        pthread_create(&serving->errands, NULL, errand_main, serving) == 0;
}
