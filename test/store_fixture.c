/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store_fixture.c - see store_fixture.h. */
#define _XOPEN_SOURCE 700
#include "store_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/buf.h"
#include "form/form_build.h"
#include "sys/seal.h"

const unsigned char fixture_key[32] = "una llave de prueba, 32 bytes.";

/* --- the host ------------------------------------------------------------- */

static int64_t host_now(void *context)
{
    struct fixture *fixture = context;

    return fixture->now;
}

uint64_t fixture_random(struct fixture *fixture)
{
    uint64_t x = fixture->random += 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static void host_random(void *context, void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)fixture_random(context);
}

/* Not SHA-256: enough to notice a change. */
static void host_hash(void *context, const struct str *part, size_t count,
                      unsigned char out[32])
{
    uint64_t state[4] = {1, 2, 3, 4};

    (void)context;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < part[i].size; j++)
            for (int k = 0; k < 4; k++) {
                state[k] ^= (unsigned char)part[i].at[j];
                state[k] *= 0x100000001b3u + 2 * (uint64_t)k;
                state[k] ^= state[k] >> 29;
            }
    memcpy(out, state, 32);
}

static const struct form *find_form(void *context, struct str kind,
                                    struct str version)
{
    struct fixture *fixture = context;
    const struct form *found = NULL;

    for (size_t i = 0; i < fixture->forms; i++)
        if (str_equal(fixture->form[i]->name, kind) &&
            (!version.size || str_equal(fixture->form[i]->version, version)))
            found = fixture->form[i];
    return found;
}

/* --- forms ---------------------------------------------------------------- */

struct form *fixture_form(struct fixture *fixture, const char *name,
                          const char *version)
{
    struct form *form = ARENA_NEW(&fixture->arena, struct form);

    form->name = str_of(name);
    form->version = str_of(version);
    form->question = ARENA_ARRAY(&fixture->arena, struct question *, 1000);
    form->names = names_new(&fixture->arena, 1000);
    fixture->form[fixture->forms++] = form;
    return form;
}

struct question *fixture_question(struct fixture *fixture, struct form *form,
                                  const char *key, enum question_type type,
                                  enum merge_policy merge)
{
    struct question *question = ARENA_NEW(&fixture->arena, struct question);
    const char *last = strrchr(key, '/');

    question->type = type;
    question->merge = merge;
    question->key = question->name = str_of(last ? last + 1 : key);
    question->class = question->compartment = question->search = STR("");
    question->ref = question->appearance = question->parameters = STR("");
    if (last) {
        struct str above = {key, (size_t)(last - key)};

        for (size_t i = 0; i < form->question_count; i++) {
            struct question *other = form->question[i];

            if (other->type == QUESTION_REPEAT &&
                (str_equal(other->key, above) ||
                 (str_ends(above, other->key) && other->repeat)))
                question->repeat = question->parent = other;
        }
    }
    question->index = form->question_count;
    names_add((struct names *)(uintptr_t)form->names,
              form_scope(question->repeat), question->key, question->index);
    form->question[form->question_count++] = question;
    return question;
}

struct form *fixture_person(struct fixture *fixture, const char *version)
{
    static const struct {
        const char *key;
        enum question_type type;
        enum merge_policy merge;
    } list[] = {
        {"code", QUESTION_TEXT, MERGE_LAST},
        {"given_names", QUESTION_TEXT, MERGE_KEEP_BOTH},
        {"surname", QUESTION_TEXT, MERGE_KEEP_BOTH},
        {"birth", QUESTION_DATE, MERGE_KEEP_BOTH},
        {"age", QUESTION_INTEGER, MERGE_LAST},
        {"weight", QUESTION_DECIMAL, MERGE_LAST},
        {"seen_at", QUESTION_DATETIME, MERGE_LAST},
        {"notes", QUESTION_TEXT, MERGE_APPEND},
        {"consent", QUESTION_SELECT_ONE, MERGE_RESTRICT},
        {"scope", QUESTION_SELECT_MULTIPLE, MERGE_RESTRICT},
        {"until", QUESTION_DATE, MERGE_RESTRICT},
        {"flags", QUESTION_SELECT_MULTIPLE, MERGE_APPEND},
        {"intro", QUESTION_NOTE, MERGE_LAST},
        {"children", QUESTION_REPEAT, MERGE_APPEND},
        {"children/name", QUESTION_TEXT, MERGE_LAST},
        {"children/birth", QUESTION_DATE, MERGE_LAST},
        {"children/toys", QUESTION_REPEAT, MERGE_LAST},
        {"children/toys/what", QUESTION_TEXT, MERGE_LAST},
    };
    struct form *form = fixture_form(fixture, "person", version);

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        fixture_question(fixture, form, list[i].key, list[i].type,
                         list[i].merge);
    return form;
}

static size_t words(struct search_token *token, size_t count, char class,
                    struct str text)
{
    struct str part;

    while (text.size && str_cut(&text, ' ', &part) && count < 30)
        if (part.size)
            token[count++] = (struct search_token){class, part};
    return count;
}

