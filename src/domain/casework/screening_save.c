/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_save.c - what a saved screening leaves behind: its computed
 * answers, flags with their clocks, profiles.
 *
 * Profiles add and never replace: a new one is created, a weaker standing one
 * is raised, a stronger or confirmed one stays. What somebody ruled out comes
 * back only as indicios, which wait for a supervisor.
 */
#include "core/date.h"
#include "domain/calendar.h"
#include "domain/casework/screening.h"
#include "domain/casework/screening_rules.h"

/* -- computed answers ---------------------------------------------------- */

static void findings_text(const struct screening_outcome *outcome, bool flag,
                          struct buf *out)
{
    for (size_t i = 0; i < outcome->fired; i++) {
        if (outcome->finding[i].flag != flag)
            continue;
        if (out->size)
            buf_putc(out, ' ');
        buf_put(out, outcome->finding[i].code);
    }
}

static struct value *codes(const struct str *code, size_t count,
                           struct arena *arena)
{
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++)
        value_add(list, arena, value_string(arena, code[i]));
    return list;
}

/* [{"rule":"R07","code":"TRATA","state":"presumed","signs":["T8"],
 *   "questions":["t8_forced"]}] */
static struct str findings_json(const struct screening_outcome *outcome,
                                bool pending, struct arena *arena)
{
    struct value *list = value_list(arena);
    struct buf out;

    for (size_t i = 0; i < outcome->findings; i++) {
        const struct finding *finding = &outcome->finding[i];
        struct value *item;

        if (finding->pending != pending)
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "rule", finding->rule);
        value_put_str(item, arena, "code", finding->code);
        value_put_str(item, arena, "state", finding->state);
        value_put(item, arena, "signs",
                  codes(finding->sign, finding->signs, arena));
        value_put(item, arena, "questions",
                  codes(finding->question, finding->questions, arena));
        value_add(list, arena, item);
    }
    buf_init(&out, arena);
    value_write(list, &out);
    return buf_str(&out);
}

static void set_computed(struct task *task, struct value *after,
                         const struct form *form,
                         const struct screening_outcome *outcome)
{
    struct arena *arena = task->arena;
    int percent = outcome->asked ? 100 * outcome->known / outcome->asked : 0;
    struct buf text;

    buf_init(&text, arena);
    findings_text(outcome, true, &text);
    value_put_str(after, arena, "flags", buf_str(&text));
    buf_init(&text, arena);
    findings_text(outcome, false, &text);
    value_put_str(after, arena, "profiles", buf_str(&text));
    value_put_str(after, arena, "urgency", outcome->urgency);
    value_put_str(after, arena, "index_v",
                  str_format(arena, "%d", outcome->index));
    value_put_str(after, arena, "index_band", outcome->band);
    value_put_str(after, arena, "completeness",
                  str_format(arena, "%d", percent));
    value_put_str(after, arena, "fired", findings_json(outcome, false, arena));
    value_put_str(after, arena, "pending", findings_json(outcome, true, arena));
    value_put_str(after, arena, "instrument_version",
                  str_format(arena, "%.*s+%.*s", STR_ARGS(form->version),
                             STR_ARGS(task->office->rules->version)));
}

/* -- flags ---------------------------------------------------------------- */

/* Is it open already, or was it raised (and perhaps dealt with) by an earlier
 * step of this very screening? */
static bool flag_stands(const struct record *flag, size_t count,
                        struct str code, struct str screening)
{
    for (size_t i = 0; i < count; i++) {
        const struct value *answers = flag[i].answers;

        if (str_equal(value_text_of(answers, "code"), code) &&
            (str_equal_c(value_text_of(answers, "state"), "open") ||
             str_equal(value_text_of(answers, "screening"), screening)))
            return true;
    }
    return false;
}

