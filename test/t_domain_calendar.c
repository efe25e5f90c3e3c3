/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_calendar.c - clocks of the law and of the referral matrix, with
 * the holidays of Mexico as they stand in catalog/. No store is needed.
 */
#include <stdio.h>

#include "core/csv.h"
#include "core/date.h"
#include "domain/calendar.h"
#include "tap.h"

struct world {
    struct arena arena;
    struct host host;
    struct form_files files;
    struct office office;
    struct task task;
    int64_t change; /* instant at which the offset changes, 0: never */
};

static struct str read_file(void *context, struct str name)
{
    struct world *world = context;
    FILE *file;
    char *text;
    size_t size;

    if (str_equal_c(name, "catalog/INDEX"))
        return STR("role.csv\nholiday.csv\nlegal_clock.csv\nurgency.csv\n");
    file = fopen(str_c(&world->arena, name), "rb");
    if (!file)
        return STR_NULL;
    text = arena_alloc(&world->arena, 1 << 20);
    size = fread(text, 1, 1 << 20, file);
    fclose(file);
    return (struct str){text, size};
}

/* Six hours behind, five in summer (the border follows the United States). */
static int offset(void *context, struct str zone, int64_t instant)
{
    const struct world *world = context;

    (void)zone;
    return world->change && instant >= world->change ? -5 * 3600 : -6 * 3600;
}

static int64_t day(const char *text)
{
    struct date date = {0};

    date_parse_whole(str_of(text), &date);
    return date_to_day(date);
}

static const char *day_text(struct world *world, int64_t number)
{
    return str_c(&world->arena,
                 date_text(&world->arena, date_from_day(number)));
}

static const char *text_of(struct world *world, int64_t instant)
{
    return str_c(&world->arena, instant_text(&world->arena, instant));
}

static int64_t instant(const char *text)
{
    int64_t ms = 0;

    instant_parse(str_of(text), &ms);
    return ms;
}

static bool make_world(struct world *world)
{
    struct catalog *catalog = NULL;
    struct err err = {0};

    *world = (struct world){0};
    arena_init(&world->arena, NULL);
    world->files = (struct form_files){world, read_file};
    world->host.context = world;
    world->host.utc_offset = offset;
    if (catalog_load(&world->arena, &world->files, &catalog, &err)) {
        printf("# %s %s\n", err.message, err.arg[0]);
        return false;
    }
    world->office.host = &world->host;
    world->office.catalog = catalog;
    world->office.country = STR("MEX");
    world->task.office = &world->office;
    world->task.arena = &world->arena;
    return true;
}

