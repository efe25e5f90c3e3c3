/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keeper.h - what the domain asks of whoever keeps the site key (sys/house.c):
 * which passwords open the house after the machine was off, and who was erased
 * and must not come back with an old copy.
 */
#ifndef COBIJO_KEEPER_H
#define COBIJO_KEEPER_H

#include "core/err.h"

struct keeper {
    void *context;
    /* From now on this login name opens with this password in place of the
     * one before. A name has two: other is the one for duress, which is put
     * only where there is a first, and costs the same where there is none.
     * Slow on purpose. Durable on return. */
    enum error (*put)(void *context, struct str name, struct str password,
                      bool other, struct err *err);
    /* Neither opens any more; no error when they never did. */
    enum error (*drop)(void *context, struct str name, struct err *err);
    enum error (*rename)(void *context, struct str name, struct str to,
                         struct err *err);
    /* Notes one as gone until a day: strangers can make these, so there are
     * only so many. */
    enum error (*gone)(void *context, struct str subject, int64_t today,
                       int64_t until, struct err *err);
    /* Notes erased subjects for good (as HMACs). */
    enum error (*erased)(void *context, const struct str *subject, size_t count,
                         struct err *err);
};

/* For whoever erases: restore will not bring her back. keeper may be NULL. */
static inline enum error keys_erased_add(const struct keeper *keeper,
                                         struct str subject, struct err *err)
{
    return keeper ? keeper->erased(keeper->context, &subject, 1, err)
                  : ERROR_NONE;
}

/* For what is swept some days later anyway: until then no restore brings it
 * back. */
static inline enum error keys_gone_add(const struct keeper *keeper,
                                       struct str subject, int64_t today,
                                       int64_t until, struct err *err)
{
    return keeper ? keeper->gone(keeper->context, subject, today, until, err)
                  : ERROR_NONE;
}

#endif
