/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes as a keys file and as the front of a backup: what is read keeps to the
 * limits, and written again it reads the same. */
#include "core/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void no_mac(const unsigned char key[32], struct str text,
                   unsigned char out[32])
{
    (void)key;
    (void)text;
    memset(out, 7, 32);
}

static void no_key(const unsigned char key[32], uint64_t number,
                   const char *context, unsigned char out[32])
{
    (void)key;
    (void)number;
    (void)context;
    memset(out, 1, 32);
}

static void no_wipe(void *bytes, size_t size)
{
    memset(bytes, 0, size);
}

static const struct sealer fake = {
    .mac = no_mac, .derive = no_key, .wipe = no_wipe};

static void check_slots(const struct keyring *ring)
{
    if (ring->slots > KEYRING_SLOTS || ring->erased_count > KEYRING_ERASED)
        abort();
    for (size_t i = 0; i < ring->slots; i++) {
        const struct slot *slot = &ring->slot[i];
        bool paper = slot->kind == SLOT_PAPER;

        if (slot->kind >= SLOT_KINDS ||
            (!paper &&
             (slot->passes < KEYRING_PASSES ||
              slot->passes > KEYRING_PASSES_MAX || slot->kib < KEYRING_KIB ||
              slot->kib > KEYRING_KIB_MAX)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    unsigned char key[32] = {0};
    struct keyring ring, again;
    struct arena arena;
    struct err err = {0};
    struct buf out;
    size_t at, keys;

    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (backup_front(text, &at, &keys) &&
        (at > BACKUP_FRONT || keys > KEYRING_SIZE))
        abort();
    if (keyring_read(&ring, &arena, text, &err) == ERROR_NONE) {
        check_slots(&ring);
        buf_init(&out, &arena);
        if (keyring_write(&ring, &fake, key, &out, &err) == ERROR_NONE &&
            (keyring_read(&again, &arena, buf_str(&out), &err) ||
             again.slots != ring.slots ||
             again.erased_count != ring.erased_count) &&
            !arena_failed(&arena))
            abort();
    }
    arena_release(&arena);
    return 0;
}
