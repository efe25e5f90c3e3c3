/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_publish.c - a version of a form comes into use: what it would change, and
 * in how many records; who may change what; two who publish at once; readers
 * of a table of a hundred thousand rows meanwhile; what records keep.
 */
#include "domain_fixture.h"

#include <pthread.h>
#include <time.h>

#include "domain/record/form_diff.h"
#include "domain/record/form_draft.h"
#include "store/project.h"

enum { ROWS = 100000 };

static double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void say(const struct err *err)
{
    if (err->code)
        fixture_say(err);
}

/* --- forms ---------------------------------------------------------------- */

static const char sheet_head[] =
    "survey\n,type,name,label::Español (es),required,bind::cobijo:class,"
    "bind::cobijo:compartment,bind::cobijo:ref\n";

static const char choices[] =
    "choices\n,list_name,name,label::Español (es)\n,way,foot,A pie\n"
    ",way,bus,Autobús\n";

/* name, version, questions and further choices as CSV. */
static struct str form_text_of(struct fixture *fixture, const char *name,
                               const char *version, const char *questions,
                               const char *more)
{
    return str_format(&fixture->arena,
                      "%s%s%s%ssettings\n,form_id,version,cobijo:subject\n"
                      ",%s,%s,\n",
                      sheet_head, questions, choices, more, name, version);
}

static enum error publish(struct fixture *fixture, struct office *office,
                          struct db *db, struct str csv, const char *base,
                          struct err *err)
{
    struct forms_order order = {.csv = csv, .author = STR("user-admin")};
    struct form_problems problems = {0};

    if (base)
        order.base = str_of(base);
    return forms_publish(office, db, &order, &fixture->files, &problems, err);
}

static void publish_ok(struct tap *tap, struct fixture *fixture, struct str csv,
                       const char *name)
{
    struct err err = {0};

    tap_ok(tap,
           !publish(fixture, &fixture->office, fixture->db, csv, NULL, &err),
           "%s", name);
    say(&err);
}

static struct form_diff diff_of(struct fixture *fixture, struct task *task,
                                struct str csv)
{
    struct form_problems problems = {0};
    struct form_diff diff = {0};
    struct err err = {0};
    const struct form *next =
        forms_read(&fixture->office, &fixture->arena, csv, &problems);

    for (size_t i = 0; !next && i < problems.count; i++)
        say(&problems.problem[i].err);
    if (next &&
        form_diff(task, forms_find(fixture->office.forms, next->name, STR_NULL),
                  next, &diff, &err))
        say(&err);
    return diff;
}

static const struct form_change *change_of(const struct form_diff *diff,
                                           const char *id)
{
    static const struct form_change none = {.records = -2, .unreadable = -2};

    for (size_t i = 0; i < diff->count; i++)
        if (str_equal_c(diff->change[i].id, id))
            return &diff->change[i];
    printf("# no change %s among", id);
    for (size_t i = 0; i < diff->count; i++)
        printf(" %.*s", STR_ARGS(diff->change[i].id));
    printf("\n");
    return &none;
}

/* --- what a version would change ------------------------------------------ */

static const char before[] = ",text,topic,Tema,yes,,,\n"
                             ",text,amount,Monto,,,,\n"
                             ",select_one way,way,Cómo llegó,,,,\n"
                             ",select_multiple way,ways,Otras veces,,,,\n"
                             ",text,ill,Enfermedad,,SEN,health,\n"
                             ",begin_repeat,kids,Niñez,,,,\n"
                             ",text,kid,Nombre,,,,\n"
                             ",text,toy,Juguete,,,,\n"
                             ",end_repeat,,,,,,\n";

static const char after[] = ",text,topic,Tema,yes,,,\n"
                            ",integer,amount,Monto,,,,\n"
                            ",select_one way,way,Cómo llegó,,,,\n"
                            ",select_multiple way,ways,Otras veces,,,,\n"
                            ",text,ill,Enfermedad,,PER,,\n"
                            ",begin_repeat,kids,Niñez,,,,\n"
                            ",text,kid_name,Nombre,,,,\n"
                            ",end_repeat,,,,,,\n"
                            ",date,day,Día,,,,\n";

