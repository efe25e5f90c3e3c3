/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help_desk.c - what the house does with what strangers wrote: who waits, what
 * was said, answering, asking for consent, a file.
 */
#include "core/date.h"
#include "core/utf8.h"
#include "domain/outreach/help_private.h"
#include "domain/person/person.h"
#include "domain/person/words.h"
#include "domain/proof/seen.h"

enum { LISTED = 200, TODAY = 5 };

enum error help_may(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_HELP_ANSWER))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite hacer esto. Pida ayuda a quien "
                      "supervisa."),
                   NULL, NULL, NULL);
}

/* --- showing --- */

static struct str choice_label(const struct task *task, const char *key,
                               struct str code)
{
    const struct form *form =
        forms_find(task->office->forms, STR("help_request"), STR_NULL);
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;
    const struct choice *choice = question && question->choices
                                      ? choice_find(question->choices, code)
                                      : NULL;

    return choice ? texts_in(form, choice->label, task->language) : code;
}

static void put_label(const struct task *task, struct value *out,
                      const struct record *record, const char *key,
                      const char *as)
{
    struct str code = value_text_of(record->answers, key);

    value_put_str(out, task->arena, key, code);
    value_put_str(out, task->arena, as, choice_label(task, key, code));
}

static void put_needs(const struct task *task, struct value *out,
                      struct str needs)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);
    struct buf text;
    struct str code;

    buf_init(&text, arena);
    while (words_next(&needs, &code)) {
        struct value *item = value_object(arena);
        struct str label = catalog_name(task->office->catalog, "help_need",
                                        code, task->language);

        value_put_str(item, arena, "code", code);
        value_put_str(item, arena, "label", label);
        value_add(list, arena, item);
        if (text.size)
            buf_puts(&text, ", ");
        buf_put(&text, label);
    }
    value_put(out, arena, "needs", list);
    value_put_str(out, arena, "needs_text", buf_str(&text));
}

static void put_place(const struct task *task, struct value *out,
                      const struct record *record)
{
    struct str state = value_text_of(record->answers, "admin1");
    struct str town = value_text_of(record->answers, "municipality");

    if (state.size)
        state = catalog_name(task->office->catalog, "admin1", state,
                             task->language);
    value_put_str(out, task->arena, "place",
                  town.size && state.size
                      ? str_format(task->arena, "%.*s, %.*s", STR_ARGS(town),
                                   STR_ARGS(state))
                  : town.size ? town
                              : state);
}

static struct value *line_of(const struct task *task,
                             const struct record *record)
{
    static const char *const same[] = {"written_at", "waiting_since", "last_at",
                                       "taken_by",   "asked_at",      "consent",
                                       "person"};
    struct arena *arena = task->arena;
    struct value *out = value_object(arena);
    struct str urgency = value_text_of(record->answers, "urgency");

    value_put_str(out, arena, "id", record->id);
    put_needs(task, out, value_text_of(record->answers, "needs"));
    put_place(task, out, record);
    put_label(task, out, record, "state", "state_label");
    put_label(task, out, record, "tongue", "tongue_label");
    value_put_str(out, arena, "urgency", urgency);
    value_put_str(out, arena, "urgency_label",
                  catalog_name(task->office->catalog, "urgency", urgency,
                               task->language));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        value_put_str(out, arena, same[i],
                      value_text_of(record->answers, same[i]));
    return out;
}

static enum error put_messages(struct task *task, struct str request,
                               struct value *out, struct err *err)
{
    struct record_filter filter = {.kind = STR("help_message"),
                                   .subject = request,
                                   .order = "{written_at}, _created, _id",
                                   .limit = HELP_MESSAGES_MAX * 4};
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   arena, &record, &count, err);

    for (size_t i = 0; i < count; i++) {
        const struct value *answers = record[i].answers;
        struct value *item = value_object(arena);

        value_put_bool(item, arena, "hers",
                       str_equal_c(value_text_of(answers, "from"), "persona"));
        value_put_str(item, arena, "text", value_text_of(answers, "text"));
        value_put_str(item, arena, "at", value_text_of(answers, "written_at"));
        value_put_str(item, arena, "author", value_text_of(answers, "author"));
        value_add(list, arena, item);
    }
    value_put(out, arena, "messages", list);
    return error;
}

enum error help_show(struct task *task, struct str request, bool house,
                     struct value **view, struct err *err)
{
    struct record record;
    enum error error = house ? help_may(task, err) : ERROR_NONE;

