/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_instruments.c - the instruments that come with the program: each has a
 * worked example (instruments/NAME.json, invented) with its expected scores;
 * what a single answer is said to count is what it counts; pages and programs
 * are told the same, on both databases; and who may not see health or the
 * child's file does not.
 */
#include "domain/score/score.h"
#include "test/domain_fixture.h"
#include "test/file.h"

static const char *const name[] = {"vulnerability", "best_interest",
                                   "shelter_check", "ofam_evaluation",
                                   "coexistence",   "health_intake"};
enum { NAMES = sizeof name / sizeof *name };

/* --- a form and answers without a store ---------------------------------- */

struct bench {
    struct arena arena;
    const struct form *form;
    const struct value *example;
    struct value *answers;
    size_t problems;
    struct scores scores;
    struct value *tree;
    struct err err;
};

static struct str catalog_file(void *context, struct str file)
{
    struct arena *arena = context;

    return file_read(
        arena, str_c(arena, str_format(arena, "catalog/%.*s", STR_ARGS(file))));
}

static struct score_reader reader_of(struct arena *arena, const char *language)
{
    return (struct score_reader){
        .language = str_of(language), .now = 1795320000000, .arena = arena};
}

static void bench_score(struct bench *bench, const struct value *input)
{
    struct check_options options = {
        .language = STR("es"), .now = 1795320000000, .defaults = true};
    struct check_result result = {0};
    struct score_reader reader = reader_of(&bench->arena, "es");

    form_check(bench->form, input, &options, &bench->arena, &result,
               &bench->err);
    for (size_t i = 0; i < result.count; i++)
        printf("# %.*s: %s\n", STR_ARGS(result.problem[i].path),
               result.problem[i].err.message);
    bench->problems = result.count;
    bench->answers = result.answers;
    if (scores_read(bench->form, bench->answers, &reader, &bench->scores,
                    &bench->err))
        fixture_say(&bench->err);
    bench->tree =
        scores_value(bench->form, bench->answers, &bench->scores, &reader);
}

static bool bench_open(struct bench *bench, const char *instrument)
{
    struct form_problems problems = {0};
    struct form_files files = {.context = &bench->arena, .file = catalog_file};
    struct arena *arena = &bench->arena;

    *bench = (struct bench){0};
    arena_init(arena, NULL);
    bench->form = xlsform_read(
        arena,
        file_read(arena,
                  str_c(arena, str_format(arena, "forms/%s.csv", instrument))),
        &files, &problems);
    value_parse(
        arena,
        file_read(arena,
                  str_c(arena, str_format(arena, "test/instruments/%s.json",
                                          instrument))),
        &bench->example, &bench->err);
    return bench->form && bench->example;
}

static const struct value *score_at(const struct value *tree, struct str key)
{
    static const char *const list[] = {"subtotals", "levels"};
    static const char *const one[] = {"total", "complete"};

    for (size_t i = 0; i < 2; i++) {
        const struct value *many = value_get(tree, list[i]);

        if (str_equal(value_text_of(value_get(tree, one[i]), "key"), key))
            return value_get(tree, one[i]);
        for (size_t k = 0; k < value_count(many); k++)
            if (str_equal(value_text_of(value_at(many, k), "key"), key))
                return value_at(many, k);
    }
    return NULL;
}

static const struct value *named(const struct value *list, struct str wanted)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text_of(value_at(list, i), "name"), wanted))
            return value_at(list, i);
    return NULL;
}

static bool same(struct arena *arena, const struct value *got,
                 const struct value *want)
{
    return str_equal(value_as_text(got, arena), value_as_text(want, arena));
}

static void is_value(struct tap *tap, struct bench *bench, const char *form,
                     struct str what, const struct value *got,
                     const struct value *want)
{
    if (!tap_ok(tap, same(&bench->arena, got, want), "%s: %.*s is %s", form,
                STR_ARGS(what),
                str_c(&bench->arena, value_as_text(want, &bench->arena))))
        printf("# got: %s\n",
               str_c(&bench->arena, value_as_text(got, &bench->arena)));
}

