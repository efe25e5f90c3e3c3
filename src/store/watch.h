/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* watch.h - has anybody committed? For SQLite, without a lock or a system call.
 * Private to store/.
 */
#ifndef COBIJO_WATCH_H
#define COBIJO_WATCH_H

#include <sqlite3.h>

#include "store/driver.h"

/* store->watch; false: no memory. */
bool watch_new(struct store *store);
/* What the opener kept, to be closed; or NULL. */
void *watch_free(struct store *store);

/* Opens a connection that nothing else is done with, once; NULL: not now. */
typedef sqlite3 *(*watch_opener)(struct store *store, void **kept);
/* store_changes for a file. */
bool watch_look(struct store *store, watch_opener open, uint64_t *number);

#endif
