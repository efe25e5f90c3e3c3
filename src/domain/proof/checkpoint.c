/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* checkpoint.c - the keys of this house's log, its signed checkpoints, and
 * what of them the log is held against.
 */
#include "domain/proof/proof_private.h"

#include <stdlib.h>

/* --- keys ----------------------------------------------------------------- */

struct str proof_origin(const struct task *task)
{
    return str_join(task->arena, STR("cobijo/"), task->office->log.site);
}

static void derive(const struct sealer *sealer, const unsigned char sign[32],
                   uint64_t number, unsigned char seed[32],
                   unsigned char public_key[32])
{
    sealer->derive(sign, number, "cobijlog", seed);
    sealer->sign_public(seed, public_key);
}

enum error proof_keys_open(const struct task *task, struct proof_keys *keys,
                           struct err *err)
{
    const struct host *host = task->office->host;
    const struct sealer *sealer = host->sealer;
    unsigned char sign[32], public_key[32];
    struct str origin = proof_origin(task);

    if (!task->office->site_key || !sealer)
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Esta casa todavía no tiene llave propia: no puede "
                          "firmar ni atestiguar. Créela con «cobijo key "
                          "seal»."),
                       NULL, NULL, NULL);
    site_key_derive(sealer, task->office->site_key, SITE_KEY_SIGN, sign);
    derive(sealer, sign, 1, keys->log_seed, public_key);
    note_key_make(host, origin, NOTE_ED25519, public_key, &keys->log);
    derive(sealer, sign, 2, keys->witness_seed, public_key);
    note_key_make(host, origin, NOTE_COSIGNATURE, public_key, &keys->witness);
    sealer->wipe(sign, sizeof(sign));
    return ERROR_NONE;
}

void proof_keys_wipe(const struct task *task, struct proof_keys *keys)
{
    if (task->office->host->sealer)
        task->office->host->sealer->wipe(keys, sizeof(*keys));
}

/* --- the table ------------------------------------------------------------ */

static void fill(struct rows *rows, struct task *task,
                 struct proof_checkpoint *out)
{
    struct str root = rows_bytes(rows, 2);

    *out = (struct proof_checkpoint){
        .checkpoint = {.origin = proof_origin(task), .size = rows_int(rows, 0)},
        .made = rows_int(rows, 1),
        .note = str_copy(task->arena, rows_text(rows, 3))};
    if (root.size == 32)
        memcpy(out->checkpoint.root, root.at, 32);
}

/* size < 0: the newest. */
static enum error find(struct task *task, struct db *db, int64_t size,
                       struct proof_checkpoint *out, bool *found,
                       struct err *err)
{
    struct rows rows;

    *found = false;
    db_query(db, &rows, err,
             "SELECT size, made, root, note FROM checkpoint "
             "WHERE site = $1 AND (size = $2 OR $2 < 0) "
             "ORDER BY size DESC LIMIT 1",
             "ti", task->office->log.site, size);
    if (rows_next(&rows)) {
        fill(&rows, task, out);
        *found = true;
    }
    return rows_end(&rows);
}

enum error checkpoint_newest(struct task *task, struct proof_checkpoint *out,
                             bool *found, struct err *err)
{
    return find(task, task->db, -1, out, found, err);
}

enum error checkpoint_of_size(struct task *task, struct db *db, int64_t size,
                              struct proof_checkpoint *out, bool *found,
                              struct err *err)
{
    return find(task, db, size, out, found, err);
}

enum error checkpoint_put(struct task *task, struct db *db,
                          const struct proof_checkpoint *one, struct err *err)
{
    return db_run(
        db, NULL, err,
        "INSERT INTO checkpoint (site, size, made, root, note) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site, size) "
        "DO UPDATE SET note = excluded.note",
        "tiibt", task->office->log.site, one->checkpoint.size, one->made,
        (struct str){(const char *)one->checkpoint.root, 32}, one->note);
}

static enum error not_ours(int64_t size, struct err *err)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)size);
    return err_set(err, ERROR_STORE,
                   N_("El punto de control guardado de {1} entradas no lleva "
                      "la firma de esta casa: alguien lo cambió."),
                   number, NULL, NULL);
}

/* A note that says what the row says and that the key signed (NULL: there is
 * no key to ask). */
static bool genuine(struct task *task, const struct proof_checkpoint *row,
                    const struct note_key *key)
{
    struct note note;
    struct checkpoint said;
    struct err ignored = {0};

    return !note_parse(task->arena, row->note, &note, &ignored) &&
           !checkpoint_parse(note.text, &said, &ignored) &&
           str_equal(said.origin, row->checkpoint.origin) &&
           said.size == row->checkpoint.size &&
           memcmp(said.root, row->checkpoint.root, 32) == 0 &&
           (!key || note_holds(task->office->host, &note, key, NULL));
}

/* --- making one ----------------------------------------------------------- */

struct making {
    struct task *task;
    const struct proof_keys *keys;
    struct proof_checkpoint *out;
    bool made;
};

static enum error rewritten(int64_t size, struct err *err)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)size);
    return err_set(err, ERROR_CONFLICT,
                   N_("La bitácora ya no contiene lo que esta casa firmó "
                      "cuando tenía {1} entradas. No se firma nada más: "
                      "revise con «cobijo log verify»."),
                   number, NULL, NULL);
}

/* The log must still begin with what was signed before: what a row of the
 * table says without our signature is nobody's word. */
static enum error continues(struct tree *tree,
                            const struct proof_checkpoint *old, int64_t size,
                            struct err *err)
{
    struct merkle_source source = tree_source(tree);
    unsigned char root[32];
    enum error error;

