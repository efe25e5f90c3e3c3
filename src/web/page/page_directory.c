/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_directory.c - keeping the public directory true: what staff look at
 * before it shows, files that bring places in, the page of whoever runs a
 * place (by a signed link, no account), and reports of mistakes by anybody.
 */
#include "domain/directory/directory_import.h"
#include "domain/directory/upkeep.h"
#include "domain/hours_plain.h"
#include "form/table.h"
#include "web/page.h"
#include "web/public/find.h"
#include "web/public/public.h"

enum { TOLD_MOST = 200, FILE_MOST = 2 << 20 }; /* some ten seconds */

/* --- review --------------------------------------------------------------- */

static void put_stale_links(struct view *view, const struct value *all)
{
    const struct value *list = value_get(all, "stale");
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), view->task.arena);

        int64_t due = value_to_int(value_get(item, "due_day"), 0);
        int64_t asked = value_to_int(value_get(item, "asked_at"), 0);

        put_text_or_false(view, item, "due",
                          due ? day_text(view, due) : STR(""));
        put_text_or_false(view, item, "asked",
                          asked ? when_text(view, asked) : STR(""));
        value_add(shown, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, "stale", shown);
}

/* Hours as people say them; both texts are kept where they cannot be read. */
static struct str in_words(struct view *view, struct str key, struct str text)
{
    struct str words =
        str_equal_c(key, "hours") ? hours_words(view, text) : STR("");

    return words.size ? words : text;
}

static void put_fields(struct view *view, struct value *item)
{
    const struct value *list = value_get(item, "fields");
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *row = value_copy(value_at(list, i), view->task.arena);
        struct str key = value_text_of(row, "key");

        put_text_or_false(view, row, "was",
                          in_words(view, key, value_text_of(row, "was")));
        put_text_or_false(view, row, "now",
                          in_words(view, key, value_text_of(row, "now")));
        value_add(shown, view->task.arena, row);
    }
    value_put(item, view->task.arena, "fields", shown);
}

static void put_waiting(struct view *view, const struct value *all,
                        const char *name)
{
    const struct value *list = value_get(all, name);
    struct value *shown = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), view->task.arena);

        put_text_or_false(view, item, "note", value_text_of(item, "note"));
        value_put_str(item, view->task.arena, "when",
                      when_text(view, value_to_int(value_get(item, "at"), 0)));
        put_fields(view, item);
        put_text_or_false(view, item, "often",
                          str_equal_c(value_text_of(item, "times"), "1")
                              ? STR("")
                              : value_text_of(item, "times"));
        value_add(shown, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, name, shown);
}

enum error directory_review_page(struct view *view)
{
    struct value *all = NULL;
    enum error error = directory_review(&view->task, &all, &view->err);

    if (error)
        return error;
    put_waiting(view, all, "changes");
    put_waiting(view, all, "reports");
    put_stale_links(view, all);
    view_title(view, N_("Directorio: por revisar"));
    return ERROR_NONE;
}

enum error directory_review_post(struct view *view)
{
    bool accepted = str_equal_c(view_field(view, "act"), "accept");
    enum error error;

    if (!accepted && !str_equal_c(view_field(view, "act"), "refuse"))
        error =
            err_set(&view->err, ERROR_INPUT,
                    N_("Diga si se acepta o se rechaza."), NULL, NULL, NULL);
    else
        error =
            directory_decide(&view->task, view->param[0], accepted, &view->err);
    if (error)
        return error;
    view_redirect_said(view, STR("/directory/review"), "directory_decided");
    return ERROR_NONE;
}

/* The link to send by hand, shown once more whenever it is asked for. */
enum error directory_link_post(struct view *view)
{
    struct str link = STR("");
    enum error error =
        directory_ask_link(&view->task, view->param[0], &link, &view->err);

    if (error)
        return error;
    if (!view->app->office.public_url.size)
        link = str_join(view->task.arena, view_base(view), link);
    value_put_str(view->data, view->task.arena, "link", link);
    view_title(view, N_("Enlace para quien lleva el lugar"));
    return ERROR_NONE;
}

/* --- files ---------------------------------------------------------------- */

struct telling {
    struct view *view;
    struct value *list;
};

