/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_openrosa.c - submissions become records: repeats, changes, edits of what
 * others changed, attachments in pieces, rights, telephones and their secrets.
 * On both databases. Everybody here is made up.
 */
#include "domain_fixture.h"

#include "domain/openrosa/device.h"
#include "domain/openrosa/openrosa.h"
#include "domain/record/attach.h"
#include "form/read/xml_tree.h"

static const char visita[] =
    "survey,,,,\n,type,name,label,default\n,text,lugar,Lugar,\n"
    ",integer,cuantas,Cuantas,\n,image,foto,Foto,\n,text,nota,Nota,sin\n"
    ",begin_repeat,fila,Fila,\n,text,nombre,Nombre,\n,image,otra,Otra,\n"
    ",end_repeat,,,\nsettings,,,,\n,form_id,form_title,version,\n"
    ",visita,Visita,1,\n";

struct sent {
    enum error error;
    struct err err;
    struct openrosa_saved saved;
};

static struct str instance(struct fixture *fixture, int number,
                           const char *body, const char *meta)
{
    return str_format(&fixture->arena,
                      "<data id='visita' version='1'>%s<meta><instanceID>uuid:"
                      "%08d-0000-4000-8000-000000000000</instanceID>%s</meta>"
                      "</data>",
                      body, number, meta);
}

static struct sent send(struct fixture *fixture, const char *role,
                        struct str xml, const struct openrosa_part *part,
                        size_t parts)
{
    struct task task = fixture_task(fixture, role);
    struct openrosa_post post = {xml, part, parts};
    struct sent sent = {0};

    sent.error = openrosa_submit(&task, &post, &sent.saved, &sent.err);
    return sent;
}

static void check_texts(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *name, *xml;
        enum error error;
    } row[] = {
        {"no XML", "hola", ERROR_SYNTAX},
        {"nothing", "", ERROR_SYNTAX},
        {"half a document", "<data id='visita'>", ERROR_SYNTAX},
        {"no form named", "<data/>", ERROR_SYNTAX},
        {"an unknown form",
         "<data id='nada'><meta><instanceID>a</instanceID></meta></data>",
         ERROR_NOT_FOUND},
        {"an unknown version",
         "<data id='visita' version='2'><meta><instanceID>v</instanceID>"
         "</meta></data>",
         ERROR_NONE},
        {"no instanceID", "<data id='visita' version='1'/>", ERROR_SYNTAX},
        {"an element that nobody knows",
         "<data id='visita'><x>1</x><meta><instanceID>a</instanceID></meta>"
         "</data>",
         ERROR_SYNTAX},
        {"the same, empty",
         "<data id='visita'><x/><meta><instanceID>b</instanceID></meta>"
         "</data>",
         ERROR_NONE},
        {"a wrong answer",
         "<data id='visita'><cuantas>x</cuantas><meta><instanceID>a"
         "</instanceID></meta></data>",
         ERROR_INPUT},
        {"an entity of no list",
         "<data id='visita'><meta><instanceID>c</instanceID><entity "
         "dataset='nada' id='1' create='1'/></meta></data>",
         ERROR_NOT_FOUND},
        {"an entity that is not asked for",
         "<data id='visita'><meta><instanceID>d</instanceID><entity "
         "dataset='nada' id='1' create='0'/></meta></data>",
         ERROR_NONE},
        {"an entity with a bad id",
         "<data id='visita'><meta><instanceID>e</instanceID><entity "
         "dataset='place' id='1' create='1'/></meta></data>",
         ERROR_SYNTAX},
        {"entities of XML",
         "<!DOCTYPE d [<!ENTITY a 'b'>]><data id='visita'>&a;</data>",
         ERROR_SYNTAX},
        {"accounts are not for telephones",
         "<data id='user'><meta><instanceID>f</instanceID></meta></data>",
         ERROR_FORBIDDEN},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct sent sent =
            send(fixture, "case_worker", str_of(row[i].xml), NULL, 0);

        tap_is_int(tap, sent.error, row[i].error, row[i].name);
    }
}

/* In a transaction of its own. */
static enum error forget(struct db *db, void *context, struct err *err)
{
    (void)context;
    return db_run(db, NULL, err, "DELETE FROM submission", "");
}

static enum error rebuild(struct db *db, void *context, struct err *err)
{
    int64_t entries = 0;

    return log_rebuild(context, db, &entries, err);
}

