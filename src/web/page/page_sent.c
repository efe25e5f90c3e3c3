/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_sent.c - a referral that left the house: how far it is, which clock
 * runs, what was answered; and what the sender does: note an answer heard by
 * telephone, answer a question, withdraw, close, make a new link.
 */
#include "core/date.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

/* Which of them stands in which state; the domain checks again. */
static const char waiting[] = "ENVIADA RECIBIDA ACEPTADA AGENDADA ATENDIDA "
                              "SIN_RESPUESTA VENCIDA";
static const char closable[] = "ATENDIDA RETROALIMENTADA RECHAZADA "
                               "NO_ASISTIO SIN_RESPUESTA VENCIDA";
static const char undecided[] = "ENVIADA RECIBIDA SIN_RESPUESTA VENCIDA";

static const struct {
    const char *code;
    enum referral_answer kind;
} kinds[] = {{"received", ANSWER_RECEIVED}, {"accept", ANSWER_ACCEPT},
             {"decline", ANSWER_DECLINE},   {"ask", ANSWER_ASK},
             {"schedule", ANSWER_SCHEDULE}, {"outcome", ANSWER_OUTCOME},
             {"no_show", ANSWER_NO_SHOW}};

enum error answer_read(struct view *view, struct answer *answer)
{
    struct str kind = view_field(view, "kind");

    *answer = (struct answer){.reason = view_field(view, "reason"),
                              .text = str_trim(view_field(view, "text")),
                              .outcome = view_field(view, "outcome"),
                              .when = view_field(view, "when"),
                              .by = str_trim(view_field(view, "by")),
                              .reply_code = str_trim(view_field(view, "code"))};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_equal_c(kind, kinds[i].code)) {
            answer->kind = kinds[i].kind;
            return ERROR_NONE;
        }
    }
    return err_set(&view->err, ERROR_INPUT, N_("Elija qué contestaron."), NULL,
                   NULL, NULL);
}

static void put_choices(struct view *view, struct value *object,
                        const char *name, const char *key, struct str chosen)
{
    const struct form *form = view_form(view, "referral");
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; question && i < question->choices->count; i++) {
        const struct choice *choice = &question->choices->choice[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", choice->name);
        value_put_str(item, arena, "label",
                      texts_in(form, choice->label, view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(choice->name, chosen));
        value_add(list, arena, item);
    }
    value_put(object, arena, name, list);
}

void answer_put(struct view *view, const struct value *answers, bool by_phone)
{
    static const char *const typed[] = {"text", "when", "by", "code"};
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    struct str kind = view_field(view, "kind");
    struct str state = value_text_of(answers, "state");

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        value_put_str(item, arena, typed[i], view_field(view, typed[i]));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        value_put_bool(item, arena,
                       str_c(arena, view_format(view, "is_%s", kinds[i].code)),
                       str_equal_c(kind, kinds[i].code));
    put_choices(view, item, "denials", "denial_reason",
                view_field(view, "reason"));
    put_choices(view, item, "outcomes", "outcome", view_field(view, "outcome"));
    value_put_bool(item, arena, "by_phone", by_phone);
    value_put_bool(item, arena, "undecided",
                   words_have(str_of(undecided), state));
    value_put_bool(item, arena, "unreceived",
                   words_have(STR("ENVIADA SIN_RESPUESTA"), state));
    value_put(view->page, arena, "answer", item);
    value_put_str(view->page, arena, "answer_action",
                  by_phone ? view_format(view, "/referral/%.*s/answer",
                                         STR_ARGS(view->param[0]))
                           : view->request->path);
}

/* -- the page -------------------------------------------------------------- */

static void put_steps(struct view *view, const struct value *answers)
{
    static const char *const step[][2] = {{"sent_at", NULL},
                                          {"link_opened_at", NULL},
                                          {"received_at", "due_receive"},
                                          {"accepted_at", "due_decide"},
                                          {"attended_at", "due_attend"},
                                          {"feedback_at", "due_feedback"},
                                          {"closed_at", NULL}};
    const struct form *form = view_form(view, "referral");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    bool over = value_text_of(answers, "closed_at").size > 0 ||
                value_text_of(answers, "feedback_at").size > 0;

    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        const struct question *question = form_find(form, str_of(step[i][0]));
        struct str when = stamp_text(view, answers, step[i][0]);
        struct value *item = value_object(arena);

        if (when.size == 0 && (over || !step[i][1]))
            continue;
        value_put_str(item, arena, "label",
                      texts_in(form, question->label, view->task.language));
        put_text_or_false(view, item, "when", when);
        casework_due(view, item,
                     when.size ? STR("") : value_text_of(answers, step[i][1]));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "steps", list);
}

