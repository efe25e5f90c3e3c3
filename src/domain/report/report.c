/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report.c - counts the month: one pass over the rows of each indicator's
 * query, added up by sex, age band, nationality and country of birth.
 *
 * What an indicator is called and how it was counted is catalog/indicator.csv;
 * which rows it counts is report_sql.def. Not known stands as a line of its
 * own in every table, so that the parts add up to the whole.
 */
#include "domain/report/report.h"

#include "core/date.h"
#include "domain/person/age.h"
#include "domain/calendar.h"
#include "domain/report/report_private.h"
#include "domain/record/record.h"

const struct count_def count_table[] = {
#define COUNT(code, what, sql) {code, COUNT_##what, sql},
#include "domain/report/report_sql.def"
#undef COUNT
};
const size_t count_defs = sizeof count_table / sizeof *count_table;

enum { DIMENSIONS = 5, SEX = 0, AGE, NATIONALITY, BIRTH, KIND };

static const char *const dimension_names[DIMENSIONS] = {
    "sex", "age_band", "nationality", "country_of_birth", "kind"};

struct cell {
    struct str code;
    double good, all;
};

struct table {
    struct cell *cell;
    size_t count, capacity;
};

struct counting {
    struct task *task;
    const struct count_def *def;
    struct period period;
    struct arena *arena;
    struct table table[DIMENSIONS];
    double good, all;
    double *amount; /* for medians */
    size_t amounts, amount_capacity;
    uint64_t *seen; /* open hash of kind+person for COUNT_PERSONS */
    size_t seen_count, seen_capacity;
};

/* -- adding up ------------------------------------------------------------- */

static struct cell *cell_of(struct counting *counting, size_t dimension,
                            struct str code)
{
    struct table *table = &counting->table[dimension];
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

static void add_cell(struct counting *counting, size_t dimension,
                     struct str code, double amount, bool good)
{
    struct cell *cell = cell_of(counting, dimension, code);

    if (!cell)
        return;
    cell->all += amount;
    if (good)
        cell->good += amount;
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

/* -- rows ------------------------------------------------------------------ */

/* The columns after those of report_sql.def: the person's own. */
static const char wrapped[] =
    "WITH q (id, person, amount, kind, good, sex, age_band, nationality,"
    " country_of_birth) AS (%s) SELECT q.id, q.person, q.amount, q.kind,"
    " q.good, CASE WHEN q.person = '' THEN q.sex ELSE"
    " coalesce(p.{person.sex}, '') END, CASE WHEN q.person = '' THEN"
    " q.age_band ELSE coalesce(p.{person.age_band}, '') END,"
    " CASE WHEN q.person = '' THEN q.nationality ELSE"
    " coalesce(p.{person.nationality}, '') END,"
    " CASE WHEN q.person = '' THEN q.country_of_birth ELSE"
    " coalesce(p.{person.country_of_birth}, '') END,"
    " coalesce(p.{person.birth_date}, ''), p.{person.age_years},"
    " coalesce(p.{person.age_on}, ''), p._id, p.{person.merged_into}"
    " FROM q LEFT JOIN {person} AS p ON p._site = $1 AND p._id = q.person";

enum {
    ROW_ID,
    ROW_PERSON,
    ROW_AMOUNT,
    ROW_KIND,
    ROW_GOOD,
    ROW_SEX,
    ROW_AGE,
    ROW_NATIONALITY,
    ROW_BIRTH,
    ROW_BIRTH_DATE,
    ROW_AGE_YEARS,
    ROW_AGE_ON,
    ROW_FOUND,
    ROW_MERGED
};

static struct str row_age_band(struct counting *counting,
                               const struct rows *rows)
{
    struct arena *arena = counting->arena;
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
    age = age_on_day(person, counting->period.to_day, true);
    return age >= 0 ? age_band(age) : band;
}

static void count_row(struct counting *counting, const struct rows *rows)
{
    struct str person = rows_text(rows, ROW_PERSON);
    struct str kind = rows_text(rows, ROW_KIND);
    double amount = rows_double(rows, ROW_AMOUNT);
    bool good = rows_int(rows, ROW_GOOD) != 0;
    bool whole = true; /* counts in the total and the four dimensions */

    if (counting->def->what == COUNT_MEDIAN) {
        add_amount(counting, amount);
        amount = 1;
    }
    if (counting->def->what == COUNT_PERSONS) {
        amount = 1;
        if (kind.size && first_time(counting, kind, person))
            add_cell(counting, KIND, kind, 1, good);
        whole = first_time(counting, STR(""), person);
    } else if (kind.size || counting->def->what == COUNT_CASES) {
        add_cell(counting, KIND, kind, amount, good);
    }
    if (!whole)
        return;
    counting->all += amount;
    if (good)
        counting->good += amount;
    add_cell(counting, SEX, rows_text(rows, ROW_SEX), amount, good);
    add_cell(counting, AGE, row_age_band(counting, rows), amount, good);
    add_cell(counting, NATIONALITY, rows_text(rows, ROW_NATIONALITY), amount,
             good);
    add_cell(counting, BIRTH, rows_text(rows, ROW_BIRTH), amount, good);
}

static enum error open_rows(struct task *task, const struct count_def *def,
                            struct period period, struct rows *rows,
                            struct err *err)
{
    struct arena *arena = task->arena;
    struct buf text;
    const char *sql, *hole;
    struct db_value value[6] = {
        {.type = 't', .t = task->office->log.site},
        {.type = 't', .t = date_text(arena, date_from_day(period.from_day))},
        {.type = 't', .t = date_text(arena, date_from_day(period.to_day))},
        {.type = 'i', .i = calendar_day_end(task, period.from_day - 1) + 1},
        {.type = 'i', .i = calendar_day_end(task, period.to_day)},
        {.type = 'i', .i = task->now}};

