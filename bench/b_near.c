/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_near.c - the nearest places of the public directory: N invented ones, as
 * many in cities as people are, then 20 asked for from random points, with
 * several wishes. Prints p50 and p99 in milliseconds, and how many times the
 * limit that is: fetching 20 known rows by their key. Processor time, so that a
 * busy machine does not show, that of PostgreSQL's process with it when it runs
 * on this machine (/proc); and how long it took by the clock.
 *
 * To COPIED places each is published as a house does it. Of more, 256 are, one
 * of each kind, and the others are copies of their rows in public_place and
 * public_near with an id, position and cell of their own, in one transaction,
 * the indexes made afterwards. Copies have no words and no services: these
 * searches do not read them.
 *
 *     b_near [N] [sqlite:PATH or postgresql://…]
 *     b_near 0 URL         asks what an earlier run left there
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_files.h"
#include "domain/directory/cell.h"
#include "domain/directory/directory.h"
#include "store/aside.h"
#include "sys/host_native.h"

enum { ROUNDS = 1000, SLICE = 20000, COPIED = 100000, KINDS = 256, KEYS = 16 };

static char backend[64]; /* where Linux says how long it ran */

static double backend_ms(void)
{
    FILE *file = backend[0] ? fopen(backend, "r") : NULL;
    double nanoseconds = 0;

    if (file && fscanf(file, "%lf", &nanoseconds) != 1)
        nanoseconds = 0;
    if (file)
        fclose(file);
    return nanoseconds / 1e6;
}

static void find_backend(struct db *db)
{
    struct err err = {0};
    int64_t pid = 0;
    bool found = false;

    db_get_int(db, &pid, &found, &err, "SELECT pg_backend_pid()", "");
    if (found)
        snprintf(backend, sizeof(backend), "/proc/%lld/schedstat",
                 (long long)pid);
    if (found && backend_ms() == 0)
        fprintf(stderr, "only the client's processor time is counted\n");
}

static double clock_ms(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (double)at.tv_sec * 1000 + (double)at.tv_nsec / 1e6;
}

static double now_ms(void)
{
    return clock_ms(CLOCK_THREAD_CPUTIME_ID) + backend_ms();
}

static uint64_t seed = 20261122;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 40) / 16777216.0;
}

/* A city of the corridor, or anywhere: four of five are in a city. */
static void position(double *lat, double *lon)
{
    static const double city[][3] = {
        {32.52, -117.02, 9}, {31.74, -106.48, 6}, {19.43, -99.13, 30},
        {14.91, -92.26, 4},  {25.69, -100.32, 9}, {20.67, -103.35, 9},
        {16.75, -93.11, 5},  {27.48, -99.51, 3},  {29.07, -110.96, 5},
        {14.63, -90.51, 9},  {15.50, -88.03, 5},  {13.69, -89.22, 6}};
    double pick = uniform() * 125, radius, angle;

    for (size_t i = 0; i < sizeof(city) / sizeof(city[0]); i++) {
        if (pick >= city[i][2]) {
            pick -= city[i][2];
            continue;
        }
        radius = 0.18 * sqrt(uniform()) * uniform();
        angle = uniform() * 6.283;
        *lat = city[i][0] + radius * sin(angle);
        *lon = city[i][1] + radius * cos(angle);
        return;
    }
    *lat = 14 + uniform() * 18;
    *lon = -117 + uniform() * 30;
}

static struct str id_at(struct arena *arena, size_t number)
{
    return str_format(arena, "00000000-0000-7000-8000-%012zx", number);
}

struct filling {
    const struct office *office;
    size_t from, count;
    bool each; /* place n is of kind n */
};

/* kind: 0 .. KINDS-1, all that may differ but the position. */
static size_t any_kind(void)
{
    size_t kind = (size_t)(uniform() * 4) | (size_t)(uniform() * 4) << 2;

    kind |= (size_t)(uniform() < 0.6) << 4;
    kind |= (size_t)(uniform() < 0.05) << 5;
    kind |= (size_t)(uniform() < 0.3) << 6;
    kind |= (size_t)(uniform() < 0.7) << 7;
    return kind;
}

