/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rows.c - a record's way into its tables and out again.
 *
 * What is written is a fold; what is read is the same fold: an answer that its
 * column cannot hold as it stands goes to _other as well. JSON in _why,
 * _conflict and _other has its names sorted, so that equal folds are equal
 * bytes.
 */
#include <assert.h>
#include <math.h>

#include "core/date.h"
#include "store/driver.h"
#include "store/tables.h"

enum { SYSTEM_MAIN = 11, SYSTEM_CHILD = 6, LIST_SYSTEM = 10 };

/* --- SQL, made once per connection and form ------------------------------- */

static void put_numbers(struct buf *sql, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        buf_printf(sql, i > 1 ? ",$%zu" : "$%zu", i);
}

static void table_columns(struct table *table, struct arena *arena)
{
    struct buf names;

    buf_init(&names, arena);
    for (size_t i = 0; i < table->count; i++) {
        if (table->column[i].type == 'r')
            continue;
        buf_printf(&names, ",%s", table->column[i].name);
        table->width++;
    }
    table->columns = str_c(arena, buf_str(&names));
}

static void put_update(struct buf *sql, const struct table *table,
                       const char *first)
{
    const char *comma = *first ? "," : "";

    buf_puts(sql, first);
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->column[i].name;

        if (table->column[i].type == 'r')
            continue;
        buf_printf(sql, "%s%s=excluded.%s", comma, name, name);
        comma = ",";
    }
}

static void sql_main(struct table *table, struct arena *arena)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_printf(&sql,
               "INSERT INTO %s (_site,_id,_subject,_clock,_created,_author,"
               "_state,_version,_why,_conflict,_other%s) VALUES (",
               table->name, table->columns);
    put_numbers(&sql, SYSTEM_MAIN + table->width);
    buf_puts(&sql, ") ON CONFLICT (_site,_id) DO UPDATE SET ");
    put_update(&sql, table,
               "_subject=excluded._subject,_clock=excluded._clock,"
               "_created=excluded._created,_author=excluded._author,"
               "_state=excluded._state,_version=excluded._version,"
               "_why=excluded._why,_conflict=excluded._conflict,"
               "_other=excluded._other");
    table->write = str_c(arena, buf_str(&sql));
    buf_init(&sql, arena);
    buf_printf(&sql, "DELETE FROM %s WHERE _site = $1 AND _id = $2",
               table->name);
    table->clear = str_c(arena, buf_str(&sql));
}

static void sql_sibling(struct table *table, struct arena *arena)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_printf(&sql, "INSERT INTO %s (_row_site,_row_id%s) VALUES (",
               table->name, table->columns);
    put_numbers(&sql, 2 + table->width);
    buf_puts(&sql, ") ON CONFLICT (_row_site,_row_id) DO UPDATE SET ");
    put_update(&sql, table, "");
    table->write = str_c(arena, buf_str(&sql));
    buf_init(&sql, arena);
    buf_printf(&sql, "DELETE FROM %s WHERE _row_site = $1 AND _row_id = $2",
               table->name);
    table->clear = str_c(arena, buf_str(&sql));
}

static void sql_child(struct table *table, struct arena *arena)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_printf(&sql,
               "INSERT INTO %s (_site,_record,_index,_parent,_why,_other%s) "
               "VALUES (",
               table->name, table->columns);
    put_numbers(&sql, SYSTEM_CHILD + table->width);
    buf_puts(&sql, ")");
    table->write = str_c(arena, buf_str(&sql));
    buf_init(&sql, arena);
    buf_printf(&sql, "DELETE FROM %s WHERE _site = $1 AND _record = $2",
               table->name);
    table->clear = str_c(arena, buf_str(&sql));
    buf_init(&sql, arena);
    buf_printf(&sql,
               "SELECT _index,_parent,_why,_other%s FROM %s "
               "WHERE _site = $1 AND _record = $2 ORDER BY _index",
               table->columns, table->name);
    table->read = str_c(arena, buf_str(&sql));
}

