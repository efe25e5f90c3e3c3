/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_log.c - appending, repeating, conflicts, erasing, verifying. To tamper
 * with the log a test must take the database's guards off first.
 */
#include "store/log.h"

#include <stdlib.h>

#include "core/clock.h"
#include "store_fixture.h"

static struct entry create(struct fixture *fixture, const char *record,
                           const char *json)
{
    return (struct entry){.kind = STR("person"),
                          .record = str_of(record),
                          .subject = str_of(record),
                          .author = STR("u1"),
                          .form_version = STR("1"),
                          .op = OP_CREATE,
                          .body = fixture_json(fixture, json)};
}

static struct entry update(struct fixture *fixture, const char *record,
                           int64_t base, const char *json)
{
    struct entry entry = create(fixture, record, json);

    entry.op = OP_UPDATE;
    entry.base = base;
    return entry;
}

static int64_t verified(struct fixture *fixture, struct log_fault *fault)
{
    int64_t entries = -1;
    struct err err = {0};
    struct log_fault spare;

    if (log_verify(&fixture->log, fixture->db, &fixture->arena, &entries,
                   fault ? fault : &spare, &err))
        return -1;
    return entries;
}

static void check_append(struct fixture *fixture)
{
    struct entry a = create(fixture, "p1", "{\"given_names\":\"Ana\"}"), b, c;
    struct record record;
    struct err err = {0};
    bool repeated = true;

    fixture_person(fixture, "1");
    a.id = STR("e1");
    fixture_ok(fixture, fixture_append(fixture, &a, false, &repeated, &err),
               &err, "a person is created");
    tap_ok(fixture->tap, !repeated && a.seq == 1 && a.clock > 0,
           "seq and clock are given");
    tap_ok(fixture->tap, clock_instant(a.clock) == fixture->now,
           "the clock is the host's");
    b = create(fixture, "p1", "{\"given_names\":\"Otra\"}");
    b.id = STR("e1");
    fixture_ok(fixture, fixture_append(fixture, &b, false, &repeated, &err),
               &err, "the same id again is no error");
    tap_ok(fixture->tap, repeated, "but told");
    c = update(fixture, "p1", a.clock, "{\"age\":\"31\"}");
    fixture_ok(fixture, fixture_append(fixture, &c, true, &repeated, &err),
               &err, "an update of what was seen");
    tap_ok(fixture->tap,
           c.seq == 2 && c.clock > a.clock && memcmp(c.prev, a.hash, 32) == 0,
           "the chain goes on");
    b = update(fixture, "p1", a.clock, "{\"age\":\"32\"}");
    tap_is_int(fixture->tap, fixture_append(fixture, &b, true, &repeated, &err),
               ERROR_CONFLICT, "a stale writer is told");
    err = (struct err){0};
    b = update(fixture, "p1", a.clock, "{\"age\":\"31\"}");
    b.id = c.id;
    fixture_ok(fixture, fixture_append(fixture, &b, true, &repeated, &err),
               &err, "the same change submitted twice is not stale");
    tap_ok(fixture->tap, repeated, "but a repetition");
    fixture_ok(fixture,
               record_read(&fixture->log, fixture->db, STR("person"), STR("p1"),
                           &fixture->arena, &record, &err),
               &err, "the record is read");
    tap_ok(fixture->tap,
           str_equal_c(value_text_of(record.answers, "given_names"), "Ana") &&
               str_equal_c(value_text_of(record.answers, "age"), "31"),
           "with both answers");
    tap_ok(fixture->tap,
           record.clock == c.clock && record.created == fixture->now &&
               str_equal_c(record.author, "u1") &&
               str_equal_c(record.state, "open"),
           "clock, creation, author, state");
    b = update(fixture, "p1", 0, "{\"age\":\"40\"}");
    b.clock = clock_tick(&(int64_t){0}, fixture->now + 3600000);
    tap_is_int(fixture->tap, fixture_append(fixture, &b, false, NULL, &err),
               ERROR_INPUT, "an entry from the future is refused");
    tap_is_int(fixture->tap, verified(fixture, NULL), 2, "the log verifies");
    err = (struct err){0};
    tap_is_int(fixture->tap,
               record_read(&fixture->log, fixture->db, STR("person"),
                           STR("none"), &fixture->arena, &record, &err),
               ERROR_NOT_FOUND, "a record that is not there");
}

