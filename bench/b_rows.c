/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_rows.c - the bare loop beside which OpenRosa submissions stand: the rows
 * that one submission wrote, as the program wrote them, inserted again and
 * again under new ids into the same tables with the same indexes, GROUP to a
 * transaction, durable. Nothing is checked, hashed, parsed or looked up.
 *
 *     b_rows FILE|postgresql://… GROUP SECONDS [PARTS]
 *
 * The store holds one submission at least; the newest is the pattern. On
 * PostgreSQL a transaction's statements are sent together (pipeline), which is
 * the fastest a client can be; PARTS "one" sends them one by one.
 * Prints submissions per second.
 */
#include <libpq-fe.h>
#include <time.h>

#include <stdbool.h>
#include <stdint.h>

#include "sqlite3.h"
#include "sys/host_native.h"
#include "sys/house.h"

enum { TABLES_MAX = 16, COLUMNS_MAX = 64, TEXT = 64 };

/* What becomes of a column's value in the next row. */
enum part { SAME, RECORD, ENTRY, INSTANCE, HEX, BYTES, COUNT, CLOCK };

struct column {
    enum part part;
    char *text; /* as the pattern has it; NULL */
    int size;
    bool number, bytes;
};

struct table {
    char name[80], sql[4096];
    struct column column[COLUMNS_MAX];
    int columns;
    sqlite3_stmt *insert;
};

struct pattern {
    char record[TEXT], entry[TEXT], instance[TEXT], clock[TEXT], kind[TEXT];
    struct table table[TABLES_MAX];
    int tables;
};

/* The ids of the row that is written now. */
struct row {
    uint64_t random;
    int64_t count, clock;
    char record[TEXT], entry[TEXT], instance[TEXT + 5], hex[65], number[TEXT];
    unsigned char bytes[32];
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t next_random(struct row *row)
{
    row->random ^= row->random << 13;
    row->random ^= row->random >> 7;
    row->random ^= row->random << 17;
    return row->random;
}

static void uuid(struct row *row, char out[TEXT])
{
    uint64_t a = next_random(row), b = next_random(row);

    snprintf(out, TEXT, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)a,
             (unsigned)(a >> 32) & 0xffff, (unsigned)(a >> 48) & 0xfff,
             (unsigned)b & 0xfff, (unsigned long long)(b >> 16));
}

static void row_next(struct row *row)
{
    uuid(row, row->record);
    uuid(row, row->entry);
    snprintf(row->instance, sizeof row->instance, "uuid:%s", row->record);
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = next_random(row);

        memcpy(row->bytes + 8 * i, &word, 8);
    }
    for (size_t i = 0; i < 32; i++)
        snprintf(row->hex + 2 * i, 3, "%02x", row->bytes[i]);
    row->count++;
    row->clock += 65536;
}

static bool is(const char *text, const char *other)
{
    return text && strcmp(text, other) == 0;
}

static enum part part_of(const struct pattern *pattern, const char *name,
                         const struct column *column)
{
    if (is(column->text, pattern->record))
        return RECORD;
    if (is(column->text, pattern->entry))
        return ENTRY;
    if (is(column->text, pattern->instance))
        return INSTANCE;
    if (is(name, "seq") || is(name, "number"))
        return COUNT;
    if (is(name, "clock") || is(name, "_clock"))
        return CLOCK;
    if (is(name, "sha256"))
        return HEX;
    if (column->bytes && column->size == 32)
        return BYTES;
    return SAME;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "b_rows: %s: %s\n", what, why);
    exit(3);
}

/* Value and size of a column in the row that is written now. */
static const char *value_of(const struct column *column, struct row *row,
                            int *size)
{
    const char *text = column->text;

    switch (column->part) {
    case RECORD:
        text = row->record;
        break;
    case ENTRY:
        text = row->entry;
        break;
    case INSTANCE:
        text = row->instance;
        break;
    case HEX:
        text = row->hex;
        break;
    case BYTES:
        *size = 32;
        return (const char *)row->bytes;
    case COUNT:
    case CLOCK:
        snprintf(row->number, sizeof row->number, "%lld",
                 (long long)(column->part == COUNT ? row->count : row->clock));
        text = row->number;
        break;
    case SAME:
        *size = column->size;
        return text;
    }
    *size = (int)strlen(text);
    return text;
}

