/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* timeline.c - entries of the log for people to read: when, what, who, and a
 * few of the answers. Answers that the reader's role may not read and
 * sensitive ones never get here.
 */
#include "web/page/timeline.h"

#include "domain/proof/seen.h"
#include "core/clock.h"
#include "web/page/casework.h"
#include "core/date.h"

enum { TIMELINE_MOST = 60, SUMMARY_PARTS = 4 };

struct names { /* of authors, asked once each */
    struct str id[32], name[32];
    size_t count;
};

static struct str author_name(struct view *view, struct names *names,
                              struct str id)
{
    struct str name;

    for (size_t i = 0; i < names->count; i++)
        if (str_equal(names->id[i], id))
            return names->name[i];
    if (str_starts(id, STR("link:")) || str_starts(id, STR("grant:")))
        name = view_say(view, N_("quien recibió la referencia"));
    else if (str_starts(id, STR("device:")))
        name = str_slice(id, 7, id.size);
    else
        name = ref_text(view, STR("user"), id);
    if (names->count < 32) {
        names->id[names->count] = id;
        names->name[names->count++] = name;
    }
    return name;
}

static const char *op_text(enum entry_op op)
{
    switch (op) {
    case OP_CREATE:
        return N_("Nuevo");
    case OP_UPDATE:
        return N_("Cambio");
    case OP_CLOSE:
        return N_("Cierre");
    case OP_SHARE:
        return N_("Compartido");
    case OP_ERASE:
        return N_("Borrado");
    }
    return N_("Cambio");
}

static const struct form *entry_form(struct view *view,
                                     const struct entry *entry)
{
    const struct forms *forms = view->app->office.forms;
    const struct form *form =
        forms_find(forms, entry->kind, entry->form_version);

    return form ? form : forms_find(forms, entry->kind, STR_NULL);
}

/* A version may have closed since then what the entry's own left open. */
static bool closed_since(struct view *view, struct str kind, struct str key)
{
    const struct question *now =
        form_find(forms_find(view->app->office.forms, kind, STR_NULL), key);

    return now && (str_equal_c(now->class, "SEN") ||
                   !role_reads(view->task.actor.role, now));
}

/* New: some of the answers. Change: what changed, and to what where lists
 * show it. */
static struct str entry_summary(struct view *view, const struct form *form,
                                const struct entry *entry)
{
    struct buf out;
    size_t parts = 0;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; form && i < form->question_count; i++) {
        const struct question *question = form->question[i];
        const struct value *answer = value_get_str(entry->body, question->key);

        if (!answer || question->repeat || !question_has_value(question) ||
            question->system || question->ref.size > 0 ||
            str_equal_c(question->class, "SEN") ||
            (entry->op == OP_CREATE && !question->listed) ||
            !role_reads(view->task.actor.role, question) ||
            closed_since(view, form->name, question->key))
            continue;
        if (parts++ == SUMMARY_PARTS) {
            buf_puts(&out, " …");
            break;
        }
        if (out.size > 0)
            buf_puts(&out, " · ");
        if (entry->op != OP_CREATE)
            buf_put(&out, texts_in(form, question->label, view->task.language));
        if (entry->op != OP_CREATE && question->listed)
            buf_puts(&out, ": ");
        if (question->listed)
            buf_put(&out,
                    answer_display(form, question, answer, view->task.language,
                                   view->task.arena));
    }
    return buf_str(&out);
}

static struct value *entry_item(struct view *view, struct names *names,
                                const struct entry *entry)
{
    struct arena *arena = view->task.arena;
    const struct form *form = entry_form(view, entry);
    struct value *item = value_object(arena);
    int64_t instant = clock_instant(entry->clock);

    value_put_str(item, arena, "at", instant_text(arena, instant));
    value_put_str(item, arena, "when", when_text(view, instant));
    value_put_str(item, arena, "kind", entry->kind);
    value_put_str(item, arena, "kind_label",
                  form ? texts_in(form, form->title, view->task.language)
                       : entry->kind);
    value_put_str(item, arena, "what",
                  view_say(view, value_get(entry->body, "_reveal")
                                     ? N_("Se mostró una respuesta delicada")
                                     : op_text(entry->op)));
    value_put_bool(item, arena, "new", entry->op == OP_CREATE);
    value_put_str(item, arena, "who", author_name(view, names, entry->author));
    value_put_str(item, arena, "summary", entry_summary(view, form, entry));
    value_put_str(item, arena, "href",
                  record_href(view, entry->kind, entry->record));
    return item;
}

