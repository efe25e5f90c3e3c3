/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* install.c - tables and columns made from a form.
 *
 * Names of forms and questions are input; names in the database are made of
 * their ASCII letters and digits, cut, numbered until unique, and kept in
 * form_column. A question keeps its column from version to version as long as
 * its type stays the same.
 */
#include <ctype.h>

#include "store/driver.h"
#include "store/project.h"
#include "store/tables.h"

enum { NAME_ROOM = TABLE_NAME_MAX - 8 }; /* a number may follow */

/* A question on its way into form_column. */
struct plan {
    const struct question *question; /* NULL: the form itself */
    struct str path;
    char type;
    const char *table, *name;
    int64_t position;
    bool made;  /* the column (or table) is new */
    bool known; /* this version has it already */
};

struct install {
    struct db *db;
    const struct form *form;
    const struct form_tables *old; /* NULL: the form is new */
    struct arena arena;
    struct plan *plan;
    size_t count;
    int64_t position, round;
    const char *main; /* name of the form's own table */
    const char *wide; /* where new columns of the form go now */
    size_t width;     /* columns there */
    int siblings;
    struct err *err;
};

/* --- names ---------------------------------------------------------------- */

static const char *clean_name(struct install *install, const char *prefix,
                              struct str name)
{
    struct buf out;

    buf_init(&out, &install->arena);
    buf_puts(&out, prefix);
    for (size_t i = 0; i < name.size && out.size < NAME_ROOM; i++) {
        unsigned char c = (unsigned char)name.at[i];

        buf_putc(&out, c < 128 && isalnum(c) ? (char)tolower(c) : '_');
    }
    return str_c(&install->arena, buf_str(&out));
}

static bool name_planned(const struct install *install, const char *table,
                         const char *name)
{
    for (size_t i = 0; i < install->count; i++) {
        const struct plan *plan = &install->plan[i];

        if (!table && plan->table && strcmp(plan->table, name) == 0)
            return true;
        if (!plan->name || strcmp(plan->name, name) != 0)
            continue;
        /* the form's own table and its siblings share their names */
        if (!table || !plan->question || plan->type == 'r' ||
            !plan->question->repeat || strcmp(plan->table, table) == 0)
            return true;
    }
    return false;
}

static bool name_used(const struct install *install, const char *table,
                      const char *name)
{
    const struct form_tables *old = install->old;

    if (name_planned(install, table, name))
        return true;
    for (size_t i = 0; old && i < old->count; i++)
        for (size_t j = 0; j < old->table[i].count; j++)
            if (strcmp(old->table[i].column[j].name, name) == 0)
                return true;
    return false;
}

static const char *number_name(struct install *install, const char *base,
                               int number)
{
    return number < 2
               ? base
               : str_c(&install->arena,
                       str_format(&install->arena, "%s_%d", base, number));
}

static const char *column_name(struct install *install, const char *table,
                               struct str name)
{
    const char *base = clean_name(install, "c_", name), *result;
    int number = 1;

    do
        result = number_name(install, base, number++);
    while (name_used(install, table, result) && number < 10000);
    return result;
}

/* Unique among the tables of all forms. */
static enum error table_name(struct install *install, struct str name,
                             const char **result)
{
    const char *base = clean_name(install, "f_", name);
    int64_t uses = 0;
    int number = 1;
    enum error error;

    do {
        *result = number_name(install, base, number++);
        error = db_get_int(install->db, &uses, NULL, install->err,
                           "SELECT COUNT(*) FROM form_column "
                           "WHERE in_table = $1 OR name = $1",
                           "t", str_of(*result));
        if (error)
            return error;
    } while ((uses || name_planned(install, NULL, *result)) && number < 10000);
    return ERROR_NONE;
}

/* --- planning ------------------------------------------------------------- */

