/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert_make.c - the answers of a draft as an alert of CAP: one block per
 * language, each with the same area, since a warning that is wider in one
 * language than in another is none.
 */
#include "domain/alert/alert.h"

#include "core/date.h"
#include "core/utf8.h"
#include "domain/access/room.h"
#include "domain/person/words.h"

struct making {
    struct task *task;
    struct arena *arena;
    const struct value *answers;
};

static struct str answer(const struct making *making, const char *name)
{
    return str_trim(value_text_of(making->answers, name));
}

static void copy_text(const struct making *making, struct value *out,
                      const char *to, struct str text)
{
    text = str_trim(text);
    if (text.size)
        value_put_str(out, making->arena, to, text);
}

static void copy_words(const struct making *making, struct value *out,
                       const char *to, const char *from)
{
    struct str rest = answer(making, from), word;
    struct value *list = value_list(making->arena);

    while (words_next(&rest, &word))
        value_add(list, making->arena, value_string(making->arena, word));
    if (value_count(list))
        value_put(out, making->arena, to, list);
}

static void copy_time(const struct making *making, struct value *out,
                      const char *name)
{
    int64_t instant = 0;

    if (instant_parse(answer(making, name), &instant))
        value_put_str(
            out, making->arena, name,
            cap_time(making->arena, instant, making->task->utc_offset));
}

/* --- the area ------------------------------------------------------------- */

/* "lat lon alt acc; lat lon; …" as a phone writes it; what has commas already
 * is taken as it is. An open shape is closed. */
static struct str polygon_text(const struct making *making, struct str shape)
{
    struct str part, first = STR_NULL, last = STR_NULL;
    struct buf out;

    if (str_find_char(shape, ',') != SIZE_MAX)
        return shape;
    buf_init(&out, making->arena);
    while (str_cut(&shape, ';', &part)) {
        struct str latitude, longitude, point;

        if (!words_next(&part, &latitude) || !words_next(&part, &longitude))
            continue;
        point = str_format(making->arena, "%.*s,%.*s", STR_ARGS(latitude),
                           STR_ARGS(longitude));
        if (out.size)
            buf_putc(&out, ' ');
        buf_put(&out, point);
        if (str_is_null(first))
            first = point;
        last = point;
    }
    if (!str_equal(first, last)) {
        buf_putc(&out, ' ');
        buf_put(&out, first);
    }
    return buf_str(&out);
}

static void add_geocode(const struct making *making, struct value *list,
                        const char *name, struct str code)
{
    struct value *pair = value_object(making->arena);

    value_put_text(pair, making->arena, "valueName", name);
    value_put_str(pair, making->arena, "value", code);
    value_add(list, making->arena, pair);
}

static const char *geocode_name(struct str code)
{
    if (code.size && code.at[0] >= '0' && code.at[0] <= '9')
        return "INEGI_CVEGEO";
    return str_find_char(code, '-') != SIZE_MAX ? "ISO3166-2" : "ISO3166-1";
}

/* Names of all the codes, for who reads no map. */
static struct str names_of(const struct making *making, struct str codes)
{
    struct str code;
    struct buf out;

    buf_init(&out, making->arena);
    while (words_next(&codes, &code)) {
        if (out.size)
            buf_puts(&out, ", ");
        buf_put(&out, alert_area_name(making->task, code));
    }
    return buf_str(&out);
}

static void put_circle(const struct making *making, struct value *area)
{
    struct str place = answer(making, "centre"), latitude, longitude;
    struct value *list;

    if (!answer(making, "radius_km").size || !words_next(&place, &latitude) ||
        !words_next(&place, &longitude))
        return;
    list = value_list(making->arena);
    value_add(list, making->arena,
              value_string(making->arena,
                           str_format(making->arena, "%.*s,%.*s %.*s",
                                      STR_ARGS(latitude), STR_ARGS(longitude),
                                      STR_ARGS(answer(making, "radius_km")))));
    value_put(area, making->arena, "circle", list);
}

/* NULL: it says nowhere where. */
static struct value *make_area(const struct making *making, struct err *err)
{
    struct value *area = value_object(making->arena);
    struct value *codes = value_list(making->arena);
    struct str all = STR(""), code, rest, text;

    if (alert_municipalities(making->task, answer(making, "municipalities"),
                             &all, err))
        return NULL;
    all = words_union(making->arena, all, answer(making, "states"));
    all = words_union(making->arena, all, answer(making, "countries"));
    text = answer(making, "area_text");
    value_put_str(area, making->arena, "areaDesc",
                  text.size ? text : names_of(making, all));
    text = polygon_text(making, answer(making, "polygon"));
    if (text.size) {
        struct value *list = value_list(making->arena);

        value_add(list, making->arena, value_string(making->arena, text));
        value_put(area, making->arena, "polygon", list);
    }
    put_circle(making, area);
    for (rest = all; words_next(&rest, &code);)
        add_geocode(making, codes, geocode_name(code), code);
    if (value_count(codes))
        value_put(area, making->arena, "geocode", codes);
    return area;
}

/* --- municipalities ------------------------------------------------------- */

static struct str fold(struct task *task, struct str text)
{
    return utf8_fold(task->arena, str_trim(text), false);
}

