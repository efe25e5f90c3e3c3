/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_register.c - somebody arrives: a person, and with her whoever she
 * travels with, in one go. Who she might be already is shown while her name
 * is typed and asked about once more before a likely double is saved. What a
 * family shares is asked once.
 */
#include "web/page/casework.h"
#include "web/page.h"

#include "domain/outreach/help.h"
#include "domain/person/group.h"
#include "domain/person/match.h"
#include "domain/person/person.h"

enum { FAMILY_MOST = 30, MATCHES_SHOWN = 6 };

/* The first person's questions, in four parts of the page. */
static const char *const name_keys[] = {"given_names", "first_surname",
                                        "second_surname", NULL};
static const char *const alias_keys[] = {"anonymity_level", "alias", NULL};
static const char *const head_keys[] = {
    "sex",           "birth_date",         "age_years",
    "age_source",    "nationality",        "country_of_birth",
    "language_main", "interpreter_needed", NULL};
static const char *const safe_keys[] = {"phone", "safe_to_contact",
                                        "contact_how", NULL};
static const char *const member_keys[] = {
    "given_names", "first_surname", "second_surname",
    "sex",         "birth_date",    "age_years",
    NULL};
/* what the others have like the first, unless they say otherwise */
static const char *const shared_keys[] = {"nationality",     "country_of_birth",
                                          "language_main",   "phone",
                                          "safe_to_contact", "contact_how"};
static const char *const arrival_keys[] = {"arrival_type", "bracelet", NULL};
static const char *const consent_keys[] = {"given", NULL};

/* What the page was filled in with. */
struct arriving {
    const struct form *person, *group, *arrival, *consent;
    struct value *answers; /* of the first */
    struct value *member[FAMILY_MOST];
    struct str relation[FAMILY_MOST]; /* to the first */
    size_t members;
    struct value *arrived, *agreed;
    struct str with; /* somebody already here: her family */
};

static bool arriving_init(struct view *view, struct arriving *a)
{
    *a = (struct arriving){.person = view_form(view, "person"),
                           .group = view_form(view, "group"),
                           .arrival = view_form(view, "arrival"),
                           .consent = view_form(view, "consent")};
    if (a->person && a->group && a->arrival && a->consent)
        return true;
    err_set(&view->err, ERROR_NOT_FOUND,
            N_("Falta un formulario: person, group, arrival o consent."), NULL,
            NULL, NULL);
    return false;
}

static struct str member_base(struct view *view, size_t index)
{
    return view_format(view, "family.%zu.", index);
}

/* The relation stands beside the answers of a member, not among them. */
static struct str take_relation(struct view *view, struct value *member,
                                struct str base)
{
    struct str name = str_join(view->task.arena, base, STR("relation"));
    struct str relation = value_text_of(member, "relation");

    if (relation.size == 0)
        relation = view_field(view, str_c(view->task.arena, name));
    value_remove(member, STR("relation"));
    return relation;
}

static void arriving_read(struct view *view, struct arriving *a)
{
    static const char *const other[] = {"family", "arrival",  "consent",
                                        "with",   "relation", "help"};

    for (size_t i = 0; i < FAMILY_MOST; i++) {
        struct str base = member_base(view, i);
        struct value *member = view_answers_part(view, a->person, base);

        if (!member)
            break;
        a->relation[a->members] = take_relation(view, member, base);
        a->member[a->members++] = member;
    }
    a->arrived = view_answers_part(view, a->arrival, STR("arrival."));
    a->agreed = view_answers_part(view, a->consent, STR("consent."));
    a->with = view_field(view, "with");
    a->answers = view_answers(view, a->person);
    for (size_t i = 0; i < value_count(a->answers);) {
        struct str name = value_name_at(a->answers, i);
        bool ours = str_find_char(name, '.') != SIZE_MAX;

        for (size_t k = 0; k < sizeof other / sizeof other[0]; k++)
            ours = ours || str_equal_c(name, other[k]);
        if (ours)
            value_remove(a->answers, name);
        else
            i++;
    }
}

/* --- matches -------------------------------------------------------------- */

