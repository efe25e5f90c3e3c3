/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_report.c - the report that comes out by itself: figures with how each
 * was counted, tables with a bar beside every row, the same as CSV and JSON,
 * and the records behind a figure for those who may.
 */
#include "core/date.h"
#include "domain/report/indicator.h"
#include "web/page/casework.h"
#include "web/render.h"
#include "web/page/report_paper.h"

/* Last month, unless the address says otherwise. */
static enum error read_period(struct view *view, struct period *period)
{
    struct date today = date_from_day(task_day(&view->task));
    struct date first = {today.year, today.month, 1};
    struct date from = {0}, to = {0};
    struct str from_text = view_query(view, "from");
    struct str to_text = view_query(view, "to");

    period->to_day = date_to_day(first) - 1;
    first = date_from_day(period->to_day);
    first.day = 1;
    period->from_day = date_to_day(first);
    if (from_text.size && !date_parse_whole(from_text, &from))
        return err_set(&view->err, ERROR_INPUT,
                       N_("La fecha «{1}» no se entiende."),
                       str_c(view->task.arena, from_text), NULL, NULL);
    if (to_text.size && !date_parse_whole(to_text, &to))
        return err_set(&view->err, ERROR_INPUT,
                       N_("La fecha «{1}» no se entiende."),
                       str_c(view->task.arena, to_text), NULL, NULL);
    if (from_text.size)
        period->from_day = date_to_day(from);
    if (to_text.size)
        period->to_day = date_to_day(to);
    if (from_text.size && !to_text.size)
        period->to_day = task_day(&view->task);
    return ERROR_NONE;
}

static enum error known_report(struct view *view)
{
    if (str_equal_c(view->param[0], "monthly"))
        return ERROR_NONE;
    return err_set(&view->err, ERROR_NOT_FOUND, N_("No existe ese informe."),
                   NULL, NULL, NULL);
}

static void put_download(struct view *view, struct period period,
                         const char *type, const char *ending, struct str body)
{
    struct arena *arena = view->task.arena;

    response_header(
        view->response, "Content-Disposition",
        view_format(view, "attachment; filename=\"%.*s-%.*s-%.*s.%s\"",
                    STR_ARGS(view->param[0]),
                    STR_ARGS(date_text(arena, date_from_day(period.from_day))),
                    STR_ARGS(date_text(arena, date_from_day(period.to_day))),
                    ending));
    view_body(view, type, body);
}

/* Downloads; false: the page is wanted. */
static bool downloaded(struct view *view, struct period period,
                       const struct value *report)
{
    struct str format = view_query(view, "format");
    struct buf out;

    buf_init(&out, view->task.arena);
    if (str_equal_c(format, "csv")) {
        report_csv(&view->task, report, &out);
        put_download(view, period, "text/csv; charset=utf-8", "csv",
                     buf_str(&out));
        return true;
    }
    if (str_equal_c(format, "json")) {
        value_write_pretty(report, &out);
        put_download(view, period, "application/json; charset=utf-8", "json",
                     buf_str(&out));
        return true;
    }
    return false;
}

static void add_table(struct view *view, struct value *list, struct str key,
                      struct str title, const struct value *rows)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "key", key);
    value_put_str(item, arena, "title", title);
    value_put(item, arena, "rows", rows);
    value_add(list, arena, item);
}

/* The four tables of an indicator, and those by further questions, as a list
 * with their titles. */
static struct value *table_list(struct view *view,
                                const struct value *indicator)
{
    static const struct {
        const char *key, *title;
    } table[] = {{"sex", N_("Por sexo")},
                 {"age_band", N_("Por edad")},
                 {"nationality", N_("Por nacionalidad")},
                 {"country_of_birth", N_("Por país de nacimiento")}};
    const struct value *by = value_get(indicator, "by");
    const struct value *split = value_get(indicator, "split");
    struct value *list = value_list(view->task.arena);

    for (size_t i = 0; value_to_bool(value_get(indicator, "has_by"), false) &&
                       i < sizeof table / sizeof *table;
         i++)
        if (value_count(value_get(by, table[i].key)))
            add_table(view, list, str_of(table[i].key),
                      view_say(view, table[i].title),
                      value_get(by, table[i].key));
    for (size_t i = 0; i < value_count(split); i++) {
        const struct value *one = value_at(split, i);
        struct str key = value_text_of(one, "key");

        add_table(view, list, key, value_text_of(one, "label"),
                  value_get_str(by, key));
    }
    return list;
}

