/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_find.c - where there is help: the search, its answers, the nearest
 * first when she gave a position. A search is sent by POST and answered by an
 * address in which it is sealed (find_ticket.c), so that it stands in no
 * history or log, and its page is kept by nobody; a GET with the same fields
 * does the same, for links and programs. The position is rounded to a hundredth
 * of a degree by the page before it leaves the telephone, and again here;
 * nothing keeps it.
 */
#include "web/public/find.h"

#include <math.h>

#include "domain/directory/places.h"
#include "domain/notice/usage.h"
#include "domain/person/words.h"
#include "web/page.h"
#include "web/public/larder.h"

enum { PAGE_PLACES = 10, PAGES_MOST = 20, PROTECTED_SHOWN = 3 };

const struct need_button need_buttons[] = {{"ALOJ", N_("Dormir")},
                                           {"ALIM", N_("Comer")},
                                           {"SALUD", N_("Salud")},
                                           {"LEGAL", N_("Abogados")},
                                           {"ASILO", N_("Pedir refugio")},
                                           {"DOC", N_("Papeles")},
                                           {"PROT", N_("Estoy en peligro")},
                                           {"NINEZ", N_("Niñas y niños")},
                                           {"SMAPS", N_("Apoyo emocional")},
                                           {"HIG", N_("Bañarse, higiene")},
                                           {"ROPA", N_("Ropa")},
                                           {"TRAB", N_("Trabajo")},
                                           {"COM", N_("Llamar, internet")},
                                           {"RFL", N_("Buscar a familiares")},
                                           {NULL, NULL}};

static const struct {
    const char *name, *text;
    unsigned flags;
} wishes[] = {
    {"women", N_("Mujeres con niñas y niños"), PUBLIC_WOMEN | PUBLIC_CHILDREN},
    {"lgbt", N_("Personas LGBTIQ+"), PUBLIC_LGBT},
    {"access", N_("Silla de ruedas"), PUBLIC_ACCESSIBLE},
    {"papers", N_("Sin documentos"), PUBLIC_NO_DOCUMENTS},
    {"free", N_("Gratis"), PUBLIC_FREE_OF_CHARGE},
};

enum {
    NAMES = sizeof need_buttons / sizeof need_buttons[0] - 1 +
            sizeof wishes / sizeof wishes[0]
};

struct search {
    struct near_query query;
    struct near_name name[NAMES];
    struct str need, service, where, speaks, words;
    int64_t page;
    bool asked; /* something was: there are answers to show */
};

/* --- what was asked ------------------------------------------------------- */

/* Fields of the body, of the address, or of what is sealed in it. */
static struct str asked(struct view *view, const char *name)
{
    return view_query(view, "s").size ||
                   str_equal_c(view->request->method, "POST")
               ? str_trim(view_field(view, name))
               : str_trim(view_query(view, name));
}

static bool ticked(struct view *view, const char *name)
{
    return asked(view, name).size > 0;
}

/* A row of the taxonomy, or one of its sectors. */
static struct str need_known(struct view *view, struct str code)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "service");

    if (!code.size || catalog_find(table, code) != SIZE_MAX)
        return code;
    for (size_t i = 0; table && i < table->rows; i++)
        if (words_have(catalog_cell(table, i, "sectors"), code))
            return code;
    return STR("");
}

static struct str row_known(struct view *view, const char *table,
                            struct str code)
{
    return catalog_find(catalog_table(view->app->office.catalog, table),
                        code) != SIZE_MAX
               ? code
               : STR("");
}

static void read_position(struct view *view, struct near_query *query)
{
    double lat, lon;

    if (!str_to_double(asked(view, "lat"), &lat) || !isfinite(lat) ||
        !str_to_double(asked(view, "lon"), &lon) || !isfinite(lon) ||
        fabs(lat) > 90 || fabs(lon) > 180)
        return;
    query->here = true;
    query->lat = round(lat * 100) / 100;
    query->lon = round(lon * 100) / 100;
}

/* What the form calls needs and people is found as a word, too. */
static void name_all(struct view *view, struct search *search)
{
    struct near_name *name = search->name;

    for (const struct need_button *at = need_buttons; at->code; at++)
        *name++ =
            (struct near_name){view_say(view, at->text), str_of(at->code), 0};
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        *name++ = (struct near_name){view_say(view, wishes[i].text), STR(""),
                                     wishes[i].flags};
    search->query.name = search->name;
    search->query.names = NAMES;
}

