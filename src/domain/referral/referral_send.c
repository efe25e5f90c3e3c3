/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_send.c - the moment something leaves the house: on what ground,
 * with which data, by which clock, behind which link.
 *
 * Grounds: an active consent for referring (or for this single act); life at
 * risk (U0); the child's best interest towards the protection authority,
 * which needs her opinion and not her consent (profiles.md 1.7). Nothing else.
 */
#include "core/date.h"
#include "domain/person/age.h"
#include "domain/calendar.h"
#include "domain/person/merge.h"
#include "domain/referral/referral_private.h"
#include "domain/person/words.h"

struct str share_scope(const struct form *form, struct str share_field)
{
    const struct question *question = form_find(form, STR("share_fields"));
    const struct choice *choice =
        question ? choice_find(question->choices, share_field) : NULL;

    return choice ? value_text_of(choice->extra, "scope") : STR_NULL;
}

bool referral_child_authority(struct str place_type)
{
    return words_have(STR("PPNNA PFPNNA DIF SNDIF"), place_type);
}

/* -- grounds --------------------------------------------------------------- */

static enum error child_ground(struct task *task, const struct value *answers,
                               bool *applies, struct err *err)
{
    struct record person;
    enum error error = record_read(&task->office->log, task->db, STR("person"),
                                   value_text_of(answers, "person"),
                                   task->arena, &person, err);

    *applies = false;
    if (error != ERROR_NONE)
        return error;
    if (!referral_child_authority(value_text_of(answers, "to_type")) ||
        !age_is_child(person.answers, task_day(task)))
        return ERROR_NONE;
    if (!value_text_of(answers, "child_opinion").size)
        return err_set(err, ERROR_BLOCKED,
                       N_("Escriba la opinión de la niña, niño o adolescente. "
                          "No hace falta su consentimiento, pero sí oírle."),
                       NULL, NULL, NULL);
    *applies = true;
    return ERROR_NONE;
}

/* Asked for this very referral she said no: a wider consent does not count
 * against that. */
static enum error check_refusal(struct task *task, struct str referral,
                                struct str person, struct err *err)
{
    struct record_filter filter = {
        .kind = STR("consent"), .where = "{given} = 'no'", .limit = 500};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = person_files(task, person, &filter, err);

    if (error == ERROR_NONE)
        error = record_list(&task->office->log, task->db, &filter, false,
                            task->arena, &record, &count, err);
    for (size_t i = 0; error == ERROR_NONE && i < count; i++)
        if (str_equal(value_text_of(record[i].answers, "referral"), referral))
            error = err_set(err, ERROR_BLOCKED,
                            N_("A esta referencia dijo que no. Si cambió de "
                               "idea, pregúntele y anótelo."),
                            NULL, NULL, NULL);
    return error;
}

static enum error consent_ground(struct task *task, struct str referral,
                                 const struct value *answers,
                                 struct referral_ground *ground,
                                 struct err *err)
{
    struct consent_want want = {.purpose = STR("referencia"),
                                .act = referral,
                                .place = value_text_of(answers, "to_place")};
    struct str id = value_text_of(answers, "consent");
    const char *why = NULL;
    bool active = false;
    enum error error;

    if (id.size)
        error = consent_check(task, id, &want, &ground->consent, &active, &why,
                              err);
    else
        error = consent_active(task, value_text_of(answers, "person"), &want,
                               &ground->consent, &active, err);
    if (error != ERROR_NONE)
        return error;
    if (!active)
        return err_set(err, ERROR_BLOCKED,
                       why ? why
                           : N_("Falta su consentimiento para esta referencia. "
                                "Pregúntele y anótelo; sin él no se envía "
                                "nada."),
                       NULL, NULL, NULL);
    ground->by_consent = true;
    ground->basis = "consentimiento";
    if (ground->consent.single_act)
        return ERROR_NONE;
    return check_refusal(task, referral, value_text_of(answers, "person"), err);
}

enum error referral_ground(struct task *task, struct str referral,
                           const struct value *answers,
                           struct referral_ground *ground, struct err *err)
{
    struct err ignored = {0};
    bool child;
    enum error error;

    *ground = (struct referral_ground){0};
    if ((error = child_ground(task, answers, &child, err)) != ERROR_NONE)
        return error;
    if (child) {
        ground->basis = "proteccion_ninez";
        ground->data = STR("identidad contacto ubicacion violencia asilo "
                           "salud documentos");
        return ERROR_NONE;
    }
    if (str_equal_c(value_text_of(answers, "basis"), "interes_vital") &&
        str_equal_c(value_text_of(answers, "urgency"), "U0")) {
        if (consent_ground(task, referral, answers, ground, &ignored) ==
            ERROR_NONE)
            return ERROR_NONE;
        *ground = (struct referral_ground){
            .data = STR("identidad contacto ubicacion salud"),
            .basis = "interes_vital"};
        return ERROR_NONE;
    }
    return consent_ground(task, referral, answers, ground, err);
}

static bool scope_allowed(const struct referral_ground *ground,
                          struct str scope)
{
    struct str allowed =
        ground->by_consent ? ground->consent.data_scope : ground->data;

    return !scope.size || words_have(allowed, scope);
}

static enum error check_shared(struct task *task, const struct value *answers,
                               const struct referral_ground *ground,
                               struct err *err)
{
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    const struct question *question = form_find(form, STR("share_fields"));
    struct str rest = value_text_of(answers, "share_fields"), field;

