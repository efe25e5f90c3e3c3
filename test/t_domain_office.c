/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_office.c - making and opening an office; forms that are installed
 * while others read.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "domain_fixture.h"

static void check_office(struct tap *tap, struct fixture *fixture)
{
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &fixture->files};
    struct office other;
    const struct form **form;
    struct err err = {0};
    size_t count;

    tap_is(tap, str_c(&fixture->arena, fixture->office.site_name),
           "Albergue de prueba", "its name");
    tap_is(tap, str_c(&fixture->arena, fixture->office.country), "MEX",
           "its country");
    tap_is_int(tap, (long long)fixture->office.log.site.size, 36, "its site");
    tap_ok(tap,
           office_create(&options, STR("Otra"), STR("UTC"), &err) ==
               ERROR_CONFLICT,
           "a store is founded once");
    count = forms_list(fixture->office.forms, &fixture->arena, &form);
    tap_ok(tap, count >= 17, "%zu forms came with it", count);
    err_clear(&err);
    if (tap_ok(tap, !office_open(&other, &options, &err),
               "a second process opens it")) {
        tap_is_int(tap,
                   (long long)forms_list(other.forms, &fixture->arena, &form),
                   (long long)count, "and reads the same forms from the log");
        tap_ok(tap, str_equal(other.log.site, fixture->office.log.site),
               "at the same site");
        office_close(&other);
    } else {
        fixture_say(&err);
    }
}

static void check_missing(struct tap *tap, struct fixture *fixture)
{
    char url[512];
    struct office_options options = {
        .host = &fixture->host, .store_url = url, .files = &fixture->files};
    struct store_options store_options = {.host = &fixture->host};
    struct store *store = NULL;
    struct office office;
    struct err err = {0};
    FILE *file;

    if (fixture->postgres)
        return;
    snprintf(url, sizeof(url), "%s/none.db", fixture->folder);
    file = fopen(url, "w");
    if (file)
        fclose(file);
    snprintf(url, sizeof(url), "sqlite:%s/none.db", fixture->folder);
    tap_ok(tap, office_open(&office, &options, &err) == ERROR_NOT_FOUND,
           "an empty file is no office");
    if (err.code != ERROR_NOT_FOUND)
        fixture_say(&err);
    err_clear(&err);
    if (!store_open(url, &store_options, &store, &err))
        store_setup(store, &err);
    store_close(store);
    tap_ok(tap, office_open(&office, &options, &err) == ERROR_NOT_FOUND,
           "nor are tables without a site");
    err_clear(&err);
    tap_ok(tap,
           office_create(&options, STR("  "), STR("UTC"), &err) == ERROR_INPUT,
           "an office has a name");
}

static struct str form_text(struct fixture *fixture, const char *version,
                            const char *more)
{
    return str_format(&fixture->arena,
                      "survey\n,type,name,label\n"
                      ",text,what,What?\n%s"
                      "settings\n,form_id,version\n,t_visit,%s\n",
                      more, version);
}

static enum error install(struct fixture *fixture, struct office *office,
                          struct str csv, size_t *errors)
{
    struct form_problems problems = {0};
    struct err err = {0};
    enum error error = forms_install(office, fixture->db, csv, &fixture->files,
                                     &problems, &err);

    *errors = problems.errors;
    if (error)
        printf("# %s [%s] [%s] [%s] %s\n", err.message, err.arg[0], err.arg[1],
               err.arg[2], err.detail);
    fixture->now += 1000;
    return error;
}

static int64_t form_entries(struct fixture *fixture)
{
    struct err err = {0};
    int64_t count = 0;
    bool found;

    db_get_int(fixture->db, &count, &found, &err,
               "SELECT count(*) FROM entry WHERE kind = 'form'", "");
    return count;
}