static void sql_list(struct form_tables *tables, struct arena *arena)
{
    const char *own = tables->table[0].name;
    struct buf sql, from;

    buf_init(&from, arena);
    buf_puts(&from, own);
    for (size_t i = 1; i < tables->count; i++)
        if (tables->table[i].sibling)
            buf_printf(&from,
                       " LEFT JOIN %s ON %s._row_site = %s._site "
                       "AND %s._row_id = %s._id",
                       tables->table[i].name, tables->table[i].name, own,
                       tables->table[i].name, own);
    tables->from = str_c(arena, buf_str(&from));
    buf_init(&sql, arena);
    buf_puts(&sql, "SELECT _id,_subject,_clock,_created,_author,_state,"
                   "_version,_why,_conflict,_other");
    for (size_t i = 0; i < tables->count; i++)
        if (!tables->table[i].path.size)
            buf_puts(&sql, tables->table[i].columns);
    buf_printf(&sql, " FROM %s", tables->from);
    tables->list = str_c(arena, buf_str(&sql));
    buf_puts(&sql, " WHERE _site = $1 AND _id = $2");
    tables->table[0].read = str_c(arena, buf_str(&sql));
}

void rows_sql(struct form_tables *tables, struct arena *arena)
{
    if (!tables->count)
        return;
    for (size_t i = 0; i < tables->count; i++) {
        struct table *table = &tables->table[i];

        table_columns(table, arena);
        if (i == 0)
            sql_main(table, arena);
        else if (table->sibling)
            sql_sibling(table, arena);
        else
            sql_child(table, arena);
    }
    sql_list(tables, arena);
}

/* --- values and columns --------------------------------------------------- */

/* True when reading the column back gives the same text. */
static bool column_value(char type, const struct value *value,
                         struct arena *arena, struct db_value *out)
{
    bool scalar =
        value_type(value) != VALUE_LIST && value_type(value) != VALUE_OBJECT;
    struct str text = scalar ? value_as_text(value, arena) : STR_NULL;
    struct date date;
    int64_t i = 0;
    double d = 0;

    switch (type) {
    case 'i':
        *out = (struct db_value){.type = 'I'};
        if (!str_to_int(text, &i))
            return false;
        *out = (struct db_value){.type = 'i', .i = i};
        return str_equal(text, str_format(arena, "%lld", (long long)i));
    case 'm':
        *out = (struct db_value){.type = 'I'};
        if (!instant_parse(text, &i))
            return false;
        *out = (struct db_value){.type = 'i', .i = i};
        return str_equal(text, instant_text(arena, i));
    case 'd':
        *out = (struct db_value){.type = 'D'};
        if (!str_to_double(text, &d) || !isfinite(d))
            return false;
        *out = (struct db_value){.type = 'd', .d = d};
        return str_equal(text, value_as_text(value_number(arena, d), arena));
    case 'y':
        *out = (struct db_value){.type = 'T'};
        if (!date_parse(text, &date))
            return false;
        out->t = text;
        return true;
    default:
        *out = (struct db_value){.type = 'T'};
        if (!scalar || str_find_char(text, '\0') != SIZE_MAX)
            return false;
        out->t = text;
        return true;
    }
}

static struct db_value column_null(char type)
{
    char letter = type == 'i' || type == 'm' ? 'I' : type == 'd' ? 'D' : 'T';

    return (struct db_value){.type = letter};
}

struct str column_text(const struct rows *rows, size_t at, char type,
                       struct arena *arena)
{
    switch (type) {
    case 'i':
        return str_format(arena, "%lld", (long long)rows_int(rows, at));
    case 'm':
        return instant_text(arena, rows_int(rows, at));
    case 'd':
        return value_as_text(value_number(arena, rows_double(rows, at)), arena);
    default:
        return str_copy(arena, rows_text(rows, at));
    }
}

/* --- JSON with sorted names ----------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* NULL text for an object without members. */
static struct db_value json(const struct value *object, struct arena *arena)
{
    struct db_value out = {.type = 'T'};
    size_t count = value_count(object);
    struct str *names;
    struct buf text;

