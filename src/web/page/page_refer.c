/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_refer.c - choosing where to send a person: the places of the directory
 * that fit, nearest and open first, each with why; what does not fit or what
 * a protection rule refuses stands last with its reason. Choosing one makes a
 * draft; nothing leaves the house here.
 */
#include "core/date.h"
#include "domain/referral/referral.h"
#include "domain/casework/today.h"
#include "web/page/casework.h"

/* -- the list -------------------------------------------------------------- */

static void put_facts(struct view *view, struct value *item,
                      const struct proposal *proposal)
{
    struct arena *arena = view->task.arena;
    struct str distance = STR(""), verified = STR("");
    struct date date;

    if (proposal->distance_km >= 0)
        distance = view_say_with(
            view, N_("a {1} km"),
            proposal->distance_km < 10
                ? view_format(view, "%.1f", proposal->distance_km)
                : view_format(view, "%.0f", proposal->distance_km));
    if (date_parse_whole(proposal->verified_on, &date))
        verified = view_say_with(view, N_("Verificado el {1}"),
                                 day_text(view, date_to_day(date)));
    put_text_or_false(view, item, "distance", distance);
    if (verified.size == 0)
        verified = view_say(view, N_("Sin verificar"));
    value_put_str(item, arena, "verified", verified);
    value_put_bool(item, arena, "open", proposal->open_now == 1);
    value_put_bool(item, arena, "closed", proposal->open_now == 0);
    value_put_bool(item, arena, "opinion",
                   str_equal_c(proposal->consent, "opinion"));
    value_put_bool(item, arena, "fits", proposal->fits);
    put_text_or_false(view, item, "why_not",
                      proposal->why_not ? view_say(view, proposal->why_not)
                                        : STR(""));
    value_put_bool(item, arena, "blocked", proposal->blocked);
    put_text_or_false(view, item, "blocked_why",
                      proposal->blocked_why
                          ? view_say(view, proposal->blocked_why)
                          : STR(""));
}

static struct value *proposal_item(struct view *view,
                                   const struct proposal *proposal)
{
    struct arena *arena = view->task.arena;
    const struct catalog *catalog = view->app->office.catalog;
    const struct host *host = view->app->office.host;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "place", proposal->place);
    value_put_str(item, arena, "name", proposal->name);
    value_put_str(
        item, arena, "href",
        view_format(view, "/record/place/%.*s", STR_ARGS(proposal->place)));
    value_put_str(item, arena, "type",
                  catalog_name(catalog, "place_type", proposal->place_type,
                               view->task.language));
    value_put_str(item, arena, "service_code", proposal->service_code);
    put_text_or_false(view, item, "service",
                      proposal->service_code.size
                          ? catalog_name(catalog, "service",
                                         proposal->service_code,
                                         view->task.language)
                          : STR(""));
    value_put_str(item, arena, "because", proposal->because);
    value_put_str(item, arena, "because_label",
                  reason_text(view, proposal->because));
    put_facts(view, item, proposal);
    value_put_str(item, arena, "entry", host_uuid(host, arena));
    value_put_str(item, arena, "record", host_uuid(host, arena));
    value_put_bool(item, arena, "first", false);
    return item;
}

static enum error put_proposals(struct view *view, struct str person,
                                struct str code)
{
    struct arena *arena = view->task.arena;
    struct value *good = value_list(arena), *other = value_list(arena);
    struct proposal *proposal = NULL;
    size_t count = 0;
    enum error error = referral_propose(&view->task, person, code, &proposal,
                                        &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *item = proposal_item(view, &proposal[i]);
        bool fine = proposal[i].fits && !proposal[i].blocked;

        if (fine && value_count(good) == 0)
            value_put_bool(item, arena, "first", true);
        value_add(fine ? good : other, arena, item);
    }
    value_put(view->data, arena, "proposals", good);
    value_put(view->data, arena, "others", other);
    value_put_int(view->data, arena, "proposal_count",
                  (int64_t)value_count(good));
    value_put_int(view->data, arena, "other_count",
                  (int64_t)value_count(other));
    return ERROR_NONE;
}

/* -- what for -------------------------------------------------------------- */

static void add_reasons(struct view *view, struct value *list,
                        const struct value *items, struct str person,
                        struct str code)
{
    struct arena *arena = view->task.arena;

    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *open = value_at(items, i);
        struct str own = value_text_of(open, "code");
        struct value *item = value_object(arena);

        value_put_str(item, arena, "code", own);
        value_put_str(item, arena, "label", value_text_of(open, "label"));
        value_put_str(item, arena, "href",
                      view_format(view, "/person/%.*s/refer?code=%.*s",
                                  STR_ARGS(person),
                                  STR_ARGS(path_escape(arena, own))));
        value_put_bool(item, arena, "current", str_equal(own, code));
        value_add(list, arena, item);
    }
}

