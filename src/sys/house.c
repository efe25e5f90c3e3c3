/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* house.c - finds a store's keys, opens them, closes them. */
#include "sys/house.h"

#include "core/utf8.h"
#include "store/store.h"
#include "sys/key_cache.h"
#include "sys/safe_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* --- finding -------------------------------------------------------------- */

/* An encrypted page keeps the size of pages and the format's numbers in the
 * open; an open file begins with words. */
bool house_file_sealed(const char *path)
{
    unsigned char head[24];
    FILE *file = fopen(path, "rb");
    size_t got = file ? fread(head, 1, sizeof(head), file) : 0;
    unsigned size;

    if (file)
        fclose(file);
    if (got < sizeof(head) || memcmp(head, "SQLite format 3", 16) == 0)
        return false;
    size = (unsigned)head[16] << 8 | head[17];
    return (size == 1 || (size >= 512 && (size & (size - 1)) == 0)) &&
           head[21] == 64 && head[22] == 32 && head[23] == 32;
}

static enum error say_no_keys(const char *path, struct err *err)
{
    return err_set(err, ERROR_STORE,
                   N_("Los datos están cifrados y no se encuentra su archivo "
                      "de llaves {1}. Búsquelo o dígalo con --keys; sin él ni "
                      "una copia de respaldo, nadie los puede abrir."),
                   path, NULL, NULL);
}

/* A store that does not say which house it is has no keys. One that lost that
 * row, by whoever writes the database, must not go on in the open. */
static enum error check_open(struct db *db, struct err *err)
{
    int64_t one = 0;
    bool sealed = false;
    enum error error = db_get_int(db, &one, &sealed, err,
                                  "SELECT 1 FROM data_key LIMIT 1", "");

    if (error || !sealed)
        return error;
    return err_set(err, ERROR_STORE,
                   N_("Lo guardado está sellado, pero el almacén ya no dice "
                      "con qué llaves (store_meta, «keys»): alguien lo "
                      "cambió. Restaure una copia de respaldo."),
                   NULL, NULL, NULL);
}

/* A PostgreSQL store says itself which house it is. */
static enum error ask_id(struct house *house, const char *url, struct err *err)
{
    struct store_options options = {.host = house->host};
    struct str id = STR_NULL;
    struct store *store;
    struct db *db = NULL;
    enum store_age age = STORE_EMPTY;
    int64_t number = 0;
    enum error error = store_open(url, &options, &store, err);

    if (error)
        return error;
    error = store_connect(store, false, &db, err);
    if (!error)
        error = store_age(db, &age, &number, err);
    if (!error && age != STORE_EMPTY)
        error =
            db_get_text(db, &house->arena, &id, NULL, err,
                        "SELECT value FROM store_meta WHERE name = 'keys'", "");
    if (!error && age == STORE_CURRENT && !id.size)
        error = check_open(db, err);
    if (db)
        db_close(db);
    store_close(store);
    if (!error)
        snprintf(house->id, sizeof(house->id), "%.*s", STR_ARGS(id));
    return error;
}

/* $XDG_STATE_HOME/cobijo/ID.keys */
const char *house_state_path(struct house *house)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state && *state == '/')
        return str_c(
            &house->arena,
            str_format(&house->arena, "%s/cobijo/%s.keys", state, house->id));
    return str_c(&house->arena,
                 str_format(&house->arena, "%s/.local/state/cobijo/%s.keys",
                            home ? home : "", house->id));
}

static enum error find_place(struct house *house, const char *url,
                             const char *keys, struct err *err)
{
    static const char scheme[] = "sqlite:";

    if (strncmp(url, scheme, sizeof(scheme) - 1) == 0) {
        house->file = str_c(&house->arena, str_of(url + sizeof(scheme) - 1));
        if (strcmp(house->file, ":memory:") == 0)
            return ERROR_NONE;
        house->path =
            keys ? keys
                 : str_c(&house->arena,
                         str_format(&house->arena, "%s.keys", house->file));
        return ERROR_NONE;
    }
    if (ask_id(house, url, err))
        return err->code;
    if (keys)
        house->path = keys;
    else if (house->id[0])
        house->path = house_state_path(house);
    return ERROR_NONE;
}

