/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sealing.c - bodies of entries become sealed sections, and back.
 *
 * bytes: 1 (the version), then per class that has members: class (1 byte),
 * size (4 bytes, most significant first), the sealed section. One section
 * alone holds the body's JSON. Where there are several, each holds three lines:
 * the places of its members in the whole, of its reasons in "_why" and of
 * "_why" itself ("0 3;1;4"), the members, the reasons. So what is read is what
 * was written, in the same order.
 */
#include "store/sealing.h"

#include "core/base64.h"
#include "store/apply.h"
#include "store/chain.h"

enum { VERSION = 1, HEAD = 5 };

/* --- what a section is bound to ------------------------------------------- */

static void put_number(struct buf *out, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_putc(out, (char)(number >> shift & 0xff));
}

static void put_text(struct buf *out, struct str text)
{
    put_number(out, text.size);
    buf_put(out, text);
}

/* Two bytes follow, the class and the set of classes. */
static void put_place(struct buf *out, const struct entry *entry)
{
    buf_puts(out, "cobijo body 1\n");
    put_text(out, entry->site);
    put_text(out, entry->id);
    put_text(out, entry->record);
    put_text(out, entry->subject);
    put_text(out, entry->kind);
    put_text(out, entry->author);
    put_number(out, (uint64_t)entry->clock);
    put_text(out, str_of(entry_op_name(entry->op)));
}

/* --- sealing -------------------------------------------------------------- */

struct sealing {
    const struct log *log;
    const struct entry *entry;
    const struct data_key *key;
    struct arena *arena;
    const struct value *why;
    unsigned char *class, *why_class;
    unsigned mask;
    const unsigned char *nonce;
    struct buf place;
};

static void classify(struct sealing *sealing, const struct form *form,
                     const struct value *object, unsigned char *class)
{
    const struct seal_rules *rules = sealing->log->sealing;
    size_t count = value_count(object);

    memset(class, SEAL_OTHER, count);
    if (rules)
        rules->classes(rules->context, form, sealing->entry->kind, object,
                       class);
    for (size_t i = 0; i < count; i++) {
        if (class[i] < SEAL_IDENTITY || class[i] >= SEAL_CLASSES)
            class[i] = SEAL_OTHER;
        if (str_equal_c(value_name_at(object, i), "_why") &&
            value_at(object, i) == sealing->why)
            class[i] = 0;
        sealing->mask |= class[i] ? 1u << class[i] : 0;
    }
}

static void put_places(struct buf *out, const unsigned char *class,
                       size_t count, unsigned which)
{
    bool first = true;

    for (size_t i = 0; i < count; i++) {
        if (class[i] != which)
            continue;
        if (!first)
            buf_putc(out, ' ');
        buf_put_int(out, (int64_t)i);
        first = false;
    }
}

static void put_members(struct buf *out, const struct value *object,
                        const unsigned char *class, unsigned which)
{
    bool first = true;

    buf_putc(out, '{');
    for (size_t i = 0; i < value_count(object); i++) {
        if (class[i] != which)
            continue;
        if (!first)
            buf_putc(out, ',');
        first = false;
        buf_put_json(out, value_name_at(object, i));
        buf_putc(out, ':');
        value_write(value_at(object, i), out);
    }
    buf_putc(out, '}');
}

static struct str plain_of(const struct sealing *sealing, unsigned which)
{
    const struct value *body = sealing->entry->body;
    size_t count = value_count(body), whys = value_count(sealing->why);
    struct buf out;

    buf_init(&out, sealing->arena);
    put_places(&out, sealing->class, count, which);
    buf_putc(&out, ';');
    put_places(&out, sealing->why_class, whys, which);
    buf_putc(&out, ';');
    if (sealing->why && memchr(sealing->why_class, (int)which, whys))
        put_places(&out, sealing->class, count, 0);
    buf_putc(&out, '\n');
    put_members(&out, body, sealing->class, which);
    buf_putc(&out, '\n');
    put_members(&out, sealing->why, sealing->why_class, which);
    return buf_str(&out);
}

