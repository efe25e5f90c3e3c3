/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_given.c - a sealed file of another house arrives: who sends it, on what
 * ground, until when, and the package as the partner's page shows it. The file
 * travels with the page from step to step, sealed as it came; nothing of her
 * is kept until somebody registers her.
 */
#include "domain/grant/grant.h"
#include "domain/person/words.h"
#include "domain/proof/seen.h"
#include "web/page/casework.h"

enum { MATCHES_SHOWN = 4, OPENERS_SHOWN = 20 };

static const char person_base[] = "person.";

/* The questions that are asked of whoever is registered from a file. */
static const char *const person_keys[] = {"given_names",
                                          "first_surname",
                                          "second_surname",
                                          "alias",
                                          "sex",
                                          "age_years",
                                          "nationality",
                                          "country_of_birth",
                                          "phone",
                                          "language_main",
                                          "interpreter_needed",
                                          "safe_to_contact",
                                          "contact_how",
                                          "contact_person",
                                          NULL};

/* --- what the page was given ---------------------------------------------- */

/* A file that was chosen, or the text that came back with the page. */
struct str sealed_text(struct view *view, const char *file, const char *text)
{
    struct str bytes = value_text_of(value_get(view->fields, file), "bytes");
    struct str typed = view_field(view, text);
    struct buf out;

    if (bytes.size)
        return bytes;
    /* a text field comes with the line ends of browsers */
    buf_init(&out, view->task.arena);
    for (size_t i = 0; i < typed.size; i++)
        if (typed.at[i] != '\r')
            buf_putc(&out, typed.at[i]);
    if (out.size && out.at[out.size - 1] != '\n')
        buf_putc(&out, '\n');
    return buf_str(&out);
}

static void opening_read(struct view *view, struct grant_opening *opening)
{
    *opening =
        (struct grant_opening){.file = sealed_text(view, "file", "text"),
                               .key = str_trim(view_field(view, "key")),
                               .keys = sealed_text(view, "keys", "keys_text")};
}

/* What was typed, again; bytes that are no text are not shown. */
static void put_typed(struct view *view, const struct grant_opening *opening)
{
    bool text = opening->file.size <= GRANT_MAX &&
                str_starts(opening->file, STR("cobijo "));

    put_text_or_false(view, view->page, "text", text ? opening->file : STR(""));
    put_text_or_false(view, view->page, "key", opening->key);
    put_text_or_false(view, view->page, "keys_text",
                      str_starts(opening->keys, STR("cobijo ")) ? opening->keys
                                                                : STR(""));
}

/* The line that this house gives to others, and its fingerprint. */
static void put_own_line(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct grant_seal seal;
    struct err none = {0};
    struct value *own;

    value_put_bool(view->page, arena, "own", false);
    if (grant_seal_open(&view->task, &seal, &none))
        return;
    own = value_object(arena);
    value_put_str(own, arena, "line", house_key_text(arena, &seal.key));
    value_put_str(own, arena, "id", str_copy(arena, str_of(seal.key.id)));
    value_put(view->page, arena, "own", own);
    grant_seal_wipe(&view->task, &seal);
}

/* The page that asks for a file, with what was typed. */
static void form_show(struct view *view, const struct grant_opening *opening)
{
    struct arena *arena = view->task.arena;
    struct str url = STR("");
    struct err none = {0};

    view_title(view, N_("Archivo sellado de otra casa"));
    put_typed(view, opening);
    put_own_line(view);
    value_put_bool(view->page, arena, "opened", false);
    value_put_bool(view->page, arena, "taken_back", false);
    /* without a network here: where somebody else can get the keys */
    if (view->err.code && opening->file.size && !opening->keys.size &&
        str_starts(opening->file, STR("cobijo grant v1")))
        grant_ask(&view->task, opening->file, &url, &none);
    put_text_or_false(view, view->page, "ask_url", url);
}

static enum error form_again(struct view *view,
                             const struct grant_opening *opening,
                             enum error error)
{
    struct err why = view->err;

    if (error_status(error) >= 500)
        return error;
    form_show(view, opening);
    view->err = why;
    return view_again(view, "given", error);
}

