/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_policy.c - the rules of the house (catalog/policy.csv): what they are
 * here, and setting them otherwise. */
#include "cli/command.h"

#include "domain/policy.h"

int cmd_policy_list(struct command_line *line)
{
    struct workplace place;
    struct policy *policy = NULL;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (policy_list(&place.task, &policy, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; !err.code && i < count; i++)
        printf("%.*s\t%.*s\t%.*s\n", STR_ARGS(policy[i].name),
               STR_ARGS(policy[i].value), STR_ARGS(policy[i].label));
    workplace_close(&place);
    return code;
}

int cmd_policy_set(struct command_line *line)
{
    const char *why = command_option(line, "--why");
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (policy_set(&place.task, str_of(line->argument[0]),
                   str_of(line->argument[1]), str_of(why ? why : ""), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
