/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bound.c - see bound.h. */
#include "domain/bound.h"

#include <inttypes.h>
#include <stdio.h>

enum error bound_check(int64_t count, int64_t most, const char *msgid,
                       struct err *err)
{
    char text[24];

    if (count < most)
        return ERROR_NONE;
    snprintf(text, sizeof text, "%" PRId64, most);
    return err_set(err, ERROR_CONFLICT, msgid, text, NULL, NULL);
}
