/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* count.c - how many records a change of a form touches.
 *
 * Who publishes a version wants the number beside every question that changes,
 * and a table may have a hundred thousand rows. So all questions of one table
 * are counted in one pass: an aggregate each. An answer counts wherever it
 * stands: in the column of any version, or in _other.
 */
#include "store/driver.h"
#include "store/project.h"
#include "store/tables.h"

enum { COUNT_TERMS_MAX = 400, COUNT_VALUES_MAX = 10000 };

struct counting {
    const struct form_tables *tables;
    struct arena *arena;
    struct str site;
    struct answer_count *count;
    size_t counts;
    struct db_value *value; /* $1 is the site */
    size_t values;
    int64_t **out; /* where each aggregate goes */
    size_t terms;
};

static size_t bind_text(struct counting *counting, struct str text)
{
    counting->value[counting->values] =
        (struct db_value){.type = 't', .t = text};
    return ++counting->values;
}

/* Is a question of this path in the tables of that one? Siblings are read
 * together with the form's own. */
static bool stands_in(struct str path, struct str in, struct str *key)
{
    return str_equal(tables_path(path, key), in);
}

/* "(c_a IS NOT NULL OR c_a_2 IS NOT NULL OR …)" */
static void put_answered(struct counting *counting, struct buf *sql,
                         struct str in, struct str key, const char *other)
{
    const struct form_tables *tables = counting->tables;
    size_t name = bind_text(
        counting, str_format(counting->arena, "\"%.*s\":", STR_ARGS(key)));

    buf_printf(sql, "(replace(%s, $%zu, '') <> %s", other, name, other);
    for (size_t i = 0; i < tables->count; i++)
        for (size_t j = 0;
             str_equal(tables->table[i].path, in) && j < tables->table[i].count;
             j++)
            if (tables->table[i].column[j].type != 'r' &&
                str_equal(tables->table[i].column[j].key, key))
                buf_printf(sql, " OR %s IS NOT NULL",
                           tables->table[i].column[j].name);
    buf_puts(sql, ")");
}

/* The text column that holds a select's answer, or NULL. */
static const char *code_column(const struct counting *counting, struct str path)
{
    const struct column *column = tables_find(counting->tables, path, NULL);

    return column && column->type == 't' ? column->name : NULL;
}

static void put_code(struct counting *counting, struct buf *sql,
                     const char *column, struct str code, bool several)
{
    size_t at = bind_text(
        counting,
        several ? str_format(counting->arena, " %.*s ", STR_ARGS(code)) : code);

    if (several)
        buf_printf(sql,
                   "replace(' ' || %s || ' ', $%zu, '') <> ' ' || %s || ' '",
                   column, at, column);
    else
        buf_printf(sql, "%s = $%zu", column, at);
}

/* One aggregate: rows of the form, or different records among its rows. */
static void begin_term(struct counting *counting, struct buf *sql, bool rows,
                       int64_t *out)
{
    buf_puts(sql, counting->terms ? ", " : "SELECT ");
    buf_puts(sql, rows ? "COUNT(DISTINCT CASE WHEN " : "COUNT(CASE WHEN ");
    counting->out[counting->terms++] = out;
}

static void end_term(struct buf *sql, bool rows)
{
    buf_puts(sql, rows ? " THEN _record END)" : " THEN 1 END)");
}

static void put_question(struct counting *counting, struct buf *sql,
                         struct str in, struct str key,
                         struct answer_count *count)
{
    const char *column = code_column(counting, count->path);
    bool rows = in.size > 0;

    begin_term(counting, sql, rows, &count->records);
    put_answered(counting, sql, in, key, "_other");
    end_term(sql, rows);
    for (size_t i = 0;
         column && i < count->codes && counting->values < COUNT_VALUES_MAX;
         i++) {
        begin_term(counting, sql, rows, &count->with[i]);
        put_code(counting, sql, column, count->code[i], count->several);
        end_term(sql, rows);
    }
}

static enum error run(struct counting *counting, struct db *db, const char *sql,
                      struct err *err)
{
    struct rows rows;