    if (!count)
        return out;
    names = ARENA_ARRAY(arena, struct str, count);
    if (!names)
        return out;
    for (size_t i = 0; i < count; i++)
        names[i] = value_name_at(object, i);
    qsort(names, count, sizeof(*names), compare_names);
    buf_init(&text, arena);
    for (size_t i = 0; i < count; i++) {
        buf_putc(&text, i ? ',' : '{');
        buf_put_json(&text, names[i]);
        buf_putc(&text, ':');
        value_write(value_get_str(object, names[i]), &text);
    }
    buf_putc(&text, '}');
    out.t = buf_str(&text);
    return out;
}

static struct value *from_json(struct str text, struct arena *arena)
{
    const struct value *parsed = NULL;
    struct err err = {0};

    if (str_is_null(text) ||
        value_parse(arena, str_copy(arena, text), &parsed, &err) ||
        value_type(parsed) != VALUE_OBJECT)
        return value_object(arena);
    return value_copy(parsed, arena);
}

/* --- writing -------------------------------------------------------------- */

struct writing {
    struct db *db;
    const struct form_tables *tables;
    const struct table_version *version;
    struct arena *arena;
    struct str site, record;
    int64_t *last; /* per table: the last _index given */
    struct err *err;
};

static size_t table_index(const struct writing *writing,
                          const struct table *table)
{
    return (size_t)(table - writing->tables->table);
}

static bool rows_of_objects(const struct value *list)
{
    if (value_type(list) != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value_count(list); i++)
        if (value_type(value_at(list, i)) != VALUE_OBJECT)
            return false;
    return true;
}

/* Fills the columns of one table from an object of answers; what no column
 * holds as it is stays in *other, which starts as all of them. */
static void fill(const struct writing *writing, const struct table *table,
                 const struct value *answers, struct value *other,
                 struct db_value *out)
{
    size_t t = table_index(writing, table);

    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->column[i];
        const struct value *answer = NULL;

        if (writing->version->has[t][i])
            answer = value_get_str(answers, column->key);
        if (column->type == 'r') {
            if (answer && rows_of_objects(answer))
                value_remove(other, column->key);
            continue;
        }
        *out = column_null(column->type);
        if (answer && value_type(answer) != VALUE_NULL &&
            column_value(column->type, answer, writing->arena, out))
            value_remove(other, column->key);
        out++;
    }
}

static struct value *all_members(const struct value *object,
                                 struct arena *arena)
{
    struct value *copy = value_object(arena);

    for (size_t i = 0; i < value_count(object); i++) {
        const struct value *member = value_at(object, i);
        struct str name = value_name_at(object, i);

        if (value_type(member) == VALUE_NULL || str_equal_c(name, "_why") ||
            (value_type(member) == VALUE_STRING && !value_text(member).size))
            continue;
        value_set(copy, arena, name, member);
    }
    return copy;
}

static enum error write_children(struct writing *writing,
                                 const struct table *table,
                                 const struct value *answers, int64_t index);

static enum error write_child(struct writing *writing,
                              const struct table *table,
                              const struct value *row, int64_t parent)
{
    size_t count = SYSTEM_CHILD + table->width;
    struct db_value *value =
        ARENA_ARRAY(writing->arena, struct db_value, count);
    struct value *other = all_members(row, writing->arena);
    int64_t index = ++writing->last[table_index(writing, table)];
    enum error error;

    if (!value)
        return err_memory(writing->err);
    fill(writing, table, row, other, value + SYSTEM_CHILD);
    value[0] = (struct db_value){.type = 't', .t = writing->site};
    value[1] = (struct db_value){.type = 't', .t = writing->record};
    value[2] = (struct db_value){.type = 'i', .i = index};
    value[3] = (struct db_value){.type = 'i', .i = parent};
    value[4] = json(value_get(row, "_why"), writing->arena);
    value[5] = json(other, writing->arena);
    error =
        db_run_values(writing->db, writing->err, table->write, value, count);
    return error ? error : write_children(writing, table, row, index);
}