static void check_history(struct fixture *fixture)
{
    struct entry entry, *list;
    struct err err = {0};
    size_t count = 0;

    fixture_person(fixture, "1");
    for (int i = 0; i < 5; i++) {
        char json[40];

        snprintf(json, sizeof(json), "{\"age\":\"%d\"}", i);
        entry = update(fixture, "p1", 0, json);
        if (i == 0)
            entry.op = OP_CREATE;
        fixture->now += 1000;
        fixture_append(fixture, &entry, false, NULL, &err);
    }
    entry = create(fixture, "p2", "{\"age\":\"9\"}");
    entry.subject = STR("p1");
    fixture_append(fixture, &entry, false, NULL, &err);
    fixture_ok(fixture,
               log_history(&fixture->log, fixture->db, STR("p1"),
                           &fixture->arena, &list, &count, &err),
               &err, "history");
    tap_ok(fixture->tap,
           count == 5 && str_equal_c(value_text_of(list[4].body, "age"), "4") &&
               list[0].op == OP_CREATE && list[1].op == OP_UPDATE,
           "oldest first, with bodies");
    fixture_ok(fixture,
               log_timeline(&fixture->log, fixture->db, STR("p1"), 0, 2,
                            &fixture->arena, &list, &count, &err),
               &err, "timeline");
    tap_ok(fixture->tap,
           count == 2 && str_equal_c(list[0].record, "p2") &&
               str_equal_c(value_text_of(list[1].body, "age"), "4"),
           "newest first, any record of the subject");
    log_timeline(&fixture->log, fixture->db, STR("p1"), list[1].clock, 100,
                 &fixture->arena, &list, &count, &err);
    tap_is_int(fixture->tap, (long long)count, 4, "the rest before that");
}

static void check_erase(struct fixture *fixture)
{
    struct entry a = create(fixture, "p1", "{\"given_names\":\"Eva\"}"), b, c;
    struct entry *list;
    struct record record;
    struct err err = {0};
    int64_t tokens = -1;
    size_t count = 0;

    fixture_person(fixture, "1");
    fixture_append(fixture, &a, false, NULL, &err);
    b = update(fixture, "p1", a.clock, "{\"age\":\"5\"}");
    fixture_append(fixture, &b, false, NULL, &err);
    c = update(fixture, "p1", b.clock, "{}");
    c.op = OP_ERASE;
    fixture_ok(fixture, fixture_append(fixture, &c, false, NULL, &err), &err,
               "an erase");
    log_history(&fixture->log, fixture->db, STR("p1"), &fixture->arena, &list,
                &count, &err);
    tap_ok(fixture->tap,
           count == 3 && !list[0].body && !list[1].body && list[2].body,
           "bodies are gone, entries stay");
    tap_is_int(fixture->tap, verified(fixture, NULL), 3, "it verifies");
    tap_is_int(fixture->tap,
               record_read(&fixture->log, fixture->db, STR("person"), STR("p1"),
                           &fixture->arena, &record, &err),
               ERROR_NOT_FOUND, "the record is not there any more");
    err_clear(&err);
    db_get_int(fixture->db, &tokens, NULL, &err, "SELECT COUNT(*) FROM token",
               "");
    tap_is_int(fixture->tap, tokens, 0, "nobody finds her any more");
    b = update(fixture, "p1", c.clock, "{\"given_names\":\"Eva\"}");
    fixture_append(fixture, &b, false, NULL, &err);
    log_history(&fixture->log, fixture->db, STR("p1"), &fixture->arena, &list,
                &count, &err);
    tap_ok(fixture->tap, count == 4 && !list[3].body,
           "what comes late is not kept");
    tap_is_int(fixture->tap, verified(fixture, NULL), 4, "nor missed");
    tap_ok(fixture->tap,
           db_run(fixture->db, NULL, &err, "DELETE FROM entry_body", "") ==
               ERROR_STORE,
           "%s: the gap for erasing is closed again", fixture->dialect);
}

