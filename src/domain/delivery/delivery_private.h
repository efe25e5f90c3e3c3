/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* delivery_private.h - what the files of this folder share. */
#ifndef COBIJO_DELIVERY_PRIVATE_H
#define COBIJO_DELIVERY_PRIVATE_H

#include "core/courier.h"
#include "domain/delivery/delivery.h"

struct outbox_row {
    struct str id, channel, recipient, subject, body, about;
    int64_t attempts, until;
};

/* ERROR_BUSY: again later; ERROR_GONE: nobody is there any more; other errors:
 * never. */
enum error channel_email(struct task *task,
                         const struct delivery_settings *settings,
                         const struct outbox_row *row, struct err *err);
enum error channel_sms(struct task *task,
                       const struct delivery_settings *settings,
                       const struct outbox_row *row, struct err *err);
enum error channel_push(struct task *task,
                        const struct delivery_settings *settings,
                        const struct outbox_row *row, struct err *err);
/* Rows for everybody an alert is for, of one that stands for all of them. */
enum error delivery_spread(struct task *task, const struct outbox_row *row,
                           size_t *count, struct err *err);

/* A row of the outbox by the writer. */
struct outbox_add {
    struct str site, id;
    struct message message;
    int64_t now;
};
enum error outbox_insert(struct db *db, void *context, struct err *err);
struct str outbox_id(struct task *task, const struct message *message);

#endif
