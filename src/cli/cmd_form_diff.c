/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_diff.c - what publishing a file would change against the version in
 * use: the same list as the page of a draft. Exit code 1 when something cannot
 * be done.
 */
#include "cli/command.h"

#include "domain/record/form_diff.h"

static void print_choices(const struct value *choices)
{
    for (size_t i = 0; i < value_count(choices); i++) {
        const struct value *choice = value_at(choices, i);
        int64_t records = value_to_int(value_get(choice, "records"), 0);

        printf("%s%.*s", i ? ", " : ": ",
               STR_ARGS(value_text_of(choice, "label")));
        if (records)
            printf(" (%lld)", (long long)records);
    }
}

static void print_change(const struct command_line *line,
                         const struct value *change)
{
    struct str before = value_text_of(change, "before");
    struct str after = value_text_of(change, "after");
    struct str why = value_text_of(change, "why");
    struct str grade = value_text_of(change, "grade");
    int64_t records = value_to_int(value_get(change, "records"), -1);
    char mark = str_equal_c(grade, "refused")   ? '!'
                : str_equal_c(grade, "confirm") ? '?'
                                                : ' ';

    printf("%c %.*s\t%.*s", mark, STR_ARGS(value_text_of(change, "key")),
           STR_ARGS(value_text_of(change, "what_text")));
    if (before.size + after.size)
        printf(": %.*s -> %.*s", STR_ARGS(before), STR_ARGS(after));
    print_choices(value_get(change, "choices"));
    if (records >= 0)
        printf("\t%.*s %lld",
               STR_ARGS(command_say(line, N_("Registros con respuesta:"))),
               (long long)records);
    printf("\n");
    if (why.size)
        printf("    %.*s\n", STR_ARGS(why));
}

static int print_diff(struct command_line *line, const struct value *diff,
                      bool json)
{
    const struct value *changes = value_get(diff, "changes");
    struct buf out;

    if (json) {
        buf_init(&out, &line->arena);
        value_write_pretty(diff, &out);
        buf_putc(&out, '\n');
        command_print(line, buf_str(&out));
    } else {
        struct str used = value_text_of(diff, "used");

        printf("%.*s\t%.*s -> %.*s\t%.*s %lld\n",
               STR_ARGS(value_text_of(diff, "name")),
               STR_ARGS(used.size ? used : STR("-")),
               STR_ARGS(value_text_of(diff, "version")),
               STR_ARGS(command_say(line, N_("Registros de este formulario:"))),
               (long long)value_to_int(value_get(diff, "records"), 0));
        for (size_t i = 0; i < value_count(changes); i++)
            print_change(line, value_at(changes, i));
    }
    return value_to_int(value_get(diff, "refusals"), 0) ? COMMAND_REFUSED
                                                        : COMMAND_OK;
}

/* name: the kind it is held against, or STR_NULL for its own. */
static int diff_with(struct command_line *line, struct workplace *place,
                     const struct form *next, struct str name)
{
    const struct forms *forms = place->app.office.forms;
    const struct form *used =
        forms_find(forms, name.size ? name : next->name, STR_NULL);
    const char *format = command_option(line, "--format");
    struct form_diff diff;
    struct err err = {0};
    bool same = false;
    int code;

    if (name.size && !used)
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún formulario «{1}»."),
                str_c(&line->arena, name), NULL, NULL);
    else
        form_diff(&place->task, used, next, &diff, &err);
    if (err.code)
        return command_fail(line, &err);
    code = print_diff(line, form_diff_value(&place->task, &diff),
                      format && strcmp(format, "json") == 0);
    if (form_version_check(forms, next, task_day(&place->task), &same, &err))
        code = command_fail(line, &err);
    return code;
}

int cmd_form_diff(struct command_line *line)
{
    const char *path = line->argument[line->arguments - 1];
    struct str name =
        line->arguments > 1 ? str_of(line->argument[0]) : STR_NULL;
    const char *format = command_option(line, "--format");
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;
    const struct form *next;

    if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return command_usage(line);
    next = command_form_read(line, path, &code);

    if (!next)
        return code;
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    code = diff_with(line, &place, next, name);
    workplace_close(&place);
    return code;
}