/* The clock that runs now. */
static struct str running_due(const struct value *answers)
{
    struct str state = value_text_of(answers, "state");

    if (words_have(STR("ENVIADA SIN_RESPUESTA"), state))
        return value_text_of(answers, "due_receive");
    if (str_equal_c(state, "RECIBIDA"))
        return value_text_of(answers, "due_decide");
    if (words_have(STR("ACEPTADA AGENDADA"), state))
        return value_text_of(answers, "due_next");
    if (words_have(STR("ATENDIDA VENCIDA"), state))
        return value_text_of(answers, "due_feedback");
    return STR("");
}

static void put_answers(struct view *view, const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    bool asked = value_text_of(answers, "question").size > 0 &&
                 value_text_of(answers, "answer").size == 0;

    put_text_or_false(view, item, "outcome",
                      choice_text(view, "referral", "outcome",
                                  value_text_of(answers, "outcome")));
    put_text_or_false(view, item, "denial_reason",
                      choice_text(view, "referral", "denial_reason",
                                  value_text_of(answers, "denial_reason")));
    put_text_or_false(view, item, "note",
                      value_text_of(answers, "outcome_note"));
    put_text_or_false(view, item, "question",
                      value_text_of(answers, "question"));
    put_text_or_false(view, item, "answer", value_text_of(answers, "answer"));
    put_text_or_false(view, item, "by", value_text_of(answers, "answered_by"));
    put_text_or_false(view, item, "appointment",
                      stamp_text(view, answers, "appointment_at"));
    value_put_bool(item, arena, "any",
                   value_text_of(answers, "outcome").size > 0 ||
                       value_text_of(answers, "denial_reason").size > 0 ||
                       value_text_of(answers, "question").size > 0 ||
                       value_text_of(answers, "outcome_note").size > 0 ||
                       value_text_of(answers, "appointment_at").size > 0);
    value_put(view->data, arena, "answered", item);
    value_put_bool(
        view->data, arena, "asked",
        asked && words_have(str_of(waiting), value_text_of(answers, "state")));
}

static void put_acts(struct view *view, const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *can = value_object(arena);
    struct str state = value_text_of(answers, "state");
    bool public_url = view->app->office.public_url.size > 0;
    bool answers_wait = words_have(str_of(waiting), state);
    bool close = words_have(str_of(closable), state);
    bool asked = value_to_bool(value_get(view->data, "asked"), false);
    bool link_open = value_text_of(answers, "link_hash").size > 0 &&
                     value_text_of(answers, "link_revoked_at").size == 0;

    value_put_bool(can, arena, "answer", answers_wait);
    value_put_bool(can, arena, "reply", asked);
    value_put_bool(can, arena, "close", close);
    value_put_bool(can, arena, "close_first", close && !answers_wait);
    value_put_bool(can, arena, "withdraw",
                   answers_wait && !str_equal_c(state, "ATENDIDA"));
    value_put_bool(can, arena, "relink",
                   public_url && answers_wait &&
                       !str_equal_c(state, "ATENDIDA"));
    value_put_bool(can, arena, "link", link_open && answers_wait);
    value_put_bool(can, arena, "refer_again",
                   words_have(STR("RECHAZADA NO_ASISTIO SIN_RESPUESTA "
                                  "VENCIDA CANCELADA"),
                              state));
    value_put(view->page, arena, "act", can);
}

enum error package_put(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct str seen = share_readable(view, record->answers, false);
    struct value *package = NULL, *fields = value_list(arena);
    const struct value *all;
    bool hidden = false;
    enum error error =
        referral_package(&view->task, record->id, &package, &view->err);

    if (error != ERROR_NONE)
        return error;
    all = value_get(package, "fields");
    for (size_t i = 0; i < value_count(all); i++) {
        if (words_have(seen, value_text_of(value_at(all, i), "field")))
            value_add(fields, arena, value_at(all, i));
        else
            hidden = true;
    }
    value_put(package, arena, "fields", fields);
    value_put(view->data, arena, "package", package);
    value_put_bool(view->page, arena, "hidden_share", hidden);
    return ERROR_NONE;
}

