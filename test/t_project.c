/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_project.c - folding and projections: merge policies, forms that change,
 * lists, and the law that keeping up entry by entry, in whatever order they
 * come, gives the same bytes as rebuilding from the log.
 */
#include "store/project.h"

#include <stdlib.h>

#include "core/clock.h"
#include "store/fold.h"
#include "store_fixture.h"

/* --- the fold, without a database ----------------------------------------- */

/* Three entries: a at 10, then b and c at 20 and 30, bases as given. */
struct fold_case {
    const char *name, *a, *b;
    int64_t base_b;
    const char *c;
    int64_t base_c;
    const char *key, *value; /* value NULL: no answer */
    const char *conflict;    /* JSON of the standing values, NULL: none */
};

static const struct fold_case fold_cases[] = {
    {"last: the later", "{\"age\":\"1\"}", "{\"age\":\"2\"}", 10,
     "{\"age\":\"3\"}", 10, "age", "3", NULL},
    {"last: emptied", "{\"age\":\"1\"}", "{\"age\":null}", 10, "{}", 10, "age",
     NULL, NULL},
    {"keep_both: concurrent values stand", "{\"surname\":\"Paz\"}",
     "{\"surname\":\"Díaz\"}", 10, "{\"surname\":\"Días\"}", 10, "surname",
     "Días", "[\"Díaz\",\"Días\"]"},
    {"keep_both: equal values are one", "{\"surname\":\"Paz\"}",
     "{\"surname\":\"Díaz\"}", 10, "{\"surname\":\"Díaz\"}", 10, "surname",
     "Díaz", NULL},
    {"keep_both: who has seen it corrects it", "{\"surname\":\"Paz\"}",
     "{\"surname\":\"Díaz\"}", 10, "{\"surname\":\"Días\"}", 20, "surname",
     "Días", NULL},
    {"keep_both: a blind change", "{\"surname\":\"Paz\"}", "{}", 10,
     "{\"surname\":\"Díaz\"}", 0, "surname", "Díaz", "[\"Paz\",\"Díaz\"]"},
    {"restrict: no wins, earlier", "{\"consent\":\"yes\"}",
     "{\"consent\":\"no\"}", 10, "{\"consent\":\"yes\"}", 10, "consent", "no",
     NULL},
    {"restrict: no wins, later", "{\"consent\":\"yes\"}",
     "{\"consent\":\"yes\"}", 10, "{\"consent\":\"no\"}", 10, "consent", "no",
     NULL},
    {"restrict: a new grant that saw the withdrawal", "{\"consent\":\"yes\"}",
     "{\"consent\":\"no\"}", 10, "{\"consent\":\"yes\"}", 20, "consent", "yes",
     NULL},
    {"restrict: nothing is narrower", "{\"consent\":\"yes\"}",
     "{\"consent\":null}", 10, "{\"consent\":\"yes\"}", 10, "consent", NULL,
     NULL},
    {"restrict: common choices", "{\"scope\":\"a b c\"}", "{\"scope\":\"a b\"}",
     10, "{\"scope\":\"b c\"}", 10, "scope", "b", NULL},
    {"restrict: no common choice", "{\"scope\":\"a b c\"}", "{\"scope\":\"a\"}",
     10, "{\"scope\":\"c\"}", 10, "scope", NULL, NULL},
    {"restrict: the earlier date", "{\"until\":\"2027-01-01\"}",
     "{\"until\":\"2026-05-01\"}", 10, "{\"until\":\"2026-08-01\"}", 10,
     "until", "2026-05-01", NULL},
    {"append: choices of both", "{\"flags\":\"f1\"}", "{\"flags\":\"f1 f2\"}",
     10, "{\"flags\":\"f3 f1\"}", 10, "flags", "f1 f2 f3", NULL},
    {"append: lines of both", "{\"notes\":\"uno\"}",
     "{\"notes\":\"uno\\ndos\"}", 10, "{\"notes\":\"uno\\ntres\"}", 10, "notes",
     "uno\ndos\ntres", NULL},
    {"append: who has seen it may shorten it", "{\"notes\":\"uno\"}",
     "{\"notes\":\"uno\\ndos\"}", 10, "{\"notes\":\"uno\"}", 20, "notes", "uno",
     NULL},
};

