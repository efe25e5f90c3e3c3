/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_outreach.c - windows, talks and campaigns: counts that become figures with
 * their targets, by sex and age; what is wrong is told; who may write.
 * Everything is made up.
 */
#include "core/date.h"
#include "domain/alert/alert.h"
#include "domain/notice/know.h"
#include "domain/notice/usage.h"
#include "domain/outreach/outreach.h"
#include "domain/report/report.h"
#include "domain_fixture.h"
#include "form/read/xml_tree.h"

struct bench {
    struct tap *tap;
    struct fixture *fixture;
};

static enum error save(struct bench *bench, const char *role, const char *json,
                       struct saved *saved)
{
    struct task task = fixture_task(bench->fixture, role);
    struct save one = {.kind = STR("outreach"),
                       .input = fixture_json(bench->fixture, json)};
    struct err err = {0};

    *saved = (struct saved){0};
    return record_save(&task, &one, saved, &err);
}

static const struct value *figure(struct bench *bench, const struct value *from,
                                  const char *code)
{
    const struct value *list = value_get(from, "indicators");

    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal_c(value_text_of(value_at(list, i), "code"), code))
            return value_at(list, i);
    tap_ok(bench->tap, false, "%s is in the report", code);
    return NULL;
}

static const char *cells(struct bench *bench, const struct value *figure,
                         const char *dimension)
{
    const struct value *list = value_get(value_get(figure, "by"), dimension);
    struct buf out;

    buf_init(&out, &bench->fixture->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *cell = value_at(list, i);

        buf_printf(&out, "%s%.*s=%lld", i ? " " : "",
                   STR_ARGS(value_text_of(cell, "code")),
                   (long long)value_to_int(value_get(cell, "count"), -1));
    }
    return str_c(&bench->fixture->arena, buf_str(&out));
}

static const char *rows_of(struct bench *bench, const struct value *figure)
{
    const struct value *list = value_get(figure, "rows");
    struct buf out;

    buf_init(&out, &bench->fixture->arena);
    for (size_t i = 0; i < value_count(list); i++)
        buf_printf(
            &out, "%s%.*s=%lld", i ? " " : "",
            STR_ARGS(value_text_of(value_at(list, i), "code")),
            (long long)value_to_int(value_get(value_at(list, i), "count"), -1));
    return str_c(&bench->fixture->arena, buf_str(&out));
}

static long long number(const struct value *figure, const char *name)
{
    return value_to_int(value_get(figure, name), -1);
}

static void check_saving(struct bench *bench)
{
    struct saved saved;
    struct str id;

    tap_ok(bench->tap,
           !save(bench, "intake",
                 "{'date':'2026-11-20','kind':'ventanilla_movil',"
                 "'municipality':'Suchiate','topics':'derechos asilo',"
                 "'languages':'spa hat','n_m_0_11':'3','n_h_12_17':'2',"
                 "'n_m_18_29':'10','n_x_nd':'1'}",
                 &saved),
           "a stop of the van");
    id = saved.id;
    tap_is(bench->tap, fixture_answer(bench->fixture, "outreach", id, "total"),
           "16", "adds up");
    tap_is(bench->tap,
           fixture_answer(bench->fixture, "outreach", id, "children"), "5",
           "children apart");
    tap_is_int(bench->tap,
               save(bench, "intake",
                    "{'date':'2026-11-20','kind':'platica','n_m_0_11':'-1'}",
                    &saved),
               ERROR_INPUT, "fewer than none is told");
    tap_is_int(bench->tap,
               save(bench, "intake",
                    "{'date':'2026-11-20','kind':'platica','n_m_0_11':'5001'}",
                    &saved),
               ERROR_INPUT, "and too many");
    tap_is_int(bench->tap,
               save(bench, "intake",
                    "{'date':'2027-11-20','kind':'platica','n_m_0_11':'1'}",
                    &saved),
               ERROR_INPUT, "and tomorrow");
    tap_is_int(bench->tap,
               save(bench, "reporter",
                    "{'date':'2026-11-20','kind':'platica','n_m_0_11':'1'}",
                    &saved),
               ERROR_FORBIDDEN, "who makes reports counts nobody");
}