static void check_difference(struct tap *tap, struct fixture *fixture)
{
    struct task admin = fixture_task(fixture, "admin");
    struct task worker = fixture_task(fixture, "supervisor");
    struct str next = form_text_of(fixture, "trial", "2", after, "");
    struct form_diff diff;

    publish_ok(tap, fixture,
               form_text_of(fixture, "trial", "1", before,
                            ",way,fax,Fax\n,way,mail,Correo\n"),
               "version 1");
    fixture_record(fixture, "trial",
                   "{'topic':'a','amount':'12','way':'fax','ways':'bus fax',"
                   "'ill':'x','kids':[{'kid':'A','toy':'t'},{'kid':'B'}]}");
    fixture_record(
        fixture, "trial",
        "{'topic':'b','amount':'unos','way':'bus','ways':'mail fax'}");
    fixture_record(fixture, "trial", "{'topic':'c','way':'fax'}");
    diff = diff_of(fixture, &admin, next);
    tap_is_int(tap, diff.records, 3, "records of the kind");
    tap_is_int(tap, change_of(&diff, "retyped:amount")->records, 2,
               "a retype: records with an answer");
    tap_is_int(tap, change_of(&diff, "retyped:amount")->unreadable, 1,
               "and answers it cannot hold");
    tap_is_int(tap, change_of(&diff, "retyped:amount")->grade, CHANGE_CONFIRM,
               "it is confirmed");
    tap_is_int(tap, change_of(&diff, "choices_removed:way")->with[0], 2,
               "records with a choice that goes");
    tap_is_int(tap, change_of(&diff, "choices_removed:ways")->with[0], 2,
               "also among several");
    tap_is_int(tap, change_of(&diff, "choices_removed:ways")->with[1], 1,
               "each by itself");
    tap_is_int(tap, change_of(&diff, "renamed:kids[]/kid")->records, 1,
               "two rows are one record; the name is guessed by the label");
    tap_is_int(tap, change_of(&diff, "removed:kids[]/toy")->records, 1,
               "a question of a row that goes");
    tap_is_int(tap, change_of(&diff, "added:day")->grade, CHANGE_FREE,
               "what is new is free");
    tap_is_int(tap, change_of(&diff, "compartment:ill")->grade, CHANGE_REFUSED,
               "nobody opens what is closed to her");
    tap_is_int(tap, change_of(&diff, "class:ill")->grade, CHANGE_CONFIRM,
               "less protected is confirmed");
    diff = diff_of(fixture, &worker, next);
    tap_is_int(tap, change_of(&diff, "compartment:ill")->grade, CHANGE_CONFIRM,
               "who reads it may open it, knowingly");
    diff = diff_of(fixture, &admin,
                   form_text_of(fixture, "trial", "2", before,
                                ",way,fax,Fax\n,way,mail,Correo\n"));
    tap_is_int(tap, (long long)diff.count, 0, "the same questions: no change");
}

/* A closed question that went does not come back open. */
static void check_return(struct tap *tap, struct fixture *fixture)
{
    struct task admin = fixture_task(fixture, "admin");
    struct form_diff diff;

    publish_ok(tap, fixture,
               form_text_of(fixture, "back", "1",
                            ",text,topic,Tema,,,,\n,text,ill,Mal,,,health,\n",
                            ""),
               "a closed question");
    publish_ok(tap, fixture,
               form_text_of(fixture, "back", "2", ",text,topic,Tema,,,,\n", ""),
               "goes");
    diff =
        diff_of(fixture, &admin,
                form_text_of(fixture, "back", "3",
                             ",text,topic,Tema,,,,\n,text,ill,Mal,,,,\n", ""));
    tap_is_int(tap, change_of(&diff, "compartment:ill")->grade, CHANGE_REFUSED,
               "and does not come back open");
}