enum error house_find(struct house *house, const struct host *host,
                      const char *url, const char *keys, struct err *err)
{
    struct keyring ring;
    struct arena arena;
    enum error error;

    *house = (struct house){.host = host, .keeper = house_keeper};
    house->keeper.context = house;
    arena_init(&house->arena, NULL);
    if (find_place(house, url, keys && *keys ? keys : NULL, err) ||
        !house->path)
        return err->code;
    if (!safe_exists(house->path)) {
        if (house->file ? house_file_sealed(house->file) : house->id[0])
            return say_no_keys(house->path, err);
        return ERROR_NONE;
    }
    arena_init(&arena, NULL);
    error = house_read(house, &ring, &arena, err);
    if (!error && !house->file && strcmp(house->id, ring.id) != 0)
        error = house->id[0] ? err_set(err, ERROR_STORE,
                                       N_("El archivo de llaves {1} es de "
                                          "otra casa."),
                                       house->path, NULL, NULL)
                             : ERROR_NONE;
    else if (!error)
        house->kept = true;
    if (!error && house->kept) {
        memcpy(house->id, ring.id, sizeof(house->id));
        house->store_sealed = house->file && (ring.store_sealed ||
                                              house_file_sealed(house->file));
    }
    arena_release(&arena);
    return error;
}

static void close_keys(struct house *house)
{
    if (house->key)
        house->host->sealer->locked_free(house->key);
    if (house->store_key)
        house->host->sealer->locked_free(house->store_key);
    house->key = house->store_key = NULL;
}

void house_release(struct house *house)
{
    if (!house->host)
        return;
    close_keys(house);
    arena_release(&house->arena);
    *house = (struct house){0};
}

/* --- a new one ------------------------------------------------------------ */

enum error house_new(struct house *house, bool store_sealed, struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    unsigned char key[32], id[16];
    enum error error;

    sealer->random(key, sizeof(key));
    sealer->random(id, sizeof(id));
    for (size_t i = 0; i < sizeof(id); i++)
        snprintf(house->id + 2 * i, 3, "%02x", id[i]);
    if (!house->path)
        house->path = house_state_path(house);
    house->store_sealed = store_sealed && house->file;
    error = house_enter(house, key, err);
    sealer->wipe(key, sizeof(key));
    if (!error && safe_exists(house->path))
        error = safe_aside(house->path, "otra", err);
    if (!error)
        error = safe_folders(house->path, err);
    if (!error)
        error = house_write_new(house, err);
    house->kept = !error;
    return error;
}

void house_undo(struct house *house)
{
    if (house->kept)
        unlink(house->path);
    key_cache_forget(house->id);
    close_keys(house);
    house->kept = false;
}

/* --- opening -------------------------------------------------------------- */

enum error house_enter(struct house *house, const unsigned char key[32],
                       struct err *err)
{
    const struct sealer *sealer = house->host->sealer;

    close_keys(house);
    house->key = sealer->locked(32);
    house->store_key = house->store_sealed ? sealer->locked(32) : NULL;
    if (!house->key || (house->store_sealed && !house->store_key)) {
        close_keys(house);
        return err_memory(err);
    }
    memcpy(house->key, key, 32);
    if (house->store_key)
        site_key_derive(sealer, key, SITE_KEY_STORE, house->store_key);
    return ERROR_NONE;
}

bool house_take(struct house *house)
{
    const struct sealer *sealer = house->host->sealer;
    unsigned char key[32];
    struct keyring ring;
    struct arena arena;
    struct err err = {0};
    bool taken;

    if (house->key)
        return true;
    if (!house->kept || !key_cache_get(house->id, key))
        return false;
    arena_init(&arena, NULL);
    /* what a mishap left there opens nothing */
    taken = house_read(house, &ring, &arena, &err) == ERROR_NONE &&
            keyring_true(&ring, sealer, key) &&
            house_enter(house, key, &err) == ERROR_NONE;
    arena_release(&arena);
    sealer->wipe(key, sizeof(key));
    return taken;
}

bool house_remember(struct house *house)
{
    return house->key && key_cache_put(house->id, house->key);
}

