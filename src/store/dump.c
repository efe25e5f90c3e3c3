/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dump.c - tables as bytes:
 *
 *     T name columns (name type)…     numbers of one byte, texts with a length
 *     R value…                        n, i and d with 8 bytes, t and b with 4
 *                                     bytes of length
 *     E rows                          8 bytes; nothing follows
 *
 * Rows come in the order of their primary key, a few at a time, so that a large
 * table needs no large memory.
 */
#include "store/dump.h"

#include "core/buf.h"
#include "sql/schema.h"
#include "store/driver.h"

enum { COLUMNS = 28, KEYS = 5, BATCH = 500, BATCH_LARGE = 8 };
static const uint32_t value_max = 128u * 1024 * 1024;

struct table {
    struct str name;
    struct str column[COLUMNS];
    char type[COLUMNS]; /* i, d, t, b */
    size_t columns;
    size_t key[KEYS]; /* columns of the primary key */
    size_t keys;
};

/* Made again, or not worth keeping. */
static bool is_left_out(struct str name)
{
    static const char *const left_out[] = {
        "record",      "token",          "token_set",   "token_head",
        "form_column", "session",        "throttle",    "public_place",
        "public_near", "public_service", "public_word", "public_organization"};

    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        if (str_equal_c(name, left_out[i]))
            return true;
    return false;
}

/* --- what tables there are ------------------------------------------------ */

static bool take_key(struct table *table, struct str line)
{
    struct str part;

    line =
        str_slice(line, str_find_char(line, '(') + 1, str_find_char(line, ')'));
    while (line.size && str_cut(&line, ',', &part)) {
        size_t i = 0;

        part = str_trim(part);
        while (i < table->columns && !str_equal(table->column[i], part))
            i++;
        if (i == table->columns || table->keys == KEYS)
            return false;
        table->key[table->keys++] = i;
    }
    return true;
}

static bool take_column(struct table *table, struct str line)
{
    struct str name, type;

    if (!str_cut(&line, ' ', &name) || !str_cut(&line, ' ', &type) ||
        table->columns == COLUMNS)
        return false;
    if (str_ends(type, STR(",")))
        type.size--;
    table->column[table->columns] = name;
    table->type[table->columns] = str_equal_c(type, "TEXT")       ? 't'
                                  : str_equal_c(type, "BIGINT")   ? 'i'
                                  : str_equal_c(type, "@DOUBLE@") ? 'd'
                                  : str_equal_c(type, "@BLOB@")   ? 'b'
                                                                  : 0;
    return table->type[table->columns++] != 0;
}

/* The next table of the schema; false: no more. *bad: not understood. */
static bool table_next(struct str *schema, struct table *table, bool *bad)
{
    struct str start = STR("CREATE TABLE IF NOT EXISTS "), line = STR_NULL;

    *table = (struct table){0};
    while (str_cut(schema, '\n', &line))
        if (str_starts(line, start))
            break;
    if (!str_starts(line, start))
        return false;
    line = str_slice(line, start.size, line.size);
    str_cut(&line, ' ', &table->name);
    while (str_cut(schema, '\n', &line) && !str_starts(line, STR(")"))) {
        line = str_trim(line);
        if (!line.size || str_starts(line, STR("--")) ||
            str_starts(line, STR("@INCLUDE(")))
            continue;
        if (!(str_starts(line, STR("PRIMARY KEY")) ? take_key(table, line)
                                                   : take_column(table, line)))
            *bad = true;
    }
    *bad = *bad || !table->keys;
    return true;
}

static enum error say_schema(struct str name, struct err *err)
{
    char text[80];

    snprintf(text, sizeof(text), "schema.sql: %.*s", STR_ARGS(name));
    return err_detail(err, ERROR_INTERNAL, STORE_OTHER, text);
}

/* --- writing -------------------------------------------------------------- */

struct writing {
    struct db *db;
    dump_sink sink;
    void *context;
    int64_t rows;
    struct buf out;
    struct err *err;
};

