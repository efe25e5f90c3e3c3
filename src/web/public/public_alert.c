/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_alert.c - alerts for everybody: the list, one alert in her language,
 * the CAP document with its signature, the Atom feed, and the banner of every
 * public page. Reads public_alert and nothing else.
 */
#include "web/page.h"
#include "web/public/public.h"

#include "domain/access/room.h"
#include "domain/alert/feed.h"

#include <string.h>

enum { BANNER_MOST = 3 };

/* --- the banner ----------------------------------------------------------- */

static struct str low_word(struct view *view, struct str severity)
{
    static const char *const word[][2] = {
        {"Extreme", "extreme"}, {"Severe", "severe"}, {"Moderate", "moderate"}};

    (void)view;
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (str_equal_c(severity, word[i][0]))
            return str_of(word[i][1]);
    return STR("minor");
}

static struct value *banner_line(struct view *view,
                                 const struct public_alert *alert)
{
    struct arena *arena = view->task.arena;
    const struct value *from = public_alert_view(&view->task, alert);
    struct value *line = value_object(arena);

    value_put_str(line, arena, "severity", low_word(view, alert->severity));
    value_put_str(line, arena, "label", value_text_of(from, "severity_text"));
    value_put_str(line, arena, "text",
                  view_format(view, "%.*s · %.*s",
                              STR_ARGS(value_text_of(from, "headline")),
                              STR_ARGS(value_text_of(from, "area"))));
    value_put_str(line, arena, "language", value_text_of(from, "language"));
    value_put_str(line, arena, "href",
                  public_path(view, value_text_of(from, "href")));
    return line;
}

void alert_banner(struct view *view, struct str area)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct public_alert *alert = NULL;
    struct err ignored = {0};
    size_t count = 0;

    if (view->task.db && !str_starts(view->request->path, STR("/alerts")))
        alerts_for_area(&view->task, area, &alert, &count, &ignored);
    for (size_t i = 0; i < count && i < BANNER_MOST; i++)
        value_add(list, arena, banner_line(view, &alert[i]));
    if (count > BANNER_MOST) {
        struct value *line = value_object(arena);

        value_put_text(line, arena, "severity", "minor");
        value_put_str(line, arena, "label", STR(""));
        value_put_str(line, arena, "text",
                      view_say(view, N_("Ver todas las alertas")));
        value_put_str(line, arena, "language", view->task.language);
        value_put_str(line, arena, "href", public_path(view, STR("/alerts")));
        value_add(list, arena, line);
    }
    if (value_count(list))
        value_put(view->page, arena, "banner", list);
    else
        value_put_bool(view->page, arena, "banner", false);
}

void public_banner_put(struct view *view)
{
    alert_banner(view, value_text_of(view->page, "area"));
}

/* --- pages ---------------------------------------------------------------- */

static bool seen_by_people(const struct public_alert *alert)
{
    return str_equal_c(alert->status, "Actual") ||
           str_equal_c(alert->status, "Exercise");
}

static void put_times(struct view *view, struct value *item,
                      const struct public_alert *alert)
{
    struct arena *arena = view->task.arena;

    value_put_str(item, arena, "until_text", when_text(view, alert->expires));
    value_put_str(item, arena, "sent_text", when_text(view, alert->sent_at));
    value_put_str(item, arena, "tone", low_word(view, alert->severity));
    value_put_str(item, arena, "href",
                  public_path(view, value_text_of(item, "href")));
    put_text_or_false(view, item, "origin", alert->origin);
}

enum error public_alerts_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct public_alert *alert = NULL;
    size_t count = 0;
    struct str area = view_query(view, "area");
    enum error error =
        area.size
            ? alerts_for_area(&view->task, area, &alert, &count, &view->err)
            : public_alert_list(&view->task, &alert, &count, &view->err);

    if (error)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct value *item = public_alert_view(&view->task, &alert[i]);

        put_times(view, item, &alert[i]);
        value_add(list, arena, item);
    }
    view_title(view, N_("Alertas"));
    value_put(view->data, arena, "alerts", list);
    value_put_bool(view->page, arena, "none", !count);
    push_put(view);
    return ERROR_NONE;
}

static void put_words(struct view *view, struct value *out, const char *name,
                      const struct value *info)
{
    put_text_or_false(view, out, name, str_trim(value_text_of(info, name)));
}

/* Texts of an alert, one per language, hers first: page.texts. */
struct value *alert_texts(struct view *view, const struct value *cap)
{
    static const char *const words[] = {"event",       "headline",
                                        "description", "instruction",
                                        "contact",     "senderName"};
    struct arena *arena = view->task.arena;
    const struct value *infos = value_get(cap, "info");
    const struct value *hers = cap_info(cap, view->task.language);
    struct value *list = value_list(arena);

    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < value_count(infos); i++) {
            const struct value *info = value_at(infos, i);
            const struct value *areas = value_get(info, "area");
            struct value *out = value_object(arena);
            struct str web = value_text_of(info, "web");

            if ((info == hers) != (pass == 0))
                continue;
            value_put_str(out, arena, "language", cap_language(info));
            for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
                put_words(view, out, words[w], info);
            put_text_or_false(view, out, "web",
                              str_starts(web, STR("http")) ? web : STR(""));
            put_text_or_false(
                view, out, "area",
                value_count(areas)
                    ? value_text_of(value_at(areas, 0), "areaDesc")
                    : STR(""));
            value_add(list, arena, out);
        }
    return list;
}

