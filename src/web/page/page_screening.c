/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_screening.c - the interview: one group of questions per screen, saved
 * at every step, so that a flag is raised the moment it is known and a dead
 * battery loses one screen at most; at the end what was found and why.
 */
#include "core/date.h"
#include "domain/person/person.h"
#include "domain/casework/screening.h"
#include "domain/casework/today.h"
#include "web/page/casework.h"

enum { STEPS_MAX = 64, QUESTIONS_SHOWN = 6 };

struct interview {
    struct view *view;
    const struct form *form;
    struct str id; /* of the screening, empty when not saved yet */
    struct str person;
    struct value *answers; /* filled with what the program knows */
    int64_t base;
    const struct question *step[STEPS_MAX];
    size_t steps, at;
};

/* -- steps ----------------------------------------------------------------- */

static bool asks_something(const struct interview *interview,
                           const struct question *group,
                           const struct expr_scope *scope)
{
    const struct question *child;

    for (child = group->child; child; child = child->next) {
        if (!child->system && question_has_value(child) &&
            child->type != QUESTION_HIDDEN &&
            child->type != QUESTION_CALCULATE &&
            role_reads(interview->view->task.actor.role, child) &&
            question_relevant(child, scope))
            return true;
    }
    return false;
}

static void find_steps(struct interview *interview)
{
    struct task *task = &interview->view->task;
    struct expr_scope scope = {.arena = task->arena,
                               .form = interview->form,
                               .answers = interview->answers,
                               .language = task->language,
                               .now = task->now,
                               .utc_offset = task->utc_offset};
    const struct question *group;

    interview->steps = 0;
    for (group = interview->form->first; group; group = group->next) {
        if (group->type == QUESTION_GROUP && !group->system &&
            interview->steps < STEPS_MAX && question_relevant(group, &scope) &&
            asks_something(interview, group, &scope))
            interview->step[interview->steps++] = group;
    }
}

/* Where a group stands among the steps; the next one when it is not asked
 * any more. */
static size_t step_named(const struct interview *interview, struct str name)
{
    const struct question *wanted = NULL, *group;

    for (size_t i = 0; i < interview->steps; i++) {
        if (str_equal(interview->step[i]->name, name))
            return i;
    }
    for (group = interview->form->first; group; group = group->next) {
        if (str_equal(group->name, name))
            wanted = group;
    }
    for (size_t i = 0; wanted && i < interview->steps; i++) {
        if (interview->step[i]->index > wanted->index)
            return i;
    }
    return wanted ? interview->steps : 0;
}

static enum error interview_load(struct interview *interview)
{
    struct view *view = interview->view;
    struct record record;
    enum error error;

    interview->form = view_form(view, "screening");
    if (!interview->form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Falta el formulario de tamizaje."), NULL, NULL,
                       NULL);
    if (interview->id.size) {
        error = record_get(&view->task, STR("screening"), interview->id,
                           &record, &view->err);
        if (error != ERROR_NONE)
            return error;
        interview->answers = value_copy(record.answers, view->task.arena);
        interview->person = value_text_of(record.answers, "person");
        interview->base = record.clock;
    } else {
        interview->answers = value_object(view->task.arena);
        value_put_str(interview->answers, view->task.arena, "person",
                      interview->person);
        value_put_str(interview->answers, view->task.arena, "mode",
                      STR("individual"));
        interview->answers =
            value_copy(view_defaults(view, interview->form, interview->answers),
                       view->task.arena);
    }
    error = record_fill(&view->task, interview->form, interview->answers,
                        &view->err);
    if (error == ERROR_NONE)
        find_steps(interview);
    return error;
}

/* -- one screen ------------------------------------------------------------ */

static void collect_keys(const struct question *group, const char **key,
                         size_t *count, struct arena *arena)
{
    const struct question *child;

    for (child = group->child; child && *count < 200; child = child->next) {
        if (child->type == QUESTION_GROUP)
            collect_keys(child, key, count, arena);
        else if (!str_equal_c(child->key, "person"))
            key[(*count)++] = str_c(arena, child->key);
    }
    key[*count] = NULL;
}

static struct str step_path(const struct interview *interview, size_t step)
{
    struct str read = view_query(interview->view, "read");
    const char *mark = read.size ? "?read=" : "";

    if (step >= interview->steps)
        return view_format(interview->view, "/screening/%.*s",
                           STR_ARGS(interview->id));
    return view_format(interview->view, "/screening/%.*s/step/%.*s%s%.*s",
                       STR_ARGS(interview->id),
                       STR_ARGS(interview->step[step]->name), mark,
                       STR_ARGS(read));
}

