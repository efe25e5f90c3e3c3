/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* today.c - what needs someone now, most urgent first.
 *
 * Every list is a bounded read of one projection in the order in which it is
 * shown; names are read only for the rows that appear.
 */
#include "domain/casework/today.h"

#include "core/date.h"
#include "domain/access/decide.h"
#include "domain/person/age.h"
#include "domain/person/merge.h"
#include "domain/referral/referral_private.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

enum { SHOWN = 50, REPLY_DIGITS = 6 };

struct reading {
    struct task *task;
    struct err *err;
};

static const char *const waiting_states =
    "('ENVIADA','RECIBIDA','ACEPTADA','AGENDADA','ATENDIDA',"
    "'SIN_RESPUESTA','VENCIDA')";

/* -- pieces of an item ----------------------------------------------------- */

static struct str display_name(struct task *task, const struct value *person)
{
    static const char *const keys[] = {"given_names", "first_surname",
                                       "second_surname"};
    struct str alias = value_text_of(person, "alias");
    struct buf out;

    if (alias.size)
        return alias;
    buf_init(&out, task->arena);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct str text = value_text_of(person, keys[i]);

        if (text.size && out.size)
            buf_putc(&out, ' ');
        buf_put(&out, text);
    }
    return out.size ? buf_str(&out) : value_text_of(person, "case_code");
}

static struct value *person_part(struct reading *reading, struct str id)
{
    struct task *task = reading->task;
    struct value *part = value_object(task->arena);
    struct record person;
    struct err ignored = {0};
    int age = -1;

    value_put_str(part, task->arena, "id", id);
    value_put_str(part, task->arena, "href",
                  str_format(task->arena, "/person/%.*s", STR_ARGS(id)));
    if (!id.size || record_read(&task->office->log, task->db, STR("person"), id,
                                task->arena, &person, &ignored) != ERROR_NONE) {
        value_put_str(part, task->arena, "name", STR(""));
        value_put_bool(part, task->arena, "has_age", false);
        value_put_str(part, task->arena, "age", STR(""));
        return part;
    }
    age = age_on_day(person.answers, task_day(task), true);
    value_put_str(part, task->arena, "name",
                  display_name(task, person.answers));
    value_put_bool(part, task->arena, "has_age", age >= 0);
    value_put_str(part, task->arena, "age",
                  age >= 0 ? str_format(task->arena, "%d", age) : STR(""));
    return part;
}

static void put_due(struct task *task, struct value *item, struct str due)
{
    int64_t instant, left;
    bool known = instant_parse(due, &instant);

    value_put_str(item, task->arena, "due", due);
    value_put_bool(item, task->arena, "has_due", known);
    left = known ? (instant - task->now) / 60000 : 0;
    value_put_bool(item, task->arena, "late", known && left < 0);
    value_put_int(item, task->arena, "left", left < 0 ? -left : left);
}

static void put_urgency(struct task *task, struct value *item,
                        struct str urgency)
{
    if (!urgency.size)
        urgency = STR("U3");
    value_put_str(item, task->arena, "urgency", urgency);
    value_put_str(item, task->arena, "urgency_label",
                  catalog_name(task->office->catalog, "urgency", urgency,
                               task->language));
}

static struct value *item_of(struct reading *reading,
                             const struct record *record, const char *path)
{
    struct task *task = reading->task;
    struct value *item = value_object(task->arena);

    value_put_str(item, task->arena, "id", record->id);
    value_put_str(
        item, task->arena, "href",
        str_format(task->arena, "%s%.*s", path, STR_ARGS(record->id)));
    value_put(item, task->arena, "person",
              person_part(reading, value_text_of(record->answers, "person")));
    return item;
}

/* -- the lists ------------------------------------------------------------- */

static struct value *flag_item(struct reading *reading,
                               const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = item_of(reading, record, "/flag/");
    struct str code = value_text_of(record->answers, "code");
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "flag");
    size_t row = table ? catalog_find(table, code) : SIZE_MAX;

    value_put_str(item, task->arena, "code", code);
    value_put_str(
        item, task->arena, "label",
        catalog_name(task->office->catalog, "flag", code, task->language));
    value_put_str(item, task->arena, "action",
                  row == SIZE_MAX
                      ? STR("")
                      : catalog_label(table, row, "action", task->language));
    put_urgency(task, item, value_text_of(record->answers, "urgency"));
    put_due(task, item, value_text_of(record->answers, "due_at"));
    return item;
}