/* --- the worked examples ------------------------------------------------- */

static void check_list(struct tap *tap, struct bench *bench, const char *form,
                       const char *list, const struct value *want)
{
    const struct value *got = value_get(bench->tree, list);

    tap_ok(tap, value_count(got) == value_count(want), "%s: %zu %s", form,
           value_count(want), list);
    for (size_t i = 0; i < value_count(want); i++)
        is_value(tap, bench, form, value_name_at(want, i),
                 value_get(named(got, value_name_at(want, i)), "value"),
                 value_at(want, i));
}

static void check_parts(struct tap *tap, struct bench *bench, const char *form,
                        const struct value *want, const char *member)
{
    for (size_t i = 0; i < value_count(want); i++) {
        const struct value *score =
            score_at(bench->tree, value_name_at(want, i));
        const struct value *parts = value_get(score, "parts");
        const struct value *points = value_at(want, i);

        for (size_t k = 0; k < value_count(points); k++) {
            const struct value *found = NULL;

            for (size_t p = 0; p < value_count(parts); p++)
                if (str_equal(value_text_of(value_at(parts, p), "key"),
                              value_name_at(points, k)))
                    found = value_at(parts, p);
            is_value(tap, bench, form, value_name_at(points, k),
                     value_get(found, member), value_at(points, k));
        }
    }
}

/* Everything that is said to make a score makes it. */
static void check_sums(struct tap *tap, struct bench *bench, const char *form)
{
    for (size_t i = 0; i < bench->scores.count; i++) {
        const struct score *score = &bench->scores.score[i];
        double points = score->constant, of = 0;

        tap_ok(tap,
               score->how != SCORE_CLOSED && score->how != SCORE_KEPT &&
                   (score->role == SCORE_LEVEL || score->how != SCORE_ANSWERS),
               "%s: %.*s is taken apart", form,
               STR_ARGS(score->question->name));
        if (score->how != SCORE_SUM && score->how != SCORE_RATIO)
            continue;
        for (size_t k = 0; k < score->parts; k++) {
            points += score->part[k].points;
            of += score->part[k].of;
        }
        tap_ok(tap,
               points > score->obtained - 1e-9 &&
                   points < score->obtained + 1e-9 &&
                   (of == 0 || (of > score->possible - 1e-9 &&
                                of < score->possible + 1e-9)),
               "%s: the parts of %.*s add up", form,
               STR_ARGS(score->question->name));
    }
}

static void check_example(struct tap *tap, const char *form)
{
    struct bench bench;
    const struct value *want;
    const struct value *other;

    if (!tap_ok(tap, bench_open(&bench, form), "%s has a worked example", form))
        return;
    bench_score(&bench, value_get(bench.example, "answers"));
    want = value_get(bench.example, "expected");
    tap_ok(tap, value_get(bench.example, "synthetic") != NULL,
           "%s: the example says that it is invented", form);
    tap_is_int(tap, (long long)bench.problems, 0, "its answers are admitted");
    is_value(tap, &bench, form, STR("total"),
             value_get(value_get(bench.tree, "total"), "value"),
             value_get(want, "total"));
    is_value(tap, &bench, form, STR("complete"),
             value_get(value_get(bench.tree, "complete"), "value"),
             value_get(want, "complete"));
    check_list(tap, &bench, form, "subtotals", value_get(want, "subtotals"));
    check_list(tap, &bench, form, "levels", value_get(want, "levels"));
    check_parts(tap, &bench, form, value_get(want, "parts"), "points");
    check_parts(tap, &bench, form, value_get(want, "of"), "of");
    check_sums(tap, &bench, form);
    other = value_get(want, "answers");
    for (size_t i = 0; i < value_count(other); i++)
        is_value(tap, &bench, form, value_name_at(other, i),
                 value_get_str(bench.answers, value_name_at(other, i)),
                 value_at(other, i));
    arena_release(&bench.arena);
}