static const struct value *parse(struct arena *arena, const char *json)
{
    const struct value *value = NULL;
    struct err err = {0};

    value_parse(arena, str_of(json), &value, &err);
    return value;
}

static struct entry step(struct arena *arena, const char *id, int64_t clock,
                         int64_t base, const char *json)
{
    return (struct entry){.id = str_of(id),
                          .node = STR("n"),
                          .clock = clock,
                          .base = base,
                          .op = clock == 10 ? OP_CREATE : OP_UPDATE,
                          .kind = STR("person"),
                          .record = STR("p"),
                          .body = parse(arena, json)};
}

static void check_folds(struct tap *tap)
{
    struct fixture fixture = {0};
    struct form *form;

    arena_init(&fixture.arena, NULL);
    form = fixture_person(&fixture, "1");
    for (size_t i = 0; i < sizeof(fold_cases) / sizeof(fold_cases[0]); i++) {
        const struct fold_case *one = &fold_cases[i];
        struct entry entry[3] = {
            step(&fixture.arena, "c", 30, one->base_c, one->c),
            step(&fixture.arena, "a", 10, 0, one->a),
            step(&fixture.arena, "b", 20, one->base_b, one->b)};
        struct fold fold;
        struct err err = {0};
        struct str value;
        const struct value *conflict;

        fold_entries(form, entry, 3, &fixture.arena, &fold, &err);
        value = value_text_of(fold.answers, one->key);
        conflict = value_get(fold.conflicts, one->key);
        tap_is(tap, one->value ? str_c(&fixture.arena, value) : NULL,
               one->value, one->name);
        tap_ok(tap,
               str_is_null(value) == !one->value &&
                   (one->conflict ? value_equal(conflict, parse(&fixture.arena,
                                                                one->conflict))
                                  : !conflict),
               "... and what stands beside it");
    }
    arena_release(&fixture.arena);
}

static void check_fold_more(struct tap *tap)
{
    struct arena arena;
    struct fold fold;
    struct err err = {0};
    struct entry entry[4];

    arena_init(&arena, NULL);
    entry[0] =
        step(&arena, "a", 10, 0, "{\"x\":\"1\",\"_why\":{\"y\":\"NR\"}}");
    entry[1] = step(&arena, "b", 20, 10, "{\"y\":\"2\"}");
    entry[2] = step(&arena, "c", 30, 20,
                    "{\"x\":null,"
                    "\"_why\":{\"x\":\"DK\"}}");
    entry[3] = entry[1];
    fold_entries(NULL, entry, 4, &arena, &fold, &err);
    tap_ok(tap,
           str_equal_c(value_text_of(fold.answers, "y"), "2") &&
               !value_get(fold.why, "y"),
           "an answer takes the reason away");
    tap_ok(tap,
           !value_get(fold.answers, "x") &&
               str_equal_c(value_text_of(fold.why, "x"), "DK"),
           "a reason takes the answer away");
    tap_ok(tap, str_equal_c(fold.state, "open"), "it is open");
    entry[2].op = OP_CLOSE;
    fold_entries(NULL, entry, 3, &arena, &fold, &err);
    tap_ok(tap, str_equal_c(fold.state, "closed"), "closed");
    entry[3] = step(&arena, "d", 40, 30, "{\"_state\":\"open\"}");
    fold_entries(NULL, entry, 4, &arena, &fold, &err);
    tap_ok(tap, str_equal_c(fold.state, "open"), "reopened");
    entry[0].op = OP_ERASE;
    entry[0].body = value_object(&arena);
    fold_entries(NULL, entry, 4, &arena, &fold, &err);
    tap_ok(tap,
           str_equal_c(fold.state, "erased") && !value_count(fold.answers) &&
               !value_count(fold.why),
           "an erase leaves nothing, wherever it stands");
    entry[0].op = OP_SHARE;
    fold_entries(NULL, entry, 1, &arena, &fold, &err);
    tap_ok(tap, str_is_null(fold.state), "a share alone is no record");
    arena_release(&arena);
}

/* --- records in tables ---------------------------------------------------- */

static struct entry person(struct fixture *fixture, const char *record,
                           const char *json)
{
    return (struct entry){.kind = STR("person"),
                          .record = str_of(record),
                          .subject = str_of(record),
                          .form_version = STR("1"),
                          .op = OP_CREATE,
                          .body = fixture_json(fixture, json)};
}

