/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host_native.c - the functions of struct host for a machine of our own.
 *
 * Passwords: Argon2id with 19 MiB and two passes (OWASP's first choice): half
 * a tenth of a second on an old laptop. At most two are computed at a time,
 * so that a crowd at the login page cannot take the memory of the others.
 * The log is one write() per line, so lines of several threads do not mix.
 */
/* The one call that needs no context on the heap; OpenSSL 3 would have us ask
 * for the algorithm by name each time. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sys/host_native.h"

#include "core/date.h"
#include "form/read/read.h"
#include "sys/commonmark.h"
#include "sys/courier.h"
#include "sys/fetch.h"
#include "sys/seal.h"
#include "sys/password.h"
#include "sys/unseal.h"
#include "sys/verify.h"
#include "sys/zone.h"

#include <pthread.h>
#include <openssl/sha.h>
#include <qrencode.h>
#include <sodium.h>
#include <unistd.h>

enum { PASSWORD_PASSES = 2, PASSWORD_MEMORY = 19 * 1024 * 1024 };

static int64_t now_ms(void *context)
{
    struct timespec time;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void pause_ms(void *context, int milliseconds)
{
    struct timespec time = {milliseconds / 1000,
                            milliseconds % 1000 * 1000000L};

    (void)context;
    nanosleep(&time, NULL);
}

static void random_bytes(void *context, void *bytes, size_t size)
{
    (void)context;
    randombytes_buf(bytes, size);
}

/* libcrypto's, which uses the processor's SHA instructions: a walk over the
 * log is little else. */
static void hash_parts(void *context, const struct str *part, size_t count,
                       unsigned char out[32])
{
    SHA256_CTX state;

    (void)context;
    SHA256_Init(&state);
    for (size_t i = 0; i < count; i++)
        if (part[i].size)
            SHA256_Update(&state, part[i].at, part[i].size);
    SHA256_Final(out, &state);
}

static int zone_offset(void *context, struct str zone, int64_t instant)
{
    struct host_native *native = context;

    return zones_offset(native->zones, zone, instant);
}

static void write_all(const char *at, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(STDERR_FILENO, at, size);

        if (wrote <= 0)
            return;
        at += wrote;
        size -= (size_t)wrote;
    }
}

static void log_event(void *context, enum host_level level, const char *event,
                      const struct value *fields)
{
    static const char *const name[] = {"info", "warning", "error"};
    struct host_native *native = context;
    struct arena arena;
    struct value *line;
    struct buf out;

    if (level < native->level)
        return;
    arena_init(&arena, NULL);
    line = value_object(&arena);
    value_put_str(line, &arena, "time", instant_text(&arena, now_ms(NULL)));
    value_put_text(line, &arena, "level", name[level]);
    value_put_text(line, &arena, "event", event);
    for (size_t i = 0; i < value_count(fields); i++)
        value_set(line, &arena, value_name_at(fields, i), value_at(fields, i));
    buf_init(&out, &arena);
    value_write(line, &out);
    buf_putc(&out, '\n');
    write_all(buf_str(&out).at, buf_str(&out).size);
    arena_release(&arena);
}

/* The two places where Argon2id may run at the same time. */
struct passwords {
    pthread_mutex_t place[2];
};

static pthread_mutex_t *password_enter(struct host_native *native)
{
    pthread_mutex_t *place = native->passwords->place;

    if (pthread_mutex_trylock(&place[0]) == 0)
        return &place[0];
    pthread_mutex_lock(&place[1]);
    return &place[1];
}

static bool password_hash(void *context, struct str password, char out[128])
{
    pthread_mutex_t *place = password_enter(context);
    int failed =
        crypto_pwhash_str(out, password.at ? password.at : "", password.size,
                          PASSWORD_PASSES, PASSWORD_MEMORY);

    pthread_mutex_unlock(place);
    return !failed;
}

static bool password_verify(void *context, struct str password,
                            const char *hash)
{
    pthread_mutex_t *place = password_enter(context);
    int failed = crypto_pwhash_str_verify(hash, password.at ? password.at : "",
                                          password.size);

    pthread_mutex_unlock(place);
    return !failed;
}

static enum error tables_of(void *context, struct arena *arena,
                            struct str bytes, struct tables *tables,
                            struct err *err)
{
    (void)context;
    return read_tables(arena, bytes, tables, err);
}

static enum error archive_of(void *context, struct arena *arena,
                             struct str bytes, struct str suffix,
                             struct packed *packed, struct err *err)
{
    (void)context;
    return read_archive(arena, bytes, suffix, packed, err);
}

static enum error archive_from(void *context, struct arena *arena,
                               const struct packed *packed, struct str *bytes,
                               struct err *err)
{
    (void)context;
    return write_archive(arena, packed, bytes, err);
}

static bool qr_modules(void *context, struct arena *arena, struct str text,
                       int *size, unsigned char **modules)
{
    QRcode *code =
        QRcode_encodeString(str_c(arena, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    unsigned char *out;
    size_t count;

    (void)context;
    if (!code)
        return false;
    count = (size_t)code->width * (size_t)code->width;
    out = arena_alloc(arena, count);
    if (out) {
        for (size_t i = 0; i < count; i++)
            out[i] = code->data[i] & 1;
        *size = code->width;
        *modules = out;
    }
    QRcode_free(code);
    return out != NULL;
}

static bool markdown_html(void *context, struct arena *arena, struct str text,
                          struct str suffix, struct str *html)
{
    (void)context;
    return commonmark_html(arena, text, suffix, html);
}

bool host_native_init(struct host_native *native)
{
    *native = (struct host_native){
        .host = {.context = native,
                 .now = now_ms,
                 .pause = pause_ms,
                 .random = random_bytes,
                 .hash = hash_parts,
                 .utc_offset = zone_offset,
                 .log = log_event,
                 .read_tables = tables_of,
                 .read_archive = archive_of,
                 .write_archive = archive_from,
                 .password_hash = password_hash,
                 .password_verify = password_verify,
                 .password_bits = password_bits,
                 .qr = qr_modules,
                 .markdown = markdown_html,
                 .unsealer = &unseal_native,
                 .sealer = &seal_native,
                 .verifier = &verify_native,
                 .fetcher = &fetch_native,
                 .courier = &courier_native},
    };
    if (sodium_init() < 0)
        return false;
    native->zones = zones_new("/usr/share/zoneinfo");
    native->passwords = calloc(1, sizeof(*native->passwords));
    if (!native->zones || !native->passwords)
        return false;
    pthread_mutex_init(&native->passwords->place[0], NULL);
    pthread_mutex_init(&native->passwords->place[1], NULL);
    return true;
}

void host_native_release(struct host_native *native)
{
    zones_free(native->zones);
    free(native->passwords);
    native->zones = NULL;
    native->passwords = NULL;
}