static void check_forms(struct tap *tap, struct fixture *fixture)
{
    struct office *office = &fixture->office;
    struct office_options options = {.host = &fixture->host,
                                     .store_url = fixture->url,
                                     .store_key = fixture_store_key,
                                     .files = &fixture->files};
    struct office other = {0};
    struct str one = form_text(fixture, "1", "");
    struct str two = form_text(fixture, "2", ",integer,many,How many?\n");
    const struct form *first, *form;
    struct err err = {0};
    size_t errors;
    int64_t entries = form_entries(fixture);

    office_open(&other, &options, &err);
    tap_ok(tap, !forms_find(office->forms, STR("t_visit"), STR_NULL),
           "a form that is not there");
    tap_ok(tap,
           install(fixture, office, form_text(fixture, "1", ",banana,x,X\n"),
                   &errors) == ERROR_INPUT &&
               errors > 0,
           "a form with an error is refused");
    tap_ok(tap, !install(fixture, office, one, &errors), "it is installed");
    first = forms_find(office->forms, STR("t_visit"), STR_NULL);
    tap_ok(tap, first && first->question_count == 1, "and found");
    tap_ok(tap, !install(fixture, office, one, &errors),
           "the same again is nothing");
    tap_is_int(tap, form_entries(fixture) - entries, 1, "one entry");
    tap_ok(tap,
           install(fixture, office,
                   form_text(fixture, "1", ",text,other,Other?\n"),
                   &errors) == ERROR_CONFLICT,
           "the same version does not change");
    tap_ok(tap, !install(fixture, office, two, &errors), "a new version");
    form = forms_find(office->forms, STR("t_visit"), STR_NULL);
    tap_ok(tap, form && form->question_count == 2, "is the one in use");
    tap_ok(tap, forms_find(office->forms, STR("t_visit"), STR("1")) == first,
           "who holds the old one still may");
    tap_ok(tap, !forms_find(other.forms, STR("t_visit"), STR_NULL),
           "another process does not know it yet");
    tap_ok(
        tap,
        !forms_load(&other, fixture->db, &err) &&
            forms_find(other.forms, STR("t_visit"), STR("1")) &&
            forms_find(other.forms, STR("t_visit"), STR_NULL)->question_count ==
                2,
        "until it looks");
    tap_ok(tap,
           !install(fixture, &other, two, &errors) &&
               form_entries(fixture) - entries == 2,
           "and then it has nothing to add");
    tap_ok(tap, forms_for_log(office->forms, STR("t_visit"), STR("9")) == form,
           "the log gets the newest when a version is unknown");
    office_close(&other);
}

static void check_own_form(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "intake");
    struct saved saved = {0};

    tap_ok(tap,
           !fixture_save(&task, "t_visit", STR_NULL,
                         fixture_json(fixture, "{'what':'Sol','many':'3'}"),
                         &saved),
           "a record of a form of their own");
    tap_is(tap, fixture_answer(fixture, "t_visit", saved.id, "many"), "3",
           "is kept");
}

struct reader {
    struct fixture *fixture;
    _Atomic bool stop;
    _Atomic long wrong, reads;
};

static void *read_forms(void *context)
{
    struct reader *reader = context;
    const struct forms *forms = reader->fixture->office.forms;

    while (!atomic_load(&reader->stop)) {
        const struct form *form = forms_find(forms, STR("t_visit"), STR_NULL);

        if (!form || form->question_count < 2 ||
            !forms_find(forms, STR("person"), STR_NULL))
            atomic_fetch_add(&reader->wrong, 1);
        atomic_fetch_add(&reader->reads, 1);
    }
    return NULL;
}

static void check_readers(struct tap *tap, struct fixture *fixture)
{
    struct reader reader = {.fixture = fixture};
    pthread_t thread[3];
    size_t errors;
    int failed = 0;
    char version[16];

    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, read_forms, &reader);
    while (!atomic_load(&reader.reads)) /* a busy machine starts them late */
        sched_yield();
    for (int i = 3; i < 13; i++) {
        snprintf(version, sizeof(version), "%d", i);
        failed +=
            install(fixture, &fixture->office,
                    form_text(fixture, version, ",integer,many,How many?\n"),
                    &errors) != ERROR_NONE;
    }
    atomic_store(&reader.stop, true);
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    tap_is_int(tap, failed, 0, "ten versions installed");
    tap_is_int(tap, atomic_load(&reader.wrong), 0,
               "three readers never missed a form");
}

static void check_task(struct tap *tap, struct fixture *fixture)
{
    struct task task;
    int64_t now = fixture->now;

    fixture->now = fixture_instant("2026-11-23T05:59:59Z");
    task = fixture_task(fixture, "");
    tap_is_int(tap, task_day(&task), fixture_day("2026-11-22"),
               "before midnight there it is still today");
    fixture->now = fixture_instant("2026-11-23T06:00:00Z");
    task = fixture_task(fixture, "");
    tap_is_int(tap, task_day(&task), fixture_day("2026-11-23"),
               "then it is tomorrow");
    fixture->now = now;
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_office(tap, fixture);
    check_missing(tap, fixture);
    check_forms(tap, fixture);
    check_own_form(tap, fixture);
    check_readers(tap, fixture);
    check_task(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
