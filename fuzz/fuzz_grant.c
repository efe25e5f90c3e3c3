/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a grant, a house's key line, keys, a withdrawal, an answer: what is
 * taken is written again byte by byte. The signature is taken for good, so that
 * what stands behind it is read, too. */
#include "domain/grant/grant_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void hash(void *context, const struct str *part, size_t count,
                 unsigned char out[32])
{
    (void)context;
    memset(out, 0, 32);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < part[i].size; j++)
            out[j % 32] = (unsigned char)(out[j % 32] * 31 + part[i].at[j]);
}

static bool verify(const unsigned char public_key[32], struct str text,
                   const unsigned char signature[64])
{
    (void)public_key;
    (void)text;
    (void)signature;
    return true;
}

static const struct sealer sealer = {.verify = verify};
static const struct host host = {.hash = hash, .sealer = &sealer};

static void same(struct str text, struct str again)
{
    if (!str_starts(text, again))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct withdrawal withdrawal;
    struct house_answer answer;
    struct str about, box;
    struct house_key key;
    struct grant grant;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    if (!grant_parse(&host, &arena, text, &grant, &err)) {
        if (!grant.parts || grant.parts > GRANT_CLASSES)
            abort();
        same(text, grant_text(&host, &arena, &grant));
    } else { /* keys for a grant of two classes */
        grant = (struct grant){.id = STR("0"), .parts = 2};
        grant.part[0].class = 1;
        grant.part[1].class = 3;
        err_clear(&err);
        grant_keys_parse(&host, &arena, text, &grant, &err);
    }
    err_clear(&err);
    if (!withdrawal_parse(&host, &arena, text, &withdrawal, &err))
        same(text, withdrawal_text(&arena, &withdrawal));
    err_clear(&err);
    if (!answer_parse(&host, &arena, text, &answer, &err))
        same(text, answer_text(&arena, &answer));
    err_clear(&err);
    if (!boxed_answer_parse(&arena, text, &about, &box, &err))
        same(text, boxed_answer_text(&arena, about, box));
    err_clear(&err);
    if (!house_key_parse(&host, &arena, text, &key, &err) &&
        !str_equal(str_trim(text), house_key_text(&arena, &key)))
        abort();
    arena_release(&arena);
    return 0;
}