static void check_once(struct tap *tap, struct fixture *fixture)
{
    struct str one = instance(fixture, 1,
                              "<lugar>Casa</lugar><cuantas>4</cuantas><nota/>"
                              "<fila><nombre>A</nombre></fila>"
                              "<fila><nombre>B</nombre></fila>",
                              "");
    struct sent sent = send(fixture, "case_worker", one, NULL, 0);
    struct str id = sent.saved.record;
    struct task task = fixture_task(fixture, "case_worker");
    struct record record = {0};
    struct err err = {0};

    tap_is_int(tap, sent.error, ERROR_NONE, "a submission");
    tap_ok(tap, str_equal_c(id, "00000001-0000-4000-8000-000000000000"),
           "its record has the uuid of the instance");
    tap_is(tap, fixture_answer(fixture, "visita", id, "lugar"), "Casa",
           "and its answers");
    tap_is(tap, fixture_answer(fixture, "visita", id, "nota"), "",
           "a default that was taken back stays away");
    record_get(&task, STR("visita"), id, &record, &err);
    tap_is_int(tap, (long long)value_count(value_get(record.answers, "fila")),
               2, "rows are rows");
    sent = send(fixture, "case_worker", one, NULL, 0);
    tap_ok(tap, !sent.error && sent.saved.repeated, "the same again");
    sent = send(fixture, "case_worker",
                instance(fixture, 1, "<lugar>Otra</lugar>", ""), NULL, 0);
    tap_is_int(tap, sent.error, ERROR_CONFLICT, "changed: a conflict");
    sent = send(fixture, "reporter",
                instance(fixture, 2, "<lugar>Otra</lugar>", ""), NULL, 0);
    tap_is_int(tap, sent.error, ERROR_FORBIDDEN, "a role that may not");
    tap_is_int(tap, office_change(&fixture->office, forget, NULL, &err),
               ERROR_NONE, "the table is lost");
    sent = send(fixture, "case_worker", one, NULL, 0);
    tap_ok(tap, !sent.error && sent.saved.repeated,
           "the log alone knows a repeat");
    sent = send(fixture, "case_worker",
                instance(fixture, 1, "<lugar>Otra</lugar>", ""), NULL, 0);
    tap_is_int(tap, sent.error, ERROR_CONFLICT, "and a change");
}

static void check_edit(struct tap *tap, struct fixture *fixture)
{
    static const char old[] =
        "<deprecatedID>uuid:00000011-0000-4000-8000-000000000000"
        "</deprecatedID>";
    static const char next[] =
        "<deprecatedID>uuid:00000012-0000-4000-8000-000000000000"
        "</deprecatedID>";
    struct task office = fixture_task(fixture, "supervisor");
    struct saved saved;
    struct sent sent = send(
        fixture, "case_worker",
        instance(fixture, 11,
                 "<lugar>Casa</lugar><cuantas>4</cuantas><nota>N</nota>", ""),
        NULL, 0);
    struct str id = sent.saved.record;

    sent = send(fixture, "case_worker",
                instance(fixture, 12,
                         "<lugar>Casa</lugar><cuantas>5</cuantas>"
                         "<nota>N</nota>",
                         old),
                NULL, 0);
    tap_ok(tap, !sent.error && str_equal(sent.saved.record, id),
           "an edit is of the same record");
    tap_is(tap, fixture_answer(fixture, "visita", id, "cuantas"), "5",
           "edited");
    fixture_save(&office, "visita", id,
                 fixture_json(fixture, "{'lugar':'Corregido'}"), &saved);
    sent = send(
        fixture, "case_worker",
        instance(fixture, 13, "<lugar>Casa</lugar><cuantas>6</cuantas>", next),
        NULL, 0);
    tap_is_int(tap, sent.error, ERROR_NONE, "an edit made in ignorance");
    tap_is(tap, fixture_answer(fixture, "visita", id, "lugar"), "Corregido",
           "leaves what it did not change");
    tap_is(tap, fixture_answer(fixture, "visita", id, "cuantas"), "6",
           "writes what it did");
    tap_is(tap, fixture_answer(fixture, "visita", id, "nota"), "",
           "empties what it emptied");
    sent = send(fixture, "case_worker",
                instance(fixture, 14, "<lugar>C</lugar>", old), NULL, 0);
    tap_is_int(tap, sent.error, ERROR_CONFLICT, "an edit of what was edited");
    sent = send(fixture, "case_worker",
                instance(fixture, 15, "<lugar>C</lugar>",
                         "<deprecatedID>nada</deprecatedID>"),
                NULL, 0);
    tap_is_int(tap, sent.error, ERROR_NOT_FOUND, "an edit of nothing");
}

