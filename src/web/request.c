/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* request.c - takes apart what a browser or a program sent: headers, cookies,
 * query strings, urlencoded and multipart bodies.
 *
 * It owns nothing: every text points into the request or its arena. It knows
 * no page, no session and no form; it refuses what is not UTF-8, so nothing
 * behind it has to look again.
 */
#include "web/request.h"

#include "core/utf8.h"

enum { FIELD_NAME_MAX = 256 };

struct str request_header(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->headers; i++)
        if (str_equal_nocase(request->header[i].name, str_of(name)))
            return request->header[i].value;
    return STR_NULL;
}

struct str request_cookie(const struct request *request, const char *name)
{
    struct str wanted = str_of(name);

    for (size_t i = 0; i < request->headers; i++) {
        struct str rest = request->header[i].value;
        struct str part;

        if (!str_equal_nocase(request->header[i].name, STR("cookie")))
            continue;
        while (str_cut(&rest, ';', &part)) {
            struct str value = str_trim(part);
            struct str key;

            if (str_find_char(value, '=') == SIZE_MAX)
                continue;
            str_cut(&value, '=', &key);
            if (str_equal(str_trim(key), wanted))
                return str_trim(value);
        }
    }
    return STR_NULL;
}

void response_header(struct response *response, const char *name,
                     struct str value)
{
    size_t most = sizeof response->header / sizeof response->header[0];

    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 127)
            return; /* would split the header */
    if (response->headers < most) {
        response->header[response->headers].name = str_of(name);
        response->header[response->headers].value = value;
        response->headers++;
    }
}

bool percent_decode(struct arena *arena, struct str text, bool plus,
                    struct str *decoded)
{
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    if (!out)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high, low;

            if (i + 2 >= text.size)
                return false;
            high = str_hex_digit(text.at[i + 1]);
            low = str_hex_digit(text.at[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return false;
        out[size++] = c;
    }
    *decoded = (struct str){out, size};
    return utf8_invalid(*decoded) == SIZE_MAX;
}

/* A name that occurs again turns its member into a list. */
static void field_add(struct value *fields, struct arena *arena,
                      struct str name, const struct value *member)
{
    const struct value *before = value_get_str(fields, name);
    struct value *list;

    if (!before) {
        value_set(fields, arena, name, member);
        return;
    }
    if (value_type(before) == VALUE_LIST) {
        /* the list is ours: made two lines below */
        value_add((struct value *)(uintptr_t)before, arena, member);
        return;
    }
    list = value_list(arena);
    value_add(list, arena, before);
    value_add(list, arena, member);
    value_set(fields, arena, name, list);
}

static enum error too_many_fields(struct err *err)
{
    return err_set(err, ERROR_TOO_LARGE,
                   N_("El formulario trae demasiados campos."), NULL, NULL,
                   NULL);
}

enum error fields_parse(struct arena *arena, struct str text,
                        const struct value **fields, struct err *err)
{
    struct value *object = value_object(arena);
    struct str part, rest = text;
    size_t count = 0;

    while (rest.size > 0 && str_cut(&rest, '&', &part)) {
        struct str value = part, name, key, decoded;

        if (part.size == 0)
            continue;
        if (++count > REQUEST_FIELDS_MAX)
            return too_many_fields(err);
        str_cut(&value, '=', &name);
        if (!percent_decode(arena, name, true, &key) ||
            !percent_decode(arena, value, true, &decoded) ||
            key.size > FIELD_NAME_MAX)
            return err_set(err, ERROR_SYNTAX,
                           N_("Lo enviado no es texto UTF-8 válido."), NULL,
                           NULL, NULL);
        field_add(object, arena, key, value_string(arena, decoded));
    }
    if (arena_failed(arena))
        return err_memory(err);
    *fields = object;
    return ERROR_NONE;
}

/* The value of NAME="value" or NAME=value in a header's parameters. */
static struct str header_parameter(struct str header, const char *name)
{
    struct str rest = header, part;