/* forms/need.csv without its line of that name. */
static struct str without(struct fixture *fixture, const char *name)
{
    struct str rest =
        fixture->files.file(fixture->files.context, STR("forms/need.csv"));
    struct str mark = str_format(&fixture->arena, ",%s,", name), line;
    struct buf out;
    bool gone = false;

    buf_init(&out, &fixture->arena);
    while (str_cut(&rest, '\n', &line)) {
        size_t at = str_find(line, mark);

        if (!gone && at != SIZE_MAX && at < 40) {
            gone = true;
            continue;
        }
        buf_put(&out, line);
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

static void check_core(struct tap *tap, struct fixture *fixture)
{
    struct task admin = fixture_task(fixture, "admin");
    struct form_diff diff =
        diff_of(fixture, &admin, without(fixture, "person"));

    tap_is_int(tap, change_of(&diff, "removed:person")->grade, CHANGE_REFUSED,
               "what the program works with stays");
}

static void check_versions(struct tap *tap, struct fixture *fixture)
{
    static const char question[] = ",text,a,A,,,,\n",
                      other[] = ",text,b,B,,,,\n";
    struct form_problems problems = {0};
    struct err err = {0};
    bool same = false;
    static const struct {
        const char *version, *name;
        enum error error;
        bool same, other;
    } row[] = {
        {"2026112203", "the same text again", ERROR_NONE, true, false},
        {"2026112203", "the same number, another text", ERROR_CONFLICT, false,
         true},
        {"2026112202", "a lower number", ERROR_CONFLICT, false, true},
        {"tres", "a word after numbers", ERROR_CONFLICT, false, true},
        {"", "no number", ERROR_INPUT, false, true},
        {"2026112204", "a higher number", ERROR_NONE, false, true},
    };

    publish_ok(tap, fixture,
               form_text_of(fixture, "numbers", "2026112203", question, ""),
               "a version in use");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct form *next =
            forms_read(&fixture->office, &fixture->arena,
                       form_text_of(fixture, "numbers", row[i].version,
                                    row[i].other ? other : question, ""),
                       &problems);

        err_clear(&err);
        tap_is_int(tap,
                   form_version_check(fixture->office.forms, next,
                                      fixture_day("2026-11-22"), &same, &err),
                   row[i].error, row[i].name);
        tap_is_int(tap, same, row[i].same, "is it the same?");
        if (i == 2)
            tap_ok(tap,
                   str_find(err_text(&err, NULL, &fixture->arena),
                            STR("2026112204")) != SIZE_MAX,
                   "a number is proposed");
    }
}

static void check_drafts(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "admin");
    struct form_draft draft = {.name = STR("trial"),
                               .version = STR("2"),
                               .source = STR("survey")},
                      *list = NULL, found;
    struct err err = {0};
    size_t count = 0;
    bool any = false;

    tap_ok(tap, !form_draft_keep(&task, &draft, &err), "a draft is kept");
    say(&err);
    draft.source = STR("survey,again");
    tap_ok(tap,
           !form_draft_keep(&task, &draft, &err) &&
               !form_draft_list(&task, &list, &count, &err) && count == 1,
           "one per kind");
    tap_ok(tap,
           !form_draft_find(&task, STR("trial"), &found, &any, &err) && any &&
               str_equal_c(found.source, "survey,again") &&
               str_equal_c(found.author, "user-admin") &&
               found.print.size == 12,
           "the last one, and whose");
    tap_ok(tap,
           !form_draft_drop(&task, STR("trial"), &err) &&
               !form_draft_find(&task, STR("trial"), &found, &any, &err) &&
               !any,
           "and goes");
}

/* --- two at once ---------------------------------------------------------- */

struct rival {
    struct fixture *fixture;
    struct office office;
    struct db *db;
    struct str csv;
    const char *base;
    struct err err;
    enum error error;
    double took;
};

static void *run_rival(void *context)
{
    struct rival *rival = context;
    double start = seconds();

    rival->error = publish(rival->fixture, &rival->office, rival->db,
                           rival->csv, rival->base, &rival->err);
    rival->took = seconds() - start;
    return NULL;
}