/* Figure, target and how far, in words; the bar says the same. */
void put_goal(struct view *view, struct value *item,
              const struct value *indicator)
{
    struct arena *arena = view->task.arena;
    const struct value *target = value_get(indicator, "target");
    int64_t reached = value_to_int(value_get(indicator, "reached"), 0);
    struct value *goal;

    value_put_bool(item, arena, "goal", false);
    if (!target)
        return;
    goal = value_object(arena);
    value_put_bool(goal, arena, "known",
                   value_get(indicator, "reached") != NULL);
    value_put_str(goal, arena, "target",
                  value_to_bool(value_get(indicator, "share"), false)
                      ? view_format(view, "%.*s %%",
                                    STR_ARGS(value_as_text(target, arena)))
                      : value_as_text(target, arena));
    value_put_int(goal, arena, "percent", reached);
    value_put_int(goal, arena, "bar", reached > 100 ? 100 : reached);
    value_put_bool(goal, arena, "done", reached >= 100);
    value_put(item, arena, "goal", goal);
}

static struct value *
figure_item(struct view *view, const struct value *indicator, struct str period)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_copy(indicator, arena);
    struct str code = value_text_of(indicator, "code");
    bool share = value_to_bool(value_get(indicator, "share"), false);
    const struct value *figure = value_get(indicator, "value");
    struct value *tables;

    value_put_str(item, arena, "value_text",
                  value_type(figure) == VALUE_NULL
                      ? view_say(view, N_("sin datos"))
                  : share ? view_format(view, "%.*s %%",
                                        STR_ARGS(value_as_text(figure, arena)))
                          : value_as_text(figure, arena));
    value_put_bool(item, arena, "zero",
                   value_to_double(value_get(indicator, "denominator"), 0) <=
                       0);
    value_put_bool(
        item, arena, "wide",
        (str_equal_c(code, "REG-01") || str_equal_c(code, "ASI-01")) &&
            value_to_bool(value_get(indicator, "has_by"), false));
    put_goal(view, item, indicator);
    value_put_bool(
        item, arena, "two_only",
        !value_count(value_get(value_get(indicator, "by"), "nationality")));
    tables = table_list(view, indicator);
    value_put(item, arena, "tables", tables);
    value_put_bool(item, arena, "has_tables", value_count(tables) > 0);
    put_text_or_false(
        view, item, "records",
        value_to_bool(value_get(indicator, "listed"), true)
            ? view_format(view, "/report/%.*s/records?indicator=%.*s&%.*s",
                          STR_ARGS(view->param[0]), STR_ARGS(code),
                          STR_ARGS(period))
            : STR(""));
    return item;
}

static void put_page(struct view *view, const struct value *report,
                     struct period period)
{
    struct arena *arena = view->task.arena;
    const struct value *all = value_get(report, "indicators");
    struct value *people = value_list(arena), *help = value_list(arena);
    struct value *info = value_list(arena);
    struct value *own = value_list(arena); /* the site's, and later ones */
    struct str query = view_format(view, "from=%.*s&to=%.*s",
                                   STR_ARGS(value_text_of(report, "from")),
                                   STR_ARGS(value_text_of(report, "to")));

    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *indicator = value_at(all, i);
        struct str code = value_text_of(indicator, "code");