    str_cut(&rest, ';', &part);
    while (str_cut(&rest, ';', &part)) {
        struct str value = str_trim(part), key;

        if (str_find_char(value, '=') == SIZE_MAX)
            continue;
        str_cut(&value, '=', &key);
        if (!str_equal_nocase(str_trim(key), str_of(name)))
            continue;
        value = str_trim(value);
        if (value.size >= 2 && value.at[0] == '"')
            value = str_slice(value, 1, value.size - 1);
        return value;
    }
    return STR_NULL;
}

struct part {
    struct str name, file, type, bytes;
    bool is_file;
};

/* Headers and bytes of one part; false when it is not well formed. */
static bool part_read(struct str text, struct part *part)
{
    size_t end = str_find(text, STR("\r\n\r\n"));
    struct str head, line;

    *part = (struct part){0};
    if (end == SIZE_MAX)
        return false;
    head = str_slice(text, 0, end);
    part->bytes = str_slice(text, end + 4, text.size);
    while (str_cut(&head, '\n', &line)) {
        struct str value = str_trim(line), name;

        if (str_find_char(value, ':') == SIZE_MAX)
            continue;
        str_cut(&value, ':', &name);
        value = str_trim(value);
        if (str_equal_nocase(name, STR("content-disposition"))) {
            part->name = header_parameter(value, "name");
            part->file = header_parameter(value, "filename");
            part->is_file = !str_is_null(part->file);
        } else if (str_equal_nocase(name, STR("content-type"))) {
            part->type = value;
        }
    }
    return part->name.size > 0 && part->name.size <= FIELD_NAME_MAX &&
           utf8_invalid(part->name) == SIZE_MAX &&
           utf8_invalid(part->type) == SIZE_MAX &&
           utf8_invalid(part->file) == SIZE_MAX;
}

static const struct value *part_value(struct arena *arena,
                                      const struct part *part)
{
    struct value *file;

    if (!part->is_file)
        return value_string(arena, part->bytes);
    file = value_object(arena);
    value_put_str(file, arena, "name", part->file);
    value_put_str(file, arena, "type", part->type);
    value_put_str(file, arena, "bytes", part->bytes);
    return file;
}

static enum error multipart_wrong(struct err *err)
{
    return err_set(err, ERROR_SYNTAX,
                   N_("El envío llegó incompleto o dañado. Inténtelo otra "
                      "vez."),
                   NULL, NULL, NULL);
}

enum error multipart_parse(struct arena *arena, struct str type,
                           struct str body, const struct value **fields,
                           struct err *err)
{
    struct str boundary = header_parameter(type, "boundary");
    struct value *object = value_object(arena);
    struct str mark, first;
    size_t count = 0;

    if (boundary.size == 0 || boundary.size > 200)
        return multipart_wrong(err);
    mark = str_join(arena, STR("\r\n--"), boundary);
    first = str_slice(mark, 2, mark.size);
    if (!str_starts(body, first))
        return multipart_wrong(err);
    body = str_slice(body, first.size, body.size);
    while (!str_starts(body, STR("--"))) {
        struct part part;
        size_t end = str_find(body, mark);

        if (end == SIZE_MAX || !str_starts(body, STR("\r\n")))
            return multipart_wrong(err);
        if (++count > REQUEST_FIELDS_MAX)
            return too_many_fields(err);
        if (!part_read(str_slice(body, 2, end), &part) ||
            (!part.is_file && utf8_invalid(part.bytes) != SIZE_MAX))
            return multipart_wrong(err);
        field_add(object, arena, part.name, part_value(arena, &part));
        body = str_slice(body, end + mark.size, body.size);
    }
    if (arena_failed(arena))
        return err_memory(err);
    *fields = object;
    return ERROR_NONE;
}

static bool type_is(struct str type, const char *wanted)
{
    struct str rest = type, first;

    return str_cut(&rest, ';', &first) &&
           str_equal_nocase(str_trim(first), str_of(wanted));
}

static enum error json_parse(struct arena *arena, struct str body,
                             const struct value **fields, struct err *err)
{
    const struct value *value = NULL;
    enum error error = value_parse(arena, body, &value, err);

    if (error != ERROR_NONE)
        return error;
    if (value_type(value) != VALUE_OBJECT)
        return err_set(err, ERROR_SYNTAX, N_("Se esperaba un objeto JSON."),
                       NULL, NULL, NULL);
    *fields = value;
    return ERROR_NONE;
}

enum error body_parse(struct arena *arena, const struct request *request,
                      const struct value **fields, struct err *err)
{
    struct str type = request_header(request, "content-type");

    *fields = value_object(arena);
    if (request->body.size == 0)
        return ERROR_NONE;
    if (type_is(type, "application/json"))
        return json_parse(arena, request->body, fields, err);
    if (type_is(type, "multipart/form-data"))
        return multipart_parse(arena, type, request->body, fields, err);
    if (type.size == 0 || type_is(type, "application/x-www-form-urlencoded"))
        return fields_parse(arena, request->body, fields, err);
    return err_set(err, ERROR_SYNTAX,
                   N_("No se puede leer ese tipo de contenido."), NULL, NULL,
                   NULL);
}

size_t request_body_max(struct str path)
{
    struct str rest = path;

    str_cut(&rest, '?', &path);
    return str_ends(path, STR("/submission")) ? REQUEST_POST_MAX
                                              : REQUEST_BODY_MAX;
}

bool request_from_elsewhere(const struct request *request)
{
    struct str site = request_header(request, "sec-fetch-site");
    struct str origin = request_header(request, "origin");
    struct str host = request_header(request, "host");
    size_t at;

    if (site.size > 0)
        return !str_equal_c(site, "same-origin") && !str_equal_c(site, "none");
    if (origin.size == 0 || str_equal_c(origin, "null"))
        return false; /* no-referrer makes it "null": the token decides */
    at = str_find(origin, STR("://"));
    return at == SIZE_MAX ||
           !str_equal_nocase(str_slice(origin, at + 3, origin.size), host);
}
