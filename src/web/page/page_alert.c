/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_alert.c - alerts for those who write, approve and publish them: what is
 * on its way and what is out, one with its buttons, the form. What is decided
 * is decided by the domain (alert/alert.h); nothing here needs a script.
 */
#include "web/page.h"

#include "core/date.h"
#include "domain/access/room.h"
#include "domain/alert/alert_fetch.h"
#include "web/public/public.h"

/* --- the list ------------------------------------------------------------- */

struct heap {
    const char *stage, *title;
};

static const struct heap heaps[] = {
    {"review", N_("De otros, por revisar")},
    {"draft", N_("Borradores: falta que otra persona apruebe")},
    {"approved", N_("Aprobadas: falta publicar")},
    {"published", N_("Publicadas")},
    {"replaced", N_("Sustituidas")},
    {"cancelled", N_("Canceladas")},
    {"expired", N_("Terminadas")},
    {"refused", N_("De otros, no mostradas")},
};

static struct str name_of(struct view *view, const char *question,
                          struct str code)
{
    const struct form *form = view_form(view, "alert");
    const struct question *found =
        form ? form_find_name(form, NULL, str_of(question)) : NULL;
    const struct choice *choice =
        found && found->choices ? choice_find(found->choices, code) : NULL;

    return choice ? texts_in(form, choice->label, view->task.language) : code;
}

static void put_card(struct view *view, struct value *item,
                     const struct record *record)
{
    struct arena *arena = view->task.arena;
    const struct value *answers = record->answers;
    int64_t expires = 0;

    value_put_str(item, arena, "id", record->id);
    value_put_str(item, arena, "title", value_text_of(answers, "title"));
    value_put_str(item, arena, "stage", value_text_of(answers, "stage"));
    value_put_str(item, arena, "severity", value_text_of(answers, "severity"));
    value_put_str(
        item, arena, "severity_text",
        name_of(view, "severity", value_text_of(answers, "severity")));
    value_put_bool(item, arena, "exercise",
                   !str_equal_c(value_text_of(answers, "status"), "Actual"));
    value_put_str(item, arena, "msg_type", value_text_of(answers, "msg_type"));
    put_text_or_false(view, item, "origin", value_text_of(answers, "origin"));
    put_text_or_false(view, item, "until",
                      instant_parse(value_text_of(answers, "expires"), &expires)
                          ? when_text(view, expires)
                          : STR(""));
}

/* Feeds of others: when they answered last, and what was wrong. */
static enum error put_feeds(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct alert_feed *feed = NULL;
    size_t count = alert_feeds(&view->task, &feed);

    for (size_t i = 0; i < count; i++) {
        struct value *item = value_object(arena);
        struct rows rows;

        value_put_str(item, arena, "name", feed[i].name);
        value_put_str(item, arena, "label", feed[i].label);
        value_put_bool(item, arena, "heard", false);
        value_put_bool(item, arena, "problem", false);
        if (db_query(view->task.db, &rows, &view->err,
                     "SELECT alert_feed.heard, alert_feed.problem"
                     " FROM alert_feed WHERE alert_feed.site = $1"
                     " AND alert_feed.name = $2",
                     "tt", office_home(view->task.office), feed[i].name))
            return view->err.code;
        if (rows_next(&rows)) {
            if (rows_int(&rows, 0))
                value_put_str(item, arena, "heard",
                              when_text(view, rows_int(&rows, 0)));
            put_text_or_false(view, item, "problem",
                              str_copy(arena, rows_text(&rows, 1)));
        }
        if (rows_end(&rows))
            return view->err.code;
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "feeds", list);
    value_put_bool(view->page, arena, "any_feed", count > 0);
    return ERROR_NONE;
}

static bool is_cancel(const struct record *record)
{
    return str_equal_c(value_text_of(record->answers, "stage"), "cancelled") &&
           str_equal_c(value_text_of(record->answers, "msg_type"), "Cancel");
}