enum error match_put(struct view *view, const struct value *draft,
                     struct str self, size_t most, bool *probable)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct match *match = NULL;
    size_t count = 0;
    enum error error = person_matches(&view->task, draft, self, most, &match,
                                      &count, &view->err);

    *probable = false;
    value_put(view->data, arena, "matches", list);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *card = person_card(view, match[i].id, match[i].answers);
        const struct value *why =
            match_view(&match[i], arena, view->task.translator);

        value_put(card, arena, "reasons", value_get(why, "reasons"));
        value_put_bool(card, arena, "probable",
                       match[i].zone == MATCH_PROBABLE);
        value_add(list, arena, card);
        *probable = *probable || match[i].zone == MATCH_PROBABLE;
    }
    return ERROR_NONE;
}

enum error match_post(struct view *view)
{
    const struct form *form = view_form(view, "person");
    bool probable;

    view_title(view, N_("Coincidencias"));
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    return match_put(view, view_answers(view, form), STR(""), MATCHES_SHOWN,
                     &probable);
}

/* --- the page ------------------------------------------------------------- */

static void put_relations(struct view *view, const struct arriving *a,
                          struct value *to, struct str chosen)
{
    struct arena *arena = view->task.arena;
    const struct question *members = form_find(a->group, STR("members"));
    const struct question *relation =
        members ? form_find_in(a->group, members, STR("relation")) : NULL;
    struct value *list = value_list(arena);

    for (size_t i = 0;
         relation && relation->choices && i < relation->choices->count; i++) {
        const struct choice *choice = &relation->choices->choice[i];
        struct value *item;

        if (str_equal_c(choice->name, "titular"))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "name", choice->name);
        value_put_str(item, arena, "label",
                      texts_in(a->group, choice->label, view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(chosen, choice->name));
        value_add(list, arena, item);
    }
    value_put(to, arena, "relations", list);
}

static void put_family(struct view *view, const struct arriving *a,
                       const struct registered *result)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < a->members; i++) {
        struct value *item = value_object(arena);
        struct form_part part = {.answers = a->member[i],
                                 .only = member_keys,
                                 .base = member_base(view, i)};

        if (result && result->wrong == i + 1) {
            part.problem = result->problem;
            part.problems = result->problems;
        }
        value_put(item, arena, "part", form_view_part(view, a->person, &part));
        value_put_str(item, arena, "base", part.base);
        value_put_int(item, arena, "number", (int64_t)i + 2);
        value_put_int(item, arena, "index", (int64_t)i);
        put_relations(view, a, item, a->relation[i]);
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "family", list);
}

static void put_with(struct view *view, const struct arriving *a)
{
    struct arena *arena = view->task.arena;
    struct person_header header = {0};
    struct err err = {0};
    struct value *with;

    value_put_bool(view->page, arena, "with", false);
    if (a->with.size == 0 ||
        person_header(&view->task, a->with, &header, &err) != ERROR_NONE)
        return;
    with = value_object(arena);
    value_put_str(with, arena, "id", header.id);
    value_put_str(with, arena, "name", header.name);
    put_relations(view, a, with, view_field(view, "relation"));
    value_put(view->page, arena, "with", with);
}

static void put_first(struct view *view, const struct arriving *a,
                      const struct registered *result)
{
    static const struct {
        const char *name;
        const char *const *only;
    } part[] = {{"name", name_keys},
                {"alias", alias_keys},
                {"head", head_keys},
                {"safe", safe_keys}};

    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        struct form_part now = {.answers = a->answers, .only = part[i].only};

        if (result && result->wrong == 0) {
            now.problem = result->problem;
            now.problems = result->problems;
        }
        value_put(view->page, view->task.arena, part[i].name,
                  form_view_part(view, a->person, &now));
    }
}

/* result: NULL, or what person_register said was wrong. */
static void register_fill(struct view *view, const struct arriving *a,
                          const struct registered *result)
{
    struct arena *arena = view->task.arena;
    struct form_part arrived = {.answers =
                                    view_defaults(view, a->arrival, a->arrived),
                                .only = arrival_keys,
                                .base = STR("arrival.")};
    struct form_part agreed = {
        .answers = a->agreed, .only = consent_keys, .base = STR("consent.")};
    struct form_part *wrong = NULL;

    if (result && result->form == a->arrival)
        wrong = &arrived;
    else if (result && result->form == a->consent)
        wrong = &agreed;
    if (wrong) {
        wrong->problem = result->problem;
        wrong->problems = result->problems;
    }
    view_title(view, N_("Registrar"));
    view_stamp(view, STR(""), 0);
    put_first(view, a, result);
    value_put(view->page, arena, "arrival",
              form_view_part(view, a->arrival, &arrived));
    value_put(view->page, arena, "consent",
              form_view_part(view, a->consent, &agreed));
    put_family(view, a, result);
    put_with(view, a);
    casework_notice(view);
    if (!value_get(view->data, "matches"))
        value_put(view->data, arena, "matches", value_list(arena));
    if (!value_get(view->page, "ask"))
        value_put_bool(view->page, arena, "ask", false);
}

