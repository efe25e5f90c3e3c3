/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_partner.c - the receiver's door: who asks, how urgent, what is needed,
 * and the answer. Whoever holds the link is let in, without an account, and
 * sees the package of this one referral and nothing else.
 */
#include "domain/proof/seen.h"
#include "core/utf8.h"
#include "domain/arco/notice.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

/* She asked to be erased since: the link opens that request and nothing else.
 * The button of it (field erased) acknowledges. */
static bool erased_door(struct view *view, enum error *error)
{
    struct arena *arena = view->task.arena;
    struct str notice = STR("");
    struct err none = {0};
    bool done = false;

    if (notice_by_link(&view->task, view->param[0], &notice, &done, &none))
        return false;
    if (!done && str_equal_c(view->request->method, "POST") &&
        str_equal_c(view_field(view, "erased"), "yes")) {
        *error =
            notice_done(&view->task, notice, view_field(view, "by"), &none);
        if (*error) {
            view->err = none;
            return true;
        }
        done = true;
    }
    value_put_bool(view->page, arena, "done", done);
    view->template = "partner_erased";
    view->response->status = 410;
    view_title(view, N_("Borre lo que recibió"));
    view->err = (struct err){0};
    *error = ERROR_NONE;
    return true;
}

/* Wrong, expired or withdrawn: a page of its own, without our menus. */
static enum error door(struct view *view, struct str *referral)
{
    enum error error =
        referral_by_link(&view->task, view->param[0], referral, &view->err);

    if (error == ERROR_NONE || error_status(error) >= 500)
        return error;
    view_title(view, N_("Referencia"));
    if (error == ERROR_NOT_FOUND && erased_door(view, &error))
        return error;
    value_put_bool(view->page, view->task.arena, "gone", error == ERROR_GONE);
    return view_again(view, "partner_gone", error);
}

/* Who comes with a link has no account. */
static enum error door_seen(struct view *view, struct str person)
{
    struct task guest = view->task;

    if (!guest.actor.id.size)
        guest.actor.id = STR("link");
    return seen_note(&guest, person, STR("referral"), &view->err);
}

enum error door_show(struct view *view, struct str referral)
{
    struct arena *arena = view->task.arena;
    struct value *package = NULL;
    const struct value *request;
    struct str state;
    enum error error =
        referral_package(&view->task, referral, &package, &view->err);

    if (error == ERROR_NONE)
        error = door_seen(
            view, value_text_of(value_get(package, "request"), "person"));
    if (error != ERROR_NONE)
        return error;
    request = value_get(package, "request");
    state = value_text_of(request, "state");
    value_put(view->data, arena, "package", package);
    casework_urgency(view, view->data, value_text_of(request, "urgency"));
    value_put_str(view->data, arena, "state", state);
    casework_due(view, view->data,
                 words_have(STR("ENVIADA RECIBIDA SIN_RESPUESTA"), state)
                     ? value_text_of(request, "due_decide")
                 : words_have(STR("ACEPTADA AGENDADA VENCIDA"), state)
                     ? value_text_of(request, "due_feedback")
                     : STR(""));
    value_put_bool(
        view->page, arena, "over",
        words_have(STR("RETROALIMENTADA RECHAZADA NO_ASISTIO"), state));
    put_text_or_false(view, view->data, "appointment",
                      stamp_text(view, request, "appointment_at"));
    answer_put(view, request, false);
    view_title(view, N_("Referencia"));
    return ERROR_NONE;
}

/* Programs that make a preview of every link in a message. */
static bool is_robot(const struct view *view)
{
    static const char *const part[] = {"bot",     "whatsapp", "facebook",
                                       "preview", "telegram", "slack",
                                       "skype",   "crawl"};
    struct str agent = utf8_lower(view->task.arena,
                                  request_header(view->request, "user-agent"));

    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (str_find(agent, str_of(part[i])) != SIZE_MAX)
            return true;
    return false;
}

enum error partner_page(struct view *view)
{
    struct str referral = STR("");
    struct err ignored = {0};
    enum error error = door(view, &referral);

    if (error == ERROR_NONE && !referral.size)
        return ERROR_NONE; /* erased: its page is made */
    if (error == ERROR_NONE)
        error = door_show(view, referral);
    if (error == ERROR_NONE && str_equal_c(view->request->method, "GET") &&
        !is_robot(view)) /* who reads need not wait for our note of it */
        referral_opened(&view->task, referral, &ignored);
    return error;
}

enum error partner_post(struct view *view)
{
    struct str referral = STR("");
    struct answer answer;
    struct err why;
    enum error error = door(view, &referral);

    if (error != ERROR_NONE || !referral.size)
        return error;
    error = answer_read(view, &answer);
    answer.reply_code = STR_NULL; /* the link itself is the proof */
    if (error == ERROR_NONE)
        error = referral_respond(&view->task, referral, &answer, &view->err);
    if (error == ERROR_NONE) {
        view_redirect_said(view,
                           view_format(view, "/r/%.*s",
                                       STR_ARGS(path_escape(view->task.arena,
                                                            view->param[0]))),
                           "partner");
        return ERROR_NONE;
    }
    why = view->err;
    if (error_status(error) >= 500 || door_show(view, referral) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "partner", error);
}
