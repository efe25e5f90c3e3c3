/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_score.c - `cobijo form score`: what answers to an instrument add up to,
 * and which of them made it. Needs no store; the form and the answers are
 * files. Answers that the form refuses are not scored.
 */
#include "cli/command.h"

#include "core/clock.h"
#include "domain/score/score.h"
#include "form/check.h"

static const char *str_of_value(struct command_line *line,
                                const struct value *value)
{
    return str_c(&line->arena, value_as_text(value, &line->arena));
}

/* {"key": answer, …}, or the same in a member "answers" (a worked example). */
static enum error read_answers(struct command_line *line,
                               const struct form *form,
                               const struct value **answers, struct err *err)
{
    const char *path = command_option(line, "--answers");
    const struct value *value = NULL;
    struct str text;
    enum error error = command_file(line, path, &text, err);

    if (error == ERROR_NONE)
        error = value_parse(&line->arena, text, &value, err);
    if (error == ERROR_NONE && value_type(value) != VALUE_OBJECT)
        error =
            err_set(err, ERROR_INPUT, N_("Las respuestas deben ser un objeto."),
                    NULL, NULL, NULL);
    if (error != ERROR_NONE)
        return error;
    *answers = value;
    if (value_type(value_get(value, "answers")) == VALUE_OBJECT &&
        !form_find(form, STR("answers")))
        *answers = value_get(value, "answers");
    return ERROR_NONE;
}

static void print_check(struct command_line *line, const struct form *form,
                        const struct check_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct check_problem *problem = &result->problem[i];
        struct str text =
            problem->text.size
                ? problem->text
                : err_text(&problem->err, line->translator, &line->arena);
        struct str label =
            problem->question
                ? texts_in(form, problem->question->label, line->language)
                : STR("");

        fprintf(stderr, "%.*s%s%.*s%s: %.*s\n", STR_ARGS(problem->path),
                label.size ? " (" : "", STR_ARGS(label), label.size ? ")" : "",
                STR_ARGS(text));
    }
}

/* --- as text ------------------------------------------------------------- */

static void put_with(struct command_line *line, struct buf *out,
                     const char *msgid, const char *one, const char *two)
{
    struct err say = {0};

    err_set(&say, ERROR_INPUT, msgid, one, two, NULL);
    buf_put(out, err_text(&say, line->translator, &line->arena));
}

/* "2 puntos", "6 de 6 puntos" */
static void put_points(struct command_line *line, struct buf *out,
                       const struct value *part)
{
    const struct value *of = value_get(part, "of");
    const char *points = str_of_value(line, value_get(part, "points"));

    if (value_type(of) != VALUE_NULL)
        put_with(line, out, N_("{1} de {2} puntos"), points,
                 str_of_value(line, of));
    else if (strcmp(points, "1") == 0)
        buf_put(out, command_say(line, N_("1 punto")));
    else
        put_with(line, out, N_("{1} puntos"), points, NULL);
}

static void put_answers(struct buf *out, const struct value *list, bool named)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *one = value_at(list, i);

        if (i)
            buf_puts(out, "; ");
        if (named)
            buf_printf(out, "%.*s: ", STR_ARGS(value_text_of(one, "label")));
        buf_put(out, value_text_of(one, "answer"));
    }
}

/* "Ceiling height: Met"; of several: "Water: Litres: 1600; People: 80" */
static void put_part_name(struct buf *out, const struct value *part)
{
    const struct value *questions = value_get(part, "questions");
    struct str label = value_text_of(part, "label");
    bool named = value_count(questions) > 1 ||
                 !str_equal(value_text_of(value_at(questions, 0), "key"),
                            value_text_of(part, "key"));

    if (label.size)
        buf_printf(out, "%.*s: ", STR_ARGS(label));
    put_answers(out, questions, named);
}

static bool counts_nothing(const struct value *part)
{
    return value_to_double(value_get(part, "points"), 1) == 0 &&
           value_type(value_get(part, "of")) == VALUE_NULL;
}

/* Those that count nothing come last, in one line. */
static void put_parts(struct command_line *line, struct buf *out,
                      const struct value *parts)
{
    bool any = false;

    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_at(parts, i);

        if (counts_nothing(part))
            continue;
        buf_puts(out, "    ");
        put_points(line, out, part);
        buf_puts(out, "  ");
        put_part_name(out, part);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < value_count(parts); i++) {
        const struct value *part = value_at(parts, i);

        if (!counts_nothing(part))
            continue;
        buf_puts(out, any ? " | " : "    ");
        if (!any) {
            buf_put(out, command_say(line, N_("Sin puntos:")));
            buf_putc(out, ' ');
        }
        put_part_name(out, part);
        any = true;
    }
    if (any)
        buf_putc(out, '\n');
}

static void put_without(struct command_line *line, struct buf *out,
                        const struct value *group)
{
    const struct value *answers = value_get(group, "answers");
    struct str value = value_text_of(group, "value");

    if (!value.size)
        value = command_say(line, N_("ninguno"));
    buf_puts(out, "    ");
    put_with(line, out,
             value_count(answers) == 1
                 ? N_("Sin esta respuesta sería {1}:")
                 : N_("Sin una de estas respuestas sería {1}:"),
             str_c(&line->arena, value), NULL);
    buf_putc(out, ' ');
    put_answers(out, answers, true);
    buf_putc(out, '\n');
}

