/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_eval.c - works out one expression, over an XML instance, over the
 * answers of a record, or over nothing. "-" reads standard input. */
#include "cli/command.h"

#include <stdlib.h>

#include "form/expr/tree.h"
#include "form/read/xml_tree.h"
#include "form/xlsform.h"

struct evaluation {
    struct command_line *line;
    struct expr_scope scope;
    struct node_builder builder;
    const struct expr *expr;
};

/* "." of the document: a path with positions, names as they are written. */
static enum error find_place(struct evaluation *evaluation, struct err *err)
{
    const char *path = command_option(evaluation->line, "--context");
    struct expr_scope scope = evaluation->scope;
    struct expr_result result = {0};
    struct expr *expr = NULL;
    enum error error;

    if (!path)
        return ERROR_NONE;
    scope.every_name = true;
    error = expr_parse_late(scope.arena, str_of(path), &expr, err);
    if (!error)
        error = expr_eval(expr, &scope, &result, err);
    if (error)
        return error;
    if (result.type != EXPR_NODES || !result.tree || result.count == 0)
        return err_set(err, ERROR_INPUT,
                       N_("En el documento no hay nada en {1}."), path, NULL,
                       NULL);
    evaluation->scope.place = result.tree[0];
    return ERROR_NONE;
}

static enum error read_xml(struct evaluation *evaluation, struct err *err)
{
    const char *path = command_option(evaluation->line, "--xml");
    struct str text = STR_NULL;
    enum error error;

    if (!path)
        return ERROR_NONE;
    error = command_file(evaluation->line, path, &text, err);
    if (!error)
        error = xml_tree_read(&evaluation->builder, text,
                              &evaluation->scope.document, err);
    return error ? error : find_place(evaluation, err);
}

static enum error read_answers(struct evaluation *evaluation, struct err *err)
{
    const char *path = command_option(evaluation->line, "--answers");
    struct str text = STR_NULL;
    enum error error;

    if (!path)
        return ERROR_NONE;
    error = command_file(evaluation->line, path, &text, err);
    return error ? error
                 : value_parse(evaluation->scope.arena, text,
                               &evaluation->scope.answers, err);
}

static enum error read_form(struct evaluation *evaluation, struct err *err)
{
    const char *path = command_option(evaluation->line, "--form");
    struct form_problems problems = {0};
    struct form_files files = command_lists(evaluation->line);
    struct str text = STR_NULL;
    enum error error;

    if (!path)
        return ERROR_NONE;
    error = command_form(evaluation->line, path, &text, err);
    if (error)
        return error;
    evaluation->scope.form =
        xlsform_read(evaluation->scope.arena, text, &files, &problems);
    if (evaluation->scope.form)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("El formulario tiene errores: véalos con cobijo form "
                      "check {1}."),
                   path, NULL, NULL);
}

static void set_clock(struct evaluation *evaluation)
{
    const struct host *host = &evaluation->line->native.host;
    struct expr_scope *scope = &evaluation->scope;
    const char *zone = getenv("TZ");

    scope->host = host;
    scope->now = host->now(host->context);
    if (zone && *zone == ':')
        zone++;
    scope->utc_offset = host->utc_offset(
        host->context, str_of(zone ? zone : "UTC"), scope->now);
}

static enum error prepare(struct evaluation *evaluation, struct err *err)
{
    struct command_line *line = evaluation->line;
    const char *language = command_option(line, "--language");
    struct expr *expr = NULL;
    enum error error;

    evaluation->builder.arena = &line->arena;
    evaluation->scope.arena = &line->arena;
    evaluation->scope.language = language ? str_of(language) : line->language;
    set_clock(evaluation);
    error = read_xml(evaluation, err);
    if (!error)
        error = read_answers(evaluation, err);
    if (!error)
        error = read_form(evaluation, err);
    if (!error)
        error = expr_parse_late(&line->arena, str_of(line->argument[0]), &expr,
                                err);
    evaluation->expr = expr;
    return error;
}

int cmd_form_eval(struct command_line *line)
{
    struct evaluation evaluation = {.line = line};
    struct expr_result result = {0};
    struct err err = {0};

    if (prepare(&evaluation, &err) ||
        expr_eval(evaluation.expr, &evaluation.scope, &result, &err)) {
        command_fail(line, &err);
        return COMMAND_REFUSED;
    }
    return command_print(
        line,
        str_join(&line->arena, expr_to_text(&result, &line->arena), STR("\n")));
}
