/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* near.c - the nearest places that fit.
 *
 * The block of cells around the point (cell.h) grows, twice as wide each time,
 * until enough of what fits lies nearer than the block reaches. A block with
 * few rows is read again in the larger one; of a fuller one only the squares
 * around it are read, nearest first, and none that is further than the worst
 * that would be told. Of a square with many rows the first in the order of
 * cells are read, and what is left of it as its four quarters: no row is read
 * twice, and a crowded city costs no more than an empty coast.
 */
#include "domain/directory/finding.h"

#include <math.h>

#include "core/date.h"

enum {
    FIRST_RING = 1,     /* squares of 76 m */
    LOOKED_MOST = 8000, /* rows that are looked at */
    PIECE = 100,        /* of one square; the rest of it by quarters */
    READ_AGAIN = 400    /* rows of a block that are read again in the next */
};

/* Stale ones count as further away. */
#define STALE_TIMES 2.0
#define STALE_KM 5.0

/* --- candidates ----------------------------------------------------------- */

static void keep(struct finding *finding, struct str place, double km,
                 bool stale)
{
    double counted = stale ? km * STALE_TIMES + STALE_KM : km;
    size_t at = finding->count;

    if (at == finding->limit && finding->best[at - 1].counted <= counted)
        return;
    for (size_t i = at; i > 0 && finding->best[i - 1].counted >= counted; i--)
        if (str_equal(finding->best[i - 1].place, place))
            return; /* read again */
    if (at < finding->limit)
        finding->count++;
    else
        at--;
    for (; at > 0 && (finding->best[at - 1].counted > counted ||
                      (finding->best[at - 1].counted == counted &&
                       str_compare(finding->best[at - 1].place, place) > 0));
         at--)
        finding->best[at] = finding->best[at - 1];
    finding->best[at] =
        (struct candidate){str_copy(finding->task->arena, place), km, counted};
}

/* columns: place, lat, lon, flags, due, hours */
static void look_at(struct finding *finding, const struct rows *rows)
{
    unsigned flags = (unsigned)rows_int(rows, 3);
    double km;

    if ((flags & finding->query->flags) != finding->query->flags)
        return;
    km = distance_km(finding->query->lat, finding->query->lon,
                     rows_double(rows, 1), rows_double(rows, 2));
    if (finding->count == finding->limit &&
        km >= finding->best[finding->count - 1].counted)
        return;
    if (finding_passes(finding, flags, rows_text(rows, 5)))
        keep(finding, rows_text(rows, 0), km,
             rows_int(rows, 4) <= finding->today);
}

/* What four squares hold; $11: the most rows of one, the first by cell. */
#define RUN(number, from, to)                                                  \
    "SELECT * FROM (SELECT place, lat, lon, flags, due, hours, " number        \
    " AS run, cell FROM public_near WHERE site = $1 AND key = $2"              \
    " AND cell >= " from " AND cell < " to                                     \
    " ORDER BY cell LIMIT $11) AS run_" number
#define RUNS                                                                   \
    RUN("0", "$3", "$4")                                                       \
    " UNION ALL " RUN("1", "$5", "$6") " UNION ALL " RUN(                      \
        "2", "$7", "$8") " UNION ALL " RUN("3", "$9", "$10")
static const char run_sql[] = "SELECT place, lat, lon, flags, due, hours, run,"
                              " cell, 1 FROM (" RUNS ") AS block";

/* The same, and whether the place stands where and is called what was asked
 * for. */
static const char run_where_sql[] =
    "SELECT block.place, block.lat, block.lon, block.flags, block.due,"
    " block.hours, block.run, block.cell, CASE WHEN EXISTS (SELECT 1 FROM "
    "public_place"
    " WHERE public_place.site = $1 AND public_place.id = block.place"
    " AND ($12 = '' OR public_place.admin1 = $12)"
    " AND ($13 = '' OR public_place.municipality = $13)"
    " AND ($14 = '' OR public_place.place_type = $14)" CALLED(
        "block.place", "$15", "$16", "$17", "$18")
        CALLED("block.place", "$19", "$20", "$21", "$22")
            CALLED("block.place", "$23", "$24", "$25",
                   "$26") ") THEN 1 ELSE 0 END FROM (" RUNS ") AS block";

