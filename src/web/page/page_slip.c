/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_slip.c - the paper that goes along with a person: only what she
 * agreed to (and who prints it may read), how to answer (a link with its QR
 * code, or a telephone and a reply code), nothing about why she came.
 *
 * The link is known only in the answer to the request that made it: it is
 * shown there and nowhere else, never put into an address of ours, a cookie
 * or a log.
 */
#include "domain/person/words.h"
#include "web/page/casework.h"

enum { QUIET_ZONE = 4, QR_MAX = 200 };

/* Dark modules as runs of one path: M x y h n v1 h -n z. */
static struct str qr_path(struct arena *arena, const unsigned char *module,
                          int size)
{
    struct buf path;

    buf_init(&path, arena);
    for (int y = 0; y < size; y++) {
        int x = 0;

        while (x < size) {
            int run = 0;

            while (x + run < size && module[y * size + x + run])
                run++;
            if (run > 0)
                buf_printf(&path, "M%d %dh%dv1h-%dz", x + QUIET_ZONE,
                           y + QUIET_ZONE, run, run);
            x += run > 0 ? run : 1;
        }
    }
    return buf_str(&path);
}

struct value *qr_value(const struct host *host, struct arena *arena,
                       struct str text)
{
    unsigned char *module = NULL;
    struct value *qr;
    int size = 0;

    if (text.size == 0 || !host->qr ||
        !host->qr(host->context, arena, text, &size, &module) || size <= 0 ||
        size > QR_MAX)
        return NULL;
    qr = value_object(arena);
    value_put_int(qr, arena, "size", size + 2 * QUIET_ZONE);
    value_put_str(qr, arena, "path", qr_path(arena, module, size));
    return qr;
}

void view_qr(struct view *view, struct str text)
{
    struct arena *arena = view->task.arena;
    struct value *qr = qr_value(view->app->office.host, arena, text);

    value_put_bool(view->page, arena, "qr", false);
    if (qr)
        value_put(view->page, arena, "qr", qr);
}

static void put_link(struct view *view, struct str link)
{
    put_text_or_false(view, view->data, "link", link);
    view_qr(view, link);
}

/* page.account: somebody of the receiving place has an account here. */
static enum error put_account(struct view *view, struct str place)
{
    struct db_value value = {.type = 't', .t = place};
    struct record_filter filter = {
        .kind = STR("user"),
        .where = "{place} = $3 AND COALESCE({active}, 'yes') <> 'no'",
        .value = &value,
        .value_count = 1,
        .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = ERROR_NONE;

    if (place.size > 0)
        error =
            record_list(&view->task.office->log, view->task.db, &filter, false,
                        view->task.arena, &record, &count, &view->err);
    value_put_bool(view->page, view->task.arena, "account", count > 0);
    return error;
}

enum error slip_put(struct view *view, const struct record *record,
                    struct str link)
{
    struct arena *arena = view->task.arena;
    enum error error = package_put(view, record);

    if (error == ERROR_NONE)
        error = casework_person(view, value_text_of(record->answers, "person"));
    if (error == ERROR_NONE)
        error = put_account(view, value_text_of(record->answers, "to_place"));
    if (error != ERROR_NONE)
        return error;
    /* paper that leaves the house says the referral's urgency, not hers */
    value_put_bool(view->page, arena, "urgent", false);
    referral_put_head(view, record, record->answers);
    put_link(view, link);
    value_put_str(view->data, arena, "reply_code",
                  value_text_of(record->answers, "reply_code"));
    put_text_or_false(view, view->data, "link_expires",
                      stamp_text(view, record->answers, "link_expires"));
    put_text_or_false(view, view->data, "sent_when",
                      stamp_text(view, record->answers, "sent_at"));
    value_put_bool(view->page, arena, "public",
                   view->app->office.public_url.size > 0);
    view_title(view, N_("Hoja de referencia"));
    view->template = "slip";
    return ERROR_NONE;
}

enum error slip_page(struct view *view)
{
    struct record record;
    enum error error = record_get(&view->task, STR("referral"), view->param[0],
                                  &record, &view->err);

    if (error != ERROR_NONE)
        return error;
    if (referral_is_draft(record.answers)) {
        view_redirect(view,
                      view_format(view, "/referral/%.*s", STR_ARGS(record.id)));
        return ERROR_NONE;
    }
    return slip_put(view, &record, STR(""));
}
