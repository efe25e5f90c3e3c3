/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* feed_write.c - the house's alerts as an Atom feed (RFC 4287): a link to each
 * document and to its signature, newest first.
 */
#include "domain/alert/feed.h"

#include "domain/access/room.h"

static void put_link(struct buf *out, const char *rel, const char *type,
                     struct str base, struct str path)
{
    buf_printf(out, "  <link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    buf_put_html(out, base);
    buf_put_html(out, path);
    buf_puts(out, "\"/>\n");
}

static void put_element(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, "  <%s>", name);
    buf_put_html(out, text);
    buf_printf(out, "</%s>\n", name);
}

static void put_id(struct buf *out, struct str id)
{
    buf_puts(out, "  <id>urn:uuid:");
    buf_put_html(out, id);
    buf_puts(out, "</id>\n");
}

static struct str when(struct task *task, int64_t instant)
{
    return cap_time(task->arena, instant, task->utc_offset);
}

static void put_entry(struct task *task, struct buf *out, struct str base,
                      const struct public_alert *alert)
{
    const struct value *view = public_alert_view(task, alert);
    struct arena *arena = task->arena;

    buf_puts(out, " <entry>\n");
    put_id(out, alert->id);
    put_element(out, "title", value_text_of(view, "headline"));
    put_element(out, "updated", when(task, alert->published));
    put_element(out, "published", when(task, alert->sent_at));
    put_link(out, "alternate", CAP_TYPE, base,
             str_format(arena, "/alert/%.*s/cap", STR_ARGS(alert->id)));
    put_link(out, "alternate", "text/html", base,
             str_format(arena, "/alerts/%.*s", STR_ARGS(alert->id)));
    if (alert->note.size)
        put_link(out, "related", "text/plain", base,
                 str_format(arena, "/alert/%.*s/note", STR_ARGS(alert->id)));
    buf_puts(out, "  <category term=\"");
    buf_put_html(out, alert->msg_type);
    buf_puts(out, "\"/>\n");
    put_element(out, "summary", value_text_of(view, "area"));
    buf_puts(out, " </entry>\n");
}

struct str feed_write(struct task *task, struct str base,
                      const struct public_alert *alert, size_t count)
{
    struct str home = office_home(task->office);
    struct buf out;

    buf_init(&out, task->arena);
    buf_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    put_id(&out, task_uuid(task, STR("alert feed"), home));
    put_element(&out, "title", task->office->site_name);
    put_element(&out, "updated", when(task, count ? alert[0].published : 0));
    buf_puts(&out, "  <author><name>");
    buf_put_html(&out, task->office->site_name);
    buf_puts(&out, "</name></author>\n");
    put_link(&out, "self", "application/atom+xml", base, STR("/alerts.atom"));
    put_link(&out, "alternate", "text/html", base, STR("/alerts"));
    for (size_t i = 0; i < count; i++)
        put_entry(task, &out, base, &alert[i]);
    buf_puts(&out, "</feed>\n");
    return buf_str(&out);
}
