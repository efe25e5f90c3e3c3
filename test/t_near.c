/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_near.c - the nearest places against looking at all of them: crowded cities,
 * thousands at one point, empty seas, poles and the line where days change.
 * Rows are written into the public tables; none is a real place.
 */
#include <math.h>

#include "domain/directory/cell.h"
#include "domain/directory/directory.h"
#include "test/domain_fixture.h"

enum { PLACES = 6000, CROWD = 9000, ASKED = 300, RARE = 7 };

struct spot {
    double lat, lon;
    int64_t flags, due;
};

struct trial {
    struct fixture *fixture;
    struct str site;
    struct spot spot[PLACES];
    uint64_t seed;
};

static double uniform(struct trial *trial)
{
    trial->seed = trial->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(trial->seed >> 40) / 16777216.0;
}

/* Half in one crowded city, some in another, some at one point, some beside
 * the line where days change and at the poles, the others anywhere. */
static void invent(struct trial *trial, size_t number, struct spot *spot)
{
    double radius = 0.1 * uniform(trial) * uniform(trial) * uniform(trial);
    double angle = uniform(trial) * 6.283;
    double lat = 32.52, lon = -117.02;

    if (number % 10 == 5)
        lat = -1.29, lon = 36.82;
    if (number % 10 == 6)
        radius = 0;
    if (number % 10 == 7) {
        lat = 0;
        lon = uniform(trial) < 0.5 ? -179.95 : 179.95;
    }
    spot->lat = lat + radius * sin(angle);
    spot->lon = lon + radius * cos(angle);
    if (number % 10 > 7) {
        spot->lat = uniform(trial) * 180 - 90;
        spot->lon = uniform(trial) * 360 - 180;
    }
    if (spot->lon > 180)
        spot->lon = 180;
    if (spot->lon < -180)
        spot->lon = -180;
    spot->flags = uniform(trial) < 0.2 ? PUBLIC_ACCESSIBLE : 0;
    spot->due = uniform(trial) < 0.7 ? 999999 : 0;
}

static struct str id_at(struct arena *arena, size_t number)
{
    return str_format(arena, "00000000-0000-7000-8000-%012zx", number);
}

static enum error write_spot(struct db *db, const struct trial *trial,
                             const char *key, size_t number,
                             const struct spot *spot, struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO public_near (site, key, cell, place, lat, lon,"
                  " flags, due, hours) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
                  " '')",
                  "ttitddii", trial->site, str_of(key),
                  cell_of(spot->lat, spot->lon),
                  id_at(&trial->fixture->arena, number), spot->lat, spot->lon,
                  spot->flags, spot->due);
}

static enum error write_word(struct db *db, const struct trial *trial,
                             const char *word, size_t number, struct err *err)
{
    return db_run(db, NULL, err,
                  "INSERT INTO public_word (site, word, place)"
                  " VALUES ($1, $2, $3)",
                  "ttt", trial->site, str_of(word),
                  id_at(&trial->fixture->arena, number));
}

static enum error write_all(struct db *db, void *context, struct err *err)
{
    struct trial *trial = context;
    struct spot crowd = {.lat = 19.43, .lon = -99.13, .due = 999999};

    for (size_t i = 0; i < PLACES && !err->code; i++) {
        const struct spot *spot = &trial->spot[i];

        db_run(db, NULL, err,
               "INSERT INTO public_place (site, id, organization, name, folded,"
               " place_type, admin1, municipality, lat, lon, flags, languages,"
               " hours, due, changed, body, more) VALUES ($1, $2, '', 'x', 'x',"
               " $3, '', '', $4, $5, $6, '', '', $7, 0, '{}', '{}')",
               "tttddii", trial->site, id_at(&trial->fixture->arena, i),
               str_of(i % 2 ? "ALB" : "CS"), spot->lat, spot->lon, spot->flags,
               spot->due);
        write_spot(db, trial, "*", i, spot, err);
        write_word(db, trial, "casa", i, err);
        if (i >= PLACES - RARE)
            write_word(db, trial, "rara", i, err);
    }
    for (size_t i = 0; i < CROWD && !err->code; i++)
        write_spot(db, trial, "AL1", i, &crowd, err);
    return err->code;
}

/* Sorted; the nearest first, stale ones counted further. */
static size_t all_of(const struct trial *trial, const struct near_query *query,
                     double *counted)
{
    size_t count = 0;

    for (size_t i = 0; i < PLACES; i++) {
        const struct spot *spot = &trial->spot[i];
        double km = distance_km(query->lat, query->lon, spot->lat, spot->lon);
        size_t at = count;

        if (((unsigned)spot->flags & query->flags) != query->flags ||
            (query->place_type.size && i % 2 == 0))
            continue;
        if (spot->due == 0)
            km = km * 2 + 5;
        for (; at > 0 && counted[at - 1] > km; at--)
            if (at < 20)
                counted[at] = counted[at - 1];
        if (at < 20)
            counted[at] = km;
        if (count < 20)
            count++;
    }
    return count;
}

