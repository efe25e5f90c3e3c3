/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* base64.h - bytes as text and back (RFC 4648, section 4). */
#ifndef COBIJO_BASE64_H
#define COBIJO_BASE64_H

#include "core/buf.h"

void base64_write(struct buf *out, const void *bytes, size_t size);

/* Adds the bytes to out. White space and padding are passed over, the alphabet
 * of URLs (- and _) is taken, too; false at any other sign. */
bool base64_read(struct buf *out, struct str text);

/* The alphabet of URLs without padding (section 5), as JOSE and WebAuthn write
 * it; reading takes nothing else, and no text but the one that would be
 * written. */
void base64_write_url(struct buf *out, struct str bytes);
bool base64_read_url(struct buf *out, struct str text);

#endif