enum error given_page(struct view *view)
{
    struct grant_opening none = {0};

    form_show(view, &none);
    return ERROR_NONE;
}

/* --- what was registered of other houses' files --------------------------- */

static struct value *taken_item(struct view *view, const struct record *record)
{
    struct arena *arena = view->task.arena;
    struct value *item = value_object(arena);
    const struct value *answers = record->answers;

    value_put_str(item, arena, "id", record->id);
    value_put_str(item, arena, "href",
                  record_href(view, STR("received"), record->id));
    value_put_str(
        item, arena, "name",
        ref_text(view, STR("person"), value_text_of(answers, "person")));
    value_put_str(item, arena, "person_href",
                  view_format(view, "/person/%.*s",
                              STR_ARGS(value_text_of(answers, "person"))));
    value_put_str(item, arena, "from", value_text_of(answers, "from_house"));
    value_put_str(item, arena, "on", when_text(view, record->created));
    put_text_or_false(view, item, "answered",
                      choice_text(view, "received", "answered",
                                  value_text_of(answers, "answered")));
    put_text_or_false(view, item, "withdrawn",
                      stamp_text(view, answers, "withdrawn_at"));
    return item;
}

static enum error put_taken(struct view *view, const struct value *opened,
                            size_t *count)
{
    struct value *list = value_list(view->task.arena);
    struct record *record = NULL;
    enum error error =
        grant_taken(&view->task, opened, &record, count, &view->err);

    for (size_t i = 0; !error && i < *count; i++)
        value_add(list, view->task.arena, taken_item(view, &record[i]));
    value_put(view->data, view->task.arena, "given", list);
    return error;
}

enum error given_list(struct view *view)
{
    size_t count = 0;

    return put_taken(view, NULL, &count);
}

/* --- a withdrawal --------------------------------------------------------- */

static enum error show_withdrawal(struct view *view, const struct value *out)
{
    struct grant_opening none = {0};
    struct value *item = value_object(view->task.arena);
    size_t count = 0;

    form_show(view, &none);
    value_put_str(item, view->task.arena, "when",
                  stamp_text(view, out, "withdrawn"));
    value_put(view->page, view->task.arena, "taken_back", item);
    return put_taken(view, out, &count);
}

/* --- an opened grant ------------------------------------------------------ */

static struct str scope_texts(struct view *view, struct str scope)
{
    const struct form *form = view_form(view, "received");
    const struct question *question =
        form ? form_find(form, STR("scope")) : NULL;

    return question && !str_equal_c(scope, "-")
               ? answer_display(form, question,
                                value_string(view->task.arena, scope),
                                view->task.language, view->task.arena)
               : STR("");
}

static void put_answer_href(struct view *view, struct str issuer,
                            struct str grant)
{
    struct arena *arena = view->task.arena;

    value_put_str(view->page, arena, "answer_href",
                  view_format(view, "/received/answer/%.*s/%.*s",
                              STR_ARGS(path_escape(arena, issuer)),
                              STR_ARGS(path_escape(arena, grant))));
}

/* Who opened it here, for who watches over files. */
static void put_openers(struct view *view, struct value *opened,
                        const struct value *out)
{
    struct task *task = &view->task;
    struct str id = seen_received_id(task, value_text_of(out, "issuer"),
                                     value_text_of(out, "id"));
    struct value *list = value_list(task->arena);
    struct seen_row *row = NULL;
    struct err ignored = {0};
    size_t count = 0;

    if (role_has(task->actor.role, RIGHT_LOG_READ) &&
        !seen_list(task, id, OPENERS_SHOWN, &row, &count, &ignored))
        for (size_t i = 0; i < count; i++) {
            struct value *item = value_object(task->arena);

            value_put_str(item, task->arena, "when",
                          when_text(view, row[i].minute * 60000));
            value_put_str(item, task->arena, "who",
                          row[i].display.size ? row[i].display : row[i].author);
            value_add(list, task->arena, item);
        }
    value_put(opened, task->arena, "openers", list);
    value_put_bool(opened, task->arena, "any_opener", count > 0);
}