static void tell(void *context, struct str where, struct str what)
{
    struct telling *telling = context;
    struct arena *arena = telling->view->task.arena;
    struct value *item;

    if (value_count(telling->list) >= TOLD_MOST)
        return;
    item = value_object(arena);
    value_put_str(item, arena, "where", str_copy(arena, where));
    value_put_str(item, arena, "what", str_copy(arena, what));
    value_add(telling->list, arena, item);
}

static void put_counts(struct view *view, const struct place_import *import)
{
    struct arena *arena = view->task.arena;

    value_put_int(view->data, arena, "added", (int64_t)import->added);
    value_put_int(view->data, arena, "changed", (int64_t)import->changed);
    value_put_int(view->data, arena, "same", (int64_t)import->same);
    value_put_int(view->data, arena, "refused", (int64_t)import->refused);
    value_put_int(view->data, arena, "left_out", (int64_t)import->left_out);
    value_put_int(view->data, arena, "organizations",
                  (int64_t)import->organizations);
    value_put_bool(view->data, arena, "dry_run", import->dry_run);
    put_text_or_false(view, view->data, "batch", import->batch);
}

/* What came of it, line by line; what did not happen is not told. */
static void put_told(struct view *view, const struct place_import *import)
{
    const struct {
        const char *label;
        size_t count;
    } row[] = {{N_("Lugares nuevos"), import->added},
               {N_("Lugares que cambian"), import->changed},
               {N_("Lugares que ya estaban"), import->same},
               {N_("Organizaciones"), import->organizations},
               {N_("Renglones que no entran"), import->refused},
               {N_("Datos que se dejan fuera"), import->left_out}};
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "label", view_say(view, row[i].label));
        value_put_int(item, arena, "count", (int64_t)row[i].count);
        if (row[i].count)
            value_add(list, arena, item);
    }
    value_put(view->data, arena, "told", list);
}

enum error directory_import_page(struct view *view)
{
    put_counts(view, &(struct place_import){0});
    value_put_bool(view->data, view->task.arena, "done", false);
    value_put(view->data, view->task.arena, "problems_told",
              value_list(view->task.arena));
    view_title(view, N_("Traer lugares al directorio"));
    return ERROR_NONE;
}

static enum error read_upload(struct view *view, struct place_file *file,
                              size_t *files, struct str *name)
{
    const struct value *upload = value_get(view->fields, "file");
    struct str bytes = value_text_of(upload, "bytes");

    *name = value_text_of(upload, "name");
    if (!bytes.size)
        bytes = view_field(view, "text");
    if (!bytes.size)
        return err_set(&view->err, ERROR_INPUT, N_("Elija un archivo."), NULL,
                       NULL, NULL);
    return place_files(&view->task, *name, bytes, file, files, &view->err);
}

/* The page waits for the whole of it. */
static enum error refuse_large(struct view *view, const struct place_file *file,
                               size_t files)
{
    size_t size = 0;

    for (size_t i = 0; i < files; i++)
        size += file[i].bytes.size;
    if (size <= FILE_MOST)
        return ERROR_NONE;
    return err_set(&view->err, ERROR_TOO_LARGE,
                   N_("El archivo es demasiado grande para esta página (2 MiB "
                      "de texto). Divídalo, o pida a quien administra el "
                      "servidor: cobijo import place ARCHIVO"),
                   NULL, NULL, NULL);
}

enum error directory_import_post(struct view *view)
{
    struct telling telling = {view, value_list(view->task.arena)};
    struct place_import import = {
        .dry_run = str_equal_c(view_field(view, "dry_run"), "yes"),
        .tell = tell,
        .context = &telling};
    struct place_file file[PLACE_FILES_MOST];
    size_t files = 0;
    struct err why;
    enum error error = read_upload(view, file, &files, &import.name);

    if (!error)
        error = refuse_large(view, file, files);
    if (!error)
        error = place_import_run(&view->task, file, files, &import, &view->err);
    why = view->err;
    directory_import_page(view);
    put_counts(view, &import);
    put_told(view, &import);
    value_put_bool(view->data, view->task.arena, "done", !error);
    value_put(view->data, view->task.arena, "problems_told", telling.list);
    value_put_bool(view->page, view->task.arena, "any_problem",
                   value_count(telling.list) > 0);
    view->err = why;
    return error ? view_again(view, "directory_import", error) : ERROR_NONE;
}

/* --- whoever runs a place ------------------------------------------------- */

