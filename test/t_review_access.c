/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_review_access.c - every role at every door, through app_respond: what is
 * closed to a role is in no answer that it gets, in neither face, and what it
 * may not write is refused. Everybody in it is made up.
 */
#include <stdlib.h>

#include "domain/account/account.h"
#include "sys/host_native.h"
#include "tap.h"
#include "web/app.h"
#include "web/route.h"

struct house {
    struct host_native native;
    struct app app;
    struct db *db;
    struct arena arena;   /* as long as the test */
    struct arena request; /* one request */
    struct str person, screening, referral, sent, flag, import;
    struct str profile[64];
    size_t profiles;
    struct str secret[32]; /* texts in closed questions, and which they are */
    const struct question *secret_question[32];
    size_t secrets;
};

static void no_log(void *context, enum host_level level, const char *event,
                   const struct value *fields)
{
    (void)context, (void)level, (void)event, (void)fields;
}

static struct task system_task(struct house *house)
{
    struct task task;

    task_init(&task, &house->app.office, house->db, &house->arena);
    task_as_system(&task);
    return task;
}

static struct str save(struct house *house, const char *kind,
                       const struct value *input, const struct value *system)
{
    struct task task = system_task(house);
    struct save save = {.kind = str_of(kind),
                        .input = input,
                        .system = system,
                        .trusted = true};
    struct saved saved;
    struct err err = {0};

    if (record_save(&task, &save, &saved, &err)) {
        printf("# %s: %.*s\n", kind,
               STR_ARGS(err_text(&err, NULL, &house->arena)));
        for (size_t i = 0; i < saved.problems; i++)
            printf(
                "#   %.*s: %.*s\n", STR_ARGS(saved.problem[i].path),
                STR_ARGS(err_text(&saved.problem[i].err, NULL, &house->arena)));
        return STR_NULL;
    }
    return str_copy(&house->arena, saved.id);
}

/* A secret in every closed question of a form that is asked. */
static void put_secrets(struct house *house, const char *kind,
                        struct value *input)
{
    const struct form *form =
        forms_find(house->app.office.forms, str_of(kind), STR_NULL);

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str text;

        if (question->repeat || question->system || question->ref.size ||
            role_reads(NULL, question) || question->relevant)
            continue;
        if (question->type == QUESTION_SELECT_ONE)
            value_set(
                input, &house->arena, question->key,
                value_string(&house->arena, question->choices->choice[0].name));
        if (question->type != QUESTION_TEXT || house->secrets == 32)
            continue;
        text = str_format(&house->arena, "secreto%zu", house->secrets);
        value_set(input, &house->arena, question->key,
                  value_string(&house->arena, text));
        house->secret[house->secrets] = text;
        house->secret_question[house->secrets++] = question;
    }
}

