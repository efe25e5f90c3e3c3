/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_user.c - accounts and tokens. */
#include "cli/command.h"

#include "domain/account/account.h"
#include "domain/account/invite.h"

static enum error role_wanted(struct command_line *line,
                              const struct office *office, struct str *role,
                              struct err *err)
{
    const char *name = command_option(line, "--role");

    if (!name)
        return err_set(err, ERROR_USAGE, N_("Falta --role."), NULL, NULL, NULL);
    if (!catalog_role(office->catalog, str_of(name)))
        return err_set(err, ERROR_INPUT, N_("No hay ninguna función «{1}»."),
                       name, NULL, NULL);
    *role = str_of(name);
    return ERROR_NONE;
}

/* A store has one site: naming another is a mistake to be told. */
static enum error site_wanted(struct command_line *line,
                              const struct office *office, struct err *err)
{
    const char *name = command_option(line, "--site");

    if (!name || str_equal_nocase(office->site_name, str_of(name)) ||
        str_equal_c(office->log.site, name))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("No hay ninguna sede «{1}»: la de este almacén es "
                      "«{2}»."),
                   name, str_c(&line->arena, office->site_name), NULL);
}

int cmd_user_add(struct command_line *line)
{
    const char *display = command_option(line, "--display");
    struct workplace place;
    struct err err = {0};
    struct str password, role, id;
    int code = COMMAND_OK;

    if (command_password(line, &password, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (role_wanted(line, &place.app.office, &role, &err) ||
        site_wanted(line, &place.app.office, &err) ||
        account_add(&place.task, str_of(line->argument[0]),
                    str_of(display ? display : line->argument[0]), role,
                    password, &id, &err))
        code = command_fail(line, &err);
    else
        printf("%.*s\n", STR_ARGS(id));
    workplace_close(&place);
    return code;
}

static enum error users_read(struct workplace *place, struct record **record,
                             size_t *count, struct err *err)
{
    struct record_filter filter = {
        .kind = STR("user"), .order = "{name}", .limit = 10000};

    return record_list(&place->app.office.log, place->db, &filter, false,
                       place->task.arena, record, count, err);
}

int cmd_user_list(struct command_line *line)
{
    struct workplace place;
    struct record *record = NULL;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (users_read(&place, &record, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; i < count; i++) {
        const struct value *answers = record[i].answers;

        printf("%.*s\t%.*s\t%.*s\t%.*s\n",
               STR_ARGS(value_text_of(answers, "name")),
               STR_ARGS(value_text_of(answers, "role")),
               STR_ARGS(value_text_of(answers, "active")),
               STR_ARGS(value_text_of(answers, "display_name")));
    }
    workplace_close(&place);
    return code;
}

enum error command_user(struct workplace *place, const char *name,
                        struct str *id, struct err *err)
{
    struct record *record = NULL;
    size_t count = 0;
    enum error error = users_read(place, &record, &count, err);

    for (size_t i = 0; i < count; i++) {
        if (str_equal_c(value_text_of(record[i].answers, "name"), name)) {
            *id = record[i].id;
            return ERROR_NONE;
        }
    }
    return error
               ? error
               : err_set(err, ERROR_NOT_FOUND,
                         N_("No hay ninguna cuenta «{1}»."), name, NULL, NULL);
}

int cmd_user_password(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct str password, id;
    int code = COMMAND_OK;

    if (command_password(line, &password, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (command_user(&place, line->argument[0], &id, &err) ||
        account_set_password(&place.task, id, password, &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_user_invite(struct command_line *line)
{
    const char *display = command_option(line, "--display");
    const char *url = command_option(line, "--public-url");
    struct workplace place;
    struct err err = {0};
    struct str role, token;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (role_wanted(line, &place.app.office, &role, &err) ||
        invite_add(&place.task, role, str_of(display ? display : ""), STR(""),
                   &token, &err))
        code = command_fail(line, &err);
    else
        printf("%s/invitation/%.*s\n", url ? url : "http://127.0.0.1:8080",
               STR_ARGS(token));
    workplace_close(&place);
    return code;
}

int cmd_token_add(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct str role, token;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (role_wanted(line, &place.app.office, &role, &err) ||
        account_token_add(&place.task, str_of(line->argument[0]), role, &token,
                          &err))
        code = command_fail(line, &err);
    else
        printf("%.*s\n", STR_ARGS(token));
    workplace_close(&place);
    return code;
}

int cmd_token_revoke(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (account_token_revoke(&place.task, str_of(line->argument[0]), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
