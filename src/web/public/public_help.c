/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_help.c - asking for help without an account: the form, the code word
 * told once, coming back with it. Nothing ties one page to the next but what
 * stands in its form: no cookie, nothing in the address. What she typed comes
 * back with every problem.
 */
#include "core/date.h"
#include "domain/outreach/help.h"
#include "domain/person/words.h"
#include "web/page.h"
#include "web/public/public.h"

static const char *trouble_text(enum help_trouble trouble)
{
    switch (trouble) {
    case HELP_CLOSED:
        return N_("Ahora no podemos recibir mensajes. Llame a uno de estos "
                  "números o vuelva más tarde.");
    case HELP_WAIT:
        return N_("Llegan muchos mensajes. Espere {1} segundos y envíe otra "
                  "vez. Si es urgente, llame.");
    case HELP_EMPTY:
        return N_("Escriba qué pasa, aunque sean pocas palabras.");
    case HELP_LONG:
        return N_("El mensaje es muy largo: hasta 2,000 letras. Puede mandar "
                  "lo demás después.");
    case HELP_FULL:
        return N_("Ya no caben más mensajes aquí. Empiece otro.");
    case HELP_WORD_SHORT:
        return N_("Su palabra clave necesita 6 letras o más.");
    case HELP_WORD_LONG:
        return N_("Su palabra clave es muy larga: hasta 40 letras.");
    case HELP_WORD_EASY:
        return N_("Esa palabra es fácil de adivinar. Escoja otra.");
    case HELP_PHONE:
        return N_("Escriba su número con 7 cifras o más, o elija volver con "
                  "su palabra clave.");
    case HELP_SAFE:
        return N_("Diga si es seguro que le llamemos.");
    case HELP_OTHER_WORD:
        return N_("Este mensaje ya llegó, con la palabra clave que escribió "
                  "la primera vez.");
    case HELP_NOBODY:
        return N_("No encontramos un mensaje con esas palabras. Revise cada "
                  "una. Los mensajes se borran si nadie escribe en {1} días.");
    case HELP_FINE:
        break;
    }
    return "";
}

static enum error say_trouble(struct view *view, enum help_trouble trouble,
                              int64_t seconds)
{
    enum error error = trouble == HELP_WAIT     ? ERROR_TOO_MANY
                       : trouble == HELP_CLOSED ? ERROR_CLOSED
                                                : ERROR_INPUT;
    struct str number = view_format(
        view, "%lld",
        (long long)(trouble == HELP_WAIT ? seconds : help_days(&view->task)));

    return err_set(&view->err, error, trouble_text(trouble),
                   str_c(view->task.arena, number), NULL, NULL);
}

/* --- what stands around --- */

/* Numbers to call stand first, whatever comes. */
static void around(struct view *view)
{
    struct arena *arena = view->task.arena;

    public_forget(view);
    value_put(view->data, arena, "emergency",
              public_emergency(view, public_country(view)));
    value_put_bool(view->data, arena, "open", help_open(&view->task));
    value_put_int(view->data, arena, "days", help_days(&view->task));
}

static struct str codes_sent(struct view *view, const char *name)
{
    const struct value *sent = value_get(view->fields, name);
    struct str codes = value_text(sent);

    for (size_t i = 0; i < value_count(sent); i++)
        codes =
            words_union(view->task.arena, codes, value_text(value_at(sent, i)));
    return codes;
}

/* Rows of a table as {name, label, chosen}. */
static void put_rows(struct view *view, const char *as, const char *name,
                     struct str country, struct str chosen)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, name);
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str code = catalog_cell(table, i, "name");

        if (country.size &&
            !str_equal(catalog_cell(table, i, "country"), country))
            continue;
        value_put_str(item, arena, "name", code);
        value_put_str(item, arena, "label",
                      catalog_label(table, i, "label", view->task.language));
        value_put_bool(item, arena, "chosen", words_have(chosen, code));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, as, list);
}

/* A form keeps its number, so that sending it twice is one message. */
static void put_entry(struct view *view, bool fresh)
{
    struct str entry = view_field(view, "_entry");

    if (fresh || !uuid_valid(entry))
        entry = host_uuid(view->app->office.host, view->task.arena);
    value_put_str(view->data, view->task.arena, "entry", entry);
}

