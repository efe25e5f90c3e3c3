/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_package.c - exactly what a receiver sees: the fields that were
 * ticked and that the ground allows now, and nothing else. The preview, the
 * printed slip and the link all read this one tree.
 *
 * Which record fields stand behind a ticked one is data: the column `show` of
 * the list share_field, e.g. "person.phone person.contact_how". The words
 * age, name, alias, companions, documents and profiles are made here.
 *
 * Beside its text a field has what it was made of ("answers": answers of the
 * form person, "key": the one question it shows, "codes": profiles), so that
 * another house can put it into a file of its own; nothing that the text does
 * not say.
 */
#include "core/date.h"
#include "domain/person/age.h"
#include "domain/person/group.h"
#include "domain/record/classes.h"
#include "domain/record/record_diff.h"
#include "domain/referral/referral_private.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

struct packing {
    struct task *task;
    const struct value *referral;
    struct str person_id;
    const struct value *person;
    const struct value *screening; /* newest, NULL */
    struct referral_ground ground;
    struct str sharing;    /* the ticked field being added */
    enum seal_class class; /* of what it tells: whose key closes it */
    struct value *field;
    struct err *err;
};

static const struct form *form_of(const struct packing *packing,
                                  const char *kind)
{
    return forms_find(packing->task->office->forms, str_of(kind), STR_NULL);
}

/* NULL: there is nothing to tell. */
static struct value *add_field(struct packing *packing, struct str label,
                               struct str text)
{
    struct arena *arena = packing->task->arena;
    struct value *item;

    if (!text.size)
        return NULL;
    item = value_object(arena);
    value_put_str(item, arena, "field", packing->sharing);
    value_put_text(item, arena, "class", seal_class_name(packing->class));
    value_put_str(item, arena, "label", label);
    value_put_str(item, arena, "text", text);
    value_add(packing->field, arena, item);
    return item;
}

static void add_answer(const struct packing *packing, struct value *item,
                       struct str key, const struct value *answer)
{
    struct arena *arena = packing->task->arena;

    if (!item || answer_is_empty(answer))
        return;
    if (!value_get(item, "answers"))
        value_put(item, arena, "answers", value_object(arena));
    value_set(value_get_mutable(item, "answers"), arena, key, answer);
}

/* "person.phone": its label and its text. */
static void add_question(struct packing *packing, struct str path)
{
    struct str kind, key = path;
    const struct value *answers, *answer;
    const struct question *question;
    const struct form *form;
    struct value *item;

    str_cut(&key, '.', &kind);
    form = form_of(packing, str_c(packing->task->arena, kind));
    answers = str_equal_c(kind, "person")     ? packing->person
              : str_equal_c(kind, "referral") ? packing->referral
                                              : packing->screening;
    question = form ? form_find(form, key) : NULL;
    if (!question || !answers)
        return;
    packing->class =
        class_of_answer(packing->task->office->log.sealing, form, kind, key);
    answer = value_get_str(answers, key);
    item = add_field(
        packing, texts_in(form, question->label, packing->task->language),
        answer_display(form, question, answer, packing->task->language,
                       packing->task->arena));
    if (!item || answers != packing->person)
        return;
    value_put_str(item, packing->task->arena, "key", key);
    add_answer(packing, item, key, answer);
}

static struct str joined(struct arena *arena, const struct value *answers,
                         const char *const *key)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; key[i]; i++) {
        struct str text = value_text_of(answers, key[i]);

        if (text.size && out.size)
            buf_putc(&out, ' ');
        buf_put(&out, text);
    }
    return buf_str(&out);
}

static struct str chosen_name(const struct packing *packing)
{
    static const char *const given[] = {"given_names", NULL};
    struct str alias = value_text_of(packing->person, "alias");

    return alias.size ? alias
                      : joined(packing->task->arena, packing->person, given);
}

static struct str whole_name(const struct packing *packing)
{
    static const char *const all[] = {"given_names", "first_surname",
                                      "second_surname", NULL};

    return joined(packing->task->arena, packing->person, all);
}

static struct str age_words(const struct packing *packing)
{
    struct task *task = packing->task;
    int young = age_on_day(packing->person, task_day(task), true);
    int old = age_on_day(packing->person, task_day(task), false);

    if (young < 0)
        return STR_NULL;
    return young == old || old < 0
               ? str_format(task->arena, "%d", young)
               : str_format(task->arena, "%d–%d", young, old);
}

/* Kinds of document she holds, no numbers; *kinds: as rows of hers. */
static struct str document_words(const struct packing *packing,
                                 struct value **kinds)
{
    struct task *task = packing->task;
    const struct form *form = form_of(packing, "person");
    const struct question *repeat = form_find(form, STR("documents"));
    const struct question *type =
        repeat ? form_find_in(form, repeat, STR("doc_type")) : NULL;
    const struct value *rows = value_get(packing->person, "documents");
    struct buf out;

