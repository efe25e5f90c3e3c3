/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_sealing.c - what entries and files say is closed: nothing can be read in
 * the raw tables, moved, cut or changed, and what was erased stays so. Keys
 * and people are made up.
 */
#include "store/blob.h"

#include <stdlib.h>

#include "core/buf.h"
#include "store_fixture.h"

/* --- rules ---------------------------------------------------------------- */

static void classes(void *context, const struct form *form, struct str kind,
                    const struct value *object, unsigned char *class)
{
    static const struct {
        const char *key;
        enum seal_class class;
    } list[] = {{"given_names", SEAL_IDENTITY}, {"surname", SEAL_IDENTITY},
                {"birth", SEAL_IDENTITY},       {"notes", SEAL_STORY},
                {"children", SEAL_STORY},       {"weight", SEAL_HEALTH},
                {"consent", SEAL_LEGAL},        {"code", SEAL_CONTACT}};

    (void)context;
    (void)form;
    (void)kind;
    for (size_t i = 0; i < value_count(object); i++)
        for (size_t j = 0; j < sizeof(list) / sizeof(list[0]); j++)
            if (str_equal_c(value_name_at(object, i), list[j].key))
                class[i] = (unsigned char)list[j].class;
}

/* group: a record with a key of its own that has a subject. */
static enum seal_owner owner(void *context, struct str kind)
{
    (void)context;
    return str_equal_c(kind, "visit") ? SEAL_OF_SUBJECT : SEAL_OF_RECORD;
}

static const struct seal_rules rules = {NULL, classes, owner};

static struct entry entry_of(struct fixture *fixture, const char *kind,
                             const char *record, enum entry_op op,
                             const char *json)
{
    struct entry entry = {.kind = str_of(kind),
                          .record = str_of(record),
                          .subject = str_of(record),
                          .author = STR("u1"),
                          .form_version = STR("1"),
                          .op = op,
                          .body = fixture_json(fixture, json)};

    entry.id = str_format(&fixture->arena, "e-%s-%lld", record,
                          (long long)++fixture->now);
    return entry;
}

static bool add(struct fixture *fixture, struct entry *entry)
{
    struct err err = {0};

    if (!fixture_append(fixture, entry, false, NULL, &err))
        return true;
    printf("# %s %s\n", err.message ? err.message : "", err.detail);
    return false;
}

static void start(struct fixture *fixture)
{
    struct form *form;

    fixture_person(fixture, "1");
    form = fixture_form(fixture, "visit", "1");
    fixture_question(fixture, form, "notes", QUESTION_TEXT, MERGE_LAST);
    form = fixture_form(fixture, "group", "1");
    fixture_question(fixture, form, "notes", QUESTION_TEXT, MERGE_LAST);
    fixture->log.site_key = fixture_site_key;
    fixture->log.sealing = &rules;
}

static struct str json_of(struct fixture *fixture, const struct value *value)
{
    struct buf out;

    buf_init(&out, &fixture->arena);
    value_write(value, &out);
    return buf_str(&out);
}

static int64_t verified(struct fixture *fixture, const char **message)
{
    struct log_fault fault;
    struct err err = {0};
    int64_t entries = -1;

    if (!log_verify(&fixture->log, fixture->db, &fixture->arena, &entries,
                    &fault, &err))
        return entries;
    if (message)
        *message = fault.err.message;
    return -fault.seq;
}

static enum error history(struct fixture *fixture, const char *record,
                          struct entry **entry, size_t *count, struct err *err)
{
    *err = (struct err){0};
    return log_history(&fixture->log, fixture->db, str_of(record),
                       &fixture->arena, entry, count, err);
}

/* --- what stands in the tables -------------------------------------------- */

static bool has(struct str bytes, const char *canary)
{
    return str_find(bytes, str_of(canary)) != SIZE_MAX;
}

static int canaries(struct fixture *fixture, const char *sql,
                    const char *const *canary, size_t count)
{
    struct rows rows;
    struct err err = {0};
    int found = 0;

    db_query(fixture->db, &rows, &err, sql, "");
    while (rows_next(&rows))
        for (size_t i = 0; i < rows.columns; i++)
            for (size_t j = 0; j < count; j++)
                found += has(rows_bytes(&rows, i), canary[j]);
    if (rows_end(&rows))
        return -1;
    return found;
}

