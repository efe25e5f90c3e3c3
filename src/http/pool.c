/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pool.c - a queue of exchanges, a stack of connections, threads. */
#include "http/pool.h"

#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__)
enum { STACK_SIZE = 4 * 1024 * 1024 };
#else
enum { STACK_SIZE = 512 * 1024 };
#endif

struct pool {
    _Atomic(struct app *) app;
    void (*done)(void *context, struct exchange *exchange);
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct exchange *first, **last;
    struct db *idle[POOL_THREADS_MAX];
    size_t idles;
    bool stop;
    unsigned threads;
    pthread_t thread[POOL_THREADS_MAX];
};

static struct exchange *pool_take(struct pool *pool)
{
    struct exchange *exchange;

    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->stop)
        pthread_cond_wait(&pool->work, &pool->lock);
    exchange = pool->first;
    if (exchange) {
        pool->first = exchange->next;
        exchange->next = NULL;
        if (!pool->first)
            pool->last = &pool->first;
    }
    pthread_mutex_unlock(&pool->lock);
    return exchange;
}

static enum error db_take(struct pool *pool, const struct app *app,
                          struct db **db, struct err *err)
{
    *db = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->idles > 0)
        *db = pool->idle[--pool->idles];
    pthread_mutex_unlock(&pool->lock);
    if (*db)
        return ERROR_NONE;
    return store_connect(app->office.store, false, db, err);
}

/* A connection that may be broken is not kept, and neither are its idle
 * sisters: whatever broke it has likely broken them. */
static void db_give(struct pool *pool, struct db *db, bool broken)
{
    struct db *drop[POOL_THREADS_MAX + 1];
    size_t drops = 0;

    pthread_mutex_lock(&pool->lock);
    if (broken) {
        drop[drops++] = db;
        while (pool->idles > 0)
            drop[drops++] = pool->idle[--pool->idles];
    } else {
        pool->idle[pool->idles++] = db;
    }
    pthread_mutex_unlock(&pool->lock);
    while (drops > 0)
        db_close(drop[--drops]);
}

static void pool_answer(struct pool *pool, struct exchange *exchange)
{
    struct app *app = pool->app;
    struct err err = {0};
    struct db *db;

    if (app->door) {
        app_respond(app, NULL, &exchange->request, &exchange->response);
        if (!exchange->response.again)
            return;
        app = pool->app; /* the house was opened: it answers */
    }
    if (db_take(pool, app, &db, &err)) {
        app_refuse(app, &err, &exchange->request, &exchange->response);
        return;
    }
    if (!exchange_kept(exchange, app, db))
        app_respond(app, db, &exchange->request, &exchange->response);
    db_give(pool, db, exchange->response.status == 503);
}

static void *pool_main(void *context)
{
    struct pool *pool = context;
    struct exchange *exchange;

    while ((exchange = pool_take(pool)) != NULL) {
        pool_answer(pool, exchange);
        pool->done(pool->context, exchange);
    }
    return NULL;
}

struct pool *pool_new(struct app *app, unsigned threads,
                      void (*done)(void *context, struct exchange *exchange),
                      void *context)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    pthread_attr_t attributes;

    if (!pool)
        return NULL;
    pool->app = app;
    pool->done = done;
    pool->context = context;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (threads > POOL_THREADS_MAX)
        threads = POOL_THREADS_MAX;
    while (pool->threads < threads &&
           pthread_create(&pool->thread[pool->threads], &attributes, pool_main,
                          pool) == 0)
        pool->threads++;
    pthread_attr_destroy(&attributes);
    if (pool->threads == 0) {
        pool_free(pool);
        return NULL;
    }
    return pool;
}

void pool_app(struct pool *pool, struct app *app)
{
    pool->app = app;
}

void pool_push(struct pool *pool, struct exchange *exchange)
{
    exchange->next = NULL;
    pthread_mutex_lock(&pool->lock);
    *pool->last = exchange;
    pool->last = &exchange->next;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->threads; i++)
        pthread_join(pool->thread[i], NULL);
    while (pool->idles > 0)
        db_close(pool->idle[--pool->idles]);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