static void read_search(struct view *view, struct search *search)
{
    struct near_query *query = &search->query;
    struct str rest, state;

    *search = (struct search){.page = 1};
    search->need = need_known(view, asked(view, "need"));
    search->service = need_known(view, asked(view, "service"));
    search->where = asked(view, "where");
    search->speaks = row_known(view, "language", asked(view, "speaks"));
    search->words = str_slice(asked(view, "q"), 0, 100);
    rest = search->where;
    if (!str_cut(&rest, '/', &state))
        state = search->where;
    query->admin1 = row_known(view, "admin1", state);
    if (query->admin1.size)
        query->municipality = str_is_null(rest) ? STR("") : rest;
    else
        search->where = STR("");
    query->need = search->service.size ? search->service : search->need;
    query->language = search->speaks;
    query->words = search->words;
    if (search->words.size)
        name_all(view, search);
    query->open_now = ticked(view, "open");
    query->place_type = row_known(view, "place_type", asked(view, "type"));
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        if (ticked(view, wishes[i].name))
            query->flags |= wishes[i].flags;
    read_position(view, query);
    if (!str_to_int(asked(view, "page"), &search->page) || search->page < 1)
        search->page = 1;
    if (search->page > PAGES_MOST)
        search->page = PAGES_MOST;
    search->asked = asked(view, "page").size > 0 || query->here ||
                    query->need.size || query->admin1.size || query->flags ||
                    query->language.size || query->words.size ||
                    query->open_now || query->place_type.size || view->json;
}

/* --- what there is to choose from ------------------------------------------
 */

static struct str offered_codes(struct view *view)
{
    const struct value *needs = directory_needs(&view->task);
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < value_count(needs); i++)
        if (value_to_bool(value_get(value_at(needs, i), "offered"), false)) {
            buf_put(&out, value_text_of(value_at(needs, i), "code"));
            buf_putc(&out, ' ');
        }
    return buf_str(&out);
}

static enum error make_choices(struct view *view, struct value *out)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct directory_town *town = NULL;
    size_t count = 0;
    enum error error = directory_towns(&view->task, &town, &count, &view->err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "admin1", town[i].admin1);
        value_put_str(item, arena, "municipality", town[i].municipality);
        value_put_str(item, arena, "name", town[i].name);
        value_add(list, arena, item);
    }
    value_put(out, arena, "towns", list);
    value_put_str(out, arena, "offered", offered_codes(view));
    value_put_str(out, arena, "spoken", directory_languages(&view->task));
    return error;
}

/* {towns, offered, spoken}: some hundred small questions to the database, the
 * same for everybody, so they are asked when something was written. */
static enum error find_choices(struct view *view, const struct value **choices)
{
    uint64_t edition = 0;
    struct value *made = value_object(view->task.arena);
    struct err ignored = {0};
    struct str kept;
    struct buf out;
    enum error error;

    if (larder_get(view, STR("#"), &edition, &kept) &&
        value_parse(view->task.arena, kept, choices, &ignored) == ERROR_NONE)
        return ERROR_NONE;
    error = make_choices(view, made);
    if (error)
        return error;
    buf_init(&out, view->task.arena);
    value_write(made, &out);
    larder_put(view, STR("#"), edition, buf_str(&out));
    *choices = made;
    return ERROR_NONE;
}

/* --- the form again ------------------------------------------------------- */

static void add_choice(struct view *view, struct value *list, struct str code,
                       struct str label, bool chosen)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "code", code);
    value_put_str(item, arena, "label", label);
    value_put_bool(item, arena, "chosen", chosen);
    value_add(list, arena, item);
}

static void put_needs(struct view *view, const struct search *search,
                      struct str offered)
{
    const struct catalog *catalog = view->app->office.catalog;
    struct arena *arena = view->task.arena;
    struct value *buttons = value_list(arena), *list = value_list(arena);
    struct str code;

    for (const struct need_button *at = need_buttons; at->code; at++)
        add_choice(view, buttons, str_of(at->code), view_say(view, at->text),
                   str_equal_c(search->need, at->code));
    while (words_next(&offered, &code))
        add_choice(view, list, code,
                   catalog_name(catalog, "service", code, view->task.language),
                   str_equal(code, search->service));
    value_put(view->page, arena, "needs", buttons);
    value_put(view->page, arena, "services", list);
}