static enum error show_step(struct interview *interview,
                            const struct check_problem *problem,
                            size_t problems)
{
    struct view *view = interview->view;
    struct arena *arena = view->task.arena;
    const struct question *group = interview->step[interview->at];
    const char *key[202];
    size_t keys = 0;
    enum error error = casework_person(view, interview->person);

    if (error != ERROR_NONE)
        return error;
    collect_keys(group, key, &keys, arena);
    value_put(view->page, arena, "form",
              form_view(view, interview->form, interview->answers, problem,
                        problems, key));
    value_put_str(view->page, arena, "step",
                  texts_in(interview->form, group->label, view->task.language));
    value_put_int(view->page, arena, "step_number", (int64_t)interview->at + 1);
    value_put_int(view->page, arena, "step_count", (int64_t)interview->steps);
    value_put_bool(view->page, arena, "is_first", interview->at == 0);
    value_put_str(
        view->page, arena, "back",
        interview->at > 0 && interview->id.size
            ? step_path(interview, interview->at - 1)
            : view_format(view, "/person/%.*s", STR_ARGS(interview->person)));
    value_put_bool(view->page, arena, "saved_once", interview->id.size > 0);
    value_put_str(
        view->page, arena, "end",
        view_format(view, "/screening/%.*s", STR_ARGS(interview->id)));
    value_put_str(view->page, arena, "check",
                  interview->id.size
                      ? view_format(view, "/screening/%.*s/check",
                                    STR_ARGS(interview->id))
                      : view_format(view, "/person/%.*s/screening/check",
                                    STR_ARGS(interview->person)));
    view_stamp(view, interview->id, interview->base);
    view_title(view, N_("Tamizaje"));
    return ERROR_NONE;
}

enum error screening_new_page(struct view *view)
{
    struct interview interview = {.view = view, .person = view->param[0]};
    enum error error = interview_load(&interview);

    if (error != ERROR_NONE)
        return error;
    return show_step(&interview, NULL, 0);
}

enum error screening_step_page(struct view *view)
{
    struct interview interview = {.view = view, .id = view->param[0]};
    enum error error = interview_load(&interview);

    if (error != ERROR_NONE)
        return error;
    interview.at = step_named(&interview, view->param[1]);
    if (interview.at >= interview.steps) {
        view_redirect(view, step_path(&interview, interview.steps));
        return ERROR_NONE;
    }
    return show_step(&interview, NULL, 0);
}

/* -- saving one screen ----------------------------------------------------- */

static struct value *posted(struct interview *interview)
{
    struct view *view = interview->view;
    struct value *answers = view_answers(view, interview->form);

    if (!interview->id.size) {
        value_put_str(answers, view->task.arena, "person", interview->person);
        if (!value_text_of(answers, "date").size)
            value_put_str(answers, view->task.arena, "date",
                          date_text(view->task.arena,
                                    date_from_day(task_day(&view->task))));
    }
    return answers;
}

static enum error save_step(struct interview *interview)
{
    struct view *view = interview->view;
    struct save save = {.kind = STR("screening"), .id = interview->id};
    struct saved saved = {0};
    enum error error;

    save.input = posted(interview);
    view_save(view, &save);
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error != ERROR_NONE) {
        struct err why = view->err;

        for (size_t i = 0; i < value_count(save.input); i++)
            value_set(interview->answers, view->task.arena,
                      value_name_at(save.input, i), value_at(save.input, i));
        view_again(view, "screening_step", error);
        if (show_step(interview, saved.problem, saved.problems) != ERROR_NONE)
            return view->err.code;
        view->err = why;
        return error;
    }
    interview->id = saved.id;
    return ERROR_NONE;
}

static enum error go_on(struct interview *interview, struct str group)
{
    struct view *view = interview->view;
    bool stop = view_field(view, "_stop").size > 0;
    enum error error = interview_load(interview);
    size_t at;

    if (error != ERROR_NONE)
        return error;
    at = step_named(interview, group);
    if (at < interview->steps && str_equal(interview->step[at]->name, group))
        at++;
    value_put_str(view->data, view->task.arena, "id", interview->id);
    if (at >= interview->steps && !stop &&
        screening_finish(&view->task, interview->id, &view->err) != ERROR_NONE)
        return view->err.code;
    view_redirect(view, step_path(interview, stop ? interview->steps : at));
    return ERROR_NONE;
}

enum error screening_new_post(struct view *view)
{
    struct interview interview = {.view = view, .person = view->param[0]};
    struct str group;
    enum error error = interview_load(&interview);

    if (error != ERROR_NONE)
        return error;
    group = interview.step[0]->name;
    error = save_step(&interview);
    return error != ERROR_NONE ? error : go_on(&interview, group);
}

enum error screening_step_post(struct view *view)
{
    struct interview interview = {.view = view, .id = view->param[0]};
    enum error error = interview_load(&interview);

