/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_who.c - who somebody is: codes of an authenticator by the vectors of their
 * RFCs, taken once; recovery codes; roles that need a second step; a PIN on a
 * shared machine; sessions that are listed and closed; invitations. Everybody
 * is made up.
 */
#include "domain/account/invite.h"
#include "domain/account/lock.h"
#include "domain/account/second.h"
#include "domain/policy.h"
#include "domain_fixture.h"
#include "sys/seal.h"

static const char good[] = "una frase larga";
static const int64_t minute = 60000;

/* --- vectors -------------------------------------------------------------- */

static void check_vectors(struct tap *tap)
{
    static const char *const rfc4226[] = {
        "755224", "287082", "359152", "969429", "338314",
        "254676", "287922", "162583", "399871", "520489"};
    static const struct {
        uint64_t seconds;
        const char *code;
    } rfc6238[] = {{59, "287082"},         {1111111109, "081804"},
                   {1111111111, "050471"}, {1234567890, "005924"},
                   {2000000000, "279037"}, {20000000000, "353130"}};
    static const char *const rfc4648[][2] = {{"", ""},
                                             {"f", "MY"},
                                             {"fo", "MZXQ"},
                                             {"foo", "MZXW6"},
                                             {"foob", "MZXW6YQ"},
                                             {"fooba", "MZXW6YTB"},
                                             {"foobar", "MZXW6YTBOI"}};
    struct str secret = STR("12345678901234567890");
    struct arena arena;
    char out[7];

    for (size_t i = 0; i < sizeof rfc4226 / sizeof *rfc4226; i++) {
        hotp(&seal_native, secret, i, out);
        tap_is(tap, out, rfc4226[i], "RFC 4226, count");
    }
    for (size_t i = 0; i < sizeof rfc6238 / sizeof *rfc6238; i++) {
        hotp(&seal_native, secret, rfc6238[i].seconds / TOTP_SECONDS, out);
        tap_is(tap, out, rfc6238[i].code, "RFC 6238, instant");
    }
    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof rfc4648 / sizeof *rfc4648; i++)
        tap_is(
            tap,
            str_c(&arena, base32(&arena, (const unsigned char *)rfc4648[i][0],
                                 strlen(rfc4648[i][0]))),
            rfc4648[i][1], "RFC 4648, base32");
    arena_release(&arena);
}

/* --- helpers -------------------------------------------------------------- */

struct world {
    struct tap *tap;
    struct fixture *fixture;
    struct session boss, ana, bea; /* as they came in last */
    struct err err;
};

static struct task nobody(struct world *w)
{
    err_clear(&w->err);
    return fixture_task(w->fixture, "");
}

static struct task as(struct world *w, const struct session *session)
{
    struct task task = nobody(w);

    task.actor = session->who;
    return task;
}

static enum error enter(struct world *w, const char *name, const char *device,
                        struct session *session)
{
    struct task task = nobody(w);
    struct visit visit = {.address = STR("192.0.2.7"),
                          .agent = STR("Firefox · Linux"),
                          .device = str_of(device)};

    w->fixture->now += 1000;
    task.now = w->fixture->now;
    return account_login_from(&task, str_of(name), str_of(good), &visit,
                              session, &w->err);
}

static enum session_state state_now(struct world *w,
                                    const struct session *session)
{
    struct task task = nobody(w);
    struct session found = {0};

    if (account_session(&task, session->cookie, &found, &w->err))
        return (enum session_state)99;
    if (found.state != SESSION_OPEN && found.actor.role)
        return (enum session_state)98; /* somebody is there who must not */
    return found.state;
}

static int64_t count(struct world *w, const char *sql)
{
    struct err err = {0};
    int64_t number = -1;
    bool found;

    db_get_int(w->fixture->db, &number, &found, &err, sql, "");
    return number;
}

/* What an authenticator makes of the key in the page. */
static const char *code_of(struct world *w, struct str key, int64_t now)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char bytes[TOTP_SECRET] = {0};
    unsigned hold = 0;
    int bits = 0;
    size_t size = 0;
    char *out = arena_alloc(&w->fixture->arena, 7);

    for (size_t i = 0; i < key.size && size < sizeof bytes; i++) {
        hold = hold << 5 | (unsigned)(strchr(letter, key.at[i]) - letter);
        bits += 5;
        if (bits >= 8)
            bytes[size++] = (unsigned char)(hold >> (bits -= 8));
    }
    hotp(&seal_native, (struct str){(char *)bytes, sizeof bytes},
         (uint64_t)(now / 1000 / TOTP_SECONDS), out);
    return out;
}

