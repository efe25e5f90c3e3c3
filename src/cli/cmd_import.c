/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_import.c - the register of a shelter, from a file: what each row would
 * become, then the rows; or a batch taken back.
 */
#include "cli/command_directory.h"
#include "domain/directory/directory_import.h"

#include "domain/import/import.h"
#include "form/table.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *outcome_msgid(const struct import_row *row)
{
    switch (row->outcome) {
    case IMPORT_ADD:
        return row->open ? N_("entra, con algo por aclarar") : N_("entra");
    case IMPORT_DUPLICATE:
        return N_("ya estaba");
    case IMPORT_REFUSE:
        return N_("no entra");
    case IMPORT_SKIP:
        break;
    }
    return N_("no es una persona");
}

static void put_columns(struct command_line *line,
                        const struct import_plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->map.count; i++) {
        const struct import_column *column = &plan->map.column[i];

        buf_put(out, column->heading);
        buf_puts(out, " -> ");
        buf_put(out, column->field.size ? column->field
                                        : command_say(line, N_("se deja")));
        buf_putc(out, '\n');
    }
    buf_putc(out, '\n');
}

/* Line and outcome of each row; names stay in the file. */
static void put_rows(struct command_line *line, const struct import_plan *plan,
                     struct buf *out)
{
    for (size_t i = 0; i < plan->rows; i++) {
        const struct import_row *row = &plan->row[i];

        buf_printf(out, "%zu\t%.*s", row->line,
                   STR_ARGS(command_say(line, outcome_msgid(row))));
        for (size_t k = 0; k < row->notes; k++) {
            buf_puts(out, k ? "; " : "\t");
            if (row->note[k].heading.size) {
                buf_put(out, row->note[k].heading);
                buf_puts(out, ": ");
            }
            buf_put(out, err_text(&row->note[k].err, line->translator,
                                  &line->arena));
        }
        buf_putc(out, '\n');
    }
}

static void put_count(struct command_line *line, struct buf *out,
                      const char *msgid, size_t count)
{
    buf_printf(out, "%zu %.*s\n", count, STR_ARGS(command_say(line, msgid)));
}

static void put_counts(struct command_line *line,
                       const struct import_plan *plan, struct buf *out)
{
    put_count(line, out, N_("entran"), plan->added);
    put_count(line, out, N_("de ellas con algo por aclarar"), plan->open);
    put_count(line, out, N_("de ellas pueden ser alguien que ya está"),
              plan->twins);
    put_count(line, out, N_("ya estaban"), plan->duplicates);
    put_count(line, out, N_("no entran"), plan->refused);
    put_count(line, out, N_("líneas que no son personas"), plan->skipped);
}

static enum error plan_read(struct command_line *line, struct task *task,
                            struct import_plan *plan, struct err *err)
{
    const char *map = command_option(line, "--map");
    struct str bytes, sheet, map_csv = STR_NULL;

    if (command_file(line, line->argument[1], &bytes, err) ||
        register_text(&line->native.host, &line->arena, bytes, &bytes, &sheet,
                      err) ||
        (map && command_file(line, map, &map_csv, err)))
        return err->code;
    if (sheet.size > 0)
        fprintf(stderr, "%.*s: %.*s\n",
                STR_ARGS(command_say(line, N_("Se lee solo la hoja"))),
                STR_ARGS(sheet));
    return import_plan(task, str_of(line->argument[0]), bytes, map_csv, plan,
                       err);
}

static enum error import_file(struct command_line *line, struct task *task,
                              struct buf *out, struct err *err)
{
    struct import_plan plan = {0};
    struct import_result result = {0};
    bool dry = command_flag(line, "--dry-run");

    if (plan_read(line, task, &plan, err) ||
        import_plan_known(task, &plan, err))
        return err->code;
    if (dry) {
        put_columns(line, &plan, out);
        put_rows(line, &plan, out);
        put_counts(line, &plan, out);
        return ERROR_NONE;
    }
    if (import_run(task, &plan, str_of(base_name(line->argument[1])), &result,
                   err))
        return err->code;
    fprintf(stderr, "%.*s", STR_ARGS(import_problems(task, &plan)));
    put_counts(line, &plan, out);
    if (result.batch.size)
        buf_printf(out, "%.*s %.*s\n", STR_ARGS(command_say(line, N_("lote"))),
                   STR_ARGS(result.batch));
    return ERROR_NONE;
}

static enum error undo_batch(struct command_line *line, struct task *task,
                             struct buf *out, struct err *err)
{
    struct import_undone undone = {0};
    struct place_undone places = {0};

    if (place_import_is(task, str_of(line->argument[1]))) {
        if (place_import_undo(task, str_of(line->argument[1]), &places, err))
            return err->code;
        put_count(line, out, N_("lugares y organizaciones quitados"),
                  places.removed);
        put_count(line, out, N_("quedan como estaban antes"), places.restored);
        put_count(line, out,
                  N_("se quedan porque alguien los cambió o los usa"),
                  places.kept);
        return ERROR_NONE;
    }
    if (import_undo(task, str_of(line->argument[1]), &undone, err))
        return err->code;
    put_count(line, out, N_("quitadas"), undone.removed);
    put_count(line, out, N_("se quedan porque alguien ya trabajó en ellas"),
              undone.kept);
    return ERROR_NONE;
}

int cmd_import(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    enum error error;
    struct buf out;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    buf_init(&out, &line->arena);
    error = strcmp(line->argument[0], "undo") == 0
                ? undo_batch(line, &place.task, &out, &err)
            : strcmp(line->argument[0], "place") == 0
                ? import_places(line, &place.task, &out, &err)
                : import_file(line, &place.task, &out, &err);
    code =
        error ? command_fail(line, &err) : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}
