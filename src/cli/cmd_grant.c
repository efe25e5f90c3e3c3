/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_grant.c - grants between houses (domain/grant): given, opened, taken
 * back, and the line that other houses need for it.
 */
#include "cli/command.h"
#include "domain/grant/grant.h"

static int end(struct command_line *line, struct workplace *place,
               struct str text, const struct err *err)
{
    int code = err->code ? command_fail(line, err) : command_print(line, text);

    workplace_close(place);
    return code;
}

int cmd_key_public(struct command_line *line)
{
    struct workplace place;
    struct grant_seal seal;
    struct str text = STR_NULL;
    struct err err = {0};

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!grant_seal_open(&place.task, &seal, &err)) {
        text = str_join(&line->arena, house_key_text(&line->arena, &seal.key),
                        STR("\n"));
        fprintf(stderr, "%.*s %s\n",
                STR_ARGS(command_say(
                    line, N_("Dé esta línea en persona o por teléfono a quien "
                             "le enviará referencias. Huella:"))),
                seal.key.id);
        grant_seal_wipe(&place.task, &seal);
    }
    return end(line, &place, text, &err);
}

static enum error keys_mode(struct command_line *line, bool *apart,
                            struct err *err)
{
    const char *keys = command_option(line, "--keys");

    *apart = keys && strcmp(keys, "apart") == 0;
    if (!keys || *apart || strcmp(keys, "inside") == 0)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("--keys es «inside» (dentro del archivo) o «apart» (se "
                      "piden a esta casa)."),
                   NULL, NULL, NULL);
}

int cmd_grant_make(struct command_line *line)
{
    const char *url = command_option(line, "--public-url");
    struct workplace place;
    struct str id = STR_NULL, text = STR_NULL;
    struct err err = {0};
    bool apart = false;

    if (keys_mode(line, &apart, &err) || workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (url)
        place.app.office.public_url = str_of(url);
    if (!grant_make(&place.task, str_of(line->argument[0]), apart, &id, &err) &&
        !grant_file(&place.task, str_of(line->argument[0]), &text, &err))
        fprintf(stderr, "%.*s\n", STR_ARGS(id));
    return end(line, &place, text, &err);
}

int cmd_grant_withdraw(struct command_line *line)
{
    struct workplace place;
    struct str text = STR_NULL;
    struct err err = {0};

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    grant_withdraw(&place.task, str_of(line->argument[0]), &text, &err);
    return end(line, &place, text, &err);
}

/* The line itself, or a file that holds it. */
static enum error key_given(struct command_line *line, struct str *key,
                            struct err *err)
{
    const char *given = command_option(line, "--key");

    *key = str_of(given);
    if (!given || str_starts(*key, STR("cobijo1+")))
        return ERROR_NONE;
    return command_file(line, given, key, err);
}

/* With what the file says and no more; a withdrawal registers nobody. */
static enum error register_her(struct task *task, struct value *out,
                               struct err *err)
{
    struct grant_taking taking = {.opened = out,
                                  .answers = grant_answers(task, out)};
    struct registered registered;
    enum error error;

    if (!value_get(out, "classes"))
        return ERROR_NONE;
    error = grant_take(task, &taking, &registered, err);
    if (!error)
        value_put_str(out, task->arena, "registered", registered.person[0]);
    return error;
}

int cmd_grant_open(struct command_line *line)
{
    const char *keys = command_option(line, "--keys");
    struct grant_opening opening = {0};
    struct workplace place;
    struct task reader;
    struct value *out = NULL;
    struct err err = {0};
    struct buf text;

    if (command_file(line, line->argument[0], &opening.file, &err) ||
        key_given(line, &opening.key, &err) ||
        (keys && command_file(line, keys, &opening.keys, &err)) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    buf_init(&text, &line->arena);
    reader = place.task; /* from this machine, whoever sat at it */
    reader.actor.id = STR("command");
    if (!grant_open(&reader, &opening, &out, &err) &&
        (!command_flag(line, "--register") ||
         !register_her(&place.task, out, &err))) {
        value_write_pretty(out, &text);
        buf_putc(&text, '\n');
    }
    return end(line, &place, buf_str(&text), &err);
}

int cmd_grant_ask(struct command_line *line)
{
    struct workplace place;
    struct str file = STR_NULL, url = STR_NULL;
    struct err err = {0};

    if (command_file(line, line->argument[0], &file, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!grant_ask(&place.task, file, &url, &err))
        url = str_join(&line->arena, url, STR("\n"));
    return end(line, &place, url, &err);
}

static enum error answer_given(struct command_line *line, struct answer *answer,
                               struct err *err)
{
    *answer =
        (struct answer){.reason = str_of(command_option(line, "--reason")),
                        .outcome = str_of(command_option(line, "--outcome")),
                        .when = str_of(command_option(line, "--when")),
                        .text = str_of(command_option(line, "--text")),
                        .by = str_of(command_option(line, "--by"))};
    if (grant_answer_named(str_of(line->argument[1]), &answer->kind))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT, N_("Elija qué contestaron."), NULL, NULL,
                   NULL);
}

int cmd_grant_answer(struct command_line *line)
{
    struct workplace place;
    struct grant_door door;
    struct grant_reply reply = {0};
    struct answer answer;
    struct str refused = STR("");
    struct err err = {0};

    if (answer_given(line, &answer, &err) || workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!grant_door_find(&place.task, STR(""), str_of(line->argument[0]), &door,
                         &err) &&
        !grant_answer(&place.task, &door, &answer, &reply, &refused, &err) &&
        refused.size)
        fprintf(
            stderr, "%.*s %.*s\n",
            STR_ARGS(command_say(line, N_("La otra casa no la anotó. Dijo:"))),
            STR_ARGS(refused));
    return end(line, &place, reply.text, &err);
}

int cmd_grant_hear(struct command_line *line)
{
    struct workplace place;
    struct str file = STR_NULL;
    struct err err = {0};

    if (command_file(line, line->argument[0], &file, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    grant_hear(&place.task, STR(""), file, &err);
    return end(line, &place, STR(""), &err);
}
