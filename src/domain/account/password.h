/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* password.h - is this good enough for a new password? Those of before stay
 * good until they are changed. */
#ifndef COBIJO_ACCOUNT_PASSWORD_H
#define COBIJO_ACCOUNT_PASSWORD_H

#include "core/host.h"

enum password_strength {
    PASSWORD_WEAK, /* refused */
    PASSWORD_FAIR,
    PASSWORD_GOOD,
    PASSWORD_STRONG
};

/* What others know of who chooses it; may be empty. */
struct password_known {
    struct str name, display, site;
};

enum password_strength password_strength(const struct host *host,
                                         struct arena *arena,
                                         struct str password,
                                         const struct password_known *known);
/* ERROR_INPUT: too short, too long, or easy to guess; it says what to do. */
enum error password_fit(const struct host *host, struct arena *arena,
                        struct str password, const struct password_known *known,
                        struct err *err);

#endif
