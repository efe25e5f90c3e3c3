/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_store_crash.c - the power fails at thousands of points, the disk fills up,
 * a file is damaged or may not be written: no half record, no acknowledged
 * write lost, clear words. COBIJO_TEST_CUTS: how many points (2000).
 */
#define _XOPEN_SOURCE 700
#include "store/trace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/driver.h"
#include "store_fixture.h"

enum { RECORDS_MAX = 400 };

/* What the clients of one run were told. */
struct run {
    struct fixture *fixture;
    int asked, acknowledged;
    bool told[RECORDS_MAX];
    int fault; /* first thing found wrong, 0 none */
};

struct job_context {
    struct fixture *fixture;
    int number;
};

static enum error register_one(struct db *db, void *context, struct err *err)
{
    struct job_context *job = context;
    struct fixture *fixture = job->fixture;
    struct arena arena;
    struct value *body;
    struct entry entry = {
        .kind = STR("person"), .form_version = STR("1"), .op = OP_CREATE};
    struct append_options options = {0};
    bool repeated;
    enum error error;

    arena_init(&arena, NULL);
    body = value_object(&arena);
    value_put_str(body, &arena, "given_names",
                  str_format(&arena, "Persona %d", job->number));
    value_put_str(body, &arena, "notes",
                  str_format(&arena, "%0*d", job->number * 37 % 900, 7));
    entry.record = str_format(&arena, "p%d", job->number);
    entry.id = str_format(&arena, "e%d", job->number);
    entry.body = body;
    error = log_append(&fixture->log, db, &entry, 1, options, &arena, &repeated,
                       err);
    if (!error && job->number % 60 == 59)
        error = search_index(db, fixture->log.site, err);
    arena_release(&arena);
    return error;
}

/* Registers people in groups until the power fails or all are done. */
static void work(struct run *run)
{
    struct fixture *fixture = run->fixture;
    int next = 0;

    while (next < RECORDS_MAX && !trace_was_cut(store_trace(fixture->store))) {
        struct job_context context[8];
        struct store_job job[8];
        struct err err[8];
        size_t size = fixture_random(fixture) % 8 + 1, count = 0;

        memset(err, 0, sizeof(err));
        for (; count < size && next < RECORDS_MAX; count++) {
            context[count] = (struct job_context){fixture, next++};
            job[count] = (struct store_job){.change = register_one,
                                            .context = &context[count],
                                            .err = &err[count]};
        }
        store_run(fixture->db, job, count);
        run->asked += (int)count;
        for (size_t i = 0; i < count; i++) {
            run->told[context[i].number] = !job[i].error;
            run->acknowledged += !job[i].error;
        }
    }
}

/* After the power is back: everything that was told is there, whole. */
static int examine(struct run *run)
{
    struct fixture *fixture = run->fixture;
    int64_t entries = 0, records = 0, rows = 0, bodies = 0, sets = 0;
    struct err err = {0};
    struct rows list;
    int seen = 0, fault = 0;

    if (log_verify(&fixture->log, fixture->db, &fixture->arena, &entries, NULL,
                   &err))
        fault = 1;
    db_get_int(fixture->db, &records, NULL, &err, "SELECT COUNT(*) FROM record",
               "");
    db_get_int(fixture->db, &rows, NULL, &err, "SELECT COUNT(*) FROM f_person",
               "");
    db_get_int(fixture->db, &bodies, NULL, &err,
               "SELECT COUNT(*) FROM entry_body", "");
    db_get_int(fixture->db, &sets, NULL, &err, "SELECT COUNT(*) FROM token_set",
               "");
    if (entries != records || entries != rows || entries != bodies ||
        entries != sets) {
        printf("# %lld entries, %lld records, %lld rows, %lld bodies, %lld "
               "sets\n",
               (long long)entries, (long long)records, (long long)rows,
               (long long)bodies, (long long)sets);
        fault = 2;
    }
    db_query(fixture->db, &list, &err, "SELECT id FROM record", "");
    while (rows_next(&list)) {
        int64_t number = -1;

        str_to_int(str_slice(rows_text(&list, 0), 1, SIZE_MAX), &number);
        if (number >= 0 && number < RECORDS_MAX && run->told[number])
            seen++;
    }
    if (rows_end(&list) || seen != run->acknowledged)
        fault = 3;
    if (!fault && fixture_random(fixture) % 20 == 0) {
        struct str before = fixture_dump(fixture, true, &fixture->arena);

        if (log_rebuild(&fixture->log, fixture->db, NULL, &err) ||
            !str_equal(before, fixture_dump(fixture, true, &fixture->arena)))
            fault = 5;
    }
    return fault;
}