    if (!error)
        error =
            house ? record_get(task, STR("help_request"), request, &record, err)
                  : help_read(task, request, &record, err);
    if (error)
        return error;
    *view = line_of(task, &record);
    put_label(task, *view, &record, "answer_by", "answer_by_label");
    put_label(task, *view, &record, "safe_to_contact", "safe_label");
    put_label(task, *view, &record, "consent_how", "consent_how_label");
    value_put_str(*view, task->arena, "phone",
                  value_text_of(record.answers, "phone"));
    value_put_str(*view, task->arena, "contact_how",
                  value_text_of(record.answers, "contact_how"));
    if (house) {
        value_put_str(*view, task->arena, "consent_why",
                      value_text_of(record.answers, "consent_why"));
        value_put_str(*view, task->arena, "closed_why",
                      value_text_of(record.answers, "closed_why"));
    }
    return put_messages(task, request, *view, err);
}

/* --- lists --- */

static enum error listed(struct task *task, const char *where,
                         const char *order, size_t limit, struct value **list,
                         struct err *err)
{
    struct record_filter filter = {.kind = STR("help_request"),
                                   .where = where,
                                   .order = order,
                                   .limit = limit};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    *list = value_list(task->arena);
    for (size_t i = 0; i < count && !error; i++)
        value_add(*list, task->arena, line_of(task, &record[i]));
    return error;
}

static const char waiting_sql[] =
    "{waiting_since} IS NOT NULL AND {state} <> 'spam' AND"
    " {state} <> 'cerrada'";

enum error help_list(struct task *task, bool all, struct value **view,
                     struct err *err)
{
    struct value *out = value_object(task->arena), *list = NULL;
    enum error error = help_may(task, err);

    if (!error)
        error = listed(task, waiting_sql, "{urgency}, {waiting_since}, _id",
                       LISTED, &list, err);
    if (error)
        return error;
    value_put(out, task->arena, "waiting", list);
    error = listed(task,
                   "{waiting_since} IS NULL AND {state} IN"
                   " ('nueva', 'tomada', 'contestada')",
                   "{last_at} DESC, _id", LISTED, &list, err);
    if (error)
        return error;
    value_put(out, task->arena, "answered", list);
    list = value_list(task->arena);
    if (all)
        error = listed(task,
                       "({state} IN ('cerrada', 'spam') OR"
                       " ({state} = 'expediente' AND {waiting_since} IS NULL))",
                       "{last_at} DESC, _id", LISTED, &list, err);
    value_put(out, task->arena, "done", list);
    *view = out;
    return error;
}

enum error help_today(struct task *task, struct value **list, size_t *count,
                      struct err *err)
{
    struct value *all = NULL;
    enum error error;

    *list = value_list(task->arena);
    *count = 0;
    if (!role_has(task->actor.role, RIGHT_HELP_ANSWER))
        return ERROR_NONE;
    error = listed(task, waiting_sql, "{urgency}, {waiting_since}, _id", LISTED,
                   &all, err);
    *count = value_count(all);
    for (size_t i = 0; i < *count && i < TODAY; i++)
        value_add(*list, task->arena, value_at(all, i));
    return error;
}

/* --- acting --- */

static enum error begin(struct task *task, struct str request,
                        struct record *record, struct value **fields,
                        struct err *err)
{
    enum error error = help_may(task, err);

    if (!error)
        error = record_get(task, STR("help_request"), request, record, err);
    *fields = value_object(task->arena);
    return error;
}

static enum error save(struct task *task, const struct record *record,
                       const struct value *fields, struct err *err)
{
    return help_save(task, record, fields, STR(""), STR(""), false, err);
}

enum error help_take(struct task *task, struct str request, bool take,
                     struct err *err)
{
    struct record record;
    struct value *fields;
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    value_put_str(fields, task->arena, "taken_by",
                  take ? task->actor.id : STR(""));
    if (help_state_is(&record, "nueva") || help_state_is(&record, "tomada"))
        value_put_text(fields, task->arena, "state", take ? "tomada" : "nueva");
    return save(task, &record, fields, err);
}

static int64_t messages_of(const struct record *record)
{
    const struct value *count = value_get(record->answers, "messages");
    int64_t messages = value_to_int(count, 0);

    if (!messages)
        str_to_int(value_text(count), &messages);
    return messages;
}