/* --- what is asked of either database ------------------------------------- */

/* rows of a query as a callback: names, values, whether numbers or bytes */
struct source {
    sqlite3 *lite;
    PGconn *post;
};

static void keep(struct table *table, const struct pattern *pattern,
                 const char *name, const char *text, struct column column)
{
    struct column *out = &table->column[table->columns++];

    *out = column;
    if (text) {
        out->text = malloc((size_t)column.size + 1);
        memcpy(out->text, text, (size_t)column.size);
        out->text[column.size] = '\0';
    }
    out->part = part_of(pattern, name, out);
    snprintf(table->sql + strlen(table->sql),
             sizeof table->sql - strlen(table->sql), "%s%s",
             table->columns > 1 ? "," : "", name);
}

static void read_lite(sqlite3 *db, const char *sql, struct table *table,
                      const struct pattern *pattern)
{
    sqlite3_stmt *row;

    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK ||
        sqlite3_step(row) != SQLITE_ROW)
        fail(sql, sqlite3_errmsg(db));
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        int type = sqlite3_column_type(row, i);
        const void *at = type == SQLITE_NULL ? NULL
                         : type == SQLITE_BLOB
                             ? sqlite3_column_blob(row, i)
                             : (const void *)sqlite3_column_text(row, i);
        struct column column = {.size = sqlite3_column_bytes(row, i),
                                .number = type == SQLITE_INTEGER ||
                                          type == SQLITE_FLOAT,
                                .bytes = type == SQLITE_BLOB};

        keep(table, pattern, sqlite3_column_name(row, i),
             type == SQLITE_BLOB && !at ? "" : at, column);
    }
    sqlite3_finalize(row);
}

static void read_post(PGconn *db, const char *sql, struct table *table,
                      const struct pattern *pattern)
{
    PGresult *row = PQexec(db, sql);

    if (PQntuples(row) != 1)
        fail(sql, PQerrorMessage(db));
    for (int i = 0; i < PQnfields(row); i++) {
        char *text = PQgetisnull(row, 0, i) ? NULL : PQgetvalue(row, 0, i);
        bool bytes = PQftype(row, i) == 17;
        size_t size = text ? strlen(text) : 0;
        struct column column = {.bytes = bytes};

        if (bytes && text)
            text = (char *)PQunescapeBytea((unsigned char *)text, &size);
        column.size = (int)size;
        keep(table, pattern, PQfname(row, i), text, column);
    }
    PQclear(row);
}

static void read_row(struct source *source, const char *sql,
                     struct table *table, const struct pattern *pattern)
{
    table->columns = 0;
    table->sql[0] = '\0';
    if (source->lite)
        read_lite(source->lite, sql, table, pattern);
    else
        read_post(source->post, sql, table, pattern);
}

/* INSERT INTO name (columns) VALUES ($1, …) from one row of the table. */
static void take_table(struct source *source, struct pattern *pattern,
                       const char *name, const char *where)
{
    struct table *table = &pattern->table[pattern->tables++];
    char sql[512], columns[sizeof table->sql];
    size_t at;

    snprintf(table->name, sizeof table->name, "%s", name);
    snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE %s", name, where);
    read_row(source, sql, table, pattern);
    memcpy(columns, table->sql, sizeof columns);
    at = (size_t)snprintf(table->sql, sizeof table->sql,
                          "INSERT INTO %s (%.3000s) VALUES (", name, columns);
    for (int i = 0; i < table->columns; i++)
        at += (size_t)snprintf(table->sql + at, sizeof table->sql - at, "%s$%d",
                               i ? "," : "", i + 1);
    snprintf(table->sql + at, sizeof table->sql - at, ")");
}

static void take_text(char out[TEXT], const struct column *column)
{
    snprintf(out, TEXT, "%s", column->text ? column->text : "");
}

static void take_pattern(struct source *source, struct pattern *pattern,
                         struct row *row)
{
    static struct table found; /* large */
    char where[300], name[TEXT];