static void copy_file(const char *from, const char *to)
{
    char buffer[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t size;

    while (in && out && (size = fread(buffer, 1, sizeof(buffer), in)) > 0)
        if (fwrite(buffer, 1, size, out) != size)
            break;
    if (in)
        fclose(in);
    if (out)
        fclose(out);
}

static void shut(struct fixture *fixture)
{
    db_close(fixture->db);
    store_close(fixture->store);
    fixture->db = NULL;
    fixture->store = NULL;
}

static void check_cuts(struct fixture *fixture)
{
    const char *asked = getenv("COBIJO_TEST_CUTS");
    int64_t cuts = 2000, bad = 0, cut = 0, acknowledged = 0, longest = 0;
    char fresh[300], file[300], wal[320];
    struct err err = {0};

    if (asked)
        str_to_int(str_of(asked), &cuts);
    fixture_person(fixture, "1");
    project_install(fixture->db, fixture->form[0], &err);
    snprintf(file, sizeof(file), "%s", fixture->url + 7);
    snprintf(fresh, sizeof(fresh), "%s/fresh.db", fixture->directory);
    snprintf(wal, sizeof(wal), "%s-wal", file);
    shut(fixture);
    copy_file(file, fresh);
    for (int64_t i = 0; i < cuts; i++) {
        struct run *run = calloc(1, sizeof(*run));
        struct trace *trace;
        int fault;

        run->fixture = fixture;
        unlink(wal);
        copy_file(fresh, file);
        fixture->random = (uint64_t)i;
        err = (struct err){0};
        fixture_reopen(fixture, "crash", &err);
        trace = store_trace(fixture->store);
        /* a small log file, so that checkpoints are cut too */
        db_run(fixture->db, NULL, &err, "PRAGMA wal_autocheckpoint = 40", "");
        trace_cut(trace,
                  (int64_t)(fixture_random(fixture) % (i % 10 ? 400 : 3000)) +
                      1,
                  fixture_random(fixture));
        work(run);
        cut += trace_was_cut(trace);
        longest = trace_steps(trace) > longest ? trace_steps(trace) : longest;
        err = (struct err){0};
        fault = fixture_reopen(fixture, NULL, &err) ? 4 : examine(run);
        acknowledged += run->acknowledged;
        if (fault && bad++ < 5)
            printf("# cut %lld: fault %d, %s (%s)\n", (long long)i, fault,
                   err.message ? err.message : "", err.detail);
        free(run);
        shut(fixture);
        arena_clear(&fixture->arena);
        fixture->forms = 0;
        fixture_person(fixture, "1");
    }
    unlink(fresh);
    printf("# %lld cuts, %lld writes acknowledged, up to step %lld\n",
           (long long)cut, (long long)acknowledged, (long long)longest);
    tap_ok(fixture->tap, cut > cuts * 9 / 10, "the power failed");
    tap_ok(fixture->tap, acknowledged > cut, "after answers were given");
    tap_is_int(fixture->tap, bad, 0,
               "no half record, no acknowledged write lost, log verifies");
}

/* --- the order of things -------------------------------------------------- */

static void check_sync(struct fixture *fixture)
{
    struct trace *trace = store_trace(fixture->store);
    struct job_context context = {fixture, 1};
    struct err err = {0};
    struct store_job job = {register_one, &context, ERROR_NONE, &err};
    const char *entry, *sync, *committed, *answer;

    fixture_person(fixture, "1");
    project_install(fixture->db, fixture->form[0], &err);
    trace_clear(trace);
    store_run(fixture->db, &job, 1);
    trace_note(trace, "answer");
    entry = strstr(trace_text(trace), "run INSERT INTO entry ");
    sync = entry ? strstr(entry, "SYNC wal") : NULL;
    committed = sync ? strstr(sync, "committed") : NULL;
    answer = committed ? strstr(committed, "answer") : NULL;
    fixture_ok(fixture, job.error, &err, "a person is registered");
    if (!tap_ok(fixture->tap, answer,
                "entry, sync, commit, answer: in this order"))
        printf("%s", trace_text(trace));
}

/* --- a full disk, a broken one -------------------------------------------- */

static void check_failures(struct fixture *fixture)
{
    struct trace *trace = store_trace(fixture->store);
    struct err err = {0};
    int half = 0, failed = 0, wrong = 0, number = 0;

    fixture_person(fixture, "1");
    project_install(fixture->db, fixture->form[0], &err);
    for (int n = 1; n < 40; n++) {
        struct job_context context[2] = {{fixture, number},
                                         {fixture, number + 1}};
        struct err errs[2] = {{0}, {0}};
        struct store_job job[2] = {
            {register_one, &context[0], ERROR_NONE, &errs[0]},
            {register_one, &context[1], ERROR_NONE, &errs[1]}};
        int64_t before = 0, after = 0;

        number += 2;
        db_get_int(fixture->db, &before, NULL, &err,
                   "SELECT COUNT(*) FROM entry", "");
        trace_fail(trace, n, (enum trace_failure)(n % 3));
        store_run(fixture->db, job, 2);
        trace_fail(trace, 0, TRACE_FULL);
        for (int i = 0; i < 2; i++) {
            failed += job[i].error != ERROR_NONE;
            before += !job[i].error;
            if (job[i].error && (job[i].error != ERROR_STORE ||
                                 !errs[i].message || !errs[i].code))
                wrong++;
        }
        /* the connection is well again from the next begin on */
        db_begin(fixture->db, false, &err);
        db_get_int(fixture->db, &after, NULL, &err,
                   "SELECT COUNT(*) FROM entry", "");
        db_rollback(fixture->db);
        if (before != after)
            printf("# n %d: %lld told, %lld kept\n%s", n, (long long)before,
                   (long long)after, trace_text(trace));
        half += before != after;
        trace_clear(trace);
    }
    tap_ok(fixture->tap, failed > 5,
           "some failures cannot be mended by running again");
    tap_is_int(fixture->tap, wrong, 0, "each failure is told as such");
    tap_is_int(fixture->tap, half, 0, "what was told is what was kept");
    tap_ok(fixture->tap,
           !log_verify(&fixture->log, fixture->db, &fixture->arena, NULL, NULL,
                       &err),
           "the log verifies");
}

static void check_full(struct fixture *fixture)
{
    struct trace *trace = store_trace(fixture->store);
    struct job_context context = {fixture, 0};
    struct err err = {0};
    struct store_job job = {register_one, &context, ERROR_NONE, &err};

    fixture_person(fixture, "1");
    project_install(fixture->db, fixture->form[0], &err);
    trace_room(trace, 200000);
    while (!job.error && context.number < RECORDS_MAX) {
        context.number++;
        store_run(fixture->db, &job, 1);
    }
    tap_is_int(fixture->tap, job.error, ERROR_STORE, "the disk is full");
    tap_is(fixture->tap, err.message, STORE_FULL, "and that is said");
    tap_ok(fixture->tap, context.number > 1, "after some people");
    trace_room(trace, -1);
    store_run(fixture->db, &job, 1);
    fixture_ok(fixture, job.error, &err, "with room again it goes on");
    tap_ok(fixture->tap,
           !log_verify(&fixture->log, fixture->db, &fixture->arena, NULL, NULL,
                       &err),
           "the log verifies");
}

/* --- files ---------------------------------------------------------------- */

static void damage(const char *path, long from, size_t size)
{
    FILE *file = fopen(path, "r+b");

    if (!file)
        return;
    fseek(file, from, SEEK_SET);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i * 7 % 251), file);
    fclose(file);
}

