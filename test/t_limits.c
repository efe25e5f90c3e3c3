/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_limits.c - what a client can make the house keep has an end: each limit of
 * domain/bound.h is reached, refused with its number or ends the oldest, and
 * what was there before still works. Everybody is made up.
 */
#include "domain/account/account.h"
#include "domain/account/flow.h"
#include "domain/access/glass.h"
#include "domain/account/invite.h"
#include "domain/access/room.h"
#include "domain/bound.h"
#include "domain/import/import_job.h"
#include "domain/openrosa/device.h"
#include "domain/record/form_draft.h"
#include "domain_fixture.h"

struct world {
    struct tap *tap;
    struct fixture *fixture;
    struct err err;
};

static int64_t count(struct world *w, const char *sql)
{
    struct err err = {0};
    int64_t number = -1;
    bool found;

    db_get_int(w->fixture->db, &number, &found, &err, sql, "");
    return number;
}

/* Rows as many clients would have left them; @ is the row's number. */
static void fill(struct world *w, const char *table, const char *columns,
                 const char *values, int rows)
{
    struct buf sql;
    struct err err = {0};
    struct db *db = NULL;

    buf_init(&sql, &w->fixture->arena);
    if (w->fixture->postgres)
        buf_printf(&sql,
                   "INSERT INTO %s (site, %s) SELECT '%.*s', %s"
                   " FROM generate_series(1, %d) AS g(n)",
                   table, columns, STR_ARGS(w->fixture->office.base), values,
                   rows);
    else
        buf_printf(&sql,
                   "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                   " FROM g WHERE n < %d) INSERT INTO %s (site, %s)"
                   " SELECT '%.*s', %s FROM g",
                   rows, table, columns, STR_ARGS(w->fixture->office.base),
                   values);
    buf_putc(&sql, '\0');
    if (store_connect(w->fixture->office.store, true, &db, &err) ||
        db_run(db, NULL, &err, buf_str(&sql).at, ""))
        fixture_say(&err);
    db_close(db);
}

static bool says(struct world *w, int most)
{
    char text[16];

    snprintf(text, sizeof text, "%d", most);
    return strcmp(w->err.arg[0], text) == 0;
}

/* --- sessions ------------------------------------------------------------- */

static enum error enter(struct world *w, const char *method, struct str user,
                        struct session *session)
{
    struct task task = fixture_task(w->fixture, "");
    struct visit visit = {.address = STR("192.0.2.7"),
                          .agent = STR("Firefox"),
                          .device = STR(""),
                          .before = STR("")};

    w->fixture->now += 1000;
    task.now = w->fixture->now;
    err_clear(&w->err);
    return account_open_session(&task, user, method, &visit, session, &w->err);
}

static bool works(struct world *w, const struct session *session)
{
    struct task task = fixture_task(w->fixture, "");
    struct session found = {0};
    struct err err = {0};

    return account_session(&task, session->cookie, &found, &err) ==
               ERROR_NONE &&
           found.state == SESSION_OPEN;
}

static void check_sessions(struct world *w, struct str user)
{
    struct session first = {0}, second = {0}, last = {0};
    int bad = 0;

    bad += enter(w, "totp", user, &first) != ERROR_NONE;
    bad += enter(w, "totp", user, &second) != ERROR_NONE;
    for (int i = 2; i < SESSIONS_MOST; i++)
        bad += enter(w, "totp", user, &last) != ERROR_NONE;
    tap_ok(w->tap, bad == 0 && works(w, &first) && works(w, &last),
           "as many sessions of one person as the limit");
    enter(w, "totp", user, &last);
    tap_ok(w->tap, !works(w, &first) && works(w, &second) && works(w, &last),
           "one more ends the oldest");
    tap_ok(w->tap, count(w, "SELECT count(*) FROM session") == SESSIONS_MOST,
           "and the table grows no more");
    fill(w, "session",
         "id, user_id, csrf, created, used, state, method, device, agent,"
         " locked, tries",
         "'half-' || n, 'somebody', '', 0, n, 'half', 'password', '', '', 0,"
         " 0",
         40);
    tap_ok(w->tap, works(w, &second), "half-open ones of others end none");
}

