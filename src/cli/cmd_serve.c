/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_serve.c - the program as a server: its options, its signals.
 *
 * Signals are blocked in all threads and awaited in this one: the first
 * SIGTERM or SIGINT finishes what is in flight, a second one does not wait.
 */
#include "cli/serving.h"

#include "http/forwarded.h"
#include "sys/certificate.h"
#include "sys/sandbox.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- options -------------------------------------------------------------- */

/* A certificate of our own; where it is for and how it is known is for the
 * page that tells people how to connect. */
static enum error tls_own(struct command_line *line, const char *path,
                          struct server_options *options,
                          struct entrance *entrance, struct err *err)
{
    struct certificate certificate;
    struct str names = certificate_names(&line->arena);
    enum error error =
        certificate_open(path, names, &line->arena, &certificate, err);

    if (error)
        return error;
    options->certificate = str_c(&line->arena, certificate.pem);
    options->key = options->certificate;
    entrance->fingerprint = certificate.fingerprint;
    entrance->names = names;
    return ERROR_NONE;
}

static enum error tls_read(struct command_line *line,
                           struct server_options *options,
                           struct entrance *entrance, struct err *err)
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
        return tls_own(line, own, options, entrance, err);
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
                               struct entrance *entrance, struct err *err)
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
    return tls_read(line, options, entrance, err);
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
    if (serving->app.entrance.fingerprint.size)
        serving_log(
            serving, HOST_INFO, "certificate", "sha256",
            str_c(&serving->line->arena, serving->app.entrance.fingerprint));
    serving_log(serving, HOST_INFO, "listening", "url", url);
}

/* A second signal finds its usual effect again. */
static void await_signal(struct serving *serving, const sigset_t *signals)
{
    int number = 0;

    sigwait(signals, &number);
    serving_log(serving, HOST_INFO, "stopping", "signal",
                number == SIGTERM ? "SIGTERM" : "SIGINT");
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static int serve(struct serving *serving, struct server_options *options,
                 const sigset_t *signals)
{
    struct err err = {0};

    pthread_mutex_init(&serving->lock, NULL);
    pthread_mutex_init(&serving->opening, NULL);
    pthread_cond_init(&serving->wake, NULL);
    pthread_cond_init(&serving->errand_wake, NULL);
    serving->options = options;
    if (serving_open(serving, &err)) {
        close(options->listener.socket);
        return command_fail(serving->line, &err);
    }
    say_where(serving, options);
    if (!sandbox_enter())
        serving_log(serving, HOST_WARNING, "no_sandbox", NULL, NULL);
    await_signal(serving, signals);
    serving_close(serving);
    serving_log(serving, HOST_INFO, "stopped", NULL, NULL);
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
    if (options_read(line, &options, &serving.app.entrance, &err) ||
        listener_open(&options.listener, listen ? listen : "127.0.0.1:8080",
                      &err))
        return command_fail(line, &err);
    if (!options.listener.loopback)
        serving.app.entrance.port = options.listener.port;
    if (check_open_air(line, &options, &err)) {
        close(options.listener.socket);
        return command_fail(line, &err);
    }
    return serve(&serving, &options, &signals);
}