static void put_typed(struct view *view)
{
    static const char *const key[] = {"text", "municipality", "phone",
                                      "contact_how", "word"};
    struct arena *arena = view->task.arena;
    struct value *typed = value_object(arena);
    struct str by = view_field(view, "answer_by");
    struct str safe = view_field(view, "safe");

    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++)
        value_put_str(typed, arena, key[i], view_field(view, key[i]));
    value_put_bool(typed, arena, "by_phone", str_equal_c(by, "telefono"));
    value_put_bool(typed, arena, "by_whatsapp", str_equal_c(by, "whatsapp"));
    value_put_bool(typed, arena, "by_code",
                   !words_have(STR("telefono whatsapp"), by));
    value_put_bool(typed, arena, "safe_yes", str_equal_c(safe, "yes"));
    value_put_bool(typed, arena, "safe_message",
                   str_equal_c(safe, "only_channel"));
    value_put_bool(typed, arena, "safe_no", str_equal_c(safe, "no"));
    value_put(view->page, arena, "typed", typed);
}

static void form_fill(struct view *view)
{
    around(view);
    put_entry(view, false);
    put_typed(view);
    put_rows(view, "needs", "help_need", STR(""), codes_sent(view, "needs"));
    put_rows(view, "states", "admin1", STR("MEX"), view_field(view, "admin1"));
}

/* A house that is closed opens again; one without a key stays as it is. */
static void say_closed(struct view *view)
{
    if (view->app->door)
        view->response->status = 503;
}

/* --- writing --- */

enum error help_page(struct view *view)
{
    form_fill(view);
    say_closed(view);
    return ERROR_NONE;
}

static struct str typed_lines(struct view *view, const char *name)
{
    struct str text = str_trim(view_field(view, name));
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c >= ' ' || c == '\n')
            buf_putc(&out, text.at[i]);
    }
    return buf_str(&out);
}

static void told_once(struct view *view, const struct help_told *told)
{
    struct arena *arena = view->task.arena;

    view->data = value_object(arena); /* of the form nothing goes along */
    around(view);
    value_put_str(view->data, arena, "code", told->code);
    value_put_str(view->data, arena, "ticket",
                  help_ticket(&view->task, told->request));
    view->template = "public_help_code";
}

enum error help_post(struct view *view)
{
    struct help_wish wish = {.needs = codes_sent(view, "needs"),
                             .admin1 = view_field(view, "admin1"),
                             .municipality = typed_lines(view, "municipality"),
                             .answer_by = view_field(view, "answer_by"),
                             .phone = typed_lines(view, "phone"),
                             .safe = view_field(view, "safe"),
                             .contact_how = typed_lines(view, "contact_how"),
                             .text = typed_lines(view, "text"),
                             .word = str_trim(view_field(view, "word")),
                             .entry = view_field(view, "_entry"),
                             .address = view->request->address};
    struct help_told told = {0};
    enum error error;

    form_fill(view);
    if (!uuid_valid(wish.entry))
        wish.entry = value_text_of(view->data, "entry");
    error = help_write(&view->task, &wish, &told, &view->err);
    if (!error && told.trouble == HELP_FINE) {
        told_once(view, &told);
        return ERROR_NONE;
    }
    if (!error)
        error = say_trouble(view, told.trouble, told.seconds);
    return view_again(view, "public_help", error);
}

/* --- coming back --- */

static void back_fill(struct view *view)
{
    around(view);
    value_put_bool(view->page, view->task.arena, "gone", false);
}

enum error help_back_page(struct view *view)
{
    back_fill(view);
    say_closed(view);
    return ERROR_NONE;
}

/* A day and a clock, which every language reads. */
static struct str stamp(struct view *view, struct str text)
{
    int64_t at = 0;
    int second;

    if (!instant_parse(text, &at))
        return STR("");
    second = instant_second(at, view->task.utc_offset);
    return view_format(
        view, "%.*s %02d:%02d",
        STR_ARGS(day_text(view, instant_day(at, view->task.utc_offset))),
        second / 3600, second / 60 % 60);
}

static struct value *messages_for_her(struct view *view,
                                      const struct value *shown)
{
    struct arena *arena = view->task.arena;
    const struct value *all = value_get(shown, "messages");
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *one = value_at(all, i);
        struct value *item = value_object(arena);

        value_put_bool(item, arena, "hers",
                       value_to_bool(value_get(one, "hers"), false));
        value_put_str(item, arena, "text", value_text_of(one, "text"));
        value_put_str(item, arena, "at", value_text_of(one, "at"));
        value_put_str(item, arena, "when",
                      stamp(view, value_text_of(one, "at")));
        value_add(list, arena, item);
    }
    return list;
}

