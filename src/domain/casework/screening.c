/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening.c - evaluates signs, rules and the index over one set of answers.
 *
 * Pure: answers and context in, findings out. What becomes of the findings
 * (flags, profiles) is screening_save.c's business.
 */
#include "domain/casework/screening.h"

#include "domain/casework/screening_context.h"
#include "domain/casework/screening_rules.h"

struct evaluation {
    struct task *task;
    struct arena *arena;
    const struct screening_rules *rules;
    const struct form *form;
    const struct value *answers;
    struct screening_context context;
    struct expr_scope scope; /* over answers and context */
    enum sign_state *state;  /* parallel to rules->sign */
    bool optimist;           /* unknown signs read as yes */
};

/* -- what is known ----------------------------------------------------- */

static bool settled_absent(const struct value *answers, struct str key)
{
    const struct value *why = value_get(answers, "_why");

    return str_equal_c(value_text(value_get_str(why, key)), "NA");
}

static bool answered(const struct value *answers, struct str key)
{
    return value_text(value_get_str(answers, key)).size > 0;
}

static bool asked_here(const struct question *question,
                       const struct expr_scope *scope)
{
    const struct question *at;

    for (at = question; at; at = at->parent) {
        if (!question_relevant(at, scope))
            return false;
    }
    return true;
}

/* Could an answer to this name still change the sign? */
static bool name_unknown(const struct evaluation *evaluation, struct str name)
{
    const struct question *question = form_find(evaluation->form, name);
    struct str text;

    if (!question) {
        return screening_context_get(&evaluation->context, name, &text) &&
               str_is_null(text);
    }
    if (answered(evaluation->answers, name) ||
        settled_absent(evaluation->answers, name))
        return false;
    return asked_here(question, &evaluation->scope);
}

static bool any_asked(const struct evaluation *evaluation,
                      const struct sign *sign)
{
    for (size_t i = 0; i < sign->questions; i++) {
        const struct question *question =
            form_find(evaluation->form, sign->question[i]);

        if (question && asked_here(question, &evaluation->scope))
            return true;
    }
    return false;
}

/* The questions that keep a sign open: its own; those that would open its own
 * while none of them is asked. */
static size_t open_questions(const struct evaluation *evaluation,
                             const struct sign *sign, struct str *open)
{
    size_t count = 0;

    for (size_t i = 0; i < sign->questions; i++) {
        if (name_unknown(evaluation, sign->question[i]))
            open[count++] = sign->question[i];
    }
    if (count || !sign->openers || any_asked(evaluation, sign))
        return count;
    for (size_t i = 0; i < sign->openers; i++) {
        if (name_unknown(evaluation, sign->opener[i]))
            open[count++] = sign->opener[i];
    }
    return count;
}

static enum sign_state sign_state(const struct evaluation *evaluation,
                                  const struct sign *sign, struct err *err)
{
    struct str *open = ARENA_ARRAY(evaluation->arena, struct str,
                                   sign->questions + sign->openers + 1);

    if (expr_true(sign->when, &evaluation->scope, false, err))
        return SIGN_YES;
    return !open || open_questions(evaluation, sign, open) ? SIGN_UNKNOWN
                                                           : SIGN_NO;
}

static bool context_lookup(void *context, struct str name, struct str *text)
{
    const struct evaluation *evaluation = context;

    if (form_find(evaluation->form, name))
        return false;
    return screening_context_get(&evaluation->context, name, text);
}

static bool sign_lookup(void *context, struct str name, struct str *text)
{
    const struct evaluation *evaluation = context;
    size_t i = screening_sign_find(evaluation->rules, name);

    if (i == SIZE_MAX)
        return false;
    *text =
        evaluation->state[i] == SIGN_YES ||
                (evaluation->optimist && evaluation->state[i] == SIGN_UNKNOWN)
            ? STR("yes")
            : STR("no");
    return true;
}

/* -- findings ---------------------------------------------------------- */

