/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_form_sealed.c - encrypted submissions: which wait, opening them with the
 * form's private key, and the public key for the form's settings. A private
 * key is read here and nowhere else: it does not pass through a browser, a
 * request or a log, and the bytes read from its file are wiped.
 */
#include "cli/command.h"

#include "core/base64.h"
#include "core/unseal.h"
#include "domain/openrosa/openrosa.h"
#include "form/read/xml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PUBLIC_KEY_MAX = 4096, SECRET_MAX = 65536 };

/* A secret from a file, in a place that is wiped: no copy of it is made on
 * the way. */
struct secret {
    char bytes[SECRET_MAX];
    size_t size;
};

static enum error secret_read(const char *path, struct secret *secret,
                              struct err *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;

    secret->size = 0;
    while (file >= 0 && got > 0 && secret->size < SECRET_MAX) {
        got =
            read(file, secret->bytes + secret->size, SECRET_MAX - secret->size);
        if (got > 0)
            secret->size += (size_t)got;
    }
    if (file >= 0)
        close(file);
    if (file < 0 || got < 0)
        return err_set(err, ERROR_INPUT, N_("No se puede leer {1}: {2}"), path,
                       strerror(errno), NULL);
    return ERROR_NONE;
}

/* The first line of what --passphrase-file holds. */
static struct str first_line(const struct secret *secret)
{
    struct str text = {secret->bytes, secret->size};
    size_t end = str_find_char(text, '\n');

    if (end != SIZE_MAX)
        text.size = end;
    if (text.size && text.at[text.size - 1] == '\r')
        text.size--;
    return text;
}

static enum error key_of(struct command_line *line, const char *path,
                         void **key, struct err *err)
{
    const struct unsealer *unsealer = line->native.host.unsealer;
    const char *phrase = command_option(line, "--passphrase-file");
    struct secret pem, passphrase = {.size = 0};
    enum error error = secret_read(path, &pem, err);

    *key = NULL;
    if (!error && phrase)
        error = secret_read(phrase, &passphrase, err);
    if (!error)
        *key = unsealer->open((struct str){pem.bytes, pem.size},
                              first_line(&passphrase));
    unsealer->wipe(&pem, sizeof pem);
    unsealer->wipe(&passphrase, sizeof passphrase);
    if (error || *key)
        return error;
    return err_set(err, ERROR_INPUT,
                   N_("{1} no es una llave privada RSA en PEM, o la frase no "
                      "la abre."),
                   path, NULL, NULL);
}

int cmd_form_key(struct command_line *line)
{
    unsigned char der[PUBLIC_KEY_MAX];
    struct err err = {0};
    struct buf out;
    size_t size;
    void *key;

    if (key_of(line, line->argument[0], &key, &err))
        return command_fail(line, &err);
    size = line->native.host.unsealer->public_key(key, der, sizeof der);
    line->native.host.unsealer->close(key);
    buf_init(&out, &line->arena);
    base64_write(&out, der, size);
    buf_putc(&out, '\n');
    return command_print(line, buf_str(&out));
}

static struct str kind_of(const struct command_line *line)
{
    return line->arguments ? str_of(line->argument[0]) : STR("");
}

static void print_sealed(const struct record *record)
{
    const struct value *answers = record->answers;

    printf("%.*s\t%.*s\t%.*s\n", STR_ARGS(value_text_of(answers, "of_kind")),
           STR_ARGS(value_text_of(answers, "of_version")),
           STR_ARGS(value_text_of(answers, "instance")));
}

/* FORM <tab> VERSION <tab> INSTANCE, the oldest first. */
int cmd_form_sealed(struct command_line *line)
{
    struct record *record = NULL;
    struct workplace place;
    struct err err = {0};
    size_t count = 0, told = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    do {
        if (openrosa_sealed(&place.task, kind_of(line), told, &record, &count,
                            &err))
            code = command_fail(line, &err);
        for (size_t i = 0; i < count; i++)
            print_sealed(&record[i]);
        told += count;
    } while (count > 0);
    workplace_close(&place);
    return code;
}

/* What the form did not take, named by question; answers are not told. */
static void say_refused(struct command_line *line, const struct record *sealed,
                        const struct openrosa_saved *saved,
                        const struct err *err)
{
    struct str text = err_text(err, line->translator, &line->arena);
    struct err out = {0};

    if (saved->problems)
        text = str_format(&line->arena, "%.*s (%.*s)", STR_ARGS(text),
                          STR_ARGS(saved->problem[0].path));
    err_set(&out, err->code, N_("Envío {1} ({2}): {3}"),
            str_c(&line->arena, value_text_of(sealed->answers, "instance")),
            str_c(&line->arena, value_text_of(sealed->answers, "of_kind")),
            str_c(&line->arena, text));
    command_fail(line, &out);
}

/* Those of one list; counts what was opened and what stays closed. Each is
 * read, opened and forgotten by itself. */
static void decrypt_list(struct command_line *line, struct workplace *place,
                         void *key, const struct record *record, size_t count,
                         size_t number[2])
{
    for (size_t i = 0; i < count; i++) {
        struct openrosa_saved saved = {0};
        struct err own = {0};
        struct arena arena;

        arena_init(&arena, NULL);
        place->task.arena = &arena;
        if (openrosa_open(&place->task, &record[i], key, &saved, &own)) {
            say_refused(line, &record[i], &saved, &own);
            number[1]++;
        } else {
            number[0]++;
        }
        arena_release(&arena);
    }
    place->task.arena = &line->arena;
}

static int decrypt_all(struct command_line *line, struct workplace *place,
                       void *key, struct err *err)
{
    struct record *record = NULL;
    size_t count = 0, number[2] = {0};
    struct err told = {0};
    char text[2][24];

    place->app.office.read_xml = xml_tree_read;
    do { /* what stays closed is left out the next time */
        if (openrosa_sealed(&place->task, kind_of(line), number[1], &record,
                            &count, err))
            return command_fail(line, err);
        decrypt_list(line, place, key, record, count, number);
    } while (count > 0);
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], "%zu", number[i]);
    err_set(&told, ERROR_INPUT, N_("Abiertos: {1}. Siguen cerrados: {2}."),
            text[0], text[1], NULL);
    printf("%.*s\n", STR_ARGS(err_text(&told, line->translator, &line->arena)));
    return number[1] ? COMMAND_REFUSED : COMMAND_OK;
}

int cmd_form_decrypt(struct command_line *line)
{
    const char *path = command_option(line, "--key");
    struct workplace place;
    struct err err = {0};
    void *key = NULL;
    int code;

    if (!path) {
        err_set(&err, ERROR_USAGE, N_("Diga la llave con --key FILE.pem."),
                NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    if (key_of(line, path, &key, &err))
        return command_fail(line, &err);
    if (workplace_open(line, &place, &err)) {
        line->native.host.unsealer->close(key);
        return command_fail(line, &err);
    }
    code = decrypt_all(line, &place, key, &err);
    line->native.host.unsealer->close(key);
    workplace_close(&place);
    return code;
}