/* Is more asked than the rows of public_near tell? */
static bool asks_place(const struct finding *finding)
{
    return finding->words || finding->admin1.size ||
           finding->municipality.size || finding->place_type.size;
}

/* What was read of a square: how many rows, up to which cell. */
struct sight {
    size_t seen;
    int64_t last;
};

/* At most `most` rows of each. */
static enum error look_in(struct finding *finding, const struct square *in,
                          int64_t most, struct sight sight[BLOCK_RUNS])
{
    struct db *db = finding->task->db;
    struct rows rows;

    memset(sight, 0, BLOCK_RUNS * sizeof(*sight));
    if (!asks_place(finding))
        db_query(db, &rows, finding->err, run_sql, "ttiiiiiiiii", finding->site,
                 finding->key, in[0].from, in[0].to, in[1].from, in[1].to,
                 in[2].from, in[2].to, in[3].from, in[3].to, most);
    else
        db_query(db, &rows, finding->err, run_where_sql,
                 "ttiiiiiiiiittt" CALLED_TYPES CALLED_TYPES CALLED_TYPES,
                 finding->site, finding->key, in[0].from, in[0].to, in[1].from,
                 in[1].to, in[2].from, in[2].to, in[3].from, in[3].to, most,
                 finding->admin1, finding->municipality, finding->place_type,
                 CALLED_VALUES(finding->word[0]),
                 CALLED_VALUES(finding->word[1]),
                 CALLED_VALUES(finding->word[2]));
    while (rows_next(&rows)) {
        struct sight *of = &sight[rows_int(&rows, 6) & 3];
        int64_t cell = rows_int(&rows, 7);

        of->seen++;
        if (cell > of->last)
            of->last = cell;
        finding->looked++;
        if (rows_int(&rows, 8))
            look_at(finding, &rows);
    }
    return rows_end(&rows);
}

/* --- squares -------------------------------------------------------------- */

/* Could something in it be told? */
static bool matters(const struct finding *finding, const struct square *square)
{
    return finding->count < finding->limit ||
           square->km < finding->best[finding->count - 1].counted;
}

static void wait_for(struct finding *finding, const struct square *square)
{
    size_t at = finding->waits;

    if (!matters(finding, square))
        return;
    if (at == FINDING_WAITING) {
        finding->cut = true;
        return;
    }
    finding->waits++;
    for (; at > 0 && finding->waiting[at - 1].km > square->km; at--)
        finding->waiting[at] = finding->waiting[at - 1];
    finding->waiting[at] = *square;
}

/* The rest of a square, of which the rows before the cell were read. */
static void wait_for_rest(struct finding *finding, const struct square *square,
                          int64_t last)
{
    struct square quarter[4];
    int64_t from = last;

    if (last == square->from) { /* more than that in one cell: it alone */
        struct square cell = *square;

        cell.to = ++from;
        cell.shift = 0;
        wait_for(finding, &cell);
    }
    square_split(finding->query->lat, finding->query->lon, square, quarter);
    for (int i = 0; i < 4; i++) {
        if (quarter[i].from < from)
            quarter[i].from = from;
        if (quarter[i].from < quarter[i].to)
            wait_for(finding, &quarter[i]);
    }
}

/* Takes up to four of the nearest that matter, one when little more may be
 * looked at. *most: rows that may be read of each. */
static size_t take_squares(struct finding *finding,
                           struct square taken[BLOCK_RUNS], int64_t *most)
{
    size_t left = LOOKED_MOST - finding->looked, count = 0;
    size_t room = left >= (size_t)BLOCK_RUNS * PIECE ? BLOCK_RUNS : 1;

    memset(taken, 0, BLOCK_RUNS * sizeof(*taken));
    *most = left < PIECE ? (int64_t)left : PIECE;
    while (count < room && count < finding->waits &&
           matters(finding, &finding->waiting[count])) {
        bool smallest = finding->waiting[count].shift == 0;

        if (smallest && count > 0)
            break;
        taken[count] = finding->waiting[count];
        count++;
        if (smallest) { /* a single cell is read whole */
            *most = (int64_t)left;
            break;
        }
    }
    finding->waits -= count;
    memmove(finding->waiting, finding->waiting + count,
            finding->waits * sizeof(*finding->waiting));
    return count;
}

/* Reads what waits, as far as it matters. */
static enum error look_at_waiting(struct finding *finding)
{
    enum error error = ERROR_NONE;

