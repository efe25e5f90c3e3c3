/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_given_answer.c - what this house answers to a sealed file of another
 * one: the same answers that a link takes, signed, sent by the network where
 * there is a way, and a file to hand over in any case.
 */
#include "domain/grant/grant.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

static enum error find(struct view *view, struct grant_door *door)
{
    return grant_door_find(&view->task, view->param[0], view->param[1], door,
                           &view->err);
}

static void put_replies(struct view *view, const struct grant_door *door)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < door->replies; i++) {
        const struct grant_reply *reply = &door->reply[i];
        struct value *item = value_object(arena);

        value_put_int(item, arena, "number", reply->number);
        value_put_str(item, arena, "href",
                      view_format(view, "%.*s/%lld",
                                  STR_ARGS(view->request->path),
                                  (long long)reply->number));
        value_put_str(item, arena, "answer",
                      choice_text(view, "received", "answered", reply->answer));
        value_put_str(item, arena, "when", when_text(view, reply->at));
        value_put_bool(item, arena, "posted", reply->posted);
        value_put_bool(item, arena, "newest", i == 0);
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "replies", list);
}

static enum error show(struct view *view, const struct grant_door *door)
{
    struct arena *arena = view->task.arena;
    struct value *answers = value_object(arena);
    struct value *key = value_object(arena), *list = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error;

    value_put_str(answers, arena, "state", door->state);
    view_title(view, N_("Contestar a la otra casa"));
    value_put_str(view->data, arena, "from", door->name);
    value_put_bool(
        view->page, arena, "over",
        words_have(STR("RETROALIMENTADA RECHAZADA NO_ASISTIO"), door->state));
    value_put_bool(view->page, arena, "by_network", door->url.size > 0);
    value_put_bool(view->page, arena, "refused", false);
    put_replies(view, door);
    answer_put(view, answers, false);
    /* who was registered from it */
    value_put_str(key, arena, "issuer", door->issuer);
    value_put_str(key, arena, "id", door->id);
    error = grant_taken(&view->task, key, &record, &count, &view->err);
    for (size_t i = 0; i < count && !error; i++) {
        struct str person = value_text_of(record[i].answers, "person");
        struct value *item = value_object(arena);

        value_put_str(item, arena, "href",
                      record_href(view, STR("received"), record[i].id));
        value_put_str(item, arena, "name",
                      ref_text(view, STR("person"), person));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "given", list);
    return error;
}

enum error given_answer_page(struct view *view)
{
    struct grant_door door;
    enum error error = find(view, &door);

    return error ? error : show(view, &door);
}

enum error given_answer_post(struct view *view)
{
    struct grant_door door;
    struct grant_reply reply;
    struct answer answer;
    struct str refused = STR("");
    struct err why;
    enum error error = find(view, &door);

    if (error)
        return error;
    error = answer_read(view, &answer);
    answer.reply_code = STR_NULL; /* the house's signature is the proof */
    if (!answer.by.size)
        answer.by = view->task.actor.display;
    if (!error)
        error = grant_answer(&view->task, &door, &answer, &reply, &refused,
                             &view->err);
    if (error) {
        why = view->err;
        if (error_status(error) >= 500 || show(view, &door) != ERROR_NONE)
            return view->err.code;
        view->err = why;
        return view_again(view, "given_answer", error);
    }
    if (refused.size) { /* it is kept, but that house did not take it */
        if ((error = find(view, &door)) || (error = show(view, &door)))
            return error;
        value_put_str(view->page, view->task.arena, "refused", refused);
        return ERROR_NONE;
    }
    view_redirect_said(view, view->request->path,
                       reply.posted ? "given_posted" : "given_answered");
    return ERROR_NONE;
}

enum error given_answer_file(struct view *view)
{
    struct grant_door door;
    int64_t number = 0;
    enum error error = find(view, &door);

    str_to_int(view->param[2], &number);
    for (size_t i = 0; !error && i < door.replies; i++) {
        if (door.reply[i].number != number)
            continue;
        response_header(view->response, "Content-Disposition",
                        STR("attachment; filename=\"respuesta-cobijo.txt\""));
        view_body(view, "text/plain; charset=utf-8", door.reply[i].text);
        return ERROR_NONE;
    }
    return error ? error
                 : err_set(&view->err, ERROR_NOT_FOUND,
                           N_("Esa respuesta no se hizo aquí."), NULL, NULL,
                           NULL);
}