/* As the page does it (public_offline.c), written down when the day is over. */
static void counted_times(struct bench *bench, const char *day, int times,
                          const char *page, const char *area)
{
    struct fixture *fixture = bench->fixture;
    int64_t now = fixture->now;
    struct err err = {0};
    struct task task;

    fixture->now = fixture_instant(day);
    task = fixture_task(fixture, "");
    for (int i = 0; i < times; i++)
        usage_count(&task, str_of(page), str_of(area));
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    if (usage_flush(&task, &err))
        fixture_say(&err);
    fixture->now = now;
}

static void saved_times(struct bench *bench, const char *day, int times,
                        const char *area)
{
    counted_times(bench, day, times, USAGE_SAVED, area);
}

/* Written at noon, out at 12:42. */
static void publish(struct bench *bench, const char *more)
{
    struct fixture *fixture = bench->fixture;
    int64_t now = fixture->now;
    struct task task = fixture_task(fixture, "ofam");
    struct buf json;
    struct save save = {.kind = STR("alert")};
    struct saved saved = {0};
    struct record record = {0};
    struct err err = {0};

    buf_init(&json, &fixture->arena);
    buf_printf(&json,
               "{'info':[{'language':'es','event':'Lluvia','headline':'Lluvia'"
               "}],'category':'Met','severity':'Severe','urgency':'Immediate',"
               "'certainty':'Observed','expires':'2030-01-01T12:00:00Z',"
               "'states':'MX-CHP',%s}",
               more);
    save.input = fixture_json(fixture, str_c(&fixture->arena, buf_str(&json)));
    if (record_save(&task, &save, &saved, &err))
        fixture_say(&err);
    fixture->now += 42 * 60000;
    task = fixture_task(fixture, "supervisor");
    if (alert_read(&task, saved.id, &record, &err) ||
        alert_approve(&task, saved.id, record.clock, &err) ||
        alert_publish(&task, saved.id, &err))
        fixture_say(&err);
    fixture->now = now;
}

static void write_text(struct bench *bench, const char *json)
{
    struct task task = fixture_task(bench->fixture, "system");
    struct change change;
    struct err err = {0};

    change_init(&change, &task);
    change_add(&change, STR("notice"), host_uuid(task.office->host, task.arena),
               OP_CREATE, fixture_json(bench->fixture, json), STR(""));
    if (change_commit(&change, NULL, &err))
        fixture_say(&err);
}

static void check_public(struct bench *bench)
{
    static struct notice file[] = {{.name = {"one", 3}, .language = {"es", 2}},
                                   {.name = {"one", 3}, .language = {"en", 2}},
                                   {.name = {"two", 3}, .language = {"es", 2}},
                                   {.name = {"two", 3}, .language = {"fr", 2}},
                                   {.name = {"a'b", 3}, .language = {"fr", 2}}};
    struct know know = {.notice = file, .count = 5};
    const struct know *shipped = bench->fixture->office.know;
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct period period = {fixture_day("2026-11-01"),
                            fixture_day("2026-11-30")};
    struct value *report = NULL;
    struct err err = {0};

    publish(bench, "'status':'Actual'");
    publish(bench, "'status':'Exercise'");
    bench->fixture->office.know = &know;
    write_text(bench, "{'name':'one','notice_language':'es','body':'x'}");
    write_text(bench, "{'name':'two','notice_language':'ht','body':'x'}");
    write_text(bench, "{'name':'one','notice_language':'ht','draft_body':'x'}");
    tap_ok(bench->tap, !report_monthly(&task, period, &report, &err),
           "the report of the public side");
    fixture_say(&err);
    tap_is_int(bench->tap, number(figure(bench, report, "INF-06"), "value"), 1,
               "an alert that was real");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-06M"), "value"),
               42, "minutes until it was out");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-07"), "value"), 50,
               "one topic of two can be read in three languages");
    tap_ok(bench->tap,
           !value_to_bool(value_get(figure(bench, report, "INF-07"), "has_by"),
                          true),
           "texts have no sex");
    bench->fixture->office.know = shipped;
    report = NULL;
    tap_ok(bench->tap,
           !report_monthly(&task, period, &report, &err) &&
               number(figure(bench, report, "INF-07"), "value") > 50,
           "and what comes with the program");
}

