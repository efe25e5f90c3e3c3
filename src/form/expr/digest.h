/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* digest.h - MD5, SHA-1 and SHA-2 for the function digest() of forms.
 *
 * Own code because no library gives all five both natively and in the
 * browser, where form and server must agree. For telling answers apart and
 * for seeds; nothing here guards a secret: that is the host's work.
 */
#ifndef COBIJO_DIGEST_H
#define COBIJO_DIGEST_H

#include "core/str.h"

enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512
};

enum { DIGEST_MAX = 64 };

/* Returns its size in bytes. */
size_t digest_of(enum digest_kind kind, struct str text,
                 unsigned char out[DIGEST_MAX]);

#endif