static const char body[] =
    "{\"notes\":\"Canario: la historia\",\"given_names\":\"Zenobia\","
    "\"_state\":\"open\",\"weight\":\"61.5\",\"age\":\"31\","
    "\"children\":[{\"name\":\"Canarito\"}],"
    "\"_why\":{\"birth\":\"ND\",\"consent\":\"NR\"},"
    "\"code\":\"5550100200\",\"surname\":null,\"consent\":\"si\"}";

static void check_round(struct fixture *fixture)
{
    static const char *const canary[] = {"Canari", "Zenobia", "61.5",
                                         "5550100200", "given_names"};
    struct entry a, b, *list = NULL;
    struct err err = {0};
    size_t count = 0;
    int64_t sealed = 0, opened = 0, files = 0;

    start(fixture);
    a = entry_of(fixture, "person", "p1", OP_CREATE, body);
    b = entry_of(fixture, "person", "p1", OP_UPDATE, "{\"weight\":\"62\"}");
    tap_ok(fixture->tap, add(fixture, &a) && add(fixture, &b),
           "%s: six classes in one entry, one in another", fixture->dialect);
    fixture_ok(fixture, history(fixture, "p1", &list, &count, &err), &err,
               "the history");
    tap_is(fixture->tap,
           count == 2 ? str_c(&fixture->arena, json_of(fixture, list[0].body))
                      : "",
           body, "says what was said, in the same order");
    tap_is(fixture->tap,
           count == 2 ? str_c(&fixture->arena, json_of(fixture, list[1].body))
                      : "",
           "{\"weight\":\"62\"}", "... in both");
    tap_is_int(fixture->tap,
               canaries(fixture, "SELECT key, nonce, bytes FROM entry_body",
                        canary, 5) +
                   canaries(fixture,
                            "SELECT name, nonce, wrapped FROM data_key", canary,
                            5),
               0, "nothing of it can be read in the tables");
    db_get_int(fixture->db, &sealed, NULL, &err,
               "SELECT COUNT(*) FROM entry_body WHERE key = 'p1#000001'", "");
    tap_is_int(fixture->tap, sealed, 2, "one key for both");
    tap_is_int(fixture->tap, verified(fixture, NULL), 2, "the log verifies");
    fixture_ok(fixture,
               sealing_check(&fixture->log, fixture->db, &opened, &files, &err),
               &err, "all of it opens");
    tap_is_int(fixture->tap, opened, 2, "... each entry");
    fixture->log.site_key = NULL;
    tap_is_int(fixture->tap, history(fixture, "p1", &list, &count, &err),
               ERROR_STORE, "not without the site key");
    tap_is_int(fixture->tap, verified(fixture, NULL), 2,
               "verifying needs no key");
    fixture->log.site_key =
        (const unsigned char *)"otra llave de prueba, 32 bytes!!";
    tap_is_int(fixture->tap, history(fixture, "p1", &list, &count, &err),
               ERROR_STORE, "nor with another one");
    fixture->log.site_key = fixture_site_key;
}

/* --- places --------------------------------------------------------------- */

static bool opens(const struct fixture *fixture, const struct entry *entry,
                  const struct body *sealed, const unsigned char key[32])
{
    struct arena arena;
    const struct value *value = NULL;
    bool opened;

    arena_init(&arena, NULL);
    opened = body_open(&fixture->log, entry, sealed, key, &arena, &value);
    arena_release(&arena);
    return opened;
}

static int moved(const struct fixture *fixture, const struct entry *entry,
                 const struct body *sealed, const unsigned char key[32])
{
    int opened = 0;

    for (int i = 0; i < 8; i++) {
        struct entry other = *entry;
        struct str *text[] = {&other.site,    &other.id,   &other.record,
                              &other.subject, &other.kind, &other.author};

        if (i < 6)
            *text[i] = STR("otro");
        else if (i == 6)
            other.clock++;
        else
            other.op = OP_UPDATE;
        opened += opens(fixture, &other, sealed, key);
    }
    return opened;
}

