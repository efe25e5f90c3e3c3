/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* server.c - libmicrohttpd's callbacks, and starting and stopping.
 *
 * Runs on libmicrohttpd's threads: nothing here may block. An exchange is
 * made when the request line is read, belongs to a worker while the
 * connection is suspended, and comes back here to be sent. The log has a line
 * per request with the pattern of its route, never its path: paths hold names
 * of records.
 */
#include "http/server.h"

#include "http/pool.h"

#include <pthread.h>
#include <unistd.h>

enum {
    FREE_MAX = 64,
    SILENCE_SECONDS = 30,
    SLOWEST = 500, /* bytes a second of a body, once it has had its time */
    HEADER_SIZE = 32 * 1024
};

struct server {
    _Atomic(struct app *) app;
    struct MHD_Daemon *daemon;
    struct pool *pool;
    pthread_mutex_t lock;
    pthread_cond_t empty;
    struct exchange *free;
    size_t frees;
    size_t in_flight;
    atomic_size_t bodies; /* exchange.h */
    struct kept_table *kept;
    const char *trusted_proxy;
    atomic_bool stopping;
};

/* Forward secrecy and authenticated ciphers only, in our order. */
static const char tls_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA"
    ":+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM"
    ":-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

static int64_t monotonic_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void flight_over(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    if (--server->in_flight == 0)
        pthread_cond_broadcast(&server->empty);
    pthread_mutex_unlock(&server->lock);
}

static struct exchange *exchange_get(struct server *server)
{
    struct exchange *exchange;

    pthread_mutex_lock(&server->lock);
    exchange = server->free;
    if (exchange) {
        server->free = exchange->next;
        server->frees--;
    }
    server->in_flight++;
    pthread_mutex_unlock(&server->lock);
    if (exchange)
        exchange->next = NULL;
    else
        exchange = exchange_new();
    if (!exchange)
        flight_over(server);
    return exchange;
}

static void exchange_put(struct server *server, struct exchange *exchange)
{
    bool keep;

    exchange_clear(exchange);
    pthread_mutex_lock(&server->lock);
    keep = server->frees < FREE_MAX;
    if (keep) {
        exchange->next = server->free;
        server->free = exchange;
        server->frees++;
    }
    if (--server->in_flight == 0)
        pthread_cond_broadcast(&server->empty);
    pthread_mutex_unlock(&server->lock);
    if (!keep)
        exchange_free(exchange);
}

/* The request line as it was sent; what it returns becomes the connection's
 * context. */
static void *on_uri(void *context, const char *uri,
                    struct MHD_Connection *connection)
{
    struct server *server = context;
    struct exchange *exchange = exchange_get(server);

    if (!exchange)
        return NULL;
    exchange->connection = connection;
    exchange->bodies = &server->bodies;
    exchange->closing = &server->stopping;
    exchange->table = server->kept;
    exchange->began = monotonic_us();
    exchange->uri = str_copy(&exchange->arena, str_of(uri));
    return exchange;
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
    exchange->state = EXCHANGE_SENT;
    if (!exchange->out)
        return MHD_NO;
    return MHD_queue_response(exchange->connection, exchange->status,
                              exchange->out);
}

/* Everything is there that will be read: a page that is kept goes out at once,
 * anything else is a worker's turn. */
static enum MHD_Result answer(struct server *server, struct exchange *exchange,
                              const char *method)
{
    exchange_read(exchange, method, server->trusted_proxy);
    if (exchange_kept(exchange, server->app, NULL))
        return send_answer(exchange);
    exchange->state = EXCHANGE_WORKING;
    MHD_suspend_connection(exchange->connection);
    pool_push(server->pool, exchange);
    return MHD_YES;
}

/* The path is the application's to decode. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection,
                            char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Silence ends a connection; so does a body that comes drop by drop. */
static bool drips(const struct exchange *exchange)
{
    int64_t late = monotonic_us() - exchange->began - SILENCE_SECONDS * 1000000;

    return late > 0 &&
           (int64_t)exchange->body_size < late / 1000 * SLOWEST / 1000;
}

static enum MHD_Result on_request(void *context,
                                  struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_size, void **slot)
{
    struct server *server = context;
    struct exchange *exchange = *slot;

    (void)connection;
    (void)url;
    (void)version;
    if (!exchange)
        return MHD_NO;
    switch (exchange->state) {
    case EXCHANGE_NEW:
        exchange->state = EXCHANGE_BODY;
        return exchange_refuses(exchange) ? answer(server, exchange, method)
                                          : MHD_YES;
    case EXCHANGE_BODY:
        if (*upload_size > 0) {
            exchange_take(exchange, upload, *upload_size);
            if (!exchange->too_large && drips(exchange))
                return MHD_NO;
            *upload_size = 0;
            return MHD_YES;
        }
        return answer(server, exchange, method);
    case EXCHANGE_READY:
        return send_answer(exchange);
    case EXCHANGE_WORKING:
    case EXCHANGE_SENT:
        break;
    }
    return MHD_YES;
}

