/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* delivery.c - see delivery.h: the outbox and the round through it. Every
 * outcome is a transaction of its own; a machine that stops in between sends
 * the message it was at once more.
 */
#include "domain/access/room.h"
#include "domain/delivery/delivery_private.h"

static const int64_t wait_minutes[DELIVERY_ATTEMPTS] = {1,   5,   15,  60,
                                                        180, 360, 720, 720};

/* --- adding --------------------------------------------------------------- */

enum error outbox_insert(struct db *db, void *context, struct err *err)
{
    const struct outbox_add *add = context;
    const struct message *m = &add->message;

    return db_run(db, NULL, err,
                  "INSERT INTO outbox (site, id, channel, recipient, subject,"
                  " body, about, state, attempts, created, try_at, until, done,"
                  " problem) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0,"
                  " $8, $8, $9, 0, '') ON CONFLICT DO NOTHING",
                  "tttttttii", add->site, add->id, m->channel, m->recipient,
                  m->subject, m->body, m->about, add->now, m->until);
}

struct str outbox_id(struct task *task, const struct message *message)
{
    return task_uuid(task,
                     str_format(task->arena, "outbox\n%.*s\n%.*s",
                                STR_ARGS(message->about),
                                STR_ARGS(message->channel)),
                     message->recipient);
}

void delivery_add(struct change *change, const struct message *message)
{
    struct task *task = change->task;
    struct outbox_add *add = ARENA_NEW(task->arena, struct outbox_add);

    if (!add)
        return;
    *add = (struct outbox_add){.site = office_home(task->office),
                               .id = outbox_id(task, message),
                               .message = *message,
                               .now = task->now};
    change_then(change, outbox_insert, add);
}

/* --- one message ---------------------------------------------------------- */

struct outcome {
    struct str site, id, state, problem;
    int64_t attempts, try_at, done;
    bool taking;
};

static enum error write_outcome(struct db *db, void *context, struct err *err)
{
    struct outcome *o = context;

    if (o->taking)
        return db_run(db, NULL, err,
                      "UPDATE outbox SET state = 'sending', try_at = $3"
                      " WHERE site = $1 AND id = $2",
                      "tti", o->site, o->id, o->try_at);
    return db_run(db, NULL, err,
                  "UPDATE outbox SET state = $3, attempts = $4, try_at = $5,"
                  " done = $6, problem = $7, body = CASE WHEN $3 = 'sent'"
                  " THEN '' ELSE body END WHERE site = $1 AND id = $2",
                  "tttiiit", o->site, o->id, o->state, o->attempts, o->try_at,
                  o->done, o->problem);
}

static enum error send_row(struct task *task,
                           const struct delivery_settings *settings,
                           const struct outbox_row *row,
                           struct delivery_done *done, struct err *err)
{
    if (str_equal_c(row->channel, "fanout"))
        return delivery_spread(task, row, &done->spread, err);
    if (str_equal_c(row->channel, "email"))
        return channel_email(task, settings, row, err);
    if (str_equal_c(row->channel, "sms"))
        return channel_sms(task, settings, row, err);
    if (str_equal_c(row->channel, "push"))
        return channel_push(task, settings, row, err);
    return err_detail(err, ERROR_INPUT,
                      N_("Ese canal no está configurado en esta casa."),
                      "no such channel");
}

/* What becomes of it after this attempt. */
static void judge(struct outcome *o, const struct outbox_row *row, int64_t now,
                  const struct err *mine, struct delivery_done *done)
{
    o->attempts = row->attempts + 1;
    o->done = now;
    o->problem = STR("");
    if (!mine->code) {
        o->state = STR("sent");
        done->sent++;
        return;
    }
    o->problem = str_of(mine->detail[0] ? mine->detail : "failed");
    if (mine->code != ERROR_BUSY && mine->code != ERROR_MEMORY &&
        mine->code != ERROR_STORE) {
        o->state = STR("failed");
        done->failed++;
        return;
    }
    o->try_at =
        now +
        wait_minutes[o->attempts < DELIVERY_ATTEMPTS ? o->attempts - 1
                                                     : DELIVERY_ATTEMPTS - 1] *
            60000;
    if (o->attempts >= DELIVERY_ATTEMPTS || o->try_at >= row->until) {
        o->state = STR("gave_up");
        done->gave_up++;
        return;
    }
    o->state = STR("queued");
    o->done = 0;
    done->later++;
}

