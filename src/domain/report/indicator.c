/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* indicator.c - reads the indicators, the program's and the site's, and says
 * what is wrong with them. Checking is translating: each part is written as a
 * query for both databases, which nobody runs. */
#include "domain/report/indicator.h"

#include "domain/report/report_private.h"

struct reading {
    struct arena *arena;
    struct form_problems *problems;
    size_t room;
};

static void add_problem(struct reading *reading, const struct measure *measure,
                        const char *column, const struct err *err)
{
    struct form_problems *problems = reading->problems;
    const struct catalog_table *table = measure->table;
    struct form_problem *room = problems->problem;

    if (problems->count == reading->room) {
        size_t more = reading->room ? reading->room * 2 : 8;

        room = arena_grow(reading->arena, room, reading->room * sizeof *room,
                          more * sizeof *room);
        if (!room)
            return;
        problems->problem = room;
        reading->room = more;
    }
    room[problems->count++] = (struct form_problem){
        .sheet = table->name,
        .column = str_of(column),
        .row = table->line ? table->line[measure->row] : measure->row + 2,
        .err = *err};
    problems->errors++;
}

static void add_wrong(struct reading *reading, const struct measure *measure,
                      const char *column, const char *msgid, struct str what)
{
    struct err err = {0};

    err_set(&err, ERROR_INPUT, msgid, str_c(reading->arena, what), NULL, NULL);
    add_problem(reading, measure, column, &err);
}

/* --- a row ------------------------------------------------------------------
 */

static const char *const count_words[MEASURE_COUNT] = {
    "records", "persons", "sum", "median", "share", "person_share", "per_code"};

static bool read_count(struct str word, enum measure_count *count)
{
    for (size_t i = 0; i < MEASURE_COUNT; i++)
        if (str_equal_c(word, count_words[i])) {
            *count = (enum measure_count)i;
            return true;
        }
    return false;
}

static void read_by(struct reading *reading, struct measure *measure)
{
    struct str rest = catalog_cell(measure->table, measure->row, "by"), part;

    while (rest.size && str_cut(&rest, ' ', &part)) {
        if (!part.size)
            continue;
        if (measure->by_count == MEASURE_BY_MAX) {
            add_wrong(reading, measure, "by",
                      N_("Son más de cuatro preguntas: sobra «{1}»."), part);
            return;
        }
        measure->by[measure->by_count++] = part;
    }
}

/* What stands in the row, without asking the forms. */
static void read_row(struct reading *reading, struct measure *measure)
{
    const struct catalog_table *table = measure->table;
    struct str word = catalog_cell(table, measure->row, "count");

    measure->kind = catalog_cell(table, measure->row, "kind");
    measure->date = catalog_cell(table, measure->row, "date");
    measure->filter = catalog_cell(table, measure->row, "filter");
    measure->numerator = catalog_cell(table, measure->row, "numerator");
    measure->amount = catalog_cell(table, measure->row, "amount");
    measure->query = catalog_cell(table, measure->row, "query");
    measure->sex = catalog_cell(table, measure->row, "sex");
    measure->age_band = catalog_cell(table, measure->row, "age_band");
    read_by(reading, measure);
    if (!read_count(word, &measure->count))
        add_wrong(reading, measure, "count",
                  N_("No se conoce la cuenta «{1}»: escriba records, persons, "
                     "sum, median, share, person_share o per_code."),
                  word);
}

/* --- what the columns need of each other ----------------------------------
 */

static void check_needs(struct reading *reading, const struct task *task,
                        const struct measure *measure)
{
    enum measure_count count = measure->count;
    bool share = count == MEASURE_SHARE || count == MEASURE_PERSON_SHARE;
    bool persons = count == MEASURE_PERSONS || count == MEASURE_PERSON_SHARE;

    if (measure->query.size && !measure_query_known(measure->query))
        add_wrong(reading, measure, "query",
                  N_("No hay ninguna consulta propia «{1}»."), measure->query);
    if (measure->query.size)
        return;
    if (share && !measure->numerator.size)
        add_wrong(reading, measure, "numerator",
                  N_("Una proporción necesita la condición del numerador."),
                  STR(""));
    if ((count == MEASURE_SUM || count == MEASURE_MEDIAN) &&
        !measure->amount.size)
        add_wrong(reading, measure, "amount",
                  N_("Una suma o una mediana necesita qué se suma."), STR(""));
    if (count == MEASURE_PER_CODE && !measure->by_count)
        add_wrong(reading, measure, "by",
                  N_("Para contar por código hace falta la pregunta."),
                  STR(""));
    if (persons && !measure_has_person(task, measure))
        add_wrong(reading, measure, "count",
                  N_("Los registros de «{1}» no son de una persona: no se "
                     "pueden contar personas."),
                  measure->kind);
}

/* Both databases, so that a store may move from one to the other. */
static void check_translation(struct reading *reading, struct task *task,
                              const struct measure *measure)
{
    struct period period = {20000, 20030};
    struct measured measured = {.measure = measure};
    struct measure_wrong wrong;

    if (measure->query.size && !measure_query_known(measure->query))
        return;
    for (int dialect = 0; dialect < 2; dialect++) {
        struct pass pass = {.measured = &measured, .count = 1};
        struct err err = {0};

        if (pass_write(task, period, (enum sql_dialect)dialect, &pass, &wrong,
                       &err)) {
            add_problem(reading, measure, wrong.column, &err);
            return;
        }
    }
}