static void put_number(struct buf *out, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buf_putc(out, (char)(number >> 8 * i & 255));
}

static void put_short(struct buf *out, struct str text)
{
    buf_putc(out, (char)text.size);
    buf_put(out, text);
}

static void put_head(struct buf *out, const struct table *table)
{
    buf_putc(out, 'T');
    put_short(out, table->name);
    buf_putc(out, (char)table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        put_short(out, table->column[i]);
        buf_putc(out, table->type[i]);
    }
}

static struct db_value value_of(const struct rows *rows, char type, size_t i)
{
    struct db_value value = {.type = type};

    if (rows_null(rows, i))
        value.type = 'n';
    else if (type == 'i')
        value.i = rows_int(rows, i);
    else if (type == 'd')
        value.d = rows_double(rows, i);
    else
        value.t = type == 't' ? rows_text(rows, i) : rows_bytes(rows, i);
    return value;
}

static void put_value(struct buf *out, const struct db_value *value)
{
    uint64_t bits = (uint64_t)value->i;

    buf_putc(out, value->type);
    if (value->type == 'd')
        memcpy(&bits, &value->d, 8);
    if (value->type == 'i' || value->type == 'd') {
        put_number(out, bits, 8);
    } else if (value->type != 'n') {
        put_number(out, value->t.size, 4);
        buf_put(out, value->t);
    }
}

static enum error flush(struct writing *writing)
{
    enum error error;

    if (arena_failed(writing->out.arena))
        return err_memory(writing->err);
    error =
        writing->sink(writing->context, buf_str(&writing->out), writing->err);
    buf_clear(&writing->out);
    return error;
}

/* SELECT columns FROM table [WHERE (key) > ($1, …)] ORDER BY key LIMIT n */
static const char *select_of(struct arena *arena, const struct table *table,
                             bool after)
{
    struct buf sql;
    bool large = str_equal_c(table->name, "blob");

    buf_init(&sql, arena);
    buf_puts(&sql, "SELECT ");
    for (size_t i = 0; i < table->columns; i++)
        buf_printf(&sql, "%s%.*s", i ? ", " : "", STR_ARGS(table->column[i]));
    buf_printf(&sql, " FROM %.*s", STR_ARGS(table->name));
    for (int turn = after ? 0 : 1; turn < 2; turn++) {
        buf_puts(&sql, turn ? " ORDER BY " : " WHERE (");
        for (size_t i = 0; i < table->keys; i++)
            buf_printf(&sql, "%s%.*s", i ? ", " : "",
                       STR_ARGS(table->column[table->key[i]]));
        for (size_t i = 0; !turn && i < table->keys; i++)
            buf_printf(&sql, "%s$%zu", i ? ", " : ") > (", i + 1);
        buf_puts(&sql, turn ? "" : ")");
    }
    buf_printf(&sql, " LIMIT %d", large ? BATCH_LARGE : BATCH);
    return str_c(arena, buf_str(&sql));
}

/* A few rows after `last`, which becomes their last key. *count: how many. */
static enum error write_batch(struct writing *writing,
                              const struct table *table, const char *sql,
                              bool after, struct db_value last[KEYS],
                              struct arena *keep, size_t *count)
{
    struct rows rows;
    enum error error = db_query_values(writing->db, &rows, writing->err, sql,
                                       last, after ? table->keys : 0);

    *count = 0;
    while (!error && rows_next(&rows)) {
        ++*count;
        buf_putc(&writing->out, 'R');
        for (size_t i = 0; i < table->columns; i++) {
            struct db_value value = value_of(&rows, table->type[i], i);

            put_value(&writing->out, &value);
            for (size_t k = 0; k < table->keys; k++) {
                if (table->key[k] != i)
                    continue;
                value.t = str_copy(keep, value.t);
                last[k] = value;
            }
        }
        error = flush(writing);
    }
    if (rows_end(&rows) && !error)
        error = rows.error;
    writing->rows += (int64_t)*count;
    return error;
}