static const struct value *invent(struct arena *arena, size_t number,
                                  size_t kind)
{
    static const char *const type[] = {"ALB", "COMEDOR", "CS", "ONG-LEGAL"};
    static const char *const need[] = {"AL1", "AL5", "SA1", "LE1"};
    static const char *const hours[] = {"24/7", "Mo-Fr 09:00-17:00",
                                        "Mo-Sa 08:00-20:00", ""};
    struct value *place = value_object(arena), *services = value_list(arena);
    double lat = 0, lon = 0;

    position(&lat, &lon);
    value_put_str(place, arena, "name",
                  str_format(arena, "Lugar inventado %zu", number));
    value_put_text(place, arena, "place_type", type[kind & 3]);
    value_put_str(place, arena, "lat", str_format(arena, "%.6f", lat));
    value_put_str(place, arena, "lon", str_format(arena, "%.6f", lon));
    value_put_text(place, arena, "geo_precision", "exact");
    value_put_text(place, arena, "admin1", "MX-BCN");
    value_put_text(place, arena, "hours", hours[kind >> 2 & 3]);
    value_put_text(place, arena, "who", kind & 16 ? "any" : "mujeres");
    value_put_text(place, arena, "languages", kind & 32 ? "spa hat" : "spa");
    value_put_text(place, arena, "accessible", kind & 64 ? "yes" : "no");
    value_put_text(place, arena, "verified_on",
                   kind & 128 ? "2026-11-01" : "2025-01-01");
    for (int i = 0; i < 2; i++) {
        struct value *service = value_object(arena);

        value_put_text(service, arena, "service_code",
                       i ? "HI1" : need[kind & 3]);
        value_add(services, arena, service);
    }
    value_put(place, arena, "services", services);
    return place;
}

static enum error fill(struct db *db, void *context, struct err *err)
{
    const struct filling *filling = context;
    const struct log *log = &filling->office->log;
    struct arena arena;
    enum error error = ERROR_NONE;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < filling->count && !error; i++) {
        struct fold fold = {.kind = STR("place"), .state = STR("open")};

        arena_clear(&arena);
        fold.id = id_at(&arena, filling->from + i); /* as UUIDv7 are */
        fold.answers = (struct value *)(uintptr_t)invent(
            &arena, filling->from + i,
            filling->each ? filling->from + i : any_kind());
        error = log->aside->put(log->aside->context, db, log->site, &fold, true,
                                &arena, err);
    }
    arena_release(&arena);
    return error;
}

/* --- copies --------------------------------------------------------------- */

struct pattern {
    struct public_place place;
    struct str key[KEYS];
    size_t keys;
};

struct copying {
    struct arena arena;
    struct str site;
    struct pattern pattern[KINDS];
    size_t places;
};

struct spot {
    int64_t cell;
    double lat, lon;
    uint32_t number, kind;
};

static enum error read_patterns(struct copying *copying, struct task *task,
                                struct err *err)
{
    for (size_t i = 0; i < KINDS && !err->code; i++) {
        struct pattern *pattern = &copying->pattern[i];
        struct str id = id_at(&copying->arena, i);
        struct rows rows;

        if (directory_place(task, id, &pattern->place, err))
            return err->code;
        db_query(task->db, &rows, err,
                 "SELECT key FROM public_near WHERE site = $1 AND place = $2"
                 " ORDER BY key",
                 "tt", copying->site, id);
        while (rows_next(&rows) && pattern->keys < KEYS)
            pattern->key[pattern->keys++] =
                str_copy(&copying->arena, rows_text(&rows, 0));
        rows_end(&rows);
    }
    return err->code;
}

static int compare_spot(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;

    return x->cell != y->cell
               ? (x->cell < y->cell ? -1 : 1)
               : (x->number > y->number) - (x->number < y->number);
}

static enum error copy_place(struct db *db, const struct copying *copying,
                             const struct spot *spot, struct arena *arena,
                             struct err *err)
{
    const struct public_place *place = &copying->pattern[spot->kind].place;
    struct str name = str_format(arena, "Lugar inventado %u", spot->number);

    return db_run(db, NULL, err,
                  "INSERT INTO public_place (site, id, organization, name,"
                  " folded, place_type, admin1, municipality, lat, lon, flags,"
                  " languages, hours, due, changed, body, more) VALUES ($1, $2,"
                  " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
                  " $16, $17)",
                  "ttttttttddittiitt", copying->site,
                  id_at(arena, spot->number), place->organization, name, name,
                  place->place_type, place->admin1, place->municipality,
                  spot->lat, spot->lon, (int64_t)place->flags, place->languages,
                  place->hours, place->due, place->changed, place->body,
                  place->more);
}

static enum error copy_near(struct db *db, const struct copying *copying,
                            const struct spot *spot, struct arena *arena,
                            struct err *err)
{
    const struct pattern *pattern = &copying->pattern[spot->kind];
    struct str id = id_at(arena, spot->number);

    for (size_t i = 0; i < pattern->keys && !err->code; i++)
        db_run(db, NULL, err,
               "INSERT INTO public_near (site, key, cell, place, lat, lon,"
               " flags, due, hours) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
               " $9)",
               "ttitddiit", copying->site, pattern->key[i], spot->cell, id,
               spot->lat, spot->lon, (int64_t)pattern->place.flags,
               pattern->place.due, pattern->place.hours);
    return err->code;
}

static enum error copy_rows(struct db *db, const struct copying *copying,
                            struct err *err)
{
    struct spot *spot = calloc(copying->places, sizeof(*spot));
    struct arena arena;

