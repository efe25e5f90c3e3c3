/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* view.c - the small things every handler needs: reading a field, saying a
 * sentence in the reader's language, sending her on, stamping a form so that
 * it can be sent twice without harm; and the furniture around each page
 * (menu by rights, languages, assets). No page's own content stands here.
 */
#include "web/page.h"

#include <stdarg.h>

#include "core/date.h"
#include "domain/access/glass.h"
#include "domain/access/room.h"
#include "web/public/public.h"

/* Notices shown once on the page after a change: ?said=key. */
static const struct {
    const char *key, *msgid;
} notice_table[] = {
    {"saved", N_("Guardado.")},
    {"help_answered", N_("Respuesta guardada: la verá cuando vuelva.")},
    {"outreach", N_("Actividad anotada.")},
    {"registered", N_("Registro guardado.")},
    {"mass", N_("Registros guardados.")},
    {"tally", N_("Anotado: +1.")},
    {"signed", N_("Bitácora firmada.")},
    {"cosigned", N_("La firma del testigo es buena y quedó guardada.")},
    {"alarm_closed", N_("Alarma atendida. Su nota queda en la bitácora.")},
    {"directory_decided", N_("Decidido. El directorio ya lo dice.")},
    {"directory_reported", N_("Gracias. Alguien lo revisará.")},
    {"merged", N_("Los dos registros ahora son uno. Puede deshacerlo.")},
    {"unmerged", N_("Los registros volvieron a estar separados.")},
    {"logged_out", N_("Salió de su cuenta. Los borradores de este equipo se "
                      "borraron.")},
    {"logged_out_own", N_("Salió de su cuenta. Sus borradores de este equipo "
                          "se borraron.")},
    {"recovery", N_("Entró con un código de recuperación, que ya no sirve. Si "
                    "perdió el teléfono, quite el segundo paso y póngalo otra "
                    "vez.")},
    {"second_off", N_("Segundo paso quitado: al entrar se pide solo la "
                      "contraseña.")},
    {"second_reset", N_("Segundo paso, PIN y sesiones quitados. El motivo "
                        "queda en la historia de la cuenta.")},
    {"pin", N_("PIN guardado.")},
    {"pin_off", N_("PIN quitado.")},
    {"no_pin", N_("Para bloquear la pantalla, elija antes un PIN.")},
    {"session_ended", N_("Sesión cerrada.")},
    {"sessions_ended", N_("Las otras sesiones se cerraron.")},
    {"invite_withdrawn", N_("Invitación retirada: el enlace ya no sirve.")},
    {"password_fair", N_("Contraseña cambiada. Es suficiente; con una palabra "
                         "más sería buena.")},
    {"password_good", N_("Contraseña cambiada. Es buena.")},
    {"password_strong", N_("Contraseña cambiada. Es muy buena.")},
    {"passkey_added", N_("Llave de acceso guardada. Ya puede entrar con "
                         "ella.")},
    {"passkey_revoked", N_("Llave de acceso retirada.")},
    {"user_added", N_("Cuenta creada.")},
    {"revoked", N_("Llave retirada: ese teléfono ya no entra.")},
    {"form_published", N_("Publicado: ya está en uso. Los registros de antes "
                          "siguen con su versión.")},
    {"form_same", N_("Ese archivo es igual a la versión en uso: no había nada "
                     "que publicar.")},
    {"draft_dropped", N_("Borrador descartado. Lo que está en uso no cambió.")},
    {"imported", N_("Importación terminada.")},
    {"undone", N_("Importación deshecha.")},
    {"undone_part", N_("Importación deshecha. Los registros en los que alguien "
                       "ya trabajó se quedaron.")},
    {"flag", N_("Anotado lo que se hizo.")},
    {"decided", N_("Decisión anotada.")},
    {"replied", N_("Respuesta guardada. Quien recibe la verá en su enlace.")},
    {"answered", N_("Respuesta anotada.")},
    {"withdrawn", N_("Referencia retirada. El enlace ya no sirve.")},
    {"closed", N_("Referencia cerrada.")},
    {"grant_made", N_("Archivo sellado hecho. Descárguelo y mándelo por donde "
                      "quiera: solo lo abre quien recibe.")},
    {"given_answered", N_("Respuesta hecha. Descárguela y hágala llegar a la "
                          "otra casa.")},
    {"given_posted", N_("La otra casa ya tiene su respuesta.")},
    {"grant_taken", N_("Quedó en su expediente, con la referencia que mandó la "
                       "otra casa.")},
    {"grant_withdrawn", N_("Archivo sellado retirado.")},
    {"partner", N_("Gracias. Su respuesta ya llegó a quien hizo la "
                   "referencia.")},
    {"casefile", N_("Expediente abierto.")},
    {"case_assigned", N_("Expediente asignado.")},
    {"case_closed", N_("Expediente cerrado.")},
    {"erased", N_("Borrado. Imprima la constancia: es lo único que queda.")},
    {"consent_withdrawn", N_("Permiso retirado. Lo que nadie había abierto ya "
                             "no se puede abrir.")},
    {"glass_open", N_("Abierto por un tiempo. Queda escrito y se avisa a "
                      "quien lleva el expediente.")},
    {"glass_wait", N_("Pedido. Otra persona tiene que permitirlo.")},
    {"room_made", N_("Sala creada.")},
    {"second", N_("Segunda contraseña guardada.")},
    {"hidden", N_("El expediente está en la sala.")},
    {"brought_back", N_("El expediente volvió. Está fuera de la sala.")},
    {"alert_saved", N_("Borrador guardado. Otra persona tiene que "
                       "aprobarlo.")},
    {"alert_approved", N_("Aprobada. Ya se puede publicar.")},
    {"alert_published", N_("Publicada. Los avisos están saliendo.")},
    {"alert_cancelled", N_("Cancelada. La cancelación ya se publicó.")},
    {"alert_shown", N_("Ahora se muestra al público.")},
    {"alert_refused", N_("No se mostrará.")},
    {"notice_waits", N_("Guardado. Ahora lo tiene que revisar otra persona.")},
    {"notice_shown", N_("Listo: es lo que leen ahora los lectores.")},
    {"welcome", N_("Todo listo. Esta es su página de hoy.")},
};