/* {signature}, and page.checked or page.unchecked in words. */
void alert_put_signature(struct view *view, struct str origin, struct str note,
                         const struct value *cap)
{
    const char *word = alert_signature(origin, note, cap);

    value_put_text(view->data, view->task.arena, "signature", word);
    value_put_bool(view->page, view->task.arena, "checked",
                   strcmp(word, "checked") == 0);
    value_put_bool(view->page, view->task.arena, "unchecked",
                   strcmp(word, "not_checked") == 0);
}

static enum error find(struct view *view, struct public_alert *alert)
{
    enum error error =
        public_alert_find(&view->task, view->param[0], alert, &view->err);

    return error;
}

enum error public_alert_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct public_alert alert = {0};
    struct value *out, *texts;
    enum error error = find(view, &alert);

    if (error)
        return error;
    if (!seen_by_people(&alert))
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Esa alerta no existe, o ya no se muestra."), NULL,
                       NULL, NULL);
    view_title(view, N_("Alerta"));
    out = public_alert_view(&view->task, &alert);
    put_times(view, out, &alert);
    value_put_bool(out, arena, "valid",
                   str_equal_c(alert.state, "valid") &&
                       alert.expires > view->task.now);
    for (size_t i = 0; i < value_count(out); i++)
        value_set(view->data, arena, value_name_at(out, i), value_at(out, i));
    value_put(view->data, arena, "cap",
              alert.cap ? alert.cap : value_object(arena));
    alert_put_signature(view, alert.origin, alert.note, alert.cap);
    texts = alert_texts(view, alert.cap);
    value_put(view->page, arena, "texts", texts);
    value_put_str(view->page, arena, "document",
                  view_format(view, "/alert/%.*s/cap", STR_ARGS(alert.id)));
    value_put_str(view->page, arena, "list", public_path(view, STR("/alerts")));
    return ERROR_NONE;
}

/* --- for programs --------------------------------------------------------- */

enum error alert_cap(struct view *view)
{
    struct public_alert alert = {0};
    enum error error = find(view, &alert);

    if (error)
        return error;
    if (alert.note.size)
        response_header(view->response, "Link",
                        view_format(view,
                                    "</alert/%.*s/note>; rel=\"related\"; "
                                    "type=\"text/plain\"",
                                    STR_ARGS(alert.id)));
    view_body(view, CAP_TYPE, alert.document);
    return ERROR_NONE;
}

enum error alert_note_text(struct view *view)
{
    struct public_alert alert = {0};
    enum error error = find(view, &alert);

    if (!error && !alert.note.size)
        error = err_set(&view->err, ERROR_NOT_FOUND,
                        N_("Esta alerta no está firmada."), NULL, NULL, NULL);
    if (error)
        return error;
    view_body(view, "text/plain; charset=utf-8", alert.note);
    return ERROR_NONE;
}

enum error alerts_atom(struct view *view)
{
    struct public_alert *alert = NULL;
    size_t count = 0;
    enum error error =
        public_alert_feed(&view->task, &alert, &count, &view->err);

    if (error)
        return error;
    view_body(view, "application/atom+xml; charset=utf-8",
              feed_write(&view->task, view_base(view), alert, count));
    return ERROR_NONE;
}

/* --- another house has it ------------------------------------------------- */

struct acking {
    struct str site, alert, house, label;
    int64_t now;
};

static enum error write_ack(struct db *db, void *context, struct err *err)
{
    const struct acking *ack = context;

    return db_run(db, NULL, err,
                  "INSERT INTO alert_ack (site, alert, house, label, since)"
                  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                  "tttti", ack->site, ack->alert, ack->house, ack->label,
                  ack->now);
}

/* With the token of a house (cobijo token add): its name is the account's. */
enum error alert_ack_post(struct view *view)
{
    struct public_alert alert = {0};
    struct acking ack;
    enum error error;

    if (!view->bearer)
        return err_set(&view->err, ERROR_FORBIDDEN,
                       N_("Solo otra casa, con su llave, dice que tiene una "
                          "alerta."),
                       NULL, NULL, NULL);
    error = find(view, &alert);
    if (error)
        return error;
    ack = (struct acking){.site = office_home(view->task.office),
                          .alert = alert.id,
                          .house = view->task.actor.name,
                          .label = view->task.actor.display.size
                                       ? view->task.actor.display
                                       : view->task.actor.name,
                          .now = view->task.now};
    error = office_change(view->task.office, write_ack, &ack, &view->err);
    if (error)
        return error;
    value_put_bool(view->data, view->task.arena, "noted", true);
    view->json = true;
    return ERROR_NONE;
}
