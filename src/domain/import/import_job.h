/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_job.h - an import that goes on by itself, a slice at a time, while
 * its page tells how far it is.
 *
 * The file, its map and how far it has come stand in the table import_job
 * until the last row is in: a program that was killed goes on where it
 * stopped, because a row that is in already is known by its id. Every slice is
 * one transaction that also moves `done` and that fails when the job is gone:
 * an import that is taken back writes nothing more.
 */
#ifndef COBIJO_IMPORT_JOB_H
#define COBIJO_IMPORT_JOB_H

#include "domain/import/import.h"

/* What is being written. */
struct running {
    struct task *task;  /* its arena is emptied after each transaction */
    struct arena *keep; /* what lives longer */
    const struct import_plan *plan;
    struct str batch;
    struct import_result *result;
};

/* For each head the first member, and for each member the next. */
struct families {
    size_t *first, *next; /* row + 1 */
};

/* The import in hand, kept by whoever calls import_job_step between two
 * calls; all zero at first. */
struct import_job {
    bool active;
    struct arena arena, scratch; /* of the plan, of a slice */
    struct import_plan plan;
    struct import_result result;
    struct families families;
    struct task task;     /* as whoever began it */
    struct office office; /* where it is done: a house, or a room of one */
    struct running running;
    size_t row, done;
    bool persons_in; /* families follow */
};

/* Opens the batch and queues its rows: durable on return. */
enum error import_job_add(struct task *task, const struct import_plan *plan,
                          struct str text, struct str map_csv,
                          struct str file_name, struct str *batch,
                          struct err *err);
/* Writes the next slice of the oldest import that waits. *more: call again.
 * A row that cannot be saved stops its import, and its page says why. */
enum error import_job_step(struct task *task, struct import_job *job,
                           bool *more, struct err *err);
/* What is in hand is forgotten, not undone. */
void import_job_forget(struct import_job *job);

struct import_progress {
    size_t done, total;
    bool stopped;
    struct err why; /* when stopped */
};
/* *found false: there is nothing left to do for this batch. */
enum error import_job_progress(struct task *task, struct str batch,
                               struct import_progress *progress, bool *found,
                               struct err *err);
/* One that was stopped is tried again. */
enum error import_job_resume(struct task *task, struct str batch,
                             struct err *err);
/* Forgets the rest of an import; success also when there is none. */
enum error import_job_drop(struct task *task, struct str batch,
                           struct err *err);

#endif
