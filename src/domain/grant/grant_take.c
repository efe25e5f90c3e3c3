/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* grant_take.c - an opened grant for the people of the house that receives:
 * its package in their language, and into a file of this house when somebody
 * says so.
 *
 * What is registered is sealed by this house's keys as everything here; beside
 * the person stand a consent as she gave it to the other house, for helping
 * her here and no more, and the referral as it was received.
 */
#include "core/date.h"
#include "domain/access/decide.h"
#include "domain/casework/screening.h"
#include "domain/grant/grant_private.h"
#include "domain/import/import_private.h"
#include "domain/person/words.h"
#include "domain/record/record_diff.h"
#include "form/clean.h"
#include "store/sealing.h"

enum { TAKEN_SHOWN = 50 };

/* --- reading it for people ------------------------------------------------ */

struct showing {
    struct task *task;
    const struct value *classes; /* of the opened grant */
    const struct form *referral, *person;
    const struct choice_list *share;
};

static void showing_init(struct showing *showing, struct task *task,
                         const struct value *opened)
{
    const struct question *question;

    *showing = (struct showing){
        .task = task,
        .classes = value_get(opened, "classes"),
        .referral = forms_find(task->office->forms, STR("referral"), STR_NULL),
        .person = forms_find(task->office->forms, STR("person"), STR_NULL)};
    question = showing->referral
                   ? form_find(showing->referral, STR("share_fields"))
                   : NULL;
    showing->share = question ? question->choices : NULL;
}

static const struct choice *share_of(const struct showing *showing,
                                     const struct value *item)
{
    return showing->share
               ? choice_find(showing->share, value_text_of(item, "field"))
               : NULL;
}

/* Of a field that this house does not know, the class must do. */
static struct str compartment_of(const struct showing *showing,
                                 const struct value *item)
{
    const struct choice *choice = share_of(showing, item);

    if (choice)
        return value_text_of(choice->extra, "compartment");
    return str_equal_c(value_text_of(item, "class"), "health")
               ? STR("health")
               : STR("violence");
}

/* Profiles: each must be open; of those without a code, all might be. */
static bool profiles_open(const struct showing *showing,
                          const struct value *item)
{
    static const char *const any[] = {"health", "violence", "asylum", "child",
                                      "sogiesc"};
    struct task *task = showing->task;
    struct str codes = value_text_of(item, "codes"), code;

    if (!codes.size)
        for (size_t i = 0; i < sizeof any / sizeof *any; i++) {
            struct question guard = {.compartment = str_of(any[i])};

            if (!role_reads(task->actor.role, &guard))
                return false;
        }
    while (words_next(&codes, &code))
        if (!profile_visible(task, code))
            return false;
    return true;
}

static bool is_open(const struct showing *showing, const struct value *item)
{
    struct question guard = {.compartment = compartment_of(showing, item)};

    if (str_equal_c(value_text_of(item, "field"), "profiles"))
        return profiles_open(showing, item);
    return role_reads(showing->task->actor.role, &guard);
}

static struct str profile_texts(const struct showing *showing, struct str codes)
{
    struct task *task = showing->task;
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "profile");
    struct str code;
    struct buf out;

    buf_init(&out, task->arena);
    while (words_next(&codes, &code)) {
        size_t row = table ? catalog_find(table, code) : SIZE_MAX;

        if (out.size)
            buf_puts(&out, ", ");
        buf_put(&out, row == SIZE_MAX
                          ? code
                          : catalog_label(table, row, "label", task->language));
    }
    return buf_str(&out);
}

/* In our reader's words where this house has the same question, else as it
 * came. */
static struct value *field_shown(const struct showing *showing,
                                 const struct value *item)
{
    struct task *task = showing->task;
    struct value *out = value_object(task->arena);
    struct str key = value_text_of(item, "key");
    struct str codes = value_text_of(item, "codes");
    const struct question *question =
        key.size && showing->person ? form_find(showing->person, key) : NULL;
    const struct choice *choice = share_of(showing, item);
    const struct value *answer = value_get_str(value_get(item, "answers"), key);
    struct str label = value_text_of(item, "label"), text = STR("");

    if (question && answer)
        text = answer_display(showing->person, question, answer, task->language,
                              task->arena);
    if (text.size)
        label = texts_in(showing->person, question->label, task->language);
    else if (codes.size)
        text = profile_texts(showing, codes);
    if (choice && !key.size &&
        str_find_char(value_text_of(choice->extra, "show"), '.') == SIZE_MAX)
        label = texts_in(showing->referral, choice->label, task->language);
    value_put_str(out, task->arena, "field", value_text_of(item, "field"));
    value_put_str(out, task->arena, "class", value_text_of(item, "class"));
    value_put_str(out, task->arena, "label", label);
    value_put_str(out, task->arena, "text",
                  text.size ? text : value_text_of(item, "text"));
    return out;
}

