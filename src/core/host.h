/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host.h - what the program needs from the world, as functions handed in.
 *
 * The native program fills it from sys/ (libsodium, tzdata, stderr), the
 * browser from JavaScript, a test with fixed answers. No core file reads a
 * clock or a random number in any other way.
 */
#ifndef COBIJO_HOST_H
#define COBIJO_HOST_H

#include "core/err.h"
#include "core/value.h"

enum host_level { HOST_INFO, HOST_WARNING, HOST_ERROR };

struct courier;
struct fetcher;
struct sealer;
struct tables;
struct packed;
struct unsealer;
struct verifier;

struct host {
    void *context;
    int64_t (*now)(void *context); /* instant, ms UTC */
    void (*random)(void *context, void *bytes, size_t size);
    /* SHA-256 of the concatenation of parts. */
    void (*hash)(void *context, const struct str *part, size_t count,
                 unsigned char out[32]);
    /* Seconds east of UTC in the IANA zone at the instant; 0 if unknown. */
    int (*utc_offset)(void *context, struct str zone, int64_t instant);
    /* One line of structured log; fields hold no personal data. */
    void (*log)(void *context, enum host_level level, const char *event,
                const struct value *fields);
    /* Argon2id; NULL where there are no passwords (the browser). out is a
     * printable string of at most 127 bytes. */
    bool (*password_hash)(void *context, struct str password, char out[128]);
    bool (*password_verify)(void *context, struct str password,
                            const char *hash);
    /* How hard a password is to guess, in bits; word: more that are easy, NULL
     * at the end. NULL where there are no passwords. */
    double (*password_bits)(void *context, struct str password,
                            const char *const *word);
    /* QR code modules, size x size bytes of 0/1 in arena; NULL without. */
    bool (*qr)(void *context, struct arena *arena, struct str text, int *size,
               unsigned char **modules);
    /* Does nothing for so long; NULL: nobody waits here. */
    void (*pause)(void *context, int milliseconds);
    /* The sheets of an .xlsx or .xls (form/table.h); NULL without. */
    enum error (*read_tables)(void *context, struct arena *arena,
                              struct str bytes, struct tables *tables,
                              struct err *err);
    /* The files of a zip whose names end so (form/table.h); NULL without. */
    enum error (*read_archive)(void *context, struct arena *arena,
                               struct str bytes, struct str suffix,
                               struct packed *packed, struct err *err);
    /* Files as one zip, the same bytes for the same files; NULL without. */
    enum error (*write_archive)(void *context, struct arena *arena,
                                const struct packed *packed, struct str *bytes,
                                struct err *err);
    /* CommonMark as HTML for anybody's eyes (sys/commonmark.h); suffix is added
     * to links of ours. NULL without. */
    bool (*markdown)(void *context, struct arena *arena, struct str text,
                     struct str suffix, struct str *html);
    /* Opens what was encrypted for a private key (core/unseal.h); NULL
     * without. */
    const struct unsealer *unsealer;
    /* Keys and seals (core/seal.h); NULL without. */
    const struct sealer *sealer;
    /* Checks signatures of others (core/verify.h); NULL without. */
    const struct verifier *verifier;
    /* Asks another server (core/fetch.h); NULL without. */
    const struct fetcher *fetcher;
    /* Sends messages (core/courier.h); NULL without. */
    const struct courier *courier;
};

struct str host_uuid(const struct host *host, struct arena *arena); /* UUIDv7 */
/* 32 random bytes as 43 characters of base64url: tokens and session keys. */
struct str host_secret(const struct host *host, struct arena *arena);
struct str host_hash_hex(const struct host *host, struct arena *arena,
                         struct str text);
/* Compares without telling by time where they differ. */
bool host_equal_secret(struct str a, struct str b);

#endif