static int changed(struct fixture *fixture, const struct entry *entry,
                   const struct body *sealed, const unsigned char key[32])
{
    struct body bad = *sealed;
    char *bytes =
        (char *)(uintptr_t)str_copy(&fixture->arena, sealed->bytes).at;
    int opened = 0;

    bad.bytes.at = bytes;
    for (size_t i = 0; i < sealed->bytes.size; i++) {
        bytes[i] ^= (char)(1 << i % 8);
        opened += opens(fixture, entry, &bad, key);
        bytes[i] ^= (char)(1 << i % 8);
        bad.bytes.size = i;
        opened += opens(fixture, entry, &bad, key);
        bad.bytes.size = sealed->bytes.size;
    }
    return opened;
}

/* The first section taken off; all of them still hold by themselves. */
static bool cut(struct fixture *fixture, const struct entry *entry,
                const struct body *sealed, const unsigned char key[32])
{
    const unsigned char *at = (const unsigned char *)sealed->bytes.at + 1;
    size_t size = 5 + ((size_t)at[3] << 8 | at[4]);
    struct body rest = *sealed;

    rest.bytes =
        str_join(&fixture->arena, str_slice(sealed->bytes, 0, 1),
                 str_slice(sealed->bytes, 1 + size, sealed->bytes.size));
    return opens(fixture, entry, &rest, key);
}

static void check_places(struct fixture *fixture)
{
    struct data_key key = {.name = "p1#000001", .epoch = 1};
    struct entry entry;
    struct body sealed, one;
    struct err err = {0};

    start(fixture);
    entry = entry_of(fixture, "person", "p1", OP_CREATE, body);
    entry.site = STR("casa");
    entry.clock = 77;
    memset(key.key, 7, 32);
    fixture_ok(fixture,
               body_seal(&fixture->log, &entry, NULL, &key, &fixture->arena,
                         &sealed, &err),
               &err, "a body is sealed");
    tap_ok(fixture->tap,
           opens(fixture, &entry, &sealed, key.key) && body_is_sound(&sealed),
           "it opens in its place");
    tap_is_int(fixture->tap, moved(fixture, &entry, &sealed, key.key), 0,
               "... in no other");
    tap_is_int(fixture->tap, changed(fixture, &entry, &sealed, key.key), 0,
               "not changed nor cut at any byte");
    tap_ok(fixture->tap, !cut(fixture, &entry, &sealed, key.key),
           "not with a class taken off");
    entry.body = fixture_json(fixture, "{\"weight\":\"70\"}");
    body_seal(&fixture->log, &entry, NULL, &key, &fixture->arena, &one, &err);
    ((char *)(uintptr_t)one.bytes.at)[1] = SEAL_STORY;
    tap_ok(fixture->tap, !opens(fixture, &entry, &one, key.key),
           "not as another class");
    ((char *)(uintptr_t)one.bytes.at)[1] = SEAL_HEALTH;
    tap_ok(fixture->tap, opens(fixture, &entry, &one, key.key), "as its own");
    key.key[0] ^= 1;
    tap_ok(fixture->tap, !opens(fixture, &entry, &one, key.key),
           "not with another key");
}

static void check_moved(struct fixture *fixture)
{
    struct entry a, b, *list;
    struct err err = {0};
    const char *message = "";
    size_t count = 0;
    int64_t opened, files;

    start(fixture);
    a = entry_of(fixture, "person", "p1", OP_CREATE, "{\"notes\":\"uno\"}");
    b = entry_of(fixture, "person", "p1", OP_UPDATE, "{\"notes\":\"dos\"}");
    a.id = STR("a");
    b.id = STR("b");
    tap_ok(fixture->tap, add(fixture, &a) && add(fixture, &b),
           "%s: two entries", fixture->dialect);
    fixture_unguarded(
        fixture, "UPDATE entry_body SET "
                 "nonce = (SELECT nonce FROM entry_body o WHERE o.id = 'a'), "
                 "bytes = (SELECT bytes FROM entry_body o WHERE o.id = 'a') "
                 "WHERE id = 'b'");
    tap_is_int(fixture->tap, verified(fixture, NULL), -2,
               "what is moved is found without a key");
    tap_is_int(fixture->tap, history(fixture, "p1", &list, &count, &err),
               ERROR_STORE, "... and does not open");
    tap_is(fixture->tap, err.arg[0], "2", "... which entry is told");
    fixture_unguarded(fixture,
                      "UPDATE entry_body SET nonce = bytes WHERE id = 'a'");
    tap_is_int(fixture->tap, verified(fixture, NULL), -1,
               "another nonce is found");
    start(fixture);
    a = entry_of(fixture, "person", "p2", OP_CREATE, "{\"notes\":\"uno\"}");
    add(fixture, &a);
    fixture_unguarded(fixture, "DELETE FROM entry_body WHERE id IN ('a', 'b');"
                               "DELETE FROM data_key WHERE name = 'p2#000001'");
    tap_is_int(fixture->tap, history(fixture, "p2", &list, &count, &err),
               ERROR_STORE, "a key that is missing is damage");
    tap_is_int(fixture->tap,
               sealing_check(&fixture->log, fixture->db, &opened, &files, &err),
               ERROR_STORE, "... for who opens all");
    tap_ok(fixture->tap, verified(fixture, &message) <= 0,
           "... and for who verifies: %s", message);
}