enum error help_answer(struct task *task, struct str request, struct str text,
                       struct str entry, struct err *err)
{
    struct record record;
    struct value *fields;
    struct str now = instant_text(task->arena, task->now);
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    if (!text.size || utf8_length(text) > HELP_TEXT_MAX)
        return err_set(err, ERROR_INPUT,
                       text.size ? N_("El mensaje es muy largo: hasta 2,000 "
                                      "letras.")
                                 : N_("Escriba la respuesta."),
                       NULL, NULL, NULL);
    if (!help_state_is(&record, "expediente"))
        value_put_text(fields, task->arena, "state", "contestada");
    if (!value_text_of(record.answers, "taken_by").size)
        value_put_str(fields, task->arena, "taken_by", task->actor.id);
    value_put_str(fields, task->arena, "waiting_since", STR(""));
    value_put_str(fields, task->arena, "last_at", now);
    value_put_int(fields, task->arena, "messages", messages_of(&record) + 1);
    return help_save(task, &record, fields, text, entry, false, err);
}

enum error help_ask(struct task *task, struct str request, struct err *err)
{
    struct record record;
    struct value *fields;
    struct str now = instant_text(task->arena, task->now);
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    value_put_str(fields, task->arena, "asked_at", now);
    value_put_str(fields, task->arena, "last_at", now);
    value_put_str(fields, task->arena, "consent", STR(""));
    value_put_str(fields, task->arena, "consent_how", STR(""));
    return save(task, &record, fields, err);
}

enum error help_consent_told(struct task *task, struct str request,
                             struct str why, struct err *err)
{
    struct record record;
    struct value *fields;
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    if (utf8_length(why) < 10 || utf8_length(why) > 300)
        return err_set(err, ERROR_INPUT,
                       N_("Escriba con qué palabras dijo que sí y cuándo, en "
                          "10 a 300 letras."),
                       NULL, NULL, NULL);
    value_put_text(fields, task->arena, "consent", "yes");
    value_put_text(fields, task->arena, "consent_how", "telefono");
    value_put_str(fields, task->arena, "consent_why", why);
    value_put_str(fields, task->arena, "consent_by", task->actor.id);
    return save(task, &record, fields, err);
}

enum error help_urgency(struct task *task, struct str request,
                        struct str urgency, struct err *err)
{
    struct record record;
    struct value *fields;
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    value_put_str(fields, task->arena, "urgency", urgency);
    return save(task, &record, fields, err);
}

enum error help_close(struct task *task, struct str request, struct str state,
                      struct str why, struct err *err)
{
    struct record record;
    struct value *fields;
    bool back = str_equal_c(state, "tomada");
    enum error error = begin(task, request, &record, &fields, err);

    if (error)
        return error;
    if (!words_have(STR("cerrada spam tomada"), state) ||
        (help_state_is(&record, "expediente") && back))
        return err_set(err, ERROR_INPUT, N_("Eso no se puede hacer."), NULL,
                       NULL, NULL);
    value_put_str(fields, task->arena, "state", state);
    value_put_str(fields, task->arena, "closed_why",
                  back ? STR("") : utf8_cut(why, 300));
    if (back)
        value_put_str(fields, task->arena, "taken_by", task->actor.id);
    else
        value_put_str(fields, task->arena, "waiting_since", STR(""));
    return save(task, &record, fields, err);
}

/* --- a file --- */

static enum error with_consent(struct task *task, struct str request,
                               struct record *record, struct err *err)
{
    struct value *unused;
    enum error error = begin(task, request, record, &unused, err);

    if (!error && help_state_is(record, "expediente"))
        return err_set(err, ERROR_CONFLICT,
                       N_("Esta solicitud ya tiene expediente."), NULL, NULL,
                       NULL);
    if (!error &&
        !str_equal_c(value_text_of(record->answers, "consent"), "yes"))
        return err_set(err, ERROR_BLOCKED,
                       N_("Sin su permiso no se abre un expediente. "
                          "Pregúntele primero."),
                       NULL, NULL, NULL);
    return error;
}

/* What she wrote, in her words; what the house answered is not hers. */
static struct str her_words(struct task *task, const struct value *view)
{
    const struct value *list = value_get(view, "messages");
    struct buf out;

    buf_init(&out, task->arena);
    if (value_text_of(view, "needs_text").size)
        buf_printf(&out, "%.*s.", STR_ARGS(value_text_of(view, "needs_text")));
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *one = value_at(list, i);

