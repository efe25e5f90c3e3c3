/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_grant.c - a referral as a sealed file for another house: made, handed
 * out, taken back; and the door at which that house asks for the keys.
 */
#include "domain/grant/grant.h"
#include "web/page/casework.h"

static struct str own_path(struct view *view)
{
    return view_format(view, "/referral/%.*s", STR_ARGS(view->param[0]));
}

/* The right to this record first: the domain's moves do not ask for it. */
static enum error reach(struct view *view, struct record *record)
{
    return record_get(&view->task, STR("referral"), view->param[0], record,
                      &view->err);
}

static enum error hand_out(struct view *view, const char *name, struct str text)
{
    response_header(view->response, "Content-Disposition",
                    view_format(view, "attachment; filename=\"%s.txt\"", name));
    view_body(view, "text/plain; charset=utf-8", text);
    return ERROR_NONE;
}

static enum error again(struct view *view, enum error error)
{
    struct err why = view->err;

    if (error_status(error) >= 500 || sent_show(view) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "referral", error);
}

enum error grant_page(struct view *view)
{
    struct record record;
    struct str text = STR_NULL;
    enum error error = reach(view, &record);

    if (error)
        return error;
    error = grant_file(&view->task, record.id, &text, &view->err);
    return error ? error : hand_out(view, "permiso-cobijo", text);
}

enum error grant_post(struct view *view)
{
    struct record record;
    struct str id = STR_NULL;
    enum error error = reach(view, &record);

    if (error)
        return error;
    if (referral_is_draft(record.answers)) {
        view_redirect(view, own_path(view));
        return ERROR_NONE;
    }
    error = grant_make(&view->task, record.id,
                       str_equal_c(view_field(view, "keys"), "apart"), &id,
                       &view->err);
    if (error)
        return again(view, error);
    view_redirect_said(view, own_path(view), "grant_made");
    return ERROR_NONE;
}

/* Of this very referral: the right was asked for it. */
static enum error find(struct view *view, struct str referral, struct str *id)
{
    struct str wanted = view_field(view, "grant");
    struct grant_given *given;
    size_t count = 0;
    enum error error =
        grant_list(&view->task, referral, &given, &count, &view->err);

    for (size_t i = 0; i < count && !error; i++)
        if (str_equal(given[i].id, wanted)) {
            *id = given[i].id;
            return ERROR_NONE;
        }
    return error ? error
                 : err_set(&view->err, ERROR_INPUT,
                           N_("No existe ese permiso."), NULL, NULL, NULL);
}

/* What comes back is the signed withdrawal: the receiver may have the keys. */
enum error grant_withdraw_post(struct view *view)
{
    struct record record;
    struct str id = STR_NULL, text = STR_NULL;
    enum error error = reach(view, &record);

    if (error)
        return error;
    if (referral_is_draft(record.answers)) {
        view_redirect(view, own_path(view));
        return ERROR_NONE;
    }
    error = find(view, record.id, &id);
    if (!error)
        error = grant_withdraw(&view->task, id, &text, &view->err);
    if (error)
        return again(view, error);
    if (str_equal_c(view_field(view, "file"), "yes"))
        return hand_out(view, "retiro-cobijo", text);
    view_redirect_said(view, own_path(view), "grant_withdrawn");
    return ERROR_NONE;
}

/* For the receiver's program: words and a status, no page. */
static enum error say_plainly(struct view *view, enum error error,
                              struct str text)
{
    if (error && error_status(error) >= 500)
        return error;
    if (error) {
        text = str_join(
            view->task.arena,
            err_text(&view->err, view->task.translator, view->task.arena),
            STR("\n"));
        view->response->status = error_status(error);
        view->err = (struct err){0};
    }
    view_body(view, "text/plain; charset=utf-8", text);
    return ERROR_NONE;
}

/* Brought by hand to the page of the referral that it is about. */
enum error grant_answer_post(struct view *view)
{
    struct record record;
    struct str text = sealed_text(view, "file", "answer");
    enum error error = reach(view, &record);

    if (error)
        return error;
    if (referral_is_draft(record.answers)) {
        view_redirect(view, own_path(view));
        return ERROR_NONE;
    }
    error = text.size ? grant_hear(&view->task, record.id, text, &view->err)
                      : err_set(&view->err, ERROR_INPUT,
                                N_("Elija el archivo de la respuesta."), NULL,
                                NULL, NULL);
    if (error)
        return again(view, error);
    view_redirect_said(view, own_path(view), "answered");
    return ERROR_NONE;
}

/* Brought by the other house's program. */
enum error grant_answer_door(struct view *view)
{
    enum error error = grant_hear(
        &view->task, STR(""), sealed_text(view, "file", "answer"), &view->err);

    return say_plainly(view, error, STR("ok\n"));
}

enum error grant_keys_page(struct view *view)
{
    struct str text = STR_NULL;
    enum error error =
        grant_hand_over(&view->task, view->param[0], view_query(view, "at"),
                        view_query(view, "sign"), &text, &view->err);

    return say_plainly(view, error, text);
}

/* What was brought and not noted, again; bytes that are no text are not. */
static struct str answer_typed(struct view *view)
{
    struct str text = sealed_text(view, "file", "answer");

    return str_starts(text, STR("cobijo ")) ? text : STR("");
}

/* page.grant: {list:[{id, to, told, classes, until, live, withdrawn}], can}. */
enum error grants_put(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *list = value_list(arena);
    struct grant_given *given = NULL;
    struct record place;
    struct err none = {0};
    size_t count = 0;
    bool open;
    enum error error =
        grant_list(&view->task, record->id, &given, &count, &view->err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *one = value_object(arena);
        bool live = !given[i].withdrawn && given[i].file.size &&
                    !given[i].stopped && given[i].expires > view->task.now;

        value_put_str(one, arena, "id", given[i].id);
        value_put_str(one, arena, "referral", record->id);
        value_put_str(one, arena, "to", given[i].receiver_name);
        value_put_str(one, arena, "told", grant_told(&view->task, &given[i]));
        value_put_str(one, arena, "issued", when_text(view, given[i].issued));
        put_text_or_false(view, one, "fetched",
                          given[i].fetched ? when_text(view, given[i].fetched)
                                           : STR(""));
        put_text_or_false(view, one, "until",
                          live ? when_text(view, given[i].expires) : STR(""));
        value_put_bool(one, arena, "live", live);
        value_put_bool(one, arena, "file", live && i == 0);
        value_put_bool(one, arena, "withdrawn", given[i].withdrawn != 0);
        value_add(list, arena, one);
    }
    open = record_read(&view->task.office->log, view->task.db, STR("place"),
                       value_text_of(record->answers, "to_place"), arena,
                       &place, &none) == ERROR_NONE &&
           value_text_of(place.answers, "house_key").size > 0 &&
           !referral_is_draft(record->answers) && view->task.office->site_key;
    value_put(item, arena, "list", list);
    value_put_bool(item, arena, "can", open);
    value_put_bool(item, arena, "apart",
                   view->task.office->public_url.size > 0);
    value_put_bool(item, arena, "any", open || count > 0);
    value_put_bool(item, arena, "given", count > 0);
    put_text_or_false(view, item, "typed", answer_typed(view));
    value_put(view->page, arena, "grant", item);
    return error;
}
