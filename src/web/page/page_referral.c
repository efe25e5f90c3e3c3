/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_referral.c - a referral before it is sent: what is asked, what is
 * shared field by field with each one's text beside it, exactly what the
 * receiver will see, and her consent to just that, recorded in the same step
 * that sends it. Once sent, page_sent.c shows it.
 */
#include "core/date.h"
#include "domain/referral/referral.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"
#include "web/page/casework.h"

static const char consent_base[] = "consent.";

bool referral_is_draft(const struct value *answers)
{
    return words_have(STR("BORRADOR CONSENTIDA"),
                      value_text_of(answers, "state"));
}

/* -- what may be shared ---------------------------------------------------- */

/* A field whose compartment is closed to the reader is not offered, and not
 * shown to her; what a colleague ticked stays ticked. */
static bool may_offer(struct view *view, const struct choice *choice)
{
    struct question guard = {.compartment =
                                 value_text_of(choice->extra, "compartment")};

    return role_reads(view->task.actor.role, &guard);
}

static bool sees_all_profiles(struct view *view, struct str person)
{
    struct standing_profile *profile = NULL;
    struct err err = {0};
    size_t count = 0;

    if (profile_list(&view->task, person, &profile, &count, &err) != ERROR_NONE)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!profile_visible(&view->task, profile[i].code))
            return false;
    return true;
}

static const struct choice_list *share_choices(struct view *view)
{
    const struct form *form = view_form(view, "referral");
    const struct question *question =
        form ? form_find(form, STR("share_fields")) : NULL;

    return question ? question->choices : NULL;
}

/* The codes of share_fields that this reader may look at. */
struct str share_readable(struct view *view, const struct value *answers,
                          bool all)
{
    const struct choice_list *list = share_choices(view);
    struct str ticked = value_text_of(answers, "share_fields");
    struct str out = STR("");

    for (size_t i = 0; list && i < list->count; i++) {
        struct str name = list->choice[i].name;

        if (!may_offer(view, &list->choice[i]) ||
            (!all && !words_have(ticked, name)) ||
            (str_equal_c(name, "profiles") &&
             !sees_all_profiles(view, value_text_of(answers, "person"))))
            continue;
        out = words_union(view->task.arena, out, name);
    }
    return out;
}

static enum error preview_of(struct view *view, const struct value *answers,
                             struct str fields, struct value **package)
{
    struct value *copy = value_copy(answers, view->task.arena);

    value_put_str(copy, view->task.arena, "share_fields", fields);
    return referral_preview(&view->task, copy, package, &view->err);
}

/* Into list with what it would tell; false: there is nothing to tell. */
static bool share_item(struct view *view, struct value *list,
                       const struct choice *choice, const struct value *package,
                       struct str ticked)
{
    const struct form *form = view_form(view, "referral");
    const struct value *fields = value_get(package, "fields");
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena), *lines = value_list(arena);

    for (size_t i = 0; i < value_count(fields); i++)
        if (str_equal(value_text_of(value_at(fields, i), "field"),
                      choice->name))
            value_add(lines, arena, value_at(fields, i));
    value_put_str(item, arena, "name", choice->name);
    value_put_str(item, arena, "label",
                  texts_in(form, choice->label, view->task.language));
    value_put_bool(item, arena, "chosen", words_have(ticked, choice->name));
    value_put(item, arena, "lines", lines);
    if (value_count(lines) > 0)
        value_add(list, arena, item);
    return value_count(lines) > 0;
}

/* data.share: every field with what it would tell; data.package: what the
 * receiver sees with what is ticked now. */
static enum error put_share(struct view *view, const struct value *answers)
{
    const struct choice_list *list = share_choices(view);
    struct str offered = share_readable(view, answers, true);
    struct str ticked = share_readable(view, answers, false);
    struct value *all = NULL, *package = NULL;
    struct value *fields = value_list(view->task.arena);
    struct buf empty;
    enum error error;

    if ((error = preview_of(view, answers, offered, &all)) ||
        (error = preview_of(view, answers, ticked, &package)))
        return error;
    buf_init(&empty, view->task.arena);
    for (size_t i = 0; list && i < list->count; i++) {
        const struct choice *choice = &list->choice[i];

        if (!words_have(offered, choice->name) ||
            share_item(view, fields, choice, all, ticked))
            continue;
        if (empty.size > 0)
            buf_puts(&empty, " · ");
        buf_put(&empty, texts_in(view_form(view, "referral"), choice->label,
                                 view->task.language));
    }
    put_text_or_false(view, view->page, "no_data", buf_str(&empty));
    value_put(view->data, view->task.arena, "share", fields);
    value_put(view->data, view->task.arena, "package", package);
    value_put_bool(view->page, view->task.arena, "hidden_share",
                   words_count(value_text_of(answers, "share_fields")) >
                       words_count(ticked));
    return ERROR_NONE;
}

