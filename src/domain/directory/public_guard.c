/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_guard.c - what of a place may be told to anybody. The one place that
 * decides it; public.c writes nothing that did not pass here.
 */
#include "domain/directory/directory_private.h"

#include "core/utf8.h"
#include "domain/person/words.h"

enum { HINT_LEAST = 4, DIGITS_LEAST = 6 };

static bool answered(const struct value *place, const char *question,
                     const char *answer)
{
    return str_equal_c(value_text_of(place, question), answer);
}

bool place_is_public(const struct value *place)
{
    return value_text_of(place, "name").size > 0 &&
           !answered(place, "public", "no") &&
           !answered(place, "status", "closed") &&
           !answered(place, "is_enforcement", "yes");
}

/* A code that nobody knows protects. */
bool place_is_protected(const struct value *place)
{
    struct str precision = value_text_of(place, "geo_precision");

    return answered(place, "place_type", "REFUGIO") ||
           (precision.size && !str_equal_c(precision, "exact") &&
            !str_equal_c(precision, "municipal"));
}

bool place_type_detains(const struct catalog *catalog, struct str place_type)
{
    const struct catalog_table *table = catalog_table(catalog, "place_type");
    size_t row = catalog_find(table, place_type);

    return row != SIZE_MAX &&
           str_equal_c(catalog_cell(table, row, "enforcement"), "yes");
}

static void hint_add(struct guarded *guarded, struct str text)
{
    enum { MOST = sizeof(guarded->hint) / sizeof(guarded->hint[0]) };

    text = str_trim(utf8_fold(guarded->arena, str_trim(text), false));
    if (text.size >= HINT_LEAST && guarded->hints < MOST)
        guarded->hint[guarded->hints++] = text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct str digits_of(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++)
        if (is_digit(text.at[i]))
            buf_putc(&out, text.at[i]);
    return buf_str(&out);
}

/* Calle Falsa 123, Col. Centro: the whole, each part between commas, and the
 * part without its number. */
static void hint_address(struct guarded *guarded, struct str address)
{
    struct str rest = address, part;

    hint_add(guarded, address);
    while (rest.size && str_cut(&rest, ',', &part)) {
        size_t end = part.size;

        part = str_trim(part);
        end = part.size;
        if (part.size > HINT_LEAST + 1)
            hint_add(guarded, part);
        while (end > 0 && !is_digit(part.at[end - 1]))
            end--;
        while (end > 0 && (is_digit(part.at[end - 1]) ||
                           part.at[end - 1] == '#' || part.at[end - 1] == ' '))
            end--;
        if (end > HINT_LEAST + 2)
            hint_add(guarded, str_slice(part, 0, end));
    }
}

static void hint_phones(struct guarded *guarded, const struct value *place)
{
    const struct value *phones = value_get(place, "phones");

    hint_add(guarded,
             digits_of(guarded->arena, value_text_of(place, "whatsapp")));
    for (size_t i = 0; i < value_count(phones); i++) {
        const struct value *phone = value_at(phones, i);

        if (!answered(phone, "public", "yes"))
            hint_add(guarded,
                     digits_of(guarded->arena, value_text_of(phone, "number")));
    }
}

void guarded_init(struct guarded *guarded, struct arena *arena,
                  const struct value *place)
{
    *guarded = (struct guarded){
        .arena = arena, .name_told = true, .municipality_told = true};
    guarded->protected = place_is_protected(place);
    guarded->rough =
        guarded->protected || answered(place, "geo_precision", "municipal");
    if (!guarded->rough)
        return;
    hint_address(guarded, value_text_of(place, "address"));
    hint_add(guarded, value_text_of(place, "postal_code"));
    hint_add(guarded, value_text_of(place, "lat"));
    hint_add(guarded, value_text_of(place, "lon"));
    if (!guarded->protected)
        return;
    hint_phones(guarded, place);
    hint_add(guarded, value_text_of(place, "email"));
    hint_add(guarded, value_text_of(place, "website"));
    hint_add(guarded, value_text_of(place, "contact_name"));
    guarded->name_told = answered(place, "name_public", "yes");
    guarded->municipality_told = answered(place, "municipality_public", "yes");
    if (!guarded->name_told) {
        hint_add(guarded, value_text_of(place, "name"));
        hint_add(guarded, value_text_of(place, "alternate_name"));
    }
    if (!guarded->municipality_told)
        hint_add(guarded, value_text_of(place, "municipality"));
}

/* Are the digits of the hint in a row in the text, whatever stands between? */
static bool has_digits(const struct guarded *guarded, struct str digits,
                       struct str hint)
{
    struct str wanted = digits_of(guarded->arena, hint);

    return wanted.size >= DIGITS_LEAST && wanted.size == hint.size &&
           str_find(digits, wanted) != SIZE_MAX;
}

struct str guarded_text(const struct guarded *guarded, struct str text)
{
    static const char *const link[] = {"http", "www.", "maps.", "goo.gl", "@"};
    struct str folded, digits;

    if (!guarded->rough || !text.size)
        return text;
    folded = utf8_fold(guarded->arena, text, false);
    digits = digits_of(guarded->arena, text);
    for (size_t i = 0; i < guarded->hints; i++)
        if (str_find(folded, guarded->hint[i]) != SIZE_MAX ||
            has_digits(guarded, digits, guarded->hint[i]))
            return STR_NULL;
    for (size_t i = 0; guarded->protected && i < sizeof(link) / sizeof(*link);
         i++)
        if (str_find(folded, str_of(link[i])) != SIZE_MAX)
            return STR_NULL;
    return text;
}
