/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arco.c - the way of a request: received, identity checked, answered in time,
 * given effect in time. Which terms run is data.
 */
#include "domain/arco/arco.h"

#include "core/date.h"
#include "core/utf8.h"
#include "domain/account/guess.h"
#include "domain/arco/erase.h"
#include "domain/calendar.h"
#include "domain/person/merge.h"
#include "domain/person/words.h"
#include "domain/policy.h"

enum { IDENTITY_FREE = 5, IDENTITY_WAIT_SECONDS = 15 * 60 };

static const char open_states[] = "recibida en_tramite por_cumplir";

/* -- the site -------------------------------------------------------------- */

static const struct catalog_table *table_of(const struct task *task,
                                            const char *name)
{
    return catalog_table(task->office->catalog, name);
}

size_t arco_regime(struct task *task)
{
    const struct catalog_table *table = table_of(task, "arco");
    struct str name = STR_NULL;
    struct err ignored = {0};
    bool found = false;
    size_t row;

    db_get_text(task->db, task->arena, &name, &found, &ignored,
                "SELECT value FROM store_meta WHERE name = $1", "t",
                STR("regime"));
    row = table && found ? catalog_find(table, name) : SIZE_MAX;
    return row == SIZE_MAX ? 0 : row;
}

static enum error write_regime(struct db *db, void *context, struct err *err)
{
    const struct str *name = context;

    return db_run(db, NULL, err,
                  "INSERT INTO store_meta (name, value) VALUES ($1, $2)"
                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                  "tt", STR("regime"), *name);
}

enum error arco_regime_set(struct task *task, struct str name, struct err *err)
{
    const struct catalog_table *table = table_of(task, "arco");
    struct policy_told told = {STR("regime"), STR(""), name, STR("")};
    struct change change;
    enum error error;

    if (!table || catalog_find(table, name) == SIZE_MAX)
        return err_set(err, ERROR_INPUT,
                       N_("No hay ningún régimen «{1}» en la tabla arco."),
                       str_c(task->arena, name), NULL, NULL);
    told.before = catalog_cell(table, arco_regime(task), "name");
    error = policy_tell(task, &change, &told, err);
    if (error)
        return error;
    change_also(&change, write_regime, &name);
    return change_commit(&change, NULL, err);
}

/* Last day of a clock that the regime names in a column. */
static enum error due_day(struct task *task, const char *column, int64_t start,
                          struct str *due, struct err *err)
{
    struct str clock =
        catalog_cell(table_of(task, "arco"), arco_regime(task), column);
    int64_t day;

    if (!table_of(task, "arco") ||
        !calendar_due_day(task, str_c(task->arena, clock), start, &day))
        return err_set(err, ERROR_INTERNAL,
                       N_("Falta la tabla {1} del catálogo."), "arco", NULL,
                       NULL);
    *due = date_text(task->arena, date_from_day(day));
    return ERROR_NONE;
}

static struct str today_text(const struct task *task)
{
    return date_text(task->arena, date_from_day(task_day(task)));
}

/* -- receiving ------------------------------------------------------------- */

/* "2026-7F3A9C": told to her, printed on her sheet; says nothing of her. */
static struct str new_folio(struct task *task)
{
    struct str id = host_uuid(task->office->host, task->arena);
    struct buf out;

    buf_init(&out, task->arena);
    buf_printf(&out, "%d-", date_from_day(task_day(task)).year);
    for (size_t i = id.size - 6; i < id.size; i++)
        buf_putc(&out,
                 (char)(id.at[i] >= 'a' ? id.at[i] - 'a' + 'A' : id.at[i]));
    return buf_str(&out);
}

static enum error stays(const struct value *before, const struct value *after,
                        struct err *err)
{
    static const char *const fixed[] = {"person", "type", "received_on"};

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (!str_equal(value_text_of(before, fixed[i]),
                       value_text_of(after, fixed[i])))
            return err_set(err, ERROR_BLOCKED,
                           N_("Una solicitud no cambia de persona, de motivo "
                              "ni de fecha. Anote otra."),
                           NULL, NULL, NULL);
    return ERROR_NONE;
}

