/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_line.h - lines of the texts of grants (grant_text.h), one form each:
 * between the files that write and read them.
 */
#ifndef COBIJO_GRANT_LINE_H
#define COBIJO_GRANT_LINE_H

#include "domain/grant/grant_text.h"

/* base64 in its one form. */
bool line_decode(struct arena *arena, struct str text, struct buf *out);
/* One line of valid UTF-8, no control characters, not empty. */
bool line_is(struct str text, size_t most);
void line_put(struct buf *out, const char *name, struct str text);
/* "name rest": the rest of the next line. */
bool line_take(struct str *rest, const char *name, struct str *text);
/* A word of letters, digits, '.', '_' and '-'. */
bool line_take_token(struct str *rest, const char *name, struct str *text);
bool line_take_instant(struct arena *arena, struct str *rest, const char *name,
                       int64_t *instant);
/* Cuts the last line off: what it signs, and the signature. */
bool line_split(struct arena *arena, struct str text, struct str *said,
                unsigned char signature[64]);
bool line_verify(const struct host *host, const unsigned char public_key[32],
                 struct str text, const unsigned char signature[64]);

#endif