size_t fixture_tokens(void *context, struct arena *arena,
                      const struct value *answers, struct search_token **token)
{
    size_t count = 0;

    (void)context;
    *token = ARENA_ARRAY(arena, struct search_token, 32);
    count = words(*token, count, 'n', value_text_of(answers, "given_names"));
    count = words(*token, count, 'n', value_text_of(answers, "surname"));
    return words(*token, count, 'c', value_text_of(answers, "code"));
}

/* --- opening -------------------------------------------------------------- */

bool fixture_ok(struct fixture *fixture, enum error error,
                const struct err *err, const char *name)
{
    tap_ok(fixture->tap, !error, "%s: %s", fixture->dialect, name);
    if (error)
        printf("# %s: %s (%s)\n", error_name(error),
               err->message ? err->message : "", err->detail);
    return !error;
}

enum error fixture_reopen(struct fixture *fixture, const char *trace,
                          struct err *err)
{
    struct store_options options = {
        .host = &fixture->host, .trace = str_of(trace), .key = fixture_key};
    enum error error;

    db_close(fixture->db);
    store_close(fixture->store);
    fixture->db = NULL;
    fixture->store = NULL;
    error = store_open(fixture->url, &options, &fixture->store, err);
    if (!error)
        error = store_setup(fixture->store, err);
    if (!error)
        error = store_connect(fixture->store, true, &fixture->db, err);
    fixture->log.store = fixture->store;
    return error;
}

/* Everybody's in tests; COBIJO_TEST_UNSEALED: none. */
const unsigned char fixture_site_key[SEAL_KEY] =
    "llave de prueba, 32 bytes justos";

static void start(struct fixture *fixture, struct tap *tap, const char *dialect)
{
    *fixture = (struct fixture){.tap = tap, .dialect = dialect};
    fixture->now = 1795000000000;
    fixture->random = 42;
    fixture->host = (struct host){.context = fixture,
                                  .now = host_now,
                                  .random = host_random,
                                  .hash = host_hash,
                                  .sealer = &seal_native};
    arena_init(&fixture->arena, NULL);
    fixture->log = (struct log){.host = &fixture->host,
                                .site = STR("casa"),
                                .node = STR("nodo-1"),
                                .form = find_form,
                                .context = fixture,
                                .tokens = fixture_tokens};
    if (!getenv("COBIJO_TEST_UNSEALED"))
        fixture->log.site_key = fixture_site_key;
}

static void stop(struct fixture *fixture)
{
    db_close(fixture->db);
    store_close(fixture->store);
    arena_release(&fixture->arena);
}

void fixture_sqlite(struct tap *tap, const char *trace,
                    void (*check)(struct fixture *fixture))
{
    const char *base = getenv("TMPDIR");
    struct fixture fixture;
    char path[300];
    struct err err = {0};
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

    start(&fixture, tap, "sqlite");
    snprintf(fixture.directory, sizeof(fixture.directory),
             "%s/cobijo-test-XXXXXX",
             base                            ? base
             : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                             : "/tmp");
    if (!mkdtemp(fixture.directory)) {
        tap_ok(tap, false, "a temporary directory");
        return;
    }
    snprintf(fixture.url, sizeof(fixture.url), "sqlite:%s/t.db",
             fixture.directory);
    if (fixture_ok(&fixture, fixture_reopen(&fixture, trace, &err), &err,
                   "the store opens"))
        check(&fixture);
    stop(&fixture);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/t.db%s", fixture.directory, ends[i]);
        unlink(path);
    }
    rmdir(fixture.directory);
}

static void schema(struct fixture *fixture, const char *uri, const char *verb)
{
    struct store *store;
    struct db *db;
    char sql[200];
    struct err err = {0};

    snprintf(sql, sizeof(sql), "%s SCHEMA %s%s", verb, fixture->schema,
             *verb == 'D' ? " CASCADE" : "");
    if (store_open(uri, NULL, &store, &err))
        return;
    if (!store_connect(store, true, &db, &err)) {
        db_script(db, sql, &err);
        db_close(db);
    }
    store_close(store);
}

static void postgres(struct tap *tap, const char *uri,
                     void (*check)(struct fixture *fixture))
{
    static int number;
    struct fixture fixture;
    struct err err = {0};

    start(&fixture, tap, "postgresql");
    snprintf(fixture.schema, sizeof(fixture.schema), "t_%ld_%d", (long)getpid(),
             ++number);
    snprintf(fixture.url, sizeof(fixture.url),
             "%s%soptions=-csearch_path%%3D%s", uri,
             strchr(uri, '?') ? "&" : "?", fixture.schema);
    schema(&fixture, uri, "CREATE");
    if (fixture_ok(&fixture, fixture_reopen(&fixture, NULL, &err), &err,
                   "the store opens"))
        check(&fixture);
    stop(&fixture);
    schema(&fixture, uri, "DROP");
}