enum error arco_rule(struct task *task, struct change *change,
                     const struct save *save, const struct value *before,
                     struct value *after, struct err *err)
{
    struct date received;
    struct str due;
    enum error error;

    (void)change;
    (void)save;
    if (before)
        return stays(before, after, err);
    if (!date_parse_whole(value_text_of(after, "received_on"), &received))
        received = date_from_day(task_day(task));
    error = due_day(task, "answer_clock", date_to_day(received), &due, err);
    if (error)
        return error;
    value_put_str(after, task->arena, "folio", new_folio(task));
    value_put_str(after, task->arena, "state", STR("recibida"));
    value_put_str(after, task->arena, "due_answer", due);
    return ERROR_NONE;
}

/* -- steps ----------------------------------------------------------------- */

bool arco_can(const struct value *answers, enum arco_act act)
{
    struct str state = value_text_of(answers, "state");
    bool process = str_equal_c(state, "en_tramite");
    bool answered = str_equal_c(state, "por_cumplir");
    bool erases = str_equal_c(value_text_of(answers, "type"), "cancelacion");

    switch (act) {
    case ARCO_IDENTIFY:
        return str_equal_c(state, "recibida");
    case ARCO_EXTEND:
        return (process || str_equal_c(state, "recibida")) &&
               !value_text_of(answers, "extended_on").size;
    case ARCO_ANSWER:
        return process;
    case ARCO_APPROVE:
        return answered && erases &&
               !value_text_of(answers, "approved_by").size;
    case ARCO_EFFECT:
        return answered && !erases;
    case ARCO_WITHDRAW:
        return words_have(STR(open_states), state);
    case ARCO_ACTS:
        break;
    }
    return false;
}

/* A letter or a digit counts, spaces, accents and case do not. */
static bool same_words(struct arena *arena, struct str a, struct str b)
{
    struct str x = utf8_fold(arena, str_trim(a), false);
    struct str y = utf8_fold(arena, str_trim(b), false);

    return x.size > 0 && str_equal(x, y);
}

static struct str plain_date(struct arena *arena, struct str text)
{
    int day, month, year;
    char tail;

    if (sscanf(str_c(arena, text), "%2d/%2d/%4d%c", &day, &month, &year,
               &tail) != 3)
        return text;
    return date_text(arena, (struct date){year, month, day});
}

static enum error known_fact(struct task *task, const struct record *person,
                             struct str name, struct str *fact, struct err *err)
{
    struct record_filter filter = {.kind = STR("arrival"),
                                   .subject = person->id,
                                   .order = "{arrived_on} DESC, _id",
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    *fact = value_text(value_get_str(person->answers, name));
    if (!str_equal_c(name, "arrived_on"))
        return ERROR_NONE;
    error = record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &count, err);
    if (!error && count)
        *fact = value_text_of(record[0].answers, "arrived_on");
    return error;
}

/* Two right answers and none wrong. */
static enum error check_knowledge(struct task *task,
                                  const struct record *person,
                                  const struct value *typed, bool *right,
                                  struct err *err)
{
    const struct catalog_table *table = table_of(task, "knowledge");
    size_t good = 0, wrong = 0;

    for (size_t row = 0; table && row < table->rows; row++) {
        struct str name = catalog_cell(table, row, "name");
        struct str said = value_text(value_get_str(typed, name)), fact;
        enum error error = known_fact(task, person, name, &fact, err);

        if (error)
            return error;
        if (!str_trim(said).size)
            continue;
        if (same_words(task->arena, plain_date(task->arena, said), fact))
            good++;
        else
            wrong++;
    }
    *right = good >= 2 && !wrong;
    return ERROR_NONE;
}

static enum error say_not_her(struct err *err)
{
    return err_set(err, ERROR_BLOCKED,
                   N_("Con eso no se comprueba quién es. Pida su código, o "
                      "hágale otras preguntas: hacen falta dos respuestas "
                      "buenas y ninguna mala."),
                   NULL, NULL, NULL);
}

static enum error clear_guesses(struct db *db, void *context, struct err *err)
{
    return guess_clear(db, context, err);
}

/* Who claims to be somebody may not try codes and answers until one fits: they
 * are counted by file, whoever types them and in whichever request. */