    if (error != ERROR_NONE)
        return error;
    interview.at = step_named(&interview, view->param[1]);
    if (interview.at >= interview.steps)
        return go_on(&interview, view->param[1]);
    error = save_step(&interview);
    return error != ERROR_NONE ? error : go_on(&interview, view->param[1]);
}

/* -- help while typing ----------------------------------------------------- */

/* The questions of one screen hang on those of others: all answers together. */
static enum error check_live(struct interview *interview)
{
    struct view *view = interview->view;
    const struct value *typed;
    enum error error = interview_load(interview);

    view->json = true;
    if (error != ERROR_NONE)
        return error;
    typed = view_answers(view, interview->form);
    for (size_t i = 0; i < value_count(typed); i++)
        value_set(interview->answers, view->task.arena, value_name_at(typed, i),
                  value_at(typed, i));
    return live_put(view, interview->form, interview->answers);
}

enum error screening_new_check_post(struct view *view)
{
    struct interview interview = {.view = view, .person = view->param[0]};

    return check_live(&interview);
}

enum error screening_check_post(struct view *view)
{
    struct interview interview = {.view = view, .id = view->param[0]};

    return check_live(&interview);
}

/* -- what was found -------------------------------------------------------- */

static void put_next_steps(struct view *view, struct value *finding,
                           struct str person)
{
    struct str code = value_text_of(finding, "code");
    bool pending = value_to_bool(value_get(finding, "pending"), false);

    value_put_str(finding, view->task.arena, "refer",
                  pending ? STR_NULL
                          : view_format(view, "/person/%.*s/refer?code=%.*s",
                                        STR_ARGS(person), STR_ARGS(code)));
}

/* Where to write down what was done: the open flag of that code, or false. */
static struct value *flag_href(struct view *view, const struct value *open,
                               const struct value *finding)
{
    const struct value *flags = value_get(open, "flags");

    for (size_t i = 0; i < value_count(flags); i++) {
        const struct value *flag = value_at(flags, i);

        if (value_to_bool(value_get(finding, "flag"), false) &&
            str_equal(value_text_of(flag, "code"),
                      value_text_of(finding, "code")))
            return value_string(view->task.arena, value_text_of(flag, "href"));
    }
    return value_bool(view->task.arena, false);
}

/* The group a question stands in, at the top of the form. */
static const struct question *group_of(const struct question *question)
{
    while (question && question->parent)
        question = question->parent;
    return question;
}

static struct value *asked_already(struct value *list, struct str key)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text_of(value_at(list, i), "key"), key))
            return (struct value *)value_at(list, i);
    return NULL;
}

/* The open questions, each once, with what they would clear up and a link to
 * the screen that asks them. */
static void add_questions(const struct interview *interview, struct value *list,
                          const struct value *finding)
{
    struct view *view = interview->view;
    struct arena *arena = view->task.arena;
    const struct value *because = value_get(finding, "because");
    struct str label = value_text_of(finding, "label");

    for (size_t i = 0; i < value_count(because); i++) {
        struct str key = value_text_of(value_at(because, i), "key");
        const struct question *question = form_find(interview->form, key);
        const struct question *group = group_of(question);
        struct value *item = asked_already(list, key);
        struct str known = value_text_of(item, "settles");

        if (!question || !group || question->type == QUESTION_HIDDEN ||
            !role_reads(view->task.actor.role, question))
            continue;
        if (item) {
            if (str_find(known, label) == SIZE_MAX)
                value_put_str(item, arena, "settles",
                              view_format(view, "%.*s, %.*s", STR_ARGS(known),
                                          STR_ARGS(label)));
            continue;
        }
        item = value_object(arena);
        value_put_str(item, arena, "key", key);
        value_put_str(item, arena, "question",
                      value_text_of(value_at(because, i), "question"));
        value_put_str(item, arena, "settles", label);
        value_put_str(item, arena, "href",
                      view_format(view, "/screening/%.*s/step/%.*s",
                                  STR_ARGS(interview->id),
                                  STR_ARGS(group->name)));
        value_add(list, arena, item);
    }
}

/* The first few, most urgent first, and the rest behind a fold. */
static void put_pending(struct view *view, const struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *few = value_list(arena), *rest = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++)
        value_add(i < QUESTIONS_SHOWN ? few : rest, arena, value_at(list, i));
    value_put(view->data, arena, "pending", few);
    value_put(view->data, arena, "pending_more", rest);
    value_put_int(view->data, arena, "pending_more_count",
                  (int64_t)value_count(rest));
}

/* Splits what was found into flags, profiles and open questions, each with
 * its buttons. */
