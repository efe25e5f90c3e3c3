/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_erase.c - cancellation: nothing of hers stands in any table afterwards,
 * the figures of every month are what they were, the log verifies, a rebuild
 * gives the same, receivers are asked to erase, others keep their group.
 */
#include "core/date.h"
#include "domain/proof/seen.h"
#include "domain/report/indicator.h"
#include "domain/arco/arco.h"
#include "domain/arco/erase.h"
#include "domain/calendar.h"
#include "domain/demo/demo.h"
#include "domain/person/group.h"
#include "domain/person/merge.h"
#include "domain/person/person_find.h"
#include "domain/referral/referral.h"
#include "domain/report/report.h"
#include "canary.h"

#define CANARY "Zunzunegui"

struct bench {
    struct tap *tap;
    struct fixture *fixture;
    struct str person, twin, other, third, referral;
};

static struct str make(struct bench *bench, const char *kind,
                       const char *format, struct str id)
{
    struct task task = fixture_task(bench->fixture, "system");

    return fixture_record(
        bench->fixture, kind,
        str_c(task.arena, str_format(task.arena, format, STR_ARGS(id))));
}

/* --- figures -------------------------------------------------------------- */

enum { MONTHS = 14 };

/* The figures of the last months as text; without the instant of making. */
static struct str figures(struct bench *bench, bool open_month)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    int64_t end = task_day(&task);
    struct buf out;

    buf_init(&out, task.arena);
    for (int i = 0; i < MONTHS; i++) {
        struct date first = date_from_day(end);
        struct period period = {0, end};
        struct value *report = NULL;
        struct err err = {0};

        first.day = 1;
        period.from_day = date_to_day(first);
        if ((i || open_month) && report_monthly(&task, period, &report, &err))
            fixture_say(&err);
        if (report) {
            value_remove(report, STR("made_at"));
            value_write_pretty(report, &out);
        }
        end = period.from_day - 1;
    }
    return buf_str(&out);
}

static void show_first_difference(struct str a, struct str b)
{
    size_t at = 0;

    while (at < a.size && at < b.size && a.at[at] == b.at[at])
        at++;
    if (at < a.size || at < b.size)
        printf("# after … %.*s\n", (int)(at < 500 ? at : 500),
               a.at + (at < 500 ? 0 : at - 500));
    if (at < a.size || at < b.size)
        printf("# was … %.*s\n# is  … %.*s\n",
               (int)(a.size - at < 200 ? a.size - at : 200), a.at + at,
               (int)(b.size - at < 200 ? b.size - at : 200), b.at + at);
}

static struct str erase(struct bench *bench, struct str person)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct erase_order order = {.person = person,
                                .cause = STR("solicitud"),
                                .folio = STR("2026-000001")};
    struct str erasure = STR("");
    struct err err = {0};

    bench->fixture->now += 1000;
    if (erase_person(&task, &order, &erasure, &err))
        fixture_say(&err);
    return erasure;
}

static bool verifies(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;
    struct log_fault fault = {0};
    struct err err = {0};
    int64_t entries = 0;

    if (log_verify(&fixture->office.log, fixture->db, &fixture->arena, &entries,
                   &fault, &err)) {
        fixture_say(&err);
        return false;
    }
    return entries > 0;
}

static const struct log *rebuilt_log;

static enum error rebuild(struct db *db, void *context, struct err *err)
{
    return log_rebuild(rebuilt_log, db, context, err);
}

/* Lines of the lists behind all figures that are of these people. */
static size_t listed(struct bench *bench, const struct str *person,
                     size_t people)
{
    struct task task = fixture_task(bench->fixture, "system");
    const struct indicators *all = bench->fixture->office.indicators;
    struct period period = {fixture_day("2026-01-01"),
                            fixture_day("2030-01-01")};
    struct err err = {0};
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct value *list = NULL;

        if (report_records(&task, period, all->indicator[i].code, &list, &err))
            break;
        for (size_t k = 0; k < value_count(list); k++)
            for (size_t p = 0; p < people; p++)
                count += str_equal(value_text_of(value_at(list, k), "person"),
                                   person[p]) ||
                         str_equal(value_text_of(value_at(list, k), "id"),
                                   person[p]);
    }
    if (err.code)
        fixture_say(&err);
    return count;
}

static int64_t seen_rows(struct bench *bench, struct str person)
{
    struct err err = {0};
    int64_t count = -1;

    db_get_int(bench->fixture->db, &count, NULL, &err,
               "SELECT COUNT(*) FROM seen WHERE subject = $1", "t", person);
    return count;
}