    while (!error && !finding->cut && finding->waits &&
           matters(finding, &finding->waiting[0])) {
        struct square taken[BLOCK_RUNS];
        struct sight sight[BLOCK_RUNS];
        size_t count;
        int64_t most;

        if (finding->looked >= LOOKED_MOST) {
            finding->cut = true;
            break;
        }
        count = take_squares(finding, taken, &most);
        error = look_in(finding, taken, most, sight);
        for (size_t i = 0; i < count && !error && !finding->cut; i++) {
            if (sight[i].seen < (size_t)most)
                continue;
            if (taken[i].shift == 0)
                finding->cut = true;
            else
                wait_for_rest(finding, &taken[i], sight[i].last);
        }
    }
    finding->waits = 0;
    return error;
}

/* How many are certainly the nearest: nothing outside the block is nearer. */
static bool enough(const struct finding *finding, double reach)
{
    return finding->count == finding->limit &&
           finding->best[finding->count - 1].counted <= reach;
}

static enum error look_around(struct finding *finding)
{
    double lat = finding->query->lat, lon = finding->query->lon;
    struct square square[SQUARES_BEYOND];
    struct block block;
    size_t count, seen = 0;
    int ring = FIRST_RING;
    bool again = true; /* the block is read whole */

    for (;;) {
        size_t before = finding->looked;
        enum error error;

        count = again ? squares_around(lat, lon, ring, square)
                      : squares_beyond(lat, lon, ring++, square);
        for (size_t i = 0; i < count; i++)
            wait_for(finding, &square[i]);
        error = look_at_waiting(finding);
        block_around(lat, lon, ring, &block);
        if (error || finding->cut || ring >= CELL_BITS ||
            enough(finding, block.reach))
            return error;
        seen = finding->looked - before + (again ? 0 : seen);
        again = seen < READ_AGAIN;
        if (again)
            ring += seen == 0 ? 3 : seen < 8 ? 2 : 1;
        if (ring > CELL_BITS)
            ring = CELL_BITS;
    }
}

/* --- places --------------------------------------------------------------- */

void public_place_read(const struct rows *rows, struct arena *arena,
                       struct public_place *place)
{
    *place = (struct public_place){
        .id = str_copy(arena, rows_text(rows, 0)),
        .organization = str_copy(arena, rows_text(rows, 1)),
        .name = str_copy(arena, rows_text(rows, 2)),
        .place_type = str_copy(arena, rows_text(rows, 3)),
        .admin1 = str_copy(arena, rows_text(rows, 4)),
        .municipality = str_copy(arena, rows_text(rows, 5)),
        .lat = rows_double(rows, 6),
        .lon = rows_double(rows, 7),
        .flags = (unsigned)rows_int(rows, 8),
        .languages = str_copy(arena, rows_text(rows, 9)),
        .hours = str_copy(arena, rows_text(rows, 10)),
        .due = rows_int(rows, 11),
        .changed = rows_int(rows, 12),
        .body = str_copy(arena, rows_text(rows, 13)),
        .more = str_copy(arena, rows_text(rows, 14)),
        .km = -1};
    place->located = cell_of(place->lat, place->lon) != CELL_NONE;
}

void public_place_judge(const struct task *task, struct public_place *place)
{
    int64_t today = task_day(task);

    place->stale = place->due <= today;
    place->open =
        place->flags & PUBLIC_PAUSED
            ? HOURS_CLOSED
            : hours_at(place->hours, date_weekday(today),
                       instant_second(task->now, task->utc_offset) / 60);
}

enum error directory_place(struct task *task, struct str id,
                           struct public_place *place, struct err *err)
{
    struct rows rows;
    bool found = false;
    enum error error;

    db_query(task->db, &rows, err,
             "SELECT " PLACE_COLUMNS " FROM public_place"
             " WHERE public_place.site = $1 AND public_place.id = $2",
             "tt", log_site(&task->office->log, STR("place")), id);
    if (rows_next(&rows)) {
        public_place_read(&rows, task->arena, place);
        found = true;
    }
    error = rows_end(&rows);
    if (error)
        return error;
    if (!found)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Este lugar no está en el directorio."), NULL, NULL,
                       NULL);
    public_place_judge(task, place);
    return ERROR_NONE;
}