static struct value *referral_item(struct reading *reading,
                                   const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = item_of(reading, record, "/referral/");
    const struct form *form =
        forms_find(task->office->forms, STR("referral"), STR_NULL);
    const struct question *state = form_find(form, STR("state"));
    struct str to = value_text_of(record->answers, "to_name");

    if (!to.size) {
        struct record place;
        struct err ignored = {0};

        if (record_read(&task->office->log, task->db, STR("place"),
                        value_text_of(record->answers, "to_place"), task->arena,
                        &place, &ignored) == ERROR_NONE)
            to = value_text_of(place.answers, "name");
    }
    value_put_str(item, task->arena, "to", to);
    value_put_str(item, task->arena, "service",
                  catalog_name(task->office->catalog, "service",
                               value_text_of(record->answers, "service_code"),
                               task->language));
    value_put_str(item, task->arena, "state",
                  value_text_of(record->answers, "state"));
    value_put_str(item, task->arena, "state_label",
                  answer_display(form, state,
                                 value_get(record->answers, "state"),
                                 task->language, task->arena));
    value_put_bool(item, task->arena, "asked",
                   value_text_of(record->answers, "question").size > 0 &&
                       !value_text_of(record->answers, "answer").size);
    put_urgency(task, item, value_text_of(record->answers, "urgency"));
    put_due(task, item, value_text_of(record->answers, "due_next"));
    return item;
}

static struct value *followup_item(struct reading *reading,
                                   const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = item_of(reading, record, "/record/followup/");
    struct str next = value_text_of(record->answers, "next_date");
    struct date date;

    value_put_str(item, task->arena, "date", next);
    value_put_bool(item, task->arena, "late",
                   date_parse_whole(next, &date) &&
                       date_to_day(date) < task_day(task));
    value_put_bool(
        item, task->arena, "not_reached",
        str_equal_c(value_text_of(record->answers, "contacted"), "no"));
    value_put_bool(
        item, task->arena, "no_contact",
        value_text_of(record->answers, "missed_in_row").size &&
            !str_equal_c(value_text_of(record->answers, "missed_in_row"), "1"));
    return item;
}

static struct value *review_item(struct reading *reading,
                                 const struct record *record)
{
    struct task *task = reading->task;
    struct str code = value_text_of(record->answers, "code");
    struct value *item;

    if (!profile_visible(task, code))
        return NULL;
    item = item_of(reading, record, "/review/");
    value_put_str(item, task->arena, "code", code);
    value_put_str(
        item, task->arena, "label",
        catalog_name(task->office->catalog, "profile", code, task->language));
    return item;
}

static struct value *arrival_item(struct reading *reading,
                                  const struct record *record)
{
    struct value *item = item_of(reading, record, "/record/arrival/");

    value_put_str(item, reading->task->arena, "date",
                  value_text_of(record->answers, "arrived_on"));
    return item;
}

static struct value *casefile_item(struct reading *reading,
                                   const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = item_of(reading, record, "/record/casefile/");
    struct record user;
    struct err ignored = {0};
    struct str manager = STR("");
    struct str next = value_text_of(record->answers, "next_review");
    struct date date;

    if (record_read(&task->office->log, task->db, STR("user"),
                    value_text_of(record->answers, "manager"), task->arena,
                    &user, &ignored) == ERROR_NONE)
        manager = value_text_of(user.answers, "display_name");
    value_put_str(item, task->arena, "opened",
                  value_text_of(record->answers, "opened"));
    value_put_str(item, task->arena, "date", next);
    value_put_bool(item, task->arena, "late",
                   date_parse_whole(next, &date) &&
                       date_to_day(date) < task_day(task));
    value_put_str(item, task->arena, "no_contact_since",
                  value_text_of(record->answers, "no_contact_since"));
    value_put_str(item, task->arena, "manager", manager);
    value_put_int(item, task->arena, "base", record->clock);
    put_urgency(task, item, value_text_of(record->answers, "risk"));
    return item;
}

typedef struct value *(*item_maker)(struct reading *reading,
                                    const struct record *record);

static enum error read_list(struct reading *reading,
                            const struct record_filter *filter, item_maker make,
                            struct value *today, const char *name)
{
    struct task *task = reading->task;
    struct value *list = value_list(task->arena);
    const struct role *own = task->actor.role, **open = NULL;
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        decide_list(task, filter, false, &record, &open, &count, reading->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *item;

        task->actor.role = open[i]; /* what is open of this file */
        item = make(reading, &record[i]);
        task->actor.role = own;
        if (item)
            value_add(list, task->arena, item);
    }
    value_put(today, task->arena, name, list);
    value_put_bool(today, task->arena,
                   str_c(task->arena, str_format(task->arena, "has_%s", name)),
                   value_count(list) > 0);
    return ERROR_NONE;
}

static const char *referral_where(struct arena *arena)
{
    return str_c(arena, str_format(arena, "{state} IN %s", waiting_states));
}