/* Adds names that are not there yet. */
static void add_questions(struct finding *finding, struct str *question,
                          const struct str *name, size_t count)
{
    for (size_t i = 0, k; i < count; i++) {
        for (k = 0; k < finding->questions; k++) {
            if (str_equal(question[k], name[i]))
                break;
        }
        if (k == finding->questions)
            question[finding->questions++] = name[i];
    }
}

static void finding_because(const struct evaluation *evaluation,
                            const struct rule *rule, struct finding *finding)
{
    enum sign_state wanted = finding->pending ? SIGN_UNKNOWN : SIGN_YES;
    struct str *sign, *question, *open;
    size_t most = 1, i;

    for (i = 0; i < rule->signs; i++)
        most += rule->sign[i]->questions + rule->sign[i]->openers;
    sign = ARENA_ARRAY(evaluation->arena, struct str, rule->signs + 1);
    question = ARENA_ARRAY(evaluation->arena, struct str, most);
    open = ARENA_ARRAY(evaluation->arena, struct str, most);
    if (!sign || !question || !open)
        return;
    for (i = 0; i < rule->signs; i++) {
        const struct sign *at = rule->sign[i];
        size_t index = (size_t)(at - evaluation->rules->sign);

        if (evaluation->state[index] != wanted)
            continue;
        sign[finding->signs++] = at->code;
        if (finding->pending)
            add_questions(finding, question, open,
                          open_questions(evaluation, at, open));
        else
            add_questions(finding, question, at->question, at->questions);
    }
    finding->sign = sign;
    finding->question = question;
}

static int state_strength(struct str state)
{
    return str_equal_c(state, "presumed") ? 2 : 1;
}

/* Does `other` already say at least as much as rule would? */
static bool said_by(const struct finding *other, const struct rule *rule,
                    bool pending)
{
    if (other->flag != rule->flag || !str_equal(other->code, rule->code))
        return false;
    if (other->pending && !pending)
        return false;
    if (rule->flag)
        return !other->pending || pending;
    return state_strength(other->state) >= state_strength(rule->state);
}

static void add_finding(const struct evaluation *evaluation,
                        const struct rule *rule, bool pending,
                        struct finding *finding, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        if (said_by(&finding[i], rule, pending))
            return;
    }
    finding[*count] = (struct finding){.flag = rule->flag,
                                       .code = rule->code,
                                       .state = rule->state,
                                       .urgency = rule->urgency,
                                       .rule = rule->id,
                                       .pending = pending};
    finding_because(evaluation, rule, &finding[*count]);
    (*count)++;
}

static int finding_rank(const struct finding *finding)
{
    int urgency = finding->urgency.size == 2 ? finding->urgency.at[1] - '0' : 9;

    return (finding->pending ? 100 : 0) + urgency * 2 + (finding->flag ? 0 : 1);
}

static void sort_findings(struct finding *finding, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct finding moved = finding[i];
        size_t j = i;

        while (j > 0 && finding_rank(&finding[j - 1]) > finding_rank(&moved)) {
            finding[j] = finding[j - 1];
            j--;
        }
        finding[j] = moved;
    }
}

/* Drops a weaker state of a profile that also fired stronger. */
static size_t drop_weaker(struct finding *finding, size_t count)
{
    size_t kept = 0, i, j;

    for (i = 0; i < count; i++) {
        for (j = 0; j < count; j++) {
            if (i != j && !finding[i].flag && !finding[j].flag &&
                !finding[j].pending && !finding[i].pending &&
                str_equal(finding[i].code, finding[j].code) &&
                state_strength(finding[j].state) >
                    state_strength(finding[i].state))
                break;
        }
        if (j == count)
            finding[kept++] = finding[i];
    }
    return kept;
}

static enum error apply_rules(struct evaluation *evaluation,
                              struct screening_outcome *outcome,
                              struct err *err)
{
    const struct screening_rules *rules = evaluation->rules;
    struct expr_scope scope = {.arena = evaluation->arena,
                               .now = evaluation->task->now,
                               .utc_offset = evaluation->task->utc_offset,
                               .context = evaluation,
                               .lookup = sign_lookup};
    struct finding *finding =
        ARENA_ARRAY(evaluation->arena, struct finding, 2 * rules->rules + 1);
    size_t count = 0, i;