/* --- erasing -------------------------------------------------------------- */

static int64_t count_of(struct fixture *fixture, const char *sql)
{
    struct err err = {0};
    int64_t count = -1;

    db_get_int(fixture->db, &count, NULL, &err, sql, "");
    return count;
}

static void rebuilt_same(struct fixture *fixture, const char *name)
{
    struct str before = fixture_dump(fixture, true, &fixture->arena);
    struct err err = {0};

    fixture_ok(fixture, log_rebuild(&fixture->log, fixture->db, NULL, &err),
               &err, "a rebuild");
    tap_ok(fixture->tap,
           str_equal(before, fixture_dump(fixture, true, &fixture->arena)),
           "... %s", name);
}

static void check_erase(struct fixture *fixture)
{
    struct entry a, visit, group, erase, late, *list;
    struct err err = {0};
    unsigned char key[32];
    size_t count = 0;

    start(fixture);
    a = entry_of(fixture, "person", "p1", OP_CREATE, body);
    visit = entry_of(fixture, "visit", "v1", OP_CREATE,
                     "{\"notes\":\"vino con su hija\"}");
    visit.subject = STR("p1");
    group =
        entry_of(fixture, "group", "g1", OP_CREATE, "{\"notes\":\"familia\"}");
    group.subject = STR("p1");
    tap_ok(fixture->tap,
           add(fixture, &a) && add(fixture, &visit) && add(fixture, &group),
           "%s: a person, a visit, a group", fixture->dialect);
    erase = entry_of(fixture, "person", "p1", OP_ERASE, "{}");
    tap_ok(fixture->tap, add(fixture, &erase), "she is erased");
    tap_is_int(fixture->tap,
               count_of(fixture, "SELECT COUNT(*) FROM data_key WHERE name "
                                 "LIKE 'p1#%' AND length(wrapped) > 0"),
               0, "her key is gone");
    history(fixture, "p1", &list, &count, &err);
    tap_ok(fixture->tap, count == 2 && list[0].erased && !list[0].body,
           "what she said reads as erased");
    history(fixture, "v1", &list, &count, &err);
    tap_ok(fixture->tap, count == 1 && list[0].erased,
           "... and what was said of her");
    history(fixture, "g1", &list, &count, &err);
    tap_ok(fixture->tap, count == 1 && list[0].body,
           "a record with a key of its own stays");
    tap_is_int(fixture->tap,
               count_of(fixture, "SELECT COUNT(*) FROM record "
                                 "WHERE id IN ('p1', 'v1')"),
               0, "neither record is there");
    tap_is_int(fixture->tap, verified(fixture, NULL), 4, "the log verifies");
    rebuilt_same(fixture, "leaves it so");
    late = entry_of(fixture, "visit", "v2", OP_CREATE,
                    "{\"notes\":\"llegó tarde\"}");
    late.subject = STR("p1");
    tap_ok(fixture->tap, add(fixture, &late), "something about her comes late");
    late = entry_of(fixture, "person", "p1", OP_CREATE, body);
    tap_ok(fixture->tap, add(fixture, &late), "... she comes again");
    history(fixture, "v2", &list, &count, &err);
    tap_ok(fixture->tap, count == 1 && list[0].erased, "it is not kept");
    tap_is_int(fixture->tap,
               count_of(fixture, "SELECT COUNT(*) FROM entry_body b JOIN entry "
                                 "e ON e.site = b.site AND e.id = b.id WHERE "
                                 "e.subject = 'p1' AND e.op <> 'erase' AND "
                                 "e.kind <> 'group' AND "
                                 "b.key <> 'p1#000002'"),
               0, "nothing of what was");
    tap_is_int(fixture->tap, verified(fixture, NULL), 6, "nor missed");
    rebuilt_same(fixture, "changes nothing");
    tap_is_int(fixture->tap,
               sealing_class_key(&fixture->log, fixture->db, STR("p1"),
                                 SEAL_STORY, 1, key, &err),
               ERROR_GONE, "nobody gets her old key");
    fixture_unguarded(fixture,
                      "DELETE FROM data_key WHERE name = 'g1#000001';"
                      "INSERT INTO data_key SELECT site, 'g1#000001', nonce, "
                      "wrapped FROM data_key WHERE name = 'p1#000001'");
    tap_ok(fixture->tap, verified(fixture, NULL) <= 0,
           "a key destroyed without an erase is found");
}

