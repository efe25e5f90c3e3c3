/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Expressions as SQL: random expressions over random answers give the same by
 * the evaluator, by SQLite and (where COBIJO_TEST_PG is set) by PostgreSQL;
 * what has no SQL says so. */
#include <math.h>
#include <stdlib.h>

#include "core/date.h"
#include "form/expr/eval.h"
#include "form/expr/sql.h"
#include "form/xlsform.h"

#include "store_fixture.h"

enum { ROWS = 60, EXPRESSIONS = 700, OFFSET = -21600 };

static const char survey[] =
    "survey,,,,\n,type,name,label,appearance\n"
    ",text,a,A,\n,text,b,B,\n,integer,n,N,\n,integer,m,M,\n"
    ",decimal,d,D,\n,decimal,e,E,\n,date,f,F,partial-date\n"
    ",date,g,G,partial-date\n,dateTime,i,I,\n,dateTime,j,J,\n"
    ",select_one l,s,S,\n,select_multiple l,k,K,\n"
    ",begin_repeat,r,R,\n,integer,x,X,\n,decimal,y,Y,\n,text,z,Z,\n"
    ",end_repeat,,,\n"
    "choices,,,\n,list_name,name,label\n,l,1,P\n,l,2,Q\n,l,no,N\n"
    "settings,\n,form_id\n,f\n";

static const char tables[] =
    "CREATE TABLE sql_record (id BIGINT NOT NULL, a TEXT, b TEXT, n BIGINT, "
    "m BIGINT, d @DOUBLE@, e @DOUBLE@, f TEXT, g TEXT, i BIGINT, j BIGINT, "
    "s TEXT, k TEXT, PRIMARY KEY (id));\n"
    "CREATE TABLE sql_row (record BIGINT NOT NULL, at BIGINT NOT NULL, "
    "x BIGINT, y @DOUBLE@, z TEXT, PRIMARY KEY (record, at));\n";

struct trial {
    struct fixture *fixture;
    struct arena arena; /* the form and the answers */
    const struct form *form;
    const struct value *answers[ROWS];
    uint64_t seed;
    size_t agreed, refused, errors;
};

static uint64_t chance(struct trial *trial, uint64_t below)
{
    trial->seed = trial->seed * 6364136223846793005u + 1442695040888963407u;
    return (trial->seed >> 33) % below;
}

/* --- random answers --------------------------------------------------------
 */

static const char *const texts[] = {
    "",        "",           "3",    "-2.5",  ".5",         "5.",
    "abc",     " 7 ",        "1998", "true",  "2026-02-28", "2026-02-30",
    "ñandú",   "a b",        "4,6",  "ab",    "1",          "no",
    "0",       "-",          ".",    "1.2.3", "TRUE",       "2000-02-29",
    "x\ty no", "0000-01-01", "--3",  "12a",   "  "};

static const char *const dates[] = {"",           "1998",       "1998-12",
                                    "2026-01-15", "2000-02-29", "2026-11-22",
                                    "1969-12-31"};

static struct db_value random_text(struct trial *trial)
{
    struct str text =
        str_of(texts[chance(trial, sizeof texts / sizeof texts[0])]);

    return text.size ? (struct db_value){'t', 0, 0, text}
                     : (struct db_value){.type = 'T'};
}

static struct db_value random_value(struct trial *trial,
                                    const struct question *question)
{
    static const char *const multiple[] = {"1", "2", "1 2", "no", "1 2 no"};
    static const char *const single[] = {"1", "2", "no"};
    int64_t whole = (int64_t)chance(trial, 12) - 4;
    struct str text;

    switch (question->type) {
    case QUESTION_INTEGER:
        return chance(trial, 4) ? (struct db_value){'i', whole, 0, STR_NULL}
                                : (struct db_value){.type = 'I'};
    case QUESTION_DECIMAL:
        return chance(trial, 4)
                   ? (struct db_value){'d', 0, (double)whole / 4, STR_NULL}
                   : (struct db_value){.type = 'D'};
    case QUESTION_DATETIME:
        whole = 1795370400000 + whole * 21600000 + (whole % 2) * 123;
        return chance(trial, 4) ? (struct db_value){'i', whole, 0, STR_NULL}
                                : (struct db_value){.type = 'I'};
    case QUESTION_DATE:
        text = str_of(dates[chance(trial, sizeof dates / sizeof dates[0])]);
        break;
    case QUESTION_SELECT_ONE:
        text = chance(trial, 4) ? str_of(single[chance(trial, 3)]) : STR("");
        break;
    case QUESTION_SELECT_MULTIPLE:
        text = chance(trial, 4) ? str_of(multiple[chance(trial, 5)]) : STR("");
        break;
    default:
        return random_text(trial);
    }
    return text.size ? (struct db_value){'t', 0, 0, text}
                     : (struct db_value){.type = 'T'};
}