static enum error second(struct world *w, const struct session *half,
                         const char *code, struct session *session)
{
    struct task task = nobody(w);
    struct visit visit = {.address = STR("192.0.2.7")};

    return account_second(&task, half, str_of(code), &visit, session, &w->err);
}

/* --- the second step ------------------------------------------------------ */

static void check_setup(struct world *w, struct str *key, struct str *recovery)
{
    struct tap *tap = w->tap;
    struct task task = as(w, &w->ana);
    struct str uri, again;
    struct session session;

    tap_ok(tap, !totp_begin(&task, key, &uri, &w->err) && key->size == 32,
           "a key to scan");
    tap_ok(tap, str_starts(uri, STR("otpauth://totp/Cobijo:ana?secret=")),
           "as authenticators want it, without the house's name");
    tap_ok(tap,
           !totp_begin(&task, &again, &uri, &w->err) && str_equal(*key, again),
           "looked at again it is the same");
    tap_ok(tap, !enter(w, "ana", "", &session) && session.state == SESSION_OPEN,
           "not confirmed, it is not asked for");
    task = as(w, &w->ana);
    tap_ok(tap,
           totp_confirm(&task, STR("000000"), recovery, &w->err) == ERROR_INPUT,
           "a wrong code confirms nothing");
    err_clear(&w->err);
    tap_ok(tap,
           !totp_confirm(&task, str_of(code_of(w, *key, task.now)), recovery,
                         &w->err),
           "the right one does");
    tap_is_int(tap, (long long)recovery[9].size, 19, "ten recovery codes");
    tap_is_int(tap,
               count(w, "SELECT count(*) FROM recovery_code"
                        " WHERE hash LIKE '%-%-%-%'"),
               0, "none of which is kept as it is");
    tap_ok(tap, totp_begin(&task, &again, &uri, &w->err) == ERROR_CONFLICT,
           "and the key is not shown again");
}

static void check_codes(struct world *w, struct str key)
{
    struct tap *tap = w->tap;
    struct session half, open, other;
    const char *code;

    w->fixture->now += minute;
    tap_ok(tap,
           !enter(w, "ana", "", &half) && half.state == SESSION_HALF &&
               !half.actor.role && state_now(w, &half) == SESSION_HALF,
           "the password is half the way: nobody is in");
    code = code_of(w, key, w->fixture->now - 60000);
    tap_ok(tap, second(w, &half, code, &open) == ERROR_INPUT,
           "a code of a minute ago is too old");
    code = code_of(w, key, w->fixture->now + 60000);
    tap_ok(tap, second(w, &half, code, &open) == ERROR_INPUT,
           "one of the next minute too early");
    code = code_of(w, key, w->fixture->now + 30000);
    tap_ok(tap,
           !second(w, &half, code, &open) && open.state == SESSION_OPEN &&
               role_has(open.actor.role, RIGHT_PERSON_WRITE),
           "a clock half a minute fast is forgiven");
    tap_ok(tap,
           !str_equal(open.cookie, half.cookie) &&
               state_now(w, &half) == (enum session_state)99,
           "the open session has another cookie, the half one is gone");
    tap_ok(tap,
           !enter(w, "ana", "", &half) &&
               second(w, &half, code, &other) == ERROR_INPUT,
           "the same code is not taken twice");
    code = code_of(w, key, w->fixture->now);
    tap_ok(tap, second(w, &half, code, &other) == ERROR_INPUT,
           "nor one before it");
    w->fixture->now += minute;
    code = code_of(w, key, w->fixture->now);
    tap_ok(tap, !second(w, &half, code, &w->ana), "the next one is");
    tap_ok(tap, second(w, &w->ana, code, &other) == ERROR_LOGIN,
           "an open session has no second step");
    enter(w, "ana", "", &half);
    w->fixture->now += 11 * minute;
    tap_ok(tap, state_now(w, &half) == (enum session_state)99,
           "half open it lives ten minutes");
}