/* --- words --------------------------------------------------------------- */

static bool in_both(const struct form *form, struct texts texts)
{
    struct str es = STR_NULL, en = STR_NULL;

    for (size_t i = 0; texts.text && i < form->language_count; i++) {
        if (str_equal_c(form->language[i], "es"))
            es = texts.text[i];
        if (str_equal_c(form->language[i], "en"))
            en = texts.text[i];
    }
    return (es.size > 0) == (en.size > 0);
}

static void check_words(struct tap *tap, const char *form)
{
    struct bench bench;
    size_t wrong = 0;

    if (!bench_open(&bench, form))
        return;
    for (size_t i = 0; i < bench.form->question_count; i++) {
        const struct question *question = bench.form->question[i];
        bool titled =
            question->label.text || question->type == QUESTION_CALCULATE;

        if (!titled || !in_both(bench.form, question->label) ||
            !in_both(bench.form, question->hint) ||
            !in_both(bench.form, question->constraint_message) ||
            (question->constraint && !question->constraint_message.text) ||
            (question_has_value(question) && !question->class.size)) {
            printf("# %.*s\n", STR_ARGS(question->name));
            wrong++;
        }
    }
    for (size_t i = 0; i < bench.form->list_count; i++)
        for (size_t k = 0; k < bench.form->list[i].count; k++)
            wrong += !in_both(bench.form, bench.form->list[i].choice[k].label);
    tap_ok(tap, wrong == 0,
           "%s: every text in Spanish and English, every answer has a class",
           form);
    arena_release(&bench.arena);
}

/* --- what an answer counts ----------------------------------------------- */

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* The example with some choices made otherwise, or not at all. */
static struct value *shuffled(struct bench *bench, uint64_t *seed)
{
    struct value *answers =
        value_copy(value_get(bench->example, "answers"), &bench->arena);

    for (size_t i = 0; i < bench->form->question_count; i++) {
        const struct question *question = bench->form->question[i];
        const struct choice_list *list = question->choices;
        uint64_t draw = next(seed);

        if (question->type != QUESTION_SELECT_ONE || question->calculation ||
            question->required || question->repeat || !list || list->count > 10)
            continue;
        if (draw % 5 == 0)
            value_remove(answers, question->key);
        else
            value_set(answers, &bench->arena, question->key,
                      value_string(&bench->arena,
                                   list->choice[draw / 5 % list->count].name));
    }
    return answers;
}

/* Without the answer of a part that stands alone in a sum, the sum is less by
 * just its points. */
static size_t check_part(struct bench *bench, const struct score *score,
                         const struct score_part *part)
{
    struct value *less = value_copy(bench->answers, &bench->arena);
    struct check_options options = {
        .language = STR("es"), .now = 1795320000000, .partial = true};
    struct check_result other = {0};
    const struct question *question = score->question;
    double was = 0, now = 0;

    if (!value_remove(less, part->question[0]->key))
        return 0;
    form_check(bench->form, less, &options, &bench->arena, &other, &bench->err);
    str_to_double(score->value, &was);
    str_to_double(value_text(value_get_str(other.answers, question->key)),
                  &now);
    if (was - part->points > now - 1e-6 && was - part->points < now + 1e-6)
        return 0;
    if (was - part->points < 0 && now == 0)
        return 0; /* an index ends at 0 */
    printf("# %.*s: %.*s counts %g, %g without it %g\n",
           STR_ARGS(question->name), STR_ARGS(part->question[0]->key),
           part->points, was, now);
    return 1;
}