static char type_letter(const struct question *question)
{
    switch (question->type) {
    case QUESTION_REPEAT:
        return 'r';
    case QUESTION_INTEGER:
        return 'i';
    case QUESTION_DECIMAL:
        return 'd';
    case QUESTION_RANGE:
        return str_find_char(question->parameters, '.') == SIZE_MAX ? 'i' : 'd';
    case QUESTION_DATE:
    case QUESTION_TODAY:
        return 'y';
    case QUESTION_DATETIME:
    case QUESTION_START:
    case QUESTION_END:
        return 'm';
    case QUESTION_NOTE:
    case QUESTION_GROUP:
        return 0;
    case QUESTION_TEXT:
    case QUESTION_TIME:
    case QUESTION_SELECT_ONE:
    case QUESTION_SELECT_MULTIPLE:
    case QUESTION_RANK:
    case QUESTION_IMAGE:
    case QUESTION_AUDIO:
    case QUESTION_VIDEO:
    case QUESTION_FILE:
    case QUESTION_GEOPOINT:
    case QUESTION_ACKNOWLEDGE:
    case QUESTION_CALCULATE:
    case QUESTION_HIDDEN:
    case QUESTION_USERNAME:
        return 't';
    }
    return 0;
}

static struct str path_of(struct install *install,
                          const struct question *question)
{
    struct arena *arena = &install->arena;
    struct str path = question->key;

    if (question->repeat)
        path = str_join(
            arena,
            str_join(arena, path_of(install, question->repeat), STR("/")),
            path);
    return question->type == QUESTION_REPEAT ? str_join(arena, path, STR("[]"))
                                             : path;
}

/* The column that has this path and type in some version. */
static const struct column *old_column(const struct install *install,
                                       struct str path, char type,
                                       const struct table **table,
                                       bool *this_version)
{
    const struct form_tables *old = install->old;
    const struct table_version *version;
    struct str in = STR(""), key = path;

    if (!old)
        return NULL;
    if (type == 'r')
        key = str_slice(path, 0, path.size - 2);
    for (size_t i = key.size; i-- > 1;)
        if (key.at[i] == '/' && key.at[i - 1] == ']') {
            in = str_slice(path, 0, i);
            key = str_slice(key, i + 1, key.size);
            break;
        }
    version = tables_version(old, install->form->version);
    for (size_t i = 0; i < old->count; i++)
        for (size_t j = 0; j < old->table[i].count; j++) {
            const struct column *column = &old->table[i].column[j];

            if (column->type != type || !str_equal(column->key, key) ||
                !str_equal(old->table[i].path, in))
                continue;
            *table = &old->table[i];
            *this_version = version && version->has[i][j];
            return column;
        }
    return NULL;
}

static const char *table_of_repeat(const struct install *install,
                                   const struct question *repeat)
{
    for (size_t i = 0; i < install->count; i++)
        if (install->plan[i].question == repeat)
            return install->plan[i].name;
    return install->main;
}

/* The table that takes a new column of the form: another one when full. */
static enum error wide_table(struct install *install, const char **table)
{
    if (install->width >= TABLE_COLUMNS_MAX) {
        struct str name = str_format(&install->arena, "%.*s_part",
                                     STR_ARGS(install->form->name));
        enum error error = table_name(install, name, &install->wide);

        if (error)
            return error;
        install->width = 0;
        install->siblings++;
    }
    *table = install->wide;
    return ERROR_NONE;
}

static enum error plan_question(struct install *install,
                                const struct question *question)
{
    struct plan plan = {.question = question,
                        .type = type_letter(question),
                        .path = path_of(install, question)};
    const struct table *table = NULL;
    const struct column *column;
    enum error error = ERROR_NONE;

    column = old_column(install, plan.path, plan.type, &table, &plan.known);
    if (column) {
        plan.table = table->name;
        plan.name = column->name;
        plan.position = column->position;
    } else {
        plan.made = true;
        plan.position = ++install->position;
        plan.table = question->repeat
                         ? table_of_repeat(install, question->repeat)
                         : install->main;
        if (plan.type == 'r') {
            error = table_name(install,
                               str_format(&install->arena, "%.*s_%.*s",
                                          STR_ARGS(install->form->name),
                                          STR_ARGS(question->key)),
                               &plan.name);
        } else {
            if (!question->repeat)
                error = wide_table(install, &plan.table);
            plan.name = column_name(install, plan.table, question->key);
            install->width += !question->repeat;
        }
    }
    install->plan[install->count++] = plan;
    return error;
}

