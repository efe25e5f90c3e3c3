/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_delivery.c - messages that leave the house, by hand: for trying the
 * settings, and where no server runs. */
#include "cli/command.h"

#include "domain/delivery/delivery.h"

#include <stdlib.h>

enum error command_delivery(struct command_line *line,
                            struct delivery_settings *settings, struct err *err)
{
    const char *path = command_option(line, "--delivery");
    struct str text;

    *settings = (struct delivery_settings){0};
    if (!path)
        path = getenv("COBIJO_DELIVERY");
    if (!path || !path[0])
        return ERROR_NONE;
    if (command_file(line, path, &text, err))
        return err->code;
    return delivery_settings_read(&line->arena, text, settings, err);
}

/* sent, failed, later, given up */
int cmd_delivery_run(struct command_line *line)
{
    struct delivery_settings settings;
    struct delivery_done done = {.more = true};
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (command_delivery(line, &settings, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    for (int round = 0; round < 1000 && done.more && !err.code; round++) {
        if (delivery_work(&place.task, &settings, &done, &err))
            break;
        printf("%zu\t%zu\t%zu\t%zu\n", done.sent, done.failed, done.later,
               done.gave_up);
    }
    if (err.code)
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_delivery_list(struct command_line *line)
{
    struct delivery_row *row = NULL;
    struct workplace place;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (delivery_list(&place.task, &row, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; !code && i < count; i++)
        printf("%.*s\t%.*s\t%.*s\t%lld\t%.*s\n", STR_ARGS(row[i].channel),
               STR_ARGS(row[i].recipient), STR_ARGS(row[i].state),
               (long long)row[i].attempts, STR_ARGS(row[i].problem));
    workplace_close(&place);
    return code;
}