static void fill_house(struct house *house)
{
    const struct catalog_table *table =
        catalog_table(house->app.office.catalog, "profile");
    struct arena *arena = &house->arena;
    struct value *input = value_object(arena), *system;
    struct buf codes;

    value_put_text(input, arena, "given_names", "Zoraida");
    value_put_text(input, arena, "first_surname", "Inventada");
    value_put_text(input, arena, "sex", "M");
    value_put_text(input, arena, "nationality", "HND");
    put_secrets(house, "person", input);
    house->person = save(house, "person", input, NULL);
    input = value_object(arena);
    value_put_str(input, arena, "person", house->person);
    value_put_text(input, arena, "private", "yes");
    value_put_text(input, arena, "q02_medical", "yes");
    value_put_text(input, arena, "q07_fear", "yes");
    put_secrets(house, "screening", input);
    house->screening = save(house, "screening", input, NULL);
    buf_init(&codes, arena);
    for (size_t i = 0; i < table->rows && i < 64; i++) {
        struct str code = catalog_cell(table, i, "name");

        input = value_object(arena);
        value_put_str(input, arena, "person", house->person);
        value_put_str(input, arena, "screening", house->screening);
        value_put_str(input, arena, "code", code);
        value_put_text(input, arena, "state", i % 2 ? "presumed" : "indicios");
        house->profile[house->profiles++] = save(house, "profile", input, NULL);
        buf_puts(&codes, codes.size ? " " : "");
        buf_put(&codes, code);
    }
    input = value_object(arena);
    value_put_str(input, arena, "person", house->person);
    value_put_text(input, arena, "to_name", "Hospital inventado");
    value_put_text(input, arena, "to_type", "HOSP");
    value_put_text(input, arena, "urgency", "U2");
    value_put_text(input, arena, "share_fields",
                   "alias health pregnancy asylum violence child_opinion");
    value_put_str(input, arena, "profile_basis", buf_str(&codes));
    put_secrets(house, "referral", input);
    house->referral = save(house, "referral", input, NULL);
    value_put_text(input, arena, "state", "ENVIADA");
    house->sent = save(house, "referral", input, NULL);
    input = value_object(arena);
    value_put_str(input, arena, "person", house->person);
    value_put_text(input, arena, "purpose", "referencia");
    value_put_text(input, arena, "given", "yes");
    value_put_text(input, arena, "given_by", "titular");
    value_put_text(input, arena, "basis", "consentimiento_expreso");
    value_put_text(input, arena, "data_scope",
                   "identidad salud violencia asilo");
    save(house, "consent", input, NULL);
    input = value_object(arena);
    value_put_str(input, arena, "person", house->person);
    value_put_text(input, arena, "code", "F07");
    house->flag = save(house, "flag", input, NULL);
    system = value_object(arena);
    value_put_text(system, arena, "file_name", "lista.csv");
    value_put_text(system, arena, "problems", "Zoraida: renglón 3");
    house->import = save(house, "import_batch", value_object(arena), system);
}

/* --- asking -----------------------------------------------------------------
 */

static struct response ask(struct house *house, const char *method,
                           struct str path, struct str token, bool json,
                           const char *body)
{
    struct header header[3] = {
        {STR("accept"), json ? STR("application/json") : STR("text/html")},
        {STR("content-type"), STR("application/json")}};
    struct request request = {.arena = &house->request,
                              .method = str_of(method),
                              .header = header,
                              .headers = 2,
                              .body = str_of(body),
                              .address = STR("local")};
    struct response response;
    struct str rest;

    arena_clear(&house->request);
    if (token.size)
        header[request.headers++] =
            (struct header){STR("authorization"),
                            str_join(&house->request, STR("Bearer "), token)};
    rest = path;
    str_cut(&rest, '?', &request.path);
    request.query = rest;
    app_respond(&house->app, house->db, &request, &response);
    return response;
}

static bool word_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(struct str text, struct str word)
{
    for (size_t from = 0;;) {
        size_t at = str_find(str_slice(text, from, text.size), word);
        size_t end;

        if (at == SIZE_MAX)
            return false;
        at += from;
        end = at + word.size;
        if ((at == 0 || !word_char(text.at[at - 1])) &&
            (end >= text.size || !word_char(text.at[end])))
            return true;
        from = at + 1;
    }
}

/* The first question that is closed to the role and answered in a body. */
static struct str closed_key(struct house *house, const struct role *role,
                             struct str body)
{
    static const char *const kind[] = {"person", "screening", "referral"};

    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
        const struct form *form =
            forms_find(house->app.office.forms, str_of(kind[k]), STR_NULL);

        for (size_t i = 0; i < form->question_count; i++) {
            const struct question *question = form->question[i];
            struct str member = str_format(
                &house->request, "\"%.*s\":", STR_ARGS(question->key));

            if (!role_reads(role, question) && question_has_value(question) &&
                str_find(body, member) != SIZE_MAX)
                return question->key;
        }
    }
    return STR("");
}

/* The first closed thing in a body, "" for none. */
static struct str leak(struct house *house, const struct role *role,
                       struct str body, bool json)
{
    const struct catalog_table *table =
        catalog_table(house->app.office.catalog, "profile");

