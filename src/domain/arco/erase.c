/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* erase.c - cancellation in one transaction, and its proof. erase_find.c says
 * where she stands, residue.c what stays to be counted.
 */
#include "core/date.h"
#include "core/keeper.h"
#include "domain/arco/erase_private.h"
#include "domain/arco/notice.h"
#include "domain/openrosa/openrosa.h"

/* Receivers who were told of her hear that she asked to be erased; they
 * acknowledge by the link they had, or somebody notes it. */
static void add_notice(struct erasing *erasing, const struct record *referral)
{
    struct task *task = erasing->task;
    struct arena *arena = task->arena;
    struct value *body = value_object(arena);
    const struct value *answers = referral->answers;
    static const char *const taken[] = {"to_place", "to_name", "reply_code",
                                        "link_hash"};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (value_text_of(answers, taken[i]).size)
            value_put_str(body, arena, taken[i],
                          value_text_of(answers, taken[i]));
    value_put_str(body, arena, "sent_on",
                  str_slice(value_text_of(answers, "sent_at"), 0, 10));
    value_put_str(body, arena, "state", STR("open"));
    value_put_str(body, arena, "asked_at", instant_text(arena, task->now));
    value_put_str(body, arena, "erasure", erasing->erasure);
    change_add(erasing->change, STR("erase_notice"),
               host_uuid(task->office->host, arena), OP_CREATE, body, STR(""));
    erasing->notices++;
}

static bool left_the_house(const struct record *record)
{
    return str_equal_c(record->kind, "referral") &&
           value_text_of(record->answers, "sent_at").size > 0;
}

static enum error erase_items(struct erasing *erasing, bool persons,
                              struct err *err)
{
    struct task *task = erasing->task;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < erasing->items && !error; i++) {
        const struct erase_item *item = &erasing->item[i];
        bool is_person = str_equal_c(item->kind, "person");
        struct record record;
        struct value *kept;

        if (is_person != persons)
            continue;
        error = record_read(&task->office->log, task->db, item->kind, item->id,
                            task->arena, &record, err);
        if (error)
            return error;
        kept = residue_of(&erasing->residue, &record);
        if (is_person && kept)
            residue_age(&erasing->residue, record.answers, kept);
        if (left_the_house(&record))
            add_notice(erasing, &record);
        change_add(erasing->change, item->kind, item->id, OP_ERASE, kept,
                   item->subject);
    }
    return error;
}

/* What stands beside the log: who sent what from which telephone. */
static enum error drop_rows(struct db *db, void *context, struct err *err)
{
    const struct erasing *erasing = context;
    struct str site = erasing->task->office->log.site;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < erasing->items && !error; i++)
        error = db_run(db, NULL, err,
                       "DELETE FROM submission WHERE site = $1 AND record = $2",
                       "tt", site, erasing->item[i].id);
    for (size_t i = 0; i < erasing->items && !error; i++)
        error = db_run(db, NULL, err,
                       "DELETE FROM grant_out WHERE site = $1 AND referral = "
                       "$2",
                       "tt", site, erasing->item[i].id);
    for (size_t i = 0; i < erasing->items && !error; i++)
        error = db_run(db, NULL, err,
                       "DELETE FROM grant_heard WHERE site = $1 AND referral = "
                       "$2",
                       "tt", site, erasing->item[i].id);
    return error;
}

/* The keys' ledger: a backup of before, when it is restored, is without her.
 * If it cannot be written down, nothing is erased. */
static enum error note_for_backups(struct db *db, void *context,
                                   struct err *err)
{
    const struct erasing *erasing = context;
    enum error error = ERROR_NONE;

    (void)db;
    for (size_t i = 0; i < erasing->files && !error; i++)
        error = keys_erased_add(erasing->task->office->keeper, erasing->file[i],
                                err);
    return error;
}

static void add_proof(struct erasing *erasing, const struct erase_order *order)
{
    struct task *task = erasing->task;
    struct arena *arena = task->arena;
    struct value *body = value_object(arena);
    struct buf files;

    buf_init(&files, arena);
    for (size_t i = 0; i < erasing->files; i++)
        buf_printf(&files, "%s%.*s", i ? " " : "", STR_ARGS(erasing->file[i]));
    value_put_str(body, arena, "folio", order->folio);
    value_put_str(body, arena, "cause", order->cause);
    value_put_str(body, arena, "request", order->request);
    value_put_str(body, arena, "files", buf_str(&files));
    value_put_str(body, arena, "made_at", instant_text(arena, task->now));
    value_put_str(body, arena, "done_by", task->actor.id);
    value_put_str(body, arena, "approved_by", order->approver);
    value_put_int(body, arena, "records",
                  (int64_t)(erasing->items + erasing->groups));
    value_put_int(body, arena, "notices", (int64_t)erasing->notices);
    change_add(erasing->change, STR("erasure"), erasing->erasure, OP_CREATE,
               body, STR(""));
}