struct str view_field(const struct view *view, const char *name)
{
    const struct value *field = value_get(view->fields, name);

    if (value_type(field) == VALUE_LIST) /* the last one counts */
        field = value_at(field, value_count(field) - 1);
    if (!str_is_null(value_text(field)))
        return value_text(field);
    if (value_type(field) == VALUE_INT || value_type(field) == VALUE_BOOL ||
        value_type(field) == VALUE_NUMBER)
        return value_as_text(field, view->task.arena);
    return STR("");
}

struct str view_query(const struct view *view, const char *name)
{
    const struct value *field = value_get(view->query, name);

    if (value_type(field) == VALUE_LIST)
        field = value_at(field, value_count(field) - 1);
    return str_is_null(value_text(field)) ? STR("") : value_text(field);
}

struct str view_say(const struct view *view, const char *msgid)
{
    return translate(view->task.translator, str_of(msgid));
}

struct str view_say_with(const struct view *view, const char *msgid,
                         struct str argument)
{
    struct str text = view_say(view, msgid);
    size_t at = str_find(text, STR("{1}"));
    struct buf out;

    if (at == SIZE_MAX)
        return text;
    buf_init(&out, view->task.arena);
    buf_put(&out, str_slice(text, 0, at));
    buf_put(&out, argument);
    buf_put(&out, str_slice(text, at + 3, text.size));
    return buf_str(&out);
}

struct str view_format(struct view *view, const char *format, ...)
{
    va_list list;
    char *text;
    int size;

    va_start(list, format);
    size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    text = size < 0 ? NULL : arena_alloc(view->task.arena, (size_t)size + 1);
    if (!text)
        return STR("");
    va_start(list, format);
    vsnprintf(text, (size_t)size + 1, format, list);
    va_end(list);
    return (struct str){text, (size_t)size};
}

bool over_tls(const struct view *view)
{
    return view->app->secure ||
           str_equal_nocase(request_header(view->request, "x-forwarded-proto"),
                            STR("https"));
}

/* A Host header is what somebody wrote: only what a host can be. */
struct str view_base(struct view *view)
{
    struct str host = request_header(view->request, "host");

    if (view->app->office.public_url.size > 0)
        return view->app->office.public_url;
    for (size_t i = 0; i < host.size; i++) {
        char c = host.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || strchr(".-:[]_", c)))
            host.size = 0;
    }
    if (host.size == 0)
        host = STR("localhost");
    return view_format(view, "%s://%.*s", over_tls(view) ? "https" : "http",
                       STR_ARGS(host));
}

