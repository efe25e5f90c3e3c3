/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_xml.c - a form as XForm, for ODK Collect and Enketo. */
#include "cli/command.h"

#include "form/xform/xform.h"
#if __has_include("form/table.h")
#include "form/table.h"
#endif

/* salud.csv in any folder: salud. */
static struct str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = str_of(slash ? slash + 1 : path);
    size_t end = name.size;

    while (end > 0 && name.at[end - 1] != '.')
        end--;
    return end > 1 ? str_slice(name, 0, end - 1) : name;
}

static void print_problems(struct command_line *line, const char *path,
                           const struct form_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];
        struct str text =
            err_text(&problem->err, line->translator, &line->arena);

        fprintf(stderr, "%s: %.*s:%zu%s%.*s: %.*s%.*s [%s]\n", path,
                STR_ARGS(problem->sheet), problem->row,
                problem->column.size ? ":" : "", STR_ARGS(problem->column),
                STR_ARGS(problem->warning ? command_say(line, N_("aviso: "))
                                          : STR("")),
                STR_ARGS(text), problem->code ? problem->code : "");
    }
}

/* A form in any format that can be read, as text. */
static enum error form_file(struct command_line *line, const char *path,
                            struct str *text, struct err *err)
{
    enum error error = command_file(line, path, text, err);

#if __has_include("form/table.h")
    if (!error)
        error = form_text(&line->native.host, &line->arena, *text, text, err);
#endif
    return error;
}

int cmd_form_xml(struct command_line *line)
{
    const char *path = line->argument[0];
    const char *name = command_option(line, "--name");
    struct form_problems problems = {0};
    struct err err = {0};
    struct str text, xml;

    if (form_file(line, path, &text, &err))
        return command_fail(line, &err);
    xml = xform_from_csv(&line->arena, text, str_of(name ? name : "data"),
                         stem_of(path), &problems);
    print_problems(line, path, &problems);
    return str_is_null(xml) ? COMMAND_REFUSED : command_print(line, xml);
}
