/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_device.c - the telephones that fill forms with ODK Collect: a new one
 * with its QR code, which is shown once, the list, and withdrawing one.
 */
#include "web/page.h"

#include "core/base64.h"
#include "domain/openrosa/device.h"
#include "domain/openrosa/openrosa.h"

/* Collect's settings: JSON in zlib's format (one stored block, so that no
 * library is needed here) in base64. At most 65,535 bytes. */
static struct str collect_settings(struct view *view, struct str json)
{
    uint32_t a = 1, b = 0;
    struct buf bytes, out;
    unsigned size = (unsigned)json.size;

    buf_init(&bytes, view->task.arena);
    buf_init(&out, view->task.arena);
    buf_add(&bytes, "\x78\x01\x01", 3);
    buf_putc(&bytes, (char)(size & 255));
    buf_putc(&bytes, (char)(size >> 8));
    buf_putc(&bytes, (char)(~size & 255));
    buf_putc(&bytes, (char)(~size >> 8 & 255));
    buf_put(&bytes, json);
    for (size_t i = 0; i < json.size; i++) {
        a = (a + (unsigned char)json.at[i]) % 65521;
        b = (b + a) % 65521;
    }
    buf_putc(&bytes, (char)(b >> 8));
    buf_putc(&bytes, (char)(b & 255));
    buf_putc(&bytes, (char)(a >> 8));
    buf_putc(&bytes, (char)(a & 255));
    base64_write(&out, bytes.at, bytes.size);
    return buf_str(&out);
}

static struct str settings_json(struct view *view, struct str url)
{
    struct arena *arena = view->task.arena;
    struct value *settings = value_object(arena);
    struct value *general = value_object(arena);
    struct value *project = value_object(arena);
    struct buf out;

    value_put_str(general, arena, "server_url", url);
    value_put_text(general, arena, "form_update_mode", "match_exactly");
    value_put_text(general, arena, "autosend", "wifi_and_cellular");
    value_put_str(project, arena, "name", view->app->office.site_name);
    value_put(settings, arena, "general", general);
    value_put(settings, arena, "admin", value_object(arena));
    value_put(settings, arena, "project", project);
    buf_init(&out, arena);
    value_write(settings, &out);
    return buf_str(&out);
}

static enum error devices_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record *sealed = NULL;
    struct device *device = NULL;
    size_t count = 0, waiting = 0;
    enum error error = device_list(&view->task, &device, &count, &view->err);

    if (error)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "id", device[i].id);
        value_put_str(item, arena, "name", device[i].name);
        value_put_str(item, arena, "role",
                      catalog_name(view->app->office.catalog, "role",
                                   device[i].role, view->task.language));
        value_put_str(item, arena, "made", when_text(view, device[i].created));
        put_text_or_false(view, item, "used",
                          device[i].used ? when_text(view, device[i].used)
                                         : STR(""));
        put_text_or_false(view, item, "revoked",
                          device[i].revoked ? when_text(view, device[i].revoked)
                                            : STR(""));
        value_add(list, arena, item);
    }
    view_title(view, N_("Teléfonos"));
    value_put(view->data, arena, "devices", list);
    value_put_bool(view->data, arena, "has_devices", value_count(list) > 0);
    if ((error = openrosa_sealed(&view->task, STR(""), 0, &sealed, &waiting,
                                 &view->err)))
        return error;
    value_put_int(view->data, arena, "sealed", (int64_t)waiting);
    put_roles(view);
    value_put_str(view->page, arena, "name", view_field(view, "name"));
    if (!value_get(view->page, "fresh")) {
        value_put_bool(view->page, arena, "fresh", false);
        value_put_bool(view->page, arena, "qr", false);
    }
    return ERROR_NONE;
}

enum error device_list_page(struct view *view)
{
    return devices_fill(view);
}

static enum error devices_again(struct view *view, enum error error)
{
    struct err first = view->err;

    view->err = (struct err){0};
    if (error_status(error) >= 500 || devices_fill(view) != ERROR_NONE) {
        if (error_status(error) >= 500)
            view->err = first;
        return view->err.code;
    }
    view->err = first;
    return view_again(view, "device_list", error);
}

enum error device_add_post(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str name = str_trim(view_field(view, "name"));
    struct str secret = STR(""), id = STR(""), url;
    struct value *fresh = value_object(arena);
    enum error error = device_add(&view->task, name, view_field(view, "role"),
                                  &secret, &id, &view->err);

    if (error)
        return devices_again(view, error);
    url = view_format(view, "%.*s/key/%.*s", STR_ARGS(view_base(view)),
                      STR_ARGS(secret));
    if (view->json) {
        value_put_str(view->data, arena, "secret", secret);
        value_put_str(view->data, arena, "url", url);
        value_put_str(view->data, arena, "id", id);
        value_put_str(view->data, arena, "collect",
                      collect_settings(view, settings_json(view, url)));
        view->response->status = 201;
        return ERROR_NONE;
    }
    value_put_str(fresh, arena, "name", name);
    value_put_str(fresh, arena, "secret", secret);
    value_put_str(fresh, arena, "server", view_base(view));
    value_put_str(fresh, arena, "url", url);
    value_put(view->page, arena, "fresh", fresh);
    view_qr(view, collect_settings(view, settings_json(view, url)));
    view->fields = value_object(arena);
    return devices_fill(view);
}

enum error device_revoke_post(struct view *view)
{
    enum error error = device_revoke(&view->task, view->param[0], &view->err);

    if (error)
        return error;
    view_redirect_said(view, STR("/device"), "revoked");
    return ERROR_NONE;
}