static enum error work_row(struct task *task,
                           const struct delivery_settings *settings,
                           const struct outbox_row *row,
                           struct delivery_done *done, bool *silent,
                           struct err *err)
{
    const struct host *host = task->office->host;
    struct outcome o = {.site = office_home(task->office),
                        .id = row->id,
                        .try_at = task->now + DELIVERY_LEASE_MS,
                        .taking = true};
    bool late = row->until <= task->now;
    struct err mine = {0};
    enum error error = office_change(task->office, write_outcome, &o, err);

    if (error)
        return error;
    if (late) {
        mine.code = ERROR_BUSY;
        snprintf(mine.detail, sizeof mine.detail, "too late");
    } else {
        send_row(task, settings, row, done, &mine);
    }
    o.taking = false;
    judge(&o, row, host->now(host->context), &mine, done);
    *silent = !late && mine.code == ERROR_BUSY; /* nobody was asked */
    return office_change(task->office, write_outcome, &o, err);
}

/* --- the round ------------------------------------------------------------ */

static enum error due_rows(struct task *task, const char *channel,
                           struct outbox_row *row, size_t *count,
                           struct err *err)
{
    struct arena *arena = task->arena;
    struct rows rows;
    enum error error = db_query(
        task->db, &rows, err,
        "SELECT outbox.id, outbox.channel, outbox.recipient, outbox.subject,"
        " outbox.body, outbox.about, outbox.attempts, outbox.until FROM outbox"
        " WHERE outbox.site = $1 AND outbox.state IN ('queued', 'sending')"
        " AND outbox.try_at <= $2 AND outbox.channel = $3"
        " ORDER BY outbox.try_at, outbox.id LIMIT $4",
        "titi", office_home(task->office), task->now, str_of(channel),
        (int64_t)DELIVERY_ROUND);

    if (error)
        return error;
    while (*count < DELIVERY_ROUND && rows_next(&rows)) {
        struct outbox_row *one = &row[(*count)++];

        one->id = str_copy(arena, rows_text(&rows, 0));
        one->channel = str_copy(arena, rows_text(&rows, 1));
        one->recipient = str_copy(arena, rows_text(&rows, 2));
        one->subject = str_copy(arena, rows_text(&rows, 3));
        one->body = str_copy(arena, rows_text(&rows, 4));
        one->about = str_copy(arena, rows_text(&rows, 5));
        one->attempts = rows_int(&rows, 6);
        one->until = rows_int(&rows, 7);
    }
    return rows_end(&rows);
}

struct resting {
    struct str site, channel;
    int64_t now;
};

/* Nobody answers there: what waits for it waits a minute more, and counts no
 * attempt. */
static enum error rest_channel(struct db *db, void *context, struct err *err)
{
    const struct resting *r = context;

    return db_run(db, NULL, err,
                  "UPDATE outbox SET try_at = $3 WHERE site = $1"
                  " AND channel = $2 AND state = 'queued' AND try_at <= $4",
                  "ttii", r->site, r->channel, r->now + 60000, r->now);
}

static enum error work_channel(struct task *task, const char *channel,
                               const struct delivery_settings *settings,
                               struct delivery_done *done, struct err *err)
{
    const struct host *host = task->office->host;
    int64_t end = host->now(host->context) + DELIVERY_SECONDS * 1000;
    struct outbox_row *row =
        ARENA_ARRAY(task->arena, struct outbox_row, DELIVERY_ROUND);
    struct resting rest = {office_home(task->office), str_of(channel),
                           task->now};
    size_t count = 0, trouble = 0, i;
    enum error error =
        row ? due_rows(task, channel, row, &count, err) : err_memory(err);

    for (i = 0; !error && i < count && trouble < DELIVERY_TROUBLE; i++) {
        bool silent = false;

        if (host->now(host->context) > end)
            break;
        error = work_row(task, settings, &row[i], done, &silent, err);
        trouble = silent ? trouble + 1 : 0;
    }
    if (!error && trouble == DELIVERY_TROUBLE && i < count)
        error = office_change(task->office, rest_channel, &rest, err);
    else if (i < count || count == DELIVERY_ROUND)
        done->more = true;
    return error;
}

struct sweep {
    struct str site;
    int64_t before;
};

static enum error sweep_old(struct db *db, void *context, struct err *err)
{
    const struct sweep *sweep = context;

    return db_run(db, NULL, err,
                  "DELETE FROM outbox WHERE site = $1 AND done > 0"
                  " AND done < $2",
                  "ti", sweep->site, sweep->before);
}