void flag_add(struct change *change, struct str person, struct str code,
              struct str screening, const char *source)
{
    struct task *task = change->task;
    struct arena *arena = task->arena;
    struct value *answers = value_object(arena);
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "flag");
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;
    struct str urgency =
        row == SIZE_MAX ? STR("U1") : catalog_cell(table, row, "urgency");

    value_put_str(answers, arena, "person", person);
    if (screening.size)
        value_put_str(answers, arena, "screening", screening);
    value_put_str(answers, arena, "code", code);
    value_put_str(answers, arena, "urgency", urgency);
    value_put_str(answers, arena, "state", STR("open"));
    value_put_text(answers, arena, "source", source);
    value_put_str(answers, arena, "raised_at", instant_text(arena, task->now));
    value_put_str(
        answers, arena, "due_at",
        instant_text(arena, calendar_act_by(task, urgency, task->now)));
    change_add(change, STR("flag"), host_uuid(task->office->host, arena),
               OP_CREATE, answers, person);
}

/* -- profiles --------------------------------------------------------------*/

static void profile_create(struct change *change, struct str person,
                           struct str screening, struct str state,
                           const struct finding *finding)
{
    struct task *task = change->task;
    struct arena *arena = task->arena;
    struct value *answers = value_object(arena);
    bool waits = str_equal_c(state, "indicios");
    struct buf basis;

    buf_init(&basis, arena);
    for (size_t i = 0; i < finding->signs; i++) {
        if (i)
            buf_putc(&basis, ' ');
        buf_put(&basis, finding->sign[i]);
    }
    value_put_str(answers, arena, "person", person);
    value_put_str(answers, arena, "screening", screening);
    value_put_str(answers, arena, "code", finding->code);
    value_put_str(answers, arena, "state", state);
    value_put_str(answers, arena, "basis", buf_str(&basis));
    value_put_str(answers, arena, "rule", finding->rule);
    value_put_str(answers, arena, "decided_by", task->actor.id);
    value_put_str(answers, arena, "decided_at", instant_text(arena, task->now));
    value_put_str(answers, arena, "waits_for_supervisor",
                  waits ? STR("yes") : STR("no"));
    change_add(change, STR("profile"), host_uuid(task->office->host, arena),
               OP_CREATE, answers, person);
}

static void profile_raise(struct change *change, struct str person,
                          const struct record *standing, struct str screening)
{
    struct task *task = change->task;
    struct arena *arena = task->arena;
    struct value *answers = value_object(arena);

    value_put_str(answers, arena, "state", STR("presumed"));
    value_put_str(answers, arena, "screening", screening);
    value_put_str(answers, arena, "decided_by", task->actor.id);
    value_put_str(answers, arena, "decided_at", instant_text(arena, task->now));
    value_put_str(answers, arena, "waits_for_supervisor", STR("no"));
    change_add(change, STR("profile"), standing->id, OP_UPDATE, answers,
               person);
}

static const struct record *standing(const struct record *profile, size_t count,
                                     struct str code, bool ruled_out)
{
    for (size_t i = 0; i < count; i++) {
        struct str state = value_text_of(profile[i].answers, "state");

        if (str_equal(value_text_of(profile[i].answers, "code"), code) &&
            str_equal_c(state, "ruled_out") == ruled_out)
            return &profile[i];
    }
    return NULL;
}

static void add_profile(struct change *change, struct str person,
                        struct str screening, const struct finding *finding,
                        const struct record *profile, size_t count)
{
    const struct record *now = standing(profile, count, finding->code, false);
    const struct record *out = standing(profile, count, finding->code, true);

    if (now) {
        if (str_equal_c(value_text_of(now->answers, "state"), "indicios") &&
            str_equal_c(finding->state, "presumed"))
            profile_raise(change, person, now, screening);
        return;
    }
    if (out && str_equal(value_text_of(out->answers, "screening"), screening))
        return; /* what was ruled out was this very screening's finding */
    profile_create(change, person, screening,
                   out ? STR("indicios") : finding->state, finding);
}

/* -- what the program knows by itself ------------------------------------- */