    db_query_values(db, &rows, err, sql, counting->value, counting->values);
    if (rows_next(&rows))
        for (size_t i = 0; i < counting->terms; i++)
            *counting->out[i] = rows_int(&rows, i);
    return rows_end(&rows);
}

/* Counts the questions of one table from *next on, as many as go into one
 * statement. */
static enum error count_some(struct counting *counting, struct db *db,
                             const struct table *table, size_t *next,
                             int64_t *records, struct err *err)
{
    bool rows = table->path.size > 0;
    struct buf sql;
    struct str key;

    buf_init(&sql, counting->arena);
    counting->terms = 0;
    counting->values = 1;
    if (records) {
        begin_term(counting, &sql, rows, records);
        buf_puts(&sql, "1 = 1");
        end_term(&sql, rows);
    }
    for (; *next < counting->counts && counting->terms < COUNT_TERMS_MAX;
         ++*next) {
        struct answer_count *count = &counting->count[*next];

        if (stands_in(count->path, table->path, &key))
            put_question(counting, &sql, table->path, key, count);
    }
    if (!counting->terms)
        return ERROR_NONE;
    buf_printf(&sql, " FROM %s WHERE _site = $1%s",
               rows ? table->name : counting->tables->from,
               rows ? "" : " AND _state <> 'erased'");
    if (arena_failed(counting->arena))
        return err_memory(err);
    return run(counting, db, str_c(counting->arena, buf_str(&sql)), err);
}

static bool counting_init(struct counting *counting)
{
    struct arena *arena = counting->arena;
    size_t most = COUNT_TERMS_MAX + 2;

    for (size_t i = 0; i < counting->counts; i++) {
        struct answer_count *count = &counting->count[i];

        count->records = 0;
        count->with = ARENA_ARRAY(arena, int64_t, count->codes + 1);
        most += count->codes;
        if (!count->with)
            return false;
    }
    counting->value =
        ARENA_ARRAY(arena, struct db_value, COUNT_VALUES_MAX + most);
    counting->out = ARENA_ARRAY(arena, int64_t *, most + counting->counts);
    if (!counting->value || !counting->out)
        return false;
    counting->value[0] = (struct db_value){.type = 't', .t = counting->site};
    return true;
}

enum error project_count(struct db *db, struct str site, struct str kind,
                         struct answer_count *count, size_t counts,
                         struct arena *arena, int64_t *records, struct err *err)
{
    struct counting counting = {
        .arena = arena, .site = site, .count = count, .counts = counts};
    enum error error = tables_of(db, kind, NULL, &counting.tables, err);

    *records = 0;
    if (!counting_init(&counting))
        return err_memory(err);
    if (error || !counting.tables)
        return error;
    for (size_t i = 0; i < counting.tables->count && !error; i++) {
        const struct table *table = &counting.tables->table[i];
        size_t next = 0;

        if (table->sibling)
            continue;
        error =
            count_some(&counting, db, table, &next, i ? NULL : records, err);
        while (!error && next < counts)
            error = count_some(&counting, db, table, &next, NULL, err);
    }
    return error;
}

enum error project_answers(struct db *db, struct str site, struct str kind,
                           struct str path, answer_taker take, void *context,
                           struct err *err)
{
    const struct form_tables *tables = NULL;
    const struct table *table = NULL;
    const struct column *column;
    enum error error = tables_of(db, kind, NULL, &tables, err);
    struct arena arena;
    struct rows rows;

    column = error || !tables ? NULL : tables_find(tables, path, &table);
    if (!column || column->type == 'r')
        return error;
    arena_init(&arena, NULL);
    db_query(db, &rows, err,
             str_c(&arena, str_format(&arena,
                                      "SELECT %s, COUNT(*) FROM %s WHERE %s ="
                                      " $1 AND %s IS NOT NULL GROUP BY %s",
                                      column->name, table->name,
                                      table->sibling ? "_row_site" : "_site",
                                      column->name, column->name)),
             "t", site);
    while (rows_next(&rows)) {
        struct arena one;

        arena_init(&one, NULL);
        take(context, column_text(&rows, 0, column->type, &one),
             rows_int(&rows, 1));
        arena_release(&one);
    }
    error = rows_end(&rows);
    arena_release(&arena);
    return error;
}
