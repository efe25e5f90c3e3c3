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

/* Four numbers of at most three digits, then nothing, a port or a path. */
static bool read_address(struct str text, int64_t part[4])
{
    for (int i = 0; i < 4; i++) {
        size_t end = 0;

        while (end < text.size && end < 4 && text.at[end] >= '0' &&
               text.at[end] <= '9')
            end++;
        if (!end || end > 3 || (end > 1 && text.at[0] == '0') ||
            !str_to_int(str_slice(text, 0, end), &part[i]) || part[i] > 255)
            return false;
        text = str_slice(text, end, text.size);
        if (i == 3)
            break;
        if (!str_starts(text, STR(".")))
            return false;
        text = str_slice(text, 1, text.size);
    }
    if (str_starts(text, STR(":"))) {
        size_t end = 1;

        while (end < text.size && text.at[end] >= '0' && text.at[end] <= '9')
            end++;
        text = str_slice(text, end, text.size);
    }
    return text.size == 0 || text.at[0] == '/';
}

bool fetch_is_local(struct str url)
{
    int64_t part[4];

    if (!str_starts(url, STR("http://")) ||
        !read_address(str_slice(url, 7, url.size), part))
        return false;
    return part[0] == 10 || (part[0] == 192 && part[1] == 168) ||
           (part[0] == 172 && part[1] >= 16 && part[1] < 32) ||
           (part[0] == 169 && part[1] == 254);
}
