/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* str.h - a slice of bytes that somebody else owns.
 *
 * Text is UTF-8 and need not end in NUL. {NULL, 0} is "no text", distinct
 * from the empty text only to those who ask (str_is_null). Passed by value.
 */
#ifndef COBIJO_STR_H
#define COBIJO_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

struct str {
    const char *at;
    size_t size;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NULL ((struct str){0})
/* for printf: printf("%.*s", STR_ARGS(text)) */
#define STR_ARGS(text) (int)(text).size, (text).at ? (text).at : ""

struct str str_of(const char *text); /* NULL gives STR_NULL */
struct str str_copy(struct arena *arena, struct str text);
/* NUL-terminated copy; "" when out of memory. */
const char *str_c(struct arena *arena, struct str text);
struct str str_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str str_join(struct arena *arena, struct str a, struct str b);

bool str_is_null(struct str text);
bool str_equal(struct str a, struct str b);
bool str_equal_c(struct str a, const char *b);
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only */
int str_compare(struct str a, struct str b);       /* bytes */
bool str_starts(struct str text, struct str prefix);
bool str_ends(struct str text, struct str suffix);
/* Index of the first match, or SIZE_MAX. */
size_t str_find(struct str text, struct str part);
size_t str_find_char(struct str text, char c);
struct str str_slice(struct str text, size_t from, size_t to); /* clamped */
struct str str_trim(struct str text); /* ASCII white space */
/* Cuts the text before the first separator off *rest and returns it; false
 * when *rest was already null. "a b" gives "a", "b", then false. */
bool str_cut(struct str *rest, char separator, struct str *part);
uint64_t str_hash(struct str text);
/* Letters to add, drop or change; of short texts, 64 of long ones. */
size_t str_distance(struct str a, struct str b);

/* Whole text or nothing: false leaves *value alone. */
bool str_to_int(struct str text, int64_t *value);
/* 0 … 15, either case; -1: it is none. */
int str_hex_digit(char c);
bool str_to_double(struct str text, double *value); /* '.' whatever locale */

#endif