static void put_section(struct sealing *sealing, struct buf *out,
                        unsigned which, struct str plain)
{
    const struct sealer *sealer = sealing->log->host->sealer;
    size_t size = plain.size + SEAL_EXTRA;
    unsigned char *sealed = arena_alloc(sealing->arena, size);
    unsigned char key[SEAL_KEY];
    struct str place = buf_str(&sealing->place);

    if (!sealed || place.size < 2 || arena_failed(sealing->arena))
        return;
    sealing->place.at[place.size - 2] = (char)which;
    sealing->place.at[place.size - 1] = (char)sealing->mask;
    data_key_class(sealing->log, sealing->key, (enum seal_class)which, key);
    sealer->seal(key, sealing->nonce, place, plain, sealed);
    sealer->wipe(key, sizeof(key));
    buf_putc(out, (char)which);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_putc(out, (char)(size >> shift & 0xff));
    buf_add(out, sealed, size);
    sealer->wipe((void *)(uintptr_t)plain.at, plain.size);
}

static bool is_alone(unsigned mask)
{
    return !(mask & (mask - 1));
}

static enum error seal_sections(struct sealing *sealing, struct body *body)
{
    struct buf out, whole;
    struct str plain;

    buf_init(&sealing->place, sealing->arena);
    put_place(&sealing->place, sealing->entry);
    buf_putc(&sealing->place, '\0');
    buf_putc(&sealing->place, '\0');
    buf_init(&out, sealing->arena);
    buf_putc(&out, VERSION);
    for (unsigned which = SEAL_IDENTITY; which < SEAL_CLASSES; which++) {
        if (!(sealing->mask & 1u << which))
            continue;
        if (is_alone(sealing->mask)) {
            buf_init(&whole, sealing->arena);
            value_write(sealing->entry->body, &whole);
            plain = buf_str(&whole);
        } else {
            plain = plain_of(sealing, which);
        }
        put_section(sealing, &out, which, plain);
    }
    body->bytes = buf_str(&out);
    return ERROR_NONE;
}

enum error body_seal(const struct log *log, const struct entry *entry,
                     const struct form *form, const struct data_key *key,
                     struct arena *arena, struct body *body, struct err *err)
{
    struct sealing sealing = {
        .log = log, .entry = entry, .key = key, .arena = arena};
    unsigned char *nonce;
    size_t count = value_count(entry->body), whys;
    struct buf plain;

    if (!key || !count) {
        buf_init(&plain, arena);
        if (count)
            value_write(entry->body, &plain);
        else
            buf_puts(&plain, "{}");
        *body = (struct body){STR(""), STR(""), buf_str(&plain)};
        return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
    }
    sealing.why = value_get(entry->body, "_why");
    if (value_type(sealing.why) != VALUE_OBJECT || !value_count(sealing.why))
        sealing.why = NULL;
    whys = value_count(sealing.why);
    sealing.class = arena_alloc(arena, count + 1);
    sealing.why_class = arena_alloc(arena, whys + 1);
    nonce = arena_alloc(arena, SEAL_NONCE);
    if (!sealing.class || !sealing.why_class || !nonce)
        return err_memory(err);
    log->host->random(log->host->context, nonce, SEAL_NONCE);
    sealing.nonce = nonce;
    classify(&sealing, form, entry->body, sealing.class);
    classify(&sealing, form, sealing.why, sealing.why_class);
    *body = (struct body){str_copy(arena, str_of(key->name)),
                          {(const char *)nonce, SEAL_NONCE},
                          STR_NULL};
    seal_sections(&sealing, body);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

/* --- opening -------------------------------------------------------------- */

/* A member on its way to its place. */
struct placed {
    struct str name;
    const struct value *value;
};

struct opening {
    struct arena *arena;
    struct placed *member, *why; /* by place */
    size_t room, why_room;
};

static bool place_in(struct opening *opening, struct placed **list,
                     size_t *room, struct placed one, int64_t at)
{
    if (at < 0 || at > 1000000)
        return false;
    if ((size_t)at >= *room) {
        size_t more = *room ? *room : 16;

        while (more <= (size_t)at)
            more *= 2;
        *list = arena_grow(opening->arena, *list, *room * sizeof(**list),
                           more * sizeof(**list));
        if (!*list)
            return false;
        memset(*list + *room, 0, (more - *room) * sizeof(**list));
        *room = more;
    }
    (*list)[at] = one;
    return true;
}

/* "0 3" says where the members of the object stand. */
static bool place_members(struct opening *opening, struct str places,
                          struct str json, bool reasons)
{
    const struct value *object = NULL;
    struct err err = {0};
    struct str part;
    int64_t at;
    size_t i = 0;

