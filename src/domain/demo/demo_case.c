/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_case.c - casework on the first invented people, through the same
 * functions as the pages: consents, screenings, flags, needs, referrals in
 * several states, open files, follow-ups. Whoever was screened already is left
 * alone, so filling twice adds nothing.
 */
#include "core/date.h"
#include "domain/person/age.h"
#include "domain/casework/casefile.h"
#include "domain/demo/demo.h"
#include "domain/referral/referral.h"

/* Answers of a screening as "key=value" pairs, and the need it leaves. */
static const struct {
    const char *answers, *sector;
} stories[] = {
    {"q01_safe=no q04_with=sola q07_fear=yes q09_procedure=ninguno", "ALOJ"},
    {"q01_safe=yes q07_fear=yes q06_reasons=pandilla", "ASILO"},
    {"q01_safe=yes q02_medical=yes q02_what=tratamiento", "SALUD"},
    {"q01_safe=yes q04_with=hijos q14_walk=3 q07_fear=no", "DISC"},
    {"q01_safe=yes q10_incidents=ROBO q07_fear=no", "LEGAL"},
    {"q01_safe=yes q05_left_behind=yes q05_how=perdido_ruta", "RFL"},
    {"q01_safe=yes q06_reasons=trabajo_ingreso q18_next=quedarse_mx", "TRAB"},
};
enum { STORIES = sizeof stories / sizeof *stories };

static struct value *answers_of(struct task *task, struct str person,
                                const char *pairs)
{
    struct value *answers = value_object(task->arena);
    struct str rest = str_of(pairs), pair;

    value_put_str(answers, task->arena, "person", person);
    while (str_cut(&rest, ' ', &pair)) {
        struct str text = pair, key;

        if (str_cut(&text, '=', &key) && key.size)
            value_set(answers, task->arena, key,
                      value_string(task->arena, text));
    }
    return answers;
}

static enum error save(struct task *task, const char *kind,
                       const struct value *answers, struct str *id,
                       struct err *err)
{
    struct save save = {
        .kind = str_of(kind), .input = answers, .trusted = true};
    struct saved saved = {0};
    enum error error = record_save(task, &save, &saved, err);

    if (error == ERROR_NONE && id)
        *id = saved.id;
    return error;
}

/* Small children are not interviewed; nobody twice. */
static enum error to_screen(struct task *task, struct str person, bool *yes,
                            struct err *err)
{
    struct record_filter filter = {
        .kind = STR("screening"), .subject = person, .limit = 1};
    struct record *record, file;
    size_t count = 0;
    enum error error;

    *yes = false;
    if ((error = record_read(&task->office->log, task->db, STR("person"),
                             person, task->arena, &file, err)) ||
        (error = record_list(&task->office->log, task->db, &filter, false,
                             task->arena, &record, &count, err)))
        return error;
    *yes = !count && age_on_day(file.answers, task_day(task), true) >= 12;
    return ERROR_NONE;
}

/* The best place that fits and that no rule refuses. */
static enum error refer(struct task *task, struct str person, size_t turn,
                        struct err *err)
{
    struct proposal *proposal;
    struct value *answers;
    struct str id, link;
    size_t count, at = 0;
    enum error error =
        referral_propose(task, person, STR_NULL, &proposal, &count, err);

    if (error != ERROR_NONE)
        return error;
    while (at < count && (proposal[at].blocked || !proposal[at].fits ||
                          !str_equal_c(proposal[at].consent, "yes")))
        at++;
    if (at == count)
        return ERROR_NONE;
    answers = answers_of(task, person, "urgency=U1 share_fields=alias");
    value_put_str(answers, task->arena, "to_place", proposal[at].place);
    value_put_str(answers, task->arena, "service_code",
                  proposal[at].service_code);
    value_put_str(answers, task->arena, "message",
                  STR("Ejemplo inventado: pide orientación."));
    value_put_str(answers, task->arena, "child_opinion",
                  STR("Ejemplo inventado: quiere llamar a su familia."));
    error = save(task, "referral", answers, &id, err);
    if (error == ERROR_NONE && turn % 4 != 3)
        error = referral_send(task, id, &link, err);
    if (error == ERROR_BLOCKED) { /* it stays a draft */
        err_clear(err);
        return ERROR_NONE;
    }
    if (error == ERROR_NONE && turn % 4 == 1)
        error = referral_respond(task, id,
                                 &(struct answer){.kind = ANSWER_ACCEPT}, err);
    if (error == ERROR_NONE && turn % 4 == 2)
        error = referral_respond(
            task, id,
            &(struct answer){.kind = ANSWER_OUTCOME,
                             .outcome = STR("servicio_recibido")},
            err);
    return error;
}

static enum error one_case(struct task *task, struct str person, size_t turn,
                           struct err *err)
{
    struct value *screening =
        answers_of(task, person, stories[turn % STORIES].answers);
    struct value *need = answers_of(task, person, "severity=3 met=no");
    struct value *followup = answers_of(task, person, "contacted=yes");
    struct str today = date_text(task->arena, date_from_day(task_day(task)));
    struct saved saved;
    enum error error;

    value_put_str(screening, task->arena, "date", today);
    value_put_str(screening, task->arena, "mode", STR("individual"));
    value_put_text(need, task->arena, "sector", stories[turn % STORIES].sector);
    value_put_str(followup, task->arena, "date", today);
    value_put_str(followup, task->arena, "next_date", today);
    value_put_str(followup, task->arena, "situation",
                  STR("Ejemplo inventado."));
    if ((error = save(task, "consent",
                      answers_of(task, person,
                                 "purpose=referencia given=yes "
                                 "given_by=titular data_scope=identidad "
                                 "basis=consentimiento_expreso "
                                 "expressed_how=verbal_testigo"),
                      NULL, err)) ||
        (error = save(task, "screening", screening, NULL, err)) ||
        (error = save(task, "need", need, NULL, err)) ||
        (error = save(task, "service",
                      answers_of(task, person, "service_code=AL5 qty=1"), NULL,
                      err)) ||
        (error = refer(task, person, turn, err)))
        return error;
    if (turn % 2 == 0 &&
        ((error = casefile_open(task, person, STR_NULL, false, &saved, err)) ||
         (error = save(task, "followup", followup, NULL, err))))
        return error;
    return ERROR_NONE;
}

enum error demo_cases(struct task *task, const struct demo_result *result,
                      size_t most, size_t *cases, struct err *err)
{
    enum error error = ERROR_NONE;
    bool wanted;

    *cases = 0;
    for (size_t i = 0; i < result->persons && i < most; i++) {
        error = to_screen(task, result->person[i], &wanted, err);
        if (error == ERROR_NONE && wanted)
            error = one_case(task, result->person[i], (*cases)++, err);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_NONE;
}
