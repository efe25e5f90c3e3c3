/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_know.c - what people should know: the list of topics, a notice, and it
 * read aloud. Works without a database, with what is shipped.
 */
#include "core/date.h"
#include "domain/notice/house.h"
#include "domain/openrosa/openrosa.h"
#include "web/page.h"
#include "web/public/public.h"

static struct str label_of(const struct view *view,
                           const struct catalog_table *table, size_t row,
                           const char *column)
{
    return catalog_label(table, row, column, view->task.language);
}

enum error know_list_page(struct view *view)
{
    const struct know *know = view->app->office.know;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; know->topic && i < know->topic->rows; i++) {
        struct value *item = value_object(arena);
        struct str name = catalog_cell(know->topic, i, "name");

        if (!know_file(know, name, STR("es")))
            continue;
        value_put_str(item, arena, "name", name);
        value_put_str(item, arena, "label",
                      label_of(view, know->topic, i, "label"));
        value_put_str(
            item, arena, "href",
            public_path(view, view_format(view, "/know/%.*s", STR_ARGS(name))));
        value_add(list, arena, item);
    }
    value_put(view->data, arena, "topics", list);
    return ERROR_NONE;
}

/* --- tables that stand below a notice
 * ------------------------------------------ */

/* [{country, numbers: […]}] in the order of the file. */
static struct value *numbers_of_countries(struct view *view)
{
    const struct catalog *catalog = view->app->office.catalog;
    const struct catalog_table *table =
        catalog_table(catalog, "emergency_number");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    struct str before = STR("");

    for (size_t i = 0; table && i < table->rows; i++) {
        struct str country = catalog_cell(table, i, "country");
        struct value *item = value_object(arena);

        if (str_equal(country, before))
            continue;
        before = country;
        value_put_str(
            item, arena, "country",
            catalog_name(catalog, "country", country, view->task.language));
        value_put(item, arena, "numbers", public_emergency(view, country));
        value_add(list, arena, item);
    }
    return list;
}

static struct value *ways_of_sending(struct view *view)
{
    static const char *const column[] = {"label", "needs", "warning", "fee"};
    static const char *const plain[] = {"as_of", "fee_source"};
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "remittance");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; table && i < table->rows; i++) {
        struct value *item = value_object(arena);

        for (size_t k = 0; k < sizeof column / sizeof column[0]; k++)
            put_text_or_false(view, item, column[k],
                              label_of(view, table, i, column[k]));
        for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
            put_text_or_false(view, item, plain[k],
                              catalog_cell(table, i, plain[k]));
        value_add(list, arena, item);
    }
    return list;
}

/* topic.csv says in column "data" which table stands below the text. */
static void put_tables(struct view *view, struct str name)
{
    const struct catalog_table *topic = view->app->office.know->topic;
    struct str data = catalog_cell(topic, catalog_find(topic, name), "data");
    struct arena *arena = view->task.arena;

    value_put_bool(view->data, arena, "countries", false);
    value_put_bool(view->data, arena, "sending", false);
    if (str_equal_c(data, "emergency_number"))
        value_put(view->data, arena, "countries", numbers_of_countries(view));
    if (str_equal_c(data, "remittance"))
        value_put(view->data, arena, "sending", ways_of_sending(view));
}

/* --- a notice
 * -------------------------------------------------------------------- */

static struct str review_day(const struct view *view,
                             const struct notice *notice)
{
    struct date date;

    return date_parse_whole(notice->reviewed_on, &date)
               ? day_text(view, date_to_day(date))
               : STR("");
}