static void check_recovery(struct world *w, const struct str *recovery)
{
    struct tap *tap = w->tap;
    struct session half, open;
    struct second has;
    struct task task;
    struct str fresh[RECOVERY_CODES];
    char shouted[64];

    snprintf(shouted, sizeof shouted, " %.*s ", STR_ARGS(recovery[3]));
    for (char *c = shouted; *c; c++)
        *c = *c == '-' ? ' ' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    enter(w, "ana", "", &half);
    tap_ok(tap, !second(w, &half, shouted, &open),
           "a recovery code comes in, however it is written");
    tap_is(tap, str_c(&w->fixture->arena, open.method), "recovery",
           "and the session says so");
    enter(w, "ana", "", &half);
    tap_ok(tap,
           second(w, &half, str_c(&w->fixture->arena, recovery[3]), &open) ==
               ERROR_INPUT,
           "once");
    task = as(w, &w->ana);
    second_read(&task, w->ana.who.id, NULL, &has, &w->err);
    tap_ok(tap, has.totp && has.codes == 9, "nine are left");
    tap_ok(tap,
           !recovery_renew(&task, fresh, &w->err) &&
               second(w, &half, str_c(&w->fixture->arena, recovery[4]),
                      &open) == ERROR_INPUT &&
               !second(w, &half, str_c(&w->fixture->arena, fresh[0]), &open),
           "new ones void the old ones");
}

static void check_guessing(struct world *w, struct str key)
{
    struct tap *tap = w->tap;
    struct session half, open;
    enum error error = ERROR_NONE;
    int tries = 0;

    w->fixture->now += 5 * minute;
    enter(w, "ana", "", &half);
    while (tries < 20 && error != ERROR_TOO_MANY) {
        error = second(w, &half, "000001", &open);
        tries++;
    }
    tap_is_int(tap, tries, 7, "after six wrong codes one has to wait");
    tap_ok(tap,
           second(w, &half, code_of(w, key, w->fixture->now), &open) ==
               ERROR_TOO_MANY,
           "even with the right one");
    enter(w, "ana", "", &half);
    tap_ok(tap,
           second(w, &half, "000001", &open) == ERROR_INPUT &&
               second(w, &half, "000001", &open) == ERROR_TOO_MANY,
           "logging in again forgets nothing");
    w->fixture->now += 5 * minute;
    enter(w, "ana", "", &half);
    tap_ok(tap, !second(w, &half, code_of(w, key, w->fixture->now), &w->ana),
           "after the wait it works");
}

static void check_reset(struct world *w)
{
    struct tap *tap = w->tap;
    struct task task = as(w, &w->bea);
    struct session session;

    tap_ok(tap,
           second_reset(&task, w->ana.who.id, STR("perdió el teléfono"),
                        &w->err) == ERROR_FORBIDDEN,
           "a worker takes nobody's second step away");
    task = as(w, &w->boss);
    tap_ok(tap,
           second_reset(&task, w->ana.who.id, STR(" "), &w->err) == ERROR_INPUT,
           "nor an administrator without a reason");
    task = as(w, &w->boss);
    tap_ok(
        tap,
        !second_reset(&task, w->ana.who.id, STR("perdió el teléfono"), &w->err),
        "with one it is done");
    tap_is(tap,
           fixture_answer(w->fixture, "user", w->ana.who.id, "second_reset"),
           "perdió el teléfono", "and stands in the account's history");
    tap_ok(tap, state_now(w, &w->ana) == (enum session_state)99,
           "her sessions are closed");
    tap_ok(tap, !enter(w, "ana", "", &session) && session.state == SESSION_OPEN,
           "and the password is enough again");
    w->ana = session;
    task = as(w, &w->ana);
    tap_ok(tap, !account_set_profile(&task, STR("Ana"), STR("es"), &w->err),
           "she is herself");
}

/* Who changed which rule, from what to what and why. */
static void policy_is_told(struct world *w)
{
    struct task task = as(w, &w->boss);
    struct record_filter filter = {
        .kind = STR("policy_change"), .order = "_clock", .limit = 9};
    struct record *record = NULL;
    const struct value *first = NULL;
    size_t found = 0;

    if (!record_list(&task.office->log, task.db, &filter, false, task.arena,
                     &record, &found, &w->err) &&
        found)
        first = record[0].answers;
    tap_ok(
        w->tap,
        str_equal_c(value_text_of(first, "policy"), "second_factor_roles") &&
            str_equal_c(value_text_of(first, "before"), "") &&
            str_equal_c(value_text_of(first, "value"), "supervisor intake") &&
            str_equal_c(value_text_of(first, "why"), "robo de contraseñas") &&
            str_equal(value_text_of(first, "set_by"), w->boss.who.id) &&
            str_equal(record[0].author, w->boss.who.id),
        "with who, what, from what and why");
}