static void read_back(struct fixture *fixture, const char *record,
                      const char *want, const char *name)
{
    struct record got;
    struct err err = {0};
    struct buf text;

    if (!fixture_ok(fixture,
                    record_read(&fixture->log, fixture->db, STR("person"),
                                str_of(record), &fixture->arena, &got, &err),
                    &err, name))
        return;
    buf_init(&text, &fixture->arena);
    value_write(got.answers, &text);
    if (!tap_ok(fixture->tap,
                value_equal(got.answers, fixture_json(fixture, want)),
                "... and comes back whole"))
        printf("# got:  %.*s\n# want: %s\n", STR_ARGS(buf_str(&text)), want);
}

static void check_round_trip(struct fixture *fixture)
{
    static const char *const cases[][2] = {
        {"plain", "{\"given_names\":\"Ana María\",\"age\":\"31\","
                  "\"weight\":\"60.5\",\"birth\":\"1995-02\","
                  "\"flags\":\"a b\",\"_why\":{\"surname\":\"ND\"}}"},
        {"instants", "{\"seen_at\":\"2026-11-22T03:07:39Z\"}"},
        {"instants with an offset",
         "{\"seen_at\":\"2026-11-22T03:07:39.000-06:00\"}"},
        {"texts that their column cannot hold",
         "{\"age\":\"03\",\"weight\":\"60.50\",\"birth\":\"ayer\","
         "\"seen_at\":\"?\"}"},
        {"not numbers at all", "{\"age\":\"many\",\"weight\":\"inf\"}"},
        {"quotes, lines and no letters",
         "{\"notes\":\"a\\n\\\"b\\\" '; DROP TABLE x --\\u0001\","
         "\"given_names\":\"😀 ñ\"}"},
        {"a question the form does not have", "{\"other\":\"x\","
                                              "\"deep\":{\"a\":[\"b\"]}}"},
        {"repeats within repeats",
         "{\"children\":[{\"name\":\"Uno\",\"birth\":\"2020\","
         "\"toys\":[{\"what\":\"oso\"},{\"what\":\"tren\"}]},"
         "{\"name\":\"Dos\",\"_why\":{\"birth\":\"DK\"},"
         "\"extra\":\"y\"},"
         "{\"name\":\"Tres\",\"toys\":[{\"what\":\"luna\"}]}]}"},
        {"a repeat that is none", "{\"children\":\"three\"}"},
        {"a long text", NULL},
    };
    struct err err = {0};

    fixture_person(fixture, "1");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *json = cases[i][1];
        struct entry entry;

        if (!json) {
            struct buf text;

            buf_init(&text, &fixture->arena);
            buf_puts(&text, "{\"notes\":\"");
            for (int j = 0; j < 3000; j++)
                buf_puts(&text, "palabra ");
            buf_puts(&text, "\"}");
            json = str_c(&fixture->arena, buf_str(&text));
        }
        entry = person(fixture, cases[i][0], json);
        fixture_append(fixture, &entry, false, NULL, &err);
        read_back(fixture, cases[i][0], json, cases[i][0]);
    }
}

/* A connection that learned the columns before a question was installed. */
static void check_stale(struct fixture *fixture, struct db *reader)
{
    struct record_filter filter = {
        .kind = STR("person"), .where = "{height} = 160", .order = "{height}"};
    struct record *record = NULL;
    struct err err = {0};
    size_t count = 0;

    fixture_ok(fixture,
               record_list(&fixture->log, reader, &filter, true,
                           &fixture->arena, &record, &count, &err),
               &err, "a connection hears of new questions by being asked");
    tap_is_int(fixture->tap, (long long)count, 1, "and answers");
    filter.where = "EXISTS (SELECT 1 FROM {person} WHERE {person.no} = 1)";
    tap_ok(fixture->tap,
           record_list(&fixture->log, reader, &filter, true, &fixture->arena,
                       &record, &count, &err) == ERROR_INTERNAL,
           "what is nowhere is nowhere");
}