/* data: from, basis, until … and the package. */
static void put_opened(struct view *view, const struct value *out)
{
    struct arena *arena = view->task.arena;
    bool hidden = false;
    struct value *package = grant_package(&view->task, out, &hidden);
    struct value *opened = value_object(arena);

    value_put_str(opened, arena, "from", value_text_of(out, "from"));
    value_put_str(opened, arena, "from_phone",
                  value_text_of(package, "from_phone"));
    value_put_str(opened, arena, "code",
                  str_equal_c(value_text_of(out, "person"), "-")
                      ? STR("")
                      : value_text_of(out, "person"));
    value_put_str(
        opened, arena, "basis",
        choice_text(view, "received", "basis", value_text_of(out, "basis")));
    value_put_str(opened, arena, "scope",
                  scope_texts(view, value_text_of(out, "scope")));
    value_put_str(opened, arena, "issued", stamp_text(view, out, "issued"));
    value_put_str(opened, arena, "until", stamp_text(view, out, "expires"));
    put_text_or_false(view, opened, "before",
                      stamp_text(view, out, "opened_before"));
    put_openers(view, opened, out);
    value_put(view->data, arena, "opened", opened);
    value_put(view->data, arena, "package", package);
    value_put_bool(view->page, arena, "hidden_share", hidden);
    value_put_bool(view->page, arena, "opened", true);
    put_answer_href(view, value_text_of(out, "issuer"),
                    value_text_of(out, "id"));
    casework_urgency(view, view->data,
                     value_text_of(value_get(package, "request"), "urgency"));
}

/* The person as she would be registered: what was typed, else what the file
 * says; and who she might be already. */
static enum error put_person(struct view *view, const struct value *answers,
                             bool *probable)
{
    struct arena *arena = view->task.arena;
    const struct form *form = view_form(view, "person");
    struct form_part part = {.answers = answers,
                             .problem = view->problem,
                             .problems = view->problems,
                             .only = person_keys,
                             .base = str_of(person_base)};
    enum error error =
        match_put(view, answers, STR(""), MATCHES_SHOWN, probable);

    value_put(view->page, arena, "person", form_view_part(view, form, &part));
    value_put_bool(view->page, arena, "ask", false);
    view_stamp(view, STR(""), 0);
    return error;
}

/* What is typed over what the file says; of the rest the file speaks. */
static const struct value *person_answers(struct view *view,
                                          const struct value *out)
{
    struct value *answers = grant_answers(&view->task, out);
    const struct value *typed =
        view_answers_part(view, view_form(view, "person"), str_of(person_base));

    for (size_t i = 0; i < value_count(typed); i++)
        value_set(answers, view->task.arena, value_name_at(typed, i),
                  value_at(typed, i));
    return answers;
}

static enum error show(struct view *view, const struct grant_opening *opening,
                       const struct value *out, bool *probable)
{
    size_t taken = 0;
    enum error error;

    form_show(view, opening);
    put_opened(view, out);
    if ((error = put_taken(view, out, &taken)))
        return error;
    value_put_bool(view->page, view->task.arena, "register", taken == 0);
    return put_person(view, person_answers(view, out), probable);
}

static enum error show_again(struct view *view,
                             const struct grant_opening *opening,
                             const struct value *out, enum error error)
{
    struct err why = view->err;
    bool probable = false;

    if (error_status(error) >= 500)
        return error;
    err_clear(&view->err);
    if (show(view, opening, out, &probable) != ERROR_NONE)
        return view->err.code;
    view->err = why;
    value_put_bool(view->page, view->task.arena, "ask",
                   error == ERROR_CONFLICT);
    return view_again(view, "given", error);
}

static enum error ask_first(struct view *view)
{
    return err_set(&view->err, ERROR_CONFLICT,
                   N_("Quizá ya está registrada. Mire las coincidencias antes "
                      "de guardar."),
                   NULL, NULL, NULL);
}