/* A new member of somebody's family begins with what they share. */
static void share_from(struct view *view, struct arriving *a)
{
    struct record record = {0};
    struct err err = {0};

    if (record_get(&view->task, STR("person"), a->with, &record, &err) !=
        ERROR_NONE)
        return;
    for (size_t i = 0; i < sizeof shared_keys / sizeof shared_keys[0]; i++) {
        const struct value *answer = value_get(record.answers, shared_keys[i]);

        if (answer)
            value_put(a->answers, view->task.arena, shared_keys[i], answer);
    }
}

enum error register_page(struct view *view)
{
    struct arriving a;
    bool posted = str_equal_c(view->request->method, "POST");
    struct str name =
        posted ? view_field(view, "name") : view_query(view, "name");

    if (!arriving_init(view, &a))
        return view->err.code;
    a.answers = value_object(view->task.arena);
    a.with = view_query(view, "with");
    if (a.with.size > 0)
        share_from(view, &a);
    if (help_desk_file(view, view_query(view, "help"), a.answers))
        return view->err.code;
    if (name.size > 0) {
        struct name split = {0};

        if (name_split(task_names(&view->task), view->task.arena, name,
                       NAME_SPANISH, &split)) {
            value_put_str(a.answers, view->task.arena, "given_names",
                          split.given);
            value_put_str(a.answers, view->task.arena, "first_surname",
                          split.first_surname);
            value_put_str(a.answers, view->task.arena, "second_surname",
                          split.second_surname);
        }
    }
    a.answers =
        value_copy(view_defaults(view, a.person, a.answers), view->task.arena);
    register_fill(view, &a, NULL);
    return ERROR_NONE;
}

/* --- saving --------------------------------------------------------------- */

static bool pressed(struct view *view, struct arriving *a)
{
    struct str drop = view_field(view, "_remove");
    int64_t index;

    if (str_equal_c(view_field(view, "_add"), "family")) {
        if (a->members < FAMILY_MOST - 1)
            a->member[a->members++] = value_object(view->task.arena);
        return true;
    }
    if (!str_starts(drop, STR("family.")) ||
        !str_to_int(str_slice(drop, 7, drop.size), &index) || index < 0 ||
        (size_t)index >= a->members)
        return false;
    for (size_t i = (size_t)index; i + 1 < a->members; i++) {
        a->member[i] = a->member[i + 1];
        a->relation[i] = a->relation[i + 1];
    }
    a->members--;
    return true;
}

static const struct value *shared_of(struct view *view,
                                     const struct arriving *a)
{
    struct value *shared = value_object(view->task.arena);

    for (size_t i = 0; i < sizeof shared_keys / sizeof shared_keys[0]; i++) {
        const struct value *answer = value_get(a->answers, shared_keys[i]);

        if (value_text(answer).size > 0)
            value_put(shared, view->task.arena, shared_keys[i], answer);
    }
    return shared;
}

static enum error arriving_save(struct view *view, const struct arriving *a,
                                struct registered *result)
{
    struct arena *arena = view->task.arena;
    const struct value *person[FAMILY_MOST + 1];
    struct str relation[FAMILY_MOST + 1] = {{0}};
    struct registration registration = {.person = person,
                                        .count = a->members + 1};
    struct value *group = value_object(arena);
    struct str entry = view_field(view, "_entry");

    person[0] = a->answers;
    for (size_t i = 0; i < a->members; i++) {
        person[i + 1] = a->member[i];
        relation[i + 1] = a->relation[i];
    }
    if (a->members > 0) {
        value_put_text(group, arena, "group_type", "familia");
        registration.group = group;
        registration.relation = relation;
        registration.shared = shared_of(view, a);
    }
    registration.arrival = a->arrived;
    if (value_text_of(a->agreed, "given").size > 0) {
        value_put_text(a->agreed, arena, "purpose", "atencion_local");
        registration.consent = a->agreed;
    }
    if (uuid_valid(entry))
        registration.entry = entry;
    return person_register(&view->task, &registration, result, &view->err);
}

