/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* place_card.c - an entry of the directory in words, for the list and for its
 * page: open or closed now, how far, what is offered, how to call, how to get
 * there. Made of what directory_place_view tells and of nothing else.
 */
#include "web/public/find.h"

#include "core/date.h"
#include "web/page.h"

enum {
    OFFERS_SHOWN = 6,
    APPROXIMATE_KM = 10 /* how wide a municipality is taken to be */
};

/* --- texts ---------------------------------------------------------------- */

struct str hours_words(struct view *view, struct str hours)
{
    static const struct {
        const char *code, *text;
    } word[] = {{"Mo", N_("lun")}, {"Tu", N_("mar")},     {"We", N_("mié")},
                {"Th", N_("jue")}, {"Fr", N_("vie")},     {"Sa", N_("sáb")},
                {"Su", N_("dom")}, {"Lu", N_("lun")},     {"Ma", N_("mar")},
                {"Mi", N_("mié")}, {"Ju", N_("jue")},     {"Vi", N_("vie")},
                {"Do", N_("dom")}, {"off", N_("cerrado")}};
    struct buf out;
    size_t at = 0;

    if (str_equal_c(str_trim(hours), "24/7"))
        return view_say(view, N_("todos los días, las 24 horas"));
    buf_init(&out, view->task.arena);
    while (at < hours.size) {
        size_t from = at;
        struct str token;

        while (at < hours.size &&
               ((hours.at[at] | 32) >= 'a' && (hours.at[at] | 32) <= 'z'))
            at++;
        token = str_slice(hours, from, at > from ? at : ++at);
        for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
            if (str_equal_c(token, word[i].code))
                token = view_say(view, word[i].text);
        buf_put(&out, token);
    }
    return buf_str(&out);
}

static struct str digits_of(struct view *view, struct str number)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < number.size; i++)
        if ((number.at[i] >= '0' && number.at[i] <= '9') ||
            (number.at[i] == '+' && i == 0))
            buf_putc(&out, number.at[i]);
    return buf_str(&out);
}

struct str phone_href(struct view *view, struct str number)
{
    struct str digits = digits_of(view, number);

    return digits.size > 2 ? view_format(view, "tel:%.*s", STR_ARGS(digits))
                           : STR("");
}

/* A number of ten digits is one of the house's country; only Mexico's code is
 * known here. */
static struct str whatsapp_href(struct view *view, struct str number)
{
    struct str digits = digits_of(view, number);

    if (digits.size && digits.at[0] == '+')
        digits = str_slice(digits, 1, digits.size);
    else if (digits.size == 10 && str_equal_c(public_country(view), "MEX"))
        digits = view_format(view, "52%.*s", STR_ARGS(digits));
    return digits.size > 9
               ? view_format(view, "https://wa.me/%.*s", STR_ARGS(digits))
               : STR("");
}

/* Of a place that tells its municipality only, the way is to the seat. */
static struct str km_words(struct view *view, const struct public_place *place)
{
    double km = place->km;

    if (km < 0)
        return STR("");
    if (place->flags & PUBLIC_APPROXIMATE)
        return km < APPROXIMATE_KM
                   ? view_say(view, N_("en la zona"))
                   : view_say_with(view, N_("a unos {1} km"),
                                   view_format(view, "%.0f", km));
    if (km < 1)
        return view_say(view, N_("a menos de 1 km"));
    return view_say_with(view, N_("a {1} km"),
                         view_format(view, km < 10 ? "%.1f" : "%.0f", km));
}

static struct str joined(struct view *view, const struct value *list,
                         const char *name, size_t most)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < value_count(list) && i < most; i++) {
        if (i)
            buf_puts(&out, " · ");
        buf_put(&out, value_text_of(value_at(list, i), name));
    }
    if (value_count(list) > most)
        buf_puts(&out, " …");
    return buf_str(&out);
}

static struct str day_of(struct view *view, struct str iso)
{
    struct date date;

    return date_parse_whole(iso, &date) ? day_text(view, date_to_day(date))
                                        : STR("");
}

static struct str where_words(struct view *view, const struct value *told)
{
    struct str town = value_text_of(told, "municipality");
    struct str state = value_text_of(told, "admin1_name");

    if (town.size && state.size)
        return view_format(view, "%.*s, %.*s", STR_ARGS(town), STR_ARGS(state));
    return town.size ? town : state;
}

/* --- parts ---------------------------------------------------------------- */

