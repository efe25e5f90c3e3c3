/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_domain_account.c - the first account, logging in, waits between failed
 * attempts, sessions that end, tokens, what an administrator may not break.
 */
#include "domain/account/account.h"
#include "domain_fixture.h"

static const char good[] = "una frase larga";

static enum error add(struct fixture *fixture, const char *as, const char *name,
                      const char *role, const char *password, struct str *id)
{
    struct task task = fixture_task(fixture, as);
    struct err err = {0};
    enum error error =
        account_add(&task, str_of(name), STR("Persona de prueba"), str_of(role),
                    str_of(password), id, &err);

    if (error)
        printf("# %s [%s] [%s]\n", err.message, err.arg[0], err.arg[1]);
    fixture->now += 1000;
    return error;
}

struct door {
    struct str cookie;
    struct session session;
    int wait; /* seconds it was told to wait */
};

static enum error try_login(struct fixture *fixture, const char *name,
                            const char *password, const char *address,
                            struct door *door)
{
    struct task task = fixture_task(fixture, "");
    struct err err = {0};
    enum error error;
    int64_t wait = 0;

    *door = (struct door){0};
    error = account_login(&task, str_of(name), str_of(password),
                          str_of(address), &door->cookie, &door->session, &err);
    if (error == ERROR_TOO_MANY)
        str_to_int(str_of(err.arg[0]), &wait);
    door->wait = (int)wait;
    return error;
}

static enum error session_of(struct fixture *fixture, struct str cookie,
                             struct session *session)
{
    struct task task = fixture_task(fixture, "");
    struct err err = {0};

    return account_session(&task, cookie, session, &err);
}

static bool any_account(struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "");
    struct err err = {0};
    bool any = false;

    account_any(&task, &any, &err);
    return any;
}

static void check_first(struct tap *tap, struct fixture *fixture)
{
    struct str id = STR_NULL;

    tap_ok(tap, !any_account(fixture), "no account at first");
    tap_ok(tap, add(fixture, "", "jefa", "admin", "corta", &id) == ERROR_INPUT,
           "a short password is refused");
    tap_ok(tap,
           add(fixture, "", "jefa", "admin", "aaaaaaaaaaaa", &id) ==
               ERROR_INPUT,
           "one letter many times, too");
    tap_ok(tap,
           add(fixture, "", "mal nombre", "admin", good, &id) == ERROR_INPUT,
           "a name with a space is refused");
    tap_ok(tap, add(fixture, "", "jefa", "reina", good, &id) == ERROR_INPUT,
           "a role that does not exist is refused");
    tap_ok(tap, !any_account(fixture), "nothing was made of these");
    tap_ok(tap, !add(fixture, "", "Jefa", "admin", good, &id),
           "nobody makes the first account");
    tap_is(tap, fixture_answer(fixture, "user", id, "name"), "jefa",
           "its name in small letters");
    tap_ok(tap, any_account(fixture), "now there is one");
    tap_ok(tap, add(fixture, "", "otra", "admin", good, &id) == ERROR_FORBIDDEN,
           "nobody makes no second one");
    tap_ok(tap,
           add(fixture, "intake", "otra", "admin", good, &id) ==
               ERROR_FORBIDDEN,
           "nor does a worker");
    tap_ok(tap,
           add(fixture, "admin", "jefa", "intake", good, &id) == ERROR_CONFLICT,
           "names are unique");
    tap_ok(tap, !add(fixture, "admin", "marisol", "intake", good, &id),
           "an administrator adds others");
}

