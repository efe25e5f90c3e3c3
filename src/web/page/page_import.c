/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_import.c - the spreadsheet that a house keeps today becomes its
 * register: choose the file, see what each column and each row would become,
 * put the columns right, bring it in, take it back. The file travels with the
 * page from step to step, so nothing is kept until somebody says so. A long
 * file comes in by itself, slice by slice; its page says how far it is.
 */
#include "web/page.h"

#include "core/csv.h"
#include "form/table.h"
#include "domain/directory/directory_import.h"
#include "domain/import/import_job.h"
#include "domain/person/twin.h"
#include "web/page/import_columns.h"

enum { NOTED_ROWS = 200, ADDED_ROWS = 20 };
enum { REFRESH_SECONDS = 3, KNOWN_ROWS = 3000 };

/* Names of import_map.h that are no question of the form. */
static const struct import_special special_field[] = {
    {"full_name", N_("Nombre completo en una columna")},
    {"surnames", N_("Los dos apellidos en una columna")},
    {"birth_or_age", N_("Fecha de nacimiento o edad")},
    {"arrived_on", N_("Día de llegada")},
    {"head_ref", N_("Folio de quien responde por la familia")},
};
enum { SPECIAL = sizeof special_field / sizeof special_field[0] };

/* --- the list of batches, and a new file ---------------------------------- */

/* {done, total, why}: how far it is, false when there is nothing left to do. */
static enum error put_progress(struct view *view, struct value *item,
                               struct str batch)
{
    struct arena *arena = view->task.arena;
    struct import_progress progress;
    struct value *running;
    bool found = false;
    enum error error =
        import_job_progress(&view->task, batch, &progress, &found, &view->err);

    value_put_bool(item, arena, "running", false);
    if (error != ERROR_NONE || !found)
        return error;
    running = value_object(arena);
    value_put_int(running, arena, "done", (int64_t)progress.done);
    value_put_int(running, arena, "total", (int64_t)progress.total);
    put_text_or_false(
        view, running, "why",
        progress.stopped ? err_text(&progress.why, view->task.translator, arena)
                         : STR(""));
    value_put(item, arena, "running", running);
    return ERROR_NONE;
}

static struct value *batch_item(struct view *view, const struct record *record)
{
    static const char *const key[] = {"file_name", "rows",    "added",
                                      "known",     "refused", "open_answers"};
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    int64_t instant = record->created;

    value_put_str(item, arena, "id", record->id);
    value_put_str(item, arena, "href",
                  view_format(view, "/import/%.*s", STR_ARGS(record->id)));
    value_put_str(item, arena, "when", when_text(view, instant));
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++) {
        struct str text = value_text_of(record->answers, key[i]);

        value_put_str(item, arena, key[i], text.size ? text : STR("0"));
    }
    value_put_bool(item, arena, "undone",
                   value_text_of(record->answers, "undone_at").size > 0);
    return item;
}

static enum error batches_fill(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct record_filter filter = {.kind = STR("import_batch"), .limit = 50};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    arena, &record, &count, &view->err);

    for (size_t i = 0; error == ERROR_NONE && i < count; i++) {
        struct value *item = batch_item(view, &record[i]);

        error = put_progress(view, item, record[i].id);
        value_add(list, arena, item);
    }
    view_title(view, N_("Importar"));
    value_put(view->data, arena, "batches", list);
    return error;
}

enum error import_page(struct view *view)
{
    return batches_fill(view);
}

/* --- the plan as a page --------------------------------------------------- */

static void put_columns(struct view *view, const struct import_plan *plan)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < plan->map.count; i++) {
        const struct import_column *column = &plan->map.column[i];
        struct value *item = value_object(arena);

        value_put_int(item, arena, "index", (int64_t)i);
        value_put_str(item, arena, "heading", column->heading);
        value_put_str(item, arena, "field", column->field);
        value_put_str(item, arena, "values", column->values);
        value_put_bool(item, arena, "unsure",
                       column->field.size > 0 && column->confidence < 70);
        value_put(item, arena, "fields",
                  view->json ? value_list(arena)
                             : import_fields(view, "person", special_field,
                                             SPECIAL, column->field));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "columns", list);
}

static const char *outcome_text(const struct import_row *row)
{
    switch (row->outcome) {
    case IMPORT_ADD:
        return row->open ? N_("entra, con algo por aclarar") : N_("entra");
    case IMPORT_DUPLICATE:
        return N_("ya estaba");
    case IMPORT_REFUSE:
        return N_("no entra");
    case IMPORT_SKIP:
        return N_("se salta");
    }
    return "";
}

static const char *outcome_name(const struct import_row *row)
{
    static const char *const name[] = {"add", "duplicate", "refuse", "skip"};

    return name[row->outcome];
}