/* Twenty in one question; the last one fills the places that stay free. */
static const char fetch_sql[] =
    "SELECT " PLACE_COLUMNS " FROM public_place"
    " WHERE public_place.site = $1 AND public_place.id IN ($2, $3, $4, $5, $6,"
    " $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";

enum { FETCHED = 20 };

static enum error fetch_some(struct finding *finding,
                             const struct candidate *best, size_t count,
                             struct public_place *list)
{
    struct task *task = finding->task;
    struct db_value value[FETCHED + 1] = {{.type = 't', .t = finding->site}};
    struct rows rows;

    for (size_t i = 0; i < FETCHED; i++)
        value[i + 1] = (struct db_value){
            .type = 't', .t = best[i < count ? i : count - 1].place};
    db_query_values(task->db, &rows, finding->err, fetch_sql, value,
                    FETCHED + 1);
    while (rows_next(&rows)) {
        size_t at = 0;

        while (at < count && !str_equal(best[at].place, rows_text(&rows, 0)))
            at++;
        if (at == count)
            continue;
        public_place_read(&rows, task->arena, &list[at]);
        public_place_judge(task, &list[at]);
        list[at].km = best[at].km;
    }
    return rows_end(&rows);
}

static enum error fetch(struct finding *finding, struct near_found *found)
{
    struct public_place *list = ARENA_ARRAY(
        finding->task->arena, struct public_place, finding->count + 1);
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (!list)
        return err_memory(finding->err);
    for (size_t i = 0; !error && i < finding->count; i += FETCHED)
        error = fetch_some(finding, &finding->best[i],
                           finding->count - i < FETCHED ? finding->count - i
                                                        : FETCHED,
                           &list[i]);
    for (size_t i = 0; i < finding->count; i++)
        if (list[i].id.size) /* not withdrawn meanwhile */
            list[count++] = list[i];
    found->place = list;
    found->count = count;
    return error;
}

/* Those that have the words, one by one. */
static enum error look_at_words(struct finding *finding)
{
    struct rows rows;

    db_query(finding->task->db, &rows, finding->err,
             "SELECT public_near.place, public_near.lat, public_near.lon,"
             " public_near.flags, public_near.due, public_near.hours,"
             " public_near.cell FROM public_near"
             " JOIN public_place ON public_place.site = $1"
             " AND public_place.id = public_near.place"
             " WHERE public_near.site = $1 AND public_near.key = $2"
             " AND public_near.place IN (" LISTED(
                 "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12",
                 "$13") ") AND ($14 = '' OR public_place.admin1 = $14)"
                        " AND ($15 = '' OR public_place.municipality = $15)"
                        " AND ($16 = '' OR public_place.place_type = "
                        "$16)" CALLED("public_near.place", "$17", "$18", "$19",
                                      "$20") CALLED("public_near.place", "$21",
                                                    "$22", "$23", "$24"),
             "tt" LISTED_TYPES "ttt" CALLED_TYPES CALLED_TYPES, finding->site,
             finding->key, LISTED_VALUES(finding->word[0]), finding->admin1,
             finding->municipality, finding->place_type,
             CALLED_VALUES(finding->word[1]), CALLED_VALUES(finding->word[2]));
    while (rows_next(&rows))
        if (rows_int(&rows, 6) != CELL_NONE)
            look_at(finding, &rows);
    return rows_end(&rows);
}

enum error directory_near(struct task *task, const struct near_query *query,
                          struct near_found *found, struct err *err)
{
    struct finding finding;
    bool few = false;
    enum error error = ERROR_NONE;

    *found = (struct near_found){.complete = true};
    if (!query->here || cell_of(query->lat, query->lon) == CELL_NONE)
        return directory_list(task, query, found, err);
    finding_init(&finding, task, query, err);
    finding_take_words(&finding, STR(""));
    finding.best = ARENA_ARRAY(task->arena, struct candidate, FINDING_MOST);
    if (!finding.best)
        return err_memory(err);
    if (finding.words)
        error = finding_rarest_first(&finding, false, &few);
    db_steady(task->db, !asks_place(&finding));
    if (!error)
        error = few ? look_at_words(&finding) : look_around(&finding);
    found->complete = !finding.cut;
    if (!error)
        error = fetch(&finding, found);
    db_steady(task->db, false);
    return error;
}