/* The answer as the form has it. */
static void set_answer(struct trial *trial, struct value *answers,
                       const struct question *question,
                       const struct db_value *value)
{
    struct arena *arena = &trial->arena;
    struct str text = value->t;

    if (value->type == 'i' && question->type == QUESTION_DATETIME)
        text = instant_text(arena, value->i);
    else if (value->type == 'i')
        text = str_format(arena, "%lld", (long long)value->i);
    else if (value->type == 'd')
        text = number_to_text(arena, value->d);
    if (text.size)
        value_set(answers, arena, question->key, value_string(arena, text));
}

static void fill_rows(struct trial *trial, struct value *answers, int64_t id)
{
    const struct question *repeat = form_find_name(trial->form, NULL, STR("r"));
    struct value *list = value_list(&trial->arena);
    uint64_t count = chance(trial, 4);
    struct err err = {0};

    for (uint64_t i = 0; i < count; i++) {
        struct value *row = value_object(&trial->arena);
        struct db_value value[5] = {{'i', id, 0, STR_NULL},
                                    {'i', (int64_t)i, 0, STR_NULL}};
        size_t at = 2;

        for (const struct question *q = repeat->child; q; q = q->next) {
            value[at] = random_value(trial, q);
            set_answer(trial, row, q, &value[at++]);
        }
        fixture_ok(trial->fixture,
                   db_run_values(trial->fixture->db, &err,
                                 "INSERT INTO sql_row (record, at, x, y, z) "
                                 "VALUES ($1, $2, $3, $4, $5)",
                                 value, 5),
                   &err, "a row");
        value_add(list, &trial->arena, row);
    }
    value_set(answers, &trial->arena, repeat->key, list);
}

static void fill(struct trial *trial)
{
    struct err err = {0};

    fixture_ok(trial->fixture, db_script(trial->fixture->db, tables, &err),
               &err, "tables");
    for (int64_t id = 0; id < ROWS; id++) {
        struct value *answers = value_object(&trial->arena);
        struct db_value value[13] = {{'i', id, 0, STR_NULL}};
        size_t at = 1;

        for (const struct question *q = trial->form->first; q; q = q->next) {
            if (q->type == QUESTION_REPEAT)
                continue;
            value[at] = random_value(trial, q);
            set_answer(trial, answers, q, &value[at++]);
        }
        db_run_values(trial->fixture->db, &err,
                      "INSERT INTO sql_record (id, a, b, n, m, d, e, f, g, i, "
                      "j, s, k) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                      "$10, $11, $12, $13)",
                      value, 13);
        fill_rows(trial, answers, id);
        trial->answers[id] = answers;
    }
    fixture_ok(trial->fixture, err.code, &err, "records");
}

/* --- random expressions ----------------------------------------------------
 */

static void put_text(struct trial *trial, struct buf *out, int depth);
static void put_bool(struct trial *trial, struct buf *out, int depth);

/* Every # of the pattern is a text, % a number, ? a truth, $ a question of any
 * kind, ~ a fixed text. */
static void put_number(struct trial *trial, struct buf *out, int depth);

