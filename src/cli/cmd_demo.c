/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_demo.c - fills a store with invented people. */
#include "cli/command.h"

#include "domain/demo/demo.h"

enum { DEMO_PEOPLE = 200, DEMO_SEED = 2026, DEMO_MOST = 10 * 1000 * 1000 };

static enum error number_option(struct command_line *line, const char *name,
                                int64_t least, int64_t most, int64_t *number,
                                struct err *err)
{
    const char *text = command_option(line, name);
    int64_t read;

    if (!text)
        return ERROR_NONE;
    if (!str_to_int(str_of(text), &read) || read < least || read > most)
        return err_set(err, ERROR_USAGE, N_("{1}: se espera un número."), name,
                       NULL, NULL);
    *number = read;
    return ERROR_NONE;
}

static void print_count(struct command_line *line, size_t count,
                        const char *msgid)
{
    printf("%zu %.*s\n", count, STR_ARGS(command_say(line, msgid)));
}

int cmd_demo(struct command_line *line)
{
    int64_t people = DEMO_PEOPLE, seed = DEMO_SEED;
    struct demo_result result = {0};
    struct workplace place;
    struct err err = {0};
    size_t cases = 0;
    int code = COMMAND_OK;

    if (number_option(line, "--people", 1, DEMO_MOST, &people, &err) ||
        number_option(line, "--seed", 0, INT64_MAX, &seed, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (demo_fill(&place.task, (size_t)people, (uint64_t)seed, &result, &err) ||
        demo_cases(&place.task, &result, DEMO_CASES, &cases, &err)) {
        code = command_fail(line, &err);
    } else {
        print_count(line, result.people, N_("personas inventadas"));
        print_count(line, result.families, N_("familias"));
        print_count(line, result.arrivals, N_("llegadas"));
        print_count(line, result.places, N_("lugares"));
        print_count(line, cases, N_("con tamizaje y referencia"));
    }
    workplace_close(&place);
    return code;
}
