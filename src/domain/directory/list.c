/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* list.c - places that fit, by name, stale ones last: two ordered walks, so
 * that the first page reads few rows.
 *
 * A walk goes through all places in the order of their names, those of a state
 * when one is asked for, and stops when the page is full. Where something that
 * is asked for has few places (words or the town, a need, what has no position,
 * what is stale, or is not) those alone are read and sorted: else a million
 * names would be passed to find that one fits.
 */
#include "domain/directory/finding.h"

enum {
    LOOKED = 5000, /* to find what is open */
    SKIPPED = 100000
};

enum walk {
    BY_NAME,
    BY_STATE,
    BY_WORD,
    BY_FLAG, /* and the few that are called so */
    BY_NEED,
    NOWHERE,
    FRESH,
    STALE,
    WALKS
};

#define LIST_FROM LIST_OF(CALLED("public_place.id", "$10", "$11", "$12", "$13"))
#define LIST_OF(first)                                                         \
    "SELECT " PLACE_COLUMNS " FROM public_place"                               \
    " WHERE public_place.site = $1"                                            \
    " AND (public_place.due > $2) = ($3 = 1)"                                  \
    " AND ($4 = '' OR public_place.admin1 = $4)"                               \
    " AND ($5 = '' OR public_place.municipality = $5)"                         \
    " AND ($6 = '' OR public_place.place_type = $6)"                           \
    " AND (public_place.flags & $7) = $7"                                      \
    " AND ($8 = '*' OR EXISTS (SELECT 1 FROM public_near"                      \
    " WHERE public_near.site = $1 AND public_near.place = public_place.id"     \
    " AND public_near.key = $8))" first CALLED("public_place.id", "$14",       \
                                               "$15", "$16", "$17")            \
        CALLED("public_place.id", "$18", "$19", "$20", "$21")
#define LISTED_FIRST                                                           \
    LISTED("$10", "$11", "$22", "$23", "$24", "$25", "$26", "$27", "$28",      \
           "$29", "$30")
#define LIST_WALKED " ORDER BY public_place.folded, public_place.id LIMIT $9"
/* not along the index of names */
#define LIST_SORTED                                                            \
    " ORDER BY public_place.folded || '', public_place.id LIMIT $9"

static const char *const list_sql[WALKS] = {
    [BY_NAME] = LIST_FROM LIST_WALKED,
    [BY_STATE] = LIST_FROM " AND public_place.admin1 = $4" LIST_WALKED,
    [BY_WORD] =
        LIST_FROM " AND public_place.id IN (" LISTED_FIRST ")" LIST_SORTED,
    [BY_FLAG] = LIST_OF(" AND ((public_place.flags & $13) = $13 OR "
                        "public_place.id IN (" LISTED_FIRST "))") LIST_WALKED,
    [BY_NEED] = LIST_FROM
    " AND public_place.id IN (SELECT few.place FROM public_near AS few"
    " WHERE few.site = $1 AND few.key = $8)" LIST_SORTED,
    [NOWHERE] = LIST_FROM
    " AND public_place.id IN (SELECT few.place FROM public_near AS few"
    " WHERE few.site = $1 AND few.key = $8 AND few.cell = -1)" LIST_SORTED,
    [FRESH] = LIST_FROM
    " AND public_place.id IN (SELECT few.id FROM public_place AS few"
    " WHERE few.site = $1 AND few.due > $2)" LIST_SORTED,
    [STALE] = LIST_FROM
    " AND public_place.id IN (SELECT few.id FROM public_place AS few"
    " WHERE few.site = $1 AND few.due <= $2)" LIST_SORTED,
};

#define COUNTED(rows)                                                          \
    "SELECT COUNT(*) FROM (SELECT 1 FROM " rows " LIMIT $3) AS counted"

/* Are there few with the key? */
static enum error few_keys(const struct finding *finding, const char *sql,
                           bool *few)
{
    int64_t count = 0;
    bool found;
    enum error error =
        db_get_int(finding->task->db, &count, &found, finding->err, sql, "tti",
                   finding->site, finding->key, (int64_t)FINDING_FEW + 1);

    *few = !error && count <= FINDING_FEW;
    return error;
}

