/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shim_open.c - an application over a new store in memory, with a token: the
 * browser has no passwords, and its program logs in as programs do.
 */
#include "wasm/shim.h"

#include "domain/account/account.h"

static enum error add_token(struct app *app, struct arena *arena,
                            struct str role, struct str *token, struct err *err)
{
    struct task task;
    struct db *db;
    enum error error = store_connect(app->office.store, false, &db, err);

    if (error)
        return error;
    task_init(&task, &app->office, db, arena);
    task_as_system(&task);
    error = account_token_add(&task, STR("browser"), role, token, err);
    db_close(db);
    return error;
}

enum error shim_open(const struct host *host, struct app *app,
                     struct arena *arena, struct str role, struct str *token,
                     struct err *err)
{
    struct office_options options = {.host = host,
                                     .store_url = "sqlite::memory:",
                                     .files = &app_files,
                                     .site = STR("Albergue de prueba"),
                                     .zone = STR("America/Mexico_City")};
    enum error error = app_open(app, &options, err);

    if (error)
        return error;
    error = add_token(app, arena, role, token, err);
    if (error)
        app_close(app);
    return error;
}
