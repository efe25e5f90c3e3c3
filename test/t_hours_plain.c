/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_hours_plain.c - opening hours as rows of a form, there and back, and that
 * what rows cannot say is left alone.
 */
#include "domain/hours.h"
#include "domain/hours_plain.h"
#include "test/tap.h"

static void there_and_back(struct tap *tap, struct arena *arena,
                           const char *text, const char *back)
{
    struct hours_row row[HOURS_ROWS];
    size_t count = 0;
    bool split = hours_split(str_of(text), row, &count);
    struct str made = split ? hours_join(arena, row, count) : STR("(no)");
    int wrong = 0;

    tap_is(tap, str_c(arena, made), back, text);
    for (int day = 0; split && day < 7; day++)
        for (int minute = 0; minute < 24 * 60; minute += 15)
            wrong += hours_at(made, day, minute) !=
                     hours_at(str_of(text), day, minute);
    tap_is_int(tap, wrong, 0, "and open at the same times");
}

int main(void)
{
    static const struct {
        const char *text, *back;
    } row[] = {
        {"24/7", "24/7"},
        {"Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00"},
        {"Mo-Fr 09:00-14:00,16:00-19:00; Sa 10:00-13:00",
         "Mo-Fr 09:00-14:00,16:00-19:00; Sa 10:00-13:00"},
        {"Mo,Tu,We 08:00-12:00; Th 08:00-12:00", "Mo-Th 08:00-12:00"},
        {"Fr-Mo 20:00-02:00", "Mo,Fr-Su 20:00-02:00"},
        {"08:00-15:00", "Mo-Su 08:00-15:00"},
        {"Mo-Su 00:00-24:00", "24/7"},
        {"Mo-Fr 09:00-17:00; We off", "(no)"},
        {"Mo-Fr 09:00-17:00; We 10:00-12:00", "(no)"},
        {"Lu-Vi 09:00-17:00", "(no)"},
        {"todo el día", "(no)"},
        {"Mo-Fr", "(no)"},
        {"Mo 09:00-25:00", "(no)"},
    };
    struct hours_row empty[HOURS_ROWS];
    struct tap tap = {0};
    struct arena arena;
    size_t count = 9;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        there_and_back(&tap, &arena, row[i].text, row[i].back);
    tap_ok(&tap, hours_split(STR(""), empty, &count) && count == 0,
           "nothing is no rows");
    arena_release(&arena);
    return tap_done(&tap);
}