/* She belongs to the family of somebody who was here before. */
static enum error join_family(struct view *view, const struct arriving *a,
                              struct str person)
{
    struct arena *arena = view->task.arena;
    struct value *answers = value_object(arena), *members = value_list(arena);
    struct value *row = value_object(arena);
    struct save save = {.kind = STR("group"), .input = answers};
    struct saved saved = {0};
    struct group group = {0};
    bool found = false;
    enum error error =
        group_of_person(&view->task, a->with, &group, &found, &view->err);

    if (error != ERROR_NONE)
        return error;
    if (found) {
        const struct value *rows = value_get(group.answers, "members");

        save.id = group.id;
        save.base = group.clock;
        for (size_t i = 0; i < value_count(rows); i++)
            value_add(members, arena, value_at(rows, i));
    } else {
        struct value *head = value_object(arena);

        value_put_str(head, arena, "person", a->with);
        value_put_text(head, arena, "relation", "titular");
        value_add(members, arena, head);
        value_put_text(answers, arena, "group_type", "familia");
        value_put_str(answers, arena, "head_person", a->with);
    }
    value_put_str(row, arena, "person", person);
    if (view_field(view, "relation").size > 0)
        value_put_str(row, arena, "relation", view_field(view, "relation"));
    value_add(members, arena, row);
    value_put(answers, arena, "members", members);
    return record_save(&view->task, &save, &saved, &view->err);
}

static void register_done(struct view *view, const struct registered *result)
{
    struct arena *arena = view->task.arena;
    struct value *ids = value_list(arena);
    struct str path =
        view_format(view, "/person/%.*s", STR_ARGS(result->person[0]));

    for (size_t i = 0; i < result->count; i++)
        value_add(ids, arena, value_string(arena, result->person[i]));
    value_put(view->data, arena, "persons", ids);
    value_put_str(view->data, arena, "group", result->group);
    if (str_equal_c(view_field(view, "_next"), "another") && !view->json)
        view_redirect_said(view, STR("/person/new"), "registered");
    else if (view->json)
        view_created(view, path, result->person[0]);
    else
        view_redirect_said(view, path, "registered");
}

enum error register_post(struct view *view)
{
    struct registered result = {.wrong = SIZE_MAX};
    struct arriving a;
    bool probable = false;
    enum error error;
    struct err first;

    if (!arriving_init(view, &a))
        return view->err.code;
    arriving_read(view, &a);
    if (help_desk_file(view, view_field(view, "help"), a.answers)) {
        if (view->err.code != ERROR_CONFLICT) /* sent twice: it is filed */
            return view->err.code;
        view->err = (struct err){0};
    }
    if (pressed(view, &a)) {
        register_fill(view, &a, NULL);
        return ERROR_NONE;
    }
    if (view_field(view, "_confirm").size == 0 && !view->json) {
        error = match_put(view, a.answers, STR(""), MATCHES_SHOWN, &probable);
        if (error != ERROR_NONE)
            return error;
        if (probable) {
            value_put_bool(view->page, view->task.arena, "ask", true);
            register_fill(view, &a, NULL);
            err_set(&view->err, ERROR_CONFLICT,
                    N_("Quizá ya está registrada. Mire las coincidencias "
                       "antes de guardar."),
                    NULL, NULL, NULL);
            return view_again(view, "register", ERROR_CONFLICT);
        }
    }
    error = arriving_save(view, &a, &result);
    if (error == ERROR_NONE && a.with.size > 0 && !result.repeated)
        error = join_family(view, &a, result.person[0]);
    if (error == ERROR_NONE && uuid_valid(view_field(view, "help")))
        error = help_filed(&view->task, view_field(view, "help"),
                           result.person[0], &view->err);
    if (error == ERROR_NONE) {
        register_done(view, &result);
        return ERROR_NONE;
    }
    view->problem = result.problem;
    view->problems = result.problems;
    if (error_status(error) >= 500)
        return error;
    first = view->err;
    register_fill(view, &a, &result);
    view->err = first;
    return view_again(view, "register", error);
}
