/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* flow.c - the table login_flow. Ids and bindings are kept as hashes. */
#include "domain/account/flow.h"
#include "domain/access/room.h"
#include "domain/bound.h"

enum { MINUTE = 60000 };

struct flow_row {
    const struct task *task;
    struct flow *flow;
    struct str id, binding, address;
};

static struct str hashed(const struct task *task, struct str text)
{
    return text.size ? host_hash_hex(task->office->host, task->arena, text)
                     : STR("");
}

static struct flow_row row_of(const struct task *task, struct flow *flow)
{
    return (struct flow_row){.task = task,
                             .flow = flow,
                             .id = flow->hash.size ? flow->hash
                                                   : hashed(task, flow->id),
                             .binding = hashed(task, flow->binding),
                             .address = hashed(task, flow->address)};
}

static struct str text_of(struct str text)
{
    return str_is_null(text) ? STR("") : text;
}

static enum error say_over(struct err *err)
{
    return err_set(err, ERROR_GONE,
                   N_("Pasó demasiado tiempo o ya se usó. Empiece otra vez."),
                   NULL, NULL, NULL);
}

static enum error check_crowd(struct db *db, const struct flow_row *row,
                              struct err *err)
{
    int64_t waiting = 0, all = 0;
    bool found = false;
    enum error error;

    if (!row->address.size)
        return ERROR_NONE;
    error = db_get_int(db, &waiting, &found, err,
                       "SELECT count(*) FROM login_flow"
                       " WHERE login_flow.site = $1"
                       " AND login_flow.address = $2"
                       " AND login_flow.expires > $3",
                       "tti", office_home(row->task->office), row->address,
                       row->task->now);
    if (!error)
        error = db_get_int(db, &all, &found, err,
                           "SELECT count(*) FROM login_flow"
                           " WHERE login_flow.site = $1"
                           " AND login_flow.address <> ''",
                           "t", office_home(row->task->office));
    if (!error && (waiting >= FLOW_ADDRESS_MAX || all >= FLOWS_MOST))
        error = err_set(err, ERROR_TOO_MANY,
                        N_("Demasiados intentos. Espere {1} segundos y pruebe "
                           "otra vez."),
                        "60", NULL, NULL);
    return error;
}

static enum error write_flow(struct db *db, void *context, struct err *err)
{
    const struct flow_row *row = context;
    const struct flow *flow = row->flow;
    int64_t minutes = flow->minutes ? flow->minutes : FLOW_MINUTES;
    enum error error = check_crowd(db, row, err);

    if (error)
        return error;
    return db_run(db, NULL, err,
                  "INSERT INTO login_flow (site, id, purpose, binding,"
                  " address, user_id, provider, nonce, verifier, next,"
                  " expires)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                  "tttttttttti", office_home(row->task->office), row->id,
                  str_of(flow->purpose), row->binding, row->address,
                  text_of(flow->user), text_of(flow->provider),
                  text_of(flow->nonce), text_of(flow->verifier),
                  text_of(flow->next), row->task->now + minutes * MINUTE);
}

enum error flow_add(struct task *task, struct flow *flow, struct err *err)
{
    struct flow_row row;

    if (!flow->id.size)
        flow->id = host_secret(task->office->host, task->arena);
    row = row_of(task, flow);
    if (arena_failed(task->arena))
        return err_memory(err);
    return office_change(task->office, write_flow, &row, err);
}

static enum error read_flow(struct db *db, const struct flow_row *row,
                            struct err *err)
{
    struct arena *arena = row->task->arena;
    struct flow *flow = row->flow;
    struct rows rows;
    bool found = false;
    enum error error;

    error = db_query(db, &rows, err,
                     "SELECT user_id, provider, nonce, verifier, next"
                     " FROM login_flow WHERE site = $1 AND id = $2"
                     " AND purpose = $3 AND binding = $4 AND expires > $5",
                     "tttti", office_home(row->task->office), row->id,
                     str_of(flow->purpose), row->binding, row->task->now);
    if (error)
        return error;
    if (rows_next(&rows)) {
        found = true;
        flow->user = str_copy(arena, rows_text(&rows, 0));
        flow->provider = str_copy(arena, rows_text(&rows, 1));
        flow->nonce = str_copy(arena, rows_text(&rows, 2));
        flow->verifier = str_copy(arena, rows_text(&rows, 3));
        flow->next = str_copy(arena, rows_text(&rows, 4));
    }
    error = rows_end(&rows);
    return error || found ? error : say_over(err);
}

static enum error end_flow(struct db *db, const struct flow_row *row,
                           struct err *err)
{
    int64_t changed = 0;
    enum error error =
        db_run(db, &changed, err,
               "DELETE FROM login_flow WHERE site = $1 AND id = $2"
               " AND purpose = $3 AND binding = $4 AND expires > $5",
               "tttti", office_home(row->task->office), row->id,
               str_of(row->flow->purpose), row->binding, row->task->now);

    return error || changed == 1 ? error : say_over(err);
}

static enum error take_flow(struct db *db, void *context, struct err *err)
{
    enum error error = read_flow(db, context, err);

    return error ? error : end_flow(db, context, err);
}

enum error flow_take(struct task *task, struct flow *flow, struct err *err)
{
    struct flow_row row = row_of(task, flow);

    if (!row.id.size)
        return say_over(err);
    return office_change(task->office, take_flow, &row, err);
}

enum error flow_look(struct task *task, struct flow *flow, struct err *err)
{
    struct flow_row row = row_of(task, flow);

    return row.id.size ? read_flow(task->db, &row, err) : say_over(err);
}

enum error flow_end(struct db *db, const struct task *task,
                    const struct flow *flow, struct err *err)
{
    struct flow copy = *flow;
    struct flow_row row = row_of(task, &copy);

    return end_flow(db, &row, err);
}

enum error flow_sweep(struct db *db, const struct task *task, struct err *err)
{
    return db_run(db, NULL, err,
                  "DELETE FROM login_flow WHERE site = $1 AND expires <= $2",
                  "ti", office_home(task->office), task->now);
}
