/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* note.c - signed notes: reading, writing, signing, checking. */
#include "core/note.h"

#include "core/base64.h"
#include "core/utf8.h"

#define DASH "\xe2\x80\x94 " /* a signature line begins so */

static enum error refuse(struct err *err, const char *msgid)
{
    return err_set(err, ERROR_INPUT, msgid, NULL, NULL, NULL);
}

static enum error not_a_note(struct err *err)
{
    return refuse(err, N_("El texto no es un punto de control firmado: le "
                          "falta o le sobra algo. Copie el archivo entero, "
                          "sin cambiar nada."));
}

/* Exactly the standard alphabet with its padding, of at most `room` bytes. */
static bool decode(struct str text, unsigned char *out, size_t room,
                   size_t *size)
{
    struct arena arena;
    struct buf bytes, again;
    bool good;

    if (text.size > room * 2 + 8)
        return false;
    arena_init(&arena, NULL);
    buf_init(&bytes, &arena);
    buf_init(&again, &arena);
    good = base64_read(&bytes, text) && bytes.size <= room;
    if (good)
        base64_write(&again, bytes.at, bytes.size);
    good = good && str_equal(buf_str(&again), text) && !arena_failed(&arena);
    if (good && bytes.size)
        memcpy(out, bytes.at, bytes.size);
    if (good)
        *size = bytes.size;
    arena_release(&arena);
    return good;
}

static bool decode_hash(struct str text, unsigned char out[32])
{
    size_t size = 0;

    return decode(text, out, 32, &size) && size == 32;
}