static enum error plan_form(struct install *install)
{
    const struct form_tables *old = install->old;
    struct plan *self = &install->plan[install->count++];
    enum error error = ERROR_NONE;

    *self = (struct plan){.path = STR(""), .type = 'f'};
    if (old) {
        install->main = install->wide = old->table[0].name;
        self->known = tables_version(old, install->form->version) != NULL;
        for (size_t i = 0; i < old->count; i++) {
            for (size_t j = 0; j < old->table[i].count; j++)
                if (old->table[i].column[j].position > install->position)
                    install->position = old->table[i].column[j].position;
            if (old->table[i].path.size)
                continue;
            install->wide = old->table[i].name;
            install->width = old->table[i].width;
        }
        for (size_t i = 0; i < old->versions; i++)
            if (old->version[i].round >= install->round)
                install->round = old->version[i].round + 1;
    } else {
        self->made = true;
        error = table_name(install, install->form->name, &install->main);
        install->wide = install->main;
    }
    self->table = self->name = install->main;
    for (size_t i = 0; i < install->form->question_count && !error; i++)
        if (type_letter(install->form->question[i]))
            error = plan_question(install, install->form->question[i]);
    return error;
}

/* --- doing ---------------------------------------------------------------- */

static const char *column_type(char type)
{
    switch (type) {
    case 'i':
    case 'm':
        return "BIGINT";
    case 'd':
        return "@DOUBLE@";
    default:
        return "TEXT";
    }
}

static bool is_new_table(const struct install *install, const char *name)
{
    const struct form_tables *old = install->old;

    for (size_t i = 0; old && i < old->count; i++)
        if (strcmp(old->table[i].name, name) == 0)
            return false;
    return true;
}

static void put_columns(struct install *install, struct buf *sql,
                        const char *table)
{
    for (size_t i = 0; i < install->count; i++) {
        const struct plan *plan = &install->plan[i];

        if (plan->made && plan->question && plan->type != 'r' &&
            strcmp(plan->table, table) == 0)
            buf_printf(sql, ",\n%s %s", plan->name, column_type(plan->type));
    }
}

/* kind: f the form's own, s a sibling, r of a repeat. */
static void put_create(struct install *install, struct buf *sql,
                       const char *table, char kind)
{
    buf_printf(sql, "CREATE TABLE %s (", table);
    if (kind == 'f')
        buf_puts(sql, "_site TEXT NOT NULL, _id TEXT NOT NULL, "
                      "_subject TEXT NOT NULL, _clock BIGINT NOT NULL, "
                      "_created BIGINT NOT NULL, _author TEXT NOT NULL, "
                      "_state TEXT NOT NULL, _version TEXT NOT NULL, "
                      "_why TEXT, _conflict TEXT, _other TEXT");
    else if (kind == 's')
        buf_puts(sql, "_row_site TEXT NOT NULL, _row_id TEXT NOT NULL");
    else
        buf_puts(sql, "_site TEXT NOT NULL, _record TEXT NOT NULL, "
                      "_index BIGINT NOT NULL, _parent BIGINT NOT NULL, "
                      "_why TEXT, _other TEXT");
    put_columns(install, sql, table);
    buf_printf(sql, ",\nPRIMARY KEY (%s)) @CLUSTERED@;\n",
               kind == 'f'   ? "_site, _id"
               : kind == 's' ? "_row_site, _row_id"
                             : "_site, _record, _index");
    if (kind == 'f')
        buf_printf(sql,
                   "CREATE INDEX i_%s_0 ON %s (_site, _clock DESC, _id);\n"
                   "CREATE INDEX i_%s_s ON %s "
                   "(_site, _subject, _clock DESC, _id);\n",
                   table, table, table, table);
}

