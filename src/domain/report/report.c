/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report.c - counts the month: one pass over the table of each kind, added up
 * by sex, age band, nationality, country of birth and what else splits an
 * indicator.
 *
 * What an indicator is and how it is counted is catalog/indicator.csv
 * (indicator.h); measure.c writes the queries. Not known stands as a line of
 * its own in every table, so that the parts add up to the whole.
 */
#include "domain/report/report.h"

#include "core/date.h"
#include "domain/access/room.h"
#include "domain/person/age.h"
#include "domain/record/condition.h"
#include "domain/report/report_private.h"

/* -- adding up ------------------------------------------------------------- */

static struct cell *cell_of(struct counting *counting, size_t dimension,
                            struct str code)
{
    struct cells *table = &counting->cells[dimension];
    struct cell *grown;

    for (size_t i = 0; i < table->count; i++) {
        if (str_equal(table->cell[i].code, code))
            return &table->cell[i];
    }
    if (table->count == table->capacity) {
        size_t more = table->capacity ? table->capacity * 2 : 16;

        grown =
            arena_grow(counting->arena, table->cell,
                       table->capacity * sizeof *grown, more * sizeof *grown);
        if (!grown)
            return NULL;
        table->cell = grown;
        table->capacity = more;
    }
    table->cell[table->count] =
        (struct cell){.code = str_copy(counting->arena, code)};
    return &table->cell[table->count++];
}

static bool weighs(struct cell weight)
{
    return weight.all < 0 || weight.all > 0 || weight.good < 0 ||
           weight.good > 0;
}

static void add_cell(struct counting *counting, size_t dimension,
                     struct str code, struct cell weight)
{
    struct cell *cell;

    if (!weighs(weight))
        return;
    cell = cell_of(counting, dimension, code);
    if (!cell)
        return;
    cell->all += weight.all;
    cell->good += weight.good;
}

static bool seen_put(uint64_t *seen, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);

    while (seen[at] && seen[at] != hash)
        at = (at + 1) & (capacity - 1);
    if (seen[at] == hash)
        return false;
    seen[at] = hash;
    return true;
}

/* False when this person was already counted (under this kind). */
static bool first_time(struct counting *counting, struct str scope,
                       struct str person)
{
    uint64_t hash = (str_hash(person) * 1099511628211u ^ str_hash(scope)) | 1;

    if (2 * counting->seen_count >= counting->seen_capacity) {
        size_t more =
            counting->seen_capacity ? counting->seen_capacity * 4 : 1024;
        uint64_t *grown = ARENA_ARRAY(counting->arena, uint64_t, more);

        if (!grown)
            return false;
        for (size_t i = 0; i < counting->seen_capacity; i++) {
            if (counting->seen[i])
                seen_put(grown, more, counting->seen[i]);
        }
        counting->seen = grown;
        counting->seen_capacity = more;
    }
    if (!seen_put(counting->seen, counting->seen_capacity, hash))
        return false;
    counting->seen_count++;
    return true;
}

static void add_amount(struct counting *counting, double amount)
{
    if (counting->amounts == counting->amount_capacity) {
        size_t more =
            counting->amount_capacity ? counting->amount_capacity * 2 : 64;
        double *grown = arena_grow(counting->arena, counting->amount,
                                   counting->amount_capacity * sizeof *grown,
                                   more * sizeof *grown);

        if (!grown)
            return;
        counting->amount = grown;
        counting->amount_capacity = more;
    }
    counting->amount[counting->amounts++] = amount;
}

/* -- merged files ---------------------------------------------------------- */

/* Whose file a person's was merged into: the few that were. */
struct merge_pair {
    struct str from, into;
};
struct merged {
    struct merge_pair *pair;
    size_t count, capacity;
};

static bool merged_room(struct arena *arena, struct merged *merged)
{
    size_t more = merged->capacity ? merged->capacity * 2 : 32;
    size_t size = sizeof(*merged->pair);

    if (merged->count < merged->capacity)
        return true;
    merged->pair =
        arena_grow(arena, merged->pair, merged->capacity * size, more * size);
    merged->capacity = more;
    return merged->pair != NULL;
}

