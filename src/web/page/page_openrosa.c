/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_openrosa.c - the addresses that ODK Collect and Enketo know: form list,
 * form, manifest, media, submission, entity lists. Each stands twice in
 * routes.def, once below /key/SECRET/ for telephones without a password.
 */
#include "domain/proof/seen.h"
#include "web/page/openrosa.h"

#include "domain/openrosa/openrosa.h"
#include "domain/record/form_media.h"
#include "domain/record/media.h"
#include "form/media_file.h"
#include "web/page.h"

enum { INTEGRITY_MAX = 2000 };

/* A parameter of the path; the key in front is not counted. */
static struct str param_at(const struct view *view, size_t index)
{
    if (str_starts(str_of(view->route->path), STR("/key/")))
        index++;
    return view->param[index];
}

/* http://host, and the key where the request had one. */
static struct str base_of(struct view *view)
{
    struct str base = view_base(view);

    if (!str_starts(str_of(view->route->path), STR("/key/")))
        return base;
    return view_format(view, "%.*s/key/%.*s", STR_ARGS(base),
                       STR_ARGS(path_escape(view->task.arena, view->param[0])));
}

static void put_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) /* XML 1.0 has no other controls */
        if ((unsigned char)text.at[i] >= ' ' || strchr("\t\n\r", text.at[i]))
            buf_put_html(out, str_slice(text, i, i + 1));
}

static void put_element(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, "<%s>", name);
    put_xml(out, text);
    buf_printf(out, "</%s>", name);
}

static void send_xml(struct view *view, const struct buf *out)
{
    view_body(view, "text/xml; charset=utf-8", buf_str(out));
}

/* What a client may have already: it then gets 304 and no body. */
static void send_kept(struct view *view, const char *type, struct str hash,
                      struct str body)
{
    response_header(view->response, "ETag",
                    view_format(view, "\"%.*s\"", STR_ARGS(hash)));
    view_body(view, type, body);
}

static bool client_has(struct view *view, struct str hash)
{
    return hash.size &&
           str_find(request_header(view->request, "if-none-match"),
                    view_format(view, "\"%.*s\"", STR_ARGS(hash))) != SIZE_MAX;
}

static void send_list(struct view *view, const struct buf *out)
{
    send_kept(view, "text/xml; charset=utf-8",
              openrosa_hash(view->task.arena, buf_str(out)), buf_str(out));
}

