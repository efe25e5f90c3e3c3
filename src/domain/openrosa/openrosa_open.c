/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_open.c - encrypted submissions, opened with the form's private key
 * (ODK XForms, "Encryption"). They lie as they came: a record of kind sealed
 * with what the manifest says, the files in table blob. Opened, they go the
 * way of any submission, in the name of the telephone that sent them.
 *
 * Nothing of a sealed submission is changed before its answers are kept, so
 * whatever is refused (another key, a damaged or missing file, a manifest that
 * is not the one that was encrypted) can be tried again. Keys made here are
 * wiped.
 */
#include "domain/openrosa/openrosa.h"

#include "core/base64.h"
#include "core/date.h"
#include "core/unseal.h"
#include "domain/catalog.h"
#include "domain/record/attach.h"
#include "form/expr/digest.h"

enum {
    SEALED_MAX = 1000, /* listed, or opened in one go */
    KEY_BYTES = 32,
    BLOCK_BYTES = 16
};

struct opening {
    struct task *task;
    const struct record *sealed;
    const struct unsealer *unsealer;
    void *key;
    unsigned char secret[KEY_BYTES]; /* of this submission; wiped */
    unsigned char seed[DIGEST_MAX];  /* of the files' initial vectors */
    size_t turn;                     /* files so far */
    struct str xml;
    struct openrosa_part *part;
    size_t parts;
    struct buf signed_text; /* what the manifest's signature is over */
    struct err *err;
};

static struct str sealed_text(const struct opening *opening, const char *name)
{
    return value_text_of(opening->sealed->answers, name);
}

static enum error refuse(const struct opening *opening, const char *msgid,
                         struct str argument)
{
    return err_set(opening->err, ERROR_INPUT, msgid,
                   str_c(opening->task->arena, argument), NULL, NULL);
}

/* --- what waits ---------------------------------------------------------- */

enum error openrosa_sealed(struct task *task, struct str kind, size_t leave,
                           struct record **record, size_t *count,
                           struct err *err)
{
    struct db_value value = {.type = 't', .t = kind};
    struct record_filter filter = {.kind = STR("sealed"),
                                   .where = "COALESCE({opened_record}, '') = ''"
                                            " AND ($3 = '' OR {of_kind} = $3)",
                                   .value = &value,
                                   .value_count = 1,
                                   .order = "_created, _id",
                                   .limit = SEALED_MAX,
                                   .offset = leave};

    *count = 0;
    return record_list(&task->office->log, task->db, &filter, false,
                       task->arena, record, count, err);
}

/* --- the keys ------------------------------------------------------------ */

static bool rsa_text(const struct opening *opening, const char *name,
                     unsigned char *out, size_t *size)
{
    struct buf bytes;

    buf_init(&bytes, opening->task->arena);
    return base64_read(&bytes, sealed_text(opening, name)) &&
           opening->unsealer->rsa(opening->key, buf_str(&bytes), out, size);
}

static enum error open_key(struct opening *opening)
{
    unsigned char out[UNSEAL_RSA_MAX];
    size_t size = 0;
    bool good =
        rsa_text(opening, "sealed_key", out, &size) && size == KEY_BYTES;
    struct buf seed;

    if (good) {
        memcpy(opening->secret, out, KEY_BYTES);
        buf_init(&seed, opening->task->arena);
        buf_put(&seed, sealed_text(opening, "instance"));
        buf_add(&seed, opening->secret, KEY_BYTES);
        digest_of(DIGEST_MD5, buf_str(&seed), opening->seed);
        opening->unsealer->wipe(seed.at, seed.size);
    }
    opening->unsealer->wipe(out, sizeof out);
    return good ? ERROR_NONE
                : refuse(opening,
                         N_("Esta llave no abre el envío: se cifró con otra."),
                         STR(""));
}

/* --- the files ----------------------------------------------------------- */

static enum error stored_bytes(struct opening *opening,
                               const struct record *attachment,
                               struct str *bytes)
{
    struct task *task = opening->task;
    struct blob blob = attach_blob(task, attachment);