static void check_login(struct tap *tap, struct fixture *fixture)
{
    struct door door;
    struct session session = {0};
    struct task task;
    struct err err = {0};
    int64_t stored = 0;
    bool found;

    tap_ok(tap,
           try_login(fixture, "marisol", "otra cosa 1", "10.0.0.1", &door) ==
               ERROR_LOGIN,
           "a wrong password");
    tap_ok(tap,
           try_login(fixture, "nadie", good, "10.0.0.1", &door) == ERROR_LOGIN,
           "a wrong name looks the same");
    tap_ok(tap, !try_login(fixture, " MARISOL ", good, "10.0.0.1", &door),
           "the right ones, however written");
    tap_is_int(tap, (long long)door.cookie.size, 43, "a cookie");
    tap_is_int(tap, (long long)door.session.csrf.size, 43, "a CSRF token");
    tap_is(tap, str_c(&fixture->arena, door.session.actor.display),
           "Persona de prueba", "who it is");
    tap_ok(tap,
           role_has(door.session.actor.role, RIGHT_PERSON_WRITE) &&
               !role_has(door.session.actor.role, RIGHT_USER_ADMIN),
           "with the rights of her role");
    tap_ok(tap, !session_of(fixture, door.cookie, &session),
           "the cookie is her session");
    tap_is(tap, str_c(&fixture->arena, session.csrf),
           str_c(&fixture->arena, door.session.csrf),
           "with the same CSRF token");
    db_get_int(fixture->db, &stored, &found, &err,
               "SELECT count(*) FROM session WHERE session.id = $1", "t",
               door.cookie);
    tap_is_int(tap, (long long)stored, 0, "the cookie itself is not stored");
    tap_ok(tap, session_of(fixture, STR("x"), &session) == ERROR_LOGIN,
           "another cookie is nobody");
    task = fixture_task(fixture, "");
    account_logout(&task, door.cookie, &err);
    tap_ok(tap, session_of(fixture, door.cookie, &session) == ERROR_LOGIN,
           "after logging out it is nobody's");
}

static void check_session_end(struct tap *tap, struct fixture *fixture)
{
    struct door door;
    struct session session;
    int64_t start = fixture->now;
    const int64_t minute = 60000;

    try_login(fixture, "marisol", good, "10.0.0.1", &door);
    fixture->now = start + 59 * minute;
    tap_ok(tap, !session_of(fixture, door.cookie, &session),
           "after 59 minutes the session lives");
    fixture->now = start + 118 * minute;
    tap_ok(tap, !session_of(fixture, door.cookie, &session),
           "and again, since it was used");
    fixture->now = start + 178 * minute;
    tap_ok(tap, session_of(fixture, door.cookie, &session) == ERROR_LOGIN,
           "after an hour without use it is over");
    start = fixture->now;
    try_login(fixture, "marisol", good, "10.0.0.1", &door);
    for (int i = 1; i < 24; i++) {
        fixture->now = start + 30 * i * minute;
        session_of(fixture, door.cookie, &session);
    }
    tap_ok(tap, !session_of(fixture, door.cookie, &session),
           "used all day it lives eleven and a half hours");
    tap_ok(tap, session.expires == start + 720 * minute,
           "and ends after twelve");
    fixture->now = start + 720 * minute;
    tap_ok(tap, session_of(fixture, door.cookie, &session) == ERROR_LOGIN,
           "however much it was used");
}

/* Waits double from the fourth failure on and stop at a minute. */
static void check_waits(struct tap *tap, struct fixture *fixture)
{
    static const int wait[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct door door;
    enum error error;

    for (size_t i = 0; i < sizeof(wait) / sizeof(wait[0]); i++) {
        error = try_login(fixture, "marisol", "no es esta", "10.9.9.9", &door);
        tap_ok(tap, error == ERROR_LOGIN, "failure %zu", i + 1);
        if (!wait[i])
            continue;
        error = try_login(fixture, "marisol", good, "10.9.9.9", &door);
        tap_ok(tap, error == ERROR_TOO_MANY && door.wait == wait[i],
               "then %d s even with the right password", wait[i]);
        fixture->now += (int64_t)wait[i] * 1000;
    }
    tap_ok(tap, !try_login(fixture, "marisol", good, "10.9.9.9", &door),
           "after the wait the right password works");
    for (int i = 0; i < 3; i++)
        try_login(fixture, "marisol", "no es esta", "10.9.9.9", &door);
    tap_ok(tap, !try_login(fixture, "marisol", good, "10.9.9.9", &door),
           "and all is forgotten");
}

/* Somebody guesses from inside the shelter's network. */
static void check_no_lockout(struct tap *tap, struct fixture *fixture)
{
    struct door door;
    char name[32];
    bool slowed = false;

    try_login(fixture, "jefa", good, "192.168.1.20", &door);
    try_login(fixture, "marisol", good, "192.168.1.20", &door);
    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), "adivino%d", i);
        slowed = try_login(fixture, name, "no es esta", "192.168.1.20",
                           &door) == ERROR_TOO_MANY ||
                 slowed;
    }
    tap_ok(tap, slowed, "guessing many names from one address is slowed");
    tap_ok(tap, !try_login(fixture, "jefa", good, "192.168.1.20", &door),
           "who is known there logs in all the same");
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "10.1.1.%d", i);
        slowed = try_login(fixture, "marisol", "no es esta", name, &door) ==
                 ERROR_TOO_MANY;
    }
    tap_ok(tap, slowed, "guessing one name from many addresses is slowed");
    tap_ok(tap, !try_login(fixture, "marisol", good, "192.168.1.20", &door),
           "she logs in from where she is known");
    fixture->now += 61000;
}

