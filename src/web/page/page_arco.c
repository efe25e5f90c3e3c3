/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_arco.c - requests of people about their data: the list with its clocks,
 * one request and what can be done next, the letter that answers it.
 */
#include "core/date.h"
#include "domain/arco/arco.h"
#include "domain/arco/erase.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

/* What a list says of each: who, when, how long. */
static void put_items(struct view *view, const struct value *list)
{
    struct arena *arena = view->task.arena;
    struct value *out = value_list(arena);

    for (size_t i = 0; i < value_count(list); i++) {
        struct value *item = value_copy(value_at(list, i), arena);

        value_put_str(
            item, arena, "name",
            ref_text(view, STR("person"), value_text_of(item, "person")));
        value_put_str(item, arena, "due_text",
                      day_shown(view, value_text_of(item, "due")));
        value_put_str(item, arena, "received_text",
                      day_shown(view, value_text_of(item, "received_on")));
        value_add(out, arena, item);
    }
    value_put(view->data, arena, "requests", out);
    value_put_int(view->data, arena, "requests_count",
                  (int64_t)value_count(out));
}

enum error arco_today(struct view *view)
{
    struct value *list = NULL;
    enum error error = arco_list(&view->task, false, &list, &view->err);

    if (!error)
        put_items(view, list);
    return error;
}

/* Her code from a slip leads to a new request of hers. */
static enum error by_code(struct view *view, struct str code, bool *found)
{
    struct db_value value = {.type = 't', .t = code};
    struct record_filter filter = {.kind = STR("person"),
                                   .where = "{case_code} = $3",
                                   .value = &value,
                                   .value_count = 1,
                                   .limit = 2};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    view->task.arena, &record, &count, &view->err);

    *found = !error && count == 1 &&
             role_has(view->task.actor.role, RIGHT_PERSON_READ);
    if (*found)
        view_redirect(
            view, view_format(view, "/record/rights_request/new?person=%.*s",
                              STR_ARGS(record[0].id)));
    return error;
}

enum error arco_list_page(struct view *view)
{
    struct str code = str_trim(view_query(view, "code"));
    struct value *list = NULL;
    bool found = false, all = view_query(view, "all").size > 0;
    enum error error = code.size ? by_code(view, code, &found) : ERROR_NONE;

    if (error || found)
        return error;
    error = arco_list(&view->task, all, &list, &view->err);
    if (error)
        return error;
    put_items(view, list);
    value_put_str(view->page, view->task.arena, "code", code);
    value_put_bool(view->page, view->task.arena, "all", all);
    view_title(view, N_("Solicitudes sobre datos"));
    return ERROR_NONE;
}

/* -- one ------------------------------------------------------------------- */

static void put_knowledge(struct view *view)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "knowledge");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t row = 0; table && row < table->rows; row++) {
        struct value *item = value_object(arena);
        struct str name = catalog_cell(table, row, "name");

        value_put_str(item, arena, "name", name);
        value_put_str(item, arena, "label",
                      catalog_label(table, row, "label", view->task.language));
        value_put_str(item, arena, "typed",
                      view_field(view, str_c(arena, name)));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "knowledge", list);
}

static void put_refusals(struct view *view)
{
    const struct catalog_table *table =
        catalog_table(view->app->office.catalog, "refusal");
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t row = 0; table && row < table->rows; row++) {
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", catalog_cell(table, row, "name"));
        value_put_str(item, arena, "label",
                      catalog_label(table, row, "label", view->task.language));
        value_add(list, arena, item);
    }
    value_put(view->page, arena, "refusals", list);
}

