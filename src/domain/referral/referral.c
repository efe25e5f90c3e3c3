/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral.c - the states of a referral and who may move it.
 *
 * Pages and programs write what is asked for; the state moves only through
 * the functions here and in referral_send.c, so that no clock, no consent and
 * no timeline is skipped. The table `moves` is the whole machine.
 */
#include "domain/referral/referral.h"

#include "core/date.h"
#include "domain/referral/referral_private.h"
#include "domain/person/words.h"
#include "form/clean.h"

/* From which states an answer is taken, and where it leads. */
static const struct {
    enum referral_answer kind;
    const char *from;  /* space-separated */
    const char *to;    /* NULL: stays, but a sent one counts as received */
    const char *stamp; /* the instant it sets, NULL none */
} moves[] = {
    {ANSWER_RECEIVED, "ENVIADA SIN_RESPUESTA", "RECIBIDA", "received_at"},
    {ANSWER_ACCEPT, "ENVIADA RECIBIDA SIN_RESPUESTA VENCIDA", "ACEPTADA",
     "accepted_at"},
    {ANSWER_DECLINE, "ENVIADA RECIBIDA ACEPTADA AGENDADA SIN_RESPUESTA VENCIDA",
     "RECHAZADA", "feedback_at"},
    {ANSWER_ASK, "ENVIADA RECIBIDA ACEPTADA AGENDADA SIN_RESPUESTA VENCIDA",
     NULL, NULL},
    {ANSWER_SCHEDULE,
     "ENVIADA RECIBIDA ACEPTADA AGENDADA SIN_RESPUESTA VENCIDA", "AGENDADA",
     NULL},
    {ANSWER_OUTCOME,
     "ENVIADA RECIBIDA ACEPTADA AGENDADA ATENDIDA SIN_RESPUESTA VENCIDA",
     "RETROALIMENTADA", "feedback_at"},
    {ANSWER_NO_SHOW, "ENVIADA RECIBIDA ACEPTADA AGENDADA SIN_RESPUESTA VENCIDA",
     "NO_ASISTIO", "feedback_at"},
};

enum error referral_read(struct task *task, struct str id,
                         struct record *referral, struct err *err)
{
    return record_read(&task->office->log, task->db, STR("referral"), id,
                       task->arena, referral, err);
}

enum error referral_change(struct task *task, struct change *change,
                           struct str id, const struct value *input,
                           const struct value *system, struct err *err)
{
    struct save save = {.kind = STR("referral"),
                        .id = id,
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct saved saved;

    return record_prepare(task, change, &save, &saved, err);
}

/* -- the rule of the kind -------------------------------------------------- */

static struct str digits(struct task *task, int count)
{
    unsigned char byte[8];
    struct buf out;

    buf_init(&out, task->arena);
    task->office->host->random(task->office->host->context, byte, sizeof byte);
    for (int i = 0; i < count; i++)
        buf_putc(&out, (char)('0' + byte[i] % 10));
    return buf_str(&out);
}

/* What the directory says about the receiver, so that it stays readable when
 * the directory changes. */
static enum error copy_place(struct task *task, struct value *after,
                             struct err *err)
{
    struct str place = value_text_of(after, "to_place");
    struct record record;
    enum error error;

    if (!place.size)
        return ERROR_NONE;
    error = record_read(&task->office->log, task->db, STR("place"), place,
                        task->arena, &record, err);
    if (error != ERROR_NONE)
        return error;
    value_put_str(after, task->arena, "to_type",
                  value_text_of(record.answers, "place_type"));
    if (value_text_of(record.answers, "consulate_of").size)
        value_put_str(after, task->arena, "to_consulate_of",
                      value_text_of(record.answers, "consulate_of"));
    return ERROR_NONE;
}

enum error referral_rule(struct task *task, struct change *change,
                         const struct save *save, const struct value *before,
                         struct value *after, struct err *err)
{
    struct str state = value_text_of(after, "state");

    (void)change;
    if (!before) {
        if (!save->trusted && !str_equal_c(state, "BORRADOR"))
            return err_set(err, ERROR_INPUT,
                           N_("Una referencia nueva empieza como borrador; "
                              "envíela después."),
                           NULL, NULL, NULL);
        value_put_str(after, task->arena, "reply_code", digits(task, 6));
        return copy_place(task, after, err);
    }
    if (save->trusted)
        return ERROR_NONE;
    if (!str_equal(state, value_text_of(before, "state")))
        return err_set(err, ERROR_INPUT,
                       N_("El estado cambia al enviar, responder o cerrar, no "
                          "a mano."),
                       NULL, NULL, NULL);
    if (!words_have(STR("BORRADOR CONSENTIDA"), state)) {
        static const char *const fixed[] = {"person",       "to_place",
                                            "to_name",      "to_type",
                                            "share_fields", "consent"};

        for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
            if (!str_equal(value_text_of(before, fixed[i]),
                           value_text_of(after, fixed[i])))
                return err_set(
                    err, ERROR_INPUT,
                    N_("Ya se envió: no se cambia a quién ni qué se comparte. "
                       "Retírela y haga otra."),
                    NULL, NULL, NULL);
        }
        return ERROR_NONE;
    }
    return copy_place(task, after, err);
}