void view_cookie(struct view *view, const char *name, struct str value,
                 long seconds)
{
    response_header(view->response, "Set-Cookie",
                    view_format(view,
                                "%s=%.*s; Path=/; Max-Age=%ld; HttpOnly; "
                                "SameSite=Lax%s",
                                name, STR_ARGS(value), seconds,
                                over_tls(view) ? "; Secure" : ""));
}

struct str path_escape(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    buf_put_url(&out, text);
    return buf_str(&out);
}

void view_title(struct view *view, const char *msgid)
{
    value_put_str(view->page, view->task.arena, "title", view_say(view, msgid));
}

void view_redirect(struct view *view, struct str path)
{
    if (view->json) {
        value_put_str(view->data, view->task.arena, "location", path);
        return;
    }
    view->response->status = 303;
    response_header(view->response, "Location",
                    str_copy(view->task.arena, path));
}

void view_redirect_said(struct view *view, struct str path, const char *said)
{
    struct str mark =
        str_find_char(path, '?') == SIZE_MAX ? STR("?") : STR("&");

    if (view->json) {
        view_redirect(view, path);
        return;
    }
    view_redirect(view, view_format(view, "%.*s%.*ssaid=%s", STR_ARGS(path),
                                    STR_ARGS(mark), said));
}

void view_created(struct view *view, struct str path, struct str id)
{
    value_put_str(view->data, view->task.arena, "id", id);
    if (!view->json) {
        view_redirect(view, path);
        return;
    }
    view->response->status = 201;
    response_header(view->response, "Location",
                    str_copy(view->task.arena, path));
}

enum error view_again(struct view *view, const char *template, enum error error)
{
    view->template = template;
    value_put_str(
        view->page, view->task.arena, "problem",
        err_text(&view->err, view->task.translator, view->task.arena));
    return error;
}

