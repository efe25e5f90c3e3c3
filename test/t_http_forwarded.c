/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_http_forwarded.c - whose address counts behind a proxy. */
#include "http/forwarded.h"
#include "tap.h"

static const struct {
    const char *trusted, *peer, *list, *want;
} cases[] = {
    {NULL, "10.0.0.1", "192.0.2.7", "10.0.0.1"},
    {"10.0.0.1", "10.0.0.1", "192.0.2.7", "192.0.2.7"},
    {"10.0.0.1", "10.0.0.2", "192.0.2.7", "10.0.0.2"},
    {"10.0.0.1", "10.0.0.1", NULL, "10.0.0.1"},
    {"10.0.0.1", "10.0.0.1", "", "10.0.0.1"},
    /* what the client wrote itself stands on the left */
    {"10.0.0.1", "10.0.0.1", "1.2.3.4, 192.0.2.7", "192.0.2.7"},
    {"10.0.0.1", "10.0.0.1", "10.0.0.1, 192.0.2.7", "192.0.2.7"},
    {"10.0.0.1,10.0.0.2", "10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"},
    {"10.0.0.1, 10.0.0.2", "10.0.0.2", "192.0.2.7,10.0.0.1 ", "192.0.2.7"},
    {"10.0.0.1", "10.0.0.1", "unknown", "10.0.0.1"},
    {"10.0.0.1", "10.0.0.1", "192.0.2.7, _hidden", "10.0.0.1"},
    {"10.0.0.1", "10.0.0.1", "192.0.2.7:50123", "192.0.2.7"},
    {"10.0.0.1", "10.0.0.1", "[2001:DB8:0::1]:443", "2001:db8::1"},
    {"10.0.0.1", "10.0.0.1", "2001:db8::1", "2001:db8::1"},
    {"::1", "::1", "192.0.2.7", "192.0.2.7"},
    {"127.0.0.1", "::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7"},
    {"127.0.0.1", "127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"},
    {"127.0.0.1", "", "192.0.2.7", ""},
};

static const struct {
    const char *list;
    bool valid;
} lists[] = {
    {"10.0.0.1", true},    {"10.0.0.1,::1", true},
    {"::1", true},         {"", false},
    {"10.0.0", false},     {"10.0.0.1,,", false},
    {"proxy", false},      {"10.0.0.1 10.0.0.2", false},
    {"10.0.0.0/8", false},
};

int main(void)
{
    struct tap tap = {0};
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct header header[2] = {
            {STR("host"), STR("localhost")},
            {STR("x-forwarded-for"), str_of(cases[i].list)}};
        struct request request = {.arena = &arena,
                                  .header = header,
                                  .headers = cases[i].list ? 2 : 1};
        struct str got = forwarded_address(
            &arena, &request, str_of(cases[i].peer), cases[i].trusted);

        tap_is(&tap, str_c(&arena, got), cases[i].want,
               cases[i].list ? cases[i].list : "no header");
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        tap_ok(&tap, forwarded_list_valid(lists[i].list) == lists[i].valid,
               "%s a list: %s", lists[i].valid ? "is" : "is not",
               lists[i].list);
    arena_release(&arena);
    return tap_done(&tap);
}