static void check_files(struct tap *tap, struct fixture *fixture)
{
    struct openrosa_part part[] = {
        {STR("a.jpg"), STR("image/jpeg"), STR("bytes \0 of a"), STR("")},
        {STR("b.jpg"), STR("image/jpeg"), STR("bytes of b"), STR("")},
        {STR("c.exe"), STR("x/y"), STR("nobody asked"), STR("")},
        {STR("a.jpg"), STR("image/jpeg"), STR("others"), STR("")}};
    struct str xml = instance(fixture, 21,
                              "<foto>a.jpg</foto><fila><nombre>A</nombre>"
                              "<otra>b.jpg</otra></fila>",
                              "");
    struct task task = fixture_task(fixture, "case_worker");
    struct task stranger = fixture_task(fixture, "reporter");
    struct openrosa_part got = {0};
    struct sent sent = send(fixture, "case_worker", xml, part + 1, 2);
    struct str id = sent.saved.record;
    struct err err = {0};

    tap_is_int(tap, sent.error, ERROR_NONE, "a submission with two files");
    tap_is_int(tap, (long long)sent.saved.waiting, 1, "one is awaited");
    tap_is_int(tap, (long long)sent.saved.ignored, 1, "one nobody named");
    tap_is_int(
        tap,
        openrosa_attachment(&task, STR("visita"), id, STR("a.jpg"), &got, &err),
        ERROR_NOT_FOUND, "what did not come is not there");
    sent = send(fixture, "case_worker", xml, part, 1);
    tap_ok(tap, !sent.error && sent.saved.repeated && !sent.saved.waiting,
           "the other comes later");
    err = (struct err){0};
    tap_ok(tap,
           !openrosa_attachment(&task, STR("visita"), id, STR("a.jpg"), &got,
                                &err) &&
               str_equal(got.bytes, part[0].bytes),
           "byte for byte");
    tap_is_int(tap,
               openrosa_attachment(&stranger, STR("visita"), id, STR("a.jpg"),
                                   &got, &err),
               ERROR_FORBIDDEN, "not for everybody");
    err = (struct err){0};
    tap_is_int(
        tap,
        openrosa_attachment(&task, STR("visita"), id, STR("c.exe"), &got, &err),
        ERROR_NOT_FOUND, "what nobody named was not kept");
    sent = send(fixture, "case_worker", xml, part + 3, 1);
    tap_is_int(tap, sent.error, ERROR_CONFLICT, "other bytes, same name");
    err = (struct err){0};
    tap_is_int(
        tap,
        office_change(&fixture->office, rebuild, &fixture->office.log, &err),
        ERROR_NONE, "a rebuild");
    tap_ok(tap,
           !openrosa_attachment(&task, STR("visita"), id, STR("b.jpg"), &got,
                                &err) &&
               str_equal(got.bytes, part[1].bytes),
           "leaves the files alone");
}

/* Are the bytes there that a record's photo has? */
static bool bytes_kept(struct fixture *fixture, struct str record,
                       const char *bytes)
{
    const struct log *log = &fixture->office.log;
    struct blob blob = {
        record, host_hash_hex(log->host, &fixture->arena, str_of(bytes))};
    struct str got = STR_NULL;
    struct err err = {0};

    if (blob_read(log, fixture->db, &blob, &fixture->arena, &got, &err))
        fixture_say(&err);
    return str_equal_c(got, bytes);
}

static size_t sweep(struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct err err = {0};
    size_t erased = 0;

    if (attachments_sweep(&task, &erased, &err)) {
        fixture_say(&err);
        return SIZE_MAX;
    }
    return erased;
}

static enum error erase(struct fixture *fixture, struct str id)
{
    struct task task = fixture_task(fixture, "system");
    struct change change;
    struct err err = {0};

    change_init(&change, &task);
    change_add(&change, STR("visita"), id, OP_ERASE, NULL, id);
    return change_commit(&change, NULL, &err);
}

