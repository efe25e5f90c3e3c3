/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* domain_fixture.c - see domain_fixture.h. */
#include "domain_fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/date.h"
#include "sys/seal.h"

struct fixture_file {
    struct str name, text;
    struct fixture_file *next;
};

static struct str read_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text;
    long size;

    if (!file)
        return STR_NULL;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = arena_alloc(arena, (size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
        size = 0;
    fclose(file);
    return (struct str){text, (size_t)size};
}

/* Names of the .csv files of a folder, sorted, one per line. */
static struct str list_folder(struct arena *arena, const char *path)
{
    struct dirent **entry;
    int count = scandir(path, &entry, NULL, alphasort);
    struct buf out;

    buf_init(&out, arena);
    for (int i = 0; i < count; i++) {
        if (str_ends(str_of(entry[i]->d_name), STR(".csv"))) {
            buf_puts(&out, entry[i]->d_name);
            buf_putc(&out, '\n');
        }
        free(entry[i]);
    }
    if (count >= 0)
        free(entry);
    return out.size ? buf_str(&out) : STR_NULL;
}

static struct str get_file(void *context, struct str name)
{
    struct fixture *fixture = context;
    struct fixture_file *file;

    for (file = fixture->file; file; file = file->next)
        if (str_equal(file->name, name))
            return file->text;
    file = ARENA_NEW(&fixture->arena, struct fixture_file);
    file->name = str_copy(&fixture->arena, name);
    if (str_equal_c(name, "forms/INDEX"))
        file->text = list_folder(&fixture->arena, "forms");
    else if (str_equal_c(name, "catalog/INDEX"))
        file->text = list_folder(&fixture->arena, "catalog");
    else
        file->text = read_file(&fixture->arena, str_c(&fixture->arena, name));
    file->next = fixture->file;
    fixture->file = file;
    return file->text;
}

static int64_t fake_now(void *context)
{
    const struct fixture *fixture = context;

    return fixture->now;
}

/* splitmix64: the same bytes for the same seed. */
static void fake_random(void *context, void *bytes, size_t size)
{
    struct fixture *fixture = context;
    unsigned char *out = bytes;

    for (size_t i = 0; i < size; i++) {
        uint64_t x = fixture->seed += 0x9e3779b97f4a7c15u;

        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        out[i] = (unsigned char)(x >> 32);
    }
}

static void real_hash(void *context, const struct str *part, size_t count,
                      unsigned char out[32])
{
    const struct fixture *fixture = context;
    const struct host *host = &fixture->native.host;

    host->hash(host->context, part, count, out);
}

static int real_offset(void *context, struct str zone, int64_t instant)
{
    const struct fixture *fixture = context;
    const struct host *host = &fixture->native.host;

    return host->utc_offset(host->context, zone, instant);
}

static void no_log(void *context, enum host_level level, const char *event,
                   const struct value *fields)
{
    (void)context;
    (void)level;
    (void)event;
    (void)fields;
}

/* Not Argon2id: a test asks what is done with the answer. */
static bool fake_password(void *context, struct str password, char out[128])
{
    unsigned char hash[32];

    real_hash(context, &password, 1, hash);
    snprintf(out, 128, "fake$%02x%02x%02x%02x%02x%02x", hash[0], hash[1],
             hash[2], hash[3], hash[4], hash[5]);
    return true;
}

static bool fake_verify(void *context, struct str password, const char *hash)
{
    char again[128];

    fake_password(context, password, again);
    return strcmp(again, hash) == 0;
}

static void make_host(struct fixture *fixture)
{
    host_native_init(&fixture->native);
    fixture->host = (struct host){
        .context = fixture,
        .now = fake_now,
        .random = fake_random,
        .hash = real_hash,
        .utc_offset = real_offset,
        .log = no_log,
        .password_hash = fake_password,
        .password_verify = fake_verify,
        .markdown = fixture->native.host.markdown,
        .sealer = &seal_native,
    };
}

/* A schema of its own on the server. */
static bool make_schema(struct fixture *fixture)
{
    const char *server = getenv("COBIJO_TEST_PG");
    struct store_options options = {.host = &fixture->host};
    struct store *store = NULL;
    struct db *db = NULL;
    struct err err = {0};
    char schema[64], script[128];

    snprintf(schema, sizeof(schema), "cobijo_t%ld_%llu", (long)getpid(),
             (unsigned long long)(fixture->seed % 1000000));
    snprintf(script, sizeof(script), "CREATE SCHEMA %s;", schema);
    snprintf(fixture->url, sizeof(fixture->url),
             "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', schema);
    if (!store_open(server, &options, &store, &err) &&
        !store_connect(store, true, &db, &err))
        db_script(db, script, &err);
    if (db)
        db_close(db);
    if (store)
        store_close(store);
    if (err.code)
        fixture_say(&err);
    return !err.code;
}

static bool make_place(struct fixture *fixture)
{
    const char *base = getenv("TMPDIR");

    if (fixture->postgres)
        return make_schema(fixture);
    snprintf(fixture->folder, sizeof(fixture->folder), "%s/cobijo.XXXXXX",
             base && strlen(base) < 40 ? base : "/tmp");
    if (!mkdtemp(fixture->folder))
        return false;
    snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/test.db",
             fixture->folder);
    return true;
}

/* Everybody's in tests; COBIJO_TEST_UNSEALED: none. */
static const unsigned char test_key[SEAL_KEY] =
    "llave de prueba, 32 bytes justos";

const unsigned char fixture_store_key[32] = "una llave de prueba, 32 letras!!";

static bool init(struct fixture *fixture, bool postgres, const char *zone,
                 const unsigned char *key, uint64_t seed)
{
    struct office_options options = {0};
    struct err err = {0};

    *fixture = (struct fixture){0};
    fixture->postgres = postgres;
    fixture->seed = seed + (uint64_t)postgres;
    fixture->now = fixture_instant("2026-11-22T16:00:00Z");
    arena_init(&fixture->arena, NULL);
    make_host(fixture);
    fixture->files.context = fixture;
    fixture->files.file = get_file;
    if (!make_place(fixture))
        return false;
    options.host = &fixture->host;
    options.store_url = fixture->url;
    options.files = &fixture->files;
    if (!getenv("COBIJO_TEST_UNSEALED"))
        options.site_key = key;
    options.store_key = fixture_store_key;
    if (office_create(&options, STR("Albergue de prueba"), str_of(zone),
                      &err) ||
        office_open(&fixture->office, &options, &err)) {
        fixture_say(&err);
        return false;
    }
    if (store_connect(fixture->office.store, false, &fixture->db, &err)) {
        fixture_say(&err);
        return false;
    }
    return true;
}

bool fixture_init(struct fixture *fixture, bool postgres, const char *zone)
{
    return init(fixture, postgres, zone, test_key, 20261122);
}

bool fixture_init_other(struct fixture *fixture, bool postgres,
                        const char *zone)
{
    static const unsigned char other_key[SEAL_KEY] =
        "la llave de otra casa de prueba.";
    static uint64_t others = 7000;

    return init(fixture, postgres, zone, other_key, others += 10);
}

static void remove_folder(const char *folder)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort);
    char path[384];

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
        unlink(path);
        free(entry[i]);
    }
    if (count >= 0)
        free(entry);
    rmdir(folder);
}