/* --- older stores --------------------------------------------------------- */

static void check_older(struct fixture *fixture)
{
    struct entry a, b, erase, *list;
    struct err err = {0};
    size_t count = 0;

    start(fixture);
    fixture->log.site_key = NULL;
    a = entry_of(fixture, "person", "p1", OP_CREATE,
                 "{\"given_names\":\"Zenobia\"}");
    tap_ok(fixture->tap, add(fixture, &a), "%s: before there was a key",
           fixture->dialect);
    fixture->log.site_key = fixture_site_key;
    b = entry_of(fixture, "person", "p1", OP_UPDATE, "{\"age\":\"40\"}");
    tap_ok(fixture->tap, add(fixture, &b), "... and after");
    history(fixture, "p1", &list, &count, &err);
    tap_ok(fixture->tap, count == 2 && list[0].body && list[1].body,
           "both are read");
    tap_is_int(fixture->tap, verified(fixture, NULL), 2, "both verify");
    erase = entry_of(fixture, "person", "p1", OP_ERASE, "{}");
    add(fixture, &erase);
    tap_is_int(fixture->tap,
               count_of(fixture, "SELECT COUNT(*) FROM entry_body"), 1,
               "both are erased");
    tap_is_int(fixture->tap, verified(fixture, NULL), 3, "it verifies");
}

/* The same entries, sealed and not: the same tables. */
static void check_same(struct fixture *fixture)
{
    static char first[2][20000];
    struct str dump;

    start(fixture);
    for (int round = 0; round < 2; round++) {
        struct entry a, b, c;
        int64_t seen;

        fixture->now = 1795000000000;
        fixture->log.site = round ? STR("cas2") : STR("cas1");
        fixture->log.site_key = round ? fixture_site_key : NULL;
        a = entry_of(fixture, "person", "p1", OP_CREATE, body);
        add(fixture, &a);
        b = entry_of(fixture, "person", "p1", OP_UPDATE,
                     "{\"given_names\":\"Eva\",\"age\":\"x3\"}");
        b.base = seen = a.clock;
        add(fixture, &b);
        c = entry_of(fixture, "person", "p1", OP_UPDATE,
                     "{\"given_names\":\"Ana\",\"notes\":\"más\"}");
        c.base = seen; /* had not seen b */
        add(fixture, &c);
    }
    dump = fixture_dump(fixture, true, &fixture->arena);
    for (size_t i = 0, at[2] = {0}; i + 4 < dump.size; i++) {
        size_t line = i;

        while (i < dump.size && dump.at[i] != '\n')
            i++;
        for (int site = 0; site < 2; site++) {
            struct str text = str_slice(dump, line, i);

            if (str_find(text, site ? STR("cas2") : STR("cas1")) == SIZE_MAX ||
                at[site] + text.size > 19000)
                continue;
            for (size_t j = 0; j < text.size; j++)
                first[site][at[site]++] =
                    text.at[j] == '2' && j && text.at[j - 1] == 's'
                        ? '1'
                        : text.at[j];
            first[site][at[site]] = '\0';
        }
    }
    tap_ok(fixture->tap, strlen(first[0]) > 100,
           "%s: a person unsealed and sealed", fixture->dialect);
    tap_is(fixture->tap, first[1], first[0], "the projections are the same");
    rebuilt_same(fixture, "of both");
}

/* --- keys ----------------------------------------------------------------- */

