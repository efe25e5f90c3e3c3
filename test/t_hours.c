/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_hours.c - opening hours: text, weekday, minute, what is said. */
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

int main(void)
{
    struct tap tap = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int got = hours_at(str_of(cases[i].text), cases[i].weekday,
                           cases[i].hour * 60 + cases[i].minute);

        tap_ok(&tap, got == (int)cases[i].want, "%s on day %d at %02d:%02d",
               cases[i].text, cases[i].weekday, cases[i].hour, cases[i].minute);
    }
    return tap_done(&tap);
}
