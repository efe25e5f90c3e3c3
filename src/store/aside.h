/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* aside.h - tables that somebody else keeps beside the projections of some
 * kinds, in the transaction of the entry and again by a rebuild: the public
 * directory (domain/directory). They are functions of the records alone.
 */
#ifndef COBIJO_ASIDE_H
#define COBIJO_ASIDE_H

#include "store/fold.h"

struct aside {
    void *context;
    /* The record as it stands now, of any kind. State erased: it is gone.
     * fresh: it is new, nothing of it stands in the tables. */
    enum error (*put)(void *context, struct db *db, struct str site,
                      const struct fold *fold, bool fresh, struct arena *arena,
                      struct err *err);
    enum error (*clear)(void *context, struct db *db, struct err *err);
};

#endif
