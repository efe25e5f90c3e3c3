/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* outreach.c - see outreach.h. */
#include "domain/outreach/outreach.h"

#include "core/date.h"
#include "store/project.h"

/* What a form calculates is kept as text. */
#define SUM(question)                                                          \
    "CAST(coalesce(sum(CAST(nullif({outreach." question                        \
    "}, '') AS BIGINT)), 0) AS BIGINT)"

/* $1 site, $2 first day. */
static const struct {
    const char *code, *sql;
} total_table[] = {
    {"INF-01",
     "SELECT " SUM("total") " FROM {outreach}"
                            " WHERE {outreach}._site = $1 AND "
                            "{outreach}._state <> 'erased'"
                            " AND {outreach.date} >= $2 AND {outreach.kind} IN"
                            " ('ventanilla_fija', 'ventanilla_movil')"},
    {"INF-04", "SELECT " SUM("children") " FROM {outreach}"
                                         " WHERE {outreach}._site = $1 AND "
                                         "{outreach}._state <> 'erased'"
                                         " AND {outreach.date} >= $2"},
};

static enum error count(struct task *task, const char *sql, struct str from,
                        double *value, struct err *err)
{
    const char *query =
        project_sql(&task->office->log, task->db, task->arena, sql, err);
    struct rows rows;

    if (!query)
        return err->code;
    if (db_query(task->db, &rows, err, query, "tt", task->office->log.site,
                 from))
        return rows_end(&rows);
    *value = rows_next(&rows) ? rows_double(&rows, 0) : 0;
    return rows_end(&rows);
}

static struct value *total_view(struct task *task, size_t which, double value,
                                double year)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "indicator");
    struct str code = str_of(total_table[which].code);
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;
    struct arena *arena = task->arena;
    struct value *item = value_object(arena);
    double target = 0;

    value_put_str(item, arena, "code", code);
    value_put_str(item, arena, "label",
                  catalog_label(table, row, "label", task->language));
    value_put_str(item, arena, "how_counted",
                  catalog_label(table, row, "how_counted", task->language));
    value_put_int(item, arena, "value", (int64_t)value);
    value_put_int(item, arena, "year", (int64_t)year);
    if (row != SIZE_MAX &&
        str_to_double(catalog_cell(table, row, "target"), &target) &&
        target > 0) {
        value_put_int(item, arena, "target", (int64_t)target);
        value_put_int(item, arena, "reached", (int64_t)(100 * value / target));
    }
    return item;
}

enum error outreach_totals(struct task *task, struct value **list,
                           struct err *err)
{
    struct date first = date_from_day(task_day(task));
    enum error error = ERROR_NONE;

    first.month = first.day = 1;
    *list = value_list(task->arena);
    for (size_t i = 0; i < sizeof total_table / sizeof total_table[0] && !error;
         i++) {
        double value = 0, year = 0;

        error = count(task, total_table[i].sql, STR("0001-01-01"), &value, err);
        if (!error)
            error = count(task, total_table[i].sql,
                          date_text(task->arena, first), &year, err);
        value_add(*list, task->arena, total_view(task, i, value, year));
    }
    return error;
}

enum error outreach_sums(struct task *task, struct value **sums,
                         struct err *err)
{
    static const char *const name[] = {"activities", "people", "children",
                                       "pieces"};
    const char *sql =
        project_sql(&task->office->log, task->db, task->arena,
                    "SELECT count(*), " SUM("total") ", " SUM(
                        "children") ","
                                    " CAST(coalesce(sum({outreach.pieces}), 0) "
                                    "AS BIGINT) FROM {outreach}"
                                    " WHERE {outreach}._site = $1 AND "
                                    "{outreach}._state <> 'erased'",
                    err);
    struct rows rows;

    *sums = value_object(task->arena);
    if (!sql)
        return err->code;
    if (db_query(task->db, &rows, err, sql, "t", task->office->log.site))
        return rows_end(&rows);
    if (rows_next(&rows))
        for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
            value_put_int(*sums, task->arena, name[i],
                          (int64_t)rows_double(&rows, i));
    return rows_end(&rows);
}
