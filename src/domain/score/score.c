/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* score.c - the scores of a record: which questions are one, what they came
 * to, and where that is from. What the reader may not see is not explained to
 * her; what was saved is never worked out anew behind her back.
 */
#include "domain/score/score_private.h"

#include "form/check.h"

enum { SCORES_MAX = 100, SCORE_TRIES_MAX = 300 };

/* --- what the form says -------------------------------------------------- */

static const struct {
    const char *word;
    enum score_role role;
    bool named; /* may have, subtotal must have, a name */
} score_word[] = {
    {"total", SCORE_TOTAL, false},
    {"subtotal", SCORE_SUBTOTAL, true},
    {"level", SCORE_LEVEL, true},
    {"complete", SCORE_COMPLETE, false},
};

static struct str any_cell(const struct question *question)
{
    return str_trim(value_text_of(question->extra, "bind::cobijo:score"));
}

static bool says_when(struct str cell)
{
    return str_equal_c(cell, "review") || str_equal_c(cell, "occasion");
}

static struct str score_cell(const struct question *question)
{
    struct str cell = any_cell(question);

    return says_when(cell) ? STR("") : cell;
}

static const struct question *with_word(const struct form *form,
                                        const char *word)
{
    for (size_t i = 0; i < form->question_count; i++)
        if (str_equal_c(any_cell(form->question[i]), word) &&
            !form->question[i]->repeat)
            return form->question[i];
    return NULL;
}

const struct question *form_review(const struct form *form)
{
    return with_word(form, "review");
}

const struct question *form_occasion(const struct form *form)
{
    return with_word(form, "occasion");
}

enum score_role score_role(const struct question *question, struct str *name)
{
    struct str rest = score_cell(question), word = STR("");

    str_cut(&rest, ':', &word);
    word = str_trim(word);
    *name = str_trim(rest);
    for (size_t i = 0; i < sizeof score_word / sizeof *score_word; i++)
        if (str_equal_c(word, score_word[i].word))
            return score_word[i].role == SCORE_SUBTOTAL && !name->size
                       ? SCORE_NONE
                   : name->size && !score_word[i].named ? SCORE_NONE
                                                        : score_word[i].role;
    return SCORE_NONE;
}

bool form_has_score(const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++)
        if (score_cell(form->question[i]).size)
            return true;
    return false;
}

static enum error say_word(const struct scoring *scoring,
                           const struct question *question, const char *msgid,
                           struct err *err)
{
    char row[24];

    snprintf(row, sizeof row, "%zu", question->row);
    return err_set(err, ERROR_INPUT, msgid,
                   str_c(scoring->arena, question->name), row,
                   str_c(scoring->arena, score_cell(question)));
}

static enum error check_word(const struct scoring *scoring,
                             const struct question *question, bool twice,
                             struct err *err)
{
    struct str name;

    if (score_role(question, &name) == SCORE_NONE)
        return say_word(scoring, question,
                        N_("La pregunta «{1}» (survey, fila {2}): «{3}» no es "
                           "un puntaje; escriba total, subtotal:NOMBRE, "
                           "level, level:NOMBRE o complete."),
                        err);
    if (question->repeat)
        return say_word(scoring, question,
                        N_("La pregunta «{1}» (survey, fila {2}): un puntaje "
                           "no puede estar dentro de una repetición."),
                        err);
    if (!question->calculation)
        return say_word(scoring, question,
                        N_("La pregunta «{1}» (survey, fila {2}) es un "
                           "puntaje y no dice cómo se calcula."),
                        err);
    if (twice)
        return say_word(scoring, question,
                        N_("La pregunta «{1}» (survey, fila {2}): ya hay otro "
                           "total."),
                        err);
    return ERROR_NONE;
}

/* --- without one answer -------------------------------------------------- */

static struct check_options check_options(const struct scoring *scoring)
{
    return (struct check_options){.language = scoring->reader->language,
                                  .now = scoring->reader->now,
                                  .utc_offset = scoring->reader->utc_offset,
                                  .partial = true,
                                  .keep_system = true};
}

static const struct value *answer_of(const struct scoring *scoring,
                                     const struct question *question)
{
    return value_get_str(scoring->answers, question->key);
}

static struct str display(const struct scoring *scoring,
                          const struct question *question,
                          const struct value *answer)
{
    return answer_display(scoring->form, question, answer,
                          scoring->reader->language, scoring->arena);
}

/* The scores that an answer might change, with what they look at. */
struct trying {
    struct score *score;
    const struct question **leaf;
    size_t leaves;
};

static bool looks_at(const struct trying *trying,
                     const struct question *question)
{
    for (size_t i = 0; i < trying->leaves; i++)
        if (trying->leaf[i] == question)
            return true;
    return false;
}

static void note_without(const struct scoring *scoring, struct score *score,
                         const struct question *question,
                         const struct value *answers)
{
    const struct value *value = value_get_str(answers, score->question->key);

    if (str_equal(value_text(value), score->value))
        return;
    score->without[score->withouts++] = (struct score_without){
        .question = question,
        .text =
            str_copy(scoring->arena, display(scoring, score->question, value))};
}