static void check_exact(struct tap *tap, const char *form)
{
    size_t tried = 0, wrong = 0, sums = 0;
    uint64_t seed = 20261122;

    for (int round = 0; round < 6; round++) {
        struct bench bench;

        if (!bench_open(&bench, form))
            return;
        bench_score(&bench, shuffled(&bench, &seed));
        for (size_t i = 0; i < bench.scores.count; i++) {
            const struct score *score = &bench.scores.score[i];

            if (score->how != SCORE_SUM || score->limited)
                continue;
            sums++;
            for (size_t k = 0; k < score->parts; k++)
                if (score->part[k].alone && ++tried)
                    wrong += check_part(&bench, score, &score->part[k]);
        }
        arena_release(&bench.arena);
    }
    tap_ok(tap, wrong == 0, "%s: %zu answers count what is said (%zu sums)",
           form, tried, sums);
}

/* --- as the domain's book has it ----------------------------------------- */

static const struct score_part *part_about(const struct scores *scores,
                                           struct str score, struct str key)
{
    for (size_t i = 0; i < scores->count; i++)
        for (size_t k = 0; str_equal(scores->score[i].question->key, score) &&
                           k < scores->score[i].parts;
             k++) {
            const struct score_part *part = &scores->score[i].part[k];

            for (size_t q = 0; q < part->questions; q++)
                if (str_equal(part->question[q]->key, key))
                    return part;
        }
    return NULL;
}

/* Weights and critical items of the form are those of the table. */
static void check_book(struct tap *tap)
{
    struct bench bench;
    struct str book, line, cell;
    size_t items = 0, wrong = 0;
    struct value *answers;

    if (!bench_open(&bench, "shelter_check"))
        return;
    book = file_read(&bench.arena, "../shared/domain/shelters.md");
    if (str_is_null(book)) {
        tap_skip(tap, "the shelter's weights", "no ../shared here");
        arena_release(&bench.arena);
        return;
    }
    answers = value_object(&bench.arena);
    value_put_str(answers, &bench.arena, "place", STR("x"));
    for (size_t i = 0; i < bench.form->question_count; i++)
        if (bench.form->question[i]->choices &&
            str_equal_c(bench.form->question[i]->choices->name, "met"))
            value_put_str(answers, &bench.arena,
                          str_c(&bench.arena, bench.form->question[i]->key),
                          STR("0"));
    bench_score(&bench, answers);
    while (str_cut(&book, '\n', &line)) {
        struct str field[8] = {0};
        const struct score_part *total, *critical;
        double weight = 0;
        char key[8];

        if (str_starts(line, STR("## 3")))
            break;
        if (!str_starts(line, STR("| ")))
            continue;
        for (size_t i = 0; i < 8 && str_cut(&line, '|', &cell); i++)
            field[i] = str_trim(cell);
        if (field[1].size != 3 || !str_to_double(field[4], &weight))
            continue;
        snprintf(key, sizeof key, "%c%.2s", field[1].at[0] | 0x20,
                 field[1].at + 1);
        items++;
        total = part_about(&bench.scores, STR("total"), str_of(key));
        critical =
            part_about(&bench.scores, STR("critical_unmet"), str_of(key));
        if (!total || total->of != 2 * weight ||
            (critical != NULL) != str_equal_c(field[5], "C")) {
            printf("# %s\n", key);
            wrong++;
        }
    }
    tap_ok(tap, items == 71 && wrong == 0,
           "the shelter's %zu weights and critical items are the table's",
           items);
    arena_release(&bench.arena);
}

/* --- saved, and read by others ------------------------------------------- */