static bool is_known(const struct showing *showing, struct str field)
{
    return showing->share && choice_find(showing->share, field);
}

/* Fields of that name out of every class; a null name: those that this house
 * does not know. */
static void add_fields(const struct showing *showing, struct value *list,
                       struct str name, bool *hidden)
{
    for (size_t i = 0; i < value_count(showing->classes); i++) {
        const struct value *fields =
            value_get(value_at(showing->classes, i), "fields");

        for (size_t k = 0; k < value_count(fields); k++) {
            const struct value *item = value_at(fields, k);
            struct str field = value_text_of(item, "field");

            if (str_is_null(name) ? is_known(showing, field)
                                  : !str_equal(field, name))
                continue;
            if (is_open(showing, item))
                value_add(list, showing->task->arena,
                          field_shown(showing, item));
            else
                *hidden = true;
        }
    }
}

static const struct value *class_of(const struct value *opened,
                                    enum seal_class class)
{
    return value_get_str(value_get(opened, "classes"),
                         str_of(grant_class_name((int)class)));
}

static struct value *request_shown(const struct showing *showing,
                                   const struct value *opened)
{
    static const char *const key[] = {"urgency", "service_code"};
    struct task *task = showing->task;
    const struct value *sent =
        value_get(class_of(opened, SEAL_OTHER), "request");
    struct value *request =
        sent ? value_copy(sent, task->arena) : value_object(task->arena);

    for (size_t i = 0; i < sizeof key / sizeof *key && showing->referral; i++) {
        const struct question *question =
            form_find(showing->referral, str_of(key[i]));
        struct str text = question && value_get(request, key[i])
                              ? answer_display(showing->referral, question,
                                               value_get(request, key[i]),
                                               task->language, task->arena)
                              : STR("");

        if (text.size)
            value_put_str(
                request, task->arena,
                str_c(task->arena, str_format(task->arena, "%s_text", key[i])),
                text);
    }
    value_put_str(request, task->arena, "message",
                  value_text_of(class_of(opened, SEAL_STORY), "message"));
    return request;
}

struct value *grant_package(struct task *task, const struct value *opened,
                            bool *hidden)
{
    const struct value *other = class_of(opened, SEAL_OTHER);
    struct value *out = value_object(task->arena);
    struct value *list = value_list(task->arena);
    struct showing showing;

    *hidden = false;
    showing_init(&showing, task, opened);
    for (size_t i = 0; showing.share && i < showing.share->count; i++)
        add_fields(&showing, list, showing.share->choice[i].name, hidden);
    add_fields(&showing, list, STR_NULL, hidden);
    value_put_str(out, task->arena, "from", value_text_of(opened, "from"));
    value_put_str(out, task->arena, "from_phone",
                  value_text_of(other, "from_phone"));
    value_put(out, task->arena, "request", request_shown(&showing, opened));
    value_put(out, task->arena, "fields", list);
    return out;
}

/* --- into a person's answers ---------------------------------------------- */

/* Where she was when she was referred is not taken: she comes here. */
static const char taken_keys[] =
    "given_names first_surname second_surname alias age_years sex nationality "
    "country_of_birth language_main interpreter_needed phone safe_to_contact "
    "contact_how contact_person contact_person_phone documents";

/* What our form does not take is left out; the package shows it. */
static void drop_wrong(struct task *task, const struct form *form,
                       struct value *answers)
{
    struct check_options options = {.language = task->language,
                                    .now = task->now,
                                    .utc_offset = task->utc_offset,
                                    .partial = true,
                                    .host = task->office->host};
    struct check_result result = {0};
    struct err ignored = {0};

    if (form_check(form, answers, &options, task->arena, &result, &ignored))
        return;
    for (size_t i = 0; i < result.count; i++) {
        struct str rest = result.problem[i].path, key;

        str_cut(&rest, '[', &key);
        value_remove(answers, key);
    }
}