static void put_phones(struct view *view, struct value *card,
                       const struct value *told)
{
    struct arena *arena = view->task.arena;
    const struct value *phones = value_get(told, "phones");
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(phones); i++) {
        const struct value *phone = value_at(phones, i);
        struct str number = value_text_of(phone, "number");
        struct value *item = value_object(arena);

        value_put_str(item, arena, "number", number);
        put_text_or_false(view, item, "href", phone_href(view, number));
        put_text_or_false(view, item, "note", value_text_of(phone, "note"));
        put_text_or_false(view, item, "extension",
                          value_text_of(phone, "extension"));
        value_add(list, arena, item);
    }
    value_put(card, arena, "phones", list);
}

static void put_open(struct view *view, struct value *card,
                     const struct value *told)
{
    struct arena *arena = view->task.arena;
    struct str open = value_text_of(told, "open");
    bool paused = value_to_bool(value_get(told, "paused"), false);
    const char *text = paused                     ? N_("No recibe por ahora")
                       : str_equal_c(open, "yes") ? N_("Abierto ahora")
                       : str_equal_c(open, "no")  ? N_("Cerrado ahora")
                                                  : N_("Horario sin confirmar");

    value_put_str(card, arena, "open_text", view_say(view, text));
    value_put_str(card, arena, "open", open);
    put_text_or_false(view, card, "hours_text",
                      hours_words(view, value_text_of(told, "hours")));
}

static void put_map(struct view *view, struct value *card,
                    const struct public_place *place)
{
    struct arena *arena = view->task.arena;
    bool approximate = (place->flags & PUBLIC_APPROXIMATE) != 0;
    bool exact = place->located && !approximate;

    value_put_bool(card, arena, "located", exact);
    value_put_bool(card, arena, "approximate", approximate);
    put_text_or_false(view, card, "geo",
                      exact ? view_format(view, "geo:%.5f,%.5f?q=%.5f,%.5f",
                                          place->lat, place->lon, place->lat,
                                          place->lon)
                            : STR(""));
    value_put_str(card, arena, "at",
                  exact ? view_format(view, "%.5f %.5f", place->lat, place->lon)
                        : STR(""));
}

static void put_texts(struct view *view, struct value *card,
                      const struct value *told)
{
    static const char *const field[] = {
        "how_referred",   "address", "transportation",  "hours_note",
        "description",    "email",   "accessible_note", "postal_code",
        "alternate_name", "age_min", "age_max"};
    const struct value *free = value_get(told, "free");

    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
        put_text_or_false(view, card, field[i], value_text_of(told, field[i]));
    put_text_or_false(view, card, "website",
                      str_starts(value_text_of(told, "website"), STR("http"))
                          ? value_text_of(told, "website")
                          : STR(""));
    put_text_or_false(view, card, "whatsapp",
                      whatsapp_href(view, value_text_of(told, "whatsapp")));
    put_text_or_false(view, card, "verified",
                      day_of(view, value_text_of(told, "verified_on")));
    put_text_or_false(view, card, "free", value_text_of(free, "label"));
    if (free)
        value_put_str(card, view->task.arena, "free_at",
                      when_text(view, value_to_int(value_get(free, "at"), 0)));
    put_text_or_false(
        view, card, "offers",
        joined(view, value_get(told, "services"), "name", OFFERS_SHOWN));
    put_text_or_false(view, card, "speaks",
                      joined(view, value_get(told, "languages"), "label", 99));
    put_text_or_false(view, card, "whom",
                      joined(view, value_get(told, "who"), "label", 99));
    put_text_or_false(view, card, "where", where_words(view, told));
}

struct value *place_card(struct view *view, const struct public_place *place,
                         const struct value *told)
{
    struct arena *arena = view->task.arena;
    struct value *card = value_object(arena);
    struct str name = value_text_of(told, "name");
    struct str type = value_text_of(told, "place_type_name");

    value_put_str(card, arena, "href",
                  public_path(view, view_format(view, "/directory/%.*s",
                                                STR_ARGS(place->id))));
    value_put_str(card, arena, "id", place->id);
    value_put_str(card, arena, "name", name);
    put_text_or_false(view, card, "type",
                      str_equal(name, type) ? STR("") : type);
    put_text_or_false(view, card, "km", km_words(view, place));
    value_put_bool(card, arena, "stale", place->stale);
    value_put_bool(card, arena, "protected",
                   (place->flags & PUBLIC_PROTECTED) != 0);
    value_put_bool(card, arena, "no_documents",
                   (place->flags & PUBLIC_NO_DOCUMENTS) != 0);
    value_put_bool(card, arena, "accessible",
                   (place->flags & PUBLIC_ACCESSIBLE) != 0);
    put_open(view, card, told);
    put_phones(view, card, told);
    put_map(view, card, place);
    put_texts(view, card, told);
    return card;
}
