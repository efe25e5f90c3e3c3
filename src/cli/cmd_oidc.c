/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_oidc.c - institutions whose accounts may come in (OpenID Connect), who
 * is whom there; and the passkeys of an account.
 */
#include "cli/command.h"

#include "domain/account/oidc.h"
#include "domain/account/passkey.h"

/* A secret is read from a file, not from the command line, which others on
 * the machine can see. */
static enum error file_wanted(struct command_line *line, const char *option,
                              struct str *text, struct err *err)
{
    const char *path = command_option(line, option);

    *text = STR("");
    return path ? command_file(line, path, text, err) : ERROR_NONE;
}

static struct str given(struct command_line *line, const char *option)
{
    const char *text = command_option(line, option);

    return text ? str_of(text) : STR("");
}

int cmd_oidc_set(struct command_line *line)
{
    struct oidc_provider provider = {.name = str_of(line->argument[0]),
                                     .label = given(line, "--label"),
                                     .issuer = given(line, "--issuer"),
                                     .client = given(line, "--client")};
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (file_wanted(line, "--secret-file", &provider.secret, &err) ||
        file_wanted(line, "--ca", &provider.authority, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    provider.secret = str_trim(provider.secret);
    if (oidc_set(&place.task, &provider, &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_oidc_list(struct command_line *line)
{
    struct oidc_provider *provider = NULL;
    struct workplace place;
    struct err err = {0};
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (oidc_list(&place.task, &provider, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARGS(provider[i].name),
               STR_ARGS(provider[i].issuer), STR_ARGS(provider[i].client),
               STR_ARGS(provider[i].label));
    workplace_close(&place);
    return code;
}

int cmd_oidc_remove(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (oidc_remove(&place.task, str_of(line->argument[0]), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_oidc_link(struct command_line *line)
{
    struct oidc_provider provider;
    struct workplace place;
    struct err err = {0};
    struct str user;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (oidc_find(&place.task, str_of(line->argument[0]), &provider, &err) ||
        command_user(&place, line->argument[2], &user, &err) ||
        oidc_link_add(&place.task, provider.issuer, str_of(line->argument[1]),
                      user, &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_oidc_unlink(struct command_line *line)
{
    struct oidc_provider provider;
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (oidc_find(&place.task, str_of(line->argument[0]), &provider, &err) ||
        oidc_link_remove(&place.task, provider.issuer,
                         str_of(line->argument[1]), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_oidc_invite(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    struct str user, token;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (command_user(&place, line->argument[0], &user, &err) ||
        oidc_invite(&place.task, user, &token, &err))
        code = command_fail(line, &err);
    else
        printf("/login/invitation/%.*s\n", STR_ARGS(token));
    workplace_close(&place);
    return code;
}

int cmd_passkey_list(struct command_line *line)
{
    struct passkey *passkey = NULL;
    struct workplace place;
    struct err err = {0};
    struct str user;
    size_t count = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (command_user(&place, line->argument[0], &user, &err) ||
        passkey_list(&place.task, user, &passkey, &count, &err))
        code = command_fail(line, &err);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\t%.*s\t%s\n", STR_ARGS(passkey[i].id),
               STR_ARGS(passkey[i].label), passkey[i].revoked ? "no" : "yes");
    workplace_close(&place);
    return code;
}

int cmd_passkey_revoke(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (passkey_revoke(&place.task, str_of(line->argument[0]), &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}
