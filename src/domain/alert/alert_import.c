/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_import.c - somebody else's alert becomes a record, once: its id is made
 * of sender, identifier and instant, so the same alert by three roads is one
 * record, and our own that comes back is none. Its document is kept as it came.
 *
 * Only who sent an alert changes or cancels it, and only by the road it came:
 * a feed cannot call off what another one brought.
 */
#include "domain/alert/alert.h"

#include "core/date.h"
#include "domain/access/room.h"
#include "domain/alert/alert_send.h"
#include "domain/person/words.h"

struct importing {
    struct task *task;
    const struct alert_source *source;
    const struct value *cap;
    struct str document, note, id;
    int64_t sent;
};

static struct str id_of(struct task *task, struct str sender,
                        struct str identifier, int64_t sent)
{
    return task_uuid(task,
                     str_format(task->arena, "alert\n%.*s\n%.*s",
                                STR_ARGS(sender), STR_ARGS(identifier)),
                     instant_text(task->arena, sent));
}

static bool one_of(struct str text, const char *words)
{
    return words_have(str_of(words), text);
}

static int64_t end_of(const struct importing *in)
{
    const struct value *infos = value_get(in->cap, "info");
    int64_t end = value_count(infos) ? 0 : in->sent, at;

    for (size_t i = 0; i < value_count(infos); i++) {
        at = in->sent + (int64_t)ALERT_KEPT_DAYS * 86400000;
        cap_time_parse(value_text_of(value_at(infos, i), "expires"), &at);
        if (at > end)
            end = at;
    }
    return end;
}

/* A message that this one changes or calls off, brought by the same road. */
static enum error end_referred(struct importing *in, struct change *change,
                               const struct cap_reference *reference,
                               const char *stage, struct err *err)
{
    struct task *task = in->task;
    struct value *fields = value_object(task->arena);
    struct record old;
    int64_t sent = 0;
    struct str id;
    enum error error;

    if (!str_equal(reference->sender, value_text_of(in->cap, "sender")) ||
        !cap_time_parse(reference->sent, &sent))
        return ERROR_NONE;
    id = id_of(task, reference->sender, reference->identifier, sent);
    error = alert_read(task, id, &old, err);
    if (error == ERROR_NOT_FOUND) {
        err_clear(err);
        return ERROR_NONE;
    }
    if (error)
        return error;
    if (!one_of(value_text_of(old.answers, "stage"), "published review") ||
        !str_equal(value_text_of(old.answers, "origin"), in->source->label))
        return ERROR_NONE;
    value_put_text(fields, task->arena, "stage", stage);
    change_add(change, STR("alert"), id, OP_UPDATE, fields, STR(""));
    public_alert_put(change, id, NULL, str_of(stage), STR(""), STR(""),
                     STR(""));
    return ERROR_NONE;
}

static enum error end_all_referred(struct importing *in, struct change *change,
                                   const char *stage, struct err *err)
{
    struct str rest = value_text_of(in->cap, "references");
    struct cap_reference reference;
    size_t count = 0;
    bool whole;

    while (count++ < 50 && cap_reference_next(&rest, &reference, &whole))
        if (whole && end_referred(in, change, &reference, stage, err))
            return err->code;
    return ERROR_NONE;
}

/* Was it changed or called off by a message that came before it did? */
static enum error is_ended(struct importing *in, bool *ended, struct err *err)
{
    struct str self = value_text_of(in->cap, "identifier");
    struct rows rows;
    enum error error =
        db_query(in->task->db, &rows, err,
                 "SELECT public_alert.refs FROM public_alert"
                 " WHERE public_alert.site = $1 AND public_alert.sender = $2"
                 " AND public_alert.origin = $3 AND public_alert.sent_at >= $4"
                 " AND public_alert.refs <> '' LIMIT 200",
                 "ttti", office_home(in->task->office),
                 value_text_of(in->cap, "sender"), in->source->label, in->sent);

    *ended = false;
    if (error)
        return error;
    while (rows_next(&rows)) {
        struct str rest = str_copy(in->task->arena, rows_text(&rows, 0));
        struct cap_reference reference;
        bool whole;

        while (cap_reference_next(&rest, &reference, &whole))
            *ended = *ended || (whole && str_equal(reference.identifier, self));
    }
    return rows_end(&rows);
}

static void copy(struct importing *in, struct value *out, const char *to,
                 const struct value *from, const char *name)
{
    struct str text = value_text_of(from, name);

    if (text.size)
        value_put_str(out, in->task->arena, to, text);
}

