/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* witness.c - two houses that do not trust each other: one asks, the other
 * remembers what it saw, checks that the log only grew, and cosigns; the note
 * comes home again. Files go by hand, mail or a stick: nothing here connects.
 */
#include "domain/proof/proof_private.h"

/* --- peers ---------------------------------------------------------------- */

static void fill(struct rows *rows, struct task *task, struct peer *peer)
{
    struct str root = rows_bytes(rows, 5);

    *peer = (struct peer){.role = str_copy(task->arena, rows_text(rows, 0)),
                          .name = str_copy(task->arena, rows_text(rows, 1)),
                          .key = str_copy(task->arena, rows_text(rows, 2)),
                          .added = rows_int(rows, 3),
                          .size = rows_int(rows, 4),
                          .signed_at = rows_int(rows, 6),
                          .note = str_copy(task->arena, rows_text(rows, 7))};
    if (root.size == 32)
        memcpy(peer->root, root.at, 32);
}

enum error peer_find(struct task *task, struct db *db, const char *role,
                     struct str name, struct peer *peer, bool *found,
                     struct err *err)
{
    struct rows rows;

    *found = false;
    db_query(db, &rows, err,
             "SELECT role, name, key, added, size, root, signed, note "
             "FROM log_peer WHERE site = $1 AND role = $2 AND name = $3",
             "ttt", task->office->log.site, str_of(role), name);
    if (rows_next(&rows)) {
        fill(&rows, task, peer);
        *found = true;
    }
    return rows_end(&rows);
}

enum error peer_list(struct task *task, const char *role, struct peer **peer,
                     size_t *count, struct err *err)
{
    struct rows rows;
    size_t room = 0;

    *peer = NULL;
    *count = 0;
    db_query(task->db, &rows, err,
             "SELECT role, name, key, added, size, root, signed, note "
             "FROM log_peer WHERE site = $1 AND role = $2 ORDER BY name",
             "tt", task->office->log.site, str_of(role));
    while (rows_next(&rows)) {
        if (*count == room) {
            size_t more = room ? room * 2 : 8;

            *peer = arena_grow(task->arena, *peer, room * sizeof(**peer),
                               more * sizeof(**peer));
            room = more;
        }
        if (!*peer)
            break;
        fill(&rows, task, &(*peer)[(*count)++]);
    }
    if (rows_end(&rows))
        return rows.error;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

/* Takes a row's place only while it is as it was read (size before). */
struct keeping {
    struct task *task;
    const struct peer *peer;
    int64_t before; /* -1: there was none */
    bool kept;
};

static enum error keep_change(struct db *db, void *context, struct err *err)
{
    struct keeping *keeping = context;
    const struct peer *peer = keeping->peer;
    struct str site = keeping->task->office->log.site;
    struct str root = {(const char *)peer->root, 32};
    int64_t changed = 0;
    enum error error;

    error =
        keeping->before < 0
            ? db_run(db, &changed, err,
                     "INSERT INTO log_peer (site, role, name, key, added, "
                     "size, root, signed, note) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                     "ON CONFLICT (site, role, name) DO NOTHING",
                     "ttttiibit", site, peer->role, peer->name, peer->key,
                     peer->added, peer->size, root, peer->signed_at, peer->note)
            : db_run(db, &changed, err,
                     "UPDATE log_peer SET size = $4, root = $5, "
                     "signed = $6, note = $7 WHERE site = $1 "
                     "AND role = $2 AND name = $3 AND size = $8",
                     "tttibiti", site, peer->role, peer->name, peer->size, root,
                     peer->signed_at, peer->note, keeping->before);
    keeping->kept = changed == 1;
    return error;
}

static enum error keep(struct task *task, const struct peer *peer,
                       int64_t before, struct err *err)
{
    struct keeping keeping = {task, peer, before, false};
    enum error error = office_change(task->office, keep_change, &keeping, err);

    if (error || keeping.kept)
        return error;
    return err_set(err, ERROR_CONFLICT,
                   N_("Alguien más atestiguó esta bitácora al mismo tiempo. "
                      "Inténtelo otra vez."),
                   NULL, NULL, NULL);
}

/* --- asking --------------------------------------------------------------- */

static enum error request_size(struct task *task, struct str witness,
                               int64_t *old, struct err *err)
{
    struct peer peer;
    bool found = false;
    enum error error;

    if (!witness.size)
        return ERROR_NONE;
    error = peer_find(task, task->db, "witness", witness, &peer, &found, err);
    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("No se conoce ningún testigo «{1}»."),
                        str_c(task->arena, witness), NULL, NULL);
    if (!error)
        *old = peer.size;
    return error;
}

