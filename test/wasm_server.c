/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* wasm_server.c - the native side of test/wasm.t: the application that the
 * browser build makes (a store in memory, a token), behind the real HTTP door,
 * with a host that always says the same. Prints the port and the token; ends
 * when its standard input does. Everybody in it is made up.
 */
#include <stdio.h>

#include "http/server.h"
#include "sys/host_native.h"
#include "wasm/shim.h"

struct fixed {
    struct host_native native;
    uint64_t state;
};

static int64_t fixed_now(void *context)
{
    (void)context;
    return INT64_C(1795060800000); /* 2026-11-19T04:00:00Z */
}

/* SplitMix64, one step per byte: JavaScript does the same. */
static void fixed_random(void *context, void *bytes, size_t size)
{
    struct fixed *fixed = context;
    unsigned char *out = bytes;

    for (size_t i = 0; i < size; i++) {
        uint64_t z = fixed->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        out[i] = (unsigned char)(z ^ z >> 31);
    }
}

static void native_hash(void *context, const struct str *part, size_t count,
                        unsigned char out[32])
{
    struct fixed *fixed = context;

    fixed->native.host.hash(&fixed->native, part, count, out);
}

static int fixed_offset(void *context, struct str zone, int64_t instant)
{
    (void)context, (void)zone, (void)instant;
    return -6 * 3600;
}

static void no_log(void *context, enum host_level level, const char *event,
                   const struct value *fields)
{
    (void)context, (void)level, (void)event, (void)fields;
}

static int serve(struct app *app, struct str token, struct err *err)
{
    struct server_options options = {.listener = {.socket = -1}, .workers = 1};
    struct server *server;

    if (listener_open(&options.listener, "127.0.0.1:0", err) ||
        server_start(app, &options, &server, err))
        return 3;
    printf("%u %.*s\n", options.listener.port, STR_ARGS(token));
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    server_stop(server);
    return 0;
}

int main(int argc, char **argv)
{
    struct fixed fixed = {.state = 42};
    struct host host = {.context = &fixed,
                        .now = fixed_now,
                        .random = fixed_random,
                        .hash = native_hash,
                        .utc_offset = fixed_offset,
                        .log = no_log};
    struct app app = {.strict = true};
    struct arena arena;
    struct err err = {0};
    struct str token;
    int code = 3;

    arena_init(&arena, NULL);
    if (host_native_init(&fixed.native) &&
        !shim_open(&host, &app, &arena, str_of(argc > 1 ? argv[1] : "admin"),
                   &token, &err)) {
        code = serve(&app, token, &err);
        app_close(&app);
    }
    if (code)
        fprintf(stderr, "wasm_server: %.*s %s\n",
                STR_ARGS(err_text(&err, NULL, &arena)), err.detail);
    host_native_release(&fixed.native);
    arena_release(&arena);
    return code;
}