/* Only the password is known: each try waits half open. */
static void check_half(struct world *w, struct str user)
{
    struct session open = {0}, half = {0};
    struct db *db = NULL;
    struct err err = {0};
    int64_t waiting;

    enter(w, "totp", user, &open);
    if (store_connect(w->fixture->office.store, true, &db, &err) ||
        db_run(db, NULL, &err,
               "INSERT INTO totp (site, user_id, key, nonce, secret, confirmed,"
               " step) VALUES ($1, $2, '', $3, $3, 1, 1)",
               "ttb", w->fixture->office.base, user, STR("x")))
        fixture_say(&err);
    for (int i = 0; i < 3 * HALF_SESSIONS_MOST; i++)
        enter(w, "password", user, &half);
    waiting = count(w, "SELECT count(*) FROM session WHERE state = 'half'"
                       " AND user_id <> 'somebody'");
    tap_ok(w->tap, half.state == SESSION_HALF && waiting == HALF_SESSIONS_MOST,
           "a stolen password leaves %d half-open sessions, not %d",
           HALF_SESSIONS_MOST, (int)waiting);
    tap_ok(w->tap, works(w, &open), "and ends none of those in use");
    db_run(db, NULL, &err, "DELETE FROM totp", "");
    db_close(db);
}

/* --- counters, logins under way --------------------------------------------
 */

static void check_throttle(struct world *w)
{
    struct task task = fixture_task(w->fixture, "system");

    fill(w, "throttle", "key, failures, until, touched, good",
         "'k' || n, 1, 0, 4000000000000 + n, 0", THROTTLE_MOST + 500);
    fill(w, "throttle", "key, failures, until, touched, good",
         "'good' || n, 1, 0, 4000000000000, 4000000000000", 10);
    tap_ok(w->tap,
           !account_sweep(&task, &w->err) &&
               count(w, "SELECT count(*) FROM throttle") == THROTTLE_MOST,
           "counters of failed logins are swept down to the limit");
    tap_ok(w->tap,
           count(w, "SELECT count(*) FROM throttle WHERE good > 0") == 10 &&
               count(w, "SELECT count(*) FROM throttle WHERE key = 'k1'") == 0,
           "the oldest go, the places where people came in well stay");
}

static void check_flows(struct world *w)
{
    struct task task = fixture_task(w->fixture, "");
    struct flow flow = {.purpose = "passkey", .address = STR("192.0.2.8")};
    enum error error = ERROR_NONE;
    int made = 0;

    for (; !error && made <= FLOW_ADDRESS_MAX; made++) {
        flow.id = STR("");
        error = flow_add(&task, &flow, &w->err);
    }
    tap_ok(w->tap, error == ERROR_TOO_MANY && made == FLOW_ADDRESS_MAX + 1,
           "logins under way from one address: %d", made - 1);
    flow.id = STR("");
    flow.address = STR("192.0.2.9");
    err_clear(&w->err);
    tap_ok(w->tap, !flow_add(&task, &flow, &w->err), "another one may");
    fill(w, "login_flow",
         "id, purpose, binding, address, user_id, provider, nonce, verifier,"
         " next, expires",
         "'f' || n, 'x', '', 'a' || n, '', '', '', '', '', 9000000000000",
         FLOWS_MOST);
    flow.id = STR("");
    tap_ok(w->tap, flow_add(&task, &flow, &w->err) == ERROR_TOO_MANY,
           "of all addresses together, too");
}

/* --- what people make --------------------------------------------------------
 */