/* -- the page -------------------------------------------------------------- */

static void put_place_facts(struct view *view, struct value *to,
                            struct str place)
{
    struct arena *arena = view->task.arena;
    struct record record;
    struct err err = {0};

    value_put_bool(to, arena, "phone", false);
    value_put_bool(to, arena, "hours", false);
    value_put_bool(to, arena, "address", false);
    value_put_bool(to, arena, "href", false);
    if (place.size == 0 ||
        record_read(&view->task.office->log, view->task.db, STR("place"), place,
                    arena, &record, &err) != ERROR_NONE)
        return;
    value_put_str(to, arena, "name", value_text_of(record.answers, "name"));
    value_put_str(to, arena, "href",
                  view_format(view, "/record/place/%.*s", STR_ARGS(place)));
    put_text_or_false(
        view, to, "phone",
        value_text_of(value_at(value_get(record.answers, "phones"), 0),
                      "number"));
    put_text_or_false(view, to, "hours",
                      value_text_of(record.answers, "hours"));
    put_text_or_false(view, to, "address",
                      value_text_of(record.answers, "address"));
}

/* "Calle 1 · 961 000 0000 · 24/7", of what there is. */
static struct str joined_facts(struct view *view, const struct value *to,
                               const char *const *key)
{
    struct buf out;

    buf_init(&out, view->task.arena);
    for (size_t i = 0; key[i]; i++) {
        struct str text = value_text_of(to, key[i]);

        if (text.size > 0 && out.size > 0)
            buf_puts(&out, " · ");
        buf_put(&out, text);
    }
    return buf_str(&out);
}

void referral_put_head(struct view *view, const struct record *record,
                       const struct value *answers)
{
    static const char *const facts[] = {"service", "type",  "address",
                                        "phone",   "hours", NULL};
    struct arena *arena = view->task.arena;
    struct value *to = value_object(arena);
    struct str type = value_text_of(answers, "to_type");
    struct str service = value_text_of(answers, "service_code");

    value_put_str(to, arena, "name", value_text_of(answers, "to_name"));
    put_place_facts(view, to, value_text_of(answers, "to_place"));
    put_text_or_false(view, to, "type",
                      type.size ? catalog_name(view->app->office.catalog,
                                               "place_type", type,
                                               view->task.language)
                                : STR(""));
    value_put_str(to, arena, "service",
                  service.size
                      ? catalog_name(view->app->office.catalog, "service",
                                     service, view->task.language)
                      : STR(""));
    put_text_or_false(view, to, "facts", joined_facts(view, to, facts));
    put_text_or_false(view, to, "reach", joined_facts(view, to, facts + 2));
    value_put(view->data, arena, "to", to);
    value_put_str(view->data, arena, "id", record->id);
    value_put_int(view->data, arena, "clock", record->clock);
    put_text_or_false(view, view->data, "service",
                      service.size
                          ? catalog_name(view->app->office.catalog, "service",
                                         service, view->task.language)
                          : STR(""));
    value_put_str(view->data, arena, "state", value_text_of(answers, "state"));
    value_put_str(view->data, arena, "state_label",
                  choice_text(view, "referral", "state",
                              value_text_of(answers, "state")));
    casework_urgency(view, view->data, value_text_of(answers, "urgency"));
    value_put_bool(view->page, arena, "draft", referral_is_draft(answers));
}

static void put_consent_form(struct view *view, bool child)
{
    static const char *const adult[] = {"given", "expressed_how",
                                        "notice_language", NULL};
    static const char *const minor[] = {"given",           "given_by",
                                        "child_assent",    "expressed_how",
                                        "notice_language", NULL};
    const struct form *form = view_form(view, "consent");
    struct form_part part = {.base = str_of(consent_base),
                             .only = child ? minor : adult};
    const struct value *typed =
        view_answers_part(view, form, str_of(consent_base));

    part.answers = view_defaults(view, form, typed);
    value_put(view->page, view->task.arena, "consent_form",
              form_view_part(view, form, &part));
    value_put_str(view->page, view->task.arena, "consent_entry",
                  host_uuid(view->app->office.host, view->task.arena));
}

