/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a whole request, read as the dispatcher reads it: query, cookies,
 * path parameters, then the body by its Content-Type. What begins with no
 * request line is tried as a body of each type, its first line being the
 * boundary. What is not refused must be valid UTF-8 in an object.
 */
#include "core/utf8.h"
#include "wasm/shim.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(struct str text)
{
    if (utf8_invalid(text) != SIZE_MAX)
        abort();
}

static void check_value(const struct value *value)
{
    struct str bytes = value_text_of(value, "bytes");

    check_text(value_text(value));
    for (size_t i = 0; i < value_count(value); i++) {
        if (value_type(value) == VALUE_OBJECT)
            check_text(value_name_at(value, i));
        if (bytes.size && value_text(value_at(value, i)).at == bytes.at)
            continue; /* a file is any bytes */
        check_value(value_at(value, i));
    }
}

static void check_fields(enum error error, const struct err *err,
                         const struct value *fields)
{
    if (error != err->code)
        abort();
    if (error)
        return;
    if (value_type(fields) != VALUE_OBJECT)
        abort();
    check_value(fields);
}

static void read_body(struct arena *arena, const struct request *request)
{
    const struct value *fields = NULL;
    struct err err = {0};
    enum error error = body_parse(arena, request, &fields, &err);

    check_fields(error, &err, fields);
    if (value_type(fields) != VALUE_OBJECT)
        abort(); /* an object even when refused */
}

static void read_request(struct arena *arena, const struct request *request)
{
    const struct value *fields = NULL;
    struct err err = {0};
    struct str rest = request->path, part, decoded;
    enum error error = fields_parse(arena, request->query, &fields, &err);

    check_fields(error, &err, fields);
    while (str_cut(&rest, '/', &part))
        if (percent_decode(arena, part, false, &decoded))
            check_text(decoded);
    (void)request_cookie(request, "cobijo");
    (void)request_from_elsewhere(request);
    read_body(arena, request);
}

/* The same bytes under each type. */
static void read_bodies(struct arena *arena, struct str text)
{
    struct str rest = text, line;
    struct header header = {STR("content-type"), STR_NULL};
    struct request request = {.arena = arena, .header = &header, .headers = 1};
    static const char *const type[] = {"application/json",
                                       "application/x-www-form-urlencoded"};

    for (size_t i = 0; i < 2; i++) {
        header.value = str_of(type[i]);
        request.body = text;
        read_body(arena, &request);
    }
    str_cut(&rest, '\n', &line);
    header.value = str_join(arena, STR("multipart/form-data; boundary="), line);
    request.body = rest;
    read_body(arena, &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct request request;
    struct arena arena;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (message_read(&arena, text, &request))
        read_request(&arena, &request);
    else
        read_bodies(&arena, text);
    arena_release(&arena);
    return 0;
}