enum error sent_show(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct record record;
    enum error error = record_get(&view->task, STR("referral"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    referral_put_head(view, &record, record.answers);
    if ((error =
             casework_person(view, value_text_of(record.answers, "person"))) ||
        (error = package_put(view, &record)))
        return error;
    put_steps(view, record.answers);
    put_answers(view, record.answers);
    put_acts(view, record.answers);
    casework_due(view, view->data, running_due(record.answers));
    if ((error = grants_put(view, &record)))
        return error;
    value_put_str(view->data, arena, "reply_code",
                  value_text_of(record.answers, "reply_code"));
    put_text_or_false(view, view->data, "link_expires",
                      stamp_text(view, record.answers, "link_expires"));
    put_text_or_false(view, view->data, "escalated",
                      stamp_text(view, record.answers, "escalated_at"));
    answer_put(view, record.answers, true);
    view_stamp(view, record.id, record.clock);
    view_title(view, N_("Referencia"));
    return ERROR_NONE;
}

/* -- what the sender does -------------------------------------------------- */

static struct str own_path(struct view *view)
{
    return view_format(view, "/referral/%.*s", STR_ARGS(view->param[0]));
}

/* The right to this record first: the domain's moves do not ask for it. */
static enum error reach(struct view *view, struct record *record)
{
    return record_get(&view->task, STR("referral"), view->param[0], record,
                      &view->err);
}

static enum error moved(struct view *view, enum error error, const char *said)
{
    struct err why = view->err;

    if (error == ERROR_NONE) {
        view_redirect_said(view, own_path(view), said);
        return ERROR_NONE;
    }
    if (error_status(error) >= 500 || sent_show(view) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "referral", error);
}

static enum error reply(struct view *view)
{
    struct value *input = value_object(view->task.arena);
    struct save save = {
        .kind = STR("referral"), .id = view->param[0], .input = input};
    struct saved saved = {0};
    struct str text = str_trim(view_field(view, "text"));

    if (text.size == 0)
        return err_set(&view->err, ERROR_INPUT, N_("Escriba la respuesta."),
                       NULL, NULL, NULL);
    view_save(view, &save);
    value_put_str(input, view->task.arena, "answer", text);
    return record_save(&view->task, &save, &saved, &view->err);
}

enum error referral_answer_post(struct view *view)
{
    struct answer answer;
    struct record record;
    enum error error = reach(view, &record);

    if (error != ERROR_NONE)
        return error;
    if (referral_is_draft(record.answers)) {
        view_redirect(view, own_path(view));
        return ERROR_NONE;
    }
    if (str_equal_c(view_field(view, "kind"), "reply"))
        return moved(view, reply(view), "replied");
    error = answer_read(view, &answer);
    if (error == ERROR_NONE)
        error =
            referral_respond(&view->task, view->param[0], &answer, &view->err);
    return moved(view, error, "answered");
}

enum error referral_withdraw_post(struct view *view)
{
    struct record record;
    bool draft;
    enum error error = reach(view, &record);

    if (error != ERROR_NONE)
        return error;
    draft = referral_is_draft(record.answers);
    error = referral_withdraw(&view->task, view->param[0],
                              str_trim(view_field(view, "reason")), &view->err);
    if (error == ERROR_NONE && draft) {
        view_redirect_said(
            view,
            view_format(view, "/person/%.*s",
                        STR_ARGS(value_text_of(record.answers, "person"))),
            "withdrawn");
        return ERROR_NONE;
    }
    return moved(view, error, "withdrawn");
}

enum error referral_close_post(struct view *view)
{
    struct record record;
    enum error error = reach(view, &record);

    if (error == ERROR_NONE)
        error = referral_close(&view->task, view->param[0], &view->err);
    else
        return error;
    return moved(view, error, "closed");
}

enum error referral_relink_post(struct view *view)
{
    struct record record;
    struct str link = STR("");
    enum error error = reach(view, &record);

    if (error == ERROR_NONE)
        error = referral_relink(&view->task, view->param[0], &link, &view->err);
    if (error != ERROR_NONE)
        return view->param[0].size && record.id.size ? moved(view, error, "")
                                                     : error;
    return slip_put(view, &record, link);
}
