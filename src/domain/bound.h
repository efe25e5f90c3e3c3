/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bound.h - how much of what is cheap to ask for a house keeps at once. What
 * a client can make the server hold has a limit here or beside its table;
 * doc/limits.md lists them all.
 */
#ifndef COBIJO_BOUND_H
#define COBIJO_BOUND_H

#include "core/err.h"

#include <stdint.h>

enum {
    SESSIONS_MOST = 30,     /* open ones of one user: the oldest ends */
    HALF_SESSIONS_MOST = 5, /* of one user, that wait for a second step */
    THROTTLE_MOST = 100000, /* counters: swept, oldest first */
    FLOWS_MOST = 5000,      /* logins under way, of everybody */
    INVITATIONS_MOST = 200, /* open at once */
    DEVICES_MOST = 500,     /* telephones in use: as many as are listed */
    IMPORTS_MOST = 20,      /* files that wait to be imported */
    DRAFTS_MOST = 200,      /* forms on trial */
    GLASSES_MOST = 20,      /* of one user that wait for somebody */
    ROOMS_MOST = 200        /* made by one user */
};

/* ERROR_CONFLICT with msgid and the limit as {1} when there are as many. */
enum error bound_check(int64_t count, int64_t most, const char *msgid,
                       struct err *err);

#endif
