/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* places.c - see places.h. A place in the package is a row without names, with
 * what one needs to choose it, to call and to get there; the long texts stay
 * here. What changed is known by the instant of the entry that did; what is
 * public no longer leaves its id in public_gone.
 */
#include "domain/directory/places.h"

#include <math.h>

#include "domain/directory/directory_private.h"
#include "domain/person/words.h"

enum {
    OVERLAP_MS = 5000, /* an entry may be written after a younger one */
    MARK_SIZE = 8,
    LONGEST = 160,    /* letters of a text in the package */
    LETTERS = 150000, /* of all its texts together: 200 KB, compressed, is the
                         promise that the page makes */
    LEAST = 12        /* less than that tells nothing */
};

/* --- where and in which languages ----------------------------------------- */

/* One seek per municipality, however many places there are. */
static const char towns_sql[] =
    "WITH RECURSIVE town(admin1, municipality, body) AS ("
    "SELECT * FROM (SELECT admin1, municipality, body FROM public_place"
    " WHERE site = $1 ORDER BY admin1, municipality, folded, id LIMIT 1)"
    " AS first_town"
    " UNION ALL SELECT place.admin1, place.municipality, place.body"
    " FROM town JOIN public_place AS place ON place.site = $1 AND place.id ="
    " (SELECT next.id FROM public_place AS next WHERE next.site = $1"
    " AND (next.admin1, next.municipality) >"
    " (town.admin1, town.municipality)"
    " ORDER BY next.admin1, next.municipality, next.folded, next.id LIMIT 1))"
    " SELECT admin1, municipality, body FROM town LIMIT $2";

enum error directory_towns(struct task *task, struct directory_town **town,
                           size_t *count, struct err *err)
{
    struct directory_town *list =
        ARENA_ARRAY(task->arena, struct directory_town, TOWNS_MOST);
    struct rows rows;

    *town = list;
    *count = 0;
    if (!list)
        return err_memory(err);
    db_query(task->db, &rows, err, towns_sql, "ti",
             log_site(&task->office->log, STR("place")), (int64_t)TOWNS_MOST);
    while (rows_next(&rows)) {
        const struct value *body = NULL;
        struct err ignored = {0};

        if (!rows_text(&rows, 0).size)
            continue;
        value_parse(task->arena, rows_text(&rows, 2), &body, &ignored);
        list[*count].admin1 = str_copy(task->arena, rows_text(&rows, 0));
        list[*count].municipality = str_copy(task->arena, rows_text(&rows, 1));
        list[(*count)++].name = value_text_of(body, "municipality");
    }
    return rows_end(&rows);
}

struct str directory_languages(struct task *task)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "language");
    struct str site = log_site(&task->office->log, STR("place"));
    struct buf out;

    buf_init(&out, task->arena);
    for (size_t i = 0; table && i < table->rows; i++) {
        struct str code = catalog_cell(table, i, "name");
        struct err ignored = {0};
        int64_t one = 0;
        bool found = false;

        db_get_int(task->db, &one, &found, &ignored,
                   "SELECT 1 FROM public_near WHERE site = $1 AND key = $2"
                   " LIMIT 1",
                   "tt", site,
                   str_format(task->arena, "*/%.*s", STR_ARGS(code)));
        if (!found)
            continue;
        if (out.size)
            buf_putc(&out, ' ');
        buf_put(&out, code);
    }
    return buf_str(&out);
}

/* --- the package ---------------------------------------------------------- */

struct packing {
    struct task *task;
    const struct package_query *query;
    struct str site, mark;
    int64_t since, last;
    size_t share; /* letters of texts for each place */
    struct value *places, *gone;
    struct err *err;
};

static const char *const columns[] = {
    "id",      "name",   "type",     "admin1",   "town",  "lat",    "lon",
    "flags",   "speaks", "hours",    "due",      "needs", "phones", "whatsapp",
    "address", "way",    "referred", "verified", "note",  NULL};

static void add(struct packing *packing, struct value *row, struct str text)
{
    value_add(row, packing->task->arena,
              value_string(packing->task->arena,
                           text.at ? str_slice(text, 0, text.size) : STR("")));
}

/* What is left of the place's share; cut between letters, and it shows. */
static void add_text(struct packing *packing, struct value *row,
                     struct str text, size_t *left)
{
    size_t end = *left < LONGEST ? *left : LONGEST;

