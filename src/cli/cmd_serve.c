/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_serve.c - the program as a server: application, writer, ticking clock
 * and HTTP door are put together here and taken apart in the other order.
 *
 * Signals are blocked in all threads and awaited in this one: the first
 * SIGTERM or SIGINT finishes what is in flight, a second one does not wait.
 */
#include "cli/command.h"

#include "domain/report/indicator.h"

#include "form/read/xml_tree.h"
#include "http/forwarded.h"
#include "http/server.h"
#include "sys/certificate.h"
#include "sys/sandbox.h"
#include "sys/writer.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TICK_MAX_MS = 60 * 1000, TICK_MIN_MS = 5 };

struct serving {
    struct command_line *line;
    struct app app;
    struct writer *writer;
    office_write own_write; /* what app_open had set */
    void *own_context;
    struct server *server;
    pthread_t ticker;
    bool ticking, stop, poked;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

static void log_event(struct serving *serving, enum host_level level,
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

/* --- the ticking clock ---------------------------------------------------- */

static int64_t tick_once(struct serving *serving, struct db **db)
{
    const struct host *host = &serving->line->native.host;
    int64_t now = host->now(host->context);
    struct err err = {0};

    if (!*db && store_connect(serving->app.office.store, false, db, &err)) {
        log_event(serving, HOST_ERROR, "tick_failed", "detail", err.detail);
        *db = NULL;
        return now + TICK_MAX_MS;
    }
    return app_tick(&serving->app, *db, now);
}

static void tick_wait(struct serving *serving, int64_t wait_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&serving->lock);
    if (!serving->stop && !serving->poked)
        pthread_cond_timedwait(&serving->wake, &serving->lock, &until);
    serving->poked = false;
    pthread_mutex_unlock(&serving->lock);
}

/* A request left long work behind. */
static void tick_soon(void *context)
{
    struct serving *serving = context;

    pthread_mutex_lock(&serving->lock);
    serving->poked = true;
    pthread_cond_signal(&serving->wake);
    pthread_mutex_unlock(&serving->lock);
}

static bool tick_stopped(struct serving *serving)
{
    bool stop;

    pthread_mutex_lock(&serving->lock);
    stop = serving->stop;
    pthread_mutex_unlock(&serving->lock);
    return stop;
}

/* A fresh connection each time: a tick is rare, and one that the database
 * dropped meanwhile would fail. */
static void *tick_main(void *context)
{
    struct serving *serving = context;
    const struct host *host = &serving->line->native.host;

    while (!tick_stopped(serving)) {
        struct db *db = NULL;
        int64_t next = tick_once(serving, &db);
        int64_t wait = next - host->now(host->context);

        if (db)
            db_close(db);
        if (wait > TICK_MAX_MS)
            wait = TICK_MAX_MS;
        tick_wait(serving, wait < TICK_MIN_MS ? TICK_MIN_MS : wait);
    }
    return NULL;
}

static void ticker_stop(struct serving *serving)
{
    if (!serving->ticking)
        return;
    pthread_mutex_lock(&serving->lock);
    serving->stop = true;
    pthread_cond_signal(&serving->wake);
    pthread_mutex_unlock(&serving->lock);
    pthread_join(serving->ticker, NULL);
    serving->ticking = false;
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
        log_event(serving, HOST_ERROR, "form_update_failed", "detail",
                  err.detail[0] ? err.detail : err.message);
    if (db)
        db_close(db);
}

/* --- options -------------------------------------------------------------- */

/* A certificate of our own; where it is for and how it is known is for the
 * page that tells people how to connect. */
static enum error tls_own(struct command_line *line, const char *path,
                          struct server_options *options, struct door *door,
                          struct err *err)
{
    struct certificate certificate;
    struct str names = certificate_names(&line->arena);
    enum error error =
        certificate_open(path, names, &line->arena, &certificate, err);