        if (!value_to_bool(value_get(one, "hers"), false))
            continue;
        buf_printf(&out, "%s%.*s: %.*s", out.size ? "\n" : "",
                   STR_ARGS(str_slice(value_text_of(one, "at"), 0, 10)),
                   STR_ARGS(value_text_of(one, "text")));
    }
    return buf_str(&out);
}

static struct str language_of(struct str tongue)
{
    static const char *const code[][2] = {{"es", "spa"},
                                          {"en", "eng"},
                                          {"fr", "fra"},
                                          {"pt", "por"},
                                          {"ht", "hat"}};

    for (size_t i = 0; i < sizeof code / sizeof code[0]; i++)
        if (str_equal_c(tongue, code[i][0]))
            return str_of(code[i][1]);
    return STR("");
}

static void put_some(struct task *task, struct value *answers, const char *key,
                     struct str text)
{
    if (text.size)
        value_put_str(answers, task->arena, key, text);
}

enum error help_file(struct task *task, struct str request,
                     struct value **answers, struct err *err)
{
    struct value *out = value_object(task->arena), *view = NULL;
    struct record record;
    struct str phone;
    enum error error = with_consent(task, request, &record, err);

    if (!error)
        error = help_show(task, request, true, &view, err);
    if (error)
        return error;
    phone = value_text_of(view, "phone");
    put_some(task, out, "phone", phone);
    if (str_equal_c(value_text_of(view, "answer_by"), "whatsapp"))
        put_some(task, out, "whatsapp", phone);
    put_some(task, out, "safe_to_contact",
             value_text_of(view, "safe_to_contact"));
    put_some(task, out, "contact_how", value_text_of(view, "contact_how"));
    put_some(task, out, "language_main",
             language_of(value_text_of(view, "tongue")));
    put_some(task, out, "location_now",
             value_text_of(record.answers, "admin1"));
    put_some(task, out, "location_text",
             value_text_of(record.answers, "municipality"));
    put_some(task, out, "notes", her_words(task, view));
    *answers = out;
    return ERROR_NONE;
}

enum error help_filed(struct task *task, struct str request, struct str person,
                      struct err *err)
{
    struct record record;
    struct value *fields;
    enum error error = begin(task, request, &record, &fields, err);

    if (error || str_equal(value_text_of(record.answers, "person"), person))
        return error;
    error = with_consent(task, request, &record, err);
    if (error)
        return error;
    value_put_text(fields, task->arena, "state", "expediente");
    value_put_str(fields, task->arena, "person", person);
    value_put_str(fields, task->arena, "waiting_since", STR(""));
    value_put_str(fields, task->arena, "last_at",
                  instant_text(task->arena, task->now));
    return save(task, &record, fields, err);
}

static enum error person_of_code(struct task *task, struct str case_code,
                                 struct str *person, struct err *err)
{
    struct str folded = utf8_upper(task->arena, str_trim(case_code));
    struct db_value code = {.type = 't', .t = folded};
    struct record_filter filter = {.kind = STR("person"),
                                   .where = "{case_code} = $3",
                                   .value = &code,
                                   .value_count = 1,
                                   .limit = 1};
    struct record *record = NULL;
    size_t count = 0;
    enum error error = record_list(&task->office->log, task->db, &filter, false,
                                   task->arena, &record, &count, err);

    if (!error && !count)
        error = err_set(err, ERROR_INPUT,
                        N_("No hay ningún expediente con ese código."), NULL,
                        NULL, NULL);
    if (!error)
        *person = record[0].id;
    return error;
}

enum error help_join(struct task *task, struct str request,
                     struct str case_code, struct str *person, struct err *err)
{
    struct value *answers = NULL, *input = value_object(task->arena);
    struct save one = {.kind = STR("person"), .input = input};
    struct person_header header = {0};
    struct saved saved = {0};
    enum error error = help_file(task, request, &answers, err);

    if (!error)
        error = person_of_code(task, case_code, person, err);
    if (!error) /* within her reach? follows merged files, too */
        error = person_header(task, *person, &header, err);
    if (error)
        return error;
    *person = header.id;
    one.id = header.id;
    value_put_str(input, task->arena, "notes", value_text_of(answers, "notes"));
    error = record_save(task, &one, &saved, err);
    return error ? error : help_filed(task, request, *person, err);
}