static void check_demand(struct world *w)
{
    struct tap *tap = w->tap;
    struct task task = as(w, &w->bea);
    struct session session;
    struct str key, uri, codes[RECOVERY_CODES], value = STR("");

    tap_ok(tap,
           policy_set(&task, STR("second_factor_roles"), STR("intake"),
                      STR("x"), &w->err) == ERROR_FORBIDDEN,
           "a worker sets no rule");
    task = as(w, &w->boss);
    tap_ok(tap,
           policy_set(&task, STR("second_factor_roles"), STR("intake reina"),
                      STR("x"), &w->err) == ERROR_INPUT,
           "a role that is none is refused");
    task = as(w, &w->boss);
    tap_ok(tap,
           policy_set(&task, STR("lock_minutes"), STR("pronto"), STR("x"),
                      &w->err) == ERROR_INPUT,
           "and a number that is none");
    task = as(w, &w->boss);
    tap_ok(tap,
           policy_set(&task, STR("second_factor_roles"), STR("intake"), STR(""),
                      &w->err) == ERROR_INPUT,
           "and a change without a reason");
    task = as(w, &w->boss);
    tap_ok(tap,
           !policy_set(&task, STR("second_factor_roles"),
                       STR("supervisor intake"), STR("robo de contraseñas"),
                       &w->err) &&
               !policy_text(&task, "second_factor_roles", &value, &w->err) &&
               str_equal_c(value, "supervisor intake"),
           "the house demands a second step of some roles");
    tap_ok(tap,
           !enter(w, "bea", "", &session) && session.state == SESSION_ENROL &&
               !session.actor.role,
           "who has none may only set one up");
    task = as(w, &session);
    tap_ok(tap,
           !totp_begin(&task, &key, &uri, &w->err) &&
               !totp_confirm(&task, str_of(code_of(w, key, task.now)), codes,
                             &w->err),
           "she sets it up");
    tap_ok(tap, second_remove(&task, &w->err) == ERROR_INPUT,
           "and cannot take it away");
    tap_ok(tap,
           !enter(w, "jefa", "", &session) && session.state == SESSION_OPEN,
           "other roles come in as before");
    task = as(w, &w->boss);
    tap_ok(tap,
           !policy_set(&task, STR("second_factor_roles"), STR(""), STR("fin"),
                       &w->err) &&
               count(w, "SELECT count(*) FROM policy") == 0,
           "as shipped nothing is kept");
    tap_ok(tap,
           count(w, "SELECT count(*) FROM entry"
                    " WHERE kind = 'policy_change'") == 2,
           "but both changes are entries of the log, what was refused is none");
    policy_is_told(w);
    task = as(w, &w->boss);
    second_reset(&task, w->bea.who.id, STR("prueba"), &w->err);
    enter(w, "bea", "", &w->bea);
}

/* The same with a site key: what lies in the tables opens nowhere else. */
static void check_sealed(struct world *w)
{
    static const unsigned char site_key[32] = {1, 2, 3};
    struct tap *tap = w->tap;
    struct office *office = &w->fixture->office;
    struct session half, open;
    struct str key, uri, codes[RECOVERY_CODES];
    struct task task;

    office->site_key = site_key;
    task = as(w, &w->ana);
    tap_ok(tap,
           !totp_begin(&task, &key, &uri, &w->err) &&
               !totp_confirm(&task, str_of(code_of(w, key, task.now)), codes,
                             &w->err) &&
               !pin_set(&task, STR("194763"), &w->err),
           "with a site key");
    tap_is_int(tap,
               count(w, "SELECT count(*) FROM totp WHERE key = 'site'"
                        " AND length(secret) = 36 AND length(nonce) = 24"),
               1, "the secret is sealed");
    tap_is_int(tap,
               count(w, "SELECT count(*) FROM recovery_code"
                        " WHERE hash LIKE 'key:%'") +
                   count(w, "SELECT count(*) FROM pin WHERE hash LIKE 'key:%'"),
               11, "codes and PIN are keyed");
    w->fixture->now += minute;
    enter(w, "ana", "", &half);
    tap_ok(tap, !second(w, &half, code_of(w, key, w->fixture->now), &open),
           "and come in");
    w->fixture->now += minute;
    enter(w, "ana", "", &half);
    office->site_key = NULL;
    tap_ok(tap,
           second(w, &half, code_of(w, key, w->fixture->now), &open) ==
                   ERROR_FORBIDDEN &&
               second(w, &half, str_c(&w->fixture->arena, codes[0]), &open) ==
                   ERROR_INPUT,
           "without the key nothing fits");
    office->site_key = (const unsigned char[32]){9};
    tap_ok(tap,
           second(w, &half, code_of(w, key, w->fixture->now), &open) ==
               ERROR_FORBIDDEN,
           "nor with another");
    office->site_key = NULL;
    task = as(w, &w->boss);
    second_reset(&task, w->ana.who.id, STR("prueba"), &w->err);
    w->fixture->now += 10 * minute;
}

