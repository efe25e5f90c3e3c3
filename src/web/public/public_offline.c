/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_offline.c - the public side on a telephone without network: what it
 * is called when it is put among the programs, the script that answers when
 * nobody else does, and the package with directory, notices and alerts, whole
 * or what changed. A package that was fetched whole is counted as one saving of
 * the day, and that is all that is known of who saved it.
 */
#include "web/public/find.h"

#include "domain/alert/alert.h"
#include "domain/directory/places.h"
#include "domain/notice/know.h"
#include "domain/notice/usage.h"
#include "web/page.h"
#include "web/public/larder.h"

enum { ALERTS_MOST = 40, PRINT_SIZE = 12 };

const struct need_button offline_texts[] = {
    {"open", N_("Abierto ahora")},
    {"closed", N_("Cerrado ahora")},
    {"unsure", N_("Horario sin confirmar")},
    {"paused", N_("No recibe por ahora")},
    {"near", N_("a menos de 1 km")},
    {"km", N_("a {1} km")},
    {"area", N_("en la zona")},
    {"about", N_("a unos {1} km")},
    {"day_and_night", N_("todos los días, las 24 horas")},
    {"stale", N_("Hace tiempo que nadie lo confirma: llame antes de ir.")},
    {"verified", N_("Confirmado:")},
    {"referred", N_("Cómo se llega:")},
    {"protected", N_("Lugar protegido: por seguridad no se dice dónde está.")},
    {"papers", N_("Atiende sin documentos")},
    {"access", N_("Se puede entrar con silla de ruedas")},
    {"speaks", N_("Idiomas:")},
    {"way", N_("Cómo llegar:")},
    {"none", N_("No encontramos lugares así. Pruebe con menos opciones o en "
                "otro municipio.")},
    {"offline", N_("Sin internet. Esto es lo que guardó en este teléfono.")},
    {"short", N_("De cada lugar se guarda lo necesario para elegir, llamar y "
                 "llegar. Lo demás se lee con internet.")},
    {"answers", N_("Lugares")},
    {"alerts", N_("Alertas")},
    {"until", N_("hasta")},
    {"know", N_("Qué debe saber")},
    {"next", N_("Ver más")},
    {"lost", N_("Esto no está guardado en su teléfono. Necesita internet.")},
    {"mo", N_("lun")},
    {"tu", N_("mar")},
    {"we", N_("mié")},
    {"th", N_("jue")},
    {"fr", N_("vie")},
    {"sa", N_("sáb")},
    {"su", N_("dom")},
    {"off", N_("cerrado")},
    {NULL, NULL}};

/* --- the program on the telephone ----------------------------------------- */

enum error manifest_page(struct view *view)
{
    static const char icon[] =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
        "viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
        "fill='%2356646A'/%3E%3Cpath d='M8 7v5M8 4v1' stroke='%23fff' "
        "stroke-width='2'/%3E%3C/svg%3E";
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena), *icons = value_list(arena);
    struct value *one = value_object(arena);
    struct str name = view_say(view, N_("Información"));
    struct buf text;

    value_put_str(out, arena, "name", name);
    value_put_str(out, arena, "short_name", name);
    value_put_str(out, arena, "lang", view->task.language);
    value_put_text(out, arena, "id", "/directory");
    value_put_str(out, arena, "start_url",
                  view_format(view, "/directory?lang=%.*s",
                              STR_ARGS(view->task.language)));
    value_put_text(out, arena, "scope", "/");
    value_put_text(out, arena, "display", "standalone");
    value_put_text(out, arena, "background_color", "#fbf8f3");
    value_put_text(out, arena, "theme_color", "#56646A");
    value_put_text(one, arena, "src", icon);
    value_put_text(one, arena, "sizes", "any");
    value_put_text(one, arena, "type", "image/svg+xml");
    value_add(icons, arena, one);
    value_put(out, arena, "icons", icons);
    buf_init(&text, arena);
    value_write(out, &text);
    view_body(view, "application/manifest+json; charset=utf-8", buf_str(&text));
    return ERROR_NONE;
}

/* At the root, because what it may answer for lies below its address. */
enum error worker_script(struct view *view)
{
    const struct asset *asset = asset_find(STR("js/worker.js"));

    if (!asset)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Esta página no existe."), NULL, NULL, NULL);
    response_header(view->response, "Cache-Control", STR("no-cache"));
    view_body(view, "text/javascript; charset=utf-8",
              (struct str){(const char *)asset->bytes, asset->size});
    return ERROR_NONE;
}

/* --- notices and alerts --------------------------------------------------- */

static struct value *strings(struct arena *arena, const struct str *text,
                             size_t count)
{
    struct value *row = value_list(arena);

    for (size_t i = 0; i < count; i++)
        value_add(row, arena,
                  value_string(arena, text[i].at ? text[i] : STR("")));
    return row;
}

static struct value *notices(struct view *view)
{
    const struct know *know = view->app->office.know;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; know && know->topic && i < know->topic->rows; i++) {
        struct str name = catalog_cell(know->topic, i, "name");
        struct notice notice = {0};
        struct err ignored = {0};

        if (know_read(&view->task, name, &notice, &ignored) == ERROR_NONE)
            value_add(list, arena,
                      strings(arena,
                              (const struct str[]){name, notice.language,
                                                   notice.title, notice.html},
                              4));
    }
    return list;
}

