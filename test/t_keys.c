/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_keys.c - slots, the keys file as text, paper: by themselves. */
#include "core/keyring.h"
#include "sys/host_native.h"
#include "sys/house.h"
#include "sys/safe_file.h"
#include "sys/shares.h"
#include "tap.h"

static void check_shares(struct tap *tap)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char secret[32], again[32];
    char text[SHARE_TEXT + 1];
    struct share share[SHARES], read;
    struct err err = {0};
    int good = 0, lone = 0, caught = 0, tried = 0;
    struct str rest;

    for (size_t i = 0; i < sizeof(secret); i++)
        secret[i] = (unsigned char)(37 * i + 11);
    tap_ok(tap, shares_make(secret, share), "three parts");
    for (int a = 0; a < SHARES; a++) {
        for (int b = 0; b < SHARES; b++) {
            memset(again, 0, sizeof(again));
            if (shares_join(&share[a], &share[b], again))
                good += memcmp(again, secret, 32) == 0;
        }
        lone += memcmp(share[a].secret, secret, 32) == 0;
    }
    tap_is_int(tap, good, 6, "each two of them give it back, in any order");
    tap_is_int(tap, lone, 0, "none is the secret itself");
    share_write(&share[1], text);
    rest = str_of(text);
    tap_ok(tap,
           share_read(&rest, &read, &err) == ERROR_NONE &&
               memcmp(&read, &share[1], sizeof(read)) == 0,
           "letters and back");
    for (int i = 0; i < SHARE_TEXT; i++) {
        char kept = text[i];

        for (size_t k = 0; k < sizeof(alphabet) - 1; k++) {
            if (alphabet[k] == kept)
                continue;
            text[i] = alphabet[k];
            rest = str_of(text);
            err = (struct err){0};
            tried++;
            caught += share_read(&rest, &read, &err) == ERROR_INPUT;
        }
        text[i] = kept;
    }
    tap_is_int(tap, caught, tried, "every wrong letter is found");
    share[0].set[0] ^= 1;
    tap_ok(tap, !shares_join(&share[0], &share[1], again),
           "parts of two sets do not mix");
}

/* What strangers add has its room, and pushes out nobody who was erased. */
static void check_gone(struct tap *tap, struct keyring *ring)
{
    struct keyring_gone one = {.until = 100};
    size_t erased = ring->erased_count;
    struct err err = {0};

    for (int i = 0; i < KEYRING_GONE + 10; i++) {
        one.who[0] = (unsigned char)i;
        one.who[1] = (unsigned char)(i >> 8);
        one.until = i < 20 ? 50 : 100;
        keyring_gone_add(ring, &one, 40, &err);
    }
    tap_ok(tap,
           !err.code && ring->gone_count == KEYRING_GONE &&
               ring->gone[0].who[0] == 10 && ring->erased_count == erased,
           "the oldest gives way");
    one.who[2] = 1;
    keyring_gone_add(ring, &one, 51, &err);
    tap_ok(tap,
           ring->gone_count == KEYRING_GONE - 9 && ring->gone[0].who[0] == 20,
           "and whose day is over goes");
}

static void check_slots(struct tap *tap, const struct sealer *sealer)
{
    unsigned char site[32], key[32], got[32], name[32];
    struct slot slot = {.kind = SLOT_PAPER};
    struct keyring ring, other;
    struct arena arena;
    struct err err = {0};
    struct buf out;
    char *bytes;

    arena_init(&arena, NULL);
    sealer->random(site, 32);
    sealer->random(key, 32);
    keyring_new(&ring, sealer, &arena, &err);
    keyring_new(&other, sealer, &arena, &err);
    keyring_name(&ring, sealer, SLOT_ACCOUNT, STR("ana"), slot.name);
    slot_seal(&slot, &ring, sealer, key, site);
    tap_ok(tap,
           slot_open(&slot, &ring, sealer, key, got) &&
               memcmp(got, site, 32) == 0,
           "a slot opens with its key");
    key[0] ^= 1;
    tap_ok(tap, !slot_open(&slot, &ring, sealer, key, got), "with no other");
    key[0] ^= 1;
    tap_ok(tap, !slot_open(&slot, &other, sealer, key, got),
           "nor in the file of another house");
    slot.kind = SLOT_PASSPHRASE;
    tap_ok(tap, !slot_open(&slot, &ring, sealer, key, got),
           "nor as a slot of another kind");
    slot.kind = SLOT_PAPER;
    keyring_name(&ring, sealer, SLOT_ACCOUNT, STR("eva"), name);
    tap_ok(tap, memcmp(name, slot.name, 32) != 0, "names are kept apart");
    for (int i = 0; i < KEYRING_SLOTS; i++) {
        slot.name[0] = (unsigned char)i;
        slot.name[1] = (unsigned char)(i >> 8);
        keyring_put(&ring, &slot, &err);
    }
    slot.name[2] ^= 1;
    tap_is_int(tap, keyring_put(&ring, &slot, &err), ERROR_CONFLICT,
               "a full file says so");
    err = (struct err){0};
    keyring_erased_add(&ring, name, &err);
    check_gone(tap, &ring);
    buf_init(&out, &arena);
    keyring_write(&ring, sealer, site, &out, &err);
    tap_ok(tap,
           keyring_read(&other, &arena, buf_str(&out), &err) == ERROR_NONE &&
               other.slots == KEYRING_SLOTS &&
               keyring_erased_has(&other, sealer, name) &&
               other.gone_count == ring.gone_count &&
               other.gone[9].until == ring.gone[9].until &&
               keyring_true(&other, sealer, site),
           "written and read");
    bytes = out.at + out.size - 200;
    *bytes = *bytes == 'a' ? 'b' : 'a';
    err = (struct err){0};
    tap_ok(tap,
           keyring_read(&other, &arena, buf_str(&out), &err) ||
               !keyring_true(&other, sealer, site),
           "a change is seen by whoever has the key");
    err = (struct err){0};
    tap_ok(tap,
           keyring_read(&other, &arena, str_slice(buf_str(&out), 0, 900),
                        &err) != ERROR_NONE,
           "half a file is none");
    arena_release(&arena);
}

