/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_log.c - the log: a record's history, the tables made again. What proves
 * it is in cmd_log_proof.c.
 */
#include "cli/command.h"
#include "domain/alert/alert.h"
#include "form/read/xml_tree.h"

#include "core/clock.h"
#include "core/date.h"
#include "domain/proof/alarm.h"
#include "domain/proof/seen.h"

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
    if (count) { /* from this machine, whoever sat at it */
        place.task.actor.id = STR("command");
        if (!seen_note(&place.task, entry[0].subject, entry[0].kind, &err))
            seen_flush(&place.app.office, &err);
    }
    buf_init(&out, &line->arena);
    for (size_t i = 0; i < count && !err.code; i++)
        put_entry(&out, &entry[i], &line->arena);
    code = err.code ? command_fail(line, &err)
                    : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}

enum { SEEN_MOST = 100000 };

int cmd_log_seen(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct seen_row *row = NULL;
    size_t count = 0;
    struct buf out;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    seen_list(&place.task, str_of(line->argument[0]), SEEN_MOST, &row, &count,
              &err);
    buf_init(&out, &line->arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%" PRId64 "\n",
                   STR_ARGS(instant_text(&line->arena, row[i].minute * 60000)),
                   STR_ARGS(row[i].author), STR_ARGS(row[i].display),
                   STR_ARGS(row[i].role), STR_ARGS(row[i].what), row[i].times);
    code = err.code ? command_fail(line, &err)
                    : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}

int cmd_log_alarms(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct alarm *alarm = NULL;
    size_t count = 0, raised = 0;
    struct buf out;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!alarms_look(&place.task, &raised, &err))
        alarms_list(&place.task, !command_flag(line, "--all"), SEEN_MOST,
                    &alarm, &count, &err);
    buf_init(&out, &line->arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%.*s\t%.*s\t%.*s\t%.*s\t%" PRId64 "\t%.*s\n",
                   STR_ARGS(instant_text(&line->arena, alarm[i].raised)),
                   STR_ARGS(alarm[i].rule), STR_ARGS(alarm[i].author),
                   STR_ARGS(alarm[i].display), alarm[i].number,
                   STR_ARGS(alarm[i].note));
    code = err.code ? command_fail(line, &err)
                    : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}

int cmd_log_decoy(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (decoy_set(&place.task, str_of(line->argument[0]),
                  !command_flag(line, "--off"), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

/* What the public side reads is made of the records. */
static enum error rebuild_public(struct workplace *place, struct err *err)
{
    size_t alerts;

    place->app.office.read_xml = xml_tree_read;
    return public_alert_rebuild(&place->task, &alerts, err);
}

int cmd_log_rebuild(struct command_line *line)
{
    struct workplace place;
    int64_t entries = 0;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (forms_rebuild(&place.app.office, &entries, &err))
        code = command_fail(line, &err);
    else if (rebuild_public(&place, &err))
        code = command_fail(line, &err);
    else
        printf("%" PRId64 " %.*s\n", entries,
               STR_ARGS(command_say(line, N_("entradas"))));
    workplace_close(&place);
    return code;
}
