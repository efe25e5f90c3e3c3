/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unicode.h - what kind of character it is, for regular expressions.
 *
 * Letters of the scripts that names are written in, coarsely: blocks, not the
 * full Unicode tables. Case is exact for Latin, Greek and Cyrillic.
 */
#ifndef COBIJO_UNICODE_H
#define COBIJO_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

bool unicode_letter(uint32_t code);
bool unicode_upper(uint32_t code);
bool unicode_lower(uint32_t code);
bool unicode_number(uint32_t code);
bool unicode_punctuation(uint32_t code);
bool unicode_space(uint32_t code);
/* The same letter in small, or itself. */
uint32_t unicode_small(uint32_t code);
uint32_t unicode_capital(uint32_t code);

#endif