/* A cancellation is no alert more: it stands with what it calls off, when that
 * is in the list. */
static bool stands_with(const struct record *record, size_t count,
                        const struct record *cancel)
{
    struct str of = value_text_of(cancel->answers, "replaces");

    for (size_t i = 0; of.size && is_cancel(cancel) && i < count; i++)
        if (str_equal(record[i].id, of))
            return true;
    return false;
}

static bool waits_cancel(const struct record *record)
{
    return str_equal_c(value_text_of(record->answers, "stage"), "review") &&
           str_equal_c(value_text_of(record->answers, "msg_type"), "Cancel");
}

/* {cancel, why}: of what was called off; withdrawn: the cancellation of it that
 * waits for review. */
static void put_cancel(struct view *view, struct value *item,
                       const struct record *record, size_t count,
                       const struct record *of)
{
    struct arena *arena = view->task.arena;

    value_put_bool(item, arena, "cancel", false);
    value_put_bool(item, arena, "why", false);
    value_put_bool(item, arena, "withdrawn", false);
    value_put_bool(item, arena, "is_cancel", waits_cancel(of));
    for (size_t i = 0; i < count; i++) {
        if (waits_cancel(&record[i]) &&
            str_equal(value_text_of(record[i].answers, "replaces"), of->id))
            value_put_str(item, arena, "withdrawn", record[i].id);
        if (is_cancel(&record[i]) &&
            str_equal(value_text_of(record[i].answers, "replaces"), of->id)) {
            value_put_str(item, arena, "cancel", record[i].id);
            put_text_or_false(view, item, "why",
                              value_text_of(record[i].answers, "note"));
        }
    }
}

/* The same on the page of one. */
static enum error put_withdrawn(struct view *view, struct str id)
{
    struct db_value value = {.type = 't', .t = id};
    struct record_filter filter = {.kind = STR("alert"),
                                   .where = "{stage} = 'review' AND {msg_type}"
                                            " = 'Cancel' AND {replaces} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .order = "_id",
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    view->task.arena, &record, &count, &view->err);

    put_text_or_false(view, view->page, "withdrawn",
                      count ? record[0].id : STR(""));
    return error;
}

enum error alert_list_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct record_filter filter = {.kind = STR("alert"), .limit = 300};
    struct value *groups = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &count, &view->err);

    if (error)
        return error;
    for (size_t h = 0; h < sizeof heaps / sizeof heaps[0]; h++) {
        struct value *group = value_object(arena), *list = value_list(arena);

        for (size_t i = 0; i < count; i++) {
            struct value *item = value_object(arena);

            if (!str_equal_c(value_text_of(record[i].answers, "stage"),
                             heaps[h].stage) ||
                stands_with(record, count, &record[i]))
                continue;
            put_card(view, item, &record[i]);
            put_cancel(view, item, record, count, &record[i]);
            value_add(list, arena, item);
        }
        if (!value_count(list))
            continue;
        value_put_text(group, arena, "stage", heaps[h].stage);
        value_put_str(group, arena, "title", view_say(view, heaps[h].title));
        value_put(group, arena, "alerts", list);
        value_add(groups, arena, group);
    }
    view_title(view, N_("Alertas"));
    value_put(view->data, arena, "groups", groups);
    value_put_bool(view->page, arena, "none", !value_count(groups));
    return put_feeds(view);
}

/* --- one ------------------------------------------------------------------ */

static struct str person_name(struct view *view, struct str id)
{
    return id.size ? ref_text(view, STR("user"), id) : STR("");
}