static void put_can(struct view *view, const struct value *answers)
{
    static const struct {
        const char *name;
        enum arco_act act;
    } item[] = {{"identify", ARCO_IDENTIFY}, {"extend", ARCO_EXTEND},
                {"answer", ARCO_ANSWER},     {"approve", ARCO_APPROVE},
                {"effect", ARCO_EFFECT},     {"withdraw", ARCO_WITHDRAW}};
    struct arena *arena = view->task.arena;
    struct value *can = value_object(arena);
    struct str type = value_text_of(answers, "type");
    bool answered = str_equal_c(value_text_of(answers, "state"), "por_cumplir");
    bool erases = role_has(view->task.actor.role, RIGHT_DATA_ERASE);

    for (size_t i = 0; i < sizeof item / sizeof *item; i++)
        value_put_bool(can, arena, item[i].name,
                       arco_can(answers, item[i].act) &&
                           (item[i].act != ARCO_APPROVE || erases));
    value_put_bool(can, arena, "erase",
                   answered && erases && str_equal_c(type, "cancelacion") &&
                       value_text_of(answers, "approved_by").size > 0);
    value_put_bool(can, arena, "copy",
                   answered && words_have(STR("acceso portabilidad"), type));
    value_put_bool(can, arena, "correct",
                   answered && str_equal_c(type, "rectificacion"));
    value_put_bool(can, arena, "letter",
                   value_text_of(answers, "decision").size > 0);
    value_put_bool(can, arena, "extended",
                   value_text_of(answers, "extended_on").size > 0);
    value_put(view->page, arena, "act", can);
}

/* Where her name may stand in what is about others, when it is asked for. */
static enum error put_mentions(struct view *view, struct value *look,
                               struct str person)
{
    struct arena *arena = view->task.arena;
    struct value *mentions = NULL, *found;
    enum error error = ERROR_NONE;

    value_put_bool(look, arena, "mentions", false);
    if (!view_query(view, "names").size)
        return ERROR_NONE;
    error = erase_mentions(&view->task, person, &mentions, &view->err);
    if (error)
        return error;
    found = value_list(arena);
    for (size_t i = 0; i < value_count(value_get(mentions, "found")); i++) {
        struct value *item =
            value_copy(value_at(value_get(mentions, "found"), i), arena);

        value_put_str(item, arena, "href",
                      record_href(view, value_text_of(item, "kind"),
                                  value_text_of(item, "id")));
        value_add(found, arena, item);
    }
    value_put(mentions, arena, "found",
              days_shown(view, found, "on", "on_text"));
    value_put(look, arena, "mentions", mentions);
    return ERROR_NONE;
}

/* What would be erased, for who approves and who presses the button. */
static enum error put_look(struct view *view, const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct value *look = NULL;
    enum error error = ERROR_NONE;

    value_put_bool(view->data, arena, "look", false);
    if (!str_equal_c(value_text_of(answers, "type"), "cancelacion") ||
        !str_equal_c(value_text_of(answers, "state"), "por_cumplir") ||
        !role_has(view->task.actor.role, RIGHT_DATA_ERASE))
        return ERROR_NONE;
    error = erase_look(&view->task, value_text_of(answers, "person"), &look,
                       &view->err);
    if (error)
        return error;
    value_put(look, arena, "receivers",
              days_shown(view, value_get(look, "receivers"), "on", "on_text"));
    value_put(view->data, arena, "look", look);
    return put_mentions(view, look, value_text_of(answers, "person"));
}

static enum error show(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct record record;
    enum error error = record_get(&view->task, STR("rights_request"),
                                  view->param[0], &record, &view->err);

    if (!error)
        error = casework_person(view, value_text_of(record.answers, "person"));
    if (!error)
        error = put_look(view, record.answers);
    if (error)
        return error;
    value_put_bool(view->page, arena, "urgent", false);
    value_put_str(view->data, arena, "id", record.id);
    value_put_str(view->data, arena, "folio",
                  value_text_of(record.answers, "folio"));
    value_put_str(view->data, arena, "type",
                  choice_text(view, "rights_request", "type",
                              value_text_of(record.answers, "type")));
    value_put_str(view->data, arena, "state",
                  choice_text(view, "rights_request", "state",
                              value_text_of(record.answers, "state")));
    value_put_str(view->data, arena, "person_id",
                  value_text_of(record.answers, "person"));
    value_put_str(view->data, arena, "due",
                  day_shown(view, value_text_of(record.answers, "due_answer")));
    put_text_or_false(
        view, view->data, "due_effect",
        day_shown(view, value_text_of(record.answers, "due_effect")));
    value_put(
        view->page, arena, "lines",
        record_view(view, view_form(view, "rights_request"), record.answers));
    put_can(view, record.answers);
    put_knowledge(view);
    put_refusals(view);
    view_title(view, N_("Solicitud sobre datos"));
    return ERROR_NONE;
}

