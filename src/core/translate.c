/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* translate.c - the reader of gettext .po text, and the table of messages.
 *
 * The table is built once and then only read. Entries that are fuzzy, have a
 * context, a plural or an empty translation are left out: Spanish shows.
 */
#include "core/translate.h"

#include "core/buf.h"

struct message {
    struct str id, text;
};

struct translator {
    struct str language;
    struct message *slot; /* open addressing; an empty id is a free slot */
    size_t capacity;      /* a power of two, at most half full */
};

enum po_part { PO_NONE, PO_ID, PO_TEXT, PO_OTHER };

struct po_reader {
    struct translator *translator;
    struct buf id, text;
    enum po_part part;
    bool skip; /* the entry being read */
    struct arena *arena;
};

static struct message *find_slot(const struct translator *translator,
                                 struct str id)
{
    size_t mask = translator->capacity - 1;
    size_t at = (size_t)str_hash(id) & mask;

    while (translator->slot[at].id.size &&
           !str_equal(translator->slot[at].id, id))
        at = (at + 1) & mask;
    return &translator->slot[at];
}

static void end_entry(struct po_reader *po)
{
    struct str id = buf_str(&po->id), text = buf_str(&po->text);

    if (po->part == PO_TEXT && !po->skip && id.size && text.size) {
        struct message *slot = find_slot(po->translator, id);

        if (!slot->id.size) {
            slot->id = str_copy(po->arena, id);
            slot->text = str_copy(po->arena, text);
        }
    }
    buf_clear(&po->id);
    buf_clear(&po->text);
    po->part = PO_NONE;
    po->skip = false;
}

/* A quoted C string, the whole of line; false when it is not one. */
static bool add_quoted(struct buf *out, struct str line)
{
    static const char from[] = "ntr\"\\", plain[] = "\n\t\r\"\\";

    if (line.size < 2 || line.at[0] != '"' || line.at[line.size - 1] != '"')
        return false;
    for (size_t i = 1; i < line.size - 1; i++) {
        char c = line.at[i];

        if (c == '"')
            return false;
        if (c == '\\') {
            const char *found;

            c = line.at[++i];
            found = i < line.size - 1 && c ? strchr(from, c) : NULL;
            if (!found)
                return false;
            c = plain[found - from];
        }
        buf_putc(out, c);
    }
    return true;
}

static bool read_string(struct po_reader *po, struct str line)
{
    struct buf ignored;

    switch (po->part) {
    case PO_ID:
        return add_quoted(&po->id, line);
    case PO_TEXT:
        return add_quoted(&po->text, line);
    case PO_OTHER:
        buf_init(&ignored, po->arena);
        return add_quoted(&ignored, line);
    default:
        return false;
    }
}

static void read_comment(struct po_reader *po, struct str line)
{
    if (po->part == PO_TEXT || po->part == PO_OTHER)
        end_entry(po);
    if (str_starts(line, STR("#,")) && str_find(line, STR("fuzzy")) != SIZE_MAX)
        po->skip = true;
}

static bool read_line(struct po_reader *po, struct str line)
{
    size_t space = str_find_char(line, ' ');
    struct str word = str_slice(line, 0, space);
    struct str rest = str_trim(str_slice(line, space, line.size));

    if (!line.size)
        return true;
    if (line.at[0] == '#') {
        read_comment(po, line);
        return true;
    }
    if (line.at[0] == '"')
        return read_string(po, line);
    if (str_equal_c(word, "msgctxt") || str_equal_c(word, "msgid")) {
        bool context = word.size == 7;

        if (po->part == PO_TEXT ||
            (po->part == PO_OTHER && buf_str(&po->id).size))
            end_entry(po);
        po->skip = po->skip || context;
        po->part = context ? PO_OTHER : PO_ID;
    } else if (str_equal_c(word, "msgid_plural")) {
        po->skip = true;
        po->part = PO_OTHER;
    } else if (str_equal_c(word, "msgstr")) {
        po->part = PO_TEXT;
    } else if (str_starts(word, STR("msgstr["))) {
        po->part = PO_OTHER;
    } else {
        return false;
    }
    return read_string(po, rest);
}

static size_t count_messages(struct str po)
{
    size_t count = 0, at;

    while ((at = str_find(po, STR("msgid"))) != SIZE_MAX) {
        count++;
        po = str_slice(po, at + 5, po.size);
    }
    return count;
}

static struct translator *new_translator(struct arena *arena, struct str po)
{
    struct translator *translator = ARENA_NEW(arena, struct translator);
    size_t capacity = 16;

    if (!translator)
        return NULL;
    while (capacity < count_messages(po) * 2)
        capacity *= 2;
    translator->capacity = capacity;
    translator->slot = ARENA_ARRAY(arena, struct message, capacity);
    return translator->slot ? translator : NULL;
}

enum error translator_read(struct arena *arena, struct str language,
                           struct str po, struct translator **translator,
                           struct err *err)
{
    struct po_reader reader = {.arena = arena};
    struct str line;
    size_t number = 0;
    char text[24];

    reader.translator = new_translator(arena, po);
    if (!reader.translator)
        return err_memory(err);
    reader.translator->language = str_copy(arena, language);
    buf_init(&reader.id, arena);
    buf_init(&reader.text, arena);
    while (str_cut(&po, '\n', &line)) {
        number++;
        if (read_line(&reader, str_trim(line)))
            continue;
        snprintf(text, sizeof(text), "%zu", number);
        return err_set(err, ERROR_SYNTAX,
                       N_("El catálogo de traducciones tiene un error en la "
                          "línea {1}."),
                       text, NULL, NULL);
    }
    end_entry(&reader);
    if (arena_failed(arena))
        return err_memory(err);
    *translator = reader.translator;
    return ERROR_NONE;
}

struct str translator_language(const struct translator *translator)
{
    return translator ? translator->language : STR("es");
}

struct str translate(const struct translator *translator, struct str msgid)
{
    const struct message *found;

    if (!translator || !msgid.size)
        return msgid;
    found = find_slot(translator, msgid);
    return found->id.size ? found->text : msgid;
}