enum error checkpoint_request(struct task *task, struct str witness,
                              int64_t old, struct str *text, struct err *err)
{
    struct witness_request request = {.old = old};
    struct proof_checkpoint newest;
    struct merkle_source source;
    struct tree tree;
    int64_t size = 0;
    bool found = false;
    enum error error = checkpoint_newest(task, &newest, &found, err);

    if (!error && !found)
        error = err_set(err, ERROR_NOT_FOUND,
                        N_("Todavía no hay ningún punto de control. Haga uno "
                           "con «cobijo log checkpoint»."),
                        NULL, NULL, NULL);
    if (!error)
        error = request_size(task, witness, &request.old, err);
    if (!error && request.old > newest.checkpoint.size)
        error = err_set(err, ERROR_INPUT,
                        N_("La bitácora firmada es más corta que lo que el "
                           "testigo ya vio."),
                        NULL, NULL, NULL);
    if (!error)
        error = tree_open(&tree, &task->office->log, task->db, &size, err);
    if (error)
        return error;
    source = tree_source(&tree);
    error = merkle_consistency(&source, (uint64_t)request.old,
                               (uint64_t)newest.checkpoint.size, &request.path);
    request.note = newest.note;
    if (!error)
        *text = witness_request_text(task->arena, &request);
    return error                       ? error
           : arena_failed(task->arena) ? err_memory(err)
                                       : ERROR_NONE;
}

/* --- witnessing ----------------------------------------------------------- */

struct witnessing {
    struct task *task;
    struct witness_request request; /* old -1: a note without a proof */
    struct note note;
    struct checkpoint said;
    struct note_key key;
    struct peer peer;
    bool known;
};

static enum error read_request(struct witnessing *one, struct str text,
                               struct err *err)
{
    enum error error = ERROR_NONE;

    if (str_starts(text, STR("old ")))
        error = witness_request_parse(text, &one->request, err);
    else
        one->request = (struct witness_request){.old = -1, .note = text};
    if (!error)
        error =
            note_parse(one->task->arena, one->request.note, &one->note, err);
    return error ? error : checkpoint_parse(one->note.text, &one->said, err);
}

/* The key that is remembered, or the one given at the first time. */
static enum error find_key(struct witnessing *one, struct str key,
                           struct err *err)
{
    struct task *task = one->task;
    const struct host *host = task->office->host;
    const char *origin = str_c(task->arena, one->said.origin);
    enum error error = peer_find(task, task->db, "log", one->said.origin,
                                 &one->peer, &one->known, err);

    if (error)
        return error;
    if (!one->known && !key.size)
        return err_set(err, ERROR_INPUT,
                       N_("Es la primera vez que se ve la bitácora «{1}». Pida "
                          "su llave de verificación por otro camino (en "
                          "persona, por teléfono) y dela con --key."),
                       origin, NULL, NULL);
    if (one->known && key.size && !str_equal(str_trim(key), one->peer.key))
        return err_set(err, ERROR_CONFLICT,
                       N_("La bitácora «{1}» tiene guardada otra llave. Si la "
                          "casa de verdad cambió de llave, confírmelo con "
                          "ella en persona."),
                       origin, NULL, NULL);
    error = note_key_parse(host, task->arena, one->known ? one->peer.key : key,
                           &one->key, err);
    if (error)
        return error;
    if (one->key.type == NOTE_ED25519 &&
        str_equal(one->key.name, one->said.origin) &&
        note_holds(host, &one->note, &one->key, NULL))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("El punto de control no lleva la firma de «{1}» con esa "
                      "llave."),
                   origin, NULL, NULL);
}

static enum error say_sizes(enum error code, const char *msgid,
                            const struct witnessing *one, struct err *err)
{
    char saw[24], says[24];

    snprintf(saw, sizeof(saw), "%lld", (long long)one->peer.size);
    snprintf(says, sizeof(says), "%lld", (long long)one->said.size);
    return err_set(err, code, msgid, saw, says,
                   str_c(one->task->arena, one->said.origin));
}

static enum error check_growth(const struct witnessing *one, struct err *err)
{
    const struct host *host = one->task->office->host;
    const struct peer *peer = &one->peer;

