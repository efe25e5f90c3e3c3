/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* columns.c - what a connection knows of form_column: which tables a form has
 * and which column holds which question, for all its versions. install.c
 * writes form_column.
 */
#include "store/driver.h"
#include "store/tables.h"

struct tables {
    struct arena arena;
    struct form_tables *first;
};

/* --- reading form_column -------------------------------------------------- */

void tables_forget(struct db *db)
{
    if (!db->tables)
        return;
    arena_release(&db->tables->arena);
    free(db->tables);
    db->tables = NULL;
}

static struct table *table_named(struct form_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->count; i++)
        if (strcmp(tables->table[i].name, name) == 0)
            return &tables->table[i];
    return NULL;
}

static struct table *table_add(struct form_tables *tables, struct arena *arena,
                               const char *name)
{
    size_t size = sizeof(struct table);
    struct table *grown = arena_grow(arena, tables->table, tables->count * size,
                                     (tables->count + 1) * size);

    if (!grown)
        return NULL;
    tables->table = grown;
    grown[tables->count] = (struct table){.name = name};
    return &grown[tables->count++];
}

static struct column *column_add(struct table *table, struct arena *arena,
                                 struct column column)
{
    size_t size = sizeof(struct column);

    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 32;
        struct column *grown = arena_grow(
            arena, table->column, table->capacity * size, capacity * size);

        if (!grown)
            return NULL;
        table->column = grown;
        table->capacity = capacity;
    }
    table->column[table->count] = column;
    return &table->column[table->count++];
}

struct str tables_path(struct str path, struct str *key)
{
    for (size_t i = path.size; i-- > 1;)
        if (path.at[i] == '/' && path.at[i - 1] == ']') {
            *key = str_slice(path, i + 1, path.size);
            return str_slice(path, 0, i);
        }
    *key = path;
    return STR("");
}

/* One row of form_column; ordered by position, so that a table comes before
 * its columns. The same column comes once per version. */
static void take_row(struct form_tables *tables, const struct rows *rows,
                     struct arena *arena)
{
    struct str path = rows_text(rows, 1), type = rows_text(rows, 2);
    const char *in = str_c(arena, rows_text(rows, 3));
    const char *name = str_c(arena, rows_text(rows, 4));
    struct table *table = table_named(tables, in), *child;
    struct str key;

    tables_path(path, &key);
    if (!table) {
        table = table_add(tables, arena, in);
        if (!table)
            return;
        table->path = STR("");
        table->sibling = tables->count > 1;
    }
    if (str_equal_c(type, "f"))
        return;
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->column[i].name, name) == 0)
            return;
    if (str_equal_c(type, "r") && !table_named(tables, name)) {
        size_t parent = (size_t)(table - tables->table);

        key = str_slice(key, 0, key.size - 2); /* without [] */
        child = table_add(tables, arena, name);
        if (!child)
            return;
        child->path = str_copy(arena, rows_text(rows, 1));
        child->parent = parent;
        table = &tables->table[parent];
    }
    column_add(table, arena,
               (struct column){.key = str_copy(arena, key),
                               .type = type.at[0],
                               .name = name,
                               .position = rows_int(rows, 5)});
}

static void version_mark(struct form_tables *tables, const struct rows *rows,
                         struct arena *arena)
{
    struct str version = rows_text(rows, 0), in = rows_text(rows, 3);
    struct str name = rows_text(rows, 4);
    struct table_version *found = NULL, *grown;
    size_t size = sizeof(*found);

    for (size_t i = 0; i < tables->versions; i++)
        if (str_equal(tables->version[i].version, version))
            found = &tables->version[i];
    if (!found) {
        grown = arena_grow(arena, tables->version, tables->versions * size,
                           (tables->versions + 1) * size);
        if (!grown)
            return;
        tables->version = grown;
        found = &grown[tables->versions++];
        found->version = str_copy(arena, version);
        found->has = ARENA_ARRAY(arena, unsigned char *, tables->count);
        for (size_t i = 0; found->has && i < tables->count; i++)
            found->has[i] =
                ARENA_ARRAY(arena, unsigned char, tables->table[i].count + 1);
    }
    if (rows_int(rows, 6) > found->round)
        found->round = rows_int(rows, 6);
    for (size_t i = 0; found->has && i < tables->count; i++)
        for (size_t j = 0; j < tables->table[i].count; j++)
            if (str_equal_c(in, tables->table[i].name) &&
                str_equal_c(name, tables->table[i].column[j].name))
                found->has[i][j] = 1;
}