static void check_epochs(struct fixture *fixture)
{
    struct entry a, b, *list;
    unsigned char one[32], two[32], other[32], again[32];
    struct err err = {0};
    size_t count = 0;
    int64_t epoch = 0;

    start(fixture);
    a = entry_of(fixture, "person", "p1", OP_CREATE, "{\"notes\":\"uno\"}");
    add(fixture, &a);
    sealing_class_key(&fixture->log, fixture->db, STR("p1"), SEAL_STORY, 0, one,
                      &err);
    sealing_class_key(&fixture->log, fixture->db, STR("p1"), SEAL_LEGAL, 0,
                      other, &err);
    db_begin(fixture->db, true, &err);
    fixture_ok(
        fixture,
        sealing_rotate(&fixture->log, fixture->db, STR("p1"), &epoch, &err),
        &err, "another epoch");
    db_commit(fixture->db, &err);
    sealing_class_key(&fixture->log, fixture->db, STR("p1"), SEAL_STORY, 0, two,
                      &err);
    sealing_class_key(&fixture->log, fixture->db, STR("p1"), SEAL_STORY, 1,
                      again, &err);
    tap_ok(fixture->tap,
           epoch == 2 && memcmp(one, two, 32) != 0 &&
               memcmp(one, other, 32) != 0 && memcmp(one, again, 32) == 0,
           "each class and epoch has its key");
    b = entry_of(fixture, "person", "p1", OP_UPDATE, "{\"notes\":\"dos\"}");
    add(fixture, &b);
    history(fixture, "p1", &list, &count, &err);
    tap_ok(fixture->tap, count == 2 && list[0].body && list[1].body,
           "entries of both are read");
    tap_is_int(fixture->tap,
               count_of(fixture, "SELECT COUNT(*) FROM entry_body "
                                 "WHERE key = 'p1#000002'"),
               1, "the new one closes what comes");
    err = (struct err){0};
    tap_is_int(fixture->tap,
               db_run(fixture->db, NULL, &err, "DELETE FROM data_key", ""),
               ERROR_STORE, "keys cannot be deleted");
    err = (struct err){0};
    tap_is_int(
        fixture->tap,
        db_run(fixture->db, NULL, &err, "UPDATE data_key SET name = name", ""),
        ERROR_STORE, "nor changed");
}

/* --- files ---------------------------------------------------------------- */

static struct str blob_of(struct fixture *fixture, const struct blob *blob,
                          enum error *error)
{
    struct str bytes = STR_NULL;
    struct err err = {0};

    *error = blob_read(&fixture->log, fixture->db, blob, &fixture->arena,
                       &bytes, &err);
    return bytes;
}

static void check_files(struct fixture *fixture)
{
    static const char *const canary[] = {"Canario", "5e884898"};
    struct blob one = {STR("p1"), STR("5e884898")}, two = one, old = one;
    struct str bytes = STR("Canario: una foto");
    struct entry a, b, erase;
    struct err err = {0};
    enum error error;

    start(fixture);
    a = entry_of(fixture, "person", "p1", OP_CREATE, "{\"age\":\"1\"}");
    b = entry_of(fixture, "person", "p2", OP_CREATE, "{\"age\":\"2\"}");
    two.owner = STR("p2");
    old.sha256 = STR("0123");
    add(fixture, &a);
    add(fixture, &b);
    fixture_ok(
        fixture,
        blob_keep(&fixture->log, fixture->db, &one, SEAL_IDENTITY, bytes, &err),
        &err, "a photo");
    blob_keep(&fixture->log, fixture->db, &one, SEAL_IDENTITY, bytes, &err);
    blob_keep(&fixture->log, fixture->db, &two, SEAL_HEALTH, bytes, &err);
    tap_ok(fixture->tap,
           str_equal(blob_of(fixture, &one, &error), bytes) &&
               str_equal(blob_of(fixture, &two, &error), bytes),
           "it is read");
    tap_is_int(fixture->tap, count_of(fixture, "SELECT COUNT(*) FROM blob"), 2,
               "once for each whose it is");
    tap_is_int(fixture->tap,
               canaries(fixture, "SELECT sha256, bytes FROM blob", canary, 2),
               0, "neither bytes nor hash can be read");
    fixture->log.site_key = NULL;
    blob_keep(&fixture->log, fixture->db, &old, SEAL_OTHER, bytes, &err);
    fixture->log.site_key = fixture_site_key;
    tap_ok(fixture->tap, str_equal(blob_of(fixture, &old, &error), bytes),
           "one of before there was a key, too");
    fixture_unguarded(fixture,
                      "UPDATE blob SET bytes = (SELECT bytes FROM blob o WHERE "
                      "o.sha256 LIKE 'p1:%') WHERE sha256 LIKE 'p2:%'");
    blob_of(fixture, &two, &error);
    tap_is_int(fixture->tap, error, ERROR_STORE, "not in another's place");
    erase = entry_of(fixture, "person", "p1", OP_ERASE, "{}");
    add(fixture, &erase);
    tap_ok(fixture->tap,
           !blob_of(fixture, &one, &error).at && !error &&
               count_of(fixture, "SELECT COUNT(*) FROM blob "
                                 "WHERE sha256 LIKE 'p1:%'") == 0,
           "who is erased takes it along");
    blob_keep(&fixture->log, fixture->db, &one, SEAL_IDENTITY, bytes, &err);
    tap_ok(fixture->tap, !blob_of(fixture, &one, &error).at,
           "it does not come back");
}