/* Links to other records are followed backwards, and a form may ask. */
static bool wants_index(const struct plan *plan)
{
    struct str asked =
        value_text_of(plan->question->extra, "bind::cobijo:index");

    return plan->type != 'r' &&
           (plan->question->ref.size || str_equal_c(asked, "yes"));
}

static void put_plan(struct install *install, struct buf *sql,
                     const struct plan *plan)
{
    bool fresh = is_new_table(install, plan->table);

    if (plan->type == 'f') {
        put_create(install, sql, plan->name, 'f');
    } else if (plan->type == 'r') {
        put_create(install, sql, plan->name, 'r');
    } else if (!fresh) {
        buf_printf(sql, "ALTER TABLE %s ADD COLUMN %s %s;\n", plan->table,
                   plan->name, column_type(plan->type));
    }
}

/* IF NOT EXISTS: project_index comes by again. */
static void put_index(const struct install *install, struct buf *sql,
                      const struct plan *plan)
{
    bool own =
        plan->question->repeat || strcmp(plan->table, install->main) == 0;

    buf_printf(sql,
               "CREATE INDEX IF NOT EXISTS i_%s_%lld ON %s (%s, %s) "
               "WHERE %s IS NOT NULL;\n",
               plan->table, (long long)plan->position, plan->table,
               own ? "_site" : "_row_site", plan->name, plan->name);
}

/* What SQLite is told of a new table; why: sql/statistics.sql. */
static void put_statistics(const struct install *install, struct buf *sql)
{
    static const char insert[] = "INSERT INTO sqlite_stat1 VALUES ";

    for (size_t i = 0; i < install->count; i++) {
        const struct plan *plan = &install->plan[i];

        if (plan->made && plan->type == 'f')
            buf_printf(sql,
                       "%s('%s', '%s', '1000000 1000000 1'), "
                       "('%s', 'i_%s_0', '1000000 1000000 1 1'), "
                       "('%s', 'i_%s_s', '1000000 1000000 4 1 1');\n",
                       insert, plan->name, plan->name, plan->name, plan->name,
                       plan->name, plan->name);
        else if (plan->made && plan->type == 'r')
            buf_printf(sql, "%s('%s', '%s', '1000000 1000000 4 1');\n", insert,
                       plan->name, plan->name);
        else if (plan->made && plan->question && wants_index(plan))
            buf_printf(sql, "%s('%s', 'i_%s_%lld', '1000000 1000000 20');\n",
                       insert, plan->table, plan->table,
                       (long long)plan->position);
    }
}

/* A column that may be null is a row of the catalogue, but PostgreSQL takes
 * the table for that moment: whoever reads on and on makes it wait, and all
 * others queue behind it. So it waits a quarter of a second only; forms.c
 * tries again. */
static void guard_readers(struct install *install, struct buf *sql)
{
    struct buf guarded;

    if (str_find(buf_str(sql), STR("ALTER TABLE")) == SIZE_MAX ||
        strcmp(store_dialect(install->db->store), "postgresql") != 0)
        return;
    buf_init(&guarded, &install->arena);
    buf_puts(&guarded, "SET LOCAL lock_timeout = '250ms';\n");
    buf_put(&guarded, buf_str(sql));
    buf_puts(&guarded, "SET LOCAL lock_timeout TO DEFAULT;\n");
    *sql = guarded;
}

static enum error make_tables(struct install *install)
{
    const char *last = install->main;
    struct buf sql;