static struct str scored(struct fixture *fixture, struct task *task,
                         const char *kind, struct str id, bool *closed)
{
    const struct form *form =
        forms_find(fixture->office.forms, str_of(kind), STR_NULL);
    struct score_reader reader = reader_of(task->arena, "es");
    struct record record = {0};
    struct scores scores = {0};
    struct err err = {0};
    struct buf out;

    reader.role = task->actor.role;
    if (record_get(task, str_of(kind), id, &record, &err) ||
        scores_read(form, record.answers, &reader, &scores, &err)) {
        fixture_say(&err);
        return STR("");
    }
    *closed = scores.count == 0;
    for (size_t i = 0; i < scores.count; i++)
        *closed = *closed || scores.score[i].how == SCORE_CLOSED;
    buf_init(&out, task->arena);
    value_write(scores_value(form, record.answers, &scores, &reader), &out);
    return buf_str(&out);
}

static struct value *example_for(struct fixture *fixture, const char *form,
                                 struct bench *bench, struct str person,
                                 struct str place)
{
    struct value *answers;

    if (!bench_open(bench, form))
        return NULL;
    answers = value_copy(value_get(bench->example, "answers"), &fixture->arena);
    if (value_get(answers, "person"))
        value_put_str(answers, &fixture->arena, "person", person);
    if (value_get(answers, "place"))
        value_put_str(answers, &fixture->arena, "place", place);
    return answers;
}

static void check_saved(struct tap *tap, struct fixture *fixture)
{
    struct str person = fixture_person(
        fixture, "{'given_names':'Persona de Ejemplo','sex':'M'}");
    struct str place = fixture_record(
        fixture, "place", "{'name':'Casa de Ejemplo','place_type':'ALB'}");

    for (size_t i = 0; i < NAMES; i++) {
        struct bench bench;
        struct task writer = fixture_task(fixture, "supervisor");
        struct value *answers =
            example_for(fixture, name[i], &bench, person, place);
        struct saved saved = {0};
        bool closed = true;
        struct buf want;
        struct str got;

        bench_score(&bench, answers);
        buf_init(&want, &bench.arena);
        value_write(bench.tree, &want);
        tap_ok(tap,
               fixture_save(&writer, name[i], STR_NULL, answers, &saved) ==
                   ERROR_NONE,
               "%s is saved", name[i]);
        got = scored(fixture, &writer, name[i], saved.id, &closed);
        if (!tap_ok(tap, !closed && str_equal(got, buf_str(&want)),
                    "%s: the record says what the file says", name[i]))
            printf("# got:  %.*s\n# want: %.*s\n", STR_ARGS(got),
                   STR_ARGS(buf_str(&want)));
        arena_release(&bench.arena);
    }
}

static void check_rights(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *kind, *role;
        enum error error;
    } row[] = {
        {"vulnerability", "intake", ERROR_FORBIDDEN},
        {"best_interest", "intake", ERROR_FORBIDDEN},
        {"best_interest", "health", ERROR_FORBIDDEN}, /* the child's file */
        {"best_interest", "child_officer", ERROR_NONE},
        {"health_intake", "intake", ERROR_FORBIDDEN},
        {"health_intake", "child_officer", ERROR_FORBIDDEN},
        {"health_intake", "health", ERROR_NONE},
        {"shelter_check", "intake", ERROR_FORBIDDEN},
        {"ofam_evaluation", "reporter", ERROR_FORBIDDEN},
        {"coexistence", "intake", ERROR_NONE},
    };
    struct str person =
        fixture_person(fixture, "{'given_names':'Otra de Ejemplo','sex':'M'}");
    struct str place = fixture_record(
        fixture, "place", "{'name':'Otra Casa de Ejemplo','place_type':'ALB'}");

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct bench bench;
        struct task task = fixture_task(fixture, row[i].role);
        struct value *answers =
            example_for(fixture, row[i].kind, &bench, person, place);
        struct save save = {.kind = str_of(row[i].kind), .input = answers};
        struct saved saved;
        struct err err = {0};
        enum error error = record_save(&task, &save, &saved, &err);

        if (!tap_ok(tap, error == row[i].error, "%s writes %s: %s", row[i].role,
                    row[i].kind, error_name(row[i].error)))
            fixture_say(&err);
        arena_release(&bench.arena);
    }
}