static void check_versions(struct fixture *fixture)
{
    struct record_filter all = {.kind = STR("person")};
    struct record *record = NULL;
    struct db *reader = NULL;
    size_t count = 0;
    struct form *second = fixture_form(fixture, "person", "2"), *third;
    struct err err = {0};
    struct entry entry;
    int64_t columns = 0;

    fixture->forms = 0;
    fixture_person(fixture, "1");
    fixture_ok(fixture, project_install(fixture->db, fixture->form[0], &err),
               &err, "a form is installed");
    fixture_ok(fixture, project_install(fixture->db, fixture->form[0], &err),
               &err, "again, with no effect");
    entry = person(fixture, "p1", "{\"age\":\"31\",\"code\":\"x\"}");
    fixture_append(fixture, &entry, false, NULL, &err);
    store_connect(fixture->store, false, &reader, &err);
    record_list(&fixture->log, reader, &all, false, &fixture->arena, &record,
                &count, &err);
    /* version 2: age is a text, weight is gone, height is new */
    fixture->form[fixture->forms++] = second;
    fixture_question(fixture, second, "code", QUESTION_TEXT, MERGE_LAST);
    fixture_question(fixture, second, "age", QUESTION_TEXT, MERGE_LAST);
    fixture_question(fixture, second, "height", QUESTION_INTEGER, MERGE_LAST);
    fixture_ok(fixture, project_install(fixture->db, second, &err), &err,
               "a new version");
    entry = person(fixture, "p2", "{\"age\":\"about 30\",\"height\":\"160\"}");
    entry.form_version = STR("2");
    fixture_append(fixture, &entry, false, NULL, &err);
    check_stale(fixture, reader);
    db_close(reader);
    read_back(fixture, "p1", "{\"age\":\"31\",\"code\":\"x\"}",
              "a record of version 1");
    read_back(fixture, "p2", "{\"age\":\"about 30\",\"height\":\"160\"}",
              "a record of version 2");
    db_get_int(fixture->db, &columns, NULL, &err,
               "SELECT COUNT(DISTINCT name) FROM form_column "
               "WHERE path = 'age'",
               "");
    tap_is_int(fixture->tap, columns, 2, "a retyped question: a new column");
    entry = person(fixture, "p1", "{\"height\":\"150\"}");
    entry.op = OP_UPDATE;
    entry.form_version = STR("2");
    fixture_append(fixture, &entry, false, NULL, &err);
    read_back(fixture, "p1",
              "{\"age\":\"31\",\"code\":\"x\",\"height\":\"150\"}",
              "a record goes on in version 2");
    tap_is(fixture->tap,
           project_sql(&fixture->log, fixture->db, &fixture->arena,
                       "SELECT {person.age} FROM {person}", &err),
           "SELECT c_age_2 FROM f_person", "names in SQL are the newest");
    /* the same version, changed */
    third = fixture_form(fixture, "person", "2");
    fixture->form[1] = third;
    fixture->forms = 2;
    fixture_question(fixture, third, "age", QUESTION_DECIMAL, MERGE_LAST);
    fixture_ok(fixture, project_install(fixture->db, third, &err), &err,
               "a version that changed without saying so");
    read_back(fixture, "p2", "{\"age\":\"about 30\",\"height\":\"160\"}",
              "what it said before can be read");
    tap_ok(fixture->tap,
           !project_sql(&fixture->log, fixture->db, &fixture->arena,
                        "SELECT {person.nothing} FROM {person}", &err),
           "an unknown question in SQL");
}

static void check_wide(struct fixture *fixture)
{
    struct form *form = fixture_form(fixture, "person", "1");
    struct err err = {0};
    struct buf json;
    struct entry entry;
    int64_t tables = 0;
    struct record *list;
    size_t count = 0;
    struct record_filter filter = {
        .kind = STR("person"),
        .where = "{q_7} = $3 AND {q_599} = $3",
        .order = "{q_301}, _id",
        .value = &(struct db_value){.type = 't', .t = STR("v")},
        .value_count = 1};

    buf_init(&json, &fixture->arena);
    for (int i = 0; i < 600; i++) {
        char *key = arena_alloc(&fixture->arena, 16);

        snprintf(key, 16, "q_%d", i);
        fixture_question(fixture, form, key, QUESTION_TEXT, MERGE_LAST);
        buf_printf(&json, "%s\"%s\":\"v\"", i ? "," : "{", key);
    }
    buf_puts(&json, "}");
    entry = person(fixture, "p1", str_c(&fixture->arena, buf_str(&json)));
    fixture_ok(fixture, fixture_append(fixture, &entry, false, NULL, &err),
               &err, "a form of 600 questions");
    read_back(fixture, "p1", str_c(&fixture->arena, buf_str(&json)), "wide");
    db_get_int(fixture->db, &tables, NULL, &err,
               "SELECT COUNT(DISTINCT in_table) FROM form_column", "");
    tap_is_int(fixture->tap, tables, 3, "has two sibling tables");
    fixture_ok(fixture,
               record_list(&fixture->log, fixture->db, &filter, true,
                           &fixture->arena, &list, &count, &err),
               &err, "a list that asks all of them");
    tap_is_int(fixture->tap, (long long)count, 1, "finds it");
}

