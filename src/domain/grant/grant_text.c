/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_text.c - the texts of grants, written and read.
 *
 * Reading takes the fields in their order, each in its one form, and then
 * writes the text again: what is not the same, byte for byte, is refused.
 */
#include "domain/grant/grant_line.h"

#include "core/base64.h"
#include "core/date.h"
#include "core/utf8.h"
#include "store/sealing.h"

_Static_assert(GRANT_CLASSES == SEAL_CLASSES - 1, "every class has a number");

#define GRANT_TAG "cobijo grant v1\n"
#define KEYS_TAG "cobijo grant keys v1\n"
#define REQUEST_TAG "cobijo grant request v1\n"
#define WITHDRAWAL_TAG "cobijo grant withdrawal v1\n"

static enum error not_a_grant(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("El archivo no es un permiso de Cobijo, o le falta o le "
                      "sobra algo. Pida que se lo manden otra vez, entero."),
                   NULL, NULL, NULL);
}

const char *grant_class_name(int class)
{
    return seal_class_name((enum seal_class) class);
}

/* --- small things --------------------------------------------------------- */

bool line_decode(struct arena *arena, struct str text, struct buf *out)
{
    struct buf again;

    buf_init(out, arena);
    buf_init(&again, arena);
    if (!base64_read(out, text))
        return false;
    base64_write(&again, out->at, out->size);
    return str_equal(buf_str(&again), text) && !arena_failed(arena);
}

static bool decode_exactly(struct arena *arena, struct str text,
                           unsigned char *out, size_t size)
{
    struct buf bytes;

    if (text.size > size * 2 || !line_decode(arena, text, &bytes) ||
        bytes.size != size)
        return false;
    memcpy(out, bytes.at, size);
    return true;
}

/* A word of letters, digits, '.', '_' and '-'. */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
            return false;
    }
    return text.size > 0 && text.size <= 80;
}

bool line_is(struct str text, size_t most)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
            return false;
    return text.size > 0 && text.size <= most && utf8_invalid(text) == SIZE_MAX;
}

void line_put(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, "%s %.*s\n", name, STR_ARGS(text));
}

static void put_bytes(struct buf *out, const char *name, int class,
                      const void *bytes, size_t size)
{
    buf_printf(out, "%s %s ", name, grant_class_name(class));
    base64_write(out, bytes, size);
    buf_putc(out, '\n');
}

/* "name rest": the rest of the next line. */
bool line_take(struct str *rest, const char *name, struct str *text)
{
    struct str line, label = str_of(name);

    if (!str_cut(rest, '\n', &line) || str_is_null(*rest) ||
        !str_starts(line, label) || line.size <= label.size ||
        line.at[label.size] != ' ')
        return false;
    *text = str_slice(line, label.size + 1, line.size);
    return true;
}

bool line_take_token(struct str *rest, const char *name, struct str *text)
{
    return line_take(rest, name, text) && is_token(*text);
}

bool line_take_instant(struct arena *arena, struct str *rest, const char *name,
                       int64_t *instant)
{
    struct str text;

    return line_take(rest, name, &text) && text.size <= 40 &&
           instant_parse(text, instant) &&
           str_equal(instant_text(arena, *instant), text);
}

static void hash(const struct host *host, const struct str *part, size_t count,
                 unsigned char out[32])
{
    host->hash(host->context, part, count, out);
}

bool line_verify(const struct host *host, const unsigned char public_key[32],
                 struct str text, const unsigned char signature[64])
{
    return host->sealer && host->sealer->verify(public_key, text, signature);
}

/* Cuts the last line off: what it signs, and the signature. */
bool line_split(struct arena *arena, struct str text, struct str *said,
                unsigned char signature[64])
{
    size_t at = text.size;
    struct str line;

    if (text.size < 8 || text.size > GRANT_MAX ||
        text.at[text.size - 1] != '\n')
        return false;
    while (at > 1 && text.at[at - 2] != '\n')
        at--;
    at--;
    line = str_slice(text, at, text.size - 1);
    *said = str_slice(text, 0, at);
    return str_starts(line, STR("sign ")) &&
           decode_exactly(arena, str_slice(line, 5, line.size), signature,
                          SEAL_SIGNATURE);
}

struct str grant_sign(const struct host *host, struct arena *arena,
                      struct str text, const unsigned char seed[32])
{
    unsigned char signature[SEAL_SIGNATURE];
    struct buf out;

