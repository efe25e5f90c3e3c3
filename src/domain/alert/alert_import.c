/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_import.c - somebody else's alert becomes a record, once: its id is made
 * of sender, identifier and instant, so the same alert by three roads is one
 * record, and our own that comes back is none; by a road that nobody vouches
 * for it is another one. Its document is kept as it came.
 *
 * Only who sent an alert changes or cancels it, and only by the road it came:
 * a feed cannot call off what another one brought. What people let in, a feed
 * that is reviewed calls off when people have let the cancellation in.
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

/* road: empty for who is vouched for. What nobody vouches for stands apart: a
 * forged copy that comes first must not keep the true one out. */
static struct str id_of(struct task *task, struct str road, struct str sender,
                        struct str identifier, int64_t sent)
{
    struct arena *arena = task->arena;
    struct str name = str_format(arena, "alert\n%.*s\n%.*s", STR_ARGS(sender),
                                 STR_ARGS(identifier));

    if (road.size)
        name =
            str_format(arena, "%.*s\nby %.*s", STR_ARGS(name), STR_ARGS(road));
    return task_uuid(task, name, instant_text(arena, sent));
}

static bool one_of(struct str text, const char *words)
{
    return words_have(str_of(words), text);
}

/* --- what it changes or calls off ----------------------------------------- */

static enum error end_one(struct change *change, struct str id, struct str road,
                          const char *stage, bool *ended, struct err *err)
{
    struct task *task = change->task;
    struct value *fields = value_object(task->arena);
    struct record old;
    struct str stood;
    enum error error = alert_read(task, id, &old, err);

    if (error == ERROR_NOT_FOUND) {
        err_clear(err);
        return ERROR_NONE;
    }
    if (error)
        return error;
    stood = value_text_of(old.answers, "stage");
    if (!one_of(stood, "published review") ||
        !str_equal(value_text_of(old.answers, "origin"), road))
        return ERROR_NONE;
    *ended = true;
    if (!stage && str_equal_c(stood, "published"))
        return ERROR_NONE;
    /* what nobody has let in is not to come in by its end */
    value_put_text(fields, task->arena, "stage",
                   str_equal_c(stood, "review") ? "refused" : stage);
    change_add(change, STR("alert"), id, OP_UPDATE, fields, STR(""));
    if (stage)
        public_alert_put(change, id, NULL, str_of(stage), STR(""), STR(""),
                         STR(""));
    return ERROR_NONE;
}

enum error alert_end_referred(struct change *change, const struct value *cap,
                              struct str road, const char *stage,
                              struct str *first, struct err *err)
{
    struct task *task = change->task;
    struct str rest = value_text_of(cap, "references");
    const struct str roads[] = {STR(""), road};
    struct cap_reference reference;
    size_t count = 0;
    int64_t sent = 0;
    bool whole;

    while (count++ < 50 && cap_reference_next(&rest, &reference, &whole)) {
        if (!whole || !cap_time_parse(reference.sent, &sent) ||
            !str_equal(reference.sender, value_text_of(cap, "sender")))
            continue;
        for (size_t i = 0; i < sizeof roads / sizeof roads[0]; i++) {
            struct str id = id_of(task, roads[i], reference.sender,
                                  reference.identifier, sent);
            bool ended = false;

            if (end_one(change, id, road, stage, &ended, err))
                return err->code;
            if (ended && !first->size)
                *first = id;
        }
    }
    return ERROR_NONE;
}

static bool refers_to(const struct importing *in, const struct record *later)
{
    struct str rest = value_text_of(later->answers, "references");
    struct cap_reference reference;
    int64_t sent = 0;
    bool whole;

    if (!cap_time_parse(value_text_of(later->answers, "sent"), &sent) ||
        sent < in->sent)
        return false;
    while (cap_reference_next(&rest, &reference, &whole))
        if (whole && str_equal(reference.identifier,
                               value_text_of(in->cap, "identifier")))
            return true;
    return false;
}