    buf_init(&sql, &install->arena);
    for (size_t i = 0; i < install->count; i++) {
        const struct plan *plan = &install->plan[i];

        if (!plan->made)
            continue;
        if (plan->question && !plan->question->repeat && plan->type != 'r' &&
            strcmp(plan->table, last) != 0) {
            last = plan->table;
            if (is_new_table(install, last))
                put_create(install, &sql, last, 's');
        }
        put_plan(install, &sql, plan);
    }
    for (size_t i = 0; i < install->count; i++) {
        const struct plan *plan = &install->plan[i];

        if (plan->made && plan->question && wants_index(plan) &&
            is_new_table(install, plan->table))
            put_index(install, &sql, plan);
    }
    guard_readers(install, &sql);
    if (sql.size && strcmp(store_dialect(install->db->store), "sqlite") == 0)
        put_statistics(install, &sql);
    if (arena_failed(&install->arena))
        return err_memory(install->err);
    install->db->changed = true;
    return sql.size
               ? db_script(install->db, str_c(&install->arena, buf_str(&sql)),
                           install->err)
               : ERROR_NONE;
}

static enum error write_row(struct install *install, const struct plan *plan)
{
    struct str form = install->form->name, version = install->form->version;
    struct str old = str_format(&install->arena, "%.*s~%lld", STR_ARGS(version),
                                (long long)install->round);
    enum error error;

    if (plan->known)
        return ERROR_NONE;
    /* The same version, changed: what it said before keeps its column. */
    error = db_run(install->db, NULL, install->err,
                   "UPDATE form_column SET version = $4 "
                   "WHERE form = $1 AND version = $2 AND path = $3",
                   "tttt", form, version, plan->path, old);
    if (error)
        return error;
    return db_run(install->db, NULL, install->err,
                  "INSERT INTO form_column (form, version, path, type, "
                  "in_table, name, position, round) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  "ttttttii", form, version, plan->path,
                  (struct str){&plan->type, 1}, str_of(plan->table),
                  str_of(plan->name), plan->position, install->round);
}

static bool nothing_new(const struct install *install)
{
    for (size_t i = 0; i < install->count; i++)
        if (!install->plan[i].known)
            return false;
    return true;
}

enum error project_install(struct db *db, const struct form *form,
                           struct err *err)
{
    struct install install = {.db = db, .form = form, .round = 1, .err = err};
    enum error error = tables_of(db, form->name, NULL, &install.old, err);

    if (error)
        return error;
    arena_init(&install.arena, NULL);
    install.plan =
        ARENA_ARRAY(&install.arena, struct plan, form->question_count + 1);
    if (!install.plan)
        error = err_memory(err);
    else
        error = plan_form(&install);
    if (!error && !nothing_new(&install)) {
        error = make_tables(&install);
        for (size_t i = 0; i < install.count && !error; i++)
            error = write_row(&install, &install.plan[i]);
        tables_forget(db);
    }
    if (!error && arena_failed(&install.arena))
        error = err_memory(err);
    arena_release(&install.arena);
    return error;
}

enum error project_index(struct db *db, const struct form *form,
                         struct err *err)
{
    struct install install = {.db = db, .form = form, .round = 1, .err = err};
    enum error error = tables_of(db, form->name, NULL, &install.old, err);
    struct buf sql;

    if (error || !install.old)
        return error;
    arena_init(&install.arena, NULL);
    buf_init(&sql, &install.arena);
    install.plan =
        ARENA_ARRAY(&install.arena, struct plan, form->question_count + 1);
    error = install.plan ? plan_form(&install) : err_memory(err);
    for (size_t i = 0; !error && i < install.count; i++) {
        const struct plan *plan = &install.plan[i];

        if (plan->question && !plan->made && wants_index(plan))
            put_index(&install, &sql, plan);
    }
    if (!error && arena_failed(&install.arena))
        error = err_memory(err);
    if (!error && sql.size)
        error = db_script(db, str_c(&install.arena, buf_str(&sql)), err);
    arena_release(&install.arena);
    return error;
}

bool project_keeps_column(const struct question *was,
                          const struct question *now)
{
    return type_letter(was) == type_letter(now);
}
