/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_retention.c - how long files are kept: who is due, runs and their
 * approval; the certificate of an erasure, and receivers who have not said
 * yet that they erased.
 */
#include "core/date.h"
#include "domain/arco/erase.h"
#include "domain/arco/notice.h"
#include "domain/arco/retention.h"
#include "web/page/casework.h"

static enum error put_open_notices(struct view *view)
{
    struct value *list = NULL;
    enum error error = notice_list(&view->task, &list, &view->err);

    if (!error) {
        list = days_shown(view, list, "sent_on", "sent_text");
        value_put(view->data, view->task.arena, "notices", list);
        value_put_bool(view->data, view->task.arena, "any_notice",
                       value_count(list) > 0);
    }
    return error;
}

static enum error show(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *rules = NULL, *runs = NULL;
    enum error error = retention_look(&view->task, &rules, &view->err);

    if (!error)
        error = retention_runs(&view->task, &runs, &view->err);
    if (!error)
        error = put_open_notices(view);
    if (error)
        return error;
    value_put(view->data, arena, "rules",
              days_shown(view, rules, "until", "until_text"));
    value_put(view->data, arena, "runs",
              days_shown(view, runs, "until", "until_text"));
    value_put_bool(view->data, arena, "any_run", value_count(runs) > 0);
    view_title(view, N_("Plazos de guarda"));
    return ERROR_NONE;
}

enum error retention_page(struct view *view)
{
    return show(view);
}

static enum error done(struct view *view, enum error error)
{
    struct err why = view->err;

    if (!error) {
        view_redirect_said(view, STR("/retention"), "saved");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500)
        return error;
    view->err = (struct err){0};
    if (show(view) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "retention", error);
}

enum error retention_plan_post(struct view *view)
{
    struct str run;

    return done(view, retention_plan(&view->task, view_field(view, "rule"),
                                     &run, &view->err));
}

enum error retention_approve_post(struct view *view)
{
    return done(view,
                retention_approve(&view->task, view->param[0], &view->err));
}

enum error retention_step_post(struct view *view)
{
    size_t left;

    return done(view,
                retention_step(&view->task, view->param[0], &left, &view->err));
}

enum error notice_done_post(struct view *view)
{
    return done(view, notice_done(&view->task, view->param[0],
                                  view_field(view, "by"), &view->err));
}

enum error erasure_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *proof = NULL;
    int64_t made = 0;
    enum error error =
        erase_certificate(&view->task, view->param[0], &proof, &view->err);

    if (error)
        return error;
    instant_parse(value_text_of(proof, "made_at"), &made);
    value_put(
        proof, arena, "notices",
        days_shown(view, value_get(proof, "notices"), "sent_on", "sent_text"));
    value_put(view->data, arena, "proof", proof);
    value_put_str(view->data, arena, "made", when_text(view, made));
    value_put_str(
        view->data, arena, "cause",
        choice_text(view, "erasure", "cause", value_text_of(proof, "cause")));
    value_put_str(view->data, arena, "site", view->app->office.site_name);
    view_title(view, N_("Constancia de borrado"));
    return ERROR_NONE;
}
