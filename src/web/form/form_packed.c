/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_packed.c - a form on its way into the page, where form.wasm checks
 * answers without asking: which forms the page has, the answers they need and
 * do not show, and each form itself, packed, under an address that changes
 * when anything in it does (so that it is fetched once).
 */
#include "web/form/widget.h"

#include "domain/account/account.h"
#include "domain/record/form_draft.h"
#include "form/graph.h"
#include "form/pack.h"

/* All that a packed form is made of; cheap, for every page has one. */
static struct str print_of(struct view *view, const struct form *form)
{
    const struct form_files *files = view->app->office.files;
    const struct asset *texts = asset_find(
        view_format(view, "po/%.*s.po", STR_ARGS(view->task.language)));
    const struct asset *wasm = asset_find(STR("wasm/form.wasm"));
    uint64_t hash = str_hash(form->source);

    for (size_t i = 0; i < form->list_count; i++)
        if (str_find_char(form->list[i].name, '.') < SIZE_MAX && files)
            hash = hash * 31 +
                   str_hash(files->file(files->context, form->list[i].name));
    hash = hash * 31 + str_hash(view->task.language);
    hash = hash * 31 + (texts ? str_hash(str_of(texts->fingerprint)) : 0);
    hash = hash * 31 + (wasm ? str_hash(str_of(wasm->fingerprint)) : 0);
    return view_format(view, "%016llx", (unsigned long long)hash);
}

/* --- what other screens answered ------------------------------------------ */

struct needing {
    const struct widgets *w;
    const struct graph *graph;
    bool *seen;
    size_t *waiting;
    size_t top;
};

static void need(struct needing *n, const struct question *question)
{
    for (; question && !n->seen[question->index]; question = question->parent) {
        n->seen[question->index] = true;
        n->waiting[n->top++] = question->index;
    }
}

static bool is_shown(const struct widgets *w, const struct question *question)
{
    while (question->repeat)
        question = question->repeat;
    return question_has_value(question) || question->type == QUESTION_REPEAT
               ? widget_wanted(w, question)
               : false;
}

static void find_needed(struct needing *n)
{
    const struct form *form = n->w->form;

    for (size_t i = 0; i < form->question_count; i++)
        if (is_shown(n->w, form->question[i]))
            need(n, form->question[i]);
    while (n->top > 0) {
        const struct graph_edge *edge;
        const struct question *question = form->question[n->waiting[--n->top]];
        size_t count = graph_reads(n->graph, question, &edge);

        for (size_t i = 0; i < count; i++)
            need(n, edge[i].question);
    }
}

/* Only what the reader may see anyway, and nothing that is covered. */
static bool may_travel(const struct widgets *w, const struct question *question)
{
    return question_has_value(question) && !question->calculation &&
           role_reads(w->view->task.actor.role, question) &&
           !(w->mask && str_equal_c(question->class, "SEN"));
}

static void put_rest(struct needing *n, struct value *rest)
{
    const struct widgets *w = n->w;

    for (size_t i = 0; i < w->form->question_count; i++) {
        const struct question *question = w->form->question[i];
        const struct question *repeat = question->repeat;
        const struct value *rows;

        if (!n->seen[i] || is_shown(w, question) || !may_travel(w, question) ||
            (repeat && repeat->repeat))
            continue;
        if (!repeat) {
            struct str text =
                value_text(value_get_str(w->answers, question->key));

            if (text.size)
                value_set(rest, w->arena, question->key,
                          value_string(w->arena, text));
            continue;
        }
        rows = value_get_str(w->answers, repeat->key);
        for (size_t k = 0; k < value_count(rows); k++)
            value_set(
                rest, w->arena,
                str_format(w->arena, "%.*s.%zu.%.*s", STR_ARGS(repeat->key), k,
                           STR_ARGS(question->key)),
                value_string(w->arena, value_text(value_get_str(
                                           value_at(rows, k), question->key))));
    }
}