void fixture_each(struct tap *tap, const char *name,
                  void (*check)(struct fixture *fixture))
{
    const char *uri = getenv("COBIJO_TEST_PG");

    printf("# %s\n", name);
    fixture_sqlite(tap, NULL, check);
    if (uri && *uri)
        postgres(tap, uri, check);
    else
        tap_skip(tap, name, "COBIJO_TEST_PG is not set (PostgreSQL)");
}

/* --- entries -------------------------------------------------------------- */

const struct value *fixture_json(struct fixture *fixture, const char *json)
{
    const struct value *value = NULL;
    struct err err = {0};

    if (value_parse(&fixture->arena, str_of(json), &value, &err))
        printf("# bad JSON in a test: %s\n", json);
    return value;
}

enum error fixture_append(struct fixture *fixture, struct entry *entry,
                          bool expect_base, bool *repeated, struct err *err)
{
    struct append_options options = {.expect_base = expect_base};
    bool spare;
    enum error error = db_begin(fixture->db, true, err);

    if (error)
        return error;
    error = log_append(&fixture->log, fixture->db, entry, 1, options,
                       &fixture->arena, repeated ? repeated : &spare, err);
    if (!error)
        return db_commit(fixture->db, err);
    db_rollback(fixture->db);
    return error;
}

/* --- dumping -------------------------------------------------------------- */

static void dump_row(const struct rows *rows, struct buf *out)
{
    for (size_t i = 0; i < rows->columns; i++) {
        buf_putc(out, i ? '|' : ' ');
        if (rows_null(rows, i))
            buf_puts(out, "-");
        else
            buf_put(out, rows_text(rows, i));
    }
    buf_putc(out, '\n');
}

static void dump_table(struct fixture *fixture, const char *sql,
                       const char *name, struct buf *out)
{
    struct rows rows;
    struct err err = {0};

    buf_printf(out, "%s\n", name);
    db_query(fixture->db, &rows, &err, sql, "");
    while (rows_next(&rows))
        dump_row(&rows, out);
    if (rows_end(&rows))
        buf_printf(out, "failed: %s\n", err.detail);
}

void fixture_unguarded(struct fixture *fixture, const char *sql)
{
    struct err err = {0};
    char key[4 + 32] = "raw:";
    sqlite3 *handle = NULL;

    if (strcmp(fixture->dialect, "postgresql") == 0) {
        db_script(fixture->db,
                  "GRANT ALL ON entry, entry_body, data_key TO CURRENT_USER;"
                  "ALTER TABLE entry DISABLE TRIGGER USER;"
                  "ALTER TABLE entry_body DISABLE TRIGGER USER;"
                  "ALTER TABLE data_key DISABLE TRIGGER USER",
                  &err);
        if (db_script(fixture->db, sql, &err))
            printf("# %s\n", err.detail);
        return;
    }
    memcpy(key + 4, fixture_key, 32);
    if (sqlite3_open(fixture->url + 7, &handle) ||
        sqlite3_exec(handle, "PRAGMA cipher='aegis'", NULL, NULL, NULL) ||
        sqlite3_key(handle, key, sizeof(key)) ||
        sqlite3_exec(handle,
                     "DROP TRIGGER IF EXISTS entry_no_update;"
                     "DROP TRIGGER IF EXISTS entry_no_delete;"
                     "DROP TRIGGER IF EXISTS entry_body_no_update;"
                     "DROP TRIGGER IF EXISTS data_key_no_update",
                     NULL, NULL, NULL) ||
        sqlite3_exec(handle, sql, NULL, NULL, NULL))
        printf("# %s\n", sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

struct str fixture_dump(struct fixture *fixture, bool full, struct arena *arena)
{
    char *name[64];
    size_t count = 0;
    struct rows rows;
    struct err err = {0};
    struct buf out;

    buf_init(&out, arena);
    if (full) {
        dump_table(fixture, "SELECT * FROM record ORDER BY site, id", "record",
                   &out);
        dump_table(fixture,
                   "SELECT * FROM token ORDER BY site, class, text, number",
                   "token", &out);
        dump_table(fixture, "SELECT * FROM token_set ORDER BY site, number",
                   "token_set", &out);
    } else {
        dump_table(fixture,
                   "SELECT site, id, kind, subject, clock, state FROM record "
                   "ORDER BY site, id",
                   "record", &out);
        dump_table(fixture,
                   "SELECT site, record, tokens FROM token_set "
                   "ORDER BY site, record",
                   "token_set", &out);
    }
    db_query(fixture->db, &rows, &err,
             "SELECT in_table FROM form_column UNION "
             "SELECT name FROM form_column WHERE type = 'r' ORDER BY 1",
             "");
    while (rows_next(&rows) && count < 64)
        name[count++] = (char *)(uintptr_t)str_c(arena, rows_text(&rows, 0));
    rows_end(&rows);
    for (size_t i = 0; i < count; i++) {
        const char *sql =
            str_c(arena, str_format(arena, "SELECT * FROM %s ORDER BY 1, 2, 3",
                                    name[i]));

        dump_table(fixture, sql, name[i], &out);
    }
    return buf_str(&out);
}