static bool rival_open(struct rival *rival, struct fixture *fixture)
{
    struct office_options options = {.host = &fixture->native.host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &fixture->files};

    *rival = (struct rival){.fixture = fixture};
    return !office_open(&rival->office, &options, &rival->err) &&
           !store_connect(rival->office.store, false, &rival->db, &rival->err);
}

static void rival_close(struct rival *rival)
{
    db_close(rival->db);
    office_close(&rival->office);
}

static void check_rivals(struct tap *tap, struct fixture *fixture)
{
    struct rival rival[2];
    pthread_t thread[2];
    int won = 0, told = 0;

    publish_ok(tap, fixture,
               form_text_of(fixture, "race", "1", ",text,a,A,,,,\n", ""),
               "a form for two");
    for (int i = 0; i < 2; i++) {
        tap_ok(tap, rival_open(&rival[i], fixture), "process %d", i);
        rival[i].csv = form_text_of(fixture, "race", i ? "3" : "2",
                                    i ? ",text,a,A,,,,\n,text,c,C,,,,\n"
                                      : ",text,a,A,,,,\n,text,b,B,,,,\n",
                                    "");
        rival[i].base = "1";
    }
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, run_rival, &rival[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(thread[i], NULL);
        won += rival[i].error == ERROR_NONE;
        told += rival[i].error == ERROR_CONFLICT;
        if (rival[i].error && rival[i].error != ERROR_CONFLICT)
            say(&rival[i].err);
    }
    tap_is_int(tap, won, 1, "one of two who publish at once does");
    tap_is_int(tap, told, 1, "the other one is told");
    tap_ok(
        tap,
        str_equal_c(
            forms_find(fixture->office.forms, STR("race"), STR_NULL)->version,
            "1"),
        "this process has not looked yet");
    forms_catch_up(&fixture->office, fixture->db, fixture->now + 2000,
                   &rival[0].err);
    tap_ok(
        tap,
        !str_equal_c(
            forms_find(fixture->office.forms, STR("race"), STR_NULL)->version,
            "1"),
        "and knows it a second later");
    for (int i = 0; i < 2; i++)
        rival_close(&rival[i]);
}

/* --- readers of a long table ---------------------------------------------- */

struct reader {
    struct store *store;
    _Atomic bool stop;
    _Atomic int64_t rounds;
    double longest;
    enum error error;
    struct err err;
};

/* Reads the table again and again, as a page would, and looks at the clock. */
static void *run_reader(void *context)
{
    struct reader *reader = context;
    struct db *db = NULL;

    reader->error = store_connect(reader->store, false, &db, &reader->err);
    while (!reader->error && !reader->stop) {
        double start = seconds(), took;
        int64_t count = 0;

        reader->error =
            db_get_int(db, &count, NULL, &reader->err,
                       "SELECT COUNT(*) FROM (SELECT c_people FROM f_big "
                       "WHERE c_people = 3 LIMIT 50) AS few",
                       "");
        took = seconds() - start;
        if (took > reader->longest)
            reader->longest = took;
        reader->rounds++;
    }
    if (db)
        db_close(db);
    return NULL;
}

static void fill_big(struct tap *tap, struct fixture *fixture)
{
    struct db *db = NULL;
    struct err err = {0};
    enum error error = store_connect(fixture->office.store, true, &db, &err);

    if (!error)
        error = db_begin(db, true, &err);
    if (!error)
        error = db_run(
            db, NULL, &err,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < $2) "
            "INSERT INTO f_big (_site, _id, _subject, _clock, _created, "
            "_author, _state, _version, c_topic, c_people, c_way) "
            "SELECT $1, 'r' || i, '', i, 0, 'x', 'open', '1', "
            "'tema ' || i, i % 7, "
            "CASE WHEN i % 2 = 0 THEN 'foot' ELSE 'bus' END FROM n",
            "ti", fixture->office.log.site, (int64_t)ROWS);
    if (!error)
        error = db_commit(db, &err);
    tap_ok(tap, !error, "%d rows", ROWS);
    say(&err);
    if (db)
        db_close(db);
}