static bool kind_seen(const struct value *kinds, struct str kind)
{
    for (size_t i = 0; i < value_count(kinds); i++)
        if (str_equal(value_text_of(value_at(kinds, i), "kind"), kind))
            return true;
    return false;
}

static void add_kind(struct view *view, struct value *kinds, struct str kind,
                     struct str wanted)
{
    struct arena *arena = view->task.arena;
    const struct form *form =
        forms_find(view->app->office.forms, kind, STR_NULL);
    struct value *item;

    if (kind_seen(kinds, kind))
        return;
    item = value_object(arena);
    value_put_str(item, arena, "kind", kind);
    value_put_str(item, arena, "label",
                  form ? texts_in(form, form->title, view->task.language)
                       : kind);
    value_put_bool(item, arena, "current", str_equal(kind, wanted));
    value_add(kinds, arena, item);
}

/* The lists of all subjects, each newest first, as one. */
static struct entry *newest(struct entry **list, size_t *left, size_t count)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (left[i] > 0 &&
            (best == SIZE_MAX || list[i]->clock > list[best]->clock))
            best = i;
    if (best == SIZE_MAX)
        return NULL;
    left[best]--;
    return list[best]++;
}

/* Records of this request that are closed to the reader as a whole, and those
 * that are open: each is asked for once. */
struct seen {
    struct str id[64];
    bool closed[64];
    size_t count;
};

static bool is_closed_to(struct view *view, struct seen *seen,
                         const struct entry *entry)
{
    const struct form *form =
        forms_find(view->app->office.forms, entry->kind, STR_NULL);
    struct record record = {0};
    struct err err = {0};
    bool closed;

    if (!form || !form_guard(form))
        return false;
    for (size_t i = 0; i < seen->count; i++)
        if (str_equal(seen->id[i], entry->record))
            return seen->closed[i];
    closed = record_get(&view->task, entry->kind, entry->record, &record,
                        &err) != ERROR_NONE;
    if (seen->count < 64) {
        seen->id[seen->count] = entry->record;
        seen->closed[seen->count++] = closed;
    }
    return closed;
}

enum error timeline_put(struct view *view, const struct str *subject,
                        size_t count, struct str kind)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *kinds = value_list(arena);
    struct entry **entries = ARENA_ARRAY(arena, struct entry *, count + 1);
    size_t *left = ARENA_ARRAY(arena, size_t, count + 1);
    struct names names = {0};
    struct seen seen = {0};
    struct entry *entry;

    if (!entries || !left)
        return err_memory(&view->err);
    for (size_t i = 0; i < count; i++)
        if (log_timeline(&view->task.office->log, view->task.db, subject[i],
                         INT64_MAX, kind.size ? 400 : TIMELINE_MOST * 2, arena,
                         &entries[i], &left[i], &view->err) != ERROR_NONE)
            return view->err.code;
    while ((entry = newest(entries, left, count)) != NULL) {
        if (!role_has(view->task.actor.role, right_to_read(entry->kind)) ||
            is_closed_to(view, &seen, entry))
            continue;
        add_kind(view, kinds, entry->kind, kind);
        if (value_count(list) < TIMELINE_MOST &&
            (kind.size == 0 || str_equal(kind, entry->kind)))
            value_add(list, arena, entry_item(view, &names, entry));
    }
    value_put(view->data, arena, "timeline", list);
    value_put(view->data, arena, "kinds", kinds);
    value_put_bool(view->page, arena, "filtered", kind.size > 0);
    return ERROR_NONE;
}

/* --- the history of one record -------------------------------------------- */

static void add_change(struct view *view, const struct form *form,
                       const struct question *question,
                       const struct value *answer, struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *line = value_object(arena);
    bool sensitive = str_equal_c(question->class, "SEN");

    value_put_str(line, arena, "key", question->key);
    value_put_str(line, arena, "label",
                  texts_in(form, question->label, view->task.language));
    value_put_bool(line, arena, "sensitive", sensitive);
    value_put_str(line, arena, "text",
                  sensitive ? STR("")
                            : answer_display(form, question, answer,
                                             view->task.language, arena));
    value_add(list, arena, line);
}

