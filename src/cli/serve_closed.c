/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serve_closed.c - who stands before a closed house and has a password.
 *
 * One password is tried at a time and each takes a quarter of a second at
 * least. Whoever was wrong waits: 1, 2, 4 … 60 seconds, by address, so that
 * one address cannot keep the others out; and no more than a few wait for
 * their turn, so that knocking cannot hold all workers.
 */
#include "cli/serving.h"

enum { WAITING_MAX = 8, WAIT_MAX_SECONDS = 60 };
enum { STACK = 8 * 1024 * 1024 };

/* The entry of an address; a new one in place of the one that is over first. */
static struct knocker *knocker_of(struct serving *serving, struct str address)
{
    struct knocker *oldest = &serving->knocker[0];

    for (size_t i = 0; i < KNOCKERS; i++) {
        struct knocker *one = &serving->knocker[i];

        if (str_equal_c(address, one->address))
            return one;
        if (one->until < oldest->until)
            oldest = one;
    }
    *oldest = (struct knocker){0};
    snprintf(oldest->address, sizeof(oldest->address), "%.*s",
             STR_ARGS(address));
    return oldest;
}

static enum error say_wait(int64_t ms, struct err *err)
{
    char seconds[24];

    snprintf(seconds, sizeof(seconds), "%lld", (long long)(ms + 999) / 1000);
    return err_set(err, ERROR_TOO_MANY,
                   N_("Espere {1} segundos antes de volver a intentarlo."),
                   seconds, NULL, NULL);
}

static int64_t now_of(const struct serving *serving)
{
    const struct host *host = &serving->line->native.host;

    return host->now(host->context);
}

static enum error may_try(struct serving *serving, struct str address,
                          struct err *err)
{
    enum error error = ERROR_NONE;
    int64_t left;

    pthread_mutex_lock(&serving->lock);
    left = knocker_of(serving, address)->until - now_of(serving);
    if (left > 0)
        error = say_wait(left, err);
    else if (serving->waiting >= WAITING_MAX)
        error = say_wait(2000, err);
    else
        serving->waiting++;
    pthread_mutex_unlock(&serving->lock);
    return error;
}

static void was_wrong(struct serving *serving, struct str address, bool wrong)
{
    struct knocker *knocker;
    int64_t wait;

    pthread_mutex_lock(&serving->lock);
    serving->waiting--;
    knocker = knocker_of(serving, address);
    if (wrong) {
        wait = (int64_t)1 << (knocker->failed < 6 ? knocker->failed : 6);
        if (wait > WAIT_MAX_SECONDS)
            wait = WAIT_MAX_SECONDS;
        knocker->failed++;
        knocker->until = now_of(serving) + wait * 1000;
    } else {
        *knocker = (struct knocker){0};
    }
    pthread_mutex_unlock(&serving->lock);
}

struct opening {
    struct serving *serving;
    struct err *err;
    enum error error;
};

static void *open_main(void *context)
{
    struct opening *opening = context;

    opening->error = serving_app_open(opening->serving, opening->err);
    return NULL;
}

/* A worker's stack is small; reading forms and tables wants a usual one. */
static enum error open_app(struct serving *serving, struct err *err)
{
    struct opening opening = {serving, err, ERROR_NONE};
    pthread_attr_t attributes;
    pthread_t thread;
    int failed;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    failed = pthread_create(&thread, &attributes, open_main, &opening);
    pthread_attr_destroy(&attributes);
    if (failed)
        return err_memory(err);
    pthread_join(thread, NULL);
    return opening.error;
}

static enum error open_house(struct serving *serving, struct str name,
                             struct str password, struct err *err)
{
    struct command_line *line = serving->line;
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    error =
        house_open_password(&line->house, str_c(&arena, name), password, err);
    arena_release(&arena);
    if (!error)
        error = open_app(serving, err);
    if (error)
        return error;
    house_remember(&line->house);
    server_app(serving->server, &serving->app);
    ticker_start(serving);
    serving_log(serving, HOST_INFO, "opened", NULL, NULL);
    return ERROR_NONE;
}

enum error door_open(void *context, struct str name, struct str password,
                     struct str address, struct err *err)
{
    struct serving *serving = context;
    enum error error = may_try(serving, address, err);

    if (error)
        return error;
    pthread_mutex_lock(&serving->opening);
    /* somebody else was quicker: the login as always decides */
    if (!serving->open)
        error = open_house(serving, name, password, err);
    pthread_mutex_unlock(&serving->opening);
    was_wrong(serving, address, error == ERROR_LOGIN);
    return error;
}
