/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* log.h - the truth: every change is an entry that is only ever added.
 *
 * log.c is the only file that inserts into `entry` and `entry_body`. Appending
 * gives seq and prev under a lock per site, chains the hash, stores the body
 * apart, and lets project.c bring the tables up to date, all in the caller's
 * transaction. An id that is already there is success without effect
 * (*repeated), so sending twice is harmless.
 */
#ifndef COBIJO_LOG_H
#define COBIJO_LOG_H

#include "core/host.h"
#include "form/form.h"
#include "store/search.h"
#include "store/store.h"

enum entry_op { OP_CREATE, OP_UPDATE, OP_CLOSE, OP_SHARE, OP_ERASE };

struct entry {
    struct str site;
    int64_t seq;
    struct str id; /* UUIDv7 given by the writer */
    struct str node;
    int64_t clock;     /* hybrid logical clock; 0: log_append gives it */
    struct str author; /* user's record id, or system */
    struct str kind;
    struct str form_version;
    struct str record;  /* UUID of the record it changes */
    struct str subject; /* person (or group) it is about; may equal record */
    enum entry_op op;
    int64_t base; /* the record's clock that the writer had seen; 0 for
                     a new record or when the writer did not look */
    const struct value *body; /* changed fields only; a member null = emptied;
                                 "_why" as in form.h */
    bool erased;              /* read: what it said is gone; body is NULL */
    unsigned char body_hash[32], prev[32], hash[32];
};

struct aside;

/* Shared by all threads; forms are looked up for projections. */
struct log {
    struct store *store;
    const struct host *host;
    struct str site, node;
    struct str home; /* where the accounts and the directory stand when the
                        site is a room of that house; else empty */
    const struct form *(*form)(void *context, struct str kind,
                               struct str version); /* version "": newest */
    bool (*once)(void *context, struct str kind);   /* are records of it the
                                                       house's, not a room's?
                                                       NULL:   none are */
    void *context;
    const unsigned char *site_key;    /* NULL: bodies are not sealed */
    const struct seal_rules *sealing; /* sealing.h; NULL: one class for all */
    search_tokenizer tokens;          /* NULL: nothing is searchable */
    void *tokens_context;
    const struct aside *aside; /* aside.h; NULL: none */
};

/* The site in which records of this kind stand. */
struct str log_site(const struct log *log, struct str kind);

struct append_options {
    bool expect_base; /* fail with ERROR_CONFLICT when the record's clock is
                         not entry->base any more */
};

/* Entries of one change, in order, in the caller's transaction. Fills seq,
 * clock and hashes. An erase of somebody who owns data keys (sealing.h) takes
 * with it whatever was said under them, in other records too; what is said
 * about her later is not kept. */
enum error log_append(const struct log *log, struct db *db, struct entry *entry,
                      size_t count, struct append_options options,
                      struct arena *arena, bool *repeated, struct err *err);

/* History of a record, oldest first; bodies parsed (NULL when erased). */
enum error log_history(const struct log *log, struct db *db, struct str record,
                       struct arena *arena, struct entry **entry, size_t *count,
                       struct err *err);
/* Keeps the entries of what stands: all, or those of the life that a create
 * after the last erase began. *count 0: it is erased, or never was. */
void log_life(struct entry *entry, size_t *count);
/* The newest entries about a subject, any kind, for its timeline. */
enum error log_timeline(const struct log *log, struct db *db,
                        struct str subject, int64_t before_clock, size_t limit,
                        struct arena *arena, struct entry **entry,
                        size_t *count, struct err *err);

struct log_fault {
    int64_t seq;
    int64_t last; /* of a log that is whole in itself but not what was signed:
                     the fault is between seq and last; else 0 */
    struct err err;
};
/* What a checkpoint says of a site's log: its root (merkle.h) at a size. */
struct log_point {
    struct str site;
    int64_t size;
    unsigned char root[32];
};
/* Walks every site's chain: header hash, prev, body hash, the rows that an
 * entry of kind seen stands for, the tree's root at each point (sorted by
 * size); a missing body or data key is accepted only beside an erase entry for
 * its record or subject. Needs no key. */
enum error log_verify_points(const struct log *log, struct db *db,
                             struct arena *arena, const struct log_point *point,
                             size_t points, int64_t *entries,
                             struct log_fault *fault, struct err *err);
/* The same without points. */
enum error log_verify(const struct log *log, struct db *db, struct arena *arena,
                      int64_t *entries, struct log_fault *fault,
                      struct err *err);
/* Drops every projection and makes it again from the log. */
enum error log_rebuild(const struct log *log, struct db *db, int64_t *entries,
                       struct err *err);

#endif
