/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_log.c - the log: a record's history, the tables made again. What proves
 * it is in cmd_log_proof.c.
 */
#include "cli/command.h"

#include "core/clock.h"
#include "core/date.h"

#include <inttypes.h>

static void put_entry(struct buf *out, const struct entry *entry,
                      struct arena *arena)
{
    static const char *const op[] = {"create", "update", "close", "share",
                                     "erase"};

    buf_printf(out, "%" PRId64 "\t%.*s\t%.*s\t%s\t", entry->seq,
               STR_ARGS(instant_text(arena, clock_instant(entry->clock))),
               STR_ARGS(entry->author), op[entry->op]);
    if (entry->body)
        value_write(entry->body, out);
    else
        buf_putc(out, '-');
    buf_putc(out, '\n');
}

int cmd_log_show(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct entry *entry = NULL;
    size_t count = 0;
    struct buf out;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!log_history(&place.app.office.log, place.db, str_of(line->argument[0]),
                     &line->arena, &entry, &count, &err) &&
        count == 0)
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún registro «{1}»."),
                line->argument[0], NULL, NULL);
    buf_init(&out, &line->arena);
    for (size_t i = 0; i < count; i++)
        put_entry(&out, &entry[i], &line->arena);
    code = err.code ? command_fail(line, &err)
                    : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}

struct rebuild {
    const struct log *log;
    int64_t entries;
};

static enum error rebuild_change(struct db *db, void *context, struct err *err)
{
    struct rebuild *rebuild = context;

    return log_rebuild(rebuild->log, db, &rebuild->entries, err);
}

int cmd_log_rebuild(struct command_line *line)
{
    struct workplace place;
    struct rebuild rebuild = {0};
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    rebuild.log = &place.app.office.log;
    if (place.app.office.write(place.app.office.write_context, rebuild_change,
                               &rebuild, &err))
        code = command_fail(line, &err);
    else
        printf("%" PRId64 " %.*s\n", rebuild.entries,
               STR_ARGS(command_say(line, N_("entradas"))));
    workplace_close(&place);
    return code;
}