/* The next date stands until a later follow-up of the same person replaces
 * it: the newest one per person counts. */
static const char followup_where[] =
    "{next_date} <= $3 AND NOT EXISTS (SELECT 1 FROM {followup} AS later"
    " WHERE later._site = {followup}._site"
    " AND later._subject = {followup}._subject"
    " AND later._clock > {followup}._clock)";

/* Open files whose day has come, unless a follow-up of that day already asks
 * for the same look. */
static const char file_where[] =
    "{status} IN ('abierto','reabierto') AND {next_review} <= $3"
    " AND NOT EXISTS (SELECT 1 FROM {followup} AS seen"
    " WHERE seen._site = {casefile}._site"
    " AND seen._subject = {casefile}._subject"
    " AND seen.{followup.next_date} = {casefile}.{next_review})";

enum error today_read(struct task *task, struct value **today, struct err *err)
{
    struct reading reading = {task, err};
    struct value *out = value_object(task->arena);
    struct str day = date_text(task->arena, date_from_day(task_day(task)));
    struct db_value day_value = {.type = 't', .t = day};
    struct record_filter flags = {.kind = STR("flag"),
                                  .where = "{state} = 'open'",
                                  .order = "{urgency}, {due_at}, _id",
                                  .limit = SHOWN};
    struct record_filter referrals = {.kind = STR("referral"),
                                      .where = referral_where(task->arena),
                                      .order = "{due_next}, _id",
                                      .limit = SHOWN};
    struct record_filter followups = {.kind = STR("followup"),
                                      .where = followup_where,
                                      .value = &day_value,
                                      .value_count = 1,
                                      .order = "{next_date}, _id",
                                      .limit = SHOWN};
    struct record_filter files = {.kind = STR("casefile"),
                                  .where = file_where,
                                  .value = &day_value,
                                  .value_count = 1,
                                  .order = "{next_review}, _id",
                                  .limit = SHOWN};
    struct record_filter reviews = {.kind = STR("profile"),
                                    .where = "{waits_for_supervisor} = 'yes'",
                                    .order = "_clock, _id",
                                    .limit = SHOWN};
    struct record_filter arrivals = {.kind = STR("arrival"),
                                     .where = "{arrived_on} = $3",
                                     .value = &day_value,
                                     .value_count = 1,
                                     /* as they came, and as in the index */
                                     .order = "_id DESC",
                                     .limit = SHOWN};
    enum error error;

    if ((error = read_list(&reading, &flags, flag_item, out, "flags")) ||
        (error = read_list(&reading, &referrals, referral_item, out,
                           "referrals")) ||
        (error = read_list(&reading, &followups, followup_item, out,
                           "followups")) ||
        (error = read_list(&reading, &files, casefile_item, out, "files")) ||
        (error = read_list(&reading, &reviews, review_item, out, "reviews")) ||
        (error = read_list(&reading, &arrivals, arrival_item, out, "arrivals")))
        return error;
    value_put_str(out, task->arena, "date", day);
    *today = out;
    return ERROR_NONE;
}

/* -- one person ------------------------------------------------------------ */

static struct value *profile_item(struct reading *reading,
                                  const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = review_item(reading, record);
    const struct form *form =
        forms_find(task->office->forms, STR("profile"), STR_NULL);

    if (!item)
        return NULL;
    value_put_str(item, task->arena, "state",
                  value_text_of(record->answers, "state"));
    value_put_str(item, task->arena, "state_label",
                  answer_display(form, form_find(form, STR("state")),
                                 value_get(record->answers, "state"),
                                 task->language, task->arena));
    value_put_bool(
        item, task->arena, "waits",
        str_equal_c(value_text_of(record->answers, "waits_for_supervisor"),
                    "yes"));
    return item;
}

static struct value *need_item(struct reading *reading,
                               const struct record *record)
{
    struct task *task = reading->task;
    struct value *item = item_of(reading, record, "/record/need/");
    const struct form *form =
        forms_find(task->office->forms, STR("need"), STR_NULL);

    value_put_str(item, task->arena, "code",
                  value_text_of(record->answers, "sector"));
    value_put_str(item, task->arena, "label",
                  answer_display(form, form_find(form, STR("sector")),
                                 value_get(record->answers, "sector"),
                                 task->language, task->arena));
    return item;
}

