/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_policy.c - the rules of the house that are a number or a list of words
 * (catalog/policy.csv), and setting them otherwise, with a reason.
 */
#include "web/page.h"

#include "domain/person/words.h"
#include "domain/policy.h"

static bool is_roles(const struct policy *policy)
{
    return str_ends(policy->name, STR("_roles"));
}

static bool is_choice(const struct policy *policy)
{
    return str_equal_c(policy->shipped, "yes") ||
           str_equal_c(policy->shipped, "no");
}

/* What was sent: a text, or the boxes that were ticked, as words. */
static struct str value_sent(struct view *view)
{
    const struct value *field = value_get(view->fields, "value");
    bool list = value_type(field) == VALUE_LIST;
    struct buf out;

    if (!list)
        return view_field(view, "value");
    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < value_count(field); i++)
        buf_printf(&out, "%s%.*s", i ? " " : "",
                   STR_ARGS(value_text(value_at(field, i))));
    return buf_str(&out);
}

static struct str said(const struct view *view, const char *text)
{
    return translate(view->task.translator, str_of(text));
}

static struct str role_names(struct view *view, struct str words)
{
    struct buf out;
    struct str name;

    if (words_have(words, STR("all")))
        return said(view, N_("todas"));
    buf_init(&out, view->task.arena);
    while (words_next(&words, &name))
        buf_printf(&out, "%s%.*s", out.size ? ", " : "",
                   STR_ARGS(catalog_name(view->app->office.catalog, "role",
                                         name, view->task.language)));
    return out.size ? buf_str(&out) : said(view, N_("ninguna"));
}

/* A value as people read it. */
static struct str value_shown(struct view *view, const struct policy *policy,
                              struct str value)
{
    if (is_roles(policy))
        return role_names(view, value);
    if (is_choice(policy))
        return said(view, str_equal_c(value, "yes") ? N_("Sí") : N_("No"));
    return value;
}

static struct value *roles_of(struct view *view, struct str words)
{
    struct arena *arena = view->task.arena;
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "role");
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);
        struct str name = catalog_cell(table, i, "name");

        value_put_str(item, arena, "name", name);
        value_put_str(item, arena, "label",
                      catalog_label(table, i, "label", view->task.language));
        value_put_bool(item, arena, "chosen", words_have(words, name));
        value_add(list, arena, item);
    }
    return list;
}

static struct value *policy_item(struct view *view, const struct policy *policy)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    bool tried = str_equal(policy->name, view_field(view, "name"));
    struct str value = tried ? value_sent(view) : policy->value;

    value_put_str(item, arena, "name", policy->name);
    value_put_str(item, arena, "label", policy->label);
    value_put_str(item, arena, "note", policy->why);
    value_put_str(item, arena, "value", value);
    value_put_str(item, arena, "why",
                  tried ? view_field(view, "why") : STR(""));
    value_put_bool(item, arena, "tried", tried);
    value_put_bool(item, arena, "changed", policy->changed);
    value_put_str(item, arena, "shipped", policy->shipped);
    value_put_str(item, arena, "shown",
                  value_shown(view, policy, policy->value));
    value_put_str(item, arena, "shipped_shown",
                  value_shown(view, policy, policy->shipped));
    value_put_bool(item, arena, "is_roles", is_roles(policy));
    value_put_bool(item, arena, "is_choice", is_choice(policy));
    value_put_bool(item, arena, "is_address",
                   str_starts(policy->shipped, STR("https://")));
    value_put_bool(item, arena, "yes", str_equal_c(value, "yes"));
    value_put_bool(item, arena, "all", words_have(value, STR("all")));
    if (is_roles(policy))
        value_put(item, arena, "roles", roles_of(view, value));
    return item;
}

static enum error policy_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct policy *policy = NULL;
    size_t count = 0;
    enum error error = policy_list(&view->task, &policy, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++)
        value_add(list, arena, policy_item(view, &policy[i]));
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
    enum error error =
        policy_set(&view->task, view_field(view, "name"), value_sent(view),
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