/* Set up before the site had a key: sealed at the first use with one. */
static void check_sealed_later(struct world *w)
{
    static const unsigned char site_key[32] = {4, 5, 6};
    struct tap *tap = w->tap;
    struct office *office = &w->fixture->office;
    struct session half, open;
    struct str key, uri, codes[RECOVERY_CODES];
    struct task task = as(w, &w->ana);
    bool locked;

    totp_begin(&task, &key, &uri, &w->err);
    totp_confirm(&task, str_of(code_of(w, key, task.now)), codes, &w->err);
    pin_set(&task, STR("194763"), &w->err);
    office->site_key = site_key;
    w->fixture->now += minute;
    enter(w, "ana", "", &half);
    tap_ok(tap,
           count(w, "SELECT count(*) FROM totp WHERE key = ''") == 1 &&
               !second(w, &half, code_of(w, key, w->fixture->now), &open) &&
               count(w, "SELECT count(*) FROM totp WHERE key = 'site'"
                        " AND length(secret) = 36") == 1,
           "a secret of before the key is sealed when it is used");
    task = nobody(w);
    session_lock(&task, &open, &locked, &w->err);
    open.state = SESSION_LOCKED;
    tap_ok(tap,
           !session_unlock(&task, &open, STR("194763"), &w->err) &&
               count(w, "SELECT count(*) FROM pin"
                        " WHERE hash LIKE 'key:%'") == 1,
           "and a PIN is keyed");
    w->fixture->now += minute;
    enter(w, "ana", "", &half);
    tap_ok(tap, !second(w, &half, code_of(w, key, w->fixture->now), &open),
           "the code still comes in");
    enter(w, "ana", "", &half);
    tap_ok(tap, !second(w, &half, str_c(&w->fixture->arena, codes[0]), &open),
           "and a recovery code of then");
    office->site_key = NULL;
    task = as(w, &w->boss);
    second_reset(&task, w->ana.who.id, STR("prueba"), &w->err);
    w->fixture->now += 10 * minute;
}

/* --- shared machines ------------------------------------------------------ */

