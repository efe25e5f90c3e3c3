/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_print.c - `cobijo form print`: a form as one file to be printed
 * and filled in by hand. A file needs no store; a name is looked up in it, and
 * then the house's name stands at the top.
 */
#include "cli/command.h"

#include "core/clock.h"
#include "web/paper/paper.h"

/* The words around the questions are in their language, where they say which;
 * Spanish when there is no catalogue. */
static enum error words_of(struct command_line *line, struct paper *paper,
                           struct str asked, struct err *err)
{
    struct str rest = paper->language.size ? paper->language : asked;
    struct str primary = rest, po;
    struct translator *translator = NULL;

    str_cut(&rest, '-', &primary);
    po =
        app_files.file(app_files.context, str_format(&line->arena, "po/%.*s.po",
                                                     STR_ARGS(primary)));
    if (str_is_null(po))
        return ERROR_NONE;
    if (translator_read(&line->arena, primary, po, &translator, err))
        return err->code;
    paper->translator = translator;
    return ERROR_NONE;
}

static int print_form(struct command_line *line, struct paper *paper)
{
    const char *asked = command_option(line, "--language");
    struct err err = {0};
    struct str html;

    paper->arena = &line->arena;
    paper->host = &line->native.host;
    paper->now = paper->host->now(paper->host->context);
    paper->language =
        paper_language(paper->form, asked ? str_of(asked) : line->language);
    if (asked && paper->language.size && !str_equal_c(paper->language, asked)) {
        err_set(&err, ERROR_USAGE,
                N_("El formulario no está en la lengua «{1}»."), asked, NULL,
                NULL);
        return command_fail(line, &err);
    }
    if (words_of(line, paper, asked ? str_of(asked) : line->language, &err) ||
        paper_html(paper, &html, &err))
        return command_fail(line, &err);
    return command_print(line, html);
}

static struct str address_of(struct command_line *line, const struct app *app,
                             const struct form *form)
{
    if (!app->office.public_url.size)
        return STR("");
    return str_format(&line->arena, "%.*s/form/%.*s/paper?version=%.*s",
                      STR_ARGS(app->office.public_url), STR_ARGS(form->name),
                      STR_ARGS(form->version));
}

static int print_stored(struct command_line *line)
{
    const char *version = command_option(line, "--version");
    struct paper paper = {0};
    struct workplace place;
    struct err err = {0};
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    paper.form = forms_find(place.app.office.forms, str_of(line->argument[0]),
                            version ? str_of(version) : STR(""));
    if (paper.form) {
        paper.site = place.app.office.site_name;
        paper.address = address_of(line, &place.app, paper.form);
        code = print_form(line, &paper);
    } else {
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún formulario «{1}»."),
                line->argument[0], NULL, NULL);
        code = command_fail(line, &err);
    }
    workplace_close(&place);
    return code;
}

int cmd_form_print(struct command_line *line)
{
    struct paper paper = {0};
    int code = COMMAND_OK;

    if (!strpbrk(line->argument[0], "./"))
        return print_stored(line);
    paper.form = command_form_read(line, line->argument[0], &code);
    return paper.form ? print_form(line, &paper) : code;
}
