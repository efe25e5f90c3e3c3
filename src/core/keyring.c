/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keyring.c - reads, changes and writes the text of a keys file. */
#include "core/keyring.h"

static const char *const kind_table[SLOT_KINDS] = {"account", "passphrase",
                                                   "paper"};

bool hex_read(struct str text, unsigned char *out, size_t size)
{
    if (text.size != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = str_hex_digit(text.at[2 * i]);
        int low = str_hex_digit(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static enum error say_bad(struct err *err, const char *what)
{
    return err_detail(err, ERROR_STORE,
                      N_("El archivo de llaves está dañado. Restaure su copia "
                         "(la que termina en .old) o use las hojas de papel."),
                      what);
}

static enum error room(struct keyring *ring, struct arena *arena,
                       struct err *err)
{
    *ring = (struct keyring){.arena = arena};
    ring->slot = ARENA_ARRAY(arena, struct slot, KEYRING_SLOTS);
    return ring->slot ? ERROR_NONE : err_memory(err);
}

static void hex_write(const unsigned char *bytes, size_t size, char *out)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digit[bytes[i] >> 4];
        out[2 * i + 1] = digit[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

enum error keyring_new(struct keyring *ring, const struct sealer *sealer,
                       struct arena *arena, struct err *err)
{
    unsigned char id[16];
    enum error error = room(ring, arena, err);

    if (error)
        return error;
    sealer->random(id, sizeof(id));
    sealer->random(ring->salt, sizeof(ring->salt));
    hex_write(id, sizeof(id), ring->id);
    return ERROR_NONE;
}

/* --- reading -------------------------------------------------------------- */

static bool number_between(struct str text, int64_t least, int64_t most,
                           uint32_t *out)
{
    int64_t number;

    if (!str_to_int(text, &number) || number < least || number > most)
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool slot_read(struct slot *slot, struct str rest)
{
    struct str word[6];
    size_t words = 0;
    bool paper;

    while (words < 6 && str_cut(&rest, ' ', &word[words]))
        words++;
    if (words != 6 || !str_is_null(rest))
        return false;
    *slot = (struct slot){.kind = SLOT_KINDS};
    for (int i = 0; i < SLOT_KINDS; i++)
        if (str_equal_c(word[0], kind_table[i]))
            slot->kind = (enum slot_kind)i;
    if (slot->kind == SLOT_KINDS)
        return false;
    paper = slot->kind == SLOT_PAPER;
    return hex_read(word[1], slot->name, sizeof(slot->name)) &&
           number_between(word[2], paper ? 0 : KEYRING_PASSES,
                          paper ? 0 : KEYRING_PASSES_MAX, &slot->passes) &&
           number_between(word[3], paper ? 0 : KEYRING_KIB,
                          paper ? 0 : KEYRING_KIB_MAX, &slot->kib) &&
           hex_read(word[4], slot->salt, sizeof(slot->salt)) &&
           hex_read(word[5], slot->sealed, sizeof(slot->sealed));
}

static bool id_read(struct keyring *ring, struct str text)
{
    unsigned char id[16];

    if (!hex_read(text, id, sizeof(id)))
        return false;
    hex_write(id, sizeof(id), ring->id);
    return true;
}

static bool store_read(struct keyring *ring, struct str text)
{
    ring->store_sealed = str_equal_c(text, "sealed");
    return ring->store_sealed || str_equal_c(text, "plain");
}

static bool gone_read(struct keyring *ring, struct str line, struct err *err)
{
    struct keyring_gone one = {0};
    struct str day;

    return str_cut(&line, ' ', &day) && str_to_int(day, &one.until) &&
           hex_read(line, one.who, sizeof(one.who)) &&
           keyring_gone_add(ring, &one, INT64_MIN, err) == ERROR_NONE;
}

/* One line; false: damaged. */
static bool line_read(struct keyring *ring, struct str line, bool *ended,
                      struct err *err)
{
    unsigned char who[32];
    struct slot slot;
    struct str word;

    if (*ended || !str_cut(&line, ' ', &word))
        return false;
    if (str_equal_c(word, "id"))
        return id_read(ring, line);
    if (str_equal_c(word, "store"))
        return store_read(ring, line);
    if (str_equal_c(word, "salt"))
        return hex_read(line, ring->salt, sizeof(ring->salt));
    if (str_equal_c(word, "slot"))
        return slot_read(&slot, line) &&
               keyring_put(ring, &slot, err) == ERROR_NONE;
    if (str_equal_c(word, "erased"))
        return hex_read(line, who, sizeof(who)) &&
               keyring_erased_add(ring, who, err) == ERROR_NONE;
    if (str_equal_c(word, "gone"))
        return gone_read(ring, line, err);
    *ended = str_equal_c(word, "mac");
    return *ended && hex_read(line, ring->mac, sizeof(ring->mac));
}

enum error keyring_read(struct keyring *ring, struct arena *arena,
                        struct str text, struct err *err)
{
    struct str line;
    bool ended = false;
    enum error error = room(ring, arena, err);

    if (error)
        return error;
    if (text.size > KEYRING_SIZE)
        return say_bad(err, "too long");
    if (!str_cut(&text, '\n', &line) || !str_starts(line, STR("cobijo-keys ")))
        return say_bad(err, "not a keys file");
    if (!str_equal_c(line, "cobijo-keys 1"))
        return err_set(err, ERROR_STORE,
                       N_("El archivo de llaves es de una versión más nueva "
                          "de Cobijo. Actualice el programa."),
                       NULL, NULL, NULL);
    while (text.size && str_cut(&text, '\n', &line))
        if (!line_read(ring, line, &ended, err))
            return err->code ? err->code : say_bad(err, "line");
    if (!ended || !ring->id[0]) /* cut short */
        return say_bad(err, "cut short");
    return ERROR_NONE;
}

/* --- writing -------------------------------------------------------------- */

static void put_line_hex(struct buf *out, const char *word, const void *bytes,
                         size_t size)
{
    buf_puts(out, word);
    buf_putc(out, ' ');
    buf_put_hex(out, bytes, size);
    buf_putc(out, '\n');
}

static void slot_write(struct buf *out, const struct slot *slot)
{
    buf_printf(out, "slot %s ", kind_table[slot->kind]);
    buf_put_hex(out, slot->name, sizeof(slot->name));
    buf_printf(out, " %u %u ", slot->passes, slot->kib);
    buf_put_hex(out, slot->salt, sizeof(slot->salt));
    buf_putc(out, ' ');
    buf_put_hex(out, slot->sealed, sizeof(slot->sealed));
    buf_putc(out, '\n');
}

static void body_write(const struct keyring *ring, struct buf *out)
{
    buf_puts(out, "cobijo-keys 1\n");
    buf_printf(out, "id %s\nstore %s\n", ring->id,
               ring->store_sealed ? "sealed" : "plain");
    put_line_hex(out, "salt", ring->salt, sizeof(ring->salt));
    for (size_t i = 0; i < ring->slots; i++)
        slot_write(out, &ring->slot[i]);
    for (size_t i = 0; i < ring->erased_count; i++)
        put_line_hex(out, "erased", ring->erased[i], 32);
    for (size_t i = 0; i < ring->gone_count; i++) {
        buf_printf(out, "gone %lld ", (long long)ring->gone[i].until);
        buf_put_hex(out, ring->gone[i].who, 32);
        buf_putc(out, '\n');
    }
}

static void mac_of(struct str text, const struct sealer *sealer,
                   const unsigned char site_key[32], unsigned char out[32])
{
    unsigned char key[32];

    site_key_derive(sealer, site_key, SITE_KEY_MAC, key);
    sealer->mac(key, text, out);
    sealer->wipe(key, sizeof(key));
}

enum error keyring_write(const struct keyring *ring,
                         const struct sealer *sealer,
                         const unsigned char site_key[32], struct buf *out,
                         struct err *err)
{
    unsigned char mac[32];

    body_write(ring, out);
    mac_of(buf_str(out), sealer, site_key, mac);
    put_line_hex(out, "mac", mac, sizeof(mac));
    if (arena_failed(out->arena))
        return err_memory(err);
    return ERROR_NONE;
}

bool keyring_true(const struct keyring *ring, const struct sealer *sealer,
                  const unsigned char site_key[32])
{
    unsigned char mac[32];
    struct buf text;

    buf_init(&text, ring->arena);
    body_write(ring, &text);
    if (arena_failed(ring->arena))
        return false;
    mac_of(buf_str(&text), sealer, site_key, mac);
    return sealer->equal(mac, ring->mac, sizeof(mac));
}

/* --- slots ---------------------------------------------------------------- */

void keyring_name(const struct keyring *ring, const struct sealer *sealer,
                  enum slot_kind kind, struct str name, unsigned char out[32])
{
    unsigned char key[32] = {0};

    memcpy(key, ring->salt, sizeof(ring->salt));
    key[sizeof(ring->salt)] = (unsigned char)kind;
    sealer->mac(key, name, out);
}

void keyring_other(const struct keyring *ring, const struct sealer *sealer,
                   const unsigned char first[32], unsigned char out[32])
{
    unsigned char key[32] = {0};

    memcpy(key, ring->salt, sizeof(ring->salt));
    key[sizeof(ring->salt)] = SLOT_KINDS;
    sealer->mac(key, (struct str){(const char *)first, 32}, out);
}

enum error keyring_pair(struct keyring *ring, const struct sealer *sealer,
                        struct err *err)
{
    unsigned char(*other)[32] = arena_alloc(ring->arena, KEYRING_SLOTS * 32UL);
    size_t slots = ring->slots;

    if (!other)
        return err_memory(err);
    for (size_t i = 0; i < slots; i++)
        keyring_other(ring, sealer, ring->slot[i].name, other[i]);
    for (size_t i = 0; i < slots; i++) {
        struct slot slot = ring->slot[i];
        bool second = slot.kind != SLOT_ACCOUNT;

        for (size_t k = 0; k < slots; k++)
            second = second || (ring->slot[k].kind == SLOT_ACCOUNT &&
                                memcmp(other[k], slot.name, 32) == 0);
        if (second || keyring_find(ring, SLOT_ACCOUNT, other[i]))
            continue;
        memcpy(slot.name, other[i], sizeof(slot.name));
        sealer->random(slot.salt, sizeof(slot.salt));
        sealer->random(slot.sealed, sizeof(slot.sealed));
        if (keyring_put(ring, &slot, err))
            return err->code;
    }
    return ERROR_NONE;
}

struct slot *keyring_find(const struct keyring *ring, enum slot_kind kind,
                          const unsigned char name[32])
{
    for (size_t i = 0; i < ring->slots; i++)
        if (ring->slot[i].kind == kind &&
            (!name || memcmp(ring->slot[i].name, name, 32) == 0))
            return &ring->slot[i];
    return NULL;
}

enum error keyring_put(struct keyring *ring, const struct slot *slot,
                       struct err *err)
{
    struct slot *place = keyring_find(ring, slot->kind, slot->name);

    if (!place && ring->slots == KEYRING_SLOTS)
        return err_set(err, ERROR_CONFLICT,
                       N_("El archivo de llaves está lleno: 512 cuentas "
                          "abren la casa. Cierre antes alguna cuenta."),
                       NULL, NULL, NULL);
    if (!place)
        place = &ring->slot[ring->slots++];
    *place = *slot;
    return ERROR_NONE;
}

bool keyring_drop(struct keyring *ring, enum slot_kind kind,
                  const unsigned char name[32])
{
    struct slot *place = keyring_find(ring, kind, name);

    if (!place)
        return false;
    *place = ring->slot[--ring->slots];
    return true;
}

static struct str bound_of(const struct slot *slot, const struct keyring *ring,
                           char text[80])
{
    int size =
        snprintf(text, 80, "cobijo slot %s %s %u %u", kind_table[slot->kind],
                 ring->id, slot->passes, slot->kib);

    return (struct str){text, (size_t)size};
}

void slot_seal(struct slot *slot, const struct keyring *ring,
               const struct sealer *sealer, const unsigned char key[32],
               const unsigned char site_key[32])
{
    char text[80];

    sealer->random(slot->sealed, SEAL_NONCE);
    sealer->seal(key, slot->sealed, bound_of(slot, ring, text),
                 (struct str){(const char *)site_key, SEAL_KEY},
                 slot->sealed + SEAL_NONCE);
}

bool slot_open(const struct slot *slot, const struct keyring *ring,
               const struct sealer *sealer, const unsigned char key[32],
               unsigned char site_key[32])
{
    char text[80];

    return sealer->open(key, slot->sealed, bound_of(slot, ring, text),
                        (struct str){(const char *)slot->sealed + SEAL_NONCE,
                                     SEAL_KEY + SEAL_EXTRA},
                        site_key);
}

/* --- the ledger ----------------------------------------------------------- */

enum error keyring_erased_add(struct keyring *ring, const unsigned char who[32],
                              struct err *err)
{
    if (ring->erased_count == KEYRING_ERASED)
        return say_bad(err, "ledger");
    if (ring->erased_count == ring->erased_room) {
        size_t more = ring->erased_room ? 2 * ring->erased_room : 64;

        ring->erased = arena_grow(ring->arena, ring->erased,
                                  ring->erased_room * 32, more * 32);
        if (!ring->erased)
            return err_memory(err);
        ring->erased_room = more;
    }
    memcpy(ring->erased[ring->erased_count++], who, 32);
    return ERROR_NONE;
}

enum error keyring_gone_add(struct keyring *ring,
                            const struct keyring_gone *one, int64_t today,
                            struct err *err)
{
    size_t kept = 0;

    if (!ring->gone)
        ring->gone =
            ARENA_ARRAY(ring->arena, struct keyring_gone, KEYRING_GONE);
    if (!ring->gone)
        return err_memory(err);
    for (size_t i = 0; i < ring->gone_count; i++)
        if (ring->gone[i].until >= today &&
            memcmp(ring->gone[i].who, one->who, sizeof(one->who)) != 0)
            ring->gone[kept++] = ring->gone[i];
    if (kept == KEYRING_GONE)
        memmove(ring->gone, ring->gone + 1, --kept * sizeof(*ring->gone));
    ring->gone[kept++] = *one;
    ring->gone_count = kept;
    return ERROR_NONE;
}

bool keyring_erased_has(const struct keyring *ring, const struct sealer *sealer,
                        const unsigned char who[32])
{
    for (size_t i = 0; i < ring->gone_count; i++)
        if (sealer->equal(ring->gone[i].who, who, 32))
            return true;
    for (size_t i = 0; i < ring->erased_count; i++)
        if (sealer->equal(ring->erased[i], who, 32))
            return true;
    return false;
}

/* --- the front of a backup ------------------------------------------------ */

bool backup_front(struct str text, size_t *keys_at, size_t *keys_size)
{
    struct str head = STR("cobijo-backup 1 "), line;
    int64_t size;

    text = str_slice(text, 0, BACKUP_FRONT);
    if (!str_starts(text, head) || str_find_char(text, '\n') == SIZE_MAX ||
        !str_cut(&text, '\n', &line) ||
        !str_to_int(str_slice(line, head.size, line.size), &size) || size < 1 ||
        size > KEYRING_SIZE)
        return false;
    *keys_at = line.size + 1;
    *keys_size = (size_t)size;
    return true;
}