static void check_damaged(struct fixture *fixture)
{
    const char *path = fixture->url + 7;
    struct job_context context = {fixture, 0};
    struct err err = {0};
    struct store_job job = {register_one, &context, ERROR_NONE, &err};
    struct db *reader = NULL;
    enum error error;

    fixture_person(fixture, "1");
    for (; context.number < 200; context.number++)
        store_run(fixture->db, &job, 1);
    fixture_ok(fixture, job.error, &err, "200 people");
    db_run(fixture->db, NULL, &err, "PRAGMA wal_checkpoint(TRUNCATE)", "");
    db_close(fixture->db);
    fixture->db = NULL;
    store_close(fixture->store);
    fixture->store = NULL;
    damage(path, 4096 * 3, 4096 * 20);
    err = (struct err){0};
    error = fixture_reopen(fixture, NULL, &err);
    if (!error)
        error = log_verify(&fixture->log, fixture->db, &fixture->arena, NULL,
                           NULL, &err);
    tap_is_int(fixture->tap, error, ERROR_STORE, "damaged pages");
    tap_is(fixture->tap, err.message, STORE_DAMAGED, "are named");
    damage(path, 0, 4096);
    err = (struct err){0};
    tap_is_int(fixture->tap, fixture_reopen(fixture, NULL, &err), ERROR_STORE,
               "a file that is no database");
    tap_is(fixture->tap, err.message, STORE_OTHER_KEY, "is named");
    err = (struct err){0};
    unlink(path);
    store_close(fixture->store);
    fixture->store = NULL;
    tap_is_int(fixture->tap,
               store_open(fixture->url, NULL, &fixture->store, &err) ||
                       store_connect(fixture->store, false, &reader, &err)
                   ? ERROR_STORE
                   : ERROR_NONE,
               ERROR_STORE, "a file that is not there, for a reader");
    tap_ok(fixture->tap, err.message && strstr(err.message, "No existe"),
           "is named");
}