static enum error owner_door(struct view *view, struct str *place,
                             const struct value **answers)
{
    enum error error = directory_ask_open(&view->task, view->param[0], place,
                                          answers, &view->err);

    if (error == ERROR_NONE || error_status(error) >= 500)
        return error;
    view_title(view, N_("Directorio"));
    value_put_bool(view->page, view->task.arena, "gone", error == ERROR_GONE);
    return view_again(view, "partner_gone", error);
}

/* Hours as rows of days, from, to; what was typed, when something was. */
static struct value *hours_item(struct view *view, size_t number,
                                const struct hours_row *row, bool typed)
{
    static const char *const label[] = {N_("lun"), N_("mar"), N_("mié"),
                                        N_("jue"), N_("vie"), N_("sáb"),
                                        N_("dom")};
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *days = value_list(arena);
    struct str prefix = view_format(view, "h%zu", number);

    for (int day = 0; day < 7; day++) {
        struct value *one = value_object(arena);
        struct str name =
            view_format(view, "%.*s_%s", STR_ARGS(prefix), hours_day[day]);

        value_put_str(one, arena, "name", name);
        value_put_str(one, arena, "label", view_say(view, label[day]));
        value_put_bool(one, arena, "on",
                       typed ? view_field(view, str_c(arena, name)).size > 0
                             : row && (row->days >> day & 1));
        value_add(days, arena, one);
    }
    value_put(item, arena, "days", days);
    value_put_str(item, arena, "name", prefix);
    value_put_int(item, arena, "number", (int64_t)number + 1);
    for (int end = 0; end < 2; end++) {
        const char *key = end ? "to" : "from";
        int minute = row ? (end ? row->to : row->from) % (24 * 60) : 0;
        struct str name = view_format(view, "%.*s_%s", STR_ARGS(prefix), key);

        value_put_str(
            item, arena, key,
            typed ? view_field(view, str_c(arena, name))
            : row ? view_format(view, "%02d:%02d", minute / 60, minute % 60)
                  : STR(""));
    }
    return item;
}

static bool rows_posted(struct view *view)
{
    return view_field(view, "hours_rows").size > 0;
}

static void put_hours(struct view *view, struct str hours)
{
    struct hours_row row[HOURS_ROWS];
    size_t count = 0;
    bool plain = hours_split(hours, row, &count), typed = rows_posted(view);
    struct value *list = value_list(view->task.arena);
    size_t shown = plain ? count + 2 : 0;

    if (typed || shown > HOURS_ROWS)
        shown = HOURS_ROWS;
    for (size_t i = 0; plain && i < shown; i++)
        value_add(list, view->task.arena,
                  hours_item(view, i, i < count ? &row[i] : NULL, typed));
    value_put(view->data, view->task.arena, "hours_rows", list);
    value_put_bool(view->page, view->task.arena, "hours_plain", plain);
}

/* One row: nothing in it, or all of it. */
static enum error read_hours_row(struct view *view, size_t number,
                                 struct hours_row *row)
{
    struct arena *arena = view->task.arena;
    struct str text[2];

    *row = (struct hours_row){0};
    for (int day = 0; day < 7; day++)
        if (view_field(view, str_c(arena, view_format(view, "h%zu_%s", number,
                                                      hours_day[day])))
                .size)
            row->days |= 1u << day;
    for (int end = 0; end < 2; end++)
        text[end] =
            view_field(view, str_c(arena, view_format(view, "h%zu_%s", number,
                                                      end ? "to" : "from")));
    if (!row->days && !text[0].size && !text[1].size)
        return ERROR_NONE;
    if (!row->days || !hours_minute(text[0], &row->from) ||
        !hours_minute(text[1], &row->to) || row->from == 24 * 60)
        return err_set(&view->err, ERROR_INPUT,
                       N_("En el horario, marque los días y ponga desde y "
                          "hasta qué hora (09:00), o deje el renglón vacío."),
                       NULL, NULL, NULL);
    if (row->to == 0)
        row->to = 24 * 60; /* until midnight */
    return ERROR_NONE;
}

/* The fields as they were sent, the hours out of rows or of the text: *change
 * says what of the two was changed. */