static void check_passwords(struct tap *tap, struct fixture *fixture)
{
    struct door door, other;
    struct session session;
    struct task task;
    struct err err = {0};
    struct str id;

    try_login(fixture, "marisol", good, "10.0.0.1", &door);
    id = door.session.actor.id;
    task = fixture_task(fixture, "intake");
    tap_ok(tap,
           account_set_password(&task, id, STR("otra frase larga"), &err) ==
               ERROR_FORBIDDEN,
           "nobody changes another's password");
    err_clear(&err);
    task.actor = door.session.actor;
    tap_ok(tap,
           account_set_password(&task, id, STR("marisol"), &err) == ERROR_INPUT,
           "her own must be a good one");
    err_clear(&err);
    tap_ok(tap, !account_set_password(&task, id, STR("otra frase larga"), &err),
           "then she changes it");
    tap_ok(tap, session_of(fixture, door.cookie, &session) == ERROR_LOGIN,
           "her sessions end");
    tap_ok(tap,
           try_login(fixture, "marisol", good, "10.0.0.1", &other) ==
               ERROR_LOGIN,
           "the old one is no good");
    task = fixture_task(fixture, "admin");
    tap_ok(tap, !account_set_password(&task, id, str_of(good), &err),
           "an administrator sets it anew");
    tap_ok(tap, !try_login(fixture, "marisol", good, "10.0.0.1", &other),
           "and it works");
    task.actor = other.session.actor;
    tap_ok(tap,
           !account_set_profile(&task, STR("Mari"), STR("en"), &err) &&
               !session_of(fixture, other.cookie, &session),
           "she changes how she is shown");
    tap_is(tap, str_c(&fixture->arena, session.language), "en",
           "and her language");
    tap_is(tap, str_c(&fixture->arena, session.actor.display), "Mari",
           "and her name");
}

static enum error change_user(struct fixture *fixture, struct str id,
                              const char *json)
{
    struct task task = fixture_task(fixture, "admin");
    struct saved saved;

    fixture->now += 1000;
    return fixture_save(&task, "user", id, fixture_json(fixture, json), &saved);
}