/* Is what is told what looking at all of them tells? *whole: it says so. */
static bool agrees(struct trial *trial, const struct near_query *query,
                   bool *whole)
{
    struct task task = fixture_task(trial->fixture, "");
    struct near_found found = {0};
    struct err err = {0};
    double counted[21];
    size_t count = all_of(trial, query, counted);
    bool right;

    if (directory_near(&task, query, &found, &err)) {
        printf("# %s %s\n", err.message, err.detail);
        return false;
    }
    *whole = found.complete;
    right = found.count == count;
    for (size_t i = 0; i < found.count && right; i++) {
        const struct public_place *place = &found.place[i];
        double km = place->stale ? place->km * 2 + 5 : place->km;

        right = fabs(km - counted[i]) < 1e-6;
    }
    return right;
}

static void check_all(struct tap *tap, struct trial *trial)
{
    int wrong = 0, whole = 0;

    for (int i = 0; i < ASKED; i++) {
        struct near_query query = {.here = true};
        struct spot spot;
        bool complete = false;

        invent(trial, (size_t)i, &spot);
        query.lat = spot.lat;
        query.lon = spot.lon;
        if (i % 3 == 1)
            query.flags = PUBLIC_ACCESSIBLE;
        if (i % 3 == 2)
            query.place_type = STR("ALB");
        if (!agrees(trial, &query, &complete) && complete) {
            printf("# %d: %.6f %.6f\n", i, query.lat, query.lon);
            wrong++;
        }
        whole += complete;
    }
    tap_is_int(tap, wrong, 0, "the nearest are those of looking at all");
    tap_is_int(tap, whole, ASKED, "and all are whole");
}

/* A word that all have beside one that few have, in whatever order. */
static void check_words(struct tap *tap, struct trial *trial)
{
    static const char *const words[] = {"casa rara", "rara casa", "casa"};

    for (size_t i = 0; i < 3; i++) {
        struct task task = fixture_task(trial->fixture, "");
        struct near_query query = {.here = true,
                                   .lat = trial->spot[PLACES - 1].lat,
                                   .lon = trial->spot[PLACES - 1].lon,
                                   .words = str_of(words[i])};
        struct near_found found = {0};
        struct err err = {0};

        tap_ok(tap,
               !directory_near(&task, &query, &found, &err) && found.complete &&
                   found.count == (i == 2 ? 20 : RARE),
               "the nearest called «%s»", words[i]);
    }
}

/* More at one point than are looked at: it says so. */
static void check_crowd(struct tap *tap, struct trial *trial)
{
    struct task task = fixture_task(trial->fixture, "");
    struct near_query query = {.here = true,
                               .lat = 19.44,
                               .lon = -99.13,
                               .flags = PUBLIC_LGBT,
                               .need = STR("AL1")};
    struct near_found found = {0};
    struct err err = {0};

    tap_ok(tap, !directory_near(&task, &query, &found, &err),
           "thousands at one point");
    tap_ok(tap, !found.complete, "are not all looked at, and it says so");
    query.flags = 0;
    query.limit = 5;
    tap_ok(tap,
           !directory_near(&task, &query, &found, &err) && found.count == 5,
           "but some are told");
    query.need = STR("AL1");
    query.flags = 0;
    query.place_type = STR("nothing");
    tap_ok(tap,
           !directory_near(&task, &query, &found, &err) && !found.complete &&
               found.count == 0,
           "with a wish that the rows do not tell, too");
}

static void check_squares(struct tap *tap, struct trial *trial)
{
    int wrong = 0;

    for (int i = 0; i < 20000; i++) {
        struct square around[SQUARES_AROUND], beyond[SQUARES_BEYOND];
        int shift = i % CELL_BITS;
        struct block block;
        struct spot spot, other;
        size_t count, within = 0;
        int64_t cell;

        invent(trial, (size_t)(i % 10), &spot);
        invent(trial, (size_t)(i / 10 % 10), &other);
        cell = cell_of(other.lat, other.lon);
        count = squares_around(spot.lat, spot.lon, shift, around);
        for (size_t k = 0; k < count; k++)
            within += cell >= around[k].from && cell < around[k].to;
        count = squares_beyond(spot.lat, spot.lon, shift, beyond);
        for (size_t k = 0; k < count; k++) {
            if (cell < beyond[k].from || cell >= beyond[k].to)
                continue;
            within++;
            wrong += beyond[k].km >
                     distance_km(spot.lat, spot.lon, other.lat, other.lon);
        }
        block_around(spot.lat, spot.lon, shift + 1, &block);
        for (int k = 0; k < BLOCK_RUNS; k++)
            within -= cell >= block.from[k] && cell < block.to[k];
        wrong += within != 0;
    }
    tap_is_int(tap, wrong, 0,
               "a block and the squares beyond it are the next block");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    static struct trial trial;
    struct err err = {0};

    trial = (struct trial){.fixture = fixture,
                           .site = log_site(&fixture->office.log, STR("place")),
                           .seed = 11};
    for (size_t i = 0; i < PLACES; i++)
        invent(&trial, i, &trial.spot[i]);
    check_squares(tap, &trial);
    tap_ok(tap, !office_change(&fixture->office, write_all, &trial, &err),
           "places by the thousand");
    check_all(tap, &trial);
    check_words(tap, &trial);
    check_crowd(tap, &trial);
}

int main(void)
{
    return fixture_main(check);
}