static void put_pattern(struct trial *trial, struct buf *out,
                        const char *pattern, int depth)
{
    static const char questions[] = "abnmdefgijsk";

    for (; *pattern; pattern++)
        if (*pattern == '#')
            put_text(trial, out, depth - 1);
        else if (*pattern == '%')
            put_number(trial, out, depth - 1);
        else if (*pattern == '?')
            put_bool(trial, out, depth - 1);
        else if (*pattern == '~')
            buf_printf(out, "'%s'",
                       texts[chance(trial, sizeof texts / sizeof texts[0])]);
        else if (*pattern == '@') /* % stands for a number */
            buf_puts(out, "%Y-%m/%d");
        else if (*pattern == '$' && pattern[1] != '{')
            buf_printf(out, "${%c}", questions[chance(trial, 12)]);
        else
            buf_putc(out, *pattern);
}

#define PUT_ONE(trial, out, patterns, depth)                                   \
    put_pattern(                                                               \
        trial, out,                                                            \
        (patterns)[chance(trial, sizeof(patterns) / sizeof(patterns)[0])],     \
        depth)

static void put_text(struct trial *trial, struct buf *out, int depth)
{
    static const char *const leaves[] = {
        "$", "$", "~", "string(${n})", "today()", "'2026-01-15'"};
    static const char *const patterns[] = {"concat(#, #)",
                                           "substr(#, 1, 3)",
                                           "substr(#, -2)",
                                           "substring-before(#, ~)",
                                           "substring-after(#, ~)",
                                           "if(?, #, #)",
                                           "coalesce(#, #)",
                                           "join(~, #, #, ~)",
                                           "string(?)",
                                           "format-date(${f}, '@')",
                                           "date(${i})",
                                           "date(${g})",
                                           "$",
                                           "~"};

    if (depth <= 0)
        PUT_ONE(trial, out, leaves, depth);
    else
        PUT_ONE(trial, out, patterns, depth);
}

static void put_number(struct trial *trial, struct buf *out, int depth)
{
    static const char *const leaves[] = {"$", "$",   "${n}", "${d}", "3",
                                         "0", "2.5", "${f}", "${i}", "today()"};
    static const char *const patterns[] = {"(% + %)",
                                           "(% - %)",
                                           "(% * %)",
                                           "(% div %)",
                                           "-%",
                                           "(${n} mod ${m})",
                                           "(int(%) mod 3)",
                                           "int(%)",
                                           "round(%)",
                                           "round(%, 1)",
                                           "round(%, -1)",
                                           "floor(%)",
                                           "ceiling(%)",
                                           "abs(%)",
                                           "min(%, %)",
                                           "max(%, %, %)",
                                           "number(#)",
                                           "number(?)",
                                           "if(?, %, %)",
                                           "string-length(#)",
                                           "count-selected(${k})",
                                           "count(${r})",
                                           "sum(${x})",
                                           "max(${y})",
                                           "min(${x})",
                                           "count-non-empty(${z})",
                                           "sum(${z})",
                                           "round(${a})",
                                           "decimal-date-time(${i})",
                                           "(today() - ${f})",
                                           "%",
                                           "%"};

    if (depth <= 0)
        PUT_ONE(trial, out, leaves, depth);
    else
        PUT_ONE(trial, out, patterns, depth);
}

static void put_bool(struct trial *trial, struct buf *out, int depth)
{
    static const char *const leaves[] = {"$ = ~",
                                         "$ != ~",
                                         "$ = $",
                                         "$ < %",
                                         "$ != $",
                                         "selected($, '1')",
                                         "boolean($)",
                                         "true()",
                                         "$ = 3",
                                         "${f} > '2000-01-01'",
                                         "${i} = '2026-11-22'",
                                         "${i} > '2026-11-22'",
                                         "${d} = '1.25'",
                                         "${f} = ''",
                                         "${n} != 2",
                                         "${i} = '2026-11-22T18:00:00.000Z'",
                                         "${g} <= ${f}"};
    static const char *const patterns[] = {
        "(? and ?)",
        "(? or ?)",
        "not(?)",
        "# = #",
        "# != #",
        "% = %",
        "% != %",
        "% < %",
        "% >= %",
        "? = ?",
        "? != #",
        "% > ?",
        "contains(#, #)",
        "starts-with(#, #)",
        "ends-with(#, #)",
        "selected(#, ~)",
        "if(?, ?, ?)",
        "boolean(#)",
        "boolean(%)",
        "boolean-from-string(#)",
        "checklist(1, 2, ?, ?, $)",
        "weighted-checklist(2, -1, ?, %, ?, 2)",
        "# < %"};

    if (depth <= 0)
        PUT_ONE(trial, out, leaves, depth);
    else
        PUT_ONE(trial, out, patterns, depth);
}

