/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serving.c - the server put together, and taken apart in the other order. A
 * house that is closed gets an application without a store first; when somebody
 * opens the door, the real one takes its place.
 */
#include "cli/serving.h"

#include "domain/directory/directory.h"
#include "domain/notice/usage.h"
#include "domain/policy.h"
#include "domain/proof/seen.h"
#include "domain/report/indicator.h"
#include "form/read/xml_tree.h"

void serving_log(struct serving *serving, enum host_level level,
                 const char *event, const char *name, const char *text)
{
    const struct host *host = &serving->line->native.host;
    struct arena arena;
    struct value *fields;

    arena_init(&arena, NULL);
    fields = value_object(&arena);
    if (name)
        value_put_text(fields, &arena, name, text);
    host->log(host->context, level, event, fields);
    arena_release(&arena);
}

/* --- forms that a newer program brings ------------------------------------ */

static void say_form(void *context, enum forms_news news,
                     const struct form *shipped, const struct form *used)
{
    static const char *const event[] = {"form_updated", "form_kept",
                                        "form_changed_without_version"};
    const struct serving *serving = context;
    const struct host *host = &serving->line->native.host;
    struct arena arena;
    struct value *fields;

    arena_init(&arena, NULL);
    fields = value_object(&arena);
    value_put_str(fields, &arena, "kind", shipped->name);
    value_put_str(fields, &arena, "in_use", used ? used->version : STR(""));
    value_put_str(fields, &arena, "shipped", shipped->version);
    if (news == FORMS_KEPT)
        value_put_text(fields, &arena, "hint", "cobijo form update KIND");
    host->log(host->context, HOST_WARNING, event[news], fields);
    arena_release(&arena);
}

/* The old ones serve, too: a failure is told, not fatal. */
static void forms_refresh(struct serving *serving)
{
    struct forms_listener listener = {serving, say_form};
    struct office *office = &serving->app.office;
    struct db *db = NULL;
    struct err err = {0};

    if (store_connect(office->store, false, &db, &err) ||
        forms_update(office, db, STR(""), &listener, &err))
        serving_log(serving, HOST_ERROR, "form_update_failed", "detail",
                    err.detail[0] ? err.detail : err.message);
    err_clear(&err);
    if (db && directory_ensure(office, db, &err))
        serving_log(serving, HOST_ERROR, "directory_failed", "detail",
                    err.detail[0] ? err.detail : err.message);
    if (db)
        db_close(db);
}

/* Who may what by the house's own tables, for the log. */
static void tables_tell(struct serving *serving)
{
    struct office *office = &serving->app.office;
    struct task task;
    struct arena arena;
    struct db *db = NULL;
    struct err err = {0};

    arena_init(&arena, NULL);
    if (!store_connect(office->store, false, &db, &err)) {
        task_init(&task, office, db, &arena);
        task_as_system(&task);
        policy_tables_tell(&task, &err);
    }
    if (err.code)
        serving_log(serving, HOST_ERROR, "tables_not_told", "detail",
                    err.detail[0] ? err.detail : err.message);
    if (db)
        db_close(db);
    arena_release(&arena);
}

/* Those that cannot be counted; the report says it again at each. */
static void say_indicators(struct serving *serving)
{
    const struct form_problems *problems =
        &serving->app.office.indicators->problems;

    for (size_t i = 0; i < problems->count; i++) {
        struct str text = command_problem(serving->line, &problems->problem[i]);

        serving_log(serving, HOST_WARNING, "indicator_refused", "reason",
                    str_c(&serving->line->arena, text));
    }
}

/* How messages leave the house. A file that cannot be read is no reason to
 * keep the house shut. */
static void delivery_open(struct serving *serving)
{
    struct err err = {0};

    if (command_delivery(serving->line, &serving->delivery, &err))
        serving_log(serving, HOST_ERROR, "delivery_settings", "detail",
                    str_c(&serving->line->arena,
                          err_text(&err, NULL, &serving->line->arena)));
    serving->app.delivery = &serving->delivery;
}

static void app_settings(struct serving *serving)
{
    struct command_line *line = serving->line;
    struct office *office = &serving->app.office;
    const char *public_url = command_option(line, "--public-url");

    serving->app.wake_context = serving;
    serving->app.wake = tick_soon;
    delivery_open(serving);
    office->read_xml = xml_tree_read;
    office->public_url = str_of(public_url ? public_url : "");
    while (str_ends(office->public_url, STR("/")))
        office->public_url.size--;
}

enum error serving_app_open(struct serving *serving, struct err *err)
{
    struct office_options options = command_office(serving->line);
    struct office *office = &serving->app.office;

    serving->app.secure = serving->options->certificate != NULL;
    serving->app.strict = getenv("COBIJO_STRICT") != NULL; /* tests */
    if (app_open(&serving->app, &options, err))
        return err->code;
    say_indicators(serving);
    app_settings(serving);
    serving->own_write = office->write;
    serving->own_context = office->write_context;
    if (writer_open(office->store, &serving->writer, err)) {
        app_close(&serving->app);
        return err->code;
    }
    office->write = writer_write;
    office->write_context = serving->writer;
    forms_refresh(serving);
    tables_tell(serving);
    serving->open = true;
    return ERROR_NONE;
}

/* What was counted of the day is the next server's. */
static void leave_counts(struct serving *serving)
{
    struct err ignored = {0};
    struct arena arena;
    struct task task;

    arena_init(&arena, NULL);
    task_init(&task, &serving->app.office, NULL, &arena);
    usage_keep(&task, &ignored);
    arena_release(&arena);
}

static void app_shut(struct serving *serving)
{
    struct err ignored = {0};

    if (!serving->open)
        return;
    seen_flush(&serving->app.office, &ignored);
    leave_counts(serving);
    writer_close(serving->writer);
    serving->app.office.write = serving->own_write;
    serving->app.office.write_context = serving->own_context;
    app_close(&serving->app);
    serving->open = false;
}

static enum error closed_open(struct serving *serving, struct err *err)
{
    struct office_options options = {.host = &serving->line->native.host,
                                     .files = &serving->line->files};

    serving->door = (struct door){door_open, serving};
    serving->closed.secure = serving->options->certificate != NULL;
    serving->closed.strict = getenv("COBIJO_STRICT") != NULL;
    serving_log(serving, HOST_WARNING, "closed", NULL, NULL);
    return app_open_closed(&serving->closed, &options, &serving->door, err);
}

static void closed_shut(struct serving *serving)
{
    if (serving->closed.door)
        app_close(&serving->closed);
}

enum error serving_open(struct serving *serving, struct err *err)
{
    struct house *house = &serving->line->house;
    enum error error = command_house_find(serving->line, err);

    if (error)
        return error;
    if (!house->kept || house_take(house))
        error = serving_app_open(serving, err);
    else
        error = closed_open(serving, err);
    pthread_mutex_lock(&serving->opening); /* until the server is known */
    if (!error)
        error = server_start(serving->open ? &serving->app : &serving->closed,
                             serving->options, &serving->server, err);
    pthread_mutex_unlock(&serving->opening);
    if (!error) {
        if (serving->open)
            ticker_start(serving);
        return ERROR_NONE;
    }
    app_shut(serving);
    closed_shut(serving);
    return error;
}

void serving_close(struct serving *serving)
{
    server_stop(serving->server);
    ticker_stop(serving); /* the last request may have opened the house */
    app_shut(serving);
    closed_shut(serving);
}