static void check_names(struct fixture *fixture)
{
    struct form *form = fixture_form(
        fixture, "Form \"x\"; DROP TABLE entry; with a very long name ñandú",
        "1");
    struct form *twin = fixture_form(
        fixture, "form _x__ drop table entry  with a very long nome", "1");
    struct err err = {0};
    struct rows rows;
    size_t longest = 0;

    fixture_question(fixture, form, "SELECT", QUESTION_TEXT, MERGE_LAST);
    fixture_question(fixture, form, "select", QUESTION_TEXT, MERGE_LAST);
    fixture_question(fixture, form, "sel'ect", QUESTION_TEXT, MERGE_LAST);
    fixture_question(
        fixture, form,
        "a_question_whose_name_goes_on_and_on_and_on_until_it_is_cut_off_1",
        QUESTION_TEXT, MERGE_LAST);
    fixture_question(
        fixture, form,
        "a_question_whose_name_goes_on_and_on_and_on_until_it_is_cut_off_2",
        QUESTION_TEXT, MERGE_LAST);
    fixture_ok(fixture, project_install(fixture->db, form, &err), &err,
               "names that no database would take");
    fixture_ok(fixture, project_install(fixture->db, twin, &err), &err,
               "a twin");
    db_query(fixture->db, &rows, &err,
             "SELECT name FROM form_column UNION "
             "SELECT in_table FROM form_column",
             "");
    while (rows_next(&rows))
        if (rows_text(&rows, 0).size > longest)
            longest = rows_text(&rows, 0).size;
    tap_is_int(fixture->tap, rows.place >= 7, 1, "all have a name");
    rows_end(&rows);
    tap_ok(fixture->tap, longest && longest <= 50, "of at most 50 bytes");
}

static void check_list(struct fixture *fixture)
{
    struct err err = {0};
    struct record *list = NULL;
    size_t count = 0;
    struct db_value value[2] = {{.type = 'i', .i = 12},
                                {.type = 't', .t = STR("Ana")}};
    struct record_filter filter = {.kind = STR("person")};

    record_list(&fixture->log, fixture->db, &filter, true, &fixture->arena,
                &list, &count, &err);
    tap_is_int(fixture->tap, (long long)count, 0,
               "a kind that was never installed has no records");
    fixture_person(fixture, "1");
    for (int i = 0; i < 30; i++) {
        char json[120];
        struct entry entry;

        snprintf(json, sizeof(json),
                 "{\"age\":\"%d\",\"given_names\":\"%s\","
                 "\"children\":[{\"name\":\"x\"}]}",
                 i, i % 2 ? "Ana" : "Eva");
        entry = person(fixture, "", json);
        entry.record = str_format(&fixture->arena, "p%02d", i);
        entry.subject = i < 3 ? STR("s") : entry.record;
        fixture_append(fixture, &entry, false, NULL, &err);
    }
    filter.limit = 5;
    fixture_ok(fixture,
               record_list(&fixture->log, fixture->db, &filter, true,
                           &fixture->arena, &list, &count, &err),
               &err, "a list");
    tap_ok(fixture->tap,
           count == 5 && str_equal_c(list[0].id, "p29") &&
               value_count(value_get(list[0].answers, "children")) == 1,
           "the newest first, whole");
    filter.offset = 5;
    record_list(&fixture->log, fixture->db, &filter, false, &fixture->arena,
                &list, &count, &err);
    tap_ok(fixture->tap,
           count == 5 && str_equal_c(list[0].id, "p24") &&
               !value_get(list[0].answers, "children"),
           "the next page, without rows");
    filter = (struct record_filter){.kind = STR("person"),
                                    .where = "{age} >= $3 AND "
                                             "{given_names} = $4",
                                    .order = "{age}",
                                    .value = value,
                                    .value_count = 2};
    fixture_ok(fixture,
               record_list(&fixture->log, fixture->db, &filter, false,
                           &fixture->arena, &list, &count, &err),
               &err, "a condition");
    tap_ok(fixture->tap, count == 9 && str_equal_c(list[0].id, "p13"),
           "picks and orders");
    filter = (struct record_filter){.kind = STR("person"), .subject = STR("s")};
    record_list(&fixture->log, fixture->db, &filter, false, &fixture->arena,
                &list, &count, &err);
    tap_is_int(fixture->tap, (long long)count, 3, "of one subject");
    tap_is(fixture->tap,
           project_sql(&fixture->log, fixture->db, &fixture->arena,
                       "SELECT r.{person.children.name} FROM "
                       "{person.children} r WHERE '{}' <> ''",
                       &err),
           "SELECT r.c_name FROM f_person_children r WHERE '{}' <> ''",
           "names of a repeat in SQL");
}