static enum error put_standing(struct view *view, struct str id,
                               const struct value *answers)
{
    struct arena *arena = view->task.arena;
    struct referral_standing standing;
    struct value *item = value_object(arena);
    enum error error =
        referral_stands(&view->task, id, answers, &standing, &view->err);

    if (error != ERROR_NONE)
        return error;
    value_put_bool(item, arena, "child", standing.child);
    value_put_bool(item, arena, "allowed", standing.allowed);
    value_put_bool(item, arena, "by_consent",
                   standing.allowed && standing.by_consent);
    value_put_bool(item, arena, "ask",
                   !standing.child &&
                       !(standing.allowed && standing.by_consent));
    value_put_str(item, arena, "why", standing.why);
    put_text_or_false(view, item, "blocked", standing.blocked);
    value_put_bool(item, arena, "never",
                   standing.blocked.size > 0 && !standing.exception);
    value_put_bool(item, arena, "vital_possible",
                   !standing.child &&
                       str_equal_c(value_text_of(answers, "urgency"), "U0"));
    value_put_bool(
        item, arena, "vital",
        str_equal_c(value_text_of(answers, "basis"), "interes_vital"));
    value_put(view->data, arena, "standing", item);
    return ERROR_NONE;
}

/* page.refused: when she said no to this very referral, or false. */
static enum error put_refusal(struct view *view, struct str id)
{
    struct db_value value = {.type = 't', .t = id};
    struct record_filter filter = {.kind = STR("consent"),
                                   .where = "{referral} = $3 AND"
                                            " {given} = 'no'",
                                   .value = &value,
                                   .value_count = 1,
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        record_list(&view->task.office->log, view->task.db, &filter, false,
                    view->task.arena, &record, &count, &view->err);

    put_text_or_false(view, view->page, "refused",
                      count ? when_text(view, record[0].created) : STR(""));
    return error;
}

static enum error draft_load(struct view *view, struct record *record)
{
    enum error error = record_get(&view->task, STR("referral"), view->param[0],
                                  record, &view->err);

    /* the rules look at all of it, also at what this reader may not */
    if (error == ERROR_NONE)
        error =
            record_read(&view->task.office->log, view->task.db, STR("referral"),
                        view->param[0], view->task.arena, record, &view->err);
    return error;
}

static enum error draft_show(struct view *view, const struct record *record,
                             const struct value *typed)
{
    static const char *const plain[] = {"service_code", "urgency", "message",
                                        NULL};
    static const char *const child[] = {"service_code",      "urgency",
                                        "message",           "child_opinion",
                                        "child_opinion_how", NULL};
    struct arena *arena = view->task.arena;
    struct value *answers = value_copy(record->answers, arena);
    bool asks_opinion;
    enum error error;

    for (size_t i = 0; i < value_count(typed); i++)
        value_set(answers, arena, value_name_at(typed, i), value_at(typed, i));
    referral_put_head(view, record, answers);
    if ((error = casework_person(view, value_text_of(answers, "person"))) ||
        (error = put_standing(view, record->id, answers)) ||
        (error = put_refusal(view, record->id)) ||
        (error = put_share(view, answers)))
        return error;
    asks_opinion = value_to_bool(
        value_get(value_get(view->data, "standing"), "child"), false);
    value_put(view->page, arena, "form",
              form_view(view, view_form(view, "referral"), answers,
                        view->problem, view->problems,
                        asks_opinion ? child : plain));
    value_put_bool(view->page, arena, "opinion_closed",
                   asks_opinion &&
                       !role_reads(view->task.actor.role,
                                   form_find(view_form(view, "referral"),
                                             STR("child_opinion"))));
    put_consent_form(
        view, value_to_bool(value_get(value_get(view->data, "person"), "child"),
                            false));
    casework_notice(view);
    view_stamp(view, record->id, record->clock);
    view_title(view, N_("Referencia"));
    return ERROR_NONE;
}

enum error referral_page(struct view *view)
{
    struct record record;
    enum error error = draft_load(view, &record);

