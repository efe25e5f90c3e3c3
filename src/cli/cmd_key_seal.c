/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_key_seal.c - an older store, which lies open, becomes an encrypted one.
 *
 * An encrypted copy is made beside the file and takes its place by one rename,
 * so whoever pulls the plug finds the one or the other. The keys file comes
 * first and says "plain" until the copy is in place. What an SSD keeps of the
 * old file nobody can promise to erase; the command says so.
 */
#include "cli/command.h"

#include "core/keeper.h"
#include "core/utf8.h"
#include "domain/account/account.h"
#include "store/encrypt.h"
#include "sys/safe_file.h"

#include <unistd.h>

/* The account and its password, as at a login. */
static enum error check_account(struct command_line *line, struct str name,
                                struct str password, struct err *err)
{
    struct workplace place;
    struct session session = {0};
    struct str cookie;
    enum error error = workplace_open(line, &place, err);

    if (error)
        return error;
    error = account_login(&place.task, name, password, STR("local"), &cookie,
                          &session, err);
    if (!error && !role_has(session.actor.role, RIGHT_STORE_UNLOCK))
        error = err_set(err, ERROR_FORBIDDEN,
                        N_("Esa cuenta no puede abrir la casa después de "
                           "apagarla. Use otra."),
                        NULL, NULL, NULL);
    if (session.id.size)
        account_logout(&place.task, cookie, &(struct err){0});
    workplace_close(&place);
    return error;
}

static enum error seal(struct command_line *line, struct str name,
                       struct str password, struct err *err)
{
    struct house *house = &line->house;
    unsigned char *key = line->native.host.sealer->locked(32);
    const char *beside;
    enum error error;

    if (!key)
        return err_memory(err);
    beside = str_c(&line->arena,
                   str_format(&line->arena, "%s.sealing", house->file));
    error = house->kept ? ERROR_NONE : house_new(house, false, err);
    if (!error)
        error = house->keeper.put(house, name, password, false, err);
    if (!error) {
        site_key_derive(line->native.host.sealer, house->key, SITE_KEY_STORE,
                        key);
        error = store_encrypt(house->file, beside, key, house->id, err);
    }
    if (!error)
        error = safe_rename(beside, house->file, err);
    else
        unlink(beside);
    if (!error)
        error = house_store_sealed(house, err);
    line->native.host.sealer->locked_free(key);
    return error;
}

int cmd_key_seal(struct command_line *line)
{
    const char *user = command_option(line, "--user");
    struct house *house = &line->house;
    struct str password, name;
    struct err err = {0};

    if (!user)
        return command_usage(line);
    if (command_password(line, &password, &err) ||
        command_house_find(line, &err))
        return command_fail(line, &err);
    if (!house->file || !house->path || house->store_sealed) {
        err_set(&err, ERROR_INPUT,
                house->store_sealed
                    ? N_("Este almacén ya está cifrado.")
                    : N_("Solo un archivo SQLite se puede cifrar así: "
                         "en PostgreSQL se crea un almacén nuevo."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    name = utf8_lower(&line->arena, str_trim(str_of(user)));
    if (check_account(line, name, password, &err) ||
        seal(line, name, password, &err))
        return command_fail(line, &err);
    house_remember(house);
    return command_print(
        line,
        str_format(
            &line->arena, "%.*s\n",
            STR_ARGS(command_say(
                line, N_("Cifrado. Las demás cuentas abren la casa desde su "
                         "próxima contraseña nueva. Lo que había antes sin "
                         "cifrar puede seguir en partes del disco que nadie "
                         "puede borrar con seguridad, sobre todo en un SSD o "
                         "una memoria USB, y en copias de antes: cifre el "
                         "disco entero o cambie de disco.")))));
}