static void check_made(struct world *w)
{
    struct task task = fixture_task(w->fixture, "admin");
    struct str text = STR(""), id = STR("");
    struct form_draft draft = {
        .name = STR("otro"), .version = STR("1"), .source = STR("survey")};

    fill(w, "invitation",
         "id, role, display, place, made_by, created, expires, used",
         "'i' || n, 'intake', '', '', '', 0, 9000000000000, 0",
         INVITATIONS_MOST);
    tap_ok(w->tap,
           invite_add(&task, STR("intake"), STR(""), STR(""), &text, &w->err) ==
                   ERROR_CONFLICT &&
               says(w, INVITATIONS_MOST),
           "invitations");
    fill(w, "device", "id, name, role, ha1, made_by, created, used, revoked",
         "'d' || n, 'd' || n, 'intake', '', '', 0, 0, 0", DEVICES_MOST);
    err_clear(&w->err);
    tap_ok(w->tap,
           device_add(&task, STR("otro"), STR("intake"), &text, &id, &w->err) ==
                   ERROR_CONFLICT &&
               says(w, DEVICES_MOST),
           "telephones");
    fill(w, "form_draft", "name, version, source, file_name, author, saved",
         "'f' || n, '1', '', '', '', 0", DRAFTS_MOST);
    err_clear(&w->err);
    tap_ok(w->tap,
           form_draft_keep(&task, &draft, &w->err) == ERROR_CONFLICT &&
               says(w, DRAFTS_MOST),
           "forms on trial");
    draft.name = STR("f7");
    err_clear(&w->err);
    tap_ok(w->tap, !form_draft_keep(&task, &draft, &w->err),
           "one that is there is written over all the same");
}

static void check_imports(struct world *w)
{
    struct task task = fixture_task(w->fixture, "admin");
    struct import_plan plan = {
        .kind = STR("person"), .file_hash = STR("0123"), .added = 1};
    struct str batch = STR("");
    enum error first;

    err_clear(&w->err);
    first = import_job_add(&task, &plan, STR("nombre\nUna\n"), STR_NULL,
                           STR("a.csv"), &batch, &w->err);
    if (first)
        fixture_say(&w->err);
    fill(w, "import_job",
         "batch, text, map, user_id, role, done, total, started, why",
         "'b' || n, '', '', '', '', 0, 1, 0, ''", IMPORTS_MOST - 1);
    err_clear(&w->err);
    plan.file_hash = STR("4567");
    tap_ok(w->tap,
           !first &&
               import_job_add(&task, &plan, STR("nombre\nOtra\n"), STR_NULL,
                              STR("b.csv"), &batch,
                              &w->err) == ERROR_CONFLICT &&
               says(w, IMPORTS_MOST),
           "files that wait to be imported");
}

static void check_glass(struct world *w)
{
    struct str person =
        fixture_person(w->fixture, "{'given_names': 'Inventada'}");
    struct task task = fixture_task(w->fixture, "case_worker");
    bool opened = false;
    enum error error = ERROR_NONE;
    int asked = 0;

    for (; !error && asked <= GLASSES_MOST; asked++)
        error = glass_ask(&task, person, STR("attend"), STR("urge"), &opened,
                          &w->err);
    tap_ok(w->tap,
           error == ERROR_CONFLICT && asked == GLASSES_MOST + 1 &&
               says(w, GLASSES_MOST),
           "requests that nobody answered: %d", asked - 1);
    if (error && error != ERROR_CONFLICT)
        fixture_say(&w->err);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct world w = {.tap = tap, .fixture = fixture};
    struct task task = fixture_task(fixture, "system");
    struct str user = STR("");

    tap_ok(tap,
           !account_add(&task, STR("ana"), STR("Ana"), STR("intake"),
                        STR("una frase larga"), &user, &w.err),
           "somebody");
    check_sessions(&w, user);
    check_half(&w, user);
    check_throttle(&w);
    check_flows(&w);
    check_made(&w);
    check_imports(&w);
    check_glass(&w);
}

int main(void)
{
    return fixture_main(check);
}