    host->sealer->sign(seed, text, signature);
    buf_init(&out, arena);
    buf_put(&out, text);
    buf_puts(&out, "sign ");
    base64_write(&out, signature, sizeof signature);
    buf_putc(&out, '\n');
    return buf_str(&out);
}

/* --- a house's key -------------------------------------------------------- */

static void key_hash(const struct host *host, const struct house_key *key,
                     unsigned char out[32])
{
    struct str part[5] = {STR("cobijo house key v1\n"),
                          key->site,
                          STR("\n"),
                          {(const char *)key->box, 32},
                          {(const char *)key->sign, 32}};

    hash(host, part, 5, out);
}

void house_key_make(const struct host *host, struct str site,
                    const unsigned char box[32], const unsigned char sign[32],
                    struct house_key *key)
{
    static const char digit[] = "0123456789abcdef";
    unsigned char out[32];

    *key = (struct house_key){.site = site};
    memcpy(key->box, box, 32);
    memcpy(key->sign, sign, 32);
    key_hash(host, key, out);
    for (size_t i = 0; i < GRANT_ID / 2; i++) {
        key->id[2 * i] = digit[out[i] >> 4];
        key->id[2 * i + 1] = digit[out[i] & 15];
    }
}

struct str house_key_text(struct arena *arena, const struct house_key *key)
{
    unsigned char both[64];
    struct buf out;

    memcpy(both, key->box, 32);
    memcpy(both + 32, key->sign, 32);
    buf_init(&out, arena);
    buf_printf(&out, "cobijo1+%.*s+", STR_ARGS(key->site));
    base64_write(&out, both, sizeof both);
    buf_printf(&out, "+%.8s", key->id);
    return buf_str(&out);
}

/* '+' is a letter of base64, too: the checksum is what follows the last. */
static bool key_split(struct str text, struct str *site, struct str *keys)
{
    struct str tag, rest = text;

    if (!str_cut(&rest, '+', &tag) || !str_equal_c(tag, "cobijo1") ||
        !str_cut(&rest, '+', site) || !is_token(*site) || rest.size != 88 + 9)
        return false;
    *keys = str_slice(rest, 0, 88);
    return true;
}

enum error house_key_parse(const struct host *host, struct arena *arena,
                           struct str text, struct house_key *key,
                           struct err *err)
{
    unsigned char both[64];
    struct str site, keys, line = str_trim(text);

    if (key_split(line, &site, &keys) &&
        decode_exactly(arena, keys, both, sizeof both)) {
        house_key_make(host, str_copy(arena, site), both, both + 32, key);
        if (str_equal(house_key_text(arena, key), line))
            return ERROR_NONE;
    }
    return err_set(err, ERROR_INPUT,
                   N_("Eso no es la llave de una casa, o le cambió una letra. "
                      "Es una línea que empieza con «cobijo1+», tal como la "
                      "escribe «cobijo key public»."),
                   NULL, NULL, NULL);
}

/* --- the grant ------------------------------------------------------------ */

static struct str head_text(struct arena *arena, const struct grant *grant)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, GRANT_TAG);
    line_put(&out, "id", grant->id);
    line_put(&out, "issuer", house_key_text(arena, &grant->issuer));
    line_put(&out, "name", grant->name);
    line_put(&out, "receiver", grant->receiver);
    line_put(&out, "referral", grant->referral);
    line_put(&out, "person", grant->person);
    line_put(&out, "purpose", grant->purpose);
    line_put(&out, "basis", grant->basis);
    line_put(&out, "consent", grant->consent);
    line_put(&out, "scope", grant->scope);
    line_put(&out, "issued", instant_text(arena, grant->issued));
    line_put(&out, "expires", instant_text(arena, grant->expires));
    line_put(&out, "keys", grant->fetched ? grant->url : STR("inside"));
    buf_puts(&out, "classes");
    for (size_t i = 0; i < grant->parts; i++)
        buf_printf(&out, " %s", grant_class_name(grant->part[i].class));
    buf_putc(&out, '\n');
    return buf_str(&out);
}

void grant_head(const struct host *host, struct arena *arena,
                struct grant *grant)
{
    struct str part = head_text(arena, grant);

    hash(host, &part, 1, grant->head);
}

struct str grant_text(const struct host *host, struct arena *arena,
                      struct grant *grant)
{
    struct buf out;