    for (size_t i = 0; i < house->secrets; i++)
        if (!role_reads(role, house->secret_question[i]) &&
            str_find(body, house->secret[i]) != SIZE_MAX)
            return house->secret_question[i]->key;
    for (size_t i = 0; i < table->rows; i++) {
        struct question guard = {.compartment =
                                     catalog_cell(table, i, "compartment")};
        struct str code = catalog_cell(table, i, "name");

        if (role_reads(role, &guard))
            continue;
        if (json ? has_word(body, code)
                 : str_find(body, catalog_label(table, i, "label",
                                                STR("es"))) != SIZE_MAX)
            return code;
    }
    if (!role_has(role, RIGHT_PERSON_READ) &&
        str_find(body, STR("Zoraida")) != SIZE_MAX)
        return STR("given_names");
    return STR("");
}

static void check_path(struct tap *tap, struct house *house,
                       const struct role *role, struct str token,
                       struct str path)
{
    for (int json = 0; json < 2; json++) {
        struct response response = ask(house, "GET", path, token, json, "");
        struct str found = leak(house, role, response.body, json);

        if (!found.size && json && str_starts(path, STR("/record/")))
            found = closed_key(house, role, response.body);

        tap_ok(tap, response.status < 500 && !found.size,
               "%.*s %.*s %s: %d, tells nothing closed (%.*s)",
               STR_ARGS(role->name), STR_ARGS(path), json ? "json" : "html",
               response.status, STR_ARGS(found));
    }
}

static void check_reading(struct tap *tap, struct house *house,
                          const struct role *role, struct str token)
{
    static const char *const plain[] = {
        "/today",
        "/person?q=Inventada",
        "/inbox",
        "/report/monthly",
        "/report/monthly/records?indicator=REG-01",
        "/import",
        "/user",
        "/profile",
        "/tally",
        "/record/person",
        "/record/profile",
        "/record/profile?limit=1",
        "/record/profile?filter=code:TRATA",
        "/record/flag",
        "/record/screening",
        "/record/referral",
        "/record/consent",
        "/record/user",
        "/record/import_batch",
        "/record/screening?filter=profiles:TRATA",
        "/record/screening?order=profiles",
        "/record/person?order=-alias"};
    struct arena *arena = &house->arena;
    const struct {
        const char *kind;
        struct str id;
    } one[] = {{"person", house->person},
               {"screening", house->screening},
               {"referral", house->referral},
               {"import_batch", house->import}};

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        check_path(tap, house, role, token, str_of(plain[i]));
    check_path(tap, house, role, token,
               str_join(arena, STR("/person/"), house->person));
    check_path(tap, house, role, token,
               str_format(arena, "/person/%.*s?kind=profile",
                          STR_ARGS(house->person)));
    check_path(tap, house, role, token,
               str_join(arena, STR("/screening/"), house->screening));
    check_path(tap, house, role, token,
               str_join(arena, STR("/referral/"), house->referral));
    check_path(tap, house, role, token,
               str_join(arena, STR("/referral/"), house->sent));
    check_path(tap, house, role, token,
               str_format(arena, "/referral/%.*s/slip", STR_ARGS(house->sent)));
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < sizeof one / sizeof *one; i++)
            check_path(tap, house, role, token,
                       k ? str_format(arena, "/record/%s/%.*s/history",
                                      one[i].kind, STR_ARGS(one[i].id))
                         : str_format(arena, "/record/%s/%.*s", one[i].kind,
                                      STR_ARGS(one[i].id)));
}

