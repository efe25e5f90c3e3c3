/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_xml.c - a form as XForm, for ODK Collect and Enketo. */
#include "cli/command.h"

#include "form/xform/xform.h"

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

int cmd_form_xml(struct command_line *line)
{
    const char *path = line->argument[0];
    const char *name = command_option(line, "--name");
    struct form_problems problems = {0};
    struct err err = {0};
    struct str text, xml;

    if (command_form(line, path, &text, &err))
        return command_fail(line, &err);
    xml = xform_from_csv(&line->arena, text, str_of(name ? name : "data"),
                         stem_of(path), &problems);
    command_problems(line, path, &problems);
    return str_is_null(xml) ? COMMAND_REFUSED : command_print(line, xml);
}