static void put_wishes(struct view *view, const struct search *search,
                       struct str spoken)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *tongues = value_list(arena);
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "language");

    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        add_choice(view, list, str_of(wishes[i].name),
                   view_say(view, wishes[i].text),
                   (search->query.flags & wishes[i].flags) == wishes[i].flags);
    for (size_t i = 0; table && i < table->rows; i++) {
        struct str code = catalog_cell(table, i, "name");

        if (words_have(spoken, code))
            add_choice(view, tongues, code,
                       catalog_label(table, i, "label", view->task.language),
                       str_equal(code, search->speaks));
    }
    value_put(view->page, arena, "wishes", list);
    value_put(view->page, arena, "tongues", tongues);
}

/* States where there is something, each with its municipalities. */
static void put_wheres(struct view *view, const struct search *search,
                       const struct value *town)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *towns = NULL;
    struct str before = STR("");

    for (size_t i = 0; i < value_count(town); i++) {
        struct str admin1 = value_text_of(value_at(town, i), "admin1");
        struct str name = value_text_of(value_at(town, i), "municipality");

        if (!towns || !str_equal(admin1, before)) {
            struct value *state = value_object(arena);

            before = admin1;
            towns = value_list(arena);
            value_put_str(state, arena, "code", before);
            value_put_str(state, arena, "label",
                          catalog_name(view->app->office.catalog, "admin1",
                                       before, view->task.language));
            value_put_bool(state, arena, "chosen",
                           str_equal(before, search->where));
            value_put(state, arena, "towns", towns);
            value_add(list, arena, state);
        }
        if (name.size) {
            struct str code = view_format(view, "%.*s/%.*s", STR_ARGS(admin1),
                                          STR_ARGS(name));

            add_choice(view, towns, code,
                       value_text_of(value_at(town, i), "name"),
                       str_equal(code, search->where));
        }
    }
    value_put(view->page, arena, "states", list);
}

static enum error put_form(struct view *view, const struct search *search)
{
    struct arena *arena = view->task.arena;
    const struct near_query *query = &search->query;
    const struct value *choices = NULL;
    enum error error;

    error = find_choices(view, &choices);
    if (error)
        return error;
    put_needs(view, search, value_text_of(choices, "offered"));
    put_wishes(view, search, value_text_of(choices, "spoken"));
    put_wheres(view, search, value_get(choices, "towns"));
    value_put_bool(view->page, arena, "open", query->open_now);
    value_put_str(view->page, arena, "q", search->words);
    put_text_or_false(view, view->page, "lat",
                      query->here ? view_format(view, "%.2f", query->lat)
                                  : STR(""));
    value_put_str(view->page, arena, "lon",
                  query->here ? view_format(view, "%.2f", query->lon)
                              : STR(""));
    value_put_bool(view->page, arena, "more_open",
                   search->service.size || search->speaks.size ||
                       search->words.size || query->flags);
    return ERROR_NONE;
}

/* --- answers -------------------------------------------------------------- */

static void add_places(struct view *view, const struct near_found *found,
                       size_t from, size_t most, struct value *places,
                       struct value *cards)
{
    struct arena *arena = view->task.arena;

    for (size_t i = from; i < found->count && i < from + most; i++) {
        struct value *told =
            directory_place_view(&view->task, &found->place[i], true);

        value_add(places, arena, told);
        value_add(cards, arena, place_card(view, &found->place[i], told));
    }
}

/* Protected ones have no position and are never "near": those that fit are
 * named below, with how one is referred. */
static enum error put_protected(struct view *view, const struct search *search,
                                struct value *places)
{
    struct arena *arena = view->task.arena;
    struct near_query query = search->query;
    struct near_found found = {0};
    struct value *cards = value_list(arena);
    enum error error = ERROR_NONE;

    query.here = false;
    query.flags |= PUBLIC_PROTECTED;
    query.limit = PROTECTED_SHOWN;
    if (search->asked && search->query.here && search->page == 1)
        error = directory_list(&view->task, &query, &found, &view->err);
    if (!error)
        add_places(view, &found, 0, PROTECTED_SHOWN, places, cards);
    value_put(view->page, arena, "protected", cards);
    value_put_bool(view->page, arena, "any_protected", found.count > 0);
    return error;
}

static enum error put_answers(struct view *view, struct search *search)
{
    struct arena *arena = view->task.arena;
    struct near_query *query = &search->query;
    struct value *places = value_list(arena), *cards = value_list(arena);
    struct near_found found = {.complete = true};
    size_t skip = (size_t)(search->page - 1) * PAGE_PLACES, from = 0;
    enum error error = ERROR_NONE;

