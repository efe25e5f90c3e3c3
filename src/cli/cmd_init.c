/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_init.c - a new store with its site, its forms and its first account;
 * and `version`.
 */
#include "cli/command.h"

#include "domain/account/account.h"
#include "domain/account/password.h"

#include <sys/stat.h>

static const char *or_else(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

/* Refused before anything is made: a store without an account is no use. */
static enum error check_first(struct command_line *line, const char *site,
                              struct str password, struct err *err)
{
    struct str name = str_of(or_else(command_option(line, "--admin"), "admin"));
    struct password_known known = {name, name, str_of(site)};

    return password_fit(&line->native.host, &line->arena, password, &known,
                        err);
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

static enum error say_founded(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Este almacén ya tiene una sede. Use otro nombre "
                      "de archivo para empezar uno nuevo."),
                   NULL, NULL, NULL);
}

static bool has_bytes(const char *path)
{
    struct stat about;

    return path && stat(path, &about) == 0 && about.st_size > 0;
}

/* A file that is there already is taken as it is, or refused: only what we
 * make is sealed. */
static enum error make_keys(struct command_line *line, bool *made,
                            struct err *err)
{
    struct house *house = &line->house;
    bool there;

    *made = false;
    if (command_house_find(line, err))
        return err->code;
    there = house->file ? has_bytes(house->file) : house->kept;
    if (there && house->kept)
        return say_founded(err);
    if (there || (house->file && !house->path))
        return ERROR_NONE;
    *made = true;
    return house_new(house, true, err);
}

static enum error found(struct command_line *line, struct str site,
                        struct str zone, struct err *err)
{
    struct office_options options;
    bool made;
    enum error error = make_keys(line, &made, err);

    if (!error) {
        options = command_office(line);
        options.files = &app_files;
        options.keys_id = made ? line->house.id : NULL;
        error = office_create(&options, site, zone, err);
    }
    if (error && made)
        house_undo(&line->house);
    if (!error && made)
        house_remember(&line->house);
    return error;
}

int cmd_init(struct command_line *line)
{
    const char *site = or_else(command_option(line, "--site"), "Albergue");
    const char *zone =
        or_else(command_option(line, "--zone"), "America/Mexico_City");
    struct str password;
    struct err err = {0};

    /* without an account the first page asks for one */
    bool account = !command_flag(line, "--no-admin");

    if ((account && (command_password(line, &password, &err) ||
                     check_first(line, site, password, &err))) ||
        found(line, str_of(site), str_of(zone), &err) ||
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