static void check_users(struct tap *tap, struct fixture *fixture)
{
    struct door boss, door;
    struct session session;
    struct str admin, worker;

    try_login(fixture, "jefa", good, "10.0.0.1", &boss);
    try_login(fixture, "marisol", good, "10.0.0.1", &door);
    admin = boss.session.actor.id;
    worker = door.session.actor.id;
    tap_ok(tap,
           change_user(fixture, worker, "{'name':'jefa'}") == ERROR_CONFLICT,
           "nobody is renamed to another's name");
    tap_is(tap, fixture_answer(fixture, "user", worker, "name"), "marisol",
           "nothing of it is written");
    tap_ok(tap, !change_user(fixture, worker, "{'name':'mari'}"),
           "a user is renamed");
    tap_ok(tap, !try_login(fixture, "mari", good, "10.0.0.1", &door),
           "and logs in by the new name");
    tap_ok(tap,
           !change_user(fixture, worker, "{'role':'supervisor'}") &&
               !session_of(fixture, door.cookie, &session) &&
               role_has(session.actor.role, RIGHT_CASE_CLOSE),
           "a new role counts at once");
    tap_ok(tap,
           !change_user(fixture, worker, "{'active':'no'}") &&
               session_of(fixture, door.cookie, &session) == ERROR_LOGIN,
           "put to rest, her session ends");
    tap_ok(tap,
           try_login(fixture, "mari", good, "10.0.0.1", &door) == ERROR_LOGIN,
           "and she cannot log in");
    tap_ok(tap, change_user(fixture, admin, "{'active':'no'}") == ERROR_INPUT,
           "the last administrator is not put to rest");
    tap_ok(tap, change_user(fixture, admin, "{'role':'intake'}") == ERROR_INPUT,
           "nor made something else");
    tap_ok(tap,
           !change_user(fixture, worker, "{'active':'yes','role':'admin'}") &&
               !change_user(fixture, admin, "{'active':'no'}"),
           "unless there is another");
}

static void check_tokens(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "admin");
    struct task worker = fixture_task(fixture, "intake");
    struct actor actor = {0};
    struct str token = STR_NULL, other;
    struct err err = {0};

    tap_ok(tap,
           account_token_add(&worker, STR("puente"), STR("intake"), &token,
                             &err) == ERROR_FORBIDDEN,
           "a worker makes no token");
    err_clear(&err);
    tap_ok(tap,
           account_token_add(&task, STR("puente"), STR("reina"), &token,
                             &err) == ERROR_INPUT,
           "a token has a role that exists");
    err_clear(&err);
    tap_ok(
        tap,
        !account_token_add(&task, STR("puente"), STR("intake"), &token, &err),
        "a token is made");
    tap_ok(tap, str_starts(token, STR("cbj_")) && token.size == 47,
           "it is told by its beginning");
    tap_ok(tap,
           account_token_add(&task, STR("puente"), STR("intake"), &other,
                             &err) == ERROR_CONFLICT,
           "names of tokens in use are unique");
    err_clear(&err);
    tap_ok(tap,
           !account_token(&task, token, &actor, &err) &&
               role_has(actor.role, RIGHT_PERSON_WRITE),
           "it holds its role");
    tap_is(tap, str_c(&fixture->arena, actor.id), "token:puente",
           "and its name stands in the log");
    tap_ok(tap, account_token(&task, STR("cbj_x"), &actor, &err) == ERROR_LOGIN,
           "another is nobody");
    err_clear(&err);
    tap_ok(tap,
           !account_token_revoke(&task, STR("puente"), &err) &&
               account_token(&task, token, &actor, &err) == ERROR_LOGIN,
           "a token is revoked");
    err_clear(&err);
    tap_ok(
        tap,
        !account_token_add(&task, STR("puente"), STR("intake"), &other, &err),
        "then its name is free");
}

static int64_t rows_in(struct fixture *fixture, const char *sql)
{
    struct err err = {0};
    int64_t count = -1;
    bool found;

    db_get_int(fixture->db, &count, &found, &err, sql, "");
    return count;
}

static void check_sweep(struct tap *tap, struct fixture *fixture)
{
    struct task task;
    struct err err = {0};

    fixture->now += (int64_t)2 * 86400000;
    task = fixture_task(fixture, "system");
    tap_ok(tap, !account_sweep(&task, &err), "what is over is swept away");
    tap_is_int(tap, rows_in(fixture, "SELECT count(*) FROM session"), 0,
               "sessions");
    tap_is_int(tap,
               rows_in(fixture, "SELECT count(*) FROM throttle WHERE good = 0"),
               0, "and waits");
    tap_ok(tap, rows_in(fixture, "SELECT count(*) FROM throttle") > 0,
           "but who is known where is kept");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    check_first(tap, fixture);
    check_login(tap, fixture);
    check_session_end(tap, fixture);
    check_waits(tap, fixture);
    check_no_lockout(tap, fixture);
    check_passwords(tap, fixture);
    check_users(tap, fixture);
    check_tokens(tap, fixture);
    check_sweep(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
