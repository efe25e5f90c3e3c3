/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_help.c - asking for help without an account: the code word, what stands in
 * the store of it, limits that do not shut out others, who may read, consent,
 * a file, erasing that leaves nothing, retention. Everybody is made up.
 */
#include "canary.h"
#include "core/date.h"
#include "domain/outreach/help.h"
#include "domain/person/person.h"
#include "domain/proof/seen.h"
#include "store/log.h"
#include "store/sealing.h"

#define CANARY "Zunzunegui"
#define PHONE "5550199"

struct bench {
    struct tap *tap;
    struct fixture *fixture;
    int entry;
};

static struct str entry_of(struct bench *bench)
{
    return str_format(&bench->fixture->arena, "0190a000-0000-7000-8000-%012d",
                      ++bench->entry);
}

static struct help_wish wish_of(struct bench *bench)
{
    return (struct help_wish){
        .needs = STR("ALOJ DOC NOSUCH"),
        .admin1 = STR("MX-CHP"),
        .municipality = STR("Tapachula"),
        .answer_by = STR("whatsapp"),
        .phone = STR("+52 962 " PHONE),
        .safe = STR("only_channel"),
        .text = STR("Me llamo " CANARY " y me siguen desde la frontera"),
        .word = STR("Girasól  grande"),
        .entry = entry_of(bench),
        .address = STR("192.0.2.7")};
}

static struct help_told write_as(struct bench *bench,
                                 const struct help_wish *wish)
{
    struct task task = fixture_task(bench->fixture, "");
    struct help_told told = {0};
    struct err err = {0};

    if (help_write(&task, wish, &told, &err)) {
        fixture_say(&err);
        told.trouble = HELP_CLOSED;
    }
    return told;
}

static struct help_told come_back(struct bench *bench, struct str code,
                                  struct str address)
{
    struct task task = fixture_task(bench->fixture, "");
    struct help_told told = {0};
    struct err err = {0};

    if (help_come_back(&task, code, address, &told, &err))
        fixture_say(&err);
    return told;
}

static const char *field(struct bench *bench, struct str request,
                         const char *name)
{
    return fixture_answer(bench->fixture, "help_request", request, name);
}

static struct value *shown(struct bench *bench, const char *role,
                           struct str request)
{
    struct task task = fixture_task(bench->fixture, role);
    struct value *view = NULL;
    struct err err = {0};

    if (help_show(&task, request, *role != 0, &view, &err))
        return NULL;
    return view;
}

/* --- words --- */

static void check_words(struct bench *bench)
{
    static const struct {
        const char *word;
        enum help_trouble trouble;
    } row[] = {
        {"girasol", HELP_FINE},
        {"Mi perro Tomás", HELP_FINE},
        {"kreyòl mwen", HELP_FINE},
        {"ሰላም ወዳጄ ሆይ", HELP_FINE},
        {"sol", HELP_WORD_SHORT},
        {"", HELP_WORD_SHORT},
        {"  -- !!  ", HELP_WORD_SHORT},
        {"aaaaaaaa", HELP_WORD_EASY},
        {"12345678", HELP_WORD_EASY},
        {"Ayúdame", HELP_WORD_EASY},
        {"contraseña", HELP_WORD_EASY},
        {"una frase demasiado larga para recordarla bien", HELP_WORD_LONG},
    };
    struct task task = fixture_task(bench->fixture, "");
    struct str one, two, three;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        tap_is_int(bench->tap, help_word_check(&task, str_of(row[i].word)),
                   row[i].trouble, row[i].word);
    one = help_code_make(&task, STR("Girasól"), STR("entry-1"), 0);
    two = help_code_make(&task, STR("girasol"), STR("entry-1"), 0);
    three = help_code_make(&task, STR("girasol"), STR("entry-2"), 0);
    tap_ok(bench->tap, str_equal(one, two), "the same form, the same words");
    tap_ok(bench->tap, !str_equal(one, three), "another form, other words");
    tap_is_int(bench->tap,
               (long long)help_code_name(&task, STR("girasol lago mesa")).size,
               52, "the name in the store is 32 bytes");
    tap_ok(bench->tap,
           str_equal(help_code_name(&task, STR("  GIRASÓL, lago-mesa ")),
                     help_code_name(&task, STR("girasol lago mesa"))),
           "however it is written");
    tap_ok(bench->tap,
           !str_equal(help_code_name(&task, STR("girasol mesa lago")),
                      help_code_name(&task, STR("girasol lago mesa"))),
           "but in order");
}