bool uuid_valid(struct str text)
{
    if (text.size != 36)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? c != '-'
                 : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

void view_stamp(struct view *view, struct str record, int64_t base)
{
    struct arena *arena = view->task.arena;
    const struct host *host = view->app->office.host;
    struct str entry = view_field(view, "_entry");

    if (!uuid_valid(entry)) /* the same form again keeps its stamp */
        entry = host_uuid(host, arena);
    if (record.size == 0) {
        record = view_field(view, "_record");
        if (!uuid_valid(record))
            record = host_uuid(host, arena);
    }
    value_put_str(view->page, arena, "entry", entry);
    value_put_str(view->page, arena, "record", record);
    value_put_str(view->page, arena, "base",
                  base ? view_format(view, "%lld", (long long)base) : STR(""));
}

void view_save(const struct view *view, struct save *save)
{
    struct str entry = view_field(view, "_entry");
    struct str record = view_field(view, "_record");
    int64_t base = 0;

    if (uuid_valid(entry))
        save->entry = entry;
    if (save->id.size == 0 && uuid_valid(record)) {
        save->id = record;
        save->create = true;
    }
    if (str_to_int(view_field(view, "_base"), &base))
        save->base = base;
    save->file = view->file;
    save->files = view->files;
}

const struct form *view_form(struct view *view, const char *kind)
{
    return forms_find(view->app->office.forms, str_of(kind), STR_NULL);
}

struct str day_text(const struct view *view, int64_t day)
{
    struct date date = date_from_day(day);

    return str_format(view->task.arena, "%02d/%02d/%04d", date.day, date.month,
                      date.year);
}

struct str when_text(const struct view *view, int64_t instant)
{
    int64_t day = instant_day(instant, view->task.utc_offset);
    int second = instant_second(instant, view->task.utc_offset);
    int64_t today = instant_day(view->task.now, view->task.utc_offset);
    struct str clock = str_format(view->task.arena, "%02d:%02d", second / 3600,
                                  second / 60 % 60);

    if (day == today)
        return view_say_with(view, N_("hoy {1}"), clock);
    if (day == today - 1)
        return view_say_with(view, N_("ayer {1}"), clock);
    return str_format(view->task.arena, "%.*s %.*s",
                      STR_ARGS(day_text(view, day)), STR_ARGS(clock));
}

void put_text_or_false(struct view *view, struct value *object,
                       const char *name, struct str text)
{
    if (text.size > 0)
        value_put_str(object, view->task.arena, name, text);
    else
        value_put_bool(object, view->task.arena, name, false);
}

/* --- the furniture -------------------------------------------------------- */

struct str asset_href(struct view *view, const char *path)
{
    const struct asset *asset = asset_find(str_of(path));

    return asset ? view_format(view, "/asset/%s/%s", asset->fingerprint, path)
                 : STR("");
}

static void put_asset(struct view *view, struct value *assets, const char *name,
                      const char *path)
{
    value_put_str(assets, view->task.arena, name, asset_href(view, path));
}

static void furnish_assets(struct view *view)
{
    struct value *assets = value_object(view->task.arena);

    put_asset(view, assets, "pico", "css/pico.css");
    put_asset(view, assets, "css", "css/cobijo.css");
    put_asset(view, assets, "paper_css", "css/paper.css");
    put_asset(view, assets, "choose_js", "js/choose.js");
    put_asset(view, assets, "form_js", "js/form.js");
    put_asset(view, assets, "draft_js", "js/draft.js");
    put_asset(view, assets, "discreet_js", "js/discreet.js");
    put_asset(view, assets, "lock_js", "js/lock.js");
    put_asset(view, assets, "keys_js", "js/keys.js");
    put_asset(view, assets, "live_js", "js/live.js");
    put_asset(view, assets, "rows_js", "js/rows.js");
    put_asset(view, assets, "form_wasm", "wasm/form.wasm");
    put_asset(view, assets, "widgets_css", "css/widgets.css");
    put_asset(view, assets, "borders", "map/borders.json");
    put_asset(view, assets, "icons", "img/icons.svg");
    put_asset(view, assets, "mark", "img/mark.svg");
    value_put(view->page, view->task.arena, "asset", assets);
}

static void furnish_menu(struct view *view)
{
    static const struct {
        const char *name;
        enum right right;
    } item[] = {
        {"search", RIGHT_PERSON_READ},
        {"register", RIGHT_PERSON_WRITE},
        {"tally", RIGHT_TALLY_WRITE},
        {"import", RIGHT_IMPORT_WRITE},
        {"users", RIGHT_USER_ADMIN},
        {"form_admin", RIGHT_FORM_ADMIN},
        {"merge", RIGHT_PERSON_MERGE},
        {"referral", RIGHT_REFERRAL_WRITE},
        {"screening", RIGHT_SCREENING_WRITE},
        {"report", RIGHT_REPORT_READ},
        {"export", RIGHT_EXPORT_RUN},
        {"answer", RIGHT_REFERRAL_ANSWER},
        {"place", RIGHT_PLACE_WRITE},
        {"case_write", RIGHT_CASE_WRITE},
        {"decide", RIGHT_PROFILE_DECIDE},
        {"log", RIGHT_LOG_READ},
        {"data_rights", RIGHT_DATA_RIGHTS},
        {"data_erase", RIGHT_DATA_ERASE},
        {"conceal", RIGHT_PERSON_HIDE},
        {"assign", RIGHT_CASE_ASSIGN},
        {"alert", RIGHT_ALERT_WRITE},
        {"alert_approve", RIGHT_ALERT_APPROVE},
        {"help", RIGHT_HELP_ANSWER},
        {"outreach", RIGHT_OUTREACH_WRITE},
    };
    struct value *can = value_object(view->task.arena);

    for (size_t i = 0; i < sizeof item / sizeof item[0]; i++)
        value_put_bool(can, view->task.arena, item[i].name,
                       role_has(view->task.actor.role, item[i].right));
    value_put_bool(can, view->task.arena, "received",
                   view->task.actor.place.size > 0 &&
                       role_has(view->task.actor.role, RIGHT_REFERRAL_ANSWER));
    value_put_bool(can, view->task.arena, "glass",
                   glass_helps(view->task.actor.role));
    value_put_bool(can, view->task.arena, "rooms",
                   view->session &&
                       (view->session->rooms || room_may_make(&view->task)));
    value_put(view->page, view->task.arena, "can", can);
}

/* The banner of who works in a reserved room. */
static void furnish_room(struct view *view)
{
    struct err ignored = {0};
    struct str label = STR("");

    if (view->session && view->task.db && office_in_room(view->task.office) &&
        room_label(&view->task, &label, &ignored) != ERROR_NONE)
        label = STR("·");
    put_text_or_false(view, view->page, "room", label);
}

/* Which item of the menu the page belongs to: {"today": true, …}. */
static void furnish_here(struct view *view)
{
    static const char *const section[] = {"today", "search", "register",
                                          "tally", "more"};
    struct str path = view->request->path;
    struct value *here = value_object(view->task.arena);
    const char *which = "more";

    if (str_equal_c(path, "/today"))
        which = "today";
    else if (str_starts(path, STR("/person/new")) ||
             str_equal_c(path, "/person/mass"))
        which = "register";
    else if (str_starts(path, STR("/person")))
        which = "search";
    else if (str_equal_c(path, "/tally"))
        which = "tally";
    for (size_t i = 0; i < sizeof section / sizeof section[0]; i++)
        value_put_bool(here, view->task.arena, section[i],
                       strcmp(section[i], which) == 0);
    value_put(view->page, view->task.arena, "here", here);
}

struct str language_name(struct str code)
{
    static const char *const name[][2] = {{"es", "Español"},
                                          {"en", "English"},
                                          {"fr", "Français"},
                                          {"pt", "Português"},
                                          {"ht", "Kreyòl ayisyen"}};

    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (str_equal_c(code, name[i][0]))
            return str_of(name[i][1]);
    return code;
}

struct str query_with(struct view *view, const char *name, struct str value)
{
    bool get = !str_equal_c(view->request->method, "POST");
    struct buf href;

    buf_init(&href, view->task.arena);
    buf_printf(&href, "?%s=", name);
    buf_put_url(&href, value);
    for (size_t k = 0; get && k < value_count(view->query); k++) {
        struct str key = value_name_at(view->query, k);

        if (str_equal_c(key, name) || str_equal_c(key, "said") ||
            str_equal_c(key, "lang") ||
            value_type(value_at(view->query, k)) != VALUE_STRING)
            continue;
        buf_putc(&href, '&');
        buf_put_url(&href, key);
        buf_putc(&href, '=');
        buf_put_url(&href, value_text(value_at(view->query, k)));
    }
    return buf_str(&href);
}

static void furnish_languages(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < view->app->languages; i++) {
        struct str code = view->app->language[i].code;
        struct value *item = value_object(arena);

        if (view->app->language[i].outside)
            continue;
        value_put_str(item, arena, "code", code);
        value_put_str(item, arena, "name", language_name(code));
        value_put_str(item, arena, "href", query_with(view, "lang", code));
        value_put_bool(item, arena, "current",
                       str_equal(code, view->task.language));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "languages", list);
}