static const char columns_sql[] =
    "SELECT version, path, type, in_table, name, position, round "
    "FROM form_column "
    "WHERE form = $1 ORDER BY position, version";

static enum error load(struct db *db, struct str form, struct arena *arena,
                       struct form_tables **tables, struct err *err)
{
    struct form_tables *made = ARENA_NEW(arena, struct form_tables);
    struct rows rows;

    if (!made)
        return err_memory(err);
    made->form = str_copy(arena, form);
    db_query(db, &rows, err, columns_sql, "t", form);
    while (rows_next(&rows))
        take_row(made, &rows, arena);
    if (rows_end(&rows))
        return rows.error;
    db_query(db, &rows, err, columns_sql, "t", form);
    while (rows_next(&rows))
        version_mark(made, &rows, arena);
    if (rows_end(&rows))
        return rows.error;
    rows_sql(made, arena);
    if (arena_failed(arena))
        return err_memory(err);
    *tables = made;
    return ERROR_NONE;
}

const struct table_version *tables_version(const struct form_tables *tables,
                                           struct str version)
{
    for (size_t i = 0; i < tables->versions; i++)
        if (str_equal(tables->version[i].version, version))
            return &tables->version[i];
    return NULL;
}

static struct form_tables *known(const struct db *db, struct str form)
{
    struct form_tables *one = db->tables ? db->tables->first : NULL;

    while (one && !str_equal(one->form, form))
        one = one->next;
    return one;
}

enum error tables_of(struct db *db, struct str form, const struct str *version,
                     const struct form_tables **tables, struct err *err)
{
    struct form_tables *found = known(db, form);
    enum error error;

    if (found && found->count &&
        (!version || tables_version(found, *version))) {
        *tables = found;
        return ERROR_NONE;
    }
    if (found)
        tables_forget(db);
    if (!db->tables) {
        db->tables = calloc(1, sizeof(*db->tables));
        if (!db->tables)
            return err_memory(err);
        arena_init(&db->tables->arena, NULL);
    }
    error = load(db, form, &db->tables->arena, &found, err);
    if (error)
        return error;
    found->next = db->tables->first;
    db->tables->first = found;
    *tables = found->count && (!version || tables_version(found, *version))
                  ? found
                  : NULL;
    return ERROR_NONE;
}

static size_t newest_version(const struct form_tables *tables)
{
    size_t newest = 0;

    for (size_t i = 1; i < tables->versions; i++)
        if (tables->version[i].round > tables->version[newest].round)
            newest = i;
    return newest;
}

const struct column *tables_find(const struct form_tables *tables,
                                 struct str path, const struct table **table)
{
    const struct column *found = NULL;
    struct str key, in = tables_path(path, &key);
    size_t newest = newest_version(tables);

    for (size_t i = 0; i < tables->count; i++) {
        const struct table *one = &tables->table[i];

        for (size_t j = 0; j < one->count; j++) {
            bool current = tables->version[newest].has[i][j];

            if (!str_equal(one->path, in) ||
                !str_equal(one->column[j].key, key) ||
                (found && !current &&
                 found->position > one->column[j].position))
                continue;
            found = &one->column[j];
            if (table)
                *table = one;
            if (current)
                return found;
        }
    }
    return found;
}

enum error tables_names(struct db *db, struct arena *arena, const char ***names,
                        size_t *count, struct err *err)
{
    const char **list = NULL;
    size_t size = 0;
    struct rows rows;

    db_query(db, &rows, err,
             "SELECT in_table FROM form_column WHERE type <> 'r' UNION "
             "SELECT name FROM form_column WHERE type = 'r' ORDER BY 1",
             "");
    while (rows_next(&rows)) {
        list = arena_grow(arena, list, size * sizeof(*list),
                          (size + 1) * sizeof(*list));
        if (!list)
            break;
        list[size++] = str_c(arena, rows_text(&rows, 0));
    }
    if (rows_end(&rows))
        return rows.error;
    if (arena_failed(arena))
        return err_memory(err);
    *names = list;
    *count = size;
    return ERROR_NONE;
}
