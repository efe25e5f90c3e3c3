/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* visit.c - what a browser keeps of ours and what we know of it: the cookie of
 * the session, the cookie of the machine (who is known here, who may change
 * places by PIN), the browser's family. No address and no full User-Agent is
 * kept.
 */
#include "web/page.h"

enum { DEVICE_SECONDS = 180 * 86400 };

static const char *cookie_name(const struct view *view, bool device)
{
    if (over_tls(view))
        return device ? "__Host-cobijo_device" : "__Host-cobijo";
    return device ? "cobijo_device" : "cobijo";
}

struct str session_cookie(const struct view *view)
{
    return request_cookie(view->request, cookie_name(view, false));
}

void session_drop(struct view *view)
{
    view_cookie(view, cookie_name(view, false), STR(""), 0);
}

/* "Firefox · Windows": enough to know one's own again. */
static struct str agent_family(struct view *view)
{
    static const struct {
        const char *mark, *name;
    } browser[] = {
        {"Edg", "Edge"},
        {"OPR", "Opera"},
        {"SamsungBrowser", "Samsung Internet"},
        {"Firefox", "Firefox"},
        {"FxiOS", "Firefox"},
        {"CriOS", "Chrome"},
        {"Chrome", "Chrome"},
        {"Safari", "Safari"},
    };
    static const struct {
        const char *mark, *name;
    } system[] = {
        {"Android", "Android"}, {"iPhone", "iPhone"},   {"iPad", "iPad"},
        {"CrOS", "ChromeOS"},   {"Windows", "Windows"}, {"Mac OS", "Mac"},
        {"Linux", "Linux"},
    };
    struct str text = request_header(view->request, "user-agent");
    const char *first = "", *second = "";

    for (size_t i = sizeof browser / sizeof browser[0]; i-- > 0;)
        if (str_find(text, str_of(browser[i].mark)) != SIZE_MAX)
            first = browser[i].name;
    for (size_t i = sizeof system / sizeof system[0]; i-- > 0;)
        if (str_find(text, str_of(system[i].mark)) != SIZE_MAX)
            second = system[i].name;
    return view_format(view, "%s%s%s", first, *first && *second ? " · " : "",
                       second);
}

struct visit visit_of(struct view *view)
{
    struct str device = request_cookie(view->request, cookie_name(view, true));

    if (device.size != 43) { /* session_keep gives it to the browser */
        device = host_secret(view->app->office.host, view->task.arena);
        view->device = device;
    }
    return (struct visit){
        .address = view->request->address,
        .agent = agent_family(view),
        .device = device,
        .before = view->session ? view->session->id : STR(""),
    };
}

void session_keep(struct view *view, const struct session *session)
{
    view_cookie(view, cookie_name(view, false), session->cookie,
                ACCOUNT_SESSION_MINUTES * 60L);
    if (view->device.size)
        view_cookie(view, cookie_name(view, true), view->device,
                    DEVICE_SECONDS);
    if (session->language.size)
        view_cookie(view, "lang", session->language, LANGUAGE_SECONDS);
}

struct str next_path(struct str wanted)
{
    if (wanted.size < 2 || wanted.at[0] != '/' || wanted.at[1] == '/' ||
        wanted.at[1] == '\\' || wanted.size > 500)
        return STR("/today");
    return wanted;
}

struct str session_next(struct view *view, const struct session *session,
                        struct str next)
{
    const char *path = session->state == SESSION_HALF    ? "/login/second"
                       : session->state == SESSION_ENROL ? "/profile/second"
                                                         : NULL;
    struct buf out;

    if (!path)
        return next_path(next);
    buf_init(&out, view->task.arena);
    buf_printf(&out, "%s?next=", path);
    buf_put_url(&out, next_path(next));
    return buf_str(&out);
}