static enum error merged_of(struct task *task, struct str site,
                            struct merged *merged, struct err *err)
{
    struct arena *arena = task->arena;
    struct rows rows;
    const char *sql = project_sql(
        &task->office->log, task->db, arena,
        "SELECT {person}._id, {person.merged_into} FROM {person}"
        " WHERE {person}._site = $1 AND {person.merged_into} IS NOT NULL"
        " ORDER BY {person}._id",
        err);

    if (!sql)
        return err->code;
    if (db_query(task->db, &rows, err, sql, "t", site))
        return rows_end(&rows);
    while (rows_next(&rows) && merged_room(arena, merged)) {
        merged->pair[merged->count++] =
            (struct merge_pair){str_copy(arena, rows_text(&rows, 0)),
                                str_copy(arena, rows_text(&rows, 1))};
    }
    return rows_end(&rows);
}

static int compare_merged(const void *a, const void *b)
{
    const struct merge_pair *x = a, *y = b;

    return str_compare(x->from, y->from);
}

/* Of the house and its rooms, in the order of ids. */
static enum error merged_read(struct task *task, const struct str *site,
                              size_t sites, struct merged *merged,
                              struct err *err)
{
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sites; i++)
        error = merged_of(task, site[i], merged, err);
    if (merged->count > 1)
        qsort(merged->pair, merged->count, sizeof(*merged->pair),
              compare_merged);
    return error;
}

/* The file that stands; one that goes in a circle stays what it is. */
static struct str standing(const struct merged *merged, struct str person)
{
    size_t hops = 0;

    while (merged->count && hops++ <= merged->count) {
        size_t low = 0, high = merged->count;

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (str_compare(merged->pair[middle].from, person) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == merged->count || !str_equal(merged->pair[low].from, person))
            break;
        person = merged->pair[low].into;
    }
    return person;
}

/* -- rows ------------------------------------------------------------------ */

/* What every measure of a row shares. */
struct row {
    struct str person;
    struct str who[WHO];
};

static struct str row_age_band(struct arena *arena, const struct rows *rows,
                               int64_t day)
{
    struct str band = rows_text(rows, ROW_AGE);
    struct value *person;
    int age;

    if (rows_null(rows, ROW_FOUND))
        return band;
    person = value_object(arena);
    value_put_str(person, arena, "birth_date", rows_text(rows, ROW_BIRTH_DATE));
    value_put_str(person, arena, "age_on", rows_text(rows, ROW_AGE_ON));
    if (!rows_null(rows, ROW_AGE_YEARS))
        value_put_str(person, arena, "age_years",
                      str_format(arena, "%lld",
                                 (long long)rows_int(rows, ROW_AGE_YEARS)));
    age = age_on_day(person, day, true);
    return age >= 0 ? age_band(age) : band;
}

/* A person counts once under each code, whatever the rows that show her. */
static void split_row(struct counting *counting,
                      const struct measured *measured, const struct rows *rows,
                      struct str person, struct cell counted)
{
    bool persons = measured->measure->count == MEASURE_PERSONS ||
                   measured->measure->count == MEASURE_PERSON_SHARE;

    for (size_t i = 0; i < measured->measure->by_count; i++) {
        struct str code = rows_text(rows, measured->by[i]);
        struct str scope =
            str_format(counting->arena, "%zu:%.*s", i + 1, STR_ARGS(code));
        struct cell one = counted;

        if (persons) {
            one.all = code.size && first_time(counting, scope, person);
            one.good = one.all;
        }
        add_cell(counting, WHO + i, code, one);
    }
}

/* What a row adds: to all, and to what meets the numerator. */
static struct cell row_weight(struct counting *counting,
                              const struct measured *measured,
                              const struct rows *rows, struct str person)
{
    enum measure_count count = measured->measure->count;
    bool good = !measured->good || rows_int(rows, measured->good) != 0;
    struct cell weight = {.all = 1, .good = good};

    if (count == MEASURE_SUM)
        weight.all = weight.good = rows_double(rows, measured->amount);
    if (count == MEASURE_SHARE && measured->amount) {
        weight.all = rows_double(rows, measured->amount);
        weight.good *= weight.all;
    }
    if (count == MEASURE_MEDIAN && rows_null(rows, measured->amount))
        weight.all = weight.good = 0;
    else if (count == MEASURE_MEDIAN)
        add_amount(counting, rows_double(rows, measured->amount));
    if (count == MEASURE_PERSONS || count == MEASURE_PERSON_SHARE) {
        weight.all = first_time(counting, STR(""), person);
        weight.good = good && first_time(counting, STR("+"), person);
    }
    return weight;
}