    if (!finding)
        return err_set(err, ERROR_MEMORY, N_("Falta memoria."), NULL, NULL,
                       NULL);
    for (int pass = 0; pass < 2; pass++) {
        evaluation->optimist = pass == 1;
        for (i = 0; i < rules->rules; i++) {
            if (expr_true(rules->rule[i].when, &scope, false, err))
                add_finding(evaluation, &rules->rule[i], pass == 1, finding,
                            &count);
        }
        if (pass == 0)
            outcome->fired = count;
    }
    if (err->code != ERROR_NONE)
        return err->code;
    count = drop_weaker(finding, count);
    sort_findings(finding, count);
    outcome->finding = finding;
    outcome->findings = count;
    outcome->fired = 0;
    while (outcome->fired < count && !finding[outcome->fired].pending)
        outcome->fired++;
    return ERROR_NONE;
}

/* -- index and completeness --------------------------------------------- */

static void count_answers(const struct evaluation *evaluation,
                          struct screening_outcome *outcome)
{
    const struct form *form = evaluation->form;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (!question_has_value(question) || question->system ||
            question->repeat || question->calculation ||
            !asked_here(question, &evaluation->scope))
            continue;
        outcome->asked++;
        if (answered(evaluation->answers, question->key) ||
            settled_absent(evaluation->answers, question->key))
            outcome->known++;
    }
}

static void apply_index(const struct evaluation *evaluation,
                        struct screening_outcome *outcome, struct err *err)
{
    const struct screening_rules *rules = evaluation->rules;
    int v = 0;

    for (size_t i = 0; i < rules->factors; i++) {
        const struct index_factor *factor = &rules->factor[i];

        if (!expr_true(factor->when, &evaluation->scope, false, err))
            continue;
        v += factor->protective ? -factor->intensity : factor->intensity;
    }
    outcome->index = v < 0 ? 0 : v > 30 ? 30 : v;
    for (size_t i = 0; i < rules->bands; i++) {
        if (outcome->index >= rules->band[i].from)
            outcome->band = rules->band[i].name;
    }
}

enum error screening_evaluate(struct task *task, const struct form *form,
                              const struct value *answers,
                              const struct value *person, struct arena *arena,
                              struct screening_outcome *outcome,
                              struct err *err)
{
    const struct screening_rules *rules = task->office->rules;
    struct evaluation evaluation = {.task = task,
                                    .arena = arena,
                                    .rules = rules,
                                    .form = form,
                                    .answers = answers};
    struct screening_outcome found = {.urgency = STR("U3")};
    struct err why = {0};

    screening_context_init(&evaluation.context, task, answers, person, arena);
    evaluation.scope = (struct expr_scope){.arena = arena,
                                           .form = form,
                                           .answers = answers,
                                           .language = task->language,
                                           .now = task->now,
                                           .utc_offset = task->utc_offset,
                                           .context = &evaluation,
                                           .lookup = context_lookup};
    evaluation.state = ARENA_ARRAY(arena, enum sign_state, rules->signs + 1);
    if (!evaluation.state)
        return err_set(err, ERROR_MEMORY, N_("Falta memoria."), NULL, NULL,
                       NULL);
    for (size_t i = 0; i < rules->signs; i++)
        evaluation.state[i] = sign_state(&evaluation, &rules->sign[i], &why);
    if (why.code == ERROR_NONE)
        apply_rules(&evaluation, &found, &why);
    apply_index(&evaluation, &found, &why);
    if (why.code != ERROR_NONE) {
        *err = why;
        return why.code;
    }
    count_answers(&evaluation, &found);
    for (size_t i = 0; i < found.fired; i++) {
        struct str urgency = found.finding[i].urgency;

        if (urgency.size && str_compare(urgency, found.urgency) < 0)
            found.urgency = urgency;
    }
    *outcome = found;
    return ERROR_NONE;
}