/* For keys.t: notes a subject as erased, as whoever erases does. */
static int erase(const struct host *host, const char *store,
                 const char *subject)
{
    struct house house;
    struct err err = {0};

    if (house_find(&house, host, store, NULL, &err) || !house_take(&house) ||
        keys_erased_add(&house.keeper, str_of(subject), &err))
        fprintf(stderr, "%s\n", err.message ? err.message : "closed");
    house_release(&house);
    return err.code;
}

static enum error write_ring(const struct house *house, struct keyring *ring,
                             struct err *err)
{
    struct buf out;

    buf_init(&out, ring->arena);
    if (keyring_write(ring, house->host->sealer, house->key, &out, err))
        return err->code;
    return safe_write(house->path, buf_str(&out), err);
}

/* For keys.t: a keys file as they were when an account had one slot. */
static int single(const struct host *host, const char *store)
{
    struct house house;
    struct keyring ring;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    if (!house_find(&house, host, store, NULL, &err) && house_take(&house) &&
        !house_read(&house, &ring, &arena, &err)) {
        for (size_t i = 0; i < ring.slots; i++) {
            unsigned char other[32];

            keyring_other(&ring, host->sealer, ring.slot[i].name, other);
            keyring_drop(&ring, SLOT_ACCOUNT, other);
        }
        write_ring(&house, &ring, &err);
    }
    if (err.code)
        fprintf(stderr, "%s\n", err.message);
    house_release(&house);
    arena_release(&arena);
    return err.code;
}

static void check_pairs(struct tap *tap, const struct sealer *sealer)
{
    struct slot slot = {.kind = SLOT_ACCOUNT, .passes = 7, .kib = 65536};
    const struct slot *other;
    unsigned char name[32];
    struct keyring ring;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, NULL);
    keyring_new(&ring, sealer, &arena, &err);
    for (int i = 0; i < KEYRING_SLOTS / 2; i++) {
        slot.name[0] = (unsigned char)i;
        slot.name[1] = (unsigned char)(i >> 8);
        keyring_put(&ring, &slot, &err);
    }
    tap_is_int(tap, keyring_pair(&ring, sealer, &err), ERROR_NONE,
               "the other slots");
    tap_is_int(tap, (long long)ring.slots, KEYRING_SLOTS, "one for each");
    keyring_pair(&ring, sealer, &err);
    tap_is_int(tap, (long long)ring.slots, KEYRING_SLOTS, "and no third");
    keyring_other(&ring, sealer, slot.name, name);
    other = keyring_find(&ring, SLOT_ACCOUNT, name);
    tap_ok(tap,
           other && other->passes == slot.passes && other->kib == slot.kib &&
               memcmp(other->salt, slot.salt, sizeof(slot.salt)) != 0 &&
               memcmp(other->sealed, slot.sealed, sizeof(slot.sealed)) != 0,
           "of the same form and cost");
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    struct tap tap = {0};
    struct host_native native;
    int code = -1;

    if (!host_native_init(&native))
        return 1;
    if (argc == 4 && strcmp(argv[1], "erase") == 0)
        code = erase(&native.host, argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "single") == 0)
        code = single(&native.host, argv[2]);
    if (code < 0) {
        check_shares(&tap);
        check_pairs(&tap, native.host.sealer);
        check_slots(&tap, native.host.sealer);
    }
    host_native_release(&native);
    return code < 0 ? tap_done(&tap) : code;
}