    if (!one->known)
        return ERROR_NONE;
    if (one->said.size < peer->size)
        return say_sizes(
            ERROR_CONFLICT,
            N_("Esta casa ya vio {1} entradas de esa bitácora y ahora le "
               "muestran {2}: o es un archivo viejo, o quitaron entradas. No "
               "se atestigua."),
            one, err);
    if (one->said.size > peer->size && one->request.old != peer->size)
        return say_sizes(
            ERROR_INPUT,
            N_("Falta la prueba de que la bitácora sigue a la que esta casa "
               "vio ({1} entradas). Pida el archivo hecho con «cobijo log "
               "checkpoint --old {1}»."),
            one, err);
    if (one->said.size == peer->size
            ? memcmp(one->said.root, peer->root, 32) == 0
            : merkle_check_consistency(host, (uint64_t)peer->size, peer->root,
                                       (uint64_t)one->said.size, one->said.root,
                                       &one->request.path))
        return ERROR_NONE;
    return say_sizes(
        ERROR_CONFLICT,
        N_("ATENCIÓN: la bitácora «{3}» con {2} entradas no continúa la que "
           "esta casa vio con {1}: la volvieron a escribir. No se atestigua. "
           "Guarde este archivo: con la firma de la otra casa es la prueba."),
        one, err);
}

enum error checkpoint_witness(struct task *task, struct str text,
                              struct str key, struct str *note, struct err *err)
{
    struct witnessing one = {.task = task};
    struct proof_keys keys;
    struct peer after;
    enum error error = read_request(&one, text, err);

    if (!error && str_equal(one.said.origin, proof_origin(task)))
        error = err_set(err, ERROR_INPUT,
                        N_("Esta bitácora es la de esta misma casa: la tiene "
                           "que atestiguar otra."),
                        NULL, NULL, NULL);
    if (!error)
        error = find_key(&one, key, err);
    if (!error)
        error = check_growth(&one, err);
    if (!error)
        error = proof_keys_open(task, &keys, err);
    if (error)
        return error;
    *note =
        str_join(task->arena, one.request.note,
                 note_sign(task->office->host, task->arena, one.note.text,
                           &keys.witness, keys.witness_seed, task->now / 1000));
    proof_keys_wipe(task, &keys);
    after = (struct peer){.role = STR("log"),
                          .name = one.said.origin,
                          .key = note_key_text(task->arena, &one.key),
                          .note = *note,
                          .added = task->now,
                          .size = one.said.size,
                          .signed_at = task->now};
    memcpy(after.root, one.said.root, 32);
    if (arena_failed(task->arena))
        return err_memory(err);
    return keep(task, &after, one.known ? one.peer.size : -1, err);
}

/* --- coming home ---------------------------------------------------------- */

enum error proof_own_note(struct task *task, struct str text,
                          const struct note_key *key, struct note *note,
                          struct checkpoint *said, struct err *err)
{
    enum error error = note_parse(task->arena, text, note, err);

    if (!error)
        error = checkpoint_parse(note->text, said, err);
    if (error)
        return error;
    if (!str_equal(said->origin, proof_origin(task)))
        return err_set(err, ERROR_INPUT,
                       N_("Ese punto de control es de otra bitácora: «{1}»."),
                       str_c(task->arena, said->origin), NULL, NULL);
    if (key && note_holds(task->office->host, note, key, NULL))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("Ese punto de control no lleva la firma de esta casa. "
                      "Sin la llave de la casa, dé su llave de verificación "
                      "con --key."),
                   NULL, NULL, NULL);
}

struct coming {
    struct task *task;
    const struct note *note;
    const struct checkpoint *said;
    struct peer *peer;
    size_t peers, accepted;
};

/* The checkpoint as it stands here; what we signed and do not have any more is
 * made again when the log still bears it out. */
static enum error stored(const struct coming *coming, struct db *db,
                         struct proof_checkpoint *out, struct err *err)
{
    struct task *task = coming->task;
    const struct checkpoint *said = coming->said;
    struct merkle_source source;
    struct tree tree;
    unsigned char root[32];
    char number[24];
    int64_t size = 0;
    bool found = false;
    enum error error =
        checkpoint_of_size(task, db, said->size, out, &found, err);

    if (!error && !found)
        *out =
            (struct proof_checkpoint){.checkpoint = *said, .made = task->now};
    if (!error)
        error = tree_open(&tree, &task->office->log, db, &size, err);
    if (error)
        return error;
    source = tree_source(&tree);
    if (said->size <= size) {
        error = merkle_source_root(&source, (uint64_t)said->size, root);
        if (error || memcmp(root, said->root, 32) == 0)
            return error;
    }
    snprintf(number, sizeof(number), "%lld", (long long)said->size);
    return err_set(err, ERROR_CONFLICT,
                   N_("Esta casa firmó {1} entradas y la bitácora ya no las "
                      "contiene tal cual: se quitaron o se cambiaron, o se "
                      "restauró una copia vieja. Revise con «cobijo log "
                      "verify --checkpoint ARCHIVO»."),
                   number, NULL, NULL);
}

