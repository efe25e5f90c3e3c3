/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert.c - the way of an alert. What is shown to thousands is seen by two
 * people first; each step is an entry that says who. See alert.h.
 */
#include "domain/alert/alert.h"

#include "core/date.h"
#include "core/utf8.h"
#include "domain/access/room.h"
#include "domain/alert/alert_send.h"
#include "domain/person/words.h"

bool alert_can(struct str stage, enum alert_act act)
{
    static const char *const may[] = {
        [ALERT_EDIT] = "draft approved", [ALERT_APPROVE] = "draft",
        [ALERT_PUBLISH] = "approved",    [ALERT_UPDATE] = "published",
        [ALERT_CANCEL] = "published",    [ALERT_SHOW] = "review",
        [ALERT_REFUSE] = "review"};

    return words_have(str_of(may[act]), stage);
}

static struct str stage_of(const struct record *record)
{
    return value_text_of(record->answers, "stage");
}

enum error alert_read(struct task *task, struct str id, struct record *record,
                      struct err *err)
{
    return record_read(&task->office->log, task->db, STR("alert"), id,
                       task->arena, record, err);
}

/* --- writing a draft (rules.def) ------------------------------------------ */

static struct str title_of(const struct value *answers)
{
    const struct value *texts = value_get(answers, "info");

    for (size_t i = 0; i < value_count(texts); i++)
        if (str_equal_c(value_text_of(value_at(texts, i), "language"), "es"))
            return value_text_of(value_at(texts, i), "headline");
    return value_text_of(value_at(texts, 0), "headline");
}

static enum error say_stage(struct str stage, struct err *err)
{
    if (str_equal_c(stage, "published"))
        return err_set(err, ERROR_BLOCKED,
                       N_("Esta alerta ya se publicó y no se cambia: haga una "
                          "actualización, o cancélela."),
                       NULL, NULL, NULL);
    return err_set(err, ERROR_BLOCKED,
                   N_("La alerta ya no está en ese paso. Vuelva a abrirla y "
                      "mire su estado."),
                   NULL, NULL, NULL);
}

/* Whoever touches a draft has written it; what was approved is no longer. */
enum error alert_rule(struct task *task, struct change *change,
                      const struct save *save, const struct value *before,
                      struct value *after, struct err *err)
{
    struct str stage = value_text_of(before, "stage");
    const struct value *cap = NULL;
    struct cap_problems problems;
    enum error error;

    (void)change;
    if (before && !alert_can(stage, ALERT_EDIT))
        return say_stage(stage, err);
    error = alert_make(task, save->id, after, &cap, &problems, err);
    if (!error)
        error = cap_refuse(&problems, err);
    if (error)
        return error;
    value_put_str(after, task->arena, "stage", STR("draft"));
    value_put_str(after, task->arena, "title", title_of(after));
    value_put_str(after, task->arena, "areas", alert_areas(task, cap));
    value_put_str(after, task->arena, "written_by",
                  words_union(task->arena, value_text_of(before, "written_by"),
                              task->actor.id));
    if (!value_text_of(after, "msg_type").size)
        value_put_str(after, task->arena, "msg_type", STR("Alert"));
    value_put(after, task->arena, "approved_by", value_null(task->arena));
    value_put(after, task->arena, "approved", value_null(task->arena));
    return ERROR_NONE;
}

/* --- a step --------------------------------------------------------------- */

/* An entry of these fields that stands only if nobody came in between. */
static void add_step(struct change *change, const struct record *record,
                     enum entry_op op, const struct value *fields)
{
    change_add(change, STR("alert"), record->id, op, fields, STR(""));
    change_expect(change, record->clock);
}

static struct value *step_to(struct task *task, const char *stage)
{
    struct value *fields = value_object(task->arena);

    value_put_text(fields, task->arena, "stage", stage);
    return fields;
}

static void put_now(struct task *task, struct value *fields, const char *name)
{
    value_put_str(fields, task->arena, name,
                  instant_text(task->arena, task->now));
}

static enum error need(const struct task *task, enum right right,
                       struct err *err)
{
    if (role_has(task->actor.role, right))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   right == RIGHT_ALERT_APPROVE
                       ? N_("Su función no permite aprobar alertas. Pídaselo a "
                            "quien coordina.")
                       : N_("Su función no permite escribir alertas."),
                   NULL, NULL, NULL);
}

static enum error open_at(struct task *task, struct str id, enum alert_act act,
                          struct record *record, struct err *err)
{
    enum error error = alert_read(task, id, record, err);

