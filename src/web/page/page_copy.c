/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_copy.c - what a person may take along and take back: her copy, with
 * whom her data were shared, her permissions with a button to withdraw each.
 */
#include "core/date.h"
#include "domain/arco/copy.h"
#include "domain/person/merge.h"
#include "domain/person/words.h"
#include "domain/referral/consent.h"
#include "web/page/casework.h"

static struct str instant_words(struct view *view, struct str text)
{
    int64_t instant;

    return instant_parse(text, &instant) ? when_text(view, instant) : STR("");
}

/* Texts for people beside the instants of the list. */
static void put_grants(struct view *view, struct value *item,
                       const struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *one = value_copy(value_at(list, i), arena);

        put_text_or_false(view, one, "fetched_text",
                          instant_words(view, value_text_of(one, "fetched")));
        value_add(out, arena, one);
    }
    value_put(item, arena, "grants", out);
}

static void put_shared(struct view *view, const struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), arena);

        value_put_str(item, arena, "on_text",
                      instant_words(view, value_text_of(item, "on")));
        put_text_or_false(view, item, "opened_text",
                          instant_words(view, value_text_of(item, "opened")));
        put_grants(view, item, value_get(value_at(list, i), "grants"));
        value_add(out, arena, item);
    }
    value_put(view->data, arena, "shared", out);
    value_put_bool(view->data, arena, "any_shared", value_count(out) > 0);
}

static void attachment(struct view *view, const char *type, const char *ending,
                       struct str body)
{
    response_header(
        view->response, "Content-Disposition",
        view_format(view, "attachment; filename=\"datos.%s\"", ending));
    view_body(view, type, body);
}

enum error copy_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str format = view_query(view, "format");
    struct value *copy = NULL;
    struct buf out;
    enum error error =
        copy_make(&view->task, view->param[0], &copy, &view->err);

    if (error)
        return error;
    if (!words_have(STR("json csv"), format))
        format = STR("html");
    error = copy_note(&view->task, value_text_of(copy, "person"),
                      str_c(arena, format), &view->err);
    if (error)
        return error;
    buf_init(&out, arena);
    if (str_equal_c(format, "json")) {
        value_write_pretty(copy, &out);
        attachment(view, "application/json; charset=utf-8", "json",
                   buf_str(&out));
        return ERROR_NONE;
    }
    if (str_equal_c(format, "csv")) {
        copy_csv(copy, &out);
        attachment(view, "text/csv; charset=utf-8", "csv", buf_str(&out));
        return ERROR_NONE;
    }
    value_put(view->data, arena, "copy", copy);
    put_shared(view, value_get(copy, "shared"));
    value_put_str(view->data, arena, "id", view->param[0]);
    value_put_str(view->data, arena, "made", when_text(view, view->task.now));
    view_title(view, N_("Copia de sus datos"));
    return ERROR_NONE;
}

/* -- permissions ----------------------------------------------------------- */

static struct str shown(struct view *view, const struct record *record,
                        const char *key)
{
    const struct form *form = view_form(view, "consent");
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;

    return question
               ? answer_display(form, question, value_get(record->answers, key),
                                view->task.language, view->task.arena)
               : STR("");
}

static struct value *consent_item(struct view *view,
                                  const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    const struct value *answers = record->answers;
    struct str revoked = value_text_of(answers, "revoked_at"), rest, place;
    bool given = str_equal_c(value_text_of(answers, "given"), "yes");
    struct buf places;

    buf_init(&places, arena);
    rest = value_text_of(answers, "scope_orgs");
    while (words_next(&rest, &place))
        buf_printf(&places, "%s%.*s", places.size ? "; " : "",
                   STR_ARGS(ref_text(view, STR("place"), place)));
    value_put_str(item, arena, "id", record->id);
    value_put_str(item, arena, "purpose", shown(view, record, "purpose"));
    put_text_or_false(view, item, "what", shown(view, record, "data_scope"));
    put_text_or_false(view, item, "who", buf_str(&places));
    put_text_or_false(view, item, "until", shown(view, record, "expires"));
    put_text_or_false(view, item, "given_text",
                      instant_words(view, value_text_of(answers, "given_at")));
    put_text_or_false(view, item, "revoked", instant_words(view, revoked));
    value_put_bool(item, arena, "refused", !given);
    value_put_bool(item, arena, "stands", given && !revoked.size);
    {
        struct value *scopes = value_list(arena);
        const struct form *form = view_form(view, "consent");
        const struct question *question =
            form ? form_find(form, STR("data_scope")) : NULL;

        rest = value_text_of(answers, "data_scope");
        while (question &&
               words_count(value_text_of(answers, "data_scope")) > 1 &&
               words_next(&rest, &place)) {
            struct value *scope = value_object(arena);

            value_put_str(scope, arena, "code", place);
            value_put_str(scope, arena, "label",
                          choice_text(view, "consent", "data_scope", place));
            value_add(scopes, arena, scope);
        }
        value_put(item, arena, "scopes", scopes);
        value_put_bool(item, arena, "parts", value_count(scopes) > 0);
    }
    return item;
}

enum error consents_page(struct view *view)
{
    struct record_filter filter = {.kind = STR("consent"), .limit = 500};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena), *shared = NULL;
    struct record *record = NULL;
    size_t count = 0;
    enum error error = casework_person(view, view->param[0]);

    if (!error)
        error = person_files(&view->task, view->param[0], &filter, &view->err);
    if (!error)
        error = record_list(&view->task.office->log, view->task.db, &filter,
                            false, arena, &record, &count, &view->err);
    for (size_t i = 0; i < count && !error; i++)
        value_add(list, arena, consent_item(view, &record[i]));
    if (!error)
        error = shared_list(&view->task, view->param[0], &shared, &view->err);
    if (error)
        return error;
    put_shared(view, shared);
    value_put_bool(view->page, arena, "urgent", false);
    value_put(view->data, arena, "consents", list);
    value_put_bool(view->data, arena, "any", value_count(list) > 0);
    value_put_str(view->data, arena, "id", view->param[0]);
    view_title(view, N_("Sus permisos"));
    return ERROR_NONE;
}

/* All of it, or one kind of data: what remains is written as a narrower
 * answer of the same record. */
enum error consent_withdraw_post(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str part = view_field(view, "part"), rest, code, left = STR("");
    struct value *input = value_object(arena);
    struct save save = {
        .kind = STR("consent"), .id = view->param[0], .input = input};
    struct saved saved;
    struct record record;
    enum error error = record_get(&view->task, STR("consent"), view->param[0],
                                  &record, &view->err);

    if (error)
        return error;
    rest = value_text_of(record.answers, "data_scope");
    while (part.size && words_next(&rest, &code))
        if (!str_equal(code, part))
            left = words_union(arena, left, code);
    if (left.size) {
        value_put_str(input, arena, "data_scope", left);
        error = record_save(&view->task, &save, &saved, &view->err);
    } else {
        error = consent_revoke(&view->task, record.id, &view->err);
    }
    if (error)
        return error;
    view_redirect_said(
        view,
        view_format(view, "/person/%.*s/consents",
                    STR_ARGS(value_text_of(record.answers, "person"))),
        "consent_withdrawn");
    return ERROR_NONE;
}
