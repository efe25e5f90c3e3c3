/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_merge.c - two files that may be one person, side by side. A worker
 * decides and says why; it can be undone with every link as it was.
 */
#include "web/page.h"

#include "domain/person/merge.h"
#include "domain/person/person.h"

enum { CANDIDATES = 12 };

static enum error put_side(struct view *view, const char *name, struct str id)
{
    const struct form *form = view_form(view, "person");
    struct record record = {0};
    struct value *side;
    enum error error =
        record_get(&view->task, STR("person"), id, &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    side = person_card(view, id, record.answers);
    value_put(side, view->task.arena, "lines",
              form ? record_view(view, form, record.answers)
                   : value_list(view->task.arena));
    value_put(view->data, view->task.arena, name, side);
    return ERROR_NONE;
}

/* Without a second file: those she could be. */
static enum error put_candidates(struct view *view)
{
    struct record record = {0};
    bool probable;
    enum error error = record_get(&view->task, STR("person"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    return match_put(view, record.answers, view->param[0], CANDIDATES,
                     &probable);
}

static enum error merge_fill(struct view *view, struct str other)
{
    enum error error;

    view_title(view, N_("Unir dos registros"));
    value_put_bool(view->data, view->task.arena, "other", false);
    value_put(view->data, view->task.arena, "matches",
              value_list(view->task.arena));
    value_put_str(view->page, view->task.arena, "reason",
                  view_field(view, "reason"));
    error = put_side(view, "keep", view->param[0]);
    if (error != ERROR_NONE)
        return error;
    if (other.size == 0)
        return put_candidates(view);
    return put_side(view, "other", other);
}

enum error merge_page(struct view *view)
{
    return merge_fill(view, view_query(view, "other"));
}

enum error merge_post(struct view *view)
{
    struct str other = view_field(view, "other");
    struct str path =
        view_format(view, "/person/%.*s", STR_ARGS(view->param[0]));
    enum error error =
        person_merge(&view->task, view->param[0], other,
                     str_trim(view_field(view, "reason")), &view->err);
    struct err first;

    if (error == ERROR_NONE) {
        view_redirect_said(view, path, "merged");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND)
        return error;
    first = view->err;
    if (merge_fill(view, other) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "merge", error);
}

enum error unmerge_post(struct view *view)
{
    enum error error =
        person_unmerge(&view->task, view->param[0],
                       str_trim(view_field(view, "reason")), &view->err);

    if (error == ERROR_NONE)
        view_redirect_said(
            view, view_format(view, "/person/%.*s", STR_ARGS(view->param[0])),
            "unmerged");
    return error;
}
