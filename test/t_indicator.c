/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Indicators: every figure of the month is what the evaluator of expressions
 * gives when it goes over the records one by one, on both databases; what
 * cannot be counted is told with its place; a site's own indicator is counted
 * like the others; and who filters a list learns nothing she may not read. */
#include <math.h>
#include <stdlib.h>

#include "core/date.h"
#include "domain/calendar.h"
#include "domain/demo/demo.h"
#include "domain/person/merge.h"
#include "domain/record/condition.h"
#include "domain/report/indicator.h"
#include "domain/report/report.h"
#include "domain_fixture.h"
#include "form/expr/expr.h"

enum { PEOPLE = 60, RECORDS_MAX = 2000 };

static void say(const struct err *err)
{
    if (err->code)
        fixture_say(err);
}

/* -- the same by the evaluator ---------------------------------------------
 */

struct looking {
    struct task *task;
    struct period period;
    const struct value *person;
};

static bool look_up(void *context, struct str name, struct str *text)
{
    const struct looking *looking = context;
    struct arena *arena = looking->task->arena;

    if (str_starts(name, STR("person."))) {
        *text = value_text(
            value_get_str(looking->person, str_slice(name, 7, name.size)));
        return true;
    }
    if (str_equal_c(name, "period_to"))
        *text = date_text(arena, date_from_day(looking->period.to_day));
    else if (str_equal_c(name, "period_from"))
        *text = date_text(arena, date_from_day(looking->period.from_day));
    else
        return false;
    return true;
}

static struct expr_result evaluate(struct looking *looking,
                                   const struct record *record, struct str text)
{
    struct task *task = looking->task;
    struct expr_scope scope = {
        .arena = task->arena,
        .form = forms_find(task->office->forms, record->kind, STR("")),
        .answers = record->answers,
        .now = task->now,
        .utc_offset = task->utc_offset,
        .context = looking,
        .lookup = look_up};
    struct expr_result result = {0};
    const struct expr *expr;
    struct err err = {0};

    if (expr_parse(task->arena, text, &expr, &err) ||
        expr_eval(expr, &scope, &result, &err))
        say(&err);
    return result;
}

static bool holds(struct looking *looking, const struct record *record,
                  struct str text)
{
    struct expr_result result;

    if (!text.size)
        return true;
    result = evaluate(looking, record, text);
    return expr_to_bool(&result);
}

static bool in_period(const struct looking *looking,
                      const struct measure *measure,
                      const struct record *record)
{
    struct task *task = looking->task;
    struct str text = value_text(value_get_str(record->answers, measure->date));
    int64_t instant = record->created;
    struct date date;

    if (!measure->date.size)
        return true;
    if (!str_equal_c(measure->date, "_created")) {
        if (date_parse_whole(text, &date)) {
            int64_t day = date_to_day(date);

            return day >= looking->period.from_day &&
                   day <= looking->period.to_day;
        }
        if (!instant_parse(text, &instant))
            return false;
    }
    return instant > calendar_day_end(task, looking->period.from_day - 1) &&
           instant <= calendar_day_end(task, looking->period.to_day);
}

struct counted {
    double all, good;
    struct str seen[RECORDS_MAX];
    bool met[RECORDS_MAX];
    size_t persons;
    double amount[RECORDS_MAX];
    size_t amounts;
};

static bool counts_persons(const struct measure *measure)
{
    return measure->count == MEASURE_PERSONS ||
           measure->count == MEASURE_PERSON_SHARE;
}

static void count_person(struct counted *counted, struct str person, bool good)
{
    size_t at = 0;

    while (at < counted->persons && !str_equal(counted->seen[at], person))
        at++;
    if (at == counted->persons) {
        counted->seen[counted->persons] = person;
        counted->met[counted->persons++] = false;
        counted->all++;
    }
    if (good && !counted->met[at]) {
        counted->met[at] = true;
        counted->good++;
    }
}

/* The file that stands now. */
static struct record person_of(struct task *task, struct str id)
{
    struct record person = {0};
    struct err err = {0};

