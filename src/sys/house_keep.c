/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* house_keep.c - changes of the keys file, one at a time across processes.
 *
 * The generation before stays beside it as PATH.old, for the day the disk
 * spoils the new one; but never one in which something opens that shall open no
 * more.
 */
#include "sys/house.h"

#include "sys/safe_file.h"

#include <stdio.h>

static const char *old_path(const struct house *house, struct arena *arena)
{
    return str_c(arena, str_format(arena, "%s.old", house->path));
}

static enum error read_text(const struct house *house, struct arena *arena,
                            struct str *text, struct err *err)
{
    return safe_read(house->path, arena, KEYRING_SIZE, text, err);
}

enum error house_read(const struct house *house, struct keyring *ring,
                      struct arena *arena, struct err *err)
{
    struct str text;
    enum error error = read_text(house, arena, &text, err);

    return error ? error : keyring_read(ring, arena, text, err);
}

enum error house_write_new(struct house *house, struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    struct keyring ring;
    struct arena arena;
    struct buf out;
    enum error error;

    arena_init(&arena, NULL);
    buf_init(&out, &arena);
    error = keyring_new(&ring, sealer, &arena, err);
    memcpy(ring.id, house->id, sizeof(ring.id));
    ring.store_sealed = house->store_sealed;
    if (!error)
        error = keyring_write(&ring, sealer, house->key, &out, err);
    if (!error)
        error = safe_write(house->path, buf_str(&out), err);
    arena_release(&arena);
    return error;
}

/* What is done to the ring; *taken: something opens no more. */
typedef enum error (*ring_change)(struct house *house, struct keyring *ring,
                                  void *context, bool *taken, struct err *err);

static enum error change_locked(struct house *house, struct arena *arena,
                                ring_change change, void *context,
                                struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    struct keyring ring;
    struct str before;
    struct buf out;
    bool taken = false;
    enum error error = read_text(house, arena, &before, err);

    if (!error)
        error = keyring_read(&ring, arena, before, err);
    if (!error && !keyring_true(&ring, sealer, house->key))
        error = err_set(err, ERROR_STORE,
                        N_("El archivo de llaves {1} fue cambiado por alguien "
                           "que no es este programa. Restaure su copia (la "
                           "que termina en .old)."),
                        house->path, NULL, NULL);
    if (!error)
        error = keyring_pair(&ring, sealer, err); /* a file of before */
    if (!error)
        error = change(house, &ring, context, &taken, err);
    if (!error)
        error = keyring_pair(&ring, sealer, err);
    buf_init(&out, arena);
    if (!error)
        error = keyring_write(&ring, sealer, house->key, &out, err);
    /* the copy first: whoever pulls the plug between the two finds none in
     * which opens what was taken away, and what failed changed nothing */
    if (!error)
        error = safe_write(old_path(house, arena),
                           taken ? buf_str(&out) : before, err);
    if (!error)
        error = safe_write(house->path, buf_str(&out), err);
    return error;
}

static enum error ring_do(struct house *house, ring_change change,
                          void *context, struct err *err)
{
    struct arena arena;
    enum error error;
    int lock;

    if (!house->kept)
        return ERROR_NONE; /* a house of before */
    if (!house->key)
        return house_closed(err);
    lock = safe_lock(house->path, err);
    if (lock < 0)
        return err->code;
    arena_init(&arena, NULL);
    error = change_locked(house, &arena, change, context, err);
    arena_release(&arena);
    safe_unlock(lock);
    return error;
}

/* --- slots ---------------------------------------------------------------- */

struct putting {
    struct slot slot;
    bool other; /* only in place of one that is there */
};

static enum error put_slot(struct house *house, struct keyring *ring,
                           void *context, bool *taken, struct err *err)
{
    const struct putting *putting = context;
    const struct slot *slot = &putting->slot;

    (void)house;
    *taken = keyring_find(ring, slot->kind, slot->name) != NULL;
    return putting->other && !*taken ? ERROR_NONE
                                     : keyring_put(ring, slot, err);
}

/* The other slot costs what the first does: by its cost nobody can tell when
 * it was made. */