        value_add(str_starts(code, STR("REG-"))   ? people
                  : str_starts(code, STR("ASI-")) ? help
                  : str_starts(code, STR("INF-")) ? info
                                                  : own,
                  arena, figure_item(view, indicator, query));
    }
    value_put(view->page, arena, "people", people);
    value_put(view->page, arena, "help", help);
    value_put(view->page, arena, "info", info);
    value_put(view->page, arena, "own", own);
    value_put_bool(view->page, arena, "has_own", value_count(own) > 0);
    value_put_str(view->page, arena, "query", query);
    value_put_str(view->page, arena, "from_text",
                  day_text(view, period.from_day));
    value_put_str(view->page, arena, "to_text", day_text(view, period.to_day));
    value_put_str(view->page, arena, "made_when",
                  when_text(view, view->task.now));
    value_put_bool(view->page, arena, "can_records",
                   role_has(view->task.actor.role, RIGHT_REPORT_RECORDS));
}

static void put_report(struct view *view, const struct value *report,
                       struct period period)
{
    for (size_t i = 0; i < value_count(report); i++)
        value_set(view->data, view->task.arena, value_name_at(report, i),
                  value_at(report, i));
    put_page(view, report, period);
    view_title(view, N_("Informe"));
}

enum error report_paper(struct app *app, const struct task *task,
                        struct period period, const struct value *report,
                        struct str *html, struct err *err)
{
    struct request request = {.arena = task->arena};
    struct response response = {0};
    struct view view = {.app = app,
                        .task = *task,
                        .request = &request,
                        .response = &response,
                        .template = "report_paper"};

    view.query = view.fields = value_object(task->arena);
    view.data = value_object(task->arena);
    view.page = value_object(task->arena);
    view.param[0] = STR("monthly");
    put_report(&view, report, period);
    render_view(&view, ERROR_NONE);
    if (response.status != 200)
        return err_set(err, ERROR_INTERNAL,
                       N_("Falta una página del programa."), NULL, NULL, NULL);
    *html = response.body;
    return ERROR_NONE;
}

enum error report_page(struct view *view)
{
    struct value *report = NULL;
    struct period period;
    enum error error;

    if ((error = known_report(view)) || (error = read_period(view, &period)) ||
        (error = report_monthly(&view->task, period, &report, &view->err)))
        return error;
    if (downloaded(view, period, report))
        return ERROR_NONE;
    put_report(view, report, period);
    return ERROR_NONE;
}

/* -- the records behind a figure ------------------------------------------- */

static struct str record_label(struct view *view, const struct value *item)
{
    struct str person = value_text_of(item, "person");

    return person.size ? ref_text(view, STR("person"), person)
                       : view_say(view, N_("Sin nombre"));
}

static struct str indicator_label(struct view *view, struct str code)
{
    const struct indicator *indicator =
        indicator_find(view->app->office.indicators, code);

    return indicator
               ? catalog_label(indicator->part[0].table, indicator->part[0].row,
                               "label", view->task.language)
               : code;
}

enum error report_records_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *records = NULL, *list = value_list(arena);
    struct str indicator = view_query(view, "indicator");
    struct period period;
    enum error error;

    if ((error = known_report(view)) || (error = read_period(view, &period)) ||
        (error = report_records(&view->task, period, indicator, &records,
                                &view->err)))
        return error;
    for (size_t i = 0; i < value_count(records); i++) {
        struct value *item = value_copy(value_at(records, i), arena);
        struct str person = value_text_of(item, "person");
        struct str kind = value_text_of(item, "kind");

        value_put_str(item, arena, "label", record_label(view, item));
        put_text_or_false(
            view, item, "href",
            person.size ? view_format(view, "/person/%.*s", STR_ARGS(person))
            : role_has(view->task.actor.role, right_to_read(kind))
                ? record_href(view, kind, value_text_of(item, "id"))
                : STR(""));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "records", list);
    value_put_str(view->data, arena, "indicator", indicator);
    value_put_str(view->data, arena, "label", indicator_label(view, indicator));
    value_put_str(
        view->page, arena, "back",
        view_format(view, "/report/%.*s?from=%.*s&to=%.*s",
                    STR_ARGS(view->param[0]),
                    STR_ARGS(date_text(arena, date_from_day(period.from_day))),
                    STR_ARGS(date_text(arena, date_from_day(period.to_day)))));
    view_title(view, N_("Registros de una cifra"));
    return ERROR_NONE;
}
