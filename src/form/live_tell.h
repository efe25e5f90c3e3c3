/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live_tell.h - between live.c and live_tell.c; nobody else's. */
#ifndef COBIJO_LIVE_TELL_H
#define COBIJO_LIVE_TELL_H

#include "form/live.h"

/* More bits of frame->state, until they are told. */
enum { LIVE_TEXT = 4, LIVE_RELEVANT = 8 };

/* Nothing is written in the row. */
bool live_blank(const struct live *live, const struct frame *frame);
const struct value *live_tell(struct live *live);

#endif