    if (!spot)
        return err_memory(err);
    arena_init(&arena, NULL);
    for (size_t i = KINDS; i < copying->places && !err->code; i++) {
        arena_clear(&arena);
        spot[i].number = (uint32_t)i;
        spot[i].kind = (uint32_t)any_kind();
        position(&spot[i].lat, &spot[i].lon);
        spot[i].cell = cell_of(spot[i].lat, spot[i].lon);
        copy_place(db, copying, &spot[i], &arena, err);
    }
    qsort(spot + KINDS, copying->places - KINDS, sizeof(*spot), compare_spot);
    for (size_t i = KINDS; i < copying->places && !err->code; i++) {
        arena_clear(&arena);
        copy_near(db, copying, &spot[i], &arena, err);
    }
    arena_release(&arena);
    free(spot);
    return err->code;
}

static enum error copy_all(struct office *office, size_t places,
                           struct err *err)
{
    static struct copying copying;
    struct db *db = NULL;
    struct task task;

    arena_init(&copying.arena, NULL);
    copying.places = places;
    copying.site = log_site(&office->log, STR("place"));
    if (store_connect(office->store, true, &db, err))
        return err->code;
    task_init(&task, office, db, &copying.arena);
    if (!read_patterns(&copying, &task, err) &&
        !db_script(
            db,
            "DROP INDEX public_near_place; DROP INDEX public_place_where;"
            "DROP INDEX public_place_name; DROP INDEX public_place_state;"
            "DROP INDEX public_place_type;"
            "DROP INDEX public_place_changed;"
            "DROP INDEX public_place_due;",
            err) &&
        !db_begin(db, true, err)) {
        if (copy_rows(db, &copying, err))
            db_rollback(db);
        else
            db_commit(db, err);
    }
    if (!err->code)
        db_script(db,
                  "CREATE INDEX public_near_place ON public_near (site, place);"
                  "CREATE INDEX public_place_where ON public_place (site,"
                  " admin1, municipality, folded, id);"
                  "CREATE INDEX public_place_name ON public_place (site,"
                  " folded, id, due, flags, place_type);"
                  "CREATE INDEX public_place_state ON public_place (site,"
                  " admin1, folded, id, due, flags, place_type);"
                  "CREATE INDEX public_place_type ON public_place (site,"
                  " place_type);"
                  "CREATE INDEX public_place_changed ON public_place (site,"
                  " changed, id);"
                  "CREATE INDEX public_place_due ON public_place (site, due,"
                  " id);",
                  err);
    db_close(db);
    arena_release(&copying.arena);
    return err->code;
}

static enum error fill_all(struct office *office, size_t places,
                           struct err *err)
{
    struct filling filling = {.office = office, .each = places > COPIED};
    double from = now_ms();