static size_t flags_of(struct fixture *fixture, struct str person,
                       const char *code)
{
    struct record_filter filter = {.kind = STR("flag"), .subject = person};
    struct record *flag = NULL;
    struct err err = {0};
    size_t count = 0, found = 0;

    if (record_list(&fixture->office.log, fixture->db, &filter, false,
                    &fixture->arena, &flag, &count, &err))
        fixture_say(&err);
    for (size_t i = 0; i < count; i++)
        found += str_equal_c(value_text_of(flag[i].answers, "code"), code);
    return found;
}

/* Reception sees what to do, never why; the flag is raised once. */
static void check_health(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        fixture_person(fixture, "{'given_names':'Salud de Ejemplo','sex':'M'}");
    struct task nurse = fixture_task(fixture, "health");
    struct task intake = fixture_task(fixture, "intake");
    struct bench bench;
    struct value *answers =
        example_for(fixture, "health_intake", &bench, person, STR(""));
    struct saved saved = {0};
    struct record record = {0};
    struct err err = {0};
    bool closed = false;

    fixture_save(&nurse, "health_intake", STR_NULL, answers, &saved);
    tap_is_int(tap, (long long)flags_of(fixture, person, "F12"), 1,
               "a treatment that was interrupted raises its flag");
    tap_ok(tap,
           record_get(&intake, STR("health_intake"), saved.id, &record, &err) ==
               ERROR_NONE,
           "reception reads the record");
    tap_is(tap, str_c(&fixture->arena, value_text_of(record.answers, "care")),
           "clinic ground_floor near_bathroom diet food_water talk",
           "reception sees what to do");
    tap_ok(tap,
           !value_get(record.answers, "chronic") &&
               !value_get(record.answers, "triage") &&
               !value_get(record.answers, "signs") &&
               !value_get(record.answers, "flags") &&
               value_count(record.answers) == 6,
           "and nothing of why");
    scored(fixture, &intake, "health_intake", saved.id, &closed);
    tap_ok(tap, closed, "nor any score");
    fixture_save(&nurse, "health_intake", saved.id,
                 fixture_json(fixture, "{'fever':'yes','rash':'yes'}"), &saved);
    tap_ok(tap,
           flags_of(fixture, person, "F12") == 1 &&
               flags_of(fixture, person, "F15") == 1,
           "a later sign raises its own flag, not the first again");
    arena_release(&bench.arena);
}

/* A closed answer must not be found by subtraction. */
static void check_subtraction(struct tap *tap, struct fixture *fixture)
{
    struct str person =
        fixture_person(fixture, "{'given_names':'Resta de Ejemplo','sex':'M'}");
    struct task writer = fixture_task(fixture, "supervisor");
    struct task intake = fixture_task(fixture, "intake");
    struct bench bench;
    struct value *answers =
        example_for(fixture, "vulnerability", &bench, person, STR(""));
    struct saved saved = {0};
    struct record record = {0};
    struct err err = {0};

    fixture_save(&writer, "vulnerability", STR_NULL, answers, &saved);
    record_get(&intake, STR("vulnerability"), saved.id, &record, &err);
    tap_ok(tap,
           value_get(record.answers, "i17_alone") &&
               !value_get(record.answers, "i16_violence") &&
               !value_get(record.answers, "individual_risk") &&
               !value_get(record.answers, "individual_index") &&
               !value_get(record.answers, "first_in_line"),
           "sums over closed answers are closed");
    arena_release(&bench.arena);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    if (!fixture->postgres) {
        for (size_t i = 0; i < NAMES; i++) {
            check_example(tap, name[i]);
            check_words(tap, name[i]);
            check_exact(tap, name[i]);
        }
        check_book(tap);
    }
    check_saved(tap, fixture);
    check_rights(tap, fixture);
    check_health(tap, fixture);
    check_subtraction(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