static void check_lock(struct world *w)
{
    static const char *const poor[] = {"12345",  "1234567", "12345a", "000000",
                                       "123456", "987654",  ""};
    struct tap *tap = w->tap;
    struct session session;
    struct task task;
    bool locked = true;

    enter(w, "ana", "mesa", &w->ana);
    task = as(w, &w->ana);
    session = w->ana;
    tap_ok(tap, !session_lock(&task, &session, &locked, &w->err) && !locked,
           "without a PIN nothing locks");
    for (size_t i = 0; i < sizeof poor / sizeof *poor; i++) {
        task = as(w, &w->ana);
        tap_ok(tap, pin_set(&task, str_of(poor[i]), &w->err) == ERROR_INPUT,
               "no PIN: \"%s\"", poor[i]);
    }
    task = as(w, &w->ana);
    tap_ok(tap, !pin_set(&task, STR("194763"), &w->err), "a PIN");
    tap_is_int(tap,
               count(w, "SELECT count(*) FROM pin WHERE hash LIKE '%194763%'"),
               0, "is not kept as it is");
    w->fixture->now += 10 * minute;
    tap_ok(tap, state_now(w, &w->ana) == SESSION_OPEN, "used within the time");
    w->fixture->now += 11 * minute;
    tap_ok(tap, state_now(w, &w->ana) == SESSION_LOCKED,
           "left alone it locks by itself, and nobody is there");
    w->fixture->now += 3 * 60 * minute;
    tap_ok(tap, state_now(w, &w->ana) == SESSION_LOCKED,
           "three hours later it still waits");
    task = nobody(w);
    account_session(&task, w->ana.cookie, &session, &w->err);
    tap_ok(tap,
           session_unlock(&task, &session, STR("194764"), &w->err) ==
               ERROR_INPUT,
           "a wrong PIN");
    err_clear(&w->err);
    tap_ok(tap,
           !session_unlock(&task, &session, STR("194763"), &w->err) &&
               state_now(w, &w->ana) == SESSION_OPEN,
           "the right one goes on with the same cookie");
    task = nobody(w);
    account_session(&task, w->ana.cookie, &session, &w->err);
    tap_ok(tap,
           !session_lock(&task, &session, &locked, &w->err) && locked &&
               state_now(w, &w->ana) == SESSION_LOCKED,
           "and locks at will");
    account_session(&task, w->ana.cookie, &session, &w->err);
    for (int i = 1; i <= 4; i++) {
        err_clear(&w->err);
        session_unlock(&task, &session, STR("111222"), &w->err);
    }
    tap_ok(tap,
           w->err.code == ERROR_INPUT &&
               state_now(w, &w->ana) == SESSION_LOCKED,
           "four wrong ones");
    err_clear(&w->err);
    tap_ok(tap,
           session_unlock(&task, &session, STR("111222"), &w->err) ==
                   ERROR_LOGIN &&
               state_now(w, &w->ana) == (enum session_state)99,
           "the fifth ends the session");
    err_clear(&w->err);
    tap_ok(tap,
           session_unlock(&task, &session, STR("194763"), &w->err) ==
               ERROR_LOGIN,
           "then the right one is late");
    enter(w, "ana", "mesa", &w->ana);
    w->fixture->now += (int64_t)ACCOUNT_SESSION_MINUTES * minute;
    tap_ok(tap, state_now(w, &w->ana) == (enum session_state)99,
           "and twelve hours are the end for a PIN, too");
}

static void check_seats(struct world *w)
{
    struct tap *tap = w->tap;
    struct visit visit = {.device = STR("mesa")};
    struct session ana, bea, taken, again;
    struct seat *seat;
    struct task task;
    size_t seats = 0;

    enter(w, "bea", "casa", &bea);
    task = as(w, &bea);
    pin_set(&task, STR("820461"), &w->err);
    enter(w, "ana", "mesa", &ana);
    {
        struct visit here = {.device = STR("mesa"), .before = ana.id};

        task = nobody(w);
        account_login_from(&task, STR("bea"), str_of(good), &here, &bea,
                           &w->err);
    }
    tap_ok(tap,
           state_now(w, &bea) == SESSION_OPEN &&
               state_now(w, &ana) == SESSION_LOCKED,
           "another person logs in: the first one's waits, locked");
    task = nobody(w);
    tap_ok(
        tap,
        !seats_list(&task, STR("mesa"), bea.who.id, &seat, &seats, &w->err) &&
            seats == 1 && str_equal(seat[0].user, ana.who.id),
        "the machine knows who waits");
    tap_ok(tap,
           !seats_list(&task, STR("otra"), STR(""), &seat, &seats, &w->err) &&
               seats == 0,
           "another machine knows nobody");
    visit.before = bea.id;
    tap_ok(tap,
           seat_take(&task, ana.who.id, STR("820461"), &visit, &taken,
                     &w->err) == ERROR_INPUT,
           "not with one's own PIN");
    task = nobody(w);
    tap_ok(
        tap,
        !seat_take(&task, ana.who.id, STR("194763"), &visit, &taken, &w->err) &&
            taken.state == SESSION_OPEN &&
            str_equal(taken.actor.id, ana.who.id),
        "the PIN changes places");
    tap_ok(tap,
           state_now(w, &ana) == (enum session_state)99 &&
               state_now(w, &bea) == SESSION_LOCKED &&
               !str_equal(taken.csrf, ana.csrf),
           "under a new cookie and token; the other one waits now");
    visit.device = STR("otra");
    visit.before = STR("");
    task = nobody(w);
    tap_ok(tap,
           seat_take(&task, bea.who.id, STR("820461"), &visit, &again,
                     &w->err) == ERROR_LOGIN,
           "a PIN is worth nothing on another machine");
    visit.device = STR("mesa");
    for (int i = 0; i < 5; i++) {
        task = nobody(w);
        seat_take(&task, bea.who.id, STR("111222"), &visit, &again, &w->err);
    }
    tap_ok(tap,
           w->err.code == ERROR_LOGIN &&
               state_now(w, &bea) == (enum session_state)99 &&
               state_now(w, &taken) == SESSION_OPEN,
           "guessing ends her session, and hers alone");
    task = as(w, &w->boss);
    second_reset(&task, ana.who.id, STR("prueba"), &w->err);
    task = as(w, &w->boss);
    second_reset(&task, bea.who.id, STR("prueba"), &w->err);
}