static enum error read_hours(struct view *view, struct str standing,
                             const struct value **change)
{
    struct arena *arena = view->task.arena;
    struct value *fields = value_copy(view->fields, arena);
    struct hours_row row[HOURS_ROWS], was[HOURS_ROWS];
    struct str text = str_trim(view_field(view, "hours"));
    size_t count = 0, stood = 0;

    *change = fields;
    if (value_get(fields, "hours") && !str_equal(text, str_trim(standing))) {
        if (text.size && hours_at(text, 0, 12 * 60) == HOURS_UNKNOWN)
            return err_set(&view->err, ERROR_INPUT,
                           N_("No se entiende el horario. Así: Mo-Fr "
                              "09:00-18:00; Sa 09:00-13:00."),
                           NULL, NULL, NULL);
        return ERROR_NONE;
    }
    if (!rows_posted(view) || !hours_split(standing, was, &stood))
        return ERROR_NONE;
    for (size_t i = 0; i < HOURS_ROWS; i++) {
        enum error error = read_hours_row(view, i, &row[count]);

        if (error)
            return error;
        count += row[count].days != 0;
    }
    if (!str_equal(hours_join(arena, row, count),
                   hours_join(arena, was, stood)))
        value_put_str(fields, arena, "hours", hours_join(arena, row, count));
    return ERROR_NONE;
}

static void put_owner(struct view *view, const struct value *answers)
{
    const struct form *form = view_form(view, "place");
    struct value *list = value_list(view->task.arena);
    struct str hours = value_text_of(answers, "hours");

    value_put_str(view->data, view->task.arena, "name",
                  value_text_of(answers, "name"));
    for (size_t i = 0; directory_owner_fields[i]; i++) {
        const char *name = directory_owner_fields[i];
        const struct value *answer = value_get(answers, name);
        const struct question *question = form_find(
            form, strcmp(name, "phone_1") == 0 ? STR("phones") : str_of(name));
        struct value *item = value_object(view->task.arena);

        /* codes are for staff; whoever runs it writes a note */
        if (!answer || !question || strcmp(name, "status") == 0 ||
            strcmp(name, "languages") == 0 || strcmp(name, "hours") == 0)
            continue;
        value_put_text(item, view->task.arena, "name", name);
        value_put_str(item, view->task.arena, "label",
                      texts_in(form, question->label, view->task.language));
        value_put_str(item, view->task.arena, "value",
                      value_get(view->fields, name) ? view_field(view, name)
                                                    : value_text(answer));
        value_add(list, view->task.arena, item);
    }
    value_put(view->data, view->task.arena, "fields", list);
    put_hours(view, hours);
    value_put_str(view->data, view->task.arena, "hours",
                  value_get(view->fields, "hours") ? view_field(view, "hours")
                                                   : hours);
    put_text_or_false(view, view->data, "hours_words",
                      hours.size ? hours_words(view, hours) : STR(""));
    value_put_str(view->data, view->task.arena, "note",
                  view_field(view, "note"));
    value_put_bool(view->data, view->task.arena, "done", false);
    view_title(view, N_("Directorio"));
}

enum error directory_owner_page(struct view *view)
{
    struct str place = STR("");
    const struct value *answers = NULL;
    enum error error = owner_door(view, &place, &answers);

    if (!error && answers)
        put_owner(view, answers);
    return error;
}

enum error directory_owner_post(struct view *view)
{
    struct owner_answer answer = {
        .same = str_equal_c(view_field(view, "same"), "yes"),
        .free_band = view_field(view, "free_band"),
        .note = view_field(view, "note")};
    struct str place = STR("");
    const struct value *answers = NULL;
    struct err why;
    enum error error = owner_door(view, &place, &answers);

    if (error || !answers)
        return error;
    error = read_hours(view, value_text_of(answers, "hours"), &answer.change);
    if (!error)
        error = directory_ask_answer(&view->task, view->param[0], &answer,
                                     &view->err);
    why = view->err;
    put_owner(view, answers);
    value_put_bool(view->data, view->task.arena, "done", !error);
    view->err = why;
    return error && error_status(error) < 500
               ? view_again(view, "directory_owner", error)
               : error;
}

/* --- a mistake ------------------------------------------------------------ */

enum error directory_report_post(struct view *view)
{
    struct str base =
        view_format(view, "/directory/%.*s",
                    STR_ARGS(path_escape(view->task.arena, view->param[0])));
    enum error error = directory_report(
        &view->task, view->param[0], view_field(view, "what"),
        view_field(view, "note"), view->request->address, &view->err);

    if (error)
        return error;
    value_put_bool(view->data, view->task.arena, "received", true);
    view_redirect(view,
                  public_path(view, view_format(view, "%.*s?said=reported",
                                                STR_ARGS(base))));
    return ERROR_NONE;
}
