/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notice.h - receivers who were sent something about a person who is erased
 * now: they are asked to erase it, too, and say so by the link they had (which
 * opens nothing else any more), or somebody notes that they said it. */
#ifndef COBIJO_NOTICE_H
#define COBIJO_NOTICE_H

#include "domain/record/record.h"

/* Who received: what the directory calls the place of a referral or a notice,
 * else the name that was written. */
struct str receiver_name(struct task *task, const struct value *answers);
/* Into an item, each under its name: what the answers say, as text. */
void answers_copy(struct value *item, struct arena *arena,
                  const struct value *answers, const char *const *name,
                  size_t count);
/* Open ones: [{id, to, reply_code, sent_on}]. */
enum error notice_list(struct task *task, struct value **list, struct err *err);
/* By the secret of a link; ERROR_NOT_FOUND. *done: acknowledged already. */
enum error notice_by_link(struct task *task, struct str token,
                          struct str *notice, bool *done, struct err *err);
/* Acknowledged: who said so. */
enum error notice_done(struct task *task, struct str notice, struct str by,
                       struct err *err);

#endif