    if (query->here && skip + PAGE_PLACES > 200)
        skip = 200 - PAGE_PLACES;
    query->limit = query->here ? skip + PAGE_PLACES + 1 : PAGE_PLACES;
    if (query->limit > 200)
        query->limit = 200;
    query->offset = query->here ? 0 : skip;
    from = query->here ? skip : 0;
    if (search->asked)
        error = directory_near(&view->task, query, &found, &view->err);
    if (error)
        return error;
    add_places(view, &found, from, PAGE_PLACES, places, cards);
    if (query->here)
        found.more = found.count > from + PAGE_PLACES;
    if (search->page >= PAGES_MOST)
        found.more = false;
    error = put_protected(view, search, places);
    value_put(view->data, arena, "places", places);
    value_put_bool(view->data, arena, "more", found.more);
    value_put_bool(view->data, arena, "complete", found.complete);
    value_put(view->page, arena, "results", cards);
    value_put_bool(view->page, arena, "asked", search->asked);
    value_put_bool(view->page, arena, "none",
                   search->asked && !value_count(cards));
    value_put_int(view->page, arena, "first",
                  (search->page - 1) * PAGE_PLACES + 1);
    put_text_or_false(
        view, view->page, "next",
        found.more ? view_format(view, "%lld", (long long)search->page + 1)
                   : STR(""));
    put_text_or_false(
        view, view->page, "previous",
        search->page > 1
            ? view_format(view, "%lld", (long long)search->page - 1)
            : STR(""));
    return error;
}

/* --- by the address ------------------------------------------------------- */

/* What was sealed stands where a form's fields do. */
static void open_ticket(struct view *view)
{
    struct str ticket = view_query(view, "s");
    const struct value *search =
        ticket.size ? search_of_ticket(view, ticket) : NULL;

    value_put_bool(view->page, view->task.arena, "over",
                   ticket.size && !search);
    if (ticket.size)
        view->fields = search;
}

/* The form of our page was sent: on to the address that can be come back to. */
static bool send_on(struct view *view, const struct search *search)
{
    static const char *const name[] = {"need", "service", "where", "speaks",
                                       "q",    "open",    "type",  "page"};
    struct arena *arena = view->task.arena;
    struct value *fields = value_object(arena);
    struct str ticket;

    if (!str_equal_c(view->request->method, "POST") || view->json ||
        !ticked(view, "go"))
        return false;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (asked(view, name[i]).size)
            value_put_str(fields, arena, name[i], asked(view, name[i]));
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        if (ticked(view, wishes[i].name))
            value_put_text(fields, arena, wishes[i].name, "1");
    if (search->query.here) {
        value_put_str(fields, arena, "lat",
                      view_format(view, "%.2f", search->query.lat));
        value_put_str(fields, arena, "lon",
                      view_format(view, "%.2f", search->query.lon));
    }
    ticket = search_ticket(view, fields);
    if (!ticket.size)
        return false;
    view_redirect(view, public_path(view, view_format(view, "/directory?s=%.*s",
                                                      STR_ARGS(ticket))));
    return true;
}

/* How many searched, and in vain (INF-09): not whom for. */
static void count_search(struct view *view, const struct search *search)
{
    if (!search->asked || search->page > 1 || view->json)
        return;
    usage_count(&view->task, STR(USAGE_SEARCH), STR(""));
    if (value_to_bool(value_get(view->page, "none"), false))
        usage_count(&view->task, STR(USAGE_EMPTY), STR(""));
}

enum error directory_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *scripts = value_list(arena);
    struct search search;
    enum error error;

    open_ticket(view);
    read_search(view, &search);
    if (search.asked)
        public_forget(view);
    if (send_on(view, &search))
        return ERROR_NONE;
    if (search.query.admin1.size) {
        view->counted_area = search.query.admin1;
        value_put_str(view->page, arena, "area", search.query.admin1);
    }
    view->counted = STR("/directory");
    value_add(scripts, arena,
              value_string(arena, asset_href(view, "js/find.js")));
    value_put(view->page, arena, "scripts", scripts);
    value_put_str(view->page, arena, "map_js",
                  asset_href(view, "js/places.js"));
    value_put_str(view->page, arena, "leaflet_js",
                  asset_href(view, "js/leaflet.js"));
    value_put_str(view->page, arena, "leaflet_css",
                  asset_href(view, "css/leaflet.css"));
    value_put_str(view->page, arena, "borders",
                  asset_href(view, "map/borders.json"));
    value_put_str(view->page, arena, "towns",
                  asset_href(view, "map/towns.csv"));
    error = put_form(view, &search);
    if (!error)
        error = put_answers(view, &search);
    if (!error)
        count_search(view, &search);
    return error;
}