enum error erase_person(struct task *task, const struct erase_order *order,
                        struct str *erasure, struct err *err)
{
    struct change change;
    struct erasing erasing = {.task = task,
                              .change = &change,
                              .person = order->person,
                              .residue = {.task = task},
                              .erasure =
                                  host_uuid(task->office->host, task->arena)};
    const char *waits = NULL;
    size_t swept = 0;
    enum error error = erasing_find(&erasing, err);

    change_init(&change, task);
    if (!error)
        error = erasing_waits(&erasing, &waits, err);
    if (!error && waits)
        error = err_set(err, ERROR_CONFLICT, waits, NULL, NULL, NULL);
    if (!error)
        error = erase_items(&erasing, false, err);
    if (!error) /* last: her age depends on the months of the others */
        error = erase_items(&erasing, true, err);
    if (!error)
        error = erasing_groups(&erasing, err);
    if (error)
        return error;
    add_proof(&erasing, order);
    change_also(&change, drop_rows, &erasing);
    change_then(&change, note_for_backups, &erasing);
    error = change_commit(&change, NULL, err);
    if (!error) /* bytes of photos; the tick would do it within a minute */
        error = attachments_sweep(task, &swept, err);
    *erasure = erasing.erasure;
    return error;
}

/* -- before ---------------------------------------------------------------- */

static void count_kinds(const struct erasing *erasing, struct value *list)
{
    struct task *task = erasing->task;
    struct arena *arena = task->arena;
    struct value *item = NULL;
    struct str kind = STR("");
    int64_t count = 0;

    for (size_t i = 0; i < erasing->items; i++) {
        const struct form *form;

        if (!str_equal(erasing->item[i].kind, kind)) {
            kind = erasing->item[i].kind;
            form = forms_find(task->office->forms, kind, STR_NULL);
            item = value_object(arena);
            value_put_str(item, arena, "kind", kind);
            value_put_str(item, arena, "label",
                          form ? texts_in(form, form->title, task->language)
                               : kind);
            value_add(list, arena, item);
            count = 0;
        }
        value_put_int(item, arena, "count", ++count);
    }
}

static enum error put_receivers(const struct erasing *erasing,
                                struct value *list, struct err *err)
{
    struct task *task = erasing->task;
    struct arena *arena = task->arena;
    enum error error = ERROR_NONE;

    for (size_t i = 0; i < erasing->items && !error; i++) {
        struct value *item;
        struct record record;

        if (!str_equal_c(erasing->item[i].kind, "referral"))
            continue;
        error = record_read(&task->office->log, task->db, STR("referral"),
                            erasing->item[i].id, arena, &record, err);
        if (error || !left_the_house(&record))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "place",
                      value_text_of(record.answers, "to_place"));
        value_put_str(item, arena, "name", receiver_name(task, record.answers));
        value_put_str(
            item, arena, "on",
            str_slice(value_text_of(record.answers, "sent_at"), 0, 10));
        value_add(list, arena, item);
    }
    return error;
}

enum error erase_look(struct task *task, struct str person, struct value **view,
                      struct err *err)
{
    struct erasing erasing = {.task = task, .person = person};
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *kinds = value_list(arena),
                 *receivers = value_list(arena);
    const char *waits = NULL;
    enum error error = erasing_find(&erasing, err);

    if (!error)
        error = erasing_waits(&erasing, &waits, err);
    if (!error)
        error = put_receivers(&erasing, receivers, err);
    if (error)
        return error;
    count_kinds(&erasing, kinds);
    value_put_str(out, arena, "person", erasing.person);
    value_put_int(out, arena, "files", (int64_t)erasing.files);
    value_put_int(out, arena, "count", (int64_t)erasing.items);
    value_put_int(out, arena, "groups", (int64_t)erasing.groups);
    value_put(out, arena, "records", kinds);
    value_put(out, arena, "receivers", receivers);
    value_put_str(out, arena, "waits",
                  waits ? translate(task->translator, str_of(waits)) : STR(""));
    *view = out;
    return ERROR_NONE;
}