static enum error write_table(struct writing *writing,
                              const struct table *table)
{
    struct db_value last[KEYS];
    struct arena arena, keep[2];
    const char *first, *next;
    size_t count = 1;
    enum error error;

    arena_init(&arena, NULL);
    arena_init(&keep[0], NULL);
    arena_init(&keep[1], NULL);
    first = select_of(&arena, table, false);
    next = select_of(&arena, table, true);
    put_head(&writing->out, table);
    error = flush(writing);
    for (int turn = 0; !error && count; turn++) {
        arena_clear(&keep[turn % 2]);
        error = write_batch(writing, table, turn ? next : first, turn > 0, last,
                            &keep[turn % 2], &count);
    }
    arena_release(&keep[0]);
    arena_release(&keep[1]);
    arena_release(&arena);
    return error;
}

enum error dump_write(struct db *db, dump_sink sink, void *context,
                      int64_t *rows, struct err *err)
{
    struct writing writing = {
        .db = db, .sink = sink, .context = context, .err = err};
    struct str schema = str_of(sql_schema);
    struct table table;
    struct arena arena;
    bool bad = false;
    enum error error = db_begin(db, false, err);

    if (error)
        return error;
    arena_init(&arena, NULL);
    buf_init(&writing.out, &arena);
    while (!error && table_next(&schema, &table, &bad)) {
        if (is_left_out(table.name))
            continue;
        error =
            bad ? say_schema(table.name, err) : write_table(&writing, &table);
    }
    buf_putc(&writing.out, 'E');
    put_number(&writing.out, (uint64_t)writing.rows, 8);
    if (!error)
        error = flush(&writing);
    arena_release(&arena);
    db_rollback(db);
    *rows = writing.rows;
    return error;
}

/* --- reading -------------------------------------------------------------- */

struct reading {
    struct db *db; /* NULL: nothing is written */
    dump_source source;
    void *context;
    struct arena *arena; /* of one row */
    struct table table;
    const char *insert;
    struct err *err;
};

static enum error say_bad(struct reading *reading, const char *what)
{
    return err_detail(reading->err, ERROR_INPUT,
                      N_("La copia de respaldo no es de Cobijo o está dañada."),
                      what);
}

static enum error get_number(struct reading *reading, size_t bytes,
                             uint64_t *number)
{
    unsigned char raw[8] = {0};
    enum error error =
        reading->source(reading->context, raw, bytes, reading->err);

    *number = 0;
    for (size_t i = 0; i < bytes; i++)
        *number |= (uint64_t)raw[i] << 8 * i;
    return error;
}

static enum error get_text(struct reading *reading, struct arena *arena,
                           size_t bytes, struct str *text)
{
    uint64_t size;
    char *at;
    enum error error = get_number(reading, bytes, &size);

    if (error)
        return error;
    if (size > value_max)
        return say_bad(reading, "a length");
    at = arena_alloc(arena, (size_t)size + 1);
    if (!at)
        return err_memory(reading->err);
    *text = (struct str){at, (size_t)size};
    return size ? reading->source(reading->context, at, (size_t)size,
                                  reading->err)
                : ERROR_NONE;
}

/* The same table of this program's schema: a backup cannot name others. */
static bool known_table(struct str name, struct table *table)
{
    struct str schema = str_of(sql_schema);
    bool bad = false;

    while (table_next(&schema, table, &bad))
        if (str_equal(table->name, name))
            return !is_left_out(name);
    return false;
}

static bool known_column(const struct table *known, struct str name, char type)
{
    for (size_t i = 0; i < known->columns; i++)
        if (str_equal(known->column[i], name))
            return known->type[i] == type;
    return false;
}