    if (!error && !alert_can(stage_of(record), act))
        error = say_stage(stage_of(record), err);
    return error;
}

/* What the document says, checked as it stands today. */
static enum error make_good(struct task *task, const struct record *record,
                            const struct value **cap, struct err *err)
{
    struct cap_problems problems;
    enum error error =
        alert_make(task, record->id, record->answers, cap, &problems, err);

    return error ? error : cap_refuse(&problems, err);
}

/* What she read is what she approves, not what it became meanwhile. */
static enum error say_changed(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Alguien cambió la alerta después de que usted la abrió, "
                      "o no se sabe qué versión leyó: vuelva a abrirla, léala "
                      "y apruébela."),
                   NULL, NULL, NULL);
}

enum error alert_approve(struct task *task, struct str id, int64_t read,
                         struct err *err)
{
    const struct value *cap = NULL;
    struct record record;
    struct value *fields;
    struct change change;
    bool repeated;

    if (need(task, RIGHT_ALERT_APPROVE, err) ||
        open_at(task, id, ALERT_APPROVE, &record, err) ||
        make_good(task, &record, &cap, err))
        return err->code;
    if (words_have(value_text_of(record.answers, "written_by"), task->actor.id))
        return err_set(err, ERROR_BLOCKED,
                       N_("La aprueba alguien más: usted escribió parte de "
                          "ella. Pídaselo a otra persona que pueda aprobar "
                          "alertas."),
                       NULL, NULL, NULL);
    if (read != record.clock)
        return say_changed(err);
    fields = step_to(task, "approved");
    value_put_str(fields, task->arena, "approved_by", task->actor.id);
    put_now(task, fields, "approved");
    change_init(&change, task);
    add_step(&change, &record, OP_UPDATE, fields);
    return change_commit(&change, &repeated, err);
}

/* --- publishing ----------------------------------------------------------- */

/* The document, its signature, and what lists and indicators need. */
static void put_document(struct task *task, const struct value *cap,
                         struct value *fields, struct str *document,
                         struct str *note)
{
    *document = cap_write(cap, task->arena);
    *note = alert_note(task, cap, *document);
    value_put_str(fields, task->arena, "identifier",
                  value_text_of(cap, "identifier"));
    value_put_str(fields, task->arena, "sender", value_text_of(cap, "sender"));
    value_put_str(fields, task->arena, "sent", value_text_of(cap, "sent"));
    value_put_str(fields, task->arena, "document", *document);
    if (note->size)
        value_put_str(fields, task->arena, "signature", *note);
    value_put_str(fields, task->arena, "published_by", task->actor.id);
    value_put_str(fields, task->arena, "published_on",
                  date_text(task->arena, date_from_day(task_day(task))));
}

/* The alert that this one takes the place of is over, in the same change. */
static enum error end_old(struct change *change, struct str id,
                          const char *stage, struct err *err)
{
    struct task *task = change->task;
    struct record old;
    enum error error;

    if (!id.size)
        return ERROR_NONE;
    error = alert_read(task, id, &old, err);
    if (error)
        return error;
    if (!alert_can(stage_of(&old), ALERT_UPDATE))
        return ERROR_NONE; /* it ended meanwhile */
    add_step(change, &old, OP_UPDATE, step_to(task, stage));
    public_alert_put(change, id, NULL, str_of(stage), STR(""), STR(""),
                     STR(""));
    return ERROR_NONE;
}

enum error alert_publish(struct task *task, struct str id, struct err *err)
{
    const struct value *cap = NULL;
    struct record record;
    struct value *fields;
    struct change change;
    struct str document, note;
    bool repeated;

    if (need(task, RIGHT_ALERT_WRITE, err) ||
        open_at(task, id, ALERT_PUBLISH, &record, err) ||
        make_good(task, &record, &cap, err))
        return err->code;
    fields = step_to(task, "published");
    put_document(task, cap, fields, &document, &note);
    value_put_str(
        fields, task->arena, "minutes",
        str_format(task->arena, "%lld",
                   (long long)((task->now - record.created + 30000) / 60000)));
    change_init(&change, task);
    add_step(&change, &record, OP_UPDATE, fields);
    public_alert_put(&change, id, cap, STR("valid"), STR(""), document, note);
    if (end_old(&change, value_text_of(record.answers, "replaces"), "replaced",
                err))
        return err->code;
    alert_send(&change, id, cap);
    return change_commit(&change, &repeated, err);
}