    read_row(source,
             "SELECT record, entry, instance, kind FROM submission "
             "ORDER BY received DESC LIMIT 1",
             &found, pattern);
    take_text(pattern->record, &found.column[0]);
    take_text(pattern->entry, &found.column[1]);
    take_text(pattern->instance, &found.column[2]);
    take_text(pattern->kind, &found.column[3]);
    snprintf(where, sizeof where,
             "SELECT DISTINCT in_table, max(seq), max(clock) FROM form_column, "
             "entry WHERE form = '%s' AND in_table <> '' AND "
             "path NOT LIKE '%%[]%%' GROUP BY in_table",
             pattern->kind);
    read_row(source, where, &found, pattern);
    take_text(name, &found.column[0]);
    row->count = strtoll(found.column[1].text, NULL, 10);
    row->clock = strtoll(found.column[2].text, NULL, 10);
    snprintf(where, sizeof where, "id = '%s'", pattern->entry);
    take_table(source, pattern, "entry", where);
    take_table(source, pattern, "entry_body", where);
    snprintf(where, sizeof where, "id = '%s'", pattern->record);
    take_table(source, pattern, "record", where);
    snprintf(where, sizeof where, "_id = '%s'", pattern->record);
    take_table(source, pattern, name, where);
    snprintf(where, sizeof where, "instance = '%s'", pattern->instance);
    take_table(source, pattern, "submission", where);
}

/* --- SQLite --------------------------------------------------------------- */

static void insert_lite(sqlite3 *db, struct table *table, struct row *row)
{
    for (int i = 0; i < table->columns; i++) {
        const struct column *column = &table->column[i];
        int size = 0;
        const char *value = value_of(column, row, &size);

        if (!value)
            sqlite3_bind_null(table->insert, i + 1);
        else if (column->bytes)
            sqlite3_bind_blob(table->insert, i + 1, value, size,
                              SQLITE_TRANSIENT);
        else if (column->number && !strpbrk(value, ".e"))
            sqlite3_bind_int64(table->insert, i + 1, strtoll(value, NULL, 10));
        else if (column->number)
            sqlite3_bind_double(table->insert, i + 1, strtod(value, NULL));
        else
            sqlite3_bind_text(table->insert, i + 1, value, size,
                              SQLITE_TRANSIENT);
    }
    if (sqlite3_step(table->insert) != SQLITE_DONE)
        fail(table->name, sqlite3_errmsg(db));
    sqlite3_reset(table->insert);
}

/* The file of a house is encrypted: its key is in the memory of this boot,
 * where init left it. */
static void open_lite(const char *file, sqlite3 **db)
{
    struct host_native native;
    struct house house;
    struct err err = {0};
    char url[512];
    unsigned char key[4 + 32] = "raw:";

    snprintf(url, sizeof url, "sqlite:%s", file);
    if (!host_native_init(&native) ||
        house_find(&house, &native.host, url, NULL, &err))
        fail(file, "no host");
    if (sqlite3_open(file, db) != SQLITE_OK)
        fail(file, sqlite3_errmsg(*db));
    if (house.store_sealed) {
        if (!house_take(&house))
            fail(file, "the house is closed");
        memcpy(key + 4, house.store_key, 32);
        if (sqlite3_exec(*db, "PRAGMA cipher='aegis'", NULL, NULL, NULL) ||
            sqlite3_key_v2(*db, "main", key, sizeof key))
            fail(file, sqlite3_errmsg(*db));
    }
    house_release(&house);
    host_native_release(&native);
}