/* --- both ways -------------------------------------------------------------
 */

static struct str column_of(void *context, const struct question *question)
{
    (void)context;
    return question->name;
}

static struct str rows_of(void *context, const struct question *repeat)
{
    (void)context;
    (void)repeat;
    return STR("sql_row WHERE record = sql_record.id");
}

static bool same(const struct expr_sql *sql, const struct rows *rows,
                 const struct expr_result *result, struct arena *arena)
{
    double number = expr_to_number(result), got;

    if (sql->type == SQL_BOOL)
        return !rows_null(rows, 0) && rows_int(rows, 0) == expr_to_bool(result);
    if (sql->type == SQL_TEXT)
        return !rows_null(rows, 0) &&
               str_equal(rows_text(rows, 0), expr_to_text(result, arena));
    if (rows_null(rows, 0))
        return isnan(number);
    got = rows_double(rows, 0);
    if (str_ends(rows_text(rows, 0), STR("Infinity")))
        got = rows_text(rows, 0).at[0] == '-' ? -INFINITY : INFINITY;
    return got == number || (!isnan(number) && !isinf(number) &&
                             fabs(got - number) <= 1e-12 * fabs(number));
}

static void show(struct trial *trial, struct str text,
                 const struct expr_sql *sql, const struct rows *rows,
                 const struct expr_result *result, size_t id)
{
    struct arena *arena = &trial->arena;
    struct buf out;

    buf_init(&out, arena);
    value_write(trial->answers[id], &out);
    tap_ok(trial->fixture->tap, false, "%s: %.*s", trial->fixture->dialect,
           STR_ARGS(text));
    printf("# %.*s\n# SQL %.*s\n# gives %.*s%s, the evaluator %.*s\n",
           STR_ARGS(buf_str(&out)), STR_ARGS(sql->text),
           STR_ARGS(str_copy(arena, rows_text(rows, 0))),
           rows_null(rows, 0) ? "NULL" : "",
           STR_ARGS(expr_to_text(result, arena)));
}

static struct expr_scope scope_of(const struct trial *trial,
                                  struct arena *arena, size_t id)
{
    return (struct expr_scope){.arena = arena,
                               .form = trial->form,
                               .answers = trial->answers[id],
                               .language = STR("es"),
                               .now = 1795370400000,
                               .utc_offset = OFFSET};
}

/* Runs the SQL over all records beside the evaluator. */
static bool compare_all(struct trial *trial, struct str text,
                        const struct expr *expr, const struct expr_sql *sql,
                        struct arena *arena)
{
    struct db_value *value = arena_array(arena, sizeof *value, sql->count + 1);
    struct str query = str_format(
        arena,
        sql->type == SQL_BOOL
            ? "SELECT CASE WHEN %.*s THEN 1 ELSE 0 END FROM sql_record "
              "ORDER BY id"
            : "SELECT %.*s FROM sql_record ORDER BY id",
        STR_ARGS(sql->text));
    struct err err = {0};
    struct rows rows;
    bool agreed = true;
    size_t id = 0;

    for (size_t i = 0; i < sql->count; i++)
        value[i] = (struct db_value){
            sql->parameter[i].type == SQL_NUMBER ? 'd' : 't', 0,
            sql->parameter[i].number, sql->parameter[i].text};
    db_query_values(trial->fixture->db, &rows, &err, str_c(arena, query), value,
                    sql->count);
    for (; rows_next(&rows); id++) {
        struct expr_scope scope = scope_of(trial, arena, id);
        struct expr_result result = {0};
        struct err ignored = {0};

        if (expr_eval(expr, &scope, &result, &ignored)) {
            trial->errors++;
            continue;
        }
        if (agreed && !same(sql, &rows, &result, arena)) {
            show(trial, text, sql, &rows, &result, id);
            agreed = false;
        }
    }
    if (rows_end(&rows)) {
        tap_ok(trial->fixture->tap, false, "%s: %.*s: %s",
               trial->fixture->dialect, STR_ARGS(text), err.detail);
        printf("# SQL %.*s\n", STR_ARGS(sql->text));
        return false;
    }
    return agreed && id == ROWS;
}