#define BIG                                                                    \
    ",text,topic,Tema,,,,\n,integer,people,Personas,,,,\n"                     \
    ",select_one way,way,Cómo,,,,\n"

static void check_counts(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "admin");
    struct form_diff diff;
    clock_t busy = clock();
    double start = seconds();

    diff = diff_of(
        fixture, &task,
        form_text_of(fixture, "big", "9", ",text,people,Gente,,,,\n", ""));
    printf("# %s: difference over %d rows in %.0f ms, %.0f ms of it ours\n",
           fixture->postgres ? "postgresql" : "sqlite", ROWS,
           1000 * (seconds() - start),
           1000.0 * (double)(clock() - busy) / CLOCKS_PER_SEC);
    tap_is_int(tap, diff.records, ROWS, "all are counted");
    tap_is_int(tap, change_of(&diff, "removed:topic")->records, ROWS,
               "a question that all answered");
    tap_is_int(tap, change_of(&diff, "retyped:people")->unreadable, 0,
               "a number is a text, too");
}

static void check_readers(struct tap *tap, struct fixture *fixture)
{
    struct reader reader = {.store = fixture->office.store};
    struct rival rival;
    pthread_t thread, publisher;

    tap_ok(tap, rival_open(&rival, fixture), "somebody publishes");
    rival.csv = form_text_of(fixture, "big", "2",
                             BIG ",text,n1,N1,,,,\n,integer,n2,N2,,,,\n"
                                 ",text,n3,N3,,,,person\n",
                             "");
    pthread_create(&thread, NULL, run_reader, &reader);
    while (!reader.rounds && !reader.error)
        wait_ms(1);
    pthread_create(&publisher, NULL, run_rival, &rival);
    pthread_join(publisher, NULL);
    reader.stop = true;
    pthread_join(thread, NULL);
    say(&rival.err);
    printf("# %s: published in %.0f ms; %lld reads meanwhile, the longest "
           "%.1f ms\n",
           fixture->postgres ? "postgresql" : "sqlite", 1000 * rival.took,
           (long long)reader.rounds, 1000 * reader.longest);
    tap_ok(tap, !rival.error, "columns are added while somebody reads");
    tap_ok(tap, !reader.error && reader.longest < 1, "who reads does not wait");
    rival_close(&rival);
}

/* A report that goes on and on does not make the others queue. */
static void check_long_reader(struct tap *tap, struct fixture *fixture)
{
    struct reader reader = {.store = fixture->office.store};
    struct rival rival;
    struct db *report = NULL;
    struct err err = {0};
    pthread_t thread, publisher;
    int64_t one = 0;

    tap_ok(tap, rival_open(&rival, fixture), "somebody publishes again");
    rival.csv = form_text_of(fixture, "big", "3",
                             BIG ",text,n1,N1,,,,\n,text,m1,M1,,,,\n", "");
    store_connect(fixture->office.store, false, &report, &err);
    db_begin(report, false, &err);
    db_get_int(report, &one, NULL, &err, "SELECT COUNT(*) FROM f_big", "");
    if (fixture->postgres) {
        publish(fixture, &fixture->office, fixture->db, rival.csv, NULL, &err);
        tap_is_int(tap, err.code, ERROR_BUSY,
                   "a table that is being read is told, when nobody may wait");
        err_clear(&err);
    }
    pthread_create(&thread, NULL, run_reader, &reader);
    pthread_create(&publisher, NULL, run_rival, &rival);
    wait_ms(1500);
    db_rollback(report);
    db_close(report);
    pthread_join(publisher, NULL);
    reader.stop = true;
    pthread_join(thread, NULL);
    say(&rival.err);
    printf("# %s: beside a reader of 1.5 s published in %.0f ms; %lld short "
           "reads, the longest %.1f ms\n",
           fixture->postgres ? "postgresql" : "sqlite", 1000 * rival.took,
           (long long)reader.rounds, 1000 * reader.longest);
    tap_ok(tap, !rival.error, "it is published when the long one is through");
    tap_ok(tap, !reader.error && reader.longest < 1,
           "and nobody waited behind it");
    rival_close(&rival);
}

