/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_backup.c - a sealed backup, taken while the server works. */
#include "cli/command.h"

#include "store/dump.h"
#include "sys/backup.h"
#include "sys/safe_file.h"

/* When the last backup was taken, for `doctor`. Best effort. */
static void note_backup(struct command_line *line)
{
    const struct host *host = &line->native.host;
    struct err ignored = {0};

    safe_write(
        str_c(&line->arena,
              str_format(&line->arena, "%s.backup", line->house.path)),
        str_format(&line->arena, "%lld\n", (long long)host->now(host->context)),
        &ignored);
}

static enum error write_backup(struct command_line *line,
                               struct workplace *place, int64_t *rows,
                               struct err *err)
{
    struct backup *backup = NULL;
    enum error error =
        backup_new(line->argument[0], &line->house, &backup, err);

    if (error)
        return error;
    error = dump_write(place->db, backup_put, backup, rows, err);
    if (!error)
        error = backup_done(backup, err);
    backup_free(backup);
    return error;
}

int cmd_backup(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int64_t rows = 0;
    int code = COMMAND_OK;

    if (command_house_find(line, &err))
        return command_fail(line, &err);
    if (!line->house.kept) {
        err_set(&err, ERROR_INPUT,
                N_("Este almacén no tiene llaves y una copia quedaría abierta. "
                   "Cífrelo antes con «cobijo key seal»."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (write_backup(line, &place, &rows, &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    if (code)
        return code;
    note_backup(line);
    return command_print(
        line, str_format(&line->arena, "%lld %.*s\n", (long long)rows,
                         STR_ARGS(command_say(
                             line, N_("filas en la copia. Guárdela en otro "
                                      "lugar; la abren las mismas contraseñas "
                                      "y hojas de papel.")))));
}