/* The own signature's line, then those of witnesses, each once. */
static void merge_lines(struct coming *coming, struct proof_checkpoint *one)
{
    struct arena *arena = coming->task->arena;
    const struct note *note = coming->note;

    if (!one->note.size) {
        one->note = str_join(arena, note->text, STR("\n"));
        for (size_t i = 0; i < note->signatures; i++)
            if (str_equal(note->signature[i].name, coming->said->origin))
                one->note = str_join(arena, one->note, note->signature[i].line);
    }
    for (size_t i = 0; i < note->signatures; i++) {
        const struct note_signature *signature = &note->signature[i];
        bool known = false;

        for (size_t k = 0; k < coming->peers; k++)
            known = known || (coming->peer[k].signed_at >= 0 &&
                              str_equal(coming->peer[k].name, signature->name));
        if (known && str_find(one->note, signature->line) == SIZE_MAX)
            one->note = str_join(arena, one->note, signature->line);
    }
}

static enum error accept_change(struct db *db, void *context, struct err *err)
{
    struct coming *coming = context;
    struct task *task = coming->task;
    struct str site = task->office->log.site;
    struct proof_checkpoint one;
    enum error error = stored(coming, db, &one, err);

    if (error)
        return error;
    merge_lines(coming, &one);
    error = checkpoint_put(task, db, &one, err);
    for (size_t i = 0; i < coming->peers && !error; i++) {
        const struct peer *peer = &coming->peer[i];

        if (peer->signed_at >= 0)
            error = db_run(
                db, NULL, err,
                "INSERT INTO log_peer (site, role, name, key, added, size, "
                "root, signed, note) VALUES ($1, 'witness', $2, $3, $4, $5, "
                "$6, $7, '') ON CONFLICT (site, role, name) DO UPDATE SET "
                "size = excluded.size, root = excluded.root, "
                "signed = excluded.signed "
                "WHERE log_peer.size <= excluded.size",
                "tttiibi", site, peer->name, peer->key, peer->added,
                coming->said->size,
                (struct str){(char *)one.checkpoint.root, 32}, peer->signed_at);
    }
    return error;
}

/* Those of the known witnesses that signed get signed_at, others -1. */
static enum error who_signed(struct coming *coming, struct str key,
                             struct err *err)
{
    struct task *task = coming->task;
    const struct host *host = task->office->host;
    struct peer *list;
    enum error error =
        peer_list(task, "witness", &coming->peer, &coming->peers, err);

    list =
        error ? NULL : ARENA_ARRAY(task->arena, struct peer, coming->peers + 1);
    if (!list)
        return error ? error : err_memory(err);
    if (coming->peers)
        memcpy(list, coming->peer, coming->peers * sizeof(*list));
    coming->peer = list;
    if (key.size)
        list[coming->peers++] =
            (struct peer){.key = str_trim(key), .added = task->now};
    for (size_t i = 0; i < coming->peers && !error; i++) {
        struct note_key one;
        int64_t seconds = 0;

        error = note_key_parse(host, task->arena, list[i].key, &one, err);
        if (error)
            break;
        if (one.type != NOTE_COSIGNATURE)
            return err_set(err, ERROR_INPUT,
                           N_("Esa llave no es la de un testigo: pida la línea "
                              "«testigo» de «cobijo log key» de la otra casa."),
                           NULL, NULL, NULL);
        list[i].name = one.name;
        list[i].signed_at = -1;
        if (note_holds(host, coming->note, &one, &seconds)) {
            list[i].signed_at = seconds * 1000;
            coming->accepted++;
        }
    }
    return error;
}

enum error checkpoint_accept(struct task *task, struct str text, struct str key,
                             size_t *accepted, int64_t *size, struct err *err)
{
    struct proof_keys keys;
    struct note note;
    struct checkpoint said = {0};
    struct coming coming = {.task = task, .note = &note, .said = &said};
    enum error error = proof_keys_open(task, &keys, err);

    if (error)
        return error;
    error = proof_own_note(task, text, &keys.log, &note, &said, err);
    if (!error &&
        str_equal(str_trim(key), note_key_text(task->arena, &keys.witness)))
        error =
            err_set(err, ERROR_INPUT, N_("Una casa no es testigo de sí misma."),
                    NULL, NULL, NULL);
    proof_keys_wipe(task, &keys);
    if (!error)
        error = who_signed(&coming, key, err);
    if (!error && !coming.accepted)
        error = err_set(err, ERROR_INPUT,
                        N_("El punto de control no trae la firma de ningún "
                           "testigo conocido. La primera vez, dé también la "
                           "llave del testigo."),
                        NULL, NULL, NULL);
    if (!error)
        error = office_change(task->office, accept_change, &coming, err);
    *accepted = coming.accepted;
    *size = said.size;
    return error;
}
