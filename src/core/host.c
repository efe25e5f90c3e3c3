/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host.c - what is made of the host's clock, randomness and hash: names of
 * records, secrets, digests as text.
 */
#include "core/host.h"

#include "core/buf.h"

struct str host_uuid(const struct host *host, struct arena *arena)
{
    unsigned char byte[16];
    uint64_t now = (uint64_t)host->now(host->context);
    struct buf out;

    host->random(host->context, byte, sizeof(byte));
    for (int i = 0; i < 6; i++)
        byte[i] = (unsigned char)(now >> (40 - 8 * i));
    byte[6] = (unsigned char)(0x70 | (byte[6] & 0x0f)); /* version 7 */
    byte[8] = (unsigned char)(0x80 | (byte[8] & 0x3f)); /* RFC 9562 variant */
    buf_init(&out, arena);
    for (size_t i = 0; i < sizeof(byte); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            buf_putc(&out, '-');
        buf_put_hex(&out, &byte[i], 1);
    }
    return arena_failed(arena) ? STR_NULL : buf_str(&out);
}

struct str host_secret(const struct host *host, struct arena *arena)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char byte[33] = {0};
    struct buf out;

    host->random(host->context, byte, 32);
    buf_init(&out, arena);
    for (size_t i = 0; i < sizeof(byte); i += 3) {
        uint32_t word =
            (uint32_t)byte[i] << 16 | (uint32_t)byte[i + 1] << 8 | byte[i + 2];

        for (int shift = 18; shift >= 0; shift -= 6)
            buf_putc(&out, digit[word >> shift & 63]);
    }
    if (arena_failed(arena))
        return STR_NULL;
    return str_slice(buf_str(&out), 0, 43);
}

struct str host_hash_hex(const struct host *host, struct arena *arena,
                         struct str text)
{
    unsigned char hash[32];
    struct buf out;

    host->hash(host->context, &text, 1, hash);
    buf_init(&out, arena);
    buf_put_hex(&out, hash, sizeof(hash));
    return arena_failed(arena) ? STR_NULL : buf_str(&out);
}

bool host_equal_secret(struct str a, struct str b)
{
    volatile unsigned char different = a.size != b.size;

    if (different)
        return false;
    for (size_t i = 0; i < a.size; i++)
        different |= (unsigned char)(a.at[i] ^ b.at[i]);
    return !different;
}
