/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sqlite_watch.h - a connection to SQLite, and who looks whether somebody
 * committed; private to sqlite*.c. */
#ifndef COBIJO_SQLITE_WATCH_H
#define COBIJO_SQLITE_WATCH_H

#include <sqlite3.h>

#include "store/driver.h"

struct connection {
    sqlite3 *handle;
    bool shared;
    bool erasing;
    bool erased; /* in this transaction */
    int nesting; /* writing transactions inside one another, when shared */
};

enum error connection_open(struct store *store, bool writing,
                           struct connection **connection, struct err *err);
void connection_close(struct connection *connection);

struct watch;
/* store->watch; the connection is opened at the first look. */
enum error sqlite_watch_make(struct store *store, struct err *err);
void sqlite_watch_close(struct watch *watch); /* NULL: nothing */
/* store_changes of a file; from any thread. */
bool sqlite_watch_look(struct store *store, uint64_t *number);

#endif