void fixture_release(struct fixture *fixture)
{
    if (fixture->db)
        db_close(fixture->db);
    if (fixture->office.host)
        office_close(&fixture->office);
    host_native_release(&fixture->native);
    arena_release(&fixture->arena);
    if (fixture->folder[0])
        remove_folder(fixture->folder);
}

int fixture_main(void (*check)(struct tap *tap, struct fixture *fixture))
{
    static const char *const name[] = {"SQLite", "PostgreSQL"};
    struct tap tap = {0};

    for (int i = 0; i < 2; i++) {
        struct fixture fixture;

        if (i && !getenv("COBIJO_TEST_PG")) {
            tap_skip(&tap, "the same on PostgreSQL",
                     "COBIJO_TEST_PG is not set");
            break;
        }
        printf("# on %s\n", name[i]);
        if (tap_ok(&tap, fixture_init(&fixture, i == 1, "America/Mexico_City"),
                   "%s: an office", name[i]))
            check(&tap, &fixture);
        fixture_release(&fixture);
    }
    return tap_done(&tap);
}

struct task fixture_task(struct fixture *fixture, const char *role)
{
    struct task task;

    task_init(&task, &fixture->office, fixture->db, &fixture->arena);
    if (strcmp(role, "system") == 0) {
        task_as_system(&task);
    } else if (role[0]) {
        task.actor.name = str_of(role);
        task.actor.display = task.actor.name;
        task.actor.id =
            str_join(&fixture->arena, STR("user-"), task.actor.name);
        task.actor.role =
            catalog_role(fixture->office.catalog, task.actor.name);
        if (!task.actor.role)
            printf("# no role %s in catalog/role.csv\n", role);
    }
    return task;
}

const struct value *fixture_json(struct fixture *fixture, const char *text)
{
    struct str copy = str_copy(&fixture->arena, str_of(text));
    const struct value *value = NULL;
    struct err err = {0};
    struct buf out;

    buf_init(&out, &fixture->arena);
    for (size_t i = 0; i < copy.size; i++)
        buf_putc(&out, copy.at[i] == '\'' ? '"' : copy.at[i]);
    if (value_parse(&fixture->arena, buf_str(&out), &value, &err))
        fixture_say(&err);
    return value;
}

enum error fixture_save(struct task *task, const char *kind, struct str id,
                        const struct value *input, struct saved *saved)
{
    struct save save = {.kind = str_of(kind), .id = id, .input = input};
    struct err err = {0};

    return record_save(task, &save, saved, &err);
}

struct str fixture_record(struct fixture *fixture, const char *kind,
                          const char *json)
{
    struct task task = fixture_task(fixture, "system");
    struct save save = {.kind = str_of(kind),
                        .input = fixture_json(fixture, json),
                        .trusted = true};
    struct saved saved = {0};
    struct err err = {0};

    if (record_save(&task, &save, &saved, &err)) {
        fixture_say(&err);
        for (size_t i = 0; i < saved.problems; i++) {
            printf("# %.*s:\n", STR_ARGS(saved.problem[i].path));
            fixture_say(&saved.problem[i].err);
        }
        return STR_NULL;
    }
    return saved.id;
}

struct str fixture_person(struct fixture *fixture, const char *json)
{
    return fixture_record(fixture, "person", json);
}

const char *fixture_answer(struct fixture *fixture, const char *kind,
                           struct str id, const char *field)
{
    struct record record = {0};
    struct err err = {0};

    if (record_read(&fixture->office.log, fixture->db, str_of(kind), id,
                    &fixture->arena, &record, &err)) {
        fixture_say(&err);
        return "";
    }
    return str_c(&fixture->arena, value_text_of(record.answers, field));
}

void fixture_say(const struct err *err)
{
    printf("# %s: %s [%s] [%s] %s\n", error_name(err->code),
           err->message ? err->message : "", err->arg[0], err->arg[1],
           err->detail);
}

int64_t fixture_instant(const char *text)
{
    int64_t instant = 0;

    instant_parse(str_of(text), &instant);
    return instant;
}

int64_t fixture_day(const char *text)
{
    struct date date = {0};

    date_parse_whole(str_of(text), &date);
    return date_to_day(date);
}