/* Works the form out without one answer, in memory of its own. */
static void try_without(const struct scoring *scoring, struct trying *trying,
                        size_t count, const struct question *question)
{
    struct check_options options = check_options(scoring);
    struct check_result result = {0};
    struct value *answers;
    struct err err = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    answers = value_copy(scoring->answers, &arena);
    value_remove(answers, question->key);
    if (form_check(scoring->form, answers, &options, &arena, &result, &err) ==
        ERROR_NONE)
        for (size_t i = 0; i < count; i++)
            if (looks_at(&trying[i], question))
                note_without(scoring, trying[i].score, question,
                             result.answers);
    arena_release(&arena);
}

/* Every answer without which a value would be another; one answer is tried
 * once for all scores. Forms with more answers than anybody reads are not
 * tried. */
static void find_withouts(struct scoring *scoring, struct scores *scores)
{
    const struct form *form = scoring->form;
    struct trying *trying =
        ARENA_ARRAY(scoring->arena, struct trying, scores->count + 1);
    size_t count = 0, tried = 0;

    for (size_t i = 0; trying && i < scores->count; i++) {
        struct score *score = &scores->score[i];
        struct trying *one = &trying[count];

        if (score->how != SCORE_ANSWERS)
            continue;
        one->score = score;
        one->leaves = score_leaves(scoring, score->question->calculation,
                                   score->question, &one->leaf);
        score->without =
            ARENA_ARRAY(scoring->arena, struct score_without, one->leaves + 1);
        if (score->without)
            count++;
    }
    for (size_t i = 0; count && i < form->question_count; i++) {
        const struct question *question = form->question[i];
        bool wanted = false;

        for (size_t k = 0; k < count; k++)
            wanted = wanted || looks_at(&trying[k], question);
        if (!wanted || question->repeat || !answer_of(scoring, question))
            continue;
        if (tried++ == SCORE_TRIES_MAX)
            break;
        try_without(scoring, trying, count, question);
    }
}

/* --- one score ----------------------------------------------------------- */

static bool reads_all(const struct scoring *scoring,
                      const struct question **leaf, size_t leaves)
{
    const struct role *role = scoring->reader->role;

    for (size_t i = 0; role && i < leaves; i++)
        if (!role_reads_all(role, leaf[i]) || !role_reads_codes(role, leaf[i]))
            return false;
    return true;
}

/* Does the calculation still say what was saved? A changed form or a passing
 * day may have changed it. */
static bool still_so(const struct score *score, const struct value *again)
{
    return str_equal(value_text(value_get_str(again, score->question->key)),
                     score->value);
}

static void score_explain(struct scoring *scoring, struct score *score,
                          const struct value *again)
{
    const struct question **leaf = NULL;
    size_t leaves = score_leaves(scoring, score->question->calculation,
                                 score->question, &leaf);

    if (!score->value.size) {
        score->how = SCORE_EMPTY;
    } else if (!reads_all(scoring, leaf, leaves)) {
        score->how = SCORE_CLOSED;
    } else if (!still_so(score, again)) {
        score->how = SCORE_KEPT;
    } else if (score->role == SCORE_LEVEL ||
               !score_take_apart(scoring, score)) {
        score->how = SCORE_ANSWERS;
        score->parts = 0;
        score->limited = false;
    }
}

static void score_begin(const struct scoring *scoring, struct score *score,
                        const struct question *question)
{
    const struct value *answer = answer_of(scoring, question);

    *score = (struct score){.question = question};
    score->role = score_role(question, &score->name);
    score->value = value_as_text(answer, scoring->arena);
    if (!answer)
        score->value = STR("");
    score->text = display(scoring, question, answer);
}

/* The answers as the form calculates them now; as saved when it cannot. */
static const struct value *calculated_again(const struct scoring *scoring)
{
    struct check_options options = check_options(scoring);
    struct check_result result = {0};
    struct err err = {0};

    if (form_check(scoring->form, scoring->answers, &options, scoring->arena,
                   &result, &err) != ERROR_NONE)
        return scoring->answers;
    return result.answers;
}

enum error scores_read(const struct form *form, const struct value *answers,
                       const struct score_reader *reader, struct scores *scores,
                       struct err *err)
{
    struct scoring scoring = {.form = form,
                              .answers = answers,
                              .reader = reader,
                              .arena = reader->arena};
    const struct value *again = calculated_again(&scoring);
    struct scores found = {0};
    bool total = false;

    scoring.seen = ARENA_ARRAY(reader->arena, size_t, form->question_count + 1);
    scoring.stack = ARENA_ARRAY(reader->arena, const struct question *,
                                form->question_count + 1);
    found.score = ARENA_ARRAY(reader->arena, struct score, SCORES_MAX + 1);
    if (arena_failed(reader->arena))
        return err_memory(err);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct score *score = &found.score[found.count];
        enum error error;

        if (!score_cell(question).size)
            continue;
        score_begin(&scoring, score, question);
        error = check_word(&scoring, question,
                           total && score->role == SCORE_TOTAL, err);
        if (error != ERROR_NONE)
            return error;
        total = total || score->role == SCORE_TOTAL;
        if (reader->role && !role_reads(reader->role, question))
            continue;
        if (found.count == SCORES_MAX)
            return say_word(&scoring, question,
                            N_("La pregunta «{1}» (survey, fila {2}): un "
                               "formulario tiene a lo más 100 puntajes."),
                            err);
        score_explain(&scoring, score, again);
        found.count++;
    }
    find_withouts(&scoring, &found);
    if (arena_failed(reader->arena))
        return err_memory(err);
    *scores = found;
    return ERROR_NONE;
}
