/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_person.c - a person's page: how to reach her safely, what is open, who
 * is with her, and everything that happened, newest first. It also says how
 * a person looks in a list (person_card) and what a reference is called.
 */
#include "domain/proof/seen.h"
#include "web/page.h"

#include "domain/person/group.h"
#include "domain/person/merge.h"
#include "domain/person/person.h"
#include "domain/casework/today.h"
#include "web/page/casework.h"
#include "web/page/evaluation.h"
#include "web/page/timeline.h"

/* What the reader may see of it; colleagues' names are no secret here. */
static enum error ref_record(struct view *view, struct str kind, struct str id,
                             struct record *record, struct err *err)
{
    if (str_equal_c(kind, "user"))
        return record_read(&view->task.office->log, view->task.db, kind, id,
                           view->task.arena, record, err);
    return record_get(&view->task, kind, id, record, err);
}

struct str ref_text(struct view *view, struct str kind, struct str id)
{
    struct record record = {0};
    struct err err = {0};
    struct str text = STR("");

    if (str_equal_c(id, "system"))
        return STR("Cobijo");
    if (str_equal_c(kind, "person")) {
        struct person_header header = {0};

        if (role_has(view->task.actor.role, RIGHT_PERSON_READ) &&
            person_header(&view->task, id, &header, &err) == ERROR_NONE)
            return header.name;
        return str_slice(id, 0, 8);
    }
    if (ref_record(view, kind, id, &record, &err) == ERROR_NONE) {
        text = value_text_of(record.answers, "display_name");
        if (text.size == 0)
            text = value_text_of(record.answers, "name");
        if (text.size == 0)
            text = value_text_of(record.answers, "group_name");
        if (text.size == 0)
            text = value_text_of(record.answers, "code");
    }
    return text.size ? text : str_slice(id, 0, 8);
}

static void add_fact(struct buf *out, struct str fact)
{
    if (fact.size == 0)
        return;
    if (out->size > 0)
        buf_puts(out, " · ");
    buf_put(out, fact);
}

/* "34 años · Mujer · Honduras" */
static struct str header_facts(struct view *view,
                               const struct person_header *header)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    add_fact(&out, header->age);
    add_fact(&out, header->sex);
    add_fact(&out, header->nationality);
    return buf_str(&out);
}

static struct value *header_card(struct view *view,
                                 const struct person_header *header)
{
    struct arena *arena = view->task.arena;
    struct value *card = value_object(arena);

    value_put_str(card, arena, "id", header->id);
    value_put_str(card, arena, "href",
                  view_format(view, "/person/%.*s", STR_ARGS(header->id)));
    value_put_str(card, arena, "name", header->name);
    put_text_or_false(view, card, "full_name", header->full_name);
    put_text_or_false(view, card, "case_code", header->case_code);
    put_text_or_false(view, card, "age", header->age);
    put_text_or_false(view, card, "sex", header->sex);
    put_text_or_false(view, card, "nationality", header->nationality);
    put_text_or_false(view, card, "language", header->language);
    put_text_or_false(view, card, "facts", header_facts(view, header));
    value_put_bool(card, arena, "child", header->child);
    value_put_bool(card, arena, "age_in_doubt", header->age_in_doubt);
    value_put_bool(card, arena, "interpreter", header->interpreter);
    return card;
}

struct value *person_card(struct view *view, struct str id,
                          const struct value *answers)
{
    struct person_header header = {0};

    person_header_of(&view->task, id, answers, &header);
    return header_card(view, &header);
}

/* --- her page ------------------------------------------------------------- */

static void put_contact(struct view *view, const struct person_header *header)
{
    struct arena *arena = view->task.arena;
    struct value *contact = value_object(arena);
    struct str safe = header->contact_safe;

    value_put_bool(contact, arena, "no", str_equal_c(safe, "no"));
    value_put_bool(contact, arena, "unknown",
                   safe.size == 0 && header->contact_how.size == 0);
    put_text_or_false(view, contact, "text", header->contact_safe_text);
    put_text_or_false(view, contact, "how", header->contact_how);
    put_text_or_false(view, contact, "phone",
                      str_equal_c(safe, "no") ? STR("") : header->phone);
    value_put(view->data, arena, "contact", contact);
}

static struct str relation_text(struct view *view, struct str code)
{
    const struct form *form = view_form(view, "group");
    const struct question *members =
        form ? form_find(form, STR("members")) : NULL;
    const struct question *relation =
        members ? form_find_in(form, members, STR("relation")) : NULL;

    if (!relation || code.size == 0)
        return STR("");
    return answer_display(form, relation, value_string(view->task.arena, code),
                          view->task.language, view->task.arena);
}