static enum error few_days(const struct finding *finding, const char *sql,
                           bool *few)
{
    int64_t count = 0;
    bool found;
    enum error error =
        db_get_int(finding->task->db, &count, &found, finding->err, sql, "tii",
                   finding->site, finding->today, (int64_t)FINDING_FEW + 1);

    *few = !error && count <= FINDING_FEW;
    return error;
}

/* The first that few places fit, of what is asked for. fresh: those are wanted
 * that are not stale. */
static enum error choose(struct finding *finding, bool fresh, enum walk *walk)
{
    enum error error = ERROR_NONE;
    bool few = false;

    *walk = BY_WORD;
    if (finding->words)
        error = finding_rarest_first(finding, false, &few);
    if (error || few)
        return error;
    *walk = NOWHERE; /* what is protected has no position */
    if (finding->query->flags & PUBLIC_PROTECTED)
        error = few_keys(finding,
                         COUNTED("public_near WHERE site = $1 AND key = $2"
                                 " AND cell = -1"),
                         &few);
    if (error || few)
        return error;
    *walk = BY_NEED;
    if (!str_equal_c(finding->key, "*"))
        error = few_keys(
            finding, COUNTED("public_near WHERE site = $1 AND key = $2"), &few);
    if (error || few)
        return error;
    *walk = fresh ? FRESH : STALE;
    error =
        few_days(finding,
                 fresh ? COUNTED("public_place WHERE site = $1 AND due > $2")
                       : COUNTED("public_place WHERE site = $1 AND due <= $2"),
                 &few);
    if (error || few)
        return error;
    *walk = BY_FLAG;
    if (finding->words)
        error = finding_rarest_first(finding, true, &few);
    if (!few)
        *walk = finding->admin1.size ? BY_STATE : BY_NAME;
    return error;
}

/* Rows of one half, fresh or stale, until one more than wanted is there. */
static enum error list_half(struct finding *finding, bool fresh,
                            struct public_place *list, size_t *count,
                            size_t *skip)
{
    struct task *task = finding->task;
    const struct near_query *query = finding->query;
    int64_t most = (int64_t)(*skip + finding->limit + 1);
    const struct finding_word *word = finding->word;
    enum walk walk;
    struct rows rows;
    enum error error = choose(finding, fresh, &walk);

    if (error)
        return error;
    if (query->open_now && most < LOOKED)
        most = LOOKED;
    db_query(task->db, &rows, finding->err, list_sql[walk],
             walk == BY_WORD || walk == BY_FLAG
                 ? "tiitttiti" CALLED_TYPES CALLED_TYPES CALLED_TYPES
                   "ttttttttt"
                 : "tiitttiti" CALLED_TYPES CALLED_TYPES CALLED_TYPES,
             finding->site, finding->today, (int64_t)fresh, finding->admin1,
             finding->municipality, finding->place_type, (int64_t)query->flags,
             finding->key, most, CALLED_VALUES(word[0]), CALLED_VALUES(word[1]),
             CALLED_VALUES(word[2]), word[0].key[0], word[0].key[1],
             word[0].key[2], word[0].key[3], word[0].key[4], word[0].key[5],
             word[0].type[0], word[0].type[1], word[0].type[2]);
    while (*count <= finding->limit && rows_next(&rows)) {
        if (!finding_passes(finding, (unsigned)rows_int(&rows, 8),
                            rows_text(&rows, 10)))
            continue;
        if (*skip > 0) {
            (*skip)--;
            continue;
        }
        public_place_read(&rows, task->arena, &list[*count]);
        public_place_judge(task, &list[(*count)++]);
    }
    return rows_end(&rows);
}

enum error directory_list(struct task *task, const struct near_query *query,
                          struct near_found *found, struct err *err)
{
    struct finding finding;
    struct public_place *list;
    size_t count = 0;
    size_t skip = query->offset < SKIPPED ? query->offset : SKIPPED;
    enum error error;

    *found = (struct near_found){.complete = true};
    finding_init(&finding, task, query, err);
    /* a town is among the words of its places */
    finding_take_words(&finding, finding.municipality);
    list = ARENA_ARRAY(task->arena, struct public_place, finding.limit + 2);
    if (!list)
        return err_memory(err);
    error = list_half(&finding, true, list, &count, &skip);
    if (!error && count <= finding.limit)
        error = list_half(&finding, false, list, &count, &skip);
    if (error)
        return error;
    found->more = count > finding.limit;
    found->count = found->more ? finding.limit : count;
    found->place = list;
    return ERROR_NONE;
}