    do {
        record_read(&task->office->log, task->db, STR("person"), id,
                    task->arena, &person, &err);
        id = value_text_of(person.answers, "merged_into");
    } while (id.size);
    return person;
}

static void count_record(struct looking *looking, struct counted *counted,
                         const struct measure *measure,
                         const struct record *record)
{
    bool is_person = str_equal_c(record->kind, "person");
    struct str id = is_person ? record->id : record->subject;
    struct record own = {0};
    struct err ignored = {0};
    bool good;

    if (id.size)
        record_read(&looking->task->office->log, looking->task->db,
                    STR("person"), id, looking->task->arena, &own, &ignored);
    looking->person = own.answers;
    if (!in_period(looking, measure, record) ||
        !holds(looking, record, measure->filter))
        return;
    good = holds(looking, record, measure->numerator);
    if (counts_persons(measure)) {
        count_person(counted, person_of(looking->task, id).id, good);
        return;
    }
    if (measure->amount.size) {
        struct expr_result amount = evaluate(looking, record, measure->amount);

        counted->amount[counted->amounts++] = expr_to_number(&amount);
    }
    counted->all += measure->count == MEASURE_SUM
                        ? counted->amount[counted->amounts - 1]
                        : 1;
    counted->good += good;
}

static void count_part(struct looking *looking, struct counted *counted,
                       const struct measure *measure)
{
    struct record_filter filter = {.kind = measure->kind, .limit = RECORDS_MAX};
    struct record *record = NULL;
    struct err err = {0};
    size_t count = 0;

    record_list(&looking->task->office->log, looking->task->db, &filter, true,
                looking->task->arena, &record, &count, &err);
    say(&err);
    for (size_t i = 0; i < count; i++)
        count_record(looking, counted, measure, &record[i]);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double middle(struct counted *counted)
{
    size_t n = counted->amounts;

    qsort(counted->amount, n, sizeof(double), compare);
    return n % 2 ? counted->amount[n / 2]
                 : (counted->amount[n / 2 - 1] + counted->amount[n / 2]) / 2;
}

/* -- figures ----------------------------------------------------------------
 */

static const struct value *figure_of(const struct value *report,
                                     struct str code)
{
    const struct value *list = value_get(report, "indicators");

    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text_of(value_at(list, i), "code"), code))
            return value_at(list, i);
    return NULL;
}

static bool near(double a, double b)
{
    return fabs(a - b) < 0.051; /* figures have one decimal */
}

static double told(const struct value *figure, const char *name)
{
    return value_to_double(value_get(figure, name), -1);
}

/* What the parts of a table add up to. */
static double whole(const struct value *cells)
{
    double sum = 0;

    for (size_t i = 0; i < value_count(cells); i++)
        sum += told(value_at(cells, i), "of");
    return sum;
}

static void check_figure(struct tap *tap, struct looking *looking,
                         const struct indicator *indicator,
                         const struct value *report)
{
    const struct value *figure = figure_of(report, indicator->code);
    const struct value *by = value_get(figure, "by");
    struct counted *counted = calloc(1, sizeof *counted);
    bool share = value_to_bool(value_get(figure, "share"), false);
    char code[24];
    bool same;

    snprintf(code, sizeof code, "%.*s", STR_ARGS(indicator->code));
    for (size_t i = 0; i < indicator->parts; i++)
        count_part(looking, counted, &indicator->part[i]);
    same = near(told(figure, "denominator"), counted->all) &&
           (!share || near(told(figure, "numerator"), counted->good));
    if (indicator->part[0].count == MEASURE_MEDIAN && counted->amounts)
        same = same && near(told(figure, "value"), middle(counted));
    tap_ok(tap, same, "%s: as the evaluator counts it", code);
    if (!same)
        printf("# by SQL %g of %g, by the evaluator %g of %g\n",
               told(figure, "numerator"), told(figure, "denominator"),
               counted->good, counted->all);
    if (value_to_bool(value_get(figure, "has_by"), false))
        for (size_t i = 0; i < 4; i++)
            if (!near(whole(value_at(by, i)), counted->all))
                tap_ok(tap, false, "%s: the parts by %.*s add up", code,
                       STR_ARGS(value_name_at(by, i)));
    free(counted);
}