/* On a worker: the answer is there. */
static void on_answer(void *context, struct exchange *exchange)
{
    (void)context;
    if (!exchange->out)
        exchange_answer(exchange);
    exchange->state = EXCHANGE_READY;
    MHD_resume_connection(exchange->connection);
}

/* A method is a word of the client's: one that we know, or none. */
static const char *method_named(struct str method)
{
    static const char *const known[] = {"GET",   "HEAD",    "POST",  "PUT",
                                        "PATCH", "OPTIONS", "DELETE"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal_c(method, known[i]))
            return known[i];
    return "other";
}

static void log_request(struct server *server, struct exchange *exchange,
                        bool whole)
{
    const struct app *app = server->app;
    const struct host *host = app->office.host;
    struct arena *arena = &exchange->arena;
    struct value *fields = value_object(arena);
    int64_t took = monotonic_us() - exchange->began;

    value_put_text(fields, arena, "method",
                   method_named(exchange->request.method));
    value_put_text(fields, arena, "route",
                   exchange->response.route ? exchange->response.route : "");
    value_put_int(fields, arena, "status", (int64_t)exchange->status);
    value_put(fields, arena, "ms",
              value_number(arena, (double)(took / 10) / 100));
    value_put_int(fields, arena, "bytes", (int64_t)exchange->sent);
    if (!whole)
        value_put_bool(fields, arena, "aborted", true);
    host->log(host->context, exchange->status >= 500 ? HOST_WARNING : HOST_INFO,
              "request", fields);
}

static void on_completed(void *context, struct MHD_Connection *connection,
                         void **slot, enum MHD_RequestTerminationCode code)
{
    struct server *server = context;
    struct exchange *exchange = *slot;

    (void)connection;
    if (!exchange)
        return;
    *slot = NULL;
    if (exchange->state >= EXCHANGE_READY)
        log_request(server, exchange,
                    code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    exchange_put(server, exchange);
}

static void on_complaint(void *context, const char *format, va_list list)
{
    /* libmicrohttpd tells of every client that hangs up: not our news. */
    (void)context;
    (void)format;
    (void)list;
}

static unsigned or_default(unsigned value, unsigned fallback)
{
    return value ? value : fallback;
}

static struct MHD_Daemon *daemon_start(struct server *server,
                                       const struct server_options *options)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities},
        {MHD_OPTION_END, 0, NULL}};

    if (options->certificate)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
        on_complaint, NULL, MHD_OPTION_LISTEN_SOCKET, options->listener.socket,
        MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_CONNECTION_LIMIT,
        or_default(options->connections, 1000),
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        or_default(options->per_address, options->trusted_proxy ? 1000 : 400),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_SIZE,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
}

static void server_free(struct server *server)
{
    while (server->free) {
        struct exchange *next = server->free->next;

        exchange_free(server->free);
        server->free = next;
    }
    pthread_cond_destroy(&server->empty);
    pthread_mutex_destroy(&server->lock);
    kept_table_free(server->kept);
    free(server);
}

enum error server_start(struct app *app, const struct server_options *options,
                        struct server **out, struct err *err)
{
    struct server *server = calloc(1, sizeof(*server));

    if (!server)
        return err_memory(err);
    server->app = app;
    server->trusted_proxy = options->trusted_proxy;
    server->kept = kept_table_new();
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->empty, NULL);
    server->pool =
        pool_new(app, or_default(options->workers, 64), on_answer, server);
    if (server->pool)
        server->daemon = daemon_start(server, options);
    if (!server->daemon) {
        pool_free(server->pool);
        server_free(server);
        return err_set(err, ERROR_INTERNAL,
                       options->certificate
                           ? N_("No se pudo empezar a escuchar: compruebe el "
                                "certificado y su clave.")
                           : N_("No se pudo empezar a escuchar."),
                       NULL, NULL, NULL);
    }
    *out = server;
    return ERROR_NONE;
}

void server_app(struct server *server, struct app *app)
{
    pool_app(server->pool, app);
    server->app = app;
}

void server_stop(struct server *server)
{
    struct timespec limit;
    int listening, late = 0;

    server->stopping = true;
    listening = MHD_quiesce_daemon(server->daemon);
    if (listening >= 0)
        close(listening);
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += SILENCE_SECONDS;
    pthread_mutex_lock(&server->lock);
    while (server->in_flight > 0 && !late)
        late = pthread_cond_timedwait(&server->empty, &server->lock, &limit);
    pthread_mutex_unlock(&server->lock);
    pool_free(server->pool);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}