enum error delivery_work(struct task *task,
                         const struct delivery_settings *settings,
                         struct delivery_done *done, struct err *err)
{
    static const char *const channel[] = {"fanout", "push", "sms", "email"};
    struct sweep sweep = {office_home(task->office),
                          task->now - (int64_t)DELIVERY_KEPT_DAYS * 86400000};
    enum error error = ERROR_NONE;

    *done = (struct delivery_done){0};
    for (size_t i = 0; !error && i < sizeof channel / sizeof channel[0]; i++)
        error = work_channel(task, channel[i], settings, done, err);
    done->more = done->more || done->spread > 0;
    if (!error && (done->sent || done->failed || done->gave_up))
        error = office_change(task->office, sweep_old, &sweep, err);
    return error;
}

/* --- for the page --------------------------------------------------------- */

/* "a…@example.org", "…1234". */
static struct str masked(struct arena *arena, struct str channel,
                         struct str recipient)
{
    size_t at = str_find_char(recipient, '@');

    if (str_equal_c(channel, "push") || str_equal_c(channel, "fanout"))
        return STR("…");
    if (at != SIZE_MAX && at > 0)
        return str_format(arena, "%.*s…%.*s", 1, recipient.at,
                          STR_ARGS(str_slice(recipient, at, recipient.size)));
    return str_join(arena, STR("…"),
                    str_slice(recipient,
                              recipient.size > 4 ? recipient.size - 4 : 0,
                              recipient.size));
}

enum error delivery_list(struct task *task, struct delivery_row **row,
                         size_t *count, struct err *err)
{
    enum { MOST = 200 };
    struct arena *arena = task->arena;
    struct rows rows;

    *count = 0;
    *row = ARENA_ARRAY(arena, struct delivery_row, MOST);
    if (!*row)
        return err_memory(err);
    if (db_query(task->db, &rows, err,
                 "SELECT outbox.id, outbox.channel, outbox.recipient,"
                 " outbox.about, outbox.state, outbox.problem,"
                 " outbox.attempts, outbox.created, outbox.try_at, outbox.done"
                 " FROM outbox WHERE outbox.site = $1"
                 " ORDER BY outbox.created DESC, outbox.id LIMIT 200",
                 "t", office_home(task->office)))
        return err->code;
    while (*count < MOST && rows_next(&rows)) {
        struct delivery_row *one = &(*row)[(*count)++];
        struct str *text[] = {&one->id,    &one->channel, &one->recipient,
                              &one->about, &one->state,   &one->problem};

        for (size_t i = 0; i < 6; i++)
            *text[i] = str_copy(arena, rows_text(&rows, i));
        one->recipient = masked(arena, one->channel, one->recipient);
        one->attempts = rows_int(&rows, 6);
        one->created = rows_int(&rows, 7);
        one->try_at = rows_int(&rows, 8);
        one->done = rows_int(&rows, 9);
    }
    return rows_end(&rows);
}

enum error delivery_counts(struct task *task, struct delivery_count **list,
                           size_t *count, struct err *err)
{
    enum { MOST = 40 };
    struct rows rows;

    *count = 0;
    *list = ARENA_ARRAY(task->arena, struct delivery_count, MOST);
    if (!*list)
        return err_memory(err);
    if (db_query(task->db, &rows, err,
                 "SELECT outbox.channel, outbox.state, count(*) FROM outbox"
                 " WHERE outbox.site = $1 GROUP BY outbox.channel,"
                 " outbox.state ORDER BY outbox.channel, outbox.state",
                 "t", office_home(task->office)))
        return err->code;
    while (*count < MOST && rows_next(&rows)) {
        struct delivery_count *one = &(*list)[(*count)++];

        one->channel = str_copy(task->arena, rows_text(&rows, 0));
        one->state = str_copy(task->arena, rows_text(&rows, 1));
        one->count = rows_int(&rows, 2);
    }
    return rows_end(&rows);
}

static enum error write_retry(struct db *db, void *context, struct err *err)
{
    const struct outcome *o = context;

    return db_run(db, NULL, err,
                  "UPDATE outbox SET state = 'queued', attempts = 0,"
                  " try_at = $3, done = 0 WHERE site = $1 AND id = $2"
                  " AND state IN ('failed', 'gave_up')",
                  "tti", o->site, o->id, o->try_at);
}

enum error delivery_retry(struct task *task, struct str id, struct err *err)
{
    struct outcome o = {
        .site = office_home(task->office), .id = id, .try_at = task->now};

    return office_change(task->office, write_retry, &o, err);
}
