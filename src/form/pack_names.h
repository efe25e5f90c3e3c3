/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack_names.h - the members of a packed form; pack.c's and unpack.c's. */
#ifndef COBIJO_PACK_NAMES_H
#define COBIJO_PACK_NAMES_H

#include "form/form.h"

enum { PACK_VERSION = 1 };

/* PACK_EXPR(member, field of struct question) */
#define PACK_EXPRS(PACK_EXPR)                                                  \
    PACK_EXPR(relevant, relevant)                                              \
    PACK_EXPR(constraint, constraint)                                          \
    PACK_EXPR(required, required)                                              \
    PACK_EXPR(readonly, readonly)                                              \
    PACK_EXPR(calculation, calculation)                                        \
    PACK_EXPR(default, default_value)                                          \
    PACK_EXPR(filter, choice_filter)                                           \
    PACK_EXPR(rows, choice_rows)                                               \
    PACK_EXPR(count, repeat_count)

#endif