    if (error)
        return error;
    options->certificate = str_c(&line->arena, certificate.pem);
    options->key = options->certificate;
    door->fingerprint = certificate.fingerprint;
    door->names = names;
    return ERROR_NONE;
}

static enum error tls_read(struct command_line *line,
                           struct server_options *options, struct door *door,
                           struct err *err)
{
    const char *certificate = command_option(line, "--tls-cert");
    const char *key = command_option(line, "--tls-key");
    const char *own = command_option(line, "--tls-self");
    struct str text;

    if (!certificate != !key)
        return err_set(err, ERROR_USAGE,
                       N_("--tls-cert y --tls-key van juntos."), NULL, NULL,
                       NULL);
    if (own && certificate)
        return err_set(err, ERROR_USAGE,
                       N_("--tls-self hace su propio certificado: no va con "
                          "--tls-cert."),
                       NULL, NULL, NULL);
    if (own)
        return tls_own(line, own, options, door, err);
    if (!certificate)
        return ERROR_NONE;
    if (command_file(line, certificate, &text, err))
        return err->code;
    options->certificate = str_c(&line->arena, text);
    if (command_file(line, key, &text, err))
        return err->code;
    options->key = str_c(&line->arena, text);
    return ERROR_NONE;
}

static enum error options_read(struct command_line *line,
                               struct server_options *options,
                               struct door *door, struct err *err)
{
    const char *workers = command_option(line, "--workers");
    const char *level = command_option(line, "--log");
    int64_t number = 0;

    if (workers &&
        (!str_to_int(str_of(workers), &number) || number < 1 || number > 256))
        return err_set(err, ERROR_USAGE, N_("--workers es de 1 a 256."), NULL,
                       NULL, NULL);
    options->workers = (unsigned)number;
    options->trusted_proxy = command_option(line, "--trusted-proxy");
    if (options->trusted_proxy && !forwarded_list_valid(options->trusted_proxy))
        return err_set(err, ERROR_USAGE,
                       N_("--trusted-proxy es la dirección de red del "
                          "programa que cifra, como 127.0.0.1; varias van "
                          "separadas por comas."),
                       NULL, NULL, NULL);
    if (level && strcmp(level, "warning") == 0)
        line->native.level = HOST_WARNING;
    else if (level && strcmp(level, "error") == 0)
        line->native.level = HOST_ERROR;
    else if (level && strcmp(level, "info") != 0)
        return err_set(err, ERROR_USAGE, N_("--log es info, warning o error."),
                       NULL, NULL, NULL);
    return tls_read(line, options, door, err);
}

/* Names and papers of people do not travel in the open. */
static enum error check_open_air(struct command_line *line,
                                 const struct server_options *options,
                                 struct err *err)
{
    if (options->listener.loopback || options->certificate ||
        command_flag(line, "--allow-plain-http"))
        return ERROR_NONE;
    return err_set(err, ERROR_USAGE,
                   N_("Fuera de esta computadora se necesita TLS: dé "
                      "--tls-self casa.pem, o --tls-cert y --tls-key, o "
                      "--allow-plain-http si otro programa cifra la "
                      "conexión."),
                   NULL, NULL, NULL);
}

/* --- together and apart --------------------------------------------------- */

static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Those that cannot be counted; the report says it again at each. */
static void say_indicators(struct serving *serving)
{
    const struct form_problems *problems =
        &serving->app.office.indicators->problems;

    for (size_t i = 0; i < problems->count; i++) {
        struct str text = command_problem(serving->line, &problems->problem[i]);

        log_event(serving, HOST_WARNING, "indicator_refused", "reason",
                  str_c(&serving->line->arena, text));
    }
}

static enum error serving_open(struct serving *serving,
                               const struct server_options *options,
                               struct err *err)
{
    struct command_line *line = serving->line;
    struct office *office = &serving->app.office;
    const char *public_url = command_option(line, "--public-url");
    struct office_options office_options = {.host = &line->native.host,
                                            .store_url = line->store,
                                            .files = &line->files};