static enum error fill_slot(struct house *house, const struct keyring *ring,
                            struct putting *putting, struct str password,
                            struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    struct slot *slot = &putting->slot;
    unsigned char key[32];
    bool fresh = true;
    enum error error;

    if (putting->other) {
        const struct slot *first = keyring_find(ring, slot->kind, slot->name);

        keyring_other(ring, sealer, slot->name, slot->name);
        fresh = !first;
        slot->passes = first ? first->passes : 0;
        slot->kib = first ? first->kib : 0;
        sealer->random(slot->salt, sizeof(slot->salt));
    }
    error = house_slot_key(house, slot, fresh, password, key, err);
    if (!error)
        slot_seal(slot, ring, sealer, key, house->key);
    sealer->wipe(key, sizeof(key));
    return error;
}

/* The costly part is done before anybody waits for the lock. */
static enum error put_password(struct house *house, struct putting *putting,
                               struct str name, struct str password,
                               struct err *err)
{
    struct slot *slot = &putting->slot;
    struct keyring ring;
    struct arena arena;
    enum error error;

    if (!house->kept)
        return ERROR_NONE;
    if (!house->key)
        return house_closed(err);
    arena_init(&arena, NULL);
    error = house_read(house, &ring, &arena, err);
    if (!error) {
        keyring_name(&ring, house->host->sealer, slot->kind, name, slot->name);
        error = fill_slot(house, &ring, putting, password, err);
    }
    if (!error)
        error = ring_do(house, put_slot, putting, err);
    arena_release(&arena);
    return error;
}

static enum error keep_put(void *context, struct str name, struct str password,
                           bool other, struct err *err)
{
    struct putting putting = {.slot.kind = SLOT_ACCOUNT, .other = other};

    return put_password(context, &putting, name, password, err);
}

enum error house_passphrase(struct house *house, struct str passphrase,
                            struct err *err)
{
    struct putting putting = {.slot.kind = SLOT_PASSPHRASE};

    return put_password(house, &putting, STR(""), passphrase, err);
}

struct naming {
    struct str name, to;
};

static enum error drop_slot(struct house *house, struct keyring *ring,
                            void *context, bool *taken, struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    const struct naming *naming = context;
    unsigned char hash[32];

    (void)err;
    keyring_name(ring, sealer, SLOT_ACCOUNT, naming->name, hash);
    *taken = keyring_drop(ring, SLOT_ACCOUNT, hash);
    keyring_other(ring, sealer, hash, hash);
    *taken = keyring_drop(ring, SLOT_ACCOUNT, hash) || *taken;
    return ERROR_NONE;
}

static enum error keep_drop(void *context, struct str name, struct err *err)
{
    struct naming naming = {.name = name};

    return ring_do(context, drop_slot, &naming, err);
}

static enum error move_slot(struct keyring *ring, const unsigned char from[32],
                            const unsigned char to[32], bool *taken,
                            struct err *err)
{
    struct slot *slot = keyring_find(ring, SLOT_ACCOUNT, from);
    struct slot moved;

    if (!slot || memcmp(from, to, 32) == 0)
        return ERROR_NONE;
    moved = *slot;
    *taken = keyring_drop(ring, SLOT_ACCOUNT, from);
    memcpy(moved.name, to, sizeof(moved.name));
    return keyring_put(ring, &moved, err);
}

static enum error rename_slot(struct house *house, struct keyring *ring,
                              void *context, bool *taken, struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    const struct naming *naming = context;
    unsigned char from[32], to[32];
    enum error error;

    keyring_name(ring, sealer, SLOT_ACCOUNT, naming->name, from);
    keyring_name(ring, sealer, SLOT_ACCOUNT, naming->to, to);
    error = move_slot(ring, from, to, taken, err);
    keyring_other(ring, sealer, from, from);
    keyring_other(ring, sealer, to, to);
    return error ? error : move_slot(ring, from, to, taken, err);
}

static enum error keep_rename(void *context, struct str name, struct str to,
                              struct err *err)
{
    struct naming naming = {name, to};

    return ring_do(context, rename_slot, &naming, err);
}

static enum error put_paper(struct house *house, struct keyring *ring,
                            void *context, bool *taken, struct err *err)
{
    const struct slot *slot = context;

    (void)house;
    while (ring->slots && keyring_find(ring, SLOT_PAPER, NULL))
        *taken = keyring_drop(ring, SLOT_PAPER,
                              keyring_find(ring, SLOT_PAPER, NULL)->name);
    return keyring_put(ring, slot, err);
}

