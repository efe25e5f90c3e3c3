/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_log.c - the state of the log: the newest checkpoint, to be printed as a
 * QR code, and the witnesses that signed it; bringing a cosigned one home.
 */
#include "core/date.h"
#include "domain/proof/proof.h"
#include "web/page.h"

static enum error put_keys(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct proof_keys keys;
    struct err ignored = {0};

    value_put_bool(view->data, arena, "key", false);
    value_put_bool(view->data, arena, "witness_key", false);
    if (proof_keys_open(&view->task, &keys, &ignored))
        return ERROR_NONE;
    value_put_str(view->data, arena, "key", note_key_text(arena, &keys.log));
    value_put_str(view->data, arena, "witness_key",
                  note_key_text(arena, &keys.witness));
    proof_keys_wipe(&view->task, &keys);
    return ERROR_NONE;
}

static enum error put_checkpoint(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct proof_checkpoint newest = {0};
    struct value *out = value_object(arena);
    int64_t size = 0;
    bool found = false;
    enum error error =
        checkpoint_newest(&view->task, &newest, &found, &view->err);

    if (!error)
        error = db_get_int(view->task.db, &size, NULL, &view->err,
                           "SELECT seq FROM site_head WHERE site = $1", "t",
                           view->task.office->log.site);
    value_put_int(view->data, arena, "entries", size);
    value_put_bool(view->data, arena, "checkpoint", false);
    value_put_bool(view->page, arena, "qr", false);
    if (error || !found)
        return error;
    value_put_int(out, arena, "size", newest.checkpoint.size);
    value_put_str(out, arena, "note", newest.note);
    value_put_str(out, arena, "when", when_text(view, newest.made));
    value_put_str(out, arena, "at", instant_text(arena, newest.made));
    value_put(view->data, arena, "checkpoint", out);
    view_qr(view, newest.note);
    return ERROR_NONE;
}

static enum error put_peers(struct view *view, const char *role,
                            const char *name)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct peer *peer = NULL;
    size_t count = 0;
    enum error error = peer_list(&view->task, role, &peer, &count, &view->err);

    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", peer[i].name);
        value_put_int(item, arena, "size", peer[i].size);
        put_text_or_false(view, item, "when",
                          peer[i].signed_at ? when_text(view, peer[i].signed_at)
                                            : STR(""));
        value_put_str(item, arena, "href",
                      view_format(view, "/log/checkpoint?witness=%.*s",
                                  STR_ARGS(path_escape(arena, peer[i].name))));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, name, list);
    /* the tree keeps the name, it does not copy it */
    value_put_bool(view->page, arena,
                   str_c(arena, str_format(arena, "any_%s", name)), count > 0);
    return error;
}

enum error log_page(struct view *view)
{
    enum error error = put_keys(view);

    view_title(view, N_("Bitácora"));
    value_put_bool(view->page, view->task.arena, "may_accept",
                   role_has(view->task.actor.role, RIGHT_USER_ADMIN));
    value_put_str(view->page, view->task.arena, "typed_note",
                  view_field(view, "note"));
    value_put_str(view->page, view->task.arena, "typed_key",
                  view_field(view, "key"));
    if (!error)
        error = put_checkpoint(view);
    if (!error)
        error = put_peers(view, "witness", "witnesses");
    return error ? error : put_peers(view, "log", "logs");
}

/* The note, or with ?witness= the file for her. */
enum error log_checkpoint_file(struct view *view)
{
    struct str witness = view_query(view, "witness"), text = STR_NULL;
    struct proof_checkpoint newest = {0};
    bool found = false;
    enum error error =
        checkpoint_newest(&view->task, &newest, &found, &view->err);

    if (!error && !found)
        error = err_set(&view->err, ERROR_NOT_FOUND,
                        N_("Todavía no hay ningún punto de control."), NULL,
                        NULL, NULL);
    text = newest.note;
    if (!error && witness.size)
        error = checkpoint_request(&view->task, witness, 0, &text, &view->err);
    if (error)
        return error;
    response_header(view->response, "Content-Disposition",
                    STR("attachment; filename=\"checkpoint.txt\""));
    view_body(view, "text/plain; charset=utf-8", text);
    return ERROR_NONE;
}

enum error log_checkpoint_post(struct view *view)
{
    struct proof_checkpoint newest;
    enum error error = checkpoint_make(&view->task, &newest, NULL, &view->err);

    if (!error)
        view_redirect_said(view, STR("/log"), "signed");
    return error;
}

/* A file, or the text itself; programs send it as a member. */
enum error log_accept_post(struct view *view)
{
    const struct value *file = value_get(view->fields, "file");
    struct str text = value_text_of(file, "bytes");
    size_t accepted = 0;
    int64_t size = 0;
    enum error error;

    if (!text.size) {
        struct str rest = view_field(view, "note"), part;
        struct buf out; /* a browser ends lines with CR LF */

        buf_init(&out, view->task.arena);
        while (rest.size && str_cut(&rest, '\r', &part))
            buf_put(&out, part);
        text = buf_str(&out);
    }
    error = checkpoint_accept(&view->task, text, view_field(view, "key"),
                              &accepted, &size, &view->err);
    if (!error) {
        view_redirect_said(view, STR("/log"), "cosigned");
        return ERROR_NONE;
    }
    if (error_status(error) < 500 && log_page(view) == ERROR_NONE)
        return view_again(view, "log", error);
    return error;
}