static void check_sessions(struct world *w)
{
    struct tap *tap = w->tap;
    struct session first, last;
    struct open_session *list;
    struct task task;
    size_t found = 0;

    enter(w, "ana", "mesa", &first);
    enter(w, "ana", "casa", &last);
    task = as(w, &last);
    tap_ok(tap,
           !sessions_list(&task, last.who.id, &list, &found, &w->err) &&
               found == 2 && str_equal(list[0].id, last.id),
           "she sees where her account is open");
    tap_is(tap, str_c(&w->fixture->arena, list[0].agent), "Firefox · Linux",
           "by browser");
    tap_is_int(tap,
               count(w, "SELECT count(*) FROM session"
                        " WHERE agent LIKE '%192.0.2%'"
                        " OR device LIKE '%192.0.2%'"),
               0, "no address is kept");
    enter(w, "bea", "", &w->bea);
    task = as(w, &w->bea);
    tap_ok(tap,
           sessions_list(&task, last.who.id, &list, &found, &w->err) ==
               ERROR_FORBIDDEN,
           "others do not");
    task = as(w, &w->bea);
    tap_ok(tap,
           sessions_end(&task, last.who.id, first.id, STR(""), &w->err) ==
               ERROR_FORBIDDEN,
           "nor close it");
    task = as(w, &w->bea);
    tap_ok(tap,
           !sessions_end(&task, w->bea.who.id, first.id, STR(""), &w->err) &&
               state_now(w, &first) == SESSION_OPEN,
           "nor by calling it their own");
    task = as(w, &last);
    tap_ok(tap,
           !sessions_end(&task, last.who.id, STR(""), last.id, &w->err) &&
               state_now(w, &first) == (enum session_state)99 &&
               state_now(w, &last) == SESSION_OPEN,
           "she closes all others");
    task = as(w, &w->boss);
    tap_ok(tap,
           !sessions_list(&task, last.who.id, &list, &found, &w->err) &&
               found == 1 &&
               !sessions_end(&task, last.who.id, last.id, STR(""), &w->err) &&
               state_now(w, &last) == (enum session_state)99,
           "an administrator sees and closes");
}

/* Somebody in the shelter's own network guesses all day. */
static void check_known_machine(struct world *w)
{
    struct tap *tap = w->tap;
    struct session session;
    struct visit stranger = {.address = STR("192.0.2.7"),
                             .device = STR("del que adivina")};
    struct task task;
    enum error error = ERROR_NONE;

    enter(w, "ana", "mesa", &session);
    for (int i = 0; i < 30; i++) {
        task = nobody(w);
        error = account_login_from(&task, STR("ana"), STR("no es esta"),
                                   &stranger, &session, &w->err);
    }
    tap_ok(tap, error == ERROR_TOO_MANY, "who guesses her name waits");
    tap_ok(tap, !enter(w, "ana", "mesa", &session),
           "she comes in on her machine all the same");
    w->fixture->now += 2 * minute;
}

/* --- invitations ---------------------------------------------------------- */

static enum error accept(struct world *w, struct str token, const char *name)
{
    struct task task = nobody(w);

    return invite_accept(&task, token, str_of(name), STR(""), str_of(good),
                         &w->err);
}