    serving->app.secure = options->certificate != NULL;
    serving->app.strict = getenv("COBIJO_STRICT") != NULL; /* tests */
    if (app_open(&serving->app, &office_options, err))
        return err->code;
    say_indicators(serving);
    serving->app.wake_context = serving;
    serving->app.wake = tick_soon;
    office->read_xml = xml_tree_read;
    office->public_url = str_of(public_url ? public_url : "");
    while (str_ends(office->public_url, STR("/")))
        office->public_url.size--;
    serving->own_write = office->write;
    serving->own_context = office->write_context;
    if (writer_open(office->store, &serving->writer, err) == ERROR_NONE) {
        office->write = writer_write;
        office->write_context = serving->writer;
        forms_refresh(serving);
        if (server_start(&serving->app, options, &serving->server, err) ==
            ERROR_NONE)
            return ERROR_NONE;
    }
    writer_close(serving->writer);
    office->write = serving->own_write;
    office->write_context = serving->own_context;
    app_close(&serving->app);
    return err->code;
}

static void serving_close(struct serving *serving)
{
    ticker_stop(serving);
    server_stop(serving->server);
    writer_close(serving->writer);
    serving->app.office.write = serving->own_write;
    serving->app.office.write_context = serving->own_context;
    app_close(&serving->app);
}

static void say_where(struct serving *serving,
                      const struct server_options *options)
{
    const struct listener *listener = &options->listener;
    bool v6 = strchr(listener->host, ':') != NULL;
    char url[128];

    snprintf(url, sizeof(url), "%s://%s%s%s:%u",
             options->certificate ? "https" : "http", v6 ? "[" : "",
             listener->host, v6 ? "]" : "", listener->port);
    printf("%s\n", url);
    fflush(stdout);
    if (serving->app.door.fingerprint.size)
        log_event(serving, HOST_INFO, "certificate", "sha256",
                  str_c(&serving->line->arena, serving->app.door.fingerprint));
    log_event(serving, HOST_INFO, "listening", "url", url);
}

/* A second signal finds its usual effect again. */
static void await_signal(struct serving *serving, const sigset_t *signals)
{
    int number = 0;

    sigwait(signals, &number);
    log_event(serving, HOST_INFO, "stopping", "signal",
              number == SIGTERM ? "SIGTERM" : "SIGINT");
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static int serve(struct serving *serving, struct server_options *options,
                 const sigset_t *signals)
{
    struct err err = {0};

    pthread_mutex_init(&serving->lock, NULL);
    pthread_cond_init(&serving->wake, NULL);
    if (serving_open(serving, options, &err)) {
        close(options->listener.socket);
        return command_fail(serving->line, &err);
    }
    serving->ticking =
        pthread_create(&serving->ticker, NULL, tick_main, serving) == 0;
    say_where(serving, options);
    if (!sandbox_enter())
        log_event(serving, HOST_WARNING, "no_sandbox", NULL, NULL);
    await_signal(serving, signals);
    serving_close(serving);
    log_event(serving, HOST_INFO, "stopped", NULL, NULL);
    return COMMAND_OK;
}

/* What a large request held goes back to the system: glibc would keep it in a
 * heap for each of the threads (measured: 307 MiB after thirty pages of a form
 * of 1,000 questions, 49 MiB so). */
static void keep_memory_small(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_ARENA_MAX, 4);
#endif
}

int cmd_serve(struct command_line *line)
{
    const char *listen = command_option(line, "--listen");
    struct server_options options = {.listener = {.socket = -1}};
    struct serving serving = {.line = line};
    struct err err = {0};
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_limits();
    keep_memory_small();
    if (options_read(line, &options, &serving.app.door, &err) ||
        listener_open(&options.listener, listen ? listen : "127.0.0.1:8080",
                      &err))
        return command_fail(line, &err);
    if (!options.listener.loopback)
        serving.app.door.port = options.listener.port;
    if (check_open_air(line, &options, &err)) {
        close(options.listener.socket);
        return command_fail(line, &err);
    }
    return serve(&serving, &options, &signals);
}
