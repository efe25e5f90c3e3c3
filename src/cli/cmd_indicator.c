/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_indicator.c - what is counted, and what is wrong with a table that says
 * what to count: checked against the forms that the store has in use. */
#include "cli/command.h"

#include "domain/report/indicator.h"
#include "form/table.h"

static int check_file(struct command_line *line, struct workplace *place,
                      const char *path)
{
    struct form_problems problems = {0};
    struct err err = {0};
    struct str bytes, csv, sheet;

    if (command_file(line, path, &bytes, &err) ||
        register_text(&line->native.host, &line->arena, bytes, &csv, &sheet,
                      &err) ||
        indicators_check(&place->task, csv, &problems, &err))
        return command_fail(line, &err);
    command_problems(line, path, &problems);
    if (problems.errors)
        return COMMAND_REFUSED;
    printf("%s: %.*s\n", path, STR_ARGS(command_say(line, N_("bien"))));
    return COMMAND_OK;
}

static int check_used(struct command_line *line,
                      const struct indicators *indicators)
{
    command_problems(line, line->catalog ? line->catalog : "cobijo",
                     &indicators->problems);
    if (indicators->problems.errors)
        return COMMAND_REFUSED;
    printf("%zu: %.*s\n", indicators->count,
           STR_ARGS(command_say(line, N_("bien"))));
    return COMMAND_OK;
}

int cmd_indicator_check(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!line->arguments)
        code = check_used(line, place.app.office.indicators);
    for (size_t i = 0; i < line->arguments; i++) {
        int one = check_file(line, &place, line->argument[i]);

        code = one > code ? one : code;
    }
    workplace_close(&place);
    return code;
}

int cmd_indicator_list(struct command_line *line)
{
    const struct indicators *list;
    struct workplace place;
    struct err err = {0};

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    list = place.app.office.indicators;
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->indicator[i].parts; j++) {
            const struct measure *part = &list->indicator[i].part[j];
            struct str label =
                catalog_label(part->table, part->row, "label", line->language);
            struct str how = part->query.size ? part->query : part->filter;

            printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n",
                   STR_ARGS(list->indicator[i].code), STR_ARGS(label),
                   STR_ARGS(catalog_cell(part->table, part->row, "count")),
                   STR_ARGS(part->kind), STR_ARGS(how));
        }
    workplace_close(&place);
    return COMMAND_OK;
}