static void check_figures(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct period period = {fixture_day("2026-11-01"),
                            fixture_day("2026-11-30")};
    struct saved saved;
    struct value *report = NULL;
    struct err err = {0};
    const struct value *informed, *children, *places;

    save(bench, "intake",
         "{'date':'2026-11-21','kind':'ventanilla_fija','n_h_60':'4'}", &saved);
    save(bench, "intake",
         "{'date':'2026-11-21','kind':'platica','n_h_0_11':'20',"
         "'n_m_12_17':'1','n_h_30_59':'2'}",
         &saved);
    save(bench, "intake",
         "{'date':'2026-10-21','kind':'ventanilla_fija','n_h_60':'900'}",
         &saved);
    fixture_record(bench->fixture, "place",
                   "{'name':'Ejemplo','place_type':'ALB','country':'MEX',"
                   "'verified_on':'2026-09-01'}");
    fixture_record(bench->fixture, "place",
                   "{'name':'Antiguo','place_type':'ALB','country':'MEX',"
                   "'verified_on':'2025-09-01'}");
    saved_times(bench, "2026-10-31T18:00:00Z", 10, "");
    saved_times(bench, "2026-11-10T18:00:00Z", 11, "MX-CHP");
    saved_times(bench, "2026-11-20T18:00:00Z", 12, "MX-CHP");
    saved_times(bench, "2026-11-21T18:00:00Z", 9, "");
    saved_times(bench, "2026-11-30T18:00:00Z", 13, "");
    tap_ok(bench->tap, !report_monthly(&task, period, &report, &err),
           "the report");
    fixture_say(&err);
    informed = figure(bench, report, "INF-01");
    children = figure(bench, report, "INF-04");
    places = figure(bench, report, "INF-03");
    tap_is_int(bench->tap, number(informed, "value"), 20,
               "windows of the month, no talks");
    tap_is_int(bench->tap, number(informed, "target"), 5000, "its target");
    tap_is(bench->tap, cells(bench, informed, "sex"), "M=13 H=6 =1", "by sex");
    tap_is(bench->tap, cells(bench, informed, "age_band"),
           "0-11=3 12-17=2 18-29=10 60+=4 =1", "by age, in order");
    tap_is_int(bench->tap, (long long)value_count(value_get(informed, "rows")),
               2, "fixed and mobile");
    tap_is_int(bench->tap, number(children, "value"), 26,
               "children, at talks too");
    tap_is_int(bench->tap, number(children, "target"), 1000, "its target");
    tap_is_int(bench->tap, number(places, "value"), 1,
               "places verified within 180 days");
    tap_is_int(bench->tap, number(places, "target"), 1500, "its target");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-02"), "value"),
               11 + 12 + 13,
               "the directory was saved: days of the month, all states once");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-02"), "target"),
               4000, "its target");
}

static void serve_person(struct bench *bench, const char *given)
{
    struct str id;
    struct err err = {0};
    struct task task = fixture_task(bench->fixture, "intake");
    struct save save = {.kind = STR("service")};
    struct saved saved = {0};

    id = fixture_record(bench->fixture, "person",
                        str_c(&bench->fixture->arena,
                              str_format(&bench->fixture->arena,
                                         "{'given_names':'%s'}", given)));
    for (int day = 3; day < 5; day++) {
        save.input = fixture_json(
            bench->fixture,
            str_c(&bench->fixture->arena,
                  str_format(&bench->fixture->arena,
                             "{'person':'%.*s','date':'2026-11-0%d',"
                             "'service_code':'AL1'}",
                             STR_ARGS(id), day)));
        if (record_save(&task, &save, &saved, &err))
            fixture_say(&err);
    }
}