/* -- answers --------------------------------------------------------------- */

static void put_now(struct task *task, struct value *object, const char *name)
{
    value_put_str(object, task->arena, name,
                  instant_text(task->arena, task->now));
}

/* Outcomes that end it otherwise than by the service. */
static struct str outcome_state(struct str outcome)
{
    if (str_equal_c(outcome, "no_llego"))
        return STR("NO_ASISTIO");
    if (words_have(STR("negado no_elegible"), outcome))
        return STR("RECHAZADA");
    if (str_equal_c(outcome, "persona_declino"))
        return STR("CANCELADA");
    if (str_equal_c(outcome, "lista_espera"))
        return STR("ACEPTADA");
    return STR("RETROALIMENTADA");
}

enum error referral_answer_whole(const struct answer *answer, struct err *err)
{
    if (answer->kind == ANSWER_DECLINE && !answer->reason.size)
        return err_set(err, ERROR_INPUT,
                       N_("Elija por qué no se acepta: ayuda a buscar otro "
                          "lugar."),
                       NULL, NULL, NULL);
    if (answer->kind == ANSWER_ASK && !answer->text.size)
        return err_set(err, ERROR_INPUT, N_("Escriba su pregunta."), NULL, NULL,
                       NULL);
    if (answer->kind == ANSWER_OUTCOME && !answer->outcome.size)
        return err_set(err, ERROR_INPUT, N_("Elija qué resultó."), NULL, NULL,
                       NULL);
    if (answer->kind == ANSWER_SCHEDULE && !answer->when.size)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba el día y la hora de la cita."), NULL, NULL,
                       NULL);
    return ERROR_NONE;
}

static enum error check_answer(const struct answer *answer,
                               const struct value *referral, struct err *err)
{
    if (answer->reply_code.size &&
        !host_equal_secret(answer->reply_code,
                           value_text_of(referral, "reply_code")))
        return err_set(err, ERROR_INPUT,
                       N_("Ese código no es el de esta referencia. Pida que se "
                          "lo repitan."),
                       NULL, NULL, NULL);
    return referral_answer_whole(answer, err);
}

static size_t move_of(enum referral_answer kind)
{
    size_t i = 0;

    while (moves[i].kind != kind)
        i++;
    return i;
}

/* The term that runs after a move; none once it has been answered. */
struct str referral_term(struct str state)
{
    if (str_equal_c(state, "ENVIADA"))
        return STR("due_receive");
    if (words_have(STR("RECIBIDA SIN_RESPUESTA"), state))
        return STR("due_decide");
    if (words_have(STR("ACEPTADA AGENDADA"), state))
        return STR("due_attend");
    if (words_have(STR("ATENDIDA VENCIDA"), state))
        return STR("due_feedback");
    return STR_NULL;
}

/* The term that runs then; an appointment that was given for later runs
 * instead of the term to attend. */
static struct str due_after(struct task *task, struct str state,
                            const struct answer *answer,
                            const struct value *referral)
{
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    const struct question *question =
        form ? form_find(form, STR("appointment_at")) : NULL;
    struct str due = value_text(value_get_str(referral, referral_term(state)));
    struct str when = value_text_of(referral, "appointment_at");
    int64_t term = 0, appointment = 0;

    if (answer->when.size && question &&
        answer_clean(question, answer->when, task->utc_offset, task->arena,
                     &when))
        return due; /* not a time: the check says so */
    if (str_equal_c(state, "AGENDADA") && instant_parse(due, &term) &&
        instant_parse(when, &appointment) && appointment > term)
        return when;
    return due;
}