/* The house's words, and those of the catalogue that make a word easy. */
static void check_lists(struct bench *bench)
{
    const struct catalog *catalog = bench->fixture->office.catalog;
    const struct catalog_table *word = catalog_table(catalog, "help_word");
    struct task task = fixture_task(bench->fixture, "");
    size_t wrong = 0, spanish = 0, english = 0;

    for (size_t i = 0; word && i < word->rows; i++) {
        struct str es = catalog_cell(word, i, "es");
        struct str en = catalog_cell(word, i, "en");

        spanish += es.size > 0;
        english += en.size > 0;
        wrong += !str_equal(help_plain(task.arena, es), es) ||
                 !str_equal(help_plain(task.arena, en), en);
    }
    tap_ok(bench->tap, spanish >= 1000 && english >= 900,
           "enough words: %zu and %zu", spanish, english);
    tap_is_int(bench->tap, (long long)wrong, 0, "written without accents");
}

/* --- the whole way --- */

static struct help_told first(struct bench *bench, struct help_wish *wish)
{
    struct help_told told, again;

    *wish = wish_of(bench);
    told = write_as(bench, wish);
    tap_is_int(bench->tap, told.trouble, HELP_FINE, "a message is taken");
    tap_is_int(bench->tap, str_starts(told.code, STR("girasol grande ")), 1,
               "the code word begins with hers");
    again = write_as(bench, wish);
    tap_ok(bench->tap,
           again.trouble == HELP_FINE && str_equal(again.code, told.code),
           "sent twice over a bad line: one request, the same words");
    wish->word = STR("margaritas");
    tap_is_int(bench->tap, write_as(bench, wish).trouble, HELP_OTHER_WORD,
               "with another word it says so");
    tap_is(bench->tap, field(bench, told.request, "needs"), "ALOJ DOC",
           "needs that there are");
    tap_is(bench->tap, field(bench, told.request, "urgency"), "U0",
           "who is followed is most urgent");
    tap_is(bench->tap, field(bench, told.request, "state"), "nueva", "new");
    tap_is_int(bench->tap, canary_count(bench->fixture, "192.0.2", true), 0,
               "the address stands nowhere");
    tap_is_int(bench->tap, canary_count(bench->fixture, "girasol", true), 0,
               "nor does the code word");
    return told;
}

static void check_back(struct bench *bench, const struct help_told *told)
{
    struct task task = fixture_task(bench->fixture, "");
    struct help_told back = come_back(bench, told->code, STR("192.0.2.8"));
    struct str ticket = help_ticket(&task, told->request);
    enum help_trouble trouble = HELP_FINE;
    struct err err = {0};
    struct value *view;

    tap_ok(bench->tap,
           back.trouble == HELP_FINE && str_equal(back.request, told->request),
           "the three words open it");
    tap_is_int(
        bench->tap,
        come_back(bench, STR("girasol grande lago"), STR("192.0.2.8")).trouble,
        HELP_NOBODY, "others do not");
    tap_ok(bench->tap,
           str_equal(help_ticket_open(&task, ticket), told->request),
           "a ticket stands for them");
    task.now += 31 * 60000;
    tap_is_int(bench->tap, (long long)help_ticket_open(&task, ticket).size, 0,
               "for half an hour");
    task.now -= 31 * 60000;
    tap_is_int(bench->tap,
               (long long)help_ticket_open(
                   &task, str_join(task.arena,
                                   ticket.at[0] == 'A' ? STR("B") : STR("A"),
                                   str_slice(ticket, 1, ticket.size)))
                   .size,
               0, "a changed ticket is none");
    tap_ok(bench->tap,
           !help_add(&task, told->request, STR("¿Siguen ahí?"), entry_of(bench),
                     &trouble, &err) &&
               trouble == HELP_FINE,
           "she writes again");
    fixture_say(&err);
    view = shown(bench, "", told->request);
    tap_is_int(bench->tap, (long long)value_count(value_get(view, "messages")),
               2, "and sees both");
    tap_ok(bench->tap, value_get(view, "closed_why") == NULL,
           "what the house notes for itself she does not see");
}