static void check_invitations(struct world *w)
{
    struct tap *tap = w->tap;
    struct invitation *list, found;
    struct session session;
    struct str token = STR(""), late = STR(""), gone = STR("");
    struct task task = as(w, &w->bea);
    size_t open = 0;

    tap_ok(tap,
           invite_add(&task, STR("admin"), STR(""), STR(""), &token, &w->err) ==
               ERROR_FORBIDDEN,
           "a worker invites nobody");
    task = as(w, &w->boss);
    tap_ok(tap,
           invite_add(&task, STR("reina"), STR(""), STR(""), &token, &w->err) ==
               ERROR_INPUT,
           "to a role that exists");
    task = as(w, &w->boss);
    tap_ok(tap,
           !invite_add(&task, STR("intake"), STR("Cira"), STR(""), &token,
                       &w->err) &&
               token.size == 43,
           "an administrator invites");
    invite_add(&task, STR("intake"), STR(""), STR(""), &late, &w->err);
    invite_add(&task, STR("intake"), STR(""), STR(""), &gone, &w->err);
    tap_ok(tap,
           !invite_list(&task, &list, &open, &w->err) && open == 3 &&
               !str_equal(list[0].id, gone),
           "three are open, by their hashes");
    task = nobody(w);
    tap_ok(tap,
           !invite_find(&task, token, &found, &w->err) &&
               str_equal_c(found.role, "intake"),
           "the link opens");
    tap_ok(tap, accept(w, token, "ana") == ERROR_CONFLICT,
           "a name that is taken spends nothing");
    tap_ok(tap, accept(w, token, "Nombre Malo") == ERROR_INPUT,
           "nor one that is none");
    tap_ok(tap,
           !accept(w, token, "cira") && !enter(w, "cira", "", &session) &&
               str_equal_c(session.actor.role->name, "intake") &&
               str_equal_c(session.actor.display, "Cira"),
           "she has the account that was meant for her");
    tap_ok(tap, accept(w, token, "dora") == ERROR_NOT_FOUND, "once");
    task = as(w, &w->boss);
    for (size_t i = 0; i < open; i++)
        if (str_equal(list[i].id, host_hash_hex(&w->fixture->host,
                                                &w->fixture->arena, gone)))
            invite_withdraw(&task, list[i].id, &w->err);
    tap_ok(tap, accept(w, gone, "dora") == ERROR_NOT_FOUND, "not withdrawn");
    tap_ok(tap, accept(w, STR("x"), "dora") == ERROR_NOT_FOUND, "not made up");
    w->fixture->now += 73 * 60 * minute;
    tap_ok(tap, accept(w, late, "dora") == ERROR_NOT_FOUND,
           "and not after three days");
}

/* Who invited and administers no more gave nothing away. */
static void check_inviter(struct world *w)
{
    struct task task = as(w, &w->boss);
    struct session other;
    struct str token = STR(""), id = STR("");
    struct saved saved;

    account_add(&task, STR("segunda"), STR(""), STR("admin"), str_of(good), &id,
                &w->err);
    enter(w, "segunda", "", &other);
    task = as(w, &other);
    invite_add(&task, STR("admin"), STR(""), STR(""), &token, &w->err);
    task = fixture_task(w->fixture, "admin");
    fixture_save(&task, "user", id,
                 fixture_json(w->fixture, "{'role':'intake'}"), &saved);
    tap_ok(w->tap, accept(w, token, "eva") == ERROR_NOT_FOUND,
           "an invitation of who administers no more");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct world w = {.tap = tap, .fixture = fixture};
    struct str key = STR(""), recovery[RECOVERY_CODES] = {STR("")};
    struct task task = fixture_task(fixture, "system");

    account_add(&task, STR("jefa"), STR(""), STR("admin"), str_of(good), NULL,
                &w.err);
    account_add(&task, STR("ana"), STR("Ana"), STR("intake"), str_of(good),
                NULL, &w.err);
    account_add(&task, STR("bea"), STR("Bea"), STR("intake"), str_of(good),
                NULL, &w.err);
    enter(&w, "jefa", "", &w.boss);
    enter(&w, "bea", "", &w.bea);
    if (!tap_ok(tap, !enter(&w, "ana", "", &w.ana), "three people"))
        return;
    check_setup(&w, &key, recovery);
    check_codes(&w, key);
    check_recovery(&w, recovery);
    check_guessing(&w, key);
    check_reset(&w);
    check_demand(&w);
    check_sealed(&w);
    check_sealed_later(&w);
    check_lock(&w);
    check_seats(&w);
    check_sessions(&w);
    check_known_machine(&w);
    check_invitations(&w);
    check_inviter(&w);
    if (!fixture->postgres)
        check_vectors(tap);
}

int main(void)
{
    return fixture_main(check);
}