/* Who is with her: [{name, href, facts, relation}] and what to look at. */
static enum error put_family(struct view *view, struct str person)
{
    struct arena *arena = view->task.arena;
    struct value *family = value_object(arena);
    struct value *list = value_list(arena), *hints = value_list(arena);
    struct group group = {0};
    const char *hint[8];
    size_t hint_count;
    bool found = false;
    enum error error;

    value_put_bool(view->data, arena, "family", false);
    error = group_of_person(&view->task, person, &group, &found, &view->err);
    if (error != ERROR_NONE || !found)
        return error;
    for (size_t i = 0; i < group.members; i++) {
        struct person_header header = {0};
        struct err err = {0};
        struct value *card;

        if (str_equal(group.member[i].person, person) ||
            person_header(&view->task, group.member[i].person, &header, &err) !=
                ERROR_NONE)
            continue;
        card = header_card(view, &header);
        put_text_or_false(view, card, "relation",
                          relation_text(view, group.member[i].relation));
        value_add(list, arena, card);
    }
    hint_count = group_hints(&view->task, &group, hint);
    for (size_t i = 0; i < hint_count; i++)
        value_add(hints, arena, value_string(arena, view_say(view, hint[i])));
    value_put_str(family, arena, "href",
                  view_format(view, "/record/group/%.*s", STR_ARGS(group.id)));
    value_put(family, arena, "members", list);
    value_put(family, arena, "hints", hints);
    value_put(view->data, arena, "family", family);
    return ERROR_NONE;
}

/* Files merged into this one, each with its way back. */
static enum error put_merged(struct view *view, struct str person)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct str *id = NULL;
    size_t count = 0;
    enum error error = person_ids(&view->task, person, &id, &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct record record = {0};
        struct err err = {0};

        if (str_equal(id[i], person) ||
            record_get(&view->task, STR("person"), id[i], &record, &err) !=
                ERROR_NONE)
            continue;
        value_add(list, arena, person_card(view, id[i], record.answers));
    }
    value_put(view->data, arena, "merged", list);
    error = evaluations_put(view, "person", id, count, NULL);
    if (error != ERROR_NONE)
        return error;
    return timeline_put(view, id, count, view_query(view, "kind"));
}

/* The kinds that can be added by hand here, by right. */
static void put_actions(struct view *view, struct str person)
{
    static const char *const kind[] = {"arrival", "need", "service", "journey",
                                       "consent"};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
        const struct form *form = view_form(view, kind[i]);
        struct value *item;

        if (!form ||
            !role_has(view->task.actor.role, right_to_write(str_of(kind[i]))))
            continue;
        item = value_object(arena);
        value_put_str(item, arena, "label",
                      texts_in(form, form->title, view->task.language));
        value_put_str(item, arena, "href",
                      view_format(view, "/record/%s/new?person=%.*s", kind[i],
                                  STR_ARGS(person)));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "add", list);
}

enum error person_page(struct view *view)
{
    const struct form *form = view_form(view, "person");
    struct person_header header = {0};
    struct record record = {0};
    struct value *open = NULL;
    bool seen_open = false;
    enum error error;

    error = person_header(&view->task, view->param[0], &header, &view->err);
    if (error != ERROR_NONE)
        return error;
    if (header.merged_from.size > 0 && !view->json) {
        view_redirect(view,
                      view_format(view, "/person/%.*s", STR_ARGS(header.id)));
        return ERROR_NONE;
    }
    error =
        record_get(&view->task, STR("person"), header.id, &record, &view->err);
    if (error == ERROR_NONE)
        error = person_open_items(&view->task, header.id, &open, &view->err);
    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Persona"));
    value_put(view->data, view->task.arena, "person",
              header_card(view, &header));
    value_put(view->data, view->task.arena, "answers", record.answers);
    value_put_int(view->data, view->task.arena, "clock", record.clock);
    value_put(view->data, view->task.arena, "open", open_items(view, open));
    value_put(view->page, view->task.arena, "lines",
              form ? record_view(view, form, record.answers)
                   : value_list(view->task.arena));
    value_put_str(
        view->page, view->task.arena, "reveal",
        view_format(view, "/record/person/%.*s/reveal", STR_ARGS(header.id)));
    casework_urgent_of(view, open);
    put_contact(view, &header);
    put_actions(view, header.id);
    error = seen_open_to(&view->task, header.id, &seen_open, &view->err);
    if (error != ERROR_NONE)
        return error;
    value_put_bool(view->page, view->task.arena, "seen_open", seen_open);
    error = put_family(view, header.id);
    if (error == ERROR_NONE)
        error = casework_next(view, header.id, open);
    return error == ERROR_NONE ? put_merged(view, header.id) : error;
}
