/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* app.c - the program put together: an office, the languages, the templates.
 *
 * Everything is read once when the program starts and never changed after;
 * threads share it without a lock. Assets are looked up in the table that
 * tools/embed made.
 */
#include "web/app.h"

#include "domain/account/account.h"
#include "domain/notice/know.h"
#include "web/page.h"
#include "web/public/public.h"
#include "web/public/larder.h"

const struct asset *asset_find(struct str path)
{
    size_t low = 0, high = asset_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(path, str_of(asset_table[middle].path));

        if (order == 0)
            return &asset_table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static struct str asset_text(const struct asset *asset)
{
    return asset ? (struct str){(const char *)asset->bytes, asset->size}
                 : STR_NULL;
}

static struct str app_file(void *context, struct str name)
{
    (void)context;
    return asset_text(asset_find(name));
}

const struct form_files app_files = {NULL, app_file};

/* templates/today.html -> "today", templates/part/x.html -> "part/x" */
static enum error templates_read(struct app *app, struct language *language,
                                 struct err *err)
{
    struct str folder = STR("templates/"), ending = STR(".html");

    language->templates = template_set_new(&app->arena, language->translator);
    for (size_t i = 0; i < asset_count; i++) {
        struct str path = str_of(asset_table[i].path);
        enum error error;

        if (!str_starts(path, folder) || !str_ends(path, ending))
            continue;
        if (language->outside &&
            !str_starts(path, STR("templates/" PUBLIC_TEMPLATES)))
            continue;
        error =
            template_add(language->templates,
                         str_slice(path, folder.size, path.size - ending.size),
                         asset_text(&asset_table[i]), err);
        if (error != ERROR_NONE) {
            if (err->detail[0] == '\0')
                snprintf(err->detail, sizeof err->detail, "%.*s",
                         STR_ARGS(path));
            return error;
        }
    }
    return ERROR_NONE;
}

/* Spanish needs no catalogue; every po/CODE.po is one language more. */
static enum error languages_read(struct app *app, struct err *err)
{
    struct str folder = STR("po/"), ending = STR(".po");
    size_t most = 1;

    for (size_t i = 0; i < asset_count; i++)
        if (str_starts(str_of(asset_table[i].path), folder))
            most++;
    app->language = ARENA_ARRAY(&app->arena, struct language, most);
    if (!app->language)
        return err_memory(err);
    app->language[app->languages++].code = STR("es");
    for (size_t i = 0; i < asset_count; i++) {
        struct str path = str_of(asset_table[i].path);
        struct language *language = &app->language[app->languages];
        struct translator *translator = NULL;
        struct str code;

        if (!str_starts(path, folder) || !str_ends(path, ending))
            continue;
        code = str_slice(path, folder.size, path.size - ending.size);
        if (str_equal_c(code, "es"))
            continue;
        if (translator_read(&app->arena, code, asset_text(&asset_table[i]),
                            &translator, err) != ERROR_NONE)
            return err->code;
        language->code = code;
        language->translator = translator;
        language->outside = str_find(asset_text(&asset_table[i]),
                                     STR("X-Scope: public")) != SIZE_MAX;
        app->languages++;
    }
    for (size_t i = 0; i < app->languages; i++)
        if (templates_read(app, &app->language[i], err) != ERROR_NONE)
            return err->code;
    return ERROR_NONE;
}

enum error app_open(struct app *app, const struct office_options *options,
                    struct err *err)
{
    bool strict = app->strict, secure = app->secure;
    struct entrance entrance = app->entrance;
    enum error error;

    *app =
        (struct app){.strict = strict, .secure = secure, .entrance = entrance};
    arena_init(&app->arena, NULL);
    error = languages_read(app, err);
    if (error == ERROR_NONE)
        error = office_open(&app->office, options, err);
    if (error != ERROR_NONE)
        arena_release(&app->arena);
    if (error == ERROR_NONE) {
        const struct host *host = app->office.host;

        host->random(host->context, app->nonce_key, sizeof app->nonce_key);
        public_open(app);
    }
    return error;
}

enum error app_open_closed(struct app *app,
                           const struct office_options *options,
                           const struct door *door, struct err *err)
{
    struct catalog *catalog = NULL;
    bool strict = app->strict, secure = app->secure;
    enum error error;

    *app = (struct app){.strict = strict, .secure = secure, .door = door};
    arena_init(&app->arena, NULL);
    app->office.host = options->host;
    error = languages_read(app, err);
    if (error == ERROR_NONE)
        error = catalog_load(&app->arena, options->files, &catalog, err);
    app->office.catalog = catalog;
    if (error == ERROR_NONE)
        error = know_load(&app->arena, options->host, options->files, catalog,
                          &app->office.know, err);
    if (error != ERROR_NONE)
        arena_release(&app->arena);
    else
        public_open(app);
    return error;
}

void app_close(struct app *app)
{
    if (app->door) {
        arena_release(&app->arena);
        return;
    }
    import_job_forget(&app->import);
    larder_free(app->larder);
    office_close(&app->office);
    arena_release(&app->arena);
}

enum error asset_page(struct view *view)
{
    const struct asset *asset = asset_find(view->param[1]);
    struct str path = view->param[1];

    if (!asset || str_starts(path, STR("templates/")) ||
        !(str_starts(path, STR("css/")) || str_starts(path, STR("js/")) ||
          str_starts(path, STR("img/")) || str_starts(path, STR("map/")) ||
          str_starts(path, STR("wasm/"))))
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Esta página no existe."), NULL, NULL, NULL);
    view->response->status = 200;
    view->response->asset = asset;
    response_header(view->response, "Content-Type", str_of(asset->type));
    response_header(view->response, "ETag",
                    view_format(view, "\"%s\"", asset->fingerprint));
    response_header(view->response, "Cache-Control",
                    str_equal_c(view->param[0], asset->fingerprint)
                        ? STR("public, max-age=31536000, immutable")
                        : STR("no-cache"));
    return ERROR_NONE;
}

/* Well only when the database answers. */
enum error health_page(struct view *view)
{
    bool any;

    view->json = true;
    if (account_any(&view->task, &any, &view->err) != ERROR_NONE)
        return view->err.code;
    value_put_text(view->data, view->task.arena, "status", "ok");
    value_put_text(view->data, view->task.arena, "version", COBIJO_VERSION);
    return ERROR_NONE;
}