    buf_init(&out, task->arena);
    *kinds = value_list(task->arena);
    for (size_t i = 0; type && i < value_count(rows); i++) {
        const struct value *code = value_get(value_at(rows, i), "doc_type");
        struct value *row = value_object(task->arena);

        value_put(row, task->arena, "doc_type", code);
        value_add(*kinds, task->arena, row);
        if (out.size)
            buf_puts(&out, ", ");
        buf_put(&out,
                answer_display(form, type, code, task->language, task->arena));
    }
    return buf_str(&out);
}

static struct str companion_words(struct packing *packing)
{
    struct group group;
    bool found = false;

    if (group_of_person(packing->task, packing->person_id, &group, &found,
                        packing->err) != ERROR_NONE ||
        !found || group.members < 2)
        return STR_NULL;
    return str_format(packing->task->arena, "%zu", group.members - 1);
}

/* Profiles as words, each only if its own compartment's scope is allowed. */
static struct str profile_words(struct packing *packing, struct str *codes)
{
    static const struct {
        const char *compartment, *scope;
    } scopes[] = {{"health", "salud"},
                  {"violence", "violencia"},
                  {"asylum", "asilo"},
                  {"sogiesc", "identidad"},
                  {"child", "identidad"}};
    struct task *task = packing->task;
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "profile");
    struct str allowed = packing->ground.by_consent
                             ? packing->ground.consent.data_scope
                             : packing->ground.data;
    struct standing_profile *profile;
    struct buf out;
    size_t count;

    buf_init(&out, task->arena);
    if (profile_list(task, packing->person_id, &profile, &count,
                     packing->err) != ERROR_NONE)
        return STR_NULL;
    for (size_t i = 0; i < count; i++) {
        size_t row = table ? catalog_find(table, profile[i].code) : SIZE_MAX;
        struct str compartment = row == SIZE_MAX
                                     ? STR_NULL
                                     : catalog_cell(table, row, "compartment");
        bool open = !compartment.size;

        for (size_t j = 0; j < sizeof scopes / sizeof *scopes; j++) {
            if (str_equal_c(compartment, scopes[j].compartment))
                open = words_have(allowed, str_of(scopes[j].scope));
        }
        if (!open || str_equal_c(profile[i].state, "indicios") ||
            row == SIZE_MAX)
            continue;
        if (out.size)
            buf_puts(&out, ", ");
        buf_put(&out, catalog_label(table, row, "label", task->language));
        *codes = words_union(task->arena, *codes, profile[i].code);
    }
    return buf_str(&out);
}

static void add_name(struct packing *packing, struct str label)
{
    static const char *const key[] = {"given_names", "first_surname",
                                      "second_surname"};
    struct value *item = add_field(packing, label, whole_name(packing));

    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        add_answer(packing, item, str_of(key[i]),
                   value_get(packing->person, key[i]));
}

static void add_alias(struct packing *packing, struct str label)
{
    struct str name = chosen_name(packing);

    add_answer(packing, add_field(packing, label, name), STR("alias"),
               value_string(packing->task->arena, name));
}

static void add_age(struct packing *packing, struct str label)
{
    struct str age = age_words(packing);
    struct value *item = add_field(packing, label, age);
    int64_t years;

    if (str_to_int(age, &years)) /* of a span no year is right */
        add_answer(packing, item, STR("age_years"),
                   value_string(packing->task->arena, age));
}

static void add_documents(struct packing *packing, struct str label)
{
    struct value *kinds = NULL;
    struct str words = document_words(packing, &kinds);

    add_answer(packing, add_field(packing, label, words), STR("documents"),
               kinds);
}

static void add_profiles(struct packing *packing, struct str label)
{
    struct str codes = STR(""), words = profile_words(packing, &codes);
    struct value *item = add_field(packing, label, words);

    if (item)
        value_put_str(item, packing->task->arena, "codes", codes);
}

static void add_shared(struct packing *packing, const struct form *form,
                       const struct choice *choice)
{
    struct str label = texts_in(form, choice->label, packing->task->language);
    struct str rest = value_text_of(choice->extra, "show"), word;

    while (str_cut(&rest, ' ', &word)) {
        packing->class = str_equal_c(word, "documents")  ? SEAL_LEGAL
                         : str_equal_c(word, "profiles") ? SEAL_STORY
                                                         : SEAL_IDENTITY;
        if (str_equal_c(word, "name"))
            add_name(packing, label);
        else if (str_equal_c(word, "alias"))
            add_alias(packing, label);
        else if (str_equal_c(word, "age"))
            add_age(packing, label);
        else if (str_equal_c(word, "companions"))
            add_field(packing, label, companion_words(packing));
        else if (str_equal_c(word, "documents"))
            add_documents(packing, label);
        else if (str_equal_c(word, "profiles"))
            add_profiles(packing, label);
        else if (word.size)
            add_question(packing, word);
    }
}

