/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* spread.c - a published alert becomes a message for each who asked for it:
 * rows of kind alert_recipient (mail, text messages) and browsers. Done by the
 * thread of the outbox, so that publishing costs one row however many there
 * are; doing it twice adds nothing.
 */
#include "domain/access/room.h"

#include "core/utf8.h"
#include "domain/alert/alert.h"
#include "domain/delivery/delivery_private.h"
#include "domain/person/words.h"

enum { PAGE = 500, SMS_MAX = 300 };

struct spreading {
    struct task *task;
    const struct outbox_row *row;
    struct public_alert alert;
    struct str own;   /* codes of the alert */
    struct str areas; /* and all they lie in */
    size_t *count;
};

static int rank_of(struct str severity)
{
    static const char *const order[] = {"Extreme", "Severe", "Moderate",
                                        "Minor"};

    for (int i = 0; i < 4; i++)
        if (str_equal_c(severity, order[i]))
            return i;
    return 4;
}

/* The codes and what they lie in. */
static struct str with_above(struct task *task, struct str own)
{
    struct str rest = own, all = own, code;

    while (words_next(&rest, &code))
        for (int i = 0; i < 3; i++) {
            code = alert_area_above(task, code);
            if (!code.size)
                break;
            all = words_union(task->arena, all, code);
        }
    return all;
}

/* Does the wish for these places (none: all) meet the alert's? Something in
 * the place, the place, or all of what it lies in. */
static bool is_for(const struct spreading *s, struct str wish)
{
    struct str code;

    if (!str_trim(wish).size || words_have(s->own, STR("*")))
        return true;
    while (words_next(&wish, &code)) {
        if (words_have(s->areas, code))
            return true;
        for (int i = 0; i < 3 && code.size; i++) {
            code = alert_area_above(s->task, code);
            if (code.size && words_have(s->own, code))
                return true;
        }
    }
    return false;
}

/* --- texts ---------------------------------------------------------------- */

static struct str link_of(const struct spreading *s)
{
    struct str base = s->task->office->public_url;

    return base.size ? str_format(s->task->arena, "%.*s/alerts/%.*s",
                                  STR_ARGS(base), STR_ARGS(s->alert.id))
                     : STR("");
}

static struct str headline_of(const struct value *info)
{
    struct str headline = value_text_of(info, "headline");

    return headline.size ? headline : value_text_of(info, "event");
}

static struct str mark_of(const struct spreading *s)
{
    if (str_equal_c(s->alert.msg_type, "Cancel"))
        return STR("[-] ");
    return str_equal_c(s->alert.status, "Actual") ? STR("") : STR("[TEST] ");
}

static struct str sms_text(const struct spreading *s, const struct value *info)
{
    struct arena *arena = s->task->arena;
    struct str link = link_of(s), text;

    text = str_format(arena, "%.*s%.*s. %.*s", STR_ARGS(mark_of(s)),
                      STR_ARGS(headline_of(info)),
                      STR_ARGS(value_text_of(info, "instruction")));
    text = utf8_cut(text, link.size + 10 < SMS_MAX ? SMS_MAX - link.size - 1
                                                   : SMS_MAX);
    return link.size
               ? str_format(arena, "%.*s %.*s", STR_ARGS(text), STR_ARGS(link))
               : text;
}

static struct str mail_text(const struct spreading *s, struct str language)
{
    const struct value *infos = value_get(s->alert.cap, "info");
    const struct value *hers = cap_info(s->alert.cap, language);
    struct buf out;

    buf_init(&out, s->task->arena);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < value_count(infos); i++) {
            const struct value *info = value_at(infos, i);
            const struct value *areas = value_get(info, "area");

            if ((info == hers) != (pass == 0))
                continue;
            buf_printf(&out, "%.*s\n%.*s\n\n%.*s\n\n%.*s\n\n",
                       STR_ARGS(headline_of(info)),
                       STR_ARGS(value_text_of(value_at(areas, 0), "areaDesc")),
                       STR_ARGS(value_text_of(info, "instruction")),
                       STR_ARGS(value_text_of(info, "description")));
        }
    buf_put(&out, link_of(s));
    buf_putc(&out, '\n');
    return buf_str(&out);
}

static struct str push_text(const struct spreading *s, struct str language)
{
    struct arena *arena = s->task->arena;
    const struct value *info = cap_info(s->alert.cap, language);
    const struct value *areas = value_get(info, "area");
    struct value *out = value_object(arena);
    struct buf text;

