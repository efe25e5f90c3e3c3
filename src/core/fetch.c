/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fetch.c - which addresses are of this machine. */
#include "core/fetch.h"

#include <string.h>

bool fetch_is_loopback(struct str url)
{
    static const char *const name[] = {"127.0.0.1", "[::1]", "localhost"};
    struct str rest = str_slice(url, 7, url.size);

    if (!str_starts(url, STR("http://")))
        return false;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        struct str after;

        if (!str_starts(rest, str_of(name[i])))
            continue;
        after = str_slice(rest, strlen(name[i]), rest.size);
        if (after.size == 0 || after.at[0] == '/')
            return true;
        if (after.at[0] != ':')
            return false;
        for (size_t j = 1; j < after.size && after.at[j] != '/'; j++)
            if (after.at[j] < '0' || after.at[j] > '9')
                return false;
        return true;
    }
    return false;
}