static enum error opened(struct fixture *fixture, int64_t *bodies,
                         int64_t *files)
{
    struct err err = {0};

    return sealing_check(&fixture->log, fixture->db, bodies, files, &err);
}

/* A house and a room: the site's own key is called the same in both. */
static void check_all(struct fixture *fixture)
{
    struct blob blob = {STR("p1"), STR_NULL};
    struct str bytes = STR("una foto"), home = fixture->log.site;
    struct entry entry;
    unsigned char hash[32];
    int64_t bodies = 0, files = 0;
    struct err err = {0};
    struct buf hex;

    start(fixture);
    fixture->host.hash(fixture->host.context, &bytes, 1, hash);
    buf_init(&hex, &fixture->arena);
    buf_put_hex(&hex, hash, sizeof(hash));
    blob.sha256 = buf_str(&hex);
    for (int i = 0; i < 2; i++) {
        entry = entry_of(fixture, "visit", i ? "v2" : "v1", OP_CREATE,
                         "{\"notes\":\"uno\"}");
        add(fixture, &entry);
        blob_keep(&fixture->log, fixture->db, &blob, SEAL_IDENTITY, bytes,
                  &err);
        fixture->log.site = STR("zz-room");
    }
    fixture->log.site = home;
    tap_is_int(fixture->tap, opened(fixture, &bodies, &files), ERROR_NONE,
               "all of two sites opens");
    tap_is_int(fixture->tap, bodies, 2, "... what entries say");
    tap_is_int(fixture->tap, files, 2, "... and files");
    fixture_unguarded(fixture, "UPDATE blob SET sha256 = 'p1:00' WHERE site = "
                               "'zz-room'");
    tap_is_int(fixture->tap, opened(fixture, &bodies, &files), ERROR_STORE,
               "a file under another name is found");
    fixture_unguarded(fixture, "DELETE FROM blob WHERE site = 'zz-room'");
    fixture->log.site_key = NULL;
    blob_keep(&fixture->log, fixture->db, &blob, SEAL_OTHER, bytes, &err);
    fixture->log.site_key = fixture_site_key;
    tap_is_int(fixture->tap, opened(fixture, &bodies, &files), ERROR_NONE,
               "one of before, too");
    fixture_unguarded(fixture,
                      "UPDATE blob SET sha256 = 'ab' WHERE sha256 NOT LIKE "
                      "'p1:%'");
    tap_is_int(fixture->tap, opened(fixture, &bodies, &files), ERROR_STORE,
               "... when it is what it is called");
}

static void check_texts(struct fixture *fixture)
{
    struct str sealed = STR_NULL, opened = STR_NULL;
    struct err err = {0};

    start(fixture);
    fixture_ok(fixture,
               sealing_text(&fixture->log, fixture->db, "prueba", STR("1"),
                            STR("Canario"), &fixture->arena, &sealed, &err),
               &err, "a text beside the log");
    tap_ok(fixture->tap,
           !has(sealed, "Canario") &&
               !sealing_text_open(&fixture->log, fixture->db, "prueba",
                                  STR("1"), sealed, &fixture->arena, &opened,
                                  &err) &&
               str_equal_c(opened, "Canario"),
           "closed and opened");
    tap_is_int(fixture->tap,
               sealing_text_open(&fixture->log, fixture->db, "prueba", STR("2"),
                                 sealed, &fixture->arena, &opened, &err),
               ERROR_STORE, "not in another's place");
}

