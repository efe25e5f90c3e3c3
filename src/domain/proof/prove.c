/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* prove.c - that an entry stands in the log that was signed, as a text that
 * anybody can check who has the log's key.
 */
#include "domain/proof/proof_private.h"

struct found {
    int64_t seq;
    unsigned char hash[32];
};

static enum error find_entries(struct task *task, struct str id,
                               struct found **found, size_t *count,
                               struct err *err)
{
    struct rows rows;
    size_t room = 0;

    *count = 0;
    *found = NULL;
    db_query(task->db, &rows, err,
             "SELECT seq, hash FROM entry WHERE site = $1 AND id = $2 "
             "UNION SELECT seq, hash FROM entry WHERE site = $1 "
             "AND record = $2 ORDER BY seq",
             "tt", task->office->log.site, id);
    while (rows_next(&rows)) {
        struct str hash = rows_bytes(&rows, 1);

        if (*count == room) {
            size_t more = room ? room * 2 : 16;

            *found = arena_grow(task->arena, *found, room * sizeof(**found),
                                more * sizeof(**found));
            room = more;
        }
        if (!*found)
            break;
        (*found)[*count].seq = rows_int(&rows, 0);
        if (hash.size == 32)
            memcpy((*found)[(*count)++].hash, hash.at, 32);
    }
    if (rows_end(&rows))
        return rows.error;
    if (arena_failed(task->arena))
        return err_memory(err);
    if (!*count)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("No hay ningún registro ni entrada «{1}»."),
                       str_c(task->arena, id), NULL, NULL);
    return ERROR_NONE;
}

static enum error prove_one(struct task *task, struct tree *tree,
                            const struct found *entry,
                            const struct proof_checkpoint *newest,
                            struct buf *out, struct err *err)
{
    const struct checkpoint *said = &newest->checkpoint;
    const struct host *host = task->office->host;
    struct inclusion_proof proof = {.index = entry->seq - 1,
                                    .note = newest->note};
    struct merkle_source source = tree_source(tree);
    unsigned char leaf[32];
    char number[24];
    enum error error = merkle_inclusion(&source, (uint64_t)proof.index,
                                        (uint64_t)said->size, &proof.path);

    if (error)
        return error;
    memcpy(proof.leaf_data, entry->hash, 32);
    merkle_leaf(host, (struct str){(const char *)entry->hash, 32}, leaf);
    if (!merkle_check_inclusion(host, leaf, (uint64_t)proof.index,
                                (uint64_t)said->size, &proof.path,
                                said->root)) {
        snprintf(number, sizeof(number), "%lld", (long long)said->size);
        return err_set(err, ERROR_CONFLICT,
                       N_("La bitácora ya no es la que se firmó con {1} "
                          "entradas. Revise con «cobijo log verify»."),
                       number, NULL, NULL);
    }
    if (out->size)
        buf_putc(out, '\n');
    buf_put(out, inclusion_proof_text(task->arena, &proof));
    return ERROR_NONE;
}

enum error proof_of(struct task *task, struct str record_or_entry,
                    struct str *text, size_t *count, struct err *err)
{
    struct proof_checkpoint newest;
    struct found *entry = NULL;
    struct tree tree;
    struct buf out;
    size_t entries = 0;
    int64_t size = 0;
    bool found = false;
    enum error error =
        find_entries(task, record_or_entry, &entry, &entries, err);

    *count = 0;
    if (!error)
        error = checkpoint_newest(task, &newest, &found, err);
    if (!error)
        error = tree_open(&tree, &task->office->log, task->db, &size, err);
    buf_init(&out, task->arena);
    for (size_t i = 0; i < entries && !error && found; i++) {
        if (entry[i].seq > newest.checkpoint.size)
            break;
        error = prove_one(task, &tree, &entry[i], &newest, &out, err);
        *count += !error;
    }
    if (!error && !*count)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("Todavía no está en ningún punto de control. Haga "
                           "uno con «cobijo log checkpoint»."),
                        NULL, NULL, NULL);
    *text = buf_str(&out);
    return error;
}

enum error proof_check(struct task *task, struct str text, struct str key,
                       int64_t *seq, struct err *err)
{
    const struct host *host = task->office->host;
    struct inclusion_proof proof = {0};
    struct note_key log;
    struct note note = {0};
    struct checkpoint said;
    unsigned char leaf[32];
    enum error error = note_key_parse(host, task->arena, key, &log, err);

    if (!error)
        error = inclusion_proof_parse(text, &proof, err);
    if (!error)
        error = note_parse(task->arena, proof.note, &note, err);
    if (!error)
        error = checkpoint_parse(note.text, &said, err);
    if (error)
        return error;
    merkle_leaf(host, (struct str){(char *)proof.leaf_data, 32}, leaf);
    *seq = proof.index + 1;
    if (log.type == NOTE_ED25519 && str_equal(log.name, said.origin) &&
        note_holds(host, &note, &log, NULL) && proof.index < said.size &&
        merkle_check_inclusion(host, leaf, (uint64_t)proof.index,
                               (uint64_t)said.size, &proof.path, said.root))
        return ERROR_NONE;
    return err_set(
        err, ERROR_INPUT,
        N_("La prueba no se sostiene: la firma, la raíz o la entrada "
           "no concuerdan."),
        NULL, NULL, NULL);
}