/* What may be done with it, by her and now. */
static void put_acts(struct view *view, const struct value *answers)
{
    static const struct {
        const char *name;
        enum alert_act act;
        enum right right;
        bool own;
    } act[] = {{"edit", ALERT_EDIT, RIGHT_ALERT_WRITE, true},
               {"approve", ALERT_APPROVE, RIGHT_ALERT_APPROVE, true},
               {"publish", ALERT_PUBLISH, RIGHT_ALERT_WRITE, true},
               {"update", ALERT_UPDATE, RIGHT_ALERT_WRITE, true},
               {"cancel", ALERT_CANCEL, RIGHT_ALERT_APPROVE, true},
               {"review", ALERT_SHOW, RIGHT_ALERT_APPROVE, false}};
    struct value *may = value_object(view->task.arena);
    bool own = !value_text_of(answers, "origin").size;

    for (size_t i = 0; i < sizeof act / sizeof act[0]; i++)
        value_put_bool(may, view->task.arena, act[i].name,
                       alert_can(value_text_of(answers, "stage"), act[i].act) &&
                           role_has(view->task.actor.role, act[i].right) &&
                           own == act[i].own);
    value_put(view->page, view->task.arena, "may", may);
}

static void put_people(struct view *view, const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct str rest = value_text_of(answers, "written_by"), id;
    struct buf names;

    buf_init(&names, arena);
    while (rest.size && str_cut(&rest, ' ', &id)) {
        if (names.size)
            buf_puts(&names, ", ");
        buf_put(&names, person_name(view, id));
    }
    value_put_bool(view->page, arena, "mine",
                   str_find(value_text_of(answers, "written_by"),
                            view->task.actor.id) != SIZE_MAX);
    put_text_or_false(view, view->page, "written_by", buf_str(&names));
    put_text_or_false(view, view->page, "approved_by",
                      person_name(view, value_text_of(answers, "approved_by")));
    put_text_or_false(
        view, view->page, "published_by",
        person_name(view, value_text_of(answers, "published_by")));
}

static void put_texts(struct view *view, const struct value *texts)
{
    struct arena *arena = view->task.arena;
    struct value *shown = value_list(arena);

    for (size_t i = 0; i < value_count(texts); i++) {
        struct value *text = value_copy(value_at(texts, i), arena);
        struct str tongue =
            name_of(view, "language", value_text_of(text, "language"));

        value_put_str(text, arena, "tongue", tongue);
        value_add(shown, arena, text);
    }
    value_put(view->page, arena, "texts", shown);
}

/* Why should anybody believe it? Of ours it is asked when it is out. */
static void put_trust(struct view *view, const struct value *answers,
                      const struct value *cap)
{
    struct str origin = value_text_of(answers, "origin");
    struct str note = value_text_of(answers, "signature");

    alert_put_signature(view, origin, note, cap);
    value_put_bool(view->page, view->task.arena, "unsigned",
                   origin.size && !note.size && !value_get(cap, CAP_SIGNATURE));
    put_text_or_false(view, view->page, "replaces",
                      value_text_of(answers, "replaces"));
}

/* As it will read: the blocks of the document. */
static enum error put_document(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    const struct value *cap = NULL;
    struct cap_problems problems;
    struct str document = value_text_of(record->answers, "document");
    enum error error;

    if (document.size)
        error = cap_read((cap_xml)view->app->office.read_xml, arena, document,
                         &cap, &problems, &view->err);
    else
        error = alert_make(&view->task, record->id, record->answers, &cap,
                           &problems, &view->err);
    if (error && error_status(error) >= 500)
        return error;
    err_clear(&view->err);
    value_put(view->data, arena, "cap", cap ? cap : value_object(arena));
    put_trust(view, record->answers, cap);
    put_texts(view, alert_texts(view, cap));
    return ERROR_NONE;
}

static enum error put_houses(struct view *view, struct str id)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct rows rows;
    enum error error =
        db_query(view->task.db, &rows, &view->err,
                 "SELECT alert_ack.label, alert_ack.since FROM alert_ack"
                 " WHERE alert_ack.site = $1 AND alert_ack.alert = $2"
                 " ORDER BY alert_ack.since, alert_ack.label LIMIT 500",
                 "tt", office_home(view->task.office), id);

    if (error)
        return error;
    while (rows_next(&rows)) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "house",
                      str_copy(arena, rows_text(&rows, 0)));
        value_put_str(item, arena, "since",
                      when_text(view, rows_int(&rows, 1)));
        value_put_int(item, arena, "since_at", rows_int(&rows, 1));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "houses", list);
    value_put_bool(view->page, arena, "any_house", value_count(list) > 0);
    return rows_end(&rows);
}