/* No leading zeros, no sign. */
static bool read_number(struct str text, int64_t *number)
{
    if (!text.size || text.size > 18 || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return str_to_int(text, number);
}

static void put_base64_line(struct buf *out, const void *bytes, size_t size)
{
    base64_write(out, bytes, size);
    buf_putc(out, '\n');
}

/* --- notes ---------------------------------------------------------------- */

bool note_name_valid(struct str name)
{
    if (!name.size || name.size > NOTE_NAME_MAX ||
        utf8_invalid(name) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= ' ' || name.at[i] == '+' ||
            name.at[i] == 0x7f)
            return false;
    return true;
}

static bool plain(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ' && text.at[i] != '\n')
            return false;
    return utf8_invalid(text) == SIZE_MAX;
}

static bool signature_parse(struct arena *arena, struct str line,
                            struct note_signature *signature)
{
    unsigned char bytes[256];
    size_t size = 0;
    struct str rest;

    *signature = (struct note_signature){.line = line};
    if (!str_starts(line, STR(DASH)))
        return false;
    rest = str_slice(line, sizeof(DASH) - 1, line.size - 1);
    if (!str_cut(&rest, ' ', &signature->name) || str_is_null(rest) ||
        !note_name_valid(signature->name) ||
        !decode(rest, bytes, sizeof(bytes), &size) || size < 5)
        return false;
    memcpy(signature->id, bytes, 4);
    signature->bytes =
        str_copy(arena, (struct str){(char *)bytes + 4, size - 4});
    return true;
}

/* Where the empty line before the signatures begins. */
static size_t last_gap(struct str text)
{
    for (size_t i = text.size; i >= 2; i--)
        if (text.at[i - 1] == '\n' && text.at[i - 2] == '\n')
            return i - 1;
    return SIZE_MAX;
}

enum error note_parse(struct arena *arena, struct str text, struct note *note,
                      struct err *err)
{
    size_t gap = text.size > NOTE_MAX ? SIZE_MAX : last_gap(text);
    size_t at;

    *note = (struct note){0};
    if (gap == SIZE_MAX || !plain(text) || text.at[text.size - 1] != '\n' ||
        gap + 1 == text.size)
        return not_a_note(err);
    note->text = str_slice(text, 0, gap);
    for (at = gap + 1; at < text.size;) {
        struct str rest = str_slice(text, at, text.size);
        size_t end = str_find_char(rest, '\n') + 1;

        if (note->signatures == NOTE_SIGNATURES_MAX ||
            !signature_parse(arena, str_slice(rest, 0, end),
                             &note->signature[note->signatures]))
            return not_a_note(err);
        note->signatures++;
        at += end;
    }
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

void note_key_make(const struct host *host, struct str name, unsigned char type,
                   const unsigned char public_key[32], struct note_key *key)
{
    struct str part[4] = {name,
                          STR("\n"),
                          {(const char *)&type, 1},
                          {(const char *)public_key, 32}};
    unsigned char hash[32];

    host->hash(host->context, part, 4, hash);
    *key = (struct note_key){.name = name, .type = type};
    memcpy(key->id, hash, 4);
    memcpy(key->public_key, public_key, 32);
}

struct str note_key_text(struct arena *arena, const struct note_key *key)
{
    unsigned char bytes[33];
    struct buf out;

    bytes[0] = key->type;
    memcpy(bytes + 1, key->public_key, 32);
    buf_init(&out, arena);
    buf_put(&out, key->name);
    buf_putc(&out, '+');
    buf_put_hex(&out, key->id, 4);
    buf_putc(&out, '+');
    base64_write(&out, bytes, 33);
    return buf_str(&out);
}

enum error note_key_parse(const struct host *host, struct arena *arena,
                          struct str text, struct note_key *key,
                          struct err *err)
{
    unsigned char bytes[33];
    struct str rest = str_trim(text), name, id;
    size_t size = 0;

    if (str_cut(&rest, '+', &name) && str_cut(&rest, '+', &id) &&
        note_name_valid(name) && decode(rest, bytes, 33, &size) && size == 33 &&
        (bytes[0] == NOTE_ED25519 || bytes[0] == NOTE_COSIGNATURE)) {
        note_key_make(host, str_copy(arena, name), bytes[0], bytes + 1, key);
        if (str_equal(note_key_text(arena, key), str_trim(text)))
            return ERROR_NONE;
    }
    return refuse(err, N_("Eso no es una llave de verificación. Es una línea "
                          "como «nombre+0a1b2c3d+AbC…», tal como la escribe "
                          "«cobijo log key»."));
}

/* --- signatures ----------------------------------------------------------- */

static struct str cosigned_text(struct arena *arena, struct str text,
                                int64_t seconds)
{
    return str_format(arena, "cosignature/v1\ntime %lld\n%.*s",
                      (long long)seconds, STR_ARGS(text));
}

static bool cosignature_holds(const struct host *host, const struct note *note,
                              const struct note_signature *signature,
                              const struct note_key *key, int64_t *seconds)
{
    const unsigned char *byte = (const unsigned char *)signature->bytes.at;
    uint64_t time = 0;
    struct arena arena;
    bool holds;

    if (signature->bytes.size != 8 + SEAL_SIGNATURE)
        return false;
    for (int i = 0; i < 8; i++)
        time = time << 8 | byte[i];
    if (time > (uint64_t)INT64_MAX / 1000)
        return false;
    arena_init(&arena, NULL);
    holds = host->sealer->verify(
        key->public_key, cosigned_text(&arena, note->text, (int64_t)time),
        byte + 8);
    holds = holds && !arena_failed(&arena);
    arena_release(&arena);
    if (holds && seconds)
        *seconds = (int64_t)time;
    return holds;
}

bool note_holds(const struct host *host, const struct note *note,
                const struct note_key *key, int64_t *seconds)
{
    for (size_t i = 0; i < note->signatures && host->sealer; i++) {
        const struct note_signature *signature = &note->signature[i];

        if (!str_equal(signature->name, key->name) ||
            memcmp(signature->id, key->id, 4) != 0)
            continue;
        if (key->type == NOTE_COSIGNATURE)
            return cosignature_holds(host, note, signature, key, seconds);
        return signature->bytes.size == SEAL_SIGNATURE &&
               host->sealer->verify(key->public_key, note->text,
                                    (const unsigned char *)signature->bytes.at);
    }
    return false;
}

struct str note_sign(const struct host *host, struct arena *arena,
                     struct str text, const struct note_key *key,
                     const unsigned char seed[32], int64_t seconds)
{
    unsigned char bytes[4 + 8 + SEAL_SIGNATURE];
    size_t size = 4;
    struct buf out;

    memcpy(bytes, key->id, 4);
    if (key->type == NOTE_COSIGNATURE) {
        for (int i = 0; i < 8; i++)
            bytes[size++] =
                (unsigned char)((uint64_t)seconds >> (56 - 8 * i) & 0xff);
        text = cosigned_text(arena, text, seconds);
    }
    host->sealer->sign(seed, text, bytes + size);
    size += SEAL_SIGNATURE;
    buf_init(&out, arena);
    buf_puts(&out, DASH);
    buf_put(&out, key->name);
    buf_putc(&out, ' ');
    put_base64_line(&out, bytes, size);
    return buf_str(&out);
}

/* --- what they say -------------------------------------------------------- */

struct str checkpoint_text(struct arena *arena,
                           const struct checkpoint *checkpoint)
{
    struct buf out;

    buf_init(&out, arena);
    buf_put(&out, checkpoint->origin);
    buf_putc(&out, '\n');
    buf_put_int(&out, checkpoint->size);
    buf_putc(&out, '\n');
    put_base64_line(&out, checkpoint->root, 32);
    return buf_str(&out);
}

/* Lines after the third are extensions: signed, but not ours to read. */
enum error checkpoint_parse(struct str text, struct checkpoint *checkpoint,
                            struct err *err)
{
    struct str size, root, rest = text;

    *checkpoint = (struct checkpoint){0};
    if (str_cut(&rest, '\n', &checkpoint->origin) && checkpoint->origin.size &&
        str_cut(&rest, '\n', &size) && read_number(size, &checkpoint->size) &&
        str_cut(&rest, '\n', &root) && !str_is_null(rest) &&
        decode_hash(root, checkpoint->root))
        return ERROR_NONE;
    return not_a_note(err);
}

static void put_path(struct buf *out, const struct merkle_path *path)
{
    for (size_t i = 0; i < path->count; i++)
        put_base64_line(out, path->hash[i], 32);
    buf_putc(out, '\n');
}

/* Hashes until the empty line; *rest is what follows it. */
static bool read_path(struct str *rest, struct merkle_path *path)
{
    struct str line;

    path->count = 0;
    while (str_cut(rest, '\n', &line) && line.size) {
        if (path->count == MERKLE_PATH_MAX ||
            !decode_hash(line, path->hash[path->count]))
            return false;
        path->count++;
    }
    return !str_is_null(*rest);
}

static bool read_labelled(struct str *rest, struct str label, int64_t *number)
{
    struct str line;

    return str_cut(rest, '\n', &line) && str_starts(line, label) &&
           read_number(str_slice(line, label.size, line.size), number);
}

struct str witness_request_text(struct arena *arena,
                                const struct witness_request *request)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "old ");
    buf_put_int(&out, request->old);
    buf_putc(&out, '\n');
    put_path(&out, &request->path);
    buf_put(&out, request->note);
    return buf_str(&out);
}