/* Bytes go with the last record that names them, and not before. */
static void check_sweep(struct tap *tap, struct fixture *fixture)
{
    struct openrosa_part part[] = {
        {STR("x.jpg"), STR("image/jpeg"), STR("bytes of x"), STR("")},
        {STR("y.jpg"), STR("image/jpeg"), STR("bytes of y"), STR("")},
        {STR("z.jpg"), STR("image/jpeg"), STR("bytes of y"), STR("")}};
    struct sent one =
        send(fixture, "case_worker",
             instance(fixture, 31, "<foto>x.jpg</foto>", ""), part, 1);
    struct sent two =
        send(fixture, "case_worker",
             instance(fixture, 32, "<foto>y.jpg</foto>", ""), part + 1, 1);
    struct sent three =
        send(fixture, "case_worker",
             instance(fixture, 33, "<foto>z.jpg</foto>", ""), part + 2, 1);
    struct log_fault fault = {0};
    struct err err = {0};
    int64_t entries = 0;

    tap_ok(tap, !one.error && !two.error && !three.error, "three photos");
    tap_is_int(tap, (long long)sweep(fixture), 0, "all are wanted");
    send(fixture, "case_worker",
         instance(fixture, 34, "<lugar>A</lugar>",
                  "<deprecatedID>uuid:00000031-0000-4000-8000-000000000000"
                  "</deprecatedID>"),
         NULL, 0);
    tap_ok(tap, bytes_kept(fixture, one.saved.record, "bytes of x"),
           "an edit leaves it");
    tap_is_int(tap, (long long)sweep(fixture), 1,
               "a photo that an edit took away");
    tap_ok(tap, !bytes_kept(fixture, one.saved.record, "bytes of x"),
           "its bytes are gone");
    tap_is_int(tap, erase(fixture, two.saved.record), ERROR_NONE, "an erasure");
    tap_is_int(tap, (long long)sweep(fixture), 0,
               "took the attachment with it");
    tap_ok(tap, bytes_kept(fixture, three.saved.record, "bytes of y"),
           "the same bytes of another record stay");
    tap_is_int(tap, erase(fixture, three.saved.record), ERROR_NONE, "the last");
    tap_is_int(tap, (long long)sweep(fixture), 0, "swept");
    tap_ok(tap, !bytes_kept(fixture, three.saved.record, "bytes of y"),
           "takes them along");
    tap_is_int(tap, (long long)sweep(fixture), 0, "nothing more to do");
    tap_ok(tap,
           !log_verify(&fixture->office.log, fixture->db, &fixture->arena,
                       &entries, &fault, &err),
           "the log verifies");
}

static void check_forms(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "case_worker");
    const struct form **form = NULL;
    size_t count = forms_list(fixture->office.forms, task.arena, &form);
    size_t given = 0;

    for (size_t i = 0; i < count; i++) {
        struct openrosa_form out;
        struct err err = {0};

        if (!openrosa_offers(&task, form[i]))
            continue;
        given++;
        if (openrosa_form(&task, form[i]->name, STR(""), &out, &err))
            fixture_say(&err);
        tap_ok(tap, !err.code && str_starts(out.xml, STR("<?xml")),
               "%.*s as an XForm", STR_ARGS(form[i]->name));
        for (size_t j = 0; !err.code && j < out.media_count; j++) {
            struct str csv;

            tap_ok(tap,
                   !openrosa_file(&task, &out, &out.media[j], &csv, &err) &&
                       str_starts(csv, STR("name,label")),
                   "%.*s: %.*s", STR_ARGS(form[i]->name),
                   STR_ARGS(out.media[j].name));
        }
    }
    tap_ok(tap, given > 10, "%zu forms for a case worker's telephone", given);
}

static const char uses[] =
    "survey,,,\n,type,name,label\n,csv-external,place,\n"
    ",text,donde,D\n"
    "settings,,,\n,form_id,form_title,version\n,uses,U,%s\n";

static bool install(struct fixture *fixture, const char *version)
{
    struct form_problems problems = {0};
    struct err err = {0};
    enum error error = forms_install(&fixture->office, fixture->db,
                                     str_format(&fixture->arena, uses, version),
                                     fixture->office.files, &problems, &err);

    if (error)
        fixture_say(&err);
    return !error;
}

/* The hash of the list of places, as a manifest gives it. */
static struct str list_hash(struct fixture *fixture, struct str *form)
{
    struct task task = fixture_task(fixture, "case_worker");
    struct openrosa_form out = {0};
    struct str hash = STR("none"), csv;
    struct err err = {0};