/* --- the law -------------------------------------------------------------- */

enum { RECORDS = 6, ENTRIES = 60 };

static const char *random_text(struct fixture *fixture)
{
    static const char *const words[] = {"Ana",        "Eva",
                                        "Luz",        "yes",
                                        "no",         "a",
                                        "a b",        "b c",
                                        "2020-01-01", "2021-05-05",
                                        "7",          "03",
                                        "4.5",        "2026-11-22T03:07:39Z",
                                        "x\\ny"};

    return words[fixture_random(fixture) % (sizeof(words) / sizeof(words[0]))];
}

static const struct value *random_body(struct fixture *fixture)
{
    static const char *const keys[] = {
        "given_names", "surname", "birth",  "age",   "weight",
        "notes",       "consent", "scope",  "until", "flags",
        "children",    "unknown", "seen_at"};
    struct buf json;
    size_t fields = fixture_random(fixture) % 4 + 1;

    buf_init(&json, &fixture->arena);
    buf_puts(&json, "{\"_why\":{\"code\":\"NR\"}");
    for (size_t i = 0; i < fields; i++) {
        const char *key =
            keys[fixture_random(fixture) % (sizeof(keys) / sizeof(keys[0]))];
        uint64_t what = fixture_random(fixture) % 8;

        if (what == 0)
            buf_printf(&json, ",\"%s\":null", key);
        else if (what == 1)
            buf_printf(&json, ",\"%s\":\"\",\"_why\":{\"%s\":\"DK\"}", key,
                       key);
        else if (strcmp(key, "children") == 0)
            buf_printf(&json,
                       ",\"children\":[{\"name\":\"%s\",\"toys\":"
                       "[{\"what\":\"%s\"}]},{\"birth\":\"%s\"}]",
                       random_text(fixture), random_text(fixture),
                       random_text(fixture));
        else
            buf_printf(&json, ",\"%s\":\"%s\"", key, random_text(fixture));
    }
    buf_puts(&json, "}");
    return fixture_json(fixture, str_c(&fixture->arena, buf_str(&json)));
}

/* Clocks far enough in the past for any order of arrival. */
static void random_entries(struct fixture *fixture, struct entry *entry)
{
    int64_t clock[RECORDS] = {0};

    for (int i = 0; i < ENTRIES; i++) {
        size_t record = fixture_random(fixture) % RECORDS;
        uint64_t what = fixture_random(fixture) % 40;
        enum entry_op op = !clock[record]             ? OP_CREATE
                           : what == 0                ? OP_CLOSE
                           : what == 1                ? OP_SHARE
                           : what == 2 && record == 0 ? OP_ERASE
                                                      : OP_UPDATE;

        entry[i] = (struct entry){
            .id = str_format(&fixture->arena, "e%03d", i),
            .node = fixture_random(fixture) % 2 ? STR("n1") : STR("n2"),
            .clock = ((int64_t)1000 + i / 2) << 16,
            .author = STR("u"),
            .kind = STR("person"),
            .form_version = fixture_random(fixture) % 5 ? STR("1") : STR("2"),
            .record = str_format(&fixture->arena, "p%zu", record),
            .op = op,
            .body = random_body(fixture)};
        entry[i].subject = entry[i].record;
        /* has seen the last, an older one, or none */
        entry[i].base = fixture_random(fixture) % 3 ? clock[record]
                        : fixture_random(fixture) % 2
                            ? clock[record] - (1 << 16)
                            : 0;
        clock[record] = entry[i].clock;
    }
}