    for (size_t i = 0; i < (filling.each ? KINDS : places); i += SLICE) {
        filling.from = i;
        filling.count = places - i < SLICE ? places - i : SLICE;
        if (filling.each)
            filling.count = KINDS;
        if (office_change(office, fill, &filling, err))
            return err->code;
    }
    if (filling.each && copy_all(office, places, err))
        return err->code;
    printf("%zu places, %s, %s in %.1f s\n", places,
           store_dialect(office->store),
           filling.each ? "256 published, copied" : "published",
           (now_ms() - from) / 1000);
    fflush(stdout);
    return ERROR_NONE;
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct wish {
    const char *name;
    struct near_query query;
};

static double limit_p99;

static double waited[ROUNDS], ours[ROUNDS];

static void tell(const char *name, double *ms, double found, double complete)
{
    double p99;

    qsort(ms, ROUNDS, sizeof(*ms), compare_double);
    qsort(waited, ROUNDS, sizeof(*waited), compare_double);
    qsort(ours, ROUNDS, sizeof(*ours), compare_double);
    p99 = ms[ROUNDS * 99 / 100];
    if (limit_p99 == 0)
        limit_p99 = p99;
    printf("%-34s p50 %7.3f ms  p99 %7.3f ms  %5.1f x limit  %4.1f found  "
           "%5.1f %% whole  (ours p50 %.3f, clock p50 %.3f p99 %.3f)%s\n",
           name, ms[ROUNDS / 2], p99, p99 / limit_p99, found / ROUNDS,
           complete * 100 / ROUNDS, ours[ROUNDS / 2], waited[ROUNDS / 2],
           waited[ROUNDS * 99 / 100], p99 < 5 ? "" : "  TOO SLOW");
    fflush(stdout);
}

static void ask(struct office *office, struct db *db, const struct wish *wish)
{
    static double ms[ROUNDS];
    double found = 0, complete = 0;
    struct arena arena;

    arena_init(&arena, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        struct near_query query = wish->query;
        struct near_found result = {0};
        struct err err = {0};
        struct task task;
        double from, began, mine;
        int64_t one;
        bool any;

        arena_clear(&arena);
        query.here = true;
        position(&query.lat, &query.lon);
        task_init(&task, office, db, &arena);
        from = now_ms();
        mine = clock_ms(CLOCK_THREAD_CPUTIME_ID);
        began = clock_ms(CLOCK_MONOTONIC);
        if (directory_near(&task, &query, &result, &err))
            fprintf(stderr, "%s %s\n", err.message, err.detail);
        db_get_int(db, &one, &any, &err, "SELECT 1", ""); /* as a page does */
        waited[i] = clock_ms(CLOCK_MONOTONIC) - began;
        ours[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - mine;
        ms[i] = now_ms() - from;
        found += (double)result.count;
        complete += result.complete;
    }
    arena_release(&arena);
    tell(wish->name, ms, found, complete);
}

static size_t count_places(struct db *db)
{
    struct err err = {0};
    int64_t count = 0;
    bool found = false;

    db_get_int(db, &count, &found, &err, "SELECT COUNT(*) FROM public_place",
               "");
    return (size_t)count;
}

/* The limit: 20 rows whose keys are known. */
static void ask_limit(struct office *office, struct db *db, size_t places)
{
    static double ms[ROUNDS];
    struct arena arena;

    arena_init(&arena, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        struct task task;
        double from, began, mine;

        arena_clear(&arena);
        task_init(&task, office, db, &arena);
        from = now_ms();
        mine = clock_ms(CLOCK_THREAD_CPUTIME_ID);
        began = clock_ms(CLOCK_MONOTONIC);
        for (int k = 0; k < 20; k++) {
            size_t number = (size_t)(uniform() * (double)places);
            struct str id = id_at(&arena, number);
            struct public_place place;
            struct err err = {0};

            directory_place(&task, id, &place, &err);
        }
        waited[i] = clock_ms(CLOCK_MONOTONIC) - began;
        ours[i] = clock_ms(CLOCK_THREAD_CPUTIME_ID) - mine;
        ms[i] = now_ms() - from;
    }
    arena_release(&arena);
    tell("20 rows by key (the limit)", ms, 20.0 * ROUNDS, ROUNDS);
}

int main(int argc, char **argv)
{
    static const struct wish wish[] = {
        {"nearest 20", {.lat = 0}},
        {"nearest 20, a need", {.need = {"SA1", 3}}},
        {"nearest 20, open now", {.open_now = true}},
        {"nearest 20, accessible, need",
         {.need = {"AL1", 3}, .flags = PUBLIC_ACCESSIBLE}},
        {"nearest 20, women with children",
         {.need = {"AL5", 3}, .flags = PUBLIC_WOMEN | PUBLIC_CHILDREN}},
        {"nearest 20, Haitian Creole, need",
         {.need = {"LE1", 3}, .language = {"hat", 3}}},
        {"all of it",
         {.need = {"SA1", 3},
          .language = {"hat", 3},
          .open_now = true,
          .flags = PUBLIC_ACCESSIBLE | PUBLIC_WOMEN | PUBLIC_CHILDREN}}};
    size_t places = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 1500;
    char path[] = "/tmp/b_near.XXXXXX", url[64];
    struct host_native native;
    struct arena arena;
    struct office office;
    struct form_files files = {&arena, read_file};
    struct office_options options = {.files = &files};
    struct db *db = NULL;
    struct err err = {0};

    arena_init(&arena, NULL);
    host_native_init(&native);
    options.host = &native.host;
    if (!mkdtemp(path))
        return 3;
    snprintf(url, sizeof(url), "sqlite:%s/near.db", path);
    options.store_url = argc > 2 ? argv[2] : url;
    if ((places > 0 && office_create(&options, STR("Medida"),
                                     STR("America/Tijuana"), &err)) ||
        office_open(&office, &options, &err) ||
        store_connect(office.store, false, &db, &err)) {
        fprintf(stderr, "%s %s\n", err.message, err.detail);
        return 3;
    }
    if (places == 0) {
        places = count_places(db);
    } else if (fill_all(&office, places, &err)) {
        fprintf(stderr, "%s %s\n", err.message, err.detail);
        return 3;
    }
    seed = 20261122; /* the same points, filled now or before */
    if (strcmp(store_dialect(office.store), "postgresql") == 0) {
        find_backend(db);
        db_script(db, "ANALYZE", &err);
    }
    ask_limit(&office, db, places);
    for (size_t i = 0; i < sizeof(wish) / sizeof(wish[0]); i++)
        ask(&office, db, &wish[i]);
    db_close(db);
    office_close(&office);
    host_native_release(&native);
    arena_release(&arena);
    snprintf(url, sizeof(url), "rm -r %s", path);
    return argc > 2 ? 0 : system(url) != 0;
}