/* A profile that is closed is not there: read, history, review, writing. */
static void check_profiles(struct tap *tap, struct house *house,
                           const struct role *role, struct str token)
{
    const struct catalog_table *table =
        catalog_table(house->app.office.catalog, "profile");
    size_t wrong = 0;

    for (size_t i = 0; i < house->profiles; i++) {
        struct question guard = {.compartment =
                                     catalog_cell(table, i, "compartment")};
        bool open =
            role_has(role, RIGHT_PERSON_READ) && role_reads(role, &guard);
        struct str path = str_format(&house->arena, "/record/profile/%.*s",
                                     STR_ARGS(house->profile[i]));
        struct str past = str_join(&house->arena, path, STR("/history"));
        int status[3];

        status[0] = ask(house, "GET", path, token, true, "").status;
        status[1] = ask(house, "GET", past, token, true, "").status;
        status[2] =
            ask(house, "POST", path, token, true, "{\"basis\":\"\"}").status;
        for (int k = 0; k < 3; k++) {
            bool may = open && (k < 2 || role_has(role, RIGHT_SCREENING_WRITE));
            bool fits =
                may ? status[k] == 200 : status[k] == 404 || status[k] == 403;

            if (fits)
                continue;
            wrong++;
            printf("# %.*s %.*s: %d\n", STR_ARGS(role->name),
                   STR_ARGS(catalog_cell(table, i, "name")), status[k]);
        }
    }
    tap_ok(tap, wrong == 0,
           "%.*s reads and writes only the profiles open to her",
           STR_ARGS(role->name));
}

static void check_writing(struct tap *tap, struct house *house,
                          const struct role *role, struct str token)
{
    static const char all[] = "admin supervisor case_worker intake health "
                              "child_officer ofam";
    static const struct {
        const char *kind, *who;
    } row[] = {{"person", all},
               {"group", all},
               {"journey", all},
               {"arrival", all},
               {"consent", all},
               {"need", all},
               {"service", all},
               {"screening", all},
               {"flag", all},
               {"profile", all},
               {"casefile", all},
               {"followup", all},
               {"referral", all},
               {"tally", all},
               {"place", "admin supervisor case_worker ofam enlace"},
               {"user", "admin"},
               {"sealed", "admin"},
               {"import_batch", "admin supervisor"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool may = has_word(str_of(row[i].who), role->name);
        struct str path = str_format(&house->arena, "/record/%s", row[i].kind);
        int status =
            ask(house, "POST", path, token, true, "{\"no_such\":\"1\"}").status;

        tap_ok(tap, may ? status != 403 && status < 500 : status == 403,
               "%.*s %s write %s: %d", STR_ARGS(role->name),
               may ? "may" : "may not", row[i].kind, status);
    }
}

/* The matrix would pass on empty pages, too. */
static void check_open(struct tap *tap, struct house *house, struct str token)
{
    const struct {
        const char *kind;
        struct str id;
    } one[] = {{"person", house->person},
               {"screening", house->screening},
               {"referral", house->referral}};

    tap_ok(tap,
           has_word(
               ask(house, "GET", STR("/record/profile"), token, true, "").body,
               STR("TRATA")),
           "who may sees a closed profile");
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        struct str path = str_format(&house->arena, "/record/%s/%.*s",
                                     one[i].kind, STR_ARGS(one[i].id));
        struct str body = ask(house, "GET", path, token, true, "").body;

        tap_ok(tap, closed_key(house, NULL, body).size > 0,
               "and closed answers of a %s", one[i].kind);
    }
}

static void check_decisions(struct tap *tap, struct house *house,
                            struct str intake)
{
    struct arena *arena = &house->arena;
    struct str open = STR(""), path;
    const struct catalog_table *table =
        catalog_table(house->app.office.catalog, "profile");