static void count_row(const struct measured *measured, const struct rows *rows,
                      const struct row *row)
{
    struct counting *counting = measured->counting;
    struct cell weight = row_weight(counting, measured, rows, row->person);

    split_row(counting, measured, rows, row->person, weight);
    if (!weighs(weight))
        return;
    counting->all += weight.all;
    counting->good += weight.good;
    if (measured->measure->grid) { /* a count of each, not people */
        add_cell(counting, 0, measured->measure->sex, weight);
        add_cell(counting, 1, measured->measure->age_band, weight);
        return;
    }
    for (size_t i = 0; i < WHO; i++)
        add_cell(counting, i, row->who[i], weight);
}

static void read_row(const struct pass *pass, const struct merged *merged,
                     const struct rows *rows, int64_t day)
{
    struct arena *arena = pass->measured[0].counting->arena;
    struct row row = {
        .person = standing(merged, rows_text(rows, ROW_PERSON)),
        .who = {rows_text(rows, ROW_SEX), row_age_band(arena, rows, day),
                rows_text(rows, ROW_NATIONALITY), rows_text(rows, ROW_BIRTH)}};

    for (size_t i = 0; i < pass->count; i++) {
        const struct measured *measured = &pass->measured[i];

        if (!measured->in || rows_int(rows, measured->in) != 0)
            count_row(measured, rows, &row);
    }
}

/* -- passes ---------------------------------------------------------------- */

struct work {
    struct task *task;
    struct period period;
    struct counting *counting; /* parallel to the indicators */
    struct merged merged;
    struct str *site; /* the house and its rooms: all are counted */
    size_t sites;
};

/* Writes the query; what cannot be counted is told at its indicator and left
 * out. *count 0: nothing is left. */
static enum error write_pass(struct work *work, struct pass *pass,
                             struct err *err)
{
    while (pass->count) {
        struct measure_wrong wrong;
        struct err why = {0};
        size_t at;

        for (size_t i = 0; i < pass->count; i++)
            pass->measured[i].good = pass->measured[i].amount = NO_COLUMN;
        if (pass_write(work->task, work->period, condition_dialect(work->task),
                       pass, &wrong, &why) == ERROR_NONE)
            return ERROR_NONE;
        if (why.code == ERROR_MEMORY) {
            *err = why;
            return why.code;
        }
        at = wrong.which;
        pass->measured[at].counting->err = why;
        memmove(&pass->measured[at], &pass->measured[at + 1],
                (--pass->count - at) * sizeof(struct measured));
    }
    return ERROR_NONE;
}

static enum error run_pass(struct work *work, struct pass *pass,
                           struct err *err)
{
    struct rows rows;
    enum error error = write_pass(work, pass, err);

    for (size_t i = 0; !error && pass->count && i < work->sites; i++) {
        pass->value[0].t = work->site[i];
        error = pass_open(work->task, pass, &rows, err);
        if (error)
            return error;
        while (rows_next(&rows))
            read_row(pass, &work->merged, &rows, work->period.to_day);
        error = rows_end(&rows);
    }
    return error;
}

static size_t parts_of(const struct indicators *list)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += list->indicator[i].parts;
    return count;
}

/* Does this part go into the pass that another one begins? */
static bool together(const struct measure *a, const struct measure *b)
{
    return a == b ||
           (!a->query.size && !b->query.size && str_equal(a->kind, b->kind));
}

static enum error run_all(struct work *work, const struct indicators *list,
                          struct err *err)
{
    size_t count = parts_of(list), at = 0;
    struct arena *arena = work->task->arena;
    struct measured *all = ARENA_ARRAY(arena, struct measured, count + 1);
    struct pass pass = {0};
    enum error error = ERROR_NONE;