    if (error != ERROR_NONE)
        return error;
    return referral_is_draft(record.answers) ? draft_show(view, &record, NULL)
                                             : sent_show(view);
}

/* -- saving the draft ------------------------------------------------------ */

/* What the page may change, as far as it was sent. */
static struct value *draft_typed(struct view *view, const struct value *before)
{
    static const char *const keys[] = {"service_code", "urgency", "message",
                                       "child_opinion", "child_opinion_how"};
    struct arena *arena = view->task.arena;
    const struct value *all = view_answers(view, view_form(view, "referral"));
    const struct value *share = value_get(all, "share_fields");
    struct value *typed = value_object(arena);

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct value *answer = value_get(all, keys[i]);

        if (answer)
            value_put(typed, arena, keys[i], answer);
    }
    if (share) {
        struct str kept = value_text_of(before, "share_fields");
        struct str seen = share_readable(view, before, true);
        struct str wanted = words_common(arena, value_text(share), seen);
        struct str word;

        while (words_next(&kept, &word))
            if (!words_have(seen, word))
                wanted = words_union(arena, wanted, word);
        value_put_str(typed, arena, "share_fields", wanted);
    }
    if (value_get(view->fields, "_vital_asked"))
        value_put_str(typed, arena, "basis",
                      view_field(view, "_vital").size ? STR("interes_vital")
                                                      : STR(""));
    return typed;
}