    if (openrosa_form(&task, STR("uses"), STR(""), &out, &err) ||
        out.media_count != 1 ||
        openrosa_file_hash(&task, &out, &out.media[0], &hash, &err) ||
        openrosa_file(&task, &out, &out.media[0], &csv, &err)) {
        fixture_say(&err);
        return STR("failed");
    }
    *form = str_copy(&fixture->arena, out.hash);
    return str_equal(hash, openrosa_hash(task.arena, csv))
               ? str_copy(&fixture->arena, hash)
               : STR("not that of the file");
}

/* What is kept is given up when, and only when, something changed. */
static void check_kept(struct tap *tap, struct fixture *fixture)
{
    struct str first, again, form, next;

    tap_ok(tap, install(fixture, "1"), "a form that reads the places");
    first = list_hash(fixture, &form);
    tap_ok(tap, str_starts(first, STR("md5:")), "a list with a hash: %.*s",
           STR_ARGS(first));
    again = list_hash(fixture, &next);
    tap_ok(tap, str_equal(first, again) && str_equal(form, next),
           "asked again, the same");
    send(fixture, "case_worker", instance(fixture, 41, "<lugar>A</lugar>", ""),
         NULL, 0);
    tap_ok(tap, str_equal(first, list_hash(fixture, &next)),
           "the same when other kinds are written");
    fixture_record(fixture, "place",
                   "{'name':'Casa nueva','place_type':'ALB'}");
    again = list_hash(fixture, &next);
    tap_ok(tap, str_starts(again, STR("md5:")) && !str_equal(first, again),
           "another when a place is added: %.*s", STR_ARGS(again));
    tap_ok(tap, str_equal(form, next), "of the same form");
    tap_ok(tap, install(fixture, "2"), "another version is published");
    tap_ok(tap, str_equal(again, list_hash(fixture, &next)), "the same list");
    tap_ok(tap, !str_equal(form, next), "another XForm");
}

static void check_devices(struct tap *tap, struct fixture *fixture)
{
    struct task admin = fixture_task(fixture, "admin");
    struct task other = fixture_task(fixture, "case_worker");
    struct str secret = STR(""), id = STR(""), second, third;
    struct device device;
    struct actor actor;
    struct err err = {0};

    tap_is_int(
        tap, device_add(&other, STR("tel"), STR("intake"), &secret, &id, &err),
        ERROR_FORBIDDEN, "only who administers gives keys");
    err = (struct err){0};
    tap_is_int(
        tap, device_add(&admin, STR("tel"), STR("intake"), &secret, &id, &err),
        ERROR_NONE, "a telephone");
    tap_is_int(
        tap,
        device_add(&admin, STR("tel"), STR("intake"), &second, &third, &err),
        ERROR_CONFLICT, "a name is given once");
    err = (struct err){0};
    tap_is_int(
        tap,
        device_add(&admin, STR("a:b"), STR("intake"), &second, &third, &err),
        ERROR_INPUT, "no colon in a name");
    err = (struct err){0};
    tap_ok(tap,
           !device_by_secret(&other, secret, &device, &actor, &err) &&
               str_equal_c(actor.id, "device:tel") &&
               str_equal_c(actor.role->name, "intake"),
           "its secret says who it is");
    tap_is_int(tap, device_revoke(&admin, id, &err), ERROR_NONE, "withdrawn");
    tap_is_int(tap, device_by_secret(&other, secret, &device, &actor, &err),
               ERROR_LOGIN, "it comes in no more");
    err = (struct err){0};
    tap_is_int(
        tap, device_add(&admin, STR("tel"), STR("intake"), &secret, &id, &err),
        ERROR_NONE, "its name may be given again");
    for (int i = 0; i < 21; i++) {
        err = (struct err){0};
        device_wrong(&other, STR("10.0.0.1"), &err);
    }
    err = (struct err){0};
    tap_is_int(tap, device_wrong(&other, STR("10.0.0.1"), &err), ERROR_TOO_MANY,
               "guessing is slowed down");
    err = (struct err){0};
    tap_is_int(tap, device_wrong(&other, STR("10.0.0.2"), &err), ERROR_LOGIN,
               "for that address only");
}

/* As a page saves a photo, or with name "" takes it away. */
static struct str save_photo(struct fixture *fixture, struct str id,
                             const char *name)
{
    struct task task = fixture_task(fixture, "case_worker");
    const struct form *form =
        forms_find(fixture->office.forms, STR("visita"), STR_NULL);
    struct attached file = {.question = form_find(form, STR("foto")),
                            .path = STR("foto"),
                            .name = str_of(name),
                            .type = STR("image/jpeg"),
                            .bytes = str_of(name)};
    struct value *input = value_object(&fixture->arena);
    struct save save = {.kind = STR("visita"),
                        .id = id,
                        .input = input,
                        .file = &file,
                        .files = *name != 0};
    struct saved saved = {0};
    struct err err = {0};

    value_put_text(input, &fixture->arena, "foto", name);
    if (!record_save(&task, &save, &saved, &err))
        return saved.id;
    fixture_say(&err);
    return STR_NULL;
}