/* Was it changed or called off by a message that came before it did? */
static enum error is_ended(const struct importing *in, bool *ended,
                           struct err *err)
{
    struct db_value value[] = {{.type = 't'}, {.type = 't'}};
    struct record_filter filter = {
        .kind = STR("alert"),
        .where = "{sender} = $3 AND {origin} = $4 AND {references} <> ''"
                 " AND {stage} <> 'refused'"
                 " AND ({msg_type} = 'Cancel' OR {stage} <> 'review')",
        .value = value,
        .value_count = 2,
        .order = "_created DESC, _id",
        .limit = 200};
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    value[0].t = value_text_of(in->cap, "sender");
    value[1].t = in->source->label;
    *ended = false;
    error = record_list(&in->task->office->log, in->task->db, &filter, false,
                        in->task->arena, &record, &count, err);
    for (size_t i = 0; !error && i < count && !*ended; i++)
        *ended = refers_to(in, &record[i]);
    return error;
}

/* --- the record ----------------------------------------------------------- */

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

    copy(in, out, "status", in->cap, "status");
    copy(in, out, "msg_type", in->cap, "msgType");
    copy(in, out, "identifier", in->cap, "identifier");
    copy(in, out, "sender", in->cap, "sender");
    copy(in, out, "sent", in->cap, "sent");
    copy(in, out, "references", in->cap, "references");
    copy(in, out, "severity", info, "severity");
    copy(in, out, "urgency", info, "urgency");
    copy(in, out, "certainty", info, "certainty");
    if (info)
        value_put_str(out, arena, "expires",
                      instant_text(arena, alert_end(in->cap)));
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

/* A cancellation waits for as long as what it calls off is valid, whatever end
 * it names itself. */
static enum error wait_with(struct importing *in, struct str called_off,
                            struct value *fields, struct err *err)
{
    struct record record;
    enum error error = called_off.size
                           ? alert_read(in->task, called_off, &record, err)
                           : ERROR_NOT_FOUND;

    if (!error)
        value_put_str(fields, in->task->arena, "expires",
                      value_text_of(record.answers, "expires"));
    return called_off.size ? error : ERROR_NONE;
}

static enum error add(struct importing *in, struct err *err)
{
    struct task *task = in->task;
    struct str type = value_text_of(in->cap, "msgType");
    bool cancel = str_equal_c(type, "Cancel"), shown = in->source->shown;
    bool repeated, ended = false;
    struct str first = STR("");
    const char *stage;
    struct value *fields;
    struct change change;

    if (!cancel && is_ended(in, &ended, err))
        return err->code;
    stage = !shown   ? (ended ? "refused" : "review")
            : cancel ? "cancelled"
            : ended  ? "replaced"
                     : "published";
    change_init(&change, task);
    /* nobody's warning goes because an update or a cancellation of it waits
     * for review; what itself waits is called off at once */
    if ((cancel || (shown && str_equal_c(type, "Update"))) &&
        alert_end_referred(&change, in->cap, in->source->label,
                           !shown   ? NULL
                           : cancel ? "cancelled"
                                    : "replaced",
                           &first, err))
        return err->code;
    fields = fields_of(in, stage);
    if (cancel && !shown && wait_with(in, first, fields, err))
        return err->code;
    if (first.size)
        value_put_str(fields, task->arena, "replaces", first);
    change_add(&change, STR("alert"), in->id, OP_CREATE, fields, STR(""));
    if (shown)
        public_alert_put(&change, in->id, in->cap,
                         cancel  ? STR("cancelled")
                         : ended ? STR("replaced")
                                 : STR("valid"),
                         in->source->label, in->document, in->note);
    if (!ended && shown)
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
        alert_end(in->cap) <= in->task->now)
        return ALERT_OVER;
    return ALERT_NEW;
}

static struct str id_by(const struct importing *in, struct str road)
{
    return id_of(in->task, road, value_text_of(in->cap, "sender"),
                 value_text_of(in->cap, "identifier"), in->sent);
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
    *id = in.id = id_by(&in, STR(""));
    *taken = judge(&in);
    if (*taken != ALERT_NEW)
        return ERROR_NONE;
    error = record_known(task, NULL, STR("alert"), in.id, &known, err);
    if (!error && !known && !source->shown) {
        *id = in.id = id_by(&in, source->label);
        error = record_known(task, NULL, STR("alert"), in.id, &known, err);
    }
    if (error)
        return error;
    if (known) {
        *taken = ALERT_KNOWN;
        return ERROR_NONE;
    }
    return add(&in, err);
}
