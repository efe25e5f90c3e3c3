/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_forms_update.c - a newer program opens an older store: schema numbers,
 * and forms of a newer version; what the site made its own stays.
 */
#include "domain_fixture.h"
#include "store/project.h"

struct newer {
    struct fixture *fixture;
    const char *kind; /* its file has version and a question more */
    const char *version;
};

/* The fixture's file with another version, and one question more. */
static struct str newer_file(void *context, struct str name)
{
    const struct newer *newer = context;
    struct arena *arena = &newer->fixture->arena;
    const struct form_files *files = &newer->fixture->files;
    struct str text = files->file(files->context, name), kind, rest, line;
    struct buf out;
    int number = 0;

    kind = str_format(arena, "forms/%s.csv", newer->kind);
    if (!str_equal(name, kind))
        return text;
    buf_init(&out, arena);
    rest = text;
    while (str_cut(&rest, '\n', &line)) {
        bool after_heading = number++ == 2; /* survey, heading */
        size_t at = str_find(line, STR("20261122"));

        if (after_heading)
            buf_puts(&out, ",text,added_later,Pregunta nueva\n");
        if (at != SIZE_MAX && str_starts(line, STR(","))) {
            buf_put(&out, str_slice(line, 0, at));
            buf_puts(&out, newer->version);
            line = str_slice(line, at + 10, line.size);
        }
        buf_put(&out, line);
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

struct heard {
    int count[3];
};

static void hear(void *context, enum forms_news news,
                 const struct form *shipped, const struct form *used)
{
    struct heard *heard = context;

    (void)shipped;
    (void)used;
    heard->count[news]++;
}

static struct heard update(struct fixture *fixture, const char *kind,
                           const char *version, const char *only)
{
    struct newer newer = {fixture, kind, version};
    struct form_files files = {&newer, newer_file};
    const struct form_files *before = fixture->office.files;
    struct heard heard = {{0}};
    struct forms_listener listener = {&heard, hear};
    struct err err = {0};

    fixture->office.files = &files;
    if (forms_update(&fixture->office, fixture->db, str_of(only), &listener,
                     &err))
        fixture_say(&err);
    fixture->office.files = before;
    return heard;
}

static const char *version_of(struct fixture *fixture, const char *kind)
{
    const struct form *form =
        forms_find(fixture->office.forms, str_of(kind), STR_NULL);

    return form ? str_c(&fixture->arena, form->version) : "none";
}

static void check_newer(struct tap *tap, struct fixture *fixture)
{
    struct str old = fixture_person(
        fixture, "{'given_names':'Antes (ejemplo)','age_years':'30'}");
    struct str later;
    struct heard heard =
        update(fixture, "person", version_of(fixture, "person"), "");

    tap_is_int(tap, heard.count[FORMS_CHANGED], 1,
               "another text under the same version is told");
    tap_is_int(tap, heard.count[FORMS_NEW], 0, "and not installed");
    heard = update(fixture, "person", "2030010101", "");
    tap_is_int(tap, heard.count[FORMS_NEW], 1, "a newer one is installed");
    tap_is(tap, version_of(fixture, "person"), "2030010101", "and in use");
    tap_is(tap, fixture_answer(fixture, "person", old, "given_names"),
           "Antes (ejemplo)", "who was registered before is read");
    later = fixture_person(fixture,
                           "{'given_names':'Ahora (ejemplo)','age_years':'30',"
                           "'added_later':'sí'}");
    tap_is(tap, fixture_answer(fixture, "person", later, "added_later"), "sí",
           "the new question is answered");
    tap_is_int(tap, (long long)fixture->office.log.site.size, 36, "same site");
    heard = update(fixture, "person", "2030010101", "");
    tap_is_int(tap,
               heard.count[0] + heard.count[FORMS_KEPT] +
                   heard.count[FORMS_CHANGED],
               0, "again: nothing to do");
    heard = update(fixture, "person", "2029010101", "");
    tap_is_int(tap, heard.count[FORMS_KEPT], 1,
               "an older program changes nothing");
    tap_is(tap, version_of(fixture, "person"), "2030010101",
           "the newer one stays");
}

static void check_own(struct tap *tap, struct fixture *fixture)
{
    struct newer newer = {fixture, "need", "2027010101"};
    struct form_problems problems = {0};
    struct err err = {0};
    struct heard heard;

    tap_ok(tap,
           !forms_install(&fixture->office, fixture->db,
                          newer_file(&newer, STR("forms/need.csv")),
                          &fixture->files, &problems, &err),
           "the site makes a form its own");
    fixture_say(&err);
    heard = update(fixture, "need", "2030010101", "");
    tap_is_int(tap, heard.count[FORMS_KEPT], 1, "it is kept");
    tap_is(tap, version_of(fixture, "need"), "2027010101", "and in use");
    heard = update(fixture, "need", "2030010101", "need");
    tap_is_int(tap, heard.count[FORMS_NEW], 1, "until somebody asks by name");
    tap_is(tap, version_of(fixture, "need"), "2030010101", "then it is in use");
}

static void check_whole(struct tap *tap, struct fixture *fixture)
{
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &fixture->files};
    struct office other;
    struct err err = {0};

    if (!tap_ok(tap, !office_open(&other, &options, &err),
                "another process opens it")) {
        fixture_say(&err);
        return;
    }
    tap_ok(tap, forms_shipped(other.forms, STR("person")),
           "and knows which forms were shipped");
    tap_ok(
        tap,
        str_equal_c(forms_find(other.forms, STR("person"), STR_NULL)->version,
                    "2030010101"),
        "and which is newest");
    office_close(&other);
}

static enum error set_number(struct db *db, void *context, struct err *err)
{
    return db_run(db, NULL, err,
                  "UPDATE store_meta SET value = $1 WHERE name = 'schema'", "t",
                  str_of(context));
}

static enum error open_as(struct fixture *fixture, char *number,
                          struct err *err)
{
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &fixture->files};
    struct office other;
    struct err own = {0};
    enum error error;

    if (office_change(&fixture->office, set_number, number, &own))
        fixture_say(&own);
    error = office_open(&other, &options, err);
    if (!error)
        office_close(&other);
    return error;
}

static void check_schema(struct tap *tap, struct fixture *fixture)
{
    struct err err = {0};
    struct str was = STR_NULL, is = STR_NULL;

    db_get_text(fixture->db, &fixture->arena, &was, NULL, &err,
                "SELECT value FROM store_meta WHERE name = 'schema'", "");
    tap_ok(tap, open_as(fixture, (char[]){"999"}, &err) == ERROR_STORE,
           "a store of a newer program is refused");
    tap_ok(tap,
           err.message && strstr(err.message, "más nueva") &&
               strcmp(err.arg[0], "999") == 0,
           "and it says so, with the number");
    err_clear(&err);
    tap_ok(tap, open_as(fixture, (char[]){"0"}, &err) == ERROR_NONE,
           "one of an older program is opened");
    fixture_say(&err);
    db_get_text(fixture->db, &fixture->arena, &is, NULL, &err,
                "SELECT value FROM store_meta WHERE name = 'schema'", "");
    tap_ok(tap, was.size && str_equal(was, is), "and brought up to date");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_newer(tap, fixture);
    check_own(tap, fixture);
    check_whole(tap, fixture);
    check_schema(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