static void furnish_said(struct view *view)
{
    struct str said = view_query(view, "said"), of = view_query(view, "of");

    value_put_bool(view->page, view->task.arena, "said", false);
    put_text_or_false(view, view->page, "clear_drafts",
                      str_equal_c(said, "logged_out") ? STR("all")
                      : uuid_valid(of) && str_equal_c(said, "logged_out_own")
                          ? of
                          : STR(""));
    for (size_t i = 0; i < sizeof notice_table / sizeof notice_table[0]; i++)
        if (str_equal_c(said, notice_table[i].key))
            value_put_str(view->page, view->task.arena, "said",
                          view_say(view, notice_table[i].msgid));
}

static void put_absent(struct view *view, const char *name)
{
    if (!value_get(view->page, name))
        value_put_bool(view->page, view->task.arena, name, false);
}

void view_furnish(struct view *view)
{
    struct arena *arena = view->task.arena;
    const struct actor *actor = &view->task.actor;

    if (view_public(view)) {
        public_furnish(view);
        return;
    }
    value_put_str(view->page, arena, "lang", view->task.language);
    value_put_str(view->page, arena, "site", view->app->office.site_name);
    value_put_str(view->page, arena, "path", view->request->path);
    value_put_str(view->page, arena, "csrf",
                  view->session ? view->session->csrf : STR(""));
    value_put_bool(
        view->page, arena, "member",
        actor->role != NULL &&
            (!view->session || view->session->state == SESSION_OPEN));
    value_put_int(view->page, arena, "lock",
                  view->session ? view->session->lock_minutes : 0);
    value_put_bool(view->page, arena, "locks",
                   view->session && view->session->lock_minutes > 0);
    value_put_str(view->page, arena, "user",
                  actor->display.size ? actor->display : actor->name);
    value_put_str(view->page, arena, "user_id", actor->id);
    furnish_assets(view);
    furnish_menu(view);
    furnish_room(view);
    furnish_here(view);
    furnish_languages(view);
    furnish_said(view);
    put_absent(view, "title");
    put_absent(view, "problem");
    put_absent(view, "problems");
    put_absent(view, "conflict");
    put_absent(view, "refresh");
    put_absent(view, "urgent");
    put_absent(view, "entry");
    put_absent(view, "record");
    put_absent(view, "base");
    put_absent(view, "multipart");
    put_absent(view, "scripts");
    value_put_bool(view->page, arena, "widgets", view->widgets);
    form_parts_put(view);
}
