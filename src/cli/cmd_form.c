/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form.c - forms: check a file, list, show, install and update. */
#include "cli/command.h"

#include "form/xlsform.h"

struct str command_problem(struct command_line *line,
                           const struct form_problem *problem)
{
    struct str text = err_text(&problem->err, line->translator, &line->arena);
    struct str mark =
        problem->warning ? command_say(line, N_("aviso: ")) : STR("");

    return str_format(
        &line->arena, "%.*s:%zu%s%.*s: %.*s%.*s%s%s%s",
        STR_ARGS(problem->sheet), problem->row, problem->column.size ? ":" : "",
        STR_ARGS(problem->column), STR_ARGS(mark), STR_ARGS(text),
        problem->code ? " [" : "", problem->code ? problem->code : "",
        problem->code ? "]" : "");
}

void command_problems(struct command_line *line, const char *path,
                      const struct form_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "%s: %.*s\n", path,
                STR_ARGS(command_problem(line, &problems->problem[i])));
}

int cmd_form_check(struct command_line *line)
{
    int code = COMMAND_OK;

    for (size_t i = 0; i < line->arguments; i++) {
        const char *path = line->argument[i];
        struct form_problems problems = {0};
        struct form_files files = command_lists(line);
        struct err err = {0};
        struct str csv;

        if (command_form(line, path, &csv, &err)) {
            fprintf(stderr, "%s: %.*s\n", path,
                    STR_ARGS(err_text(&err, line->translator, &line->arena)));
            code = error_exit(err.code);
            continue;
        }
        if (!xlsform_read(&line->arena, csv, &files, &problems))
            code = COMMAND_REFUSED;
        command_problems(line, path, &problems);
        if (problems.errors == 0 && code == COMMAND_OK)
            printf("%s: %.*s\n", path, STR_ARGS(command_say(line, N_("bien"))));
    }
    return code;
}

int cmd_form_list(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    const struct form **form;
    size_t count;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    count = forms_list(place.app.office.forms, &line->arena, &form);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\t%.*s\t%.*s\n", STR_ARGS(form[i]->name),
               STR_ARGS(form[i]->version),
               STR_ARGS(texts_in(form[i], form[i]->title, line->language)));
    workplace_close(&place);
    return COMMAND_OK;
}

/* A file is shown as it would be kept; a name as it is. */
int cmd_form_show(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    const struct form *form;
    struct str text;
    int code;

    if (strpbrk(line->argument[0], "./"))
        return command_form(line, line->argument[0], &text, &err)
                   ? command_fail(line, &err)
                   : command_print(line, text);
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    form =
        forms_find(place.app.office.forms, str_of(line->argument[0]), STR(""));
    if (form) {
        code = command_print(line, form->source);
    } else {
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún formulario «{1}»."),
                line->argument[0], NULL, NULL);
        code = command_fail(line, &err);
    }
    workplace_close(&place);
    return code;
}

int cmd_form_install(struct command_line *line)
{
    const char *path = line->argument[0];
    struct form_files files = command_lists(line);
    struct form_problems problems = {0};
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;
    struct str csv;

    if (command_form(line, path, &csv, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (forms_install(&place.app.office, place.db, csv, &files, &problems,
                      &err))
        code = command_fail(line, &err);
    command_problems(line, path, &problems);
    workplace_close(&place);
    return code;
}

struct update {
    struct command_line *line;
    size_t told;
    bool wrong;
};

static void say_news(void *context, enum forms_news news,
                     const struct form *shipped, const struct form *used)
{
    struct update *update = context;
    struct arena *arena = &update->line->arena;
    const char *name = str_c(arena, shipped->name);
    const char *version = str_c(arena, shipped->version);
    const char *before = used ? str_c(arena, used->version) : "–";
    struct err err = {0};

    update->told++;
    if (news == FORMS_NEW) {
        printf("%s\t%s\t%s\n", name, before, version);
        return;
    }
    if (news == FORMS_KEPT) {
        err_set(&err, ERROR_CONFLICT,
                N_("El formulario {1} es propio de este almacén (versión "
                   "{2}) y se quedó; el programa trae la {3}. Para usarla: "
                   "cobijo form update {1}"),
                name, before, version);
    } else {
        err_set(&err, ERROR_CONFLICT,
                N_("Ya hay una versión {2} del formulario {1} con otro "
                   "contenido; la del programa no se instaló."),
                name, version, NULL);
        update->wrong = true;
    }
    command_fail(update->line, &err);
}

int cmd_form_update(struct command_line *line)
{
    struct str only = line->arguments ? str_of(line->argument[0]) : STR_NULL;
    struct update update = {.line = line};
    struct forms_listener listener = {&update, say_news};
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (only.size && !forms_find(place.app.office.forms, only, STR_NULL))
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún formulario «{1}»."),
                line->argument[0], NULL, NULL);
    else
        forms_update(&place.app.office, place.db, only, &listener, &err);
    if (err.code)
        code = command_fail(line, &err);
    else if (update.wrong)
        code = COMMAND_REFUSED;
    else if (!update.told)
        printf("%.*s\n", STR_ARGS(command_say(line, N_("Nada que cambiar."))));
    workplace_close(&place);
    return code;
}

const struct form *command_form_read(struct command_line *line,
                                     const char *path, int *code)
{
    struct form_files files = command_lists(line);
    struct form_problems problems = {0};
    const struct form *form;
    struct err err = {0};
    struct str csv;

    if (command_form(line, path, &csv, &err)) {
        *code = command_fail(line, &err);
        return NULL;
    }
    form = xlsform_read(&line->arena, csv, &files, &problems);
    if (!form) {
        command_problems(line, path, &problems);
        *code = COMMAND_REFUSED;
    }
    return form;
}
