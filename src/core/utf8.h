/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* utf8.h - Unicode as far as names and texts need it.
 *
 * Validation, NFC for the Latin script and its combining marks, folding for
 * comparison (case and accents away; n-tilde kept apart by flag).
 */
#ifndef COBIJO_UTF8_H
#define COBIJO_UTF8_H

#include "core/str.h"

/* Offset of the first byte that is not UTF-8 (overlong, surrogate and beyond
 * U+10FFFF are not), or SIZE_MAX. */
size_t utf8_invalid(struct str text);
/* Decodes at *at and moves it; U+FFFD for a wrong byte. */
uint32_t utf8_next(struct str text, size_t *at);
/* Writes 1-4 bytes, returns how many. */
size_t utf8_encode(uint32_t code, char out[4]);
size_t utf8_length(struct str text); /* code points */
/* At most so many bytes of it, whole characters: half of one is no text, and
 * PostgreSQL takes none. */
struct str utf8_cut(struct str text, size_t bytes);

/* Canonical composition of Latin letters with combining marks; everything
 * else is copied. */
struct str utf8_nfc(struct arena *arena, struct str text);
/* Lower case, accents and other marks removed, ligatures opened (ae, oe, ss),
 * typographic apostrophes and dashes to ASCII; Latin only, other scripts are
 * copied. keep_enye: n-tilde stays. */
struct str utf8_fold(struct arena *arena, struct str text, bool keep_enye);
struct str utf8_lower(struct arena *arena, struct str text);
struct str utf8_upper(struct arena *arena, struct str text);
/* Windows-1252 (a superset of printable Latin-1) to UTF-8. */
struct str utf8_from_latin1(struct arena *arena, struct str bytes);

#endif