static void check_desk(struct bench *bench, struct str request)
{
    struct task task = fixture_task(bench->fixture, "intake");
    struct task other = fixture_task(bench->fixture, "reporter");
    struct value *list = NULL;
    struct err err = {0};
    size_t count = 0;

    tap_is_int(bench->tap, help_list(&other, false, &list, &err),
               ERROR_FORBIDDEN, "who makes reports sees no messages");
    tap_ok(bench->tap, shown(bench, "reporter", request) == NULL,
           "and opens none");
    err = (struct err){0};
    tap_ok(bench->tap,
           !help_list(&task, false, &list, &err) &&
               value_count(value_get(list, "waiting")) == 1,
           "the desk lists who waits");
    tap_ok(bench->tap, !help_today(&task, &list, &count, &err) && count == 1,
           "so does Today");
    tap_ok(bench->tap,
           shown(bench, "intake", request) != NULL && task.office->seen,
           "who answers reads it");
    tap_ok(bench->tap,
           !help_take(&task, request, true, &err) &&
               strcmp(field(bench, request, "state"), "tomada") == 0 &&
               strcmp(field(bench, request, "taken_by"), "user-intake") == 0,
           "takes it");
    tap_ok(bench->tap,
           help_urgency(&task, request, STR("A0"), &err) == ERROR_INPUT &&
               help_urgency(&task, request, STR(""), &err) == ERROR_INPUT,
           "an urgency that there is not is none");
    err_clear(&err);
    tap_ok(bench->tap,
           !help_answer(&task, request, STR("Venga hoy. Hay lugar."),
                        entry_of(bench), &err),
           "answers");
    fixture_say(&err);
    tap_is(bench->tap, field(bench, request, "state"), "contestada",
           "then it waits for her");
    tap_is(bench->tap, field(bench, request, "waiting_since"), "",
           "and not for the house");
}

static int64_t seen_rows(struct bench *bench, struct str request)
{
    struct task task = fixture_task(bench->fixture, "supervisor");
    struct seen_row *row = NULL;
    struct err err = {0};
    size_t count = 0;

    if (seen_flush(&bench->fixture->office, &err) ||
        seen_list(&task, request, 50, &row, &count, &err))
        fixture_say(&err);
    return (int64_t)count;
}

static void check_file(struct bench *bench, struct str request)
{
    struct task task = fixture_task(bench->fixture, "intake");
    struct task guest = fixture_task(bench->fixture, "");
    struct value *answers = NULL;
    struct str person = STR("");
    struct err err = {0};

    tap_is_int(bench->tap, help_file(&task, request, &answers, &err),
               ERROR_BLOCKED, "without her consent there is no file");
    err = (struct err){0};
    tap_is_int(bench->tap, help_consent(&guest, request, true, &err),
               ERROR_CONFLICT, "she cannot say yes to what nobody asked");
    err = (struct err){0};
    tap_is_int(bench->tap, help_consent_told(&task, request, STR("sí"), &err),
               ERROR_INPUT, "a yes by telephone wants its words");
    err = (struct err){0};
    tap_ok(bench->tap,
           !help_ask(&task, request, &err) &&
               !help_consent(&guest, request, false, &err),
           "asked, she says no");
    tap_is_int(bench->tap, help_file(&task, request, &answers, &err),
               ERROR_BLOCKED, "which is no");
    err = (struct err){0};
    tap_ok(bench->tap,
           !help_ask(&task, request, &err) &&
               !help_consent(&guest, request, true, &err) &&
               !help_file(&task, request, &answers, &err),
           "asked again, she says yes");
    fixture_say(&err);
    tap_is(bench->tap,
           str_c(task.arena, value_text_of(answers, "safe_to_contact")),
           "only_channel", "how she may be reached goes along");
    tap_ok(bench->tap,
           str_find(value_text_of(answers, "notes"), STR(CANARY)) != SIZE_MAX &&
               str_find(value_text_of(answers, "notes"), STR("Venga")) ==
                   SIZE_MAX,
           "and what she wrote, without what was answered");
    person = fixture_person(bench->fixture, "{'alias':'Ejemplo'}");
    tap_ok(bench->tap, !help_filed(&task, request, person, &err),
           "the file is noted");
    tap_is(bench->tap, field(bench, request, "state"), "expediente", "as such");
    tap_ok(bench->tap, seen_rows(bench, request) > 0,
           "that the house read it is in the log of views");
}

