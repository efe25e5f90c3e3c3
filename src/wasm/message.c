/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* message.c - HTTP/1.1 texts to struct request and from struct response. The
 * page makes them, so this is no parser for the open network: a wrong text is
 * refused as a whole.
 */
#include "wasm/shim.h"

#include <inttypes.h>

enum { HEADERS_MAX = 64 };

static bool read_first(struct arena *arena, struct str line,
                       struct request *request)
{
    struct str target;

    (void)arena;
    if (!str_cut(&line, ' ', &request->method) ||
        !str_cut(&line, ' ', &target) || request->method.size == 0 ||
        target.size == 0 || target.at[0] != '/')
        return false;
    str_cut(&target, '?', &request->path);
    request->query = target;
    return true;
}

static bool read_header(struct arena *arena, struct str line,
                        struct header *header)
{
    size_t colon = str_find_char(line, ':');
    char *name;

    if (colon == SIZE_MAX || colon == 0)
        return false;
    header->name = str_copy(arena, str_slice(line, 0, colon));
    header->value = str_trim(str_slice(line, colon + 1, line.size));
    name = (char *)(uintptr_t)header->name.at;
    for (size_t i = 0; name && i < header->name.size; i++)
        if (name[i] >= 'A' && name[i] <= 'Z')
            name[i] = (char)(name[i] - 'A' + 'a');
    return name != NULL;
}

/* The next line, without its CR LF; false where there is none. */
static bool read_line(struct str *rest, struct str *line)
{
    size_t end = str_find(*rest, STR("\r\n"));

    if (end == SIZE_MAX)
        return false;
    *line = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end + 2, rest->size);
    return true;
}

bool message_read(struct arena *arena, struct str text, struct request *request)
{
    struct header *header = ARENA_ARRAY(arena, struct header, HEADERS_MAX);
    struct str rest = text, line;

    *request = (struct request){.arena = arena, .header = header};
    if (!header || !read_line(&rest, &line) ||
        !read_first(arena, line, request))
        return false;
    while (read_line(&rest, &line) && line.size > 0) {
        if (request->headers == HEADERS_MAX ||
            !read_header(arena, line, &header[request->headers]))
            return false;
        request->headers++;
    }
    request->body = rest;
    request->address = STR("127.0.0.1");
    return true;
}

void message_write(const struct response *response, struct buf *out)
{
    struct str body = response->body;

    if (response->asset)
        body = (struct str){(const char *)response->asset->bytes,
                            response->asset->size};
    buf_printf(out, "HTTP/1.1 %d\r\n", response->status);
    for (size_t i = 0; i < response->headers; i++) {
        buf_put(out, response->header[i].name);
        buf_puts(out, ": ");
        buf_put(out, response->header[i].value);
        buf_puts(out, "\r\n");
    }
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.size);
    buf_put(out, body);
}