/* Twelve people of the demonstration, those with casework first. */
static void check_figures(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;
    struct task task = fixture_task(fixture, "system");
    struct demo_result result = {0};
    struct err err = {0};
    struct str before, after, rebuilt;
    size_t cases = 0;
    int64_t entries = 0;

    demo_fill(&task, 60, 11, &result, &err);
    demo_cases(&task, &result, DEMO_CASES, &cases, &err);
    if (err.code)
        fixture_say(&err);
    fixture->now += (int64_t)40 * 86400000; /* the month is closed */
    before = figures(bench, false);
    tap_ok(bench->tap, listed(bench, result.person, 12) > 12,
           "twelve stand behind the figures");
    fixture->office.seen = seen_shelf_new(&fixture->arena);
    task.actor.id = STR("ines");
    seen_note(&task, result.person[0], STR("file"), &err);
    seen_flush(&fixture->office, &err);
    for (size_t i = 0; i < 12; i++)
        erase(bench, result.person[i]);
    tap_is_int(bench->tap, (long long)listed(bench, result.person, 12), 0,
               "erased, they are in no list");
    tap_ok(bench->tap, seen_rows(bench, result.person[0]) > 0,
           "who had opened a file can still be asked, by its number");
    after = figures(bench, false);
    tap_ok(bench->tap, before.size > 1000 && str_equal(before, after),
           "no figure of %d months changes when 12 of 60 are erased", MONTHS);
    show_first_difference(before, after);
    tap_ok(bench->tap, verifies(bench), "the log verifies");
    fixture->now += (int64_t)800 * 86400000; /* grown up meanwhile */
    before = figures(bench, false);
    erase(bench, result.person[13]);
    erase(bench, result.person[14]);
    after = figures(bench, false);
    tap_ok(bench->tap, str_equal(before, after),
           "nor two years later, when nobody is as old as before");
    rebuilt_log = &fixture->office.log;
    if (office_change(&fixture->office, rebuild, &entries, &err)) {
        fixture_say(&err);
        entries = 0;
    }
    rebuilt = figures(bench, false);
    tap_ok(bench->tap, entries > 0 && str_equal(after, rebuilt),
           "nor when the tables are made again from the log");
}

/* --- canaries ------------------------------------------------------------- */

static void make_her(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;

    bench->person = fixture_person(
        fixture,
        "{'given_names':'" CANARY "a','first_surname':'" CANARY "b',"
        "'alias':'" CANARY "c','birth_date':'1991-02-03','sex':'M',"
        "'nationality':'HND','phone':'+50409911991',"
        "'contact_person':'" CANARY "d','notes':'" CANARY "e',"
        "'documents':[{'doc_type':'pasaporte','doc_number':'" CANARY "f'}]}");
    bench->other = fixture_person(
        fixture, "{'given_names':'Otra','sex':'M','nationality':'HND',"
                 "'birth_date':'1990-01-01'}");
    bench->third = fixture_person(
        fixture, "{'given_names':'Tercera','sex':'M','nationality':'HND'}");
    bench->twin =
        fixture_person(fixture, "{'given_names':'" CANARY "g','sex':'M'}");
    make(bench, "arrival",
         "{'person':'%.*s','arrived_on':'2026-10-05','arrival_type':'estancia'"
         ",'notes':'" CANARY "h'}",
         bench->person);
    make(bench, "need",
         "{'person':'%.*s','sector':'LEGAL','severity':'3',"
         "'detail':'" CANARY "i'}",
         bench->person);
    make(bench, "service",
         "{'person':'%.*s','service_code':'LE1','qty':'1',"
         "'date':'2026-10-06','notes':'" CANARY "j'}",
         bench->person);
    make(bench, "journey", "{'person':'%.*s','entry_point_mx':'" CANARY "k'}",
         bench->twin);
    make(bench, "casefile",
         "{'person':'%.*s','opened':'2026-10-05',"
         "'status':'abierto','plan':'" CANARY "l'}",
         bench->person);
    make(bench, "followup",
         "{'person':'%.*s','date':'2026-10-07',"
         "'mode':'llamada','situation':'" CANARY "m'}",
         bench->person);
    make(bench, "consent",
         "{'person':'%.*s','given':'yes','given_by':'titular',"
         "'basis':'consentimiento_expreso','purpose':'referencia',"
         "'data_scope':'identidad contacto'}",
         bench->person);
}

static void make_hers(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;
    struct task task = fixture_task(fixture, "case_worker");
    struct value *input;
    struct saved saved;
    struct err err = {0};
    struct str link;

    bench->referral =
        make(bench, "referral",
             "{'person':'%.*s','urgency':'U1','service_code':'LE1',"
             "'to_name':'Clínica jurídica (ejemplo)','to_type':'ONG-LEGAL',"
             "'message':'" CANARY "n','share_fields':'alias name phone'}",
             bench->person);
    if (referral_send(&task, bench->referral, &link, &err))
        fixture_say(&err);
    if (person_merge(&task, bench->person, bench->twin, STR("es ella"), &err))
        fixture_say(&err);
    input =
        value_copy(fixture_json(fixture, "{'group_type':'familia',"
                                         "'group_name':'Familia " CANARY "o'}"),
                   task.arena);
    value_put_str(input, task.arena, "head_person", bench->person);
    {
        struct value *members = value_list(task.arena);
        const struct str id[] = {bench->person, bench->other, bench->third};

        for (size_t i = 0; i < 3; i++) {
            struct value *row = value_object(task.arena);

            value_put_str(row, task.arena, "person", id[i]);
            value_add(members, task.arena, row);
        }
        value_put(input, task.arena, "members", members);
    }
    fixture_save(&task, "group", STR_NULL, input, &saved);
    fixture_save(&task, "person", bench->person,
                 fixture_json(fixture, "{'notes':'" CANARY "p, corregido'}"),
                 &saved);
}

