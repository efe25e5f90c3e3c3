/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_send.h - a published alert on its way to those who asked for it. */
#ifndef COBIJO_ALERT_SEND_H
#define COBIJO_ALERT_SEND_H

#include "domain/record/record.h"

/* Messages for everybody it is for go into the outbox with the change; they
 * are sent later, by others (domain/delivery). Never fails a publication. */
void alert_send(struct change *change, struct str id, const struct value *cap);

#endif