enum error arco_page(struct view *view)
{
    return show(view);
}

static enum error again(struct view *view, enum error error)
{
    struct err why = view->err;

    view->err = (struct err){0};
    if (error_status(error) >= 500 || show(view) != ERROR_NONE) {
        if (error_status(error) >= 500)
            view->err = why;
        return view->err.code;
    }
    view->err = why;
    return view_again(view, "rights_one", error);
}

enum error arco_step_post(struct view *view)
{
    static const char *const name[ARCO_ACTS] = {
        [ARCO_IDENTIFY] = "identify", [ARCO_EXTEND] = "extend",
        [ARCO_ANSWER] = "answer",     [ARCO_APPROVE] = "approve",
        [ARCO_EFFECT] = "effect",     [ARCO_WITHDRAW] = "withdraw"};
    struct str act = view_field(view, "act");
    struct arco_step step = {.act = ARCO_ACTS,
                             .how = view_field(view, "how"),
                             .code = view_field(view, "code"),
                             .knowledge = view->fields,
                             .why = view_field(view, "why"),
                             .decision = view_field(view, "decision"),
                             .refusal = view_field(view, "refusal"),
                             .note = view_field(view, "note")};
    enum error error;

    for (int i = 0; i < ARCO_ACTS; i++)
        if (str_equal_c(act, name[i]))
            step.act = (enum arco_act)i;
    error = arco_step(&view->task, view->param[0], &step, &view->err);
    if (error)
        return again(view, error);
    view_redirect_said(
        view, view_format(view, "/rights/%.*s", STR_ARGS(view->param[0])),
        "saved");
    return ERROR_NONE;
}

enum error arco_erase_post(struct view *view)
{
    struct str erasure = STR("");
    enum error error;

    if (!str_equal_c(view_field(view, "sure"), "yes"))
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Marque que entiende que no se puede deshacer."),
                        NULL, NULL, NULL);
    else
        error = arco_erase(&view->task, view->param[0], &erasure, &view->err);
    if (error)
        return again(view, error);
    view_redirect_said(
        view, view_format(view, "/erasure/%.*s", STR_ARGS(erasure)), "erased");
    return ERROR_NONE;
}

/* Paragraphs of a letter. */
static struct value *paragraphs(struct arena *arena, struct str text)
{
    struct value *list = value_list(arena);
    struct str line;

    while (str_cut(&text, '\n', &line))
        if (str_trim(line).size)
            value_add(list, arena, value_string(arena, str_trim(line)));
    if (str_trim(text).size)
        value_add(list, arena, value_string(arena, str_trim(text)));
    return list;
}

enum error arco_letter_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct str which = view_query(view, "which");
    struct str language = view_query(view, "language"), text;
    struct record record;
    enum error error = record_get(&view->task, STR("rights_request"),
                                  view->param[0], &record, &view->err);

    if (error)
        return error;
    if (!language.size)
        language =
            str_starts(value_text_of(record.answers, "language"), STR("eng"))
                ? STR("en")
                : STR("es");
    if (!words_have(STR("acuse ampliacion"), which))
        which = STR("");
    text = arco_letter(&view->task, &record,
                       which.size ? str_c(arena, which) : NULL, language);
    if (!text.size)
        return err_set(&view->err, ERROR_NOT_FOUND,
                       N_("Todavía no hay una respuesta que imprimir."), NULL,
                       NULL, NULL);
    error = casework_person(view, value_text_of(record.answers, "person"));
    value_put_bool(view->page, arena, "urgent", false);
    value_put_str(view->data, arena, "id", record.id);
    value_put_str(view->data, arena, "folio",
                  value_text_of(record.answers, "folio"));
    value_put_str(view->data, arena, "site", view->app->office.site_name);
    value_put_str(view->data, arena, "today",
                  day_text(view, task_day(&view->task)));
    value_put_str(view->data, arena, "letter_language", language);
    value_put_str(view->data, arena, "which", which);
    value_put(view->data, arena, "paragraphs", paragraphs(arena, text));
    view_title(view, N_("Carta"));
    return error;
}