struct value *grant_answers(struct task *task, const struct value *opened)
{
    struct value *out = value_object(task->arena);
    struct showing showing;

    showing_init(&showing, task, opened);
    for (size_t i = 0; i < value_count(showing.classes); i++) {
        const struct value *fields =
            value_get(value_at(showing.classes, i), "fields");

        for (size_t k = 0; k < value_count(fields); k++) {
            const struct value *item = value_at(fields, k);
            const struct value *answers = value_get(item, "answers");

            if (!is_open(&showing, item))
                continue;
            for (size_t j = 0; j < value_count(answers); j++)
                if (words_have(STR(taken_keys), value_name_at(answers, j)))
                    value_set(out, task->arena, value_name_at(answers, j),
                              value_at(answers, j));
        }
    }
    if (value_text_of(out, "given_names").size &&
        str_equal(value_text_of(out, "alias"),
                  value_text_of(out, "given_names")))
        value_remove(out, STR("alias"));
    if (showing.person)
        drop_wrong(task, showing.person, out);
    return out;
}

/* --- what was taken ------------------------------------------------------- */

enum error grant_taken(struct task *task, const struct value *opened,
                       struct record **record, size_t *count, struct err *err)
{
    struct db_value value[] = {
        {.type = 't', .t = value_text_of(opened, "issuer")},
        {.type = 't', .t = value_text_of(opened, "id")},
        {.type = 't', .t = value_text_of(opened, "referral")}};
    struct record_filter filter = {
        .kind = STR("received"), .limit = TAKEN_SHOWN, .value = value};

    *count = 0;
    if (!forms_find(task->office->forms, filter.kind, STR_NULL))
        return ERROR_NONE; /* a store of before, not brought up to date */
    if (opened) {
        filter.where = "{house_site} = $3 AND ({grant} = $4 OR "
                       "{giver_referral} = $5)";
        filter.value_count = 3;
    }
    return decide_list(task, &filter, false, record, NULL, count, err);
}

/* --- taking --------------------------------------------------------------- */

struct taking {
    struct task *task;
    const struct value *opened;
    struct registered_too too[2]; /* the consent, what was received */
};

static struct str ground_of(struct str basis)
{
    return str_equal_c(basis, "interes_vital") ? STR("interes_vital")
           : str_equal_c(basis, "proteccion_ninez")
               ? STR("interes_superior_ninez")
               : STR("consentimiento_expreso");
}

static struct str day_of(struct task *task, struct str instant)
{
    int64_t at = 0;

    return instant_parse(instant, &at)
               ? date_text(
                     task->arena,
                     date_from_day((at / 1000 + task->utc_offset) / 86400))
               : STR("");
}

/* As she gave it there: to help her here, until the grant ends. What this
 * house needs beyond that it asks her itself. */
static void make_consent(struct taking *taking)
{
    static const char *const said[] = {"given_by", "given_at", "expressed_how",
                                       "notice_language"};
    struct task *task = taking->task;
    const struct value *opened = taking->opened;
    const struct value *there =
        value_get(class_of(opened, SEAL_OTHER), "consent");
    struct value *input = value_object(task->arena);
    struct value *system = value_object(task->arena);
    struct str ground = ground_of(value_text_of(opened, "basis"));

    value_put_str(input, task->arena, "purpose", STR("atencion_local"));
    value_put_str(input, task->arena, "basis", ground);
    if (str_equal_c(ground, "consentimiento_expreso"))
        value_put_str(input, task->arena, "given", STR("yes"));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        value_put_str(input, task->arena, said[i],
                      value_text_of(there, said[i]).size
                          ? value_text_of(there, said[i])
                          : STR(""));
    if (!value_text_of(input, "given_at").size)
        value_put_str(input, task->arena, "given_at",
                      value_text_of(opened, "issued"));
    value_put_str(input, task->arena, "expires",
                  day_of(task, value_text_of(opened, "expires")));
    value_put_str(system, task->arena, "notice_version",
                  str_format(task->arena, "%.*s · %.*s",
                             STR_ARGS(value_text_of(opened, "from")),
                             STR_ARGS(value_text_of(there, "notice_version"))));
    taking->too[0] = (struct registered_too){
        .kind = "consent",
        .input = input,
        .system = system,
        .id = host_uuid(task->office->host, task->arena)};
}