/* A file that was there before: what she wrote goes into its notes. */
static void check_join(struct bench *bench)
{
    struct help_wish wish = wish_of(bench);
    struct task task = fixture_task(bench->fixture, "intake");
    struct str person = fixture_person(bench->fixture, "{'alias':'Segunda'}");
    struct str code, joined = STR("");
    struct help_told told;
    struct err err = {0};

    wish.address = STR("192.0.2.60");
    told = write_as(bench, &wish);
    code =
        str_of(fixture_answer(bench->fixture, "person", person, "case_code"));
    tap_ok(bench->tap,
           !help_consent_told(&task, told.request,
                              STR("Dijo «sí, ábranlo» hoy por teléfono"), &err),
           "a yes by telephone is noted");
    tap_is_int(bench->tap,
               help_join(&task, told.request, STR("XXXX-XXXXX"), &joined, &err),
               ERROR_INPUT, "a code that is nobody's");
    err = (struct err){0};
    tap_ok(bench->tap,
           !help_join(&task, told.request, code, &joined, &err) &&
               str_equal(joined, person),
           "she has a file: it is found by its code");
    fixture_say(&err);
    tap_ok(bench->tap,
           strstr(fixture_answer(bench->fixture, "person", person, "notes"),
                  CANARY) != NULL,
           "and has what she wrote");
    err = (struct err){0};
    tap_ok(bench->tap, !help_erase(&task, told.request, &err),
           "the request can go");
}

/* --- erasing --- */

static int64_t count_of(struct bench *bench, const char *sql, struct str text)
{
    struct err err = {0};
    int64_t count = -1;

    db_get_int(bench->fixture->db, &count, NULL, &err, sql, "tt",
               bench->fixture->office.log.site, text);
    fixture_say(&err);
    return count;
}

static void check_erase(struct bench *bench)
{
    struct help_wish wish = wish_of(bench);
    struct task task = fixture_task(bench->fixture, "");
    struct task intake = fixture_task(bench->fixture, "intake");
    struct log_fault fault = {0};
    struct help_told told;
    struct err err = {0};
    int64_t entries = 0, before;

    before = canary_count(bench->fixture, "Mirasoles", false);
    wish.text = STR("Mirasoles y " PHONE);
    wish.municipality = STR("Mirasoles");
    wish.address = STR("192.0.2.70");
    told = write_as(bench, &wish);
    tap_ok(bench->tap,
           !help_answer(&intake, told.request, STR("Mirasoles, respuesta"),
                        entry_of(bench), &err),
           "answered");
    tap_ok(bench->tap,
           before == 0 && canary_count(bench->fixture, "Mirasoles", false) > 1,
           "the canary sings before");
    tap_is_int(bench->tap,
               count_of(bench,
                        "SELECT count(*) FROM data_key WHERE site = $1"
                        " AND name LIKE $2 AND length(wrapped) > 0",
                        str_join(task.arena, told.request, STR("#%"))),
               1, "the request has a data key of its own");
    tap_ok(bench->tap, !help_erase(&task, told.request, &err),
           "she deletes everything");
    fixture_say(&err);
    tap_is_int(bench->tap, canary_count(bench->fixture, "Mirasoles", true), 0,
               "nothing of it is left in any table");
    tap_is_int(bench->tap,
               count_of(bench,
                        "SELECT count(*) FROM data_key WHERE site = $1"
                        " AND name LIKE $2 AND length(wrapped) > 0",
                        str_join(task.arena, told.request, STR("#%"))),
               0, "nor its key");
    tap_is_int(bench->tap,
               count_of(bench,
                        "SELECT count(*) FROM help_code WHERE site = $1"
                        " AND request = $2",
                        told.request),
               0, "nor the name of its code word");
    tap_is_int(bench->tap,
               come_back(bench, told.code, STR("192.0.2.71")).trouble,
               HELP_NOBODY, "the words open nothing");
    tap_ok(bench->tap,
           shown(bench, "", told.request) == NULL &&
               shown(bench, "intake", told.request) == NULL,
           "nobody reads it");
    tap_ok(bench->tap,
           !log_verify(&bench->fixture->office.log, bench->fixture->db,
                       &bench->fixture->arena, &entries, &fault, &err),
           "and the log is whole");
    fixture_say(&err);
}