static struct sql_options options_of(const struct trial *trial)
{
    return (struct sql_options){
        .dialect = strcmp(trial->fixture->dialect, "sqlite") == 0
                       ? SQL_SQLITE
                       : SQL_POSTGRESQL,
        .form = trial->form,
        .language = STR("es"),
        .now = 1795370400000,
        .utc_offset = OFFSET,
        .column = column_of,
        .rows = rows_of};
}

static void try_one(struct trial *trial)
{
    struct sql_options options = options_of(trial);
    struct expr_binding binding = {.form = trial->form};
    struct expr_sql sql = {0};
    struct expr *expr = NULL;
    struct err err = {0};
    struct arena arena;
    struct buf text;

    arena_init(&arena, NULL);
    buf_init(&text, &arena);
    if (chance(trial, 2))
        put_bool(trial, &text, (int)chance(trial, 4));
    else if (chance(trial, 2))
        put_number(trial, &text, (int)chance(trial, 4));
    else
        put_text(trial, &text, (int)chance(trial, 3));
    if (expr_parse_tree(&arena, buf_str(&text), &expr, &err)) {
        tap_ok(trial->fixture->tap, false, "parses: %.*s",
               STR_ARGS(buf_str(&text)));
    } else {
        expr_bind(expr, &binding);
        if (expr_to_sql(expr, &options, &arena, &sql, &err))
            trial->refused++;
        else if (compare_all(trial, buf_str(&text), expr, &sql, &arena))
            trial->agreed++;
        else
            printf("# seed %llu\n", (unsigned long long)trial->seed);
    }
    arena_release(&arena);
}

/* --- what has no SQL -------------------------------------------------------
 */

static void check_refused(struct trial *trial)
{
    static const char *const cases[] = {
        "regex(${a}, 'x')",
        "pow(${n}, 2)",
        "${r}[1]/x",
        "//x",
        "position(..)",
        "translate(${a}, 'a', 'b')",
        "string(${d})",
        "concat(${n} + 1, 'x')",
        "${n} mod 2.5",
        "random()",
        "${x} + 1",
        "jr:choice-name(${s}, '${s}')",
        "instance('l')/root/item[name = ${s}]/label",
        "if(${n}, 1, 'x') = 2",
        "selected(${k}, ${s})",
        "${a} = now()",
        "count(${r}[x > 1])"};
    struct sql_options options = options_of(trial);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct expr_binding binding = {.form = trial->form};
        struct expr_sql sql = {0};
        struct expr *expr = NULL;
        struct err err = {0};

        if (!expr_parse_tree(&trial->arena, str_of(cases[i]), &expr, &err)) {
            expr_bind(expr, &binding);
            expr_to_sql(expr, &options, &trial->arena, &sql, &err);
        }
        tap_ok(trial->fixture->tap,
               err.code == ERROR_INPUT && err.message != NULL, "refused: %s",
               cases[i]);
    }
}

static void check(struct fixture *fixture)
{
    struct trial trial = {.fixture = fixture, .seed = 20261122};
    const char *seed = getenv("COBIJO_SEED");
    struct form_problems problems = {0};

    arena_init(&trial.arena, NULL);
    if (seed)
        trial.seed = strtoull(seed, NULL, 10);
    trial.form = xlsform_read(&trial.arena, str_of(survey), NULL, &problems);
    tap_ok(fixture->tap, trial.form != NULL, "the form is read");
    if (trial.form) {
        fill(&trial);
        for (int i = 0; i < EXPRESSIONS; i++)
            try_one(&trial);
        printf("# %s: %zu expressions over %d records agree, %zu have no SQL\n",
               fixture->dialect, trial.agreed, ROWS, trial.refused);
        tap_ok(fixture->tap,
               trial.agreed + trial.refused == EXPRESSIONS &&
                   trial.agreed > EXPRESSIONS / 2,
               "%s: %zu agree", fixture->dialect, trial.agreed);
        check_refused(&trial);
    }
    arena_release(&trial.arena);
}

