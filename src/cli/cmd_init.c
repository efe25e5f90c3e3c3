/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_init.c - a new store with its site, its forms and its first account;
 * and `version`.
 */
#include "cli/command.h"

#include "core/utf8.h"
#include "domain/account/account.h"

/* Refused before anything is made: a store without an account is no use. */
static enum error check_first(struct str password, struct err *err)
{
    if (utf8_length(password) < ACCOUNT_PASSWORD_MIN)
        return err_set(err, ERROR_INPUT,
                       N_("La contraseña debe tener al menos 10 caracteres. "
                          "Una frase corta que recuerde es buena idea."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

static const char *or_else(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

static enum error add_admin(struct command_line *line, struct str password,
                            struct err *err)
{
    const char *name = or_else(command_option(line, "--admin"), "admin");
    struct workplace place;
    struct str id;
    enum error error = workplace_open(line, &place, err);

    if (error)
        return error;
    error = account_add(&place.task, str_of(name), str_of(name), STR("admin"),
                        password, &id, err);
    workplace_close(&place);
    return error;
}

int cmd_init(struct command_line *line)
{
    struct office_options options = {.host = &line->native.host,
                                     .store_url = line->store,
                                     .files = &app_files};
    const char *site = or_else(command_option(line, "--site"), "Albergue");
    const char *zone =
        or_else(command_option(line, "--zone"), "America/Mexico_City");
    struct str password;
    struct err err = {0};

    /* without an account the first page asks for one */
    bool account = !command_flag(line, "--no-admin");

    if ((account && (command_password(line, &password, &err) ||
                     check_first(password, &err))) ||
        office_create(&options, str_of(site), str_of(zone), &err) ||
        (account && add_admin(line, password, &err)))
        return command_fail(line, &err);
    printf("%.*s\n", STR_ARGS(command_say(line, N_("Almacén creado."))));
    return COMMAND_OK;
}

int cmd_version(struct command_line *line)
{
    (void)line;
    printf("cobijo %s\n", COBIJO_VERSION);
    return COMMAND_OK;
}
