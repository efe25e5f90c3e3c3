/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_alert.c - alerts from the command line: a document checked, brought in
 * or written; the key others check ours with. doc/alerts.md.
 */
#include "cli/command.h"

#include "domain/alert/alert_fetch.h"
#include "domain/delivery/delivery.h"
#include "form/read/xml_tree.h"

/* "file: path: what is wrong", one a line. */
static void say_problems(struct command_line *line, const char *path,
                         const struct cap_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct cap_problem *problem = &problems->problem[i];
        struct err err = {0};

        err_set(&err, ERROR_INPUT, problem->message,
                str_c(&line->arena, problem->arg), NULL, NULL);
        fprintf(stderr, "%s: %.*s%s%s%.*s\n", path, STR_ARGS(problem->path),
                problem->path.size ? ": " : "", problem->minor ? "(!) " : "",
                STR_ARGS(err_text(&err, line->translator, &line->arena)));
    }
}

static int say_error(struct command_line *line, const char *path,
                     const struct err *err)
{
    fprintf(stderr, "%s: ", path);
    return command_fail(line, err);
}

static enum error check_signature(struct command_line *line,
                                  const struct value *alert, struct str text,
                                  struct err *err)
{
    const char *note = command_option(line, "--signature");
    const char *given = command_option(line, "--key");
    struct str signature, key = str_of(given);

    if (!note)
        return ERROR_NONE;
    if (!given)
        return err_set(err, ERROR_INPUT,
                       N_("Falta --key: la línea que escribe «cobijo alert "
                          "key» en la casa que firma, o un archivo con ella."),
                       NULL, NULL, NULL);
    if (command_file(line, note, &signature, err) ||
        (str_find_char(key, '+') == SIZE_MAX &&
         command_file(line, given, &key, err)))
        return err->code;
    return alert_note_check(&line->native.host, &line->arena, alert, text,
                            signature, key, err);
}

static int check_file(struct command_line *line, const char *path)
{
    struct cap_problems problems;
    const struct value *alert = NULL;
    struct str text;
    struct err err = {0};

    if (command_file(line, path, &text, &err) ||
        cap_read(xml_tree_read, &line->arena, text, &alert, &problems, &err))
        return say_error(line, path, &err);
    say_problems(line, path, &problems);
    if (problems.errors)
        return COMMAND_REFUSED;
    if (check_signature(line, alert, text, &err))
        return say_error(line, path, &err);
    printf("%s: %.*s\n", path, STR_ARGS(command_say(line, N_("bien"))));
    return COMMAND_OK;
}

int cmd_alert_check(struct command_line *line)
{
    int code = COMMAND_OK;

    for (size_t i = 0; i < line->arguments; i++) {
        int one = check_file(line, line->argument[i]);

        if (one > code)
            code = one;
    }
    return code;
}

static const char *taken_text(enum alert_taken taken)
{
    static const char *const text[] = {
        [ALERT_NEW] = N_("traída"),
        [ALERT_KNOWN] = N_("ya estaba"),
        [ALERT_OURS] = N_("es de esta casa y no se trae otra vez"),
        [ALERT_OVER] = N_("ya terminó y no se trae"),
        [ALERT_NOT_FOR] = N_("no es para el público y no se trae")};

    return text[taken];
}

static int import_file(struct command_line *line, struct workplace *place,
                       const char *path)
{
    const char *label = command_option(line, "--from");
    struct alert_source source = {.label = label ? str_of(label) : STR("CAP"),
                                  .shown = command_flag(line, "--show")};
    struct cap_problems problems = {.arena = &line->arena};
    enum alert_taken taken;
    struct err err = {0};
    struct str text, id;

    if (command_file(line, path, &text, &err))
        return say_error(line, path, &err);
    if (alert_import(&place->task, text, &source, &taken, &id, &problems,
                     &err)) {
        if (!problems.errors)
            return say_error(line, path, &err);
        say_problems(line, path, &problems);
        return COMMAND_REFUSED;
    }
    say_problems(line, path, &problems);
    printf("%s: %.*s\t%.*s\n", path,
           STR_ARGS(command_say(line, taken_text(taken))), STR_ARGS(id));
    return COMMAND_OK;
}

int cmd_alert_import(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    place.app.office.read_xml = xml_tree_read;
    for (size_t i = 0; i < line->arguments; i++) {
        int one = import_file(line, &place, line->argument[i]);

        if (one > code)
            code = one;
    }
    workplace_close(&place);
    return code;
}

/* The document, or with --note its signature. */
int cmd_alert_export(struct command_line *line)
{
    struct public_alert alert = {0};
    struct workplace place;
    struct err err = {0};
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (public_alert_find(&place.task, str_of(line->argument[0]), &alert, &err))
        code = command_fail(line, &err);
    else
        code = command_print(
            line, command_flag(line, "--note") ? alert.note : alert.document);
    workplace_close(&place);
    return code;
}

int cmd_alert_list(struct command_line *line)
{
    struct public_alert *alert = NULL;
    struct workplace place;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (public_alert_feed(&place.task, &alert, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; !code && i < count; i++) {
        const struct value *view = public_alert_view(&place.task, &alert[i]);

        printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARGS(alert[i].id),
               STR_ARGS(alert[i].state), STR_ARGS(alert[i].severity),
               STR_ARGS(alert[i].sent),
               STR_ARGS(value_text_of(view, "headline")));
    }
    workplace_close(&place);
    return code;
}

int cmd_alert_key(struct command_line *line)
{
    struct alert_keys keys;
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (alert_keys_open(&place.task, &keys, &err)) {
        code = command_fail(line, &err);
    } else {
        code = command_print(
            line, str_join(&line->arena, note_key_text(&line->arena, &keys.key),
                           STR("\n")));
        alert_keys_wipe(&place.task, &keys);
    }
    workplace_close(&place);
    return code;
}

static enum error fetch_one(struct command_line *line, struct workplace *place,
                            const struct delivery_settings *settings,
                            const struct alert_feed *feed, int *code,
                            struct err *err)
{
    struct str token =
        delivery_secret(settings, &line->arena,
                        str_join(&line->arena, STR("ack."), feed->name));
    struct feed_result result;
    enum error error = alert_fetch(&place->task, feed, token, &result, err);

    if (error)
        return error;
    printf("%.*s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\n", STR_ARGS(feed->name),
           result.fresh, result.known, result.ours, result.passed,
           result.refused, result.left_out);
    if (result.problem.size) {
        fprintf(stderr, "%.*s: %.*s\n", STR_ARGS(feed->name),
                STR_ARGS(result.problem));
        *code = COMMAND_REFUSED;
    }
    return ERROR_NONE;
}

/* name, new, known, our own, not for us, refused, links left out */
int cmd_alert_fetch(struct command_line *line)
{
    const char *only = line->arguments ? line->argument[0] : NULL;
    struct delivery_settings settings;
    struct alert_feed *feed = NULL;
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;
    size_t count;

    if (command_delivery(line, &settings, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    place.app.office.read_xml = xml_tree_read;
    count = alert_feeds(&place.task, &feed);
    for (size_t i = 0; !err.code && i < count; i++)
        if (!only || str_equal_c(feed[i].name, only))
            fetch_one(line, &place, &settings, &feed[i], &code, &err);
    if (err.code)
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