static struct value *row_item(struct view *view, const struct import_row *row)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *notes = value_list(arena);

    value_put_int(item, arena, "line", (int64_t)row->line);
    value_put_str(item, arena, "name", row->name);
    value_put_text(item, arena, "outcome", outcome_name(row));
    value_put_str(item, arena, "what", view_say(view, outcome_text(row)));
    value_put_bool(item, arena, "refused", row->outcome == IMPORT_REFUSE);
    value_put_bool(item, arena, "open", row->open);
    for (size_t i = 0; i < row->notes; i++) {
        struct value *note = value_object(arena);

        value_put_str(note, arena, "heading", row->note[i].heading);
        value_put_str(
            note, arena, "text",
            err_text(&row->note[i].err, view->task.translator, arena));
        value_add(notes, arena, note);
    }
    value_put(item, arena, "notes", notes);
    return item;
}

/* What needs a look first, then a few of those that simply come in. */
static void put_rows(struct view *view, const struct import_plan *plan)
{
    struct arena *arena = view->task.arena;
    struct value *noted = value_list(arena), *plain = value_list(arena);
    size_t look = 0;

    for (size_t i = 0; i < plan->rows; i++) {
        const struct import_row *row = &plan->row[i];
        bool wants = row->outcome == IMPORT_REFUSE || row->open;

        wants |= row->twin.size > 0;
        look += wants;
        if (wants && (view->json || value_count(noted) < NOTED_ROWS))
            value_add(noted, arena, row_item(view, row));
        else if (!wants && row->outcome == IMPORT_ADD &&
                 value_count(plain) < ADDED_ROWS)
            value_add(plain, arena, row_item(view, row));
    }
    value_put(view->data, arena, "noted", noted);
    value_put(view->data, arena, "plain", plain);
    value_put_bool(view->data, arena, "more_noted", look > value_count(noted));
}

static void plan_fill(struct view *view, const struct import_plan *plan)
{
    struct arena *arena = view->task.arena;
    static const char *const name[] = {"added", "known", "refused", "skipped",
                                       "open"};
    size_t count[] = {plan->added, plan->duplicates, plan->refused,
                      plan->skipped, plan->open};

    for (size_t i = 0; i < 5; i++)
        value_put_int(view->data, arena, name[i], (int64_t)count[i]);
    put_columns(view, plan);
    put_rows(view, plan);
}

/* --- steps ---------------------------------------------------------------- */

static enum error import_failed(struct view *view, enum error error)
{
    struct err first = view->err;

    if (error_status(error) >= 500)
        return error;
    if (batches_fill(view) != ERROR_NONE)
        return view->err.code;
    view->err = first;
    return view_again(view, "import", error);
}

static struct str batch_path(struct view *view, struct str batch)
{
    return view_format(view, "/import/%.*s", STR_ARGS(batch));
}

/* Few rows, or nobody who would go on with them: all within this request. */
static enum error import_at_once(struct view *view,
                                 const struct import_plan *plan,
                                 struct str file_name, struct str *batch)
{
    struct import_result result = {0};
    enum error error =
        import_run(&view->task, plan, file_name, &result, &view->err);

    *batch = result.batch;
    value_put_int(view->data, view->task.arena, "added", (int64_t)result.added);
    value_put_int(view->data, view->task.arena, "groups",
                  (int64_t)result.groups);
    return error;
}

static enum error import_later(struct view *view,
                               const struct import_plan *plan, struct str text,
                               struct str file_name, struct str *batch)
{
    enum error error =
        import_job_add(&view->task, plan, text, import_columns_sent(view),
                       file_name, batch, &view->err);

    if (error == ERROR_NONE)
        view->app->wake(view->app->wake_context);
    return error;
}

static enum error import_now(struct view *view, const struct import_plan *plan,
                             struct str text, struct str file_name)
{
    bool later = view->app->wake && plan->added > IMPORT_BATCH_ROWS;
    struct str batch = STR_NULL;
    enum error error = later ? import_later(view, plan, text, file_name, &batch)
                             : import_at_once(view, plan, file_name, &batch);

    if (error != ERROR_NONE)
        return import_failed(view, error);
    value_put_str(view->data, view->task.arena, "batch", batch);
    value_put_bool(view->data, view->task.arena, "running", later);
    if (later)
        view_redirect(view, batch_path(view, batch));
    else
        view_redirect_said(
            view, batch.size ? batch_path(view, batch) : STR("/import"),
            "imported");
    return ERROR_NONE;
}

enum error import_post(struct view *view)
{
    const struct value *file = value_get(view->fields, "file");
    struct str name = value_text_of(file, "name");
    struct str bytes = value_text_of(file, "bytes");
    struct import_plan plan = {0};
    struct str sheet;
    enum error error;