    for (size_t i = 0; i < house->profiles; i++)
        if (str_equal_c(catalog_cell(table, i, "name"), "PMAY"))
            open = house->profile[i];
    path = str_join(arena, STR("/record/flag/"), house->flag);
    tap_is_int(
        tap,
        ask(house, "POST", path, intake, true, "{\"urgency\":\"U3\"}").status,
        422, "a flag does not become less urgent");
    path = str_join(arena, STR("/record/profile/"), open);
    tap_is_int(
        tap,
        ask(house, "POST", path, intake, true, "{\"code\":\"EXTRA\"}").status,
        422, "a profile does not become another one");
    tap_is_int(tap,
               ask(house, "POST", path, intake, true,
                   "{\"state\":\"ruled_out\",\"why\":\"x\"}")
                   .status,
               403, "who may not decide does not rule out");
    for (int i = 0; i < 3; i++) {
        static const char *const state[] = {"confirmed", "ruled_out",
                                            "indicios"};
        struct str body = str_format(
            arena,
            "{\"person\":\"%.*s\",\"code\":\"EXTRA\",\"state\":\"%s\","
            "\"why\":\"x\",\"authority\":\"x\"}",
            STR_ARGS(house->person), state[i]);

        int status = ask(house, "POST", STR("/record/profile"), intake, true,
                         str_c(arena, body))
                         .status;

        tap_ok(tap, status == (i < 2 ? 403 : 201),
               "intake writes a new profile as %s: %d", state[i], status);
    }
    tap_is_int(
        tap,
        ask(house, "POST", STR("/record/referral"), intake, true,
            str_c(arena, str_format(arena,
                                    "{\"person\":\"%.*s\",\"to_name\":\"x\","
                                    "\"to_type\":\"HOSP\","
                                    "\"share_fields\":[\"alias\","
                                    "\"health\"]}",
                                    STR_ARGS(house->person))))
            .status,
        403, "nobody shares what she may not read");
    path = str_join(arena, STR("/record/referral/"), house->referral);
    tap_is_int(tap,
               ask(house, "POST", path, intake, true,
                   "{\"share_fields\":\"alias age\"}")
                   .status,
               200, "she changes the rest");
    {
        struct task task = system_task(house);
        struct record record;
        struct err err = {0};

        record_get(&task, STR("referral"), house->referral, &record, &err);
        tap_is(tap, str_c(arena, value_text_of(record.answers, "share_fields")),
               "alias age health pregnancy asylum violence child_opinion",
               "and what a colleague ticked stays ticked");
    }
}

static bool house_open(struct house *house)
{
    struct office_options options = {.host = &house->native.host,
                                     .store_url = "sqlite::memory:",
                                     .files = &app_files,
                                     .site = STR("Casa inventada"),
                                     .zone = STR("America/Mexico_City")};
    struct err err = {0};

    arena_init(&house->arena, NULL);
    arena_init(&house->request, NULL);
    if (!host_native_init(&house->native))
        return false;
    house->native.host.log = no_log;
    house->app.strict = true;
    if (app_open(&house->app, &options, &err) ||
        store_connect(house->app.office.store, false, &house->db, &err)) {
        printf("# %.*s %s\n", STR_ARGS(err_text(&err, NULL, &house->arena)),
               err.detail);
        return false;
    }
    return true;
}

static struct str token_of(struct house *house, struct str role)
{
    struct task task = system_task(house);
    struct str token = STR("");
    struct err err = {0};

    account_token_add(&task, role, role, &token, &err);
    return token;
}

int main(void)
{
    static struct house house;
    struct tap tap = {0};
    const struct catalog_table *roles;

    if (!house_open(&house)) {
        tap_ok(&tap, false, "a house in memory");
        return tap_done(&tap);
    }
    fill_house(&house);
    tap_ok(&tap,
           house.person.size && house.screening.size && house.referral.size &&
               house.import.size,
           "somebody, her screening, her referral");
    tap_ok(&tap, house.secrets > 3, "%zu closed texts", house.secrets);
    roles = catalog_table(house.app.office.catalog, "role");
    for (size_t i = 0; i < roles->rows; i++) {
        struct str name = catalog_cell(roles, i, "name");
        /* nobody is in charge of her file: who may be reads it as if she
         * were; t_decide and t_matrix look at files of others */
        const struct role *role =
            role_widest(catalog_role(house.app.office.catalog, name), STR(""));
        struct str token = token_of(&house, name);

        check_reading(&tap, &house, role, token);
        check_profiles(&tap, &house, role, token);
        check_writing(&tap, &house, role, token);
        if (str_equal_c(name, "supervisor"))
            check_open(&tap, &house, token);
        if (str_equal_c(name, "intake"))
            check_decisions(&tap, &house, token);
    }
    db_close(house.db);
    app_close(&house.app);
    host_native_release(&house.native);
    arena_release(&house.arena);
    arena_release(&house.request);
    return tap_done(&tap);
}
