/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_sign.c - the house's signature of an alert, beside the document: a
 * signed note (C2SP) that says identifier, sender, sent and the SHA-256 of the
 * bytes. XML is not touched, so there is nothing to canonicalise; who knows
 * nothing of it reads the alert all the same. The key is one of its own,
 * derived from the site key: a signature of the log is none of an alert.
 */
#include "domain/alert/alert.h"

#include "core/base64.h"
#include "domain/access/room.h"

enum error alert_keys_open(const struct task *task, struct alert_keys *keys,
                           struct err *err)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char subkey[32], public_key[32];
    struct str name;

    *keys = (struct alert_keys){0};
    if (!task->office->site_key || !sealer)
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Esta casa todavía no tiene llave propia y no puede "
                          "firmar alertas. Créela con «cobijo key seal»."),
                       NULL, NULL, NULL);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SIGN, subkey);
    sealer->derive(subkey, 1, "cobalert", keys->seed);
    sealer->wipe(subkey, sizeof subkey);
    sealer->sign_public(keys->seed, public_key);
    name = str_join(task->arena, office_home(task->office), STR("/alert"));
    note_key_make(task->office->host, name, NOTE_ED25519, public_key,
                  &keys->key);
    return ERROR_NONE;
}

void alert_keys_wipe(const struct task *task, struct alert_keys *keys)
{
    if (task->office->host->sealer)
        task->office->host->sealer->wipe(keys, sizeof *keys);
}

/* What is signed. */
static struct str note_text(const struct host *host, struct arena *arena,
                            const struct value *cap, struct str document)
{
    unsigned char hash[32];
    struct buf out;

    host->hash(host->context, &document, 1, hash);
    buf_init(&out, arena);
    buf_printf(&out, "cobijo alert v1\n%.*s\n%.*s\n%.*s\nsha256 ",
               STR_ARGS(value_text_of(cap, "identifier")),
               STR_ARGS(value_text_of(cap, "sender")),
               STR_ARGS(value_text_of(cap, "sent")));
    base64_write(&out, hash, sizeof hash);
    buf_putc(&out, '\n');
    return buf_str(&out);
}

struct str alert_note(const struct task *task, const struct value *cap,
                      struct str document)
{
    const struct host *host = task->office->host;
    struct str text = note_text(host, task->arena, cap, document), line;
    struct alert_keys keys;
    struct err none = {0};

    if (alert_keys_open(task, &keys, &none))
        return STR("");
    line = note_sign(host, task->arena, text, &keys.key, keys.seed, 0);
    alert_keys_wipe(task, &keys);
    return str_format(task->arena, "%.*s\n%.*s", STR_ARGS(text),
                      STR_ARGS(line));
}

enum error alert_note_check(const struct host *host, struct arena *arena,
                            const struct value *cap, struct str document,
                            struct str note, struct str key, struct err *err)
{
    struct note_key known;
    struct note parsed;
    enum error error;

    error = note_key_parse(host, arena, str_trim(key), &known, err);
    if (!error)
        error = note_parse(arena, note, &parsed, err);
    if (error)
        return error;
    if (!str_equal(parsed.text, note_text(host, arena, cap, document)))
        return err_set(err, ERROR_INPUT,
                       N_("La firma es de otro documento, o el documento "
                          "cambió después de firmarse: no lo use."),
                       NULL, NULL, NULL);
    if (!note_holds(host, &parsed, &known, NULL))
        return err_set(err, ERROR_INPUT,
                       N_("La firma no es de la llave {1}: pregunte a quien "
                          "publica cuál es la suya."),
                       str_c(arena, known.name), NULL, NULL);
    return ERROR_NONE;
}

const char *alert_signature(struct str origin, struct str note,
                            const struct value *cap)
{
    if (note.size)
        return origin.size ? "checked" : "own";
    return value_get(cap, CAP_SIGNATURE) ? "not_checked" : "none";
}
