/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* writer.c - a queue, a thread, a connection.
 *
 * The jobs live on the stacks of those who wait. Whoever was answered by the
 * last commit often comes again at once: a commit then waits a moment for as
 * many as shared the last one, instead of going ahead with the first and
 * keeping the others waiting. Alone, nobody waits. After a failure of the store
 * the connection is closed and opened again for the next group, so that a
 * database that went away and came back is found again without a restart.
 */
#include "sys/writer.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

enum { GATHER_MICROSECONDS = 600 };

struct waiting {
    struct waiting *next;
    struct store_job job;
    sem_t done; /* posted last: then the job is its owner's again */
};

struct writer {
    struct store *store;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct waiting *first, **last;
    size_t queued, group; /* now; in the last commit */
    bool stop;
};

/* Lets those come who came last time; the lock is held. */
static void writer_gather(struct writer *writer)
{
    struct timespec until;
    int late = 0;

    if (writer->queued >= writer->group || writer->stop)
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += GATHER_MICROSECONDS * 1000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    while (!late && writer->queued < writer->group && !writer->stop)
        late = pthread_cond_timedwait(&writer->work, &writer->lock, &until);
}

/* Takes up to a group off the queue; 0 when it is time to end. */
static size_t writer_take(struct writer *writer, struct waiting **taken)
{
    size_t count = 0;

    pthread_mutex_lock(&writer->lock);
    while (!writer->first && !writer->stop)
        pthread_cond_wait(&writer->work, &writer->lock);
    writer_gather(writer);
    while (writer->first && count < WRITER_GROUP) {
        taken[count++] = writer->first;
        writer->first = writer->first->next;
    }
    if (!writer->first)
        writer->last = &writer->first;
    writer->queued -= count;
    writer->group = count;
    pthread_mutex_unlock(&writer->lock);
    return count;
}

static bool writer_connected(struct writer *writer, struct store_job *job,
                             size_t count)
{
    struct err err = {0};
    enum error error;

    if (writer->db)
        return true;
    error = store_connect(writer->store, true, &writer->db, &err);
    if (error == ERROR_NONE)
        return true;
    writer->db = NULL;
    for (size_t i = 0; i < count; i++) {
        job[i].error = error;
        if (job[i].err)
            *job[i].err = err;
    }
    return false;
}

static void writer_run(struct writer *writer, struct store_job *job,
                       size_t count)
{
    bool broken = false;

    if (!writer_connected(writer, job, count))
        return;
    store_run(writer->db, job, count);
    for (size_t i = 0; i < count; i++)
        broken = broken || job[i].error == ERROR_STORE;
    if (broken) {
        db_close(writer->db);
        writer->db = NULL;
    }
}

static void *writer_main(void *context)
{
    struct writer *writer = context;
    struct waiting *taken[WRITER_GROUP];
    struct store_job job[WRITER_GROUP];
    size_t count;

    while ((count = writer_take(writer, taken)) > 0) {
        for (size_t i = 0; i < count; i++)
            job[i] = taken[i]->job;
        writer_run(writer, job, count);
        for (size_t i = 0; i < count; i++) {
            taken[i]->job.error = job[i].error;
            sem_post(&taken[i]->done);
        }
    }
    return NULL;
}

enum error writer_open(struct store *store, struct writer **out,
                       struct err *err)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    pthread_condattr_t attributes;
    enum error error;

    if (!writer)
        return err_memory(err);
    writer->store = store;
    writer->last = &writer->first;
    error = store_connect(store, true, &writer->db, err);
    if (error) {
        free(writer);
        return error;
    }
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->work, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&writer->thread, NULL, writer_main, writer)) {
        db_close(writer->db);
        free(writer);
        return err_memory(err);
    }
    *out = writer;
    return ERROR_NONE;
}

void writer_close(struct writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    if (writer->db)
        db_close(writer->db);
    pthread_cond_destroy(&writer->work);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

enum error writer_write(void *context, store_change change,
                        void *change_context, struct err *err)
{
    struct writer *writer = context;
    struct waiting waiting = {
        .job = {.change = change, .context = change_context, .err = err}};

    sem_init(&waiting.done, 0, 0);
    pthread_mutex_lock(&writer->lock);
    *writer->last = &waiting;
    writer->last = &waiting.next;
    writer->queued++;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
    while (sem_wait(&waiting.done) && errno == EINTR)
        ;
    sem_destroy(&waiting.done);
    return waiting.job.error;
}