/* A file merged into another and a service for each: one person. */
static void add_merged(struct fixture *fixture)
{
    static const char *const service =
        "{'person':'%.*s','service_code':'AL5','qty':'2.5',"
        "'date':'2026-11-12'}";
    struct str one = fixture_person(
        fixture, "{'alias':'Ejemplo Uno','sex':'M','age_years':'30'}");
    struct str two = fixture_person(
        fixture, "{'alias':'Ejemplo Dos','sex':'M','age_years':'31'}");
    struct task task = fixture_task(fixture, "supervisor");
    struct err err = {0};

    fixture_record(fixture, "service",
                   str_c(&fixture->arena,
                         str_format(&fixture->arena, service, STR_ARGS(one))));
    fixture_record(fixture, "service",
                   str_c(&fixture->arena,
                         str_format(&fixture->arena, service, STR_ARGS(two))));
    fixture_record(
        fixture, "arrival",
        str_c(&fixture->arena, str_format(&fixture->arena,
                                          "{'person':'%.*s',"
                                          "'arrived_on':'2026-11-02',"
                                          "'arrival_type':'estancia'}",
                                          STR_ARGS(two))));
    person_merge(&task, one, two, STR("es la misma persona"), &err);
    say(&err);
}

static void fill(struct fixture *fixture)
{
    struct demo_result result = {0};
    struct task task;
    struct err err = {0};
    size_t cases = 0;

    fixture->now = fixture_instant("2026-11-20T16:00:00Z");
    task = fixture_task(fixture, "system");
    demo_fill(&task, PEOPLE, 7, &result, &err);
    demo_cases(&task, &result, DEMO_CASES, &cases, &err);
    say(&err);
    fixture_record(fixture, "tally",
                   "{'date':'2026-11-03','sex':'M','age_band':'18-24',"
                   "'nationality':'HND','service_code':'AL5','qty':'3'}");
    fixture_record(fixture, "tally",
                   "{'date':'2026-11-18','service_code':'AL1'}");
    fixture_record(fixture, "tally",
                   "{'date':'2026-10-31','service_code':'AL1','qty':'9'}");
    add_merged(fixture);
    fixture->now = fixture_instant("2026-12-02T16:00:00Z");
}

/* -- a site's own -----------------------------------------------------------
 */

static const char site_table[] =
    "code;version;label::Español (es);count;kind;date;filter;numerator;by\n"
    "\n"
    "SITIO-01;1;Mujeres que llegaron;persons;arrival;arrived_on;"
    "${person.sex} = 'M' and ${arrival_type} = 'estancia';;"
    "arrival_type person.language_main\n"
    "SITIO-02;1;Fines de semana;share;arrival;arrived_on;;"
    "format-date(${arrived_on}, '%d') > 15;arrival_type\n"
    "SITIO-03;1;Con patrón;records;arrival;arrived_on;"
    "regex(${notes}, 'a');;\n"
    "SITIO-04;1;Sin pregunta;records;arrival;arrived_on;${nada} = 1;;\n"
    "SITIO-05;1;Sin fecha;records;arrival;person;;;\n"
    "SITIO-06;1;Sin clase;records;nada;date;;;\n"
    "SITIO-07;1;Sin cuenta;veces;arrival;arrived_on;;;\n"
    "SITIO-08;1;Sin numerador;share;arrival;arrived_on;;;\n"
    "SITIO-09;1;Lugares;persons;place;;;;\n"
    "SITIO-10;1;Por texto;records;arrival;arrived_on;;;person.weight\n"
    "ASI-01;2;Con asistencia, de la sede;persons;service;date;"
    "${qty} > 2;;\n"
    "SITIO-11;1;Por lo cerrado;records;arrival;arrived_on;;;"
    "person.sexual_orientation\n";

