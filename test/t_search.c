/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_search.c - tokens are kept with their people, candidates are right and
 * read within bounds however common the words are.
 */
#include "store/search.h"

#include <stdlib.h>

#include "store_fixture.h"

static void add(struct fixture *fixture, const char *record, int64_t number,
                const char *words)
{
    struct search_token token[32];
    struct str text = str_of(words), part;
    struct err err = {0};
    size_t count = 0;

    while (text.size && str_cut(&text, ' ', &part))
        token[count++] =
            (struct search_token){part.at[0], str_slice(part, 2, part.size)};
    if (search_replace(fixture->db, STR("casa"), str_of(record), number, token,
                       count, &err))
        printf("# %s %s\n", err.message, err.detail);
}

/* wanted: "n:ana n:pa*"; the answer: "p1/2 p2/1" record and hits. */
static const char *found(struct fixture *fixture, const char *wanted, int least,
                         size_t limit)
{
    struct search_want want[32];
    struct str text = str_of(wanted), part;
    struct search_hit *hit = NULL;
    struct err err = {0};
    size_t count = 0, hits = 0;
    struct buf out;

    while (text.size && str_cut(&text, ' ', &part)) {
        bool prefix = str_ends(part, STR("*"));

        want[count++] = (struct search_want){
            .token = {part.at[0], str_slice(part, 2, part.size - prefix)},
            .prefix = prefix};
    }
    if (search_candidates(fixture->db, STR("casa"), want, count, least, limit,
                          &fixture->arena, &hit, &hits, &err))
        return err.detail[0] ? "error" : "failed";
    buf_init(&out, &fixture->arena);
    for (size_t i = 0; i < hits; i++)
        buf_printf(&out, "%s%.*s/%d", i ? " " : "", STR_ARGS(hit[i].record),
                   hit[i].hits);
    return str_c(&fixture->arena, buf_str(&out));
}

static int64_t tokens(struct fixture *fixture)
{
    int64_t count = -1;
    struct err err = {0};

    db_get_int(fixture->db, &count, NULL, &err, "SELECT COUNT(*) FROM token",
               "");
    return count;
}

static void put_in_index(struct fixture *fixture)
{
    struct err err = {0};

    if (search_index(fixture->db, STR("casa"), &err))
        printf("# %s %s\n", err.message, err.detail);
}

static void check_some(struct fixture *fixture, bool indexed)
{
    struct tap *tap = fixture->tap;

    add(fixture, "p1", 1, "n:ana n:paz d:1990-02-01");
    add(fixture, "p2", 2, "n:ana n:perez c:CU-7");
    add(fixture, "p3", 3, "n:eva n:paz n:paz");
    if (indexed)
        put_in_index(fixture);
    tap_is(tap, found(fixture, "n:ana", 1, 10), "p2/1 p1/1",
           "a word: newest first");
    tap_is(tap, found(fixture, "n:ana n:paz", 1, 10), "p1/2 p3/1 p2/1",
           "two words: best first");
    tap_is(tap, found(fixture, "n:ana n:paz", 2, 10), "p1/2", "at least two");
    tap_is(tap, found(fixture, "n:ana n:paz", 1, 2), "p1/2 p3/1", "a limit");
    tap_is(tap, found(fixture, "n:pa*", 1, 10), "p3/1 p1/1", "a prefix");
    tap_is(tap, found(fixture, "n:p*", 1, 10), "p3/1 p2/1 p1/1",
           "a shorter one");
    tap_is(tap, found(fixture, "c:ana", 1, 10), "", "classes are apart");
    tap_is(tap, found(fixture, "n:z* n:", 1, 10), "", "nobody");
    tap_is(tap, found(fixture, "d:1990* c:CU-7", 1, 10), "p2/1 p1/1",
           "a year, a code");
    tap_is_int(tap, tokens(fixture), indexed ? 8 : 0, "each token once");
    add(fixture, "p1", 1, "n:ana n:luz");
    tap_is(tap, found(fixture, "n:paz n:luz", 1, 10), "p3/1 p1/1",
           "a changed name is found by its new words");
    add(fixture, "p2", 2, "");
    tap_is(tap, found(fixture, "n:ana n:perez", 1, 10), "p1/1",
           "without tokens nobody is found");
    tap_is_int(tap, tokens(fixture), indexed ? 4 : 0, "nothing is left over");
}

static void check_fresh(struct fixture *fixture)
{
    check_some(fixture, false);
}

static void check_small(struct fixture *fixture)
{
    check_some(fixture, true);
}

static void check_common(struct fixture *fixture)
{
    struct tap *tap = fixture->tap;
    struct err err = {0};
    char record[16], words[80];

    db_begin(fixture->db, true, &err);
    for (int i = 0; i < 2000; i++) {
        snprintf(record, sizeof(record), "p%04d", i);
        snprintf(words, sizeof(words), "n:maria n:lopez%s w:w%d",
                 i == 3 || i == 700 ? " n:xochitl" : "", i % 50);
        add(fixture, record, i + 1, words);
        if (i == 1900) /* the last hundred stay outside */
            put_in_index(fixture);
    }
    fixture_ok(fixture, db_commit(fixture->db, &err), &err, "2000 people");
    tap_is(tap, found(fixture, "n:maria n:xochitl n:lopez", 2, 3),
           "p0700/3 p0003/3 p1999/2",
           "a rare word finds its people among common ones");
    tap_is(tap, found(fixture, "n:maria w:w7", 2, 2), "p1957/2 p1907/2",
           "a middling word too");
    tap_is(tap, found(fixture, "n:mar* n:xoc*", 2, 3), "p0700/2 p0003/2",
           "prefixes too");
    tap_is(tap, found(fixture, "w:w*", 1, 1)[0] == 'p' ? "some" : "none",
           "some", "a prefix of many words");
}