static struct value *rest_of(const struct widgets *w)
{
    struct value *rest = value_object(w->arena);
    size_t count = w->form->question_count + 1;
    struct needing n = {.w = w,
                        .graph = graph_new(w->form, w->arena),
                        .seen = ARENA_ARRAY(w->arena, bool, count),
                        .waiting = ARENA_ARRAY(w->arena, size_t, count)};

    if (value_count(w->answers) && n.graph && n.seen && n.waiting) {
        find_needed(&n);
        put_rest(&n, rest);
    }
    return rest;
}

/* --- the page ------------------------------------------------------------- */

/* A form that is not in use: what its publisher fills as a trial. */
bool form_is_draft(struct view *view, const struct form *form)
{
    return forms_find(view->app->office.forms, form->name, form->version) !=
           form;
}

void form_part_put(struct widgets *w, const struct form_part *part)
{
    struct view *view = w->view;
    struct arena *arena = w->arena;
    struct value *list =
        (struct value *)(uintptr_t)value_get(view->page, "form_parts");
    struct value *item = value_object(arena);

    view->forms = true;
    if (!list) {
        list = value_list(arena);
        value_put(view->page, arena, "form_parts", list);
    }
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text_of(value_at(list, i), "base"), part->base))
            return; /* several parts of one form */
    value_put_str(item, arena, "base", part->base);
    value_put_str(
        item, arena, "href",
        view_format(view, "/form/%.*s/packed/%.*s?version=%.*s%s",
                    STR_ARGS(path_escape(arena, w->form->name)),
                    STR_ARGS(print_of(view, w->form)),
                    STR_ARGS(path_escape(arena, w->form->version)),
                    form_is_draft(view, w->form) ? "&draft=yes" : ""));
    value_put(item, arena, "rest", rest_of(w));
    value_add(list, arena, item);
}

void page_script(struct view *view, const char *path)
{
    struct arena *arena = view->task.arena;
    struct value *list =
        (struct value *)(uintptr_t)value_get(view->page, "scripts");
    struct str href = asset_href(view, path);

    view->widgets = true;
    if (!list) {
        list = value_list(arena);
        value_put(view->page, arena, "scripts", list);
    }
    for (size_t i = 0; i < value_count(list); i++)
        if (str_equal(value_text(value_at(list, i)), href))
            return;
    value_add(list, arena, value_string(arena, href));
}

void form_parts_put(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct value *list = value_get(view->page, "form_parts");
    struct str key = STR("");
    struct err err = {0};
    struct buf out;

    value_put_str(view->page, arena, "parts", STR(""));
    if (list) {
        buf_init(&out, arena);
        value_write(list, &out);
        value_put_str(view->page, arena, "parts", buf_str(&out));
        if (view->session && account_draft_key(&view->task, &key, &err))
            key = STR("");
    }
    value_put_str(view->page, arena, "draft_key", key);
}

const struct form *view_form_asked(struct view *view)
{
    const struct forms *forms = view->app->office.forms;
    struct form_problems problems = {0};
    struct form_draft draft;
    struct err err = {0};
    bool found = false;

    if (view_query(view, "draft").size &&
        role_has(view->task.actor.role, RIGHT_FORM_ADMIN) &&
        form_draft_find(&view->task, view->param[0], &draft, &found, &err) ==
            ERROR_NONE &&
        found)
        return forms_read(&view->app->office, view->task.arena, draft.source,
                          &problems);
    return forms_find(forms, view->param[0], view_query(view, "version"));
}

enum error form_packed_page(struct view *view)
{
    const struct form *form = view_form_asked(view);
    struct arena *arena = view->task.arena;
    struct buf out;

    if (!form)
        form = forms_find(view->app->office.forms, view->param[0], STR_NULL);
    view->json = true;
    if (!form)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("No hay un formulario con ese nombre."), NULL, NULL,
                       NULL);
    buf_init(&out, arena);
    value_write(
        form_pack(form, view->task.language, view->task.translator, arena),
        &out);
    view_body(view, "application/json; charset=utf-8", buf_str(&out));
    response_header(view->response, "Cache-Control",
                    str_equal(view->param[1], print_of(view, form))
                        ? STR("private, max-age=31536000, immutable")
                        : STR("no-store"));
    return ERROR_NONE;
}