struct site_files {
    struct form_files own;
    struct str table;
};

static struct str site_file(void *context, struct str name)
{
    const struct site_files *files = context;

    return str_equal_c(name, "site/indicator.csv")
               ? files->table
               : files->own.file(files->own.context, name);
}

static void check_problems(struct tap *tap, struct task *task)
{
    static const struct {
        size_t row;
        const char *column, *part;
    } expected[] = {{9, "count", "veces"},  {5, "filter", "regex"},
                    {6, "filter", "nada"},  {7, "date", "person"},
                    {8, "kind", "nada"},    {10, "numerator", "numerador"},
                    {11, "count", "place"}, {12, "by", "person.weight"}};
    const struct form_problems *problems = &task->office->indicators->problems;
    size_t most = sizeof expected / sizeof *expected;

    tap_is_int(tap, (long long)problems->errors, (long long)most,
               "everything wrong is told, and nothing else");
    for (size_t i = 0; i < most && i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];
        struct str text = err_text(&problem->err, NULL, task->arena);

        tap_ok(tap,
               problem->row == expected[i].row &&
                   str_equal_c(problem->column, expected[i].column) &&
                   str_find(text, str_of(expected[i].part)) != SIZE_MAX,
               "row %zu, column %s: %.*s", expected[i].row, expected[i].column,
               STR_ARGS(text));
        if (problem->row != expected[i].row)
            printf("# row %zu column %.*s\n", problem->row,
                   STR_ARGS(problem->column));
    }
}

/* A table by a question that is closed to the reader is not for her. */
static void check_closed_split(struct tap *tap, struct fixture *fixture,
                               struct period period)
{
    static const char *const role[] = {"system", "reporter"};

    for (size_t i = 0; i < 2; i++) {
        struct task task = fixture_task(fixture, role[i]);
        struct value *report = NULL;
        const struct value *figure;
        struct err err = {0};

        report_monthly(&task, period, &report, &err);
        say(&err);
        figure = figure_of(report, STR("SITIO-11"));
        tap_ok(tap,
               told(figure, "value") > 0 &&
                   (value_count(value_get(figure, "rows")) > 0) == (i == 0),
               "%s: %s by what is closed", role[i], i ? "no table" : "a table");
    }
}

static void check_site(struct tap *tap, struct fixture *fixture,
                       struct looking *looking)
{
    struct site_files context = {*fixture->office.files, str_of(site_table)};
    struct form_files files = {&context, site_file};
    const struct form_files *before = fixture->office.files;
    const struct indicators *shipped = fixture->office.indicators;
    struct value *report = NULL, *records = NULL;
    struct err err = {0};

    fixture->office.files = &files;
    tap_ok(tap,
           indicators_read(&fixture->office, fixture->db, &err) == ERROR_NONE,
           "a site's table is read");
    check_problems(tap, looking->task);
    report_monthly(looking->task, looking->period, &report, &err);
    say(&err);
    for (size_t i = 0; i < 2; i++)
        check_figure(tap, looking,
                     indicator_find(fixture->office.indicators,
                                    i ? STR("SITIO-02") : STR("SITIO-01")),
                     report);
    check_figure(tap, looking,
                 indicator_find(fixture->office.indicators, STR("ASI-01")),
                 report);
    tap_is(tap,
           str_c(looking->task->arena,
                 value_text_of(figure_of(report, STR("ASI-01")), "version")),
           "2", "a code that is shipped is replaced");
    tap_ok(tap,
           value_count(
               value_get(value_get(figure_of(report, STR("SITIO-01")), "by"),
                         "person.language_main")) > 0,
           "split by a question of the person, too");
    tap_ok(tap,
           value_text_of(figure_of(report, STR("SITIO-03")), "problem").size >
                   0 &&
               value_type(value_get(figure_of(report, STR("SITIO-03")),
                                    "value")) == VALUE_NULL,
           "what cannot be counted says so where its figure would stand");
    tap_ok(tap,
           report_records(looking->task, looking->period, STR("SITIO-01"),
                          &records, &err) == ERROR_NONE &&
               value_count(records) > 0,
           "and its records");
    check_closed_split(tap, fixture, looking->period);
    fixture->office.files = before;
    fixture->office.indicators = shipped;
}

