/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_hours.c - opening hours: text, weekday, minute, what is said. */
#include "core/buf.h"
#include "domain/hours.h"
#include "test/tap.h"

static const struct {
    const char *text;
    int weekday, hour, minute;
    enum hours_state want;
} cases[] = {
    {"24/7", 6, 3, 0, HOURS_OPEN},
    {"Mo-Fr 09:00-18:00", 0, 9, 0, HOURS_OPEN},
    {"Mo-Fr 09:00-18:00", 0, 18, 0, HOURS_CLOSED},
    {"Mo-Fr 09:00-18:00", 5, 12, 0, HOURS_CLOSED},
    {"Lu-Vi 09:00-14:00,16:00-19:00; Sa 10:00-13:00", 2, 15, 0, HOURS_CLOSED},
    {"Lu-Vi 09:00-14:00,16:00-19:00; Sa 10:00-13:00", 2, 16, 30, HOURS_OPEN},
    {"Lu-Vi 09:00-14:00,16:00-19:00; Sa 10:00-13:00", 5, 12, 59, HOURS_OPEN},
    {"08:00-20:00; Su off", 6, 12, 0, HOURS_CLOSED},
    {"08:00-20:00; Su off", 5, 12, 0, HOURS_OPEN},
    {"Fr 22:00-06:00", 5, 5, 59, HOURS_OPEN},
    {"Fr 22:00-06:00", 5, 6, 0, HOURS_CLOSED},
    {"Su 22:00-06:00", 0, 1, 0, HOURS_OPEN},
    {"Sa,Su", 6, 23, 59, HOURS_OPEN},
    {"Fr-Mo 10:00-11:00", 6, 10, 30, HOURS_OPEN},
    {"de lunes a viernes", 0, 10, 0, HOURS_UNKNOWN},
    {"Mo 9-10", 0, 9, 30, HOURS_UNKNOWN},
    {"", 0, 10, 0, HOURS_UNKNOWN},
};

/* What is said of the short text at every quarter of an hour of the week. */
static void check_short(struct tap *tap, struct arena *arena, const char *text)
{
    struct buf padded;
    struct str brief;
    int other = 0;

    buf_init(&padded, arena);
    buf_puts(&padded, text);
    while (buf_str(&padded).size <= HOURS_SHORT)
        buf_puts(&padded, " ; ");
    brief = hours_short(arena, buf_str(&padded));
    for (int i = 0; i < 7 * 96; i++)
        other += hours_at(brief, i / 96, i % 96 * 15) !=
                 hours_at(str_of(text), i / 96, i % 96 * 15);
    tap_ok(tap, other == 0 && brief.size <= HOURS_SHORT,
           "the same in few bytes: %s", text);
}

int main(void)
{
    static const char *const odd[] = {
        "Mo 20:00-25:30; Tu 25:00-26:30,01:00-00:30",
        "00:00-01:59,02:00-03:59,04:00-05:59,20:15-21:15,22:00-23:00,23:30-01:"
        "45",
        "Sa off", "Mo-Fr 09:00-18:00; We off"};
    struct tap tap = {0};
    struct arena arena;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int got = hours_at(str_of(cases[i].text), cases[i].weekday,
                           cases[i].hour * 60 + cases[i].minute);

        tap_ok(&tap, got == (int)cases[i].want, "%s on day %d at %02d:%02d",
               cases[i].text, cases[i].weekday, cases[i].hour, cases[i].minute);
    }
    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].text[0])
            check_short(&tap, &arena, cases[i].text);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        check_short(&tap, &arena, odd[i]);
    arena_release(&arena);
    return tap_done(&tap);
}
