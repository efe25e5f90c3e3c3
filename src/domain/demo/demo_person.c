/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_person.c - draws names, births and telephones. Pure: the random state
 * in, answers out. */
#include "core/date.h"
#include "core/utf8.h"
#include "domain/demo/demo_private.h"

/* splitmix64 */
uint64_t demo_next(struct demo_random *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

size_t demo_below(struct demo_random *random, size_t limit)
{
    return limit ? (size_t)(demo_next(random) % limit) : 0;
}

bool demo_chance(struct demo_random *random, unsigned percent)
{
    return demo_below(random, 100) < percent;
}

/* In order, as the ids of a real store are: the time in front (RFC 9562,
 * version 8, for this one is invented: a millisecond for each). */
struct str demo_uuid(struct demo_random *random, struct arena *arena)
{
    enum { FIRST_MS = 0x019b0000 };
    uint64_t at = ((uint64_t)FIRST_MS << 16) + ++random->ids;
    uint64_t a = demo_next(random), b = demo_next(random);

    return str_format(arena, "%08x-%04x-8%03x-%04x-%04x%08x",
                      (unsigned)(at >> 16), (unsigned)(at & 0xFFFF),
                      (unsigned)(a & 0xFFF),
                      (unsigned)(0x8000 | (b >> 48 & 0x3FFF)),
                      (unsigned)(b >> 32 & 0xFFFF), (unsigned)b);
}

struct str demo_draw(const struct demo_list *list, struct demo_random *random)
{
    size_t low = 0, high = list->count;
    uint64_t at;

    if (!list->count)
        return STR_NULL;
    at = demo_next(random) % list->until[list->count - 1];
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (list->until[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return list->text[low];
}

/* --- the source ----------------------------------------------------------- */

struct filling {
    struct arena *arena;
    struct demo_list *list;
    size_t capacity;
};

static void put_item(struct filling *filling, struct str text, uint64_t weight)
{
    struct demo_list *list = filling->list;

    if (!weight || !text.size)
        return;
    if (list->count == filling->capacity) {
        size_t more = filling->capacity ? filling->capacity * 2 : 32;
        size_t old = filling->capacity;

        list->text =
            arena_grow(filling->arena, list->text, old * sizeof *list->text,
                       more * sizeof *list->text);
        list->until =
            arena_grow(filling->arena, list->until, old * sizeof *list->until,
                       more * sizeof *list->until);
        if (!list->text || !list->until) {
            list->count = 0;
            return;
        }
        filling->capacity = more;
    }
    list->text[list->count] = text;
    list->until[list->count] =
        weight + (list->count ? list->until[list->count - 1] : 0);
    list->count++;
}

static uint64_t weight_of(const struct catalog_table *table, size_t row,
                          const char *column)
{
    int64_t weight = 0;

    str_to_int(catalog_cell(table, row, column), &weight);
    return weight > 0 ? (uint64_t)weight : 0;
}

static bool speaks_spanish(struct str country)
{
    return !str_equal_c(country, "HTI") && !str_equal_c(country, "BRA") &&
           !str_equal_c(country, "CMR");
}

static struct str capitalised(struct arena *arena, struct str word)
{
    size_t at = 0;
    struct str rest;

    if (!word.size)
        return word;
    utf8_next(word, &at);
    rest = str_slice(word, at, word.size);
    return str_join(arena, utf8_upper(arena, str_slice(word, 0, at)), rest);
}

/* Names of the country, and the long tail of name_word.csv behind them. */
static void fill_names(struct arena *arena, const struct catalog *catalog,
                       const struct demo_country *country, const char *kind,
                       char sex, struct demo_list *list)
{
    const struct catalog_table *names = catalog_table(catalog, "demo_name");
    const struct catalog_table *words = catalog_table(catalog, "name_word");
    struct filling filling = {arena, list, 0};
    bool given = strcmp(kind, "given") == 0;

    for (size_t row = 0; names && row < names->rows; row++) {
        struct str whose = catalog_cell(names, row, "sex");

        if (str_equal(catalog_cell(names, row, "country"), country->code) &&
            str_equal_c(catalog_cell(names, row, "kind"), kind) &&
            (!sex || (whose.size && whose.at[0] == sex)))
            put_item(&filling, catalog_cell(names, row, "name"),
                     300 * weight_of(names, row, "weight"));
    }
    for (size_t row = 0; words && row < words->rows; row++) {
        struct str whose = catalog_cell(words, row, "sex");
        char wanted = sex == 'H' ? 'm' : 'f';

        if (!speaks_spanish(country->code) ||
            !str_equal_c(catalog_cell(words, row, "zone"), "es") ||
            (given && (!whose.size || whose.at[0] != wanted)))
            continue;
        put_item(&filling, capitalised(arena, catalog_cell(words, row, "word")),
                 weight_of(words, row, given ? "given" : "surname"));
    }
}

static void fill_languages(struct arena *arena, struct str languages,
                           struct demo_list *list)
{
    struct filling filling = {arena, list, 0};
    struct str rest = languages, part;
    uint64_t weight = 7;

    while (str_cut(&rest, ' ', &part)) {
        put_item(&filling, part, weight);
        weight = 1;
    }
}

static const char *dialling_of(struct str country)
{
    static const char *const code[][2] = {
        {"HND", "504"}, {"GTM", "502"}, {"SLV", "503"}, {"NIC", "505"},
        {"HTI", "509"}, {"VEN", "58"},  {"CUB", "53"},  {"COL", "57"},
        {"BRA", "55"},  {"CMR", "237"}};

    for (size_t i = 0; i < sizeof code / sizeof code[0]; i++)
        if (str_equal_c(country, code[i][0]))
            return code[i][1];
    return "52";
}

void demo_source_read(struct arena *arena, const struct catalog *catalog,
                      struct demo_source *source)
{
    const struct catalog_table *mix = catalog_table(catalog, "demo_mix");
    struct filling filling = {arena, &source->mix, 0};

    for (size_t row = 0;
         mix && row < mix->rows && source->countries < DEMO_COUNTRIES; row++) {
        struct demo_country *country = &source->country[source->countries++];

        country->code = catalog_cell(mix, row, "country");
        country->one_surname = str_equal_c(country->code, "HTI") ||
                               str_equal_c(country->code, "CMR");
        country->dialling = dialling_of(country->code);
        fill_languages(arena, catalog_cell(mix, row, "languages"),
                       &country->language);
        fill_names(arena, catalog, country, "given", 'H', &country->given[0]);
        fill_names(arena, catalog, country, "given", 'M', &country->given[1]);
        fill_names(arena, catalog, country, "surname", 0, &country->surname);
        put_item(&filling, country->code, weight_of(mix, row, "weight"));
    }
}

/* --- a family and its people ---------------------------------------------- */

static const struct demo_country *country_of(const struct demo_source *source,
                                             struct str code)
{
    for (size_t i = 0; i < source->countries; i++)
        if (str_equal(source->country[i].code, code))
            return &source->country[i];
    return &source->country[0];
}

void demo_family_draw(struct arena *arena, const struct demo_source *source,
                      struct demo_random *random, int64_t today,
                      struct demo_family *family)
{
    *family = (struct demo_family){0};
    family->country = country_of(source, demo_draw(&source->mix, random));
    family->surname[0] = demo_draw(&family->country->surname, random);
    if (!family->country->one_surname && demo_chance(random, 75))
        family->surname[1] = demo_draw(&family->country->surname, random);
    family->language = demo_draw(&family->country->language, random);
    family->arrived = today - (int64_t)demo_below(random, 365);
    if (demo_chance(random, 35))
        family->phone = str_format(arena, "+%s0%07u", family->country->dialling,
                                   (unsigned)demo_below(random, 10000000));
}

static void put_birth(struct arena *arena, struct value *person,
                      struct demo_random *random, int64_t arrived, int age)
{
    int64_t born =
        arrived - age * 365 - age / 4 - (int64_t)demo_below(random, 360) - 1;
    struct date date = date_from_day(born);
    size_t how = demo_below(random, 100);

    if (how >= 80) {
        value_put_str(person, arena, "age_years", str_format(arena, "%d", age));
        value_put_str(person, arena, "age_on",
                      date_text(arena, date_from_day(arrived)));
        value_put_text(person, arena, "age_source",
                       how >= 90 ? "estimada" : "declarada");
        return;
    }
    if (how >= 65)
        date.month = date.day = 0;
    value_put_str(person, arena, "birth_date", date_text(arena, date));
    value_put_text(person, arena, "age_source", "declarada");
}

static void put_contact(struct arena *arena, struct value *person,
                        const struct demo_family *family,
                        struct demo_random *random)
{
    static const char *const safe[] = {"yes", "yes", "yes", "only_channel",
                                       "no"};
    const char *code = safe[demo_below(random, 5)];

    if (!family->phone.size)
        return;
    value_put_str(person, arena, "phone", family->phone);
    value_put_text(person, arena, "phone_whose", "propio");
    value_put_text(person, arena, "safe_to_contact", code);
    if (strcmp(code, "only_channel") == 0)
        value_put_text(person, arena, "contact_how",
                       "Solo mensajes, por la tarde.");
}

struct value *demo_person(struct arena *arena, const struct demo_family *family,
                          struct demo_random *random, int age, int sex)
{
    const struct demo_country *country = family->country;
    struct value *person = value_object(arena);
    struct str given = demo_draw(&country->given[sex], random);

    if (demo_chance(random, 45)) {
        struct str other = demo_draw(&country->given[sex], random);

        given =
            str_format(arena, "%.*s %.*s", STR_ARGS(given), STR_ARGS(other));
    }
    value_put_text(person, arena, "anonymity_level", "named");
    value_put_str(person, arena, "given_names", given);
    value_put_str(person, arena, "first_surname", family->surname[0]);
    if (family->surname[1].size)
        value_put_str(person, arena, "second_surname", family->surname[1]);
    value_put_text(person, arena, "sex", sex ? "M" : "H");
    put_birth(arena, person, random, family->arrived, age);
    value_put_str(person, arena, "nationality", country->code);
    value_put_str(person, arena, "country_of_birth",
                  demo_chance(random, 96) ? country->code : STR("MEX"));
    value_put_str(person, arena, "language_main", family->language);
    value_put_text(person, arena, "interpreter_needed",
                   str_equal_c(family->language, "spa") ? "no" : "yes");
    put_contact(arena, person, family, random);
    value_put_text(person, arena, "notes",
                   "Persona inventada para probar el programa.");
    return person;
}

struct value *demo_again(struct arena *arena, const struct value *person,
                         struct demo_random *random)
{
    static const char *const name[] = {"given_names", "first_surname",
                                       "second_surname"};
    struct value *again = value_copy(person, arena);

    for (size_t i = 0; i < 3; i++) {
        struct str text = value_text_of(again, name[i]);

        if (text.size && demo_chance(random, 60))
            value_put_str(again, arena, name[i],
                          capitalised(arena, utf8_fold(arena, text, false)));
    }
    if (demo_chance(random, 40))
        value_remove(again, STR("second_surname"));
    if (demo_chance(random, 50)) {
        value_remove(again, STR("phone"));
        value_remove(again, STR("phone_whose"));
        value_remove(again, STR("safe_to_contact"));
        value_remove(again, STR("contact_how"));
    }
    return again;
}