static void put_findings(const struct interview *interview,
                         const struct value *all, const struct value *open)
{
    struct view *view = interview->view;
    struct arena *arena = view->task.arena;
    struct value *flags = value_list(arena), *profiles = value_list(arena);
    struct value *pending = value_list(arena), *first = NULL;

    for (size_t i = 0; i < value_count(all); i++) {
        struct value *item = value_copy(value_at(all, i), arena);

        put_next_steps(view, item, interview->person);
        value_put_bool(item, arena, "first", false);
        value_put_bool(item, arena, "indicios",
                       str_equal_c(value_text_of(item, "state"), "indicios"));
        casework_urgency(view, item, value_text_of(item, "urgency"));
        value_put(item, arena, "act", flag_href(view, open, item));
        if (value_to_bool(value_get(item, "pending"), false))
            add_questions(interview, pending, item);
        else if (value_to_bool(value_get(item, "flag"), false))
            value_add(flags, arena, item);
        else
            value_add(profiles, arena, item);
        if (!first && !value_to_bool(value_get(item, "pending"), false))
            first = item;
        else if (first && value_count(flags) == 1 &&
                 value_to_bool(value_get(item, "flag"), false) &&
                 !value_to_bool(value_get(first, "flag"), false))
            first = item;
    }
    if (first) /* the next step is the one filled button */
        value_put_bool(first, arena, "first", true);
    value_put(view->data, arena, "flags", flags);
    value_put_bool(view->data, arena, "has_flags", value_count(flags) > 0);
    value_put_bool(view->data, arena, "has_profiles",
                   value_count(profiles) > 0);
    value_put(view->data, arena, "profiles", profiles);
    put_pending(view, pending);
    value_put_bool(view->data, arena, "nothing",
                   value_count(flags) + value_count(profiles) == 0);
    value_put_bool(view->data, arena, "has_pending", value_count(pending) > 0);
}

static void put_outcome(struct view *view,
                        const struct screening_outcome *outcome)
{
    struct arena *arena = view->task.arena;
    int percent = outcome->asked ? 100 * outcome->known / outcome->asked : 0;

    casework_urgency(view, view->data, outcome->urgency);
    value_put_int(view->data, arena, "index", outcome->index);
    value_put_bool(view->data, arena, "has_index", outcome->index >= 0);
    value_put_str(view->data, arena, "band", outcome->band);
    value_put_str(view->data, arena, "band_label",
                  catalog_name(view->app->office.catalog, "index_band",
                               outcome->band, view->task.language));
    value_put_int(view->data, arena, "completeness", percent);
    value_put_bool(view->data, arena, "incomplete", percent < 60);
}

/* finished: when the last screen was reached, and after how many minutes;
 * absent when the interview was broken off. */
static void put_duration(struct view *view, const struct value *answers)
{
    int64_t from = 0, to = 0;
    bool known = instant_parse(value_text_of(answers, "started_at"), &from) &&
                 instant_parse(value_text_of(answers, "finished_at"), &to) &&
                 to - from < (int64_t)8 * 3600 * 1000;

    put_text_or_false(view, view->data, "finished",
                      stamp_text(view, answers, "finished_at"));
    value_put_bool(view->data, view->task.arena, "minutes", false);
    if (known)
        value_put_int(view->data, view->task.arena, "minutes",
                      (to - from + 59999) / 60000);
}

static enum error put_found(const struct interview *interview,
                            const struct value *open)
{
    struct view *view = interview->view;
    struct screening_outcome outcome;
    const struct value *findings = NULL;
    enum error error =
        screening_found(&view->task, interview->form, interview->id,
                        interview->person, &outcome, &findings, &view->err);

    if (error != ERROR_NONE)
        return error;
    put_outcome(view, &outcome);
    put_findings(interview, findings, open);
    return ERROR_NONE;
}

enum error screening_page(struct view *view)
{
    struct interview interview = {.view = view, .id = view->param[0]};
    struct value *open = NULL;
    enum error error;

    if ((error = interview_load(&interview)) ||
        (error = casework_person(view, interview.person)) ||
        (error = person_open_items(&view->task, interview.person, &open,
                                   &view->err)) ||
        (error = put_found(&interview, open)))
        return error;
    value_put_str(view->data, view->task.arena, "id", interview.id);
    value_put_str(view->data, view->task.arena, "instrument_version",
                  value_text_of(interview.answers, "instrument_version"));
    value_put(view->data, view->task.arena, "answers",
              record_view(view, interview.form, interview.answers));
    value_put_bool(view->page, view->task.arena, "has_case",
                   value_count(value_get(open, "casefiles")) > 0);
    value_put_str(view->page, view->task.arena, "reveal",
                  view_format(view, "/record/screening/%.*s/reveal",
                              STR_ARGS(interview.id)));
    put_duration(view, interview.answers);
    value_put_str(view->page, view->task.arena, "go_on",
                  interview.steps ? step_path(&interview, 0) : STR(""));
    view_title(view, N_("Resultado del tamizaje"));
    return ERROR_NONE;
}