static enum error alerts(struct view *view, struct value *list)
{
    struct arena *arena = view->task.arena;
    struct public_alert *alert = NULL;
    size_t count = 0;
    enum error error =
        alerts_for_area(&view->task, STR(""), &alert, &count, &view->err);

    for (size_t i = 0; i < count && i < ALERTS_MOST && !error; i++) {
        struct public_alert whole = {0};
        struct value *item = public_alert_view(&view->task, &alert[i]);
        struct value *out = value_object(arena);
        const struct value *info;

        error = public_alert_find(&view->task, alert[i].id, &whole, &view->err);
        info = cap_info(whole.cap, view->task.language);
        value_put_str(out, arena, "id", alert[i].id);
        value_put_int(out, arena, "until", alert[i].expires);
        value_put_str(out, arena, "severity", value_text_of(item, "severity"));
        value_put_str(out, arena, "label",
                      value_text_of(item, "severity_text"));
        value_put_str(out, arena, "lang", value_text_of(item, "language"));
        value_put_str(out, arena, "headline", value_text_of(item, "headline"));
        value_put_str(out, arena, "area", value_text_of(item, "area"));
        value_put_str(out, arena, "instruction",
                      str_trim(value_text_of(info, "instruction")));
        value_put_str(out, arena, "description",
                      str_trim(value_text_of(info, "description")));
        value_add(list, arena, out);
    }
    return error;
}

/* Under name, unless what she has is the same: then only its print. */
static void put_part(struct view *view, struct value *package, const char *name,
                     const char *print_name, const struct value *part,
                     bool whole)
{
    struct arena *arena = view->task.arena;
    struct str had = view_query(view, print_name), print;
    struct buf text;

    buf_init(&text, arena);
    value_write(part, &text);
    print =
        str_slice(host_hash_hex(view->app->office.host, arena, buf_str(&text)),
                  0, PRINT_SIZE);
    value_put_str(package, arena, print_name, print);
    if (whole || !str_equal(had, print))
        value_put(package, arena, name, part);
}

/* --- words ---------------------------------------------------------------- */

static struct value *labels(struct view *view, const char *name,
                            const char *also)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, name);
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct str label =
            catalog_label(table, i, "label", view->task.language);
        struct str more = also ? catalog_cell(table, i, also) : STR("");

        value_set(out, arena, catalog_cell(table, i, "name"),
                  also ? strings(arena, (const struct str[]){label, more}, 2)
                       : value_string(arena, label));
    }
    return out;
}

static struct value *words(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena), *text = value_object(arena);

    for (const struct need_button *at = offline_texts; at->code; at++)
        value_put_str(text, arena, at->code, view_say(view, at->text));
    value_put(out, arena, "text", text);
    value_put(out, arena, "service", labels(view, "service", "sectors"));
    value_put(out, arena, "type", labels(view, "place_type", NULL));
    value_put(out, arena, "speaks", labels(view, "language", NULL));
    value_put(out, arena, "admin1", labels(view, "admin1", NULL));
    return out;
}

/* --- the package ---------------------------------------------------------- */

static bool area_known(const struct view *view, struct str area)
{
    return !area.size ||
           catalog_find(catalog_table(view->app->office.catalog, "admin1"),
                        area) != SIZE_MAX;
}

/* since: NULL for all there is, else the edition that she has. */
static enum error make_package(struct view *view, const struct str *since,
                               struct str *text)
{
    struct arena *arena = view->task.arena;
    struct package_query query = {.admin1 = view_query(view, "area"),
                                  .since = since ? *since : STR("")};
    struct value *package = NULL, *list = value_list(arena);
    struct buf out;
    enum error error;

    if (!area_known(view, query.admin1))
        return err_set(&view->err, ERROR_INPUT, N_("Ese estado no existe."),
                       NULL, NULL, NULL);
    error = directory_package(&view->task, &query, &package, &view->err);
    if (!error)
        error = alerts(view, list);
    if (error)
        return error;
    value_put_str(package, arena, "area", query.admin1);
    value_put_str(package, arena, "lang", view->task.language);
    value_put_int(package, arena, "made", view->task.now);
    put_part(view, package, "words", "words_print", words(view), !since);
    put_part(view, package, "know", "know_print", notices(view), !since);
    put_part(view, package, "alerts", "alerts_print", list, !since);
    buf_init(&out, arena);
    value_write(package, &out);
    *text = buf_str(&out);
    return ERROR_NONE;
}

static void send(struct view *view, struct str text)
{
    response_header(view->response, "Cache-Control", STR("no-cache"));
    view_body(view, "application/json; charset=utf-8", text);
}

enum error offline_package(struct view *view)
{
    uint64_t edition = 0;
    struct str area = view_query(view, "area"), text = STR("");
    enum error error = ERROR_NONE;

    if (!area_known(view, area) || !larder_get(view, area, &edition, &text)) {
        error = make_package(view, NULL, &text);
        if (!error)
            larder_put(view, area, edition, text);
    }
    if (error)
        return error;
    usage_count(&view->task, STR(USAGE_SAVED), area);
    send(view, text);
    return ERROR_NONE;
}

enum error offline_changes(struct view *view)
{
    struct str since = view_query(view, "since"), text = STR("");
    enum error error = make_package(view, &since, &text);

    if (!error)
        send(view, text);
    return error;
}
