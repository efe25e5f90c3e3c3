/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_log_proof.c - the log before others: checkpoints, witnesses, proofs
 * (doc/log.md). Texts go to stdout or into --out; what was done is said on
 * stderr, so that the output is the file.
 */
#include "cli/command.h"
#include "domain/proof/proof.h"
#include "store/sealing.h"

#include <errno.h>
#include <inttypes.h>

static struct str option(const struct command_line *line, const char *name)
{
    return str_of(command_option(line, name));
}

/* Into --out, or to stdout. */
static int put_out(struct command_line *line, struct str text)
{
    const char *path = command_option(line, "--out");
    struct err err = {0};
    FILE *file;
    bool good;

    if (!path)
        return command_print(line, text);
    file = fopen(path, "wb");
    good = file && fwrite(text.at, 1, text.size, file) == text.size;
    if (file && fclose(file) != 0)
        good = false;
    if (good)
        return COMMAND_OK;
    err_set(&err, ERROR_INPUT, N_("No se puede escribir {1}: {2}"), path,
            strerror(errno), NULL);
    return command_fail(line, &err);
}

/* The text of the file that an argument or an option names; --key may be the
 * line itself or a file that holds it. */
static enum error key_option(struct command_line *line, struct str *key,
                             struct err *err)
{
    const char *given = command_option(line, "--key");

    *key = STR_NULL;
    if (!given)
        return ERROR_NONE;
    *key = str_of(given);
    if (str_find_char(*key, '+') != SIZE_MAX)
        return ERROR_NONE;
    return command_file(line, given, key, err);
}

static void say_count(struct command_line *line, const char *msgid,
                      int64_t number)
{
    fprintf(stderr, "%" PRId64 " %.*s\n", number,
            STR_ARGS(command_say(line, msgid)));
}

int cmd_log_key(struct command_line *line)
{
    struct workplace place;
    struct proof_keys keys;
    struct err err = {0};
    struct buf out;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    buf_init(&out, &line->arena);
    if (!proof_keys_open(&place.task, &keys, &err)) {
        fprintf(stderr, "%.*s\n",
                STR_ARGS(command_say(
                    line, N_("Primero la llave de la bitácora, después la "
                             "de testigo:"))));
        buf_put(&out, note_key_text(&line->arena, &keys.log));
        buf_putc(&out, '\n');
        buf_put(&out, note_key_text(&line->arena, &keys.witness));
        buf_putc(&out, '\n');
        proof_keys_wipe(&place.task, &keys);
    }
    code = err.code ? command_fail(line, &err)
                    : command_print(line, buf_str(&out));
    workplace_close(&place);
    return code;
}

static enum error checkpoint(struct command_line *line, struct task *task,
                             struct str *text, struct err *err)
{
    struct str witness = option(line, "--witness");
    struct str old_text = option(line, "--old");
    struct proof_checkpoint newest;
    bool made = false;
    int64_t old = 0;
    enum error error = checkpoint_make(task, &newest, &made, err);

    if (error)
        return error;
    say_count(line,
              made ? N_("entradas, firmadas ahora")
                   : N_("entradas, ya estaban firmadas"),
              newest.checkpoint.size);
    *text = newest.note;
    if (old_text.size && (!str_to_int(old_text, &old) || old < 0))
        return err_set(err, ERROR_INPUT,
                       N_("--old es el número de entradas que el testigo vio "
                          "la última vez."),
                       NULL, NULL, NULL);
    if (witness.size || old_text.size)
        error = checkpoint_request(task, witness, old, text, err);
    return error;
}

int cmd_log_checkpoint(struct command_line *line)
{
    struct workplace place;
    struct str text = STR_NULL;
    struct err err = {0};
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    code = checkpoint(line, &place.task, &text, &err) ? command_fail(line, &err)
                                                      : put_out(line, text);
    workplace_close(&place);
    return code;
}

int cmd_log_witness(struct command_line *line)
{
    struct workplace place;
    struct str text, key, note = STR_NULL;
    struct err err = {0};
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!command_file(line, line->argument[0], &text, &err) &&
        !key_option(line, &key, &err))
        checkpoint_witness(&place.task, text, key, &note, &err);
    code = err.code ? command_fail(line, &err) : put_out(line, note);
    workplace_close(&place);
    return code;
}