/* What lists, indicators and rules of the house look at. */
static struct value *fields_of(struct importing *in, const char *stage)
{
    struct arena *arena = in->task->arena;
    struct value *out = value_object(arena);
    const struct value *info = cap_info(in->cap, STR("es"));
    struct str headline = value_text_of(info, "headline");
    int64_t expires = 0;

    copy(in, out, "status", in->cap, "status");
    copy(in, out, "msg_type", in->cap, "msgType");
    copy(in, out, "identifier", in->cap, "identifier");
    copy(in, out, "sender", in->cap, "sender");
    copy(in, out, "sent", in->cap, "sent");
    copy(in, out, "references", in->cap, "references");
    copy(in, out, "severity", info, "severity");
    copy(in, out, "urgency", info, "urgency");
    copy(in, out, "certainty", info, "certainty");
    if (cap_time_parse(value_text_of(info, "expires"), &expires))
        value_put_str(out, arena, "expires", instant_text(arena, expires));
    value_put_str(out, arena, "title",
                  headline.size ? headline : value_text_of(info, "event"));
    value_put_str(out, arena, "areas", alert_areas(in->task, in->cap));
    value_put_str(out, arena, "origin", in->source->label);
    value_put_text(out, arena, "stage", stage);
    value_put_str(out, arena, "document", in->document);
    if (in->note.size)
        value_put_str(out, arena, "signature", in->note);
    return out;
}

static enum error add(struct importing *in, struct err *err)
{
    struct task *task = in->task;
    struct str type = value_text_of(in->cap, "msgType");
    bool cancel = str_equal_c(type, "Cancel"), repeated, ended = false;
    const char *stage = cancel              ? "cancelled"
                        : in->source->shown ? "published"
                                            : "review";
    struct change change;

    if (!cancel && is_ended(in, &ended, err))
        return err->code;
    if (ended)
        stage = "replaced";
    change_init(&change, task);
    change_add(&change, STR("alert"), in->id, OP_CREATE, fields_of(in, stage),
               STR(""));
    if (!str_equal_c(type, "Alert") &&
        end_all_referred(in, &change, cancel ? "cancelled" : "replaced", err))
        return err->code;
    if (cancel || ended || in->source->shown)
        public_alert_put(&change, in->id, in->cap,
                         cancel  ? STR("cancelled")
                         : ended ? STR("replaced")
                                 : STR("valid"),
                         in->source->label, in->document, in->note);
    if (!ended && in->source->shown)
        alert_send(&change, in->id, in->cap);
    return change_commit(&change, &repeated, err);
}

/* Whom is it for, and is it still for anybody? */
static enum alert_taken judge(const struct importing *in)
{
    if (str_equal(value_text_of(in->cap, "sender"),
                  office_home(in->task->office)))
        return ALERT_OURS;
    if (!one_of(value_text_of(in->cap, "status"), "Actual Exercise") ||
        !one_of(value_text_of(in->cap, "msgType"), "Alert Update Cancel") ||
        !str_equal_c(value_text_of(in->cap, "scope"), "Public"))
        return ALERT_NOT_FOR;
    if (!str_equal_c(value_text_of(in->cap, "msgType"), "Cancel") &&
        end_of(in) <= in->task->now)
        return ALERT_OVER;
    return ALERT_NEW;
}

enum error alert_import(struct task *task, struct str document,
                        const struct alert_source *source,
                        enum alert_taken *taken, struct str *id,
                        struct cap_problems *problems, struct err *err)
{
    struct importing in = {
        .task = task, .source = source, .note = source->note};
    bool known = false;
    enum error error = cap_read((cap_xml)task->office->read_xml, task->arena,
                                document, &in.cap, problems, err);

    if (!error)
        error = cap_refuse(problems, err);
    if (error)
        return error;
    cap_time_parse(value_text_of(in.cap, "sent"), &in.sent);
    if (in.sent > task->now + 86400000)
        return err_set(err, ERROR_INPUT,
                       N_("La alerta dice que se enviará en el futuro: revise "
                          "la hora de envío."),
                       NULL, NULL, NULL);
    in.document = str_trim(document);
    in.id = id_of(task, value_text_of(in.cap, "sender"),
                  value_text_of(in.cap, "identifier"), in.sent);
    *id = in.id;
    *taken = judge(&in);
    if (*taken != ALERT_NEW)
        return ERROR_NONE;
    error = record_known(task, NULL, STR("alert"), in.id, &known, err);
    if (error)
        return error;
    if (known) {
        *taken = ALERT_KNOWN;
        return ERROR_NONE;
    }
    return add(&in, err);
}