enum error know_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct notice notice = {0};
    struct str name = view->param[0];
    enum error error = know_read(&view->task, name, &notice, &view->err);

    if (error)
        return error;
    view->counted = view_format(view, "/know/%.*s", STR_ARGS(name));
    value_put_str(view->data, arena, "name", name);
    value_put_str(view->data, arena, "language", notice.language);
    value_put_str(view->data, arena, "title", notice.title);
    value_put_str(view->data, arena, "html", notice.html);
    put_text_or_false(view, view->data, "sources", notice.sources);
    put_text_or_false(view, view->data, "reviewed_by", notice.reviewed_by);
    put_text_or_false(view, view->data, "reviewed_on",
                      review_day(view, &notice));
    put_text_or_false(view, view->data, "audio",
                      notice.audio.size
                          ? view_format(view, "/know/%.*s/audio?lang=%.*s",
                                        STR_ARGS(name),
                                        STR_ARGS(notice.language))
                          : STR(""));
    value_put_bool(view->page, arena, "other",
                   !str_equal(notice.language, view->task.language));
    put_tables(view, name);
    return ERROR_NONE;
}

/* --- read aloud
 * --------------------------------------------------------------------- */

/* "bytes=A-B", "bytes=A-" or "bytes=-N"; false: anything else, then all is
 * sent. */
static bool range_read(struct str header, size_t size, size_t *from, size_t *to)
{
    struct str first, rest = header;
    int64_t a = 0, b = 0;

    if (!str_starts(header, STR("bytes=")) ||
        str_find_char(header, ',') != SIZE_MAX || size == 0)
        return false;
    rest = str_slice(header, 6, header.size);
    if (!str_cut(&rest, '-', &first) || str_is_null(rest))
        return false;
    if (!first.size) {
        if (!str_to_int(rest, &b) || b < 1)
            return false;
        *from = (size_t)b < size ? size - (size_t)b : 0;
        *to = size - 1;
        return true;
    }
    if (!str_to_int(first, &a) || a < 0)
        return false;
    *to = size - 1;
    if (rest.size) {
        if (!str_to_int(rest, &b) || b < a)
            return false;
        *to = (size_t)b < size ? (size_t)b : size - 1;
    }
    *from = (size_t)a;
    return true;
}

/* A part, when the browser asks for one: seeking in a long recording does not
 * fetch all of it. */
static void send_part(struct view *view, struct str bytes)
{
    struct str range = request_header(view->request, "range");
    struct response *response = view->response;
    size_t from = 0, to = 0;

    response_header(response, "Accept-Ranges", STR("bytes"));
    response->status = 200;
    response->body = bytes;
    if (!range_read(range, bytes.size, &from, &to))
        return;
    if (from >= bytes.size) {
        response->status = 416;
        response->body = STR("");
        response_header(response, "Content-Range",
                        view_format(view, "bytes */%zu", bytes.size));
        return;
    }
    response->status = 206;
    response->body = str_slice(bytes, from, to + 1);
    response_header(
        response, "Content-Range",
        view_format(view, "bytes %zu-%zu/%zu", from, to, bytes.size));
}

enum error know_audio(struct view *view)
{
    struct task program = view->task;
    struct openrosa_part part = {0};
    struct notice notice = {0};
    bool found = false;
    enum error error = ERROR_NONE;

    if (view->task.db && know_topic(view->app->office.know, view->param[0]))
        error = house_notice(&view->task, view->param[0], view->task.language,
                             &found, &notice, &view->err);
    if (error)
        return error;
    if (!notice.audio.size)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Esta página no existe."), NULL, NULL, NULL);
    task_as_system(&program); /* what is public of the record is its sound */
    error = openrosa_attachment(
        &program, STR("notice"),
        house_id(&program, view->param[0], view->task.language), notice.audio,
        &part, &view->err);
    if (!error && !str_starts(part.type, STR("audio/")))
        error = err_set(&view->err, ERROR_NOT_FOUND,
                        N_("Esta página no existe."), NULL, NULL, NULL);
    if (error)
        return error;
    response_header(view->response, "Content-Type", part.type);
    response_header(view->response, "Content-Security-Policy", STR("sandbox"));
    send_part(view, part.bytes);
    return ERROR_NONE;
}
