/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition.c - see condition.h. Names of the linked person have a prefix,
 * ${person.nationality}; those of the kind stand alone. */
#include "domain/record/condition.h"

#include "core/date.h"
#include "form/expr/tree.h"

static const char person_prefix[] = "person.";

/* --- names ------------------------------------------------------------------
 */

static const struct question *of_person(const struct condition *condition,
                                        struct str name)
{
    const struct question *question = NULL;

    if (condition->person && str_starts(name, str_of(person_prefix)))
        question = form_find_name(
            condition->person, NULL,
            str_slice(name, sizeof(person_prefix) - 1, name.size));
    return question && question_has_value(question) && !question->repeat
               ? question
               : NULL;
}

bool condition_reads(const struct role *role, const struct form *form,
                     const struct question *question)
{
    return role_reads_all(role, question) &&
           (question == form_guard(form) || role_reads_codes(role, question));
}

struct checking {
    const struct condition *condition;
    const struct task *task;
    struct err *err;
};

/* The same words for a question that is not there and one that is closed. */
static void refuse(struct checking *checking, struct str name)
{
    struct arena *arena = checking->task->arena;

    if (!checking->err->code)
        err_set(checking->err, ERROR_INPUT,
                N_("«{1}» no es una pregunta de «{2}» que se pueda usar aquí."),
                str_c(arena, name),
                str_c(arena, texts_in(checking->condition->form,
                                      checking->condition->form->title,
                                      checking->task->language)),
                NULL);
}

static void check_right(struct checking *checking, const struct form *form,
                        const struct question *question, struct str name)
{
    const struct role *role = checking->condition->role;

    if (role && !condition_reads(role, form, question))
        refuse(checking, name);
}

static void on_used(void *context, const struct question *question)
{
    struct checking *checking = context;

    check_right(checking, checking->condition->form, question, question->name);
}

static void on_unknown(void *context, const struct expr *path)
{
    struct checking *checking = context;
    const struct condition *condition = checking->condition;
    struct str name = expr_path_name(path);
    const struct question *question =
        path->root == EXPR_ROOT_NAME ? of_person(condition, name) : NULL;

    if (question)
        check_right(checking, condition->person, question, name);
    else
        refuse(checking, name);
}

/* --- the period -------------------------------------------------------------
 */

/* ${period_to} becomes date('2026-11-30'): a constant like any other. */
static struct str put_day(struct arena *arena, struct str text,
                          const char *name, int64_t day)
{
    struct str rest = text, mark = str_of(name);
    struct str date = date_text(arena, date_from_day(day));
    struct buf out;
    size_t at;

    if (str_find(text, mark) == SIZE_MAX)
        return text;
    buf_init(&out, arena);
    while ((at = str_find(rest, mark)) != SIZE_MAX) {
        buf_put(&out, str_slice(rest, 0, at));
        buf_printf(&out, "date('%.*s')", STR_ARGS(date));
        rest = str_slice(rest, at + mark.size, rest.size);
    }
    buf_put(&out, rest);
    return buf_str(&out);
}

/* --- SQL --------------------------------------------------------------------
 */

static bool is_of(const struct form *form, const struct question *question)
{
    return question->index < form->question_count &&
           form->question[question->index] == question;
}

struct writing {
    const struct condition *condition;
    struct arena *arena;
};

static const struct question *linked(void *context, struct str name)
{
    const struct writing *writing = context;

    return of_person(writing->condition, name);
}

static void put_path(struct buf *out, const struct question *question)
{
    if (question->repeat)
        put_path(out, question->repeat);
    buf_putc(out, '.');
    buf_put(out, question->key);
}

static struct str column(void *context, const struct question *question)
{
    const struct writing *writing = context;
    const struct condition *condition = writing->condition;
    bool own = is_of(condition->form, question);
    const struct form *form = own ? condition->form : condition->person;
    struct buf out;

    buf_init(&out, writing->arena);
    if (!question->repeat)
        buf_puts(&out, own ? condition->alias : condition->person_alias);
    buf_putc(&out, '{');
    buf_put(&out, form->name);
    put_path(&out, question);
    buf_putc(&out, '}');
    return buf_str(&out);
}

static struct str rows(void *context, const struct question *repeat)
{
    const struct writing *writing = context;
    const struct condition *condition = writing->condition;
    struct str table =
        str_format(writing->arena, "{%.*s.%.*s}",
                   STR_ARGS(condition->form->name), STR_ARGS(repeat->key));
    struct str own = *condition->alias
                         ? str_of(condition->alias)
                         : str_format(writing->arena, "{%.*s}.",
                                      STR_ARGS(condition->form->name));

    return str_format(writing->arena,
                      "%.*s WHERE %.*s._site = %.*s_site AND "
                      "%.*s._record = %.*s_id",
                      STR_ARGS(table), STR_ARGS(table), STR_ARGS(own),
                      STR_ARGS(table), STR_ARGS(own));
}

enum sql_dialect condition_dialect(const struct task *task)
{
    return strcmp(store_dialect(task->office->store), "sqlite") == 0
               ? SQL_SQLITE
               : SQL_POSTGRESQL;
}

enum error condition_sql(const struct task *task,
                         const struct condition *condition, struct str text,
                         enum sql_type type, struct expr_sql *sql,
                         struct err *err)
{
    struct writing writing = {condition, task->arena};
    struct sql_options options = {.dialect = condition->dialect,
                                  .form = condition->form,
                                  .language = task->language,
                                  .now = task->now,
                                  .utc_offset = task->utc_offset,
                                  .first = condition->first,
                                  .context = &writing,
                                  .column = column,
                                  .rows = rows,
                                  .find = linked};
    struct checking checking = {condition, task, err};
    struct expr_binding names = {.form = condition->form,
                                 .context = &checking,
                                 .unknown = on_unknown,
                                 .used = on_used};
    struct expr *tree;

    if (condition->to_day) {
        text =
            put_day(task->arena, text, "${period_from}", condition->from_day);
        text = put_day(task->arena, text, "${period_to}", condition->to_day);
    }
    if (expr_parse_tree(task->arena, text, &tree, err))
        return err->code == ERROR_MEMORY ? err->code
                                         : (err->code = ERROR_INPUT);
    expr_bind(tree, &names);
    if (err->code)
        return err->code;
    return expr_to_sql_as(tree, type, &options, task->arena, sql, err);
}

void condition_values(const struct expr_sql *sql, struct db_value *value)
{
    for (size_t i = 0; i < sql->count; i++)
        value[i] =
            sql->parameter[i].type == SQL_NUMBER
                ? (struct db_value){.type = 'd', .d = sql->parameter[i].number}
                : (struct db_value){.type = 't', .t = sql->parameter[i].text};
}

/* Values of a list begin at $3. */
enum error condition_filter(const struct task *task, const struct form *form,
                            const struct role *role, struct str text,
                            struct record_filter *filter, struct err *err)
{
    struct condition condition = {.form = form,
                                  .alias = "",
                                  .role = role,
                                  .first = 3,
                                  .dialect = condition_dialect(task)};
    struct db_value *value;
    struct expr_sql sql;

    if (condition_sql(task, &condition, text, SQL_BOOL, &sql, err))
        return err->code;
    value = ARENA_ARRAY(task->arena, struct db_value, sql.count + 1);
    if (!value)
        return err_memory(err);
    condition_values(&sql, value);
    filter->where = str_c(task->arena, sql.text);
    filter->value = value;
    filter->value_count = sql.count;
    return ERROR_NONE;
}
