/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exchange.c - from libmicrohttpd's pieces to struct request, and from struct
 * response back. Knows no thread and no database.
 */
#include "http/exchange.h"

#include "http/encode.h"
#include "http/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    HEADERS_MAX = 100,
    KEEP_MAX = 256 * 1024,
    BODY_FIRST = 1024 * 1024,      /* room for who only announces much */
    BODIES_MAX = 256 * 1024 * 1024 /* all bodies together, but small ones */
};

struct exchange *exchange_new(void)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange)
        arena_init(&exchange->arena, NULL);
    return exchange;
}

/* A large request must not leave a large arena behind. */
void exchange_clear(struct exchange *exchange)
{
    struct arena arena = exchange->arena;

    if (exchange->kept)
        kept_release(exchange->kept);
    else if (exchange->out)
        MHD_destroy_response(exchange->out);
    free(exchange->body);
    if (exchange->held)
        atomic_fetch_sub(exchange->bodies, exchange->held);
    if (arena.total > KEEP_MAX)
        arena_release(&arena);
    else
        arena_clear(&arena);
    *exchange = (struct exchange){.arena = arena};
}

void exchange_free(struct exchange *exchange)
{
    exchange_clear(exchange);
    arena_release(&exchange->arena);
    free(exchange);
}

/* The announced length, 0 when there is none. */
static size_t body_length(const struct exchange *exchange)
{
    const char *text = MHD_lookup_connection_value(
        exchange->connection, MHD_HEADER_KIND, "Content-Length");
    int64_t length = 0;

    return str_to_int(str_of(text), &length) && length > 0 ? (size_t)length : 0;
}

/* A place for this body among those in memory; small ones need none. */
static bool body_reserve(struct exchange *exchange, size_t size)
{
    size_t more =
        size > BODY_FIRST && size > exchange->held ? size - exchange->held : 0;

    if (more && atomic_fetch_add(exchange->bodies, more) + more > BODIES_MAX) {
        atomic_fetch_sub(exchange->bodies, more);
        exchange->crowded = true;
        return false;
    }
    exchange->held += more;
    return true;
}

/* The client sends nothing before it hears "100 Continue". */
static bool waits(const struct exchange *exchange)
{
    const char *text = MHD_lookup_connection_value(exchange->connection,
                                                   MHD_HEADER_KIND, "Expect");

    return text && str_equal_nocase(str_of(text), STR("100-continue"));
}

/* Who is sending already would not see an answer that comes first: the
 * connection breaks under it. So what is not far too large is read and thrown
 * away. */
bool exchange_refuses(struct exchange *exchange)
{
    size_t length = body_length(exchange);

    exchange->body_most = request_body_max(exchange->uri);
    exchange->too_large =
        length > exchange->body_most || !body_reserve(exchange, length);
    return exchange->too_large &&
           (waits(exchange) || length / 2 > exchange->body_most);
}

/* Room for all of the body at once when its length is announced and not much;
 * else as it comes: memory is not for who only announces. */
static size_t body_room(const struct exchange *exchange, size_t least)
{
    size_t length = body_length(exchange), room = exchange->body_room * 2;

    if (!room)
        room = length < BODY_FIRST ? length : BODY_FIRST;
    if (room > length && least <= length)
        room = length;
    if (room < least)
        room = least < 4096 ? 4096 : least;
    return room;
}

static bool body_grow(struct exchange *exchange, size_t least)
{
    size_t room = body_room(exchange, least);
    char *body;

    if (!body_reserve(exchange, room))
        return false;
    body = realloc(exchange->body, room);
    if (!body)
        return false;
    exchange->body = body;
    exchange->body_room = room;
    return true;
}

void exchange_take(struct exchange *exchange, const char *at, size_t size)
{
    size_t least = exchange->body_size + size;

    if (!exchange->too_large &&
        (least > exchange->body_most ||
         (least > exchange->body_room && !body_grow(exchange, least))))
        exchange->too_large = true;
    if (exchange->too_large) {
        exchange->body_size = 0;
        return;
    }
    memcpy(exchange->body + exchange->body_size, at, size);
    exchange->body_size = least;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind,
                                  const char *name, const char *value)
{
    struct exchange *exchange = context;
    struct header *header = (struct header *)exchange->request.header;
    char *lower;

    (void)kind;
    if (exchange->request.headers == HEADERS_MAX)
        return MHD_NO;
    header += exchange->request.headers;
    header->name = str_copy(&exchange->arena, str_of(name));
    header->value = value ? str_copy(&exchange->arena, str_of(value)) : STR("");
    lower = (char *)(uintptr_t)header->name.at;
    for (size_t i = 0; lower && i < header->name.size; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    exchange->request.headers++;
    return MHD_YES;
}

static struct str peer_address(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN] = "";

    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof(v4));
        inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    } else if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof(v6));
        inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    }
    return str_copy(&exchange->arena, str_of(text));
}

