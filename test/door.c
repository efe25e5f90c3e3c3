/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "door.h"

static int64_t later_now(void *context)
{
    struct test_door *door = context;

    return door->now(&door->native) + door->later;
}

static void no_log(void *context, enum host_level level, const char *event,
                   const struct value *fields)
{
    (void)context, (void)level, (void)event, (void)fields;
}

bool door_open(struct test_door *door)
{
    struct office_options options = {.host = &door->native.host,
                                     .store_url = "sqlite::memory:",
                                     .files = &app_files,
                                     .site = STR("Casa inventada"),
                                     .zone = STR("America/Mexico_City")};
    struct err err = {0};

    arena_init(&door->arena, NULL);
    arena_init(&door->request, NULL);
    if (!host_native_init(&door->native))
        return false;
    door->now = door->native.host.now;
    door->native.host.now = later_now;
    door->native.host.log = no_log;
    door->app.strict = true;
    return !app_open(&door->app, &options, &err) &&
           !store_connect(door->app.office.store, false, &door->db, &err);
}

void door_close(struct test_door *door)
{
    if (door->db) {
        db_close(door->db);
        app_close(&door->app);
    }
    host_native_release(&door->native);
    arena_release(&door->arena);
    arena_release(&door->request);
}

void door_say(struct test_door *door, const char *name, const char *value)
{
    door->header[door->headers++] =
        (struct header){str_of(name), str_of(value)};
}

int door_ask(struct test_door *door, const char *method, const char *path,
             const char *body)
{
    struct request request = {.arena = &door->request,
                              .method = str_of(method),
                              .body = str_of(body),
                              .address = STR("127.0.0.1"),
                              .header = door->header,
                              .headers = door->headers};
    struct str rest = str_of(path);

    arena_clear(&door->request);
    str_cut(&rest, '?', &request.path);
    request.query = rest;
    app_respond(&door->app, door->db, &request, &door->response);
    door->headers = 0;
    return door->response.status;
}

void door_log_in(struct test_door *door, const char *name)
{
    struct str body =
        str_format(&door->arena, "name=%s&password=%s", name, DOOR_SECRET_SENT);

    door_ask(door, "POST", "/login", str_c(&door->arena, body));
}

const char *door_header(struct test_door *door, const char *name)
{
    const struct response *response = &door->response;

    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_nocase(response->header[i].name, str_of(name)))
            return str_c(&door->arena, response->header[i].value);
    return "";
}

const char *door_cookie_line(struct test_door *door, const char *name)
{
    const struct response *response = &door->response;
    struct str start = str_format(&door->arena, "%s=", name);

    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_nocase(response->header[i].name, STR("Set-Cookie")) &&
            str_starts(response->header[i].value, start))
            return str_c(&door->arena, response->header[i].value);
    return "";
}

const char *door_cookie(struct test_door *door, const char *name)
{
    struct str line = str_of(door_cookie_line(door, name)), first = STR("");

    str_cut(&line, ';', &first);
    return str_c(&door->arena, first);
}

const char *door_csrf(struct test_door *door)
{
    struct str body = door->response.body,
               mark = STR("name=\"_csrf\" value=\"");
    size_t at = str_find(body, mark);
    struct str rest, token;

    if (at == SIZE_MAX)
        return "";
    rest = str_slice(body, at + mark.size, body.size);
    str_cut(&rest, '"', &token);
    return str_c(&door->arena, token);
}
