/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_people.c - finding and matching people in a store of N: fills it (once)
 * with invented people, then asks with random names, misspelt names, codes and
 * telephones, and prints p50 and p99 in milliseconds.
 *
 *     b_people [N] [sqlite:PATH]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_files.h"
#include "core/utf8.h"
#include "domain/demo/demo.h"
#include "domain/person/match.h"
#include "domain/person/person_find.h"
#include "sys/host_native.h"

enum { ROUNDS = 400, KINDS = 6 };

static double now_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1000 + (double)at.tv_nsec / 1e6;
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct bench {
    struct office office;
    struct db *db;
    struct str *id; /* some persons */
    size_t ids;
};

/* A letter left out in the middle of each word. */
static struct str misspell(struct arena *arena, struct str text)
{
    struct buf out;

    text = utf8_fold(arena, text, false);
    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        buf_putc(&out, c == 'z' ? 's' : c == 'v' ? 'b' : c == 'y' ? 'i' : c);
    }
    return buf_str(&out);
}

static struct str query_of(struct arena *arena, const struct value *person,
                           int kind)
{
    struct str given = value_text_of(person, "given_names");
    struct str first = value_text_of(person, "first_surname");
    struct str code = value_text_of(person, "case_code");
    struct str phone = value_text_of(person, "phone");
    size_t space = str_find_char(given, ' ');

    if (space != SIZE_MAX)
        given = str_slice(given, 0, space);
    switch (kind) {
    case 0: /* whole name */
        return name_full(arena, person);
    case 1: /* one given name and surname, misspelt */
        return misspell(arena, str_format(arena, "%.*s %.*s", STR_ARGS(given),
                                          STR_ARGS(first)));
    case 2: /* while typing */
        return str_format(arena, "%.*s %.*s", STR_ARGS(given),
                          STR_ARGS(str_slice(first, 0, 3)));
    case 3: /* the surname alone */
        return first;
    case 4:
        return phone.size ? phone : code;
    default:
        return code;
    }
}

static void report(const char *what, double *time, size_t count, size_t found)
{
    qsort(time, count, sizeof *time, compare_double);
    printf("%-34s p50 %7.2f  p99 %7.2f  max %7.2f ms  found %zu of %zu\n", what,
           time[count / 2], time[count * 99 / 100], time[count - 1], found,
           count);
}

static bool is_among(struct str id, const struct find_hit *hit, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(hit[i].id, id))
            return true;
    return false;
}

static void measure_find(struct bench *bench, int kind, const char *what)
{
    double time[ROUNDS];
    size_t found = 0;
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct task task;
        struct value *person = NULL;
        struct find_hit *hit = NULL;
        size_t count = 0;
        bool is_there = false;
        struct err err = {0};
        struct str id = bench->id[(i * 7919 + (size_t)kind) % bench->ids];
        struct str text;

        arena_clear(&arena);
        task_init(&task, &bench->office, bench->db, &arena);
        task_as_system(&task);
        person_read_few(&task, id, &person, NULL, &is_there, &err);
        text = query_of(&arena, person, kind);
        time[i] = now_ms();
        person_find(&task, text, 20, &hit, &count, &err);
        time[i] = now_ms() - time[i];
        found += is_among(id, hit, count);
    }
    arena_release(&arena);
    report(what, time, ROUNDS, found);
}

static void measure_match(struct bench *bench)
{
    double time[ROUNDS];
    size_t found = 0;
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct task task;
        struct value *person = NULL;
        struct match *match = NULL;
        size_t count = 0;
        bool is_there = false;
        struct err err = {0};
        struct str id = bench->id[(i * 7919) % bench->ids];

        arena_clear(&arena);
        task_init(&task, &bench->office, bench->db, &arena);
        task_as_system(&task);
        person_read_few(&task, id, &person, NULL, &is_there, &err);
        time[i] = now_ms();
        person_matches(&task, person, STR(""), 10, &match, &count, &err);
        time[i] = now_ms() - time[i];
        for (size_t j = 0; j < count; j++)
            found += str_equal(match[j].id, id);
    }
    arena_release(&arena);
    report("possible matches of a draft", time, ROUNDS, found);
}

static void read_ids(struct bench *bench, struct arena *arena, int64_t people)
{
    struct rows rows;
    struct err err = {0};
    int64_t step = people / 5000 + 1, n = 0;

    bench->id = ARENA_ARRAY(arena, struct str, 6000);
    db_query(bench->db, &rows, &err,
             "SELECT id FROM record WHERE kind = 'person'", "");
    while (rows_next(&rows))
        if (n++ % step == 0 && bench->ids < 6000)
            bench->id[bench->ids++] = str_copy(arena, rows_text(&rows, 0));
    rows_end(&rows);
}

int main(int argc, char **argv)
{
    static const char *const what[KINDS] = {
        "whole name",   "name and surname, misspelt",
        "while typing", "surname alone",
        "telephone",    "code"};
    size_t people = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 1000;
    const char *url = argc > 2 ? argv[2] : "sqlite:/tmp/b_people.db";
    struct host_native native;
    struct arena arena;
    struct bench bench = {0};
    struct office_options options = {0};
    struct demo_result result;
    struct task task;
    struct err err = {0};
    double start;

    host_native_init(&native);
    arena_init(&arena, NULL);
    options.host = &native.host;
    options.store_url = url;
    options.files = &(struct form_files){&arena, read_file};
    if (office_open(&bench.office, &options, &err)) {
        err_clear(&err);
        if (office_create(&options, STR("Medida"), STR("America/Mexico_City"),
                          &err) ||
            office_open(&bench.office, &options, &err)) {
            fprintf(stderr, "%s %s\n", err.message, err.detail);
            return 3;
        }
    }
    store_connect(bench.office.store, false, &bench.db, &err);
    task_init(&task, &bench.office, bench.db, &arena);
    task_as_system(&task);
    start = now_ms();
    if (demo_fill(&task, people, 1, &result, &err))
        fprintf(stderr, "%s %s\n", err.message, err.detail);
    start = now_ms() - start;
    printf("%zu people in %.1f s, %.0f a second\n", result.people, start / 1000,
           (double)result.people / start * 1000);
    read_ids(&bench, &arena, (int64_t)people);
    for (int kind = 0; kind < KINDS; kind++)
        measure_find(&bench, kind, what[kind]);
    measure_match(&bench);
    db_close(bench.db);
    office_close(&bench.office);
    arena_release(&arena);
    return 0;
}