/* The page again with what was typed and what went wrong. */
static enum error draft_again(struct view *view, const struct record *record,
                              const struct value *typed, enum error error)
{
    struct err why = view->err;

    if (error_status(error) >= 500)
        return error;
    if (error == ERROR_CONFLICT)
        view_conflict(view, view_form(view, "referral"), typed);
    if (draft_show(view, record, typed) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    return view_again(view, "referral", error);
}

static enum error draft_save(struct view *view, const struct value *typed)
{
    struct save save = {
        .kind = STR("referral"), .id = view->param[0], .input = typed};
    struct saved saved = {0};
    enum error error;

    if (value_count(typed) == 0)
        return ERROR_NONE;
    view_save(view, &save);
    error = record_save(&view->task, &save, &saved, &view->err);
    view->problem = saved.problem;
    view->problems = saved.problems;
    return error;
}

enum error referral_post(struct view *view)
{
    struct record record;
    struct value *typed;
    enum error error = draft_load(view, &record);

    if (error != ERROR_NONE)
        return error;
    if (!referral_is_draft(record.answers)) {
        view_redirect(view,
                      view_format(view, "/referral/%.*s", STR_ARGS(record.id)));
        return ERROR_NONE;
    }
    typed = draft_typed(view, record.answers);
    if (view_field(view, "_preview").size > 0)
        return draft_show(view, &record, typed);
    error = draft_save(view, typed);
    if (error != ERROR_NONE)
        return draft_again(view, &record, typed, error);
    view_redirect_said(view,
                       view_format(view, "/referral/%.*s", STR_ARGS(record.id)),
                       "saved");
    return ERROR_NONE;
}

/* -- consent and sending --------------------------------------------------- */

static struct str act_text(struct view *view, const struct value *answers)
{
    struct str place = value_text_of(answers, "to_place");
    struct str name = place.size ? ref_text(view, STR("place"), place)
                                 : value_text_of(answers, "to_name");

    return view_say_with(view, N_("Referencia a {1}"), name);
}

/* What she was asked: this act, these data, this receiver, and no more. */
static struct value *consent_input(struct view *view, struct str referral,
                                   const struct value *answers,
                                   const struct value *said)
{
    static const char *const keys[] = {"given_by", "child_assent",
                                       "expressed_how", "notice_language"};
    struct arena *arena = view->task.arena;
    struct value *input = value_object(arena);

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (value_text_of(said, keys[i]).size > 0)
            value_put_str(input, arena, keys[i], value_text_of(said, keys[i]));
    value_put_str(input, arena, "person", value_text_of(answers, "person"));
    value_put_str(input, arena, "purpose", STR("acto_unico"));
    value_put_str(input, arena, "act", act_text(view, answers));
    value_put_str(input, arena, "referral", referral);
    value_put_str(input, arena, "given", value_text_of(said, "given"));
    value_put_str(input, arena, "data_scope",
                  referral_scopes(&view->task, answers));
    if (value_text_of(answers, "to_place").size > 0)
        value_put_str(input, arena, "scope_orgs",
                      value_text_of(answers, "to_place"));
    value_put_str(input, arena, "explained_by", view->task.actor.id);
    return input;
}

static enum error consent_record(struct view *view, struct str referral,
                                 const struct value *answers)
{
    const struct value *said = view_answers_part(
        view, view_form(view, "consent"), str_of(consent_base));
    struct str given = value_text_of(said, "given");
    struct str entry = view_field(view, "_consent");
    struct save save = {.kind = STR("consent")};
    struct saved saved = {0};
    enum error error;

    if (!str_equal_c(given, "yes") && !str_equal_c(given, "no"))
        return err_set(&view->err, ERROR_INPUT,
                       N_("Pregúntele si está de acuerdo y anote lo que "
                          "contestó."),
                       NULL, NULL, NULL);
    if (uuid_valid(entry)) {
        save.id = entry;
        save.entry = entry;
        save.create = true;
    }
    save.input = consent_input(view, referral, answers, said);
    error = record_save(&view->task, &save, &saved, &view->err);
    if (error != ERROR_NONE || str_equal_c(given, "yes"))
        return error;
    return err_set(&view->err, ERROR_BLOCKED, /* noted: she was asked */
                   N_("Sin su permiso no se envía nada. Quedó anotado que se "
                      "le preguntó. Puede darle los datos del lugar para que "
                      "vaya cuando quiera."),
                   NULL, NULL, NULL);
}

/* Also where an older consent would do: what she says now counts. */
static bool said_no(struct view *view)
{
    return str_equal_c(
        value_text_of(view_answers_part(view, view_form(view, "consent"),
                                        str_of(consent_base)),
                      "given"),
        "no");
}

static enum error consent_and_send(struct view *view, struct str referral,
                                   struct str *link)
{
    struct referral_standing standing;
    struct record record;
    enum error error;

    if ((error = draft_load(view, &record)) ||
        (error = referral_stands(&view->task, referral, record.answers,
                                 &standing, &view->err)))
        return error;
    if (standing.blocked.size > 0 && !standing.exception)
        return err_set(&view->err, ERROR_BLOCKED,
                       str_c(view->task.arena, standing.blocked), NULL, NULL,
                       NULL);
    if (value_text_of(record.answers, "share_fields").size == 0)
        return err_set(&view->err, ERROR_INPUT,
                       N_("Elija qué se comparte; basta el alias o el "
                          "código."),
                       NULL, NULL, NULL);
    if (!standing.child &&
        (!standing.allowed || standing.blocked.size > 0 || said_no(view)))
        error = consent_record(view, referral, record.answers);
    if (error == ERROR_NONE)
        error = referral_send(&view->task, referral, link, &view->err);
    return error;
}

/* Sent once; the first answer, with the link, may never have arrived. */
static enum error sent_again(struct view *view, struct record *record)
{
    struct str link = STR("");
    enum error error =
        referral_send(&view->task, record->id, &link, &view->err);

    if (error == ERROR_CONFLICT) { /* over, or moved this very moment */
        err_clear(&view->err);
        view_redirect(
            view, view_format(view, "/referral/%.*s", STR_ARGS(record->id)));
        return ERROR_NONE;
    }
    if (error == ERROR_NONE)
        error = draft_load(view, record);
    return error == ERROR_NONE ? slip_put(view, record, link) : error;
}

enum error referral_send_post(struct view *view)
{
    struct str link = STR("");
    struct record record;
    struct value *typed;
    bool saved;
    enum error error = draft_load(view, &record);

    if (error != ERROR_NONE)
        return error;
    if (!referral_is_draft(record.answers))
        return sent_again(view, &record);
    typed = draft_typed(view, record.answers);
    error = draft_save(view, typed);
    saved = error == ERROR_NONE;
    if (saved) {
        error = consent_and_send(view, record.id, &link);
        if (error != ERROR_NONE &&
            draft_load(view, &record) == ERROR_NONE) /* it is saved now */
            typed = value_object(view->task.arena);
    }
    if (error == ERROR_CONFLICT && draft_load(view, &record) == ERROR_NONE &&
        !referral_is_draft(record.answers)) { /* the other click was first */
        err_clear(&view->err);
        return sent_again(view, &record);
    }
    if (error != ERROR_NONE) {
        error = draft_again(view, &record, typed, error);
        if (saved) /* what comes next is another change */
            value_put_str(view->page, view->task.arena, "entry",
                          host_uuid(view->app->office.host, view->task.arena));
        return error;
    }
    if ((error = draft_load(view, &record)) != ERROR_NONE)
        return error;
    return slip_put(view, &record, link);
}

enum error referral_send_page(struct view *view)
{
    view_redirect(
        view, view_format(view, "/referral/%.*s", STR_ARGS(view->param[0])));
    return ERROR_NONE;
}