    if (old->checkpoint.size > size)
        return rewritten(old->checkpoint.size, err);
    error = merkle_source_root(&source, (uint64_t)old->checkpoint.size, root);
    if (!error && memcmp(root, old->checkpoint.root, 32) != 0)
        error = rewritten(old->checkpoint.size, err);
    return error;
}

static enum error make_change(struct db *db, void *context, struct err *err)
{
    struct making *making = context;
    struct task *task = making->task;
    const struct log *log = &task->office->log;
    struct proof_checkpoint old = {0}, *out = making->out;
    struct merkle_source source;
    struct tree tree;
    int64_t size = 0;
    bool found = false;
    enum error error = tree_open(&tree, log, db, &size, err);

    making->made = false;
    if (!error)
        error = tree_keep(&tree, size);
    if (!error)
        error = find(task, db, -1, &old, &found, err);
    if (!error && found && !genuine(task, &old, &making->keys->log))
        error = not_ours(old.checkpoint.size, err);
    if (!error && found)
        error = continues(&tree, &old, size, err);
    if (error)
        return error;
    if (found && old.checkpoint.size == size) {
        *out = old;
        return ERROR_NONE;
    }
    *out = (struct proof_checkpoint){
        .checkpoint = {.origin = proof_origin(task), .size = size},
        .made = task->now};
    source = tree_source(&tree);
    error = merkle_source_root(&source, (uint64_t)size, out->checkpoint.root);
    if (error)
        return error;
    out->note = checkpoint_text(task->arena, &out->checkpoint);
    out->note = str_format(
        task->arena, "%.*s\n%.*s", STR_ARGS(out->note),
        STR_ARGS(note_sign(task->office->host, task->arena, out->note,
                           &making->keys->log, making->keys->log_seed, 0)));
    making->made = true;
    return arena_failed(task->arena) ? err_memory(err)
                                     : checkpoint_put(task, db, out, err);
}

enum error checkpoint_make(struct task *task, struct proof_checkpoint *out,
                           bool *made, struct err *err)
{
    struct proof_keys keys;
    struct making making = {.task = task, .keys = &keys, .out = out};
    enum error error = proof_keys_open(task, &keys, err);

    if (error)
        return error;
    error = office_change(task->office, make_change, &making, err);
    proof_keys_wipe(task, &keys);
    if (made)
        *made = making.made;
    return error;
}

/* --- what the log is held against ----------------------------------------- */

static enum error stored_points(struct task *task, const struct note_key *key,
                                struct log_point **point, size_t *count,
                                struct err *err)
{
    struct rows rows;
    size_t room = 0;
    enum error error = ERROR_NONE;

    db_query(task->db, &rows, err,
             "SELECT size, made, root, note FROM checkpoint "
             "WHERE site = $1 ORDER BY size",
             "t", task->office->log.site);
    while (!error && rows_next(&rows)) {
        struct proof_checkpoint row;

        fill(&rows, task, &row);
        if (!genuine(task, &row, key))
            error = not_ours(row.checkpoint.size, err);
        if (*count == room) {
            size_t more = room ? room * 2 : 64;

            *point = arena_grow(task->arena, *point, room * sizeof(**point),
                                more * sizeof(**point));
            room = more;
        }
        if (!*point)
            break;
        (*point)[*count] = (struct log_point){.site = task->office->log.site,
                                              .size = row.checkpoint.size};
        memcpy((*point)[(*count)++].root, row.checkpoint.root, 32);
    }
    if (rows_end(&rows))
        return rows.error;
    return error                       ? error
           : arena_failed(task->arena) ? err_memory(err)
                                       : ERROR_NONE;
}

static enum error outside_point(struct task *task, struct str text,
                                const struct note_key *key,
                                struct log_point **point, size_t *count,
                                struct err *err)
{
    struct checkpoint said;
    struct note note;
    struct log_point *more;
    enum error error = proof_own_note(task, text, key, &note, &said, err);

    if (error)
        return error;
    more = ARENA_ARRAY(task->arena, struct log_point, *count + 1);
    if (!more)
        return err_memory(err);
    if (*count)
        memcpy(more, *point, *count * sizeof(*more));
    more[*count] =
        (struct log_point){.site = task->office->log.site, .size = said.size};
    memcpy(more[(*count)++].root, said.root, 32);
    *point = more;
    return ERROR_NONE;
}

static int compare(const void *a, const void *b)
{
    const struct log_point *x = a, *y = b;

    return (x->size > y->size) - (x->size < y->size);
}

void proof_points_sort(struct log_point *point, size_t count)
{
    if (count)
        qsort(point, count, sizeof(*point), compare);
}

enum error proof_points(struct task *task, struct str text, struct str key,
                        struct log_point **point, size_t *count,
                        struct err *err)
{
    struct proof_keys keys;
    struct note_key given;
    const struct note_key *own = NULL;
    enum error error = ERROR_NONE;

    *point = NULL;
    *count = 0;
    if (key.size) {
        error =
            note_key_parse(task->office->host, task->arena, key, &given, err);
        own = &given;
    } else if (task->office->site_key) {
        error = proof_keys_open(task, &keys, err);
        given = keys.log;
        own = &given;
        proof_keys_wipe(task, &keys);
    }
    if (!error)
        error = stored_points(task, own, point, count, err);
    if (!error && text.size)
        error = outside_point(task, text, own, point, count, err);
    proof_points_sort(*point, *count);
    return error;
}