    if (value_parse(opening->arena, json, &object, &err) ||
        value_type(object) != VALUE_OBJECT)
        return false;
    for (; places.size && str_cut(&places, ' ', &part); i++) {
        struct placed one = {value_name_at(object, i), value_at(object, i)};

        if (i >= value_count(object) || !str_to_int(part, &at) ||
            !(reasons ? place_in(opening, &opening->why, &opening->why_room,
                                 one, at)
                      : place_in(opening, &opening->member, &opening->room, one,
                                 at)))
            return false;
    }
    return i == value_count(object);
}

static bool take_section(struct opening *opening, struct str plain)
{
    struct str head, members, places, whys, text;
    struct placed why = {STR("_why"), NULL};
    int64_t at;

    if (!str_cut(&plain, '\n', &head) || !str_cut(&plain, '\n', &text) ||
        !str_cut(&head, ';', &members) || !str_cut(&head, ';', &places) ||
        !str_cut(&head, ';', &whys) ||
        !place_members(opening, members, text, false) ||
        !place_members(opening, places, plain, true))
        return false;
    if (!whys.size)
        return true;
    why.value = value_null(opening->arena); /* filled in at the end */
    return str_to_int(whys, &at) &&
           place_in(opening, &opening->member, &opening->room, why, at);
}

static const struct value *put_together(struct opening *opening)
{
    struct value *body = value_object(opening->arena), *why;

    why = opening->why_room ? value_object(opening->arena) : NULL;
    for (size_t i = 0; i < opening->why_room; i++)
        if (opening->why[i].value)
            value_set(why, opening->arena, opening->why[i].name,
                      opening->why[i].value);
    for (size_t i = 0; i < opening->room; i++) {
        const struct placed *one = &opening->member[i];

        if (!one->value)
            continue;
        value_set(body, opening->arena, one->name,
                  why && str_equal_c(one->name, "_why") ? why : one->value);
    }
    return body;
}

struct section {
    unsigned class;
    struct str sealed;
};

static bool next_section(struct str *rest, struct section *section)
{
    const unsigned char *at = (const unsigned char *)rest->at;
    size_t size;

    if (rest->size < HEAD)
        return false;
    size = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 |
           (size_t)at[4];
    if (at[0] < SEAL_IDENTITY || at[0] >= SEAL_CLASSES || size < SEAL_EXTRA ||
        size > rest->size - HEAD)
        return false;
    section->class = at[0];
    section->sealed = str_slice(*rest, HEAD, HEAD + size);
    *rest = str_slice(*rest, HEAD + size, rest->size);
    return true;
}

/* The sections' classes, each once and in order; 0: it is no sealed body. */
static unsigned sections_mask(struct str bytes)
{
    struct section section = {0};
    unsigned mask = 0, last = 0;

    if (bytes.size < 1 || bytes.at[0] != VERSION)
        return 0;
    bytes = str_slice(bytes, 1, bytes.size);
    while (bytes.size) {
        if (!next_section(&bytes, &section) || section.class <= last)
            return 0;
        last = section.class;
        mask |= 1u << last;
    }
    return mask;
}

static bool open_section(const struct log *log, const struct section *section,
                         const struct body *body,
                         const unsigned char data_key[32], struct buf *place,
                         struct str *plain)
{
    const struct sealer *sealer = log->host->sealer;
    size_t size = section->sealed.size - SEAL_EXTRA;
    unsigned char *out = arena_alloc(place->arena, size + 1);
    unsigned char key[SEAL_KEY];
    bool good;

    if (!out || place->size < 2)
        return false;
    place->at[place->size - 2] = (char)section->class;
    sealer->derive(data_key, section->class, SEAL_CONTEXT, key);
    good = sealer->open(key, (const unsigned char *)body->nonce.at,
                        buf_str(place), section->sealed, out);
    sealer->wipe(key, sizeof(key));
    *plain = (struct str){(const char *)out, size};
    return good;
}

bool body_open(const struct log *log, const struct entry *entry,
               const struct body *body, const unsigned char data_key[32],
               struct arena *arena, const struct value **out)
{
    struct opening opening = {.arena = arena};
    unsigned mask = sections_mask(body->bytes);
    struct section section = {0};
    struct err err = {0};
    struct str rest, plain;
    struct buf place;