/* Who interviews opens or keeps shut the questions for trained people. One
 * who is trained takes over from one who is not; who only corrects an answer
 * later does not, or what was told in confidence would fall away. */
static void take_over(const struct task *task, struct value *answers)
{
    const struct catalog *catalog = task->office->catalog;
    const struct role *role = task->actor.role, *before;
    struct str stood = value_text_of(answers, "interviewer_role");

    if (!role || catalog_role(catalog, role->name) != role_own(role))
        return; /* the clock, a link */
    before = catalog_role(catalog, stood);
    if (!stood.size || (role_has(role, RIGHT_SCREENING_SENSITIVE) &&
                        !role_has(before, RIGHT_SCREENING_SENSITIVE)))
        value_put_str(answers, task->arena, "interviewer_role", role->name);
}

enum error screening_fill(struct task *task, const struct form *form,
                          struct value *answers, struct err *err)
{
    struct str person = value_text_of(answers, "person");
    struct record record = {0};
    enum error error;

    take_over(task, answers);
    if (!person.size)
        return ERROR_NONE;
    error = record_read(&task->office->log, task->db, STR("person"), person,
                        task->arena, &record, err);
    if (error == ERROR_NONE)
        screening_prepare(task, form, answers, record.answers);
    return error;
}

/* -- the rule of the kind -------------------------------------------------- */

static enum error list_of(struct task *task, const char *kind,
                          struct str person, struct record **record,
                          size_t *count, struct err *err)
{
    struct record_filter filter = {
        .kind = str_of(kind), .subject = person, .limit = 500};

    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, record, count, err);
}

static enum error add_findings(struct task *task, struct change *change,
                               struct str person, struct str screening,
                               const struct screening_outcome *outcome,
                               struct err *err)
{
    struct record *flag, *profile;
    size_t flags, profiles;
    enum error error;

    if ((error = list_of(task, "flag", person, &flag, &flags, err)) ||
        (error = list_of(task, "profile", person, &profile, &profiles, err)))
        return error;
    for (size_t i = 0; i < outcome->fired; i++) {
        const struct finding *finding = &outcome->finding[i];

        if (!finding->flag)
            add_profile(change, person, screening, finding, profile, profiles);
        else if (!flag_stands(flag, flags, finding->code, screening))
            flag_add(change, person, finding->code, screening, "rule");
    }
    return ERROR_NONE;
}

enum error screening_rule(struct task *task, struct change *change,
                          const struct save *save, const struct value *before,
                          struct value *after, struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, STR("screening"), STR_NULL);
    struct str person = value_text_of(after, "person");
    struct screening_outcome outcome;
    struct record record = {0};
    enum error error;

    if (!before)
        value_put_str(after, task->arena, "started_at",
                      instant_text(task->arena, task->now));
    if (!form || !person.size)
        return err_set(err, ERROR_INPUT,
                       N_("Elija a la persona a la que se entrevista."), NULL,
                       NULL, NULL);
    error = record_read(&task->office->log, task->db, STR("person"), person,
                        task->arena, &record, err);
    if (error != ERROR_NONE)
        return error;
    error = screening_evaluate(task, form, after, record.answers, task->arena,
                               &outcome, err);
    if (error != ERROR_NONE)
        return error;
    set_computed(task, after, form, &outcome);
    return add_findings(task, change, person, save->id, &outcome, err);
}

enum error screening_finish(struct task *task, struct str screening,
                            struct err *err)
{
    struct value *system = value_object(task->arena);
    struct save save = {
        .kind = STR("screening"), .id = screening, .system = system};
    struct record record;
    struct saved saved;
    enum error error = record_read(&task->office->log, task->db, save.kind,
                                   screening, task->arena, &record, err);

    if (error != ERROR_NONE ||
        value_text_of(record.answers, "finished_at").size)
        return error;
    value_put_str(system, task->arena, "finished_at",
                  instant_text(task->arena, task->now));
    return record_save(task, &save, &saved, err);
}