    return blob_read(&task->office->log, task->db, &blob, task->arena, bytes,
                     opening->err);
}

/* Each file has an initial vector of its own: one byte of the seed is raised,
 * another one each time. */
static bool decrypt(struct opening *opening, struct str sealed,
                    struct str *plain)
{
    unsigned char *out = arena_alloc(opening->task->arena, sealed.size + 1);
    size_t padding;

    opening->seed[opening->turn++ % BLOCK_BYTES]++;
    if (!out || !sealed.size ||
        !opening->unsealer->aes(opening->secret, opening->seed, sealed, out))
        return false;
    padding = out[sealed.size - 1];
    if (padding < 1 || padding > BLOCK_BYTES || padding > sealed.size)
        return false;
    for (size_t i = 1; i <= padding; i++)
        if (out[sealed.size - i] != padding)
            return false;
    *plain = (struct str){(const char *)out, sealed.size - padding};
    return true;
}

static struct str without_ending(struct str name)
{
    return str_ends(name, STR(".enc")) ? str_slice(name, 0, name.size - 4)
                                       : name;
}

static enum error open_file(struct opening *opening,
                            const struct record *attachment, size_t count,
                            struct str name, struct str *plain)
{
    const struct record *found = attach_named(attachment, count, name);
    struct str sealed = STR_NULL, original = without_ending(name);
    unsigned char digest[DIGEST_MAX];
    enum error error = ERROR_NONE;
    size_t size;

    if (found)
        error = stored_bytes(opening, found, &sealed);
    if (error)
        return error;
    if (!sealed.at)
        return refuse(opening,
                      N_("Falta el archivo {1} del envío: aún no "
                         "llegó del teléfono."),
                      name);
    if (!decrypt(opening, sealed, plain))
        return refuse(opening,
                      N_("El archivo {1} está dañado: no se pudo "
                         "descifrar."),
                      name);
    size = digest_of(DIGEST_MD5, *plain, digest);
    buf_put(&opening->signed_text, original);
    buf_puts(&opening->signed_text, "::");
    buf_put_hex(&opening->signed_text, digest, size);
    buf_putc(&opening->signed_text, '\n');
    return ERROR_NONE;
}