/* The conversation; nothing of who in the house did what. */
static enum error talk_fill(struct view *view, struct str request)
{
    struct arena *arena = view->task.arena;
    struct value *shown = NULL;
    struct str asked, consent;
    enum error error =
        help_show(&view->task, request, false, &shown, &view->err);

    if (error)
        return error;
    view->data = value_object(arena);
    around(view);
    asked = value_text_of(shown, "asked_at");
    consent = value_text_of(shown, "consent");
    value_put_str(view->data, arena, "ticket",
                  help_ticket(&view->task, request));
    value_put(view->data, arena, "messages", messages_for_her(view, shown));
    value_put_bool(view->data, arena, "waiting",
                   value_text_of(shown, "waiting_since").size > 0);
    value_put_bool(view->data, arena, "asked", asked.size > 0 && !consent.size);
    value_put_bool(view->data, arena, "agreed", str_equal_c(consent, "yes"));
    value_put_bool(view->data, arena, "declined",
                   asked.size > 0 && str_equal_c(consent, "no"));
    value_put_bool(view->data, arena, "file",
                   value_text_of(shown, "person").size > 0);
    value_put_str(view->page, arena, "typed", STR(""));
    put_entry(view, true);
    view->template = "public_help_talk";
    return ERROR_NONE;
}

/* What she pressed; *gone: there is nothing any more. */
static enum error act(struct view *view, struct str request, bool *gone,
                      enum help_trouble *trouble)
{
    struct task *task = &view->task;
    struct str what = view_field(view, "do"),
               entry = view_field(view, "_entry");

    if (str_equal_c(what, "write"))
        return help_add(task, request, typed_lines(view, "text"),
                        uuid_valid(entry) ? entry : STR(""), trouble,
                        &view->err);
    if (str_equal_c(what, "yes") || str_equal_c(what, "no"))
        return help_consent(task, request, str_equal_c(what, "yes"),
                            &view->err);
    if (str_equal_c(what, "delete")) {
        *gone = true;
        return help_erase(task, request, &view->err);
    }
    return ERROR_NONE;
}

static enum error by_ticket(struct view *view, struct str request)
{
    enum help_trouble trouble = HELP_FINE;
    struct str typed = view_field(view, "text");
    bool gone = false;
    enum error error = act(view, request, &gone, &trouble), shown;
    struct err first = view->err;

    if (!error && gone) {
        around(view);
        value_put_bool(view->page, view->task.arena, "gone", true);
        value_put_bool(view->data, view->task.arena, "deleted", true);
        return ERROR_NONE;
    }
    if (error == ERROR_NOT_FOUND || error_status(error) >= 500)
        return error;
    shown = talk_fill(view, request);
    if (shown || (!error && trouble == HELP_FINE))
        return shown;
    value_put_str(view->page, view->task.arena, "typed", typed);
    view->err = first;
    return view_again(view, "public_help_talk",
                      error ? error : say_trouble(view, trouble, 60));
}

enum error help_back_post(struct view *view)
{
    struct str ticket = view_field(view, "ticket"), request = STR("");
    struct help_told told = {0};
    enum error error = ERROR_NONE;

    back_fill(view);
    if (ticket.size) {
        request = help_ticket_open(&view->task, ticket);
        error = request.size ? by_ticket(view, request) : ERROR_NOT_FOUND;
        if (error != ERROR_NOT_FOUND)
            return error;
        view->err = (struct err){0};
        err_set(&view->err, ERROR_INPUT,
                N_("Pasó media hora o ya se borró. Escriba otra vez sus tres "
                   "palabras."),
                NULL, NULL, NULL);
        return view_again(view, "public_help_back", ERROR_INPUT);
    }
    error = help_come_back(&view->task, view_field(view, "code"),
                           view->request->address, &told, &view->err);
    if (!error && told.trouble == HELP_FINE)
        error = talk_fill(view, told.request);
    else if (!error)
        error = view_again(view, "public_help_back",
                           say_trouble(view, told.trouble, told.seconds));
    return error;
}