static enum error claim(struct task *task, struct str person, bool *right,
                        const struct arco_step *step, struct err *err)
{
    struct str text =
        str_format(task->arena, "identity\n%.*s\n%.*s",
                   STR_ARGS(task->office->log.site), STR_ARGS(person));
    struct guess guess = {
        .site = task->office->base,
        .key = host_hash_hex(task->office->host, task->arena, text),
        .now = task->now,
        .free = IDENTITY_FREE,
        .longest = IDENTITY_WAIT_SECONDS};
    struct record record;
    enum error error = guess_count(task, &guess, err);

    if (!error)
        error = record_read(&task->office->log, task->db, STR("person"), person,
                            task->arena, &record, err);
    if (!error && str_equal_c(step->how, "papeleta"))
        *right = same_words(task->arena, step->code,
                            value_text_of(record.answers, "case_code"));
    else if (!error)
        error = check_knowledge(task, &record, step->knowledge, right, err);
    if (!error && *right)
        error = office_change(task->office, clear_guesses, &guess, err);
    return error;
}

static enum error identify(struct task *task, const struct record *request,
                           const struct arco_step *step, struct value *system,
                           struct err *err)
{
    bool right = words_have(STR("le_conocemos representante"), step->how);
    struct str kept;
    enum error error = person_resolve(
        task, value_text_of(request->answers, "person"), &kept, err);

    if (!error && words_have(STR("papeleta respuestas"), step->how))
        error = claim(task, kept, &right, step, err);
    if (error)
        return error;
    if (!right)
        return say_not_her(err);
    value_put_str(system, task->arena, "identity_how", step->how);
    value_put_str(system, task->arena, "identity_by", task->actor.id);
    value_put_str(system, task->arena, "state", STR("en_tramite"));
    return ERROR_NONE;
}

static enum error extend(struct task *task, const struct record *request,
                         const struct arco_step *step, struct value *system,
                         struct err *err)
{
    struct date due;
    struct str later;
    enum error error;

    if (!str_trim(step->why).size)
        return err_set(err, ERROR_INPUT,
                       N_("Diga por qué hace falta más tiempo: se le explica a "
                          "la persona."),
                       NULL, NULL, NULL);
    if (!date_parse_whole(value_text_of(request->answers, "due_answer"),
                          &due) ||
        date_to_day(due) < task_day(task))
        return err_set(err, ERROR_BLOCKED,
                       N_("El plazo ya terminó: ya no se puede ampliar. "
                          "Conteste hoy."),
                       NULL, NULL, NULL);
    error = due_day(task, "extension_clock", date_to_day(due), &later, err);
    if (error)
        return error;
    value_put_str(system, task->arena, "due_answer", later);
    value_put_str(system, task->arena, "extended_on", today_text(task));
    value_put_str(system, task->arena, "extended_why", str_trim(step->why));
    value_put_str(system, task->arena, "escalated_at", STR(""));
    return ERROR_NONE;
}

static enum error answer(struct task *task, const struct arco_step *step,
                         struct value *system, struct err *err)
{
    const struct catalog_table *refusal = table_of(task, "refusal");
    bool refused = str_equal_c(step->decision, "no_procede");
    struct str due;
    enum error error;

    if (!words_have(STR("procede procede_parte no_procede"), step->decision))
        return err_set(err, ERROR_INPUT, N_("Diga si procede o no."), NULL,
                       NULL, NULL);
    if (!str_equal_c(step->decision, "procede") &&
        (!refusal || !step->refusal.size ||
         catalog_find(refusal, step->refusal) == SIZE_MAX))
        return err_set(err, ERROR_INPUT,
                       N_("Para negar hace falta un motivo de la ley. Elija "
                          "uno."),
                       NULL, NULL, NULL);
    error = due_day(task, "effect_clock", task_day(task), &due, err);
    if (error)
        return error;
    value_put_str(system, task->arena, "decision", step->decision);
    value_put_str(system, task->arena, "refusal",
                  str_equal_c(step->decision, "procede") ? STR("")
                                                         : step->refusal);
    value_put_str(system, task->arena, "answer_note", str_trim(step->note));
    value_put_str(system, task->arena, "answered_on", today_text(task));
    value_put_str(system, task->arena, "decided_by", task->actor.id);
    value_put_str(system, task->arena, "state",
                  refused ? STR("negada") : STR("por_cumplir"));
    if (!refused)
        value_put_str(system, task->arena, "due_effect", due);
    return ERROR_NONE;
}