static void begin_xml(struct view *view, struct buf *out)
{
    buf_init(out, view->task.arena);
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

/* --- answers to every request --------------------------------------------- */

void openrosa_headers(struct view *view)
{
    struct response *response = view->response;

    response_header(response, "X-OpenRosa-Version", STR("1.0"));
    if (view->task.language.size)
        response_header(response, "Content-Language", view->task.language);
    if (str_ends(str_of(view->route->path), STR("/submission")))
        response_header(response, "X-OpenRosa-Accept-Content-Length",
                        view_format(view, "%d", REQUEST_POST_MAX));
}

void openrosa_message(struct view *view, int status, const char *nature,
                      struct str text)
{
    struct buf out;

    begin_xml(view, &out);
    buf_printf(&out,
               "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\" "
               "items=\"0\"><message nature=\"%s\">",
               nature);
    put_xml(&out, text);
    buf_puts(&out, "</message></OpenRosaResponse>\n");
    view->response->status = status;
    send_xml(view, &out);
}

/* A form that was filled wrong is a bad request; a rule of protection that
 * refuses, a forbidden one. */
static int status_of(enum error error)
{
    if (error == ERROR_INPUT)
        return 400;
    if (error == ERROR_BLOCKED)
        return 403;
    return error_status(error);
}

void openrosa_error(struct view *view, enum error error)
{
    struct arena *arena = view->task.arena;
    struct buf text;

    buf_init(&text, arena);
    buf_put(&text, err_text(&view->err, view->task.translator, arena));
    for (size_t i = 0; i < view->problems && i < 20; i++) {
        buf_puts(&text, i ? "; " : " ");
        buf_put(&text, view->problem[i].path);
        buf_puts(&text, ": ");
        buf_put(&text, problem_text(view, &view->problem[i]));
    }
    openrosa_message(view, status_of(error), "error", buf_str(&text));
}

/* --- the list of forms ---------------------------------------------------- */

/* Where the newest version is, or what says which other one. */
static struct str version_query(struct view *view, const struct form *form)
{
    if (forms_find(view->task.office->forms, form->name, STR_NULL) == form)
        return STR("");
    return view_format(view, "?version=%.*s",
                       STR_ARGS(path_escape(view->task.arena, form->version)));
}

static void put_form(struct view *view, const struct openrosa_form *form,
                     bool verbose, struct buf *out)
{
    struct arena *arena = view->task.arena;
    struct str base = base_of(view);
    struct str kind = path_escape(arena, form->form->name);
    struct str query = version_query(view, form->form);
    struct str title =
        texts_in(form->form, form->form->title, view->task.language);

    buf_puts(out, "<xform>");
    put_element(out, "formID", form->form->name);
    put_element(out, "name", title.size ? title : form->form->name);
    put_element(out, "version", form->form->version);
    put_element(out, "hash", form->hash);
    if (verbose)
        put_element(out, "descriptionText", title);
    put_element(out, "downloadUrl",
                view_format(view, "%.*s/xform/%.*s%.*s", STR_ARGS(base),
                            STR_ARGS(kind), STR_ARGS(query)));
    if (form->media_count)
        put_element(out, "manifestUrl",
                    view_format(view, "%.*s/xform/%.*s/manifest%.*s",
                                STR_ARGS(base), STR_ARGS(kind),
                                STR_ARGS(query)));
    buf_puts(out, "</xform>\n");
}

/* Tells the log of the house about a form that no telephone can have. */
static void log_unfit(struct view *view, const struct form *form,
                      const struct err *err)
{
    const struct host *host = view->app->office.host;
    struct value *fields = value_object(view->task.arena);

    value_put_str(fields, view->task.arena, "kind", form->name);
    value_put_str(fields, view->task.arena, "why",
                  err_text(err, NULL, view->task.arena));
    host->log(host->context, HOST_WARNING, "form_not_for_telephones", fields);
}

enum error form_list_xml(struct view *view)
{
    struct task *task = &view->task;
    struct str only = view_query(view, "formID");
    bool verbose = str_equal_c(view_query(view, "verbose"), "true");
    bool all = str_equal_c(view_query(view, "listAllVersions"), "true");
    const struct form **list = NULL;
    size_t count = all ? forms_every(task->office->forms, task->arena, &list)
                       : forms_list(task->office->forms, task->arena, &list);
    struct buf out;

    begin_xml(view, &out);
    buf_puts(&out,
             "<xforms xmlns=\"http://openrosa.org/xforms/xformsList\">\n");
    for (size_t i = 0; i < count; i++) {
        struct openrosa_form form;
        struct err err = {0};

        if (!openrosa_offers(task, list[i]) ||
            (only.size && !str_equal(only, list[i]->name)))
            continue;
        if (openrosa_form(task, list[i]->name, list[i]->version, &form, &err)) {
            if (error_status(err.code) >= 500) {
                view->err = err;
                return err.code;
            }
            log_unfit(view, list[i], &err);
            continue;
        }
        put_form(view, &form, verbose, &out);
    }
    buf_puts(&out, "</xforms>\n");
    send_list(view, &out);
    return ERROR_NONE;
}

/* --- a form and what belongs to it ---------------------------------------- */

enum error form_xml(struct view *view)
{
    struct openrosa_form form;
    enum error error =
        openrosa_form(&view->task, param_at(view, 0),
                      view_query(view, "version"), &form, &view->err);

    if (!error)
        send_kept(view, "text/xml; charset=utf-8", form.hash, form.xml);
    return error;
}

enum error form_manifest_xml(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct openrosa_form form;
    struct buf out;
    enum error error =
        openrosa_form(&view->task, param_at(view, 0),
                      view_query(view, "version"), &form, &view->err);

    if (error)
        return error;
    begin_xml(view, &out);
    buf_puts(
        &out,
        "<manifest xmlns=\"http://openrosa.org/xforms/xformsManifest\">\n");
    for (size_t i = 0; i < form.media_count; i++) {
        struct str hash;

        error = openrosa_file_hash(&view->task, &form, &form.media[i], &hash,
                                   &view->err);
        if (error)
            return error;
        buf_printf(&out, "<mediaFile%s>",
                   form.media[i].kind.size ? " type=\"entityList\"" : "");
        put_element(&out, "filename", form.media[i].name);
        put_element(&out, "hash", hash);
        put_element(
            &out, "downloadUrl",
            view_format(view, "%.*s/xform/%.*s/media/%.*s%.*s",
                        STR_ARGS(base_of(view)),
                        STR_ARGS(path_escape(arena, form.form->name)),
                        STR_ARGS(path_escape(arena, form.media[i].name)),
                        STR_ARGS(version_query(view, form.form))));
        if (form.media[i].kind.size)
            put_element(
                &out, "integrityUrl",
                view_format(view, "%.*s/entity/%.*s/integrity",
                            STR_ARGS(base_of(view)),
                            STR_ARGS(path_escape(arena, form.media[i].kind))));
        buf_puts(&out, "</mediaFile>\n");
    }
    buf_puts(&out, "</manifest>\n");
    send_list(view, &out);
    return ERROR_NONE;
}

static const char *media_type(struct str name, struct str bytes)
{
    const char *type =
        media_file_is(name) ? form_media_type(name, bytes) : NULL;

    return type                              ? type
           : str_ends(name, STR(".xml"))     ? "text/xml; charset=utf-8"
           : str_ends(name, STR(".geojson")) ? "application/geo+json"
                                             : "text/csv; charset=utf-8";
}

static enum error send_media(struct view *view,
                             const struct openrosa_form *form,
                             const struct openrosa_media *media)
{
    struct task *task = &view->task;
    struct str hash, csv = STR("");
    enum error error = openrosa_file_hash(task, form, media, &hash, &view->err);

    if (!error && !client_has(view, hash)) {
        error = openrosa_file(task, form, media, &csv, &view->err);
        hash = openrosa_hash(task->arena, csv);
    }
    if (!error)
        send_kept(view, media_type(media->name, csv), hash, csv);
    return error;
}

enum error form_media(struct view *view)
{
    struct openrosa_form form;
    enum error error =
        openrosa_form(&view->task, param_at(view, 0),
                      view_query(view, "version"), &form, &view->err);

    for (size_t i = 0; !error && i < form.media_count; i++)
        if (str_equal(form.media[i].name, param_at(view, 1)))
            return send_media(view, &form, &form.media[i]);
    return error ? error
                 : err_set(&view->err, ERROR_NOT_FOUND,
                           N_("El archivo no está aquí o aún no llegó."), NULL,
                           NULL, NULL);
}

static int64_t lines_below_head(struct str csv)
{
    int64_t lines = -1;

    for (size_t i = 0; i < csv.size; i++)
        lines += csv.at[i] == '\n';
    return lines;
}

enum error entity_list(struct view *view)
{
    struct str name = param_at(view, 0), csv;
    enum error error;

    if (str_ends(name, STR(".csv")))
        name = str_slice(name, 0, name.size - 4);
    error = openrosa_entities(&view->task, name, &csv, &view->err);
    if (!error)
        error = seen_lookup(&view->task,
                            str_join(view->task.arena, STR("entity:"), name),
                            lines_below_head(csv), &view->err);
    if (!error)
        send_kept(view, "text/csv; charset=utf-8",
                  openrosa_hash(view->task.arena, csv), csv);
    return error;
}

/* Which of the entities that a telephone holds are gone: ?id=a,b,c. */
enum error entity_integrity(struct view *view)
{
    struct str rest = view_query(view, "id"), id;
    bool there = false;
    size_t count = 0;
    struct buf out;

    if (openrosa_entity_there(&view->task, param_at(view, 0), STR(""), &there,
                              &view->err))
        return view->err.code; /* not even a list without ids */
    begin_xml(view, &out);
    buf_puts(&out, "<data><entities>\n");
    while (rest.size && str_cut(&rest, ',', &id)) {
        enum error error = ERROR_NONE;

        id = str_trim(id);
        if (!id.size)
            continue;
        if (++count > INTEGRITY_MAX)
            return err_set(&view->err, ERROR_TOO_LARGE,
                           N_("Son demasiados registros para una pregunta."),
                           NULL, NULL, NULL);
        error = openrosa_entity_there(&view->task, param_at(view, 0), id,
                                      &there, &view->err);
        if (error)
            return error;
        buf_puts(&out, "<entity id=\"");
        put_xml(&out, id);
        buf_printf(&out, "\"><deleted>%s</deleted></entity>\n",
                   there ? "false" : "true");
    }
    buf_puts(&out, "</entities></data>\n");
    send_xml(view, &out);
    return ERROR_NONE;
}

/* --- submissions ---------------------------------------------------------- */

/* Collect asks first: may I, where to, how much at once? */
enum error submission_head(struct view *view)
{
    response_header(
        view->response, "Location",
        view_format(view, "%.*s/submission", STR_ARGS(base_of(view))));
    view->response->status = 204;
    return ERROR_NONE;
}

static void part_take(struct openrosa_post *post, struct openrosa_part *part,
                      struct str name, const struct value *value)
{
    const struct value *bytes = value_get(value, "bytes");
    struct str file = value_text_of(value, "name");

    if (value_type(value) != VALUE_OBJECT)
        return; /* a field, not a file */
    part[post->parts].name = file.size ? file : name;
    part[post->parts].field = name;
    part[post->parts].type = value_text_of(value, "type");
    part[post->parts++].bytes = value_text(bytes);
}

/* Parts in any order: the XML, files, and whether more is to come. */
static enum error post_of(struct view *view, struct openrosa_post *post)
{
    const struct value *fields = view->fields;
    const struct value *xml = value_get(fields, "xml_submission_file");
    struct openrosa_part *part;
    size_t room = 0;

    *post = (struct openrosa_post){0};
    post->xml = value_type(xml) == VALUE_OBJECT ? value_text_of(xml, "bytes")
                                                : value_text(xml);
    if (!post->xml.size)
        return err_set(&view->err, ERROR_SYNTAX,
                       N_("El envío no trae la parte xml_submission_file."),
                       NULL, NULL, NULL);
    for (size_t i = 0; i < value_count(fields); i++)
        room += value_type(value_at(fields, i)) == VALUE_LIST
                    ? value_count(value_at(fields, i))
                    : 1;
    part = ARENA_ARRAY(view->task.arena, struct openrosa_part, room + 1);
    if (!part)
        return err_memory(&view->err);
    post->part = part;
    for (size_t i = 0; i < value_count(fields); i++) {
        struct str name = value_name_at(fields, i);
        const struct value *value = value_at(fields, i);

        if (str_equal_c(name, "xml_submission_file"))
            continue;
        if (value_type(value) != VALUE_LIST)
            part_take(post, part, name, value);
        for (size_t j = 0;
             value_type(value) == VALUE_LIST && j < value_count(value); j++)
            part_take(post, part, name, value_at(value, j));
    }
    return ERROR_NONE;
}

enum error submission_post(struct view *view)
{
    bool incomplete =
        str_equal_nocase(view_field(view, "*isIncomplete*"), STR("yes"));
    struct openrosa_saved saved = {0};
    struct openrosa_post post;
    struct str text;
    enum error error = post_of(view, &post);

    if (!error)
        error = openrosa_submit(&view->task, &post, &saved, &view->err);
    if (error) {
        view->problem = saved.problem;
        view->problems = saved.problems;
        return error;
    }
    response_header(
        view->response, "Location",
        view_format(view, "%.*s/submission", STR_ARGS(base_of(view))));
    text = saved.repeated ? view_say(view, N_("Este envío ya estaba aquí."))
           : saved.sealed
               ? view_say(view, N_("Recibido y guardado, cifrado como vino."))
               : view_say(view, N_("Recibido y guardado."));
    if (saved.ignored)
        text = view_say_with(
            view,
            N_("Recibido y guardado; {1} archivos que el formulario no "
               "nombra no se guardaron."),
            view_format(view, "%zu", saved.ignored));
    if (saved.unknown.size)
        text = view_say_with(
            view,
            N_("Recibido y guardado en la versión de ahora: la {1} del "
               "formulario no está aquí."),
            view_format(view, "%.*s",
                        STR_ARGS(str_slice(saved.unknown, 0, 40))));
    if (incomplete)
        text = view_say(view, N_("Recibido; faltan archivos."));
    openrosa_message(view, incomplete ? 202 : 201, "submit_success", text);
    return ERROR_NONE;
}

/* --- an attachment, for people -------------------------------------------- */

enum error record_file(struct view *view)
{
    struct openrosa_part part;
    enum error error =
        openrosa_attachment(&view->task, view->param[0], view->param[1],
                            view->param[2], &part, &view->err);

    if (error)
        return error;
    /* whatever it is, it runs nothing here */
    response_header(view->response, "Content-Security-Policy", STR("sandbox"));
    response_header(view->response, "Content-Disposition",
                    media_is_shown(part.type) ? STR("inline")
                                              : STR("attachment"));
    if (media_is_shown(part.type))
        response_header(view->response, "Content-Type", part.type);
    else
        response_header(view->response, "Content-Type",
                        STR("application/octet-stream"));
    view->response->status = 200;
    view->response->body = part.bytes;
    return ERROR_NONE;
}