/* --- tampering ------------------------------------------------------------ */

static void tampered(struct fixture *fixture, const char *sql, int64_t seq,
                     const char *message)
{
    struct log_fault fault;
    struct err err = {0};

    fixture_unguarded(fixture, sql);
    tap_is_int(fixture->tap, verified(fixture, &fault), -1, sql);
    tap_is_int(fixture->tap, fault.seq, seq, "... is found where it is");
    tap_is(fixture->tap, fault.err.message, message, "... and named");
    fixture_ok(fixture, fixture_reopen(fixture, NULL, &err), &err, "reopened");
}

static void check_tampering(struct fixture *fixture)
{
    struct err err = {0};
    static const char altered[] = "La entrada {1} de la bitácora fue alterada.";

    fixture_person(fixture, "1");
    for (int i = 0; i < 9; i++) {
        char record[8];
        struct entry entry;

        snprintf(record, sizeof(record), "p%d", i);
        entry = create(fixture, record, "{\"age\":\"7\"}");
        entry.record = str_copy(&fixture->arena, entry.record);
        entry.subject = entry.record;
        entry.id = str_format(&fixture->arena, "e%d", i + 1);
        fixture_append(fixture, &entry, false, NULL, &err);
    }
    tap_is_int(fixture->tap, verified(fixture, NULL), 9, "nine entries");
    tampered(fixture, "UPDATE entry_body SET bytes = nonce WHERE id = 'e8'", 8,
             "El contenido de la entrada {1} de la bitácora fue alterado.");
    tampered(fixture, "DELETE FROM entry_body WHERE id = 'e7'", 7,
             "Falta el contenido de la entrada {1} de la bitácora y no hay "
             "un borrado que lo explique.");
    tampered(fixture, "UPDATE entry SET author = 'x' WHERE seq = 6", 6,
             altered);
    tampered(fixture, "UPDATE entry SET clock = clock + 1 WHERE seq = 5", 5,
             altered);
    tampered(fixture, "DELETE FROM entry WHERE seq = 4", 4,
             "Falta la entrada {1} de la bitácora.");
    tampered(fixture, "DELETE FROM entry WHERE seq > 2", 3,
             "La bitácora no termina donde debe: falta o sobra la entrada "
             "{1}.");
    tampered(fixture, "UPDATE entry SET prev = hash WHERE seq = 2", 2,
             "La entrada {1} de la bitácora no sigue a la anterior.");
}

static void check_sites(struct fixture *fixture)
{
    struct entry a = create(fixture, "p1", "{\"age\":\"1\"}");
    struct entry list[3];
    struct append_options options = {0};
    struct err err = {0};
    bool repeated;

    fixture_person(fixture, "1");
    for (int i = 0; i < 3; i++) {
        list[i] = a;
        list[i].record = str_format(&fixture->arena, "p%d", i);
    }
    list[1].site = STR("otra");
    db_begin(fixture->db, true, &err);
    fixture_ok(fixture,
               log_append(&fixture->log, fixture->db, list, 3, options,
                          &fixture->arena, &repeated, &err),
               &err, "entries of two sites in one change");
    db_commit(fixture->db, &err);
    tap_ok(fixture->tap,
           list[0].seq == 1 && list[1].seq == 1 && list[2].seq == 2,
           "each site has its own chain");
    tap_is_int(fixture->tap, verified(fixture, NULL), 3, "both verify");
}

int main(void)
{
    struct tap tap = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    fixture_each(&tap, "append", check_append);
    fixture_each(&tap, "history", check_history);
    fixture_each(&tap, "erase", check_erase);
    fixture_each(&tap, "tampering", check_tampering);
    fixture_each(&tap, "sites", check_sites);
    return tap_done(&tap);
}