static bool has_photo(struct fixture *fixture, struct str id, const char *name)
{
    struct task task = fixture_task(fixture, "case_worker");
    struct openrosa_part got = {0};
    struct err err = {0};

    return !openrosa_attachment(&task, STR("visita"), id, str_of(name), &got,
                                &err) &&
           got.bytes.size > 0;
}

/* What a page replaces or takes away goes, and may come again. */
static void check_page_files(struct tap *tap, struct fixture *fixture)
{
    struct str id = save_photo(fixture, STR(""), "one.jpg");

    tap_ok(tap, has_photo(fixture, id, "one.jpg"), "a photo of a page");
    tap_is_int(tap, (long long)sweep(fixture), 0, "is wanted");
    save_photo(fixture, id, "two.jpg");
    tap_is_int(tap, (long long)sweep(fixture), 1, "until it is replaced");
    tap_ok(tap, !bytes_kept(fixture, id, "one.jpg"), "its bytes are gone");
    tap_ok(tap, has_photo(fixture, id, "two.jpg"), "the other is there");
    save_photo(fixture, id, "");
    tap_is_int(tap, (long long)sweep(fixture), 1, "taken away");
    tap_ok(tap, !bytes_kept(fixture, id, "two.jpg"), "gone, too");
    save_photo(fixture, id, "one.jpg");
    tap_ok(tap, has_photo(fixture, id, "one.jpg"), "the first once more");
    tap_is_int(tap, (long long)sweep(fixture), 0, "stays");
    tap_ok(tap, has_photo(fixture, id, "one.jpg"), "and is shown");
}

static struct sent send_edit(struct fixture *fixture, int number,
                             const char *body, const struct openrosa_part *part,
                             size_t parts)
{
    struct str old = str_format(&fixture->arena,
                                "<deprecatedID>uuid:%08d-0000-4000-8000-"
                                "000000000000</deprecatedID>",
                                number - 1);

    return send(fixture, "case_worker",
                instance(fixture, number, body, str_c(&fixture->arena, old)),
                part, parts);
}

/* The same from a telephone, whose names of files are its own. */
static void check_again(struct tap *tap, struct fixture *fixture)
{
    static const char with[] = "<lugar>A</lugar><foto>w.jpg</foto>";
    struct openrosa_part part = {STR("w.jpg"), STR("image/jpeg"),
                                 STR("bytes of w"), STR("")};
    struct str xml = instance(fixture, 41, with, "");
    struct sent one = send(fixture, "case_worker", xml, &part, 1), late;
    struct str id = one.saved.record;

    tap_ok(tap, !one.error && has_photo(fixture, id, "w.jpg"), "a photo");
    one = send_edit(fixture, 42, "<lugar>A</lugar>", NULL, 0);
    tap_ok(tap, !one.error && sweep(fixture) == 1, "taken away");
    late = send(fixture, "case_worker", xml, &part, 1);
    tap_ok(tap,
           !late.error && late.saved.repeated &&
               !bytes_kept(fixture, id, "bytes of w"),
           "who repeats what was corrected brings it back for nobody");
    one = send_edit(fixture, 43, with, &part, 1);
    tap_ok(tap, !one.error && has_photo(fixture, id, "w.jpg"),
           "an edit brings it again");
    tap_is_int(tap, (long long)sweep(fixture), 0, "and it stays");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct form_problems problems = {0};
    struct err err = {0};

    fixture->office.read_xml = xml_tree_read;
    if (!tap_ok(tap,
                !forms_install(&fixture->office, fixture->db, str_of(visita),
                               fixture->office.files, &problems, &err),
                "a form with photos"))
        fixture_say(&err);
    check_forms(tap, fixture);
    check_texts(tap, fixture);
    check_once(tap, fixture);
    check_edit(tap, fixture);
    check_files(tap, fixture);
    check_sweep(tap, fixture);
    check_page_files(tap, fixture);
    check_again(tap, fixture);
    check_kept(tap, fixture);
    check_devices(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