enum error house_closed(struct err *err)
{
    return err_set(err, ERROR_CLOSED,
                   N_("La casa está cerrada: desde que se apagó la "
                      "computadora nadie la ha abierto. Entre en la página "
                      "con una cuenta que puede abrirla, o use «cobijo key "
                      "open --user NOMBRE»."),
                   NULL, NULL, NULL);
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

enum error house_slot_key(struct house *house, struct slot *slot, bool fresh,
                          struct str password, unsigned char key[32],
                          struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    unsigned passes = house->passes ? house->passes : KEYRING_PASSES;

    if (fresh) {
        slot->kib = KEYRING_KIB;
        slot->passes = passes;
        sealer->random(slot->salt, sizeof(slot->salt));
    }
    for (;;) {
        int64_t began = clock_ms(CLOCK_THREAD_CPUTIME_ID), took;

        if (!sealer->password_key(password, slot->salt, slot->passes,
                                  (size_t)slot->kib * 1024, key))
            return err_memory(err);
        took = clock_ms(CLOCK_THREAD_CPUTIME_ID) - began;
        if (!fresh || took >= HOUSE_MILLISECONDS ||
            slot->passes >= KEYRING_PASSES_MAX)
            return ERROR_NONE;
        /* a tenth more, for the days when it is quicker */
        passes = (unsigned)(slot->passes * (HOUSE_MILLISECONDS * 11 / 10) /
                            (took > 0 ? (unsigned)took : 1));
        slot->passes = passes > slot->passes ? passes : slot->passes + 1;
        if (slot->passes > KEYRING_PASSES_MAX)
            slot->passes = KEYRING_PASSES_MAX;
        house->passes = slot->passes;
    }
}

static enum error say_wrong(struct err *err)
{
    return err_set(err, ERROR_LOGIN,
                   N_("Con ese usuario y esa contraseña no se abre la casa."),
                   NULL, NULL, NULL);
}

/* The slot, or one that opens nothing and costs as much. */
static struct slot slot_for(const struct keyring *ring, enum slot_kind kind,
                            const unsigned char hash[32])
{
    struct slot none = {
        .kind = SLOT_KINDS, .kib = KEYRING_KIB, .passes = KEYRING_PASSES};
    const struct slot *slot = keyring_find(ring, kind, hash);

    for (size_t i = 0; i < ring->slots; i++)
        if (ring->slot[i].passes > none.passes)
            none.passes = ring->slot[i].passes;
    return slot ? *slot : none;
}

static enum error try_slot(struct house *house, const struct keyring *ring,
                           struct slot *slot, struct str password,
                           unsigned char site_key[32], bool *opened,
                           struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    unsigned char key[32];
    enum error error = house_slot_key(house, slot, false, password, key, err);

    *opened = !error && slot->kind != SLOT_KINDS &&
              slot_open(slot, ring, sealer, key, site_key);
    sealer->wipe(key, sizeof(key));
    return error;
}

/* Both slots of an account, one after the other, whichever opens. */
static enum error try_password(struct house *house, const struct keyring *ring,
                               const char *name, struct str password,
                               struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    enum slot_kind kind = name ? SLOT_ACCOUNT : SLOT_PASSPHRASE;
    unsigned char hash[32], site_key[2][32];
    bool opened[2] = {false, false};
    enum error error = ERROR_NONE;

    keyring_name(ring, sealer, kind,
                 utf8_lower(ring->arena, str_trim(str_of(name ? name : ""))),
                 hash);
    for (int i = 0; !error && i < (name ? 2 : 1); i++) {
        struct slot slot = slot_for(ring, kind, hash);

        error = try_slot(house, ring, &slot, password, site_key[i], &opened[i],
                         err);
        keyring_other(ring, sealer, hash, hash);
    }
    if (!error)
        error = opened[0] || opened[1]
                    ? house_enter(house, site_key[opened[0] ? 0 : 1], err)
                    : say_wrong(err);
    sealer->wipe(site_key, sizeof(site_key));
    return error;
}

enum error house_open_password(struct house *house, const char *name,
                               struct str password, struct err *err)
{
    int64_t began = clock_ms(CLOCK_MONOTONIC), left;
    struct keyring ring;
    struct arena arena;
    enum error error;

    arena_init(&arena, NULL);
    error = house_read(house, &ring, &arena, err);
    if (!error)
        error = try_password(house, &ring, name, password, err);
    arena_release(&arena);
    left = HOUSE_MILLISECONDS - (clock_ms(CLOCK_MONOTONIC) - began);
    if (left > 0)
        house->host->pause(house->host->context, (int)left);
    return error;
}

enum error house_open_shares(struct house *house, const struct share *a,
                             const struct share *b, struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    unsigned char secret[32], site_key[32];
    const struct slot *slot;
    struct keyring ring;
    struct arena arena;
    enum error error;

    if (!shares_join(a, b, secret))
        return err_set(err, ERROR_INPUT,
                       N_("Las dos hojas deben ser distintas y del mismo "
                          "juego: compare el número de juego que llevan "
                          "arriba."),
                       NULL, NULL, NULL);
    arena_init(&arena, NULL);
    error = house_read(house, &ring, &arena, err);
    slot = error ? NULL : keyring_find(&ring, SLOT_PAPER, NULL);
    if (!error && (!slot || !slot_open(slot, &ring, sealer, secret, site_key)))
        error = err_set(err, ERROR_INPUT,
                        N_("Estas hojas no abren esta casa: son de otra o de "
                           "un juego que ya se cambió."),
                        NULL, NULL, NULL);
    else if (!error)
        error = house_enter(house, site_key, err);
    sealer->wipe(secret, sizeof(secret));
    sealer->wipe(site_key, sizeof(site_key));
    arena_release(&arena);
    return error;
}