enum error witness_request_parse(struct str text,
                                 struct witness_request *request,
                                 struct err *err)
{
    struct str rest = text;

    *request = (struct witness_request){0};
    if (text.size > NOTE_MAX ||
        !read_labelled(&rest, STR("old "), &request->old) ||
        !read_path(&rest, &request->path))
        return not_a_note(err);
    request->note = rest;
    return ERROR_NONE;
}

#define PROOF_TAG "c2sp.org/tlog-proof@v1"

struct str inclusion_proof_text(struct arena *arena,
                                const struct inclusion_proof *proof)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, PROOF_TAG "\nextra ");
    put_base64_line(&out, proof->leaf_data, 32);
    buf_puts(&out, "index ");
    buf_put_int(&out, proof->index);
    buf_putc(&out, '\n');
    put_path(&out, &proof->path);
    buf_put(&out, proof->note);
    return buf_str(&out);
}

enum error inclusion_proof_parse(struct str text, struct inclusion_proof *proof,
                                 struct err *err)
{
    struct str rest = text, tag, extra;

    *proof = (struct inclusion_proof){0};
    if (text.size > NOTE_MAX || !str_cut(&rest, '\n', &tag) ||
        !str_equal_c(tag, PROOF_TAG) || !str_cut(&rest, '\n', &extra) ||
        !str_starts(extra, STR("extra ")) ||
        !decode_hash(str_slice(extra, 6, extra.size), proof->leaf_data) ||
        !read_labelled(&rest, STR("index "), &proof->index) ||
        !read_path(&rest, &proof->path))
        return not_a_note(err);
    proof->note = rest;
    return ERROR_NONE;
}