static enum error show(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct record record = {0};
    struct str id = view->param[0];
    enum error error =
        record_get(&view->task, STR("alert"), id, &record, &view->err);

    if (error)
        return error;
    view_title(view, N_("Alerta"));
    put_card(view, view->data, &record);
    /* sent along as _base by who approves; a text, as JavaScript has no such
     * numbers */
    value_put_str(view->data, arena, "base",
                  view_format(view, "%lld", (long long)record.clock));
    value_put_str(
        view->page, arena, "stage_text",
        name_of(view, "stage", value_text_of(record.answers, "stage")));
    value_put_bool(
        view->page, arena, "out",
        value_text_of(record.answers, "document").size > 0 &&
            !str_equal_c(value_text_of(record.answers, "stage"), "review"));
    put_acts(view, record.answers);
    put_people(view, record.answers);
    value_put_bool(view->page, arena, "is_cancel", waits_cancel(&record));
    error = put_withdrawn(view, id);
    if (!error)
        error = put_document(view, &record);
    return error ? error : put_houses(view, id);
}

enum error alert_show_page(struct view *view)
{
    return show(view);
}

/* --- steps ---------------------------------------------------------------- */

static enum error after_step(struct view *view, enum error error, struct str id,
                             const char *said)
{
    struct err first = view->err;

    if (!error) {
        value_put_str(view->data, view->task.arena, "id", id);
        view_redirect_said(view, view_format(view, "/alert/%.*s", STR_ARGS(id)),
                           said);
        return ERROR_NONE;
    }
    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND ||
        error == ERROR_FORBIDDEN)
        return error;
    err_clear(&view->err);
    if (show(view))
        return view->err.code;
    view->err = first;
    return view_again(view, "alert", error);
}

enum error alert_approve_post(struct view *view)
{
    int64_t read = 0;

    str_to_int(view_field(view, "_base"), &read);
    return after_step(
        view, alert_approve(&view->task, view->param[0], read, &view->err),
        view->param[0], "alert_approved");
}

enum error alert_publish_post(struct view *view)
{
    enum error error = alert_publish(&view->task, view->param[0], &view->err);

    return after_step(view, error, view->param[0], "alert_published");
}

enum error alert_update_post(struct view *view)
{
    struct str draft = STR_NULL;
    enum error error =
        alert_update(&view->task, view->param[0], &draft, &view->err);

    if (error)
        return after_step(view, error, view->param[0], "saved");
    value_put_str(view->data, view->task.arena, "id", draft);
    view_redirect(view, view_format(view, "/alert/%.*s/edit", STR_ARGS(draft)));
    return ERROR_NONE;
}

enum error alert_cancel_post(struct view *view)
{
    struct str cancel = view->param[0];
    enum error error =
        alert_cancel(&view->task, view->param[0], view_field(view, "why"),
                     &cancel, &view->err);

    return after_step(view, error, cancel, "alert_cancelled");
}

enum error alert_review_post(struct view *view)
{
    bool shown = str_equal_c(view_field(view, "show"), "yes");

    return after_step(
        view, alert_review(&view->task, view->param[0], shown, &view->err),
        view->param[0], shown ? "alert_shown" : "alert_refused");
}

/* --- the form ------------------------------------------------------------- */