    if (bytes.size == 0) {
        bytes = view_field(view, "text");
        name = view_field(view, "file_name");
    }
    if (bytes.size == 0) {
        err_set(&view->err, ERROR_INPUT,
                N_("Elija el archivo del registro: .xlsx, .xls o .csv."), NULL,
                NULL, NULL);
        return import_failed(view, ERROR_INPUT);
    }
    error = register_text(view->app->office.host, view->task.arena, bytes,
                          &bytes, &sheet, &view->err);
    if (error != ERROR_NONE)
        return import_failed(view, error);
    if (sheet.size > 0) /* the batch says which one was read */
        name =
            view_format(view, "%.*s (%.*s)", STR_ARGS(name), STR_ARGS(sheet));
    error = import_plan(&view->task, STR("person"), bytes,
                        import_columns_sent(view), &plan, &view->err);
    if (error != ERROR_NONE)
        return import_failed(view, error);
    if (view_field(view, "_run").size > 0)
        return import_now(view, &plan,
                          csv_decode(view->task.arena, bytes, NULL), name);
    if (plan.added <= KNOWN_ROWS) /* more would keep her waiting */
        error = import_plan_known(&view->task, &plan, &view->err);
    if (error != ERROR_NONE)
        return import_failed(view, error);
    view_title(view, N_("Importar"));
    plan_fill(view, &plan);
    value_put_bool(view->data, view->task.arena, "later",
                   plan.added > KNOWN_ROWS);
    value_put_str(view->page, view->task.arena, "text",
                  csv_decode(view->task.arena, bytes, NULL));
    value_put_str(view->data, view->task.arena, "file_name", name);
    return ERROR_NONE;
}

/* The page comes again by itself until there is nothing left to wait for. */
static void refresh_while_running(struct view *view)
{
    const struct value *running = value_get(view->data, "running");

    if (value_type(running) == VALUE_OBJECT &&
        value_type(value_get(running, "why")) != VALUE_STRING)
        value_put_int(view->page, view->task.arena, "refresh", REFRESH_SECONDS);
}

/* How many pairs of it wait for a decision; false: none. */
static enum error put_twins(struct view *view, struct str batch)
{
    struct twin *twin = NULL;
    size_t count = 0, total = 0;
    enum error error =
        twin_list(&view->task, batch, 1, &twin, &count, &total, &view->err);

    value_put_bool(view->data, view->task.arena, "twins", false);
    if (error == ERROR_NONE && total)
        value_put_int(view->data, view->task.arena, "twins", (int64_t)total);
    return error;
}

enum error import_batch_page(struct view *view)
{
    struct record record = {0};
    enum error error = record_get(&view->task, STR("import_batch"),
                                  view->param[0], &record, &view->err);
    struct value *item;

    if (error != ERROR_NONE)
        return error;
    view_title(view, N_("Importación"));
    item = batch_item(view, &record);
    for (size_t i = 0; i < value_count(item); i++)
        value_set(view->data, view->task.arena, value_name_at(item, i),
                  value_at(item, i));
    put_text_or_false(view, view->data, "problem_lines",
                      value_text_of(record.answers, "problems"));
    error = put_progress(view, view->data, record.id);
    if (error == ERROR_NONE)
        error = put_twins(view, record.id);
    if (error == ERROR_NONE)
        refresh_while_running(view);
    return error;
}

enum error import_resume_post(struct view *view)
{
    enum error error =
        import_job_resume(&view->task, view->param[0], &view->err);

    if (error != ERROR_NONE)
        return error;
    if (view->app->wake)
        view->app->wake(view->app->wake_context);
    view_redirect(view, batch_path(view, view->param[0]));
    return ERROR_NONE;
}

enum error import_undo_post(struct view *view)
{
    struct import_undone undone = {0};
    struct place_undone places = {0};
    bool of_places = place_import_is(&view->task, view->param[0]);
    enum error error =
        of_places
            ? place_import_undo(&view->task, view->param[0], &places,
                                &view->err)
            : import_undo(&view->task, view->param[0], &undone, &view->err);

    if (of_places)
        undone = (struct import_undone){places.removed + places.restored,
                                        places.kept};
    if (error != ERROR_NONE)
        return error;
    value_put_int(view->data, view->task.arena, "removed",
                  (int64_t)undone.removed);
    value_put_int(view->data, view->task.arena, "kept", (int64_t)undone.kept);
    view_redirect_said(
        view, view_format(view, "/import/%.*s", STR_ARGS(view->param[0])),
        undone.kept > 0 ? "undone_part" : "undone");
    return ERROR_NONE;
}