    buf_init(&text, arena);
    hole = strstr(wrapped, "%s");
    buf_add(&text, wrapped, (size_t)(hole - wrapped));
    buf_puts(&text, def->sql);
    buf_puts(&text, hole + 2);
    sql = project_sql(&task->office->log, task->db, arena,
                      str_c(arena, buf_str(&text)), err);
    if (!sql)
        return err->code;
    return db_query_values(task->db, rows, err, sql, value, 6);
}

static enum error count_rows(struct counting *counting, struct err *err)
{
    struct rows rows;
    enum error error =
        open_rows(counting->task, counting->def, counting->period, &rows, err);

    if (error != ERROR_NONE)
        return error;
    while (rows_next(&rows))
        count_row(counting, &rows);
    return rows_end(&rows);
}

/* -- words ----------------------------------------------------------------- */

static struct str choice_label(const struct task *task, const char *kind,
                               const char *key, struct str code)
{
    const struct form *form =
        forms_find(task->office->forms, str_of(kind), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;
    const struct choice *choice = question && question->choices
                                      ? choice_find(question->choices, code)
                                      : NULL;

    return choice ? texts_in(form, choice->label, task->language) : code;
}

static struct str user_name(struct task *task, struct str id)
{
    struct record user;
    struct err ignored = {0};

    if (record_read(&task->office->log, task->db, STR("user"), id, task->arena,
                    &user, &ignored) != ERROR_NONE)
        return id;
    return value_text_of(user.answers, "display_name");
}

static struct str cell_label(const struct counting *counting, size_t dimension,
                             struct str code)
{
    struct task *task = counting->task;
    const char *indicator = counting->def->code;

    if (!code.size)
        return translate(task->translator, str_of(N_("Sin dato")));
    switch (dimension) {
    case SEX:
        return choice_label(task, "person", "sex", code);
    case AGE:
        return catalog_name(task->office->catalog, "age_band", code,
                            task->language);
    case NATIONALITY:
    case BIRTH:
        return catalog_name(task->office->catalog, "country", code,
                            task->language);
    default:
        break;
    }
    if (strcmp(indicator, "REG-05") == 0)
        return catalog_name(task->office->catalog, "profile", code,
                            task->language);
    if (strcmp(indicator, "ASI-03") == 0)
        return catalog_name(task->office->catalog, "place_type", code,
                            task->language);
    if (strcmp(indicator, "ASI-07") == 0)
        return choice_label(task, "referral", "denial_reason", code);
    if (strcmp(indicator, "ASI-08") == 0)
        return user_name(task, code);
    return catalog_name(task->office->catalog, "service", code, task->language);
}

/* -- the tree -------------------------------------------------------------- */

static int cell_order(const struct counting *counting, size_t dimension,
                      const struct cell *a, const struct cell *b)
{
    const struct catalog_table *bands;

    if (!a->code.size != !b->code.size)
        return a->code.size ? -1 : 1; /* not known last */
    if (dimension == AGE) {
        bands = catalog_table(counting->task->office->catalog, "age_band");
        return catalog_find(bands, a->code) < catalog_find(bands, b->code) ? -1
                                                                           : 1;
    }
    if (a->all > b->all || a->all < b->all)
        return a->all > b->all ? -1 : 1;
    return str_compare(a->code, b->code);
}

static void sort_cells(const struct counting *counting, size_t dimension)
{
    const struct table *table = &counting->table[dimension];

    for (size_t i = 1; i < table->count; i++) {
        struct cell moved = table->cell[i];
        size_t j = i;

        while (j > 0 && cell_order(counting, dimension, &moved,
                                   &table->cell[j - 1]) < 0) {
            table->cell[j] = table->cell[j - 1];
            j--;
        }
        table->cell[j] = moved;
    }
}

static struct value *number(struct arena *arena, double n)
{
    int64_t whole = (int64_t)n;

    if ((double)whole <= n && (double)whole >= n)
        return value_int(arena, whole);
    return value_number(arena, (double)(int64_t)(n * 10 + 0.5) / 10);
}

static struct value *cells(const struct counting *counting, size_t dimension)
{
    struct arena *arena = counting->task->arena;
    const struct table *table = &counting->table[dimension];
    bool share = counting->def->what == COUNT_SHARE;
    struct value *list = value_list(arena);
    double most = 0;

    sort_cells(counting, dimension);
    for (size_t i = 0; i < table->count; i++) {
        if (table->cell[i].all > most)
            most = table->cell[i].all;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct cell *cell = &table->cell[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "code", cell->code);
        value_put_str(item, arena, "label",
                      cell_label(counting, dimension, cell->code));
        value_put(item, arena, "count",
                  number(arena, share ? cell->good : cell->all));
        value_put(item, arena, "of", number(arena, cell->all));
        value_put_int(item, arena, "bar",
                      most > 0 ? (int64_t)(100 * cell->all / most + 0.5) : 0);
        value_add(list, arena, item);
    }
    return list;
}

static int compare_amounts(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static double median(double *amount, size_t count)
{
    qsort(amount, count, sizeof *amount, compare_amounts);
    return count % 2 ? amount[count / 2]
                     : (amount[count / 2 - 1] + amount[count / 2]) / 2;
}

static void put_figure(struct counting *counting, struct value *item)
{
    struct arena *arena = counting->task->arena;
    bool share = counting->def->what == COUNT_SHARE;
    struct value *figure = number(arena, counting->all);
    bool known = true;

    if (share) {
        known = counting->all > 0;
        figure = known ? number(arena, 100 * counting->good / counting->all)
                       : value_null(arena);
    } else if (counting->def->what == COUNT_MEDIAN) {
        known = counting->amounts > 0;
        figure =
            known ? number(arena, median(counting->amount, counting->amounts))
                  : value_null(arena);
    } else if (strcmp(counting->def->code, "ASI-08") == 0) {
        known = counting->table[KIND].count > 0;
        figure = known ? number(arena, counting->all /
                                           (double)counting->table[KIND].count)
                       : value_int(arena, 0);
        known = true;
    }
    value_put(item, arena, "value", figure);
    value_put_bool(item, arena, "known", known);
    value_put_bool(item, arena, "share", share);
    value_put(item, arena, "numerator",
              number(arena, share ? counting->good : counting->all));
    value_put(item, arena, "denominator", number(arena, counting->all));
}

static struct value *indicator_part(struct counting *counting)
{
    struct task *task = counting->task;
    struct arena *arena = task->arena;
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "indicator");
    struct str code = str_of(counting->def->code);
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;
    struct value *item = value_object(arena), *by = value_object(arena);

    value_put_str(item, arena, "code", code);
    if (row != SIZE_MAX) {
        value_put_str(item, arena, "version",
                      catalog_cell(table, row, "version"));
        value_put_str(item, arena, "label",
                      catalog_label(table, row, "label", task->language));
        value_put_str(item, arena, "how_counted",
                      catalog_label(table, row, "how_counted", task->language));
        value_put_str(item, arena, "unit", catalog_cell(table, row, "unit"));
    }
    put_figure(counting, item);
    for (size_t i = 0; i < KIND; i++)
        value_put(by, arena, dimension_names[i], cells(counting, i));
    value_put(item, arena, "by", by);
    value_put(item, arena, "rows", cells(counting, KIND));
    value_put_bool(item, arena, "has_rows",
                   counting->table[KIND].count > 1 ||
                       (counting->table[KIND].count == 1 &&
                        counting->table[KIND].cell[0].code.size > 0));
    value_put_bool(item, arena, "has_by", counting->all > 0);
    return item;
}

enum error report_monthly(struct task *task, struct period period,
                          struct value **report, struct err *err)
{
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *list = value_list(arena);
    enum error error;

    if (period.from_day > period.to_day)
        return err_set(err, ERROR_INPUT,
                       N_("La fecha de inicio va antes que la final."), NULL,
                       NULL, NULL);
    for (size_t i = 0; i < count_defs; i++) {
        struct counting counting = {.task = task,
                                    .def = &count_table[i],
                                    .period = period,
                                    .arena = arena};

        if ((error = count_rows(&counting, err)) != ERROR_NONE)
            return error;
        value_add(list, arena, indicator_part(&counting));
    }
    value_put_str(out, arena, "name", STR("monthly"));
    value_put_str(out, arena, "site", task->office->site_name);
    value_put_str(out, arena, "from",
                  date_text(arena, date_from_day(period.from_day)));
    value_put_str(out, arena, "to",
                  date_text(arena, date_from_day(period.to_day)));
    value_put_str(out, arena, "made_at", instant_text(arena, task->now));
    value_put(out, arena, "indicators", list);
    *report = out;
    return ERROR_NONE;
}

/* -- the records behind a figure ------------------------------------------- */

enum error report_records(struct task *task, struct period period,
                          struct str indicator, struct value **records,
                          struct err *err)
{
    struct value *list = value_list(task->arena);
    const struct count_def *def = NULL;
    struct rows rows;
    enum error error;

    for (size_t i = 0; i < count_defs; i++) {
        if (str_equal_c(indicator, count_table[i].code))
            def = &count_table[i];
    }
    if (!def)
        return err_set(err, ERROR_NOT_FOUND, N_("No existe ese indicador."),
                       NULL, NULL, NULL);
    if ((error = open_rows(task, def, period, &rows, err)) != ERROR_NONE)
        return error;
    while (rows_next(&rows) && value_count(list) < REPORT_RECORDS_MAX) {
        struct value *item = value_object(task->arena);
        struct str person = str_copy(task->arena, rows_text(&rows, ROW_PERSON));

        value_put_str(item, task->arena, "id",
                      str_copy(task->arena, rows_text(&rows, ROW_ID)));
        value_put_str(item, task->arena, "person", person);
        value_put_bool(item, task->arena, "has_person", person.size > 0);
        value_put_bool(item, task->arena, "good",
                       rows_int(&rows, ROW_GOOD) != 0);
        value_add(list, task->arena, item);
    }
    if ((error = rows_end(&rows)) == ERROR_NONE)
        *records = list;
    return error;
}