void exchange_read(struct exchange *exchange, const char *method,
                   const char *trusted)
{
    struct request *request = &exchange->request;
    struct str rest = exchange->uri;

    *request = (struct request){.arena = &exchange->arena};
    request->method = str_copy(&exchange->arena, str_of(method));
    str_cut(&rest, '?', &request->path);
    request->query = rest;
    request->header = ARENA_ARRAY(&exchange->arena, struct header, HEADERS_MAX);
    if (request->header)
        MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND,
                                  add_header, exchange);
    request->body = (struct str){exchange->body, exchange->body_size};
    request->too_large = exchange->too_large;
    request->crowded = exchange->crowded;
    request->address = forwarded_address(&exchange->arena, request,
                                         peer_address(exchange), trusted);
}

static struct str header_of(const struct response *response, const char *name)
{
    for (size_t i = 0; i < response->headers; i++)
        if (str_equal_nocase(response->header[i].name, str_of(name)))
            return response->header[i].value;
    return STR_NULL;
}

static void put_headers(struct exchange *exchange, struct MHD_Response *out,
                        const struct encoded *encoded)
{
    const struct response *response = &exchange->response;

    for (size_t i = 0; i < response->headers; i++)
        MHD_add_response_header(
            out, str_c(&exchange->arena, response->header[i].name),
            str_c(&exchange->arena, response->header[i].value));
    if (encoded->encoding)
        MHD_add_response_header(out, "Content-Encoding", encoded->encoding);
    if (encoded->vary)
        MHD_add_response_header(out, "Vary", "Accept-Encoding");
    if (*exchange->closing)
        MHD_add_response_header(out, "Connection", "close");
}

/* --- what is kept --------------------------------------------------------- */

static bool has_it(const struct exchange *exchange, struct str etag)
{
    return etag_matches(request_header(&exchange->request, "if-none-match"),
                        etag);
}

static void use_kept(struct exchange *exchange)
{
    const struct kept *kept = exchange->kept;
    bool unchanged = has_it(exchange, str_of(kept->etag));

    exchange->status = unchanged ? 304 : 200;
    exchange->sent = unchanged ? 0 : kept->size;
    exchange->out = unchanged ? kept->unchanged : kept->whole;
    exchange->response.route = kept->route;
}

bool exchange_kept(struct exchange *exchange, struct app *app, struct db *db)
{
    struct keep *keep = &exchange->keep;
    size_t size;

    if (*exchange->closing || !app_keep(app, db, &exchange->request, keep))
        return false;
    size = strlen(keep->key);
    if (encoding_accepted(request_header(&exchange->request, "accept-encoding"),
                          "gzip"))
        snprintf(keep->key + size, KEEP_KEY - size, "|gzip");
    exchange->kept = kept_get(exchange->table, keep);
    if (!exchange->kept)
        return false;
    app_counted(app, str_of(exchange->kept->counted));
    use_kept(exchange);
    return true;
}

static void keep_responses(struct exchange *exchange, struct kept *kept,
                           const struct encoded *encoded)
{
    kept->whole = MHD_create_response_from_buffer(
        kept->size, (void *)(uintptr_t)encoded->body.at, MHD_RESPMEM_MUST_COPY);
    kept->unchanged =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!kept->whole || !kept->unchanged)
        return;
    put_headers(exchange, kept->whole, encoded);
    put_headers(exchange, kept->unchanged, &(struct encoded){.vary = true});
}

static struct kept *keep_made(struct exchange *exchange,
                              const struct encoded *encoded)
{
    const struct response *response = &exchange->response;
    struct str etag = header_of(response, "etag");
    struct kept *kept;

    if (!response->kept || !exchange->keep.key[0] || *exchange->closing ||
        encoded->body.size > KEPT_MOST || etag.size >= KEPT_TEXT ||
        response->counted.size >= KEPT_TEXT)
        return NULL;
    kept = calloc(1, sizeof *kept);
    if (!kept)
        return NULL;
    kept->held = 1;
    kept->keep = exchange->keep;
    kept->size = encoded->body.size;
    kept->route = response->route;
    memcpy(kept->etag, etag.at, etag.size);
    memcpy(kept->counted, response->counted.at, response->counted.size);
    keep_responses(exchange, kept, encoded);
    if (!kept->whole || !kept->unchanged) {
        kept_release(kept);
        return NULL;
    }
    kept_put(exchange->table, kept);
    return kept;
}

void exchange_answer(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    const struct request *request = &exchange->request;
    struct encoded encoded;

    if (response->asset)
        encoded = encode_asset(response->asset,
                               request_header(request, "accept-encoding"));
    else
        encoded = encode_page(request, header_of(response, "content-type"),
                              response->body);
    exchange->kept = keep_made(exchange, &encoded);
    if (exchange->kept) {
        use_kept(exchange);
        return;
    }
    exchange->status = (unsigned)response->status;
    if (exchange->status == 200 &&
        has_it(exchange, header_of(response, "etag"))) {
        exchange->status = 304;
        encoded.body = STR("");
        encoded.encoding = NULL;
    }
    exchange->sent = encoded.body.size;
    exchange->out = MHD_create_response_from_buffer(
        encoded.body.size, (void *)(uintptr_t)encoded.body.at,
        MHD_RESPMEM_PERSISTENT);
    if (exchange->out)
        put_headers(exchange, exchange->out, &encoded);
}
