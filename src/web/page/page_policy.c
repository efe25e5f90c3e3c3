/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_policy.c - the rules of the house that are a number or a list of words
 * (catalog/policy.csv), and setting them otherwise, with a reason.
 */
#include "web/page.h"

#include "domain/policy.h"

static enum error policy_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct policy *policy = NULL;
    size_t count = 0;
    enum error error = policy_list(&view->task, &policy, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = value_object(arena);
        bool tried = str_equal(policy[i].name, view_field(view, "name"));

        value_put_str(item, arena, "name", policy[i].name);
        value_put_str(item, arena, "label", policy[i].label);
        value_put_str(item, arena, "note", policy[i].why);
        value_put_str(item, arena, "value",
                      tried ? view_field(view, "value") : policy[i].value);
        value_put_str(item, arena, "why",
                      tried ? view_field(view, "why") : STR(""));
        value_put_bool(item, arena, "changed", policy[i].changed);
        value_put_str(item, arena, "shipped", policy[i].shipped);
        value_add(list, arena, item);
    }
    view_title(view, N_("Reglas de la casa"));
    value_put(view->data, arena, "policies", list);
    return error;
}

enum error policy_page(struct view *view)
{
    return policy_fill(view);
}

enum error policy_post(struct view *view)
{
    enum error error = policy_set(&view->task, view_field(view, "name"),
                                  view_field(view, "value"),
                                  view_field(view, "why"), &view->err);
    struct err first = view->err;

    if (error == ERROR_NONE) {
        view_redirect_said(view, STR("/policy"), "saved");
        return ERROR_NONE;
    }
    if (error != ERROR_INPUT)
        return error;
    err_clear(&view->err);
    if (policy_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "policy", error);
}