/* --- the file itself ------------------------------------------------------ */

static bool in_file(const struct fixture *fixture, const char *end,
                    const unsigned char *bytes, size_t size)
{
    char path[640], *text;
    FILE *file;
    long length;
    bool found = false;

    snprintf(path, sizeof(path), "%s%s", fixture->url + 7, end);
    file = fopen(path, "rb");
    if (!file)
        return false;
    fseek(file, 0, SEEK_END);
    length = ftell(file);
    rewind(file);
    text = malloc((size_t)length + 1);
    length = text ? (long)fread(text, 1, (size_t)length, file) : 0;
    for (long i = 0; !found && i + (long)size <= length; i++)
        found = memcmp(text + i, bytes, size) == 0;
    free(text);
    fclose(file);
    return found;
}

static void checkpoint(struct fixture *fixture)
{
    struct rows rows;
    struct err err = {0};

    db_query(fixture->db, &rows, &err, "PRAGMA wal_checkpoint(TRUNCATE)", "");
    rows_next(&rows);
    rows_end(&rows);
}

/* In a file that is not encrypted at rest, where it can be looked for. */
static bool open_plain(struct fixture *fixture, const struct fixture *given)
{
    struct store_options options = {.host = &fixture->host};
    struct err err = {0};

    *fixture = *given;
    fixture->host.context = fixture;
    fixture->log.host = &fixture->host;
    fixture->log.context = fixture;
    arena_init(&fixture->arena, NULL);
    snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/plain.db",
             given->directory);
    if (store_open(fixture->url, &options, &fixture->store, &err) ||
        store_setup(fixture->store, &err) ||
        store_connect(fixture->store, true, &fixture->db, &err))
        return false;
    fixture->log.store = fixture->store;
    return true;
}

static void close_plain(struct fixture *fixture)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[700];

    db_close(fixture->db);
    store_close(fixture->store);
    arena_release(&fixture->arena);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", fixture->url + 7, ends[i]);
        remove(path);
    }
}

static struct entry numbered(struct fixture *fixture, int number,
                             enum entry_op op)
{
    struct str name = str_format(&fixture->arena, "p%03d", number);

    return entry_of(fixture, "person", str_c(&fixture->arena, name), op,
                    op == OP_CREATE ? "{\"notes\":\"uno\"}" : "{}");
}

static void check_overwritten(struct fixture *given)
{
    unsigned char wrapped[48] = {0};
    struct fixture plain, *fixture = &plain;
    struct rows rows;
    struct err err = {0};
    struct entry entry;

    if (!tap_ok(given->tap, open_plain(fixture, given), "a store at rest"))
        return;
    start(fixture);
    for (int i = 0; i < 200; i++) {
        entry = numbered(fixture, i * 77 % 200, OP_CREATE);
        add(fixture, &entry);
    }
    db_query(fixture->db, &rows, &err,
             "SELECT wrapped FROM data_key WHERE name = 'p100#000001'", "");
    if (rows_next(&rows))
        memcpy(wrapped, rows_bytes(&rows, 0).at, 48);
    rows_end(&rows);
    checkpoint(fixture);
    tap_ok(fixture->tap, in_file(fixture, "", wrapped, 48),
           "a wrapped key stands in the file");
    entry = numbered(fixture, 100, OP_ERASE);
    add(fixture, &entry);
    tap_ok(fixture->tap,
           !in_file(fixture, "", wrapped, 48) &&
               !in_file(fixture, "-wal", wrapped, 48),
           "once destroyed, nowhere");
    close_plain(fixture);
}

int main(void)
{
    struct tap tap = {0};

    fixture_each(&tap, "round", check_round);
    fixture_sqlite(&tap, NULL, check_places);
    fixture_each(&tap, "moved", check_moved);
    fixture_each(&tap, "erase", check_erase);
    fixture_each(&tap, "older", check_older);
    fixture_each(&tap, "same", check_same);
    fixture_each(&tap, "epochs", check_epochs);
    fixture_each(&tap, "files", check_files);
    fixture_each(&tap, "all", check_all);
    fixture_each(&tap, "texts", check_texts);
    fixture_sqlite(&tap, NULL, check_overwritten);
    return tap_done(&tap);
}
