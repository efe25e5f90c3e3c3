/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help_limit.h - how much strangers may send, counted in memory alone.
 *
 * What is counted is a hash of the address (of IPv6 its first 64 bits) under a
 * key that is new at each start; neither is written anywhere. Each address has
 * an allowance that fills up again, and all together have one; when that is
 * used up, whoever has sent nothing lately still gets through by a reserve, so
 * that one who floods does not shut the door to others. What is left over is
 * refused with the time to wait.
 */
#ifndef COBIJO_HELP_LIMIT_H
#define COBIJO_HELP_LIMIT_H

#include "core/host.h"

enum help_act {
    HELP_ACT_WRITE, /* a new request */
    HELP_ACT_ADD,   /* a message in one: counted by request */
    HELP_ACT_OPEN,  /* a code word tried: each costs work */
    HELP_ACT_GUESS, /* a wrong one */
    HELP_ACTS
};

struct help_limit;

struct help_limit *help_limit_new(const struct host *host, struct arena *arena);
/* 0: go on. Else seconds to wait, and nothing was taken. */
int64_t help_limit_take(struct help_limit *limit, const struct host *host,
                        enum help_act act, struct str who, int64_t now);
/* It was none after all. */
void help_limit_give_back(struct help_limit *limit, const struct host *host,
                          enum help_act act, struct str who);

#endif