static struct str type_of(struct str name)
{
    static const char *const known[][2] = {
        {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
        {".png", "image/png"},  {".webp", "image/webp"},
        {".m4a", "audio/mp4"},  {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},  {".amr", "audio/amr"},
        {".mp4", "video/mp4"},  {".csv", "text/csv"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_ends(name, str_of(known[i][0])))
            return str_of(known[i][1]);
    return STR("application/octet-stream");
}

/* The files in the order of the manifest, the answers last: so were they
 * encrypted. */
static enum error open_files(struct opening *opening)
{
    struct task *task = opening->task;
    struct str rest = sealed_text(opening, "media"), name;
    struct record *attachment = NULL;
    size_t count = 0;
    enum error error = attach_list(task, opening->sealed->id, &attachment,
                                   &count, opening->err);

    opening->part =
        ARENA_ARRAY(task->arena, struct openrosa_part, OPENROSA_FILES_MAX + 1);
    if (!error && !opening->part)
        error = err_memory(opening->err);
    while (!error && rest.size && opening->parts < OPENROSA_FILES_MAX &&
           str_cut(&rest, '/', &name)) {
        struct openrosa_part *part = &opening->part[opening->parts++];

        part->name = part->field = without_ending(name);
        part->type = type_of(part->name);
        error = open_file(opening, attachment, count, name, &part->bytes);
    }
    return error ? error
                 : open_file(opening, attachment, count,
                             sealed_text(opening, "xml_file"), &opening->xml);
}

/* --- is it what was encrypted? ------------------------------------------- */

static void begin_signed(struct opening *opening)
{
    static const char *const names[] = {"of_kind", "of_version", "sealed_key",
                                        "instance"};

    buf_init(&opening->signed_text, opening->task->arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct str text = sealed_text(opening, names[i]);

        if (!text.size) /* a form without version */
            continue;
        buf_put(&opening->signed_text, text);
        buf_putc(&opening->signed_text, '\n');
    }
}

static enum error check_signature(struct opening *opening)
{
    unsigned char digest[DIGEST_MAX], out[UNSEAL_RSA_MAX];
    size_t size = 0, wanted;

    wanted = digest_of(DIGEST_MD5, buf_str(&opening->signed_text), digest);
    if (rsa_text(opening, "signature", out, &size) && size == wanted &&
        memcmp(out, digest, size) == 0)
        return ERROR_NONE;
    return refuse(opening,
                  N_("La firma del envío no corresponde: alguien cambió el "
                     "manifiesto o sus archivos. No se guardó."),
                  STR(""));
}

/* The manifest outside and the answers inside speak of the same. */
static enum error check_inside(struct opening *opening, struct task *task)
{
    struct openrosa_instance inside;
    enum error error = openrosa_read(task, opening->xml, &inside, opening->err);

    if (error)
        return error;
    if (inside.sealed ||
        !str_equal(inside.id, sealed_text(opening, "instance")) ||
        !str_equal(inside.form->name, sealed_text(opening, "of_kind")))
        return refuse(opening,
                      N_("Lo que el envío trae dentro es de otro envío. No se "
                         "guardó."),
                      STR(""));
    return ERROR_NONE;
}

/* --- the whole ----------------------------------------------------------- */

static enum error mark_opened(struct opening *opening, struct str record)
{
    struct task *task = opening->task;
    struct value *system = value_object(task->arena);
    struct save save = {.kind = STR("sealed"),
                        .id = opening->sealed->id,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true};
    struct saved saved = {0};

    value_put_str(system, task->arena, "opened_record", record);
    value_put_str(system, task->arena, "opened_at",
                  instant_text(task->arena, task->now));
    return record_save(task, &save, &saved, opening->err);
}

/* The telephone's own rights, as they were when it sent. */
static struct task as_sender(const struct opening *opening)
{
    struct task task = *opening->task;
    const struct role *role =
        catalog_role(task.office->catalog, sealed_text(opening, "sender_role"));

    if (role) {
        task.actor.id = opening->sealed->author;
        task.actor.role = role;
    }
    return task;
}

static enum error open_one(struct opening *opening,
                           struct openrosa_saved *saved)
{
    struct task task = as_sender(opening);
    struct openrosa_post post = {0};
    enum error error = open_key(opening);

    begin_signed(opening);
    if (error || (error = open_files(opening)) ||
        (error = check_signature(opening)) ||
        (error = check_inside(opening, &task)))
        return error;
    post.xml = opening->xml;
    post.part = opening->part;
    post.parts = opening->parts;
    error = openrosa_submit(&task, &post, saved, opening->err);
    return error ? error : mark_opened(opening, saved->record);
}

enum error openrosa_open(struct task *task, const struct record *sealed,
                         void *key, struct openrosa_saved *saved,
                         struct err *err)
{
    struct opening opening = {.task = task,
                              .sealed = sealed,
                              .unsealer = task->office->host->unsealer,
                              .key = key,
                              .err = err};
    enum error error;

    *saved = (struct openrosa_saved){0};
    if (!role_has(task->actor.role, RIGHT_FORM_ADMIN) &&
        !str_equal_c(task->actor.id, "system"))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Solo quien administra los formularios puede abrir "
                          "envíos cifrados."),
                       NULL, NULL, NULL);
    if (!opening.unsealer || !key)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Este programa no puede abrir envíos cifrados."),
                       NULL, NULL, NULL);
    error = open_one(&opening, saved);
    opening.unsealer->wipe(opening.secret, sizeof opening.secret);
    opening.unsealer->wipe(opening.seed, sizeof opening.seed);
    return error;
}