enum error history_put(struct view *view, const struct form *form,
                       struct str record)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct names names = {0};
    struct seen seen = {0};
    struct entry *entry = NULL;
    size_t count = 0;
    enum error error = log_history(&view->task.office->log, view->task.db,
                                   record, arena, &entry, &count, &view->err);

    if (error != ERROR_NONE)
        return error;
    log_life(entry, &count);
    if (count == 0 || is_closed_to(view, &seen, &entry[0]) ||
        !str_equal(entry[0].kind, form->name))
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No se encontró ese registro."), NULL, NULL, NULL);
    error = seen_record(&view->task, form->name, record, entry[0].subject,
                        &view->err);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = count; i-- > 0;) {
        struct value *item = entry_item(view, &names, &entry[i]);
        struct value *changes = value_list(arena);
        const struct value *body =
            role_filter(view->task.actor.role, form, entry[i].body, arena);

        for (size_t k = 0; k < form->question_count; k++) {
            const struct question *question = form->question[k];
            const struct value *answer = value_get_str(body, question->key);

            if (answer && !question->repeat)
                add_change(view, form, question, answer, changes);
        }
        value_put(item, arena, "changes", changes);
        value_put_str(item, arena, "entry", entry[i].id);
        value_put_int(item, arena, "seq", entry[i].seq);
        value_put_bool(item, arena, "erased", entry[i].body == NULL);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "history", list);
    return ERROR_NONE;
}

/* --- what is open --------------------------------------------------------- */

/* "quedan 3 h", "2 días de retraso" */
struct str left_text(struct view *view, const struct value *item)
{
    int64_t minutes = value_to_int(value_get(item, "left"), 0);
    bool late = value_to_bool(value_get(item, "late"), false);
    struct str span;

    if (!value_to_bool(value_get(item, "has_due"), false))
        return STR("");
    if (minutes < 60)
        span = view_format(view, "%lld min", (long long)minutes);
    else if (minutes < 48 * 60)
        span = view_format(view, "%lld h", (long long)(minutes / 60));
    else
        span = view_say_with(
            view, N_("{1} días"),
            view_format(view, "%lld", (long long)(minutes / 1440)));
    return view_say_with(view, late ? N_("{1} de retraso") : N_("quedan {1}"),
                         span);
}

static void put_age_text(struct view *view, struct value *person)
{
    struct str age = value_text_of(person, "age");

    if (person && value_type(person) == VALUE_OBJECT)
        value_put_str(person, view->task.arena, "age_text",
                      str_equal_c(age, "1")
                          ? view_say(view, N_("1 año"))
                          : view_say_with(view, N_("{1} años"), age));
}

static struct value *open_item(struct view *view, const struct value *item)
{
    static const char *const member[] = {
        "person",          "label",       "action",        "to",
        "service",         "state_label", "late",          "date",
        "asked",           "urgency",     "urgency_label", "waits",
        "opened",          "not_reached", "manager",       "no_contact",
        "no_contact_since"};
    struct arena *arena = view->task.arena;
    struct value *copy = value_copy(item, arena);
    struct str urgency = value_text_of(item, "urgency");
    struct date date;

    for (size_t i = 0; i < sizeof member / sizeof member[0]; i++)
        if (!value_get(copy, member[i]))
            value_put_bool(copy, arena, member[i], false);
    if (date_parse_whole(value_text_of(item, "date"), &date))
        value_put_str(copy, arena, "date", day_text(view, date_to_day(date)));
    if (date_parse_whole(value_text_of(item, "opened"), &date))
        value_put_str(copy, arena, "opened", day_text(view, date_to_day(date)));
    if (date_parse_whole(value_text_of(item, "no_contact_since"), &date))
        value_put_str(copy, arena, "no_contact_since",
                      day_text(view, date_to_day(date)));
    put_age_text(view, value_get_mutable(copy, "person"));
    value_put_str(copy, arena, "left_text", left_text(view, item));
    value_put_str(copy, arena, "u",
                  urgency.size == 2 && urgency.at[0] == 'U'
                      ? view_format(view, "u%c", urgency.at[1])
                      : STR("u3"));
    return copy;
}

struct value *open_items(struct view *view, const struct value *items)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_object(arena);

    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *list = value_at(items, i);
        struct value *copy;

        if (value_type(list) != VALUE_LIST) {
            value_set(out, arena, value_name_at(items, i), list);
            continue;
        }
        copy = value_list(arena);
        for (size_t k = 0; k < value_count(list); k++)
            value_add(copy, arena, open_item(view, value_at(list, k)));
        value_set(out, arena, value_name_at(items, i), copy);
    }
    return out;
}
