/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_secret.c - chance, digests and base64. Chance comes from the host
 * alone; where there is none, random() and uuid() say so. */
#include <math.h>

#include "core/base64.h"
#include "core/utf8.h"
#include "form/expr/digest.h"
#include "form/expr/eval.h"

enum { UUID_LENGTH_MAX = 1000 };

bool eval_random(struct eval *eval, const struct expr *call, void *bytes,
                 size_t size)
{
    const struct host *host = eval->scope->host;

    if (host && host->random) {
        host->random(host->context, bytes, size);
        return true;
    }
    eval_fail(eval, call,
              N_("La función del carácter {1} necesita números al azar, y aquí "
                 "no los hay."));
    return false;
}

/* 53 bits: every double in [0, 1) that is a multiple of 2^-53. */
void expr_function_random(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    unsigned char bytes[7];
    uint64_t bits = 0;

    result_number(result, NAN);
    if (!eval_random(eval, call, bytes, sizeof bytes))
        return;
    for (size_t i = 0; i < sizeof bytes; i++)
        bits = bits << 8 | bytes[i];
    result_number(result, (double)(bits >> 3) / 9007199254740992.0);
}

static void random_uuid(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    unsigned char bytes[16];
    struct buf out;

    if (!eval_random(eval, call, bytes, sizeof bytes))
        return;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    buf_init(&out, eval->arena);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            buf_putc(&out, '-');
        buf_put_hex(&out, bytes + i, 1);
    }
    result_text(result, buf_str(&out));
}

/* Without argument an RFC 4122 version 4, else so many letters and digits. */
void expr_function_uuid(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    static const char letters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    double length;
    struct buf out;

    if (call->arg_count == 0) {
        random_uuid(eval, call, result);
        return;
    }
    length = eval_number(eval, call->arg[0]);
    if (!(length >= 0) || length > UUID_LENGTH_MAX) {
        eval_fail(eval, call,
                  N_("En el carácter {1}, uuid admite un largo de 0 a 1000."));
        return;
    }
    buf_init(&out, eval->arena);
    while (out.size < (size_t)length && !arena_failed(eval->arena)) {
        unsigned char byte;

        if (!eval_random(eval, call, &byte, 1))
            return;
        if (byte < 4 * 62) /* no letter comes more often than another */
            buf_putc(&out, letters[byte % 62]);
    }
    result_text(result, buf_str(&out));
}

/* --- digest ----------------------------------------------------------------
 */

void expr_function_digest(struct eval *eval, const struct expr *call,
                          struct expr_result *result)
{
    static const char *const names[] = {"MD5", "SHA-1", "SHA-256", "SHA-384",
                                        "SHA-512"};
    struct str text = eval_text(eval, call->arg[0]);
    struct str algorithm = eval_text(eval, call->arg[1]);
    struct str encoding =
        call->arg_count > 2 ? eval_text(eval, call->arg[2]) : STR("base64");
    unsigned char bytes[DIGEST_MAX];
    bool hex = str_equal_nocase(encoding, STR("hex"));
    size_t kind = 0, size;
    struct buf out;

    while (kind < 5 && !str_equal_nocase(algorithm, str_of(names[kind])))
        kind++;
    if (kind == 5 || (!hex && !str_equal_nocase(encoding, STR("base64")))) {
        eval_fail(eval, call,
                  N_("En el carácter {1}, digest admite MD5, SHA-1, SHA-256, "
                     "SHA-384 y SHA-512, escritos como base64 o hex."));
        return;
    }
    size = digest_of((enum digest_kind)kind, text, bytes);
    buf_init(&out, eval->arena);
    if (hex)
        buf_put_hex(&out, bytes, size);
    else
        base64_write(&out, bytes, size);
    result_text(result, buf_str(&out));
}

/* What is no base64, or no text, decodes to nothing. */
void expr_function_base64_decode(struct eval *eval, const struct expr *call,
                                 struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);
    struct buf out;

    buf_init(&out, eval->arena);
    if (!base64_read(&out, text))
        return;
    if (utf8_invalid(buf_str(&out)) == SIZE_MAX)
        result_text(result, buf_str(&out));
}