static void check_group(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "case_worker");
    struct group group;
    struct err err = {0};
    bool found = false;
    enum error error =
        group_of_person(&task, bench->other, &group, &found, &err);

    tap_ok(bench->tap, !error && found && group.members == 2,
           "the others keep their group, without her");
    tap_ok(bench->tap,
           found && !value_text_of(group.answers, "group_name").size,
           "and without its name");
}

static void check_proof(struct bench *bench, struct str erasure)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct value *view = NULL;
    struct err err = {0};
    struct buf out;

    if (erase_certificate(&task, erasure, &view, &err))
        fixture_say(&err);
    buf_init(&out, task.arena);
    if (view)
        value_write_pretty(view, &out);
    tap_ok(bench->tap,
           view && value_count(value_get(view, "entries")) >= 9 &&
               value_to_int(value_get(view, "open_notices"), 0) == 1,
           "the certificate lists the entries and one receiver to answer");
    tap_ok(bench->tap, view && str_find(buf_str(&out), STR(CANARY)) == SIZE_MAX,
           "and names nobody");
}

static void check_gone(struct bench *bench)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    static const char *const kinds[] = {"person", "referral"};
    const struct str id[] = {bench->person, bench->referral};
    struct value *look = NULL;

    for (size_t i = 0; i < 2; i++) {
        struct record record;
        struct err err = {0};

        tap_ok(bench->tap,
               record_get(&task, str_of(kinds[i]), id[i], &record, &err) ==
                   ERROR_NOT_FOUND,
               "her %s is not found", kinds[i]);
    }
    {
        struct err err = {0};

        tap_ok(bench->tap,
               erase_look(&task, bench->person, &look, &err) == ERROR_NOT_FOUND,
               "there is nothing to erase a second time");
    }
}

/* Her name in what is about somebody else is shown before she goes. */
static void check_mentions(struct bench *bench)
{
    struct fixture *fixture = bench->fixture;
    struct task task = fixture_task(fixture, "admin");
    struct str hers = fixture_person(
        fixture, "{'given_names':'Xóchitl','first_surname':'Tlapaneca',"
                 "'sex':'M','birth_date':'1990-01-01'}");
    struct str friend = fixture_person(
        fixture, "{'given_names':'Otra','first_surname':'Vecina',"
                 "'contact_how':'Por su amiga XOCHITL tlapaneca, de noche'}");
    struct str stranger = fixture_person(
        fixture, "{'given_names':'Ana','first_surname':'Vecina',"
                 "'contact_how':'Con doña Xóchitl, la de la tienda'}");
    const struct value *found;
    struct value *view = NULL;
    struct err err = {0};

    if (erase_mentions(&task, hers, &view, &err))
        fixture_say(&err);
    found = value_get(view, "found");
    tap_ok(bench->tap,
           value_count(found) == 1 &&
               str_equal(value_text_of(value_at(found, 0), "id"), friend),
           "a text about somebody else that names her is found");
    tap_ok(bench->tap,
           value_count(found) == 1 &&
               !str_equal(value_text_of(value_at(found, 0), "id"), stranger),
           "nor her own file, nor one word that anybody may have");
    task = fixture_task(fixture, "reporter");
    if (erase_mentions(&task, hers, &view, &err))
        fixture_say(&err);
    tap_ok(bench->tap,
           !value_count(value_get(view, "found")) &&
               value_to_int(value_get(view, "closed"), 0) == 1,
           "of what she may not read only how much there is");
    erase(bench, hers);
}

static void check_canaries(struct bench *bench)
{
    struct str before, after, erasure;

    make_her(bench);
    make_hers(bench);
    tap_ok(bench->tap, canary_count(bench->fixture, CANARY, false) > 8,
           "she stands in many places");
    before = figures(bench, false);
    erasure = erase(bench, bench->person);
    tap_is_int(bench->tap, canary_count(bench->fixture, CANARY, true), 0,
               "and in none after erasing");
    tap_is_int(bench->tap, canary_count(bench->fixture, "zunzunegui", true), 0,
               "nor folded for searching");
    tap_is_int(bench->tap, canary_count(bench->fixture, "1991-02", true), 0,
               "nor her birth");
    after = figures(bench, false);
    tap_ok(bench->tap, str_equal(before, after),
           "the figures of the months that are over are the same");
    show_first_difference(before, after);
    tap_ok(bench->tap, verifies(bench), "the log verifies");
    check_group(bench);
    check_proof(bench, erasure);
    check_gone(bench);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct bench bench = {.tap = tap, .fixture = fixture};

    check_mentions(&bench);
    check_canaries(&bench);
    check_figures(&bench);
}

int main(void)
{
    return fixture_main(check);
}
