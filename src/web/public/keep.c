/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* keep.c - see keep.h. */
#include "web/public/keep.h"

#include "domain/notice/usage.h"
#include "web/page.h"
#include "web/render.h"

enum { QUERY_MAX = 24, PATH_MAX_KEPT = 64 }; /* ?lang=… and nothing else */

/* Whatever is kept has a public row; the front page's, the first, is as good
 * as any to see which languages may be spoken. */
static void view_open(struct view *view, struct app *app,
                      const struct request *request)
{
    *view = (struct view){.app = app, .request = request, .route = route_table};
    view->query = value_object(request->arena);
    task_init(&view->task, &app->office, NULL, request->arena);
}

bool app_keep(struct app *app, struct db *db, const struct request *request,
              struct keep *keep)
{
    struct view view;
    struct str lang;
    int size;

    keep->key[0] = '\0';
    if (app->door || !str_equal_c(request->method, "GET") ||
        request->query.size > QUERY_MAX || request->path.size > PATH_MAX_KEPT ||
        request->too_large || request->body.size ||
        request_header(request, "cookie").size ||
        request_header(request, "authorization").size)
        return false;
    view_open(&view, app, request);
    if (request->query.size &&
        fields_parse(request->arena, request->query, &view.query, &view.err))
        return false;
    lang = view_query(&view, "lang");
    view_language(&view);
    if (value_count(view.query) > (lang.size ? 1 : 0) || wants_json(&view) ||
        !office_edition(&app->office, db, &keep->edition))
        return false;
    /* links keep the language that an address names */
    size = snprintf(keep->key, KEEP_KEY, "%.*s|%.*s|%d",
                    STR_ARGS(request->path), STR_ARGS(view.task.language),
                    str_equal_nocase(lang, view.task.language));
    keep->now = view.task.now;
    if (size < 0 || size >= KEEP_KEY)
        keep->key[0] = '\0';
    return keep->key[0] != '\0';
}

bool keep_holds(const struct keep *kept, const struct keep *asked)
{
    int64_t age = asked->now - kept->now;

    return kept->edition == asked->edition && age >= 0 && age < KEEP_MS &&
           strcmp(kept->key, asked->key) == 0;
}

void app_counted(const struct app *app, struct str counted)
{
    struct task task;

    task_init(&task, &app->office, NULL, NULL);
    usage_count(&task, counted, STR(""));
}