static struct str dump_after(struct fixture *fixture, struct entry *entry,
                             bool shuffle, const char *site)
{
    struct entry order[ENTRIES];
    struct err err = {0};
    struct str dump, all, from;
    struct buf out;

    memcpy(order, entry, sizeof(order));
    for (size_t i = ENTRIES; shuffle && i-- > 1;) {
        size_t j = fixture_random(fixture) % (i + 1);
        struct entry swap = order[i];

        order[i] = order[j];
        order[j] = swap;
    }
    fixture->log.site = str_of(site);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct entry copy = order[i];

        if (fixture_append(fixture, &copy, false, NULL, &err))
            printf("# %s (%s)\n", err.message, err.detail);
        if (i % 7 == 0) { /* sent twice */
            copy = order[i];
            fixture_append(fixture, &copy, false, NULL, &err);
        }
    }
    /* only this site's lines, without its name */
    all = fixture_dump(fixture, false, &fixture->arena);
    buf_init(&out, &fixture->arena);
    from = str_format(&fixture->arena, " %s|", site);
    while (str_cut(&all, '\n', &dump))
        if (str_starts(dump, from)) {
            buf_put(&out, str_slice(dump, from.size, dump.size));
            buf_putc(&out, '\n');
        }
    return buf_str(&out);
}

static void show_difference(struct str a, struct str b)
{
    struct str x, y;

    while (str_cut(&a, '\n', &x) && str_cut(&b, '\n', &y))
        if (!str_equal(x, y)) {
            printf("# %.*s\n# %.*s\n", STR_ARGS(x), STR_ARGS(y));
            return;
        }
}

static void check_law(struct fixture *fixture)
{
    struct entry entry[ENTRIES];
    struct err err = {0};
    int rounds = strcmp(fixture->dialect, "sqlite") == 0 ? 12 : 4;
    int bad = 0, bad_rebuild = 0;
    int64_t entries = 0;

    fixture_person(fixture, "1");
    fixture_person(fixture, "2");
    fixture_question(fixture, (struct form *)(uintptr_t)fixture->form[1],
                     "unknown", QUESTION_TEXT, MERGE_KEEP_BOTH);
    for (int round = 0; round < rounds; round++) {
        struct str first, other, before, after;
        char site[16], second[16];

        random_entries(fixture, entry);
        snprintf(site, sizeof(site), "a%d", round);
        snprintf(second, sizeof(second), "b%d", round);
        first = dump_after(fixture, entry, false, site);
        other = dump_after(fixture, entry, true, second);
        if (round % 2) /* some in the index, some not */
            search_index(fixture->db, str_of(round % 4 > 1 ? site : second),
                         &err);
        if (!str_equal(first, other)) {
            bad++;
            show_difference(first, other);
        }
        before = fixture_dump(fixture, true, &fixture->arena);
        if (log_rebuild(&fixture->log, fixture->db, &entries, &err))
            printf("# %s (%s)\n", err.message, err.detail);
        after = fixture_dump(fixture, true, &fixture->arena);
        if (!str_equal(before, after)) {
            bad_rebuild++;
            show_difference(before, after);
        }
    }
    tap_is_int(fixture->tap, bad, 0,
               "any order of arrival gives the same tables");
    tap_is_int(fixture->tap, bad_rebuild, 0,
               "rebuilding gives the same tables");
    tap_is_int(fixture->tap, entries, 2 * rounds * ENTRIES, "from every entry");
    tap_ok(fixture->tap,
           !log_verify(&fixture->log, fixture->db, &fixture->arena, &entries,
                       NULL, &err),
           "%s: and the log verifies", fixture->dialect);
}

int main(void)
{
    struct tap tap = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    check_folds(&tap);
    check_fold_more(&tap);
    fixture_each(&tap, "round trip", check_round_trip);
    fixture_each(&tap, "versions of a form", check_versions);
    fixture_each(&tap, "600 questions", check_wide);
    fixture_each(&tap, "names", check_names);
    fixture_each(&tap, "lists", check_list);
    fixture_each(&tap, "the same in any order", check_law);
    return tap_done(&tap);
}