static const char *shared_key(const struct showing *showing,
                              const struct value *item)
{
    static const char *const by_class[][2] = {{"identity", "shared_identity"},
                                              {"contact", "shared_contact"},
                                              {"story", "shared_story"},
                                              {"legal", "shared_legal"},
                                              {"health", "shared_health"}};
    static const char *const by_compartment[][2] = {
        {"health", "shared_health"},
        {"violence", "shared_violence"},
        {"asylum", "shared_asylum"},
        {"child", "shared_child"}};
    struct str class = value_text_of(item, "class");
    struct str compartment = compartment_of(showing, item);

    /* which of them are open depends on each: behind the closest door */
    if (str_equal_c(value_text_of(item, "field"), "profiles"))
        return "shared_violence";
    for (size_t i = 0; i < sizeof by_compartment / sizeof *by_compartment; i++)
        if (str_equal_c(compartment, by_compartment[i][0]))
            return by_compartment[i][1];
    for (size_t i = 0; i < sizeof by_class / sizeof *by_class; i++)
        if (str_equal_c(class, by_class[i][0]))
            return by_class[i][1];
    return "shared_other";
}

static void put_shared(struct taking *taking, struct value *system)
{
    struct arena *arena = taking->task->arena;
    struct showing showing;

    showing_init(&showing, taking->task, taking->opened);
    for (size_t i = 0; i < value_count(showing.classes); i++) {
        const struct value *fields =
            value_get(value_at(showing.classes, i), "fields");

        for (size_t k = 0; k < value_count(fields); k++) {
            const struct value *item = value_at(fields, k);
            const struct value *shown = field_shown(&showing, item);
            const char *key = shared_key(&showing, item);
            struct str before = value_text_of(system, key);

            value_put_str(system, arena, key,
                          str_format(arena, "%.*s%s%.*s: %.*s",
                                     STR_ARGS(before), before.size ? "\n" : "",
                                     STR_ARGS(value_text_of(shown, "label")),
                                     STR_ARGS(value_text_of(shown, "text"))));
        }
    }
}

static struct str known_code(struct task *task, const char *key,
                             struct str code)
{
    const struct form *form =
        forms_find(task->office->forms, STR("received"), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;
    struct str clean = STR("");

    if (!question || !question_is_select(question) ||
        answer_clean(question, code, task->utc_offset, task->arena, &clean))
        return STR("");
    return clean;
}

static void make_received(struct taking *taking)
{
    static const char *const copied[][2] = {
        {"from", "from_house"},   {"issuer", "house_site"},
        {"id", "grant"},          {"referral", "giver_referral"},
        {"person", "giver_code"}, {"basis", "basis"},
        {"issued", "issued"},     {"expires", "expires"}};
    static const char *const codes[] = {"urgency", "service_code"};
    struct task *task = taking->task;
    const struct value *opened = taking->opened;
    const struct value *other = class_of(opened, SEAL_OTHER);
    const struct value *request = value_get(other, "request");
    struct value *system = value_object(task->arena);

    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        value_put_str(system, task->arena, copied[i][1],
                      value_text_of(opened, copied[i][0]));
    value_put_str(system, task->arena, "scope",
                  known_code(task, "scope", value_text_of(opened, "scope")));
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        value_put_str(
            system, task->arena, codes[i],
            known_code(task, codes[i], value_text_of(request, codes[i])));
    value_put_str(system, task->arena, "from_phone",
                  value_text_of(other, "from_phone"));
    value_put_str(system, task->arena, "message",
                  value_text_of(class_of(opened, SEAL_STORY), "message"));
    value_put_str(system, task->arena, "answer_url",
                  value_text_of(opened, "answer_url"));
    value_put_str(system, task->arena, "consent", taking->too[0].id);
    put_shared(taking, system);
    taking->too[1] = (struct registered_too){
        .kind = "received", .system = system, .trusted = true};
}

/* Into the file of somebody who is here; the consent asks for the right. */
static enum error take_known(struct taking *taking, struct str person,
                             struct registered *registered, struct err *err)
{
    struct task *task = taking->task;
    struct change change;
    bool repeated = false;
    enum error error = ERROR_NONE;