    value_put_str(
        out, arena, "title",
        str_join(arena, mark_of(s), utf8_cut(headline_of(info), 200)));
    value_put_str(out, arena, "body",
                  utf8_cut(value_text_of(info, "instruction").size
                               ? value_text_of(info, "instruction")
                               : value_text_of(value_at(areas, 0), "areaDesc"),
                           600));
    value_put_str(out, arena, "href",
                  str_format(arena, "/alerts/%.*s", STR_ARGS(s->alert.id)));
    buf_init(&text, arena);
    value_write(out, &text);
    return buf_str(&text);
}

/* --- people and browsers -------------------------------------------------- */

static enum error add(struct spreading *s, const char *channel,
                      struct str recipient, struct str subject, struct str body,
                      struct err *err)
{
    struct outbox_add add = {.site = office_home(s->task->office),
                             .message = {.channel = str_of(channel),
                                         .recipient = recipient,
                                         .subject = subject,
                                         .body = body,
                                         .about = s->alert.id,
                                         .until = s->row->until},
                             .now = s->task->now};

    add.id = outbox_id(s->task, &add.message);
    ++*s->count;
    return office_change(s->task->office, outbox_insert, &add, err);
}

static enum error add_person(struct spreading *s, const struct value *answers,
                             struct err *err)
{
    struct str language = value_text_of(answers, "language");
    struct str least = value_text_of(answers, "severity_min");
    struct str address = str_trim(value_text_of(answers, "address"));
    const struct value *info = cap_info(s->alert.cap, language);
    bool mail = str_equal_c(value_text_of(answers, "channel"), "email");

    if (str_equal_c(value_text_of(answers, "active"), "no") || !address.size ||
        (least.size && rank_of(s->alert.severity) > rank_of(least)) ||
        !is_for(s, value_text_of(answers, "states")))
        return ERROR_NONE;
    return add(s, mail ? "email" : "sms", address,
               str_join(s->task->arena, mark_of(s), headline_of(info)),
               mail ? mail_text(s, language) : sms_text(s, info), err);
}

static enum error spread_people(struct spreading *s, struct err *err)
{
    struct record_filter filter = {
        .kind = STR("alert_recipient"), .order = "_id", .limit = PAGE};
    struct task *task = s->task;
    size_t count = PAGE;

    while (count == PAGE) {
        struct record *record = NULL;

        if (record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &count, err))
            return err->code;
        for (size_t i = 0; i < count; i++)
            if (add_person(s, record[i].answers, err))
                return err->code;
        filter.offset += PAGE;
    }
    return ERROR_NONE;
}

struct browser {
    struct str id, areas, language;
};

static enum error spread_page(struct spreading *s, struct str *after,
                              size_t *got, struct err *err)
{
    struct task *task = s->task;
    struct browser *list = ARENA_ARRAY(task->arena, struct browser, PAGE);
    struct rows rows;

    *got = 0;
    if (!list)
        return err_memory(err);
    if (db_query(task->db, &rows, err,
                 "SELECT push_subscription.id, push_subscription.areas,"
                 " push_subscription.language FROM push_subscription"
                 " WHERE push_subscription.site = $1"
                 " AND push_subscription.id > $2"
                 " ORDER BY push_subscription.id LIMIT 500",
                 "tt", office_home(task->office), *after))
        return err->code;
    while (*got < PAGE && rows_next(&rows)) {
        struct browser *one = &list[(*got)++];

        one->id = str_copy(task->arena, rows_text(&rows, 0));
        one->areas = str_copy(task->arena, rows_text(&rows, 1));
        one->language = str_copy(task->arena, rows_text(&rows, 2));
    }
    if (rows_end(&rows))
        return err->code;
    for (size_t i = 0; i < *got; i++)
        if (is_for(s, list[i].areas) &&
            add(s, "push", list[i].id, STR(""), push_text(s, list[i].language),
                err))
            return err->code;
    if (*got)
        *after = list[*got - 1].id;
    return ERROR_NONE;
}

enum error delivery_spread(struct task *task, const struct outbox_row *row,
                           size_t *count, struct err *err)
{
    struct spreading s = {.task = task, .row = row, .count = count};
    struct str after = STR("");
    size_t got = PAGE;
    enum error error = public_alert_find(task, row->about, &s.alert, err);

    if (error)
        return error;
    s.own = alert_areas(task, s.alert.cap);
    s.areas = with_above(task, s.own);
    error = spread_people(&s, err);
    while (!error && got == PAGE)
        error = spread_page(&s, &after, &got, err);
    return error;
}