    grant_head(host, arena, grant);
    buf_init(&out, arena);
    buf_put(&out, head_text(arena, grant));
    for (size_t i = 0; i < grant->parts && !grant->fetched; i++)
        put_bytes(&out, "key", grant->part[i].class, grant->part[i].wrapped,
                  GRANT_WRAPPED);
    for (size_t i = 0; i < grant->parts; i++) {
        put_bytes(&out, "nonce", grant->part[i].class, grant->part[i].nonce,
                  SEAL_NONCE);
        put_bytes(&out, "part", grant->part[i].class, grant->part[i].sealed.at,
                  grant->part[i].sealed.size);
    }
    return buf_str(&out);
}

void grant_bound(const struct host *host, const struct grant *grant, int class,
                 const char *use, unsigned char out[32])
{
    struct str part[5] = {STR("cobijo grant bound v1\n"),
                          str_of(use),
                          STR("\n"),
                          str_of(grant_class_name(class)),
                          {(const char *)grant->head, 32}};

    hash(host, part, 5, out);
}

static bool read_classes(struct str *rest, struct grant *grant)
{
    struct str text, word;
    int last = 0;

    if (!line_take(rest, "classes", &text))
        return false;
    while (str_cut(&text, ' ', &word)) {
        int class = (int)seal_class_named(word);

        if (class <= last || grant->parts == GRANT_CLASSES)
            return false;
        grant->part[grant->parts++].class = last = class;
    }
    return grant->parts > 0;
}

/* "key identity BASE64", in the order of the classes. */
static bool take_bytes(struct str *rest, const char *name, int class,
                       struct str *text)
{
    struct str word;

    return line_take(rest, name, text) && str_cut(text, ' ', &word) &&
           str_equal_c(word, grant_class_name(class)) && !str_is_null(*text);
}

static bool read_keys(struct arena *arena, struct str *rest,
                      struct grant *grant)
{
    struct str text;

    for (size_t i = 0; i < grant->parts; i++)
        if (!take_bytes(rest, "key", grant->part[i].class, &text) ||
            !decode_exactly(arena, text, grant->part[i].wrapped, GRANT_WRAPPED))
            return false;
    return true;
}

static bool read_parts(struct arena *arena, struct str *rest,
                       struct grant *grant)
{
    struct str text;
    struct buf bytes;

    for (size_t i = 0; i < grant->parts; i++) {
        struct grant_part *part = &grant->part[i];

        if (!take_bytes(rest, "nonce", part->class, &text) ||
            !decode_exactly(arena, text, part->nonce, SEAL_NONCE) ||
            !take_bytes(rest, "part", part->class, &text) ||
            !line_decode(arena, text, &bytes) || bytes.size < SEAL_EXTRA)
            return false;
        part->sealed = buf_str(&bytes);
    }
    return rest->size == 0;
}

static bool read_head(const struct host *host, struct arena *arena,
                      struct str *rest, struct grant *grant)
{
    struct err ignored = {0};
    struct str issuer, keys;

    if (!line_take_token(rest, "id", &grant->id) ||
        !line_take(rest, "issuer", &issuer) ||
        house_key_parse(host, arena, issuer, &grant->issuer, &ignored) ||
        !line_take(rest, "name", &grant->name) || !line_is(grant->name, 200) ||
        !line_take_token(rest, "receiver", &grant->receiver) ||
        grant->receiver.size != GRANT_ID ||
        !line_take_token(rest, "referral", &grant->referral) ||
        !line_take_token(rest, "person", &grant->person) ||
        !line_take_token(rest, "purpose", &grant->purpose) ||
        !line_take_token(rest, "basis", &grant->basis) ||
        !line_take_token(rest, "consent", &grant->consent) ||
        !line_take(rest, "scope", &grant->scope) ||
        !line_is(grant->scope, 400) ||
        !line_take_instant(arena, rest, "issued", &grant->issued) ||
        !line_take_instant(arena, rest, "expires", &grant->expires) ||
        !line_take(rest, "keys", &keys) || !line_is(keys, 400))
        return false;
    grant->fetched = !str_equal_c(keys, "inside");
    grant->url = grant->fetched ? keys : STR("");
    return read_classes(rest, grant);
}

enum error grant_parse(const struct host *host, struct arena *arena,
                       struct str text, struct grant *grant, struct err *err)
{
    unsigned char signature[64];
    struct str said, rest;

