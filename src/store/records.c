/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* records.c - reading projections: one record, a list, the program's own
 * queries with the names of columns filled in.
 */
#include "store/driver.h"
#include "store/project.h"
#include "store/tables.h"

#include <ctype.h>

static void record_fill(const struct fold *fold, struct arena *arena,
                        struct record *record)
{
    if (value_count(fold->why))
        value_put(fold->answers, arena, "_why", fold->why);
    *record = (struct record){
        .id = fold->id,
        .kind = fold->kind,
        .subject = fold->subject,
        .author = fold->author,
        .state = fold->state,
        .form_version = fold->version,
        .clock = fold->clock,
        .created = fold->created,
        .answers = fold->answers,
        .conflicts = value_count(fold->conflicts) ? fold->conflicts : NULL,
    };
}

static enum error not_found(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                   NULL, NULL, NULL);
}

enum error record_read(const struct log *log, struct db *db, struct str kind,
                       struct str id, struct arena *arena,
                       struct record *record, struct err *err)
{
    const struct form_tables *tables = NULL;
    struct fold fold = {0};
    enum error error = tables_of(db, kind, NULL, &tables, err);

    if (error)
        return error;
    if (!tables)
        return not_found(err);
    error = rows_read(db, tables, log_site(log, kind), id, arena, &fold, err);
    /* written with a version this connection has not heard of */
    if (!error && fold.version.size && !tables_version(tables, fold.version)) {
        error = tables_of(db, kind, &fold.version, &tables, err);
        if (!error && tables)
            error = rows_read(db, tables, log_site(log, kind), id, arena, &fold,
                              err);
    }
    if (error)
        return error;
    if (str_is_null(fold.state))
        return not_found(err);
    record_fill(&fold, arena, record);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* --- names in SQL --------------------------------------------------------- */

struct naming {
    struct db *db;
    struct arena *arena;
    const struct form_tables *tables; /* of a list; NULL: {kind.question} */
    struct err *err;
};

static enum error no_column(const struct naming *naming, struct str name)
{
    return err_set(naming->err, ERROR_INTERNAL,
                   N_("No se conoce la pregunta {1}."),
                   str_c(naming->arena, name), NULL, NULL);
}

/* repeat.key is looked up as repeat[]/key. */
static const struct column *find(const struct naming *naming,
                                 const struct form_tables *tables,
                                 struct str name)
{
    const struct column *column = tables_find(tables, name, NULL);
    size_t dot = str_find_char(name, '.');

    if (column || dot == SIZE_MAX)
        return column;
    return tables_find(tables,
                       str_format(naming->arena, "%.*s[]/%.*s", (int)dot,
                                  name.at, (int)(name.size - dot - 1),
                                  name.at + dot + 1),
                       NULL);
}

static enum error put_of_kind(const struct naming *naming, struct str name,
                              struct buf *out)
{
    const struct form_tables *tables = NULL;
    const struct column *column = NULL;
    size_t dot = str_find_char(name, '.');
    struct str kind = str_slice(name, 0, dot);

    for (int attempt = 0; attempt < 2 && !column; attempt++) {
        enum error error =
            tables_of(naming->db, kind, NULL, &tables, naming->err);

        if (error)
            return error;
        if (!tables)
            return err_set(naming->err, ERROR_INTERNAL,
                           N_("No se conoce el formulario {1}."),
                           str_c(naming->arena, kind), NULL, NULL);
        if (dot == SIZE_MAX) {
            bool plain = strcmp(tables->from, tables->table[0].name) == 0;

            buf_puts(out, plain ? "" : "(");
            buf_puts(out, tables->from);
            buf_puts(out, plain ? "" : ")");
            return ERROR_NONE;
        }
        column = find(naming, tables, str_slice(name, dot + 1, name.size));
        if (!column && naming->tables)
            break;   /* a list holds on to what would be forgotten */
        if (!column) /* installed since then, perhaps */
            tables_forget(naming->db);
    }
    if (!column)
        return no_column(naming, name);
    buf_puts(out, column->name);
    return ERROR_NONE;
}

static enum error put_name(const struct naming *naming, struct str name,
                           struct buf *out)
{
    const struct column *column;

    if (!naming->tables)
        return put_of_kind(naming, name, out);
    column = find(naming, naming->tables, name);
    if (!column) /* another kind, in a subquery */
        return put_of_kind(naming, name, out);
    buf_puts(out, column->name);
    return ERROR_NONE;
}

/* Copies SQL, replacing {name}; a brace before no letter is a brace. */
static enum error put_sql(const struct naming *naming, const char *sql,
                          struct buf *out)
{
    while (*sql) {
        const char *end = *sql == '{' && isalpha((unsigned char)sql[1])
                              ? strchr(sql, '}')
                              : NULL;
        enum error error;

        if (!end) {
            buf_putc(out, *sql++);
            continue;
        }
        error = put_name(naming, (struct str){sql + 1, (size_t)(end - sql - 1)},
                         out);
        if (error)
            return error;
        sql = end + 1;
    }
    return ERROR_NONE;
}

const char *project_sql(const struct log *log, struct db *db,
                        struct arena *arena, const char *sql, struct err *err)
{
    struct naming naming = {.db = db, .arena = arena, .err = err};
    struct buf out;