enum error house_paper(struct house *house, struct share share[SHARES],
                       struct err *err)
{
    const struct sealer *sealer = house->host->sealer;
    struct slot slot = {.kind = SLOT_PAPER};
    struct keyring ring = {0};
    unsigned char secret[32];
    enum error error = ERROR_NONE;

    sealer->random(secret, sizeof(secret));
    sealer->random(slot.name, sizeof(slot.name));
    memcpy(ring.id, house->id, sizeof(ring.id)); /* what a slot is bound to */
    slot_seal(&slot, &ring, sealer, secret, house->key);
    if (!shares_make(secret, share))
        error = err_memory(err);
    if (!error)
        error = ring_do(house, put_paper, &slot, err);
    sealer->wipe(secret, sizeof(secret));
    return error;
}

static enum error mark_sealed(struct house *house, struct keyring *ring,
                              void *context, bool *taken, struct err *err)
{
    (void)house;
    (void)context;
    (void)taken;
    (void)err;
    ring->store_sealed = true;
    return ERROR_NONE;
}

enum error house_store_sealed(struct house *house, struct err *err)
{
    return ring_do(house, mark_sealed, NULL, err);
}

/* --- the ledger ----------------------------------------------------------- */

void house_subject(const struct house *house, struct str subject,
                   unsigned char out[32])
{
    const struct sealer *sealer = house->host->sealer;
    unsigned char key[32], own[32];

    site_key_derive(sealer, house->key, SITE_KEY_MAC, key);
    sealer->derive(key, 1, "erased01", own);
    sealer->mac(own, subject, out);
    sealer->wipe(key, sizeof(key));
    sealer->wipe(own, sizeof(own));
}

struct erasing {
    const struct str *subject;
    size_t count;
};

static enum error add_erased(struct house *house, struct keyring *ring,
                             void *context, bool *taken, struct err *err)
{
    const struct erasing *erasing = context;

    *taken = true; /* an older ledger would forget her */
    for (size_t i = 0; i < erasing->count; i++) {
        unsigned char who[32];

        house_subject(house, erasing->subject[i], who);
        if (!keyring_erased_has(ring, house->host->sealer, who) &&
            keyring_erased_add(ring, who, err))
            return err->code;
    }
    return ERROR_NONE;
}

static enum error keep_erased(void *context, const struct str *subject,
                              size_t count, struct err *err)
{
    struct erasing erasing = {subject, count};

    return ring_do(context, add_erased, &erasing, err);
}

struct going {
    struct keyring_gone one;
    int64_t today;
};

static enum error add_gone(struct house *house, struct keyring *ring,
                           void *context, bool *taken, struct err *err)
{
    const struct going *going = context;

    (void)house;
    *taken = true;
    return keyring_gone_add(ring, &going->one, going->today, err);
}

static enum error keep_gone(void *context, struct str subject, int64_t today,
                            int64_t until, struct err *err)
{
    struct house *house = context;
    struct going going = {.one.until = until, .today = today};

    if (!house->kept)
        return ERROR_NONE;
    if (!house->key)
        return house_closed(err);
    house_subject(house, subject, going.one.who);
    return ring_do(house, add_gone, &going, err);
}

static enum error merge_ledger(struct house *house, struct keyring *ring,
                               void *context, bool *taken, struct err *err)
{
    const struct keyring *other = context;

    *taken = true;
    for (size_t i = 0; i < other->erased_count; i++)
        if (!keyring_erased_has(ring, house->host->sealer, other->erased[i]) &&
            keyring_erased_add(ring, other->erased[i], err))
            return err->code;
    for (size_t i = 0; i < other->gone_count; i++)
        if (!keyring_erased_has(ring, house->host->sealer,
                                other->gone[i].who) &&
            keyring_gone_add(ring, &other->gone[i], INT64_MIN, err))
            return err->code;
    return ERROR_NONE;
}

enum error house_ledger(struct house *house, const unsigned char key[32],
                        const struct keyring *other, struct err *err)
{
    if (!house->key && house_enter(house, key, err))
        return err->code;
    house->kept = true;
    return ring_do(house, merge_ledger, (void *)(uintptr_t)other, err);
}

const struct keeper house_keeper = {
    .put = keep_put,
    .drop = keep_drop,
    .rename = keep_rename,
    .erased = keep_erased,
    .gone = keep_gone,
};
