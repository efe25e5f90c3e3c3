/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* secret.c - short secrets (recovery codes, PINs) as they may be kept: who
 * reads the table alone cannot try them out. With a site key that is an HMAC
 * under a subkey of it, hashed slowly on top; without one, Argon2id alone.
 * Each hash says which it is, so those of before a site key go on working.
 */
#include "domain/account/second.h"

#include "core/seal.h"

bool secret_key(const struct task *task, enum secret_use use,
                unsigned char key[32])
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char subkey[32];

    if (!sealer || !task->office->site_key)
        return false;
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SECRET, subkey);
    sealer->derive(subkey, use, "secrets1", key);
    sealer->wipe(subkey, sizeof subkey);
    return true;
}

/* What is given to Argon2id; empty: a key is wanted and not there. */
static struct str peppered(struct task *task, enum secret_use use,
                           struct str secret, bool keyed)
{
    const struct sealer *sealer = task->office->host->sealer;
    unsigned char key[32], out[32];
    struct str text;

    if (!keyed)
        return secret;
    if (!secret_key(task, use, key))
        return STR("");
    sealer->mac(key, secret, out);
    text = base32(task->arena, out, sizeof out);
    sealer->wipe(key, sizeof key);
    sealer->wipe(out, sizeof out);
    return text;
}

enum error secret_hash(struct task *task, enum secret_use use,
                       struct str secret, struct str *hash, struct err *err)
{
    const struct host *host = task->office->host;
    bool keyed = host->sealer && task->office->site_key;
    struct str text = peppered(task, use, secret, keyed);
    char out[128] = "";

    if (!host->password_hash)
        return err_set(err, ERROR_FORBIDDEN, N_("Aquí no se usan contraseñas."),
                       NULL, NULL, NULL);
    if (!text.size || !host->password_hash(host->context, text, out))
        return err_memory(err);
    *hash = str_join(task->arena, keyed ? STR("key:") : STR(""), str_of(out));
    return ERROR_NONE;
}

bool secret_fits(struct task *task, enum secret_use use, struct str secret,
                 struct str hash)
{
    const struct host *host = task->office->host;
    bool keyed = str_starts(hash, STR("key:"));
    struct str text = peppered(task, use, secret, keyed);

    if (keyed)
        hash = str_slice(hash, 4, hash.size);
    return text.size && hash.size && host->password_verify &&
           host->password_verify(host->context, text, str_c(task->arena, hash));
}