static void put_score(struct command_line *line, struct buf *out,
                      const struct value *score)
{
    const struct value *parts = value_get(score, "parts");
    const struct value *without = value_get(score, "without");
    struct str text = value_text_of(score, "text");
    bool ratio = str_equal_c(value_text_of(score, "how"), "ratio");
    bool made_up = !str_equal_c(value_text_of(score, "role"), "complete");

    if (!text.size)
        text = command_say(line, N_("sin puntaje"));
    buf_printf(out, "  %.*s: %.*s", STR_ARGS(value_text_of(score, "label")),
               STR_ARGS(text));
    if (ratio) {
        buf_puts(out, " (");
        put_with(line, out, N_("{1} de {2}"),
                 str_of_value(line, value_get(score, "obtained")),
                 str_of_value(line, value_get(score, "possible")));
        buf_putc(out, ')');
    }
    if (value_to_bool(value_get(score, "limited"), false)) {
        buf_puts(out, " (");
        put_with(line, out,
                 N_("sus partes suman {1}; el formulario pone un "
                    "límite"),
                 str_of_value(line, value_get(score, "obtained")), NULL);
        buf_putc(out, ')');
    }
    buf_putc(out, '\n');
    if (made_up)
        put_parts(line, out, parts);
    for (size_t i = 0; made_up && i < value_count(without); i++)
        put_without(line, out, value_at(without, i));
}

static void put_list(struct command_line *line, struct buf *out,
                     const char *title, const struct value *list)
{
    if (!value_count(list))
        return;
    buf_put(out, command_say(line, title));
    buf_putc(out, '\n');
    if (value_type(list) != VALUE_LIST) {
        put_score(line, out, list);
        return;
    }
    for (size_t i = 0; i < value_count(list); i++)
        put_score(line, out, value_at(list, i));
}

static struct str scores_text(struct command_line *line,
                              const struct form *form,
                              const struct value *scores)
{
    struct buf out;

    buf_init(&out, &line->arena);
    buf_printf(&out, "%.*s (%.*s)\n",
               STR_ARGS(texts_in(form, form->title, line->language)),
               STR_ARGS(form->version));
    put_list(line, &out, N_("Total"), value_get(scores, "total"));
    if (value_type(value_get(scores, "total")) == VALUE_NULL) {
        buf_put(&out, command_say(line, N_("Este instrumento no tiene un "
                                           "total; vea los subtotales.")));
        buf_putc(&out, '\n');
    }
    put_list(line, &out, N_("Nivel"), value_get(scores, "levels"));
    put_list(line, &out, N_("Subtotales"), value_get(scores, "subtotals"));
    put_list(line, &out, N_("Respondido"), value_get(scores, "complete"));
    return buf_str(&out);
}

/* --- the command --------------------------------------------------------- */

static enum error score(struct command_line *line, const struct form *form,
                        struct value **out, struct err *err)
{
    struct check_options options = {
        .language = line->language,
        .now = line->native.host.now(line->native.host.context),
        .defaults = true,
        .keep_system = true};
    struct score_reader reader = {
        .language = line->language, .now = options.now, .arena = &line->arena};
    struct check_result result = {0};
    const struct value *answers = NULL;
    struct scores scores = {0};
    enum error error = read_answers(line, form, &answers, err);

    if (error == ERROR_NONE)
        error = form_check(form, answers, &options, &line->arena, &result, err);
    if (error == ERROR_NONE && result.count) {
        print_check(line, form, &result);
        error = err_set(err, ERROR_INPUT,
                        N_("El formulario no admite estas respuestas."), NULL,
                        NULL, NULL);
    }
    if (error == ERROR_NONE)
        error = scores_read(form, result.answers, &reader, &scores, err);
    if (error == ERROR_NONE) {
        *out = scores_value(form, result.answers, &scores, &reader);
        value_put_str(*out, &line->arena, "form", form->name);
        value_put_str(*out, &line->arena, "version", form->version);
    }
    return error;
}

int cmd_form_score(struct command_line *line)
{
    const char *format = command_option(line, "--format");
    const struct form *form;
    struct value *scores = NULL;
    struct err err = {0};
    struct buf out;
    int code = COMMAND_OK;

    if (!command_option(line, "--answers") ||
        (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0))
        return command_usage(line);
    form = command_form_read(line, line->argument[0], &code);
    if (!form)
        return code;
    if (!form_has_score(form))
        err_set(&err, ERROR_INPUT,
                N_("El formulario {1} no tiene puntajes: la columna "
                   "bind::cobijo:score está vacía."),
                str_c(&line->arena, form->name), NULL, NULL);
    else
        score(line, form, &scores, &err);
    if (err.code != ERROR_NONE)
        return command_fail(line, &err);
    if (!format || strcmp(format, "text") == 0)
        return command_print(line, scores_text(line, form, scores));
    buf_init(&out, &line->arena);
    value_write_pretty(scores, &out);
    buf_putc(&out, '\n');
    return command_print(line, buf_str(&out));
}