static bool two_persons(struct task *task)
{
    return str_equal_c(catalog_cell(table_of(task, "arco"), arco_regime(task),
                                    "second_person"),
                       "yes");
}

static enum error approve(struct task *task, const struct record *request,
                          struct value *system, struct err *err)
{
    if (!role_has(task->actor.role, RIGHT_DATA_ERASE))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite hacer esto. Pida ayuda a "
                          "quien supervisa."),
                       NULL, NULL, NULL);
    if (two_persons(task) &&
        str_equal(value_text_of(request->answers, "decided_by"),
                  task->actor.id))
        return err_set(err, ERROR_BLOCKED,
                       N_("Debe aprobarlo otra persona, no quien decidió."),
                       NULL, NULL, NULL);
    value_put_str(system, task->arena, "approved_by", task->actor.id);
    return ERROR_NONE;
}

static enum error say_state(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Eso ya no se puede, o todavía no: mire en qué va la "
                      "solicitud."),
                   NULL, NULL, NULL);
}

static enum error read_request(struct task *task, struct str id,
                               struct record *request, struct err *err)
{
    return record_get(task, STR("rights_request"), id, request, err);
}

static enum error take_step(struct task *task, const struct record *request,
                            const struct arco_step *step, struct value *system,
                            struct err *err)
{
    switch (step->act) {
    case ARCO_IDENTIFY:
        return identify(task, request, step, system, err);
    case ARCO_EXTEND:
        return extend(task, request, step, system, err);
    case ARCO_ANSWER:
        return answer(task, step, system, err);
    case ARCO_APPROVE:
        return approve(task, request, system, err);
    case ARCO_EFFECT:
        value_put_str(system, task->arena, "state", STR("cumplida"));
        value_put_str(system, task->arena, "effect_on", today_text(task));
        return ERROR_NONE;
    case ARCO_WITHDRAW:
        value_put_str(system, task->arena, "state", STR("retirada"));
        return ERROR_NONE;
    case ARCO_ACTS:
        break;
    }
    return say_state(err);
}

enum error arco_step(struct task *task, struct str request,
                     const struct arco_step *step, struct err *err)
{
    struct value *system = value_object(task->arena);
    struct record record;
    struct saved saved;
    struct save save = {.kind = STR("rights_request"),
                        .id = request,
                        .input = value_object(task->arena),
                        .system = system};
    enum error error = read_request(task, request, &record, err);

    if (error)
        return error;
    if (!arco_can(record.answers, step->act))
        return say_state(err);
    error = take_step(task, &record, step, system, err);
    save.base = record.clock;
    return error ? error : record_save(task, &save, &saved, err);
}

enum error arco_erase(struct task *task, struct str request,
                      struct str *erasure, struct err *err)
{
    struct erase_order order = {.cause = STR("solicitud"), .request = request};
    struct record record;
    enum error error = read_request(task, request, &record, err);

    if (error)
        return error;
    if (!role_has(task->actor.role, RIGHT_DATA_ERASE))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite hacer esto. Pida ayuda a "
                          "quien supervisa."),
                       NULL, NULL, NULL);
    if (!str_equal_c(value_text_of(record.answers, "type"), "cancelacion") ||
        !str_equal_c(value_text_of(record.answers, "state"), "por_cumplir"))
        return err_set(err, ERROR_BLOCKED,
                       N_("Esa solicitud no es de borrar, o no se ha "
                          "contestado que procede."),
                       NULL, NULL, NULL);
    order.approver = value_text_of(record.answers, "approved_by");
    if (two_persons(task) &&
        (!order.approver.size ||
         str_equal(order.approver,
                   value_text_of(record.answers, "decided_by"))))
        return err_set(err, ERROR_BLOCKED,
                       N_("Falta que otra persona apruebe el borrado."), NULL,
                       NULL, NULL);
    order.person = value_text_of(record.answers, "person");
    order.folio = value_text_of(record.answers, "folio");
    return erase_person(task, &order, erasure, err);
}
