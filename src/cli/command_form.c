/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command_form.c - a form in a file, with the lists and media that lie beside
 * it, as the one text that is kept. */
#include "cli/command.h"

#include "core/csv.h"
#include "domain/record/form_media.h"
#include "form/list_file.h"
#include "form/media_file.h"

#include <unistd.h>

static struct str shipped_list(void *context, struct str name)
{
    struct command_line *line = context;

    return app_files.file(app_files.context,
                          str_join(&line->arena, STR("catalog/"), name));
}

struct form_files command_lists(struct command_line *line)
{
    return (struct form_files){line, shipped_list};
}

/* The lists that the form asks for, from its folder. What is not there may be
 * one of the program's; who reads the form says so when it is none. A form
 * beside it (forms/flag.csv) is not the list of that name. */
static enum error lists_beside(struct command_line *line, const char *path,
                               struct str text, struct tables *lists,
                               struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct str folder =
        slash ? (struct str){path, (size_t)(slash - path) + 1} : STR("");
    struct str *name;
    size_t count = xlsform_files(&line->arena, text, &name);
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < count; i++) {
        const char *file =
            str_c(&line->arena, str_join(&line->arena, folder, name[i]));
        struct str bytes;

        if (str_find_char(name[i], '/') < SIZE_MAX || access(file, R_OK) != 0)
            continue;
        error = command_file(line, file, &bytes, err);
        if (!error && media_file_is(name[i]))
            error = form_media_take(&line->arena, name[i], bytes, lists, err);
        else if (!error && !str_starts(bytes, STR("survey")))
            error = list_file_read(&line->native.host, &line->arena, name[i],
                                   bytes, lists, err);
    }
    return error;
}

enum error command_form(struct command_line *line, const char *path,
                        struct str *text, struct err *err)
{
    struct tables lists = {0};
    struct str bytes;
    enum error error = command_file(line, path, &bytes, err);

    if (!error)
        error = form_text(&line->native.host, &line->arena, bytes, text, err);
    if (!error)
        error = lists_beside(line, path, *text, &lists, err);
    if (!error && lists.count)
        *text = list_files_join(&line->arena,
                                csv_decode(&line->arena, *text, NULL), &lists);
    return error ? error : media_files_check(*text, err);
}
