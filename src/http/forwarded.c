/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forwarded.c - reads X-Forwarded-For, from the right and with suspicion.
 *
 * Every proxy appends the address it was asked from, so only what a trusted
 * one appended is worth anything. Addresses are compared in one form: IPv4
 * within IPv6 is IPv4, IPv6 as inet_ntop writes it.
 */
#include "http/forwarded.h"

#include <arpa/inet.h>

/* Without brackets and port: "[2001:db8::1]:443", "192.0.2.1:50000". */
static struct str bare(struct str text)
{
    size_t colon;

    text = str_trim(text);
    if (str_starts(text, STR("["))) {
        colon = str_find_char(text, ']');
        return str_slice(text, 1, colon == SIZE_MAX ? text.size : colon);
    }
    colon = str_find_char(text, ':');
    if (colon != SIZE_MAX &&
        str_find_char(str_slice(text, colon + 1, text.size), ':') == SIZE_MAX)
        return str_slice(text, 0, colon);
    return text;
}

static bool normal(struct str text, char out[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    char copy[INET6_ADDRSTRLEN];

    text = bare(text);
    if (text.size == 0 || text.size >= sizeof(copy))
        return false;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1)
        return inet_ntop(AF_INET, bytes, out, INET6_ADDRSTRLEN) != NULL;
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
        return inet_ntop(AF_INET, bytes + 12, out, INET6_ADDRSTRLEN) != NULL;
    return inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

static bool is_trusted(const char *trusted, const char *address)
{
    struct str rest = str_of(trusted), part;
    char one[INET6_ADDRSTRLEN];

    while (str_cut(&rest, ',', &part))
        if (normal(part, one) && strcmp(one, address) == 0)
            return true;
    return false;
}

bool forwarded_list_valid(const char *trusted)
{
    struct str rest = str_of(trusted), part;
    char one[INET6_ADDRSTRLEN];

    while (str_cut(&rest, ',', &part))
        if (!normal(part, one))
            return false;
    return *trusted != '\0';
}

/* Takes the last part off a list. */
static bool cut_last(struct str *list, struct str *part)
{
    size_t at = list->size;

    if (at == 0)
        return false;
    while (at > 0 && list->at[at - 1] != ',')
        at--;
    *part = str_slice(*list, at, list->size);
    list->size = at ? at - 1 : 0;
    return true;
}

struct str forwarded_address(struct arena *arena, const struct request *request,
                             struct str peer, const char *trusted)
{
    char address[INET6_ADDRSTRLEN], next[INET6_ADDRSTRLEN];
    struct str part;

    if (!trusted || !normal(peer, address))
        return peer;
    for (size_t i = request->headers; i > 0; i--) {
        struct str list = request->header[i - 1].value;

        if (!str_equal_c(request->header[i - 1].name, "x-forwarded-for"))
            continue;
        while (is_trusted(trusted, address) && cut_last(&list, &part)) {
            if (!normal(part, next)) /* not ours to guess */
                return str_copy(arena, str_of(address));
            memcpy(address, next, sizeof(address));
        }
    }
    return str_copy(arena, str_of(address));
}