    *grant = (struct grant){0};
    if (!line_split(arena, text, &said, signature) ||
        !str_starts(said, STR(GRANT_TAG)))
        return not_a_grant(err);
    rest = str_slice(said, sizeof(GRANT_TAG) - 1, said.size);
    if (!read_head(host, arena, &rest, grant) ||
        (!grant->fetched && !read_keys(arena, &rest, grant)) ||
        !read_parts(arena, &rest, grant) ||
        !str_equal(grant_text(host, arena, grant), said))
        return not_a_grant(err);
    if (arena_failed(arena))
        return err_memory(err);
    if (line_verify(host, grant->issuer.sign, said, signature))
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("La firma del permiso no es de la casa que dice haberlo "
                      "dado: alguien lo cambió. No lo use y avise a esa casa."),
                   NULL, NULL, NULL);
}

/* --- keys that go apart --------------------------------------------------- */

struct str grant_keys_text(struct arena *arena, const struct grant *grant,
                           int64_t at)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, KEYS_TAG);
    line_put(&out, "id", grant->id);
    buf_puts(&out, "head ");
    buf_put_hex(&out, grant->head, 32);
    buf_putc(&out, '\n');
    line_put(&out, "at", instant_text(arena, at));
    for (size_t i = 0; i < grant->parts; i++)
        put_bytes(&out, "key", grant->part[i].class, grant->part[i].wrapped,
                  GRANT_WRAPPED);
    return buf_str(&out);
}

enum error grant_keys_parse(const struct host *host, struct arena *arena,
                            struct str text, struct grant *grant,
                            struct err *err)
{
    unsigned char signature[64];
    struct str said, rest, id, head;
    int64_t at = 0;

    if (line_split(arena, text, &said, signature) &&
        str_starts(said, STR(KEYS_TAG))) {
        rest = str_slice(said, sizeof(KEYS_TAG) - 1, said.size);
        if (line_take_token(&rest, "id", &id) && str_equal(id, grant->id) &&
            line_take_token(&rest, "head", &head) &&
            line_take_instant(arena, &rest, "at", &at) &&
            read_keys(arena, &rest, grant) && rest.size == 0 &&
            str_equal(grant_keys_text(arena, grant, at), said) &&
            line_verify(host, grant->issuer.sign, said, signature))
            return ERROR_NONE;
    }
    return err_set(err, ERROR_INPUT,
                   N_("Esas llaves no son de este permiso, o alguien las "
                      "cambió."),
                   NULL, NULL, NULL);
}

struct str grant_request_text(struct arena *arena, struct str id,
                              struct str receiver, int64_t at)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, REQUEST_TAG);
    line_put(&out, "id", id);
    line_put(&out, "receiver", receiver);
    line_put(&out, "at", instant_text(arena, at));
    return buf_str(&out);
}

/* --- withdrawals ---------------------------------------------------------- */

struct str withdrawal_text(struct arena *arena,
                           const struct withdrawal *withdrawal)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, WITHDRAWAL_TAG);
    line_put(&out, "id", withdrawal->id);
    line_put(&out, "issuer", house_key_text(arena, &withdrawal->issuer));
    line_put(&out, "at", instant_text(arena, withdrawal->at));
    return buf_str(&out);
}

bool is_withdrawal(struct str text)
{
    return str_starts(text, STR(WITHDRAWAL_TAG));
}

enum error withdrawal_parse(const struct host *host, struct arena *arena,
                            struct str text, struct withdrawal *withdrawal,
                            struct err *err)
{
    unsigned char signature[64];
    struct str said, rest, issuer;
    struct err ignored = {0};

    *withdrawal = (struct withdrawal){0};
    if (line_split(arena, text, &said, signature) && is_withdrawal(said)) {
        rest = str_slice(said, sizeof(WITHDRAWAL_TAG) - 1, said.size);
        if (line_take_token(&rest, "id", &withdrawal->id) &&
            line_take(&rest, "issuer", &issuer) &&
            !house_key_parse(host, arena, issuer, &withdrawal->issuer,
                             &ignored) &&
            line_take_instant(arena, &rest, "at", &withdrawal->at) &&
            rest.size == 0 &&
            str_equal(withdrawal_text(arena, withdrawal), said) &&
            line_verify(host, withdrawal->issuer.sign, said, signature))
            return ERROR_NONE;
    }
    return not_a_grant(err);
}
