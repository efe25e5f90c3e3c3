/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_delivery.c - messages that left the house or did not: what became of
 * each, why, and trying again. Who receives is a record kind of its own. */
#include "web/page.h"

#include "domain/delivery/delivery.h"

static const char *state_text(struct str state)
{
    static const char *const row[][2] = {{"queued", N_("espera")},
                                         {"sending", N_("saliendo")},
                                         {"sent", N_("enviado")},
                                         {"failed", N_("rechazado")},
                                         {"gave_up", N_("no se logró")}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_equal_c(state, row[i][0]))
            return row[i][1];
    return "";
}

static const char *channel_text(struct str channel)
{
    static const char *const row[][2] = {{"email", N_("Correo")},
                                         {"sms", N_("Mensaje de texto")},
                                         {"push", N_("Aviso en el navegador")},
                                         {"fanout", N_("Armar los mensajes")}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_equal_c(channel, row[i][0]))
            return row[i][1];
    return "";
}

/* What the channels say of a failure; what a server said stays as it is. */
static struct str failure_text(const struct view *view, struct str problem)
{
    static const char *const row[][2] = {
        {"not configured", N_("falta configurarlo en esta casa")},
        {"too late", N_("ya no servía mandarlo")},
        {"failed", N_("no se pudo")}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (str_equal_c(problem, row[i][0]))
            return view_say(view, row[i][1]);
    return problem;
}

/* Our own step before the messages is shown only while it is not done. */
static bool of_ours(struct str channel, struct str state)
{
    return str_equal_c(channel, "fanout") && str_equal_c(state, "sent");
}

static void put_row(struct view *view, struct value *list,
                    const struct delivery_row *row)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    bool waits = str_equal_c(row->state, "queued");

    value_put_str(item, arena, "id", row->id);
    value_put_str(item, arena, "channel", row->channel);
    value_put_str(item, arena, "channel_text",
                  view_say(view, channel_text(row->channel)));
    value_put_str(item, arena, "recipient", row->recipient);
    put_text_or_false(view, item, "who",
                      str_equal_c(row->recipient, "…") ? STR("")
                                                       : row->recipient);
    value_put_str(item, arena, "about", row->about);
    value_put_str(item, arena, "state", row->state);
    value_put_str(item, arena, "state_text",
                  view_say(view, state_text(row->state)));
    value_put_int(item, arena, "attempts", row->attempts);
    put_text_or_false(view, item, "problem", failure_text(view, row->problem));
    value_put_bool(item, arena, "tried", row->attempts > 1);
    value_put_str(item, arena, "when",
                  when_text(view, row->done ? row->done
                                  : waits   ? row->try_at
                                            : row->created));
    value_put_bool(item, arena, "again",
                   str_equal_c(row->state, "failed") ||
                       str_equal_c(row->state, "gave_up"));
    value_add(list, arena, item);
}

static void put_off(struct view *view)
{
    const struct delivery_settings *settings = view->app->delivery;
    struct arena *arena = view->task.arena;

    value_put_bool(view->page, arena, "no_email",
                   !settings || !settings->smtp_url.size);
    value_put_bool(view->page, arena, "no_sms",
                   !settings || !settings->sms_url.size);
}

enum error delivery_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *rows = value_list(arena), *counts = value_list(arena);
    struct delivery_row *row = NULL;
    struct delivery_count *count = NULL;
    size_t number = 0, sums = 0;

    if (delivery_list(&view->task, &row, &number, &view->err) ||
        delivery_counts(&view->task, &count, &sums, &view->err))
        return view->err.code;
    for (size_t i = 0; i < sums; i++) {
        struct value *item;

        if (of_ours(count[i].channel, count[i].state))
            continue;
        item = value_object(arena);

        value_put_str(item, arena, "channel", count[i].channel);
        value_put_str(item, arena, "state", count[i].state);
        value_put_str(item, arena, "channel_text",
                      view_say(view, channel_text(count[i].channel)));
        value_put_str(item, arena, "state_text",
                      view_say(view, state_text(count[i].state)));
        value_put_int(item, arena, "count", count[i].count);
        value_add(counts, arena, item);
    }
    for (size_t i = 0; i < number; i++)
        if (!of_ours(row[i].channel, row[i].state))
            put_row(view, rows, &row[i]);
    view_title(view, N_("Envíos"));
    value_put(view->data, arena, "counts", counts);
    value_put(view->data, arena, "messages", rows);
    value_put_bool(view->page, arena, "none", !value_count(rows));
    value_put_bool(view->page, arena, "any_count", value_count(counts) > 0);
    put_off(view);
    return ERROR_NONE;
}

enum error delivery_retry_post(struct view *view)
{
    enum error error = delivery_retry(&view->task, view->param[0], &view->err);

    if (!error)
        view_redirect_said(view, STR("/delivery"), "saved");
    return error;
}
