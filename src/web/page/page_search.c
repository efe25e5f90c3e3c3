/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_search.c - find a person by any part of a name, a code, a telephone.
 * Without words it shows who came last. The same page answers a box that
 * asks while one types (js/live.js takes the results out of it). A reply
 * code finds its referral here, too.
 */
#include "web/page.h"

#include "domain/person/person_find.h"
#include "domain/casework/today.h"
#include "web/page/timeline.h"

enum { SEARCH_SHOWN = 30 };

static enum error put_found(struct view *view, struct str words)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct find_hit *found = NULL;
    size_t count = 0;
    enum error error = person_find(&view->task, words, SEARCH_SHOWN, &found,
                                   &count, &view->err);

    value_put(view->data, arena, "people", list);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *card = person_card(view, found[i].id, found[i].answers);
        struct value *reasons = value_list(arena);

        for (size_t k = 0; k < found[i].reasons; k++)
            value_add(reasons, arena,
                      value_string(arena, view_say(view, found[i].reason[k])));
        value_put(card, arena, "reasons", reasons);
        put_text_or_false(view, card, "merged_name", found[i].merged_name);
        value_add(list, arena, card);
    }
    return ERROR_NONE;
}

static enum error put_newest(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record_filter filter = {.kind = STR("person"),
                                   .limit = SEARCH_SHOWN};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = decide_list(&view->task, &filter, false, &record, NULL,
                                   &count, &view->err);

    value_put(view->data, arena, "people", list);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *card;

        if (value_text_of(record[i].answers, "merged_into").size > 0)
            continue;
        card = person_card(view, record[i].id, record[i].answers);
        value_put(card, arena, "reasons", value_list(arena));
        value_put_bool(card, arena, "merged_name", false);
        value_add(list, arena, card);
    }
    return ERROR_NONE;
}

static enum error put_referrals(struct view *view, struct str words)
{
    struct value *found = NULL;
    enum error error = ERROR_NONE;

    if (role_has(view->task.actor.role, RIGHT_REFERRAL_WRITE))
        error = referrals_by_code(&view->task, words, &found, &view->err);
    if (error == ERROR_NONE)
        value_put(view->data, view->task.arena, "referrals",
                  found ? value_get(open_items(view, found), "found")
                        : value_list(view->task.arena));
    return error;
}

enum error search_page(struct view *view)
{
    bool posted = str_equal_c(view->request->method, "POST");
    struct str words =
        str_trim(posted ? view_field(view, "q") : view_query(view, "q"));
    enum error error;

    view_title(view, N_("Buscar"));
    value_put_str(view->data, view->task.arena, "q", words);
    error = put_referrals(view, words);
    if (error != ERROR_NONE)
        return error;
    return words.size > 0 ? put_found(view, words) : put_newest(view);
}
