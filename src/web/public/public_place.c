/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_place.c - one entry of the directory: all that is told of it, how to
 * call and to get there, to send it on as a short text, and to say in two taps
 * that something of it is wrong.
 */
#include "web/public/find.h"

#include "domain/directory/upkeep.h"
#include "web/page.h"

enum { SMS_LONGEST = 300 };

/* What fits a short message: name, telephone, hours, where. */
static struct str share_text(struct view *view, const struct value *card)
{
    static const char *const field[] = {"hours_text", "address", "where",
                                        "how_referred"};
    const struct value *phones = value_get(card, "phones");
    struct buf out;
    size_t end;

    buf_init(&out, view->task.arena);
    buf_put(&out, value_text_of(card, "name"));
    if (value_count(phones)) {
        buf_puts(&out, ". Tel. ");
        buf_put(&out, value_text_of(value_at(phones, 0), "number"));
    }
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
        if (value_text_of(card, field[i]).size) {
            buf_puts(&out, ". ");
            buf_put(&out, value_text_of(card, field[i]));
        }
    end = buf_str(&out).size;
    if (end > SMS_LONGEST)
        for (end = SMS_LONGEST;
             ((unsigned char)buf_str(&out).at[end] & 0xc0) == 0x80; end--)
            ;
    return str_slice(buf_str(&out), 0, end);
}

static void put_share(struct view *view, const struct value *card)
{
    struct str text = share_text(view, card);
    struct buf out;

    buf_init(&out, view->task.arena);
    buf_put_url(&out, text);
    value_put_str(view->page, view->task.arena, "share", text);
    value_put_str(view->page, view->task.arena, "share_url", buf_str(&out));
}

static void put_services(struct view *view, const struct value *told)
{
    static const char *const field[] = {"description", "fees", "eligibility",
                                        "documents",   "wait", "area",
                                        "application", "note"};
    struct arena *arena = view->task.arena;
    const struct value *services = value_get(told, "services");
    struct value *list = value_list(arena);

    for (size_t i = 0; i < value_count(services); i++) {
        const struct value *service = value_at(services, i);
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", value_text_of(service, "name"));
        value_put_bool(item, arena, "free_of_charge",
                       str_equal_c(value_text_of(service, "cost"), "gratis"));
        for (size_t k = 0; k < sizeof field / sizeof field[0]; k++)
            put_text_or_false(view, item, field[k],
                              value_text_of(service, field[k]));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "services", list);
}

enum error directory_place_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *scripts = value_list(arena);
    struct public_place place;
    struct value *told, *card;
    enum error error =
        directory_place(&view->task, view->param[0], &place, &view->err);

    if (error)
        return error;
    view->counted = STR("/directory/:id");
    told = directory_place_view(&view->task, &place, true);
    card = place_card(view, &place, told);
    for (size_t i = 0; i < value_count(told); i++)
        value_set(view->data, arena, value_name_at(told, i), value_at(told, i));
    if (place.admin1.size)
        value_put_str(view->page, arena, "area", place.admin1);
    value_put(view->page, arena, "place", card);
    put_services(view, told);
    put_share(view, card);
    value_put(view->page, arena, "mistakes",
              directory_report_kinds(&view->task));
    value_put_bool(view->page, arena, "thanks",
                   str_equal_c(view_query(view, "said"), "reported"));
    value_add(scripts, arena,
              value_string(arena, asset_href(view, "js/find.js")));
    value_put(view->page, arena, "scripts", scripts);
    return ERROR_NONE;
}