static void check_working_days(struct tap *tap, struct world *world)
{
    static const struct {
        const char *name, *from, *to;
        int days;
    } row[] = {
        {"the same day", "2026-11-23", "2026-11-23", 0},
        {"a day back", "2026-11-23", "2026-11-20", 0},
        {"Monday to Friday", "2026-11-23", "2026-11-27", 4},
        {"over a weekend", "2026-11-27", "2026-11-30", 1},
        {"from a Saturday", "2026-11-28", "2026-11-30", 1},
        {"to a Sunday", "2026-11-23", "2026-11-29", 4},
        {"over Revolution Day, twice a holiday", "2026-11-13", "2026-11-23", 4},
        {"Christmas and New Year", "2026-12-23", "2027-01-04", 6},
        {"Holy Week is work unless the table says so", "2026-03-30",
         "2026-04-06", 5},
        {"Juárez on a Saturday costs nothing twice", "2026-03-13", "2026-03-23",
         5},
        {"a whole year", "2025-12-31", "2026-12-31", 250},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        tap_is_int(tap,
                   calendar_working_days(&world->task, day(row[i].from),
                                         day(row[i].to)),
                   row[i].days, row[i].name);
}

/* Slow and plain, against the one that jumps over weeks. */
static void check_against_counting(struct tap *tap, struct world *world)
{
    int wrong = 0;
    int64_t start = day("2026-02-20");

    for (int from = 0; from < 40; from++) {
        int count = 0;

        for (int64_t at = start + from + 1; at < start + 400; at++) {
            count += calendar_is_working(&world->task, at);
            wrong +=
                calendar_working_days(&world->task, start + from, at) != count;
        }
    }
    tap_is_int(tap, wrong, 0, "counting day by day gives the same");
}

static void check_legal_clocks(struct tap *tap, struct world *world)
{
    static const struct {
        const char *name, *clock, *start, *due;
    } row[] = {
        {"asylum: 30 working days in an empty stretch", "asylum_filing",
         "2026-06-01", "2026-07-13"},
        {"asylum: over the holidays of September", "asylum_filing",
         "2026-08-03", "2026-09-15"},
        {"asylum: over two Revolution Days", "asylum_filing", "2026-10-23",
         "2026-12-08"},
        {"asylum: over Christmas", "asylum_filing", "2026-11-30", "2027-01-13"},
        {"asylum: entry on a Saturday", "asylum_filing", "2026-06-06",
         "2026-07-17"},
        {"asylum: over Holy Week 2026", "asylum_filing", "2026-03-02",
         "2026-04-14"},
        {"COMAR decides in 45", "comar_decision", "2026-06-01", "2026-08-03"},
        {"72 hours are 3 days", "pep", "2026-11-20", "2026-11-23"},
        {"days run on", "temporary_curp", "2026-01-31", "2026-07-30"},
        {"months end where months end", "imss_repatriated", "2026-11-30",
         "2027-02-28"},
        {"years", "turning_18", "2008-02-29", "2026-02-28"},
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        int64_t due = 0;
        bool known = calendar_due_day(&world->task, row[i].clock,
                                      day(row[i].start), &due);

        tap_is(tap, known ? day_text(world, due) : "no such clock", row[i].due,
               row[i].name);
    }
    tap_ok(tap, !calendar_due_day(&world->task, "coffee", 0, &(int64_t){0}),
           "a clock that is not in the table is not there");
}

static void check_referral(struct tap *tap, struct world *world)
{
    int64_t from = instant("2026-11-13T23:30:00Z"); /* Friday 17:30 there */
    struct referral_clock clock = {0};

    tap_ok(tap, calendar_referral(&world->task, STR("U0"), from, &clock),
           "U0 has clocks");
    tap_is(tap, text_of(world, clock.receive), "2026-11-13T23:45:00Z",
           "U0 is received in 15 minutes");
    tap_is(tap, text_of(world, clock.feedback), "2026-11-14T23:30:00Z",
           "U0 feedback in 24 hours, on a Saturday");
    tap_is(tap, str_c(&world->arena, clock.escalate_to), "coordinator",
           "whom U0 goes to");
    calendar_referral(&world->task, STR("U3"), from, &clock);
    tap_is(tap, text_of(world, clock.receive), "2026-11-20T05:59:59.999Z",
           "U3: 3 working days over a weekend and a holiday, to their end");
    tap_is(tap, text_of(world, clock.attend), "2026-11-28T23:30:00Z",
           "U3 is attended in 15 days");
    tap_ok(tap, !calendar_referral(&world->task, STR("U9"), from, &clock),
           "an urgency that does not exist has none");
    tap_is(tap, text_of(world, calendar_act_by(&world->task, STR("U1"), from)),
           "2026-11-14T23:30:00Z", "U1: act within a day");
    tap_is(tap, text_of(world, calendar_act_by(&world->task, STR(""), from)),
           "2026-11-28T23:30:00Z", "no urgency is ordinary");
}

static void check_day_end(struct tap *tap, struct world *world)
{
    tap_is(tap,
           text_of(world, calendar_day_end(&world->task, day("2026-11-22"))),
           "2026-11-23T05:59:59.999Z", "the end of a day");
    world->change = instant("2026-03-08T08:00:00Z"); /* 02:00 there */
    tap_is(tap,
           text_of(world, calendar_day_end(&world->task, day("2026-03-07"))),
           "2026-03-08T05:59:59.999Z", "the day before clocks change");
    tap_is(tap,
           text_of(world, calendar_day_end(&world->task, day("2026-03-08"))),
           "2026-03-09T04:59:59.999Z", "the day of 23 hours");
    world->change = 0;
}

int main(void)
{
    struct tap tap = {0};
    struct world world;

    if (tap_ok(&tap, make_world(&world), "the catalogue is read")) {
        check_working_days(&tap, &world);
        check_against_counting(&tap, &world);
        check_legal_clocks(&tap, &world);
        check_referral(&tap, &world);
        check_day_end(&tap, &world);
    }
    arena_release(&world.arena);
    return tap_done(&tap);
}