static void check_readonly(struct fixture *fixture)
{
    const char *path = fixture->url + 7;
    struct err err = {0};
    bool root = geteuid() == 0;
    struct job_context context = {fixture, 0};
    struct store_job job = {register_one, &context, ERROR_NONE, &err};

    fixture_person(fixture, "1");
    store_run(fixture->db, &job, 1);
    fixture_ok(fixture, job.error, &err, "a person");
    db_close(fixture->db);
    fixture->db = NULL;
    store_close(fixture->store);
    fixture->store = NULL;
    chmod(path, 0444);
    chmod(fixture->directory, 0755);
    if (root && seteuid(65534)) {
        tap_skip(fixture->tap, "a read-only file", "cannot leave root");
        return;
    }
    err = (struct err){0};
    tap_is_int(fixture->tap, fixture_reopen(fixture, NULL, &err), ERROR_STORE,
               "a file that may not be written");
    tap_ok(fixture->tap,
           err.message && (strcmp(err.message, STORE_READONLY) == 0 ||
                           strstr(err.message, "No se puede")),
           "is named: %s", err.message ? err.message : "");
    if (root && seteuid(0))
        printf("# root is lost\n");
    chmod(path, 0644);
}

int main(void)
{
    struct tap tap = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    fixture_sqlite(&tap, "record", check_sync);
    fixture_sqlite(&tap, "record", check_failures);
    fixture_sqlite(&tap, "crash", check_full);
    fixture_sqlite(&tap, NULL, check_damaged);
    fixture_sqlite(&tap, NULL, check_readonly);
    fixture_sqlite(&tap, "crash", check_cuts);
    return tap_done(&tap);
}