static void loop_lite(const char *file, int group, double seconds)
{
    static struct pattern pattern; /* large */
    struct row row = {.random = 88172645463325252u ^ (uint64_t)(now() * 1e6)};
    struct source source = {0};
    double begin;
    long rows = 0;

    open_lite(file, &source.lite);
    if (sqlite3_exec(source.lite,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000",
                     NULL, NULL, NULL) != SQLITE_OK)
        fail(file, sqlite3_errmsg(source.lite));
    take_pattern(&source, &pattern, &row);
    for (int i = 0; i < pattern.tables; i++)
        if (sqlite3_prepare_v2(source.lite, pattern.table[i].sql, -1,
                               &pattern.table[i].insert, NULL) != SQLITE_OK)
            fail(pattern.table[i].sql, sqlite3_errmsg(source.lite));
    begin = now();
    while (now() - begin < seconds) {
        sqlite3_exec(source.lite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (int i = 0; i < group; i++, rows++) {
            row_next(&row);
            for (int j = 0; j < pattern.tables; j++)
                insert_lite(source.lite, &pattern.table[j], &row);
        }
        if (sqlite3_exec(source.lite, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            fail("COMMIT", sqlite3_errmsg(source.lite));
    }
    printf("%.1f\n", (double)rows / (now() - begin));
}

/* --- PostgreSQL ----------------------------------------------------------- */

static bool good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC;
}

static void check(PGconn *db, PGresult *result, const char *what)
{
    if (!good(result))
        fail(what, PQerrorMessage(db));
    PQclear(result);
}

static void insert_post(PGconn *db, const struct table *table, struct row *row,
                        bool together)
{
    const char *value[COLUMNS_MAX];
    char number[COLUMNS_MAX][TEXT];
    int size[COLUMNS_MAX], format[COLUMNS_MAX];

    for (int i = 0; i < table->columns; i++) {
        value[i] = value_of(&table->column[i], row, &size[i]);
        format[i] = table->column[i].bytes;
        if (value[i] == row->number) { /* used again by the next column */
            memcpy(number[i], row->number, TEXT);
            value[i] = number[i];
        }
    }
    if (!together)
        check(db,
              PQexecPrepared(db, table->name, table->columns, value, size,
                             format, 0),
              table->name);
    else if (!PQsendQueryPrepared(db, table->name, table->columns, value, size,
                                  format, 0))
        fail(table->name, PQerrorMessage(db));
}

static void say(PGconn *db, const char *sql, bool together)
{
    if (!together)
        check(db, PQexec(db, sql), sql);
    else if (!PQsendQueryParams(db, sql, 0, NULL, NULL, NULL, NULL, 0))
        fail(sql, PQerrorMessage(db));
}

/* Reads what a transaction's statements answered. */
static void drain(PGconn *db)
{
    PGresult *result;

    if (!PQpipelineSync(db))
        fail("sync", PQerrorMessage(db));
    for (bool end = false; !end;) {
        result = PQgetResult(db);
        end = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result)
            check(db, result, "transaction");
    }
}

static void loop_post(const char *url, int group, double seconds, bool together)
{
    static struct pattern pattern; /* large */
    struct row row = {.random = 88172645463325252u ^ (uint64_t)(now() * 1e6)};
    struct source source = {.post = PQconnectdb(url)};
    double begin;
    long rows = 0;

    if (PQstatus(source.post) != CONNECTION_OK)
        fail(url, PQerrorMessage(source.post));
    check(source.post,
          PQexec(source.post, "SET synchronous_commit = on; "
                              "SET client_min_messages = error"),
          "SET");
    take_pattern(&source, &pattern, &row);
    for (int i = 0; i < pattern.tables; i++)
        check(source.post,
              PQprepare(source.post, pattern.table[i].name,
                        pattern.table[i].sql, 0, NULL),
              pattern.table[i].sql);
    if (together)
        PQenterPipelineMode(source.post);
    begin = now();
    while (now() - begin < seconds) {
        say(source.post, "BEGIN", together);
        for (int i = 0; i < group; i++, rows++) {
            row_next(&row);
            for (int j = 0; j < pattern.tables; j++)
                insert_post(source.post, &pattern.table[j], &row, together);
        }
        say(source.post, "COMMIT", together);
        if (together)
            drain(source.post);
    }
    printf("%.1f\n", (double)rows / (now() - begin));
    PQfinish(source.post);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    if (strncmp(argv[1], "postgresql://", 13) == 0)
        loop_post(argv[1], (int)strtol(argv[2], NULL, 10),
                  strtod(argv[3], NULL), argc < 5);
    else
        loop_lite(argv[1], (int)strtol(argv[2], NULL, 10),
                  strtod(argv[3], NULL));
    return 0;
}