/* The person is here now: her file, or the one that stood already. */
static enum error register_her(struct view *view,
                               const struct grant_opening *opening,
                               const struct value *out)
{
    struct registered result = {.wrong = SIZE_MAX};
    struct grant_taking taking = {.opened = out,
                                  .answers = person_answers(view, out),
                                  .person =
                                      str_trim(view_field(view, "_person"))};
    struct str entry = view_field(view, "_entry"), path;
    struct record *record = NULL;
    size_t count = 0;
    bool probable = false;
    enum error error =
        grant_taken(&view->task, out, &record, &count, &view->err);

    if (!error && count) { /* sent twice, or by a colleague */
        view_redirect(view, record_href(view, STR("received"), record[0].id));
        return ERROR_NONE;
    }
    if (!error && !taking.person.size && !view_field(view, "_confirm").size)
        error =
            match_put(view, taking.answers, STR(""), MATCHES_SHOWN, &probable);
    if (!error && probable)
        return show_again(view, opening, out, ask_first(view));
    if (uuid_valid(entry))
        taking.entry = entry;
    if (!error)
        error = grant_take(&view->task, &taking, &result, &view->err);
    if (error) {
        view->problem = result.problem;
        view->problems = result.problems;
        return show_again(view, opening, out, error);
    }
    path = view_format(view, "/person/%.*s", STR_ARGS(result.person[0]));
    if (view->json)
        view_created(view, path, result.person[0]);
    else
        view_redirect_said(view, path, "grant_taken");
    return ERROR_NONE;
}

enum error given_post(struct view *view)
{
    struct grant_opening opening;
    struct value *out = NULL;
    bool probable = false;
    enum error error;

    opening_read(view, &opening);
    if (!opening.file.size)
        return form_again(view, &opening,
                          err_set(&view->err, ERROR_INPUT,
                                  N_("Elija el archivo que le mandó la otra "
                                     "casa."),
                                  NULL, NULL, NULL));
    error = grant_open(&view->task, &opening, &out, &view->err);
    if (error)
        return form_again(view, &opening, error);
    if (value_text_of(out, "withdrawn").size)
        return show_withdrawal(view, out);
    if (str_equal_c(view_field(view, "_act"), "register"))
        return register_her(view, &opening, out);
    return show(view, &opening, out, &probable);
}

/* --- what is here of one -------------------------------------------------- */

/* What the house said, without the numbers that only programs need. */
static struct value *one_lines(struct view *view, const struct record *record)
{
    static const char shown[] =
        "giver_code basis scope issued expires urgency service_code message "
        "shared_identity shared_contact shared_story shared_legal "
        "shared_other shared_health shared_violence shared_asylum "
        "shared_child answered answered_at answered_by";
    const struct value *all =
        record_view(view, view_form(view, "received"), record->answers);
    struct value *lines = value_list(view->task.arena);

    for (size_t i = 0; i < value_count(all); i++)
        if (words_have(STR(shown), value_text_of(value_at(all, i), "key")))
            value_add(lines, view->task.arena, value_at(all, i));
    return lines;
}

enum error given_one_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct record record;
    enum error error = record_get(&view->task, STR("received"), view->param[0],
                                  &record, &view->err);

    if (!error)
        error = casework_person(view, value_text_of(record.answers, "person"));
    if (error)
        return error;
    view_title(view, N_("Referencia recibida de otra casa"));
    value_put_str(view->data, arena, "id", record.id);
    value_put_str(view->data, arena, "from",
                  value_text_of(record.answers, "from_house"));
    put_text_or_false(view, view->data, "from_phone",
                      value_text_of(record.answers, "from_phone"));
    put_text_or_false(view, view->data, "withdrawn",
                      stamp_text(view, record.answers, "withdrawn_at"));
    value_put_str(
        view->page, arena, "reveal",
        view_format(view, "/record/received/%.*s/reveal", STR_ARGS(record.id)));
    put_answer_href(view, value_text_of(record.answers, "house_site"),
                    value_text_of(record.answers, "grant"));
    value_put(view->data, arena, "lines", one_lines(view, &record));
    casework_urgency(view, view->data,
                     value_text_of(record.answers, "urgency"));
    return ERROR_NONE;
}