int cmd_log_accept(struct command_line *line)
{
    struct workplace place;
    struct str text, key;
    struct err err = {0};
    size_t accepted = 0;
    int64_t size = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!command_file(line, line->argument[0], &text, &err) &&
        !key_option(line, &key, &err))
        checkpoint_accept(&place.task, text, key, &accepted, &size, &err);
    if (err.code)
        code = command_fail(line, &err);
    else
        printf("%zu %.*s, %" PRId64 " %.*s\n", accepted,
               STR_ARGS(command_say(line, N_("firmas de testigos"))), size,
               STR_ARGS(command_say(line, N_("entradas"))));
    workplace_close(&place);
    return code;
}

int cmd_log_prove(struct command_line *line)
{
    struct workplace place;
    struct str text = STR_NULL;
    struct err err = {0};
    size_t count = 0;
    int code;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (proof_of(&place.task, str_of(line->argument[0]), &text, &count, &err)) {
        code = command_fail(line, &err);
    } else {
        say_count(line, N_("pruebas"), (int64_t)count);
        code = put_out(line, text);
    }
    workplace_close(&place);
    return code;
}

/* Needs no key of this house, but a store to be in. */
int cmd_log_check(struct command_line *line)
{
    struct workplace place;
    struct str text, key;
    struct err err = {0};
    int64_t seq = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (!command_file(line, line->argument[0], &text, &err) &&
        !key_option(line, &key, &err))
        proof_check(&place.task, text, key, &seq, &err);
    if (err.code)
        code = command_fail(line, &err);
    else
        printf("seq %" PRId64 " %.*s\n", seq,
               STR_ARGS(command_say(line, N_("está en la bitácora firmada"))));
    workplace_close(&place);
    return code;
}

/* --- verify --------------------------------------------------------------- */

static enum error read_points(struct command_line *line, struct task *task,
                              struct log_point **point, size_t *count,
                              struct err *err)
{
    const char *path = command_option(line, "--checkpoint");
    struct str text = STR_NULL, key = STR_NULL;
    enum error error = key_option(line, &key, err);

    if (!error && path)
        error = command_file(line, path, &text, err);
    return error ? error : proof_points(task, text, key, point, count, err);
}

static void say_fault(const struct log_fault *fault)
{
    if (fault->last)
        fprintf(stderr, "seq %" PRId64 "-%" PRId64 "\n", fault->seq,
                fault->last);
    else
        fprintf(stderr, "seq %" PRId64 "\n", fault->seq);
}

/* --open: what it says can be read, too, with the key of this house. */
static int open_all(struct command_line *line, const struct workplace *place)
{
    struct err err = {0};
    int64_t opened = 0, files = 0;

    if (sealing_check(&place->app.office.log, place->db, &opened, &files, &err))
        return command_fail(line, &err);
    printf("%" PRId64 " %.*s\n%" PRId64 " %.*s\n", opened,
           STR_ARGS(command_say(line, N_("contenidos se abren, bien"))), files,
           STR_ARGS(command_say(line, N_("archivos se abren, bien"))));
    return COMMAND_OK;
}

int cmd_log_verify(struct command_line *line)
{
    struct workplace place;
    struct log_point *point = NULL;
    struct log_fault fault = {0};
    struct err err = {0};
    size_t points = 0;
    int64_t entries = 0;
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (read_points(line, &place.task, &point, &points, &err)) {
        code = command_fail(line, &err);
    } else if (log_verify_points(&place.app.office.log, place.db, &line->arena,
                                 point, points, &entries, &fault, &err)) {
        if (fault.err.code)
            say_fault(&fault);
        code = command_fail(line, fault.err.code ? &fault.err : &err);
    } else {
        printf("%" PRId64 " %.*s\n", entries,
               STR_ARGS(command_say(line, N_("entradas, bien"))));
        if (points)
            say_count(line, N_("puntos de control, bien"), (int64_t)points);
        if (command_flag(line, "--open"))
            code = open_all(line, &place);
    }
    workplace_close(&place);
    return code;
}