static const char *insert_of(struct arena *arena, const struct table *table)
{
    struct buf sql;

    buf_init(&sql, arena);
    buf_printf(&sql, "INSERT INTO %.*s (", STR_ARGS(table->name));
    for (size_t i = 0; i < table->columns; i++)
        buf_printf(&sql, "%s%.*s", i ? ", " : "", STR_ARGS(table->column[i]));
    for (size_t i = 0; i < table->columns; i++)
        buf_printf(&sql, "%s$%zu", i ? ", " : ") VALUES (", i + 1);
    buf_puts(&sql, ") ON CONFLICT DO NOTHING");
    return str_c(arena, buf_str(&sql));
}

static enum error read_head(struct reading *reading, struct arena *arena)
{
    struct table known, *table = &reading->table;
    uint64_t columns = 0, type = 0;
    enum error error;

    *table = (struct table){0};
    error = get_text(reading, arena, 1, &table->name);
    if (!error && !known_table(table->name, &known))
        return err_set(reading->err, ERROR_INPUT,
                       N_("La copia de respaldo es de una versión más nueva "
                          "de Cobijo. Actualice el programa."),
                       NULL, NULL, NULL);
    if (!error)
        error = get_number(reading, 1, &columns);
    if (!error && (!columns || columns > COLUMNS))
        return say_bad(reading, "columns");
    for (; !error && table->columns < columns; table->columns++) {
        size_t i = table->columns;

        error = get_text(reading, arena, 1, &table->column[i]);
        if (!error)
            error = get_number(reading, 1, &type);
        table->type[i] = (char)type;
        if (!error && !known_column(&known, table->column[i], table->type[i]))
            return say_bad(reading, "a column");
    }
    reading->insert = error ? NULL : insert_of(arena, table);
    return error;
}

static enum error read_value(struct reading *reading, char type,
                             struct db_value *value)
{
    uint64_t raw = 0;
    enum error error = get_number(reading, 1, &raw);

    *value = (struct db_value){.type = (char)raw};
    if (error)
        return error;
    if (value->type == 'n') {
        value->type = type == 'i'   ? 'I'
                      : type == 'd' ? 'D'
                      : type == 'b' ? 'B'
                                    : 'T';
        return ERROR_NONE;
    }
    if (value->type != type)
        return say_bad(reading, "a value");
    if (type == 't' || type == 'b')
        return get_text(reading, reading->arena, 4, &value->t);
    error = get_number(reading, 8, &raw);
    if (type == 'i')
        value->i = (int64_t)raw;
    else
        memcpy(&value->d, &raw, 8);
    return error;
}

static enum error read_row(struct reading *reading)
{
    struct db_value value[COLUMNS];
    const struct table *table = &reading->table;
    enum error error = ERROR_NONE;

    if (!reading->insert)
        return say_bad(reading, "a row without table");
    arena_clear(reading->arena);
    for (size_t i = 0; !error && i < table->columns; i++)
        error = read_value(reading, table->type[i], &value[i]);
    if (error || !reading->db ||
        (str_equal_c(table->name, "store_meta") &&
         str_equal_c(value[0].t, "schema")))
        return error;
    return db_run_values(reading->db, reading->err, reading->insert, value,
                         table->columns);
}

enum error dump_read(struct db *db, dump_source source, void *context,
                     int64_t *rows, struct err *err)
{
    struct arena arena, row;
    struct reading reading = {.db = db,
                              .source = source,
                              .context = context,
                              .arena = &row,
                              .err = err};
    uint64_t what = 0, told = 0;
    enum error error = ERROR_NONE;

    *rows = 0;
    arena_init(&arena, NULL);
    arena_init(&row, NULL);
    while (!error && what != 'E') {
        error = get_number(&reading, 1, &what);
        if (!error && what == 'T') {
            error = read_head(&reading, &arena);
        } else if (!error && what == 'R') {
            error = read_row(&reading);
            ++*rows;
        } else if (!error && what == 'E') {
            error = get_number(&reading, 8, &told);
        } else if (!error) {
            error = say_bad(&reading, "a mark");
        }
    }
    if (!error && told != (uint64_t)*rows)
        error = say_bad(&reading, "a count");
    arena_release(&row);
    arena_release(&arena);
    return error;
}
