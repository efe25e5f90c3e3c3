/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_seal.c - what sealing costs an append: processor time of registrations (a
 * new person and her arrival, with everything that log_append writes) and of
 * corrections, in two stores side by side, one sealed and one not. Rounds
 * alternate, the stores grow alike, transactions hold GROUP changes and are
 * durable. People are made up.
 *
 *     b_seal [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_files.h"
#include "domain/office.h"
#include "sys/host_native.h"

enum { GROUP = 16, GROUPS = 24, ROUNDS_MAX = 100, KINDS = 2 };

static double processor_us(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

struct side {
    struct office office;
    struct db *db;
    struct str *person; /* of this round */
    int64_t *clock;
};

static const struct value *person_body(struct arena *arena, unsigned n)
{
    static const char *const names[] = {"Nayeli", "Tomás", "Wilmer", "Rosa"};
    struct value *body = value_object(arena);

    value_put_text(body, arena, "anonymity_level", "named");
    value_put_text(body, arena, "given_names", names[n % 4]);
    value_put_str(body, arena, "first_surname",
                  str_format(arena, "Apellido%u", n % 9973));
    value_put_str(body, arena, "second_surname",
                  str_format(arena, "Otro%u", n % 7919));
    value_put_text(body, arena, "sex", n % 2 ? "M" : "H");
    value_put_str(body, arena, "birth_date",
                  str_format(arena, "19%02u-%02u-%02u", 60 + n % 40, 1 + n % 12,
                             1 + n % 28));
    value_put_text(body, arena, "nationality", "HND");
    value_put_text(body, arena, "country_of_birth", "HND");
    value_put_text(body, arena, "language_main", "spa");
    value_put_str(body, arena, "phone", str_format(arena, "55%08u", n));
    value_put_text(body, arena, "safe_to_contact", "yes");
    value_put_text(body, arena, "migration_status", "irregular");
    value_put_str(body, arena, "case_code", str_format(arena, "P-%06u", n));
    return body;
}

static struct entry entry_of(const struct side *side, struct arena *arena,
                             const char *kind, struct str subject,
                             enum entry_op op, const struct value *body)
{
    const struct form *form =
        forms_find(side->office.forms, str_of(kind), STR_NULL);

    return (struct entry){.kind = str_of(kind),
                          .record = strcmp(kind, "person") == 0
                                        ? subject
                                        : host_uuid(side->office.host, arena),
                          .subject = subject,
                          .author = STR("system"),
                          .form_version = form->version,
                          .op = op,
                          .body = body};
}

static enum error registration(struct side *side, struct arena *arena,
                               unsigned n, struct err *err)
{
    const struct log *log = &side->office.log;
    struct append_options options = {0};
    struct value *arrival = value_object(arena);
    unsigned at = n % (GROUP * GROUPS);
    struct entry entry[2];
    bool repeated;
    enum error error;

    entry[0] = entry_of(side, arena, "person", side->person[at], OP_CREATE,
                        person_body(arena, n));
    value_put_str(arrival, arena, "person", side->person[at]);
    value_put_text(arrival, arena, "arrived_on", "2026-11-22");
    value_put_text(arrival, arena, "arrival_type", "estancia");
    value_put_str(arrival, arena, "bed", str_format(arena, "%u", n % 80));
    entry[1] =
        entry_of(side, arena, "arrival", side->person[at], OP_CREATE, arrival);
    error = log_append(log, side->db, entry, 1, options, arena, &repeated, err);
    if (!error) /* as change_commit does */
        error = log_append(log, side->db, entry + 1, 1, options, arena,
                           &repeated, err);
    side->clock[at] = entry[0].clock;
    return error;
}

static enum error correction(struct side *side, struct arena *arena, unsigned n,
                             struct err *err)
{
    struct append_options options = {0};
    struct value *body = value_object(arena);
    unsigned at = n % (GROUP * GROUPS);
    struct entry entry;
    bool repeated;

    value_put_str(body, arena, "phone", str_format(arena, "81%08u", n));
    value_put_text(body, arena, "notes", "Llamó para avisar que llegó bien.");
    entry = entry_of(side, arena, "person", side->person[at], OP_UPDATE, body);
    entry.base = side->clock[at];
    return log_append(&side->office.log, side->db, &entry, 1, options, arena,
                      &repeated, err);
}

/* Microseconds each. */
static double measure(struct side *side, int kind, unsigned from)
{
    struct arena arena, kept;
    struct err err = {0};
    double begin;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    arena_init(&kept, NULL);
    for (unsigned i = 0; !kind && i < GROUP * GROUPS; i++)
        side->person[i] = host_uuid(side->office.host, &side->office.arena);
    begin = processor_us();
    for (unsigned group = 0; group < GROUPS && !error; group++) {
        error = db_begin(side->db, true, &err);
        for (unsigned i = 0; i < GROUP && !error; i++) {
            unsigned n = from + group * GROUP + i;

            arena_clear(&arena);
            error = kind ? correction(side, &arena, n, &err)
                         : registration(side, &arena, n, &err);
        }
        if (!error)
            error = db_commit(side->db, &err);
    }
    begin = (processor_us() - begin) / (GROUP * GROUPS);
    arena_release(&kept);
    arena_release(&arena);
    if (error) {
        fprintf(stderr, "b_seal: %s %s\n", err.message, err.detail);
        exit(1);
    }
    return begin;
}

static void side_open(struct side *side, const struct host *host,
                      const char *url, const struct form_files *files,
                      const unsigned char *key)
{
    struct office_options options = {
        .host = host, .store_url = url, .files = files, .site_key = key};
    struct err err = {0};

    if (office_create(&options, STR("Medida"), STR("America/Mexico_City"),
                      &err) ||
        office_open(&side->office, &options, &err) ||
        store_connect(side->office.store, true, &side->db, &err)) {
        fprintf(stderr, "b_seal: %s %s\n", err.message, err.detail);
        exit(1);
    }
    side->person = calloc(GROUP * GROUPS, sizeof(*side->person));
    side->clock = calloc(GROUP * GROUPS, sizeof(*side->clock));
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double middle(double *list, int count)
{
    qsort(list, (size_t)count, sizeof(*list), compare);
    return list[count / 2];
}

int main(int argc, char **argv)
{
    static const unsigned char key[32] = "llave de medir, 32 bytes justos";
    static const char *const name[KINDS] = {"registration", "correction"};
    static double took[KINDS][3][ROUNDS_MAX];
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 9;
    char folder[] = "/tmp/cobijo-seal-XXXXXX", url[2][64], path[80];
    struct host_native native;
    struct side side[2] = {0};
    struct arena arena;
    struct form_files files = {.context = &arena, .file = read_file};

    host_native_init(&native);
    arena_init(&arena, NULL);
    if (rounds < 1 || rounds > ROUNDS_MAX || !mkdtemp(folder))
        return 1;
    for (int i = 0; i < 2; i++) {
        snprintf(url[i], sizeof url[i], "sqlite:%s/%d.db", folder, i);
        side_open(&side[i], &native.host, url[i], &files, i ? key : NULL);
    }
    for (int round = -1; round < rounds; round++)
        for (int kind = 0; kind < KINDS; kind++) {
            unsigned from = (unsigned)(round + 1) * GROUP * GROUPS;
            int first = round & 1;
            double us[2];

            us[first] = measure(&side[first], kind, from);
            us[!first] = measure(&side[!first], kind, from);
            if (round < 0)
                continue;
            took[kind][0][round] = us[0];
            took[kind][1][round] = us[1];
            took[kind][2][round] = us[1] / us[0];
        }
    for (int kind = 0; kind < KINDS; kind++)
        printf("%-14s open %6.1f us  sealed %6.1f us  ratio %.2f (medians of "
               "%d)\n",
               name[kind], middle(took[kind][0], rounds),
               middle(took[kind][1], rounds), middle(took[kind][2], rounds),
               rounds);
    for (int i = 0; i < 2; i++) {
        db_close(side[i].db);
        office_close(&side[i].office);
        snprintf(path, sizeof path, "rm -f %s/%d.db*", folder, i);
        if (system(path))
            return 1;
    }
    rmdir(folder);
    arena_release(&arena);
    host_native_release(&native);
    return 0;
}