/* The repeats that stand in this table's columns. */
static enum error write_children(struct writing *writing,
                                 const struct table *table,
                                 const struct value *answers, int64_t index)
{
    const struct form_tables *tables = writing->tables;
    size_t t = table_index(writing, table);
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < table->count && !error; i++) {
        const struct column *column = &table->column[i];
        const struct table *child = NULL;
        const struct value *list;

        if (column->type != 'r' || !writing->version->has[t][i])
            continue;
        list = value_get_str(answers, column->key);
        for (size_t j = 0; j < tables->count && !child; j++)
            if (strcmp(tables->table[j].name, column->name) == 0)
                child = &tables->table[j];
        if (!child || !rows_of_objects(list))
            continue;
        for (size_t j = 0; j < value_count(list) && !error; j++)
            error = write_child(writing, child, value_at(list, j), index);
    }
    return error;
}

static enum error clear_children(struct writing *writing)
{
    const struct form_tables *tables = writing->tables;
    enum error error = ERROR_NONE;

    for (size_t i = 1; i < tables->count && !error; i++)
        if (tables->table[i].path.size)
            error =
                db_run(writing->db, NULL, writing->err, tables->table[i].clear,
                       "tt", writing->site, writing->record);
    return error;
}

/* Values of the form's own table and, after them, of its siblings. */
static enum error write_wide(struct writing *writing, const struct fold *fold)
{
    const struct form_tables *tables = writing->tables;
    struct arena *arena = writing->arena;
    struct value *other = all_members(fold->answers, arena);
    enum error error = ERROR_NONE;

    for (size_t i = tables->count; i-- > 0 && !error;) {
        const struct table *table = &tables->table[i];
        size_t system = i ? 2 : SYSTEM_MAIN, count = system + table->width;
        struct db_value *value;

        if (table->path.size)
            continue;
        value = ARENA_ARRAY(arena, struct db_value, count);
        if (!value)
            return err_memory(writing->err);
        fill(writing, table, fold->answers, other, value + system);
        value[0] = (struct db_value){.type = 't', .t = writing->site};
        value[1] = (struct db_value){.type = 't', .t = writing->record};
        if (!i) {
            value[2] = (struct db_value){.type = 't', .t = fold->subject};
            value[3] = (struct db_value){.type = 'i', .i = fold->clock};
            value[4] = (struct db_value){.type = 'i', .i = fold->created};
            value[5] = (struct db_value){.type = 't', .t = fold->author};
            value[6] = (struct db_value){.type = 't', .t = fold->state};
            value[7] = (struct db_value){.type = 't', .t = fold->version};
            value[8] = json(fold->why, arena);
            value[9] = json(fold->conflicts, arena);
            value[10] = json(other, arena);
        }
        error = db_run_values(writing->db, writing->err, table->write, value,
                              count);
    }
    return error;
}

enum error rows_write(struct db *db, const struct form_tables *tables,
                      struct str site, const struct fold *fold, bool fresh,
                      struct arena *arena, struct err *err)
{
    struct writing writing = {.db = db,
                              .tables = tables,
                              .version = tables_version(tables, fold->version),
                              .arena = arena,
                              .site = site,
                              .record = fold->id,
                              .err = err};
    enum error error = ERROR_NONE;

    assert(writing.version);
    writing.last = ARENA_ARRAY(arena, int64_t, tables->count);
    if (!writing.last)
        return err_memory(err);
    error = write_wide(&writing, fold);
    if (!error && !fresh)
        error = clear_children(&writing);
    if (!error)
        error = write_children(&writing, &tables->table[0], fold->answers, 0);
    if (!error && arena_failed(arena))
        error = err_memory(err);
    return error;
}

/* --- reading -------------------------------------------------------------- */

static void take_columns(const struct rows *rows, size_t at,
                         const struct table *table, struct value *answers,
                         struct arena *arena)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->column[i];

        if (column->type == 'r')
            continue;
        if (!rows_null(rows, at))
            value_set(answers, arena, column->key,
                      value_string(arena,
                                   column_text(rows, at, column->type, arena)));
        at++;
    }
}

static void take_other(struct value *answers, struct str text,
                       struct arena *arena)
{
    struct value *other;

    if (str_is_null(text))
        return;
    other = from_json(text, arena);
    for (size_t i = 0; i < value_count(other); i++)
        value_set(answers, arena, value_name_at(other, i), value_at(other, i));
}

void rows_fold(const struct rows *rows, const struct form_tables *tables,
               struct arena *arena, struct fold *fold)
{
    size_t at = LIST_SYSTEM;