    while (str_cut(&rest, ' ', &field)) {
        const struct choice *choice;

        if (!field.size || scope_allowed(ground, share_scope(form, field)))
            continue;
        choice = choice_find(question->choices, field);
        return err_set(err, ERROR_BLOCKED,
                       N_("Su consentimiento no incluye «{1}». Quítelo de lo "
                          "que se comparte o pregúntele de nuevo."),
                       choice ? str_c(task->arena, texts_in(form, choice->label,
                                                            task->language))
                              : str_c(task->arena, field),
                       NULL, NULL);
    }
    return ERROR_NONE;
}

struct str referral_scopes(struct task *task, const struct value *answers)
{
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    struct str rest = value_text_of(answers, "share_fields"), field;
    struct str scopes = STR("");

    while (form && str_cut(&rest, ' ', &field)) {
        struct str scope = field.size ? share_scope(form, field) : STR_NULL;

        if (scope.size)
            scopes = words_union(task->arena, scopes, scope);
    }
    return scopes;
}

enum error referral_stands(struct task *task, struct str referral,
                           const struct value *answers,
                           struct referral_standing *standing, struct err *err)
{
    struct referral_ground ground;
    struct err why = {0};
    struct record person;
    struct guard guard;
    const char *blocked = NULL;
    enum error error = record_read(&task->office->log, task->db, STR("person"),
                                   value_text_of(answers, "person"),
                                   task->arena, &person, err);

    *standing = (struct referral_standing){0};
    if (error != ERROR_NONE)
        return error;
    error = guard_referral(&guard, task, referral, answers, &blocked, err);
    if (error != ERROR_NONE)
        return error;
    standing->blocked = blocked ? str_of(blocked) : STR("");
    standing->exception = blocked && guard.exception;
    standing->child =
        referral_child_authority(value_text_of(answers, "to_type")) &&
        age_is_child(person.answers, task_day(task));
    error = referral_ground(task, referral, answers, &ground, &why);
    if (error == ERROR_NONE)
        error = check_shared(task, answers, &ground, &why);
    if (error != ERROR_NONE && error_status(error) >= 500) {
        *err = why;
        return error;
    }
    standing->allowed = error == ERROR_NONE;
    standing->by_consent = ground.by_consent;
    standing->consent = ground.consent.id;
    standing->why = error == ERROR_NONE
                        ? STR("")
                        : err_text(&why, task->translator, task->arena);
    return ERROR_NONE;
}

/* -- sending --------------------------------------------------------------- */

static void put_instant(struct task *task, struct value *object,
                        const char *name, int64_t instant)
{
    value_put_str(object, task->arena, name,
                  instant_text(task->arena, instant));
}

static void set_clocks(struct task *task, const struct value *answers,
                       struct value *system)
{
    struct referral_clock clock;

    if (!calendar_referral(task, value_text_of(answers, "urgency"), task->now,
                           &clock))
        return;
    put_instant(task, system, "due_receive", clock.receive);
    put_instant(task, system, "due_next", clock.receive);
    put_instant(task, system, "due_decide", clock.decide);
    put_instant(task, system, "due_attend", clock.attend);
    put_instant(task, system, "due_feedback", clock.feedback);
    put_instant(task, system, "link_expires",
                clock.feedback + REFERRAL_LINK_MS);
}

static enum error check_receiver(const struct value *answers, struct err *err)
{
    if (!value_text_of(answers, "to_place").size &&
        !value_text_of(answers, "to_name").size)
        return err_set(err, ERROR_INPUT, N_("Elija a quién se refiere."), NULL,
                       NULL, NULL);
    if (!value_text_of(answers, "share_fields").size)
        return err_set(err, ERROR_INPUT,
                       N_("Elija qué se comparte; basta el alias o el código."),
                       NULL, NULL, NULL);
    if (!value_text_of(answers, "to_place").size &&
        !value_text_of(answers, "to_type").size)
        return err_set(err, ERROR_INPUT,
                       N_("Diga qué tipo de organización es: a algunas no se "
                          "les envía nada."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

enum error referral_may_leave(struct task *task, const struct record *referral,
                              struct referral_ground *ground, struct err *err)
{
    enum error error =
        referral_guard(task, referral->id, referral->answers, err);

    if (error == ERROR_NONE)
        error =
            referral_ground(task, referral->id, referral->answers, ground, err);
    return error;
}

enum error referral_may_share(struct task *task, const struct record *referral,
                              struct referral_ground *ground, struct err *err)
{
    enum error error = referral_may_leave(task, referral, ground, err);

    return error ? error : check_shared(task, referral->answers, ground, err);
}

enum error referral_send(struct task *task, struct str referral,
                         struct str *link, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct referral_ground ground;
    struct record record;
    struct change change;
    struct str made;
    bool repeated;
    enum error error;

    if ((error = referral_read(task, referral, &record, err)) != ERROR_NONE)
        return error;
    if (!words_have(STR("BORRADOR CONSENTIDA"),
                    value_text_of(record.answers, "state")))
        return referral_send_again(task, &record, link, err);
    if ((error = check_receiver(record.answers, err)) ||
        (error = referral_may_leave(task, &record, &ground, err)) ||
        (error = check_shared(task, record.answers, &ground, err)))
        return error;
    value_put_str(input, task->arena, "state", STR("ENVIADA"));
    if (ground.by_consent)
        value_put_str(input, task->arena, "consent", ground.consent.id);
    put_instant(task, system, "sent_at", task->now);
    set_clocks(task, record.answers, system);
    made = referral_new_link(task, system);
    change_init(&change, task);
    error = referral_change(task, &change, referral, input, system, err);
    if (error != ERROR_NONE)
        return error;
    change_expect(&change, record.clock); /* sent once, with one link */
    if ((ground.by_consent &&
         (error =
              consent_use(task, &change, ground.consent.id, referral, err))) ||
        (error = change_commit(&change, &repeated, err)))
        return error;
    *link = made;
    return ERROR_NONE;
}