    change_init(&change, task);
    for (size_t i = 0; !error && i < 2; i++) {
        const struct registered_too *too = &taking->too[i];
        struct value *input = too->input ? value_copy(too->input, task->arena)
                                         : value_object(task->arena);
        struct save save = {.kind = str_of(too->kind),
                            .id = too->id,
                            .create = true,
                            .input = input,
                            .system = too->system,
                            .trusted = too->trusted};
        struct saved saved;

        value_put_str(input, task->arena, "person", person);
        error = record_prepare(task, &change, &save, &saved, err);
    }
    if (!error)
        error = change_commit(&change, &repeated, err);
    *registered = (struct registered){.count = 1, .wrong = SIZE_MAX};
    registered->person = ARENA_ARRAY(task->arena, struct str, 1);
    if (!registered->person)
        return err_memory(err);
    registered->person[0] = person;
    return error;
}

static enum error check_new(struct task *task, const struct value *opened,
                            struct err *err)
{
    struct record *record;
    size_t count;
    enum error error = grant_taken(task, opened, &record, &count, err);

    if (error || !count)
        return error;
    return err_set(err, ERROR_CONFLICT,
                   N_("De esta referencia ya se registró aquí a la persona. "
                      "Abra su expediente."),
                   NULL, NULL, NULL);
}

enum error grant_take(struct task *task, const struct grant_taking *taking,
                      struct registered *registered, struct err *err)
{
    struct taking now = {.task = task, .opened = taking->opened};
    const struct value *person[1] = {taking->answers};
    struct registration registration = {.person = person,
                                        .count = 1,
                                        .entry = taking->entry,
                                        .too = now.too,
                                        .toos = 2};
    enum error error = check_new(task, taking->opened, err);

    *registered = (struct registered){.wrong = SIZE_MAX};
    if (error)
        return error;
    make_consent(&now);
    make_received(&now);
    return taking->person.size
               ? take_known(&now, taking->person, registered, err)
               : person_register(task, &registration, registered, err);
}

/* --- it was taken back ---------------------------------------------------- */

static enum error mark_one(struct task *task, struct str id, int64_t at,
                           struct err *err)
{
    struct value *system = value_object(task->arena);
    struct value *input = value_object(task->arena);
    struct save save = {
        .kind = STR("received"), .id = id, .system = system, .trusted = true};
    struct save ends = {
        .kind = STR("consent"), .input = input, .trusted = true};
    struct record record;
    struct change change;
    struct saved saved;
    bool repeated = false;
    enum error error = record_read(&task->office->log, task->db, save.kind, id,
                                   task->arena, &record, err);

    if (error || str_equal_c(record.state, "erased") ||
        value_text_of(record.answers, "withdrawn_at").size)
        return error;
    value_put_str(system, task->arena, "withdrawn_at",
                  instant_text(task->arena, at));
    value_put_str(input, task->arena, "revoked_at",
                  instant_text(task->arena, task->now));
    ends.id = value_text_of(record.answers, "consent");
    change_init(&change, task);
    error = record_prepare(task, &change, &save, &saved, err);
    if (!error && ends.id.size)
        error = record_prepare(task, &change, &ends, &saved, err);
    return error ? error : change_commit(&change, &repeated, err);
}

struct found {
    struct str site, id;
};

enum error grant_marked(struct task *task, struct str issuer, struct str id,
                        int64_t at, struct err *err)
{
    struct str home = office_home(task->office);
    struct found found[TAKEN_SHOWN];
    size_t count = 0;
    struct rows rows;
    const char *sql;
    enum error error;

    if (!forms_find(task->office->forms, STR("received"), STR_NULL))
        return ERROR_NONE;
    sql = project_sql(
        &task->office->log, task->db, task->arena,
        "SELECT {received}._site, {received}._id FROM {received} WHERE "
        "{received}._site IN (SELECT CAST($1 AS TEXT) UNION SELECT room.id "
        "FROM room WHERE room.site = $1) AND {received.house_site} = $2 AND "
        "{received.grant} = $3 LIMIT 50",
        err);
    if (!sql)
        return err->code ? err->code : ERROR_INTERNAL;
    db_query(task->db, &rows, err, sql, "ttt", home, issuer, id);
    while (rows_next(&rows) && count < TAKEN_SHOWN) {
        found[count].site = str_copy(task->arena, rows_text(&rows, 0));
        found[count++].id = str_copy(task->arena, rows_text(&rows, 1));
    }
    error = rows_end(&rows);
    for (size_t i = 0; i < count && !error; i++) {
        struct task there = *task;

        error = task_enter_room(&there, home, found[i].site, err);
        if (!error)
            error = mark_one(&there, found[i].id, at, err);
    }
    return error;
}