static void answer_fields(struct task *task, const struct answer *answer,
                          const struct value *referral, struct value *input,
                          struct value *system)
{
    struct arena *arena = task->arena;
    const size_t move = move_of(answer->kind);
    struct str state = moves[move].to ? str_of(moves[move].to)
                                      : value_text_of(referral, "state");

    if (answer->kind == ANSWER_OUTCOME)
        state = outcome_state(answer->outcome);
    if (words_have(STR("ENVIADA SIN_RESPUESTA"), state))
        state = STR("RECIBIDA");
    value_put_str(input, arena, "state", state);
    value_put_str(system, arena, "due_next",
                  due_after(task, state, answer, referral));
    if (answer->reason.size)
        value_put_str(input, arena, "denial_reason", answer->reason);
    if (answer->outcome.size)
        value_put_str(input, arena, "outcome", answer->outcome);
    if (answer->by.size)
        value_put_str(input, arena, "answered_by", answer->by);
    if (answer->when.size)
        value_put_str(input, arena, "appointment_at", answer->when);
    if (answer->text.size)
        value_put_str(input, arena,
                      answer->kind == ANSWER_ASK ? "question" : "outcome_note",
                      answer->text);
    if (answer->kind == ANSWER_ASK) /* a new question is not answered yet */
        value_put_str(input, arena, "answer", STR(""));
    if (!value_text_of(referral, "received_at").size)
        put_now(task, system, "received_at");
    if (moves[move].stamp)
        put_now(task, system, moves[move].stamp);
    if (words_have(STR("ACEPTADA AGENDADA RETROALIMENTADA"), state) &&
        !value_text_of(referral, "accepted_at").size)
        put_now(task, system, "accepted_at");
    if (str_equal_c(state, "RETROALIMENTADA") &&
        !value_text_of(referral, "attended_at").size)
        put_now(task, system, "attended_at");
}

enum error referral_respond(struct task *task, struct str referral,
                            const struct answer *answer, struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct record record;
    struct change change;
    bool repeated;
    enum error error;

    if ((error = referral_read(task, referral, &record, err)) ||
        (error = check_answer(answer, record.answers, err)))
        return error;
    if (!words_have(str_of(moves[move_of(answer->kind)].from),
                    value_text_of(record.answers, "state")))
        return err_set(err, ERROR_CONFLICT,
                       N_("Esta referencia ya no espera esa respuesta. "
                          "Vuelva a abrirla para ver cómo está."),
                       NULL, NULL, NULL);
    answer_fields(task, answer, record.answers, input, system);
    change_init(&change, task);
    error = referral_change(task, &change, referral, input, system, err);
    if (error != ERROR_NONE)
        return error;
    change_expect(&change, record.clock); /* nobody moved it meanwhile */
    if (answer->also)
        change_also(&change, answer->also, answer->context);
    return change_commit(&change, &repeated, err);
}

static enum error move_to(struct task *task, struct str referral,
                          const char *from, struct str state, struct str note,
                          struct err *err)
{
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct record record;
    struct change change;
    bool repeated;
    enum error error;

    if ((error = referral_read(task, referral, &record, err)) != ERROR_NONE)
        return error;
    if (!words_have(str_of(from), value_text_of(record.answers, "state")))
        return err_set(err, ERROR_CONFLICT,
                       N_("La referencia ya no está en ese estado. Vuelva a "
                          "abrirla."),
                       NULL, NULL, NULL);
    value_put_str(input, task->arena, "state", state);
    if (note.size)
        value_put_str(input, task->arena, "outcome_note", note);
    put_now(task, system, "closed_at");
    if (str_equal_c(state, "CANCELADA"))
        put_now(task, system, "link_revoked_at");
    change_init(&change, task);
    error = referral_change(task, &change, referral, input, system, err);
    if (error != ERROR_NONE)
        return error;
    change_expect(&change, record.clock);
    return change_commit(&change, &repeated, err);
}

enum error referral_withdraw(struct task *task, struct str referral,
                             struct str reason, struct err *err)
{
    return move_to(task, referral,
                   "BORRADOR CONSENTIDA ENVIADA RECIBIDA ACEPTADA AGENDADA "
                   "SIN_RESPUESTA VENCIDA",
                   STR("CANCELADA"), reason, err);
}

enum error referral_close(struct task *task, struct str referral,
                          struct err *err)
{
    return move_to(task, referral,
                   "ATENDIDA RETROALIMENTADA RECHAZADA NO_ASISTIO "
                   "SIN_RESPUESTA VENCIDA",
                   STR("CERRADA"), STR_NULL, err);
}