static void check_big(struct tap *tap, struct fixture *fixture)
{
    publish_ok(tap, fixture, form_text_of(fixture, "big", "1", BIG, ""),
               "a form");
    fill_big(tap, fixture);
    check_counts(tap, fixture);
    check_readers(tap, fixture);
    check_long_reader(tap, fixture);
}

/* --- what records keep ---------------------------------------------------- */

static const char *answer_for(struct fixture *fixture, const char *role,
                              const char *kind, struct str id, const char *key)
{
    struct task task = fixture_task(fixture, role);
    struct record record = {0};
    struct err err = {0};

    if (record_get(&task, str_of(kind), id, &record, &err))
        say(&err);
    return str_c(&fixture->arena, value_text_of(record.answers, key));
}

static void check_kept(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "case_worker");
    struct saved saved = {0};
    struct str id;
    const struct value *row;

    publish_ok(tap, fixture,
               form_text_of(fixture, "keep", "1", before,
                            ",way,fax,Fax\n,way,mail,Correo\n"),
               "a form");
    id = fixture_record(fixture, "keep",
                        "{'topic':'a','amount':'unos','way':'fax',"
                        "'ways':'bus fax','ill':'x',"
                        "'kids':[{'kid':'A','toy':'t'},{'kid':'B'}]}");
    publish_ok(tap, fixture,
               form_text_of(fixture, "keep", "2",
                            ",text,topic,Tema,yes,,,\n,integer,amount,M,,,,\n"
                            ",select_one way,way,Cómo,,,,\n"
                            ",select_multiple way,ways,O,,,,\n"
                            ",begin_repeat,kids,Niñez,,,,\n"
                            ",text,kid,Nombre,,,,\n,end_repeat,,,,,,\n",
                            ""),
               "asks less");
    tap_is(tap, answer_for(fixture, "supervisor", "keep", id, "ill"), "x",
           "who read it reads it still");
    tap_is(tap, answer_for(fixture, "intake", "keep", id, "ill"), "",
           "who did not does not");
    tap_ok(
        tap,
        !fixture_save(&task, "keep", id,
                      fixture_json(fixture, "{'topic':'b','amount':'unos',"
                                            "'way':'fax','ways':'foot fax'}"),
                      &saved),
        "changed with the version in use");
    tap_is(tap, answer_for(fixture, "supervisor", "keep", id, "ill"), "x",
           "what it does not ask stays");
    tap_is(tap, answer_for(fixture, "intake", "keep", id, "ill"), "",
           "as closed as it was");
    tap_is(tap, fixture_answer(fixture, "keep", id, "amount"), "unos",
           "what it cannot hold stays");
    tap_is(tap, fixture_answer(fixture, "keep", id, "way"), "fax",
           "a choice that is not offered stays");
    tap_is(tap, fixture_answer(fixture, "keep", id, "ways"), "foot fax",
           "also among several, beside a new one");
    row = value_at(value_get(saved.after, "kids"), 0);
    tap_is(tap, str_c(&fixture->arena, value_text_of(row, "toy")), "t",
           "and in a row");
    tap_ok(tap,
           fixture_save(&task, "keep", id,
                        fixture_json(fixture, "{'way':'mail'}"), &saved),
           "what is not offered cannot be chosen anew");
    tap_ok(tap,
           fixture_save(&task, "keep", id,
                        fixture_json(fixture, "{'amount':'dos'}"), &saved),
           "nor written what it cannot hold");
    tap_ok(tap,
           !fixture_save(&task, "keep", id,
                         fixture_json(fixture, "{'amount':'2'}"), &saved),
           "but what it can");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_difference(tap, fixture);
    check_return(tap, fixture);
    check_core(tap, fixture);
    check_versions(tap, fixture);
    check_drafts(tap, fixture);
    check_rivals(tap, fixture);
    check_kept(tap, fixture);
    check_big(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