    (void)log;
    buf_init(&out, arena);
    if (put_sql(&naming, sql, &out))
        return NULL;
    if (arena_failed(arena)) {
        err_memory(err);
        return NULL;
    }
    return str_c(arena, buf_str(&out));
}

/* --- lists ---------------------------------------------------------------- */

static enum error list_sql(const struct naming *naming,
                           const struct record_filter *filter, const char **sql)
{
    enum error error = ERROR_NONE;
    size_t next = 3 + filter->value_count;
    struct buf out;

    buf_init(&out, naming->arena);
    buf_puts(&out, naming->tables->list);
    buf_puts(&out, " WHERE _site = $1 AND _state <> 'erased'");
    if (filter->subject.size)
        buf_puts(&out, " AND _subject = $2");
    if (filter->where) {
        buf_puts(&out, " AND (");
        error = put_sql(naming, filter->where, &out);
        buf_puts(&out, ")");
    }
    buf_puts(&out, " ORDER BY ");
    if (!error)
        error = put_sql(
            naming, filter->order ? filter->order : "_clock DESC, _id", &out);
    buf_printf(&out, " LIMIT $%zu OFFSET $%zu", next, next + 1);
    *sql = str_c(naming->arena, buf_str(&out));
    return error;
}

struct listing {
    struct record *record;
    struct fold *fold;
    size_t count, capacity;
};

static struct fold *listing_next(struct listing *listing, struct arena *arena)
{
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity ? listing->capacity * 2 : 16;
        size_t size = sizeof(struct fold);
        struct fold *grown = arena_grow(
            arena, listing->fold, listing->capacity * size, capacity * size);

        if (!grown)
            return NULL;
        listing->fold = grown;
        listing->capacity = capacity;
    }
    return &listing->fold[listing->count++];
}

/* *unknown: a version that this connection has not heard of. */
static enum error list_rows(const struct naming *naming,
                            const struct record_filter *filter,
                            const struct log *log, struct listing *listing,
                            struct str *unknown)
{
    struct arena *arena = naming->arena;
    size_t count = filter->value_count + 4;
    struct db_value *value = ARENA_ARRAY(arena, struct db_value, count);
    const char *sql;
    struct rows rows;
    enum error error = list_sql(naming, filter, &sql);

    if (error)
        return error;
    if (!value)
        return err_memory(naming->err);
    value[0] = (struct db_value){.type = 't', .t = log_site(log, filter->kind)};
    value[1] = (struct db_value){.type = 't', .t = filter->subject};
    for (size_t i = 0; i < filter->value_count; i++)
        value[i + 2] = filter->value[i];
    value[count - 2] = (struct db_value){
        .type = 'i', .i = filter->limit ? (int64_t)filter->limit : 100};
    value[count - 1] =
        (struct db_value){.type = 'i', .i = (int64_t)filter->offset};
    db_query_values(naming->db, &rows, naming->err, sql, value, count);
    while (rows_next(&rows)) {
        struct fold *fold = listing_next(listing, arena);

        if (!fold)
            break;
        rows_fold(&rows, naming->tables, arena, fold);
        if (!tables_version(naming->tables, fold->version))
            *unknown = fold->version;
    }
    return rows_end(&rows);
}

static enum error list_fill(const struct naming *naming, const struct log *log,
                            bool with_rows, struct listing *listing)
{
    enum error error = ERROR_NONE;

    listing->record =
        ARENA_ARRAY(naming->arena, struct record, listing->count + 1);
    if (!listing->record)
        return err_memory(naming->err);
    for (size_t i = 0; i < listing->count && !error; i++) {
        struct fold *fold = &listing->fold[i];

        if (with_rows)
            error = rows_read_repeats(naming->db, naming->tables,
                                      log_site(log, fold->kind), fold->id,
                                      naming->arena, fold, naming->err);
        record_fill(fold, naming->arena, &listing->record[i]);
    }
    return error;
}

enum error record_list(const struct log *log, struct db *db,
                       const struct record_filter *filter, bool with_rows,
                       struct arena *arena, struct record **record,
                       size_t *count, struct err *err)
{
    struct naming naming = {.db = db, .arena = arena, .err = err};
    struct listing listing = {0};
    struct str unknown = STR_NULL;
    enum error error = tables_of(db, filter->kind, NULL, &naming.tables, err);

    if (!error && naming.tables)
        error = list_rows(&naming, filter, log, &listing, &unknown);
    if (error == ERROR_INTERNAL) { /* a question installed since then? */
        err_clear(err);
        tables_forget(db);
        error = tables_of(db, filter->kind, NULL, &naming.tables, err);
        if (!error && naming.tables)
            error = list_rows(&naming, filter, log, &listing, &unknown);
    }
    if (!error && unknown.size) {
        listing = (struct listing){0};
        error = tables_of(db, filter->kind, &unknown, &naming.tables, err);
        if (!error && naming.tables)
            error = list_rows(&naming, filter, log, &listing, &unknown);
    }
    if (!error)
        error = list_fill(&naming, log, with_rows, &listing);
    if (!error && arena_failed(arena))
        error = err_memory(err);
    if (error)
        return error;
    *record = listing.record;
    *count = listing.count;
    return ERROR_NONE;
}