static enum error edit_fill(struct view *view, const struct form *form,
                            const struct value *answers)
{
    struct arena *arena = view->task.arena;
    bool old = view->param[0].size > 0;

    view_title(view, old ? N_("Cambiar la alerta") : N_("Nueva alerta"));
    value_put(
        view->page, arena, "form",
        form_view(view, form, answers, view->problem, view->problems, NULL));
    value_put_text(view->page, arena, "kind", "alert");
    value_put_bool(view->page, arena, "old", old);
    value_put_str(
        view->page, arena, "action",
        old ? view_format(view, "/alert/%.*s/edit", STR_ARGS(view->param[0]))
            : STR("/alert/new"));
    value_put_str(
        view->page, arena, "back",
        old ? view_format(view, "/alert/%.*s", STR_ARGS(view->param[0]))
            : STR("/alert"));
    return ERROR_NONE;
}

static const struct form *alert_form(struct view *view)
{
    const struct form *form = view_form(view, "alert");

    if (!form)
        err_set(&view->err, ERROR_NOT_FOUND,
                N_("No hay un formulario con ese nombre."), NULL, NULL, NULL);
    return form;
}

/* A first text in Spanish is there already: without script it would take a
 * button to have one. */
static struct value *first_answers(struct view *view)
{
    struct value *answers = value_object(view->task.arena);
    struct value *rows = value_list(view->task.arena);
    struct value *row = value_object(view->task.arena);

    value_put_text(row, view->task.arena, "language", "es");
    value_add(rows, view->task.arena, row);
    value_put(answers, view->task.arena, "info", rows);
    return answers;
}

enum error alert_new_page(struct view *view)
{
    const struct form *form = alert_form(view);

    if (!form)
        return view->err.code;
    view_stamp(view, STR(""), 0);
    return edit_fill(view, form,
                     view_defaults(view, form, first_answers(view)));
}

enum error alert_edit_page(struct view *view)
{
    const struct form *form = alert_form(view);
    struct record record = {0};

    if (!form || record_get(&view->task, STR("alert"), view->param[0], &record,
                            &view->err))
        return view->err.code;
    if (!alert_can(value_text_of(record.answers, "stage"), ALERT_EDIT))
        return err_set(&view->err, ERROR_CONFLICT,
                       N_("Esta alerta ya se publicó y no se cambia: haga una "
                          "actualización, o cancélela."),
                       NULL, NULL, NULL);
    view_stamp(view, record.id, record.clock);
    return edit_fill(view, form, record.answers);
}

static enum error edit_again(struct view *view, const struct form *form,
                             const struct value *answers,
                             const struct saved *saved, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500 || error == ERROR_NOT_FOUND ||
        error == ERROR_FORBIDDEN)
        return error;
    view->problem = saved->problem;
    view->problems = saved->problems;
    view_stamp(view, view->param[0], 0);
    value_put_str(view->page, view->task.arena, "base",
                  view_field(view, "_base"));
    if (error == ERROR_CONFLICT && view->param[0].size)
        view_conflict(view, form, answers);
    edit_fill(view, form, answers);
    view->err = first;
    return view_again(view, "alert_edit", error);
}

static enum error alert_post(struct view *view)
{
    const struct form *form = alert_form(view);
    struct save save = {.kind = STR("alert")};
    struct saved saved = {0};
    struct value *answers;
    enum error error;

    if (!form)
        return view->err.code;
    answers = view_answers(view, form);
    if (view_repeat_pressed(view, form, answers)) {
        view_stamp(view, view->param[0], 0);
        value_put_str(view->page, view->task.arena, "base",
                      view_field(view, "_base"));
        view->template = "alert_edit";
        return edit_fill(view, form, answers);
    }
    save.input = answers;
    save.id = view->param[0];
    view_save(view, &save);
    if (view->param[0].size)
        save.create = false;
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error)
        return edit_again(view, form, answers, &saved, error);
    value_put_int(view->data, view->task.arena, "clock", saved.clock);
    return after_step(view, ERROR_NONE, saved.id, "alert_saved");
}

enum error alert_new_post(struct view *view)
{
    return alert_post(view);
}

enum error alert_edit_post(struct view *view)
{
    return alert_post(view);
}