static void add_all(struct packing *packing)
{
    const struct form *form = form_of(packing, "referral");
    const struct question *question = form_find(form, STR("share_fields"));
    struct str ticked = value_text_of(packing->referral, "share_fields");
    struct str allowed = packing->ground.by_consent
                             ? packing->ground.consent.data_scope
                             : packing->ground.data;

    for (size_t i = 0; i < question->choices->count; i++) {
        const struct choice *choice = &question->choices->choice[i];
        struct str scope = value_text_of(choice->extra, "scope");

        packing->sharing = choice->name;
        if (words_have(ticked, choice->name) &&
            (!scope.size || words_have(allowed, scope)))
            add_shared(packing, form, choice);
    }
}

/* What is asked, of whom, by when: nothing of hers in it but what the
 * sender wrote for the receiver. */
static struct value *request_part(const struct packing *packing)
{
    static const char *const shown[] = {
        "urgency",  "service_code", "message",
        "state",    "due_decide",   "due_feedback",
        "question", "answer",       "appointment_at"};
    struct task *task = packing->task;
    const struct form *form = form_of(packing, "referral");
    struct value *request = value_object(task->arena);

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct question *question = form_find(form, str_of(shown[i]));
        const struct value *answer = value_get(packing->referral, shown[i]);

        value_put_str(request, task->arena, shown[i], value_text(answer));
        value_put_str(
            request, task->arena,
            str_c(task->arena, str_format(task->arena, "%s_text", shown[i])),
            question ? answer_display(form, question, answer, task->language,
                                      task->arena)
                     : STR_NULL);
    }
    return request;
}

static enum error newest_screening(struct packing *packing)
{
    struct record_filter filter = {
        .kind = STR("screening"), .subject = packing->person_id, .limit = 1};
    struct record *record;
    size_t count;
    enum error error =
        record_list(&packing->task->office->log, packing->task->db, &filter,
                    false, packing->task->arena, &record, &count, packing->err);

    if (error == ERROR_NONE && count)
        packing->screening = record[0].answers;
    return error;
}

/* The telephone of this house, as the directory has it. */
static struct str own_phone(struct task *task)
{
    struct db_value name = {.type = 't', .t = task->office->site_name};
    struct record_filter filter = {.kind = STR("place"),
                                   .where = "{name} = $3",
                                   .value = &name,
                                   .value_count = 1,
                                   .limit = 1};
    struct err ignored = {0};
    struct record *place;
    size_t count;

    if (record_list(&task->office->log, task->db, &filter, true, task->arena,
                    &place, &count, &ignored) != ERROR_NONE ||
        count == 0)
        return STR("");
    return value_text_of(value_at(value_get(place[0].answers, "phones"), 0),
                         "number");
}

static enum error pack_start(struct packing *packing,
                             const struct value *referral)
{
    struct task *task = packing->task;
    struct record person;
    enum error error;

    packing->referral = referral;
    packing->person_id = value_text_of(referral, "person");
    packing->field = value_list(task->arena);
    error = record_read(&task->office->log, task->db, STR("person"),
                        packing->person_id, task->arena, &person, packing->err);
    if (error != ERROR_NONE)
        return error;
    packing->person = person.answers;
    return newest_screening(packing);
}

static struct value *pack_end(struct packing *packing, struct str missing)
{
    struct arena *arena = packing->task->arena;
    struct value *out = value_object(arena);

    add_all(packing);
    value_put_str(out, arena, "from", packing->task->office->site_name);
    value_put_str(out, arena, "from_phone", own_phone(packing->task));
    value_put_bool(out, arena, "ground", missing.size == 0);
    value_put_str(out, arena, "ground_missing", missing);
    value_put(out, arena, "request", request_part(packing));
    value_put(out, arena, "fields", packing->field);
    return out;
}

enum error referral_package(struct task *task, struct str referral,
                            struct value **package, struct err *err)
{
    struct packing packing = {.task = task, .err = err};
    struct err no_ground = {0};
    struct record record;
    struct str missing = STR("");
    enum error error;

    if ((error = referral_read(task, referral, &record, err)) ||
        (error = pack_start(&packing, record.answers)))
        return error;
    if (referral_ground(task, referral, record.answers, &packing.ground,
                        &no_ground) != ERROR_NONE)
        missing = err_text(&no_ground, task->translator, task->arena);
    *package = pack_end(&packing, missing);
    return ERROR_NONE;
}

enum error referral_preview(struct task *task, const struct value *answers,
                            struct value **package, struct err *err)
{
    struct packing packing = {.task = task, .err = err};
    enum error error = pack_start(&packing, answers);

    if (error != ERROR_NONE)
        return error;
    packing.ground.data = referral_scopes(task, answers);
    *package = pack_end(&packing, STR(""));
    return ERROR_NONE;
}