enum error person_open_items(struct task *task, struct str person,
                             struct value **items, struct err *err)
{
    struct reading reading = {task, err};
    struct value *out = value_object(task->arena);
    struct record_filter flags = {.kind = STR("flag"),
                                  .where = "{state} = 'open'",
                                  .order = "{urgency}, {due_at}, _id"};
    struct record_filter profiles = {.kind = STR("profile"),
                                     .where = "{state} <> 'ruled_out'"};
    struct record_filter needs = {.kind = STR("need"),
                                  .where = "({met} IS NULL OR {met} <> 'si')"};
    struct record_filter referrals = {.kind = STR("referral"),
                                      .where = "{state} NOT IN ('CERRADA',"
                                               "'CANCELADA','REDIRIGIDA')"};
    struct record_filter followups = {.kind = STR("followup"), .limit = 1};
    struct record_filter casefiles = {
        .kind = STR("casefile"), .where = "{status} <> 'cerrado'", .limit = 1};
    struct record_filter *const all[] = {&flags,     &profiles,  &needs,
                                         &referrals, &followups, &casefiles};
    struct str kept = person, *id = NULL;
    size_t ids = 0;
    enum error error = person_resolve(task, person, &kept, err);

    if (error == ERROR_NONE)
        error = person_ids(task, kept, &id, &ids, err);
    for (size_t i = 0; error == ERROR_NONE && i < sizeof all / sizeof *all; i++)
        error = person_narrow(task, id, ids, all[i], err);
    if (error != ERROR_NONE)
        return error;
    if ((error = read_list(&reading, &flags, flag_item, out, "flags")) ||
        (error =
             read_list(&reading, &profiles, profile_item, out, "profiles")) ||
        (error = read_list(&reading, &needs, need_item, out, "needs")) ||
        (error = read_list(&reading, &referrals, referral_item, out,
                           "referrals")) ||
        (error = read_list(&reading, &followups, followup_item, out,
                           "followups")) ||
        (error =
             read_list(&reading, &casefiles, casefile_item, out, "casefiles")))
        return error;
    *items = out;
    return ERROR_NONE;
}

/* -- the inbox ------------------------------------------------------------- */

static const char *inbox_group(const struct value *item)
{
    struct str state = value_text_of(item, "state");

    if (words_have(STR("BORRADOR CONSENTIDA"), state))
        return "drafts";
    if (value_to_bool(value_get(item, "asked"), false))
        return "ask";
    if (words_have(STR("RETROALIMENTADA RECHAZADA NO_ASISTIO"), state))
        return "answered";
    if (words_have(STR("SIN_RESPUESTA VENCIDA"), state) ||
        value_to_bool(value_get(item, "late"), false))
        return "overdue";
    return "waiting";
}

enum error inbox_read(struct task *task, struct value **inbox, struct err *err)
{
    static const char *const groups[] = {"ask", "overdue", "answered",
                                         "waiting", "drafts"};
    struct reading reading = {task, err};
    struct record_filter filter = {
        .kind = STR("referral"),
        .where = "{state} NOT IN ('CERRADA','CANCELADA','REDIRIGIDA')",
        .order = "{urgency}, {due_receive}, _id",
        .limit = 300};
    struct value *out = value_object(task->arena);
    struct record *record;
    size_t count;
    enum error error;

    error = decide_list(task, &filter, false, &record, NULL, &count, err);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        value_put(out, task->arena, groups[i], value_list(task->arena));
    for (size_t i = 0; i < count; i++) {
        struct value *item = referral_item(&reading, &record[i]);

        value_add(value_get_mutable(out, inbox_group(item)), task->arena, item);
    }
    value_put_int(out, task->arena, "count", (int64_t)count);
    *inbox = out;
    return ERROR_NONE;
}

/* Six digits, however they were written; empty when it is something else. */
static struct str reply_code(struct task *task, struct str typed)
{
    struct buf out;

    buf_init(&out, task->arena);
    for (size_t i = 0; i < typed.size; i++) {
        char c = typed.at[i];

        if (c >= '0' && c <= '9')
            buf_putc(&out, c);
        else if (c != ' ' && c != '-' && c != '.')
            return STR("");
    }
    return out.size == REPLY_DIGITS ? buf_str(&out) : STR("");
}

enum error referrals_by_code(struct task *task, struct str typed,
                             struct value **items, struct err *err)
{
    struct reading reading = {task, err};
    struct value *out = value_object(task->arena);
    struct db_value code = {.type = 't', .t = reply_code(task, typed)};
    struct record_filter filter = {.kind = STR("referral"),
                                   .where = "{reply_code} = $3",
                                   .value = &code,
                                   .value_count = 1,
                                   .limit = 10};
    enum error error = ERROR_NONE;

    value_put(out, task->arena, "found", value_list(task->arena));
    if (code.t.size)
        error = read_list(&reading, &filter, referral_item, out, "found");
    if (error == ERROR_NONE)
        *items = out;
    return error;
}