/* --- what comes after ----------------------------------------------------- */

static struct str reference_to(struct task *task, const struct record *record)
{
    return str_format(task->arena, "%.*s,%.*s,%.*s",
                      STR_ARGS(value_text_of(record->answers, "sender")),
                      STR_ARGS(value_text_of(record->answers, "identifier")),
                      STR_ARGS(value_text_of(record->answers, "sent")));
}

static enum error own_only(const struct record *record, struct err *err)
{
    if (!value_text_of(record->answers, "origin").size)
        return ERROR_NONE;
    return err_set(err, ERROR_BLOCKED,
                   N_("Esta alerta es de otra institución: solo ella la "
                      "cambia o la cancela."),
                   NULL, NULL, NULL);
}

/* The texts of an alert in a new record of that kind of message. */
static struct value *follow(struct task *task, const struct record *record,
                            const char *type)
{
    static const char *const fresh[] = {
        "stage",        "identifier",  "sender",   "sent",
        "written_by",   "approved_by", "approved", "published_by",
        "published_on", "minutes",     "document", "signature",
        "_why"};
    struct value *fields = value_copy(record->answers, task->arena);

    for (size_t i = 0; i < sizeof fresh / sizeof fresh[0]; i++)
        value_remove(fields, str_of(fresh[i]));
    value_put_text(fields, task->arena, "msg_type", type);
    value_put_str(fields, task->arena, "references",
                  reference_to(task, record));
    value_put_str(fields, task->arena, "replaces", record->id);
    value_put_str(fields, task->arena, "written_by", task->actor.id);
    return fields;
}

enum error alert_update(struct task *task, struct str id, struct str *draft,
                        struct err *err)
{
    struct record record;
    struct value *fields;
    struct change change;
    bool repeated;

    if (need(task, RIGHT_ALERT_WRITE, err) ||
        open_at(task, id, ALERT_UPDATE, &record, err) || own_only(&record, err))
        return err->code;
    fields = follow(task, &record, "Update");
    value_put_text(fields, task->arena, "stage", "draft");
    *draft = host_uuid(task->office->host, task->arena);
    change_init(&change, task);
    change_add(&change, STR("alert"), *draft, OP_CREATE, fields, STR(""));
    return change_commit(&change, &repeated, err);
}

enum error alert_cancel(struct task *task, struct str id, struct str why,
                        struct str *cancel, struct err *err)
{
    const struct value *cap = NULL;
    struct cap_problems problems;
    struct record record;
    struct value *fields;
    struct change change;
    struct str document, note;
    bool repeated;

    why = str_trim(why);
    if (need(task, RIGHT_ALERT_APPROVE, err) ||
        open_at(task, id, ALERT_CANCEL, &record, err) || own_only(&record, err))
        return err->code;
    if (!why.size)
        return err_set(err, ERROR_INPUT, N_("Escriba el motivo."), NULL, NULL,
                       NULL);
    fields = follow(task, &record, "Cancel");
    *cancel = host_uuid(task->office->host, task->arena);
    value_put_str(fields, task->arena, "note", utf8_cut(why, 300));
    if (alert_make(task, *cancel, fields, &cap, &problems, err) ||
        cap_refuse(&problems, err))
        return err->code;
    value_put_text(fields, task->arena, "stage", "cancelled");
    value_put_str(fields, task->arena, "approved_by", task->actor.id);
    put_document(task, cap, fields, &document, &note);
    change_init(&change, task);
    change_add(&change, STR("alert"), *cancel, OP_CREATE, fields, STR(""));
    public_alert_put(&change, *cancel, cap, STR("cancelled"), STR(""), document,
                     note);
    if (end_old(&change, id, "cancelled", err))
        return err->code;
    alert_send(&change, *cancel, cap);
    return change_commit(&change, &repeated, err);
}

/* --- others' alerts that wait --------------------------------------------- */

static enum error show_reviewed(struct change *change,
                                const struct record *record,
                                struct value *fields, struct err *err)
{
    struct task *task = change->task;
    struct str document = value_text_of(record->answers, "document");
    struct str road = value_text_of(record->answers, "origin"), type;
    struct str first = STR("");
    const struct value *cap = NULL;
    struct cap_problems problems;
    bool cancel;