/* --- over the projections themselves ---------------------------------------
 */

static void add_person(struct fixture *fixture, const char *id,
                       const char *answers)
{
    struct err err = {0};
    struct entry entry = {.kind = STR("person"),
                          .record = str_of(id),
                          .subject = str_of(id),
                          .form_version = STR("1"),
                          .op = OP_CREATE,
                          .body = fixture_json(fixture, answers)};

    fixture_ok(fixture, fixture_append(fixture, &entry, false, NULL, &err),
               &err, id);
}

static const char *people_where(struct fixture *fixture, const char *text)
{
    struct arena *arena = &fixture->arena;
    struct sql_options options = {
        .dialect = strcmp(fixture->dialect, "sqlite") == 0 ? SQL_SQLITE
                                                           : SQL_POSTGRESQL,
        .form = fixture->form[0],
        .now = fixture->now};
    const struct expr *expr = NULL;
    struct expr_sql sql = {0};
    struct db_value *value;
    struct err err = {0};
    struct rows rows;
    const char *query;
    struct buf out;

    buf_init(&out, arena);
    if (expr_parse(arena, str_of(text), &expr, &err) ||
        expr_to_sql_as(expr, SQL_BOOL, &options, arena, &sql, &err))
        return str_c(arena, err_text(&err, NULL, arena));
    value = arena_array(arena, sizeof *value, sql.count + 1);
    for (size_t i = 0; i < sql.count; i++)
        value[i] = (struct db_value){
            sql.parameter[i].type == SQL_NUMBER ? 'd' : 't', 0,
            sql.parameter[i].number, sql.parameter[i].text};
    query = project_sql(
        &fixture->log, fixture->db, arena,
        str_c(arena, str_format(arena,
                                "SELECT _id FROM {person} WHERE %.*s "
                                "ORDER BY _id",
                                STR_ARGS(sql.text))),
        &err);
    if (!query)
        return "no SQL";
    db_query_values(fixture->db, &rows, &err, query, value, sql.count);
    while (rows_next(&rows))
        buf_printf(&out, "%s%.*s", out.size ? " " : "",
                   STR_ARGS(rows_text(&rows, 0)));
    rows_end(&rows);
    if (err.code)
        return str_c(arena, str_of(err.detail));
    return str_c(arena, buf_str(&out));
}

static void check_projection(struct fixture *fixture)
{
    static const char *const cases[][2] = {
        {"${age} >= 18 and selected(${flags}, 'F1')", "p1"},
        {"${age} < 18 or not(${age})", "p2 p3"},
        {"count(${children}) > 1", "p2"},
        {"${birth} < '1990-01-01'", "p1"},
        {"${weight} div 2 > 30 or count-selected(${flags}) = 2", "p1 p2"},
        {"${seen_at} >= '2026-11-22T00:00:00Z'", "p1"},
        {"concat(${given_names}, ' ', ${surname}) = 'Eva Sol'", "p3"}};
    struct err err = {0};

    fixture_person(fixture, "1");
    fixture_ok(fixture, project_install(fixture->db, fixture->form[0], &err),
               &err, "a form is installed");
    add_person(fixture, "p1",
               "{\"age\":\"40\",\"flags\":\"F1 F2\",\"birth\":\"1986\","
               "\"seen_at\":\"2026-11-22T10:00:00Z\"}");
    add_person(fixture, "p2",
               "{\"age\":\"9\",\"weight\":\"60.5\",\"children\":["
               "{\"name\":\"Uno\"},{\"name\":\"Dos\"}]}");
    add_person(fixture, "p3", "{\"given_names\":\"Eva\",\"surname\":\"Sol\"}");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tap_is(fixture->tap, people_where(fixture, cases[i][0]), cases[i][1],
               cases[i][0]);
}

int main(void)
{
    struct tap tap = {0};

    fixture_each(&tap, "expressions as SQL", check);
    fixture_each(&tap, "expressions over records", check_projection);
    return tap_done(&tap);
}
