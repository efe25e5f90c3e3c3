/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* value.h - a JSON-like tree: views, answers, bodies, configuration.
 *
 * Built in an arena and then read; objects keep the order of insertion. All
 * functions take NULL for "nothing there" and answer with NULL, 0 or the
 * fallback, so that a path through missing members needs no checks. Strings
 * are referenced, not copied, unless the name says copy.
 */
#ifndef COBIJO_VALUE_H
#define COBIJO_VALUE_H

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,    /* 64 bit: counts, instants, clocks */
    VALUE_NUMBER, /* double */
    VALUE_STRING,
    VALUE_LIST,
    VALUE_OBJECT
};

struct value; /* opaque: read it with the functions below */

struct value *value_null(struct arena *arena);
struct value *value_bool(struct arena *arena, bool b);
struct value *value_int(struct arena *arena, int64_t i);
struct value *value_number(struct arena *arena, double d);
struct value *value_string(struct arena *arena, struct str text);
struct value *value_list(struct arena *arena);
struct value *value_object(struct arena *arena);

/* Build. A member set twice keeps its place and takes the new value. */
void value_set(struct value *object, struct arena *arena, struct str name,
               const struct value *member);
void value_add(struct value *list, struct arena *arena,
               const struct value *item);
bool value_remove(struct value *object, struct str name);
/* Shorthands with a C name that must outlive the tree (a literal). */
void value_put(struct value *object, struct arena *arena, const char *name,
               const struct value *member);
void value_put_str(struct value *object, struct arena *arena, const char *name,
                   struct str text);
void value_put_text(struct value *object, struct arena *arena, const char *name,
                    const char *text);
void value_put_int(struct value *object, struct arena *arena, const char *name,
                   int64_t i);
void value_put_bool(struct value *object, struct arena *arena, const char *name,
                    bool b);

/* Read. */
enum value_type value_type(const struct value *value); /* NULL: VALUE_NULL */
const struct value *value_get(const struct value *object, const char *name);
const struct value *value_get_str(const struct value *object, struct str name);
struct value *value_get_mutable(struct value *object, const char *name);
/* String members: numbers and booleans are not converted. */
struct str value_text(const struct value *value); /* STR_NULL when no string */
struct str value_text_of(const struct value *object, const char *name);
int64_t value_to_int(const struct value *value, int64_t fallback);
double value_to_double(const struct value *value, double fallback);
bool value_to_bool(const struct value *value, bool fallback);
/* Any scalar as text: 3, 2.5, true; lists and objects as JSON. */
struct str value_as_text(const struct value *value, struct arena *arena);
size_t value_count(const struct value *value); /* items or members */
const struct value *value_at(const struct value *value, size_t index);
struct str value_name_at(const struct value *object, size_t index);
bool value_equal(const struct value *a, const struct value *b);
struct value *value_copy(const struct value *value, struct arena *arena);

/* JSON (RFC 8259). Depth and size are limited; names may repeat: last wins.
 * Invalid UTF-8 and \u0000 are refused. Integers that fit are VALUE_INT. The
 * tree does not refer to the text given. */
enum { VALUE_DEPTH_MAX = 64, VALUE_SIZE_MAX = 64 << 20 };
enum error value_parse(struct arena *arena, struct str json,
                       const struct value **value, struct err *err);
void value_write(const struct value *value, struct buf *out); /* compact */
void value_write_pretty(const struct value *value, struct buf *out);

#endif