static void check_sweep(struct bench *bench)
{
    struct help_wish wish = wish_of(bench);
    struct task task = fixture_task(bench->fixture, "system");
    struct help_told told;
    struct err err = {0};
    size_t erased = 9;
    int64_t days = help_days(&task);

    wish.text = STR("Campanillas");
    wish.address = STR("192.0.2.80");
    told = write_as(bench, &wish);
    tap_is_int(bench->tap, days, 30, "the days are data");
    task.now += (days - 1) * 86400000LL;
    tap_ok(bench->tap, !help_sweep(&task, &erased, &err),
           "a day before, the sweep runs");
    tap_ok(bench->tap, canary_count(bench->fixture, "Campanillas", false) > 0,
           "and the message stays");
    task.now += 2 * 86400000LL;
    tap_ok(bench->tap, !help_sweep(&task, &erased, &err) && erased > 0,
           "a day later it is swept");
    fixture_say(&err);
    tap_is_int(bench->tap, canary_count(bench->fixture, "Campanillas", true), 0,
               "and gone");
    tap_ok(bench->tap, shown(bench, "", told.request) == NULL, "for all");
}

/* --- limits --- */

static int64_t taken(struct bench *bench, struct help_limit *limit,
                     enum help_act act, const char *who, int times, int64_t now)
{
    int64_t refused = 0;

    for (int i = 0; i < times; i++)
        refused += help_limit_take(limit, &bench->fixture->host, act,
                                   str_of(who), now) > 0;
    return refused;
}

static void check_limits(struct bench *bench)
{
    struct help_limit *limit =
        help_limit_new(&bench->fixture->host, &bench->fixture->arena);
    int64_t now = bench->fixture->now, through = 0;
    char who[32];

    tap_is_int(bench->tap,
               taken(bench, limit, HELP_ACT_WRITE, "192.0.2.1", 10, now), 6,
               "one address: four at once");
    tap_is_int(bench->tap,
               taken(bench, limit, HELP_ACT_WRITE, "192.0.2.2", 1, now), 0,
               "another is not touched by that");
    tap_is_int(
        bench->tap,
        taken(bench, limit, HELP_ACT_WRITE, "192.0.2.1", 1, now + 21 * 60000),
        0, "it fills up again");
    tap_is_int(
        bench->tap,
        taken(bench, limit, HELP_ACT_WRITE, "2001:db8:1:2::1", 4, now) +
            taken(bench, limit, HELP_ACT_WRITE, "2001:db8:1:2:ffff::9", 1, now),
        1, "a network of IPv6 counts as one");
    tap_ok(bench->tap,
           taken(bench, limit, HELP_ACT_GUESS, "192.0.2.9", 6, now) == 0 &&
               taken(bench, limit, HELP_ACT_GUESS, "192.0.2.9", 1, now) == 1,
           "six wrong words, then it waits");
    help_limit_give_back(limit, &bench->fixture->host, HELP_ACT_GUESS,
                         STR("192.0.2.9"));
    tap_is_int(bench->tap,
               taken(bench, limit, HELP_ACT_GUESS, "192.0.2.9", 1, now), 0,
               "a right one is given back");
    limit = help_limit_new(&bench->fixture->host, &bench->fixture->arena);
    for (int i = 0; i < 120; i++) { /* thirty machines flood */
        snprintf(who, sizeof who, "198.51.100.%d", i % 30);
        taken(bench, limit, HELP_ACT_WRITE, who, 1, now);
    }
    snprintf(who, sizeof who, "198.51.100.%d", 3);
    tap_is_int(bench->tap, taken(bench, limit, HELP_ACT_WRITE, who, 1, now), 1,
               "a flood is stopped");
    tap_is_int(bench->tap,
               taken(bench, limit, HELP_ACT_WRITE, "203.0.113.5", 1, now), 0,
               "and who sent nothing yet still gets through");
    for (int i = 0; i < 3000; i++) { /* three thousand machines, once each */
        snprintf(who, sizeof who, "10.%d.%d.1", i / 250, i % 250);
        through += !taken(bench, limit, HELP_ACT_WRITE, who, 1, now);
    }
    tap_ok(bench->tap, through <= 240, "what all together may send has an end");
    tap_is_int(bench->tap,
               taken(bench, limit, HELP_ACT_WRITE, "203.0.113.6", 1,
                     now - 86400000LL * 30),
               0, "a clock that goes back shuts nobody out");
}