/* Campaigns by medium, who benefited, searches in vain: in October, so that
 * the other figures stay what they are. */
static void check_reach(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct period october = {fixture_day("2026-10-01"),
                             fixture_day("2026-10-31")};
    struct period november = {fixture_day("2026-11-01"),
                              fixture_day("2026-11-30")};
    struct value *report = NULL;
    struct saved saved;
    struct err err = {0};

    save(bench, "intake",
         "{'date':'2026-10-05','kind':'campana','channel':'radio',"
         "'reach':'4000'}",
         &saved);
    save(bench, "intake",
         "{'date':'2026-10-06','kind':'campana','channel':'persona',"
         "'n_m_18_29':'30','n_h_18_29':'12'}",
         &saved);
    save(bench, "intake",
         "{'date':'2026-10-07','kind':'campana','channel':'radio',"
         "'reach':'500','n_x_nd':'3'}",
         &saved);
    save(bench, "intake",
         "{'date':'2026-10-08','kind':'capacitacion','n_m_30_59':'7'}", &saved);
    counted_times(bench, "2026-10-05T18:00:00Z", 40, USAGE_SEARCH, "");
    counted_times(bench, "2026-10-05T18:00:00Z", 10, USAGE_EMPTY, "");
    counted_times(bench, "2026-10-06T18:00:00Z", 60, USAGE_SEARCH, "");
    counted_times(bench, "2026-10-06T18:00:00Z", 9, USAGE_EMPTY, "");
    tap_ok(bench->tap, !report_monthly(&task, october, &report, &err),
           "the report of October");
    fixture_say(&err);
    tap_is_int(bench->tap, number(figure(bench, report, "INF-05"), "value"),
               4545, "reach: who was counted and whom the medium reached");
    tap_is(bench->tap, rows_of(bench, figure(bench, report, "INF-05")),
           "radio=4503 persona=42", "by medium");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-08"), "value"),
               900 + 42 + 3 + 7, "informed and trained, without the radio's");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-08"), "target"),
               15000, "its target");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-09"), "value"), 10,
               "10 of 100 searches in vain: 9 a day are not kept");
    tap_is_int(bench->tap,
               number(figure(bench, report, "INF-09"), "denominator"), 100,
               "of all that were counted");
    serve_person(bench, "Ejemplo");
    serve_person(bench, "Muestra");
    tap_ok(bench->tap, !report_monthly(&task, november, &report, &err),
           "the report of November");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-08"), "value"),
               16 + 4 + 23 + 2, "and each person once who was given something");
    tap_is_int(bench->tap, number(figure(bench, report, "INF-05"), "value"), 0,
               "no campaign");
    tap_ok(bench->tap,
           !value_to_bool(value_get(figure(bench, report, "INF-09"), "known"),
                          true),
           "no searches: not known");
}

static void check_totals(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "intake");
    struct value *list = NULL, *sums = NULL;
    struct err err = {0};

    tap_ok(bench->tap,
           !outreach_totals(&task, &list, &err) &&
               !outreach_sums(&task, &sums, &err),
           "totals since the beginning");
    fixture_say(&err);
    tap_is_int(bench->tap, number(value_at(list, 0), "value"), 920,
               "all windows");
    tap_is_int(bench->tap, number(value_at(list, 0), "reached"), 18,
               "18 of 100");
    tap_is_int(bench->tap, number(value_at(list, 1), "value"), 26, "children");
    tap_is_int(bench->tap, number(sums, "people"), 943, "everybody");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct bench bench = {tap, fixture};

    fixture->office.read_xml = xml_tree_read;
    fixture->now = fixture_instant("2026-11-22T18:00:00Z");
    check_saving(&bench);
    check_figures(&bench);
    check_public(&bench);
    check_totals(&bench);
    check_reach(&bench);
}

int main(void)
{
    return fixture_main(check);
}