static enum error put_reasons(struct view *view, struct str person,
                              struct str code)
{
    static const char *const kinds[] = {"flags", "profiles", "needs"};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *open = NULL;
    enum error error =
        person_open_items(&view->task, person, &open, &view->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        add_reasons(view, list, value_get(open, kinds[i]), person, code);
    value_put(view->data, arena, "reasons", list);
    value_put_bool(view->page, arena, "has_reasons", value_count(list) > 0);
    put_text_or_false(view, view->data, "code_label", reason_text(view, code));
    value_put_str(view->data, arena, "code", code);
    return ERROR_NONE;
}

static enum error refer_show(struct view *view, struct str code,
                             const struct value *typed)
{
    static const char *const only[] = {"to_name", "to_type", "to_consulate_of",
                                       "service_code", NULL};
    struct str person = view->param[0];
    enum error error;

    if ((error = casework_person(view, person)) ||
        (error = put_proposals(view, person, code)) ||
        (error = put_reasons(view, person, code)))
        return error;
    value_put(view->page, view->task.arena, "form",
              form_view(view, view_form(view, "referral"), typed, view->problem,
                        view->problems, only));
    value_put_bool(view->page, view->task.arena, "typed", typed != NULL);
    view_stamp(view, STR(""), 0);
    view_title(view, N_("Referir"));
    return ERROR_NONE;
}

enum error refer_page(struct view *view)
{
    return refer_show(view, view_query(view, "code"), NULL);
}

/* -- the draft ------------------------------------------------------------- */

static int urgency_rank(struct str urgency)
{
    return urgency.size == 2 && urgency.at[0] == 'U' ? urgency.at[1] - '0' : 9;
}

/* As urgent as the open flags that ask for it; a profile's own flags count
 * for it. */
static struct str draft_urgency(struct view *view, const struct value *open,
                                struct str code)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "profile");
    size_t row = table && code.size ? catalog_find(table, code) : SIZE_MAX;
    struct str own =
        row == SIZE_MAX ? STR("") : catalog_cell(table, row, "flags");
    const struct value *flags = value_get(open, "flags");
    struct str urgency = row == SIZE_MAX ? STR("U3") : STR("U2");

    for (size_t i = 0; i < value_count(flags); i++) {
        const struct value *flag = value_at(flags, i);
        struct str flag_code = value_text_of(flag, "code");

        if (code.size && !str_equal(flag_code, code) &&
            str_find(own, flag_code) == SIZE_MAX)
            continue;
        if (urgency_rank(value_text_of(flag, "urgency")) <
            urgency_rank(urgency))
            urgency = value_text_of(flag, "urgency");
    }
    return urgency;
}

static struct str open_needs(struct view *view, const struct value *open)
{
    const struct value *needs = value_get(open, "needs");
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < value_count(needs); i++) {
        struct str code = value_text_of(value_at(needs, i), "code");

        if (code.size == 0 || str_find(buf_str(&out), code) != SIZE_MAX)
            continue;
        if (out.size > 0)
            buf_putc(&out, ' ');
        buf_put(&out, code);
    }
    return buf_str(&out);
}

static enum error draft_input(struct view *view, struct value *input)
{
    static const char *const keys[] = {"to_place", "to_name", "to_type",
                                       "to_consulate_of", "service_code"};
    struct arena *arena = view->task.arena;
    const struct catalog_table *profiles =
        catalog_table(view->app->office.catalog, "profile");
    struct str code = view_field(view, "code");
    struct value *open = NULL;
    struct str needs;
    enum error error =
        person_open_items(&view->task, view->param[0], &open, &view->err);

    if (error != ERROR_NONE)
        return error;
    value_put_str(input, arena, "person", view->param[0]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (view_field(view, keys[i]).size > 0)
            value_put_str(input, arena, keys[i],
                          str_trim(view_field(view, keys[i])));
    value_put_str(input, arena, "urgency", draft_urgency(view, open, code));
    if (profiles && code.size && catalog_find(profiles, code) != SIZE_MAX)
        value_put_str(input, arena, "profile_basis", code);
    needs = open_needs(view, open);
    if (needs.size > 0)
        value_put_str(input, arena, "needs", needs);
    return ERROR_NONE;
}

enum error refer_post(struct view *view)
{
    struct value *input = value_object(view->task.arena);
    struct save save = {.kind = STR("referral"), .input = input};
    struct saved saved = {0};
    struct err why;
    enum error error = draft_input(view, input);

    if (error != ERROR_NONE)
        return error;
    view_save(view, &save);
    if (value_text_of(input, "to_place").size == 0 &&
        value_text_of(input, "to_name").size == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Elija a quién se refiere."), NULL, NULL, NULL);
    else if (value_text_of(input, "to_place").size == 0 &&
             value_text_of(input, "to_type").size == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Diga qué tipo de organización es: a algunas no se "
                           "les envía nada."),
                        NULL, NULL, NULL);
    else
        error = record_save(&view->task, &save, &saved, &view->err);
    if (error == ERROR_NONE) {
        view_created(view,
                     view_format(view, "/referral/%.*s", STR_ARGS(saved.id)),
                     saved.id);
        return ERROR_NONE;
    }
    why = view->err;
    view->problem = saved.problem;
    view->problems = saved.problems;
    if (error_status(error) >= 500 ||
        refer_show(view, view_field(view, "code"), input) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "refer", error);
}