static void check_wrong(struct bench *bench)
{
    struct help_wish wish = wish_of(bench);
    struct task task = fixture_task(bench->fixture, "");
    struct err err = {0};
    char *long_text = arena_grow(&bench->fixture->arena, NULL, 0, 2100);
    enum help_trouble trouble = HELP_FINE;
    struct help_told told;
    int refused = 0;

    memset(long_text, 'a', 2100);
    wish.address = STR("192.0.2.90");
    wish.text = STR("");
    tap_is_int(bench->tap, write_as(bench, &wish).trouble, HELP_EMPTY, "empty");
    wish.text = (struct str){long_text, 2001};
    tap_is_int(bench->tap, write_as(bench, &wish).trouble, HELP_LONG, "long");
    wish.text = STR("Hola");
    wish.phone = STR("noes");
    tap_is_int(bench->tap, write_as(bench, &wish).trouble, HELP_PHONE,
               "no telephone");
    wish.phone = STR("+52 962 5550199");
    wish.safe = STR("");
    tap_is_int(bench->tap, write_as(bench, &wish).trouble, HELP_SAFE,
               "is it safe to call?");
    wish.safe = STR("no");
    told = write_as(bench, &wish);
    tap_ok(bench->tap,
           told.trouble == HELP_FINE && !*field(bench, told.request, "phone") &&
               strcmp(field(bench, told.request, "answer_by"), "codigo") == 0,
           "where calling is not safe the number is not kept");
    for (int i = 0; i < 70 && refused == 0; i++)
        refused = help_add(&task, told.request, STR("otra"), entry_of(bench),
                           &trouble, &err) != ERROR_NONE ||
                  trouble != HELP_FINE;
    tap_ok(bench->tap,
           refused && (trouble == HELP_WAIT || trouble == HELP_FULL),
           "a conversation has an end");
    refused = 0;
    for (int i = 0; i < 12; i++)
        refused +=
            come_back(bench, STR("palabra cualquiera mala"), STR("192.0.2.91"))
                .trouble == HELP_WAIT;
    tap_ok(bench->tap, refused >= 5, "wrong words are slowed down");
    tap_is_int(bench->tap,
               come_back(bench, told.code, STR("192.0.2.92")).trouble,
               HELP_FINE, "others come in meanwhile");
    help_erase(&task, told.request, &err);
}

/* Nothing can be sealed: nothing is taken. */
static void check_closed(struct bench *bench)
{
    struct office office = bench->fixture->office;
    struct help_wish wish = wish_of(bench);
    struct task task = fixture_task(bench->fixture, "");
    struct help_told told = {0};
    struct err err = {0};

    office.site_key = NULL;
    task.office = &office;
    tap_ok(bench->tap,
           !help_write(&task, &wish, &told, &err) &&
               told.trouble == HELP_CLOSED && !help_open(&task),
           "without a key the box is closed");
    tap_ok(bench->tap,
           !help_come_back(&task, STR("girasol lago mesa"), STR("x"), &told,
                           &err) &&
               told.trouble == HELP_CLOSED,
           "and opens nothing");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    struct bench bench = {.tap = tap, .fixture = fixture};
    struct help_wish wish;
    struct help_told told;

    if (!sealing_on(&fixture->office.log)) {
        tap_skip(tap, "help", "without a site key there is none");
        return;
    }
    check_words(&bench);
    check_lists(&bench);
    check_limits(&bench);
    told = first(&bench, &wish);
    check_back(&bench, &told);
    check_desk(&bench, told.request);
    check_file(&bench, told.request);
    check_join(&bench);
    check_erase(&bench);
    check_wrong(&bench);
    check_closed(&bench);
    check_sweep(&bench);
}

int main(void)
{
    return fixture_main(check);
}
