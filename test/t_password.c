/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_password.c - what may be a new password (libzxcvbn and our words), how
 * long it may take to say so, and that one of before goes on working.
 */
#include "domain/account/account.h"
#include "domain/account/password.h"
#include "domain_fixture.h"

#include <time.h>

static const struct {
    const char *password;
    enum password_strength strength;
} row[] = {{"contraseña1234", PASSWORD_WEAK},
           {"Contraseña.2026", PASSWORD_WEAK},
           {"albergue2026!", PASSWORD_WEAK},
           {"password123456", PASSWORD_WEAK},
           {"qwertyuiop123", PASSWORD_WEAK},
           {"123456789012", PASSWORD_WEAK},
           {"aaaaaaaaaaaaaaaa", PASSWORD_WEAK},
           {"iloveyou123456", PASSWORD_WEAK},
           {"passwordpasswordpassword", PASSWORD_WEAK},
           {"marisol-marisol", PASSWORD_WEAK}, /* her own name */
           {"Marisol Quintanar", PASSWORD_WEAK},
           {"Posada Belén 2026", PASSWORD_WEAK}, /* the house's */
           {"bienvenidos2026", PASSWORD_WEAK},
           {"guadalupe12345", PASSWORD_WEAK},
           {"estrellita marinera", PASSWORD_GOOD},
           {"tlacuache nube cazuela", PASSWORD_STRONG},
           {"k7mq-xw3p-v9dn-t4hz", PASSWORD_STRONG}};

static void check_strength(struct tap *tap, struct fixture *fixture,
                           const struct host *host)
{
    const struct password_known known = {
        STR("marisol"), STR("Marisol Quintanar"), STR("Posada Belén")};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str password = str_of(row[i].password);
        enum password_strength found =
            password_strength(host, &fixture->arena, password, &known);

        tap_ok(tap, found == row[i].strength, "%s: %d", row[i].password,
               (int)found);
    }
}

/* Cut, so that a long one costs no more. */
static void check_time(struct tap *tap, struct fixture *fixture,
                       const struct host *host)
{
    static char longest[512];
    const struct password_known known = {0};
    clock_t before = clock();

    for (int kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < sizeof longest; i++)
            longest[i] = kind == 0   ? "amor"[i % 4]
                         : kind == 1 ? "19851225"[i % 8]
                                     : (char)('!' + (i * 31 + i / 7) % 90);
        for (int i = 0; i < 10; i++)
            password_strength(host, &fixture->arena,
                              (struct str){longest, sizeof longest}, &known);
    }
    tap_ok(tap, clock() - before < 3 * CLOCKS_PER_SEC,
           "30 of 512 bytes in %.3f s of processor time",
           (double)(clock() - before) / CLOCKS_PER_SEC);
}

static const char *said(struct fixture *fixture, const struct err *err)
{
    return str_c(&fixture->arena, err_text(err, NULL, &fixture->arena));
}

static void check_rule(struct tap *tap, struct fixture *fixture,
                       const struct host *host)
{
    const struct password_known known = {STR("ana"), STR("Ana"), STR("Casa")};
    struct err err = {0};

    tap_is_int(
        tap,
        password_fit(host, &fixture->arena, STR("kx7mq-w3p-v"), &known, &err),
        ERROR_INPUT, "eleven characters are too few");
    tap_ok(tap, strstr(said(fixture, &err), "12 caracteres") != NULL,
           "and the message says how many");
    err_clear(&err);
    tap_is_int(
        tap,
        password_fit(host, &fixture->arena, STR("ñandú-ñoqui-"), &known, &err),
        ERROR_NONE, "characters are counted, not bytes");
    tap_is_int(
        tap,
        password_fit(host, &fixture->arena, STR("albergue2026!"), &known, &err),
        ERROR_INPUT, "what is guessed soon is refused");
    tap_ok(tap,
           strstr(said(fixture, &err), "débil") != NULL &&
               strstr(said(fixture, &err), "tres o cuatro palabras") != NULL,
           "in a word, and with what to do");
}

/* Ten characters, as they were enough once: the hash stands there already. */
static void check_before(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "admin");
    struct session session = {0};
    struct db *writer = NULL;
    struct str id = STR(""), cookie;
    struct err err = {0};
    char hash[128] = "";

    account_add(&task, STR("vieja"), STR("Vieja"), STR("intake"),
                STR("tlacuache nube"), &id, &err);
    fixture->host.password_hash(fixture->host.context, STR("diez letra"), hash);
    store_connect(fixture->office.store, true, &writer, &err);
    if (writer) {
        db_run(writer, NULL, &err,
               "UPDATE credential SET hash = $1 WHERE user_id = $2", "tt",
               str_of(hash), id);
        db_close(writer);
    }
    tap_is_int(tap,
               account_login(&task, STR("vieja"), STR("diez letra"),
                             STR("local"), &cookie, &session, &err),
               ERROR_NONE, "a password of before opens as it did");
    tap_is_int(tap, account_set_password(&task, id, STR("diez letra"), &err),
               ERROR_INPUT, "but cannot be given again");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    const struct host *host = &fixture->native.host;

    check_strength(tap, fixture, host);
    check_time(tap, fixture, host);
    check_rule(tap, fixture, host);
    check_before(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