    *fold = (struct fold){
        .id = str_copy(arena, rows_text(rows, 0)),
        .kind = tables->form,
        .subject = str_copy(arena, rows_text(rows, 1)),
        .clock = rows_int(rows, 2),
        .created = rows_int(rows, 3),
        .author = str_copy(arena, rows_text(rows, 4)),
        .state = str_copy(arena, rows_text(rows, 5)),
        .version = str_copy(arena, rows_text(rows, 6)),
        .why = from_json(rows_text(rows, 7), arena),
        .conflicts = from_json(rows_text(rows, 8), arena),
        .answers = value_object(arena),
    };
    for (size_t i = 0; i < tables->count; i++) {
        if (tables->table[i].path.size)
            continue;
        take_columns(rows, at, &tables->table[i], fold->answers, arena);
        at += tables->table[i].width;
    }
    take_other(fold->answers, rows_text(rows, 9), arena);
}

/* The objects that the rows of one table became, by _index - 1. */
struct level {
    struct value **row;
    size_t count;
};

static void hang(struct value *above, struct str key, struct value *row,
                 struct arena *arena)
{
    struct value *list = value_get_mutable(above, str_c(arena, key));

    if (!list) {
        list = value_list(arena);
        value_set(above, arena, str_copy(arena, key), list);
    }
    value_add(list, arena, row);
}

static enum error read_child(struct db *db, const struct table *table,
                             struct str key, const char *const ids[2],
                             struct level level[2], struct arena *arena,
                             struct err *err)
{
    const struct level *above = &level[0];
    struct level *own = &level[1];
    struct rows rows;

    db_query(db, &rows, err, table->read, "tt", str_of(ids[0]), str_of(ids[1]));
    while (rows_next(&rows)) {
        struct value *row = value_object(arena);
        size_t at = (size_t)rows_int(&rows, 1);

        take_columns(&rows, 4, table, row, arena);
        take_other(row, rows_text(&rows, 3), arena);
        if (!rows_null(&rows, 2))
            value_put(row, arena, "_why",
                      from_json(rows_text(&rows, 2), arena));
        own->row = arena_grow(arena, own->row, own->count * sizeof(row),
                              (own->count + 1) * sizeof(row));
        if (!own->row)
            break;
        own->row[own->count++] = row;
        at = at ? at - 1 : 0;
        if (at < above->count)
            hang(above->row[at], key, row, arena);
    }
    return rows_end(&rows);
}

enum error rows_read_repeats(struct db *db, const struct form_tables *tables,
                             struct str site, struct str id,
                             struct arena *arena, struct fold *fold,
                             struct err *err)
{
    const char *ids[2] = {str_c(arena, site), str_c(arena, id)};
    struct level *level = ARENA_ARRAY(arena, struct level, tables->count);
    enum error error = ERROR_NONE;

    if (!level)
        return err_memory(err);
    level[0] = (struct level){&fold->answers, 1};
    for (size_t i = 1; i < tables->count && !error; i++) {
        const struct table *table = &tables->table[i];
        const struct table *above = &tables->table[table->parent];
        struct level pair[2] = {level[table->parent], {NULL, 0}};
        struct str key = STR("");

        if (!table->path.size)
            continue;
        for (size_t j = 0; j < above->count; j++)
            if (strcmp(above->column[j].name, table->name) == 0)
                key = above->column[j].key;
        error = read_child(db, table, key, ids, pair, arena, err);
        level[i] = pair[1];
    }
    return error;
}

enum error rows_read(struct db *db, const struct form_tables *tables,
                     struct str site, struct str id, struct arena *arena,
                     struct fold *fold, struct err *err)
{
    struct rows rows;
    bool found = false;

    *fold = (struct fold){0};
    db_query(db, &rows, err, tables->table[0].read, "tt", site, id);
    if (rows_next(&rows)) {
        rows_fold(&rows, tables, arena, fold);
        found = true;
    }
    if (rows_end(&rows))
        return rows.error;
    if (found && rows_read_repeats(db, tables, site, id, arena, fold, err))
        return err ? err->code : ERROR_STORE;
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}