/* -- a list's filter --------------------------------------------------------
 */

static void check_filter(struct tap *tap, struct looking *looking,
                         const char *kind, const char *text)
{
    struct task *task = looking->task;
    const struct form *form =
        forms_find(task->office->forms, str_of(kind), STR(""));
    struct record_filter all = {.kind = str_of(kind), .limit = RECORDS_MAX};
    struct record_filter some = all;
    struct record *record = NULL;
    struct err err = {0};
    size_t total = 0, count = 0, expected = 0;

    record_list(&task->office->log, task->db, &all, true, task->arena, &record,
                &total, &err);
    for (size_t i = 0; i < total; i++)
        expected += holds(looking, &record[i], str_of(text));
    condition_filter(task, form, NULL, str_of(text), &some, &err);
    record_list(&task->office->log, task->db, &some, false, task->arena,
                &record, &count, &err);
    say(&err);
    tap_ok(tap, !err.code && count == expected && count > 0 && count < total,
           "%s: %zu of %zu where %s", kind, count, total, text);
}

/* What is closed is refused in the same words as what does not exist. */
static void check_closed(struct tap *tap, struct fixture *fixture,
                         const char *role, const char *kind, const char *text,
                         bool open)
{
    struct task task = fixture_task(fixture, role);
    const struct form *form =
        forms_find(task.office->forms, str_of(kind), STR(""));
    struct record_filter filter = {.kind = str_of(kind)};
    struct err err = {0}, unknown = {0};

    condition_filter(&task, form, task.actor.role, str_of(text), &filter, &err);
    condition_filter(&task, form, task.actor.role, STR("${nada} = 1"), &filter,
                     &unknown);
    tap_ok(tap,
           open ? !err.code
                : err.code == ERROR_INPUT && err.message == unknown.message,
           "%s may %sfilter %s by %s", role, open ? "" : "not ", kind, text);
}

static void check_filters(struct tap *tap, struct fixture *fixture,
                          struct looking *looking)
{
    check_filter(tap, looking, "person",
                 "${sex} = 'M' and ${nationality} != 'HND'");
    check_filter(tap, looking, "arrival", "${arrived_on} >= '2026-06-01'");
    check_filter(tap, looking, "referral", "${sent_at} = ''");
    check_filter(tap, looking, "tally", "${qty} > 2 or ${sex} = 'M'");
    check_closed(tap, fixture, "intake", "person", "${sex} = 'M'", true);
    check_closed(tap, fixture, "intake", "person",
                 "${sexual_orientation} = 'x'", false);
    check_closed(tap, fixture, "intake", "person",
                 "${sex} = 'M' or ${wg_ver} = '1'", false);
    check_closed(tap, fixture, "intake", "person",
                 "/data/g_identity/sexual_orientation = 'x'", false);
    check_closed(tap, fixture, "supervisor", "person", "${wg_ver} = '1'", true);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct task task;
    struct looking looking = {
        .period = {fixture_day("2026-11-01"), fixture_day("2026-11-30")}};
    const struct indicators *list = fixture->office.indicators;
    struct value *report = NULL;
    struct err err = {0};

    tap_is_int(tap, (long long)list->problems.count, 0,
               "the shipped table has no problem");
    tap_is_int(tap, (long long)list->count, 24, "24 indicators");
    fill(fixture);
    task = fixture_task(fixture, "system");
    looking.task = &task;
    tap_ok(tap,
           report_monthly(&task, looking.period, &report, &err) == ERROR_NONE,
           "the month");
    say(&err);
    for (size_t i = 0; i < list->count; i++)
        if (!list->indicator[i].part[0].query.size)
            check_figure(tap, &looking, &list->indicator[i], report);
    check_site(tap, fixture, &looking);
    check_filters(tap, fixture, &looking);
}

int main(void)
{
    return fixture_main(check);
}