static void check_measure(struct reading *reading, struct task *task,
                          const struct measure *measure)
{
    if (forms_find(task->office->forms, measure->kind, STR("")))
        check_needs(reading, task, measure);
    check_translation(reading, task, measure);
}

/* --- tables -----------------------------------------------------------------
 */

static struct indicator *find(struct indicators *list, struct str code)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(list->indicator[i].code, code))
            return &list->indicator[i];
    return NULL;
}

const struct indicator *indicator_find(const struct indicators *indicators,
                                       struct str code)
{
    for (size_t i = 0; indicators && i < indicators->count; i++)
        if (str_equal(indicators->indicator[i].code, code))
            return &indicators->indicator[i];
    return NULL;
}

static size_t rows_of(const struct catalog_table *table, struct str code)
{
    size_t count = 0;

    for (size_t row = 0; row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "code"), code))
            count++;
    return count;
}

static void read_parts(struct reading *reading,
                       const struct catalog_table *table,
                       struct indicator *indicator)
{
    size_t count = rows_of(table, indicator->code);
    bool grid = false;

    indicator->part = ARENA_ARRAY(reading->arena, struct measure, count);
    indicator->parts = 0;
    for (size_t row = 0; indicator->part && row < table->rows; row++) {
        struct measure *measure = &indicator->part[indicator->parts];

        if (!str_equal(catalog_cell(table, row, "code"), indicator->code))
            continue;
        *measure = (struct measure){.table = table, .row = row};
        read_row(reading, measure);
        grid = grid || measure->sex.size || measure->age_band.size;
        if (indicator->parts && measure->count != indicator->part[0].count)
            add_wrong(reading, measure, "count",
                      N_("Las filas de «{1}» no cuentan de la misma manera."),
                      indicator->code);
        indicator->parts++;
    }
    for (size_t i = 0; i < indicator->parts; i++)
        indicator->part[i].grid = grid;
}

/* Adds what a table says; a code that is there already is replaced. */
static void take_table(struct reading *reading, struct indicators *list,
                       const struct catalog_table *table)
{
    for (size_t row = 0; row < table->rows; row++) {
        struct str code = catalog_cell(table, row, "code");
        struct indicator *indicator = find(list, code);

        if (!code.size) {
            add_wrong(reading, &(struct measure){.table = table, .row = row},
                      "code", N_("Falta la clave del indicador."), STR(""));
            continue;
        }
        if (indicator && indicator->parts && indicator->part[0].table == table)
            continue; /* a further row of it */
        if (!indicator) {
            indicator = &list->indicator[list->count++];
            *indicator = (struct indicator){.code = code};
        }
        read_parts(reading, table, indicator);
    }
}

static enum error make_room(struct arena *arena, struct indicators *list,
                            size_t rows, struct err *err)
{
    list->indicator = ARENA_ARRAY(arena, struct indicator, rows + 1);
    return list->indicator ? ERROR_NONE : err_memory(err);
}

static void check_all(struct reading *reading, struct task *task,
                      const struct indicators *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->indicator[i].parts; j++)
            check_measure(reading, task, &list->indicator[i].part[j]);
}

/* --- the doors --------------------------------------------------------------
 */

static enum error read_site(struct office *office, struct catalog_table *table,
                            struct err *err)
{
    struct str text =
        office->files->file(office->files->context, STR("site/indicator.csv"));

    return str_is_null(text)
               ? ERROR_NONE
               : catalog_read(&office->arena, STR("site/indicator"), text,
                              table, err);
}

enum error indicators_read(struct office *office, struct db *db,
                           struct err *err)
{
    const struct catalog_table *shipped =
        catalog_table(office->catalog, "indicator");
    struct indicators *list = ARENA_NEW(&office->arena, struct indicators);
    struct catalog_table *site =
        ARENA_NEW(&office->arena, struct catalog_table);
    struct reading reading = {.arena = &office->arena};
    struct arena arena;
    struct task task;
    enum error error;

    if (!list || !site)
        return err_memory(err);
    error = read_site(office, site, err);
    if (!error)
        error = make_room(&office->arena, list,
                          (shipped ? shipped->rows : 0) + site->rows, err);
    if (error)
        return error;
    reading.problems = &list->problems;
    if (shipped)
        take_table(&reading, list, shipped);
    take_table(&reading, list, site);
    arena_init(&arena, NULL); /* what is translated only to see that it can */
    task_init(&task, office, db, &arena);
    check_all(&reading, &task, list);
    arena_release(&arena);
    office->indicators = list;
    return ERROR_NONE;
}

enum error indicators_check(struct task *task, struct str csv,
                            struct form_problems *problems, struct err *err)
{
    struct reading reading = {.arena = task->arena, .problems = problems};
    struct catalog_table table = {0};
    struct indicators list = {0};
    enum error error =
        catalog_read(task->arena, STR("indicator"), csv, &table, err);

    if (!error && catalog_column(&table, "code") == SIZE_MAX)
        error = err_set(err, ERROR_INPUT, N_("Falta la columna «{1}»."), "code",
                        NULL, NULL);
    if (!error)
        error = make_room(task->arena, &list, table.rows, err);
    if (error)
        return error;
    take_table(&reading, &list, &table);
    check_all(&reading, task, &list);
    return ERROR_NONE;
}