    pass.measured = ARENA_ARRAY(arena, struct measured, count + 1);
    if (!all || !pass.measured)
        return err_memory(err);
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->indicator[i].parts; j++)
            all[at++] =
                (struct measured){.measure = &list->indicator[i].part[j],
                                  .counting = &work->counting[i]};
    for (size_t i = 0; i < count && !error; i++) {
        if (!all[i].measure) /* it went along */
            continue;
        pass.measured[0] = all[i];
        pass.count = 1;
        for (size_t j = i + 1; j < count; j++)
            if (all[j].measure && together(all[i].measure, all[j].measure)) {
                pass.measured[pass.count++] = all[j];
                all[j].measure = NULL;
            }
        error = run_pass(work, &pass, err);
    }
    return error;
}

/* -- the report ------------------------------------------------------------ */

static enum error work_start(struct work *work, const struct indicators *list,
                             struct err *err)
{
    struct arena *arena = work->task->arena;

    if (work->period.from_day > work->period.to_day)
        return err_set(err, ERROR_INPUT,
                       N_("La fecha de inicio va antes que la final."), NULL,
                       NULL, NULL);
    work->counting = ARENA_ARRAY(arena, struct counting, list->count + 1);
    if (!work->counting)
        return err_memory(err);
    for (size_t i = 0; i < list->count; i++)
        work->counting[i] = (struct counting){.task = work->task,
                                              .indicator = &list->indicator[i],
                                              .arena = arena};
    if (room_sites(work->task, &work->site, &work->sites, err))
        return err->code;
    return merged_read(work->task, work->site, work->sites, &work->merged, err);
}

enum error report_monthly(struct task *task, struct period period,
                          struct value **report, struct err *err)
{
    const struct indicators *indicators = task->office->indicators;
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *list = value_list(arena);
    struct work work = {.task = task, .period = period};
    enum error error = work_start(&work, indicators, err);

    if (!error)
        error = run_all(&work, indicators, err);
    if (error)
        return error;
    for (size_t i = 0; i < indicators->count; i++)
        value_add(list, arena, indicator_view(&work.counting[i]));
    value_put_str(out, arena, "name", STR("monthly"));
    value_put_str(out, arena, "site", task->office->site_name);
    value_put_str(out, arena, "from",
                  date_text(arena, date_from_day(period.from_day)));
    value_put_str(out, arena, "to",
                  date_text(arena, date_from_day(period.to_day)));
    value_put_str(out, arena, "made_at", instant_text(arena, task->now));
    value_put(out, arena, "indicators", list);
    *report = out;
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* -- the records behind a figure ------------------------------------------- */

static void add_record(struct value *list, struct arena *arena,
                       const struct measured *measured, const struct rows *rows)
{
    struct value *item = value_object(arena);
    struct str person = str_copy(arena, rows_text(rows, ROW_PERSON));

    value_put_str(item, arena, "id", str_copy(arena, rows_text(rows, ROW_ID)));
    value_put_str(item, arena, "kind", measured->measure->kind);
    value_put_str(item, arena, "person", person);
    value_put_bool(item, arena, "has_person", person.size > 0);
    value_put_bool(item, arena, "good",
                   !measured->good || rows_int(rows, measured->good) != 0);
    value_add(list, arena, item);
}

static enum error part_records(struct work *work, const struct measure *part,
                               struct value *list, struct err *err)
{
    struct task *task = work->task;
    struct measured measured = {.measure = part};
    struct pass pass = {.measured = &measured, .count = 1, .listed = true};
    struct measure_wrong wrong;
    struct rows rows;
    enum error error = pass_write(task, work->period, condition_dialect(task),
                                  &pass, &wrong, err);

    if (!error)
        error = pass_open(task, &pass, &rows, err);
    if (error)
        return error;
    while (rows_next(&rows) && value_count(list) < REPORT_RECORDS_MAX)
        add_record(list, task->arena, &measured, &rows);
    return rows_end(&rows);
}

enum error report_records(struct task *task, struct period period,
                          struct str code, struct value **records,
                          struct err *err)
{
    const struct indicator *indicator =
        indicator_find(task->office->indicators, code);
    struct work work = {.task = task, .period = period};
    struct value *list = value_list(task->arena);
    enum error error = ERROR_NONE;

    if (!indicator)
        return err_set(err, ERROR_NOT_FOUND, N_("No existe ese indicador."),
                       NULL, NULL, NULL);
    for (size_t i = 0; i < indicator->parts && !error; i++)
        error = part_records(&work, &indicator->part[i], list, err);
    if (!error)
        *records = list;
    return error;
}
