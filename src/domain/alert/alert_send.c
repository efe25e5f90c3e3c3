/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_send.c - see alert_send.h. */
#include "domain/alert/alert_send.h"

void alert_send(struct change *change, struct str id, const struct value *cap)
{
    (void)change;
    (void)id;
    (void)cap;
}
