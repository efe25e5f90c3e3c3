/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_log.c - the log of N entries (each with a body of 300 bytes): how long
 * verifying it takes, keeping the nodes of its tree, and a proof; in
 * milliseconds.
 *
 *     b_log [N] [sqlite:PATH | postgresql://…, empty or filled by this]
 *           [proofs: nothing is verified]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "store/tree.h"
#include "sys/host_native.h"

enum { GROUP = 1000, PROOFS = 2000, ROUNDS = 3 };

static double now_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1000 + (double)at.tv_nsec / 1e6;
}

/* Processor time of this program: what others do meanwhile does not show. */
static double used_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1000 + (double)at.tv_nsec / 1e6;
}

static void stop(const char *where, const struct err *err)
{
    fprintf(stderr, "%s: %s %s\n", where, err->message ? err->message : "?",
            err->detail);
    exit(1);
}

static const struct form *no_form(void *context, struct str kind,
                                  struct str version)
{
    (void)context, (void)kind, (void)version;
    return NULL;
}

/* Entries of kind form have no projection: what is filled is the log. */
static void fill(const struct log *log, struct db *db, int64_t from, int64_t to)
{
    struct entry entry[GROUP];
    struct append_options options = {0};
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    for (int64_t at = from; at < to; at += GROUP) {
        size_t count = to - at < GROUP ? (size_t)(to - at) : (size_t)GROUP;

        arena_clear(&arena);
        for (size_t i = 0; i < count; i++) {
            struct value *body = value_object(&arena);
            struct buf text;

            buf_init(&text, &arena);
            for (int k = 0; k < 9; k++)
                buf_put(&text, host_uuid(log->host, &arena));
            value_put_str(body, &arena, "note",
                          str_slice(buf_str(&text), 0, 280));
            entry[i] = (struct entry){.kind = STR("form"),
                                      .op = OP_CREATE,
                                      .author = host_uuid(log->host, &arena),
                                      .form_version = STR("2026112204"),
                                      .record = host_uuid(log->host, &arena),
                                      .body = body};
        }
        if (db_begin(db, true, &err) ||
            log_append(log, db, entry, count, options, &arena, NULL, &err) ||
            db_commit(db, &err))
            stop("append", &err);
    }
    arena_release(&arena);
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void prove(const struct log *log, struct db *db)
{
    static double took[PROOFS];
    struct tree tree;
    struct err err = {0};
    int64_t size = 0;
    unsigned char root[32];
    struct merkle_source source;
    double used;

    if (tree_open(&tree, log, db, &size, &err))
        stop("tree", &err);
    source = tree_source(&tree);
    merkle_source_root(&source, (uint64_t)size, root);
    used = used_ms();
    for (int i = 0; i < PROOFS; i++) {
        struct merkle_path path;
        double start = now_ms();
        uint64_t at;

        log->host->random(NULL, &at, sizeof(at));
        if (i % 2 ? merkle_inclusion(&source, at % (uint64_t)size,
                                     (uint64_t)size, &path)
                  : merkle_consistency(&source, 1 + at % (uint64_t)size,
                                       (uint64_t)size, &path))
            stop("proof", &err);
        took[i] = now_ms() - start;
    }
    qsort(took, PROOFS, sizeof(took[0]), compare_double);
    printf("proof p50 %.3f ms p99 %.3f ms max %.3f ms, processor %.3f ms\n",
           took[PROOFS / 2], took[PROOFS * 99 / 100], took[PROOFS - 1],
           (used_ms() - used) / PROOFS);
}

static void measure(const struct log *log, struct db *db, int rounds)
{
    struct arena arena;
    struct tree tree;
    struct err err = {0};
    int64_t entries = 0, size = 0;
    double start, used;

    for (int i = 0; i < rounds; i++) {
        arena_init(&arena, NULL);
        start = now_ms();
        used = used_ms();
        if (log_verify(log, db, &arena, &entries, NULL, &err))
            stop("verify", &err);
        printf("verify %lld entries %.0f ms, processor %.0f ms\n",
               (long long)entries, now_ms() - start, used_ms() - used);
        arena_release(&arena);
    }
    start = now_ms();
    if (db_begin(db, true, &err) || tree_open(&tree, log, db, &size, &err) ||
        tree_keep(&tree, size) || db_commit(db, &err))
        stop("keep", &err);
    printf("nodes of %lld entries %.0f ms\n", (long long)size,
           now_ms() - start);
    prove(log, db);
}

int main(int argc, char **argv)
{
    int64_t want = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    const char *url = argc > 2 ? argv[2] : "sqlite:/tmp/b_log.db";
    struct host_native native;
    struct store_options options = {0};
    struct store *store = NULL;
    struct db *db = NULL;
    struct err err = {0};
    struct log log = {.form = no_form,
                      .site = STR("018f0000-0000-7000-8000-000000000001"),
                      .node = STR("018f0000-0000-7000-8000-000000000002")};
    int64_t have = 0;
    double start;

    host_native_init(&native);
    options.host = log.host = &native.host;
    if (store_open(url, &options, &store, &err) || store_setup(store, &err) ||
        store_connect(store, true, &db, &err))
        stop(url, &err);
    log.store = store;
    db_get_int(db, &have, NULL, &err,
               "SELECT seq FROM site_head WHERE site = $1", "t", log.site);
    start = now_ms();
    fill(&log, db, have, want);
    printf("%s: %lld entries added in %.0f ms\n", store_dialect(store),
           (long long)(want > have ? want - have : 0), now_ms() - start);
    measure(&log, db, argc > 3 ? 0 : ROUNDS);
    db_close(db);
    store_close(store);
    host_native_release(&native);
    return 0;
}