    if (text.size > end) {
        if (end < LEAST)
            end = 0;
        while (end > 0 && ((unsigned char)text.at[end] & 0xc0) == 0x80)
            end--;
        text = end ? str_join(packing->task->arena, str_slice(text, 0, end),
                              STR("…"))
                   : STR("");
    }
    *left -= text.size < *left ? text.size : *left;
    add(packing, row, text);
}

/* Ten metres are enough. */
static void add_degrees(struct packing *packing, struct value *row,
                        const struct public_place *place, double degrees)
{
    struct arena *arena = packing->task->arena;

    value_add(row, arena,
              place->located
                  ? value_number(arena, round(degrees * 10000) / 10000)
                  : value_int(arena, 0));
}

static struct str needs_of(struct packing *packing, const struct value *body)
{
    const struct value *services = value_get(body, "services");
    struct str needs = STR("");

    for (size_t i = 0; i < value_count(services); i++)
        needs = words_union(packing->task->arena, needs,
                            value_text_of(value_at(services, i), "code"));
    return needs;
}

static struct str phones_of(struct packing *packing, const struct value *body)
{
    const struct value *phones = value_get(body, "phones");
    struct buf out;

    buf_init(&out, packing->task->arena);
    for (size_t i = 0; i < value_count(phones) && i < 3; i++) {
        if (i)
            buf_putc(&out, ';');
        buf_put(&out, value_text_of(value_at(phones, i), "number"));
    }
    return buf_str(&out);
}

static void pack(struct packing *packing, const struct public_place *place)
{
    struct arena *arena = packing->task->arena;
    const struct value *body = NULL;
    struct value *row = value_list(arena);
    struct err ignored = {0};
    size_t left = packing->share;
    bool told;

    value_parse(arena, place->body, &body, &ignored);
    told = value_to_bool(value_get(body, "name_told"), true);
    add(packing, row, place->id);
    add(packing, row, told ? place->name : STR(""));
    add(packing, row, place->place_type);
    add(packing, row, place->admin1);
    add(packing, row, value_text_of(body, "municipality"));
    add_degrees(packing, row, place, place->lat);
    add_degrees(packing, row, place, place->lon);
    value_add(row, arena, value_int(arena, (int64_t)place->flags));
    add(packing, row, place->languages);
    add(packing, row, place->hours);
    value_add(row, arena, value_int(arena, place->due));
    add(packing, row, needs_of(packing, body));
    add(packing, row, phones_of(packing, body));
    add(packing, row, value_text_of(body, "whatsapp"));
    add_text(packing, row, value_text_of(body, "address"), &left);
    add_text(packing, row, value_text_of(body, "transportation"), &left);
    add_text(packing, row, value_text_of(body, "how_referred"), &left);
    add(packing, row, value_text_of(body, "verified_on"));
    add_text(packing, row, value_text_of(body, "hours_note"), &left);
    value_add(packing->places, arena, row);
    if (place->changed > packing->last)
        packing->last = place->changed;
}

static enum error pack_places(struct packing *packing, const char *order,
                              size_t *count)
{
    struct rows rows;

    db_query(packing->task->db, &rows, packing->err, order, "ttii",
             packing->site, packing->query->admin1, packing->since,
             (int64_t)PACKAGE_MOST + 1);
    for (*count = 0; rows_next(&rows); (*count)++) {
        struct public_place place;

        if (*count == PACKAGE_MOST)
            continue;
        public_place_read(&rows, packing->task->arena, &place);
        pack(packing, &place);
    }
    return rows_end(&rows);
}

static const char whole_sql[] =
    "SELECT " PLACE_COLUMNS " FROM public_place"
    " WHERE public_place.site = $1 AND ($2 = '' OR public_place.admin1 = $2)"
    " AND public_place.changed > $3"
    " ORDER BY public_place.due DESC, public_place.id LIMIT $4";
/* the few of a state, found by it */
static const char state_sql[] =
    "SELECT " PLACE_COLUMNS " FROM public_place"
    " WHERE public_place.site = $1 AND public_place.admin1 = $2"
    " AND public_place.changed > $3"
    " ORDER BY public_place.due + 0 DESC, public_place.id LIMIT $4";
static const char since_sql[] =
    "SELECT " PLACE_COLUMNS " FROM public_place"
    " WHERE public_place.site = $1 AND ($2 = '' OR public_place.admin1 = $2)"
    " AND public_place.changed > $3"
    " ORDER BY public_place.changed, public_place.id LIMIT $4";