/* A register of 30,000: what search reads does not grow with it. */
static void check_bounds(struct fixture *fixture)
{
    struct err err = {0};
    struct search_hit *hit;
    struct search_want want[2] = {{.token = {'n', STR("maria")}},
                                  {.token = {'n', STR("jo")}, .prefix = true}};
    size_t hits = 0;

    if (db_script(
            fixture->db,
            "INSERT INTO token (site, class, text, number) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
            "SELECT i + 1 FROM n WHERE i < 30000) "
            "SELECT 'casa', 'n', 'maria', i FROM n;"
            "INSERT INTO token_set (site, number, record, tokens) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
            "SELECT i + 1 FROM n WHERE i < 30000) "
            "SELECT 'casa', i, 'p' || i, 'nmaria' FROM n;"
            "INSERT INTO token_head (site, indexed) VALUES ('casa', 30000);",
            &err))
        printf("# %s\n", err.detail);
    fixture_ok(fixture,
               search_candidates(fixture->db, STR("casa"), want, 2, 1, 5000,
                                 &fixture->arena, &hit, &hits, &err),
               &err, "a word that 30,000 have");
    tap_is_int(fixture->tap, (long long)hits, 400, "is read within bounds");
    tap_ok(fixture->tap, hits && str_equal_c(hit[0].record, "p30000"),
           "newest first");
}

static void check_projected(struct fixture *fixture)
{
    struct err err = {0};
    struct entry entry = {.kind = STR("person"),
                          .record = STR("p1"),
                          .form_version = STR("1"),
                          .op = OP_CREATE};

    fixture_person(fixture, "1");
    entry.body =
        fixture_json(fixture, "{\"given_names\":\"ana luz\",\"code\":\"C1\"}");
    fixture_append(fixture, &entry, false, NULL, &err);
    tap_is(fixture->tap, found(fixture, "n:luz c:C1", 1, 5), "p1/2",
           "a person is found as soon as she is registered");
    entry = (struct entry){
        .kind = STR("person"),
        .record = STR("p1"),
        .form_version = STR("1"),
        .op = OP_UPDATE,
        .base = entry.clock,
        .body = fixture_json(fixture, "{\"given_names\":\"ana paz\"}")};
    fixture_append(fixture, &entry, false, NULL, &err);
    tap_is(fixture->tap, found(fixture, "n:luz", 1, 5), "",
           "no more by her old name");
    tap_is(fixture->tap, found(fixture, "n:paz n:ana", 1, 5), "p1/2",
           "but by the new one");
}

/* The index takes new people by the hundreds, and all are found. */
static void check_growth(struct fixture *fixture)
{
    struct err err = {0};
    struct append_options options = {0};
    int64_t head = 0, sets = 0;
    int missing = 0;
    bool repeated;

    fixture_person(fixture, "1");
    db_begin(fixture->db, true, &err);
    for (int i = 0; i < 1100; i++) {
        char json[60];
        struct entry entry = {
            .kind = STR("person"), .form_version = STR("1"), .op = OP_CREATE};

        snprintf(json, sizeof(json), "{\"given_names\":\"ana w%d\"}", i);
        entry.body = fixture_json(fixture, json);
        entry.record = str_format(&fixture->arena, "p%d", i);
        log_append(&fixture->log, fixture->db, &entry, 1, options,
                   &fixture->arena, &repeated, &err);
    }
    fixture_ok(fixture, db_commit(fixture->db, &err), &err, "1100 people");
    db_get_int(fixture->db, &head, NULL, &err, "SELECT indexed FROM token_head",
               "");
    db_get_int(fixture->db, &sets, NULL, &err, "SELECT COUNT(*) FROM token_set",
               "");
    tap_ok(fixture->tap, sets == 1100 && head >= 1000 && head < 1100,
           "%s: the index follows", fixture->dialect);
    for (int i = 0; i < 1100; i += 37) {
        char want[20], answer[20];

        snprintf(want, sizeof(want), "n:w%d", i);
        snprintf(answer, sizeof(answer), "p%d/1", i);
        missing += strcmp(found(fixture, want, 1, 9), answer) != 0;
    }
    tap_is_int(fixture->tap, missing, 0, "everybody is found, once");
}

int main(void)
{
    struct tap tap = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    fixture_each(&tap, "few people, not in the index yet", check_fresh);
    fixture_each(&tap, "few people", check_small);
    fixture_each(&tap, "common words", check_common);
    fixture_each(&tap, "bounds", check_bounds);
    fixture_each(&tap, "with the projection", check_projected);
    fixture_each(&tap, "many new people", check_growth);
    return tap_done(&tap);
}
