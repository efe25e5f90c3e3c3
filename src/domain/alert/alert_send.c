/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_send.c - see alert_send.h. One row for all: delivery/spread.c makes a
 * message for each of it. */
#include "domain/alert/alert_send.h"

#include "domain/alert/cap.h"
#include "domain/delivery/delivery.h"

enum { DAY_MS = 86400000 };

void alert_send(struct change *change, struct str id, const struct value *cap)
{
    const struct value *infos = value_get(cap, "info");
    int64_t until = change->task->now + DAY_MS, at = 0;

    if (str_equal_c(value_text_of(cap, "status"), "Test"))
        return;
    for (size_t i = 0; i < value_count(infos); i++)
        if (cap_time_parse(value_text_of(value_at(infos, i), "expires"), &at) &&
            at < until && at > change->task->now)
            until = at;
    delivery_add(change, &(struct message){.channel = STR("fanout"),
                                           .recipient = STR(""),
                                           .subject = STR(""),
                                           .body = STR(""),
                                           .about = id,
                                           .until = until});
}