static enum error find_municipality(struct task *task, struct str typed,
                                    struct str *code, struct err *err)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "municipality");
    struct str rest = typed, name, state, found = STR_NULL;
    size_t count = 0;

    if (table && catalog_find(table, typed) != SIZE_MAX) {
        *code = typed;
        return ERROR_NONE;
    }
    str_cut(&rest, ',', &name);
    name = fold(task, name);
    state = fold(task, rest);
    for (size_t i = 0; table && i < table->rows; i++) {
        struct str admin1 = catalog_cell(table, i, "admin1");

        if (!str_equal(fold(task, catalog_label(table, i, "label", STR("es"))),
                       name) ||
            (state.size &&
             !str_equal(fold(task, alert_area_name(task, admin1)), state) &&
             !str_equal_nocase(admin1, state)))
            continue;
        found = catalog_cell(table, i, "name");
        count++;
    }
    *code = found;
    if (count == 1)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   count ? N_("Hay varios municipios «{1}»: escriba también "
                              "el estado, como Tapachula, Chiapas.")
                         : N_("No hay un municipio «{1}» en el catálogo del "
                              "INEGI: revise el nombre, o escriba su clave de "
                              "cinco cifras."),
                   str_c(task->arena, typed), NULL, NULL);
}

enum error alert_municipalities(struct task *task, struct str typed,
                                struct str *codes, struct err *err)
{
    struct str part, code;
    size_t count = 0;

    *codes = STR("");
    while (typed.size && str_cut(&typed, ';', &part)) {
        enum error error;

        part = str_trim(part);
        if (!part.size)
            continue;
        if (++count > 100)
            return err_set(err, ERROR_INPUT,
                           N_("Son demasiados municipios: elija estados, o "
                              "dibuje la zona."),
                           NULL, NULL, NULL);
        error = find_municipality(task, part, &code, err);
        if (error)
            return error;
        *codes = words_union(task->arena, *codes, code);
    }
    return ERROR_NONE;
}

/* --- the alert ------------------------------------------------------------ */

static struct value *make_info(const struct making *making,
                               const struct value *text,
                               const struct value *area)
{
    struct value *info = value_object(making->arena);
    struct value *areas = value_list(making->arena);

    copy_text(making, info, "language", value_text_of(text, "language"));
    copy_words(making, info, "category", "category");
    copy_text(making, info, "event", value_text_of(text, "event"));
    copy_words(making, info, "responseType", "response");
    copy_text(making, info, "urgency", answer(making, "urgency"));
    copy_text(making, info, "severity", answer(making, "severity"));
    copy_text(making, info, "certainty", answer(making, "certainty"));
    copy_time(making, info, "onset");
    copy_time(making, info, "expires");
    copy_text(making, info, "senderName", making->task->office->site_name);
    copy_text(making, info, "headline", value_text_of(text, "headline"));
    copy_text(making, info, "description", value_text_of(text, "description"));
    copy_text(making, info, "instruction", value_text_of(text, "instruction"));
    copy_text(making, info, "web", answer(making, "web"));
    copy_text(making, info, "contact", answer(making, "contact"));
    value_add(areas, making->arena, area);
    value_put(info, making->arena, "area", areas);
    return info;
}

/* What is minor in another's alert is none in ours. */
static void be_strict(struct cap_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->problem[i].minor) {
            problems->problem[i].minor = false;
            problems->errors++;
        }
}

static void check_own(const struct making *making, const struct value *area,
                      struct cap_problems *problems)
{
    if (!value_count(value_get(making->answers, "info")))
        cap_problem(problems, STR("info"),
                    N_("Falta el texto: escríbalo al menos en un idioma."),
                    STR_NULL);
    if (!value_get(area, "geocode") && !value_get(area, "polygon") &&
        !value_get(area, "circle"))
        cap_problem(problems, STR("area"),
                    N_("Diga para dónde es: elija un estado o un municipio, o "
                       "dibuje la zona."),
                    STR_NULL);
    else if (!value_text_of(area, "areaDesc").size)
        cap_problem(problems, STR("area"),
                    N_("Diga con palabras dónde está la zona que dibujó."),
                    STR_NULL);
}

enum error alert_make(struct task *task, struct str id,
                      const struct value *answers, const struct value **cap,
                      struct cap_problems *problems, struct err *err)
{
    struct making making = {task, task->arena, answers};
    struct value *out = value_object(task->arena);
    struct value *infos = value_list(task->arena);
    const struct value *texts = value_get(answers, "info"), *area;
    struct str type = answer(&making, "msg_type");

    *problems = (struct cap_problems){.arena = task->arena};
    area = make_area(&making, err);
    if (!area)
        return err->code;
    value_put_str(out, task->arena, "identifier", id);
    value_put_str(out, task->arena, "sender", office_home(task->office));
    value_put_str(out, task->arena, "sent",
                  cap_time(task->arena, task->now, task->utc_offset));
    copy_text(&making, out, "status", answer(&making, "status"));
    value_put_str(out, task->arena, "msgType", type.size ? type : STR("Alert"));
    value_put_str(out, task->arena, "scope", STR("Public"));
    copy_text(&making, out, "note", answer(&making, "note"));
    copy_text(&making, out, "references", answer(&making, "references"));
    for (size_t i = 0; i < value_count(texts); i++)
        value_add(infos, task->arena,
                  make_info(&making, value_at(texts, i), area));
    if (value_count(infos))
        value_put(out, task->arena, "info", infos);
    check_own(&making, area, problems);
    if (!problems->errors)
        cap_check(out, problems);
    be_strict(problems);
    *cap = out;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}
