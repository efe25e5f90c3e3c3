/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_explain.c - findings in words: what was found, which answers led
 * there, what to do first. Nothing the reader's role may not see enters the
 * tree: a closed answer is named, not told; a closed profile is left out.
 */
#include "domain/casework/screening.h"

#include "domain/record/record.h"
#include "domain/casework/screening_rules.h"

static struct str catalog_text(const struct task *task, const char *table,
                               struct str code, const char *column)
{
    const struct catalog_table *rows =
        catalog_table(task->office->catalog, table);
    size_t row = rows ? catalog_find(rows, code) : SIZE_MAX;

    if (row == SIZE_MAX)
        return STR_NULL;
    return catalog_label(rows, row, column, task->language);
}

bool profile_visible(const struct task *task, struct str code)
{
    const struct catalog_table *rows =
        catalog_table(task->office->catalog, "profile");
    size_t row = rows ? catalog_find(rows, code) : SIZE_MAX;
    struct question guard = {0};

    if (row == SIZE_MAX)
        return true;
    guard.compartment = catalog_cell(rows, row, "compartment");
    return role_reads(task->actor.role, &guard);
}

static struct value *because(struct task *task, const struct form *form,
                             const struct value *answers,
                             const struct finding *finding)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < finding->questions; i++) {
        const struct question *question = form_find(form, finding->question[i]);
        struct value *item = value_object(arena);
        struct str label = finding->question[i];
        struct str text = STR_NULL;

        if (question) {
            label = texts_in(form, question->label, task->language);
            if (role_reads(task->actor.role, question))
                text = answer_display(form, question,
                                      value_get_str(answers, question->key),
                                      task->language, arena);
            value_put_str(item, arena, "key", question->key);
        } else {
            label = catalog_name(task->office->catalog, "context", label,
                                 task->language);
        }
        value_put_str(item, arena, "question", label);
        value_put_str(item, arena, "answer", text);
        value_put_bool(item, arena, "closed",
                       question && !role_reads(task->actor.role, question));
        value_add(list, arena, item);
    }
    return list;
}

static struct value *sign_labels(struct task *task,
                                 const struct finding *finding)
{
    struct value *list = value_list(task->arena);

    for (size_t i = 0; i < finding->signs; i++) {
        struct value *item = value_object(task->arena);

        value_put_str(item, task->arena, "code", finding->sign[i]);
        value_put_str(item, task->arena, "label",
                      catalog_name(task->office->catalog, "sign",
                                   finding->sign[i], task->language));
        value_add(list, task->arena, item);
    }
    return list;
}

static struct value *explain_one(struct task *task, const struct form *form,
                                 const struct value *answers,
                                 const struct finding *finding)
{
    struct arena *arena = task->arena;
    const char *table = finding->flag ? "flag" : "profile";
    struct value *item = value_object(arena);

    value_put_bool(item, arena, "flag", finding->flag);
    value_put_str(item, arena, "code", finding->code);
    value_put_str(item, arena, "label",
                  catalog_text(task, table, finding->code, "label"));
    value_put_str(item, arena, "state", finding->state);
    value_put_str(item, arena, "urgency", finding->urgency);
    value_put_bool(item, arena, "pending", finding->pending);
    value_put_str(item, arena, "first_action",
                  finding->flag
                      ? catalog_text(task, table, finding->code, "action")
                      : STR_NULL);
    value_put_str(item, arena, "rule", finding->rule);
    value_put(item, arena, "signs", sign_labels(task, finding));
    value_put(item, arena, "because", because(task, form, answers, finding));
    return item;
}

struct value *screening_explain(struct task *task, const struct form *form,
                                const struct value *answers,
                                const struct screening_outcome *outcome)
{
    struct value *list = value_list(task->arena);

    for (size_t i = 0; i < outcome->findings; i++) {
        const struct finding *finding = &outcome->finding[i];

        if (!finding->flag && !profile_visible(task, finding->code))
            continue;
        value_add(list, task->arena, explain_one(task, form, answers, finding));
    }
    return list;
}

enum error screening_found(struct task *task, const struct form *form,
                           struct str screening, struct str person,
                           struct screening_outcome *outcome,
                           const struct value **findings, struct err *err)
{
    const struct log *log = &task->office->log;
    struct record record, her;
    struct value *answers;
    enum error error = record_read(log, task->db, STR("screening"), screening,
                                   task->arena, &record, err);

    if (error == ERROR_NONE)
        error = record_read(log, task->db, STR("person"), person, task->arena,
                            &her, err);
    if (error != ERROR_NONE)
        return error;
    answers = value_copy(record.answers, task->arena);
    error = record_fill(task, form, answers, err);
    if (error == ERROR_NONE)
        error = screening_evaluate(task, form, answers, her.answers,
                                   task->arena, outcome, err);
    if (error == ERROR_NONE)
        *findings = screening_explain(task, form, answers, outcome);
    return error;
}
