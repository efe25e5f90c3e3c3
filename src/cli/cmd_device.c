/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_device.c - keys of the telephones that fill forms with ODK Collect. */
#include "cli/command.h"

#include "domain/openrosa/device.h"

int cmd_device_add(struct command_line *line)
{
    const char *role = command_option(line, "--role");
    struct workplace place;
    struct err err = {0};
    struct str secret, id;
    int code = COMMAND_OK;

    if (!role) {
        err_set(&err, ERROR_USAGE, N_("Falta --role."), NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (device_add(&place.task, str_of(line->argument[0]), str_of(role),
                   &secret, &id, &err))
        code = command_fail(line, &err);
    else
        printf("%.*s\n", STR_ARGS(secret));
    workplace_close(&place);
    return code;
}

int cmd_device_list(struct command_line *line)
{
    struct workplace place;
    struct device *device = NULL;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (device_list(&place.task, &device, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\t%.*s\t%s\n", STR_ARGS(device[i].name),
               STR_ARGS(device[i].role), device[i].revoked ? "no" : "yes");
    workplace_close(&place);
    return code;
}

int cmd_device_revoke(struct command_line *line)
{
    struct workplace place;
    struct device *device = NULL;
    struct err err = {0};
    size_t count = 0, i = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!device_list(&place.task, &device, &count, &err)) {
        while (i < count && (device[i].revoked ||
                             !str_equal_c(device[i].name, line->argument[0])))
            i++;
        device_revoke(&place.task, i < count ? device[i].id : STR(""), &err);
    }
    if (err.code)
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