    if (cap_read((cap_xml)task->office->read_xml, task->arena, document, &cap,
                 &problems, err) ||
        cap_refuse(&problems, err))
        return err->code;
    type = value_text_of(cap, "msgType");
    cancel = str_equal_c(type, "Cancel");
    if (!cancel && alert_end(cap) <= task->now)
        return err_set(err, ERROR_BLOCKED,
                       N_("La alerta ya terminó: no hace falta mostrarla."),
                       NULL, NULL, NULL);
    if (cancel)
        value_put_text(fields, task->arena, "stage", "cancelled");
    add_step(change, record, OP_UPDATE, fields);
    public_alert_put(change, record->id, cap,
                     cancel ? STR("cancelled") : STR("valid"), road, document,
                     value_text_of(record->answers, "signature"));
    alert_send(change, record->id, cap);
    return cancel || str_equal_c(type, "Update")
               ? alert_end_referred(change, cap, road,
                                    cancel ? "cancelled" : "replaced", &first,
                                    err)
               : ERROR_NONE;
}

enum error alert_review(struct task *task, struct str id, bool show,
                        struct err *err)
{
    struct record record;
    struct value *fields;
    struct change change;
    bool repeated;

    if (need(task, RIGHT_ALERT_APPROVE, err) ||
        open_at(task, id, show ? ALERT_SHOW : ALERT_REFUSE, &record, err))
        return err->code;
    fields = step_to(task, show ? "published" : "refused");
    value_put_str(fields, task->arena, "approved_by", task->actor.id);
    put_now(task, fields, "approved");
    change_init(&change, task);
    if (!show)
        add_step(&change, &record, OP_UPDATE, fields);
    else if (show_reviewed(&change, &record, fields, err))
        return err->code;
    return change_commit(&change, &repeated, err);
}

/* --- the end -------------------------------------------------------------- */

static enum error expire(struct task *task, struct str id, struct err *err)
{
    struct change change;
    struct record record;
    bool repeated;
    enum error error = alert_read(task, id, &record, err);

    change_init(&change, task);
    if (!error && alert_can(stage_of(&record), ALERT_UPDATE))
        add_step(&change, &record, OP_UPDATE, step_to(task, "expired"));
    else if (!error && alert_can(stage_of(&record), ALERT_SHOW))
        add_step(&change, &record, OP_UPDATE, step_to(task, "refused"));
    if (error && error != ERROR_NOT_FOUND)
        return error;
    err_clear(err);
    public_alert_put(&change, id, NULL, STR("expired"), STR(""), STR(""),
                     STR(""));
    return change_commit(&change, &repeated, err);
}

enum { TICK_MOST = 100 };

static enum error list_over(struct task *task, struct str *list, size_t *count,
                            struct err *err)
{
    struct rows rows;
    enum error error = db_query(
        task->db, &rows, err,
        "SELECT public_alert.id FROM public_alert"
        " WHERE public_alert.site = $1 AND public_alert.state = 'valid'"
        " AND public_alert.expires <= $2 ORDER BY public_alert.expires"
        " LIMIT $3",
        "tii", task->office->log.site, task->now, (int64_t)TICK_MOST);

    if (error)
        return error;
    while (*count < TICK_MOST && rows_next(&rows))
        list[(*count)++] = str_copy(task->arena, rows_text(&rows, 0));
    return rows_end(&rows);
}

/* Nobody has looked at it, and now nobody needs to. */
static enum error list_unseen(struct task *task, struct str *list,
                              size_t *count, struct err *err)
{
    struct db_value now = {.type = 'i', .i = task->now};
    struct record_filter filter = {.kind = STR("alert"),
                                   .where = "{stage} = 'review' AND"
                                            " {expires} <= $3",
                                   .value = &now,
                                   .value_count = 1,
                                   .order = "_id",
                                   .limit = TICK_MOST};
    struct record *record = NULL;
    size_t found = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &found, err);

    for (size_t i = 0; !error && i < found && *count < TICK_MOST; i++)
        list[(*count)++] = record[i].id;
    return error;
}

enum error alert_tick(struct task *task, size_t *changed, struct err *err)
{
    struct str list[TICK_MOST];
    size_t count = 0;
    enum error error = list_over(task, list, &count, err);

    *changed = 0;
    if (!error)
        error = list_unseen(task, list, &count, err);
    for (size_t i = 0; !error && i < count; i++) {
        error = expire(task, list[i], err);
        if (error == ERROR_CONFLICT) { /* somebody was first */
            err_clear(err);
            error = ERROR_NONE;
        } else if (!error) {
            ++*changed;
        }
    }
    return error;
}