static enum error pack_gone(struct packing *packing)
{
    struct rows rows;

    db_query(packing->task->db, &rows, packing->err,
             "SELECT id, changed FROM public_gone"
             " WHERE site = $1 AND changed > $2 ORDER BY changed LIMIT $3",
             "tii", packing->site, packing->since, (int64_t)PACKAGE_MOST);
    while (rows_next(&rows)) {
        add(packing, packing->gone,
            str_copy(packing->task->arena, rows_text(&rows, 0)));
        if (rows_int(&rows, 1) > packing->last)
            packing->last = rows_int(&rows, 1);
    }
    return rows_end(&rows);
}

/* "MARK.instant": whose tables, and until when. */
static void read_version(struct packing *packing)
{
    struct str rest = packing->query->since, mark;
    struct err ignored = {0};
    struct str made = STR_NULL;
    bool found = false;
    int64_t since = 0;

    db_get_text(packing->task->db, packing->task->arena, &made, &found,
                &ignored,
                "SELECT value FROM store_meta WHERE name = 'directory'", "");
    packing->mark = found && made.size >= MARK_SIZE
                        ? str_slice(made, 0, MARK_SIZE)
                        : STR("0");
    if (rest.size && str_cut(&rest, '.', &mark) &&
        str_equal(mark, packing->mark) && str_to_int(rest, &since) && since > 0)
        packing->since = since;
}

static enum error count_all(struct packing *packing, int64_t *count)
{
    bool found;

    return db_get_int(
        packing->task->db, count, &found, packing->err,
        packing->query->admin1.size
            ? "SELECT COUNT(*) FROM (SELECT 1 FROM public_place"
              " WHERE site = $1 AND admin1 = $2 LIMIT $3) AS counted"
            : "SELECT COUNT(*) FROM (SELECT 1 FROM public_place"
              " WHERE site = $1 AND $2 = '' LIMIT $3) AS counted",
        "tti", packing->site, packing->query->admin1,
        (int64_t)PACKAGE_MOST + 1);
}

static void put_package(struct packing *packing, bool whole, int64_t count,
                        struct value *out)
{
    struct arena *arena = packing->task->arena;
    struct value *names = value_list(arena);
    /* What was written a moment ago may have an older neighbour that is being
     * written now. */
    int64_t until = packing->task->now - OVERLAP_MS;

    if (until > packing->last)
        until = packing->last;
    if (until < packing->since)
        until = packing->since;
    value_put_str(out, arena, "v",
                  str_format(arena, "%.*s.%lld", STR_ARGS(packing->mark),
                             (long long)until));
    value_put_bool(out, arena, "whole", whole);
    value_put_int(out, arena, "count",
                  count > PACKAGE_MOST ? PACKAGE_MOST : count);
    value_put_bool(out, arena, "complete", count <= PACKAGE_MOST);
    for (const char *const *at = columns; whole && *at; at++)
        add(packing, names, str_of(*at));
    if (whole)
        value_put(out, arena, "columns", names);
    value_put(out, arena, "places", packing->places);
    value_put(out, arena, "gone", packing->gone);
}

enum error directory_package(struct task *task,
                             const struct package_query *query,
                             struct value **package, struct err *err)
{
    struct packing packing = {.task = task, .query = query, .err = err};
    struct package_query plain = *query;
    bool whole;
    size_t packed = 0;
    int64_t count = 0;
    enum error error;

    if (!plain.admin1.at)
        plain.admin1 = STR("");
    packing.query = &plain;
    packing.site = log_site(&task->office->log, STR("place"));
    packing.places = value_list(task->arena);
    packing.gone = value_list(task->arena);
    read_version(&packing);
    error = count_all(&packing, &count);
    packing.share = LETTERS / (size_t)(count < 1              ? 1
                                       : count > PACKAGE_MOST ? PACKAGE_MOST
                                                              : count);
    whole = packing.since == 0 || count > PACKAGE_MOST;
    if (whole)
        packing.since = 0;
    if (!error)
        error = pack_places(&packing,
                            !whole ? since_sql
                            : plain.admin1.size && count <= PACKAGE_MOST
                                ? state_sql
                                : whole_sql,
                            &packed);
    if (!error && !whole)
        error = pack_gone(&packing);
    if (error)
        return error;
    *package = value_object(task->arena);
    put_package(&packing, whole, count, *package);
    return ERROR_NONE;
}
