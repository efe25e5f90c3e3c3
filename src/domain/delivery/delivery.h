/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* delivery.h - messages that leave the house: an outbox in the store, worked
 * by a thread of its own. Whoever has something to say adds a row with the
 * change it is about and goes on; what becomes of it stands on /delivery.
 *
 *     queued -> sending -> sent
 *                 |  +-> failed     the other side will never take it
 *                 +----> queued     again later, up to DELIVERY_ATTEMPTS
 *                          +-> gave_up   too often, or the message is over
 *
 * A message may arrive twice (the other side took it and we never heard), never
 * silently not at all.
 */
#ifndef COBIJO_DELIVERY_H
#define COBIJO_DELIVERY_H

#include "domain/record/record.h"

enum {
    DELIVERY_ATTEMPTS = 8,
    DELIVERY_ROUND = 200,    /* messages in one go */
    DELIVERY_TROUBLE = 2,    /* unanswered in a row: the channel rests */
    DELIVERY_SECONDS = 10,   /* for a channel: the rest in the next go */
    DELIVERY_KEPT_DAYS = 30, /* of what is done */
    DELIVERY_LEASE_MS = 5 * 60 * 1000,
    PUSH_SUBSCRIPTIONS_MAX = 50000,
    PUSH_NEW_PER_MINUTE = 120
};

/* What the house set in a file (serve --delivery FILE, COBIJO_DELIVERY), one
 * "name = value" a line; doc/alerts.md. Empty texts: the channel is off. */
struct delivery_settings {
    struct str smtp_url, smtp_user, smtp_password, smtp_from;
    bool smtp_plain;
    struct str sms_url, sms_method, sms_body, sms_type;
    struct str sms_header[8];
    size_t sms_headers;
    struct str push_subject; /* mailto: or https: of who is responsible */
    bool push_near;          /* tests: push services on this machine */
    struct str file;         /* as it was read, for other names */
};
/* ERROR_INPUT names the line that is wrong. */
enum error delivery_settings_read(struct arena *arena, struct str text,
                                  struct delivery_settings *settings,
                                  struct err *err);
/* Any other name of the file; empty: not there. */
struct str delivery_secret(const struct delivery_settings *settings,
                           struct arena *arena, struct str name);

struct message {
    struct str channel;   /* email sms push fanout */
    struct str recipient; /* address, number, id of a subscription */
    struct str subject, body;
    struct str about; /* an alert's id, a place's and which question to it */
    int64_t until;    /* of no use afterwards */
};
/* Added with the change; id: made of about and recipient, so that adding twice
 * is adding once. */
void delivery_add(struct change *change, const struct message *message);

struct delivery_done {
    size_t sent, failed, later, gave_up, spread;
    bool more;
};
/* One round of what is due. settings NULL: nothing is set, all waits. */
enum error delivery_work(struct task *task,
                         const struct delivery_settings *settings,
                         struct delivery_done *done, struct err *err);

struct delivery_row {
    struct str id, channel, recipient, about, state, problem;
    int64_t attempts, created, try_at, done;
};
/* Newest first; recipients are masked. */
enum error delivery_list(struct task *task, struct delivery_row **row,
                         size_t *count, struct err *err);
struct delivery_count {
    struct str channel, state;
    int64_t count;
};
enum error delivery_counts(struct task *task, struct delivery_count **list,
                           size_t *count, struct err *err);
/* What failed or was given up is tried again. */
enum error delivery_retry(struct task *task, struct str id, struct err *err);

/* --- push.c: browsers ------------------------------------------------------
 */

/* The key a browser subscribes with (applicationServerKey), base64url; empty:
 * the house has no key. */
struct str push_key(const struct task *task);
struct subscription {
    struct str endpoint, public_key, secret; /* base64url as browsers give it */
    struct str areas, language;
    bool near; /* an address of this machine is taken */
};
enum error push_subscribe(struct task *task, const struct subscription *wish,
                          struct err *err);
enum error push_forget(struct task *task, struct str endpoint, struct err *err);

#endif