    if (!mask || body->nonce.size != SEAL_NONCE)
        return false;
    buf_init(&place, arena);
    put_place(&place, entry);
    buf_putc(&place, '\0');
    buf_putc(&place, (char)mask);
    rest = str_slice(body->bytes, 1, body->bytes.size);
    while (rest.size) {
        if (!next_section(&rest, &section) ||
            !open_section(log, &section, body, data_key, &place, &plain))
            return false;
        if (is_alone(mask))
            return !value_parse(arena, plain, out, &err);
        if (!take_section(&opening, plain))
            return false;
    }
    *out = put_together(&opening);
    return true;
}

/* --- hashing -------------------------------------------------------------- */

bool body_is_sound(const struct body *body)
{
    if (!body->key.size)
        return !body->nonce.size && body->bytes.size &&
               body->bytes.at[0] == '{';
    return body->nonce.size == SEAL_NONCE && sections_mask(body->bytes);
}

void body_hash(const struct host *host, const struct body *body,
               struct arena *arena, unsigned char hash[32])
{
    struct str part[4] = {STR_NULL, body->key, body->nonce, body->bytes};
    struct buf head;

    if (!body->key.size && !body->nonce.size) {
        host->hash(host->context, &body->bytes, 1, hash);
        return;
    }
    buf_init(&head, arena);
    buf_puts(&head, "cobijo sealed body 1\n");
    put_number(&head, body->key.size);
    put_number(&head, body->nonce.size);
    part[0] = buf_str(&head);
    host->hash(host->context, part, 4, hash);
}

/* --- texts beside the log ------------------------------------------------- */

static const char text_mark[] = "cobijo:1:";

static struct str text_place(struct arena *arena, const struct log *log,
                             const char *use, struct str name)
{
    return str_format(arena, "cobijo text 1\n%.*s\n%s\n%.*s",
                      STR_ARGS(log->site), use, STR_ARGS(name));
}

enum error sealing_text(const struct log *log, struct db *db, const char *use,
                        struct str name, struct str text, struct arena *arena,
                        struct str *out, struct err *err)
{
    const struct host *host = log->host;
    unsigned char key[SEAL_KEY], *sealed;
    struct buf printed;
    enum error error;

    *out = text;
    if (!sealing_on(log))
        return ERROR_NONE;
    error = sealing_class_key(log, db, STR(""), SEAL_OTHER, 0, key, err);
    if (!error) /* it is there now */
        error = sealing_class_key(log, db, STR(""), SEAL_OTHER, 1, key, err);
    if (error)
        return error;
    sealed = arena_alloc(arena, SEAL_NONCE + text.size + SEAL_EXTRA);
    if (!sealed)
        return err_memory(err);
    host->random(host->context, sealed, SEAL_NONCE);
    host->sealer->seal(key, sealed, text_place(arena, log, use, name), text,
                       sealed + SEAL_NONCE);
    host->sealer->wipe(key, sizeof(key));
    buf_init(&printed, arena);
    buf_puts(&printed, text_mark);
    base64_write(&printed, sealed, SEAL_NONCE + text.size + SEAL_EXTRA);
    *out = buf_str(&printed);
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

enum error sealing_text_open(const struct log *log, struct db *db,
                             const char *use, struct str name, struct str text,
                             struct arena *arena, struct str *out,
                             struct err *err)
{
    struct str bytes, mark = str_of(text_mark);
    unsigned char key[SEAL_KEY], *plain;
    struct buf read;
    bool good;
    enum error error;

    *out = text;
    if (!str_starts(text, mark))
        return ERROR_NONE;
    error = sealing_class_key(log, db, STR(""), SEAL_OTHER, 1, key, err);
    if (error)
        return error;
    buf_init(&read, arena);
    good = base64_read(&read, str_slice(text, mark.size, text.size));
    bytes = buf_str(&read);
    good = good && bytes.size >= SEAL_NONCE + SEAL_EXTRA;
    plain = good ? arena_alloc(arena, bytes.size) : NULL;
    good = plain && log->host->sealer->open(
                        key, (const unsigned char *)bytes.at,
                        text_place(arena, log, use, name),
                        str_slice(bytes, SEAL_NONCE, bytes.size), plain);
    log->host->sealer->wipe(key, sizeof(key));
    if (!good)
        return err_set(err, ERROR_STORE,
                       N_("Un texto sellado no se puede abrir: está dañado o "
                          "se cambió de lugar."),
                       NULL, NULL, NULL);
    *out =
        (struct str){(const char *)plain, bytes.size - SEAL_NONCE - SEAL_EXTRA};
    return ERROR_NONE;
}
